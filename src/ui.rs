//! The only place that prints. Data goes to stdout, talk to stderr; nothing that steers a terminal reaches one.
//!
//! Not here: what there is to say. Commands and hooks bring the words of their own outcomes; those that several of them
//! share (errors, notices, problems) are put into words here.

mod ask;
mod problems;
mod screen;

use std::io::{IsTerminal, Write};

pub(crate) use ask::Question;

use crate::error::{Error, Kind, Result};
use crate::journeys::Notice;
use crate::names::visible;
use crate::report::without_commands;

/// Whether talk is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Talk {
    /// Yes.
    Normal,
    /// `--quiet`: warnings and errors only.
    Quiet,
}

/// The terminal or whatever stands in for it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ui {
    talk: Talk,
}

impl Ui {
    /// A voice.
    pub(crate) fn new(talk: Talk) -> Self {
        Self { talk }
    }

    /// Writes data to stdout as it is; to a terminal, with control characters made visible. A reader that went away is
    /// not an error.
    pub(crate) fn data(self, bytes: &[u8]) -> Result<()> {
        let mut stdout = std::io::stdout().lock();
        let written = if stdout.is_terminal() {
            stdout.write_all(for_terminal(&String::from_utf8_lossy(bytes)).as_bytes())
        } else {
            stdout.write_all(bytes)
        };
        match written.and_then(|()| stdout.flush()) {
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
                Err(Error::new("cannot write to standard output").because(&error))
            }
            _ => Ok(()),
        }
    }

    /// Writes a value as JSON and a line end to stdout.
    pub(crate) fn json(self, value: &impl serde::Serialize) -> Result<()> {
        let mut text =
            serde_json::to_vec_pretty(value).map_err(|error| Error::new("cannot write JSON").because(&error))?;
        text.push(b'\n');
        self.data(&text)
    }

    /// Whether stdout is a terminal: whether tables are for people.
    pub(crate) fn is_terminal(self) -> bool {
        std::io::stdout().is_terminal()
    }

    /// Whether talk is not wanted.
    pub(crate) fn is_quiet(self) -> bool {
        self.talk == Talk::Quiet
    }

    /// Says a line, unless quiet.
    pub(crate) fn talk(self, line: &str) {
        if self.talk == Talk::Normal {
            self.say(line);
        }
    }

    /// What a hook has to say, one line: marked, because git's own words stand around it.
    pub(crate) fn hook(self, line: &str) {
        self.say(&hook_line(line));
    }

    /// Lines for a person to copy.
    pub(crate) fn show(self, text: &str) {
        for line in text.lines() {
            self.say(&format!("    {line}"));
        }
    }

    /// Warns.
    pub(crate) fn warn(self, line: &str) {
        self.say(&format!("warning: {line}"));
    }

    /// Tells an error: what, why, and what to do next.
    pub(crate) fn error(self, error: &Error) {
        self.say(&format!("error: {error}"));
        if let Some(hint) = &error.hint {
            self.say(&format!("hint: {hint}"));
        }
    }

    /// Tells what a journey noticed, a line each.
    pub(crate) fn notices(self, notices: &[Notice]) {
        for notice in notices {
            self.warn(&sentence(notice));
        }
    }

    /// One line or a few on stderr. A stderr that cannot be written is nothing to fail for.
    fn say(self, text: &str) {
        let mut stderr = anstream::stderr().lock();
        let _ = writeln!(stderr, "{}", without_commands(&for_terminal(text)));
    }

    /// Text with colours of our own, on stderr: colours go where they are not wanted (`NO_COLOR`, not a terminal).
    pub(crate) fn styled(self, text: &str) {
        let mut stderr = anstream::stderr().lock();
        let _ = writeln!(stderr, "{}", without_commands(text));
    }
}

fn hook_line(line: &str) -> String {
    format!("branchwork: {line}")
}

/// The exit code of an error.
pub(crate) fn exit_code(error: &Error) -> u8 {
    match error.kind {
        Kind::Failed => 1,
        Kind::Usage => 2,
    }
}

/// A notice in words.
pub(crate) fn sentence(notice: &Notice) -> String {
    let view = crate::view::PATH;
    match notice {
        Notice::Rescued { reference } => {
            format!(
                "'{view}' held other text; it is saved: {}",
                command_that_shows(reference)
            )
        }
        Notice::Ended { branch, reference } => {
            let id = reference.rsplit('/').next().unwrap_or_default();
            format!("an earlier branch '{branch}' had a document; to go on with it: git branchwork create --adopt {id}")
        }
        Notice::Replaced { branch, id } => {
            format!("the document that '{branch}' had is kept; to go back to it: git branchwork create --adopt {id}")
        }
        Notice::ViewLeftAlone(what) => {
            format!("'{view}' is {what}, so it is left alone; the document is safe: git branchwork show")
        }
        Notice::ViewTracked => {
            format!(
                "'{view}' is tracked by git, so it is left alone; to get it back: git rm --cached {view}, then commit"
            )
        }
        Notice::StoreReadOnly(reason) => {
            format!(
                "the store cannot be written ({reason}); the change is in '{view}' and is saved by the next run that can"
            )
        }
        Notice::TemplateNotUsed(reason) => format!("the document is made from the built-in template: {reason}"),
        Notice::GoesOn(branch) => format!("an earlier branch '{branch}' had a document; this one goes on with it"),
        Notice::NotReconciled(reason) => format!("the document may not tell of the newest commits: {reason}"),
        Notice::ViewSetBack => format!(
            "'{view}' was set back to a text of before a command or a commit; it shows the newest: git branchwork edit"
        ),
        Notice::ViewNotWritten(reason) => format!("the document is saved, but '{view}' was not written: {reason}"),
        Notice::Renamed { from, to } => format!("the document of '{from}' now belongs to '{to}'"),
        Notice::Kept { remote, branch, reason } => format!(
            "'{}' keeps another document of '{branch}', which is taken in: {reason}",
            visible(remote)
        ),
        Notice::NotRead(told) => told.clone(),
        Notice::PassedOver(error) => {
            let hint = error.hint.as_deref().unwrap_or_default();
            format!("{error}, and is passed over; {hint}")
        }
    }
}

/// Where to read the document of the branch that is checked out here, after this was noticed.
pub(crate) fn place(notices: &[Notice]) -> &'static str {
    match notices.iter().any(Notice::is_of_missing_view) {
        true => "git branchwork show",
        false => crate::view::PATH,
    }
}

/// What prints a text that only a ref of the store holds.
fn command_that_shows(reference: &str) -> String {
    let file = crate::store::FILE;
    format!("git --git-dir=\"$(git rev-parse --git-common-dir)/branchwork\" show {reference}:{file}")
}

/// `text` for a terminal: line ends and tabs stay, other control characters are made visible.
pub(crate) fn for_terminal(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for (number, line) in text.split('\n').enumerate() {
        if number > 0 {
            shown.push('\n');
        }
        for (number, cell) in line.strip_suffix('\r').unwrap_or(line).split('\t').enumerate() {
            if number > 0 {
                shown.push('\t');
            }
            shown.push_str(&visible(cell));
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminals_get_lines_and_tabs_only() {
        assert_eq!(for_terminal("a\tb\r\n\x1b]0;x\x07c"), "a\tb\n\\u{1b}]0;x\\u{7}c");
    }
}
