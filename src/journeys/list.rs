//! All documents at a glance.
//!
//! Not here: the table's look (commands/list.rs).

use chrono::SecondsFormat;
use serde::Serialize;

use crate::check::{self, Context};
use crate::document::Document;
use crate::document::front_matter::Key;
use crate::document::sieve::Sought;
use crate::error::Result;
use crate::names::BranchName;
use crate::policy::Policy;
use crate::store::{Stored, Text};

use super::settle::Newest;
use super::stack::{Listed, places};
use super::{Notice, Session, facts, open};

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

/// Every document, in the order of branch names, the current branch's with its hand edits taken in; and what to tell.
pub(crate) fn list(session: &Session<'_>) -> Result<(Vec<Row>, Vec<Notice>)> {
    let Some(store) = session.store()? else {
        return Ok((Vec::new(), Vec::new()));
    };
    let (documents, notices) = open::all_edited(session, store)?;
    let current = session.repository.current_branch()?;
    let keys = documents.iter().map(Stored::key).collect::<Result<Vec<_>>>()?;
    let policy = &session.policy;
    let mut rows = store.seek(&Sought::everything()).look_through(&keys, |index, text| {
        let stored = documents.get(index)?;
        Some(row(policy, stored, stored.branch.as_ref()?, text))
    })?;
    let exist = open::existing(session, &documents)?;
    for row in &mut rows {
        let branch = BranchName::new(&row.branch);
        row.current = current == branch;
        row.exists = branch.is_some_and(|branch| exist.contains(&branch));
    }
    place(session, &mut rows);
    if policy.asks_for_paths() {
        count_paths(session, &documents, &mut rows)?;
    }
    Ok((rows, notices))
}

/// What is made or goes above a branch changes its place, and its document is told when it is read. Where the trunk is not known
/// the documents say what they say.
fn place(session: &Session<'_>, rows: &mut [Row]) {
    let listed = rows.iter().filter(|row| row.exists).filter_map(|row| {
        Some(Listed {
            branch: BranchName::new(&row.branch)?,
            base: row.base.as_deref().and_then(BranchName::new),
        })
    });
    let Ok(places) = places(session, listed.collect()) else {
        return;
    };
    for row in rows.iter_mut().filter(|row| row.exists) {
        let place = BranchName::new(&row.branch).and_then(|branch| places.get(&branch).copied());
        if let Some((position, total)) = place {
            row.position = row.position.map(|_| position);
            row.total = row.total.map(|_| total);
        }
    }
}

/// Some rules are for branches that change certain paths: what each requires there is missing too.
fn count_paths(session: &Session<'_>, documents: &[Stored], rows: &mut [Row]) -> Result<()> {
    let Some(store) = session.store()? else { return Ok(()) };
    for row in rows {
        let stored = documents.iter().find(|stored| stored.id.as_str() == row.id);
        let branch = stored.and_then(|stored| stored.branch.as_ref());
        let tip = branch.and_then(|branch| session.repository.tip(branch));
        let (Some(stored), Some(branch), Some(tip)) = (stored, branch, tip) else {
            continue;
        };
        let document = Newest::load(store, stored.clone())?.document;
        let facts = facts::of_branch(session, branch, &tip, &document, &session.policy);
        let context = Context {
            branch: Some(&row.branch),
            policy: &session.policy,
            actor: None,
            facts: Some(&facts),
        };
        row.missing = missing(&document, &context);
    }
    Ok(())
}

fn missing(document: &Document, context: &Context<'_>) -> Vec<String> {
    let missing = check::missing_keys(document, context);
    missing.iter().map(Key::to_string).collect()
}

/// The branches that have one, in the order of their names, without more being read than what is to be taken in; and what to tell.
pub(crate) fn branches(session: &Session<'_>) -> Result<(Vec<BranchName>, Vec<Notice>)> {
    let Some(store) = session.store()? else {
        return Ok((Vec::new(), Vec::new()));
    };
    let (documents, notices) = open::all_edited(session, store)?;
    Ok((
        documents.into_iter().filter_map(|stored| stored.branch).collect(),
        notices,
    ))
}

/// What a document says by itself.
fn row(policy: &Policy, stored: &Stored, branch: &BranchName, text: &Text<'_>) -> Row {
    let document = Document::new(text.bytes);
    let changed = text.time.unwrap_or_default();
    let front_matter = document.front_matter();
    let text = |key: &str| front_matter.text(key).map(str::to_owned);
    let number = |key: &str| text(key).and_then(|text| text.parse().ok());
    let context = Context {
        branch: Some(branch.as_str()),
        policy,
        actor: None,
        facts: None,
    };
    let mut row = Row {
        branch: branch.as_str().to_owned(),
        current: false,
        exists: false,
        status: text("status"),
        pr: text("pr"),
        base: text("branch.base"),
        position: number("branch.position"),
        total: number("branch.total"),
        dri: text("dri"),
        risk: text("risk"),
        readable: front_matter.problem.is_none(),
        missing: Vec::new(),
        id: stored.id.to_string(),
        changed: changed.to_rfc3339_opts(SecondsFormat::Secs, true),
    };
    row.missing = missing(&document, &context);
    row
}
