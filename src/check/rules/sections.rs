//! The sections of a document: which have to say something, and whose checklists have to be clear.
//!
//! Not here: which these are (policy/), and ticking an item (document/sections/).

use std::collections::HashSet;
use std::ops::Range;

use bstr::ByteSlice;

use super::{Finding, Subject};
use crate::check::fix::quoted;
use crate::check::values::LEFT_OPEN;
use crate::document::front_matter::{FieldValue, Key};
use crate::document::outline::{Block, BlockKind, ListItem, Section, canonical, split_box};
use crate::document::sections::{is_only, is_placeholder};
use crate::document::title;
use crate::names::visible;

/// How much of an item's text is told.
const SHOWN: usize = 60;
/// How long a text may be that is held against a pattern, in bytes.
const LONGEST_MATCHED: usize = 1_000;
/// What may stand between what is not applicable and the reason why.
const REASONS: [&str; 4] = [": ", " - ", " – ", " — "];

/// BW013.
pub(in crate::check) fn open_items(subject: &Subject<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for (title, since) in subject.context.policy.checklists_for(subject.status) {
        let Some(section) = subject.outline().section(&title) else {
            found.push(Finding {
                message: format!("the checklist '{}' is missing", visible(&title)),
                note: Some(format!("it has to be clear from status '{since}' on")),
                ..Finding::default()
            });
            continue;
        };
        for item in subject.outline().items_in(&section.body) {
            let line = subject.first_line(&(item.content..item.span.end.max(item.content)));
            let text = subject.document.text().get(line.clone()).unwrap_or_default();
            let name = visible(&section.title);
            let (message, note) = match Mark::of(text) {
                Mark::Open(words) if !is_placeholder(words) => {
                    let words = shortened(words);
                    (
                        format!("'{words}' is open in '{name}', which has to be clear from status '{since}' on"),
                        format!("when it is done: git branchwork tick {}", quoted(&words)),
                    )
                }
                Mark::NotApplicable(words) if !has_reason(subject, item, words) => (
                    format!(
                        "'{}' is marked as not applicable in '{name}', without a reason",
                        shortened(words)
                    ),
                    "say why behind it: '- [-] Load test: no traffic yet'".to_owned(),
                ),
                _ => continue,
            };
            found.push(Finding {
                place: Some(line),
                message,
                note: Some(note),
                fix: None,
            });
        }
    }
    found
}

/// The box of a list item, with the text behind it.
enum Mark<'a> {
    Open(&'a [u8]),
    NotApplicable(&'a [u8]),
    Other,
}

impl<'a> Mark<'a> {
    fn of(text: &'a [u8]) -> Self {
        if let Some(rest) = text.strip_prefix(b"[-]") {
            return match rest.first() {
                None | Some(b' ' | b'\t') => Mark::NotApplicable(rest.trim()),
                _ => Mark::Other,
            };
        }
        match split_box(text) {
            (b"[ ]", rest) => Mark::Open(rest.trim()),
            _ => Mark::Other,
        }
    }
}

/// Whether a reason stands behind an item: on its line, or below it.
fn has_reason(subject: &Subject<'_>, item: &ListItem, text: &[u8]) -> bool {
    let text = text.to_str_lossy();
    let says = |text: &str| text.chars().any(char::is_alphanumeric);
    let in_brackets = || text.trim_end().strip_suffix(')')?.rsplit_once('(');
    let below = subject.document.text().get(item.span.clone()).unwrap_or_default();
    let below = below.split_once_str("\n").map(|(_, rest)| rest).unwrap_or_default();
    REASONS.iter().any(|between| {
        text.split_once(between)
            .is_some_and(|(what, why)| says(what) && says(why))
    }) || in_brackets().is_some_and(|(what, why)| says(what) && says(why))
        || says(&below.to_str_lossy())
}

/// BW017.
pub(in crate::check) fn empty(subject: &Subject<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for (title, since) in subject.context.policy.sections_for(subject.status) {
        let section = subject.outline().section(&title);
        let (place, is) = match &section {
            None => (None, "missing"),
            Some(section) if !says_something(subject, section) => (Some(subject.trimmed(&section.heading)), "empty"),
            Some(_) => continue,
        };
        let named = quoted(&visible(&title));
        found.push(Finding {
            place,
            message: format!("the section '{}' is {is}", visible(&title)),
            note: Some(format!(
                "required from status '{since}' on; add to it: git branchwork update --section {named} --item <text>"
            )),
            fix: None,
        });
    }
    found
}

/// BW018.
pub(in crate::check) fn placeholders(subject: &Subject<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for (title, _) in subject.context.policy.sections_for(subject.status) {
        let Some(section) = subject.outline().section(&title) else {
            continue;
        };
        if !says_something(subject, &section) {
            continue;
        }
        let items = subject.outline().items_in(&section.body).iter().map(|item| &item.span);
        let blocks = subject.outline().blocks_in(&section.body).iter();
        let paragraphs = blocks
            .filter(|block| block.kind == BlockKind::Paragraph)
            .map(|block| &block.span);
        for span in items.chain(paragraphs) {
            if is_left_open(subject.document.text().get(span.clone()).unwrap_or_default()) {
                found.push(Finding {
                    place: Some(subject.trimmed(span)),
                    message: format!("a placeholder is left in the section '{}'", visible(&section.title)),
                    note: Some("fill it in, or take it out".to_owned()),
                    fix: None,
                });
            }
        }
    }
    found
}

/// Whether there is more in a section than headings, comments, placeholders and the head of a table.
fn says_something(subject: &Subject<'_>, section: &Section) -> bool {
    let text = |block: &Block| subject.document.text().get(block.span.clone()).unwrap_or_default();
    subject
        .outline()
        .blocks_in(&section.body)
        .iter()
        .any(|block| match block.kind {
            BlockKind::Heading | BlockKind::Html | BlockKind::Break => false,
            BlockKind::Paragraph => !is_left_open(text(block)) && !is_head_of_table(text(block)),
            BlockKind::List(_) => !is_left_open(text(block)),
            BlockKind::Code | BlockKind::Indented | BlockKind::Quote => true,
        })
}

/// Whether it is a placeholder, ours or what people write for one. Edits take only ours out.
fn is_left_open(text: &[u8]) -> bool {
    is_only(text, &LEFT_OPEN)
}

fn is_head_of_table(text: &[u8]) -> bool {
    let mut lines = text.lines();
    let (Some(_), Some(rule), None) = (lines.next(), lines.next(), lines.next()) else {
        return false;
    };
    rule.contains(&b'|') && rule.iter().all(|byte| b"|-: \t\r".contains(byte))
}

/// BW019.
pub(in crate::check) fn twice(subject: &Subject<'_>) -> Vec<Finding> {
    let mut seen: HashSet<String> = HashSet::new();
    let sections = subject.outline().sections();
    let again = sections.filter(|section| !seen.insert(canonical(&section.title)));
    let one = |section: Section| Finding {
        place: Some(subject.trimmed(&section.heading)),
        message: format!("the section '{}' stands here a second time", visible(&section.title)),
        note: Some("commands read and change the first one only".to_owned()),
        fix: None,
    };
    again.map(one).collect()
}

/// BW024.
pub(in crate::check) fn patterns(subject: &Subject<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for (key, pattern, regex) in subject.context.policy.patterns() {
        let name = key.map_or_else(|| "title".to_owned(), Key::to_string);
        let (texts, place) = match key.map(|key| subject.front_matter.get(key)) {
            None => {
                let (title, place) = title_of(subject);
                (vec![title], place)
            }
            Some(field) => match field.map(|field| (&field.value, field)) {
                Some((FieldValue::Text(text), field)) => (vec![text.clone()], Some(field.value_span.clone())),
                Some((FieldValue::List(items), field)) => (items.clone(), Some(field.value_span.clone())),
                // One that is missing is BW002's, where it is required, and one of another kind is BW009's.
                _ => continue,
            },
        };
        // What says nothing is missing, but for a title.
        let is_said = |text: &&String| key.is_none() || !text.trim().is_empty();
        let fits = |text: &String| text.len() <= LONGEST_MATCHED && regex.is_match(text);
        if !texts.iter().filter(is_said).all(fits) {
            found.push(Finding {
                place,
                message: format!(
                    "'{}' does not have the form that the team has agreed on",
                    visible(&name)
                ),
                note: Some(format!("the whole of it has to match {}", visible(pattern))),
                fix: None,
            });
        }
    }
    found
}

fn title_of(subject: &Subject<'_>) -> (String, Option<Range<usize>>) {
    match title::heading(subject.outline()) {
        None => (String::new(), None),
        Some(heading) => (heading.title.clone(), Some(subject.trimmed(&heading.line))),
    }
}

fn shortened(text: &[u8]) -> String {
    let text = text.to_str_lossy();
    let short: String = text.chars().take(SHOWN).collect();
    visible(&short)
}
