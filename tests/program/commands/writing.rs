//! Commands that change a document.

use super::{on_feat, transcript};
use crate::sandbox::{binary, field, run, run_with};

#[test]
fn set() {
    let sandbox = on_feat();
    let before = sandbox.view();
    transcript(
        &sandbox,
        &[
            (
                "git branchwork set scope=x risk=hihg",
                1,
                "",
                "error: 'hihg' is not allowed for 'risk': did you mean 'high'? allowed: low, medium, high\n",
            ),
            (
                "git branchwork set scope=x status=open",
                1,
                "",
                "error: 'open' is not allowed for 'status': allowed: draft, in-review, changes-requested, approved, merged\n",
            ),
            (
                "git branchwork set scope=x risk",
                2,
                "",
                "error: 'risk' has no '='\nhint: git branchwork set KEY=VALUE\n",
            ),
            (
                "git branchwork set backout_plan 'revert it'",
                2,
                "",
                "error: 'backout_plan' has no '='\nhint: git branchwork set 'backout_plan=revert it'\n",
            ),
            (
                "git branchwork set scope=x pr=abc",
                1,
                "",
                "error: 'abc' is not a number of a PR for 'pr': allowed: a number such as 47, or with a ticket: 47 / BLZ-42\n",
            ),
            (
                "git branchwork set scope=x 'reviewers=[a, b'",
                1,
                "",
                "error: '[a, b' has one bracket of two for 'reviewers'\nhint: git branchwork set 'reviewers=a, b'\n",
            ),
            (
                "git branchwork set risk=low risk=high",
                2,
                "",
                "error: 'risk' is given twice\nhint: git branchwork set KEY=VALUE\n",
            ),
            (
                "git branchwork set 'last_updated=2020-01-01 00:00 UTC'",
                1,
                "",
                "error: 'last_updated' is set by each change of the document\n",
            ),
        ],
    );
    let run = sandbox.try_branchwork(["set", "scope=x", "branch.name=other"]).code(1);
    assert_eq!(
        run.stderr,
        "error: 'branch.name' is 'feat', for the document is this branch's\nhint: git branch -m <name>\n"
    );
    assert_eq!(sandbox.view(), before, "all or nothing");
    sandbox.wait(1);
    transcript(
        &sandbox,
        &[
            (
                "git branchwork set scope=indexer,storage risk=low 'pr=47 / BLZ-42'",
                0,
                "",
                "Set scope, risk, pr (feat)\n",
            ),
            (
                "git branchwork set scope=indexer,storage",
                0,
                "",
                "Nothing to change (feat)\n",
            ),
            ("git branchwork set -q risk=high", 0, "", ""),
            (
                "git branchwork set branch.base=release/1",
                0,
                "",
                "Set branch.base (feat)\nwarning: 'release/1' is a branch neither here nor on a remote\n",
            ),
        ],
    );
    let expected = before
        .replace("scope: #", "scope: [indexer, storage] #")
        .replace("risk: #", "risk: high #")
        .replace("pr: #", "pr: 47 / BLZ-42 #")
        .replace("# [WIP] `feat`", "# PR #47: feat")
        .replace("base: main", "base: release/1")
        .replace("○ feat", "○ feat (PR #47)")
        .replace(
            "last_updated: 2025-08-29 18:56 UTC",
            "last_updated: 2025-08-29 18:57 UTC",
        );
    assert_eq!(
        sandbox.view(),
        expected,
        "an edit changes its own lines and nothing else"
    );
    sandbox.branchwork(["set", "scope="]);
    assert_eq!(field(&sandbox.view(), "scope"), "");
}

#[test]
fn log() {
    let sandbox = on_feat();
    sandbox.branchwork(["log", "Talked to Bob", "--body", "He agrees."]);
    run_with(
        sandbox.command(binary()).args(["log", "Piped", "--body", "-"]),
        b"# A heading\n\n```\nopen\n",
    )
    .ok();
    let expected = "## Updates\n\n\
                    ### 2025-08-29 18:56: [@ada] Talked to Bob\n\nHe agrees.\n\n\
                    ### 2025-08-29 18:56: [@ada] Piped\n\n````text\n# A heading\n\n```\nopen\n````\n\n\
                    ## Follow-up Work\n";
    assert!(sandbox.view().contains(expected), "{}", sandbox.view());
    transcript(
        &sandbox,
        &[
            ("git branchwork log ''", 1, "", "error: the text is empty\n"),
            ("git branchwork log -b feat more", 0, "", "Added to Updates (feat)\n"),
        ],
    );
    sandbox.try_branchwork(["log"]).code(2);
}

#[test]
fn update_in_every_form() {
    let sandbox = on_feat();
    std::fs::write(sandbox.path("code.rs"), "fn main() {}\n```\n").unwrap();
    transcript(
        &sandbox,
        &[
            (
                "git branchwork update --section Decisions --item 'Use tokio'",
                0,
                "",
                "Added to Decisions (feat)\n",
            ),
            (
                "git branchwork update --section Decisions --subitem 'It is known'",
                0,
                "",
                "Added to Decisions (feat)\n",
            ),
            (
                "git branchwork update --section 'definition of done' --item 'It works'",
                0,
                "",
                "Added to definition of done (feat)\n",
            ),
            (
                "git branchwork update --section Notes/Measured --item '4 ms'",
                0,
                "",
                "Added to Notes/Measured (feat)\n",
            ),
            (
                "git branchwork update --section Notes --code ../code.rs --lang rust",
                0,
                "",
                "Added to Notes (feat)\n",
            ),
            (
                "git branchwork update --section 'CI Status' --row Check Build Status ok",
                0,
                "",
                "Added to CI Status (feat)\n",
            ),
            (
                "git branchwork update --section 'CI Status' --row Check Build Status 'a|b'",
                0,
                "",
                "Added to CI Status (feat)\n",
            ),
            (
                "git branchwork update --log 'An entry'",
                0,
                "",
                "Added to Updates (feat)\n",
            ),
            (
                "git branchwork update --section updates --item T",
                2,
                "",
                "error: what is put into 'Updates' would become part of its newest entry, and go with that commit\nhint: git branchwork log <summary>\n",
            ),
            (
                "echo piped | git branchwork update --section Issues --code -",
                0,
                "",
                "Added to Issues (feat)\n",
            ),
            (
                "git branchwork update --section Nope --item x",
                1,
                "",
                "error: the document has no section 'Nope'\nhint: the document has: 'PR Stack Context', 'Issues', 'Definition of Done', 'Merge Checklist', 'CI Status', 'Decisions', 'Notes', 'Updates', 'Follow-up Work'\n",
            ),
            (
                "git branchwork update --section 'CI Status' --row Chekc Build",
                1,
                "",
                "error: the table has no column 'Chekc'\nhint: the table has: 'Check', 'Status', 'Details'\n",
            ),
            (
                "git branchwork update --section 'CI Status' --row Check Build Status",
                2,
                "",
                "error: --row needs a value for each column\nhint: --row Check Build Status ✅\n",
            ),
            (
                "git branchwork update --section 'Merge Checklist' --item ''",
                1,
                "",
                "error: the text is empty\n",
            ),
            (
                "git branchwork update --section Follow-up\\ Work --subitem x",
                1,
                "",
                "error: the section 'Follow-up Work' has no list item to add a child to\nhint: add an item first\n",
            ),
        ],
    );
    let expected = "## Issues\n\n```\npiped\n```\n\n\
                    ## Definition of Done\n\n- [ ] It works\n\n\
                    ## Merge Checklist\n\n- [ ] …\n\n\
                    ## CI Status\n\n| Check | Status | Details |\n|-------|--------|---------|\n| Build | a\\|b | |\n\n\
                    ## Decisions\n\n- Use tokio\n  - It is known\n\n\
                    ## Notes\n\n````rust\nfn main() {}\n```\n````\n\n### Measured\n\n- 4 ms\n\n\
                    ## Updates\n\n### 2025-08-29 18:56: [@ada] An entry\n\n\
                    ## Follow-up Work\n\n- [ ] …\n";
    let view = sandbox.view();
    let body = view
        .split_once("## Issues")
        .map(|(_, rest)| format!("## Issues{rest}"))
        .unwrap();
    assert_eq!(body.replace("- …\n\n", ""), expected, "{body}");
    for wrong in [
        &["update", "--item", "x"][..],
        &["update", "--section", "Notes"],
        &["update", "--log", "x", "--section", "Notes"],
    ] {
        sandbox.try_branchwork(wrong).code(2);
    }
}

#[test]
fn tick_and_review() {
    let sandbox = on_feat();
    for item in ["Tests pass", "Docs written", "Docs read"] {
        sandbox.branchwork(["update", "--section", "Definition of Done", "--item", item]);
    }
    transcript(
        &sandbox,
        &[
            ("git branchwork tick tests", 0, "", "Ticked (feat)\n"),
            ("git branchwork tick Tests", 0, "", "Nothing to change (feat)\n"),
            (
                "git branchwork tick nothing",
                1,
                "",
                "error: no checklist item contains 'nothing'\nhint: open items: 'Docs written', 'Docs read'\n",
            ),
        ],
    );
    let run = sandbox.try_branchwork(["tick", "Docs"]).code(1);
    assert!(
        run.stderr.contains("Docs written") && run.stderr.contains("Docs read"),
        "{}",
        run.stderr
    );
    let view = sandbox.view();
    assert!(
        view.contains("- [x] Tests pass\n- [ ] Docs written\n- [ ] Docs read\n"),
        "{view}"
    );

    run_with(
        sandbox
            .command(binary())
            .args(["review", "--from", "coderabbitai", "--status", "Changes requested"]),
        b"Please:\n\n```rust\nx\n```\n\n## Updates\n",
    )
    .ok();
    let expected = "### 2025-08-29 18:56: [@coderabbitai] PR Review\n\n````markdown\nPlease:\n\n```rust\nx\n```\n\n## Updates\n````\n\n**Status**: Changes requested\n";
    assert!(sandbox.view().contains(expected), "{}", sandbox.view());
    sandbox.try_branchwork(["review"]).code(2);
    let run = run_with(sandbox.command(binary()).args(["review", "--from", "grace"]), b"\n").code(1);
    assert_eq!(
        run.stderr,
        "error: the review is empty\nhint: git branchwork review --from ada <file>\n"
    );
}

#[test]
fn edit() {
    let sandbox = on_feat();
    sandbox.write(
        "../editor",
        "#!/bin/sh\nsed -i -e 's/^## Notes/&\\n\\nBy hand./' \"$1\"\n",
    );
    sandbox.shell("chmod +x ../editor").ok();
    let edit = |branch: &str| {
        run(sandbox
            .command(binary())
            .args(["edit", "-b", branch])
            .env("GIT_EDITOR", sandbox.path("editor")))
    };
    assert_eq!(edit("feat").ok().stderr, "Saved the document of 'feat'\n");
    assert!(sandbox.stored("feat").unwrap().contains("\nBy hand.\n"));
    sandbox.git(["branch", "aside"]);
    sandbox.branchwork(["create", "-b", "aside"]);
    assert_eq!(edit("aside").ok().stderr, "Saved the document of 'aside'\n");
    assert!(sandbox.stored("aside").unwrap().contains("\nBy hand.\n"));
    let before = sandbox.stored("aside").unwrap();
    transcript(
        &sandbox,
        &[
            ("GIT_EDITOR=true git branchwork edit", 0, "", "Nothing changed (feat)\n"),
            (
                "GIT_EDITOR=true git branchwork edit -b aside",
                0,
                "",
                "Nothing changed (aside)\n",
            ),
            (
                "GIT_EDITOR='false --wait' git branchwork edit -b aside",
                1,
                "",
                "error: there was a problem with the editor 'false --wait': exit code 1\nhint: git config --global core.editor <program>\n",
            ),
        ],
    );
    assert_eq!(sandbox.stored("aside").unwrap(), before);
    // The view is gone: it is back before the editor opens it.
    sandbox.git(["clean", "-fdxq"]);
    assert_eq!(edit("feat").ok().stderr, "Saved the document of 'feat'\n");
    assert_eq!(sandbox.view().matches("By hand.").count(), 2, "{}", sandbox.view());
}
