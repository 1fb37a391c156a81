//! Writing to the store: one writer at a time, each change a commit, each ref moved only from where it was seen. Only git's fetch and
//! push move refs of remotes without our lock.
//!
//! Not here: the view, which is replaced while the same lock is held (journeys/settle.rs).

use std::fs::{File, OpenOptions, TryLockError};
use std::io::ErrorKind;
use std::time::Duration;

use chrono::{DateTime, Utc};
use gix::objs::Kind;
use gix::refs::Target;
use gix::refs::transaction::{Change, LogChange, PreviousValue, RefEdit, RefLog};

use super::{FILE, Place, REMOTES, Store, Stored, TextId, loose, refs};
use crate::error::{Error, Result};
use crate::names::{BranchName, CommitId, DocId};
use crate::repo::{commit_id, object_id};

/// How often a writer asks for the lock, a millisecond apart: a hook must never hang.
const MOST_TRIES: usize = 5_000;
pub(super) const RESCUED: &str = "refs/branchwork/rescued/";

/// Who makes a version, given explicitly: a hook inherits the author of the commit being made from its environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Author {
    /// The user's name.
    pub(crate) name: String,
    /// The user's e-mail address.
    pub(crate) email: String,
    /// When.
    pub(crate) time: DateTime<Utc>,
}

/// Whether the store can be written.
pub(crate) enum Access<'a> {
    /// It can, and nobody else writes meanwhile.
    Writer(Writer<'a>),
    /// It lies on something that cannot be written; the reason.
    ReadOnly(String),
}

/// Leave to write, for as long as it lives. The kernel takes the lock back when the process ends, however it ends.
#[must_use = "the lock is given back when this is dropped"]
pub(crate) struct Writer<'a> {
    store: &'a Store,
    _lock: File,
}

impl Store {
    /// Waits for the writers' lock, for a bounded time.
    pub(crate) fn access(&self) -> Result<Access<'_>> {
        let path = self.path.join("lock");
        let cannot =
            |error: &dyn std::error::Error| Error::new(format!("cannot lock '{}'", path.display())).because(error);
        let opened = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
        let lock = match opened {
            Ok(lock) => lock,
            Err(error) if is_read_only(&error) => return Ok(Access::ReadOnly(error.to_string())),
            Err(error) => return Err(cannot(&error)),
        };
        for _ in 0..MOST_TRIES {
            match lock.try_lock() {
                Ok(()) => {
                    return Ok(Access::Writer(Writer {
                        store: self,
                        _lock: lock,
                    }));
                }
                Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(1)),
                Err(TryLockError::Error(error)) => return Err(cannot(&error)),
            }
        }
        Err(Error::new(format!(
            "another git-branchwork has held '{}' for 5 seconds",
            path.display()
        ))
        .hint("wait for it, or end it, then run the command again"))
    }
}

impl<'a> Writer<'a> {
    /// The store that is written.
    pub(crate) fn store(&self) -> &'a Store {
        self.store
    }

    /// Makes the first version of a document.
    pub(crate) fn create(
        &self,
        branch: &BranchName,
        id: DocId,
        text: &[u8],
        subject: &str,
        author: &Author,
    ) -> Result<Stored> {
        let (version, _) = self.commit(text, &[], subject, author, author)?;
        let stored = Stored {
            branch: Some(branch.clone()),
            id,
            version,
        };
        self.point(&stored.name(), &stored.version, Place::Missing)?;
        Ok(stored)
    }

    /// Makes the next version of a document, and names its text. The caller has seen to it that the text is another one.
    pub(crate) fn save(
        &self,
        stored: &Stored,
        text: &[u8],
        subject: &str,
        author: &Author,
    ) -> Result<(Stored, TextId)> {
        let (version, text_id) = self.commit(text, &[&stored.version], subject, author, author)?;
        self.point(&stored.name(), &version, Place::At(object_id(&stored.version)?))?;
        let stored = Stored {
            version,
            ..stored.clone()
        };
        Ok((stored, text_id))
    }

    /// Gives a document to another branch, or ends its life (`None`). Its id and history stay.
    pub(crate) fn move_to(&self, stored: &Stored, branch: Option<&BranchName>) -> Result<Stored> {
        if branch.is_some() {
            self.store.refuse_archived(&stored.id)?;
        }
        let moved = Stored {
            branch: branch.cloned(),
            ..stored.clone()
        };
        self.point(&moved.name(), &moved.version, Place::Any)?;
        self.delete(stored)?;
        Ok(moved)
    }

    /// Removes a document's ref, if it stands at this version.
    pub(super) fn delete(&self, stored: &Stored) -> Result<()> {
        self.forget(&stored.name(), &stored.version)
    }

    /// Removes a ref, if it stands at this version.
    pub(super) fn forget(&self, name: &str, version: &CommitId) -> Result<()> {
        let gone = Change::Delete {
            expected: PreviousValue::MustExistAndMatch(Target::Object(object_id(version)?)),
            log: RefLog::AndReference,
        };
        self.edit(name, gone)
    }

    /// Keeps a text that no version has, so that its name can be remembered as one that an edit began from.
    pub(crate) fn keep(&self, text: &[u8]) -> Result<TextId> {
        let blob = self.object(Kind::Blob, text)?;
        Ok(TextId(commit_id(&blob)?))
    }

    /// Saves a text that is no document of the store; returns the ref that holds it from now on.
    pub(crate) fn rescue(&self, id: &DocId, text: &[u8], subject: &str, author: &Author) -> Result<String> {
        let (version, _) = self.commit(text, &[], subject, author, author)?;
        let name = format!("{RESCUED}{id}");
        self.point(&name, &version, Place::Missing)?;
        Ok(name)
    }

    /// Makes a version of two, which no ref names yet. `latest`: whose words count where both changed the same, and when they
    /// wrote them.
    pub(crate) fn join(
        &self,
        [one, other]: [&CommitId; 2],
        text: &[u8],
        subject: &str,
        latest: &Author,
        merger: &Author,
    ) -> Result<CommitId> {
        let (version, _) = self.commit(text, &[one, other], subject, latest, merger)?;
        Ok(version)
    }

    /// Makes a version that no ref names, and that is no document's.
    pub(crate) fn unnamed(&self, text: &[u8], subject: &str, author: &Author) -> Result<CommitId> {
        let (version, _) = self.commit(text, &[], subject, author, author)?;
        Ok(version)
    }

    /// Makes a version that is here already the newest of a document: its own, or one that `branch` gets now.
    pub(crate) fn forward(
        &self,
        branch: &BranchName,
        id: DocId,
        before: Option<&CommitId>,
        version: CommitId,
    ) -> Result<Stored> {
        let stored = Stored {
            branch: Some(branch.clone()),
            id,
            version,
        };
        let place = match before {
            Some(before) => Place::At(object_id(before)?),
            None => {
                self.store.refuse_archived(&stored.id)?;
                Place::Any
            }
        };
        self.point(&stored.name(), &stored.version, place)?;
        Ok(stored)
    }

    /// Remembers where a ref of a remote is.
    pub(crate) fn note_remote(&self, name: &str, version: &CommitId) -> Result<()> {
        self.point(name, version, Place::Any)
    }

    /// The commit of a version, and its text's name.
    fn commit(
        &self,
        text: &[u8],
        parents: &[&CommitId],
        subject: &str,
        author: &Author,
        committer: &Author,
    ) -> Result<(CommitId, TextId)> {
        let blob = self.object(Kind::Blob, text)?;
        let entry = gix::objs::tree::Entry {
            mode: gix::objs::tree::EntryKind::Blob.into(),
            filename: FILE.into(),
            oid: blob,
        };
        let tree = gix::objs::Tree { entries: vec![entry] };
        let tree = self.object(Kind::Tree, &encoded(&tree)?)?;
        let commit = gix::objs::Commit {
            tree,
            parents: parents.iter().map(|parent| object_id(parent)).collect::<Result<_>>()?,
            author: signature(author),
            committer: signature(committer),
            encoding: None,
            message: format!("{}\n", subject.lines().next().unwrap_or_default()).into(),
            extra_headers: Vec::new(),
        };
        let commit = self.object(Kind::Commit, &encoded(&commit)?)?;
        Ok((commit_id(&commit)?, TextId(commit_id(&blob)?)))
    }

    pub(super) fn object(&self, kind: Kind, data: &[u8]) -> Result<gix::ObjectId> {
        if let Some(id) = loose::write(&self.store.path, self.store.format, kind, data)? {
            return Ok(id);
        }
        gix::objs::Write::write_buf(&self.store.opened()?.objects, kind, data)
            .map_err(|error| Error::new("cannot write to the store").because(&error))
    }

    /// Points a ref at a version, if it stands at `before`.
    pub(super) fn point(&self, name: &str, version: &CommitId, before: Place) -> Result<()> {
        let version = object_id(version)?;
        if self.store.is_ours && refs::write(&self.store.path, name, &version, before) {
            return Ok(());
        }
        let update = Change::Update {
            log: LogChange::default(),
            expected: match before {
                Place::Any => PreviousValue::Any,
                Place::Missing => PreviousValue::MustNotExist,
                Place::At(id) => PreviousValue::MustExistAndMatch(Target::Object(id)),
            },
            new: Target::Object(version),
        };
        self.edit(name, update)
    }

    fn edit(&self, name: &str, change: Change) -> Result<()> {
        let cannot = || Error::new(format!("cannot write '{name}' in the store"));
        // Every writer of ours holds the lock, so a lock file on a ref of ours is what a killed one left behind. What is of a remote
        // git writes too, while nobody holds the lock.
        let ours = [name, "packed-refs"].into_iter().filter(|_| !name.starts_with(REMOTES));
        for locked in ours {
            match std::fs::remove_file(self.store.path.join(format!("{locked}.lock"))) {
                Err(error) if error.kind() != ErrorKind::NotFound && error.kind() != ErrorKind::NotADirectory => {
                    return Err(cannot().because(&error));
                }
                _ => {}
            }
        }
        let edit = RefEdit {
            change,
            name: name
                .try_into()
                .map_err(|error: gix::validate::reference::name::Error| cannot().because(&error))?,
            deref: false,
        };
        self.store
            .opened()?
            .edit_references_as(Some(edit), None)
            .map_err(|error| cannot().because(&error))?;
        Ok(())
    }
}

/// An author as git writes one.
pub(super) fn signature(author: &Author) -> gix::actor::Signature {
    gix::actor::Signature {
        name: plain(&author.name).into(),
        email: plain(&author.email).into(),
        time: gix::date::Time::new(author.time.timestamp(), 0),
    }
}

pub(super) fn encoded(object: &dyn gix::objs::WriteTo) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let written = object.write_to(&mut bytes);
    written.map_err(|error| Error::new("cannot write to the store").because(&error))?;
    Ok(bytes)
}

/// What git allows in a name or an address: no line ends, no angle brackets.
fn plain(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control() && !"<>".contains(*c))
        .collect::<String>()
        .trim()
        .to_owned()
}

/// Whether the folder cannot be written by anybody or by us, so that waiting or trying again is of no use.
fn is_read_only(error: &std::io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repo::ObjectFormat;

    #[test]
    fn only_locks_of_ours_are_removed() {
        let folder = crate::temporary::folder();
        let store = Store::open_or_create(folder.path(), ObjectFormat::Sha1).unwrap();
        let Access::Writer(writer) = store.access().unwrap() else {
            panic!("cannot be written")
        };
        let author = Author {
            name: "Ada".into(),
            email: String::new(),
            time: DateTime::UNIX_EPOCH,
        };
        let branch = BranchName::new("a").unwrap();
        let stored = writer
            .create(&branch, DocId::new(1, 2), b"one", "create", &author)
            .unwrap();
        let lock = |name: &str| store.path().join(format!("{name}.lock"));
        std::fs::write(lock(&stored.name()), "").unwrap();
        let (stored, _) = writer.save(&stored, b"two", "edit", &author).unwrap();
        assert!(!lock(&stored.name()).exists());
        let of_remote = format!("{REMOTES}origin/docs/a/{}", stored.id);
        writer.note_remote(&of_remote, &stored.version).unwrap();
        std::fs::write(lock(&of_remote), "git's").unwrap();
        assert!(writer.note_remote(&of_remote, &stored.version).is_err());
        assert_eq!(std::fs::read(lock(&of_remote)).unwrap(), b"git's");
    }
}
