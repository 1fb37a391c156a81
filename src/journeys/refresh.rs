//! Bringing documents up to date because somebody asks for it.
//!
//! Not here: what is done to each (reconcile.rs).

use crate::error::Result;
use crate::names::{BranchName, visible};
use crate::store::Stored;

use super::reconcile::Effort;
use super::{Notice, Session, edit, open};

/// What became of one document.
#[derive(Clone, Debug)]
pub(crate) struct Refreshed {
    /// Its branch.
    pub(crate) branch: BranchName,
    /// What was done, as the newest version says it; `None` where there was nothing to do.
    pub(crate) did: Option<String>,
    /// What to tell.
    pub(crate) notices: Vec<Notice>,
}

/// Refreshes the document of `branch`.
///
/// Errors: there is none.
pub(crate) fn branch(session: &Session<'_>, branch: &BranchName, effort: Effort) -> Result<Refreshed> {
    let stored = || -> Result<Option<Stored>> {
        session
            .store()?
            .map_or(Ok(None), |store| open::find(session, store, branch))
    };
    let before = stored()?;
    let outcome = edit::refresh(session, branch, effort)?;
    let after = stored()?.filter(|after| before.as_ref().is_none_or(|before| before.version != after.version));
    let newest = match (session.store()?, after) {
        (Some(store), Some(after)) => Some(store.version(&after.version)?.0),
        _ => None,
    };
    Ok(Refreshed {
        branch: branch.clone(),
        did: newest.map(|version| visible(&version.subject)),
        notices: outcome.notices,
    })
}

/// Refreshes the documents of all branches that exist.
pub(crate) fn all(session: &Session<'_>, effort: Effort) -> Result<Vec<Refreshed>> {
    let Some(store) = session.store()? else {
        return Ok(Vec::new());
    };
    open::follow_renames(session, store)?;
    let branches = store.documents()?.into_iter().filter_map(|stored| stored.branch);
    let existing = branches.filter(|branch| session.repository.tip(branch).is_some());
    existing.map(|branch| self::branch(session, &branch, effort)).collect()
}
