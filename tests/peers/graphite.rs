//! Graphite's `gt`, without an account and without a network.
//!
//! Without them gt cannot merge (`gt merge` is the forge's doing) nor find out what was merged (`gt sync`), so that git merges
//! here. gt says of a branch on the trunk that it needs a restack as soon as the trunk goes on; ours never says so, because a
//! trunk always does.

use crate::stacks::{Parents, add, left_behind, ours, parents, told};
use crate::story::Place;

fn place() -> Place {
    let place = Place::new("graphite", "node_modules/.bin");
    place.init().ok();
    gt(&place, "init --trunk main");
    place
}

#[track_caller]
fn gt(place: &Place, arguments: &str) -> String {
    place.shell(&format!("gt --no-interactive {arguments}")).ok().stdout
}

/// What `gt log short --classic` draws: the tip of a stack first, each branch indented below what stands on it.
#[track_caller]
fn theirs(place: &Place) -> Parents {
    let drawn = gt(place, "log short --classic");
    let mut below: Vec<(usize, String)> = Vec::new();
    let mut found = Parents::new();
    for line in drawn.lines().rev().filter(|line| line.contains("↱ $ ")) {
        let (indent, words) = line.split_once("↱ $ ").unwrap();
        let (name, mark) = words.split_once(' ').unwrap_or((words, ""));
        while below.last().is_some_and(|(depth, _)| *depth >= indent.len()) {
            below.pop();
        }
        if let Some((_, parent)) = below.last() {
            let mark = if parent == "main" { "" } else { mark };
            let parent = format!("{parent} {}", mark.trim());
            found.insert(name.to_owned(), parent.trim_end().to_owned());
        }
        below.push((indent.len(), name.to_owned()));
    }
    found
}

/// gt says `expected`, and so do we.
#[track_caller]
fn assert_same(place: &Place, expected: &[&str]) {
    assert_eq!(theirs(place), parents(expected), "gt's own");
    assert_eq!(ours(place, "graphite"), parents(expected));
}

/// `feat/a`, `feat/b` on it, `feat/c` on that.
fn three(place: &Place) {
    let made = ["feat/a < main", "feat/b < feat/a", "feat/c < feat/b"];
    for (at, name) in ["a", "b", "c"].into_iter().enumerate() {
        add(place, name);
        gt(place, &format!("create -m 'Add {name}' feat/{name}"));
        assert_same(place, &made[..=at]);
    }
}

#[test]
#[ignore = "needs gt: tests/peers/install"]
fn a_stack_that_gt_keeps() {
    let place = place();
    three(&place);
    place.shell("git switch -q feat/a").ok();
    add(&place, "side");
    gt(&place, "create -m 'Add side' side");
    assert_same(
        &place,
        &["feat/a < main", "feat/b < feat/a", "feat/c < feat/b", "side < feat/a"],
    );

    place.shell("git switch -q feat/b").ok();
    add(&place, "inserted");
    gt(&place, "create --insert -m 'Insert' feat/inserted");
    let inserted = [
        "feat/a < main",
        "feat/b < feat/a",
        "feat/inserted < feat/b",
        "feat/c < feat/inserted",
        "side < feat/a",
    ];
    assert_same(&place, &inserted);

    place.shell("git switch -q feat/b").ok();
    gt(&place, "rename feat/renamed");
    let renamed = [
        "feat/a < main",
        "feat/renamed < feat/a",
        "feat/inserted < feat/renamed",
        "feat/c < feat/inserted",
        "side < feat/a",
    ];
    assert_same(&place, &renamed);

    // Amended by git: what stands on it is left behind, until gt takes it along.
    place.shell("git switch -q feat/a").ok();
    add(&place, "more");
    place.shell("git commit -q --amend --no-edit").ok();
    let behind = left_behind(&renamed, "feat/a");
    assert_same(&place, &behind.iter().map(String::as_str).collect::<Vec<_>>());
    gt(&place, "restack");
    assert_same(&place, &renamed);
    // Amended by gt, which takes all of it along at once.
    add(&place, "even-more");
    gt(&place, "modify");
    assert_same(&place, &renamed);

    place.shell("git switch -q feat/renamed").ok();
    gt(&place, "delete --force feat/inserted");
    let without = [
        "feat/a < main",
        "feat/renamed < feat/a",
        "feat/c < feat/renamed",
        "side < feat/a",
    ];
    assert_same(&place, &without);
    place.shell("git switch -q side").ok();
    gt(&place, "move --onto feat/c");
    let moved = [
        "feat/a < main",
        "feat/renamed < feat/a",
        "feat/c < feat/renamed",
        "side < feat/c",
    ];
    assert_same(&place, &moved);
    gt(&place, "delete --force side");
    assert_same(&place, &moved[..3]);

    // The bottom is merged. It is there still, and gt does not know.
    place
        .shell("git switch -q main && git merge -q --no-ff --no-edit feat/a")
        .ok();
    assert_same(&place, &moved[..3]);
    assert_eq!(told(&place, "feat/a")["merged"], true);
    assert_eq!(told(&place, "feat/renamed")["merged"], false);
    gt(&place, "delete --force feat/a");
    assert_same(&place, &["feat/renamed < main", "feat/c < feat/renamed"]);
}

/// gt loses a branch that git renames, with all that stands on it; the reflog tells what it was. Told of it again, gt keeps the
/// row of the old name, which says what is no longer so.
#[test]
#[ignore = "needs gt: tests/peers/install"]
fn a_branch_that_git_renames() {
    let place = place();
    three(&place);
    place.shell("git branch -m feat/b feat/renamed").ok();
    let renamed = ["feat/a < main", "feat/renamed < feat/a", "feat/c < feat/renamed"];
    assert_eq!(ours(&place, "graphite"), parents(&renamed));
    assert_eq!(theirs(&place), parents(&renamed[..1]));
    // gt has looked, and noted what it found.
    assert_eq!(ours(&place, "graphite"), parents(&renamed));

    gt(&place, "track feat/renamed --parent feat/a");
    assert_eq!(theirs(&place), parents(&renamed[..2]));
    assert_eq!(ours(&place, "graphite"), parents(&renamed));
    gt(&place, "track feat/c --parent feat/renamed");
    assert_same(&place, &renamed);
    place.shell("git switch -q feat/renamed").ok();
    gt(&place, "move --onto main");
    assert_same(
        &place,
        &["feat/a < main", "feat/renamed < main", "feat/c < feat/renamed"],
    );
}

/// gt loses what stands on a branch that git deletes. Nobody's record is right then: what git knows is told, as a guess.
#[test]
#[ignore = "needs gt: tests/peers/install"]
fn a_branch_that_git_deletes() {
    let place = place();
    three(&place);
    place.shell("git branch -q -D feat/b").ok();
    for _ in 0..2 {
        let above = told(&place, "feat/c");
        assert_eq!(
            (&above["parent"], &above["guessed"]),
            (&"feat/a".into(), &true.into()),
            "{above}"
        );
        assert_eq!(told(&place, "feat/a")["source"], "graphite");
        assert_eq!(theirs(&place), parents(&["feat/a < main"]));
    }
    gt(&place, "track feat/c --parent feat/a");
    assert_same(&place, &["feat/a < main", "feat/c < feat/a"]);
}
