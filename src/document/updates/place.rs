//! Where new entries go: by time, in one pass however many they are.

use std::collections::HashSet;

use chrono::{DateTime, DurationRound, TimeDelta, Utc};

use super::Entry;
use crate::document::edit::{Join, Splice, below};
use crate::document::outline::Outline;
use crate::document::{Document, EditError};
use crate::names::CommitId;

/// An entry to be put in; the lines of `text` end with `\n`.
pub(super) struct NewEntry {
    pub(super) time: DateTime<Utc>,
    /// Entries of these commits that have the same minute stay below it.
    pub(super) before: HashSet<CommitId>,
    pub(super) text: Vec<u8>,
}

impl Document {
    /// Adds one entry.
    pub(super) fn insert_entry(&mut self, time: DateTime<Utc>, text: Vec<u8>) -> Result<(), EditError> {
        let before = HashSet::new();
        self.insert_entries(|_, _| vec![NewEntry { time, before, text }])
            .map(drop)
    }

    /// Puts each entry that `new` makes behind the last one whose time is not later than its own, and behind those without
    /// a time that follow that one; how many there were. `new` is shown the text and the entries there are. The section is made where it
    /// is missing.
    pub(super) fn insert_entries(
        &mut self,
        new: impl FnOnce(&[u8], &[Entry]) -> Vec<NewEntry>,
    ) -> Result<usize, EditError> {
        let outline = Outline::of(&self.text);
        let section = outline.section("Updates");
        let present = section.map_or_else(Vec::new, |updates| self.entries_in(&outline, &updates));
        let mut new = new(&self.text, &present);
        if new.is_empty() {
            return Ok(0);
        }
        let count = new.len();
        let before = self.text.len();
        let outline = self.close_blocks(outline);
        let (outline, updates) = self.section_or_new(outline, "Updates")?;
        let present = match self.text.len() == before {
            true => present,
            false => self.entries_in(&outline, &updates),
        };
        let slots = Slots::of(&present);
        new.sort_by_key(|entry| minute(entry.time));
        let mut placed: Vec<(usize, Vec<u8>)> = Vec::new();
        for entry in new {
            let slot = above(&present, slots.find(minute(entry.time)), &entry);
            match placed.last_mut() {
                Some((last, text)) if *last == slot => {
                    text.push(b'\n');
                    text.extend_from_slice(&entry.text);
                }
                _ => placed.push((slot, entry.text)),
            }
        }
        let intro = updates.body.start..present.first().map_or(updates.body.end, |entry| entry.span.start);
        let splice = |(slot, text): &(usize, Vec<u8>)| {
            let before = slot.checked_sub(1).and_then(|i| present.get(i));
            let span = before.map_or(&intro, |entry| &entry.span);
            below(&self.text, &outline, span, Join::Block, text)
        };
        let splices: Vec<Splice> = placed.iter().map(splice).collect();
        self.apply(&splices);
        Ok(count)
    }
}

/// `slot`, or the place above the first entry of the same minute that `new` has to stand before.
fn above(present: &[Entry], slot: usize, new: &NewEntry) -> usize {
    let same_minute = |entry: &Entry| entry.time.is_none_or(|time| minute(time) == minute(new.time));
    let start = present[..slot]
        .iter()
        .rposition(|entry| !same_minute(entry))
        .map_or(0, |last| last + 1);
    let is_later = |entry: &Entry| entry.commit.as_ref().is_some_and(|commit| new.before.contains(commit));
    present[start..slot]
        .iter()
        .position(is_later)
        .map_or(slot, |at| start + at)
}

/// For each time, the number of entries that stay before it.
struct Slots {
    /// The earliest time from an entry on.
    earliest: Vec<DateTime<Utc>>,
    /// The next entry with a time, from an entry on.
    timed: Vec<usize>,
}

impl Slots {
    fn of(entries: &[Entry]) -> Self {
        let (mut earliest, mut timed) = (Vec::new(), vec![entries.len()]);
        let (mut least, mut next) = (DateTime::<Utc>::MAX_UTC, entries.len());
        for (i, entry) in entries.iter().enumerate().rev() {
            if let Some(time) = entry.time {
                least = least.min(minute(time));
                next = i;
            }
            earliest.push(least);
            timed.push(next);
        }
        earliest.reverse();
        timed.reverse();
        Self { earliest, timed }
    }

    fn find(&self, time: DateTime<Utc>) -> usize {
        let last = self.earliest.partition_point(|earliest| *earliest <= time);
        self.timed.get(last).copied().unwrap_or(last)
    }
}

/// Headings show minutes, so times are compared by them.
fn minute(time: DateTime<Utc>) -> DateTime<Utc> {
    time.duration_trunc(TimeDelta::minutes(1)).unwrap_or(time)
}
