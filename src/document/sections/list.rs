//! List items: in the list's own style, boxes in checklists, and placeholders that go.

use bstr::ByteSlice;

use super::{Place, first_line};
use crate::document::EditError;
use crate::document::edit::{Join, Splice, below_line};
use crate::document::lines::{is_blank, lines};
use crate::document::message::clean;
use crate::document::outline::{Block, BlockKind, ListItem, canonical, split_box};

/// Sections whose items have a box even where the list is still empty.
const CHECKLISTS: [&str; 4] = ["issues", "definition of done", "merge checklist", "follow-up work"];

/// The edits that add `items` to the section's last list, or as a new list at its end.
pub(super) fn bullets(place: &Place<'_>, items: &[&str]) -> Result<Vec<Splice>, EditError> {
    let all = place.outline.items_in(&place.own);
    let boxed = CHECKLISTS.contains(&canonical(&place.section.title).as_str())
        || all.iter().any(|item| has_box(first_line(place.text, item.content)));
    let items: Vec<String> = items.iter().map(|item| words(item, boxed)).collect::<Result<_, _>>()?;
    let is_list = |block: &&Block| matches!(block.kind, BlockKind::List(_));
    let Some(list) = place.outline.blocks_in(&place.own).iter().rfind(is_list) else {
        let new: Vec<Vec<u8>> = items.iter().map(|item| indented("- ", 0, item)).collect();
        return Ok(place.block(&new.concat()));
    };
    let inside = place.outline.items_in(&list.span);
    let top: Vec<&ListItem> = inside.iter().filter(|item| item.depth == 0).collect();
    let Some(last) = top.last() else {
        return Err(no_item(place));
    };
    let new = (1..).zip(&items).map(|(n, item)| {
        let marker = marker_behind(place.text, last, n);
        indented(&marker, last.column, item)
    });
    let new: Vec<Vec<u8>> = new.collect();
    let is_stale = |item: &&&ListItem| is_placeholder(&place.text[item.span.clone()]);
    let stale = top.iter().filter(is_stale).map(|item| Splice {
        at: item.span.clone(),
        text: Vec::new(),
    });
    let mut splices: Vec<Splice> = stale.collect();
    let loose = top.len() > 1 && follows_blank(place.text, last.span.start) && splices.is_empty();
    let (join, gap) = if loose {
        (Join::Block, &b"\n"[..])
    } else {
        (Join::Line, &b""[..])
    };
    let newline = place.outline.newline;
    let insertion = below_line(place.text, newline, list.span.end, join, &new.join(gap));
    match splices.last_mut().filter(|stale| stale.at.end == insertion.at.start) {
        // The last placeholder ends where the new item comes.
        Some(stale) => stale.text = insertion.text.trim_start_with(|c| c == '\n' || c == '\r').to_vec(),
        None => splices.push(insertion),
    }
    Ok(splices)
}

/// The edit that adds `item` as a child of the section's last list item.
pub(super) fn nested(place: &Place<'_>, item: &str) -> Result<Vec<Splice>, EditError> {
    let all = place.outline.items_in(&place.own);
    let is_parent = |item: &ListItem| item.depth == 0 && !is_placeholder(&place.text[item.span.clone()]);
    let Some(at) = all.iter().rposition(is_parent) else {
        return Err(no_item(place));
    };
    let parent = &all[at];
    let sibling = all[at + 1..].iter().rfind(|item| item.depth == 1);
    let boxed = sibling.is_some_and(|item| has_box(first_line(place.text, item.content)));
    let (marker, column) = match sibling {
        Some(sibling) => (marker_behind(place.text, sibling, 1), sibling.column),
        None => ("- ".to_owned(), parent.column + parent.width),
    };
    let new = indented(&marker, column, &words(item, boxed)?);
    let newline = place.outline.newline;
    Ok(vec![below_line(place.text, newline, parent.span.end, Join::Line, &new)])
}

fn no_item(place: &Place<'_>) -> EditError {
    EditError::NoItem {
        section: place.section.title.clone(),
    }
}

/// Whether a list item's first line begins with a checklist box.
fn has_box(line: &[u8]) -> bool {
    !split_box(line).0.is_empty()
}

/// Whether a list item, a list or a paragraph is only `…`, with or without marker and box.
pub(crate) fn is_placeholder(block: &[u8]) -> bool {
    is_only(block, &["…", "..."])
}

/// Whether each line of it, without marker and box, is one of these words.
pub(crate) fn is_only(block: &[u8], words: &[&str]) -> bool {
    let mut all = lines(block, 0)
        .map(|line| &block[line])
        .filter(|line| !is_blank(line))
        .peekable();
    all.peek().is_some()
        && all.all(|line| {
            let line = line.trim_with(|c| c.is_whitespace());
            let line = line
                .strip_prefix(b"- ")
                .or(line.strip_prefix(b"* "))
                .or(line.strip_prefix(b"+ "))
                .unwrap_or(line);
            let line = line.trim_start();
            let line = split_box(line).1.trim();
            words.iter().any(|word| line == word.as_bytes())
        })
}

/// The item's text without a marker of its own, with a box where the list has boxes.
fn words(item: &str, boxed: bool) -> Result<String, EditError> {
    let item = clean(item);
    let item = item.trim();
    let item = ["- ", "* ", "+ "]
        .iter()
        .find_map(|marker| item.strip_prefix(marker))
        .unwrap_or(item)
        .trim();
    if item.is_empty() {
        return Err(EditError::Empty);
    }
    Ok(if boxed && !has_box(item.as_bytes()) {
        format!("[ ] {item}")
    } else {
        item.to_owned()
    })
}

/// An item whose marker stands in `column`, its further lines inside of it.
fn indented(marker: &str, column: usize, item: &str) -> Vec<u8> {
    let mut block = String::new();
    for (i, line) in item.lines().enumerate() {
        if i == 0 {
            block.push_str(&" ".repeat(column));
            block.push_str(marker);
            block.push_str(line.trim_start());
        } else if !line.trim().is_empty() {
            block.push_str(&" ".repeat(column + marker.len()));
            block.push_str(line);
        }
        block.push('\n');
    }
    block.into_bytes()
}

/// The marker of the `n`th item after `item`, with the blanks behind it.
fn marker_behind(text: &[u8], item: &ListItem, n: u64) -> String {
    let marker = char::from(item.marker);
    let line = &text[item.span.start..item.content];
    let digits: String = line
        .iter()
        .filter(|b| b.is_ascii_digit())
        .map(|b| char::from(*b))
        .collect();
    let number = match item.marker {
        b'.' | b')' => (digits.parse::<u64>().unwrap_or(0) + n).min(999_999_999).to_string(),
        _ => String::new(),
    };
    let blanks = item.width.saturating_sub(digits.len() + 1).clamp(1, 4);
    format!("{number}{marker}{}", " ".repeat(blanks))
}

fn follows_blank(text: &[u8], at: usize) -> bool {
    text[..at].ends_with(b"\n\n") || text[..at].ends_with(b"\n\r\n")
}
