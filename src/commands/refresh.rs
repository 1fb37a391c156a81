//! `refresh`: everything that is derived, brought up to date. Not here: what that is (journeys/reconcile.rs).

use super::{BranchOption, Exit, Surroundings};
use crate::error::Result;
use crate::journeys::reconcile::Effort;
use crate::journeys::refresh;

/// Bring all that is derived up to date: Updates and the stack
///
/// Every hook brings Updates in line with the branch's commits, and so does each reading of a document; this is for commits that
/// were made without hooks, for branches that nobody looked at since, and for the stack: `PR Stack Context`, `branch.base`,
/// `branch.position`, `branch.total`, and `pr` where it is missing and recorded.
#[derive(clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    branch: BranchOption,
    /// The documents of all branches of the stack
    #[arg(long, conflicts_with = "all")]
    stack: bool,
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
    let several = arguments.all || arguments.stack;
    let (refreshed, notices) = if arguments.all {
        refresh::all(&session, effort)?
    } else {
        let branch = session.branch(arguments.branch.branch.as_deref())?;
        match arguments.stack {
            true => refresh::stack(&session, &branch, effort)?,
            false => (vec![refresh::branch(&session, &branch, effort)?], Vec::new()),
        }
    };
    surroundings.ui.notices(&notices);
    for refreshed in &refreshed {
        surroundings.ui.notices(&refreshed.notices);
        let branch = &refreshed.branch;
        match &refreshed.did {
            Some(did) => surroundings
                .ui
                .talk(&format!("Refreshed the document of '{branch}': {did}")),
            None if !several => {
                surroundings
                    .ui
                    .talk(&format!("The document of '{branch}' is up to date"));
            }
            None => {}
        }
    }
    if several && refreshed.iter().all(|refreshed| refreshed.did.is_none()) {
        surroundings.ui.talk("All documents are up to date");
    }
    Ok(Exit::Ok)
}
