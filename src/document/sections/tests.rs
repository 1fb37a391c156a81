//! Items, rows, code and ticks in sections, and random edits that stay in theirs.

use super::*;
use crate::document::random::{NASTY, Random};

fn append(text: &str, section: &str, item: Item<'_>) -> Result<String, EditError> {
    let mut document = Document::new(text);
    document.append(section, &item)?;
    Ok(String::from_utf8(document.into_text()).unwrap())
}

#[test]
fn bullets() {
    let cases = [
        (
            "## Notes\n\n- …\n\n## Next\n",
            "Notes",
            "x",
            "## Notes\n\n- x\n\n## Next\n",
        ),
        ("## Notes\n\n- ...\n", "Notes", "x", "## Notes\n\n- x\n"),
        (
            "## Notes\n\n…\n\n## Next\n",
            "notes",
            "x",
            "## Notes\n\n- x\n\n## Next\n",
        ),
        (
            "## Notes\n\n- a\n\n## Next\n",
            "Notes",
            "- x",
            "## Notes\n\n- a\n- x\n\n## Next\n",
        ),
        ("## Notes\n\n- …\n- a", "Notes", "x", "## Notes\n\n- a\n- x\n"),
        ("## Notes\n## Next\n", "Notes", "x", "## Notes\n\n- x\n\n## Next\n"),
        ("## Notes", "Notes", "x", "## Notes\n\n- x\n"),
        (
            "## Notes\n\n\n\n## Next\n",
            "Notes",
            "x",
            "## Notes\n\n- x\n\n\n\n## Next\n",
        ),
        (
            "## Notes\r\n\r\n* a\r\n\r\n## Next\r\n",
            "Notes",
            "x\ny",
            "## Notes\r\n\r\n* a\r\n* x\r\n  y\r\n\r\n## Next\r\n",
        ),
        (
            "## Notes\n\n+ a\n\n+ b\n",
            "Notes",
            "x",
            "## Notes\n\n+ a\n\n+ b\n\n+ x\n",
        ),
        (
            "## Notes\n\n 1) a\n 2) b\n",
            "Notes",
            "x",
            "## Notes\n\n 1) a\n 2) b\n 3) x\n",
        ),
        (
            "## Notes\n\n-   a\n    - b\n",
            "Notes",
            "x\n\n## y",
            "## Notes\n\n-   a\n    - b\n-   x\n\n    ## y\n",
        ),
        (
            "## Notes\n\n- a\n\ntext\n\n### Sub\n\n- s\n",
            "Notes",
            "x",
            "## Notes\n\n- a\n- x\n\ntext\n\n### Sub\n\n- s\n",
        ),
        (
            "## Notes\n\n### Sub\n\n- s\n",
            "Notes/sub",
            "x",
            "## Notes\n\n### Sub\n\n- s\n- x\n",
        ),
        (
            "## Notes\n\n- a\n\n## Next\n",
            "Notes/Sub",
            "x",
            "## Notes\n\n- a\n\n### Sub\n\n- x\n\n## Next\n",
        ),
        (
            "## Issues & Tickets\n\n- [ ] …\n",
            "Issues",
            "x",
            "## Issues & Tickets\n\n- [ ] x\n",
        ),
        (
            "## Merge Checklist\n\n- [ ] …\n",
            "Merge Checklist",
            "[x] done",
            "## Merge Checklist\n\n- [x] done\n",
        ),
        (
            "## Mine\n\n- [x] a\n",
            "Mine",
            "- [ ] x",
            "## Mine\n\n- [x] a\n- [ ] x\n",
        ),
        ("## Mine\n\n- [x] a\n", "Mine", "x", "## Mine\n\n- [x] a\n- [ ] x\n"),
        ("## CI/CD\n", "CI/CD", "x", "## CI/CD\n\n- x\n"),
        (
            "## Notes\n\n```\ncode\n\n## Updates\n\ntext\n",
            "Notes",
            "x",
            "## Notes\n\n```\ncode\n```\n\n- x\n\n## Updates\n\ntext\n",
        ),
        (
            "## Notes\n\n<!-- open",
            "Notes",
            "x",
            "## Notes\n\n<!-- open\n-->\n\n- x\n",
        ),
        (
            "## Notes\n\n- ```\n  open in an item\n",
            "Notes",
            "x",
            "## Notes\n\n- ```\n  open in an item\n- x\n",
        ),
        ("---\na: 1\n---\n", "Notes", "x", "---\na: 1\n---\n\n## Notes\n\n- x\n"),
        ("", "Notes", "x", "## Notes\n\n- x\n"),
    ];
    for (before, section, item, after) in cases {
        assert_eq!(
            append(before, section, Item::Bullets(&[item])).unwrap(),
            after,
            "{before:?}"
        );
    }
}

#[test]
fn missing_sections_come_at_their_place() {
    let cases = [
        (
            "# T\n\n## Issues\n\n- a\n\n## Updates\n",
            "Decisions",
            "# T\n\n## Issues\n\n- a\n\n## Decisions\n\n- x\n\n## Updates\n",
        ),
        ("# T\n\n## Updates\n", "Notes", "# T\n\n## Notes\n\n- x\n\n## Updates\n"),
        (
            "## Notes\n\n## Mine\n\n## Example\n\n```\n",
            "Updates",
            "## Notes\n\n## Updates\n\n- x\n\n## Mine\n\n## Example\n\n```\n",
        ),
        (
            "# T\n\ntext\n\n## Example\n",
            "Notes",
            "# T\n\ntext\n\n## Notes\n\n- x\n\n## Example\n",
        ),
    ];
    for (before, section, after) in cases {
        assert_eq!(
            append(before, section, Item::Bullets(&["x"])).unwrap(),
            after,
            "{before:?}"
        );
    }
}

#[test]
fn other_items() {
    let table = "## CI Status\n\n| Check | Status | Details |\n|---|---|---|\n";
    let row = Item::Row(&[("status", "ok"), ("Check", "a|b\nc")]);
    let added = format!("{table}| a\\|b<br>c | ok | |\n");
    assert_eq!(append(table, "CI Status", row).unwrap(), added);
    let changed = append(&added, "CI Status", Item::Row(&[("Check", "a|b\nc"), ("Details", "d")])).unwrap();
    assert_eq!(changed, format!("{table}| a\\|b<br>c | ok | d |\n"));
    let cases = [
        (
            "## Notes\n\n- a\n  b\n\ntext\n",
            Item::Nested("x\ny"),
            "## Notes\n\n- a\n  b\n  - x\n    y\n\ntext\n",
        ),
        (
            "## Notes\n\n1. a\n   * b\n2. c\n   * [ ] d\n",
            Item::Nested("x"),
            "## Notes\n\n1. a\n   * b\n2. c\n   * [ ] d\n   * [ ] x\n",
        ),
        (
            "## Notes\n\ntext\n\n- …\n",
            Item::Code {
                language: None,
                text: b"a",
            },
            "## Notes\n\ntext\n\n```\na\n```\n",
        ),
        (
            "## Notes\n\n- …\n",
            Item::Bullets(&["x", "y"]),
            "## Notes\n\n- x\n- y\n",
        ),
        (
            "## Notes\n\n8. a\n\n9. b\n",
            Item::Bullets(&["x", "y"]),
            "## Notes\n\n8. a\n\n9. b\n\n10. x\n\n11. y\n",
        ),
        (
            "## Notes\n",
            Item::Code {
                language: Some("sh"),
                text: b"a\n```\n## b",
            },
            "## Notes\n\n````sh\na\n```\n## b\n````\n",
        ),
        (
            "## Notes\r\n",
            Item::Code {
                language: None,
                text: b"",
            },
            "## Notes\r\n\r\n```\r\n```\r\n",
        ),
    ];
    for (before, item, after) in cases {
        assert_eq!(append(before, "Notes", item).unwrap(), after, "{before:?}");
    }
    let made = append("# T\n", "CI Status", Item::Row(&[("Check", "Build")])).unwrap();
    assert_eq!(
        made,
        "# T\n\n## CI Status\n\n| Check | Status | Details |\n|-------|--------|---------|\n| Build | | |\n"
    );
}

#[test]
fn refusals_say_what_there_is() {
    let text = "## Mine\n\n- …\n\n## CI Status\n\n| Check |\n|---|\n";
    let refused = |section, item| append(text, section, item).unwrap_err();
    let error = refused("Mien", Item::Bullets(&["x"]));
    assert_eq!(error.to_string(), "the document has no section 'Mien'");
    assert_eq!(error.hint().unwrap(), "the document has: 'Mine', 'CI Status'");
    assert_eq!(
        refused("Mine", Item::Nested("x")).to_string(),
        "the section 'Mine' has no list item to add a child to"
    );
    assert_eq!(
        refused("Mine", Item::Row(&[("a", "b")])).to_string(),
        "the section 'Mine' has no table"
    );
    let error = refused("CI Status", Item::Row(&[("Chek", "b")]));
    assert_eq!(error.hint().unwrap(), "the table has: 'Check'");
    assert_eq!(refused("Mine", Item::Bullets(&[" \n"])), EditError::Empty);
    assert!(matches!(
        append("## Notes\n", "Notes", Item::Bullets(&["- -"])),
        Ok(_) | Err(EditError::WouldBreak { .. })
    ));
    let open = "## Notes\n\n- a\n\n  ```\n  open\n";
    assert!(matches!(
        append(open, "Notes", Item::Nested("x")),
        Err(EditError::WouldBreak { .. })
    ));
}

#[test]
fn ticks() {
    let text = "## Merge Checklist\n\n- [ ] Squash commits\n- [ ] Squash commits before merge\n- [X] Docs\n  - [ ] nested [ ] one\n\n\
        ```\n- [ ] in code\n```\n\n> - [ ] quoted\n\n## Updates\n\n### a\n\n- [ ] history\n\n## Example\n\n- [ ] example\n";
    let tick = |wanted: &str| {
        let mut document = Document::new(text);
        let ticked = document.tick(wanted);
        (ticked, String::from_utf8(document.into_text()).unwrap())
    };
    let (ticked, after) = tick("squash COMMITS");
    assert_eq!(ticked, Ok(Ticked::Now("Squash commits".to_owned())));
    assert_eq!(
        after,
        text.replacen("- [ ] Squash commits\n", "- [x] Squash commits\n", 1)
    );
    assert_eq!(
        tick("before").1,
        text.replacen("- [ ] Squash commits before", "- [x] Squash commits before", 1)
    );
    assert_eq!(tick("nested").1, text.replacen("- [ ] nested", "- [x] nested", 1));
    assert_eq!(tick("doc"), (Ok(Ticked::Already("Docs".to_owned())), text.to_owned()));
    let error = tick("squash").0.unwrap_err();
    assert_eq!(error.to_string(), "'squash' is in 2 checklist items");
    for hidden in ["in code", "quoted", "history", "example"] {
        let (ticked, after) = tick(hidden);
        assert!(
            matches!(ticked, Err(EditError::NoMatch { ref open, .. }) if open.len() == 3),
            "{hidden}"
        );
        assert_eq!(after, text);
    }
}

/// The longest common start and end of two texts.
fn kept(before: &[u8], after: &[u8]) -> (usize, usize) {
    let start = before.iter().zip(after).take_while(|(a, b)| a == b).count();
    let most = before.len().min(after.len()) - start;
    let end = before
        .iter()
        .rev()
        .zip(after.iter().rev())
        .take_while(|(a, b)| a == b)
        .count();
    (start, end.min(most))
}

#[test]
fn random_edits_stay_in_their_section() {
    let titles = [
        "## Notes",
        "## Issues",
        "## Updates",
        "## Mine",
        "- [ ] …",
        "- [x] a",
        "| a |",
        "|---|",
    ];
    let lines: Vec<&str> = NASTY.into_iter().chain(titles).chain(titles).collect();
    for seed in 0..8000 {
        let mut random = Random::new(seed);
        let newline = *random.pick(&["\n", "\n", "\r\n"]);
        let before = random.lines(&lines, 24, newline);
        let text = random.lines(&NASTY, 3, "\n");
        let title = *random.pick(&["Notes", "Issues", "Mine"]);
        let bullets = [&*text, "y"];
        let items = [
            Item::Bullets(&bullets[..1 + random.below(2)]),
            Item::Nested(&text),
            Item::Row(&[("a", &text)]),
        ];
        let code = Item::Code {
            language: None,
            text: text.as_bytes(),
        };
        let item = *random.pick(&[items[0], items[1], items[2], code]);
        let mut document = Document::new(before.as_str());
        let result = document.append(title, &item);
        let context = format!("seed {seed}: {before:?} + {item:?} = {}", document.text().as_bstr());
        let (old, new) = (Outline::of(before.as_bytes()), Outline::of(document.text()));
        if result.is_err() {
            assert_eq!(document.text(), before.as_bytes(), "{context}");
            continue;
        }
        let titles = |outline: &Outline| -> Vec<String> {
            outline
                .headings
                .iter()
                .map(|heading| format!("{} {}", heading.level, heading.title))
                .collect()
        };
        let (mut old_titles, new_titles) = (titles(&old), titles(&new));
        let unclosed = old.blocks.iter().any(|block| block.closer.is_some());
        if let Some(section) = old.section(title) {
            assert_eq!(old_titles, new_titles, "{context}");
            let (start, end) = kept(before.as_bytes(), document.text());
            let stays = section.heading.end <= start + 1 && before.len() - end <= section.body.end;
            assert!(stays || unclosed, "{context}");
        } else {
            let at = new_titles
                .iter()
                .position(|new| *new == format!("2 {title}"))
                .expect(&context);
            old_titles.insert(at, format!("2 {title}"));
            assert_eq!(old_titles, new_titles, "{context}");
        }
    }
}

#[test]
fn random_bytes_are_documents() {
    for seed in 0..3000 {
        let mut random = Random::new(seed);
        let alphabet = b"#-*`~<>!=|[]x. \t\r\n\n\n\x00\xff\xc3\xa4>1)";
        let before: Vec<u8> = (0..random.below(200)).map(|_| *random.pick(alphabet)).collect();
        let mut document = Document::new(before.as_slice());
        assert_eq!(document.text(), before);
        if document.append("Notes", &Item::Bullets(&["x"])).is_ok() {
            let text = document.text().to_owned();
            assert!(text.contains_str("- x") || text.contains_str("x"), "{}", text.as_bstr());
            assert!(Outline::of(&text).section("Notes").is_some());
        }
        let _ = document.tick("x");
        document.entries();
        document.title();
    }
}

#[test]
fn five_megabytes_take_no_time() {
    let before = format!(
        "{}## Notes\n\n- a\n\n{}",
        "> - 1. text\n\n".repeat(200_000),
        "## Next\n\n- b\n\n".repeat(200_000)
    );
    let started = std::time::Instant::now();
    let after = append(&before, "Notes", Item::Bullets(&["x"])).unwrap();
    assert_eq!(after.len(), before.len() + 4);
    // Generous, for debug builds on a busy machine; a quadratic scan would take hours.
    assert!(started.elapsed().as_secs() < 60);
}
