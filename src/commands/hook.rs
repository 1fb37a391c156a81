//! `hook`: the way in from git's hooks to hooks/. Not here: what a hook does.

use std::ffi::OsString;

use super::{Exit, Surroundings};
use crate::error::Result;
use crate::hooks;

/// Run as a git hook
///
/// Git runs this by the hooks that init installs; see githooks(5) for the arguments and the input.
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// post-checkout, post-commit, post-merge, post-rewrite or pre-push
    name: String,
    /// What git gives the hook
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<OsString>,
}

impl Arguments {
    /// As git gives them: `git-branchwork hook <name> …`. Reading them as any other command line takes a tenth of a hook's time.
    pub(super) fn of(command_line: &[OsString]) -> Option<Self> {
        let [_, hook, name, arguments @ ..] = command_line else {
            return None;
        };
        let name = name.to_str().filter(|name| !name.starts_with('-'))?;
        (hook == "hook").then(|| Self {
            name: name.to_owned(),
            arguments: arguments.to_vec(),
        })
    }
}

pub(super) fn run(arguments: &Arguments, surroundings: &mut Surroundings<'_>) -> Result<Exit> {
    let given: Vec<String> = arguments
        .arguments
        .iter()
        .map(|argument| argument.to_string_lossy().into_owned())
        .collect();
    let verdict = hooks::run(
        &arguments.name,
        &given,
        surroundings.world,
        surroundings.ui,
        surroundings.read_input,
    );
    Ok(match verdict {
        hooks::Answer::GoOn => Exit::Ok,
        hooks::Answer::Block => Exit::Problems,
    })
}
