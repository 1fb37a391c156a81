//! `help`: what `--help` prints, asked for as git's users ask for it.
//!
//! Not here: the manual pages (man.rs), which `git help branchwork` opens.

use clap::Parser;

use super::{CommandLine, Exit, Surroundings, named};
use crate::error::Result;

/// Print what a command does and takes, as its --help does
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Which command; without one, they are listed
    command: Option<String>,
}

pub(super) fn run(arguments: &Arguments, surroundings: &mut Surroundings<'_>) -> Result<Exit> {
    let command = arguments.command.as_deref();
    named(command)?;
    let line = ["git-branchwork"].into_iter().chain(command).chain(["--help"]);
    // What clap prints for that is an error to it.
    if let Err(help) = CommandLine::try_parse_from(line) {
        surroundings.ui.data(help.render().to_string().as_bytes())?;
    }
    Ok(Exit::Ok)
}
