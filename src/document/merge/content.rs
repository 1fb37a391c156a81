//! What is in a unit that more than one version has, merged by what kind of unit it is.
//!
//! Not here: the front matter's fields (fields.rs), and which units there are in which order (weave.rs).

use std::borrow::Cow;
use std::cmp::Ordering;

use bstr::ByteSlice;

use super::lost::Lost;
use super::unit::{Inside, Kind, Unit, first_line};
use super::version::Version;
use super::weave::{Sides, Slot, absorbs, weave};
use crate::document::front_matter::{Key, Value};
use crate::document::lines::{blank_trimmed, content};
use crate::document::outline::{Outline, canonical, cells, split_box};

/// Which of the two sides something is taken from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pick {
    First,
    Second,
}

/// How two values compare with that of the base.
pub(super) enum Outcome {
    /// At most one side changed it, or both in the same way.
    Agreed(Pick),
    /// Both changed it; which of the two stays.
    Clash(Pick),
}

/// A merge under way. The first side is the one that is not later.
pub(super) struct Merge<'a> {
    pub(super) base: Version<'a>,
    pub(super) first: Version<'a>,
    pub(super) second: Version<'a>,
    pub(super) times: Ordering,
    /// The titles of the sections that the merge is in, for what is told about losers.
    pub(super) path: Vec<String>,
    pub(super) lost: Vec<Lost>,
    /// Lists of the front matter whose merged form is that of neither side.
    pub(super) lists: Vec<(Key, Value)>,
}

/// The same unit in the base, where it is there, and in both sides.
pub(super) struct Same<'m, 'a> {
    pub(super) base: Option<&'m Unit<'a>>,
    pub(super) first: &'m Unit<'a>,
    pub(super) second: &'m Unit<'a>,
}

impl<'a> Merge<'a> {
    /// The three documents as one.
    pub(super) fn run(&mut self) -> Vec<u8> {
        let by_field = [&self.base, &self.first, &self.second]
            .iter()
            .all(|version| version.by_field);
        for version in [&mut self.base, &mut self.first, &mut self.second] {
            version.by_field = by_field;
        }
        let torn = self.first.is_torn(&self.base) || self.second.is_torn(&self.base);
        let units = |version: &Version<'a>| if torn { version.lines() } else { version.top() };
        let (base, first, second) = (units(&self.base), units(&self.first), units(&self.second));
        let mut out = self.units(&base, &first, &second);
        let end = |version: &Version<'a>, units: &[Unit<'a>]| {
            let from = units.last().map_or(0, |unit| unit.span.end);
            &version.text[from..]
        };
        let ends = [end(&self.first, &first), end(&self.second, &second)];
        out.extend_from_slice(three_way(end(&self.base, &base), ends[0], ends[1]));
        out
    }

    /// Sequences of units as one, the blank lines before each included.
    pub(super) fn units(&mut self, base: &[Unit<'a>], first: &[Unit<'a>], second: &[Unit<'a>]) -> Vec<u8> {
        if second.iter().chain(first).all(|unit| unit.kind == Kind::Raw) {
            let all = |units: &[Unit<'a>]| units.iter().map(|unit| unit.text).collect::<Vec<_>>().concat();
            if absorbs(base, second, first) {
                return all(second);
            }
            if absorbs(base, first, second) {
                return all(first);
            }
        }
        let slots = weave(&Sides {
            base,
            first,
            second,
            times: self.times,
        });
        let open = self.first.open || self.second.open;
        let mut out = Vec::new();
        let mut before: Option<&Slot> = None;
        for (n, slot) in slots.iter().enumerate() {
            let (kind, text) = match (slot.first, slot.second) {
                (Some(j), Some(k)) => {
                    let base = slot.base.and_then(|i| base.get(i));
                    (
                        first[j].kind,
                        self.same(&Same {
                            base,
                            first: &first[j],
                            second: &second[k],
                        }),
                    )
                }
                (Some(j), None) => (first[j].kind, Cow::Borrowed(first[j].text)),
                (None, Some(k)) => (second[k].kind, Cow::Borrowed(second[k].text)),
                (None, None) => continue,
            };
            if kind.has_gap() {
                out.extend_from_slice(gap([base, first, second], before, slot));
            }
            out.extend_from_slice(&text);
            let next = slots.get(n + 1).filter(|_| open && kind.may_be_open());
            if let Some(next) = next.and_then(|next| either(next, first, second)) {
                close(&text, next.text, &mut out);
            }
            before = Some(slot);
        }
        out
    }

    /// One unit that both sides have.
    fn same(&mut self, same: &Same<'_, 'a>) -> Cow<'a, [u8]> {
        let (first, second) = (same.first.text, same.second.text);
        let base = same.base.map(|unit| unit.text);
        if first == second || base == Some(second) {
            return Cow::Borrowed(first);
        }
        if base == Some(first) {
            return Cow::Borrowed(second);
        }
        match same.first.kind {
            Kind::Item => self.item(same),
            Kind::Row => Cow::Owned(self.row(same)),
            Kind::Field => Cow::Owned(self.field(same)),
            Kind::Derived | Kind::Line | Kind::Raw => Cow::Borrowed(self.later(first, second)),
            Kind::Title | Kind::Section | Kind::Entry => Cow::Owned(self.section(same)),
            Kind::Front | Kind::Map | Kind::Table | Kind::Block | Kind::Example => self.parts(same),
        }
    }

    /// Head, children and tail, each by itself.
    fn parts(&mut self, same: &Same<'_, 'a>) -> Cow<'a, [u8]> {
        let (base, first, second) = self.insides(same);
        let mut out = self
            .settled(
                base.as_ref().map(|inside| inside.head),
                first.head,
                second.head,
                "header",
            )
            .to_vec();
        out.extend(self.children(base.as_ref(), &first, &second));
        out.extend_from_slice(self.chosen(base.as_ref().map(|inside| inside.tail), first.tail, second.tail));
        Cow::Owned(out)
    }

    fn insides(&self, same: &Same<'_, 'a>) -> (Option<Inside<'a>>, Inside<'a>, Inside<'a>) {
        let base = same.base.map(|unit| self.base.inside(unit));
        (base, self.first.inside(same.first), self.second.inside(same.second))
    }

    fn children(&mut self, base: Option<&Inside<'a>>, first: &Inside<'a>, second: &Inside<'a>) -> Vec<u8> {
        let base = base.map_or(&[][..], |inside| &inside.children);
        self.units(base, &first.children, &second.children)
    }

    fn section(&mut self, same: &Same<'_, 'a>) -> Vec<u8> {
        let (base, first, second) = self.insides(same);
        let head = base.as_ref().map(|inside| inside.head);
        let mut out = match same.first.kind {
            // The same title in another form is not worth a word.
            Kind::Section => self.chosen(head, first.head, second.head).to_vec(),
            _ => self.settled(head, first.head, second.head, "heading").to_vec(),
        };
        let depth = self.path.len();
        if same.first.kind != Kind::Title {
            self.path.push(title(first.head));
        }
        out.extend(self.children(base.as_ref(), &first, &second));
        self.path.truncate(depth);
        out
    }

    /// An item's marker, its box, its words and what is below it. Ticked wins where the base cannot tell who changed it.
    fn item(&mut self, same: &Same<'_, 'a>) -> Cow<'a, [u8]> {
        let (base, first, second) = self.insides(same);
        let before = base.as_ref().map(|inside| item_parts(inside.head));
        let (one, other) = (item_parts(first.head), item_parts(second.head));
        let mut out = self
            .chosen(before.as_ref().map(|p| p.marker), one.marker, other.marker)
            .to_vec();
        let boxes = (before.as_ref().map(|p| p.ticked), one.ticked, other.ticked);
        let ticked = match outcome(boxes.0, boxes.1, boxes.2, || Pick::First) {
            Outcome::Agreed(Pick::First) => boxes.1,
            Outcome::Agreed(Pick::Second) => boxes.2,
            Outcome::Clash(_) => boxes.1.max(boxes.2),
        };
        // A box keeps its blank; `x` sorts behind `X` and the empty box, so that `max` is "ticked".
        out.extend_from_slice(ticked);
        out.extend_from_slice(self.chosen(before.as_ref().map(|p| p.words), one.words, other.words));
        out.extend(self.children(base.as_ref(), &first, &second));
        Cow::Owned(out)
    }

    /// A row cell by cell.
    fn row(&mut self, same: &Same<'_, 'a>) -> Vec<u8> {
        let base = same.base.map(|unit| cells(unit.text));
        let (first, second) = (cells(same.first.text), cells(same.second.text));
        if first.len() != second.len() || base.as_ref().is_some_and(|base| base.len() != first.len()) {
            return self
                .settled(
                    same.base.map(|unit| unit.text),
                    same.first.text,
                    same.second.text,
                    "row",
                )
                .to_vec();
        }
        let name = String::from_utf8_lossy(&same.first.key).into_owned();
        let mut merged = Vec::new();
        for i in 0..first.len() {
            merged.push(self.settled(base.as_ref().map(|base| base[i]), first[i], second[i], &name));
        }
        merged.join(&b"|"[..])
    }

    /// The side's text that the change decides on; the later where both changed it.
    pub(super) fn chosen<'t>(&self, base: Option<&[u8]>, first: &'t [u8], second: &'t [u8]) -> &'t [u8] {
        let clash = || self.later_pick(blank_trimmed(content(first)), blank_trimmed(content(second)));
        match outcome(base, first, second, clash) {
            Outcome::Agreed(Pick::First) | Outcome::Clash(Pick::First) => first,
            Outcome::Agreed(Pick::Second) | Outcome::Clash(Pick::Second) => second,
        }
    }

    /// Like `chosen`; the loser is remembered as `what`, but in CI Status, which is found out anew.
    fn settled<'t>(&mut self, base: Option<&[u8]>, first: &'t [u8], second: &'t [u8], what: &str) -> &'t [u8] {
        let kept = self.chosen(base, first, second);
        let clash = matches!(outcome(base, first, second, || Pick::First), Outcome::Clash(_));
        let derived = self
            .path
            .iter()
            .any(|title| matches!(&*canonical(title), "ci status" | "pr stack context"));
        if clash && !derived && blank_trimmed(content(first)) != blank_trimmed(content(second)) {
            let side = if kept == second { Pick::First } else { Pick::Second };
            let lost = if side == Pick::First { first } else { second };
            let path: Vec<&str> = self.path.iter().map(String::as_str).chain([what]).collect();
            self.lost.push(Lost::new(side, path.join(" / "), lost, kept));
        }
        kept
    }

    fn later<'t>(&self, first: &'t [u8], second: &'t [u8]) -> &'t [u8] {
        match self.later_pick(first, second) {
            Pick::First => first,
            Pick::Second => second,
        }
    }

    /// The side that is later; with equal times that with the greater value.
    pub(super) fn later_pick<T: Ord + ?Sized>(&self, first: &T, second: &T) -> Pick {
        match self.times.then_with(|| first.cmp(second)) {
            Ordering::Greater => Pick::First,
            _ => Pick::Second,
        }
    }
}

/// What is left of two values and the one that they come from.
pub(super) fn outcome<T: PartialEq>(base: Option<T>, first: T, second: T, clash: impl FnOnce() -> Pick) -> Outcome {
    if first == second || base.as_ref() == Some(&second) {
        Outcome::Agreed(Pick::First)
    } else if base.as_ref() == Some(&first) {
        Outcome::Agreed(Pick::Second)
    } else {
        Outcome::Clash(clash())
    }
}

struct ItemParts<'a> {
    marker: &'a [u8],
    ticked: &'a [u8],
    words: &'a [u8],
}

fn item_parts(line: &[u8]) -> ItemParts<'_> {
    let start = line.len() - line.trim_start().len();
    let bullet = line[start..].iter().take_while(|b| !b.is_ascii_whitespace()).count();
    let after = line[start + bullet..]
        .iter()
        .take_while(|b| matches!(b, b' ' | b'\t'))
        .count();
    let (marker, rest) = line.split_at(start + bullet + after);
    let (ticked, _) = split_box(rest);
    let blank = rest[ticked.len()..]
        .iter()
        .take_while(|b| matches!(b, b' ' | b'\t'))
        .count();
    let boxed = if ticked.is_empty() { 0 } else { ticked.len() + blank };
    let (ticked, words) = rest.split_at(boxed);
    ItemParts { marker, ticked, words }
}

fn title(head: &[u8]) -> String {
    let line = content(&head[..first_line(head)]);
    String::from_utf8_lossy(blank_trimmed(line.trim_start_with(|c| c == '#'))).into_owned()
}

/// The blank lines between two units of the result, or before the first: as the versions have them where these are
/// neighbours, else as much as either has beside another neighbour.
fn gap<'a>(versions: [&[Unit<'a>]; 3], before: Option<&Slot>, slot: &Slot) -> &'a [u8] {
    let places = |slot: &Slot| [slot.base, slot.first, slot.second];
    let own = places(slot);
    let left = before.map(places);
    let mut neighbours: [Option<&'a [u8]>; 3] = [None; 3];
    let mut others: Vec<&'a [u8]> = Vec::new();
    for (v, units) in versions.iter().enumerate() {
        let after = left.map_or(Some(0), |left| left[v].map(|i| i + 1));
        if let Some(j) = own[v].filter(|_| after == own[v]) {
            neighbours[v] = Some(units[j].gap);
        }
        // What stands at an end of its sequence tells nothing about the middle.
        let inner = own[v].filter(|j| before.is_some() && *j > 0);
        others.extend(inner.and_then(|j| units.get(j)).map(|unit| unit.gap));
        others.extend(after.and_then(|i| units.get(i)).map(|unit| unit.gap));
    }
    match neighbours {
        [base, Some(first), Some(second)] => match base {
            Some(base) => three_way(base, first, second),
            None => longer(first, second),
        },
        [_, Some(gap), None] | [_, None, Some(gap)] => gap,
        _ => {
            let kind = |places: [Option<usize>; 3]| {
                let mut units = versions.iter().zip(places).filter_map(|(units, j)| units.get(j?));
                units.next().map(|unit| unit.kind)
            };
            let (kind, previous) = (kind(own), left.and_then(kind));
            let together = previous.is_none() || (kind == previous && kind == Some(Kind::Item));
            match others.into_iter().reduce(longer) {
                // Without a blank line text would be taken for a part of the item or table before it.
                Some(b"") if kind != previous && previous.is_some() => b"\n",
                None if !together => b"\n",
                gap => gap.unwrap_or_default(),
            }
        }
    }
}

fn three_way<'a>(base: &[u8], first: &'a [u8], second: &'a [u8]) -> &'a [u8] {
    match outcome(Some(base), first, second, || Pick::First) {
        Outcome::Agreed(Pick::First) => first,
        Outcome::Agreed(Pick::Second) => second,
        Outcome::Clash(_) => longer(first, second),
    }
}

fn longer<'a>(a: &'a [u8], b: &'a [u8]) -> &'a [u8] {
    if (a.len(), a) < (b.len(), b) { b } else { a }
}

fn either<'m, 'a>(slot: &Slot, first: &'m [Unit<'a>], second: &'m [Unit<'a>]) -> Option<&'m Unit<'a>> {
    slot.first.map(|j| &first[j]).or(slot.second.map(|k| &second[k]))
}

/// Closes what `text` leaves open if that would swallow `next`.
fn close(text: &[u8], next: &[u8], out: &mut Vec<u8>) {
    let Some(closer) = Outline::of(text).blocks.pop().and_then(|block| block.closer) else {
        return;
    };
    let both = [text, &next[..first_line(next)]].concat();
    if Outline::of(&both)
        .blocks
        .last()
        .is_none_or(|block| block.span.start < text.len())
    {
        out.extend_from_slice(&closer);
        out.push(b'\n');
    }
}
