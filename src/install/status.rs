//! How hooks are installed now: what `doctor` tells, event by event. Reads only.
//!
//! Not here: judging it, and mending it (`init` does).

use std::fs;
use std::path::{Path, PathBuf};

use super::{Event, Line, Obstacle, Setting, Target, Version, Way, by_hand, config_file, config_text, hook_file, way};
use crate::error::Result;

/// The state of one repository, as one work tree of it sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Status {
    /// The git that was asked. Another git on the same machine (of an editor, say) may be older than 2.54, and ignores
    /// hooks in the configuration without a word.
    pub(crate) git_version: Version,
    /// The way that an installation now would go.
    pub(crate) way: Way,
    /// Each event, in the order of [`Event::ALL`].
    pub(crate) events: Vec<EventStatus>,
}

/// The state of one event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EventStatus {
    /// The event.
    pub(crate) event: Event,
    /// By git's configuration, whether or not this git looks there.
    pub(crate) config: Option<Installed>,
    /// By a file that git would run.
    pub(crate) file: Option<Installed>,
    /// Files that start us by a line that a person put there.
    pub(crate) lines: Vec<Line>,
    /// Where our part is, and git does not get to it.
    pub(crate) lost: Option<Lost>,
    /// Why the file that is there cannot take our block.
    pub(crate) obstacle: Option<Obstacle>,
}

/// A part of ours that is not run, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Lost {
    /// A hook manager moved the file to this place.
    MovedAside(PathBuf),
    /// It is in this file, and git looks for hooks in another folder.
    OtherFolder(PathBuf),
    /// Nobody may execute the file.
    NotExecutable(PathBuf),
}

/// One installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Installed {
    /// The file that it is in.
    pub(crate) place: PathBuf,
    /// What it starts.
    pub(crate) points: Points,
}

/// Which program is started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Points {
    /// The one that was asked about.
    Here,
    /// Another one.
    Elsewhere(PathBuf),
    /// One that is not there any more, or may not be executed.
    Gone(PathBuf),
    /// A person wrote another command into our section.
    Unknown,
    /// None: this switches it off.
    SwitchedOff(Setting),
}

/// How the hooks of `target` are installed, seen from `program` (absolute).
///
/// # Errors
/// A file that is there could not be read, or the config file makes no sense.
pub(crate) fn status(target: &Target, program: &Path) -> Result<Status> {
    let path = &target.config_path;
    let config = config_file::read(path)?;
    let lines = by_hand::lines(target);
    let of = |event: Event| -> Result<EventStatus> {
        let configured = config_text::configured(&config, event).map_err(|line| config_file::unreadable(path, line))?;
        let off = target.switched_off.iter().find(|(of, _)| *of == event);
        let in_config = configured.map(|found| Installed {
            place: path.clone(),
            points: match (off, found.program) {
                (Some((_, setting)), _) => Points::SwitchedOff(setting.clone()),
                (None, Some(started)) => points(started, program),
                (None, None) => Points::Unknown,
            },
        });
        let in_file = hook_file::installed(&target.hooks_dir, event)?.map(|(place, started)| Installed {
            place,
            points: points(started, program),
        });
        Ok(EventStatus {
            event,
            config: in_config,
            lost: match in_file {
                Some(_) => None,
                None => lost(target, event)?,
            },
            file: in_file,
            lines: lines.iter().filter(|line| line.event == event).cloned().collect(),
            obstacle: hook_file::obstacle(&target.hooks_dir, event, program)?,
        })
    };
    Ok(Status {
        git_version: target.git_version,
        way: way(target),
        events: Event::ALL.into_iter().map(of).collect::<Result<_>>()?,
    })
}

/// Where our part is for an event for which git runs no file of ours.
fn lost(target: &Target, event: Event) -> Result<Option<Lost>> {
    let hook = target.hooks_dir.join(event.name());
    if let Some(path) = hook_file::with_our_part(&target.hooks_dir, event)?.into_iter().next() {
        return Ok(Some(if path == hook {
            Lost::NotExecutable(path)
        } else {
            Lost::MovedAside(path)
        }));
    }
    let usual = target.default_hooks_dir();
    let other = usual != target.hooks_dir;
    let mut there = if other {
        hook_file::with_our_part(&usual, event)?
    } else {
        Vec::new()
    };
    Ok(there.pop().map(Lost::OtherFolder))
}

fn points(started: PathBuf, program: &Path) -> Points {
    if !is_program(&started) {
        Points::Gone(started)
    } else if started == program {
        Points::Here
    } else {
        Points::Elsewhere(started)
    }
}

#[cfg(unix)]
fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| metadata.is_file())
}
