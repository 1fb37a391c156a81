//! Kinds of repositories, and places that are none.

use super::{Sandbox, count, on_feat, run, sound};
use crate::sandbox::{branchwork_in, git_in};

const COMMANDS: [&[&str]; 8] = [
    &["show"],
    &["log", "x"],
    &["set", "risk=low"],
    &["create"],
    &["list"],
    &["check"],
    &["history"],
    &["init"],
];

#[test]
fn no_repository() {
    let sandbox = Sandbox::empty();
    for command in COMMANDS {
        let failed = sandbox.try_branchwork(command).code(1);
        assert!(
            failed.stderr.contains("is not in a git repository"),
            "{}",
            failed.stderr
        );
        assert!(failed.stderr.contains("hint: "), "{}", failed.stderr);
    }
    assert_eq!(std::fs::read_dir(sandbox.repo()).unwrap().count(), 0);
    for hook in [
        "post-checkout",
        "post-commit",
        "post-merge",
        "post-rewrite",
        "pre-push",
        "of-tomorrow",
    ] {
        let run = sandbox.branchwork(["hook", hook, "a", "--b", "-c"]);
        assert!(run.stderr.lines().count() <= 1, "{}", run.stderr);
    }
}

#[test]
fn a_bare_repository_has_no_view() {
    let sandbox = on_feat();
    sandbox.git(["push", "-q", "--no-verify", "origin", "feat"]);
    for command in COMMANDS {
        let run = branchwork_in(&sandbox, "remote.git", command);
        assert!(run.code <= 1, "{}: {}", run.command, run.stderr);
    }
    branchwork_in(&sandbox, "remote.git", &["hook", "post-checkout", "0", "0", "1"]).ok();
    branchwork_in(&sandbox, "remote.git", &["hook", "post-commit"]).ok();
    assert!(!sandbox.path("remote.git/.branchwork").exists());
    assert!(!sandbox.path(".branchwork").exists());
}

#[test]
fn a_bare_repository_with_nothing_but_work_trees() {
    let sandbox = Sandbox::empty();
    sandbox.git(["init", "-q", "--bare", "../all.git"]);
    let tree = git_in(&sandbox, "all.git", &["hash-object", "-w", "-t", "tree", "/dev/null"])
        .line()
        .to_owned();
    let commit = git_in(&sandbox, "all.git", &["commit-tree", "-m", "Begin", &tree])
        .line()
        .to_owned();
    git_in(&sandbox, "all.git", &["update-ref", "refs/heads/main", &commit]);
    branchwork_in(&sandbox, "all.git", &["init"]).ok();
    git_in(&sandbox, "all.git", &["worktree", "add", "-q", "-b", "one", "../one"]);
    git_in(&sandbox, "all.git", &["worktree", "add", "-q", "-b", "two", "../two"]);
    for name in ["one", "two"] {
        sandbox.wait(1);
        git_in(
            &sandbox,
            name,
            &["commit", "-q", "--allow-empty", "-m", &format!("On {name}")],
        );
        let view = std::fs::read_to_string(sandbox.path(name).join(".branchwork/CURRENT.md")).unwrap();
        assert_eq!(count(&view, &format!("On {name}")), 1, "{view}");
        assert_eq!(git_in(&sandbox, name, &["status", "--porcelain"]).stdout, "");
    }
    // From one, the other's document with its view.
    branchwork_in(&sandbox, "one", &["log", "-b", "two", "From afar"]).ok();
    let view = std::fs::read_to_string(sandbox.path("two/.branchwork/CURRENT.md")).unwrap();
    assert_eq!(count(&view, "From afar"), 1, "{view}");
    assert!(!sandbox.path("all.git/.branchwork").exists());
}

#[test]
fn an_unborn_branch() {
    let sandbox = Sandbox::empty();
    sandbox.git(["init", "-q", "-b", "main"]);
    sandbox.branchwork(["init"]);
    let error = sandbox.try_branchwork(["create"]).code(1).stderr;
    assert!(
        error.starts_with("error: branch 'main' gets no document: it is the trunk"),
        "{error}"
    );
    assert_eq!(sandbox.git(["switch", "-q", "-c", "feat"]).stderr, "");
    sandbox.try_branchwork(["log", "x"]).code(1);
    sandbox.branchwork(["create"]);
    sandbox.branchwork(["log", "Before the first commit"]);
    sandbox.commit("a", "a", "The first");
    let text = sandbox.view();
    assert_eq!(
        (count(&text, "Before the first"), count(&text, "The first")),
        (1, 1),
        "{text}"
    );
    sound(&sandbox);
}

#[test]
fn a_detached_head_is_left_in_peace() {
    let sandbox = on_feat();
    sandbox.git(["switch", "-q", "--detach"]);
    let view = sandbox.view();
    sandbox.wait(1);
    let commit = sandbox.git(["commit", "-q", "--allow-empty", "-m", "Nowhere"]);
    assert_eq!((commit.stderr.as_str(), sandbox.view()), ("", view));
    let failed = sandbox.try_branchwork(["log", "x"]).code(1);
    assert!(failed.stderr.contains("--branch"), "{}", failed.stderr);
    sandbox.branchwork(["log", "-b", "feat", "x"]);
    sound(&sandbox);
}

#[test]
fn nobody_by_name() {
    let sandbox = on_feat();
    std::fs::write(sandbox.path("gitconfig"), "[init]\n\tdefaultBranch = main\n").unwrap();
    sandbox.branchwork(["log", "By nobody"]);
    sandbox.branchwork(["set", "risk=low"]);
    sandbox.git(["switch", "-q", "-c", "other"]);
    sandbox.branchwork(["log", "By nobody"]);
    let mut commit = sandbox.command("git");
    commit.args(["commit", "-q", "--allow-empty", "-m", "By Eve"]);
    let names = [
        ("GIT_AUTHOR_NAME", "Eve"),
        ("GIT_AUTHOR_EMAIL", "eve@x"),
        ("GIT_COMMITTER_NAME", "Eve"),
        ("GIT_COMMITTER_EMAIL", "eve@x"),
    ];
    assert_eq!(run(commit.envs(names)).ok().stderr, "");
    assert_eq!(count(&sandbox.view(), "[@eve] By Eve"), 1, "{}", sandbox.view());
    sandbox.branchwork(["history"]);
    sound(&sandbox);
}

#[test]
fn another_object_format() {
    let sandbox = Sandbox::empty();
    sandbox.git(["init", "-q", "--object-format=sha256"]);
    sandbox.branchwork(["init"]);
    sandbox.commit("a", "a", "Begin");
    sandbox.git(["switch", "-q", "-c", "feat"]);
    let id = sandbox.commit("b", "b", "Work");
    assert_eq!(id.len(), 64);
    assert!(
        sandbox.view().contains(&format!("<!-- branchwork:commit {id} -->")),
        "{}",
        sandbox.view()
    );
    sandbox.write(
        ".branchwork/CURRENT.md",
        sandbox.view().replace("## Notes", "## Notes\n\nby hand"),
    );
    sandbox.branchwork(["log", "x"]);
    assert!(sandbox.stored("feat").unwrap().contains("by hand"));
    sound(&sandbox);
}

#[test]
fn an_extension_of_tomorrow_is_refused() {
    let sandbox = on_feat();
    let config = sandbox.repo().join(".git/config");
    let text = std::fs::read_to_string(&config).unwrap();
    let text = text.replace("repositoryformatversion = 0", "repositoryformatversion = 1");
    std::fs::write(&config, text + "[extensions]\n\ttomorrow = yes\n").unwrap();
    let failed = sandbox.try_branchwork(["show"]).code(1);
    assert!(
        failed.stderr.starts_with("error: ") && failed.stderr.contains("tomorrow"),
        "{}",
        failed.stderr
    );
    sandbox.branchwork(["hook", "post-commit"]);
}

#[test]
fn a_shallow_clone_and_a_partial_one() {
    let sandbox = Sandbox::new();
    for number in 0..3 {
        sandbox.commit("a", &format!("{number}\n"), &format!("Commit {number}"));
    }
    sandbox.git(["push", "-q", "origin", "main"]);
    sandbox.git(["-C", "../remote.git", "config", "uploadpack.allowFilter", "true"]);
    let url = format!("file://{}", sandbox.path("remote.git").display());
    for (folder, option) in [("shallow", "--depth=1"), ("partial", "--filter=blob:none")] {
        git_in(&sandbox, "", &["clone", "-q", option, &url, folder]);
        branchwork_in(&sandbox, folder, &["init"]).ok();
        git_in(&sandbox, folder, &["switch", "-q", "-c", folder]);
        // Nothing may be fetched from now on.
        git_in(&sandbox, folder, &["remote", "set-url", "origin", "/nowhere"]);
        std::fs::write(sandbox.path(folder).join("a"), "changed\n").unwrap();
        sandbox.wait(1);
        let commit = git_in(&sandbox, folder, &["commit", "-q", "-a", "-m", "Work"]);
        assert_eq!(commit.stderr, "");
        let amend = git_in(&sandbox, folder, &["commit", "-q", "--amend", "-m", "Work, better"]);
        assert_eq!(amend.stderr, "");
        let view = std::fs::read_to_string(sandbox.path(folder).join(".branchwork/CURRENT.md")).unwrap();
        assert_eq!(
            (count(&view, "Work, better"), count(&view, "`a` - modified")),
            (1, 1),
            "{view}"
        );
        assert_eq!(count(&view, "Commit "), 0, "{view}");
    }
}

#[test]
fn a_submodule_is_a_repository_of_its_own() {
    let sandbox = on_feat();
    sandbox.git(["submodule", "--quiet", "add", "../remote.git", "part"]);
    branchwork_in(&sandbox, "repo/part", &["init"]).ok();
    git_in(&sandbox, "repo/part", &["switch", "-q", "-c", "inner"]);
    sandbox.wait(1);
    git_in(
        &sandbox,
        "repo/part",
        &["commit", "-q", "--allow-empty", "-m", "Inside"],
    );
    sandbox.git(["add", "-A"]);
    sandbox.git(["commit", "-q", "-m", "Outside"]);
    let inner = sandbox.read("part/.branchwork/CURRENT.md");
    assert_eq!((count(&inner, "Inside"), count(&inner, "Outside")), (1, 0), "{inner}");
    let outer = sandbox.view();
    assert_eq!((count(&outer, "Inside"), count(&outer, "Outside")), (0, 1), "{outer}");
    assert!(outer.contains("`part`"), "{outer}");
    sound(&sandbox);
}
