//! How and since when the trunk has the work of a branch that may be gone: what archiving asks, and what is below others.
//!
//! Not here: comparing patches (squash.rs).

use super::logs::read_line;
use super::{CLOCK_SKEW, Lineage, MOST_ON_THE_WAY};
use crate::names::{BranchName, CommitId};
use crate::repo::{MOST_VISITED, Merged, commit_id, object_id};
use crate::stack::infer::Branch;

impl Lineage<'_> {
    /// How the trunk came to have the work of a branch, which may be gone: `made` are commits that were made on it, newest first.
    /// `None` where it does not, where there was none, and where the commits are not in this clone any more.
    pub(crate) fn merged(&mut self, branch: &BranchName, made: &[CommitId]) -> Option<Merged> {
        let tip = self.local.of(branch).or_else(|| made.first().cloned())?;
        self.repository.node(object_id(&tip).ok()?)?;
        let ended = Branch {
            name: branch.clone(),
            tip,
            made: made.iter().cloned().collect(),
            origin: None,
            moved: false,
            put_on: None,
        };
        let known = match self.approach(branch).and_then(|()| self.ground.branch(branch)) {
            Some(known) => Branch {
                made: known.made.union(&ended.made).cloned().collect(),
                ..known.clone()
            },
            None => ended,
        };
        if known.made.is_empty() {
            return None;
        }
        let how = self.landed.how(self.repository, &self.ground, &known, &self.trunk_tips);
        // A branch that was put back to where the trunk is lost its commits, and none of them was merged.
        let is_own = |how: &Merged| {
            let wanted: Vec<&CommitId> = known.made.iter().collect();
            let reaches = |tip: &gix::ObjectId| {
                let tip = commit_id(tip).ok();
                tip.is_some_and(|tip| !self.repository.reach(&tip, &wanted, MOST_VISITED).reached.is_empty())
            };
            *how != Merged::Reached || self.trunk_tips.iter().any(reaches)
        };
        how.filter(is_own)
    }

    /// Whether the trunk did not have `commit` before `time`, as far as its reflogs tell.
    pub(super) fn was_new_to_trunk(&self, commit: &CommitId, time: i64) -> bool {
        let Some(trunk) = &self.trunk else { return false };
        let folders = [&self.local.folder, &self.remote.folder].into_iter();
        let logs = folders
            .filter(|folder| !folder.is_empty())
            .map(|folder| format!("{folder}{}", trunk.as_str()));
        let tips = logs.filter_map(|log| {
            let mut oldest = None;
            let then = self.repository.search_log(&log, &mut |line| {
                let line = read_line(line)?;
                oldest = Some(line.old);
                (line.time < time).then_some(line.new)
            });
            then.or(oldest)
        });
        let had = |tip: CommitId| {
            self.repository
                .reach(&tip, &[commit], MOST_ON_THE_WAY)
                .reached
                .contains(commit)
        };
        let known: Vec<bool> = tips.map(had).collect();
        !known.is_empty() && !known.contains(&true)
    }

    /// Whether HEAD was ever on `branch`, as far as its reflogs tell.
    pub(crate) fn was_here(&self, branch: &BranchName) -> bool {
        self.logs.visited(i64::MIN).contains(branch)
    }

    /// The merge commit of the trunk whose second or later parent is `tip`, as far as a bounded walk finds it.
    pub(crate) fn merge_of(&self, tip: &CommitId) -> Option<CommitId> {
        let tip = object_id(tip).ok()?;
        let oldest = self.repository.node(tip)?.time.saturating_sub(CLOCK_SKEW);
        self.trunk_tips.iter().find_map(|trunk| {
            let mut next = Some(*trunk);
            for _ in 0..MOST_VISITED {
                let at = next?;
                let node = self.repository.node(at).filter(|node| node.time >= oldest)?;
                if node.parents.iter().skip(1).any(|parent| *parent == tip) {
                    return commit_id(&at).ok();
                }
                next = node.parents.first().copied();
            }
            None
        })
    }
}
