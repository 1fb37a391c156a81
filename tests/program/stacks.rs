//! Random stacks whose parents are known: each is a script for `sh` in an empty folder, and who stands on whom at its end.
//!
//! Branches are made in nine ways, then worked on as people and stack tools do. Not here: who is asked for the parents, so
//! that the same stories serve for whatever answers.

use std::fmt::Write as _;

/// What happened in a repository, and what has to be found out from it.
pub(crate) struct Story {
    /// To be run in an empty folder that has room beside it for others; it makes `repo`.
    pub(crate) script: String,
    /// Each branch to ask about, and its parent.
    pub(crate) truth: Vec<(String, String)>,
    /// Each branch, and those that were merged while it stood on them.
    pub(crate) merged: Vec<(String, Vec<String>)>,
}

/// How a branch is made. Tools that stack branches use the last three.
#[derive(Clone, Copy, Debug)]
enum Way {
    Switch,
    NamedStart,
    BranchThenSwitch,
    WorkTree,
    WorkTreeOfHead,
    Detached,
    /// As Graphite does: commit on a detached HEAD, then make the branch.
    CommitFirst,
    /// As git-spice does: the same, and the branch is made by the commit's id.
    ById,
    Tracking,
}

const WAYS: [Way; 9] = [
    Way::Switch,
    Way::NamedStart,
    Way::BranchThenSwitch,
    Way::WorkTree,
    Way::WorkTreeOfHead,
    Way::Detached,
    Way::CommitFirst,
    Way::ById,
    Way::Tracking,
];

const TRUNK: &str = "main";

struct Branch {
    name: String,
    parent: String,
    /// The branches that were merged while it stood on them, nearest first.
    merged: Vec<String>,
    /// How many commits it has of its own.
    commits: usize,
    /// Whether its parent was rewritten under it.
    is_stale: bool,
}

struct Teller {
    random: u64,
    script: String,
    branches: Vec<Branch>,
    /// Files, names and folders so far.
    count: usize,
}

/// The story of a seed.
pub(crate) fn story(seed: u64) -> Story {
    let mut teller = Teller {
        random: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1,
        script: String::from("set -e\ngit init -q -b main repo\ncd repo\n"),
        branches: Vec::new(),
        count: 0,
    };
    teller.commit();
    teller.commit();
    for _ in 0..3 + teller.below(3) {
        teller.create(None);
    }
    for _ in 0..4 + teller.below(8) {
        teller.happen();
    }
    let branches = teller.branches.into_iter();
    let (truth, merged) = branches
        .map(|branch| ((branch.name.clone(), branch.parent), (branch.name, branch.merged)))
        .unzip();
    Story {
        truth,
        merged,
        script: teller.script,
    }
}

impl Teller {
    fn below(&mut self, end: usize) -> usize {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        ((self.random >> 33) % end as u64) as usize
    }

    fn one_in(&mut self, many: usize) -> bool {
        self.below(many) == 0
    }

    fn run(&mut self, line: &str) {
        self.count += 1;
        let time = 1_756_493_700 + self.count as i64 * 60;
        writeln!(
            self.script,
            "export GIT_AUTHOR_DATE='@{time} +0000' GIT_COMMITTER_DATE='@{time} +0000'\n{line}"
        )
        .unwrap();
    }

    fn commit(&mut self) {
        let n = self.count;
        self.run(&format!(
            "echo 'text {n}' >file-{n}; git add file-{n}; git commit -q -m 'Change {n}'"
        ));
    }

    /// The trunk or a branch.
    fn anything(&mut self) -> String {
        match self.below(self.branches.len() + 1) {
            0 => TRUNK.to_owned(),
            n => self.branches[n - 1].name.clone(),
        }
    }

    fn some_branch(&mut self) -> Option<usize> {
        match self.branches.len() {
            0 => None,
            count => Some(self.below(count)),
        }
    }

    fn at(&self, name: &str) -> usize {
        self.branches.iter().position(|branch| branch.name == name).unwrap()
    }

    /// Makes a branch, on `parent` or anything, and commits on it. Its name.
    fn create(&mut self, parent: Option<&str>) -> String {
        let top = self
            .branches
            .last()
            .map_or(TRUNK.to_owned(), |branch| branch.name.clone());
        let parent = match parent {
            Some(parent) => parent.to_owned(),
            None if self.one_in(2) => top,
            None => self.anything(),
        };
        let elsewhere = self.anything();
        let name = format!("topic-{}", self.count);
        let way = WAYS[self.below(WAYS.len())];
        let mut commits = match self.one_in(10) {
            true => 0,
            false => 1 + self.below(2),
        };
        let mut left = commits;
        match way {
            Way::Switch => self.run(&format!("git switch -q {parent}; git switch -q -c {name}")),
            Way::NamedStart => self.run(&format!(
                "git switch -q {elsewhere}; git checkout -q -b {name} {parent}"
            )),
            Way::BranchThenSwitch => self.run(&format!(
                "git switch -q {elsewhere}; git branch {name} {parent}; git switch -q {name}"
            )),
            Way::Tracking => self.run(&format!(
                "git switch -q {elsewhere}; git branch -q -t {name} {parent}; git switch -q {name}"
            )),
            Way::Detached => self.run(&format!(
                "git switch -q {elsewhere}; git switch -q --detach {parent}; git switch -q -c {name}"
            )),
            Way::WorkTree | Way::WorkTreeOfHead => {
                let start = match way {
                    Way::WorkTree => {
                        format!("git switch -q {elsewhere}; git worktree add -q -b {name} ../{name} {parent}")
                    }
                    _ => format!("git switch -q {parent}; git worktree add -q -b {name} ../{name}"),
                };
                self.run(&format!("{start}; cd ../{name}"));
                for _ in 0..std::mem::take(&mut left) {
                    self.commit();
                }
                self.run(&format!(
                    "cd ../repo; git worktree remove ../{name}; git switch -q {name}"
                ));
            }
            Way::CommitFirst | Way::ById => {
                self.run(&format!("git switch -q {parent}; git checkout -q --detach"));
                commits = commits.max(1);
                for _ in 0..commits {
                    self.commit();
                }
                left = 0;
                match way {
                    Way::ById => self.run(&format!(
                        "git branch {name} $(git rev-parse HEAD); git switch -q {name}"
                    )),
                    _ => self.run(&format!("git switch -q -c {name}")),
                }
            }
        }
        for _ in 0..left {
            self.commit();
        }
        self.branches.push(Branch {
            name: name.clone(),
            parent,
            merged: Vec::new(),
            commits,
            is_stale: false,
        });
        name
    }

    /// Something that happens to stacks.
    fn happen(&mut self) {
        let Some(at) = self.some_branch() else {
            self.create(None);
            return;
        };
        let name = self.branches[at].name.clone();
        match self.below(16) {
            0 | 1 => drop(self.create(None)),
            2 | 3 => self.work(at),
            4..=6 => self.amend(at),
            7 => {
                self.run("git switch -q main");
                self.commit();
            }
            8 => self.restack_whole(at),
            9 => {
                let new = format!("renamed-{}", self.count);
                self.run(&format!("git branch -m {name} {new}"));
                for branch in &mut self.branches {
                    for word in [&mut branch.name, &mut branch.parent] {
                        if *word == name {
                            word.clone_from(&new);
                        }
                    }
                }
            }
            10 => {
                let below = if self.branches[at].commits > 1 && self.one_in(2) {
                    "~1"
                } else {
                    ""
                };
                let backup = format!("backup-{}", self.count);
                self.run(&format!("git branch {backup} {name}{below}"));
            }
            11 | 12 => self.merge_bottom(),
            13 => self.insert_below(at),
            14 => self.move_to_another(at),
            _ => self.run("git commit-graph write --reachable --no-progress; git pack-refs --all"),
        }
    }

    fn work(&mut self, at: usize) {
        let name = self.branches[at].name.clone();
        self.run(&format!("old=$(git rev-parse {name}); git switch -q {name}"));
        self.commit();
        self.branches[at].commits += 1;
        self.maybe_restack(&name);
    }

    fn amend(&mut self, at: usize) {
        if self.branches[at].commits == 0 {
            return;
        }
        let name = self.branches[at].name.clone();
        let n = self.count;
        self.run(&format!(
            "old=$(git rev-parse {name}); git switch -q {name}; echo 'more {n}' >file-{n}; git add file-{n}; \
             git commit -q --amend --no-edit"
        ));
        self.maybe_restack(&name);
    }

    fn maybe_restack(&mut self, name: &str) {
        if !self.one_in(3) {
            return self.restack_children(name);
        }
        self.leave_children(name);
    }

    fn leave_children(&mut self, name: &str) {
        for branch in &mut self.branches {
            branch.is_stale |= branch.parent == name;
        }
    }

    /// Puts the children of `name` on it again, which was at `$old` when they were.
    fn restack_children(&mut self, name: &str) {
        let children: Vec<String> = self.children(name);
        self.run(&format!("base=$old; onto={name}"));
        for child in children {
            self.script
                .push_str(&format!("saved_{0}=$base; saved_onto_{0}=$onto\n", self.at(&child)));
            self.run(&format!(
                "fork=$(git merge-base $base {child}); old=$(git rev-parse {child}); git rebase -q --onto $onto $fork {child}"
            ));
            let at = self.at(&child);
            self.branches[at].is_stale = false;
            self.restack_children(&child);
            self.script
                .push_str(&format!("base=$saved_{0}; onto=$saved_onto_{0}\n", self.at(&child)));
        }
    }

    /// The branch itself, or where it has no commits the one that it lies at the tip of.
    fn bearer<'a>(&'a self, name: &'a str) -> &'a str {
        let branch = self.branches.iter().find(|branch| branch.name == name);
        match branch.filter(|branch| branch.commits == 0 && !branch.is_stale) {
            Some(branch) => self.bearer(&branch.parent),
            None => name,
        }
    }

    fn children(&self, name: &str) -> Vec<String> {
        let children = self.branches.iter().filter(|branch| branch.parent == name);
        children.map(|branch| branch.name.clone()).collect()
    }

    fn is_below(&self, name: &str, other: &str) -> bool {
        let mut at = other;
        while at != TRUNK {
            if at == name {
                return true;
            }
            at = &self.branches[self.at(at)].parent;
        }
        false
    }

    /// Rebases the line from `at` down to the trunk in one go. Git takes along what lies on it: no branch that was left behind
    /// or that has no commits.
    fn restack_whole(&mut self, at: usize) {
        let name = self.branches[at].name.clone();
        let line = self.branches.iter().filter(|branch| self.is_below(&branch.name, &name));
        if line.clone().any(|branch| branch.is_stale || branch.commits == 0) {
            return;
        }
        let beside: Vec<String> = self
            .branches
            .iter()
            .filter(|branch| {
                branch.parent != TRUNK && self.is_below(&branch.parent, &name) && !self.is_below(&branch.name, &name)
            })
            .map(|branch| branch.name.clone())
            .collect();
        for branch in &mut self.branches {
            branch.is_stale |= beside.contains(&branch.name);
        }
        self.run("git switch -q main");
        self.commit();
        self.run(&format!("git rebase -q --update-refs main {name}"));
    }

    /// Merges a branch that stands on the trunk, as a forge does.
    fn merge_bottom(&mut self) {
        let bottoms: Vec<String> = self.children(TRUNK);
        let with_commits = |name: &&String| self.branches[self.at(name)].commits > 0;
        let bottoms: Vec<String> = bottoms.iter().filter(with_commits).cloned().collect();
        if bottoms.is_empty() {
            return;
        }
        let name = bottoms[self.below(bottoms.len())].clone();
        let how = self.below(3);
        self.run(&format!("old=$(git rev-parse {name}); git switch -q main"));
        match how {
            0 => self.run(&format!("git merge -q --no-ff --no-edit {name}")),
            _ => self.run(&format!(
                "git merge -q --squash {name} >/dev/null; git commit -q -m 'Squash {name}'"
            )),
        }
        let at = self.at(&name);
        let merged = self.branches.remove(at);
        for branch in self.branches.iter_mut().filter(|branch| branch.parent == name) {
            branch.parent = TRUNK.to_owned();
            branch.merged = std::iter::once(name.clone())
                .chain(merged.merged.iter().cloned())
                .collect();
        }
        if self.one_in(2) {
            self.run("git switch -q main");
            let children = self.children(TRUNK);
            for child in children {
                self.run(&format!(
                    "if git merge-base --is-ancestor $old {child}; then git rebase -q --onto main $old {child}; fi"
                ));
            }
        }
        if self.one_in(2) {
            self.run(&format!("git switch -q main; git branch -q -D {name}"));
        }
    }

    fn insert_below(&mut self, at: usize) {
        let (child, parent) = (self.branches[at].name.clone(), self.branches[at].parent.clone());
        let inserted = self.create(Some(&parent));
        self.run(&format!(
            "fork=$(git merge-base --fork-point {parent} {child} || git merge-base {parent} {child}); git rebase -q --onto {inserted} $fork {child}"
        ));
        let inserted_at = self.at(&inserted);
        // A branch without commits of its own leaves no trace between two others.
        if self.branches[inserted_at].commits > 0 {
            self.branches[at].parent = inserted;
        }
        self.branches[at].is_stale = false;
        self.leave_children(&child);
    }

    fn move_to_another(&mut self, at: usize) {
        let name = self.branches[at].name.clone();
        let (target, parent) = (self.anything(), self.branches[at].parent.clone());
        // Git has nothing to do where both are at the same commit, and no trace of it remains; so too where both were left behind there.
        let is_left_there = |other: &Branch| other.commits == 0 && other.is_stale && other.parent == parent;
        let mut others = self.branches.iter().filter(|other| other.name == target);
        let stays =
            self.bearer(&target) == self.bearer(&parent) || self.branches[at].is_stale && others.any(is_left_there);
        if stays || self.is_below(&name, &target) || self.branches[at].commits == 0 {
            return;
        }
        self.run(&format!(
            "fork=$(git merge-base --fork-point {parent} {name} || git merge-base {parent} {name}); git rebase -q --onto {target} $fork {name}"
        ));
        self.branches[at].parent = target;
        self.branches[at].is_stale = false;
        self.leave_children(&name);
    }
}
