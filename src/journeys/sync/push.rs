//! Pushing a branch together with its document: fetch what the remote has of it, merge, check, then one push of both, all or
//! nothing.
//!
//! The branch goes as a plain `git push` of it would; where the remote does not take the document, it goes alone. Not here: what
//! the check finds and says (verify.rs, by the entries), and git's command line (transport/branch.rs).

use super::kept::kept;
use super::place::{Target, destination, remote_of, target};
use super::{
    Archives, Carried, MOST_TRIES, Scope, Sending, Synced, absorb, group, not_taken, note_taken, overtaken, with_lock,
};
use crate::error::{Error, Result};
use crate::journeys::Session;
use crate::journeys::verify::PushedRef;
use crate::names::BranchName;
use crate::store::{Store, Window, remote_refspec};
use crate::transport::{BranchPush, Force, Hooks, Line, Prompt, Pushed, Refusal, Update};

/// The remote's reason that is none.
const ALL_OR_NOTHING: &str = "it takes neither the branch nor the document when both come together";

/// How somebody wants it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wish {
    /// Whether the remote's branch may be moved anywhere.
    pub(crate) force: Force,
    /// Git only says what it would do. Nothing is fetched then, and the document stays here.
    pub(crate) dry_run: bool,
    /// Git says nothing but errors.
    pub(crate) quiet: bool,
    /// Whether git and ssh may ask.
    pub(crate) prompt: Prompt,
}

/// Whether a check lets a push go on.
pub(crate) type Check<'a> = dyn FnMut() -> Result<bool> + 'a;

/// What came of a push.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// The check held it back: nothing was pushed. What the remote had of the document is merged all the same.
    pub(crate) is_held_back: bool,
    /// What git says of the branch: `[new branch]`, `[up to date]`, a range of commits, or nothing.
    pub(crate) summary: String,
    /// The document; `None` where the branch has none.
    pub(crate) document: Option<Synced>,
    /// The archives, where it took looking at them to know what becomes of the document.
    pub(crate) carried: Option<Carried>,
    /// What hooks of others wrote to standard output.
    pub(crate) said: Vec<String>,
}

/// Finds out where `branch` goes: to the remote that is asked for, else to its own, under the name that git's configuration says.
///
/// Errors: it has no commit; there is no such remote; by the configuration a `git push` would not push it.
pub(crate) fn plan<'a>(
    session: &'a Session<'_>,
    branch: &BranchName,
    remote: Option<&str>,
    wish: Wish,
) -> Result<BranchPush<'a>> {
    let repository = &session.repository;
    let id = repository.tip(branch).ok_or_else(|| {
        Error::new(format!("there is no branch '{branch}' here that could be pushed"))
            .hint("git branch --list; one without a commit is none yet")
    })?;
    let remote = remote_of(session, branch, remote, "push")?;
    let (to, set_upstream) = destination(repository, branch, &remote)?;
    Ok(BranchPush {
        world: session.world,
        top: repository.work_tree().unwrap_or(repository.git_dir()),
        remote,
        local: branch.to_ref(),
        id,
        to,
        force: wish.force,
        set_upstream,
        dry_run: wish.dry_run,
        quiet: wish.quiet,
        prompt: wish.prompt,
    })
}

/// The push as git tells it to a pre-push hook.
pub(crate) fn pushed_ref(push: &BranchPush<'_>) -> PushedRef {
    PushedRef {
        local: push.local.clone(),
        id: push.id.clone(),
        remote: push.to.clone(),
    }
}

/// Pushes the branch and its document, if `check` lets them: it is asked once, when what the remote has of the document is
/// merged, because others may have written there what is missing here. What else becomes of the document holds the branch back in
/// no case.
///
/// Errors: the branch was not pushed.
pub(crate) fn push(
    session: &Session<'_>,
    branch: &BranchName,
    push: &BranchPush<'_>,
    check: &mut Check<'_>,
) -> Result<Outcome> {
    if push.dry_run || session.is_excluded(branch) {
        return match check()? {
            true => alone(push, None, Vec::new(), Hooks::Run),
            false => Ok(Outcome::held_back(None)),
        };
    }
    let target = target(session, branch, &push.remote);
    let store = session.store_or_create()?;
    let window = store.window(&push.remote, [(branch, &target.name)]);
    let line = Line::to(session.world, push.top, store.path(), &push.remote, push.prompt)?;
    let mut both = Both {
        session,
        store,
        push,
        line: line.through(window.as_ref().map(Window::path)),
        said: Vec::new(),
        hooks: Hooks::Run,
        summary: None,
        document: None,
        before: Vec::new(),
        deletions: Vec::new(),
    };
    let mut fetched = both.fetch(&target, Sending::NotYet);
    if !check()? {
        return Ok(Outcome::held_back(both.document));
    }
    if is_fetched(session, &push.remote) {
        return one_by_one(both, target);
    }
    for attempt in 0..MOST_TRIES {
        // The check may have written into the document why it let it go.
        fetched = match (attempt, fetched) {
            (0, Fetched::Merged(_)) => both.merge(&target, Sending::Now),
            (0, fetched) => fetched,
            _ => both.fetch(&target, Sending::Now),
        };
        match both.attempt(&target, &fetched)? {
            Attempt::Done => {
                // What cannot be packed now is packed the next time.
                let _ = store.pack_if_many();
                return Ok(both.outcome());
            }
            Attempt::Again => {}
            Attempt::BranchAlone => return both.branch_alone(),
            Attempt::OneByOne => return one_by_one(both, target),
        }
    }
    both.fail(overtaken(&push.remote).hint("git branchwork sync"));
    both.branch_alone()
}

/// Whether documents of the remote are fetched to here by git itself. It would remember then where it has pushed one to, and the
/// objects are in the store alone.
fn is_fetched(session: &Session<'_>, remote: &str) -> bool {
    let refspecs = session.repository.config_values(&format!("remote.{remote}.fetch"));
    refspecs.iter().any(|refspec| {
        let from = refspec.trim_start_matches('+');
        ["refs/*", "refs/branchwork"]
            .iter()
            .any(|start| from.starts_with(start))
    })
}

/// The branch, and then its document as a sync sends it.
fn one_by_one(both: Both<'_>, target: Target) -> Result<Outcome> {
    let (session, store, push) = (both.session, both.store, both.push);
    let mut outcome = both.branch_alone()?;
    let remote = &push.remote;
    let before = outcome.document.take();
    let targets = std::slice::from_ref(&target);
    match group(session, store, remote, targets, Scope::Needed, push.prompt, None) {
        Ok(mut done) => {
            outcome.document = done.synced.pop().map(|synced| synced.after(before));
            outcome.carried = done.carried.pop();
        }
        Err(error) => outcome.document = Some(Synced::failed(&target.branch, remote, error)),
    }
    Ok(outcome)
}

/// A branch and its document on their way.
struct Both<'a> {
    session: &'a Session<'a>,
    store: &'a Store,
    push: &'a BranchPush<'a>,
    line: Line<'a>,
    said: Vec<String>,
    hooks: Hooks,
    /// What git said of the branch, once it is there.
    summary: Option<String>,
    /// What is done so far.
    document: Option<Synced>,
    /// What was to be changed by the attempt before.
    before: Vec<Update>,
    /// The remote's refs that are to go once it has the document: not in one step with it, for it may refuse to delete any.
    deletions: Vec<Update>,
}

/// What a fetch brought.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Fetched {
    /// It was merged with what is here; what the remote lacks.
    Merged(Vec<Update>),
    /// The document cannot go, or there is none.
    Nothing,
    /// The document may have been archived by somebody else.
    MayHaveEnded,
}

/// How far one push came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Attempt {
    /// As far as can be.
    Done,
    /// Somebody was faster, and the next attempt may do better.
    Again,
    /// The document cannot go, or need not.
    BranchAlone,
    /// Not both at once.
    OneByOne,
}

impl Both<'_> {
    /// Fetches the document and merges it with what is here.
    fn fetch(&mut self, target: &Target, sending: Sending) -> Fetched {
        let refspec = remote_refspec(&self.push.remote, &target.name);
        match self.store.check_head().and_then(|()| self.line.fetch(&[refspec])) {
            Ok(()) if self.may_have_ended(target).unwrap_or_default() => Fetched::MayHaveEnded,
            Ok(()) => self.merge(target, sending),
            Err(error) => self.cannot_merge(target, &error),
        }
    }

    /// Merges what was fetched.
    fn merge(&mut self, target: &Target, sending: Sending) -> Fetched {
        let remote = &self.push.remote;
        let absorbed = with_lock(self.store, remote, |writer| {
            absorb(self.session, writer, remote, target, sending)
        });
        match absorbed {
            Ok(Some((now, updates))) => {
                self.document = Some(now.after(self.document.take()));
                let (updates, deletions) = updates.into_iter().partition(|update| update.new.is_some());
                self.deletions = deletions;
                Fetched::Merged(updates)
            }
            Ok(None) => Fetched::Nothing,
            Err(error) => self.cannot_merge(target, &error),
        }
    }

    fn cannot_merge(&mut self, target: &Target, error: &Error) -> Fetched {
        let failed = || Synced::failed(&target.branch, &self.push.remote, error.clone());
        self.document.get_or_insert_with(failed).failed = Some(error.clone());
        Fetched::Nothing
    }

    fn attempt(&mut self, target: &Target, fetched: &Fetched) -> Result<Attempt> {
        let remote = &self.push.remote;
        let updates = match fetched {
            Fetched::MayHaveEnded => return Ok(Attempt::OneByOne),
            Fetched::Nothing => return Ok(Attempt::BranchAlone),
            Fetched::Merged(updates) if updates.is_empty() => {
                self.delete();
                return Ok(Attempt::BranchAlone);
            }
            Fetched::Merged(updates) => updates,
        };
        let others = (self.store.path(), updates.as_slice());
        let pushed = self.push.run(Some(others), self.hooks)?;
        self.said.extend(pushed.said.iter().cloned());
        if let (None, Some(Ok(summary))) = (&self.summary, &pushed.branch) {
            self.summary = Some(summary.clone());
        }
        let verdict = match verdict(&pushed) {
            // Nobody was: it is there as it was when it refused.
            Verdict::OthersWereFaster if *updates == self.before => {
                let reason = pushed
                    .refused
                    .iter()
                    .filter(|refusal| !follows(refusal))
                    .find_map(Refusal::lasting);
                Verdict::DocumentRefused(reason.unwrap_or(ALL_OR_NOTHING).to_owned())
            }
            verdict => verdict,
        };
        match verdict {
            Verdict::Pushed => {
                note_taken(self.store, remote, updates.iter());
                if let Some(document) = &mut self.document {
                    document.sent = true;
                }
                self.delete();
                return Ok(Attempt::Done);
            }
            Verdict::BranchRefused(refusal) => return Err(self.push.failed(Some(&refusal))),
            Verdict::Nothing if self.push.lacks_atomic(others)? => {
                self.hooks = Hooks::HaveRun;
                return Ok(Attempt::OneByOne);
            }
            Verdict::Nothing => return Err(self.push.failed(None)),
            Verdict::OthersWereFaster => {}
            Verdict::DocumentRefused(reason) => {
                self.fail(not_taken(remote, &target.branch, &reason));
                self.hooks = Hooks::HaveRun;
                return Ok(Attempt::BranchAlone);
            }
        }
        self.hooks = Hooks::HaveRun;
        self.before.clone_from(updates);
        Ok(Attempt::Again)
    }

    /// Whether the document may have been archived by somebody else, so that archives have to be looked at.
    fn may_have_ended(&self, target: &Target) -> Result<bool> {
        let targets = std::slice::from_ref(target);
        let mut archives = Archives::of(self.session, self.store, &self.push.remote, targets, Scope::Needed)?;
        archives.are_missed(self.session, self.store, target)
    }

    /// Takes away what the remote has besides the document. What fails is done by the next sync.
    fn delete(&mut self) {
        let deletions = std::mem::take(&mut self.deletions);
        if deletions.is_empty() {
            return;
        }
        let Some(document) = &mut self.document else { return };
        let refusals = self.line.push(&deletions).unwrap_or_default();
        let kept = deletions
            .iter()
            .filter_map(|update| kept(&self.push.remote, &document.branch, update, &refusals));
        document.notices.extend(kept);
    }

    fn fail(&mut self, error: Error) {
        if let Some(document) = &mut self.document {
            document.failed = Some(error);
        }
    }

    /// Pushes the branch as it is, unless it is there.
    fn branch_alone(self) -> Result<Outcome> {
        match self.summary {
            Some(_) => Ok(self.outcome()),
            None => alone(self.push, self.document, self.said, self.hooks),
        }
    }

    fn outcome(self) -> Outcome {
        Outcome {
            is_held_back: false,
            summary: self.summary.unwrap_or_default(),
            document: self.document,
            carried: None,
            said: self.said,
        }
    }
}

impl Outcome {
    fn held_back(document: Option<Synced>) -> Self {
        Self {
            is_held_back: true,
            summary: String::new(),
            document,
            carried: None,
            said: Vec::new(),
        }
    }
}

/// Pushes the branch as it is.
fn alone(push: &BranchPush<'_>, document: Option<Synced>, mut said: Vec<String>, hooks: Hooks) -> Result<Outcome> {
    let pushed = push.run(None, hooks)?;
    said.extend(pushed.said);
    match pushed.branch {
        Some(Ok(summary)) => Ok(Outcome {
            is_held_back: false,
            summary,
            document,
            carried: None,
            said,
        }),
        Some(Err(refusal)) => Err(push.failed(Some(&refusal))),
        None => Err(push.failed(None)),
    }
}

/// What a push of both came to.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    Pushed,
    /// For a reason of its own, so that the document need not have been there.
    BranchRefused(Refusal),
    /// Or both, for what may be the document's fault; the reason.
    DocumentRefused(String),
    OthersWereFaster,
    /// Git ended before it told.
    Nothing,
}

/// Whether git refuses the one because of the other.
pub(crate) fn follows(refusal: &Refusal) -> bool {
    refusal.reason.contains("atomic")
}

/// A remote that finds one of them elsewhere says it of both.
fn verdict(pushed: &Pushed) -> Verdict {
    let of_document = pushed.refused.iter().find(|refusal| !follows(refusal));
    match (&pushed.branch, of_document) {
        (None, _) => Verdict::Nothing,
        (Some(Ok(_)), None) if pushed.refused.is_empty() => Verdict::Pushed,
        (Some(Err(refusal)), None) if !follows(refusal) => Verdict::BranchRefused(refusal.clone()),
        (Some(Err(refusal)), Some(_)) if refusal.is_a_race() => Verdict::BranchRefused(refusal.clone()),
        (_, Some(refusal)) if !refusal.is_a_race() => Verdict::DocumentRefused(refusal.reason.clone()),
        _ => Verdict::OthersWereFaster,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_was_refused() {
        let refusal = |reason: &str| Refusal {
            reference: "r".to_owned(),
            reason: reason.to_owned(),
        };
        let told = |branch: Option<std::result::Result<&str, &str>>, refused: &[&str]| {
            verdict(&Pushed {
                branch: branch.map(|branch| branch.map(str::to_owned).map_err(refusal)),
                refused: refused.iter().map(|reason| refusal(reason)).collect(),
                said: Vec::new(),
            })
        };
        let (new, hidden) = (Some(Ok("[new branch]")), "deny updating a hidden ref");
        let refused = |reason| Some(Err(reason));
        let declined = "pre-receive hook declined";
        for (branch, documents, expected) in [
            (new, &[][..], Verdict::Pushed),
            (
                refused("fetch first"),
                &["atomic push failed"],
                Verdict::BranchRefused(refusal("fetch first")),
            ),
            (
                refused("fetch first"),
                &["stale info"],
                Verdict::BranchRefused(refusal("fetch first")),
            ),
            (
                refused("atomic push failure"),
                &[hidden],
                Verdict::DocumentRefused(hidden.to_owned()),
            ),
            // Git's own remote moves the branch all the same then.
            (new, &[hidden], Verdict::DocumentRefused(hidden.to_owned())),
            (
                refused(declined),
                &[declined],
                Verdict::DocumentRefused(declined.to_owned()),
            ),
            (
                refused("atomic push failed"),
                &["atomic push failed", "stale info"],
                Verdict::OthersWereFaster,
            ),
            (
                refused("atomic transaction failed"),
                &["atomic transaction failed"],
                Verdict::OthersWereFaster,
            ),
            (None, &[], Verdict::Nothing),
        ] {
            assert_eq!(told(branch, documents), expected, "{branch:?} {documents:?}");
        }
    }
}
