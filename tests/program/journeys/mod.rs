//! The life of a document: what git does to a branch, and what its document tells of it.

mod branches;
mod commits;
mod lives;
mod places;
mod views;

use crate::sandbox::Run;

/// The one line that says that a document was made.
fn created(branch: &str) -> String {
    format!("branchwork: created the document of '{branch}': .branchwork/CURRENT.md\n")
}

#[track_caller]
fn says_created(run: &Run, branch: &str) {
    assert!(run.stderr.contains(&created(branch)), "{}", run.stderr);
}
