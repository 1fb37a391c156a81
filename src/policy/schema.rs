//! The JSON Schema of a policy, for editors, made from the table that the file is read by.
//!
//! It refuses nothing that the parser takes. Not here: that the schema in docs/ is this one (a test tells).

use serde_json::{Map, Value, json};

use super::shape::{Entry, Form, Shape};
use super::table::POLICY;

/// The schema's text (<https://json-schema.org/draft-07/schema>, the version that editors know best).
pub(crate) fn schema() -> String {
    let mut schema = of(&POLICY);
    if let Some(top) = schema.as_object_mut() {
        top.insert("$schema".into(), json!("http://json-schema.org/draft-07/schema#"));
        top.insert("title".into(), json!("The rules of a team for git-branchwork"));
    }
    format!("{schema:#}\n")
}

/// Nothing is allowed everywhere.
fn of(shape: &Shape) -> Value {
    match shape {
        Shape::Text(form) => text(form),
        Shape::Number { least, most } => json!({ "type": ["integer", "null"], "minimum": least, "maximum": most }),
        Shape::List(item) => {
            let item = without_null(of(item));
            let list = json!({ "type": ["array", "null"], "items": item });
            json!({ "anyOf": [list, item] })
        }
        Shape::Filled(list) => {
            let mut schema = of(list);
            schema["anyOf"][0]["minItems"] = json!(1);
            schema
        }
        Shape::With(map, keys) => {
            let mut schema = of(map);
            let one = keys.iter().map(|key| json!({ "required": [key] }));
            schema["anyOf"] = one.chain([json!({ "type": ["null"] })]).collect();
            schema
        }
        Shape::Map { known, rest } => map(known, *rest),
    }
}

fn text(form: &Form) -> Value {
    match form.words {
        // What looks like a number or a boolean is a text to us.
        [] => json!({ "type": ["string", "number", "boolean", "null"] }),
        words => {
            let words = words.iter().map(|word| json!(word)).chain([Value::Null]);
            json!({ "enum": words.collect::<Vec<_>>() })
        }
    }
}

fn map(known: &[Entry], rest: Option<(&Form, &Shape)>) -> Value {
    let about = |entry: &Entry| {
        let mut value = of(&entry.shape);
        if let Some(value) = value.as_object_mut() {
            value.insert("description".into(), json!(entry.about));
        }
        (entry.key.to_owned(), value)
    };
    let mut schema = json!({ "type": ["object", "null"], "additionalProperties": false });
    if !known.is_empty() {
        schema["properties"] = Value::Object(known.iter().map(about).collect::<Map<_, _>>());
    }
    if let Some((form, shape)) = rest {
        schema["additionalProperties"] = of(shape);
        if !form.words.is_empty() {
            schema["propertyNames"] = json!({ "enum": form.words });
        }
    }
    schema
}

/// The same for an item of a list, which has to be something.
fn without_null(mut schema: Value) -> Value {
    for name in ["type", "enum"] {
        if let Some(list) = schema.get_mut(name).and_then(Value::as_array_mut) {
            list.retain(|one| *one != json!("null") && !one.is_null());
        }
    }
    schema
}

#[cfg(test)]
mod tests;
