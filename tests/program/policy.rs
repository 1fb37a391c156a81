//! What a team writes into `.branchwork.yml`, and what a push makes of it.

use crate::sandbox::{Run, Sandbox, field};

/// A branch `feat` with a finished document, under this policy, which the remote's trunk has too.
fn under(policy: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.commit(".branchwork.yml", policy, "Rules");
    sandbox.git(["push", "-q", "origin", "main"]);
    sandbox.git(["switch", "-q", "-c", "feat"]);
    let view = sandbox.view().replacen("scope:", "scope: x", 1);
    sandbox.write(".branchwork/CURRENT.md", view.replacen("risk:", "risk: low", 1));
    sandbox
}

fn push(sandbox: &Sandbox) -> Run {
    sandbox.try_git(["push", "-q", "origin", "feat"])
}

#[track_caller]
fn held(run: Run, words: &[&str]) {
    let run = run.code(1);
    for word in words {
        assert!(run.stderr.contains(word), "no '{word}' in\n{}", run.stderr);
    }
}

#[track_caller]
fn goes_through(sandbox: &Sandbox) {
    let run = push(sandbox).ok();
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", ""));
}

const MIGRATIONS: &str = "rules:\n  - when: { paths: ['migrations/**', '**/*.sql'] }\n    require: [backout_plan]\n    \
                          refuse: { risk: [low] }\n    because: there is no way back\n";

#[test]
fn a_rule_for_paths() {
    let sandbox = under(MIGRATIONS);
    sandbox.commit("src/a.rs", "a\n", "Add a");
    goes_through(&sandbox);
    sandbox.commit("migrations/1/up.txt", "up\n", "Migrate");
    let words = [
        "error[BW003]: 'low' is not allowed for 'risk' here",
        "refused where 'migrations/**' or '**/*.sql' changes: there is no way back",
        "error[BW002]: 'backout_plan' is required and missing",
        "required where 'migrations/**' or '**/*.sql' changes: there is no way back",
        "git branchwork set 'risk=<medium|high>' 'backout_plan=<how to undo it>'",
    ];
    held(push(&sandbox), &words);
    held(sandbox.try_branchwork(["check"]), &words[..4]);
    let list: serde_json::Value = serde_json::from_str(&sandbox.branchwork(["list", "--json"]).stdout).unwrap();
    assert_eq!(list[0]["missing"], serde_json::json!(["backout_plan"]), "{list}");
    sandbox.branchwork(["set", "risk=high", "backout_plan=Restore the dump"]);
    goes_through(&sandbox);

    // What was changed and changed back is not changed; a file at the top and one that was removed are.
    sandbox.branchwork(["set", "risk=low"]);
    held(push_more(&sandbox), &["BW003"]);
    sandbox.git(["rm", "-q", "-r", "migrations"]);
    sandbox.git(["commit", "-q", "-m", "Do not migrate"]);
    push(&sandbox).ok();
    sandbox.commit("a.sql", "x\n", "Add x");
    held(push(&sandbox), &["BW003"]);
}

/// Each of them is in what is pushed, whatever the order.
#[test]
fn every_commit_of_one_branch_counts() {
    let sandbox = under(MIGRATIONS);
    sandbox.branchwork(["set", "risk=high"]);
    sandbox.commit(".branchwork.yml", "required: {draft: [ticket]}\n", "Other rules");
    sandbox.commit(".branchwork.yml", MIGRATIONS, "Rules again");
    sandbox.commit("migrations/a", "a\n", "Migrate");
    let push = |refs: [&str; 2]| sandbox.try_git(["push", "-q", "--dry-run", "origin", refs[0], refs[1]]);
    let (all, feat) = ("feat:refs/heads/all", "feat~1:refs/heads/feat");
    for refs in [[all, feat], [feat, all]] {
        held(push(refs), &["'backout_plan' is required and missing"]);
    }
    for refs in [[all, "feat~2:refs/heads/feat"], ["feat~2:refs/heads/feat", all]] {
        let words = [
            "'backout_plan' is",
            "'ticket' is",
            "set 'ticket=<text>' 'backout_plan=<how to undo it>'",
        ];
        held(push(refs), &words);
    }
    sandbox.branchwork(["set", "backout_plan=None"]);
    held(push([all, "feat~2:refs/heads/feat"]), &["'ticket' is"]);
    push([all, feat]).ok();
}

/// With one commit more, for git runs no hook for a push of nothing.
fn push_more(sandbox: &Sandbox) -> Run {
    sandbox.commit("more", &sandbox.now().to_string(), "More");
    push(sandbox)
}

#[test]
fn only_the_branchs_own_paths_count() {
    let sandbox = under(MIGRATIONS);
    sandbox.commit("migrations/a", "a\n", "Migrate");
    sandbox.branchwork(["set", "risk=high", "backout_plan=None"]);
    // On top of it.
    sandbox.git(["switch", "-q", "-c", "child"]);
    sandbox.branchwork(["set", "scope=x", "risk=low"]);
    sandbox.commit("src/a.rs", "a\n", "Add a");
    assert_eq!(field(&sandbox.view(), "base"), "feat");
    sandbox.git(["push", "-q", "origin", "child"]);
    // What came in from the trunk.
    sandbox.git(["switch", "-q", "-c", "other", "main"]);
    sandbox.branchwork(["set", "scope=x", "risk=low"]);
    sandbox.commit("src/b.rs", "b\n", "Add b");
    sandbox.git(["switch", "-q", "main"]);
    sandbox.git(["merge", "-q", "--ff-only", "feat"]);
    sandbox.git(["switch", "-q", "other"]);
    sandbox.git(["merge", "-q", "--no-edit", "main"]);
    sandbox.git(["push", "-q", "origin", "other"]);
    sandbox.commit("migrations/b", "b\n", "Migrate more");
    sandbox.try_git(["push", "-q", "origin", "other"]).code(1);
    // A base does not hide them.
    let run = sandbox.try_branchwork(["set", "branch.base=other"]).code(1);
    assert!(run.stderr.contains("'other' cannot be its own base"), "{}", run.stderr);
    let push = |branches: &str| sandbox.shell(&format!("git push -q --dry-run origin {branches}"));
    for base in ["other", "cover"] {
        sandbox.git(["branch", "-f", "cover", "HEAD"]);
        let set = format!("  base: {base}");
        let view = sandbox
            .view()
            .replacen("  base: main", &set, 1)
            .replacen("  base: other", &set, 1);
        assert!(view.contains(&set), "{view}");
        sandbox.write(".branchwork/CURRENT.md", view);
        held(push("other"), &["BW003"]);
        held(sandbox.try_branchwork(["check"]), &["BW003"]);
    }
    // One that is checked itself, now or before, has a right to be the base.
    sandbox.git(["switch", "-q", "-c", "top", "other"]);
    sandbox.branchwork(["set", "scope=x", "risk=low", "-b", "top"]);
    assert_eq!(field(&sandbox.view(), "base"), "other");
    sandbox.branchwork(["check"]);
    held(push("top"), &["BW003"]);
    sandbox.branchwork(["set", "-b", "other", "risk=high", "backout_plan=None"]);
    push("top other").ok();
    sandbox.git(["push", "-q", "origin", "other"]);
    push("top").ok();
}

#[test]
fn a_rule_for_branches_from_a_status_on() {
    let sandbox =
        under("rules:\n  - when: { branches: ['feat', 'hotfix/*'], status: in-review }\n    require: [ticket]\n");
    sandbox.commit("a", "a\n", "Add a");
    goes_through(&sandbox);
    sandbox.branchwork(["set", "status=in-review", "reviewers=grace", "backout_plan=Revert"]);
    held(
        push_more(&sandbox),
        &[
            "'ticket' is required and missing",
            "required where the branch is 'feat' or 'hotfix/*', from status 'in-review' on",
            "git branchwork set 'ticket=<text>'",
        ],
    );
    // By the name that it gives itself where there is no branch.
    for (name, code) in [("hotfix/1", 1), ("other", 0)] {
        sandbox.write("a.md", sandbox.view().replace("name: feat", &format!("name: {name}")));
        let run = sandbox.try_branchwork(["check", "--file", "a.md"]).code(code);
        let told = run.stderr.contains("'ticket' is required and missing");
        assert!(told == (code == 1) && !run.stderr.contains("BW004"), "{}", run.stderr);
    }
    sandbox.branchwork(["set", "ticket=BLZ-1"]);
    goes_through(&sandbox);
}

#[test]
fn values_and_statuses_of_a_teams_own() {
    let sandbox = under(
        "values:\n  status: { ready: in-review }\n  risk: [none, some]\n  areas: [ui, store]\n\
         keys: { areas: list, points: number, due: date, breaking: boolean, ticket: text }\n",
    );
    sandbox.commit("a", "a\n", "Add a");
    held(
        push(&sandbox),
        &[
            "'low' is not allowed for 'risk'",
            "allowed: none, some",
            "git branchwork set 'risk=<none|some>'",
        ],
    );
    for (argument, refused) in [
        ("risk=low", "'low' is not allowed for 'risk': allowed: none, some"),
        ("status=redy", "did you mean 'ready'?"),
        (
            "areas=ui, stoer",
            "'stoer' is not allowed for 'areas': did you mean 'store'?",
        ),
        ("points=many", "'many' is not a number for 'points'"),
        ("due=soon", "'soon' is not a date for 'due'"),
        ("breaking=yes", "'yes' is not true or false for 'breaking'"),
        ("tickt=1", "'tickt'"),
    ] {
        let run = sandbox.try_branchwork(["set", argument]).code(1);
        assert!(run.stderr.contains(refused), "{}", run.stderr);
    }
    sandbox.git(["branch", "other"]);
    let create = |status| sandbox.try_branchwork(["create", "-b", "other", "--status", status]);
    let run = create("redy").code(2);
    assert!(run.stderr.contains("did you mean 'ready'?"), "{}", run.stderr);
    assert_eq!(sandbox.stored("other"), None);
    create("ready").ok();
    assert_eq!(field(&sandbox.stored("other").unwrap(), "status"), "ready");
    sandbox.branchwork([
        "set",
        "risk=some",
        "areas=ui, store",
        "points=3",
        "due=2026-01-01",
        "breaking=true",
        "ticket=7",
    ]);
    let view = sandbox.view();
    assert_eq!(
        (field(&view, "areas"), field(&view, "points")),
        ("[ui, store]".into(), "3".into())
    );
    // As any reader of YAML reads it, and in each way that it is written there.
    assert_eq!(field(&view, "breaking"), "true");
    sandbox.write(
        ".branchwork/CURRENT.md",
        view.replacen("breaking: true", "breaking: False", 1),
    );
    goes_through(&sandbox);
    // A word of one's own is the status that it means.
    sandbox.branchwork(["set", "status=ready"]);
    held(
        push_more(&sandbox),
        &["'reviewers' is required and missing", "from status 'in-review' on"],
    );
    // Keys of its own are no value of a key.
    let view = sandbox.view().replacen("status: ready", "status: {ready: x}", 1);
    sandbox.write(
        ".branchwork/CURRENT.md",
        view.replacen("dri: ada", "dri: {ada: null}", 1),
    );
    held(
        push_more(&sandbox),
        &[
            "error[BW003]: 'something that is not a text' is not allowed for 'status'",
            "error[BW002]: 'dri' is required, and what stands there is not a text",
            "required from status 'draft' on; correct it by hand: git branchwork edit",
        ],
    );
}

#[test]
fn a_check_blocks_warns_or_is_off() {
    let wrong = |sandbox: &Sandbox| {
        sandbox.write(
            ".branchwork/CURRENT.md",
            sandbox.view().replacen("\npr:", "\npr: soon #", 1),
        );
        push_more(sandbox)
    };
    for (policy, code, said) in [
        ("", 0, "warning[BW005]"),
        ("checks: { BW005: block }\n", 1, "error[BW005]"),
        ("checks: { BW005: off }\n", 0, ""),
    ] {
        let run = wrong(&under(policy)).code(code);
        assert!(run.stderr.starts_with(said), "{policy}: {}", run.stderr);
        assert!(!said.is_empty() || run.stderr.is_empty(), "{policy}: {}", run.stderr);
    }
    for (policy, code) in [
        ("checks: { BW007: warn }\n", 0),
        ("missing_document: allow\nchecks: { BW007: block }\n", 1),
        ("checks: { BW007: off }\n", 0),
    ] {
        let sandbox = under(policy);
        sandbox.git(["branch", "bare"]);
        sandbox.try_git(["push", "-q", "origin", "bare"]).code(code);
    }
}

#[test]
fn protected_branches_are_as_the_trunk() {
    let sandbox = Sandbox::new();
    sandbox.commit(".branchwork.yml", "protected: [develop, 'release/*']\n", "Rules");
    for branch in ["develop", "release/1"] {
        sandbox.git(["switch", "-q", "-c", branch]);
        assert!(sandbox.stored(branch).is_none());
        sandbox.commit("a", branch, "Work");
        assert_eq!(sandbox.git(["push", "-q", "origin", branch]).stderr, "");
    }
    sandbox.git(["switch", "-q", "-c", "feat"]);
    assert_eq!(sandbox.git(["push", "-q", "origin", "feat:develop"]).stderr, "");
    sandbox.try_git(["push", "-q", "origin", "feat"]).code(1);

    // Nobody takes a branch out of the gate unseen.
    let rules = ["protected: ['**']", "exclude: [p1]", "trunk: p2", "trunk: none"];
    for (number, rules) in rules.into_iter().enumerate() {
        let branch = format!("p{number}");
        sandbox.git(["switch", "-q", "-c", &branch, "main"]);
        sandbox.commit(".branchwork.yml", &format!("{rules}\nrequired: {{draft: []}}\n"), "Out");
        let elsewhere = format!("{branch}:x{number}");
        let told = format!("branchwork: '{branch}' changes the rules in '.branchwork.yml'\n");
        let run = sandbox.git(["push", "-q", "origin", &branch, &elsewhere]);
        assert_eq!(run.stderr, told, "{rules}");
    }
    // These are where they are changed.
    for branch in ["main", "develop"] {
        sandbox.git(["switch", "-q", branch]);
        sandbox.commit(
            ".branchwork.yml",
            &format!("protected: [develop]\n# {branch}\n"),
            "Rules",
        );
        assert_eq!(sandbox.git(["push", "-q", "-f", "origin", branch]).stderr, "");
    }
}

#[test]
fn sections_checklists_and_patterns_can_block() {
    let sandbox = under(
        "sections: { in-review: [Decisions] }\nchecklists: { in-review: [Definition of Done] }\n\
         patterns: { title: '.*feat.*', ticket: '[A-Z]+-[0-9]+' }\n\
         checks: { BW013: block, BW017: block, BW024: block }\n",
    );
    sandbox.commit("a", "a\n", "Add a");
    goes_through(&sandbox);
    sandbox.branchwork([
        "set",
        "status=in-review",
        "reviewers=grace",
        "backout_plan=Revert",
        "ticket=blz1",
    ]);
    sandbox.branchwork(["update", "--section", "Definition of Done", "--item", "Docs"]);
    sandbox.write(
        ".branchwork/CURRENT.md",
        sandbox.view().replace("# [WIP] `feat`", "# Parallel"),
    );
    held(
        push_more(&sandbox),
        &[
            "error[BW013]: 'Docs' is open in 'Definition of Done'",
            "error[BW017]: the section 'Decisions' is empty",
            "error[BW024]: 'title' does not have the form",
            "error[BW024]: 'ticket' does not have the form",
        ],
    );
    sandbox.branchwork(["tick", "Docs"]);
    sandbox.branchwork(["update", "--section", "Decisions", "--item", "One file"]);
    sandbox.branchwork(["set", "ticket=BLZ-1"]);
    sandbox.write(
        ".branchwork/CURRENT.md",
        sandbox.view().replace("# Parallel", "# Parallel feature"),
    );
    goes_through(&sandbox);
}
