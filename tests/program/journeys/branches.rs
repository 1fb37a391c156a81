//! Branches that are made, renamed, deleted, stacked.

use super::{created, says_created};
use crate::sandbox::{Sandbox, entries, field};

#[test]
fn a_branch_gets_its_document_however_it_is_made() {
    let sandbox = Sandbox::new();
    for (branch, command) in [
        ("a", "git switch -q -c a"),
        ("b", "git checkout -q -b b"),
        ("c", "git branch c main && git switch -q c"),
        ("d", "git checkout -q -B d main"),
    ] {
        let run = sandbox.shell(command).ok();
        assert_eq!(run.stderr, created(branch), "{command}");
        assert_eq!(run.stdout, "", "{command}");
        let view = sandbox.view();
        assert_eq!(sandbox.stored(branch).unwrap(), view);
        assert_eq!(field(&view, "name"), branch);
        assert_eq!(field(&view, "date"), "2025-08-29 18:56 UTC");
        assert_eq!(field(&view, "slug"), format!("branchwork-{branch}"));
        assert_eq!(field(&view, "dri"), "ada");
        assert!(view.contains(&format!("\n# [WIP] `{branch}`\n")), "{view}");
        sandbox.git(["switch", "-q", "main"]);
        assert_eq!(sandbox.view(), "", "the trunk has none");
    }
    let run = sandbox.git(["worktree", "add", "-q", "-b", "e", "../e", "main"]);
    says_created(&run, "e");
    assert_eq!(
        sandbox.read("../e/.branchwork/CURRENT.md"),
        sandbox.stored("e").unwrap()
    );
    assert_eq!(sandbox.view(), "");
}

#[test]
fn a_branch_that_is_committed_on_before_any_checkout_was_seen() {
    let sandbox = Sandbox::new();
    sandbox.git_without_hooks(["switch", "-q", "-c", "x"]);
    assert_eq!(sandbox.stored("x"), None);
    sandbox.wait(1);
    sandbox.write("x", "x\n");
    sandbox.git(["add", "x"]);
    let run = sandbox.git(["commit", "-q", "-m", "First"]);
    says_created(&run, "x");
    assert_eq!(entries(&sandbox.view()), ["[@ada] First"]);
    assert_eq!(field(&sandbox.view(), "base"), "main");
}

#[test]
fn a_branch_from_the_remote_has_none_until_the_first_own_commit() {
    let sandbox = Sandbox::new();
    sandbox.shell("git clone -q ../remote.git ../other && cd ../other && git switch -q -c theirs && git commit -q --allow-empty -m 'Their work' && git push -q origin theirs").ok();
    sandbox.git(["fetch", "-q"]);
    let run = sandbox.git(["switch", "-q", "theirs"]);
    assert_eq!(run.stderr, "");
    assert_eq!(sandbox.stored("theirs"), None);
    assert_eq!(sandbox.view(), "");
    sandbox.wait(1);
    let run = sandbox.git(["commit", "-q", "--allow-empty", "-m", "My work"]);
    says_created(&run, "theirs");
    assert!(
        entries(&sandbox.view()).contains(&"[@ada] My work".to_owned()),
        "{}",
        sandbox.view()
    );
}

#[test]
fn trunk_and_excluded_branches_have_none() {
    let sandbox = Sandbox::new();
    sandbox.commit(".branchwork.yml", "exclude: [\"release/*\"]\n", "Rules");
    sandbox.git(["switch", "-q", "-c", "feat"]);
    assert_ne!(sandbox.view(), "");
    let run = sandbox.git(["switch", "-q", "-c", "release/1"]);
    assert_eq!(run.stderr, "");
    assert_eq!(sandbox.view(), "");
    sandbox.commit("r", "r\n", "On the release");
    assert_eq!(sandbox.stored("release/1"), None);
    sandbox.git(["switch", "-q", "feat"]);
    assert_eq!(field(&sandbox.view(), "name"), "feat");
    sandbox.git(["switch", "-q", "main"]);
    assert_eq!(sandbox.view(), "");
    sandbox.commit("m", "m\n", "On the trunk");
    assert_eq!(sandbox.stored("main"), None);
}

#[test]
fn an_unborn_branch_gets_its_document_with_its_first_commit() {
    let sandbox = Sandbox::empty();
    sandbox.git(["init", "-q", "-b", "main"]);
    sandbox.branchwork(["init"]);
    sandbox.commit("a", "a\n", "On the trunk");
    let run = sandbox.git(["switch", "-q", "--orphan", "pages"]);
    assert_eq!(run.stderr, "");
    assert_eq!(sandbox.view(), "");
    let error = sandbox.try_branchwork(["show"]).code(1).stderr;
    assert_eq!(
        error,
        "error: branch 'pages' has no document\nhint: git branchwork create\n"
    );
    sandbox.commit("p", "p\n", "First page");
    assert_eq!(entries(&sandbox.view()), ["[@ada] First page"]);
}

#[test]
fn a_renamed_branch_keeps_its_document() {
    let sandbox = Sandbox::new();
    let renamed = |name: &str, view: &str| {
        assert_eq!(field(view, "name"), name);
        assert_eq!(field(view, "slug"), format!("branchwork-{name}"));
        assert!(view.contains(&format!("# [WIP] `{name}`\n")), "{view}");
        assert!(view.contains("[@ada] Add it"), "{view}");
    };
    // Seen by a command.
    sandbox.git(["switch", "-q", "-c", "a"]);
    sandbox.commit("a", "a\n", "Add it");
    sandbox.git(["branch", "-m", "a2"]);
    let run = sandbox.branchwork(["get", "branch.name"]);
    assert_eq!(run.stdout, "a2\n");
    assert_eq!(run.stderr, "warning: the document of 'a' now belongs to 'a2'\n");
    renamed("a2", &sandbox.view());
    assert_eq!(sandbox.stored("a"), None);
    // Seen by a commit, after two names.
    sandbox.git(["branch", "-m", "a3"]);
    sandbox.git(["branch", "-m", "a4"]);
    let run = sandbox.shell("git commit -q --allow-empty -m Next").ok();
    assert_eq!(run.stderr, "branchwork: the document of 'a2' now belongs to 'a4'\n");
    renamed("a4", &sandbox.view());
    assert_eq!(entries(&sandbox.view()), ["[@ada] Add it", "[@ada] Next"]);
    // Seen by a switch; a name that is free again is another branch's.
    sandbox.git(["branch", "-m", "a5"]);
    sandbox.git(["switch", "-q", "-c", "a4", "main"]);
    assert_eq!(entries(&sandbox.view()), [""; 0]);
    sandbox.git(["switch", "-q", "a5"]);
    renamed("a5", &sandbox.view());
    // So is one that was taken again before any hook saw the new name; either way the words in it are not lost.
    sandbox.branchwork(["set", "risk=low"]);
    sandbox.wait(1);
    sandbox.git(["branch", "-m", "a5b"]);
    sandbox.git(["branch", "a5", "main"]);
    assert_eq!(sandbox.branchwork(["get", "risk"]).stdout, "low\n");
    renamed("a5b", &sandbox.view());
    sandbox.git(["branch", "-m", "a5c"]);
    sandbox.wait(1);
    sandbox.git(["switch", "-q", "-c", "a5b", "main"]);
    sandbox.git(["switch", "-q", "a5c"]);
    renamed("a5c", &sandbox.view());
    assert_eq!(field(&sandbox.view(), "risk"), "low");
    // Seen after commits that no hook saw.
    sandbox.git(["branch", "-m", "a6"]);
    sandbox.git_without_hooks(["commit", "-q", "--allow-empty", "-m", "Unseen"]);
    renamed("a6", &sandbox.branchwork(["show"]).stdout);
    // Seen by what looks at all of them, while another branch is checked out.
    sandbox.branchwork(["set", "scope="]);
    sandbox.git(["switch", "-q", "main"]);
    sandbox.git(["branch", "-m", "a6", "a7"]);
    let run = sandbox.try_branchwork(["check", "--all"]).code(1);
    assert!(run.stderr.contains("To fix 'a7':"), "{}", run.stderr);
    sandbox.git(["branch", "-m", "a7", "a8"]);
    let list = sandbox.branchwork(["list"]).stdout;
    assert!(list.contains("\n   a8 ") && !list.contains("a7"), "{list}");
}

#[test]
fn a_name_used_again_gets_a_new_document() {
    let sandbox = Sandbox::new();
    sandbox.git(["switch", "-q", "-c", "fix"]);
    sandbox.commit("a", "a\n", "First life");
    sandbox.git(["switch", "-q", "main"]);
    sandbox.git(["merge", "-q", "fix"]);
    sandbox.git(["branch", "-q", "-d", "fix"]);
    sandbox.wait(60);
    let run = sandbox.git(["switch", "-q", "-c", "fix"]);
    says_created(&run, "fix");
    assert_eq!(entries(&sandbox.view()), [""; 0]);
    let ended = sandbox
        .store(["for-each-ref", "--format=%(refname)", "refs/branchwork/ended/"])
        .stdout;
    assert_eq!(ended.lines().count(), 1, "{ended}");
    let old = sandbox
        .store(["show", &format!("{}:BRANCHWORK.md", ended.trim())])
        .stdout;
    assert_eq!(entries(&old), ["[@ada] First life"]);
}

#[test]
fn a_branch_that_was_deleted_and_restored_keeps_its_document() {
    let sandbox = Sandbox::new();
    sandbox.git(["switch", "-q", "-c", "fix"]);
    let tip = sandbox.commit("a", "a\n", "Work");
    sandbox.branchwork(["set", "risk=low"]);
    sandbox.git(["switch", "-q", "main"]);
    sandbox.git(["branch", "-q", "-D", "fix"]);
    sandbox.wait(60);
    sandbox.git(["branch", "fix", &tip]);
    let run = sandbox.git(["switch", "-q", "fix"]);
    assert_eq!(
        run.stderr,
        "branchwork: an earlier branch 'fix' had a document; this one goes on with it\n"
    );
    // It is said once.
    let run = sandbox.git(["commit", "-q", "--allow-empty", "-m", "More"]);
    assert_eq!(run.stderr, "");
    assert_eq!(field(&sandbox.view(), "risk"), "low");
}

#[test]
fn a_branch_from_the_remote_that_was_only_pulled_has_none() {
    let sandbox = Sandbox::new();
    let theirs = |message: &str| {
        sandbox.wait(1);
        sandbox
            .shell(&format!(
                "cd ../other && git commit -q --allow-empty -m '{message}' && git push -q origin theirs"
            ))
            .ok();
    };
    sandbox
        .shell("git clone -q ../remote.git ../other && cd ../other && git switch -q -c theirs")
        .ok();
    theirs("One");
    sandbox.git(["fetch", "-q"]);
    sandbox.git(["switch", "-q", "theirs"]);
    theirs("Two");
    sandbox.git(["pull", "-q"]);
    sandbox.git(["switch", "-q", "main"]);
    sandbox.git(["switch", "-q", "theirs"]);
    assert_eq!(sandbox.stored("theirs"), None);
}

#[test]
fn a_stack_knows_its_bases() {
    let sandbox = Sandbox::new();
    for (branch, base, position) in [("one", "main", "1"), ("two", "one", "2"), ("three", "two", "3")] {
        sandbox.git(["switch", "-q", "-c", branch]);
        sandbox.commit(branch, "x\n", &format!("Work on {branch}"));
        let view = sandbox.view();
        assert_eq!(
            (field(&view, "base"), field(&view, "position")),
            (base.into(), position.into())
        );
        assert_eq!(entries(&view), [format!("[@ada] Work on {branch}")]);
    }
    sandbox.git(["switch", "-q", "main"]);
    sandbox.git(["switch", "-q", "-c", "four", "two"]);
    assert_eq!(
        (field(&sandbox.view(), "base"), field(&sandbox.view(), "position")),
        ("two".into(), "3".into())
    );
    assert_eq!(entries(&sandbox.view()), [""; 0]);
    sandbox.commit("four", "x\n", "Work on four");
    sandbox.git(["worktree", "add", "-q", "-b", "five", "../beside"]);
    let view = std::fs::read_to_string(sandbox.path("beside/.branchwork/CURRENT.md")).unwrap();
    assert_eq!(
        (field(&view, "base"), field(&view, "position")),
        ("four".into(), "4".into())
    );
}

#[test]
fn a_branch_made_while_hooks_were_off_knows_its_base() {
    let sandbox = Sandbox::new();
    sandbox.git(["switch", "-q", "-c", "one"]);
    sandbox.commit("a", "a\n", "Add a");
    sandbox.git_without_hooks(["switch", "-q", "-c", "two"]);
    sandbox.git_without_hooks(["commit", "-q", "--allow-empty", "-m", "Without hooks"]);
    sandbox.git_without_hooks(["switch", "-q", "main"]);
    sandbox.git(["switch", "-q", "two"]);
    let view = sandbox.view();
    assert_eq!(
        (field(&view, "base"), field(&view, "position")),
        ("one".into(), "2".into())
    );
    assert_eq!(entries(&view), ["[@ada] Without hooks"]);
}

#[test]
fn the_title_follows_the_pull_request() {
    let sandbox = Sandbox::new();
    sandbox.git(["switch", "-q", "-c", "feat"]);
    sandbox.commit("a", "a\n", "Search the index");
    sandbox.commit("b", "b\n", "Mend it");
    sandbox.branchwork(["set", "pr=47"]);
    assert!(sandbox.view().contains("\n# PR #47: Search the index\n"));
    sandbox.write(
        ".branchwork/CURRENT.md",
        sandbox.view().replace("# PR #47: Search the index", "# PR #47: Faster"),
    );
    sandbox.branchwork(["set", "pr=48"]);
    assert!(sandbox.view().contains("\n# PR #48: Faster\n"));
    sandbox.branchwork(["set", "pr="]);
    assert!(sandbox.view().contains("\n# PR #48: Faster\n"));
}

#[test]
fn the_trunk_is_what_is_named_first() {
    let sandbox = Sandbox::without_hooks();
    for branch in ["dev", "master", "other"] {
        sandbox.git(["branch", branch]);
    }
    sandbox.git(["push", "-q", "origin", "dev"]);
    let trunk_is = |expected: &str, packed: bool| {
        if packed {
            sandbox.git(["pack-refs", "--all"]);
        }
        for branch in ["dev", "main", "master", "other"] {
            let run = sandbox.try_branchwork(["create", "-b", branch]);
            let excluded = run.stderr.contains("gets no document");
            assert_eq!(
                excluded,
                branch == expected,
                "{branch}, packed: {packed}: {}",
                run.stderr
            );
        }
        std::fs::remove_dir_all(sandbox.repo().join(".git/branchwork")).unwrap();
    };
    for packed in [false, true] {
        sandbox.git(["config", "init.defaultBranch", "gone"]);
        trunk_is("main", packed);
        sandbox.git(["config", "init.defaultBranch", "master"]);
        trunk_is("master", packed);
        sandbox.git(["remote", "set-head", "origin", "dev"]);
        trunk_is("dev", packed);
        sandbox.git(["config", "branchwork.trunk", "other"]);
        trunk_is("other", packed);
        sandbox.write(".branchwork.yml", "trunk: main\n");
        trunk_is("main", packed);
        std::fs::remove_file(sandbox.repo().join(".branchwork.yml")).unwrap();
        sandbox.git(["config", "--unset", "branchwork.trunk"]);
        sandbox.git(["remote", "set-head", "origin", "--delete"]);
    }
}
