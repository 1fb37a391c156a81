//! Words that several commands say.
//!
//! Not here: errors, notices and problems (ui.rs).

use super::{BranchOption, Exit, Surroundings};
use crate::document::front_matter::{Key, Value};
use crate::error::Result;
use crate::journeys::edit::{self, ChangeFn};
use crate::names::visible;

/// Changes the document of the branch that the option names, tells what was noticed, and says `done` about it.
pub(super) fn change(
    surroundings: &Surroundings<'_>,
    branch: &BranchOption,
    done: &str,
    change: ChangeFn<'_>,
) -> Result<Exit> {
    set(surroundings, branch, done, &[], change)
}

/// The same where the change is to set these fields.
pub(super) fn set(
    surroundings: &Surroundings<'_>,
    branch: &BranchOption,
    done: &str,
    fields: &[(Key, Value)],
    change: ChangeFn<'_>,
) -> Result<Exit> {
    let session = surroundings.session()?;
    let branch = session.branch(branch.branch.as_deref())?;
    let outcome = edit::set(&session, &branch, fields, change)?;
    surroundings.ui.notices(&outcome.notices);
    let line = if outcome.changed {
        format!("{done} ({branch})")
    } else {
        format!("Nothing to change ({branch})")
    };
    surroundings.ui.talk(&line);
    Ok(Exit::Ok)
}

/// A short form of a text that a person typed, for the subject of a version.
pub(super) fn subject(text: &str) -> String {
    let line = visible(text.lines().next().unwrap_or_default().trim());
    match line.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}
