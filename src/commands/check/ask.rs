//! `check -i`: asks for what is missing, one value after the other, and saves all of them at once.
//!
//! Not here: how a question looks (ui/ask.rs).

use super::super::{BranchOption, Surroundings, set, text};
use crate::check::{self, Context, Fix, Problem};
use crate::document::Document;
use crate::document::front_matter::{Key, Value};
use crate::error::{Error, Result};
use crate::journeys::verify::Verdict;
use crate::journeys::{Session, facts};
use crate::ui::Question;

/// Asks for a value for each key that mends one of the problems. Until the last answer nothing is changed.
///
/// Errors: there is no terminal.
pub(super) fn ask(
    surroundings: &Surroundings<'_>,
    branch: &BranchOption,
    verdict: &Verdict,
    session: &Session<'_>,
) -> Result<()> {
    let (ui, policy) = (surroundings.ui, &session.policy);
    let (Some(command), Some(document), Some(name)) = (&verdict.fix, &verdict.document, &verdict.branch) else {
        return Ok(());
    };
    if !ui.can_ask() {
        return Err(Error::new("there is no terminal to ask at").hint(command));
    }
    ui.talk("Enter alone takes what stands in brackets, Tab offers more, Ctrl-C leaves everything as it is");
    let tip = session.repository.tip(name);
    let facts = tip.map(|tip| facts::of_branch(session, name, &tip, document, policy));
    let context = Context {
        branch: Some(name.as_str()),
        policy,
        actor: None,
        facts: facts.as_ref(),
    };
    // With the answers up to here, on which it depends what the next may be.
    let mut answered: Document = document.clone();
    let mut changes: Vec<(Key, Value)> = Vec::new();
    let mut asked: Vec<&Key> = Vec::new();
    for problem in &verdict.problems {
        let Some(Fix::Set { key, suggestion }) = &problem.fix else {
            continue;
        };
        if asked.contains(&key) {
            continue;
        }
        asked.push(key);
        ui.problem(&verdict.checked(), problem);
        let refuse = |answer: &str| match set::value(session, key, answer, name) {
            Ok(value) => check::refuse_by_rules(&answered, &context, key, &value),
            Err(error) => Some(error.to_string()),
        };
        if let Some(answer) = ui.ask(&question(verdict, problem, key, suggestion), &refuse)? {
            let value = set::value(session, key, &answer, name)?;
            answered.set(&[(key.clone(), value.clone())])?;
            changes.push((key.clone(), value));
        }
    }
    let keys: Vec<String> = changes.iter().map(|(key, _)| key.to_string()).collect();
    if keys.is_empty() {
        return Ok(());
    }
    let keys = keys.join(", ");
    let done = format!("Set {keys}");
    text::set(surroundings, branch, &done, &changes, &mut |document| {
        document.set(&changes)?;
        Ok(format!("set: {}", text::subject(&keys)))
    })?;
    Ok(())
}

/// What stands between `<` and `>` is no value: where it lists some, they can be chosen from.
fn question(verdict: &Verdict, problem: &Problem, key: &Key, suggestion: &str) -> Question {
    let listed = suggestion.strip_prefix('<').and_then(|rest| rest.strip_suffix('>'));
    let choices = match listed {
        Some(listed) if listed.contains('|') => listed.split('|').map(str::to_owned).collect(),
        _ => verdict.hints.of(key).to_vec(),
    };
    let blocks = problem.severity == check::Severity::Error;
    Question {
        name: match blocks {
            true => key.to_string(),
            false => format!("{key} (may be left)"),
        },
        default: listed.is_none().then(|| suggestion.to_owned()),
        choices,
    }
}
