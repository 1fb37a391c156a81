//! Merges as stories: a base, what Ann made of it at 10:00, what Claude made of it at 11:00, and the result.

use chrono::{DateTime, Utc};

use super::{Side, merge};
use crate::document::Document;

struct Story {
    name: &'static str,
    base: &'static str,
    ann: &'static str,
    claude: &'static str,
    merged: &'static str,
}

const fn story(
    name: &'static str,
    base: &'static str,
    ann: &'static str,
    claude: &'static str,
    merged: &'static str,
) -> Story {
    Story {
        name,
        base,
        ann,
        claude,
        merged,
    }
}

fn at(hour: u32) -> DateTime<Utc> {
    format!("2026-01-02T{hour}:00:00Z").parse().unwrap()
}

fn tell(story: &Story) -> String {
    let [base, ann, claude] = [story.base, story.ann, story.claude].map(Document::new);
    let ann = Side {
        document: &ann,
        who: "ann",
        time: at(10),
    };
    let claude = Side {
        document: &claude,
        who: "claude",
        time: at(11),
    };
    let merged = merge(&base, &ann, &claude);
    assert_eq!(merge(&base, &claude, &ann), merged, "{}: the sides swapped", story.name);
    let later = Side {
        document: &merged,
        who: "merger",
        time: at(12),
    };
    for side in [&ann, &claude] {
        assert_eq!(
            merge(&base, &later, side),
            merged,
            "{}: merged again with {}",
            story.name,
            side.who
        );
    }
    String::from_utf8_lossy(merged.text()).into_owned()
}

fn check(stories: &[Story]) {
    for story in stories {
        let merged = tell(story);
        assert!(
            merged == story.merged,
            "{}\n--- expected\n{}\n--- merged\n{merged}",
            story.name,
            story.merged
        );
    }
}

#[test]
fn front_matter() {
    check(&[
        story(
            "different keys, comments kept",
            "---\nstatus: draft  # one of five\nrisk: # low\ndri: ann\n---\n",
            "---\nstatus: in-review  # one of five\nrisk: # low\ndri: ann\n---\n",
            "---\nstatus: draft  # one of five\nrisk: low # low\ndri: ann\n---\n",
            "---\nstatus: in-review  # one of five\nrisk: low # low\ndri: ann\n---\n",
        ),
        story(
            "one line: a value by one, the comment by the other",
            "---\nrisk: # low\n---\n",
            "---\nrisk: # low | high\n---\n",
            "---\nrisk: high # low\n---\n",
            "---\nrisk: high # low | high\n---\n",
        ),
        story(
            "the later value wins, the other is told",
            "---\nstatus: draft\n---\n\n## Notes\n\n- …\n",
            "---\nstatus: approved\n---\n\n## Notes\n\n- …\n",
            "---\nstatus: in-review\n---\n\n## Notes\n\n- …\n",
            "---\nstatus: in-review\n---\n\n## Notes\n\n- 2026-01-02 10:00: `status` set to `approved` by ann, kept `in-review`\n",
        ),
        story(
            "what is derived is not told",
            "---\nbranch:\n  name: a\n  total: 1\nlast_updated: 2026-01-01 10:00 UTC\n---\n",
            "---\nbranch:\n  name: a\n  total: 2\nlast_updated: 2026-01-03 10:00 UTC\n---\n",
            "---\nbranch:\n  name: a\n  total: 3\nlast_updated: 2026-01-02 10:00 UTC\n---\n",
            "---\nbranch:\n  name: a\n  total: 3\nlast_updated: 2026-01-03 10:00 UTC\n---\n",
        ),
        story(
            "lists are sets",
            "---\nreviewers: [ann, bob] # two\n---\n",
            "---\nreviewers: [ann, bob, carl] # two\n---\n",
            "---\nreviewers: [dora, bob] # two\n---\n",
            "---\nreviewers: [bob, carl, dora] # two\n---\n",
        ),
        story(
            "lists in another form",
            "---\nreviewers:\n  - ann\nscope: a\n---\n",
            "---\nreviewers:\n  - ann\n  - bob\nscope: a\n---\n",
            "---\nreviewers:\n  - ann\n  - carl\nscope: b\n---\n",
            "---\nreviewers:\n  - ann\n  - bob\n  - carl\nscope: b\n---\n",
        ),
        story(
            "a key taken out, a key put in, a key set that the other took out",
            "---\na: 1\nb: 2\nc: 3\n---\n",
            "---\na: 1\nc: 4\n---\n",
            "---\na: 1\nb: 2\nnew: 5\n---\n",
            "---\na: 1\nc: 4\nnew: 5\n---\n",
        ),
        story(
            "broken YAML: its lines",
            "---\nstatus: draft\nrisk: low\n---\n\ntext\n",
            "---\nstatus: [draft\nrisk: low\n---\n\ntext\n",
            "---\nstatus: draft\nrisk: high\n---\n\ntext by claude\n",
            "---\nstatus: [draft\nrisk: high\n---\n\ntext by claude\n",
        ),
    ]);
}

#[test]
fn sections() {
    check(&[
        story(
            "added by both at one place",
            "# T\n\n## Notes\n\n- a\n",
            "# T\n\n## Notes\n\n- a\n\n## Zoo\n\nann\n",
            "# T\n\n## Notes\n\n- a\n\n## Air\n\nclaude\n",
            "# T\n\n## Notes\n\n- a\n\n## Zoo\n\nann\n\n## Air\n\nclaude\n",
        ),
        story(
            "deleted by one and not touched, deleted by one and changed",
            "## A\n\na\n\n## B\n\nb\n\n## C\n\nc\n",
            "## C\n\nc\n",
            "## A\n\na\n\n## B\n\nb\nmore\n\n## C\n\nc\n",
            "## B\n\nb\nmore\n\n## C\n\nc\n",
        ),
        story(
            "moved by one, written to by the other",
            "## A\n\na\n\n## B\n\nb\n\n## C\n\nc\n",
            "## C\n\nc\n\n## A\n\na\n\n## B\n\nb\n",
            "## A\n\na\n\n## B\n\nb\n\n## C\n\nc\n\nmore\n",
            "## C\n\nc\n\nmore\n\n## A\n\na\n\n## B\n\nb\n",
        ),
        story(
            "the same title twice",
            "## A\n\none\n\n## A\n\ntwo\n",
            "## A\n\none, ann\n\n## A\n\ntwo\n",
            "## A\n\none\n\n## A\n\ntwo, claude\n",
            "## A\n\none, ann\n\n## A\n\ntwo, claude\n",
        ),
        story(
            "a bullet by one, a subsection by the other",
            "## Notes\n\n- a\n\n## Z\n",
            "## Notes\n\n- a\n\n### Sub\n\ntext\n\n## Z\n",
            "## Notes\n\n- a\n- b\n\n## Z\n",
            "## Notes\n\n- a\n- b\n\n### Sub\n\ntext\n\n## Z\n",
        ),
        story(
            "two titles",
            "# [WIP] `a`\n\n## Notes\n\n- x\n",
            "# PR #1: One\n\n## Notes\n\n- x\n",
            "# PR #1: Two\n\n## Notes\n\n- x\n- y\n",
            "# PR #1: Two\n\n## Notes\n\n- x\n- y\n- 2026-01-02 10:00: `heading` set to `# PR #1: One` by ann, kept `# PR #1: Two`\n",
        ),
        story(
            "a fence that one side left open does not swallow the other's section",
            "## A\n\na\n",
            "## A\n\na\n\n```\ncode\n",
            "## A\n\na\n\n## New\n\nb\n",
            "## A\n\na\n\n```\ncode\n```\n\n## New\n\nb\n",
        ),
        story(
            "a fence that lost its beginning: lines",
            "## A\n\n```\na\n```\n\n## B\n\nb\n\n```\nx\n```\n\n## C\n\nc\n",
            "## A\n\na\n```\n\n## B\n\nb\n\n```\nx\n```\n\n## C\n\nc\n",
            "## A\n\n```\na\n```\n\n## B\n\nbb\n\n```\nx\n```\n\n## C\n\nc\nmore\n",
            "## A\n\na\n```\n\n## B\n\nbb\n\n```\nx\n```\n\n## C\n\nc\nmore\n",
        ),
        story(
            "the example and what stands before it",
            "## Updates\n\n## Example\n\n```markdown\n## Updates\n```text\n```\n## Notes\n```\n",
            "## Updates\n\n### 2026-01-01 10:00: [@ann] A\n\n## Example\n\n```markdown\n## Updates\n```text\n```\n## Notes\n```\n",
            "## Updates\n\n## Example\n\nEdited.\n\n```markdown\n## Updates\n```text\n```\n## Notes\n```\n",
            "## Updates\n\n### 2026-01-01 10:00: [@ann] A\n\n## Example\n\nEdited.\n\n```markdown\n## Updates\n```text\n```\n## Notes\n```\n",
        ),
    ]);
}

#[test]
fn lists() {
    check(&[
        story(
            "ticked by one, worded anew by the other",
            "- [ ] write the tests\n- [ ] ship\n",
            "- [x] write the tests\n- [ ] ship\n",
            "- [ ] write all the tests\n- [ ] ship\n",
            "- [x] write all the tests\n- [ ] ship\n",
        ),
        story(
            "added by both, one of them ticked; unticked by one",
            "- [x] old\n",
            "- [x] old\n- [ ] new\n- [ ] ann\n",
            "- [ ] old\n- [x] new\n- [ ] claude\n",
            "- [ ] old\n- [x] new\n- [ ] ann\n- [ ] claude\n",
        ),
        story(
            "children stay with their parents",
            "- a\n  - a1\n- b\n",
            "- a\n  - a1\n  - a2\n- b\n",
            "- a\n  - a1\n- new\n- b\n",
            "- a\n  - a1\n  - a2\n- new\n- b\n",
        ),
        story(
            "worded anew by both: both stay",
            "- the old words here\n",
            "- the old words there\n",
            "- the old words where\n",
            "- the old words there\n- the old words where\n",
        ),
        story(
            "taken out by one, a child added by the other",
            "- a\n- b\n- c\n",
            "- a\n- c\n",
            "- a\n- b\n  - but\n- c\n",
            "- a\n- b\n  - but\n- c\n",
        ),
        story(
            "a placeholder goes when one side has something real",
            "## Decisions\n\n- …\n",
            "## Decisions\n\n- real\n",
            "## Decisions\n\n- …\n\nText.\n",
            "## Decisions\n\n- real\n\nText.\n",
        ),
        story(
            "moved by one, ticked by the other",
            "- [ ] a\n- [ ] b\n- [ ] c\n",
            "- [ ] c\n- [ ] a\n- [ ] b\n",
            "- [ ] a\n- [ ] b\n- [x] c\n",
            "- [x] c\n- [ ] a\n- [ ] b\n",
        ),
    ]);
}

#[test]
fn tables() {
    check(&[
        story(
            "rows and cells",
            "## CI Status\n\n| Check | Status | Details |\n|---|---|---|\n| Build | ok | 1 |\n| Tests | ok | 2 |\n",
            "## CI Status\n\n| Check | Status | Details |\n|---|---|---|\n| Build | bad | 1 |\n| Tests | ok | 2 |\n| Ann | ok | |\n",
            "## CI Status\n\n| Check | Status | Details |\n|---|---|---|\n| Build | ok | 9 |\n| Tests | ok | 2 |\n| Claude | ok | |\n",
            "## CI Status\n\n| Check | Status | Details |\n|---|---|---|\n| Build | bad | 9 |\n| Tests | ok | 2 |\n| Ann | ok | |\n| Claude | ok | |\n",
        ),
        story(
            "one cell by both in CI: the later, silently",
            "## CI Status\n\n| Check | Status |\n|---|---|\n| Build | ok |\n",
            "## CI Status\n\n| Check | Status |\n|---|---|\n| Build | bad |\n",
            "## CI Status\n\n| Check | Status |\n|---|---|\n| Build | running |\n",
            "## CI Status\n\n| Check | Status |\n|---|---|\n| Build | running |\n",
        ),
        story(
            "one cell by both elsewhere: the other is told",
            "## Costs\n\n| What | Sum |\n|---|---|\n| Disk | 1 |\n\n## Notes\n",
            "## Costs\n\n| What | Sum |\n|---|---|\n| Disk | 2 |\n\n## Notes\n",
            "## Costs\n\n| What | Sum |\n|---|---|\n| Disk | 3 |\n\n## Notes\n",
            "## Costs\n\n| What | Sum |\n|---|---|\n| Disk | 3 |\n\n## Notes\n\n- 2026-01-02 10:00: `Costs / Disk` set to `2` by ann, kept `3`\n",
        ),
    ]);
}

#[test]
fn updates() {
    check(&[
        story(
            "entries of both in the order of time",
            "## Updates\n\n### 2026-01-01 10:00: [@a] One\n\none\n",
            "## Updates\n\n### 2026-01-01 10:00: [@a] One\n\none\n\n### 2026-01-03 10:00: [@ann] Three\n\nthree\n",
            "## Updates\n\n### 2026-01-01 10:00: [@a] One\n\none\n\n### 2026-01-02 10:00: [@claude] Two\n\ntwo\n\n### 2026-01-04 10:00: [@claude] Four\n\nfour\n",
            "## Updates\n\n### 2026-01-01 10:00: [@a] One\n\none\n\n### 2026-01-02 10:00: [@claude] Two\n\ntwo\n\n### 2026-01-03 10:00: [@ann] Three\n\nthree\n\n### 2026-01-04 10:00: [@claude] Four\n\nfour\n",
        ),
        story(
            "moved to a rewritten commit by one, words added by the other",
            "## Updates\n\n### 2026-01-01 10:00: [@a] One\n<!-- branchwork:commit 1111111111111111111111111111111111111111 -->\n\nBody.\n",
            "## Updates\n\n### 2026-01-01 10:00: [@a] One\n<!-- branchwork:commit 2222222222222222222222222222222222222222 -->\n\nBody.\n\n- Files changed\n",
            "## Updates\n\n### 2026-01-01 10:00: [@a] One\n<!-- branchwork:commit 1111111111111111111111111111111111111111 -->\n\nBody.\n\nWhy: because.\n",
            "## Updates\n\n### 2026-01-01 10:00: [@a] One\n<!-- branchwork:commit 2222222222222222222222222222222222222222 -->\n\nBody.\n\n- Files changed\n\nWhy: because.\n",
        ),
        story(
            "reworded by an amend, words added by the other",
            "## Updates\n\n### 2026-01-01 10:00: [@a] One\n<!-- branchwork:commit 1111111111111111111111111111111111111111 -->\n\nBody.\n",
            "## Updates\n\n### 2026-01-01 10:00: [@a] Better title\n<!-- branchwork:commit 2222222222222222222222222222222222222222 -->\n\nBody.\n",
            "## Updates\n\n### 2026-01-01 10:00: [@a] One\n<!-- branchwork:commit 1111111111111111111111111111111111111111 -->\n\nBody.\nMore.\n",
            "## Updates\n\n### 2026-01-01 10:00: [@a] Better title\n<!-- branchwork:commit 2222222222222222222222222222222222222222 -->\n\nBody.\nMore.\n",
        ),
        story(
            "the same commit logged by both, words added by one",
            "## Updates\n",
            "## Updates\n\n### 2026-01-01 10:00: [@a] One\n<!-- branchwork:commit 1111111111111111111111111111111111111111 -->\n\nBody.\n",
            "## Updates\n\n### 2026-01-01 10:00: [@a] One\n<!-- branchwork:commit 1111111111111111111111111111111111111111 -->\n\nBody.\n\nMore.\n",
            "## Updates\n\n### 2026-01-01 10:00: [@a] One\n<!-- branchwork:commit 1111111111111111111111111111111111111111 -->\n\nBody.\n\nMore.\n",
        ),
        story(
            "two entries that are squashed, one of them with new words",
            "## Updates\n\n### 2026-01-01 10:00: [@a] One\n<!-- branchwork:commit 1111111111111111111111111111111111111111 -->\n\n### 2026-01-01 11:00: [@a] Two\n<!-- branchwork:commit 2222222222222222222222222222222222222222 -->\n",
            "## Updates\n\n### 2026-01-01 10:00: [@a] One\n<!-- branchwork:commit 3333333333333333333333333333333333333333 -->\n\n### 2026-01-01 11:00: [@a] Two\n<!-- branchwork:commit 3333333333333333333333333333333333333333 -->\n",
            "## Updates\n\n### 2026-01-01 10:00: [@a] One\n<!-- branchwork:commit 1111111111111111111111111111111111111111 -->\n\n### 2026-01-01 11:00: [@a] Two\n<!-- branchwork:commit 2222222222222222222222222222222222222222 -->\n\nWords.\n",
            "## Updates\n\n### 2026-01-01 10:00: [@a] One\n<!-- branchwork:commit 3333333333333333333333333333333333333333 -->\n\n### 2026-01-01 11:00: [@a] Two\n<!-- branchwork:commit 3333333333333333333333333333333333333333 -->\n\nWords.\n",
        ),
    ]);
}

#[test]
fn text() {
    check(&[
        story(
            "both changed one line",
            "a\nb\nc\n",
            "a\nann\nc\n",
            "a\nclaude\nc\n",
            "a\nann\nclaude\nc\n",
        ),
        story(
            "one taken out, one changed",
            "a\nb\nc\nd\n",
            "a\nc\nd\n",
            "a\nb\nc\ndd\n",
            "a\nc\ndd\n",
        ),
        story(
            "a paragraph each",
            "## A\n\nfoo\n",
            "## A\n\nfoo\n\nann\n",
            "## A\n\nfoo\n\nclaude\n",
            "## A\n\nfoo\n\nann\n\nclaude\n",
        ),
        story(
            "different lines of one block of code",
            "```\na\n\nb\n\nc\n```\n",
            "```\nann\n\nb\n\nc\n```\n",
            "```\na\n\nb\n\nclaude\n```\n",
            "```\nann\n\nb\n\nclaude\n```\n",
        ),
        story(
            "a block of code each",
            "a\n",
            "a\n\n```text\nann\n```\n",
            "a\n\n```text\nclaude\n```\n",
            "a\n\n```text\nann\n```\n\n```text\nclaude\n```\n",
        ),
        story(
            "the stack is derived: the later",
            "## PR Stack Context\n\n```text\nmain\n```\n",
            "## PR Stack Context\n\n```text\nmain\n  a\n```\n",
            "## PR Stack Context\n\n```text\nmain\n  b\n```\n\nBy hand.\n",
            "## PR Stack Context\n\n```text\nmain\n  b\n```\n\nBy hand.\n",
        ),
        story(
            "all line endings changed by one",
            "a\nb\n",
            "a\r\nb\r\n",
            "a\nb\nc\n",
            "a\r\nb\r\nc\r\n",
        ),
        story(
            "one odd line ending",
            "a\r\nb\r\n",
            "a\r\nb\r\nc\n",
            "aa\r\nb\r\n",
            "aa\r\nb\r\nc\n",
        ),
        story("no newline at the end", "a\nb", "a\nb\nc", "aa\nb", "aa\nb\nc"),
        story("a newline at the end by one", "a\nb", "a\nb\n", "aa\nb", "aa\nb\n"),
        story("nothing in the base", "", "a\nb\n", "a\nc\n", "a\nb\nc\n"),
    ]);
}

#[test]
fn bytes_that_are_no_text_stay() {
    let [base, ann, claude] = [&b"a\xff\nb\n"[..], b"a\xff\nb\n\xfe\xfd\n", b"\0\na\xff\nb\n"].map(Document::new);
    let ann = Side {
        document: &ann,
        who: "ann",
        time: at(10),
    };
    let claude = Side {
        document: &claude,
        who: "claude",
        time: at(11),
    };
    assert_eq!(merge(&base, &ann, &claude).text(), b"\0\na\xff\nb\n\xfe\xfd\n");
}

#[test]
fn with_equal_times_the_content_decides() {
    let [base, ann, claude] = [
        "---\nrisk: low\n---\n\na\n",
        "---\nrisk: high\n---\n\nx\n",
        "---\nrisk: medium\n---\n\nb\n",
    ]
    .map(Document::new);
    let ann = Side {
        document: &ann,
        who: "ann",
        time: at(10),
    };
    let claude = Side {
        document: &claude,
        who: "claude",
        time: at(10),
    };
    let merged = merge(&base, &ann, &claude);
    assert_eq!(merged, merge(&base, &claude, &ann));
    let text = String::from_utf8_lossy(merged.text()).into_owned();
    assert!(
        text.starts_with(
            "---\nrisk: medium\n---\n\nb\n\nx\n\n## Notes\n\n- 2026-01-02 10:00: `risk` set to `high` by ann"
        ),
        "{text}"
    );
}

#[test]
fn every_lost_value_is_told_once() {
    let table = |status: &str| {
        let row = |i: usize| format!("| {i} | {status} |\n");
        let rows: String = (0..300).map(row).collect();
        Document::new(format!(
            "## Mine\n\n| Check | Status |\n|---|---|\n{rows}\n## Notes\n\n1. old\n"
        ))
    };
    let (base, ann, claude) = (table("?"), table("ann"), table("claude"));
    let side = |document, who, hour| Side {
        document,
        who,
        time: at(hour),
    };
    let (ann, claude) = (side(&ann, "ann", 10), side(&claude, "claude", 11));
    let merged = merge(&base, &ann, &claude);
    let text = String::from_utf8_lossy(merged.text()).into_owned();
    let told: Vec<&str> = text
        .lines()
        .filter(|line| line.contains("set to `ann` by ann"))
        .collect();
    assert_eq!(told.len(), 300, "{text}");
    assert!(told[0].starts_with("2. 2026-01-02 10:00: `Mine / 0` "), "{text}");
    assert!(told[299].starts_with("301. 2026-01-02 10:00: `Mine / 9` "), "{text}");
    assert_eq!(merge(&base, &ann, &side(&merged, "merger", 12)), merged);
    let again = merge(&base, &side(&merged, "merger", 12), &ann);
    assert_eq!(merge(ann.document, &claude, &side(&again, "merger", 13)), merged);
}
