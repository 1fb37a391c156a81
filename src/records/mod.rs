//! What stack tools and editors recorded: which branch stands on which, and the pull request of each. One file a tool.
//!
//! No program is started and nothing is written. Each reader first looks whether its tool left anything, which is one file or
//! ref that is not there. What is half-written, newer, damaged or very large is unknown: the reader says so in one sentence
//! and steps aside. Deliberately absent: which source is right where two disagree, whether a branch that is named still
//! exists, renames that a tool has missed, and cycles, which are all for the stack as a whole to decide.

mod aviator;
mod branch_metadata;
mod config_keys;
mod file;
mod gh_stack;
mod git_butler;
mod git_machete;
mod git_spice;
mod git_town;
mod graphite;
mod layers;
mod memory;
mod remotes;
mod sqlite;
#[cfg(test)]
mod tests;
mod trailers;

use std::path::PathBuf;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::names::{BranchName, CommitId};
use crate::repo::Repository;
use crate::stack::{PullRequest, PullRequestState, Record, Records, Source};
use crate::world::World;

pub(crate) use git_butler::is_its_own as is_git_butlers;
pub(crate) use memory::Memory;
pub(crate) use trailers::of_messages;

/// The files of the git directory that change where a tool records something through git, which puts a new file in the place of the
/// old one; in that which all work trees share.
pub(crate) const PLACES_OF_GIT: [&str; 5] = [
    "config",
    "packed-refs",
    "reftable/tables.list",
    git_spice::REF,
    branch_metadata::STAX_TRUNK,
];
/// The same of the files and folders that tools write to themselves.
pub(crate) const PLACES: [&str; 11] = [
    PLACES_OF_REFS[0],
    PLACES_OF_REFS[1],
    git_machete::FILE,
    aviator::FILE,
    git_butler::FILE,
    graphite::DATABASE,
    graphite::LOG,
    graphite::CONFIG,
    graphite::PULL_REQUESTS,
    config_keys::GIT_LENS_FILE,
    gh_stack::FILE,
];
/// The same in that of this work tree, where it is a linked one.
pub(crate) const PLACES_OF_WORK_TREE: [&str; 1] = [git_machete::FILE];
/// The same in those of all linked work trees.
pub(crate) const PLACES_OF_WORK_TREES: [&str; 1] = [gh_stack::FILE];
/// The same at the top of the work tree.
pub(crate) const PLACES_IN_WORK_TREE: [&str; 3] = git_town::FILES;

/// The folders of the first in which there is a ref for each branch.
pub(crate) const PLACES_OF_REFS: [&str; 2] = branch_metadata::FOLDERS;

/// For so long a file that cannot be read is taken for one that is being written: a tool may keep a database open while somebody
/// edits a message.
const WRITING: TimeDelta = TimeDelta::minutes(10);

/// What each tool recorded, the most trusted first; a tool that recorded nothing is left out. What `memory` has is not read.
pub(crate) fn all(repository: &Repository, world: &World, memory: &mut Memory<'_>) -> Vec<Records> {
    let found = [
        graphite::read(repository),
        git_spice::read(repository, memory),
        gh_stack::read(repository),
        git_town::read(repository, world),
        git_machete::read(repository),
        aviator::read(repository),
        branch_metadata::read(repository, memory),
        branch_metadata::read_stackit(repository, memory),
        git_butler::read(repository),
    ];
    let mut all: Vec<Records> = found.into_iter().flatten().collect();
    // What Graphite's database says now is not known: the refs that it took the place of would say what was once.
    if all
        .first()
        .is_some_and(|first| first.source == Source::Graphite && first.branches.is_empty())
    {
        all.retain(|records| records.source != Source::BranchMetadata);
    }
    all.extend(config_keys::read(repository));
    all
}

/// Whether something could not be read that its tool may be writing: one of its files is not older than `WRITING`.
pub(crate) fn is_being_written(repository: &Repository, recorded: &[Records], now: DateTime<Utc>) -> bool {
    let unread = recorded.iter().filter(|records| !records.unreadable.is_empty());
    let mut files = unread.flat_map(|records| files_of(repository, records.source));
    files.any(|path| {
        let written = std::fs::metadata(path).and_then(|found| found.modified());
        written.is_ok_and(|written| (now - DateTime::<Utc>::from(written)).abs() < WRITING)
    })
}

/// The files that a tool writes itself, in place, so that half of one may be read.
fn files_of(repository: &Repository, source: Source) -> Vec<PathBuf> {
    let shared = |names: &[&str]| names.iter().map(|name| repository.common_dir().join(name)).collect();
    match source {
        Source::Graphite | Source::BranchMetadata => shared(&[
            graphite::DATABASE,
            graphite::LOG,
            graphite::JOURNAL,
            graphite::CONFIG,
            graphite::PULL_REQUESTS,
        ]),
        Source::GhStack => gh_stack::paths(repository),
        Source::GitMachete => vec![git_machete::path(repository)],
        Source::Aviator => shared(&[aviator::FILE]),
        Source::GitButler => shared(&[git_butler::FILE]),
        Source::GitLens => shared(&[config_keys::GIT_LENS_FILE]),
        _ => Vec::new(),
    }
}

/// Nothing yet of `source`.
fn nothing(source: Source) -> Records {
    Records {
        source,
        trunks: Vec::new(),
        branches: Vec::new(),
        unreadable: Vec::new(),
    }
}

/// `None` where a tool told of no branch, and nothing is in the way of knowing that.
fn told(records: Records) -> Option<Records> {
    (!records.branches.is_empty() || !records.unreadable.is_empty()).then_some(records)
}

/// A branch of which nothing is known yet.
fn blank(branch: BranchName) -> Record {
    Record {
        branch,
        parent: None,
        parent_tip: None,
        pull_request: None,
        merged: false,
        merged_below: Vec::new(),
    }
}

/// What a tool names as the parent of a branch, in full or not, and the commit of it. No branch is its own parent.
fn on_parent(branch: BranchName, parent: Option<&str>, tip: Option<&str>) -> Record {
    let parent = parent.map(|name| name.strip_prefix("refs/heads/").unwrap_or(name));
    let parent = parent.and_then(BranchName::new).filter(|parent| *parent != branch);
    Record {
        parent_tip: tip.filter(|_| parent.is_some()).and_then(CommitId::parse),
        parent,
        ..blank(branch)
    }
}

/// What is left out where it has a form that is not known: what stands beside it still counts.
#[derive(Deserialize)]
#[serde(untagged)]
enum Lenient<T> {
    Known(T),
    Other(IgnoredAny),
}

impl<T> Lenient<T> {
    fn known(&self) -> Option<&T> {
        match self {
            Self::Known(known) => Some(known),
            Self::Other(_) => None,
        }
    }
}

/// A pull request that has a number.
fn pull_request(number: u64, state: Option<PullRequestState>) -> Option<PullRequest> {
    (number > 0).then_some(PullRequest { number, state })
}

/// The words that forges and tools have for how a pull request stands; `None` for one that is not known here.
fn state(word: &str, draft: bool, review: Option<&str>) -> Option<PullRequestState> {
    Some(match word.to_ascii_uppercase().as_str() {
        "MERGED" => PullRequestState::Merged,
        "CLOSED" => PullRequestState::Closed,
        "OPEN" if draft => PullRequestState::Draft,
        "OPEN" => match review {
            Some("APPROVED") => PullRequestState::Approved,
            Some("CHANGES_REQUESTED") => PullRequestState::ChangesRequested,
            _ => PullRequestState::Open,
        },
        _ => return None,
    })
}
