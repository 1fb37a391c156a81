//! Small objects of the user's repository that have files of their own, read in a third of the time that gix takes: a push of
//! many branches reads two of each.
//!
//! Not here: objects in any other form, large or replaced ones, and those of other repositories that this one borrows from. They
//! are left to gix.

use std::cell::{Cell, RefCell};
use std::path::PathBuf;

use gix::objs::Kind;
use gix::zlib::{Inflate, Status};

use super::{Repository, read_small};

/// Larger files, and larger objects, are left to gix.
const LARGEST: usize = 16 * 1024;
/// After so many that are missing, one after the other, no more are looked for: each look costs half of what gix takes.
const PATIENCE: u32 = 64;

/// Where these files are, and what is used for one after the other.
pub(super) struct Loose {
    /// `None` where no object may be read here.
    folder: Option<PathBuf>,
    /// How many more may be missing before all are taken to be in packs.
    patience: Cell<u32>,
    inflate: RefCell<(Inflate, Vec<u8>)>,
}

impl Loose {
    pub(super) fn of(repository: &gix::Repository) -> Self {
        let objects = repository.objects.store_ref();
        let folder = objects
            .replacements()
            .next()
            .is_none()
            .then(|| objects.path().to_owned());
        Self {
            folder,
            patience: Cell::new(PATIENCE),
            inflate: RefCell::new((Inflate::default(), vec![0; LARGEST])),
        }
    }

    /// The object with this name; `None` where no file of this form holds it, whatever else may.
    pub(super) fn read(&self, id: &gix::oid) -> Option<(Kind, Vec<u8>)> {
        let left = self.patience.get().checked_sub(1)?;
        self.patience.set(left);
        let hex = id.to_hex().to_string();
        let (folder, name) = hex.split_at(2);
        let mut path = self.folder.clone()?;
        path.extend([folder, name]);
        let stream = read_small(&path, LARGEST).ok()?;
        self.patience.set(PATIENCE);
        let (inflate, room) = &mut *self.inflate.borrow_mut();
        inflate.reset();
        let (status, _, length) = inflate.once(&stream, room).ok()?;
        let bytes = room.get(..length).filter(|_| status == Status::StreamEnd)?;
        let (kind, size, start) = gix::objs::decode::loose_header(bytes).ok()?;
        let data = bytes.get(start..)?;
        (data.len() as u64 == size).then(|| (kind, data.to_vec()))
    }
}

impl Repository {
    /// What an object is and holds, wherever it is; its size where that is more than `most` bytes.
    pub(super) fn read_up_to(&self, id: gix::ObjectId, most: u64) -> gix::Result<Result<(Kind, Vec<u8>), u64>> {
        if let Some((kind, data)) = self.loose().read(&id).filter(|(_, data)| data.len() as u64 <= most) {
            return Ok(Ok((kind, data)));
        }
        let size = self.inner.find_header(id)?.size();
        if size > most {
            return Ok(Err(size));
        }
        let object = self.inner.find_object(id)?.detach();
        Ok(Ok((object.kind, object.data)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_gix_writes_is_read_and_no_part_of_it_is() {
        let folder = crate::temporary::folder();
        let repository = gix::init_bare(folder.path()).unwrap();
        let small = b"text\n".repeat(1000);
        let id = repository.write_blob(&small).unwrap().detach();
        let loose = Loose::of(&repository);
        assert_eq!(loose.read(&id), Some((Kind::Blob, small)));
        let large = repository.write_blob(vec![0; LARGEST]).unwrap().detach();
        assert_eq!(loose.read(&large), None);
        let missing = gix::ObjectId::null(gix::hash::Kind::Sha1);
        assert_eq!(loose.read(&missing), None);
        let hex = id.to_hex().to_string();
        let path = repository.path().join("objects").join(&hex[..2]).join(&hex[2..]);
        let whole = std::fs::read(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        for end in 0..whole.len() {
            std::fs::write(&path, &whole[..end]).unwrap();
            assert_eq!(loose.read(&id), None, "{end}");
        }
        // Where many are missing it stops looking, and one that is there begins the count anew.
        std::fs::write(&path, &whole).unwrap();
        for _ in 0..2 {
            assert!((1..PATIENCE).all(|_| loose.read(&missing).is_none()));
            assert!(loose.read(&id).is_some());
        }
        assert!((0..PATIENCE).all(|_| loose.read(&missing).is_none()));
        assert_eq!(loose.read(&id), None);
    }
}
