//! git-machete, whose layout is a file that people write too.
//!
//! It can do all of this without a network, but for making and merging pull requests. It says of a branch on a root that it is
//! out of sync as soon as the root goes on; ours never says so of the trunk.

use crate::stacks::{Parents, add, left_behind, ours, parents, told};
use crate::story::Place;

/// `feat/a`, `feat/b` on it, `feat/c` on that, each told to git-machete when it is made.
fn place() -> Place {
    let place = Place::new("git-machete", "bin");
    place.init().ok();
    place.write(".git/machete", "main\n");
    let made = ["feat/a < main", "feat/b < feat/a", "feat/c < feat/b"];
    for (at, name) in ["a", "b", "c"].into_iter().enumerate() {
        let below = ["main", "feat/a", "feat/b"][at];
        place.shell(&format!("git switch -q -c feat/{name}")).ok();
        add(&place, name);
        place.shell(&format!("git commit -q -m 'Add {name}'")).ok();
        machete(&place, &format!("add --onto {below}"));
        assert_same(&place, &made[..=at]);
    }
    place
}

#[track_caller]
fn machete(place: &Place, arguments: &str) -> String {
    place.shell(&format!("git machete {arguments}")).ok().stdout
}

/// What `git machete status` draws: a branch below the one that it stands on, each level two columns further right, an `x` on
/// the way to one whose parent's commits it has not got.
#[track_caller]
fn theirs(place: &Place) -> Parents {
    let drawn = machete(place, "status");
    let mut above: Vec<&str> = Vec::new();
    let mut found = Parents::new();
    for line in drawn.lines() {
        let Some(start) = line.find(|c: char| !" |".contains(c)) else {
            continue;
        };
        let (edge, name) = match line[start..].split_once('-') {
            Some((edge, rest)) if edge.len() == 1 => (edge, rest),
            _ => ("", &line[start..]),
        };
        let name = name.split(' ').next().unwrap();
        above.truncate(start / 2 - usize::from(edge.is_empty()));
        if let Some(parent) = above.last() {
            let mark = match (edge, above.len()) {
                ("x", 2..) => " (needs restack)",
                ("x" | "o" | "?" | "m", _) => "",
                _ => panic!("'{edge}' on the way to '{name}' is not known: {drawn}"),
            };
            found.insert(name.to_owned(), format!("{parent}{mark}"));
        }
        above.push(name);
    }
    found
}

/// git-machete says `expected`, and so do we.
#[track_caller]
fn assert_same(place: &Place, expected: &[&str]) {
    assert_eq!(theirs(place), parents(expected), "git-machete's own");
    assert_eq!(ours(place, "git-machete"), parents(expected));
}

#[test]
#[ignore = "needs git-machete: tests/peers/install"]
fn a_stack_that_git_machete_keeps() {
    let place = place();
    place.shell("git switch -q -c side feat/a").ok();
    add(&place, "side");
    place.shell("git commit -q -m 'Add side'").ok();
    machete(&place, "add --onto feat/a");
    assert_same(
        &place,
        &["feat/a < main", "feat/b < feat/a", "feat/c < feat/b", "side < feat/a"],
    );
    place
        .shell("git switch -q feat/a && git machete anno 'PR #47' && git switch -q feat/b && git machete anno 'PR #48 (somebody) push=no'")
        .ok();
    assert_eq!(told(&place, "feat/a")["pr"], 47);
    assert_eq!(told(&place, "feat/b")["pr"], 48);

    // Between two, as a person writes it into the file; git-machete then takes what is above along.
    place.shell("git switch -q -c feat/inserted feat/b").ok();
    add(&place, "inserted");
    place.shell("git commit -q -m Insert").ok();
    let layout = std::fs::read_to_string(place.folder.join(".git/machete")).unwrap();
    let unit = layout.lines().nth(1).unwrap().split("feat/a").next().unwrap();
    let (deep, deeper) = (unit.repeat(3), unit.repeat(4));
    let line = format!("{deep}feat/c\n");
    assert!(layout.contains(&line), "{layout}");
    place.write(
        ".git/machete",
        &layout.replace(&line, &format!("{deep}feat/inserted\n{deeper}feat/c\n")),
    );
    let inserted = [
        "feat/a < main",
        "feat/b < feat/a",
        "feat/inserted < feat/b",
        "feat/c < feat/inserted",
        "side < feat/a",
    ];
    let behind = left_behind(&inserted, "feat/inserted");
    assert_same(&place, &behind.iter().map(String::as_str).collect::<Vec<_>>());
    machete(&place, "traverse --yes --no-push --start-from=first-root");
    assert_same(&place, &inserted);

    place.shell("git switch -q feat/b").ok();
    machete(&place, "rename feat/renamed");
    let renamed = [
        "feat/a < main",
        "feat/renamed < feat/a",
        "feat/inserted < feat/renamed",
        "feat/c < feat/inserted",
        "side < feat/a",
    ];
    assert_same(&place, &renamed);

    for amended in ["git commit -q --amend --no-edit", "git commit -q -m More"] {
        place.shell("git switch -q feat/a").ok();
        add(&place, &format!("more-{}", amended.len()));
        place.shell(amended).ok();
        let behind = left_behind(&renamed, "feat/a");
        assert_same(&place, &behind.iter().map(String::as_str).collect::<Vec<_>>());
        machete(&place, "traverse --yes --no-push --start-from=first-root");
        assert_same(&place, &renamed);
    }

    // From the middle. As long as the branch is there, its document is all that tells of it.
    machete(&place, "slide-out --no-rebase feat/inserted");
    let slid_out = told(&place, "feat/inserted");
    assert_eq!(
        (&slid_out["parent"], &slid_out["source"]),
        (&"feat/renamed".into(), &"document".into())
    );
    let without = [
        "feat/a < main",
        "feat/renamed < feat/a",
        "feat/c < feat/renamed",
        "side < feat/a",
    ];
    assert_eq!(theirs(&place), parents(&without));
    place.shell("git branch -q -D feat/inserted").ok();
    assert_same(&place, &without);

    // The bottom is merged, and then slid out.
    place
        .shell("git switch -q main && git merge -q --no-ff --no-edit feat/a")
        .ok();
    assert_same(&place, &without);
    assert_eq!(told(&place, "feat/a")["merged"], true);
    assert_eq!(told(&place, "side")["merged"], false);
    machete(&place, "slide-out --no-rebase feat/a");
    let slid = ["feat/renamed < main", "feat/c < feat/renamed", "side < main"];
    place.shell("git branch -q -D feat/a").ok();
    assert_same(&place, &slid);
    // The new bottom is merged by the tool, which slides it out by itself.
    place.shell("git switch -q feat/renamed && git rebase -q main").ok();
    machete(&place, "traverse --yes --no-push --start-from=first-root");
    assert_same(&place, &slid);
    place.shell("git switch -q main && git branch -q -D side").ok();
    assert_same(&place, &slid[..2]);
    machete(&place, "advance --yes");
    place.shell("git branch -q -D feat/renamed").ok();
    assert_same(&place, &["feat/c < main"]);
}

/// git-machete takes a branch that git renames out of its layout when it looks next; the reflog tells what it was, as long as
/// it is in there, and from then on what stood on it is where git-machete put it.
#[test]
#[ignore = "needs git-machete: tests/peers/install"]
fn a_branch_that_git_renames() {
    let place = place();
    place.shell("git branch -m feat/b feat/renamed").ok();
    let renamed = ["feat/a < main", "feat/renamed < feat/a", "feat/c < feat/renamed"];
    assert_eq!(ours(&place, "git-machete"), parents(&renamed));
    assert_eq!(theirs(&place), parents(&["feat/a < main", "feat/c < feat/a"]));
    // Of the renamed branch nobody's record is left but its document.
    let lost = told(&place, "feat/renamed");
    assert_eq!(
        (&lost["parent"], &lost["source"]),
        (&"feat/a".into(), &"document".into())
    );
    assert_eq!(told(&place, "feat/c")["parent"], "feat/a");
    machete(&place, "add --onto feat/a feat/renamed");
    assert_same(&place, &["feat/a < main", "feat/renamed < feat/a", "feat/c < feat/a"]);
}

/// What stood on a branch that git deletes moves down in the layout when git-machete looks next. Until then its record names a
/// branch that is gone, and what git knows is told, as a guess.
#[test]
#[ignore = "needs git-machete: tests/peers/install"]
fn a_branch_that_git_deletes() {
    let place = place();
    place.shell("git branch -q -D feat/b").ok();
    let above = told(&place, "feat/c");
    assert_eq!(
        (&above["parent"], &above["guessed"]),
        (&"feat/a".into(), &true.into()),
        "{above}"
    );
    assert_same(&place, &["feat/a < main", "feat/c < feat/a"]);
}
