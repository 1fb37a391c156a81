//! The archive: documents whose branches have ended, `refs/branchwork/archive/<year>`, whose trees hold
//! `<MM>/<YYYYMMDDHHmm>-<slug>-<id>.md`.
//!
//! Each document that is added is a commit: its first parent is the archive's former tip, its second the document's last
//! version, so that its history stays. Every year begins with the same empty commit in every clone. Not here: what an
//! archived text tells (document/archive.rs), when a document is archived (journeys/archive.rs), and the archives of remotes
//! (archive/sharing.rs).

mod sharing;

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, NaiveDateTime, SecondsFormat, Utc};
use gix::bstr::ByteSlice;
use gix::objs::Kind;
use gix::objs::tree::{Entry, EntryKind};

use super::write::{Author, Writer, encoded, signature};
use super::{Key, Place, Store, Stored, TextId, unreadable};
use crate::error::{Error, Result};
use crate::names::{BranchName, CommitId, DocId, slug};
use crate::repo::{commit_id, object_id};
use crate::threads;

pub(super) use sharing::folder as archives_of;
pub(crate) use sharing::{Differing, reference, refspec};

const ARCHIVE: &str = "refs/branchwork/archive/";
/// The folder of the notes that say at which commit a branch was archived here.
pub(super) const ENDED_AT: &str = "archived-at";
/// How much of a slug a file's name has: names of files are no longer than 255 bytes.
const LONGEST_SLUG: usize = 120;
/// So many months of the archive are read sooner than a thread is started.
const FEW_MONTHS: usize = 3;

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

/// A folder of the archive.
struct Month {
    year: String,
    /// Two digits.
    name: String,
    tree: gix::ObjectId,
}

/// What is known of one document: the trees of months in which it is not. Trees never change, so this is never behind.
#[derive(Debug, Default)]
pub(super) struct Without {
    id: Option<DocId>,
    months: HashSet<gix::ObjectId>,
}

impl Archived {
    /// When it was archived, as its path tells: `YYYYMMDDHHmm`.
    pub(crate) fn stamp(&self) -> &str {
        self.path.get(3..15).unwrap_or_default()
    }

    /// Year and month of the folder that it is in: `YYYYMM`.
    pub(crate) fn month(&self) -> String {
        format!("{}{}", self.year, self.path.get(..2).unwrap_or_default())
    }

    /// The branch's name as it is in file names.
    pub(crate) fn slug(&self) -> &str {
        let end = self.path.len().saturating_sub("-.md".len() + self.id.as_str().len());
        self.path.get(16..end).unwrap_or_default()
    }

    /// What names its text.
    pub(crate) fn key(&self) -> Key {
        Key(self.text)
    }

    /// The name of its text.
    pub(crate) fn text_id(&self) -> Result<TextId> {
        Ok(TextId(commit_id(&self.text)?))
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
        self.archived_that(since, |_| true)
    }

    /// The same, of those whose text is wanted.
    pub(super) fn archived_that(
        &self,
        since: Option<&str>,
        wanted: impl Fn(&gix::oid) -> bool + Sync,
    ) -> Result<Vec<Archived>> {
        self.in_months(&self.months_since(since)?, |store, month| {
            store.archived_in(month, &wanted)
        })
    }

    /// The archived document with this id. Whoever archives one asks for it again and again: a month's tree that was looked
    /// through in vain is not read once more.
    pub(crate) fn archived_by_id(&self, id: &DocId) -> Result<Option<Archived>> {
        let mut without = self.without.borrow_mut();
        if without.id.as_ref() != Some(id) {
            *without = Without {
                id: Some(id.clone()),
                months: HashSet::new(),
            };
        }
        let mut months = self.months_since(None)?;
        months.retain(|month| !without.months.contains(&month.tree));
        let end = format!("-{id}.md");
        let found = self.in_months(&months, |store, month| {
            if !store.object(&month.tree)?.contains_str(&end) {
                return Ok(Vec::new());
            }
            let mut found = store.archived_in(month, |_| true)?;
            found.retain(|archived| archived.id == *id);
            Ok(found)
        });
        let found = found?.into_iter().next();
        if found.is_none() {
            without.months.extend(months.into_iter().map(|month| month.tree));
        }
        Ok(found)
    }

    fn archived_in(&self, month: &Month, wanted: impl Fn(&gix::oid) -> bool) -> Result<Vec<Archived>> {
        let files = self.folder_where(&month.tree, EntryKind::Blob, wanted)?.into_iter();
        let files = files.filter_map(|(file, text)| archived(&month.year, &month.name, &file, text));
        Ok(files.collect())
    }

    /// The months of the archive, oldest first, from `since` on.
    fn months_since(&self, since: Option<&str>) -> Result<Vec<Month>> {
        let mut months = Vec::new();
        for (year, tip) in self.years()? {
            let year = &year;
            let folders = self.folder(&self.tree_of(&tip)?, EntryKind::Tree)?.into_iter();
            let wanted = |month: &str| since.is_none_or(|since| format!("{year}{month}").as_str() >= since);
            months.extend(folders.filter(|(name, _)| wanted(name)).map(|(name, tree)| Month {
                year: year.clone(),
                name,
                tree,
            }));
        }
        Ok(months)
    }

    /// What `look` finds in these months, in their order. With many months by several threads.
    fn in_months<T: Send>(
        &self,
        months: &[Month],
        look: impl Fn(&Self, &Month) -> Result<Vec<T>> + Sync,
    ) -> Result<Vec<T>> {
        if months.len() <= FEW_MONTHS {
            let found: Result<Vec<_>> = months.iter().map(|month| look(self, month)).collect();
            return Ok(found?.into_iter().flatten().collect());
        }
        let again = self.again();
        let parts = threads::share(months.len(), 1, |next| {
            let store = again()?;
            let mut found = Vec::new();
            while let Some(range) = next() {
                let start = range.start;
                for month in &months[range] {
                    found.push((start, look(&store, month)?));
                }
            }
            Ok(found)
        });
        let mut found: Vec<_> = parts?.into_iter().flatten().collect();
        found.sort_unstable_by_key(|(number, _)| *number);
        Ok(found.into_iter().flat_map(|(_, found)| found).collect())
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
        self.years_below(ARCHIVE)
    }

    /// The same of another folder of refs.
    fn years_below(&self, folder: &str) -> Result<BTreeMap<String, gix::ObjectId>> {
        let found = self.refs_below(folder)?.into_iter();
        let year = |name: &str| {
            name.strip_prefix(folder)
                .filter(|year| is_number(year, 4))
                .map(str::to_owned)
        };
        Ok(found.filter_map(|(name, tip)| Some((year(&name)?, tip))).collect())
    }

    pub(super) fn tree_of(&self, commit: &gix::oid) -> Result<gix::ObjectId> {
        let data = self.object(commit)?;
        let tree = gix::objs::CommitRefIter::from_bytes(&data, self.format).tree_id();
        tree.map_err(|error| unreadable(commit, &error))
    }

    /// What of a kind is in a folder, in the order of names; anything else in it is not ours.
    fn folder(&self, tree: &gix::oid, kind: EntryKind) -> Result<Vec<(String, gix::ObjectId)>> {
        self.folder_where(tree, kind, |_| true)
    }

    fn folder_where(
        &self,
        tree: &gix::oid,
        kind: EntryKind,
        wanted: impl Fn(&gix::oid) -> bool,
    ) -> Result<Vec<(String, gix::ObjectId)>> {
        let data = self.object(tree)?;
        let tree = self.tree_in(tree, &data)?;
        let ours = tree.entries.iter();
        let ours = ours.filter(|entry| entry.mode.kind() == kind && wanted(entry.oid));
        Ok(ours
            .filter_map(|entry| Some((entry.filename.to_str().ok()?.to_owned(), entry.oid.to_owned())))
            .collect())
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
        let changes = [(archived.path.as_str(), Some(archived.text))];
        let former = store.tree_of(&tip)?;
        let tree = self.tree_with(&former, &changes)?;
        if tree == former {
            return Ok(archived);
        }
        let parents = [tip, object_id(&stored.version)?];
        let subject = format!("archive: {} {}", name.as_str(), stored.id);
        let commit = self.archive_commit(tree, &parents, &subject, author)?;
        self.point(&reference(&archived.year), &commit, before)?;
        Ok(archived)
    }

    /// Takes a document that is archived from among the live ones.
    pub(crate) fn drop_archived(&self, stored: &Stored) -> Result<()> {
        if self.store().archived_by_id(&stored.id)?.is_none() {
            return Err(Error::new(format!("document '{}' is not archived", stored.id)).hint("git branchwork doctor"));
        }
        self.delete(stored)?;
        self.forget_shared(&stored.id)
    }

    /// Remembers that the document of `branch` was archived when the branch was at `tip`: it is not to get another one for
    /// the same commits.
    pub(crate) fn note_archived(&self, branch: &BranchName, tip: &CommitId, id: &DocId) -> Result<()> {
        let path = self.store().path().join(ENDED_AT).join(tip.as_str());
        let before = std::fs::read_to_string(&path).unwrap_or_default();
        let others = before
            .lines()
            .filter(|line| line.split_once(' ').is_none_or(|(_, name)| name != branch.as_str()));
        let mut text: String = others.map(|line| format!("{line}\n")).collect();
        text.push_str(&format!("{id} {}\n", branch.as_str()));
        self.note(&path, &text)
    }

    /// The commit that every archive of this year begins with, whoever makes it.
    fn beginning(&self, year: &str) -> Result<gix::ObjectId> {
        let nobody = Author {
            name: "git-branchwork".into(),
            email: String::new(),
            time: DateTime::UNIX_EPOCH,
        };
        let tree = self.object(Kind::Tree, &[])?;
        let commit = self.archive_commit(tree, &[], &format!("archive: begin {year}"), &nobody)?;
        object_id(&commit)
    }

    fn archive_commit(
        &self,
        tree: gix::ObjectId,
        parents: &[gix::ObjectId],
        subject: &str,
        author: &Author,
    ) -> Result<CommitId> {
        let signature = signature(author);
        let commit = gix::objs::Commit {
            tree,
            parents: parents.iter().copied().collect(),
            author: signature.clone(),
            committer: signature,
            encoding: None,
            message: format!("{subject}\n").into(),
            extra_headers: Vec::new(),
        };
        commit_id(&self.object(Kind::Commit, &encoded(&commit)?)?)
    }

    /// The archive's tree with these texts at these places; `None`: with nothing there.
    fn tree_with(&self, tree: &gix::oid, changes: &[(&str, Option<gix::ObjectId>)]) -> Result<gix::ObjectId> {
        let store = self.store();
        let mut months: BTreeMap<String, gix::ObjectId> = store.folder(tree, EntryKind::Tree)?.into_iter().collect();
        let mut changed: BTreeMap<&str, Vec<(&str, Option<gix::ObjectId>)>> = BTreeMap::new();
        for (path, text) in changes {
            let Some((month, file)) = path.split_once('/') else {
                return Err(Error::new(format!("'{path}' is no place in the archive")));
            };
            changed.entry(month).or_default().push((file, *text));
        }
        for (month, texts) in changed {
            let mut files: BTreeMap<String, gix::ObjectId> = match months.get(month) {
                Some(month) => store.folder(month, EntryKind::Blob)?.into_iter().collect(),
                None => BTreeMap::new(),
            };
            for (file, text) in texts {
                match text {
                    Some(text) => files.insert(file.to_owned(), text),
                    None => files.remove(file),
                };
            }
            match files.is_empty() {
                true => months.remove(month),
                false => months.insert(month.to_owned(), self.folder_of(files, EntryKind::Blob)?),
            };
        }
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
mod tests;
