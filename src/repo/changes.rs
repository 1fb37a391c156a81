//! What a commit changes: paths, renames, lines added and removed.
//!
//! Not here: the commit itself (commits.rs). Files are compared without the index, and attributes are not asked, so a repository of
//! 100,000 files costs what one of ten does.

use std::collections::HashSet;
use std::ops::ControlFlow;

use gix::bstr::{BStr, BString, ByteSlice};
use gix::error::ResultExt;
use gix::object::tree::diff::ChangeDetached;
use gix::objs::tree::EntryMode;
use imara_diff::{Algorithm, Diff, InternedInput};

use super::{MOST_VISITED, Repository, object_id};
use crate::facts::{ChangeKind, Changes, FileChange, Lines};
use crate::names::CommitId;

/// Above this many changed files, lines are not counted and renames not looked for: 1,000 take 30 ms.
const MOST_FILES_TO_COUNT: usize = 1_000;
/// Blobs above this size, in bytes, are not compared line by line: both versions and their lines are held in memory.
const LARGE_FILE: u64 = 2 * 1024 * 1024;
/// How many bytes of a file are looked at for one that no text has (git's `buffer_is_binary`).
const LOOKED_AT: usize = 8_000;
/// How many commits of a merge are counted.
const MOST_MERGED: usize = 1_000;

/// A changed path; renames are not looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PathChange {
    pub(super) path: BString,
    mode: EntryMode,
    /// The content before and after.
    before: Option<gix::ObjectId>,
    after: Option<gix::ObjectId>,
}

impl From<gix::diff::tree::recorder::Change> for PathChange {
    fn from(change: gix::diff::tree::recorder::Change) -> Self {
        use gix::diff::tree::recorder::Change;
        let (path, mode, before, after) = match change {
            Change::Addition {
                path, entry_mode, oid, ..
            } => (path, entry_mode, None, Some(oid)),
            Change::Deletion {
                path, entry_mode, oid, ..
            } => (path, entry_mode, Some(oid), None),
            Change::Modification {
                path,
                entry_mode,
                previous_oid,
                oid,
                ..
            } => (path, entry_mode, Some(previous_oid), Some(oid)),
        };
        Self {
            path,
            mode,
            before,
            after,
        }
    }
}

impl PathChange {
    /// What is there after it.
    pub(super) fn after(&self) -> Option<(EntryMode, gix::ObjectId)> {
        Some((self.mode, self.after?))
    }

    /// What became of the file.
    fn kind(&self) -> ChangeKind {
        match (self.before, self.after) {
            (None, _) => ChangeKind::Added,
            (_, None) => ChangeKind::Deleted,
            _ => ChangeKind::Modified,
        }
    }
}

impl Repository {
    /// The same for what some commits change together.
    pub(super) fn patch_of(&self, changes: &[PathChange]) -> Option<u64> {
        if changes.is_empty() || changes.len() > MOST_FILES_TO_COUNT {
            return None;
        }
        let mut hasher = gix::hash::hasher(gix::hash::Kind::Sha1);
        for change in changes {
            feed(&mut hasher, &change.path);
            feed(&mut hasher, &change.mode.value().to_le_bytes());
            let (before, after) = (change.before, change.after);
            let text = |id: Option<gix::ObjectId>| match id {
                None => Some(Vec::new()),
                Some(id) => self.small_content(id).filter(|data| !data.contains(&0)),
            };
            match (text(before), text(after)) {
                (Some(before), Some(after)) => hash_lines(&before, &after, &mut hasher),
                _ => {
                    for id in [before, after] {
                        feed(&mut hasher, id.as_ref().map(|id| id.as_bytes()).unwrap_or_default());
                    }
                }
            }
        }
        let id = hasher.try_finalize().ok()?;
        let (first, _) = id.as_bytes().split_first_chunk()?;
        Some(u64::from_be_bytes(*first))
    }

    /// The paths that a commit changes, folders left out and renames not looked for; `None` for a merge.
    pub(super) fn changed_paths(&self, id: &CommitId) -> Option<Vec<PathChange>> {
        let commit = self.commit(id).ok()?;
        let before = match self.parent_ids(&commit).as_slice() {
            [] => self.inner.empty_tree(),
            [parent] => self.inner.find_commit(*parent).ok()?.tree().ok()?,
            _ => return None,
        };
        self.changed_between(&before, &commit.tree().ok()?)
    }

    /// The paths that a commit changes, bytes that are not UTF-8 replaced; none for a merge or where they cannot be read.
    pub(crate) fn paths_of(&self, id: &CommitId) -> Vec<String> {
        let changed = self.changed_paths(id).unwrap_or_default().into_iter();
        changed.map(|change| change.path.to_str_lossy().into_owned()).collect()
    }

    /// The same between two commits.
    pub(super) fn changed_since(&self, base: &CommitId, id: &CommitId) -> Option<Vec<PathChange>> {
        let tree = |id: &CommitId| self.commit(id).ok()?.tree().ok();
        self.changed_between(&tree(base)?, &tree(id)?)
    }

    /// The paths that differ between `id` and where it left the branches whose tips `below` are, those that were renamed under
    /// both names. `None` where that place is not known: history is too long, or not here.
    pub(crate) fn paths_changed_since(&self, id: &CommitId, below: &[CommitId]) -> Option<Vec<String>> {
        let tip = object_id(id).ok()?;
        let hidden: Vec<_> = below.iter().filter_map(|id| object_id(id).ok()).collect();
        if hidden.contains(&tip) {
            return Some(Vec::new());
        }
        let own = self.walk(&[tip], &hidden, MOST_VISITED);
        if !own.complete {
            return None;
        }
        let ids: HashSet<_> = own.commits.iter().map(|(id, _)| *id).collect();
        let parents = own.commits.iter().flat_map(|(_, parents)| parents);
        let mut left: Vec<_> = parents.filter(|id| !ids.contains(*id)).collect();
        left.sort();
        left.dedup();
        // What was merged in from below is newer than where the branch began, and holds it.
        let dated = left.into_iter().map(|id| Some((self.node(*id)?.time, *id)));
        let newest = dated.collect::<Option<Vec<_>>>()?.into_iter().max();
        let after = self.commit(id).ok()?.tree().ok()?;
        let before = match newest {
            Some((_, from)) => self.inner.find_commit(from).ok()?.tree().ok()?,
            None if own.commits.is_empty() => return Some(Vec::new()),
            None => self.inner.empty_tree(),
        };
        let changes = self.changed_between(&before, &after)?;
        Some(changes.iter().map(|change| path(change.path.as_bstr())).collect())
    }

    /// The paths that differ between two commits, whatever lies between them.
    pub(crate) fn paths_between(&self, one: &CommitId, other: &CommitId) -> Option<Vec<String>> {
        let changes = self.changed_since(one, other)?;
        Some(changes.iter().map(|change| path(change.path.as_bstr())).collect())
    }

    fn changed_between(&self, before: &gix::Tree<'_>, after: &gix::Tree<'_>) -> Option<Vec<PathChange>> {
        self.try_changed_between(before, after).ok()
    }

    fn try_changed_between(&self, before: &gix::Tree<'_>, after: &gix::Tree<'_>) -> gix::Result<Vec<PathChange>> {
        let mut recorder = gix::diff::tree::Recorder::default();
        let state = gix::diff::tree::State::default();
        gix::diff::tree(
            tree_entries(before),
            tree_entries(after),
            state,
            &self.inner.objects,
            &mut recorder,
        )
        .or_error()?;
        let changes = recorder.records.into_iter().map(PathChange::from);
        Ok(changes.filter(|change| !change.mode.is_tree()).collect())
    }

    pub(super) fn changes(&self, commit: &gix::Commit<'_>) -> Changes {
        let parents = self.parent_ids(commit);
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
            .unwrap_or_else(|error| {
                Changes::Unknown(match self.is_partial() {
                    true => "they are not in this partial clone".into(),
                    false => format!("the changed files cannot be read: {error}"),
                })
            })
    }

    /// A names-only pass tells how many files there are; only where they are few are renames found and lines counted.
    fn compare(&self, before: &gix::Tree<'_>, after: &gix::Tree<'_>) -> gix::Result<Changes> {
        let changes = self.try_changed_between(before, after)?;
        let mut changes: Vec<(ChangeKind, PathChange)> =
            changes.into_iter().map(|change| (change.kind(), change)).collect();
        let is = |kind: ChangeKind| changes.iter().any(|(found, _)| *found == kind);
        let renames_possible = is(ChangeKind::Added) && is(ChangeKind::Deleted);
        let is_counted = changes.len() <= MOST_FILES_TO_COUNT;
        let mut renames_skipped = renames_possible;
        if is_counted {
            (changes, renames_skipped) = match renames_possible {
                true => self.with_renames(before, after)?,
                false => (changes, false),
            };
        }
        let mut files: Vec<FileChange> = changes
            .into_iter()
            .map(|(kind, change)| FileChange {
                lines: if is_counted {
                    self.count_lines(&change)
                } else {
                    Lines::Unknown
                },
                path: path(change.path.as_bstr()),
                kind,
            })
            .collect();
        if is_counted {
            files.sort_by(|a, b| a.path.cmp(&b.path));
        }
        Ok(Changes::Files { files, renames_skipped })
    }

    /// The changes with renames found; whether some were not looked for, because there are too many, or because a file cannot be
    /// read.
    fn with_renames(
        &self,
        before: &gix::Tree<'_>,
        after: &gix::Tree<'_>,
    ) -> gix::Result<(Vec<(ChangeKind, PathChange)>, bool)> {
        let mut blobs = self.comparison()?;
        let similar = gix::diff::Rewrites::default();
        // What cannot be compared, for a partial clone does not have it, may still be found unchanged elsewhere.
        let identical = gix::diff::Rewrites {
            percentage: None,
            ..similar
        };
        let (changes, skipped) = match tree_changes(before, after, &mut blobs, similar) {
            Err(_) => (tree_changes(before, after, &mut blobs, identical)?.0, true),
            found => found?,
        };
        let files = changes.into_iter().filter(|change| !change.entry_mode().is_tree());
        Ok((files.map(with_kind).collect(), skipped))
    }

    /// Lines added and removed. A submodule has one line, its commit, as git counts it; content that is large, or not here (a
    /// partial clone), is not looked at.
    fn count_lines(&self, change: &PathChange) -> Lines {
        if change.mode.is_commit() {
            let line = |id: Option<gix::ObjectId>| u64::from(id.is_some());
            return Lines::Counted {
                added: line(change.after),
                removed: line(change.before),
            };
        }
        let text = |id: Option<gix::ObjectId>| id.map_or(Some(Vec::new()), |id| self.small_content(id));
        let (Some(before), Some(after)) = (text(change.before), text(change.after)) else {
            return Lines::Unknown;
        };
        let is_binary = |text: &[u8]| text.iter().take(LOOKED_AT).any(|byte| *byte == 0);
        if is_binary(&before) || is_binary(&after) {
            return Lines::Binary;
        }
        let diff = Diff::compute(
            self.algorithm(),
            &InternedInput::new(before.as_slice(), after.as_slice()),
        );
        Lines::Counted {
            added: diff.count_additions().into(),
            removed: diff.count_removals().into(),
        }
    }

    /// What `diff.algorithm` says (git-config(1)).
    fn algorithm(&self) -> Algorithm {
        match self.config("diff.algorithm").as_deref() {
            Some("histogram" | "patience") => Algorithm::Histogram,
            Some("minimal") => Algorithm::MyersMinimal,
            _ => Algorithm::Myers,
        }
    }

    /// What a file holds; `None` where that is much, or not here.
    fn small_content(&self, id: gix::ObjectId) -> Option<Vec<u8>> {
        self.read_up_to(id, LARGE_FILE).ok()?.ok().map(|(_, data)| data)
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
    rewrites: gix::diff::Rewrites,
) -> gix::Result<(Vec<ChangeDetached>, bool)> {
    let mut changes = Vec::new();
    let outcome = before
        .changes()?
        .options(|options| {
            options.track_path().track_rewrites(Some(rewrites));
        })
        .for_each_to_obtain_tree_with_cache(after, blobs, |change| {
            changes.push(change.detach());
            Ok(ControlFlow::Continue(()))
        })?;
    let skipped =
        outcome.is_some_and(|outcome| outcome.num_similarity_checks_skipped_for_rename_tracking_due_to_limit > 0);
    Ok((changes, skipped))
}

fn with_kind(change: ChangeDetached) -> (ChangeKind, PathChange) {
    let (path, mode, before, after, kind) = match change {
        ChangeDetached::Addition {
            location,
            entry_mode,
            id,
            ..
        } => (location, entry_mode, None, Some(id), None),
        ChangeDetached::Deletion {
            location,
            entry_mode,
            id,
            ..
        } => (location, entry_mode, Some(id), None, None),
        ChangeDetached::Modification {
            location,
            entry_mode,
            previous_id,
            id,
            ..
        } => (location, entry_mode, Some(previous_id), Some(id), None),
        ChangeDetached::Rewrite {
            location,
            entry_mode,
            source_location,
            source_id,
            id,
            ..
        } => {
            let from = path(source_location.as_bstr());
            (
                location,
                entry_mode,
                Some(source_id),
                Some(id),
                Some(ChangeKind::Renamed { from }),
            )
        }
    };
    let change = PathChange {
        path,
        mode,
        before,
        after,
    };
    (kind.unwrap_or_else(|| change.kind()), change)
}

fn tree_entries<'a>(tree: &'a gix::Tree<'_>) -> gix::objs::TreeRefIter<'a> {
    gix::objs::TreeRefIter::from_bytes(&tree.data, tree.id.kind())
}

/// Adds some bytes to a name, so that where they end counts too.
fn feed(hasher: &mut gix::hash::Hasher, bytes: &[u8]) {
    hasher.update(&(bytes.len() as u64).to_le_bytes());
    hasher.update(bytes);
}

fn hash_lines(before: &[u8], after: &[u8], hasher: &mut gix::hash::Hasher) {
    let input = InternedInput::new(before, after);
    let diff = Diff::compute(Algorithm::Histogram, &input);
    for hunk in diff.hunks() {
        for (lines, range) in [(&input.before, hunk.before), (&input.after, hunk.after)] {
            let lines = &lines[range.start as usize..range.end as usize];
            hasher.update(&(lines.len() as u64).to_le_bytes());
            for line in lines {
                feed(hasher, input.interner[*line]);
            }
        }
    }
}

fn path(bytes: &BStr) -> String {
    bytes.to_str_lossy().into_owned()
}
