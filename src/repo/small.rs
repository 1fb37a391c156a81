//! A small file, read with as few calls of the system as will do: a push of 500 branches reads thousands of them.
//!
//! Not here: what any of them holds.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read};
use std::path::Path;

/// How much is asked for at once: most documents have less.
const AT_ONCE: usize = 4096;

/// Opens a file for reading without waiting: a pipe in its place would wait for a writer.
pub(super) fn open(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, libc::O_NONBLOCK);
    options.open(path)
}

/// Reads a file, or up to `most` bytes of it, that has a form by which the reader can tell that it is whole.
///
/// A read that gives less than there is room for has come to the end of a regular file (read(2)), so the end is not asked for
/// again. The form is needed because a strange file system may cut a read short.
pub(crate) fn read_small(path: &Path, most: usize) -> std::io::Result<Vec<u8>> {
    let mut file = open(path)?;
    let mut bytes = Vec::new();
    loop {
        let start = bytes.len();
        bytes.resize((start + AT_ONCE).min(most), 0);
        let read = loop {
            match file.read(&mut bytes[start..]) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                read => break read?,
            }
        };
        let is_whole = start + read < bytes.len() || bytes.len() == most;
        bytes.truncate(start + read);
        if is_whole {
            return Ok(bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_read_to_its_end_or_as_far_as_asked() {
        let folder = crate::temporary::folder();
        let path = folder.path().join("file");
        for size in [0, 1, AT_ONCE - 1, AT_ONCE, AT_ONCE + 1, 3 * AT_ONCE] {
            let text: Vec<u8> = (0..size).map(|n| (n % 251) as u8).collect();
            std::fs::write(&path, &text).unwrap();
            for most in [1, size.max(1), size + 1, 2 * AT_ONCE, 4 * AT_ONCE] {
                assert_eq!(
                    read_small(&path, most).unwrap(),
                    text[..size.min(most)],
                    "{size} {most}"
                );
            }
        }
        assert!(read_small(folder.path(), 1).is_err());
    }
}
