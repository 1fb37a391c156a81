//! The order of the merged units, and which units of the three versions are one.
//!
//! What both sides have keeps its order; what one side put between goes there, and where both put something in one
//! place the earlier side's goes first. Not here: what is in a unit (content.rs).

use std::cmp::Ordering;
use std::collections::HashMap;

use super::align::{Found, Matching, Tokens, entry_time, match_edits};
use super::unit::{Kind, Unit, first_line};
use crate::document::diff::{Hunk, hunks};

/// One unit of the result: its place in each version that has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Slot {
    pub(super) base: Option<usize>,
    pub(super) first: Option<usize>,
    pub(super) second: Option<usize>,
}

/// The units of both sides; the first is the one that is not later.
pub(super) struct Sides<'m, 'u> {
    pub(super) base: &'m [Unit<'u>],
    pub(super) first: &'m [Unit<'u>],
    pub(super) second: &'m [Unit<'u>],
    /// How the time of the first compares with that of the second: less or equal.
    pub(super) times: Ordering,
}

/// One side in its own order: the slot or text that each surviving unit is, with its index.
type Row = Vec<(u32, usize)>;

/// The units of the result in order.
pub(super) fn weave(sides: &Sides<'_, '_>) -> Vec<Slot> {
    let mut tokens = Tokens::default();
    let [base, first, second] = [sides.base, sides.first, sides.second].map(|units| tokens.of(units));
    let exact = |units, side: &[u32]| Matching::exact(&base, side, units);
    let mut one = Found {
        units: sides.first,
        tokens: &first,
        matching: exact(sides.first, &first),
    };
    let mut other = Found {
        units: sides.second,
        tokens: &second,
        matching: exact(sides.second, &second),
    };
    match_edits(sides.base, &mut one, &mut other);
    let slots = slots(sides, &one, &other);
    let is_real = |unit: &Unit<'_>| unit.kind == Kind::Item && !is_placeholder(unit);
    let real = sides.first.iter().chain(sides.second).any(is_real);
    let text = u32::try_from(slots.len()).unwrap_or(u32::MAX);
    let row = |found: &Found<'_, '_>, of: fn(&Slot) -> Option<usize>| -> Row {
        let mut ids = vec![None; found.units.len()];
        for (id, slot) in (0u32..).zip(&slots) {
            if let Some(j) = of(slot) {
                ids[j] = Some(id);
            }
        }
        let id = |j: usize| ids[j].unwrap_or(text + found.tokens[j]);
        let lives = |id: &u32| slots.get(*id as usize).is_none_or(|slot| survives(sides, slot, real));
        let kept = (0..found.units.len()).map(|j| (id(j), j)).filter(|(id, _)| lives(id));
        kept.collect()
    };
    let (row_one, row_other) = (row(&one, |slot| slot.first), row(&other, |slot| slot.second));
    let order = Order {
        sides,
        home: homes(&slots, &one.matching, &other.matching),
        pairs: pairs(&row_one, &row_other),
        slots,
        first: row_one,
        second: row_other,
    };
    order.run()
}

/// A slot for each unit of the base that a side has and for each named unit that both sides added; one for each named
/// unit that one side added. Added text has none yet.
fn slots(sides: &Sides<'_, '_>, one: &Found<'_, '_>, other: &Found<'_, '_>) -> Vec<Slot> {
    let matched = one.matching.to_side.iter().zip(&other.matching.to_side).enumerate();
    let mut slots: Vec<Slot> = matched
        .map(|(i, (first, second))| Slot {
            base: Some(i),
            first: *first,
            second: *second,
        })
        .collect();
    let in_base = one.matching.to_base(sides.first.len());
    let other_in_base = other.matching.to_base(sides.second.len());
    let mut added: HashMap<u32, usize> = HashMap::new();
    for (j, unit) in sides.first.iter().enumerate() {
        if in_base[j].is_none() && unit.kind.is_named() {
            added.insert(one.tokens[j], slots.len());
            slots.push(Slot {
                first: Some(j),
                ..Slot::default()
            });
        }
    }
    for (k, unit) in sides.second.iter().enumerate() {
        if other_in_base[k].is_none() && unit.kind.is_named() {
            match added.get(&other.tokens[k]) {
                Some(slot) => slots[*slot].second = Some(k),
                None => slots.push(Slot {
                    second: Some(k),
                    ..Slot::default()
                }),
            }
        }
    }
    slots
}

/// Whether the unit is in the result: an addition, in both sides, or changed by the side that still has it. A
/// placeholder that one side does not have goes where there is something `real`.
fn survives(sides: &Sides<'_, '_>, slot: &Slot, real: bool) -> bool {
    let lives = |unit: &Unit<'_>| {
        let changed = slot.base.is_none_or(|i| sides.base[i].text != unit.text);
        changed && !(real && is_placeholder(unit))
    };
    match (slot.first, slot.second) {
        (Some(j), None) => lives(&sides.first[j]),
        (None, Some(k)) => lives(&sides.second[k]),
        (first, _) => first.is_some(),
    }
}

/// `- …` or `- [ ] …` with nothing below it, which the template has where nothing is yet.
fn is_placeholder(unit: &Unit<'_>) -> bool {
    let alone = unit.kind == Kind::Item && first_line(unit.text) == unit.text.len();
    alone && matches!(&*unit.key, b"\xe2\x80\xa6" | b"...")
}

/// A side.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Which {
    First,
    Second,
}

/// For each slot the side whose place it takes where the sides have it in different places: the side that moved it,
/// the later one where both did.
fn homes(slots: &[Slot], one: &Matching, other: &Matching) -> Vec<Which> {
    let any = [one, other].map(|matching| matching.moved.contains(&true));
    let home = |slot: &Slot| {
        let moved = |matching: &Matching| slot.base.is_some_and(|i| matching.moved.get(i) == Some(&true));
        match any {
            [true, false] => Which::First,
            [true, true] if moved(one) && !moved(other) => Which::First,
            _ => Which::Second,
        }
    };
    slots.iter().map(home).collect()
}

/// The hunks in which two sides differ. A side that has all of the other in its order differs by additions only: a
/// line diff would not always find that, and a merge with its own result must change nothing.
fn pairs(first: &Row, second: &Row) -> Vec<Hunk> {
    let ids = |row: &Row| -> Vec<u32> { row.iter().map(|(id, _)| *id).collect() };
    let (one, other) = (ids(first), ids(second));
    if let Some(added) = embedding(&one, &other) {
        return added;
    }
    if let Some(added) = embedding(&other, &one) {
        return added.into_iter().map(|(before, after)| (after, before)).collect();
    }
    hunks(&one, &other)
}

/// Whether the side `long` holds all that `short` changed in the lines of `base`: its additions in their order, and
/// none of what it took out. Then it is the result, wherever a line diff would see the changes.
pub(super) fn absorbs(base: &[Unit<'_>], long: &[Unit<'_>], short: &[Unit<'_>]) -> bool {
    let mut counts: HashMap<&[u8], [usize; 3]> = HashMap::new();
    for (v, units) in [base, long, short].into_iter().enumerate() {
        for unit in units {
            counts.entry(unit.text).or_default()[v] += 1;
        }
    }
    let held = |[base, long, short]: &[usize; 3]| match short.cmp(base) {
        Ordering::Greater => long >= short,
        Ordering::Less => long <= short,
        Ordering::Equal => true,
    };
    // Where the longer side took lines out, their order tells nothing.
    let whole = |unit: &&Unit<'_>| counts.get(unit.text).is_some_and(|[_, long, short]| long >= short);
    let mut rest = long.iter();
    counts.values().all(held)
        && short
            .iter()
            .filter(whole)
            .all(|unit| rest.any(|other| other.text == unit.text))
}

/// The hunks that `long` adds to `short`; `None` where `short` is not in it.
fn embedding(short: &[u32], long: &[u32]) -> Option<Vec<Hunk>> {
    let mut added: Vec<Hunk> = Vec::new();
    let mut at = 0;
    for (i, id) in short.iter().enumerate() {
        let skipped = long[at..].iter().position(|other| other == id)?;
        if skipped > 0 {
            added.push((i..i, at..at + skipped));
        }
        at += skipped + 1;
    }
    if at < long.len() {
        added.push((short.len()..short.len(), at..long.len()));
    }
    Some(added)
}

struct Order<'m, 'u> {
    sides: &'m Sides<'m, 'u>,
    slots: Vec<Slot>,
    home: Vec<Which>,
    first: Row,
    second: Row,
    pairs: Vec<Hunk>,
}

impl Order<'_, '_> {
    fn run(&self) -> Vec<Slot> {
        let mut out = Vec::new();
        let (mut a, mut b) = (0, 0);
        let ends = std::iter::once((self.first.len()..self.first.len(), self.second.len()..self.second.len()));
        for (one, other) in self.pairs.iter().cloned().chain(ends) {
            while a < one.start && b < other.start {
                out.push(self.both(self.first[a], self.second[b]));
                a += 1;
                b += 1;
            }
            self.hunk(&self.first[one.clone()], &self.second[other.clone()], &mut out);
            (a, b) = (one.end, other.end);
        }
        // What stands behind a heading belongs to it.
        let rank = |slot: &Slot| match self.kind(slot) {
            Some(Kind::Front) => 0,
            Some(Kind::Title | Kind::Section | Kind::Entry) => 2,
            Some(Kind::Example) => 3,
            _ => 1,
        };
        out.sort_by_key(rank);
        out
    }

    fn kind(&self, slot: &Slot) -> Option<Kind> {
        let first = slot.first.map(|j| self.sides.first[j].kind);
        first.or_else(|| slot.second.map(|k| self.sides.second[k].kind))
    }

    fn both(&self, (id, j): (u32, usize), (_, k): (u32, usize)) -> Slot {
        let base = self.slots.get(id as usize).and_then(|slot| slot.base);
        Slot {
            base,
            first: Some(j),
            second: Some(k),
        }
    }

    /// Both sides' units between two that both have in the same order.
    fn hunk(&self, one: &[(u32, usize)], other: &[(u32, usize)], out: &mut Vec<Slot>) {
        let mine = |side: Which| {
            move |(id, j): &(u32, usize)| match (self.slots.get(*id as usize), side) {
                (
                    Some(Slot {
                        first: Some(_),
                        second: Some(_),
                        ..
                    }),
                    _,
                ) => (self.home[*id as usize] == side).then(|| self.slots[*id as usize]),
                (Some(slot), _) => Some(*slot),
                (None, Which::First) => Some(Slot {
                    first: Some(*j),
                    ..Slot::default()
                }),
                (None, Which::Second) => Some(Slot {
                    second: Some(*j),
                    ..Slot::default()
                }),
            }
        };
        let one: Vec<Slot> = one.iter().filter_map(mine(Which::First)).collect();
        let other: Vec<Slot> = other.iter().filter_map(mine(Which::Second)).collect();
        let text = |slot: &Slot| match (slot.first, slot.second) {
            (Some(j), _) => self.sides.first[j].text,
            (_, Some(k)) => self.sides.second[k].text,
            _ => &[],
        };
        if one
            .iter()
            .chain(&other)
            .any(|slot| self.kind(slot) == Some(Kind::Entry))
        {
            out.extend(by_time(&one, &other, text, self.sides.times));
        } else if self.sides.times == Ordering::Equal && one.iter().map(text).gt(other.iter().map(text)) {
            out.extend(other.into_iter().chain(one));
        } else {
            out.extend(one.into_iter().chain(other));
        }
    }
}

/// Two runs of entries as one in the order of their times, each run's own order kept.
fn by_time<'t>(one: &[Slot], other: &[Slot], text: impl Fn(&Slot) -> &'t [u8], times: Ordering) -> Vec<Slot> {
    let (mut one, mut other) = (one.iter().peekable(), other.iter().peekable());
    let mut out = Vec::new();
    while let (Some(a), Some(b)) = (one.peek(), other.peek()) {
        // An entry without a time stays behind the one before it.
        let order = match (entry_time(text(a)), entry_time(text(b))) {
            (Some(a), Some(b)) => a.cmp(b),
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
            (None, None) => Ordering::Equal,
        };
        let order = order.then(times).then_with(|| text(a).cmp(text(b)));
        out.extend(if order == Ordering::Greater {
            other.next()
        } else {
            one.next()
        });
    }
    out.extend(one);
    out.extend(other);
    out
}
