//! Which of several recorded parents of a branch is right, and what to do where nobody recorded one.
//!
//! A tool's record counts before the document, for people move branches with their tools, and the document is brought up to
//! date from there; but only if it agrees with the commits. Not here: reading what tools recorded (records/), walking the
//! commits (repo/), and the tree that comes out (tree.rs).

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::infer::Inferred;
use super::tree::{Layer, circles};
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
}

impl Guess {
    /// Nothing is known: the trunk.
    pub(crate) const NOTHING: Self = Self {
        parent: None,
        source: Source::Trunk,
        guessed: true,
    };
}

impl From<Inferred> for Guess {
    fn from(found: Inferred) -> Self {
        Self {
            parent: found.parent,
            source: found.source,
            guessed: found.guessed,
        }
    }
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
    /// What tools recorded.
    fn records(&self) -> &[Records];
    /// The base that a branch's document names.
    fn document(&self, branch: &BranchName) -> Option<BranchName>;
    /// The name that a branch has now whose old name is gone.
    fn renamed(&self, old: &BranchName) -> Option<BranchName>;
    /// The names that a branch had before it was renamed, the newest first.
    fn former(&self, branch: &BranchName) -> Vec<BranchName>;
    /// What the commits say of a recorded parent; `tip` is the commit of it that was recorded.
    fn agreement(&self, branch: &BranchName, parent: &BranchName, tip: Option<&CommitId>) -> Agreement;
    /// Finds out the parent of a branch that nobody recorded.
    fn guess(&self, branch: &BranchName) -> Guess;
    /// The base of a branch that is gone and has ended, where nothing of it is below `child` that stood on it.
    fn ended(&self, branch: &BranchName, child: &BranchName) -> Option<BranchName>;
    /// Position and total that a branch's document tells.
    fn place(&self, branch: &BranchName) -> Option<(u64, u64)>;
}

/// Decides for one branch after the other.
pub(crate) struct Resolver<'a> {
    evidence: &'a dyn Evidence,
    by_branch: HashMap<&'a BranchName, Vec<(&'a Records, &'a Record)>>,
    layers: BTreeMap<BranchName, Layer>,
}

/// A recorded parent.
struct Candidate {
    parent: BranchName,
    source: Source,
    agreement: Agreement,
    modified: Option<i64>,
}

impl<'a> Resolver<'a> {
    /// Nothing is decided yet.
    pub(crate) fn new(evidence: &'a dyn Evidence) -> Self {
        let mut by_branch: HashMap<&BranchName, Vec<(&Records, &Record)>> = HashMap::new();
        for records in evidence.records() {
            for record in &records.branches {
                by_branch.entry(&record.branch).or_default().push((records, record));
            }
        }
        Self {
            evidence,
            by_branch,
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

    /// All that was taken in. Of branches that are recorded as standing on each other in a circle no record is believed.
    pub(crate) fn into_layers(mut self) -> BTreeMap<BranchName, Layer> {
        let circles = circles(&self.layers);
        for branch in circles.iter().flatten() {
            let guess = self.evidence.guess(branch);
            if let Some(layer) = self.layers.get_mut(branch) {
                layer.parent = guess.parent.filter(|parent| parent != self.evidence.trunk());
                layer.source = guess.source;
                layer.guessed = guess.guessed;
            }
        }
        self.layers
    }

    fn now(&self, name: &BranchName) -> BranchName {
        let is_there = self.evidence.is_trunk(name) || self.evidence.exists(name);
        let renamed = (!is_there).then(|| self.evidence.renamed(name)).flatten();
        renamed.unwrap_or_else(|| name.clone())
    }

    /// What tools recorded of a branch, under its name or one that it had and nobody has now.
    fn records(&self, branch: &BranchName) -> Vec<(&'a Records, &'a Record)> {
        let mut found = self.by_branch.get(branch).cloned().unwrap_or_default();
        if self.by_branch.is_empty() {
            return found;
        }
        // What a tool says of a later name is newer than what it left under one before.
        for former in self.former(branch) {
            let newer: Vec<Source> = found.iter().map(|(records, _)| records.source).collect();
            let older = self.by_branch.get(&former).into_iter().flatten();
            found.extend(older.filter(|(records, _)| !newer.contains(&records.source)));
        }
        found
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

    /// The same by the name that it has now; where that branch has ended, what it stood on.
    fn standing(&self, branch: &BranchName) -> Option<BranchName> {
        let evidence = self.evidence;
        let mut base = self.now(&self.base(branch)?);
        let mut seen = HashSet::new();
        while !evidence.is_trunk(&base) && !evidence.exists(&base) && seen.insert(base.clone()) {
            base = self.now(&evidence.ended(&base, branch)?);
        }
        Some(base)
    }

    fn layer(&self, branch: &BranchName, records: &[(&Records, &Record)]) -> Layer {
        let evidence = self.evidence;
        let exists = |parent: &BranchName| evidence.is_trunk(parent) || evidence.exists(parent);
        let recorded = records.iter().filter_map(|(records, record)| {
            let parent = self.now(record.parent.as_ref()?);
            let agreement = evidence.agreement(branch, &parent, record.parent_tip.as_ref());
            (parent != *branch && exists(&parent)).then_some(Candidate {
                parent,
                source: records.source,
                agreement,
                modified: records.modified,
            })
        });
        let (agreeing, others): (Vec<Candidate>, Vec<Candidate>) = recorded
            .filter(|candidate| candidate.source != Source::VsCode)
            .partition(|candidate| candidate.agreement > Agreement::None);
        let best = |candidates: Vec<Candidate>| {
            let rank = |candidate: &Candidate| {
                (
                    Reverse(candidate.agreement),
                    candidate.source,
                    Reverse(candidate.modified),
                )
            };
            candidates.into_iter().min_by_key(rank)
        };
        // Each document is read for it, so only where no record decides.
        let document = || {
            let base = self.standing(branch)?;
            (base != *branch && exists(&base)).then_some((base, Source::Document))
        };
        let known = best(agreeing)
            .map(|candidate| (candidate.parent, candidate.source))
            .or_else(document)
            .or_else(|| best(others).map(|candidate| (candidate.parent, candidate.source)));
        let (parent, source, guessed, parent_is_gone) = match known {
            Some((parent, source)) => (Some(parent), source, false, false),
            None => {
                let guess = evidence.guess(branch);
                let recorded = records.iter().filter_map(|(_, record)| record.parent.clone());
                let mut named = recorded.chain(self.base(branch));
                let is_gone = named.any(|parent| parent != *branch && !exists(&self.now(&parent)));
                (guess.parent, guess.source, guess.guessed, is_gone)
            }
        };
        Layer {
            parent: parent.filter(|parent| parent != evidence.trunk()),
            source,
            guessed,
            parent_is_gone,
            place: parent_is_gone.then(|| evidence.place(branch)).flatten(),
            pull_request: pull_request(records),
            merged: records.iter().any(|(_, record)| record.merged),
            needs_restack: false,
            merged_below: records
                .iter()
                .map(|(_, record)| &record.merged_below)
                .find(|merged| !merged.is_empty())
                .cloned()
                .unwrap_or_default(),
        }
    }
}

/// The pull request that the most trusted source names, with the state that any source knows of it.
fn pull_request(records: &[(&Records, &Record)]) -> Option<PullRequest> {
    let mut all: Vec<(Source, PullRequest)> = records
        .iter()
        .filter_map(|(records, record)| Some((records.source, record.pull_request?)))
        .collect();
    all.sort_by_key(|(source, _)| *source);
    let first = all.first()?.1;
    let state = all.iter().filter(|(_, other)| other.number == first.number);
    Some(PullRequest {
        number: first.number,
        state: state.filter_map(|(_, other)| other.state).next(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::PullRequestState;
    use super::super::tree::tests::name;
    use super::*;

    fn record(branch: &str, parent: &str, pull_request: Option<PullRequest>) -> Record {
        Record {
            branch: name(branch),
            parent: (!parent.is_empty()).then(|| name(parent)),
            parent_tip: None,
            pull_request,
            merged: false,
            merged_below: Vec::new(),
        }
    }

    fn records(source: Source, branches: Vec<Record>) -> Records {
        Records {
            source,
            trunks: Vec::new(),
            branches,
            unreadable: Vec::new(),
            modified: None,
        }
    }

    /// Of the branches a, b and c.
    struct Told<'a> {
        trunk: BranchName,
        other_trunks: BTreeSet<BranchName>,
        records: &'a [Records],
        documents: &'a [(&'a str, &'a str)],
        renamed: &'a [(&'a str, &'a str)],
        /// Pairs that the commits speak against.
        disagrees: &'a [(&'a str, &'a str)],
    }

    const BRANCHES: [&str; 3] = ["a", "b", "c"];

    fn second(pairs: &[(&str, &str)], first: &BranchName) -> Option<BranchName> {
        let found = pairs.iter().find(|(key, _)| *key == first.as_str())?;
        Some(name(found.1))
    }

    impl Evidence for Told<'_> {
        fn trunk(&self) -> &BranchName {
            &self.trunk
        }

        fn other_trunks(&self) -> &BTreeSet<BranchName> {
            &self.other_trunks
        }

        fn exists(&self, branch: &BranchName) -> bool {
            BRANCHES.contains(&branch.as_str())
        }

        fn records(&self) -> &[Records] {
            self.records
        }

        fn document(&self, branch: &BranchName) -> Option<BranchName> {
            second(self.documents, branch)
        }

        fn renamed(&self, old: &BranchName) -> Option<BranchName> {
            second(self.renamed, old)
        }

        fn former(&self, branch: &BranchName) -> Vec<BranchName> {
            let olds = self.renamed.iter().filter(|(_, new)| *new == branch.as_str());
            olds.map(|(old, _)| name(old)).collect()
        }

        fn agreement(&self, branch: &BranchName, parent: &BranchName, _: Option<&CommitId>) -> Agreement {
            match self.disagrees.contains(&(branch.as_str(), parent.as_str())) {
                true => Agreement::None,
                false => Agreement::Shares,
            }
        }

        fn guess(&self, _: &BranchName) -> Guess {
            Guess::NOTHING
        }

        fn ended(&self, branch: &BranchName, _: &BranchName) -> Option<BranchName> {
            second(self.documents, branch).filter(|_| branch.as_str().starts_with("ended"))
        }

        fn place(&self, _: &BranchName) -> Option<(u64, u64)> {
            None
        }
    }

    /// The parent of each branch with its source, `?` behind a guess.
    fn resolved(
        records: &[Records],
        documents: &[(&str, &str)],
        renamed: &[(&str, &str)],
        disagrees: &[(&str, &str)],
    ) -> Vec<String> {
        let told = Told {
            trunk: name("main"),
            other_trunks: BTreeSet::from([name("develop")]),
            records,
            documents,
            renamed,
            disagrees,
        };
        let mut resolver = Resolver::new(&told);
        for branch in BRANCHES {
            resolver.add(&name(branch));
        }
        let layers = resolver.into_layers();
        let line = |(branch, layer): (BranchName, Layer)| {
            let parent = layer.parent.as_ref().map_or("main", BranchName::as_str);
            format!(
                "{} on {parent} {:?}{}",
                branch.as_str(),
                layer.source,
                if layer.guessed { "?" } else { "" }
            )
        };
        layers.into_iter().map(line).collect()
    }

    #[test]
    fn who_is_believed() {
        let graphite = || {
            records(
                Source::Graphite,
                vec![record("a", "main", None), record("b", "a", None)],
            )
        };
        let town = || records(Source::GitTown, vec![record("b", "main", None), record("c", "b", None)]);
        let all = resolved(&[graphite(), town()], &[("c", "a")], &[], &[]);
        assert_eq!(all, ["a on main Graphite", "b on a Graphite", "c on b GitTown"]);
        // The commits speak against a record: the other tool, then the document, then the record after all.
        let all = resolved(&[graphite(), town()], &[], &[], &[("b", "a")]);
        assert_eq!(all[1], "b on main GitTown");
        let all = resolved(&[graphite()], &[("b", "c")], &[], &[("b", "a")]);
        assert_eq!(all[1], "b on c Document");
        let all = resolved(&[graphite()], &[], &[], &[("b", "a")]);
        assert_eq!(all, ["a on main Graphite", "b on a Graphite", "c on main Trunk?"]);
        // Another trunk is as good as the first.
        let all = resolved(
            &[records(Source::GitTown, vec![record("b", "develop", None)])],
            &[("a", "develop")],
            &[],
            &[],
        );
        assert_eq!(all[..2], ["a on develop Document", "b on develop GitTown"]);
        // VS Code says the trunk of nearly everything.
        let all = resolved(&[records(Source::VsCode, vec![record("a", "c", None)])], &[], &[], &[]);
        assert_eq!(all[0], "a on main Trunk?");
    }

    #[test]
    fn circles_are_not_believed() {
        let town = records(
            Source::GitTown,
            vec![record("a", "b", None), record("b", "a", None), record("c", "a", None)],
        );
        assert_eq!(
            resolved(&[town], &[], &[], &[]),
            ["a on main Trunk?", "b on main Trunk?", "c on a GitTown"]
        );
    }

    #[test]
    fn renamed_branches_and_parents_that_are_gone() {
        let old = || {
            records(
                Source::GitTown,
                vec![record("old", "main", None), record("b", "old", None)],
            )
        };
        assert_eq!(
            resolved(&[old()], &[("c", "old")], &[("old", "a")], &[]),
            ["a on main GitTown", "b on a GitTown", "c on a Document"]
        );
        assert_eq!(resolved(&[old()], &[], &[], &[])[1], "b on main Trunk?");
        // What the tool says of the new name is newer, and so is the document of it.
        let both = |names: [&str; 2]| {
            let records = records(
                Source::GitTown,
                vec![record(names[0], "b", None), record(names[1], "c", None)],
            );
            resolved(&[records], &[], &[("old", "a"), ("older", "a")], &[])[0].clone()
        };
        assert_eq!(both(["old", "a"]), "a on c GitTown");
        assert_eq!(both(["older", "old"]), "a on c GitTown");
        assert_eq!(both(["old", "older"]), "a on b GitTown");
        let renamed = [("old", "a")];
        assert_eq!(resolved(&[], &[("old", "c")], &renamed, &[])[0], "a on c Document");
        assert_eq!(
            resolved(&[], &[("old", "c"), ("a", "b")], &renamed, &[])[0],
            "a on b Document"
        );
        // Of a branch that was merged and is gone the document still tells what it stood on.
        let ended = [("b", "ended"), ("ended", "ended/2"), ("ended/2", "a")];
        assert_eq!(resolved(&[], &ended, &[], &[])[1], "b on a Document");
        let ended = [("b", "ended"), ("ended", "ended/2"), ("ended/2", "ended")];
        assert_eq!(resolved(&[], &ended, &[], &[])[1], "b on main Trunk?");
        let own = records(Source::GitTown, vec![record("b", "b", None)]);
        assert_eq!(resolved(&[own], &[("b", "b")], &[], &[])[1], "b on main Trunk?");
    }

    #[test]
    fn pull_requests() {
        let with = |number, state| Some(PullRequest { number, state });
        let key = records(Source::PullRequestKey, vec![record("a", "", with(47, None))]);
        let aviator = records(
            Source::Aviator,
            vec![record("a", "main", with(47, Some(PullRequestState::Merged)))],
        );
        let old = records(Source::GitMachete, vec![record("a", "main", with(46, None))]);
        let pairs = [&key, &aviator].map(|records| (records, &records.branches[0]));
        assert_eq!(pull_request(&pairs), with(47, Some(PullRequestState::Merged)));
        let pairs = [&key, &aviator, &old].map(|records| (records, &records.branches[0]));
        assert_eq!(pull_request(&pairs), with(46, None));
        assert_eq!(pull_request(&[]), None);
    }
}
