//! `archive`: which documents have ended, and what became of them in words. Not here: archiving (journeys/archive.rs).

use super::{Exit, Surroundings};
use crate::error::Result;
use crate::journeys::Session;
use crate::journeys::archive::{Which, archive};
use crate::names::visible;

/// Put documents of branches that have ended into the archive
///
/// Without a name: that of the current branch, if it is merged. With one, its end is taken on your word. An archived document
/// keeps its history.
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The branch, which has ended because you say so
    #[arg(value_name = "BRANCH")]
    name: Option<String>,
    /// The same as the argument
    #[arg(short, long, value_name = "BRANCH", conflicts_with = "name")]
    branch: Option<String>,
    /// All whose commits are in the trunk, as they are, squashed or rebased, or whose pull request is merged
    #[arg(long, conflicts_with_all = ["name", "branch"])]
    merged: bool,
    /// All whose branch was deleted here and is on no remote; with a name that one
    #[arg(long)]
    abandoned: bool,
    /// Only print what would be archived
    #[arg(short = 'n', long)]
    dry_run: bool,
    /// Print a list of objects
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &Arguments, surroundings: &mut Surroundings<'_>) -> Result<Exit> {
    let session = surroundings.session()?;
    let done = archive(&session, &which(arguments, &session)?, arguments.dry_run)?;
    let ui = surroundings.ui;
    ui.notices(&done.notices);
    if arguments.json {
        ui.json(&done.ended)?;
    } else if done.ended.is_empty() && done.failed.is_empty() {
        ui.talk("Nothing to archive");
    }
    for ended in done.ended.iter().filter(|_| !arguments.json) {
        let (branch, outcome) = (visible(&ended.branch), ended.outcome);
        match arguments.dry_run {
            true => ui.data(format!("{branch}: {outcome}\n").as_bytes())?,
            false => ui.talk(&format!("Archived the document of '{branch}': {outcome}")),
        }
    }
    for error in &done.failed {
        ui.error(error);
    }
    Ok(match done.failed.is_empty() {
        true => Exit::Ok,
        false => Exit::Problems,
    })
}

fn which(arguments: &Arguments, session: &Session<'_>) -> Result<Which> {
    let given = arguments.name.as_deref().or(arguments.branch.as_deref());
    Ok(match (given, arguments.merged, arguments.abandoned) {
        (Some(_), _, true) => Which::Abandoned(session.branch(given)?),
        (Some(_), _, false) => Which::Named(session.branch(given)?),
        (None, false, false) => Which::Merged(session.branch(None)?),
        (None, merged, abandoned) => Which::All { merged, abandoned },
    })
}
