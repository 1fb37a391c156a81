//! What branches were called before, as far as the reflogs tell.
//!
//! Not here: what a line of a reflog means (stack/reflog.rs).

use super::Lineage;
use crate::names::BranchName;

impl Lineage<'_> {
    /// The name that a branch has now which was called `old`: git's reflogs remember what `git branch -m` did. A branch that
    /// has the name `old` now is another one.
    pub(crate) fn renamed(&self, old: &BranchName) -> Option<BranchName> {
        self.renamed_since(old, i64::MIN)
    }

    /// The same, where the name was given up since that time, in seconds since 1970.
    pub(super) fn renamed_since(&self, old: &BranchName, since: i64) -> Option<BranchName> {
        if let Some(new) = self.logs.renamed(old) {
            return Some(new);
        }
        if self.renames_read.get() <= since {
            return None;
        }
        self.renames_read.set(since);
        for name in self.written_since(since) {
            self.logs.life(&name);
        }
        self.logs.renamed(old)
    }

    /// The names that `branch` had, the newest first, as far as its reflog tells.
    pub(crate) fn former_names(&self, branch: &BranchName) -> Vec<BranchName> {
        self.logs.life(branch).former_names.clone()
    }

    /// The branch that had the name `parent` when `branch` was made, where a younger one has it now that shares nothing with it
    /// or stands on it.
    pub(crate) fn had_name(&mut self, branch: &BranchName, parent: &BranchName) -> Option<BranchName> {
        let began = |branch| self.logs.life(branch).start.as_ref().map(|start| start.time);
        let (ours, theirs) = (began(branch)?, began(parent)?);
        if theirs <= ours || self.share(branch, parent) && !self.is_first_below(branch, parent) {
            return None;
        }
        self.renamed_since(parent, ours).filter(|renamed| renamed != branch)
    }
}
