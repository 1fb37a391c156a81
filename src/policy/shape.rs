//! What a file may look like, as data: reading it strictly and describing it to editors both go by that.
//!
//! Not here: which keys a policy has (table.rs), and what they mean (read.rs).

use std::ops::Range;

use crate::document::front_matter::{Yaml, YamlEntry, YamlValue};
use crate::names::visible;
use crate::nearest::nearest;

use super::PolicyProblem;

/// What a value may be. One value stands for a list of one; nothing is allowed everywhere, and is the default.
pub(super) enum Shape {
    /// A text.
    Text(&'static Form),
    /// A whole number between two, both included.
    Number { least: u32, most: u32 },
    /// A list.
    List(&'static Self),
    /// The same with something in it: empty it would mean nothing.
    Filled(&'static Self),
    /// A mapping that says something by one of these keys, without which it would mean nothing.
    With(&'static Self, &'static [&'static str]),
    /// A mapping: the keys that are known, and what any other key may be and hold.
    Map {
        known: &'static [Entry],
        rest: Option<(&'static Form, &'static Self)>,
    },
}

/// A key that is known.
pub(super) struct Entry {
    /// The key.
    pub(super) key: &'static str,
    /// What an editor tells about it.
    pub(super) about: &'static str,
    /// What it may hold.
    pub(super) shape: Shape,
}

/// What a text may be.
pub(super) struct Form {
    /// What it is, behind "has to be".
    pub(super) one: &'static str,
    /// What several are.
    pub(super) many: &'static str,
    /// All that it may be, where they are few; else `holds` tells.
    pub(super) words: &'static [&'static str],
    /// Whether a text is one.
    pub(super) holds: fn(&str) -> bool,
    /// Why one that somebody may well write is none, behind "is not a key of the policy: ".
    pub(super) why_not: fn(&str) -> Option<&'static str>,
}

impl Form {
    fn takes(&self, text: &str) -> bool {
        (self.words.is_empty() || self.words.contains(&text)) && (self.holds)(text)
    }
}

/// The part of `file` that has this shape, and what is wrong with the rest.
pub(super) fn read(shape: &Shape, file: Yaml) -> (Yaml, Vec<PolicyProblem>) {
    let mut reading = Reading {
        path: Vec::new(),
        problems: Vec::new(),
    };
    let read = reading.value(shape, file);
    (read, reading.problems)
}

struct Reading {
    path: Vec<String>,
    problems: Vec<PolicyProblem>,
}

impl Reading {
    fn value(&mut self, shape: &Shape, yaml: Yaml) -> Yaml {
        let Yaml { value, span } = yaml;
        let value = match (shape, value) {
            (_, YamlValue::Null) => YamlValue::Null,
            (Shape::Map { known, rest }, YamlValue::Map(entries)) => {
                let entries = entries.into_iter();
                YamlValue::Map(entries.filter_map(|entry| self.entry(known, *rest, entry)).collect())
            }
            (Shape::Filled(list), value) if value != YamlValue::List(Vec::new()) => {
                return self.value(list, Yaml { value, span });
            }
            (Shape::With(map, keys), YamlValue::Map(entries)) if entries.iter().any(|entry| says(entry, keys)) => {
                let value = YamlValue::Map(entries);
                return self.value(map, Yaml { value, span });
            }
            (Shape::List(item), YamlValue::List(items)) => YamlValue::List(self.items(item, items)),
            (Shape::List(item), value) if item.may_be(&value) => {
                let one = Yaml {
                    value,
                    span: span.clone(),
                };
                YamlValue::List(self.items(item, vec![one]))
            }
            (Shape::Text(form), YamlValue::Text { text, .. }) if form.takes(&text) => {
                YamlValue::Text { text, plain: true }
            }
            (Shape::Number { least, most }, YamlValue::Text { text, plain: true })
                if text.parse().is_ok_and(|number| (least..=most).contains(&&number)) =>
            {
                YamlValue::Text { text, plain: true }
            }
            (shape, value) => {
                self.wrong(shape, &value, span.clone());
                YamlValue::Null
            }
        };
        Yaml { value, span }
    }

    /// Items that are wrong are left out.
    fn items(&mut self, shape: &Shape, items: Vec<Yaml>) -> Vec<Yaml> {
        let mut read = Vec::new();
        for item in items {
            let (is_null, span) = (item.value == YamlValue::Null, item.span.clone());
            let item = self.value(shape, item);
            match item.value {
                YamlValue::Null if is_null => self.wrong(shape, &YamlValue::Null, span),
                YamlValue::Null => {}
                _ => read.push(item),
            }
        }
        read
    }

    fn entry(
        &mut self,
        known: &[Entry],
        rest: Option<(&'static Form, &'static Shape)>,
        entry: YamlEntry,
    ) -> Option<YamlEntry> {
        let shape = match known.iter().find(|one| one.key == entry.key) {
            Some(one) => &one.shape,
            None => match rest.filter(|(form, _)| form.takes(&entry.key)) {
                Some((_, shape)) => shape,
                None => {
                    self.unknown(known, rest, &entry);
                    return None;
                }
            },
        };
        self.path.push(entry.key.clone());
        let value = self.value(shape, entry.value);
        self.path.pop();
        Some(YamlEntry { value, ..entry })
    }

    fn unknown(&mut self, known: &[Entry], rest: Option<(&'static Form, &'static Shape)>, entry: &YamlEntry) {
        let words = rest.map(|(form, _)| form.words).unwrap_or_default();
        let known = known.iter().map(|one| one.key).chain(words.iter().copied());
        let name = self.name(&entry.key);
        let why_not = rest.and_then(|(form, _)| (form.why_not)(&entry.key));
        let meant = match why_not {
            Some(_) => None,
            None => nearest(&entry.key, known).map(|meant| self.name(meant)),
        };
        let why_not = why_not.map_or_else(String::new, |why_not| format!(": {why_not}"));
        self.problems.push(PolicyProblem {
            message: format!("'{}' is not a key of the policy{why_not}", visible(&name)),
            place: entry.key_span.clone(),
            did_you_mean: meant,
        });
    }

    fn wrong(&mut self, shape: &Shape, value: &YamlValue, place: Range<usize>) {
        let words = match shape {
            Shape::Text(form) => form.words,
            _ => &[],
        };
        let meant = match value {
            YamlValue::Text { text, .. } => nearest(text, words.iter().copied()),
            _ => None,
        };
        let name = self.path.join(".");
        let name = match name.is_empty() {
            true => "a policy".to_owned(),
            false => format!("'{}'", visible(&name)),
        };
        self.problems.push(PolicyProblem {
            message: format!("{name} has to be {}", shape.wanted()),
            place,
            did_you_mean: meant.map(str::to_owned),
        });
    }

    fn name(&self, last: &str) -> String {
        let parts = self.path.iter().map(String::as_str);
        parts.chain([last]).collect::<Vec<_>>().join(".")
    }
}

/// Whether an entry has one of these keys, and something behind it.
fn says(entry: &YamlEntry, keys: &[&str]) -> bool {
    let is_empty = match &entry.value.value {
        YamlValue::Null => true,
        YamlValue::Map(entries) => entries.is_empty(),
        _ => false,
    };
    keys.contains(&entry.key.as_str()) && !is_empty
}

impl Shape {
    /// Whether a value is of this kind, be it right or wrong.
    fn may_be(&self, value: &YamlValue) -> bool {
        match self {
            Self::Text(_) | Self::Number { .. } => matches!(value, YamlValue::Text { .. }),
            Self::Map { .. } => matches!(value, YamlValue::Map(_)),
            Self::List(_) | Self::Filled(_) => matches!(value, YamlValue::List(_)),
            Self::With(map, _) => map.may_be(value),
        }
    }

    fn wanted(&self) -> String {
        match self {
            Self::Text(form) => form.one.to_owned(),
            Self::Number { least, most } if least == most => format!("{least}, the only one that this program knows"),
            Self::Number { least, most } => format!("a number from {least} to {most}"),
            Self::List(Self::Text(form)) => format!("a list of {}", form.many),
            Self::List(_) => "a list, with a dash before each item".to_owned(),
            Self::Filled(list) => format!("{}, with at least one in it", list.wanted()),
            Self::With(map, keys) => format!("{}, and one of them {}", map.wanted(), keys.join(" or ")),
            Self::Map { .. } => "a mapping, with keys on lines of their own below it".to_owned(),
        }
    }
}
