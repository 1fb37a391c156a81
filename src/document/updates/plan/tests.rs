//! Which entry becomes which, and what that makes of the text, on histories that stand here as tables.

use std::collections::HashMap;

use chrono::TimeZone;

use super::*;
use crate::document::Document;
use crate::document::random::{NASTY, Random};
use crate::document::updates::UpdateLimits;
use crate::facts::{ChangeKind, Changes, FileChange, Lines};

const LIMITS: UpdateLimits = UpdateLimits { max_files: 3 };

/// Commits by a letter; what is not among them is not in the clone.
#[derive(Default)]
struct Table {
    commits: HashMap<CommitId, CommitFacts>,
    authors: HashMap<CommitId, String>,
    own: Vec<CommitId>,
    standings: HashMap<CommitId, Standing>,
    amended: HashMap<CommitId, CommitId>,
    lines: Vec<(CommitId, CommitId)>,
    extent: Option<Extent>,
}

fn id(name: &str) -> CommitId {
    let hex: String = name.bytes().map(|byte| format!("{byte:02x}")).collect();
    CommitId::parse(&format!("{hex:0<40}")).unwrap()
}

impl Table {
    /// `commits`: name, minute, message, the number of lines that its one file gets.
    fn of(commits: &[(&str, u32, &str, u64)]) -> Self {
        let mut table = Self::default();
        for (name, minute, message, added) in commits {
            let facts = CommitFacts {
                id: id(name),
                time: chrono::Utc.with_ymd_and_hms(2025, 8, 29, 10, *minute, 30).unwrap(),
                who: "claude".to_owned(),
                message: (*message).to_owned(),
                changes: Changes::Files {
                    files: vec![FileChange {
                        path: "a.rs".to_owned(),
                        kind: ChangeKind::Modified,
                        lines: Lines::Counted {
                            added: *added,
                            removed: 0,
                        },
                    }],
                    renames_skipped: false,
                },
            };
            table.commits.insert(id(name), facts);
        }
        table
    }

    fn own(mut self, names: &str) -> Self {
        self.own = names.split_whitespace().map(id).collect();
        self
    }

    fn standing(mut self, name: &str, standing: Standing) -> Self {
        self.standings.insert(id(name), standing);
        self
    }

    fn document(&self, names: &str) -> Document {
        let mut document = Document::new("# T\n\n## Updates\n\n## Next\n");
        let facts: Vec<CommitFacts> = names
            .split_whitespace()
            .map(|name| self.commits[&id(name)].clone())
            .collect();
        document.log_commits(&facts, &LIMITS).unwrap();
        document
    }

    fn plan(&self, document: &Document, map: &[(&str, &str)], most: usize) -> Plan {
        let rewritten = Rewritten::new(map.iter().map(|(old, new)| (id(old), id(new))));
        plan(&document.entries(), self, &rewritten, most)
    }

    /// Reconciles twice: the second time must change nothing.
    #[track_caller]
    fn reconcile(&self, document: &mut Document, map: &[(&str, &str)]) {
        let plan = self.plan(document, map, 50);
        document.reconcile(&plan, self, &LIMITS).unwrap();
        let once = document.clone();
        let plan = self.plan(document, map, 50);
        document.reconcile(&plan, self, &LIMITS).unwrap();
        assert_eq!(
            String::from_utf8_lossy(document.text()),
            String::from_utf8_lossy(once.text())
        );
    }
}

impl History for Table {
    fn own(&self) -> &[CommitId] {
        &self.own
    }

    fn extent(&self) -> Extent {
        self.extent.unwrap_or(Extent::Whole)
    }

    fn standing(&self, commit: &CommitId) -> Standing {
        match self.own.contains(commit) {
            true => Standing::Reached,
            false => self.standings.get(commit).copied().unwrap_or(Standing::Gone),
        }
    }

    fn identity(&self, commit: &CommitId) -> Option<Identity> {
        let facts = self.commits.get(commit)?;
        Some(Identity {
            author: self.authors.get(commit).cloned().unwrap_or_default(),
            time: facts.time.timestamp(),
            subject: crate::document::message::subject(&facts.message),
        })
    }

    fn patch(&self, commit: &CommitId) -> Option<u64> {
        match &self.commits.get(commit)?.changes {
            Changes::Files { files, .. } => match files.first()?.lines {
                Lines::Counted { added, .. } => Some(added).filter(|added| *added > 0),
                _ => None,
            },
            _ => None,
        }
    }

    fn in_line(&self, one: &CommitId, other: &CommitId) -> bool {
        let is = |pair: &(CommitId, CommitId)| (&pair.0, &pair.1) == (one, other) || (&pair.1, &pair.0) == (one, other);
        self.lines.iter().any(is)
    }

    fn amended(&self, commit: &CommitId) -> Option<CommitId> {
        self.amended.get(commit).cloned()
    }

    fn facts(&self, commit: &CommitId) -> Option<CommitFacts> {
        self.commits.get(commit).cloned()
    }

    fn read_alike(&self, one: &CommitId, other: &CommitId) -> bool {
        let said = |id: &CommitId| {
            self.commits
                .get(id)
                .map(|facts| (&facts.message, facts.time, &facts.changes))
        };
        said(one).is_some() && said(one) == said(other)
    }
}

/// Each entry as `commit title`, `!` before one that is marked.
fn told(document: &Document) -> Vec<String> {
    let name = |commit: &CommitId| {
        let hex = commit.as_str().trim_end_matches("00");
        let byte = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
        String::from_utf8((0..hex.len()).step_by(2).map(byte).collect()).unwrap()
    };
    let line = |entry: Entry| {
        let commit = entry.commit.as_ref().map(name).unwrap_or_default();
        match entry.title.strip_suffix(DROPPED) {
            Some(title) if title != "Tests" => format!("!{commit} {title}"),
            _ => format!("{commit} {}", entry.title),
        }
    };
    document.entries().into_iter().map(line).collect()
}

#[test]
fn what_git_does_to_commits() {
    type Commits = &'static [(&'static str, u32, &'static str, u64)];
    const TWO: Commits = &[
        ("a", 1, "A", 1),
        ("b", 2, "B", 2),
        ("c", 1, "A", 1),
        ("d", 2, "B", 2),
        ("e", 9, "B", 2),
        ("f", 9, "F", 9),
    ];
    const SQUASHED: Commits = &[("a", 1, "A", 1), ("b", 2, "B", 2), ("c", 1, "A", 3)];
    const SPLIT: Commits = &[("a", 1, "A", 3), ("p", 5, "P", 1), ("q", 6, "Q", 2)];
    const INSERTED: Commits = &[("a", 1, "A", 3), ("n", 5, "N", 1), ("b", 1, "Better", 3)];
    const WIP: Commits = &[
        ("a", 1, "wip", 1),
        ("b", 1, "wip", 2),
        ("c", 1, "wip", 3),
        ("v", 1, "wip", 1),
        ("w", 1, "wip", 2),
        ("x", 1, "wip", 3),
    ];
    const AGAIN: Commits = &[("s", 1, "S", 1), ("t", 1, "S", 1), ("b", 2, "B", 2)];
    const MARK: Commits = &[("a", 1, "Tests (dropped)", 1), ("b", 1, "Tests (dropped)", 1)];
    // What happened, the commits there are, the entries before (`b>s`: that of b points at s), the branch's own commits,
    // what git said, the entries after.
    let cases = [
        ("nothing", TWO, "a b", "a b", "", "a A, b B"),
        ("a new one", TWO, "a", "a b", "", "a A, b B"),
        ("one in between", TWO, "a f", "a b f", "", "a A, b B, f F"),
        ("rebased", TWO, "a b", "c d", "", "c A, d B"),
        ("rebased, told", TWO, "a b", "c d", "a>c b>d", "c A, d B"),
        ("one rebased", TWO, "a b", "a d", "", "a A, d B"),
        ("redated, same patch", TWO, "a b", "a e", "", "a A, e B"),
        ("dropped", TWO, "a b", "a", "", "a A, !b B"),
        ("all dropped", TWO, "a b", "", "", "!a A, !b B"),
        ("dropped, another instead", TWO, "a b", "a f", "", "a A, !b B, f F"),
        ("squashed, told", SQUASHED, "a b", "c", "a>c b>c", "c A, c B"),
        ("skipped, told", TWO, "a b", "c", "a>c b>c", "c A, !b B"),
        ("squashed, not told", TWO, "a b", "c", "", "c A, !b B"),
        ("by way of another", TWO, "a", "f", "x>f a>x", "f F"),
        ("told in a circle", TWO, "a", "a f", "f>x x>f", "a A, f F"),
        ("told, then undone", TWO, "a", "a", "a>c", "a A"),
        ("rebased twice", TWO, "a", "f", "a>c a>f", "f F"),
        ("logged before it was told", TWO, "a f", "f", "a>f", "f F"),
        ("of two documents", TWO, "a c b", "c d", "", "c A, d B"),
        ("split, told", SPLIT, "a", "p q", "a>q", "p P, q Q"),
        ("another before it", INSERTED, "a", "n b", "a>b", "b Better, n N"),
        ("ties", WIP, "a b c", "a w x", "", "a wip, w wip, x wip"),
        (
            "ties, one dropped",
            WIP,
            "a b c",
            "v x",
            "a>v c>x",
            "v wip, !b wip, x wip",
        ),
        (
            "ties, one dropped, not told",
            WIP,
            "a b c",
            "v x",
            "",
            "v wip, !b wip, x wip",
        ),
        ("ties, one left", WIP, "a b", "v", "", "v wip, !b wip"),
        ("squashed, then rebased", AGAIN, "s b>s", "t", "", "t S, t B"),
        ("ends as the mark does", MARK, "a", "b", "", "b Tests (dropped)"),
    ];
    for (name, commits, entries, own, map, expected) in cases {
        let table = Table::of(commits).own(own);
        let names: Vec<&str> = entries.split(' ').map(|name| name.split('>').next().unwrap()).collect();
        let mut text = String::from_utf8(table.document(&names.join(" ")).into_text()).unwrap();
        for (old, new) in entries.split(' ').filter_map(|name| name.split_once('>')) {
            text = text.replace(id(old).as_str(), id(new).as_str());
        }
        // Words in an entry stay, whatever becomes of its commit.
        let words: Vec<String> = (0..names.len()).map(|n| format!("Words {n}.")).collect();
        for words in words.iter().rev() {
            let at = text.rfind("-->\n\n- Files").unwrap();
            text.replace_range(at..at + 5, &format!("-->\n\n{words}\n\n"));
        }
        let mut document = Document::new(text);
        let map: Vec<(&str, &str)> = map.split_whitespace().filter_map(|pair| pair.split_once('>')).collect();
        table.reconcile(&mut document, &map);
        let after = String::from_utf8_lossy(document.text()).into_owned();
        assert_eq!(told(&document).join(", "), expected, "{name}\n{after}");
        for words in words {
            assert_eq!(after.matches(&words).count(), 1, "{name}: {words}\n{after}");
        }
        assert!(after.ends_with("\n## Next\n"), "{name}\n{after}");
    }
}

#[test]
fn generated_lines_follow_and_a_commit_that_comes_back_loses_its_mark() {
    let table = Table::of(&[("a", 1, "A\n\nBody.", 1), ("b", 1, "Better\n\nBetter body.", 2)]);
    let before = table.document("a");
    let table = table.own("b");
    let mut after = before.clone();
    table.reconcile(&mut after, &[("a", "b")]);
    assert_eq!(
        String::from_utf8_lossy(after.text()),
        String::from_utf8_lossy(table.document("b").text())
    );
    let table = table.own("");
    let mut after = before.clone();
    table.reconcile(&mut after, &[]);
    assert_eq!(told(&after), ["!a A"]);
    let table = table.own("a");
    table.reconcile(&mut after, &[]);
    assert_eq!(after, before);
    // It comes back rewritten.
    let table = table.own("");
    table.reconcile(&mut after, &[]);
    let table = table.own("b");
    table.reconcile(&mut after, &[("a", "b")]);
    assert_eq!(told(&after), ["b Better"]);
}

#[test]
fn what_cannot_be_known_is_left_alone() {
    let commits = [("a", 1, "A", 1), ("b", 2, "B", 2), ("c", 3, "C", 3)];
    let unknown = Table::of(&commits).own("b").standing("a", Standing::Unknown);
    let mut document = unknown.document("a b");
    unknown.reconcile(&mut document, &[]);
    assert_eq!(told(&document), ["a A", "b B"]);
    let mut uncertain = Table::of(&commits).own("b c");
    uncertain.extent = Some(Extent::Uncertain);
    let mut document = uncertain.document("a");
    let plan = uncertain.plan(&document, &[], 50);
    assert_eq!((plan.new.as_slice(), plan.older), (&[id("c")][..], None));
    uncertain.reconcile(&mut document, &[]);
    assert_eq!(told(&document), ["a A", "c C"]);
    // A commit that was never here: its heading tells enough.
    let mut table = Table::of(&commits).own("c");
    let mut document = table.document("c");
    let text = String::from_utf8(document.into_text())
        .unwrap()
        .replace(id("c").as_str(), id("zz").as_str());
    document = Document::new(text.clone());
    table.reconcile(&mut document, &[]);
    assert_eq!(told(&document), ["c C"]);
    // One that is below the tip of another line is not that.
    table.commits.insert(
        id("d"),
        CommitFacts {
            id: id("d"),
            ..table.commits[&id("c")].clone()
        },
    );
    table.lines.push((id("c"), id("d")));
    let mut document = table.document("c d");
    table.reconcile(&mut document, &[]);
    assert_eq!(told(&document), ["c C", "!d C"]);
}

#[test]
fn an_amend_that_only_the_reflog_knows() {
    let mut table = Table::of(&[("a", 1, "A", 1), ("b", 7, "Other", 9)]).own("b");
    table.amended.insert(id("a"), id("x"));
    table.amended.insert(id("x"), id("b"));
    let mut document = table.document("a");
    table.reconcile(&mut document, &[]);
    assert_eq!(told(&document), ["b Other"]);
}

#[test]
fn another_branchs_commit_goes_if_nobody_wrote_into_its_entry() {
    let table = Table::of(&[("a", 1, "A", 1), ("b", 2, "B", 2)])
        .own("b")
        .standing("a", Standing::AnotherBranchs);
    let mut document = table.document("a b");
    table.reconcile(&mut document, &[]);
    assert_eq!(document, table.document("b"));
    let text = String::from_utf8(table.document("a b").into_text())
        .unwrap()
        .replacen("(+1)", "(+1)\n- Mine.", 1);
    let mut document = Document::new(text.replacen("(+1/-0)\n\n", "(+1/-0)\n- Mine.\n\n", 1));
    table.reconcile(&mut document, &[]);
    assert_eq!(told(&document), ["a A", "b B"]);
}

#[test]
fn the_oldest_of_many_get_no_entry() {
    let names: Vec<String> = (0..9).map(|n| format!("c{n}")).collect();
    let commits: Vec<(&str, u32, &str, u64)> = names.iter().map(|name| (name.as_str(), 1, name.as_str(), 1)).collect();
    let table = Table::of(&commits).own(&names.join(" "));
    let mut document = table.document("");
    for _ in 0..2 {
        let plan = table.plan(&document, &[], 6);
        assert_eq!(plan.older, Some((3, false)));
        document.reconcile(&plan, &table, &LIMITS).unwrap();
        let text = String::from_utf8_lossy(document.text()).into_owned();
        assert!(text.contains("- 3 older commits have no entry here"), "{text}");
        assert_eq!(document.entries().len(), 6);
    }
    let plan = table.plan(&document, &[], usize::MAX);
    document.reconcile(&plan, &table, &LIMITS).unwrap();
    let titles: Vec<String> = document.entries().into_iter().map(|entry| entry.title).collect();
    assert_eq!(titles, names);
}

#[test]
fn picked_and_reverted_commits_are_named() {
    let from = id("x");
    let revert = format!("Revert \"A\"\n\nThis reverts commit {}.\n", id("a"));
    let pick = format!("P\n\nBody.\n\n(cherry picked from commit {from})\n");
    let table = Table::of(&[
        ("a", 1, "A", 1),
        ("p", 2, &pick, 1),
        ("r", 3, &revert, 1),
        ("s", 3, &revert, 2),
    ]);
    let document = table.document("a p r");
    let text = String::from_utf8_lossy(document.text()).into_owned();
    assert!(
        text.contains(&format!(
            "Body.\n\n- cherry-picked from {}\n- Files changed",
            from.short()
        )),
        "{text}"
    );
    let link = format!(
        "- reverts [{}](#2025-08-29-1001-claude-a)\n- Files changed",
        id("a").short()
    );
    assert!(text.contains(&link), "{text}");
    // The link stays when the reverting commit is rewritten, whatever the reverted one is called by then.
    let mut rewritten = document.clone();
    table.own("p s").reconcile(&mut rewritten, &[("r", "s")]);
    let text = String::from_utf8_lossy(rewritten.text()).into_owned();
    assert!(
        text.contains(&link) && text.contains("(+2/-0)") && text.matches("- reverts").count() == 1,
        "{text}"
    );
}

#[test]
fn a_rewritten_commit_keeps_what_people_wrote() {
    let table = Table::of(&[
        ("a", 1, "Subject\n\nBody.\n", 1),
        ("b", 1, "Better subject\n\nBetter body.\n", 6),
    ])
    .own("b");
    let clean = String::from_utf8(table.document("b").into_text()).unwrap();
    let before = String::from_utf8(table.document("a").into_text()).unwrap();
    let follow = |text: &str, table: &Table| {
        let mut document = Document::new(text);
        table.reconcile(&mut document, &[("a", "b")]);
        String::from_utf8(document.into_text()).unwrap()
    };
    let mut without_old = Table::of(&[("b", 1, "Better subject\n\nBetter body.\n", 6)]).own("b");
    without_old.standings.insert(id("a"), Standing::Gone);
    let by_hand = before
        .replace("Body.\n", "Body.\n\nMy words.\n")
        .replace("(+1/-0)\n\n", "(+1/-0)\n  - mine\n- Mine too.\n\n");
    assert_ne!(by_hand, before);
    for table in [&table, &without_old] {
        let after = follow(&by_hand, table);
        let wanted = [
            "Better subject",
            "Better body.",
            "My words.",
            "  - mine\n- Mine too.\n\n## Next",
            "+6/-0",
        ];
        for wanted in wanted {
            assert!(after.contains(wanted), "{wanted} in {after}");
        }
        assert!(!after.contains("+1/-0") && !after.contains(id("a").as_str()), "{after}");
        let list = after.find("- Files changed (1 file, +6/-0):\n  - `a.rs`").unwrap();
        assert!(
            after.find("My words.").unwrap() < list,
            "what stood above the list stays above: {after}"
        );
    }
    let retitled = before.replace("] Subject", "] My title");
    assert!(follow(&retitled, &table).contains("] My title\n<!-- branchwork:commit 62"));
    let windows = before.replace('\n', "\r\n");
    assert_eq!(follow(&windows, &table), clean.replace('\n', "\r\n"));
    let closed = before.replace("] Subject\n", "] Subject ##\n");
    let table = table.own("");
    assert!(
        follow(&closed, &table).contains("] Subject (dropped) ##\n"),
        "{}",
        follow(&closed, &table)
    );
}

#[test]
fn random_rewrites_lose_no_words_and_no_structure() {
    for seed in 0..3000 {
        let mut random = Random::new(seed);
        let old = format!("s\n\n{}", random.lines(&NASTY, 8, "\n"));
        let new = format!("t\n\n{}", random.lines(&NASTY, 8, "\n"));
        let table = Table::of(&[("a", 1, &old, 1), ("b", 1, &new, 2)]).own("b");
        let before = String::from_utf8(table.document("a").into_text()).unwrap();
        let start = before.find("-->\n").unwrap() + 4;
        let breaks: Vec<usize> = before[start..]
            .match_indices('\n')
            .map(|(i, _)| start + i + 1)
            .collect();
        let at = *random.pick(&breaks[..breaks.len() - 2]);
        let by_hand = format!("{}WORDS\n{}", &before[..at], &before[at..]);
        let mut document = Document::new(by_hand.as_str());
        if told(&document).len() != 1 || document.entries()[0].commit != Some(id("a")) {
            continue;
        }
        let missing = Table {
            own: vec![id("b")],
            ..Table::of(&[("b", 1, &new, 2)])
        };
        let table = if random.below(2) == 0 { table } else { missing };
        let plan = table.plan(&document, &[("a", "b")], 50);
        document.reconcile(&plan, &table, &LIMITS).unwrap();
        let after = String::from_utf8_lossy(document.text()).into_owned();
        let context = format!("seed {seed}: {by_hand}\n=>\n{after}");
        assert!(after.contains("WORDS"), "{context}");
        assert_eq!(document.entries().len(), 1, "{context}");
        assert_eq!(document.entries()[0].commit, Some(id("b")), "{context}");
        assert!(
            crate::document::outline::Outline::of(document.text())
                .section("Next")
                .is_some(),
            "{context}"
        );
    }
}
