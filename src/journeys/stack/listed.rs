//! The places of many branches at once, for a list: by the bases that their documents name, what tools recorded as merged
//! below, and who was found to stand on whom. No commit is read for it, unless bases make a circle or are nowhere, and no document
//! but of those whose base is not here.
//!
//! Not here: what may have become of the bases since they were written, which a look at each branch finds out (near.rs).

use std::collections::{BTreeMap, HashMap};

use super::gone::Gone;
use super::{merged_parent, other_trunks, stacks, trunk};
use crate::error::Result;
use crate::journeys::Session;
use crate::names::BranchName;
use crate::records::{self, Memory};
use crate::stack::tree::{Layer, Tree, circles};

/// What a document says of its branch, which is here.
pub(crate) struct Listed {
    /// The branch.
    pub(crate) branch: BranchName,
    /// Its base.
    pub(crate) base: Option<BranchName>,
}

/// Position and total of each. Where a base is not here, what its document says is all that is known.
///
/// Errors: the trunk is not known; the store cannot be opened.
pub(crate) fn places(session: &Session<'_>, listed: Vec<Listed>) -> Result<HashMap<BranchName, (u64, u64)>> {
    let store = session.store()?;
    let remembered = store.map(|store| store.recorded()).unwrap_or_default();
    let mut memory = Memory::of(&remembered, session.world.now);
    let recorded = records::all(&session.repository, session.world, &mut memory);
    let trunk = trunk(session, &recorded)?;
    let others = other_trunks(&session.repository, &recorded, &trunk);
    let mut layers: BTreeMap<BranchName, Layer> = BTreeMap::new();
    let found = store.map(|store| store.found_stacks()).unwrap_or_default();
    for told in listed {
        let base = told.base.as_ref();
        let merged =
            base.and_then(|base| merged_parent(&found, &told.branch, base, |parent| session.repository.tip(parent)));
        layers.insert(told.branch, Layer::told(merged.or(told.base)));
    }
    // Those that have no document count too.
    for (branch, found) in found {
        if found.parent.is_some() && !layers.contains_key(&branch) && session.repository.tip(&branch).is_some() {
            layers.insert(branch, Layer::told(found.parent));
        }
    }
    let is_here = |base: &BranchName| *base == trunk || others.contains(base) || layers.contains_key(base);
    let is_cut = |layer: &Layer| layer.parent.as_ref().is_some_and(|base| !is_here(base));
    let cut = layers
        .iter()
        .filter(|(_, layer)| is_cut(layer))
        .map(|(branch, _)| branch);
    let gone = Gone::of(session, None);
    let places: Vec<(BranchName, Option<(u64, u64)>)> =
        cut.map(|branch| (branch.clone(), gone.place(branch))).collect();
    let mut is_open = !circles(&layers).is_empty();
    for (branch, place) in places {
        is_open |= place.is_none();
        if let Some(layer) = layers.get_mut(&branch) {
            layer.place = place;
        }
    }
    for record in recorded.iter().flat_map(|records| &records.branches) {
        let Some(layer) = layers.get_mut(&record.branch) else {
            continue;
        };
        layer.merged |= record.merged;
        layer.pull_request = layer.pull_request.or(record.pull_request);
        if layer.merged_below.is_empty() {
            layer.merged_below.clone_from(&record.merged_below);
        }
    }
    // What counts in place of a circle, and of a base that is nowhere, only a look at the branches tells.
    let tree = match is_open {
        true => stacks(session)?.tree,
        false => Tree::new(trunk, others, layers),
    };
    let branches = tree.branches().into_iter();
    let places = branches.map(|branch| (branch.clone(), (tree.position(branch), tree.total(branch))));
    Ok(places.collect())
}
