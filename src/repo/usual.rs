//! The usual repository, seen without opening it: `.git` is a folder of the user's own at the top of the work tree, HEAD names a
//! branch that is a file, and nothing is under way.
//!
//! Opening a repository costs a hook as much as all else that it does when a branch is switched. Whatever is not as usual is not
//! seen here, and left to [`super::Repository::discover`], which knows what git knows.

use std::path::Path;

use super::ref_files::LARGEST;
use super::references::beginnings_in_file;
use super::{Checkout, DOT_GIT, read_small};
use crate::names::{BranchName, CommitId};
use crate::world::World;

/// Variables that make git look elsewhere.
const ELSEWHERE: [&str; 6] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
    "GIT_CONFIG",
    "GIT_CONFIG_COUNT",
];
/// What configuration says that makes a repository another than the usual one, in lower case.
const UNUSUAL: [&str; 3] = ["worktree", "extensions", "include"];
/// What tells that something is under way, but for a rebase, for which hooks look first; and that there are more work trees.
const UNDER_WAY: [&str; 5] = [
    "MERGE_HEAD",
    "CHERRY_PICK_HEAD",
    "REVERT_HEAD",
    "BISECT_LOG",
    "commondir",
];
/// How much of the configuration is looked at, in bytes.
const LARGEST_CONFIG: u64 = 64 * 1024;

/// What is seen of a usual repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Usual {
    /// The work tree, which is the only one or the main one.
    pub(crate) checkout: Checkout,
    /// The branch that is checked out.
    pub(crate) branch: BranchName,
    /// Its tip.
    pub(crate) tip: CommitId,
    /// When the branch was made, in seconds since 1970; it was not renamed or copied since.
    pub(crate) made: i64,
}

impl Usual {
    /// The repository of the folder that a hook was started in; `None` where it is not as usual.
    pub(crate) fn see(world: &World) -> Option<Self> {
        let top = &world.directory;
        let git_dir = top.join(DOT_GIT);
        let says = |text: &str| {
            let text = text.to_ascii_lowercase();
            let is_bare = |line: &str| line.trim().starts_with("bare") && !line.trim_end().ends_with("false");
            UNUSUAL.iter().any(|word| text.contains(word)) || text.lines().any(is_bare)
        };
        let parameters = world.variable("GIT_CONFIG_PARAMETERS").unwrap_or_default();
        if ELSEWHERE.iter().any(|name| world.variable(name).is_some())
            || says(parameters)
            || parameters.contains("core.bare")
            || !is_own(top)
            || !is_own(&git_dir)
            || UNDER_WAY.iter().any(|name| git_dir.join(name).exists())
        {
            return None;
        }
        let config = git_dir.join("config");
        if std::fs::metadata(&config).ok()?.len() > LARGEST_CONFIG || says(&std::fs::read_to_string(config).ok()?) {
            return None;
        }
        let head = std::fs::read_to_string(git_dir.join("HEAD")).ok()?;
        let branch = BranchName::from_ref(head.strip_prefix("ref: ")?.trim_end())?;
        let tip = std::fs::read_to_string(git_dir.join(branch.to_ref())).ok()?;
        let made = match beginnings_in_file(&git_dir.join("logs").join(branch.to_ref())) {
            (None, Some((seconds, message))) if message.starts_with(b"branch: Created from ") => seconds,
            _ => return None,
        };
        Some(Self {
            tip: CommitId::parse(tip.trim_end())?,
            branch,
            made,
            checkout: Checkout {
                work_tree: top.clone(),
                git_dir,
            },
        })
    }

    /// Whether `branch`, another one, has the same tip; no where it is not a file.
    pub(crate) fn is_where(&self, branch: &BranchName) -> bool {
        let tip = read_small(&self.checkout.git_dir.join(branch.to_ref()), LARGEST);
        *branch != self.branch && tip.is_ok_and(|tip| tip.trim_ascii_end() == self.tip.as_str().as_bytes())
    }
}

/// Whether it is a folder, no link to one, that the user owns: git and gix ask the same before they trust a repository.
#[cfg(unix)]
fn is_own(folder: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let user = rustix::process::geteuid().as_raw();
    std::fs::symlink_metadata(folder).is_ok_and(|metadata| metadata.is_dir() && metadata.uid() == user)
}

#[cfg(not(unix))]
fn is_own(_: &Path) -> bool {
    false
}
