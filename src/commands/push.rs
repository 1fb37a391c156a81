//! `push`: a branch and its document pushed together, and what came of it in words. Not here: how (journeys/sync/push.rs), and
//! the check before, which is that of the pre-push hook (hooks/).

use super::{BranchOption, Exit, Surroundings, sync::tell, sync::tell_archives};
use crate::error::{Error, Result};
use crate::hooks::{self, Answer, LookFirst};
use crate::journeys::sync::{Outcome, Wish, plan, push, pushed_ref};
use crate::names::visible;
use crate::transport::Force;
use crate::ui::Ui;

/// Push the branch and its document together
///
/// Merges the document with what the remote has of it, checks it as the pre-push hook does, and pushes both in one step: the
/// remote takes both or none. The branch goes where git push would push it; one that follows no branch yet follows that one from
/// then on. Where the remote does not take documents, the branch goes alone.
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The remote, instead of the one that the branch is pushed to
    #[arg(value_name = "REMOTE")]
    remote: Option<String>,
    #[command(flatten)]
    branch: BranchOption,
    /// Move the remote's branch also where it was not merged, if it is where it was last fetched
    #[arg(long, conflicts_with = "force")]
    force_with_lease: bool,
    /// The same wherever it is
    #[arg(short, long)]
    force: bool,
    /// Check, and let git say what it would do with the branch; the document stays here
    #[arg(short = 'n', long)]
    dry_run: bool,
}

pub(super) fn run(arguments: &Arguments, surroundings: &mut Surroundings<'_>) -> Result<Exit> {
    let session = surroundings.session()?;
    let ui = surroundings.ui;
    let branch = session.branch(arguments.branch.branch.as_deref())?;
    let wish = Wish {
        force: match (arguments.force, arguments.force_with_lease) {
            (true, _) => Force::Always,
            (_, true) => Force::WithLease,
            _ => Force::Never,
        },
        dry_run: arguments.dry_run,
        quiet: ui.is_quiet(),
        prompt: surroundings.prompt(),
    };
    let plan = plan(&session, &branch, arguments.remote.as_deref(), wish)?;
    let pushed = [pushed_ref(&plan)];
    let look_first = if plan.dry_run {
        LookFirst::MayHelp
    } else {
        LookFirst::Done
    };
    let mut check = || Ok(hooks::gate(ui, &session, &pushed, look_first, "git branchwork push")? == Answer::GoOn);
    let outcome = push(&session, &branch, &plan, &mut check)?;
    for line in &outcome.said {
        ui.talk(line);
    }
    let remote = visible(&plan.remote);
    let would = if arguments.dry_run { "Would push" } else { "Pushed" };
    match outcome.summary.as_str() {
        "" => {}
        "[up to date]" => ui.talk(&format!("'{branch}' is up to date on '{remote}'")),
        summary => {
            let to = plan.to.strip_prefix("refs/heads/").unwrap_or(&plan.to);
            let other = match to == branch.as_str() {
                true => String::new(),
                false => format!(" as '{}'", visible(to)),
            };
            ui.talk(&format!("{would} '{branch}' to '{remote}'{other}: {summary}"));
        }
    }
    document(ui, &outcome);
    Ok(match outcome.is_held_back {
        true => Exit::Problems,
        false => Exit::Ok,
    })
}

/// What is wrong with the document is a warning: it does not hold the branch back.
fn document(ui: Ui, outcome: &Outcome) {
    if let Some(carried) = &outcome.carried {
        tell_archives(ui, carried);
        failed(ui, carried.failed.as_ref());
    }
    if let Some(synced) = &outcome.document {
        // That it is as the remote has it says nothing of a push that was held back.
        tell(ui, synced, outcome.is_held_back);
        failed(ui, synced.failed.as_ref());
    }
}

fn failed(ui: Ui, error: Option<&Error>) {
    if let Some(error) = error {
        let hint = error.hint.as_ref().map(|hint| format!("; {hint}"));
        ui.warn(&format!("{error}{}", hint.unwrap_or_default()));
    }
}
