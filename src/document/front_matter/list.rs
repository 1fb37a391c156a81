//! Changing a list item by item, so that the items that stay keep their quotes, lines and comments.
//!
//! Not here: a list that becomes something else, or something else that becomes a list (edit.rs).

use std::ops::Range;

use granit_parser::ScalarStyle;

use super::FieldValue;
use super::edit::Splice;
use super::scalar::{self, Context};
use super::tree::{Kind, Node};
use crate::document::lines::{line_end, line_start};

/// An item between brackets.
pub(super) fn item(text: &str, style: ScalarStyle) -> String {
    scalar::write(text, style, Context::Flow)
}

/// For each wanted item the old item that it is, in order; an item that moved is a new one.
fn matched(items: &[Node], want: &[String]) -> Vec<Option<usize>> {
    let mut from = 0;
    want.iter()
        .map(|want| {
            let is = |item: &Node| item.value() == FieldValue::Text(want.clone());
            let found = items.get(from..)?.iter().position(is)? + from;
            from = found + 1;
            Some(found)
        })
        .collect()
}

/// The style that a new item follows: that of the last one.
fn style(items: &[Node]) -> ScalarStyle {
    match items.last().map(|item| &item.kind) {
        Some(Kind::Scalar { style, .. }) => *style,
        _ => ScalarStyle::Plain,
    }
}

/// Changes `[a, b]`. `None` where there are comments inside that could be lost: then items can only be added.
pub(super) fn in_brackets(
    text: &[u8],
    span: &Range<usize>,
    items: &[Node],
    want: &[String],
    commented: bool,
) -> Option<Vec<Splice>> {
    let (first, last) = (items.first()?, items.last()?);
    let matched = matched(items, want);
    let new = |want: &String| item(want, style(items));
    let stays = matched.iter().take(items.len()).enumerate().all(|(i, m)| *m == Some(i));
    if stays && want.len() >= items.len() {
        let added: String = want
            .iter()
            .skip(items.len())
            .map(|want| format!(", {}", new(want)))
            .collect();
        return Some(vec![(last.span.end..last.span.end, added)]);
    }
    if commented {
        return None;
    }
    let source = |range: Range<usize>| std::str::from_utf8(text.get(range)?).ok();
    let gap = items
        .get(1)
        .and_then(|second| source(first.span.end..second.span.start))
        .unwrap_or(", ");
    let written: Option<Vec<String>> = want
        .iter()
        .zip(matched)
        .map(|(want, old)| match old.and_then(|old| items.get(old)) {
            Some(item) => source(item.span.clone()).map(str::to_owned),
            None => Some(new(want)),
        })
        .collect();
    // Between the brackets' blanks only: a comma behind the last item stays where it is.
    (span.start < first.span.start).then_some(())?;
    Some(vec![(first.span.start..last.span.end, written?.join(gap))])
}

/// Changes a list that has a line for each item.
pub(super) fn on_lines(text: &[u8], items: &[Node], want: &[String]) -> Option<Vec<Splice>> {
    let lines: Vec<Range<usize>> = items.iter().map(|item| line_of(text, item)).collect::<Option<_>>()?;
    let first = items.first()?;
    let dash = std::str::from_utf8(text.get(lines.first()?.start..first.span.start)?).ok()?;
    let eol = if text.get(..lines.first()?.end)?.ends_with(b"\r\n") {
        "\r\n"
    } else {
        "\n"
    };
    let mut at = lines.first()?.start;
    let mut splices: Vec<Splice> = Vec::new();
    let mut kept = vec![false; items.len()];
    for (want, old) in want.iter().zip(matched(items, want)) {
        match old {
            Some(old) => {
                kept[old] = true;
                at = lines[old].end;
            }
            None => {
                let new = scalar::write(want, style(items), Context::Block);
                let gap = if dash.ends_with('-') { " " } else { "" };
                let line = format!("{dash}{gap}{new}{eol}");
                match splices.last_mut() {
                    Some((place, lines)) if place.start == at => lines.push_str(&line),
                    _ => splices.push((at..at, line)),
                }
            }
        }
    }
    let gone = lines.into_iter().zip(kept).filter(|(_, kept)| !kept);
    splices.extend(gone.map(|(line, _)| (line, String::new())));
    Some(splices)
}

/// The lines of a list that has a line for each item.
pub(super) fn lines(text: &[u8], items: &[Node]) -> Option<Range<usize>> {
    Some(line_of(text, items.first()?)?.start..line_of(text, items.last()?)?.end)
}

fn line_of(text: &[u8], item: &Node) -> Option<Range<usize>> {
    let start = line_start(text, item.span.start);
    let before = text.get(start..item.span.start)?.trim_ascii();
    (before == b"-").then(|| start..behind_line(text, item.span.end))
}

/// The first offset at or behind `at` that begins a line.
pub(super) fn behind_line(text: &[u8], at: usize) -> usize {
    if text[..at].ends_with(b"\n") {
        at
    } else {
        line_end(text, at)
    }
}
