//! Bringing documents up to date because somebody asks for it.
//!
//! Not here: what is done to each (reconcile.rs).

use std::cell::OnceCell;
use std::collections::BTreeMap;

use crate::error::Result;
use crate::names::{BranchName, CommitId, visible};
use crate::store::{Access, Stored};

use super::reconcile::{Effort, compare};
use super::settle::Newest;
use super::stack::{self, Stacks};
use super::{Notice, Session, edit, open};

/// What became of one document.
#[derive(Clone, Debug)]
pub(crate) struct Refreshed {
    /// Its branch.
    pub(crate) branch: BranchName,
    /// What was done, as the new versions say it; `None` where there was nothing to do.
    pub(crate) did: Option<String>,
    /// What to tell.
    pub(crate) notices: Vec<Notice>,
}

/// Refreshes the document of `branch`.
///
/// Errors: there is none.
pub(crate) fn branch(session: &Session<'_>, branch: &BranchName, effort: Effort) -> Result<Refreshed> {
    let stacks = OnceCell::new();
    let before = found(session, branch)?;
    let mut refreshed = one(session, branch, before, effort, &stacks)?;
    refreshed.notices.extend(unread(&stacks));
    remember(session, &stacks, std::slice::from_ref(&refreshed))?;
    Ok(refreshed)
}

/// Refreshes the documents of all branches of the stack that `branch` is in; what to tell beside what is told of each.
///
/// Errors: the trunk is not known.
pub(crate) fn stack(
    session: &Session<'_>,
    branch: &BranchName,
    effort: Effort,
) -> Result<(Vec<Refreshed>, Vec<Notice>)> {
    let (before, notices) = taken_in(session)?;
    let stacks = stack::stacks(session)?;
    let branches = stacks.tree.stack_of(branch).into_iter().cloned().collect();
    some(session, (before, notices), branches, effort, Some(stacks))
}

fn found(session: &Session<'_>, branch: &BranchName) -> Result<Option<Stored>> {
    let find = |store| open::find(session, store, branch);
    session.store()?.map_or(Ok(None), find)
}

/// `before` is its document. `stacks` are found out when they are needed first: after a renamed branch has its document.
fn one(
    session: &Session<'_>,
    branch: &BranchName,
    before: Option<Stored>,
    effort: Effort,
    stacks: &OnceCell<Option<Stacks>>,
) -> Result<Refreshed> {
    let outcome = edit::refresh(session, branch, effort, &mut |document| {
        let Some(stacks) = stacks.get_or_init(|| stack::stacks(session).ok()) else {
            return Ok(String::new());
        };
        let base = document.front_matter().base();
        let did = stack::update(session, document, stacks, branch, stack::Place::Told)?;
        if let Some(store) = session.store()?
            && document.front_matter().base() != base
        {
            // What is the branch's own is told apart by the base.
            compare(session, store, document, before.as_ref(), branch, effort)?;
        }
        Ok(did.unwrap_or_default())
    })?;
    let after = match (session.store()?, &before) {
        (Some(store), Some(before)) => store.latest(before)?.filter(|after| before.version != after.version),
        _ => found(session, branch)?,
    };
    let did = match (session.store()?, after) {
        (Some(store), Some(after)) => {
            let known: Vec<CommitId> = before.into_iter().map(|before| before.version).collect();
            let new = store.versions_apart(std::slice::from_ref(&after.version), &known);
            let subjects = new.iter().rev().map(|id| Ok(visible(&store.version(id)?.0.subject)));
            Some(subjects.collect::<Result<Vec<String>>>()?.join("; "))
        }
        _ => None,
    };
    Ok(Refreshed {
        branch: branch.clone(),
        did,
        notices: outcome.notices,
    })
}

/// Refreshes the documents of all branches that exist; what to tell beside what is told of each.
pub(crate) fn all(session: &Session<'_>, effort: Effort) -> Result<(Vec<Refreshed>, Vec<Notice>)> {
    let (before, notices) = taken_in(session)?;
    let stacks = stack::stacks(session).ok();
    let mut branches: Vec<BranchName> = before.keys().cloned().collect();
    // What a branch lost may be the work of those on it.
    branches.sort_by_key(|branch| stacks.as_ref().map(|stacks| stacks.tree.position(branch)));
    some(session, (before, notices), branches, effort, stacks)
}

/// The documents of all branches that exist, as they were before what people wrote into views was taken in: that counts for all
/// stacks. And what to tell.
fn taken_in(session: &Session<'_>) -> Result<(BTreeMap<BranchName, Stored>, Vec<Notice>)> {
    let Some(store) = session.store()? else {
        return Ok(Default::default());
    };
    let repository = &session.repository;
    let (documents, mut notices) = open::all(session, store)?;
    let by_name = |stored: Stored| Some((stored.branch.clone()?, stored));
    let mut before: BTreeMap<BranchName, Stored> = documents.into_iter().filter_map(by_name).collect();
    before.retain(|branch, _| repository.tip(branch).is_some());
    for (branch, stored) in before
        .iter()
        .filter(|(branch, _)| repository.checkout_of(branch).is_some())
    {
        let shown = edit::as_it_stands(session, branch)?;
        if shown != Some(Newest::load(store, stored.clone())?.document) {
            let read = edit::read_if_any(session, branch)?;
            Notice::add(&mut notices, read.map(|read| read.notices).unwrap_or_default());
        }
    }
    Ok((before, notices))
}

/// What tools recorded and could not be read: who asks for all that is known is told what was left out.
fn unread(stacks: &OnceCell<Option<Stacks>>) -> Vec<Notice> {
    let stacks = stacks.get().and_then(Option::as_ref);
    let unreadable = stacks.into_iter().flat_map(|stacks| &stacks.unreadable);
    unreadable.cloned().map(Notice::NotRead).collect()
}

/// Refreshes those of `branches` that have a document, which was that of `before`.
fn some(
    session: &Session<'_>,
    (mut before, mut notices): (BTreeMap<BranchName, Stored>, Vec<Notice>),
    branches: Vec<BranchName>,
    effort: Effort,
    stacks: Option<Stacks>,
) -> Result<(Vec<Refreshed>, Vec<Notice>)> {
    let stacks = OnceCell::from(stacks);
    let mut refreshed = Vec::new();
    for branch in branches {
        if let Some(before) = before.remove(&branch) {
            refreshed.push(one(session, &branch, Some(before), effort, &stacks)?);
        }
    }
    remember(session, &stacks, &refreshed)?;
    notices.extend(unread(&stacks));
    Ok((refreshed, notices))
}

/// What was found out by looking at all branches is there for the hooks, which do not.
fn remember(session: &Session<'_>, stacks: &OnceCell<Option<Stacks>>, refreshed: &[Refreshed]) -> Result<()> {
    if let Some(Some(stacks)) = stacks.get()
        && let Some(store) = session.store()?
        && let Access::Writer(writer) = store.access()?
    {
        let branches: Vec<BranchName> = refreshed.iter().map(|one| one.branch.clone()).collect();
        stack::remember_all(&writer, stacks, &branches)?;
    }
    Ok(())
}
