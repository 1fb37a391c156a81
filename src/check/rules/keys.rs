//! The keys of the front matter: which have to be there, and what they may hold.
//!
//! Not here: which values a key allows (values.rs), and what the repository says of them (stack.rs).

use std::collections::HashSet;
use std::ops::Range;

use super::{Finding, Subject};
use crate::check::values::{Fault, date_of, fault, placeholder_of};
use crate::check::{Fix, fix};
use crate::document::front_matter::{Field, FieldValue, FrontMatter, Key, SyntaxProblem, TEMPLATE_KEYS};
use crate::names::visible;
use crate::nearest::misspelt;
use crate::policy::{Rule, Status};

/// How many patterns of a rule are told.
const PATTERNS_SHOWN: usize = 3;

/// BW001.
pub(in crate::check) fn unreadable(front_matter: &FrontMatter) -> Vec<Finding> {
    let one = |problem: &SyntaxProblem| Finding {
        place: Some(problem.place.clone()),
        message: format!("the front matter cannot be read: {}", problem.message),
        note: Some("correct it by hand: git branchwork edit".to_owned()),
        fix: None,
    };
    front_matter.problem.iter().map(one).collect()
}

/// Who requires a key.
enum Since<'a> {
    Status(Status),
    Rule(&'a Rule),
}

/// BW002.
pub(in crate::check) fn missing_keys(subject: &Subject<'_>) -> Vec<Finding> {
    let one = |(key, since): (Key, Since<'_>)| {
        let since = match since {
            Since::Status(since) => format!("required from status '{since}' on"),
            Since::Rule(rule) => format!("required {}", circumstances(rule)),
        };
        let name = visible(&key.to_string());
        match subject.unreadable(&key) {
            Some(field) => Finding {
                place: Some(field.key_span.clone()),
                message: format!("'{name}' is required, and what stands there is not a text"),
                note: Some(format!("{since}; correct it by hand: git branchwork edit")),
                fix: None,
            },
            None => Finding {
                place: Some(place_of(&subject.front_matter, &key)),
                message: format!("'{name}' is required and missing"),
                note: Some(since),
                fix: Some(Fix::Set {
                    suggestion: fix::suggestion(subject, &key),
                    key,
                }),
            },
        }
    };
    required(subject).into_iter().map(one).collect()
}

/// The keys that are required and say nothing that can be read, each once.
fn required<'a>(subject: &Subject<'a>) -> Vec<(Key, Since<'a>)> {
    let policy = subject.context.policy;
    let by_status = policy.required_for(subject.status).into_iter().map(|key| {
        let since = policy.required_since(&key).unwrap_or(subject.status);
        (key, Since::Status(since))
    });
    let rules = subject.rules.iter();
    let by_rule = rules.flat_map(|rule| rule.require.iter().map(|key| (key.clone(), Since::Rule(rule))));
    let mut found: Vec<(Key, Since<'a>)> = Vec::new();
    for (key, since) in by_status.chain(by_rule) {
        let says_nothing = subject.front_matter.is_missing(&key) || subject.unreadable(&key).is_some();
        if says_nothing && found.iter().all(|(known, _)| *known != key) {
            found.push((key, since));
        }
    }
    found
}

/// The keys alone. A front matter that cannot be read misses none.
pub(in crate::check) fn missing(subject: &Subject<'_>) -> Vec<Key> {
    let required = match subject.front_matter.problem {
        Some(_) => Vec::new(),
        None => required(subject),
    };
    required.into_iter().map(|(key, _)| key).collect()
}

/// When a rule holds, and why, for people: behind "required" or "refused".
fn circumstances(rule: &Rule) -> String {
    let list = |patterns: &[String]| {
        let shown = patterns
            .iter()
            .take(PATTERNS_SHOWN)
            .map(|pattern| format!("'{}'", visible(pattern)));
        let more = if patterns.len() > PATTERNS_SHOWN {
            " or others"
        } else {
            ""
        };
        shown.collect::<Vec<_>>().join(" or ") + more
    };
    let paths = rule.paths.as_ref().map(|paths| format!("{} changes", list(paths)));
    let branches = rule
        .branches
        .as_ref()
        .map(|branches| format!("the branch is {}", list(branches)));
    let when: Vec<String> = paths.into_iter().chain(branches).collect();
    let when = match when.is_empty() {
        true => String::new(),
        false => format!("where {}", when.join(" and ")),
    };
    let status = rule.status.map(|status| format!("from status '{status}' on"));
    let words: Vec<String> = [Some(when).filter(|when| !when.is_empty()), status]
        .into_iter()
        .flatten()
        .collect();
    let words = match words.is_empty() {
        true => "by a rule of the policy".to_owned(),
        false => words.join(", "),
    };
    match &rule.because {
        Some(reason) => format!("{words}: {}", visible(reason)),
        None => words,
    }
}

/// The key where it is without a value, else the front matter's first line.
fn place_of(found: &FrontMatter, key: &Key) -> Range<usize> {
    let start = found.span.start;
    let fence = start..start + found.span.len().min(3);
    found.get(key).map_or(fence, |field| field.key_span.clone())
}

fn faults(subject: &Subject<'_>, code: &str) -> Vec<Finding> {
    let found = subject.faults.get_or_init(|| {
        let one = |field: Field| {
            let fault = fault(&field.key, &field.value, subject.context.policy)?;
            Some((field, fault))
        };
        let fields = subject.front_matter.fields.iter().cloned();
        fields.chain(mappings(subject)).filter_map(one).collect()
    });
    let one = |(field, fault): &(Field, Fault)| Finding {
        place: Some(field.value_span.clone()),
        message: fault.message.clone(),
        note: Some(fault.note.clone()),
        // `set` takes nobody's keys out.
        fix: (field.value != FieldValue::Other).then(|| Fix::Set {
            key: field.key.clone(),
            suggestion: match &fault.suggestion {
                Some(suggestion) => suggestion.clone(),
                None => fix::suggestion(subject, &field.key),
            },
        }),
    };
    found.iter().filter(|(_, fault)| fault.code == code).map(one).collect()
}

/// The known keys that hold keys of their own where a value should be. The place is the first of these.
fn mappings(subject: &Subject<'_>) -> Vec<Field> {
    let is_unusual =
        |field: &Field| field.key.parts().len() > 1 && !TEMPLATE_KEYS.contains(&field.key.to_string().as_str());
    if !subject.front_matter.fields.iter().any(is_unusual) {
        return Vec::new();
    }
    let mut known: Vec<Key> = TEMPLATE_KEYS.into_iter().filter_map(Key::parse).collect();
    for key in subject.context.policy.keys() {
        if !known.contains(key) {
            known.push(key.clone());
        }
    }
    let one = |key: Key| {
        let below = subject.unreadable(&key).filter(|found| found.key != key)?;
        Some(Field {
            key_span: below.key_span.clone(),
            value: FieldValue::Other,
            value_span: below.key_span.clone(),
            key,
        })
    };
    known.into_iter().filter_map(one).collect()
}

/// BW003.
pub(in crate::check) fn values_not_allowed(subject: &Subject<'_>) -> Vec<Finding> {
    let mut found = faults(subject, "BW003");
    found.extend(refused(subject));
    found
}

/// The values that a rule of the policy refuses.
pub(in crate::check) fn refused(subject: &Subject<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for rule in &subject.rules {
        for (key, refused) in &rule.refuse {
            let Some(field) = subject.front_matter.get(key) else {
                continue;
            };
            let given = match &field.value {
                FieldValue::Text(text) if refused.contains(text) => text,
                FieldValue::List(items) => match items.iter().find(|item| refused.contains(item)) {
                    Some(item) => item,
                    None => continue,
                },
                _ => continue,
            };
            found.push(Finding {
                place: Some(field.value_span.clone()),
                message: format!(
                    "'{}' is not allowed for '{}' here",
                    visible(given),
                    visible(&key.to_string())
                ),
                note: Some(format!("refused {}", circumstances(rule))),
                fix: Some(Fix::Set {
                    key: key.clone(),
                    suggestion: placeholder_of(subject, key),
                }),
            });
        }
    }
    found
}

/// BW005.
pub(in crate::check) fn numbers(subject: &Subject<'_>) -> Vec<Finding> {
    let mut found = faults(subject, "BW005");
    let number = |name: &str| subject.front_matter.text(name)?.parse::<u32>().ok();
    if let (Some(position), Some(total)) = (number("branch.position"), number("branch.total"))
        && let Some(field) = subject.field("branch.position")
        && position > total
        && total > 0
    {
        found.push(Finding {
            place: Some(field.value_span.clone()),
            message: format!("'branch.position' is {position} of 'branch.total' {total}"),
            note: Some("the position is not above the total".to_owned()),
            fix: Some(Fix::Set {
                key: field.key.clone(),
                suggestion: fix::suggestion(subject, &field.key),
            }),
        });
    }
    found
}

/// BW006.
pub(in crate::check) fn dates(subject: &Subject<'_>) -> Vec<Finding> {
    faults(subject, "BW006")
}

/// BW009.
pub(in crate::check) fn types(subject: &Subject<'_>) -> Vec<Finding> {
    faults(subject, "BW009")
}

/// BW010. A date without a time is the whole day.
pub(in crate::check) fn date_after_change(subject: &Subject<'_>) -> Vec<Finding> {
    let text = |name: &str| subject.front_matter.text(name);
    let (Some(date), Some(changed)) = (text("date"), text("last_updated")) else {
        return Vec::new();
    };
    let Some((made, last)) = date_of(date).zip(date_of(changed)) else {
        return Vec::new();
    };
    let by_day = !made.has_time || !last.has_time;
    let is_later = match by_day {
        true => made.time.date_naive() > last.time.date_naive(),
        false => made.time > last.time,
    };
    let field = subject.field("date").filter(|_| is_later);
    let one = |field: &Field| Finding {
        place: Some(field.value_span.clone()),
        message: format!(
            "'date' is {}, after 'last_updated', which is {}",
            visible(date),
            visible(changed)
        ),
        note: Some("'date' is when the document was made".to_owned()),
        fix: None,
    };
    field.into_iter().map(one).collect()
}

/// BW016.
pub(in crate::check) fn misspelt_keys(subject: &Subject<'_>) -> Vec<Finding> {
    let fields = subject.front_matter.fields.iter();
    let named = fields.map(|field| (field, field.key.to_string()));
    let others: Vec<_> = named
        .filter(|(_, name)| !TEMPLATE_KEYS.contains(&name.as_str()))
        .collect();
    // The usual case: only the template's keys.
    if others.is_empty() {
        return Vec::new();
    }
    let own: Vec<String> = subject.context.policy.keys().map(Key::to_string).collect();
    let known: HashSet<&str> = TEMPLATE_KEYS
        .into_iter()
        .chain(own.iter().map(String::as_str))
        .collect();
    let outer: HashSet<&str> = known
        .iter()
        .filter_map(|known| known.split_once('.'))
        .map(|(outer, _)| outer)
        .collect();
    // Where the known key is in use too, the other one is somebody's own.
    let is_unused = |known: &&str| Key::parse(known).is_some_and(|key| subject.front_matter.is_missing(&key));
    let mut unused: Vec<&str> = known.iter().copied().filter(is_unused).collect();
    unused.sort_unstable();
    let one = |(field, name): (&Field, String)| {
        if known.contains(name.as_str()) || outer.contains(name.as_str()) {
            return None;
        }
        let meant = misspelt(&name, unused.iter().copied())?;
        Some(Finding {
            place: Some(field.key_span.clone()),
            message: format!("'{}' is a key that nobody asks for", visible(&name)),
            note: Some(format!("did you mean '{meant}'?")),
            fix: None,
        })
    };
    others.into_iter().filter_map(one).collect()
}
