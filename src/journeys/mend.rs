//! `check --fix`: what can be derived is brought up to date, and what nobody has to decide on is set.
//!
//! Not here: finding out what is wrong (verify.rs, check/), and what a refresh does (refresh.rs).

use crate::check::{Fix, Problem, RULES};
use crate::document::Document;
use crate::document::front_matter::{FieldValue, Key, Value};
use crate::error::Result;
use crate::names::{BranchName, visible};

use super::reconcile::Effort;
use super::{Notice, Session, edit, facts, refresh, verify};

/// What was done to a document.
#[derive(Clone, Debug)]
pub(crate) struct Mended {
    /// Each change in one sentence.
    pub(crate) did: Vec<String>,
    /// What to tell.
    pub(crate) notices: Vec<Notice>,
}

/// Mends the document of `branch`.
///
/// Errors: there is none.
pub(crate) fn branch(session: &Session<'_>, branch: &BranchName) -> Result<Mended> {
    let before = edit::as_it_stands(session, branch)?.unwrap_or_default();
    let mut notices = edit::read(session, branch)?.notices;
    notices.extend(refresh::branch(session, branch, Effort::Bounded)?.notices);
    let verdict = verify::branch(session, branch, &facts::Source::default())?;
    let changes: Vec<(Key, Value)> = verdict.problems.iter().filter_map(derived).collect();
    let after = edit::change(session, branch, &mut |document| {
        document.set(&changes)?;
        Ok("mend: what is derived".to_owned())
    })?;
    notices.extend(after.notices);
    notices.dedup();
    Ok(Mended {
        did: difference(&before, &after.document),
        notices,
    })
}

/// What a problem's fix sets, where nobody has to decide on it.
fn derived(problem: &Problem) -> Option<(Key, Value)> {
    let rule = RULES.iter().find(|rule| rule.code == problem.code)?;
    let Fix::Set { key, suggestion } = problem.fix.as_ref()?;
    (rule.is_derived && !suggestion.starts_with('<')).then(|| (key.clone(), Value::from_argument(key, suggestion)))
}

fn difference(before: &Document, after: &Document) -> Vec<String> {
    let (old, new) = (before.front_matter(), after.front_matter());
    let mut did = Vec::new();
    for field in &new.fields {
        let name = field.key.to_string();
        let FieldValue::Text(now) = &field.value else { continue };
        let was = old.text(&name);
        if was == Some(now.as_str()) || name == "last_updated" {
            continue;
        }
        let was = was.map_or_else(|| "missing".to_owned(), |was| format!("'{}'", visible(was)));
        did.push(format!("'{}' was {was} and is '{}' now", visible(&name), visible(now)));
    }
    let body = |document: &Document| {
        let front_matter = document.front_matter();
        document.text().get(front_matter.span.end..).map(<[u8]>::to_vec)
    };
    if body(before) != body(after) {
        did.push("Updates and the stack are up to date now".to_owned());
    }
    did
}
