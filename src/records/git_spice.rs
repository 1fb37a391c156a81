//! git-spice: the commit that `refs/spice/data` names has a file `branches/<branch>` of JSON for each branch, and the trunk in
//! `repo` (its doc/src/guide/internals.md and internal/spice/state).
//!
//! How a pull request stands is not recorded, but for those that were merged below a branch.

use std::borrow::Cow;
use std::collections::HashMap;

use serde::Deserialize;

use super::{Lenient, Memory, file, nothing, on_parent, pull_request, told};
use crate::names::BranchName;
use crate::repo::Repository;
use crate::stack::{PullRequestState, Record, Records, Source};

pub(super) const REF: &str = "refs/spice/data";
const REPO: &str = "repo";
const VERSION: &str = "version";
const BRANCHES: &str = "branches";
/// The newest layout that is known. One without a version is the first.
const NEWEST: u64 = 2;

#[derive(Deserialize)]
struct Repo<'a> {
    #[serde(borrow)]
    trunk: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Branch<'a> {
    #[serde(borrow)]
    base: Base<'a>,
    #[serde(default)]
    change: Option<Lenient<HashMap<String, Change>>>,
    #[serde(default)]
    merged: Option<Vec<Lenient<Id>>>,
}

#[derive(Deserialize)]
struct Base<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow, default)]
    hash: Option<Cow<'a, str>>,
}

/// What a forge calls it differs.
#[derive(Deserialize)]
struct Change {
    #[serde(alias = "mr")]
    pr: Option<Id>,
}

/// A number was once all there was.
#[derive(Deserialize)]
#[serde(untagged)]
enum Id {
    Number(u64),
    Object { number: u64 },
}

impl Id {
    fn number(&self) -> u64 {
        match self {
            Self::Number(number) | Self::Object { number } => *number,
        }
    }
}

pub(super) fn read(repository: &Repository, memory: &mut Memory<'_>) -> Option<Records> {
    let mut records = nothing(Source::GitSpice);
    let mut not_read = |what: &str, why: &str| records.unreadable.push(format!("'{REF}:{what}' is not read: {why}"));
    let files = match repository.files_of_ref(REF, &[REPO, VERSION, BRANCHES])? {
        Ok(files) => files,
        Err(error) => {
            records.unreadable.push(error.to_string());
            return told(records);
        }
    };
    let version = files.iter().find(|(path, _)| path == VERSION);
    let known = version.is_none_or(|(_, id)| {
        let text = repository.blob(*id).ok();
        let number = text.and_then(|text| serde_json::from_slice::<u64>(&text).ok());
        number.is_some_and(|number| number <= NEWEST)
    });
    if !known {
        not_read(VERSION, &format!("only versions up to {NEWEST} are known here"));
        return told(records);
    }
    for (path, id) in &files {
        let read = match path.split_once('/').map(|(_, name)| BranchName::new(name)) {
            Some(Some(branch)) => {
                let read = |branch| record(branch, &repository.blob(*id)?);
                let record = memory.record(&format!("{REF}:{path}"), *id, branch, read);
                record.map(|record| records.branches.push(record))
            }
            None if path == REPO => {
                let trunk = repository.blob(*id).and_then(|text| trunk(&text));
                trunk.map(|trunk| records.trunks.extend(trunk))
            }
            _ => Ok(()),
        };
        if let Err(why) = read {
            not_read(path, &why);
        }
    }
    told(records)
}

fn trunk(text: &[u8]) -> Result<Option<BranchName>, String> {
    let repo: Repo = file::object(text)?;
    Ok(BranchName::new(&repo.trunk))
}

fn record(branch: BranchName, text: &[u8]) -> Result<Record, String> {
    let known: Branch = file::object(text)?;
    let mut record = on_parent(branch, Some(&known.base.name), known.base.hash.as_deref());
    let changes = known.change.iter().filter_map(Lenient::known).flat_map(HashMap::values);
    let numbers: Vec<u64> = changes
        .filter_map(|change| Some(change.pr.as_ref()?.number()))
        .collect();
    if let [number] = numbers.as_slice() {
        record.pull_request = pull_request(*number, None);
    }
    let merged = known.merged.iter().flatten().filter_map(Lenient::known);
    record
        .merged_below
        .extend(merged.filter_map(|id| pull_request(id.number(), Some(PullRequestState::Merged))));
    Ok(record)
}
