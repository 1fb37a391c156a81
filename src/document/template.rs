//! New documents: the template with everything filled in that is known when a branch is created.
//!
//! Not here: where a team's template is found, and what is known.

use chrono::{DateTime, Utc};

use super::front_matter::{self, Key, Value};
use super::lines::{byte_order_mark, newline};
use super::{Document, EditError};
use crate::actor::Actor;
use crate::names::{BranchName, DocId, slug};

/// The built-in template.
pub const DEFAULT: &str = include_str!("default_template.md");

/// The key by which a document is known to be its branch's.
const IDENTITY: &str = "branch.name";
/// The key by which a branch's commits are told apart from those of the branch below it.
const BASE: &str = "branch.base";

/// What is known about a branch when its document is made.
#[derive(Clone, Debug)]
pub struct NewDocument<'a> {
    /// The document's id.
    pub id: &'a DocId,
    /// The branch.
    pub branch: &'a BranchName,
    /// The branch that it goes into.
    pub base: Option<&'a BranchName>,
    /// Its place in its stack, 1 at the bottom, and how many branches the stack has.
    pub stack: Option<(u64, u64)>,
    /// Who drives it.
    pub dri: Option<&'a Actor>,
    /// The status to start with; the template's, else `draft`, where it is not given.
    pub status: Option<&'a str>,
    /// Now.
    pub time: DateTime<Utc>,
}

/// The document of a new branch. Keys that the template leaves out stay out, but for `branch.name`, by which a document
/// is known to be its branch's, and `branch.base`, without which the commits of the branch below would be taken for its own.
///
/// # Errors
/// Where the template's front matter cannot be edited.
pub fn fill(template: &[u8], facts: &NewDocument<'_>) -> Result<Document, EditError> {
    let fields = Document::new(template).front_matter();
    let changes = values(facts)
        .into_iter()
        .filter(|(key, _)| match key.to_string().as_str() {
            IDENTITY | BASE => true,
            // What a team's template says of these is a choice; only a person's own word goes above it.
            "status" if facts.status.is_none() => fields.get(key).is_some() && fields.is_missing(key),
            "dri" => fields.get(key).is_some() && fields.is_missing(key),
            _ => fields.get(key).is_some(),
        });
    let changes: Vec<(Key, Value)> = changes.collect();
    let mut document = Document::new(front_matter::set(template, &changes)?);
    document.derive_title(facts.branch);
    Ok(document)
}

/// A file that is no document yet, made one: front matter is added and filled where it says nothing, the text below it
/// stays byte for byte. Front matter that cannot be read, or has no room for our keys, is text like what is below it.
///
/// # Errors
/// Where the front matter cannot be made, which is a mistake of ours.
pub fn adopt(text: &[u8], facts: &NewDocument<'_>) -> Result<Document, EditError> {
    if front_matter::closed_block(text).is_some()
        && let Ok(document) = completed(text, facts)
    {
        return Ok(document);
    }
    let (mark, body) = text.split_at(byte_order_mark(text));
    let newline = newline(body);
    let span = front_matter::closed_block(DEFAULT.as_bytes()).unwrap_or_default();
    let front = super::edit::with_newlines(&DEFAULT.as_bytes()[span], newline);
    let filled = fill(&front, facts)?.into_text();
    let blank = if body.is_empty() { "" } else { newline };
    Ok(Document::new([mark, &filled, blank.as_bytes(), body].concat()))
}

/// The file with what its own front matter does not say.
fn completed(text: &[u8], facts: &NewDocument<'_>) -> Result<Document, EditError> {
    let fields = Document::new(text).front_matter();
    let wanted = values(facts)
        .into_iter()
        .filter(|(key, value)| key.to_string() == IDENTITY || *value != Value::Null && fields.is_missing(key));
    let changes: Vec<(Key, Value)> = wanted.collect();
    Ok(Document::new(front_matter::set(text, &changes)?))
}

/// A time as front matter holds it.
pub fn timestamp(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%d %H:%M UTC").to_string()
}

fn values(facts: &NewDocument<'_>) -> Vec<(Key, Value)> {
    let text = |text: &str| Some(Value::Text(text.to_owned()));
    let now = timestamp(facts.time);
    let all = [
        ("date", text(&now)),
        ("slug", text(&slug(facts.branch, facts.id))),
        ("status", text(facts.status.unwrap_or("draft"))),
        (IDENTITY, text(facts.branch.as_str())),
        // The template's own is an example.
        (
            BASE,
            Some(
                facts
                    .base
                    .map_or(Value::Null, |base| Value::Text(base.as_str().to_owned())),
            ),
        ),
        (
            "branch.position",
            facts.stack.map(|(position, _)| Value::Number(position)),
        ),
        ("branch.total", facts.stack.map(|(_, total)| Value::Number(total))),
        ("dri", facts.dri.and_then(|dri| text(dri.as_str()))),
        ("last_updated", text(&now)),
    ];
    all.into_iter()
        .filter_map(|(key, value)| Some((Key::parse(key)?, value?)))
        .collect()
}

#[cfg(test)]
mod tests;
