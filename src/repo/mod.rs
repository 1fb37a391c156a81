//! The user's repository, read-only: where it is, what HEAD names, its configuration.
//!
//! The other files here read branches, commits and history. Deliberately absent: anything that writes an object, a ref,
//! the index or the configuration of the user's repository; the index is not even read (16 to 22 ms in a large one).

mod branches;
mod by_command;
mod changes;
mod commits;
mod grafts;
mod graph;
mod history;
mod kept;
mod lineage;
mod loose;
mod packed;
mod ref_files;
mod references;
mod safe;
mod small;
mod squash;
mod underway;
mod usual;

use std::cell::{OnceCell, RefCell};
use std::collections::{HashMap, HashSet};
use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};

use gix::bstr::{BString, ByteSlice};

use crate::error::{Error, Result};
use crate::names::{BranchName, CommitId};
use crate::world::World;

pub(crate) use branches::{Checkout, Creation, MOST_MOVEMENTS};
pub(crate) use commits::{ContentId, Entry};
pub(crate) use history::MOST_VISITED;
pub(crate) use kept::{Section, each_section_of};
pub(crate) use lineage::{Lineage, Scope};
pub(crate) use ref_files::{RACY, look};
pub(crate) use small::read_small;
pub(crate) use squash::Merged;
pub(crate) use underway::{is_rewriting, is_rewriting_in};
pub(crate) use usual::Usual;

/// The git directory in a work tree, or the file that names it.
const DOT_GIT: &str = ".git";
/// How many bytes of objects are kept in memory.
const OBJECT_CACHE: usize = 1024 * 1024;

/// The hash function that names a repository's objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ObjectFormat {
    /// 40 hex digits.
    Sha1,
    /// 64 hex digits.
    Sha256,
}

/// What HEAD names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Head {
    /// A branch with a commit.
    Branch(BranchName, CommitId),
    /// A branch that has no commit yet.
    Unborn(BranchName),
    /// A commit.
    Detached,
    /// A ref that cannot be a branch with a document: outside refs/heads, or its name is not UTF-8.
    Other,
}

/// An operation that git has begun and not finished.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    /// `git rebase` of this branch; `None` where it is not known (the apply backend, before its first stop).
    Rebase(Option<BranchName>),
    /// `git am`.
    ApplyMailbox,
    /// `git merge` before its commit.
    Merge,
    /// `git bisect`.
    Bisect,
    /// `git cherry-pick` or `git revert`.
    Pick,
}

/// Which files of a commit a work tree holds (git-sparse-checkout(1)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sparseness {
    /// All.
    Whole,
    /// Those of some folders, and those at the top.
    Cone,
    /// Those that a list of patterns names.
    Lines,
}

/// The user's repository.
pub(crate) struct Repository {
    /// Never dropped: the process ends with it, and what a large configuration is kept in takes as long to give back as to make.
    inner: ManuallyDrop<gix::Repository>,
    /// Where gix cannot read the refs.
    commands: Option<by_command::Commands>,
    git_dir: PathBuf,
    common_dir: PathBuf,
    work_tree: Option<PathBuf>,
    /// Read when the first commit's parents are asked for.
    grafts: OnceCell<grafts::Grafts>,
    /// Read when the first walk begins.
    graph: OnceCell<Option<gix::commitgraph::Graph>>,
    /// Some commits that a walk has opened.
    opened: RefCell<HashMap<gix::ObjectId, graph::Node>>,
    /// Made when the first object is asked for that has it.
    loose: OnceCell<loose::Loose>,
    /// The refs that HEAD names in the work trees, where they were noted.
    checked_out: OnceCell<HashSet<BString>>,
}

impl Repository {
    /// The repository that git would use in `world`'s directory, `GIT_DIR` and its relatives honoured.
    ///
    /// Errors: no repository there; it is owned by somebody else and not in `safe.directory`; it uses an extension that is not
    /// known (git refuses those too); git's own commands, which are needed for some formats of refs, fail.
    pub(crate) fn discover(world: &World) -> Result<Self> {
        let upwards = gix::discover::upwards::Options {
            match_ceiling_dir_or_error: false,
            ..Default::default()
        };
        let mut options = gix::open::Options::default()
            .lossy_config(true)
            .cli_overrides(command_line_config(world));
        if let Some(path) = system_config(world) {
            options = options.system_config_path(path);
        }
        let trust = gix::sec::trust::Mapping {
            full: options.clone(),
            reduced: options,
        };
        let inner =
            gix::ThreadSafeRepository::discover_with_environment_overrides_opts(&world.directory, upwards, trust)
                .map_err(|error| cannot_open(world, &error))?;
        Self::of(inner.to_thread_local(), world)
    }

    fn of(mut inner: gix::Repository, world: &World) -> Result<Self> {
        check_readable(&inner)?;
        // A commit is asked for by several who do not know of each other.
        inner.object_cache_size(OBJECT_CACHE);
        let work_tree = work_tree(&inner, world).map(|path| real(path, world)).transpose()?;
        let git_dir = match &work_tree {
            Some(top) if is_plain_folder(inner.path(), top) => top.join(DOT_GIT),
            _ => real(inner.path(), world)?,
        };
        let common_dir = match inner.common_dir() == inner.path() {
            true => git_dir.clone(),
            false => real(inner.common_dir(), world)?,
        };
        check_common_dir(world, &common_dir)?;
        let storage = inner.config_snapshot().string("extensions.refStorage");
        let commands = match storage.is_some_and(|storage| storage != "files") {
            false => None,
            true => {
                let (directory, hash) = (world.directory.clone(), inner.object_hash());
                let commands = by_command::Commands::ask(git_dir.clone(), directory, hash)?;
                commands.replace_objects(&mut inner)?;
                Some(commands)
            }
        };
        Ok(Self {
            git_dir,
            common_dir,
            work_tree,
            grafts: OnceCell::new(),
            graph: OnceCell::new(),
            opened: RefCell::default(),
            loose: OnceCell::new(),
            checked_out: OnceCell::new(),
            commands,
            inner: ManuallyDrop::new(inner),
        })
    }

    /// The repository whose work tree `top` is, without the machine's and the user's configuration and environment.
    #[cfg(test)]
    pub(crate) fn isolated(top: &Path) -> Self {
        let world = World::new(Default::default(), top.to_owned(), None, Default::default());
        let inner = gix::open_opts(top, gix::open::Options::isolated().lossy_config(true));
        Self::of(inner.unwrap(), &world).unwrap()
    }

    fn loose(&self) -> &loose::Loose {
        self.loose.get_or_init(|| loose::Loose::of(&self.inner))
    }

    /// This work tree's git directory, absolute.
    pub(crate) fn git_dir(&self) -> &Path {
        &self.git_dir
    }

    /// The git directory that all work trees share, absolute.
    pub(crate) fn common_dir(&self) -> &Path {
        &self.common_dir
    }

    /// The top of the work tree, absolute; `None` in a bare repository.
    pub(crate) fn work_tree(&self) -> Option<&Path> {
        self.work_tree.as_deref()
    }

    /// The hash function of its object ids.
    pub(crate) fn object_format(&self) -> ObjectFormat {
        match self.inner.object_hash() {
            gix::hash::Kind::Sha256 => ObjectFormat::Sha256,
            _ => ObjectFormat::Sha1,
        }
    }

    /// What HEAD names. Opens no object.
    pub(crate) fn head(&self) -> Result<Head> {
        let named = |full: &gix::refs::FullName| full.as_bstr().to_str().ok().and_then(BranchName::from_ref);
        Ok(match &self.head_kind()? {
            gix::head::Kind::Detached { .. } => Head::Detached,
            gix::head::Kind::Unborn(full) => named(full).map_or(Head::Other, Head::Unborn),
            gix::head::Kind::Symbolic(reference) => match (named(&reference.name), reference.target.try_id()) {
                (Some(branch), Some(id)) => Head::Branch(branch, commit_id(id)?),
                _ => Head::Other,
            },
        })
    }

    /// The commit that HEAD names, on a branch or not.
    pub(crate) fn head_commit(&self) -> Option<CommitId> {
        match self.head_kind().ok()? {
            gix::head::Kind::Detached { target, .. } => commit_id(&target).ok(),
            gix::head::Kind::Symbolic(reference) => commit_id(reference.target.try_id()?).ok(),
            gix::head::Kind::Unborn(_) => None,
        }
    }

    /// The operation under way in this work tree.
    pub(crate) fn operation(&self) -> Option<Operation> {
        use gix::state::InProgress as State;
        let Some(state) = self.inner.state() else {
            return self.picks_by_ref().then_some(Operation::Pick);
        };
        Some(match state {
            State::ApplyMailbox => Operation::ApplyMailbox,
            State::Rebase | State::RebaseInteractive | State::ApplyMailboxRebase => {
                Operation::Rebase(self.branch_being_rebased())
            }
            State::Merge => Operation::Merge,
            State::Bisect => Operation::Bisect,
            _ => Operation::Pick,
        })
    }

    fn branch_being_rebased(&self) -> Option<BranchName> {
        ["rebase-merge/head-name", "rebase-apply/head-name"]
            .iter()
            .find_map(|name| std::fs::read_to_string(self.git_dir.join(name)).ok())
            .and_then(|text| BranchName::from_ref(text.trim_end()))
    }

    /// The branch that work here is about: HEAD's, or the one being rebased.
    pub(crate) fn current_branch(&self) -> Result<Option<BranchName>> {
        if let Some(Operation::Rebase(Some(branch))) = self.operation() {
            return Ok(Some(branch));
        }
        Ok(match self.head()? {
            Head::Branch(branch, _) | Head::Unborn(branch) => Some(branch),
            Head::Detached | Head::Other => None,
        })
    }

    /// The value of a configuration key such as `user.email`, where it is set, not empty and UTF-8.
    pub(crate) fn config(&self, key: &str) -> Option<String> {
        let value = self.inner.config_snapshot().string(key)?;
        let text = value.to_str().ok()?;
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// Which files of a commit the work tree holds.
    pub(crate) fn sparseness(&self) -> Sparseness {
        let config = self.inner.config_snapshot();
        let is = |key: &str| config.boolean(key) == Some(true);
        match (is("core.sparseCheckout"), is("core.sparseCheckoutCone")) {
            (false, _) => Sparseness::Whole,
            (true, true) => Sparseness::Cone,
            (true, false) => Sparseness::Lines,
        }
    }

    /// Who the user is to git: the committer's name and e-mail address, from `GIT_COMMITTER_*` or the configuration.
    ///
    /// Not the author's: in a hook `GIT_AUTHOR_*` are those of the commit being made.
    pub(crate) fn committer(&self) -> (Option<String>, Option<String>) {
        // gix keeps the variables of git as these keys. Its own function of this name makes a date as well, for which it
        // walks all of /usr/share/zoneinfo: 0.6 ms.
        let first = |keys: &[&str]| {
            let values = keys.iter().filter_map(|key| self.inner.config_snapshot().string(*key));
            let mut texts = values.map(|value| value.to_str_lossy().trim().to_owned());
            texts.find(|text| !text.is_empty())
        };
        (
            first(&["committer.name", "user.name"]),
            first(&["committer.email", "user.email", "gitoxide.user.emailFallback"]),
        )
    }
}

/// The absolute path without links. A working directory is one already: so the system gives it (getcwd(2)).
fn real(path: &Path, world: &World) -> Result<PathBuf> {
    if cfg!(unix) && path == world.directory {
        return Ok(path.to_owned());
    }
    std::fs::canonicalize(path).map_err(|error| Error::new(format!("cannot find '{}'", path.display())).because(&error))
}

/// Whether `git_dir` is the usual one in `top`, a path without links, and no link itself.
fn is_plain_folder(git_dir: &Path, top: &Path) -> bool {
    git_dir == top.join(DOT_GIT) && std::fs::symlink_metadata(git_dir).is_ok_and(|metadata| metadata.is_dir())
}

fn cannot_open(world: &World, error: &gix::Error) -> Error {
    let place = world.directory.display();
    if error.is_not_found() && world.variable("GIT_DIR").is_none() {
        return Error::new(format!(
            "'{place}' is not in a git repository, nor is any of its parents"
        ))
        .hint("cd into one, or name it: git branchwork -C <path> …");
    }
    Error::new(format!("cannot open the git repository of '{place}'"))
        .because(error)
        .hint("git status")
}

/// The top of the work tree. To a hook of a linked work tree, or of a repository whose git directory lies elsewhere, git tells
/// `GIT_DIR` alone: the work tree is where it starts the hook (git(1), --git-dir). Where gix takes it to be is not right in a
/// linked one that was moved by hand.
fn work_tree<'a>(repository: &'a gix::Repository, world: &'a World) -> Option<&'a Path> {
    let told = world.variable("GIT_DIR").is_some() && world.variable("GIT_WORK_TREE").is_none();
    let linked = repository.path() != repository.common_dir();
    let bare = !linked && repository.config_snapshot().boolean("core.bare") == Some(true);
    let here = || (told && !bare).then_some(world.directory.as_path());
    let is_there = |top: &&Path| !(told && linked) || branches::leads_to(top, repository.path());
    repository.workdir().filter(is_there).or_else(here)
}

/// Whether somebody else owns what is read here. gix also says so of a work tree that is not where it was.
fn is_somebody_elses(repository: &gix::Repository) -> bool {
    use gix::sec::Trust;
    let mine = |path: &Path| Trust::from_path_ownership(path).is_ok_and(|trust| trust == Trust::Full);
    let away = repository.workdir().is_some_and(|top| !top.exists());
    let only_away = || away && mine(repository.path()) && mine(repository.common_dir());
    repository.git_dir_trust() == Trust::Reduced && !only_away()
}

/// gix does not know `GIT_COMMON_DIR`: where it names another directory than the one that was found, git would read other refs.
fn check_common_dir(world: &World, found: &Path) -> Result<()> {
    let Some(named) = world.variable("GIT_COMMON_DIR") else {
        return Ok(());
    };
    if std::fs::canonicalize(world.directory.join(named)).is_ok_and(|named| named == found) {
        return Ok(());
    }
    Err(
        Error::new(format!("GIT_COMMON_DIR names '{named}', which cannot be used here"))
            .why(format!("the common directory is '{}'", found.display()))
            .hint("unset GIT_COMMON_DIR"),
    )
}

/// What cannot be read right is refused, before it is read wrong.
fn check_readable(repository: &gix::Repository) -> Result<()> {
    if is_somebody_elses(repository) && !safe::is_trusted(repository) {
        return Err(Error::new(format!(
            "the repository '{}' is owned by somebody else",
            repository.path().display()
        ))
        .hint(format!(
            "if you trust it: git config --global --add safe.directory {}",
            repository.workdir().unwrap_or(repository.path()).display()
        )));
    }
    let config = repository.config_snapshot();
    const KNOWN: [&str; 7] = [
        "noop",
        "preciousobjects",
        "partialclone",
        "worktreeconfig",
        "objectformat",
        "relativeworktrees",
        "refstorage",
    ];
    let extensions = config.plumbing().sections_by_name("extensions");
    for section in extensions.into_iter().flatten() {
        for name in section.value_names() {
            let name = name.to_string();
            if !KNOWN.contains(&name.to_ascii_lowercase().as_str()) {
                return Err(Error::new(format!(
                    "the repository uses the extension '{name}', which is not known here"
                ))
                .hint("update git-branchwork"));
            }
        }
    }
    Ok(())
}

/// `git -c key=value` reaches hooks and `git branchwork` in `GIT_CONFIG_PARAMETERS`, each as `'key'='value'` or
/// `'key=value'`, a quote inside written `'\''` (git's config.c; the first form since git 2.31).
fn command_line_config(world: &World) -> Vec<BString> {
    let Some(text) = world.variable("GIT_CONFIG_PARAMETERS") else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let mut word = String::new();
    let mut characters = text.chars().peekable();
    let mut quoted = false;
    while let Some(character) = characters.next() {
        match character {
            '\'' => quoted = !quoted,
            '\\' if !quoted => word.extend(characters.next()),
            ' ' if !quoted => found.push(std::mem::take(&mut word)),
            _ => word.push(character),
        }
    }
    found.push(word);
    found.retain(|word| !word.is_empty());
    found.into_iter().map(BString::from).collect()
}

/// The system configuration of the git that runs us, which may live in another prefix than `/etc`: it exports where its
/// programs are as `GIT_EXEC_PATH`, and reads `<prefix>/etc/gitconfig` (git-config(1), FILES).
fn system_config(world: &World) -> Option<PathBuf> {
    let programs = Path::new(world.variable("GIT_EXEC_PATH")?);
    let prefix = programs.parent()?.parent()?;
    (prefix != Path::new("/usr")).then(|| prefix.join("etc/gitconfig"))
}

/// `id` as a name that other rooms know.
pub(crate) fn commit_id(id: &gix::oid) -> Result<CommitId> {
    let hex = id.to_hex().to_string();
    CommitId::parse(&hex).ok_or_else(|| Error::new(format!("'{hex}' is not an object id")))
}

/// `id` as gix knows it.
pub(crate) fn object_id(id: &CommitId) -> Result<gix::ObjectId> {
    gix::ObjectId::from_hex(id.as_str().as_bytes())
        .map_err(|error| Error::new(format!("'{id}' is not an object id")).because(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn config_from_the_command_line() {
        let mut world = World::new(Default::default(), PathBuf::new(), None, Default::default());
        let parameters = r"'user.name'='it'\''s me' 'a.b=c' ";
        world
            .environment
            .insert("GIT_CONFIG_PARAMETERS".into(), parameters.into());
        assert_eq!(command_line_config(&world), ["user.name=it's me", "a.b=c"]);
    }
}
