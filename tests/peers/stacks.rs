//! A stack that a stack tool keeps, and ours beside it: the same parents, after each step.
//!
//! Not here: the tools' own commands and what they print.

use std::collections::BTreeMap;

use crate::story::Place;

/// Each branch that has a parent, and the parent; with `needs restack` behind it where that is so.
pub(crate) type Parents = BTreeMap<String, String>;

/// What `git branchwork stack --all` says. The source of each has to be `source`.
#[track_caller]
pub(crate) fn ours(place: &Place, source: &str) -> Parents {
    let run = place.shell("git-branchwork stack --all --json").ok();
    let branches: Vec<serde_json::Value> = serde_json::from_str(&run.stdout).unwrap();
    let text = |branch: &serde_json::Value, key: &str| branch[key].as_str().unwrap().to_owned();
    let parent = |branch: &serde_json::Value| {
        assert_eq!(text(branch, "source"), source, "{}", run.stdout);
        assert_eq!(branch["guessed"], false, "{}", run.stdout);
        let restack = if branch["needs_restack"] == true {
            " (needs restack)"
        } else {
            ""
        };
        (text(branch, "branch"), text(branch, "parent") + restack)
    };
    branches.iter().map(parent).collect()
}

/// Parents as they are written in a test: `child < parent`.
pub(crate) fn parents(lines: &[&str]) -> Parents {
    let pair = |line: &&str| {
        let (branch, parent) = line.split_once(" < ").unwrap();
        (branch.to_owned(), parent.to_owned())
    };
    lines.iter().map(pair).collect()
}

/// `lines` after a commit that what stands on `parent` does not have.
pub(crate) fn left_behind(lines: &[&str], parent: &str) -> Vec<String> {
    let marked = |line: &&str| match line.ends_with(&format!(" < {parent}")) {
        true => format!("{line} (needs restack)"),
        false => (*line).to_owned(),
    };
    lines.iter().map(marked).collect()
}

/// What `git branchwork stack` says of one branch.
#[track_caller]
pub(crate) fn told(place: &Place, branch: &str) -> serde_json::Value {
    let run = place.shell("git-branchwork stack --all --json").ok();
    let branches: Vec<serde_json::Value> = serde_json::from_str(&run.stdout).unwrap();
    let found = branches.into_iter().find(|known| known["branch"] == branch);
    found.unwrap_or_else(|| panic!("'{branch}' is not in {}", run.stdout))
}

/// Adds a file, so that there is something to commit.
pub(crate) fn add(place: &Place, file: &str) {
    place.write(file, file);
    place.shell(&format!("git add {file}")).ok();
}
