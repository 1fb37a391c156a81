//! A version of a document as a tree of units. Children are found on demand, so that a section that nobody touched is
//! never looked into.
//!
//! Deliberately absent: comparing versions (align.rs) and merging what is in a unit (content.rs).

use std::borrow::Cow;
use std::ops::Range;

use bstr::ByteSlice;

use super::unit::{Inside, Kind, Unit, first_line};
use crate::document::front_matter::FrontMatter;
use crate::document::lines::{blank_trimmed, content, is_blank, lines, text_end};
use crate::document::outline::{Block, BlockKind, ListItem, Outline, canonical, cells, split_box};
use crate::document::updates::{MARKER, OLDER};

/// One version of a document, taken apart.
pub(super) struct Version<'a> {
    pub(super) text: &'a [u8],
    pub(super) outline: Outline,
    pub(super) front: FrontMatter,
    /// Whether the front matter is taken apart by its keys; else by its lines.
    pub(super) by_field: bool,
    /// Whether there is a block that nothing closes.
    pub(super) open: bool,
    /// The bodies of the first Updates, which has entries, and of the stack, which is derived.
    updates: Range<usize>,
    stack: Range<usize>,
}

impl<'a> Version<'a> {
    pub(super) fn of(text: &'a [u8]) -> Self {
        let outline = Outline::of(text);
        let body = |title| outline.section(title).map_or(0..0, |section| section.body);
        let (updates, stack) = (body("Updates"), body("PR Stack Context"));
        let front = FrontMatter::of(text);
        let live = |block: &&Block| block.span.start < outline.live_end;
        let open = outline
            .blocks
            .iter()
            .take_while(live)
            .any(|block| block.closer.is_some());
        Self {
            text,
            open,
            outline,
            by_field: front.problem.is_none(),
            front,
            updates,
            stack,
        }
    }

    /// The units of the whole text.
    pub(super) fn top(&self) -> Vec<Unit<'a>> {
        let mut builder = Builder::new(self, 0..self.text.len(), Kind::Line);
        if self.outline.body_start > 0 {
            builder.push(Kind::Front, Cow::Borrowed(&[]), 0..self.outline.body_start);
        }
        self.sections(&mut builder, self.outline.body_start..self.outline.live_end, 2);
        if self.outline.live_end < self.text.len() {
            builder.push(
                Kind::Example,
                Cow::Borrowed(&[]),
                self.outline.live_end..self.text.len(),
            );
        }
        builder.finish()
    }

    /// Takes `unit` apart.
    pub(super) fn inside(&self, unit: &Unit<'a>) -> Inside<'a> {
        let first = first_line(unit.text);
        let after = unit.span.start + first..unit.span.end;
        match unit.kind {
            Kind::Title | Kind::Section | Kind::Entry => self.inside_section(unit),
            Kind::Item => Inside {
                head: &unit.text[..first],
                children: self.item_children(unit, after),
                tail: &[],
            },
            Kind::Table => {
                let head = first + first_line(&unit.text[first..]);
                Inside {
                    head: &unit.text[..head],
                    children: self.line_units(unit.span.start + head..unit.span.end, Kind::Row),
                    tail: &[],
                }
            }
            Kind::Block => Inside {
                head: &[],
                children: self.line_units(unit.span.clone(), Kind::Raw),
                tail: &[],
            },
            Kind::Example => Inside {
                head: &unit.text[..first],
                children: self.line_units(after, Kind::Raw),
                tail: &[],
            },
            Kind::Front => self.inside_front(unit),
            Kind::Map => self.inside_map(unit),
            Kind::Field | Kind::Row | Kind::Derived | Kind::Line | Kind::Raw => Inside {
                head: unit.text,
                ..Inside::default()
            },
        }
    }

    /// The lines of the text, each a unit.
    pub(super) fn lines(&self) -> Vec<Unit<'a>> {
        Builder::new(self, 0..self.text.len(), Kind::Line).finish()
    }

    fn inside_section(&self, unit: &Unit<'a>) -> Inside<'a> {
        let headings = &self.outline.headings;
        let at = headings.partition_point(|heading| heading.line.start < unit.span.start);
        let Some(own) = headings.get(at) else {
            return Inside {
                head: unit.text,
                ..Inside::default()
            };
        };
        let head = own.line.end.min(unit.span.end);
        let mut builder = Builder::new(self, head..unit.span.end, Kind::Line);
        self.sections(&mut builder, head..unit.span.end, 6);
        Inside {
            head: &self.text[unit.span.start..head],
            children: builder.finish(),
            tail: &[],
        }
    }

    /// Blocks up to the first heading in `range`, then a unit for each heading. A heading reaches up to the next whose
    /// level is not deeper, levels up to `flat` counting as the same level where one of them stands first.
    fn sections(&self, builder: &mut Builder<'_, 'a>, range: Range<usize>, flat: u8) {
        let headings = &self.outline.headings;
        let from = headings.partition_point(|heading| heading.line.start < range.start);
        let to = headings.partition_point(|heading| heading.line.start < range.end);
        let inner = headings.get(from..to).unwrap_or_default();
        let body_end = inner.first().map_or(range.end, |heading| heading.line.start);
        self.blocks(builder, range.start..body_end);
        let mut i = 0;
        while let Some(heading) = inner.get(i) {
            let level = if flat == 2 { heading.level.max(2) } else { heading.level };
            let next = inner[i + 1..].iter().position(|other| other.level <= level);
            let end = next.map_or(range.end, |n| inner[i + 1 + n].line.start);
            let span = heading.line.start..end;
            let (kind, key) = if heading.level == 1 {
                (Kind::Title, Vec::new())
            } else if heading.level == 3 && self.updates.contains(&heading.line.start) {
                let marker = self.text[heading.line.end..end]
                    .lines()
                    .find(|line| line.starts_with(MARKER.0.as_bytes()));
                (
                    Kind::Entry,
                    marker.map_or_else(|| heading.title.clone().into_bytes(), <[u8]>::to_vec),
                )
            } else {
                (
                    Kind::Section,
                    format!("{} {}", heading.level, canonical(&heading.title)).into_bytes(),
                )
            };
            builder.push(kind, Cow::Owned(key), span);
            i = next.map_or(inner.len(), |n| i + 1 + n);
        }
    }

    fn blocks(&self, builder: &mut Builder<'_, 'a>, range: Range<usize>) {
        let derived = self.stack.contains(&range.start);
        for block in self.outline.blocks_in(&range) {
            let span = block.span.start..block.span.end.min(range.end);
            match block.kind {
                BlockKind::List(_) => {
                    for item in self.outline.items_in(&span).iter().filter(|item| item.depth == 0) {
                        let (span, key) = (self.without_lazy(item), item_key(self.text, item.content));
                        match key.contains_str(OLDER) {
                            true => builder.push(Kind::Derived, Cow::Borrowed(&[]), span),
                            false => builder.push(Kind::Item, key, span),
                        }
                    }
                    builder.rest(span.end);
                }
                BlockKind::Code if derived && !self.text[span.clone()].contains_str("\n## ") => {
                    builder.push(Kind::Derived, Cow::Borrowed(&[]), span)
                }
                BlockKind::Code | BlockKind::Html | BlockKind::Indented => {
                    let text = &self.text[span.start..text_end(self.text, &span)];
                    // The same block whether somebody has closed it since or not.
                    let key = match &block.closer {
                        None => Cow::Borrowed(text),
                        Some(closer) => Cow::Owned([text, closer, b"\n"].concat()),
                    };
                    builder.push(Kind::Block, key, span);
                }
                BlockKind::Paragraph if is_table(&self.text[span.clone()]) => {
                    builder.push(Kind::Table, Cow::Borrowed(&[]), span);
                }
                _ => {
                    for line in lines(&self.text[..span.end], span.start) {
                        builder.push(Kind::Line, Cow::Borrowed(&self.text[line.clone()]), line);
                    }
                }
            }
        }
        builder.rest(range.end);
    }

    /// An item up to the first line that is in it only because it continues a paragraph (CommonMark 0.31, section 5.2):
    /// with something put before it, it would not be.
    fn without_lazy(&self, item: &ListItem) -> Range<usize> {
        let lazy = |line: &Range<usize>| {
            let text = &self.text[line.clone()];
            let indent = text.iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
            !is_blank(text) && indent <= item.column && !text.starts_with(b"\t")
        };
        let end = lines(&self.text[..item.span.end], item.span.start).skip(1).find(lazy);
        item.span.start..end.map_or(item.span.end, |line| line.start)
    }

    fn item_children(&self, unit: &Unit<'a>, after: Range<usize>) -> Vec<Unit<'a>> {
        let mut builder = Builder::new(self, after.clone(), Kind::Block);
        let items = self.outline.items_in(&unit.span);
        let depth = items.first().map_or(0, |own| own.depth) + 1;
        for item in items
            .iter()
            .filter(|item| item.depth == depth && item.span.start >= after.start)
        {
            let span = item.span.start..item.span.end.min(after.end);
            builder.push(Kind::Item, item_key(self.text, item.content), span);
        }
        builder.rest(after.end);
        builder.finish()
    }

    pub(super) fn line_units(&self, range: Range<usize>, kind: Kind) -> Vec<Unit<'a>> {
        let unit = |line: Range<usize>| {
            let text = &self.text[line.clone()];
            let key = match kind {
                Kind::Row => first_cell(text),
                _ => text,
            };
            Unit {
                kind,
                key: Cow::Borrowed(key),
                gap: &[],
                text,
                span: line,
            }
        };
        lines(&self.text[..range.end], range.start).map(unit).collect()
    }
}

/// Collects units in order and turns lines between them that are not blank into blocks, so that nothing is lost.
struct Builder<'v, 'a> {
    version: &'v Version<'a>,
    at: usize,
    end: usize,
    units: Vec<Unit<'a>>,
    /// What lines become that nobody names: text at the top, a block in an item.
    loose: Kind,
}

impl<'v, 'a> Builder<'v, 'a> {
    fn new(version: &'v Version<'a>, range: Range<usize>, loose: Kind) -> Self {
        Self {
            version,
            at: range.start,
            end: range.end,
            units: Vec::new(),
            loose,
        }
    }

    fn push(&mut self, kind: Kind, key: Cow<'a, [u8]>, span: Range<usize>) {
        if span.start < self.at {
            return;
        }
        self.rest(span.start);
        self.add(kind, key, span);
    }

    /// Takes in what stands before `to` and is not blank.
    fn rest(&mut self, to: usize) {
        let text = self.version.text;
        let to = to.min(self.end).max(self.at);
        let found: Vec<Range<usize>> = lines(&text[..to], self.at)
            .filter(|line| !is_blank(&text[line.clone()]))
            .collect();
        if let (Kind::Block, Some(first), Some(last)) = (self.loose, found.first(), found.last()) {
            let span = first.start..last.end;
            return self.add(Kind::Block, Cow::Borrowed(&text[span.clone()]), span);
        }
        for span in found {
            self.add(self.loose, Cow::Borrowed(&text[span.clone()]), span);
        }
    }

    fn add(&mut self, kind: Kind, key: Cow<'a, [u8]>, span: Range<usize>) {
        let text = self.version.text;
        let span = span.start..text_end(text, &span);
        let gap = &text[self.at..span.start];
        self.at = span.end;
        self.units.push(Unit {
            kind,
            key,
            gap,
            text: &text[span.clone()],
            span,
        });
    }

    fn finish(mut self) -> Vec<Unit<'a>> {
        self.rest(self.end);
        self.units
    }
}

fn first_cell(row: &[u8]) -> &[u8] {
    let row = content(row);
    let cells = cells(row);
    let leading = cells.len() > 1 && is_blank(cells[0]);
    blank_trimmed(cells.get(usize::from(leading)).copied().unwrap_or(row))
}

fn is_table(text: &[u8]) -> bool {
    let second = lines(text, 0).nth(1).map(|line| content(&text[line]));
    second
        .is_some_and(|line| line.contains(&b'|') && line.contains(&b'-') && line.iter().all(|b| b"|-: \t".contains(b)))
}

fn item_key(text: &[u8], start: usize) -> Cow<'_, [u8]> {
    let rest = &text[start.min(text.len())..];
    Cow::Borrowed(blank_trimmed(split_box(content(&rest[..first_line(rest)])).1))
}
