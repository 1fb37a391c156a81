//! What was merged since all branches were looked at: by a merge here, of which a hook tells, or by what a fetch brought, which is
//! looked for where a document is read.
//!
//! Not here: hooks that do not look for it, because they have no time, and how it is found out (repo/lineage.rs).

use std::hash::{DefaultHasher, Hash, Hasher};

use super::signs::Note;
use crate::error::Result;
use crate::journeys::Session;
use crate::names::BranchName;
use crate::repo::{Repository, Scope};
use crate::store::{Access, Store, Stored, Writer};

/// Remembers that `branches` were merged just now, so that every document of their stacks tells it when it is read next.
pub(crate) fn remember_merged(session: &Session<'_>, branches: &[BranchName]) -> Result<()> {
    let Some(store) = session.store()?.filter(|_| !branches.is_empty()) else {
        return Ok(());
    };
    let Access::Writer(writer) = store.access()? else {
        return Ok(());
    };
    remember(&session.repository, &writer, branches)
}

fn remember(repository: &Repository, writer: &Writer<'_>, branches: &[BranchName]) -> Result<()> {
    let mut found = writer.store().found_stacks();
    for branch in branches {
        found.entry(branch.clone()).or_default().merged = repository.tip(branch);
    }
    writer.keep_found_stacks(&found)
}

/// Looks whether the trunk has branches of the stack of `branch` now, where it is not where it was when its document, `stored`, was
/// read last.
pub(crate) fn look_for_merged(
    session: &Session<'_>,
    store: &Store,
    branch: &BranchName,
    stored: &Stored,
) -> Result<()> {
    let repository = &session.repository;
    let (Some(trunk), Some(text)) = (session.trunk(), store.stacked(&stored.id)) else {
        return Ok(());
    };
    let mut hasher = DefaultHasher::new();
    for tip in repository.tips(&trunk) {
        tip.as_str().hash(&mut hasher);
    }
    let (note, seen) = (Note::of(&text), format!("{:016x}", hasher.finish()));
    if note.trunk == seen {
        return Ok(());
    }
    let Access::Writer(writer) = store.access()? else {
        return Ok(());
    };
    let found = store.found_stacks();
    let is_news = |branch: &BranchName| {
        let known = found.get(branch).and_then(|found| found.merged.clone());
        repository.tip(branch).is_some_and(|tip| known != Some(tip))
    };
    let members = note.members.lines().filter_map(BranchName::new).chain([branch.clone()]);
    let mut lineage = repository.lineage(Some(&trunk), Scope::One)?;
    let merged: Vec<BranchName> = members
        .filter(|branch| is_news(branch) && lineage.is_merged(branch))
        .collect();
    if !merged.is_empty() {
        remember(repository, &writer, &merged)?;
    }
    writer.note_stacked(&stored.id, &Note { trunk: &seen, ..note }.text())
}
