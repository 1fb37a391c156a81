//! What must hold for every merge, tried on thousands of random edits of a document and on random bytes.

use std::collections::HashMap;

use bstr::ByteSlice;
use chrono::{DateTime, Utc};

use super::{Side, merge};
use crate::document::Document;
use crate::document::outline::Outline;
use crate::document::random::{NASTY, Random};

pub(super) const START: &str = "---\ndate: 2025-08-29 18:55 UTC\nslug: branchwork-a\nstatus: draft  # draft | in-review\npr: # e.g. 47\n\
branch:\n  name: a\n  base: main # trunk\n  position: 1\n  total: 1\nreviewers: [ann]\ndri: claude\nscope: indexer\n\
risk: # low\nbackout_plan: # brief text\nlast_updated: 2025-08-29 18:55 UTC\n---\n\n# [WIP] `a`\n\n\
## PR Stack Context\n\n```text\nmain\n  a\n```\n\n## Issues\n\n- [ ] one\n- [ ] two\n\n## Definition of Done\n\n- [ ] …\n\n\
## CI Status\n\n| Check | Status | Details |\n|-------|--------|---------|\n| Build | ok | 1 |\n| Tests | ok | 2 |\n\n\
## Decisions\n\n- first decision\n  - because\n- second decision\n\n## Notes\n\n- …\n\nA paragraph\nof two lines.\n\n\
## Updates\n\n### 2025-08-29 18:55: [@claude] Start\n<!-- branchwork:commit 1111111111111111111111111111111111111111 -->\n\n\
Began.\n\n- Files changed (1 file, +1/-0):\n  - `a.rs` - added (+1)\n\n### 2025-08-30 10:00: [@ann] Review\n\n\
````markdown\nfine\n```rust\nlet a = 1;\n```\n````\n\n### 2025-08-31 09:00: [@claude] Fix\n\
<!-- branchwork:commit 2222222222222222222222222222222222222222 -->\n\nFixed it.\n\n## Follow-up Work\n\n- [ ] later\n";

const TAIL: &str = "\n## Example\n\nDo not edit.\n\n```markdown\n## Updates\n```text\n```\n## Notes\n\n- x\n```\n";

/// How far the edits of a side go.
#[derive(Clone, Copy, PartialEq)]
enum Edits {
    /// What people and programs do.
    Ordinary,
    /// Any line anywhere, gone or garbled.
    Wild,
}

fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::to_owned).collect()
}

/// The index behind the last line of the section `title`.
fn end_of(lines: &[String], title: &str) -> Option<usize> {
    let start = lines.iter().position(|line| line == title)?;
    let next = lines[start + 1..].iter().position(|line| line.starts_with("## "));
    let mut end = next.map_or(lines.len(), |n| start + 1 + n);
    while end > start + 1 && lines[end - 1].trim().is_empty() {
        end -= 1;
    }
    Some(end)
}

pub(super) fn ordinary(random: &mut Random, lines: &mut Vec<String>, tag: &str) {
    let n = random.below(1000);
    let item = random.below(3) == 0;
    // Some words are those of both sides, so that both make the same change.
    let word = if random.below(4) == 0 {
        "same".to_owned()
    } else {
        format!("{tag}{n}")
    };
    match random.below(12) {
        0 => {
            let title = *random.pick(&["## Issues", "## Definition of Done", "## Follow-up Work"]);
            if let Some(end) = end_of(lines, title) {
                lines.retain(|line| line != "- [ ] …" || !item);
                let end = end.min(lines.len());
                lines.insert(end_of(lines, title).unwrap_or(end), format!("- [ ] {word}"));
            }
        }
        1 => {
            let title = *random.pick(&["## Decisions", "## Notes"]);
            if let Some(end) = end_of(lines, title) {
                lines.insert(
                    end,
                    if item {
                        format!("- {word}")
                    } else {
                        format!("{word} as text.")
                    },
                );
                if random.below(2) == 0 {
                    lines.insert(end, String::new());
                }
            }
        }
        2 => {
            let boxes: Vec<usize> = (0..lines.len()).filter(|i| lines[*i].starts_with("- [ ]")).collect();
            if !boxes.is_empty() {
                let i = *random.pick(&boxes);
                lines[i] = lines[i].replacen("[ ]", "[x]", 1);
            }
        }
        3 => {
            if let Some(end) = end_of(lines, "## Updates") {
                let day = 1 + random.below(9);
                let entry = format!(
                    "### 2025-09-0{day} 10:00: [@{tag}] {word}\n<!-- branchwork:commit {n:040} -->\n\nDid {word}."
                );
                let entry = std::iter::once(String::new()).chain(entry.lines().map(str::to_owned));
                lines.splice(end..end, entry);
            }
        }
        4 => {
            let key = *random.pick(&["status", "risk", "dri", "scope", "backout_plan", "last_updated", "pr"]);
            if let Some(line) = lines.iter_mut().find(|line| line.starts_with(key)) {
                let comment = line.find(" #").map_or(String::new(), |i| line[i..].to_owned());
                *line = format!("{key}: {word}{comment}");
            }
        }
        5 => {
            if let Some(line) = lines.iter_mut().find(|line| line.starts_with("reviewers: [")) {
                *line = if item {
                    "reviewers: []".to_owned()
                } else {
                    line.replace(']', &format!(", {word}]")).replace("[, ", "[")
                };
            }
        }
        n => in_updates_and_tables(random, lines, n, &word),
    }
}

fn in_updates_and_tables(random: &mut Random, lines: &mut Vec<String>, edit: usize, word: &str) {
    let title = *random.pick(&["## Risks", "## Links", "## Open Questions"]);
    match edit {
        6 => {
            if let Some(line) = lines.iter_mut().find(|line| line.contains("1111111")) {
                *line = line.replace("1111111", "3333333");
            }
        }
        7 => {
            if let Some(i) = lines.iter().position(|line| line == "Began." || line == "Fixed it.") {
                lines.insert(i + 1, format!("Also {word}."));
            }
        }
        8 => {
            if let Some(line) = lines
                .iter_mut()
                .find(|line| line.starts_with("| Build") || line.starts_with("| Tests"))
            {
                *line = line.replacen("ok", word, 1);
            }
        }
        9 => {
            if let Some(end) = end_of(lines, "## CI Status") {
                lines.insert(end, format!("| {word} | ok | 3 |"));
            }
        }
        10 => {
            let items: Vec<usize> = (0..lines.len()).filter(|i| lines[*i].starts_with("- ")).collect();
            if !items.is_empty() {
                let i = *random.pick(&items);
                match random.below(3) {
                    0 => {
                        let below = lines[i + 1..].iter().take_while(|line| line.starts_with("  ")).count();
                        lines.drain(i..=i + below);
                    }
                    1 => lines[i].push_str(&format!(", {word}")),
                    _ => lines.insert(i + 1, format!("  - {word}")),
                }
            }
        }
        _ => {
            let place = lines.iter().position(|line| line == "## Notes").unwrap_or(lines.len());
            if !lines.iter().any(|line| line == title) {
                lines.splice(
                    place..place,
                    [title.to_owned(), String::new(), format!("- {word}"), String::new()],
                );
            }
        }
    }
}

fn wild(random: &mut Random, lines: &mut Vec<String>) {
    let at = random.below(lines.len() + 1);
    match random.below(5) {
        0 if at < lines.len() => drop(lines.remove(at)),
        1 if at < lines.len() => {
            let line = lines.remove(at);
            let to = random.below(lines.len() + 1);
            lines.insert(to, line);
        }
        2 => {
            let end = (at + random.below(12)).min(lines.len());
            lines.drain(at..end);
        }
        _ => lines.insert(at, (*random.pick(&NASTY)).to_owned()),
    }
}

fn side(random: &mut Random, start: &[String], edits: Edits, tag: &str) -> Document {
    let mut lines = start.to_vec();
    for _ in 0..=random.below(5) {
        match edits {
            Edits::Wild if random.below(2) == 0 => wild(random, &mut lines),
            _ => ordinary(random, &mut lines, tag),
        }
    }
    let newline = if random.below(8) == 0 { "\r\n" } else { "\n" };
    let mut text = lines.join(newline).into_bytes();
    if random.below(8) != 0 {
        text.extend_from_slice(newline.as_bytes());
    }
    if edits == Edits::Wild && random.below(4) == 0 && !text.is_empty() {
        let at = random.below(text.len());
        text.insert(at, *random.pick(&[0xff, 0, b'\r', 0xc3]));
    }
    Document::new(text)
}

fn time(random: &mut Random) -> DateTime<Utc> {
    DateTime::from_timestamp(1_750_000_000 + 3600 * i64::try_from(random.below(3)).unwrap(), 0).unwrap()
}

fn shown(document: &Document) -> String {
    document.text().to_str_lossy().into_owned()
}

/// How often each line that says something stands in a document, without boxes. Not counted are lines that may be merged
/// within: rows, and keys of the front matter.
fn counts(document: &Document) -> HashMap<String, usize> {
    let mut counts = HashMap::new();
    let text = shown(document).replace("- [x] ", "- ").replace("- [ ] ", "- ");
    let front = if text.starts_with("---") {
        text.find("\n---").map_or(0, |i| i + 1)
    } else {
        0
    };
    for line in text[front..].lines().filter(|line| !line.starts_with('|')) {
        if line.contains(|c: char| c.is_alphanumeric()) {
            *counts.entry(line.to_owned()).or_default() += 1;
        }
    }
    counts
}

/// The words that `ordinary` made up for the keys of the front matter, but for what is derived.
fn made_up(document: &Document, tag: &str) -> Vec<String> {
    let text = shown(document);
    let front = &text[..text.find("\n---").unwrap_or(0)];
    let words = front
        .lines()
        .filter(|line| !line.starts_with("last_updated"))
        .flat_map(|line| line.split([' ', ',', '[', ']']));
    let own = |word: &&str| {
        word.strip_prefix(tag)
            .is_some_and(|n| !n.is_empty() && n.chars().all(|c| c.is_ascii_digit()))
    };
    words.filter(own).map(str::to_owned).collect()
}

struct Case {
    seed: u64,
    base: Document,
    sides: [Document; 2],
    times: [DateTime<Utc>; 2],
}

impl Case {
    fn new(seed: u64, edits: Edits) -> Self {
        let mut random = Random::new(seed);
        let tail = if random.below(3) == 0 { TAIL } else { "" };
        let start = lines(&format!("{START}{tail}"));
        let mut base = start.clone();
        if edits == Edits::Wild && random.below(3) == 0 {
            wild(&mut random, &mut base);
        }
        let sides = ["x", "y"].map(|tag| side(&mut random, &base, edits, tag));
        let newline = if random.below(8) == 0 { "\r\n" } else { "\n" };
        let times = [time(&mut random), time(&mut random)];
        Self {
            seed,
            base: Document::new((base.join(newline) + newline).into_bytes()),
            sides,
            times,
        }
    }

    fn side(&self, i: usize) -> Side<'_> {
        Side {
            document: &self.sides[i],
            who: ["ann", "claude"][i],
            time: self.times[i],
        }
    }

    fn merged(&self) -> Document {
        merge(&self.base, &self.side(0), &self.side(1))
    }

    /// What a merge of the sides the other way round does otherwise.
    fn swapped(&self, merged: &Document) -> Vec<String> {
        let swapped = merge(&self.base, &self.side(1), &self.side(0));
        let same = swapped == *merged;
        (!same)
            .then(|| format!("the sides swapped:\n{}", diff(merged, &swapped)))
            .into_iter()
            .collect()
    }

    /// What a merge of the result with either side changes.
    fn changes(&self, merged: &Document) -> Vec<String> {
        let latest = Side {
            document: merged,
            who: "merger",
            time: self.times[0].max(self.times[1]),
        };
        let again = (0..2)
            .map(|i| merge(&self.base, &latest, &self.side(i)))
            .filter(|again| again != merged);
        again
            .map(|again| format!("merged again:\n{}", diff(merged, &again)))
            .collect()
    }

    /// The added lines and values that are not in the result.
    fn losses(&self, merged: &Document) -> Vec<String> {
        let (base, result, text) = (counts(&self.base), counts(merged), shown(merged));
        let mut losses = Vec::new();
        for (i, tag) in [(0, "x"), (1, "y")] {
            let (side, other) = (counts(&self.sides[i]), counts(&self.sides[1 - i]));
            for (line, n) in &side {
                let of = |counts: &HashMap<String, usize>| counts.get(line).copied().unwrap_or(0);
                if *n > of(&base) && of(&other) >= of(&base) && of(&result) < *n {
                    losses.push(format!("lost a line of side {i}: {line:?}"));
                }
            }
            let lost = made_up(&self.sides[i], tag)
                .into_iter()
                .find(|word| !text.contains(word));
            losses.extend(lost.map(|word| format!("lost a value of side {i}: {word}")));
        }
        losses
    }

    fn show(&self) -> String {
        let [one, other] = [0, 1].map(|i| diff(&self.base, &self.sides[i]));
        let merged = diff(&self.base, &self.merged());
        format!(
            "seed {}, times {:?}\n== first\n{one}\n== second\n{other}\n== merged\n{merged}",
            self.seed, self.times
        )
    }
}

/// The lines that differ.
fn diff(a: &Document, b: &Document) -> String {
    let [a, b] = [a, b].map(|document| shown(document).replace('\r', ""));
    let input = imara_diff::InternedInput::new(a.as_str(), b.as_str());
    let diff = imara_diff::Diff::compute(imara_diff::Algorithm::Histogram, &input);
    let [before, after]: [Vec<&str>; 2] = [&a, &b].map(|text| text.lines().collect());
    let removed = (0u32..).zip(&before).filter(|(i, _)| diff.is_removed(*i));
    let added = (0u32..).zip(&after).filter(|(i, _)| diff.is_added(*i));
    let removed = removed.map(|(i, line)| format!("{i} -{line}\n"));
    removed.chain(added.map(|(i, line)| format!("{i} +{line}\n"))).collect()
}

fn titles(document: &Document) -> HashMap<String, usize> {
    let mut titles = HashMap::new();
    for section in Outline::of(document.text()).sections() {
        *titles.entry(section.title).or_default() += 1;
    }
    titles
}

fn ordinary_cases(seeds: std::ops::Range<u64>) {
    for seed in seeds {
        let case = Case::new(seed, Edits::Ordinary);
        let merged = case.merged();
        let [one, other] = [0, 1].map(|i| titles(&case.sides[i]));
        let mut faults = [case.changes(&merged), case.swapped(&merged), case.losses(&merged)].concat();
        for (title, n) in titles(&merged) {
            if n > one.get(&title).max(other.get(&title)).copied().unwrap_or(0) {
                faults.push(format!("doubled the heading {title}"));
            }
        }
        if merged
            .text()
            .lines()
            .any(|line| line.starts_with(b"<<<<") || line.starts_with(b">>>>"))
        {
            faults.push("has conflict markers".to_owned());
        }
        assert!(faults.is_empty(), "{}\n-- {}\n", case.show(), faults.join("\n-- "));
    }
}

#[test]
fn edits_of_people_and_programs() {
    ordinary_cases(1..250);
}

#[test]
fn more_edits_of_people_and_programs() {
    ordinary_cases(10_000..10_250);
}

/// A text torn anywhere can read as something else once it is put together: an item left without its parent falls to
/// the item above it. So a merge with the result may change something again, but seldom, and never are words lost.
#[test]
fn wild_edits() {
    let (mut unstable, cases) = (0, 250);
    for seed in 1..=cases {
        let case = Case::new(seed, Edits::Wild);
        let merged = case.merged();
        let faults = case.swapped(&merged);
        assert!(faults.is_empty(), "{}\n-- {}\n", case.show(), faults.join("\n-- "));
        let words = |document: &Document| -> std::collections::HashSet<Vec<u8>> {
            let words = document
                .text()
                .split(|b| !b.is_ascii_alphanumeric())
                .map(<[u8]>::to_vec);
            words.collect()
        };
        let (before, after) = (words(&case.base), words(&merged));
        for side in &case.sides {
            let lost = words(side)
                .into_iter()
                .find(|word| !before.contains(word) && !after.contains(word));
            let derived = |word: &Vec<u8>| {
                let mut lines = side.text().lines().filter(|line| line.contains_str(word));
                lines.all(|line| line.starts_with(b"|") || line.starts_with(b"last_updated"))
            };
            assert!(
                lost.as_ref().is_none_or(derived),
                "{}\nlost {:?}",
                case.show(),
                lost.map(bstr::BString::from)
            );
        }
        unstable += u64::from(!case.changes(&merged).is_empty());
    }
    assert!(
        unstable * 12 < cases,
        "{unstable} of {cases} merges are changed by a merge with their own result"
    );
}

#[test]
fn any_bytes() {
    for seed in 1..300 {
        let mut random = Random::new(seed);
        let newline = *random.pick(&["\n", "\r\n"]);
        let mut text = || {
            let mut text = random.lines(&NASTY, 24, newline).into_bytes();
            for _ in 0..random.below(3) {
                let at = random.below(text.len() + 1);
                text.insert(at, u8::try_from(random.below(256)).unwrap());
            }
            Document::new(text)
        };
        let (base, one, other) = (text(), text(), text());
        let case = Case {
            seed,
            base,
            sides: [one, other],
            times: [DateTime::UNIX_EPOCH; 2],
        };
        let merged = case.merged();
        assert!(case.swapped(&merged).is_empty(), "{}", case.show());
        for i in 0..2 {
            assert_eq!(&merge(&case.base, &case.side(i), &case.side(i)), case.side(i).document);
        }
    }
}
