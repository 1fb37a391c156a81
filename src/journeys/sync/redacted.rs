//! Two versions of which one was written anew because a text was taken out: it is taken out of the other one too, else it would
//! come back with it. The same for two archives.
//!
//! Not here: writing versions anew (store/redact.rs).

use crate::error::Result;
use crate::names::CommitId;
use crate::store::{Writer, literally};

/// The same two, neither with what was taken out of the other. What is not needed any more stays in the store, without a ref.
pub(super) fn agree(writer: &Writer<'_>, one: &CommitId, other: &CommitId) -> Result<(CommitId, CommitId)> {
    let store = writer.store();
    let (mut one, mut other) = (one.clone(), other.clone());
    // Where one was made from the other there is nothing to agree upon.
    if store
        .common(&one, &other)?
        .is_some_and(|common| common == one || common == other)
    {
        return Ok((one, other));
    }
    let texts = store.taken_out(&one, &other)?;
    if !texts.is_empty() {
        other = writer.without(&other, &literally(&texts))?;
    }
    let texts = store.taken_out(&other, &one)?;
    if !texts.is_empty() {
        one = writer.without(&one, &literally(&texts))?;
    }
    Ok((one, other))
}
