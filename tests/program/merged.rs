//! Layers that were merged while others stand on them: they stay in the drawing and are nobody's base.

use crate::bases::{after, places};
use crate::sandbox::field;

/// No document and no tool knows of it: what was merged is drawn where it was, but is nobody's base.
#[test]
fn a_merged_layer_that_only_the_commits_tell() {
    let sandbox = after(
        "without_hooks
         made() { tick; git switch -q --detach $2; for f in $3; do c $f; done; git update-ref refs/heads/$1 HEAD; }
         squash() { git switch -q main; git merge -q --squash $1; tick; git commit -q -m \"Squash $1\"; }
         new old; c o1; git switch -q main; git merge -q --ff-only old; new late old; c l1; new first main; c f1
         new second; c f2; new third main; c t1; tick; git branch fourth third; git switch -q fourth; c t2
         new fifth main; c v1; c v2; new sixth; c v3; new seventh; c v4
         new eighth main; c e1; c e2; new ninth; c e3; new moved eighth; c e4; new tenth main; c x1; c x2; new lone; c x3
         made low main 'w1 w2'; made high low w3; tick; git branch backup eighth
         git switch -q main; git merge -q --ff-only first; git merge -q --no-ff --no-edit third
         for b in fifth eighth tenth low; do squash $b; done; git rebase -q --onto main fifth sixth; squash sixth
         git rebase -q --onto main eighth moved; git branch -q -D tenth; git switch -q main; rm -f .git/branchwork/stacks",
    );
    let rows = || -> Vec<serde_json::Value> {
        serde_json::from_str(&sandbox.branchwork(["stack", "--all", "--json"]).stdout).unwrap()
    };
    let place = |branch: &str| {
        let rows = rows();
        let row = rows.iter().find(|row| row["branch"] == branch).unwrap();
        let told = ["parent", "position", "total", "merged", "guessed"].map(|key| row[key].to_string());
        told.join(" ").replace('"', "")
    };
    for (branch, expected) in [
        ("second", "first 2 2 false true"),
        ("first", "main 1 2 true false"),
        ("fourth", "third 2 2 false true"),
        ("seventh", "sixth 2 2 false true"),
        ("ninth", "eighth 2 2 false true"),
        ("high", "low 2 2 false true"),
        // Not what was merged before the branch was made, what it was moved away from, and what is gone.
        ("late", "main 1 1 false true"),
        ("moved", "main 1 1 false true"),
        ("lone", "main 1 1 false true"),
    ] {
        assert_eq!(place(branch), expected, "{branch}");
    }
    // A hook tells it of a branch that nobody recorded the parent of, then the last look at all, then the hook again.
    let drawn = "main\n├─● low ✅ Merged\n└─○ high 👈 Current\n";
    let is_told = |base: &str, place: &str, drawn: &str| {
        let view = sandbox.view();
        let keys = ["base", "position", "total"].map(|key| field(&view, key));
        assert_eq!(keys.join(" "), format!("{base} {place}"), "{view}");
        assert!(view.contains(drawn), "{view}");
        assert_eq!(sandbox.branchwork(["stack"]).stdout, drawn);
        let listed = sandbox.branchwork(["list"]).stdout;
        let of_it = listed.lines().find(|line| line.starts_with("*  high"));
        assert!(of_it.unwrap().contains(&place.replace(' ', "/")), "{listed}");
    };
    sandbox.git(["switch", "-q", "high"]);
    is_told("main", "2 2", drawn);
    sandbox.branchwork(["refresh", "--all"]);
    is_told("main", "2 2", drawn);
    sandbox.git(["switch", "-q", "low"]);
    assert_eq!(field(&sandbox.view(), "total"), "2");
    sandbox.git(["switch", "-q", "high"]);
    sandbox.commit("w4", "x\n", "Go on");
    is_told("main", "2 2", drawn);
    // Only with the branch it goes.
    sandbox.git(["branch", "-q", "-D", "low"]);
    sandbox.branchwork(["refresh"]);
    is_told("main", "1 1", "main\n└─○ high 👈 Current\n");
}

/// post-merge knows it, and so do the documents when they are read next.
#[test]
fn what_was_merged_just_now_is_told_by_all() {
    let there = |how: &str| {
        format!(
            "git push -q --no-verify origin a b d; git clone -q ../remote.git ../there; cd ../there; git merge -q {how}
             git push -q origin main; cd ../repo; bw show -b a; bw show -b d; git fetch -q"
        )
    };
    for how in ["--no-ff --no-edit origin/a", "--squash origin/a; git commit -q -m a"] {
        let sandbox = after(&format!("new a; c a1; c a2; new b; c b1; new d; c d1; {}", there(how)));
        let drawn = sandbox.branchwork(["stack", "a"]).stdout;
        assert!(drawn.contains("├─● a ✅ Merged\n"), "{how}: {drawn}");
        places(&sandbox, ["1/3", "2/3", "3/3"]);
    }
    for how in ["--no-ff --no-edit a", "a", "b"] {
        let sandbox = after(&format!(
            "new a; c a1; c a2; new b; c b1; new d; c d1; git switch -q main; git merge -q {how}"
        ));
        let drawn = sandbox.branchwork(["stack", "a"]).stdout;
        assert!(drawn.contains("├─● a ✅ Merged\n"), "{how}: {drawn}");
        places(&sandbox, ["1/3", "2/3", "3/3"]);
        sandbox.git(["switch", "-q", "d"]);
        let view = sandbox.view().replace(" 👈 Current", "");
        assert!(view.contains(&format!("```text\n{drawn}```")), "{how}: {view}");
    }
}
