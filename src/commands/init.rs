//! `init`: the hooks in, and what came of each event in words. Not here: how (install/).

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::{Exit, Surroundings};
use crate::error::{Error, Result};
use crate::install::{self, Event, Folder, HookManager, Obstacle, Outcome, Reach, Removed, Report, Target, Way};
use crate::journeys::diagnose::{unset, why};
use crate::journeys::{Session, open, sync};
use crate::names::{BranchName, visible};
use crate::transport::Prompt;
use crate::ui::{Ui, place};

/// Install the hooks in this repository, and make the current branch's document
///
/// Lives beside the hooks that are there: none is moved or overwritten. Running it again changes nothing, or follows the
/// program to its new place.
#[derive(clap::Args)]
pub(super) struct Arguments {}

pub(super) fn run(_: &Arguments, surroundings: &mut Surroundings<'_>) -> Result<Exit> {
    let session = surroundings.session()?;
    let ui = surroundings.ui;
    let program = program(surroundings)?;
    let target = install::find(OsStr::new("git"), &surroundings.world.directory)?;
    let report = install::install(&target, &program)?;
    tell(ui, &report, &target);
    match bring(&session, ui, surroundings.prompt()) {
        Ok(()) => {}
        // The hooks are what was asked for.
        Err(error) => ui.warn(&format!(
            "{error}; to look for its documents again: git branchwork sync --all"
        )),
    }
    match open::open(&session)? {
        open::Outcome::Created(branch, notices) => {
            ui.notices(&notices);
            ui.talk(&format!("Created the document of '{branch}': {}", place(&notices)));
        }
        open::Outcome::Shown(notices) => {
            ui.notices(&notices);
            ui.talk(&format!("The current branch's document: {}", place(&notices)));
        }
        nothing => {
            if let open::Outcome::Cleared(notices) = nothing {
                ui.notices(&notices);
            }
            let of_checkout = report.events.iter().find(|(event, _)| *event == Event::PostCheckout);
            ui.talk(match of_checkout.is_some_and(|(_, outcome)| is_installed(outcome)) {
                true => "The next branch you make gets its document: git switch -c <name>",
                false => "No hook makes documents yet; on a branch, by hand: git branchwork create",
            });
        }
    }
    if sync::is_proposed(&session) {
        ui.talk("The team proposes that documents go along with each push: git config branchwork.sync on-push");
    }
    let all = report.events.iter().all(|(_, outcome)| is_installed(outcome));
    Ok(if all { Exit::Ok } else { Exit::Problems })
}

/// Brings what the remote has: the current branch's document, and at the first time those of others.
fn bring(session: &Session<'_>, ui: Ui, prompt: Prompt) -> Result<()> {
    if let Some(branch) = session.repository.current_branch()?
        && let Some(remote) = sync::bring(session, &branch, prompt)?
    {
        ui.talk(&brought(&branch, &remote));
    }
    let Some(others) = sync::bring_others(session, prompt)? else {
        return Ok(());
    };
    let documents = match others.number {
        1 => "1 document of another branch".to_owned(),
        number => format!("{number} documents of other branches"),
    };
    let remote = visible(&others.remote);
    ui.talk(&match others.came {
        true => format!("Brought {documents} from '{remote}'"),
        false => format!("'{remote}' has {documents}: git branchwork sync --all"),
    });
    Ok(())
}

/// What is said of a document that was not here and was on a remote.
pub(super) fn brought(branch: &BranchName, remote: &str) -> String {
    format!("Brought the document of '{branch}' from '{}'", visible(remote))
}

/// Whether git runs us for the event now.
fn is_installed(outcome: &Outcome) -> bool {
    !matches!(
        outcome,
        Outcome::Refused(_) | Outcome::NotOurFolder | Outcome::ByHandNotRun
    )
}

/// This program's own path, which the hooks start.
pub(super) fn program(surroundings: &Surroundings<'_>) -> Result<PathBuf> {
    surroundings.world.executable.clone().ok_or_else(|| {
        Error::new("cannot find out where this program is")
            .hint("run it by its full path: /path/to/git-branchwork init")
    })
}

fn tell(ui: Ui, report: &Report, target: &Target) {
    let done = |wanted: &[Outcome]| {
        let names: Vec<&str> = report
            .events
            .iter()
            .filter(|(_, outcome)| wanted.contains(outcome))
            .map(|(event, _)| event.name())
            .collect();
        names.join(", ")
    };
    let place = match report.way {
        Way::Config => "git's configuration",
        Way::Files | Way::Snippet(_) => "hook files",
    };
    let new = done(&[Outcome::Added, Outcome::Updated]);
    if !new.is_empty() {
        ui.talk(&format!("Installed in {place}: {new}"));
    }
    let same = done(&[Outcome::Unchanged]);
    if !same.is_empty() {
        ui.talk(&format!("Already installed in {place}: {same}"));
    }
    tell_removed(ui, &report.other_way);
    tell_by_hand(ui, report);
    if report.way == Way::Snippet(Folder::Nowhere) {
        tell_nowhere(ui, target);
    } else if let (Way::Snippet(folder), false) = (report.way, report.snippets.is_empty()) {
        let whose = match folder {
            Folder::InWorkTree => "lies in a work tree, where it is probably tracked",
            Folder::InGitDir | Folder::Outside | Folder::Nowhere => "is not this repository's own",
        };
        ui.warn(&format!(
            "git looks for hooks in a folder that {whose}; nothing was written there"
        ));
    }
    for (event, outcome) in &report.events {
        if let Outcome::Refused(obstacle) = outcome {
            ui.warn(&format!("the {} hook was not touched: {}", event.name(), why(obstacle)));
        }
    }
    tell_snippets(ui, report);
}

/// That git can run no hook at all, and why.
fn tell_nowhere(ui: Ui, target: &Target) {
    let folder = target.hooks_dir.display();
    let Some(setting) = &target.core_hooks_path else {
        ui.warn(&format!("git runs no hooks here: '{folder}' is no folder"));
        return;
    };
    let relative = match Path::new(&setting.value).is_relative() {
        true => ", or make it an absolute path",
        false => "",
    };
    ui.warn(&format!(
        "core.hooksPath switches hooks off here: '{folder}' can be no folder; take it out{relative}, then run this again:"
    ));
    ui.show(&unset(setting));
}

/// The lines that a person wrote, of which some run and some do not.
fn tell_by_hand(ui: Ui, report: &Report) {
    for (event, outcome) in &report.events {
        let name = event.name();
        for line in report.by_hand.iter().filter(|line| line.event == *event) {
            let file = line.file.display();
            match outcome {
                Outcome::ByHand if line.reach == Reach::Runs => {
                    ui.talk(&format!("Already in '{file}', by hand: {name}"))
                }
                Outcome::ByHandNotRun if line.reach == Reach::Interrupted => {
                    ui.warn(&format!(
                        "'{file}' starts git-branchwork, but git does not run it for {name}"
                    ));
                    if let Some(remedy) = line.remedy() {
                        ui.show(&remedy);
                    }
                }
                _ if report.way == Way::Config && line.reach == Reach::Runs => ui.warn(&format!(
                    "'{file}' starts git-branchwork too, so {name} runs twice; take that line out"
                )),
                _ => {}
            }
        }
    }
}

fn tell_snippets(ui: Ui, report: &Report) {
    for snippet in &report.snippets {
        let manager = snippet.manager.map_or("a shell hook", HookManager::name);
        let Some(file) = &snippet.file else {
            ui.warn(&format!("run this yourself, so that {manager} runs these hooks too:"));
            ui.show(&snippet.text);
            continue;
        };
        let other_language = report.events.iter().find(|(event, outcome)| {
            matches!(outcome, Outcome::Refused(Obstacle::NotShell(_))) && file.ends_with(event.name())
        });
        let file = file.display();
        if let (Some((event, _)), None) = (other_language, snippet.manager) {
            ui.warn(&format!(
                "start this in '{file}' yourself, with its own arguments and input (exit code 1: exit with 1 too):"
            ));
            ui.show(&format!("git-branchwork hook {}\n", event.name()));
            continue;
        }
        // git-lfs knows its hooks by their whole text, so that there is a whole file to write.
        if snippet.text.starts_with("#!") {
            ui.warn(&format!("let this be all of '{file}' ({manager}):"));
        } else {
            ui.warn(&format!("add this to '{file}' yourself ({manager}):"));
        }
        ui.show(&snippet.text);
    }
}

/// What `deinit`, or the other way of installing, took out.
pub(super) fn tell_removed(ui: Ui, removed: &Removed) {
    if let Some(config) = &removed.config {
        ui.talk(&format!("Removed from '{}'", config.display()));
    }
    for removal in &removed.files {
        match removal {
            install::Removal::Done(path) => ui.talk(&format!("Removed from '{}'", path.display())),
            install::Removal::Left(path, obstacle) => {
                let path = path.display();
                ui.warn(&format!(
                    "'{path}' was not touched: {}; take git-branchwork's lines out by hand",
                    why(obstacle)
                ));
            }
        }
    }
}
