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
    /// Branches and the bases that they left.
    left: &'a [(&'a str, &'a str)],
    /// Branches, and those that were merged below them.
    merged: &'a [(&'a str, &'a str)],
    /// What is guessed of branches; the trunk where nothing stands.
    guesses: &'a [(&'a str, &'a str)],
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

    fn is_on_remote(&self, branch: &BranchName) -> bool {
        branch.as_str() == "remote"
    }

    fn records(&self) -> &[Records] {
        self.records
    }

    fn document(&self, branch: &BranchName) -> Option<BranchName> {
        second(self.documents, branch)
    }

    fn instead(&self, branch: &BranchName, _: &BranchName, base: &BranchName) -> Option<Instead> {
        let is_left = self.left.contains(&(branch.as_str(), base.as_str()));
        is_left.then_some(Instead {
            guess: Guess::NOTHING,
            was_moved: true,
        })
    }

    fn has_left(&self, branch: &BranchName, parent: &BranchName) -> bool {
        self.left.contains(&(branch.as_str(), parent.as_str()))
    }

    fn renamed(&self, old: &BranchName) -> Option<BranchName> {
        second(self.renamed, old)
    }

    fn had_name(&self, _: &BranchName, _: &BranchName) -> Option<BranchName> {
        None
    }

    fn former(&self, branch: &BranchName) -> Vec<BranchName> {
        let olds = self.renamed.iter().filter(|(_, new)| *new == branch.as_str());
        olds.map(|(old, _)| name(old)).collect()
    }

    fn agreement(&self, branch: &BranchName, parent: &BranchName, tip: Option<&CommitId>) -> Agreement {
        match self.disagrees.contains(&(branch.as_str(), parent.as_str())) {
            true => Agreement::None,
            false if tip.is_some() => Agreement::Exact,
            false => Agreement::Shares,
        }
    }

    fn guess(&self, branch: &BranchName) -> Guess {
        let parent = second(self.guesses, branch);
        let source = if parent.is_some() { Source::Graph } else { Source::Trunk };
        let below = self.merged.iter().filter(|(above, _)| *above == branch.as_str());
        Guess {
            parent,
            source,
            guessed: true,
            merged: below.map(|(_, merged)| name(merged)).collect(),
        }
    }

    fn ended(&self, branch: &BranchName, _: &BranchName) -> Option<Ended> {
        let base = second(self.documents, branch).filter(|_| branch.as_str().starts_with("ended"))?;
        let is_below = branch.as_str().ends_with("squashed");
        Some(Ended { base, is_below })
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
    resolved_with(records, documents, renamed, disagrees, &[])
}

fn resolved_with(
    records: &[Records],
    documents: &[(&str, &str)],
    renamed: &[(&str, &str)],
    disagrees: &[(&str, &str)],
    guesses: &[(&str, &str)],
) -> Vec<String> {
    answers(&Told {
        trunk: name("main"),
        other_trunks: BTreeSet::from([name("develop")]),
        records,
        documents,
        renamed,
        disagrees,
        left: &[("c", "b")],
        guesses,
        merged: &[],
    })
}

fn answers(told: &Told) -> Vec<String> {
    let mut resolver = Resolver::new(told);
    for branch in BRANCHES {
        resolver.add(&name(branch));
    }
    let layers = resolver.into_layers();
    let line = |(branch, layer): (BranchName, Layer)| {
        let parent = layer.parent.as_ref().map_or("main", BranchName::as_str);
        let base = layer.base.as_ref().or(layer.ended_below.first());
        let base = base.map_or("", BranchName::as_str);
        format!(
            "{} on {parent} {:?}{}{}{base}",
            branch.as_str(),
            layer.source,
            if layer.guessed { "?" } else { "" },
            if base.is_empty() { "" } else { ", based on " },
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
    let town_on_a = || records(Source::GitTown, vec![record("b", "a", None)]);
    let all = resolved(&[graphite(), town()], &[("c", "a")], &[], &[]);
    assert_eq!(all, ["a on main Graphite", "b on a Graphite", "c on b GitTown"]);
    // The commits speak against a record: the other tool, then the document, then the record after all.
    let all = resolved(&[graphite(), town()], &[], &[], &[("b", "a")]);
    assert_eq!(all[1], "b on main GitTown");
    let all = resolved(&[graphite()], &[("b", "c")], &[], &[("b", "a")]);
    assert_eq!(all[1], "b on c Document");
    let all = resolved(&[graphite()], &[], &[], &[("b", "a")]);
    assert_eq!(all, ["a on main Graphite", "b on a Graphite?", "c on main Trunk?"]);
    // The trunk is below all, so that it counts least, and a setting less than the document.
    let trunk = |source| records(source, vec![record("b", "main", None)]);
    for source in [Source::Graphite, Source::GhMergeBase, Source::Upstream, Source::GitLens] {
        let all = resolved(&[trunk(source), town_on_a()], &[], &[], &[]);
        assert_eq!(all[1], "b on a GitTown", "{source:?}");
        let all = resolved(&[trunk(source)], &[("b", "a")], &[], &[]);
        let expected = if source == Source::Graphite {
            "main Graphite"
        } else {
            "a Document"
        };
        assert_eq!(all[1], format!("b on {expected}"));
        assert_eq!(
            resolved(&[trunk(source)], &[], &[], &[])[1],
            format!("b on main {source:?}")
        );
    }
    // A base that was left does not count.
    let all = resolved(&[], &[("b", "a"), ("c", "b")], &[], &[]);
    assert_eq!(all[1..], ["b on a Document", "c on main Trunk?"]);
    let all = resolved(&[town()], &[("c", "b")], &[], &[("c", "b")]);
    assert_eq!(all[2], "c on main Trunk?");
    // Nor does a setting, which tells no more than how the branch was made; better than nothing it is.
    let set = |branch, parent| [records(Source::Upstream, vec![record(branch, parent, None)])];
    assert_eq!(resolved(&set("c", "b"), &[("c", "a")], &[], &[])[2], "c on a Document");
    assert_eq!(resolved(&set("c", "b"), &[], &[], &[])[2], "c on b Upstream?");
    assert_eq!(resolved(&set("c", "a"), &[], &[], &[])[2], "c on a Upstream");
    let on_b = resolved_with(&set("a", "main"), &[], &[], &[], &[("a", "b")]);
    assert_eq!(on_b[0], "a on b Graph?");
    // Another trunk is as good as the first.
    let all = resolved(
        &[records(Source::GitTown, vec![record("b", "develop", None)])],
        &[("a", "develop")],
        &[],
        &[],
    );
    assert_eq!(all[..2], ["a on develop Document", "b on develop GitTown"]);
    // VS Code says the trunk of nearly everything, and something else where nobody knows anything.
    let code = |parent| records(Source::VsCode, vec![record("a", parent, None)]);
    assert_eq!(resolved(&[code("main")], &[], &[], &[])[0], "a on main Trunk?");
    assert_eq!(resolved(&[code("c")], &[], &[], &[])[0], "a on c VsCode?");
    assert_eq!(resolved(&[code("c")], &[], &[], &[("a", "c")])[0], "a on main Trunk?");
    assert_eq!(resolved(&[code("c")], &[("a", "b")], &[], &[])[0], "a on b Document");
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
    // Where another tool knows better of one of them, and the commits say so, that is plain.
    let exact = |branch, parent| Record {
        parent_tip: CommitId::parse(&"a".repeat(40)),
        ..record(branch, parent, Some(PullRequest { number: 7, state: None }))
    };
    let machete = || {
        let told = vec![record("b", "main", None), record("a", "b", None)];
        records(Source::GitMachete, told)
    };
    let aviator = |told| records(Source::Aviator, told);
    let known = aviator(vec![record("a", "main", None), exact("b", "a")]);
    let expected = ["a on main Aviator", "b on a Aviator", "c on main Trunk?"];
    assert_eq!(resolved(&[known, machete()], &[], &[], &[]), expected);
    let known = aviator(vec![exact("b", "a")]);
    assert_eq!(
        resolved(&[known, machete()], &[("a", "c")], &[], &[])[0],
        "a on c Document"
    );
    let both = aviator(vec![exact("a", "b"), exact("b", "a")]);
    assert_eq!(
        resolved(&[both], &[], &[], &[])[..2],
        ["a on main Trunk?", "b on main Trunk?"]
    );
    // Guesses may make one too.
    assert_eq!(
        resolved_with(&[], &[], &[], &[], &[("a", "b"), ("b", "a")]),
        ["a on b Graph?", "b on main Trunk?", "c on main Trunk?"]
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
    // Another branch has the old name now.
    let town = records(Source::GitTown, vec![record("b", "a", None)]);
    let all = resolved(&[town], &[], &[("a", "c")], &[("b", "a")]);
    assert_eq!(all[1], "b on c GitTown");
    // Of a branch that was merged and is gone the document still tells what it stood on.
    let ended = [("b", "ended"), ("ended", "ended/2"), ("ended/2", "a")];
    assert_eq!(resolved(&[], &ended, &[], &[])[1], "b on a Document");
    let ended = [("b", "ended"), ("ended", "ended/2"), ("ended/2", "ended")];
    assert_eq!(resolved(&[], &ended, &[], &[])[1], "b on main Trunk?");
    // Unless it has commits of it still.
    let ended = [("b", "ended"), ("ended", "ended/squashed"), ("ended/squashed", "a")];
    let expected = "b on a Document, based on ended/squashed";
    assert_eq!(resolved(&[], &ended, &[], &[])[1], expected);
    let own = records(Source::GitTown, vec![record("b", "b", None)]);
    assert_eq!(resolved(&[own], &[("b", "b")], &[], &[])[1], "b on main Trunk?");
}

#[test]
fn a_merged_one_is_stood_on_and_is_no_base() {
    let with = |documents, merged| {
        answers(&Told {
            trunk: name("main"),
            other_trunks: BTreeSet::from([name("develop")]),
            records: &[],
            documents,
            renamed: &[],
            disagrees: &[],
            left: &[],
            guesses: &[],
            merged,
        })
    };
    let both = [("c", "gone"), ("c", "b"), ("c", "a"), ("b", "a")];
    let all = [
        "a on main Trunk?",
        "b on a Graph?, based on main",
        "c on b Graph?, based on main",
    ];
    assert_eq!(with(&[], &both), all);
    // Where one was written down it counts.
    assert_eq!(with(&[("c", "a")], &both)[2], "c on a Document");
    // No circle, and no line that leads elsewhere.
    let expected = ["a on c Document", "b on main Trunk?", "c on main Trunk?"];
    assert_eq!(with(&[("a", "c")], &[("c", "a")]), expected);
    let expected = ["a on develop Document", "b on main Trunk?", "c on main Trunk?"];
    assert_eq!(with(&[("a", "develop")], &[("c", "a")]), expected);
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
