//! `search`: what is looked for, and what was found, as text, for programs, or as JSON. Not here: searching
//! (journeys/search.rs).

use chrono::{DateTime, NaiveDate, Utc};

use super::{Exit, Surroundings};
use crate::document::front_matter::Key;
use crate::error::{Error, Result};
use crate::journeys::Session;
use crate::journeys::search::{Hit, Text, Wanted, from_top, search};
use crate::names::visible;

/// Search live and archived documents
///
/// A document has to have all that is asked for. Exits with 1 where none has.
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Words, in upper or lower case; all must occur in the document
    #[arg(value_name = "TEXT", required_unless_present_any = ["field", "status", "author", "since", "path"])]
    texts: Vec<String>,
    /// Take each TEXT for a regular expression, to be matched in one line; (?i) at its start ignores case, of ASCII letters only
    #[arg(short = 'E', long)]
    regex: bool,
    /// A key of the front matter and its value
    #[arg(long, value_name = "KEY=VALUE")]
    field: Vec<String>,
    /// Its status, or how its branch ended: merged, abandoned
    #[arg(long)]
    status: Option<String>,
    /// Who drives it, or wrote an entry
    #[arg(long, value_name = "WHO")]
    author: Option<String>,
    /// Changed or archived on this day (UTC) or later
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    since: Option<DateTime<Utc>>,
    /// It tells of changes of this file, or in this folder, seen from the current one
    #[arg(long, value_name = "PATH")]
    path: Option<String>,
    /// Print a line for each match: name, line number, section and text, with NUL between them
    #[arg(short = 'z')]
    null: bool,
    /// Print a list of objects
    #[arg(long, conflicts_with = "null")]
    json: bool,
}

pub(super) fn run(arguments: &Arguments, surroundings: &mut Surroundings<'_>) -> Result<Exit> {
    let session = surroundings.session()?;
    let (hits, notices) = search(&session, &wanted(arguments, &session)?)?;
    surroundings.ui.notices(&notices);
    let found = match hits.is_empty() {
        true => Exit::Problems,
        false => Exit::Ok,
    };
    if arguments.json {
        surroundings.ui.json(&hits)?;
    } else if arguments.null {
        surroundings.ui.data(plain(&hits, '\0').as_bytes())?;
    } else if surroundings.ui.is_terminal() {
        surroundings.page(&session, for_people(&hits).as_bytes())?;
    } else {
        surroundings.ui.data(plain(&hits, ':').as_bytes())?;
    }
    if hits.is_empty() {
        surroundings.tell_unseen(&session)?;
    }
    Ok(found)
}

fn wanted(arguments: &Arguments, session: &Session<'_>) -> Result<Wanted> {
    let texts = match arguments.regex {
        true => arguments
            .texts
            .iter()
            .map(|text| Text::pattern(text))
            .collect::<Result<_>>()?,
        false => {
            let words = arguments.texts.iter().flat_map(|text| text.split_whitespace());
            words.map(Text::word).collect()
        }
    };
    Ok(Wanted {
        texts,
        fields: arguments
            .field
            .iter()
            .map(|field| self::field(field))
            .collect::<Result<_>>()?,
        status: arguments.status.clone(),
        author: arguments.author.clone(),
        since: arguments.since,
        path: arguments
            .path
            .as_deref()
            .map(|path| from_top(session, path))
            .transpose()?,
    })
}

fn field(text: &str) -> Result<(Key, String)> {
    let split = text
        .split_once('=')
        .and_then(|(key, value)| Some((Key::parse(key)?, value.to_owned())));
    split.ok_or_else(|| Error::usage(format!("'{}' is not KEY=VALUE", visible(text))).hint("--field risk=high"))
}

fn day(text: &str) -> std::result::Result<DateTime<Utc>, String> {
    let day = text.parse::<NaiveDate>().ok().and_then(|day| day.and_hms_opt(0, 0, 0));
    day.map(|midnight| midnight.and_utc())
        .ok_or_else(|| "a day such as 2025-08-29".to_owned())
}

/// What `show` finds the document by.
fn name(hit: &Hit) -> &str {
    match (&hit.archived, &hit.branch) {
        (None, Some(branch)) => branch,
        _ => &hit.id,
    }
}

/// A line for each match, as git grep has them; for a document without any its name.
fn plain(hits: &[Hit], between: char) -> String {
    let mut text = String::new();
    for hit in hits {
        let name = name(hit);
        if hit.matches.is_empty() {
            text.push_str(&format!("{name}\n"));
        }
        for found in &hit.matches {
            let (line, section, said) = (found.line, &found.section, &found.text);
            text.push_str(&format!("{name}{between}{line}{between}{section}{between}{said}\n"));
        }
    }
    text
}

/// Each document with a heading, its matches below it.
fn for_people(hits: &[Hit]) -> String {
    let blocks = hits.iter().map(|hit| {
        let branch = hit.branch.as_deref().unwrap_or(&hit.id);
        let mut text = match &hit.archived {
            None => format!("{branch}\n"),
            Some(time) => {
                let outcome = hit.outcome.as_deref().unwrap_or("archived");
                format!("{branch} ({outcome}; archived {}, {})\n", &time[..10], hit.id)
            }
        };
        let mut before = "";
        for found in &hit.matches {
            if found.section != before {
                text.push_str(&format!("  {}\n", found.section));
            }
            before = &found.section;
            text.push_str(&format!("{:5}: {}\n", found.line, found.text));
        }
        text
    });
    blocks.collect::<Vec<_>>().join("\n")
}
