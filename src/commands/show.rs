//! `show`: the document, its path, its fields as JSON, or an older version.
//!
//! Not here: reading it (journeys/edit.rs, store/).

use serde::Serialize;

use super::{BranchOption, Exit, Surroundings};
use crate::check::quoted;
use crate::document::front_matter::{Field, FieldValue};
use crate::error::{Error, Result};
use crate::journeys::edit;
use crate::store::Version;
use crate::view::View;

/// Show the document, with what was written into it by hand
#[derive(clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    branch: BranchOption,
    /// Print the path of the file in the work tree instead
    #[arg(long, conflicts_with_all = ["json", "at"])]
    path: bool,
    /// Print an object with the fields of the front matter and the text
    #[arg(long)]
    json: bool,
    /// Show an older version, named as history names it
    #[arg(long, value_name = "VERSION", conflicts_with = "json")]
    at: Option<String>,
}

#[derive(Serialize)]
struct Shown {
    branch: String,
    path: Option<String>,
    front_matter: serde_json::Map<String, serde_json::Value>,
    text: String,
}

pub(super) fn run(arguments: &Arguments, surroundings: &mut Surroundings<'_>) -> Result<Exit> {
    let session = surroundings.session()?;
    let branch = session.branch(arguments.branch.branch.as_deref())?;
    if let Some(prefix) = &arguments.at {
        let (store, versions) = super::history::versions(&session, &branch)?;
        let matching: Vec<&Version> = versions
            .iter()
            .filter(|v| v.id.as_str().starts_with(prefix.as_str()))
            .collect();
        let [version] = matching.as_slice() else {
            let message = format!(
                "'{}' names no one version of the document",
                crate::names::visible(prefix)
            );
            return Err(Error::new(message).hint(format!("git branchwork history -b {}", quoted(branch.as_str()))));
        };
        surroundings.page(&session, &store.load(&version.id)?.0)?;
        return Ok(Exit::Ok);
    }
    let read = edit::read(&session, &branch)?;
    surroundings.ui.notices(&read.notices);
    let view = read.checkout.as_ref().map(View::of);
    let path = view.map(|view| view.path().to_string_lossy().into_owned());
    if arguments.path {
        let path = path.ok_or_else(|| {
            Error::new(format!(
                "branch '{branch}' is not checked out, so its document is in no work tree"
            ))
            .hint(format!("git branchwork show -b {}", quoted(branch.as_str())))
        })?;
        surroundings.ui.data(format!("{path}\n").as_bytes())?;
        return Ok(Exit::Ok);
    }
    if !arguments.json {
        surroundings.page(&session, read.document.text())?;
        return Ok(Exit::Ok);
    }
    let fields = read.document.front_matter().fields;
    surroundings.ui.json(&Shown {
        branch: branch.as_str().to_owned(),
        path,
        front_matter: fields
            .iter()
            .map(|field| (field.key.to_string(), json(field)))
            .collect(),
        text: String::from_utf8_lossy(read.document.text()).into_owned(),
    })?;
    Ok(Exit::Ok)
}

/// Numbers as numbers where the field is one.
fn json(field: &Field) -> serde_json::Value {
    let is_number = matches!(
        field.key.to_string().as_str(),
        "pr" | "branch.position" | "branch.total"
    );
    match &field.value {
        FieldValue::Text(text) => match text.parse::<u64>() {
            Ok(number) if is_number => number.into(),
            _ => text.clone().into(),
        },
        FieldValue::List(items) => items.clone().into(),
        FieldValue::Null | FieldValue::Other => serde_json::Value::Null,
    }
}
