//! Sharing documents over a git remote: fetch, merge, push back.
//!
//! Two connections at most, and another two each time that somebody was faster. The writers' lock is held while the store is
//! changed and never while the network is waited for. Not here: the connections (transport.rs), how two texts become one
//! (document/merge/), and which versions of a branch belong together (sync/join.rs).

mod join;
mod on_push;
mod push;
mod redacted;

use std::collections::{BTreeMap, HashMap};

use crate::check::{first_secret, quoted};
use crate::error::{Error, Result};
use crate::names::{BranchName, CommitId, DocId, visible};
use crate::process::Deadline;
use crate::store::{Access, Store, Stored, Writer, all_remote_refspec, remote_reference, remote_refspec};
use crate::transport::{self, Line, Prompt, Refusal, Update};

use super::edit::bring_up;
use super::reconcile::Effort;
use super::settle::{Newest, Tracking, settle};
use super::{Notice, Session, edit, open};
use join::Head;

pub(crate) use on_push::{is_proposed, on_push};
pub(crate) use push::{Outcome, Wish, plan, push, pushed_ref};

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

/// A branch and its name on the remote.
struct Target {
    branch: BranchName,
    name: BranchName,
}

/// Syncs the document of `branch` with `remote`, else with the remote that the branch is pushed to.
///
/// Errors: there is no remote; neither side has a document; the remote cannot be reached. What fails later is in the answer.
pub(crate) fn branch(
    session: &Session<'_>,
    branch: &BranchName,
    remote: Option<&str>,
    prompt: Prompt,
) -> Result<Synced> {
    let remote = remote_of(session, branch, remote)?;
    let store = session.store_or_create()?;
    let target = target(session, branch, &remote);
    let refspecs = [remote_refspec(&remote, &target.name)];
    let mut synced = group(session, store, &remote, &[target], &refspecs, prompt, None)?;
    // What cannot be packed now is packed the next time.
    let _ = store.pack_if_many();
    synced.pop().ok_or_else(|| edit::no_document(session, branch))
}

/// Syncs the documents of all branches that exist. What fails for one does not stop the others.
///
/// Errors: there is no remote, or it cannot be reached.
pub(crate) fn all(session: &Session<'_>, remote: Option<&str>, prompt: Prompt) -> Result<Vec<Synced>> {
    let store = session.store_or_create()?;
    open::follow_renames(session, store)?;
    let mut targets: BTreeMap<String, Vec<Target>> = BTreeMap::new();
    for branch in session.repository.branches()? {
        if store.find(&branch)?.is_some() || !session.is_excluded(&branch) {
            let remote = remote_of(session, &branch, remote)?;
            let target = target(session, &branch, &remote);
            targets.entry(remote).or_default().push(target);
        }
    }
    // What branches have that are not here yet is brought too: it is shown when they are checked out.
    if let Some(current) = session.repository.current_branch()? {
        targets.entry(remote_of(session, &current, remote)?).or_default();
    }
    let mut synced = Vec::new();
    for (remote, targets) in targets {
        let refspecs = [all_remote_refspec(&remote)];
        synced.extend(group(session, store, &remote, &targets, &refspecs, prompt, None)?);
    }
    let _ = store.pack_if_many();
    Ok(synced)
}

/// Fetches the document of `branch`, where it has none here and is on a remote; says which remote had one.
///
/// Errors: the remote cannot be reached.
pub(crate) fn bring(session: &Session<'_>, branch: &BranchName, prompt: Prompt) -> Result<Option<String>> {
    let repository = &session.repository;
    if session.is_excluded(branch) || repository.tip(branch).is_none() {
        return Ok(None);
    }
    let remote = repository.push_remote(branch);
    let target = target(session, branch, &remote);
    if !repository.has_remote(&remote) || repository.tip_on(&remote, &target.name).is_none() {
        return Ok(None);
    }
    let store = session.store_or_create()?;
    if open::find(session, store, branch)?.is_some() {
        return Ok(None);
    }
    let top = repository.work_tree().unwrap_or(repository.git_dir());
    let line = Line::to(session.world, top, store.path(), &remote, prompt)?.hurried();
    line.fetch(&[remote_refspec(&remote, &target.name)])?;
    let found = with_lock(store, &remote, |writer| brought(session, writer, branch))?;
    Ok(found.map(|_| remote))
}

/// Gives a branch that has no document here the one that was fetched last.
pub(crate) fn brought(session: &Session<'_>, writer: &Writer<'_>, branch: &BranchName) -> Result<Option<Stored>> {
    let remote = session.repository.push_remote(branch);
    let target = target(session, branch, &remote);
    // What cannot be used is told by a sync.
    let fetched = writer.store().on_remote(&remote, &target.name).unwrap_or_default();
    let mut heads = Vec::new();
    for (id, version) in fetched {
        if !writer.store().has_ended(&id)? {
            heads.push(Head { id, version });
        }
    }
    let head = join::all(session, writer, &remote, heads)?;
    head.map(|head| writer.forward(branch, head.id, None, head.version))
        .transpose()
}

/// The remote that was asked for, else the one that the branch is pushed to; never another.
fn remote_of(session: &Session<'_>, branch: &BranchName, asked: Option<&str>) -> Result<String> {
    let remote = asked.map_or_else(|| session.repository.push_remote(branch), str::to_owned);
    if session.repository.has_remote(&remote) {
        return Ok(remote);
    }
    if asked.is_some() {
        return Err(transport::no_remote(&remote));
    }
    let option = edit::branch_option(session.repository.current_branch()?.as_ref(), branch);
    Err(Error::new(format!("'{branch}' has no remote to sync with"))
        .why(format!("there is no remote '{}' here", visible(&remote)))
        .hint(format!("name one: git branchwork sync <remote>{option}")))
}

/// Whether the remote that the branch is pushed to had a document of it when it was looked at last.
pub(crate) fn is_shared(session: &Session<'_>, branch: &BranchName) -> Result<bool> {
    let remote = session.repository.push_remote(branch);
    let target = target(session, branch, &remote);
    let store = session.store()?.filter(|_| session.repository.has_remote(&remote));
    let known = store.map(|store| store.on_remote(&remote, &target.name)).transpose()?;
    Ok(known.is_some_and(|known| !known.is_empty()))
}

/// A branch is on the remote under the name that it is pushed to: its own, or that of the branch it follows, unless that is
/// another one's: a branch that was begun from the remote's trunk follows it.
fn target(session: &Session<'_>, branch: &BranchName, remote: &str) -> Target {
    let repository = &session.repository;
    let followed = repository.followed_on(remote, branch);
    let name = followed.filter(|name| repository.tip(name).is_none() && !session.is_excluded(name));
    Target {
        branch: branch.clone(),
        name: name.unwrap_or_else(|| branch.clone()),
    }
}

/// Syncs some branches with one remote, until the deadline at the latest.
fn group(
    session: &Session<'_>,
    store: &Store,
    remote: &str,
    targets: &[Target],
    refspecs: &[String],
    prompt: Prompt,
    deadline: Option<Deadline>,
) -> Result<Vec<Synced>> {
    let top = session.repository.work_tree().unwrap_or(session.repository.git_dir());
    let line = Line::to(session.world, top, store.path(), remote, prompt)?.until(deadline);
    let mut synced: Vec<Option<Synced>> = targets.iter().map(|_| None).collect();
    let mut open: Vec<usize> = (0..targets.len()).collect();
    let mut refused: HashMap<String, (Option<CommitId>, Refusal)> = HashMap::new();
    for _ in 0..MOST_TRIES {
        match line.fetch(refspecs) {
            Err(error) if synced.iter().any(Option::is_some) => return Ok(ended(synced, &open, &error)),
            fetched => fetched?,
        }
        let mut updates = Vec::new();
        for index in std::mem::take(&mut open) {
            let (target, before) = (&targets[index], synced[index].take());
            let absorbed = with_lock(store, remote, |writer| absorb(session, writer, remote, target));
            let (now, wanted) = match absorbed {
                Ok(Some(absorbed)) => absorbed,
                Ok(None) => continue,
                Err(error) => (Synced::failed(target, remote, error), Vec::new()),
            };
            let mut now = now.after(before);
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
        if updates.is_empty() {
            return Ok(synced.into_iter().flatten().collect());
        }
        let all: Vec<Update> = updates.iter().map(|(_, update)| update.clone()).collect();
        let refusals = match line.push(&all) {
            Ok(refusals) => refusals,
            Err(error) => return Ok(ended(synced, &open, &error)),
        };
        let taken = |update: &Update| refusals.iter().all(|refusal| refusal.reference != update.reference);
        with_lock(store, remote, |writer| {
            for update in all.iter().filter(|update| taken(update)) {
                if let Some(version) = &update.new {
                    writer.note_remote(&fetched_to(remote, &update.reference), version)?;
                }
            }
            Ok(())
        })?;
        for (index, update) in &updates {
            if let Some(now) = synced[*index].as_mut().filter(|_| taken(update)) {
                now.sent |= update.new.is_some();
            }
        }
        open.retain(|index| updates.iter().any(|(of, update)| of == index && !taken(update)));
        if open.is_empty() {
            return Ok(synced.into_iter().flatten().collect());
        }
        let by_reference = |refusal: Refusal| {
            let seen = all
                .iter()
                .find(|update| update.reference == refusal.reference)?
                .seen
                .clone();
            Some((refusal.reference.clone(), (seen, refusal)))
        };
        refused = refusals.into_iter().filter_map(by_reference).collect();
    }
    let error = Error::new(format!(
        "somebody else was faster each time to send to '{}'",
        visible(remote)
    ));
    Ok(ended(synced, &open, &error.hint("run the command again")))
}

/// What was done until those of `open` could not be sent. What came stays, and is told.
fn ended(mut synced: Vec<Option<Synced>>, open: &[usize], error: &Error) -> Vec<Synced> {
    for index in open {
        if let Some(Some(now)) = synced.get_mut(*index) {
            now.failed = Some(error.clone());
        }
    }
    synced.into_iter().flatten().collect()
}

impl Synced {
    fn failed(target: &Target, remote: &str, error: Error) -> Self {
        Self {
            branch: target.branch.clone(),
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
            let mut notices = before.notices;
            notices.extend(
                self.notices
                    .into_iter()
                    .filter(|notice| !notices.contains(notice))
                    .collect::<Vec<_>>(),
            );
            self.notices = notices;
        }
        self
    }
}

fn not_taken(remote: &str, branch: &BranchName, reason: &str) -> Error {
    Error::new(format!(
        "'{}' does not take the document of '{branch}'",
        visible(remote)
    ))
    .why(reason)
    .hint(format!(
        "ask whoever keeps it to allow refs/branchwork/*; to see them: git ls-remote {} 'refs/branchwork/*'",
        quoted(remote)
    ))
}

fn secret_inside(branch: &BranchName, line: usize, name: &str) -> Error {
    Error::new(format!("the document of '{branch}' is not sent"))
        .why(format!("line {line} holds what looks like {name}"))
        .hint("make it invalid where it was issued, for every version is sent; then take it out: git branchwork edit")
}

/// Where a ref of the remote is kept here.
fn fetched_to(remote: &str, reference: &str) -> String {
    let rest = reference.strip_prefix("refs/branchwork/").unwrap_or(reference);
    format!("refs/branchwork/remotes/{remote}/{rest}")
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

/// Brings what was fetched for one branch together with what is here, and shows it; returns what the remote lacks. `None` where
/// neither side has a document.
fn absorb(
    session: &Session<'_>,
    writer: &Writer<'_>,
    remote: &str,
    target: &Target,
) -> Result<Option<(Synced, Vec<Update>)>> {
    let (branch, store) = (&target.branch, writer.store());
    let checkout = session.repository.checkout_of(branch);
    let (stored, mut notices) = open::adopt_or_find(session, writer, branch)?;
    let ours = match stored {
        None => None,
        Some(stored) => {
            let newest = Newest::load(store, stored)?;
            let (newest, more) = bring_up(session, writer, newest, branch, checkout.as_ref(), Effort::Quick)?;
            notices.extend(more);
            Some(newest.stored)
        }
    };
    let mut on_remote = store.on_remote(remote, &target.name)?;
    // What was archived here does not come back to life because a remote still has it.
    let mut live = Vec::new();
    for (id, version) in on_remote.drain(..) {
        if store.archived_by_id(&id)?.is_none() {
            live.push((id, version));
        }
    }
    let on_remote = live;
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
        notices.extend(
            more.into_iter()
                .filter(|notice| !notices.contains(notice))
                .collect::<Vec<_>>(),
        );
    }
    let mut updates = wanted(remote, target, &newest.stored.id, &newest.stored.version, &theirs);
    let secret = first_secret(newest.document.text()).filter(|_| !updates.is_empty());
    if secret.is_some() {
        updates.clear();
    }
    let synced = Synced {
        branch: branch.clone(),
        remote: remote.to_owned(),
        came,
        sent: false,
        is_apart,
        notices,
        failed: secret.map(|(line, name)| secret_inside(branch, line, name)),
    };
    Ok(Some((synced, updates)))
}

/// What has to change on the remote so that it has this version and no other document of the branch.
fn wanted(remote: &str, target: &Target, id: &DocId, version: &CommitId, theirs: &[Head]) -> Vec<Update> {
    let reference = |id: &DocId| remote_reference(remote, &target.name, id).0;
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
