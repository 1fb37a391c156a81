//! Documents that go along with a `git push`, from its hook: only where the user's own configuration says so, only to the remote
//! that a branch is pushed to by its configuration, and within a time.
//!
//! Not here: the words, and that a push goes on whatever happens (hooks/pre_push.rs).

use std::time::Duration;

use super::place::place;
use super::{Done, Scope, group};
use crate::error::Result;
use crate::journeys::Session;
use crate::journeys::verify::{PushedRef, subjects};
use crate::process::Deadline;
use crate::transport::Prompt;

/// The setting by which documents go along, and its value.
const SETTING: (&str, &str) = ("branchwork.sync", "on-push");
/// The value by which they do not, whatever the team proposes.
const BY_HAND: &str = "by-hand";
/// How long a push may wait for them, in seconds.
const TIMEOUT: &str = "branchwork.syncTimeout";
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
    let seconds = repository.config(TIMEOUT).as_deref().and_then(seconds);
    let deadline = Deadline::after(Duration::from_secs(seconds.unwrap_or(PATIENCE).min(LONGEST)));
    let done = group(
        session,
        store,
        remote,
        &targets,
        Scope::Needed,
        Prompt::Never,
        Some(deadline),
    )?;
    // Each fetch leaves a pack, and who has this set runs no sync. What cannot be packed now is packed the next time.
    if !deadline.left().is_zero() {
        let _ = store.pack_if_many();
    }
    Ok(done)
}

fn seconds(value: &str) -> Option<u64> {
    value.parse().ok()
}

/// The settings that say nothing which is understood, each with its value and the command that says something instead.
pub(crate) fn odd_settings(session: &Session<'_>) -> Vec<(&'static str, String, String)> {
    let is_odd = |key: &str, value: &str| match key == TIMEOUT {
        true => seconds(value).is_none(),
        false => ![SETTING.1, BY_HAND].contains(&value),
    };
    let settings = [
        (SETTING.0, format!("{}, or {BY_HAND}", SETTING.1)),
        (TIMEOUT, PATIENCE.to_string()),
    ];
    let found = settings.into_iter().filter_map(|(key, instead)| {
        let value = session.repository.config(key).filter(|value| is_odd(key, value))?;
        Some((key, value, format!("git config {key} {instead}")))
    });
    found.collect()
}

/// Whether the team proposes it to somebody who has not decided.
pub(crate) fn is_proposed(session: &Session<'_>) -> bool {
    session.policy.proposes_sync_on_push && session.repository.config(SETTING.0).is_none()
}
