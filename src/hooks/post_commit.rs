//! post-commit: nothing is given. Runs for each pick of a rebase too, and for the new commit of an amend.

use super::{Answer, Call};
use crate::error::Result;
use crate::journeys::{Session, open, record};

pub(super) fn run(call: &mut Call<'_>) -> Result<Answer> {
    let session = Session::open(call.world)?;
    tell(call, record::commit(&session)?);
    Ok(Answer::GoOn)
}

/// Tells what became of the branch's document.
pub(super) fn tell(call: &Call<'_>, outcome: open::Outcome) {
    match outcome {
        open::Outcome::Nothing => {}
        open::Outcome::Shown(notices) | open::Outcome::Cleared(notices) => call.notices(&notices),
        open::Outcome::Created(branch, notices) => call.created(&branch, &notices),
    }
}
