//! What documents tell of branches that are not here: what stood below one that was merged, and how many are below one whose
//! base this clone never had.
//!
//! Asked only where a base is not here. Not here: what follows from it (stack/).

use std::cell::OnceCell;

use chrono::DateTime;

use crate::document::Document;
use crate::journeys::archive::made;
use crate::journeys::settle::Newest;
use crate::journeys::{Session, archived};
use crate::names::BranchName;
use crate::repo::Lineage;
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

    /// The base of a branch that is gone, as its document says it, where the branch was merged or the document is archived: what
    /// stood on the branch, as `child` did, stands there now. One that was never here may be as it was elsewhere; and while the
    /// child has commits of it that the trunk has in another form only, these are told apart by its name.
    pub(super) fn base(
        &self,
        lineage: &mut Lineage<'_>,
        branch: &BranchName,
        child: &BranchName,
    ) -> Option<BranchName> {
        let store = self.session.store().ok()??;
        let newest = Newest::find(store, branch).ok()?;
        let is_live = newest.is_some();
        let document = newest.map(|newest| newest.document);
        let document = document.or_else(|| self.archived(store, branch))?;
        let made = made(&document);
        if is_live {
            lineage.merged(branch, &made)?;
        }
        let own = lineage.own(child, usize::MAX);
        let base = document.front_matter().base();
        base.filter(|_| !own.iter().any(|id| made.contains(id)))
    }

    /// Position and total of a branch, as its document says them.
    pub(super) fn place(&self, branch: &BranchName) -> Option<(u64, u64)> {
        let newest = Newest::find(self.session.store().ok()??, branch).ok()??;
        place_in(&newest.document)
    }

    fn archived(&self, store: &Store, branch: &BranchName) -> Option<Document> {
        let read = || {
            // What a branch stood on was archived later than its own document was made.
            let own = self.above.and_then(|above| store.find(above).ok()?);
            let made = own.and_then(|own| DateTime::from_timestamp(own.id.made_at(), 0));
            let since = made.map(|made| made.format("%Y%m").to_string());
            store.archived(since.as_deref()).unwrap_or_default()
        };
        let mut all = self.archived.get_or_init(read).iter().rev();
        all.find_map(|archived| {
            let found = archived
                .has_slug_of(branch)
                .then(|| archived::load(store, archived.clone()));
            let found = found?.ok()?;
            (found.told?.branch.as_ref() == Some(branch)).then_some(found.document)
        })
    }
}

/// Position and total, as a document says them.
pub(super) fn place_in(document: &Document) -> Option<(u64, u64)> {
    let front_matter = document.front_matter();
    let number = |key: &str| front_matter.text(key).and_then(|text| text.parse().ok());
    let position = number("branch.position").filter(|position| *position > 0)?;
    Some((position, number("branch.total").unwrap_or(position)))
}
