//! Archived documents: finding one by what a person remembers of it, and all at a glance.
//!
//! Not here: searching their text (search.rs), and how a document gets there (archive.rs).

use chrono::DateTime;
use serde::Serialize;

use crate::document::Document;
use crate::document::archive::Told;
use crate::document::sieve::Sought;
use crate::error::{Error, Result};
use crate::names::{BranchName, CommitId, DocId, visible};
use crate::store::{Archived, Key, Store, Stored, Version};

use super::{Session, edit, open};

/// An archived document and what it tells of its end.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    /// Where it is.
    pub(crate) archived: Archived,
    /// Its text.
    pub(crate) document: Document,
    /// What it tells; `None` where somebody else put it there in another form.
    pub(crate) told: Option<Told>,
}

/// One archived document. Field names are those of `list --archived --json`; what it does not tell is null.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Row {
    /// The branch.
    pub(crate) branch: Option<String>,
    /// The document's id.
    pub(crate) id: String,
    /// How the branch ended, in words.
    pub(crate) outcome: Option<String>,
    /// When it was archived, RFC 3339.
    pub(crate) archived: String,
    /// The status that it had then.
    pub(crate) status: Option<String>,
    /// The pull request.
    pub(crate) pr: Option<String>,
    /// Who drove it.
    pub(crate) dri: Option<String>,
    /// Where it is in the archive, `<year>/<MM>/<file>`.
    pub(crate) path: String,
}

/// A document that a person named, and the version from which its history goes back.
pub(crate) enum Named {
    /// One of a branch.
    Live(BranchName),
    /// One in the archive.
    Archived(Box<Found>),
}

/// The document that `name` stands for: that of the branch of this name, else the one that was archived last with this branch,
/// id or slug. Without a name, that of the current branch.
pub(crate) fn named(session: &Session<'_>, name: Option<&str>) -> Result<Named> {
    let Some(name) = name else {
        return Ok(Named::Live(session.branch(None)?));
    };
    let Some(store) = session.store()? else {
        return nowhere(session, name);
    };
    let branch = BranchName::new(name.strip_prefix("refs/heads/").unwrap_or(name));
    if let Some(branch) = &branch
        && open::find(session, store, branch)?.is_some()
    {
        return Ok(Named::Live(branch.clone()));
    }
    if let Some(found) = find(store, name)? {
        return Ok(Named::Archived(Box::new(found)));
    }
    nowhere(session, name)
}

/// What was archived since the document of `above` was made: what a branch stood on was archived later than that. All, where none
/// is told.
pub(super) fn since(store: &Store, above: Option<&BranchName>) -> Vec<Archived> {
    let own = above.and_then(|above| store.find(above).ok()?);
    let made = own.and_then(|own| DateTime::from_timestamp(own.id.made_at(), 0));
    let since = made.map(|made| made.format("%Y%m").to_string());
    store.archived(since.as_deref()).unwrap_or_default()
}

/// The document of a branch that is the last of these.
pub(super) fn last_of(store: &Store, archived: &[Archived], branch: &BranchName) -> Option<Document> {
    let of_slug = archived.iter().rev().filter(|archived| archived.has_slug_of(branch));
    let mut found = of_slug.filter_map(|archived| load(store, archived.clone()).ok());
    found.find_map(|found| (found.told?.branch.as_ref() == Some(branch)).then_some(found.document))
}

/// A name that no document has here.
fn nowhere(session: &Session<'_>, name: &str) -> Result<Named> {
    let branch = session.branch(Some(name))?;
    let is_here =
        session.repository.tip(&branch).is_some() || session.repository.current_branch()?.as_ref() == Some(&branch);
    match unseen(session)?.filter(|_| !is_here) {
        Some(hint) => Err(edit::no_document(session, &branch).hint(format!("git branchwork list; {hint}"))),
        None => Ok(Named::Live(branch)),
    }
}

/// What to say where nothing was found, and a remote may have archived documents that were never fetched.
pub(crate) fn unseen(session: &Session<'_>) -> Result<Option<&'static str>> {
    let current = session.repository.current_branch()?;
    let remote = current.map_or_else(|| "origin".to_owned(), |branch| session.repository.push_remote(&branch));
    let store = session.store()?;
    let is_seen = store
        .map(|store| store.archives_on(&remote))
        .transpose()?
        .is_some_and(|seen| !seen.is_empty());
    let may_have = session.repository.has_remote(&remote) && !is_seen;
    Ok(may_have.then_some("archived documents of others come with git branchwork sync --all"))
}

/// The document that was archived last under this branch's name, slug, or id.
pub(crate) fn find(store: &Store, name: &str) -> Result<Option<Found>> {
    let id = DocId::parse(&name.to_ascii_uppercase());
    let branch = BranchName::new(name.strip_prefix("refs/heads/").unwrap_or(name));
    for archived in store.archived(None)?.into_iter().rev() {
        let slug = archived.slug();
        let is_slug = slug == name || slug.strip_prefix("branchwork-") == Some(name);
        let may_be = branch.as_ref().is_some_and(|branch| archived.has_slug_of(branch));
        if id.as_ref() != Some(&archived.id) && !is_slug && !may_be {
            continue;
        }
        let found = load(store, archived)?;
        let is_of_branch = || found.told.as_ref().is_some_and(|told| told.branch == branch);
        if id.as_ref() == Some(&found.archived.id) || is_slug || is_of_branch() {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// Reads one.
pub(crate) fn load(store: &Store, archived: Archived) -> Result<Found> {
    let document = Document::new(store.archived_text(&archived)?);
    Ok(Found {
        told: document.told(),
        archived,
        document,
    })
}

/// Every archived document, newest first.
pub(crate) fn list(session: &Session<'_>) -> Result<Vec<Row>> {
    let Some(store) = session.store()? else {
        return Ok(Vec::new());
    };
    let mut all = store.archived(None)?;
    all.reverse();
    let keys: Vec<Key> = all.iter().map(Archived::key).collect();
    store.seek(&Sought::everything()).look_through(&keys, |index, text| {
        Some(row(all.get(index)?, &Document::new(text.bytes)))
    })
}

fn row(archived: &Archived, document: &Document) -> Row {
    let front_matter = document.front_matter();
    let text = |key: &str| front_matter.text(key).map(str::to_owned);
    let told = document.told();
    let told = told.as_ref();
    let branch = told.and_then(|told| told.branch.as_ref());
    Row {
        branch: branch.map(|branch| branch.as_str().to_owned()),
        id: archived.id.to_string(),
        outcome: told.map(|told| told.outcome.clone()),
        archived: archived.time(),
        status: text("status"),
        pr: text("pr"),
        dri: text("dri"),
        path: format!("{}/{}", archived.year, archived.path),
    }
}

/// The versions of a document, newest first.
pub(crate) fn versions<'s>(session: &'s Session<'_>, named: &Named) -> Result<(&'s Store, Vec<Version>)> {
    let no_store = || Error::new("there is no document here").hint("git branchwork init");
    let store = session.store()?;
    let stored = match named {
        Named::Live(branch) => {
            let store = store.ok_or_else(|| edit::no_document(session, branch))?;
            open::find(session, store, branch)?.ok_or_else(|| edit::no_document(session, branch))?
        }
        Named::Archived(found) => Stored {
            branch: None,
            id: found.archived.id.clone(),
            version: last_version(found)?,
        },
    };
    let store = store.ok_or_else(no_store)?;
    Ok((store, store.history(&stored)?))
}

/// The version that was archived.
fn last_version(found: &Found) -> Result<CommitId> {
    let told = found.told.as_ref().map(|told| told.version.clone());
    told.ok_or_else(|| {
        let id = visible(found.archived.id.as_str());
        Error::new(format!(
            "the archived document '{id}' does not say from which version it was made"
        ))
        .hint(format!("git branchwork show {id}"))
    })
}
