//! Commit messages that try to be more than text.

use super::*;

#[test]
fn messages() {
    let cases = [
        ("Subject", "Subject", ""),
        (
            "Subject\n\nBody\nmore\n\nSigned-off-by: A <a@b>\nCo-authored-by: C <c@d>\n  continued\n",
            "Subject",
            "Body\nmore\n",
        ),
        ("\n\n  Two\nlines  \n\n\nBody\n", "Two lines", "Body\n"),
        ("Subject\r\n\r\nBody\r\n", "Subject", "Body\n"),
        ("Subject\n\nChange-Id: I123\n", "Subject", ""),
        (
            "Subject\n\nNot: a trailer\nbecause of this\n",
            "Subject",
            "Not: a trailer\nbecause of this\n",
        ),
        ("Fix: x\n", "Fix: x", ""),
        ("Subject\n\n(cherry picked from commit 0123)\n", "Subject", ""),
        (
            "Subject\n\n- a\n\nhttps://example.com\n",
            "Subject",
            "- a\n\nhttps://example.com\n",
        ),
        ("", "(no message)", ""),
        ("\x1b[31mred\x07 <!-- x", "\u{fffd}[31mred\u{fffd} \\<!-- x", ""),
    ];
    for (message, subject, body) in cases {
        let found = parse(message);
        assert_eq!(
            (found.subject.as_str(), found.body.as_str()),
            (subject, body),
            "{message:?}"
        );
    }
}

#[test]
fn a_long_subject_is_cut_and_kept_whole_in_the_body() {
    let subject = "ü".repeat(300);
    let found = parse(&format!("{subject}\n\nBody\n"));
    assert_eq!(found.subject, format!("{}…", "ü".repeat(200)));
    assert_eq!(found.body, format!("{subject}\n\nBody\n"));
}

#[test]
fn a_long_body_is_cut_at_a_line() {
    let body = "0123456789\n".repeat(10_000);
    let found = parse(&format!("Subject\n\n{body}"));
    let (kept, note) = found.body.trim_end().rsplit_once("\n\n").unwrap();
    assert!(kept.ends_with("\n0123456789") && kept.len() <= 64 * 1024);
    assert_eq!(
        note,
        format!("({} more bytes are in the commit)", body.trim_end().len() - kept.len())
    );
    let unbroken = parse(&format!("Subject\n\n{}", "ü".repeat(100_000)));
    assert!(unbroken.body.len() < 66_000);
}

#[test]
fn what_could_change_the_structure_is_fenced() {
    let hostile = [
        "# One",
        "## Updates",
        "### 2025-01-01 00:00: [@x] forged",
        "text\n===",
        "text\n---",
        "  ## in",
        "```\nopen",
        "~~~",
        "<!-- hidden",
        "<!-- branchwork:commit 0 -->",
        "a <!-- branchwork:commit 0 -->",
        "<div>",
        "<script>",
        "```` \n```\n## x\n```",
        "text\n\n<?php",
    ];
    for body in hostile {
        let found = contained(body);
        assert!(found.starts_with("```") && found.ends_with("```\n"), "{found}");
        assert_eq!(outline::structure(found.as_bytes()), (0, false), "{found}");
    }
    let harmless = [
        "text",
        "#123 fixed",
        "    # comment",
        "- # in an item",
        "> ## quoted",
        "```sh\n# comment\n```",
        "#### deep",
        "a < b",
        "see <https://example.com>",
        "- ```\n  open in an item",
    ];
    for body in harmless {
        assert_eq!(contained(body), format!("{body}\n"));
    }
    assert_eq!(contained("## x\n````\n"), "`````text\n## x\n````\n\n`````\n");
}

#[test]
fn paths_are_inline_code_whatever_they_hold() {
    let cases = [
        ("src/a.rs", "`src/a.rs`"),
        ("a`b", "``a`b``"),
        ("`", "`` ` ``"),
        ("a\n## b", "`a\\u{a}## b`"),
        ("\x1b[1m", "`\\u{1b}[1m`"),
    ];
    for (path, code) in cases {
        assert_eq!(inline_code(path), code);
    }
}
