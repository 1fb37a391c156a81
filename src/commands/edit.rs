//! `edit`: git's editor on the view, or on a copy of a document that is in no work tree.
//!
//! Not here: taking in what was written (journeys/edit.rs).

use std::ffi::OsStr;
use std::io::Write;

use super::{BranchOption, Exit, Surroundings};
use crate::document::Document;
use crate::document::merge::{Side, merge};
use crate::error::{Error, Result};
use crate::journeys::{Session, edit};
use crate::process::{self, Input};
use crate::view::View;

/// Edit the document in git's editor
#[derive(clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    branch: BranchOption,
}

pub(super) fn run(arguments: &Arguments, surroundings: &mut Surroundings<'_>) -> Result<Exit> {
    let session = surroundings.session()?;
    let branch = session.branch(arguments.branch.branch.as_deref())?;
    let before = edit::read(&session, &branch)?;
    surroundings.ui.notices(&before.notices);
    let checkout = before.checkout.as_ref();
    let view = checkout.map(|checkout| (checkout, View::of(checkout)));
    let after = if let Some((checkout, view)) = view.filter(|(_, view)| view.is_text()) {
        edit::hand_over(&session, checkout, &before.document)?;
        launch(&session, view.path().as_os_str())?;
        edit::read(&session, &branch)?
    } else {
        edit_aside(&session, &branch, &before.document)?
    };
    surroundings.ui.notices(&after.notices);
    let changed = after.document != before.document;
    surroundings.ui.talk(&if changed {
        format!("Saved the document of '{branch}'")
    } else {
        format!("Nothing changed ({branch})")
    });
    Ok(Exit::Ok)
}

/// A document that is in no work tree is edited in a temporary file and merged with what was changed meanwhile.
fn edit_aside(session: &Session<'_>, branch: &crate::names::BranchName, before: &Document) -> Result<edit::Outcome> {
    let cannot = |error: &std::io::Error| Error::new("cannot make a file to edit").because(error);
    let mut file = tempfile::Builder::new()
        .prefix("branchwork-")
        .suffix(".md")
        .tempfile()
        .map_err(|error| cannot(&error))?;
    file.write_all(before.text()).map_err(|error| cannot(&error))?;
    launch(session, file.path().as_os_str())?;
    let edited = Document::new(std::fs::read(file.path()).map_err(|error| cannot(&error))?);
    let (actor, now) = (session.actor().to_string(), session.world.now);
    let changed = edit::change(session, branch, &mut |document| {
        let side = |document| Side {
            document,
            who: &actor,
            time: now,
        };
        *document = merge(before, &side(document), &side(&edited));
        Ok("edit: by hand".to_owned())
    });
    changed.map_err(|error| match file.keep() {
        Ok((_, path)) => error.hint(format!("what you wrote is in '{}'", path.display())),
        Err(_) => error,
    })
}

/// Git's order (git-var(1)): `GIT_EDITOR`, `core.editor`, `VISUAL` (not on a dumb terminal), `EDITOR`, vi.
fn launch(session: &Session<'_>, file: &OsStr) -> Result<()> {
    let world = session.world;
    let dumb = world.variable("TERM").is_none_or(|term| term == "dumb");
    let editor = world
        .variable("GIT_EDITOR")
        .map(str::to_owned)
        .or_else(|| session.repository.config("core.editor"))
        .or_else(|| world.variable("VISUAL").filter(|_| !dumb).map(str::to_owned))
        .or_else(|| world.variable("EDITOR").map(str::to_owned))
        .unwrap_or_else(|| "vi".to_owned());
    process::interactive(OsStr::new(&editor), &[file], &world.directory, &[], Input::Terminal).map_err(|failure| {
        Error::new(format!("there was a problem with the editor '{editor}'"))
            .because(&failure)
            .hint("git config --global core.editor <program>")
    })
}
