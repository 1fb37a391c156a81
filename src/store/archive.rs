//! The archive: documents whose branches have ended, `refs/branchwork/archive/<year>`, whose trees hold
//! `<MM>/<YYYYMMDDHHmm>-<slug>-<id>.md`.
//!
//! Each document that is added is a commit: its first parent is the archive's former tip, its second the document's last
//! version, so that its history stays. Every year begins with the same empty commit in every clone. Not here: what an
//! archived text tells (document/archive.rs), and when a document is archived (journeys/archive.rs).

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::time::Duration;

use chrono::{DateTime, NaiveDateTime, SecondsFormat, Utc};
use gix::bstr::ByteSlice;
use gix::objs::Kind;
use gix::objs::tree::{Entry, EntryKind};

use super::write::{Author, Writer, encoded, signature};
use super::{Place, Store, Stored, refs, rewritten};
use crate::error::{Error, Result};
use crate::names::{BranchName, CommitId, DocId, slug};
use crate::process::{self, Call, Repository};
use crate::repo::{commit_id, object_id};

const ARCHIVE: &str = "refs/branchwork/archive/";
/// The folder of the notes that say at which commit a branch was archived here.
pub(super) const ENDED_AT: &str = "archived-at";
/// How much of a slug a file's name has: names of files are no longer than 255 bytes.
const LONGEST_SLUG: usize = 120;
/// How many loose objects there may be in one of their 256 folders before they are packed.
const MOST_LOOSE: usize = 8;
/// How many packs there may be before fewer are made of them (`gc.autoPackLimit` is 50): each is opened to look for an object.
const MOST_PACKS: usize = 20;
/// How long packing may take.
const PATIENCE: Duration = Duration::from_secs(600);

/// An archived document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Archived {
    /// Its id.
    pub(crate) id: DocId,
    /// Four digits: which archive it is in.
    pub(crate) year: String,
    /// Where it is there: `<MM>/<YYYYMMDDHHmm>-<slug>-<id>.md`.
    pub(crate) path: String,
    text: gix::ObjectId,
}

impl Archived {
    /// When it was archived, as its path tells: `YYYYMMDDHHmm`.
    pub(crate) fn stamp(&self) -> &str {
        self.path.get(3..15).unwrap_or_default()
    }

    /// The branch's name as it is in file names.
    pub(crate) fn slug(&self) -> &str {
        let end = self.path.len().saturating_sub("-.md".len() + self.id.as_str().len());
        self.path.get(16..end).unwrap_or_default()
    }

    /// Whether it may be that of this branch.
    pub(crate) fn has_slug_of(&self, branch: &BranchName) -> bool {
        short_slug(branch, &self.id) == self.slug()
    }

    /// When it was archived, RFC 3339.
    pub(crate) fn time(&self) -> String {
        let parsed = NaiveDateTime::parse_from_str(self.stamp(), "%Y%m%d%H%M").unwrap_or_default();
        parsed.and_utc().to_rfc3339_opts(SecondsFormat::Secs, true)
    }
}

impl Store {
    /// The archived documents, oldest first; with `since`, `YYYYMM`, those of that month and later.
    pub(crate) fn archived(&self, since: Option<&str>) -> Result<Vec<Archived>> {
        let mut found = Vec::new();
        for (year, tip) in self.years()? {
            for (month, tree) in self.folder(&self.tree_of(&tip)?, EntryKind::Tree)? {
                if since.is_some_and(|since| format!("{year}{month}").as_str() < since) {
                    continue;
                }
                let files = self.folder(&tree, EntryKind::Blob)?;
                found.extend(
                    files
                        .into_iter()
                        .filter_map(|(name, text)| archived(&year, &month, &name, text)),
                );
            }
        }
        Ok(found)
    }

    /// The archived document with this id.
    pub(crate) fn archived_by_id(&self, id: &DocId) -> Result<Option<Archived>> {
        Ok(self.archived(None)?.into_iter().find(|archived| archived.id == *id))
    }

    /// An archived id never comes back to life: whoever makes a document live asks here.
    pub(crate) fn refuse_archived(&self, id: &DocId) -> Result<()> {
        match self.archived_by_id(id)? {
            None => Ok(()),
            Some(_) => Err(Error::new(format!("document '{id}' is archived, and stays so"))
                .hint(format!("to read it: git branchwork show {id}"))),
        }
    }

    /// Its text.
    pub(crate) fn archived_text(&self, archived: &Archived) -> Result<Vec<u8>> {
        // Most are in packs, where gix looks first.
        let text = self
            .opened()?
            .find_object(archived.text)
            .map(|object| object.detach().data);
        text.map_err(|error| {
            Error::new(format!("cannot read the archived document '{}'", archived.id))
                .because(&error)
                .hint("git branchwork doctor")
        })
    }

    /// The document of `branch` that was archived here when the branch was at `tip`.
    pub(crate) fn archived_at(&self, branch: &BranchName, tip: &CommitId) -> Option<DocId> {
        let text = std::fs::read_to_string(self.path().join(ENDED_AT).join(tip.as_str())).ok()?;
        let told = |line: &str| {
            let (id, name) = line.split_once(' ')?;
            (name == branch.as_str()).then(|| DocId::parse(id)).flatten()
        };
        text.lines().find_map(told)
    }

    /// The archives and their tips, in the order of years.
    fn years(&self) -> Result<BTreeMap<String, gix::ObjectId>> {
        let mut years = BTreeMap::new();
        if self.is_ours && !refs::some_are_packed(&self.path) && !self.path.join(ARCHIVE).exists() {
            return Ok(years);
        }
        let unreadable = |error: gix::Error| Error::new("cannot list the archives of the store").because(&error);
        let references = self.opened()?.references().map_err(unreadable)?;
        for reference in references.prefixed(ARCHIVE).map_err(unreadable)? {
            let Ok(reference) = reference else { continue };
            let year = reference.name().as_bstr().to_str().ok();
            let year = year
                .and_then(|name| name.strip_prefix(ARCHIVE))
                .filter(|year| is_number(year, 4));
            if let (Some(year), Some(tip)) = (year, reference.try_id()) {
                years.insert(year.to_owned(), tip.detach());
            }
        }
        Ok(years)
    }

    pub(super) fn tree_of(&self, commit: &gix::oid) -> Result<gix::ObjectId> {
        let data = self.object(commit)?;
        let tree = gix::objs::CommitRefIter::from_bytes(&data, self.format).tree_id();
        tree.map_err(|error| Error::new("cannot read the archive").because(&error))
    }

    /// What of a kind is in a folder, in the order of names; anything else in it is not ours.
    fn folder(&self, tree: &gix::oid, kind: EntryKind) -> Result<Vec<(String, gix::ObjectId)>> {
        let data = self.object(tree)?;
        let tree = gix::objs::TreeRef::from_bytes(&data, self.format)
            .map_err(|error| Error::new("cannot read the archive").because(&error))?;
        let ours = tree.entries.iter().filter(|entry| entry.mode.kind() == kind);
        Ok(ours
            .filter_map(|entry| Some((entry.filename.to_str().ok()?.to_owned(), entry.oid.to_owned())))
            .collect())
    }

    /// What a version changed, as git shows it.
    pub(crate) fn changes(&self, version: &CommitId) -> Result<Vec<u8>> {
        let words = "diff-tree -p --root --no-commit-id --no-color --no-ext-diff --no-textconv";
        let call = Call {
            program: OsStr::new("git"),
            arguments: words
                .split(' ')
                .chain([version.as_str(), "--"])
                .map(OsStr::new)
                .collect(),
            directory: &self.path,
            repository: Repository::OfDirectory,
            environment: &[],
            timeout: PATIENCE,
        };
        let shown = process::run(&call).map(|output| output.stdout);
        shown.map_err(|failure| Error::new(format!("cannot show version '{version}'")).because(&failure))
    }

    /// Packs what is loose and makes fewer packs of many, where there is much of either: each fetch leaves one. Nothing goes
    /// that is in no pack, reachable or not.
    pub(crate) fn pack_if_many(&self) -> Result<()> {
        let files = |folder: &str| {
            std::fs::read_dir(self.path.join(folder))
                .into_iter()
                .flatten()
                .flatten()
        };
        // As git's own gc guesses it (`gc.auto`): objects are spread evenly over the folders.
        let loose = files("objects/17").count();
        let packs = files("objects/pack").filter(|file| file.path().extension() == Some(OsStr::new("pack")));
        if loose < MOST_LOOSE && packs.count() < MOST_PACKS {
            return Ok(());
        }
        let call = Call {
            program: OsStr::new("git"),
            arguments: ["repack", "--geometric=2", "-d", "-q"].map(OsStr::new).into(),
            directory: &self.path,
            repository: Repository::OfDirectory,
            environment: &[],
            timeout: PATIENCE,
        };
        let packed = process::run(&call).map(drop);
        packed
            .map_err(|failure| Error::new(format!("cannot pack the store '{}'", self.path.display())).because(&failure))
    }
}

impl Writer<'_> {
    /// Puts a document's last text into the archive of `time`. One that is there already, because its live ref was not
    /// dropped then or somebody went on with it, gets this text at its place.
    pub(crate) fn archive(
        &self,
        stored: &Stored,
        name: &BranchName,
        text: &[u8],
        time: DateTime<Utc>,
        author: &Author,
    ) -> Result<Archived> {
        let store = self.store();
        let text = self.object(Kind::Blob, text)?;
        let archived = match store.archived_by_id(&stored.id)? {
            Some(earlier) => Archived { text, ..earlier },
            None => Archived {
                id: stored.id.clone(),
                year: time.format("%Y").to_string(),
                path: path(name, &stored.id, time),
                text,
            },
        };
        let (tip, before) = match store.years()?.remove(&archived.year) {
            Some(tip) => (tip, Place::At(tip)),
            None => (self.beginning(&archived.year)?, Place::Missing),
        };
        let tree = self.tree_with(&store.tree_of(&tip)?, &archived)?;
        if tree == store.tree_of(&tip)? {
            return Ok(archived);
        }
        let signature = signature(author);
        let commit = gix::objs::Commit {
            tree,
            parents: [tip, object_id(&stored.version)?].into_iter().collect(),
            author: signature.clone(),
            committer: signature,
            encoding: None,
            message: format!("archive: {} {}\n", name.as_str(), stored.id).into(),
            extra_headers: Vec::new(),
        };
        let commit = commit_id(&self.object(Kind::Commit, &encoded(&commit)?)?)?;
        self.point(&format!("{ARCHIVE}{}", archived.year), &commit, before)?;
        Ok(archived)
    }

    /// Takes a document that is archived from among the live ones.
    pub(crate) fn drop_archived(&self, stored: &Stored) -> Result<()> {
        if self.store().archived_by_id(&stored.id)?.is_none() {
            return Err(Error::new(format!("document '{}' is not archived", stored.id)));
        }
        self.delete(stored)
    }

    /// Remembers that the document of `branch` was archived when the branch was at `tip`: it is not to get another one for
    /// the same commits.
    pub(crate) fn note_archived(&self, branch: &BranchName, tip: &CommitId, id: &DocId) -> Result<()> {
        let folder = self.store().path().join(ENDED_AT);
        let path = folder.join(tip.as_str());
        let before = std::fs::read_to_string(&path).unwrap_or_default();
        let others = before
            .lines()
            .filter(|line| line.split_once(' ').is_none_or(|(_, name)| name != branch.as_str()));
        let mut text: String = others.map(|line| format!("{line}\n")).collect();
        text.push_str(&format!("{id} {}\n", branch.as_str()));
        let written = std::fs::create_dir_all(&folder).and_then(|()| rewritten::replace(&folder, &path, &text));
        written.map_err(|error| Error::new(format!("cannot write '{}'", path.display())).because(&error))
    }

    /// The commit that every archive of this year begins with, whoever makes it.
    fn beginning(&self, year: &str) -> Result<gix::ObjectId> {
        let nobody = Author {
            name: "git-branchwork".into(),
            email: String::new(),
            time: DateTime::UNIX_EPOCH,
        };
        let signature = signature(&nobody);
        let commit = gix::objs::Commit {
            tree: self.object(Kind::Tree, &[])?,
            parents: Default::default(),
            author: signature.clone(),
            committer: signature,
            encoding: None,
            message: format!("archive: begin {year}\n").into(),
            extra_headers: Vec::new(),
        };
        self.object(Kind::Commit, &encoded(&commit)?)
    }

    /// The archive's tree with this document in it.
    fn tree_with(&self, tree: &gix::oid, archived: &Archived) -> Result<gix::ObjectId> {
        let Some((month, file)) = archived.path.split_once('/') else {
            return Err(Error::new(format!("'{}' is no place in the archive", archived.path)));
        };
        let store = self.store();
        let mut months: BTreeMap<String, gix::ObjectId> = store.folder(tree, EntryKind::Tree)?.into_iter().collect();
        let mut files: BTreeMap<String, gix::ObjectId> = match months.get(month) {
            Some(month) => store.folder(month, EntryKind::Blob)?.into_iter().collect(),
            None => BTreeMap::new(),
        };
        files.insert(file.to_owned(), archived.text);
        months.insert(month.to_owned(), self.folder_of(files, EntryKind::Blob)?);
        self.folder_of(months, EntryKind::Tree)
    }

    fn folder_of(&self, entries: BTreeMap<String, gix::ObjectId>, kind: EntryKind) -> Result<gix::ObjectId> {
        let mut entries: Vec<Entry> = entries
            .into_iter()
            .map(|(name, oid)| Entry {
                mode: kind.into(),
                filename: name.into(),
                oid,
            })
            .collect();
        entries.sort();
        self.object(Kind::Tree, &encoded(&gix::objs::Tree { entries })?)
    }
}

/// Where a document is put.
fn path(name: &BranchName, id: &DocId, time: DateTime<Utc>) -> String {
    format!("{}-{}-{id}.md", time.format("%m/%Y%m%d%H%M"), short_slug(name, id))
}

fn short_slug(name: &BranchName, id: &DocId) -> String {
    let slug = slug(name, id);
    // A slug is ASCII.
    slug[..slug.len().min(LONGEST_SLUG)].trim_end_matches('-').to_owned()
}

/// The document that a file of an archive is; `None` for what is not named as we do.
fn archived(year: &str, month: &str, name: &str, text: gix::ObjectId) -> Option<Archived> {
    let (rest, id) = name.strip_suffix(".md")?.rsplit_once('-')?;
    let (stamp, slug) = rest.split_once('-')?;
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (is_number(month, 2) && is_number(stamp, 12) && slug.chars().all(plain)).then_some(())?;
    Some(Archived {
        id: DocId::parse(id)?,
        year: year.to_owned(),
        path: format!("{month}/{name}"),
        text,
    })
}

fn is_number(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repo::ObjectFormat;
    use crate::store::Access;

    fn author() -> Author {
        Author {
            name: "Ada".into(),
            email: "ada@example.com".into(),
            time: DateTime::from_timestamp(1_756_493_700, 0).unwrap(),
        }
    }

    /// One document archived twice, as after a crash between the two steps, is there once, with the later text; the id
    /// does not come back.
    #[test]
    fn archiving_again_finishes() {
        let folder = tempfile::tempdir().unwrap();
        for format in [ObjectFormat::Sha1, ObjectFormat::Sha256] {
            let place = folder.path().join(format!("{format:?}"));
            std::fs::create_dir(&place).unwrap();
            let store = Store::open_or_create(&place, format).unwrap();
            let Access::Writer(writer) = store.access().unwrap() else {
                panic!("cannot be written")
            };
            let (branch, time) = (BranchName::new("feat/a").unwrap(), author().time);
            let id = DocId::new(1, 2);
            let stored = writer.create(&branch, id.clone(), b"one", "create", &author()).unwrap();
            assert!(writer.drop_archived(&stored).is_err());
            let first = writer.archive(&stored, &branch, b"one", time, &author()).unwrap();
            assert_eq!(first.path, format!("08/202508291855-branchwork-feat-a-{id}.md"));
            assert_eq!((first.slug(), first.stamp()), ("branchwork-feat-a", "202508291855"));
            assert_eq!(
                writer.archive(&stored, &branch, b"one", time, &author()).unwrap(),
                first
            );
            let (later, _) = writer.save(&stored, b"two", "edit", &author()).unwrap();
            let much_later = time + chrono::Days::new(400);
            let again = writer.archive(&later, &branch, b"two", much_later, &author()).unwrap();
            assert_eq!((&again.year, &again.path), (&first.year, &first.path));
            assert_eq!(store.archived(None).unwrap(), std::slice::from_ref(&again));
            assert_eq!(store.archived_text(&again).unwrap(), b"two");
            assert_eq!(store.archived(Some("202509")).unwrap(), []);
            assert_eq!(store.archived(Some("202508")).unwrap().len(), 1);
            writer.drop_archived(&later).unwrap();
            assert_eq!(store.documents().unwrap(), []);
            let refused = writer.move_to(&later, Some(&branch)).unwrap_err().to_string();
            assert_eq!(refused, format!("document '{id}' is archived, and stays so"));
            assert_eq!(store.documents().unwrap(), []);
        }
    }

    #[test]
    fn only_what_is_named_as_we_do_is_ours() {
        let id = DocId::new(1, 2);
        let text = gix::ObjectId::null(gix::hash::Kind::Sha1);
        let ours = |month: &str, name: String| archived("2025", month, &name, text).is_some();
        assert!(ours("08", format!("202508291855-a-b-{id}.md")));
        for (month, name) in [
            ("8", format!("202508291855-a-{id}.md")),
            ("08", format!("202508291855-..-{id}.md")),
            ("08", format!("202508291855-a\u{1b}-{id}.md")),
            ("08", format!("20250829-a-{id}.md")),
            ("08", format!("202508291855-a-{id}")),
            ("08", "202508291855-a-b.md".into()),
        ] {
            assert!(!ours(month, name.clone()), "{month}/{name}");
        }
    }
}
