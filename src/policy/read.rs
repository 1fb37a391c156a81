//! From a file that has its shape to a policy.
//!
//! Not here: what may stand where (table.rs), and telling what is wrong (shape.rs).

use super::table::{CODES, LEVELS, MISSING_DOCUMENT, STYLES, SYNC, TYPES};
use super::{Level, MissingDocument, Policy, Rule, Status, ValueType};
use crate::document::front_matter::{Key, Yaml, YamlEntry, YamlValue};

/// The policy that a file states. What it does not say is as in the default.
pub(super) fn policy(file: &Yaml) -> Policy {
    let default = Policy::default();
    let texts_of = |name: &str| get(file, name).map(texts);
    let text_of = |name: &str| get(file, name).and_then(text).map(str::to_owned);
    let below = |name: &str, last: &str| get(file, name).and_then(|above| get(above, last)).and_then(text);
    let missing = [MissingDocument::Block, MissingDocument::Warn, MissingDocument::Allow];
    let types = [
        ValueType::Text,
        ValueType::Number,
        ValueType::Date,
        ValueType::List,
        ValueType::Boolean,
    ];
    let levels = [Level::Off, Level::Warn, Level::Block];
    let (values, statuses) = entries(get(file, "values"))
        .iter()
        .partition::<Vec<&YamlEntry>, _>(|entry| entry.key != "status");
    let statuses = statuses.into_iter().flat_map(|entry| entries(Some(&entry.value)));
    Policy {
        trunk: text_of("trunk"),
        exclude: texts_of("exclude").unwrap_or_default(),
        protected: texts_of("protected").unwrap_or_default(),
        template: text_of("template"),
        missing_document: of_words(text_of("missing_document").as_deref(), &MISSING_DOCUMENT, &missing)
            .unwrap_or(default.missing_document),
        max_files: below("updates", "max_files")
            .and_then(|text| text.parse().ok())
            .unwrap_or(default.max_files),
        ascii_stack: below("stack", "style") == Some(STYLES[1]),
        proposes_sync_on_push: text_of("sync").as_deref() == Some(SYNC[1]),
        required: by_status(get(file, "required"), default.required, Key::parse),
        sections: by_status(get(file, "sections"), default.sections, |item| Some(item.to_owned())),
        checklists: by_status(get(file, "checklists"), default.checklists, |item| {
            Some(item.to_owned())
        }),
        statuses: statuses
            .filter_map(|entry| Some((entry.key.clone(), Status::parse(text(&entry.value)?)?)))
            .collect(),
        values: values
            .into_iter()
            .filter_map(|entry| Some((Key::parse(&entry.key)?, texts(&entry.value))))
            .filter(|(_, values)| !values.is_empty())
            .collect(),
        types: entries(get(file, "keys"))
            .iter()
            .filter_map(|entry| Some((Key::parse(&entry.key)?, of_words(text(&entry.value), &TYPES, &types)?)))
            .collect(),
        patterns: entries(get(file, "patterns"))
            .iter()
            .filter_map(|entry| Some((key_of(&entry.key), text(&entry.value)?.to_owned())))
            .collect(),
        levels: entries(get(file, "checks"))
            .iter()
            .filter_map(|entry| {
                let code = CODES.into_iter().find(|code| *code == entry.key)?;
                Some((code, of_words(text(&entry.value), &LEVELS, &levels)?))
            })
            .collect(),
        rules: items(get(file, "rules")).iter().map(rule).collect(),
    }
}

fn rule(yaml: &Yaml) -> Rule {
    let when = |name: &str| get(yaml, "when").and_then(|when| get(when, name));
    Rule {
        paths: when("paths").map(texts),
        branches: when("branches").map(texts),
        status: when("status").and_then(text).and_then(Status::parse),
        require: get(yaml, "require").map(keys).unwrap_or_default(),
        refuse: entries(get(yaml, "refuse"))
            .iter()
            .filter_map(|entry| Some((Key::parse(&entry.key)?, texts(&entry.value))))
            .collect(),
        because: get(yaml, "because").and_then(text).map(str::to_owned),
    }
}

/// What a file says of each status, in place of the default where it says anything.
fn by_status<T>(file: Option<&Yaml>, default: [Vec<T>; 5], item: impl Fn(&str) -> Option<T>) -> [Vec<T>; 5] {
    let mut lists = default;
    for (list, status) in lists.iter_mut().zip(Status::ALL) {
        if let Some(given) = file.and_then(|file| get(file, status.name())) {
            *list = texts(given).iter().filter_map(|text| item(text)).collect();
        }
    }
    lists
}

fn of_words<T: Copy>(word: Option<&str>, words: &[&str], values: &[T]) -> Option<T> {
    let at = words.iter().position(|known| Some(*known) == word)?;
    values.get(at).copied()
}

/// The key that a pattern is for; none for `title`, which is the document's.
fn key_of(name: &str) -> Option<Key> {
    Key::parse(name).filter(|_| name != "title")
}

fn keys(yaml: &Yaml) -> Vec<Key> {
    texts(yaml).iter().filter_map(|name| Key::parse(name)).collect()
}

fn get<'a>(yaml: &'a Yaml, key: &str) -> Option<&'a Yaml> {
    let entry = entries(Some(yaml)).iter().find(|entry| entry.key == key)?;
    (entry.value.value != YamlValue::Null).then_some(&entry.value)
}

fn entries(yaml: Option<&Yaml>) -> &[YamlEntry] {
    match yaml.map(|yaml| &yaml.value) {
        Some(YamlValue::Map(entries)) => entries,
        _ => &[],
    }
}

fn items(yaml: Option<&Yaml>) -> &[Yaml] {
    match yaml.map(|yaml| &yaml.value) {
        Some(YamlValue::List(items)) => items,
        _ => &[],
    }
}

fn text(yaml: &Yaml) -> Option<&str> {
    match &yaml.value {
        YamlValue::Text { text, .. } => Some(text),
        _ => None,
    }
}

fn texts(yaml: &Yaml) -> Vec<String> {
    items(Some(yaml)).iter().filter_map(text).map(str::to_owned).collect()
}
