//! How it is known that a branch has ended, where its commits do not tell; documents of former branches of a name; and what
//! archiving writes.

use super::{archived, branch, live, pairs};
use crate::sandbox::{Sandbox, run, run_with};

/// The documents of former branches.
fn ended(sandbox: &Sandbox) -> Vec<String> {
    let format = "--format=%(refname:lstrip=3)";
    let listed = sandbox.store(["for-each-ref", format, "refs/branchwork/ended/"]).stdout;
    listed.lines().map(str::to_owned).collect()
}

/// A branch `feat` whose commit is not in the trunk, and before it another of that name whose document is that id.
fn used_again(sandbox: &Sandbox) -> (String, String) {
    branch(sandbox, "feat", &["a"]);
    let first = sandbox.id("feat");
    sandbox.git(["branch", "-q", "-D", "feat"]);
    sandbox.wait(10);
    branch(sandbox, "feat", &["b"]);
    let ended = ended(sandbox);
    assert_eq!(ended.len(), 1, "{ended:?}");
    (first, ended[0].clone())
}

#[test]
fn a_pull_request_that_a_tool_recorded_as_merged() {
    let sandbox = Sandbox::new();
    branch(&sandbox, "feat", &["a", "b"]);
    branch(&sandbox, "open", &["o"]);
    // Merged by the host, and changed on the way, so that no patch is the same.
    sandbox.git(["merge", "-q", "--squash", "feat"]);
    sandbox.commit("a", "changed in review\n", "Feat (#7)");
    let record = |merged: bool| {
        let layer = |name: &str, number: u32, merged: bool| serde_json::json!({"branch": name, "pullRequest": {"number": number, "merged": merged}});
        let branches = [layer("feat", 7, merged), layer("open", 8, false)];
        let stacks = serde_json::json!([{"trunk": {"branch": "main"}, "branches": branches}]);
        let file = serde_json::json!({"schemaVersion": 1, "stacks": stacks});
        sandbox.write(".git/gh-stack", file.to_string());
    };
    record(false);
    assert_eq!(
        sandbox.branchwork(["archive", "--merged"]).stderr,
        "Nothing to archive\n"
    );
    record(true);
    let said = "Archived the document of 'feat': merged, as its pull request says\n";
    assert_eq!(sandbox.branchwork(["archive", "--merged"]).stderr, said);
    assert_eq!(live(&sandbox), ["open"]);
    assert_eq!(
        archived(&sandbox),
        pairs(&[("feat", "merged, as its pull request says")])
    );
}

/// What is recorded, and what was merged, is of the branch that has the name now.
#[test]
fn a_former_branch_of_the_name_is_not_merged_with_it() {
    for (recorded, outcome) in [(true, "merged, as its pull request says"), (false, "merged")] {
        let sandbox = Sandbox::new();
        let (_, id) = used_again(&sandbox);
        let record = r#"{"schemaVersion": 1, "stacks": [{"trunk": {"branch": "main"},
                         "branches": [{"branch": "feat", "pullRequest": {"number": 7, "merged": true}}]}]}"#;
        match recorded {
            true => sandbox.write(".git/gh-stack", record),
            false => drop(sandbox.git(["merge", "-q", "feat"])),
        }
        sandbox.branchwork(["archive", "--merged"]);
        assert_eq!((live(&sandbox), ended(&sandbox)), (vec![], vec![id]));
        assert_eq!(archived(&sandbox), pairs(&[("feat", outcome)]));
    }
}

#[test]
fn the_document_of_a_former_branch_is_archived_too() {
    for merged in [true, false] {
        let sandbox = Sandbox::new();
        let (first, id) = used_again(&sandbox);
        if merged {
            sandbox.wait(1);
            sandbox.git(["cherry-pick", &first]);
        }
        let (option, other, outcome) = match merged {
            true => ("--merged", "--abandoned", super::SQUASHED),
            false => ("--abandoned", "--merged", "abandoned"),
        };
        assert_eq!(sandbox.branchwork(["archive", other]).stderr, "Nothing to archive\n");
        if !merged {
            // A remote still has it.
            sandbox.git(["update-ref", "refs/remotes/origin/feat", &first]);
            assert_eq!(sandbox.branchwork(["archive", option]).stderr, "Nothing to archive\n");
            // What a remote has is the branch that has the name now.
            sandbox.git(["update-ref", "refs/remotes/origin/feat", "feat"]);
        }
        let said = format!("Archived the document of 'feat': {outcome}\n");
        assert_eq!(sandbox.branchwork(["archive", option]).stderr, said);
        // The branch that has the name now goes on.
        assert_eq!((live(&sandbox), ended(&sandbox)), (vec!["feat".to_owned()], vec![]));
        let shown = sandbox.branchwork(["show", &id]).stdout;
        assert!(shown.contains("Add a\n") && !shown.contains("Add b\n"), "{shown}");
        assert!(sandbox.stored("feat").unwrap().contains("Add b\n"));
        sandbox.git(["switch", "-q", "feat"]);
        assert!(sandbox.view().contains("Add b\n"), "{}", sandbox.view());
    }
}

/// The files below the store.
fn files(sandbox: &Sandbox) -> usize {
    let listed = run(sandbox.command("find").args([".git/branchwork", "-type", "f"])).ok();
    listed.stdout.lines().count()
}

/// Archiving writes as many objects into a year with thousands of documents as into one with none.
#[test]
fn what_archiving_writes_does_not_grow_with_the_archive() {
    let written = [0, 5_000].map(|documents: u32| {
        let sandbox = Sandbox::empty();
        sandbox.git(["init", "-q"]);
        sandbox.commit("README", "read me\n", "Begin");
        sandbox.branchwork(["init"]);
        branch(&sandbox, "first", &["a"]);
        branch(&sandbox, "feat", &["b"]);
        sandbox.branchwork(["archive", "first"]);
        if documents > 0 {
            let archive = "refs/branchwork/archive/2025";
            let tip = sandbox.store(["rev-parse", archive]).ok();
            let mut import = format!(
                "commit {archive}\ncommitter A <> 0 +0000\ndata 0\nfrom {}\n",
                tip.line()
            );
            for number in 0..documents {
                let (month, id) = (number % 12 + 1, format!("01K3VZ000000000000000{number:05}"));
                let place = format!("{month:02}/2025{month:02}010000-branchwork-x-{id}.md");
                import.push_str(&format!("M 100644 inline {place}\ndata 2\nx\n"));
            }
            let mut command = sandbox.command("git");
            command.args(["--git-dir", ".git/branchwork", "-c", "fastimport.unpackLimit=1"]);
            run_with(command.args(["fast-import", "--quiet"]), import.as_bytes()).ok();
            assert_eq!(archived(&sandbox).len(), 5_001);
        }
        let before = files(&sandbox);
        sandbox.branchwork(["archive", "feat"]);
        let after = files(&sandbox);
        assert_eq!(archived(&sandbox).len(), if documents > 0 { 5_002 } else { 2 });
        after.checked_sub(before).unwrap()
    });
    assert_eq!(written[0], written[1]);
    // The text, the trees of the month and the year, the commit, and the note of the branch's tip; the live ref is gone.
    assert!(written[0] <= 5, "{written:?}");
}
