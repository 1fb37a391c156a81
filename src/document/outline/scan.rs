//! The block structure of a Markdown text (CommonMark 0.31), as far as top-level headings and lists need it, in one pass.
//!
//! The state is the containers (block quotes, list items) that are open and the leaf in the innermost of them. Only
//! blocks at the top and list items outside block quotes are kept. Deliberately absent: everything inside a line, and
//! link reference definitions (a definition with a setext underline directly below is read as a heading).

use std::ops::Range;

use super::html::{self, HtmlEnd};
use super::line::{self, Cursor, Fence};
use super::{Block, BlockKind, Heading, ListItem};
use crate::document::lines::{content, is_blank, lines};

/// Containers nested deeper than this are read as text, so that a line's cost stays in proportion to its length.
const MAX_DEPTH: usize = 64;

enum Container {
    Quote,
    Item {
        /// Columns that a line must be indented by to be inside, counted from the parent's content.
        width: usize,
        /// Nothing but its marker so far.
        empty: bool,
        /// Its place in the list of kept items.
        kept: Option<usize>,
    },
}

#[derive(Clone, Copy, PartialEq)]
enum Leaf {
    None,
    Paragraph,
    Fence(Fence),
    Html(HtmlEnd),
    Indented,
}

/// What a scan found, in the order of the text.
#[derive(Default)]
pub(super) struct Found {
    pub(super) headings: Vec<Heading>,
    pub(super) blocks: Vec<Block>,
    pub(super) items: Vec<ListItem>,
}

struct Scanner<'a> {
    text: &'a [u8],
    found: Found,
    containers: Vec<Container>,
    leaf: Leaf,
    /// The title of a paragraph at the top, in case that a setext underline makes it a heading.
    paragraph: Range<usize>,
    /// The end of the last line that was not blank.
    last_end: usize,
}

/// Scans `text` from `start`, which is the start of a line.
pub(super) fn scan(text: &[u8], start: usize) -> Found {
    let mut scanner = Scanner {
        text,
        found: Found::default(),
        containers: Vec::new(),
        leaf: Leaf::None,
        paragraph: 0..0,
        last_end: start,
    };
    for line in lines(text, start) {
        scanner.line(&line);
        if !is_blank(&text[line.clone()]) {
            scanner.last_end = line.end;
            if let Some(block) = scanner.found.blocks.last_mut() {
                block.span.end = line.end;
            }
        }
    }
    scanner.finish()
}

impl Scanner<'_> {
    fn line(&mut self, span: &Range<usize>) {
        let mut cursor = Cursor::new(content(&self.text[span.clone()]));
        let matched = self.match_containers(&mut cursor);
        let all = matched == self.containers.len();
        if all && self.continue_leaf(&mut cursor) {
            return;
        }
        let paragraph = self.leaf == Leaf::Paragraph;
        let opened = self.open_blocks(&mut cursor, span, matched);
        let (_, text) = cursor.indent();
        match opened {
            Opened::Leaf => {}
            Opened::Containers | Opened::Nothing if text.is_empty() => {
                if matches!(opened, Opened::Nothing) {
                    self.close_to(matched);
                }
                self.leaf = Leaf::None;
            }
            // Lazy continuation: the paragraph goes on, and so do the containers around it.
            Opened::Nothing if paragraph => {}
            Opened::Containers | Opened::Nothing => {
                if matches!(opened, Opened::Nothing) {
                    self.close_to(matched);
                }
                self.begin(BlockKind::Paragraph, span);
                self.leaf = Leaf::Paragraph;
            }
        }
        if self.containers.is_empty() && self.leaf == Leaf::Paragraph {
            self.paragraph.end = span.end;
        }
    }

    /// How many of the open containers the line is inside of; the cursor goes past their markers.
    fn match_containers(&mut self, cursor: &mut Cursor<'_>) -> usize {
        for (i, container) in self.containers.iter_mut().enumerate() {
            let (indent, text) = cursor.indent();
            let inside = match container {
                Container::Quote => quote(cursor),
                Container::Item { empty, .. } if text.is_empty() => !*empty,
                Container::Item { width, empty, .. } => {
                    if indent >= *width {
                        cursor.advance(*width);
                        *empty = false;
                    }
                    indent >= *width
                }
            };
            if !inside {
                return i;
            }
        }
        self.containers.len()
    }

    /// Whether the line belongs to the open leaf, which may end with it.
    fn continue_leaf(&mut self, cursor: &mut Cursor<'_>) -> bool {
        let (indent, text) = cursor.indent();
        match self.leaf {
            Leaf::Fence(fence) => {
                if indent <= 3 && fence.closed_by(text) {
                    self.leaf = Leaf::None;
                }
                true
            }
            Leaf::Html(HtmlEnd::Blank { .. }) => {
                if text.is_empty() {
                    self.leaf = Leaf::None;
                }
                true
            }
            Leaf::Html(end) => {
                if end.is_in(text) {
                    self.leaf = Leaf::None;
                }
                true
            }
            Leaf::Indented if indent >= 4 || text.is_empty() => true,
            Leaf::Indented => {
                self.leaf = Leaf::None;
                false
            }
            Leaf::None | Leaf::Paragraph => false,
        }
    }

    /// Opens the containers and the leaf that the rest of the line begins.
    fn open_blocks(&mut self, cursor: &mut Cursor<'_>, span: &Range<usize>, matched: usize) -> Opened {
        let mut opened = Opened::Nothing;
        // The paragraph that is open where the line is: in all of its containers, so that a setext line can belong to it.
        let mut own_paragraph = self.leaf == Leaf::Paragraph && matched == self.containers.len();
        loop {
            let (indent, text) = cursor.indent();
            let any_paragraph = self.leaf == Leaf::Paragraph;
            if text.is_empty() {
                return opened;
            }
            if indent > 3 {
                if any_paragraph {
                    return opened;
                }
                self.start_leaf(&mut opened, matched, BlockKind::Indented, Leaf::Indented, span);
                return Opened::Leaf;
            }
            let depth = if matches!(opened, Opened::Nothing) {
                matched
            } else {
                self.containers.len()
            };
            if depth < MAX_DEPTH {
                let mut ahead = *cursor;
                if quote(&mut ahead) {
                    self.make_room(&mut opened, matched);
                    self.begin(BlockKind::Quote, span);
                    self.containers.push(Container::Quote);
                    *cursor = ahead;
                    own_paragraph = false;
                    continue;
                }
            }
            if self.open_leaf(&mut opened, text, span, matched, own_paragraph) {
                return Opened::Leaf;
            }
            if depth >= MAX_DEPTH || !self.open_item(&mut opened, cursor, span, matched, own_paragraph) {
                return opened;
            }
            own_paragraph = false;
        }
    }

    /// Opens the leaf, other than a paragraph and indented code, that `text` begins.
    fn open_leaf(&mut self, opened: &mut Opened, text: &[u8], span: &Range<usize>, matched: usize, own: bool) -> bool {
        if let Some((level, title)) = line::atx(text) {
            self.start_leaf(opened, matched, BlockKind::Heading, Leaf::None, span);
            self.keep_heading(level, title.to_vec(), span.clone());
        } else if let Some(fence) = Fence::opened_by(text) {
            self.start_leaf(opened, matched, BlockKind::Code, Leaf::Fence(fence), span);
        } else if let Some(end) = html::start(text).filter(|end| !own || *end != HtmlEnd::Blank { interrupts: false }) {
            let leaf = if end.is_in(text) { Leaf::None } else { Leaf::Html(end) };
            self.start_leaf(opened, matched, BlockKind::Html, leaf, span);
        } else if let Some(level) = line::setext(text).filter(|_| own) {
            self.leaf = Leaf::None;
            if self.containers.is_empty() {
                let title = self.text[self.paragraph.clone()].to_vec();
                let start = self.paragraph.start;
                if let Some(block) = self.found.blocks.last_mut() {
                    block.kind = BlockKind::Heading;
                }
                self.keep_heading(level, title, start..span.end);
            }
        } else if line::is_break(text) {
            self.start_leaf(opened, matched, BlockKind::Break, Leaf::None, span);
        } else {
            return false;
        }
        true
    }

    /// Opens the list item that the cursor is at.
    fn open_item(
        &mut self,
        opened: &mut Opened,
        cursor: &mut Cursor<'_>,
        span: &Range<usize>,
        matched: usize,
        own_paragraph: bool,
    ) -> bool {
        let (indent, text) = cursor.indent();
        let Some(marker) = line::list_marker(text) else {
            return false;
        };
        let mut after = *cursor;
        after.advance(indent + marker.width);
        let (blanks, rest) = after.indent();
        if own_paragraph && (rest.is_empty() || !marker.starts_at_one) {
            return false;
        }
        let padding = if rest.is_empty() || blanks > 4 { 1 } else { blanks };
        self.make_room(opened, matched);
        let column = cursor.column() + indent;
        self.begin(BlockKind::List(marker.kind), span);
        let in_quote = self.containers.iter().any(|c| matches!(c, Container::Quote));
        let kept = (!in_quote).then_some(self.found.items.len());
        if !in_quote {
            self.found.items.push(ListItem {
                span: span.start..span.end,
                content: span.start + after.text_offset(),
                column,
                width: marker.width + padding,
                depth: self.containers.len(),
                marker: marker.kind,
            });
        }
        self.containers.push(Container::Item {
            width: indent + marker.width + padding,
            empty: rest.is_empty(),
            kept,
        });
        after = *cursor;
        after.advance(indent + marker.width + if rest.is_empty() { 0 } else { padding });
        *cursor = after;
        true
    }

    /// Closes what the line is not inside of, before the first block that it opens.
    fn make_room(&mut self, opened: &mut Opened, matched: usize) {
        if matches!(opened, Opened::Nothing) {
            self.close_to(matched);
            *opened = Opened::Containers;
        }
        self.leaf = Leaf::None;
    }

    fn start_leaf(&mut self, opened: &mut Opened, matched: usize, kind: BlockKind, leaf: Leaf, span: &Range<usize>) {
        self.make_room(opened, matched);
        self.begin(kind, span);
        self.leaf = leaf;
    }

    /// Notes a block at the top. Items of one kind that follow each other are one list.
    fn begin(&mut self, kind: BlockKind, span: &Range<usize>) {
        if !self.containers.is_empty() {
            return;
        }
        if kind == BlockKind::Paragraph {
            self.paragraph = span.clone();
        }
        if let (BlockKind::List(_), Some(last)) = (kind, self.found.blocks.last())
            && last.kind == kind
        {
            return;
        }
        self.found.blocks.push(Block {
            kind,
            span: span.clone(),
            closer: None,
        });
    }

    fn keep_heading(&mut self, level: u8, title: Vec<u8>, line: Range<usize>) {
        if self.containers.is_empty() {
            let title = String::from_utf8_lossy(&title);
            let title: Vec<&str> = title.lines().map(str::trim).collect();
            let title = title.join(" ").trim().to_owned();
            self.found.headings.push(Heading { level, title, line });
        }
    }

    fn close_to(&mut self, depth: usize) {
        while self.containers.len() > depth {
            if let Some(Container::Item { kept: Some(i), .. }) = self.containers.pop()
                && let Some(item) = self.found.items.get_mut(i)
            {
                item.span.end = self.last_end.max(item.span.end);
            }
            self.leaf = Leaf::None;
        }
    }

    fn finish(mut self) -> Found {
        let closer = match self.leaf {
            Leaf::Fence(fence) => Some(fence.closer()),
            Leaf::Html(end) => end.closer(),
            _ => None,
        };
        if let Some(block) = self.found.blocks.last_mut().filter(|_| self.containers.is_empty()) {
            block.closer = closer;
        }
        self.close_to(0);
        self.found
    }
}

/// What a line has opened.
enum Opened {
    Nothing,
    Containers,
    Leaf,
}

/// Takes a block quote marker and the one blank after it.
fn quote(cursor: &mut Cursor<'_>) -> bool {
    let (indent, text) = cursor.indent();
    if indent > 3 || !text.starts_with(b">") {
        return false;
    }
    cursor.advance(indent + 1);
    if cursor.indent().0 > 0 {
        cursor.advance(1);
    }
    true
}
