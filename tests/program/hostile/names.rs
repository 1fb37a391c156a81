//! Branch names.

use super::{Sandbox, count, on_feat, run, sound};

/// A commit and a push on `branch`, which is checked out: entry in the document, push held back, then let through.
#[track_caller]
fn lives(sandbox: &Sandbox, branch: &str) {
    sandbox.commit("file", branch, "Work on it");
    let document = sandbox
        .stored(branch)
        .unwrap_or_else(|| panic!("no document of '{branch}'"));
    assert_eq!(count(&document, "Work on it"), 1, "{document}");
    assert_eq!(document, sandbox.view());
    let spec = format!("refs/heads/{branch}:refs/heads/{branch}");
    let held = sandbox.try_git(["push", "-q", "origin", &spec]).code(1);
    assert!(held.stderr.contains("push blocked"), "{}", held.stderr);
    let option = format!("--branch={branch}");
    sandbox.branchwork(["set", &option, "scope=x", "risk=low"]);
    sandbox.git(["push", "-q", "origin", &spec]);
    assert_eq!(sandbox.branchwork(["get", &option, "branch.name"]).line(), branch);
    sound(sandbox);
}

#[test]
fn any_name_that_git_takes() {
    let long = "x".repeat(244);
    let names = [
        "$(touch${IFS}bad)",
        "`touch_bad`",
        "it's",
        "日本",
        "#1",
        "a\"b;c|d&e<f>",
        "%2e%2e",
        "CON",
        "null",
        "true",
        "{a}",
        "feat/a/b/c",
        "ключ/é",
        "a-->b",
        long.as_str(),
    ];
    let sandbox = Sandbox::new();
    for name in names {
        sandbox.git(["switch", "-q", "-c", name, "main"]);
        lives(&sandbox, name);
    }
    assert_eq!(
        sandbox.branchwork(["list", "-z"]).stdout.split_terminator('\0').count(),
        names.len()
    );
    assert!(!sandbox.repo().join("bad").exists());
}

#[test]
fn a_name_that_reads_as_an_option() {
    let sandbox = Sandbox::new();
    sandbox.git(["update-ref", "refs/heads/-x", "HEAD"]);
    sandbox.git(["symbolic-ref", "HEAD", "refs/heads/-x"]);
    lives(&sandbox, "-x");
    let push = sandbox.try_git(["push", "-q", "origin", "HEAD:refs/heads/--force"]);
    assert_eq!(push.code, 0, "{}", push.stderr);
}

#[test]
fn a_name_that_hides_something_is_shown_escaped() {
    let sandbox = Sandbox::new();
    let name = "a\u{202e}b\u{200b}\u{85}c";
    let made = sandbox.git(["switch", "-c", name]).stderr;
    assert!(
        made.contains("created the document of 'a\\u{202e}b\\u{200b}\\u{85}c'"),
        "{made}"
    );
    lives(&sandbox, name);
}

#[test]
fn a_name_below_a_deleted_one_and_the_other_way_round() {
    let sandbox = Sandbox::new();
    sandbox.git(["switch", "-q", "-c", "a"]);
    lives(&sandbox, "a");
    sandbox.git(["switch", "-q", "main"]);
    sandbox.git(["branch", "-q", "-D", "a"]);
    sandbox.git(["push", "-q", "origin", ":a"]);
    sandbox.git(["switch", "-q", "-c", "a/b"]);
    lives(&sandbox, "a/b");
    sandbox.git(["switch", "-q", "main"]);
    sandbox.git(["branch", "-q", "-D", "a/b"]);
    sandbox.git(["push", "-q", "origin", ":a/b"]);
    sandbox.git(["switch", "-q", "-c", "a/b/c"]);
    lives(&sandbox, "a/b/c");
    assert_eq!(count(&sandbox.stored("a").unwrap(), "Work on it"), 1);
    assert_eq!(count(&sandbox.stored("a/b").unwrap(), "Work on it"), 1);
}

/// The folder of a document's refs then holds a folder that is called like an id.
#[test]
fn a_name_that_reads_as_an_id() {
    let sandbox = on_feat();
    sandbox.commit("a", "a", "First");
    sandbox.git(["switch", "-q", "main"]);
    sandbox.git(["branch", "-q", "-m", "feat", "moved"]);
    sandbox.git(["switch", "-q", "-c", "feat/7ZZZZZZZZZZZZZZZZZZZZZZZZZ"]);
    sandbox.git(["switch", "-q", "main"]);
    sandbox.git(["update-ref", "-d", "refs/heads/feat/7ZZZZZZZZZZZZZZZZZZZZZZZZZ"]);
    sandbox.git(["branch", "-q", "-m", "moved", "feat"]);
    sandbox.git(["switch", "-q", "feat"]);
    sandbox.commit("b", "b", "Second");
    let document = sandbox.branchwork(["show"]).stdout;
    assert_eq!(
        (count(&document, "First"), count(&document, "Second")),
        (1, 1),
        "{document}"
    );
    sound(&sandbox);
}

#[cfg(unix)]
#[test]
fn a_name_that_is_not_utf8_has_no_document_and_git_goes_on() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let sandbox = on_feat();
    let name = OsStr::from_bytes(b"caf\xe9");
    let switch = run(sandbox.command("git").args(["switch", "-q", "-c"]).arg(name)).ok();
    assert_eq!(switch.stderr, "");
    sandbox.wait(1);
    let commit = sandbox.git(["commit", "-q", "--allow-empty", "-m", "Work"]);
    assert_eq!(commit.stderr, "");
    let push = run(sandbox.command("git").args(["push", "-q", "origin"]).arg(name)).ok();
    assert_eq!(push.stderr, "");
    let log = sandbox.try_branchwork(["log", "x"]).code(1);
    assert!(log.stderr.starts_with("error: "), "{}", log.stderr);
    assert!(!log.stderr.contains('\u{fffd}'), "{}", log.stderr);
    assert_eq!(sandbox.branchwork(["list", "-z"]).stdout, "feat\0");
    sandbox.git(["switch", "-q", "feat"]);
    sandbox.branchwork(["log", "x"]);
    sound(&sandbox);
}
