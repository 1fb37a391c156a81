//! Whoever names a branch, writes a document or a policy cannot make a report say what it does not: not on a terminal, not in
//! the log of a CI system, not to a program that reads it.

use super::{Sandbox, run};

/// A branch that git takes, with what the formats read as their own.
const BRANCH: &str = "x]]>&<y>\"'%0A,{0}](z)##$(touch${IFS}owned)\u{202e}\u{e0041}";

fn poisoned() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.git(["switch", "-q", "-c", BRANCH]);
    let bad = r#""a\n::error::forged\r##[error]x ]]></failure> [l](https://x) {1} \e]0;x\a\u202E""#;
    let text = sandbox.view().replacen("risk:", &format!("risk: {bad}"), 1);
    sandbox.write(".branchwork/CURRENT.md", text.replacen("pr:", &format!("pr: {bad}"), 1));
    sandbox.write(
        ".branchwork.yml",
        format!("{bad}: 1\n\"##[error]\\n::error::y\": 1\nrequired: {{draft: [{bad}, scope]}}\n"),
    );
    sandbox
}

/// Nothing steers a terminal, or is a command for a CI system that `ours` does not begin.
#[track_caller]
fn harmless(text: &str, ours: &str) {
    for bad in ["\u{1b}", "\u{7}", "\r", "\u{202e}", "\u{e0041}", "##[", "##vso["] {
        assert!(!text.contains(bad), "{bad:?}: {text}");
    }
    for line in text.lines().filter(|line| line.trim_start().starts_with("::")) {
        assert!(
            !ours.is_empty() && (line.starts_with("::error file=") || line.starts_with("::warning file=")),
            "{line}"
        );
    }
}

#[test]
fn no_format_can_be_forged() {
    let sandbox = poisoned();
    let check = |format: &str| {
        let run = sandbox.try_branchwork(["check", "--format", format]).code(1);
        harmless(&run.stderr, "");
        harmless(&run.stdout, if format == "github" { "::" } else { "" });
        run.stdout
    };
    assert_eq!(check("text"), "");
    let rows: serde_json::Value = serde_json::from_str(&check("json")).unwrap();
    let rows = rows.as_array().unwrap();
    let of_branch: Vec<_> = rows.iter().filter(|row| row["branch"] == BRANCH).collect();
    assert!(of_branch.len() >= 3 && rows.len() > of_branch.len(), "{rows:?}");
    assert_eq!(check("github").lines().count(), rows.len());
    let sarif: serde_json::Value = serde_json::from_str(&check("sarif")).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), rows.len());
    for result in results {
        let text = result["message"]["text"].as_str().unwrap();
        let single = text.replace("{{", "").replace("}}", "");
        assert!(!text.contains("](") && !single.contains(['{', '}']), "{text}");
    }
    let junit = check("junit");
    let xml = roxmltree::Document::parse(&junit).unwrap();
    let names = |name: &str| xml.descendants().filter(|node| node.has_tag_name(name)).count();
    assert_eq!((names("testsuite"), names("y")), (2, 0));
}

#[test]
fn a_push_cannot_be_forged() {
    let sandbox = poisoned();
    let push = |agent: &str| {
        let mut command = sandbox.command("git");
        run(command.args(["push", "-q", "origin", "HEAD"]).env("AI_AGENT", agent)).code(1)
    };
    let told = push("");
    // What git says of the branch is git's.
    let own = |text: &str| text.split("error: failed to push some refs").next().unwrap().to_owned();
    harmless(&own(&told.stderr), "");
    assert!(
        told.stderr.contains("branchwork: push blocked: 'x]]>&<y>"),
        "{}",
        told.stderr
    );
    let told = own(&push("claude").stderr);
    harmless(&told, "");
    let (rows, others): (Vec<&str>, Vec<&str>) = told.lines().partition(|line| line.starts_with('{'));
    assert!(rows.len() >= 3, "{told}");
    for row in rows {
        serde_json::from_str::<serde_json::Value>(row).unwrap();
    }
    assert!(others.iter().all(|line| line.starts_with("branchwork: ")), "{others:?}");
}

#[test]
fn the_command_that_is_printed_sets_and_runs_nothing_else() {
    let sandbox = poisoned();
    sandbox.write(".branchwork.yml", "");
    sandbox.git(["commit", "-q", "--allow-empty", "-m", "feat($(touch owned)): x"]);
    sandbox.git_without_hooks(["switch", "-q", "main"]);
    let told = sandbox.try_branchwork(["check", "-b", BRANCH]).code(1);
    let command = told
        .stderr
        .lines()
        .find(|line| line.contains("git branchwork set -b "))
        .unwrap();
    // The name that is shown is not quite the branch's, for it cannot be shown: then there is no such branch.
    let set = sandbox.shell(
        &command
            .replace("<area>", "x")
            .replace("<number>", "47")
            .replace("<low|medium|high>", "low"),
    );
    assert!(
        set.code == 0 || set.stderr.contains("is not a branch name"),
        "{}",
        set.stderr
    );
    assert!(!sandbox.repo().join("owned").exists());
}
