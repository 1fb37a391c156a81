//! Where hooks go in a repository, found by asking git itself.
//!
//! Not here: the repository's history and configuration for other ends (repo/), which no process may be started for.

use std::ffi::OsStr;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::path_of;
use crate::error::{Error, Result};
use crate::names::visible;
use crate::process::{self, Call, Failure, Repository};

/// A git version: `2.47.3`. Release candidates count as their release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version(pub(crate) u32, pub(crate) u32, pub(crate) u32);

impl Version {
    /// The first git with hooks in its configuration (its release notes, 2.54.0).
    pub(crate) const CONFIG_HOOKS: Self = Self(2, 54, 0);

    /// Reads what `git version` says: `git version 2.39.5 (Apple Git-154)`, `git version 2.54.0.windows.1`.
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.strip_prefix("git version ")?.split(|c: char| !c.is_ascii_digit());
        let mut number = || parts.next()?.parse().ok();
        Some(Self(number()?, number()?, number().unwrap_or(0)))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1, self.2)
    }
}

/// A repository as one work tree of it sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    /// The git dir of this work tree, absolute.
    pub(crate) git_dir: PathBuf,
    /// The git dir that all work trees share, absolute.
    pub(crate) common_dir: PathBuf,
    /// The top of the work tree; none in a bare repository.
    pub(crate) work_tree: Option<PathBuf>,
    /// The config file that all work trees read.
    pub(crate) config_path: PathBuf,
    /// The folder where git looks for hooks, `core.hooksPath` minded. It may be missing, or no folder.
    pub(crate) hooks_dir: PathBuf,
    /// `core.hooksPath` as it is set, wherever it is set.
    pub(crate) core_hooks_path: Option<String>,
    /// Of the git that was asked.
    pub(crate) git_version: Version,
}

/// Whose the folder of hooks is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Folder {
    /// In this repository's git dir: ours to write to.
    InGitDir,
    /// In a work tree, most likely tracked.
    InWorkTree,
    /// Somewhere else, such as a folder for all of the user's repositories.
    Outside,
}

/// Asks `git` (a path, or a name on PATH) about the repository that `directory` is in, or that `GIT_DIR` names.
///
/// # Errors
/// There is no git, or no repository that it accepts.
pub(crate) fn find(git: &OsStr, directory: &Path) -> Result<Target> {
    let ask = |arguments: &[&str]| ask(git, directory, arguments);
    let path = |arguments: &[&str]| {
        let path = path_of(&ask(arguments)?).map(|path| directory.join(path));
        path.ok_or_else(|| Failure::Broken(std::io::ErrorKind::InvalidData.into()))
    };
    let version = ask(&["version"]).map_err(|failure| no_answer(&failure, git))?;
    let git_version = Version::parse(&String::from_utf8_lossy(&version)).ok_or_else(|| {
        Error::new(format!(
            "cannot tell which git '{}' is",
            visible(&git.to_string_lossy())
        ))
    })?;
    let not_found = |failure: Failure| {
        Error::new(format!(
            "no git repository for '{}'",
            visible(&directory.to_string_lossy())
        ))
        .because(&failure)
        .hint("git init")
    };
    let git_dir = path(&["rev-parse", "--absolute-git-dir"]).map_err(not_found)?;
    let common_dir = path(&["rev-parse", "--git-common-dir"]).map_err(not_found)?;
    let hooks_dir = path(&["rev-parse", "--git-path", "hooks"]).map_err(not_found)?;
    let common_dir = fs::canonicalize(&common_dir).unwrap_or(common_dir);
    Ok(Target {
        git_dir,
        config_path: common_dir.join("config"),
        common_dir,
        work_tree: path(&["rev-parse", "--show-toplevel"]).ok(),
        hooks_dir: resolved(&hooks_dir),
        core_hooks_path: ask(&["config", "--get", "core.hooksPath"])
            .ok()
            .map(|value| String::from_utf8_lossy(&value).into_owned()),
        git_version,
    })
}

impl Target {
    /// Whose [`Target::hooks_dir`] is.
    pub(crate) fn folder(&self) -> Folder {
        let is_top = |folder: &Path| folder.join(".git").symlink_metadata().is_ok();
        if self.hooks_dir.starts_with(&self.common_dir) {
            // A work tree may lie in a bare repository's folder: then a `.git` is on the way.
            let mut way = self
                .hooks_dir
                .ancestors()
                .take_while(|folder| *folder != self.common_dir);
            return if way.any(is_top) {
                Folder::InWorkTree
            } else {
                Folder::InGitDir
            };
        }
        let top = self.work_tree.as_deref().map(resolved);
        let here = top.is_some_and(|top| self.hooks_dir.starts_with(top));
        if here || self.hooks_dir.ancestors().any(is_top) {
            Folder::InWorkTree
        } else {
            Folder::Outside
        }
    }

    /// The folder of hooks that git uses where `core.hooksPath` is not set.
    pub(crate) fn default_hooks_dir(&self) -> PathBuf {
        resolved(&self.common_dir.join("hooks"))
    }
}

/// `path` with links and `..` resolved as far as it is there.
fn resolved(path: &Path) -> PathBuf {
    if let Ok(path) = fs::canonicalize(path) {
        return path;
    }
    match (path.parent(), path.file_name()) {
        (Some(parent), Some(name)) => resolved(parent).join(name),
        _ => path.to_owned(),
    }
}

/// One answer, without its last line feed: a path may end in another.
fn ask(git: &OsStr, directory: &Path, arguments: &[&str]) -> std::result::Result<Vec<u8>, Failure> {
    let mut answer = process::run(&Call {
        program: git,
        arguments: arguments.iter().map(OsStr::new).collect(),
        directory,
        repository: Repository::Inherited,
        environment: &[],
        timeout: Duration::from_secs(30),
    })?
    .stdout;
    if answer.ends_with(b"\n") {
        answer.pop();
    }
    Ok(answer)
}

fn no_answer(failure: &Failure, git: &OsStr) -> Error {
    let error = Error::new(format!("cannot run '{}'", visible(&git.to_string_lossy()))).because(failure);
    match failure {
        Failure::NotFound(_) => error.hint("install git: https://git-scm.com/downloads"),
        _ => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_all_builds() {
        for (text, version) in [
            ("git version 2.47.3", Some(Version(2, 47, 3))),
            ("git version 2.39.5 (Apple Git-154)", Some(Version(2, 39, 5))),
            ("git version 2.54.0.windows.1", Some(Version::CONFIG_HOOKS)),
            ("git version 2.54.0-rc1", Some(Version::CONFIG_HOOKS)),
            ("git version 2.55.GIT", Some(Version(2, 55, 0))),
            ("git", None),
            ("", None),
        ] {
            assert_eq!(Version::parse(text), version, "{text}");
        }
        assert!(Version(2, 9, 0) < Version::CONFIG_HOOKS && Version(3, 0, 0) > Version::CONFIG_HOOKS);
    }
}
