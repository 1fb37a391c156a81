//! The rules, one function each: what it finds in a document.
//!
//! Not here: their codes and what they do to a push (check/mod.rs), and what a problem looks like (ui).

pub(super) mod keys;
pub(super) mod secrets;
pub(super) mod sections;
pub(super) mod stack;
pub(super) mod updates;

use std::cell::OnceCell;
use std::ops::Range;
use std::sync::Arc;

use super::values::Fault;
use super::{Context, Fix};
use crate::document::Document;
use crate::document::front_matter::{Field, FieldValue, FrontMatter, Key, TEMPLATE_KEYS};
use crate::document::outline::Outline;
use crate::document::updates::Entry;
use crate::policy::{Rule, Status};

/// What a rule looks at.
pub(in crate::check) struct Subject<'a> {
    pub(in crate::check) document: &'a Document,
    pub(in crate::check) front_matter: Arc<FrontMatter>,
    pub(in crate::check) context: &'a Context<'a>,
    /// Where the branch stands. A word that is no status is BW003's; the least is asked for until it is mended.
    pub(in crate::check) status: Status,
    /// The rules of the policy that hold for the branch.
    pub(in crate::check) rules: Vec<&'a Rule>,
    outline: OnceCell<Outline>,
    entries: OnceCell<Vec<Entry>>,
    /// What is wrong with values, whatever the rule.
    faults: OnceCell<Vec<(Field, Fault)>>,
}

/// One thing that a rule has found.
#[derive(Default)]
pub(in crate::check) struct Finding {
    pub(in crate::check) place: Option<Range<usize>>,
    pub(in crate::check) message: String,
    pub(in crate::check) note: Option<String>,
    pub(in crate::check) fix: Option<Fix>,
}

impl<'a> Subject<'a> {
    pub(in crate::check) fn new(document: &'a Document, context: &'a Context<'a>) -> Self {
        let front_matter = document.front_matter();
        let word = front_matter.text("status");
        let status = word
            .and_then(|word| context.policy.status(word))
            .unwrap_or(Status::Draft);
        let changed = context.facts.and_then(|facts| facts.changed.as_deref());
        Self {
            document,
            rules: context.policy.rules_for(context.branch, status, changed),
            status,
            front_matter,
            context,
            outline: OnceCell::new(),
            entries: OnceCell::new(),
            faults: OnceCell::new(),
        }
    }

    /// Read when a rule first asks for it.
    fn outline(&self) -> &Outline {
        self.outline.get_or_init(|| Outline::of(self.document.text()))
    }

    fn entries(&self) -> &[Entry] {
        let read = || self.document.entries_by(self.outline());
        self.entries.get_or_init(read)
    }

    fn field(&self, name: &str) -> Option<&Field> {
        self.front_matter.get(&Key::parse(name)?)
    }

    /// What stands at `key` that no rule can read: keys of its own, of which this is the first, or what is neither a text nor a
    /// list. A key that is above known ones, as `branch` is, holds nothing else.
    fn unreadable(&self, key: &Key) -> Option<&Field> {
        let mut fields = self.front_matter.fields.iter();
        let is_other = |field: &Field| field.key == *key && field.value == FieldValue::Other;
        let found = fields.find(|field| field.key.is_below(key) || is_other(field))?;
        let is_above = |known: &Key| known.is_below(key);
        let above = TEMPLATE_KEYS
            .into_iter()
            .filter_map(Key::parse)
            .any(|known| is_above(&known))
            || self.context.policy.keys().any(is_above);
        (!above).then_some(found)
    }

    /// The lines in `span` without the line end after them.
    fn trimmed(&self, span: &Range<usize>) -> Range<usize> {
        let text = self.document.text().get(span.clone()).unwrap_or_default();
        span.start..span.start + text.trim_ascii_end().len()
    }

    /// The first line in `span`.
    fn first_line(&self, span: &Range<usize>) -> Range<usize> {
        let text = self.document.text().get(span.clone()).unwrap_or_default();
        let end = text.iter().position(|byte| *byte == b'\n').unwrap_or(text.len());
        self.trimmed(&(span.start..span.start + end))
    }
}
