//! What documents tell of branches that are not here: what stood below one that was merged, how many are below one whose
//! base this clone never had, and what another clone has on top.
//!
//! Asked only where a base is not here, or less is to be drawn than was. Not here: what follows from it (stack/).

use std::cell::OnceCell;
use std::collections::HashSet;

use crate::document::Document;
use crate::journeys::archive::made;
use crate::journeys::settle::Newest;
use crate::journeys::{Session, archived};
use crate::names::{BranchName, CommitId, visible};
use crate::repo::Lineage;
use crate::stack::resolve::Ended;
use crate::stack::tree::Tree;
use crate::store::{Archived, Store};

/// Who is asked.
pub(super) struct Gone<'a> {
    session: &'a Session<'a>,
    /// The branch whose stack is asked for, if it is of one.
    above: Option<&'a BranchName>,
    archived: OnceCell<Vec<Archived>>,
}

impl<'a> Gone<'a> {
    /// For the stack of one branch, or for all.
    pub(super) fn of(session: &'a Session<'a>, above: Option<&'a BranchName>) -> Self {
        Self {
            session,
            above,
            archived: OnceCell::new(),
        }
    }

    /// What became of a branch that is gone, as its document says it, where the branch was merged or the document is archived: what
    /// stood on the branch, as `child` did, stands on its base now. One that was never here may be as it was elsewhere.
    pub(super) fn ended(&self, lineage: &mut Lineage<'_>, branch: &BranchName, child: &BranchName) -> Option<Ended> {
        let store = self.session.store().ok()??;
        let newest = Newest::find(store, branch).ok()?;
        let is_live = newest.is_some();
        let document = newest.map(|newest| newest.document);
        let document = document.or_else(|| self.archived(store, branch))?;
        let made = made(&document);
        let own: HashSet<CommitId> = lineage.own(child, usize::MAX).into_iter().collect();
        let is_below = made.iter().any(|id| own.contains(id));
        if is_live || is_below {
            lineage.merged(branch, &made)?;
        }
        let base = document.front_matter().base()?;
        Some(Ended { base, is_below })
    }

    /// Position and total of a branch, as its document says them.
    pub(super) fn place(&self, branch: &BranchName) -> Option<(u64, u64)> {
        let newest = Newest::find(self.session.store().ok()??, branch).ok()??;
        place_in(&newest.document)
    }

    fn archived(&self, store: &Store, branch: &BranchName) -> Option<Document> {
        let archived = self.archived.get_or_init(|| archived::since(store, self.above));
        archived::last_of(store, archived, branch)
    }
}

/// Whether all that is drawn in `before` and not in `now`, which is of `tree`, are branches on top that another clone has.
pub(super) fn is_drawn_elsewhere(session: &Session<'_>, before: &Document, now: &Document, tree: &Tree) -> bool {
    let (Some(mut before), Some(mut now)) = (before.drawn(), now.drawn()) else {
        return false;
    };
    let drawn = before.len();
    before.retain(|line| {
        let name = line.split(' ').next().and_then(BranchName::new);
        !name.is_some_and(|name| is_elsewhere(session, &name, tree))
    });
    // Beside a longer line another one has another place.
    before.sort_unstable();
    now.sort_unstable();
    before.len() < drawn && before == now
}

/// Whether another clone has `branch` on one of `tree`: it is not here, a remote has its document, and its commits are on a remote, or
/// not even known. Where they are here alone, the branch was here and is gone.
fn is_elsewhere(session: &Session<'_>, branch: &BranchName, tree: &Tree) -> bool {
    let repository = &session.repository;
    let Ok(Some(store)) = session.store() else {
        return false;
    };
    if tree.is_trunk(branch) || repository.tip(branch).is_some() {
        return false;
    }
    let mut remotes = repository.remotes().into_iter();
    let fetched = remotes.find_map(|remote| store.fetched(&remote, branch).ok()?);
    fetched.map(Document::new).is_some_and(|document| {
        let base = document.front_matter().base();
        let last = || document.last_marker().map(|(commit, _)| commit);
        base.is_some_and(|base| tree.layer(&base).is_some())
            && (!repository.tips(branch).is_empty() || !repository.lost(last()).is_empty())
    })
}

/// Position and total, as a document says them, where they were told with the base that it names: the drawing has that too.
pub(super) fn place_in(document: &Document) -> Option<(u64, u64)> {
    let front_matter = document.front_matter();
    let base = front_matter.base()?;
    let shown = visible(base.as_str());
    let is_told = |line: &str| line.split(' ').next() == Some(shown.as_str());
    let is_drawn = || document.drawn().is_none_or(|lines| lines.into_iter().any(is_told));
    if front_matter.text("branch.name") == Some(base.as_str()) || !is_drawn() {
        return None;
    }
    let number = |key: &str| front_matter.text(key).and_then(|text| text.parse().ok());
    let position = number("branch.position").filter(|position| *position > 0)?;
    Some((position, number("branch.total").unwrap_or(position)))
}
