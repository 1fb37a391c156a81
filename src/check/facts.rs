//! What only the repository knows about a branch, as plain data.
//!
//! Not here: finding it out (journeys/verify.rs), which costs, so that each fact may be unknown.

use crate::document::front_matter::Key;
use crate::names::{BranchName, CommitId};

/// What is known. The default is nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// The paths that the branch changes, with `/`.
    pub changed: Option<Vec<String>>,
    /// The base that the document names is a branch neither here nor on a remote.
    pub base_is_gone: bool,
    /// The branches between the base that the document names and this one, where the base stands on it.
    pub base_stands_on_it: Option<Vec<BranchName>>,
    /// What the stack says of the branch, where the document says another thing or nothing.
    pub stack: Vec<(Key, String)>,
    /// Whether the branch was merged.
    pub merged: Option<bool>,
    /// Commits that entries of Updates name, and that are not in the repository.
    pub lost_commits: Vec<CommitId>,
}
