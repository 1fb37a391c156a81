//! What CI systems run: the script of the GitHub action, and the lines for GitLab.

use super::{pull_request, share};
use crate::sandbox::{Run, Sandbox, binary, run, skip};

/// Runs ci/check, what the GitHub action runs.
fn action(sandbox: &Sandbox, branch: &str, document: &str, event: &str) -> Run {
    let path = sandbox.path("event.json");
    std::fs::write(&path, event).unwrap();
    let script = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("ci/check");
    let mut command = sandbox.command(script);
    command
        .current_dir(sandbox.path("ci"))
        .env("PROGRAM", binary())
        .env("BASE", "main")
        .env("REMOTE", "origin");
    command
        .env("BRANCH", branch)
        .env("DOCUMENT", document)
        .env("FORMAT", "github")
        .env("GITHUB_EVENT_PATH", path);
    run(&mut command)
}

/// The branch has no document.
#[track_caller]
fn assert_has_none(told: &Run) {
    assert!(
        told.stdout.contains("BW007 no-document"),
        "{}{}",
        told.stdout,
        told.stderr
    );
}

#[test]
fn the_action_checks_what_is_on_the_remote() {
    let sandbox = pull_request("risk");
    let told = action(&sandbox, "feat", "remote", "{}").code(1);
    assert!(
        told.stdout.starts_with("::error file=.branchwork/CURRENT.md,line=14,"),
        "{}{}",
        told.stdout,
        told.stderr
    );
    assert_eq!(told.stdout.lines().count(), 1);
    sandbox.branchwork(["set", "-q", "-b", "feat", "risk=low"]);
    share(&sandbox, "feat");
    let told = action(&sandbox, "feat", "remote", "{}").code(0);
    assert_eq!((told.stdout.as_str(), told.stderr.as_str()), ("", ""));
    action(&sandbox, "feat", "elsewhere", "{}").code(2);
    let odd = "$(touch${IFS}owned)`touch${IFS}owned`;touch${IFS}owned";
    let told = action(&sandbox, odd, "remote", "{}").code(1);
    assert_has_none(&told);
    assert!(!sandbox.path("ci/owned").exists());
}

#[test]
fn the_action_checks_what_is_in_the_description() {
    let sandbox = pull_request("risk");
    if sandbox.shell("command -v jq").code != 0 {
        return skip("the action with a description", "there is no jq");
    }
    let document = sandbox.branchwork(["show", "-b", "feat"]).stdout;
    let body = format!(
        "$(touch owned) `touch owned`\n::error::forged\n<!-- branchwork:begin -->\n{document}\n<!-- branchwork:end -->\n"
    );
    let event = |body: serde_json::Value| serde_json::json!({ "pull_request": { "body": body } }).to_string();
    let told = action(&sandbox, "feat", "description", &event(body.clone().into())).code(1);
    assert!(
        told.stdout.contains("%0ATo fix: ") && told.stdout.lines().count() == 1,
        "{}",
        told.stdout
    );
    let whole = body.replacen("risk:", "risk: low", 1);
    action(&sandbox, "feat", "description", &event(whole.into())).code(0);
    for nothing in [event(serde_json::Value::Null), event("".into()), "{}".to_owned()] {
        let told = action(&sandbox, "feat", "description", &nothing).code(1);
        assert_has_none(&told);
    }
    assert!(!sandbox.path("ci/owned").exists());
}

/// The lines of docs/ci.md, run as GitLab runs them.
#[test]
fn the_lines_for_gitlab_work() {
    let sandbox = pull_request("risk");
    let docs = std::fs::read_to_string(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/ci.md")).unwrap();
    let (_, script) = docs.split_once("\n  script:\n").unwrap();
    let lines: Vec<&str> = script.lines().map_while(|line| line.strip_prefix("    - ")).collect();
    assert_eq!(lines.len(), 2);
    let mut command = sandbox.command("sh");
    command.current_dir(sandbox.path("ci")).args(["-ec", &lines.join("\n")]);
    command
        .env("CI_MERGE_REQUEST_SOURCE_BRANCH_NAME", "feat")
        .env("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "main");
    let told = run(&mut command).code(1);
    assert_eq!(told.stderr, "");
    let report = std::fs::read_to_string(sandbox.path("ci/branchwork.xml")).unwrap();
    let xml = roxmltree::Document::parse(&report).unwrap();
    assert_eq!(xml.root_element().attribute("failures"), Some("1"));
}
