//! Which document is a branch's: the one under its name, unless that is a former branch's, or one under a name that it had. It is
//! brought to the branch's name when it is seen, and one that has another's place makes way.
//!
//! Not here: showing it (open.rs), and making one (create.rs).

use std::collections::{HashMap, HashSet};

use crate::document::Document;
use crate::document::front_matter::{Key, Value};
use crate::error::{Error, Result};
use crate::journeys::settle::Newest;
use crate::journeys::{Notice, Session, stack};
use crate::names::{BranchName, CommitId, DocId};
use crate::repo::{MOST_VISITED, Scope};
use crate::store::{Store, Stored, Writer};

/// From so many documents on all branches are read at once, and not one after another.
const MANY: usize = 50;

/// How long ago, in seconds, what happened just now may be.
const JUST_NOW: i64 = 2;

/// Where the document of a branch is.
enum Place {
    /// Under the branch's name.
    Own(Stored),
    /// Under a name that the branch had before.
    FormerName(BranchName, Stored),
}

/// The document of `branch`: its own, or that of a branch it was renamed from, which is gone.
pub(crate) fn find(session: &Session<'_>, store: &Store, branch: &BranchName) -> Result<Option<Stored>> {
    let found = look(session, store, branch)?;
    Ok(found
        .place
        .map(|(Place::Own(stored) | Place::FormerName(_, stored))| stored))
}

/// Before all documents are looked at: those of branches that were renamed, and not seen since, follow them. What to tell.
pub(crate) fn follow_renames(session: &Session<'_>, store: &Store) -> Result<Vec<Notice>> {
    all(session, store).map(|(_, notices)| notices)
}

/// Every live document in the order of branch names, those that go by a former name of a branch brought to its new one; and what
/// to tell.
pub(crate) fn all(session: &Session<'_>, store: &Store) -> Result<(Vec<Stored>, Vec<Notice>)> {
    let documents = store.documents()?;
    let unreadable = store.unreadable_documents().into_iter();
    let mut notices: Vec<Notice> = unreadable.map(|(branch, _)| unreadable_document(&branch)).collect();
    let exist = existing(session, &documents)?;
    let is_gone = |stored: &Stored| stored.branch.as_ref().is_some_and(|branch| !exist.contains(branch));
    // One whose name was taken at once is among those that ended.
    if !documents.iter().any(is_gone) && store.ended()?.is_empty() {
        return Ok((documents, notices));
    }
    let has_one: HashSet<&BranchName> = documents.iter().filter_map(|stored| stored.branch.as_ref()).collect();
    let mut followed = false;
    for branch in session.repository.branches()? {
        if !has_one.contains(&branch) && find(session, store, &branch)?.is_some() {
            notices.extend(crate::journeys::edit::read(session, &branch)?.notices);
            followed = true;
        }
    }
    match followed {
        true => Ok((store.documents()?, notices)),
        false => Ok((documents, notices)),
    }
}

fn unreadable_document(branch: &BranchName) -> Notice {
    let error = Error::new(format!("the document of '{branch}' cannot be read"));
    Notice::PassedOver(error.why("its ref is damaged").hint("git branchwork doctor"))
}

/// How the branches of these documents are called now, where they were renamed and the documents were not looked at since.
pub(crate) fn renamed(
    session: &Session<'_>,
    store: &Store,
    documents: &[Stored],
) -> Result<HashMap<DocId, BranchName>> {
    let exist = existing(session, documents)?;
    let is_gone = |stored: &&Stored| stored.branch.as_ref().is_some_and(|branch| !exist.contains(branch));
    let gone: HashSet<&DocId> = documents.iter().filter(is_gone).map(|stored| &stored.id).collect();
    let mut renamed = HashMap::new();
    if gone.is_empty() {
        return Ok(renamed);
    }
    for branch in session.repository.branches()? {
        if let Some(found) = find(session, store, &branch)?.filter(|found| gone.contains(&found.id)) {
            renamed.insert(found.id, branch);
        }
    }
    Ok(renamed)
}

/// Those branches of these documents that exist.
pub(crate) fn existing(session: &Session<'_>, documents: &[Stored]) -> Result<HashSet<BranchName>> {
    let repository = &session.repository;
    if documents.len() >= MANY {
        return Ok(repository.branches()?.into_iter().collect());
    }
    let branches = documents.iter().filter_map(|stored| stored.branch.clone());
    Ok(branches.filter(|branch| repository.tip(branch).is_some()).collect())
}

/// Every live document as [`all`] has them, with the hand edits of the current branch's taken in.
pub(crate) fn all_edited(session: &Session<'_>, store: &Store) -> Result<(Vec<Stored>, Vec<Notice>)> {
    let (mut documents, mut notices) = all(session, store)?;
    let Some(branch) = session.repository.current_branch()? else {
        return Ok((documents, notices));
    };
    let Some(read) = crate::journeys::edit::read_if_any(session, &branch)? else {
        return Ok((documents, notices));
    };
    notices.extend(read.notices);
    let now = store.find(&branch)?;
    let before = documents
        .iter_mut()
        .find(|stored| stored.branch.as_ref() == Some(&branch));
    match (now, before) {
        (Some(now), Some(before)) if now.id == before.id => *before = now,
        _ => documents = store.documents()?,
    }
    Ok((documents, notices))
}

/// What is in the store under a branch's name and those that it had.
pub(super) struct Found {
    place: Option<Place>,
    /// The document of a former branch of this name, which has to make way.
    former: Option<Stored>,
    /// The document goes on from a branch that is gone.
    pub(super) goes_on: bool,
}

pub(super) fn look(session: &Session<'_>, store: &Store, branch: &BranchName) -> Result<Found> {
    let mut former = None;
    if let Some(stored) = store.find(branch)? {
        let life = life(session, store, branch, &stored)?;
        if life != Life::Former {
            return Ok(Found {
                place: Some(Place::Own(stored)),
                former: None,
                goes_on: life == Life::GoesOn,
            });
        }
        former = Some(stored);
    }
    // One that was made later is that of another branch, which had the name next and gave it up too.
    let began = session
        .repository
        .beginning(branch)
        .map(|beginning| beginning.time.timestamp());
    let had_name = |stored: &Stored| began.is_none_or(|began| stored.id.made_at() <= began);
    for old in session.repository.former_names(branch) {
        if old == *branch {
            continue;
        }
        let left = match store.find(&old)? {
            Some(stored) if session.repository.tip(&old).is_none() && had_name(&stored) => Some(stored),
            Some(stored) if life(session, store, &old, &stored)? == Life::Former => Some(stored),
            _ => ended(session, store, branch, &old)?,
        };
        if let Some(stored) = left {
            return Ok(Found {
                place: Some(Place::FormerName(old, stored)),
                former,
                goes_on: false,
            });
        }
    }
    Ok(Found {
        place: None,
        former,
        goes_on: false,
    })
}

/// The document that ended when a new branch got the name `old`, and that tells of a commit of `branch`.
fn ended(session: &Session<'_>, store: &Store, branch: &BranchName, old: &BranchName) -> Result<Option<Stored>> {
    let mut ended = store.ended()?;
    ended.sort_by(|a, b| b.id.cmp(&a.id));
    for stored in ended {
        let document = Newest::load(store, stored.clone())?.document;
        let named = document.front_matter().text("branch.name") == Some(old.as_str());
        if named && tells_of(session, &document, session.repository.tip(branch))? == Some(true) {
            return Ok(Some(stored));
        }
    }
    Ok(None)
}

/// Which life of a name a document belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Life {
    /// That of the branch which has the name now.
    This,
    /// The same, and the branch was made just now under a name that was used before.
    GoesOn,
    /// That of another branch, which had the name before.
    Former,
}

/// Whether the document is that of another branch of the same name: one was renamed to it and brings its own, or it was made before this
/// branch got the name and not written since, and none of the commits that it tells of is the branch's, or reflogs tell how its
/// branch is called now.
fn life(session: &Session<'_>, store: &Store, branch: &BranchName, stored: &Stored) -> Result<Life> {
    let repository = &session.repository;
    let Some(beginning) = repository.beginning(branch) else {
        return Ok(Life::This);
    };
    let began = beginning.time.timestamp();
    if let Some(old) = beginning
        .renamed_from
        .as_ref()
        .filter(|old| repository.tip(old).is_none())
        && let Some(brought) = store.find(old)?
        && brought.id.made_at() <= began
    {
        return Ok(Life::Former);
    }
    if stored.id.made_at() >= began || repository.is_from_remote_of_same_name(branch) {
        return Ok(Life::This);
    }
    // The branch is the remote's, and so is the document, whatever was committed or rewritten here since.
    if repository.began_as_remote_of_same_name(branch)
        && crate::journeys::sync::is_on_remote(session, store, branch, &stored.id)?
    {
        return Ok(Life::This);
    }
    // What was written to it since was written as this branch's; in the second of a rename, before it.
    let written = store.version(&stored.version)?.0.time;
    let is_since = match &beginning.renamed_from {
        Some(_) => written >= beginning.time,
        None => written > beginning.time,
    };
    let document = || Newest::load(store, stored.clone()).map(|newest| newest.document);
    if !is_since
        && (repository.changed_names_with(branch, written).is_some()
            || tells_of(session, &document()?, repository.tip(branch))? == Some(false)
            || is_renamed_away(session, store, branch, stored)?)
    {
        return Ok(Life::Former);
    }
    let just_now = (0..=JUST_NOW).contains(&(session.world.now.timestamp() - began));
    Ok(match just_now && beginning.renamed_from.is_none() {
        true => Life::GoesOn,
        false => Life::This,
    })
}

/// Whether the branch that the document was made for goes by another name now and was not seen since.
fn is_renamed_away(session: &Session<'_>, store: &Store, branch: &BranchName, stored: &Stored) -> Result<bool> {
    let repository = &session.repository;
    let Some(now) = repository.lineage(None, Scope::One)?.renamed(branch) else {
        return Ok(false);
    };
    let renamed = repository.beginning(&now).map(|beginning| beginning.time.timestamp());
    let had_it = renamed.is_some_and(|renamed| stored.id.made_at() <= renamed);
    Ok(had_it && now != *branch && store.find(&now)?.is_none())
}

/// Whether one of the commits that the document tells of is the own one of the branch with this tip; `None` where it tells of none.
pub(crate) fn tells_of(session: &Session<'_>, document: &Document, tip: Option<CommitId>) -> Result<Option<bool>> {
    let repository = &session.repository;
    let commits: Vec<_> = document
        .entries()
        .into_iter()
        .filter_map(|entry| entry.commit)
        .collect();
    let Some(tip) = tip.filter(|_| !commits.is_empty()) else {
        return Ok(None);
    };
    let hidden: Vec<_> = session
        .trunk()
        .iter()
        .flat_map(|trunk| repository.tips(trunk))
        .collect();
    let own = repository.own_commits(&tip, &hidden, MOST_VISITED)?;
    Ok(Some(own.newest_first.iter().any(|id| commits.contains(id))))
}

/// The same, and a document that was found under the branch's old name is moved; one of a former branch of the name makes
/// way.
pub(crate) fn adopt_or_find(
    session: &Session<'_>,
    writer: &Writer<'_>,
    branch: &BranchName,
) -> Result<(Option<Stored>, Vec<Notice>)> {
    let found = look(session, writer.store(), branch)?;
    adopt(session, writer, branch, found)
}

pub(super) fn adopt(
    session: &Session<'_>,
    writer: &Writer<'_>,
    branch: &BranchName,
    found: Found,
) -> Result<(Option<Stored>, Vec<Notice>)> {
    let mut notices = Vec::new();
    // The document that makes way, and the branch that it is of, where the two changed names.
    let mut made_way = None;
    if let Some(former) = found.former {
        let written = writer.store().version(&former.version)?.0.time;
        let other = session.repository.changed_names_with(branch, written);
        made_way = Some((writer.move_to(&former, None)?, other));
        stack::doubt_name(session, writer, branch)?;
    }
    let mut follow = |stored: &Stored, from: &BranchName, to: &BranchName| -> Result<Stored> {
        let newest = take_over(session, writer, stored, to, "rename")?;
        let (from, to) = (from.clone(), to.clone());
        notices.push(Notice::Renamed { from, to });
        Ok(newest.stored)
    };
    let taken = match found.place {
        None => None,
        Some(Place::Own(stored)) => Some(stored),
        Some(Place::FormerName(old, stored)) => {
            let taken = follow(&stored, &old, branch)?;
            if let Some((moved, _)) = made_way.take_if(|(_, other)| other.as_ref() == Some(&old)) {
                stack::doubt_name(session, writer, &old)?;
                follow(&moved, branch, &old)?;
            }
            Some(taken)
        }
    };
    let branch = branch.clone();
    notices.extend(made_way.map(|(moved, _)| Notice::Ended {
        branch,
        reference: moved.name(),
    }));
    Ok((taken, notices))
}

/// Moves a document to `branch`; what names the branch in it follows. `did`: what its version says.
pub(crate) fn take_over(
    session: &Session<'_>,
    writer: &Writer<'_>,
    stored: &Stored,
    branch: &BranchName,
    did: &str,
) -> Result<Newest> {
    let moved = match stored.branch.as_ref() == Some(branch) {
        true => stored.clone(),
        false => writer.move_to(stored, Some(branch))?,
    };
    let newest = Newest::load(writer.store(), moved)?;
    let mut document = newest.document.clone();
    let old = document.front_matter().text("branch.name").and_then(BranchName::new);
    let old = old.unwrap_or_else(|| branch.clone());
    if session.repository.tip(&old).is_none() {
        stack::follow_name(writer, &old, branch)?;
    }
    if document.front_matter().base().as_ref() == Some(branch)
        && let Some(key) = Key::parse("branch.base")
    {
        let written = writer.store().version(&newest.stored.version)?.0.time;
        let other = session.repository.changed_names_with(branch, written);
        let value = |other: BranchName| Value::Text(other.as_str().to_owned());
        document.set(&Vec::from_iter(other.map(|other| (key, value(other)))))?;
    }
    crate::journeys::create::rename(&mut document, &old, branch, &newest.stored.id)?;
    crate::journeys::settle::stamp(&mut document, session, Some(branch));
    let subject = format!("{did}: {} to {}", old.as_str(), branch.as_str());
    crate::journeys::settle::save(session, writer, newest, document, &subject)
}
