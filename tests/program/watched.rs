//! Each file that tells of stacks is watched: where nothing else changed, a change of it is shown.

use crate::sandbox::{branchwork_in, field};
use crate::stack::{later, place};

/// In whatever file it is: two branches on `one`, and `three` on one or the other. Who is believed more comes later.
#[test]
fn every_file_that_tells_of_stacks_is_watched() {
    let sandbox = later();
    for name in ["one", "two", "three"] {
        sandbox.git(["switch", "-q", "-c", name]);
        sandbox.commit(name, "x\n", &format!("Add {name}"));
    }
    sandbox.git(["worktree", "add", "-q", "-b", "there", "../there", "main"]);
    let linked = ".git/worktrees/there/gh-stack";
    sandbox.git(["config", "include.path", "more"]);
    sandbox.git(["config", "machete.worktree.useTopLevelMacheteFile", "false"]);
    let town = |parent: &str| format!("[git-town-branch \"three\"]\n\tparent = {parent}\n");
    let gh = |parent: &str| {
        let trunk = r#"{"schemaVersion": 1, "stacks": [{"trunk": {"branch": "main"}, "branches": [{"branch": "#;
        format!(r#"{trunk}"{parent}"}}, {{"branch": "three"}}]}}]}}"#)
    };
    let lens = "[branch \"three\"]\n\tgk-merge-target-user = one\n";
    let head = |name: &str| format!("[[branches.x.heads]]\nname = \"{name}\"\n");
    let butler = format!(
        "[default_target]\nbranchName = \"main\"\n{}{}",
        head("two"),
        head("three")
    );
    let aviator = r#"{"branches": {"three": {"parent": {"name": "one"}}}}"#;
    sandbox.write(".git/more", town("two"));
    for (folder, file, text, base) in [
        ("repo", ".git/more", "[user]\n\tnick = ada\n".to_owned(), "two"),
        ("repo", ".git/gk/config", lens.to_owned(), "one"),
        ("repo", ".git/gitbutler/virtual_branches.toml", butler, "two"),
        ("repo", ".git/av/av.db", aviator.to_owned(), "one"),
        ("repo", ".git/machete", "main\n  two\n    three\n".to_owned(), "two"),
        (
            "there",
            ".git/worktrees/there/machete",
            "main\n  two\n    three\n".to_owned(),
            "two",
        ),
        ("there", ".git/more", town("one"), "one"),
        ("there", ".git/gh-stack", gh("two"), "two"),
        ("repo", ".git/gh-stack", gh("one"), "one"),
        ("repo", ".git/gh-stack", String::new(), "one"),
        ("repo", linked, gh("two"), "two"),
        ("there", linked, gh("one"), "one"),
    ] {
        let show = || branchwork_in(&sandbox, folder, &["show", "-b", "three"]).ok().stdout;
        show();
        sandbox.write(file, text);
        assert_eq!(field(&show(), "base"), base, "{file} in {folder}");
    }
    sandbox.branchwork(["show"]);
    assert!(place(&sandbox).contains("└─○ three"));
    sandbox.write(".branchwork.yml", "stack: {style: ascii}\n");
    sandbox.branchwork(["show"]);
    assert_eq!(place(&sandbox), "one 2/2\nmain\n|-o one\n`-o three <- Current\n");
    sandbox.write("git-town.toml", "[branches]\nperennials = [\"one\"]\n");
    sandbox.branchwork(["show"]);
    // Another branch than a trunk is believed.
    assert_eq!(place(&sandbox), "two 2/2\nmain\n|-o two\n`-o three <- Current\n");
}

#[test]
fn each_file_of_graphites_is_watched() {
    let sandbox = later();
    for name in ["feat/1", "feat/2"] {
        sandbox.git(["switch", "-q", "-c", name]);
        sandbox.commit(name, "x\n", name);
    }
    let requests = |is_draft: bool| {
        let request = r#""prNumber": 47, "headRefName": "feat/1", "state": "OPEN", "reviewDecision": "APPROVED""#;
        format!(r#"{{"prInfos": [{{{request}, "isDraft": {is_draft}}}]}}"#)
    };
    let config = r#"{"trunk": "main", "trunks": [{"name": "feat/1"}]}"#;
    let database = include_bytes!("../fixtures/graphite.db").to_vec();
    let first = |said: &str| format!("feat/1 2/2\nmain\n├─○ feat/1{said}\n└─○ feat/2 👈 Current\n");
    let on_trunk = "feat/1 1/1\nfeat/1\n└─○ feat/2 👈 Current\n";
    for (file, text, expected) in [
        ("pr_info", requests(true).into(), first("")),
        ("metadata.db", database, first(" (PR #47) 📝 Draft")),
        ("pr_info", requests(false).into(), first(" (PR #47) 👍 Approved")),
        ("metadata.db-wal", b"x".to_vec(), first("")),
        ("metadata.db-wal", Vec::new(), first(" (PR #47) 👍 Approved")),
        ("repo_config", config.into(), on_trunk.to_owned()),
    ] {
        sandbox.branchwork(["show"]);
        sandbox.write(&format!(".git/.graphite_{file}"), text);
        sandbox.branchwork(["show"]);
        assert_eq!(place(&sandbox), expected, "{file}");
    }
}
