//! The archives on a remote: brought together with ours, and what follows for documents that are still live here or there.
//!
//! A document that the archive has does not come back to life: what a clone that did not know wrote goes into the archived text.
//! Archives are only fetched where something depends on them, and then all of them. Not here: archiving a branch
//! (journeys/archive.rs), how two texts become one (archives/texts.rs), and trees and commits (store/archive/).

mod texts;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;

use crate::check::{first_secret, quoted};
use crate::document::Document;
use crate::error::{Error, Result};
use crate::names::{BranchName, CommitId, DocId, visible};
use crate::store::{
    Archived, Differing, Store, Stored, Writer, archive_reference, archive_refspec, remote_reference, remote_refspec,
    remote_refspec_of,
};
use crate::transport::{Line, Refusal, Update};

use super::{Refused, Scope, Target, note_taken, odd, open, redacted, refused_at, refused_by};
use crate::journeys::settle::{Tracking, settle};
use crate::journeys::{Notice, Session};
pub(crate) use texts::with_archived;
use texts::{fold, merge_year, one_place_each};

/// Of how many documents the remote's refs are asked for by name; of more all are.
const MOST_NAMES: usize = 20;

/// What to do about an archived document that no clone would read.
const TOO_LARGE: &str = "take out of it what makes it large: git branchwork redact --all -E PATTERN";

/// What became of the archives.
#[derive(Clone, Debug, Default)]
pub(crate) struct Carried {
    /// The remote.
    pub(crate) remote: String,
    /// How many archived documents came that were not here.
    pub(crate) came: usize,
    /// How many were sent, or their newer text.
    pub(crate) sent: usize,
    /// How many archived documents the remote had among the live ones, and has no more.
    pub(crate) cleared: usize,
    /// Documents that were live here, and that somebody else has archived.
    pub(crate) ended: Vec<Ended>,
    /// Why the remote keeps the live ref of some documents that are archived.
    pub(crate) kept: Option<String>,
    /// What to tell.
    pub(crate) notices: Vec<Notice>,
    /// Why they were not brought or sent.
    pub(crate) failed: Option<Error>,
}

/// A document that was live here, and that somebody else has archived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ended {
    /// Its branch.
    pub(crate) branch: BranchName,
    /// Its id.
    pub(crate) id: DocId,
    /// It had versions that were not archived, and now are.
    pub(crate) went_on: bool,
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let since = if self.went_on {
            ", and has what was written here since"
        } else {
            ""
        };
        write!(
            f,
            "the document of '{}' was archived by somebody else{since}: ",
            self.branch
        )?;
        write!(f, "git branchwork show {}", quoted(self.id.as_str()))
    }
}

impl Carried {
    /// Whether there is nothing to tell.
    pub(crate) fn is_nothing(&self) -> bool {
        let counts = self.came + self.sent + self.cleared == 0 && self.ended.is_empty();
        counts && self.kept.is_none() && self.notices.is_empty() && self.failed.is_none()
    }
}

/// What a sync does about the archives of one remote.
pub(super) struct Archives<'a> {
    remote: &'a str,
    /// Whether they are fetched.
    pub(super) wanted: bool,
    /// Whether they were, and brought together with ours, or cannot be.
    taken: bool,
    /// The branches whose live documents are fetched; `None`: all.
    names: Option<BTreeSet<BranchName>>,
    /// The documents that are looked for under all names, because they are not under their own.
    missing: BTreeSet<DocId>,
    /// The remote's live refs that are to go as soon as it has the archive.
    deletions: Vec<Update>,
    refused: Refused,
    /// Somebody was faster: it is to be done once more.
    pub(super) again: bool,
    /// What was done so far.
    pub(super) carried: Carried,
}

/// Whether a document may have ended without this clone knowing: it was or may have been on a remote and is not on this one, or it
/// is live and archived at once, which a kill leaves.
pub(super) fn is_in_doubt(store: &Store, remote: &str, name: &BranchName, id: &DocId) -> Result<bool> {
    let is_missing = || Ok::<bool, Error>(!store.on_remote(remote, name)?.iter().any(|(theirs, _)| theirs == id));
    Ok(store.is_shared(id) && is_missing()? || store.archived_by_id(id)?.is_some())
}

/// What is said of one where nobody looks.
pub(super) fn in_doubt(branch: &BranchName, remote: &str, option: &str) -> Error {
    Error::new(format!("the document of '{branch}' is not sent"))
        .why(format!(
            "it is not on '{}' any more, and may have been archived",
            visible(remote)
        ))
        .hint(format!("git branchwork sync {}{option}", quoted(remote)))
}

impl<'a> Archives<'a> {
    /// They are wanted where all documents are, where some were archived here that the remote does not have, and for a branch
    /// whose own document is archived.
    pub(super) fn of(
        session: &Session<'_>,
        store: &Store,
        remote: &'a str,
        targets: &[Target],
        scope: Scope,
    ) -> Result<Self> {
        let all = scope == Scope::All;
        let mut names: BTreeSet<BranchName> = targets.iter().map(|target| target.name.clone()).collect();
        let unsent = match all {
            true => BTreeSet::new(),
            false => unsent(store, remote)?,
        };
        if !unsent.is_empty() {
            let tracked = store.all_on_remote(remote)?.into_iter();
            names.extend(tracked.filter(|(_, id)| unsent.contains(id)).map(|(name, _)| name));
            for archived in store.archived(None)? {
                if unsent.contains(&archived.id) && unsent.len() <= MOST_NAMES {
                    let told = Document::new(store.archived_text(&archived)?).told();
                    names.extend(told.and_then(|told| told.branch));
                }
            }
        }
        let has_ended = |target: &Target| -> Result<bool> {
            Ok(session.archived(&target.branch)?.is_some() && store.find(&target.branch)?.is_none())
        };
        let mut wanted = all || !unsent.is_empty();
        for target in targets {
            wanted = wanted || has_ended(target)?;
        }
        let is_few = !all && unsent.len() <= MOST_NAMES;
        Ok(Self {
            remote,
            wanted,
            taken: false,
            names: is_few.then_some(names),
            missing: BTreeSet::new(),
            deletions: Vec::new(),
            refused: Refused::new(),
            again: false,
            carried: Carried {
                remote: remote.to_owned(),
                ..Carried::default()
            },
        })
    }

    /// What is to be fetched.
    pub(super) fn refspecs(&self) -> Vec<String> {
        let mut refspecs = match &self.names {
            None => vec![crate::store::all_remote_refspec(self.remote)],
            Some(names) => {
                let names = names.iter().map(|name| remote_refspec(self.remote, name));
                names
                    .chain(self.missing.iter().map(|id| remote_refspec_of(self.remote, id)))
                    .collect()
            }
        };
        if self.wanted {
            refspecs.push(archive_refspec(self.remote));
        }
        refspecs
    }

    /// Whether more has to be fetched to know what becomes of a branch's document: archives, and where else the remote has it.
    pub(super) fn are_missed(&mut self, session: &Session<'_>, store: &Store, target: &Target) -> Result<bool> {
        let on_remote = store.on_remote(self.remote, &target.name)?.into_iter();
        let mut ids: BTreeSet<DocId> = on_remote.map(|(id, _)| id).collect();
        let was_wanted = self.wanted;
        let mut is_missed = false;
        if let Some(ours) = open::find(session, store, &target.branch)? {
            if store.is_shared(&ours.id) && !ids.contains(&ours.id) && self.names.is_some() {
                is_missed = self.missing.insert(ours.id.clone());
                self.wanted = true;
            }
            ids.insert(ours.id);
        }
        for id in ids {
            self.wanted = self.wanted || store.archived_by_id(&id)?.is_some();
        }
        Ok(is_missed || self.wanted && !was_wanted)
    }

    /// Brings what was fetched together with ours. Documents that are archived are taken from among the live ones here, and are
    /// to go there.
    pub(super) fn take(&mut self, session: &Session<'_>, writer: &Writer<'_>, targets: &[Target]) -> Result<()> {
        let store = writer.store();
        self.taken = true;
        self.deletions.clear();
        self.again = false;
        self.merge(writer)?;
        let mut archived: HashMap<DocId, Archived> = HashMap::new();
        for found in store.archived(None)? {
            archived.insert(found.id.clone(), found);
        }
        let mut over = store.documents()?;
        over.extend(store.ended()?);
        over.retain(|stored| archived.contains_key(&stored.id));
        let renamed = open::renamed(session, store, &over)?;
        for stored in over {
            if let Some(place) = archived.get_mut(&stored.id) {
                let branch = renamed.get(&stored.id).or(stored.branch.as_ref());
                self.end(session, writer, place, &stored, branch)?;
            }
        }
        let names: BTreeSet<BranchName> = match &self.names {
            Some(names) => names.clone(),
            None => store
                .all_on_remote(self.remote)?
                .into_iter()
                .map(|(name, _)| name)
                .collect(),
        };
        for name in names {
            for (id, version) in store.on_remote(self.remote, &name)? {
                if let Some(place) = archived.get_mut(&id) {
                    if let Err(error) = store.refuse_if_odd(self.remote, &name, &id, &version) {
                        let told = Document::new(store.archived_text(place)?).told();
                        if !told.is_some_and(|told| odd::has_replaced(store, &told.version, &version)) {
                            Notice::add(&mut self.carried.notices, vec![Notice::PassedOver(error)]);
                            continue;
                        }
                    }
                    fold(writer, place, &version)?;
                    self.deletions.push(Update {
                        reference: remote_reference(&name, &id),
                        seen: Some(version),
                        new: None,
                    });
                }
            }
        }
        // What is missing there and has not ended is sent anew.
        for target in targets {
            if let Some(ours) = open::find(session, store, &target.branch)?
                && is_in_doubt(store, self.remote, &target.name, &ours.id).unwrap_or_default()
            {
                writer.forget_shared(&ours.id)?;
            }
        }
        Ok(())
    }

    /// Merges the remote's archives into ours, year by year; a document that is in two places then stays in the earlier one.
    fn merge(&mut self, writer: &Writer<'_>) -> Result<()> {
        let store = writer.store();
        let ours = store.archives()?;
        let mut came = false;
        for (year, theirs) in store.archives_on(self.remote)? {
            let mut ours = ours.get(&year).cloned();
            let mut theirs = theirs;
            if let Some(former) = &ours {
                let (one, other) = redacted::agree_on_archives(writer, former, &theirs)?;
                if one != *former {
                    writer.take_archive(&year, Some(former), &one)?;
                }
                (ours, theirs) = (Some(one), other);
            }
            let ours = ours.as_ref();
            let common = match ours {
                Some(ours) => store.common(ours, &theirs)?,
                None => None,
            };
            if common.as_ref() == Some(&theirs) {
                continue;
            }
            let differing = store.differing(&year, ours, Some(&theirs))?;
            store.refuse_odd_archive(self.remote, &year, &differing)?;
            let is_new = |differing: &&Differing| differing.ours.is_none() && differing.id.is_some();
            self.carried.came += differing.iter().filter(is_new).count();
            came = true;
            match ours {
                Some(ours) if common.as_ref() != Some(ours) => merge_year(writer, &year, ours, &theirs, &differing)?,
                before => writer.take_archive(&year, before, &theirs)?,
            }
        }
        if came { one_place_each(writer) } else { Ok(()) }
    }

    /// Takes a document that somebody else archived from among the live ones, and out of the view; what was written here since
    /// goes into the archive. `branch`: how its branch is called now.
    fn end(
        &mut self,
        session: &Session<'_>,
        writer: &Writer<'_>,
        place: &mut Archived,
        stored: &Stored,
        branch: Option<&BranchName>,
    ) -> Result<()> {
        let store = writer.store();
        let repository = &session.repository;
        let tip = branch.and_then(|branch| repository.tip(branch));
        if let Some(checkout) = branch.and_then(|branch| repository.checkout_of(branch)) {
            let (_, notices) = settle(session, writer, &checkout, tip.as_ref(), None, Tracking::Verify)?;
            self.carried.notices.extend(notices);
        }
        // What stood in the view is a version now.
        let latest = store.latest(stored)?.unwrap_or_else(|| stored.clone());
        let went_on = fold(writer, place, &latest.version)?;
        if let Some((branch, tip)) = branch.zip(tip) {
            writer.note_archived(branch, &tip, &stored.id)?;
        }
        writer.drop_archived(&latest)?;
        if let Some(branch) = branch {
            self.carried.ended.push(Ended {
                branch: branch.clone(),
                id: stored.id.clone(),
                went_on,
            });
        }
        Ok(())
    }

    /// Sends what the remote's archives lack; returns which of its live refs are to go then. They go after it, so that a document
    /// is always in one of both places.
    pub(super) fn send(&mut self, line: &Line<'_>, store: &Store) -> Vec<Update> {
        if !self.wanted || self.carried.failed.is_some() {
            return Vec::new();
        }
        self.try_to_send(line, store).unwrap_or_else(|error| {
            self.fail(error);
            Vec::new()
        })
    }

    fn try_to_send(&mut self, line: &Line<'_>, store: &Store) -> Result<Vec<Update>> {
        let theirs = store.archives_on(self.remote)?;
        let mut updates = Vec::new();
        let mut sent: BTreeMap<String, usize> = BTreeMap::new();
        for (year, tip) in store.archives()? {
            let (seen, reference) = (theirs.get(&year), archive_reference(&year));
            if seen == Some(&tip) {
                continue;
            }
            let differing = store.differing(&year, Some(&tip), seen)?;
            if let Some(error) = unsendable(store, self.remote, &differing)? {
                return Err(error);
            }
            let documents = differing
                .iter()
                .filter(|differing| differing.ours.is_some() && differing.id.is_some());
            sent.insert(reference.clone(), documents.count());
            let refused = self.refused.get(&reference);
            if let Some((_, refusal)) = refused.filter(|(at, refusal)| at.as_ref() == seen && !refusal.is_a_race()) {
                return Err(refused_by(
                    self.remote,
                    &format!("the archive of {year}"),
                    &refusal.reason,
                ));
            }
            updates.push(Update {
                reference,
                seen: seen.cloned(),
                new: Some(tip),
            });
        }
        if updates.is_empty() {
            return Ok(std::mem::take(&mut self.deletions));
        }
        let refusals = line.push(&updates)?;
        let is_taken = |update: &&Update| refusals.iter().all(|refusal| refusal.reference != update.reference);
        note_taken(store, self.remote, updates.iter().filter(is_taken));
        let taken = updates.iter().filter(is_taken);
        self.carried.sent += taken.filter_map(|update| sent.get(&update.reference)).sum::<usize>();
        if refusals.is_empty() {
            return Ok(std::mem::take(&mut self.deletions));
        }
        self.again = true;
        self.refused.extend(refused_at(refusals, &updates));
        Ok(Vec::new())
    }

    /// Looks at which of the remote's live refs did not go.
    pub(super) fn keeps(&mut self, deletions: &[Update], refusals: &[Refusal]) {
        for update in deletions {
            let refusal = refusals.iter().find(|refusal| refusal.reference == update.reference);
            let Some(refusal) = refusal else {
                self.carried.cleared += 1;
                continue;
            };
            match refusal.is_a_race() {
                true => self.again = true,
                false => self.carried.kept = Some(refusal.reason.clone()),
            }
        }
    }

    /// Whether it was found out only now that they are wanted.
    pub(super) fn are_new(&self) -> bool {
        self.wanted && !self.taken
    }

    /// Nothing more is done about them.
    pub(super) fn fail(&mut self, error: Error) {
        self.taken = true;
        self.deletions.clear();
        self.again = false;
        self.carried.failed = Some(error);
    }
}

/// The archived documents that a remote does not have as they are here, as far as this clone knows.
fn unsent(store: &Store, remote: &str) -> Result<BTreeSet<DocId>> {
    let theirs = store.archives_on(remote)?;
    let mut found = BTreeSet::new();
    for (year, tip) in store.archives()? {
        let seen = theirs.get(&year);
        if seen != Some(&tip) {
            let differing = store.differing(&year, Some(&tip), seen)?;
            found.extend(differing.into_iter().filter_map(|differing| differing.id));
        }
    }
    Ok(found)
}

/// Why what the remote does not have of archived documents is not sent: one is too large, or something in a text or in a version
/// of it looks like a secret.
fn unsendable(store: &Store, remote: &str, differing: &[Differing]) -> Result<Option<Error>> {
    let mut live: HashMap<DocId, Vec<BranchName>> = HashMap::new();
    for (branch, id) in store.all_on_remote(remote)? {
        live.entry(id).or_default().push(branch);
    }
    for differing in differing {
        let (Some(id), Some(ours)) = (&differing.id, &differing.ours) else {
            continue;
        };
        let text = Document::new(store.text(ours)?.unwrap_or_default());
        let told = text.told();
        let name = told.as_ref().and_then(|told| told.branch.clone());
        let name = name.map_or_else(|| id.to_string(), |name| name.to_string());
        let what = format!("the archived document of '{name}'");
        if odd::is_too_large(&text) {
            return Ok(Some(odd::not_sent(&what).hint(TOO_LARGE)));
        }
        if let Some((line, secret)) = first_secret(text.text()) {
            return Ok(Some(super::secret_inside(&what, None, line, secret)));
        }
        let theirs = differing
            .theirs
            .as_ref()
            .map(|theirs| store.text(theirs))
            .transpose()?
            .flatten();
        let theirs = theirs.and_then(|theirs| Document::new(theirs).told());
        let mut known: Vec<CommitId> = theirs.into_iter().map(|told| told.version).collect();
        for branch in live.get(id).into_iter().flatten() {
            let on_remote = store.on_remote(remote, branch)?.into_iter();
            known.extend(on_remote.filter(|(live, _)| live == id).map(|(_, version)| version));
        }
        let tips: Vec<CommitId> = told.into_iter().map(|told| told.version).collect();
        if let Some((version, line, secret)) = super::secret_in_versions(store, &tips, &known)? {
            return Ok(Some(super::secret_inside(&what, Some(&version), line, secret)));
        }
    }
    Ok(None)
}
