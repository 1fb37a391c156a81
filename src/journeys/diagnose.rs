//! What is wrong with the installation, the view and the store, each with what mends it.
//!
//! Not here: what is wrong with a document (verify.rs).

use std::ffi::OsStr;
use std::path::Path;
use std::time::Duration;

use crate::error::Result;
use crate::install::{self, EventStatus, Installed, Points, Status, Version};
use crate::policy_file;
use crate::process::{self, Call};
use crate::repo::Head;
use crate::store::{Access, Store};
use crate::view::{self, Content, View};

use super::Session;

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Finding {
    /// It is right; says what.
    Right(String),
    /// It is wrong; says what, and what to do.
    Wrong {
        /// One sentence.
        what: String,
        /// A command or a step.
        fix: String,
    },
}

impl Finding {
    fn wrong(what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::Wrong {
            what: what.into(),
            fix: fix.into(),
        }
    }
}

/// Looks at everything. `program` is this program's own file.
pub(crate) fn diagnose(session: &Session<'_>, program: &Path) -> Result<Vec<Finding>> {
    let target = install::find(OsStr::new("git"), &session.world.directory)?;
    let status = install::status(&target, program)?;
    let mut findings = hooks(&status);
    findings.push(on_path(session));
    findings.extend(policy(session));
    findings.extend(view(session)?);
    findings.extend(store(session)?);
    Ok(findings)
}

fn hooks(status: &Status) -> Vec<Finding> {
    let mut findings: Vec<Finding> = status
        .events
        .iter()
        .map(|event| hook(event, status.git_version))
        .collect();
    if findings.iter().all(|finding| matches!(finding, Finding::Right(_))) {
        findings = vec![Finding::Right(format!(
            "the hooks are installed (git {})",
            status.git_version
        ))];
    }
    let missing = |event: &EventStatus| event.config.is_none() && event.file.is_none();
    if status.events.iter().all(missing) {
        findings = vec![Finding::wrong("the hooks are not installed", "git branchwork init")];
    }
    let gone = |event: &EventStatus| match event.config.as_ref().or(event.file.as_ref()) {
        Some(Installed {
            points: Points::Gone(path),
            ..
        }) => Some(path.clone()),
        _ => None,
    };
    if let Some(path) = status.events.first().and_then(gone)
        && status.events.iter().all(|event| gone(event).as_ref() == Some(&path))
    {
        let what = format!("the hooks start a program that is gone: '{}'", path.display());
        findings = vec![Finding::wrong(what, "git branchwork init")];
    }
    let twice = status.git_version >= Version::CONFIG_HOOKS && !status.by_hand.is_empty();
    for (_, file) in status.by_hand.iter().filter(|_| twice) {
        findings.push(Finding::wrong(
            format!(
                "'{}' starts git-branchwork too, so that hook runs twice",
                file.display()
            ),
            format!("take the line out of '{}'", file.display()),
        ));
    }
    findings
}

fn hook(status: &EventStatus, git: Version) -> Finding {
    let name = status.event.name();
    let config = status.config.as_ref().filter(|_| git >= Version::CONFIG_HOOKS);
    match (config, &status.file) {
        (Some(_), Some(file)) => Finding::wrong(
            format!(
                "the {name} hook runs twice: by the configuration and by '{}'",
                file.place.display()
            ),
            "git branchwork init",
        ),
        (Some(installed), None) | (None, Some(installed)) => points(name, installed),
        (None, None) if status.config.is_some() => Finding::wrong(
            format!("the {name} hook is in the configuration, which git {git} does not look at"),
            "git branchwork init, or use git 2.54 or newer",
        ),
        (None, None) => Finding::wrong(format!("the {name} hook is not installed"), "git branchwork init"),
    }
}

fn points(name: &str, installed: &Installed) -> Finding {
    match &installed.points {
        Points::Here => Finding::Right(format!("the {name} hook is installed")),
        Points::Elsewhere(path) => Finding::wrong(
            format!("the {name} hook starts another git-branchwork: '{}'", path.display()),
            "git branchwork init",
        ),
        Points::Gone(path) => Finding::wrong(
            format!("the {name} hook starts a program that is gone: '{}'", path.display()),
            "git branchwork init",
        ),
        Points::Unknown => Finding::wrong(
            format!("the {name} hook in '{}' was changed by hand", installed.place.display()),
            "git branchwork deinit, then git branchwork init",
        ),
        Points::SwitchedOff => Finding::wrong(
            format!("the {name} hook is switched off in '{}'", installed.place.display()),
            format!("git config --unset hook.branchwork.{name}.enabled"),
        ),
    }
}

/// `git branchwork` works where git finds the program on PATH.
fn on_path(session: &Session<'_>) -> Finding {
    let path = session.world.environment.get(OsStr::new("PATH"));
    let found = path.and_then(|path| {
        std::env::split_paths(path)
            .map(|folder| folder.join("git-branchwork"))
            .find(|file| file.is_file())
    });
    match found {
        Some(file) => Finding::Right(format!("`git branchwork` runs '{}'", file.display())),
        None => Finding::wrong(
            "`git branchwork` finds no git-branchwork on PATH",
            "add the folder of git-branchwork to PATH",
        ),
    }
}

fn policy(session: &Session<'_>) -> Vec<Finding> {
    let name = policy_file::NAME;
    let problems = policy_file::of_work_tree(&session.repository).problems;
    let mut findings: Vec<Finding> = problems
        .iter()
        .map(|problem| Finding::wrong(format!("{name}: {}", problem.message), "git branchwork check"))
        .collect();
    if let Err(error) = policy_file::template(&session.repository, &session.policy) {
        findings.push(Finding::wrong(error.to_string(), error.hint.unwrap_or_default()));
    }
    findings
}

fn view(session: &Session<'_>) -> Result<Option<Finding>> {
    let Some(checkout) = session.repository.checkouts().into_iter().next() else {
        return Ok(None);
    };
    if let Head::Branch(_, tip) = session.repository.head()?
        && session.repository.has_file(&tip, view::PATH)
    {
        let fix = format!("git rm --cached {}, then commit", view::PATH);
        return Ok(Some(Finding::wrong(format!("'{}' is tracked by git", view::PATH), fix)));
    }
    Ok(match View::of(&checkout).read()? {
        Content::Special(what) => Some(Finding::wrong(
            format!("'{}' is {what}, so it is not written", view::PATH),
            "move it away",
        )),
        Content::Missing | Content::Text(_) => None,
    })
}

fn store(session: &Session<'_>) -> Result<Vec<Finding>> {
    let Some(store) = session.store()? else {
        return Ok(vec![Finding::Right("no document was made yet".into())]);
    };
    let mut findings = Vec::new();
    if let Access::ReadOnly(reason) = store.access()? {
        findings.push(Finding::wrong(
            format!("the store cannot be written: {reason}"),
            format!("make '{}' writable", store.path().display()),
        ));
    }
    let documents = store.documents()?;
    findings.push(match fsck(store) {
        Ok(()) => Finding::Right(format!("the store is whole, documents in it: {}", documents.len())),
        Err(reason) => Finding::wrong(
            format!("the store is damaged: {reason}"),
            format!("git -C '{}' fsck", store.path().display()),
        ),
    });
    Ok(findings)
}

fn fsck(store: &Store) -> std::result::Result<(), String> {
    let call = Call {
        program: OsStr::new("git"),
        arguments: ["fsck", "--no-dangling", "--no-progress"].map(OsStr::new).to_vec(),
        directory: store.path(),
        repository: process::Repository::OfDirectory,
        environment: &[],
        timeout: Duration::from_secs(60),
    };
    process::run(&call).map(drop).map_err(|failure| failure.to_string())
}
