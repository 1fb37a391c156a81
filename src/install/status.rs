//! How hooks are installed now: what `doctor` tells, event by event. Reads only.
//!
//! Not here: judging it, and mending it (`init` does).

use std::fs;
use std::path::{Path, PathBuf};

use super::{Event, Obstacle, Target, Version, Way, config_file, config_text, hook_file, hook_managers, way};
use crate::error::Result;

/// The state of one repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Status {
    /// The git that was asked. Another git on the same machine (of an editor, say) may be older than 2.54, and ignores
    /// hooks in the configuration without a word.
    pub(crate) git_version: Version,
    /// The way that an installation now would go.
    pub(crate) way: Way,
    /// Each event, in the order of [`Event::ALL`].
    pub(crate) events: Vec<EventStatus>,
    /// Files that start git-branchwork without our marks: snippets that a person put there.
    pub(crate) by_hand: Vec<(Event, PathBuf)>,
}

/// The state of one event. It runs twice where both `config` and `file` are there and git is 2.54 or newer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EventStatus {
    /// The event.
    pub(crate) event: Event,
    /// By git's configuration.
    pub(crate) config: Option<Installed>,
    /// By a file that git would run.
    pub(crate) file: Option<Installed>,
    /// Why the file that is there cannot take our block.
    pub(crate) obstacle: Option<Obstacle>,
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
    /// None: a person switched it off (`enabled = false`).
    SwitchedOff,
}

/// How the hooks of `target` are installed, seen from `program` (absolute).
///
/// # Errors
/// A file that is there could not be read, or the config file makes no sense.
pub(crate) fn status(target: &Target, program: &Path) -> Result<Status> {
    let path = &target.config_path;
    let config = config_file::read(path)?;
    let of = |event: Event| -> Result<EventStatus> {
        let configured = config_text::configured(&config, event).map_err(|line| config_file::unreadable(path, line))?;
        let in_config = configured.map(|found| Installed {
            place: path.clone(),
            points: match found.program {
                _ if found.disabled => Points::SwitchedOff,
                Some(started) => points(started, program),
                None => Points::Unknown,
            },
        });
        let in_file = hook_file::installed(&target.hooks_dir, event)?.map(|(place, started)| Installed {
            place,
            points: points(started, program),
        });
        Ok(EventStatus {
            event,
            config: in_config,
            file: in_file,
            obstacle: hook_file::obstacle(&target.hooks_dir, event, program)?,
        })
    };
    Ok(Status {
        git_version: target.git_version,
        way: way(target),
        events: Event::ALL.into_iter().map(of).collect::<Result<_>>()?,
        by_hand: hook_managers::snippets_in_use(target),
    })
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
