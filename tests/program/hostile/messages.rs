//! Commit messages.

use super::{Sandbox, count, on_feat, run, sound};
use crate::sandbox::run_with;

#[track_caller]
fn commit(sandbox: &Sandbox, message: &[u8], options: &[&str]) -> String {
    sandbox.wait(1);
    let mut command = sandbox.command("git");
    command
        .args(options)
        .args(["commit", "-q", "--allow-empty", "--cleanup=verbatim", "-F", "-"]);
    assert_eq!(run_with(&mut command, message).ok().stderr, "");
    sandbox.view()
}

/// The headings of the document as a reader of Markdown sees them.
fn headings(text: &str) -> Vec<String> {
    use markdown::mdast::Node;
    let (_, body) = text.split_once("\n---\n").unwrap();
    let tree = markdown::to_mdast(body, &markdown::ParseOptions::gfm()).unwrap();
    let of = |node: &Node| match node {
        Node::Heading(heading) => Some(format!("{} {}", heading.depth, node.to_string())),
        _ => None,
    };
    tree.children().unwrap().iter().filter_map(of).collect()
}

#[test]
fn a_message_cannot_forge_structure() {
    let bodies = [
        "## Updates\n\n### 2020-01-01 00:00: [@ada] Forged",
        "# Title\n## Follow-up Work\n- [x] done",
        "```\nopen fence",
        "````markdown\n```\n## Updates",
        "~~~\nopen fence\n\n## Notes",
        "<!-- branchwork:commit 1111111111111111111111111111111111111111 -->",
        "<!-- never closed\n\n## Notes",
        "<div>\n## Updates\n\n</div",
        "<script>\n\n## Notes",
        "Updates\n=======\n\nNotes\n---",
        "---\nstatus: merged\n---",
        "- item\n\n  ## Updates",
        "> ## Updates",
        "\u{1b}]0;title\u{7}\u{1b}[2J ## Updates\r## Notes\r\n## Notes",
        "[ref]: http://x\n\n| a |\n|---|\n| b |",
    ];
    let sandbox = on_feat();
    let own = |text: &str| {
        let all = headings(text);
        all.into_iter()
            .filter(|heading| !heading.starts_with("3 2025-"))
            .collect::<Vec<_>>()
    };
    let before = own(&sandbox.view());
    for (number, body) in bodies.iter().enumerate() {
        commit(&sandbox, format!("Commit {number}.\n\n{body}\n").as_bytes(), &[]);
        let text = sandbox.view();
        assert_eq!(own(&text), before, "{body}\n{text}");
        let entries = headings(&text)
            .iter()
            .filter(|heading| heading.starts_with("3 2025-"))
            .count();
        assert_eq!(entries, number + 1, "{body}\n{text}");
        assert!(!text.contains(['\u{1b}', '\u{7}', '\r']), "{text}");
    }
    let text = sandbox.view();
    assert!(text.trim_end().ends_with("## Follow-up Work\n\n- [ ] …"), "{text}");
    for number in 0..bodies.len() {
        assert_eq!(count(&text, &format!(" Commit {number}.")), 1, "{text}");
    }
    // Each is found again by its own mark, and only by that.
    sandbox.git(["commit", "-q", "--allow-empty", "--amend", "-m", "Amended"]);
    let amended = sandbox.view();
    assert_eq!(headings(&amended).len(), headings(&text).len(), "{amended}");
    assert_eq!(
        (count(&amended, "Amended"), count(&amended, " Commit 14.")),
        (1, 0),
        "{amended}"
    );
    sound(&sandbox);
}

#[test]
fn subjects_stay_one_line_of_one_entry() {
    let subjects = [
        "<!-- branchwork:commit 1111111111111111111111111111111111111111 -->",
        "## Updates",
        "### 2020-01-01 00:00: [@x] y",
        "```",
        "a\u{2028}## b\u{85}c",
        "\u{202e}txet",
        "*[@claude]* `code` <b>",
        "",
    ];
    let sandbox = on_feat();
    for (number, subject) in subjects.iter().enumerate() {
        sandbox.wait(1);
        sandbox.git([
            "commit",
            "-q",
            "--allow-empty",
            "--allow-empty-message",
            "--cleanup=verbatim",
            "-m",
            subject,
        ]);
        let text = sandbox.view();
        let updates = text
            .split("\n## Updates\n")
            .nth(1)
            .unwrap()
            .split("\n## Follow-up")
            .next()
            .unwrap();
        let entries = updates
            .lines()
            .filter(|line| line.starts_with("### 2025-08-29"))
            .count();
        assert_eq!(entries, number + 1, "{subject}\n{text}");
        assert_eq!(count(&text, "\n## "), 9, "{subject}\n{text}");
    }
    sound(&sandbox);
}

#[test]
fn other_encodings_become_utf8() {
    let sandbox = on_feat();
    let text = commit(
        &sandbox,
        b"Gr\xfc\xdfe\n\nna\xefve\n",
        &["-c", "i18n.commitEncoding=ISO-8859-1"],
    );
    assert!(text.contains("Grüße") && text.contains("naïve"), "{text}");
    let text = commit(&sandbox, b"Bytes \xff\xfe\x80 end\n", &["-c", "i18n.commitEncoding=x"]);
    assert!(text.contains("Bytes ") && text.contains(" end"), "{text}");
    sound(&sandbox);
}

#[test]
fn ten_megabytes_do_not_get_into_the_document() {
    let sandbox = on_feat();
    let mut message = b"Subject ".to_vec();
    message.extend(b"long ".repeat(100_000));
    message.extend(b"\n\n");
    message.extend(b"## line of the body ```\n".repeat(400_000));
    let text = commit(&sandbox, &message, &[]);
    assert!(text.len() < 1_000_000, "{}", text.len());
    assert_eq!(count(&text, "more bytes are in the commit"), 1);
    let text = commit(&sandbox, "`".repeat(10_000_000).as_bytes(), &[]);
    assert!(text.len() < 2_000_000, "{}", text.len());
    sound(&sandbox);
}

#[test]
fn paths_and_authors_are_data_too() {
    let sandbox = on_feat();
    sandbox.wait(1);
    let names = [
        "a\nb",
        "## Updates",
        "`tick`",
        "\u{1b}[31mred",
        "日本 é",
        "-x",
        "<!-- branchwork:commit",
    ];
    for name in names {
        sandbox.write(name, "x");
    }
    sandbox.git(["add", "-A"]);
    let author = "--author=Eve\u{1b}[31m ### x <eve\u{7}@example.com>";
    run(sandbox.command("git").args(["commit", "-q", "-m", "Paths", author])).ok();
    let text = sandbox.view();
    assert_eq!(count(&text, "\n## "), 9, "{text}");
    assert_eq!(count(&text, "- added (+1)"), names.len(), "{text}");
    assert!(!text.contains(['\u{1b}', '\u{7}']), "{text}");
    sound(&sandbox);
}
