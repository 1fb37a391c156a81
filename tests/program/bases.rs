//! Who stands on whom, with hooks at work: what the document says follows the branch, and what nobody knows is called a guess.

use crate::sandbox::{Sandbox, WITHOUT_HOOKS, binary, field, run};
use crate::stacks::story;

/// What a script makes of a repository on `main`. `c <name>` commits a file of that name, `bw` is the program, and git runs no hooks
/// from `without_hooks` on, whether they are files or configuration.
#[track_caller]
pub(crate) fn after(script: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    let begin = format!(
        "set -e; t={}; bw() {{ {} \"$@\" >/dev/null 2>&1; }}
         tick() {{ t=$((t + 60)); export GIT_COMMITTER_DATE=\"@$t +0000\" GIT_AUTHOR_DATE=\"@$t +0000\"; }}
         c() {{ tick; echo \"$1\" >\"$1\"; git add \"$1\"; git commit -q -m \"$1\"; tick; }}
         new() {{ tick; git switch -q -c \"$@\"; }}
         tick\n",
        sandbox.now(),
        binary().display()
    );
    sandbox.shell(&format!("{WITHOUT_HOOKS}{begin}{script}")).ok();
    sandbox.wait(1000);
    sandbox
}

/// `<branch> < <parent> <source>`, `?` behind a guess, then what the document says where that is something else.
fn told(sandbox: &Sandbox, folder: &str, branch: &str) -> String {
    let run = |arguments: &[&str]| crate::sandbox::branchwork_in(sandbox, folder, arguments).ok().stdout;
    let rows: Vec<serde_json::Value> = serde_json::from_str(&run(&["stack", "--all", "--json"])).unwrap();
    let row = rows.iter().find(|row| row["branch"] == branch).unwrap();
    let parent = row["parent"].as_str().unwrap();
    let guessed = if row["guessed"] == true { "?" } else { "" };
    let base = run(&["get", "branch.base", "-b", branch]);
    let base = match base.trim_end() {
        base if base == parent => String::new(),
        base => format!(", but the document says '{base}'"),
    };
    format!("{parent} {}{guessed}{base}", row["source"].as_str().unwrap())
}

const TWO: &str = "new a; c a1; new b; c b1\n";

#[track_caller]
fn is_told(table: &[(&str, &str, &str)]) {
    for (script, branch, expected) in table {
        let sandbox = after(script);
        assert_eq!(told(&sandbox, "repo", branch), *expected, "by hooks: {script}");
        sandbox.branchwork(["refresh", "--all"]);
        assert_eq!(told(&sandbox, "repo", branch), *expected, "by refresh: {script}");
    }
}

#[test]
fn the_base_follows_a_branch_that_is_moved() {
    let table = [
        ("git rebase -q --onto main a b", "main trunk?"),
        ("git reset -q --hard main; c b2", "main trunk?"),
        ("git switch -q main; git switch -q -C b main; c b2", "main trunk?"),
        ("new other main; c o1; git rebase -q --onto other a b", "other graph?"),
        ("new ins a; c i1; git rebase -q ins b", "ins graph?"),
        // It is no guess any more, though the document says it already.
        (
            "new ins a; c i1; git rebase -q ins b; bw set branch.base=ins; c b2",
            "ins document",
        ),
        (
            "git rebase -q --onto main a b; c b2; git rebase -q a b; c b3",
            "a document",
        ),
    ];
    let table = table.map(|(script, expected)| (format!("{TWO}{script}"), expected));
    is_told(
        &table
            .each_ref()
            .map(|(script, expected)| (script.as_str(), "b", *expected)),
    );
    is_told(&[
        ("new a; c a1; new d main; c d1; git rebase -q a d", "d", "a graph?"),
        // The lower part of a branch that was split does not stand on the upper one.
        (
            "new a; c a1; new b; c b1; c b2; git switch -q -c low b~1; c l1; git rebase -q low b",
            "low",
            "a graph?",
        ),
        // Where the parent gave its upper part to a new branch, that may be the parent now.
        (
            "new a; c a1; c a2; new b; c b1; git branch up a; git switch -q a; git reset -q --hard a~1; git switch -q b; c b2",
            "b",
            "a creation?",
        ),
        // Two that changed places in one rebase.
        (
            "new a; c a1; new b; c b1; new top; c t1; export GIT_SEQUENCE_EDITOR=\"sed -i -e '1{h;d}' -e '2{H;d}' -e '/heads.b$/G'\"
             git rebase -q -i --update-refs main top; git switch -q b",
            "b",
            "main trunk?",
        ),
        // The base was begun by a fetch from this repository itself.
        (
            "new a; c a1; git fetch -q . a:r; git switch -q r; c r1; new b; c b1; git reset -q --hard a; c b2",
            "b",
            "r graph?",
        ),
        // A parent that was merged is below by way of the trunk.
        (
            "new a; c a1; new b; c b1; git switch -q main; git merge -q --no-ff --no-edit a; c m1; git rebase -q main b",
            "b",
            "main trunk?",
        ),
    ]);
    // A guess stays one under another name, whoever sees that first.
    let moved = format!("{TWO}new up; c u1; git rebase -q --onto main a b; git branch -m b r");
    for then in [
        "",
        "; bw refresh",
        "; bw refresh -b a",
        "; git switch -q r; c r1",
        "; bw show -b r",
    ] {
        is_told(&[(format!("{moved}{then}").as_str(), "r", "main trunk?")]);
    }
    // Of two branches at the commit that it was put on either may be meant.
    let beside = "new a; c a1; new b; c b1; git switch -q a; c a2; git branch other; git rebase -q other b; c b2";
    is_told(&[(beside, "b", "a creation?")]);
    let beside = beside.replace("new b", "new b -t a");
    is_told(&[(beside.as_str(), "b", "a upstream?")]);
    // A merged parent that was taken along to the trunk is where all was put.
    let taken = "new a; c a1; c a2; new b; c b1; new d -t a; c d1; git switch -q main; git merge -q --squash a; git commit -q -m A
                 git switch -q b; git commit -q --amend -m again; git rebase -q --onto b $(git merge-base main d) d
                 git switch -q main; c m1; git rebase -q --update-refs main d; bw refresh --all";
    is_told(&[(taken, "d", "b graph?")]);
    // An upstream that was set with the branch stays in the configuration, and its commits below.
    let tracking = "new a; c a1; new b -t a; c b1; new ins a; c i1; git rebase -q ins b";
    let split = "new a; c a1; c a2; new b -t a; c b1; git branch up a; git branch -q -f a a~1";
    let table = [
        (tracking, "", "ins graph?"),
        (tracking, "; git branch -q -u ins; c b2", "ins upstream"),
        (split, "", "a upstream?"),
    ];
    let table = table.map(|(script, then, expected)| (format!("{script}{then}"), expected));
    is_told(
        &table
            .each_ref()
            .map(|(script, expected)| (script.as_str(), "b", *expected)),
    );
}

#[test]
fn a_base_that_somebody_set_or_that_only_changed_stays() {
    let table = [
        "git rebase -q --onto main a b; bw set branch.base=a; c b2",
        "git rebase -q --onto main a b; c b2; bw set branch.base=a; c b3; git commit -q --amend -m again",
        "git switch -q a; git commit -q --amend -m again; git switch -q b; c b2",
        "git switch -q a; git commit -q --amend -m again; git rebase -q --onto a a@{1} b; c b2",
        "git switch -q a; c a2; git switch -q b; c b2",
        "git switch -q a; c a2; git rebase -q a b; git switch -q a; c a3",
    ];
    let table = table.map(|script| format!("{TWO}{script}"));
    is_told(&table.each_ref().map(|script| (script.as_str(), "b", "a document")));
}

#[test]
fn a_tag_and_an_id_are_not_where_head_was() {
    let begin = "new x; c x1; git tag v1 main; git tag release/1.0 main\n";
    // Another work tree is on a branch at the same commit.
    let beside = "git worktree add -q -b u ../u main; git switch -q --detach main";
    for (then, expected) in [
        ("new hot; c h1", "main document"),
        (
            "new x; c x1; git switch -q --detach main; new hot; c h1",
            "main document",
        ),
        ("git worktree add -q -b hot ../hot; cd ../hot; c h1", "main trunk?"),
    ] {
        is_told(&[(&format!("{beside}; {then}"), "hot", expected)]);
    }
    // A copy of one without a document.
    let unseen = "without_hooks; new low; c l1; new up; c u1; git branch -c up hot
                  with_hooks; git switch -q hot; c h1";
    let guessed = "new low; c l1; new up; c u1; c u2; new w up~1; git branch -c w hot; git switch -q hot; c h1";
    is_told(&[(unseen, "hot", "up document"), (guessed, "hot", "w document")]);
    for (start, expected) in [
        ("v1", "main trunk?"),
        ("$(git rev-parse main)", "main trunk?"),
        ("release/1.0", "main trunk?"),
        ("x~1", "main trunk?"),
        ("HEAD~1", "main trunk?"),
        // A guess is no fact under another name.
        (
            "x~1; c h0; git branch -m hot warm; bw list; git branch -m warm hot",
            "main trunk?",
        ),
        ("HEAD", "x document"),
        ("x", "x document"),
    ] {
        let script = format!("{begin}new hot {start}; c h1");
        is_told(&[(script.as_str(), "hot", expected)]);
    }
}

#[test]
fn a_parent_that_is_on_the_remote_only() {
    let sandbox = after(
        "new release; c r1; git push -q --no-verify origin release; git switch -q main; git branch -q -D release
         new fix --no-track origin/release; c f1; new upper; c u1",
    );
    assert_eq!(told(&sandbox, "repo", "fix"), "release document");
    let drawn = "release\n├─○ fix\n└─○ upper 👈 Current\n";
    assert_eq!(sandbox.branchwork(["stack"]).stdout, drawn);
    sandbox.branchwork(["refresh", "--all"]);
    assert!(sandbox.view().contains(drawn), "{}", sandbox.view());
    assert_eq!(told(&sandbox, "repo", "fix"), "release document");
}

/// What a clone shows of a stack after somebody committed on its upper branch: `before` runs in the other clone.
fn in_a_clone(before: &str, then: &str) -> Sandbox {
    after(&format!(
        "{TWO}{before}\ngit push -q -f --no-verify origin a b
         git clone -q ../remote.git ../clone 2>/dev/null; cd ../clone; bw init; git switch -q b; c b2\n{then}"
    ))
}

#[test]
fn a_guess_stays_one_until_something_better_is_known() {
    let amended = "git switch -q a; git commit -q --amend -m again";
    for (before, then, expected) in [
        ("", "", "a graph?"),
        ("", "git branch -q a origin/a; bw refresh", "a graph?"),
        (amended, "c b3", "main trunk?"),
        (amended, "bw refresh --all; c b3; bw refresh", "main trunk?"),
        (amended, "bw set pr=46; c b3; bw refresh", "main trunk?"),
        (amended, "bw set branch.base=a; c b3; bw refresh", "a document"),
        (
            amended,
            "git branch -q a origin/a; git config git-town-branch.b.parent a; c b3; bw refresh",
            "a git-town?",
        ),
    ] {
        let sandbox = in_a_clone(before, then);
        assert_eq!(told(&sandbox, "clone", "b"), expected, "{before}: {then}");
        if before.is_empty() {
            let view = sandbox.read("../clone/.branchwork/CURRENT.md");
            assert!(view.contains("b1") && !view.contains("a1"), "{view}");
        }
    }
}

/// What each of three views says of the places of `a`, `b` and `d`: position and total.
#[track_caller]
pub(crate) fn places(sandbox: &Sandbox, expected: [&str; 3]) {
    let rows = |arguments: &[&str], branch: &str| {
        let rows: Vec<serde_json::Value> = serde_json::from_str(&sandbox.branchwork(arguments).stdout).unwrap();
        let row = rows.into_iter().find(|row| row["branch"] == branch).unwrap();
        format!("{}/{}", row["position"], row["total"])
    };
    for (branch, expected) in ["a", "b", "d"].into_iter().zip(expected) {
        let document = sandbox.branchwork(["show", "-b", branch]).stdout;
        let told = format!("{}/{}", field(&document, "position"), field(&document, "total"));
        let listed = rows(&["list", "--json"], branch);
        let found = rows(&["stack", "--all", "--json"], branch);
        assert_eq!([told.as_str(), &listed, &found], [expected; 3], "{branch}\n{document}");
        let drawn = sandbox.branchwork(["stack", branch]).stdout.replace(" 👈 Current", "");
        let document = document.replace(" 👈 Current", "");
        assert!(
            document.contains(&format!("```text\n{drawn}```")),
            "{document}\n{drawn}"
        );
    }
}

#[test]
fn a_circle_of_bases_is_refused_and_told_where_a_hand_made_it() {
    let sandbox = after("new a; c a1; new b; c b1; new d; c d1; git switch -q a");
    let all = ["1/3", "2/3", "3/3"];
    places(&sandbox, all);
    let refused = sandbox.try_branchwork(["set", "branch.base=d"]).code(1);
    for said in [
        "error: 'd' cannot be the base of 'a': it stands on 'a' by way of 'b'\n",
        "hint: git branchwork set branch.base=<branch> -b b\n",
    ] {
        assert!(refused.stderr.contains(said), "{}", refused.stderr);
    }
    // By hand, and in two documents after another, it can be made.
    for base in ["d", "a"] {
        let view = sandbox.view();
        let was = format!("base: {}", field(&view, "base"));
        sandbox.write(
            ".branchwork/CURRENT.md",
            view.replacen(&was, &format!("base: {base}"), 1),
        );
        places(&sandbox, all);
        let checked = sandbox.try_branchwork(["check", "--all"]);
        let said = match base {
            "a" => "'branch.base' is 'a', which is the branch itself",
            _ => "'branch.base' is 'd', which stands on the branch by way of 'b'",
        };
        let told = format!("{}{}", checked.stdout, checked.stderr);
        assert!(told.contains(&format!("warning[BW011]: {said}\n")), "{told}");
        assert_eq!(sandbox.branchwork(["get", "branch.base"]).line(), base);
        // What is made above is told the same.
        sandbox.git(["switch", "-q", "d"]);
        sandbox.git(["commit", "-q", "--allow-empty", "-m", base]);
        places(&sandbox, all);
        sandbox.git(["switch", "-q", "a"]);
    }
    // So does one that no document tells of.
    sandbox.git(["branch", "e", "d"]);
    let said = sandbox.branchwork(["set", "branch.base=e"]).stderr;
    let warning = "warning: 'e' does not count: as far as is known it stands on 'a'\n";
    assert_eq!(said, format!("Set branch.base (a)\n{warning}"));
    places(&sandbox, ["1/4", "2/4", "3/4"]);
    sandbox.git(["branch", "-q", "-D", "e"]);
    sandbox.branchwork(["set", "branch.base=main"]);
    places(&sandbox, all);
    // What stands in the circle's place may be a branch that nothing in it names.
    let sandbox = after(
        "new x; c x1; new a; c a1; new b; c b1; new d; c d1; git switch -q a
         sed 's/^  base: x$/  base: d/' .branchwork/CURRENT.md >edited; mv edited .branchwork/CURRENT.md",
    );
    places(&sandbox, ["2/4", "3/4", "4/4"]);
}

#[test]
fn what_stood_on_a_branch_is_found_when_that_is_made_again() {
    for before in ["bw refresh --stack", "c d2"] {
        let sandbox = after(&format!(
            "new a; c a1; new b; c b1; new d; c d1; h=$(git rev-parse a); git branch -q -D a; {before}; new a $h"
        ));
        let view = sandbox.view();
        assert!(
            view.contains("main\n├─○ a 👈 Current\n├─○ b\n└─○ d\n"),
            "{before}: {view}"
        );
        places(&sandbox, ["1/3", "2/3", "3/3"]);
    }
}

/// What the last look at all branches found of one without a document is no more than that.
#[test]
fn a_parent_that_only_the_last_look_knew_and_that_is_gone() {
    let sandbox = after(
        "without_hooks; new x; c x1; new o; c o1; with_hooks
         new d; c d1; bw refresh --all; git branch -q -D x; c d2",
    );
    let drawn = "main\n├─○ o\n└─○ d 👈 Current\n";
    assert_eq!(sandbox.branchwork(["stack"]).stdout, drawn);
    assert!(sandbox.view().contains(drawn), "{}", sandbox.view());
}

/// The trunk is below every branch, so that the commits never speak against a record of it.
#[test]
fn a_setting_that_names_the_trunk_does_not_beat_the_document() {
    for setting in [
        "git config branch.b.gk-merge-base origin/main",
        "git config branch.b.gh-merge-base main",
        "git branch -q -u main",
    ] {
        let script = format!("{TWO}{setting}; c b2");
        is_told(&[(script.as_str(), "b", "a document")]);
    }
}

#[test]
fn a_name_that_is_used_again_is_another_branch() {
    let town = "git config git-town-branch.b.parent a";
    for (record, then, expected) in [
        (town, "c a2; git switch -q b; c b2; bw refresh", "z git-town"),
        ("", "c a2; git switch -q b; c b2; bw refresh", "z document"),
        // Without a commit it is below each branch, as the trunk is.
        (town, "git switch -q b; c b2", "z git-town"),
        ("", "git switch -q b; c b2", "z document"),
    ] {
        let script = format!("{TWO}{record}\ngit branch -m a z; new a main; {then}");
        is_told(&[(script.as_str(), "b", expected)]);
    }
    // The younger one is as young where the branch on it was renamed too.
    let renamed =
        format!("{TWO}git switch -q a; git branch -m a z; new a main; git branch -m b y; git switch -q y; c b2");
    is_told(&[(renamed.as_str(), "y", "z document")]);
    // Made of what stood on it.
    let above = format!("{TWO}git branch -m a z; new a b; c a2; bw refresh --all");
    is_told(&[(above.as_str(), "b", "z document"), (above.as_str(), "a", "b document")]);
    // Made of the one that had the name: it may have taken over what stood there.
    let beside = format!("{TWO}git branch -m a z; new a z; c a2; git switch -q b; c b2; bw refresh --all");
    is_told(&[(beside.as_str(), "b", "z document")]);
    let set = format!("{beside}; bw set branch.base=a; c b3");
    is_told(&[(set.as_str(), "b", "a document")]);
    // One that is gone may be the same one, begun anew.
    let again = format!("{TWO}git branch -q -D a; new a main; c a2; git switch -q b; c b2");
    is_told(&[(again.as_str(), "b", "a graph?")]);
    let empty = format!("new a; new b; c b1; c b2; {town}; git switch -q main; c m1; git switch -q b; c b3");
    is_told(&[(empty.as_str(), "b", "a git-town")]);
}

/// In one run: what somebody wrote counts before all stacks are looked at, and a base is compared before what stands on it.
#[test]
fn a_second_refresh_finds_nothing_to_do() {
    for option in ["--all", "--stack"] {
        let edited = "sed -i.bak 's/  base: a/  base: main/' .branchwork/CURRENT.md; rm .branchwork/*.bak";
        let lost = "new b; c b1; c b2; new a; c a1; git switch -q b; git reset -q --hard HEAD~1";
        for (script, expected) in [
            (format!("{TWO}{edited}"), "main document"),
            (lost.to_owned(), "main document"),
        ] {
            let sandbox = after(&script);
            sandbox.branchwork(["refresh", option]);
            assert_eq!(told(&sandbox, "repo", "b"), expected, "{option}: {script}");
            let again = sandbox.branchwork(["refresh", option]).stderr;
            assert!(again.contains("up to date"), "{option}: {script}: {again}");
        }
    }
}

#[test]
fn what_is_below_a_renamed_parent_is_not_its_childs_work() {
    let pushed = "git push -q --no-verify origin b; git commit -q --amend -m b2";
    for (before, then) in [
        (":", "git switch -q p; c p1; git rebase -q p d"),
        (":", "bw refresh --all"),
        (pushed, "git switch -q main; bw refresh --all"),
    ] {
        let sandbox = after(&format!("{TWO}{before}; new d; c d1; git branch -m b p; {then}"));
        let document = sandbox.branchwork(["show", "-b", "d"]).stdout;
        let told: Vec<&str> = document.lines().filter(|line| line.starts_with("### ")).collect();
        assert!(told.len() == 1 && told[0].ends_with("] d1"), "{then}: {told:?}");
    }
}

#[test]
fn what_an_editor_supposes_counts_last() {
    let begin = "git remote set-url --push origin ../remote.git; git config remote.origin.url https://github.com/acme/tools
                 git checkout -q --detach; c a1; git update-ref refs/heads/a HEAD; c b1; git update-ref refs/heads/b HEAD
                 git switch -q main; git update-ref refs/heads/a $(git commit-tree -p a -m a2 'a^{tree}')";
    for (key, expected) in [
        ("git config branch.b.vscode-merge-base origin/main", "main trunk?"),
        ("git config branch.b.vscode-merge-base a", "a vscode?"),
        ("git config branch.b.github-pr-base-branch acme#tools#a", "a vscode?"),
        ("git config branch.b.github-pr-base-branch other#tools#a", "main trunk?"),
    ] {
        let sandbox = after(&format!("{begin}\nrm -rf .git/logs; {key}"));
        let rows = sandbox.branchwork(["stack", "b", "--json"]).stdout;
        let rows: Vec<serde_json::Value> = serde_json::from_str(&rows).unwrap();
        let row = rows.iter().find(|row| row["branch"] == "b").unwrap();
        let guessed = if row["guessed"] == true { "?" } else { "" };
        let found = format!(
            "{} {}{guessed}",
            row["parent"].as_str().unwrap(),
            row["source"].as_str().unwrap()
        );
        assert_eq!(found, expected, "{key}");
    }
}

/// A base that is nowhere may come; the place that was told with another one says nothing of it.
#[test]
fn a_base_that_is_nowhere_invents_no_gap() {
    let sandbox = after("new a; c a1; new b; c b1; new d a; c d1");
    let all = ["1/2", "2/2", "2/2"];
    let warns = |base: &str| {
        sandbox
            .branchwork(["set", &format!("branch.base={base}")])
            .stderr
            .contains("warning: ")
    };
    assert!(!warns("b"));
    places(&sandbox, ["1/3", "2/3", "3/3"]);
    for base in ["typo", "b/typo"] {
        let said = sandbox.branchwork(["set", &format!("branch.base={base}")]).stderr;
        let warning = format!("warning: '{base}' is a branch neither here nor on a remote\n");
        assert!(said.contains(&warning), "{said}");
        assert_eq!(
            told(&sandbox, "repo", "d"),
            format!("a creation?, but the document says '{base}'")
        );
        places(&sandbox, all);
        sandbox.branchwork(["refresh", "--all"]);
        places(&sandbox, all);
    }
    assert!(!sandbox.branchwork(["stack", "--all"]).stdout.contains("not here"));
    assert!(!warns("a"));
    places(&sandbox, all);
}

/// From 300 commits on a hook does not see whether the parent is below.
#[test]
fn a_long_branch_is_told_the_same_by_hooks_and_refresh() {
    let sandbox = after(
        "new a; c a1; git switch -q -c b
         for n in $(seq 310); do at=$(git commit-tree -p ${at:-HEAD} -m $n 'HEAD^{tree}'); done; git reset -q --hard $at
         c b1; git switch -q a; git commit -q --amend -m again; git switch -q b; bw refresh --all; c b2",
    );
    assert!(sandbox.view().contains("└─○ b 🔁 Needs restack"), "{}", sandbox.view());
    let run = sandbox.branchwork(["refresh"]);
    assert!(run.stderr.contains("up to date"), "{}", run.stderr);
}

/// Random stories with hooks at work, over a fixed set; over others by `BRANCHWORK_TEST_FIRST_SEED` and `BRANCHWORK_TEST_SEEDS`.
#[test]
fn no_wrong_answer_is_told_as_a_sure_one() {
    let number = |key: &str, default| std::env::var(key).map_or(default, |text| text.parse::<u64>().unwrap());
    let first = number("BRANCHWORK_TEST_FIRST_SEED", 0);
    let seeds = number("BRANCHWORK_TEST_SEEDS", 2);
    let (mut asked, mut guessed, mut below) = (0, 0, 0);
    let (mut wrong, mut sure_and_wrong) = (Vec::new(), Vec::new());
    for seed in first..first + seeds {
        let story = story(seed);
        let sandbox = Sandbox::empty();
        let init = format!("cd repo\n{} init >/dev/null 2>&1\n", binary().display());
        let script = story.script.replacen("cd repo\n", &init, 1);
        run(sandbox
            .command("sh")
            .args(["-c", &script])
            .current_dir(sandbox.path("")))
        .ok();
        sandbox.wait(1000);
        for refreshed in [false, true] {
            if refreshed {
                sandbox.branchwork(["refresh", "--all"]);
            }
            let rows = sandbox.branchwork(["stack", "--all", "--json"]).stdout;
            let rows: Vec<serde_json::Value> = serde_json::from_str(&rows).unwrap();
            for ((branch, parent), (_, merged)) in story.truth.iter().zip(&story.merged) {
                let row = rows.iter().find(|row| row["branch"] == **branch).unwrap();
                asked += 1;
                guessed += usize::from(row["guessed"] == true);
                // What was merged below stays where it is drawn until its branch goes, or the one on it is moved.
                let is_below = parent == "main" && merged.iter().any(|merged| row["parent"] == **merged);
                below += usize::from(is_below);
                if row["parent"] != **parent && !is_below {
                    let (found, source) = (&row["parent"], &row["source"]);
                    wrong.push(format!(
                        "seed {seed}: {branch}: {found} by {source}, not {parent} (refreshed: {refreshed})"
                    ));
                    sure_and_wrong.extend(wrong.last().filter(|_| row["guessed"] == false).cloned());
                }
            }
        }
    }
    let right = 100.0 * (asked - wrong.len()) as f64 / asked as f64;
    let summary = format!(
        "{right:.1} % of {asked} right, {below} on a merged one, {guessed} guessed; wrong:\n{}",
        wrong.join("\n")
    );
    #[allow(clippy::print_stderr, reason = "the rate is what this is about")]
    {
        eprintln!("{summary}");
    }
    assert_eq!(sure_and_wrong, [""; 0], "wrong, and not called a guess");
}
