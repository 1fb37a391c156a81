//! `refresh`: everything that is derived, brought up to date. Not here: what that is (journeys/reconcile.rs).

use super::{BranchOption, Exit, Surroundings};
use crate::error::Result;
use crate::journeys::reconcile::Effort;
use crate::journeys::refresh;

/// Bring Updates in line with the branch's commits
///
/// Every hook does this by itself, and so does each reading of a document; this is for commits that were made without hooks
/// and for branches that nobody looked at since.
#[derive(clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    branch: BranchOption,
    /// The documents of all branches that exist
    #[arg(long, conflicts_with = "branch")]
    all: bool,
    /// An entry for every commit, not only for the newest 50
    #[arg(long)]
    full: bool,
}

pub(super) fn run(arguments: &Arguments, surroundings: &mut Surroundings<'_>) -> Result<Exit> {
    let session = surroundings.session()?;
    let effort = if arguments.full { Effort::Full } else { Effort::Bounded };
    let refreshed = match arguments.all {
        true => refresh::all(&session, effort)?,
        false => {
            let branch = session.branch(arguments.branch.branch.as_deref())?;
            vec![refresh::branch(&session, &branch, effort)?]
        }
    };
    for refreshed in &refreshed {
        surroundings.ui.notices(&refreshed.notices);
        let branch = &refreshed.branch;
        match &refreshed.did {
            Some(did) => surroundings
                .ui
                .talk(&format!("Refreshed the document of '{branch}': {did}")),
            None if !arguments.all => {
                surroundings
                    .ui
                    .talk(&format!("The document of '{branch}' is up to date"));
            }
            None => {}
        }
    }
    if arguments.all && refreshed.iter().all(|refreshed| refreshed.did.is_none()) {
        surroundings.ui.talk("All documents are up to date");
    }
    Ok(Exit::Ok)
}
