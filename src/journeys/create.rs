//! Making a branch's document, from the template and everything that can be known.
//!
//! Not here: when a hook makes one (open.rs, record.rs).

use crate::check::quoted;
use crate::document::Document;
use crate::document::front_matter::{Key, Value};
use crate::document::message::inline_code;
use crate::document::sections::Item;
use crate::document::template::{self, NewDocument};
use crate::error::{Error, Result};
use crate::names::{BranchName, DocId, slug, visible};
use crate::policy_file;
use crate::repo::Creation;
use crate::store::{Access, Writer};

use super::edit::{Outcome, branch_option};
use super::reconcile::{Effort, compare, reconcile};
use super::settle::{Newest, Tracking, settle};
use super::stack::{self, Happened};
use super::{Notice, Session};

/// What is asked for beyond what can be known.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wish {
    /// The status to begin with; draft where none is given.
    pub(crate) status: Option<String>,
    /// The base; found out where none is given.
    pub(crate) base: Option<BranchName>,
    /// A text to begin with instead of the template; it is kept.
    pub(crate) from: Option<Vec<u8>>,
    /// An archived document that this one goes on from, which stays as it is.
    pub(crate) after: Option<DocId>,
}

impl Wish {
    /// Whether nothing is asked for, so that a document that is there already will do.
    pub(crate) fn is_plain(&self) -> bool {
        self.status.is_none() && self.base.is_none() && self.from.is_none() && self.after.is_none()
    }
}

/// Makes the document of `branch` and shows it where the branch is checked out.
///
/// Errors: it has one already; there is no such branch; the store cannot be written.
pub(crate) fn create(session: &Session<'_>, branch: &BranchName, wish: &Wish) -> Result<Outcome> {
    let repository = &session.repository;
    if repository.tip(branch).is_none() && repository.current_branch()?.as_ref() != Some(branch) {
        return Err(Error::new(format!("there is no branch '{branch}' here"))
            .hint(format!("git switch -c {}", quoted(branch.as_str()))));
    }
    if session.is_excluded(branch) {
        return Err(excluded(branch));
    }
    let store = session.store_or_create()?;
    let writer = match store.access()? {
        Access::Writer(writer) => writer,
        Access::ReadOnly(reason) => return Err(cannot_write(branch, reason)),
    };
    let (found, notices) = super::open::adopt_or_find(session, &writer, branch)?;
    if found.is_some() {
        let option = branch_option(repository.current_branch()?.as_ref(), branch);
        return Err(Error::new(format!("branch '{branch}' has a document already"))
            .hint(format!("git branchwork show{option}")));
    }
    let template = match &wish.from {
        Some(_) => None,
        None => policy_file::template(&session.repository, &session.policy)?,
    };
    let newest = create_in(session, &writer, branch, wish, template.as_deref())?;
    show_new(session, &writer, branch, newest, notices)
}

/// What a branch got that was to adopt a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Adopted {
    /// That document.
    Itself,
    /// A new one that names it, because it is archived and stays so.
    Successor,
}

/// Gives the document with this id to `branch`, whose own, if it has one, ends.
///
/// Errors: there is no such document; it belongs to another branch that exists; it is archived, and the branch has one; the
/// store cannot be written.
pub(crate) fn adopt(session: &Session<'_>, branch: &BranchName, id: &str) -> Result<(Adopted, Outcome)> {
    let repository = &session.repository;
    let parsed = DocId::parse(id).ok_or_else(|| {
        Error::usage(format!("'{}' is not the id of a document", visible(id))).hint("git branchwork list --json")
    })?;
    let store = session.store_or_create()?;
    let writer = match store.access()? {
        Access::Writer(writer) => writer,
        Access::ReadOnly(reason) => return Err(cannot_write(branch, reason)),
    };
    if store.archived_by_id(&parsed)?.is_some() {
        drop(writer);
        let wish = Wish {
            after: Some(parsed),
            ..Wish::default()
        };
        return Ok((Adopted::Successor, create(session, branch, &wish)?));
    }
    let Some(stored) = store.by_id(&parsed)? else {
        return Err(Error::new(format!("there is no document '{id}' here")).hint("git branchwork list --json"));
    };
    if let Some(owner) = stored
        .branch
        .as_ref()
        .filter(|owner| *owner != branch && repository.tip(owner).is_some())
    {
        let option = branch_option(repository.current_branch()?.as_ref(), owner);
        return Err(
            Error::new(format!("document '{id}' belongs to branch '{owner}', which exists"))
                .hint(format!("git branchwork show{option}")),
        );
    }
    let own = store.find(branch)?.filter(|own| own.id != stored.id);
    if let Some(own) = &own {
        writer.move_to(own, None)?;
    }
    let newest = super::open::take_over(session, &writer, &stored, branch, "adopt")?;
    let tip = repository.tip(branch);
    let (newest, _) = reconcile(session, &writer, newest, branch, tip.as_ref(), Effort::Bounded)?;
    let mut shown = show_new(session, &writer, branch, newest, Vec::new())?;
    // What stood in the view is a version by now. One that the hook made a moment ago is missed by nobody.
    if let Some(own) = own.and_then(|own| store.by_id(&own.id).transpose()).transpose()?
        && !store.version(&own.version)?.1.is_empty()
    {
        let (branch, id) = (branch.clone(), own.id);
        shown.notices.push(Notice::Replaced { branch, id });
    }
    Ok((Adopted::Itself, shown))
}

/// Makes the view show a document that its branch has just got.
fn show_new(
    session: &Session<'_>,
    writer: &Writer<'_>,
    branch: &BranchName,
    mut newest: Newest,
    mut notices: Vec<Notice>,
) -> Result<Outcome> {
    let checkout = session.repository.checkout_of(branch);
    if let Some(checkout) = &checkout {
        let tip = session.repository.tip(branch);
        let target = Some(newest.clone());
        let (shown, more) = settle(session, writer, checkout, tip.as_ref(), target, Tracking::Verify)?;
        newest = shown.unwrap_or(newest);
        notices.extend(more);
    }
    Ok(Outcome {
        document: newest.document,
        changed: true,
        checkout,
        notices,
    })
}

/// What is said where the document cannot be made because the store cannot be written.
pub(crate) fn cannot_write(branch: &BranchName, reason: String) -> Error {
    Error::new(format!("cannot make the document of '{branch}'"))
        .why("the store cannot be written")
        .why(reason)
        .hint("make the git directory writable, then run the command again")
}

/// What a command says of a branch that gets no document.
pub(crate) fn excluded(branch: &BranchName) -> Error {
    Error::new(format!("branch '{branch}' gets no document"))
        .why("it is the trunk or excluded")
        .hint(format!(
            "name another trunk: git config branchwork.trunk <name>, or see {}",
            policy_file::NAME
        ))
}

/// Makes the document in the store because the branch is there, without anybody asking; the view is the caller's. A template
/// that cannot be used must not leave the branch without its document: it is made from the built-in one.
pub(crate) fn create_unasked(
    session: &Session<'_>,
    writer: &Writer<'_>,
    branch: &BranchName,
) -> Result<(Newest, Vec<Notice>)> {
    let wish = Wish::default();
    let made = policy_file::template(&session.repository, &session.policy)
        .and_then(|template| create_in(session, writer, branch, &wish, template.as_deref()));
    match made {
        Ok(newest) => Ok((newest, Vec::new())),
        Err(error) => {
            let newest = create_in(session, writer, branch, &wish, None)?;
            Ok((newest, vec![Notice::TemplateNotUsed(error.to_string())]))
        }
    }
}

/// Makes the document in the store; the view is the caller's. `template` is the built-in one where none is given.
fn create_in(
    session: &Session<'_>,
    writer: &Writer<'_>,
    branch: &BranchName,
    wish: &Wish,
    template: Option<&[u8]>,
) -> Result<Newest> {
    let id = session.new_id();
    let base = wish.base.clone().or_else(|| base(session, branch));
    let actor = session.actor();
    let facts = NewDocument {
        id: &id,
        branch,
        base: base.as_ref(),
        stack: base.as_ref().map(|_| (1, 1)),
        dri: Some(&actor),
        status: wish.status.as_deref(),
        time: session.world.now,
    };
    let mut document = match &wish.from {
        Some(text) => template::adopt(text, &facts)?,
        None => template::fill(template.unwrap_or(template::DEFAULT.as_bytes()), &facts)?,
    };
    if let Creation::CopyOf(original) = session.repository.creation(branch) {
        let text = format!("Copied from {}", inline_code(original.as_str()));
        document.append("Notes", &Item::Bullets(&[&text]))?;
    }
    if let Some(earlier) = &wish.after {
        let text = format!("Goes on from the archived document {}", inline_code(earlier.as_str()));
        document.append("Notes", &Item::Bullets(&[&text]))?;
    }
    // It finds out the base where nobody recorded it, and what is the branch's own is told apart by the base.
    let happened = match wish.base {
        Some(_) => Happened::BaseSet,
        None => Happened::Moved,
    };
    let stacks = match session.repository.tip(branch) {
        Some(_) => stack::derive(
            session,
            writer.store(),
            branch,
            &mut document,
            happened,
            stack::Place::New,
        ),
        None => None,
    };
    compare(session, writer.store(), &mut document, None, branch, Effort::Bounded)?;
    let subject = format!("create: {}", branch.as_str());
    let stored = writer.create(branch, id, document.text(), &subject, &session.author())?;
    let newest = Newest::load(writer.store(), stored)?;
    if let Some((stacks, _)) = stacks {
        stack::remember(session, writer, &stacks, branch, &newest)?;
    }
    Ok(newest)
}

/// The branch that `branch` was made from, as far as git recorded it; for one without commits the trunk.
fn base(session: &Session<'_>, branch: &BranchName) -> Option<BranchName> {
    let trunk = || session.trunk();
    let based = match session.repository.creation(branch) {
        Creation::From(base) => Some(base),
        Creation::CopyOf(original) => base_of(session, &original),
        Creation::FromRemoteOfSameName | Creation::Unknown if session.repository.tip(branch).is_none() => trunk(),
        Creation::Below(_) | Creation::FromRemoteOfSameName | Creation::Unknown => None,
    };
    based.filter(|base| base != branch)
}

/// The base that the document of another branch names, unless it is a guess.
fn base_of(session: &Session<'_>, branch: &BranchName) -> Option<BranchName> {
    let store = session.store().ok()??;
    let newest = Newest::find(store, branch).ok()??;
    let told = store.found_stacks().remove(branch).and_then(|found| found.told);
    let is_guess = |base: &BranchName| told.is_some_and(|told| told.guessed && told.base == *base);
    newest.document.front_matter().base().filter(|base| !is_guess(base))
}

/// What follows a branch's new name: `branch.name`, the machine's title, the machine's slug.
pub(crate) fn rename(document: &mut Document, old: &BranchName, new: &BranchName, id: &DocId) -> Result<()> {
    let front_matter = document.front_matter();
    let mut changes = Vec::new();
    if let Some(key) = Key::parse("branch.name") {
        changes.push((key, Value::Text(new.as_str().to_owned())));
    }
    if front_matter.text("slug") == Some(slug(old, id).as_str())
        && let Some(key) = Key::parse("slug")
    {
        changes.push((key, Value::Text(slug(new, id))));
    }
    if front_matter.problem.is_none() {
        document.set(&changes)?;
    }
    document.derive_title(new);
    Ok(())
}
