//! What a front matter holds, as nodes with their places, and what a reader sees in them.
//!
//! Not here: where the nodes come from (parse.rs) and changing them (edit.rs).

use std::ops::Range;

use granit_parser::ScalarStyle;

use super::{Field, FieldValue, Key, SyntaxProblem};

/// The YAML of a front matter.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Tree {
    /// The mapping of all keys; absent where there is nothing but comments.
    pub(super) root: Option<Node>,
    /// Every comment, `#` included.
    pub(super) comments: Vec<Range<usize>>,
    /// A key that stands twice.
    pub(super) problem: Option<SyntaxProblem>,
}

/// One value.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) kind: Kind,
    /// Where it is written; a null that is not written has an empty span of no meaning.
    pub(super) span: Range<usize>,
    /// It has an anchor or a tag, or is an alias: something else depends on it, or on how it is written.
    pub(super) bound: bool,
    /// It has a tag, so that what it says is not what it looks like.
    pub(super) tagged: bool,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Scalar { text: String, style: ScalarStyle },
    List { flow: bool, items: Vec<Node> },
    Map { flow: bool, entries: Vec<Entry> },
    Alias,
}

/// One key and its value.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// `None` for a key that is not a plain piece of text.
    pub(super) key: Option<String>,
    pub(super) key_span: Range<usize>,
    /// Just behind the colon; `None` where it does not follow the key on its line.
    pub(super) colon: Option<usize>,
    pub(super) value: Node,
}

/// A value of a file that is YAML throughout. Aliases are not followed and tags not obeyed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Yaml {
    /// What it is.
    pub(crate) value: YamlValue,
    /// Where it is written, in bytes of the file.
    pub(crate) span: Range<usize>,
}

/// What a value is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum YamlValue {
    /// Nothing, `null` or `~`.
    Null,
    /// A scalar; `plain` where no quotes say that it is a text and nothing else.
    Text { text: String, plain: bool },
    /// A list.
    List(Vec<Yaml>),
    /// A mapping.
    Map(Vec<YamlEntry>),
    /// An alias, or a value with a tag.
    Other,
}

/// A key of a mapping with its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct YamlEntry {
    /// Empty where it is not a plain piece of text.
    pub(crate) key: String,
    /// Where it is written.
    pub(crate) key_span: Range<usize>,
    /// What it is set to.
    pub(crate) value: Yaml,
}

impl Node {
    /// The value with all that is below it.
    pub(super) fn yaml(&self) -> Yaml {
        let entry = |entry: &Entry| YamlEntry {
            key: entry.key.clone().unwrap_or_default(),
            key_span: entry.key_span.clone(),
            value: Yaml {
                span: entry.value_span(),
                ..entry.value.yaml()
            },
        };
        let value = match &self.kind {
            _ if self.tagged => YamlValue::Other,
            _ if self.is_null() => YamlValue::Null,
            Kind::Scalar { text, style } => YamlValue::Text {
                text: text.clone(),
                plain: *style == ScalarStyle::Plain,
            },
            Kind::List { items, .. } => YamlValue::List(items.iter().map(Self::yaml).collect()),
            Kind::Map { entries, .. } => YamlValue::Map(entries.iter().map(entry).collect()),
            Kind::Alias => YamlValue::Other,
        };
        Yaml {
            value,
            span: self.span.clone(),
        }
    }

    /// Whether it is null, written or not.
    pub(super) fn is_null(&self) -> bool {
        matches!(&self.kind, Kind::Scalar { text, style: ScalarStyle::Plain }
            if !self.tagged && matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL"))
    }

    /// What a reader sees.
    pub(super) fn value(&self) -> FieldValue {
        match &self.kind {
            _ if self.tagged => FieldValue::Other,
            _ if self.is_null() => FieldValue::Null,
            Kind::Scalar { text, .. } => FieldValue::Text(text.clone()),
            Kind::List { items, .. } => items
                .iter()
                .map(|item| match item.value() {
                    FieldValue::Null => Some(String::new()),
                    FieldValue::Text(text) => Some(text),
                    FieldValue::List(_) | FieldValue::Other => None,
                })
                .collect::<Option<Vec<_>>>()
                .map_or(FieldValue::Other, FieldValue::List),
            Kind::Map { .. } | Kind::Alias => FieldValue::Other,
        }
    }
}

impl Tree {
    /// Every key that has no keys of its own.
    pub(super) fn fields(&self) -> Vec<Field> {
        let mut fields = Vec::new();
        if let Some(root) = &self.root {
            root.collect(&mut Vec::new(), &mut fields);
        }
        fields
    }
}

impl Node {
    fn collect(&self, path: &mut Vec<String>, fields: &mut Vec<Field>) {
        let Kind::Map { entries, .. } = &self.kind else { return };
        for entry in entries {
            let Some(key) = &entry.key else { continue };
            path.push(key.clone());
            match &entry.value.kind {
                Kind::Map { entries, .. } if !entries.is_empty() => entry.value.collect(path, fields),
                _ => fields.push(Field {
                    key: Key::new(path.clone()),
                    key_span: entry.key_span.clone(),
                    value: entry.value.value(),
                    value_span: entry.value_span(),
                }),
            }
            path.pop();
        }
    }
}

impl Entry {
    /// Behind the last byte of the entry.
    pub(super) fn end(&self) -> usize {
        let written = self.key_span.end.max(self.colon.unwrap_or(0));
        written.max(self.value.span.end)
    }

    /// Where the value is; behind the colon where it is not written.
    pub(super) fn value_span(&self) -> Range<usize> {
        if self.value.is_null() && self.value.span.is_empty() {
            let at = self.colon.unwrap_or(self.key_span.end);
            at..at
        } else {
            self.value.span.clone()
        }
    }
}
