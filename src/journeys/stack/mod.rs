//! The stack of a branch, or all stacks: what tools recorded, what documents say and what git knows, put together.
//!
//! No tool is started. Not here: which recorded parent is right and how a stack is drawn (stack/), and reading what tools
//! recorded (records/).

mod all;
mod doubt;
mod gone;
mod keep;
mod line;
mod listed;
mod merged;
mod near;
mod signs;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::error::{Error, Result};
use crate::names::{BranchName, CommitId, visible};
use crate::repo::Repository;
use crate::stack::drawing::Style;
use crate::stack::tree::{Layer, Tree};
use crate::stack::{PullRequestState, Records, Source};

use super::Session;
use crate::store::{FoundStack, Told};

pub(crate) use all::{remember_all, stacks};
pub(crate) use doubt::{confirm, doubt_name, follow_name};
pub(crate) use keep::{Happened, Place, derive, is_in_circle, is_kept, keep, remember, update};
pub(crate) use line::Bases;
pub(crate) use listed::{Listed, places};
pub(crate) use merged::{look_for_merged, remember_merged};
pub(crate) use signs::{Looks, Places};

/// What is known of the stacks here.
pub(crate) struct Stacks {
    /// All branches, each on its parent.
    pub(crate) tree: Tree,
    /// What could not be read, each in one sentence.
    pub(crate) unreadable: Vec<String>,
    /// Whether some of that is probably being written, so that it is known soon. Only a look at one stack tells.
    is_being_written: bool,
    /// What nobody recorded and only a look at all branches finds out: by this one, or where it looked at one stack by the last.
    pub(crate) found: BTreeMap<BranchName, FoundStack>,
    /// What the documents of branches are told of their bases, where that needs to be known later.
    told: BTreeMap<BranchName, Told>,
    /// The pull requests that documents name which were read for it.
    document_pull_requests: BTreeMap<BranchName, Option<u64>>,
    /// The parents that tools recorded besides those that are believed. Only a look at all branches tells.
    besides: BTreeMap<BranchName, Vec<(Source, BranchName)>>,
    /// What is to be remembered of the records of tools, where it is another thing than before.
    recorded: Option<String>,
}

/// One branch. Field names are those of `stack --json`; what is not known is null.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Row {
    /// The branch.
    pub(crate) branch: String,
    /// The branch that it stands on.
    pub(crate) parent: String,
    /// The branches that stand on it.
    pub(crate) children: Vec<String>,
    /// The branch that the stack stands on.
    pub(crate) trunk: String,
    /// 1 at the bottom; the trunk is not counted.
    pub(crate) position: u64,
    /// How many branches the longest line through it has.
    pub(crate) total: u64,
    /// The pull requests that were merged right below it and have no branch here, bottom first.
    pub(crate) merged_below: Vec<u64>,
    /// Branches that were merged right below it and are gone, bottom first.
    pub(crate) ended_below: Vec<String>,
    /// How many branches right below it are not here.
    pub(crate) not_here: u64,
    /// The number of its pull request.
    pub(crate) pr: Option<u64>,
    /// How that stands.
    pub(crate) pr_state: Option<&'static str>,
    /// Whether it was merged.
    pub(crate) merged: bool,
    /// Whether its parent's tip is not below it.
    pub(crate) needs_restack: bool,
    /// Who says what its parent is.
    pub(crate) source: &'static str,
    /// Whether nobody recorded its parent.
    pub(crate) guessed: bool,
}

impl Stacks {
    /// What is known of a branch, for a program to read.
    pub(crate) fn row(&self, branch: &BranchName) -> Option<Row> {
        let layer = self.tree.layer(branch)?;
        let name = |branch: &BranchName| branch.as_str().to_owned();
        Some(Row {
            branch: name(branch),
            parent: name(layer.named_parent(self.tree.trunk())),
            children: self.tree.children(branch).iter().map(name).collect(),
            trunk: name(self.tree.trunk_of(branch)),
            position: self.tree.position(branch),
            total: self.tree.total(branch),
            merged_below: self.tree.merged_away(branch).collect(),
            ended_below: layer.ended_below.iter().rev().map(name).collect(),
            not_here: self.tree.missing_below(branch),
            pr: layer.pull_request.map(|pull_request| pull_request.number),
            pr_state: layer
                .pull_request
                .and_then(|pull_request| pull_request.state)
                .map(PullRequestState::name),
            merged: layer.merged,
            needs_restack: layer.needs_restack,
            source: layer.source.name(),
            guessed: layer.guessed,
        })
    }
}

/// The trunks besides `trunk` that tools name, as far as they are here or on a remote.
fn other_trunks(repository: &Repository, recorded: &[Records], trunk: &BranchName) -> BTreeSet<BranchName> {
    let named = recorded.iter().flat_map(|records| &records.trunks);
    let others = named.filter(|named| *named != trunk && !repository.tips(named).is_empty());
    others.cloned().collect()
}

/// `others`, and the parents of branches that are on a remote only, as far as no document tells that more is below them.
fn with_remote(
    repository: &Repository,
    mut others: BTreeSet<BranchName>,
    layers: &BTreeMap<BranchName, Layer>,
) -> BTreeSet<BranchName> {
    let is_lowest = |layer: &&Layer| layer.place.is_none_or(|(position, _)| position <= 1);
    let parents = layers.values().filter(|layer| layer.parent_is_gone).filter(is_lowest);
    let parents = parents.filter_map(|layer| layer.parent.clone());
    let parents = parents.filter(|parent| !layers.contains_key(parent) && !repository.tips(parent).is_empty());
    others.extend(parents);
    others
}

/// Says of each branch whether it needs a restack, for which `is_apart` tells whether its parent has what it does not. Of what was
/// merged there is nothing to restack, nor on what was: its commits are in the trunk, maybe as others. A trunk always goes on.
fn restack(
    layers: &mut BTreeMap<BranchName, Layer>,
    other_trunks: &BTreeSet<BranchName>,
    mut is_apart: impl FnMut(&BranchName, &BranchName) -> bool,
) {
    let merged: BTreeSet<BranchName> = layers
        .iter()
        .filter(|(_, layer)| layer.merged)
        .map(|(branch, _)| branch.clone())
        .collect();
    for (branch, layer) in layers {
        let parent = layer.parent.as_ref().filter(|_| !layer.merged);
        let parent = parent.filter(|parent| !merged.contains(*parent) && !other_trunks.contains(*parent));
        layer.needs_restack = parent.is_some_and(|parent| is_apart(branch, parent));
    }
}

/// The merged branch that `branch` was last found to stand on, though its document was told `base`, which both stand on now.
fn merged_parent(
    found: &BTreeMap<BranchName, FoundStack>,
    branch: &BranchName,
    base: &BranchName,
    tip: impl Fn(&BranchName) -> Option<CommitId>,
) -> Option<BranchName> {
    let known = found.get(branch)?;
    let is_guess = known
        .told
        .as_ref()
        .is_some_and(|told| told.guessed && told.base == *base);
    let parent = known.parent.as_ref().filter(|parent| is_guess && *parent != base)?;
    let merged = found.get(parent)?.merged.as_ref();
    (merged.is_some() && merged == tip(parent).as_ref()).then(|| parent.clone())
}

/// The trunk: the session's, else the first that is there of those that tools name.
fn trunk(session: &Session<'_>, recorded: &[Records]) -> Result<BranchName> {
    let is_there = |trunk: &&BranchName| session.repository.tip(trunk).is_some();
    let named = || {
        recorded
            .iter()
            .flat_map(|records| &records.trunks)
            .find(is_there)
            .cloned()
    };
    let trunk = session.trunk().or_else(named);
    trunk.ok_or_else(|| Error::new("the trunk is not known").hint("git config branchwork.trunk <name>"))
}

/// What the policy wants stacks to be drawn with.
pub(crate) fn style(session: &Session<'_>) -> Style {
    match session.policy.ascii_stack {
        true => Style::Ascii,
        false => Style::Unicode,
    }
}

/// What is told of a branch in words: all that its row has, and who says otherwise.
pub(crate) fn sentence(stacks: &Stacks, branch: &BranchName) -> Option<String> {
    let row = stacks.row(branch)?;
    let how = match row.guessed {
        true => "nobody recorded it; found by",
        false => "recorded by",
    };
    let mut said = format!(
        "'{branch}' stands on '{}' ({how} {}), {} of {} on the trunk '{}'",
        visible(&row.parent),
        row.source,
        row.position,
        row.total,
        visible(&row.trunk)
    );
    if let Some(number) = row.pr {
        said.push_str(&format!("; PR #{number}"));
        said.extend(row.pr_state.map(|state| format!(", {state}")));
    }
    for (is_so, word) in [(row.merged, "; merged"), (row.needs_restack, "; needs a restack")] {
        said.push_str(if is_so { word } else { "" });
    }
    let merged = row.merged_below.iter().map(|number| format!("PR #{number}"));
    let ended = row.ended_below.iter().map(|name| format!("'{}'", visible(name)));
    // In the order of the drawing.
    for merged in ended.chain(merged) {
        said.push_str(&format!("; {merged} is merged below it"));
    }
    if row.not_here > 0 {
        said.push_str(&format!("; not here below it: {}", row.not_here));
    }
    for (source, parent) in stacks.besides.get(branch).into_iter().flatten() {
        said.push_str(&format!("; {} says '{parent}'", source.name()));
    }
    Some(said)
}

/// The rows of branches, in the order of the drawing.
pub(crate) fn rows(stacks: &Stacks, branches: &[&BranchName]) -> Vec<Row> {
    branches.iter().filter_map(|branch| stacks.row(branch)).collect()
}
