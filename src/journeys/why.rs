//! From a line of code to the document of the branch that it came from.
//!
//! The commit is found in an entry, or among those that were frozen when the branch was archived; else, after a squash or a
//! rebase, by the pull request in its subject or by what it changes. Not here: git's blame itself, which git runs.

use std::ffi::OsStr;
use std::time::Duration;

use chrono::{DateTime, Days, SecondsFormat, Utc};
use serde::Serialize;

use crate::document::Document;
use crate::document::archive::{names_commit, names_patch, patch_name};
use crate::document::outline::Outline;
use crate::document::sieve::Sought;
use crate::error::{Error, Result};
use crate::names::{CommitId, visible};
use crate::process::{self, Call, Failure, Repository};
use crate::store::{Archived, Stored};

use super::search::names_path;
use super::{Session, edit, open};

/// How long git may take to blame.
const PATIENCE: Duration = Duration::from_secs(300);
/// How many commits of a whole file are explained, those of most lines first.
const MOST_COMMITS: usize = 10;
/// How far clocks may differ: a document is not archived before its commits are made.
const CLOCK_SKEW: Days = Days::new(2);

/// A commit that lines come from, and the document that tells why. Field names are those of `why --json`.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Reason {
    /// The commit.
    pub(crate) commit: String,
    /// Its author time, RFC 3339.
    pub(crate) time: String,
    /// Its author.
    pub(crate) author: String,
    /// Its subject.
    pub(crate) subject: String,
    /// How many of the lines that were asked about come from it.
    pub(crate) lines: usize,
    /// The document; null where none tells of the commit.
    pub(crate) document: Option<Told>,
}

/// What a document says.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Told {
    /// The branch.
    pub(crate) branch: Option<String>,
    /// The document's id.
    pub(crate) id: String,
    /// When it was archived, RFC 3339; null for a live one.
    pub(crate) archived: Option<String>,
    /// How the branch ended, in words; null for a live one.
    pub(crate) outcome: Option<String>,
    /// By what it was found.
    pub(crate) found_by: FoundBy,
    /// The section, without its heading; null where there is none or it says nothing.
    pub(crate) decisions: Option<String>,
    /// The same of Notes.
    pub(crate) notes: Option<String>,
    /// The entries of Updates that name the file.
    pub(crate) entries: Vec<String>,
}

/// By what the document of a commit was found, the surest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum FoundBy {
    /// It tells of the commit.
    Commit,
    /// It has the number of the pull request in the commit's subject.
    PullRequest,
    /// It tells of a commit, or of all together, that changed the same.
    Patch,
}

/// Why the lines of `path` are as they are, seen from the current folder; `line` counts from 1.
///
/// Errors: git cannot blame, for there is no such file or line.
pub(crate) fn why(session: &Session<'_>, path: &str, line: Option<usize>) -> Result<Vec<Reason>> {
    let mut commits = blame(session, path, line)?;
    commits.truncate(MOST_COMMITS);
    let documents = documents_of(session, &commits)?;
    let reasons = commits.into_iter().zip(documents).map(|(commit, document)| Reason {
        commit: commit.id.as_str().to_owned(),
        time: commit.time.to_rfc3339_opts(SecondsFormat::Secs, true),
        author: commit.author,
        subject: commit.subject,
        lines: commit.lines,
        document,
    });
    Ok(reasons.collect())
}

/// A commit that git blames.
struct Blamed {
    id: CommitId,
    lines: usize,
    author: String,
    time: DateTime<Utc>,
    subject: String,
    /// What the file was called in it.
    path: String,
}

/// The commits that lines come from, those of most lines first. Lines that are in no commit yet are left out.
fn blame(session: &Session<'_>, path: &str, line: Option<usize>) -> Result<Vec<Blamed>> {
    let range = line.map(|line| format!("-L{line},{line}"));
    let mut arguments = vec!["-c", "core.quotePath=false", "blame", "--porcelain"];
    arguments.extend(range.as_deref());
    arguments.extend(["--", path]);
    let call = Call {
        program: OsStr::new("git"),
        arguments: arguments.into_iter().map(OsStr::new).collect(),
        directory: &session.world.directory,
        repository: Repository::Inherited,
        environment: &[],
        timeout: PATIENCE,
    };
    let output = process::run(&call).map_err(|failure| {
        let error = Error::new(format!("cannot blame '{}'", visible(path)));
        match &failure {
            Failure::Failed { stderr, .. } => {
                let said = String::from_utf8_lossy(stderr);
                let said = said.lines().next().unwrap_or_default();
                error.why(visible(said.strip_prefix("fatal: ").unwrap_or(said)))
            }
            _ => error.because(&failure),
        }
    })?;
    let mut commits = read(&String::from_utf8_lossy(&output.stdout));
    commits.retain(|commit| !commit.id.is_null());
    commits.sort_by(|a, b| b.lines.cmp(&a.lines).then_with(|| b.time.cmp(&a.time)));
    Ok(commits)
}

/// What `git blame --porcelain` says: for each line a header that begins with the commit's id, and behind a tab the line. What
/// the commit is stands in its first header.
fn read(porcelain: &str) -> Vec<Blamed> {
    let mut commits: Vec<Blamed> = Vec::new();
    let mut at: Option<usize> = None;
    for line in porcelain.lines() {
        if line.starts_with('\t') {
            at = None;
            continue;
        }
        let (key, value) = line.split_once(' ').unwrap_or((line, ""));
        let Some(commit) = at.and_then(|at| commits.get_mut(at)) else {
            let Some(id) = CommitId::parse(key) else { continue };
            let known = commits.iter().position(|commit| commit.id == id);
            let place = known.unwrap_or(commits.len());
            if known.is_none() {
                commits.push(Blamed::of(id));
            }
            commits[place].lines += 1;
            at = Some(place);
            continue;
        };
        match key {
            "author" => commit.author = value.to_owned(),
            "author-time" => {
                let time = value
                    .parse()
                    .ok()
                    .and_then(|seconds| DateTime::from_timestamp(seconds, 0));
                commit.time = time.unwrap_or_default();
            }
            "summary" => commit.subject = value.to_owned(),
            "filename" => commit.path = value.to_owned(),
            _ => {}
        }
    }
    commits
}

impl Blamed {
    fn of(id: CommitId) -> Self {
        Self {
            id,
            lines: 0,
            author: String::new(),
            time: DateTime::UNIX_EPOCH,
            subject: String::new(),
            path: String::new(),
        }
    }
}

/// The document of each commit. Archived ones are looked at from the commit's month on, for most branches end soon. Of several that
/// tell of a commit the best is taken: first the current branch's, then archived ones, then those that are live, because a commit
/// that is in the trunk is mostly an archived one's.
fn documents_of(session: &Session<'_>, commits: &[Blamed]) -> Result<Vec<Option<Told>>> {
    let mut best: Vec<Option<Told>> = commits.iter().map(|_| None).collect();
    let Some(store) = session.store()? else {
        return Ok(best);
    };
    let all: Vec<Clues<'_>> = commits.iter().map(|commit| Clues::of(session, commit)).collect();
    if let Some(branch) = session.repository.current_branch()?
        && open::find(session, store, &branch)?.is_some()
    {
        let document = edit::read(session, &branch)?.document;
        if let Some(stored) = store.find(&branch)? {
            keep(&mut best, told_by(&document, &Place::Live(&stored), &all));
        }
    }
    let is_sure = |told: &Option<Told>| told.as_ref().is_some_and(|told| told.found_by == FoundBy::Commit);
    if best.iter().all(is_sure) {
        return Ok(best);
    }
    let mut sought = Sought::default();
    all.iter().for_each(|clues| clues.seek(&mut sought));
    let search = store.seek(&sought);
    let archived = search.archived(all.iter().map(|clues| clues.since.as_str()).min())?;
    let live = store.documents()?;
    let keys = archived.iter().map(|archived| Ok(archived.key()));
    let keys = keys.chain(live.iter().map(Stored::key)).collect::<Result<Vec<_>>>()?;
    let found = search.look_through(&keys, |index, text| {
        let place = match archived.get(index) {
            Some(archived) => Place::Archived(archived),
            None => Place::Live(live.get(index - archived.len())?),
        };
        Some(told_by(&Document::new(text.bytes), &place, &all))
    })?;
    found.into_iter().for_each(|found| keep(&mut best, found));
    Ok(best)
}

/// Keeps what was found by something surer than what was found before.
fn keep(best: &mut [Option<Told>], found: Vec<(usize, Told)>) {
    for (number, told) in found {
        if let Some(best) = best.get_mut(number)
            && best.as_ref().is_none_or(|best| told.found_by < best.found_by)
        {
            *best = Some(told);
        }
    }
}

/// Where a document is.
enum Place<'a> {
    Live(&'a Stored),
    Archived(&'a Archived),
}

/// What a document tells of those commits that it is known to be of, each with its number.
fn told_by(document: &Document, place: &Place<'_>, all: &[Clues<'_>]) -> Vec<(usize, Told)> {
    let may_be = |clues: &Clues<'_>| match place {
        Place::Archived(archived) => archived.month().as_str() >= clues.since.as_str(),
        Place::Live(_) => true,
    };
    let found = all.iter().enumerate().filter(|(_, clues)| may_be(clues));
    let found = found.filter_map(|(number, clues)| Some((number, clues, clues.found_in(document)?)));
    found
        .map(|(number, clues, by)| (number, Told::new(document, place, by, clues.path)))
        .collect()
}

/// What a document is known by.
struct Clues<'a> {
    commit: &'a CommitId,
    pull_request: Option<u64>,
    patch: Option<u64>,
    /// Archived in this month or later, `YYYYMM`.
    since: String,
    /// What the file was called in the commit.
    path: &'a str,
}

impl<'a> Clues<'a> {
    fn of(session: &Session<'_>, commit: &'a Blamed) -> Self {
        let since = commit.time.checked_sub_days(CLOCK_SKEW).unwrap_or_default();
        Self {
            commit: &commit.id,
            pull_request: pull_request(&commit.subject),
            patch: session.repository.patch(&commit.id),
            since: since.format("%Y%m").to_string(),
            path: &commit.path,
        }
    }

    /// Seeks the documents that have one of them.
    fn seek(&self, sought: &mut Sought) {
        sought.or(self.commit.as_str().as_bytes());
        if let Some(number) = self.pull_request {
            sought.or_number(number);
        }
        if let Some(patch) = self.patch {
            sought.or(patch_name(patch).as_bytes());
        }
    }

    fn found_in(&self, document: &Document) -> Option<FoundBy> {
        let text = document.text();
        if names_commit(text, self.commit) {
            return Some(FoundBy::Commit);
        }
        let is_of = |number: u64| {
            let front_matter = document.front_matter();
            // `47` or `47 / BLZ-42`.
            let pr = front_matter
                .text("pr")
                .and_then(|pr| pr.split('/').next()?.trim().parse().ok());
            pr == Some(number)
        };
        if self.pull_request.is_some_and(is_of) {
            return Some(FoundBy::PullRequest);
        }
        self.patch
            .is_some_and(|patch| names_patch(text, patch))
            .then_some(FoundBy::Patch)
    }
}

impl Told {
    fn new(document: &Document, place: &Place<'_>, found_by: FoundBy, path: &str) -> Self {
        let text = document.text();
        let outline = Outline::of(text);
        let section = |title: &str| {
            let body = outline.section(title)?.body;
            let said = String::from_utf8_lossy(&text[body]).trim().to_owned();
            let is_placeholder = matches!(said.as_str(), "" | "-" | "- …" | "- [ ] …");
            (!is_placeholder).then_some(said)
        };
        let entries = document.entries().into_iter();
        let entries = entries
            .map(|entry| &text[entry.span])
            .filter(|entry| names_path(entry, path));
        let end = document.told();
        let (branch, id, archived, outcome) = match place {
            Place::Live(stored) => (stored.branch.as_ref(), &stored.id, None, None),
            Place::Archived(archived) => (
                end.as_ref().and_then(|end| end.branch.as_ref()),
                &archived.id,
                Some(archived.time()),
                end.as_ref().map(|end| end.outcome.clone()),
            ),
        };
        Self {
            decisions: section("Decisions"),
            notes: section("Notes"),
            entries: entries
                .map(|entry| String::from_utf8_lossy(entry).trim().to_owned())
                .collect(),
            branch: branch.map(|branch| branch.as_str().to_owned()),
            id: id.to_string(),
            archived,
            outcome,
            found_by,
        }
    }
}

/// The pull request that a forge names in the subject of a merge: `Title (#47)`, `Merge pull request #47 from …`.
fn pull_request(subject: &str) -> Option<u64> {
    let at_end = || subject.strip_suffix(')')?.rsplit_once("(#").map(|(_, number)| number);
    let at_start = || subject.strip_prefix("Merge pull request #")?.split(' ').next();
    at_end().or_else(at_start)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forges_name_pull_requests_in_subjects() {
        for (subject, number) in [
            ("Search the index (#47)", Some(47)),
            ("Merge pull request #47 from ada/search", Some(47)),
            ("Revert (#46) (#47)", Some(47)),
            ("Fixes #47", None),
            ("Search (#x)", None),
            ("(#47) first", None),
            ("", None),
        ] {
            assert_eq!(pull_request(subject), number, "{subject}");
        }
    }
}
