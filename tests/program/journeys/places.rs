//! Repositories of other forms, and git called from elsewhere.

use crate::sandbox::{Sandbox, entries, field, run};

#[test]
fn a_repository_with_sha256() {
    let sandbox = Sandbox::empty();
    sandbox.git(["init", "-q", "--object-format=sha256"]);
    sandbox.commit("a", "a\n", "Begin");
    sandbox.branchwork(["init"]);
    sandbox.git(["switch", "-q", "-c", "feat"]);
    let id = sandbox.commit("b", "b\n", "Add b");
    assert_eq!(id.len(), 64);
    assert!(
        sandbox.view().contains(&format!("<!-- branchwork:commit {id} -->")),
        "{}",
        sandbox.view()
    );
    assert_eq!(sandbox.store(["rev-parse", "--show-object-format"]).line(), "sha256");
    sandbox.write("b", "bb\n");
    sandbox.git(["commit", "-q", "-a", "--amend", "--no-edit"]);
    assert_eq!(entries(&sandbox.view()), ["[@ada] Add b"]);
    assert!(!sandbox.view().contains(&id));
}

#[test]
fn a_submodule_has_documents_of_its_own() {
    let sandbox = Sandbox::new();
    sandbox.git(["switch", "-q", "-c", "outer"]);
    sandbox.git(["submodule", "--quiet", "add", "../remote.git", "part"]);
    sandbox
        .shell("cd part && git branchwork init 2>/dev/null && git switch -q -c inner 2>/dev/null")
        .ok();
    sandbox.wait(1);
    sandbox.shell("cd part && git commit -q --allow-empty -m 'Inside'").ok();
    assert_eq!(entries(&sandbox.read("part/.branchwork/CURRENT.md")), ["[@ada] Inside"]);
    assert_eq!(field(&sandbox.view(), "name"), "outer");
    sandbox.git(["commit", "-q", "-a", "-m", "Take it in"]);
    assert_eq!(entries(&sandbox.view()), ["[@ada] Take it in"]);
    assert_eq!(sandbox.git(["status", "--porcelain"]).stdout, "");
}

#[test]
fn git_called_from_elsewhere() {
    let sandbox = Sandbox::new();
    sandbox.git(["switch", "-q", "-c", "feat"]);
    std::fs::create_dir_all(sandbox.path("repo/deep/er")).unwrap();
    let from = |folder: &str, arguments: &[&str]| {
        sandbox.wait(1);
        run(sandbox.command("git").args(arguments).current_dir(sandbox.path(folder))).ok()
    };
    let commit = |message| ["commit", "-q", "--allow-empty", "-m", message];
    from("repo/deep/er", &commit("From below"));
    from("home", &[&["-C", "../repo"], &commit("By -C")[..]].concat());
    let options = ["--git-dir=../repo/.git", "--work-tree=../repo"];
    from("home", &[&options, &commit("By options")[..]].concat());
    let mut command = sandbox.command("git");
    let environment = [
        ("GIT_DIR", sandbox.path("repo/.git")),
        ("GIT_WORK_TREE", sandbox.repo()),
    ];
    sandbox.wait(1);
    run(command
        .args(commit("By variables"))
        .envs(environment)
        .current_dir(sandbox.path("home")))
    .ok();
    let titles = [
        "[@ada] From below",
        "[@ada] By -C",
        "[@ada] By options",
        "[@ada] By variables",
    ];
    assert_eq!(entries(&sandbox.view()), titles);
    assert_eq!(sandbox.view(), sandbox.stored("feat").unwrap());
    assert!(!sandbox.path("home/.branchwork").exists() && !sandbox.path("repo/deep/er/.branchwork").exists());
}

#[test]
fn a_git_directory_that_lies_elsewhere_and_init_in_a_linked_work_tree() {
    let sandbox = Sandbox::empty();
    sandbox.git(["init", "-q", "--separate-git-dir=../elsewhere.git"]);
    sandbox.commit("a", "a\n", "Begin");
    sandbox.git(["worktree", "add", "-q", "-b", "there", "../there"]);
    sandbox.shell("cd ../there && git branchwork init").ok();
    assert_eq!(field(&sandbox.read("../there/.branchwork/CURRENT.md"), "name"), "there");
    sandbox.git(["switch", "-q", "-c", "feat"]);
    sandbox.commit("b", "b\n", "Add b");
    assert_eq!(entries(&sandbox.view()), ["[@ada] Add b"]);
    assert!(sandbox.path("elsewhere.git/branchwork").is_dir());
    sandbox.branchwork(["doctor"]);
    sandbox.branchwork(["deinit", "--purge"]);
    assert_eq!(
        sandbox
            .shell("ls -d .branchwork ../there/.branchwork ../elsewhere.git/branchwork 2>/dev/null")
            .stdout,
        ""
    );
}

#[test]
fn pulls_with_rebase_and_pushes_without_names() {
    let sandbox = Sandbox::new();
    sandbox.git(["switch", "-q", "-c", "feat"]);
    sandbox.commit("mine", "1\n", "Mine");
    sandbox.branchwork(["set", "-q", "scope=x", "risk=low"]);
    sandbox.git(["push", "-q", "-u", "origin", "feat"]);
    sandbox.wait(1);
    sandbox
        .shell(
            "git clone -q -b feat ../remote.git ../other && cd ../other && git commit -q --allow-empty -m Theirs && git push -q",
        )
        .ok();
    sandbox.commit("mine", "2\n", "Mine too");
    sandbox.wait(1);
    let run = sandbox.git(["pull", "-q", "--rebase"]);
    assert!(!run.stderr.contains("branchwork"), "{}", run.stderr);
    assert_eq!(
        entries(&sandbox.view()),
        ["[@ada] Mine", "[@ada] Theirs", "[@ada] Mine too"]
    );
    assert_eq!(sandbox.git(["push", "-q"]).stderr, "");
    assert_eq!(sandbox.git(["push", "-q"]).stderr, "");
}

#[test]
fn a_clone_begins_anew() {
    let sandbox = Sandbox::new();
    sandbox.git(["switch", "-q", "-c", "feat"]);
    sandbox.commit("a", "a\n", "Add a");
    sandbox.branchwork(["set", "-q", "scope=x", "risk=low"]);
    sandbox.git(["push", "-q", "origin", "feat"]);
    let clone = |line: &str| sandbox.shell(&format!("cd ../clone && {line}"));
    sandbox.git(["clone", "-q", "../remote.git", "../clone"]);
    clone("git branchwork init -q").ok();
    assert_eq!(clone("git switch -q feat").ok().stderr, "");
    clone("git branchwork create").ok();
    assert_eq!(
        entries(&sandbox.read("../clone/.branchwork/CURRENT.md")),
        ["[@ada] Add a"]
    );
}
