//! `history`: the versions of a document as a table or as JSON. Not here: reading them (store/).

use chrono::SecondsFormat;
use serde::Serialize;

use super::{BranchOption, Exit, Surroundings};
use crate::error::Result;
use crate::journeys::{Session, edit, open};
use crate::names::{BranchName, visible};
use crate::store::{Store, Version};

/// List the versions of the document, newest first
#[derive(clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    branch: BranchOption,
    /// At most this many
    #[arg(short = 'n', long, value_name = "NUMBER")]
    max_count: Option<usize>,
    /// Print a list of objects: version, time, author, subject
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Row<'a> {
    version: &'a str,
    time: String,
    author: &'a str,
    subject: &'a str,
}

pub(super) fn run(arguments: &Arguments, surroundings: &mut Surroundings<'_>) -> Result<Exit> {
    let session = surroundings.session()?;
    let branch = session.branch(arguments.branch.branch.as_deref())?;
    let read = edit::read(&session, &branch)?;
    surroundings.ui.notices(&read.notices);
    let (_, mut versions) = versions(&session, &branch)?;
    versions.truncate(arguments.max_count.unwrap_or(usize::MAX));
    let time = |version: &Version| version.time.format("%Y-%m-%d %H:%M").to_string();
    if arguments.json {
        let rows: Vec<Row<'_>> = versions
            .iter()
            .map(|version| Row {
                version: version.id.as_str(),
                time: version.time.to_rfc3339_opts(SecondsFormat::Secs, true),
                author: &version.author,
                subject: &version.subject,
            })
            .collect();
        surroundings.ui.json(&rows)?;
        return Ok(Exit::Ok);
    }
    let line = |version: &Version| {
        let (author, subject) = (visible(&version.author), visible(&version.subject));
        format!("{} {} {author}: {subject}\n", version.id.short(), time(version))
    };
    let text: String = versions.iter().map(line).collect();
    surroundings.page(&session, text.as_bytes())?;
    Ok(Exit::Ok)
}

/// Every version of a branch's document, newest first.
pub(super) fn versions<'s>(session: &'s Session<'_>, branch: &BranchName) -> Result<(&'s Store, Vec<Version>)> {
    let store = session.store()?.ok_or_else(|| edit::no_document(session, branch))?;
    let stored = open::find(session, store, branch)?.ok_or_else(|| edit::no_document(session, branch))?;
    let versions = store.history(&stored)?;
    Ok((store, versions))
}
