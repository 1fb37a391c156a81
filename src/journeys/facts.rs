//! What the repository knows of a branch, for the rules that ask for it.
//!
//! Not here: what follows from it (check/). Each fact costs, so a push gathers no more than its policy asks for.

use std::cell::OnceCell;

use crate::check::Facts;
use crate::document::Document;
use crate::document::front_matter::{FieldValue, Key};
use crate::names::{BranchName, CommitId};
use crate::policy::Policy;
use crate::repo::MOST_VISITED;

use super::Session;
use super::stack::{self, Bases, Stacks};

/// The keys that the stack decides on.
const OF_THE_STACK: [&str; 4] = ["branch.base", "branch.position", "branch.total", "pr"];

/// Where the facts of one or more branches come from.
#[derive(Default)]
pub(crate) struct Source {
    /// Found out when they are first asked for; `None` where that failed.
    stacks: OnceCell<Option<Stacks>>,
    bases: Bases,
}

impl Source {
    /// All that rules ask for.
    pub(crate) fn all(
        &self,
        session: &Session<'_>,
        branch: &BranchName,
        document: &Document,
        policy: &Policy,
    ) -> Facts {
        let stacks = self.stacks.get_or_init(|| stack::stacks(session).ok());
        let layer = stacks.as_ref().and_then(|stacks| stacks.tree.layer(branch));
        let base = document.front_matter().base();
        let line = |base| self.bases.line_to(session, base, branch).ok()?;
        let tip = session.repository.tip(branch);
        Facts {
            base_stands_on_it: base.as_ref().and_then(line),
            base_is_gone: base.is_some_and(|base| is_nowhere(session, &base)),
            stack: stacks
                .iter()
                .flat_map(|stacks| of_the_stack(session, stacks, branch, document))
                .collect(),
            merged: layer.map(|layer| layer.merged),
            lost_commits: session
                .repository
                .lost(document.entries().into_iter().filter_map(|entry| entry.commit)),
            ..tip.map_or_else(Facts::default, |tip| of_branch(session, branch, &tip, document, policy))
        }
    }
}

/// What a branch is checked with that is not being pushed.
pub(crate) fn of_branch(
    session: &Session<'_>,
    branch: &BranchName,
    tip: &CommitId,
    document: &Document,
    policy: &Policy,
) -> Facts {
    let has_document = |base: &BranchName| {
        let store = session.store().ok().flatten();
        store.is_some_and(|store| matches!(store.find(base), Ok(Some(_))))
    };
    of_push(session, branch, tip, (document, policy), &has_document)
}

/// What a push of `tip` is checked with. `is_checked` tells whether a base goes along, so that it is checked itself unless it is excluded.
pub(crate) fn of_push(
    session: &Session<'_>,
    branch: &BranchName,
    tip: &CommitId,
    (document, policy): (&Document, &Policy),
    is_checked: &dyn Fn(&BranchName) -> bool,
) -> Facts {
    if !policy.asks_for_paths() {
        return Facts::default();
    }
    let repository = &session.repository;
    let since = |below: &[CommitId]| repository.paths_changed_since(tip, below);
    let base = document.front_matter().base().filter(|base| base != branch);
    let on_base = base.and_then(|base| {
        let tips = Some(repository.tips(&base)).filter(|tips| !tips.is_empty())?;
        let changed = since(&tips);
        let is_cover = changed.as_ref().is_some_and(Vec::is_empty)
            && has_all(session, &tips, tip)
            && !has_all(session, &repository.tips_on_remotes(&base), tip)
            && !is_checked(&base);
        // A base that has all of the branch, is nowhere else, and is checked by nobody would hide what is pushed.
        (!is_cover).then_some(changed)
    });
    let on_trunk = || {
        let trunk = repository.trunk(policy.trunk.as_deref());
        since(&trunk.map(|trunk| repository.tips(&trunk)).unwrap_or_default())
    };
    Facts {
        changed: on_base.unwrap_or_else(on_trunk),
        ..Facts::default()
    }
}

/// Whether the commit `id` is in one of `tips`.
fn has_all(session: &Session<'_>, tips: &[CommitId], id: &CommitId) -> bool {
    let own = session.repository.own_commits(id, tips, MOST_VISITED);
    !tips.is_empty() && own.is_ok_and(|own| own.newest_first.is_empty())
}

/// What a pull request into the branch at `base` is checked with, where HEAD is what would be merged. In a shallow clone it is
/// not known where the branch began: what differs from the base is what the merge would bring.
pub(crate) fn of_pull_request(session: &Session<'_>, base: Option<&CommitId>, policy: &Policy) -> Facts {
    let (Some(base), true) = (base, policy.asks_for_paths()) else {
        return Facts::default();
    };
    let repository = &session.repository;
    let changed = repository.head_commit().and_then(|head| {
        let since = repository.paths_changed_since(&head, std::slice::from_ref(base));
        since.or_else(|| repository.paths_between(base, &head))
    });
    Facts {
        changed,
        ..Facts::default()
    }
}

/// Whether a branch is neither here nor on a remote.
pub(crate) fn is_nowhere(session: &Session<'_>, branch: &BranchName) -> bool {
    session.repository.tips(branch).is_empty() && !is_unborn(session, branch)
}

fn is_unborn(session: &Session<'_>, branch: &BranchName) -> bool {
    let current = session.repository.current_branch();
    current.is_ok_and(|current| current.as_ref() == Some(branch))
}

/// What `refresh` would change of the document's keys.
fn of_the_stack(
    session: &Session<'_>,
    stacks: &Stacks,
    branch: &BranchName,
    document: &Document,
) -> Vec<(Key, String)> {
    let mut refreshed = document.clone();
    if stack::update(session, &mut refreshed, stacks, branch, stack::Place::Told).is_err() {
        return Vec::new();
    }
    let keys = OF_THE_STACK.into_iter().filter_map(Key::parse);
    keys.filter_map(|key| match refreshed.get(&key)? {
        FieldValue::Text(now) if document.get(&key) != Some(FieldValue::Text(now.clone())) => Some((key, now)),
        _ => None,
    })
    .collect()
}
