//! The line of bases that documents name, from one to the next.
//!
//! Not here: what counts in place of a base (stack/resolve.rs).

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

use crate::error::Result;
use crate::journeys::Session;
use crate::journeys::settle::Newest;
use crate::names::BranchName;
use crate::store::Store;

/// The bases that documents name. Each document is read once: the lines of all branches of a stack have the lower ones in common.
#[derive(Default)]
pub(crate) struct Bases(RefCell<HashMap<BranchName, Option<BranchName>>>);

impl Bases {
    /// What is between `base` and `branch`, where the line of bases leads from the one to the other; `None` where it does not.
    pub(crate) fn line_to(
        &self,
        session: &Session<'_>,
        base: &BranchName,
        branch: &BranchName,
    ) -> Result<Option<Vec<BranchName>>> {
        let Some(store) = session.store()? else {
            return Ok(None);
        };
        let (mut line, mut seen) = (Vec::new(), HashSet::new());
        let mut next = Some(base.clone());
        while let Some(at) = next.filter(|at| seen.insert(at.clone())) {
            next = self.of(store, &at)?;
            line.push(at);
            if next.as_ref() == Some(branch) {
                return Ok(Some(line.split_off(1)));
            }
        }
        Ok(None)
    }

    fn of(&self, store: &Store, branch: &BranchName) -> Result<Option<BranchName>> {
        if let Some(known) = self.0.borrow().get(branch) {
            return Ok(known.clone());
        }
        let newest = Newest::find(store, branch)?;
        let base = newest.and_then(|newest| newest.document.front_matter().base());
        self.0.borrow_mut().insert(branch.clone(), base.clone());
        Ok(base)
    }
}
