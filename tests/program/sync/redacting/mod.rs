//! `redact`: a text goes out of every version, here, on the remote, and in clones that did not know.

mod clones;

use super::{
    branchwork, join, kill, locked_after, on_remote, refs, script, shared, shared_text, try_branchwork, unlocked, view,
};
use crate::sandbox::{Sandbox, branchwork_in, git_in, run, run_with};

const SECRET: &str = "hunter2 & Co";

/// A shared document with the secret in two versions, in a title and in a subject.
fn leaked() -> Sandbox {
    let sandbox = shared();
    branchwork(&sandbox, "repo", &["set", "dri=ada", "scope=api", "risk=low"]);
    branchwork(&sandbox, "repo", &["log", &format!("Tried {SECRET} on staging")]);
    let item = format!("The password is {SECRET}.");
    branchwork(&sandbox, "repo", &["update", "--section", "Notes", "--item", &item]);
    sandbox
}

/// All that the object database of a repository holds, reachable or not.
fn all_objects(sandbox: &Sandbox, git_dir: &str) -> String {
    let arguments = ["cat-file", "--batch-all-objects", "--batch"];
    let folder = sandbox.path(git_dir);
    let mut command = sandbox.command("git");
    command.arg("--git-dir").arg(folder).args(arguments);
    crate::sandbox::run(&mut command).ok().stdout
}

/// All that the refs of ours of the remote reach: texts and subjects.
fn history_on_remote(sandbox: &Sandbox) -> String {
    git_in(
        sandbox,
        "remote.git",
        &["log", "-p", "-m", "--format=%B", "--glob=refs/branchwork"],
    )
    .stdout
}

#[track_caller]
fn assert_sound(sandbox: &Sandbox) {
    let checked = sandbox.store(["fsck", "--no-dangling", "--strict"]).ok();
    assert_eq!(
        checked
            .stderr
            .replace("notice: HEAD points to an unborn branch (none)\n", ""),
        ""
    );
}

#[test]
fn it_goes_out_of_every_version_and_off_the_disk() {
    for packed in [false, true] {
        let sandbox = leaked();
        sandbox.branchwork(["set", "risk=high"]);
        if packed {
            sandbox.store(["repack", "-a", "-d", "-q"]).ok();
            sandbox.store(["pack-refs", "--all"]).ok();
        }
        let before = sandbox.view();
        let versions = sandbox.branchwork(["history", "--json"]).stdout;
        let said = sandbox.branchwork(["redact", SECRET]);
        assert_eq!(said.stderr, "Redacted 3 versions of the document of 'feat'\n");
        assert_eq!(sandbox.view(), before.replace(SECRET, "REDACTED"));
        assert!(!all_objects(&sandbox, "repo/.git/branchwork").contains(SECRET));
        assert_sound(&sandbox);
        // Who, when and what stay.
        let times = |json: &str| -> Vec<(String, String)> {
            let rows: serde_json::Value = serde_json::from_str(json).unwrap();
            let row = |row: &serde_json::Value| {
                let text = |key: &str| row[key].as_str().unwrap().to_owned();
                (text("subject"), text("time"))
            };
            rows.as_array().unwrap().iter().map(row).collect()
        };
        let now = times(&sandbox.branchwork(["history", "--json"]).stdout);
        let then: Vec<_> = times(&versions)
            .into_iter()
            .map(|(subject, time)| (subject.replace(SECRET, "REDACTED"), time))
            .collect();
        assert_eq!(now, then);
        // And it goes on as before: an edit by hand, a commit.
        sandbox.write(".branchwork/CURRENT.md", sandbox.view() + "\nBy hand.\n");
        sandbox.commit("b.rs", "b\n", "Add b");
        assert!(sandbox.view().contains("By hand.") && sandbox.view().contains("Add b"));
        let again = sandbox.try_branchwork(["redact", SECRET]).code(1);
        assert_eq!(again.stderr, "No version here has it\n");
    }
}

#[test]
fn what_was_written_by_hand_and_never_seen_goes_too() {
    let sandbox = leaked();
    sandbox.write(
        ".branchwork/CURRENT.md",
        sandbox.view() + "\nOnce more: " + SECRET + "\n",
    );
    sandbox.branchwork(["redact", SECRET]);
    assert!(sandbox.view().ends_with("Once more: REDACTED\n"), "{}", sandbox.view());
    assert!(!all_objects(&sandbox, "repo/.git/branchwork").contains(SECRET));
    assert_sound(&sandbox);
}

#[test]
fn other_texts_that_a_view_began_from_stay() {
    let sandbox = leaked();
    // An editor has this buffer, which no version has any more.
    sandbox.branchwork(["redact", SECRET]);
    let buffer = sandbox.view();
    sandbox.write(".branchwork/CURRENT.md", buffer.clone() + "\nFirst.\n");
    sandbox.branchwork(["log", "Between"]);
    sandbox.branchwork(["redact", "Between"]);
    sandbox.write(".branchwork/CURRENT.md", buffer + "\nFirst.\nSecond.\n");
    let shown = sandbox.branchwork(["show"]).stdout;
    assert_eq!(shown.matches("First.").count(), 1, "{shown}");
    assert!(shown.contains("Second.") && shown.contains("] REDACTED"), "{shown}");
}

#[test]
fn patterns() {
    let sandbox = leaked();
    let wrong = |arguments: &[&str], said: &str| {
        let run = sandbox.try_branchwork(arguments).code(2);
        assert!(run.stderr.contains(said), "{}", run.stderr);
        assert!(
            run.stderr.contains("\nhint: ") || run.stderr.contains("--help"),
            "{}",
            run.stderr
        );
    };
    wrong(&["redact", ""], "there is nothing to take out");
    wrong(&["redact", "-E", "a*"], "it matches where nothing stands");
    wrong(&["redact", "-E", "("], "the regular expression cannot be used");
    wrong(&["redact"], "PATTERN");
    // As text it is no expression.
    sandbox.try_branchwork(["redact", "hunter.*Co"]).code(1);
    let run = run_with(
        sandbox
            .command(crate::sandbox::binary())
            .args(["redact", "-E", "--json", "-"]),
        b"hunter[0-9] & \\w+\n",
    )
    .ok();
    let rows: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(rows[0]["branch"], "feat");
    assert_eq!(rows[0]["versions"], 2);
    assert!(!all_objects(&sandbox, "repo/.git/branchwork").contains("hunter"));
}

#[test]
fn bytes_that_are_no_utf8_stay() {
    let sandbox = leaked();
    let mut text = sandbox.view().into_bytes();
    text.extend_from_slice(b"\n\xff hunter2 & Co \xfe\n");
    std::fs::write(sandbox.repo().join(".branchwork/CURRENT.md"), text).unwrap();
    sandbox.branchwork(["redact", "-E", "hunter2 & Co"]);
    let view = std::fs::read(sandbox.repo().join(".branchwork/CURRENT.md")).unwrap();
    assert!(view.ends_with(b"\n\xff REDACTED \xfe\n"));
}

#[test]
fn all_takes_other_branches_and_the_archive_too() {
    let sandbox = leaked();
    sandbox.git(["switch", "-q", "-c", "other"]);
    sandbox.branchwork(["log", &format!("Again {SECRET}")]);
    sandbox.git(["switch", "-q", "main"]);
    sandbox.git(["merge", "-q", "--no-edit", "feat"]);
    sandbox.branchwork(["archive", "feat"]);
    let none = sandbox.try_branchwork(["redact", SECRET]).code(1);
    assert!(none.stderr.contains("no document"), "{}", none.stderr);
    let said = sandbox.branchwork(["redact", "--all", SECRET]).stderr;
    assert!(said.contains("of the document of 'other'"), "{said}");
    assert!(said.contains("of 'refs/branchwork/archive/2025'"), "{said}");
    assert!(!all_objects(&sandbox, "repo/.git/branchwork").contains("hunter2"));
    assert_sound(&sandbox);
    let shown = sandbox.branchwork(["show", "feat"]).stdout;
    assert!(shown.contains("The password is REDACTED."), "{shown}");
    assert!(
        sandbox
            .branchwork(["history", "feat"])
            .stdout
            .contains("log: Tried REDACTED on staging")
    );
}

#[test]
fn a_copy_of_the_branch_keeps_its_own() {
    let sandbox = leaked();
    sandbox.git(["branch", "-c", "feat", "copy"]);
    sandbox.git(["switch", "-q", "copy"]);
    sandbox.commit("c.rs", "c\n", "Add c");
    sandbox.branchwork(["log", &format!("Also {SECRET}")]);
    sandbox.branchwork(["redact", "-b", "feat", SECRET]);
    assert!(!sandbox.stored("feat").unwrap().contains(SECRET));
    assert!(sandbox.stored("copy").unwrap().contains(SECRET));
    assert_sound(&sandbox);
}

#[test]
fn the_remotes_versions_are_replaced() {
    let sandbox = leaked();
    branchwork(&sandbox, "repo", &["sync"]);
    assert!(history_on_remote(&sandbox).contains(SECRET));
    let said = branchwork(&sandbox, "repo", &["redact", SECRET]);
    assert_eq!(
        said,
        "Redacted 2 versions of the document of 'feat'\nReplaced the document of 'feat' on 'origin'\n"
    );
    assert!(!history_on_remote(&sandbox).contains(SECRET));
    assert!(!all_objects(&sandbox, "repo/.git/branchwork").contains(SECRET));
    assert_eq!(shared_text(&sandbox), view(&sandbox, "repo"));
}

#[test]
fn where_the_remote_is_gone_it_is_done_here_and_a_sync_does_the_rest() {
    let sandbox = leaked();
    branchwork(&sandbox, "repo", &["sync"]);
    std::fs::rename(sandbox.path("remote.git"), sandbox.path("away.git")).unwrap();
    let failed = try_branchwork(&sandbox, "repo", &["redact", SECRET]).code(1);
    assert!(
        failed.stderr.contains("'origin' may still have it"),
        "{}",
        failed.stderr
    );
    assert!(
        failed
            .stderr
            .contains("hint: see whether git can: git ls-remote origin, then run the command again"),
        "{}",
        failed.stderr
    );
    assert!(!all_objects(&sandbox, "repo/.git/branchwork").contains(SECRET));
    std::fs::rename(sandbox.path("away.git"), sandbox.path("remote.git")).unwrap();
    branchwork(&sandbox, "repo", &["sync"]);
    assert!(!history_on_remote(&sandbox).contains(SECRET));
    assert!(!view(&sandbox, "repo").contains(SECRET));
}

#[test]
fn a_remote_that_refuses_is_told() {
    let sandbox = leaked();
    branchwork(&sandbox, "repo", &["sync"]);
    std::fs::create_dir_all(sandbox.path("remote.git/hooks")).unwrap();
    script(&sandbox, "remote.git/hooks/update", "echo 'not here' >&2; exit 1");
    let failed = try_branchwork(&sandbox, "repo", &["redact", SECRET]).code(1);
    let refused = "'origin' does not change 'refs/branchwork/docs/feat/";
    assert!(failed.stderr.contains(refused), "{}", failed.stderr);
    assert!(
        failed.stderr.contains("'origin' may still have it"),
        "{}",
        failed.stderr
    );
    assert!(!view(&sandbox, "repo").contains(SECRET));
}

/// Sound, and nothing of the secret in what any ref of the remote reaches.
#[track_caller]
fn assert_gone(sandbox: &Sandbox, what: &str) {
    assert!(!history_on_remote(sandbox).contains(SECRET), "{what}");
    assert!(!all_objects(sandbox, "repo/.git/branchwork").contains(SECRET), "{what}");
    assert_sound(sandbox);
}

#[test]
fn two_remotes_have_it() {
    let sandbox = leaked();
    branchwork(&sandbox, "repo", &["sync"]);
    sandbox.git(["clone", "-q", "--bare", "../remote.git", "../second.git"]);
    sandbox.git(["remote", "add", "second", "../second.git"]);
    branchwork(&sandbox, "repo", &["sync", "second"]);
    branchwork(&sandbox, "repo", &["redact", SECRET]);
    assert_gone(&sandbox, "two remotes");
    let history = git_in(
        &sandbox,
        "second.git",
        &["log", "-p", "-m", "--format=%B", "--glob=refs/branchwork"],
    );
    assert!(!history.stdout.contains(SECRET));
}

/// The refs of `origin/b` are kept below those of `origin`.
#[test]
fn a_remote_whose_name_begins_with_anothers_is_another_one() {
    let sandbox = leaked();
    sandbox.git(["clone", "-q", "--bare", "../remote.git", "../second.git"]);
    sandbox.git(["config", "remote.origin/b.url", "../second.git"]);
    sandbox.git([
        "config",
        "remote.origin/b.fetch",
        "+refs/heads/*:refs/remotes/origin/b/*",
    ]);
    for remote in ["origin", "origin/b"] {
        branchwork(&sandbox, "repo", &["sync", remote]);
    }
    let said = branchwork(&sandbox, "repo", &["redact", SECRET]);
    assert_eq!(said.matches("Replaced").count(), 2, "{said}");
    assert_gone(&sandbox, "origin");
    assert_eq!(on_remote(&sandbox).len(), 1);
    assert_eq!(on_remote(&sandbox), refs(&sandbox, "second.git", "refs/branchwork/"));
}

#[test]
fn an_archive_alone_is_replaced() {
    let sandbox = leaked();
    branchwork(&sandbox, "repo", &["archive", "feat"]);
    sandbox.git(["switch", "-q", "main"]);
    branchwork(&sandbox, "repo", &["sync", "--all"]);
    let said = branchwork(&sandbox, "repo", &["redact", "--all", SECRET]);
    assert!(said.contains("Replaced the archive of 2025 on 'origin'"), "{said}");
    assert_gone(&sandbox, "archive");
}

#[test]
fn what_ended_and_what_was_rescued_goes_too() {
    let sandbox = leaked();
    join(&sandbox, "one");
    git_in(&sandbox, "one", &["switch", "-q", "feat"]);
    branchwork(&sandbox, "one", &["create"]);
    branchwork(&sandbox, "one", &["log", &format!("Also {SECRET}")]);
    branchwork(&sandbox, "repo", &["sync"]);
    branchwork(&sandbox, "one", &["sync"]);
    branchwork(&sandbox, "repo", &["sync"]);
    let ended = refs(&sandbox, "one/.git/branchwork", "refs/branchwork/ended/");
    assert_eq!(ended.len(), 1, "{ended:?}");
    std::fs::write(
        sandbox.path("one/.branchwork/CURRENT.md"),
        format!("no document: {SECRET}"),
    )
    .unwrap();
    branchwork(&sandbox, "one", &["show"]);
    branchwork(&sandbox, "one", &["redact", SECRET]);
    assert!(!all_objects(&sandbox, "one/.git/branchwork").contains(SECRET));
    assert!(!history_on_remote(&sandbox).contains(SECRET));
}

#[test]
fn what_holds_the_front_matter_together_is_not_taken_out() {
    let sandbox = leaked();
    let before = sandbox.view();
    for pattern in [
        &["risk"][..],
        &["-E", "backout_plan:.*"],
        &["--", "---"],
        &[" "],
        &["#"],
        &["# e.g."],
    ] {
        let failed = sandbox.try_branchwork([&["redact"], pattern].concat()).code(1);
        assert!(
            failed.stderr.contains("could not be read without it"),
            "{pattern:?}: {}",
            failed.stderr
        );
        assert_eq!(sandbox.view(), before);
    }
    for told in ["ada", "e.g. 47"] {
        sandbox.branchwork(["redact", told]);
    }
    assert_eq!(crate::sandbox::field(&sandbox.view(), "dri"), "REDACTED");
    assert!(sandbox.view().contains("\npr: # REDACTED"), "{}", sandbox.view());
}

/// Killed while the remote is about to take it, or has taken it: doing it again finishes, and says so.
#[test]
fn killed_while_the_remote_takes_it() {
    for when in ["before", "after"] {
        let sandbox = leaked();
        branchwork(&sandbox, "repo", &["sync", "-q"]);
        let begun = sandbox.path("begun");
        run(sandbox.command("mkfifo").arg(&begun)).ok();
        let wait = format!("echo >'{}'; exec sleep 60", begun.display());
        let text = match when {
            "before" => wait,
            _ => format!("git receive-pack \"$@\"; {wait}"),
        };
        let slow = script(&sandbox, "slow", &text);
        sandbox.git(["config", "remote.origin.receivepack", slow.to_str().unwrap()]);
        kill(&sandbox, &["redact", SECRET], || drop(std::fs::read(&begun).unwrap()));
        sandbox.git(["config", "--unset", "remote.origin.receivepack"]);
        assert_eq!(history_on_remote(&sandbox).contains(SECRET), when == "before");
        let told = branchwork(&sandbox, "repo", &["redact", SECRET]);
        let expected = "No version here has it; what else had it on the disk is gone\n\
                        On 'origin' the document of 'feat' has it no more\n";
        assert_eq!(told, expected, "{when}");
        assert_gone(&sandbox, when);
        assert!(
            !all_objects(&sandbox, "repo/.git/branchwork").contains(SECRET),
            "{when}"
        );
        let again = sandbox.try_branchwork(["redact", SECRET]).code(1).stderr;
        assert_eq!(again, "No version here has it\n", "{when}");
    }
}

/// What was done is told, whatever cannot be done then; and it can be done later.
#[test]
fn what_was_done_is_told_where_the_rest_fails() {
    let sandbox = leaked();
    branchwork(&sandbox, "repo", &["sync", "-q"]);
    locked_after(&sandbox, "receivepack", "receive-pack");
    let told = try_branchwork(&sandbox, "repo", &["redact", SECRET]).code(1).stderr;
    let done = "Redacted 2 versions of the document of 'feat'\nReplaced the document of 'feat' on 'origin'\n";
    assert!(
        told.starts_with(done) && told.contains("error: cannot lock '"),
        "{told}"
    );
    assert!(told.contains("it is in no version, but still on the disk"), "{told}");
    assert!(!told.contains("may still have it"), "{told}");
    unlocked(&sandbox);
    branchwork(&sandbox, "repo", &["redact", SECRET]);
    assert!(!all_objects(&sandbox, "repo/.git/branchwork").contains(SECRET));
    assert_gone(&sandbox, "later");

    // The network is gone after the remote took it: nothing stays on the disk all the same.
    let sandbox = leaked();
    branchwork(&sandbox, "repo", &["sync", "-q"]);
    let moves = format!(
        "git receive-pack \"$@\"; code=$?; mv '{0}' '{0}.away'; exit $code",
        sandbox.path("remote.git").display()
    );
    let moving = script(&sandbox, "moving", &moves);
    sandbox.git(["config", "remote.origin.receivepack", moving.to_str().unwrap()]);
    let told = try_branchwork(&sandbox, "repo", &["redact", SECRET]).code(1).stderr;
    assert!(
        told.starts_with(done) && told.contains("error: cannot fetch from 'origin'"),
        "{told}"
    );
    assert!(!all_objects(&sandbox, "repo/.git/branchwork").contains(SECRET));
}

#[test]
fn what_a_killed_writer_left_goes_and_what_cannot_go_is_told() {
    let sandbox = leaked();
    let store = sandbox.repo().join(".git/branchwork");
    let left = store.join("objects/tmp_obj_abcdef");
    std::fs::write(&left, format!("x\u{1}blob 30\0The password is {SECRET}.")).unwrap();
    sandbox.branchwork(["redact", SECRET]);
    assert!(!left.exists());
    // The words that are kept for searching are in the way of nothing but their removal.
    sandbox.branchwork(["log", SECRET]);
    std::fs::create_dir_all(store.join("sieves/full")).unwrap();
    let failed = sandbox.try_branchwork(["redact", SECRET]).code(1);
    assert!(failed.stderr.contains("cannot remove '"), "{}", failed.stderr);
    assert!(failed.stderr.contains("sieves'"), "{}", failed.stderr);
}
