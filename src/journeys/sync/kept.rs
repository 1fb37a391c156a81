//! Refs that a remote is to delete and does not.
//!
//! Not here: which they are, and when they go (sync.rs, push.rs; of archived documents, archives.rs).

use super::{Refusal, Update};
use crate::journeys::Notice;
use crate::names::BranchName;

/// Whether a remote refuses to delete a ref, which holds up nothing: what it has besides is taken in.
pub(super) fn is_kept(update: &Update, refusal: &Refusal) -> bool {
    update.new.is_none() && !refusal.is_a_race()
}

/// What to tell where that is so.
pub(super) fn kept(remote: &str, branch: &BranchName, update: &Update, refusals: &[Refusal]) -> Option<Notice> {
    let mut of_it = refusals.iter().filter(|refusal| refusal.reference == update.reference);
    let refusal = of_it.find(|refusal| is_kept(update, refusal))?;
    Some(Notice::Kept {
        remote: remote.to_owned(),
        branch: branch.clone(),
        reason: refusal.reason.clone(),
    })
}
