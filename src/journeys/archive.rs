//! The end of a branch: its document is frozen, put into the archive and taken from among the live ones.
//!
//! The archive is written first and the live ref dropped after it, so that a kill between the two leaves both, and doing it
//! again finishes. Not here: how the end reads (document/archive.rs), and the remote's part, which is for a sync.

use serde::Serialize;

use crate::check::quoted;
use crate::document::Document;
use crate::document::archive::{Frozen, FrozenCommit, Outcome};
use crate::error::{Error, Result};
use crate::names::{BranchName, CommitId};
use crate::records::{self, Memory};
use crate::repo::{Lineage, MOST_VISITED, Merged, Scope};
use crate::stack::{PullRequestState, Record};
use crate::store::{Access, LARGEST, Store, Stored};

use super::settle::{Newest, Tracking, settle};
use super::sync::with_archived;
use super::{Notice, Session, archived, edit, open};

/// Of how many commits it is told what they changed.
const MOST_FROZEN: usize = 1_000;
/// How many documents a hook looks at, the newest first.
const MOST_NOTED: usize = 20;

/// Which documents are to be archived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    /// That of this branch; with its name a person says that it has ended.
    Named(BranchName),
    /// That of this branch, if it was merged.
    Merged(BranchName),
    /// That of this branch, if it was given up.
    Abandoned(BranchName),
    /// All that were merged, or given up, or either.
    All {
        /// Those that were merged.
        merged: bool,
        /// Those that were given up.
        abandoned: bool,
    },
}

/// A document that was archived. Field names are those of `archive --json`.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Ended {
    /// The branch.
    pub(crate) branch: String,
    /// The document's id.
    pub(crate) id: String,
    /// How the branch ended, in words.
    pub(crate) outcome: &'static str,
    /// The commit of the trunk by which it came there.
    pub(crate) merge_commit: Option<String>,
    /// Where it is in the archive, `<year>/<MM>/<file>`; null where it was only asked what would be archived.
    pub(crate) path: Option<String>,
}

/// How a branch ended, and by what that is known.
struct Verdict {
    outcome: Outcome,
    merge_commit: Option<CommitId>,
}

/// What was done.
#[derive(Debug, Default)]
pub(crate) struct Archived {
    /// What was archived, or would be.
    pub(crate) ended: Vec<Ended>,
    /// What to tell.
    pub(crate) notices: Vec<Notice>,
    /// Why others were not, where several were asked about.
    pub(crate) failed: Vec<Error>,
}

/// Archives; with `dry_run` only tells what would be. What fails for one of several does not stop the others.
///
/// Errors: the one document that is asked about is not there, or cannot be archived; its branch has not ended; documents cannot
/// be listed.
pub(crate) fn archive(session: &Session<'_>, which: &Which, dry_run: bool) -> Result<Archived> {
    let mut done = Archived::default();
    let (store, candidates) = candidates(session, which, &mut done)?;
    let Some(store) = store else {
        return Ok(done);
    };
    let trunk = session.trunk();
    let mut court = Court {
        session,
        lineage: session.repository.lineage(trunk.as_ref(), Scope::Ended)?,
        merged_pull_requests: None,
    };
    for stored in candidates {
        match court.archive(store, which, dry_run, &stored, &mut done.notices) {
            Ok(ended) => done.ended.extend(ended),
            Err(error) => done.fail(which, error)?,
        }
    }
    if !dry_run && !done.ended.is_empty() {
        // What cannot be packed now is packed the next time.
        let _ = store.pack_if_many();
    }
    Ok(done)
}

impl Archived {
    /// Goes on with the others, if there are any.
    fn fail(&mut self, which: &Which, error: Error) -> Result<()> {
        match which {
            Which::All { .. } => self.failed.push(error),
            _ => return Err(error),
        }
        Ok(())
    }
}

/// What tells which branches have ended.
struct Court<'a> {
    session: &'a Session<'a>,
    lineage: Lineage<'a>,
    /// What tools recorded, found out when it is needed first.
    merged_pull_requests: Option<Vec<BranchName>>,
}

impl Court<'_> {
    /// Archives the document if it is to be.
    fn archive(
        &mut self,
        store: &Store,
        which: &Which,
        dry_run: bool,
        stored: &Stored,
        notices: &mut Vec<Notice>,
    ) -> Result<Option<Ended>> {
        let session = self.session;
        let newest = Newest::load(store, stored.clone())?;
        let Some(name) = name_of(&newest) else { return Ok(None) };
        let made = made(&newest.document);
        // Another branch may have the name now, and says nothing of this document's commits: its id is no branch's name.
        let asked = match &stored.branch {
            Some(_) => Some(name.clone()),
            None => BranchName::new(stored.id.as_str()),
        };
        let mut verdict = asked.and_then(|asked| merged(&mut self.lineage, &asked, &made));
        if verdict.is_none() && stored.branch.is_some() {
            let recorded = self
                .merged_pull_requests
                .get_or_insert_with(|| recorded_as_merged(session));
            verdict = recorded.contains(&name).then_some(Verdict {
                outcome: Outcome::PullRequest,
                merge_commit: None,
            });
        }
        let Some(verdict) = decide(session, &self.lineage, which, stored, &name, verdict)? else {
            return Ok(None);
        };
        if stored.branch.is_none() && (is_of_present(session, &name, stored) || is_taken_in(store, &name, stored)?) {
            return Ok(None);
        }
        refuse_if_large(&newest, &name)?;
        let path = match dry_run {
            true => None,
            false => {
                let (path, more) = put(session, store, stored, &name, &verdict)?;
                notices.extend(more);
                Some(path)
            }
        };
        Ok(Some(Ended {
            branch: name.as_str().to_owned(),
            id: stored.id.to_string(),
            outcome: verdict.outcome.words(),
            merge_commit: verdict.merge_commit.map(|id| id.as_str().to_owned()),
            path,
        }))
    }
}

/// The branches with documents that the last movement of the trunk brought into it, where HEAD is on the trunk. Changes nothing:
/// a branch's status is its people's.
pub(crate) fn newly_merged(session: &Session<'_>) -> Result<Vec<BranchName>> {
    let repository = &session.repository;
    let (Some(trunk), Some(store)) = (session.trunk(), session.store()?) else {
        return Ok(Vec::new());
    };
    if repository.current_branch()?.as_ref() != Some(&trunk) {
        return Ok(Vec::new());
    }
    let Some((before, now)) = repository.movements(&trunk).into_iter().next() else {
        return Ok(Vec::new());
    };
    let mut documents = store.documents()?;
    documents.sort_by(|a, b| b.id.cmp(&a.id));
    documents.truncate(MOST_NOTED);
    let mut lineage = repository.lineage(Some(&trunk), Scope::One)?;
    let mut found = Vec::new();
    for stored in documents {
        let Some(branch) = stored.branch.clone() else { continue };
        let Some(tip) = repository.tip(&branch) else { continue };
        let made = made(&Newest::load(store, stored)?.document);
        let came_by = match lineage.merged(&branch, &made) {
            Some(Merged::Reached) => tip,
            Some(Merged::As(commit)) => commit,
            None => continue,
        };
        let is_new = |at: &CommitId| repository.reach(at, &[&came_by], MOST_VISITED).reached.is_empty();
        if is_new(&before) && !is_new(&now) {
            found.push(branch);
        }
    }
    found.sort();
    Ok(found)
}

/// The documents that are asked about, each in line with its branch.
fn candidates<'s>(
    session: &'s Session<'_>,
    which: &Which,
    done: &mut Archived,
) -> Result<(Option<&'s Store>, Vec<Stored>)> {
    let (Which::Named(branch) | Which::Merged(branch) | Which::Abandoned(branch)) = which else {
        let Some(store) = session.store()? else {
            return Ok((None, Vec::new()));
        };
        let (documents, notices) = open::all(session, store)?;
        done.notices = notices;
        let mut all = Vec::new();
        for stored in documents {
            match read(session, stored.branch.as_ref()) {
                Ok(more) => {
                    done.notices.extend(more);
                    all.extend(store.latest(&stored)?.filter(|stored| stored.branch.is_some()));
                }
                Err(error) => done.fail(which, error)?,
            }
        }
        // A name then stands for the document that goes last: that of the branch which has it now.
        all.splice(0..0, store.ended()?);
        return Ok((Some(store), all));
    };
    let store = session.store()?.ok_or_else(|| edit::no_document(session, branch))?;
    done.notices = read(session, Some(branch))?;
    let stored = store.find(branch)?.ok_or_else(|| edit::no_document(session, branch))?;
    Ok((Some(store), vec![stored]))
}

/// Whether an ended document was of the branch that has the name now, which goes on with another.
fn is_of_present(session: &Session<'_>, name: &BranchName, ended: &Stored) -> bool {
    let repository = &session.repository;
    let began = repository.beginning(name).map(|beginning| beginning.time.timestamp());
    repository.tip(name).is_some() && began.is_none_or(|began| ended.id.made_at() >= began)
}

/// Whether another document has the ended one in its history: an older one of the same branch, which took it in. An archived one
/// is looked for by the name.
fn is_taken_in(store: &Store, name: &BranchName, ended: &Stored) -> Result<bool> {
    let has = |version: &CommitId| {
        store
            .versions_apart(std::slice::from_ref(version), &[])
            .contains(&ended.version)
    };
    for archived in store.archived(None)? {
        if archived.id < ended.id
            && archived.has_slug_of(name)
            && let Some(told) = archived::load(store, archived)?.told
            && has(&told.version)
        {
            return Ok(true);
        }
    }
    let mut older = store.documents()?;
    older.extend(store.ended()?);
    older.retain(|stored| stored.id < ended.id);
    // The branch may have another name by now.
    older.sort_by_key(|stored| stored.branch.as_ref() != Some(name));
    Ok(older.iter().any(|stored| has(&stored.version)))
}

/// Takes in what was written by hand and compares with the commits, where the branch is still there; what to tell.
fn read(session: &Session<'_>, branch: Option<&BranchName>) -> Result<Vec<Notice>> {
    match branch.filter(|branch| session.repository.tip(branch).is_some()) {
        Some(branch) => Ok(edit::read(session, branch)?.notices),
        None => Ok(Vec::new()),
    }
}

/// The branch that a document is or was of.
fn name_of(newest: &Newest) -> Option<BranchName> {
    let told = || {
        newest
            .document
            .front_matter()
            .text("branch.name")
            .and_then(BranchName::new)
    };
    // An ended one may say anything; its id can stand for a name.
    let id = || BranchName::new(newest.stored.id.as_str());
    newest.stored.branch.clone().or_else(told).or_else(id)
}

/// The commits that a document tells of and that its branch has not lost, newest first.
pub(super) fn made(document: &Document) -> Vec<CommitId> {
    let entries = document.entries().into_iter().rev();
    entries
        .filter(|entry| !entry.is_dropped())
        .filter_map(|entry| entry.commit)
        .collect()
}

fn merged(lineage: &mut Lineage<'_>, name: &BranchName, made: &[CommitId]) -> Option<Verdict> {
    match lineage.merged(name, made)? {
        Merged::Reached => {
            let tip = lineage.tip(name).or_else(|| made.first().cloned());
            Some(Verdict {
                outcome: Outcome::Merged,
                merge_commit: tip.and_then(|tip| lineage.merge_of(&tip)),
            })
        }
        Merged::As(commit) => Some(Verdict {
            outcome: Outcome::Rewritten,
            merge_commit: Some(commit),
        }),
    }
}

/// The branches whose pull requests are merged, as tools recorded it.
fn recorded_as_merged(session: &Session<'_>) -> Vec<BranchName> {
    let recorded = records::all(&session.repository, session.world, &mut Memory::default());
    let branches = recorded.into_iter().flat_map(|records| records.branches);
    let is_merged = |record: &Record| {
        let state = record.pull_request.and_then(|pull_request| pull_request.state);
        record.merged || state == Some(PullRequestState::Merged)
    };
    branches.filter(is_merged).map(|record| record.branch).collect()
}

/// Whether this document is archived, and as what.
fn decide(
    session: &Session<'_>,
    lineage: &Lineage<'_>,
    which: &Which,
    stored: &Stored,
    name: &BranchName,
    verdict: Option<Verdict>,
) -> Result<Option<Verdict>> {
    let repository = &session.repository;
    let given_up = Verdict {
        outcome: Outcome::Abandoned,
        merge_commit: None,
    };
    // A teammate's document without a branch here is not abandoned, nor is one whose branch a remote still has. What remotes have
    // of the branch that took the name is no former one's.
    let is_given_up = || match &stored.branch {
        None => {
            let tip = repository.tip(name);
            let is_now = |theirs: &CommitId| {
                let reach = |tip| !repository.reach(tip, &[theirs], MOST_VISITED).reached.is_empty();
                tip.as_ref().is_some_and(reach)
            };
            repository.tips(name).iter().all(is_now)
        }
        Some(branch) => repository.tips(branch).is_empty() && lineage.was_here(branch),
    };
    let again = quoted(name.as_str());
    Ok(match which {
        Which::Named(_) => Some(verdict.unwrap_or(Verdict {
            outcome: Outcome::Said,
            merge_commit: None,
        })),
        Which::Merged(_) => Some(verdict.ok_or_else(|| {
            Error::new(format!("nothing tells that branch '{name}' is merged"))
                .hint(format!("if it is, say so by naming it: git branchwork archive {again}"))
        })?),
        Which::Abandoned(_) => match verdict.is_none() && is_given_up() {
            true => Some(given_up),
            false => {
                let why = match (&verdict, repository.tips(name).is_empty()) {
                    (Some(_), _) => "it is merged",
                    (None, false) => "it is still there, here or on a remote",
                    (None, true) => "this clone never had it checked out",
                };
                return Err(Error::new(format!("branch '{name}' is not abandoned"))
                    .why(why)
                    .hint(format!("to archive it all the same: git branchwork archive {again}")));
            }
        },
        Which::All { merged, abandoned } => match verdict {
            Some(verdict) => merged.then_some(verdict),
            None => (*abandoned && is_given_up()).then_some(given_up),
        },
    })
}

/// An archived text stays as it is, and one that no clone would read keeps its whole year from being shared.
fn refuse_if_large(newest: &Newest, name: &BranchName) -> Result<()> {
    match newest.document.text().len() as u64 > LARGEST {
        true => Err(Error::new(format!("the document of '{name}' is not archived"))
            .why("it is larger than 8 MiB, and could not be shared")
            .hint(format!(
                "make it smaller: git branchwork edit -b {}",
                quoted(name.as_str())
            ))),
        false => Ok(()),
    }
}

/// Archives one document and takes it out of the view; where it is in the archive then.
fn put(
    session: &Session<'_>,
    store: &Store,
    stored: &Stored,
    name: &BranchName,
    verdict: &Verdict,
) -> Result<(String, Vec<Notice>)> {
    let Access::Writer(writer) = store.access()? else {
        return Err(Error::new("the store cannot be written").hint("make the git directory writable"));
    };
    let gone = || Error::new(format!("the document of '{name}' went away meanwhile")).hint("git branchwork list");
    let tip = session.repository.tip(name).filter(|_| stored.branch.is_some());
    let checkout = session.repository.checkout_of(name).filter(|_| stored.branch.is_some());
    let (_, notices) = match &checkout {
        Some(checkout) => settle(session, &writer, checkout, tip.as_ref(), None, Tracking::Verify)?,
        None => (None, Vec::new()),
    };
    // What somebody wrote since it was looked at is in it too.
    let latest = with_archived(&writer, store.latest(stored)?.ok_or_else(gone)?)?;
    let newest = Newest::load(store, latest)?;
    let frozen = freeze(session, name, &newest, verdict);
    let text = newest.document.archived(&frozen);
    let (now, author) = (session.world.now, session.author());
    let archived = writer.archive(&newest.stored, name, text.text(), now, &author)?;
    if let Some(tip) = tip {
        writer.note_archived(name, &tip, &stored.id)?;
    }
    writer.drop_archived(&newest.stored)?;
    Ok((format!("{}/{}", archived.year, archived.path), notices))
}

/// What is kept of the branch. What is not in this clone any more is left out.
fn freeze(session: &Session<'_>, name: &BranchName, newest: &Newest, verdict: &Verdict) -> Frozen {
    let repository = &session.repository;
    let mut made = made(&newest.document);
    made.truncate(MOST_FROZEN);
    let facts: Vec<_> = made.iter().map(|id| (id, repository.commit_facts(id).ok())).collect();
    let titles = newest.document.entries();
    let subject = |id: &CommitId| {
        let told = titles.iter().find(|entry| entry.commit.as_ref() == Some(id));
        told.map(|entry| entry.title.clone()).unwrap_or_default()
    };
    let commits = made.iter().map(|id| FrozenCommit {
        id: id.clone(),
        patch: repository.patch(id),
        subject: repository
            .identity(id)
            .map_or_else(|| subject(id), |identity| identity.subject),
    });
    let all = made.last().zip(made.first()).and_then(|(oldest, newest)| {
        let base = repository.parents(oldest).ok()?.into_iter().next()?;
        repository.patch_between(&base, newest)
    });
    Frozen {
        outcome: verdict.outcome,
        time: session.world.now,
        who: session.actor().to_string(),
        branch: name.clone(),
        merge_commit: verdict.merge_commit.clone(),
        version: newest.stored.version.clone(),
        patch: all,
        commits: commits.collect(),
        changes: facts
            .into_iter()
            .rev()
            .filter_map(|(_, facts)| Some(facts?.changes))
            .collect(),
    }
}
