//! The repository's config file, changed in one step under git's own lock, so that no git ever sees half of a change and
//! no change of a running git is lost.
//!
//! Not here: what the text says (config_text.rs).

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use tempfile::TempPath;

use super::config_text::Unreadable;
use crate::error::{Error, Result};
use crate::names::visible;

/// A change of the text: `None` where there is nothing to change.
type Change<'a> = &'a dyn Fn(&[u8]) -> std::result::Result<Option<Vec<u8>>, Unreadable>;

/// How often and how far apart a lock that somebody holds is tried: together about two seconds. git holds it for
/// milliseconds.
const TRIES: u32 = 80;
const PAUSE: Duration = Duration::from_millis(25);

/// The text of the config file at `path`; empty where there is none.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>> {
    match fs::read(path) {
        Ok(text) => Ok(text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(Error::new(format!("cannot read {}", quoted(path))).because(&error)),
    }
}

/// Names the line of `path` that could not be read.
pub(crate) fn unreadable(path: &Path, Unreadable(line): Unreadable) -> Error {
    Error::new(format!("cannot make sense of line {line} of {}", quoted(path)))
        .hint(format!("git config --file {} --list", quoted(path)))
}

/// Makes `change` in the file at `path`; whether there was anything to change. A file that is right already is not
/// even locked.
pub(crate) fn edit(path: &Path, change: Change<'_>) -> Result<bool> {
    let changed = |text: &[u8]| change(text).map_err(|line| unreadable(path, line));
    if changed(&read(path)?)?.is_none() {
        return Ok(false);
    }
    // As git does it: where the config is a link, the file behind it is replaced, not the link.
    let real = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let lock = Lock::take(&real)?;
    let Some(text) = changed(&read(&real)?)? else {
        return Ok(false);
    };
    lock.commit(&real, &text)
        .map_err(|error| Error::new(format!("cannot write {}", quoted(&real))).because(&error))?;
    Ok(true)
}

/// Why the config file cannot be changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Blocked {
    /// This lock file is there: a git is running, or was killed.
    Locked(PathBuf),
    /// Its folder cannot be written; the reason.
    ReadOnly(PathBuf, String),
}

/// Whether the file at `path` can be changed: `None` where it can.
pub(crate) fn blocked(path: &Path) -> Option<Blocked> {
    let real = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let lock = lock_of(&real);
    if lock.symlink_metadata().is_ok() {
        return Some(Blocked::Locked(lock));
    }
    let folder = real.parent()?.to_owned();
    writable(&folder)
        .err()
        .map(|error| Blocked::ReadOnly(folder, error.to_string()))
}

#[cfg(unix)]
fn writable(folder: &Path) -> io::Result<()> {
    Ok(rustix::fs::access(folder, rustix::fs::Access::WRITE_OK)?)
}

#[cfg(not(unix))]
fn writable(folder: &Path) -> io::Result<()> {
    match fs::metadata(folder)?.permissions().readonly() {
        true => Err(io::ErrorKind::PermissionDenied.into()),
        false => Ok(()),
    }
}

fn lock_of(real: &Path) -> PathBuf {
    let mut path = real.as_os_str().to_owned();
    path.push(".lock");
    PathBuf::from(path)
}

/// `config.lock` beside the file: who makes it may write. It goes when this goes.
struct Lock {
    path: TempPath,
    file: File,
}

impl Lock {
    fn take(real: &Path) -> Result<Self> {
        let path = lock_of(real);
        for attempt in 1..=TRIES {
            match OpenOptions::new().write(true).create_new(true).open(&path) {
                Ok(file) => {
                    let path = TempPath::try_from_path(path).map_err(|error| cannot_lock(real).because(&error))?;
                    return Ok(Self { path, file });
                }
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                    return Err(cannot_lock(real).because(&error));
                }
                Err(_) if attempt < TRIES => thread::sleep(PAUSE),
                Err(_) => {}
            }
        }
        Err(cannot_lock(real)
            .why(format!("another program holds {}", quoted(&path)))
            .hint(format!("if no git is running, remove {}", quoted(&path))))
    }

    /// Writes `text` and puts it in the place of `real`, which keeps its mode.
    fn commit(mut self, real: &Path, text: &[u8]) -> io::Result<()> {
        self.file.write_all(text)?;
        if let Ok(metadata) = fs::metadata(real) {
            fs::set_permissions(&self.path, metadata.permissions())?;
        }
        self.file.sync_all()?;
        self.path.persist(real).map_err(|error| error.error)
    }
}

fn cannot_lock(real: &Path) -> Error {
    Error::new(format!("cannot lock {}", quoted(real)))
}

/// `path` for a message.
pub(crate) fn quoted(path: &Path) -> String {
    format!("'{}'", visible(&path.to_string_lossy()))
}
