//! `show`: the document, its path, its fields as JSON, or an older version.
//!
//! Not here: reading it (journeys/edit.rs, journeys/archived.rs, store/).

use serde::Serialize;

use super::{BranchOption, Exit, Surroundings};
use crate::check::branch_option;
use crate::document::Document;
use crate::document::front_matter::{Field, FieldValue};
use crate::error::{Error, Result};
use crate::journeys::archived::{Found, Named, named, versions};
use crate::journeys::{Session, edit};
use crate::names::BranchName;
use crate::store::Version;
use crate::view::View;

/// Show the document, with what was written into it by hand, or an archived one
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// A branch, or an archived document by its branch, id or slug
    #[arg(value_name = "NAME", conflicts_with = "branch")]
    name: Option<String>,
    #[command(flatten)]
    branch: BranchOption,
    /// Print the path of the file in the work tree instead
    #[arg(long, conflicts_with_all = ["json", "at"])]
    path: bool,
    /// Print an object with the fields of the front matter and the text
    #[arg(long)]
    json: bool,
    /// Show an older version, named as history names it
    #[arg(long, value_name = "VERSION")]
    at: Option<String>,
}

#[derive(Serialize)]
struct Shown {
    branch: Option<String>,
    /// Where it is in the archive; null for that of a branch.
    archived: Option<String>,
    path: Option<String>,
    front_matter: serde_json::Map<String, serde_json::Value>,
    text: String,
}

pub(super) fn run(arguments: &Arguments, surroundings: &mut Surroundings<'_>) -> Result<Exit> {
    let session = surroundings.session()?;
    let name = arguments.name.as_deref().or(arguments.branch.branch.as_deref());
    let named = named(&session, name)?;
    if let Some(prefix) = &arguments.at {
        let (store, versions) = versions(&session, &named)?;
        let matching: Vec<&Version> = versions
            .iter()
            .filter(|v| v.id.as_str().starts_with(prefix.as_str()))
            .collect();
        let [version] = matching.as_slice() else {
            let message = format!(
                "'{}' names no one version of the document",
                crate::names::visible(prefix)
            );
            let which = match &named {
                Named::Live(branch) => branch_option(branch.as_str()),
                Named::Archived(found) => found.archived.id.to_string(),
            };
            return Err(Error::new(message).hint(format!("git branchwork history {which}")));
        };
        let text = store.load(&version.id)?.0;
        if !arguments.json {
            surroundings.page(&session, &text)?;
            return Ok(Exit::Ok);
        }
        let (branch, place) = match &named {
            Named::Live(branch) => (Some(branch), None),
            Named::Archived(found) => of_archived(found),
        };
        surroundings
            .ui
            .json(&shown(branch, place, None, &Document::new(text)))?;
        return Ok(Exit::Ok);
    }
    let branch = match &named {
        Named::Live(branch) => branch,
        Named::Archived(found) => return archived(arguments, surroundings, &session, found),
    };
    let read = edit::read(&session, branch)?;
    surroundings.ui.notices(&read.notices);
    let view = read.checkout.as_ref().map(View::of);
    let path = view.map(|view| view.path().to_string_lossy().into_owned());
    if arguments.path {
        let path = path.ok_or_else(|| {
            Error::new(format!(
                "branch '{branch}' is not checked out, so its document is in no work tree"
            ))
            .hint(format!("git branchwork show {}", branch_option(branch.as_str())))
        })?;
        surroundings.ui.data(format!("{path}\n").as_bytes())?;
        return Ok(Exit::Ok);
    }
    if !arguments.json {
        surroundings.page(&session, read.document.text())?;
        return Ok(Exit::Ok);
    }
    let shown = shown(Some(branch), None, path, &read.document);
    surroundings.ui.json(&shown)?;
    Ok(Exit::Ok)
}

fn archived(
    arguments: &Arguments,
    surroundings: &Surroundings<'_>,
    session: &Session<'_>,
    found: &Found,
) -> Result<Exit> {
    if arguments.path {
        let id = &found.archived.id;
        return Err(
            Error::new(format!("document '{id}' is archived, so it is in no work tree"))
                .hint(format!("git branchwork show {id}")),
        );
    }
    if !arguments.json {
        surroundings.page(session, found.document.text())?;
        return Ok(Exit::Ok);
    }
    let (branch, place) = of_archived(found);
    surroundings.ui.json(&shown(branch, place, None, &found.document))?;
    Ok(Exit::Ok)
}

/// The branch that an archived document was of, and where it is in the archive.
fn of_archived(found: &Found) -> (Option<&BranchName>, Option<String>) {
    let branch = found.told.as_ref().and_then(|told| told.branch.as_ref());
    (branch, Some(format!("{}/{}", found.archived.year, found.archived.path)))
}

fn shown(branch: Option<&BranchName>, archived: Option<String>, path: Option<String>, document: &Document) -> Shown {
    let front_matter = document.front_matter();
    Shown {
        branch: branch.map(|branch| branch.as_str().to_owned()),
        archived,
        path,
        front_matter: front_matter
            .fields
            .iter()
            .map(|field| (field.key.to_string(), json(field)))
            .collect(),
        text: String::from_utf8_lossy(document.text()).into_owned(),
    }
}

/// The value of a field; numbers as numbers where the field is one.
pub(super) fn json(field: &Field) -> serde_json::Value {
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
