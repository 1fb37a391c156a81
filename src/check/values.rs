//! Which values a key allows, and what a wrong one was meant to be.
//!
//! Not here: whether the key has to be there (rules.rs), and keys that are not the template's: they allow anything.

use chrono::{DateTime, NaiveDate, NaiveDateTime};

use crate::document::front_matter::{FieldValue, Key, Value};
use crate::names::visible;
use crate::nearest::nearest;
use crate::policy::Status;

/// The values of `risk`.
pub(super) const RISKS: [&str; 3] = ["low", "medium", "high"];

/// What is wrong with a value.
pub(super) struct Fault {
    pub(super) code: &'static str,
    /// One sentence that names the key in quotes.
    pub(super) message: String,
    pub(super) note: String,
    /// As it is typed behind `key=`.
    pub(super) suggestion: Option<String>,
}

/// Why `set` refuses to write a value that [`super::check`] would complain about, with the values that are allowed.
/// Nothing is allowed everywhere.
pub fn refuse_value(key: &Key, value: &Value) -> Option<String> {
    let value = match value {
        Value::Null => return None,
        Value::Text(text) => FieldValue::Text(text.clone()),
        Value::Number(number) => FieldValue::Text(number.to_string()),
        Value::List(items) => FieldValue::List(items.clone()),
    };
    fault(key, &value).map(|fault| format!("{}: {}", fault.message, fault.note))
}

/// What is wrong with a value, if anything is. A value that says nothing is not wrong but missing.
pub(super) fn fault(key: &Key, value: &FieldValue) -> Option<Fault> {
    if value.says_nothing() {
        return None;
    }
    let name = key.to_string();
    let statuses = Status::ALL.map(Status::name);
    match name.as_str() {
        "status" => word(&name, value, &statuses),
        "risk" => word(&name, value, &RISKS),
        "dri" => one_name(value),
        "branch.position" | "branch.total" => count(&name, value),
        "pr" => pull_request(value),
        "date" | "last_updated" => date(&name, value),
        _ => None,
    }
    .or_else(|| placeholder(&name, value))
}

fn word(name: &str, value: &FieldValue, allowed: &[&'static str]) -> Option<Fault> {
    let given = shown(value);
    if matches!(value, FieldValue::Text(text) if allowed.contains(&text.as_str())) {
        return None;
    }
    let meant = nearest(given.trim_matches(['[', ']']), allowed.iter().copied());
    let allowed_words = allowed.join(", ");
    Some(Fault {
        code: "BW003",
        message: format!("'{given}' is not allowed for '{name}'"),
        note: match meant {
            Some(meant) => format!("did you mean '{meant}'? allowed: {allowed_words}"),
            None => format!("allowed: {allowed_words}"),
        },
        suggestion: meant.map(str::to_owned),
    })
}

fn one_name(value: &FieldValue) -> Option<Fault> {
    let FieldValue::List(items) = value else { return None };
    Some(Fault {
        code: "BW003",
        message: "'dri' holds a list".to_owned(),
        note: "allowed: one name".to_owned(),
        suggestion: items.first().cloned(),
    })
}

/// What the command of a fix has where only a person knows the value, copied as it was.
fn placeholder(name: &str, value: &FieldValue) -> Option<Fault> {
    let is = |text: &str| text.starts_with('<') && text.ends_with('>');
    let given = match value {
        FieldValue::Text(text) if is(text) => text,
        FieldValue::List(items) => items.iter().find(|item| is(item))?,
        _ => return None,
    };
    Some(Fault {
        code: "BW003",
        message: format!("'{}' for '{name}' is a placeholder", visible(given)),
        note: "put the value in its place".to_owned(),
        suggestion: None,
    })
}

fn count(name: &str, value: &FieldValue) -> Option<Fault> {
    if matches!(value, FieldValue::Text(text) if text.parse::<u32>().is_ok_and(|number| number > 0)) {
        return None;
    }
    Some(Fault {
        code: "BW005",
        message: format!("'{}' is not a number for '{name}'", shown(value)),
        note: "allowed: whole numbers from 1".to_owned(),
        suggestion: None,
    })
}

fn pull_request(value: &FieldValue) -> Option<Fault> {
    let given = shown(value);
    let (number, ticket) = match given.split_once('/') {
        Some((number, ticket)) => (number.trim(), Some(ticket.trim())),
        None => (given.trim(), None),
    };
    let is_number = |text: &str| text.parse::<u64>().is_ok_and(|number| number > 0) && !text.starts_with('+');
    if matches!(value, FieldValue::Text(_)) && is_number(number) && ticket != Some("") {
        return None;
    }
    let meant = number.trim_start_matches(['#', '!']);
    let meant = is_number(meant).then(|| match ticket {
        Some(ticket) if !ticket.is_empty() => format!("{meant} / {ticket}"),
        _ => meant.to_owned(),
    });
    Some(Fault {
        code: "BW005",
        message: format!("'{given}' is not a number of a PR for 'pr'"),
        note: "allowed: a number such as 47, or with a ticket: 47 / BLZ-42".to_owned(),
        suggestion: meant,
    })
}

fn date(name: &str, value: &FieldValue) -> Option<Fault> {
    let given = shown(value);
    if matches!(value, FieldValue::Text(_)) && is_date(&given) {
        return None;
    }
    Some(Fault {
        code: "BW006",
        message: format!("'{given}' is not a date for '{name}'"),
        note: "allowed: YYYY-MM-DD HH:MM UTC, such as 2025-08-29 18:55 UTC".to_owned(),
        suggestion: None,
    })
}

/// The form of today, and those of ISO 8601 that older documents have.
fn is_date(text: &str) -> bool {
    let local = text.strip_suffix(" UTC").unwrap_or(text);
    let forms = [
        "%Y-%m-%d %H:%M",
        "%Y-%m-%d %H:%M:%S",
        "%Y-%m-%dT%H:%M",
        "%Y-%m-%dT%H:%M:%S",
    ];
    forms
        .iter()
        .any(|form| NaiveDateTime::parse_from_str(local, form).is_ok())
        || NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok()
        || DateTime::parse_from_rfc3339(text).is_ok()
}

/// The value on one line, at most as much of it as somebody needs to know it again.
fn shown(value: &FieldValue) -> String {
    let text = match value {
        FieldValue::Null => String::new(),
        FieldValue::Text(text) => text.clone(),
        FieldValue::List(items) => format!("[{}]", items.join(", ")),
        FieldValue::Other => "something that is not a text".to_owned(),
    };
    let short: String = text.chars().take(60).collect();
    let more = if short.len() < text.len() { "…" } else { "" };
    format!("{}{more}", visible(&short))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_is_not_allowed_and_says_what_is() {
        for (given, refused) in [
            ("status=in-review", None),
            (
                "status=review",
                Some("did you mean 'in-review'? allowed: draft, in-review, changes-requested"),
            ),
            ("risk=low-risk", Some("did you mean 'low'? allowed: low, medium, high")),
            (
                "risk=banana",
                Some("'banana' is not allowed for 'risk': allowed: low, medium, high"),
            ),
            ("risk=<low|medium|high>", Some("allowed: low, medium, high")),
            ("risk=", None),
            ("dri=claude", None),
            ("dri=<name>", Some("is a placeholder: put the value")),
            ("reviewers=a, <name>", Some("is a placeholder")),
            ("scope=a, b", None),
            ("branch.position=0", Some("whole numbers from 1")),
            ("branch.total=3", None),
            ("branch.total=three", Some("'three' is not a number")),
            ("pr=47", None),
            ("pr=47 / BLZ-42", None),
            ("pr=#47", Some("such as 47")),
            ("pr=47 /", Some("such as 47")),
            ("pr=+47", Some("such as 47")),
            ("pr=0", Some("such as 47")),
            ("date=2025-08-29 18:55 UTC", None),
            ("date=2025-08-29T18:55:01Z", None),
            ("date=2025-08-29T18:55:01+02:00", None),
            ("date=2025-08-29", None),
            ("date=2025-13-29", Some("YYYY-MM-DD HH:MM UTC")),
            ("last_updated=yesterday", Some("YYYY-MM-DD HH:MM UTC")),
            ("own=<anything", None),
            ("risk=\u{1b}[31m", Some("\\u{1b}[31m")),
        ] {
            let (name, text) = given.split_once('=').unwrap();
            let key = Key::parse(name).unwrap();
            let answer = refuse_value(&key, &Value::from_argument(&key, text));
            match refused {
                None => assert_eq!(answer, None, "{given}"),
                Some(words) => assert!(
                    answer.as_ref().is_some_and(|said| said.contains(words)),
                    "{given}: {answer:?}"
                ),
            }
        }
        let dri = Key::parse("dri").unwrap();
        assert!(refuse_value(&dri, &Value::List(vec!["a".to_owned(), "b".to_owned()])).is_some());
    }

    #[test]
    fn guesses_what_was_meant() {
        for (name, text, meant) in [
            ("pr", "#47", Some("47")),
            ("pr", "!47 / X", Some("47 / X")),
            ("pr", "none", None),
            ("risk", "High", Some("high")),
            ("status", "Approve", Some("approved")),
        ] {
            let fault = fault(&Key::parse(name).unwrap(), &FieldValue::Text(text.to_owned())).unwrap();
            assert_eq!(fault.suggestion.as_deref(), meant, "{text}");
        }
    }
}
