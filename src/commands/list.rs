//! `list`: all documents as a table, as JSON, or by name. Not here: what a row holds (journeys/list.rs).

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use unicode_width::UnicodeWidthStr;

use super::stack::{NO_BRANCHES, one};
use super::{Exit, Surroundings};
use crate::error::Result;
use crate::journeys::archived;
use crate::journeys::list::{Row, branches, list};
use crate::journeys::stack::{stacks, style};
use crate::names::{BranchName, visible};
use crate::stack::drawing::{Style, lines};
use crate::stack::tree::Tree;

/// List all documents
///
/// The current branch is marked with a star, a branch that is gone with a dash.
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Print a list of objects
    #[arg(long, conflicts_with = "null")]
    json: bool,
    /// Print the branch names only, each ended by NUL; of archived documents the ids, for a name may be there more than once
    #[arg(short = 'z')]
    null: bool,
    /// List the archived documents instead, newest first
    #[arg(long, conflicts_with = "stack")]
    archived: bool,
    /// Print the stacks, with each document's status and what is missing in it; with --json the documents in their order
    #[arg(long, conflicts_with = "null")]
    stack: bool,
    /// Of the stacks only that of this branch
    #[arg(short, long, value_name = "BRANCH", requires = "stack")]
    branch: Option<String>,
}

pub(super) fn run(arguments: &Arguments, surroundings: &mut Surroundings<'_>) -> Result<Exit> {
    let session = surroundings.session()?;
    if arguments.archived {
        let rows = archived::list(&session)?;
        match arguments.json {
            true => surroundings.ui.json(&rows)?,
            false if arguments.null => {
                let ids: String = rows.iter().map(|row| format!("{}\0", row.id)).collect();
                surroundings.ui.data(ids.as_bytes())?;
            }
            false if rows.is_empty() => surroundings
                .ui
                .talk("No archived documents: git branchwork archive --merged"),
            false => surroundings.page(&session, table_of_archived(&rows).as_bytes())?,
        }
        return Ok(Exit::Ok);
    }
    if arguments.null {
        let (names, notices) = branches(&session)?;
        surroundings.ui.notices(&notices);
        let names: String = names.iter().map(|name| format!("{}\0", name.as_str())).collect();
        surroundings.ui.data(names.as_bytes())?;
        return Ok(Exit::Ok);
    }
    let (rows, notices) = list(&session)?;
    surroundings.ui.notices(&notices);
    if arguments.stack {
        let tree = stacks(&session)?.tree;
        let name = arguments.branch.as_deref();
        let one = name.map(|name| one(&session, &tree, Some(name))).transpose()?.flatten();
        match arguments.json {
            true => surroundings.ui.json(&in_order(&tree, one.as_ref(), &rows))?,
            false => {
                let current = session.repository.current_branch()?;
                let text = stacked(&tree, one.as_ref(), current.as_ref(), &rows, style(&session));
                surroundings.page(&session, text.as_bytes())?;
                if text.is_empty() {
                    surroundings.ui.talk(NO_BRANCHES);
                }
            }
        }
        return Ok(Exit::Ok);
    }
    if arguments.json {
        surroundings.ui.json(&rows)?;
        return Ok(Exit::Ok);
    }
    if rows.is_empty() {
        surroundings
            .ui
            .talk("No documents yet. After `git branchwork init`, each branch you make gets one: git switch -c <name>");
        return Ok(Exit::Ok);
    }
    surroundings.page(&session, table(&rows, surroundings.world.now).as_bytes())?;
    Ok(Exit::Ok)
}

/// Each stack as it is drawn, or only that of `one`, and behind each branch what its document says.
fn stacked(tree: &Tree, one: Option<&BranchName>, current: Option<&BranchName>, rows: &[Row], style: Style) -> String {
    let documents: HashMap<&str, &Row> = rows.iter().map(|row| (row.branch.as_str(), row)).collect();
    let said = |branch: &BranchName| match documents.get(branch.as_str()) {
        Some(row) => said(row),
        None => "no document".to_owned(),
    };
    let stacks = match one {
        Some(branch) => vec![branch],
        None => tree.bottoms().collect(),
    };
    let mut text = String::new();
    for branch in stacks {
        let lines = lines(tree, branch, current, style);
        let width = lines.iter().map(|(line, _)| line.width()).max().unwrap_or(0);
        if !text.is_empty() {
            text.push('\n');
        }
        for (line, branch) in lines {
            let blanks = " ".repeat(width - line.width());
            let said = branch.map(said).unwrap_or_default();
            text.push_str(format!("{line}{blanks}  {said}").trim_end());
            text.push('\n');
        }
    }
    text
}

/// The rows in the order of the stacks, or of that of `one`: of those branches that have a document.
fn in_order<'a>(tree: &Tree, one: Option<&BranchName>, rows: &'a [Row]) -> Vec<&'a Row> {
    let documents: HashMap<&str, &Row> = rows.iter().map(|row| (row.branch.as_str(), row)).collect();
    let branches = match one {
        Some(branch) => tree.stack_of(branch),
        None => tree.branches(),
    };
    let rows = branches.iter().filter_map(|branch| documents.get(branch.as_str()));
    rows.copied().collect()
}

/// The status of a document and what is missing in it.
fn said(row: &Row) -> String {
    let status = row.status.as_deref().map_or("no status".to_owned(), visible);
    match row.missing.is_empty() {
        true => status,
        false => format!("{status}, missing: {}", row.missing.join(", ")),
    }
}

fn table(rows: &[Row], now: DateTime<Utc>) -> String {
    let mut lines = vec![["", "BRANCH", "STATUS", "PR", "STACK", "RISK", "AGE", "MISSING"].map(str::to_owned)];
    for row in rows {
        let mark = match (row.current, row.exists) {
            (true, _) => "*",
            (false, true) => " ",
            (false, false) => "-",
        };
        let text = |value: &Option<String>| value.as_deref().map_or("-".to_owned(), visible);
        let stack = match (row.position, row.total) {
            (Some(position), Some(total)) => format!("{position}/{total}"),
            _ => "-".to_owned(),
        };
        lines.push([
            mark.to_owned(),
            visible(&row.branch),
            text(&row.status),
            text(&row.pr),
            stack,
            text(&row.risk),
            age(now, &row.changed),
            match row.readable {
                true => row.missing.join(", "),
                false => "the front matter cannot be read".to_owned(),
            },
        ]);
    }
    aligned(&lines)
}

fn table_of_archived(rows: &[archived::Row]) -> String {
    let mut lines = vec![["ARCHIVED", "BRANCH", "OUTCOME", "PR", "ID"].map(str::to_owned)];
    for row in rows {
        let text = |value: &Option<String>| value.as_deref().map_or("-".to_owned(), visible);
        let day = row.archived.split('T').next().unwrap_or_default().to_owned();
        lines.push([
            day,
            text(&row.branch),
            text(&row.outcome),
            text(&row.pr),
            row.id.clone(),
        ]);
    }
    aligned(&lines)
}

/// Columns under each other.
fn aligned<const COLUMNS: usize>(lines: &[[String; COLUMNS]]) -> String {
    let mut widths = [0; COLUMNS];
    for line in lines {
        for (width, cell) in widths.iter_mut().zip(line) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut text = String::new();
    for line in lines {
        let cells: Vec<String> = line
            .iter()
            .zip(widths)
            .map(|(cell, width)| format!("{cell}{}", " ".repeat(width - cell.chars().count())))
            .collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
    }
    text
}

/// How long ago it was, in its largest unit.
fn age(now: DateTime<Utc>, changed: &str) -> String {
    let changed = DateTime::parse_from_rfc3339(changed).map_or(now, |changed| changed.to_utc());
    let minutes = (now - changed).num_minutes().max(0);
    match minutes {
        0..60 => format!("{minutes}m"),
        60..1440 => format!("{}h", minutes / 60),
        _ => format!("{}d", minutes / 1440),
    }
}
