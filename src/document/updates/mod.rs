//! The Updates section: one entry for each commit, review and note, oldest first.
//!
//! An entry is any level-3 heading in the first live `## Updates`, whatever its form. One that was made for a commit has
//! a marker comment by which it is found again. Not here: which commits belong to a branch, and merging two documents.

mod heading;
mod place;
mod plan;
mod render;
mod rewrite;
#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::ops::Range;

use bstr::ByteSlice;
use chrono::{DateTime, Utc};

pub use plan::{Extent, Fate, History, Plan, Rewritten, Standing, plan};

use super::edit::{Join, Splice, below, with_newlines};
use super::lines::{is_blank, lines};
use super::message::{self, body_text, clean, fence_for, heading_text};
use super::outline::{BlockKind, Outline, Section};
use super::{Document, EditError};
use crate::actor::Actor;
use crate::facts::{Changes, CommitFacts};
use crate::names::CommitId;
use place::NewEntry;
use render::{Anchors, anchor};

/// What stands before and after the id in a marker.
pub(super) const MARKER: (&str, &str) = ("<!-- branchwork:commit ", " -->");
/// What the heading of an entry ends with whose commit is gone.
pub(super) const DROPPED: &str = " (dropped)";
/// The mark of the line that counts the commits which have no entry.
pub(super) const OLDER: &str = "<!-- branchwork:older -->";

/// One entry of Updates. All ranges are bytes of the document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// From its heading to the next entry or the end of the section, blank lines at its end included.
    pub span: Range<usize>,
    /// The lines of its heading.
    pub heading: Range<usize>,
    /// The time in its heading.
    pub time: Option<DateTime<Utc>>,
    /// The name in its heading, without brackets and `@`.
    pub who: Option<String>,
    /// The rest of its heading; all of it where it has another form.
    pub title: String,
    /// The commit that it was made for.
    pub commit: Option<CommitId>,
    /// The hex digits of that commit in its marker.
    pub commit_span: Option<Range<usize>>,
}

/// How much an entry tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UpdateLimits {
    /// How many files an entry lists before it sums up the rest by folder.
    pub max_files: usize,
}

/// What was changed, as an entry tells it.
pub(super) fn changed_files(changes: &Changes, limits: &UpdateLimits) -> String {
    let mut text = String::new();
    render::changes(&mut text, changes, limits);
    text
}

impl Entry {
    /// Whether its heading has the mark of a commit that is gone.
    pub fn is_dropped(&self) -> bool {
        self.commit.is_some() && self.title.ends_with(DROPPED)
    }
}

impl Document {
    /// The entries of Updates, in the order of the document.
    pub fn entries(&self) -> Vec<Entry> {
        self.entries_by(&Outline::of(&self.text))
    }

    /// The same where the document's outline was read already.
    pub(crate) fn entries_by(&self, outline: &Outline) -> Vec<Entry> {
        let updates = outline.section("Updates");
        updates.map_or_else(Vec::new, |updates| self.entries_in(outline, &updates))
    }

    /// The commit that the last marker of the text names, and whether its entry is dropped, without reading the document:
    /// the usual case, where nothing below Updates looks like an entry. `None` where there is no such line.
    pub fn last_marker(&self) -> Option<(CommitId, bool)> {
        let start = self.text.rfind(MARKER.0)?;
        let (commit, _) = marker_in(&self.text, &(start..self.text.len()))?;
        let heading = self.text[..start].trim_end();
        Some((commit, heading.ends_with(DROPPED.as_bytes())))
    }

    /// Whether the text has a marker of `commit`, without reading the document.
    pub fn has_marker(&self, commit: &CommitId) -> bool {
        self.text
            .contains_str(format!("{}{}{}", MARKER.0, commit.as_str(), MARKER.1))
    }

    /// The first entry that was made for `commit`.
    pub fn entry_of(&self, commit: &CommitId) -> Option<Entry> {
        self.entries()
            .into_iter()
            .find(|entry| entry.commit.as_ref() == Some(commit))
    }

    /// Adds an entry for each commit that has none, in one pass; how many it added. Commits of the same minute keep the
    /// order in which they are given.
    pub fn log_commits(&mut self, commits: &[CommitFacts], limits: &UpdateLimits) -> Result<usize, EditError> {
        self.log_in_order(commits, limits, &[])
    }

    /// The same, and those of the same minute as an entry that is there stand where `order`, oldest first, has them.
    fn log_in_order(
        &mut self,
        commits: &[CommitFacts],
        limits: &UpdateLimits,
        order: &[CommitId],
    ) -> Result<usize, EditError> {
        self.insert_entries(|text, present| {
            let anchors = anchors(text, present, commits);
            let mut known: HashSet<&CommitId> = present.iter().filter_map(|entry| entry.commit.as_ref()).collect();
            let missing = commits.iter().filter(|commit| known.insert(&commit.id));
            missing
                .map(|commit| NewEntry {
                    time: commit.time,
                    before: later_of_its_minute(present, commit, order),
                    text: render::commit(commit, limits, &anchors).into_bytes(),
                })
                .collect()
        })
    }

    /// Adds an entry that a person or an agent wrote. `body` is Markdown and may be empty.
    pub fn log_text(&mut self, time: DateTime<Utc>, who: &Actor, title: &str, body: &str) -> Result<(), EditError> {
        let title = heading_text(title);
        if title.is_empty() {
            return Err(EditError::Empty);
        }
        let heading = render::heading(time, who.as_str(), &title);
        let text = render::with_body(&heading, &body_text(clean(body).trim_end()));
        self.insert_entry(time, text.into_bytes())
    }

    /// Adds a review, quoted in a fence that nothing in it closes.
    pub fn log_review(
        &mut self,
        time: DateTime<Utc>,
        who: &Actor,
        status: Option<&str>,
        review: &[u8],
    ) -> Result<(), EditError> {
        let fence = fence_for(review, 4);
        let mut text = render::heading(time, who.as_str(), "PR Review").into_bytes();
        text.extend_from_slice(format!("\n{fence}markdown\n").as_bytes());
        let review = review.trim_end_with(|c| c == '\n' || c == '\r');
        if !review.is_empty() {
            text.extend_from_slice(review);
            text.push(b'\n');
        }
        text.extend_from_slice(format!("{fence}\n").as_bytes());
        if let Some(status) = status.map(heading_text).filter(|status| !status.is_empty()) {
            text.extend_from_slice(format!("\n**Status**: {status}\n").as_bytes());
        }
        self.insert_entry(time, text)
    }

    /// Says at the start of Updates that `count` commits have no entry; `or_more`: counting stopped there. A count of
    /// nothing takes the line away.
    pub fn note_older_commits(&mut self, count: usize, or_more: bool) -> Result<(), EditError> {
        if count == 0 && !self.text.contains_str(OLDER) {
            return Ok(());
        }
        let outline = self.close_blocks(Outline::of(&self.text));
        let (outline, updates) = self.section_or_new(outline, "Updates")?;
        let entries = self.entries_in(&outline, &updates);
        let intro = updates.body.start..entries.first().map_or(updates.body.end, |entry| entry.span.start);
        let plural = if count == 1 && !or_more {
            "commit has"
        } else {
            "commits have"
        };
        let more = if or_more { " or more" } else { "" };
        let line = format!("- {count}{more} older {plural} no entry here {OLDER}\n");
        let old = lines(&self.text[..intro.end], intro.start).find(|line| self.text[line.clone()].contains_str(OLDER));
        let splice = match (old, count) {
            (None, 0) => return Ok(()),
            (None, _) => below(&self.text, &outline, &intro, Join::Block, line.as_bytes()),
            (Some(old), 0) => Splice {
                at: old.start..blank_end(&self.text, old.end),
                text: Vec::new(),
            },
            (Some(old), _) => Splice {
                at: old,
                text: with_newlines(line.as_bytes(), outline.newline),
            },
        };
        self.apply(&[splice]);
        Ok(())
    }

    fn entries_in(&self, outline: &Outline, updates: &Section) -> Vec<Entry> {
        let sections = outline.sections_in(3, &updates.body);
        sections
            .into_iter()
            .map(|section| self.entry(outline, section))
            .collect()
    }

    fn entry(&self, outline: &Outline, section: Section) -> Entry {
        let heading = heading::parse(&section.title);
        let html = outline
            .blocks_in(&section.body)
            .iter()
            .filter(|block| block.kind == BlockKind::Html);
        let marker = html.filter_map(|block| marker_in(&self.text, &block.span)).next();
        Entry {
            span: section.heading.start..section.body.end,
            heading: section.heading,
            time: heading.time,
            who: heading.who,
            title: heading.title,
            commit_span: marker.as_ref().map(|(_, span)| span.clone()),
            commit: marker.map(|(commit, _)| commit),
        }
    }
}

/// The commits of entries of the same minute that come later than `commit` in `order`.
fn later_of_its_minute(present: &[Entry], commit: &CommitFacts, order: &[CommitId]) -> HashSet<CommitId> {
    let minute = |time: DateTime<Utc>| time.timestamp().div_euclid(60);
    let same_minute = |entry: &&Entry| entry.time.map(minute) == Some(minute(commit.time));
    let there: HashSet<&CommitId> = present
        .iter()
        .filter(same_minute)
        .filter_map(|e| e.commit.as_ref())
        .collect();
    if there.is_empty() {
        return HashSet::new();
    }
    let later = order.iter().rev().take_while(|id| **id != commit.id);
    later.filter(|id| there.contains(id)).cloned().collect()
}

/// The anchors of entries, those that will be there included, where one of `commits` says that it reverts another.
fn anchors(text: &[u8], present: &[Entry], commits: &[CommitFacts]) -> Anchors {
    if commits
        .iter()
        .all(|commit| message::reverted(&commit.message).is_empty())
    {
        return Anchors::new();
    }
    let heading = |entry: &Entry| text[entry.heading.clone()].to_str_lossy().into_owned();
    let there = present
        .iter()
        .filter_map(|entry| Some((entry.commit.clone()?, anchor(&heading(entry)))));
    let new = commits
        .iter()
        .map(|commit| (commit.id.clone(), anchor(&render::heading_of(commit))));
    there.chain(new).collect()
}

/// The commit that the marker in `span` names, and where.
fn marker_in(text: &[u8], span: &Range<usize>) -> Option<(CommitId, Range<usize>)> {
    let block = &text[span.clone()];
    // It is what the block begins with, unless a person wrote above it; searching costs more than looking.
    let at = if block.starts_with(MARKER.0.as_bytes()) {
        0
    } else {
        block.find(MARKER.0)?
    };
    let start = span.start + at + MARKER.0.len();
    let rest = &text[start..span.end];
    let length = rest.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    if !rest[length..].starts_with(MARKER.1.as_bytes()) {
        return None;
    }
    let commit = CommitId::parse(text[start..start + length].to_str().ok()?)?;
    Some((commit, start..start + length))
}

/// The end of the blank lines that begin at `at`, all but none of them.
fn blank_end(text: &[u8], at: usize) -> usize {
    let first = lines(text, at).next();
    first
        .filter(|line| is_blank(&text[line.clone()]))
        .map_or(at, |line| line.end)
}
