//! GitHub's `gh stack`: the JSON file `gh-stack`, with each stack as a list from the trunk upwards (its
//! internal/stack/stack.go).
//!
//! Each work tree has its own, because the tool puts it where `git rev-parse --git-dir` says. All of them are read: the one
//! of this work tree counts first, then the newest. How a pull request stands is recorded for merged ones only.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::HashSet;
use std::path::PathBuf;

use serde::Deserialize;

use super::layers::{self, Layer};
use super::{file, nothing, told};
use crate::names::BranchName;
use crate::repo::Repository;
use crate::stack::{Records, Source};

pub(super) const FILE: &str = "gh-stack";
/// The newest form that is known.
const NEWEST: u64 = 1;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stacks<'a> {
    schema_version: u64,
    #[serde(borrow, default)]
    stacks: Option<Vec<Stack<'a>>>,
}

#[derive(Deserialize)]
struct Stack<'a> {
    #[serde(borrow)]
    trunk: Branch<'a>,
    #[serde(borrow, default)]
    branches: Option<Vec<Branch<'a>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Branch<'a> {
    #[serde(borrow)]
    branch: Cow<'a, str>,
    #[serde(borrow, default)]
    base: Option<Cow<'a, str>>,
    #[serde(default)]
    pull_request: Option<PullRequest>,
}

#[derive(Deserialize)]
struct PullRequest {
    number: u64,
    #[serde(default)]
    merged: bool,
}

pub(super) fn read(repository: &Repository) -> Option<Records> {
    let mut records = nothing(Source::GhStack);
    let mut files = Vec::new();
    let mut known = HashSet::new();
    for path in paths(repository) {
        files.extend(file::read(&path, &mut records.unreadable).map(|text| (path, text)));
    }
    let here = repository.git_dir().join(FILE);
    files.sort_by_key(|(path, text)| (*path != here, Reverse(text.modified)));
    for (path, text) in &files {
        let Some(stacks) = file::json::<Stacks>(path, text, &mut records.unreadable) else {
            continue;
        };
        if stacks.schema_version > NEWEST {
            let why = format!("only versions up to {NEWEST} of its form are known here");
            records.unreadable.push(file::not_read(path, &why));
            continue;
        }
        for stack in stacks.stacks.iter().flatten() {
            add(&mut records, &mut known, stack);
        }
    }
    told(records)
}

fn add(records: &mut Records, known: &mut HashSet<BranchName>, stack: &Stack) {
    let trunk = BranchName::new(&stack.trunk.branch);
    records
        .trunks
        .extend(trunk.filter(|trunk| !records.trunks.contains(trunk)));
    let layers: Vec<Layer> = stack.branches.iter().flatten().map(layer).collect();
    let all = layers::records(Some(&stack.trunk.branch), &layers).into_iter();
    let new = all.filter(|record| known.insert(record.branch.clone()));
    records.branches.extend(new);
}

fn layer<'a>(branch: &'a Branch) -> Layer<'a> {
    let request = branch.pull_request.as_ref();
    Layer {
        branch: &branch.branch,
        parent_tip: branch.base.as_deref(),
        number: request.map_or(0, |request| request.number),
        merged: request.is_some_and(|request| request.merged),
    }
}

/// Where such a file may be: in the main git directory and in that of every linked work tree.
pub(super) fn paths(repository: &Repository) -> Vec<PathBuf> {
    let mut paths = vec![repository.common_dir().join(FILE)];
    let linked = std::fs::read_dir(repository.common_dir().join("worktrees"));
    let folders = linked.into_iter().flatten().filter_map(Result::ok);
    paths.extend(folders.map(|folder| folder.path().join(FILE)));
    paths.sort();
    paths
}
