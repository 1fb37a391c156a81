//! Traps of git's hooks that no other test steps into. docs/hooks.md has the list of all, and where each is tested.

use crate::sandbox::{Sandbox, entries};

/// Everything that would have to say so works wrongly: the store is no repository any more.
fn with_a_broken_store() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.git(["switch", "-q", "-c", "feat"]);
    sandbox.commit("a", "a\n", "Add a");
    for name in ["HEAD", "config"] {
        std::fs::write(sandbox.path("repo/.git/branchwork").join(name), b"\0").unwrap();
    }
    sandbox
}

#[test]
fn trouble_in_post_checkout_is_never_gits() {
    let sandbox = with_a_broken_store();
    assert!(
        sandbox.git(["switch", "-q", "main"]).stderr.contains("branchwork: "),
        "it has something to say"
    );
    sandbox.git(["switch", "-q", "-c", "other"]);
    sandbox.git(["worktree", "add", "-q", "../there", "-b", "there"]);
    sandbox.write("README", "changed\n");
    sandbox.git(["stash", "push", "-q"]);
    // git would stop half-way here, with the stash unapplied.
    sandbox.git(["stash", "branch", "unstashed"]);
    assert_eq!(sandbox.read("README"), "changed\n");
    assert_eq!(sandbox.git(["stash", "list"]).stdout, "");
}

#[test]
fn hook_files_name_a_shell_that_is_everywhere() {
    let hooks = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("hooks");
    let mut seen = 0;
    for event in ["post-checkout", "post-commit", "post-merge", "post-rewrite", "pre-push"] {
        let text = std::fs::read_to_string(hooks.join(event)).unwrap();
        assert!(text.starts_with("#!/bin/sh\n") && !text.contains('\r'), "{event}");
        seen += 1;
    }
    let others = std::fs::read_dir(&hooks).unwrap().filter(|entry| {
        let name = entry.as_ref().unwrap().file_name();
        !name.to_string_lossy().starts_with('.')
    });
    assert_eq!(others.count(), seen, "a hook that is not looked at here");
}

#[test]
fn a_checkout_that_goes_nowhere_is_no_new_branch() {
    let sandbox = Sandbox::new();
    sandbox.git(["switch", "-q", "-c", "feat"]);
    let versions = || sandbox.store(["for-each-ref"]).stdout;
    let before = versions();
    sandbox.git(["switch", "-q", "feat"]);
    sandbox.git(["checkout", "-q", "HEAD", "--", "README"]);
    sandbox.git(["worktree", "add", "-q", "--detach", "../there"]);
    sandbox.git(["switch", "-q", "--detach"]);
    sandbox.git(["switch", "-q", "main"]);
    sandbox.git(["switch", "-q", "main"]);
    sandbox.git(["switch", "-q", "feat"]);
    assert_eq!(versions(), before);
    // post-checkout runs in a clone, too: on the trunk, so there is nothing to make.
    sandbox.git(["config", "--global", "init.templateDir", "../template"]);
    sandbox
        .shell("mkdir -p ../template && cp -r .git/hooks ../template/ 2>/dev/null || :")
        .ok();
    sandbox.git(["clone", "-q", "../remote.git", "../clone"]);
    assert!(!sandbox.path("clone/.git/branchwork").exists());
}

#[test]
fn a_commit_of_some_paths_leaves_the_index_as_git_does() {
    let sandbox = Sandbox::new();
    sandbox.git(["switch", "-q", "-c", "feat"]);
    sandbox.commit("a", "a\n", "Add a");
    sandbox.commit("b", "b\n", "Add b");
    sandbox.write("a", "aa\n");
    sandbox.write("b", "bb\n");
    sandbox.git(["add", "b"]);
    sandbox.wait(1);
    sandbox.git(["commit", "-q", "-m", "Only a", "a"]);
    assert_eq!(sandbox.git(["status", "--porcelain"]).stdout, "M  b\n");
    assert_eq!(entries(&sandbox.view())[2..], ["[@ada] Only a"]);
}

#[test]
fn a_hook_of_theirs_that_amends_is_one_entry() {
    let sandbox = Sandbox::new();
    sandbox.git(["switch", "-q", "-c", "feat"]);
    let amends = "[ -e ../amended ] || { touch ../amended; git commit -q --amend -m 'Add a, amended'; }\n";
    let line = format!(
        "[ -e .git/hooks/post-commit ] || echo '#!/bin/sh' >.git/hooks/post-commit\n\
                        cat >>.git/hooks/post-commit <<'END'\n{amends}END\nchmod +x .git/hooks/post-commit"
    );
    sandbox.shell(&format!("mkdir -p .git/hooks\n{line}")).ok();
    let id = sandbox.commit("a", "a\n", "Add a");
    assert_eq!(entries(&sandbox.view()), ["[@ada] Add a, amended"]);
    assert!(sandbox.view().contains(&id), "{}", sandbox.view());
}

#[test]
fn a_push_of_nothing_and_one_that_is_refused_are_not_checked() {
    let sandbox = Sandbox::new();
    sandbox.git(["switch", "-q", "-c", "feat"]);
    let old = sandbox.commit("a", "a\n", "Add a");
    sandbox.git(["push", "-q", "--no-verify", "origin", "feat"]);
    let silent = |arguments: &[&str], code| {
        let run = sandbox.try_git(arguments).code(code);
        assert!(!run.stderr.contains("branchwork: "), "{}", run.stderr);
    };
    silent(&["push", "-q", "origin", "feat"], 0);
    silent(&["push", "-q", "--dry-run", "origin", "feat"], 0);
    sandbox.git(["commit", "-q", "--amend", "-m", "Other"]);
    // The remote is not an ancestor any more, so git pushes nothing.
    silent(&["push", "-q", "origin", "feat"], 1);
    sandbox.git(["reset", "-q", "--hard", &old]);
    sandbox.commit("b", "b\n", "Add b");
    let run = sandbox.try_git(["push", "-q", "--dry-run", "origin", "feat"]).code(1);
    assert!(
        run.stderr.contains("push blocked"),
        "a dry run tells what the push would: {}",
        run.stderr
    );
}

#[test]
fn a_mirror_is_checked_branch_by_branch() {
    let sandbox = Sandbox::new();
    sandbox.git(["push", "-q", "origin", "main:old"]);
    sandbox.git(["switch", "-q", "-c", "feat"]);
    let run = sandbox.try_git(["push", "-q", "--mirror", "origin"]).code(1);
    assert!(
        run.stderr.contains("push blocked: 'feat'") || run.stderr.contains("push blocked: feat"),
        "{}",
        run.stderr
    );
    sandbox.branchwork(["set", "risk=low", "scope=x"]);
    // What it deletes git does not tell, and needs no document.
    sandbox.git(["push", "-q", "--mirror", "origin"]);
    let there = sandbox.git(["ls-remote", "origin"]).stdout;
    assert!(
        there.contains("refs/heads/feat") && !there.contains("refs/heads/old"),
        "{there}"
    );
    assert!(!there.contains("branchwork"), "{there}");
}

#[test]
fn reflogs_say_something_else_or_nothing() {
    let sandbox = Sandbox::new();
    sandbox.git(["config", "core.logAllRefUpdates", "false"]);
    sandbox.git(["switch", "-q", "-c", "feat"]);
    sandbox.commit("a", "a\n", "Add a");
    sandbox.commit("b", "b\n", "Add b");
    sandbox.wait(1);
    sandbox.git(["commit", "-q", "--amend", "-m", "Add b, amended"]);
    assert!(
        sandbox.try_git(["rev-parse", "-q", "--verify", "feat@{1}"]).code != 0,
        "there is no reflog"
    );
    assert_eq!(entries(&sandbox.view()), ["[@ada] Add a", "[@ada] Add b, amended"]);
    sandbox.git(["branch", "-m", "feat", "better"]);
    sandbox.commit("c", "c\n", "Add c");
    assert_eq!(
        entries(&sandbox.view()),
        ["[@ada] Add a", "[@ada] Add b, amended", "[@ada] Add c"]
    );
    sandbox.git(["config", "--unset", "core.logAllRefUpdates"]);
    sandbox.write("c", "cc\n");
    sandbox
        .shell("GIT_REFLOG_ACTION=tool git commit -q -a --amend -m 'Add c by a tool'")
        .ok();
    assert_eq!(entries(&sandbox.view())[2..], ["[@ada] Add c by a tool"]);
}
