//! The entries of Updates, and how much there is.
//!
//! Not here: bringing them in line with the commits, which hooks do (journeys/reconcile.rs).

use super::{Finding, Subject};

/// BW020.
pub(in crate::check) fn out_of_order(subject: &Subject<'_>) -> Vec<Finding> {
    let mut latest = None;
    let mut found = Vec::new();
    for entry in subject.entries() {
        let Some(time) = entry.time else { continue };
        if latest.is_some_and(|latest| time < latest) {
            found.push(Finding {
                place: Some(subject.trimmed(&entry.heading)),
                message: "an entry of Updates is older than one above it".to_owned(),
                note: Some("entries go from the oldest to the newest".to_owned()),
                fix: None,
            });
        }
        latest = latest.max(Some(time));
    }
    found
}

/// BW021. An entry that is marked as dropped may be of a commit that git has removed since.
pub(in crate::check) fn lost_commits(subject: &Subject<'_>) -> Vec<Finding> {
    let lost = subject
        .context
        .facts
        .map(|facts| facts.lost_commits.as_slice())
        .unwrap_or_default();
    if lost.is_empty() {
        return Vec::new();
    }
    let entries = subject.entries().iter().filter(|entry| !entry.is_dropped());
    let one = |entry: &crate::document::updates::Entry| {
        let commit = entry.commit.as_ref().filter(|commit| lost.contains(commit))?;
        Some(Finding {
            place: entry.commit_span.clone(),
            message: format!(
                "an entry of Updates is of commit '{}', which is not in the repository",
                commit.short()
            ),
            note: Some("fetch it, or take the entry out".to_owned()),
            fix: None,
        })
    };
    entries.filter_map(one).collect()
}

/// Above this size, in bytes, a document is said to be large.
const LARGE: usize = 1_000_000;

/// BW023.
pub(in crate::check) fn large(subject: &Subject<'_>) -> Vec<Finding> {
    let size = subject.document.text().len();
    let is_large = (size > LARGE).then(|| Finding {
        place: None,
        message: format!("the document has {:.1} MB", size as f64 / 1_000_000.0),
        note: Some("keep logs and attachments elsewhere, and link to them: every hook reads all of it".to_owned()),
        fix: None,
    });
    is_large.into_iter().collect()
}
