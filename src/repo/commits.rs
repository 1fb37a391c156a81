//! One commit: its author, message and changed files; and files as a commit has them.
//!
//! Not here: walking history (history.rs). Files are compared without the index: an empty one stands in for the attribute
//! stack, so `.gitattributes` in the tree are not seen, and a repository of 100,000 files costs what one of ten does.

use std::collections::HashSet;
use std::fmt;
use std::ops::ControlFlow;

use chrono::{DateTime, Utc};
use gix::bstr::{BStr, BString, ByteSlice};
use gix::object::tree::diff::{Change, ChangeDetached};
use gix::objs::{CommitRefIter, TreeRefIter};
use gix::prelude::TreeDiffChangeExt;
use imara_diff::{Algorithm, Diff, InternedInput};

use super::{MOST_VISITED, Repository, commit_id, object_id};
use crate::actor::Actor;
use crate::document::message;
use crate::error::{Error, Result};
use crate::facts::{ChangeKind, Changes, CommitFacts, FileChange, Identity, Lines};
use crate::names::CommitId;

/// Above this many changed files, lines are not counted and renames not looked for: 1,000 take 30 ms.
const MOST_FILES_TO_COUNT: usize = 1_000;
/// Blobs above this size, in bytes, are not compared line by line: both versions and their lines are held in memory.
const LARGE_FILE: u64 = 2 * 1024 * 1024;
/// Larger files are not read from a commit, in bytes.
const LARGEST_FILE: u64 = 1024 * 1024;
/// How many commits of a merge are counted.
const MOST_MERGED: usize = 1_000;

/// The name of a file's content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ContentId(pub(super) gix::ObjectId);

impl ContentId {
    /// `None` where `hex` is not a full object id.
    pub(crate) fn parse(hex: &str) -> Option<Self> {
        gix::ObjectId::from_hex(hex.as_bytes()).ok().map(Self)
    }
}

impl fmt::Display for ContentId {
    /// The hex digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A changed path; renames are not looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PathChange {
    pub(super) path: BString,
    mode: gix::objs::tree::EntryMode,
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

    /// Who made `id`, when and why; `None` where it is not in this clone.
    pub(crate) fn identity(&self, id: &CommitId) -> Option<Identity> {
        let commit = self.commit(id).ok()?;
        let author = commit.author().ok()?;
        Some(Identity {
            author: format!("{} <{}>", author.name, author.email),
            time: author.seconds(),
            subject: message::subject(&decode_message(commit.message_raw_sloppy())),
        })
    }

    /// A name for the lines that a commit adds and removes, equal for equal ones wherever they stand in their files, on every
    /// machine and in every build: archived documents keep it. `None` for merges, for commits that change nothing or very much,
    /// and where something cannot be read.
    pub(crate) fn patch(&self, id: &CommitId) -> Option<u64> {
        self.patch_of(&self.changed_paths(id)?)
    }

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
                Some(id) => {
                    let small = self.inner.find_header(id).ok()?.size() <= LARGE_FILE;
                    let blob = small.then(|| self.inner.find_object(id).ok()).flatten()?;
                    Some(blob.detach().data).filter(|data| !data.contains(&0))
                }
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

    /// The same for all that was changed between two commits.
    pub(crate) fn patch_between(&self, base: &CommitId, id: &CommitId) -> Option<u64> {
        self.patch_of(&self.changed_since(base, id)?)
    }

    /// Whether the entries of two commits read the same: the same message by the same author at the same time, and the
    /// same content put in the place of the same content.
    pub(crate) fn read_alike(&self, one: &CommitId, other: &CommitId) -> bool {
        let said = |id: &CommitId| {
            let commit = self.commit(id).ok()?;
            let author = commit.author().ok()?.to_owned().ok()?;
            Some((author, commit.message_raw_sloppy().to_owned()))
        };
        let equal = said(one).is_some_and(|said_one| Some(said_one) == said(other));
        equal
            && self
                .changed_paths(one)
                .is_some_and(|did| Some(did) == self.changed_paths(other))
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

    /// Those of `commits` that are not in the repository; none where that may be so because history is cut short.
    pub(crate) fn lost(&self, commits: impl IntoIterator<Item = CommitId>) -> Vec<CommitId> {
        if self.inner.is_shallow().unwrap_or(true) || self.is_partial() {
            return Vec::new();
        }
        let is_here = |id: &CommitId| object_id(id).is_ok_and(|id| self.inner.has_object(id));
        commits.into_iter().filter(|id| !is_here(id)).collect()
    }

    /// The name of the regular file's content at `path` as commit `id` has it; `None` where there is none.
    pub(crate) fn content_at(&self, id: &CommitId, path: &str) -> Result<Option<ContentId>> {
        let unreadable =
            |error: gix::Error| Error::new(format!("cannot read '{path}' of commit '{id}'")).because(&error);
        let hash = self.inner.object_hash();
        let commit = self.data_of(object_id(id)?).map_err(unreadable)?;
        let mut found = CommitRefIter::from_bytes(&commit, hash).tree_id().map_err(unreadable)?;
        let mut names = path.split('/').peekable();
        while let Some(name) = names.next() {
            let tree = self.data_of(found).map_err(unreadable)?;
            let mut entries = TreeRefIter::from_bytes(&tree, hash);
            let named = entries.find(|entry| entry.as_ref().map_or(true, |entry| entry.filename == name));
            let Some(entry) = named.transpose().map_err(unreadable)? else {
                return Ok(None);
            };
            found = entry.oid.to_owned();
            match names.peek() {
                None => return Ok(entry.mode.is_blob().then_some(ContentId(found))),
                Some(_) if entry.mode.is_tree() => {}
                Some(_) => return Ok(None),
            }
        }
        Ok(None)
    }

    /// What an object holds that is asked for once, and of which there may be many: it is not kept in memory.
    fn data_of(&self, id: gix::ObjectId) -> std::result::Result<Vec<u8>, gix::Error> {
        match self.loose().read(&id) {
            Some((_, data)) => Ok(data),
            None => Ok(self.inner.find_object(id)?.detach().data),
        }
    }

    /// The content that has this name. Errors: it is not here, or larger than `most` bytes.
    pub(crate) fn content(&self, id: ContentId, most: u64) -> Result<Vec<u8>> {
        let unreadable = |error: gix::Error| Error::new("cannot read a file of a commit").because(&error);
        let size = self.inner.find_header(id.0).map_err(unreadable)?.size();
        if size > most {
            return Err(Error::new(format!(
                "a file of a commit has {size} bytes, more than {most}"
            )));
        }
        let object = self.inner.find_object(id.0).map_err(unreadable)?;
        Ok(object.detach().data)
    }

    fn changed_between(&self, before: &gix::Tree<'_>, after: &gix::Tree<'_>) -> Option<Vec<PathChange>> {
        let mut recorder = gix::diff::tree::Recorder::default();
        let state = gix::diff::tree::State::default();
        gix::diff::tree(
            tree_entries(before),
            tree_entries(after),
            state,
            &self.inner.objects,
            &mut recorder,
        )
        .ok()?;
        let changes = recorder.records.into_iter().map(PathChange::from);
        Some(changes.filter(|change| !change.mode.is_tree()).collect())
    }

    /// The message of `id`; `None` where there is no such commit.
    pub(crate) fn message(&self, id: &CommitId) -> Option<String> {
        Some(decode_message(self.commit(id).ok()?.message_raw_sloppy()))
    }

    /// The parents of `id`, first parent first.
    pub(crate) fn parents(&self, id: &CommitId) -> Result<Vec<CommitId>> {
        let parents = self.parent_ids(&self.commit(id)?);
        parents.iter().map(|id| commit_id(id)).collect()
    }

    /// The content of the regular file at `path` as commit `id` has it; `None` where there is none.
    ///
    /// Errors: it is larger than 1 MiB.
    pub(crate) fn file_at(&self, id: &CommitId, path: &str) -> Result<Option<Vec<u8>>> {
        let content = self.content_at(id, path)?;
        content.map(|content| self.content(content, LARGEST_FILE)).transpose()
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

    /// The object that a commit has at `path`.
    pub(super) fn object_at(&self, id: gix::ObjectId, path: &BStr) -> Option<gix::ObjectId> {
        let tree = self.inner.find_commit(id).ok()?.tree().ok()?;
        let entry = tree.lookup_entry(path.split_str("/")).ok()??;
        Some(entry.object_id())
    }

    pub(super) fn commit(&self, id: &CommitId) -> Result<gix::Commit<'_>> {
        self.inner
            .find_commit(object_id(id)?)
            .map_err(|error| Error::new(format!("cannot read commit '{id}'")).because(&error))
    }

    fn changes(&self, commit: &gix::Commit<'_>) -> Changes {
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

    /// Whether history ends where the clone was cut off.
    pub(crate) fn is_shallow(&self) -> bool {
        self.inner.is_shallow().unwrap_or(false)
    }

    /// Whether objects may be missing that a remote has promised (gitformat-pack(5)). They are never fetched here.
    fn is_partial(&self) -> bool {
        let config = self.inner.config_snapshot();
        let promises = |name: &BStr| config.boolean(format!("remote.{name}.promisor").as_str()) == Some(true);
        self.inner.remote_names().iter().any(|name| promises(name.as_ref()))
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
            let similar = gix::diff::Rewrites::default();
            // What cannot be compared, for a partial clone does not have it, may still be found unchanged elsewhere.
            let identical = gix::diff::Rewrites {
                percentage: None,
                ..similar
            };
            (changes, renames_skipped) = match tree_changes(before, after, &mut blobs, Some(similar)) {
                Err(_) => (tree_changes(before, after, &mut blobs, Some(identical))?.0, true),
                found => found?,
            };
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
