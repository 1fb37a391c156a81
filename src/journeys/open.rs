//! A branch was checked out: its document is found or made, and the view shows it.
//!
//! Not here: reading and changing a document once it is there (edit.rs).

mod documents;

use std::cell::OnceCell;

use crate::error::Result;
use crate::names::{BranchName, CommitId};
use crate::repo::{Checkout, Head, Usual};
use crate::store::{Access, Store, Stored, Writer};
use crate::view::{Content, View};
use crate::world::World;

use super::create::{cannot_write, create_unasked};
use super::reconcile::{Effort, reconcile};
use super::settle::{Newest, Tracking, settle, settle_again, swap};
use super::stack::{self, Happened};
use super::{Notice, Session};

use documents::{adopt, look};
pub(crate) use documents::{
    adopt_or_find, all, all_edited, existing, find, follow_renames, renamed, take_over, tells_of,
};

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
