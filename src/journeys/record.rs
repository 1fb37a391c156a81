//! Commits were made or rewritten on a branch: Updates follows.
//!
//! Hooks are hints: what is looked at is the branch's tip and what the document tells. Not here: how the two are compared
//! (reconcile.rs).

use crate::document::updates::Rewritten;
use crate::error::Result;
use crate::names::{BranchName, CommitId};
use crate::repo::{Head, Operation};
use crate::store::{Access, Store, Writer};

use super::edit;
use super::open::{self, Outcome, Shown};
use super::reconcile::{Effort, compare, forget_used};
use super::settle::{Newest, Tracking};
use super::{Session, create::cannot_write};

/// Brings the document of HEAD's branch in line with its commits; makes it where there is none.
pub(crate) fn commit(session: &Session<'_>) -> Result<Outcome> {
    let stop = |operation: Operation| !matches!(operation, Operation::Merge | Operation::Pick);
    if session.repository.operation().is_some_and(stop) {
        return Ok(Outcome::Nothing);
    }
    let Some((branch, tip)) = branch_to_log(session)? else {
        return Ok(Outcome::Nothing);
    };
    let store = session.store_or_create()?;
    match store.access()? {
        Access::Writer(writer) => show(session, &writer, &branch, &tip),
        Access::ReadOnly(reason) => in_view(session, store, &branch, reason),
    }
}

/// What git's post-rewrite hook tells: `pairs` of old and new ids. They are kept until every document that tells of an old id
/// has used them: with `git rebase --apply` the branch has not moved yet, and with `--update-refs` other branches have too.
pub(crate) fn rewrite(session: &Session<'_>, pairs: &[(CommitId, CommitId)]) -> Result<Outcome> {
    let Some(store) = session.store()? else {
        return Ok(Outcome::Nothing);
    };
    let branch = branch_to_log(session)?;
    let during_rebase = matches!(session.repository.operation(), Some(Operation::Rebase(_)));
    if let Some((branch, _)) = branch.as_ref().filter(|_| !during_rebase)
        && !is_told(session, store, branch, pairs)?
    {
        return Ok(Outcome::Nothing);
    }
    let Access::Writer(writer) = store.access()? else {
        return Ok(Outcome::Nothing);
    };
    writer.add_rewritten(pairs)?;
    let outcome = match &branch {
        Some((branch, tip)) => show(session, &writer, branch, tip)?,
        None => Outcome::Nothing,
    };
    if branch.is_some() {
        forget_used(session, &writer, Some(session.repository.git_dir()))?;
    }
    Ok(outcome)
}

/// Whether the document of `branch` tells of a commit by its old id.
fn is_told(session: &Session<'_>, store: &Store, branch: &BranchName, pairs: &[(CommitId, CommitId)]) -> Result<bool> {
    let Some(stored) = open::find(session, store, branch)? else {
        return Ok(false);
    };
    let rewritten = Rewritten::new(pairs.iter().cloned());
    let entries = Newest::load(store, stored)?.document.entries();
    Ok(entries
        .iter()
        .filter_map(|entry| entry.commit.as_ref())
        .any(|id| rewritten.knows(id)))
}

fn show(session: &Session<'_>, writer: &Writer<'_>, branch: &BranchName, tip: &CommitId) -> Result<Outcome> {
    let Some(checkout) = open::here(session) else {
        return Ok(Outcome::Nothing);
    };
    let shown = Shown {
        branch,
        tip,
        checkout: &checkout,
        tracking: Tracking::Verify,
    };
    open::show(session, writer, &shown)
}

/// Where the store cannot be written, the view alone gets the entries.
fn in_view(session: &Session<'_>, store: &Store, branch: &BranchName, reason: String) -> Result<Outcome> {
    let Some(stored) = open::find(session, store, branch)? else {
        return Err(cannot_write(branch, reason));
    };
    let changed = edit::change(session, branch, &mut |document| {
        let did = compare(session, store, document, Some(&stored), branch, Effort::Bounded)?;
        Ok(did.unwrap_or_default())
    })?;
    Ok(Outcome::Shown(changed.notices))
}

/// HEAD's branch and its tip, where it has a document or should have one.
fn branch_to_log(session: &Session<'_>) -> Result<Option<(BranchName, CommitId)>> {
    if session.repository.work_tree().is_none() {
        return Ok(None);
    }
    Ok(match session.repository.head()? {
        Head::Branch(branch, tip) if !session.is_excluded(&branch) => Some((branch, tip)),
        _ => None,
    })
}
