//! Where things are in a document: its headings, its top-level blocks, its list items, and where the live part ends.
//!
//! Read by CommonMark 0.31, with two rules of our own. The live part ends at a level-2 heading `Example`: the first
//! template's example is a fence which a fence inside it closes, so that CommonMark sees a second `## Updates` below.
//! And a fence or comment that is never closed ends before the next line that is a section heading of the template:
//! one forgotten line must not make the rest of the document unreachable.
//!
//! Deliberately absent: changing anything (sections/, updates/), and what the front matter says (front_matter/).

mod html;
mod line;
mod scan;
#[cfg(test)]
mod tests;

use std::ops::Range;

use bstr::ByteSlice;

pub(crate) use line::{cells, split_box};

use super::front_matter;
use super::lines::{blank_trimmed, byte_order_mark, content, lines, newline, text_end};

/// The sections of the template, in its order.
pub const SECTIONS: [&str; 9] = [
    "PR Stack Context",
    "Issues",
    "Definition of Done",
    "Merge Checklist",
    "CI Status",
    "Decisions",
    "Notes",
    "Updates",
    "Follow-up Work",
];

/// Other titles that older documents and people give to those sections, in lower case.
const ALIASES: [(&str, &str); 6] = [
    ("issues & tickets", "issues"),
    ("issues and tickets", "issues"),
    ("stack", "pr stack context"),
    ("stack context", "pr stack context"),
    ("follow-up", "follow-up work"),
    ("follow up work", "follow-up work"),
];

/// How often an unclosed block is ended by hand. Each time the rest is scanned again, so there must be a bound.
const MAX_RECOVERIES: usize = 16;

/// The structure of one text. All ranges are bytes of that text.
#[derive(Clone, Debug)]
pub struct Outline {
    /// The top-level headings, those of the example included.
    pub headings: Vec<Heading>,
    /// The top-level blocks, headings included, in order.
    pub blocks: Vec<Block>,
    /// The list items that are in no block quote, in order.
    pub items: Vec<ListItem>,
    /// Where the body starts: after the byte order mark and the front matter.
    pub body_start: usize,
    /// Where the live sections end: at the heading `## Example`, else at the end of the text.
    pub live_end: usize,
    /// How most lines end: `"\r\n"` or `"\n"`.
    pub newline: &'static str,
}

/// A top-level heading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heading {
    /// 1 to 6.
    pub level: u8,
    /// Its text, trimmed, without closing `#`s; what is not UTF-8 is replaced.
    pub title: String,
    /// All its lines, line ending included.
    pub line: Range<usize>,
}

/// What a top-level block is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockKind {
    /// ATX or setext.
    Heading,
    /// Text, tables included.
    Paragraph,
    /// Fenced code.
    Code,
    /// Indented code.
    Indented,
    /// HTML, comments included.
    Html,
    /// A block quote.
    Quote,
    /// A list; `-`, `+`, `*`, or the `.` or `)` of an ordered one.
    List(u8),
    /// A thematic break.
    Break,
}

/// A top-level block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// What it is.
    pub kind: BlockKind,
    /// Its lines, without blank lines after it.
    pub span: Range<usize>,
    /// The line that would end it, where nothing in the text does.
    pub closer: Option<Vec<u8>>,
}

/// A list item outside block quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListItem {
    /// Its lines, those of nested items included, without blank lines after it.
    pub span: Range<usize>,
    /// Where its text starts, in its first line.
    pub content: usize,
    /// The column of its marker.
    pub column: usize,
    /// The width of its marker and the blanks after it: its content starts at `column + width`.
    pub width: usize,
    /// How many items it is inside of.
    pub depth: usize,
    /// `-`, `+`, `*`, or the `.` or `)` of an ordered list.
    pub marker: u8,
}

/// A heading with what belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// Its title as it stands in the document.
    pub title: String,
    /// The level of its heading.
    pub level: u8,
    /// The heading's lines.
    pub heading: Range<usize>,
    /// From the end of the heading to the next heading of its level or above, or the end of the live part.
    pub body: Range<usize>,
}

impl Outline {
    /// Reads `text`. Never fails; takes time in proportion to the text's length.
    pub fn of(text: &[u8]) -> Self {
        let body_start = front_matter::closed_block(text).map_or(byte_order_mark(text), |span| span.end);
        let mut found = scan::scan(text, body_start);
        for _ in 0..MAX_RECOVERIES {
            let Some(restart) = recovery_point(text, &found) else {
                break;
            };
            if let Some(block) = found.blocks.last_mut() {
                block.span.end = text_end(text, &(block.span.start..restart));
            }
            let rest = scan::scan(text, restart);
            found.headings.extend(rest.headings);
            found.blocks.extend(rest.blocks);
            found.items.extend(rest.items);
        }
        let live_end = example(&found.headings).unwrap_or(text.len());
        Self {
            headings: found.headings,
            blocks: found.blocks,
            items: found.items,
            body_start,
            live_end,
            newline: newline(text),
        }
    }

    /// The first live section with this title; `"A/B"` is the level-3 section B in section A. Titles are compared
    /// without regard to ASCII case, and `Issues & Tickets` is `Issues`.
    pub fn section(&self, title: &str) -> Option<Section> {
        if let Some(section) = self.find(title, 2, &(self.body_start..self.live_end)) {
            return Some(section);
        }
        title.match_indices('/').find_map(|(i, _)| {
            let parent = self.find(&title[..i], 2, &(self.body_start..self.live_end))?;
            self.find(&title[i + 1..], 3, &parent.body)
        })
    }

    /// The live sections of level 2, in order.
    pub fn sections(&self) -> impl Iterator<Item = Section> + '_ {
        let live = self
            .live_headings()
            .enumerate()
            .filter(|(_, heading)| heading.level == 2);
        live.map(|(i, _)| self.section_at(i))
    }

    /// The sections of level `level` whose heading lies in `within`.
    pub(crate) fn sections_in(&self, level: u8, within: &Range<usize>) -> Vec<Section> {
        let first = self
            .headings
            .partition_point(|heading| heading.line.start < within.start);
        let inside = |heading: &Heading| heading.line.start < within.end;
        let indices = (first..self.headings.len()).take_while(|i| inside(&self.headings[*i]));
        indices
            .filter(|i| self.headings[*i].level == level)
            .map(|i| self.section_at(i))
            .collect()
    }

    /// The blocks that start in `span`.
    pub(crate) fn blocks_in(&self, span: &Range<usize>) -> &[Block] {
        let from = self.blocks.partition_point(|block| block.span.start < span.start);
        let to = self.blocks.partition_point(|block| block.span.start < span.end);
        self.blocks.get(from..to).unwrap_or_default()
    }

    /// The list items that start in `span`.
    pub(crate) fn items_in(&self, span: &Range<usize>) -> &[ListItem] {
        let from = self.items.partition_point(|item| item.content < span.start);
        let to = self.items.partition_point(|item| item.span.start < span.end);
        self.items.get(from..to).unwrap_or_default()
    }

    fn live_headings(&self) -> impl Iterator<Item = &Heading> {
        self.headings
            .iter()
            .take_while(|heading| heading.line.start < self.live_end)
    }

    fn find(&self, title: &str, level: u8, within: &Range<usize>) -> Option<Section> {
        let wanted = canonical(title);
        let first = self
            .headings
            .partition_point(|heading| heading.line.start < within.start);
        let mut candidates = self.headings.iter().enumerate().skip(first);
        candidates
            .find(|(_, heading)| heading.level == level && canonical(&heading.title) == wanted)
            .filter(|(_, heading)| heading.line.start < within.end)
            .map(|(i, _)| self.section_at(i))
    }

    fn section_at(&self, index: usize) -> Section {
        let heading = &self.headings[index];
        let next = self.headings[index + 1..]
            .iter()
            .find(|next| next.level <= heading.level);
        let end = next.map_or(self.live_end, |next| next.line.start.min(self.live_end));
        Section {
            title: heading.title.clone(),
            level: heading.level,
            heading: heading.line.clone(),
            body: heading.line.end..end.max(heading.line.end),
        }
    }
}

/// A title in the form in which titles are compared: the template's, in lower case.
pub fn canonical(title: &str) -> String {
    let lower = title.trim().to_ascii_lowercase();
    let alias = ALIASES.iter().find(|(alias, _)| *alias == lower);
    alias.map_or(lower, |(_, title)| (*title).to_owned())
}

fn example(headings: &[Heading]) -> Option<usize> {
    let heading = headings.iter().find(|heading| is_example(heading))?;
    Some(heading.line.start)
}

fn is_example(heading: &Heading) -> bool {
    heading.level == 2 && heading.title.eq_ignore_ascii_case("example")
}

/// The template heading at which a block ends that nothing closes, where the live part runs into one.
fn recovery_point(text: &[u8], found: &scan::Found) -> Option<usize> {
    let block = found.blocks.last().filter(|block| block.closer.is_some())?;
    if example(&found.headings).is_some() {
        return None;
    }
    let known = |line: &Range<usize>| {
        let title = content(&text[line.clone()]).strip_prefix(b"## ").map(blank_trimmed)?;
        let title = canonical(title.to_str().ok()?);
        (title == "example" || SECTIONS.iter().any(|known| known.eq_ignore_ascii_case(&title))).then_some(line.start)
    };
    lines(text, block.span.start).find_map(|line| known(&line))
}

/// Whether `text`, put into a document between blank lines, would change the structure around it: a heading of level 1
/// to 3, HTML, a comment of ours, or a fence that it does not close.
pub(crate) fn forges(text: &[u8]) -> bool {
    let found = scan::scan(text, 0);
    let is_html = |block: &Block| block.kind == BlockKind::Html || block.closer.is_some();
    text.contains_str("<!-- branchwork:")
        || found.headings.iter().any(|heading| heading.level <= 3)
        || found.blocks.iter().any(is_html)
}

/// How many headings of level 1 to 3 `text` has, and whether it ends inside a block that nothing closes.
pub(crate) fn structure(text: &[u8]) -> (usize, bool) {
    let found = scan::scan(text, 0);
    let headings = found.headings.iter().filter(|heading| heading.level <= 3).count();
    (
        headings,
        found.blocks.last().is_some_and(|block| block.closer.is_some()),
    )
}
