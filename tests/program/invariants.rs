//! The user's repository after a long story is, to the last id, what it would be without git-branchwork.

use crate::sandbox::Sandbox;

/// Whether hooks are installed.
#[derive(Clone, Copy, PartialEq)]
enum Hooks {
    Installed,
    None,
}

/// A story of branches, commits and every kind of rewriting. Ends on `feat`.
fn story(hooks: Hooks) -> Sandbox {
    let sandbox = Sandbox::without_hooks();
    let ours = |command: &str| {
        if hooks == Hooks::Installed {
            sandbox.shell(command).ok();
        }
    };
    ours("git branchwork init");
    sandbox.git(["switch", "-q", "-c", "feat"]);
    sandbox.commit("a", "a\n", "Add a");
    ours("git branchwork set risk=low scope=x");
    sandbox.commit("b", "b\n", "Add b");
    ours("echo By hand >> .branchwork/CURRENT.md");
    sandbox.write("b", "bb\n");
    sandbox.git(["commit", "-q", "-a", "--amend", "-m", "Add b again"]);
    sandbox.git(["switch", "-q", "-c", "upper"]);
    sandbox.commit("c", "c\n", "Add c");
    ours("git branchwork update --section Notes --item 'A note'");
    sandbox.git(["tag", "-a", "v1", "-m", "One"]);
    sandbox.git(["switch", "-q", "main"]);
    sandbox.commit("m", "m\n", "On the trunk");
    sandbox.git(["switch", "-q", "upper"]);
    sandbox.wait(1);
    sandbox.git(["rebase", "-q", "--update-refs", "main"]);
    sandbox.git(["switch", "-q", "-c", "side", "main"]);
    sandbox.commit("s", "s\n", "Side");
    sandbox.wait(1);
    sandbox.git(["cherry-pick", "upper"]);
    sandbox.git(["revert", "--no-edit", "HEAD"]);
    sandbox.git(["branch", "-m", "side", "sideways"]);
    ours("git branchwork log 'Renamed'");
    sandbox.git(["worktree", "add", "-q", "-b", "there", "../there"]);
    sandbox
        .shell("cd ../there && git commit -q --allow-empty -m 'Over there'")
        .ok();
    ours("git branchwork list");
    sandbox.git(["switch", "-q", "feat"]);
    sandbox.wait(1);
    sandbox.git(["merge", "-q", "--no-ff", "--no-edit", "sideways"]);
    sandbox.write("dirty", "not committed\n");
    sandbox.write("a", "changed\n");
    sandbox.git(["stash", "push", "-q", "-u"]);
    sandbox.git(["stash", "pop", "-q"]);
    ours("git branchwork set risk=high");
    sandbox.git(["push", "-q", "origin", "feat"]);
    sandbox.git(["switch", "-q", "--detach", "HEAD"]);
    sandbox.git(["switch", "-q", "feat"]);
    ours("git branchwork doctor; git branchwork history; git branchwork check");
    sandbox
}

#[test]
fn nothing_of_it_shows_in_the_users_repository() {
    let (with, without) = (story(Hooks::Installed), story(Hooks::None));
    assert!(
        with.stored("feat").is_some() && with.stored("sideways").is_some(),
        "the story was told"
    );
    for command in [
        "git status --porcelain --branch --ignored=no",
        "git log --all --format='%H %D %s'",
        "git branch -a -v",
        "git for-each-ref",
        "git count-objects -v",
        "git fsck --full --no-progress",
        "git stash list",
        "git worktree list --porcelain | grep -v ^worktree",
        "git ls-files --stage",
        "git reflog show --all",
        "git ls-remote origin",
        "git ls-remote .",
        "git rev-list --all --objects --no-object-names | sort",
        "git config --local --list | grep -v ^hook.branchwork.",
        "cd ../there && git status --porcelain",
    ] {
        assert_eq!(with.shell(command).stdout, without.shell(command).stdout, "{command}");
        assert_eq!(with.shell(command).stderr, without.shell(command).stderr, "{command}");
    }
    // In the git directory there are the hooks, the store and the state of the view, and nothing else.
    let names = |sandbox: &Sandbox| {
        sandbox.shell("cd .git && find . -path ./objects -prune -o -path ./branchwork -prune -o -path ./hooks -prune -o -print | sort").stdout
    };
    let (mine, theirs) = (names(&with), names(&without));
    let added: Vec<&str> = mine
        .lines()
        .filter(|line| !theirs.lines().any(|other| other == *line))
        .collect();
    assert_eq!(added, ["./branchwork-view", "./worktrees/there/branchwork-view"]);
    // A clone knows nothing of it.
    with.git(["clone", "-q", ".", "../clone"]);
    assert_eq!(
        with.git(["-C", "../clone", "for-each-ref"])
            .stdout
            .matches("branchwork")
            .count(),
        0
    );
    // The store is whole.
    with.store(["fsck", "--strict", "--no-progress"]).ok();
}
