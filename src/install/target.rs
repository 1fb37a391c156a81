//! Where hooks go in a repository, found by asking git itself.
//!
//! Not here: the repository's history and configuration for other ends (repo/), which no process may be started for.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bstr::ByteSlice;

use super::{Event, path_of};
use crate::error::{Error, Result};
use crate::names::visible;
use crate::process::{self, Call, Failure, Repository};

/// A git version: `2.47.3`. Release candidates count as their release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version(pub(crate) u32, pub(crate) u32, pub(crate) u32);

impl Version {
    /// The first git with hooks in its configuration (its release notes, 2.54.0).
    pub(crate) const CONFIG_HOOKS: Self = Self(2, 54, 0);
    /// The first git with `hook.<event>.enabled` (its release notes, 2.55.0).
    const EVENTS_SWITCHED_OFF: Self = Self(2, 55, 0);

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
    pub(crate) core_hooks_path: Option<Setting>,
    /// What switches a hook of ours off, wherever it is set; only asked of a git with hooks in its configuration.
    pub(crate) switched_off: Vec<(Event, Setting)>,
    /// Of the git that was asked.
    pub(crate) git_version: Version,
    /// The git that was asked: a path, or a name on PATH.
    pub(super) git: OsString,
}

/// A value of git's configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Setting {
    /// Its key as git writes it.
    pub(crate) key: String,
    /// Its value.
    pub(crate) value: String,
    /// The file that it is set in; `None` where it is set for one run only (`git -c`, the environment).
    pub(crate) file: Option<PathBuf>,
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
    /// Nowhere: something on the way to it is no folder. `core.hooksPath=/dev/null` is how hooks are switched off.
    Nowhere,
}

/// Asks `git` (a path, or a name on PATH) about the repository that `directory` is in, or that `GIT_DIR` names.
///
/// # Errors
/// There is no git, or no repository that it accepts.
pub(crate) fn find(git: &OsStr, directory: &Path) -> Result<Target> {
    find_as(git, directory, Repository::Inherited)
}

/// The same for the repository that `directory` is in, whatever `GIT_DIR` names.
///
/// # Errors
/// As [`find`].
pub(crate) fn find_in(git: &OsStr, directory: &Path) -> Result<Target> {
    find_as(git, directory, Repository::OfDirectory)
}

/// What version `git` is; `None` where it does not run, or does not say.
pub(crate) fn version(git: &Path, directory: &Path) -> Option<Version> {
    let answer = ask(git.as_os_str(), directory, Repository::Inherited, &["version"]).ok()?;
    Version::parse(&String::from_utf8_lossy(&answer))
}

fn find_as(git: &OsStr, directory: &Path, repository: Repository) -> Result<Target> {
    let ask = |arguments: &[&str]| ask(git, directory, repository, arguments);
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
        core_hooks_path: settings(&ask, directory, &["--get-regexp", r"^core\.hookspath$"]).pop(),
        switched_off: if git_version >= Version::CONFIG_HOOKS {
            switched_off(
                &settings(&ask, directory, &["--type=bool", "--get-regexp", ENABLED]),
                git_version,
            )
        } else {
            Vec::new()
        },
        git_version,
        git: git.to_owned(),
    })
}

impl Target {
    /// Whose [`Target::hooks_dir`] is.
    pub(crate) fn folder(&self) -> Folder {
        let nearest = self.hooks_dir.ancestors().find_map(|path| fs::metadata(path).ok());
        if nearest.is_some_and(|nearest| !nearest.is_dir()) {
            return Folder::Nowhere;
        }
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

    /// The folders of hooks in the git dir that the other work trees use, and those right below it that one may have used before.
    pub(super) fn folders_elsewhere(&self) -> Vec<PathBuf> {
        let mut folders = Vec::new();
        // Without linked work trees there are no others to ask.
        if self.common_dir.join("worktrees").is_dir() {
            let of_common_dir = ["worktree", "list", "--porcelain"];
            let listed = ask(&self.git, &self.common_dir, Repository::OfDirectory, &of_common_dir).unwrap_or_default();
            let others = listed
                .lines()
                .filter_map(|line| path_of(line.strip_prefix(b"worktree ")?));
            // One that is gone has no hooks.
            folders.extend(others.filter_map(|work_tree| self.as_in(work_tree)));
        }
        let entries = fs::read_dir(&self.common_dir).into_iter().flatten().flatten();
        let below = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
        // A bare repository may hold a work tree.
        folders.extend(
            below
                .map(|entry| entry.path())
                .filter(|path| !path.join(".git").exists()),
        );
        folders
    }

    /// The folder of hooks that another work tree uses, where it is ours to write to.
    fn as_in(&self, work_tree: PathBuf) -> Option<PathBuf> {
        let arguments = ["rev-parse", "--git-path", "hooks"];
        let answer = ask(&self.git, &work_tree, Repository::OfDirectory, &arguments).ok()?;
        let there = Self {
            hooks_dir: resolved(&work_tree.join(path_of(&answer)?)),
            work_tree: Some(work_tree),
            ..self.clone()
        };
        (there.folder() == Folder::InGitDir).then_some(there.hooks_dir)
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

/// What says whether a hook is switched on.
const ENABLED: &str = r"^hook\..*\.enabled$";

/// For one hook of ours, and with newer gits for all hooks of an event; the last of several counts.
fn switched_off(settings: &[Setting], git: Version) -> Vec<(Event, Setting)> {
    let off = |key: String| {
        let last = settings.iter().rfind(|setting| setting.key == key)?;
        (last.value == "false").then(|| last.clone())
    };
    let of = |event: Event| {
        let of_event = (git >= Version::EVENTS_SWITCHED_OFF).then(|| off(format!("hook.{}.enabled", event.name())));
        let found = off(format!("hook.branchwork.{}.enabled", event.name())).or(of_event.flatten());
        found.map(|setting| (event, setting))
    };
    Event::ALL.into_iter().filter_map(of).collect()
}

type Ask<'a> = &'a dyn Fn(&[&str]) -> std::result::Result<Vec<u8>, Failure>;

/// What `git config` lists, in git's order: of values of one key the last counts.
fn settings(ask: Ask<'_>, directory: &Path, arguments: &[&str]) -> Vec<Setting> {
    // Where there is none, git fails.
    let listed = ask(&[&["config", "--show-origin", "--null"], arguments].concat()).unwrap_or_default();
    let listed = String::from_utf8_lossy(&listed);
    let words: Vec<&str> = listed.split('\0').collect();
    let setting = |words: &[&str]| {
        let (origin, (key, value)) = (words.first()?, words.get(1)?.split_once('\n')?);
        Some(Setting {
            key: key.to_owned(),
            value: value.to_owned(),
            file: origin.strip_prefix("file:").map(|file| directory.join(file)),
        })
    };
    words.chunks(2).filter_map(setting).collect()
}

/// One answer, without its last line feed: a path may end in another.
fn ask(
    git: &OsStr,
    directory: &Path,
    repository: Repository,
    arguments: &[&str],
) -> std::result::Result<Vec<u8>, Failure> {
    let mut answer = process::run(&Call {
        program: git,
        arguments: arguments.iter().map(OsStr::new).collect(),
        directory,
        repository,
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
