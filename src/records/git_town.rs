//! git-town: the parent of each branch in `git-town-branch.<branch>.parent` of the configuration; trunks there and in the
//! team's file at the top of the work tree.
//!
//! Not read: `perennial-regex`, because a pattern names no branch, and variables such as `GIT_TOWN_MAIN_BRANCH`.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use super::{file, nothing, on_parent, told};
use crate::names::BranchName;
use crate::policy_file::read_inside;
use crate::repo::Repository;
use crate::stack::{Records, Source};

/// The names that the team's file has had, the newest first.
pub(super) const FILES: [&str; 3] = ["git-town.toml", ".git-town.toml", ".git-branches.toml"];
/// The keys that name trunks, some of them several.
const TRUNKS: [&str; 3] = [
    "git-town.main-branch",
    "git-town.main-branch-name",
    "git-town.perennial-branches",
];

#[derive(Default, Deserialize)]
struct Settings {
    #[serde(default)]
    branches: Branches,
}

#[derive(Default, Deserialize)]
struct Branches {
    main: Option<String>,
    #[serde(default)]
    perennials: Vec<String>,
}

pub(super) fn read(repository: &Repository) -> Option<Records> {
    let mut parents = BTreeMap::new();
    repository.each_section("git-town-branch", &mut |name, section| {
        parents.extend(BranchName::new(name).zip(section.value("parent")));
    });
    if parents.is_empty() {
        return None;
    }
    let mut records = nothing(Source::GitTown);
    let record = |(branch, parent): (BranchName, String)| on_parent(branch, Some(&parent), None);
    records.branches = parents
        .into_iter()
        .map(record)
        .filter(|record| record.parent.is_some())
        .collect();
    let configured = TRUNKS.iter().filter_map(|key| repository.config(key));
    let mut trunks: Vec<String> = configured.flat_map(|names| words(&names)).collect();
    let settings = repository.work_tree().map(|top| settings(top, &mut records.unreadable));
    if let Some(Settings { branches }) = settings {
        trunks.extend(branches.main.into_iter().chain(branches.perennials));
    }
    for trunk in trunks.iter().filter_map(|name| BranchName::new(name)) {
        if !records.trunks.contains(&trunk) {
            records.trunks.push(trunk);
        }
    }
    told(records)
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

/// What the team's file says. It is tracked, so that no link is followed.
fn settings(top: &Path, unreadable: &mut Vec<String>) -> Settings {
    for name in FILES {
        let text = match read_inside(top, Path::new(name)) {
            Ok(None) => continue,
            Ok(Some(text)) => text,
            Err(error) => {
                unreadable.push(file::not_read(&top.join(name), &error.to_string()));
                continue;
            }
        };
        return file::toml(&top.join(name), &text, unreadable).unwrap_or_default();
    }
    Settings::default()
}
