//! A push that somebody lets through although the check holds it back: the reason is written into the document.
//!
//! Not here: whether a push is held back (verify.rs).

use bstr::ByteSlice;

use crate::check::Severity;
use crate::document::Document;
use crate::error::{Error, Result};
use crate::names::visible;

use super::verify::Verdict;
use super::{Notice, Session, edit};

/// The most of a reason that is kept, in characters.
const LONGEST_REASON: usize = 300;

/// Writes why a branch is pushed as it is into the Updates of its document: once for a commit and a reason, for a dry run and
/// each address of a remote run the hook again.
///
/// Errors: the branch has no document, or it cannot be written.
pub(crate) fn waive(session: &Session<'_>, verdict: &Verdict, reason: &str) -> Result<Vec<Notice>> {
    let (Some(branch), Some(id), Some(_)) = (&verdict.branch, &verdict.pushed, &verdict.document) else {
        return Err(Error::new(format!("{} has no document", verdict.name())));
    };
    let reason: String = reason.chars().take(LONGEST_REASON).collect();
    let words = format!("Push let through: {reason}");
    let blocking = verdict
        .problems
        .iter()
        .filter(|problem| problem.severity == Severity::Error);
    let problems: Vec<String> = blocking
        .map(|problem| format!("- {}: {}\n", problem.code, visible(&problem.message)))
        .collect();
    let body = format!("Commit {id} was pushed although:\n\n{}", problems.concat());
    let actor = session.actor();
    let outcome = edit::change(session, branch, &mut |document| {
        let mut alone = Document::default();
        alone.log_text(session.world.now, &actor, &words, &body)?;
        // The title as a document has it.
        let title = alone.entries().into_iter().next().map(|entry| entry.title);
        let is_told = document.entries().into_iter().any(|entry| {
            let text = document.text().get(entry.span).unwrap_or_default();
            Some(entry.title) == title && text.contains_str(id.as_str())
        });
        if !is_told {
            document.log_text(session.world.now, &actor, &words, &body)?;
        }
        Ok("log: push let through".to_owned())
    })?;
    Ok(outcome.notices)
}
