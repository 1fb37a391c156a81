//! The archives of a remote, where git has fetched them to (`refs/branchwork/remotes/<remote>/archive/<year>`), beside ours, and
//! which documents may be on a remote: the empty files `shared/<document id>`.
//!
//! Not here: fetching and pushing them (transport.rs), and what becomes of two texts of one document (journeys/sync/).

use std::collections::BTreeMap;

use gix::objs::tree::EntryKind;

use super::super::remote::LARGEST;
use super::super::{Author, Place, REMOTES, Store, TextId, Writer, rewritten};
use super::{ARCHIVE, Archived, archived};
use crate::check::quoted;
use crate::error::{Error, Result};
use crate::names::{CommitId, DocId, visible};
use crate::repo::{commit_id, object_id};

/// The folder of the notes that say which documents may be on a remote.
const SHARED: &str = "shared";

/// What git is to fetch, so that a remote's archives are where [`Store::archives_on`] looks for them.
pub(crate) fn refspec(remote: &str) -> String {
    format!("+{ARCHIVE}*:{}*", folder(remote))
}

/// The ref of a year's archive, here and on a remote.
pub(crate) fn reference(year: &str) -> String {
    format!("{ARCHIVE}{year}")
}

/// The folder of the refs of a remote's archives.
pub(in crate::store) fn folder(remote: &str) -> String {
    format!("{REMOTES}{remote}/archive/")
}

/// A place in the archives of one year where two of them have not the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Differing {
    /// The place: `<MM>/<file>`.
    pub(crate) path: String,
    /// The text that ours has there.
    pub(crate) ours: Option<TextId>,
    /// The text that the other one has there.
    pub(crate) theirs: Option<TextId>,
    /// The document whose place it is; `None` for what is not named as we do.
    pub(crate) id: Option<DocId>,
}

impl Store {
    /// The years' archives that are here, and their tips.
    pub(crate) fn archives(&self) -> Result<BTreeMap<String, CommitId>> {
        let years = self.years()?.into_iter();
        years.map(|(year, tip)| Ok((year, commit_id(&tip)?))).collect()
    }

    /// Those that were fetched from `remote`.
    pub(crate) fn archives_on(&self, remote: &str) -> Result<BTreeMap<String, CommitId>> {
        let years = self.years_below(&folder(remote))?.into_iter();
        years.map(|(year, tip)| Ok((year, commit_id(&tip)?))).collect()
    }

    /// Where two archives of a year, of which there may be one only, have not the same. Folders that are alike are not read.
    pub(crate) fn differing(
        &self,
        year: &str,
        ours: Option<&CommitId>,
        theirs: Option<&CommitId>,
    ) -> Result<Vec<Differing>> {
        let [ours, theirs] = [self.months(ours)?, self.months(theirs)?];
        let mut found = Vec::new();
        for month in ours
            .keys()
            .chain(theirs.keys().filter(|month| !ours.contains_key(*month)))
        {
            let trees = [ours.get(month), theirs.get(month)];
            if trees[0] == trees[1] {
                continue;
            }
            let files = |tree: Option<&gix::ObjectId>| -> Result<BTreeMap<String, gix::ObjectId>> {
                let files = tree.map(|tree| self.folder(tree, EntryKind::Blob)).transpose()?;
                Ok(files.into_iter().flatten().collect())
            };
            let [one, other] = [files(trees[0])?, files(trees[1])?];
            for name in one.keys().chain(other.keys().filter(|name| !one.contains_key(*name))) {
                let texts = [one.get(name), other.get(name)];
                if texts[0] == texts[1] {
                    continue;
                }
                let text = |id: Option<&gix::ObjectId>| -> Result<Option<TextId>> {
                    id.map(|id| Ok(TextId(commit_id(id)?))).transpose()
                };
                let id = texts.into_iter().flatten().next();
                found.push(Differing {
                    path: format!("{month}/{name}"),
                    ours: text(texts[0])?,
                    theirs: text(texts[1])?,
                    id: id.and_then(|id| Some(archived(year, month, name, *id)?.id)),
                });
            }
        }
        Ok(found)
    }

    fn months(&self, tip: Option<&CommitId>) -> Result<BTreeMap<String, gix::ObjectId>> {
        let Some(tip) = tip else {
            return Ok(BTreeMap::new());
        };
        let tree = self.tree_of(&object_id(tip)?)?;
        Ok(self.folder(&tree, EntryKind::Tree)?.into_iter().collect())
    }

    /// Fails where a remote's archive has a text that is too large to be read, among those that ours does not have.
    pub(crate) fn refuse_odd_archive(&self, remote: &str, year: &str, differing: &[Differing]) -> Result<()> {
        let refused = |why: &str| {
            Error::new(format!("the archive of {year} on '{}' cannot be used", visible(remote)))
                .why(why)
                .hint(format!(
                    "look at what it has: git ls-remote {} 'refs/branchwork/*'",
                    quoted(remote)
                ))
        };
        for text in differing.iter().filter_map(|differing| differing.theirs.as_ref()) {
            let header = self.opened()?.find_header(object_id(&text.0)?);
            let header = header.map_err(|error| refused("it is not whole").because(&error))?;
            if header.kind() != gix::objs::Kind::Blob {
                return Err(refused("it has a file that is none"));
            }
            if header.size() > LARGEST {
                return Err(refused("it has a document that is larger than 8 MiB"));
            }
        }
        Ok(())
    }

    /// Whether a document may be on a remote, as far as this clone knows.
    pub(crate) fn is_shared(&self, id: &DocId) -> bool {
        self.path().join(SHARED).join(id.as_str()).exists()
    }
}

impl Writer<'_> {
    /// Makes an archive that is here the one of its year.
    pub(crate) fn take_archive(&self, year: &str, before: Option<&CommitId>, tip: &CommitId) -> Result<()> {
        let place = match before {
            Some(before) => Place::At(object_id(before)?),
            None => Place::Missing,
        };
        self.point(&reference(year), tip, place)
    }

    /// Puts texts into the archive of a year, or takes them out (`None`), with a commit that has these parents.
    pub(crate) fn change_archive(
        &self,
        year: &str,
        before: &CommitId,
        parents: &[&CommitId],
        changes: &[(String, Option<TextId>)],
        subject: &str,
        author: &Author,
    ) -> Result<()> {
        let texts = changes.iter().map(|(path, text)| {
            let text = text.as_ref().map(|text| object_id(&text.0)).transpose()?;
            Ok((path.as_str(), text))
        });
        let texts: Vec<_> = texts.collect::<Result<_>>()?;
        let tree = self.tree_with(&self.store().tree_of(&object_id(before)?)?, &texts)?;
        let parents: Vec<_> = parents.iter().map(|parent| object_id(parent)).collect::<Result<_>>()?;
        let commit = self.archive_commit(tree, &parents, subject, author)?;
        self.take_archive(year, Some(before), &commit)
    }

    /// The same document with another text.
    pub(crate) fn with_text(&self, archived: &Archived, text: &[u8]) -> Result<Archived> {
        Ok(Archived {
            text: object_id(&self.keep(text)?.0)?,
            ..archived.clone()
        })
    }

    /// Remembers that a document may be on a remote from now on. Where it then is missing there, it may have ended.
    pub(crate) fn note_shared(&self, id: &DocId) -> Result<()> {
        if self.store().is_shared(id) {
            return Ok(());
        }
        let folder = self.store().path().join(SHARED);
        let path = folder.join(id.as_str());
        let written = std::fs::create_dir_all(&folder).and_then(|()| std::fs::File::create(&path));
        written
            .map(drop)
            .map_err(|error| Error::new(format!("cannot write '{}'", path.display())).because(&error))
    }

    /// Forgets it: it was looked for, and has not ended.
    pub(crate) fn forget_shared(&self, id: &DocId) -> Result<()> {
        let path = self.store().path().join(SHARED).join(id.as_str());
        rewritten::remove(&path)
    }
}
