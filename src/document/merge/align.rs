//! Which unit of one version is which of another.
//!
//! Named units are found wherever they stand, text by a line diff. An edited item, block or entry is still that unit,
//! where that can be told from its words and its place. Not here: what becomes of them (weave.rs).

use std::collections::{HashMap, HashSet};

use bstr::ByteSlice;

use super::unit::{Kind, Unit, first_line};
use crate::document::diff::{Hunk, hunks};
use crate::document::lines::{blank_trimmed, content};
use crate::document::outline::cells;

/// How far from the place where it should stand an edited unit is looked for, in units.
const REACH: usize = 8;

/// The units of the base, found in one side.
pub(super) struct Matching {
    /// For each unit of the base the index of the same unit in the side.
    pub(super) to_side: Vec<Option<usize>>,
    /// For each unit of the base whether it stands among others now.
    pub(super) moved: Vec<bool>,
    hunks: Vec<Hunk>,
}

/// Small numbers that are equal for units that are the same unit, in all versions.
#[derive(Default)]
pub(super) struct Tokens<'u> {
    names: HashMap<(Kind, &'u [u8]), usize>,
    /// For each name the tokens of the first, second, … unit of a version that has it.
    numbered: Vec<Vec<u32>>,
    next: u32,
}

impl<'u> Tokens<'u> {
    /// The tokens of `units`. The second of two named units with the same name gets a token of its own.
    pub(super) fn of(&mut self, units: &'u [Unit<'_>]) -> Vec<u32> {
        let mut counts = vec![0; self.numbered.len()];
        let token = |unit: &'u Unit<'_>| {
            let name = *self.names.entry((unit.kind, &unit.key)).or_insert(counts.len());
            if name == counts.len() {
                counts.push(0);
                self.numbered.push(Vec::new());
            }
            let (numbered, ordinal) = (&mut self.numbered[name], counts[name]);
            if ordinal == numbered.len() {
                numbered.push(self.next);
                self.next = self.next.saturating_add(1);
            }
            counts[name] += usize::from(unit.kind.is_named());
            numbered[ordinal]
        };
        units.iter().map(token).collect()
    }
}

impl Matching {
    /// Finds the units of the base in one side by their tokens.
    pub(super) fn exact(base: &[u32], side: &[u32], units: &[Unit<'_>]) -> Self {
        let hunks = hunks(base, side);
        let mut to_side = vec![None; base.len()];
        let mut taken = vec![false; side.len()];
        let (mut i, mut j) = (0, 0);
        let ends = std::iter::once((base.len()..base.len(), side.len()..side.len()));
        for (before, after) in hunks.iter().cloned().chain(ends) {
            while i < before.start && j < after.start {
                to_side[i] = Some(j);
                taken[j] = true;
                i += 1;
                j += 1;
            }
            (i, j) = (before.end, after.end);
        }
        let mut moved = vec![false; base.len()];
        let named = |j: &usize| !taken[*j] && units[*j].kind.is_named();
        let places: HashMap<u32, usize> = (0..side.len()).filter(named).map(|j| (side[j], j)).collect();
        for i in 0..base.len() {
            if let (None, Some(j)) = (to_side[i], places.get(&base[i])) {
                to_side[i] = Some(*j);
                moved[i] = true;
            }
        }
        Self { to_side, moved, hunks }
    }

    /// For each unit of the side its unit in the base.
    pub(super) fn to_base(&self, side: usize) -> Vec<Option<usize>> {
        let mut to_base = vec![None; side];
        for (i, j) in self.to_side.iter().enumerate() {
            if let Some(j) = j {
                to_base[*j] = Some(i);
            }
        }
        to_base
    }

    /// The units of the side that unit `i` of the base could have become: unmatched ones where it stood.
    fn candidates(&self, i: usize, base: &[Unit<'_>], side: &[Unit<'_>], taken: &[bool]) -> Vec<usize> {
        let at = self.hunks.partition_point(|(before, _)| before.end <= i);
        let Some((before, after)) = self.hunks.get(at).filter(|(before, _)| before.contains(&i)) else {
            return Vec::new();
        };
        let place = after.start + (i - before.start);
        let range = place.saturating_sub(REACH).max(after.start)..(place + REACH).min(after.end);
        range.filter(|j| !taken[*j] && is_edit(&base[i], &side[*j])).collect()
    }
}

/// One side's units, their tokens, and where the units of the base are among them.
pub(super) struct Found<'m, 'u> {
    pub(super) units: &'m [Unit<'u>],
    pub(super) tokens: &'m [u32],
    pub(super) matching: Matching,
}

/// Finds edited units. A unit is taken for an edit of one in the base if the other side still has that one, or
/// has made the very same edit, or (blocks only) has edited it too. What only both sides have is an addition of both.
pub(super) fn match_edits(base: &[Unit<'_>], first: &mut Found<'_, '_>, second: &mut Found<'_, '_>) {
    let missing = |found: &Found<'_, '_>, i: usize| found.matching.to_side[i].is_none();
    let edited = |i: &usize| may_be_edited(base[*i].kind) && (missing(first, *i) || missing(second, *i));
    let open: Vec<usize> = (0..base.len()).filter(edited).collect();
    if open.is_empty() {
        return;
    }
    let (mut one, mut other) = (Free::of(first), Free::of(second));
    for i in open {
        let candidates = |found: &Found<'_, '_>, free: &Free| match found.matching.to_side[i] {
            None => found.matching.candidates(i, base, found.units, &free.taken),
            Some(_) => Vec::new(),
        };
        let (of_first, of_second) = (candidates(first, &one), candidates(second, &other));
        let own_first = of_first
            .iter()
            .copied()
            .find(|j| !other.tokens.contains(&first.tokens[*j]));
        let own_second = of_second
            .iter()
            .copied()
            .find(|k| !one.tokens.contains(&second.tokens[*k]));
        let (to_first, to_second) = match (missing(first, i), missing(second, i)) {
            (true, false) => (own_first, None),
            (false, true) => (None, own_second),
            _ => {
                let same = of_first.iter().filter_map(|j| {
                    let k = of_second.iter().find(|k| second.tokens[**k] == first.tokens[*j])?;
                    Some((*j, *k))
                });
                let same = same.min_by_key(|(j, _)| &first.units[*j].key);
                let both = own_first.zip(own_second).filter(|_| base[i].kind == Kind::Block);
                same.or(both).unzip()
            }
        };
        one.take(first, i, to_first);
        other.take(second, i, to_second);
    }
}

/// Which units of a side are no unit of the base yet, and which tokens it has.
struct Free {
    taken: Vec<bool>,
    tokens: HashSet<u32>,
}

impl Free {
    fn of(found: &Found<'_, '_>) -> Self {
        let to_base = found.matching.to_base(found.units.len());
        let taken: Vec<bool> = to_base.iter().map(Option::is_some).collect();
        Self {
            tokens: found.tokens.iter().copied().collect(),
            taken,
        }
    }

    fn take(&mut self, found: &mut Found<'_, '_>, i: usize, place: Option<usize>) {
        if let Some(j) = place {
            self.taken[j] = true;
            found.matching.to_side[i] = Some(j);
        }
    }
}

fn may_be_edited(kind: Kind) -> bool {
    matches!(kind, Kind::Item | Kind::Block | Kind::Entry | Kind::Row)
}

/// Whether `after` reads as `before` with changes.
fn is_edit(before: &Unit<'_>, after: &Unit<'_>) -> bool {
    before.kind == after.kind
        && match before.kind {
            Kind::Item => is_similar(&before.key, &after.key),
            Kind::Row => {
                let (before, after) = (cells(content(before.text)), cells(content(after.text)));
                let same = before
                    .iter()
                    .zip(&after)
                    .skip(2)
                    .filter(|(a, b)| a == b && !blank_trimmed(a).is_empty());
                before.len() == after.len() && same.count() * 2 >= before.len().saturating_sub(3).max(1)
            }
            Kind::Entry => {
                let line = |unit: &Unit<'_>| content(&unit.text[..first_line(unit.text)]).to_vec();
                line(before) == line(after)
                    || entry_time(before.text).is_some_and(|t| Some(t) == entry_time(after.text))
            }
            Kind::Block => {
                let inner = |unit: &Unit<'_>| unit.text[first_line(unit.text)..].to_vec();
                let (before, after) = (inner(before), inner(after));
                let words = |line: &&[u8]| line.iter().any(u8::is_ascii_alphanumeric);
                let known: HashSet<&[u8]> = before.lines().filter(words).collect();
                after.lines().any(|line| known.contains(line))
            }
            _ => false,
        }
}

/// Whether at least half of the longer text is common to both, at their beginnings and ends.
fn is_similar(before: &[u8], after: &[u8]) -> bool {
    let long = before.len().max(after.len());
    let start = before.iter().zip(after).take_while(|(a, b)| a == b).count();
    let rest = before[start..].iter().rev().zip(after[start..].iter().rev());
    let end = rest.take_while(|(a, b)| a == b).count();
    start + end > 3 && (start + end) * 2 >= long
}

/// The time that an entry's heading begins with, as `YYYY-MM-DD HH:MM`.
pub(super) fn entry_time(text: &[u8]) -> Option<&[u8]> {
    let title = text.strip_prefix(b"###")?.trim_start();
    let time = title.get(..16)?;
    let fits = |(byte, form): (&u8, &u8)| {
        if *form == b'0' {
            byte.is_ascii_digit()
        } else {
            byte == form
        }
    };
    time.iter().zip(b"0000-00-00 00:00").all(fits).then_some(time)
}
