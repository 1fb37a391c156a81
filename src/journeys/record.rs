//! A commit was made on a branch: its entry goes into Updates.
//!
//! Hooks are hints: what is looked at is the branch's tip. Not here: commits that a rebase rewrote.

use crate::document::message;
use crate::error::Result;
use crate::facts::CommitFacts;
use crate::names::{BranchName, CommitId};
use crate::repo::{Head, Operation};
use crate::store::{Access, Writer};

use super::create::{cannot_write, create_unasked};
use super::edit;
use super::{Notice, Session};

/// What became of a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Nothing to log: detached, a rebase under way, an excluded branch.
    Nothing,
    /// The branch's document has it.
    Logged(Vec<Notice>),
    /// The same, and the document was made now.
    Created(BranchName, Vec<Notice>),
}

/// Logs the commit that HEAD's branch points at. Where it replaced another one (`git commit --amend`), that one's entry is
/// brought up to date instead.
pub(crate) fn commit(session: &Session<'_>) -> Result<Outcome> {
    let Some((branch, tip)) = branch_to_log(session)? else {
        return Ok(Outcome::Nothing);
    };
    if let Some(outcome) = make_if_missing(session, &branch)? {
        return Ok(outcome);
    }
    let facts = session.repository.commit_facts(&tip)?;
    let replaced = replaced_commit(session, &tip)?;
    let limits = session.limits();
    let logged = edit::change(session, &branch, &mut |document| {
        if let Some(old) = replaced.as_ref().filter(|old| document.entry_of(old).is_some()) {
            follow(session, document, old, &facts)?;
            return Ok(format!("amend: {}", subject(&facts)));
        }
        document.log_commit(&facts, &limits)?;
        Ok(format!("log: {}", subject(&facts)))
    })?;
    Ok(Outcome::Logged(logged.notices))
}

/// Logs HEAD's commit if it is a merge: git runs no post-commit hook for a merge without conflicts.
pub(crate) fn merge(session: &Session<'_>) -> Result<Outcome> {
    match session.repository.head()? {
        Head::Branch(_, tip) if session.repository.parents(&tip)?.len() > 1 => commit(session),
        _ => Ok(Outcome::Nothing),
    }
}

/// Brings the entries of amended commits up to date. `pairs` are the old and new ids that git gives the post-rewrite hook.
pub(crate) fn amend(session: &Session<'_>, pairs: &[(CommitId, CommitId)]) -> Result<Outcome> {
    let Some((branch, _)) = branch_to_log(session)? else {
        return Ok(Outcome::Nothing);
    };
    if session.store()?.is_none() {
        return Ok(Outcome::Nothing);
    }
    let before = edit::read(session, &branch)?;
    if pairs.iter().all(|(old, _)| before.document.entry_of(old).is_none()) {
        return Ok(Outcome::Logged(before.notices));
    }
    let logged = edit::change(session, &branch, &mut |document| {
        let mut latest = String::new();
        for (old, new) in pairs {
            if document.entry_of(old).is_some() {
                let facts = session.repository.commit_facts(new)?;
                follow(session, document, old, &facts)?;
                latest = subject(&facts);
            }
        }
        Ok(format!("amend: {latest}"))
    })?;
    Ok(Outcome::Logged(logged.notices))
}

fn subject(facts: &CommitFacts) -> String {
    message::parse(&facts.message).subject
}

fn follow(
    session: &Session<'_>,
    document: &mut crate::document::Document,
    old: &CommitId,
    new: &CommitFacts,
) -> Result<()> {
    let facts = session.repository.commit_facts(old).ok();
    document.follow_rewrite(old, facts.as_ref(), new, &session.limits())?;
    Ok(())
}

/// HEAD's branch and its tip, where a commit there is to be logged.
fn branch_to_log(session: &Session<'_>) -> Result<Option<(BranchName, CommitId)>> {
    if session.repository.work_tree().is_none() {
        return Ok(None);
    }
    let stop = |operation: Operation| !matches!(operation, Operation::Merge | Operation::Pick);
    if session.repository.operation().is_some_and(stop) {
        return Ok(None);
    }
    Ok(match session.repository.head()? {
        Head::Branch(branch, tip) if !session.is_excluded(&branch) => Some((branch, tip)),
        _ => None,
    })
}

/// Makes the document of a branch that has none, with all its commits in it, and shows it.
fn make_if_missing(session: &Session<'_>, branch: &BranchName) -> Result<Option<Outcome>> {
    let store = session.store_or_create()?;
    if super::open::find(session, store, branch)?.is_some() {
        return Ok(None);
    }
    let writer = match store.access()? {
        Access::Writer(writer) => writer,
        Access::ReadOnly(reason) => return Err(cannot_write(branch, reason)),
    };
    let Some(mut notices) = make(session, &writer, branch)? else {
        return Ok(None);
    };
    drop(writer);
    notices.extend(edit::read(session, branch)?.notices);
    Ok(Some(Outcome::Created(branch.clone(), notices)))
}

/// `None` where another process made it meanwhile.
fn make(session: &Session<'_>, writer: &Writer<'_>, branch: &BranchName) -> Result<Option<Vec<Notice>>> {
    if super::open::adopt_or_find(session, writer, branch)?.0.is_some() {
        return Ok(None);
    }
    Ok(Some(create_unasked(session, writer, branch)?.1))
}

/// The commit that `tip` took the place of: HEAD moved to it from a commit that is not its parent but has the same parents.
fn replaced_commit(session: &Session<'_>, tip: &CommitId) -> Result<Option<CommitId>> {
    let repository = &session.repository;
    let Some((old, new)) = repository.last_movement() else {
        return Ok(None);
    };
    if new != *tip || old == *tip || old.is_null() {
        return Ok(None);
    }
    let parents = repository.parents(tip)?;
    let amended = !parents.contains(&old) && repository.has_commit(&old) && repository.parents(&old)? == parents;
    Ok(amended.then_some(old))
}
