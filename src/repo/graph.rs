//! What a walk asks of a commit: when it was made, and its parents. Taken from the commit-graph where git has written one
//! (gitformat-commit-graph(5)), which takes a tenth of the time of opening the commit.
//!
//! Not here: the walks (history.rs).

use super::Repository;

/// How many commits are kept that had to be opened: a hook asks for the same few again and again.
const MOST_KEPT: usize = 64;

/// A commit, as a walk sees it.
#[derive(Clone)]
pub(super) struct Node {
    /// The commit time, in seconds since 1970.
    pub(super) time: i64,
    /// First parent first.
    pub(super) parents: Vec<gix::ObjectId>,
}

impl Repository {
    /// The commit `id`; `None` where it is not in this clone.
    pub(super) fn node(&self, id: gix::ObjectId) -> Option<Node> {
        if let Some(node) = self.commit_graph().and_then(|graph| in_graph(graph, id)) {
            return Some(node);
        }
        if let Some(node) = self.opened.borrow().get(&id) {
            return Some(node.clone());
        }
        let data = self.data_of(id).ok()?;
        let commit = gix::objs::CommitRefIter::from_bytes(&data, self.inner.object_hash());
        let grafted = self.grafts().get(&id);
        let node = Node {
            time: commit.committer().ok()?.seconds(),
            parents: grafted.map_or_else(|| commit.parent_ids().collect(), Vec::clone),
        };
        let mut opened = self.opened.borrow_mut();
        if opened.len() < MOST_KEPT {
            opened.insert(id, node.clone());
        }
        Some(node)
    }

    /// The commit-graph, unless history is to be seen otherwise than it was when git wrote it (git's commit-graph.c,
    /// `commit_graph_compatible`). One that is broken is none.
    fn commit_graph(&self) -> Option<&gix::commitgraph::Graph> {
        let graph = self.graph.get_or_init(|| {
            let changed = self.inner.is_shallow().unwrap_or(true) || !self.grafts().is_empty();
            let graph = || self.inner.commit_graph_if_enabled().ok().flatten();
            (!changed).then(graph).flatten()
        });
        graph.as_ref()
    }
}

fn in_graph(graph: &gix::commitgraph::Graph, id: gix::ObjectId) -> Option<Node> {
    let commit = graph.commit_by_id(id)?;
    let parent = |position: gix::Result<gix::commitgraph::Position>| Some(graph.id_at(position.ok()?).to_owned());
    Some(Node {
        time: i64::try_from(commit.committer_timestamp()).ok()?,
        parents: commit.iter_parents().map(parent).collect::<Option<_>>()?,
    })
}
