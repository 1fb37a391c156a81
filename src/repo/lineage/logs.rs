//! The reflogs that are read to find out who stands on whom, each once.
//!
//! Not here: what a line means (stack/reflog.rs), and how a reflog is read (references.rs).

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use gix::bstr::ByteSlice;

use crate::names::BranchName;
use crate::repo::{Repository, commit_id};
use crate::stack::reflog::{self, Departure, Life, Line, Start};

/// How many lines of a branch's reflog are read, and of HEAD's.
const MOST_LINES: usize = 500;
const MOST_HEAD_LINES: usize = 20_000;

/// The reflogs that were read.
pub(super) struct Logs<'a> {
    repository: &'a Repository,
    lives: RefCell<HashMap<BranchName, Rc<Life>>>,
    heads: RefCell<HashMap<String, HeadLog>>,
}

/// The newest lines of a reflog of HEAD.
#[derive(Clone)]
struct HeadLog {
    lines: Rc<Vec<Line>>,
    /// All lines that were written then or later are there.
    since: i64,
}

impl<'a> Logs<'a> {
    /// None is read yet.
    pub(super) fn of(repository: &'a Repository) -> Self {
        Self {
            repository,
            lives: RefCell::default(),
            heads: RefCell::default(),
        }
    }

    /// What the reflog of a branch tells.
    pub(super) fn life(&self, branch: &BranchName) -> Rc<Life> {
        if let Some(life) = self.lives.borrow().get(branch) {
            return Rc::clone(life);
        }
        let mut lines = Vec::new();
        self.repository.search_log(&branch.to_ref(), &mut |line| {
            lines.extend(read_line(line));
            (lines.len() >= MOST_LINES).then_some(())
        });
        let life = Rc::new(Life::read(branch, &lines));
        self.lives.borrow_mut().insert(branch.clone(), Rc::clone(&life));
        life
    }

    /// The lines of one HEAD that were written since, and those before down to the one that tells on which branch it was then.
    fn head(&self, full: &str, since: i64) -> Rc<Vec<Line>> {
        if let Some(log) = self.heads.borrow().get(full)
            && log.since <= since
        {
            return Rc::clone(&log.lines);
        }
        let mut lines = Vec::new();
        self.repository.search_log(full, &mut |line| {
            let read = read_line(line)?;
            let enough = read.time < since && reflog::leaves_branch(&read);
            lines.push(read);
            (enough || lines.len() >= MOST_HEAD_LINES).then_some(())
        });
        let lines = Rc::new(lines);
        let log = HeadLog {
            lines: Rc::clone(&lines),
            since,
        };
        self.heads.borrow_mut().insert(full.to_owned(), log);
        lines
    }

    /// From where HEAD came when a branch was made, in whichever work tree that was.
    pub(super) fn departure(
        &self,
        names: &[BranchName],
        start: &Start,
        is_branch: &dyn Fn(&str) -> bool,
    ) -> Option<Departure> {
        let since = start.time.saturating_sub(reflog::TOGETHER);
        let heads = self.repository.heads();
        heads
            .iter()
            .find_map(|head| reflog::departure(&self.head(head, since), names, start, is_branch))
    }

    /// The branch that a HEAD was on when another was made of its commit; `None` where several HEADs were there.
    pub(super) fn standing(&self, start: &Start, live: &dyn Fn(&str) -> Option<BranchName>) -> Option<BranchName> {
        let heads = self.repository.heads();
        let mut stood = heads
            .iter()
            .filter_map(|head| live(reflog::standing(&self.head(head, start.time), start)?));
        let first = stood.next()?;
        stood.all(|other| other == first).then_some(first)
    }

    /// The branches that HEAD was on since.
    pub(super) fn visited(&self, since: i64) -> Vec<BranchName> {
        let mut seen = HashSet::new();
        for head in self.repository.heads() {
            for line in self.head(&head, since).iter() {
                seen.extend(reflog::visited(line));
            }
        }
        seen.into_iter().collect()
    }

    /// The branch that had the name `old` before, as far as the reflogs tell that were read.
    pub(super) fn renamed(&self, old: &BranchName) -> Option<BranchName> {
        let lives = self.lives.borrow();
        let named = lives.iter().filter(|(_, life)| life.former_names.contains(old));
        named.map(|(name, _)| name).min().cloned()
    }
}

/// A line as git's own code has it; `None` where its ids are none.
pub(super) fn read_line(line: &gix::refs::log::Line) -> Option<Line> {
    Some(Line {
        old: commit_id(&line.previous_oid).ok()?,
        new: commit_id(&line.new_oid).ok()?,
        time: line.signature.time.seconds,
        message: line.message.to_str_lossy().into_owned(),
    })
}
