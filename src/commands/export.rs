//! `export`: documents as files. Not here: which files may be written (journeys/export.rs).

use std::path::PathBuf;

use super::{Exit, Surroundings};
use crate::error::Result;
use crate::journeys::export::export;

/// Write documents as Markdown files into a folder
///
/// Each is a file <slug>-<id>.md in the folder. A file that holds anything else than a version of a document is left alone, and
/// the command exits with 1.
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The folder; it is made where it is missing
    #[arg(value_name = "DIR")]
    into: PathBuf,
    /// Archived documents too
    #[arg(long)]
    archived: bool,
}

pub(super) fn run(arguments: &Arguments, surroundings: &mut Surroundings<'_>) -> Result<Exit> {
    let session = surroundings.session()?;
    let folder = surroundings.world.directory.join(&arguments.into);
    let done = export(&session, &folder, arguments.archived)?;
    let (written, unchanged) = (done.written, done.unchanged);
    surroundings.ui.notices(&done.notices);
    for path in &done.left {
        surroundings.ui.warn(&format!(
            "'{}' is no version of a document, so it is left alone",
            path.display()
        ));
    }
    let files = if written == 1 { "file" } else { "files" };
    let place = arguments.into.display();
    surroundings
        .ui
        .talk(&format!("Wrote {written} {files} to '{place}' ({unchanged} unchanged)"));
    Ok(match done.left.is_empty() {
        true => Exit::Ok,
        false => Exit::Problems,
    })
}
