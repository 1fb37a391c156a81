//! Nothing that steers a terminal gets to one.

use super::{Sandbox, on_feat, run, skip};

const BAD: &str = "\u{1b}]0;owned\u{7}\u{1b}[2J\u{9b}31m\u{202e}\u{8}";

/// Runs a line of shell on a pseudo terminal; what that showed.
fn on_terminal(sandbox: &Sandbox, line: &str) -> Option<String> {
    let works = |run: &super::Run| run.code == 0 && run.stdout.contains("works");
    // script(1) of util-linux; others take other options.
    if std::process::Command::new("script").arg("-V").output().is_err()
        || !works(&run(sandbox.command("script").args([
            "-qec",
            "echo works",
            "/dev/null",
        ])))
    {
        skip("output on a terminal", "no script(1) that takes -qec");
        return None;
    }
    let mut command = sandbox.command("script");
    command
        .args(["-qec", line, "/dev/null"])
        .env("PAGER", "cat")
        .env("TERM", "xterm");
    Some(run(&mut command).stdout)
}

/// `text` without the colours that we make: ESC [ digits m.
fn without_colours(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        plain.push_str(before);
        let end = after
            .find(|c: char| !c.is_ascii_digit() && c != ';')
            .unwrap_or(after.len());
        if !after[end..].starts_with('m') {
            plain.push_str("\u{1b}[");
            rest = after;
            continue;
        }
        rest = &after[end + 1..];
    }
    plain + rest
}

#[track_caller]
fn clean(text: &str, what: &str) {
    let text = without_colours(text).replace("\r\n", "\n");
    let bad: Vec<char> = text
        .chars()
        .filter(|c| (c.is_control() && !"\n\t".contains(*c)) || "\u{202e}\u{200b}".contains(*c))
        .collect();
    assert!(bad.is_empty(), "{what}: {bad:?}\n{text:?}");
}

/// Bad characters wherever a person can put some: front matter, text, commit, author, branch, policy.
fn poisoned() -> Sandbox {
    let sandbox = on_feat();
    let text = sandbox
        .view()
        .replace("risk:", &format!("risk: lo{BAD}w # {BAD}\n{BAD}key:"));
    let text = text.replace("scope:", &format!("scope: \"\\e[31m\\u202E{BAD}\"\n# "));
    let text = text.replace("## Notes\n", &format!("## Notes\n\n- Said {BAD}\n")) + BAD;
    sandbox.write(".branchwork/CURRENT.md", text);
    sandbox.write(
        ".branchwork.yml",
        format!("{BAD}: 1\nexclude: ['{BAD}']\ntemplate: \"\\e[31m\"\n\"\\e]0;x\\a\": 1\n"),
    );
    sandbox.commit("a.rs", "a\n", &format!("Subject {BAD}\n\nBody {BAD}"));
    sandbox
}

#[test]
fn nothing_on_a_terminal() {
    let sandbox = poisoned();
    for line in [
        "git-branchwork show",
        "git-branchwork show --json",
        "git-branchwork get",
        "git-branchwork get scope",
        "git-branchwork get scope -z",
        "git-branchwork list",
        "git-branchwork list --json",
        "git-branchwork history",
        "git-branchwork search Said",
        "git-branchwork search --json Said",
        "git-branchwork why a.rs:1",
        "git-branchwork check; true",
        "git-branchwork check --json; true",
        "git-branchwork doctor; true",
        "git push origin feat; true",
        "git -c core.pager=cat branchwork show",
    ] {
        let Some(shown) = on_terminal(&sandbox, line) else {
            return;
        };
        if line.contains("search") || line.contains("why") {
            assert!(shown.contains("Said"), "{line}: {shown}");
        }
        // Git says for itself what a hook printed; nothing of ours is in its own words.
        clean(&shown, line);
    }
}

#[test]
fn nothing_on_stderr_wherever_it_goes() {
    let sandbox = poisoned();
    let bad = |words: &[&str]| {
        let run = sandbox.try_branchwork(words);
        clean(&run.stderr, &run.command);
    };
    bad(&["check"]);
    bad(&["list"]);
    bad(&["set", &format!("risk={BAD}")]);
    bad(&["set", &format!("{BAD}=x")]);
    bad(&["get", BAD]);
    bad(&["log", &format!("Summary {BAD}"), "--body", BAD]);
    bad(&["update", "--section", BAD, "--item", BAD]);
    bad(&["tick", BAD]);
    bad(&["show", "-b", BAD]);
    bad(&["show", "--at", BAD]);
    bad(&["create", "--from", BAD]);
    bad(&["create", "--base", BAD]);
    bad(&["review", "--from", BAD, BAD]);
    bad(&["-C", BAD, "show"]);
    let push = sandbox.try_git(["push", "-q", "origin", "feat"]);
    clean(&push.stderr, "push");
    let log = sandbox.branchwork(["log", &format!("Another {BAD}")]);
    clean(&log.stderr, "log");
    clean(&sandbox.branchwork(["history"]).stdout, "history");
}

#[test]
fn data_is_not_changed_where_it_is_not_a_terminal() {
    let sandbox = on_feat();
    let text = sandbox.view() + BAD;
    sandbox.write(".branchwork/CURRENT.md", &text);
    assert!(sandbox.branchwork(["show"]).stdout.ends_with(BAD));
}
