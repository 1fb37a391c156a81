//! What a branch's own commits are told apart from: the trunk, and the base that its document names, as it is and as it was.
//!
//! Not here: which commits are the branch's own then (reconcile.rs).

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};

use crate::document::Document;
use crate::error::Result;
use crate::journeys::archive::made;
use crate::journeys::settle::Newest;
use crate::journeys::{Session, archived};
use crate::names::{BranchName, CommitId};
use crate::repo::{MOST_MOVEMENTS, Scope};
use crate::store::{Store, Stored};

/// How many versions of a base's document are looked at for commits that it told of.
const MOST_VERSIONS: usize = 500;

/// What a branch's commits are told apart from: the trunk, and the base that the document names.
pub(super) struct Base<'a> {
    session: &'a Session<'a>,
    store: &'a Store,
    /// The branch.
    above: &'a BranchName,
    /// The tips of the trunk, here and on remotes.
    pub(super) trunk_tips: Vec<CommitId>,
    /// The base, unless it is the trunk.
    pub(super) name: Option<BranchName>,
    /// Where that is now, here and on remotes.
    pub(super) tips: Vec<CommitId>,
    /// Its document.
    document: OnceCell<Option<Newest>>,
}

impl<'a> Base<'a> {
    /// Opens no object.
    pub(super) fn of(session: &'a Session<'_>, store: &'a Store, document: &Document, above: &'a BranchName) -> Self {
        let repository = &session.repository;
        let trunk = session.trunk().filter(|trunk| trunk != above);
        let named = document.front_matter().base();
        let name = named.filter(|base| base != above && Some(base) != trunk.as_ref());
        Self {
            session,
            store,
            above,
            trunk_tips: session.trunk_tips_for(above).to_vec(),
            tips: name.iter().flat_map(|base| repository.tips(base)).collect(),
            name,
            document: OnceCell::new(),
        }
    }

    /// Where no branch has the base's name any more it is the one that had it, as the reflogs tell. The document may go by
    /// either name.
    pub(super) fn follow_rename(&mut self) -> Result<()> {
        let repository = &self.session.repository;
        let Some(old) = self.name.as_ref().filter(|old| repository.tip(old).is_none()) else {
            return Ok(());
        };
        let lineage = repository.lineage(None, Scope::One)?;
        if let Some(name) = lineage.renamed(old).filter(|name| name != self.above) {
            self.tips.extend(repository.tips(&name));
            let document = Some(self.document()?.cloned()).filter(Option::is_some);
            self.document = document.map_or_else(OnceCell::new, OnceCell::from);
            self.name = Some(name);
        }
        Ok(())
    }

    /// The commits that, with all below them, are not the branch's own.
    pub(super) fn hidden(&self) -> Vec<CommitId> {
        self.trunk_tips.iter().chain(&self.tips).cloned().collect()
    }

    /// Where the base was, so that the work of a parent that was just amended is not taken for the child's: as its reflog
    /// tells, and as its document tells or told where the reflog is not as old as that. What the base lost is not among it,
    /// for that may have been moved to this branch: work that was begun on the wrong one. Where it is gone the archive tells.
    pub(super) fn past(&self) -> Result<Vec<CommitId>> {
        let Some(name) = &self.name else { return Ok(Vec::new()) };
        let repository = &self.session.repository;
        let mut past: Vec<CommitId> = repository.movements(name).into_iter().map(|(_, new)| new).collect();
        if let Some(newest) = self.document()? {
            let began = repository.beginning(name).map(|beginning| beginning.time.timestamp());
            let is_covered = began.is_some_and(|began| began <= newest.stored.id.made_at());
            if !is_covered || past.len() >= MOST_MOVEMENTS {
                past.extend(first_told(self.store, &newest.stored)?.into_keys());
            }
            let entries = newest.document.entries();
            let lost = entries.iter().filter(|entry| entry.is_dropped());
            let lost: HashSet<&CommitId> = lost.filter_map(|entry| entry.commit.as_ref()).collect();
            past.retain(|id| !lost.contains(id));
        } else if self.tips.is_empty() {
            let archived = archived::since(self.store, Some(self.above));
            let document = archived::last_of(self.store, &archived, name);
            past.extend(document.iter().flat_map(made));
        }
        let mut seen = HashSet::new();
        past.retain(|id| seen.insert(id.clone()));
        Ok(past)
    }

    /// The commits that the base's document tells of.
    pub(super) fn told(&self) -> Result<HashSet<CommitId>> {
        let entries = self
            .document()?
            .map(|newest| newest.document.entries())
            .unwrap_or_default();
        Ok(entries.into_iter().filter_map(|entry| entry.commit).collect())
    }

    pub(super) fn document(&self) -> Result<Option<&Newest>> {
        if self.document.get().is_none() {
            let newest = self.name.as_ref().map(|base| Newest::find(self.store, base));
            let _ = self.document.set(newest.transpose()?.flatten());
        }
        Ok(self.document.get().and_then(Option::as_ref))
    }
}

/// The commits that a document tells of or told of in a version before, each with when it did so first.
pub(super) fn first_told(store: &Store, stored: &Stored) -> Result<HashMap<CommitId, i64>> {
    let mut first = HashMap::new();
    for version in store.history(stored)?.into_iter().take(MOST_VERSIONS) {
        let document = Document::new(store.load(&version.id)?.0);
        for entry in document.entries() {
            if let Some(commit) = entry.commit {
                first.insert(commit, version.time.timestamp());
            }
        }
    }
    Ok(first)
}
