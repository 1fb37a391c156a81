//! git-machete: one branch a line in the file `machete`, a child indented below its parent, and behind a space any words of
//! the user's. Those that `git machete github anno-prs` and its relatives write begin with `PR #47` or `MR !47`.
//!
//! git-machete refuses a file as a whole where a line is indented in a way that it cannot mean, or a branch is named twice; so
//! does this.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::{file, nothing, on_parent, pull_request, told};
use crate::names::BranchName;
use crate::repo::Repository;
use crate::stack::{PullRequest, Records, Source};

pub(super) const FILE: &str = "machete";
/// Whether all work trees share the file, as they do where nothing is said.
const SHARED: &str = "machete.worktree.useTopLevelMacheteFile";

pub(super) fn read(repository: &Repository) -> Option<Records> {
    let mut records = nothing(Source::GitMachete);
    let path = path(repository);
    if let Some(text) = file::read(&path, &mut records.unreadable)
        && let Err(reason) = parse(&text.bytes, &mut records)
    {
        records = nothing(Source::GitMachete);
        records.unreadable.push(file::not_read(&path, &reason));
    }
    told(records)
}

pub(super) fn path(repository: &Repository) -> PathBuf {
    let folder = match repository.is_off(SHARED) {
        true => repository.git_dir(),
        false => repository.common_dir(),
    };
    folder.join(FILE)
}

fn parse(text: &[u8], records: &mut Records) -> Result<(), String> {
    let text = std::str::from_utf8(text).map_err(|error| error.to_string())?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut unit = None;
    // The branch at each depth that a line below can stand on; `None` for a name that no branch can have.
    let mut above: Vec<Option<BranchName>> = Vec::new();
    let mut seen = BTreeSet::new();
    for (at, whole) in text.split_inclusive('\n').enumerate() {
        let refuse = |why: &str| Err(format!("line {}: {why}", at + 1));
        let line = whole.trim_end();
        let entry = line.trim_start();
        if entry.is_empty() || entry.starts_with('#') {
            continue;
        }
        let indent = &line[..line.len() - entry.len()];
        let Some(depth) = depth(indent, &mut unit) else {
            return refuse("the indentation is not a multiple of the first one");
        };
        if depth > above.len() {
            return refuse("the indentation is too deep");
        }
        let (name, words) = entry.split_once(' ').unwrap_or((entry, ""));
        if !seen.insert(name) {
            return refuse("the branch is there twice");
        }
        above.truncate(depth);
        let parent = above.last().cloned().flatten();
        let branch = BranchName::new(name);
        above.push(branch.clone());
        let (Some(branch), Some(parent)) = (branch, parent) else {
            continue;
        };
        if depth == 1 && !records.trunks.contains(&parent) {
            records.trunks.push(parent.clone());
        }
        let mut record = on_parent(branch, Some(parent.as_str()), None);
        record.pull_request = annotated(words, whole.ends_with('\n'));
        records.branches.push(record);
    }
    Ok(())
}

/// How often the indentation of the first line that has one is in this one.
fn depth<'a>(indent: &'a str, unit: &mut Option<&'a str>) -> Option<usize> {
    if indent.is_empty() {
        return Some(0);
    }
    let unit = *unit.get_or_insert(indent);
    let depth = indent.len() / unit.len();
    (indent == unit.repeat(depth)).then_some(depth)
}

/// The pull request that the words behind a branch begin with. At the end of a line that has no end, half of its number may
/// be missing.
fn annotated(words: &str, ended: bool) -> Option<PullRequest> {
    let rest = words.strip_prefix("PR #").or_else(|| words.strip_prefix("MR !"))?;
    let number = match rest.split_once(' ') {
        Some((number, _)) => number,
        None => Some(rest).filter(|_| ended)?,
    };
    pull_request(number.parse().ok()?, None)
}
