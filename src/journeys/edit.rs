//! Reading and changing one document: find it, take in an edited view, work, save, write the view.
//!
//! Not here: what the change is; that is a function from document to document, given by the command or hook.

use crate::check;
use crate::document::Document;
use crate::document::front_matter::{Key, Value};
use crate::error::{Error, Result};
use crate::names::BranchName;
use crate::repo::Checkout;
use crate::store::{Access, Store, Stored, Writer};
use crate::view::{Content, Replaced, View};

use super::open::{Shown, show_reconciled};
use super::reconcile::{Effort, is_current, reconcile};
use super::settle::{Newest, Tracking, editable, is_settled, save, settle, settle_again, stamp};
use super::stack::{self, Happened};
use super::{Notice, Session};

/// A change: edits the document and says in a few words what it did, the subject of the version.
pub(crate) type ChangeFn<'a> = &'a mut dyn FnMut(&mut Document) -> Result<String>;

/// A document after it was read or changed.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    /// The text.
    pub(crate) document: Document,
    /// Whether the change made a difference.
    pub(crate) changed: bool,
    /// Where it is checked out, if it is.
    pub(crate) checkout: Option<Checkout>,
    /// What to tell.
    pub(crate) notices: Vec<Notice>,
}

impl Outcome {
    fn unchanged(document: Document, checkout: Option<Checkout>, notices: Vec<Notice>) -> Self {
        Self {
            document,
            changed: false,
            checkout,
            notices,
        }
    }
}

/// The document of `branch`, hand edits included, for somebody who wants to read it.
///
/// Errors: there is none; it cannot be read.
pub(crate) fn read(session: &Session<'_>, branch: &BranchName) -> Result<Outcome> {
    let (store, stored) = found(session, branch)?.ok_or_else(|| no_document(session, branch))?;
    // What is there can be read without it.
    let _ = stack::look_for_merged(session, store, branch, &stored);
    read_stored(session, store, branch, stored)
}

/// The same where there may be none, for a hook too.
pub(crate) fn read_if_any(session: &Session<'_>, branch: &BranchName) -> Result<Option<Outcome>> {
    let read = |(store, stored)| read_stored(session, store, branch, stored);
    found(session, branch)?.map(read).transpose()
}

fn found<'a>(session: &'a Session<'_>, branch: &BranchName) -> Result<Option<(&'a Store, Stored)>> {
    let Some(store) = session.store()? else {
        return Ok(None);
    };
    Ok(super::open::find(session, store, branch)?.map(|stored| (store, stored)))
}

fn read_stored(session: &Session<'_>, store: &Store, branch: &BranchName, stored: Stored) -> Result<Outcome> {
    let checkout = session.repository.checkout_of(branch);
    let newest = Newest::load(store, stored)?;
    let renamed = newest.stored.branch.as_ref() != Some(branch);
    let settled = match &checkout {
        _ if renamed => false,
        Some(checkout) => is_settled(checkout, &newest)?,
        None => true,
    };
    if settled && is_current(session, store, &newest, branch) && stack::is_kept(session, store, &newest.stored.id) {
        return Ok(Outcome::unchanged(newest.document, checkout, Vec::new()));
    }
    match work(session, store, branch, checkout.clone(), Effort::Quick, None) {
        // What is there can still be read.
        Err(error) if settled => {
            let notice = Notice::NotReconciled(error.to_string());
            Ok(Outcome::unchanged(newest.document, checkout, vec![notice]))
        }
        read => read,
    }
}

/// Remembers that somebody is about to edit `document` in the view of `checkout`: what is missing then was taken out.
pub(crate) fn hand_over(session: &Session<'_>, checkout: &Checkout, document: &Document) -> Result<()> {
    let Some(store) = session.store()? else {
        return Ok(());
    };
    let Access::Writer(_writer) = store.access()? else {
        return Ok(());
    };
    let (view, text_id) = (View::of(checkout), store.text_id(document.text())?);
    match view.state().filter(|state| state.texts.last() == Some(&text_id)) {
        Some(state) => view.remember_seen(&state.id, &text_id, false),
        None => Ok(()),
    }
}

/// The text of the document as its reader has it before it is looked at: reading it brings what is derived up to date.
pub(crate) fn as_it_stands(session: &Session<'_>, branch: &BranchName) -> Result<Option<Document>> {
    let shown = |checkout: &Checkout| match View::of(checkout).read() {
        Ok(Content::Text(text)) => Some(Document::new(text)),
        _ => None,
    };
    let is_its = |document: &Document| document.front_matter().text("branch.name") == Some(branch.as_str());
    let checkout = session.repository.checkout_of(branch);
    if let Some(document) = checkout.as_ref().and_then(shown).filter(is_its) {
        return Ok(Some(document));
    }
    let Some(store) = session.store()? else { return Ok(None) };
    let stored = super::open::find(session, store, branch)?;
    let newest = stored.map(|stored| Newest::load(store, stored)).transpose()?;
    Ok(newest.map(|newest| newest.document))
}

/// Brings the document of `branch` in line with its commits, whether or not it is known to be, and changes it then.
pub(crate) fn refresh(
    session: &Session<'_>,
    branch: &BranchName,
    effort: Effort,
    change: ChangeFn<'_>,
) -> Result<Outcome> {
    let store = session.store()?.ok_or_else(|| no_document(session, branch))?;
    let checkout = session.repository.checkout_of(branch);
    work(session, store, branch, checkout, effort, Some(change))
}

/// Changes the document of `branch`, all or nothing.
pub(crate) fn change(session: &Session<'_>, branch: &BranchName, change: ChangeFn<'_>) -> Result<Outcome> {
    let store = session.store()?.ok_or_else(|| no_document(session, branch))?;
    let checkout = session.repository.checkout_of(branch);
    work(session, store, branch, checkout, Effort::Quick, Some(change))
}

/// The same by somebody who names some fields: the base is no guess then, also where the document names it already.
pub(crate) fn set(
    session: &Session<'_>,
    branch: &BranchName,
    fields: &[(Key, Value)],
    change: ChangeFn<'_>,
) -> Result<Outcome> {
    let mut outcome = self::change(session, branch, change)?;
    let names_base = fields.iter().any(|(key, _)| key.to_string() == "branch.base");
    if let Some(base) = outcome.document.front_matter().base().filter(|_| names_base) {
        outcome.changed |= stack::confirm(session, branch, &base)?;
    }
    Ok(outcome)
}

fn work(
    session: &Session<'_>,
    store: &Store,
    branch: &BranchName,
    checkout: Option<Checkout>,
    effort: Effort,
    change: Option<ChangeFn<'_>>,
) -> Result<Outcome> {
    match store.access()? {
        Access::Writer(writer) => work_in_store(session, &writer, branch, checkout, effort, change),
        Access::ReadOnly(reason) => work_in_view(session, store, branch, checkout, change, reason),
    }
}

fn work_in_store(
    session: &Session<'_>,
    writer: &Writer<'_>,
    branch: &BranchName,
    checkout: Option<Checkout>,
    effort: Effort,
    change: Option<ChangeFn<'_>>,
) -> Result<Outcome> {
    let (stored, mut notices) = super::open::adopt_or_find(session, writer, branch)?;
    let newest = Newest::load(writer.store(), stored.ok_or_else(|| no_document(session, branch))?)?;
    let head = session.repository.tip(branch);
    let (mut newest, more) = bring_up(session, writer, newest, branch, checkout.as_ref(), effort)?;
    // Where the view could not be made to show it, there is a notice.
    let shows = checkout.is_some() && more.is_empty();
    notices.extend(more);
    let Some(change) = change else {
        return Ok(Outcome::unchanged(newest.document, checkout, notices));
    };
    let mut document = newest.document.clone();
    let subject = change(&mut document)?;
    let changed = document != newest.document;
    if changed {
        let (said, says) = (newest.document.front_matter(), document.front_matter());
        let happened = match () {
            () if effort != Effort::Quick || head.is_none() => None,
            () if says.base() != said.base() => Some(Happened::BaseSet),
            () if says.pull_request() != said.pull_request() => Some(Happened::Edited),
            () => None,
        };
        let place = stack::Place::Told;
        let stacks = happened
            .and_then(|happened| stack::derive(session, writer.store(), branch, &mut document, happened, place));
        stamp(&mut document, session, Some(branch));
        let before = Content::Text(newest.document.text().to_vec());
        newest = save(session, writer, newest, document, &subject)?;
        if let Some((stacks, _)) = stacks {
            stack::remember(session, writer, &stacks, branch, &newest)?;
        }
        if let Some(checkout) = &checkout {
            let saved = newest.clone();
            let (after, more) = match shows {
                true => settle_again(session, writer, checkout, head.as_ref(), &before, newest)?,
                false => settle(session, writer, checkout, head.as_ref(), Some(newest), Tracking::Verify)?,
            };
            newest = after.unwrap_or(saved);
            Notice::add(&mut notices, more);
        }
    }
    Ok(Outcome {
        document: newest.document,
        changed,
        checkout,
        notices,
    })
}

/// Takes in what a person wrote into the view, and brings the document in line with the branch's commits and its stack.
pub(crate) fn bring_up(
    session: &Session<'_>,
    writer: &Writer<'_>,
    newest: Newest,
    branch: &BranchName,
    checkout: Option<&Checkout>,
    effort: Effort,
) -> Result<(Newest, Vec<Notice>)> {
    let head = session.repository.tip(branch);
    match (checkout, &head) {
        (Some(checkout), Some(tip)) => {
            let tracking = Tracking::Verify;
            let shown = Shown {
                branch,
                tip,
                checkout,
                tracking,
            };
            show_reconciled(session, writer, newest, effort, &shown)
        }
        (Some(checkout), None) => {
            let found = newest.clone();
            let (shown, more) = settle(session, writer, checkout, None, Some(newest), Tracking::Verify)?;
            Ok((shown.unwrap_or(found), more))
        }
        (None, _) => {
            let (mut newest, happened) = reconcile(session, writer, newest, branch, head.as_ref(), effort)?;
            if effort == Effort::Quick && head.is_some() {
                newest = stack::keep(session, writer, newest, branch, happened)?;
            }
            Ok((newest, Vec::new()))
        }
    }
}

/// Where the store cannot be written, the view alone gets the change; the next run that can write takes it in. That needs a
/// view that was written from this document: another text in its place would be lost.
fn work_in_view(
    session: &Session<'_>,
    store: &Store,
    branch: &BranchName,
    checkout: Option<Checkout>,
    change: Option<ChangeFn<'_>>,
    reason: String,
) -> Result<Outcome> {
    let stored = super::open::find(session, store, branch)?.ok_or_else(|| no_document(session, branch))?;
    let newest = Newest::load(store, stored)?;
    let head = session.repository.tip(branch);
    let ours = match &checkout {
        Some(checkout) => editable(session, store, &View::of(checkout), head.as_ref(), &newest)?,
        None => None,
    };
    let mut document = match &ours {
        Some((_, Content::Text(text))) => Document::new(text.clone()),
        _ => newest.document,
    };
    let Some(change) = change else {
        return Ok(Outcome::unchanged(document, checkout, Vec::new()));
    };
    let before = document.clone();
    change(&mut document)?;
    let changed = document != before;
    if changed {
        stamp(&mut document, session, Some(branch));
        let Some((view, seen)) = ours else {
            return Err(Error::new(format!("cannot change the document of '{branch}'"))
                .why(reason)
                .hint("make the git directory writable, then run the command again"));
        };
        let replaced = view.overwrite(&seen, document.text())?;
        if let Replaced::TookOut(Content::Text(text)) = &replaced {
            view.overwrite(&Content::Text(document.text().to_vec()), text)?;
        }
        if replaced != Replaced::Done {
            return Err(
                Error::new(format!("somebody changed '{}' meanwhile", view.path().display()))
                    .hint("run the command again"),
            );
        }
    }
    Ok(Outcome {
        document,
        changed,
        checkout,
        notices: vec![Notice::StoreReadOnly(reason)],
    })
}

/// What a command says where the branch has no document.
pub(crate) fn no_document(session: &Session<'_>, branch: &BranchName) -> Error {
    let exists = session.repository.tip(branch).is_some();
    let current = session.repository.current_branch().ok().flatten();
    if !exists && current.as_ref() != Some(branch) {
        return Error::new(format!("there is no branch '{branch}' here, nor a document of it"))
            .hint("git branchwork list");
    }
    if session.is_excluded(branch) {
        return super::create::excluded(branch);
    }
    if let Ok(Some(id)) = session.archived(branch) {
        return Error::new(format!("the document of '{branch}' is archived")).hint(format!("git branchwork show {id}"));
    }
    let option = branch_option(current.as_ref(), branch);
    Error::new(format!("branch '{branch}' has no document")).hint(format!("git branchwork create{option}"))
}

/// What names `branch` in a printed command where that is needed: ` -b <branch>`.
pub(crate) fn branch_option(current: Option<&BranchName>, branch: &BranchName) -> String {
    match current == Some(branch) {
        true => String::new(),
        false => format!(" {}", check::branch_option(branch.as_str())),
    }
}
