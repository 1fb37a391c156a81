//! Adding to a section of a document: list items, checklists, tables, code and text, each where it belongs.
//!
//! Not here: Updates entries (updates/), front matter, and the blocks that are derived.

mod checklist;
mod list;
mod table;
#[cfg(test)]
mod tests;

use std::ops::Range;

use bstr::ByteSlice;

pub use checklist::Ticked;
pub(crate) use list::{is_only, is_placeholder};

use super::edit::{Join, Splice, below, with_newlines};
use super::lines::blank_trimmed;
use super::message::{clean, fence_for};
use super::outline::{Block, BlockKind, Outline, SECTIONS, Section, canonical};
use super::{Document, EditError};

/// What is added to a section.
#[derive(Clone, Copy, Debug)]
pub enum Item<'a> {
    /// List items; in a checklist section, with boxes.
    Bullets(&'a [&'a str]),
    /// A child of the section's last list item.
    Nested(&'a str),
    /// A fenced block of code.
    Code {
        /// The word after the fence.
        language: Option<&'a str>,
        /// The code, in any encoding.
        text: &'a [u8],
    },
    /// A table row: column names and cells. A row with the same first cell is changed instead of added to.
    Row(&'a [(&'a str, &'a str)]),
}

/// What a section of the template holds when it is new.
const NEW_TABLE: &[u8] = b"| Check | Status | Details |\n|-------|--------|---------|\n";

impl Document {
    /// Adds `item` to the section with this title; `"A/B"` is the level-3 section B of A. A section of the template that
    /// is missing is made at its place, a level-3 section at the end of its parent. On an error nothing is changed.
    pub fn append(&mut self, section: &str, item: &Item<'_>) -> Result<(), EditError> {
        let mut document = self.clone();
        let outline = document.close_blocks(Outline::of(&document.text));
        let (outline, section) = document.section_or_new(outline, section)?;
        let place = Place {
            text: &document.text,
            outline: &outline,
            own: own_part(&outline, &section),
            section,
        };
        let splices = match item {
            Item::Bullets(texts) => list::bullets(&place, texts)?,
            Item::Nested(text) => list::nested(&place, text)?,
            Item::Row(cells) => table::row(&place, cells)?,
            Item::Code { language, text } => place.block(&code(*language, text)),
        };
        let section = place.section;
        document.apply(&splices);
        let after = Outline::of(&document.text);
        if !same_headings(&outline, &after) || !holds(&after, item, &splices) {
            return Err(EditError::WouldBreak { section: section.title });
        }
        *self = document;
        Ok(())
    }

    /// The section, made where it is missing.
    pub(super) fn section_or_new(&mut self, outline: Outline, title: &str) -> Result<(Outline, Section), EditError> {
        if let Some(section) = outline.section(title) {
            return Ok((outline, section));
        }
        let missing = |outline: &Outline| EditError::NoSection {
            title: title.to_owned(),
            sections: outline.sections().map(|section| section.title).collect(),
        };
        if let Some(place) = SECTIONS
            .iter()
            .position(|known| known.eq_ignore_ascii_case(&canonical(title)))
        {
            self.apply(&[new_section(&self.text, &outline, place)]);
        } else {
            let (parent, child) = title.split_once('/').ok_or_else(|| missing(&outline))?;
            let child = clean(child).split_whitespace().collect::<Vec<_>>().join(" ");
            let known = SECTIONS
                .iter()
                .any(|known| known.eq_ignore_ascii_case(&canonical(parent)));
            if child.is_empty() || !(known || outline.section(parent).is_some()) {
                return Err(missing(&outline));
            }
            let (outline, parent) = self.section_or_new(outline, parent)?;
            let heading = format!("### {child}\n");
            self.apply(&[below(
                &self.text,
                &outline,
                &parent.body,
                Join::Block,
                heading.as_bytes(),
            )]);
        }
        let outline = Outline::of(&self.text);
        let section = outline.section(title).ok_or_else(|| missing(&outline))?;
        Ok((outline, section))
    }
}

/// Where something is added.
struct Place<'a> {
    text: &'a [u8],
    outline: &'a Outline,
    section: Section,
    /// The part of the section that things are added to.
    own: Range<usize>,
}

impl Place<'_> {
    /// The edit that puts a block at the end, in place of a placeholder.
    fn block(&self, block: &[u8]) -> Vec<Splice> {
        let last = self.outline.blocks_in(&self.own).last();
        vec![
            match last.filter(|last| is_placeholder(&self.text[last.span.clone()])) {
                None => below(self.text, self.outline, &self.own, Join::Block, block),
                Some(stale) => Splice {
                    at: stale.span.clone(),
                    text: with_newlines(block, self.outline.newline),
                },
            },
        ]
    }
}

/// The section without its sub-sections; Updates whole, because its sub-sections are its content.
fn own_part(outline: &Outline, section: &Section) -> Range<usize> {
    let is_heading = |block: &&Block| block.kind == BlockKind::Heading;
    let sub = outline.blocks_in(&section.body).iter().find(is_heading);
    match sub {
        Some(sub) if canonical(&section.title) != "updates" => section.body.start..sub.span.start,
        _ => section.body.clone(),
    }
}

/// The template's section number `place`, below the nearest section that the template has above it, else above the
/// nearest that it has below it.
fn new_section(text: &[u8], outline: &Outline, place: usize) -> Splice {
    let mut block = format!("## {}\n", SECTIONS[place]).into_bytes();
    if SECTIONS[place] == "CI Status" {
        block.extend_from_slice(b"\n");
        block.extend_from_slice(NEW_TABLE);
    }
    let found = |title: &&str| outline.section(title);
    let above = SECTIONS[..place]
        .iter()
        .rev()
        .find_map(found)
        .map(|section| section.body);
    let next = || {
        SECTIONS[place + 1..]
            .iter()
            .find_map(found)
            .map(|section| outline.body_start..section.heading.start)
    };
    let span = above.or_else(next).unwrap_or(outline.body_start..outline.live_end);
    below(text, outline, &span, Join::Block, &block)
}

/// Whether the headings are the same, so that no text has become structure and no structure text.
pub(super) fn same_headings(before: &Outline, after: &Outline) -> bool {
    let named = |outline: &Outline| -> Vec<(u8, String)> {
        let headings = outline.headings.iter();
        headings.map(|heading| (heading.level, heading.title.clone())).collect()
    };
    named(before) == named(after)
}

/// Whether new list items are read as such.
fn holds(after: &Outline, item: &Item<'_>, splices: &[Splice]) -> bool {
    let count = match item {
        Item::Bullets(texts) => texts.len(),
        Item::Nested(_) => 1,
        Item::Code { .. } | Item::Row(_) => return true,
    };
    let Some((splice, before)) = splices.split_last() else {
        return true;
    };
    let removed: usize = before.iter().map(|splice| splice.at.len()).sum();
    let start = splice.at.start - removed;
    after.items_in(&(start..start + splice.text.len())).len() >= count
}

fn code(language: Option<&str>, text: &[u8]) -> Vec<u8> {
    let fence = fence_for(text, 3);
    let language: String = language
        .unwrap_or_default()
        .chars()
        .filter(|c| !c.is_control() && *c != '`')
        .collect();
    let mut block = format!("{fence}{}\n", language.trim()).into_bytes();
    block.extend_from_slice(text);
    if !text.is_empty() && !text.ends_with(b"\n") {
        block.push(b'\n');
    }
    block.extend_from_slice(fence.as_bytes());
    block.push(b'\n');
    block
}

/// The line that begins at `from`, trimmed.
fn first_line(text: &[u8], from: usize) -> &[u8] {
    let rest = &text[from..];
    blank_trimmed(&rest[..rest.find_byteset(b"\r\n").unwrap_or(rest.len())])
}
