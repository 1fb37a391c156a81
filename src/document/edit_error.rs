//! Why an edit of a document was refused.
//!
//! Not here: problems that a document has (check/), which are data.

use std::fmt;

/// Why an edit was refused. The document is as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EditError {
    /// The front matter is not YAML that can be edited.
    BrokenFrontMatter {
        /// What the parser says.
        reason: String,
    },
    /// The document has no front matter.
    NoFrontMatter,
    /// A value that is a list, a map, a tag or an alias where the edit needs another form.
    UnexpectedValue {
        /// The key, with dots: `branch.name`.
        key: String,
        /// What stands there, in a word or two.
        found: String,
    },
    /// A key that front matter here cannot have.
    UnknownKey {
        /// As it was given.
        key: String,
        /// The key that was probably meant.
        meant: Option<String>,
    },
    /// No section with this title.
    NoSection {
        /// As it was given.
        title: String,
        /// The titles of the sections that there are.
        sections: Vec<String>,
    },
    /// The section holds no table to add a row to.
    NoTable {
        /// The section's title.
        section: String,
    },
    /// The table has no such column.
    NoColumn {
        /// As it was given.
        column: String,
        /// The columns that there are.
        columns: Vec<String>,
    },
    /// The section has no list item that could have a child.
    NoItem {
        /// The section's title.
        section: String,
    },
    /// No checklist item holds the text.
    NoMatch {
        /// As it was given.
        text: String,
        /// The items that are open.
        open: Vec<String>,
    },
    /// Several checklist items hold the text.
    Ambiguous {
        /// As it was given.
        text: String,
        /// Those items.
        items: Vec<String>,
    },
    /// There is nothing to write.
    Empty,
    /// Written, the text would be read as something else.
    WouldBreak {
        /// The section's title.
        section: String,
    },
}

impl EditError {
    /// What to do next.
    pub fn hint(&self) -> Option<String> {
        let listed = |what: &str, names: &[String]| (!names.is_empty()).then(|| format!("{what}: {}", quoted(names)));
        match self {
            Self::BrokenFrontMatter { .. } => Some("mend it with `git branchwork edit`".to_owned()),
            Self::NoFrontMatter => Some("add it with `git branchwork create --from`".to_owned()),
            Self::UnknownKey { meant: Some(key), .. } => Some(format!("did you mean '{key}'?")),
            Self::UnknownKey { meant: None, .. } => {
                Some("add it to the document first: git branchwork edit".to_owned())
            }
            Self::NoSection { sections, .. } => listed("the document has", sections),
            Self::NoTable { .. } => Some("add a header line and a delimiter line first".to_owned()),
            Self::NoColumn { columns, .. } => listed("the table has", columns),
            Self::NoItem { .. } => Some("add an item first".to_owned()),
            Self::NoMatch { open, .. } => listed("open items", open),
            Self::Ambiguous { items, .. } => listed("give more of one of these", items),
            Self::UnexpectedValue { .. } | Self::Empty | Self::WouldBreak { .. } => None,
        }
    }
}

fn quoted(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("'{name}'")).collect();
    names.join(", ")
}

impl fmt::Display for EditError {
    /// One sentence without a final period.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BrokenFrontMatter { reason } => write!(f, "the front matter cannot be read: {reason}"),
            Self::NoFrontMatter => f.write_str("the document has no front matter"),
            Self::UnexpectedValue { key, found } => write!(f, "'{key}' holds {found} and cannot be set"),
            Self::UnknownKey { key, .. } => write!(f, "'{key}' is not a key of the front matter"),
            Self::NoSection { title, .. } => write!(f, "the document has no section '{title}'"),
            Self::NoTable { section } => write!(f, "the section '{section}' has no table"),
            Self::NoColumn { column, .. } => write!(f, "the table has no column '{column}'"),
            Self::NoItem { section } => write!(f, "the section '{section}' has no list item to add a child to"),
            Self::NoMatch { text, .. } => write!(f, "no checklist item contains '{text}'"),
            Self::Ambiguous { text, items } => {
                write!(f, "'{text}' is in {} checklist items", items.len())
            }
            Self::Empty => f.write_str("the text is empty"),
            Self::WouldBreak { section } => {
                write!(f, "the text would not stay in the section '{section}'")
            }
        }
    }
}

impl std::error::Error for EditError {}
