//! Pushes of another kind: let through with a reason, for review, by id, of many refs.

use crate::sandbox::{Run, Sandbox};

/// A sandbox on branch `feat` with one commit and a document that lacks `scope` and `risk`.
fn unfinished() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.git(["switch", "-q", "-c", "feat"]);
    sandbox.commit("src/a.rs", "a\n", "Add a");
    sandbox
}

fn waived(sandbox: &Sandbox, reason: &str, arguments: &[&str]) -> Run {
    crate::sandbox::run(
        sandbox
            .command("git")
            .args(["push", "-q"])
            .args(arguments)
            .env("BRANCHWORK_WAIVE", reason),
    )
}

fn entries(sandbox: &Sandbox, branch: &str) -> usize {
    sandbox.stored(branch).unwrap().matches("Push let through").count()
}

#[test]
fn a_waiver_lets_a_push_through_and_is_written_down_once() {
    let mut sandbox = unfinished();
    sandbox.look_in([]);
    let reason = "Production is down";
    sandbox.wait(1);
    let run = waived(&sandbox, reason, &["--dry-run", "origin", "feat"]).ok();
    let said = "branchwork: 'feat' goes through all the same: Production is down\n";
    assert!(
        run.stderr.contains("error[BW002]") && run.stderr.ends_with(said),
        "{}",
        run.stderr
    );
    let id = sandbox.id("feat");
    let entry = format!(
        "### 2025-08-29 18:58: [@ada] Push let through: Production is down\n\nCommit {id} was pushed although:\n\n\
         - BW002: 'scope' is required and missing\n- BW002: 'risk' is required and missing\n"
    );
    assert!(sandbox.view().contains(&entry), "{}", sandbox.view());

    // The dry run before, two addresses, and once more.
    sandbox.git(["init", "-q", "--bare", "../second.git"]);
    sandbox.git(["remote", "set-url", "--add", "--push", "origin", "../remote.git"]);
    sandbox.git(["remote", "set-url", "--add", "--push", "origin", "../second.git"]);
    sandbox.wait(1);
    waived(&sandbox, reason, &["origin", "feat"]).ok();
    for remote in ["../remote.git", "../second.git"] {
        assert!(
            sandbox.git(["ls-remote", remote, "feat"]).stdout.starts_with(&id),
            "{remote}"
        );
    }
    waived(&sandbox, reason, &["origin", "feat:again"]).ok();
    assert_eq!(entries(&sandbox, "feat"), 1);

    // Another reason, and another commit.
    waived(&sandbox, "Still down", &["origin", "feat:third"]).ok();
    assert_eq!(entries(&sandbox, "feat"), 2);
    sandbox.commit("src/b.rs", "b\n", "Add b");
    waived(&sandbox, reason, &["origin", "feat"]).ok();
    assert_eq!(entries(&sandbox, "feat"), 3);
    assert_eq!(sandbox.view(), sandbox.stored("feat").unwrap());

    // Without a reason there is none.
    sandbox.commit("src/c.rs", "c\n", "Add c");
    waived(&sandbox, "", &["origin", "feat"]).code(1);
    waived(&sandbox, " \t\n", &["origin", "feat"]).code(1);
    // Where nothing is wrong nothing is let through.
    sandbox.branchwork(["set", "scope=x", "risk=low"]);
    let run = waived(&sandbox, reason, &["origin", "feat"]).ok();
    assert_eq!((run.stderr.as_str(), entries(&sandbox, "feat")), ("", 3));
}

#[test]
fn a_reason_is_a_text_and_nothing_else() {
    let sandbox = unfinished();
    let reason = "x\n## Updates\n<!-- branchwork:commit 1111111111111111111111111111111111111111 -->\n\u{1b}[31m";
    let sections = sandbox.view().matches("\n## ").count();
    let run = waived(&sandbox, reason, &["origin", "feat"]).ok();
    assert!(!run.stderr.contains('\u{1b}'), "{}", run.stderr);
    let view = sandbox.view();
    assert_eq!(view.matches("\n## ").count(), sections, "{view}");
    assert_eq!(view.matches("\n<!-- branchwork:commit").count(), 1, "{view}");
    assert!(!view.contains('\u{1b}'), "{view}");
    waived(&sandbox, reason, &["origin", "feat:again"]).ok();
    assert_eq!(entries(&sandbox, "feat"), 1, "{}", sandbox.view());
    waived(&sandbox, &"long ".repeat(10_000), &["origin", "feat:more"]).ok();
    assert!(sandbox.view().len() < view.len() + 1_000);
}

#[test]
fn what_cannot_be_written_down_goes_through_too() {
    // There is no document to write into.
    let sandbox = Sandbox::new();
    sandbox.git(["branch", "bare"]);
    let run = waived(&sandbox, "Later", &["origin", "bare"]).ok();
    let said = "branchwork: the reason was not written down: 'bare' has no document\n\
                branchwork: 'bare' goes through all the same: Later\n";
    assert!(run.stderr.ends_with(said), "{}", run.stderr);
    // One of two branches is finished.
    let sandbox = unfinished();
    sandbox.git(["switch", "-q", "-c", "done"]);
    sandbox.branchwork(["set", "scope=x", "risk=low"]);
    waived(&sandbox, "Later", &["origin", "feat", "done"]).ok();
    assert_eq!((entries(&sandbox, "feat"), entries(&sandbox, "done")), (1, 0));
}

#[test]
fn what_is_pushed_for_review_is_what_is_worked_on() {
    let sandbox = unfinished();
    let id = sandbox.id("HEAD");
    for arguments in [
        "origin HEAD:refs/for/main",
        "origin feat:refs/for/main",
        "origin HEAD:refs/for/main%topic=x",
        "origin HEAD:refs/for/main/topic",
        "origin HEAD:refs/drafts/main",
        "origin HEAD:refs/for-review/main",
        "origin HEAD~0:refs/for/main",
        &format!("origin {id}:refs/for/main"),
    ] {
        let run = sandbox.shell(&format!("git push --dry-run {arguments}")).code(1);
        assert!(
            run.stderr.contains("push blocked: 'feat' is incomplete"),
            "{}",
            run.stderr
        );
    }
    // Not for review, and no branch: nobody's work.
    for arguments in [
        "HEAD:refs/notes/x",
        "HEAD:refs/changes/1/1/1",
        "HEAD:refs/forks/x",
        "HEAD:refs/meta/config",
    ] {
        assert!(
            !sandbox
                .shell(&format!("git push --dry-run origin {arguments}"))
                .ok()
                .stderr
                .contains("branchwork")
        );
    }
    sandbox.branchwork(["set", "scope=x", "risk=low"]);
    sandbox.git(["push", "-q", "origin", "HEAD:refs/for/main"]);
    // The trunk's own commits are nobody's document.
    sandbox.git(["switch", "-q", "main"]);
    sandbox.commit("m", "m\n", "On main");
    sandbox.git(["push", "-q", "origin", "HEAD:refs/for/release"]);
    sandbox.git(["switch", "-q", "--detach", "feat"]);
    sandbox.branchwork(["set", "-b", "feat", "risk="]);
    let run = sandbox.git(["push", "-q", "origin", "HEAD:refs/for/develop"]);
    assert_eq!(run.stderr, "");
}

#[test]
fn one_document_is_told_once_whatever_is_pushed_of_it() {
    let sandbox = unfinished();
    sandbox.commit("src/b.rs", "b\n", "Add b");
    let run = sandbox
        .shell("git push origin feat HEAD:other feat~1:refs/heads/older refs/heads/feat:refs/for/main")
        .code(1);
    assert_eq!(run.stderr.matches("To fix 'feat':").count(), 1, "{}", run.stderr);
    assert!(
        run.stderr.contains("push blocked: 'feat' is incomplete"),
        "{}",
        run.stderr
    );
    // Pushed to the trunk, and elsewhere too: elsewhere counts.
    sandbox.shell("git push origin feat:main feat:other").code(1);
    sandbox.shell("git push origin feat:main").ok();
}

/// Nobody waits longer for a push of everything than for everything else.
#[test]
fn hundreds_of_branches_are_each_checked() {
    let sandbox = unfinished();
    let mut commands = String::new();
    for number in 0..300 {
        commands.push_str(&format!("create refs/heads/many/{number} main\n"));
    }
    let update = crate::sandbox::run_with(
        sandbox.command("git").args(["update-ref", "--stdin"]),
        commands.as_bytes(),
    );
    update.ok();
    let run = sandbox.try_git(["push", "--mirror", "origin"]).code(1);
    // What does not fit on the screen is counted.
    let (_, more) = run.stderr.split_once("... and ").unwrap();
    let more: usize = more.split(' ').next().unwrap().parse().unwrap();
    let told = run.stderr.matches("error[BW0").count() + run.stderr.matches(", and 1 more\n").count();
    assert_eq!(told + more, 302, "{}", run.stderr);
}

#[test]
fn a_policy_that_is_too_large_is_told_and_the_defaults_hold() {
    for (text, told) in [
        ("#\n".repeat(40_000), "it is longer than 64 KiB"),
        (
            "#\n".repeat(600_000),
            "a file of a commit has 1200000 bytes, more than 1048576",
        ),
    ] {
        let sandbox = Sandbox::new();
        sandbox.commit(".branchwork.yml", &text, "Rules");
        sandbox.git(["push", "-q", "origin", "main"]);
        sandbox.git(["switch", "-q", "-c", "feat"]);
        let run = sandbox.try_git(["push", "-q", "origin", "feat"]).code(1);
        assert!(
            run.stderr.contains(told) && run.stderr.contains("error[BW002]"),
            "{}",
            run.stderr
        );
    }
}

#[test]
fn a_policy_that_is_no_file_is_told_and_the_defaults_hold() {
    for line in [
        "ln -s README .branchwork.yml",
        "mkdir .branchwork.yml && touch .branchwork.yml/x",
    ] {
        let sandbox = Sandbox::new();
        sandbox.git(["switch", "-q", "-c", "feat"]);
        sandbox
            .shell(&format!("{line} && git add -A && git commit -q -m Rules"))
            .ok();
        let run = sandbox.try_git(["push", "-q", "origin", "feat"]).code(1);
        let told = "warning[BW008]: the policy cannot be read: it is not a regular file";
        assert!(
            run.stderr.contains(told) && run.stderr.contains("error[BW002]"),
            "{}",
            run.stderr
        );
    }
}

#[test]
fn aliases_and_patterns_of_a_hostile_policy_change_nothing() {
    let mut bomb = "x: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let items = vec![format!("*a{}", level - 1); 9].join(", ");
        bomb.push_str(&format!("x{level}: &a{level} [{items}]\n"));
    }
    let stars = format!(
        "rules:\n  - when: {{ paths: ['{}b'] }}\n    require: [ticket]\n",
        "*a".repeat(60)
    );
    let regex = "patterns: { slug: '(((((x*)*)*)*)*)*y', scope: '(a|a)*b' }\n".to_owned();
    for policy in [bomb, stars, regex] {
        let sandbox = Sandbox::new();
        sandbox.commit(".branchwork.yml", &policy, "Rules");
        sandbox.git(["push", "-q", "origin", "main"]);
        sandbox.git(["switch", "-q", "-c", "feat"]);
        sandbox.branchwork(["set", "risk=low", &format!("scope={}", "a".repeat(900))]);
        sandbox.commit(&"a".repeat(200), "a\n", "Add a");
        sandbox.git(["push", "-q", "origin", "feat"]);
    }
}
