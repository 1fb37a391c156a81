//! What git itself knows of who stands on whom: branches, their reflogs, and the commits that the trunk does not have.
//!
//! It gathers what stack/infer.rs decides by, as little of it as will do: one reading of all refs, the way from a branch to
//! the trunk, and only the reflogs that can matter. Not here: the decisions, and what a line of a reflog means
//! (stack/reflog.rs).

mod ended;
mod logs;
mod names;

use std::cell::Cell;
use std::collections::{HashMap, HashSet};

use gix::bstr::{BString, ByteSlice};

use logs::Logs;

use super::squash::Landed;
use super::{Repository, commit_id, object_id};
use crate::error::Result;
use crate::names::{BranchName, CommitId};
use crate::stack::infer::{Branch, Ground, Inferred, Origin, Whence};
use crate::stack::reflog::{self, Departure, Life};

/// How many commits are looked at on the way from one branch to the trunk: about 10 ms without a commit-graph.
const MOST_ON_THE_WAY: usize = 2_000;
/// The same for all branches at once.
const MOST_OF_ALL: usize = 200_000;
/// How many branches on one way have their reflogs read, nearest first.
const MOST_MET: usize = 200;
/// Where there are more branches than this, only those that HEAD was on are asked when their reflogs were written.
const MOST_ASKED: usize = 1_000;
/// How many reflogs are read, the newest first, to find out where branches were before.
const MOST_LOGS: usize = 200;
/// The same for all branches at once.
const MOST_LOGS_OF_ALL: usize = 5_000;
/// How far clocks may differ.
const CLOCK_SKEW: i64 = 24 * 60 * 60;

/// What is known of the branches of a repository and their ancestry. Finds out more as it is asked; the refs are those of the
/// moment when it was made.
pub(crate) struct Lineage<'a> {
    repository: &'a Repository,
    trunk: Option<BranchName>,
    trunk_tips: Vec<gix::ObjectId>,
    local: Tips,
    /// Of the remote, for branches that are not here.
    remote: Tips,
    ground: Ground,
    landed: Landed,
    logs: Logs<'a>,
    /// Whether reflogs of branches were read that are on no way.
    others_read: bool,
    /// All reflogs that were written since this time were read for the names that branches had.
    renames_read: Cell<i64>,
    scope: Scope,
}

/// For how many branches the question is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// One, and those below it: a hook asks.
    One,
    /// Some that may be gone, one after the other, with time to look far back on the trunk.
    Ended,
    /// All: everything that the trunk does not have is walked once, and all reflogs are read.
    All,
}

/// The refs of a folder and their commits, in the order of the names.
#[derive(Default)]
struct Tips {
    /// `refs/heads/`.
    folder: String,
    refs: Vec<(BString, gix::ObjectId)>,
}

impl Repository {
    /// What git knows of the ancestry of branches, measured against `trunk`.
    ///
    /// Errors: the branches cannot be listed.
    pub(crate) fn lineage(&self, trunk: Option<&BranchName>, scope: Scope) -> Result<Lineage<'_>> {
        let trunk_tips = trunk.into_iter().flat_map(|trunk| self.tips(trunk));
        let mut lineage = Lineage {
            repository: self,
            trunk: trunk.cloned(),
            trunk_tips: trunk_tips.filter_map(|id| object_id(&id).ok()).collect(),
            local: Tips::read(self, "refs/heads/".to_owned())?,
            remote: match self.remote() {
                Some(remote) => Tips::read(self, format!("refs/remotes/{remote}/"))?,
                None => Tips::default(),
            },
            ground: Ground::default(),
            landed: Landed::new(scope),
            logs: Logs::of(self),
            others_read: false,
            renames_read: Cell::new(i64::MAX),
            scope,
        };
        if scope == Scope::All {
            lineage.read_others(i64::MIN);
            let places = [&lineage.local, &lineage.remote].into_iter();
            let tips: Vec<_> = places.flat_map(|tips| tips.refs.iter().map(|(_, id)| *id)).collect();
            lineage.ground.is_whole = lineage.walk(&tips);
        }
        Ok(lineage)
    }
}

impl Lineage<'_> {
    /// The parent of `branch`, as far as git knows. `None` where there is no such local branch.
    pub(crate) fn infer(&mut self, branch: &BranchName) -> Option<Inferred> {
        if self.trunk.as_ref() == Some(branch) {
            return Some(Inferred::OF_TRUNK);
        }
        self.approach(branch)?;
        let known = self.ground.branch(branch)?;
        if self.ground.is_undecided(known, self.trunk.as_ref()) {
            self.read_others_for(branch);
        }
        let (mut found, is_over_merged) = self.decide(branch)?;
        if is_over_merged && !self.others_read {
            // What is below a merged branch was no question before.
            self.read_others_for(branch);
            found = self.decide(branch)?.0;
        }
        let known = self.ground.branch(branch)?;
        // What it was made from is no layer below it if that was merged before.
        if let Some(Origin {
            from: Some(Whence::Tip(from)),
            at,
            time,
            ..
        }) = &known.origin
            && found.merged.last() == Some(from)
            && !self.ground.has_commit(at)
            && !self.was_new_to_trunk(at, *time)
        {
            found.merged.pop();
        }
        Some(found)
    }

    /// The parent of a branch by what was taken in, and whether one that is nearer was merged.
    fn decide(&mut self, branch: &BranchName) -> Option<(Inferred, bool)> {
        let known = self.ground.branch(branch)?;
        let mut is_over_merged = false;
        let mut is_merged = |other: &Branch| {
            let how = self.landed.how(self.repository, &self.ground, other, &self.trunk_tips);
            is_over_merged |= how.is_some();
            how.is_some()
        };
        let found = self.ground.infer(known, self.trunk.as_ref(), &mut is_merged);
        Some((found, is_over_merged))
    }

    /// Whether `branch` had commits and the trunk has them all, or has one with the same patch as all of them together.
    pub(crate) fn is_merged(&mut self, branch: &BranchName) -> bool {
        if self.trunk.as_ref() == Some(branch) || self.approach(branch).is_none() {
            return false;
        }
        let known = self.ground.branch(branch).filter(|known| !known.has_no_commits());
        known.is_some_and(|known| {
            let how = self.landed.how(self.repository, &self.ground, known, &self.trunk_tips);
            how.is_some()
        })
    }

    /// Whether `parent` has commits that are not below `branch`. The trunk always goes on, so that no branch needs it.
    pub(crate) fn needs_restack(&mut self, branch: &BranchName, parent: &BranchName) -> bool {
        if self.trunk.as_ref() == Some(parent) || self.approach(branch).is_none() {
            return false;
        }
        let (Some(known), Some(tip)) = (self.ground.branch(branch), self.tip(parent)) else {
            return false;
        };
        if self.ground.way(&known.tip).any(|id| *id == tip) {
            return false;
        }
        if self.ground.has_commit(&tip) {
            return true;
        }
        let reach = self.repository.reach(&known.tip, &[&tip], MOST_ON_THE_WAY);
        reach.reached.is_empty() && reach.unknown.is_empty()
    }

    /// The commits of `branch` that the trunk does not have, from its tip on, up to so many.
    pub(crate) fn own(&mut self, branch: &BranchName, most: usize) -> Vec<CommitId> {
        match self.tip(branch).filter(|_| self.approach(branch).is_some()) {
            Some(tip) => self.ground.way(&tip).take(most).cloned().collect(),
            None => Vec::new(),
        }
    }

    /// Whether one of `commits` was made on `branch`, which may have lost it since: it was amended or rebased.
    pub(crate) fn has_made(&mut self, branch: &BranchName, commits: &[CommitId]) -> bool {
        let known = self.approach(branch).and_then(|()| self.ground.branch(branch));
        known.is_some_and(|known| commits.iter().any(|id| known.made.contains(id)))
    }

    /// Whether the two have commits in common that the trunk does not have, or had before `other` was amended or rebased.
    pub(crate) fn share(&mut self, branch: &BranchName, other: &BranchName) -> bool {
        let theirs: HashSet<CommitId> = self.own(other, usize::MAX).into_iter().collect();
        let ours = self.own(branch, usize::MAX);
        ours.iter().any(|id| theirs.contains(id)) || self.has_made(other, &ours)
    }

    /// Whether `branch` is below `other` along first parents.
    pub(crate) fn is_first_below(&mut self, branch: &BranchName, other: &BranchName) -> bool {
        let tips = self
            .approach(other)
            .and_then(|()| self.tip(branch).zip(self.tip(other)));
        tips.is_some_and(|(tip, other)| self.ground.is_first_below(&tip, &other))
    }

    /// Whether `parent` was split below `branch`, so that the other part may be the parent now.
    pub(crate) fn is_split(&mut self, branch: &BranchName, parent: &BranchName) -> bool {
        self.is_so(Ground::is_split, branch, parent)
    }

    /// Whether `branch` was put on a commit of `parent` where another one is too, which may be the one that was meant.
    pub(crate) fn is_doubtful(&mut self, branch: &BranchName, parent: &BranchName) -> bool {
        self.is_so(Ground::is_doubtful, branch, parent)
    }

    fn is_so(&mut self, of: fn(&Ground, &Branch, &Branch) -> bool, branch: &BranchName, parent: &BranchName) -> bool {
        let known = self.approach(branch).and_then(|()| self.ground.branch(branch));
        let both = known.zip(self.ground.branch(parent));
        both.is_some_and(|(branch, parent)| of(&self.ground, branch, parent))
    }

    /// Where `branch` was put when it was last rebased or reset.
    pub(crate) fn last_move(&self, branch: &BranchName) -> Option<CommitId> {
        self.logs.life(branch).moved.clone()
    }

    /// Whether the last rebase of `branch` put it on a commit of `other`, where git said on which.
    pub(crate) fn was_put_on(&mut self, branch: &BranchName, other: &BranchName) -> Option<bool> {
        let onto = self.logs.life(branch).put_on.clone()?;
        let is_there = self.tip(other).as_ref() == Some(&onto);
        Some(is_there || self.has_made(other, std::slice::from_ref(&onto)))
    }

    /// Whether `commit` is the tip of `branch` or below it, as far as a bounded walk tells.
    pub(crate) fn is_below(&mut self, commit: &CommitId, branch: &BranchName) -> bool {
        let Some(tip) = self.tip(branch).filter(|_| self.approach(branch).is_some()) else {
            return false;
        };
        self.ground.leads_to(&tip, commit)
            || !self.ground.has_commit(commit) && {
                let reach = self.repository.reach(&tip, &[commit], MOST_ON_THE_WAY);
                reach.reached.contains(commit)
            }
    }

    /// Where a branch is; one that is on the remote only counts too.
    pub(crate) fn tip(&self, branch: &BranchName) -> Option<CommitId> {
        self.local.of(branch).or_else(|| self.remote.of(branch))
    }

    fn exists(&self, branch: &BranchName) -> bool {
        self.trunk.as_ref() == Some(branch) || self.tip(branch).is_some()
    }

    /// Finds out what is between `branch` and the trunk.
    fn approach(&mut self, branch: &BranchName) -> Option<()> {
        let tip = self.local.of(branch)?;
        self.take_in(branch, &tip);
        if self.scope != Scope::All && !self.ground.has_commit(&tip) {
            self.walk(&[object_id(&tip).ok()?]);
        }
        Some(())
    }

    /// Walks from `tips` to the trunk, and takes in the branches on the way. Whether it came there: the walk is bounded.
    fn walk(&mut self, tips: &[gix::ObjectId]) -> bool {
        let most = match self.scope {
            Scope::One | Scope::Ended => MOST_ON_THE_WAY,
            Scope::All => MOST_OF_ALL,
        };
        let walked = self.repository.walk(tips, &self.trunk_tips, most);
        let order: HashMap<_, _> = walked
            .commits
            .iter()
            .enumerate()
            .map(|(at, (id, _))| (*id, at))
            .collect();
        for (id, parents) in &walked.commits {
            let parents = parents.iter().filter_map(|id| commit_id(id).ok());
            if let Ok(id) = commit_id(id) {
                self.ground.add_commit(id, parents.collect());
            }
        }
        let met_in = |tips: &Tips| {
            let met = tips.refs.iter().filter_map(|(name, id)| {
                let at = *order.get(id)?;
                Some((at, tips.branch(name)?, commit_id(id).ok()?))
            });
            met.collect::<Vec<_>>()
        };
        let mut met = met_in(&self.local);
        met.extend(
            met_in(&self.remote)
                .into_iter()
                .filter(|(_, branch, _)| self.local.of(branch).is_none()),
        );
        met.sort();
        if self.scope != Scope::All {
            met.truncate(MOST_MET);
        }
        let logs: Vec<_> = met.iter().map(|(_, branch, _)| branch.to_ref()).collect();
        self.repository.expect_logs(&logs);
        for (_, branch, tip) in met {
            self.take_in(&branch, &tip);
        }
        walked.complete
    }

    /// Takes in the branches that may have been on the way of `branch`.
    fn read_others_for(&mut self, branch: &BranchName) {
        let Some(known) = self.ground.branch(branch) else {
            return;
        };
        let way = self.ground.way(&known.tip);
        let time = |id: &CommitId| Some(self.repository.node(object_id(id).ok()?)?.time);
        let oldest = way.filter_map(time).min().unwrap_or(i64::MIN);
        self.read_others(oldest.saturating_sub(CLOCK_SKEW));
    }

    /// Takes in the branches whose reflogs were written since: where they were before.
    fn read_others(&mut self, since: i64) {
        if std::mem::replace(&mut self.others_read, true) {
            return;
        }
        for name in self.written_since(since) {
            if let Some(tip) = self.tip(&name) {
                self.take_in(&name, &tip);
            }
        }
    }

    /// The branches whose reflogs were written since, the newest first, as many as there is time for.
    fn written_since(&self, since: i64) -> Vec<BranchName> {
        let everywhere = || {
            self.local
                .refs
                .iter()
                .filter_map(|(name, _)| self.local.branch(name))
                .collect()
        };
        let names: Vec<BranchName> = match self.scope == Scope::All || self.local.refs.len() <= MOST_ASKED {
            true => everywhere(),
            false => self.logs.visited(since),
        };
        let written = |name: BranchName| match self.repository.asks_git() {
            true => Some((i64::MAX, name)),
            false => Some((self.repository.log_written(&name.to_ref())?, name)),
        };
        let mut logs: Vec<_> = names.into_iter().filter_map(written).collect();
        logs.retain(|(time, _)| *time >= since);
        logs.sort_by(|one, other| other.cmp(one));
        logs.truncate(match self.scope {
            Scope::One | Scope::Ended => MOST_LOGS,
            Scope::All => MOST_LOGS_OF_ALL,
        });
        let full: Vec<_> = logs.iter().map(|(_, name)| name.to_ref()).collect();
        self.repository.expect_logs(&full);
        logs.into_iter().map(|(_, name)| name).collect()
    }

    /// Takes in a branch with what its reflog tells, the one that it was made from, and so on.
    fn take_in(&mut self, branch: &BranchName, tip: &CommitId) {
        let mut next = Some((branch.clone(), tip.clone()));
        while let Some((name, tip)) =
            next.filter(|(name, _)| self.ground.branch(name).is_none() && self.trunk.as_ref() != Some(name))
        {
            let life = self.logs.life(&name);
            let (origin, departure) = self.origin(&name, &life);
            let mut made = life.made.clone();
            made.extend(departure.into_iter().flat_map(|departure| departure.made));
            if !made.is_empty() || life.start.is_none() {
                made.extend(life.rewritten.iter().cloned());
            }
            let from = origin.as_ref().and_then(|origin| origin.from.as_ref());
            next = from.and_then(|from| Some((from.branch().clone(), self.tip(from.branch())?)));
            self.ground.add_branch(Branch {
                name,
                tip,
                made,
                origin,
                moved: life.moved.is_some(),
                put_on: life.put_on.clone(),
            });
        }
    }

    /// How a branch was made, and the way of HEAD where that was asked for.
    fn origin(&self, branch: &BranchName, life: &Life) -> (Option<Origin>, Option<Departure>) {
        let Some(start) = &life.start else {
            return (None, None);
        };
        let origin = |from: Option<Whence>, at: &CommitId| {
            Some(Origin {
                from,
                at: at.clone(),
                time: start.time,
                certain: true,
            })
        };
        if reflog::is_own_remote(&start.from, branch) {
            return (origin(None, &start.at), None);
        }
        let other = |name: &str| self.live(name, start.time).filter(|other| other != branch);
        let name = start.from.strip_prefix("refs/heads/").unwrap_or(&start.from);
        let base = name.split(['~', '^', '@']).next().unwrap_or(name);
        let on_remote = || {
            let name = name.strip_prefix("refs/remotes/").unwrap_or(name);
            let (_, name) = name
                .split_once('/')
                .filter(|(remote, _)| self.repository.has_remote(remote))?;
            other(name)
        };
        if name != "HEAD"
            && let Some(base) = other(base).or_else(on_remote)
        {
            let is_tip = !name.contains(['~', '^', '@']);
            let whence = if is_tip { Whence::Tip } else { Whence::Below };
            return (origin(Some(whence(base)), &start.at), None);
        }
        let mut names = vec![branch.clone()];
        names.extend(life.former_names.iter().cloned());
        let is_branch = |name: &str| self.live(name, start.time).is_some();
        if let Some(departure) = self.logs.departure(&names, start, &is_branch) {
            let from = other(&departure.from).map(Whence::Tip);
            return (origin(from, &departure.at), Some(departure));
        }
        let stood = (name == "HEAD")
            .then(|| self.logs.standing(start, &|name| other(name)))
            .flatten();
        let origin = origin(stood.map(Whence::Tip), &start.at);
        (
            origin.map(|origin| Origin {
                certain: false,
                ..origin
            }),
            None,
        )
    }

    /// The branch that had this name at `time`, by the name that it has now.
    fn live(&self, name: &str, time: i64) -> Option<BranchName> {
        let name = BranchName::new(name)?;
        if self.trunk.as_ref() == Some(&name) {
            return Some(name);
        }
        let is_younger = || {
            self.logs
                .life(&name)
                .start
                .as_ref()
                .is_some_and(|start| start.time > time)
        };
        if self.exists(&name) && !is_younger() {
            return Some(name);
        }
        self.renamed_since(&name, time)
    }
}

impl Tips {
    fn read(repository: &Repository, folder: String) -> Result<Self> {
        let found = repository.references_in(&folder)?.into_iter();
        // A ref that stands for another one is no branch of its own.
        let refs = found
            .filter_map(|(name, target)| Some((name, target.try_id()?.to_owned())))
            .collect();
        Ok(Self { folder, refs })
    }

    fn of(&self, branch: &BranchName) -> Option<CommitId> {
        let full = format!("{}{}", self.folder, branch.as_str());
        let at = self
            .refs
            .binary_search_by(|(name, _)| name.as_slice().cmp(full.as_bytes()));
        commit_id(&self.refs.get(at.ok()?)?.1).ok()
    }

    fn branch(&self, full: &BString) -> Option<BranchName> {
        BranchName::new(full.to_str().ok()?.strip_prefix(&self.folder)?)
    }
}

#[cfg(test)]
mod tests;
