//! `review`: a review from a file, quoted in Updates. Not here: its form (document/updates/).

use std::path::PathBuf;

use super::{BranchOption, Exit, Surroundings, text};
use crate::actor::Actor;
use crate::error::{Error, Result};
use crate::names::visible;

/// Quote a review in Updates
#[derive(clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    branch: BranchOption,
    /// Who reviewed
    #[arg(long, value_name = "WHO")]
    from: String,
    /// What came of it, such as "Changes requested"
    #[arg(long, value_name = "STATUS")]
    status: Option<String>,
    /// The file with the review's text ("-": standard input)
    #[arg(default_value = "-")]
    file: PathBuf,
}

pub(super) fn run(arguments: &Arguments, surroundings: &mut Surroundings<'_>) -> Result<Exit> {
    let review = surroundings.input(&arguments.file)?;
    if review.trim_ascii().is_empty() {
        return Err(Error::new("the review is empty").hint("git branchwork review --from ada <file>"));
    }
    let now = surroundings.world.now;
    let from = Actor::new(&arguments.from).ok_or_else(|| {
        Error::usage(format!("'{}' is not a name", visible(&arguments.from)))
            .hint("git branchwork review --from ada <file>")
    })?;
    text::change(
        surroundings,
        &arguments.branch,
        "Added the review to Updates",
        &mut |document| {
            document.log_review(now, &from, arguments.status.as_deref(), &review)?;
            Ok(format!("review: {}", from))
        },
    )
}
