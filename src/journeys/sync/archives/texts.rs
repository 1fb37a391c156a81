//! Two texts of one archived document, and what was written to it after it was archived, become one.
//!
//! Every clone that does it makes the same of it, down to the ids: nothing here depends on who does it, when, or which side is
//! called ours. Not here: which archives there are, and what follows for live documents (archives.rs).

use std::collections::{BTreeMap, BTreeSet};

use chrono::DateTime;

use crate::document::Document;
use crate::document::merge::{Side, ground, merge};
use crate::error::{Error, Result};
use crate::journeys::sync::join::{self, Head};
use crate::names::{CommitId, DocId};
use crate::store::{Archived, Author, Differing, Store, Stored, Writer};

/// Merges two archives of a year. Every clone that does it makes the same of it.
pub(super) fn merge_year(
    writer: &Writer<'_>,
    year: &str,
    ours: &CommitId,
    theirs: &CommitId,
    differing: &[Differing],
) -> Result<()> {
    let store = writer.store();
    let mut changes = Vec::new();
    let mut versions = BTreeSet::new();
    for differing in differing {
        let text = match (&differing.ours, &differing.theirs) {
            (_, None) => continue,
            (None, Some(theirs)) => theirs.clone(),
            (Some(ours), Some(theirs)) => {
                let read = |id| {
                    let missing = || Error::new(format!("cannot read '{}' of the archive", differing.path));
                    let text = store.text(id)?.ok_or_else(|| missing().hint("git branchwork doctor"))?;
                    Ok::<_, Error>(Document::new(text))
                };
                let mut both = [read(ours)?, read(theirs)?];
                both.sort_by(|a, b| a.text().cmp(b.text()));
                let (text, version) = both_texts(writer, differing.id.as_ref(), &both[0], &both[1])?;
                versions.extend(version);
                writer.keep(text.text())?
            }
        };
        changes.push((differing.path.clone(), Some(text)));
    }
    let mut tips = [ours, theirs];
    tips.sort();
    let parents: Vec<&CommitId> = tips.into_iter().chain(&versions).collect();
    let author = latest(store, &tips)?;
    let subject = format!("archive: merge {year}");
    writer.change_archive(year, ours, &parents, &changes, &subject, &author)
}

/// A document that two clones archived, each at its own place, stays at the earlier one.
pub(super) fn one_place_each(writer: &Writer<'_>) -> Result<()> {
    let store = writer.store();
    let mut places: BTreeMap<DocId, Vec<Archived>> = BTreeMap::new();
    for archived in store.archived(None)? {
        places.entry(archived.id.clone()).or_default().push(archived);
    }
    let mut changes: BTreeMap<String, Vec<_>> = BTreeMap::new();
    let mut versions: BTreeMap<String, BTreeSet<CommitId>> = BTreeMap::new();
    for (id, mut places) in places.into_iter().filter(|(_, places)| places.len() > 1) {
        places.sort_by(|a, b| (&a.year, &a.path).cmp(&(&b.year, &b.path)));
        let mut places = places.into_iter();
        let Some(first) = places.next() else { continue };
        let mut text = Document::new(store.archived_text(&first)?);
        for later in places {
            let other = Document::new(store.archived_text(&later)?);
            let (both, version) = both_texts(writer, Some(&id), &text, &other)?;
            text = both;
            versions.entry(first.year.clone()).or_default().extend(version);
            changes.entry(later.year).or_default().push((later.path, None));
        }
        let text = writer.keep(text.text())?;
        changes.entry(first.year).or_default().push((first.path, Some(text)));
    }
    let tips = store.archives()?;
    for (year, changes) in changes {
        let Some(tip) = tips.get(&year) else { continue };
        let versions = versions.remove(&year).unwrap_or_default();
        let parents: Vec<&CommitId> = std::iter::once(tip).chain(&versions).collect();
        let author = latest(store, &[tip])?;
        writer.change_archive(&year, tip, &parents, &changes, "archive: one place each", &author)?;
    }
    Ok(())
}

/// Brings a version that may have been written after a document was archived into the archived text; whether it was.
pub(super) fn fold(writer: &Writer<'_>, place: &mut Archived, version: &CommitId) -> Result<bool> {
    let store = writer.store();
    let mut archived = Document::new(store.archived_text(place)?);
    // What was taken out of the live one goes out of the archive's history too.
    if let Some(last) = version_of(store, &archived)?
        && let Some(tip) = store.archives()?.remove(&place.year)
    {
        let redacted = writer.archive_following_live(&tip, &place.id, &last, version)?;
        if redacted != tip {
            writer.take_archive(&place.year, Some(&tip), &redacted)?;
            if let Some(now) = store.archived_by_id(&place.id)? {
                *place = now;
                archived = Document::new(store.archived_text(place)?);
            }
        }
    }
    let (text, joined) = match version_of(store, &archived)? {
        Some(last) => {
            let joined = join_versions(writer, &place.id, &last, version)?;
            if joined == last {
                return Ok(false);
            }
            let text = Document::new(store.load(&joined)?.0);
            (text.archived_as(&[&archived], &joined), joined)
        }
        None => {
            let live = Document::new(store.load(version)?.0);
            (by_text(&archived, &live), version.clone())
        }
    };
    if text == archived {
        return Ok(false);
    }
    let Some(tip) = store.archives()?.remove(&place.year) else {
        return Err(Error::new(format!("the archive of {} went away", place.year)).hint("run the command again"));
    };
    let changed = writer.with_text(place, text.text())?;
    let change = (changed.path.clone(), Some(changed.text_id()?));
    let author = latest(store, &[&joined])?;
    let subject = format!("archive: take in what was written to {}", place.id);
    writer.change_archive(&place.year, &tip, &[&tip, &joined], &[change], &subject, &author)?;
    *place = changed;
    Ok(true)
}

/// The live version and what was archived of the document before, in one: it is about to be archived once more.
pub(crate) fn with_archived(writer: &Writer<'_>, stored: Stored) -> Result<Stored> {
    let store = writer.store();
    let (Some(place), Some(branch)) = (store.archived_by_id(&stored.id)?, &stored.branch) else {
        return Ok(stored);
    };
    let archived = Document::new(store.archived_text(&place)?);
    let Some(last) = version_of(store, &archived)? else {
        return Ok(stored);
    };
    let joined = join_versions(writer, &stored.id, &last, &stored.version)?;
    writer.forward(branch, stored.id.clone(), Some(&stored.version), joined)
}

/// One text of two that were archived, and the version that it is made from. The first tells of the end.
fn both_texts(
    writer: &Writer<'_>,
    id: Option<&DocId>,
    first: &Document,
    second: &Document,
) -> Result<(Document, Option<CommitId>)> {
    let store = writer.store();
    let versions = (version_of(store, first)?, version_of(store, second)?);
    let (Some(id), (Some(one), Some(other))) = (id, versions) else {
        return Ok((by_text(first, second), None));
    };
    let joined = join_versions(writer, id, &one, &other)?;
    let text = Document::new(store.load(&joined)?.0);
    Ok((text.archived_as(&[first, second], &joined), Some(joined)))
}

fn join_versions(writer: &Writer<'_>, id: &DocId, one: &CommitId, other: &CommitId) -> Result<CommitId> {
    let mut versions = [one, other];
    versions.sort();
    let [one, other] = versions.map(|version| Head {
        id: id.clone(),
        version: version.clone(),
    });
    Ok(join::join(writer, one, &other, "archive: merged", None)?.version)
}

/// The version that an archived text was made from, if it says all that the text says.
fn version_of(store: &Store, archived: &Document) -> Result<Option<CommitId>> {
    let Some(version) = archived.told().map(|told| told.version) else {
        return Ok(None);
    };
    // Whoever wrote the text may have written any name of a version.
    let Ok((text, _)) = store.load(&version) else {
        return Ok(None);
    };
    let is_whole = Document::new(text).archived_as(&[archived], &version) == *archived;
    Ok(is_whole.then_some(version))
}

/// One text of two that have no history in common: nothing of either goes.
fn by_text(first: &Document, second: &Document) -> Document {
    let side = |document| Side {
        document,
        who: "somebody",
        time: DateTime::UNIX_EPOCH,
    };
    merge(&ground(first, second), &side(first), &side(second))
}

/// Who made the latest of these versions, and when.
fn latest(store: &Store, versions: &[&CommitId]) -> Result<Author> {
    let mut found = Vec::new();
    for version in versions {
        found.push(store.version(version)?.0);
    }
    found.sort_by(|a, b| (a.time, &a.author, &a.id).cmp(&(b.time, &b.author, &b.id)));
    let latest = found
        .pop()
        .ok_or_else(|| Error::new("there is no version to name an author of"))?;
    Ok(Author {
        name: latest.author,
        email: latest.email,
        time: latest.time,
    })
}
