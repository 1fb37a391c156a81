//! The front matter: the YAML block between two `---` lines at the top of a document, read with the byte place of
//! everything in it, and changed without losing a comment, an order, a quote or a line ending.
//!
//! Deliberately absent: what the keys mean and which are wanted (check/), and building a document's values into types:
//! a scalar is text here, as it is for the person who wrote it.

mod edit;
mod list;
mod parse;
mod plain;
mod scalar;
mod tree;
mod value;
mod verify;

use std::ops::Range;
use std::sync::Arc;

pub use edit::set;
pub(crate) use tree::{Yaml, YamlEntry, YamlValue};
pub use value::{Key, Value};

use super::lines::byte_order_mark;
use super::title::number;
use super::{Document, EditError};
use crate::names::{BranchName, is_hidden};

/// The keys of the default template in its order. A missing key is added at its place in it.
pub const TEMPLATE_KEYS: [&str; 14] = [
    "date",
    "slug",
    "status",
    "pr",
    "branch.name",
    "branch.base",
    "branch.position",
    "branch.total",
    "reviewers",
    "dri",
    "scope",
    "risk",
    "backout_plan",
    "last_updated",
];

/// The longest front matter that is read, in bytes. YAML has inputs whose cost grows faster than their length; a
/// branch document has no use for more.
pub const MAX_BYTES: usize = 64 * 1024;

/// What a document's front matter holds. All places are bytes of the whole document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrontMatter {
    /// The whole block, both fences and the line ending of the closing one included. Empty where there is none; only
    /// the first line where it is never closed, so that the rest still reads as Markdown.
    pub span: Range<usize>,
    /// What is between the fences.
    pub content: Range<usize>,
    /// Every key that has no keys of its own, in the order of the document. Empty where the YAML cannot be read.
    pub fields: Vec<Field>,
    /// Why it cannot be trusted. An absent front matter is no problem.
    pub problem: Option<SyntaxProblem>,
}

/// One key with its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// The key with the keys that it stands under.
    pub key: Key,
    /// Where its last part is written, quotes included.
    pub key_span: Range<usize>,
    /// What it is set to.
    pub value: FieldValue,
    /// Where the value is written, quotes and brackets included; empty and behind the colon where there is none.
    pub value_span: Range<usize>,
}

/// What a key is set to in a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldValue {
    /// Nothing, `null` or `~`.
    Null,
    /// A scalar: the text that the quotes and escapes stand for. Numbers and dates are text.
    Text(String),
    /// A list of scalars; an item of nothing is an empty text.
    List(Vec<String>),
    /// An empty mapping, a list of more than scalars, an alias, a value with a tag: kept, never read nor changed.
    Other,
}

/// Why a front matter cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxProblem {
    /// What is wrong with "it", to be said after "cannot be read: "; no final period.
    pub message: String,
    /// Where, in bytes of the whole document.
    pub place: Range<usize>,
}

impl FrontMatter {
    /// The front matter of a document. Never fails; a byte order mark before the first fence is allowed.
    pub fn of(text: &[u8]) -> Self {
        let Some(block) = parse::locate(text) else {
            let start = byte_order_mark(text);
            return Self {
                span: start..start,
                content: start..start,
                fields: Vec::new(),
                problem: None,
            };
        };
        let (fields, problem) = match parse::tree(text, &block) {
            Ok(tree) => (tree.fields(), tree.problem),
            Err(problem) => (Vec::new(), Some(problem)),
        };
        Self {
            span: block.span,
            content: block.content,
            fields,
            problem,
        }
    }

    /// The field of `key`; the first where a broken document has two.
    pub fn get(&self, key: &Key) -> Option<&Field> {
        self.fields.iter().find(|field| field.key == *key)
    }

    /// The text of a scalar by its dotted key; `None` where it is missing or something else.
    pub fn text(&self, key: &str) -> Option<&str> {
        match &self.get(&Key::parse(key)?)?.value {
            FieldValue::Text(text) if !text.trim().is_empty() => Some(text),
            _ => None,
        }
    }

    /// The branch that the document's own stands on.
    pub(crate) fn base(&self) -> Option<BranchName> {
        self.text("branch.base").and_then(BranchName::new)
    }

    /// The number that `pr` begins with: `46`, `#46`, `46 / BLZ-42`.
    pub(crate) fn pull_request(&self) -> Option<u64> {
        self.text("pr").and_then(number)
    }

    /// Whether `key` is absent or says nothing: null, only a comment, blanks, `''`, `[]`, a list of nothing.
    pub fn is_missing(&self, key: &Key) -> bool {
        self.get(key).is_none_or(|field| field.value.says_nothing())
            && !self.fields.iter().any(|field| field.key.is_below(key))
    }
}

/// Where the block is, both fences included, without reading the YAML in it; `None` where there is none or it is never
/// closed.
pub(super) fn closed_block(text: &[u8]) -> Option<Range<usize>> {
    let block = parse::locate(text).filter(|block| block.closed)?;
    Some(block.span)
}

/// A file that is nothing but YAML, with the same limits as a front matter, and a key that stands in it twice.
///
/// # Errors
/// It cannot be read.
pub(crate) fn yaml(text: &[u8]) -> Result<(Yaml, Option<SyntaxProblem>), SyntaxProblem> {
    let start = byte_order_mark(text);
    let block = parse::Block {
        span: start..text.len(),
        content: start..text.len(),
        closed: true,
    };
    let tree = parse::tree(text, &block)?;
    let nothing = Yaml {
        value: YamlValue::Null,
        span: block.content,
    };
    Ok((tree.root.as_ref().map_or(nothing, tree::Node::yaml), tree.problem))
}

impl FieldValue {
    /// Whether a reader learns nothing from it.
    pub fn says_nothing(&self) -> bool {
        // What nobody sees is no word either.
        let is_blank = |text: &String| text.chars().all(|c| c.is_whitespace() || is_hidden(c));
        match self {
            Self::Null => true,
            Self::Text(text) => is_blank(text),
            Self::List(items) => items.iter().all(is_blank),
            Self::Other => false,
        }
    }

    /// Whether setting the key to `value` would change nothing.
    pub fn is(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::Null, Value::Null) => true,
            (Self::Text(have), Value::Text(want)) => have == want,
            (Self::Text(have), Value::Number(want)) => *have == want.to_string(),
            (Self::Text(have), Value::Boolean(want)) => *have == want.to_string(),
            (Self::List(have), Value::List(want)) => have == want,
            _ => false,
        }
    }
}

impl Document {
    /// The document's front matter.
    pub fn front_matter(&self) -> Arc<FrontMatter> {
        let read = || Arc::new(FrontMatter::of(&self.text));
        Arc::clone(self.front_matter.get_or_init(read))
    }

    /// What `key` is set to; `None` where the document does not have it.
    pub fn get(&self, key: &Key) -> Option<FieldValue> {
        self.front_matter().get(key).map(|field| field.value.clone())
    }

    /// Sets keys of the front matter, all or none. See [`set`].
    ///
    /// # Errors
    /// As [`set`]; the document is then as it was.
    pub fn set(&mut self, changes: &[(Key, Value)]) -> Result<(), EditError> {
        *self = Self::new(set(&self.text, changes)?);
        Ok(())
    }
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
