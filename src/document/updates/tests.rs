//! Entries: their form, their place, and what happens to them when commits are rewritten.

use chrono::TimeZone;

use super::*;
use crate::document::random::{NASTY, Random};
use crate::facts::{ChangeKind, Changes, FileChange, Lines};

const LIMITS: UpdateLimits = UpdateLimits { max_files: 3 };
const ORIGINAL: &str = include_str!("../outline/original_template.md");

fn id(digit: char) -> CommitId {
    CommitId::parse(&digit.to_string().repeat(40)).unwrap()
}

fn at(minute: u32) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2025, 8, 29, 10, minute, 30).unwrap()
}

fn file(path: &str, kind: ChangeKind, added: u64, removed: u64) -> FileChange {
    FileChange {
        path: path.to_owned(),
        kind,
        lines: Lines::Counted { added, removed },
    }
}

fn commit(digit: char, minute: u32, message: &str) -> CommitFacts {
    let files = vec![file("a.rs", ChangeKind::Modified, 1, 0)];
    CommitFacts {
        id: id(digit),
        time: at(minute),
        who: "claude".to_owned(),
        message: message.to_owned(),
        changes: Changes::Files {
            files,
            renames_skipped: false,
        },
    }
}

fn logged(text: &str, commits: &[CommitFacts]) -> String {
    let mut document = Document::new(text);
    document.log_commits(commits, &LIMITS).unwrap();
    String::from_utf8(document.into_text()).unwrap()
}

fn titles(text: &str) -> Vec<String> {
    Document::new(text)
        .entries()
        .into_iter()
        .map(|entry| entry.title)
        .collect()
}

#[test]
fn an_entry_has_the_form_of_the_design() {
    let mut facts = commit(
        '4',
        55,
        "Initial implementation\n\nBody of it.\n\nSigned-off-by: A <a@b>\n",
    );
    let renamed = ChangeKind::Renamed {
        from: "src/old.rs".to_owned(),
    };
    let files = vec![
        file("src/indexer/parallel.rs", ChangeKind::Added, 98, 0),
        file("src/config.rs", ChangeKind::Modified, 20, 3),
        file("src/new.rs", renamed, 2, 1),
    ];
    facts.changes = Changes::Files {
        files,
        renames_skipped: false,
    };
    let expected = "## Updates

### 2025-08-29 10:55: [@claude] Initial implementation
<!-- branchwork:commit 4444444444444444444444444444444444444444 -->

Body of it.

- Files changed (3 files, +120/-4):
  - `src/indexer/parallel.rs` - added (+98)
  - `src/config.rs` - modified (+20/-3)
  - `src/old.rs` → `src/new.rs` - renamed (+2/-1)

## Follow-up Work
";
    let after = logged("## Updates\n\n## Follow-up Work\n", &[facts.clone()]);
    assert_eq!(after, expected);
    assert_eq!(logged(&after, &[facts.clone()]), after);
    let entry = &Document::new(after.as_str()).entries()[0];
    assert_eq!(entry.time, Some(Utc.with_ymd_and_hms(2025, 8, 29, 10, 55, 0).unwrap()));
    assert_eq!(
        (entry.who.as_deref(), entry.title.as_str()),
        (Some("claude"), "Initial implementation")
    );
    assert_eq!(entry.commit, Some(id('4')));
    assert_eq!(&after[entry.commit_span.clone().unwrap()], id('4').as_str());
    assert_eq!(
        logged("## Updates\r\n", &[facts]),
        expected.trim_end_matches("\n## Follow-up Work\n").replace('\n', "\r\n")
    );
}

#[test]
fn what_a_commit_changed() {
    let files = |files: Vec<FileChange>| Changes::Files {
        files,
        renames_skipped: false,
    };
    let binary = FileChange {
        lines: Lines::Binary,
        ..file("logo.png", ChangeKind::Added, 0, 0)
    };
    let unknown = FileChange {
        lines: Lines::Unknown,
        ..file("x", ChangeKind::Modified, 0, 0)
    };
    let many = (0..9).map(|i| {
        file(
            &format!("{}/f{i}", if i < 5 { "src" } else { "docs" }),
            ChangeKind::Modified,
            1,
            2,
        )
    });
    let cases = [
        (files(vec![]), "- No files changed\n"),
        (
            files(vec![binary]),
            "- Files changed (1 file):\n  - `logo.png` - added (binary)\n",
        ),
        (files(vec![unknown]), "- Files changed (1 file):\n  - `x` - modified\n"),
        (
            files(vec![
                file("a", ChangeKind::Deleted, 0, 12),
                file("b", ChangeKind::Modified, 0, 0),
            ]),
            "- Files changed (2 files, +0/-12):\n  - `a` - deleted (-12)\n  - `b` - modified\n",
        ),
        (
            Changes::Files {
                files: many.collect(),
                renames_skipped: true,
            },
            "- Files changed (9 files, +9/-18; renames not looked for):\n  - `src/f0` - modified (+1/-2)\n  - `src/f1` - modified (+1/-2)\n  \
             - `src/f2` - modified (+1/-2)\n  - 4 more files in `docs/` (+4/-8)\n  - 2 more files in `src/` (+2/-4)\n",
        ),
        (
            Changes::Merge {
                commits: 1,
                or_more: false,
            },
            "- Merged 1 commit\n",
        ),
        (
            Changes::Merge {
                commits: 1000,
                or_more: true,
            },
            "- Merged 1000 or more commits\n",
        ),
        (
            Changes::Unknown("a shallow\nclone".to_owned()),
            "- Changed files are unknown: a shallow clone\n",
        ),
    ];
    for (changes, expected) in cases {
        let text = render::commit(
            &CommitFacts {
                changes,
                ..commit('1', 0, "s")
            },
            &LIMITS,
            &Anchors::new(),
        );
        let (_, list) = text.split_once("\n\n").unwrap();
        assert_eq!(list, expected);
    }
    let folders: Vec<FileChange> = (0..100)
        .map(|i| file(&format!("d{i}/f"), ChangeKind::Modified, 1, 0))
        .collect();
    let text = render::commit(
        &CommitFacts {
            changes: files(folders),
            ..commit('1', 0, "s")
        },
        &LIMITS,
        &Anchors::new(),
    );
    assert_eq!(text.lines().count(), 4 + 3 + 10 + 1);
    assert!(text.ends_with("  - 87 more files in other folders (+87/-0)\n"));
}

#[test]
fn entries_are_placed_by_time() {
    let text = "# T\n\n## Updates\n\nIntro.\n\n### no time, first\n\n### 2025-08-29 10:10: [@a] ten\n\ntext\n\n### no time\n\n\
        ### 2025-08-29 10:30: [@a] thirty\n";
    let commits = [
        commit('1', 20, "twenty"),
        commit('2', 40, "forty"),
        commit('3', 10, "ten too"),
        commit('4', 5, "five"),
        commit('5', 20, "twenty too"),
        commit('1', 20, "twenty again"),
    ];
    let expected = [
        "no time, first",
        "five",
        "ten",
        "no time",
        "ten too",
        "twenty",
        "twenty too",
        "thirty",
        "forty",
    ];
    let after = logged(text, &commits);
    assert_eq!(titles(&after), expected);
    let one_by_one = commits.iter().fold(text.to_owned(), |text, commit| {
        logged(&text, std::slice::from_ref(commit))
    });
    assert_eq!(one_by_one, after);
    // Minutes are all that a heading shows: what is logged later in the same minute comes later.
    assert_eq!(
        titles(&logged("", &[commit('1', 1, "a"), commit('2', 1, "b")])),
        ["a", "b"]
    );
    // Where the times go up and down, the last one that is not later counts.
    let mixed = "## Updates\n\n### 2025-08-29 10:05: a\n\n### 2025-08-29 10:09: b\n\n### 2025-08-29 10:03: c\n";
    assert_eq!(titles(&logged(mixed, &[commit('1', 4, "new")])), ["a", "b", "c", "new"]);
}

#[test]
fn the_example_is_never_written_to() {
    let after = logged(ORIGINAL, &[commit('1', 1, "real"), commit('2', 2, "two\n\n```\n## x")]);
    let (live, example) = after.split_once("## Example").unwrap();
    assert_eq!(example, ORIGINAL.split_once("## Example").unwrap().1);
    assert_eq!(titles(&after), ["real", "two"]);
    assert!(live.starts_with(ORIGINAL.split_once("## Example").unwrap().0));
}

#[test]
fn hostile_messages_make_one_entry_and_nothing_else() {
    let fixed = [
        "# x",
        "s\n\n# x",
        "s\n\n## Updates\n",
        "s\n\n### 2025-01-01 00:00: [@x] y",
        "s\n\n```",
        "s\n\n<!--",
        "<!--",
        "s\n\n<script>",
        "s\n\n<!-- branchwork:commit 1111111111111111111111111111111111111111 -->",
        "s\n\na\n===\nb\n---",
        "```",
        "s\n\n~~~\n## Example",
        "s\r\r## Example",
        "\u{0}\u{b}\u{c}\u{1b}]0;x\u{7}",
        "---\n\n---",
        "s\n\n[a]: b\n===",
        "#",
        "### ###",
        "s\n\n- \n\n  ## x",
    ];
    let open = "# T\n\n## Notes\n\n```\nnever closed\n\n## Updates\n\n## Follow-up Work\n";
    let documents = [
        ORIGINAL,
        "# T\n",
        "",
        open,
        "## Updates\n\n### x\n\n<!-- open",
        "a\r\n\r\n## Updates\r\n",
    ];
    let random = (0..500).map(|seed| Random::new(seed).lines(&NASTY, 12, "\n"));
    for message in fixed.into_iter().map(str::to_owned).chain(random) {
        for text in documents {
            let mut facts = commit('7', 30, &message);
            facts.who = message.clone();
            facts.changes = Changes::Files {
                files: vec![file(&message, ChangeKind::Renamed { from: message.clone() }, 1, 1)],
                renames_skipped: false,
            };
            let mut document = Document::new(text);
            let top = |document: &Document| -> Vec<String> {
                let outline = Outline::of(document.text());
                outline
                    .headings
                    .into_iter()
                    .filter(|heading| heading.level < 3)
                    .map(|heading| heading.title)
                    .collect()
            };
            let mut before = top(&document);
            let entries = document.entries().len();
            assert_eq!(document.log_commits(std::slice::from_ref(&facts), &LIMITS), Ok(1));
            if !before.iter().any(|title| title == "Updates") {
                let at = top(&document).iter().position(|title| title == "Updates").unwrap();
                before.insert(at, "Updates".to_owned());
            }
            let context = format!("{message:?} in {}", document.text().as_bstr());
            assert_eq!(top(&document), before, "{context}");
            assert_eq!(document.entries().len(), entries + 1, "{context}");
            assert!(document.entry_of(&id('7')).is_some(), "{context}");
            let once = document.text().to_owned();
            assert_eq!(document.log_commits(std::slice::from_ref(&facts), &LIMITS), Ok(0));
            assert_eq!(document.text(), once);
        }
    }
}

#[test]
fn a_huge_message_and_a_thousand_commits_take_no_time() {
    let started = std::time::Instant::now();
    let huge = commit('8', 1, &format!("s\n\n{}", "> - ``` <!-- `\n".repeat(700_000)));
    assert!(logged("## Updates\n", &[huge]).len() < 80_000);
    let all: Vec<CommitFacts> = (0..1000)
        .map(|i| CommitFacts {
            id: CommitId::parse(&format!("{i:040}")).unwrap(),
            ..commit('1', i % 60, "s\n\nbody")
        })
        .collect();
    let text = format!("{}## Updates\n", "text\n\n".repeat(300_000));
    let after = logged(&text, &all);
    assert_eq!(titles(&after).len(), 1000);
    assert!(started.elapsed().as_secs() < 60);
}

#[test]
fn notes_and_reviews() {
    let who = Actor::new("coderabbitai").unwrap();
    let mut document = Document::new("## Updates\n");
    document
        .log_review(at(5), &who, Some("Changes requested"), b"Fix:\n\n````\n## x\n````\n")
        .unwrap();
    document.log_text(at(1), &who, "Talked\n## y", "- a\n- b\n").unwrap();
    document.log_text(at(2), &who, "No body", "").unwrap();
    let expected = "## Updates

### 2025-08-29 10:01: [@coderabbitai] Talked ## y

- a
- b

### 2025-08-29 10:02: [@coderabbitai] No body

### 2025-08-29 10:05: [@coderabbitai] PR Review

`````markdown
Fix:

````
## x
````
`````

**Status**: Changes requested
";
    assert_eq!(document.text().as_bstr(), expected);
    assert_eq!(document.log_text(at(1), &who, " \n", "x"), Err(EditError::Empty));
    assert_eq!(document.text().as_bstr(), expected);
}

#[test]
fn the_line_about_older_commits() {
    let text = "## Updates\n\n### 2025-08-29 10:01: [@a] one\n";
    let mut document = Document::new(text);
    document.note_older_commits(0, false).unwrap();
    assert_eq!(document.text().as_bstr(), text);
    document.note_older_commits(7, true).unwrap();
    document.note_older_commits(1, false).unwrap();
    let line = "- 1 older commit has no entry here <!-- branchwork:older -->";
    assert_eq!(
        document.text().as_bstr(),
        format!("## Updates\n\n{line}\n\n### 2025-08-29 10:01: [@a] one\n")
    );
    document.note_older_commits(0, false).unwrap();
    assert_eq!(document.text().as_bstr(), text);
}
