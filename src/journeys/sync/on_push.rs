//! Documents that go along with a `git push`, from its hook: only where the user's own configuration says so, only to the remote
//! that a branch is pushed to by its configuration, and within a time.
//!
//! Not here: the words, and that a push goes on whatever happens (hooks/pre_push.rs).

use std::time::Duration;

use super::place::place;
use super::{Archives, Done, group};
use crate::error::Result;
use crate::journeys::Session;
use crate::journeys::verify::{PushedRef, subjects};
use crate::process::Deadline;
use crate::transport::Prompt;

/// The setting by which documents go along, and its value.
const SETTING: (&str, &str) = ("branchwork.sync", "on-push");
/// How many seconds a push may wait for them, where `branchwork.syncTimeout` says nothing.
const PATIENCE: u64 = 10;
/// And at most.
const LONGEST: u64 = 600;

/// Syncs the documents of the branches among `refs`, if the user wants it. `remote` is what git calls the other side: it may be an
/// address, and then nothing is sent.
///
/// Errors: the remote cannot be reached. What fails later is in the answer.
pub(crate) fn on_push(session: &Session<'_>, remote: &str, refs: &[PushedRef]) -> Result<Done> {
    let repository = &session.repository;
    if repository.config(SETTING.0).as_deref() != Some(SETTING.1) || !repository.has_remote(remote) {
        return Ok(Done::default());
    }
    let Some(store) = session.store()? else {
        return Ok(Done::default());
    };
    let mut targets = Vec::new();
    for (branch, to) in subjects(session, refs)? {
        if repository.push_remote(&branch) == remote && store.find(&branch)?.is_some() {
            targets.push(place(session, &branch, remote, to));
        }
    }
    if targets.is_empty() {
        return Ok(Done::default());
    }
    let seconds = repository
        .config("branchwork.syncTimeout")
        .and_then(|value| value.parse().ok());
    let deadline = Deadline::after(Duration::from_secs(seconds.unwrap_or(PATIENCE).min(LONGEST)));
    let archives = Archives::of(session, store, remote, &targets, false)?;
    let (synced, carried) = group(session, store, archives, &targets, Prompt::Never, Some(deadline))?;
    Ok(Done {
        synced,
        carried: vec![carried],
    })
}

/// Whether the team proposes it to somebody who has not decided.
pub(crate) fn is_proposed(session: &Session<'_>) -> bool {
    session.policy.proposes_sync_on_push && session.repository.config(SETTING.0).is_none()
}
