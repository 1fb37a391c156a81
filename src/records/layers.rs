//! A stack that is recorded as a list from the trunk upwards, merged layers included, as records of its branches.
//!
//! Not here: the files that such lists are read from (gh_stack.rs, git_butler.rs).

use super::{on_parent, pull_request};
use crate::names::BranchName;
use crate::stack::{PullRequestState, Record};

/// One branch of such a list.
pub(super) struct Layer<'a> {
    pub(super) branch: &'a str,
    /// The parent's commit that it was last put on.
    pub(super) parent_tip: Option<&'a str>,
    /// The number of its pull request; 0 where it has none.
    pub(super) number: u64,
    pub(super) merged: bool,
}

/// A layer stands on the nearest one below that is not merged, else on the trunk. The merged ones in between are told of twice:
/// below the layer, and as branches, which may be there still.
pub(super) fn records(trunk: Option<&str>, layers: &[Layer]) -> Vec<Record> {
    let mut records = Vec::new();
    let mut parent = trunk;
    let mut merged_below = Vec::new();
    for layer in layers {
        let Some(branch) = BranchName::new(layer.branch) else {
            // Who stands on it is not known.
            parent = None;
            continue;
        };
        let state = layer.merged.then_some(PullRequestState::Merged);
        let mut record = on_parent(branch, parent, layer.parent_tip);
        record.pull_request = pull_request(layer.number, state);
        record.merged = layer.merged;
        match layer.merged {
            true => merged_below.extend(record.pull_request),
            false => {
                record.merged_below = std::mem::take(&mut merged_below);
                parent = Some(layer.branch);
            }
        }
        records.push(record);
    }
    records
}
