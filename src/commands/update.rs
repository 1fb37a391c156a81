//! `update`: things added to sections. Not here: their place and form (document/sections/).

use std::path::PathBuf;

use super::{BranchOption, Exit, Surroundings, log, text};
use crate::document::outline::canonical;
use crate::document::sections::Item;
use crate::error::{Error, Result};

/// Add to a section
///
/// A section that is missing is made at its place. Items put into a checklist get a box.
#[derive(clap::Args)]
#[command(group = clap::ArgGroup::new("what").required(true).multiple(false))]
pub(super) struct Arguments {
    #[command(flatten)]
    branch: BranchOption,
    /// The section's title; "A/B" for a section B inside A
    #[arg(long, value_name = "TITLE", required_unless_present = "log")]
    section: Option<String>,
    /// Add a list item
    #[arg(long, value_name = "TEXT", group = "what")]
    item: Option<String>,
    /// Add an item below the last one
    #[arg(long, value_name = "TEXT", group = "what")]
    subitem: Option<String>,
    /// Add a code block with the content of a file ("-": standard input)
    #[arg(long, value_name = "FILE", group = "what")]
    code: Option<PathBuf>,
    /// The language of the code block
    #[arg(long, value_name = "LANGUAGE", requires = "code")]
    lang: Option<String>,
    /// Add a table row: column and value in turn
    #[arg(long, num_args = 2.., value_names = ["COLUMN", "VALUE"], group = "what")]
    row: Vec<String>,
    /// Add an entry to Updates, as log does
    #[arg(long, value_name = "TEXT", group = "what", conflicts_with = "section")]
    log: Option<String>,
}

pub(super) fn run(arguments: &Arguments, surroundings: &mut Surroundings<'_>) -> Result<Exit> {
    if let Some(summary) = &arguments.log {
        return log::add(surroundings, &arguments.branch, summary, "");
    }
    let section = arguments.section.as_deref().unwrap_or_default();
    let top = section.split('/').next().unwrap_or_default();
    if canonical(top) == canonical("Updates") {
        let why = "what is put into 'Updates' would become part of its newest entry, and go with that commit";
        return Err(Error::usage(why).hint("git branchwork log <summary>"));
    }
    let code = arguments
        .code
        .as_deref()
        .map(|path| surroundings.input(path))
        .transpose()?;
    if arguments.row.len() % 2 == 1 {
        return Err(Error::usage("--row needs a value for each column").hint("--row Check Build Status ✅"));
    }
    let cells: Vec<(&str, &str)> = arguments
        .row
        .chunks_exact(2)
        .map(|pair| (pair[0].as_str(), pair[1].as_str()))
        .collect();
    let bullet: Vec<&str> = arguments.item.iter().map(String::as_str).collect();
    let item = match (&arguments.item, &arguments.subitem, &code) {
        (Some(_), _, _) => Item::Bullets(&bullet),
        (_, Some(text), _) => Item::Nested(text),
        (_, _, Some(text)) => Item::Code {
            language: arguments.lang.as_deref(),
            text,
        },
        _ => Item::Row(&cells),
    };
    text::change(
        surroundings,
        &arguments.branch,
        &format!("Added to {section}"),
        &mut |document| {
            document.append(section, &item)?;
            Ok(format!("update: {}", text::subject(section)))
        },
    )
}
