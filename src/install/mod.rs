//! Hooks put into a repository and taken out again: by git's configuration where git is new enough (2.54), else by files.
//!
//! What is there already is never moved, overwritten or broken, and what goes in comes out byte for byte. Where neither
//! way is safe, the result says why, with the lines that a person can put where they belong. Deliberately absent: what the
//! hooks do, words for people (ui.rs), and documents, which nothing here touches.

mod by_hand;
mod config_file;
mod config_text;
mod hook_file;
mod hook_managers;
mod hook_text;
mod quote;
mod status;
mod target;

use std::collections::HashSet;
use std::path::{Path, PathBuf};

pub(crate) use by_hand::{Line, Reach};
pub(crate) use config_file::{Blocked, blocked};
pub(crate) use hook_file::{Removal, is_all_ours};
pub(crate) use hook_managers::{HookManager, Snippet};
pub(crate) use hook_text::Obstacle;
pub(crate) use status::{EventStatus, Lost, Points, Status, status};
pub(crate) use target::{Folder, Setting, Target, Version, find, find_in, version};

use crate::error::Result;

/// A hook of git that we are run by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Event {
    /// After HEAD moved to another branch or commit.
    PostCheckout,
    /// After a commit.
    PostCommit,
    /// After an amend or a rebase.
    PostRewrite,
    /// After a merge that made its commit itself.
    PostMerge,
    /// Before anything is sent to a remote.
    PrePush,
}

impl Event {
    /// All of them, in the order in which they are installed and told.
    pub(crate) const ALL: [Self; 5] = [
        Self::PostCheckout,
        Self::PostCommit,
        Self::PostRewrite,
        Self::PostMerge,
        Self::PrePush,
    ];

    /// As git names it: `post-checkout`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::PostCheckout => "post-checkout",
            Self::PostCommit => "post-commit",
            Self::PostRewrite => "post-rewrite",
            Self::PostMerge => "post-merge",
            Self::PrePush => "pre-push",
        }
    }

    /// Whether git writes lines to the hook's standard input (githooks(5)).
    pub(crate) fn reads_input(self) -> bool {
        matches!(self, Self::PostRewrite | Self::PrePush)
    }

    /// The shim, in which the program's path is still to be filled in.
    fn shim(self) -> &'static str {
        match self {
            Self::PostCheckout => include_str!("../../hooks/post-checkout"),
            Self::PostCommit => include_str!("../../hooks/post-commit"),
            Self::PostRewrite => include_str!("../../hooks/post-rewrite"),
            Self::PostMerge => include_str!("../../hooks/post-merge"),
            Self::PrePush => include_str!("../../hooks/pre-push"),
        }
    }
}

/// How hooks get into a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// As `hook.branchwork.<event>` in the config file that all work trees share.
    Config,
    /// As files in the folder of hooks.
    Files,
    /// By a person: the folder of hooks is not ours to write to.
    Snippet(Folder),
}

/// The way that fits this repository and this git.
pub(crate) fn way(target: &Target) -> Way {
    match target.folder() {
        _ if target.git_version >= Version::CONFIG_HOOKS => Way::Config,
        Folder::InGitDir => Way::Files,
        folder => Way::Snippet(folder),
    }
}

/// What came of one event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It is installed now.
    Added,
    /// It was installed, but not like this: the program has moved, or is of another version.
    Updated,
    /// It was installed already, exactly like this.
    Unchanged,
    /// Nothing was written, because of the hook that is there.
    Refused(Obstacle),
    /// Nothing was written, because a line that a person put into a file starts us already: see [`Report::by_hand`].
    ByHand,
    /// Nothing was written. There are such lines, and no hook of git's leads to them.
    ByHandNotRun,
    /// Nothing was written, because of the folder: see [`Way::Snippet`].
    NotOurFolder,
}

/// What [`install`] did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Report {
    /// The way it went.
    pub(crate) way: Way,
    /// Each event, in the order of [`Event::ALL`].
    pub(crate) events: Vec<(Event, Outcome)>,
    /// What was left of the other way, with which each hook would run twice.
    pub(crate) other_way: Removed,
    /// Files that start us by a line that a person put there. With [`Way::Config`] each of them that runs, runs us twice.
    pub(crate) by_hand: Vec<Line>,
    /// For the events that nothing was written for, where there can be something.
    pub(crate) snippets: Vec<Snippet>,
}

/// What was taken out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Removed {
    /// The config file, where it had sections of ours.
    pub(crate) config: Option<PathBuf>,
    /// The hook files that had a part of ours.
    pub(crate) files: Vec<Removal>,
}

/// Makes git run `program` (absolute) in every work tree of the repository. What is right already is not written again.
///
/// # Errors
/// A file could not be read or written, the config file makes no sense, or another program holds its lock. Running it
/// again goes on where it stopped.
pub(crate) fn install(target: &Target, program: &Path) -> Result<Report> {
    let way = way(target);
    let (mut events, other_way) = match way {
        Way::Config => {
            let outcome = install_config(target, program)?;
            let files = remove_files(target)?;
            let events = Event::ALL.map(|event| (event, outcome.clone()));
            (events.to_vec(), Removed { config: None, files })
        }
        Way::Files => {
            let install = |event| Ok((event, hook_file::install(&target.hooks_dir, event, program)?));
            let events = Event::ALL.into_iter().map(install).collect::<Result<Vec<_>>>()?;
            let config = remove_config(target)?;
            (
                events,
                Removed {
                    config,
                    files: Vec::new(),
                },
            )
        }
        Way::Snippet(_) => {
            let config = remove_config(target)?;
            let events = Event::ALL.map(|event| (event, Outcome::NotOurFolder));
            (
                events.to_vec(),
                Removed {
                    config,
                    files: Vec::new(),
                },
            )
        }
    };
    let by_hand = by_hand::lines(target);
    for (event, outcome) in &mut events {
        let has = |reach| by_hand.iter().any(|line| line.event == *event && line.reach == reach);
        if !matches!(outcome, Outcome::NotOurFolder | Outcome::Refused(_)) {
            continue;
        } else if has(Reach::Runs) {
            *outcome = Outcome::ByHand;
        } else if has(Reach::Interrupted) {
            *outcome = Outcome::ByHandNotRun;
        }
    }
    let snippets = snippets_for(target, &events);
    Ok(Report {
        way,
        events,
        other_way,
        by_hand,
        snippets,
    })
}

/// Takes all of it out, whichever way it went in.
///
/// # Errors
/// As [`install`].
pub(crate) fn remove(target: &Target) -> Result<Removed> {
    Ok(Removed {
        config: remove_config(target)?,
        files: remove_files(target)?,
    })
}

fn install_config(target: &Target, program: &Path) -> Result<Outcome> {
    let path = &target.config_path;
    let before = config_file::read(path)?;
    let had = config_text::configured(&before, Event::PrePush).map_err(|line| config_file::unreadable(path, line))?;
    let changed = config_file::edit(path, &|text| config_text::with_hooks(text, program))?;
    Ok(match (changed, had) {
        (false, _) => Outcome::Unchanged,
        (true, Some(_)) => Outcome::Updated,
        (true, None) => Outcome::Added,
    })
}

fn remove_config(target: &Target) -> Result<Option<PathBuf>> {
    let changed = config_file::edit(&target.config_path, &config_text::without_hooks)?;
    Ok(changed.then(|| target.config_path.clone()))
}

/// From the folder that git uses now, the one that it used before somebody set `core.hooksPath`, and those of other work trees:
/// a hook that is left anywhere would run on.
fn remove_files(target: &Target) -> Result<Vec<Removal>> {
    let usual = target.default_hooks_dir();
    let mut folders = Vec::new();
    if target.folder() == Folder::InGitDir {
        folders.push(target.hooks_dir.clone());
    }
    if usual.starts_with(&target.common_dir) {
        folders.push(usual);
    }
    folders.extend(target.folders_elsewhere());
    let mut removals = Vec::new();
    let mut seen = HashSet::new();
    for folder in folders.iter().filter(|folder| seen.insert(*folder)) {
        removals.extend(hook_file::remove(folder)?);
    }
    Ok(removals)
}

/// For each event that nothing was written for, what to put where.
fn snippets_for(target: &Target, events: &[(Event, Outcome)]) -> Vec<Snippet> {
    if target.folder() == Folder::Nowhere {
        return Vec::new();
    }
    let mut groups: Vec<(Option<HookManager>, Vec<Event>)> = Vec::new();
    for (event, outcome) in events {
        let manager = match outcome {
            Outcome::Refused(Obstacle::Generated(manager)) => Some(*manager),
            Outcome::Refused(_) => None,
            Outcome::NotOurFolder => hook_managers::of_folder(target),
            Outcome::Added | Outcome::Updated | Outcome::Unchanged => continue,
            Outcome::ByHand | Outcome::ByHandNotRun => continue,
        };
        match groups.iter_mut().find(|(known, _)| *known == manager) {
            Some((_, events)) => events.push(*event),
            None => groups.push((manager, vec![*event])),
        }
    }
    let snippets =
        |(manager, events): (Option<HookManager>, Vec<Event>)| hook_managers::snippets(manager, &events, target);
    groups.into_iter().flat_map(snippets).collect()
}

/// What killed runs left beside the hooks, in the folders that are ours to write to. Nothing of it is used any more.
pub(crate) fn leftovers(target: &Target) -> Vec<PathBuf> {
    let usual = target.default_hooks_dir();
    let ours = [&target.hooks_dir, &usual]
        .into_iter()
        .filter(|folder| folder.starts_with(&target.common_dir));
    let mut found: Vec<PathBuf> = ours.flat_map(|folder| hook_file::leftovers(folder)).collect();
    found.dedup();
    found
}

/// The bytes of a path as the file system has them; elsewhere than on unix as UTF-8 with `/`, as git's shell reads it.
fn bytes_of(path: &Path) -> Vec<u8> {
    if cfg!(unix) {
        path.as_os_str().as_encoded_bytes().to_vec()
    } else {
        path.to_string_lossy().replace('\\', "/").into_bytes()
    }
}

/// The path that these bytes are; `None` where the platform has no such path.
fn path_of(bytes: &[u8]) -> Option<PathBuf> {
    bstr::ByteSlice::to_path(bytes).ok().map(Path::to_owned)
}

#[cfg(test)]
#[cfg(unix)]
mod tests;
