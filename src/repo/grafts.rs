//! The parents of a commit as git sees them: where `info/grafts` names others, those count (gitrepository-layout(5)). gix
//! knows `refs/replace/`, which took the place of this file, and not the file.
//!
//! Not here: the boundary of a shallow clone. A commit there has parents, they are only not in the clone.

use std::collections::HashMap;

use gix::bstr::ByteSlice;

use super::Repository;

/// The commits that have other parents than they say.
pub(super) type Grafts = HashMap<gix::ObjectId, Vec<gix::ObjectId>>;

impl Repository {
    /// The parents of `commit`, first parent first.
    pub(super) fn parent_ids(&self, commit: &gix::Commit<'_>) -> Vec<gix::ObjectId> {
        match self.grafts().get(&commit.id) {
            Some(parents) => parents.clone(),
            None => commit.parent_ids().map(gix::Id::detach).collect(),
        }
    }

    pub(super) fn grafts(&self) -> &Grafts {
        self.grafts.get_or_init(|| {
            let text = std::fs::read(self.common_dir.join("info/grafts")).unwrap_or_default();
            text.lines().filter_map(graft).collect()
        })
    }
}

/// A commit and its parents; git passes over a line that is anything else.
fn graft(line: &[u8]) -> Option<(gix::ObjectId, Vec<gix::ObjectId>)> {
    let words = line.trim_end().split_str(" ").map(gix::ObjectId::from_hex);
    let mut ids = words.collect::<Result<Vec<_>, _>>().ok()?.into_iter();
    Some((ids.next()?, ids.collect()))
}
