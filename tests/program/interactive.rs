//! `check -i` in a real terminal: what it asks, what it saves, and that it saves nothing until the last answer.

use crate::sandbox::{Sandbox, binary, field};
use crate::terminal::Terminal;

/// A branch whose document lacks a scope, for which there are two suggestions, and a risk.
fn unfinished() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.git(["switch", "-q", "-c", "feat"]);
    sandbox.commit("src/indexer/a.rs", "a\n", "feat(indexer): Add a");
    sandbox.commit("src/store/a.rs", "a\n", "feat(store): Add a");
    sandbox.commit("src/store/b.rs", "b\n", "feat(store): Add b");
    sandbox
}

fn asked(sandbox: &Sandbox, arguments: &[&str]) -> Terminal {
    Terminal::start(sandbox.command(binary()).args(["check", "-i"]).args(arguments))
}

fn versions(sandbox: &Sandbox) -> usize {
    sandbox.branchwork(["history", "-b", "feat"]).stdout.lines().count()
}

#[test]
fn the_missing_values_are_asked_for_and_saved_at_once() {
    let sandbox = unfinished();
    let before = versions(&sandbox);
    let mut terminal = asked(&sandbox, &[]);
    terminal.wait_for("'scope' is required and missing");
    terminal.wait_for("scope [store,indexer]");
    terminal.keys("\r");
    terminal.wait_for("'risk' is required and missing");
    terminal.wait_for("risk: ");
    assert_eq!(versions(&sandbox), before);
    terminal.keys("banana\r");
    terminal.wait_for("'banana' is not allowed for 'risk'");
    terminal.wait_for("risk: ");
    terminal.keys("m\t");
    terminal.wait_for("medium");
    terminal.keys("\r");
    let (code, shown) = terminal.end();
    assert_eq!(code, Some(0), "{shown}");
    assert!(
        shown.contains("Set scope, risk (feat)") && shown.contains("Nothing is missing"),
        "{shown}"
    );
    assert_eq!(versions(&sandbox), before + 1);
    assert_eq!(field(&sandbox.view(), "scope"), "[store, indexer]");
    assert_eq!(field(&sandbox.view(), "risk"), "medium");
    assert_eq!(sandbox.git(["push", "-q", "origin", "feat"]).stderr, "");
}

/// The answers are taken as `set` takes them, and held against the rules that hold for the branch.
#[test]
fn an_answer_is_what_the_policy_says_of_it() {
    let sandbox = unfinished();
    let policy = "keys: {areas: list}\nrequired: {draft: [areas, risk]}\n\
                  rules: [{when: {paths: ['src/**']}, refuse: {risk: [low], branch.base: [main]}}]\n";
    sandbox.commit(".branchwork.yml", policy, "Rules");
    sandbox.git(["branch", "release", "main"]);
    sandbox.git(["switch", "-q", "-c", "above"]);
    sandbox.git(["switch", "-q", "feat"]);
    let mut terminal = asked(&sandbox, &[]);
    terminal.wait_for("areas: ");
    terminal.keys("[a, b\r");
    terminal.wait_for("'[a, b' has one bracket of two for 'areas'");
    terminal.keys("\u{15}a, b\r");
    terminal.wait_for("branch.base: ");
    terminal.keys("feat\r");
    terminal.wait_for("'feat' cannot be its own base");
    terminal.keys("\u{15}above\r");
    terminal.wait_for("'above' cannot be the base of 'feat': it stands on 'feat'");
    terminal.keys("\u{15}release\r");
    terminal.wait_for("risk: ");
    terminal.keys("low\r");
    terminal.wait_for("'low' is not allowed for 'risk' here");
    terminal.wait_for("risk: ");
    terminal.keys("\u{15}high\r");
    let (code, shown) = terminal.end();
    assert!(code == Some(0) && shown.contains("Nothing is missing"), "{shown}");
    assert_eq!(field(&sandbox.view(), "areas"), "[a, b]");
    assert_eq!(field(&sandbox.view(), "risk"), "high");
}

#[test]
fn what_is_not_answered_stays_missing() {
    let sandbox = unfinished();
    sandbox.git(["switch", "-q", "main"]);
    let mut terminal = asked(&sandbox, &["-b", "feat"]);
    terminal.wait_for("scope [store,indexer]");
    terminal.keys("parser, lexer\r");
    terminal.wait_for("risk: ");
    terminal.keys("\r");
    let (code, shown) = terminal.end();
    assert_eq!(code, Some(1), "{shown}");
    assert!(
        shown.contains("'risk' is required and missing") && !shown.contains("'scope' is"),
        "{shown}"
    );
    assert_eq!(field(&sandbox.stored("feat").unwrap(), "scope"), "[parser, lexer]");
    let terminal = asked(&sandbox, &["-b", "main"]);
    let (code, shown) = terminal.end();
    assert!(code == Some(0) && shown.contains("Nothing is missing"), "{shown}");
}

#[test]
fn ctrl_c_leaves_everything_as_it_was() {
    let sandbox = unfinished();
    let (text, before) = (sandbox.view(), versions(&sandbox));
    let mut terminal = asked(&sandbox, &[]);
    terminal.wait_for("scope [store,indexer]");
    terminal.keys("\r");
    terminal.wait_for("risk: ");
    terminal.keys("low");
    assert_ne!(terminal.keys_until_the_end("\u{3}"), Some(0));
    assert_eq!((sandbox.view(), versions(&sandbox)), (text, before));
}

#[test]
fn nothing_that_a_document_says_steers_the_terminal_or_is_taken_unseen() {
    let sandbox = Sandbox::new();
    sandbox.git(["switch", "-q", "-c", "feat"]);
    let text = sandbox.view().replacen("risk:", r#"risk: "low\e]0;owned\a\u202E""#, 1);
    sandbox.write(
        ".branchwork/CURRENT.md",
        text.replacen("scope:", r#"scope: "<\e[2J>""#, 1),
    );
    let mut terminal = asked(&sandbox, &[]);
    let mut all = terminal.wait_for("is a placeholder") + &terminal.wait_for("scope");
    terminal.keys("x\r");
    all += &terminal.wait_for("is not allowed for 'risk'");
    all += &terminal.wait_for("risk");
    terminal.keys("low\r");
    let (code, shown) = terminal.end();
    all += &shown;
    assert_eq!(code, Some(0), "{all}");
    assert!(all.contains("\\u{1b}]0;owned\\u{7}\\u{202e}"), "{all:?}");
    for bad in ["\u{1b}]0", "\u{1b}[2J", "\u{202e}", "\u{7}"] {
        assert!(!all.contains(bad), "{bad:?}: {all:?}");
    }
}

#[test]
fn without_a_terminal_the_command_is_told() {
    let sandbox = unfinished();
    let told = sandbox.try_branchwork(["check", "-i"]).code(1);
    assert_eq!(
        told.stderr,
        "error: there is no terminal to ask at\n\
         hint: git branchwork set scope=store,indexer 'risk=<low|medium|high>'\n"
    );
    for arguments in [["check", "-i", "--all"], ["check", "-i", "--json"]] {
        sandbox.try_branchwork(arguments).code(2);
    }
    sandbox.branchwork(["set", "-q", "scope=x", "risk=low"]);
    assert_eq!(sandbox.branchwork(["check", "-i"]).stderr, "Nothing is missing\n");
}

#[test]
fn a_hook_never_asks() {
    let sandbox = unfinished();
    let mut push = sandbox.command("git");
    let (code, shown) = Terminal::start(push.args(["push", "-q", "origin", "feat"])).end();
    assert_eq!(code, Some(1), "{shown}");
    assert!(shown.contains("push blocked: 'feat' is incomplete"), "{shown}");
}
