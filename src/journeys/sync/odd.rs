//! Documents that no clone would read: those of a remote that are none or too large, and ours before they are sent.
//!
//! One of them keeps nothing else from being synced. Not here: looking at what a remote has (store/remote.rs).

use crate::document::Document;
use crate::error::{Error, Result};
use crate::journeys::{Session, edit};
use crate::names::{BranchName, CommitId, DocId};
use crate::store::{LARGEST, Store, Stored};

/// What a remote has as documents of a branch, but for what is archived here: that does not come back to life because a remote still
/// has it.
#[derive(Debug, Default)]
pub(super) struct Parted {
    /// What can be used, or is replaced by ours without being read.
    pub(super) usable: Vec<(DocId, CommitId)>,
    /// What cannot, with the reason.
    pub(super) odd: Vec<(DocId, Error)>,
}

impl Parted {
    /// Why the branch's document cannot be synced: what cannot be used is that document itself, or all that there is.
    pub(super) fn in_the_way(&self, ours: Option<&Stored>) -> Option<Error> {
        let found = match ours {
            Some(ours) => self.odd.iter().find(|(id, _)| *id == ours.id),
            None => self.odd.last().filter(|_| self.usable.is_empty()),
        };
        found.map(|(_, error)| error.clone())
    }
}

/// Looks at what was fetched from `remote` as documents of `branch`.
pub(super) fn parted(store: &Store, remote: &str, branch: &BranchName, ours: Option<&Stored>) -> Result<Parted> {
    let mut parted = Parted::default();
    for (id, version) in store.on_remote(remote, branch)? {
        if store.archived_by_id(&id)?.is_some() {
            continue;
        }
        match store.refuse_if_odd(remote, branch, &id, &version) {
            Err(error) if !ours.is_some_and(|ours| has_replaced(store, &ours.version, &version)) => {
                parted.odd.push((id, error));
            }
            _ => parted.usable.push((id, version)),
        }
    }
    Ok(parted)
}

/// Whether `ours` was made from `theirs`, or from what was written anew in its place, so that `theirs` need not be read.
pub(super) fn has_replaced(store: &Store, ours: &CommitId, theirs: &CommitId) -> bool {
    let is_common = |common: Option<CommitId>| common.as_ref() == Some(theirs);
    store.common(ours, theirs).is_ok_and(is_common) || store.stands_for(ours, theirs).unwrap_or_default()
}

/// Why the document of `branch` is not sent, if it is too large for that.
pub(super) fn too_large(session: &Session<'_>, branch: &BranchName, document: &Document) -> Result<Option<Error>> {
    if !is_too_large(document) {
        return Ok(None);
    }
    let option = edit::branch_option(session.repository.current_branch()?.as_ref(), branch);
    let error = not_sent(&format!("the document of '{branch}'"));
    Ok(Some(
        error.hint(format!("make it smaller: git branchwork edit{option}")),
    ))
}

/// Whether no clone would read it.
pub(super) fn is_too_large(document: &Document) -> bool {
    document.text().len() as u64 > LARGEST
}

/// What is said of one that is too large.
pub(super) fn not_sent(what: &str) -> Error {
    Error::new(format!("{what} is not sent")).why("it is larger than 8 MiB, and no clone would read it")
}
