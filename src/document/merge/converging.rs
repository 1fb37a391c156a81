//! Many clones that sync through one remote: whatever the edits, the order and the clocks, they end with the same bytes, and
//! nothing that somebody added is lost.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::properties::{START, ordinary};
use super::{Side, merge};
use crate::document::Document;
use crate::document::random::Random;

struct Version {
    document: Document,
    who: String,
    time: DateTime<Utc>,
    parents: Vec<usize>,
}

/// A store that all share; who has which version is told by the heads.
struct Story {
    versions: Vec<Version>,
    remote: usize,
    clones: Vec<Clone>,
}

struct Clone {
    head: usize,
    /// Where the remote was when this one last looked.
    seen: usize,
    /// How wrong its clock is, in seconds.
    skew: i64,
}

impl Story {
    fn new(clones: usize, random: &mut Random) -> Self {
        let year = 365 * 24 * 3600;
        let first = Version {
            document: Document::new(START),
            who: "ann".to_owned(),
            time: DateTime::UNIX_EPOCH,
            parents: Vec::new(),
        };
        let clone = |_| Clone {
            head: 0,
            seen: 0,
            skew: *random.pick(&[0, 0, 3600, -3600, year, -year]),
        };
        Self {
            versions: vec![first],
            remote: 0,
            clones: (0..clones).map(clone).collect(),
        }
    }

    fn add(&mut self, version: Version) -> usize {
        self.versions.push(version);
        self.versions.len() - 1
    }

    /// Somebody changes the document, and adds a line that nobody else has.
    fn edit(&mut self, clone: usize, now: i64, random: &mut Random) -> String {
        let head = self.clones[clone].head;
        let text = String::from_utf8(self.versions[head].document.text().to_vec()).unwrap();
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        for _ in 0..random.below(3) {
            ordinary(random, &mut lines, &format!("c{clone}"));
        }
        let mine = format!("Said by {clone} at {now}.");
        let place = lines.iter().position(|line| line == "## Updates").unwrap();
        lines.splice(place..place, [mine.clone(), String::new()]);
        self.clones[clone].head = self.add(Version {
            document: Document::new(lines.join("\n") + "\n"),
            who: format!("c{clone}"),
            time: DateTime::from_timestamp(1_750_000_000 + now * 60 + self.clones[clone].skew, 0).unwrap(),
            parents: vec![head],
        });
        mine
    }

    fn ancestors(&self, of: usize) -> BTreeSet<usize> {
        let (mut found, mut waiting) = (BTreeSet::new(), vec![of]);
        while let Some(next) = waiting.pop() {
            if found.insert(next) {
                waiting.extend(&self.versions[next].parents);
            }
        }
        found
    }

    /// The first half of a sync: fetch and merge.
    fn take(&mut self, clone: usize) {
        let (ours, theirs) = (self.clones[clone].head, self.remote);
        self.clones[clone].seen = theirs;
        let common = self
            .ancestors(ours)
            .intersection(&self.ancestors(theirs))
            .max()
            .copied()
            .unwrap();
        self.clones[clone].head = match common {
            common if common == theirs => ours,
            common if common == ours => theirs,
            common => {
                let [base, one, other] = [common, ours, theirs].map(|index| &self.versions[index]);
                let side = |version: &'_ Version| (version.who.clone(), version.time);
                let ((who, time), (other_who, other_time)) = (side(one), side(other));
                let merged = merge(
                    &base.document,
                    &Side {
                        document: &one.document,
                        who: &who,
                        time,
                    },
                    &Side {
                        document: &other.document,
                        who: &other_who,
                        time: other_time,
                    },
                );
                let (time, who) = (time, who).max((other_time, other_who));
                self.add(Version {
                    document: merged,
                    who,
                    time,
                    parents: vec![ours, theirs],
                })
            }
        };
    }

    /// The other half: push, if nobody was faster.
    fn give(&mut self, clone: usize) {
        if self.remote == self.clones[clone].seen {
            self.remote = self.clones[clone].head;
        }
    }
}

#[test]
fn clones_that_sync_in_any_order_end_with_the_same_bytes() {
    for seed in 0..150 {
        let mut random = Random::new(seed);
        let mut story = Story::new(2 + random.below(6), &mut random);
        let mut said = Vec::new();
        for now in 0..40 {
            let clone = random.below(story.clones.len());
            match random.below(4) {
                0 => said.push(story.edit(clone, now, &mut random)),
                1 => story.take(clone),
                2 => story.give(clone),
                _ => {
                    story.take(clone);
                    story.give(clone);
                }
            }
        }
        let all: Vec<usize> = (0..story.clones.len()).collect();
        for clone in all.iter().chain(&all) {
            story.take(*clone);
            story.give(*clone);
        }
        let end = String::from_utf8(story.versions[story.remote].document.text().to_vec()).unwrap();
        for clone in &story.clones {
            assert_eq!(clone.head, story.remote, "seed {seed}");
        }
        for line in &said {
            let count = end.lines().filter(|other| other == line).count();
            assert_eq!(count, 1, "seed {seed}: {line:?} in\n{end}");
        }
        // What came together has nothing left to merge.
        let versions = story.versions.len();
        story.take(0);
        assert_eq!(story.versions.len(), versions, "seed {seed}");
    }
}
