//! Which of several recorded parents of a branch is right, and what to do where nobody recorded one.
//!
//! A tool's record counts before the document, for people move branches with their tools, and the document is brought up to
//! date from there; but only if it agrees with the commits. Not here: reading what tools recorded (records/), walking the
//! commits (repo/), and the tree that comes out (tree.rs).

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::infer::Inferred;
use super::tree::Layer;
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

/// What is known before anything is decided.
pub(crate) struct Evidence<'a> {
    /// The branch that stacks stand on.
    pub(crate) trunk: &'a BranchName,
    /// The branches that there are, the trunk left out.
    pub(crate) branches: &'a BTreeSet<BranchName>,
    /// What tools recorded.
    pub(crate) records: &'a [Records],
    /// The bases that documents name.
    pub(crate) documents: &'a HashMap<BranchName, BranchName>,
    /// The names that branches had before they were renamed, and those that they have now.
    pub(crate) renamed: &'a HashMap<BranchName, BranchName>,
    /// What the commits say: branch, parent, the recorded commit of the parent.
    pub(crate) agreement: &'a dyn Fn(&BranchName, &BranchName, Option<&CommitId>) -> Agreement,
    /// Finds out the parent of a branch that nobody recorded.
    pub(crate) guess: &'a dyn Fn(&BranchName) -> Guess,
}

/// A recorded parent.
struct Candidate {
    parent: BranchName,
    source: Source,
    agreement: Agreement,
    modified: Option<i64>,
}

impl Evidence<'_> {
    /// What is known of each of `wanted`, and of all that these stand on.
    pub(crate) fn layers(&self, wanted: impl IntoIterator<Item = BranchName>) -> BTreeMap<BranchName, Layer> {
        let (by_branch, bases) = (self.records_by_branch(), self.bases());
        let mut layers = BTreeMap::new();
        let mut waiting: Vec<BranchName> = wanted.into_iter().collect();
        while let Some(branch) = waiting.pop() {
            if branch == *self.trunk || layers.contains_key(&branch) || !self.branches.contains(&branch) {
                continue;
            }
            let records = by_branch.get(&branch).map_or(&[][..], Vec::as_slice);
            let layer = self.layer(&branch, records, bases.get(&branch).copied());
            waiting.extend(layer.parent.clone());
            layers.insert(branch, layer);
        }
        layers
    }

    fn now<'b>(&'b self, name: &'b BranchName) -> &'b BranchName {
        match self.branches.contains(name) {
            true => name,
            false => self.renamed.get(name).unwrap_or(name),
        }
    }

    fn records_by_branch(&self) -> HashMap<BranchName, Vec<(&Records, &Record)>> {
        let mut by_branch: HashMap<BranchName, Vec<(&Records, &Record)>> = HashMap::new();
        for records in self.records {
            let named: HashSet<&BranchName> = records.branches.iter().map(|record| &record.branch).collect();
            for record in &records.branches {
                let branch = self.now(&record.branch);
                // What a tool says of the name that the branch has now is newer than what it left under an old one.
                if *branch == record.branch || !named.contains(branch) {
                    by_branch.entry(branch.clone()).or_default().push((records, record));
                }
            }
        }
        by_branch
    }

    /// The base that the document of each branch names. A renamed branch may still have the one of its old name.
    fn bases(&self) -> HashMap<&BranchName, &BranchName> {
        let mut bases = HashMap::new();
        for (name, base) in self.documents {
            let (branch, base) = (self.now(name), self.now(base));
            if branch == name || !self.documents.contains_key(branch) {
                bases.insert(branch, base);
            }
        }
        bases
    }

    fn layer(&self, branch: &BranchName, records: &[(&Records, &Record)], base: Option<&BranchName>) -> Layer {
        let exists = |parent: &BranchName| parent == self.trunk || self.branches.contains(parent);
        let recorded = records.iter().filter_map(|(records, record)| {
            let parent = self.now(record.parent.as_ref()?).clone();
            let agreement = (self.agreement)(branch, &parent, record.parent_tip.as_ref());
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
        let document = base.filter(|base| *base != branch && exists(base));
        let known = best(agreeing)
            .map(|candidate| (candidate.parent, candidate.source))
            .or_else(|| document.map(|base| (base.clone(), Source::Document)))
            .or_else(|| best(others).map(|candidate| (candidate.parent, candidate.source)));
        let (parent, source, guessed) = match known {
            Some((parent, source)) => (Some(parent), source, false),
            None => {
                let guess = (self.guess)(branch);
                (guess.parent, guess.source, guess.guessed)
            }
        };
        Layer {
            parent: parent.filter(|parent| parent != self.trunk),
            source,
            guessed,
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

    /// The parent of each branch with its source, `?` behind a guess. `disagrees`: pairs that the commits speak against.
    fn resolved(
        records: &[Records],
        documents: &[(&str, &str)],
        renamed: &[(&str, &str)],
        disagrees: &[(&str, &str)],
    ) -> Vec<String> {
        let branches: BTreeSet<BranchName> = ["a", "b", "c"].into_iter().map(name).collect();
        let map = |pairs: &[(&str, &str)]| pairs.iter().map(|(a, b)| (name(a), name(b))).collect::<HashMap<_, _>>();
        let (documents, renamed) = (map(documents), map(renamed));
        let agreement = |branch: &BranchName, parent: &BranchName, _: Option<&CommitId>| match disagrees
            .contains(&(branch.as_str(), parent.as_str()))
        {
            true => Agreement::None,
            false => Agreement::Shares,
        };
        let guess = |_: &BranchName| Guess {
            parent: None,
            source: Source::Trunk,
            guessed: true,
        };
        let trunk = name("main");
        let evidence = Evidence {
            trunk: &trunk,
            branches: &branches,
            records,
            documents: &documents,
            renamed: &renamed,
            agreement: &agreement,
            guess: &guess,
        };
        let layers = evidence.layers(branches.iter().cloned());
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
        // VS Code says the trunk of nearly everything.
        let all = resolved(&[records(Source::VsCode, vec![record("a", "c", None)])], &[], &[], &[]);
        assert_eq!(all[0], "a on main Trunk?");
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
        let both = records(
            Source::GitTown,
            vec![
                record("old", "b", None),
                record("a", "c", None),
                record("older", "b", None),
            ],
        );
        let renamed = [("old", "a"), ("older", "a")];
        assert_eq!(resolved(&[both], &[], &renamed, &[])[0], "a on c GitTown");
        assert_eq!(resolved(&[], &[("old", "c")], &renamed, &[])[0], "a on c Document");
        assert_eq!(
            resolved(&[], &[("old", "c"), ("a", "b")], &renamed, &[])[0],
            "a on b Document"
        );
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
