//! Linked work trees: moved, locked, removed, without a main one, and several on one branch.

use super::{Sandbox, branchwork_in, commit_in, edit_by_hand, entries, field, git_in, told_in, usual_story, view_in};
use crate::sandbox::{run, skip};

/// With a linked work tree on branch `there` in the folder `there`.
fn with_one() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.git(["worktree", "add", "-q", "-b", "there", "../there"]);
    sandbox
}

#[test]
fn the_usual_story_in_a_linked_work_tree_and_in_one_within_the_other() {
    let sandbox = with_one();
    told_in(&sandbox, "there", "there");
    usual_story(&sandbox, "there", "next");
    // Agents put work trees into the main one.
    sandbox.git(["worktree", "add", "-q", "-b", "within", ".trees/within"]);
    told_in(&sandbox, "repo/.trees/within", "within");
    assert_eq!(sandbox.git(["status", "--porcelain"]).stdout, "?? .trees/\n");
    usual_story(&sandbox, "repo/.trees/within", "deeper");
    assert_eq!(view_in(&sandbox, "repo"), "");
    let linked = sandbox.repo().join(".git/worktrees/there");
    assert!(linked.join("branchwork-view").is_file() && !linked.join("branchwork").exists());
}

#[test]
fn moved_by_git() {
    let sandbox = with_one();
    edit_by_hand(&sandbox, "there", "Before the move");
    sandbox.git(["worktree", "move", "../there", "../elsewhere"]);
    commit_in(&sandbox, "elsewhere", "a", "After the move");
    branchwork_in(&sandbox, "repo", &["log", "-b", "there", "From afar"]).ok();
    let view = view_in(&sandbox, "elsewhere");
    assert_eq!(entries(&view), ["[@ada] After the move", "[@ada] From afar"]);
    assert_eq!(view.matches("Before the move").count(), 1, "{view}");
    assert_eq!(sandbox.stored("there").unwrap(), view);
    assert!(!sandbox.path("there").exists());
}

#[test]
fn moved_by_hand() {
    let sandbox = with_one();
    edit_by_hand(&sandbox, "there", "Before the move");
    std::fs::rename(sandbox.path("there"), sandbox.path("elsewhere")).unwrap();
    // Nobody knows where it is: what is logged goes into the store, and nothing is made in the old place.
    branchwork_in(&sandbox, "repo", &["log", "-b", "there", "From afar"]).ok();
    assert!(!sandbox.path("there").exists());
    // There git works before anything is repaired.
    commit_in(&sandbox, "elsewhere", "a", "After the move");
    let view = view_in(&sandbox, "elsewhere");
    assert_eq!(entries(&view), ["[@ada] From afar", "[@ada] After the move"]);
    assert_eq!(view.matches("Before the move").count(), 1, "{view}");
    git_in(&sandbox, "elsewhere", &["worktree", "repair"]);
    branchwork_in(&sandbox, "repo", &["log", "-b", "there", "Found again"]).ok();
    assert_eq!(
        entries(&view_in(&sandbox, "elsewhere")).last().unwrap(),
        "[@ada] Found again"
    );
    // Now the main one: its linked one is lost until it is repaired.
    std::fs::rename(sandbox.repo(), sandbox.path("main")).unwrap();
    branchwork_in(&sandbox, "main", &["log", "-b", "there", "From the new place"]).ok();
    git_in(&sandbox, "main", &["worktree", "repair", "../elsewhere"]);
    commit_in(&sandbox, "elsewhere", "b", "After both moves");
    let view = view_in(&sandbox, "elsewhere");
    assert_eq!(
        entries(&view)[3..],
        ["[@ada] From the new place", "[@ada] After both moves"]
    );
    usual_story(&sandbox, "main", "feat");
}

#[test]
fn removed_by_git_which_need_not_be_forced() {
    let sandbox = with_one();
    commit_in(&sandbox, "there", "a", "Over there");
    edit_by_hand(&sandbox, "there", "Seen by a command");
    branchwork_in(&sandbox, "there", &["show"]).ok();
    sandbox.git(["worktree", "remove", "../there"]);
    assert!(!sandbox.path("there").exists());
    branchwork_in(&sandbox, "repo", &["log", "-b", "there", "Without a work tree"]).ok();
    // Again at the same place: what the first one remembered is gone with it.
    sandbox.git(["worktree", "add", "-q", "../there", "there"]);
    let view = view_in(&sandbox, "there");
    assert_eq!(entries(&view), ["[@ada] Over there", "[@ada] Without a work tree"]);
    assert_eq!(view.matches("Seen by a command").count(), 1, "{view}");
}

#[test]
fn locked_and_away() {
    let sandbox = with_one();
    sandbox.git(["worktree", "lock", "--reason", "on a stick", "../there"]);
    commit_in(&sandbox, "there", "a", "On the stick");
    edit_by_hand(&sandbox, "there", "Not seen yet");
    std::fs::rename(sandbox.path("there"), sandbox.path("away")).unwrap();
    sandbox.git(["worktree", "prune"]);
    branchwork_in(&sandbox, "repo", &["log", "-b", "there", "While it is away"]).ok();
    let list = branchwork_in(&sandbox, "repo", &["list"]).ok();
    assert!(list.stdout.contains("there"), "{}", list.stdout);
    assert!(!sandbox.path("there").exists());
    std::fs::rename(sandbox.path("away"), sandbox.path("there")).unwrap();
    let shown = branchwork_in(&sandbox, "there", &["show"]).ok().stdout;
    assert_eq!(entries(&shown), ["[@ada] On the stick", "[@ada] While it is away"]);
    assert_eq!(shown.matches("Not seen yet").count(), 1, "{shown}");
    assert_eq!(view_in(&sandbox, "there"), shown);
}

#[test]
fn removed_by_hand_and_made_again_before_it_is_pruned() {
    let sandbox = with_one();
    std::fs::remove_dir_all(sandbox.path("there")).unwrap();
    branchwork_in(&sandbox, "repo", &["log", "-b", "there", "Without a work tree"]).ok();
    assert!(!sandbox.path("there").exists());
    // A folder that is no work tree any more gets no view.
    std::fs::create_dir(sandbox.path("there")).unwrap();
    branchwork_in(&sandbox, "repo", &["log", "-b", "there", "Beside a folder"]).ok();
    assert_eq!(view_in(&sandbox, "there"), "");
    sandbox.git(["worktree", "prune"]);
    sandbox.git(["worktree", "add", "-q", "../there", "there"]);
    assert_eq!(
        entries(&view_in(&sandbox, "there")),
        ["[@ada] Without a work tree", "[@ada] Beside a folder"]
    );
}

/// `project/.bare` with a file `project/.git` that leads to it, and nothing but work trees beside it.
#[test]
fn a_bare_repository_with_its_work_trees_beside_it() {
    let sandbox = Sandbox::without_hooks();
    std::fs::create_dir(sandbox.path("project")).unwrap();
    git_in(
        &sandbox,
        "project",
        &["clone", "-q", "--bare", "../remote.git", ".bare"],
    );
    std::fs::write(sandbox.path("project/.git"), "gitdir: ./.bare\n").unwrap();
    branchwork_in(&sandbox, "project", &["init"]).ok();
    git_in(&sandbox, "project", &["worktree", "add", "-q", "main"]);
    git_in(
        &sandbox,
        "project",
        &["worktree", "add", "-q", "-b", "feat", "feat", "main"],
    );
    told_in(&sandbox, "project/feat", "feat");
    usual_story(&sandbox, "project/main", "side");
    assert_eq!(field(&view_in(&sandbox, "project/main"), "base"), "main");
    branchwork_in(&sandbox, "project", &["log", "-b", "feat", "From the folder of all"]).ok();
    assert_eq!(
        entries(&view_in(&sandbox, "project/feat")).last().unwrap(),
        "[@ada] From the folder of all"
    );
    let list = branchwork_in(&sandbox, "project", &["list"]).ok().stdout;
    assert!(list.contains("feat") && list.contains("side"), "{list}");
    assert!(!sandbox.path("project/.branchwork").exists() && !sandbox.path("project/.bare/.branchwork").exists());
    assert!(sandbox.path("project/.bare/branchwork").is_dir());
    // With a configuration for each work tree, as `git sparse-checkout` in one of them makes it.
    git_in(&sandbox, "project/feat", &["sparse-checkout", "set", "nothing"]);
    git_in(
        &sandbox,
        "project/feat",
        &["config", "--worktree", "user.email", "eve@example.com"],
    );
    commit_in(&sandbox, "project/feat", "seen", "By Eve");
    assert_eq!(
        entries(&view_in(&sandbox, "project/feat")).last().unwrap(),
        "[@eve] By Eve"
    );
    usual_story(&sandbox, "project/main", "third");
    branchwork_in(&sandbox, "project", &["deinit", "--purge"]).ok();
    assert!(!sandbox.path("project/feat/.branchwork").exists());
}

#[test]
fn one_branch_in_two_work_trees() {
    let sandbox = with_one();
    sandbox.git(["switch", "-q", "--ignore-other-worktrees", "there"]);
    commit_in(&sandbox, "repo", "a", "From here");
    // The other one shows an older version until a command or a hook looks there, and that is no edit.
    let shown = branchwork_in(&sandbox, "there", &["show"]).ok().stdout;
    assert_eq!(entries(&shown), ["[@ada] From here"]);
    assert_eq!(view_in(&sandbox, "there"), shown);
    edit_by_hand(&sandbox, "there", "Edited there");
    branchwork_in(&sandbox, "repo", &["log", "Logged here"]).ok();
    let shown = branchwork_in(&sandbox, "there", &["show"]).ok().stdout;
    assert_eq!(
        (
            shown.matches("Edited there").count(),
            shown.matches("Logged here").count()
        ),
        (1, 1),
        "{shown}"
    );
    assert_eq!(branchwork_in(&sandbox, "repo", &["show"]).ok().stdout, shown);
}

#[test]
fn work_trees_that_are_linked_by_relative_paths() {
    let sandbox = Sandbox::new();
    let add = sandbox.try_git(["worktree", "add", "-q", "--relative-paths", "-b", "there", "../there"]);
    if add.code != 0 {
        return skip("relative work trees", "this git does not have them");
    }
    told_in(&sandbox, "there", "there");
    branchwork_in(&sandbox, "repo", &["log", "-b", "there", "From afar"]).ok();
    assert_eq!(entries(&view_in(&sandbox, "there")).last().unwrap(), "[@ada] From afar");
    for folder in ["repo", "there"] {
        std::fs::create_dir_all(sandbox.path("moved")).unwrap();
        std::fs::rename(sandbox.path(folder), sandbox.path("moved").join(folder)).unwrap();
    }
    branchwork_in(&sandbox, "moved/repo", &["log", "-b", "there", "Moved together"]).ok();
    assert_eq!(
        entries(&view_in(&sandbox, "moved/there")).last().unwrap(),
        "[@ada] Moved together"
    );
}

/// Git exports `GIT_DIR` and `GIT_INDEX_FILE` to hooks of a linked work tree, a temporary index for a partial commit.
#[test]
fn partial_commits_in_a_linked_work_tree() {
    let sandbox = with_one();
    for (file, text) in [("one", "1\n"), ("two", "2\n")] {
        std::fs::write(sandbox.path("there").join(file), text).unwrap();
    }
    git_in(&sandbox, "there", &["add", "."]);
    sandbox.wait(1);
    assert_eq!(
        git_in(&sandbox, "there", &["commit", "-q", "-m", "One of two", "--", "one"]).stderr,
        ""
    );
    sandbox.wait(1);
    let mut command = sandbox.command("git");
    command
        .args(["commit", "-q", "-a", "-m", "The rest"])
        .current_dir(sandbox.path("there"));
    assert_eq!(
        run(command.env("GIT_INDEX_FILE", sandbox.repo().join(".git/worktrees/there/index")))
            .ok()
            .stderr,
        ""
    );
    let view = view_in(&sandbox, "there");
    assert_eq!(entries(&view), ["[@ada] One of two", "[@ada] The rest"]);
    let files: Vec<&str> = view.lines().filter(|line| line.starts_with("  - `")).collect();
    assert_eq!(files, ["  - `one` - added (+1)", "  - `two` - added (+1)"], "{view}");
}
