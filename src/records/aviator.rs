//! Aviator's `av`: the JSON file `av/av.db` (its internal/meta).

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Lenient, file, nothing, on_parent, pull_request, state, told};
use crate::names::BranchName;
use crate::repo::Repository;
use crate::stack::{PullRequestState, Record, Records, Source};

pub(super) const FILE: &str = "av/av.db";

#[derive(Deserialize)]
struct Database<'a> {
    #[serde(borrow, default)]
    branches: BTreeMap<Cow<'a, str>, Branch<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Branch<'a> {
    #[serde(borrow, default)]
    parent: Option<Parent<'a>>,
    #[serde(borrow, default)]
    pull_request: Option<Lenient<PullRequest<'a>>>,
    #[serde(borrow, default)]
    merge_commit: Option<Cow<'a, str>>,
}

/// A name was once all there was; an empty one, or none, stands for the trunk.
#[derive(Deserialize)]
#[serde(untagged)]
enum Parent<'a> {
    #[serde(borrow)]
    Name(Cow<'a, str>),
    Object {
        #[serde(borrow)]
        name: Cow<'a, str>,
        #[serde(default)]
        trunk: bool,
        #[serde(borrow, default)]
        head: Option<Cow<'a, str>>,
    },
}

#[derive(Deserialize)]
struct PullRequest<'a> {
    number: u64,
    #[serde(borrow, default)]
    state: Option<Cow<'a, str>>,
}

pub(super) fn read(repository: &Repository) -> Option<Records> {
    let mut records = nothing(Source::Aviator);
    let path = repository.common_dir().join(FILE);
    let text = file::read(&path, &mut records.unreadable).filter(|text| !text.bytes.is_empty());
    let database = text
        .as_ref()
        .and_then(|text| file::json::<Database>(&path, text, &mut records.unreadable));
    if let Some(database) = &database {
        records.trunks = trunks(database);
        let only = match records.trunks.as_slice() {
            [only] => Some(only.as_str()),
            _ => None,
        };
        let branches = database.branches.iter();
        records.branches = branches
            .filter_map(|(name, branch)| record(name, branch, only))
            .collect();
    }
    told(records)
}

fn trunks(database: &Database) -> Vec<BranchName> {
    let mut trunks = Vec::new();
    for branch in database.branches.values() {
        if let Some(Parent::Object { name, trunk: true, .. }) = &branch.parent
            && let Some(trunk) = BranchName::new(name)
            && !trunks.contains(&trunk)
        {
            trunks.push(trunk);
        }
    }
    trunks
}

fn record(name: &str, branch: &Branch, trunk: Option<&str>) -> Option<Record> {
    let (parent, tip) = match &branch.parent {
        None => (None, None),
        Some(Parent::Name(name)) => (Some(name.as_ref()), None),
        Some(Parent::Object { name, head, .. }) => (Some(name.as_ref()), head.as_deref()),
    };
    let parent = parent.filter(|name| !name.is_empty()).or(trunk);
    let mut record = on_parent(BranchName::new(name)?, parent, tip);
    let request = branch.pull_request.as_ref().and_then(Lenient::known);
    let state = request.and_then(|request| state(request.state.as_deref()?, false, None));
    record.pull_request = request.and_then(|request| pull_request(request.number, state));
    let merge_commit = branch.merge_commit.as_deref().unwrap_or_default();
    record.merged = !merge_commit.is_empty() || state == Some(PullRequestState::Merged);
    Some(record)
}
