//! How a commit reads as an entry.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};

use super::{MARKER, UpdateLimits};
use crate::actor::Actor;
use crate::document::message::{self, inline_code};
use crate::facts::{ChangeKind, Changes, CommitFacts, FileChange, Lines};
use crate::names::{CommitId, visible};

/// How many folders the rest of a long list is summed up by.
const MAX_FOLDERS: usize = 10;

/// What the line that tells of a reverted commit begins with.
pub(super) const REVERTS: &str = "- reverts ";
/// What the line that tells where a commit was picked from begins with.
pub(super) const PICKED: &str = "- cherry-picked from ";

/// Where the entry of a commit is in the document, as the part of an address behind `#`.
pub(super) type Anchors = HashMap<CommitId, String>;

/// The whole entry; its lines end with `\n`.
pub(super) fn commit(commit: &CommitFacts, limits: &UpdateLimits, anchors: &Anchors) -> String {
    let message = message::parse(&commit.message);
    let heading = heading_with(commit, &message.subject);
    let marked = format!("{heading}{}{}{}\n", MARKER.0, commit.id.as_str(), MARKER.1);
    let merge = matches!(commit.changes, Changes::Merge { .. });
    let body = if merge { "" } else { message.body.as_str() };
    let mut text = with_body(&marked, body);
    text.push('\n');
    if let Some(from) = message::picked_from(&commit.message) {
        text.push_str(&format!("{PICKED}{}\n", from.short()));
    }
    for reverted in message::reverted(&commit.message) {
        let short = reverted.short();
        match anchors.get(&reverted) {
            Some(anchor) => text.push_str(&format!("{REVERTS}[{short}](#{anchor})\n")),
            None => text.push_str(&format!("{REVERTS}{short}\n")),
        }
    }
    changes(&mut text, &commit.changes, limits);
    text
}

/// The heading line of a commit's entry.
pub(super) fn heading_of(commit: &CommitFacts) -> String {
    heading_with(commit, &message::subject(&commit.message))
}

fn heading_with(commit: &CommitFacts, subject: &str) -> String {
    let who = Actor::new(&commit.who).map_or_else(|| "unknown".to_owned(), |who| who.as_str().to_owned());
    heading(commit.time, &who, subject)
}

/// The heading line.
pub(super) fn heading(time: DateTime<Utc>, who: &str, title: &str) -> String {
    format!("### {}: [@{who}] {title}\n", time.format("%Y-%m-%d %H:%M"))
}

/// What GitHub and GitLab make of a heading's text as its address in the page: lower case, blanks to hyphens, punctuation
/// gone (<https://docs.github.com/en/get-started/writing-on-github>, "Section links").
pub(super) fn anchor(heading: &str) -> String {
    let heading = heading.trim().trim_start_matches('#').trim_start();
    let kept = heading
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.flat_map(char::to_lowercase)
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

/// `heading`, and below a blank line `body` if there is one.
pub(super) fn with_body(heading: &str, body: &str) -> String {
    let blank = if body.is_empty() { "" } else { "\n" };
    format!("{heading}{blank}{body}")
}

pub(super) fn changes(text: &mut String, changes: &Changes, limits: &UpdateLimits) {
    match changes {
        Changes::Files { files, .. } if files.is_empty() => text.push_str("- No files changed\n"),
        Changes::Files { files, renames_skipped } => {
            let skipped = if *renames_skipped {
                "; renames not looked for"
            } else {
                ""
            };
            let counts = counts(total(files)).map_or_else(String::new, |counts| format!(", {counts}"));
            text.push_str(&format!(
                "- Files changed ({}{counts}{skipped}):\n",
                files_of(files.len())
            ));
            let (listed, rest) = files.split_at(limits.max_files.min(files.len()));
            for file in listed {
                text.push_str(&format!("  - {}\n", line(file)));
            }
            folders(text, rest);
        }
        Changes::Merge { commits, or_more } => {
            let more = if *or_more { " or more" } else { "" };
            let plural = if *commits == 1 && !or_more { "" } else { "s" };
            text.push_str(&format!("- Merged {commits}{more} commit{plural}\n"));
        }
        Changes::Unknown(reason) => {
            let reason = visible(&message::heading_text(reason));
            text.push_str(&format!("- Changed files are unknown: {reason}\n"));
        }
    }
}

/// The files that are not listed one by one, by the folder at the top that they are in.
fn folders(text: &mut String, rest: &[FileChange]) {
    let mut folders: BTreeMap<&str, Vec<&FileChange>> = BTreeMap::new();
    for file in rest {
        let folder = file.path.split_once('/').map_or("", |(folder, _)| folder);
        folders.entry(folder).or_default().push(file);
    }
    let mut largest: Vec<(&str, Vec<&FileChange>)> = folders.into_iter().collect();
    largest.sort_by_key(|(_, files)| std::cmp::Reverse(files.len()));
    let others = largest.split_off(MAX_FOLDERS.min(largest.len()));
    let mut sum = |place: &str, files: &[&FileChange]| {
        let counts = counts(total(files.iter().copied())).map_or_else(String::new, |counts| format!(" ({counts})"));
        let plural = if files.len() == 1 { "" } else { "s" };
        text.push_str(&format!("  - {} more file{plural} {place}{counts}\n", files.len()));
    };
    for (folder, files) in &largest {
        match *folder {
            "" => sum("at the top", files),
            folder => sum(&format!("in {}", inline_code(&format!("{folder}/"))), files),
        }
    }
    let others: Vec<&FileChange> = others.into_iter().flat_map(|(_, files)| files).collect();
    if !others.is_empty() {
        sum("in other folders", &others);
    }
}

fn line(file: &FileChange) -> String {
    let path = inline_code(&file.path);
    let (path, what) = match &file.kind {
        ChangeKind::Added => (path, "added"),
        ChangeKind::Modified => (path, "modified"),
        ChangeKind::Deleted => (path, "deleted"),
        ChangeKind::Renamed { from } => (format!("{} → {path}", inline_code(from)), "renamed"),
    };
    let counts = match (file.lines, &file.kind) {
        (Lines::Binary, _) => Some("binary".to_owned()),
        (Lines::Counted { added, removed: 0 }, ChangeKind::Added) if added > 0 => Some(format!("+{added}")),
        (Lines::Counted { added: 0, removed }, ChangeKind::Deleted) if removed > 0 => Some(format!("-{removed}")),
        (lines, _) => counts(total([&FileChange { lines, ..file.clone() }])),
    };
    let counts = counts.map_or_else(String::new, |counts| format!(" ({counts})"));
    format!("{path} - {what}{counts}")
}

fn files_of(count: usize) -> String {
    format!("{count} file{}", if count == 1 { "" } else { "s" })
}

/// Lines added and removed; `None` where they are not known of every file.
fn total<'a>(files: impl IntoIterator<Item = &'a FileChange>) -> Option<(u64, u64)> {
    files
        .into_iter()
        .try_fold((0u64, 0u64), |(all_added, all_removed), file| match file.lines {
            Lines::Counted { added, removed } => {
                Some((all_added.saturating_add(added), all_removed.saturating_add(removed)))
            }
            Lines::Binary => Some((all_added, all_removed)),
            Lines::Unknown => None,
        })
}

fn counts(total: Option<(u64, u64)>) -> Option<String> {
    let (added, removed) = total.filter(|total| *total != (0, 0))?;
    Some(format!("+{added}/-{removed}"))
}
