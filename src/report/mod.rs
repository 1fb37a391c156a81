//! What a check found, for machines: one file a format, verdicts in, bytes out.
//!
//! Pure. Not here: the text for people (ui/problems.rs), and deciding what is a problem (check/). What is reported quotes
//! documents, branches and policies, which anybody may have written: each format escapes what it would read as its own.

mod github;
mod json;
mod junit;
mod sarif;

use std::ops::Range;

pub(crate) use github::github;
pub(crate) use json::{json, json_lines};
pub(crate) use junit::junit;
pub(crate) use sarif::sarif;

use crate::check::{self, Fix, Hints, Problem, RULES, Rule, Severity};
use crate::names::{BranchName, visible};

/// A document or a policy file that was checked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Checked<'a> {
    /// What it is.
    pub(crate) kind: Kind,
    /// The branch that it is the document of; `None` for the policy and for a text that names none.
    pub(crate) branch: Option<&'a BranchName>,
    /// What it is called where people read of it.
    pub(crate) path: &'a str,
    /// The file that a tool can point at: a path from the top of the work tree where it has one.
    pub(crate) file: &'a str,
    /// What the places of the problems are in.
    pub(crate) text: &'a [u8],
    /// What is wrong with it.
    pub(crate) problems: &'a [Problem],
    /// Values to choose from, where some were looked for.
    pub(crate) hints: Option<&'a Hints>,
    /// The one command that mends all of it that a command can mend.
    pub(crate) fix: Option<&'a str>,
}

/// What can be checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A branch's document.
    Document,
    /// The team's policy.
    Policy,
}

impl Checked<'_> {
    /// What it is about, for titles: the branch, else the path.
    fn name(&self) -> String {
        match self.branch {
            Some(branch) => branch.to_string(),
            None => plain(self.path),
        }
    }
}

/// A place as lines and columns, both from 1; the end is the first column behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Region {
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
}

impl Region {
    fn of(text: &[u8], place: &Range<usize>) -> Self {
        let (line, column) = check::line_column(text, place.start);
        let (end_line, end_column) = check::line_column(text, place.end.max(place.start));
        Self {
            line,
            column,
            end_line,
            end_column,
        }
    }
}

fn severity(problem: &Problem) -> &'static str {
    match problem.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

/// Where a rule stands in the table, and its row.
fn rule(code: &str) -> Option<(usize, &'static Rule)> {
    RULES.iter().enumerate().find(|(_, rule)| rule.code == code)
}

fn rule_name(code: &str) -> &'static str {
    rule(code).map_or("", |(_, rule)| rule.name)
}

/// Values that mend a problem, the likeliest first; none where only a person can know: that stands between `<` and `>`.
fn suggestions<'a>(checked: &Checked<'a>, problem: &'a Problem) -> Vec<&'a str> {
    let Some(Fix::Set { key, suggestion }) = &problem.fix else {
        return Vec::new();
    };
    let own = Some(suggestion.as_str()).filter(|suggestion| !suggestion.starts_with('<'));
    let more = checked.hints.map(|hints| hints.of(key)).unwrap_or_default();
    let more = more.iter().map(String::as_str).filter(|hint| own != Some(hint));
    own.into_iter().chain(more).collect()
}

/// The message, the note, and the command where it mends this problem too, on a line each.
fn words(checked: &Checked<'_>, problem: &Problem) -> String {
    let mut words = plain(&problem.message);
    if let Some(note) = &problem.note {
        words.push('\n');
        words.push_str(&plain(note));
    }
    if let (Some(_), Some(fix)) = (&problem.fix, checked.fix) {
        words.push_str("\nTo fix: ");
        words.push_str(&plain(fix));
    }
    words
}

/// `text` on one line, without anything that steers a terminal or a log.
fn plain(text: &str) -> String {
    without_commands(&visible(text))
}

/// CI systems read commands in what is printed: GitHub's runner takes `##[error]` anywhere in a line for one
/// (`ActionCommand.cs` of actions/runner), Azure Pipelines `##vso[`, TeamCity `##teamcity[` at its beginning.
pub(crate) fn without_commands(text: &str) -> String {
    let is_command = |rest: &str| {
        rest.trim_start_matches(|c: char| c.is_ascii_alphabetic())
            .starts_with('[')
    };
    let mut safe = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("##") {
        safe.push_str(before);
        safe.push('#');
        // The second may begin another one: `###[`.
        if is_command(after) {
            safe.push_str("\\u{23}");
            rest = after;
        } else {
            rest = &rest[before.len() + 1..];
        }
    }
    safe + rest
}

#[cfg(test)]
mod tests;
