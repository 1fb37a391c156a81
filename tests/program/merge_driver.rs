//! The merge driver of git's for exported documents that a team keeps in its tree.

use crate::sandbox::Sandbox;

/// A repository whose tree has the exported document of `feat`, and git told of the driver.
fn exported() -> (Sandbox, String) {
    let sandbox = Sandbox::new();
    let driver = "git branchwork merge-driver %O %A %B";
    sandbox.git(["config", "merge.branchwork.driver", driver]);
    sandbox.commit(".gitattributes", "docs/branches/*.md merge=branchwork\n", "Attributes");
    sandbox.git(["switch", "-q", "-c", "feat"]);
    sandbox.commit("a.rs", "a\n", "Add a");
    sandbox.branchwork(["export", "docs/branches"]);
    let path = std::fs::read_dir(sandbox.repo().join("docs/branches")).unwrap();
    let name = path.map(|entry| entry.unwrap().file_name()).next().unwrap();
    (sandbox, format!("docs/branches/{}", name.to_str().unwrap()))
}

/// Changes the document, then commits a copy of it.
fn say(sandbox: &Sandbox, path: &str, item: &str) {
    sandbox.branchwork(["update", "-b", "feat", "--section", "Decisions", "--item", item]);
    sandbox.branchwork(["export", "docs/branches"]);
    sandbox.git(["add", path]);
    sandbox.git(["commit", "-q", "-m", item]);
}

#[test]
fn both_sides_stay_and_git_sees_no_conflict() {
    for has_base in [true, false] {
        let (sandbox, path) = exported();
        if has_base {
            sandbox.git(["add", &path]);
            sandbox.git(["commit", "-q", "-m", "Export"]);
        }
        sandbox.git(["branch", "-q", "one"]);
        let before = sandbox.stored("feat").unwrap();
        say(&sandbox, &path, "Said here");
        let here = sandbox.id("HEAD");
        // The other side knows nothing of it.
        sandbox.git_without_hooks(["switch", "-q", "one"]);
        let theirs = before.replace("## Decisions\n", "## Decisions\n\n- Said there\n");
        assert_ne!(theirs, before);
        sandbox.commit(&path, &theirs, "Said there");
        sandbox.git(["merge", "-q", "--no-edit", &here]);
        let merged = sandbox.read(&path);
        for said in ["- Said here", "- Said there"] {
            assert_eq!(merged.matches(said).count(), 1, "{has_base}: {said}: {merged}");
        }
        assert!(!merged.contains("<<<<<<<"), "{merged}");
    }
}

#[test]
fn what_is_no_document_is_a_conflict_and_stays_as_it_was() {
    let (sandbox, path) = exported();
    sandbox.git(["add", &path]);
    sandbox.git(["commit", "-q", "-m", "Export"]);
    sandbox.git(["branch", "-q", "one"]);
    say(&sandbox, &path, "Said here");
    let here = sandbox.read(&path);
    sandbox.git_without_hooks(["switch", "-q", "one"]);
    sandbox.commit(&path, "Shopping list\n", "Another thing");
    sandbox.git_without_hooks(["switch", "-q", "feat"]);
    let merge = sandbox.try_git(["merge", "one"]).code(1);
    assert!(merge.stdout.contains("CONFLICT"), "{}", merge.stdout);
    assert!(merge.stderr.contains("is no branch document"), "{}", merge.stderr);
    assert_eq!(sandbox.read(&path), here);
    sandbox.git(["merge", "--abort"]);

    sandbox.git_without_hooks(["switch", "-q", "one"]);
    sandbox.commit(&path, &here.replace("name: feat", "name: other"), "Of another branch");
    sandbox.git_without_hooks(["switch", "-q", "feat"]);
    let merge = sandbox.try_git(["merge", "one"]).code(1);
    assert!(merge.stderr.contains("documents of two branches"), "{}", merge.stderr);
    assert_eq!(sandbox.read(&path), here);
}

#[test]
fn it_needs_no_repository_and_names_what_it_cannot_read() {
    let sandbox = Sandbox::empty();
    let run = sandbox
        .try_branchwork(["merge-driver", "base", "ours", "theirs"])
        .code(1);
    assert!(run.stderr.contains("cannot read '"), "{}", run.stderr);
    sandbox.try_branchwork(["merge-driver", "base", "ours"]).code(2);
}
