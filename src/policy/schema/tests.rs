//! The schema in docs/ is the code's, its examples are valid, and it refuses nothing that the parser takes.

use serde_json::{Value, json};

use super::schema;
use crate::document::front_matter::{Yaml, YamlValue, yaml};
use crate::document::random::Random;
use crate::policy::Policy;

const IN_DOCS: &str = include_str!("../../../docs/branchwork.schema.json");
const CONFIGURATION: &str = include_str!("../../../docs/configuration.md");
const CHECKS: &str = include_str!("../../../docs/checks.md");

/// The value as an editor sees it, by YAML 1.2's core schema. `None` for what has none: aliases and tags.
fn as_json(yaml: &Yaml) -> Option<Value> {
    Some(match &yaml.value {
        YamlValue::Null => Value::Null,
        YamlValue::Text { text, plain: false } => json!(text),
        YamlValue::Text { text, .. } => match text.as_str() {
            "true" | "True" | "TRUE" => json!(true),
            "false" | "False" | "FALSE" => json!(false),
            text => match (text.parse::<i64>(), text.parse::<f64>()) {
                (Ok(number), _) => json!(number),
                (_, Ok(number)) if number.is_finite() => json!(number),
                _ => json!(text),
            },
        },
        YamlValue::List(items) => items.iter().map(as_json).collect::<Option<Vec<_>>>()?.into(),
        YamlValue::Map(entries) => {
            let pairs = entries
                .iter()
                .map(|entry| Some((entry.key.clone(), as_json(&entry.value)?)));
            Value::Object(pairs.collect::<Option<_>>()?)
        }
        YamlValue::Other => return None,
    })
}

/// The part of JSON Schema that is in use here (draft 7, validation); panics at a word that is not.
fn takes(schema: &Value, value: &Value) -> bool {
    let is = |name: &str| match name {
        "null" => value.is_null(),
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        name => panic!("type {name}"),
    };
    let properties = schema.get("properties").and_then(Value::as_object);
    let known = |key: &String| properties.is_some_and(|known| known.contains_key(key));
    schema
        .as_object()
        .unwrap()
        .iter()
        .all(|(word, wanted)| match word.as_str() {
            "$schema" | "title" | "description" => true,
            "type" => wanted.as_array().unwrap().iter().any(|name| is(name.as_str().unwrap())),
            "enum" => wanted.as_array().unwrap().contains(value),
            "minimum" => value.as_i64().is_none_or(|number| number >= wanted.as_i64().unwrap()),
            "maximum" => value.as_i64().is_none_or(|number| number <= wanted.as_i64().unwrap()),
            "anyOf" => wanted.as_array().unwrap().iter().any(|one| takes(one, value)),
            "items" => value
                .as_array()
                .is_none_or(|items| items.iter().all(|item| takes(wanted, item))),
            "minItems" => value
                .as_array()
                .is_none_or(|items| items.len() as u64 >= wanted.as_u64().unwrap()),
            "required" => value.as_object().is_none_or(|entries| {
                let mut keys = wanted.as_array().unwrap().iter();
                keys.all(|key| entries.contains_key(key.as_str().unwrap()))
            }),
            "properties" => value.as_object().is_none_or(|entries| {
                let mut entries = entries.iter();
                entries.all(|(key, value)| wanted.get(key).is_none_or(|schema| takes(schema, value)))
            }),
            "propertyNames" => value
                .as_object()
                .is_none_or(|entries| entries.keys().all(|key| takes(wanted, &json!(key)))),
            "additionalProperties" => value.as_object().is_none_or(|entries| {
                let mut others = entries.iter().filter(|(key, _)| !known(key));
                others.all(|(_, value)| *wanted != json!(false) && takes(wanted, value))
            }),
            word => panic!("the validator does not know '{word}'"),
        })
}

fn schema_takes(schema: &Value, text: &str) -> Option<bool> {
    let (file, twice) = yaml(text.as_bytes()).ok()?;
    let value = as_json(&file).filter(|_| twice.is_none())?;
    Some(takes(schema, &value))
}

#[test]
fn the_schema_in_docs_is_the_codes() {
    assert!(
        IN_DOCS.replace('\r', "") == schema(),
        "git branchwork check --schema > docs/branchwork.schema.json"
    );
}

/// What stands between lines that begin and end a fence.
fn fences<'a>(page: &'a str, info: &str) -> Vec<&'a str> {
    let begin = format!("\n```{info}\n");
    let pieces = page.split(begin.as_str()).skip(1);
    pieces.filter_map(|rest| rest.split("\n```").next()).collect()
}

#[test]
fn examples_in_docs_are_valid() {
    let schema: Value = serde_json::from_str(&schema()).unwrap();
    let examples = fences(CONFIGURATION, "yaml");
    assert!(examples.len() >= 7, "{}", examples.len());
    for example in &examples {
        assert_eq!(Policy::parse(example.as_bytes()).1, vec![], "{example}");
        assert_eq!(schema_takes(&schema, example), Some(true), "{example}");
    }
    let defaults = examples
        .iter()
        .find(|example| example.starts_with("version: 1\n"))
        .unwrap();
    assert_eq!(Policy::parse(defaults.as_bytes()).0, Policy::default());
    for example in fences(CHECKS, "yaml policy") {
        let refused = example.starts_with("exclud:");
        assert_eq!(Policy::parse(example.as_bytes()).1.is_empty(), !refused, "{example}");
        assert_eq!(schema_takes(&schema, example), Some(!refused), "{example}");
    }
}

/// A value of any shape, more often of one that may be right.
fn random_value(random: &mut Random, depth: usize) -> String {
    const WORDS: [&str; 24] = [
        "a",
        "release/*",
        "dri",
        "branch.name",
        "draft",
        "approved",
        "warn",
        "off",
        "block",
        "text",
        "list",
        "ascii",
        "1",
        "30",
        "10001",
        "0",
        "3.5",
        "true",
        "'1'",
        "\"x\"",
        "''",
        "~",
        "docs/a.md",
        "[]",
    ];
    match random.below(if depth == 0 { 1 } else { 4 }) {
        0 => random.pick::<&str>(&WORDS).to_string(),
        1 => {
            let items: Vec<String> = (0..random.below(3)).map(|_| random_value(random, depth - 1)).collect();
            format!("[{}]", items.join(", "))
        }
        _ => random_map(random, depth - 1),
    }
}

fn random_map(random: &mut Random, depth: usize) -> String {
    const KEYS: [&str; 34] = [
        "version",
        "trunk",
        "exclude",
        "protected",
        "template",
        "missing_document",
        "required",
        "sections",
        "checklists",
        "keys",
        "values",
        "patterns",
        "rules",
        "checks",
        "updates",
        "stack",
        "max_files",
        "style",
        "when",
        "paths",
        "branches",
        "status",
        "require",
        "refuse",
        "because",
        "draft",
        "in-review",
        "approved",
        "BW002",
        "BW008",
        "title",
        "risk",
        "exclud",
        "'a b'",
    ];
    let mut keys: Vec<&str> = KEYS.to_vec();
    let mut entries = Vec::new();
    for _ in 0..random.below(4) {
        let key = keys.remove(random.below(keys.len()));
        entries.push(format!("{key}: {}", random_value(random, depth)));
    }
    format!("{{{}}}", entries.join(", "))
}

#[test]
fn what_the_schema_refuses_the_parser_refuses() {
    let schema: Value = serde_json::from_str(&schema()).unwrap();
    let mut random = Random::new(11);
    let (mut refused, mut taken) = (0, 0);
    for _ in 0..10_000 {
        let text = random_map(&mut random, 3);
        let problems = Policy::parse(text.as_bytes()).1;
        match schema_takes(&schema, &text) {
            Some(false) => {
                refused += 1;
                assert!(!problems.is_empty(), "{text}");
            }
            Some(true) => taken += usize::from(problems.is_empty()),
            None => {}
        }
    }
    assert!(refused > 1_000 && taken > 500, "{refused} {taken}");
}
