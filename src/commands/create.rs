//! `create`: the options of a document that is made by hand. Not here: making it (journeys/create.rs).

use std::path::PathBuf;

use super::{BranchOption, Exit, Surroundings, init::brought};
use crate::check::{self, branch_option};
use crate::document::front_matter::Value;
use crate::error::{Error, Result};
use crate::journeys::create::{Adopted, Wish, adopt, create};
use crate::journeys::{Notice, edit, sync};
use crate::names::{BranchName, visible};
use crate::policy::Policy;

const STATUS: &str = "status";

/// Make the document of a branch by hand
///
/// Where the branch is on its remote, and has a document there, that one is fetched instead.
#[derive(clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    branch: BranchOption,
    /// The status to begin with, instead of draft
    #[arg(long)]
    status: Option<String>,
    /// The base branch, instead of the one that was found out
    #[arg(long, value_name = "BRANCH")]
    base: Option<String>,
    /// Begin with this file instead of the template; its text is kept ("-": standard input)
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// Give the branch the document with this id, which has no branch any more; the one that it has ends. Of an archived one
    /// only a new document is made, which names it
    #[arg(long, value_name = "ID", conflicts_with_all = ["status", "base", "from"])]
    adopt: Option<String>,
}

pub(super) fn run(arguments: &Arguments, surroundings: &mut Surroundings<'_>) -> Result<Exit> {
    let from = arguments
        .from
        .as_deref()
        .map(|path| surroundings.input(path))
        .transpose()?;
    let session = surroundings.session()?;
    let branch = session.branch(arguments.branch.branch.as_deref())?;
    if let Some(id) = &arguments.adopt {
        let (how, adopted) = adopt(&session, &branch, id)?;
        surroundings.ui.notices(&adopted.notices);
        surroundings.ui.talk(&match how {
            Adopted::Itself => format!("The document of '{branch}' is now {id}"),
            Adopted::Successor => format!("The document of '{branch}' is a new one, which names the archived one {id}"),
        });
        return Ok(Exit::Ok);
    }
    let base = match &arguments.base {
        Some(name) => {
            let base = BranchName::new(name)
                .ok_or_else(|| Error::usage(format!("'{}' is not a branch name", visible(name))))?;
            if session.repository.tips(&base).is_empty() {
                return Err(
                    Error::new(format!("there is no branch '{base}', here or on the remote")).hint("git branch --all"),
                );
            }
            Some(base)
        }
        None => None,
    };
    let wanted = arguments.status.as_deref();
    let wish = Wish {
        status: wanted.map(|name| status(name, &session.policy)).transpose()?,
        base,
        from,
        after: None,
    };
    // Somebody else may have made it already: two would have to be merged.
    match sync::bring(&session, &branch, surroundings.prompt()) {
        Ok(None) => {}
        Ok(Some(remote)) => {
            surroundings.ui.talk(&brought(&branch, &remote));
            if wish.is_plain() {
                let shown = edit::read(&session, &branch)?;
                surroundings.ui.notices(&shown.notices);
                return Ok(Exit::Ok);
            }
        }
        Err(error) => surroundings.ui.warn(&format!(
            "{error}; whether it has a document there is not known: git branchwork sync"
        )),
    }
    let made = create(&session, &branch, &wish)?;
    surroundings.ui.notices(&made.notices);
    let place = match &made.checkout {
        Some(_) if !made.notices.iter().any(Notice::is_of_missing_view) => crate::view::PATH.to_owned(),
        _ => format!("git branchwork show {}", branch_option(branch.as_str())),
    };
    surroundings
        .ui
        .talk(&format!("Created the document of '{branch}': {place}"));
    Ok(Exit::Ok)
}

/// A status is one of the five or one of the team's own, as `set` takes it.
fn status(name: &str, policy: &Policy) -> Result<String> {
    let key = super::get::parse_key(STATUS)?;
    match check::refuse_value(&key, &Value::Text(name.to_owned()), policy) {
        Some(reason) => Err(Error::usage(reason)),
        None => Ok(name.to_owned()),
    }
}
