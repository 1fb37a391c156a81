//! One commit: its author, message and changed files; and files as a commit has them.
//!
//! Not here: walking history (history.rs). Files are compared without the index: an empty one stands in for the attribute
//! stack, so `.gitattributes` in the tree are not seen, and a repository of 100,000 files costs what one of ten does.

use std::ops::ControlFlow;

use chrono::{DateTime, Utc};
use gix::bstr::{BStr, ByteSlice};
use gix::object::tree::diff::{Change, ChangeDetached};
use gix::prelude::TreeDiffChangeExt;

use super::{Repository, commit_id, object_id};
use crate::actor::Actor;
use crate::error::{Error, Result};
use crate::facts::{ChangeKind, Changes, CommitFacts, FileChange, Lines};
use crate::names::CommitId;

/// Above this many changed files, lines are not counted and renames not looked for: 1,000 take 30 ms.
const MOST_FILES_TO_COUNT: usize = 1_000;
/// Blobs above this size, in bytes, are not compared line by line: both versions and their lines are held in memory.
const LARGE_FILE: u64 = 2 * 1024 * 1024;
/// How many commits of a merge are counted.
const MOST_MERGED: usize = 1_000;

impl Repository {
    /// What an entry of Updates tells about `id`.
    pub(crate) fn commit_facts(&self, id: &CommitId) -> Result<CommitFacts> {
        let commit = self.commit(id)?;
        let unreadable = |error: gix::Error| Error::new(format!("cannot read commit '{id}'")).because(&error);
        let decoded = commit.decode().map_err(unreadable)?;
        let author = commit.author().map_err(unreadable)?;
        let message = decode_message(decoded.message);
        let seconds = author.seconds();
        Ok(CommitFacts {
            id: id.clone(),
            time: DateTime::from_timestamp(seconds, 0).unwrap_or(DateTime::<Utc>::UNIX_EPOCH),
            who: Actor::of_commit(&author.email.to_str_lossy(), &author.name.to_str_lossy(), &message).to_string(),
            changes: self.changes(&commit),
            message,
        })
    }

    /// The parents of `id`, first parent first.
    pub(crate) fn parents(&self, id: &CommitId) -> Result<Vec<CommitId>> {
        self.commit(id)?.parent_ids().map(|id| commit_id(&id)).collect()
    }

    /// Whether the commit is in this clone.
    pub(crate) fn has_commit(&self, id: &CommitId) -> bool {
        object_id(id).is_ok_and(|id| self.inner.find_commit(id).is_ok())
    }

    /// The content of the regular file at `path` as commit `id` has it; `None` where there is none.
    pub(crate) fn file_at(&self, id: &CommitId, path: &str) -> Result<Option<Vec<u8>>> {
        let unreadable =
            |error: gix::Error| Error::new(format!("cannot read '{path}' of commit '{id}'")).because(&error);
        let tree = self.commit(id)?.tree().map_err(unreadable)?;
        let Some(entry) = tree.lookup_entry_by_path(path).map_err(unreadable)? else {
            return Ok(None);
        };
        if !entry.mode().is_blob() {
            return Ok(None);
        }
        Ok(Some(entry.object().map_err(unreadable)?.detach().data))
    }

    /// Whether commit `id` has anything at `path`.
    pub(crate) fn has_file(&self, id: &CommitId, path: &str) -> bool {
        let entry = self
            .commit(id)
            .and_then(|commit| {
                commit
                    .tree()
                    .map_err(|error| Error::new("cannot read the tree").because(&error))
            })
            .map(|tree| tree.lookup_entry_by_path(path));
        matches!(entry, Ok(Ok(Some(_))))
    }

    pub(super) fn commit(&self, id: &CommitId) -> Result<gix::Commit<'_>> {
        self.inner
            .find_commit(object_id(id)?)
            .map_err(|error| Error::new(format!("cannot read commit '{id}'")).because(&error))
    }

    fn changes(&self, commit: &gix::Commit<'_>) -> Changes {
        let parents: Vec<_> = commit.parent_ids().map(|id| id.detach()).collect();
        if parents.len() > 1 {
            let (commits, or_more) = self.count_merged(&parents, MOST_MERGED);
            return Changes::Merge { commits, or_more };
        }
        let before = match parents.first() {
            None => Ok(self.inner.empty_tree()),
            Some(parent) => match self.inner.find_commit(*parent) {
                Ok(parent) => parent.tree(),
                Err(_) if self.inner.is_shallow().unwrap_or(false) => {
                    return Changes::Unknown("the parent commit is not in this shallow clone".into());
                }
                Err(error) => Err(error),
            },
        };
        before
            .and_then(|before| self.compare(&before, &commit.tree()?))
            .unwrap_or_else(|error| Changes::Unknown(format!("the changed files cannot be read: {error}")))
    }

    /// A names-only pass tells how many files there are; only where they are few are renames found and lines counted.
    fn compare(&self, before: &gix::Tree<'_>, after: &gix::Tree<'_>) -> gix::Result<Changes> {
        let mut blobs = self.comparison()?;
        let (mut changes, _) = tree_changes(before, after, &mut blobs, None)?;
        let files: Vec<FileChange> = changes.iter().filter_map(named).collect();
        let is = |kind: ChangeKind| files.iter().any(|file| file.kind == kind);
        let renames_possible = is(ChangeKind::Added) && is(ChangeKind::Deleted);
        if files.len() > MOST_FILES_TO_COUNT {
            return Ok(Changes::Files {
                files,
                renames_skipped: renames_possible,
            });
        }
        let mut renames_skipped = false;
        if renames_possible {
            (changes, renames_skipped) = tree_changes(before, after, &mut blobs, Some(gix::diff::Rewrites::default()))?;
        }
        let count = |change: &ChangeDetached| {
            let file = named(change)?;
            blobs.clear_resource_cache_keep_allocation();
            let lines = count_lines(&change.attach(&self.inner, &self.inner), &mut blobs);
            Some(FileChange { lines, ..file })
        };
        let mut files: Vec<FileChange> = changes.iter().filter_map(count).collect();
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(Changes::Files { files, renames_skipped })
    }

    /// What compares blobs, with an attribute stack from an empty index instead of the repository's.
    fn comparison(&self) -> gix::Result<gix::diff::blob::Platform> {
        let empty = gix::index::State::new(self.inner.object_hash());
        let attributes = self
            .inner
            .attributes_only(&empty, gix::worktree::stack::state::attributes::Source::IdMapping)?
            .detach();
        let mode = gix::diff::blob::pipeline::Mode::ToGit;
        gix::diff::resource_cache(&self.inner, mode, attributes, Default::default())
    }
}

/// What changed between two trees, folders included; whether some renames were not looked for, because there are too many.
fn tree_changes(
    before: &gix::Tree<'_>,
    after: &gix::Tree<'_>,
    blobs: &mut gix::diff::blob::Platform,
    rewrites: Option<gix::diff::Rewrites>,
) -> gix::Result<(Vec<ChangeDetached>, bool)> {
    let mut changes = Vec::new();
    let outcome = before
        .changes()?
        .options(|options| {
            options.track_path().track_rewrites(rewrites);
        })
        .for_each_to_obtain_tree_with_cache(after, blobs, |change| {
            changes.push(change.detach());
            Ok(ControlFlow::Continue(()))
        })?;
    let skipped =
        outcome.is_some_and(|outcome| outcome.num_similarity_checks_skipped_for_rename_tracking_due_to_limit > 0);
    Ok((changes, skipped))
}

/// The changed path, its lines not counted; `None` for a directory, whose files follow by themselves.
fn named(change: &ChangeDetached) -> Option<FileChange> {
    if change.entry_mode().is_tree() {
        return None;
    }
    let kind = match change {
        ChangeDetached::Addition { .. } => ChangeKind::Added,
        ChangeDetached::Deletion { .. } => ChangeKind::Deleted,
        ChangeDetached::Modification { .. } => ChangeKind::Modified,
        ChangeDetached::Rewrite { source_location, .. } => ChangeKind::Renamed {
            from: path(source_location.as_bstr()),
        },
    };
    Some(FileChange {
        path: path(change.location()),
        kind,
        lines: Lines::Unknown,
    })
}

fn path(bytes: &BStr) -> String {
    bytes.to_str_lossy().into_owned()
}

/// Lines added and removed. A submodule has one line, its commit, as git counts it; content that is large, or not here (a
/// partial clone), is not looked at.
fn count_lines(change: &Change<'_, '_, '_>, cache: &mut gix::diff::blob::Platform) -> Lines {
    if change.entry_mode().is_commit() {
        let (added, removed) = match change {
            Change::Addition { .. } => (1, 0),
            Change::Deletion { .. } => (0, 1),
            _ => (1, 1),
        };
        return Lines::Counted { added, removed };
    }
    let id = change.id();
    let before = match change {
        Change::Modification { previous_id, .. } => Some(*previous_id),
        Change::Rewrite { source_id, .. } => Some(*source_id),
        Change::Addition { .. } | Change::Deletion { .. } => None,
    };
    let is_small = |id: gix::Id<'_>| id.header().is_ok_and(|header| header.size() <= LARGE_FILE);
    if !is_small(id) || !before.is_none_or(is_small) {
        return Lines::Unknown;
    }
    match change.diff(cache).and_then(|mut diff| diff.line_counts()) {
        Ok(Some(counts)) => Lines::Counted {
            added: counts.insertions.into(),
            removed: counts.removals.into(),
        },
        Ok(None) => Lines::Binary,
        Err(_) => Lines::Unknown,
    }
}

/// A message as UTF-8. What is not UTF-8 is taken for Latin-1, as git does where a commit names no encoding.
fn decode_message(bytes: &BStr) -> String {
    match bytes.to_str() {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
    }
}
