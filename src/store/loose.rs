//! One object of the store as a loose file (gitrepository-layout(5)): written, and read again without gix.
//!
//! Small ones are not compressed: a zlib stream may hold its bytes as they are (RFC 1950, RFC 1951 3.2.4), a file takes a
//! block of the disk whatever is in it, and compressing three small objects took a third of a hook's time. So they need no
//! object database to be read either. Not here: objects in any other form, which gix reads; which objects a version has
//! (write.rs).

use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use gix::objs::Kind;

use crate::error::{Error, Result};
use crate::repo::read_small;

/// Larger objects are compressed. At this size that saves two blocks of the disk or so, of 4 KiB each.
const LARGEST: usize = 16 * 1024;
/// What a stream of one stored block begins with: the zlib header, then the block's.
const START: [u8; 3] = [0x78, 0x01, 0x01];
/// The bytes of a stream around those of its block: the start, the length twice, the sum.
const AROUND: usize = START.len() + 4 + 4;
/// How the names of files begin that are about to become objects; git prunes such files too.
pub(super) const UNFINISHED: &str = "tmp_obj_";
/// What Adler-32 sums are taken modulo (RFC 1950, 9).
const ADLER: u32 = 65_521;
/// How many bytes can be summed up before the sums have to be reduced (zlib's NMAX).
const ADLER_RUN: usize = 5_552;

/// Writes a small object and returns its name; `None` where it is too large to be written so.
pub(super) fn write(store: &Path, format: gix::hash::Kind, kind: Kind, data: &[u8]) -> Result<Option<gix::ObjectId>> {
    let cannot = |error: &dyn std::error::Error| Error::new("cannot write to the store").because(error);
    let header = gix::objs::encode::loose_header(kind, data.len() as u64);
    let Some(text) = stored(&[&header, data].concat()) else {
        return Ok(None);
    };
    let id = gix::objs::compute_hash(format, kind, data).map_err(|error| cannot(&error))?;
    place(store, &id, &text).map_err(|error| cannot(&error))?;
    Ok(Some(id))
}

/// The object with this name; `None` where no file of this form holds it, whatever else may.
pub(super) fn read(store: &Path, id: &gix::oid) -> Option<(Kind, Vec<u8>)> {
    let stream = read_small(&path(store, id), LARGEST + AROUND + 1).ok()?;
    let bytes = held(&stream)?;
    let (kind, size, start) = gix::objs::decode::loose_header(bytes).ok()?;
    let data = bytes.get(start..)?;
    (data.len() as u64 == size).then(|| (kind, data.to_vec()))
}

/// Whether a file holds the object, in whatever form.
pub(super) fn is_here(store: &Path, id: &gix::oid) -> bool {
    path(store, id).is_file()
}

pub(super) fn path(store: &Path, id: &gix::oid) -> PathBuf {
    let hex = id.to_hex().to_string();
    let (folder, name) = hex.split_at(2);
    let mut path = store.join("objects");
    path.extend([folder, name]);
    path
}

/// Puts the file in its place in one step. Whether the object is here already is not asked: a second copy does no harm.
fn place(store: &Path, id: &gix::oid, text: &[u8]) -> std::io::Result<()> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o444));
    let mut file = builder.prefix(UNFINISHED).tempfile_in(store.join("objects"))?;
    file.write_all(text)?;
    let path = path(store, id);
    let placed = match file.persist(&path) {
        Err(failed) if failed.error.kind() == ErrorKind::NotFound => {
            path.parent().map_or(Ok(()), std::fs::create_dir)?;
            failed.file.persist(path)
        }
        placed => placed,
    };
    placed.map(drop).map_err(|failed| failed.error)
}

/// A zlib stream of one block that holds `bytes` as they are; `None` where they are too many.
fn stored(bytes: &[u8]) -> Option<Vec<u8>> {
    let length = u16::try_from(bytes.len()).ok().filter(|_| bytes.len() <= LARGEST)?;
    let mut stream = Vec::with_capacity(bytes.len() + AROUND);
    stream.extend_from_slice(&START);
    stream.extend_from_slice(&length.to_le_bytes());
    stream.extend_from_slice(&(!length).to_le_bytes());
    stream.extend_from_slice(bytes);
    stream.extend_from_slice(&adler(bytes).to_be_bytes());
    Some(stream)
}

/// What such a stream holds; `None` for any other, and for one that is not whole.
fn held(stream: &[u8]) -> Option<&[u8]> {
    let (lengths, rest) = stream.strip_prefix(&START)?.split_first_chunk::<4>()?;
    let (bytes, sum) = rest.split_last_chunk::<4>()?;
    let [low, high, inverse_low, inverse_high] = *lengths;
    let length = u16::from_le_bytes([low, high]);
    let whole = usize::from(length) == bytes.len() && u16::from_le_bytes([inverse_low, inverse_high]) == !length;
    (whole && u32::from_be_bytes(*sum) == adler(bytes)).then_some(bytes)
}

fn adler(bytes: &[u8]) -> u32 {
    let (mut a, mut b) = (1, 0);
    for run in bytes.chunks(ADLER_RUN) {
        for byte in run {
            a += u32::from(*byte);
            b += a;
        }
        a %= ADLER;
        b %= ADLER;
    }
    b << 16 | a
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An empty repository, and where it is.
    fn repository(format: gix::hash::Kind) -> (tempfile::TempDir, gix::Repository) {
        let folder = crate::temporary::folder();
        let options = gix::create::Options {
            object_hash: Some(format),
            ..Default::default()
        };
        let kind = gix::create::Kind::Bare;
        let repository =
            gix::ThreadSafeRepository::init_opts(folder.path(), kind, options, gix::open::Options::isolated())
                .unwrap()
                .to_thread_local();
        (folder, repository)
    }

    #[test]
    fn what_is_written_is_read_here_and_by_gix() {
        for format in [gix::hash::Kind::Sha1, gix::hash::Kind::Sha256] {
            let (folder, repository) = repository(format);
            for size in [0, 1, 255, 256, 4096, 5552, 5553, LARGEST - 11] {
                let data: Vec<u8> = (0..size).map(|n| (n * n % 251) as u8).collect();
                let id = write(folder.path(), format, Kind::Blob, &data).unwrap().unwrap();
                assert_eq!(
                    write(folder.path(), format, Kind::Blob, &data).unwrap(),
                    Some(id),
                    "{size}"
                );
                let found = repository.find_object(id).unwrap();
                assert_eq!((found.kind, &found.data), (Kind::Blob, &data), "{size}");
                assert_eq!(read(folder.path(), &id), Some((Kind::Blob, data)), "{size}");
            }
            assert_eq!(
                write(folder.path(), format, Kind::Blob, &[b'x'; LARGEST]).unwrap(),
                None
            );
        }
    }

    #[test]
    fn what_has_another_form_is_left_to_gix() {
        let (folder, repository) = repository(gix::hash::Kind::Sha1);
        let id = repository.write_blob(b"compressed").unwrap().detach();
        assert!(is_here(folder.path(), &id));
        assert_eq!(read(folder.path(), &id), None);
        let missing = gix::ObjectId::null(gix::hash::Kind::Sha1);
        assert!(!is_here(folder.path(), &missing));
        assert_eq!(read(folder.path(), &missing), None);
    }

    #[test]
    fn no_part_of_a_file_is_taken_for_the_whole() {
        let whole = stored(b"blob 4\0text").unwrap();
        assert_eq!(held(&whole), Some(&b"blob 4\0text"[..]));
        for end in 0..whole.len() {
            assert_eq!(held(&whole[..end]), None, "{end}");
        }
        assert_eq!(held(&[&whole[..], b"x"].concat()), None);
        for at in 0..whole.len() {
            let mut other = whole.clone();
            other[at] ^= 1;
            assert_eq!(held(&other), None, "{at}");
        }
    }

    #[test]
    fn a_size_that_is_not_the_texts_is_not_read() {
        let folder = crate::temporary::folder();
        let id = gix::ObjectId::null(gix::hash::Kind::Sha1);
        std::fs::create_dir_all(path(folder.path(), &id).parent().unwrap()).unwrap();
        for (text, read_as) in [
            ("blob 4\0text", Some((Kind::Blob, b"text".to_vec()))),
            ("blob 5\0text", None),
        ] {
            std::fs::write(path(folder.path(), &id), stored(text.as_bytes()).unwrap()).unwrap();
            assert_eq!(read(folder.path(), &id), read_as, "{text}");
        }
    }
}
