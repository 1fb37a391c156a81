//! JSON: a list of objects, one a problem, in the order in which they are told to people. docs/ci.md lists the fields.

use serde::Serialize;

use super::{Checked, Region, rule_name, severity, suggestions};
use crate::check::{Fix, Problem};
use crate::error::{Error, Result};
use crate::names::{BranchName, is_hidden};

#[derive(Serialize)]
struct Row<'a> {
    branch: Option<&'a str>,
    path: &'a str,
    code: &'a str,
    name: &'a str,
    severity: &'a str,
    line: Option<usize>,
    column: Option<usize>,
    end_line: Option<usize>,
    end_column: Option<usize>,
    message: &'a str,
    note: Option<&'a str>,
    key: Option<String>,
    suggestions: Vec<&'a str>,
    fix: Option<&'a str>,
}

/// For a program that reads a file or a pipe.
pub(crate) fn json(checked: &[Checked<'_>]) -> Result<Vec<u8>> {
    written(serde_json::to_string_pretty(&rows(checked)))
}

/// The same for somebody who reads it among other lines: each object on a line of its own, at most `most` of them, and how
/// many were left out.
pub(crate) fn json_lines(checked: &[Checked<'_>], most: usize) -> Result<(Vec<u8>, usize)> {
    let rows = rows(checked);
    let mut lines = Vec::new();
    for row in rows.iter().take(most) {
        lines.extend(written(serde_json::to_string(row))?);
    }
    Ok((lines, rows.len().saturating_sub(most)))
}

fn rows<'a>(checked: &[Checked<'a>]) -> Vec<Row<'a>> {
    let rows = checked
        .iter()
        .flat_map(|checked| checked.problems.iter().map(|problem| row(checked, problem)));
    rows.collect()
}

fn row<'a>(checked: &Checked<'a>, problem: &'a Problem) -> Row<'a> {
    let region = problem.place.as_ref().map(|place| Region::of(checked.text, place));
    Row {
        branch: checked.branch.map(BranchName::as_str),
        path: checked.path,
        code: problem.code,
        name: rule_name(problem.code),
        severity: severity(problem),
        line: region.map(|region| region.line),
        column: region.map(|region| region.column),
        end_line: region.map(|region| region.end_line),
        end_column: region.map(|region| region.end_column),
        message: &problem.message,
        note: problem.note.as_deref(),
        key: problem.fix.as_ref().map(|Fix::Set { key, .. }| key.to_string()),
        suggestions: suggestions(checked, problem),
        fix: checked.fix,
    }
}

fn written(text: serde_json::Result<String>) -> Result<Vec<u8>> {
    let text = text.map_err(|error| Error::new("cannot write JSON").because(&error))?;
    Ok((escaped(&text) + "\n").into_bytes())
}

/// The same data, with nothing in it that steers a terminal or that a CI system takes for a command in its log.
pub(super) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    let mut units = [0; 2];
    for c in text.chars() {
        // Line ends are the layout's own: in a string they are escaped already.
        if c != '\n' && is_hidden(c) || c == '#' && safe.ends_with('#') {
            for unit in c.encode_utf16(&mut units) {
                safe.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            safe.push(c);
        }
    }
    safe
}
