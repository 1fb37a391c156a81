//! The facts from which values are suggested: a branch's own commits, the paths that they change, and who owns those.
//!
//! Gathered only for a problem that is shown, and bounded. Not here: what they suggest (check/suggest.rs).

use crate::check::owners::{Owners, PLACES};
use crate::check::suggest::{self, Hints};
use crate::check::{Problem, fix_command};
use crate::document::Document;
use crate::error::Result;
use crate::names::{BranchName, CommitId};
use crate::policy::Policy;
use crate::repo::MOST_VISITED;

use super::verify::Verdict;
use super::{Session, edit};

/// How many of the newest commits are looked at.
const MOST_COMMITS: usize = 50;
/// How many paths are looked at.
const MOST_PATHS: usize = 1_000;

/// Puts what the branch suggests into its problems and into the command that fixes them.
pub(super) fn complete(session: &Session<'_>, verdict: &mut Verdict, policy: &Policy) -> Result<()> {
    let (Some(branch), Some(document)) = (&verdict.branch, &verdict.document) else {
        return Ok(());
    };
    verdict.hints = hints(session, branch, document, policy, &verdict.problems);
    if verdict.hints != Hints::default() {
        let option = edit::branch_option(session.repository.current_branch()?.as_ref(), branch);
        suggest::suggest(&mut verdict.problems, &verdict.hints);
        verdict.fix = fix_command(&verdict.problems, &option);
    }
    Ok(())
}

/// What is suggested for the problems of a branch's document.
fn hints(
    session: &Session<'_>,
    branch: &BranchName,
    document: &Document,
    policy: &Policy,
    problems: &[Problem],
) -> Hints {
    let mut hints = Hints::default();
    let (scope, reviewers) = (suggest::wants(problems, "scope"), suggest::wants(problems, "reviewers"));
    if !scope && !reviewers {
        return hints;
    }
    let Some(tip) = session.repository.tip(branch) else {
        return hints;
    };
    let trunk = session.repository.trunk(policy.trunk.as_deref());
    let trunk_tips = trunk.map(|trunk| session.repository.tips(&trunk)).unwrap_or_default();
    let front_matter = document.front_matter();
    let base = front_matter.base();
    let mut hidden = trunk_tips.clone();
    hidden.extend(base.map(|base| session.repository.tips(&base)).unwrap_or_default());
    let own = own_commits(session, &tip, &hidden);
    let paths: Vec<String> = own
        .iter()
        .flat_map(|id| session.repository.paths_of(id))
        .take(MOST_PATHS)
        .collect();
    let paths = || paths.iter().map(String::as_str);
    if scope {
        let messages: Vec<String> = own.iter().filter_map(|id| session.repository.message(id)).collect();
        hints.scopes = suggest::scopes(&messages, paths());
    }
    // The trunk's file counts, as on the server: a branch does not choose its own reviewers.
    let file = trunk_tips.first().and_then(|tip| owners_file(session, tip));
    if let Some(text) = file.filter(|_| reviewers) {
        let mut authors = vec![session.actor().to_string()];
        authors.extend(session.repository.committer().1);
        authors.extend(
            front_matter
                .text("dri")
                .map(|dri| dri.trim_start_matches('@').to_owned()),
        );
        hints.reviewers = suggest::reviewers(&Owners::parse(&text), paths(), &authors);
    }
    hints
}

/// The newest commits of the branch that are in none of `hidden`. None where there is nothing to hide: then all of history
/// would be the branch's.
fn own_commits(session: &Session<'_>, tip: &CommitId, hidden: &[CommitId]) -> Vec<CommitId> {
    if hidden.is_empty() {
        return Vec::new();
    }
    let own = session.repository.own_commits(tip, hidden, MOST_VISITED);
    let own = own.map(|own| own.newest_first).unwrap_or_default();
    own.into_iter().take(MOST_COMMITS).collect()
}

fn owners_file(session: &Session<'_>, id: &CommitId) -> Option<String> {
    let read = |path: &&str| session.repository.file_at(id, path).ok().flatten();
    let text = PLACES.iter().find_map(read)?;
    Some(String::from_utf8_lossy(&text).into_owned())
}
