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
        self.text = text;
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
