//! Long random stories on random stacks. Each is made from a seed, so that it can be told again; where something does not hold
//! it is printed as a script that needs nothing else.
//!
//! `BRANCHWORK_SEEDS=1000..1100` tells others than the usual ones. Not here: what may not depend on hooks (mod.rs).

use std::ops::Range;
use std::path::Path;

use super::updates::{Commits, Entry, read, short};
use super::{Documents, Place, WORDS, Way};
use crate::sandbox::WITHOUT_HOOKS;

/// The words of random stories.
const MORE_WORDS: &str = include_str!("random.sh");
/// How many commands a story has.
const STEPS: u64 = 40;

#[test]
fn some_seeds() {
    hold(seeds().unwrap_or(0..2));
}

#[test]
fn some_other_seeds() {
    // Those that were asked for are told by the test above.
    hold(seeds().map_or(2..4, |_| 0..0));
}

fn seeds() -> Option<Range<u64>> {
    let given = std::env::var("BRANCHWORK_SEEDS").ok()?;
    let (from, to) = given.split_once("..").unwrap();
    Some(from.parse().unwrap()..to.parse().unwrap())
}

#[track_caller]
fn hold(seeds: Range<u64>) {
    let failed: Vec<String> = seeds.filter_map(|seed| told(seed).err()).collect();
    assert!(failed.is_empty(), "{}", failed.join("\n\n"));
}

/// Numbers that look random: splitmix64, by Sebastiano Vigna, <https://prng.di.unimi.it/splitmix64.c>.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn one_of<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[usize::try_from(self.below(of.len() as u64)).unwrap()]
    }
}

/// A story: the lines of its script, and after how many lines there may be how many entries of squashed commits.
struct Tale {
    lines: Vec<String>,
    /// For each line that looks at the document: its step, and how many commits were squashed so far.
    squashes: Vec<(u64, usize)>,
}

fn tale(seed: u64) -> Tale {
    let mut numbers = Numbers(seed);
    let mut lines = vec!["branch b0".to_owned()];
    let mut squashes = Vec::new();
    let (mut squashed, mut branches) = (0, 1);
    for step in 1..=STEPS {
        if numbers.below(4) > 0 {
            lines.push("tick".to_owned());
        }
        let mut line = step_of(&mut numbers, step, &mut branches);
        squashed += line.matches("/fixup/").count() + line.matches("/squash/").count();
        if numbers.below(6) == 0 && !line.starts_with("by_") {
            line = format!("without_hooks {line}");
        }
        lines.push(line);
        if numbers.below(2) == 0 || step == STEPS {
            lines.push(format!("holds {step} {}", numbers.one_of(&["refresh", "show"])));
            squashes.push((step, squashed));
        }
    }
    Tale { lines, squashes }
}

/// A command, with all its numbers in it.
fn step_of(numbers: &mut Numbers, step: u64, branches: &mut u64) -> String {
    let n = numbers.below(1000);
    let how = numbers.one_of(&["continue", "skip", "abort"]);
    let subject = numbers.one_of(&["wip", "wip", &format!("subject {step}")]).to_owned();
    match numbers.below(46) {
        0..9 => format!("work {step} '{subject}'"),
        9 => format!("amend message 'amended {step}'"),
        10 => format!("amend content {step}"),
        11 => format!("amend date {n}"),
        12 => format!("amend author {n}"),
        13..17 => format!("by_hand_somewhere {n} 'By hand somewhere {step}.'"),
        17 => format!("by_command 'By hand log {step}.' log 'Said {step}' --body 'By hand log {step}.'"),
        18 => format!("by_command 'By hand item {step}.' update --section Notes --item 'By hand item {step}.'"),
        19 => format!("rebase {how} {n}"),
        20 => format!("rebase {how} {n} --apply"),
        21 => format!("rebase {how} {n} --update-refs"),
        22 => format!("rebase {how} {n} --force-rebase"),
        23..28 => {
            let todo: Vec<String> = (2..8).filter_map(|line| todo(numbers, line)).collect();
            format!("rebase_interactive {how} '{}' 'edited {step}'", todo.join(";"))
        }
        28 | 29 => format!("reset_hard {n}"),
        30 => format!("reset_soft {n} 'again {step}'"),
        31 => format!("undo {}", 1 + n % 3),
        32 => format!("pick {how} {n}"),
        33 => format!("pick {how} {n} -x"),
        34 => format!("revert {how} {n}"),
        35 => format!("merge {how}"),
        36 => format!("merge_squash {how} {n} 'squashed {step}'"),
        37 | 38 => format!("switch {n}"),
        39 | 40 => {
            *branches += 1;
            format!("branch b{} {}", *branches - 1, numbers.one_of(&["", "", "main"]))
        }
        41 => {
            *branches += 1;
            format!("rename b{}", *branches - 1)
        }
        42 => format!("remove b{}", n % *branches),
        43 => format!("trunk {step}"),
        44 => format!("plumbing 'plumbed {step}'"),
        _ => format!("detached {step} '{subject}'"),
    }
}

/// What becomes of a line of a todo list.
fn todo(numbers: &mut Numbers, line: u64) -> Option<String> {
    let command = match numbers.below(8) {
        0 => "fixup",
        1 => "squash",
        2 => "drop",
        3 => "reword",
        4 => "edit",
        _ => return None,
    };
    Some(format!("{line}s/pick/{command}/"))
}

/// Tells the story of a seed. What does not hold, with a script.
fn told(seed: u64) -> Result<(), String> {
    let tale = tale(seed);
    let way = if seed % 3 == 2 { Way::LinkedWorkTree } else { Way::Hooks };
    let place = Place::new(way);
    let told = place.tell(&format!("{WITHOUT_HOOKS}{MORE_WORDS}{}\n", tale.lines.join("\n")));
    let script = |until: Option<u64>| {
        let last = until.and_then(|step| {
            tale.lines
                .iter()
                .position(|line| line.starts_with(&format!("holds {step} ")))
        });
        let lines = &tale.lines[..last.map_or(tale.lines.len(), |last| last + 1)];
        let words = format!("TREE={}\n{WORDS}{WITHOUT_HOOKS}{MORE_WORDS}", place.tree());
        format!(
            "--- the words\n{words}\n--- the story, after the words\n{}\n",
            lines.join("\n")
        )
    };
    if told.code != 0 || told.stderr.contains("branchwork: post-") {
        return Err(format!(
            "seed {seed}: the story ends early, or a hook failed\n{}\n{}",
            told.stderr,
            script(None)
        ));
    }
    let mut known: Vec<(String, String)> = Vec::new();
    for (step, squashed) in &tale.squashes {
        let folder = place.sandbox.path(format!("steps/{step}"));
        look(&folder, *squashed, &mut known)
            .map_err(|what| format!("seed {seed}, step {step}: {what}\n{}", script(Some(*step))))?;
    }
    // Only a look at all branches tells of some that they are merged.
    let looked = place.git(&["branchwork", "refresh"]).stderr;
    let once = place.versions();
    let before = place.git(&["branchwork", "show"]);
    let again = place.git(&["branchwork", "refresh"]);
    if again.code != 0 || once != place.versions() || looked.contains("log:") || looked.contains("reconcile:") {
        return Err(format!(
            "seed {seed}: looking again changes something\n{}{}{}\n{}",
            looked + &again.stderr,
            place.git(&["branchwork", "stack", "--all", "--verbose"]).stderr,
            before.stdout,
            script(None)
        ));
    }
    hooks_agree(&place).map_err(|what| format!("seed {seed}: {what}\n{}", script(None)))?;
    place
        .sound()
        .map_err(|what| format!("seed {seed}: {what}\n{}", script(None)))
}

/// What a hook and a reading find out of a branch's stack is what a look at all branches does.
fn hooks_agree(place: &Place) -> Result<(), String> {
    place.git(&["branchwork", "refresh", "--all"]);
    let all = place.versions();
    // Something may have changed: all is looked at anew.
    place.git(&["config", "branchwork.test", "looked"]);
    for branch in place
        .git(&["for-each-ref", "--format=%(refname:short)", "refs/heads"])
        .stdout
        .lines()
    {
        let before = place.git(&["branchwork", "show", "--no-pager", "-b", branch]).stdout;
        if place.versions() != all {
            let stacks = place.git(&["branchwork", "stack", "--all", "--verbose"]);
            return Err(format!(
                "a look at {branch} finds another stack than a look at all\n{}{}\n{before}",
                stacks.stdout, stacks.stderr
            ));
        }
    }
    Ok(())
}

/// Looks at what was kept after a step. `known` has each line by hand with the document that it was in.
fn look(folder: &Path, squashed: usize, known: &mut Vec<(String, String)>) -> Result<(), String> {
    let text = |name: &str| String::from_utf8_lossy(&std::fs::read(folder.join(name)).unwrap_or_default()).into_owned();
    let list = |name: &str| -> Vec<String> { text(name).lines().map(str::to_owned).collect() };
    let branch = list("branch").concat();
    let documents = Documents::of(&text("documents"));
    let Some(document) = documents.find(&branch) else {
        return Err(format!("{branch} has no document"));
    };
    let theirs = list("theirs");
    let own = list("own").into_iter().rev().filter_map(|line| {
        let (id, made) = line.split_once(' ')?;
        (!theirs.iter().any(|line| line == made)).then(|| id.to_owned())
    });
    let commits = Commits {
        own: own.collect(),
        all: list("all"),
    };
    let entries = read(document);
    let wrong = |what: String| {
        Err(format!(
            "on {branch}: {what}\n{}\n--- own commits\n{}\n--- document\n{document}",
            short(&entries, &commits),
            commits.own.join("\n")
        ))
    };
    if text("view") != document {
        return wrong("the view is another text than the document".to_owned());
    }
    commits_are_told(&entries, &commits, squashed).or_else(&wrong)?;
    let mut now = String::new();
    for (name, text) in &documents.0 {
        let id = name.rsplit('/').next().unwrap_or_default();
        for line in text.lines().filter(|line| line.contains("By hand ")) {
            let line = line.trim_start_matches(['-', ' ']).to_owned();
            if !known.iter().any(|(of, said)| of == id && *said == line) {
                known.push((id.to_owned(), line));
            }
        }
        now.push_str(text);
        if let Some((_, line)) = known
            .iter()
            .find(|(of, line)| of == id && !text.contains(line.as_str()))
        {
            return wrong(format!("a line by hand is lost from {name}: {line:?}\n{text}"));
        }
    }
    match list("by-hand").iter().find(|line| !now.contains(line.as_str())) {
        Some(line) => wrong(format!("a line by hand is nowhere: {line:?}\n{now}")),
        None => Ok(()),
    }
}

/// Each own commit has one entry, or as many as were squashed into it; each entry whose commit is gone is marked once, no other.
fn commits_are_told(entries: &[Entry], commits: &Commits, squashed: usize) -> Result<(), String> {
    let of = |id: &String| entries.iter().filter(|entry| entry.commits.contains(id)).count();
    if let Some(id) = commits.own.iter().find(|id| of(id) == 0) {
        return Err(format!("{id} has no entry"));
    }
    let more: usize = commits.all.iter().map(|id| of(id).saturating_sub(1)).sum();
    if more > squashed {
        return Err(format!("{more} entries too many, and {squashed} commits were squashed"));
    }
    for entry in entries {
        let gone = match entry.commits.as_slice() {
            [] => false,
            [id] => !commits.all.contains(id),
            _ => return Err(format!("{:?} has several commits", entry.title)),
        };
        if entry.dropped != usize::from(gone) {
            return Err(format!("{:?} is marked {} times", entry.title, entry.dropped));
        }
    }
    Ok(())
}
