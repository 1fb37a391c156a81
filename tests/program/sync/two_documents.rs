//! Two clones that each made a document for one branch, and two branches that had one name.

use super::{branchwork, join, on_remote, shared, shared_text, try_branchwork, view};
use crate::sandbox::{Sandbox, entries, field, git_in};

/// `repo` and the clone `grace` made a document of `feat` each, and share none yet: `repo`'s is the older.
fn made_twice() -> Sandbox {
    let sandbox = shared();
    sandbox.branchwork(["set", "-q", "dri=ada", "scope=indexer", "backout_plan=none"]);
    sandbox.branchwork(["update", "-q", "--section", "Decisions", "--item", "By ada"]);
    join(&sandbox, "grace");
    sandbox.wait(1);
    git_in(&sandbox, "grace", &["switch", "-q", "feat"]);
    branchwork(&sandbox, "grace", &["create", "-q"]);
    branchwork(
        &sandbox,
        "grace",
        &["set", "-q", "dri=grace", "scope=storage", "risk=high"],
    );
    branchwork(
        &sandbox,
        "grace",
        &["update", "-q", "--section", "Decisions", "--item", "By grace"],
    );
    sandbox
}

fn id(line: &str) -> &str {
    line.split(' ').next().unwrap().rsplit('/').next().unwrap()
}

/// Both show the same document, which is all that the remote has.
#[track_caller]
fn assert_is_one(sandbox: &Sandbox, older: &str) {
    let text = sandbox.view();
    assert_eq!(view(sandbox, "grace"), text);
    assert_eq!(shared_text(sandbox), text);
    assert_eq!(id(&on_remote(sandbox)[0]), older);
    let said = ["dri", "scope", "risk", "backout_plan"].map(|key| field(&text, key));
    assert_eq!(said, ["ada", "indexer", "high", "none"], "{text}");
    assert!(text.contains("- By ada\n") && text.contains("- By grace\n"), "{text}");
    assert_eq!(entries(&text), ["[@ada] Add a"], "{text}");
    for title in ["# [WIP]", "## Decisions", "## Notes", "## Updates", "## CI Status"] {
        assert_eq!(text.lines().filter(|line| line.starts_with(title)).count(), 1, "{text}");
    }
    // What both were made from stands in it once, and nothing is told as lost.
    assert!(!text.contains("kept `"), "{text}");
    assert_eq!(text.lines().filter(|line| *line == "- [ ] …").count(), 3, "{text}");
}

fn own_id(sandbox: &Sandbox, clone: &str) -> String {
    let listed = super::refs(
        sandbox,
        &format!("{clone}/.git/branchwork"),
        "refs/branchwork/docs/feat/",
    );
    assert_eq!(listed.len(), 1, "{listed:?}");
    id(&listed[0]).to_owned()
}

#[test]
fn the_older_takes_the_younger_in_whichever_is_shared_first() {
    for first in ["repo", "grace"] {
        let sandbox = made_twice();
        let (older, younger) = (own_id(&sandbox, "repo"), own_id(&sandbox, "grace"));
        assert!(older < younger);
        let second = if first == "repo" { "grace" } else { "repo" };
        for clone in [first, second, first] {
            branchwork(&sandbox, clone, &["sync"]);
        }
        assert_is_one(&sandbox, &older);
        for clone in ["repo", "grace"] {
            assert_eq!(own_id(&sandbox, clone), older);
            assert_eq!(
                branchwork(&sandbox, clone, &["sync"]),
                "The document of 'feat' is up to date with 'origin'\n"
            );
        }
    }
}

/// The younger's ref stays beside the older, which every way of sending takes there.
#[test]
#[cfg(unix)]
fn a_remote_that_deletes_nothing_keeps_the_younger_too() {
    let sandbox = made_twice();
    let older = own_id(&sandbox, "repo");
    branchwork(&sandbox, "grace", &["sync"]);
    std::fs::create_dir_all(sandbox.path("remote.git/hooks")).unwrap();
    let hook = super::script(
        &sandbox,
        "remote.git/hooks/update",
        "case $3 in *[!0]*) ;; *) exit 1 ;; esac",
    );
    let kept = "'origin' keeps another document of 'feat', which is taken in: hook declined\n";
    let shared = || {
        let documents = on_remote(&sandbox);
        let place = documents.iter().find(|line| id(line) == older).unwrap();
        let version = place.split(' ').nth(1).unwrap();
        let text = ["cat-file", "blob", &format!("{version}:BRANCHWORK.md")];
        (documents.len(), git_in(&sandbox, "remote.git", &text).stdout)
    };
    for did in [
        "Merged the document of 'feat' with that on 'origin', and sent it",
        "The document of 'feat' is up to date with 'origin'",
    ] {
        assert_eq!(
            branchwork(&sandbox, "repo", &["sync"]),
            format!("warning: {kept}{did}\n")
        );
        assert_eq!(shared(), (2, sandbox.view()));
    }
    sandbox.commit("b.rs", "b\n", "Add b");
    for did in [
        "Sent the document of 'feat' to",
        "The document of 'feat' is up to date with",
    ] {
        let said = branchwork(&sandbox, "repo", &["push"]);
        let expected = format!("warning: {kept}{did} 'origin'\n");
        assert!(
            said.ends_with(&expected) && said.matches("warning: ").count() == 1,
            "{said}"
        );
        assert_eq!(shared(), (2, sandbox.view()));
        assert_eq!(sandbox.id("origin/feat"), sandbox.id("feat"));
    }
    sandbox.git(["config", "branchwork.sync", "on-push"]);
    sandbox.commit("c.rs", "c\n", "Add c");
    let said = sandbox.git(["push", "-q", "origin", "feat"]).stderr;
    assert_eq!(said, format!("branchwork: {kept}"));
    assert_eq!(shared(), (2, sandbox.view()));
    branchwork(&sandbox, "grace", &["sync"]);
    assert_eq!(own_id(&sandbox, "grace"), older);
    std::fs::remove_file(&hook).unwrap();
    sandbox.branchwork(["push"]);
    assert_eq!(on_remote(&sandbox).len(), 1);
    assert_eq!(shared_text(&sandbox), sandbox.view());
}

#[test]
fn a_clone_that_goes_on_with_the_younger_is_taken_in_too() {
    let sandbox = made_twice();
    let older = own_id(&sandbox, "repo");
    branchwork(&sandbox, "grace", &["sync"]);
    join(&sandbox, "linus");
    git_in(&sandbox, "linus", &["switch", "-q", "feat"]);
    branchwork(&sandbox, "linus", &["sync"]);
    branchwork(&sandbox, "repo", &["sync"]);
    // The younger's ref is gone from the remote, and this clone does not know.
    branchwork(
        &sandbox,
        "linus",
        &["update", "-q", "--section", "Decisions", "--item", "By linus"],
    );
    for clone in ["linus", "grace", "repo"] {
        branchwork(&sandbox, clone, &["sync"]);
    }
    assert_is_one(&sandbox, &older);
    assert!(sandbox.view().contains("- By linus\n"));
    assert_eq!(view(&sandbox, "linus"), sandbox.view());

    // What was taken in is kept, and is no document of a branch that was given up, nor one that ends with the branch.
    git_in(&sandbox, "grace", &["switch", "-q", "main"]);
    let nothing = "Nothing to archive\n";
    assert_eq!(branchwork(&sandbox, "grace", &["archive", "--abandoned"]), nothing);
    git_in(&sandbox, "grace", &["branch", "-q", "-m", "feat", "renamed"]);
    let renamed = format!("warning: the document of 'feat' now belongs to 'renamed'\n{nothing}");
    assert_eq!(branchwork(&sandbox, "grace", &["archive", "--abandoned"]), renamed);
    git_in(&sandbox, "grace", &["branch", "-q", "-m", "renamed", "feat"]);
    git_in(&sandbox, "grace", &["merge", "-q", "feat"]);
    assert_eq!(
        branchwork(&sandbox, "grace", &["archive", "--merged"]),
        "warning: the document of 'renamed' now belongs to 'feat'\nArchived the document of 'feat': merged\n"
    );
    assert_eq!(
        branchwork(&sandbox, "grace", &["archive", "--merged", "--abandoned"]),
        nothing
    );
    let shown = try_branchwork(&sandbox, "grace", &["show", "feat"]).ok().stdout;
    assert!(shown.contains("- By linus\n"), "{shown}");
}

#[test]
fn the_document_of_another_branch_of_the_name_is_not_merged() {
    let sandbox = shared();
    sandbox.branchwork(["update", "-q", "--section", "Decisions", "--item", "Of the first"]);
    branchwork(&sandbox, "repo", &["sync"]);
    let first = on_remote(&sandbox);
    join(&sandbox, "grace");
    git_in(
        &sandbox,
        "grace",
        &["switch", "-q", "--no-track", "-c", "feat", "origin/main"],
    );
    std::fs::write(sandbox.path("grace").join("x.rs"), "x\n").unwrap();
    git_in(&sandbox, "grace", &["add", "x.rs"]);
    git_in(&sandbox, "grace", &["commit", "-q", "-m", "Something else"]);
    for _ in 0..2 {
        let said = branchwork(&sandbox, "grace", &["sync"]);
        let warning = "warning: 'origin' has a document of another branch 'feat', with none of this one's commits; it was not \
                       merged\n";
        assert!(said.starts_with(warning), "{said}");
        assert_eq!(entries(&view(&sandbox, "grace")), ["[@grace] Something else"]);
        assert!(!view(&sandbox, "grace").contains("Of the first"));
        assert!(on_remote(&sandbox).contains(&first[0]));
    }
}

#[test]
fn a_name_that_is_used_again_keeps_its_new_document() {
    let sandbox = shared();
    branchwork(&sandbox, "repo", &["sync"]);
    sandbox.git(["switch", "-q", "main"]);
    sandbox.git(["branch", "-q", "-D", "feat"]);
    sandbox.git(["push", "-q", "--no-verify", "origin", ":feat"]);
    sandbox.wait(10);
    sandbox.git(["switch", "-q", "-c", "feat"]);
    sandbox.commit("z.rs", "z\n", "Another life");
    let said = branchwork(&sandbox, "repo", &["sync"]);
    assert!(said.contains("of another branch 'feat'"), "{said}");
    assert_eq!(entries(&sandbox.view()), ["[@ada] Another life"]);
    assert_eq!(on_remote(&sandbox).len(), 2);
}

#[test]
fn a_document_is_looked_for_on_the_remote_before_it_is_made() {
    let sandbox = shared();
    for name in ["grace", "linus", "alan"] {
        join(&sandbox, name);
    }
    branchwork(&sandbox, "repo", &["sync"]);
    let document = on_remote(&sandbox);
    for name in ["grace", "linus", "alan"] {
        git_in(&sandbox, name, &["switch", "-q", "feat"]);
        assert_eq!(view(&sandbox, name), "");
    }
    assert_eq!(
        branchwork(&sandbox, "grace", &["create"]),
        "Brought the document of 'feat' from 'origin'\n"
    );
    assert_eq!(view(&sandbox, "grace"), sandbox.view());
    // Whoever wants one of another form hears that there is one.
    let failed = try_branchwork(&sandbox, "linus", &["create", "--status", "approved"]).code(1);
    assert!(
        failed
            .stderr
            .starts_with("Brought the document of 'feat' from 'origin'\nerror: branch 'feat' has a document already\n"),
        "{}",
        failed.stderr
    );
    branchwork(&sandbox, "linus", &["show"]);
    assert_eq!(view(&sandbox, "linus"), sandbox.view());
    assert_eq!(on_remote(&sandbox), document);

    // Without the remote one is made, and it is said what is not known; they are merged when they meet.
    std::fs::rename(sandbox.path("remote.git"), sandbox.path("moved.git")).unwrap();
    let said = branchwork(&sandbox, "alan", &["create"]);
    assert!(
        said.starts_with("warning: cannot fetch from 'origin': ")
            && said.contains("whether it has a document there is not known: git branchwork sync\n")
            && said.ends_with("Created the document of 'feat': .branchwork/CURRENT.md\n"),
        "{said}"
    );
    std::fs::rename(sandbox.path("moved.git"), sandbox.path("remote.git")).unwrap();
    branchwork(&sandbox, "alan", &["sync"]);
    branchwork(&sandbox, "repo", &["sync"]);
    assert_eq!(view(&sandbox, "alan"), sandbox.view());
    assert_eq!(on_remote(&sandbox).len(), 1);

    // A branch that is here alone asks nobody.
    let absent = sandbox.path("remote.git");
    std::fs::rename(&absent, sandbox.path("moved.git")).unwrap();
    git_in(&sandbox, "alan", &["branch", "-q", "mine", "main"]);
    assert_eq!(
        branchwork(&sandbox, "alan", &["create", "-b", "mine"]),
        "Created the document of 'mine': git branchwork show -b mine\n"
    );
}
