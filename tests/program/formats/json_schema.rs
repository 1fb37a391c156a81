//! Holds a value against a JSON schema, draft 4, as far as the schemas here go: a word that is not known here fails the test,
//! so that nothing is passed by not being understood.

use serde_json::Value;

/// What is wrong with `value`, each with where it is.
pub(super) fn faults(schema: &Value, value: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    check(schema, schema, value, "", &mut faults);
    faults
}

fn check(root: &Value, schema: &Value, value: &Value, at: &str, faults: &mut Vec<String>) {
    let mut fault = |what: String| faults.push(format!("{at}: {what}"));
    let mut below: Vec<(&Value, &Value, String)> = Vec::new();
    let words = schema.as_object().unwrap();
    for (word, wanted) in words {
        match word.as_str() {
            "$schema" | "title" | "id" | "description" | "default" | "definitions" => {}
            "$ref" => {
                let pointer = wanted.as_str().unwrap().strip_prefix('#').unwrap();
                below.push((root.pointer(pointer).unwrap(), value, at.to_owned()));
            }
            "type" => {
                let names = wanted.as_array().map_or(std::slice::from_ref(wanted), Vec::as_slice);
                let fits = |name: &Value| match name.as_str().unwrap() {
                    "object" => value.is_object(),
                    "array" => value.is_array(),
                    "string" => value.is_string(),
                    "integer" => value.is_i64() || value.is_u64(),
                    "number" => value.is_number(),
                    "boolean" => value.is_boolean(),
                    "null" => value.is_null(),
                    other => panic!("the type '{other}' is not known here"),
                };
                if !names.iter().any(fits) {
                    fault(format!("{value} is no {wanted}"));
                }
            }
            "enum" if !wanted.as_array().unwrap().contains(value) => fault(format!("{value} is none of {wanted}")),
            "minimum" if value.is_number() && value.as_f64() < wanted.as_f64() => {
                fault(format!("{value} is below {wanted}"))
            }
            "maximum" if value.is_number() && value.as_f64() > wanted.as_f64() => {
                fault(format!("{value} is above {wanted}"))
            }
            "minItems"
                if value
                    .as_array()
                    .is_some_and(|items| (items.len() as u64) < wanted.as_u64().unwrap()) =>
            {
                fault(format!("fewer than {wanted}"));
            }
            "uniqueItems" => {
                let items = value.as_array().map_or(&[][..], Vec::as_slice);
                if wanted == true && items.iter().enumerate().any(|(i, item)| items[..i].contains(item)) {
                    fault("the same twice".to_owned());
                }
            }
            "items" => {
                for (i, item) in value.as_array().into_iter().flatten().enumerate() {
                    below.push((wanted, item, format!("{at}/{i}")));
                }
            }
            "required" => {
                for name in wanted.as_array().unwrap() {
                    if value.get(name.as_str().unwrap()).is_none() {
                        fault(format!("{name} is missing"));
                    }
                }
            }
            "properties" => {
                for (name, item) in value.as_object().into_iter().flatten() {
                    if let Some(schema) = wanted.get(name) {
                        below.push((schema, item, format!("{at}/{name}")));
                    }
                }
            }
            "additionalProperties" => {
                for (name, item) in value.as_object().into_iter().flatten() {
                    if words.get("properties").is_some_and(|known| known.get(name).is_some()) {
                        continue;
                    }
                    match wanted {
                        Value::Bool(true) => {}
                        Value::Bool(false) => fault(format!("'{name}' is not known")),
                        schema => below.push((schema, item, format!("{at}/{name}"))),
                    }
                }
            }
            "anyOf" | "oneOf" => {
                let fits = |schema: &&Value| {
                    let mut faults = Vec::new();
                    check(root, schema, value, at, &mut faults);
                    faults.is_empty()
                };
                let fitting = wanted.as_array().unwrap().iter().filter(fits).count();
                if fitting == 0 || word == "oneOf" && fitting > 1 {
                    fault(format!("{fitting} of {word} fit"));
                }
            }
            "format" => {
                let Some(text) = value.as_str() else { continue };
                let fits = match wanted.as_str().unwrap() {
                    "uri" => text.contains(':') && is_uri(text),
                    "uri-reference" => is_uri(text),
                    other => panic!("the format '{other}' is not known here"),
                };
                if !fits {
                    fault(format!("{value} is no {wanted}"));
                }
            }
            "enum" | "minimum" | "maximum" | "minItems" => {}
            other => panic!("'{other}' is not known here: {at}"),
        }
    }
    for (schema, value, at) in below {
        check(root, schema, value, &at, faults);
    }
}

/// The characters of RFC 3986, with `%` before two hex digits only.
fn is_uri(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-._~:/?#[]@!$&'()*+,;=%".contains(c);
    let hex = |rest: &str| rest.len() >= 2 && rest.bytes().take(2).all(|byte| byte.is_ascii_hexdigit());
    text.chars().all(allowed) && text.split('%').skip(1).all(hex)
}

mod tests {
    use serde_json::json;

    #[test]
    fn what_does_not_fit_is_found() {
        let schema = json!({
            "type": "object", "required": ["a"], "additionalProperties": false,
            "properties": {
                "a": { "$ref": "#/definitions/a" },
                "b": { "type": "array", "minItems": 1, "uniqueItems": true, "items": { "enum": ["x", "y"] } },
                "c": { "anyOf": [{ "type": "string", "format": "uri-reference" }, { "type": "boolean" }] },
            },
            "definitions": { "a": { "type": "integer", "minimum": 1, "maximum": 3 } },
        });
        for (value, faults) in [
            (json!({ "a": 1, "b": ["x", "y"], "c": "p%20q" }), 0),
            (json!({ "a": 3, "c": true }), 0),
            (json!({}), 1),
            (json!([]), 2),
            (json!({ "a": 0 }), 1),
            (json!({ "a": 4, "d": 1 }), 2),
            (json!({ "a": "1" }), 1),
            (json!({ "a": 1, "b": [] }), 1),
            (json!({ "a": 1, "b": ["x", "x"] }), 1),
            (json!({ "a": 1, "b": ["z"] }), 1),
            (json!({ "a": 1, "c": "a b" }), 1),
            (json!({ "a": 1, "c": "%2" }), 1),
            (json!({ "a": 1, "c": 5 }), 1),
        ] {
            let found = super::faults(&schema, &value);
            assert_eq!(found.len(), faults, "{value}: {found:?}");
        }
    }
}
