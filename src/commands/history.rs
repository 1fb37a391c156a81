//! `history`: the versions of a document as a table, as JSON, or with what each changed. Not here: reading them (store/).

use chrono::SecondsFormat;
use serde::Serialize;

use super::{BranchOption, Exit, Surroundings};
use crate::error::Result;
use crate::journeys::archived::{Named, named, versions};
use crate::journeys::edit;
use crate::names::visible;
use crate::store::Version;

/// List the versions of the document, newest first
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// A branch, or an archived document by its branch, id or slug
    #[arg(value_name = "NAME", conflicts_with = "branch")]
    name: Option<String>,
    #[command(flatten)]
    branch: BranchOption,
    /// Show what each version changed
    #[arg(short, long)]
    patch: bool,
    /// At most this many
    #[arg(short = 'n', long, value_name = "NUMBER")]
    max_count: Option<usize>,
    /// Print a list of objects: version, time, author, subject; with -p patch
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Row<'a> {
    version: &'a str,
    time: String,
    author: &'a str,
    subject: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    patch: Option<String>,
}

pub(super) fn run(arguments: &Arguments, surroundings: &mut Surroundings<'_>) -> Result<Exit> {
    let session = surroundings.session()?;
    let name = arguments.name.as_deref().or(arguments.branch.branch.as_deref());
    let named = named(&session, name)?;
    if let Named::Live(branch) = &named {
        let read = edit::read(&session, branch)?;
        surroundings.ui.notices(&read.notices);
    }
    let (store, mut versions) = versions(&session, &named)?;
    versions.truncate(arguments.max_count.unwrap_or(usize::MAX));
    let time = |version: &Version| version.time.format("%Y-%m-%d %H:%M").to_string();
    if arguments.json {
        let mut rows = Vec::new();
        for version in &versions {
            let patch = arguments.patch.then(|| store.changes(&version.id)).transpose()?;
            rows.push(Row {
                version: version.id.as_str(),
                time: version.time.to_rfc3339_opts(SecondsFormat::Secs, true),
                author: &version.author,
                subject: &version.subject,
                patch: patch.map(|patch| String::from_utf8_lossy(&patch).into_owned()),
            });
        }
        surroundings.ui.json(&rows)?;
        return Ok(Exit::Ok);
    }
    let line = |version: &Version| {
        let (author, subject) = (visible(&version.author), visible(&version.subject));
        format!("{} {} {author}: {subject}\n", version.id.short(), time(version))
    };
    if !arguments.patch {
        let text: String = versions.iter().map(line).collect();
        surroundings.page(&session, text.as_bytes())?;
        return Ok(Exit::Ok);
    }
    let mut text = Vec::new();
    for (number, version) in versions.iter().enumerate() {
        if number > 0 {
            text.push(b'\n');
        }
        text.extend_from_slice(line(version).as_bytes());
        text.extend_from_slice(&store.changes(&version.id)?);
    }
    surroundings.page(&session, &text)?;
    Ok(Exit::Ok)
}
