//! `tick`: a checklist item by its text. Not here: finding it (document/sections/checklist.rs).

use super::{BranchOption, Exit, Surroundings, text};
use crate::document::sections::Ticked;
use crate::error::Result;

/// Tick the checklist item that holds TEXT
#[derive(clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    branch: BranchOption,
    /// The item's text or a part of it that no other open item has
    text: String,
}

pub(super) fn run(arguments: &Arguments, surroundings: &mut Surroundings<'_>) -> Result<Exit> {
    text::change(surroundings, &arguments.branch, "Ticked", &mut |document| {
        let (Ticked::Now(item) | Ticked::Already(item)) = document.tick(&arguments.text)?;
        Ok(format!("tick: {}", text::subject(&item)))
    })
}
