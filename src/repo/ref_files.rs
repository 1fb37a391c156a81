//! Refs that are files of their own (gitrepository-layout(5)), read in a third of the calls of the system that gix makes.
//!
//! Not here: refs in any other form. A file that holds no plain id is gix's to read.

use std::fs::{DirEntry, Metadata};
use std::path::Path;
use std::time::{Duration, SystemTime};

use gix::bstr::{BStr, BString, ByteSlice, ByteVec};

use super::read_small;
use crate::names::is_usual;

/// A ref's file has one id of at most 64 digits and a line feed; a symbolic one is longer or shorter.
const LARGEST: usize = 128;

/// A file that was written so short a time ago may be written again without another time or size.
pub(crate) const RACY: Duration = Duration::from_secs(2);

/// When a file was written, its size and its inode, which is another one where a file took the place of another, as git writes.
pub(crate) fn look(metadata: &Metadata) -> (Option<SystemTime>, u64, u64) {
    (metadata.modified().ok(), metadata.len(), inode(metadata))
}

#[cfg(unix)]
fn inode(metadata: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[cfg(not(unix))]
fn inode(_: &Metadata) -> u64 {
    0
}

/// What the file of a ref says; `None` where it is not there, or has another form.
pub(super) fn id(path: &Path, hash: gix::hash::Kind) -> Option<gix::ObjectId> {
    let text = read_small(path, LARGEST).ok()?;
    let id = gix::ObjectId::from_hex(text.strip_suffix(b"\n")?).ok()?;
    (id.kind() == hash).then_some(id)
}

/// The full names of the refs that have files in a folder such as `refs/heads/`, each with what `read` finds in its file, those of
/// one folder together and in the order of their names. No more than `most` of them are read.
pub(super) fn below(
    common_dir: &Path,
    folder: &str,
    most: usize,
    read: &mut dyn FnMut(&BStr, &DirEntry) -> Option<gix::ObjectId>,
) -> Vec<(BString, Option<gix::ObjectId>)> {
    let mut found = Vec::new();
    let mut folders = vec![(common_dir.join(folder), BString::from(folder))];
    while let Some((folder, start)) = folders.pop() {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        let mut entries: Vec<_> = entries.map(|entry| (entry.file_name(), entry)).collect();
        entries.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        for (last, entry) in entries {
            let mut name = BString::new(Vec::with_capacity(start.len() + last.len() + 1));
            name.push_str(&start);
            name.push_str(last.as_encoded_bytes());
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                name.push(b'/');
                folders.push((entry.path(), name));
            } else if is_usual(&name) || gix::validate::reference::name(name.as_bstr()).is_ok() {
                if found.len() == most {
                    return found;
                }
                let id = read(name.as_bstr(), &entry);
                found.push((name, id));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_refs_of_a_folder_are_found_and_nothing_else() {
        let place = crate::temporary::folder();
        let hex = "a1".repeat(20);
        let write = |name: &str, text: &str| {
            let path = place.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        let plain = format!("{hex}\n");
        for name in [
            "refs/x/a",
            "refs/x/b/c/日本",
            "refs/x/b/d.lock",
            "refs/x/b/e..f",
            "refs/xy",
        ] {
            write(name, &plain);
        }
        write("refs/x/symbolic", "ref: refs/x/a\n");
        let read = |most| {
            let mut read = |_: &BStr, file: &DirEntry| id(&file.path(), gix::hash::Kind::Sha1);
            let mut found = below(place.path(), "refs/x/", most, &mut read);
            found.sort();
            let told = |(name, id): (BString, Option<gix::ObjectId>)| (name.to_string(), id.is_some());
            found.into_iter().map(told).collect::<Vec<_>>()
        };
        let all = [
            ("refs/x/a", true),
            ("refs/x/b/c/日本", true),
            ("refs/x/symbolic", false),
        ];
        assert_eq!(read(9), all.map(|(name, plain)| (name.to_owned(), plain)));
        assert_eq!(read(2).len(), 2);
        assert!(below(place.path(), "refs/none/", 9, &mut |_, _| None).is_empty());
    }
}
