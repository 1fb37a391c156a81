//! What the hooks do without: what they never open cannot cost time, however large it is.

use crate::sandbox::{Run, Sandbox, binary, entries, field, run, run_with};

#[test]
fn switching_between_documents_opens_no_object() {
    let sandbox = Sandbox::new();
    sandbox.git(["switch", "-q", "-c", "a"]);
    sandbox.git(["switch", "-q", "-c", "b", "main"]);
    sandbox.git(["gc", "-q"]);
    sandbox.git_without_hooks(["switch", "-q", "a"]);
    let objects = sandbox.repo().join(".git/objects");
    std::fs::rename(&objects, sandbox.path("objects")).unwrap();
    std::fs::create_dir(&objects).unwrap();
    std::fs::write(sandbox.repo().join(".git/index"), "not an index").unwrap();
    let run = sandbox.branchwork(["hook", "post-checkout", "0", "0", "1"]);
    assert_eq!(run.stderr, "");
    assert_eq!(field(&sandbox.view(), "name"), "a");
}

/// A repository that is as usual is not opened, whether or not the branch has a commit of its own yet.
#[test]
fn a_usual_switch_opens_no_repository() {
    let sandbox = Sandbox::new();
    sandbox.git(["switch", "-q", "-c", "empty"]);
    sandbox.git(["switch", "-q", "-c", "full", "main"]);
    sandbox.commit("f", "f\n", "Add f");
    // Written long ago, as far as the hooks can tell.
    sandbox.wait(60 * 24 * 365 * 10);
    for branch in ["empty", "full", "empty", "full"] {
        sandbox.git(["switch", "-q", branch]);
    }
    for branch in ["empty", "full"] {
        sandbox.git_without_hooks(["switch", "-q", branch]);
        let config = sandbox.repo().join(".git/config");
        let text = std::fs::read(&config).unwrap();
        // Gix reads these, a usual switch does not.
        let elsewhere = ["objects", "refs/remotes"].map(|name| {
            (
                sandbox.repo().join(".git").join(name),
                sandbox.path(name.replace('/', "-")),
            )
        });
        for (place, aside) in &elsewhere {
            std::fs::rename(place, aside).unwrap();
        }
        let run = sandbox.branchwork(["hook", "post-checkout", "0", "0", "1"]);
        for (place, aside) in &elsewhere {
            std::fs::rename(aside, place).unwrap();
        }
        assert_eq!(std::fs::read(&config).unwrap(), text);
        assert_eq!(run.stderr, "", "{branch}");
        assert_eq!(field(&sandbox.view(), "name"), branch);
    }
}

/// Commits that were begun on the trunk become the branch's when the trunk goes back, and are logged when it is switched to.
#[test]
fn a_branch_that_was_where_its_base_is_gets_what_the_base_gives_up() {
    let sandbox = Sandbox::new();
    sandbox.commit("f", "f\n", "Begun on main");
    sandbox.git(["switch", "-q", "-c", "feat"]);
    sandbox.git(["switch", "-q", "main"]);
    sandbox.git(["switch", "-q", "feat"]);
    assert_eq!(entries(&sandbox.view()), [""; 0]);
    sandbox.git(["switch", "-q", "main"]);
    sandbox.git(["reset", "-q", "--hard", "HEAD~1"]);
    sandbox.git(["switch", "-q", "feat"]);
    assert_eq!(entries(&sandbox.view()), ["[@ada] Begun on main"]);
}

/// What is remembered of a stack stays as it is, so that none of it is looked into again.
#[test]
fn a_commit_that_changes_no_place_leaves_the_stack_alone() {
    let sandbox = Sandbox::new();
    for branch in ["a", "b", "d"] {
        sandbox.git(["switch", "-q", "-c", branch]);
        sandbox.commit(branch, "x\n", "Begin");
    }
    // Written long ago, as far as the hooks can tell.
    sandbox.wait(60 * 24 * 365 * 10);
    sandbox.branchwork(["refresh", "--all"]);
    let mut count = 0;
    let mut commit = |branch: &str| {
        sandbox.git(["switch", "-q", branch]);
        let document = sandbox
            .store(["for-each-ref", &format!("refs/branchwork/docs/{branch}/")])
            .stdout;
        let id = document.trim().rsplit('/').next().unwrap().to_owned();
        let note = sandbox.repo().join(".git/branchwork/stacked").join(id);
        let before = std::fs::read_to_string(&note).unwrap();
        count += 1;
        sandbox.commit(&format!("{branch}{count}"), "x\n", "Go on");
        let drawn = sandbox.branchwork(["stack"]).stdout;
        assert!(sandbox.view().contains(&drawn), "{branch}: {drawn}{}", sandbox.view());
        before == std::fs::read_to_string(&note).unwrap()
    };
    assert!(commit("d") && commit("d"));
    // What stands on it is left behind by the first.
    assert!(!commit("b") && commit("b") && commit("b"));
    sandbox.git(["rebase", "-q", "b", "d"]);
    assert!(!commit("b") && commit("b"));
    // It is drawn as merged no more.
    sandbox.git(["switch", "-q", "main"]);
    sandbox.git(["merge", "-q", "--no-ff", "--no-edit", "a"]);
    assert!(!commit("a"));
    // What is more than a commit may change it.
    for (script, is_apart) in [
        ("git switch -q d; git merge -q --no-edit b", false),
        ("git switch -q -c e; git commit -q --amend -m Again", true),
        ("git reset -q --hard d -- && git branchwork show", false),
        ("git switch -q d; git commit -q --amend -m Again; git switch -q e", true),
        ("git switch -q d; git reset -q --hard e -- && git switch -q e", false),
    ] {
        sandbox.shell(script).ok();
        let drawn = sandbox.branchwork(["stack"]).stdout;
        let line = drawn.lines().find(|line| line.contains("Current")).unwrap();
        assert_eq!(line.contains("restack"), is_apart, "{script}: {drawn}");
        assert!(sandbox.view().contains(&drawn), "{script}: {drawn}{}", sandbox.view());
    }
}

#[test]
fn logging_a_commit_reads_no_index() {
    let sandbox = Sandbox::new();
    sandbox.git(["switch", "-q", "-c", "a"]);
    sandbox.write("file", "text\n");
    sandbox.git(["add", "file"]);
    sandbox.git_without_hooks(["commit", "-q", "-m", "Made it"]);
    std::fs::write(sandbox.repo().join(".git/index"), "not an index").unwrap();
    let run = sandbox.branchwork(["hook", "post-commit"]);
    assert_eq!(run.stderr, "");
    assert_eq!(entries(&sandbox.view()), ["[@ada] Made it"]);
    assert!(sandbox.view().contains("`file` - added (+1)"), "{}", sandbox.view());
}

#[test]
fn a_push_reads_no_more_of_a_commit_than_its_rules() {
    let sandbox = Sandbox::new();
    sandbox.git(["switch", "-q", "-c", "a"]);
    sandbox.commit(".branchwork.yml", "checks: {BW002: warn}\n", "Agreed on it");
    sandbox.commit("folder/file", "text\n", "Made it");
    let tip = sandbox.id("a");
    // What is looked at is the commit, the tree at its top and the policy.
    let object = |name: &str| {
        let id = sandbox.id(name);
        sandbox.repo().join(".git/objects").join(&id[..2]).join(&id[2..])
    };
    let (tree, others) = (object("a^{tree}"), ["a:folder/file", "a:folder"].map(object));
    for other in others {
        std::fs::remove_file(other).unwrap();
    }
    let push = || {
        let mut command = sandbox.command(binary());
        let line = format!("refs/heads/a {tip} refs/heads/a {}\n", "0".repeat(40));
        command
            .current_dir(sandbox.repo())
            .args(["hook", "pre-push", "origin", "x"]);
        run_with(&mut command, line.as_bytes())
    };
    let run = push().ok();
    assert!(run.stderr.contains("warning[BW002]"), "{}", run.stderr);
    // A tree that is broken behind the policy is no commit without one.
    let whole = std::fs::read(&tree).unwrap();
    std::fs::remove_file(&tree).unwrap();
    std::fs::write(&tree, &whole[..whole.len() / 2]).unwrap();
    let run = push();
    assert!(
        run.stderr.contains("cannot read '.branchwork.yml' of commit"),
        "{}",
        run.stderr
    );
}

#[test]
fn while_a_rebase_is_under_way_nothing_is_opened() {
    let sandbox = Sandbox::new();
    sandbox.git(["switch", "-q", "-c", "a"]);
    sandbox.git(["worktree", "add", "-q", "../linked", "-b", "b"]);
    // Opening the repository would fail.
    std::fs::write(sandbox.repo().join(".git/config"), "[broken").unwrap();
    let linked = sandbox.repo().join(".git/worktrees/linked");
    let main = sandbox.repo().join(".git");
    let hook = |place: &str, git_dir: Option<&str>, name: &str| -> Run {
        let mut command = sandbox.command(binary());
        command.current_dir(sandbox.path(place)).args(["hook", name]);
        run(command.envs(git_dir.map(|git_dir| ("GIT_DIR", git_dir)))).ok()
    };
    let places = [
        ("repo", None, &main),
        ("repo", Some(".git"), &main),
        ("linked", None, &linked),
        ("linked", Some("../repo/.git/worktrees/linked"), &linked),
    ];
    for (place, git_dir, of) in places {
        assert_ne!(hook(place, git_dir, "post-commit").stderr, "", "{place} {git_dir:?}");
        for state in ["rebase-merge", "rebase-apply"] {
            std::fs::create_dir(of.join(state)).unwrap();
            for name in ["post-commit", "post-checkout", "post-merge"] {
                assert_eq!(
                    hook(place, git_dir, name).stderr,
                    "",
                    "{place} {git_dir:?} {state} {name}"
                );
            }
            std::fs::remove_dir(of.join(state)).unwrap();
        }
    }
}
