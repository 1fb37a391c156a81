//! A file that a tool left: read whole, if it is a regular one of a usual size.
//!
//! Not here: what any of them says. A link is followed, because these files lie in the git directory and are the user's own.

use std::fs::{File, Metadata};
use std::io::{ErrorKind, Read};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::Deserialize;
use serde::de::DeserializeOwned;

/// Larger files are not read, so that a hook never waits for one. Records of 5,000 branches fit, which take 10 ms.
const LARGEST: u64 = 2 * MEBIBYTE;
/// Of files that have long texts between what is looked for, such as what pull requests are about.
pub(super) const LARGEST_WORDY: u64 = 8 * MEBIBYTE;
const MEBIBYTE: u64 = 1024 * 1024;

/// TOML takes longer to read.
const LARGEST_TOML: usize = 512 * 1024;

/// So much of a long reason is told, of its beginning and of its end.
const LONGEST_PART: usize = 80;

/// A file as it was read.
pub(super) struct Text {
    pub(super) bytes: Vec<u8>,
    /// When it was last written, in seconds since 1970.
    pub(super) modified: Option<i64>,
}

/// What tells whether a file was changed between two looks at it.
#[derive(PartialEq, Eq)]
pub(super) struct Mark {
    /// The bytes that it begins with.
    pub(super) beginning: Vec<u8>,
    modified: Option<SystemTime>,
}

/// How a regular file is now, with `length` bytes of its beginning.
pub(super) fn mark(path: &Path, length: u64) -> Option<Mark> {
    let metadata = std::fs::metadata(path).ok().filter(Metadata::is_file)?;
    let mut beginning = Vec::new();
    File::open(path).ok()?.take(length).read_to_end(&mut beginning).ok()?;
    Some(Mark {
        beginning,
        modified: metadata.modified().ok(),
    })
}

/// The file at `path`; `None` where there is none, and where it cannot be read, which `unreadable` gets as a sentence.
pub(super) fn read(path: &Path, unreadable: &mut Vec<String>) -> Option<Text> {
    read_up_to(LARGEST, path, unreadable)
}

/// The same for a file of up to `largest` bytes.
pub(super) fn read_up_to(largest: u64, path: &Path, unreadable: &mut Vec<String>) -> Option<Text> {
    match try_read(path, largest) {
        Ok(text) => Some(text),
        // Where a folder should be there may be a file.
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => None,
        Err(error) => {
            unreadable.push(not_read(path, &error.to_string()));
            None
        }
    }
}

/// The sentence that says that the file at `path` was not read, and why.
pub(super) fn not_read(path: &Path, reason: &str) -> String {
    format!("'{}' is not read: {reason}", path.display())
}

/// What a JSON file says; `None` as for [`read`], and for one that is half-written or not of this form.
pub(super) fn json<'a, T: Deserialize<'a>>(path: &Path, text: &'a Text, unreadable: &mut Vec<String>) -> Option<T> {
    let parsed = object(&text.bytes);
    parsed.map_err(|why| unreadable.push(not_read(path, &why))).ok()
}

/// What a JSON object says; the error ends a sentence. A list of the values of its keys, which serde takes for one, no tool writes.
pub(super) fn object<'a, T: Deserialize<'a>>(text: &'a [u8]) -> Result<T, String> {
    match text.trim_ascii_start().first() {
        Some(b'[') => Err("it is a list".to_owned()),
        _ => serde_json::from_slice(text).map_err(|error| shortened(&error.to_string())),
    }
}

/// A reason in one line: it quotes the value that is wrong, which may be the whole file.
fn shortened(why: &str) -> String {
    let letters: Vec<char> = why.chars().collect();
    match letters.len() > 2 * LONGEST_PART {
        true => [
            &letters[..LONGEST_PART],
            &['…'],
            &letters[letters.len() - LONGEST_PART..],
        ]
        .concat()
        .into_iter()
        .collect(),
        false => why.to_owned(),
    }
}

/// What a TOML file says; `None` for one that is half-written, very large or not of this form.
pub(super) fn toml<T: DeserializeOwned>(path: &Path, text: &[u8], unreadable: &mut Vec<String>) -> Option<T> {
    let parsed = match text.len() > LARGEST_TOML {
        true => Err("it is larger than 512 KiB".to_owned()),
        false => std::str::from_utf8(text)
            .map_err(|error| error.to_string())
            .and_then(|text| toml::from_str(text).map_err(|error| shortened(error.message()))),
    };
    parsed.map_err(|why| unreadable.push(not_read(path, &why))).ok()
}

fn try_read(path: &Path, largest: u64) -> std::io::Result<Text> {
    let refuse = |why: &str| Err(std::io::Error::new(ErrorKind::InvalidInput, why.to_owned()));
    // Opening a pipe would wait for its writer, so that it is looked at first.
    let metadata = std::fs::metadata(path)?;
    if !metadata.is_file() {
        return refuse("it is not a regular file");
    }
    if metadata.len() > largest {
        return refuse(&format!("it is larger than {} MiB", largest / MEBIBYTE));
    }
    let file = File::open(path)?;
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0) + 1);
    file.take(largest).read_to_end(&mut bytes)?;
    let modified = metadata
        .modified()
        .ok()
        .and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    Ok(Text {
        bytes,
        modified: modified.and_then(|time| i64::try_from(time.as_secs()).ok()),
    })
}
