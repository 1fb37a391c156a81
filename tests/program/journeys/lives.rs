//! Branches that get other names, copies and new lives, and commits that move from one to another.

use crate::sandbox::{Sandbox, entries, field, markers};

/// The ids of the documents whose branches are gone and whose names were taken.
fn ended(sandbox: &Sandbox) -> Vec<String> {
    let listed = sandbox.store(["for-each-ref", "--format=%(refname:lstrip=3)", "refs/branchwork/ended/"]);
    listed.stdout.lines().map(str::to_owned).collect()
}

#[test]
fn a_branch_renamed_onto_another_brings_its_document_and_ends_the_other() {
    let sandbox = Sandbox::new();
    sandbox.git(["switch", "-q", "-c", "old"]);
    sandbox.commit("a", "a\n", "Of the old");
    sandbox.branchwork(["set", "risk=high"]);
    sandbox.git(["switch", "-q", "-c", "new", "main"]);
    sandbox.wait(1);
    // That of the other tells of no commit, so only the rename says that it has to make way.
    sandbox.branchwork(["set", "risk=low"]);
    sandbox.git(["switch", "-q", "old"]);
    sandbox.wait(1);
    sandbox.git(["branch", "-q", "-M", "old", "new"]);
    sandbox.wait(1);
    assert_eq!(sandbox.branchwork(["get", "risk"]).stdout, "high\n");
    assert_eq!(field(&sandbox.view(), "name"), "new");
    assert_eq!(entries(&sandbox.view()), ["[@ada] Of the old"]);
    let [id] = ended(&sandbox).try_into().unwrap();
    let text = sandbox
        .store(["show", &format!("refs/branchwork/ended/{id}:BRANCHWORK.md")])
        .stdout;
    assert_eq!(field(&text, "risk"), "low");
    // It stays so.
    let version = sandbox.branchwork(["history"]).stdout;
    sandbox.branchwork(["show"]);
    assert_eq!(sandbox.branchwork(["history"]).stdout, version);
    assert_eq!(ended(&sandbox), [id]);
}

/// What the commits and the clock tell is the same of both; the rename decides.
#[test]
fn a_branch_renamed_onto_its_own_copy_brings_its_document() {
    let sandbox = Sandbox::new();
    sandbox.git(["switch", "-q", "-c", "feat"]);
    sandbox.commit("a", "a\n", "Work");
    sandbox.branchwork(["set", "risk=high"]);
    sandbox.git(["branch", "-c", "feat", "copy"]);
    sandbox.git(["switch", "-q", "copy"]);
    sandbox.git(["switch", "-q", "main"]);
    sandbox.git(["branch", "-M", "feat", "copy"]);
    sandbox.git(["switch", "-q", "copy"]);
    assert_eq!(sandbox.branchwork(["get", "risk"]).stdout, "high\n");
    assert_eq!(ended(&sandbox).len(), 1);
    // A branch of the old name that comes and goes later changes nothing.
    sandbox.wait(1);
    sandbox.git(["switch", "-q", "-c", "feat", "main"]);
    sandbox.git(["switch", "-q", "copy"]);
    sandbox.git(["branch", "-D", "feat"]);
    assert_eq!(sandbox.branchwork(["get", "risk"]).stdout, "high\n");
    assert_eq!(ended(&sandbox).len(), 1);
}

/// The new one has all commits that the document tells of.
#[test]
fn a_renamed_branch_keeps_its_document_where_another_goes_on_under_its_name() {
    for first in ["kept", "feat"] {
        let sandbox = Sandbox::new();
        sandbox.git(["switch", "-q", "-c", "feat"]);
        sandbox.commit("a", "a\n", "Work");
        sandbox.branchwork(["set", "risk=high"]);
        sandbox.wait(1);
        sandbox.git(["branch", "-m", "feat", "kept"]);
        sandbox.wait(1);
        sandbox.git(["branch", "feat", "kept"]);
        sandbox.git(["switch", "-q", "main"]);
        for branch in [first, "feat"] {
            sandbox.git(["switch", "-q", branch]);
        }
        let listed = sandbox.branchwork(["list"]).stdout;
        assert!(listed.contains(" kept "), "{first}: {listed}");
        sandbox.git(["switch", "-q", "kept"]);
        let of = |branch: &str| {
            sandbox
                .stored(branch)
                .map(|text| ["risk", "base"].map(|key| field(&text, key)))
        };
        assert_eq!(of("kept"), Some(["high", "main"].map(str::to_owned)), "{first}");
        assert_eq!(of("feat"), Some(["", "kept"].map(str::to_owned)), "{first}");
        assert_eq!(entries(&sandbox.view()), ["[@ada] Work"]);
        assert_eq!(ended(&sandbox), [""; 0]);
    }
}

#[test]
fn branches_that_change_names_take_their_documents_along() {
    for order in [["low", "high", "top"], ["high", "low", "top"], ["top", "low", "high"]] {
        let sandbox = Sandbox::new();
        for branch in ["low", "high", "top"] {
            sandbox.git(["switch", "-q", "-c", branch]);
            sandbox.commit(branch, "a\n", &format!("Of {branch}"));
            sandbox.branchwork(["set", &format!("scope={branch}")]);
        }
        let change = || {
            sandbox.wait(1);
            for [old, new] in [["low", "free"], ["high", "low"], ["free", "high"]] {
                sandbox.git(["branch", "-m", old, new]);
            }
            sandbox.wait(1);
        };
        let is_told = |expected: [[&str; 3]; 3]| {
            for branch in order {
                sandbox.branchwork(["show", "-b", branch]);
            }
            // What stands on them was told of names that others have now.
            sandbox.branchwork(["refresh", "--all"]);
            for [branch, scope, parent] in expected {
                let get = |key: &str| sandbox.branchwork(["get", key, "-b", branch]).stdout;
                assert_eq!(get("scope"), format!("{scope}\n"), "{order:?}: {branch}");
                assert_eq!(get("branch.base"), format!("{parent}\n"), "{order:?}: {branch}");
            }
            let drawn = sandbox.branchwork(["stack", "--all"]).stdout;
            let lines = drawn.lines().skip(1).filter_map(|line| line.split(' ').nth(1));
            assert_eq!(
                lines.collect::<Vec<_>>(),
                expected.map(|[branch, ..]| branch),
                "{order:?}"
            );
        };
        change();
        is_told([["high", "low", "main"], ["low", "high", "high"], ["top", "top", "low"]]);
        // Back again, and there and back with nobody looking.
        change();
        is_told([["low", "low", "main"], ["high", "high", "low"], ["top", "top", "high"]]);
        change();
        change();
        is_told([["low", "low", "main"], ["high", "high", "low"], ["top", "top", "high"]]);
    }
}

#[test]
fn two_branches_that_had_the_same_name_one_after_the_other() {
    let sandbox = Sandbox::new();
    for (text, name) in [("First", "a"), ("Second", "b")] {
        sandbox.git(["switch", "-q", "-c", "feat", "main"]);
        sandbox.commit(name, "x\n", text);
        sandbox.wait(1);
        sandbox.git(["branch", "-m", "feat", name]);
        sandbox.wait(1);
    }
    sandbox.branchwork(["list"]);
    assert_eq!(entries(&sandbox.stored("a").unwrap()), ["[@ada] First"]);
    assert_eq!(entries(&sandbox.stored("b").unwrap()), ["[@ada] Second"]);
}

#[test]
fn a_copied_branch_has_a_document_of_its_own() {
    let sandbox = Sandbox::new();
    sandbox.git(["switch", "-q", "-c", "feat"]);
    sandbox.commit("a", "a\n", "Work");
    sandbox.branchwork(["set", "risk=high"]);
    sandbox.wait(1);
    sandbox.git(["branch", "-c", "feat", "copy"]);
    sandbox.git(["switch", "-q", "copy"]);
    let copy = sandbox.view();
    assert_eq!(field(&copy, "name"), "copy");
    assert_eq!(field(&copy, "base"), "main");
    assert_eq!(field(&copy, "risk"), "");
    assert_eq!(entries(&copy), ["[@ada] Work"]);
    assert!(copy.contains("- Copied from `feat`\n"), "{copy}");
    assert_eq!(field(&sandbox.stored("feat").unwrap(), "risk"), "high");
    // Over a branch that has a document already.
    sandbox.git(["switch", "-q", "-c", "other", "main"]);
    sandbox.commit("b", "b\n", "Of the other");
    sandbox.git(["switch", "-q", "main"]);
    sandbox.wait(1);
    sandbox.git(["branch", "-C", "feat", "other"]);
    sandbox.git(["switch", "-q", "other"]);
    assert_eq!(entries(&sandbox.view()), ["[@ada] Work"]);
    assert_eq!(ended(&sandbox).len(), 1);
}

#[test]
fn nobody_misses_the_document_that_a_hook_made_a_moment_ago() {
    let sandbox = Sandbox::new();
    sandbox.git(["switch", "-q", "-c", "old"]);
    sandbox.commit("a", "a\n", "Work");
    let listed = sandbox.store(["for-each-ref", "refs/branchwork/docs/old/"]).stdout;
    let id = listed.trim().rsplit('/').next();
    sandbox.git(["switch", "-q", "-c", "new"]);
    sandbox.git(["branch", "-q", "-D", "old"]);
    sandbox.wait(1);
    let adopted = sandbox.branchwork(["create", "--adopt", id.unwrap()]).stderr;
    assert!(!adopted.contains("--adopt"), "{adopted}");
    // What a person wrote is told of, also where it was not taken in yet.
    sandbox.git(["switch", "-q", "-c", "newer"]);
    sandbox.git(["branch", "-q", "-D", "new"]);
    let edited = sandbox.view().replace("risk:", "risk: high");
    sandbox.write(".branchwork/CURRENT.md", edited);
    let adopted = sandbox.branchwork(["create", "--adopt", id.unwrap()]).stderr;
    assert!(adopted.contains("the document that 'newer' had is kept"), "{adopted}");
}

#[test]
fn an_ended_document_can_be_taken_back() {
    let sandbox = Sandbox::new();
    sandbox.git(["switch", "-q", "-c", "fix"]);
    sandbox.commit("a", "a\n", "First life");
    sandbox.branchwork(["set", "risk=high"]);
    sandbox.git(["switch", "-q", "main"]);
    sandbox.git(["branch", "-q", "-D", "fix"]);
    sandbox.wait(60);
    let run = sandbox.git(["switch", "-q", "-c", "fix"]);
    let [first] = ended(&sandbox).try_into().unwrap();
    let command = format!("git branchwork create --adopt {first}");
    assert!(run.stderr.contains(&command), "{}", run.stderr);
    sandbox.commit("b", "b\n", "Second life");
    sandbox.wait(1);
    let second = sandbox.branchwork(["list", "--json"]).stdout;
    let adopted = sandbox.shell(&command).ok();
    assert_eq!(
        entries(&sandbox.view()),
        ["[@ada] First life (dropped)", "[@ada] Second life"]
    );
    assert_eq!(field(&sandbox.view(), "risk"), "high");
    let [other] = ended(&sandbox).try_into().unwrap();
    assert!(second.contains(&other), "{second}");
    let back =
        format!("the document that 'fix' had is kept; to go back to it: git branchwork create --adopt {other}\n");
    assert!(adopted.stderr.contains(&back), "{}", adopted.stderr);
    // What it had is not another branch's that was given up, nor the one that ends with it.
    let given_up = sandbox.branchwork(["archive", "--abandoned", "--dry-run"]);
    assert_eq!(given_up.stdout, "", "{}", given_up.stderr);
    sandbox.git(["update-ref", "refs/heads/main", "fix"]);
    let done = sandbox.branchwork(["archive", "--merged", "--dry-run"]).stdout;
    assert_eq!(done, "fix: merged\n");
    sandbox.git(["update-ref", "refs/heads/main", "main@{1}"]);
    // It stays this branch's, whatever comes.
    sandbox.wait(1);
    sandbox.git(["switch", "-q", "main"]);
    sandbox.git(["switch", "-q", "fix"]);
    sandbox.commit("c", "c\n", "More");
    assert_eq!(entries(&sandbox.view()).len(), 3);
    let run = sandbox.try_branchwork(["create", "--adopt", "nonsense"]).code(2);
    assert!(
        run.stderr.contains("'nonsense' is not the id of a document"),
        "{}",
        run.stderr
    );
    let absent = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
    let run = sandbox.try_branchwork(["create", "--adopt", absent]).code(1);
    assert!(
        run.stderr.contains(&format!("there is no document '{absent}'")),
        "{}",
        run.stderr
    );
    sandbox.git(["switch", "-q", "-c", "other", "main"]);
    let run = sandbox.try_branchwork(["create", "--adopt", &first]).code(1);
    assert!(
        run.stderr
            .contains("belongs to branch 'fix', which exists\nhint: git branchwork show -b fix\n"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_branch_that_is_reset_elsewhere_keeps_its_document() {
    let sandbox = Sandbox::new();
    sandbox.git(["switch", "-q", "-c", "feat"]);
    let tip = sandbox.commit("a", "a\n", "Work");
    sandbox.branchwork(["set", "risk=high"]);
    sandbox.wait(1);
    sandbox.git(["switch", "-q", "-C", "feat", "main"]);
    assert_eq!(entries(&sandbox.view()), ["[@ada] Work (dropped)"]);
    assert_eq!(field(&sandbox.view(), "risk"), "high");
    sandbox.wait(1);
    sandbox.git(["reset", "-q", "--hard", &tip]);
    assert_eq!(entries(&sandbox.branchwork(["show"]).stdout), ["[@ada] Work"]);
}

#[test]
fn the_work_of_an_amended_parent_is_not_the_childs() {
    let sandbox = Sandbox::new();
    sandbox.git(["switch", "-q", "-c", "parent"]);
    sandbox.commit("a", "a\n", "Of the parent");
    sandbox.git(["switch", "-q", "-c", "child"]);
    sandbox.commit("b", "b\n", "Of the child");
    assert_eq!(field(&sandbox.view(), "base"), "parent");
    sandbox.git(["switch", "-q", "parent"]);
    sandbox.write("a", "better\n");
    sandbox.wait(1);
    sandbox.git(["commit", "-q", "-a", "--amend", "-m", "Of the parent, better"]);
    sandbox.git(["switch", "-q", "child"]);
    sandbox.commit("c", "c\n", "More of the child");
    sandbox.branchwork(["refresh"]);
    assert_eq!(
        entries(&sandbox.view()),
        ["[@ada] Of the child", "[@ada] More of the child"]
    );
    // Then the child is restacked, and the parent merged and deleted.
    sandbox.git(["rebase", "-q", "--onto", "parent", "parent@{1}"]);
    let own = sandbox.own_commits("parent..child");
    assert_eq!(markers(&sandbox.view()), own);
    let parent = sandbox.id("parent");
    sandbox.git(["switch", "-q", "main"]);
    sandbox.git(["merge", "-q", "--squash", "parent"]);
    sandbox.git(["commit", "-q", "-m", "The parent, squashed"]);
    sandbox.git(["branch", "-q", "-D", "parent"]);
    sandbox.git(["switch", "-q", "child"]);
    sandbox.branchwork(["refresh"]);
    assert_eq!(markers(&sandbox.view()), own);
    // While the child has commits of it, it is below, also when its document is archived.
    let is_below = || {
        let drawn = "main\n├─● parent ✅ Merged\n└─○ child 👈 Current\n";
        assert_eq!(sandbox.branchwork(["stack"]).stdout, drawn);
        assert!(sandbox.view().contains(drawn), "{}", sandbox.view());
        let place = ["base", "position", "total"].map(|key| field(&sandbox.view(), key));
        assert_eq!(place, ["parent", "2", "2"]);
        assert!(sandbox.branchwork(["list"]).stdout.contains("2/2"));
    };
    is_below();
    let run = sandbox.branchwork(["archive", "--merged"]);
    assert!(
        run.stderr.contains("Archived the document of 'parent'"),
        "{}",
        run.stderr
    );
    sandbox.commit("d", "d\n", "Of the child, at last");
    is_below();
    sandbox.branchwork(["refresh", "--all"]);
    is_below();
    assert_eq!(
        markers(&sandbox.view()),
        sandbox.own_commits(&format!("{parent}..child"))
    );
    // It has nothing of the parent any more.
    sandbox.git(["rebase", "-q", "--onto", "main", "child~3"]);
    let own = sandbox.own_commits("main..child");
    assert_eq!(
        (markers(&sandbox.view()), field(&sandbox.view(), "base")),
        (own, "main".to_owned())
    );
}

#[test]
fn commits_made_on_the_wrong_branch_go_to_the_right_one() {
    let sandbox = Sandbox::new();
    // On the trunk.
    sandbox.commit("a", "a\n", "Meant for feat");
    sandbox.git(["switch", "-q", "-c", "feat"]);
    sandbox.git(["branch", "-q", "-f", "main", "main~1"]);
    sandbox.branchwork(["refresh"]);
    assert_eq!(entries(&sandbox.view()), ["[@ada] Meant for feat"]);
    // On another branch.
    sandbox.commit("b", "b\n", "Meant for next");
    sandbox.git(["switch", "-q", "-c", "next"]);
    sandbox.git(["branch", "-q", "-f", "feat", "feat~1"]);
    sandbox.wait(1);
    let feat = sandbox.branchwork(["show", "-b", "feat"]).stdout;
    assert_eq!(
        entries(&feat),
        ["[@ada] Meant for feat", "[@ada] Meant for next (dropped)"]
    );
    sandbox.branchwork(["refresh"]);
    assert_eq!(entries(&sandbox.view()), ["[@ada] Meant for next"]);
}

#[test]
fn work_begun_on_a_detached_head_and_branched_later() {
    let sandbox = Sandbox::new();
    sandbox.git(["switch", "-q", "--detach"]);
    sandbox.commit("a", "a\n", "One");
    sandbox.commit("b", "b\n", "Two");
    sandbox.git(["switch", "-q", "-c", "late"]);
    assert_eq!(entries(&sandbox.view()), ["[@ada] One", "[@ada] Two"]);
}

#[test]
fn refresh_says_what_it_did() {
    let sandbox = Sandbox::new();
    sandbox.git(["switch", "-q", "-c", "feat"]);
    let off = |arguments: &[&str]| {
        sandbox.wait(1);
        sandbox.git_without_hooks(arguments);
    };
    for number in 0..60 {
        off(&["commit", "-q", "--allow-empty", "-m", &format!("Work {number}")]);
    }
    let run = sandbox.branchwork(["refresh"]);
    assert_eq!(run.stderr, "Refreshed the document of 'feat': reconcile: 50 new\n");
    assert!(sandbox.view().contains("- 10 older commits have no entry here"));
    let run = sandbox.branchwork(["refresh"]);
    assert_eq!(run.stderr, "The document of 'feat' is up to date\n");
    let run = sandbox.branchwork(["refresh", "--full"]);
    assert_eq!(run.stderr, "Refreshed the document of 'feat': reconcile: 10 new\n");
    assert_eq!(markers(&sandbox.view()), sandbox.own_commits("main..feat"));
    assert!(!sandbox.view().contains("older commits"));
    off(&["switch", "-q", "-c", "other"]);
    sandbox.branchwork(["create"]);
    off(&["commit", "-q", "--allow-empty", "-m", "On the other"]);
    off(&["commit", "-q", "--allow-empty", "-m", "More on the other"]);
    off(&["switch", "-q", "feat"]);
    let run = sandbox.branchwork(["refresh", "--all"]);
    assert_eq!(
        run.stderr,
        "Refreshed the document of 'feat': stack: 1 of 2, on main\nRefreshed the document of 'other': reconcile: 2 new\n"
    );
    assert_eq!(
        sandbox.branchwork(["refresh", "--all"]).stderr,
        "All documents are up to date\n"
    );
    assert_eq!(sandbox.branchwork(["-q", "refresh", "-b", "other"]).stderr, "");
    let run = sandbox.try_branchwork(["refresh", "-b", "absent"]).code(1);
    assert!(
        run.stderr.contains("there is no branch 'absent' here"),
        "{}",
        run.stderr
    );
}
