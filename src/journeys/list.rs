//! All documents at a glance.
//!
//! Not here: the table's look (commands/list.rs).

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;

use crate::check::{self, Context};
use crate::document::front_matter::Key;
use crate::error::Result;
use crate::names::BranchName;

use super::settle::Newest;
use super::{Session, edit, facts};

/// One document. Field names are those of `list --json`; what the document does not tell is null.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Row {
    /// The branch.
    pub(crate) branch: String,
    /// Whether it is checked out here.
    pub(crate) current: bool,
    /// Whether the branch still exists.
    pub(crate) exists: bool,
    /// `draft`, …
    pub(crate) status: Option<String>,
    /// The pull request.
    pub(crate) pr: Option<String>,
    /// The base branch.
    pub(crate) base: Option<String>,
    /// The place in the stack, 1 at the bottom.
    pub(crate) position: Option<u64>,
    /// How many branches the stack has.
    pub(crate) total: Option<u64>,
    /// Who drives it.
    pub(crate) dri: Option<String>,
    /// `low`, `medium`, `high`.
    pub(crate) risk: Option<String>,
    /// Whether its front matter can be read; if not, the document tells nothing here.
    pub(crate) readable: bool,
    /// The keys that its status requires and that say nothing.
    pub(crate) missing: Vec<String>,
    /// The document's id.
    pub(crate) id: String,
    /// When it was last changed, RFC 3339.
    pub(crate) changed: String,
}

/// Every document, in the order of branch names; the current branch's with its hand edits taken in.
pub(crate) fn list(session: &Session<'_>) -> Result<Vec<Row>> {
    let Some(store) = session.store()? else {
        return Ok(Vec::new());
    };
    super::open::follow_renames(session, store)?;
    let current = session.repository.current_branch()?;
    if let Some(branch) = &current
        && super::open::find(session, store, branch)?.is_some()
    {
        edit::read(session, branch)?;
    }
    let mut rows = Vec::new();
    for stored in store.documents()? {
        let Some(branch) = stored.branch.clone() else { continue };
        let changed = store.version(&stored.version)?.0.time;
        let newest = Newest::load(store, stored)?;
        let is_current = current.as_ref() == Some(&branch);
        rows.push(row(session, &branch, is_current, &newest, changed));
    }
    Ok(rows)
}

fn row(session: &Session<'_>, branch: &BranchName, current: bool, newest: &Newest, changed: DateTime<Utc>) -> Row {
    let front_matter = newest.document.front_matter();
    let text = |key: &str| front_matter.text(key).map(str::to_owned);
    let number = |key: &str| text(key).and_then(|text| text.parse().ok());
    let tip = session.repository.tip(branch);
    let facts = tip.map(|tip| facts::of_push(session, &tip, Some(&newest.document), &session.policy));
    let context = Context {
        branch: Some(branch.as_str()),
        policy: &session.policy,
        actor: None,
        facts: facts.as_ref(),
    };
    Row {
        branch: branch.as_str().to_owned(),
        current,
        exists: facts.is_some(),
        status: text("status"),
        pr: text("pr"),
        base: text("branch.base"),
        position: number("branch.position"),
        total: number("branch.total"),
        dri: text("dri"),
        risk: text("risk"),
        readable: front_matter.problem.is_none(),
        missing: check::missing_keys(&newest.document, &context)
            .iter()
            .map(Key::to_string)
            .collect(),
        id: newest.stored.id.to_string(),
        changed: changed.to_rfc3339_opts(SecondsFormat::Secs, true),
    }
}
