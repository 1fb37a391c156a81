//! What becomes of each entry of Updates, found by comparing the entries with the branch's own commits.
//!
//! Hooks are only hints: whatever rewrote the commits, with hooks or without, the same comparison tells what to do. It
//! decides and touches no text; rewrite.rs carries out. Not here: which commits are a branch's own (journeys/).

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::hash::Hash;

use super::{DROPPED, Entry};
use crate::facts::{CommitFacts, Identity};
use crate::names::CommitId;

/// How many patches of each side are compared, where nothing else tells which commit became which: each is a diff.
const MOST_PATCHES: usize = 100;

/// What is known of the branch's commits.
pub trait History {
    /// The branch's own commits, parents before their children.
    fn own(&self) -> &[CommitId];

    /// How much [`own`](Self::own) tells.
    fn extent(&self) -> Extent;

    /// Where a commit stands that is not among the own ones.
    fn standing(&self, commit: &CommitId) -> Standing;

    /// Who made it, when and why; `None` where the commit is not here.
    fn identity(&self, commit: &CommitId) -> Option<Identity>;

    /// A name for what the commit changes, equal for equal changes; `None` where it changes nothing or cannot be read.
    fn patch(&self, commit: &CommitId) -> Option<u64>;

    /// Whether one is an ancestor of the other.
    fn in_line(&self, one: &CommitId, other: &CommitId) -> bool;

    /// The commit that took its place by `git commit --amend`, as the branch's reflog tells.
    fn amended(&self, commit: &CommitId) -> Option<CommitId>;

    /// What an entry tells about it; `None` where the commit is not here.
    fn facts(&self, commit: &CommitId) -> Option<CommitFacts>;

    /// Whether the entries of both read the same.
    fn read_alike(&self, one: &CommitId, other: &CommitId) -> bool;
}

/// How much of a branch's history was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// All of it.
    Whole,
    /// The newest commits, which are the branch's for certain; there are more.
    Newest,
    /// The newest commits, and some of them may be those of what the branch is measured against.
    Uncertain,
}

/// Where a commit stands that is not one of the branch's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The branch reaches it, and so does what the branch is measured against: it was merged, say.
    Reached,
    /// The same, and it proves to be another branch's work.
    AnotherBranchs,
    /// The branch does not reach it any more.
    Gone,
    /// It cannot be told (a shallow clone, a walk cut short).
    Unknown,
}

/// Which commits were rewritten into which, as git's post-rewrite hook tells; the latest last.
#[derive(Clone, Debug, Default)]
pub struct Rewritten {
    new_ids: HashMap<CommitId, Vec<CommitId>>,
}

/// What becomes of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Nothing.
    Stays,
    /// Its commit is in the branch again: it loses its mark.
    ComesBack,
    /// Its commit was rewritten into this one: it tells of that, and the words that people wrote stay.
    Follows(CommitId),
    /// Its commit was squashed into this one, of which another entry tells: it keeps its words and points there.
    Joins(CommitId),
    /// Its commit was rewritten into this one, which has an entry already: one is left, with the words of both.
    Fuses(CommitId),
    /// Its commit is gone: it gets a mark.
    Drops,
    /// Its commit is another branch's: it goes, unless a person wrote into it.
    Leaves,
}

/// What is to be done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// One for each entry.
    pub fates: Vec<Fate>,
    /// The commits that get an entry, oldest first.
    pub new: Vec<CommitId>,
    /// How many of the branch's oldest commits have no entry and get none, and whether there may be more; `None` where
    /// nothing is known of that.
    pub older: Option<(usize, bool)>,
}

impl Rewritten {
    /// From pairs of an old id and its new one.
    pub fn new(pairs: impl IntoIterator<Item = (CommitId, CommitId)>) -> Self {
        let mut new_ids: HashMap<CommitId, Vec<CommitId>> = HashMap::new();
        for (old, new) in pairs.into_iter().filter(|(old, new)| old != new) {
            new_ids.entry(old).or_default().push(new);
        }
        Self { new_ids }
    }

    /// Whether it tells of nothing.
    pub fn is_empty(&self) -> bool {
        self.new_ids.is_empty()
    }

    /// Each old id with each of its new ones.
    pub fn pairs(&self) -> impl Iterator<Item = (&CommitId, &CommitId)> {
        self.new_ids
            .iter()
            .flat_map(|(old, new)| new.iter().map(move |new| (old, new)))
    }

    /// Whether it tells of `commit`.
    pub fn knows(&self, commit: &CommitId) -> bool {
        self.new_ids.contains_key(commit)
    }

    /// All that `commit` became, directly or by way of others: what is known last comes first.
    fn all<'m>(&'m self, commit: &'m CommitId) -> Vec<&'m CommitId> {
        let mut found = Vec::new();
        let mut waiting = vec![commit];
        let mut seen = HashSet::from([commit]);
        while let Some(next) = waiting.pop() {
            for new in self.new_ids.get(next).into_iter().flatten() {
                if seen.insert(new) {
                    waiting.push(new);
                }
            }
            if next != commit {
                found.push(next);
            }
        }
        found
    }

    fn is_target(&self, commit: &CommitId) -> bool {
        self.new_ids.values().any(|new| new.contains(commit))
    }
}

/// What becomes of `entries`. Of the own commits that have none, those among the newest `most` get one.
pub fn plan(entries: &[Entry], history: &dyn History, rewritten: &Rewritten, most: usize) -> Plan {
    let mut matching = Matching::new(entries, history);
    matching.follow_map(rewritten);
    matching.pair_ties();
    matching.pair(|matching, entry| matching.identity_of(entry), Some);
    // Where an entry's commit is not here any more, its heading says who it was.
    let headed = |matching: &Matching<'_>, entry| match matching.identity_of(entry) {
        None => heading_key(&matching.entries[entry]),
        Some(_) => None,
    };
    matching.pair(headed, |identity| Some(key(&identity)));
    matching.fuse_doubles();
    let when = |identity: Identity| Some((identity.author, identity.time));
    matching.pair(|matching, entry| matching.identity_of(entry).and_then(when), when);
    matching.pair_by_patch();
    matching.finish(most)
}

/// The state of a plan in the making.
struct Matching<'a> {
    entries: &'a [Entry],
    history: &'a dyn History,
    /// The place of each own commit.
    places: HashMap<&'a CommitId, usize>,
    /// The commits in the branch that have an entry, and which.
    told: HashMap<CommitId, Vec<usize>>,
    fates: Vec<Fate>,
    /// Entries whose commits are certainly gone.
    gone: HashSet<usize>,
    /// Those and entries whose commits may be gone, in the order of the document, until it is known what became of them.
    missing: BTreeSet<usize>,
    /// The same by commit: several where it was squashed.
    missing_by_commit: HashMap<&'a CommitId, Vec<usize>>,
}

impl<'a> Matching<'a> {
    fn new(entries: &'a [Entry], history: &'a dyn History) -> Self {
        let places: HashMap<&CommitId, usize> = history.own().iter().zip(0..).collect();
        let mut told: HashMap<CommitId, Vec<usize>> = HashMap::new();
        let mut fates = vec![Fate::Stays; entries.len()];
        let (mut missing, mut gone) = (BTreeSet::new(), HashSet::new());
        let mut missing_by_commit: HashMap<&CommitId, Vec<usize>> = HashMap::new();
        for (i, entry) in entries.iter().enumerate() {
            let Some(commit) = &entry.commit else { continue };
            let standing = match places.contains_key(commit) {
                true => Standing::Reached,
                false => history.standing(commit),
            };
            match standing {
                Standing::Gone | Standing::Unknown => {
                    if standing == Standing::Gone {
                        gone.insert(i);
                    }
                    missing.insert(i);
                    missing_by_commit.entry(commit).or_default().push(i);
                    continue;
                }
                Standing::AnotherBranchs => fates[i] = Fate::Leaves,
                Standing::Reached if is_marked(entry, history.identity(commit).as_ref()) => fates[i] = Fate::ComesBack,
                Standing::Reached => {}
            }
            told.entry(commit.clone()).or_default().push(i);
        }
        Self {
            entries,
            history,
            places,
            told,
            fates,
            gone,
            missing,
            missing_by_commit,
        }
    }

    fn commit(&self, entry: usize) -> Option<&'a CommitId> {
        self.entries[entry].commit.as_ref()
    }

    fn identity_of(&self, entry: usize) -> Option<Identity> {
        self.history.identity(self.commit(entry)?)
    }

    fn is_untold_own(&self, commit: &CommitId) -> bool {
        self.places.contains_key(commit) && !self.told.contains_key(commit)
    }

    fn untold(&self) -> Vec<&'a CommitId> {
        let own = self.history.own().iter();
        own.filter(|commit| !self.told.contains_key(*commit)).collect()
    }

    fn settle(&mut self, entry: usize, fate: Fate) {
        if let Fate::Follows(to) | Fate::Joins(to) | Fate::Fuses(to) = &fate {
            self.told.entry(to.clone()).or_default().push(entry);
        }
        self.fates[entry] = fate;
        self.missing.remove(&entry);
    }

    /// The entry follows, or is one with the entry that its new commit has already. Others that point at the same commit,
    /// because it was squashed, come along.
    fn follow(&mut self, entry: usize, to: &CommitId) {
        let Some(commit) = self.commit(entry) else { return };
        let group = self.missing_by_commit.remove(commit).unwrap_or_default();
        let mut lead = entry;
        if group.len() > 1
            && let Some(identity) = self.history.identity(commit)
        {
            let headed = |entry: &&usize| heading_key(&self.entries[**entry]) == Some(key(&identity));
            lead = group.iter().find(headed).copied().unwrap_or(entry);
        }
        let fate = match self.told.contains_key(to) {
            true => Fate::Fuses(to.clone()),
            false => Fate::Follows(to.clone()),
        };
        self.settle(lead, fate);
        for other in group.into_iter().filter(|other| *other != lead) {
            self.settle(other, Fate::Joins(to.clone()));
        }
    }

    /// What git said, and what the reflog shows of amended commits.
    fn follow_map(&mut self, rewritten: &Rewritten) {
        let mut claims: Vec<(CommitId, Vec<usize>)> = Vec::new();
        for entry in self.missing.clone() {
            let Some(commit) = self.commit(entry) else { continue };
            let reached = |id: &&CommitId| {
                self.places.contains_key(*id) || matches!(self.history.standing(id), Standing::Reached)
            };
            let target = match rewritten.all(commit).into_iter().find(reached) {
                Some(target) => target.clone(),
                None => match self.amended(commit) {
                    Some(target) => target,
                    None => continue,
                },
            };
            match claims.iter_mut().find(|(claimed, _)| *claimed == target) {
                Some((_, entries)) => entries.push(entry),
                None => claims.push((target, vec![entry])),
            }
        }
        for (target, entries) in claims {
            if let [entry] = entries.as_slice() {
                if self.was_skipped(*entry, &target) {
                    continue;
                }
                let part = match rewritten.is_target(&target) {
                    true => self.first_part(*entry, &target, rewritten),
                    false => target,
                };
                self.follow(*entry, &part);
                continue;
            }
            let first = self.likest(&entries, &target);
            // git tells of a commit that was skipped as of one that was squashed: then the first one alone is all there is.
            let all_of_it = self.changes_the_same(first, &target);
            let adds = |entry: &usize| {
                self.commit(*entry)
                    .is_some_and(|commit| self.history.patch(commit).is_some())
            };
            let skipped: Vec<usize> = entries
                .iter()
                .copied()
                .filter(|entry| all_of_it && adds(entry))
                .collect();
            self.follow(first, &target);
            for entry in entries {
                if self.missing.contains(&entry) && !skipped.contains(&entry) {
                    self.settle(entry, Fate::Joins(target.clone()));
                }
            }
        }
    }

    /// Whether the entry's commit was skipped when `target` took it in, and found to be gone before.
    fn was_skipped(&self, entry: usize, target: &CommitId) -> bool {
        self.entries[entry].is_dropped() && self.told.contains_key(target) && !self.changes_the_same(entry, target)
    }

    fn changes_the_same(&self, entry: usize, target: &CommitId) -> bool {
        let patch = self.commit(entry).and_then(|commit| self.history.patch(commit));
        patch.is_some() && self.history.patch(target) == patch
    }

    /// The own commit that `commit` was amended into, maybe more than once.
    fn amended(&self, commit: &CommitId) -> Option<CommitId> {
        let mut seen = HashSet::from([commit.clone()]);
        let mut next = self.history.amended(commit)?;
        while !self.places.contains_key(&next) {
            if !seen.insert(next.clone()) {
                return None;
            }
            next = self.history.amended(&next)?;
        }
        Some(next)
    }

    /// Of the parts that a commit was split into the first: git names the last one.
    fn first_part(&self, entry: usize, last: &CommitId, rewritten: &Rewritten) -> CommitId {
        let when = |identity: Identity| (identity.author, identity.time);
        let old = self.identity_of(entry).map(when);
        let is_same = |commit: &CommitId| old.is_some() && self.history.identity(commit).map(when) == old;
        let Some(place) = self.places.get(last).filter(|_| !is_same(last)) else {
            return last.clone();
        };
        let before = self.history.own()[..*place].iter().rev();
        let parts: Vec<&CommitId> = before
            .take_while(|commit| self.is_untold_own(commit) && !rewritten.is_target(commit))
            .collect();
        let likely = parts.iter().find(|commit| is_same(commit)).or(parts.last());
        likely.map_or(last, |commit| *commit).clone()
    }

    /// Of entries that were squashed into `target` the one whose commit it looks like, else the first.
    fn likest(&self, entries: &[usize], target: &CommitId) -> usize {
        let target = self.history.identity(target);
        let likeness = |entry: usize| match (&target, self.identity_of(entry)) {
            (Some(target), Some(own)) => {
                let same_change = target.author == own.author && target.time == own.time;
                usize::from(same_change) + usize::from(same_change && target.subject == own.subject)
            }
            _ => 0,
        };
        let best = entries.iter().copied().map(|entry| (likeness(entry), entry));
        let best = best.max_by_key(|(likeness, entry)| (*likeness, std::cmp::Reverse(*entry)));
        best.map_or(0, |(_, entry)| entry)
    }

    /// Commits that look alike, such as five `wip` in one second, are told apart by what they change.
    fn pair_ties(&mut self) {
        let mut alike: HashMap<Identity, (Vec<usize>, Vec<&CommitId>)> = HashMap::new();
        for entry in self.missing.iter().copied() {
            if let Some(identity) = self.identity_of(entry) {
                alike.entry(identity).or_default().0.push(entry);
            }
        }
        for commit in self.untold() {
            if let Some(group) = self
                .history
                .identity(commit)
                .and_then(|identity| alike.get_mut(&identity))
            {
                group.1.push(commit);
            }
        }
        for (entries, mut commits) in alike.into_values() {
            let ties = entries.len().max(commits.len());
            if commits.is_empty() || !(2..=MOST_PATCHES).contains(&ties) {
                continue;
            }
            for entry in entries {
                let same = commits.iter().position(|commit| self.changes_the_same(entry, commit));
                if let Some(commit) = same.filter(|_| self.missing.contains(&entry)) {
                    self.follow(entry, commits.remove(commit));
                }
            }
        }
    }

    /// Pairs entries and commits without one whose keys are equal, in the order of both.
    fn pair<K: Eq + Hash>(
        &mut self,
        key_of_entry: impl Fn(&Self, usize) -> Option<K>,
        key: impl Fn(Identity) -> Option<K>,
    ) {
        let untold = self.untold();
        if self.missing.is_empty() || untold.is_empty() {
            return;
        }
        let mut waiting: HashMap<K, VecDeque<&CommitId>> = HashMap::new();
        for commit in untold {
            if let Some(key) = self.history.identity(commit).and_then(&key) {
                waiting.entry(key).or_default().push_back(commit);
            }
        }
        for entry in self.missing.clone() {
            let key = key_of_entry(self, entry).filter(|_| self.missing.contains(&entry));
            if let Some(commit) = key.and_then(|key| waiting.get_mut(&key)?.pop_front()) {
                self.follow(entry, commit);
            }
        }
    }

    /// A commit and what it was rewritten into may both have an entry: two clones wrote one each. Two commits of one line
    /// are never the same, however alike they look.
    fn fuse_doubles(&mut self) {
        if self.missing.is_empty() {
            return;
        }
        let mut once: HashMap<Identity, Vec<&CommitId>> = HashMap::new();
        for commit in self.history.own() {
            if self.told.get(commit).is_some_and(|by| by.len() == 1)
                && let Some(identity) = self.history.identity(commit)
            {
                once.entry(identity).or_default().push(commit);
            }
        }
        for entry in self.missing.clone() {
            let Some(commit) = self.commit(entry).filter(|_| self.missing.contains(&entry)) else {
                continue;
            };
            let double = match self.history.identity(commit) {
                Some(identity) => {
                    let alike = once.get(&identity).map_or(&[][..], Vec::as_slice);
                    self.double(entry, commit, alike)
                }
                // One that was marked before may have been another commit that looked the same.
                None if self.entries[entry].is_dropped() => None,
                None => {
                    let same = once
                        .iter()
                        .find(|(identity, _)| heading_key(&self.entries[entry]) == Some(key(identity)));
                    same.and_then(|(_, commits)| commits.first())
                }
            };
            if let Some(told) = double.copied() {
                self.follow(entry, told);
            }
        }
    }

    /// Of own commits that look like `commit` the one that it was rewritten into: the one that changes the same. Where that
    /// cannot tell, it is the only one that looks like it, unless another entry follows that or `entry` was dropped before.
    fn double<'c>(&self, entry: usize, commit: &CommitId, alike: &'c [&'a CommitId]) -> Option<&'c &'a CommitId> {
        let not_in_line = |told: &&&CommitId| !self.history.in_line(told, commit);
        let is_it = |told: &&&CommitId| self.changes_the_same(entry, told) && not_in_line(told);
        if let Some(told) = alike.iter().find(is_it) {
            return Some(told);
        }
        let [told] = alike else { return None };
        let by = self.told.get(*told)?.first()?;
        let from_the_start = matches!(self.fates[*by], Fate::Stays | Fate::ComesBack);
        let only = from_the_start && !self.entries[entry].is_dropped() && not_in_line(&told);
        only.then_some(told)
    }

    fn pair_by_patch(&mut self) {
        let untold = self.untold();
        if self.missing.is_empty() || untold.is_empty() {
            return;
        }
        let mut waiting: BTreeMap<u64, VecDeque<&CommitId>> = BTreeMap::new();
        for commit in untold.into_iter().rev().take(MOST_PATCHES) {
            if let Some(patch) = self.history.patch(commit) {
                waiting.entry(patch).or_default().push_front(commit);
            }
        }
        let latest = self.missing.len().saturating_sub(MOST_PATCHES);
        for entry in self.missing.iter().copied().skip(latest).collect::<Vec<_>>() {
            let commit = self.commit(entry).filter(|_| self.missing.contains(&entry));
            let patch = commit.and_then(|commit| self.history.patch(commit));
            if let Some(commit) = patch.and_then(|patch| waiting.get_mut(&patch)?.pop_front()) {
                self.follow(entry, commit);
            }
        }
    }

    fn finish(mut self, most: usize) -> Plan {
        let extent = self.history.extent();
        for entry in std::mem::take(&mut self.missing) {
            let gone = extent == Extent::Whole && self.gone.contains(&entry);
            if gone && !is_marked(&self.entries[entry], self.identity_of(entry).as_ref()) {
                self.fates[entry] = Fate::Drops;
            }
        }
        let untold = self.untold();
        let most = if extent == Extent::Uncertain { 1 } else { most };
        let first = self.history.own().len().saturating_sub(most);
        let is_older = |commit: &&CommitId| self.places.get(*commit).is_some_and(|place| *place < first);
        let (older, new): (Vec<&CommitId>, Vec<&CommitId>) = untold.into_iter().partition(is_older);
        Plan {
            new: new.into_iter().cloned().collect(),
            older: match extent {
                Extent::Whole => Some((older.len(), false)),
                Extent::Newest => Some((older.len(), true)),
                Extent::Uncertain => None,
            },
            fates: self.fates,
        }
    }
}

/// By what a commit and a heading are compared: the minute and the subject.
fn key(identity: &Identity) -> (i64, String) {
    (identity.time.div_euclid(60), identity.subject.clone())
}

fn heading_key(entry: &Entry) -> Option<(i64, String)> {
    let title = entry.title.strip_suffix(DROPPED).unwrap_or(&entry.title);
    Some((entry.time?.timestamp().div_euclid(60), title.to_owned()))
}

/// Whether an entry has the mark of a dropped commit, which a subject may happen to end with.
pub(super) fn is_marked(entry: &Entry, identity: Option<&Identity>) -> bool {
    entry.title.ends_with(DROPPED) && identity.is_none_or(|identity| identity.subject != entry.title)
}
