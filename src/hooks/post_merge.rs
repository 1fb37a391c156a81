//! post-merge: 1 where it was a squash merge, which has made no commit yet (githooks(5)).

use super::{Answer, Call, post_commit};
use crate::error::Result;
use crate::journeys::{Session, record};

pub(super) fn run(call: &mut Call<'_>) -> Result<Answer> {
    if call.argument(0) != "1" {
        let session = Session::open(call.world)?;
        post_commit::tell(call, record::commit(&session)?);
    }
    Ok(Answer::GoOn)
}
