//! What was read of records that have a blob for each branch, so that a change of one branch reads one blob: a line a branch.
//!
//! A line begins with where the blob is named, and has the blob's id, which tells whether it is still that one; and for a ref that
//! is a file of its own what the file looked like, so that it is not even opened. It may be lost, cut or another repository's:
//! what is not in it is read. Not here: the file (store/stacks.rs), and records that are read at once from one file.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs::Metadata;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::SystemTime;

use chrono::{DateTime, Utc};

use super::blank;
use crate::names::{BranchName, CommitId};
use crate::repo::{ContentId, RACY, look};
use crate::stack::{PullRequest, PullRequestState, Record};

/// What the file begins with. Where another version reads records in another way it has another number.
const HEADER: &str = "records 1";
/// A longer line is not kept: no tool writes such names, and there may be thousands.
const LONGEST_LINE: usize = 1024;
const STATES: [PullRequestState; 6] = [
    PullRequestState::Draft,
    PullRequestState::Open,
    PullRequestState::ChangesRequested,
    PullRequestState::Approved,
    PullRequestState::Merged,
    PullRequestState::Closed,
];

/// What was read before, and what is now.
#[derive(Default)]
pub(crate) struct Memory<'a> {
    /// In the order of the names.
    before: Vec<(&'a str, Line<'a>)>,
    /// Which of these is asked for next, most likely.
    next: usize,
    /// What files look like of which the lines do not tell yet, by the names of the refs.
    seen: BTreeMap<String, u64>,
    lines: String,
    /// How many of these are as they were.
    unchanged: usize,
    has_new: bool,
    now: Option<SystemTime>,
}

struct Line<'a> {
    whole: &'a str,
    seen: Option<u64>,
    id: ContentId,
    record: &'a str,
}

impl<'a> Line<'a> {
    fn read(whole: &'a str) -> Option<(&'a str, Self)> {
        let mut fields = whole.strip_suffix('\n')?.splitn(4, '\t');
        let (name, seen) = (fields.next()?, fields.next()?);
        let line = Self {
            whole,
            seen: u64::from_str_radix(seen, 16).ok(),
            id: ContentId::parse(fields.next()?)?,
            record: fields.next()?,
        };
        Some((name, line))
    }
}

impl<'a> Memory<'a> {
    /// What [`Self::changed`] gave once. `now` is the time of the run: a file that was written just before it may change unseen.
    pub(crate) fn of(text: &'a str, now: DateTime<Utc>) -> Self {
        let mut lines = text.split_inclusive('\n');
        let is_ours = lines.next().is_some_and(|line| line.trim_end() == HEADER);
        let mut before: Vec<_> = lines.filter(|_| is_ours).filter_map(Line::read).collect();
        before.sort_by_key(|(name, _)| *name);
        before.dedup_by_key(|(name, _)| *name);
        Self {
            before,
            now: Some(now.into()),
            ..Self::default()
        }
    }

    /// What is to be remembered now, where it is another thing than before.
    pub(crate) fn changed(&self) -> Option<String> {
        let has_changed = self.has_new || self.unchanged < self.before.len();
        has_changed.then(|| format!("{HEADER}\n{}", self.lines))
    }

    /// Where the line is that tells of `place`. The places are asked for in the order of their names, as far as that goes.
    fn find(&mut self, place: &str) -> Option<usize> {
        let is_next = self.before.get(self.next).is_some_and(|(name, _)| *name == place);
        let at = match is_next {
            true => self.next,
            false => self.before.binary_search_by_key(&place, |(name, _)| *name).ok()?,
        };
        self.next = at + 1;
        Some(at)
    }

    /// The blob that a ref names, if its file is the one that was read.
    pub(super) fn named(&mut self, full: &str, file: &Metadata) -> Option<ContentId> {
        let look = look(file);
        let mut hasher = DefaultHasher::new();
        look.hash(&mut hasher);
        let seen = hasher.finish();
        if let Some((_, line)) = self.find(full).and_then(|at| self.before.get(at))
            && line.seen == Some(seen)
        {
            return Some(line.id);
        }
        let (written, ..) = look;
        if written.zip(self.now).is_some_and(|(written, now)| now > written + RACY) {
            self.seen.insert(full.to_owned(), seen);
        }
        None
    }

    /// The record of `branch` that is in the blob `id`, which is named at `place`; `read` has to read it where it is not known.
    pub(super) fn record(
        &mut self,
        place: &str,
        id: ContentId,
        branch: BranchName,
        read: impl FnOnce(BranchName) -> Result<Record, String>,
    ) -> Result<Record, String> {
        let seen = self.seen.get(place).copied();
        let line = self.find(place).and_then(|at| self.before.get(at));
        let line = line.map(|(_, line)| line).filter(|line| line.id == id);
        let known = line.and_then(|line| Some((line, from_text(&branch, line.record)?)));
        let record = match known {
            Some((line, record)) if seen.is_none() => {
                self.lines.push_str(line.whole);
                self.unchanged += 1;
                return Ok(record);
            }
            Some((_, record)) => record,
            None => read(branch)?,
        };
        let seen = seen.map(|seen| format!("{seen:x}")).unwrap_or_default();
        let line = format!("{place}\t{seen}\t{id}\t{}\n", to_text(&record));
        if line.len() <= LONGEST_LINE {
            self.lines.push_str(&line);
            self.has_new = true;
        }
        Ok(record)
    }
}

/// All but the branch. Tabs are in no name of a ref (git-check-ref-format(1)).
fn to_text(record: &Record) -> String {
    let parent = record.parent.as_ref().map_or("", BranchName::as_str);
    let tip = record.parent_tip.as_ref().map_or("", CommitId::as_str);
    let merged = if record.merged { "merged" } else { "" };
    let mut text = format!("{parent}\t{tip}\t{merged}\t");
    let mut add = |request: &PullRequest, end: &str| {
        let state = request.state.map_or("", PullRequestState::name);
        // Writing to a string does not fail.
        let _ = write!(text, "{} {state}{end}", request.number);
    };
    record.merged_below.iter().for_each(|request| add(request, ","));
    record.pull_request.iter().for_each(|request| add(request, ""));
    text
}

/// `None` where it is not whole.
fn from_text(branch: &BranchName, text: &str) -> Option<Record> {
    let mut fields = text.split('\t');
    let mut record = blank(branch.clone());
    record.parent = some(fields.next()?, BranchName::new)?;
    record.parent_tip = some(fields.next()?, CommitId::parse)?;
    record.merged = fields.next()? == "merged";
    let mut requests = fields.next()?.split(',');
    record.pull_request = some(requests.next_back()?, request)?;
    record.merged_below = requests.map(request).collect::<Option<_>>()?;
    fields.next().is_none().then_some(record)
}

/// Nothing where the field is empty; `None` where it holds what it cannot.
fn some<T>(field: &str, read: impl FnOnce(&str) -> Option<T>) -> Option<Option<T>> {
    match field {
        "" => Some(None),
        field => read(field).map(Some),
    }
}

fn request(text: &str) -> Option<PullRequest> {
    let (number, state) = text.split_once(' ')?;
    let known = |name: &str| STATES.into_iter().find(|state| state.name() == name);
    Some(PullRequest {
        number: number.parse().ok()?,
        state: some(state, known)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(name: &str) -> BranchName {
        BranchName::new(name).unwrap()
    }

    fn some_records() -> Vec<Record> {
        let request = |number, state| PullRequest { number, state };
        let all = Record {
            parent: Some(name("日本/$(id)")),
            parent_tip: CommitId::parse(&"a1".repeat(20)),
            pull_request: Some(request(46, None)),
            merged: true,
            merged_below: vec![request(1, Some(PullRequestState::Merged)), request(u64::MAX, None)],
            ..blank(name("b"))
        };
        let states = STATES.map(|state| Record {
            pull_request: Some(request(47, Some(state))),
            ..blank(name("b"))
        });
        let below = Record {
            merged_below: all.merged_below.clone(),
            ..blank(name("b"))
        };
        [vec![all, below, blank(name("b"))], states.to_vec()].concat()
    }

    #[test]
    fn what_is_written_is_read_and_no_part_of_it_is() {
        for record in some_records() {
            let text = to_text(&record);
            assert_eq!(from_text(&name("b"), &text), Some(record), "{text}");
        }
        let known = "x\t\tmerged\t1 merged,2 ";
        assert!(from_text(&name("b"), known).is_some());
        for other in [
            "",
            "x",
            "x\t\t\t\t",
            "x y\t\t\t",
            "x\ta1\t\t",
            "x\t\t\t1",
            "x\t\t\t1 no",
            "x\t\t\tno open",
            "x\t\t\t1,2 ",
        ] {
            assert_eq!(from_text(&name("b"), other), None, "{other}");
        }
    }

    /// Looks for one branch's record after the other; which were read.
    fn look_for(memory: &mut Memory<'_>, blobs: &[(&str, &str)]) -> Vec<String> {
        let mut read = Vec::new();
        for (at, blob) in blobs {
            let id = ContentId::parse(&blob.repeat(20)).unwrap();
            let record = |branch| {
                read.push((*at).to_owned());
                Ok(Record {
                    parent: Some(name(&format!("on-{blob}"))),
                    ..blank(branch)
                })
            };
            let record = memory.record(at, id, name("b"), record).unwrap();
            assert_eq!(record.parent, Some(name(&format!("on-{blob}"))), "{at}");
        }
        read
    }

    #[test]
    fn only_what_is_not_known_is_read() {
        let now = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
        let all = [("x:a", "a1"), ("x:b", "b1"), ("x:c", "c1")];
        let mut memory = Memory::of("", now);
        assert_eq!(look_for(&mut memory, &all), ["x:a", "x:b", "x:c"]);
        let text = memory.changed().unwrap();
        let mut memory = Memory::of(&text, now);
        assert_eq!((look_for(&mut memory, &all).len(), memory.changed()), (0, None));
        // Another blob, and one branch less.
        let mut memory = Memory::of(&text, now);
        assert_eq!(look_for(&mut memory, &[all[0], ("x:c", "c2")]), ["x:c"]);
        let text = memory.changed().unwrap();
        let mut memory = Memory::of(&text, now);
        assert_eq!(
            (look_for(&mut memory, &[all[0], ("x:c", "c2")]).len(), memory.changed()),
            (0, None)
        );
        let mut memory = Memory::of(&text, now);
        assert_eq!(
            (
                look_for(&mut memory, &[all[0]]).len(),
                memory.changed().unwrap().lines().count()
            ),
            (0, 2)
        );
        // In another order.
        let mut memory = Memory::of("", now);
        look_for(&mut memory, &[all[2], all[0], all[1]]);
        let other = memory.changed().unwrap();
        assert_eq!(look_for(&mut Memory::of(&other, now), &all).len(), 0);
        // Cut anywhere: what is left is right, and the rest is read.
        for length in 0..text.len() {
            let mut memory = Memory::of(&text[..length], now);
            let read = look_for(&mut memory, &[all[0], ("x:c", "c2")]);
            assert!(!read.is_empty());
            assert_eq!(memory.changed().as_ref(), Some(&text), "{length}");
        }
        let mut memory = Memory::of(text.strip_prefix("records 1\n").unwrap(), now);
        assert_eq!(look_for(&mut memory, &all).len(), 3);
        let newer = text.replacen('1', "2", 1);
        assert_eq!(look_for(&mut Memory::of(&newer, now), &all).len(), 3);
        let long = "x".repeat(2 * LONGEST_LINE);
        let mut memory = Memory::of("", now);
        assert_eq!(
            (look_for(&mut memory, &[(&long, "a1")]).len(), memory.changed()),
            (1, None)
        );
    }
}
