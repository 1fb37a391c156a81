//! Keys below `branch.<branch>.` that git, stack tools and editors set, each key a source of its own; and GitLens' file
//! `gk/config`, which is in the same format.
//!
//! git moves these keys with `git branch -m`, so that the names of the branches are right, but not the parents' names in their
//! values.

use std::collections::BTreeMap;

use super::{blank, file, nothing, on_parent, pull_request};
use crate::names::BranchName;
use crate::repo::{Repository, Section, each_section_of};
use crate::stack::{PullRequest, Record, Records, Source};

const SECTION: &str = "branch";
const GIT_LENS_FILE: &str = "gk/config";
/// GitLens' keys for what a branch is compared with, the one that counts least first.
const GIT_LENS: [&str; 3] = ["gk-merge-base", "gk-merge-target", "gk-merge-target-user"];
const PULL_REQUESTS: &str = "github-pr-owner-number";
/// What forges call the commits of a pull request: GitHub, Gitea and others; GitLab.
const PULL_REQUEST_REFS: [&str; 2] = ["refs/pull/", "refs/merge-requests/"];

/// What each source says of each branch.
type Found = BTreeMap<Source, BTreeMap<BranchName, Record>>;

/// The sources that say anything.
pub(super) fn read(repository: &Repository) -> Vec<Records> {
    let mut found = Found::new();
    let mut upstreams = BTreeMap::new();
    repository.each_section(SECTION, &mut |name, section| {
        if let Some(branch) = BranchName::new(name) {
            add_upstream(&mut upstreams, &branch, section);
            add_parents(repository, &mut found, &branch, section);
        }
    });
    for (branch, upstream) in upstreams {
        upstream.add(&mut found, branch);
    }
    let mut unreadable = Vec::new();
    let path = repository.common_dir().join(GIT_LENS_FILE);
    let text = file::read(&path, &mut unreadable);
    let modified = text.as_ref().and_then(|text| text.modified);
    if let Some(text) = text {
        let read = each_section_of(&text.bytes, SECTION, &mut |name, section| {
            if let Some(branch) = BranchName::new(name) {
                add_git_lens(repository, &mut found, &branch, section);
            }
        });
        unreadable.extend(read.err().map(|why| file::not_read(&path, &why)));
    }
    if !unreadable.is_empty() {
        found.entry(Source::GitLens).or_default();
    }
    let records = |(source, branches): (Source, BTreeMap<BranchName, Record>)| Records {
        branches: branches.into_values().collect(),
        unreadable: if source == Source::GitLens {
            unreadable.clone()
        } else {
            Vec::new()
        },
        modified: modified.filter(|_| source == Source::GitLens),
        ..nothing(source)
    };
    found.into_iter().map(records).collect()
}

fn add_parents(repository: &Repository, found: &mut Found, branch: &BranchName, section: &Section) {
    // Most sections have only the two keys of an upstream.
    let keys = section.keys();
    let value = |key: &str| {
        keys.iter()
            .any(|known| known == key)
            .then(|| section.value(key))
            .flatten()
    };
    for (source, key) in [
        (Source::GitStk, "stkparent"),
        (Source::GhMergeBase, "gh-merge-base"),
        (Source::VsCode, "vscode-merge-base"),
    ] {
        let parent = value(key).and_then(|value| repository.branch_meant(&value));
        add_parent(found, source, branch, parent);
    }
    if keys.iter().any(|key| key.starts_with("gk-")) {
        add_git_lens(repository, found, branch, section);
    }
    if keys.iter().any(|key| key == PULL_REQUESTS) {
        let known = pull_request_of(repository, &section.values(PULL_REQUESTS));
        add_pull_request(found, Source::PullRequestKey, branch, known);
    }
}

fn add_git_lens(repository: &Repository, found: &mut Found, branch: &BranchName, section: &Section) {
    for key in GIT_LENS {
        let parent = section.value(key).and_then(|value| repository.branch_meant(&value));
        add_parent(found, Source::GitLens, branch, parent);
    }
}

fn add_parent(found: &mut Found, source: Source, branch: &BranchName, parent: Option<BranchName>) {
    let Some(parent) = parent.filter(|parent| parent != branch) else {
        return;
    };
    let record = on_parent(branch.clone(), Some(parent.as_str()), None);
    found.entry(source).or_default().insert(branch.clone(), record);
}

fn add_pull_request(found: &mut Found, source: Source, branch: &BranchName, known: Option<PullRequest>) {
    if known.is_some() {
        let record = Record {
            pull_request: known,
            ..blank(branch.clone())
        };
        found.entry(source).or_default().insert(branch.clone(), record);
    }
}

/// The newest of `owner#repository#number`, of which editors keep many and some twice. A number of a repository that is no
/// remote of this one is another's; where several are remotes, as those of a fork, none is known to be meant.
fn pull_request_of(repository: &Repository, values: &[String]) -> Option<PullRequest> {
    let mut ours: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for value in values {
        let mut parts = value.split('#');
        if let (Some(owner), Some(name), Some(number), None) = (parts.next(), parts.next(), parts.next(), parts.next())
            && let Ok(number) = number.parse::<u64>()
            && repository.has_remote_repository(owner, name)
        {
            let newest = ours.entry((owner, name)).or_default();
            *newest = number.max(*newest);
        }
    }
    match ours.values().collect::<Vec<_>>().as_slice() {
        [number] => pull_request(**number, None),
        _ => None,
    }
}

/// `branch.<branch>.remote` and `.merge`.
#[derive(Default)]
struct Upstream {
    remote: Option<String>,
    merge: Option<String>,
}

fn add_upstream(upstreams: &mut BTreeMap<BranchName, Upstream>, branch: &BranchName, section: &Section) {
    let (remote, merge) = (section.value("remote"), section.value("merge"));
    let is_here = remote.as_deref() == Some(".");
    let is_request = |merge: &String| PULL_REQUEST_REFS.iter().any(|prefix| merge.starts_with(prefix));
    // Most are branches of remotes, and there can be thousands.
    if is_here || merge.as_ref().is_some_and(is_request) || upstreams.contains_key(branch) {
        let upstream = upstreams.entry(branch.clone()).or_default();
        upstream.remote = remote.or(upstream.remote.take());
        upstream.merge = merge.or(upstream.merge.take());
    }
}

impl Upstream {
    fn add(&self, found: &mut Found, branch: BranchName) {
        let Some(merge) = &self.merge else { return };
        if self.remote.as_deref() == Some(".") {
            add_parent(found, Source::Upstream, &branch, BranchName::from_ref(merge));
        }
        let number = PULL_REQUEST_REFS.iter().find_map(|prefix| {
            let number = merge.strip_prefix(prefix)?.strip_suffix("/head")?;
            number.parse().ok()
        });
        let known = number.and_then(|number| pull_request(number, None));
        add_pull_request(found, Source::PullRequestRef, &branch, known);
    }
}
