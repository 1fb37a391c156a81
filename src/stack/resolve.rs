//! Which of several recorded parents of a branch is right, and what to do where nobody recorded one.
//!
//! A tool's record counts before the document, for people move branches with their tools, and the document is brought up to
//! date from there; but only if it agrees with the commits. Not here: reading what tools recorded (records/), walking the
//! commits (repo/), and the tree that comes out (tree.rs).

use std::cell::LazyCell;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::infer::Inferred;
use super::tree::{Layer, circles, open_circles};
use super::{PullRequest, Record, Records, Source};
use crate::names::{BranchName, CommitId};

/// What the commits say of a recorded parent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Agreement {
    /// The branch has nothing of it.
    None,
    /// It has commits of its own in common with the branch, or is the trunk.
    Shares,
    /// The commit that the tool recorded of it is below the branch.
    Exact,
}

/// A parent that was found out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Guess {
    /// The parent; `None` for the trunk.
    pub(crate) parent: Option<BranchName>,
    /// By which rule.
    pub(crate) source: Source,
    /// Whether more than git's own record was needed.
    pub(crate) guessed: bool,
    /// Branches between it and its parent that were merged, as far as the commits tell, nearest first.
    pub(crate) merged: Vec<BranchName>,
}

impl Guess {
    /// Nothing is known: the trunk.
    pub(crate) const NOTHING: Self = Self {
        parent: None,
        source: Source::Trunk,
        guessed: true,
        merged: Vec::new(),
    };

    /// Nothing had to be guessed.
    pub(crate) fn recorded(parent: BranchName, source: Source) -> Self {
        Self {
            parent: Some(parent),
            source,
            guessed: false,
            merged: Vec::new(),
        }
    }
}

impl From<Inferred> for Guess {
    fn from(found: Inferred) -> Self {
        Self {
            parent: found.parent,
            source: found.source,
            guessed: found.guessed,
            merged: found.merged,
        }
    }
}

/// What counts in place of a base that a document names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Instead {
    /// What counts.
    pub(crate) guess: Guess,
    /// Whether the branch was moved, so that a record that the commits speak against is older.
    pub(crate) was_moved: bool,
}

/// What became of a branch that is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ended {
    /// What it stood on.
    pub(crate) base: BranchName,
    /// Whether the one that stood on it has commits of it still, which the trunk has in another form: these are told apart by its name.
    pub(crate) is_below: bool,
}

/// What is known before anything is decided; each is asked for only as far as it is needed.
pub(crate) trait Evidence {
    /// The branch that stacks stand on.
    fn trunk(&self) -> &BranchName;
    /// What else tools call trunks.
    fn other_trunks(&self) -> &BTreeSet<BranchName>;
    /// Whether `branch` is one of them.
    fn is_trunk(&self, branch: &BranchName) -> bool {
        branch == self.trunk() || self.other_trunks().contains(branch)
    }
    /// Whether there is such a branch, and it is no trunk.
    fn exists(&self, branch: &BranchName) -> bool;
    /// Whether a remote has such a branch.
    fn is_on_remote(&self, branch: &BranchName) -> bool;
    /// Whether `parent` is there to stand on, be it on a remote only.
    fn is_parent(&self, parent: &BranchName) -> bool {
        self.is_trunk(parent) || self.exists(parent) || self.is_on_remote(parent)
    }
    /// What tools recorded.
    fn records(&self) -> &[Records];
    /// The base that a branch's document names.
    fn document(&self, branch: &BranchName) -> Option<BranchName>;
    /// What counts in place of the base that the document of `branch` names, where that was a guess or was left since. `base` is
    /// that branch by the name that it has now.
    fn instead(&self, branch: &BranchName, named: &BranchName, base: &BranchName) -> Option<Instead>;
    /// Whether `branch` was moved to where `parent` neither is nor was, or that may have gone from below it.
    fn has_left(&self, branch: &BranchName, parent: &BranchName) -> bool;
    /// The name that a branch has now whose old name is gone, or another's.
    fn renamed(&self, old: &BranchName) -> Option<BranchName>;
    /// The branch that had the name `parent` when `branch` was made, where a younger one has it now that shares nothing with it or
    /// stands on it.
    fn had_name(&self, branch: &BranchName, parent: &BranchName) -> Option<BranchName>;
    /// The names that a branch had before it was renamed, the newest first.
    fn former(&self, branch: &BranchName) -> Vec<BranchName>;
    /// What the commits say of a recorded parent; `tip` is the commit of it that was recorded.
    fn agreement(&self, branch: &BranchName, parent: &BranchName, tip: Option<&CommitId>) -> Agreement;
    /// Finds out the parent of a branch that nobody recorded.
    fn guess(&self, branch: &BranchName) -> Guess;
    /// What became of a branch that is gone and that `child` stood on, where it has ended.
    fn ended(&self, branch: &BranchName, child: &BranchName) -> Option<Ended>;
    /// Position and total that a branch's document tells.
    fn place(&self, branch: &BranchName) -> Option<(u64, u64)>;
}

/// Decides for one branch after the other.
pub(crate) struct Resolver<'a> {
    evidence: &'a dyn Evidence,
    /// In the order of their branches, those of one branch in that of their sources.
    recorded: Vec<(&'a Records, &'a Record)>,
    layers: BTreeMap<BranchName, Layer>,
}

/// A recorded parent.
struct Candidate {
    parent: BranchName,
    source: Source,
    agreement: Agreement,
}

/// The recorded parents of a branch, by how much they count.
#[derive(Default)]
struct Candidates {
    /// Records that the commits do not speak against.
    agreeing: Vec<Candidate>,
    /// Those that they speak against.
    disputed: Vec<Candidate>,
    /// Keys that name the trunk, and say no more than what the branch is compared with: editors and people set it for most.
    settings: Vec<Candidate>,
    /// What VS Code supposes. It says the trunk of nearly every branch, which is left out, as is what the commits speak against.
    supposed: Vec<Candidate>,
}

/// What counts as the parent of a branch.
struct Found {
    guess: Guess,
    /// Branches that have ended and are below it still, nearest first.
    ended_below: Vec<BranchName>,
    /// Whether it takes the place of the base that the document names.
    replaces_base: bool,
    /// Whether it does so because the branch was moved, so that a record that the commits speak against is older.
    was_moved: bool,
}

impl Found {
    fn settled(guess: Guess) -> Self {
        Self {
            guess,
            ended_below: Vec::new(),
            replaces_base: false,
            was_moved: false,
        }
    }

    fn recorded(candidate: Candidate) -> Self {
        Self::settled(Guess::recorded(candidate.parent, candidate.source))
    }
}

impl<'a> Resolver<'a> {
    /// Nothing is decided yet.
    pub(crate) fn new(evidence: &'a dyn Evidence) -> Self {
        let all = evidence.records().iter();
        let mut recorded: Vec<_> = all
            .flat_map(|records| records.branches.iter().map(move |record| (records, record)))
            .collect();
        recorded.sort_by_key(|(_, record)| &record.branch);
        Self {
            evidence,
            recorded,
            layers: BTreeMap::new(),
        }
    }

    /// Takes in `branch` and all that it stands on; what is known of it. `None` where there is no such branch.
    pub(crate) fn add(&mut self, branch: &BranchName) -> Option<&Layer> {
        let mut next = Some(branch.clone());
        while let Some(branch) = next.filter(|branch| !self.layers.contains_key(branch) && self.evidence.exists(branch))
        {
            let layer = self.layer(&branch, &self.records(&branch));
            next = layer.parent.clone();
            self.layers.insert(branch, layer);
        }
        self.layers.get(branch)
    }

    /// Whether it was taken in.
    pub(crate) fn has(&self, branch: &BranchName) -> bool {
        self.layers.contains_key(branch)
    }

    /// All that was taken in. Of branches that are recorded as standing on each other in a circle no record is believed, but where
    /// it is plain which one closes it.
    pub(crate) fn into_layers(mut self) -> BTreeMap<BranchName, Layer> {
        self.drop_what_closes_circles();
        self.take_back();
        for branch in circles(&self.layers).into_iter().flatten() {
            let Some(layer) = self.layers.get(&branch) else {
                continue;
            };
            let guess = self.evidence.guess(&branch);
            let layer = Layer {
                parent: guess.parent.filter(|parent| parent != self.evidence.trunk()),
                base: None,
                source: guess.source,
                // Somebody says otherwise, who may be right.
                guessed: true,
                is_in_circle: true,
                ..layer.clone()
            };
            self.replace(branch, layer);
        }
        // Guesses may make another one.
        open_circles(&mut self.layers);
        self.layers
    }

    /// Takes in `layer` in place of what was known of `branch`, and what that stands on.
    fn replace(&mut self, branch: BranchName, layer: Layer) {
        let parent = layer.parent.clone();
        self.layers.insert(branch, layer);
        if let Some(parent) = parent {
            self.add(&parent);
        }
    }

    /// Of circles that are closed by one record of which the commits tell less than of the others that one does not count, but what
    /// else is known of its branch.
    fn drop_what_closes_circles(&mut self) {
        for circle in circles(&self.layers) {
            let mut weak = circle.iter().filter(|branch| !self.is_exact(branch));
            let (Some(branch), None) = (weak.next(), weak.next()) else {
                continue;
            };
            let Some(old) = self.layers.get(branch) else { continue };
            let mut records = self.records(branch);
            records.retain(|(all, record)| {
                let candidate = self.candidate(branch, record, all.source);
                candidate.is_none_or(|candidate| Some(&candidate.parent) != old.parent.as_ref())
            });
            let layer = Layer {
                pull_request: old.pull_request,
                merged: old.merged,
                merged_below: old.merged_below.clone(),
                ..self.layer(branch, &records)
            };
            self.replace(branch.clone(), layer);
        }
    }

    /// Whether the commit that was recorded of a branch's parent is below it.
    fn is_exact(&self, branch: &BranchName) -> bool {
        let Some(layer) = self.layers.get(branch) else {
            return false;
        };
        let records = self.records(branch).into_iter();
        let mut believed = records
            .filter(|(all, _)| all.source == layer.source)
            .filter_map(|(all, record)| self.candidate(branch, record, all.source));
        believed.any(|known| known.agreement == Agreement::Exact && Some(&known.parent) == layer.parent.as_ref())
    }

    /// Puts a branch on its base again where no line leads there from the merged one that it was put on.
    fn take_back(&mut self) {
        let trunk = self.evidence.trunk();
        let leads_there = |layer: &Layer| {
            let mut below = layer.parent.as_ref();
            let mut seen = HashSet::new();
            while let Some(branch) = below.filter(|branch| layer.base.as_ref() != Some(*branch)) {
                let Some(next) = self.layers.get(branch).filter(|_| seen.insert(branch)) else {
                    return false;
                };
                below = next.parent.as_ref();
            }
            layer.base.as_ref() == below.or(Some(trunk))
        };
        let over_merged = self.layers.iter().filter(|(_, layer)| layer.base.is_some());
        let strays = over_merged.filter(|(_, layer)| !leads_there(layer));
        let strays: Vec<BranchName> = strays.map(|(branch, _)| branch.clone()).collect();
        for branch in strays {
            let Some(mut layer) = self.layers.get(&branch).cloned() else {
                continue;
            };
            layer.parent = layer.base.take().filter(|base| base != trunk);
            if layer.parent.is_none() {
                layer.source = Source::Trunk;
            }
            self.replace(branch, layer);
        }
    }

    /// The name that a branch has now which is named so; the same where nobody knows of another.
    fn now(&self, name: &BranchName) -> BranchName {
        let is_there = self.evidence.is_trunk(name) || self.evidence.exists(name);
        let renamed = (!is_there).then(|| self.evidence.renamed(name)).flatten();
        renamed.unwrap_or_else(|| name.clone())
    }

    /// The branch that is named as the parent of `branch`, by the name that it has now.
    fn meant(&self, branch: &BranchName, named: &BranchName) -> BranchName {
        let now = self.now(named);
        let is_there = !self.evidence.is_trunk(&now) && self.evidence.exists(&now);
        let before = is_there.then(|| self.evidence.had_name(branch, &now)).flatten();
        before.unwrap_or(now)
    }

    /// What tools recorded of a branch, under its name or one that it had and nobody has now.
    fn records(&self, branch: &BranchName) -> Vec<(&'a Records, &'a Record)> {
        let mut found = self.under(branch).to_vec();
        if self.recorded.is_empty() {
            return found;
        }
        // What a tool says of a later name is newer than what it left under one before.
        for former in self.former(branch) {
            let newer: Vec<Source> = found.iter().map(|(records, _)| records.source).collect();
            let older = self.under(&former).iter();
            found.extend(older.filter(|(records, _)| !newer.contains(&records.source)));
        }
        found
    }

    /// What they recorded under this very name.
    fn under(&self, name: &BranchName) -> &[(&'a Records, &'a Record)] {
        let start = self.recorded.partition_point(|(_, record)| record.branch < *name);
        let rest = &self.recorded[start..];
        &rest[..rest.partition_point(|(_, record)| record.branch == *name)]
    }

    /// The names that `branch` had, the newest first, and that nobody has now.
    fn former(&self, branch: &BranchName) -> Vec<BranchName> {
        let mut names = self.evidence.former(branch);
        names.retain(|name| name != branch && !self.evidence.exists(name));
        names
    }

    /// The base that the document names. A renamed branch may have it under its old name still.
    fn base(&self, branch: &BranchName) -> Option<BranchName> {
        let of_former = || {
            self.former(branch)
                .iter()
                .find_map(|former| self.evidence.document(former))
        };
        self.evidence.document(branch).or_else(of_former)
    }

    /// What one source says of a branch's parent. Where the commits speak against it, another branch may have got the name.
    fn candidate(&self, branch: &BranchName, record: &Record, source: Source) -> Option<Candidate> {
        let told = |parent: BranchName| Candidate {
            agreement: self.evidence.agreement(branch, &parent, record.parent_tip.as_ref()),
            parent,
            source,
        };
        let mut candidate = told(self.meant(branch, record.parent.as_ref()?));
        if candidate.agreement > Agreement::None {
            // Nobody dates a setting. It may have been made with the branch, and then tells no more than how that was made.
            let names_trunk = self.evidence.is_trunk(&candidate.parent);
            if is_set_once(source) && !names_trunk && self.evidence.has_left(branch, &candidate.parent) {
                candidate.agreement = Agreement::None;
            }
            return Some(candidate);
        }
        let renamed = self
            .evidence
            .renamed(&candidate.parent)
            .filter(|renamed| renamed != branch);
        let renamed = renamed.map(told).filter(|renamed| renamed.agreement > Agreement::None);
        Some(renamed.unwrap_or(candidate))
    }

    /// What sources say of a branch's parent, as far as that is there.
    fn candidates(&self, branch: &BranchName, records: &[(&Records, &Record)]) -> Candidates {
        let mut found = Candidates::default();
        for (all, record) in records {
            let candidate = self.candidate(branch, record, all.source);
            let Some(candidate) =
                candidate.filter(|known| known.parent != *branch && self.evidence.is_parent(&known.parent))
            else {
                continue;
            };
            let names_trunk = self.evidence.is_trunk(&candidate.parent);
            let agrees = candidate.agreement > Agreement::None;
            let those = match candidate.source {
                Source::VsCode if names_trunk || !agrees => continue,
                Source::VsCode => &mut found.supposed,
                source if names_trunk && is_set_once(source) => &mut found.settings,
                _ if agrees => &mut found.agreeing,
                _ => &mut found.disputed,
            };
            those.push(candidate);
        }
        found
    }

    /// The one that counts most. The trunk is below every branch, so that the commits never speak against it.
    fn best(&self, candidates: Vec<Candidate>) -> Option<Candidate> {
        let rank = |candidate: &Candidate| {
            let is_trunk = self.evidence.is_trunk(&candidate.parent);
            (is_trunk, Reverse(candidate.agreement), candidate.source)
        };
        candidates.into_iter().min_by_key(rank)
    }

    /// A base that is named for `branch` by the name that it has now; where that branch has ended, what it stood on, and those
    /// that are below it still, nearest first.
    fn standing(&self, branch: &BranchName, named: &BranchName) -> Option<(BranchName, Vec<BranchName>)> {
        let evidence = self.evidence;
        let mut base = self.meant(branch, named);
        let mut below = Vec::new();
        let mut seen = HashSet::new();
        while !evidence.is_trunk(&base) && !evidence.exists(&base) && seen.insert(base.clone()) {
            let is_on_remote = || evidence.is_on_remote(&base);
            match evidence.ended(&base, branch) {
                Some(ended) if !ended.is_below || !is_on_remote() => {
                    below.extend(ended.is_below.then_some(base));
                    base = self.now(&ended.base);
                }
                _ if is_on_remote() => break,
                _ => return None,
            }
        }
        Some((base, below))
    }

    /// Whether `guess` names `base` as the parent.
    fn is_on(&self, guess: &Guess, base: &BranchName) -> bool {
        guess.parent.as_ref().unwrap_or(self.evidence.trunk()) == base
    }

    /// What the base that the document names comes to.
    fn by_document(&self, branch: &BranchName, named: &BranchName) -> Option<Found> {
        let (base, ended) = self.standing(branch, named)?;
        if base == *branch || !self.evidence.is_parent(&base) {
            return None;
        }
        Some(match self.evidence.instead(branch, named, &base) {
            // What has ended is below it still, unless it was put on another branch.
            Some(instead) if ended.is_empty() || !self.is_on(&instead.guess, &base) => Found {
                was_moved: instead.was_moved,
                replaces_base: true,
                ..Found::settled(instead.guess)
            },
            instead => {
                let mut guess = Guess::recorded(base, Source::Document);
                guess.guessed = instead.is_some_and(|instead| instead.guess.guessed);
                Found {
                    ended_below: ended,
                    ..Found::settled(guess)
                }
            }
        })
    }

    /// What is known of a branch, of which tools have these records.
    fn layer(&self, branch: &BranchName, records: &[(&Records, &Record)]) -> Layer {
        let evidence = self.evidence;
        let told = self.candidates(branch, records);
        // Documents are read for the one and commits for the other, so only where they are needed, and once.
        let named = LazyCell::new(|| self.base(branch));
        let guess = LazyCell::new(|| evidence.guess(branch));
        // Whoever compares a branch with the trunk may have put it on another one.
        let is_on_trunk = || guess.parent.as_ref().is_none_or(|parent| evidence.is_trunk(parent));
        let set = || self.best(told.settings).filter(|_| is_on_trunk());
        let known = self
            .best(told.agreeing)
            .map(Found::recorded)
            .or_else(|| self.by_document(branch, named.as_ref()?))
            .or_else(|| set().map(Found::recorded));
        let is_gone = known.is_none() && {
            let recorded = records.iter().filter_map(|(_, record)| record.parent.as_ref());
            let mut all = recorded.chain(named.as_ref());
            all.any(|parent| parent != branch && !evidence.is_parent(&self.now(parent)))
        };
        let mut found = known.unwrap_or_else(|| Found::settled(guess.clone()));
        // Better than nothing is what the commits speak against, and what an editor supposes.
        if let Some(doubtful) = self.best(told.disputed).or_else(|| self.best(told.supposed))
            && found.guess.guessed
            && (found.guess.source == Source::Trunk && !found.was_moved
                || found.guess.parent.as_ref() == Some(&doubtful.parent))
        {
            found.guess.parent = Some(doubtful.parent);
            found.guess.source = doubtful.source;
        }
        let Guess {
            parent,
            source,
            guessed,
            merged,
        } = found.guess;
        let parent = parent.filter(|parent| parent != evidence.trunk());
        // Somebody says otherwise, or may say it where it cannot be read.
        let tells = |all: &Records| {
            let mut told = records.iter().filter(|(_, record)| record.parent.is_some());
            all.unreadable.is_empty() || told.any(|(known, _)| known.source == all.source)
        };
        let is_unsure = source.is_found_out() && (is_gone || !evidence.records().iter().all(tells));
        let is_here = |parent: &BranchName| evidence.is_trunk(parent) || evidence.exists(parent);
        let parent_is_gone = is_gone || !parent.as_ref().is_none_or(is_here);
        // It is drawn on the merged one that is nearest; its commits are told apart by what both stand on now.
        let mut merged = merged.into_iter().filter(|_| guessed && source.is_found_out());
        let (parent, base, source) = match merged.find(|name| name != branch && evidence.exists(name)) {
            Some(merged) => {
                let base = parent.unwrap_or_else(|| evidence.trunk().clone());
                (Some(merged), Some(base), Source::Graph)
            }
            None => (parent, None, source),
        };
        let mut merged_below = records.iter().map(|(_, record)| &record.merged_below);
        Layer {
            base,
            source,
            guessed: guessed || is_unsure,
            parent_is_gone,
            replaces_base: found.replaces_base,
            place: parent_is_gone.then(|| evidence.place(branch)).flatten(),
            pull_request: pull_request(records),
            merged: records.iter().any(|(_, record)| record.merged),
            merged_below: merged_below
                .find(|merged| !merged.is_empty())
                .cloned()
                .unwrap_or_default(),
            ended_below: found.ended_below,
            ..Layer::told(parent)
        }
    }
}

/// Whether it is a key of the configuration that no tool keeps true.
fn is_set_once(source: Source) -> bool {
    matches!(source, Source::GhMergeBase | Source::Upstream | Source::GitLens)
}

/// The pull request that the most trusted source names, with the state that any source knows of it.
fn pull_request(records: &[(&Records, &Record)]) -> Option<PullRequest> {
    let mut all: Vec<(Source, PullRequest)> = records
        .iter()
        .filter_map(|(records, record)| Some((records.source, record.pull_request?)))
        .collect();
    all.sort_by_key(|(source, _)| *source);
    let first = all.first()?.1;
    let mut same = all.iter().filter(|(_, other)| other.number == first.number);
    Some(PullRequest {
        number: first.number,
        state: same.find_map(|(_, other)| other.state),
    })
}

#[cfg(test)]
mod tests;
