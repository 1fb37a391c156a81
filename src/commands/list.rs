//! `list`: all documents as a table, as JSON, or by name. Not here: what a row holds (journeys/list.rs).

use chrono::{DateTime, Utc};

use super::{Exit, Surroundings};
use crate::error::Result;
use crate::journeys::list::{Row, list};
use crate::names::visible;

/// List all documents
///
/// The current branch is marked with a star, a branch that is gone with a dash.
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Print a list of objects
    #[arg(long, conflicts_with = "null")]
    json: bool,
    /// Print the branch names only, each ended by NUL
    #[arg(short = 'z')]
    null: bool,
}

pub(super) fn run(arguments: &Arguments, surroundings: &mut Surroundings<'_>) -> Result<Exit> {
    let session = surroundings.session()?;
    let rows = list(&session)?;
    if arguments.json {
        surroundings.ui.json(&rows)?;
        return Ok(Exit::Ok);
    }
    if arguments.null {
        let names: String = rows.iter().map(|row| format!("{}\0", row.branch)).collect();
        surroundings.ui.data(names.as_bytes())?;
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
    let mut widths = [0; 8];
    for line in &lines {
        for (width, cell) in widths.iter_mut().zip(line) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut text = String::new();
    for line in &lines {
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
