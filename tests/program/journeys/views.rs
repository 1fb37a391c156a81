//! The view in each work tree, and what people write into it.

use crate::sandbox::{Sandbox, entries, field};

#[test]
fn an_edit_by_hand_is_not_lost_when_the_view_goes() {
    let sandbox = Sandbox::new();
    sandbox.git(["switch", "-q", "-c", "feat"]);
    sandbox.write(
        ".branchwork/CURRENT.md",
        sandbox.view().replace("## Notes\n", "## Notes\n\nBy hand.\n"),
    );
    sandbox.git(["switch", "-q", "main"]);
    assert!(sandbox.stored("feat").unwrap().contains("\nBy hand.\n"));
    sandbox.git(["switch", "-q", "feat"]);
    assert!(sandbox.view().contains("\nBy hand.\n"));
}

#[test]
fn each_work_tree_has_its_view() {
    let sandbox = Sandbox::new();
    sandbox.git(["worktree", "add", "-q", "-b", "one", "../one"]);
    sandbox.git(["worktree", "add", "-q", "-b", "two", "../two"]);
    sandbox.wait(1);
    for name in ["one", "two"] {
        sandbox
            .shell(&format!(
                "cd ../{name} && git commit -q --allow-empty -m 'Work on {name}'"
            ))
            .ok();
    }
    for name in ["one", "two"] {
        let view = sandbox.read(&format!("../{name}/.branchwork/CURRENT.md"));
        assert_eq!(entries(&view), [format!("[@ada] Work on {name}")]);
        assert_eq!(view, sandbox.stored(name).unwrap());
        assert_eq!(
            sandbox.shell(&format!("cd ../{name} && git status --porcelain")).stdout,
            ""
        );
    }
    // A change from the main work tree reaches the view of the other.
    sandbox.branchwork(["set", "-b", "one", "risk=low"]);
    assert_eq!(field(&sandbox.read("../one/.branchwork/CURRENT.md"), "risk"), "low");
    // What was written by hand there is in what is read here.
    let edited = sandbox
        .read("../two/.branchwork/CURRENT.md")
        .replace("## Notes\n", "## Notes\n\nBy hand.\n");
    sandbox.write("../two/.branchwork/CURRENT.md", edited);
    assert!(
        sandbox
            .branchwork(["show", "-b", "two"])
            .stdout
            .contains("\nBy hand.\n")
    );
    // A work tree that is gone takes nothing with it.
    sandbox.git(["worktree", "remove", "--force", "../two"]);
    assert!(
        sandbox
            .branchwork(["show", "-b", "two"])
            .stdout
            .contains("\nBy hand.\n")
    );
}

#[test]
fn a_view_that_is_gone_comes_back() {
    let sandbox = Sandbox::new();
    sandbox.git(["switch", "-q", "-c", "feat"]);
    sandbox.commit("a", "a\n", "Add a");
    let document = sandbox.view();
    sandbox.git(["clean", "-fdxq"]);
    assert_eq!(sandbox.view(), "");
    assert_eq!(sandbox.branchwork(["show"]).stdout, document);
    assert_eq!(sandbox.view(), document);
    assert_eq!(sandbox.git(["status", "--porcelain"]).stdout, "");
    sandbox.git(["clean", "-fdxq"]);
    sandbox.commit("b", "b\n", "Add b");
    assert_eq!(entries(&sandbox.view()), ["[@ada] Add a", "[@ada] Add b"]);
    sandbox.git(["clean", "-fdxq"]);
    sandbox.git(["switch", "-q", "main"]);
    sandbox.git(["switch", "-q", "feat"]);
    assert_eq!(entries(&sandbox.view()).len(), 2);
}

#[test]
fn edits_by_hand_are_taken_in_by_whatever_comes_next() {
    for (next, subject) in [
        ("git commit -q --allow-empty -m Next", "log: Next"),
        ("git switch -q -c other", "edit: by hand"),
        ("git switch -q main", "edit: by hand"),
        ("git branchwork log Next", "log: Next"),
        ("git branchwork show", "edit: by hand"),
        ("git branchwork list", "edit: by hand"),
        ("git branchwork check; true", "edit: by hand"),
        ("git checkout -q -b again", "edit: by hand"),
    ] {
        let sandbox = Sandbox::new();
        sandbox.git(["switch", "-q", "-c", "feat"]);
        sandbox.write(
            ".branchwork/CURRENT.md",
            sandbox
                .view()
                .replace("## Notes\n", "## Notes\n\nBy hand.\n")
                .replacen("risk:", "risk: high", 1),
        );
        sandbox.shell(next).ok();
        let stored = sandbox.stored("feat").unwrap();
        assert!(stored.contains("\nBy hand.\n"), "{next}: {stored}");
        assert_eq!(field(&stored, "risk"), "high", "{next}: {stored}");
        let history = sandbox.branchwork(["history", "-b", "feat"]).stdout;
        assert!(
            history.contains(subject) && history.contains("edit: by hand"),
            "{next}: {history}"
        );
    }
}
