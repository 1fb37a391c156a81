//! SARIF 2.1.0 (<https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>), which code scanning services read.

use serde_json::{Value, json};

use super::{Checked, Region, rule, severity, words};
use crate::check::{Problem, RULES};
use crate::error::{Error, Result};

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// One run, with all rules that there are.
pub(crate) fn sarif(checked: &[Checked<'_>]) -> Result<Vec<u8>> {
    let rules = RULES.iter().map(|rule| {
        json!({
            "id": rule.code,
            "name": rule.name,
            "shortDescription": { "text": text(rule.summary) },
        })
    });
    let results = checked
        .iter()
        .flat_map(|checked| checked.problems.iter().map(|problem| result(checked, problem)));
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": env!("CARGO_PKG_NAME"),
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules.collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "results": results.collect::<Vec<_>>(),
        }],
    });
    let written = serde_json::to_string_pretty(&log);
    let written = written.map_err(|error| Error::new("cannot write SARIF").because(&error))?;
    Ok((super::json::escaped(&written) + "\n").into_bytes())
}

fn result(checked: &Checked<'_>, problem: &Problem) -> Value {
    let mut physical = json!({ "artifactLocation": { "uri": uri(checked.file) } });
    if let Some(place) = &problem.place {
        let region = Region::of(checked.text, place);
        physical["region"] = json!({
            "startLine": region.line,
            "startColumn": region.column,
            "endLine": region.end_line,
            "endColumn": region.end_column,
        });
    }
    let mut location = json!({ "physicalLocation": physical });
    if checked.branch.is_some() {
        location["logicalLocations"] = json!([{ "fullyQualifiedName": checked.name(), "kind": "branch" }]);
    }
    let message = words(checked, problem);
    let mut result = json!({
        "ruleId": problem.code,
        "level": severity(problem),
        "message": { "text": text(&message) },
        "locations": [location],
    });
    if let Some((index, _)) = rule(problem.code) {
        result["ruleIndex"] = json!(index);
    }
    result
}

/// A plain text message. Braces are doubled, for single ones hold a place for an argument (3.11.5), and nothing reads as
/// an embedded link, `[text](address)` (3.11.6).
fn text(text: &str) -> String {
    text.replace('{', "{{").replace('}', "}}").replace("](", "] (")
}

/// A path as a URI reference (RFC 3986). A colon in the first part of a relative one would end a scheme.
fn uri(path: &str) -> String {
    let mut uri = String::new();
    let path = path.replace('\\', "/");
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => uri.push(char::from(byte)),
            byte => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    match path.starts_with('/') {
        true => format!("file://{}{uri}", if path.starts_with("//") { "/" } else { "" }),
        false => uri,
    }
}
