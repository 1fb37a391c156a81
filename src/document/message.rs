//! Commit messages and other text from outside, made safe to stand in a document.
//!
//! What such text says stays as it is; what it could do to the document's structure does not. Not here: where the text
//! is put (updates/, sections/).

#[cfg(test)]
mod tests;

use bstr::ByteSlice;

use super::outline;
use crate::names::CommitId;
use crate::trailer::trailer;

/// The longest subject in a heading, in characters.
const MAX_SUBJECT: usize = 200;
/// The longest body in an entry, in bytes. The rest is in the commit.
const MAX_BODY: usize = 64 * 1024;

/// A commit message as an entry shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Message {
    /// The first paragraph as one line, at most 200 characters.
    pub(crate) subject: String,
    /// The rest without trailers, contained; empty, or lines that each end with `\n`.
    pub(crate) body: String,
}

/// The subject of a message, as [`parse`] reads it.
pub(crate) fn subject(message: &str) -> String {
    let start = message.trim_start_matches(['\r', '\n', ' ', '\t']);
    let end = start.len().min(MAX_BODY);
    let end = (0..=end).rev().find(|i| start.is_char_boundary(*i)).unwrap_or(0);
    parse(&start[..end]).subject
}

/// The commit that a message says it was picked from: `git cherry-pick -x` writes a line for each pick, the last one below.
pub(crate) fn picked_from(message: &str) -> Option<CommitId> {
    let mut ids = message
        .lines()
        .rev()
        .filter_map(|line| line.strip_prefix("(cherry picked from commit "));
    ids.find_map(|rest| CommitId::parse(rest.trim_end().strip_suffix(')')?))
}

/// The commits that a message says it reverts, as git-revert(1) writes it.
pub(crate) fn reverted(message: &str) -> Vec<CommitId> {
    let lines = message
        .lines()
        .filter_map(|line| line.strip_prefix("This reverts commit "));
    lines
        .filter_map(|rest| CommitId::parse(rest.split(['.', ',']).next()?))
        .collect()
}

/// Reads a message as git does: its subject is `%s` of git-log(1), its trailers are those of git-interpret-trailers(1).
pub(crate) fn parse(message: &str) -> Message {
    let text = clean(message);
    let text = text.trim_start_matches(['\n', ' ', '\t']).trim_end();
    let (first, rest) = split_paragraph(text);
    let whole = one_line(first);
    let body = without_trailers(rest.trim_matches('\n'));
    let subject = shortened(&whole);
    let body = if subject == whole {
        body.to_owned()
    } else {
        format!("{whole}\n\n{body}")
    };
    Message {
        subject: heading_text(if subject.is_empty() { "(no message)" } else { &subject }),
        body: body_text(body.trim_end()),
    }
}

/// `text` with line endings made `\n` and every other control character but the tab replaced by U+FFFD.
pub(crate) fn clean(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let clean = |c: char| match c {
        '\n' | '\t' => c,
        '\r' => '\n',
        c if c.is_control() => '\u{fffd}',
        c => c,
    };
    text.chars().map(clean).collect()
}

/// `text` as the text of a heading: one line in which no comment starts.
pub(crate) fn heading_text(text: &str) -> String {
    one_line(&clean(text)).replace("<!--", "\\<!--")
}

/// `text`, already clean, as lines that cannot change the structure around them: as they are, or in a fence where one
/// of them would be a heading of level 1 to 3, HTML, a comment of ours, or open a fence that is never closed.
pub(crate) fn contained(text: &str) -> String {
    if outline::forges(text.as_bytes()) {
        let fence = fence_for(text.as_bytes(), 3);
        format!("{fence}text\n{text}\n{fence}\n")
    } else {
        format!("{text}\n")
    }
}

/// A fence of backticks, at least `least` long, that nothing in `text` closes.
pub(crate) fn fence_for(text: &[u8], least: usize) -> String {
    let longest = text.split(|b| *b != b'`').map(<[u8]>::len).max().unwrap_or(0);
    "`".repeat(least.max(longest + 1))
}

/// `text` as inline code, in which control characters are written out.
pub(crate) fn inline_code(text: &str) -> String {
    let text = crate::names::visible(text);
    let mark = fence_for(text.as_bytes(), 1);
    let padded = text.starts_with('`') || text.ends_with('`') || (text.starts_with(' ') && text.ends_with(' '));
    let blank = if padded && !text.trim().is_empty() { " " } else { "" };
    format!("{mark}{blank}{text}{blank}{mark}")
}

/// A body of any length as lines, at most 64 KiB of it.
pub(crate) fn body_text(body: &str) -> String {
    let body = body.trim_matches('\n');
    if body.trim().is_empty() {
        return String::new();
    }
    if body.len() <= MAX_BODY {
        return contained(body);
    }
    let head = &body.as_bytes()[..MAX_BODY];
    let end = head.rfind_byte(b'\n').unwrap_or(MAX_BODY);
    let end = (0..=end).rev().find(|i| body.is_char_boundary(*i)).unwrap_or(0);
    let (kept, rest) = body.split_at(end);
    format!("{}\n({} more bytes are in the commit)\n", contained(kept), rest.len())
}

/// The lines up to the first blank line, and what follows.
fn split_paragraph(text: &str) -> (&str, &str) {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if line.trim().is_empty() {
            break;
        }
        at += line.len();
    }
    text.split_at(at)
}

fn one_line(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    lines.join(" ").replace('\t', " ")
}

fn shortened(subject: &str) -> String {
    match subject.char_indices().nth(MAX_SUBJECT) {
        None => subject.to_owned(),
        Some((end, _)) => format!("{}…", subject[..end].trim_end()),
    }
}

/// `body` without its last paragraph, if that holds nothing but trailers.
fn without_trailers(body: &str) -> &str {
    let mut start = body.len();
    for line in body.split_inclusive('\n').rev() {
        if line.trim().is_empty() {
            break;
        }
        start -= line.len();
    }
    let (rest, last) = body.split_at(start);
    let mut any = false;
    let all = last.lines().all(|line| {
        let is_trailer = trailer(line).is_some() || line.starts_with("(cherry picked from commit ");
        let goes_on = any && line.starts_with([' ', '\t']);
        any |= is_trailer;
        is_trailer || goes_on
    });
    if any && all { rest.trim_end() } else { body }
}
