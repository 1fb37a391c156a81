//! Plain facts that doors produce and the document absorbs.
//!
//! Not here: how they are found (repo/) and how they read in a document (document/updates/).

use chrono::{DateTime, Utc};

use crate::names::CommitId;

/// One commit, as an entry of Updates tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitFacts {
    /// The commit.
    pub id: CommitId,
    /// Its author time, which a rebase keeps.
    pub time: DateTime<Utc>,
    /// Who made it, without brackets or `@`: `claude`.
    pub who: String,
    /// The message as it is, decoded to UTF-8, line endings and trailers included.
    pub message: String,
    /// What it changed.
    pub changes: Changes,
}

/// Who made a commit, when and why: what rebase, cherry-pick and amend keep.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Identity {
    /// The author's name and e-mail address as git writes them.
    pub author: String,
    /// The author time, in seconds since 1970.
    pub time: i64,
    /// The subject as the heading of an entry shows it.
    pub subject: String,
}

/// What a commit changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Changes {
    /// The files, in the order of their paths.
    Files {
        /// One a changed path.
        files: Vec<FileChange>,
        /// Some renames were not looked for: too many candidates, or content that is not in this clone.
        renames_skipped: bool,
    },
    /// A merge: how many commits it brought in.
    Merge {
        /// Commits reachable from the other parents only.
        commits: usize,
        /// Counting stopped at `commits`.
        or_more: bool,
    },
    /// They could not be read (a shallow or partial clone); the reason in a few words.
    Unknown(String),
}

/// One changed path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileChange {
    /// Path from the top of the work tree, bytes that are not UTF-8 replaced.
    pub path: String,
    /// What happened to it.
    pub kind: ChangeKind,
    /// How many lines.
    pub lines: Lines,
}

/// What happened to a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// A new file.
    Added,
    /// Another content or mode.
    Modified,
    /// Gone.
    Deleted,
    /// Moved here.
    Renamed {
        /// The old path.
        from: String,
    },
}

/// How many lines a change added and removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lines {
    /// As `git diff --numstat` counts.
    Counted {
        /// Lines only in the new version.
        added: u64,
        /// Lines only in the old version.
        removed: u64,
    },
    /// A binary file.
    Binary,
    /// Not counted: too many files, or the content is not here.
    Unknown,
}
