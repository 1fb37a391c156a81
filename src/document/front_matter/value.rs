//! Keys, and the values that they can be set to.
//!
//! Not here: how a value is written in YAML (scalar.rs), and which values a key allows (check/).

use std::fmt;

/// The path of a front-matter key, such as `branch.name`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(Vec<String>);

impl Key {
    /// The key that dotted text names; `None` where a part is empty, has blanks around it or holds a character that
    /// cannot stand in a key on one line.
    pub fn parse(text: &str) -> Option<Self> {
        let part = |part: &str| !part.is_empty() && part.trim() == part && !part.chars().any(char::is_control);
        text.split('.')
            .all(part)
            .then(|| Self(text.split('.').map(str::to_owned).collect()))
    }

    pub(super) fn new(parts: Vec<String>) -> Self {
        Self(parts)
    }

    /// The parts, outermost first; never empty.
    pub fn parts(&self) -> &[String] {
        &self.0
    }

    /// Whether this key stands somewhere under `other`.
    pub fn is_below(&self, other: &Self) -> bool {
        self.0.len() > other.0.len() && self.0.starts_with(&other.0)
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("."))
    }
}

/// What a key can be set to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Nothing: the key stays, without a value.
    Null,
    /// A text, quoted where YAML would read it as something else.
    Text(String),
    /// A number.
    Number(u64),
    /// `true` or `false`.
    Boolean(bool),
    /// A list of texts.
    List(Vec<String>),
}

impl Value {
    /// The value that a person means by `key=text` on a command line. `reviewers` is a list, with or without
    /// brackets; `scope` is one where it has a comma; `pr` and places in the stack are numbers where they look like
    /// one; nothing is nothing.
    pub fn from_argument(key: &Key, text: &str) -> Self {
        let text = text.trim();
        if text.is_empty() {
            return Self::Null;
        }
        match key.to_string().as_str() {
            "reviewers" => Self::list(text),
            "scope" if bracketed(text).is_some() || text.contains(',') => Self::list(text),
            "pr" | "branch.position" | "branch.total" => Self::number(text),
            _ => Self::Text(text.to_owned()),
        }
    }

    /// A list, with or without brackets; nothing is nothing.
    pub fn list(text: &str) -> Self {
        let text = text.trim();
        match text.is_empty() {
            true => Self::Null,
            false => Self::List(items(bracketed(text).unwrap_or(text))),
        }
    }

    /// `true` or `false`, where the text is one of the words by which YAML 1.2's core schema has them.
    pub fn boolean(text: &str) -> Self {
        match text.trim() {
            "" => Self::Null,
            "true" | "True" | "TRUE" => Self::Boolean(true),
            "false" | "False" | "FALSE" => Self::Boolean(false),
            other => Self::Text(other.to_owned()),
        }
    }

    /// Whether a list that a person typed has both brackets or none.
    pub fn is_list_whole(text: &str) -> bool {
        let text = text.trim();
        text.starts_with('[') == text.ends_with(']')
    }

    /// A number, where the text is one that can be written so.
    pub fn number(text: &str) -> Self {
        let text = text.trim();
        match text.parse::<u64>() {
            Ok(number) if number.to_string() == text => Self::Number(number),
            _ if text.is_empty() => Self::Null,
            _ => Self::Text(text.to_owned()),
        }
    }
}

fn bracketed(text: &str) -> Option<&str> {
    text.strip_prefix('[')?.strip_suffix(']')
}

fn items(text: &str) -> Vec<String> {
    let unquoted = |item: &str| {
        let item = item.trim();
        let inner = ['"', '\'']
            .iter()
            .find_map(|&quote| item.strip_prefix(quote)?.strip_suffix(quote));
        inner.unwrap_or(item).to_owned()
    };
    text.split(',').map(unquoted).filter(|item| !item.is_empty()).collect()
}

impl fmt::Display for Value {
    /// As a person would say it: `low`, `47`, `a, b`, and nothing for nothing.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => Ok(()),
            Self::Text(text) => f.write_str(text),
            Self::Number(number) => number.fmt(f),
            Self::Boolean(is_so) => is_so.fmt(f),
            Self::List(items) => f.write_str(&items.join(", ")),
        }
    }
}
