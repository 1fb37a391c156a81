//! What a failed operation says: what went wrong with which thing, why, and what to type next.
//!
//! Not here: how an error looks on a terminal (ui.rs) and problems found in a document (check/), which are data.

use std::fmt;

/// What kind of failure it was. The kind decides the exit code, nothing else does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The operation failed: exit code 1.
    Failed,
    /// The command line was wrong: exit code 2, as git and clap do.
    Usage,
}

/// A failure with its cause chain and a hint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Error {
    /// Decides the exit code.
    pub(crate) kind: Kind,
    /// One sentence that names the thing in quotes; no final period.
    pub(crate) message: String,
    /// Why, outermost first.
    pub(crate) causes: Vec<String>,
    /// The next command to type or step to take.
    pub(crate) hint: Option<String>,
}

/// The result of everything that can fail here.
pub(crate) type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// The operation failed.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self {
            kind: Kind::Failed,
            message: message.into(),
            causes: Vec::new(),
            hint: None,
        }
    }

    /// The command line asked for something that makes no sense.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self {
            kind: Kind::Usage,
            ..Self::new(message)
        }
    }

    /// Adds the reason: `error` and everything that it names as its source.
    #[must_use]
    pub(crate) fn because(mut self, error: &dyn std::error::Error) -> Self {
        let mut next = Some(error);
        while let Some(error) = next {
            let text = error.to_string();
            if self.causes.last() != Some(&text) {
                self.causes.push(text);
            }
            next = error.source();
        }
        self
    }

    /// Adds a reason in words.
    #[must_use]
    pub(crate) fn why(mut self, reason: impl Into<String>) -> Self {
        self.causes.push(reason.into());
        self
    }

    /// Adds what to do next.
    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Error {
    /// One line: the message, then the causes, separated by colons.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        for cause in &self.causes {
            write!(f, ": {cause}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}
