//! Entries whose commit was rewritten: they follow it, and the words that people added to them stay.
//!
//! Not here: finding out which commit became which.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use bstr::ByteSlice;

use super::{Entry, MARKER, UpdateLimits, render};
use crate::document::diff::hunks;
use crate::document::edit::{Splice, with_newlines};
use crate::document::lines::{content, is_blank, lines};
use crate::document::message::contained;
use crate::document::outline::{self, Outline};
use crate::document::{Document, EditError};
use crate::facts::CommitFacts;
use crate::names::CommitId;

/// What became of the entry of a rewritten commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Followed {
    /// It tells of the new commit.
    Updated,
    /// The new commit had an entry of its own: one is left, with the words of both.
    Fused,
    /// Several entries stood for the old commit; they keep their words and point at the new one.
    Pointed,
    /// No entry was made for the old commit.
    NoEntry,
}

/// An entry without its marker line: the heading's line and the lines below.
struct Words<'a> {
    heading: &'a [u8],
    rest: Vec<&'a [u8]>,
}

impl Document {
    /// Makes the entry of the commit `old` one of `new`, in place: what was made for the old commit is made anew, what a
    /// person wrote stays. Without the old commit's facts, lines are taken for made if they have the form of it.
    pub fn follow_rewrite(
        &mut self,
        old: &CommitId,
        old_facts: Option<&CommitFacts>,
        new: &CommitFacts,
        limits: &UpdateLimits,
    ) -> Result<Followed, EditError> {
        if *old == new.id || self.entry_of(old).is_none() {
            return Ok(Followed::NoEntry);
        }
        let outline = self.close_blocks(Outline::of(&self.text));
        let all = outline
            .section("Updates")
            .map_or_else(Vec::new, |updates| self.entries_in(&outline, &updates));
        let of_old: Vec<&Entry> = all.iter().filter(|entry| entry.commit.as_ref() == Some(old)).collect();
        let of_new = all.iter().find(|entry| entry.commit.as_ref() == Some(&new.id));
        let [entry] = of_old.as_slice() else {
            let point = |entry: &&Entry| {
                let (at, text) = (entry.commit_span.clone()?, new.id.as_str().into());
                Some(Splice { at, text })
            };
            let splices: Vec<Splice> = of_old.iter().filter_map(point).collect();
            self.apply(&splices);
            return Ok(Followed::Pointed);
        };
        let theirs = render::commit(new, limits);
        let theirs = words(theirs.as_bytes());
        let present = self.entry_text(&outline, entry);
        let ours = words(&self.text[present.clone()]);
        let made = old_facts.map(|facts| render::commit(facts, limits));
        let base = match &made {
            Some(made) => words(made.as_bytes()),
            None => recognised(&ours, &theirs),
        };
        let merged = merge(&base, &ours, &theirs);
        let Some(other) = of_new else {
            let text = whole(&merged, &new.id, outline.newline);
            self.apply(&[Splice { at: present, text }]);
            return Ok(Followed::Updated);
        };
        let other_text = self.entry_text(&outline, other);
        let fused = merge(&theirs, &words(&merged), &words(&self.text[other_text.clone()]));
        let text = whole(&fused, &new.id, outline.newline);
        let mut splices = vec![
            Splice {
                at: entry.span.clone(),
                text: Vec::new(),
            },
            Splice { at: other_text, text },
        ];
        splices.sort_by_key(|splice| splice.at.start);
        self.apply(&splices);
        Ok(Followed::Fused)
    }

    /// An entry without the blank lines at its end.
    fn entry_text(&self, outline: &Outline, entry: &Entry) -> Range<usize> {
        let last = outline.blocks_in(&entry.span).last();
        entry.span.start..last.map_or(entry.heading.end, |block| block.span.end)
    }
}

fn words(entry: &[u8]) -> Words<'_> {
    let mut all = lines(entry, 0).map(|line| content(&entry[line]));
    let heading = all.next().unwrap_or_default();
    let is_marker = |line: &&[u8]| {
        let line = line.trim();
        line.starts_with(MARKER.0.as_bytes()) && line.find(MARKER.1) == Some(line.len().wrapping_sub(MARKER.1.len()))
    };
    let mut rest: Vec<&[u8]> = Vec::new();
    let mut marked = false;
    for line in all {
        if !marked && is_marker(&line) {
            marked = true;
        } else {
            rest.push(line);
        }
    }
    while rest.last().is_some_and(|line| is_blank(line)) {
        rest.pop();
    }
    Words { heading, rest }
}

/// The lines of `ours` that look made: lists of files and the like, and what the new commit's entry says, too.
fn recognised<'a>(ours: &Words<'a>, theirs: &Words<'a>) -> Words<'a> {
    let said: HashSet<&[u8]> = theirs.rest.iter().copied().collect();
    let mut in_list = false;
    let rest = ours.rest.iter().copied().filter(|line| {
        let starts = |prefixes: &[&str]| prefixes.iter().any(|prefix| line.starts_with(prefix.as_bytes()));
        let file = line.strip_prefix(b"  - ").and_then(<[u8]>::first);
        let head = starts(&[
            "- Files changed (",
            "- Merged ",
            "- No files changed",
            "- Changed files are unknown: ",
        ]);
        in_list = head || (in_list && file.is_some_and(|b| *b == b'`' || b.is_ascii_digit()));
        in_list || said.contains(line)
    });
    Words {
        heading: ours.heading,
        rest: rest.collect(),
    }
}

/// The three-way merge by lines in which both sides' additions stay and both sides' removals count.
fn merge(base: &Words<'_>, ours: &Words<'_>, theirs: &Words<'_>) -> Vec<u8> {
    let heading = if ours.heading == base.heading {
        theirs.heading
    } else {
        ours.heading
    };
    let (our_new, our_kept) = changes(&base.rest, &ours.rest);
    let (their_new, their_kept) = changes(&base.rest, &theirs.rest);
    let mut rest: Vec<&[u8]> = Vec::new();
    for at in 0..=base.rest.len() {
        let (new, own) = (&theirs.rest[their_new[at].clone()], &ours.rest[our_new[at].clone()]);
        rest.extend(new);
        if own != new {
            rest.extend(own);
        }
        if let Some(line) = base.rest.get(at).filter(|_| our_kept[at] && their_kept[at]) {
            rest.push(line);
        }
    }
    let text = rest.join(&b"\n"[..]);
    let before = outline::structure(&ours.rest.join(&b"\n"[..]));
    let after = outline::structure(&text);
    if after.0 <= before.0 && (!after.1 || before.1) {
        return joined(heading, &text);
    }
    // Half of a fence is left: the words stand below, on their own.
    let own: Vec<&[u8]> = our_new
        .into_iter()
        .flat_map(|range| ours.rest[range].to_vec())
        .collect();
    let own = contained(own.join(&b"\n"[..]).to_str_lossy().trim_matches('\n'));
    let text = [theirs.rest.join(&b"\n"[..]), own.trim_end().as_bytes().to_vec()].join(&b"\n\n"[..]);
    joined(heading, &text)
}

fn joined(heading: &[u8], rest: &[u8]) -> Vec<u8> {
    [heading, rest].join(&b"\n"[..])
}

/// For each gap of `base` the lines of `side` that are new in it, and for each line of `base` whether it is kept.
fn changes<'l>(base: &[&'l [u8]], side: &[&'l [u8]]) -> (Vec<Range<usize>>, Vec<bool>) {
    let mut tokens: HashMap<&[u8], u32> = HashMap::new();
    let [before, after] = [base, side].map(|lines| {
        let mut token = |line: &&'l [u8]| {
            let next = u32::try_from(tokens.len()).unwrap_or(u32::MAX);
            *tokens.entry(line).or_insert(next)
        };
        lines.iter().map(&mut token).collect::<Vec<u32>>()
    });
    let mut new = vec![0..0; base.len() + 1];
    let mut kept = vec![true; base.len()];
    for (removed, added) in hunks(&before, &after) {
        new[removed.start] = added;
        kept[removed].fill(false);
    }
    (new, kept)
}

/// The entry with its marker.
fn whole(entry: &[u8], commit: &CommitId, newline: &str) -> Vec<u8> {
    let (heading, rest) = entry.split_once_str("\n").unwrap_or((entry, b""));
    let marker = format!("\n{}{}{}\n", MARKER.0, commit.as_str(), MARKER.1);
    let text = [heading, marker.as_bytes(), rest].concat();
    with_newlines(&[text.trim_end(), b"\n"].concat(), newline)
}
