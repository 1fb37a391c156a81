//! Settling a view: what a person wrote into it goes into the store, and it gets the text that it should show.
//!
//! Every sentence of this file's order stands for text that was once lost: the view is looked at, taken in, saved, looked at
//! again, replaced, and only then remembered. Not here: which document a view should show (open.rs, edit.rs).

mod began;

use crate::document::Document;
use crate::document::front_matter::{Key, Value};
use crate::document::merge::{Side, merge};
use crate::document::template::timestamp;
use crate::error::Result;
use crate::names::{BranchName, CommitId};
use crate::repo::Checkout;
use crate::store::{Store, Stored, TextId, Writer};
use crate::view::{Content, Replaced, State, View};

use super::{Notice, Session};

/// How often a view that somebody keeps changing is taken in before it is left as it is.
const MOST_ROUNDS: usize = 8;
/// The key by which a document is known to be its branch's.
const NAME_KEY: &str = "branch.name";
/// In how many lines from the top a broken front matter is searched for it.
const MOST_LINES_TO_NAME: usize = 40;
/// How many lines, old and new ones, differ where a slip broke the line with that key.
const MOST_LINES_OF_A_SLIP: usize = 4;

/// A document at its newest version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Newest {
    /// Where it is in the store.
    pub(crate) stored: Stored,
    /// Its text.
    pub(crate) document: Document,
    /// The text's name.
    pub(crate) text_id: TextId,
}

/// Whether a text that we remember writing may yet be tracked by git.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tracking {
    /// Look into HEAD's commit.
    Verify,
    /// Take it for ours: git would have put another text there. Opens no object of the user's repository.
    TrustRemembered,
}

/// What stands in the view's place, and what follows from it.
enum Standing {
    /// The target's text, and it is remembered as that: there is nothing to do.
    Shown,
    /// Nothing, or a text that we wrote.
    Clean,
    /// An older text of ours, which an editor may have kept.
    Behind,
    /// A document of ours that somebody edited: the one in the store, and the text that the edit began from.
    Edited { newest: Newest, base: Document },
    /// A text that is no document of ours.
    Foreign,
    /// Not to be touched.
    LeftAlone(Notice),
}

impl Newest {
    /// The document of a branch, where it has one.
    pub(crate) fn find(store: &Store, branch: &BranchName) -> Result<Option<Self>> {
        let stored = store.find(branch)?;
        stored.map(|stored| Self::load(store, stored)).transpose()
    }

    /// Reads a stored document.
    pub(crate) fn load(store: &Store, stored: Stored) -> Result<Self> {
        let (text, text_id) = store.load(&stored.version)?;
        let document = Document::new(text);
        Ok(Self {
            stored,
            document,
            text_id,
        })
    }
}

/// Makes the view show `target` where that takes no more than replacing a text that we wrote; whether it did. Opens nothing of
/// the user's repository.
pub(crate) fn swap(writer: &Writer<'_>, checkout: &Checkout, target: &Newest) -> Result<bool> {
    let view = View::of(checkout);
    let (seen, store) = (view.read()?, writer.store());
    let Content::Text(text) = &seen else { return Ok(false) };
    let text_id = store.text_id(text)?;
    let Some(state) = view.state().filter(|state| state.texts.last() == Some(&text_id)) else {
        return Ok(false);
    };
    if !store.has_text(&text_id)? || !view.leftovers().is_empty() {
        return Ok(false);
    }
    if state.id == target.stored.id && target.text_id == text_id {
        return Ok(true);
    }
    Ok(matches!(put(&view, &seen, Some(target)), Ok(Replaced::Done)))
}

/// Whether the view shows `target` already and holds nothing to take in, so that no lock is needed.
pub(crate) fn is_settled(checkout: &Checkout, target: &Newest) -> Result<bool> {
    let view = View::of(checkout);
    let shows = matches!(view.read()?, Content::Text(text) if text == target.document.text());
    let remembers = |state: State| state.id == target.stored.id && state.texts.last() == Some(&target.text_id);
    Ok(shows && view.state().is_some_and(remembers))
}

/// Takes in what a person wrote into the view of `checkout`, then makes it show `target` (`None`: nothing). `head` is the
/// commit that is checked out there. Returns the target as it is then, and what to tell.
pub(crate) fn settle(
    session: &Session<'_>,
    writer: &Writer<'_>,
    checkout: &Checkout,
    head: Option<&CommitId>,
    target: Option<Newest>,
    tracking: Tracking,
) -> Result<(Option<Newest>, Vec<Notice>)> {
    let view = View::of(checkout);
    let mut notices = Vec::new();
    sweep(session, writer, &view, target.as_ref(), &mut notices)?;
    let (target, more) = rounds(session, writer, &view, head, target, tracking, None)?;
    notices.extend(more);
    Ok((target, notices))
}

/// Makes a view that was settled, and then held `before`, show `newest`. What somebody saved since is taken in, as
/// [`settle`] does it.
pub(crate) fn settle_again(
    session: &Session<'_>,
    writer: &Writer<'_>,
    checkout: &Checkout,
    head: Option<&CommitId>,
    before: &Content,
    newest: Newest,
) -> Result<(Option<Newest>, Vec<Notice>)> {
    let view = View::of(checkout);
    let taken_out = match put(&view, before, Some(&newest)) {
        Ok(Replaced::Done) => return Ok((Some(newest), Vec::new())),
        Ok(Replaced::TookOut(taken)) => Some(taken),
        Ok(Replaced::ChangedMeanwhile) | Err(_) => None,
    };
    rounds(session, writer, &view, head, Some(newest), Tracking::Verify, taken_out)
}

/// Looks, takes in and replaces, until the view shows the target. `taken_out`: what a replacement before has taken out.
fn rounds(
    session: &Session<'_>,
    writer: &Writer<'_>,
    view: &View,
    head: Option<&CommitId>,
    mut target: Option<Newest>,
    tracking: Tracking,
    mut taken_out: Option<Content>,
) -> Result<(Option<Newest>, Vec<Notice>)> {
    let mut notices = Vec::new();
    for _ in 0..MOST_ROUNDS {
        // What an editor saved in the moment of the last replacement is taken in as if it still stood there.
        let (seen, stands) = match taken_out.take() {
            Some(taken) => (taken, shown(&target)),
            None => (view.read()?, None),
        };
        match standing(session, writer.store(), view, &seen, head, target.as_ref(), tracking)? {
            Standing::Shown => return Ok((target, notices)),
            Standing::Clean => {}
            Standing::Behind => notices.push(Notice::ViewSetBack),
            Standing::LeftAlone(notice) => {
                // Forgotten, so that a later checkout of the same tracked text is not taken for ours.
                view.forget()?;
                if stands.is_some() {
                    notices.extend(rescue(session, writer, &seen)?);
                }
                notices.extend(target.is_some().then_some(notice));
                return Ok((target, notices));
            }
            Standing::Edited { newest, base } => {
                let taken = take_in(session, writer, newest, &base, &seen)?;
                remember(writer, view, &taken, &seen, stands.is_some());
                if target.as_ref().is_some_and(|old| old.stored.id == taken.stored.id) {
                    target = Some(taken);
                }
            }
            // Nothing is to be put in its place, so it can stay.
            Standing::Foreign if target.is_none() => {
                view.forget()?;
                return Ok((target, notices));
            }
            // Where the state file cannot be written, each of our own texts looks like somebody else's.
            Standing::Foreign if is_version(writer.store(), target.as_ref(), &seen)? => {}
            Standing::Foreign => notices.extend(rescue(session, writer, &seen)?),
        }
        match put(view, stands.as_ref().unwrap_or(&seen), target.as_ref()) {
            Ok(Replaced::Done) => return Ok((target, notices)),
            Ok(Replaced::ChangedMeanwhile) => {}
            Ok(Replaced::TookOut(taken)) => taken_out = Some(taken),
            Err(error) => {
                notices.push(Notice::ViewNotWritten(error.to_string()));
                return Ok((target, notices));
            }
        }
    }
    if let Some(taken) = taken_out {
        notices.extend(rescue(session, writer, &taken)?);
    }
    notices.push(Notice::ViewNotWritten("somebody keeps changing it".into()));
    Ok((target, notices))
}

/// Removes what was left beside the view. A text that is in no version is kept first: it may be what an editor
/// saved in the moment of the swap.
fn sweep(
    session: &Session<'_>,
    writer: &Writer<'_>,
    view: &View,
    target: Option<&Newest>,
    notices: &mut Vec<Notice>,
) -> Result<()> {
    for (path, content) in view.leftovers() {
        if let Content::Text(text) = &content {
            let half_written = target.is_some_and(|target| target.document.text().starts_with(text));
            if !half_written && !writer.store().has_text(&writer.store().text_id(text)?)? {
                notices.extend(rescue(session, writer, &content)?);
            }
            // One that cannot be removed is looked at again the next time.
            let _ = std::fs::remove_file(path);
        }
    }
    Ok(())
}

/// Makes the view show `target`, if what stands there still is `stands`.
fn put(view: &View, stands: &Content, target: Option<&Newest>) -> Result<Replaced> {
    match target {
        Some(newest) => view.replace(stands, newest.document.text(), &newest.stored.id, &newest.text_id),
        None => view.remove(stands),
    }
}

/// Remembers an edited view that was taken in: the editor that saved it may go on from it, and then it is the base. Without
/// that the next merge has an older one, so nothing is stopped where it fails.
fn remember(writer: &Writer<'_>, view: &View, taken: &Newest, seen: &Content, was_replaced: bool) {
    if let Content::Text(text) = seen
        && let Ok(text_id) = writer.keep(text)
    {
        let _ = view.remember_seen(&taken.stored.id, &text_id, was_replaced);
    }
}

/// What a view that shows `target` holds.
fn shown(target: &Option<Newest>) -> Option<Content> {
    let text = target.as_ref()?.document.text();
    Some(Content::Text(text.to_vec()))
}

fn standing(
    session: &Session<'_>,
    store: &Store,
    view: &View,
    seen: &Content,
    head: Option<&CommitId>,
    target: Option<&Newest>,
    tracking: Tracking,
) -> Result<Standing> {
    let tracked = || head.is_some_and(|head| session.repository.has_file(head, crate::view::PATH));
    let text = match seen {
        Content::Special(what) => return Ok(Standing::LeftAlone(Notice::ViewLeftAlone(what))),
        Content::Missing if target.is_some() && tracked() => return Ok(Standing::LeftAlone(Notice::ViewTracked)),
        Content::Missing => return Ok(Standing::Clean),
        Content::Text(text) => text,
    };
    let text_id = match target.filter(|target| target.document.text() == text) {
        Some(target) => target.text_id.clone(),
        None => store.text_id(text)?,
    };
    let state = view.state();
    // What was remembered is safe only while the store has it: a person may have taken the store away.
    let remembered = state.as_ref().is_some_and(|state| state.texts.contains(&text_id)) && store.has_text(&text_id)?;
    if !(remembered && tracking == Tracking::TrustRemembered) && tracked() {
        return Ok(Standing::LeftAlone(Notice::ViewTracked));
    }
    let is_target = target.is_some_and(|target| target.text_id == text_id);
    let is_behind = remembered && !is_target && began::is_behind(store, state.as_ref(), &text_id, text)?;
    if is_behind && state.as_ref().is_some_and(|state| state.texts.last() != Some(&text_id)) {
        return Ok(Standing::Behind);
    }
    if is_target || is_behind {
        let last = state.filter(|state| target.is_some_and(|target| target.stored.id == state.id));
        return Ok(
            match last.is_some_and(|state| is_target && state.texts.last() == Some(&text_id)) {
                true => Standing::Shown,
                false => Standing::Clean,
            },
        );
    }
    let Some(state) = state else {
        return Ok(Standing::Foreign);
    };
    // A rename that was killed half-way leaves the document under both names: the target's is the one in use.
    let stored = match target.filter(|target| target.stored.id == state.id) {
        Some(target) => Some(target.stored.clone()),
        None => store.by_id(&state.id)?,
    };
    let Some(stored) = stored else {
        return Ok(Standing::Foreign);
    };
    let Some(base) = began::from(store, &state, text)? else {
        return Ok(Standing::Foreign);
    };
    let edited = Document::new(text.clone());
    if !same_branch(&base, &edited, stored.branch.as_ref()) {
        return Ok(Standing::Foreign);
    }
    let newest = Newest::load(store, stored)?;
    Ok(Standing::Edited { newest, base })
}

/// The view and what stands in it, where a text that is put there now would later be taken for an edit of `newest`.
pub(crate) fn editable(
    session: &Session<'_>,
    store: &Store,
    view: &View,
    head: Option<&CommitId>,
    newest: &Newest,
) -> Result<Option<(View, Content)>> {
    let seen = view.read()?;
    let ours = view.state().is_some_and(|state| state.id == newest.stored.id);
    let standing = standing(session, store, view, &seen, head, Some(newest), Tracking::Verify)?;
    let clean = ours && matches!(standing, Standing::Clean | Standing::Behind | Standing::Shown);
    let edited = matches!(&standing, Standing::Edited { newest: of, .. } if of.stored.id == newest.stored.id);
    Ok((clean || edited).then(|| (view.clone(), seen)))
}

/// Whether `edited` is a document of the branch that `base` is of. Where the front matter of one cannot be read, a line of
/// `base` that names the branch must be in it, or what was mended must name `branch`, which the document belongs to. A slip in that
/// line itself is one where hardly another line changed.
fn same_branch(base: &Document, edited: &Document, branch: Option<&BranchName>) -> bool {
    let (before, after) = (base.front_matter(), edited.front_matter());
    let name = after.text(NAME_KEY).filter(|_| after.problem.is_none());
    if before.problem.is_none() && after.problem.is_none() {
        return name.is_some() && (name == before.text(NAME_KEY) || name == branch.map(BranchName::as_str));
    }
    if name.is_some() && name == branch.map(BranchName::as_str) {
        return true;
    }
    let lines = |document: &Document, most| -> Vec<Vec<u8>> {
        let lines = document.text().split(|byte| *byte == b'\n').take(most);
        let lines = lines.map(<[u8]>::trim_ascii).filter(|line| line.starts_with(b"name"));
        lines.map(<[u8]>::to_vec).collect()
    };
    let (known, kept) = (lines(base, MOST_LINES_TO_NAME), lines(edited, usize::MAX));
    if known
        .iter()
        .any(|line| line.starts_with(b"name:") && kept.contains(line))
    {
        return true;
    }
    let is_slip = after.problem.is_some() && began::distance(base.text(), edited.text()) <= MOST_LINES_OF_A_SLIP;
    let is_apart = |byte: &u8| b" \t:\"'[]{},".contains(byte);
    let is_branch = |word: &[u8]| branch.is_some_and(|branch| branch.as_str().as_bytes() == word);
    is_slip && kept.iter().any(|line| line.split(is_apart).any(is_branch))
}

/// Merges an edited view into its document.
fn take_in(
    session: &Session<'_>,
    writer: &Writer<'_>,
    newest: Newest,
    base: &Document,
    seen: &Content,
) -> Result<Newest> {
    let Content::Text(text) = seen else {
        return Ok(newest);
    };
    let (version, _) = writer.store().version(&newest.stored.version)?;
    let actor = session.actor().to_string();
    let ours = Side {
        document: &newest.document,
        who: &version.author,
        time: version.time,
    };
    let edited = Document::new(text.clone());
    let theirs = Side {
        document: &edited,
        who: &actor,
        time: session.world.now,
    };
    let mut merged = merge(base, &ours, &theirs);
    stamp(&mut merged, session, newest.stored.branch.as_ref());
    save(session, writer, newest, merged, "edit: by hand")
}

/// Saves `document` as the next version, if its text is another one.
pub(crate) fn save(
    session: &Session<'_>,
    writer: &Writer<'_>,
    newest: Newest,
    document: Document,
    subject: &str,
) -> Result<Newest> {
    if document == newest.document {
        return Ok(newest);
    }
    let (stored, text_id) = writer.save(&newest.stored, document.text(), subject, &session.author())?;
    Ok(Newest {
        stored,
        document,
        text_id,
    })
}

/// Brings what is derived up to date after a change. A front matter that cannot be edited stays as it is: check says so.
pub(crate) fn stamp(document: &mut Document, session: &Session<'_>, branch: Option<&BranchName>) {
    let now = timestamp(session.world.now);
    let front_matter = document.front_matter();
    let mut changes = Vec::new();
    let mut change = |name: &str, value: &str| {
        if let Some(key) = Key::parse(name)
            && front_matter.get(&key).is_some()
            && front_matter.text(name) != Some(value)
        {
            changes.push((key, Value::Text(value.to_owned())));
        }
    };
    change("last_updated", &now);
    if let Some(branch) = branch {
        change(NAME_KEY, branch.as_str());
    }
    if !changes.is_empty() {
        let _ = document.set(&changes);
    }
    if let Some(branch) = branch.filter(|_| front_matter.text("pr").is_some()) {
        document.derive_title(branch);
    }
}

/// Whether a text is a version of the document that is to be shown, or of the branch's that the text names.
fn is_version(store: &Store, target: Option<&Newest>, seen: &Content) -> Result<bool> {
    let Content::Text(text) = seen else { return Ok(false) };
    let text_id = store.text_id(text)?;
    if !store.has_text(&text_id)? {
        return Ok(false);
    }
    let named = Document::new(text.clone())
        .front_matter()
        .text(NAME_KEY)
        .and_then(BranchName::new);
    let named = named.map(|branch| store.find(&branch)).transpose()?.flatten();
    for stored in target.map(|target| target.stored.clone()).into_iter().chain(named) {
        for version in store.history(&stored)? {
            if store.load(&version.id)?.1 == text_id {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

fn rescue(session: &Session<'_>, writer: &Writer<'_>, seen: &Content) -> Result<Option<Notice>> {
    let Content::Text(text) = seen else {
        return Ok(None);
    };
    let subject = "rescue: text that stood in the view's place";
    let reference = writer.rescue(&session.new_id(), text, subject, &session.author())?;
    Ok(Some(Notice::Rescued { reference }))
}
