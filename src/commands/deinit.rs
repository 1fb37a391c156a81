//! `deinit`: the hooks out, and with `--purge` the documents. Not here: how (install/, journeys/purge.rs).

use std::ffi::OsStr;

use super::{Exit, Surroundings, init};
use crate::error::Result;
use crate::install;
use crate::journeys::purge;

/// Take the hooks out; the documents stay
///
/// Hooks and configuration are byte for byte as they were before init.
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Remove the documents too, after writing them to a bundle
    #[arg(long)]
    purge: bool,
}

pub(super) fn run(arguments: &Arguments, surroundings: &mut Surroundings<'_>) -> Result<Exit> {
    let session = surroundings.session()?;
    let ui = surroundings.ui;
    let target = install::find(OsStr::new("git"), &surroundings.world.directory)?;
    let removed = install::remove(&target)?;
    init::tell_removed(ui, &removed);
    if !arguments.purge {
        ui.talk("The hooks are out; the documents stay: git branchwork list");
        return Ok(Exit::Ok);
    }
    match purge::purge(&session)? {
        Some(bundle) => {
            ui.talk(&format!(
                "Removed the documents; they are saved in '{}'",
                bundle.display()
            ));
            ui.talk(&format!(
                "To read them again: git clone --mirror '{}' <folder>",
                bundle.display()
            ));
        }
        None => ui.talk("There were no documents"),
    }
    Ok(Exit::Ok)
}
