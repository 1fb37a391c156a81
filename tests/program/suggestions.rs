//! Values that a check suggests: from commits, folders and CODEOWNERS; for risk from nothing.

use crate::sandbox::{Sandbox, field};

/// The command that a check prints.
fn fix(sandbox: &Sandbox) -> String {
    let run = sandbox.try_branchwork(["check"]).code(1);
    let line = run
        .stderr
        .lines()
        .find_map(|line| line.trim().strip_prefix("git branchwork set "));
    line.unwrap_or_else(|| panic!("{}", run.stderr)).to_owned()
}

fn suggestions(sandbox: &Sandbox, key: &str) -> Vec<String> {
    let run = sandbox.try_branchwork(["check", "--json"]).code(1);
    let rows: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let row = rows.as_array().unwrap().iter().find(|row| row["key"] == key).unwrap();
    let values = row["suggestions"].as_array().unwrap().iter();
    values.map(|value| value.as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_scope_is_what_the_branch_s_own_commits_say_else_where_its_files_are() {
    let sandbox = Sandbox::new();
    sandbox.commit("src/old/a.rs", "a\n", "feat(old): Add a");
    sandbox.git(["switch", "-q", "-c", "feat"]);
    assert_eq!(fix(&sandbox), "'scope=<area>' 'risk=<low|medium|high>'");
    sandbox.commit("src/indexer/a.rs", "a\n", "Add a");
    sandbox.commit("crates/store/src/b.rs", "b\n", "Add b");
    sandbox.commit("src/indexer/c.rs", "c\n", "Add c");
    assert_eq!(fix(&sandbox), "scope=indexer,store 'risk=<low|medium|high>'");
    sandbox.commit("docs/d.md", "d\n", "docs(guide)!: Add d");
    sandbox.commit("docs/e.md", "e\n", "fix(parser, guide): Add e");
    sandbox.commit("docs/f.md", "f\n", "chore(ci): Add f");
    assert_eq!(fix(&sandbox), "scope=guide,ci 'risk=<low|medium|high>'");
    assert_eq!(suggestions(&sandbox, "scope"), ["guide,ci", "guide", "ci", "parser"]);
    assert_eq!(suggestions(&sandbox, "risk"), Vec::<String>::new());

    // A branch on top of it has commits of its own.
    sandbox.git(["switch", "-q", "-c", "upon"]);
    sandbox.commit("src/upon/a.rs", "a\n", "feat(upon): Add a");
    assert_eq!(fix(&sandbox), "scope=upon 'risk=<low|medium|high>'");
}

#[test]
fn reviewers_are_the_trunk_s_owners_of_what_changed_without_the_author() {
    let sandbox = Sandbox::new();
    let owners = "* @everybody\n/src/ @ada @grace @org/core\n/src/ui/ linus@example.com # the screen\n/src/free/\n";
    sandbox.commit("docs/CODEOWNERS", "* @last\n", "Owners");
    sandbox.commit(".github/CODEOWNERS", owners, "Owners first");
    sandbox.git(["push", "-q", "origin", "main"]);
    sandbox.git(["switch", "-q", "-c", "feat"]);
    sandbox.branchwork([
        "set",
        "-q",
        "scope=x",
        "risk=low",
        "status=in-review",
        "backout_plan=revert",
    ]);
    assert_eq!(fix(&sandbox), "'reviewers=<name>'");
    // A branch does not choose its own reviewers.
    sandbox.commit(".github/CODEOWNERS", "* @friend\n", "Mine");
    sandbox.commit("src/free/a.rs", "a\n", "Nobody's");
    assert_eq!(fix(&sandbox), "reviewers=everybody");
    sandbox.commit("src/a.rs", "a\n", "Add a");
    sandbox.commit("src/b.rs", "b\n", "Add b");
    sandbox.commit("src/ui/c.rs", "c\n", "Add c");
    assert_eq!(fix(&sandbox), "reviewers=grace,org/core,everybody");
    let all = suggestions(&sandbox, "reviewers");
    assert_eq!(all[1..], ["grace", "org/core", "everybody", "linus@example.com"]);
    let run = sandbox.try_git(["push", "-q", "origin", "feat"]).code(1);
    let command = run
        .stderr
        .lines()
        .find(|line| line.contains("git branchwork set"))
        .unwrap();
    sandbox.shell(command.trim()).ok();
    assert_eq!(field(&sandbox.view(), "reviewers"), "[grace, org/core, everybody]");
    assert_eq!(sandbox.git(["push", "-q", "origin", "feat"]).stderr, "");
}

#[test]
fn branches_that_have_no_document_take_nothing_from_one_that_has() {
    let sandbox = Sandbox::new();
    for number in 0..12 {
        sandbox.git(["branch", &format!("a{number:02}"), "main"]);
    }
    sandbox.git(["switch", "-q", "-c", "feat"]);
    sandbox.commit("src/other/a.rs", "a\n", "feat(named): Add a");
    let run = sandbox.try_git(["push", "-q", "--all", "origin"]).code(1);
    assert!(run.stderr.contains(" set scope=named 'risk="), "{}", run.stderr);
}

#[test]
fn what_a_hostile_repository_suggests_is_a_name_or_nothing() {
    let sandbox = Sandbox::new();
    let owners = format!("* @$(touch owned) `id` @\u{1b}[31m @ok\n{} @x\n", "*a".repeat(3_000));
    sandbox.commit("CODEOWNERS", &owners, "Owners");
    sandbox.git(["switch", "-q", "-c", "feat"]);
    sandbox.branchwork(["set", "-q", "risk=low", "status=in-review", "backout_plan=revert"]);
    sandbox.commit("a$(touch owned)/b", "b\n", "feat($(touch owned)): Add\u{1b}[31m");
    sandbox.commit("`id`/b", "b\n", "feat(;id): Add");
    assert_eq!(fix(&sandbox), "reviewers=ok 'scope=<area>'");
    let slow = format!("{} @x\n", "*a".repeat(200)).repeat(5_000);
    sandbox.git(["switch", "-q", "main"]);
    sandbox.commit("CODEOWNERS", &slow, "Slow");
    sandbox.git(["switch", "-q", "feat"]);
    sandbox.commit(&"a".repeat(200), "b\n", "Add");
    let begun = std::time::Instant::now();
    assert!(fix(&sandbox).contains("'reviewers=<name>'"));
    assert!(begun.elapsed().as_secs() < 5, "{:?}", begun.elapsed());
}
