//! Documents of a remote, where git has fetched them to: `refs/branchwork/remotes/<remote>/docs/<branch>/<id>`.
//!
//! Not here: fetching them (transport.rs), and what becomes of them. A remote is somebody else's: what it sends is looked at
//! before it is brought into memory.

use std::collections::{HashSet, VecDeque};

use super::{FILE, LIVE, REMOTES, Store};
use crate::check::quoted;
use crate::error::{Error, Result};
use crate::names::{BranchName, CommitId, DocId, visible};
use crate::repo::{commit_id, object_id};

/// How the names of all refs of ours begin.
const OURS: &str = "refs/branchwork/";
/// Larger documents of a remote are not read, and not sent to one.
pub(crate) const LARGEST: u64 = 8 * 1024 * 1024;

/// What git is to fetch, so that the documents of `branch` are where [`Store::fetched`] looks for them.
pub(crate) fn refspec(remote: &str, branch: &BranchName) -> String {
    let branch = branch.as_str();
    format!("+{LIVE}{branch}/*:{}*", folder(remote, branch))
}

/// The same for one document, whatever branch it is under there.
pub(crate) fn refspec_of(remote: &str, id: &DocId) -> String {
    format!("+{LIVE}*/{id}:{}*/{id}", documents_of(remote))
}

/// The same for the documents of all branches.
pub(crate) fn all_refspec(remote: &str) -> String {
    format!("+{LIVE}*:{}*", documents_of(remote))
}

/// The ref of a document on a remote.
pub(crate) fn reference(branch: &BranchName, id: &DocId) -> String {
    format!("{LIVE}{}/{id}", branch.as_str())
}

/// Where a ref of a remote is kept here.
pub(crate) fn fetched_to(remote: &str, reference: &str) -> String {
    let rest = reference.strip_prefix(OURS).unwrap_or(reference);
    format!("{REMOTES}{remote}/{rest}")
}

/// The ref of a remote that is kept here under this name.
pub(crate) fn fetched_from(remote: &str, name: &str) -> String {
    name.replacen(&format!("{REMOTES}{remote}/"), OURS, 1)
}

/// The branch and the id of the document that a ref of a remote is; `None` for another ref.
pub(crate) fn document(reference: &str) -> Option<(BranchName, DocId)> {
    let (branch, id) = reference.strip_prefix("refs/branchwork/docs/")?.rsplit_once('/')?;
    Some((BranchName::new(branch)?, DocId::parse(id)?))
}

/// The folder of the refs of a branch's documents, with a slash at the end.
pub(super) fn folder(remote: &str, branch: &str) -> String {
    format!("{}{branch}/", documents_of(remote))
}

/// The folder of the refs of all documents of a remote. Nothing else may be asked for: `remotes/a/` holds what is of `a/b` too.
pub(super) fn documents_of(remote: &str) -> String {
    format!("{REMOTES}{remote}/docs/")
}

impl Store {
    /// The text of the document of `branch` that was fetched from `remote`; of several the newest, as for those that are here.
    ///
    /// Errors: none of them can be used.
    pub(crate) fn fetched(&self, remote: &str, branch: &BranchName) -> Result<Option<Vec<u8>>> {
        let mut odd = None;
        for (id, version) in self.on_remote(remote, branch)?.into_iter().rev() {
            match self.refuse_if_odd(remote, branch, &id, &version) {
                Ok(()) => return Ok(Some(self.load(&version)?.0)),
                Err(error) => odd = odd.or(Some(error)),
            }
        }
        odd.map_or(Ok(None), Err)
    }

    /// Every document that was fetched from `remote`, and its branch there. Nothing is read of them.
    pub(crate) fn all_on_remote(&self, remote: &str) -> Result<Vec<(BranchName, DocId)>> {
        let folder = documents_of(remote);
        let document = |name: &str| {
            let (branch, id) = name.strip_prefix(&folder)?.rsplit_once('/')?;
            Some((BranchName::new(branch)?, DocId::parse(id)?))
        };
        let found = self.refs_below(&folder)?.into_iter();
        Ok(found.filter_map(|(name, _)| document(&name)).collect())
    }

    /// Where a document is on a remote, as it was fetched, whatever branch it is under there.
    pub(crate) fn everywhere_on_remote(&self, remote: &str, id: &DocId) -> Result<Vec<CommitId>> {
        let mut found = Vec::new();
        for (branch, _) in self.all_on_remote(remote)?.into_iter().filter(|(_, there)| there == id) {
            let there = self.on_remote(remote, &branch)?.into_iter();
            found.extend(there.filter(|(there, _)| there == id).map(|(_, version)| version));
        }
        Ok(found)
    }

    /// The versions that `tips` come from, themselves among them, and `known` do not. What is not here is passed over.
    pub(crate) fn versions_apart(&self, tips: &[CommitId], known: &[CommitId]) -> Vec<CommitId> {
        let (mut found, reached_the_first) = self.walk_from(tips, known);
        // Most of the time all that is new stands on a version that is known by name.
        if reached_the_first && !known.is_empty() {
            let (had, _) = self.walk_from(known, &[]);
            let had: HashSet<CommitId> = had.into_iter().collect();
            found.retain(|version| !had.contains(version));
        }
        found
    }

    /// The versions from these back, those of `stops` and what is only behind them left out; and whether the first one was
    /// reached.
    fn walk_from(&self, tips: &[CommitId], stops: &[CommitId]) -> (Vec<CommitId>, bool) {
        let mut seen: HashSet<CommitId> = stops.iter().cloned().collect();
        let mut next: VecDeque<CommitId> = tips.iter().cloned().collect();
        let (mut found, mut reached_the_first) = (Vec::new(), false);
        while let Some(id) = next.pop_front() {
            if !seen.insert(id.clone()) {
                continue;
            }
            if let Ok((_, parents)) = self.version(&id) {
                reached_the_first |= parents.is_empty();
                next.extend(parents);
                found.push(id);
            }
        }
        (found, reached_the_first)
    }

    /// Whether `remote` had this document of `branch` when it was looked at last.
    pub(crate) fn was_on_remote(&self, remote: &str, branch: &BranchName, id: &DocId) -> Result<bool> {
        let reference = format!("{}{id}", folder(remote, branch.as_str()));
        Ok(self.target(&reference)?.is_some())
    }

    /// What was fetched from `remote` as documents of `branch`, by age. Nothing is read of them: see [`Store::refuse_if_odd`].
    pub(crate) fn on_remote(&self, remote: &str, branch: &BranchName) -> Result<Vec<(DocId, CommitId)>> {
        let folder = folder(remote, branch.as_str());
        // What lies deeper is another branch's.
        let found = self.refs_below(&folder)?.into_iter();
        let found = found.filter_map(|(name, version)| Some((DocId::parse(name.strip_prefix(&folder)?)?, version)));
        let documents = found.map(|(id, version)| Ok((id, commit_id(&version)?)));
        let mut documents: Vec<_> = documents.collect::<Result<_>>()?;
        documents.sort();
        Ok(documents)
    }

    /// The newest version that both come from; `None` where their histories have nothing in common.
    pub(crate) fn common(&self, one: &CommitId, other: &CommitId) -> Result<Option<CommitId>> {
        let tips = [object_id(one)?, object_id(other)?];
        let bases = self.opened()?.merge_bases_many(tips[0], &tips[1..]);
        let bases = bases.map_err(|error| {
            Error::new(format!("cannot compare the versions '{one}' and '{other}'"))
                .because(&error)
                .hint("git branchwork doctor")
        })?;
        // Gix finds it, but may put older ones before it where clocks are equal or wrong.
        let tip = bases.iter().find(|base| tips.iter().any(|tip| *tip == base.detach()));
        tip.or(bases.first()).map(|base| commit_id(base)).transpose()
    }

    /// Fails where what `remote` has as a document of `branch` is none, or is too large to be read.
    pub(crate) fn refuse_if_odd(
        &self,
        remote: &str,
        branch: &BranchName,
        id: &DocId,
        version: &CommitId,
    ) -> Result<()> {
        let name = reference(branch, id);
        let odd = |why: &str| {
            Error::new(format!("'{name}' on '{}' cannot be used", visible(remote)))
                .why(why)
                .hint(format!(
                    "whoever sent it mends it and syncs; else remove it there: git push {} --delete {}",
                    quoted(remote),
                    quoted(&name)
                ))
        };
        let unreadable = |error: gix::Error| odd("it is no version of a document").because(&error);
        let commit = self.opened()?.find_commit(object_id(version)?).map_err(unreadable)?;
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use chrono::DateTime;

    use super::*;
    use crate::repo::ObjectFormat;
    use crate::store::{Access, Author};

    /// Whatever the clocks say: of two versions, one of which comes from the other, that one is what both come from; and no
    /// version that one side has is taken for one that both have.
    #[test]
    fn who_comes_from_whom_does_not_depend_on_clocks() {
        let folder = crate::temporary::folder();
        let store = Store::open_or_create(folder.path(), ObjectFormat::Sha1).unwrap();
        let Access::Writer(writer) = store.access().unwrap() else {
            panic!("cannot be written")
        };
        let mut random: u64 = 0x9e37_79b9_7f4a_7c15;
        let mut below = |end: usize| {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            usize::try_from(random).unwrap_or_default() % end
        };
        for seconds in [1, 3, 1_000_000] {
            let mut versions: Vec<(CommitId, BTreeSet<usize>)> = Vec::new();
            for number in 0..30 {
                let author = Author {
                    name: "Ada".into(),
                    email: String::new(),
                    time: DateTime::from_timestamp(1_756_493_700 + below(seconds) as i64, 0).unwrap(),
                };
                let text = format!("{seconds} {number}");
                let (version, parents) = match number {
                    0 => {
                        let (branch, id) = (
                            BranchName::new(&format!("b{seconds}")).unwrap(),
                            DocId::new(1, seconds as u128),
                        );
                        let made = writer.create(&branch, id, text.as_bytes(), "create", &author).unwrap();
                        (made.version, Vec::new())
                    }
                    _ => {
                        let recent = |below: &mut dyn FnMut(usize) -> usize| number - 1 - below(number.min(8));
                        let parents = [recent(&mut below), recent(&mut below)];
                        let ids = parents.map(|parent| &versions[parent].0);
                        let version = writer.join(ids, text.as_bytes(), "join", &author, &author).unwrap();
                        (version, parents.to_vec())
                    }
                };
                let mut from: BTreeSet<usize> = parents.iter().flat_map(|parent| versions[*parent].1.clone()).collect();
                from.insert(number);
                versions.push((version, from));
            }
            for (one, (version, from)) in versions.iter().enumerate() {
                for (other, (second, seconds_from)) in versions.iter().enumerate().skip(one) {
                    let common = store.common(version, second).unwrap().unwrap();
                    let place = versions.iter().position(|(version, _)| *version == common).unwrap();
                    assert!(from.contains(&place) && seconds_from.contains(&place), "{one} {other}");
                    if from.contains(&other) || seconds_from.contains(&one) {
                        assert_eq!(place, one.min(other), "{one} {other}");
                    }
                    let apart = store.versions_apart(std::slice::from_ref(version), std::slice::from_ref(second));
                    let apart: BTreeSet<CommitId> = apart.into_iter().collect();
                    let expected = from.difference(seconds_from).map(|place| versions[*place].0.clone());
                    assert_eq!(apart, expected.collect(), "{one} {other}");
                }
            }
        }
    }
}
