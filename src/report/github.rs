//! Annotations of GitHub Actions: a line `::error file=…,line=…::…` a problem
//! (<https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>).
//!
//! GitHub shows ten of each severity for a step.

use super::{Checked, Region, plain, rule_name, severity, words};
use crate::check::Problem;

/// Errors first, for the first ones are shown.
pub(crate) fn github(checked: &[Checked<'_>]) -> Vec<u8> {
    let mut found: Vec<(&Checked<'_>, &Problem)> = Vec::new();
    for checked in checked {
        found.extend(checked.problems.iter().map(|problem| (checked, problem)));
    }
    found.sort_by_key(|(_, problem)| problem.severity);
    let lines: String = found
        .into_iter()
        .map(|(checked, problem)| line(checked, problem))
        .collect();
    lines.into_bytes()
}

fn line(checked: &Checked<'_>, problem: &Problem) -> String {
    let mut properties = format!("file={}", property(&plain(checked.file)));
    if let Some(place) = &problem.place {
        let region = Region::of(checked.text, place);
        properties.push_str(&format!(",line={},col={}", region.line, region.column));
        // Columns are for places on one line only.
        match region.end_line == region.line {
            true => properties.push_str(&format!(",endColumn={}", region.end_column)),
            false => properties.push_str(&format!(",endLine={}", region.end_line)),
        }
    }
    let title = format!("{} {}: {}", problem.code, rule_name(problem.code), checked.name());
    let message = words(checked, problem);
    format!(
        "::{} {properties},title={}::{}\n",
        severity(problem),
        property(&title),
        data(&message)
    )
}

/// What follows the second `::`, as `escapeData` in packages/core/src/command.ts of actions/toolkit does it.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property, as `escapeProperty` there.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
