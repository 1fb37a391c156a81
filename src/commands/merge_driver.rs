//! `merge-driver`: how git's merge calls us for copies of documents in a tree. Not here: the merge.

use std::path::PathBuf;

use super::{Exit, Surroundings};
use crate::error::Result;
use crate::journeys::merge_files::merge_files;

/// Merge exported documents, as a merge driver of git's
///
/// For teams that keep exported documents in their tree. Git is told once in each clone:
/// git config merge.branchwork.driver 'git branchwork merge-driver %O %A %B';
/// the tree tells it which files, in .gitattributes: docs/branches/*.md merge=branchwork
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The file that both sides come from: %O
    #[arg(value_name = "BASE")]
    base: PathBuf,
    /// The file of this side, which gets the result: %A
    #[arg(value_name = "OURS")]
    ours: PathBuf,
    /// The file of the other side: %B
    #[arg(value_name = "THEIRS")]
    theirs: PathBuf,
}

pub(super) fn run(arguments: &Arguments, surroundings: &mut Surroundings<'_>) -> Result<Exit> {
    let directory = &surroundings.world.directory;
    let [base, ours, theirs] = [&arguments.base, &arguments.ours, &arguments.theirs].map(|path| directory.join(path));
    merge_files(&base, &ours, &theirs)?;
    Ok(Exit::Ok)
}
