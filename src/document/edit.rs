//! Putting a block of lines into a document so that it stands alone and nothing else moves.
//!
//! Not here: what the lines say (sections/, updates/).

use std::ops::Range;

use bstr::ByteSlice;

use super::Document;
use super::lines::{is_blank, lines};
use super::outline::Outline;

/// One replacement.
#[derive(Debug)]
pub(super) struct Splice {
    /// The bytes that go; empty for an insertion.
    pub(super) at: Range<usize>,
    /// What comes.
    pub(super) text: Vec<u8>,
}

/// How a new block stands to the one above it.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Join {
    /// On the next line.
    Line,
    /// Below a blank line.
    Block,
}

impl Document {
    /// Does the replacements, which are in order and do not overlap.
    pub(super) fn apply(&mut self, splices: &[Splice]) {
        let mut text = Vec::with_capacity(self.text.len() + splices.iter().map(|s| s.text.len()).sum::<usize>());
        let mut done = 0;
        for splice in splices {
            text.extend_from_slice(&self.text[done..splice.at.start]);
            text.extend_from_slice(&splice.text);
            done = splice.at.end;
        }
        text.extend_from_slice(&self.text[done..]);
        let first = splices.first().map_or(usize::MAX, |splice| splice.at.start);
        let mut changed = Self::new(text);
        // What is put behind a block that has ended changes nothing in it.
        if let Some(front_matter) = self.front_matter.take()
            && front_matter.problem.is_none()
            && first >= front_matter.span.end
            && self.text[front_matter.span.clone()].ends_with(b"\n")
        {
            changed.front_matter = front_matter.into();
        }
        *self = changed;
    }

    /// Ends the fences and comments of the live part that nothing ends, so that what is put below cannot end them
    /// instead. The lines that do it are the only ones added to a user's own text.
    pub(super) fn close_blocks(&mut self, outline: Outline) -> Outline {
        let live = outline
            .blocks
            .iter()
            .take_while(|block| block.span.start < outline.live_end);
        let open = live.filter_map(|block| Some((block.span.end, block.closer.as_ref()?)));
        let close = |(at, closer): (usize, &Vec<u8>)| {
            let newline = outline.newline.as_bytes();
            let before = if ends_line(&self.text[..at]) { &b""[..] } else { newline };
            Splice {
                at: at..at,
                text: [before, closer, newline].concat(),
            }
        };
        let splices: Vec<Splice> = open.map(close).collect();
        if splices.is_empty() {
            return outline;
        }
        self.apply(&splices);
        Outline::of(&self.text)
    }
}

/// The insertion of `block`, whose lines end with `\n`, below the last block in `span` (or at the start of `span`), with
/// a blank line between it and what follows.
pub(super) fn below(text: &[u8], outline: &Outline, span: &Range<usize>, join: Join, block: &[u8]) -> Splice {
    let at = outline
        .blocks_in(span)
        .last()
        .map_or(span.start, |block| block.span.end);
    below_line(text, outline.newline, at, join, block)
}

/// As [`below`], at `at`, which is the end of a line that is not blank or the start of the text.
pub(super) fn below_line(text: &[u8], newline: &str, at: usize, join: Join, block: &[u8]) -> Splice {
    let (above, rest) = text.split_at(at);
    let mut new = Vec::new();
    if !ends_line(above) {
        new.extend_from_slice(b"\n");
    }
    if join == Join::Block && !is_blank(above.trim_start_with(|c| c == '\u{feff}')) {
        new.extend_from_slice(b"\n");
    }
    new.extend_from_slice(block);
    if lines(rest, 0).next().is_some_and(|line| !is_blank(&rest[line])) {
        new.extend_from_slice(b"\n");
    }
    Splice {
        at: at..at,
        text: with_newlines(&new, newline),
    }
}

/// `text` with every line ending of the form `\r\n` or `\n` made `newline`.
pub(super) fn with_newlines(text: &[u8], newline: &str) -> Vec<u8> {
    let plain = text.replace("\r\n", "\n");
    if newline == "\n" {
        plain
    } else {
        plain.replace("\n", newline)
    }
}

fn ends_line(text: &[u8]) -> bool {
    text.is_empty() || text.ends_with(b"\n") || text.ends_with(b"\r")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::front_matter::FrontMatter;
    use crate::document::random::Random;

    /// Whatever is put where: what was read before is what would be read now.
    #[test]
    fn a_front_matter_that_is_kept_is_that_of_the_text() {
        let mut random = Random::new(7);
        let lines = [
            "---",
            "---",
            "...",
            "a: 1",
            "b: [",
            "c: |",
            "  x",
            "# c",
            "text",
            "",
            "\u{feff}---",
            "d: '",
        ];
        let mut kept = 0;
        for round in 0..20_000 {
            let eol = *random.pick(&["\n", "\n", "\r\n", "\r"]);
            let start = if random.below(3) == 0 {
                String::new()
            } else {
                format!("---{eol}a: 1{eol}---{eol}")
            };
            let mut document = Document::new(start + &random.lines(&lines, 6, eol));
            let _ = document.front_matter();
            let at = random.below(document.text().len() + 1);
            let end = (at + random.below(6)).min(document.text().len());
            let text = random.lines(&lines, 3, eol).into_bytes();
            document.apply(&[Splice { at: at..end, text }]);
            kept += u32::from(document.front_matter.get().is_some());
            assert_eq!(
                *document.front_matter(),
                FrontMatter::of(document.text()),
                "{round}: {document:?}"
            );
        }
        assert!(kept > 1000, "{kept}");
    }
}
