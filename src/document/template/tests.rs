//! Templates filled, and files that become documents.

use bstr::ByteSlice;
use chrono::TimeZone;

use super::*;

fn with(check: impl FnOnce(&NewDocument<'_>)) {
    let (id, dri) = (DocId::new(0, 1), Actor::new("claude").unwrap());
    let (branch, base) = (BranchName::new("feat/a").unwrap(), BranchName::new("main").unwrap());
    check(&NewDocument {
        id: &id,
        branch: &branch,
        base: Some(&base),
        stack: Some((2, 3)),
        dri: Some(&dri),
        status: None,
        time: Utc.with_ymd_and_hms(2025, 8, 29, 18, 55, 12).unwrap(),
    });
}

#[test]
fn the_default_template_is_filled() {
    with(|facts| {
        let document = fill(DEFAULT.as_bytes(), facts).unwrap();
        let expected = DEFAULT
            .replace("date: #", "date: 2025-08-29 18:55 UTC #")
            .replace("slug: #", "slug: branchwork-feat-a #")
            .replace("name: #", "name: feat/a #")
            .replace("position: #", "position: 2 #")
            .replace("total: #", "total: 3 #")
            .replace("dri: #", "dri: claude #")
            .replace("last_updated: #", "last_updated: 2025-08-29 18:55 UTC #")
            .replace("# PR #[PR]: [Short Title]", "# [WIP] `feat/a`");
        assert_eq!(document.text().as_bstr(), expected);
        let windows = fill(DEFAULT.replace('\n', "\r\n").as_bytes(), facts).unwrap();
        assert_eq!(windows.text().as_bstr(), expected.replace('\n', "\r\n"));
        let reviewed = fill(
            DEFAULT.as_bytes(),
            &NewDocument {
                status: Some("in-review"),
                ..facts.clone()
            },
        )
        .unwrap();
        assert!(reviewed.text().contains_str("\nstatus: in-review  # draft |"));
    });
}

#[test]
fn a_teams_template_keeps_its_shape() {
    with(|facts| {
        let cases = [
            (
                "---\ndri: ann\nteam: x\n---\n\n# Mine\n",
                "---\nbranch:\n  name: feat/a\n  base: main\ndri: ann\nteam: x\n---\n\n# Mine\n",
            ),
            (
                "# Mine\n\n## Example\n\n```\n",
                "---\nbranch:\n  name: feat/a\n  base: main\n---\n\n# Mine\n\n## Example\n\n```\n",
            ),
            ("", "---\nbranch:\n  name: feat/a\n  base: main\n---\n"),
        ];
        for (template, expected) in cases {
            let document = fill(template.as_bytes(), facts).unwrap();
            assert_eq!(document.text().as_bstr(), expected, "{template:?}");
        }
        let broken = fill(b"---\na: [\n---\n", facts);
        assert!(matches!(broken, Err(EditError::BrokenFrontMatter { .. })), "{broken:?}");
    });
}

#[test]
fn an_adopted_file_keeps_its_text() {
    with(|facts| {
        for text in [
            "",
            "# My notes\n\n- a",
            "text\r\n\r\n---\r\n",
            "---\nnever closed",
            "\u{feff}text\n",
            "\n\ntext",
            "---\ntitle: \"a\n---\n# Post\n",
            "---\r\n- list\r\n---\r\nmore\r\n",
            "---\nbranch: feat/x\nrisk: low\n---\n# Post\n",
            "---\nbranch: &a\n  name: x\nother: *a\n---\n",
        ] {
            let document = adopt(text.as_bytes(), facts).unwrap();
            let kept = text.trim_start_matches('\u{feff}');
            assert!(
                document.text().ends_with(kept.as_bytes()),
                "{}",
                document.text().as_bstr()
            );
            assert_eq!(document.front_matter().text("branch.name"), Some("feat/a"), "{text:?}");
            assert_eq!(document.front_matter().text("dri"), Some("claude"));
        }
        let text = "---\ndri: ann # me\nstatus: approved\n---\n## Notes\n";
        let document = adopt(text.as_bytes(), facts).unwrap();
        let fields = document.front_matter();
        assert_eq!(
            (fields.text("dri"), fields.text("status")),
            (Some("ann"), Some("approved"))
        );
        assert_eq!(
            (fields.text("branch.base"), fields.text("branch.position")),
            (Some("main"), Some("2"))
        );
        assert!(document.text().ends_with(b"---\n## Notes\n") && document.text().contains_str("dri: ann # me\n"));
    });
}
