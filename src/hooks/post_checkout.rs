//! post-checkout: previous HEAD, new HEAD, and 1 where a branch was checked out, 0 where files were (githooks(5)).

use super::{Answer, Call, post_commit};
use crate::error::Result;
use crate::journeys::{Session, open};

pub(super) fn run(call: &mut Call<'_>) -> Result<Answer> {
    // pre-commit passes no arguments on, but a variable.
    let flag = match call.argument(2) {
        "" => call.world.variable("PRE_COMMIT_CHECKOUT_TYPE").unwrap_or("1"),
        flag => flag,
    };
    if flag == "0" {
        return Ok(Answer::GoOn);
    }
    if open::open_usual(call.world)? {
        return Ok(Answer::GoOn);
    }
    let session = Session::open(call.world)?;
    post_commit::tell(call, open::open(&session)?);
    Ok(Answer::GoOn)
}
