//! Commits that are made, amended, merged, picked, rebased.

use super::says_created;
use crate::sandbox::{Sandbox, entries, field, markers};

#[test]
fn each_commit_is_an_entry() {
    let sandbox = Sandbox::new();
    sandbox.git(["switch", "-q", "-c", "feat/a"]);
    sandbox.write("src/gone.rs", "1\n2\n");
    sandbox.write("src/old.rs", "a\nb\nc\nd\ne\nf\n");
    sandbox.git(["add", "."]);
    let first = sandbox.commit(
        "src/a.rs",
        "a\nb\n",
        "Add a\n\nWhy it is needed.\n\nSigned-off-by: Ada <a@b>",
    );
    sandbox.git(["rm", "-q", "src/gone.rs"]);
    sandbox.git(["mv", "src/old.rs", "src/new.rs"]);
    sandbox.write("src/bytes", b"\0\x01\x02");
    sandbox.git(["add", "."]);
    let second = sandbox.commit("src/a.rs", "a\nc\nd\n", "Change a");
    let expected = format!(
        "## Updates\n\n\
         ### 2025-08-29 18:57: [@ada] Add a\n\
         <!-- branchwork:commit {first} -->\n\n\
         Why it is needed.\n\n\
         - Files changed (3 files, +10/-0):\n\
         \x20 - `src/a.rs` - added (+2)\n\
         \x20 - `src/gone.rs` - added (+2)\n\
         \x20 - `src/old.rs` - added (+6)\n\n\
         ### 2025-08-29 18:58: [@ada] Change a\n\
         <!-- branchwork:commit {second} -->\n\n\
         - Files changed (4 files, +2/-3):\n\
         \x20 - `src/a.rs` - modified (+2/-1)\n\
         \x20 - `src/bytes` - added (binary)\n\
         \x20 - `src/gone.rs` - deleted (-2)\n\
         \x20 - `src/old.rs` → `src/new.rs` - renamed\n"
    );
    assert!(
        sandbox.view().contains(&expected),
        "{}\n--- not\n{expected}",
        sandbox.view()
    );
    assert_eq!(field(&sandbox.view(), "last_updated"), "2025-08-29 18:58 UTC");
}

#[test]
fn an_amended_commit_keeps_its_entry_and_the_words_in_it() {
    let sandbox = Sandbox::new();
    sandbox.git(["switch", "-q", "-c", "feat"]);
    let old = sandbox.commit("a", "a\n", "Add a");
    sandbox.commit("b", "b\n", "Add b");
    let line = "  - `b` - added (+1)\n";
    sandbox.write(
        ".branchwork/CURRENT.md",
        sandbox
            .view()
            .replace(line, &format!("{line}\nNot tested on Windows.\n")),
    );
    sandbox.write("b", "b\nb\n");
    sandbox.git(["commit", "-q", "-a", "--amend", "-m", "Add b, twice"]);
    let view = sandbox.view();
    assert_eq!(entries(&view), ["[@ada] Add a", "[@ada] Add b, twice"]);
    assert!(
        view.contains("  - `b` - added (+2)\n\nNot tested on Windows.\n"),
        "{view}"
    );
    assert!(view.contains(&old) && view.contains(&sandbox.id("HEAD")), "{view}");
    assert_eq!(view.matches("branchwork:commit").count(), 2, "{view}");
}

#[test]
fn merges() {
    let sandbox = Sandbox::new();
    sandbox.git(["switch", "-q", "-c", "side"]);
    sandbox.commit("s", "side\n", "Side work");
    sandbox.commit("clash", "side\n", "Side clash");
    sandbox.git(["switch", "-q", "-c", "feat", "main"]);
    sandbox.commit("f", "f\n", "Own work");

    sandbox.wait(1);
    sandbox.git(["merge", "-q", "--no-ff", "--no-edit", "side~1"]);
    assert_eq!(
        entries(&sandbox.view()),
        [
            "[@ada] Side work",
            "[@ada] Own work",
            "[@ada] Merge branch 'side' (early part) into feat"
        ]
    );
    assert!(sandbox.view().contains("1 commit"), "{}", sandbox.view());

    sandbox.commit("clash", "feat\n", "Own clash");
    sandbox.wait(1);
    sandbox.try_git(["merge", "-q", "side"]).code(1);
    assert_eq!(entries(&sandbox.view()).len(), 4);
    sandbox.write("clash", "both\n");
    sandbox.git(["add", "clash"]);
    sandbox.git(["commit", "-q", "--no-edit"]);
    let after = entries(&sandbox.view());
    assert_eq!(after[1..3], ["[@ada] Side clash", "[@ada] Own work"]);
    assert_eq!(after[5..], ["[@ada] Merge branch 'side' into feat"]);
    assert_eq!(sandbox.view(), sandbox.stored("feat").unwrap());
}

#[test]
fn a_squash_merge_is_logged_when_it_is_committed_and_a_fast_forward_at_once() {
    let sandbox = Sandbox::new();
    sandbox.git(["switch", "-q", "-c", "side"]);
    sandbox.commit("s", "side\n", "Side work");
    sandbox.git(["switch", "-q", "-c", "ff", "main"]);
    sandbox.git(["merge", "-q", "--ff-only", "side"]);
    assert_eq!(entries(&sandbox.view()), ["[@ada] Side work"]);
    sandbox.git(["switch", "-q", "-c", "squash", "main"]);
    sandbox.commit("f", "f\n", "Own work");
    sandbox.git(["merge", "-q", "--squash", "side"]);
    assert_eq!(entries(&sandbox.view()), ["[@ada] Own work"]);
    sandbox.wait(1);
    sandbox.git(["commit", "-q", "-m", "Take the side in"]);
    assert_eq!(entries(&sandbox.view()), ["[@ada] Own work", "[@ada] Take the side in"]);
    assert!(sandbox.view().contains("  - `s` - added (+1)\n"));
}

#[test]
fn picks_and_reverts() {
    let sandbox = Sandbox::new();
    sandbox.git(["switch", "-q", "-c", "side"]);
    for name in ["one", "two", "three"] {
        sandbox.commit(name, "x\n", &format!("Add {name}"));
    }
    sandbox.git(["switch", "-q", "-c", "feat", "main"]);
    sandbox.wait(60);
    sandbox.git(["cherry-pick", "side~2"]);
    assert_eq!(entries(&sandbox.view()), ["[@ada] Add one"]);
    sandbox.git(["cherry-pick", "side~2..side"]);
    assert_eq!(
        entries(&sandbox.view()),
        ["[@ada] Add one", "[@ada] Add two", "[@ada] Add three"]
    );
    sandbox.git(["revert", "--no-edit", "HEAD"]);
    assert_eq!(entries(&sandbox.view())[3..], ["[@ada] Revert \"Add three\""]);
    // The times are the authors'.
    assert!(
        sandbox.view().contains("### 2025-08-29 18:57: [@ada] Add one"),
        "{}",
        sandbox.view()
    );
}

#[test]
fn a_pick_with_a_conflict() {
    let sandbox = Sandbox::new();
    sandbox.git(["switch", "-q", "-c", "side"]);
    sandbox.commit("f", "side\n", "Side");
    sandbox.git(["switch", "-q", "-c", "feat", "main"]);
    sandbox.commit("f", "feat\n", "Own");
    let before = sandbox.view();
    sandbox.try_git(["cherry-pick", "side"]).code(1);
    sandbox.git(["cherry-pick", "--abort"]);
    assert_eq!(sandbox.view(), before);
    sandbox.try_git(["cherry-pick", "side"]).code(1);
    sandbox.write("f", "both\n");
    sandbox.git(["add", "f"]);
    sandbox.git(["cherry-pick", "--continue"]);
    assert_eq!(entries(&sandbox.view()).len(), 2);
    assert_eq!(sandbox.git(["status", "--porcelain"]).stdout, "");
}

#[test]
fn entries_follow_a_rebase_when_it_is_done() {
    let sandbox = Sandbox::new();
    sandbox.git(["switch", "-q", "-c", "feat"]);
    sandbox.commit("f", "feat\n", "Clash");
    sandbox.commit("g", "feat\n", "More");
    sandbox.git(["switch", "-q", "main"]);
    sandbox.commit("f", "main\n", "On the trunk");
    sandbox.git(["switch", "-q", "feat"]);
    let before = sandbox.view();
    let same = |when: &str| {
        assert_eq!(sandbox.view(), before, "{when}");
        assert_eq!(sandbox.stored("feat").unwrap(), before, "{when}");
    };
    sandbox.try_git(["rebase", "-q", "main"]).code(1);
    same("stopped");
    // While it is stopped a command is about the branch that is being rebased.
    assert_eq!(sandbox.branchwork(["get", "branch.name"]).stdout, "feat\n");
    sandbox.git(["rebase", "--abort"]);
    same("aborted");
    sandbox.wait(5);
    sandbox.try_git(["rebase", "-q", "main"]).code(1);
    sandbox.write("f", "both\n");
    sandbox.git(["add", "f"]);
    let run = sandbox.git(["rebase", "--continue"]);
    assert!(!run.stderr.contains("branchwork"), "{}", run.stderr);
    let after = sandbox.view();
    assert_eq!(sandbox.stored("feat").unwrap(), after);
    assert_eq!(markers(&after), sandbox.own_commits("main..feat"));
    assert!(after.contains("- `f` - modified (+1/-1)"), "{after}");
    sandbox.commit("h", "h\n", "After it");
    assert_eq!(
        entries(&sandbox.view()),
        ["[@ada] Clash", "[@ada] More", "[@ada] After it"]
    );
    assert_eq!(markers(&sandbox.view()), sandbox.own_commits("main..feat"));
}

#[test]
fn entries_follow_an_interactive_rebase() {
    let sandbox = Sandbox::new();
    sandbox.git(["switch", "-q", "-c", "feat"]);
    for name in ["one", "two", "three"] {
        sandbox.commit(name, "x\n", &format!("Add {name}"));
    }
    let edit = "GIT_SEQUENCE_EDITOR=\"sed -i -e 2s/pick/fixup/ -e 3s/pick/reword/\" git rebase -q -i main";
    sandbox.shell(edit).ok();
    let [one, three] = sandbox.own_commits("main..feat").try_into().unwrap();
    assert_eq!(markers(&sandbox.view()), [one.clone(), one, three]);
    assert!(
        sandbox.view().contains("- Files changed (2 files, +2/-0)"),
        "{}",
        sandbox.view()
    );
    let before = sandbox.view();
    sandbox
        .shell("GIT_SEQUENCE_EDITOR=\"sed -i 1s/pick/edit/\" git rebase -q -i main")
        .ok();
    sandbox.git(["commit", "-q", "--amend", "-m", "Another message"]);
    assert_eq!(sandbox.view(), before);
    sandbox.git(["rebase", "--continue"]);
    let [one, three] = sandbox.own_commits("main..feat").try_into().unwrap();
    assert_eq!(markers(&sandbox.view()), [one.clone(), one, three]);
    assert_eq!(
        entries(&sandbox.view()),
        ["[@ada] Another message", "[@ada] Add two", "[@ada] Add three"]
    );
    assert_eq!(sandbox.stored("feat").unwrap(), sandbox.view());
    assert!(
        !sandbox.repo().join(".git/branchwork/rewritten").exists(),
        "all of it was used"
    );
}

/// Git switches to the branch that it rebases, and back to nothing else; no post-checkout hook sees that.
#[test]
fn a_rebase_of_another_branch_shows_that_ones_document() {
    for backend in ["--merge", "--apply"] {
        let sandbox = Sandbox::new();
        sandbox.git(["switch", "-q", "-c", "topic"]);
        sandbox.commit("t", "t\n", "On the topic");
        sandbox.git(["switch", "-q", "main"]);
        sandbox.commit("m", "m\n", "On the trunk");
        sandbox.git(["switch", "-q", "-c", "other"]);
        sandbox.git(["rebase", "-q", backend, "main", "topic"]);
        // With --apply the branch has not moved when the hook runs, so that whatever comes next sees to it.
        if backend == "--apply" {
            sandbox.branchwork(["show"]);
        }
        assert_eq!(field(&sandbox.view(), "name"), "topic", "{backend}");
        assert_eq!(
            markers(&sandbox.view()),
            sandbox.own_commits("main..topic"),
            "{backend}"
        );
        assert!(!sandbox.repo().join(".git/branchwork/rewritten").exists(), "{backend}");
    }
}

#[test]
fn branches_that_a_rebase_moves_along_follow_when_they_are_read() {
    let sandbox = Sandbox::new();
    for name in ["one", "two", "three"] {
        sandbox.git(["switch", "-q", "-c", name]);
        sandbox.commit(name, "x\n", &format!("Add {name}"));
    }
    sandbox.git(["switch", "-q", "main"]);
    sandbox.commit("m", "m\n", "On the trunk");
    sandbox.git(["switch", "-q", "three"]);
    sandbox.git(["rebase", "-q", "--update-refs", "main"]);
    assert!(
        sandbox.repo().join(".git/branchwork/rewritten").exists(),
        "others have not used it"
    );
    for (name, range) in [("one", "main..one"), ("two", "one..two"), ("three", "two..three")] {
        let document = sandbox.branchwork(["show", "-b", name]).stdout;
        assert_eq!(markers(&document), sandbox.own_commits(range), "{name}");
    }
    assert!(!sandbox.repo().join(".git/branchwork/rewritten").exists());
}

#[test]
fn nothing_is_logged_on_a_detached_head() {
    let sandbox = Sandbox::new();
    sandbox.git(["switch", "-q", "-c", "feat"]);
    sandbox.commit("a", "a\n", "Add a");
    let before = sandbox.stored("feat").unwrap();
    sandbox.git(["switch", "-q", "--detach"]);
    sandbox.commit("b", "b\n", "Nobody's");
    assert_eq!(sandbox.stored("feat").unwrap(), before);
    let error = sandbox.try_branchwork(["show"]).code(1).stderr;
    assert_eq!(
        error,
        "error: HEAD is not on a branch\nhint: name one with --branch <name>, or switch to one: git switch <name>\n"
    );
    assert_eq!(sandbox.branchwork(["show", "-b", "feat"]).stdout, before);
    sandbox.git(["switch", "-q", "feat"]);
    assert_eq!(sandbox.view(), before);
}

#[test]
fn sixty_commits_that_no_hook_saw() {
    let sandbox = Sandbox::new();
    sandbox.git_without_hooks(["switch", "-q", "-c", "feat"]);
    let tree = sandbox.id("HEAD^{tree}");
    let mut tip = sandbox.id("HEAD");
    for number in 1..=60 {
        sandbox.wait(1);
        tip = sandbox
            .git(["commit-tree", "-m", &format!("Number {number}"), "-p", &tip, &tree])
            .line()
            .to_owned();
    }
    sandbox.git(["update-ref", "refs/heads/feat", &tip]);
    let run = sandbox.git(["checkout", "-q", "feat"]);
    says_created(&run, "feat");
    let view = sandbox.view();
    let entries = entries(&view);
    assert_eq!(entries.len(), 50, "{view}");
    assert_eq!(
        (entries[0].as_str(), entries[49].as_str()),
        ("[@ada] Number 11", "[@ada] Number 60")
    );
    assert!(
        view.contains("10 older commits") || view.contains("10 earlier commits"),
        "{view}"
    );
}

#[test]
fn file_checkouts_and_bisects_change_nothing() {
    let sandbox = Sandbox::new();
    sandbox.git(["switch", "-q", "-c", "feat"]);
    sandbox.commit("a", "1\n", "One");
    sandbox.commit("a", "2\n", "Two");
    sandbox.commit("a", "3\n", "Three");
    let before = sandbox.stored("feat").unwrap();
    sandbox.git(["checkout", "-q", "HEAD~1", "--", "a"]);
    sandbox.git(["checkout", "-q", "HEAD", "--", "a"]);
    sandbox.git(["bisect", "start", "HEAD", "HEAD~2"]);
    sandbox.git(["bisect", "good"]);
    sandbox.git(["bisect", "reset"]);
    sandbox.git(["stash", "list"]);
    assert_eq!(sandbox.stored("feat").unwrap(), before);
    assert_eq!(sandbox.view(), before);
}
