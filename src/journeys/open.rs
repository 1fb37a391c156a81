//! A branch was checked out: its document is found or made, and the view shows it.
//!
//! Not here: reading and changing a document once it is there (edit.rs).

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};

use crate::document::Document;
use crate::error::{Error, Result};
use crate::names::{BranchName, CommitId, DocId};
use crate::repo::{Checkout, Head, MOST_VISITED, Scope, Usual};
use crate::store::{Access, Store, Stored, Writer};
use crate::view::{Content, View};
use crate::world::World;

use super::create::{cannot_write, create_unasked};
use super::reconcile::{Effort, reconcile};
use super::settle::{Newest, Tracking, settle, settle_again, swap};
use super::stack::{self, Happened};
use super::{Notice, Session};

/// From so many documents on all branches are read at once, and not one after another.
const MANY: usize = 50;

/// What became of a checkout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Nothing to do: detached, something under way, or no document here and none wanted.
    Nothing,
    /// The view shows the branch's document.
    Shown(Vec<Notice>),
    /// The same, and the document was made now.
    Created(BranchName, Vec<Notice>),
    /// The branch has no document; the view is gone.
    Cleared(Vec<Notice>),
}

/// Makes the view show the document of the branch that HEAD names. A branch that has none gets one, unless it is excluded or
/// came from the remote branch of its name.
pub(crate) fn open(session: &Session<'_>) -> Result<Outcome> {
    let repository = &session.repository;
    let Some(checkout) = here(session).filter(|_| repository.operation().is_none()) else {
        return Ok(Outcome::Nothing);
    };
    match repository.head()? {
        Head::Detached | Head::Other => Ok(Outcome::Nothing),
        Head::Unborn(_) => clear(session, &checkout),
        Head::Branch(branch, tip) => {
            let store = match session.store()? {
                Some(store) => store,
                None if is_unwanted(session, &branch) => return Ok(Outcome::Nothing),
                None => session.store_or_create()?,
            };
            let writer = match store.access()? {
                Access::Writer(writer) => writer,
                Access::ReadOnly(reason) => return without_writing(session, store, &branch, &checkout, reason),
            };
            let shown = Shown {
                branch: &branch,
                tip: &tip,
                checkout: &checkout,
                tracking: Tracking::TrustRemembered,
            };
            let found = look(session, store, &branch)?;
            let goes_on = found.goes_on;
            let (stored, mut notices) = adopt(session, &writer, &branch, found)?;
            if goes_on {
                notices.push(Notice::GoesOn(branch.clone()));
            }
            show_found(session, &writer, &shown, stored, notices)
        }
    }
}

/// Makes the view show the document of the branch that was switched to, where that is all there is to do: the repository is as
/// usual, the branch has a document that tells of its tip, and nobody wrote into the view. Whether it did; if not, nothing was
/// changed but what [`open`] finds again. The user's repository is not opened, which would be half of the work.
pub(crate) fn open_usual(world: &World) -> Result<bool> {
    let Some(usual) = Usual::see(world) else {
        return Ok(false);
    };
    let Some(store) = Store::open(&usual.checkout.git_dir)? else {
        return Ok(false);
    };
    let Access::Writer(writer) = store.access()? else {
        return Ok(false);
    };
    let Some(stored) = store
        .find(&usual.branch)?
        .filter(|stored| stored.id.made_at() >= usual.made)
    else {
        return Ok(false);
    };
    let newest = Newest::load(&store, stored)?;
    let is_told = match newest.document.last_marker() {
        Some((told, is_dropped)) => told == usual.tip && !is_dropped,
        // A branch that is where its base is has nothing to tell of.
        None => newest
            .document
            .front_matter()
            .base()
            .is_some_and(|base| usual.is_where(&base)),
    };
    let is_current = is_told && store.rewritten().is_empty() && store.reconciled(&newest.stored.id).is_none();
    let places = stack::Places {
        common_dir: &usual.checkout.git_dir,
        git_dir: &usual.checkout.git_dir,
        work_tree: Some(&usual.checkout.work_tree),
        store: &store,
        recorded: &OnceCell::new(),
    };
    Ok(is_current && places.are_unchanged(&newest.stored.id) && swap(&writer, &usual.checkout, &newest)?)
}

/// What a view is to show.
pub(crate) struct Shown<'a> {
    /// The branch that is checked out.
    pub(crate) branch: &'a BranchName,
    /// Its tip.
    pub(crate) tip: &'a CommitId,
    /// Where.
    pub(crate) checkout: &'a Checkout,
    /// Whether git may track the view.
    pub(crate) tracking: Tracking,
}

/// This work tree; `None` in a bare repository.
pub(crate) fn here(session: &Session<'_>) -> Option<Checkout> {
    Some(Checkout {
        work_tree: session.repository.work_tree()?.to_owned(),
        git_dir: session.repository.git_dir().to_owned(),
    })
}

/// Brings the branch's document in line with its commits and makes the view show it. One that has none gets one, unless it
/// came from the remote branch of its name and nothing was committed on it here: that gets what the last sync brought.
pub(crate) fn show(session: &Session<'_>, writer: &Writer<'_>, shown: &Shown<'_>) -> Result<Outcome> {
    let (found, notices) = adopt_or_find(session, writer, shown.branch)?;
    show_found(session, writer, shown, found, notices)
}

fn show_found(
    session: &Session<'_>,
    writer: &Writer<'_>,
    shown: &Shown<'_>,
    found: Option<Stored>,
    mut notices: Vec<Notice>,
) -> Result<Outcome> {
    let branch = shown.branch;
    let is_theirs = found.is_none() && is_somebody_elses(session, branch);
    let found = match is_theirs {
        true => super::sync::brought(session, writer, branch)?,
        false => found,
    };
    let created = match found {
        Some(stored) => {
            let newest = Newest::load(writer.store(), stored)?;
            let (_, more) = show_reconciled(session, writer, newest, Effort::Quick, shown)?;
            notices.extend(more);
            false
        }
        None if is_theirs || session.is_excluded(branch) || writer.store().archived_at(branch, shown.tip).is_some() => {
            return clear_view(session, writer, shown.checkout);
        }
        None => {
            let (newest, more) = create_unasked(session, writer, branch)?;
            notices.extend(more);
            let (_, more) = settle(
                session,
                writer,
                shown.checkout,
                Some(shown.tip),
                Some(newest),
                shown.tracking,
            )?;
            notices.extend(more);
            true
        }
    };
    Ok(match created {
        true => Outcome::Created(branch.clone(), notices),
        false => Outcome::Shown(notices),
    })
}

/// Whether a branch gets no document unasked. One that it has is shown, whatever is excluded since.
fn is_unwanted(session: &Session<'_>, branch: &BranchName) -> bool {
    session.is_excluded(branch) || is_somebody_elses(session, branch)
}

/// Takes in what a person wrote into the view, brings the document in line with the branch's commits and makes the view show
/// it. In this order, because what was written by hand was written into entries as they stood before.
pub(crate) fn show_reconciled(
    session: &Session<'_>,
    writer: &Writer<'_>,
    newest: Newest,
    effort: Effort,
    shown: &Shown<'_>,
) -> Result<(Newest, Vec<Notice>)> {
    let (checkout, head) = (shown.checkout, Some(shown.tip));
    let found = newest.clone();
    let (settled, mut notices) = settle(session, writer, checkout, head, Some(newest), shown.tracking)?;
    let settled = settled.unwrap_or_else(|| found.clone());
    let (mut newest, went) = reconcile(session, writer, settled.clone(), shown.branch, head, effort)?;
    if effort == Effort::Quick {
        let base = |newest: &Newest| newest.document.front_matter().base();
        let happened = match settled.stored.version != found.stored.version {
            true if base(&settled) != base(&found) => Happened::BaseSet,
            // With a move of the branch it is looked at anyway.
            true if went == Happened::Nothing || session.repository.last_move(shown.branch).is_none() => {
                Happened::Edited
            }
            _ => went,
        };
        newest = stack::keep(session, writer, newest, shown.branch, happened)?;
    }
    if newest.stored.version == settled.stored.version {
        return Ok((newest, notices));
    }
    let saved = newest.clone();
    // Where the view could not be made to show it, there is a notice.
    let (after, more) = match notices.is_empty() {
        true => {
            let before = Content::Text(settled.document.text().to_vec());
            settle_again(session, writer, checkout, head, &before, newest)?
        }
        false => settle(session, writer, checkout, head, Some(newest), Tracking::Verify)?,
    };
    Notice::add(&mut notices, more);
    Ok((after.unwrap_or(saved), notices))
}

fn is_somebody_elses(session: &Session<'_>, branch: &BranchName) -> bool {
    session.repository.is_from_remote_of_same_name(branch)
}

/// Where the store cannot be written the view stays as it is, for what stands in it could not be saved.
fn without_writing(
    session: &Session<'_>,
    store: &Store,
    branch: &BranchName,
    checkout: &Checkout,
    reason: String,
) -> Result<Outcome> {
    let Some(stored) = find(session, store, branch)? else {
        return match session.repository.is_from_remote_of_same_name(branch) {
            true => Ok(Outcome::Nothing),
            false => Err(cannot_write(branch, reason)),
        };
    };
    let shown = View::of(checkout).state().is_some_and(|state| state.id == stored.id);
    let notice = (!shown).then(|| Notice::ViewNotWritten(format!("the store cannot be written: {reason}")));
    Ok(Outcome::Shown(notice.into_iter().collect()))
}

fn clear(session: &Session<'_>, checkout: &Checkout) -> Result<Outcome> {
    let Some(store) = session.store()? else {
        return Ok(Outcome::Nothing);
    };
    match store.access()? {
        Access::Writer(writer) => clear_view(session, &writer, checkout),
        Access::ReadOnly(_) => Ok(Outcome::Nothing),
    }
}

fn clear_view(session: &Session<'_>, writer: &Writer<'_>, checkout: &Checkout) -> Result<Outcome> {
    let (_, notices) = settle(session, writer, checkout, None, None, Tracking::TrustRemembered)?;
    Ok(Outcome::Cleared(notices))
}

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
            notices.extend(super::edit::read(session, &branch)?.notices);
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
    let Some(read) = super::edit::read_if_any(session, &branch)? else {
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
struct Found {
    place: Option<Place>,
    /// The document of a former branch of this name, which has to make way.
    former: Option<Stored>,
    /// The document goes on from a branch that is gone.
    goes_on: bool,
}

fn look(session: &Session<'_>, store: &Store, branch: &BranchName) -> Result<Found> {
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
    /// That of a branch which is gone.
    Former,
}

/// Whether the document is that of a branch of the same name which is gone: another was renamed to it and brings its own, or
/// it was made before this branch got the name, and none of the commits that it tells of is the branch's.
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
    if stored.id.made_at() >= began || is_somebody_elses(session, branch) {
        return Ok(Life::This);
    }
    // The branch is the remote's, and so is the document, whatever was committed or rewritten here since.
    if repository.began_as_remote_of_same_name(branch) && super::sync::is_on_remote(session, store, branch, &stored.id)?
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
        && (tells_of(session, &document()?, repository.tip(branch))? == Some(false)
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

fn adopt(
    session: &Session<'_>,
    writer: &Writer<'_>,
    branch: &BranchName,
    found: Found,
) -> Result<(Option<Stored>, Vec<Notice>)> {
    let mut notices = Vec::new();
    if let Some(former) = found.former {
        let reference = writer.move_to(&former, None)?.name();
        stack::doubt_name(session, writer, branch)?;
        let branch = branch.clone();
        notices.push(Notice::Ended { branch, reference });
    }
    let (old, stored) = match found.place {
        None => return Ok((None, notices)),
        Some(Place::Own(stored)) => return Ok((Some(stored), notices)),
        Some(Place::FormerName(old, stored)) => (old, stored),
    };
    let newest = take_over(session, writer, &stored, branch, "rename")?;
    notices.push(Notice::Renamed {
        from: old,
        to: branch.clone(),
    });
    Ok((Some(newest.stored), notices))
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
    super::create::rename(&mut document, &old, branch, &newest.stored.id)?;
    super::settle::stamp(&mut document, session, Some(branch));
    let subject = format!("{did}: {} to {}", old.as_str(), branch.as_str());
    super::settle::save(session, writer, newest, document, &subject)
}
