//! git-machete, whose layout is a file that people write too.

use crate::stacks::{Parents, add, ours, parents};
use crate::story::Place;

fn place() -> Place {
    let place = Place::new("git-machete", "bin");
    place.init().ok();
    for name in ["a", "b", "c"] {
        place.shell(&format!("git switch -q -c feat/{name}")).ok();
        add(&place, name);
        place.shell(&format!("git commit -q -m 'Add {name}'")).ok();
    }
    let layout = "main\n    feat/a PR #47\n        feat/b PR #48 (somebody) push=no\n            feat/c\n";
    place.write(".git/machete", layout);
    place
}

#[track_caller]
fn machete(place: &Place, arguments: &str) -> String {
    place.shell(&format!("git machete {arguments}")).ok().stdout
}

/// What `git machete show up` says of each branch. One that it calls out of sync with its parent needs a restack.
#[track_caller]
fn theirs(place: &Place) -> Parents {
    let branches = machete(place, "list managed");
    let roots = machete(place, "show root main");
    let above = branches
        .lines()
        .filter(|branch| !roots.lines().any(|root| root == *branch));
    let pair = |branch: &str| {
        let parent = machete(place, &format!("show up {branch}"));
        let contains = place.shell(&format!("git merge-base --is-ancestor {} {branch}", parent.trim()));
        let mark = if contains.code == 0 { "" } else { " (needs restack)" };
        (branch.to_owned(), parent.trim().to_owned() + mark)
    };
    above.map(pair).collect()
}

#[track_caller]
fn assert_same(place: &Place, expected: &[&str]) {
    assert_eq!(theirs(place), parents(expected), "git-machete's own");
    assert_eq!(ours(place, "git-machete"), parents(expected));
}

#[test]
#[ignore = "needs git-machete: tests/peers/install"]
fn a_stack_that_git_machete_keeps() {
    let place = place();
    assert_same(&place, &["feat/a < main", "feat/b < feat/a", "feat/c < feat/b"]);
    let run = place.shell("git-branchwork stack --all --json").ok();
    assert!(
        run.stdout.contains("\"pr\": 47,") && run.stdout.contains("\"pr\": 48,"),
        "{}",
        run.stdout
    );

    // Between two, by the tool.
    place.shell("git switch -q -c feat/inserted feat/b").ok();
    machete(&place, "add --onto feat/b --as-first-child feat/inserted");
    assert_same(
        &place,
        &[
            "feat/a < main",
            "feat/b < feat/a",
            "feat/inserted < feat/b",
            "feat/c < feat/b",
        ],
    );

    place.shell("git switch -q feat/b").ok();
    machete(&place, "rename feat/renamed");
    let renamed = [
        "feat/a < main",
        "feat/renamed < feat/a",
        "feat/inserted < feat/renamed",
        "feat/c < feat/renamed",
    ];
    assert_same(&place, &renamed);

    place.shell("git switch -q feat/a").ok();
    add(&place, "more");
    place.shell("git commit -q -m More").ok();
    let behind = renamed.map(|line| match line.ends_with("< feat/a") {
        true => format!("{line} (needs restack)"),
        false => line.to_owned(),
    });
    assert_same(&place, &behind.each_ref().map(String::as_str));
    machete(&place, "traverse --yes --no-push --start-from=first-root");
    assert_same(&place, &renamed);

    // The bottom is merged and slid out.
    place.shell("git switch -q main && git merge -q --ff-only feat/a").ok();
    machete(&place, "slide-out --no-rebase feat/a");
    place.shell("git branch -q -D feat/a").ok();
    let slid = [
        "feat/renamed < main",
        "feat/inserted < feat/renamed",
        "feat/c < feat/renamed",
    ];
    assert_same(&place, &slid);
}

/// git-machete takes a branch that git renames out of its layout; the reflog tells what it was, as long as it is in there.
#[test]
#[ignore = "needs git-machete: tests/peers/install"]
fn a_branch_that_git_renames() {
    let place = place();
    place.shell("git branch -m feat/b feat/renamed").ok();
    let renamed = parents(&["feat/a < main", "feat/renamed < feat/a", "feat/c < feat/renamed"]);
    assert_eq!(ours(&place, "git-machete"), renamed);
}
