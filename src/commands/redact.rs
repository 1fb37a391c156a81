//! `redact`: what is taken out of which documents, and what came of it in words. Not here: how (journeys/redact.rs).

use std::path::Path;

use serde::Serialize;

use super::{BranchOption, Exit, Surroundings, sync};
use crate::error::{Error, Result};
use crate::journeys::redact::{Became, OnRemote, Pattern, redact};
use crate::names::visible;
use crate::store::{RedactScope, document_on_remote};

/// Take a text, such as a secret, out of a document with all its versions, here and on the remote
///
/// REDACTED stands in its place. Versions are written anew, and clones that sync take it out of theirs; whoever saw the text has
/// seen it, so make a secret invalid where it was issued. Exits with 1 where no version has the text.
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The text; - reads it from standard input, so that no shell remembers it
    #[arg(value_name = "PATTERN", allow_hyphen_values = true)]
    pattern: String,
    /// Take PATTERN for a regular expression
    #[arg(short = 'E', long)]
    regex: bool,
    #[command(flatten)]
    branch: BranchOption,
    /// All documents of this clone, archived ones too
    #[arg(long, conflicts_with = "branch")]
    all: bool,
    /// Print a list of objects
    #[arg(long)]
    json: bool,
}

/// One line of `--json`.
#[derive(Serialize)]
struct Row {
    branch: Option<String>,
    id: Option<String>,
    reference: String,
    versions: usize,
}

pub(super) fn run(arguments: &Arguments, surroundings: &mut Surroundings<'_>) -> Result<Exit> {
    let given = match arguments.pattern.as_str() {
        "-" => String::from_utf8(surroundings.input(Path::new("-"))?)
            .map_err(|_| Error::new("standard input is not UTF-8"))?,
        pattern => pattern.to_owned(),
    };
    let given = given.strip_suffix('\n').unwrap_or(&given);
    let pattern = match arguments.regex {
        true => Pattern::regex(given)?,
        false => Pattern::text(given)?,
    };
    let session = surroundings.session()?;
    let scope = match arguments.all {
        true => RedactScope::All,
        false => RedactScope::Branch(session.branch(arguments.branch.branch.as_deref())?),
    };
    let prompt = surroundings.prompt();
    let outcome = redact(&session, &scope, &pattern, prompt)?;
    let ui = surroundings.ui;
    ui.notices(&outcome.notices);
    let rows = outcome.redacted.iter().map(|redacted| {
        let document = redacted.document.as_ref();
        let branch = document.and_then(|stored| stored.branch.as_ref());
        Row {
            branch: branch.map(|branch| branch.as_str().to_owned()),
            id: document.map(|stored| stored.id.to_string()),
            reference: redacted.reference.clone(),
            versions: redacted.versions,
        }
    });
    let rows: Vec<Row> = rows.collect();
    if arguments.json {
        ui.json(&rows)?;
    }
    for Row {
        branch,
        reference,
        versions,
        ..
    } in &rows
    {
        let versions = match versions {
            1 => "1 version".to_owned(),
            more => format!("{more} versions"),
        };
        let of = match branch {
            Some(branch) => format!("the document of '{branch}'"),
            None => format!("'{reference}'"),
        };
        ui.talk(&format!("Redacted {versions} of {of}"));
    }
    if rows.is_empty() {
        ui.talk(match outcome.removed {
            0 => "No version here has it",
            _ => "No version here has it; what else had it on the disk is gone",
        });
    }
    let is_done = !rows.is_empty() || !outcome.on_remotes.is_empty() || outcome.removed > 0;
    let mut exit = match is_done && outcome.failed.is_empty() {
        true => Exit::Ok,
        false => Exit::Problems,
    };
    for OnRemote {
        remote,
        reference,
        became,
    } in outcome.on_remotes
    {
        let what = reference.as_deref().map(what).unwrap_or_default();
        match became {
            Became::Replaced => ui.talk(&format!("Replaced {what} on '{}'", visible(&remote))),
            Became::Gone => ui.talk(&format!("On '{}' {what} has it no more", visible(&remote))),
            Became::Failed(error) => {
                ui.error(&still_there(error, &remote));
                exit = Exit::Problems;
            }
        }
    }
    for error in &outcome.failed {
        ui.error(error);
    }
    match sync::tell_all(ui, outcome.synced, true)? {
        Exit::Problems => Ok(Exit::Problems),
        Exit::Ok => Ok(exit),
    }
}

/// What a ref of a remote is.
fn what(reference: &str) -> String {
    let archive = reference.strip_prefix("refs/branchwork/archive/");
    match (document_on_remote(reference), archive) {
        (Some((branch, _)), _) => format!("the document of '{branch}'"),
        (_, Some(year)) => format!("the archive of {}", visible(year)),
        _ => format!("'{}'", visible(reference)),
    }
}

fn still_there(error: Error, remote: &str) -> Error {
    let hint = match &error.hint {
        Some(hint) if hint.ends_with("run the command again") => hint.clone(),
        Some(hint) => format!("{hint}, then run the command again"),
        None => "run the command again when that is mended".to_owned(),
    };
    error.why(format!("'{}' may still have it", visible(remote))).hint(hint)
}
