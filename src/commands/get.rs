//! `get`: values of the front matter for scripts. Not here: what they mean (check/).

use super::{BranchOption, Exit, Surroundings, show};
use crate::document::front_matter::{FieldValue, Key};
use crate::error::{Error, Result};
use crate::journeys::{edit, verify};
use crate::names::visible;
use crate::nearest::nearest;

/// Print fields of the front matter
///
/// With one KEY prints its value, a list one item a line, and exits with 1 where it has none. With several or none prints
/// KEY=VALUE lines.
#[derive(clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    branch: BranchOption,
    /// A key, with dots: branch.base
    keys: Vec<String>,
    /// End values with NUL instead of line ends
    #[arg(short = 'z')]
    null: bool,
    /// Print an object with the fields
    #[arg(long, conflicts_with = "null")]
    json: bool,
}

pub(super) fn run(arguments: &Arguments, surroundings: &mut Surroundings<'_>) -> Result<Exit> {
    let session = surroundings.session()?;
    let branch = session.branch(arguments.branch.branch.as_deref())?;
    let keys = arguments
        .keys
        .iter()
        .map(|key| parse_key(key))
        .collect::<Result<Vec<_>>>()?;
    let read = edit::read(&session, &branch)?;
    surroundings.ui.notices(&read.notices);
    let front_matter = read.document.front_matter();
    if let Some(verdict) = verify::unreadable(&session, &branch, &read.document) {
        surroundings.ui.verdict(&verdict);
        return Ok(Exit::Problems);
    }
    for key in keys.iter().filter(|key| front_matter.get(key).is_none()) {
        let there: Vec<String> = front_matter.fields.iter().map(|field| field.key.to_string()).collect();
        if let Some(meant) = nearest(&key.to_string(), there.iter().map(String::as_str)) {
            let (key, meant) = (visible(&key.to_string()), visible(meant));
            surroundings
                .ui
                .warn(&format!("the document has no '{key}'; did you mean '{meant}'?"));
        }
    }
    let wanted = |key: &Key| keys.is_empty() || keys.contains(key);
    let fields = || front_matter.fields.iter().filter(|field| wanted(&field.key));
    let says_nothing = fields().all(|field| values(&field.value).is_empty());
    let ended = match keys.len() == 1 && says_nothing {
        true => Exit::Problems,
        false => Exit::Ok,
    };
    if arguments.json {
        let fields = fields().map(|field| (field.key.to_string(), show::json(field)));
        surroundings.ui.json(&fields.collect::<serde_json::Map<_, _>>())?;
        return Ok(ended);
    }
    let end = if arguments.null { '\0' } else { '\n' };
    let mut text = String::new();
    for field in fields().filter(|field| field.value != FieldValue::Other) {
        let values = values(&field.value);
        match keys.len() {
            1 => text.extend(values.iter().map(|value| format!("{value}{end}"))),
            _ => text.push_str(&format!("{}={}{end}", field.key, values.join(", "))),
        }
    }
    surroundings.ui.data(text.as_bytes())?;
    Ok(ended)
}

pub(super) fn parse_key(key: &str) -> Result<Key> {
    Key::parse(key).ok_or_else(|| {
        Error::usage(format!("'{}' is not a key", visible(key))).hint("keys have dots between their parts: branch.base")
    })
}

fn values(value: &FieldValue) -> Vec<String> {
    match value {
        FieldValue::Text(text) if !text.is_empty() => vec![text.clone()],
        FieldValue::List(items) => items.clone(),
        _ => Vec::new(),
    }
}
