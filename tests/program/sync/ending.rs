//! Documents that ended: the archive goes to the remote and to other clones, and what it has does not come back to life.

use super::{branchwork, join, on_remote, refs, shared, try_branchwork, view};
use crate::sandbox::{Sandbox, git_in};

/// `repo` and clones of these names on `feat`, all with its document.
fn clones(names: &[&str]) -> Sandbox {
    let sandbox = shared();
    branchwork(&sandbox, "repo", &["sync"]);
    for name in names {
        join(&sandbox, name);
        git_in(&sandbox, name, &["switch", "-q", "feat"]);
        branchwork(&sandbox, name, &["sync"]);
    }
    sandbox
}

fn note(sandbox: &Sandbox, clone: &str, item: &str) {
    branchwork(sandbox, clone, &["update", "-q", "--section", "Notes", "--item", item]);
}

/// The live documents and the archives that a clone has: lines of name and id.
fn store(sandbox: &Sandbox, clone: &str) -> Vec<String> {
    let store = format!("{clone}/.git/branchwork");
    let mut found = refs(sandbox, &store, "refs/branchwork/docs/");
    found.extend(refs(sandbox, &store, "refs/branchwork/archive/"));
    found
}

/// The names of the archived documents in a repository.
fn archived(sandbox: &Sandbox, git_dir: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in refs(sandbox, git_dir, "refs/branchwork/archive/") {
        let (name, id) = line.split_once(' ').unwrap();
        let listed = git_in(sandbox, git_dir, &["ls-tree", "-r", "--name-only", id]).stdout;
        let year = name.rsplit('/').next().unwrap();
        found.extend(listed.lines().map(|path| format!("{year}/{path}")));
    }
    found
}

/// The one text that the remote's archive has.
#[track_caller]
fn archived_text(sandbox: &Sandbox) -> String {
    let found = archived(sandbox, "remote.git");
    assert_eq!(found.len(), 1, "{found:?}");
    let (year, path) = found[0].split_once('/').unwrap();
    let place = format!("refs/branchwork/archive/{year}:{path}");
    git_in(sandbox, "remote.git", &["cat-file", "blob", &place]).stdout
}

#[track_caller]
fn assert_only_archived(sandbox: &Sandbox, clones: &[&str]) {
    let theirs = on_remote(sandbox);
    assert!(
        theirs.iter().all(|line| line.starts_with("refs/branchwork/archive/")),
        "{theirs:?}"
    );
    for clone in clones {
        assert_eq!(store(sandbox, clone), theirs, "{clone}");
        assert_eq!(view(sandbox, clone), "", "{clone}");
    }
}

#[test]
fn what_one_clone_archives_ends_in_the_others() {
    let sandbox = clones(&["grace", "linus"]);
    note(&sandbox, "repo", "Before the end");
    sandbox.wait(1);
    note(&sandbox, "linus", "By linus, not sent");
    let place = sandbox.path("linus/.branchwork/CURRENT.md");
    let text = view(&sandbox, "linus").replace("- By linus", "- By hand\n- By linus");
    std::fs::write(place, text).unwrap();
    branchwork(&sandbox, "repo", &["archive", "feat"]);
    // The branch is gone here when the remote is told.
    sandbox.git(["switch", "-q", "main"]);
    sandbox.git(["branch", "-q", "-D", "feat"]);
    assert_eq!(
        branchwork(&sandbox, "repo", &["sync"]),
        "Sent 1 archived document to 'origin'\n"
    );
    assert_only_archived(&sandbox, &["repo"]);

    let id = archived(&sandbox, "remote.git")[0].clone();
    let id = id.rsplit('-').next().unwrap().trim_end_matches(".md").to_owned();
    let said = branchwork(&sandbox, "grace", &["sync"]);
    let brought = "Brought 1 archived document from 'origin'\n";
    let ended = format!("The document of 'feat' was archived by somebody else: git branchwork show {id}\n");
    assert_eq!(said, format!("{brought}{ended}"));
    assert_only_archived(&sandbox, &["repo", "grace"]);
    let shown = try_branchwork(&sandbox, "grace", &["show", "feat"]).ok().stdout;
    assert!(shown.contains("- Before the end\n"), "{shown}");

    let said = branchwork(&sandbox, "linus", &["sync"]);
    let ended = format!(
        "The document of 'feat' was archived by somebody else, and has what was written here since: git branchwork show {id}\n"
    );
    let sent = "Sent 1 archived document to 'origin'\n";
    assert_eq!(said, format!("{brought}{ended}{sent}"));
    let text = archived_text(&sandbox);
    for item in ["- Before the end\n", "- By linus, not sent\n", "- By hand\n"] {
        assert_eq!(text.matches(item).count(), 1, "{item}: {text}");
    }
    assert_eq!(text.matches("## Archived\n").count(), 1, "{text}");
    for clone in ["repo", "grace"] {
        branchwork(&sandbox, clone, &["sync", "--all"]);
    }
    assert_only_archived(&sandbox, &["repo", "grace", "linus"]);
    let history = try_branchwork(&sandbox, "grace", &["history", "feat"]).ok().stdout;
    for said in [
        "Ada: update: Notes",
        "linus: update: Notes",
        "edit: by hand",
        "create: feat",
    ] {
        assert!(history.contains(said), "{said}: {history}");
    }
    for clone in ["repo", "grace", "linus"] {
        assert_eq!(
            branchwork(&sandbox, clone, &["sync", "--all"]),
            "All documents are up to date\n"
        );
        let checked = git_in(&sandbox, &format!("{clone}/.git/branchwork"), &["fsck", "--strict"]).stderr;
        assert!(!checked.contains("error") && !checked.contains("missing"), "{checked}");
    }
    // Work that goes on gets a document of its own.
    std::fs::write(sandbox.path("linus/x.rs"), "x\n").unwrap();
    git_in(&sandbox, "linus", &["add", "x.rs"]);
    git_in(&sandbox, "linus", &["commit", "-q", "-m", "Go on"]);
    assert_eq!(
        branchwork(&sandbox, "linus", &["sync"]),
        "Sent the document of 'feat' to 'origin'\n"
    );
    assert!(
        !on_remote(&sandbox)
            .iter()
            .any(|line| line.contains(&format!("/docs/feat/{id}")))
    );
}

/// Neither a clone that is new nor one that shares a new document fetches what is archived.
#[test]
fn who_has_nothing_to_do_with_it_fetches_no_archive() {
    let sandbox = clones(&[]);
    sandbox.git(["switch", "-q", "-c", "other", "main"]);
    sandbox.commit("o.rs", "o\n", "Add o");
    sandbox.git(["push", "-q", "--no-verify", "-u", "origin", "other"]);
    branchwork(&sandbox, "repo", &["archive", "feat"]);
    branchwork(&sandbox, "repo", &["sync"]);
    assert_eq!(on_remote(&sandbox).len(), 2);
    join(&sandbox, "grace");
    for branch in ["other", "new"] {
        let option = if branch == "new" { "-c" } else { "-q" };
        git_in(&sandbox, "grace", &["switch", "-q", option, branch]);
        branchwork(&sandbox, "grace", &["sync"]);
        branchwork(&sandbox, "grace", &["set", "-q", "risk=low"]);
        branchwork(&sandbox, "grace", &["sync"]);
    }
    assert_eq!(on_remote(&sandbox).len(), 3);
    let everything = refs(&sandbox, "grace/.git/branchwork", "refs/");
    assert!(
        !everything.iter().any(|line| line.contains("/archive/")),
        "{everything:?}"
    );
    let said = branchwork(&sandbox, "grace", &["sync", "--all"]);
    assert!(
        said.starts_with("Brought 1 archived document from 'origin'\n"),
        "{said}"
    );
}

/// One connection to fetch, and one each for archives and for what is live.
#[test]
fn an_archive_is_sent_in_three_connections() {
    let sandbox = clones(&[]);
    sandbox.git(["switch", "-q", "-c", "other"]);
    branchwork(&sandbox, "repo", &["sync"]);
    for branch in ["feat", "other"] {
        branchwork(&sandbox, "repo", &["archive", branch]);
    }
    let counter = sandbox.path("connections");
    for program in ["upload-pack", "receive-pack"] {
        let script = sandbox.path(program);
        let text = format!(
            "#!/bin/sh\necho {program} >>'{}'\nexec git {program} \"$@\"\n",
            counter.display()
        );
        std::fs::write(&script, text).unwrap();
        crate::sandbox::run(sandbox.command("chmod").arg("+x").arg(&script)).ok();
        let key = format!("remote.origin.{}", program.replace('-', ""));
        sandbox.git(["config", &key, script.to_str().unwrap()]);
    }
    assert_eq!(
        branchwork(&sandbox, "repo", &["sync"]),
        "Sent 2 archived documents to 'origin'\n"
    );
    assert_eq!(
        std::fs::read_to_string(&counter).unwrap(),
        "upload-pack\nreceive-pack\nreceive-pack\n"
    );
    assert_only_archived(&sandbox, &["repo"]);
}

#[test]
fn what_somebody_deleted_on_the_remote_has_not_ended() {
    let sandbox = clones(&["grace"]);
    sandbox.git(["switch", "-q", "-c", "old"]);
    branchwork(&sandbox, "repo", &["archive", "old"]);
    sandbox.git(["switch", "-q", "feat"]);
    branchwork(&sandbox, "repo", &["sync", "--all"]);
    let before = on_remote(&sandbox);
    assert_eq!(before.len(), 2);
    // A mirror knows neither documents nor archives.
    sandbox.git(["push", "-q", "--no-verify", "--mirror", "origin"]);
    assert_eq!(on_remote(&sandbox), [""; 0]);
    note(&sandbox, "grace", "By grace");
    assert_eq!(
        branchwork(&sandbox, "grace", &["sync"]),
        "Sent the document of 'feat' to 'origin'\n"
    );
    let said = branchwork(&sandbox, "repo", &["sync", "--all"]);
    assert!(said.starts_with("Sent 1 archived document to 'origin'\n"), "{said}");
    let after = on_remote(&sandbox);
    assert_eq!((after.len(), &after[0]), (2, &before[0]));
    assert!(sandbox.view().contains("- By grace\n"));
}

/// Both archive it: the earlier place stays, whoever is first to share, with the words of both.
#[test]
fn a_document_that_two_archived_is_there_once() {
    for first in ["repo", "grace"] {
        let sandbox = clones(&["grace"]);
        let second = if first == "repo" { "grace" } else { "repo" };
        note(&sandbox, "repo", "By ada");
        branchwork(&sandbox, "repo", &["archive", "feat"]);
        // Into the next year.
        sandbox.wait(60 * 24 * 150);
        note(&sandbox, "grace", "By grace");
        branchwork(&sandbox, "grace", &["archive", "feat"]);
        for clone in [first, second, first] {
            branchwork(&sandbox, clone, &["sync", "--all"]);
        }
        let found = archived(&sandbox, "remote.git");
        assert!(found.len() == 1 && found[0].starts_with("2025/08/"), "{found:?}");
        let text = archived_text(&sandbox);
        assert!(text.contains("- By ada\n") && text.contains("- By grace\n"), "{text}");
        assert!(text.contains("- Archived: 2025-08-29 "), "{text}");
        assert_eq!(text.matches("## Archived\n").count(), 1, "{text}");
        assert_only_archived(&sandbox, &["repo", "grace"]);
        assert_eq!(
            branchwork(&sandbox, second, &["sync", "--all"]),
            "All documents are up to date\n"
        );
    }
}

/// Whoever merges two archives, and whenever, makes the same commit of them.
#[test]
fn archives_are_merged_alike() {
    let sandbox = clones(&["grace"]);
    note(&sandbox, "grace", "By grace");
    git_in(&sandbox, "grace", &["switch", "-q", "-c", "more"]);
    note(&sandbox, "grace", "More");
    for branch in ["feat", "more"] {
        branchwork(&sandbox, "grace", &["archive", branch]);
    }
    sandbox.wait(1);
    note(&sandbox, "repo", "By ada");
    branchwork(&sandbox, "repo", &["archive", "feat"]);
    branchwork(&sandbox, "repo", &["sync"]);
    for (from, to) in [("grace", "linus"), ("remote.git", "other.git")] {
        let [from, to] = [from, to].map(|name| sandbox.path(name));
        crate::sandbox::run(sandbox.command("cp").arg("-R").arg(from).arg(to)).ok();
    }
    git_in(&sandbox, "linus", &["config", "user.name", "linus"]);
    git_in(&sandbox, "linus", &["remote", "rename", "origin", "upstream"]);
    git_in(&sandbox, "linus", &["remote", "set-url", "upstream", "../other.git"]);
    branchwork(&sandbox, "grace", &["sync"]);
    sandbox.wait(60);
    branchwork(&sandbox, "linus", &["sync", "upstream"]);
    assert_only_archived(&sandbox, &["grace", "linus"]);
    assert_eq!(refs(&sandbox, "other.git", "refs/branchwork/"), on_remote(&sandbox));
    assert_eq!(archived(&sandbox, "remote.git").len(), 2);
}

/// A kill between two steps, and a clone that never looked, leave a live ref beside the archived document.
#[test]
fn a_live_ref_that_was_left_goes_with_the_next_sync() {
    let sandbox = clones(&["grace"]);
    let live = on_remote(&sandbox).remove(0);
    let (name, version) = live.split_once(' ').unwrap();
    branchwork(&sandbox, "repo", &["archive", "feat"]);
    sandbox.store(["update-ref", name, version]).ok();
    branchwork(&sandbox, "repo", &["sync"]);
    assert_only_archived(&sandbox, &["repo"]);

    note(&sandbox, "grace", "Not known to have ended");
    let newest = refs(&sandbox, "grace/.git/branchwork", "refs/branchwork/docs/feat/").remove(0);
    let place = sandbox.path("grace/.git/branchwork");
    let refspec = format!("{name}:{name}");
    git_in(
        &sandbox,
        "grace",
        &[
            "--git-dir",
            place.to_str().unwrap(),
            "push",
            "-q",
            "../remote.git",
            &refspec,
        ],
    );
    assert!(on_remote(&sandbox).contains(&newest));
    let said = branchwork(&sandbox, "repo", &["sync"]);
    assert_eq!(said, "Sent 1 archived document to 'origin'\n");
    assert_only_archived(&sandbox, &["repo"]);
    assert!(archived_text(&sandbox).contains("- Not known to have ended\n"));
    branchwork(&sandbox, "grace", &["sync"]);
    assert_only_archived(&sandbox, &["repo", "grace"]);
    // A branch from the remote of that name does not bring it back.
    git_in(&sandbox, "grace", &["switch", "-q", "main"]);
    git_in(&sandbox, "grace", &["branch", "-q", "-D", "feat"]);
    git_in(&sandbox, "grace", &["switch", "-q", "feat"]);
    assert_only_archived(&sandbox, &["grace"]);
}

#[test]
fn a_remote_that_keeps_or_refuses() {
    let sandbox = clones(&["grace"]);
    branchwork(&sandbox, "repo", &["archive", "feat"]);
    git_in(
        &sandbox,
        "remote.git",
        &["config", "receive.hideRefs", "refs/branchwork/archive"],
    );
    let failed = try_branchwork(&sandbox, "repo", &["sync"]).code(1).stderr;
    let said = "error: 'origin' does not take the archive of 2025: deny updating a hidden ref\nhint: ";
    assert!(failed.starts_with(said), "{failed}");
    assert!(on_remote(&sandbox)[0].contains("/docs/feat/"));
    git_in(&sandbox, "remote.git", &["config", "--unset", "receive.hideRefs"]);
    // The archive is taken, and the live document stays beside it.
    let hook = sandbox.path("remote.git/hooks/update");
    std::fs::create_dir_all(hook.parent().unwrap()).unwrap();
    std::fs::write(&hook, "#!/bin/sh\ncase $3 in *[!0]*) ;; *) exit 1 ;; esac\n").unwrap();
    crate::sandbox::run(sandbox.command("chmod").arg("+x").arg(&hook)).ok();
    let said = branchwork(&sandbox, "repo", &["sync"]);
    let sent = "Sent 1 archived document to 'origin'\n";
    assert_eq!(
        said,
        format!("{sent}warning: 'origin' keeps live documents that are archived: hook declined\n")
    );
    assert_eq!(on_remote(&sandbox).len(), 2);
    std::fs::remove_file(&hook).unwrap();
    assert_eq!(
        branchwork(&sandbox, "repo", &["sync"]),
        "Took 1 archived document from among the live ones on 'origin'\n"
    );
    assert_only_archived(&sandbox, &["repo"]);
}

/// A kill right after the archive came: the document is in both places, with other words in each.
#[test]
fn archiving_what_is_archived_already_keeps_both_texts() {
    let sandbox = clones(&["grace"]);
    note(&sandbox, "grace", "By grace");
    branchwork(&sandbox, "grace", &["archive", "feat"]);
    branchwork(&sandbox, "grace", &["sync"]);
    note(&sandbox, "repo", "By ada");
    let archives = "refs/branchwork/archive/*:refs/branchwork/archive/*";
    let remote = sandbox.path("remote.git");
    sandbox.store(["fetch", "-q", remote.to_str().unwrap(), archives]).ok();
    branchwork(&sandbox, "repo", &["archive", "feat"]);
    branchwork(&sandbox, "repo", &["sync"]);
    assert_only_archived(&sandbox, &["repo"]);
    let text = archived_text(&sandbox);
    assert!(text.contains("- By ada\n") && text.contains("- By grace\n"), "{text}");
}

#[test]
fn a_hostile_archive_harms_none() {
    let sandbox = clones(&["grace"]);
    branchwork(&sandbox, "grace", &["archive", "feat"]);
    let archive = "refs/branchwork/archive/2025";
    let before = store(&sandbox, "grace");
    let put = |name: &str, text: &[u8]| {
        let id = "01K3VZ0000000000000000000A";
        std::fs::write(sandbox.path("text"), text).unwrap();
        let blob = git_in(&sandbox, "remote.git", &["hash-object", "-w", "../text"])
            .line()
            .to_owned();
        let path = format!("08/202508291855-{name}-{id}.md");
        let index = sandbox.path("index");
        let _ = std::fs::remove_file(&index);
        let mut tree = sandbox.command("git");
        tree.current_dir(sandbox.path("remote.git"))
            .env("GIT_INDEX_FILE", &index);
        crate::sandbox::run(tree.args(["update-index", "--add", "--cacheinfo", &format!("100644,{blob},{path}")])).ok();
        let mut tree = sandbox.command("git");
        tree.current_dir(sandbox.path("remote.git"))
            .env("GIT_INDEX_FILE", &index);
        let tree = crate::sandbox::run(tree.arg("write-tree")).ok();
        let commit = git_in(&sandbox, "remote.git", &["commit-tree", "-m", "x", tree.line()]);
        git_in(&sandbox, "remote.git", &["update-ref", archive, commit.line()]);
        blob
    };
    join(&sandbox, "linus");
    git_in(&sandbox, "linus", &["switch", "-q", "feat"]);
    branchwork(&sandbox, "linus", &["sync"]);
    put("large", &vec![b'x'; 9 * 1024 * 1024]);
    let failed = try_branchwork(&sandbox, "grace", &["sync", "--all"]).code(1).stderr;
    let said =
        "error: the archive of 2025 on 'origin' cannot be used: it has a document that is larger than 8 MiB\nhint: ";
    assert!(failed.contains(said), "{failed}");
    assert_eq!(store(&sandbox, "grace"), before);
    // Whether a document that is missing has ended cannot be known, so it stays where it is.
    let live = on_remote(&sandbox).remove(1);
    let live = live.split(' ').next().unwrap();
    git_in(&sandbox, "remote.git", &["update-ref", "-d", live]);
    let text = view(&sandbox, "linus");
    let failed = try_branchwork(&sandbox, "linus", &["sync"]).code(1).stderr;
    let missing = "error: the document of 'feat' is not sent: it is not on 'origin' any more, and may have been archived\n\
                   hint: git branchwork sync origin\n";
    assert!(failed.starts_with(said) && failed.ends_with(missing), "{failed}");
    assert_eq!((view(&sandbox, "linus"), on_remote(&sandbox).len()), (text, 1));
    // No commit at all.
    let blob = put("x", b"x");
    git_in(&sandbox, "remote.git", &["update-ref", archive, &blob]);
    let failed = try_branchwork(&sandbox, "grace", &["sync", "--all"]).code(1).stderr;
    assert!(failed.contains("error: ") && failed.contains("\nhint: "), "{failed}");
    assert_eq!(store(&sandbox, "grace"), before);
    // A text that is no document's, of a version that is not there: kept as it is, beside ours.
    put("odd", b"## Archived\n<!-- branchwork:archived -->\n\n- Outcome: x\n- Version: 1234567890123456789012345678901234567890\n\n\x1b[2J\n");
    branchwork(&sandbox, "grace", &["sync", "--all"]);
    assert_eq!(archived(&sandbox, "remote.git").len(), 2);
    assert_eq!(store(&sandbox, "grace"), on_remote(&sandbox));
}

#[test]
fn a_secret_in_what_ended_is_not_sent() {
    let sandbox = clones(&[]);
    // No scanner is to take this file for a leak.
    let secret = format!("ghp_{}", "aB3".repeat(12));
    sandbox.wait(1);
    sandbox.branchwork(["log", &format!("The token is {secret}")]);
    let text = sandbox.view().replace(&secret, "gone");
    sandbox.write(".branchwork/CURRENT.md", text);
    sandbox.branchwork(["archive", "feat"]);
    let before = on_remote(&sandbox);
    let failed = sandbox.try_branchwork(["sync"]).code(1).stderr;
    assert!(
        failed.starts_with("error: the archived document of 'feat' is not sent: line ")
            && failed.contains(" of its version ")
            && failed.contains(" holds what looks like a GitHub token\n")
            && failed.contains("git branchwork redact PATTERN"),
        "{failed}"
    );
    assert!(!failed.contains(&secret), "{failed}");
    assert_eq!(on_remote(&sandbox), before);
}

#[test]
fn a_view_goes_when_a_teammate_archives_also_after_a_rename() {
    let sandbox = shared();
    sandbox.branchwork(["sync", "-q"]);
    join(&sandbox, "grace");
    git_in(&sandbox, "grace", &["switch", "-q", "feat"]);
    branchwork(&sandbox, "grace", &["sync", "-q"]);
    // By git alone, and by hand: nothing of ours has seen either.
    git_in(&sandbox, "grace", &["branch", "-m", "feat", "renamed"]);
    let text = view(&sandbox, "grace").replace("## Notes\n", "## Notes\n\n- By hand\n");
    std::fs::write(sandbox.path("grace/.branchwork/CURRENT.md"), text).unwrap();
    sandbox.branchwork(["archive", "-q", "feat"]);
    sandbox.branchwork(["sync", "-q"]);
    sandbox.wait(1);
    let said = branchwork(&sandbox, "grace", &["sync"]);
    assert!(
        said.contains("The document of 'renamed' was archived by somebody else"),
        "{said}"
    );
    assert_eq!(view(&sandbox, "grace"), "");
    sandbox.branchwork(["sync", "-q", "--all"]);
    let shown = sandbox.branchwork(["search", "By hand"]).stdout;
    assert!(shown.contains("- By hand"), "{shown}");
    // The branch has had its document: it gets no other at once.
    git_in(&sandbox, "grace", &["switch", "-q", "main"]);
    git_in(&sandbox, "grace", &["switch", "-q", "renamed"]);
    assert_eq!(view(&sandbox, "grace"), "");
}

/// Archives of others come with `sync --all` alone, and whoever looks for something in vain is told so.
#[test]
fn what_was_never_fetched_is_found_after_sync_all() {
    let sandbox = clones(&[]);
    sandbox.branchwork(["update", "-q", "--section", "Decisions", "--item", "Keep the old index"]);
    sandbox.git(["switch", "-q", "main"]);
    sandbox.git(["merge", "-q", "feat"]);
    sandbox.git(["push", "-q", "--no-verify", "origin", "main"]);
    sandbox.branchwork(["archive", "-q", "--merged"]);
    sandbox.branchwork(["sync", "-q"]);
    join(&sandbox, "grace");
    let ways = [
        &["why", "a.rs:1"][..],
        &["why", "--json", "a.rs:1"],
        &["search", "index"],
        &["show", "feat"],
        &["history", "feat"],
    ];
    let hint = "archived documents of others come with git branchwork sync --all\n";
    for way in ways {
        let said = try_branchwork(&sandbox, "grace", way).code(1).stderr;
        assert!(said.contains("hint: ") && said.ends_with(hint), "{way:?}: {said}");
    }
    branchwork(&sandbox, "grace", &["sync", "--all"]);
    for way in ways {
        let found = try_branchwork(&sandbox, "grace", way).ok();
        assert!(
            found.stdout.contains("index") || way[0] == "history",
            "{way:?}: {}",
            found.stdout
        );
        assert_eq!(found.stderr, "", "{way:?}");
    }
    assert_eq!(
        try_branchwork(&sandbox, "grace", &["search", "absent"]).code(1).stderr,
        ""
    );
}
