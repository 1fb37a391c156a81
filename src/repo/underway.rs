//! Whether a rebase or `git am` is under way, before the repository is opened: git runs hooks for each commit of it, and
//! they have nothing to do until it ends.
//!
//! Not here: what is under way else ([`super::Repository::operation`]). Finding the repository as git does is not here either:
//! git starts hooks at the top of the work tree, so what is not found there is left to those who open it.

use std::path::{Path, PathBuf};

use crate::world::World;

/// Where git keeps the state of a rebase (its merge backend), and of one with the apply backend or `git am`.
const STATES: [&str; 2] = ["rebase-merge", "rebase-apply"];

/// Whether a rebase or `git am` is under way in the work tree that a hook was started in.
pub(crate) fn is_rewriting(world: &World) -> bool {
    git_dir(world).is_some_and(|git_dir| is_rewriting_in(&git_dir))
}

/// The same for the work tree that has this git directory.
pub(crate) fn is_rewriting_in(git_dir: &Path) -> bool {
    STATES.iter().any(|state| git_dir.join(state).is_dir())
}

/// `GIT_DIR`, as git sets it for hooks of linked work trees; else `.git` in the directory, a folder or a file that names one.
fn git_dir(world: &World) -> Option<PathBuf> {
    if let Some(named) = world.variable("GIT_DIR") {
        return Some(world.directory.join(named));
    }
    let here = world.directory.join(super::DOT_GIT);
    if here.is_dir() {
        return Some(here);
    }
    let text = std::fs::read_to_string(here).ok()?;
    let named = text.strip_prefix("gitdir: ")?.trim_end_matches(['\r', '\n']);
    Some(world.directory.join(Path::new(named)))
}
