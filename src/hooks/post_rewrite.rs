//! post-rewrite: `amend` or `rebase`, and a line `<old> <new>[ <more>]` for each rewritten commit on stdin (githooks(5)).

use super::{Answer, Call, post_commit};
use crate::error::{Error, Result};
use crate::journeys::{Session, record};
use crate::names::CommitId;

pub(super) fn run(call: &mut Call<'_>) -> Result<Answer> {
    let input = (call.read_input)().map_err(|error| Error::new("cannot read what git says").because(&error))?;
    let pairs: Vec<(CommitId, CommitId)> = String::from_utf8_lossy(&input).lines().filter_map(pair).collect();
    let session = Session::open(call.world)?;
    post_commit::tell(call, record::rewrite(&session, &pairs)?);
    Ok(Answer::GoOn)
}

fn pair(line: &str) -> Option<(CommitId, CommitId)> {
    let mut words = line.split(' ');
    Some((CommitId::parse(words.next()?)?, CommitId::parse(words.next()?)?))
}
