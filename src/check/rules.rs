//! One rule, one function: what it finds in a document.

use std::ops::Range;

use super::values::{Fault, fault};
use super::{Fix, Problem, Severity, Subject, fix};
use crate::document::front_matter::{Field, FieldValue, FrontMatter, Key, SyntaxProblem};
use crate::names::visible;
use crate::policy::Status;

/// BW001.
pub(super) fn unreadable(subject: &Subject<'_>) -> Vec<Problem> {
    let one = |problem: &SyntaxProblem| Problem {
        code: "BW001",
        severity: Severity::Error,
        place: Some(problem.place.clone()),
        message: format!("the front matter cannot be read: {}", problem.message),
        note: Some("correct it by hand: git branchwork edit".to_owned()),
        fix: None,
    };
    subject.front_matter.problem.iter().map(one).collect()
}

/// BW002.
pub(super) fn missing_keys(subject: &Subject<'_>) -> Vec<Problem> {
    let found = subject.front_matter;
    let policy = subject.context.policy;
    // A status that is none is BW003's; the least is asked for until it is mended.
    let status = found.text("status").and_then(Status::parse).unwrap_or(Status::Draft);
    let missing = policy
        .required_for(status)
        .into_iter()
        .filter(|key| found.is_missing(key));
    let one = |key: Key| Problem {
        code: "BW002",
        severity: Severity::Error,
        place: Some(place_of(found, &key)),
        message: format!("'{}' is required and missing", visible(&key.to_string())),
        note: policy
            .required_since(&key)
            .map(|since| format!("required from status '{since}' on")),
        fix: Some(Fix::Set {
            suggestion: fix::suggestion(subject, &key),
            key,
        }),
    };
    missing.map(one).collect()
}

/// The key where it is without a value, else the front matter's first line.
fn place_of(found: &FrontMatter, key: &Key) -> Range<usize> {
    let start = found.span.start;
    let fence = start..start + found.span.len().min(3);
    found.get(key).map_or(fence, |field| field.key_span.clone())
}

fn faults(subject: &Subject<'_>, code: &str, severity: Severity) -> Vec<Problem> {
    let one = |field: &Field| {
        let fault: Fault = fault(&field.key, &field.value).filter(|fault| fault.code == code)?;
        let suggestion = fault.suggestion.unwrap_or_else(|| fix::suggestion(subject, &field.key));
        Some(Problem {
            code: fault.code,
            severity,
            place: Some(field.value_span.clone()),
            message: fault.message,
            note: Some(fault.note),
            fix: Some(Fix::Set {
                key: field.key.clone(),
                suggestion,
            }),
        })
    };
    subject.front_matter.fields.iter().filter_map(one).collect()
}

/// BW003.
pub(super) fn values_not_allowed(subject: &Subject<'_>) -> Vec<Problem> {
    faults(subject, "BW003", Severity::Error)
}

/// BW004.
pub(super) fn other_branch(subject: &Subject<'_>) -> Vec<Problem> {
    let field = field(subject, "branch.name");
    let (Some(field), Some(branch)) = (field, subject.context.branch) else {
        return Vec::new();
    };
    let FieldValue::Text(name) = &field.value else {
        return Vec::new();
    };
    if name == branch || name.is_empty() {
        return Vec::new();
    }
    vec![Problem {
        code: "BW004",
        severity: Severity::Warning,
        place: Some(field.value_span.clone()),
        message: format!(
            "'branch.name' is '{}' in the document of '{}'",
            visible(name),
            visible(branch)
        ),
        note: Some("a document names the branch that it is of".to_owned()),
        fix: Some(Fix::Set {
            key: field.key.clone(),
            suggestion: branch.to_owned(),
        }),
    }]
}

/// BW005.
pub(super) fn numbers(subject: &Subject<'_>) -> Vec<Problem> {
    let mut problems = faults(subject, "BW005", Severity::Warning);
    let number = |name: &str| subject.front_matter.text(name)?.parse::<u32>().ok();
    if let (Some(position), Some(total)) = (number("branch.position"), number("branch.total"))
        && let Some(field) = field(subject, "branch.position")
        && position > total
        && total > 0
    {
        problems.push(Problem {
            code: "BW005",
            severity: Severity::Warning,
            place: Some(field.value_span.clone()),
            message: format!("'branch.position' is {position} of 'branch.total' {total}"),
            note: Some("the position is not above the total".to_owned()),
            fix: Some(Fix::Set {
                key: field.key.clone(),
                suggestion: fix::suggestion(subject, &field.key),
            }),
        });
    }
    problems
}

/// BW006.
pub(super) fn dates(subject: &Subject<'_>) -> Vec<Problem> {
    faults(subject, "BW006", Severity::Warning)
}

fn field<'a>(subject: &'a Subject<'_>, name: &str) -> Option<&'a Field> {
    subject.front_matter.get(&Key::parse(name)?)
}
