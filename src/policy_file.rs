//! Where rules and templates are read from: `.branchwork.yml` at the top of the work tree or in a commit, the team's
//! template in the tree, the user's in the platform's configuration directory.
//!
//! Not here: what a policy means (policy.rs). A tracked file is data: it is opened without following links, and a path that
//! it names cannot leave the work tree.

use std::collections::{HashMap, HashSet};
use std::path::{Component, Path, PathBuf};
use std::rc::Rc;

use crate::error::{Error, Result};
use crate::names::{CommitId, visible};
use crate::policy::{Policy, PolicyProblem};
use crate::repo::{ContentId, Entry, Repository, Sparseness};

/// The policy file's name at the top of the tree.
pub(crate) const NAME: &str = ".branchwork.yml";
/// The user's template in the configuration directory: `~/.config/branchwork/template.md` on Linux,
/// `~/Library/Application Support/branchwork/template.md` on macOS (directories 6).
const USER_TEMPLATE: &str = "template.md";
/// Larger files are not read.
const LARGEST: u64 = 1024 * 1024;

/// A policy that was read.
#[derive(Clone, Debug, Default)]
pub(crate) struct PolicyFile {
    /// What it says; the defaults where there is no file.
    pub(crate) policy: Policy,
    /// What is wrong with it.
    pub(crate) problems: Vec<PolicyProblem>,
    /// The file's text, in which the problems have their places.
    pub(crate) text: Vec<u8>,
}

impl PolicyFile {
    fn parse(text: Option<Vec<u8>>) -> Self {
        let text = text.unwrap_or_default();
        let (policy, problems) = Policy::parse(&text);
        Self { policy, problems, text }
    }

    /// The default, with that as its problem: nobody gets past the gate by a file that is too large.
    fn unreadable(error: &dyn std::error::Error) -> Self {
        Self {
            problems: vec![PolicyProblem {
                message: format!("the policy cannot be read: {error}"),
                place: 0..0,
                did_you_mean: None,
            }],
            ..Self::default()
        }
    }
}

/// The work tree's policy. A sparse checkout may have left the file out, but never in cone mode: it is at the top.
pub(crate) fn of_work_tree(repository: &Repository) -> PolicyFile {
    let Some(top) = repository.work_tree() else {
        return PolicyFile::parse(None);
    };
    match read_inside(top, Path::new(NAME)) {
        Ok(None) if repository.sparseness() == Sparseness::Lines => {
            // HEAD's commit has what was left out.
            let committed = repository.head_commit().map(|head| repository.file_at(&head, NAME));
            let text = committed.transpose().map(Option::flatten);
            text.map_or_else(|error| PolicyFile::unreadable(&error), PolicyFile::parse)
        }
        Ok(text) => PolicyFile::parse(text),
        Err(error) => PolicyFile::unreadable(&error),
    }
}

/// The policies of commits, each text read once: many commits have the same.
#[derive(Default)]
pub(crate) struct OfCommits {
    /// Which text each commit has.
    texts: HashMap<CommitId, Option<ContentId>>,
    /// Those that are no text: links, folders, submodules.
    others: HashSet<ContentId>,
    read: HashMap<Option<ContentId>, Rc<PolicyFile>>,
}

impl OfCommits {
    /// The policy as a commit has it. One that cannot be read is the default, and says so: nobody gets past the gate by that.
    ///
    /// Errors: there is no such commit.
    pub(crate) fn policy(&mut self, repository: &Repository, id: &CommitId) -> Result<Rc<PolicyFile>> {
        let content = self.text(repository, id)?;
        if let Some(known) = self.read.get(&content) {
            return Ok(known.clone());
        }
        let read = |content| match self.others.contains(&content) {
            true => Err(Error::new("it is not a regular file")),
            false => repository.content(content, LARGEST),
        };
        let text = content.map(read).transpose();
        let file = Rc::new(text.map_or_else(|error| PolicyFile::unreadable(&error), PolicyFile::parse));
        self.read.insert(content, file.clone());
        Ok(file)
    }

    /// The name of what a commit has in the policy's place; `None` where it has nothing.
    ///
    /// Errors: there is no such commit.
    pub(crate) fn text(&mut self, repository: &Repository, id: &CommitId) -> Result<Option<ContentId>> {
        if let Some(known) = self.texts.get(id) {
            return Ok(*known);
        }
        let entry = repository.entry_at(id, NAME)?;
        let content = entry.map(|(content, _)| content);
        self.others
            .extend(entry.filter(|(_, is)| *is == Entry::Other).map(|(content, _)| content));
        self.texts.insert(id.clone(), content);
        Ok(content)
    }
}

/// The template that new documents are made from: the team's, else the user's; `None` for the built-in one.
///
/// A team's template is one that HEAD's commit has. Anything else in the work tree is the user's alone (`.env`): whoever can push
/// a branch could have it put into a document, and a document is sent.
///
/// Errors: the policy names a template that is missing, that is not committed, or that is no regular file inside the work tree.
pub(crate) fn template(repository: &Repository, policy: &Policy) -> Result<Option<Vec<u8>>> {
    if let (Some(path), Some(top)) = (&policy.template, repository.work_tree()) {
        let cannot = || {
            Error::new(format!("cannot use the template '{}' that {NAME} names", visible(path))).hint(format!(
                "give the path of a regular file that is committed, or take 'template:' out of {NAME}"
            ))
        };
        let mut text = read_inside(top, Path::new(path)).map_err(|error| cannot().because(&error))?;
        let committed = repository.head_commit().map(|head| repository.content_at(&head, path));
        let committed = committed
            .transpose()
            .map_err(|error| cannot().because(&error))?
            .flatten();
        if let (None, Some(content)) = (&text, committed)
            && repository.sparseness() != Sparseness::Whole
        {
            let content = repository.content(content, LARGEST);
            text = Some(content.map_err(|error| cannot().because(&error))?);
        }
        if text.is_some() && committed.is_none() {
            return Err(cannot().why("HEAD's commit does not have it"));
        }
        return text.map(Some).ok_or_else(|| cannot().why("it is not there"));
    }
    let Some(folders) = directories::ProjectDirs::from("", "", "branchwork") else {
        return Ok(None);
    };
    let path: PathBuf = folders.config_dir().join(USER_TEMPLATE);
    match std::fs::read(&path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::new(format!("cannot read your template '{}'", path.display())).because(&error)),
    }
}

/// The regular file at `path` below `top`; `None` where there is nothing. No component may be a link or lead upwards.
pub(crate) fn read_inside(top: &Path, path: &Path) -> std::io::Result<Option<Vec<u8>>> {
    let refuse = |why: &str| std::io::Error::new(std::io::ErrorKind::InvalidInput, why.to_owned());
    let mut full = top.to_owned();
    for component in path.components() {
        match component {
            Component::Normal(name) => full.push(name),
            Component::CurDir => continue,
            _ => return Err(refuse("the path leads outside the work tree")),
        }
        match std::fs::symlink_metadata(&full) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
            Ok(metadata) if metadata.is_symlink() => return Err(refuse("it is a symbolic link or lies behind one")),
            Ok(_) => {}
        }
    }
    let metadata = std::fs::symlink_metadata(&full)?;
    if !metadata.is_file() {
        return Err(refuse("it is not a regular file"));
    }
    if metadata.len() > LARGEST {
        return Err(refuse("it is larger than 1 MiB"));
    }
    std::fs::read(&full).map(Some)
}
