//! `refs/branch-metadata/<branch>`: a blob of JSON for each branch, as Graphite wrote it up to 1.7, and stax and charcoal do.
//!
//! Graphite 1.8 takes these refs over once and leaves them behind as they were, so that its database is trusted more. stax
//! keeps its trunk in the blob `refs/stax/trunk`, the others in `.graphite_repo_config`.
//!
//! stackit writes the same form to `refs/stackit/metadata/<branch>`, and its trunks to the configuration (its
//! internal/git/metadata.go and internal/config/keys.go). Not read: `refs/stackit/local-metadata/`, which tells only what is
//! frozen, and the defaults of the team's `.stackit.yaml`.

use std::borrow::Cow;

use serde::Deserialize;

use super::{Lenient, Memory, file, graphite, nothing, on_parent, pull_request, state, told};
use crate::names::BranchName;
use crate::repo::Repository;
use crate::stack::{PullRequestState, Record, Records, Source};

/// The folders that these refs are in.
pub(super) const FOLDERS: [&str; 2] = ["refs/branch-metadata", "refs/stackit/metadata"];
const PREFIX: &str = "refs/branch-metadata/";
pub(super) const STAX_TRUNK: &str = "refs/stax/trunk";
const STACKIT_PREFIX: &str = "refs/stackit/metadata/";
/// The usual trunk, and all others.
const STACKIT_TRUNKS: [&str; 2] = ["stackit.trunk", "stackit.trunks"];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata<'a> {
    #[serde(borrow, default)]
    parent_branch_name: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    parent_branch_revision: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    pr_info: Option<Lenient<PullRequest<'a>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PullRequest<'a> {
    #[serde(default)]
    number: Option<u64>,
    #[serde(borrow, default)]
    state: Option<Cow<'a, str>>,
    #[serde(default)]
    is_draft: Option<bool>,
    #[serde(borrow, default)]
    review_decision: Option<Cow<'a, str>>,
}

pub(super) fn read(repository: &Repository, memory: &mut Memory<'_>) -> Option<Records> {
    let mut records = of_refs(repository, memory, Source::BranchMetadata, PREFIX);
    if !records.branches.is_empty() {
        records.trunks = trunks(repository, &mut records.unreadable);
        // Where there is a database, they are joined to what it says.
        if !graphite::has_database(repository) {
            graphite::add_pull_requests(repository, &mut records);
        }
    }
    told(records)
}

pub(super) fn read_stackit(repository: &Repository, memory: &mut Memory<'_>) -> Option<Records> {
    let mut records = of_refs(repository, memory, Source::Stackit, STACKIT_PREFIX);
    if !records.branches.is_empty() {
        let named = STACKIT_TRUNKS.iter().flat_map(|key| repository.config_values(key));
        records.trunks = named.filter_map(|name| BranchName::new(&name)).collect();
    }
    told(records)
}

fn of_refs(repository: &Repository, memory: &mut Memory<'_>, source: Source, prefix: &str) -> Records {
    let mut records = nothing(source);
    match repository.blobs_of_refs(prefix, &mut |full, file| memory.named(full, file)) {
        Ok(blobs) => {
            for (full, id) in blobs {
                let Some(branch) = full.strip_prefix(prefix).and_then(BranchName::new) else {
                    continue;
                };
                let read = |id, branch| record(branch, &repository.blob(id)?);
                let known = |id| memory.record(&full, id, branch, |branch| read(id, branch));
                match id.and_then(known) {
                    // One without a parent is kept so that is not part of a stack.
                    Ok(record) => records.branches.extend(record.parent.is_some().then_some(record)),
                    Err(error) => records.unreadable.push(format!("'{full}' is not read: {error}")),
                }
            }
        }
        Err(error) => records.unreadable.push(error.to_string()),
    }
    records
}

fn record(branch: BranchName, blob: &[u8]) -> Result<Record, String> {
    let metadata: Metadata = file::object(blob)?;
    let parent = metadata.parent_branch_name.as_deref();
    let mut record = on_parent(branch, parent, metadata.parent_branch_revision.as_deref());
    if let Some(info) = metadata.pr_info.as_ref().and_then(Lenient::known) {
        let (draft, review) = (info.is_draft.unwrap_or(false), info.review_decision.as_deref());
        let state = info.state.as_deref().and_then(|word| state(word, draft, review));
        record.pull_request = info.number.and_then(|number| pull_request(number, state));
        record.merged = state == Some(PullRequestState::Merged);
    }
    Ok(record)
}

fn trunks(repository: &Repository, unreadable: &mut Vec<String>) -> Vec<BranchName> {
    let name = |blob: Vec<u8>| {
        let name = String::from_utf8(blob).ok()?;
        BranchName::new(name.trim())
    };
    let stax = repository.blob_of_ref(STAX_TRUNK).and_then(|blob| {
        let named = blob.and_then(|blob| name(blob).ok_or_else(|| "it names no branch".to_owned()));
        let unread = |error| unreadable.push(format!("'{STAX_TRUNK}' is not read: {error}"));
        named.map_err(unread).ok()
    });
    match stax {
        Some(trunk) => vec![trunk],
        None => graphite::trunks(repository, unreadable),
    }
}
