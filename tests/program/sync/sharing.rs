//! Two clones, one document: what goes, what comes, and what is merged.

use super::{branchwork, join, on_remote, refs, shared, shared_text, try_branchwork, view};
use crate::sandbox::{Sandbox, binary, entries, field, git_in, markers, run};

#[test]
fn a_document_goes_to_another_clone_and_back() {
    let sandbox = shared();
    join(&sandbox, "grace");
    assert_eq!(
        branchwork(&sandbox, "repo", &["sync"]),
        "Sent the document of 'feat' to 'origin'\n"
    );
    assert_eq!(shared_text(&sandbox), sandbox.view());
    assert_eq!(
        branchwork(&sandbox, "repo", &["sync"]),
        "The document of 'feat' is up to date with 'origin'\n"
    );

    git_in(&sandbox, "grace", &["switch", "-q", "feat"]);
    assert_eq!(view(&sandbox, "grace"), "");
    assert_eq!(
        branchwork(&sandbox, "grace", &["sync"]),
        "Brought the document of 'feat' from 'origin'\n"
    );
    assert_eq!(view(&sandbox, "grace"), sandbox.view());

    // Both change it; one does not know of the other.
    branchwork(&sandbox, "grace", &["set", "-q", "risk=high"]);
    branchwork(
        &sandbox,
        "grace",
        &["update", "-q", "--section", "Decisions", "--item", "By grace"],
    );
    sandbox.wait(1);
    sandbox.branchwork(["update", "-q", "--section", "Decisions", "--item", "By ada"]);
    sandbox.commit("b.rs", "b\n", "Add b");
    branchwork(&sandbox, "repo", &["sync"]);
    assert_eq!(
        branchwork(&sandbox, "grace", &["sync"]),
        "Merged the document of 'feat' with that on 'origin', and sent it\n"
    );
    assert_eq!(
        branchwork(&sandbox, "repo", &["sync"]),
        "Brought the document of 'feat' up to date from 'origin'\n"
    );
    let text = sandbox.view();
    assert_eq!(view(&sandbox, "grace"), text);
    assert_eq!(shared_text(&sandbox), text);
    assert!(text.contains("- By grace\n- By ada\n"), "{text}");
    assert_eq!(field(&text, "risk"), "high");
    assert_eq!(entries(&text), ["[@ada] Add a", "[@ada] Add b"]);

    // The versions of both are its history, those of the other clone too.
    let history = sandbox.branchwork(["history"]).stdout;
    for said in [
        "grace: set: risk",
        "grace: update: Decisions",
        "Ada: update: Decisions",
        "sync: merged with origin",
    ] {
        assert_eq!(history.matches(said).count(), 1, "{said}: {history}");
    }
    let listed = branchwork_history(&sandbox, "grace");
    assert_eq!(listed, history);
}

fn branchwork_history(sandbox: &Sandbox, clone: &str) -> String {
    try_branchwork(sandbox, clone, &["history"]).ok().stdout
}

#[test]
fn what_was_written_by_hand_goes_along_and_nothing_of_the_repository_changes() {
    let sandbox = shared();
    let state = |clone: &str| {
        let config = std::fs::read_to_string(sandbox.path(clone).join(".git/config")).unwrap();
        let objects = git_in(&sandbox, clone, &["count-objects", "-v"]).stdout;
        let status = git_in(&sandbox, clone, &["status", "--porcelain"]).stdout;
        (
            refs(&sandbox, &format!("{clone}/.git"), "refs/"),
            config,
            objects,
            status,
        )
    };
    let before = state("repo");
    let text = sandbox.view().replace("## Notes\n\n- …", "## Notes\n\n- By hand");
    sandbox.write(".branchwork/CURRENT.md", &text);
    branchwork(&sandbox, "repo", &["sync"]);
    assert!(shared_text(&sandbox).contains("- By hand\n"));
    assert_eq!(state("repo"), before);

    // An edit of the other clone that was made before the merge, and never saved by a command.
    join(&sandbox, "grace");
    git_in(&sandbox, "grace", &["switch", "-q", "feat"]);
    branchwork(&sandbox, "grace", &["sync"]);
    sandbox.branchwork(["set", "-q", "risk=low"]);
    branchwork(&sandbox, "repo", &["sync"]);
    let place = sandbox.path("grace").join(".branchwork/CURRENT.md");
    let edited = view(&sandbox, "grace").replace("- By hand\n", "- By hand\n- By grace's hand\n");
    std::fs::write(&place, edited).unwrap();
    branchwork(&sandbox, "grace", &["sync"]);
    branchwork(&sandbox, "repo", &["sync"]);
    assert!(sandbox.view().contains("- By hand\n- By grace's hand\n"));
    assert_eq!(view(&sandbox, "grace"), sandbox.view());
}

#[test]
fn a_clone_that_is_behind_drops_no_entry_of_commits_that_it_never_had() {
    let sandbox = shared();
    branchwork(&sandbox, "repo", &["sync"]);
    join(&sandbox, "grace");
    git_in(&sandbox, "grace", &["switch", "-q", "feat"]);
    branchwork(&sandbox, "grace", &["sync"]);
    sandbox.commit("b.rs", "b\n", "Add b");
    branchwork(&sandbox, "repo", &["sync"]);
    // Not pushed; then fetched and not merged.
    for fetched in [false, true] {
        if fetched {
            sandbox.git(["push", "-q", "--no-verify", "origin", "feat"]);
            git_in(&sandbox, "grace", &["fetch", "-q"]);
        }
        branchwork(&sandbox, "grace", &["sync"]);
        branchwork(&sandbox, "grace", &["set", "-q", "risk="]);
        branchwork(&sandbox, "grace", &["sync"]);
        branchwork(&sandbox, "repo", &["sync"]);
        assert_eq!(
            entries(&sandbox.view()),
            ["[@ada] Add a", "[@ada] Add b"],
            "fetched: {fetched}"
        );
        assert_eq!(view(&sandbox, "grace"), sandbox.view(), "fetched: {fetched}");
    }
    // One that was here and was taken back is dropped all the same.
    git_in(&sandbox, "grace", &["merge", "-q", "--ff-only", "origin/feat"]);
    git_in(&sandbox, "grace", &["reset", "-q", "--hard", "HEAD~1"]);
    branchwork(&sandbox, "grace", &["refresh"]);
    assert!(
        view(&sandbox, "grace").contains("Add b (dropped)"),
        "{}",
        view(&sandbox, "grace")
    );
    assert_eq!(markers(&view(&sandbox, "grace")).len(), 2);
}

#[test]
fn the_remote_is_the_one_that_the_branch_is_pushed_to_and_never_another() {
    let sandbox = shared();
    for name in ["fork", "other"] {
        sandbox.git(["init", "-q", "--bare", &format!("../{name}.git")]);
        sandbox.git(["remote", "add", name, &format!("../{name}.git")]);
    }
    let said = |arguments: &[&str]| branchwork(&sandbox, "repo", arguments);
    let documents = |remote: &str| refs(&sandbox, &format!("{remote}.git"), "refs/branchwork/").len();
    assert_eq!(said(&["sync", "other"]), "Sent the document of 'feat' to 'other'\n");
    assert_eq!((documents("other"), documents("remote"), documents("fork")), (1, 0, 0));
    sandbox.git(["config", "remote.pushDefault", "fork"]);
    assert_eq!(said(&["sync"]), "Sent the document of 'feat' to 'fork'\n");
    sandbox.git(["config", "branch.feat.pushRemote", "other"]);
    assert_eq!(said(&["sync"]), "The document of 'feat' is up to date with 'other'\n");
    assert_eq!(documents("remote"), 0);

    let failed = try_branchwork(&sandbox, "repo", &["sync", "nowhere"]).code(1);
    assert_eq!(
        failed.stderr,
        "error: there is no remote 'nowhere' here\nhint: git remote -v\n"
    );
    sandbox.git(["config", "branch.feat.pushRemote", "../other.git"]);
    let failed = try_branchwork(&sandbox, "repo", &["sync"]).code(1);
    assert_eq!(
        failed.stderr,
        "error: 'feat' has no remote to sync with: there is no remote '../other.git' here\n\
         hint: name one: git branchwork sync <remote>\n"
    );
}

#[test]
fn a_document_has_the_name_that_its_branch_is_pushed_to() {
    let sandbox = shared();
    branchwork(&sandbox, "repo", &["sync"]);
    let before = on_remote(&sandbox);
    // Here alone, until it is pushed.
    sandbox.git(["branch", "-m", "feat", "feat2"]);
    sandbox.branchwork(["set", "-q", "risk=low"]);
    branchwork(&sandbox, "repo", &["sync"]);
    let after = on_remote(&sandbox);
    let name = |refs: &[String]| refs[0].split(' ').next().unwrap().to_owned();
    assert_eq!((after.len(), name(&after)), (1, name(&before)));
    assert_ne!(after, before);
    sandbox.git(["push", "-q", "--no-verify", "-u", "origin", "feat2"]);
    branchwork(&sandbox, "repo", &["sync"]);
    assert!(on_remote(&sandbox).iter().any(|line| line.contains("/docs/feat2/")));

    // A branch that follows the trunk it was begun from is no other name of the trunk.
    sandbox.git(["switch", "-q", "-c", "begun", "--track", "origin/main"]);
    branchwork(&sandbox, "repo", &["sync"]);
    assert!(on_remote(&sandbox).iter().any(|line| line.contains("/docs/begun/")));
    assert!(!on_remote(&sandbox).iter().any(|line| line.contains("/docs/main/")));
}

#[test]
fn all_documents_go_in_two_connections() {
    let sandbox = shared();
    for branch in ["b", "c/d", "feat/e"] {
        if branch != "feat/e" {
            sandbox.git(["switch", "-q", "-c", branch]);
        }
    }
    let counter = sandbox.path("connections");
    let wrap = |program: &str| {
        let script = sandbox.path(program);
        let text = format!(
            "#!/bin/sh\necho {program} >>'{}'\nexec git {program} \"$@\"\n",
            counter.display()
        );
        std::fs::write(&script, text).unwrap();
        run(sandbox.command("chmod").arg("+x").arg(&script)).ok();
        script.to_str().unwrap().to_owned()
    };
    sandbox.git(["config", "remote.origin.uploadpack", &wrap("upload-pack")]);
    sandbox.git(["config", "remote.origin.receivepack", &wrap("receive-pack")]);
    let said = branchwork(&sandbox, "repo", &["sync", "--all"]);
    assert_eq!(said.matches("Sent the document of").count(), 3, "{said}");
    assert_eq!(
        std::fs::read_to_string(&counter).unwrap(),
        "upload-pack\nreceive-pack\n"
    );
    assert_eq!(on_remote(&sandbox).len(), 3);
    assert_eq!(
        branchwork(&sandbox, "repo", &["sync", "--all"]),
        "All documents are up to date\n"
    );

    join(&sandbox, "grace");
    for branch in ["b", "feat"] {
        git_in(&sandbox, "grace", &["branch", "-q", branch, "origin/main"]);
    }
    let said = branchwork(&sandbox, "grace", &["sync", "--all"]);
    assert_eq!(said.matches("Brought the document of").count(), 2, "{said}");
}

#[test]
fn git_asks_nobody_where_there_is_no_terminal() {
    let sandbox = shared();
    sandbox.git(["remote", "add", "far", "ssh://nobody@branchwork.invalid/x"]);
    let log = sandbox.path("ssh-log");
    let folder = sandbox.path("bin");
    std::fs::create_dir(&folder).unwrap();
    let ssh = folder.join("ssh");
    let text = format!(
        "#!/bin/sh\necho \"prompt=$GIT_TERMINAL_PROMPT $*\" >>'{}'\nexit 255\n",
        log.display()
    );
    std::fs::write(&ssh, text).unwrap();
    run(sandbox.command("chmod").arg("+x").arg(&ssh)).ok();
    let sync = |own: Option<&str>| {
        let mut command = sandbox.command(binary());
        let path = command
            .get_envs()
            .find(|(name, _)| *name == "PATH")
            .unwrap()
            .1
            .unwrap()
            .to_owned();
        let path = format!("{}:{}", folder.display(), path.to_str().unwrap());
        command
            .args(["sync", "far"])
            .env("PATH", path)
            .env_remove("GIT_TERMINAL_PROMPT");
        if let Some(own) = own {
            command.env("GIT_SSH_COMMAND", own);
        }
        let failed = run(&mut command).code(1);
        assert!(
            failed.stderr.contains("error: cannot fetch from 'far': "),
            "{}",
            failed.stderr
        );
        std::fs::read_to_string(&log)
            .unwrap()
            .lines()
            .last()
            .unwrap()
            .to_owned()
    };
    let asked = sync(None);
    assert!(
        asked.starts_with("prompt=0 ") && asked.contains("-o BatchMode=yes"),
        "{asked}"
    );
    let asked = sync(Some("ssh -o User=x"));
    assert!(asked.contains("-o User=x") && !asked.contains("BatchMode"), "{asked}");
}

#[test]
fn a_branch_from_the_remote_shows_what_the_last_sync_brought() {
    let sandbox = shared();
    branchwork(&sandbox, "repo", &["sync"]);
    join(&sandbox, "grace");
    assert_eq!(
        branchwork(&sandbox, "grace", &["sync", "--all"]),
        "All documents are up to date\n"
    );
    git_in(&sandbox, "grace", &["switch", "-q", "feat"]);
    assert_eq!(view(&sandbox, "grace"), sandbox.view());
    assert_eq!(
        branchwork(&sandbox, "grace", &["sync"]),
        "The document of 'feat' is up to date with 'origin'\n"
    );
    // A branch of that name that was made here is another one's.
    join(&sandbox, "linus");
    branchwork(&sandbox, "linus", &["sync", "--all"]);
    git_in(
        &sandbox,
        "linus",
        &["switch", "-q", "--no-track", "-c", "feat", "origin/main"],
    );
    assert_eq!(entries(&view(&sandbox, "linus")), [""; 0]);
}

#[test]
fn init_brings_the_document_of_the_current_branch() {
    let sandbox = shared();
    branchwork(&sandbox, "repo", &["sync"]);
    sandbox.git(["clone", "-q", "-b", "feat", "../remote.git", "../grace"]);
    sandbox.git(["clone", "-q", "-b", "feat", "../remote.git", "../linus"]);
    let said = branchwork(&sandbox, "grace", &["init"]);
    assert!(
        said.contains("\nBrought the document of 'feat' from 'origin'\n"),
        "{said}"
    );
    assert_eq!(view(&sandbox, "grace"), sandbox.view());
    let said = branchwork(&sandbox, "grace", &["init"]);
    assert!(!said.contains("Brought"), "{said}");

    // Those of other branches come too, so that a switch shows them and makes no second one.
    sandbox.git(["clone", "-q", "../remote.git", "../alan"]);
    git_in(&sandbox, "alan", &["switch", "-q", "-c", "own"]);
    let said = branchwork(&sandbox, "alan", &["init"]);
    let brought = "\nBrought 1 document of another branch from 'origin'\n";
    assert!(said.contains(brought), "{said}");
    git_in(&sandbox, "alan", &["switch", "-q", "feat"]);
    assert_eq!(view(&sandbox, "alan"), sandbox.view());
    git_in(&sandbox, "alan", &["commit", "-q", "--allow-empty", "-m", "By alan"]);
    branchwork(&sandbox, "alan", &["sync"]);
    assert!(shared_text(&sandbox).contains("By alan"));
    let said = branchwork(&sandbox, "alan", &["init"]);
    assert!(!said.contains("Brought"), "{said}");
    // Of very many it is only said that they are there.
    let version = on_remote(&sandbox)[0].split(' ').nth(1).unwrap().to_owned();
    let create = |number| format!("create refs/branchwork/docs/b{number}/01ARZ3NDEKTSV4RRFFQ69G5FAV {version}\n");
    let many: String = (0..200).map(create).collect();
    let mut command = sandbox.command("git");
    command.args(["--git-dir", "../remote.git", "update-ref", "--stdin"]);
    crate::sandbox::run_with(&mut command, many.as_bytes()).ok();
    sandbox.git(["clone", "-q", "../remote.git", "../joan"]);
    let said = branchwork(&sandbox, "joan", &["init"]);
    let there = "\n'origin' has 201 documents of other branches: git branchwork sync --all\n";
    assert!(said.contains(there), "{said}");
    assert!(!sandbox.path("joan/.git/branchwork").exists());

    // A remote that is gone is no reason to fail.
    std::fs::rename(sandbox.path("remote.git"), sandbox.path("moved.git")).unwrap();
    let said = branchwork(&sandbox, "linus", &["init"]);
    assert!(said.contains("warning: cannot fetch from 'origin': "), "{said}");
    assert!(
        said.contains("to look for its documents again: git branchwork sync --all\n"),
        "{said}"
    );
    assert_eq!(view(&sandbox, "linus"), "");
}

#[test]
fn where_no_side_has_a_document_it_says_what_to_do() {
    let sandbox = shared();
    let failed = try_branchwork(&sandbox, "repo", &["sync", "-b", "gone"]).code(1);
    assert_eq!(
        failed.stderr,
        "error: there is no branch 'gone' here, nor a document of it\nhint: git branchwork list\n"
    );
    git_in(&sandbox, "repo", &["branch", "-q", "bare", "main"]);
    let failed = try_branchwork(&sandbox, "repo", &["sync", "-b", "bare"]).code(1);
    assert_eq!(
        failed.stderr,
        "error: branch 'bare' has no document\nhint: git branchwork create -b bare\n"
    );
    assert_eq!(on_remote(&sandbox), [""; 0]);
}

#[test]
fn what_looks_like_a_secret_is_not_sent() {
    let sandbox = shared();
    sandbox.branchwork(["sync"]);
    // No scanner is to take this file for a leak.
    let secret = format!("ghp_{}", "aB3".repeat(12));
    sandbox.wait(1);
    sandbox.branchwork(["log", &format!("The token is {secret}")]);
    let before = shared_text(&sandbox);
    let run = sandbox.try_branchwork(["sync"]).code(1);
    assert!(
        run.stderr.contains("error: the document of 'feat' is not sent: line ")
            && run.stderr.contains(" holds what looks like a GitHub token"),
        "{}",
        run.stderr
    );
    assert!(!run.stderr.contains(&secret), "{}", run.stderr);
    assert_eq!(shared_text(&sandbox), before);
    // It is in a version that would be sent, though no longer in the newest.
    let leaking = sandbox.id_of_document();
    let view = sandbox.view().replace(&secret, "gone");
    sandbox.write(".branchwork/CURRENT.md", view);
    let run = sandbox.try_branchwork(["sync"]).code(1);
    assert!(
        run.stderr
            .contains(&format!(" of its version {} holds", &leaking[..10]))
            && run.stderr.contains("git branchwork redact PATTERN"),
        "{}",
        run.stderr
    );
    assert_eq!(shared_text(&sandbox), before);
    // What the remote has is not looked at again.
    let reference = refs(&sandbox, "repo/.git/branchwork", "refs/branchwork/docs/feat/").remove(0);
    let (name, _) = reference.split_once(' ').unwrap();
    let store = sandbox.repo().join(".git/branchwork");
    let refspec = format!("{name}:{name}");
    sandbox.git([
        "--git-dir",
        store.to_str().unwrap(),
        "push",
        "-q",
        "../remote.git",
        &refspec,
    ]);
    sandbox.branchwork(["set", "-q", "risk=low"]);
    sandbox.branchwork(["sync"]);
    assert_eq!(shared_text(&sandbox), sandbox.view());
}

impl Sandbox {
    fn id_of_document(&self) -> String {
        let line = refs(self, "repo/.git/branchwork", "refs/branchwork/docs/feat/").remove(0);
        line.split(' ').nth(1).unwrap().to_owned()
    }
}

#[test]
fn what_was_archived_here_does_not_come_back() {
    let sandbox = shared();
    sandbox.branchwork(["sync"]);
    sandbox.branchwork(["archive", "feat"]);
    let documents = || refs(&sandbox, "repo/.git/branchwork", "refs/branchwork/docs/");
    assert_eq!(documents(), [""; 0]);
    sandbox.try_branchwork(["sync"]);
    assert_eq!(documents(), [""; 0]);
    assert!(!sandbox.path("repo/.branchwork/CURRENT.md").exists());
}

#[test]
fn a_branch_that_is_to_have_no_document_has_nothing_to_sync() {
    let sandbox = shared();
    sandbox.branchwork(["archive", "-q", "feat"]);
    // What was archived goes first.
    sandbox.branchwork(["sync", "-q"]);
    for branch in ["main", "feat"] {
        let said = branchwork(&sandbox, "repo", &["sync", "-b", branch]);
        assert_eq!(said, format!("Nothing to sync: '{branch}' has no live document\n"));
    }
}
