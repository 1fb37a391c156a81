//! The line of bases that documents name, from one to the next.
//!
//! Not here: what counts in place of a base (stack/resolve.rs).

use crate::error::Result;
use crate::journeys::Session;
use crate::journeys::settle::Newest;
use crate::names::BranchName;

/// What is between `base` and `branch`, where the line of bases leads from the one to the other; `None` where it does not.
pub(crate) fn line_to(
    session: &Session<'_>,
    base: &BranchName,
    branch: &BranchName,
) -> Result<Option<Vec<BranchName>>> {
    let Some(store) = session.store()? else {
        return Ok(None);
    };
    let mut line = vec![base.clone()];
    while let Some(newest) = line.last().map(|at| Newest::find(store, at)).transpose()?.flatten()
        && let Some(next) = newest.document.front_matter().base()
        && !line.contains(&next)
    {
        if next == *branch {
            return Ok(Some(line.split_off(1)));
        }
        line.push(next);
    }
    Ok(None)
}
