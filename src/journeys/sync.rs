//! Sharing documents over a git remote: fetch, merge, push back.
//!
//! Two connections where nothing has ended and little is sent: archives take more, and so does each time that somebody was faster.
//! The writers' lock is held while the store is changed and never while the network is waited for. Not here: the connections
//! (transport.rs), how two texts become one (document/merge/), which versions of a branch belong together (sync/join.rs), documents
//! that have ended (sync/archives.rs), and what is known of a remote without a sync (sync/seen.rs).

mod archives;
mod join;
mod kept;
mod odd;
mod on_push;
mod others;
mod place;
mod push;
mod redacted;
mod seen;

use std::collections::{BTreeMap, HashMap};

use crate::check::{first_secret, quoted};
use crate::error::{Error, Result};
use crate::names::{BranchName, CommitId, DocId, visible};
use crate::process::Deadline;
use crate::store::{Access, Store, Window, Writer, fetched_to, remote_reference};
use crate::transport::{self, Line, Prompt, Refusal, Update};

use super::edit::bring_up;
use super::reconcile::Effort;
use super::settle::{Newest, Tracking, settle};
use super::{Notice, Session, edit, open};
use archives::Archives;
pub(crate) use archives::{Carried, with_archived};
use join::Head;
use kept::{is_kept, kept};
use place::{Target, remote_of, target};

pub(crate) use on_push::{is_proposed, odd_settings, on_push};
pub(crate) use others::bring_others;
pub(crate) use push::{Outcome, Wish, follows, plan, push, pushed_ref};
pub(in crate::journeys) use seen::is_on_remote;
pub(crate) use seen::{bring, brought, to_look, was_seen_on_remote};

/// How often the remote is asked again because somebody was faster.
const MOST_TRIES: usize = 40;

/// What became of one branch's document.
#[derive(Clone, Debug)]
pub(crate) struct Synced {
    /// The branch.
    pub(crate) branch: BranchName,
    /// The remote.
    pub(crate) remote: String,
    /// What came.
    pub(crate) came: Came,
    /// Whether a version was sent.
    pub(crate) sent: bool,
    /// The remote has a document of another branch that had the name before.
    pub(crate) is_apart: bool,
    /// What to tell.
    pub(crate) notices: Vec<Notice>,
    /// Why it was not sent, or not even looked at. What came stays.
    pub(crate) failed: Option<Error>,
}

/// What came from a remote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Came {
    /// Nothing that was not here.
    Nothing,
    /// A newer version.
    Newer,
    /// A document, where there was none.
    Document,
    /// Another clone's changes, which were merged with those of this one.
    Changes,
}

/// What became of all that was asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Done {
    /// The live documents.
    pub(crate) synced: Vec<Synced>,
    /// The archives, remote by remote.
    pub(crate) carried: Vec<Carried>,
    /// What else to tell.
    pub(crate) notices: Vec<Notice>,
}

/// Which documents and archives a sync is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scope {
    /// All that the remote has.
    All,
    /// Those of some branches, and what has to be known to sync these.
    Needed,
}

/// Whether what the remote lacks is sent to it now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sending {
    /// From here on it may be there.
    Now,
    /// Something has to be decided before.
    NotYet,
}

/// Syncs the document of `branch` with `remote`, else with the remote that the branch is pushed to.
///
/// Errors: there is no remote; neither side has a document, though the branch should have one; the remote cannot be reached. What fails later is in the answer.
pub(crate) fn branch(session: &Session<'_>, branch: &BranchName, remote: Option<&str>, prompt: Prompt) -> Result<Done> {
    let remote = remote_of(session, branch, remote, "sync")?;
    let store = session.store_or_create()?;
    let targets = [target(session, branch, &remote)];
    let done = group(session, store, &remote, &targets, Scope::Needed, prompt, None)?;
    // What cannot be packed now is packed the next time.
    let _ = store.pack_if_many();
    let is_to_have_one = session.archived(branch)?.is_none() && !session.is_excluded(branch);
    if done.synced.is_empty() && done.carried.iter().all(Carried::is_nothing) && is_to_have_one {
        return Err(edit::no_document(session, branch));
    }
    Ok(done)
}

/// Syncs the documents of all branches that exist. What fails for one branch or remote does not stop the others.
///
/// Errors: no branch has a remote.
pub(crate) fn all(session: &Session<'_>, remote: Option<&str>, prompt: Prompt) -> Result<Done> {
    let store = session.store_or_create()?;
    let mut done = Done {
        notices: open::follow_renames(session, store)?,
        ..Done::default()
    };
    let mut nowhere = None;
    let mut targets: BTreeMap<String, Vec<Target>> = BTreeMap::new();
    for branch in session.repository.branches()? {
        let has_document = store.find(&branch)?.is_some();
        if !has_document && session.is_excluded(&branch) {
            continue;
        }
        match remote_of(session, &branch, remote, "sync") {
            Ok(remote) => {
                let target = target(session, &branch, &remote);
                targets.entry(remote).or_default().push(target);
            }
            Err(error) => {
                nowhere.get_or_insert_with(|| error.clone());
                if has_document {
                    let remote = session.repository.push_remote(&branch);
                    done.synced.push(Synced::failed(&branch, &remote, error));
                }
            }
        }
    }
    // What branches have that are not here yet is brought too: it is shown when they are checked out.
    if let Some(current) = session.repository.current_branch()? {
        match remote_of(session, &current, remote, "sync") {
            Ok(remote) => drop(targets.entry(remote).or_default()),
            Err(error) => drop(nowhere.get_or_insert(error)),
        }
    }
    if let Some(error) = nowhere.filter(|_| targets.is_empty()) {
        return Err(error);
    }
    for (remote, targets) in targets {
        match group(session, store, &remote, &targets, Scope::All, prompt, None) {
            Ok(more) => {
                done.synced.extend(more.synced);
                done.carried.extend(more.carried);
            }
            Err(error) => done.carried.push(Carried {
                remote,
                failed: Some(error),
                ..Carried::default()
            }),
        }
    }
    let _ = store.pack_if_many();
    Ok(done)
}

/// The way from the store to a remote.
///
/// Errors: there is no such remote; git does not take the store for a repository.
pub(super) fn line<'a>(
    session: &'a Session<'_>,
    store: &'a Store,
    remote: &'a str,
    prompt: Prompt,
) -> Result<Line<'a>> {
    store.check_head()?;
    let top = session.repository.work_tree().unwrap_or(session.repository.git_dir());
    Line::to(session.world, top, store.path(), remote, prompt)
}

/// Syncs some branches with one remote, until the deadline at the latest.
fn group(
    session: &Session<'_>,
    store: &Store,
    remote: &str,
    targets: &[Target],
    scope: Scope,
    prompt: Prompt,
    deadline: Option<Deadline>,
) -> Result<Done> {
    let mut archives = Archives::of(session, store, remote, targets, scope)?;
    let whole = line(session, store, remote, prompt)?.until(deadline);
    let shown = targets.iter().map(|target| (&target.branch, &target.name));
    let window = store.window(remote, shown.filter(|_| !archives.wanted));
    let line = whole.clone().through(window.as_ref().map(Window::path));
    let mut synced: Vec<Option<Synced>> = targets.iter().map(|_| None).collect();
    let mut open: Vec<usize> = (0..targets.len()).collect();
    let mut refused = Refused::new();
    for _ in 0..MOST_TRIES {
        // Archives are made of versions of many documents: git is to see which are here.
        let fetching = if archives.wanted { &whole } else { &line };
        match fetching.fetch(&archives.refspecs()) {
            Err(error) if synced.iter().any(Option::is_some) => {
                return Ok(ended(synced, &open, &error, archives.carried));
            }
            fetched => fetched?,
        }
        if archives.wanted
            && let Err(error) = with_lock(store, remote, |writer| archives.take(session, writer, targets))
        {
            archives.fail(error);
        }
        let mut updates = Vec::new();
        let mut is_missed = false;
        for index in std::mem::take(&mut open) {
            // A document that cannot be looked at is told below.
            if archives.are_missed(session, store, &targets[index]).unwrap_or_default() {
                is_missed = true;
                open.push(index);
                continue;
            }
            let (target, before) = (&targets[index], synced[index].take());
            let absorbed = with_lock(store, remote, |writer| {
                absorb(session, writer, remote, target, Sending::Now)
            });
            let (now, mut wanted) = match absorbed {
                Ok(Some(absorbed)) => absorbed,
                Ok(None) => continue,
                Err(error) => (Synced::failed(&target.branch, remote, error), Vec::new()),
            };
            let mut now = now.after(before);
            wanted.retain(|update| {
                let before = refused.get(&update.reference);
                !before.is_some_and(|(seen, refusal)| *seen == update.seen && is_kept(update, refusal))
            });
            // The remote is where it was when it refused: nobody was faster.
            let reason = wanted.iter().find_map(|update| {
                let (seen, refusal) = refused.get(&update.reference)?;
                refusal.lasting().filter(|_| *seen == update.seen)
            });
            match reason {
                Some(reason) => now.failed = Some(not_taken(remote, &target.branch, reason)),
                None if !wanted.is_empty() => {
                    open.push(index);
                    updates.extend(wanted.into_iter().map(|update| (index, update)));
                }
                None => {}
            }
            synced[index] = Some(now);
        }
        // Only a sync of one branch does without them at first.
        if is_missed || archives.are_new() {
            continue;
        }
        let deletions = archives.send(&line, store);
        let mut all: Vec<Update> = updates.iter().map(|(_, update)| update.clone()).collect();
        all.extend(deletions.iter().cloned());
        let refusals = match all.is_empty() {
            true => Vec::new(),
            false => match line.push(&all) {
                Ok(refusals) => refusals,
                Err(error) => return Ok(ended(synced, &open, &error, archives.carried)),
            },
        };
        let taken = |update: &Update| refusals.iter().all(|refusal| refusal.reference != update.reference);
        note_taken(store, remote, all.iter().filter(|update| taken(update)));
        for (index, update) in &updates {
            if let Some(now) = &mut synced[*index] {
                now.sent |= update.new.is_some() && taken(update);
                now.notices.extend(kept(remote, &now.branch, update, &refusals));
            }
        }
        let is_open = |update: &Update| {
            let mut of_it = refusals.iter().filter(|refusal| refusal.reference == update.reference);
            of_it.any(|refusal| !is_kept(update, refusal))
        };
        open.retain(|index| updates.iter().any(|(of, update)| of == index && is_open(update)));
        archives.keeps(&deletions, &refusals);
        if open.is_empty() && !archives.again {
            return Ok(Done::of(synced, archives.carried));
        }
        refused = refused_at(refusals, &all);
    }
    let error = overtaken(remote).hint("run the command again");
    if archives.again {
        archives.fail(error.clone());
    }
    Ok(ended(synced, &open, &error, archives.carried))
}

/// What a remote refused, by the ref, and at what that stood.
type Refused = HashMap<String, (Option<CommitId>, Refusal)>;

fn refused_at(refusals: Vec<Refusal>, updates: &[Update]) -> Refused {
    let at = |refusal: Refusal| {
        let update = updates.iter().find(|update| update.reference == refusal.reference)?;
        Some((refusal.reference.clone(), (update.seen.clone(), refusal)))
    };
    refusals.into_iter().filter_map(at).collect()
}

fn overtaken(remote: &str) -> Error {
    let remote = visible(remote);
    Error::new(format!("somebody else was faster each time to send to '{remote}'"))
}

/// What was done until those of `open` could not be sent. What came stays, and is told.
fn ended(mut synced: Vec<Option<Synced>>, open: &[usize], error: &Error, carried: Carried) -> Done {
    for index in open {
        if let Some(Some(now)) = synced.get_mut(*index) {
            now.failed = Some(error.clone());
        }
    }
    Done::of(synced, carried)
}

impl Done {
    fn of(synced: Vec<Option<Synced>>, carried: Carried) -> Self {
        Self {
            synced: synced.into_iter().flatten().collect(),
            carried: vec![carried],
            notices: Vec::new(),
        }
    }
}

impl Synced {
    fn failed(branch: &BranchName, remote: &str, error: Error) -> Self {
        Self {
            branch: branch.clone(),
            remote: remote.to_owned(),
            came: Came::Nothing,
            sent: false,
            is_apart: false,
            notices: Vec::new(),
            failed: Some(error),
        }
    }

    /// The same, and what was done in the tries before.
    fn after(mut self, before: Option<Self>) -> Self {
        if let Some(before) = before {
            self.came = self.came.max(before.came);
            self.sent |= before.sent;
            let new = std::mem::replace(&mut self.notices, before.notices);
            Notice::add(&mut self.notices, new);
        }
        self
    }
}

fn not_taken(remote: &str, branch: &BranchName, reason: &str) -> Error {
    refused_by(remote, &format!("the document of '{branch}'"), reason)
}

fn refused_by(remote: &str, what: &str, reason: &str) -> Error {
    let hint = match reason == transport::ELSEWHERE {
        true => format!(
            "name a remote that is pushed to where it is fetched from, or: git config --unset-all remote.{}.pushurl",
            quoted(remote)
        ),
        false => format!(
            "ask whoever keeps it to allow refs/branchwork/*; to see them: git ls-remote {} 'refs/branchwork/*'",
            quoted(remote)
        ),
    };
    Error::new(format!("'{}' does not take {what}", visible(remote)))
        .why(reason)
        .hint(hint)
}

/// The first of the versions that a remote does not have which holds what looks like a secret, the line, and what it looks like.
fn secret_in_versions(
    store: &Store,
    tips: &[CommitId],
    known: &[CommitId],
) -> Result<Option<(CommitId, usize, &'static str)>> {
    for version in store.versions_apart(tips, known) {
        if let Some((line, name)) = first_secret(&store.load(&version)?.0) {
            return Ok(Some((version, line, name)));
        }
    }
    Ok(None)
}

/// `what` has a capital letter nowhere; without a `version` it is its newest text.
fn secret_inside(what: &str, version: Option<&CommitId>, line: usize, name: &str) -> Error {
    let of = version.map(|version| format!(" of its version {}", version.short()));
    Error::new(format!("{what} is not sent"))
        .why(format!(
            "line {line}{} holds what looks like {name}",
            of.unwrap_or_default()
        ))
        .hint("make it invalid where it was issued; then take it out of every version: git branchwork redact PATTERN")
}

/// Does something while nobody else writes to the store.
fn with_lock<T>(store: &Store, remote: &str, work: impl FnOnce(&Writer<'_>) -> Result<T>) -> Result<T> {
    match store.access()? {
        Access::Writer(writer) => work(&writer),
        Access::ReadOnly(reason) => Err(Error::new(format!("cannot sync with '{}'", visible(remote)))
            .why("the store cannot be written")
            .why(reason)
            .hint("make the git directory writable, then run the command again")),
    }
}

/// Remembers where refs of a remote are that it took. It has them all the same where that cannot be: the next fetch sees them.
fn note_taken<'u>(store: &Store, remote: &str, updates: impl Iterator<Item = &'u Update>) {
    let _ = with_lock(store, remote, |writer| {
        for update in updates {
            if let Some(version) = &update.new {
                writer.note_remote(&fetched_to(remote, &update.reference), version)?;
            }
        }
        Ok(())
    });
}

/// Brings what was fetched for one branch together with what is here, and shows it; returns what the remote lacks. `None` where
/// neither side has a document.
fn absorb(
    session: &Session<'_>,
    writer: &Writer<'_>,
    remote: &str,
    target: &Target,
    sending: Sending,
) -> Result<Option<(Synced, Vec<Update>)>> {
    let (branch, store) = (&target.branch, writer.store());
    let checkout = session.repository.checkout_of(branch);
    let (stored, mut notices) = open::adopt_or_find(session, writer, branch)?;
    let mut ours = match stored {
        None => None,
        Some(stored) => {
            let newest = Newest::load(store, stored)?;
            let (newest, more) = bring_up(session, writer, newest, branch, checkout.as_ref(), Effort::Quick)?;
            notices.extend(more);
            Some(newest.stored)
        }
    };
    let found = odd::parted(store, remote, &target.name, ours.as_ref())?;
    if let Some(error) = found.in_the_way(ours.as_ref()) {
        return Err(error);
    }
    notices.extend(found.odd.into_iter().map(|(_, error)| Notice::PassedOver(error)));
    let on_remote = found.usable;
    let is_there = |id: &DocId| on_remote.iter().any(|(theirs, _)| theirs == id);
    if let Some(ours) = ours.as_ref().filter(|ours| !is_there(&ours.id))
        && archives::is_in_doubt(store, remote, &target.name, &ours.id)?
    {
        let option = edit::branch_option(session.repository.current_branch()?.as_ref(), branch);
        let mut synced = Synced::failed(branch, remote, archives::in_doubt(branch, remote, &option));
        synced.notices = notices;
        return Ok(Some((synced, Vec::new())));
    }
    // Under another name it may have been redacted there.
    if let Some(ours) = ours.as_mut().filter(|ours| !is_there(&ours.id)) {
        for elsewhere in store.everywhere_on_remote(remote, &ours.id)? {
            let (agreed, _) = redacted::agree(writer, &ours.version, &elsewhere)?;
            if agreed != ours.version {
                *ours = writer.forward(branch, ours.id.clone(), Some(&ours.version), agreed)?;
            }
        }
    }
    let mut heads: Vec<Head> = store.all_of(branch)?.into_iter().map(Head::from).collect();
    let mut theirs = Vec::new();
    for (id, version) in on_remote.clone() {
        let head = Head { id, version };
        if join::is_of_this_life(session, store, remote, target, ours.as_ref(), &head)? {
            theirs.push(head);
        }
    }
    let is_apart = theirs.len() < on_remote.len();
    heads.extend(theirs.iter().cloned());
    // Stable: of one document the version that is here stands before the one that was fetched.
    heads.sort_by(|a, b| a.id.cmp(&b.id));
    let Some(head) = join::all(session, writer, remote, heads)? else {
        return Ok(None);
    };
    let came = match &ours {
        None => Came::Document,
        Some(ours) if ours.version == head.version => Came::Nothing,
        Some(_) if theirs.iter().any(|theirs| theirs.version == head.version) => Came::Newer,
        Some(_) => Came::Changes,
    };
    let before = ours
        .as_ref()
        .filter(|ours| ours.id == head.id)
        .map(|ours| &ours.version);
    let mut newest = Newest::load(store, writer.forward(branch, head.id, before, head.version)?)?;
    for younger in store.all_of(branch)? {
        if younger.id != newest.stored.id {
            writer.move_to(&younger, None)?;
        }
    }
    if let Some(checkout) = checkout.filter(|_| came != Came::Nothing) {
        let tip = session.repository.tip(branch);
        let shown = Some(newest.clone());
        let (shown, more) = settle(session, writer, &checkout, tip.as_ref(), shown, Tracking::Verify)?;
        newest = shown.unwrap_or(newest);
        Notice::add(&mut notices, more);
    }
    let mut updates = wanted(target, &newest.stored.id, &newest.stored.version, &theirs);
    let mut failed = odd::too_large(session, branch, &newest.document)?;
    if failed.is_none() && !updates.is_empty() {
        let known: Vec<CommitId> = on_remote.iter().map(|(_, version)| version.clone()).collect();
        let secret = secret_in_versions(store, std::slice::from_ref(&newest.stored.version), &known)?;
        failed = secret.map(|(version, line, name)| {
            secret_inside(&format!("the document of '{branch}'"), Some(&version), line, name)
        });
    }
    if failed.is_some() {
        updates.clear();
    }
    if is_there(&newest.stored.id) || sending == Sending::Now && !updates.is_empty() {
        writer.note_shared(&newest.stored.id)?;
    }
    let synced = Synced {
        branch: branch.clone(),
        remote: remote.to_owned(),
        came,
        sent: false,
        is_apart,
        notices,
        failed,
    };
    Ok(Some((synced, updates)))
}

/// What has to change on the remote so that it has this version and no other document of the branch.
fn wanted(target: &Target, id: &DocId, version: &CommitId, theirs: &[Head]) -> Vec<Update> {
    let reference = |id: &DocId| remote_reference(&target.name, id);
    let seen = theirs
        .iter()
        .find(|head| head.id == *id)
        .map(|head| head.version.clone());
    let mut updates = Vec::new();
    if seen.as_ref() != Some(version) {
        updates.push(Update {
            reference: reference(id),
            seen,
            new: Some(version.clone()),
        });
    }
    let younger = theirs.iter().filter(|head| head.id != *id);
    updates.extend(younger.map(|head| Update {
        reference: reference(&head.id),
        seen: Some(head.version.clone()),
        new: None,
    }));
    updates
}
