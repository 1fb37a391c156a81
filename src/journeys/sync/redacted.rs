//! Two versions of which one was written anew because a text was taken out: it is taken out of the other one too, else it would
//! come back with it. The same for two archives.
//!
//! Not here: writing versions anew (store/redact.rs).

use crate::error::Result;
use crate::names::CommitId;
use crate::store::Writer;

/// The same two, neither with what was taken out of the other. What is not needed any more stays in the store, without a ref.
pub(super) fn agree(writer: &Writer<'_>, one: &CommitId, other: &CommitId) -> Result<(CommitId, CommitId)> {
    each_following(writer, one, other, |version, redacted| {
        writer.following(version, redacted)
    })
}

/// The same for two archives: what was taken out of a document of one goes out of that document of the other.
pub(super) fn agree_on_archives(writer: &Writer<'_>, one: &CommitId, other: &CommitId) -> Result<(CommitId, CommitId)> {
    each_following(writer, one, other, |tip, redacted| {
        writer.archive_following(tip, redacted)
    })
}

fn each_following(
    writer: &Writer<'_>,
    one: &CommitId,
    other: &CommitId,
    following: impl Fn(&CommitId, &CommitId) -> Result<CommitId>,
) -> Result<(CommitId, CommitId)> {
    let common = writer.store().common(one, other)?;
    // Where one was made from the other there is nothing to agree upon.
    if common.is_some_and(|common| common == *one || common == *other) {
        return Ok((one.clone(), other.clone()));
    }
    let other = following(other, one)?;
    let one = following(one, &other)?;
    Ok((one, other))
}
