//! Documents of a remote, where git has fetched them to: `refs/branchwork/remotes/<remote>/docs/<branch>/<id>`.
//!
//! Not here: fetching them (transport.rs), and what becomes of them. A remote is somebody else's: what it sends is looked at
//! before it is brought into memory.

use gix::bstr::ByteSlice;

use super::{FILE, Store};
use crate::error::{Error, Result};
use crate::names::{BranchName, CommitId, DocId};
use crate::repo::{commit_id, object_id};

/// Larger documents of a remote are not read.
pub(super) const LARGEST: u64 = 8 * 1024 * 1024;

/// What git is to fetch, so that the documents of `branch` are where [`Store::fetched`] looks for them.
pub(crate) fn refspec(remote: &str, branch: &BranchName) -> String {
    let branch = branch.as_str();
    format!("+refs/branchwork/docs/{branch}/*:{}*", folder(remote, branch))
}

/// The same for the documents of all branches.
pub(crate) fn all_refspec(remote: &str) -> String {
    format!("+refs/branchwork/docs/*:refs/branchwork/remotes/{remote}/docs/*")
}

/// The ref of a document on a remote, and the one that it is fetched to.
pub(crate) fn reference(remote: &str, branch: &BranchName, id: &DocId) -> (String, String) {
    let branch = branch.as_str();
    (
        format!("refs/branchwork/docs/{branch}/{id}"),
        format!("{}{id}", folder(remote, branch)),
    )
}

fn folder(remote: &str, branch: &str) -> String {
    format!("refs/branchwork/remotes/{remote}/docs/{branch}/")
}

impl Store {
    /// The text of the document of `branch` that was fetched from `remote`; of several the newest, as for those that are here.
    pub(crate) fn fetched(&self, remote: &str, branch: &BranchName) -> Result<Option<Vec<u8>>> {
        let newest = self.on_remote(remote, branch)?.pop();
        newest.map(|(_, version)| Ok(self.load(&version)?.0)).transpose()
    }

    /// Every document that was fetched from `remote`, and its branch there. Nothing is read of them.
    pub(crate) fn all_on_remote(&self, remote: &str) -> Result<Vec<(BranchName, DocId)>> {
        let folder = format!("refs/branchwork/remotes/{remote}/docs/");
        let unreadable = |error: gix::Error| Error::new("cannot list the documents of the remote").because(&error);
        let references = self.opened()?.references().map_err(unreadable)?;
        let found = references.prefixed(folder.as_str()).map_err(unreadable)?;
        let document = |name: &str| {
            let (branch, id) = name.strip_prefix(&folder)?.rsplit_once('/')?;
            Some((BranchName::new(branch)?, DocId::parse(id)?))
        };
        let names = found.filter_map(std::result::Result::ok);
        Ok(names
            .filter_map(|reference| document(reference.name().as_bstr().to_str().ok()?))
            .collect())
    }

    /// The versions that `tips` come from, themselves among them, and `known` do not; the newest first.
    pub(crate) fn versions_apart(&self, tips: &[CommitId], known: &[CommitId]) -> Result<Vec<CommitId>> {
        let ids = |versions: &[CommitId]| versions.iter().map(object_id).collect::<Result<Vec<_>>>();
        let unreadable = |error: &dyn std::error::Error| {
            Error::new("cannot walk the document's versions")
                .because(error)
                .hint("git branchwork doctor")
        };
        let walk = self.opened()?.rev_walk(ids(tips)?).with_hidden(ids(known)?);
        let walk = walk.all().map_err(|error| unreadable(&error))?;
        walk.map(|version| commit_id(&version.map_err(|error| unreadable(&error))?.id))
            .collect()
    }

    /// The documents of `branch` that were fetched from `remote`, by age.
    ///
    /// Errors: one of them is no document.
    pub(crate) fn on_remote(&self, remote: &str, branch: &BranchName) -> Result<Vec<(DocId, CommitId)>> {
        let folder = folder(remote, branch.as_str());
        let unreadable = |error: gix::Error| Error::new("cannot list the documents of the remote").because(&error);
        let references = self.opened()?.references().map_err(unreadable)?;
        let found = references.prefixed(folder.as_str()).map_err(unreadable)?;
        let mut documents = Vec::new();
        for reference in found.filter_map(std::result::Result::ok) {
            let name = reference.name().as_bstr().to_str().unwrap_or_default();
            // What lies deeper is another branch's.
            let id = name.strip_prefix(&folder).and_then(DocId::parse);
            if let (Some(id), Some(target)) = (id, reference.try_id()) {
                self.refuse_if_odd(target.detach())?;
                documents.push((id, commit_id(&target)?));
            }
        }
        documents.sort();
        Ok(documents)
    }

    /// The newest version that both come from; `None` where their histories have nothing in common.
    pub(crate) fn common(&self, one: &CommitId, other: &CommitId) -> Result<Option<CommitId>> {
        let base = self.opened()?.merge_base(object_id(one)?, object_id(other)?);
        let base = base.map_err(|error| {
            Error::new(format!("cannot compare the versions '{one}' and '{other}'"))
                .because(&error)
                .hint("git branchwork doctor")
        })?;
        base.map(|base| commit_id(&base)).transpose()
    }

    /// A version whose file is none, or is too large, is not read.
    fn refuse_if_odd(&self, version: gix::ObjectId) -> Result<()> {
        let odd = |why: &str| {
            Error::new("the remote's document cannot be used")
                .why(why)
                .hint("look at what the remote has: git ls-remote <remote> 'refs/branchwork/*'")
        };
        let unreadable = |error: gix::Error| odd("it is no version of a document").because(&error);
        let commit = self.opened()?.find_commit(version).map_err(unreadable)?;
        let tree = commit.tree().map_err(unreadable)?;
        let entry = tree
            .find_entry(FILE)
            .ok_or_else(|| odd("it has no file of a document"))?;
        if !entry.mode().is_blob() {
            return Err(odd("its file is no regular file"));
        }
        let header = self.opened()?.find_header(entry.oid()).map_err(unreadable)?;
        match header.size() > LARGEST {
            true => Err(odd("it is larger than 8 MiB")),
            false => Ok(()),
        }
    }
}
