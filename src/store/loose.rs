//! Writing one object of the store as a loose file (gitrepository-layout(5)).
//!
//! Small ones are not compressed: a zlib stream may hold its bytes as they are (RFC 1950, RFC 1951 3.2.4), a file takes a
//! block of the disk whatever is in it, and compressing three small objects took a third of a hook's time. Not here: which
//! objects a version has (write.rs).

use std::io::{ErrorKind, Write};
use std::path::Path;

use gix::objs::Kind;

use crate::error::{Error, Result};

/// Larger objects are compressed. At this size that saves two blocks of the disk or so, of 4 KiB each.
const LARGEST: usize = 16 * 1024;
/// What Adler-32 sums are taken modulo (RFC 1950, 9).
const ADLER: u32 = 65_521;

/// Writes an object and returns its name.
pub(super) fn write(repository: &gix::Repository, kind: Kind, data: &[u8]) -> Result<gix::ObjectId> {
    let cannot = |error: &dyn std::error::Error| Error::new("cannot write to the store").because(error);
    let header = gix::objs::encode::loose_header(kind, data.len() as u64);
    let Some(text) = stored(&[&header, data].concat()) else {
        return gix::objs::Write::write_buf(&repository.objects, kind, data).map_err(|error| cannot(&error));
    };
    let id = gix::objs::compute_hash(repository.object_hash(), kind, data).map_err(|error| cannot(&error))?;
    place(&repository.path().join("objects"), &id, &text).map_err(|error| cannot(&error))?;
    Ok(id)
}

/// Puts the file in its place in one step. Whether the object is here already is not asked: gix reads the folder of packs
/// anew for each one that it does not find, and a second copy does no harm.
fn place(objects: &Path, id: &gix::ObjectId, text: &[u8]) -> std::io::Result<()> {
    let hex = id.to_hex().to_string();
    let (folder, name) = hex.split_at(2);
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o444));
    let mut file = builder.prefix("tmp_obj_").tempfile_in(objects)?;
    file.write_all(text)?;
    let folder = objects.join(folder);
    let placed = match file.persist(folder.join(name)) {
        Err(failed) if failed.error.kind() == ErrorKind::NotFound => {
            std::fs::create_dir(&folder)?;
            failed.file.persist(folder.join(name))
        }
        placed => placed,
    };
    placed.map(drop).map_err(|failed| failed.error)
}

/// A zlib stream of one block that holds `bytes` as they are; `None` where they are too many.
fn stored(bytes: &[u8]) -> Option<Vec<u8>> {
    let length = u16::try_from(bytes.len()).ok().filter(|_| bytes.len() <= LARGEST)?;
    let mut stream = vec![0x78, 0x01, 0x01];
    stream.extend_from_slice(&length.to_le_bytes());
    stream.extend_from_slice(&(!length).to_le_bytes());
    stream.extend_from_slice(bytes);
    let sum = |(a, b): (u32, u32), byte: &u8| {
        let a = (a + u32::from(*byte)) % ADLER;
        (a, (b + a) % ADLER)
    };
    let (a, b) = bytes.iter().fold((1, 0), sum);
    stream.extend_from_slice(&(b << 16 | a).to_be_bytes());
    Some(stream)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for format in [gix::hash::Kind::Sha1, gix::hash::Kind::Sha256] {
            let folder = tempfile::tempdir().unwrap();
            let options = gix::create::Options {
                object_hash: Some(format),
                ..Default::default()
            };
            let kind = gix::create::Kind::Bare;
            let repository =
                gix::ThreadSafeRepository::init_opts(folder.path(), kind, options, gix::open::Options::isolated())
                    .unwrap()
                    .to_thread_local();
            for size in [0, 1, 255, 256, 4096, LARGEST - 10, LARGEST, LARGEST + 1, 70_000] {
                let data: Vec<u8> = (0..size).map(|n| (n * n % 251) as u8).collect();
                let id = write(&repository, Kind::Blob, &data).unwrap();
                assert_eq!(write(&repository, Kind::Blob, &data).unwrap(), id, "{size}");
                let found = repository.find_object(id).unwrap();
                assert_eq!((found.kind, &found.data), (Kind::Blob, &data), "{size}");
            }
        }
    }
}
