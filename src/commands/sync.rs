//! `sync`: the document shared over a git remote, and what came of it in words. Not here: how (journeys/sync.rs).

use super::{BranchOption, Exit, Surroundings};
use crate::error::Result;
use crate::journeys::sync::{self, Came, Carried, Done, Synced};
use crate::names::visible;
use crate::ui::Ui;

/// Share the document over a git remote: fetch, merge, push back
///
/// Nothing but refs/branchwork/* of the remote is read or changed. Both sides' words are kept, and no conflict is left to solve:
/// where two people set the same field, the later value stays and Notes tell the other one.
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The remote, instead of the one that the branch is pushed to
    #[arg(value_name = "REMOTE")]
    remote: Option<String>,
    #[command(flatten)]
    branch: BranchOption,
    /// The documents of all branches that exist
    #[arg(long, conflicts_with = "branch")]
    all: bool,
}

pub(super) fn run(arguments: &Arguments, surroundings: &mut Surroundings<'_>) -> Result<Exit> {
    let session = surroundings.session()?;
    let remote = arguments.remote.as_deref();
    let prompt = surroundings.prompt();
    let ui = surroundings.ui;
    if !arguments.all {
        let branch = session.branch(arguments.branch.branch.as_deref())?;
        let done = sync::branch(&session, &branch, remote, prompt)?;
        if done.synced.is_empty() && done.carried.iter().all(Carried::is_nothing) {
            ui.talk(&format!("Nothing to sync: '{branch}' has no live document"));
        }
        return tell_all(ui, done, false);
    }
    let done = sync::all(&session, remote, prompt)?;
    let is_quiet = |synced: &Synced| !synced.sent && synced.came == Came::Nothing && synced.failed.is_none();
    if done.synced.iter().all(is_quiet) && done.carried.iter().all(Carried::is_nothing) {
        ui.talk("All documents are up to date");
    }
    tell_all(ui, done, true)
}

/// Says it, and of all that failed why.
pub(super) fn tell_all(ui: Ui, done: Done, changed: bool) -> Result<Exit> {
    let mut failed = Vec::new();
    ui.notices(&done.notices);
    for carried in done.carried {
        tell_archives(ui, &carried);
        failed.extend(carried.failed);
    }
    for synced in done.synced {
        tell(ui, &synced, changed);
        failed.extend(synced.failed);
    }
    for error in &failed {
        ui.error(error);
    }
    Ok(if failed.is_empty() { Exit::Ok } else { Exit::Problems })
}

pub(super) fn tell_archives(ui: Ui, carried: &Carried) {
    ui.notices(&carried.notices);
    let remote = visible(&carried.remote);
    let count = |number: usize| match number {
        1 => "1 archived document".to_owned(),
        _ => format!("{number} archived documents"),
    };
    if carried.came > 0 {
        ui.talk(&format!("Brought {} from '{remote}'", count(carried.came)));
    }
    for ended in &carried.ended {
        ui.talk(&capital(&ended.to_string()));
    }
    if carried.sent > 0 {
        ui.talk(&format!("Sent {} to '{remote}'", count(carried.sent)));
    } else if carried.cleared > 0 {
        let documents = count(carried.cleared);
        ui.talk(&format!("Took {documents} from among the live ones on '{remote}'"));
    }
    if let Some(reason) = &carried.kept {
        ui.warn(&format!("'{remote}' keeps live documents that are archived: {reason}"));
    }
}

/// `changed`: only what changed is told.
pub(super) fn tell(ui: Ui, synced: &Synced, changed: bool) {
    ui.notices(&synced.notices);
    let (branch, remote) = (&synced.branch, visible(&synced.remote));
    if synced.is_apart {
        ui.warn(&format!(
            "'{remote}' has a document of another branch '{branch}', with none of this one's commits; it was not merged"
        ));
    }
    let document = format!("the document of '{branch}'");
    let line = match (synced.came, synced.sent) {
        (Came::Nothing, false) if changed || synced.failed.is_some() => return,
        (Came::Nothing, false) => format!("{document} is up to date with '{remote}'"),
        (Came::Nothing, true) => format!("sent {document} to '{remote}'"),
        (Came::Newer, _) => format!("brought {document} up to date from '{remote}'"),
        (Came::Document, _) => format!("brought {document} from '{remote}'"),
        (Came::Changes, true) => format!("merged {document} with that on '{remote}', and sent it"),
        (Came::Changes, false) => format!("merged {document} with that on '{remote}'"),
    };
    ui.talk(&capital(&line));
}

fn capital(line: &str) -> String {
    let mut letters = line.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}
