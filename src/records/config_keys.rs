//! Keys below `branch.<branch>.` that git, stack tools and editors set, each key a source of its own; and GitLens' file
//! `gk/config`, which is in the same format.
//!
//! git moves these keys with `git branch -m`, so that the names of the branches are right, but not the parents' names in their
//! values.

use std::cell::OnceCell;
use std::collections::{BTreeMap, HashMap};

use super::remotes::Remotes;
use super::{blank, file, nothing, on_parent, pull_request};
use crate::names::BranchName;
use crate::repo::{Repository, Section, each_section_of};
use crate::stack::{PullRequest, Record, Records, Source};

const SECTION: &str = "branch";
/// The keys that name a parent.
const PARENTS: [(Source, &str); 3] = [
    (Source::GitStk, "stkparent"),
    (Source::GhMergeBase, "gh-merge-base"),
    (Source::VsCode, "vscode-merge-base"),
];
pub(super) const GIT_LENS_FILE: &str = "gk/config";
/// GitLens' keys for what a branch is compared with, the one that counts least first.
const GIT_LENS: [&str; 3] = ["gk-merge-base", "gk-merge-target", "gk-merge-target-user"];
/// Where VS Code's extension for pull requests keeps `owner#repository#branch`: what somebody chose to compare with.
const REQUEST_BASE: &str = "github-pr-base-branch";
const PULL_REQUESTS: &str = "github-pr-owner-number";
/// What forges call the commits of a pull request: GitHub, Gitea and others; GitLab.
const PULL_REQUEST_REFS: [&str; 2] = ["refs/pull/", "refs/merge-requests/"];

/// What each source says of each branch.
type Found = BTreeMap<Source, BTreeMap<BranchName, Record>>;

struct Reader<'a> {
    repository: &'a Repository,
    /// Read when the first key is there that needs them.
    remotes: OnceCell<Remotes>,
    /// What names mean. Editors write the same one for nearly every branch.
    meant: HashMap<String, Option<BranchName>>,
    found: Found,
    upstreams: BTreeMap<BranchName, Upstream>,
}

/// `branch.<branch>.remote` and `.merge`.
#[derive(Default)]
struct Upstream {
    remote: Option<String>,
    merge: Option<String>,
}

/// The sources that say anything.
pub(super) fn read(repository: &Repository) -> Vec<Records> {
    let mut reader = Reader {
        repository,
        remotes: OnceCell::new(),
        meant: HashMap::new(),
        found: Found::new(),
        upstreams: BTreeMap::new(),
    };
    repository.each_section(SECTION, &mut |name, section| reader.add(name, section));
    reader.add_upstreams();
    let mut unreadable = Vec::new();
    let path = repository.common_dir().join(GIT_LENS_FILE);
    let text = file::read(&path, &mut unreadable);
    if let Some(text) = text {
        let read = each_section_of(&text.bytes, SECTION, &mut |name, section| {
            if let Some(branch) = BranchName::new(name) {
                reader.add_git_lens(&branch, section);
            }
        });
        unreadable.extend(read.err().map(|why| file::not_read(&path, &why)));
    }
    if !unreadable.is_empty() {
        reader.found.entry(Source::GitLens).or_default();
    }
    let records = |(source, branches): (Source, BTreeMap<BranchName, Record>)| {
        let of_git_lens = source == Source::GitLens;
        Records {
            branches: branches.into_values().collect(),
            unreadable: if of_git_lens { unreadable.clone() } else { Vec::new() },
            ..nothing(source)
        }
    };
    reader.found.into_iter().map(records).collect()
}

impl Reader<'_> {
    fn add(&mut self, name: &str, section: &Section) {
        let Some(branch) = BranchName::new(name) else { return };
        let keys = section.keys();
        let has = |key: &str| keys.iter().any(|known| known == key);
        self.add_upstream(&branch, section);
        // Most sections have nothing else than an upstream, and there can be thousands.
        for (source, key) in PARENTS.into_iter().filter(|(_, key)| has(key)) {
            let parent = section.value(key).and_then(|name| self.branch_meant(name));
            self.add_parent(source, &branch, parent);
        }
        if has(REQUEST_BASE) {
            let base = section.value(REQUEST_BASE).and_then(|base| self.base_of_request(&base));
            self.add_parent(Source::VsCode, &branch, base);
        }
        if keys.iter().any(|key| key.starts_with("gk-")) {
            self.add_git_lens(&branch, section);
        }
        if has(PULL_REQUESTS) {
            let known = self.pull_request_of(&section.values(PULL_REQUESTS));
            self.add_pull_request(Source::PullRequestKey, &branch, known);
        }
    }

    fn add_git_lens(&mut self, branch: &BranchName, section: &Section) {
        for key in GIT_LENS {
            let parent = section.value(key).and_then(|name| self.branch_meant(name));
            self.add_parent(Source::GitLens, branch, parent);
        }
    }

    fn add_upstream(&mut self, branch: &BranchName, section: &Section) {
        let (remote, merge) = (section.value("remote"), section.value("merge"));
        let is_here = remote.as_deref() == Some(".");
        let is_request = |merge: &String| PULL_REQUEST_REFS.iter().any(|prefix| merge.starts_with(prefix));
        if is_here || merge.as_ref().is_some_and(is_request) || self.upstreams.contains_key(branch) {
            let upstream = self.upstreams.entry(branch.clone()).or_default();
            upstream.remote = remote.or(upstream.remote.take());
            upstream.merge = merge.or(upstream.merge.take());
        }
    }

    fn add_upstreams(&mut self) {
        for (branch, upstream) in std::mem::take(&mut self.upstreams) {
            let Some(merge) = upstream.merge else { continue };
            if upstream.remote.as_deref() == Some(".") {
                self.add_parent(Source::Upstream, &branch, BranchName::from_ref(&merge));
            }
            let number = PULL_REQUEST_REFS.iter().find_map(|prefix| {
                let number = merge.strip_prefix(prefix)?.strip_suffix("/head")?;
                number.parse().ok()
            });
            let known = number.and_then(|number| pull_request(number, None));
            self.add_pull_request(Source::PullRequestRef, &branch, known);
        }
    }

    fn add_parent(&mut self, source: Source, branch: &BranchName, parent: Option<BranchName>) {
        let Some(parent) = parent.filter(|parent| parent != branch) else {
            return;
        };
        let record = on_parent(branch.clone(), Some(parent.as_str()), None);
        self.found.entry(source).or_default().insert(branch.clone(), record);
    }

    fn add_pull_request(&mut self, source: Source, branch: &BranchName, known: Option<PullRequest>) {
        if known.is_some() {
            let record = Record {
                pull_request: known,
                ..blank(branch.clone())
            };
            self.found.entry(source).or_default().insert(branch.clone(), record);
        }
    }

    fn remotes(&self) -> &Remotes {
        self.remotes.get_or_init(|| Remotes::of(self.repository))
    }

    fn branch_meant(&mut self, name: String) -> Option<BranchName> {
        if let Some(known) = self.meant.get(&name) {
            return known.clone();
        }
        let meant = self.remotes().branch_meant(self.repository, &name);
        self.meant.insert(name, meant.clone());
        meant
    }

    fn base_of_request(&self, base: &str) -> Option<BranchName> {
        let mut parts = base.splitn(3, '#');
        let (owner, name, branch) = (parts.next()?, parts.next()?, parts.next()?);
        let is_ours = self.remotes().has(owner, name);
        BranchName::new(branch).filter(|_| is_ours)
    }

    /// The newest of `owner#repository#number`, of which editors keep many and some twice. A number of a repository that is
    /// no remote of this one is another's; where several are remotes, as those of a fork, none is known to be meant.
    fn pull_request_of(&self, values: &[String]) -> Option<PullRequest> {
        let mut ours: BTreeMap<(&str, &str), u64> = BTreeMap::new();
        for value in values {
            let parts: Vec<&str> = value.split('#').collect();
            if let [owner, name, number] = parts.as_slice()
                && let Ok(number) = number.parse::<u64>()
                && self.remotes().has(owner, name)
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
}
