//! Graphite 1.8 and later (`gt`): parents in the SQLite database `.graphite_metadata.db`, pull requests in
//! `.graphite_pr_info`, trunks in `.graphite_repo_config`, all in the directory that work trees share.
//!
//! Only what a user decided is read from the database. The columns `children`, `branch_revision` and `validation_result` are
//! notes of the last run of `gt`, which `git branch` and `git commit` make wrong. Not here: the refs of earlier versions
//! (branch_metadata.rs).

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::sqlite::Database;
use super::{file, nothing, on_parent, pull_request, state, told};
use crate::names::BranchName;
use crate::repo::Repository;
use crate::stack::{PullRequest, PullRequestState, Record, Records, Source};

pub(super) const DATABASE: &str = ".graphite_metadata.db";
/// Where SQLite writes before it writes there: with a write-ahead log, and without (<https://sqlite.org/tempfiles.html>).
pub(super) const LOG: &str = ".graphite_metadata.db-wal";
pub(super) const JOURNAL: &str = ".graphite_metadata.db-journal";
const TABLE: &str = "branch_metadata";
const COLUMNS: [&str; 3] = ["branch_name", "parent_branch_name", "parent_branch_revision"];
/// The length of a database's header, which every change changes.
const HEADER: u64 = 100;

pub(super) const CONFIG: &str = ".graphite_repo_config";
pub(super) const PULL_REQUESTS: &str = ".graphite_pr_info";

pub(super) fn read(repository: &Repository) -> Option<Records> {
    let mut records = nothing(Source::Graphite);
    let path = repository.common_dir().join(DATABASE);
    if let Some(text) = at_one_moment(&path, &mut records.unreadable) {
        match branches(&text.bytes) {
            Ok(branches) => records.branches = branches,
            Err(reason) => records.unreadable.push(file::not_read(&path, reason)),
        }
    }
    // `gt log` makes a database in any repository: one without a parent is no sign of use.
    if !records.branches.is_empty() {
        records.trunks = trunks(repository, &mut records.unreadable);
        add_pull_requests(repository, &mut records);
    }
    told(records)
}

/// Whether there is a database, which newer versions of `gt` use in place of refs.
pub(super) fn has_database(repository: &Repository) -> bool {
    repository.common_dir().join(DATABASE).exists()
}

/// The database as it was at one moment; `None` also while it is being changed. No lock is taken, so that nobody ever waits for
/// a hook.
///
/// SQLite writes a journal before it changes the first page, removes it after the last one, and counts each change in the
/// header. So nothing was changed where there is no journal before and after, and the header is the same before, in what was
/// read, and after. A log's pages get into the database while the log is there.
fn at_one_moment(path: &Path, unreadable: &mut Vec<String>) -> Option<file::Text> {
    let before = file::mark(path, HEADER);
    let begun = before.is_some() && is_being_changed(path);
    let text = file::read_up_to(file::LARGEST_WORDY, path, unreadable)?;
    let read = before
        .as_ref()
        .is_some_and(|mark| text.bytes.starts_with(&mark.beginning));
    if begun || !read || is_being_changed(path) || file::mark(path, HEADER) != before {
        unreadable.push(file::not_read(path, "it is being changed"));
        return None;
    }
    Some(text)
}

fn is_being_changed(path: &Path) -> bool {
    is_hot(&beside(path, "-journal")) || has_content(&beside(path, "-wal"))
}

/// The branches that have a parent.
fn branches(database: &[u8]) -> Result<Vec<Record>, &'static str> {
    let mut branches = Vec::new();
    let found = Database::parse(database)?.rows(TABLE, &COLUMNS, &mut |row| {
        let [Some(branch), Some(parent), tip] = row.as_slice() else {
            return;
        };
        let branch = BranchName::new(branch);
        branches.extend(branch.map(|branch| on_parent(branch, Some(parent), tip.as_deref())));
    })?;
    branches.retain(|branch: &Record| branch.parent.is_some());
    match found {
        true => Ok(branches),
        false => Err("it has no table 'branch_metadata'"),
    }
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn has_content(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|metadata| metadata.len() > 0)
}

/// Whether a journal holds what the database has to get back after a change that did not end. One that is kept for the next
/// change is empty or begins with a zero byte (<https://www.sqlite.org/lockingv3.html>, section 4.1).
fn is_hot(journal: &Path) -> bool {
    has_content(journal) && file::mark(journal, 1).is_none_or(|mark| mark.beginning != [0])
}

#[derive(Deserialize)]
struct Config<'a> {
    #[serde(borrow, default)]
    trunk: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    trunks: Vec<Trunk<'a>>,
}

#[derive(Deserialize)]
struct Trunk<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
}

/// The branches that the user named as trunks, the usual one first.
pub(super) fn trunks(repository: &Repository, unreadable: &mut Vec<String>) -> Vec<BranchName> {
    let path = repository.common_dir().join(CONFIG);
    let text = file::read(&path, unreadable);
    let config: Option<Config> = text.as_ref().and_then(|text| file::json(&path, text, unreadable));
    let mut trunks = Vec::new();
    if let Some(config) = &config {
        let names = config.trunk.iter().chain(config.trunks.iter().map(|trunk| &trunk.name));
        for trunk in names.filter_map(|name| BranchName::new(name)) {
            if !trunks.contains(&trunk) {
                trunks.push(trunk);
            }
        }
    }
    trunks
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PullRequests<'a> {
    #[serde(borrow)]
    pr_infos: Vec<Info<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Info<'a> {
    pr_number: u64,
    #[serde(borrow)]
    head_ref_name: Cow<'a, str>,
    #[serde(borrow)]
    state: Cow<'a, str>,
    #[serde(default)]
    is_draft: bool,
    #[serde(default)]
    review_decision: Option<String>,
    #[serde(borrow, default)]
    versions: Vec<Version<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Version<'a> {
    #[serde(borrow)]
    head_sha: Cow<'a, str>,
}

impl Info<'_> {
    fn pull_request(&self) -> Option<PullRequest> {
        let state = state(&self.state, self.is_draft, self.review_decision.as_deref());
        pull_request(self.pr_number, state)
    }

    fn is_over(&self) -> bool {
        let state = self.pull_request().and_then(|pull_request| pull_request.state);
        matches!(state, Some(PullRequestState::Merged | PullRequestState::Closed))
    }
}

/// Joins what Graphite last fetched about pull requests to the branches that have none yet, by the name of the branch.
///
/// A name can have had several: an open one counts before one that is over, then the newest. One that is over is the branch's
/// only if the branch is where it was submitted; else the name is used again, or the branch goes on.
pub(super) fn add_pull_requests(repository: &Repository, records: &mut Records) {
    let path = repository.common_dir().join(PULL_REQUESTS);
    let text = file::read_up_to(file::LARGEST_WORDY, &path, &mut records.unreadable);
    let known = text
        .as_ref()
        .and_then(|text| file::json::<PullRequests>(&path, text, &mut records.unreadable));
    let mut by_branch: HashMap<&str, &Info> = HashMap::new();
    for info in known.iter().flat_map(|known| &known.pr_infos) {
        let best = by_branch.entry(&info.head_ref_name).or_insert(info);
        if (!info.is_over(), info.pr_number) > (!best.is_over(), best.pr_number) {
            *best = info;
        }
    }
    for record in records
        .branches
        .iter_mut()
        .filter(|record| record.pull_request.is_none())
    {
        let Some(info) = by_branch.get(record.branch.as_str()) else {
            continue;
        };
        let submitted = |tip: &str| info.versions.iter().any(|version| version.head_sha == tip);
        let elsewhere = || {
            repository
                .tip(&record.branch)
                .is_some_and(|tip| !submitted(tip.as_str()))
        };
        if info.is_over() && elsewhere() {
            continue;
        }
        record.pull_request = info.pull_request();
        record.merged = record.pull_request.and_then(|known| known.state) == Some(PullRequestState::Merged);
    }
}
