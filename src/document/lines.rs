//! Text as lines: where they begin and end, what is in them without their ending, and which ending a text has.
//!
//! Not here: what a line means in Markdown (outline/line.rs).

use std::ops::Range;

use bstr::ByteSlice;

/// The lines of `text` from `start` on, each with its line ending (`\n`, `\r\n` or `\r`, CommonMark 0.31 section 2.1).
pub(crate) fn lines(text: &[u8], start: usize) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut at = start;
    std::iter::from_fn(move || {
        let rest = text.get(at..).filter(|rest| !rest.is_empty())?;
        let end = match rest.find_byteset(b"\r\n") {
            None => rest.len(),
            Some(i) if rest[i..].starts_with(b"\r\n") => i + 2,
            Some(i) => i + 1,
        };
        let line = at..at + end;
        at = line.end;
        Some(line)
    })
}

/// `line` without its line ending.
pub(crate) fn content(line: &[u8]) -> &[u8] {
    line.trim_end_with(|c| c == '\n' || c == '\r')
}

/// Whether the line holds nothing but blanks.
pub(crate) fn is_blank(line: &[u8]) -> bool {
    line.iter().all(|b| matches!(b, b' ' | b'\t' | b'\r' | b'\n'))
}

/// `text` without blanks at either end.
pub(crate) fn blank_trimmed(text: &[u8]) -> &[u8] {
    text.trim_with(|c| c == ' ' || c == '\t')
}

/// The offset behind the line that `from` is in, its ending included; here only `\n` ends a line.
pub(crate) fn line_end(text: &[u8], from: usize) -> usize {
    let rest = text.get(from..).unwrap_or_default();
    rest.find_byte(b'\n').map_or(text.len(), |at| from + at + 1)
}

/// The offset of the first byte of the line that `at` is in; here only `\n` ends a line.
pub(crate) fn line_start(text: &[u8], at: usize) -> usize {
    let before = text.get(..at).unwrap_or(text);
    before.rfind_byte(b'\n').map_or(0, |at| at + 1)
}

/// The end of the last line in `span` that is not blank; the start of `span` where there is none.
pub(crate) fn text_end(text: &[u8], span: &Range<usize>) -> usize {
    let inside = &text[span.clone()];
    let blank = |b: &u8| matches!(b, b' ' | b'\t' | b'\r' | b'\n');
    let Some(last) = inside.iter().rposition(|b| !blank(b)) else {
        return span.start;
    };
    lines(inside, last)
        .next()
        .map_or(span.end, |line| span.start + line.end)
}

/// How most lines of `text` end.
pub(crate) fn newline(text: &[u8]) -> &'static str {
    let all = text.find_iter(b"\n").count();
    let windows = text.find_iter(b"\r\n").count();
    if windows * 2 > all { "\r\n" } else { "\n" }
}

/// The length of a byte order mark at the start of `text`.
pub(crate) fn byte_order_mark(text: &[u8]) -> usize {
    if text.starts_with("\u{feff}".as_bytes()) { 3 } else { 0 }
}
