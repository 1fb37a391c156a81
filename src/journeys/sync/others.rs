//! What a clone gets that has seen nothing of a remote's documents yet: those of all branches, so that a switch to one shows its
//! document and makes no second one.
//!
//! Not here: that of the current branch (sync.rs), and archives, which come with `sync --all`.

use super::place::target;
use super::{Line, Prompt, line};
use crate::error::Result;
use crate::journeys::Session;
use crate::store::{FOLDER, all_remote_refspec, document_on_remote};

/// Of how many documents it is only told that they are there: one of 100 versions takes 36 KiB.
const MANY: usize = 200;

/// Documents of other branches on a remote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Others {
    /// The remote.
    pub(crate) remote: String,
    /// How many there are.
    pub(crate) number: usize,
    /// Whether they were fetched.
    pub(crate) came: bool,
}

/// Fetches the documents of all branches from the remote that the current one is pushed to, where none of another branch was seen
/// there yet. `None`: there are none, they were seen, or the remote itself was not.
///
/// Errors: the remote cannot be reached.
pub(crate) fn bring_others(session: &Session<'_>, prompt: Prompt) -> Result<Option<Others>> {
    let repository = &session.repository;
    let Some(branch) = repository.current_branch()? else {
        return Ok(None);
    };
    let remote = repository.push_remote(&branch);
    let name = target(session, &branch, &remote).name;
    if !repository.has_remote(&remote) || !repository.has_seen(&remote) {
        return Ok(None);
    }
    let seen = session.store()?.map(|store| store.all_on_remote(&remote)).transpose()?;
    if seen.is_some_and(|seen| seen.iter().any(|(of, _)| *of != name)) {
        return Ok(None);
    }
    let top = repository.work_tree().unwrap_or(repository.git_dir());
    // There need be no store for it, and in the user's repository git would read its configuration twice: headers with credentials too.
    let place = repository.common_dir().join(FOLDER);
    let asking = Line::to(session.world, top, &place, &remote, prompt)?.hurried();
    let listed = asking.list("refs/branchwork/docs/*")?;
    let documents = listed.iter().filter_map(|reference| document_on_remote(reference));
    let number = documents.filter(|(of, _)| *of != name).count();
    let came = (1..=MANY).contains(&number);
    if came {
        let store = session.store_or_create()?;
        let line = line(session, store, &remote, prompt)?.hurried();
        line.fetch(&[all_remote_refspec(&remote)])?;
    }
    Ok((number > 0).then_some(Others { remote, number, came }))
}
