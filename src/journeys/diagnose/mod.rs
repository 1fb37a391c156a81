//! What is wrong with the installation, the views and the store, each with what mends it; and mending what nothing can be
//! lost by.
//!
//! Not here: what is wrong with a document (verify.rs).

mod documents;
mod hooks;
mod machine;
mod remote;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::install;
use crate::names::BranchName;
use crate::repo::Checkout;
use crate::store::Access;
use crate::view::View;

use super::settle::{Tracking, settle};
use super::{Session, edit};

pub(crate) use hooks::{unset, why};
pub(crate) use remote::probe;

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    /// How bad it is.
    pub(crate) severity: Severity,
    /// One sentence.
    pub(crate) what: String,
    /// A command or a step; `None` where nothing is to be done.
    pub(crate) fix: Option<String>,
    /// What [`mend`] does about it, where nothing can be lost by that.
    remedy: Option<Remedy>,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Severity {
    /// It is as it should be.
    Right,
    /// It may be meant so, or matters for some programs only.
    Note,
    /// It is not as it should be.
    Wrong,
}

/// Something that can be done without asking: no text of a person's and no tracked file is touched by it.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Remedy {
    /// As `init` does it.
    InstallHooks,
    /// As every command on the branch does it: an edited view is taken in first.
    RestoreView(BranchName),
    /// As a switch to a branch without a document does it: an edited view is taken in first.
    RemoveView(Checkout),
    /// The file that keeps the view out of git.
    KeepOutOfGit(Checkout),
    /// Files that killed runs left behind, and that nothing uses.
    Remove(Vec<PathBuf>),
}

impl Finding {
    fn right(what: impl Into<String>) -> Self {
        Self {
            severity: Severity::Right,
            what: what.into(),
            fix: None,
            remedy: None,
        }
    }

    fn wrong(what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self {
            severity: Severity::Wrong,
            what: what.into(),
            fix: Some(fix.into()),
            remedy: None,
        }
    }

    fn note(what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self {
            severity: Severity::Note,
            ..Self::wrong(what, fix)
        }
    }

    /// An error that ended the looking.
    fn failed(error: &Error) -> Self {
        Self {
            fix: error.hint.clone(),
            ..Self::wrong(error.to_string(), "")
        }
    }

    fn with(self, remedy: Remedy) -> Self {
        Self {
            remedy: Some(remedy),
            ..self
        }
    }

    /// Whether [`mend`] can do something about it.
    pub(crate) fn can_be_mended(&self) -> bool {
        self.remedy.is_some()
    }
}

/// What mends the findings that have a remedy.
const DOCTOR_FIX: &str = "git branchwork doctor --fix";

/// Looks at everything, changing nothing. `program` is this program's own file.
pub(crate) fn diagnose(session: &Session<'_>, program: &Path) -> Vec<Finding> {
    let mut findings = Vec::new();
    let target = install::find(OsStr::new("git"), &session.world.directory);
    match target.and_then(|target| Ok((install::status(&target, program)?, target))) {
        Ok((status, target)) => {
            findings.extend(hooks::hooks(session, &target, &status, program));
            findings.extend(machine::machine(session, &target, &status));
            let left = install::leftovers(&target);
            findings.extend(documents::documents(session, left));
        }
        Err(error) => {
            findings.push(Finding::failed(&error));
            findings.extend(documents::documents(session, Vec::new()));
        }
    }
    findings
}

/// Does what can be done without asking about `findings`. What did not work is in the result.
pub(crate) fn mend(session: &Session<'_>, program: &Path, findings: &[Finding]) -> Vec<Error> {
    let mut done: Vec<&Remedy> = Vec::new();
    let mut errors = Vec::new();
    for remedy in findings.iter().filter_map(|finding| finding.remedy.as_ref()) {
        if !done.contains(&remedy) {
            done.push(remedy);
            errors.extend(apply(session, program, remedy).err());
        }
    }
    errors
}

fn apply(session: &Session<'_>, program: &Path, remedy: &Remedy) -> Result<()> {
    match remedy {
        Remedy::InstallHooks => {
            let target = install::find(OsStr::new("git"), &session.world.directory)?;
            install::install(&target, program).map(drop)
        }
        Remedy::RestoreView(branch) => edit::read(session, branch).map(drop),
        Remedy::RemoveView(checkout) => remove_view(session, checkout),
        Remedy::KeepOutOfGit(checkout) => View::of(checkout).keep_out_of_git(),
        Remedy::Remove(paths) => remove(session, paths),
    }
}

fn remove_view(session: &Session<'_>, checkout: &Checkout) -> Result<()> {
    let Some(store) = session.store()? else { return Ok(()) };
    let branch = session.repository.branch_at(checkout);
    let head = branch.and_then(|branch| session.repository.tip(&branch));
    match store.access()? {
        Access::Writer(writer) => settle(session, &writer, checkout, head.as_ref(), None, Tracking::Verify).map(drop),
        Access::ReadOnly(reason) => Err(Error::new("the store cannot be written").why(reason)),
    }
}

/// Writers hold the store's lock, so none of them is at work on these files; what is used without it is not among them.
fn remove(session: &Session<'_>, paths: &[PathBuf]) -> Result<()> {
    let writer = session.store()?.map(crate::store::Store::access).transpose()?;
    if let Some(Access::ReadOnly(reason)) = writer {
        return Err(Error::new("the store cannot be written").why(reason));
    }
    for path in paths {
        let removed = match path.is_dir() {
            true => std::fs::remove_dir_all(path),
            false => std::fs::remove_file(path),
        };
        removed.map_err(|error| Error::new(format!("cannot remove '{}'", path.display())).because(&error))?;
    }
    Ok(())
}
