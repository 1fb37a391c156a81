//! What is known of documents on a remote without a sync: what was seen there last, and what a branch gets that has none here.
//!
//! Not here: what becomes of documents that both sides have (sync.rs).

use super::join::{self, Head};
use super::place::{Target, target};
use super::{line, odd, with_lock};
use crate::error::Result;
use crate::journeys::{Session, edit, open};
use crate::names::{BranchName, DocId};
use crate::store::{Store, Stored, Window, Writer, remote_refspec};
use crate::transport::Prompt;

/// Fetches the document of `branch`, where it has none here and is on a remote; says which remote had one.
///
/// Errors: the remote cannot be reached.
pub(crate) fn bring(session: &Session<'_>, branch: &BranchName, prompt: Prompt) -> Result<Option<String>> {
    let repository = &session.repository;
    if session.is_excluded(branch) || repository.tip(branch).is_none() {
        return Ok(None);
    }
    let remote = repository.push_remote(branch);
    let target = target(session, branch, &remote);
    if !repository.has_remote(&remote) || repository.tip_on(&remote, &target.name).is_none() {
        return Ok(None);
    }
    let store = session.store_or_create()?;
    if open::find(session, store, branch)?.is_some() {
        return Ok(None);
    }
    let window = store.window(&remote, [(branch, &target.name)]);
    let line = line(session, store, &remote, prompt)?.hurried();
    let line = line.through(window.as_ref().map(Window::path));
    line.fetch(&[remote_refspec(&remote, &target.name)])?;
    let found = with_lock(store, &remote, |writer| brought(session, writer, branch))?;
    Ok(found.map(|_| remote))
}

/// Gives a branch that has no document here the one that was fetched last.
pub(crate) fn brought(session: &Session<'_>, writer: &Writer<'_>, branch: &BranchName) -> Result<Option<Stored>> {
    let remote = session.repository.push_remote(branch);
    let target = target(session, branch, &remote);
    // What cannot be used is told by a sync.
    let fetched = odd::parted(writer.store(), &remote, &target.name, None)?.usable;
    let mut heads = Vec::new();
    for (id, version) in fetched {
        if !writer.store().has_ended(&id)? {
            heads.push(Head { id, version });
        }
    }
    let Some(head) = join::all(session, writer, &remote, heads)? else {
        return Ok(None);
    };
    writer.note_shared(&head.id)?;
    writer.forward(branch, head.id, None, head.version).map(Some)
}

/// Whether the remote that the branch is pushed to had a document of it when it was looked at last.
pub(crate) fn was_seen_on_remote(session: &Session<'_>, branch: &BranchName) -> Result<bool> {
    let remote = session.repository.push_remote(branch);
    was_seen(session, &remote, &target(session, branch, &remote))
}

fn was_seen(session: &Session<'_>, remote: &str, target: &Target) -> Result<bool> {
    let store = session.store()?.filter(|_| session.repository.has_remote(remote));
    let known = store.map(|store| store.on_remote(remote, &target.name)).transpose()?;
    Ok(known.is_some_and(|known| !known.is_empty()))
}

/// The command that looks for the document of `branch` on the remote, where the branch is there and no document of it was seen.
pub(crate) fn to_look(session: &Session<'_>, branch: &BranchName) -> Result<Option<String>> {
    let repository = &session.repository;
    let remote = repository.push_remote(branch);
    let target = target(session, branch, &remote);
    if repository.tip_on(&remote, &target.name).is_none() || was_seen(session, &remote, &target)? {
        return Ok(None);
    }
    let option = edit::branch_option(repository.current_branch()?.as_ref(), branch);
    Ok(Some(format!("git branchwork sync{option}")))
}

/// Whether the document with this id was on the remote that the branch is pushed to when it was looked at last. Opens no
/// repository where the ref is a plain file.
pub(in crate::journeys) fn is_on_remote(
    session: &Session<'_>,
    store: &Store,
    branch: &BranchName,
    id: &DocId,
) -> Result<bool> {
    let remote = session.repository.push_remote(branch);
    let target = target(session, branch, &remote);
    store.was_on_remote(&remote, &target.name, id)
}
