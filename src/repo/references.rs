//! Where HEAD, refs and reflogs are read from: git's own files, through gix; or, where the repository keeps them in another
//! format (reftable), git's own commands. The one place that knows the difference.
//!
//! Not here: what a ref or a line of a reflog means (branches.rs), and how git is asked (by_command.rs). Objects are read by
//! gix in either case.

use std::fs::DirEntry;
use std::io::Read;
use std::path::Path;

use gix::bstr::{BStr, BString, ByteSlice};
use gix::refs::{FullName, Target, log::Line};

use super::ref_files::{self, Own};
use super::{Repository, packed, read_small, small};
use crate::error::{Error, Result};

/// How much of a reflog is read for one line.
const LONGEST_LOG_LINE: usize = 4096;
/// How much is read of a ref that names another one.
const LONGEST_NAMED: usize = 8192;
/// A reflog of two lines is hardly longer.
const SHORT_LOG: u64 = 400;
/// How much of a reflog is searched.
const LONGEST_LOG: u64 = 16 * 1024 * 1024;

/// What the messages of lines about a branch's name begin with.
const NAMING: &[u8] = b"Branch: ";

/// What a ref points at, where there is one; or why that cannot be read, as the end of a sentence.
type Lookup = std::result::Result<Option<Target>, String>;
/// The full name of a ref, and what it points at, or why that cannot be read.
type Found = (BString, std::result::Result<Target, String>);
/// The same of one that names an object.
pub(super) type Named = (BString, std::result::Result<gix::ObjectId, String>);

/// A line of a reflog: its time, in seconds since 1970, and its message.
pub(super) type Beginning = (i64, BString);

impl Repository {
    /// What the ref of this full name points at.
    pub(super) fn find_reference(&self, full: &str) -> Option<Target> {
        self.look_up(full).ok()?
    }

    /// The same, with an error, which ends a sentence, where something is there that cannot be read.
    pub(super) fn look_up(&self, full: &str) -> Lookup {
        if let Some(commands) = &self.commands {
            return Ok(commands.target(full));
        }
        // gix looks there first too, but in twice as many calls of the system.
        let own = match self.inner.namespace() {
            None => ref_files::own(&self.common_dir.join(full), self.inner.object_hash()),
            Some(_) => Own::Unknown,
        };
        match (self.beyond(full.into(), own)?, own) {
            (None, Own::Folder) => Err("it is a folder".to_owned()),
            (found, _) => Ok(found),
        }
    }

    /// What a ref points at in whose file's place `own` is.
    fn beyond(&self, full: &BStr, own: Own) -> Lookup {
        match own {
            Own::Id(id) => Ok(Some(Target::Object(id))),
            Own::Strange => Err("it is not a regular file".to_owned()),
            Own::Unknown | Own::Folder => match self.inner.try_find_reference(full) {
                Ok(found) => Ok(found.map(|found| found.inner.target)),
                Err(error) => Err(error.to_string()),
            },
        }
    }

    /// The full name that a ref which names another one names. Such a ref is never packed, so that its file is all there is.
    pub(super) fn symbolic_target(&self, full: &str) -> Option<BString> {
        if let Some(commands) = &self.commands {
            return Some(commands.target(full)?.try_name()?.as_bstr().to_owned());
        }
        let text = read_small(&self.common_dir.join(full), LONGEST_NAMED).ok()?;
        Some(text.strip_prefix(b"ref: ")?.trim().into())
    }

    /// What HEAD names.
    pub(super) fn head_kind(&self) -> Result<gix::head::Kind> {
        if let Some(commands) = &self.commands {
            return Ok(commands.head());
        }
        let head = self.inner.head();
        head.map(|head| head.kind)
            .map_err(|error| Error::new("cannot read HEAD").because(&error))
    }

    /// The full names of all refs in a folder such as `refs/heads/` and what they point at, in the order of the names.
    pub(super) fn references_in(&self, folder: &str) -> Result<Vec<(BString, Target)>> {
        let found = self.references_by(folder, usize::MAX, &mut |_, file| {
            ref_files::own(&file.path(), self.inner.object_hash())
        })?;
        let readable = |(name, target): Found| Some((name, target.ok()?));
        Ok(found.into_iter().filter_map(readable).collect())
    }

    /// The same, with `read` to say what their own files name. Where there are more than `most`, not all of them are given.
    fn references_by(
        &self,
        folder: &str,
        most: usize,
        read: &mut dyn FnMut(&BStr, &DirEntry) -> Own,
    ) -> Result<Vec<Found>> {
        if let Some(commands) = &self.commands {
            let names = commands.names_below(folder).into_iter();
            let named = |name: FullName| {
                let target = commands.target(name.as_bstr().to_str().ok()?)?;
                Some((name.into_inner(), Ok(target)))
            };
            return Ok(names.filter_map(named).collect());
        }
        let mut found: Vec<Found> = Vec::new();
        match self.in_files(folder, most, read) {
            Some(in_files) => found = in_files,
            None => {
                let unreadable = |error: gix::Error| Error::new(format!("cannot list '{folder}'")).because(&error);
                let references = self.inner.references().map_err(unreadable)?;
                let inside = references.prefixed(folder).map_err(unreadable)?;
                let references = inside.filter_map(std::result::Result::ok);
                found.extend(
                    references.map(|reference| (reference.inner.name.into_inner(), Ok(reference.inner.target))),
                );
            }
        }
        // A ref that was packed and moved since is in both places, and the file of its own counts, which is first.
        found.sort_by(|one, other| one.0.cmp(&other.0));
        found.dedup_by(|packed, loose| packed.0 == loose.0);
        Ok(found)
    }

    /// The refs in a folder as far as git's files have the usual form, those that have files of their own first: git packs a ref
    /// before it removes its file. `None` where gix has to look.
    fn in_files(&self, folder: &str, most: usize, read: &mut dyn FnMut(&BStr, &DirEntry) -> Own) -> Option<Vec<Found>> {
        if self.inner.namespace().is_some() {
            return None;
        }
        let loose = ref_files::below(&self.common_dir, folder, most, read);
        let target = |(name, own): (BString, Own)| {
            let target = self.beyond(name.as_bstr(), own).transpose()?;
            Some((name, target))
        };
        let mut found: Vec<_> = loose.into_iter().filter_map(target).collect();
        let packed = packed::read(&self.common_dir, folder, most)?;
        found.extend(packed.into_iter().map(|(name, id)| (name, Ok(Target::Object(id)))));
        Some(found)
    }

    /// When the reflog of this ref was last written, in seconds since 1970; `None` where that is not known, or there is none.
    pub(super) fn log_written(&self, full: &str) -> Option<i64> {
        let metadata = std::fs::metadata(self.common_dir.join("logs").join(full)).ok()?;
        let since = metadata.modified().ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
        i64::try_from(since.as_secs()).ok()
    }

    /// Whether the reflog of this ref is there, and has hardly more than a line or two.
    pub(crate) fn has_short_log(&self, full: &str) -> bool {
        if let Some(commands) = &self.commands {
            return matches!(commands.log(full).len(), 1..=2);
        }
        let log = self.common_dir.join("logs").join(full);
        std::fs::metadata(log).is_ok_and(|log| log.len() < SHORT_LOG)
    }

    /// Whether refs are read by git's own commands: each question costs some milliseconds, and [`Self::log_written`] has no answer.
    pub(super) fn asks_git(&self) -> bool {
        self.commands.is_some()
    }

    /// Tells that the reflogs of these refs will be looked at: git is then asked once for all of them.
    pub(super) fn expect_logs(&self, full: &[String]) {
        if let Some(commands) = &self.commands {
            commands.read_logs(full);
        }
    }

    /// The full names of HEAD in this work tree and in the others (git-worktree(1), REFS).
    pub(super) fn heads(&self) -> Vec<String> {
        let mut heads = vec!["HEAD".to_owned()];
        if self.git_dir != self.common_dir {
            heads.push("main-worktree/HEAD".to_owned());
        }
        for folder in std::fs::read_dir(self.common_dir.join("worktrees"))
            .into_iter()
            .flatten()
            .flatten()
        {
            if folder.path() != self.git_dir
                && let Some(id) = folder.file_name().to_str()
            {
                heads.push(format!("worktrees/{id}/HEAD"));
            }
        }
        heads
    }

    /// The refs whose full names begin with `prefix`, which ends with `/`, and the objects that they name, or why that is not known;
    /// an error where there are more than `most`. Where they have files of their own, `known` may say what a file names, and it is
    /// not read.
    pub(super) fn targets_below(
        &self,
        prefix: &str,
        most: usize,
        known: &mut dyn FnMut(&BStr, &DirEntry) -> Option<gix::ObjectId>,
    ) -> Result<Vec<Named>> {
        let hash = self.inner.object_hash();
        let below = self.references_by(prefix, most + 1, &mut |name, file| match known(name, file) {
            Some(id) => Own::Id(id),
            None => ref_files::own(&file.path(), hash),
        })?;
        let named = |(name, target): Found| match target {
            Ok(target) => Some((name, Ok(target.try_id()?.to_owned()))),
            Err(why) => Some((name, Err(why))),
        };
        let found: Vec<Named> = below.into_iter().filter_map(named).collect();
        match found.len() > most {
            true => Err(Error::new(format!("'{prefix}' is not read")).why(format!("it holds more than {most} refs"))),
            false => Ok(found),
        }
    }

    /// Shows `found` the lines of a ref's reflog, newest first, until it returns something. A log that cannot be read is one
    /// that tells nothing.
    pub(super) fn search_log<T>(&self, full: &str, found: &mut dyn FnMut(&Line) -> Option<T>) -> Option<T> {
        if let Some(commands) = &self.commands {
            return commands.log(full).iter().find_map(found);
        }
        // The ref itself is not looked up: git removes the log with it.
        let mut buffer = vec![0; LONGEST_LOG_LINE];
        let mut lines = self.inner.refs.reflog_iter_rev(full, &mut buffer).ok()??;
        lines
            .by_ref()
            .map_while(std::result::Result::ok)
            .find_map(|line| found(&line))
    }

    /// The times and the messages of two lines of a ref's reflog: the newest that tells how the branch got its name by `git
    /// branch -m` or `-c`, and the oldest. A line is `<old> <new> <name> <address> <seconds> <zone>`, a tab and the message;
    /// those messages begin with `Branch: ` (git's refs/files-backend.c, builtin/branch.c).
    pub(super) fn beginnings_in_log(&self, full: &str) -> (Option<Beginning>, Option<Beginning>) {
        if let Some(commands) = &self.commands {
            let log = commands.log(full);
            let beginning = |line: &Line| (line.signature.time.seconds, line.message.clone());
            let naming = log.iter().find(|line| line.message.starts_with(NAMING));
            return (naming.map(beginning), log.last().map(beginning));
        }
        beginnings_in_file(&self.common_dir.join("logs").join(full))
    }

    /// The full name that HEAD has in the work tree whose git directory this is; `None` where it is detached.
    pub(super) fn head_of(&self, git_dir: &Path) -> Option<BString> {
        if let Some(commands) = &self.commands {
            return commands.head_of(git_dir).ok()?;
        }
        let text = read_small(&git_dir.join("HEAD"), LONGEST_NAMED).ok()?;
        Some(text.trim_end().strip_prefix(b"ref: ")?.into())
    }

    /// Whether a cherry-pick or revert has stopped, where the ref that tells of it is not the file that gix looks for.
    pub(super) fn picks_by_ref(&self) -> bool {
        let told = |name: &&str| {
            self.commands
                .as_ref()
                .is_some_and(|commands| commands.target(name).is_some())
        };
        ["CHERRY_PICK_HEAD", "REVERT_HEAD"].iter().any(told)
    }
}

fn beginning(line: &[u8]) -> Option<Beginning> {
    let (signature, message) = line.split_once_str("\t")?;
    let seconds = signature.rsplit_str(" ").nth(1)?.to_str().ok()?.parse().ok()?;
    Some((seconds, message.into()))
}

/// What [`Repository::beginnings_in_log`] finds in the file of a reflog; nothing where there is none that can be read.
pub(super) fn beginnings_in_file(path: &Path) -> (Option<Beginning>, Option<Beginning>) {
    let mut text = Vec::with_capacity(LONGEST_LOG_LINE);
    let file = small::open(path);
    if file
        .and_then(|file| file.take(LONGEST_LOG).read_to_end(&mut text))
        .is_err()
    {
        return (None, None);
    }
    let naming = text.rfind([b"\t", NAMING].concat()).and_then(|tab| {
        let start = text[..tab].rfind_byte(b'\n').map_or(0, |end| end + 1);
        beginning(text[start..].lines().next()?)
    });
    (naming, text.lines().next().and_then(beginning))
}
