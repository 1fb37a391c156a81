use super::*;

/// A commit by its letter and number: `a1`.
fn commit(text: &str) -> CommitId {
    let hex: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
    CommitId::parse(&format!("{hex:0<40}")).unwrap()
}

fn name(name: &str) -> BranchName {
    BranchName::new(name).unwrap()
}

/// A branch: `<name> @<tip> =<commits made on it> <from> at:<commit> t:<time> moved`, the last four where they are known; from:
/// `^a` the branch a, `~a` a commit below its tip; `on:<commit>` is moved, and where to.
fn branch(text: &str) -> Branch {
    let mut branch = Branch {
        name: name("x"),
        tip: commit("x"),
        made: HashSet::new(),
        origin: None,
        moved: false,
        put_on: None,
    };
    let mut origin = Origin {
        from: None,
        at: commit("none"),
        time: 0,
        certain: true,
    };
    for word in text.split(' ') {
        match word.split_at(1) {
            ("@", tip) => branch.tip = commit(tip),
            ("=", made) => branch.made = made.split(',').map(commit).collect(),
            ("^", from) => origin.from = Some(Whence::Tip(name(from))),
            ("~", from) => origin.from = Some(Whence::Below(name(from))),
            _ if word == "moved" => branch.moved = true,
            _ if word.starts_with("on:") => (branch.moved, branch.put_on) = (true, Some(commit(&word[3..]))),
            _ if word.starts_with("at:") => origin.at = commit(&word[3..]),
            _ if word.starts_with("t:") => origin.time = word[2..].parse().unwrap(),
            _ => branch.name = name(word),
        }
    }
    branch.origin = (text.contains(" t:")).then_some(origin);
    branch
}

/// What is inferred for the first of these branches: `<parent> <source>`, with a `?` where it is guessed and what was merged
/// behind a `+`. A line of commits is `b1-a2-a1`, newest first; below the last of them is the trunk's `m1`.
fn inferred(lines: &[&str], branches: &[&str], merged: &[&str]) -> String {
    let mut ground = Ground::default();
    for line in lines {
        let mut commits = line.split('-').peekable();
        while let Some(id) = commits.next() {
            let parent = commits.peek().map_or(commit("m1"), |id| commit(id));
            let merged_in = id.split_once('+');
            let mut parents = vec![parent];
            parents.extend(merged_in.map(|(_, other)| commit(other)));
            ground.add_commit(commit(merged_in.map_or(id, |(id, _)| id)), parents);
        }
    }
    let first = branch(branches[0]).name;
    for text in branches {
        ground.add_branch(branch(text));
    }
    let mut is_merged = |branch: &Branch| merged.contains(&branch.name.as_str());
    let found = ground.infer(ground.branch(&first).unwrap(), Some(&name("main")), &mut is_merged);
    let parent = found.parent.map_or(String::new(), |parent| parent.to_string());
    let guessed = if found.guessed { "?" } else { "" };
    let merged: String = found.merged.iter().map(|name| format!(" +{name}")).collect();
    format!("{parent} {:?}{guessed}{merged}", found.source)
}

#[test]
fn the_nearest_branch_on_the_way_is_the_parent() {
    for (told, lines, branches, expected) in [
        ("nobody", &["b1"][..], &["b @b1"][..], "main Trunk?"),
        (
            "made from the trunk",
            &["b1"],
            &["b @b1 =b1 ^main at:m1 t:1"],
            "main Creation",
        ),
        (
            "the same, and rebased since",
            &["b1"],
            &["b @b1 =b1 ^main at:m1 t:1 moved"],
            "main Trunk?",
        ),
        ("a tip below", &["b1-a1"], &["b @b1", "a @a1"], "a Graph?"),
        (
            "a tip below, as recorded",
            &["b1-a1"],
            &["b @b1 ^a at:a1 t:1", "a @a1"],
            "a Creation",
        ),
        (
            "the same, but put elsewhere since: something may have been between, and be gone",
            &["b1-a1"],
            &["b @b1 ^a at:a1 t:1 moved", "a @a1"],
            "a Creation?",
        ),
        (
            "the same, but put where its parent is",
            &["b1-a2"],
            &["b @b1 ^a at:a1 t:1 on:a2", "a @a2"],
            "a Creation",
        ),
        (
            "or where it was",
            &["b1-a2", "a3"],
            &["b @b1 ^a at:a1 t:1 on:a2", "a @a3 =a1,a2,a3"],
            "a Creation",
        ),
        (
            "but not where another branch was that is gone",
            &["b1-x1-a1"],
            &["b @b1 ^a at:a1 t:1 on:x1", "a @a1 =a1"],
            "a Creation?",
        ),
        (
            "the nearer of two",
            &["c1-b1-a1"],
            &["c @c1", "a @a1", "b @b1"],
            "b Graph?",
        ),
        (
            "inserted since",
            &["b1-i1-a1"],
            &["b @b1 =b1 ^a at:a1 t:1 moved", "a @a1", "i @i1 =i1"],
            "i Graph?",
        ),
        (
            "the parent was amended",
            &["b1-a1", "a2"],
            &["b @b1", "a @a2 =a1,a2"],
            "a Graph?",
        ),
        (
            "the same, as recorded",
            &["b1-a1", "a2"],
            &["b @b1 ^a at:a1 t:1", "a @a2 =a1,a2"],
            "a Creation",
        ),
        (
            "an old tip is nearer than a tip",
            &["b1-a1-z1", "a2"],
            &["b @b1", "a @a2 =a1,a2", "z @z1"],
            "a Graph?",
        ),
        (
            "its own commits are nobody else's",
            &["b2-b1"],
            &["b @b2 =b1,b2", "x @x1 =b1,x1 ^m1 t:1"],
            "main Trunk?",
        ),
        (
            "a recorded parent without commits",
            &["b1"],
            &["b @b1 =b1 ^a at:m1 t:2", "a @m1 t:1"],
            "a Creation?",
        ),
        (
            "a parent whose old tips nobody knows",
            &["b1-a1", "a2"],
            &["b @b1 ^a at:a1 t:1", "a @a2"],
            "a Creation",
        ),
        (
            "what was merged in comes last",
            &["b2+x1-b1-a1", "x1"],
            &["b @b2", "x @x1", "a @a1"],
            "a Graph?",
        ),
        (
            "unless there is nothing else",
            &["b2+x1-b1", "x1"],
            &["b @b2", "x @x1"],
            "x Graph?",
        ),
    ] {
        assert_eq!(inferred(lines, branches, &[]), expected, "{told}");
    }
}

#[test]
fn of_branches_at_one_commit() {
    for (told, lines, branches, expected) in [
        ("nothing tells", &["a1"][..], &["b @a1", "a @a1"][..], "main Trunk?"),
        (
            "the record",
            &["a1"],
            &["b @a1 ^a at:a1 t:2", "a @a1 =a1 t:1"],
            "a Creation",
        ),
        (
            "the other way round",
            &["a1"],
            &["a @a1 =a1 ^main at:m1 t:1", "b @a1 ^a at:a1 t:2"],
            "main Creation",
        ),
        ("who is older", &["a1"], &["b @a1 t:2", "a @a1 t:1"], "a Graph?"),
        (
            "who made the commit",
            &["a1"],
            &["b @a1 t:1 moved", "a @a1 =a1 t:2"],
            "a Graph?",
        ),
        (
            "who has commits",
            &["b1-a1"],
            &["b @b1", "x @a1 t:1", "a @a1 =a1 t:2"],
            "a Graph?",
        ),
        (
            "who was made from whom",
            &["b1-a1"],
            &["b @b1", "x @a1 =x1 ^a t:1", "a @a1 =a1 t:2"],
            "a Graph?",
        ),
        (
            "the older of equals",
            &["b1-a1"],
            &["b @b1", "x @a1 t:1", "a @a1 t:2"],
            "x Graph?",
        ),
    ] {
        assert_eq!(inferred(lines, branches, &[]), expected, "{told}");
    }
}

#[test]
fn backups_and_bookmarks_are_nobodys_parent() {
    for (told, lines, branches, expected) in [
        (
            "a backup",
            &["b2-b1"][..],
            &["b @b2 =b1,b2", "k @b1 ^b t:2"][..],
            "main Trunk?",
        ),
        (
            "on a commit by its id",
            &["b2-b1"],
            &["b @b2 =b1,b2", "k @b1 t:2"],
            "main Trunk?",
        ),
        (
            "below the tip of a rebased branch",
            &["b2-b1"],
            &["b @b2 =b2", "k @b1 ~b t:2"],
            "main Trunk?",
        ),
        (
            "a backup of the parent",
            &["b1-a1", "a2"],
            &["b @b1", "a @a2 =a1,a2", "k @a1 ^a t:2"],
            "a Graph?",
        ),
        (
            "of a parent that nobody knows",
            &["b1-a1"],
            &["b @b1", "k @a1 t:2"],
            "k Graph?",
        ),
        (
            "the lower half of another",
            &["a2-a1"],
            &["b @a1 t:2", "a @a2 =a1,a2"],
            "main Trunk?",
        ),
        (
            "a parent of no commits is one",
            &["b1-a1"],
            &["b @b1 ^k at:a1 t:3", "k @a1 ^a t:2", "a @a1 =a1"],
            "k Creation",
        ),
    ] {
        assert_eq!(inferred(lines, branches, &[]), expected, "{told}");
    }
}

#[test]
fn what_was_merged_is_passed_over() {
    for (told, lines, branches, merged, expected) in [
        (
            "a squash",
            &["b1-a1"][..],
            &["b @b1", "a @a1"][..],
            &["a"][..],
            "main Trunk? +a",
        ),
        (
            "two",
            &["c1-b1-a1"],
            &["c @c1", "b @b1", "a @a1"],
            &["a", "b"],
            "main Trunk? +b +a",
        ),
        (
            "the upper one of two",
            &["c1-b1-a1"],
            &["c @c1", "b @b1", "a @a1"],
            &["b"],
            "a Graph? +b",
        ),
        (
            "as recorded",
            &["b1"],
            &["b @b1 =b1 ^a at:m1 t:2", "a @m1 =a1"],
            &["a"],
            "main Trunk? +a",
        ),
        (
            "but not where it was put elsewhere since",
            &["b1"],
            &["b @b1 =b1 ^a at:m1 t:2 moved", "a @m1 =a1"],
            &["a"],
            "main Trunk?",
        ),
        (
            "one that lies where another was merged from",
            &["b1-a1"],
            &["b @b1", "a @a1 =a1", "x @a1 t:1"],
            &["a", "x"],
            "main Trunk? +a",
        ),
        (
            "below a parent that had no commits then",
            &["b1-a1"],
            &["b @b1 =b1 ^c at:a1 t:3", "a @a1 =a1", "c @a1 t:2"],
            &["a"],
            "c Creation",
        ),
        (
            "and has some now",
            &["b1-a1"],
            &["b @b1 =b1 ^c at:m1 t:3", "a @a1 =a1", "c @m1 =c1 t:2"],
            &["a"],
            "c Creation?",
        ),
        (
            "its backup with it",
            &["b1-a1"],
            &["b @b1", "a @m1 =a1", "k @a1 ^a t:1"],
            &["a"],
            "main Trunk? +a",
        ),
    ] {
        assert_eq!(inferred(lines, branches, merged), expected, "{told}");
    }
}

#[test]
fn loops_and_strangers_end() {
    assert_eq!(inferred(&["b1-b2-b1"], &["b @b1 ^b t:1"], &[]), "main Trunk?");
    assert_eq!(inferred(&[], &["b @b1 ^gone t:1"], &[]), "main Trunk?");
    let ground = Ground::default();
    let mut is_merged = |_: &Branch| false;
    let alone = ground.infer(&branch("b @b1"), None, &mut is_merged);
    assert_eq!((alone.parent, alone.guessed), (None, true));
}

#[test]
fn more_reflogs_are_asked_for_only_where_they_matter() {
    let ask = |lines: &[&str], branches: &[&str]| {
        let mut ground = Ground::default();
        for line in lines {
            let commits: Vec<&str> = line.split('-').collect();
            for (at, id) in commits.iter().enumerate() {
                ground.add_commit(
                    commit(id),
                    commits.get(at + 1).map(|id| commit(id)).into_iter().collect(),
                );
            }
        }
        for text in branches {
            ground.add_branch(branch(text));
        }
        ground.is_undecided(&branch(branches[0]), Some(&name("main")))
    };
    assert!(!ask(&["b2-b1"], &["b @b2 =b1,b2"]), "all commits are its own");
    assert!(!ask(&["b1-a1"], &["b @b1 =b1", "a @a1"]), "the parent is there");
    assert!(ask(&["b1-a1"], &["b @b1 =b1"]), "somebody may have been there");
    assert!(
        ask(&["b2-b1-a1"], &["b @b2 =b2", "a @a1"]),
        "somebody may have been nearer"
    );
}

#[test]
fn of_many_at_one_commit_the_recorded_one_counts() {
    let others: Vec<String> = (0..2 * MOST_AT_ONE).map(|at| format!("a{at:03} @a1")).collect();
    let last = others.last().unwrap().split(' ').next().unwrap();
    for (told, how, expected) in [
        (
            "the last of all",
            format!("b @b1 ^{last} at:a1 t:1"),
            format!("{last} Creation"),
        ),
        ("nobody", "b @b1".to_owned(), "a000 Graph?".to_owned()),
        (
            "one of them, from another commit",
            format!("b @b1 =b1 ^{last} at:b1 t:1"),
            format!("{last} Creation"),
        ),
    ] {
        let branches = std::iter::once(how.as_str()).chain(others.iter().map(String::as_str));
        assert_eq!(
            inferred(&["b1-a1"], &branches.collect::<Vec<_>>(), &[]),
            expected,
            "{told}"
        );
    }
}
