//! Walks over the commit graph, each with a bound: a hook must not pay for a long history.
//!
//! Not here: what an entry says about a commit (commits.rs).

use std::collections::{BinaryHeap, HashMap, HashSet};

use super::graph::Node;
use super::{Repository, commit_id, object_id};
use crate::document::updates::Extent;
use crate::error::Result;
use crate::names::CommitId;

/// How many commits a walk of a hook looks at before it gives up: about 30 ms.
pub(crate) const MOST_VISITED: usize = 10_000;
/// How far clocks may differ: a commit that is older by this than another is not looked at to find that one below it.
const CLOCK_SKEW: i64 = 24 * 60 * 60;

/// The commits that a branch has for itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OwnCommits {
    /// Newest first, children before their parents.
    pub(crate) newest_first: Vec<CommitId>,
    /// How much of the history was looked at.
    pub(crate) extent: Extent,
}

/// What of some commits a tip reaches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reach {
    /// Those that it reaches.
    pub(crate) reached: HashSet<CommitId>,
    /// Those of which it is not known: the walk was cut short, or history is (a shallow clone).
    pub(crate) unknown: HashSet<CommitId>,
}

/// From which side a commit was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Own,
    Hidden,
}

impl Repository {
    /// The commits reachable from `tip` and from none of `hidden`. `most_visited` bounds how many are looked at.
    ///
    /// Opens no object where `tip` is one of `hidden`.
    pub(crate) fn own_commits(&self, tip: &CommitId, hidden: &[CommitId], most_visited: usize) -> Result<OwnCommits> {
        if hidden.contains(tip) {
            return Ok(OwnCommits {
                newest_first: Vec::new(),
                extent: Extent::Whole,
            });
        }
        let hidden: Vec<_> = hidden.iter().filter_map(|id| object_id(id).ok()).collect();
        let own = self.walk(&[object_id(tip)?], &hidden, most_visited);
        Ok(OwnCommits {
            newest_first: own.commits.iter().map(|(id, _)| commit_id(id)).collect::<Result<_>>()?,
            extent: match own.complete {
                true => Extent::Whole,
                false if hidden.is_empty() => Extent::Newest,
                false => Extent::Uncertain,
            },
        })
    }

    /// Which of `wanted` are `tip` or below it.
    pub(crate) fn reach(&self, tip: &CommitId, wanted: &[&CommitId], most_visited: usize) -> Reach {
        let mut reach = Reach::default();
        let mut looked_for: HashMap<gix::ObjectId, &CommitId> = HashMap::new();
        let mut known: HashMap<gix::ObjectId, Node> = HashMap::new();
        let mut oldest = i64::MAX;
        let shallow = self.inner.is_shallow().unwrap_or(false);
        for commit in wanted {
            let found = object_id(commit).ok().and_then(|id| Some((id, self.node(id)?)));
            match found {
                Some((id, node)) => {
                    oldest = oldest.min(node.time);
                    looked_for.insert(id, commit);
                    known.insert(id, node);
                }
                // It is no commit of this clone.
                _ if shallow => drop(reach.unknown.insert((*commit).clone())),
                _ => {}
            }
        }
        let mut queue: BinaryHeap<(i64, gix::ObjectId, Vec<gix::ObjectId>)> = BinaryHeap::new();
        let mut seen: HashSet<gix::ObjectId> = HashSet::new();
        let mut see = |queue: &mut BinaryHeap<_>, id: gix::ObjectId| {
            if seen.insert(id)
                && let Some(node) = known.remove(&id).or_else(|| self.node(id))
            {
                queue.push((node.time, id, node.parents));
            }
            seen.len()
        };
        let mut visited = object_id(tip).map_or(0, |id| see(&mut queue, id));
        while let Some((time, id, parents)) = queue.pop() {
            if looked_for.is_empty() || time < oldest.saturating_sub(CLOCK_SKEW) {
                break;
            }
            if visited > most_visited {
                reach.unknown.extend(looked_for.into_values().cloned());
                break;
            }
            if let Some(commit) = looked_for.remove(&id) {
                reach.reached.insert(commit.clone());
            }
            for parent in parents {
                visited = see(&mut queue, parent);
            }
        }
        reach
    }

    /// How many commits the second and later parents of a merge brought in; whether counting stopped at `most`.
    pub(super) fn count_merged(&self, parents: &[gix::ObjectId], most: usize) -> (usize, bool) {
        let Some((first, others)) = parents.split_first() else {
            return (0, false);
        };
        let brought = self.walk(others, &[*first], most * 10);
        let count = brought.commits.len();
        (count.min(most), !brought.complete || count > most)
    }

    /// The commits reachable from `tips` and not from `hidden`. A commit that is not in this clone ends its line of history.
    pub(super) fn walk(&self, tips: &[gix::ObjectId], hidden: &[gix::ObjectId], most_visited: usize) -> Walked {
        let mut paint = Paint::default();
        let mut commits = Vec::new();
        let tips = tips.iter().map(|id| (*id, Side::Own));
        for (id, side) in tips.chain(hidden.iter().map(|id| (*id, Side::Hidden))) {
            paint.reach(self, id, side);
        }
        while paint.own_waiting > 0 && paint.reached.len() <= most_visited {
            let Some((_, id)) = paint.queue.pop() else { break };
            let Some((side, parents)) = paint.leave_queue(&id) else {
                continue;
            };
            for parent in &parents {
                paint.reach(self, *parent, side);
            }
            if side == Side::Own {
                commits.push((id, parents));
            }
        }
        commits.retain(|(id, _)| paint.reached.get(id).is_some_and(|reached| reached.side == Side::Own));
        Walked {
            commits,
            complete: paint.own_waiting == 0,
        }
    }
}

/// What a walk found.
pub(super) struct Walked {
    /// The commits and their parents, newest first by commit time.
    pub(super) commits: Vec<(gix::ObjectId, Vec<gix::ObjectId>)>,
    /// Whether that is all of them: the walk was not cut short.
    pub(super) complete: bool,
}

/// A commit that the walk has seen.
struct Reached {
    side: Side,
    waiting: bool,
    /// While it is waiting.
    parents: Vec<gix::ObjectId>,
}

/// The state of a walk: newest commits are looked at first, so that both sides meet soon.
#[derive(Default)]
struct Paint {
    reached: HashMap<gix::ObjectId, Reached>,
    queue: BinaryHeap<(i64, gix::ObjectId)>,
    own_waiting: usize,
}

impl Paint {
    /// Paints `id`. One that was passed as own and turns out to be hidden goes through the queue again, so that its
    /// ancestors are painted too (clocks that run backwards make this happen).
    fn reach(&mut self, repository: &Repository, id: gix::ObjectId, side: Side) {
        match self.reached.get_mut(&id) {
            Some(reached) if reached.side == side || reached.side == Side::Hidden => return,
            Some(reached) if reached.waiting => {
                reached.side = Side::Hidden;
                self.own_waiting -= 1;
                return;
            }
            _ => {}
        }
        let (waiting, parents) = match repository.node(id) {
            None => (false, Vec::new()),
            Some(Node { time, parents }) => {
                self.queue.push((time, id));
                self.own_waiting += usize::from(side == Side::Own);
                (true, parents)
            }
        };
        let reached = Reached { side, waiting, parents };
        self.reached.insert(id, reached);
    }

    /// Marks `id` as looked at; tells its side and its parents.
    fn leave_queue(&mut self, id: &gix::ObjectId) -> Option<(Side, Vec<gix::ObjectId>)> {
        let reached = self.reached.get_mut(id)?;
        reached.waiting = false;
        self.own_waiting -= usize::from(reached.side == Side::Own);
        Some((reached.side, std::mem::take(&mut reached.parents)))
    }
}
