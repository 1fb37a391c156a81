//! What a document says of its branch, and what the repository says.
//!
//! Not here: finding the facts (journeys/verify.rs); a rule whose facts nobody asked for finds nothing.

use super::{Finding, Subject};
use crate::check::Fix;
use crate::document::front_matter::{Field, FieldValue, Key};
use crate::names::{BranchName, visible};
use crate::policy::Status;

/// How many branches between two others are named.
const NAMED: usize = 3;

/// BW004.
pub(in crate::check) fn other_branch(subject: &Subject<'_>) -> Vec<Finding> {
    let (Some(field), Some(branch)) = (subject.field("branch.name"), subject.context.branch) else {
        return Vec::new();
    };
    let FieldValue::Text(name) = &field.value else {
        return Vec::new();
    };
    if name == branch || name.is_empty() {
        return Vec::new();
    }
    vec![Finding {
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

/// BW011. That a branch is not its own base nobody has to ask the repository for.
pub(in crate::check) fn no_base(subject: &Subject<'_>) -> Vec<Finding> {
    let base = subject.front_matter.text("branch.base").unwrap_or_default();
    let facts = subject.context.facts;
    let above = facts.and_then(|facts| facts.base_stands_on_it.as_ref());
    let is = match above {
        _ if subject.context.branch == Some(base) => "is the branch itself".to_owned(),
        Some(between) => format!("stands on the branch{}", by_way_of(between)),
        None if facts.is_some_and(|facts| facts.base_is_gone) => "is a branch neither here nor on a remote".to_owned(),
        None => return Vec::new(),
    };
    let one = |field: &Field| Finding {
        place: Some(field.value_span.clone()),
        message: format!("'branch.base' is '{}', which {is}", visible(base)),
        note: Some("name the branch that it is to be merged into".to_owned()),
        fix: Some(Fix::Set {
            key: field.key.clone(),
            suggestion: said(subject, &field.key).unwrap_or_else(|| "<branch>".to_owned()),
        }),
    };
    subject.field("branch.base").into_iter().map(one).collect()
}

/// Says what is between two branches of a line, the first few of many.
pub(crate) fn by_way_of(between: &[BranchName]) -> String {
    let names: Vec<String> = between.iter().take(NAMED).map(|name| format!("'{name}'")).collect();
    let more = if between.len() > NAMED { " and others" } else { "" };
    match names.is_empty() {
        true => String::new(),
        false => format!(" by way of {}{more}", names.join(", ")),
    }
}

/// BW012. That the stack has become longer or shorter above this branch is nobody's mistake: the total alone is not told.
pub(in crate::check) fn other_place(subject: &Subject<'_>) -> Vec<Finding> {
    let Some(facts) = subject.context.facts else {
        return Vec::new();
    };
    let is_place = |(key, _): &(Key, String)| matches!(key.to_string().as_str(), "branch.base" | "branch.position");
    if !facts.stack.iter().any(is_place) {
        return Vec::new();
    }
    let one = |(key, value): &(Key, String)| {
        let field = subject.front_matter.get(key)?;
        let name = key.to_string();
        if name == "pr" || name == "branch.base" && facts.base_is_gone {
            return None;
        }
        let has = match subject.front_matter.text(&name) {
            Some(has) => format!("'{name}' is '{}'", visible(has)),
            None => format!("'{name}' is missing"),
        };
        Some(Finding {
            place: Some(match field.value_span.is_empty() {
                true => field.key_span.clone(),
                false => field.value_span.clone(),
            }),
            message: format!("{has}, and the stack says '{}'", visible(value)),
            note: None,
            fix: Some(Fix::Set {
                key: key.clone(),
                suggestion: value.clone(),
            }),
        })
    };
    facts.stack.iter().filter_map(one).collect()
}

/// BW014.
pub(in crate::check) fn not_merged(subject: &Subject<'_>) -> Vec<Finding> {
    let unmerged = subject.context.facts.is_some_and(|facts| facts.merged == Some(false));
    let field = subject
        .field("status")
        .filter(|_| unmerged && subject.status == Status::Merged);
    let one = |field: &Field| Finding {
        place: Some(field.value_span.clone()),
        message: "'status' says that the branch is merged, and its commits are not in the trunk".to_owned(),
        note: Some("fetch, if it was merged elsewhere".to_owned()),
        fix: None,
    };
    field.into_iter().map(one).collect()
}

/// BW015.
pub(in crate::check) fn recorded_pull_request(subject: &Subject<'_>) -> Vec<Finding> {
    let Some(number) = Key::parse("pr").and_then(|key| said(subject, &key)) else {
        return Vec::new();
    };
    let field = subject
        .field("pr")
        .filter(|_| subject.front_matter.text("pr").is_none());
    let one = |field: &Field| Finding {
        place: Some(field.key_span.clone()),
        message: format!("'pr' is missing, and {} is recorded for the branch", visible(&number)),
        note: None,
        fix: Some(Fix::Set {
            key: field.key.clone(),
            suggestion: number.clone(),
        }),
    };
    field.into_iter().map(one).collect()
}

/// What the stack says that `key` is.
fn said(subject: &Subject<'_>, key: &Key) -> Option<String> {
    let mut said = subject.context.facts?.stack.iter();
    said.find(|(known, _)| known == key).map(|(_, value)| value.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_branches_the_first_are_named() {
        let names = ["a", "b", "c", "d"].map(|name| BranchName::new(name).unwrap());
        for (between, said) in [
            (&names[..0], ""),
            (&names[..1], " by way of 'a'"),
            (&names[..3], " by way of 'a', 'b', 'c'"),
            (&names[..], " by way of 'a', 'b', 'c' and others"),
        ] {
            assert_eq!(by_way_of(between), said);
        }
    }
}
