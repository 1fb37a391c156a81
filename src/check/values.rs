//! Which values a key allows, and what a wrong one was meant to be.
//!
//! Not here: whether the key has to be there (rules.rs), and keys that are not the template's: they allow anything.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};

use super::rules::Subject;
use crate::document::front_matter::{FieldValue, Key, TEMPLATE_KEYS, Value};
use crate::names::visible;
use crate::nearest::nearest;
use crate::policy::{Policy, ValueType};

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
pub fn refuse_value(key: &Key, value: &Value, policy: &Policy) -> Option<String> {
    let value = match value {
        Value::Null => return None,
        Value::Text(text) => FieldValue::Text(text.clone()),
        Value::Number(number) => FieldValue::Text(number.to_string()),
        Value::Boolean(is_so) => FieldValue::Text(is_so.to_string()),
        Value::List(items) => FieldValue::List(items.clone()),
    };
    fault(key, &value, policy).map(|fault| format!("{}: {}", fault.message, fault.note))
}

/// What is wrong with a value, if anything is. A value that says nothing is not wrong but missing.
pub(super) fn fault(key: &Key, value: &FieldValue, policy: &Policy) -> Option<Fault> {
    if value.says_nothing() {
        return None;
    }
    let name = key.to_string();
    let placeholder = || placeholder(key, &name, value, policy);
    if let Some(allowed) = policy.allowed(key) {
        return word(&name, value, &allowed).or_else(placeholder);
    }
    match name.as_str() {
        "dri" => one_name(value),
        "branch.position" | "branch.total" => count(&name, value),
        "pr" => pull_request(value),
        "date" | "last_updated" => date(&name, value),
        _ => match policy.value_type(key) {
            Some(wanted) => other_type(&name, value, wanted),
            None => other_type_than_is_read(key, &name, value, policy),
        },
    }
    .or_else(placeholder)
}

/// What only a person can put in the place of a value of `key`, between `<` and `>`.
pub(super) fn placeholder_of(subject: &Subject<'_>, key: &Key) -> String {
    let refused = |value: &str| {
        let mut all = subject.rules.iter().flat_map(|rule| &rule.refuse);
        all.any(|(known, values)| known == key && values.iter().any(|one| one == value))
    };
    let policy = subject.context.policy;
    if let Some(mut allowed) = policy.allowed(key) {
        allowed.retain(|value| !refused(value));
        return format!("<{}>", allowed.join("|"));
    }
    let inner = match (key.to_string().as_str(), policy.value_type(key)) {
        ("dri" | "reviewers", _) => "name",
        ("scope", _) => "area",
        ("backout_plan", _) => "how to undo it",
        ("pr" | "branch.position" | "branch.total", _) | (_, Some(ValueType::Number)) => "number",
        ("date" | "last_updated", _) | (_, Some(ValueType::Date)) => "YYYY-MM-DD HH:MM UTC",
        (_, Some(ValueType::Boolean)) => "true|false",
        _ => "text",
    };
    format!("<{inner}>")
}

/// For `status` and `risk` one of the words, for keys of a team's own also several.
fn word(name: &str, value: &FieldValue, allowed: &[&str]) -> Option<Fault> {
    let is_one = |text: &String| allowed.contains(&text.as_str());
    let wrong = match value {
        FieldValue::Text(text) if is_one(text) => return None,
        FieldValue::List(items) if !matches!(name, "status" | "risk") => {
            FieldValue::Text(items.iter().find(|item| !is_one(item))?.clone())
        }
        value => value.clone(),
    };
    let given = shown(&wrong);
    let meant = nearest(given.trim_matches(['[', ']']), allowed.iter().copied());
    let allowed_words = visible(&allowed.join(", "));
    Some(Fault {
        code: "BW003",
        message: format!("'{given}' is not allowed for '{}'", visible(name)),
        note: match meant {
            Some(meant) => format!("did you mean '{}'? allowed: {allowed_words}", visible(meant)),
            None => format!("allowed: {allowed_words}"),
        },
        suggestion: meant
            .filter(|_| !matches!(value, FieldValue::List(items) if items.len() > 1))
            .map(str::to_owned),
    })
}

fn other_type(name: &str, value: &FieldValue, wanted: ValueType) -> Option<Fault> {
    let text = match value {
        FieldValue::Text(text) => Some(text.as_str()),
        _ => None,
    };
    let (fits, what, example) = match wanted {
        ValueType::Text => (text.is_some(), "a text", "some words"),
        ValueType::Number => (text.is_some_and(is_number), "a number", "a number such as 3 or 0.5"),
        ValueType::Date => (text.is_some_and(|text| date_of(text).is_some()), "a date", DATE_FORM),
        ValueType::List => (matches!(value, FieldValue::List(_)), "a list", "a list such as [a, b]"),
        ValueType::Boolean => {
            let is_one = |text| matches!(Value::boolean(text), Value::Boolean(_));
            (text.is_some_and(is_one), "true or false", "true, false")
        }
    };
    (!fits).then(|| Fault {
        code: "BW009",
        message: format!("'{}' is not {what} for '{}'", shown(value), visible(name)),
        note: format!("allowed: {example}"),
        suggestion: match (wanted, text) {
            (ValueType::Date, Some(text)) => mended_date(text),
            (ValueType::List, Some(text)) => Some(text.to_owned()),
            _ => None,
        },
    })
}

/// What keys hold that have no form of their own: of the template's `reviewers` and `scope` may be lists, and so may a team's.
/// A key that nobody asks for is read by nobody.
fn other_type_than_is_read(key: &Key, name: &str, value: &FieldValue, policy: &Policy) -> Option<Fault> {
    let is_ours = TEMPLATE_KEYS.contains(&name);
    let may_be_list = !is_ours || matches!(name, "reviewers" | "scope");
    let wrong = match value {
        FieldValue::Text(_) | FieldValue::Null => false,
        FieldValue::List(_) => !may_be_list,
        FieldValue::Other => is_ours || policy.keys().any(|known| known == key),
    };
    wrong.then(|| Fault {
        code: "BW009",
        message: format!("'{}' is not a text for '{}'", shown(value), visible(name)),
        note: match may_be_list {
            true => "allowed: a text or a list of texts".to_owned(),
            false => "allowed: a text".to_owned(),
        },
        suggestion: None,
    })
}

fn is_number(text: &str) -> bool {
    let digits = text.bytes().any(|byte| byte.is_ascii_digit());
    let only = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    digits && only && text.parse::<f64>().is_ok_and(f64::is_finite)
}

fn one_name(value: &FieldValue) -> Option<Fault> {
    let (holds, suggestion) = match value {
        FieldValue::Null | FieldValue::Text(_) => return None,
        FieldValue::List(items) => ("a list".to_owned(), items.first().cloned()),
        FieldValue::Other => (shown(value), None),
    };
    Some(Fault {
        code: "BW003",
        message: format!("'dri' holds {holds}"),
        note: "allowed: one name".to_owned(),
        suggestion,
    })
}

/// What stands where somebody is still to write something.
pub(super) const LEFT_OPEN: [&str; 4] = ["…", "...", "TODO", "TBD"];

/// What the command of a fix has where only a person knows the value, copied as it was, and for a key that somebody asks for what
/// people write there.
fn placeholder(key: &Key, name: &str, value: &FieldValue, policy: &Policy) -> Option<Fault> {
    let is_asked_for = || TEMPLATE_KEYS.contains(&name) || policy.keys().any(|known| known == key);
    let is = |text: &str| {
        let is_left_open = || LEFT_OPEN.contains(&text.trim()) && is_asked_for();
        text.starts_with('<') && text.ends_with('>') || is_left_open()
    };
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
    let text = match value {
        FieldValue::Text(text) => Some(text),
        _ => None,
    };
    if text.is_some_and(|text| date_of(text).is_some()) {
        return None;
    }
    Some(Fault {
        code: "BW006",
        message: format!("'{}' is not a date for '{name}'", shown(value)),
        note: format!("allowed: {DATE_FORM}"),
        suggestion: text.and_then(|text| mended_date(text)),
    })
}

const DATE_FORM: &str = "YYYY-MM-DD HH:MM UTC, such as 2025-08-29 18:55 UTC";

/// A date as documents write it.
pub(crate) struct Date {
    pub(crate) time: DateTime<Utc>,
    pub(super) has_time: bool,
}

/// The form of today, and those of ISO 8601 that older documents have.
pub(crate) fn date_of(text: &str) -> Option<Date> {
    let local = text.strip_suffix(" UTC").unwrap_or(text);
    let forms = [
        "%Y-%m-%d %H:%M",
        "%Y-%m-%d %H:%M:%S",
        "%Y-%m-%dT%H:%M",
        "%Y-%m-%dT%H:%M:%S",
    ];
    let mut times = forms
        .iter()
        .filter_map(|form| NaiveDateTime::parse_from_str(local, form).ok());
    let day = || NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
    let zoned = || DateTime::parse_from_rfc3339(text).ok();
    let time = times
        .next()
        .map(|time| time.and_utc())
        .or_else(|| Some(zoned()?.to_utc()));
    let whole_day = || Some(day()?.and_time(NaiveTime::MIN).and_utc());
    let has_time = time.is_some();
    Some(Date {
        time: time.or_else(whole_day)?,
        has_time,
    })
}

/// A date that is written in another way and can mean one day only: the year comes first, or dots stand between.
fn mended_date(text: &str) -> Option<String> {
    let text = text.trim();
    let text = text
        .strip_suffix("UTC")
        .or(text.strip_suffix('Z'))
        .unwrap_or(text)
        .trim();
    let (day, time) = text
        .split_once([' ', 'T'])
        .map_or((text, None), |(day, time)| (day, Some(time.trim())));
    let parts: Vec<&str> = day.split(['-', '/', '.']).collect();
    let [first, second, third] = parts.as_slice() else {
        return None;
    };
    let (year, month, date) = match (first.len(), third.len()) {
        (4, 1 | 2) => (first, second, third),
        (1 | 2, 4) if !day.contains(['-', '/']) => (third, second, first),
        _ => return None,
    };
    let day = NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, date.parse().ok()?)?;
    let Some(time) = time else {
        return Some(day.format("%Y-%m-%d").to_string());
    };
    let forms = ["%H:%M", "%H:%M:%S"];
    let time = forms
        .iter()
        .find_map(|form| NaiveTime::parse_from_str(time, form).ok())?;
    Some(format!("{} {} UTC", day.format("%Y-%m-%d"), time.format("%H:%M")))
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
            ("dri=TODO", Some("is a placeholder")),
            ("scope=x, …", Some("is a placeholder")),
            ("scope=todo", None),
            ("own=TODO", None),
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
            let answer = refuse_value(&key, &Value::from_argument(&key, text), &Policy::default());
            match refused {
                None => assert_eq!(answer, None, "{given}"),
                Some(words) => assert!(
                    answer.as_ref().is_some_and(|said| said.contains(words)),
                    "{given}: {answer:?}"
                ),
            }
        }
        let dri = Key::parse("dri").unwrap();
        assert!(
            refuse_value(
                &dri,
                &Value::List(vec!["a".to_owned(), "b".to_owned()]),
                &Policy::default()
            )
            .is_some()
        );
    }

    #[test]
    fn guesses_what_was_meant() {
        for (name, text, meant) in [
            ("pr", "#47", Some("47")),
            ("pr", "!47 / X", Some("47 / X")),
            ("pr", "none", None),
            ("risk", "High", Some("high")),
            ("status", "Approve", Some("approved")),
            ("date", "29.8.2025", Some("2025-08-29")),
            ("date", "2025/8/9 7:05", Some("2025-08-09 07:05 UTC")),
            ("date", "2025-8-29T18:55:01Z", Some("2025-08-29 18:55 UTC")),
            ("date", "8/9/2025", None),
            ("date", "8-9-2025", None),
            ("date", "31.2.2025", None),
            ("date", "2025-08-29 late", None),
            ("date", "99999-1-1", None),
        ] {
            let fault = fault(
                &Key::parse(name).unwrap(),
                &FieldValue::Text(text.to_owned()),
                &Policy::default(),
            )
            .unwrap();
            assert_eq!(fault.suggestion.as_deref(), meant, "{text}");
        }
    }
}
