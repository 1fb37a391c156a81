//! Graphite's `gt`, without an account and without a network.

use crate::stacks::{Parents, add, ours, parents};
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
            let parent = format!("{parent} {}", mark.trim());
            found.insert(name.to_owned(), parent.trim_end().to_owned());
        }
        below.push((indent.len(), name.to_owned()));
    }
    found
}

#[track_caller]
fn assert_same(place: &Place, expected: &[&str]) {
    assert_eq!(theirs(place), parents(expected), "gt's own");
    assert_eq!(ours(place, "graphite"), parents(expected));
}

#[test]
#[ignore = "needs gt: tests/peers/install"]
fn a_stack_that_gt_keeps() {
    let place = place();
    for name in ["a", "b", "c"] {
        add(&place, name);
        gt(&place, &format!("create -m 'Add {name}' feat/{name}"));
    }
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
    let behind = renamed.map(|line| match line.ends_with("< feat/a") {
        true => format!("{line} (needs restack)"),
        false => line.to_owned(),
    });
    assert_same(&place, &behind.each_ref().map(String::as_str));
    gt(&place, "restack");
    assert_same(&place, &renamed);

    gt(&place, "delete --force side");
    assert_same(&place, &renamed[..4]);

    // Merged at the bottom, as a fast-forward.
    place.shell("git switch -q main && git merge -q --ff-only feat/a").ok();
    gt(&place, "delete --force feat/a");
    assert_same(
        &place,
        &[
            "feat/renamed < main",
            "feat/inserted < feat/renamed",
            "feat/c < feat/inserted",
        ],
    );
}

/// gt loses a branch that git renames; the reflog tells what it was.
#[test]
#[ignore = "needs gt: tests/peers/install"]
fn a_branch_that_git_renames() {
    let place = place();
    for name in ["a", "b", "c"] {
        add(&place, name);
        gt(&place, &format!("create -m 'Add {name}' feat/{name}"));
    }
    place.shell("git branch -m feat/b feat/renamed").ok();
    let renamed = parents(&["feat/a < main", "feat/renamed < feat/a", "feat/c < feat/renamed"]);
    assert_eq!(ours(&place, "graphite"), renamed);
    assert_eq!(theirs(&place), parents(&["feat/a < main"]));
}
