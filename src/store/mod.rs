//! The store: a bare repository of our own at `<git common dir>/branchwork` that holds every version of every document.
//!
//! A document is a ref, `refs/branchwork/docs/<branch>/<id>`; each version is a commit whose tree has the one file
//! [`FILE`]. This file opens and reads, write.rs writes. Deliberately absent: what a document says, the copy in the work
//! tree (view.rs), and any object or ref of the user's repository.
//!
//! What we write has one plain form, loose.rs and refs.rs, which is read without gix: opening a repository costs a hook as
//! much as all that it reads there. Whatever has another form, because git worked on the store, is gix's to read.

mod archive;
mod bases;
mod git;
mod loose;
mod many;
mod redact;
mod refs;
mod remote;
mod rewritten;
mod sieves;
mod stacks;
mod window;
mod write;

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use chrono::{DateTime, TimeDelta, Utc};
use gix::bstr::ByteSlice;
use gix::objs::Kind;

use crate::check::quoted;
use crate::error::{Error, Result};
use crate::names::{BranchName, CommitId, DocId};
use crate::repo::{ObjectFormat, commit_id, object_id, read_small};

use archive::Without;
pub(crate) use archive::{Archived, Differing, reference as archive_reference, refspec as archive_refspec};
pub(crate) use many::{Key, Text};
pub(crate) use redact::{MARK, Redacted, Scope as RedactScope, literally};
pub(crate) use remote::{
    LARGEST, all_refspec as all_remote_refspec, document as document_on_remote, fetched_from, fetched_to,
    reference as remote_reference, refspec as remote_refspec, refspec_of as remote_refspec_of,
};
pub(crate) use stacks::{FoundStack, Told};
pub(crate) use window::Window;
pub(crate) use write::{Access, Author, Writer};

/// The one file in the tree of a version.
pub(crate) const FILE: &str = "BRANCHWORK.md";
/// The store's folder in the common git directory.
pub(crate) const FOLDER: &str = "branchwork";

/// What makes git take it for a repository, and names no branch that there is.
const HEAD: &str = "ref: refs/heads/none\n";
/// How the name of a store begins that is about to take its place beside it.
const UNFINISHED: &str = "branchwork-new-";

const ALL: &str = "refs/branchwork/";
const LIVE: &str = "refs/branchwork/docs/";
const ENDED: &str = "refs/branchwork/ended/";
const REMOTES: &str = "refs/branchwork/remotes/";
/// No sync looks through one window for longer.
const LONGEST_SYNC: TimeDelta = TimeDelta::hours(1);
/// How much of the store's configuration is read: more than there is of ours.
const LARGEST_CONFIG: usize = 256;

/// A document in the store, at one version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stored {
    /// The branch it belongs to; `None` for an ended life.
    pub(crate) branch: Option<BranchName>,
    /// Its id, which never changes.
    pub(crate) id: DocId,
    /// The commit of the version.
    pub(crate) version: CommitId,
}

impl Stored {
    /// Its ref.
    pub(crate) fn name(&self) -> String {
        match &self.branch {
            Some(branch) => format!("{LIVE}{}/{}", branch.as_str(), self.id),
            None => format!("{ENDED}{}", self.id),
        }
    }
}

/// A name for a text: the object id of its blob. Equal texts have equal ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TextId(CommitId);

impl TextId {
    /// `None` where `hex` is not a full object id.
    pub(crate) fn parse(hex: &str) -> Option<Self> {
        CommitId::parse(hex).map(Self)
    }

    /// The hex digits.
    pub(crate) fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

/// One version in a document's history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Version {
    /// Its commit.
    pub(crate) id: CommitId,
    /// What changed, such as `log: Fixed deadlock`.
    pub(crate) subject: String,
    /// Who changed it.
    pub(crate) author: String,
    /// The address of whoever that is.
    pub(crate) email: String,
    /// When.
    pub(crate) time: DateTime<Utc>,
}

/// The store of one repository.
pub(crate) struct Store {
    path: PathBuf,
    format: gix::hash::Kind,
    /// Its configuration is what we wrote, so that a plain ref or object is what it looks like.
    is_ours: bool,
    opened: OnceCell<gix::Repository>,
    /// Months of the archive that were looked through for one document in vain.
    without: RefCell<Without>,
    /// Refs of live documents that say nothing, as they were found when all were listed last.
    unreadable: RefCell<Vec<String>>,
}

/// Where a ref has to stand before it is moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Anywhere, or nowhere.
    Any,
    /// It is not there.
    Missing,
    /// At this version.
    At(gix::ObjectId),
}

impl Store {
    /// The store of the repository whose common git directory this is; `None` where no document was ever made.
    ///
    /// Errors: it is damaged. Nothing may then go on as if there were no documents.
    pub(crate) fn open(common_dir: &Path) -> Result<Option<Self>> {
        let path = common_dir.join(FOLDER);
        if !path.join("HEAD").is_file() {
            return match std::fs::symlink_metadata(&path) {
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
                _ => Err(damaged(&path, "it has no file 'HEAD'")),
            };
        }
        // Without it no document would be found.
        if !path.join("refs").is_dir() {
            return Err(damaged(&path, "it has no folder 'refs'"));
        }
        let config = read_small(&path.join("config"), LARGEST_CONFIG).unwrap_or_default();
        let ours = [ObjectFormat::Sha1, ObjectFormat::Sha256]
            .into_iter()
            .find(|format| config == configuration(*format).as_bytes());
        if let Some(format) = ours {
            return Ok(Some(Self {
                path,
                format: match format {
                    ObjectFormat::Sha1 => gix::hash::Kind::Sha1,
                    ObjectFormat::Sha256 => gix::hash::Kind::Sha256,
                },
                is_ours: true,
                opened: OnceCell::new(),
                without: RefCell::default(),
                unreadable: RefCell::default(),
            }));
        }
        let opened = open(&path)?;
        Ok(Some(Self {
            path,
            format: opened.object_hash(),
            is_ours: false,
            opened: opened.into(),
            without: RefCell::default(),
            unreadable: RefCell::default(),
        }))
    }

    /// The store, made now where there is none. It appears whole or not at all: it is built aside and renamed.
    pub(crate) fn open_or_create(common_dir: &Path, format: ObjectFormat) -> Result<Self> {
        if let Some(store) = Self::open(common_dir)? {
            return Ok(store);
        }
        let path = common_dir.join(FOLDER);
        let cannot = |error: &std::io::Error| {
            Error::new(format!("cannot make the store '{}'", path.display()))
                .because(error)
                .hint("make the git directory writable, then run the command again")
        };
        let aside = tempfile::Builder::new()
            .prefix(UNFINISHED)
            .tempdir_in(common_dir)
            .map_err(|error| cannot(&error))?;
        write_skeleton(aside.path(), format).map_err(|error| cannot(&error))?;
        match std::fs::rename(aside.path(), &path) {
            Ok(()) => drop(aside.keep()),
            // Somebody else was faster; theirs is as good.
            Err(_) if path.join("HEAD").is_file() => {}
            Err(error) => return Err(cannot(&error)),
        }
        Self::open(common_dir)?.ok_or_else(|| Error::new(format!("the store '{}' went away", path.display())))
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether git takes the folder for a repository by its HEAD, which is read by nobody else.
    ///
    /// Errors: it does not.
    pub(crate) fn check_head(&self) -> Result<()> {
        let head = std::fs::read(self.path.join("HEAD"));
        let text = head.map_err(|error| damaged(&self.path, "'HEAD' cannot be read").because(&error))?;
        let id = || text.trim_ascii_end().to_str().ok().and_then(CommitId::parse);
        match text.starts_with(b"ref: refs/") || id().is_some() {
            true => Ok(()),
            false => Err(damaged(&self.path, "'HEAD' in it names no ref").hint(format!(
                "write it anew: printf '{}' >{}",
                HEAD.escape_default(),
                quoted(&self.path.join("HEAD").display().to_string())
            ))),
        }
    }

    /// What killed writers left behind: objects that no version names, and stores that another one was made instead of.
    /// A window that may be in use `now` is none.
    pub(crate) fn leftovers(&self, now: DateTime<Utc>) -> Vec<PathBuf> {
        let mut found = self.unfinished_objects();
        found.extend(beside(&self.path, rewritten::UNFINISHED));
        let is_old = |path: &PathBuf| {
            let changed = std::fs::metadata(path).and_then(|window| window.modified());
            changed.is_ok_and(|changed| now - DateTime::<Utc>::from(changed) > LONGEST_SYNC)
        };
        found.extend(beside(&self.path, window::PREFIX).into_iter().filter(is_old));
        for notes in [rewritten::RECONCILED, stacks::STACKED, archive::ENDED_AT] {
            found.extend(beside(&self.path.join(notes), rewritten::UNFINISHED));
        }
        found.extend(
            self.path
                .parent()
                .into_iter()
                .flat_map(|folder| beside(folder, UNFINISHED)),
        );
        found
    }

    /// What killed writers began to write of objects, such as a text that is as it was written.
    fn unfinished_objects(&self) -> Vec<PathBuf> {
        beside(&self.path.join("objects"), loose::UNFINISHED)
    }

    /// The document of `branch`; of several (two clones made one each) the newest.
    pub(crate) fn find(&self, branch: &BranchName) -> Result<Option<Stored>> {
        let prefix = format!("{LIVE}{}/", branch.as_str());
        let loose = std::fs::read_dir(self.path.join(&prefix)).into_iter().flatten();
        // A folder is a part of another branch's name, whatever it looks like.
        let newest = loose
            .filter_map(|entry| {
                entry
                    .ok()
                    .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()))
            })
            .filter_map(|entry| DocId::parse(entry.file_name().to_str()?))
            .max();
        if self.is_ours && !refs::some_are_packed(&self.path) {
            let Some(id) = newest else { return Ok(None) };
            let version = self.target(&format!("{prefix}{id}"))?;
            let branch = Some(branch.clone());
            return Ok(version.map(|version| Stored { branch, id, version }));
        }
        let mut found = self.below(&prefix)?;
        found.retain(|stored| stored.branch.as_ref() == Some(branch));
        Ok(found.into_iter().max_by(|a, b| a.id.cmp(&b.id)))
    }

    /// The document with this id, of a branch or ended.
    pub(crate) fn by_id(&self, id: &DocId) -> Result<Option<Stored>> {
        let live = self.documents()?.into_iter().find(|stored| stored.id == *id);
        if live.is_some() {
            return Ok(live);
        }
        let version = self.target(&format!("{ENDED}{id}"))?;
        Ok(version.map(|version| Stored {
            branch: None,
            id: id.clone(),
            version,
        }))
    }

    /// The same document at its newest version: where it was found before, else wherever it is now.
    pub(crate) fn latest(&self, stored: &Stored) -> Result<Option<Stored>> {
        match self.target(&stored.name())? {
            Some(version) => Ok(Some(Stored {
                version,
                ..stored.clone()
            })),
            None => self.by_id(&stored.id),
        }
    }

    /// The documents of `branch`: more than one where two clones made one each, and a merge of them was cut short.
    pub(crate) fn all_of(&self, branch: &BranchName) -> Result<Vec<Stored>> {
        let mut found = self.below(&format!("{LIVE}{}/", branch.as_str()))?;
        found.retain(|stored| stored.branch.as_ref() == Some(branch));
        Ok(found)
    }

    /// Whether the document with this id ended here.
    pub(crate) fn has_ended(&self, id: &DocId) -> Result<bool> {
        Ok(self.target(&format!("{ENDED}{id}"))?.is_some())
    }

    /// Every live document, in the order of branch names.
    pub(crate) fn documents(&self) -> Result<Vec<Stored>> {
        self.below(LIVE)
    }

    /// Every document whose branch is gone and whose name another branch took.
    pub(crate) fn ended(&self) -> Result<Vec<Stored>> {
        self.below(ENDED)
    }

    /// The text of a version and its name.
    pub(crate) fn load(&self, version: &CommitId) -> Result<(Vec<u8>, TextId)> {
        let unreadable = |error: &dyn std::error::Error| {
            Error::new(format!("cannot read version '{version}' of the document"))
                .because(error)
                .hint("git branchwork doctor")
        };
        let commit = self.object(&object_id(version)?).map_err(|error| unreadable(&error))?;
        let tree = gix::objs::CommitRefIter::from_bytes(&commit, self.format)
            .tree_id()
            .map_err(|error| unreadable(&error))?;
        let tree = self.object(&tree).map_err(|error| unreadable(&error))?;
        let tree = gix::objs::TreeRef::from_bytes(&tree, self.format).map_err(|error| unreadable(&error))?;
        let Some(entry) = tree.bisect_entry(FILE.into(), false) else {
            return Err(Error::new(format!("version '{version}' has no file '{FILE}'")).hint("git branchwork doctor"));
        };
        let text = self.object(entry.oid).map_err(|error| unreadable(&error))?;
        Ok((text, TextId(commit_id(entry.oid)?)))
    }

    /// The text with this name, where some version had it.
    pub(crate) fn text(&self, id: &TextId) -> Result<Option<Vec<u8>>> {
        Ok(self.object(&object_id(&id.0)?).ok())
    }

    /// Whether the text with this name is here.
    pub(crate) fn has_text(&self, id: &TextId) -> Result<bool> {
        let id = object_id(&id.0)?;
        Ok(loose::is_here(&self.path, &id) || self.opened()?.has_object(id))
    }

    /// The name of a text, whether or not it is here.
    pub(crate) fn text_id(&self, text: &[u8]) -> Result<TextId> {
        let id = gix::objs::compute_hash(self.format, Kind::Blob, text)
            .map_err(|error| Error::new("cannot hash the text").because(&error))?;
        Ok(TextId(commit_id(&id)?))
    }

    /// The versions of a document, newest first, from this one back, those of other clones that were merged into it too.
    pub(crate) fn history(&self, stored: &Stored) -> Result<Vec<Version>> {
        let mut found: HashMap<CommitId, (Version, Vec<CommitId>)> = HashMap::new();
        let mut later: HashMap<CommitId, usize> = HashMap::new();
        let mut waiting = vec![stored.version.clone()];
        while let Some(id) = waiting.pop() {
            if found.contains_key(&id) {
                continue;
            }
            let (version, parents) = self.version(&id)?;
            for parent in &parents {
                *later.entry(parent.clone()).or_default() += 1;
            }
            waiting.extend(parents.iter().cloned());
            found.insert(id, (version, parents));
        }
        // Clocks differ: a version comes only after all that were made from it.
        let mut place = usize::MAX;
        let mut next = BTreeMap::from([((i64::MAX, place), stored.version.clone())]);
        let mut versions = Vec::new();
        while let Some((_, id)) = next.pop_last() {
            let Some((version, parents)) = found.remove(&id) else {
                continue;
            };
            for parent in parents {
                let left = later.entry(parent.clone()).or_default();
                *left = left.saturating_sub(1);
                if let Some((before, _)) = found.get(&parent).filter(|_| *left == 0) {
                    // Of the same second that of our own side comes first.
                    place -= 1;
                    next.insert((before.time.timestamp(), place), parent);
                }
            }
            versions.push(version);
        }
        Ok(versions)
    }

    /// One version and those that it was made from: of two the first is that of the side that merged.
    pub(crate) fn version(&self, id: &CommitId) -> Result<(Version, Vec<CommitId>)> {
        let unreadable = |error: &dyn std::error::Error| {
            Error::new(format!("cannot read version '{id}'"))
                .because(error)
                .hint("git branchwork doctor")
        };
        let data = self.object(&object_id(id)?).map_err(|error| unreadable(&error))?;
        let commit = self
            .commit_in(&object_id(id)?, &data)
            .map_err(|error| unreadable(&error))?;
        let author = commit.author().map_err(|error| unreadable(&error))?;
        let version = Version {
            id: id.clone(),
            subject: commit
                .message
                .lines()
                .next()
                .unwrap_or_default()
                .to_str_lossy()
                .into_owned(),
            author: author.name.to_str_lossy().into_owned(),
            email: author.email.to_str_lossy().into_owned(),
            time: DateTime::from_timestamp(author.seconds(), 0).unwrap_or_default(),
        };
        let parents = commit
            .parents()
            .map(|parent| commit_id(&parent))
            .collect::<Result<_>>()?;
        Ok((version, parents))
    }

    /// What an object holds.
    fn object(&self, id: &gix::oid) -> Result<Vec<u8>> {
        if self.is_ours
            && let Some((_, data)) = loose::read(&self.path, id)
        {
            return Ok(data);
        }
        let found = self.opened()?.find_object(id);
        found
            .map(|object| object.detach().data)
            .map_err(|error| unreadable(id, &error))
    }

    /// The commit that an object is.
    fn commit_in<'d>(&self, id: &gix::oid, data: &'d [u8]) -> Result<gix::objs::CommitRef<'d>> {
        gix::objs::CommitRef::from_bytes(data, self.format).map_err(|error| unreadable(id, &error))
    }

    /// The tree that an object is.
    fn tree_in<'d>(&self, id: &gix::oid, data: &'d [u8]) -> Result<gix::objs::TreeRef<'d>> {
        gix::objs::TreeRef::from_bytes(data, self.format).map_err(|error| unreadable(id, &error))
    }

    /// The store as gix reads it. Opened once, and only where a plain look is not enough.
    fn opened(&self) -> Result<&gix::Repository> {
        match self.opened.get() {
            Some(opened) => Ok(opened),
            None => {
                let opened = open(&self.path)?;
                Ok(self.opened.get_or_init(|| opened))
            }
        }
    }

    fn target(&self, name: &str) -> Result<Option<CommitId>> {
        if self.is_ours {
            match refs::read(&self.path, name) {
                refs::Found::Nothing => return Ok(None),
                refs::Found::Id(id) => return commit_id(&id).map(Some),
                refs::Found::Unclear => {}
            }
        }
        let reference = self.opened()?.try_find_reference(name).map_err(|error| {
            Error::new(format!("cannot read '{name}' in the store"))
                .because(&error)
                .hint("git branchwork doctor")
        })?;
        let target = reference.and_then(|reference| reference.try_id().map(|id| commit_id(&id)));
        target.transpose()
    }

    /// The documents whose refs start with `prefix`, which ends in a slash.
    fn below(&self, prefix: &str) -> Result<Vec<Stored>> {
        let found = self.refs_below(prefix)?.into_iter();
        Ok(found.filter_map(|(name, id)| stored(&name, &id)).collect())
    }
}

/// What is in a folder whose name begins with this.
fn beside(folder: &Path, prefix: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let left = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(prefix));
    left.map(|entry| entry.path()).collect()
}

fn unreadable(id: &gix::oid, error: &dyn std::error::Error) -> Error {
    Error::new(format!("cannot read the object '{id}' of the store"))
        .because(error)
        .hint("git branchwork doctor")
}

fn damaged(path: &Path, why: &str) -> Error {
    Error::new(format!("the store '{}' is damaged", path.display()))
        .why(why)
        .hint("put the folder back from a backup, or move it away to begin anew")
}

/// The document that a ref of the store is.
fn stored(name: &str, id: &gix::oid) -> Option<Stored> {
    let version = commit_id(id).ok()?;
    let (branch, id) = match name.strip_prefix(ENDED) {
        Some(id) => (None, id),
        None => {
            let (branch, id) = name.strip_prefix(LIVE)?.rsplit_once('/')?;
            (Some(BranchName::new(branch)?), id)
        }
    };
    Some(Stored {
        branch,
        id: DocId::parse(id)?,
        version,
    })
}

fn open(path: &Path) -> Result<gix::Repository> {
    // A reflog would need a committer, and a document's versions are its log.
    let options = gix::open::Options::isolated().config_overrides(["core.logAllRefUpdates=false"]);
    // A sync fetches a pack each time that somebody was faster; those that come after the store was opened need room too.
    let slots = gix::odb::store::init::Slots::AsNeededByDiskState {
        multiplier: 2.0,
        minimum: 128,
    };
    let options = options.object_store_slots(slots);
    let opened = options.open_path_as_is(true).open(path);
    let keeping = |mut opened: gix::Repository| {
        opened.objects.set_pack_cache(|| Box::<bases::Bases>::default());
        opened
    };
    opened.map(|opened| keeping(opened.to_thread_local())).map_err(|error| {
        Error::new(format!("cannot open the store '{}'", path.display()))
            .because(&error)
            .hint("git branchwork doctor")
    })
}

/// The configuration of a new store. Automatic gc is off: git would take away versions that only a view's state file still
/// names.
fn configuration(format: ObjectFormat) -> String {
    let (version, extension) = match format {
        ObjectFormat::Sha1 => (0, ""),
        ObjectFormat::Sha256 => (1, "[extensions]\n\tobjectFormat = sha256\n"),
    };
    format!("[core]\n\trepositoryformatversion = {version}\n\tbare = true\n{extension}[gc]\n\tauto = 0\n")
}

/// What makes a folder a bare repository (gitrepository-layout(5)).
fn write_skeleton(folder: &Path, format: ObjectFormat) -> std::io::Result<()> {
    for name in ["objects/info", "objects/pack", "refs"] {
        std::fs::create_dir_all(folder.join(name))?;
    }
    std::fs::write(folder.join("config"), configuration(format))?;
    std::fs::write(folder.join("description"), "The documents of git-branchwork.\n")?;
    std::fs::write(folder.join("HEAD"), HEAD)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // The folder was made for one user only, as temporary ones are; it gets the mode of its parent.
        if let Some(parent) = folder.parent() {
            let mode = std::fs::metadata(parent)?.permissions().mode();
            std::fs::set_permissions(folder, std::fs::Permissions::from_mode(mode))?;
        }
    }
    Ok(())
}
