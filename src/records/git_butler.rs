//! GitButler: the TOML file `gitbutler/virtual_branches.toml`, with each stack as a list from the trunk upwards.
//!
//! It is a copy that GitButler keeps of its database. How a pull request stands is recorded for merged ones only, which are
//! called archived.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::layers::{self, Layer};
use super::{file, nothing, told};
use crate::names::BranchName;
use crate::repo::Repository;
use crate::stack::{Records, Source};

pub(super) const FILE: &str = "gitbutler/virtual_branches.toml";
/// What HEAD is on while GitButler is at work: all stacks merged, and no branch of anybody's
/// (crates/gitbutler-operating-modes/src/lib.rs).
const ITS_OWN: [&str; 3] = ["gitbutler/workspace", "gitbutler/integration", "gitbutler/edit"];

#[derive(Deserialize)]
struct VirtualBranches {
    default_target: Option<Target>,
    #[serde(default)]
    branches: BTreeMap<String, Stack>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Target {
    branch_name: String,
}

#[derive(Deserialize)]
struct Stack {
    #[serde(default)]
    heads: Vec<Head>,
}

#[derive(Deserialize)]
struct Head {
    name: String,
    #[serde(default)]
    pr_number: Option<u64>,
    #[serde(default)]
    archived: bool,
}

pub(super) fn read(repository: &Repository) -> Option<Records> {
    let mut records = nothing(Source::GitButler);
    let path = repository.common_dir().join(FILE);
    let text = file::read(&path, &mut records.unreadable);
    let stacks: Option<VirtualBranches> = text.and_then(|text| file::toml(&path, &text.bytes, &mut records.unreadable));
    if let Some(stacks) = stacks {
        let trunk = stacks.default_target.map(|target| target.branch_name);
        records.trunks.extend(trunk.as_deref().and_then(BranchName::new));
        for stack in stacks.branches.values() {
            let layers: Vec<Layer> = stack.heads.iter().map(layer).collect();
            records.branches.extend(layers::records(trunk.as_deref(), &layers));
        }
    }
    told(records)
}

/// Whether GitButler made this branch for itself.
pub(crate) fn is_its_own(repository: &Repository, branch: &BranchName) -> bool {
    ITS_OWN.contains(&branch.as_str()) && repository.common_dir().join(FILE).exists()
}

fn layer(head: &Head) -> Layer<'_> {
    Layer {
        branch: &head.name,
        parent_tip: None,
        number: head.pr_number.unwrap_or(0),
        merged: head.archived,
    }
}
