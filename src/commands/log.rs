//! `log`: an entry in Updates by hand. Not here: its form and its place (document/updates/).

use super::{BranchOption, Exit, Surroundings, text};
use crate::error::Result;

/// Add an entry to Updates
#[derive(clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    branch: BranchOption,
    /// What happened, in one line
    summary: String,
    /// More about it, in Markdown ("-": standard input)
    #[arg(long, value_name = "TEXT")]
    body: Option<String>,
}

pub(super) fn run(arguments: &Arguments, surroundings: &mut Surroundings<'_>) -> Result<Exit> {
    let body = match arguments.body.as_deref() {
        Some("-") => String::from_utf8_lossy(&surroundings.input("-".as_ref())?).into_owned(),
        Some(body) => body.to_owned(),
        None => String::new(),
    };
    add(surroundings, &arguments.branch, &arguments.summary, &body)
}

/// Adds an entry by the actor, now.
pub(super) fn add(surroundings: &Surroundings<'_>, branch: &BranchOption, summary: &str, body: &str) -> Result<Exit> {
    let actor = surroundings.session()?.actor();
    let now = surroundings.world.now;
    text::change(surroundings, branch, "Added to Updates", &mut |document| {
        document.log_text(now, &actor, summary, body)?;
        Ok(format!("log: {}", text::subject(summary)))
    })
}
