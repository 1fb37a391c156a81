//! `set`: fields of the front matter, refused where a check would complain.
//!
//! Not here: which values are allowed (check/), and writing them (document/front_matter/).

use super::{BranchOption, Exit, Surroundings, get, text};
use crate::check;
use crate::document::front_matter::{Key, TEMPLATE_KEYS, Value};
use crate::document::{Document, EditError};
use crate::error::{Error, Result};
use crate::journeys::stack::{Bases, is_in_circle};
use crate::journeys::{Session, facts, verify};
use crate::names::{BranchName, visible};
use crate::nearest::nearest;
use crate::policy::Policy;

/// Set fields of the front matter, all or none
///
/// An empty value clears the field: `git branchwork set pr=`.
#[derive(clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    branch: BranchOption,
    /// A key, with dots, and its value: risk=low, "reviewers=ada, grace"
    #[arg(required = true, value_name = "KEY=VALUE")]
    fields: Vec<String>,
}

pub(super) fn run(arguments: &Arguments, surroundings: &mut Surroundings<'_>) -> Result<Exit> {
    let mut fields = Vec::new();
    for (at, field) in arguments.fields.iter().enumerate() {
        let (key, value) = field
            .split_once('=')
            .ok_or_else(|| no_equals(field, arguments.fields.get(at + 1)))?;
        let key = get::parse_key(key)?;
        if fields.iter().any(|(known, _)| *known == key) {
            let key = visible(&key.to_string());
            return Err(Error::usage(format!("'{key}' is given twice")).hint("git branchwork set KEY=VALUE"));
        }
        fields.push((key, value));
    }
    let session = surroundings.session()?;
    let branch = session.branch(arguments.branch.branch.as_deref())?;
    let policy = &session.policy;
    let mut changes = Vec::new();
    for (key, text) in fields {
        let value = value(&session, &key, text, &branch)?;
        changes.push((key, value));
    }
    let keys: Vec<String> = changes.iter().map(|(key, _)| key.to_string()).collect();
    let keys = keys.join(", ");
    let mut broken = None;
    let set = text::set(
        surroundings,
        &arguments.branch,
        &format!("Set {keys}"),
        &changes,
        &mut |document| {
            broken = verify::unreadable(&session, &branch, document);
            if let Some(error) = changes.iter().find_map(|(key, _)| unknown(key, document, policy)) {
                return Err(error.into());
            }
            document.set(&changes)?;
            Ok(format!("set: {}", text::subject(&keys)))
        },
    );
    match (set, broken) {
        (Err(_), Some(verdict)) => {
            surroundings.ui.verdict(&verdict);
            Ok(Exit::Problems)
        }
        (set, _) => {
            let exit = set?;
            let base = changes.iter().find(|(key, _)| key.to_string() == "branch.base");
            if let Some((_, Value::Text(base))) = base
                && let Some(base) = BranchName::new(base)
                && let Some(warning) = in_vain(&session, &branch, &base)
            {
                surroundings.ui.warn(&warning);
            }
            Ok(exit)
        }
    }
}

/// What `text` says for `key` of the document of `branch`.
///
/// Errors: a value that a check would complain about, or that is not for people to set.
pub(super) fn value(session: &Session<'_>, key: &Key, text: &str, branch: &BranchName) -> Result<Value> {
    let policy = &session.policy;
    let name = key.to_string();
    let value = policy.argument(key, text);
    let is_list = matches!(value, Value::List(_)) || name == "scope" && text.starts_with('[');
    if is_list && !Value::is_list_whole(text) {
        let text = visible(text);
        return Err(Error::new(format!("'{text}' has one bracket of two for '{key}'"))
            .hint(format!("git branchwork set {}", check::quoted(&format!("{key}=a, b")))));
    }
    if let Some(reason) = check::refuse_value(key, &value, policy) {
        return Err(Error::new(reason));
    }
    let is_own = value == Value::Text(branch.as_str().to_owned());
    match name.as_str() {
        "branch.name" if !is_own => {
            let told = format!("'branch.name' is '{branch}', for the document is this branch's");
            Err(Error::new(told).hint("git branch -m <name>"))
        }
        "branch.base" if is_own => {
            let told = format!("'{branch}' cannot be its own base");
            Err(Error::new(told).hint("git branchwork set branch.base=<branch>"))
        }
        "branch.base" => match circle(session, branch, &value)? {
            Some(error) => Err(error),
            None => Ok(value),
        },
        "last_updated" => Err(Error::new("'last_updated' is set by each change of the document")),
        _ => Ok(value),
    }
}

/// Why `value` cannot be the base of `branch`: it stands on it itself.
fn circle(session: &Session<'_>, branch: &BranchName, value: &Value) -> Result<Option<Error>> {
    let Value::Text(text) = value else { return Ok(None) };
    let Some(base) = BranchName::new(text) else {
        return Ok(None);
    };
    let line = Bases::default().line_to(session, &base, branch)?;
    Ok(line.map(|between| {
        let lowest = between.last().unwrap_or(&base);
        let option = check::branch_option(lowest.as_str());
        Error::new(format!("'{base}' cannot be the base of '{branch}'"))
            .why(format!("it stands on '{branch}'{}", check::by_way_of(&between)))
            .hint(format!("git branchwork set branch.base=<branch> {option}"))
    }))
}

/// Why `base`, which was set for `branch`, does not count.
fn in_vain(session: &Session<'_>, branch: &BranchName, base: &BranchName) -> Option<String> {
    if facts::is_nowhere(session, base) {
        return Some(format!("'{base}' is a branch neither here nor on a remote"));
    }
    is_in_circle(session, branch)
        .then(|| format!("'{base}' does not count: as far as is known it stands on '{branch}'"))
}

/// A word without '='; `next` is the one behind it, which may be the value.
fn no_equals(field: &str, next: Option<&String>) -> Error {
    let hint = match next {
        Some(value) if !value.contains('=') => {
            let pair = check::quoted(&visible(&format!("{field}={value}")));
            format!("git branchwork set {pair}")
        }
        _ => "git branchwork set KEY=VALUE".to_owned(),
    };
    Error::usage(format!("'{}' has no '='", visible(field))).hint(hint)
}

/// A key is known by the template, the policy or the document; another one is probably a slip.
fn unknown(key: &Key, document: &Document, policy: &Policy) -> Option<EditError> {
    let name = key.to_string();
    let own: Vec<String> = policy.keys().map(Key::to_string).collect();
    let known = || TEMPLATE_KEYS.into_iter().chain(own.iter().map(String::as_str));
    if known().any(|known| known == name) || document.front_matter().get(key).is_some() {
        return None;
    }
    Some(EditError::UnknownKey {
        meant: nearest(&name, known()).map(str::to_owned),
        key: visible(&name),
    })
}
