//! One key of the front matter that both sides have: lists as sets, anything else by who changed it last.
//!
//! Not here: keys that only one side has (weave.rs), and writing a list that neither side has (front_matter/).

use std::collections::HashSet;

use bstr::ByteSlice;

use super::content::{Merge, Outcome, Pick, Same, outcome};
use super::lost::Lost;
use super::unit::Unit;
use super::version::Version;
use crate::document::front_matter::{Field, FieldValue, Value};

/// A field in one version.
struct Written<'a> {
    field: Field,
    /// Its first line up to the value, the value, and the rest: blanks and a comment.
    before: &'a [u8],
    value: &'a [u8],
    after: &'a [u8],
}

impl<'a> Merge<'a> {
    /// The lines of a field.
    pub(super) fn field(&mut self, same: &Same<'_, 'a>) -> Vec<u8> {
        let base = same.base.and_then(|unit| written(&self.base, unit));
        let (Some(first), Some(second)) = (written(&self.first, same.first), written(&self.second, same.second)) else {
            return self
                .chosen(same.base.map(|unit| unit.text), same.first.text, same.second.text)
                .to_vec();
        };
        let old = base.as_ref().map(|base| &base.field.value);
        if let (FieldValue::List(one), FieldValue::List(other)) = (&first.field.value, &second.field.value) {
            return self.list(same, (old, one, other), &first);
        }
        let values = (&first.field.value, &second.field.value);
        let key = first.field.key.to_string();
        let pick = match outcome(old, values.0, values.1, || Pick::First) {
            Outcome::Agreed(_) if values.0 == values.1 => return self.written_alike(base.as_ref(), &first, &second),
            Outcome::Agreed(pick) => pick,
            Outcome::Clash(_) => self.clash(&key, &first, &second),
        };
        let (winner, unit) = match pick {
            Pick::First => (&first, same.first),
            Pick::Second => (&second, same.second),
        };
        if ![&first, &second]
            .into_iter()
            .chain(&base)
            .all(|written| is_one_line(written))
        {
            return unit.text.to_vec();
        }
        let comment = self.chosen(base.as_ref().map(|base| base.after), first.after, second.after);
        let gap: &[u8] = if comment.starts_with(b"#") { b"  " } else { b"" };
        [winner.before, winner.value, gap, comment].concat()
    }

    /// The same value, written in different ways or beside different comments.
    fn written_alike(&self, base: Option<&Written<'a>>, first: &Written<'a>, second: &Written<'a>) -> Vec<u8> {
        let part = |of: fn(&Written<'a>) -> &'a [u8]| self.chosen(base.map(of), of(first), of(second));
        let whole = |written: &Written<'a>| [written.before, written.value, written.after].concat();
        if !is_one_line(first) || !is_one_line(second) {
            return self
                .chosen(base.map(whole).as_deref(), &whole(first), &whole(second))
                .to_vec();
        }
        [part(|w| w.before), part(|w| w.value), part(|w| w.after)].concat()
    }

    /// Both sides set the key: the later stays, and the loser is told unless the value is found out anew anyway.
    fn clash(&mut self, key: &str, first: &Written<'a>, second: &Written<'a>) -> Pick {
        if key == "last_updated" {
            return if first.value > second.value {
                Pick::First
            } else {
                Pick::Second
            };
        }
        let pick = self.later_pick(first.value, second.value);
        if !matches!(key, "date" | "slug") && !key.starts_with("branch.") {
            let (side, lost, kept) = match pick {
                Pick::First => (Pick::Second, second, first),
                Pick::Second => (Pick::First, first, second),
            };
            self.lost
                .push(Lost::new(side, key.to_owned(), &shown(lost), &shown(kept)));
        }
        pick
    }

    /// What neither side took out of the list, then the additions of the earlier side, then those of the other.
    fn list(
        &mut self,
        same: &Same<'_, 'a>,
        (old, one, other): (Option<&FieldValue>, &Vec<String>, &Vec<String>),
        first: &Written<'a>,
    ) -> Vec<u8> {
        let empty = Vec::new();
        let alone;
        let old = match old {
            Some(FieldValue::List(items)) => items,
            Some(FieldValue::Text(item)) => {
                alone = vec![item.clone()];
                &alone
            }
            _ => &empty,
        };
        let set = |items: &'_ [String]| items.iter().cloned().collect::<HashSet<String>>();
        let (before, in_one, in_other) = (set(old), set(one), set(other));
        let kept = old
            .iter()
            .filter(|item| in_one.contains(*item) && in_other.contains(*item));
        let added = |side: &[String]| {
            side.iter()
                .filter(|item| !before.contains(*item))
                .cloned()
                .collect::<Vec<_>>()
        };
        let (one_added, other_added) = (added(one), added(other));
        let order = match self.later_pick(&one_added, &other_added) {
            Pick::First => [&other_added, &one_added],
            Pick::Second => [&one_added, &other_added],
        };
        let mut seen = HashSet::new();
        let merged: Vec<&String> = kept
            .chain(order.into_iter().flatten())
            .filter(|item| seen.insert(*item))
            .collect();
        let is = |side: &HashSet<String>| side.len() == seen.len() && side.iter().all(|item| seen.contains(item));
        match (is(&in_one), is(&in_other)) {
            (true, true) => self
                .chosen(same.base.map(|unit| unit.text), same.first.text, same.second.text)
                .to_vec(),
            (true, false) => same.first.text.to_vec(),
            (false, true) => same.second.text.to_vec(),
            (false, false) => {
                let items = merged.into_iter().cloned().collect();
                self.lists.push((first.field.key.clone(), Value::List(items)));
                self.chosen(same.base.map(|unit| unit.text), same.first.text, same.second.text)
                    .to_vec()
            }
        }
    }
}

fn written<'a>(version: &Version<'a>, unit: &Unit<'a>) -> Option<Written<'a>> {
    let field = version
        .front
        .fields
        .iter()
        .find(|field| unit.span.contains(&field.key_span.start))?;
    let span = field.value_span.clone();
    Some(Written {
        before: version.text.get(unit.span.start..span.start)?,
        value: version.text.get(span.clone())?,
        after: version.text.get(span.end..unit.span.end)?,
        field: field.clone(),
    })
}

fn is_one_line(written: &Written<'_>) -> bool {
    !written.before.contains(&b'\n') && !written.value.contains(&b'\n') && written.after.find_iter(b"\n").count() <= 1
}

/// The value as a person would say it.
fn shown(written: &Written<'_>) -> Vec<u8> {
    match &written.field.value {
        FieldValue::Null => Vec::new(),
        FieldValue::Text(text) => text.clone().into_bytes(),
        FieldValue::List(items) => items.join(", ").into_bytes(),
        FieldValue::Other => written.value.to_vec(),
    }
}
