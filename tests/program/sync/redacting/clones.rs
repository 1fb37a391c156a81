//! Clones that do not know of a redaction, or made one of their own.

use super::*;

#[test]
fn clones_that_did_not_know_bring_nothing_back() {
    // Who syncs when: the one that redacts is `repo`.
    for order in [["one", "two", "repo"], ["two", "repo", "one"], ["repo", "one", "two"]] {
        let sandbox = leaked();
        branchwork(&sandbox, "repo", &["sync"]);
        for name in ["one", "two"] {
            join(&sandbox, name);
            git_in(&sandbox, name, &["switch", "-q", "feat"]);
            branchwork(&sandbox, name, &["sync"]);
            sandbox.wait(1);
            let item = format!("{name} wrote this.");
            branchwork(&sandbox, name, &["update", "--section", "Decisions", "--item", &item]);
            branchwork(&sandbox, name, &["log", &format!("{name} says {SECRET} too")]);
        }
        sandbox.wait(1);
        branchwork(&sandbox, "repo", &["log", "Later"]);
        branchwork(&sandbox, "repo", &["redact", SECRET]);
        for _ in 0..2 {
            for clone in order {
                branchwork(&sandbox, clone, &["sync"]);
            }
        }
        let text = shared_text(&sandbox);
        for clone in order {
            assert_eq!(view(&sandbox, clone), text, "{order:?}: {clone}");
        }
        assert!(!history_on_remote(&sandbox).contains(SECRET), "{order:?}");
        for said in ["one wrote this.", "two wrote this.", "one says REDACTED too", "Later"] {
            assert_eq!(text.matches(said).count(), 1, "{order:?}: {said}: {text}");
        }
        assert_eq!(on_remote(&sandbox).len(), 1);
        // Redacted there too, nothing of it stays in that clone.
        branchwork_in(&sandbox, "one", &["redact", SECRET]);
        assert!(!all_objects(&sandbox, "one/.git/branchwork").contains(SECRET));
    }
}

#[test]
fn two_that_redact_the_same_agree() {
    let sandbox = leaked();
    branchwork(&sandbox, "repo", &["sync"]);
    join(&sandbox, "one");
    git_in(&sandbox, "one", &["switch", "-q", "feat"]);
    branchwork(&sandbox, "one", &["sync"]);
    std::fs::rename(sandbox.path("remote.git"), sandbox.path("away.git")).unwrap();
    for clone in ["repo", "one"] {
        try_branchwork(&sandbox, clone, &["redact", SECRET]).code(1);
    }
    std::fs::rename(sandbox.path("away.git"), sandbox.path("remote.git")).unwrap();
    branchwork(&sandbox, "repo", &["sync"]);
    let said = branchwork(&sandbox, "one", &["sync"]);
    assert_eq!(said, "The document of 'feat' is up to date with 'origin'\n");
    assert!(!history_on_remote(&sandbox).contains(SECRET));
}

/// The archive of another clone has the secret too, in its history, and is behind or has gone on.
#[test]
fn archives_of_other_clones_bring_nothing_back() {
    for has_gone_on in [false, true] {
        let sandbox = leaked();
        branchwork(&sandbox, "repo", &["archive", "feat"]);
        branchwork(&sandbox, "repo", &["sync", "--all"]);
        join(&sandbox, "one");
        branchwork(&sandbox, "one", &["sync", "--all"]);
        if has_gone_on {
            git_in(&sandbox, "one", &["switch", "-q", "-c", "another"]);
            branchwork(&sandbox, "one", &["archive", "another"]);
        }
        sandbox.wait(1);
        branchwork(&sandbox, "repo", &["redact", "--all", SECRET]);
        assert!(!history_on_remote(&sandbox).contains(SECRET));
        for clone in ["one", "repo", "one"] {
            branchwork(&sandbox, clone, &["sync", "--all"]);
            assert!(!history_on_remote(&sandbox).contains(SECRET), "{clone} {has_gone_on}");
        }
        let tips = |clone: &str| {
            refs(
                &sandbox,
                &format!("{clone}/.git/branchwork"),
                "refs/branchwork/archive/",
            )
        };
        assert_eq!(tips("one"), tips("repo"));
        for clone in ["one", "repo"] {
            let shown = try_branchwork(&sandbox, clone, &["show", "feat"]).ok().stdout;
            assert!(shown.contains("The password is REDACTED."), "{clone}: {shown}");
            let listed = try_branchwork(&sandbox, clone, &["list", "--archived"]).ok().stdout;
            assert_eq!(listed.lines().count(), if has_gone_on { 3 } else { 2 }, "{listed}");
        }
        assert_sound(&sandbox);
    }
}

/// A clone that has the document, and does not know yet that it will be redacted.
fn behind(sandbox: &Sandbox) {
    branchwork(sandbox, "repo", &["sync"]);
    join(sandbox, "one");
    git_in(sandbox, "one", &["switch", "-q", "feat"]);
    branchwork(sandbox, "one", &["sync"]);
    sandbox.wait(1);
}

#[test]
fn the_remote_has_it_under_two_names() {
    let sandbox = leaked();
    branchwork(&sandbox, "repo", &["sync"]);
    sandbox.git(["branch", "-m", "feat", "feat2"]);
    sandbox.git(["push", "-q", "--no-verify", "-u", "origin", "feat2"]);
    branchwork(&sandbox, "repo", &["sync"]);
    assert_eq!(on_remote(&sandbox).len(), 2);
    let said = branchwork(&sandbox, "repo", &["redact", SECRET]);
    assert!(said.contains("Replaced the document of 'feat' on 'origin'"), "{said}");
    assert!(said.contains("Replaced the document of 'feat2' on 'origin'"), "{said}");
    assert_gone(&sandbox, "two names");
}

/// Whatever a clone does first that did not know.
#[test]
fn who_did_not_know_archives_or_renames_first() {
    for what in ["archive", "rename", "elsewhere"] {
        let sandbox = leaked();
        behind(&sandbox);
        branchwork(&sandbox, "repo", &["redact", SECRET]);
        assert_gone(&sandbox, what);
        branchwork(&sandbox, "one", &["log", "Of the one behind"]);
        match what {
            "archive" => {
                branchwork(&sandbox, "one", &["archive", "feat"]);
                branchwork(&sandbox, "one", &["sync"]);
            }
            "rename" => {
                git_in(&sandbox, "one", &["branch", "-m", "feat", "feat2"]);
                git_in(&sandbox, "one", &["push", "-q", "--no-verify", "-u", "origin", "feat2"]);
                branchwork(&sandbox, "one", &["sync"]);
            }
            _ => {
                for (key, value) in [("branchwork.sync", "on-push"), ("branchwork.actor", "one")] {
                    git_in(&sandbox, "one", &["config", key, value]);
                }
                branchwork(&sandbox, "one", &["set", "-q", "status=draft"]);
                git_in(&sandbox, "one", &["push", "-q", "origin", "feat:elsewhere"]);
            }
        }
        assert!(!history_on_remote(&sandbox).contains(SECRET), "{what}");
        assert!(history_on_remote(&sandbox).contains("Of the one behind"), "{what}");
        branchwork(&sandbox, "repo", &["sync", "--all"]);
        assert_gone(&sandbox, what);
    }
}

/// Only former versions of an archived document have it, here and in a clone whose archive went on.
#[test]
fn former_versions_in_archives_of_other_clones_bring_nothing_back() {
    let sandbox = leaked();
    sandbox.write(".branchwork/CURRENT.md", sandbox.view().replace(SECRET, "elsewhere"));
    branchwork(&sandbox, "repo", &["archive", "feat"]);
    branchwork(&sandbox, "repo", &["sync", "--all"]);
    join(&sandbox, "one");
    branchwork(&sandbox, "one", &["sync", "--all"]);
    git_in(&sandbox, "one", &["switch", "-q", "-c", "another"]);
    branchwork(&sandbox, "one", &["archive", "another"]);
    sandbox.wait(1);
    assert!(history_on_remote(&sandbox).contains(SECRET));
    branchwork(&sandbox, "repo", &["redact", "--all", SECRET]);
    for clone in ["one", "repo", "one"] {
        branchwork(&sandbox, clone, &["sync", "--all"]);
        assert!(!history_on_remote(&sandbox).contains(SECRET), "{clone}");
    }
    let shown = try_branchwork(&sandbox, "one", &["history", "feat"]).ok().stdout;
    assert!(shown.contains("Tried REDACTED on staging"), "{shown}");
    assert_gone(&sandbox, "former versions");
}

/// Words that go out of one document are ordinary words of others, in this clone's archive and in that of a third.
#[test]
fn what_goes_out_of_one_document_stays_in_others_that_are_archived() {
    let sandbox = leaked();
    let item = format!("The other one knows {SECRET} too.");
    let note = ["update", "--section", "Notes", "--item", &item];
    branchwork(&sandbox, "repo", &["sync"]);
    join(&sandbox, "one");
    join(&sandbox, "two");
    git_in(&sandbox, "one", &["switch", "-q", "feat"]);
    branchwork(&sandbox, "one", &["sync"]);
    for other in ["before", "after"] {
        sandbox.wait(1);
        if other == "after" {
            branchwork(&sandbox, "one", &["archive", "feat"]);
        }
        git_in(&sandbox, "one", &["switch", "-q", "-c", other]);
        branchwork(&sandbox, "one", &note);
        branchwork(&sandbox, "one", &["log", &format!("Said {SECRET} in {other}")]);
        branchwork(&sandbox, "one", &["archive", other]);
    }
    branchwork(&sandbox, "one", &["sync", "--all"]);
    branchwork(&sandbox, "two", &["sync", "--all"]);
    // The third one's goes on, so that it is merged.
    git_in(&sandbox, "two", &["switch", "-q", "-c", "third"]);
    branchwork(&sandbox, "two", &note);
    branchwork(&sandbox, "two", &["archive", "third"]);
    sandbox.wait(1);
    std::fs::rename(sandbox.path("remote.git"), sandbox.path("away.git")).unwrap();
    try_branchwork(&sandbox, "repo", &["redact", SECRET]).code(1);
    std::fs::rename(sandbox.path("away.git"), sandbox.path("remote.git")).unwrap();
    for clone in ["repo", "two", "one", "repo"] {
        branchwork(&sandbox, clone, &["sync", "--all"]);
    }
    for clone in ["repo", "two", "one"] {
        let shown = |name: &str| try_branchwork(&sandbox, clone, &["show", name]).ok().stdout;
        let history = |name: &str| try_branchwork(&sandbox, clone, &["history", name]).ok().stdout;
        for other in ["before", "after", "third"] {
            assert!(shown(other).contains(&item), "{clone}: {}", shown(other));
        }
        for other in ["before", "after"] {
            assert!(history(other).contains(&format!("Said {SECRET}")), "{clone} {other}");
        }
        assert!(!shown("feat").contains(SECRET), "{clone}");
        assert!(history("feat").contains("Tried REDACTED on staging"), "{clone}");
        let arguments = ["log", "-p", "-m", "--format=%B", "--glob=refs/branchwork/archive"];
        let git_dir = format!("{clone}/.git/branchwork");
        let history = git_in(&sandbox, &git_dir, &arguments).stdout;
        for said in ["The password is", "Tried"] {
            assert!(!history.contains(&format!("{said} {SECRET}")), "{clone}: {said}");
        }
    }
    assert_sound(&sandbox);
}
