//! post-commit: nothing is given. Runs for each pick of a rebase too, and for the new commit of an amend.

use super::{Answer, Call};
use crate::error::Result;
use crate::journeys::{Session, record};

pub(super) fn run(call: &mut Call<'_>) -> Result<Answer> {
    let session = Session::open(call.world)?;
    tell(call, record::commit(&session)?);
    Ok(Answer::GoOn)
}

/// Tells what became of a commit.
pub(super) fn tell(call: &Call<'_>, outcome: record::Outcome) {
    match outcome {
        record::Outcome::Nothing => {}
        record::Outcome::Logged(notices) => call.notices(&notices),
        record::Outcome::Created(branch, notices) => call.created(&branch, &notices),
    }
}
