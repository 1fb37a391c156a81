//! `list`: all documents as a table, as JSON, or by name. Not here: what a row holds (journeys/list.rs).

use chrono::{DateTime, Utc};
use unicode_width::UnicodeWidthStr;

use super::{Exit, Surroundings};
use crate::error::Result;
use crate::journeys::archived;
use crate::journeys::list::{Row, branches, list};
use crate::journeys::stack::{Stacks, stacks, style};
use crate::names::{BranchName, visible};
use crate::stack::drawing::{Style, draw};

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
    /// Print the stacks, with each document's status and what is missing in it
    #[arg(long, conflicts_with_all = ["json", "null"])]
    stack: bool,
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
    if arguments.json {
        surroundings.ui.json(&rows)?;
        return Ok(Exit::Ok);
    }
    if arguments.stack {
        let text = stacked(&stacks(&session)?, &rows, style(&session));
        surroundings.page(&session, text.as_bytes())?;
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

/// Each stack as it is drawn, and behind each branch what its document says.
fn stacked(stacks: &Stacks, rows: &[Row], style: Style) -> String {
    let current = rows
        .iter()
        .find(|row| row.current)
        .and_then(|row| BranchName::new(&row.branch));
    let tree = &stacks.tree;
    let mut text = String::new();
    for bottom in tree.bottoms() {
        let drawing = draw(tree, bottom, current.as_ref(), style);
        let mut lines = drawing.lines();
        let mut blocks: Vec<(String, String)> = lines
            .next()
            .map(|trunk| (trunk.to_owned(), String::new()))
            .into_iter()
            .collect();
        let merged = lines.clone().count() - tree.stack_of(bottom).len();
        blocks.extend(lines.by_ref().take(merged).map(|line| (line.to_owned(), String::new())));
        for (line, branch) in lines.zip(tree.stack_of(bottom)) {
            let row = rows.iter().find(|row| row.branch == branch.as_str());
            blocks.push((line.to_owned(), row.map_or_else(|| "no document".to_owned(), said)));
        }
        let width = blocks.iter().map(|(line, _)| line.width()).max().unwrap_or(0);
        if !text.is_empty() {
            text.push('\n');
        }
        for (line, said) in blocks {
            let blanks = " ".repeat(width - line.width());
            text.push_str(format!("{line}{blanks}  {said}").trim_end());
            text.push('\n');
        }
    }
    text
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
