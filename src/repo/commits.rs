//! One commit: its author and message, and files as it has them.
//!
//! Not here: what it changes (changes.rs), and walking history (history.rs).

use std::fmt;

use chrono::{DateTime, Utc};
use gix::bstr::{BStr, ByteSlice};
use gix::objs::tree::EntryMode;
use gix::objs::{CommitRefIter, TreeRefIter};

use super::{Repository, commit_id, object_id};
use crate::actor::Actor;
use crate::document::message;
use crate::error::{Error, Result};
use crate::facts::{CommitFacts, Identity};
use crate::names::CommitId;

/// Larger files are not read from a commit, in bytes.
const LARGEST_FILE: u64 = 1024 * 1024;

/// The name of a file's content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ContentId(pub(super) gix::ObjectId);

/// What stands at a path of a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Entry {
    /// A regular file.
    File,
    /// A folder, a link, a submodule.
    Other,
}

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
        let entry = self.entry_at(id, path)?;
        Ok(entry.filter(|(_, is)| *is == Entry::File).map(|(content, _)| content))
    }

    /// What commit `id` has at `path`; `None` where there is nothing.
    pub(crate) fn entry_at(&self, id: &CommitId, path: &str) -> Result<Option<(ContentId, Entry)>> {
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
                None if entry.mode.is_blob() => return Ok(Some((ContentId(found), Entry::File))),
                None => return Ok(Some((ContentId(found), Entry::Other))),
                Some(_) if entry.mode.is_tree() => {}
                Some(_) => return Ok(None),
            }
        }
        Ok(None)
    }

    /// What an object holds that is asked for once, and of which there may be many: it is not kept in memory.
    pub(super) fn data_of(&self, id: gix::ObjectId) -> std::result::Result<Vec<u8>, gix::Error> {
        match self.loose().read(&id) {
            Some((_, data)) => Ok(data),
            None => Ok(self.inner.find_object(id)?.detach().data),
        }
    }

    /// The content that has this name. Errors: it is not here, or larger than `most` bytes.
    pub(crate) fn content(&self, id: ContentId, most: u64) -> Result<Vec<u8>> {
        let unreadable = |error: gix::Error| Error::new("cannot read a file of a commit").because(&error);
        let read = self.read_up_to(id.0, most).map_err(unreadable)?;
        let too_large = |size| Error::new(format!("a file of a commit has {size} bytes, more than {most}"));
        read.map(|(_, data)| data).map_err(too_large)
    }

    /// The message of `id`; `None` where there is no such commit.
    pub(crate) fn message(&self, id: &CommitId) -> Option<String> {
        Some(decode_message(self.commit(id).ok()?.message_raw_sloppy()))
    }

    /// The parents of `id`, first parent first.
    pub(crate) fn parents(&self, id: &CommitId) -> Result<Vec<CommitId>> {
        let node = self.node(object_id(id)?);
        let node = node.ok_or_else(|| Error::new(format!("cannot read commit '{id}'")).hint("git fsck"))?;
        node.parents.iter().map(|id| commit_id(id)).collect()
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
        self.entry_at(id, path).is_ok_and(|entry| entry.is_some())
    }

    /// What a commit has at `path`.
    pub(super) fn object_at(&self, id: gix::ObjectId, path: &BStr) -> Option<(EntryMode, gix::ObjectId)> {
        let tree = self.inner.find_commit(id).ok()?.tree().ok()?;
        let entry = tree.lookup_entry(path.split_str("/")).ok()??;
        Some((entry.mode(), entry.object_id()))
    }

    pub(super) fn commit(&self, id: &CommitId) -> Result<gix::Commit<'_>> {
        self.inner
            .find_commit(object_id(id)?)
            .map_err(|error| Error::new(format!("cannot read commit '{id}'")).because(&error))
    }

    /// Whether history ends where the clone was cut off.
    pub(crate) fn is_shallow(&self) -> bool {
        self.inner.is_shallow().unwrap_or(false)
    }

    /// Whether objects may be missing that a remote has promised (gitformat-pack(5)). They are never fetched here.
    pub(super) fn is_partial(&self) -> bool {
        let config = self.inner.config_snapshot();
        let promises = |name: &BStr| config.boolean(format!("remote.{name}.promisor").as_str()) == Some(true);
        self.inner.remote_names().iter().any(|name| promises(name.as_ref()))
    }
}

/// A message as UTF-8. What is not UTF-8 is taken for Latin-1, as git does where a commit names no encoding.
fn decode_message(bytes: &BStr) -> String {
    match bytes.to_str() {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
    }
}
