//! The branch document: text, and functions that find things in it and change their own lines of it.
//!
//! Parsing is total: any bytes are a document, maybe one with problems. An edit replaces the bytes that it is about and
//! not one byte more. Deliberately absent: files, git, the clock, and any opinion on what a document should hold (check/).

pub(crate) mod archive;
mod diff;
mod edit;
mod edit_error;
pub(crate) mod embedded;
pub mod front_matter;
mod lines;
pub mod merge;
pub(crate) mod message;
pub mod outline;
#[cfg(test)]
pub(crate) mod random;
pub mod sections;
pub(crate) mod sieve;
mod stack_context;
pub mod template;
pub mod title;
pub mod updates;

pub use edit_error::EditError;

use std::cell::OnceCell;
use std::sync::Arc;

use front_matter::FrontMatter;

/// A branch document as bytes, with nothing normalised.
#[derive(Clone, Debug, Default)]
pub struct Document {
    text: Vec<u8>,
    /// Its front matter, once somebody has asked for it: reading it costs more than most edits.
    front_matter: OnceCell<Arc<FrontMatter>>,
}

impl PartialEq for Document {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Document {}

impl Document {
    /// The document that `text` is. Never fails.
    pub fn new(text: impl Into<Vec<u8>>) -> Self {
        Self {
            text: text.into(),
            front_matter: OnceCell::new(),
        }
    }

    /// The bytes, exactly as they came in but for the edits made since.
    pub fn text(&self) -> &[u8] {
        &self.text
    }

    /// The bytes.
    pub fn into_text(self) -> Vec<u8> {
        self.text
    }
}
