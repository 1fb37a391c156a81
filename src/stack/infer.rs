//! Whose child a branch is, when nobody recorded it: the nearest branch on the way from its tip to the trunk.
//!
//! On that way counts where a branch is now, and where it was (its reflog): a parent that was amended is no longer below its
//! child. What git recorded when the branch was made decides between equals. A pure function of facts; not here: getting
//! them (repo/lineage.rs), and what tools recorded, which comes first (records/).

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use super::Source;
use crate::names::{BranchName, CommitId};

/// How many branches that are or were at one commit are looked at for each other one: they cannot be told from each other there,
/// and a repository may have thousands.
const MOST_AT_ONE: usize = 100;

/// What was found out about the parent of a branch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Inferred {
    /// The branch that it stands on; the trunk where there is no other; `None` for the trunk itself, or where none is known.
    pub(crate) parent: Option<BranchName>,
    /// By which rule: `Creation`, `Graph` or `Trunk`.
    pub(crate) source: Source,
    /// Whether anything but git's own record, in line with the commits, was needed.
    pub(crate) guessed: bool,
    /// Branches between it and its parent that the trunk has, nearest first. Where it was moved only those whose commits it has.
    pub(crate) merged: Vec<BranchName>,
}

impl Inferred {
    /// The trunk stands on nothing.
    pub(crate) const OF_TRUNK: Self = Self {
        parent: None,
        source: Source::Trunk,
        guessed: false,
        merged: Vec::new(),
    };
}

/// A branch, as far as it matters for the parents of others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Branch {
    /// Its name.
    pub(crate) name: BranchName,
    /// Where it is.
    pub(crate) tip: CommitId,
    /// The commits that were made on it, those included that it has no more.
    pub(crate) made: HashSet<CommitId>,
    /// How it was made.
    pub(crate) origin: Option<Origin>,
    /// Whether it was put on another base since.
    pub(crate) moved: bool,
    /// The commit that it was put on last, where git said so.
    pub(crate) put_on: Option<CommitId>,
}

/// How a branch was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    /// From which branch or which of its commits.
    pub(crate) from: Option<Whence>,
    /// The commit that it began at.
    pub(crate) at: CommitId,
    /// When, in seconds since 1970.
    pub(crate) time: i64,
    /// Whether git said so, and it was not found out by where HEAD was then.
    pub(crate) certain: bool,
}

/// What a branch was made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Whence {
    /// A branch, at its tip.
    Tip(BranchName),
    /// A commit below that branch's tip (`a~2`): it may be a bookmark, or the lower part of what is to be split.
    Below(BranchName),
}

impl Whence {
    /// The branch.
    pub(crate) fn branch(&self) -> &BranchName {
        let (Self::Tip(branch) | Self::Below(branch)) = self;
        branch
    }
}

/// Branches, and the commits that the trunk does not have.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ground {
    /// The commits with their parents.
    commits: HashMap<CommitId, Vec<CommitId>>,
    branches: BTreeMap<BranchName, Branch>,
    tips: HashMap<CommitId, Vec<BranchName>>,
    made: HashMap<CommitId, Vec<BranchName>>,
    /// Whether the commits of all branches are there, so that the trunk has every other one.
    pub(crate) is_whole: bool,
}

impl Branch {
    /// The branch that git says it was made from.
    fn recorded(&self) -> Option<&BranchName> {
        match self.origin.as_ref()?.from.as_ref()? {
            Whence::Tip(branch) => Some(branch),
            Whence::Below(_) => None,
        }
    }

    fn is_made_from(&self, other: &BranchName) -> bool {
        let from = self.origin.as_ref().and_then(|origin| origin.from.as_ref());
        from.is_some_and(|from| from.branch() == other)
    }

    /// Whether it is a mark on the way of `other` and nothing else: a backup, a bookmark.
    fn is_mark_on(&self, other: &Self) -> bool {
        self.made.is_empty() && (self.is_made_from(&other.name) || other.made.contains(&self.tip))
    }

    /// Whether git's record of how it was made from `parent` still says where it is: it was not moved since, or back there.
    fn was_left_on(&self, parent: &Self) -> bool {
        let is_there = |onto: &CommitId| parent.tip == *onto || parent.made.contains(onto);
        !self.moved || self.put_on.as_ref().is_some_and(is_there)
    }

    /// Whether its reflog tells that nothing was ever committed on it.
    pub(crate) fn has_no_commits(&self) -> bool {
        self.made.is_empty() && self.origin.is_some()
    }

    fn is_older_than(&self, other: &Self) -> bool {
        let time = |branch: &Self| branch.origin.as_ref().map(|origin| origin.time);
        time(self).zip(time(other)).is_some_and(|(mine, theirs)| mine < theirs)
    }
}

/// The branches that may be the parent, at one commit of the way.
#[derive(Default)]
struct Candidates<'a> {
    /// They are there now.
    here: Vec<&'a Branch>,
    /// They were there.
    before: Vec<&'a Branch>,
}

impl Ground {
    /// Takes in a commit that the trunk does not have.
    pub(crate) fn add_commit(&mut self, id: CommitId, parents: Vec<CommitId>) {
        self.commits.insert(id, parents);
    }

    /// Takes in a branch; one that is known already stays as it is.
    pub(crate) fn add_branch(&mut self, branch: Branch) {
        if self.branches.contains_key(&branch.name) {
            return;
        }
        let note = |at: &mut HashMap<CommitId, Vec<BranchName>>, id: &CommitId| {
            at.entry(id.clone()).or_default().push(branch.name.clone());
        };
        note(&mut self.tips, &branch.tip);
        for id in &branch.made {
            note(&mut self.made, id);
        }
        self.branches.insert(branch.name.clone(), branch);
    }

    /// The branch, if it was taken in.
    pub(crate) fn branch(&self, name: &BranchName) -> Option<&Branch> {
        self.branches.get(name)
    }

    /// Whether the commit is one that the trunk does not have.
    pub(crate) fn has_commit(&self, id: &CommitId) -> bool {
        self.commits.contains_key(id)
    }

    /// The commits from `tip` down to the trunk: along first parents, then what was merged in, each of it along its own first
    /// parents.
    pub(crate) fn way<'a>(&'a self, tip: &'a CommitId) -> impl Iterator<Item = &'a CommitId> {
        let mut next = Some(tip);
        let mut merged_in: VecDeque<&CommitId> = VecDeque::new();
        let mut seen: HashSet<&CommitId> = HashSet::new();
        std::iter::from_fn(move || {
            loop {
                let id = next.take().or_else(|| merged_in.pop_front())?;
                let Some(parents) = self.commits.get(id).filter(|_| seen.insert(id)) else {
                    continue;
                };
                next = parents.first();
                merged_in.extend(parents.iter().skip(1));
                return Some(id);
            }
        })
    }

    /// Whether `commit` is on the way from `tip`, or is where that way ends.
    pub(crate) fn leads_to(&self, tip: &CommitId, commit: &CommitId) -> bool {
        let is_below = |id: &CommitId| self.commits.get(id).is_some_and(|parents| parents.contains(commit));
        tip == commit || self.way(tip).any(is_below)
    }

    /// Whether `commit` is below `tip` along first parents.
    pub(crate) fn is_first_below(&self, commit: &CommitId, tip: &CommitId) -> bool {
        let parent = |id: &&CommitId| self.commits.get(*id)?.first();
        std::iter::successors(self.commits.get(tip).and_then(|parents| parents.first()), parent).any(|id| id == commit)
    }

    /// Whether `parent` was taken back to below where `branch` stands on it, and another branch that was made from it is there
    /// still: that may be the parent now.
    pub(crate) fn is_split(&self, branch: &Branch, parent: &Branch) -> bool {
        let at = self.way(&branch.tip).find(|id| parent.made.contains(*id));
        let is_there = |at: &CommitId| {
            let mut others = self.branches.values().filter(|other| other.is_made_from(&parent.name));
            others.any(|other| {
                let began = other.origin.as_ref().is_some_and(|origin| origin.at == *at);
                began && other.name != branch.name && self.leads_to(&other.tip, at)
            })
        };
        at.is_some_and(|at| *at != parent.tip && self.leads_to(at, &parent.tip) && is_there(at))
    }

    /// Whether `branch` was put on a commit of `parent` where another one is too, which may be the one that was meant.
    pub(crate) fn is_doubtful(&self, branch: &Branch, parent: &Branch) -> bool {
        let onto = branch.put_on.as_ref().filter(|_| branch.was_left_on(parent));
        let there = onto.and_then(|onto| self.tips.get(onto));
        there.is_some_and(|names| names.iter().any(|name| *name != branch.name && *name != parent.name))
    }

    /// Where the change of `branch` may begin: the commits on its way of first parents at which another branch is or was, the one
    /// at which it was made from one, and the one below the way. Nearest first; between the nearest `most` and the one below the way
    /// none is looked for, for a way may be thousands long.
    pub(crate) fn beginnings<'a>(&'a self, branch: &'a Branch, most: usize) -> Vec<&'a CommitId> {
        let is_other = |name: &BranchName| {
            let other = self.branch(name).filter(|other| other.name != branch.name);
            other.is_some_and(|other| !other.is_mark_on(branch) && !other.is_made_from(&branch.name))
        };
        let origin = branch.origin.as_ref().filter(|origin| origin.from.is_some());
        let began = origin.map(|origin| &origin.at);
        let mut found = Vec::new();
        let mut parents = self.commits.get(&branch.tip);
        while let Some(at) = parents.and_then(|parents| parents.first()) {
            parents = self.commits.get(at);
            let known = || [&self.tips, &self.made].into_iter().filter_map(|known| known.get(at));
            let is_one = || began == Some(at) || known().flatten().any(is_other);
            if parents.is_none() || found.len() < most && is_one() {
                found.push(at);
            }
        }
        found
    }

    /// Whether the reflogs of more branches could change what is inferred for `branch`: there is a commit on its way that it
    /// did not make itself, and nothing at or before it.
    pub(crate) fn is_undecided(&self, branch: &Branch, trunk: Option<&BranchName>) -> bool {
        for (depth, commit) in self.way(&branch.tip).enumerate() {
            if !self.candidates(branch, commit, depth, trunk).here.is_empty() {
                return false;
            }
            if !branch.made.contains(commit) {
                return true;
            }
        }
        false
    }

    /// The parent of `branch`, which is not the trunk. `is_merged` is asked about a branch only when it would be the answer.
    pub(crate) fn infer(
        &self,
        branch: &Branch,
        trunk: Option<&BranchName>,
        is_merged: &mut dyn FnMut(&Branch) -> bool,
    ) -> Inferred {
        let mut merged: Vec<BranchName> = Vec::new();
        let has_commits = |name: &BranchName| self.branch(name).is_some_and(|branch| !branch.has_no_commits());
        let found = |parent: Option<&BranchName>, source, guessed, merged: Vec<BranchName>| Inferred {
            parent: parent.cloned(),
            source,
            guessed,
            merged: merged.into_iter().filter(has_commits).collect(),
        };
        let recorded = branch.recorded().filter(|name| **name != branch.name);
        let record = recorded
            .and_then(|name| self.branch(name))
            .filter(|record| trunk != Some(&record.name));
        let is_certain = branch.origin.as_ref().is_some_and(|origin| origin.certain);
        for (depth, commit) in self.way(&branch.tip).enumerate() {
            let mut candidates = self.candidates(branch, commit, depth, trunk);
            let began_here = branch.origin.as_ref().is_some_and(|origin| origin.at == *commit);
            if candidates.here.is_empty() && candidates.before.is_empty() && began_here {
                candidates.before.extend(record);
            }
            while let Some(parent) = candidates.best(recorded) {
                let is_recorded = recorded == Some(&parent.name);
                // What stands on the branch is not below it, though the branch has a commit of it: it was split.
                if !is_recorded && !branch.made.is_empty() && self.is_first_below(&branch.tip, &parent.tip) {
                    candidates.drop(&parent.name);
                    continue;
                }
                let is_known = merged.contains(&parent.name);
                // One without commits lies where its parent was merged from, and is not merged itself.
                if !is_known && ((is_recorded && parent.has_no_commits()) || !is_merged(parent)) {
                    let source = if is_recorded { Source::Creation } else { Source::Graph };
                    // One that made the commit on which the parent was is below that.
                    let made = |branch: &Branch| branch.made.contains(commit);
                    merged.retain(|name| made(parent) || !self.branch(name).is_some_and(made));
                    let sure = is_recorded
                        && is_certain
                        && branch.was_left_on(parent)
                        && !self.is_doubtful(branch, parent)
                        && !self.is_split(branch, parent);
                    return found(Some(&parent.name), source, !sure, merged);
                }
                if !is_known {
                    merged.push(parent.name.clone());
                }
                candidates.drop(&parent.name);
            }
        }
        match record {
            // It has no commit of its parent's, which had none then, or was put on the trunk.
            Some(record) if !branch.moved && !merged.contains(&record.name) => match is_merged(record) {
                true => merged.push(record.name.clone()),
                // It is not on the way, so that nothing there is known to be above it.
                false => return found(Some(&record.name), Source::Creation, true, Vec::new()),
            },
            _ => {}
        }
        let sure = trunk.is_some() && recorded == trunk && is_certain && !branch.moved && merged.is_empty();
        let source = if sure { Source::Creation } else { Source::Trunk };
        found(trunk, source, !sure, merged)
    }

    /// The branch that one of no commits was made from.
    fn marked_by(&self, mark: &Branch) -> Option<&Branch> {
        let origin = mark.origin.as_ref().filter(|_| mark.made.is_empty())?;
        self.branch(origin.from.as_ref()?.branch())
    }

    fn candidates(
        &self,
        branch: &Branch,
        commit: &CommitId,
        depth: usize,
        trunk: Option<&BranchName>,
    ) -> Candidates<'_> {
        let recorded = branch.recorded();
        let others = |at: &HashMap<CommitId, Vec<BranchName>>| -> Vec<&Branch> {
            let names = at.get(commit).map_or(&[][..], Vec::as_slice);
            let few = &names[..names.len().min(MOST_AT_ONE)];
            // What git's record names counts, however many there are.
            let beyond = recorded.filter(|name| few.len() < names.len() && !few.contains(name) && names.contains(name));
            let names = few.iter().chain(beyond);
            let names = names.filter(|name| **name != branch.name && Some(*name) != trunk);
            names.filter_map(|name| self.branch(name)).collect()
        };
        let is_recorded = |other: &Branch| recorded == Some(&other.name);
        // Of two branches at one commit the graph does not tell which came first.
        let came_first = |other: &Branch| {
            let first = other.made.contains(commit) || other.is_older_than(branch);
            first && branch.made.is_empty() && !other.is_made_from(&branch.name)
        };
        let mut here = others(&self.tips);
        here.retain(|other| !other.is_mark_on(branch));
        here.retain(|other| depth > 0 || is_recorded(other) || came_first(other));
        // A branch of no commits stands for the one that it was made from: a backup, and the branch itself has moved on.
        let marked: Vec<&Branch> = here
            .iter()
            .filter(|other| !is_recorded(other))
            .filter_map(|other| self.marked_by(other))
            .collect();
        here.retain(|other| is_recorded(other) || self.marked_by(other).is_none());
        let mut before = match branch.made.contains(commit) {
            true => Vec::new(),
            false => others(&self.made),
        };
        before.extend(marked);
        before.retain(|other| !other.is_made_from(&branch.name) && here.iter().all(|known| known.name != other.name));
        // A branch of no commits that lies on another's way is no child of it, unless git says so, or it was put there.
        let is_part_of = |other: &Branch| branch.made.is_empty() && !branch.moved && other.made.contains(&branch.tip);
        before.retain(|other| is_recorded(other) || !is_part_of(other));
        Candidates { here, before }
    }
}

impl<'a> Candidates<'a> {
    /// The one that git's record names; else of those that were not made from another one of them the one that has commits, is
    /// there now, is the oldest.
    fn best(&self, recorded: Option<&BranchName>) -> Option<&'a Branch> {
        let all = || self.here.iter().chain(&self.before).copied();
        if let Some(branch) = all().find(|branch| Some(&branch.name) == recorded) {
            return Some(branch);
        }
        let is_lower =
            |branch: &Branch| !all().any(|other| other.name != branch.name && branch.is_made_from(&other.name));
        all()
            .enumerate()
            .map(|(at, branch)| {
                let time = branch.origin.as_ref().map_or(i64::MAX, |origin| origin.time);
                let rank = (
                    !is_lower(branch),
                    branch.made.is_empty(),
                    at >= self.here.len(),
                    time,
                    &branch.name,
                );
                (rank, branch)
            })
            .min_by(|one, other| one.0.cmp(&other.0))
            .map(|(_, branch)| branch)
    }

    fn drop(&mut self, name: &BranchName) {
        self.here.retain(|branch| branch.name != *name);
        self.before.retain(|branch| branch.name != *name);
    }
}

#[cfg(test)]
mod tests;
