//! From bytes to a tree of nodes with their places.
//!
//! Not here: what the nodes mean to a reader (tree.rs) and changing them (edit.rs). Aliases are never followed, so that
//! a document of a few lines cannot become one of gigabytes.

use std::collections::HashSet;
use std::ops::Range;

use granit_parser::{Event, Options, Parser, ScalarStyle, ScanError, Span, StrInput, StructureStyle};

use super::tree::{Entry, Kind, Node, Tree};
use super::{MAX_BYTES, SyntaxProblem, plain};
use crate::document::lines::{byte_order_mark, line_end};
use crate::names::visible;

/// Levels of nesting that are read. It bounds the recursion here and in all that walks the tree.
const MAX_DEPTH: usize = 32;

/// Where the block is. All places in this room are bytes of the whole document.
pub(super) struct Block {
    pub(super) span: Range<usize>,
    pub(super) content: Range<usize>,
    pub(super) closed: bool,
}

/// Finds the block; `None` where the first line is no fence.
pub(super) fn locate(text: &[u8]) -> Option<Block> {
    let start = byte_order_mark(text);
    let opened = line_end(text, start);
    if text[start..opened].trim_ascii_end() != b"---" {
        return None;
    }
    let mut line = opened;
    while line < text.len() {
        let end = line_end(text, line);
        // Three dots end a YAML document too, and Markdown readers take them for a closing fence.
        if [&b"---"[..], b"..."].contains(&text[line..end].trim_ascii_end()) {
            return Some(Block {
                span: start..end,
                content: opened..line,
                closed: true,
            });
        }
        line = end;
    }
    Some(Block {
        span: start..opened,
        content: opened..opened,
        closed: false,
    })
}

/// Reads the YAML of a block.
pub(super) fn tree(text: &[u8], block: &Block) -> Result<Tree, SyntaxProblem> {
    let problem = |message: &str, place: Range<usize>| SyntaxProblem {
        message: message.to_owned(),
        place,
    };
    if !block.closed {
        let message = "it is opened with '---' and never closed by a second '---' line";
        return Err(problem(message, trimmed(text, &block.span)));
    }
    if block.content.len() > MAX_BYTES {
        let message = format!("it is longer than {} KiB", MAX_BYTES / 1024);
        let first = block.content.start..line_end(text, block.content.start);
        return Err(problem(&message, trimmed(text, &first)));
    }
    let usual = plain::tree(&text[block.content.clone()], block.content.start);
    usual.map_or_else(|| parsed(text, block), Ok)
}

/// Reads it with the parser.
pub(super) fn parsed(text: &[u8], block: &Block) -> Result<Tree, SyntaxProblem> {
    let source = std::str::from_utf8(&text[block.content.clone()]).map_err(|error| {
        let at = block.content.start + error.valid_up_to();
        SyntaxProblem {
            message: "it is not UTF-8 here".to_owned(),
            place: at..at + 1,
        }
    })?;
    Reader::new(source, block.content.start).read()
}

fn trimmed(text: &[u8], span: &Range<usize>) -> Range<usize> {
    span.start..span.start + text[span.clone()].trim_ascii_end().len()
}

type Next<'a> = (Event<'a>, Range<usize>);

struct Reader<'a> {
    source: &'a str,
    base: usize,
    events: Parser<'a, StrInput<'a>>,
    comments: Vec<Range<usize>>,
    problem: Option<SyntaxProblem>,
}

impl<'a> Reader<'a> {
    fn new(source: &'a str, base: usize) -> Self {
        let mut options = Options::default();
        options.flow_nesting_limit = MAX_DEPTH;
        options.block_nesting_limit = MAX_DEPTH;
        // The input is capped instead; the default would refuse a hundred lines of comment.
        options.max_buffered_comment_events = MAX_BYTES;
        Self {
            source,
            base,
            events: Parser::new_from_str_with_options(source, options),
            comments: Vec::new(),
            problem: None,
        }
    }

    fn read(mut self) -> Result<Tree, SyntaxProblem> {
        let mut root = None;
        while let Some((event, span)) = self.next()? {
            match event {
                Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
                Event::DocumentStart(..) if root.is_none() => {}
                Event::DocumentStart(..) => {
                    return Err(self.wrong("it holds a second YAML document", span));
                }
                event => {
                    let node = self.node(event, span)?;
                    match &node.kind {
                        Kind::Map { .. } if !node.bound => root = Some(node),
                        _ if node.is_null() => {}
                        _ => {
                            let message = "it is not made of 'key: value' lines";
                            return Err(self.wrong(message, node.span));
                        }
                    }
                }
            }
        }
        Ok(Tree {
            root,
            comments: self.comments,
            problem: self.problem,
        })
    }

    fn next(&mut self) -> Result<Option<Next<'a>>, SyntaxProblem> {
        loop {
            match self.events.next_event() {
                None => return Ok(None),
                Some(Err(error)) => return Err(self.scan_error(&error)),
                Some(Ok((Event::Comment(..), span))) => {
                    let place = self.place(span);
                    self.comments.push(place);
                }
                Some(Ok((event, span))) => return Ok(Some((event, self.place(span)))),
            }
        }
    }

    /// The next event inside a collection, where the parser cannot just stop.
    fn inner(&mut self) -> Result<Next<'a>, SyntaxProblem> {
        let end = self.base + self.source.len();
        self.next()?.ok_or_else(|| self.wrong("it ends too early", end..end))
    }

    fn node(&mut self, event: Event<'a>, span: Range<usize>) -> Result<Node, SyntaxProblem> {
        let mut start = span.start;
        let (kind, end, anchor, tagged) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                let text = text.into_owned();
                (Kind::Scalar { text, style }, span.end, anchor, tag.is_some())
            }
            Event::SequenceStart(style, anchor, tag) => {
                let (items, end) = self.items(span.end)?;
                let flow = style == StructureStyle::Flow;
                if !flow {
                    start = self.first_dash(start);
                }
                (Kind::List { flow, items }, end, anchor, tag.is_some())
            }
            Event::MappingStart(style, anchor, tag) => {
                let (entries, end) = self.entries(span.end)?;
                let flow = style == StructureStyle::Flow;
                (Kind::Map { flow, entries }, end, anchor, tag.is_some())
            }
            Event::Alias(anchor) => (Kind::Alias, span.end, anchor, false),
            _ => return Err(self.wrong("it is not YAML here", span)),
        };
        Ok(Node {
            kind,
            span: start..end,
            bound: anchor != 0 || tagged,
            tagged,
        })
    }

    /// The items of a list, and where it ends: a block list ends with its last item, not where the parser notices.
    fn items(&mut self, start: usize) -> Result<(Vec<Node>, usize), SyntaxProblem> {
        let (mut items, mut end) = (Vec::new(), start);
        loop {
            let (event, span) = self.inner()?;
            if event == Event::SequenceEnd {
                let closing = self.is_at(&span, b"]");
                return Ok((items, if closing { span.end } else { end }));
            }
            let item = self.node(event, span)?;
            end = end.max(item.span.end);
            items.push(item);
        }
    }

    fn entries(&mut self, start: usize) -> Result<(Vec<Entry>, usize), SyntaxProblem> {
        let (mut entries, mut end, mut seen) = (Vec::new(), start, HashSet::new());
        loop {
            let (event, span) = self.inner()?;
            if event == Event::MappingEnd {
                let closing = self.is_at(&span, b"}");
                return Ok((entries, if closing { span.end } else { end }));
            }
            let key = self.node(event, span)?;
            let (event, span) = self.inner()?;
            let value = self.node(event, span)?;
            let text = match key.kind {
                Kind::Scalar { ref text, .. } if !key.bound && !key.span.is_empty() => Some(text.clone()),
                _ => None,
            };
            if let Some(text) = &text
                && !seen.insert(text.clone())
                && self.problem.is_none()
            {
                self.problem = Some(self.wrong(&format!("the key '{text}' stands here twice"), key.span.clone()));
            }
            let mut entry = Entry {
                key: text,
                colon: self.colon(key.span.end),
                key_span: key.span,
                value,
            };
            self.include_header(&mut entry);
            end = end.max(entry.end());
            entries.push(entry);
        }
    }

    /// A block scalar's place begins at its `|` or `>`; the parser gives that of its first line.
    fn include_header(&self, entry: &mut Entry) {
        let Kind::Scalar {
            style: ScalarStyle::Literal | ScalarStyle::Folded,
            ..
        } = entry.value.kind
        else {
            return;
        };
        let Some(colon) = entry.colon else { return };
        let between = self.source.get(colon - self.base..).unwrap_or_default();
        let blanks = between.len() - between.trim_start().len();
        if between[blanks..].starts_with(['|', '>']) {
            entry.value.span.start = colon + blanks;
        }
    }

    /// A list of lines begins at its first dash; the parser gives that of its first item where nothing is indented.
    fn first_dash(&self, start: usize) -> usize {
        let before = self.source.get(..start - self.base).unwrap_or_default();
        if before.trim_end_matches(' ').ends_with('-') {
            self.base + before.trim_end_matches(' ').len() - 1
        } else {
            start
        }
    }

    fn is_at(&self, span: &Range<usize>, bytes: &[u8]) -> bool {
        self.source.as_bytes().get(span.start - self.base..span.end - self.base) == Some(bytes)
    }

    fn colon(&self, from: usize) -> Option<usize> {
        let rest = self.source.as_bytes().get(from - self.base..)?;
        let blanks = rest.iter().take_while(|&&byte| matches!(byte, b' ' | b'\t')).count();
        (rest.get(blanks) == Some(&b':')).then_some(from + blanks + 1)
    }

    fn place(&self, span: Span) -> Range<usize> {
        let range = span.byte_range().unwrap_or(0..0);
        self.base + range.start..self.base + range.end.max(range.start)
    }

    fn wrong(&self, message: &str, place: Range<usize>) -> SyntaxProblem {
        SyntaxProblem {
            // A key or an unknown character of the document may be quoted in it.
            message: visible(message),
            place,
        }
    }

    fn scan_error(&self, error: &ScanError) -> SyntaxProblem {
        let at = error.marker().byte_offset().unwrap_or(0).min(self.source.len());
        // A tab is reported at the start of what it stands in.
        let tab = self
            .source
            .get(at..)
            .filter(|_| error.info().contains("tab"))
            .and_then(|rest| rest.find('\t'));
        let at = at + tab.unwrap_or(0);
        let at = (0..=at).rev().find(|&at| self.source.is_char_boundary(at)).unwrap_or(0);
        let next = self.source[at..].chars().next().filter(|&c| c != '\n' && c != '\r');
        let place = self.base + at..self.base + at + next.map_or(0, char::len_utf8);
        self.wrong(&format!("it is not YAML here: {}", error.info()), place)
    }
}
