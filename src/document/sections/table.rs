//! Rows of a pipe table (GitHub Flavored Markdown section 4.10).

use std::ops::Range;

use bstr::ByteSlice;

use super::Place;
use crate::document::EditError;
use crate::document::edit::{Join, Splice, below_line};
use crate::document::lines::{content, is_blank, lines};
use crate::document::message::clean;
use crate::document::outline::{BlockKind, cells};

struct Table {
    columns: Vec<String>,
    rows: Vec<Range<usize>>,
    end: usize,
}

/// The edit that adds a row to the section's first table, or changes the row that has the same first cell.
pub(super) fn row(place: &Place<'_>, cells: &[(&str, &str)]) -> Result<Vec<Splice>, EditError> {
    let text = place.text;
    let blocks = place.outline.blocks_in(&place.own).iter();
    let paragraphs = blocks.filter(|block| block.kind == BlockKind::Paragraph);
    let table = paragraphs.filter_map(|block| table(text, &block.span)).next();
    let Some(table) = table else {
        return Err(EditError::NoTable {
            section: place.section.title.clone(),
        });
    };
    if cells.is_empty() {
        return Err(EditError::Empty);
    }
    let mut wanted: Vec<Option<String>> = vec![None; table.columns.len()];
    for (column, value) in cells {
        let named = |name: &String| name.eq_ignore_ascii_case(column.trim());
        match table.columns.iter().position(named) {
            Some(i) => wanted[i] = Some(cell(value)),
            None => {
                return Err(EditError::NoColumn {
                    column: (*column).to_owned(),
                    columns: table.columns,
                });
            }
        }
    }
    let same_key = |row: &&Range<usize>| {
        let key = wanted.first().cloned().flatten();
        key.is_some() && split(&text[(*row).clone()]).into_iter().next() == key
    };
    let Some(old) = table.rows.iter().find(same_key) else {
        let line = line_of(wanted.into_iter().map(Option::unwrap_or_default));
        let newline = place.outline.newline;
        return Ok(vec![below_line(text, newline, table.end, Join::Line, line.as_bytes())]);
    };
    let mut present = split(&text[old.clone()]).into_iter();
    let line = line_of(wanted.into_iter().map(|cell| {
        let before = present.next().unwrap_or_default();
        cell.unwrap_or(before)
    }));
    let old_content = old.start..old.start + content(&text[old.clone()]).len();
    Ok(vec![Splice {
        at: old_content,
        text: line.trim_end().as_bytes().to_vec(),
    }])
}

/// The table that a paragraph is: a header line and a delimiter line with as many cells, then rows.
fn table(text: &[u8], span: &Range<usize>) -> Option<Table> {
    let all: Vec<Range<usize>> = lines(&text[..span.end], span.start).collect();
    let is_delimiter = |line: &Range<usize>| {
        let cells = split(&text[line.clone()]);
        let dashes = |cell: &String| cell.contains('-') && cell.trim_matches(':').bytes().all(|b| b == b'-');
        text[line.clone()].contains(&b'|') && cells.iter().all(dashes)
    };
    let at = all.windows(2).position(|pair| {
        is_delimiter(&pair[1]) && split(&text[pair[0].clone()]).len() == split(&text[pair[1].clone()]).len()
    })?;
    Some(Table {
        columns: split(&text[all.get(at)?.clone()]),
        rows: all.get(at + 2..).unwrap_or_default().to_vec(),
        end: span.end,
    })
}

/// The cells of a line, trimmed, escapes kept.
fn split(line: &[u8]) -> Vec<String> {
    let line = line.trim();
    let mut all = cells(line.strip_prefix(b"|").unwrap_or(line));
    if all.len() > 1 && all.last().is_some_and(|cell| is_blank(cell)) {
        all.pop();
    }
    all.iter().map(|cell| cell.trim().to_str_lossy().into_owned()).collect()
}

/// `value` as the inside of a cell.
fn cell(value: &str) -> String {
    let text = clean(value.trim());
    let mut cell = String::new();
    let mut escaped = false;
    for c in text.trim().chars() {
        match c {
            '\n' => cell.push_str("<br>"),
            '|' if !escaped => cell.push_str("\\|"),
            c => cell.push(c),
        }
        escaped = c == '\\' && !escaped;
    }
    // A backslash at the end would escape the cell's border, were there no blank between.
    cell
}

fn line_of(cells: impl Iterator<Item = String>) -> String {
    let mut line = String::from("|");
    for cell in cells {
        line.push(' ');
        line.push_str(&cell);
        line.push_str(if cell.is_empty() { "|" } else { " |" });
    }
    line.push('\n');
    line
}
