//! git-town: the parent of each branch in `git-town-branch.<branch>.parent` of the configuration; trunks there, in the
//! environment, and in the team's file at the top of the work tree.
//!
//! As git-town does it: the first of these three that names a main branch counts, and of the patterns for perennial branches the
//! first, but all lists of perennial branches count, and `git-town-branch.<branch>.branchtype` of a single one.

use std::collections::BTreeMap;
use std::path::Path;

use regex_lite::{Regex, RegexBuilder};
use serde::Deserialize;

use super::{file, nothing, on_parent, told};
use crate::names::BranchName;
use crate::policy_file::read_inside;
use crate::repo::Repository;
use crate::stack::{Records, Source};
use crate::world::World;

/// The names that the team's file has had, the newest first.
pub(super) const FILES: [&str; 3] = ["git-town.toml", ".git-town.toml", ".git-branches.toml"];
/// The names that keys of the configuration have had, the newest first.
const MAIN: [&str; 2] = ["git-town.main-branch", "git-town.main-branch-name"];
const PERENNIALS: [&str; 2] = ["git-town.perennial-branches", "git-town.perennial-branch-names"];
const PATTERN: &str = "git-town.perennial-regex";
/// Of more branches nothing is read: git keeps the sections of deleted ones, but nobody has had so many.
const MOST_BRANCHES: usize = 10_000;
/// A pattern that takes more bytes is not used: the team's file may come from anybody.
const LARGEST_PATTERN: usize = 16 * 1024;

#[derive(Default, Deserialize)]
struct Settings {
    #[serde(default)]
    branches: Trunks,
}

/// The trunks that one of the three places names.
#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Trunks {
    main: Option<String>,
    #[serde(default)]
    perennials: Vec<String>,
    perennial_regex: Option<String>,
}

pub(super) fn read(repository: &Repository, world: &World) -> Option<Records> {
    let (mut parents, mut types) = (BTreeMap::new(), BTreeMap::new());
    repository.each_section("git-town-branch", &mut |name, section| {
        if parents.len() <= MOST_BRANCHES {
            parents.extend(BranchName::new(name).zip(section.value("parent")));
            types.extend(BranchName::new(name).zip(section.value("branchtype")));
        }
    });
    let mut records = nothing(Source::GitTown);
    if parents.len() > MOST_BRANCHES {
        let why = format!("git-town's parents are not read: there are more than {MOST_BRANCHES}");
        records.unreadable.push(why);
        return told(records);
    }
    if parents.is_empty() {
        return None;
    }
    let record = |(branch, parent): (BranchName, String)| on_parent(branch, Some(&parent), None);
    records.branches = parents
        .into_iter()
        .map(record)
        .filter(|record| record.parent.is_some())
        .collect();
    let team = repository.work_tree().map(|top| settings(top, &mut records.unreadable));
    let places = [
        of_environment(world),
        of_config(repository),
        team.unwrap_or_default().branches,
    ];
    let mut trunks = trunks(repository, &places, &mut records.unreadable);
    let single = types.into_iter().filter(|(_, kind)| kind == "perennial");
    trunks.extend(single.map(|(branch, _)| branch));
    for trunk in trunks {
        if !records.trunks.contains(&trunk) {
            records.trunks.push(trunk);
        }
    }
    told(records)
}

fn of_environment(world: &World) -> Trunks {
    let variable = |name| world.variable(name).map(str::to_owned);
    Trunks {
        main: variable("GIT_TOWN_MAIN_BRANCH"),
        perennials: words(variable("GIT_TOWN_PERENNIAL_BRANCHES")),
        perennial_regex: variable("GIT_TOWN_PERENNIAL_REGEX"),
    }
}

fn of_config(repository: &Repository) -> Trunks {
    let first = |keys: [&str; 2]| keys.iter().find_map(|key| repository.config(key));
    Trunks {
        main: first(MAIN),
        perennials: words(first(PERENNIALS)),
        perennial_regex: repository.config(PATTERN),
    }
}

fn words(text: Option<String>) -> Vec<String> {
    let words = text.iter().flat_map(|text| text.split_whitespace());
    words.map(str::to_owned).collect()
}

/// The branches that these places, the one that counts first, name as trunks, the main one first.
fn trunks(repository: &Repository, places: &[Trunks], unreadable: &mut Vec<String>) -> Vec<BranchName> {
    let first = |value: fn(&Trunks) -> &Option<String>| {
        let mut values = places.iter().filter_map(|place| value(place).as_deref());
        values.find(|value| !value.is_empty())
    };
    let main = first(|place| &place.main).into_iter();
    let perennials = places.iter().flat_map(|place| &place.perennials).map(String::as_str);
    let mut trunks: Vec<BranchName> = main.chain(perennials).filter_map(BranchName::new).collect();
    match first(|place| &place.perennial_regex).map(pattern) {
        Some(Ok(pattern)) => {
            let branches = repository.branches().unwrap_or_default().into_iter();
            trunks.extend(branches.filter(|branch| pattern.is_match(branch.as_str())));
        }
        Some(Err(why)) => unreadable.push(why),
        None => {}
    }
    trunks
}

/// Go's patterns, which git-town uses, and these differ only where they name classes of Unicode.
fn pattern(text: &str) -> Result<Regex, String> {
    let pattern = RegexBuilder::new(text).size_limit(LARGEST_PATTERN).build();
    pattern.map_err(|why| format!("git-town's pattern '{text}' for perennial branches is not read: {why}"))
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
