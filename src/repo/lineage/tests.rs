use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::*;
use crate::world::World;

#[path = "../../../tests/program/stacks.rs"]
mod stacks;

/// A folder with scripts run in it, in a world of its own.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        let place = Self(crate::temporary::folder());
        let config = "[user]\n\tname = Ada\n\temail = ada@example.com\n[gc]\n\tauto = 0\n[maintenance]\n\tauto = false\n\
                      [advice]\n\tdetachedHead = false\n[core]\n\tfsync = none\n[init]\n\tdefaultBranch = main\n\ttemplateDir =\n";
        std::fs::write(place.path("gitconfig"), config).unwrap();
        place
    }

    fn path(&self, path: &str) -> PathBuf {
        self.0.path().canonicalize().unwrap().join(path)
    }

    fn environment(&self) -> [(&'static str, std::ffi::OsString); 5] {
        [
            ("PATH", std::env::var_os("PATH").unwrap()),
            ("HOME", self.path("").into()),
            ("GIT_CONFIG_GLOBAL", self.path("gitconfig").into()),
            ("GIT_CONFIG_NOSYSTEM", "1".into()),
            ("GIT_EDITOR", "true".into()),
        ]
    }

    #[track_caller]
    fn run(&self, script: &str) {
        let mut command = Command::new("sh");
        command
            .args(["-c", script])
            .current_dir(self.path(""))
            .env_clear()
            .envs(self.environment());
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}\n{script}");
    }

    fn repository(&self, folder: &str) -> Repository {
        open(&self.path(folder), self.environment())
    }
}

fn open(folder: &Path, environment: impl IntoIterator<Item = (&'static str, std::ffi::OsString)>) -> Repository {
    let environment: BTreeMap<_, _> = environment
        .into_iter()
        .map(|(key, value)| (key.into(), value))
        .collect();
    Repository::discover(&World::new(environment, folder.to_owned(), None, Default::default())).unwrap()
}

fn name(name: &str) -> BranchName {
    BranchName::new(name).unwrap()
}

/// What is answered for each branch: asked for all at once, and the same for each alone.
fn answers(repository: &Repository, branches: &[&str]) -> Vec<Inferred> {
    let trunk = name("main");
    let mut all = repository.lineage(Some(&trunk), Scope::All).unwrap();
    let ask = |branch: &&str| {
        let together = all.infer(&name(branch)).unwrap();
        let mut one = repository.lineage(Some(&trunk), Scope::One).unwrap();
        assert_eq!(one.infer(&name(branch)).unwrap(), together, "{branch}");
        together
    };
    branches.iter().map(ask).collect()
}

/// A repository `repo` after a script, on `main` with one commit. `c <name>` commits a file of that name.
fn after(script: &str) -> Place {
    let place = Place::new();
    let begin = "set -e; git init -q -b main repo; cd repo; n=0\n\
                 c() { n=$((n + 1)); export GIT_COMMITTER_DATE=\"@$((1756493700 + n * 60)) +0000\"; \
                 echo \"$1\" >\"$1\"; git add .; git commit -q -m \"$1\"; }\n\
                 squash() { git switch -q main; git merge -q --squash \"$1\" >/dev/null; git commit -q -m \"Squash $1\"; }\nc m1\n";
    place.run(&format!("{begin}{script}"));
    place
}

/// `<parent> <source>`, with a `?` where it is guessed.
fn told(found: &Inferred) -> String {
    let parent = found.parent.as_ref().map_or("", BranchName::as_str);
    format!("{parent} {:?}{}", found.source, if found.guessed { "?" } else { "" })
}

fn parent(place: &Place, folder: &str, branch: &str) -> String {
    told(&answers(&place.repository(folder), &[branch])[0])
}

#[test]
fn merged_is_what_the_trunk_has() {
    let place = after(
        "for b in empty merged fast squashed picked; do git branch $b; done
         git switch -q merged; c a1; git switch -q fast; c f1
         git switch -q squashed; c s1; c s2; git switch -q -c upper; c u1; c u2; git switch -q -c top; c t1
         git switch -q picked; c p1; c p2; git switch -q -c half main; c h1; c h2
         git switch -q main; git merge -q --ff-only fast; git merge -q --no-ff --no-edit merged
         squash squashed; git rm -q m1; git commit -q -m other; git cherry-pick picked~1 picked half >/dev/null
         git rebase -q --onto main squashed upper; squash upper
         c r1; git rm -q r1; git commit -q -m 'Take r1 back'; c r2; git switch -q -c again; git cherry-pick main~2 >/dev/null
         git switch -q -c under main; c x0; c x1; git switch -q -c over; c x2; squash under; git branch -q -D under; squash over
         git switch -q -c mode over; chmod +x x2; git commit -q -a -m mode",
    );
    let repository = place.repository("repo");
    let trunk = name("main");
    for scope in [Scope::One, Scope::All] {
        let mut lineage = repository.lineage(Some(&trunk), scope).unwrap();
        for (branch, expected) in [
            ("empty", false),
            ("merged", true),
            ("fast", true),
            ("squashed", true),
            ("picked", true),
            ("half", false),
            ("upper", true),
            ("top", false),
            ("again", false),
            ("over", true),
            ("mode", false),
            ("main", false),
            ("unknown", false),
        ] {
            assert_eq!(lineage.is_merged(&name(branch)), expected, "{branch}");
        }
        let top = lineage.infer(&name("top")).unwrap();
        assert_eq!(
            (told(&top), top.merged),
            ("main Trunk?".to_owned(), vec![name("upper"), name("squashed")])
        );
    }
}

/// What was put on the trunk since stands on none of them any more.
#[test]
fn a_merged_parent_that_stood_on_another_one() {
    let place = after(
        "git switch -q -c low; c l1; c l2; git switch -q -c middle; c m2; git switch -q -c top; c t1
         squash low; squash middle; git rebase -q --onto main middle top",
    );
    let found = answers(&place.repository("repo"), &["top"]).remove(0);
    assert_eq!((told(&found), found.merged), ("main Trunk?".to_owned(), vec![]));
    // A parent that had nothing of its own stood on the merged one, which is not between the two.
    let place = after(
        "git switch -q -c low; c l1; git switch -q -c parent; git branch mark; git switch -q -c top; git switch -q low; c l2
         git rebase -q low parent; git rebase -q low top; squash low; git rebase -q --onto main low parent; c p1
         git switch -q top; c t1",
    );
    let found = answers(&place.repository("repo"), &["top"]).remove(0);
    assert_eq!((told(&found), found.merged), ("parent Creation?".to_owned(), vec![]));
}

/// One that is below a merged one may be elsewhere now, so that only its reflog tells.
#[test]
fn what_was_below_a_merged_parent() {
    let place = after(
        "git switch -q -c low; c l1; git switch -q -c gone; c g1; git switch -q -c middle; c d1; git switch -q -c top; c t1
         git branch -q -D gone; git switch -q low; git commit -q --amend -m again; c l2; squash middle",
    );
    let found = answers(&place.repository("repo"), &["top"]).remove(0);
    assert_eq!(
        (told(&found), found.merged),
        ("low Graph?".to_owned(), vec![name("middle")])
    );
}

#[test]
fn a_branch_needs_a_restack_when_its_parent_went_on() {
    let place = after(
        "git switch -q -c a; c a1; git switch -q -c b; c b1; git switch -q -c c; c c1
         git switch -q a; c a2; git branch empty main; git switch -q main; c m2; git branch later",
    );
    let repository = place.repository("repo");
    for scope in [Scope::One, Scope::All] {
        let mut lineage = repository.lineage(Some(&name("main")), scope).unwrap();
        for (branch, parent, expected) in [
            ("b", "a", true),
            ("c", "b", false),
            ("a", "main", false),
            ("a", "empty", false),
            ("a", "later", true),
            ("a", "unknown", false),
        ] {
            assert_eq!(
                lineage.needs_restack(&name(branch), &name(parent)),
                expected,
                "{branch} on {parent}"
            );
        }
    }
}

#[test]
fn renamed_branches_are_found_by_their_old_names() {
    let place = after(
        "git switch -q -c a; c a1; git branch b; git branch -m a other; git branch -m b b2; git branch -m b2 b3
         git switch -q -c gone; git branch -m gone gone2; git switch -q main; git branch -q -D gone2",
    );
    let repository = place.repository("repo");
    let lineage = repository.lineage(Some(&name("main")), Scope::One).unwrap();
    for (old, new) in [
        ("a", Some("other")),
        ("b", Some("b3")),
        ("b2", Some("b3")),
        ("gone", None),
        ("main", None),
    ] {
        assert_eq!(lineage.renamed(&name(old)), new.map(name), "{old}");
    }
    assert_eq!(parent(&place, "repo", "b3"), "other Creation");
}

#[test]
fn a_name_that_was_used_again_is_another_branch() {
    let place =
        after("git switch -q -c a; c a1; git switch -q -c b; c b1; git branch -m a old; git switch -q -c a main; c a2");
    assert_eq!(parent(&place, "repo", "b"), "old Creation");
}

#[test]
fn a_mark_below_the_tip_stands_for_its_branch() {
    let place = after(
        "git switch -q -c a; c a1; git switch -q -c b main; c b1; git rebase -q a; git switch -q a; c a2; git branch mark a~1",
    );
    assert_eq!(parent(&place, "repo", "b"), "a Graph?");
    // What was put there may be meant to stand on either.
    for (mark, expected) in [("", "a Creation"), ("git branch mark a", "a Creation?")] {
        let place = after(&format!(
            "git switch -q -c a; c a1; git switch -q -c b; c b1; git switch -q a; c a2; {mark}\ngit rebase -q a b"
        ));
        assert_eq!(parent(&place, "repo", "b"), expected, "{mark}");
    }
}

#[test]
fn a_parent_that_is_gone_is_nobodys_record() {
    let place = after(
        "git checkout -q --detach; c p1; git switch -q -c p; git branch a p; git branch b p; git branch by-id $(git rev-parse p)
         git switch -q a; c a1; git switch -q b; c b1; git switch -q by-id; c i1; git branch -q -D p",
    );
    for branch in ["a", "b", "by-id"] {
        assert_eq!(parent(&place, "repo", branch), "main Trunk?", "{branch}");
    }
}

#[test]
fn what_a_clone_shows() {
    let place = after(
        "git switch -q -c a; c a1; git switch -q -c b; c b1; cd ..; git clone -q repo clone; cd clone
         git remote set-head -a origin >/dev/null; git switch -q b; git switch -q -c mine origin/a; cd ../repo
         git clone -q --branch b . ../fresh; git switch -q a; git commit -q --amend -m again; cd ../clone; git fetch -q",
    );
    assert_eq!(parent(&place, "clone", "mine"), "a Creation");
    assert_eq!(
        parent(&place, "clone", "b"),
        "a Graph?",
        "'mine' still marks where 'a' was"
    );
    assert_eq!(parent(&place, "fresh", "b"), "a Graph?");
    let repository = place.repository("clone");
    assert!(
        repository
            .lineage(None, Scope::One)
            .unwrap()
            .infer(&name("a"))
            .is_none(),
        "it is not a local branch"
    );
}

#[test]
fn every_work_tree_tells_the_same() {
    let place = after(
        "git switch -q -c a; c a1; git worktree add -q -b b ../there; cd ../there; c b1; git switch -q -c c; c c1
         git switch -q --detach; c d1; git switch -q -c d",
    );
    for folder in ["repo", "there"] {
        for (branch, expected) in [("b", "a Creation?"), ("c", "b Creation"), ("d", "c Creation")] {
            assert_eq!(parent(&place, folder, branch), expected, "{branch} in {folder}");
        }
    }
}

#[test]
fn history_is_what_git_shows_whatever_its_commit_graph_says() {
    let place = after(
        "git switch -q -c a; c a1; git switch -q -c b; c b1; git commit-graph write --reachable --no-progress
         git clone -q --depth 1 --branch b file://$PWD ../shallow; cp -r . ../grafted; cp -r . ../replaced
         cp -r .git/objects/info ../shallow/.git/objects/
         mkdir ../grafted/.git/info; echo $(git rev-parse b main) >../grafted/.git/info/grafts
         cd ../replaced; git replace --graft b main",
    );
    assert_eq!(parent(&place, "repo", "b"), "a Creation");
    for folder in ["grafted", "replaced", "shallow"] {
        let repository = place.repository(folder);
        let tip = repository.tip(&name("b")).unwrap();
        let hidden = repository.tips(&name("main"));
        let own = repository.own_commits(&tip, &hidden, 100).unwrap();
        assert_eq!(own.newest_first, [tip], "{folder}");
    }
}

#[test]
fn a_reftable_tells_the_same() {
    let probe = Place::new();
    let know = |place: &Place| {
        let mut command = Command::new("git");
        command.args(["init", "-q", "--ref-format=reftable", "probe"]);
        command
            .current_dir(place.path(""))
            .env_clear()
            .envs(place.environment());
        command.output().unwrap().status.success()
    };
    if !know(&probe) {
        #[allow(clippy::print_stderr, reason = "a test that is skipped has to say so")]
        {
            eprintln!("skipped: this git knows no reftable");
        }
        return;
    }
    for seed in [1000, 1001] {
        let story = stacks::story(seed);
        let branches: Vec<&str> = story.truth.iter().map(|(branch, _)| branch.as_str()).collect();
        let found = ["", " --ref-format=reftable"].map(|option| {
            let place = Place::new();
            place.run(&story.script.replace("git init -q", &format!("git init -q{option}")));
            answers(&place.repository("repo"), &branches)
        });
        assert_eq!(found[0], found[1], "seed {seed}");
    }
}

/// Over a fixed set of stories; over others by `BRANCHWORK_TEST_FIRST_SEED` and `BRANCHWORK_TEST_SEEDS`, and as in a fresh
/// clone with `BRANCHWORK_TEST_WITHOUT_REFLOGS`. The rate is in the test's output: `-- --nocapture`.
#[test]
fn random_stacks() {
    let number = |key: &str, default| std::env::var(key).map_or(default, |text| text.parse::<u64>().unwrap());
    let first = number("BRANCHWORK_TEST_FIRST_SEED", 0);
    let seeds = number("BRANCHWORK_TEST_SEEDS", 16);
    let without_reflogs = std::env::var_os("BRANCHWORK_TEST_WITHOUT_REFLOGS").is_some();
    let (mut asked, mut guessed) = (0, 0);
    let (mut wrong, mut sure_and_wrong, mut not_merged) = (Vec::new(), Vec::new(), Vec::new());
    let mut merged_below = 0;
    for seed in first..first + seeds {
        let story = stacks::story(seed);
        let place = Place::new();
        place.run(&story.script);
        if without_reflogs {
            place.run("rm -rf repo/.git/logs");
        }
        let branches: Vec<&str> = story.truth.iter().map(|(branch, _)| branch.as_str()).collect();
        let found = answers(&place.repository("repo"), &branches);
        for (((branch, parent), (_, merged)), found) in story.truth.iter().zip(&story.merged).zip(found) {
            asked += 1;
            merged_below += found.merged.len();
            guessed += usize::from(found.guessed);
            if found.parent.as_ref().map(BranchName::as_str) != Some(parent) {
                let told = format!("seed {seed}: {branch}: {found:?}, not {parent}");
                if !found.guessed {
                    sure_and_wrong.push(told.clone());
                }
                wrong.push(told);
            } else if !found
                .merged
                .iter()
                .all(|passed| merged.iter().any(|merged| merged == passed.as_str()))
            {
                not_merged.push(format!("seed {seed}: {branch}: {found:?}, but {merged:?} were merged"));
            }
        }
    }
    let right = 100.0 * (asked - wrong.len()) as f64 / asked as f64;
    let summary = format!(
        "{seeds} stories: {right:.1} % of {asked} right, {guessed} guessed; wrong:\n{}\n{merged_below} merged below; wrong:\n{}",
        wrong.join("\n"),
        not_merged.join("\n")
    );
    #[allow(clippy::print_stderr, reason = "the rate is what this is about")]
    {
        eprintln!("{summary}");
    }
    assert_eq!(sure_and_wrong, [""; 0], "wrong, and not called a guess");
    assert_eq!(not_merged, [""; 0], "told as merged below");
    assert!(without_reflogs || right >= 98.0, "{summary}");
}
