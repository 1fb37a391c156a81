//! Two versions of which one was rewritten because a text was taken out: it is taken out of the other one too, else it would
//! come back with it.
//!
//! Not here: rewriting (store/redact.rs).

use crate::error::Result;
use crate::store::{Writer, literally};

use super::join::Head;

/// The same two, neither with what was taken out of the other. What is not needed any more stays in the store, without a ref.
pub(super) fn agree(writer: &Writer<'_>, mut one: Head, mut other: Head) -> Result<(Head, Head)> {
    let store = writer.store();
    let common = store.common(&one.version, &other.version)?;
    // Where one was made from the other there is nothing to agree upon.
    if common.is_some_and(|common| common == one.version || common == other.version) {
        return Ok((one, other));
    }
    let texts = store.taken_out(&one.version, &other.version)?;
    if !texts.is_empty() {
        other.version = writer.without(&other.version, &literally(&texts))?;
    }
    let texts = store.taken_out(&other.version, &one.version)?;
    if !texts.is_empty() {
        one.version = writer.without(&one.version, &literally(&texts))?;
    }
    Ok((one, other))
}
