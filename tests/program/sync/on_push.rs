//! `branchwork.sync = on-push`: documents go along with a `git push`, which does not suffer from it.

use super::{branchwork, count_connections, join, on_remote, ready, refs, script, shared_text, theirs, view};
use crate::sandbox::{Sandbox, git_in, run, run_with};

/// A sandbox that is ready to be pushed, where documents go along.
fn along() -> Sandbox {
    let sandbox = ready();
    sandbox.git(["config", "branchwork.sync", "on-push"]);
    sandbox
}

/// The documents that the remote has, by the names of their branches.
fn names(sandbox: &Sandbox) -> Vec<String> {
    let name = |line: String| line.split('/').nth(3).unwrap().to_owned();
    on_remote(sandbox).into_iter().map(name).collect()
}

#[test]
fn documents_go_along_and_what_others_sent_comes() {
    let sandbox = along();
    theirs(&sandbox, "echo ran >>../ran");
    let connections = count_connections(&sandbox);
    let counted = || {
        let counted = std::fs::read_to_string(&connections).unwrap();
        std::fs::remove_file(&connections).unwrap();
        counted.replace('\n', " ")
    };
    let pushed = sandbox.git(["push", "-q", "-u", "origin", "feat"]);
    assert_eq!((pushed.stdout.as_str(), pushed.stderr.as_str()), ("", ""));
    assert_eq!(shared_text(&sandbox), sandbox.view());
    // Git's own connection, in which it asks the hook, and one to fetch and one to push. No hook runs for these.
    assert_eq!(counted(), "receive-pack upload-pack receive-pack ");
    assert_eq!(std::fs::read_to_string(sandbox.path("ran")).unwrap(), "ran\n");

    join(&sandbox, "grace");
    git_in(&sandbox, "grace", &["switch", "-q", "feat"]);
    branchwork(&sandbox, "grace", &["sync", "-q"]);
    branchwork(
        &sandbox,
        "grace",
        &["update", "-q", "--section", "Notes", "--item", "By grace"],
    );
    branchwork(&sandbox, "grace", &["sync", "-q"]);

    // Several branches at once, and one that goes away.
    sandbox.git(["switch", "-q", "-c", "other"]);
    sandbox.commit("b.rs", "b\n", "Add b");
    sandbox.branchwork(["set", "-q", "risk=low", "scope=a"]);
    sandbox.git(["switch", "-q", "feat"]);
    sandbox.commit("c.rs", "c\n", "Add c");
    let pushed = sandbox.git(["push", "-q", "origin", "feat", "other", "main"]);
    assert_eq!((pushed.stdout.as_str(), pushed.stderr.as_str()), ("", ""));
    assert_eq!(counted(), "receive-pack upload-pack receive-pack ");
    assert_eq!(names(&sandbox), ["feat", "other"]);
    assert_eq!(shared_text(&sandbox), sandbox.view());
    assert!(sandbox.view().contains("- By grace\n"), "{}", sandbox.view());
    let before = on_remote(&sandbox);
    sandbox.git(["push", "-q", "origin", ":other"]);
    assert_eq!((counted().as_str(), on_remote(&sandbox)), ("receive-pack ", before));

    // With ours nothing is sent twice.
    sandbox.commit("d.rs", "d\n", "Add d");
    sandbox.branchwork(["push", "-q"]);
    assert_eq!(counted(), "upload-pack receive-pack ");
    assert_eq!(shared_text(&sandbox), sandbox.view());
    branchwork(&sandbox, "grace", &["sync", "-q"]);
    assert_eq!(view(&sandbox, "grace"), sandbox.view());
}

#[test]
fn nobody_who_did_not_ask_sends_anything() {
    let sandbox = ready();
    let connections = count_connections(&sandbox);
    sandbox.write(".branchwork.yml", "version: 1\nsync: on-push\n");
    sandbox.git(["push", "-q", "origin", "feat"]);
    assert_eq!(std::fs::read_to_string(&connections).unwrap(), "receive-pack\n");
    assert_eq!(on_remote(&sandbox).len(), 0);
    // What a team proposes is told, with the command that does it.
    let proposal = "The team proposes that documents go along with each push: git config branchwork.sync on-push\n";
    let said = sandbox.branchwork(["init"]).stderr;
    assert!(said.ends_with(proposal), "{said}");
    let command = proposal.split(": ").nth(1).unwrap().trim();
    sandbox.shell(command).ok();
    assert!(!sandbox.branchwork(["init"]).stderr.contains(proposal));
    // Held back: nothing goes.
    sandbox.branchwork(["set", "-q", "risk="]);
    sandbox.commit("b.rs", "b\n", "Add b");
    sandbox.try_git(["push", "-q", "origin", "feat"]).code(1);
    assert_eq!(on_remote(&sandbox).len(), 0);
    sandbox.branchwork(["set", "-q", "risk=low"]);
    // Documents go where the branch is at home, and to no address.
    sandbox.git(["init", "-q", "--bare", "../public.git"]);
    sandbox.git(["remote", "add", "public", "../public.git"]);
    sandbox.git(["push", "-q", "public", "feat"]);
    sandbox.git(["push", "-q", "../remote.git", "feat"]);
    assert_eq!(refs(&sandbox, "public.git", "refs/branchwork/").len(), 0);
    assert_eq!(on_remote(&sandbox).len(), 0);
    sandbox.git(["config", "branch.feat.pushRemote", "public"]);
    sandbox.commit("c.rs", "c\n", "Add c");
    sandbox.git(["push", "-q", "public", "feat"]);
    assert_eq!(refs(&sandbox, "public.git", "refs/branchwork/").len(), 1);
}

/// A push of the next commit that succeeds; what it said.
#[track_caller]
fn pushes(sandbox: &Sandbox, content: &str) -> String {
    sandbox.commit("b.rs", content, "Change b");
    let pushed = sandbox.git(["push", "-q", "origin", "feat"]);
    assert_eq!(sandbox.id("origin/feat"), sandbox.id("feat"));
    assert_eq!(pushed.stdout, "");
    pushed.stderr
}

#[test]
fn a_push_goes_on_whatever_becomes_of_the_document() {
    let sandbox = along();
    let start = "branchwork: pushed without the document: ";
    git_in(
        &sandbox,
        "remote.git",
        &["config", "receive.hideRefs", "refs/branchwork"],
    );
    let said = pushes(&sandbox, "1");
    let refused = format!("{start}'origin' does not take the document of 'feat': deny updating a hidden ref; ask ");
    assert!(said.starts_with(&refused) && said.lines().count() == 1, "{said}");
    git_in(&sandbox, "remote.git", &["config", "--unset", "receive.hideRefs"]);

    // One that gives no answer, and ends when nobody asks any more.
    let silent = script(&sandbox, "silent", "exec cat >/dev/null");
    sandbox.git(["config", "remote.origin.uploadpack", silent.to_str().unwrap()]);
    sandbox.git(["config", "branchwork.syncTimeout", "1"]);
    let said = pushes(&sandbox, "2");
    assert_eq!(
        said,
        format!(
            "{start}cannot fetch from 'origin': no answer after 1 seconds; see whether git can: git ls-remote origin\n"
        )
    );
    sandbox.git(["config", "--unset", "remote.origin.uploadpack"]);
    sandbox.git(["config", "--unset", "branchwork.syncTimeout"]);

    let secret = format!("ghp_{}", "aB3".repeat(12));
    sandbox.branchwork(["update", "-q", "--section", "Notes", "--item", &secret]);
    let said = pushes(&sandbox, "3");
    let line = said.lines().last().unwrap();
    assert!(
        line.starts_with(&format!("{start}the document of 'feat' is not sent: line ")),
        "{said}"
    );
    assert!(!said.contains(&secret) && on_remote(&sandbox).is_empty(), "{said}");
    sandbox.branchwork(["redact", "-q", &secret]);
    // As many packs as fetches leave, for nobody runs sync here.
    for number in 0..30 {
        let blob = run_with(
            sandbox
                .command("git")
                .args(["--git-dir", ".git/branchwork", "hash-object", "-w", "--stdin"]),
            format!("{number}\n").as_bytes(),
        );
        let mut pack = sandbox.command("git");
        pack.args([
            "--git-dir",
            ".git/branchwork",
            "pack-objects",
            "-q",
            ".git/branchwork/objects/pack/pack",
        ]);
        run_with(&mut pack, blob.stdout.as_bytes()).ok();
    }
    assert_eq!(pushes(&sandbox, "4"), "");
    let packs = std::fs::read_dir(sandbox.path("repo/.git/branchwork/objects/pack")).unwrap();
    let packs = packs.filter(|file| file.as_ref().unwrap().path().extension() == Some("pack".as_ref()));
    assert!(packs.count() < 10);
    assert_eq!(shared_text(&sandbox), sandbox.view());
    // By the variables of pre-commit, which passes no arguments and no input on.
    sandbox.commit("b.rs", "5", "Change b");
    let mut hook = sandbox.command(crate::sandbox::binary());
    hook.args(["hook", "pre-push"])
        .env("PRE_COMMIT_REMOTE_NAME", "origin")
        .env("PRE_COMMIT_LOCAL_BRANCH", "refs/heads/feat")
        .env("PRE_COMMIT_TO_REF", sandbox.id("feat"))
        .env("PRE_COMMIT_REMOTE_BRANCH", "refs/heads/feat");
    run(&mut hook).ok();
    assert_eq!(shared_text(&sandbox), sandbox.view());
}

/// What is wrong with one that has ended says nothing of the document that goes along.
#[test]
fn an_archive_that_must_not_go_is_told_as_what_it_is() {
    let sandbox = along();
    let secret = format!("ghp_{}", "aB3".repeat(12));
    sandbox.git(["switch", "-q", "-c", "done"]);
    sandbox.branchwork(["log", &format!("The token is {secret}")]);
    sandbox.branchwork(["archive", "-q", "done"]);
    sandbox.git(["switch", "-q", "feat"]);
    let said = pushes(&sandbox, "1");
    let told = "branchwork: archives were not sent: the archived document of 'done' is not sent: line ";
    assert!(said.starts_with(told) && said.lines().count() == 1, "{said}");
    assert!(!said.contains(&secret), "{said}");
    assert_eq!(names(&sandbox), ["feat"]);
}
