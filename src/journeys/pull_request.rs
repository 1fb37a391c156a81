//! Checking the branch of a pull request where that branch is not: in a fresh, shallow clone of a CI system.
//!
//! Not here: the rules (check/), and reaching the remote (transport.rs). Nothing is written but the store: documents of the
//! remote go where `sync` looks for them too.

use crate::check::{self, Context, quoted};
use crate::document::Document;
use crate::document::embedded::{BEGIN, END, embedded};
use crate::error::{Error, Result};
use crate::names::{BranchName, CommitId};
use crate::store::{Window, remote_refspec};
use crate::transport::{self, Prompt};
use crate::world::World;

use super::Session;
use super::facts;
use super::verify::Verdict;

/// The variables by which CI systems name the branch that a pull request is to be merged into:
/// <https://docs.github.com/en/actions/reference/workflows-and-actions/variables>,
/// <https://docs.gitlab.com/ci/variables/predefined_variables/>.
const BASE_VARIABLES: [&str; 2] = ["GITHUB_BASE_REF", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME"];

/// The branch that the pull request is to be merged into, where this is one.
pub(crate) fn base(world: &World) -> Option<&str> {
    BASE_VARIABLES.iter().find_map(|name| world.variable(name))
}

/// The commit of the branch `base`, whose policy counts for what is to be merged into it: nobody switches the gate off in the
/// same pull request. `remote` is where to look for it first.
///
/// Errors: there is no such remote; the branch is not in this clone: then no other policy may stand in for it.
pub(crate) fn tip_of(session: &Session<'_>, base: &BranchName, remote: &str) -> Result<CommitId> {
    let repository = &session.repository;
    let tip = repository.tip_on(remote, base).or_else(|| repository.tip(base));
    if let Some(tip) = tip {
        return Ok(tip);
    }
    if !repository.has_remote(remote) {
        return Err(transport::no_remote(remote));
    }
    // It would make a whole clone shallow.
    let depth = if repository.is_shallow() { "--depth=1 " } else { "" };
    let name = base.as_str();
    let refspec = quoted(&format!("+refs/heads/{name}:refs/remotes/{remote}/{name}"));
    Err(
        Error::new(format!("the branch '{base}', whose rules count, is not in this clone"))
            .hint(format!("git fetch {depth}{} {refspec}", quoted(remote))),
    )
}

/// Checks the document that `remote` has for `branch`.
///
/// Errors: there is no such remote, or it cannot be reached; what it sent cannot be used.
pub(crate) fn on_remote(
    session: &Session<'_>,
    branch: &BranchName,
    base: Option<&CommitId>,
    remote: &str,
    prompt: Prompt,
) -> Result<Verdict> {
    if session.is_excluded(branch) {
        return Ok(Verdict::empty(Some(branch.clone())));
    }
    let store = session.store_or_create()?;
    let window = store.window(remote, [(branch, branch)]);
    let line = super::sync::line(session, store, remote, prompt)?;
    let line = line.through(window.as_ref().map(Window::path));
    line.fetch(&[remote_refspec(remote, branch)])?;
    let text = store.fetched(remote, branch)?;
    let path = format!("the document of '{branch}' on '{remote}'");
    let missing = format!("'{remote}' has none below refs/branchwork/docs/{}/", branch.as_str());
    Ok(verdict(session, branch, base, text, path, missing))
}

/// Checks the document that a pull request's description has for `branch`.
pub(crate) fn in_body(session: &Session<'_>, branch: &BranchName, base: Option<&CommitId>, body: &[u8]) -> Verdict {
    if session.is_excluded(branch) {
        return Verdict::empty(Some(branch.clone()));
    }
    let path = "the document in the pull request's description".to_owned();
    let missing = format!("put it into the pull request's description, between the lines '{BEGIN}' and '{END}'");
    verdict(session, branch, base, embedded(body), path, missing)
}

fn verdict(
    session: &Session<'_>,
    branch: &BranchName,
    base: Option<&CommitId>,
    text: Option<Vec<u8>>,
    path: String,
    missing: String,
) -> Verdict {
    let mut verdict = Verdict::empty(Some(branch.clone()));
    verdict.path = path;
    let Some(text) = text else {
        verdict
            .problems
            .extend(check::no_document(branch.as_str(), &session.policy));
        for problem in &mut verdict.problems {
            problem.note = Some(missing.clone());
        }
        return verdict;
    };
    let document = Document::new(text);
    let facts = facts::of_pull_request(session, base, &session.policy);
    let context = Context {
        branch: Some(branch.as_str()),
        policy: &session.policy,
        actor: None,
        facts: Some(&facts),
    };
    verdict.problems = check::check(&document, &context);
    verdict.fix = check::fix_command(
        &verdict.problems,
        &format!(" {}", check::branch_option(branch.as_str())),
    );
    verdict.document = Some(document);
    verdict
}
