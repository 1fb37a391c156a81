//! What tells that a stack may have changed since a document was told it: the files in which tools record stacks, what was found
//! out about all stacks, the refs of the stack's branches, and what says how a stack is drawn. A hook looks at nothing else where
//! they are as they were.
//!
//! Not here: what is in these files (records/).

use std::cell::OnceCell;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use chrono::{DateTime, Utc};

use crate::names::{BranchName, DocId};
use crate::policy_file;
use crate::records::{
    PLACES, PLACES_IN_WORK_TREE, PLACES_OF_GIT, PLACES_OF_REFS, PLACES_OF_WORK_TREE, PLACES_OF_WORK_TREES,
};
use crate::repo::{RACY, look};
use crate::store::Store;

/// What a line of a note begins with that names a file: no name of a branch has it.
const FILE: char = '\t';

/// Where the signs are.
pub(crate) struct Places<'a> {
    /// The git directory that all work trees share.
    pub(crate) common_dir: &'a Path,
    /// That of this work tree.
    pub(crate) git_dir: &'a Path,
    /// The top of the work tree.
    pub(crate) work_tree: Option<&'a Path>,
    /// The store.
    pub(crate) store: &'a Store,
    /// What the files of tools look like, found out once in a run. It is older than what is read of them, so that a change
    /// meanwhile is seen the next time.
    pub(crate) recorded: &'a OnceCell<Looks>,
}

/// What is remembered of how all was when a document was told its stack.
pub(super) struct Note<'a> {
    /// What the files look like.
    pub(super) mark: &'a str,
    /// Where the trunk was when it was looked at for what was merged; empty where it was not.
    pub(super) trunk: &'a str,
    /// The branches of the stack, a line each, and files.
    pub(super) members: &'a str,
}

impl<'a> Note<'a> {
    /// What is written in it.
    pub(super) fn of(text: &'a str) -> Self {
        let (first, members) = text.split_once('\n').unwrap_or((text, ""));
        let (mark, trunk) = first.split_once(' ').unwrap_or((first, ""));
        Self { mark, trunk, members }
    }

    /// What to write.
    pub(super) fn text(&self) -> String {
        format!("{} {}\n{}", self.mark, self.trunk, self.members)
    }
}

/// What some files look like, and when the newest of them was written.
#[derive(Clone, Default)]
pub(crate) struct Looks {
    hasher: DefaultHasher,
    newest: Option<SystemTime>,
}

impl Looks {
    /// A file that is written in place: its time alone tells of a change, as far as it goes.
    fn add(&mut self, path: &Path) {
        let written = self.add_replaced(path);
        self.newest = self.newest.max(written);
    }

    /// One that another takes the place of, which shows by its inode. When it was written.
    fn add_replaced(&mut self, path: &Path) -> Option<SystemTime> {
        let found = std::fs::metadata(path).ok().as_ref().map(look);
        found.hash(&mut self.hasher);
        let written = found.and_then(|(written, ..)| written);
        if cfg!(not(unix)) {
            self.newest = self.newest.max(written);
        }
        written
    }

    fn mark(&self) -> String {
        format!("{:016x}", self.hasher.finish())
    }
}

impl Places<'_> {
    /// Whether all is as it was when the document was told its stack.
    pub(crate) fn are_unchanged(&self, id: &DocId) -> bool {
        self.store.stacked(id).is_some_and(|note| {
            let note = Note::of(&note);
            self.look(note.members.lines()).mark() == note.mark
        })
    }

    /// Whether no branch is among them, because this one stands alone.
    pub(super) fn watch_no_branch(&self, id: &DocId) -> bool {
        let note = self.store.stacked(id);
        note.is_some_and(|note| Note::of(&note).members.lines().all(|line| line.starts_with(FILE)))
    }

    /// What to remember of how all is now, for a stack of `members`, where the configuration includes the files `included`. What was
    /// remembered of the trunk stays as it was `before`. `None` where something was changed just now, so that a second change could
    /// not be told from it.
    pub(super) fn note<'a>(
        &self,
        members: impl Iterator<Item = &'a BranchName>,
        included: &[PathBuf],
        before: Option<&str>,
        now: DateTime<Utc>,
    ) -> Option<String> {
        let files = included.iter().filter_map(|path| path.to_str());
        let files = files
            .filter(|path| !path.contains('\n'))
            .map(|path| format!("{FILE}{path}"));
        let members: Vec<String> = members.map(|name| name.as_str().to_owned()).chain(files).collect();
        let looks = self.look(members.iter().map(String::as_str));
        let is_over = looks.newest.is_none_or(|newest| SystemTime::from(now) > newest + RACY);
        let lines: String = members.iter().map(|name| format!("{name}\n")).collect();
        let note = Note {
            mark: &looks.mark(),
            trunk: before.map_or("", |before| Note::of(before).trunk),
            members: &lines,
        };
        is_over.then(|| note.text())
    }

    fn look<'a>(&self, members: impl Iterator<Item = &'a str>) -> Looks {
        let mut looks = self.recorded.get_or_init(|| self.look_at_records()).clone();
        looks.add_replaced(&self.store.found_stacks_file());
        // That such a folder came or went is seen among the records.
        let folders = OnceCell::new();
        let there = || {
            PLACES_OF_REFS
                .map(|name| self.common_dir.join(name))
                .into_iter()
                .filter(|folder| folder.is_dir())
        };
        for member in members {
            if let Some(path) = member.strip_prefix(FILE) {
                looks.add(Path::new(path));
                continue;
            }
            looks.add_replaced(&self.common_dir.join("refs/heads").join(member));
            for folder in folders.get_or_init(|| there().collect::<Vec<_>>()) {
                looks.add_replaced(&folder.join(member));
            }
        }
        looks
    }

    fn look_at_records(&self) -> Looks {
        let mut looks = Looks::default();
        for name in PLACES_OF_GIT {
            looks.add_replaced(&self.common_dir.join(name));
        }
        let linked = Some(self.git_dir).filter(|folder| *folder != self.common_dir);
        let places = [
            (Some(self.common_dir), &PLACES[..]),
            (linked, &PLACES_OF_WORK_TREE),
            (self.work_tree, &PLACES_IN_WORK_TREE),
            (self.work_tree, &[policy_file::NAME]),
        ];
        for (folder, names) in places {
            if let Some(folder) = folder {
                names.iter().for_each(|name| looks.add(&folder.join(name)));
            }
        }
        let work_trees = std::fs::read_dir(self.common_dir.join("worktrees"));
        for work_tree in work_trees.into_iter().flatten().flatten() {
            PLACES_OF_WORK_TREES
                .iter()
                .for_each(|name| looks.add(&work_tree.path().join(name)));
        }
        // The ref of a branch with a slash is in a folder below those, whose time alone tells that it came or changed.
        let mut folders = PLACES_OF_REFS.map(|name| self.common_dir.join(name)).to_vec();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                    looks.add(&entry.path());
                    folders.push(entry.path());
                }
            }
        }
        looks
    }
}
