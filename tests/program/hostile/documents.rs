//! Documents that a person or a program wrote into the view.

use super::{Sandbox, count, on_feat, rescued, sound};

const VIEW: &str = ".branchwork/CURRENT.md";

fn bytes(sandbox: &Sandbox) -> Vec<u8> {
    std::fs::read(sandbox.repo().join(VIEW)).unwrap()
}

/// Everything that writes to a document, one after the other.
#[track_caller]
fn everything(sandbox: &Sandbox) {
    sandbox.branchwork(["set", "scope=x", "risk=low"]);
    sandbox.branchwork(["log", "Talked to Bob"]);
    sandbox.branchwork(["update", "--section", "Decisions", "--item", "Use tokio"]);
    sandbox.branchwork(["update", "--section", "Definition of Done", "--item", "It works"]);
    sandbox.branchwork(["tick", "It works"]);
    sandbox.commit("a", "a", "Work on it");
    sandbox.git(["commit", "-q", "--amend", "-m", "Work on that"]);
    sandbox.git(["switch", "-q", "main"]);
    sandbox.git(["switch", "-q", "feat"]);
    sandbox.branchwork(["show"]);
    sandbox.branchwork(["check"]);
    sound(sandbox);
}

#[test]
fn carriage_returns_and_a_missing_last_line_end_stay() {
    let sandbox = on_feat();
    let text = sandbox.view().replace('\n', "\r\n");
    sandbox.write(VIEW, text.trim_end());
    everything(&sandbox);
    let text = sandbox.view();
    assert_eq!(count(&text, "\r\n"), count(&text, "\n"), "{text:?}");
    assert!(!text.ends_with('\n'), "{text:?}");
    for word in ["Talked to Bob", "Use tokio", "- [x] It works", "Work on that"] {
        assert_eq!(count(&text, word), 1, "{word}: {text}");
    }
}

#[test]
fn bytes_that_are_not_utf8_survive() {
    let sandbox = on_feat();
    let odd = b"\xff\xfe \x80 caf\xe9 \xed\xa0\x80 \x00 \x1b[31m";
    let mut text = bytes(&sandbox);
    let notes = text.windows(9).position(|window| window == b"\n## Notes").unwrap();
    text.splice(notes..notes, [b"\n- odd ".as_slice(), odd, b"\n"].concat());
    text.extend([b"\n- last ".as_slice(), odd].concat());
    sandbox.write(VIEW, &text);
    everything(&sandbox);
    let text = bytes(&sandbox);
    for kept in [
        [b"- odd ".as_slice(), odd].concat(),
        [b"- last ".as_slice(), odd].concat(),
    ] {
        let found = text.windows(kept.len()).filter(|window| *window == kept).count();
        assert_eq!(found, 1, "{}", String::from_utf8_lossy(&text));
    }
    sandbox.branchwork(["show", "--json"]);
    // In the front matter they make it one that cannot be read; what needs it not goes on.
    let start = text.windows(5).position(|window| window == b"scope").unwrap();
    let mut broken = text.clone();
    broken.splice(start..start, *b"# odd \xff\xe9\n");
    sandbox.write(VIEW, &broken);
    sandbox.branchwork(["log", "Went on"]);
    let text = bytes(&sandbox);
    assert!(
        text.windows(9).any(|window| window == b"# odd \xff\xe9\n"),
        "{}",
        String::from_utf8_lossy(&text)
    );
    sandbox.try_branchwork(["check"]).code(1);
    let review = sandbox.repo().join("review.md");
    std::fs::write(&review, b"caf\xe9 ``` \xff\n").unwrap();
    sandbox.branchwork(["review", "--from", "bot", "review.md"]);
}

#[test]
fn a_broken_front_matter_stops_only_what_needs_it() {
    let sandbox = on_feat();
    let whole = sandbox.view();
    let broken = whole
        .replace("status: draft", "status: \"draft")
        .replace("\n\n## Issues", "\n\nby hand\n\n## Issues");
    sandbox.write(VIEW, &broken);
    sandbox.branchwork(["log", "Talked to Bob"]);
    sandbox.branchwork(["update", "--section", "Decisions", "--item", "Use tokio"]);
    let commit = sandbox
        .try_git(["commit", "-q", "--allow-empty", "-m", "Work on it"])
        .ok();
    assert_eq!(commit.stderr, "");
    let text = sandbox.view();
    for word in ["Talked to Bob", "Use tokio", "Work on it", "by hand", "status: \"draft"] {
        assert_eq!(count(&text, word), 1, "{word}: {text}");
    }
    for command in [&["set", "risk=low"][..], &["get", "risk"]] {
        let stopped = sandbox.try_branchwork(command).code(1);
        assert_eq!(stopped.stderr, sandbox.try_branchwork(["check"]).code(1).stderr);
    }
    let check = sandbox.try_branchwork(["check"]).code(1).stderr;
    assert!(
        check.contains("error[BW001]") && check.contains(".branchwork/CURRENT.md:") && check.contains('^'),
        "{check}"
    );
    let push = sandbox.try_git(["push", "-q", "origin", "feat"]).code(1).stderr;
    assert!(push.contains("error[BW001]") && push.contains("push blocked"), "{push}");
    // Mended by hand it is an edit like any other.
    sandbox.write(VIEW, text.replace("status: \"draft", "status: draft"));
    let set = sandbox.branchwork(["set", "risk=low", "scope=x"]);
    assert!(!set.stderr.contains("rescued"), "{}", set.stderr);
    assert!(sandbox.view().contains("\nstatus: draft"), "{}", sandbox.view());
    sandbox.git(["push", "-q", "origin", "feat"]);
    sound(&sandbox);
}

#[test]
fn the_line_that_names_the_branch_is_broken_and_mended() {
    let sandbox = on_feat();
    let broken = sandbox
        .view()
        .replace("risk:", "risk: [")
        .replace("  name: feat", "  name: \"feat\"");
    sandbox.write(VIEW, broken.replace("  name: \"feat\"", "  name: feat"));
    sandbox.branchwork(["log", "One"]);
    let text = sandbox.view();
    assert!(text.contains("risk: ["), "{text}");
    sandbox.write(
        VIEW,
        text.replace("risk: [", "risk:")
            .replace("  name: feat", "  name: 'feat'"),
    );
    assert_eq!(sandbox.branchwork(["show"]).stderr, "");
    assert!(sandbox.view().contains("name: 'feat'"), "{}", sandbox.view());
    // A slip in that line does not cost the page: it stays, and is told of.
    for slip in ["\tname: feat", "  name: \"feat", "  name: feat: x", "  name feat"] {
        let whole = sandbox.view();
        sandbox.write(VIEW, whole.replace("  name: 'feat'", slip));
        assert_eq!(sandbox.branchwork(["show"]).stderr, "", "{slip}");
        assert!(
            sandbox.view().contains(&format!("\n{slip} #")),
            "{slip}: {}",
            sandbox.view()
        );
        let push = sandbox.try_git(["push", "-q", "origin", "feat"]).code(1).stderr;
        assert!(push.contains("error[BW001]"), "{slip}: {push}");
        sandbox.write(VIEW, sandbox.view().replace(slip, "  name: 'feat'"));
        assert_eq!(sandbox.branchwork(["show"]).stderr, "", "{slip}");
        assert!(
            sandbox.view().contains("\n  name: 'feat' #"),
            "{slip}: {}",
            sandbox.view()
        );
    }
    // Another branch's page is not this one's, broken or not.
    sandbox.git(["switch", "-q", "-c", "other"]);
    let other = sandbox.view().replace("risk:", "risk: [");
    sandbox.git(["switch", "-q", "feat"]);
    sandbox.write(VIEW, other);
    assert!(
        rescued(&sandbox, &sandbox.branchwork(["show"]).stderr)
            .stdout
            .contains("name: other")
    );
}

#[test]
fn brackets_without_end_do_not_end_the_program() {
    let sandbox = on_feat();
    for deep in [
        "[".repeat(200_000),
        "{a: ".repeat(100_000),
        "- ".repeat(200_000),
        "? ".repeat(100_000),
        "&a *a ".into(),
    ] {
        let text = sandbox.view();
        let line = text.lines().find(|line| line.starts_with("scope:")).unwrap();
        sandbox.write(VIEW, text.replace(line, &format!("scope: {deep}")));
        sandbox.try_branchwork(["check"]).code(1);
        sandbox.git(["commit", "-q", "--allow-empty", "-m", "Go on"]);
        sandbox.try_git(["push", "-q", "origin", "feat"]).code(1);
        let text = sandbox.view();
        let line = text.lines().find(|line| line.starts_with("scope:")).unwrap();
        sandbox.write(VIEW, text.replace(line, "scope:"));
    }
    let deep = format!("{}text\n", "> ".repeat(100_000));
    sandbox.write(
        VIEW,
        sandbox.view().replace("\n## Notes", &format!("\n{deep}\n## Notes")),
    );
    sandbox.branchwork(["log", "Go on"]);
    assert!(sandbox.view().contains(&deep));
    sound(&sandbox);
}

#[test]
fn five_megabytes() {
    let sandbox = on_feat();
    let mut lines = String::new();
    for number in 0..90_000 {
        lines.push_str(&format!("- A line of the notes that a person wrote, number {number}\n"));
    }
    sandbox.write(
        VIEW,
        sandbox
            .view()
            .replace("\n## Updates", &format!("\n{lines}\n## Updates")),
    );
    sandbox.branchwork(["log", "Talked to Bob"]);
    sandbox.commit("a", "a", "Work on it");
    sandbox.git(["switch", "-q", "main"]);
    assert_eq!(
        count(&sandbox.branchwork(["show", "-b", "feat"]).stdout, "Talked to Bob"),
        1
    );
    sandbox.git(["switch", "-q", "feat"]);
    let text = sandbox.view();
    assert!(text.len() > 4_500_000 && text.contains(&lines), "{}", text.len());
}

#[test]
fn a_file_that_is_no_document_becomes_one() {
    let cases: [&[u8]; 10] = [
        b"",
        b"just text",
        b"\xef\xbb\xbf# Mark\r\n\r\ntext\r\n",
        b"# A plan\n\n\xff\xfe\n",
        b"---\n",
        b"\x00\x01\x02",
        b"```\nopen fence\n## Updates\n",
        b"---\ntitle: \"a\n---\n# Post\n",
        b"---\n- list\n---\nmore\n",
        b"---\nbranch: feat/x\nrisk: low\n---\n# Post\n",
    ];
    let sandbox = Sandbox::without_hooks();
    for (number, text) in cases.into_iter().enumerate() {
        let branch = format!("b{number}");
        sandbox.git(["switch", "-q", "-c", &branch, "main"]);
        sandbox.write("given", text);
        sandbox.branchwork(["create", "--from", "given"]);
        let view = bytes(&sandbox);
        let body = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        assert!(
            view.windows(body.len().max(1)).any(|window| window == body) || body.is_empty(),
            "{text:?}"
        );
        assert_eq!(sandbox.branchwork(["get", "branch.name"]).line(), branch);
        sandbox.branchwork(["log", "Works"]);
        std::fs::remove_file(sandbox.repo().join("given")).unwrap();
    }
    for missing in ["nowhere", ".git"] {
        let failed = sandbox.try_branchwork(["create", "--from", missing]).code(1);
        assert!(failed.stderr.contains(&format!("'{missing}'")), "{}", failed.stderr);
    }
}
