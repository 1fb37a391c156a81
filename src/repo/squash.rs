//! Whether the trunk has what a branch has: its commits; one commit with the same patch as all of them together, as a squash
//! leaves it; all that they changed, as several squashes leave it; or one commit for each, as a rebase leaves them.
//!
//! Not here: what a patch is (commits.rs).

use std::collections::{BinaryHeap, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use super::changes::PathChange;
use super::lineage::Scope;
use super::{Repository, commit_id, object_id};
use crate::names::{BranchName, CommitId};
use crate::stack::infer::{Branch, Ground};

/// How many commits of the trunk are compared with a branch.
const MOST_LANDED: usize = 100;
/// The same where all branches are asked about.
const MOST_LANDED_FOR_ALL: usize = 5_000;
/// In how many commits of the trunk it is looked whether they touched what a branch did.
const MOST_TOUCHES: usize = 200;
/// How many places are tried at which the change of a branch may begin, besides the trunk.
const MOST_BEGINNINGS: usize = 3;
/// How many commits of the trunk are asked whether all that a branch changed is there, and of how many files at most.
const MOST_COMPLETED: usize = 20;
const MOST_CHANGED: usize = 1_000;
/// How many commits of a branch are looked for one by one.
const MOST_OWN: usize = 50;
/// How far back it is looked whether the trunk has a commit.
const MOST_VISITED: usize = 2_000;

/// The newest commits of the trunk, by what they change. Reads older ones as they are asked for.
pub(super) struct Landed {
    scope: Scope,
    landings: Vec<Landing>,
    /// Where those are that change these paths.
    by_paths: HashMap<u64, Vec<usize>>,
    /// Where those are that leave this at a path.
    by_result: HashMap<u64, Vec<usize>>,
    /// Where the lines of first parents go on, newest first; `None` before the first question.
    waiting: Option<BinaryHeap<(i64, gix::ObjectId)>>,
    seen: HashSet<gix::ObjectId>,
    /// The answers that were given.
    known: HashMap<BranchName, Option<Merged>>,
}

/// How the trunk came to have what a branch has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Merged {
    /// It reaches the branch's commits.
    Reached,
    /// This commit makes the change of the branch, or of its newest commit.
    As(CommitId),
}

/// A commit of the trunk.
struct Landing {
    id: gix::ObjectId,
    time: i64,
    changes: Vec<PathChange>,
    /// Computed when it is first compared.
    patch: Option<Option<u64>>,
}

impl Landed {
    pub(super) fn new(scope: Scope) -> Self {
        Self {
            scope,
            landings: Vec::new(),
            by_paths: HashMap::new(),
            by_result: HashMap::new(),
            waiting: None,
            seen: HashSet::new(),
            known: HashMap::new(),
        }
    }

    /// How the trunk, whose tips these are, has what `branch` has, if it does. `ground` has the commits of the branch, if it was
    /// walked to.
    pub(super) fn how(
        &mut self,
        repository: &Repository,
        ground: &Ground,
        branch: &Branch,
        trunk_tips: &[gix::ObjectId],
    ) -> Option<Merged> {
        if let Some(known) = self.known.get(&branch.name) {
            return known.clone();
        }
        let how = self.look(repository, ground, branch, trunk_tips);
        self.known.insert(branch.name.clone(), how.clone());
        how
    }

    fn look(
        &mut self,
        repository: &Repository,
        ground: &Ground,
        branch: &Branch,
        trunk_tips: &[gix::ObjectId],
    ) -> Option<Merged> {
        let mut walked = Ground::default();
        let ground = match ground.has_commit(&branch.tip) {
            true => ground,
            false if ground.is_whole => return (!branch.made.is_empty()).then_some(Merged::Reached),
            false => {
                let tip = object_id(&branch.tip).ok()?;
                let found = repository.walk(&[tip], trunk_tips, MOST_VISITED);
                if found.commits.is_empty() || !found.complete {
                    let is_reached = found.complete && !trunk_tips.is_empty() && !branch.made.is_empty();
                    return is_reached.then_some(Merged::Reached);
                }
                for (id, parents) in &found.commits {
                    let parents = parents.iter().filter_map(|id| commit_id(id).ok());
                    if let Ok(id) = commit_id(id) {
                        walked.add_commit(id, parents.collect());
                    }
                }
                &walked
            }
        };
        let beginnings = ground.beginnings(branch, MOST_BEGINNINGS);
        let (nearest, fork) = (beginnings.first()?, beginnings.last()?);
        let forked = object_id(fork).ok().and_then(|id| repository.node(id))?;
        let last = repository.changed_paths(&branch.tip);
        if self.scope == Scope::One
            && let Some(change) = last.as_ref().and_then(|changes| changes.first())
            && !is_touched(repository, change, trunk_tips, forked.time)
        {
            return None;
        }
        self.read(repository, trunk_tips, forked.time);
        let mut landed = |changes: Option<Vec<PathChange>>| self.landed(repository, &changes?, forked.time);
        if let Some(squashed) = beginnings
            .iter()
            .find_map(|base| landed(repository.changed_since(base, &branch.tip)))
        {
            return Some(Merged::As(squashed));
        }
        if let Some(last) = last.as_ref().and_then(|changes| changes.first())
            && let Some(squashed) = self.completed(repository, last, (fork, &branch.tip), forked.time)
        {
            return Some(Merged::As(squashed));
        }
        let own: Vec<_> = ground.way(&branch.tip).take_while(|id| id != nearest).collect();
        if own.len() > MOST_OWN {
            return None;
        }
        let mut landed = |id| self.landed(repository, &repository.changed_paths(id)?, forked.time);
        let rebased: Option<Vec<CommitId>> = own.into_iter().map(&mut landed).collect();
        rebased?.into_iter().next().map(Merged::As)
    }

    /// The commit that the trunk got since and that makes the same changes.
    fn landed(&mut self, repository: &Repository, changes: &[PathChange], since: i64) -> Option<CommitId> {
        let those = self.by_paths.get(&paths(changes))?;
        let patch = repository.patch_of(changes)?;
        let found = those.iter().find_map(|at| {
            let landing = self.landings.get_mut(*at).filter(|landing| landing.time >= since)?;
            let landed = landing
                .patch
                .get_or_insert_with(|| repository.patch_of(&landing.changes));
            (*landed == Some(patch)).then_some(landing.id)
        });
        commit_id(&found?).ok()
    }

    /// The commit that the trunk got since, with which it has all that was changed between two commits. `last` is a change of the
    /// second one. What stands on a branch that was squashed has its commits still, of which the next squash says nothing.
    fn completed(
        &self,
        repository: &Repository,
        last: &PathChange,
        (base, tip): (&CommitId, &CommitId),
        since: i64,
    ) -> Option<CommitId> {
        let those = self.by_result.get(&result(last))?.iter();
        let mut those = those
            .filter_map(|at| self.landings.get(*at))
            .filter(|landing| landing.time >= since)
            .take(MOST_COMPLETED)
            .peekable();
        those.peek()?;
        let changes = repository.changed_since(base, tip)?;
        if changes.is_empty() || changes.len() > MOST_CHANGED {
            return None;
        }
        let is_there = |landing: &Landing, change: &PathChange| {
            repository.object_at(landing.id, change.path.as_ref()) == change.after()
        };
        let found = those.find(|landing| changes.iter().all(|change| is_there(landing, change)))?;
        commit_id(&found.id).ok()
    }

    /// Reads the commits that the trunk got since.
    fn read(&mut self, repository: &Repository, trunk_tips: &[gix::ObjectId], since: i64) {
        let waiting = self.waiting.get_or_insert_with(|| {
            let dated = |id: &gix::ObjectId| Some((repository.node(*id)?.time, *id));
            trunk_tips.iter().filter_map(dated).collect()
        });
        let most = match self.scope {
            Scope::One => MOST_LANDED,
            Scope::Ended | Scope::All => MOST_LANDED_FOR_ALL,
        };
        while let Some((time, id)) = waiting.pop() {
            if time < since || self.seen.len() >= most {
                waiting.push((time, id));
                break;
            }
            if !self.seen.insert(id) {
                continue;
            }
            let first_parent = repository.node(id).and_then(|node| node.parents.first().copied());
            waiting.extend(first_parent.and_then(|id| Some((repository.node(id)?.time, id))));
            if let Some(changes) = commit_id(&id).ok().and_then(|id| repository.changed_paths(&id)) {
                let at = self.landings.len();
                self.by_paths.entry(paths(&changes)).or_default().push(at);
                for change in &changes {
                    self.by_result.entry(result(change)).or_default().push(at);
                }
                self.landings.push(Landing {
                    id,
                    time,
                    changes,
                    patch: None,
                });
            }
        }
    }
}

/// Whether the trunk changed since what the last commit of a branch changed: a tenth of the cost of comparing whole trees.
fn is_touched(repository: &Repository, change: &PathChange, trunk_tips: &[gix::ObjectId], since: i64) -> bool {
    trunk_tips.iter().any(|tip| {
        let object = |id| repository.object_at(id, change.path.as_ref());
        let (mut at, now) = (*tip, object(*tip));
        for _ in 0..MOST_TOUCHES {
            let Some(node) = repository.node(at).filter(|node| node.time >= since) else {
                return false;
            };
            let Some(parent) = node.parents.first() else {
                return now.is_some();
            };
            if object(*parent) != now {
                return true;
            }
            at = *parent;
        }
        false
    })
}

/// A name for what a change leaves at its path.
fn result(change: &PathChange) -> u64 {
    let mut hasher = DefaultHasher::new();
    (&change.path, change.after()).hash(&mut hasher);
    hasher.finish()
}

/// A name for the set of paths that are changed.
fn paths(changes: &[PathChange]) -> u64 {
    let mut hasher = DefaultHasher::new();
    for change in changes {
        change.path.hash(&mut hasher);
    }
    hasher.finish()
}
