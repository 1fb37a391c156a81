//! One line of Markdown: how wide its indentation is, and what its first characters could begin.
//!
//! Not here: what the line means among its neighbours (scan.rs) and HTML (html.rs).

use bstr::ByteSlice;

use crate::document::lines::{blank_trimmed, is_blank};

/// A place in a line, with tabs counted as columns of four.
#[derive(Clone, Copy)]
pub(super) struct Cursor<'a> {
    line: &'a [u8],
    offset: usize,
    column: usize,
}

impl<'a> Cursor<'a> {
    /// At the start of `line`, which has no line ending.
    pub(super) fn new(line: &'a [u8]) -> Self {
        Self {
            line,
            offset: 0,
            column: 0,
        }
    }

    /// The columns of blanks from here, and what follows them.
    pub(super) fn indent(&self) -> (usize, &'a [u8]) {
        let mut column = self.column;
        for (i, byte) in self.line[self.offset..].iter().enumerate() {
            match byte {
                b' ' => column += 1,
                b'\t' => column += 4 - column % 4,
                _ => return (column - self.column, &self.line[self.offset + i..]),
            }
        }
        (column - self.column, &[])
    }

    /// The offset of the first character that is no blank.
    pub(super) fn text_offset(&self) -> usize {
        self.line.len() - self.indent().1.len()
    }

    /// The column that the cursor is in.
    pub(super) fn column(&self) -> usize {
        self.column
    }

    /// Goes on by `columns`; a tab may be taken in part.
    pub(super) fn advance(&mut self, columns: usize) {
        let target = self.column + columns;
        while let Some(byte) = self.line.get(self.offset).filter(|_| self.column < target) {
            let width = if *byte == b'\t' { 4 - self.column % 4 } else { 1 };
            if self.column + width > target {
                self.column = target;
            } else {
                self.column += width;
                self.offset += 1;
            }
        }
    }
}

/// The level and the text of an ATX heading (section 4.2); `text` begins with its first character.
pub(super) fn atx(text: &[u8]) -> Option<(u8, &[u8])> {
    let level = text.iter().take_while(|b| **b == b'#').count();
    let rest = &text[level..];
    if !(1..=6).contains(&level) || !rest.first().is_none_or(|b| matches!(b, b' ' | b'\t')) {
        return None;
    }
    let title = blank_trimmed(rest);
    let closing = title.iter().rev().take_while(|b| **b == b'#').count();
    let kept = &title[..title.len() - closing];
    let title = match kept.last() {
        None => kept,
        Some(b' ' | b'\t') => blank_trimmed(kept),
        Some(_) => title,
    };
    Some((u8::try_from(level).unwrap_or(6), title))
}

/// The level that a setext underline gives to the paragraph above it (section 4.3).
pub(super) fn setext(text: &[u8]) -> Option<u8> {
    let text = blank_trimmed(text);
    let first = *text.first()?;
    let level = match first {
        b'=' => 1,
        b'-' => 2,
        _ => return None,
    };
    text.iter().all(|b| *b == first).then_some(level)
}

/// Whether it is a thematic break (section 4.1).
pub(super) fn is_break(text: &[u8]) -> bool {
    let Some(first) = text.first().filter(|b| b"-_*".contains(b)) else {
        return false;
    };
    let mut count = 0;
    for byte in text {
        match byte {
            b' ' | b'\t' => {}
            b if b == first => count += 1,
            _ => return false,
        }
    }
    count >= 3
}

/// A code fence: its character and its length (section 4.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fence {
    pub(super) mark: u8,
    pub(super) length: usize,
}

impl Fence {
    /// The fence that `text` opens.
    pub(super) fn opened_by(text: &[u8]) -> Option<Self> {
        let mark = *text.first().filter(|b| matches!(b, b'`' | b'~'))?;
        let length = text.iter().take_while(|b| **b == mark).count();
        let info_ok = mark == b'~' || !text[length..].contains(&b'`');
        (length >= 3 && info_ok).then_some(Self { mark, length })
    }

    /// Whether `text` closes it.
    pub(super) fn closed_by(self, text: &[u8]) -> bool {
        let length = text.iter().take_while(|b| **b == self.mark).count();
        length >= self.length && is_blank(&text[length..])
    }

    /// The shortest line that closes it.
    pub(super) fn closer(self) -> Vec<u8> {
        vec![self.mark; self.length]
    }
}

/// The marker of a list item: what kind of list it makes, and its width in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ListMarker {
    /// `-`, `+`, `*`, or the `.` or `)` of an ordered list.
    pub(super) kind: u8,
    pub(super) width: usize,
    /// Whether it may interrupt a paragraph as far as its number goes (section 5.2).
    pub(super) starts_at_one: bool,
}

/// The list marker that `text` begins with (section 5.2).
pub(super) fn list_marker(text: &[u8]) -> Option<ListMarker> {
    let digits = text.iter().take_while(|b| b.is_ascii_digit()).count();
    let kind = *text.get(digits)?;
    let known = match digits {
        0 => b"-+*".contains(&kind),
        1..=9 => matches!(kind, b'.' | b')'),
        _ => false,
    };
    let width = digits + 1;
    let spaced = text.get(width).is_none_or(|b| matches!(b, b' ' | b'\t'));
    (known && spaced).then_some(ListMarker {
        kind,
        width,
        starts_at_one: digits == 0 || text[..digits].to_str().is_ok_and(|n| n.parse() == Ok(1u32)),
    })
}

/// A checklist box at the start of an item's text: the box, and what follows it.
pub(crate) fn split_box(text: &[u8]) -> (&[u8], &[u8]) {
    let boxed = text.starts_with(b"[ ]") || text.starts_with(b"[x]") || text.starts_with(b"[X]");
    let after = text.get(3).is_none_or(|b| matches!(b, b' ' | b'\t' | b'\r' | b'\n'));
    if boxed && after { text.split_at(3) } else { (&[], text) }
}

/// The cells of a row, with the blanks in them: the texts between pipes that no backslash escapes.
pub(crate) fn cells(row: &[u8]) -> Vec<&[u8]> {
    let mut cells = Vec::new();
    let (mut start, mut escaped) = (0, false);
    for (i, byte) in row.iter().enumerate() {
        if *byte == b'|' && !escaped {
            cells.push(&row[start..i]);
            start = i + 1;
        }
        escaped = *byte == b'\\' && !escaped;
    }
    cells.push(&row[start..]);
    cells
}
