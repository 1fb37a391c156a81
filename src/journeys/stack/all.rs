//! All stacks at once: every branch is looked at, in one walk over what the trunk does not have.
//!
//! Not here: the stack of one branch, for which a hook has a millisecond (near.rs).

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap, HashSet};

use super::{Stacks, no_trunk};
use crate::error::Result;
use crate::journeys::Session;
use crate::journeys::settle::Newest;
use crate::names::{BranchName, CommitId};
use crate::records;
use crate::repo::{Lineage, Repository, Scope};
use crate::stack::resolve::{Agreement, Evidence, Guess};
use crate::stack::tree::Tree;
use crate::stack::{PullRequest, Records};

/// How many commits of a branch are searched for a pull request's address.
const MOST_MESSAGES: usize = 20;

/// What is known of all stacks.
///
/// Errors: the trunk is not known.
pub(crate) fn stacks(session: &Session<'_>) -> Result<Stacks> {
    let repository = &session.repository;
    let recorded = records::all(repository, session.world);
    let branches = repository.branches()?;
    let mut named = recorded.iter().flat_map(|records| &records.trunks);
    let trunk = session
        .trunk()
        .or_else(|| named.find(|trunk| branches.contains(*trunk)).cloned());
    let trunk = trunk.ok_or_else(no_trunk)?;
    let is_trunk =
        |branch: &BranchName| *branch == trunk || recorded.iter().any(|records| records.trunks.contains(branch));
    let branches: BTreeSet<BranchName> = branches.into_iter().filter(|branch| !is_trunk(branch)).collect();
    let lineage = RefCell::new(repository.lineage(Some(&trunk), Scope::All)?);
    let documents = bases(session)?;
    let renamed = renamed(&lineage.borrow(), &branches, &recorded, &documents);
    let evidence = Evidence {
        trunk: &trunk,
        branches: &branches,
        records: &recorded,
        documents: &documents,
        renamed: &renamed,
        agreement: &|branch, parent, tip| agreement(&mut lineage.borrow_mut(), &trunk, branch, parent, tip),
        guess: &|branch| lineage.borrow_mut().infer(branch).map_or(Guess::NOTHING, Guess::from),
    };
    let mut layers = evidence.layers(branches.iter().cloned());
    let mut lineage = lineage.borrow_mut();
    for (branch, layer) in &mut layers {
        layer.merged |= lineage.is_merged(branch);
        let parent = layer.parent.as_ref().filter(|_| !layer.merged);
        layer.needs_restack = parent.is_some_and(|parent| lineage.needs_restack(branch, parent));
        if layer.pull_request.is_none() {
            layer.pull_request = named_in_messages(repository, branch, &lineage.own(branch));
        }
    }
    Ok(Stacks {
        tree: Tree::new(trunk.clone(), layers),
        unreadable: recorded.into_iter().flat_map(|records| records.unreadable).collect(),
    })
}

/// The new names of branches that records and documents know by old ones.
fn renamed(
    lineage: &Lineage<'_>,
    branches: &BTreeSet<BranchName>,
    recorded: &[Records],
    documents: &HashMap<BranchName, BranchName>,
) -> HashMap<BranchName, BranchName> {
    let records = recorded.iter().flat_map(|records| &records.branches);
    let named = records.flat_map(|record| std::iter::once(&record.branch).chain(&record.parent));
    let named = named.chain(documents.iter().flat_map(|(branch, base)| [branch, base]));
    let gone: HashSet<&BranchName> = named.filter(|name| !branches.contains(*name)).collect();
    let renamed = gone
        .into_iter()
        .filter_map(|old| Some((old.clone(), lineage.renamed(old)?)));
    renamed.collect()
}

/// The base that the document of each branch names.
fn bases(session: &Session<'_>) -> Result<HashMap<BranchName, BranchName>> {
    let mut bases = HashMap::new();
    let Some(store) = session.store()? else {
        return Ok(bases);
    };
    for stored in store.documents()? {
        let Some(branch) = stored.branch.clone() else { continue };
        let document = Newest::load(store, stored)?.document;
        if let Some(base) = document.front_matter().text("branch.base").and_then(BranchName::new) {
            bases.insert(branch, base);
        }
    }
    Ok(bases)
}

/// What the commits say of a parent that a tool recorded, with the commit of it that it recorded.
pub(super) fn agreement(
    lineage: &mut Lineage<'_>,
    trunk: &BranchName,
    branch: &BranchName,
    parent: &BranchName,
    recorded: Option<&CommitId>,
) -> Agreement {
    if recorded.is_some_and(|commit| lineage.is_below(commit, branch)) {
        return Agreement::Exact;
    }
    if parent == trunk {
        return Agreement::Shares;
    }
    let theirs: HashSet<CommitId> = lineage.own(parent).into_iter().collect();
    let ours = lineage.own(branch);
    let shares = match theirs.is_empty() {
        true => lineage.tip(parent).is_some_and(|tip| lineage.is_below(&tip, branch)),
        // A parent that was amended no longer has what its child got from it.
        false => ours.iter().any(|id| theirs.contains(id)) || lineage.has_made(parent, &ours),
    };
    if shares { Agreement::Shares } else { Agreement::None }
}

/// The pull request that a message of one of the branch's own commits names, `own` from the tip on.
fn named_in_messages(repository: &Repository, branch: &BranchName, own: &[CommitId]) -> Option<PullRequest> {
    let messages = own.iter().take(MOST_MESSAGES).filter_map(|id| repository.message(id));
    let messages: Vec<String> = messages.collect();
    let records = records::of_messages(repository, branch, messages.iter().map(String::as_str))?;
    records.branches.first()?.pull_request
}
