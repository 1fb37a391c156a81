//! Whether documents are where they should be: the policy, the views, the store, and which branch has one.
//!
//! Not here: what is wrong inside a document (verify.rs).

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::check;
use crate::check::branch_option;
use crate::error::Result;
use crate::names::BranchName;
use crate::policy_file;
use crate::process::{self, Call, Repository};
use crate::repo::Checkout;
use crate::store::{self, Access, Store};
use crate::view::{self, Content, View};

use super::super::{open, sync};
use super::{DOCTOR_FIX, Finding, Remedy, Session};

/// How many branches are named before the rest are counted.
const MOST_NAMED: usize = 5;

/// All of it. `left` are files that killed runs left elsewhere.
pub(super) fn documents(session: &Session<'_>, left: Vec<PathBuf>) -> Vec<Finding> {
    let mut findings = policy(session);
    findings.extend(sync::odd_settings(session).into_iter().map(|(key, value, fix)| {
        let value = crate::names::visible(&value);
        Finding::wrong(format!("'{value}' is no value that '{key}' can have"), fix)
    }));
    findings.extend(places(session));
    match session.store() {
        Err(error) => findings.push(damaged(
            &session.repository.common_dir().join(store::FOLDER),
            &error.to_string(),
        )),
        Ok(None) => findings.push(Finding::right("no document was made yet")),
        Ok(Some(store)) => {
            findings.extend(leftovers(session, store, left));
            match of_store(session, store) {
                Ok(found) => findings.extend(found),
                Err(error) if error.hint.is_none() => findings.push(damaged(store.path(), &error.to_string())),
                Err(error) => findings.push(Finding::failed(&error)),
            }
        }
    }
    findings
}

fn policy(session: &Session<'_>) -> Vec<Finding> {
    let name = policy_file::NAME;
    let file = policy_file::of_work_tree(&session.repository);
    let problems = check::policy_problems(&file.text, &file.problems, check::Reader::Check);
    let mut findings: Vec<Finding> = problems
        .iter()
        .map(|problem| Finding::wrong(format!("{name}: {}", problem.message), "git branchwork check"))
        .collect();
    if let Err(error) = policy_file::template(&session.repository, &session.policy) {
        findings.push(Finding::failed(&error));
    }
    findings
}

/// What stands in the places of the views, whatever document belongs there.
fn places(session: &Session<'_>) -> Vec<Finding> {
    let here = session.repository.work_tree();
    let mut findings = Vec::new();
    for checkout in session.repository.checkouts() {
        let is_here = Some(checkout.work_tree.as_path()) == here;
        let place = |path: &str| match is_here {
            true => format!("'{path}'"),
            false => format!("'{}'", checkout.work_tree.join(path).display()),
        };
        let tracked = tracked(&checkout, is_here);
        if !tracked.is_empty() {
            let there = match is_here {
                true => String::new(),
                false => format!(" -C '{}'", checkout.work_tree.display()),
            };
            findings.push(Finding::wrong(
                format!("{} is tracked by git", place(&tracked.join("', '"))),
                format!("git{there} rm --cached {}, then commit", tracked.join(" ")),
            ));
            continue;
        }
        let view = View::of(&checkout);
        match view.read() {
            Err(error) => findings.push(Finding::failed(&error)),
            Ok(Content::Special(what)) => findings.push(Finding::wrong(
                format!("{} is {what}, so it is not written", place(view::PATH)),
                "move it away",
            )),
            Ok(Content::Text(_)) if !view.is_kept_out_of_git() => findings.push(
                Finding::wrong(
                    format!("{} has lost its .gitignore, so that git shows it", place(view::FOLDER)),
                    DOCTOR_FIX,
                )
                .with(Remedy::KeepOutOfGit(checkout.clone())),
            ),
            Ok(Content::Text(_) | Content::Missing) => {}
        }
    }
    findings
}

/// What git tracks below the view's folder. A work tree whose index cannot be read has none.
fn tracked(checkout: &Checkout, here: bool) -> Vec<String> {
    let repository = match here {
        true => Repository::Inherited,
        false => Repository::OfDirectory,
    };
    let arguments = ["ls-files", "--", view::FOLDER];
    let listed = git(&checkout.work_tree, repository, &arguments).unwrap_or_default();
    String::from_utf8_lossy(&listed).lines().map(str::to_owned).collect()
}

fn of_store(session: &Session<'_>, store: &Store) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    if let Access::ReadOnly(reason) = store.access()? {
        findings.push(Finding::wrong(
            format!("the store cannot be written: {reason}"),
            format!("make '{}' writable", store.path().display()),
        ));
    }
    let head = store.check_head();
    findings.extend(head.as_ref().err().map(Finding::failed));
    let documents = store.documents()?;
    let (mut with, mut gone) = (Vec::new(), Vec::new());
    let unreadable = store.unreadable_documents();
    for (branch, name) in &unreadable {
        findings.push(unreadable_ref(store.path(), branch, name));
        with.push(branch.clone());
    }
    for stored in &documents {
        let Some(branch) = stored.branch.clone() else { continue };
        if let Err(error) = store.load(&stored.version) {
            findings.push(damaged(store.path(), &error.to_string()));
        }
        match session.repository.checkout_of(&branch) {
            Some(checkout) => findings.extend(view_of(&checkout, &branch, &stored.id)?),
            None if session.repository.tip(&branch).is_none() => gone.push(branch.clone()),
            None => {}
        }
        with.push(branch);
    }
    for checkout in session.repository.checkouts() {
        findings.extend(left_behind(session, store, &checkout)?);
    }
    let (without, followed) = without_document(session, store, &with)?;
    gone.retain(|branch| !followed.contains(branch));
    if let Some(first) = without.first() {
        findings.push(Finding::note(
            format!("branches without a document: {}", some(&without)),
            format!("git branchwork create {}", branch_option(first.as_str())),
        ));
    }
    if let Some(first) = gone.first() {
        findings.push(Finding::note(
            format!("documents whose branch is gone, which are kept: {}", some(&gone)),
            format!("git branchwork show {}", branch_option(first.as_str())),
        ));
    }
    // What git says of a ref that was told already sounds as if all were lost.
    if head.is_err() || !unreadable.is_empty() {
        return Ok(findings);
    }
    // Git would go up to the user's repository from a folder that it does not take for one.
    let whole = ["--git-dir", ".", "fsck", "--no-dangling", "--no-progress"];
    findings.push(match git(store.path(), Repository::OfDirectory, &whole) {
        Ok(_) => Finding::right(format!("the store is whole, documents in it: {}", documents.len())),
        Err(reason) => damaged(store.path(), &format!("the store is damaged: {reason}")),
    });
    Ok(findings)
}

/// A power cut leaves the file of a ref empty, and its versions in the store.
fn unreadable_ref(store: &Path, branch: &BranchName, name: &str) -> Finding {
    let (file, store) = (store.join(name), store.display());
    Finding::wrong(
        format!("the document of '{branch}' cannot be read: '{name}' in the store is damaged"),
        format!(
            "rm '{}', and the document is made anew; what it said: git --git-dir='{store}' fsck --lost-found, then git \
             --git-dir='{store}' show <commit>:{}",
            file.display(),
            store::FILE
        ),
    )
}

fn damaged(store: &Path, what: &str) -> Finding {
    let store = store.display();
    Finding::wrong(
        what,
        format!("put '{store}' back from a backup, or move it away to begin anew; what views show stays"),
    )
}

/// Whether the view at `checkout` shows the document of the branch that is checked out there. One that a person edited does.
fn view_of(checkout: &Checkout, branch: &BranchName, id: &crate::names::DocId) -> Result<Option<Finding>> {
    let view = View::of(checkout);
    let path = view.path().display();
    let wrong = |what: String| Finding::wrong(what, DOCTOR_FIX).with(Remedy::RestoreView(branch.clone()));
    Ok(match view.read()? {
        Content::Missing => Some(wrong(format!("the view '{path}' is missing"))),
        Content::Text(_) if view.state().is_none_or(|state| state.id != *id) => Some(wrong(format!(
            "the view '{path}' does not show the document of '{branch}'"
        ))),
        Content::Text(_) | Content::Special(_) => None,
    })
}

/// Whether the view at `checkout` shows a document although the branch that is checked out there has none.
fn left_behind(session: &Session<'_>, store: &Store, checkout: &Checkout) -> Result<Option<Finding>> {
    let view = View::of(checkout);
    let Some(branch) = session.repository.branch_at(checkout) else {
        return Ok(None);
    };
    let is_ours = view.state().is_some() && matches!(view.read()?, Content::Text(_));
    if !is_ours || open::find(session, store, &branch)?.is_some() {
        return Ok(None);
    }
    let path = view.path().display();
    let what = format!("the view '{path}' shows a document, and '{branch}' has none");
    Ok(Some(
        Finding::wrong(what, DOCTOR_FIX).with(Remedy::RemoveView(checkout.clone())),
    ))
}

/// The branches that should have a document and have none, and the former names of those that were renamed since their
/// document was last looked at.
fn without_document(
    session: &Session<'_>,
    store: &Store,
    with: &[BranchName],
) -> Result<(Vec<BranchName>, Vec<BranchName>)> {
    let (mut without, mut followed) = (Vec::new(), Vec::new());
    for branch in session.repository.branches()? {
        if with.contains(&branch) {
            continue;
        }
        match open::find(session, store, &branch)? {
            Some(stored) => followed.extend(stored.branch),
            None if session.is_excluded(&branch)
                || session.repository.is_from_remote_of_same_name(&branch)
                || session.archived(&branch)?.is_some() => {}
            None => without.push(branch),
        }
    }
    Ok((without, followed))
}

fn some(branches: &[BranchName]) -> String {
    let named: Vec<String> = branches
        .iter()
        .take(MOST_NAMED)
        .map(|branch| format!("'{branch}'"))
        .collect();
    match branches.len().saturating_sub(MOST_NAMED) {
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}

fn leftovers(session: &Session<'_>, store: &Store, mut left: Vec<PathBuf>) -> Option<Finding> {
    left.extend(store.leftovers(session.world.now));
    left.extend(
        session
            .repository
            .checkouts()
            .iter()
            .flat_map(|checkout| View::of(checkout).stale_states()),
    );
    let first = left.first()?.display().to_string();
    let what = match left.len() {
        1 => format!("a killed run left '{first}' behind"),
        many => format!("killed runs left {many} files behind, such as '{first}'"),
    };
    Some(Finding::note(what, DOCTOR_FIX).with(Remedy::Remove(left)))
}

fn git(directory: &Path, repository: Repository, arguments: &[&str]) -> std::result::Result<Vec<u8>, String> {
    let call = Call {
        program: OsStr::new("git"),
        arguments: arguments.iter().map(OsStr::new).collect(),
        directory,
        repository,
        environment: &[],
        timeout: Duration::from_secs(60),
    };
    let output = process::run(&call).map_err(|failure| failure.to_string())?;
    Ok(output.stdout)
}
