//! The gate: what may be pushed, what may not, and that the printed command opens it.

use crate::sandbox::{Run, Sandbox, field, run, run_with};

/// A sandbox on branch `feat` with one commit and a document that lacks `scope` and `risk`.
fn unfinished() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.git(["switch", "-q", "-c", "feat"]);
    sandbox.commit("src/indexer/a.rs", "a\n", "Add a");
    sandbox
}

fn finish(sandbox: &Sandbox, branch: &str) {
    sandbox.branchwork(["set", "-b", branch, "scope=indexer", "risk=low"]);
}

#[track_caller]
fn blocked(run: &Run, branch: &str) {
    assert_eq!(run.code, 1, "{}{}", run.stdout, run.stderr);
    let line =
        format!("branchwork: push blocked: '{branch}' is incomplete (BRANCHWORK_WAIVE=\"why\" git push goes on)\n");
    assert!(run.stderr.contains(&line), "{}", run.stderr);
}

/// The command that was printed below `To fix`.
fn fix(run: &Run) -> String {
    let rest = run.stderr.split("To fix '").nth(1).unwrap_or_default();
    rest.lines().nth(1).unwrap_or_default().trim().to_owned()
}

#[test]
fn an_unfinished_document_holds_the_push_and_the_printed_command_lets_it_go() {
    let sandbox = unfinished();
    let run = sandbox.try_git(["push", "origin", "feat"]);
    blocked(&run, "feat");
    let expected = "\
error[BW002]: 'scope' is required and missing
  --> .branchwork/CURRENT.md:13:1
   |
13 | scope: # e.g. indexer, storage
   | ^^^^^
   |
   = help: required from status 'draft' on
error[BW002]: 'risk' is required and missing
  --> .branchwork/CURRENT.md:14:1
   |
14 | risk: # low | medium | high
   | ^^^^
   |
   = help: required from status 'draft' on
To fix 'feat':
  git branchwork set scope=indexer 'risk=<low|medium|high>'
branchwork: push blocked: 'feat' is incomplete (BRANCHWORK_WAIVE=\"why\" git push goes on)
";
    assert!(run.stderr.starts_with(expected), "{}", run.stderr);
    assert_eq!(sandbox.git(["ls-remote", "origin", "feat"]).stdout, "");

    // As it is it is refused; filled in it works.
    let command = fix(&run);
    let refused = sandbox.shell(&command).code(1);
    assert_eq!(
        refused.stderr,
        "error: '<low|medium|high>' is not allowed for 'risk': allowed: low, medium, high\n"
    );
    sandbox.shell(&command.replace("<low|medium|high>", "low")).ok();
    let run = sandbox.git(["push", "-q", "origin", "feat"]);
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", ""));
}

#[test]
fn stdout_is_gits_own() {
    let sandbox = unfinished();
    let run = sandbox.try_git(["push", "--porcelain", "origin", "feat"]);
    blocked(&run, "feat");
    assert_eq!(run.stdout, "");
    finish(&sandbox, "feat");
    let run = sandbox.git(["push", "--porcelain", "origin", "feat"]);
    assert!(
        run.stdout
            .starts_with("To ../remote.git\n*\trefs/heads/feat:refs/heads/feat\t[new branch]\nDone\n"),
        "{}",
        run.stdout
    );
}

#[test]
fn every_way_to_name_what_is_pushed() {
    let sandbox = unfinished();
    sandbox.commit("src/b.rs", "b\n", "Add b");
    let sha = sandbox.id("HEAD");
    for (arguments, held) in [
        ("origin HEAD", true),
        ("origin feat", true),
        ("origin @", true),
        ("origin refs/heads/feat:refs/heads/elsewhere", true),
        ("origin HEAD:elsewhere", true),
        ("origin HEAD~1:refs/heads/feat", true),
        (&format!("origin {sha}:refs/heads/feat"), true),
        ("origin feat main", true),
        ("--all origin", true),
        ("--mirror origin", true),
        ("--dry-run origin feat", true),
        ("--force origin feat", true),
        ("--atomic origin main feat", true),
        ("../remote.git feat", true),
        // Not a branch that is here: nobody knows whose work it is.
        ("--dry-run origin HEAD~1:refs/heads/unknown", false),
        ("--dry-run origin HEAD:refs/tags/v1", false),
        ("--dry-run --no-verify origin feat", false),
        // To the trunk: the gate is about branches.
        ("--dry-run origin feat:main", false),
        ("origin main", false),
    ] {
        let run = sandbox.shell(&format!("git push {arguments}"));
        if held {
            blocked(&run, "feat");
        } else {
            assert_eq!(run.code, 0, "{arguments}: {}", run.stderr);
            assert!(!run.stderr.contains("branchwork"), "{arguments}: {}", run.stderr);
        }
    }
    let refs = sandbox.git(["ls-remote", "--refs", "origin"]).stdout;
    assert!(
        refs.ends_with("\trefs/heads/main\n") && refs.lines().count() == 1,
        "{refs}"
    );
}

#[test]
fn tags_deletions_and_what_is_up_to_date_go_through() {
    let sandbox = unfinished();
    finish(&sandbox, "feat");
    sandbox.git(["push", "-q", "origin", "feat"]);
    sandbox.branchwork(["set", "risk="]);
    sandbox.git(["tag", "v1"]);
    for arguments in [
        &["push", "-q", "origin", "feat"][..],
        &["push", "-q", "origin", "v1"],
        &["push", "-q", "--tags", "origin"],
        &["push", "-q", "origin", "--delete", "feat"],
    ] {
        let run = sandbox.git(arguments);
        assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", ""), "{arguments:?}");
    }
    // A deletion beside an unfinished branch does not help it.
    sandbox.git(["push", "-q", "--no-verify", "origin", "feat:old"]);
    blocked(&sandbox.try_git(["push", "-q", "origin", ":old", "feat"]), "feat");
}

#[test]
fn a_branch_that_is_not_checked_out() {
    let sandbox = unfinished();
    sandbox.git(["switch", "-q", "main"]);
    let run = sandbox.try_git(["push", "origin", "feat"]);
    blocked(&run, "feat");
    assert!(
        run.stderr.contains("\n  --> the document of 'feat':13:1\n"),
        "{}",
        run.stderr
    );
    let command = fix(&run);
    assert_eq!(
        command,
        "git branchwork set -b feat scope=indexer 'risk=<low|medium|high>'"
    );
    sandbox.shell(&command.replace("<low|medium|high>", "high")).ok();
    assert_eq!(sandbox.git(["push", "-q", "origin", "feat"]).stderr, "");
    assert_eq!(field(&sandbox.stored("feat").unwrap(), "risk"), "high");
}

#[test]
fn a_branch_in_another_work_tree_with_an_edit_nobody_saved_but_the_editor() {
    let sandbox = Sandbox::new();
    sandbox.git(["worktree", "add", "-q", "-b", "there", "../there"]);
    let run = sandbox.try_git(["push", "-q", "origin", "there"]);
    blocked(&run, "there");
    let path = sandbox.path("there/.branchwork/CURRENT.md");
    assert!(
        run.stderr.contains(&format!("  --> {}:13:1\n", path.display())),
        "{}",
        run.stderr
    );
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(
        &path,
        text.replacen("scope:", "scope: x", 1).replacen("risk:", "risk: low", 1),
    )
    .unwrap();
    sandbox.git(["push", "-q", "origin", "there"]);
    assert_eq!(field(&sandbox.stored("there").unwrap(), "risk"), "low");
}

#[test]
fn several_branches_are_each_told() {
    let sandbox = unfinished();
    sandbox.git(["switch", "-q", "-c", "more"]);
    sandbox.git(["switch", "-q", "-c", "done"]);
    finish(&sandbox, "done");
    let run = sandbox.try_git(["push", "origin", "feat", "more", "done"]).code(1);
    assert!(
        run.stderr.contains("push blocked: 'feat', 'more' are incomplete"),
        "{}",
        run.stderr
    );
    assert!(
        run.stderr.contains("To fix 'feat':\n  git branchwork set -b feat "),
        "{}",
        run.stderr
    );
    assert!(
        run.stderr.contains("To fix 'more':\n  git branchwork set -b more "),
        "{}",
        run.stderr
    );
    assert!(!run.stderr.contains("'done'"), "{}", run.stderr);
}

#[test]
fn the_remote_may_have_any_name() {
    let sandbox = unfinished();
    sandbox.git(["remote", "rename", "origin", "upstream"]);
    blocked(&sandbox.try_git(["push", "upstream", "feat"]), "feat");
    finish(&sandbox, "feat");
    sandbox.git(["push", "-q", "upstream", "feat"]);
    assert_eq!(sandbox.git(["push", "-q", "upstream", "main"]).stderr, "");
}

#[test]
fn the_rules_are_those_of_the_commit_that_is_pushed() {
    let sandbox = Sandbox::new();
    sandbox.commit(".branchwork.yml", "required:\n  draft: [risk, ticket]\n", "Rules");
    sandbox.git(["push", "-q", "origin", "main"]);
    sandbox.git(["switch", "-q", "-c", "feat"]);
    sandbox.commit("a", "a\n", "Add a");
    // The work tree's own rules are not asked.
    sandbox.write(".branchwork.yml", "required: {draft: []}\n");
    let run = sandbox.try_git(["push", "origin", "feat"]);
    blocked(&run, "feat");
    assert_eq!(fix(&run), "git branchwork set 'ticket=<text>' 'risk=<low|medium|high>'");
    assert!(!run.stderr.contains("changes the rules"), "{}", run.stderr);
    sandbox.git(["checkout", "-q", "--", ".branchwork.yml"]);

    // Nor is anybody said to have changed them who only lags behind.
    sandbox.git(["switch", "-q", "main"]);
    sandbox.commit(".branchwork.yml", "required:\n  draft: [risk]\n", "Other rules");
    sandbox.git(["push", "-q", "origin", "main"]);
    let run = sandbox.try_git(["push", "origin", "feat"]);
    blocked(&run, "feat");
    assert!(!run.stderr.contains("changes the rules"), "{}", run.stderr);

    sandbox.git(["switch", "-q", "feat"]);
    sandbox.commit(".branchwork.yml", "required: {draft: []}\n", "No rules");
    let run = sandbox.git(["push", "-q", "origin", "feat"]);
    assert_eq!(
        run.stderr,
        "branchwork: 'feat' changes the rules in '.branchwork.yml'\n"
    );
}

#[test]
fn excluded_branches_go_through_by_either_name() {
    let sandbox = Sandbox::new();
    sandbox.commit(".branchwork.yml", "exclude: [\"release/*\"]\n", "Rules");
    sandbox.git(["switch", "-q", "-c", "release/1"]);
    assert_eq!(sandbox.git(["push", "-q", "origin", "release/1"]).stderr, "");
    sandbox.git(["switch", "-q", "-c", "feat"]);
    assert_eq!(sandbox.git(["push", "-q", "origin", "feat:release/2"]).stderr, "");
    blocked(&sandbox.try_git(["push", "-q", "origin", "feat"]), "feat");
}

#[test]
fn a_branch_without_a_document() {
    let make = "make it with `git branchwork create -b bare`";
    for (policy, code, words) in [
        (
            "",
            1,
            vec![
                "error[BW007]: the branch 'bare' has no document\n  make it with",
                make,
                "push blocked: 'bare' is incomplete",
            ],
        ),
        ("missing_document: block\n", 1, vec!["error[BW007]", make]),
        (
            "missing_document: warn\n",
            0,
            vec!["warning[BW007]: the branch 'bare' has no document", make],
        ),
        ("missing_document: allow\n", 0, vec![]),
    ] {
        let sandbox = Sandbox::new();
        sandbox.commit(".branchwork.yml", policy, "Rules");
        sandbox.git(["branch", "bare"]);
        let run = sandbox.try_git(["push", "-q", "origin", "bare"]).code(code);
        for word in &words {
            assert!(run.stderr.contains(word), "{policy}: {}", run.stderr);
        }
        assert!(!words.is_empty() || run.stderr.is_empty(), "{policy}: {}", run.stderr);
    }
}

#[test]
fn what_a_status_requires() {
    let sandbox = unfinished();
    finish(&sandbox, "feat");
    sandbox.branchwork(["set", "status=in-review"]);
    let run = sandbox.try_git(["push", "origin", "feat"]);
    blocked(&run, "feat");
    assert_eq!(
        fix(&run),
        "git branchwork set 'reviewers=<name>' 'backout_plan=<how to undo it>'"
    );
    sandbox
        .shell(
            &fix(&run)
                .replace("<name>", "grace")
                .replace("<how to undo it>", "Revert it's merge")
                .replace("'backout_plan=Revert it's merge'", "\"backout_plan=Revert it's merge\""),
        )
        .ok();
    sandbox.git(["push", "-q", "origin", "feat"]);
    assert_eq!(
        sandbox.branchwork(["get", "backout_plan"]).stdout,
        "Revert it's merge\n"
    );
}

#[test]
fn broken_front_matter_holds_the_push_and_says_where() {
    let sandbox = unfinished();
    sandbox.write(
        ".branchwork/CURRENT.md",
        sandbox.view().replacen("scope:", "scope: [indexer", 1),
    );
    let run = sandbox.try_git(["push", "origin", "feat"]);
    blocked(&run, "feat");
    assert!(
        run.stderr.contains("error[BW001]: the front matter cannot be read: "),
        "{}",
        run.stderr
    );
    assert!(
        run.stderr.contains("\n  --> .branchwork/CURRENT.md:14:5\n"),
        "{}",
        run.stderr
    );
    assert!(
        run.stderr.contains("help: correct it by hand: git branchwork edit"),
        "{}",
        run.stderr
    );
    // A commit gets its entry all the same.
    sandbox.commit("b", "b\n", "Add b");
    assert!(sandbox.view().contains("[@ada] Add b"), "{}", sandbox.view());
    assert!(sandbox.view().contains("\nscope: [indexer"), "{}", sandbox.view());
    assert_eq!(sandbox.view(), sandbox.stored("feat").unwrap());
}

#[test]
fn values_that_are_not_allowed_and_such_that_are_odd() {
    let sandbox = unfinished();
    finish(&sandbox, "feat");
    sandbox.write(
        ".branchwork/CURRENT.md",
        sandbox
            .view()
            .replacen("risk: low", "risk: low-risk", 1)
            .replacen("pr:", "pr: '#47'", 1),
    );
    let run = sandbox.try_git(["push", "origin", "feat"]);
    blocked(&run, "feat");
    assert!(
        run.stderr
            .contains("error[BW003]: 'low-risk' is not allowed for 'risk'"),
        "{}",
        run.stderr
    );
    assert!(run.stderr.contains("did you mean 'low'?"), "{}", run.stderr);
    assert!(run.stderr.contains("warning[BW005]"), "{}", run.stderr);
    assert_eq!(fix(&run), "git branchwork set pr=47 risk=low");
    sandbox.branchwork(["set", "risk=low"]);
    let run = sandbox.git(["push", "-q", "origin", "feat"]);
    assert!(run.stderr.contains("warning[BW005]"), "{}", run.stderr);
}

#[test]
fn a_policy_with_a_typo_warns_and_the_defaults_hold() {
    let sandbox = Sandbox::new();
    sandbox.commit(".branchwork.yml", "version: 1\nexclud: [\"feat\"]\n", "Rules");
    sandbox.git(["push", "-q", "origin", "main"]);
    sandbox.git(["switch", "-q", "-c", "feat"]);
    let run = sandbox.try_git(["push", "-q", "origin", "feat"]);
    blocked(&run, "feat");
    for words in ["warning[BW008]: 'exclud' is not a key", ".branchwork.yml:2:1"] {
        assert!(run.stderr.contains(words), "{}", run.stderr);
    }
    finish(&sandbox, "feat");
    let run = sandbox.git(["push", "-q", "origin", "feat"]);
    assert!(run.stderr.contains("warning[BW008]"), "{}", run.stderr);
}

#[test]
fn a_store_that_cannot_be_read_lets_the_push_go_with_one_line() {
    let sandbox = unfinished();
    sandbox.write(".git/branchwork/config", "[broken\n");
    let run = sandbox.git(["push", "-q", "origin", "feat"]);
    assert_eq!(run.stderr.lines().count(), 1, "{}", run.stderr);
    assert!(run.stderr.starts_with("branchwork: pre-push: "), "{}", run.stderr);
}

/// What a push says, without git's own last line.
fn said(run: &Run) -> Vec<&str> {
    let own = |line: &&str| !line.starts_with("error: failed to push some refs to ");
    run.stderr.lines().filter(own).collect()
}

/// The rows that it takes on a small terminal.
fn rows(run: &Run) -> usize {
    let wrapped = said(run)
        .into_iter()
        .map(|line| line.chars().count().div_ceil(80).max(1));
    wrapped.sum()
}

#[test]
fn a_push_that_is_held_is_told_on_one_screen() {
    let sandbox = unfinished();
    let policy = "required: {draft: [dri, scope, risk, one, two, three, four, five]}\nodd: 1\n";
    sandbox.commit(".branchwork.yml", policy, "Rules");
    sandbox.branchwork(["set", "pr="]);
    let text = sandbox.view().replacen("pr:", "pr: '#47'", 1);
    sandbox.write(".branchwork/CURRENT.md", text);
    let run = sandbox.try_git(["push", "origin", "feat"]);
    blocked(&run, "feat");
    assert!((20..=24).contains(&rows(&run)), "{}", run.stderr);
    // All in short, what blocks before what only warns, and the first as far as there is room.
    assert_eq!(run.stderr.matches("error[BW002]").count(), 7, "{}", run.stderr);
    assert!(
        run.stderr
            .contains("warning[BW005]: '#47' is not a number of a PR for 'pr' (.branchwork/CURRENT.md:5:5)\n"),
        "{}",
        run.stderr
    );
    assert!(
        run.stderr
            .contains("error[BW002]: 'one' is required and missing\n --> .branchwork/CURRENT.md:1:1\n"),
        "{}",
        run.stderr
    );
    assert!(
        fix(&run).starts_with("git branchwork set 'one=<text>'"),
        "{}",
        run.stderr
    );
    assert!(!run.stderr.contains("... and"), "{}", run.stderr);
    let all = sandbox.try_branchwork(["check"]).code(1);
    assert_eq!(all.stderr.matches("error[BW002]").count(), 7, "{}", all.stderr);
}

#[test]
fn many_branches_that_are_held_are_told_on_one_screen() {
    let sandbox = unfinished();
    for number in 0..12 {
        sandbox.git(["switch", "-q", "-c", &format!("b{number:02}")]);
    }
    let run = sandbox.try_git(["push", "--all", "origin"]).code(1);
    assert!((20..=24).contains(&rows(&run)), "{}", run.stderr);
    for words in [
        "branchwork: push blocked: 'b00', 'b01', 'b02', 'b03', 'b04', and 8 more are incomplete",
        "... and 8 more branches to fix: git branchwork check --all",
        "To fix 'b04':",
    ] {
        assert!(run.stderr.contains(words), "{words}: {}", run.stderr);
    }
    // A row for each branch.
    let told = run.stderr.matches(", and 1 more\n").count();
    let left = format!("... and {} more: git branchwork check --all", 2 * (13 - told));
    assert!(told > 3 && run.stderr.contains(&left), "{left}: {}", run.stderr);
    // Also with names that take more than a row.
    let sandbox = Sandbox::new();
    sandbox.commit(
        ".branchwork.yml",
        "required: {draft: [scope, a, b, c, d, e, f]}\n",
        "Rules",
    );
    for number in 0..7 {
        sandbox.git(["switch", "-q", "-c", &format!("{}{number}", "b".repeat(49))]);
    }
    let run = sandbox.try_git(["push", "--all", "origin"]).code(1);
    assert!((18..=24).contains(&rows(&run)), "{} rows: {}", rows(&run), run.stderr);
    assert!(
        run.stderr.contains("bb2', and 4 more are incomplete ("),
        "{}",
        run.stderr
    );
}

#[test]
fn hundreds_of_branches_are_told_in_order_and_each_once() {
    let sandbox = unfinished();
    let tip = sandbox.commit(".branchwork.yml", "requird: {}\n", "Rules with a typo");
    sandbox.git(["switch", "-q", "main"]);
    let names: Vec<String> = (0..200).map(|number| format!("b{number:03}")).collect();
    let made: String = names
        .iter()
        .map(|name| format!("create refs/heads/{name} {tip}\n"))
        .collect();
    run_with(sandbox.command("git").args(["update-ref", "--stdin"]), made.as_bytes()).ok();
    let push = |agent: &str| {
        let mut push = sandbox.command("git");
        push.args([
            "push",
            "-q",
            "origin",
            "b007:refs/heads/z",
            "b007",
            "refs/heads/b*",
            "feat",
        ]);
        run(push.env("CLAUDECODE", agent)).code(1)
    };
    let held = push("1");
    let rows = said(&held).into_iter().filter(|line| line.starts_with("{\"branch"));
    let mut told: Vec<String> = rows
        .map(|row| serde_json::from_str::<serde_json::Value>(row).unwrap()["branch"].to_string())
        .collect();
    told.dedup();
    // As git lists them: what was named first.
    let mut expected = vec!["\"b007\"".to_owned(), "\"feat\"".to_owned()];
    expected.extend(
        names
            .iter()
            .filter(|name| *name != "b007")
            .map(|name| format!("\"{name}\"")),
    );
    assert!(told.len() > 20, "{told:?}");
    assert_eq!(told, expected[..told.len()]);
    assert!(
        held.stderr.contains("'b002', and 196 more are incomplete"),
        "{}",
        held.stderr
    );
    // What is wrong with the rules, which all of them have, is one of these.
    let held = push("");
    let shown = held.stderr.matches("error[").count() + held.stderr.matches(", and 1 more\n").count();
    let left = format!("... and {} more: ", 200 + 2 + 1 - shown);
    assert!(held.stderr.contains(&left), "{}", held.stderr);
}

#[test]
fn an_agent_gets_the_same_as_data() {
    let sandbox = unfinished();
    let push = |branch: &str| {
        let mut command = sandbox.command("git");
        run(command.args(["push", "origin", branch]).env("CLAUDECODE", "1"))
    };
    let held = push("feat").code(1);
    let mut rows: Vec<serde_json::Value> = Vec::new();
    let mut others: Vec<&str> = Vec::new();
    for line in said(&held) {
        match line.starts_with('{') {
            true => rows.push(serde_json::from_str(line).unwrap()),
            false => others.push(line),
        }
    }
    assert_eq!(
        others,
        [
            "branchwork: push blocked: 'feat' is incomplete (run the command in 'fix' with a value for each <…>, then push again)"
        ]
    );
    let checked = sandbox.try_branchwork(["check", "--json"]).code(1).stdout;
    assert_eq!(
        serde_json::Value::Array(rows.clone()),
        serde_json::from_str::<serde_json::Value>(&checked).unwrap()
    );
    let command = rows[0]["fix"].as_str().unwrap().replace("<low|medium|high>", "low");
    sandbox.shell(&command).ok();
    assert_eq!(
        said(&push("feat").ok())
            .iter()
            .filter(|line| line.contains("branchwork"))
            .count(),
        0
    );
}

#[test]
fn the_printed_command_runs_for_a_branch_that_looks_like_an_option() {
    let sandbox = unfinished();
    let tip = sandbox.id("HEAD");
    sandbox.git(["update-ref", "refs/heads/--force", &tip]);
    sandbox.branchwork(["create", "--branch=--force"]);
    let run = sandbox.try_git(["push", "-q", "origin", "refs/heads/--force"]).code(1);
    let command = fix(&run);
    assert!(command.contains("--branch=--force"), "{command}");
    sandbox.shell(&command.replace("<low|medium|high>", "low")).ok();
    sandbox.git(["push", "-q", "origin", "refs/heads/--force"]);
}
