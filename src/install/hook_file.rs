//! Hook files in a folder of hooks: ours made, our block written into others', and both taken out.
//!
//! A hook is replaced in one step, with its mode kept. A hook that cannot take our block is never touched. Not here: what
//! the text of a hook says (hook_text.rs) and which folder it is (target.rs).

use std::fs::{self, Permissions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::config_file::quoted;
use super::hook_managers::{self, HookManager};
use super::hook_text::{self, Obstacle, Rest};
use super::{Event, Outcome};
use crate::error::{Error, Result};

/// How the names of files begin that are about to take a hook's place.
const UNFINISHED: &str = ".branchwork-";
/// What lies in a folder of hooks that we made, so that it goes again, and no other.
const MADE_HERE: &str = ".made-by-git-branchwork";

/// What stands at a hook's path.
enum Hook {
    Absent,
    File { text: Vec<u8>, permissions: Permissions },
    Other(Obstacle),
}

/// Puts our part into the hook of `event` in `folder`, which is made where it is missing.
pub(crate) fn install(folder: &Path, event: Event, program: &Path) -> Result<Outcome> {
    let path = running(folder, event)?;
    match read(&path)? {
        Hook::Absent => {
            if !folder.exists() {
                let made = fs::create_dir_all(folder).and_then(|()| fs::write(folder.join(MADE_HERE), ""));
                made.map_err(|error| failed("make", folder, &error))?;
            }
            write(&path, &hook_text::shim(event, program), None)?;
            Ok(Outcome::Added)
        }
        Hook::Other(obstacle) => Ok(Outcome::Refused(obstacle)),
        Hook::File { text, permissions } => {
            let new = match hook_text::with_block(&text, event, program) {
                Ok(new) => new,
                Err(obstacle) => return Ok(Outcome::Refused(obstacle)),
            };
            let runs = is_executable(&permissions);
            if !runs && !all_ours(&text) {
                return Ok(Outcome::Refused(Obstacle::NotExecutable));
            }
            if runs && new == text {
                return Ok(Outcome::Unchanged);
            }
            write(&path, &new, runs.then_some(permissions))?;
            Ok(if hook_text::program(&text).is_some() {
                Outcome::Updated
            } else {
                Outcome::Added
            })
        }
    }
}

/// What was done with one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Removal {
    /// Our part is out of it; a file that was all ours is gone.
    Done(PathBuf),
    /// It holds one of our marks, and is as it was.
    Left(PathBuf, Obstacle),
}

/// Takes our part out of all hooks in `folder`, those included that a hook manager has moved aside. The folder goes too where we
/// made it and nothing else is in it.
pub(crate) fn remove(folder: &Path) -> Result<Vec<Removal>> {
    let mut removals = Vec::new();
    for path in Event::ALL.iter().flat_map(|event| places(folder, *event)) {
        let Hook::File { text, permissions } = read(&path)? else {
            continue;
        };
        match hook_text::without_block(&text) {
            Ok(Rest::AsItWas) => continue,
            Ok(Rest::Nothing) => fs::remove_file(&path).map_err(|error| failed("remove", &path, &error))?,
            Ok(Rest::Text(rest)) => write(&path, &rest, Some(permissions))?,
            Err(obstacle) => {
                removals.push(Removal::Left(path, obstacle));
                continue;
            }
        }
        removals.push(Removal::Done(path));
    }
    if !removals.is_empty() && fs::remove_file(folder.join(MADE_HERE)).is_ok() {
        // Fails where it is not empty, and that is the question.
        let _ = fs::remove_dir(folder);
    }
    Ok(removals)
}

/// The hook of `event` that git runs and our part is in, with the program that it starts.
pub(crate) fn installed(folder: &Path, event: Event) -> Result<Option<(PathBuf, PathBuf)>> {
    let path = running(folder, event)?;
    Ok(match read(&path)? {
        Hook::File { text, permissions } if is_executable(&permissions) => {
            hook_text::program(&text).map(|program| (path, program))
        }
        _ => None,
    })
}

/// Why `event`'s hook in `folder` cannot take our block; `None` where it can or has it.
pub(crate) fn obstacle(folder: &Path, event: Event, program: &Path) -> Result<Option<Obstacle>> {
    Ok(match read(&running(folder, event)?)? {
        Hook::Absent => None,
        Hook::Other(obstacle) => Some(obstacle),
        Hook::File { text, permissions } => match hook_text::with_block(&text, event, program) {
            Err(obstacle) => Some(obstacle),
            Ok(_) => (!all_ours(&text) && !is_executable(&permissions)).then_some(Obstacle::NotExecutable),
        },
    })
}

/// The files in `folder` that our part is in for `event`, whether or not git gets to them.
pub(crate) fn with_our_part(folder: &Path, event: Event) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for path in places(folder, event) {
        if matches!(read(&path)?, Hook::File { text, .. } if hook_text::program(&text).is_some()) {
            found.push(path);
        }
    }
    Ok(found)
}

/// The files that a killed [`write`] left behind.
pub(crate) fn leftovers(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let ours = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(UNFINISHED));
    ours.map(|entry| entry.path()).collect()
}

/// Whether the hook at `path` is a file of ours with nothing else in it.
pub(crate) fn is_all_ours(path: &Path) -> bool {
    matches!(read(path), Ok(Hook::File { text, .. }) if all_ours(&text))
}

fn all_ours(text: &[u8]) -> bool {
    matches!(hook_text::without_block(text), Ok(Rest::Nothing))
}

/// Whether git would run what stands at `path`; it follows links.
pub(crate) fn is_executed(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| metadata.is_file() && is_executable(&metadata.permissions()))
}

/// The file that our part belongs into: a manager that moves hooks to `.legacy` runs them from there.
fn running(folder: &Path, event: Event) -> Result<PathBuf> {
    let [hook, legacy, _] = places(folder, event);
    let runs_legacy = match read(&hook)? {
        Hook::File { text, .. } => hook_managers::generator(&text).is_some_and(HookManager::runs_legacy),
        _ => false,
    };
    Ok(if runs_legacy && legacy.exists() { legacy } else { hook })
}

/// Where a hook of `event` may be: in its place, and where pre-commit and lefthook move the hooks that they find.
fn places(folder: &Path, event: Event) -> [PathBuf; 3] {
    ["", ".legacy", ".old"].map(|suffix| folder.join(format!("{}{suffix}", event.name())))
}

fn read(path: &Path) -> Result<Hook> {
    let metadata = match fs::symlink_metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if is_absence(&error) => return Ok(Hook::Absent),
        Err(error) => return Err(failed("read", path, &error)),
    };
    if metadata.is_symlink() {
        return Ok(Hook::Other(Obstacle::Link));
    }
    if !metadata.is_file() {
        return Ok(Hook::Other(Obstacle::NotAFile));
    }
    let text = fs::read(path).map_err(|error| failed("read", path, &error))?;
    let permissions = metadata.permissions();
    Ok(Hook::File { text, permissions })
}

/// `core.hooksPath=/dev/null` is how hooks are switched off: a path below a file is no path.
fn is_absence(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// Puts `text` in the place of `path` in one step: a hook may be running. Without `permissions` everybody may execute it,
/// as far as the user's umask allows.
fn write(path: &Path, text: &[u8], permissions: Option<Permissions>) -> Result<()> {
    let write = || -> io::Result<()> {
        let folder = path.parent().unwrap_or(Path::new("."));
        let mut builder = tempfile::Builder::new();
        if let Some(permissions) = all_may_execute() {
            builder.permissions(permissions);
        }
        let mut file = builder.prefix(UNFINISHED).tempfile_in(folder)?;
        file.write_all(text)?;
        if let Some(permissions) = permissions.clone() {
            file.as_file().set_permissions(permissions)?;
        }
        file.as_file().sync_all()?;
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    };
    write().map_err(|error| failed("write", path, &error))
}

fn failed(verb: &str, path: &Path, error: &io::Error) -> Error {
    Error::new(format!("cannot {verb} {}", quoted(path))).because(error)
}

#[cfg(unix)]
fn all_may_execute() -> Option<Permissions> {
    use std::os::unix::fs::PermissionsExt;
    Some(Permissions::from_mode(0o777))
}

#[cfg(not(unix))]
fn all_may_execute() -> Option<Permissions> {
    None
}

#[cfg(unix)]
fn is_executable(permissions: &Permissions) -> bool {
    use std::os::unix::fs::PermissionsExt;
    permissions.mode() & 0o111 != 0
}

#[cfg(not(unix))]
fn is_executable(_: &Permissions) -> bool {
    true
}
