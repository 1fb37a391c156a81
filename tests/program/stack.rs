//! The stack: as tools recorded it, as documents say it, and as git knows it.

use crate::sandbox::{Sandbox, field};

/// Branches `one`, `two` on it, `three` on that, each with a commit, made while no hook ran and without a document.
fn stacked() -> Sandbox {
    let sandbox = Sandbox::new();
    for (name, base) in [("one", "main"), ("two", "one"), ("three", "two")] {
        // Made by plumbing, so that no reflog says from where.
        let file = format!("{name}.txt");
        sandbox.git_without_hooks(["switch", "-q", "--detach", base]);
        std::fs::write(sandbox.repo().join(&file), name).unwrap();
        sandbox.git_without_hooks(["add", "."]);
        sandbox.wait(1);
        sandbox.git_without_hooks(["commit", "-q", "-m", &format!("Add {name}")]);
        sandbox.git(["update-ref", &format!("refs/heads/{name}"), "HEAD"]);
    }
    sandbox.git_without_hooks(["switch", "-q", "two"]);
    sandbox
}

/// `branch parent position/total source` of each branch of `two`'s stack, `?` behind a guess.
fn told(sandbox: &Sandbox) -> Vec<String> {
    let json = sandbox.branchwork(["stack", "two", "--json"]).stdout;
    let rows: Vec<serde_json::Value> = serde_json::from_str(&json).unwrap();
    let text = |row: &serde_json::Value, key: &str| row[key].as_str().unwrap().to_owned();
    let row = |row: &serde_json::Value| {
        let guessed = if row["guessed"].as_bool().unwrap() { "?" } else { "" };
        format!(
            "{} on {} {}/{} {}{guessed}",
            text(row, "branch"),
            text(row, "parent"),
            row["position"],
            row["total"],
            text(row, "source")
        )
    };
    rows.iter().map(row).collect()
}

fn recorded(source: &str) -> Vec<String> {
    vec![
        format!("one on main 1/3 {source}"),
        format!("two on one 2/3 {source}"),
        format!("three on two 3/3 {source}"),
    ]
}

#[test]
fn whichever_tool_recorded_it() {
    let parents = [("one", "main"), ("two", "one"), ("three", "two")];
    let town = stacked();
    for (branch, parent) in parents {
        town.git(["config", &format!("git-town-branch.{branch}.parent"), parent]);
    }
    assert_eq!(told(&town), recorded("git-town"));

    let machete = stacked();
    machete.write(".git/machete", "main\n  one PR #46\n    two\n      three\n");
    assert_eq!(told(&machete), recorded("git-machete"));
    let drawn = machete.branchwork(["stack"]).stdout;
    assert_eq!(drawn, "main\n├─○ one (PR #46)\n├─○ two 👈 Current\n└─○ three\n");

    let upstream = stacked();
    for (branch, parent) in parents {
        upstream.git(["config", &format!("branch.{branch}.remote"), "."]);
        upstream.git([
            "config",
            &format!("branch.{branch}.merge"),
            &format!("refs/heads/{parent}"),
        ]);
    }
    assert_eq!(told(&upstream), recorded("upstream"));

    let refs = stacked();
    for (branch, parent) in parents {
        refs.write("blob", format!("{{\"parentBranchName\":\"{parent}\"}}"));
        let id = refs.git(["hash-object", "-w", "blob"]).line().to_owned();
        refs.git(["update-ref", &format!("refs/branch-metadata/{branch}"), &id]);
    }
    assert_eq!(told(&refs), recorded("branch-metadata"));
}

#[test]
fn a_branch_renamed_behind_a_tools_back() {
    let sandbox = stacked();
    for (branch, parent) in [("one", "main"), ("two", "one"), ("three", "two")] {
        sandbox.git(["config", &format!("git-town-branch.{branch}.parent"), parent]);
    }
    sandbox.git_without_hooks(["branch", "-m", "one", "first"]);
    let all = told(&sandbox);
    assert_eq!(all[..2], ["first on main 1/3 git-town", "two on first 2/3 git-town"]);
}

/// Base, position, total and drawing of the view.
pub(crate) fn place(sandbox: &Sandbox) -> String {
    let view = sandbox.view();
    let drawing = view.split("```text\n").nth(1).and_then(|rest| rest.split("```").next());
    format!(
        "{} {}/{}\n{}",
        field(&view, "base"),
        field(&view, "position"),
        field(&view, "total"),
        drawing.unwrap_or_default()
    )
}

/// Where the clock is ahead of the files' times, so that a hook remembers what it looked at.
pub(crate) fn later() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.wait(100 * 366 * 24 * 60);
    sandbox
}

#[test]
fn hooks_keep_the_place_in_the_stack() {
    let sandbox = later();
    for name in ["one", "two"] {
        sandbox.git(["switch", "-q", "-c", name]);
        sandbox.commit(name, "x\n", &format!("Add {name}"));
    }
    assert_eq!(place(&sandbox), "one 2/2\nmain\n├─○ one\n└─○ two 👈 Current\n");
    sandbox.git(["switch", "-q", "-c", "side", "one"]);
    assert_eq!(
        place(&sandbox),
        "one 2/2\nmain\n├─○ one\n│ └─○ two\n└─○ side 👈 Current\n"
    );
    // What stands on it is told when it is read next, by a hook or a command.
    sandbox.wait(5);
    sandbox.git(["switch", "-q", "one"]);
    assert_eq!(
        place(&sandbox),
        "main 1/2\nmain\n├─○ one 👈 Current\n│ └─○ two\n└─○ side\n"
    );
    sandbox.wait(5);
    sandbox.commit("one", "y\n", "More of one");
    let waits = "main 1/2\nmain\n├─○ one 👈 Current\n│ └─○ two 🔁 Needs restack\n└─○ side 🔁 Needs restack\n";
    assert_eq!(place(&sandbox), waits);
    let two = sandbox.branchwork(["show", "-b", "two"]).stdout;
    assert!(two.contains("│ └─○ two 🔁 Needs restack 👈 Current\n"), "{two}");
    // A branch goes, one gets another name, one another base.
    sandbox.git(["branch", "-q", "-D", "side"]);
    sandbox.git(["branch", "-m", "two", "second"]);
    sandbox.wait(5);
    sandbox.git(["switch", "-q", "second"]);
    assert_eq!(
        place(&sandbox),
        "one 2/2\nmain\n├─○ one\n└─○ second 🔁 Needs restack 👈 Current\n"
    );
    sandbox.git(["rebase", "-q", "one"]);
    assert_eq!(place(&sandbox), "one 2/2\nmain\n├─○ one\n└─○ second 👈 Current\n");
    // Documents name pull requests too, and what another says is told at the next look.
    sandbox.branchwork(["set", "-b", "one", "pr=46"]);
    sandbox.wait(5);
    sandbox.branchwork(["set", "pr=47 / BLZ-42"]);
    assert_eq!(
        place(&sandbox),
        "one 2/2\nmain\n├─○ one (PR #46)\n└─○ second (PR #47) ⏳ Waiting 👈 Current\n"
    );
    sandbox.wait(5);
    sandbox.branchwork(["set", "-b", "one", "pr="]);
    sandbox.git(["switch", "-q", "one"]);
    assert_eq!(
        place(&sandbox),
        "main 1/2\nmain\n├─○ one 👈 Current\n└─○ second (PR #47) ⏳ Waiting\n"
    );
    let json = sandbox.branchwork(["stack", "--json"]).stdout;
    assert!(json.contains("\"pr\": 47,") && json.contains("\"pr\": null,"), "{json}");
    sandbox.git(["switch", "-q", "second"]);
    sandbox.branchwork(["set", "pr="]);
    sandbox.branchwork(["set", "branch.base=main"]);
    assert_eq!(place(&sandbox), "main 1/1\nmain\n└─○ second 👈 Current\n");
    sandbox.git(["switch", "-q", "one"]);
    assert_eq!(place(&sandbox), "main 1/1\nmain\n└─○ one 👈 Current\n");
}

#[test]
fn hooks_follow_what_a_tool_records() {
    let sandbox = later();
    for name in ["one", "two", "three"] {
        sandbox.git(["switch", "-q", "-c", name]);
        sandbox.commit(name, "x\n", &format!("Add {name}"));
    }
    sandbox.wait(5);
    sandbox.write(".git/machete", "main\n\tone PR #46\n\t\tthree\n\ttwo\n");
    sandbox.commit("three", "y\n", "More");
    assert_eq!(
        place(&sandbox),
        "one 2/2\nmain\n├─○ one (PR #46)\n└─○ three 👈 Current\n"
    );
    sandbox.wait(5);
    sandbox.write(".git/machete", "main\n\tone PR #46\n\t\ttwo\n\t\t\tthree\n");
    sandbox.git(["switch", "-q", "two"]);
    assert_eq!(
        place(&sandbox),
        "one 2/3\nmain\n├─○ one (PR #46)\n├─○ two 👈 Current\n└─○ three\n"
    );
    assert_eq!(
        sandbox.branchwork(["get", "branch.position", "-b", "three"]).stdout,
        "3\n"
    );
}

/// stax keeps its trunk in a ref of its own, which nothing else tells of.
#[test]
fn hooks_follow_what_a_tool_calls_its_trunk() {
    let sandbox = later();
    let write = |reference: &str, text: &str| {
        sandbox.write("blob", text);
        let id = sandbox.git(["hash-object", "-w", "blob"]).line().to_owned();
        sandbox.git(["update-ref", reference, &id]);
    };
    for (name, parent) in [("develop", "main"), ("one", "develop")] {
        sandbox.git(["switch", "-q", "-c", name]);
        sandbox.commit(name, "x\n", &format!("Add {name}"));
        let text = format!("{{\"parentBranchName\":\"{parent}\"}}");
        write(&format!("refs/branch-metadata/{name}"), &text);
    }
    sandbox.wait(5);
    sandbox.commit("one", "y\n", "More");
    assert_eq!(place(&sandbox), "develop 2/2\nmain\n├─○ develop\n└─○ one 👈 Current\n");
    sandbox.wait(5);
    // What is remembered from here on is older than the trunk.
    sandbox.branchwork(["show"]);
    write("refs/stax/trunk", "develop\n");
    sandbox.branchwork(["show"]);
    assert_eq!(place(&sandbox), "develop 1/1\ndevelop\n└─○ one 👈 Current\n");
    for text in [" ".repeat(2 * 1024 * 1024), "no branch".to_owned()] {
        write("refs/stax/trunk", &text);
        let said = sandbox.branchwork(["stack", "--verbose"]).stderr;
        assert!(said.contains("warning: 'refs/stax/trunk' is not read: "), "{said}");
    }
}

#[test]
fn a_branch_keeps_its_document_under_a_new_name() {
    let sandbox = stacked();
    for (branch, base) in [("one", "main"), ("two", "one"), ("three", "two")] {
        sandbox.branchwork(["create", "-b", branch, "--base", base]);
    }
    assert_eq!(told(&sandbox), recorded("document"));
    sandbox.git_without_hooks(["branch", "-m", "two", "second"]);
    sandbox.git_without_hooks(["switch", "-q", "second"]);
    let json = sandbox.branchwork(["stack", "--json"]).stdout;
    let rows: Vec<serde_json::Value> = serde_json::from_str(&json).unwrap();
    let all = rows
        .iter()
        .map(|row| format!("{} on {} {}", row["branch"], row["parent"], row["source"]));
    assert_eq!(
        all.collect::<Vec<_>>().join("\n").replace('"', ""),
        "one on main document\nsecond on one document\nthree on second document"
    );
}

#[test]
fn a_branch_that_nothing_is_recorded_of_gets_the_nearest_base() {
    let sandbox = stacked();
    for (branch, base) in [("three", "two"), ("one", "main")] {
        sandbox.git(["switch", "-q", branch]);
        assert_eq!(field(&sandbox.view(), "base"), base, "{branch}");
    }
}

/// The tool did not note where its parent was, and the two have no commit in common any more.
#[test]
fn a_record_holds_when_the_parent_is_amended() {
    let sandbox = stacked();
    sandbox.branchwork(["create", "-b", "two", "--base", "main"]);
    sandbox.write(".git/machete", "main\n  one\n    two\n      three\n");
    assert_eq!(told(&sandbox), recorded("git-machete"));
    sandbox.git_without_hooks(["switch", "-q", "one"]);
    sandbox.git_without_hooks(["commit", "-q", "--amend", "-m", "Add one, better"]);
    assert_eq!(told(&sandbox), recorded("git-machete"));
    // In words: all of it, and who says otherwise.
    sandbox.write(".git/machete", "main\n  one PR #46\n    two\n      three\n");
    let said = sandbox.branchwork(["stack", "-b", "two", "--verbose"]).stderr;
    let expected = "'one' stands on 'main' (recorded by git-machete), 1 of 3 on the trunk 'main'; PR #46\n\
                    'two' stands on 'one' (recorded by git-machete), 2 of 3 on the trunk 'main'; needs a restack; \
                    document says 'main'\n";
    assert!(said.starts_with(expected), "{said}");
}

#[test]
fn refresh_and_list_with_the_stack() {
    let sandbox = Sandbox::new();
    for name in ["one", "two", "three"] {
        sandbox.git(["switch", "-q", "-c", name]);
        sandbox.commit(name, "x\n", &format!("Add {name}"));
    }
    sandbox.git(["switch", "-q", "two"]);
    // A list tells the places as they are, before the documents do.
    assert!(sandbox.stored("one").unwrap().contains("total: 1"));
    let listed = sandbox.branchwork(["list", "--json"]).stdout;
    let rows: Vec<serde_json::Value> = serde_json::from_str(&listed).unwrap();
    let places = rows.iter().map(|row| {
        format!(
            "{} {}/{}",
            row["branch"].as_str().unwrap(),
            row["position"],
            row["total"]
        )
    });
    assert_eq!(places.collect::<Vec<_>>(), ["one 1/3", "three 3/3", "two 2/3"]);
    let run = sandbox.branchwork(["refresh", "--stack"]);
    assert_eq!(
        run.stderr, "Refreshed the document of 'one': stack: 1 of 3, on main\n",
        "the others were told when their branches were checked out"
    );
    assert_eq!(
        sandbox.branchwork(["refresh", "--stack"]).stderr,
        "All documents are up to date\n"
    );
    let two = sandbox.view();
    assert_eq!(
        (field(&two, "position"), field(&two, "total")),
        ("2".into(), "3".into())
    );
    assert!(
        two.contains("```text\nmain\n├─○ one\n├─○ two 👈 Current\n└─○ three\n```\n"),
        "{two}"
    );
    let one = sandbox.stored("one").unwrap();
    assert!(one.contains("├─○ one 👈 Current\n├─○ two\n"), "{one}");
    // The parent moves on, and the middle is merged.
    sandbox.git(["switch", "-q", "one"]);
    sandbox.wait(1);
    sandbox.git(["commit", "-q", "--amend", "-m", "Add one, better"]);
    let drawn = sandbox.branchwork(["stack"]).stdout;
    assert_eq!(drawn, "main\n├─○ one 👈 Current\n├─○ two 🔁 Needs restack\n└─○ three\n");
    let listed = sandbox.branchwork(["list", "--stack"]).stdout;
    assert!(
        listed.contains("├─○ two 🔁 Needs restack  draft, missing: scope, risk\n"),
        "{listed}"
    );
    sandbox.git(["switch", "-q", "main"]);
    sandbox.git(["merge", "-q", "--ff-only", "one"]);
    let drawn = sandbox.branchwork(["stack", "two"]).stdout;
    assert!(drawn.starts_with("main\n├─● one ✅ Merged\n├─○ two"), "{drawn}");
    // A squash of it is on the trunk, and what stands on it was put there.
    sandbox.git(["reset", "-q", "--hard", "HEAD~1"]);
    sandbox.commit("one", "x\n", "Squash one");
    sandbox.git(["rebase", "-q", "--onto", "main", "one@{1}", "two"]);
    let drawn = sandbox.branchwork(["stack", "two"]).stdout;
    assert!(drawn.starts_with("main\n├─○ two"), "{drawn}");
    assert!(!drawn.contains("two 🔁"), "{drawn}");
    sandbox.branchwork(["refresh"]);
    assert!(!sandbox.view().contains("two 🔁"), "{}", sandbox.view());
    // In ASCII where the team wants it so.
    sandbox.write(".branchwork.yml", "stack:\n  style: ascii\n");
    let drawn = sandbox.branchwork(["stack", "--all"]).stdout;
    assert!(drawn.is_ascii() && drawn.contains("`-* one Merged\n"), "{drawn}");
    let run = sandbox.try_branchwork(["stack", "absent"]).code(1);
    assert!(
        run.stderr.contains("there is no branch 'absent' here"),
        "{}",
        run.stderr
    );
}

/// What stood on a branch that was merged and deleted stands where that stood: its document tells, also from the archive.
#[test]
fn the_lowest_is_merged_and_deleted() {
    let sandbox = Sandbox::new();
    for name in ["one", "two", "three", "four"] {
        sandbox.git(["switch", "-q", "-c", name]);
        sandbox.commit(name, "x\n", &format!("Add {name}"));
    }
    // One that is gone and nobody merged may live on elsewhere.
    sandbox.git(["branch", "-q", "-D", "three"]);
    sandbox.branchwork(["refresh"]);
    let kept = "three 4/4\nmain\n├─○ one\n├─○ two\n├─○ three\n└─○ four 👈 Current\n";
    assert_eq!(place(&sandbox), kept);
    sandbox.git(["switch", "-q", "-C", "three", "four~1"]);
    sandbox.git(["switch", "-q", "main"]);
    sandbox.git(["merge", "-q", "--ff-only", "one"]);
    sandbox.git(["branch", "-q", "-d", "one"]);
    sandbox.git(["switch", "-q", "two"]);
    assert_eq!(
        place(&sandbox),
        "main 1/3\nmain\n├─○ two 👈 Current\n├─○ three\n└─○ four\n"
    );
    sandbox.git(["switch", "-q", "main"]);
    sandbox.git(["merge", "-q", "--ff-only", "three"]);
    sandbox.git(["branch", "-q", "-d", "two", "three"]);
    sandbox.branchwork(["archive", "--merged"]);
    assert_eq!(sandbox.branchwork(["list", "--archived"]).stdout.lines().count(), 4);
    sandbox.git(["switch", "-q", "four"]);
    assert_eq!(place(&sandbox), "main 1/1\nmain\n└─○ four 👈 Current\n");
    let checked = sandbox.try_branchwork(["check"]);
    assert!(
        !format!("{}{}", checked.stdout, checked.stderr).contains("BW011"),
        "{}",
        checked.stdout
    );
}

/// Merged layers count and are drawn where they were, whether their branches are here still or not; all see the same.
#[test]
fn what_a_tool_says_is_merged_below() {
    let sandbox = later();
    for name in ["one", "two", "three", "four"] {
        sandbox.git(["switch", "-q", "-c", name]);
        sandbox.commit(name, "x\n", &format!("Add {name}"));
    }
    let branch = |(at, name): (usize, &str)| {
        let merged = ["one", "three"].contains(&name);
        format!(
            r#"{{"branch":"{name}","pullRequest":{{"number":{},"merged":{merged}}}}}"#,
            at + 46
        )
    };
    let branches: Vec<String> = ["one", "two", "three", "four"]
        .into_iter()
        .enumerate()
        .map(branch)
        .collect();
    let stack = format!(r#"{{"trunk":{{"branch":"main"}},"branches":[{}]}}"#, branches.join(","));
    sandbox.write(".git/gh-stack", format!(r#"{{"schemaVersion":1,"stacks":[{stack}]}}"#));
    sandbox.git(["switch", "-q", "main"]);
    sandbox.git(["branch", "-q", "-D", "three"]);
    let lines = |current: &str| {
        let line = |(branch, line): (&str, &str)| match branch == current {
            true => format!("{line} 👈 Current\n"),
            false => format!("{line}\n"),
        };
        let lines = [
            ("", "main"),
            ("one", "├─● one (PR #46) ✅ Merged"),
            ("two", "├─○ two (PR #47)"),
            ("three", "├─● PR #48 ✅ Merged"),
            ("four", "└─○ four (PR #49) ⏳ Waiting"),
        ];
        lines.map(line).concat()
    };
    for (branch, its) in [("one", "main 1/4"), ("two", "main 2/4"), ("four", "two 4/4")] {
        sandbox.wait(5);
        sandbox.git(["switch", "-q", branch]);
        assert_eq!(sandbox.branchwork(["stack"]).stdout, lines(branch), "{branch}");
        assert_eq!(place(&sandbox), format!("{its}\n{}", lines(branch)), "{branch}");
    }
    let listed = sandbox.branchwork(["list"]).stdout;
    for place in ["1/4", "2/4", "4/4"] {
        assert!(listed.contains(place), "{listed}");
    }
    // What is missing in each document stands beside its own branch.
    let listed = sandbox.branchwork(["list", "--stack", "-b", "two"]).stdout;
    let (all, said): (Vec<&str>, Vec<&str>) = listed
        .lines()
        .map(|line| line.split_once("  ").unwrap_or((line, "")))
        .unzip();
    assert_eq!(all.join("\n") + "\n", lines("four"));
    let draft = "draft, missing: scope, risk";
    let said: Vec<&str> = said.into_iter().map(str::trim_start).collect();
    assert_eq!(said, ["", draft, draft, "", draft]);
    sandbox.git(["switch", "-q", "-c", "other", "main"]);
    let json = sandbox
        .branchwork(["list", "--stack", "--json", "--branch", "four"])
        .stdout;
    let rows: Vec<serde_json::Value> = serde_json::from_str(&json).unwrap();
    let names = rows.iter().map(|row| row["branch"].as_str().unwrap());
    assert_eq!(names.collect::<Vec<_>>(), ["one", "two", "four"]);
    let all = sandbox.branchwork(["list", "--stack"]).stdout;
    assert!(all.contains(" other 👈 Current") && all.lines().count() == 8, "{all}");
    assert!(
        sandbox
            .try_branchwork(["list", "--stack", "-b", "none"])
            .code(1)
            .stderr
            .contains("'none'")
    );
    sandbox.git(["switch", "-q", "four"]);
    // A program is told of those that have no branch, and so are words.
    let run = sandbox.branchwork(["stack", "--json", "--verbose"]);
    let rows: Vec<serde_json::Value> = serde_json::from_str(&run.stdout).unwrap();
    let below = rows.iter().map(|row| row["merged_below"].to_string());
    assert_eq!(below.collect::<Vec<_>>(), ["[]", "[]", "[48]"]);
    assert!(
        run.stderr.contains("PR #49; PR #48 is merged below it\n"),
        "{}",
        run.stderr
    );
}

/// HEAD is on a merge of all stacks, which belongs to none.
#[test]
fn the_workspace_of_gitbutler_is_no_branch_of_anybodys() {
    let sandbox = stacked();
    let heads = ["one", "two", "three"].map(|name| format!("[[branches.a.heads]]\nname = \"{name}\"\n"));
    let file = format!("[default_target]\nbranchName = \"main\"\n{}", heads.concat());
    sandbox.write(".git/gitbutler/virtual_branches.toml", file);
    sandbox.git(["switch", "-q", "three"]);
    sandbox.git(["switch", "-q", "-c", "gitbutler/workspace"]);
    sandbox.git(["commit", "-q", "--allow-empty", "-m", "GitButler Workspace Commit"]);
    assert!(sandbox.stored("gitbutler/workspace").is_none());
    assert_eq!(told(&sandbox), recorded("gitbutler"));
    let drawn = sandbox.branchwork(["stack"]).stdout;
    assert_eq!(drawn, "main\n├─○ one\n├─○ two\n└─○ three\n");
    sandbox.git(["switch", "-q", "three"]);
    assert_eq!(
        place(&sandbox),
        "two 3/3\nmain\n├─○ one\n├─○ two\n└─○ three 👈 Current\n"
    );
}

#[test]
fn what_cannot_be_right_is_not_believed() {
    let sandbox = stacked();
    for (branch, parent) in [("one", "three"), ("two", "two"), ("three", "gone")] {
        sandbox.git(["config", &format!("git-town-branch.{branch}.parent"), parent]);
    }
    sandbox.write(".git/machete", [&b"main\n  one\n\t\xff"[..], &[b'x'; 100]].concat());
    for arguments in [
        &["stack", "--all", "-v"][..],
        &["stack", "--json"],
        &["list", "--stack"],
    ] {
        sandbox.branchwork(arguments);
    }
    let expected = [
        "one on main 1/3 trunk?",
        "two on one 2/3 graph?",
        "three on two 3/3 graph?",
    ];
    assert_eq!(told(&sandbox), expected);
    let sandbox = Sandbox::empty();
    sandbox.git(["init", "-q", "-b", "odd"]);
    sandbox.git(["commit", "-q", "--allow-empty", "-m", "x"]);
    sandbox.git(["switch", "-q", "-c", "other"]);
    let run = sandbox.try_branchwork(["stack"]).code(1);
    assert!(run.stderr.contains("git config branchwork.trunk"), "{}", run.stderr);
    sandbox.git(["config", "branchwork.trunk", "other"]);
    sandbox.git(["branch", "-q", "-D", "odd"]);
    for arguments in [&["stack"][..], &["list", "--stack"]] {
        assert_eq!(sandbox.branchwork(arguments).stderr, "No branches but the trunk\n");
    }
}
