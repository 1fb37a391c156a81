//! The YAML that documents usually have, read without the parser: every hook reads it, and this takes a tenth of the time.
//!
//! That is printable ASCII, a line for each key, keys below keys by indentation, and values of one line: plain, quoted without
//! escapes, or a list of plain words in brackets. For all else the answer is `None`, and the parser is asked (parse.rs), which a test
//! holds this against. Not here: any error.

use std::ops::Range;

use granit_parser::ScalarStyle;

use super::tree::{Entry, Kind, Node, Tree};

/// Keys in one mapping, and levels of mappings, that are read here.
const MOST_KEYS: usize = 64;
const MOST_LEVELS: usize = 8;
/// The longest line: a longer key would be none to the parser.
const LONGEST_LINE: usize = 512;

/// Reads `source`, which begins at `base` in the document.
pub(super) fn tree(source: &[u8], base: usize) -> Option<Tree> {
    let mut comments = Vec::new();
    let mut levels: Vec<Level> = Vec::new();
    let mut start = 0;
    while start < source.len() {
        let rest = &source[start..];
        let length = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
        let line = &rest[..length];
        if length > LONGEST_LINE || !line.iter().all(|byte| matches!(byte, b' '..=b'~')) {
            return None;
        }
        let indent = blanks(line);
        let line = Line {
            text: line,
            at: base + start,
        };
        match line.text.get(indent) {
            None => {}
            Some(b'#') => comments.push(line.span(indent..length)),
            Some(_) => {
                let (entry, comment) = line.entry(indent)?;
                comments.extend(comment);
                place(&mut levels, indent, entry)?;
            }
        }
        start += length + 1;
    }
    close_down_to(&mut levels, 0)?;
    Some(Tree {
        root: levels.pop().map(Level::node),
        comments,
        problem: None,
    })
}

/// A mapping whose end is not read yet.
struct Level {
    indent: usize,
    entries: Vec<Entry>,
}

impl Level {
    fn node(self) -> Node {
        let start = self.entries.first().map_or(0, |entry| entry.key_span.start);
        let end = self.entries.iter().map(Entry::end).max().unwrap_or(start);
        let (flow, entries) = (false, self.entries);
        node(Kind::Map { flow, entries }, start..end)
    }
}

/// Adds an entry to the mapping that its indentation says.
fn place(levels: &mut Vec<Level>, indent: usize, entry: Entry) -> Option<()> {
    close_down_to(levels, indent)?;
    let is_deeper = levels.last().is_none_or(|level| level.indent < indent);
    if is_deeper {
        let takes = match levels.last() {
            Some(above) => above.entries.last().is_some_and(|entry| entry.value.span.is_empty()),
            None => indent == 0,
        };
        (takes && levels.len() < MOST_LEVELS).then_some(())?;
        let entries = Vec::new();
        levels.push(Level { indent, entries });
    }
    let entries = &mut levels.last_mut()?.entries;
    let is_new = entries.iter().all(|other| other.key != entry.key);
    (is_new && entries.len() < MOST_KEYS).then_some(())?;
    entries.push(entry);
    Some(())
}

/// Ends the mappings that are indented more than `indent`; none may have begun between.
fn close_down_to(levels: &mut Vec<Level>, indent: usize) -> Option<()> {
    while levels.last().is_some_and(|level| level.indent > indent) {
        let below = levels.pop()?;
        let above = levels.last_mut()?;
        (above.indent >= indent).then_some(())?;
        above.entries.last_mut()?.value = below.node();
    }
    Some(())
}

fn node(kind: Kind, span: Range<usize>) -> Node {
    Node {
        kind,
        span,
        bound: false,
        tagged: false,
    }
}

fn blanks(text: &[u8]) -> usize {
    text.iter().take_while(|byte| **byte == b' ').count()
}

/// A line without its end, and where it is in the document.
struct Line<'a> {
    text: &'a [u8],
    at: usize,
}

impl Line<'_> {
    fn span(&self, range: Range<usize>) -> Range<usize> {
        self.at + range.start..self.at + range.end
    }

    fn scalar(&self, text: Range<usize>, written: Range<usize>, style: ScalarStyle) -> Option<Node> {
        let text = String::from_utf8(self.text.get(text)?.to_vec()).ok()?;
        Some(node(Kind::Scalar { text, style }, self.span(written)))
    }

    /// The key, its value, and the comment behind it.
    fn entry(&self, indent: usize) -> Option<(Entry, Option<Range<usize>>)> {
        let is_key = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        let end = indent + self.text[indent..].iter().take_while(|byte| is_key(byte)).count();
        let begins = self.text[indent].is_ascii_alphabetic();
        (begins && self.text.get(end) == Some(&b':')).then_some(())?;
        let behind = &self.text[end + 1..];
        let start = end + 1 + blanks(behind);
        (behind.is_empty() || start > end + 1).then_some(())?;
        let nothing = || {
            node(
                Kind::Scalar {
                    text: "~".to_owned(),
                    style: ScalarStyle::Plain,
                },
                self.span(end..end),
            )
        };
        let (value, after) = match self.text.get(start) {
            None | Some(b'#') => (nothing(), start),
            Some(b'[') => self.list(start)?,
            Some(quote @ (b'"' | b'\'')) => self.quoted(start, *quote)?,
            Some(_) => self.plain(start)?,
        };
        let entry = Entry {
            key: Some(String::from_utf8(self.text[indent..end].to_vec()).ok()?),
            key_span: self.span(indent..end),
            colon: Some(self.at + end + 1),
            value,
        };
        let gap = blanks(&self.text[after..]);
        let comment = match self.text.get(after + gap) {
            None => None,
            Some(b'#') if gap > 0 || after == start => Some(self.span(after + gap..self.text.len())),
            Some(_) => return None,
        };
        Some((entry, comment))
    }

    /// A list in brackets, and where it ends.
    fn list(&self, start: usize) -> Option<(Node, usize)> {
        let is_word =
            |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'/' | b'@' | b' ');
        let end = start + self.text[start..].iter().position(|byte| *byte == b']')?;
        let (mut items, mut at) = (Vec::new(), start + 1);
        if !self.text[at..end].trim_ascii().is_empty() {
            for piece in self.text[at..end].split(|byte| *byte == b',') {
                let item = at + blanks(piece);
                let text = piece.trim_ascii();
                let begins = text.first().is_some_and(u8::is_ascii_alphanumeric);
                (begins && text.iter().all(is_word)).then_some(())?;
                let written = item..item + text.len();
                items.push(self.scalar(written.clone(), written, ScalarStyle::Plain)?);
                at += piece.len() + 1;
            }
        }
        let written = self.span(start..end + 1);
        Some((node(Kind::List { flow: true, items }, written), end + 1))
    }

    /// A text in quotes, and where it ends.
    fn quoted(&self, start: usize, quote: u8) -> Option<(Node, usize)> {
        let text = &self.text[start + 1..];
        let end = start + 1 + text.iter().position(|byte| *byte == quote)?;
        let is_escaped = self.text[start..end].contains(&b'\\') || self.text.get(end + 1) == Some(&quote);
        (!is_escaped).then_some(())?;
        let style = match quote {
            b'"' => ScalarStyle::DoubleQuoted,
            _ => ScalarStyle::SingleQuoted,
        };
        Some((self.scalar(start + 1..end, start..end + 1, style)?, end + 1))
    }

    /// A text without quotes, and where it ends.
    fn plain(&self, start: usize) -> Option<(Node, usize)> {
        let means_more = b"-?:,[]{}#&*!|>'\"%@`".contains(&self.text[start]);
        let text = &self.text[start..];
        let text = &text[..text.windows(2).position(|pair| pair == b" #").unwrap_or(text.len())].trim_ascii_end();
        let is_key = text.ends_with(b":") || text.windows(2).any(|pair| pair == b": ");
        (!means_more && !is_key).then_some(())?;
        let written = start..start + text.len();
        let end = written.end;
        Some((self.scalar(written.clone(), written, ScalarStyle::Plain)?, end))
    }
}
