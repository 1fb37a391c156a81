//! Carrying out a plan: entries follow their commits, are marked or fused, and the words that people added to them stay.
//!
//! Not here: what becomes of which entry (plan.rs).

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use bstr::ByteSlice;

use super::plan::is_marked;
use super::render::Anchors;
use super::{DROPPED, Entry, Fate, History, MARKER, Plan, UpdateLimits, render};
use crate::document::diff::hunks;
use crate::document::edit::{Splice, with_newlines};
use crate::document::lines::{content, is_blank, lines};
use crate::document::message::contained;
use crate::document::outline::{self, Outline};
use crate::document::{Document, EditError};
use crate::facts::CommitFacts;
use crate::names::CommitId;

/// An entry without its marker line: the heading's line and the lines below.
struct Words<'a> {
    heading: &'a [u8],
    rest: Vec<&'a [u8]>,
}

impl Document {
    /// Does what `plan` says about the entries that were [`Document::entries`] when it was made.
    pub fn reconcile(&mut self, plan: &Plan, history: &dyn History, limits: &UpdateLimits) -> Result<(), EditError> {
        if !plan.fates.iter().all(|fate| *fate == Fate::Stays) {
            let outline = self.close_blocks(Outline::of(&self.text));
            let entries = outline
                .section("Updates")
                .map_or_else(Vec::new, |updates| self.entries_in(&outline, &updates));
            let mut splices = Vec::new();
            for (entry, fate) in entries.iter().zip(&plan.fates) {
                splices.extend(self.carry_out(&outline, entry, fate, history, limits));
            }
            self.apply(&splices);
            for (entry, fate) in entries.iter().zip(&plan.fates) {
                if let (Some(old), Fate::Fuses(new)) = (&entry.commit, fate) {
                    self.fuse(old, new, history, limits);
                }
            }
        }
        let new: Vec<CommitFacts> = plan.new.iter().filter_map(|commit| history.facts(commit)).collect();
        self.log_in_order(&new, limits, history.own())?;
        match plan.older {
            Some((older, or_more)) => self.note_older_commits(older, or_more),
            None => Ok(()),
        }
    }

    /// The replacements, in order, for one entry.
    fn carry_out(
        &self,
        outline: &Outline,
        entry: &Entry,
        fate: &Fate,
        history: &dyn History,
        limits: &UpdateLimits,
    ) -> Vec<Splice> {
        let Some((old, marker)) = entry.commit.as_ref().zip(entry.commit_span.clone()) else {
            return Vec::new();
        };
        let text = &self.text[entry.heading.clone()];
        let title_end = entry.heading.start + title(text).len();
        let marked = title(text).ends_with(DROPPED.as_bytes()) && is_marked(entry, history.identity(old).as_ref());
        let unmarked = marked.then(|| Splice {
            at: title_end - DROPPED.len()..title_end,
            text: Vec::new(),
        });
        let pointed = |to: &CommitId| Splice {
            at: marker.clone(),
            text: to.as_str().into(),
        };
        match fate {
            Fate::Stays | Fate::Fuses(_) => Vec::new(),
            Fate::ComesBack => unmarked.into_iter().collect(),
            Fate::Joins(to) => unmarked.into_iter().chain([pointed(to)]).collect(),
            Fate::Follows(to) if history.read_alike(old, to) => unmarked.into_iter().chain([pointed(to)]).collect(),
            Fate::Follows(to) => {
                let Some(new) = history.facts(to) else {
                    return vec![pointed(to)];
                };
                let at = self.entry_text(outline, entry);
                let merged = followed(&self.text[at.clone()], history.facts(old).as_ref(), &new, limits);
                let text = whole(&merged, to, outline.newline);
                vec![Splice { at, text }]
            }
            Fate::Drops => vec![Splice {
                at: title_end..title_end,
                text: DROPPED.into(),
            }],
            Fate::Leaves => {
                let words = |text: &[u8]| text.trim_end().replace("\r\n", "\n");
                let made = history
                    .facts(old)
                    .map(|facts| render::commit(&facts, limits, &Anchors::new()));
                let present = &self.text[self.entry_text(outline, entry)];
                let untouched = made.is_some_and(|made| words(made.as_bytes()) == words(present));
                let gone = Splice {
                    at: entry.span.clone(),
                    text: Vec::new(),
                };
                untouched.then_some(gone).into_iter().collect()
            }
        }
    }

    /// Makes the entry of `old` and that of `new` one, where the latter is.
    fn fuse(&mut self, old: &CommitId, new: &CommitId, history: &dyn History, limits: &UpdateLimits) {
        let outline = Outline::of(&self.text);
        let Some(updates) = outline.section("Updates") else {
            return;
        };
        let entries = self.entries_in(&outline, &updates);
        let of = |commit: &CommitId| entries.iter().find(|entry| entry.commit.as_ref() == Some(commit));
        let (Some(one), Some(other), Some(facts)) = (of(old), of(new), history.facts(new)) else {
            return;
        };
        let (one_text, other_text) = (self.entry_text(&outline, one), self.entry_text(&outline, other));
        let merged = followed(&self.text[one_text], history.facts(old).as_ref(), &facts, limits);
        let made = render::commit(&facts, limits, &Anchors::new());
        let theirs = words(&self.text[other_text.clone()]);
        let mut made = words(made.as_bytes());
        keep_reverts(&theirs, &mut made);
        let mut ours = words(&merged);
        keep_reverts(&theirs, &mut ours);
        let text = whole(&merge(&made, &ours, &theirs), new, outline.newline);
        let mut splices = vec![
            Splice {
                at: one.span.clone(),
                text: Vec::new(),
            },
            Splice { at: other_text, text },
        ];
        splices.sort_by_key(|splice| splice.at.start);
        self.apply(&splices);
    }

    /// An entry without the blank lines at its end.
    fn entry_text(&self, outline: &Outline, entry: &Entry) -> Range<usize> {
        let last = outline.blocks_in(&entry.span).last();
        entry.span.start..last.map_or(entry.heading.end, |block| block.span.end)
    }
}

/// The entry `present` of a rewritten commit as one of `new`, without its marker: what was made for the old commit is made
/// anew, what a person wrote stays. Without the old commit's facts, lines are taken for made if they have the form of it.
fn followed(present: &[u8], old: Option<&CommitFacts>, new: &CommitFacts, limits: &UpdateLimits) -> Vec<u8> {
    let mut ours = words(present);
    let theirs = render::commit(new, limits, &Anchors::new());
    let mut theirs = words(theirs.as_bytes());
    keep_reverts(&ours, &mut theirs);
    let made = old.map(|facts| render::commit(facts, limits, &Anchors::new()));
    let mut base = match &made {
        Some(made) => words(made.as_bytes()),
        None => recognised(&ours, &theirs),
    };
    keep_reverts(&ours, &mut base);
    if ours.heading != base.heading {
        ours.heading = ours.heading.strip_suffix(DROPPED.as_bytes()).unwrap_or(ours.heading);
    }
    merge(&base, &ours, &theirs)
}

/// A line about a reverted commit links to that one's entry, and was made when that was to be found by its old id: it stays.
fn keep_reverts<'a>(ours: &Words<'a>, made: &mut Words<'a>) {
    let is_one = |line: &&[u8]| line.starts_with(render::REVERTS.as_bytes());
    let mut kept = ours.rest.iter().copied().filter(|line| is_one(line));
    for line in made.rest.iter_mut().filter(|line| is_one(line)) {
        *line = kept.next().unwrap_or(line);
    }
}

/// A heading's line up to the end of its title: no blanks, and no number signs that close it (CommonMark 0.31.2, 4.2).
fn title(heading: &[u8]) -> &[u8] {
    let line = heading.trim_end();
    let open = line.trim_end_with(|c| c == '#');
    match open.len() < line.len() && open.ends_with(b" ") {
        true => open.trim_end(),
        false => line,
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
            render::PICKED,
            render::REVERTS,
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
        // What replaces the line that follows comes after what a person wrote above that line.
        let replaces = at < base.rest.len() && !their_kept[at];
        let (first, second) = if replaces { (own, new) } else { (new, own) };
        rest.extend(first);
        if first != second {
            rest.extend(second);
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
