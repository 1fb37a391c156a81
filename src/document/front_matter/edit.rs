//! Changing keys: which bytes to replace by which, and nothing else.
//!
//! Every edit is made on the text, read again and held against the tree from before (verify.rs): where anything but the
//! keys that were asked for would change, the edit is refused. Not here: items of lists (list.rs), quoting (scalar.rs).

use std::collections::HashSet;
use std::ops::Range;

use granit_parser::ScalarStyle;

use super::parse;
use super::scalar::{self, Context};
use super::tree::{Entry, Kind, Node, Tree};
use super::{Key, TEMPLATE_KEYS, Value, list, verify};
use crate::document::EditError;
use crate::document::lines::{byte_order_mark, is_blank, line_end, line_start, newline};

/// Bytes of the text and what comes in their place.
pub(super) type Splice = (Range<usize>, String);

/// A change of one key.
pub(super) type Change<'a> = (&'a Key, &'a Value);

/// What a key holds that cannot be set over.
const BOUND: &str = "an anchor, an alias or a tag";
const KEYS: &str = "keys of its own";
pub(super) const STRANGE: &str = "a form that cannot be changed in place";

/// Sets `changes` in the front matter of `text`, all of them or none; the last where a key is given twice. A document
/// without front matter gets one. A key that is missing is added at its place in [`TEMPLATE_KEYS`], an unknown one at
/// the end; setting it to nothing is no change. Comments, order, quotes, line endings and all that is unknown stay.
///
/// # Errors
/// [`EditError::BrokenFrontMatter`] where the front matter cannot be read or would become too long, and
/// [`EditError::UnexpectedValue`] where a key holds what cannot be replaced without losing something.
pub fn set(text: &[u8], changes: &[(Key, Value)]) -> Result<Vec<u8>, EditError> {
    let mut seen = HashSet::new();
    let mut changes: Vec<Change<'_>> = changes
        .iter()
        .rev()
        .filter(|(key, _)| seen.insert(key))
        .map(|(key, value)| (key, value))
        .collect();
    changes.reverse();
    let old = match parse::locate(text) {
        Some(_) => text.to_vec(),
        None if changes.iter().all(|(_, value)| **value == Value::Null) => return Ok(text.to_vec()),
        None => with_block(text),
    };
    let tree = read(&old)?;
    let (present, missing): (Vec<_>, Vec<_>) = changes.into_iter().partition(|(key, _)| tree.find(key).is_some());
    let mut state = replace(old, tree, &present)?;
    for change in missing.into_iter().filter(|(_, value)| **value != Value::Null) {
        let splice = state.add(change)?;
        state = state.with(vec![splice], &[change])?;
    }
    Ok(state.text)
}

fn replace(old: Vec<u8>, tree: Tree, changes: &[Change<'_>]) -> Result<State, EditError> {
    let state = State { text: old, tree };
    let splices = |changes: &[Change<'_>]| -> Result<Vec<Splice>, EditError> {
        let each = changes.iter().map(|change| state.replace(*change));
        Ok(each.collect::<Result<Vec<_>, _>>()?.concat())
    };
    let all = splices(changes)?;
    if all.is_empty() {
        return Ok(state);
    }
    state.with(all, changes).map_err(|error| {
        // Together they say only that one of them failed: the one that fails alone is named.
        let alone = |change: &Change<'_>| state.with(splices(&[*change]).ok()?, &[*change]).err();
        changes.iter().find_map(alone).unwrap_or(error)
    })
}

fn read(text: &[u8]) -> Result<Tree, EditError> {
    let broken = |problem: super::SyntaxProblem| EditError::BrokenFrontMatter {
        reason: problem.message,
    };
    let Some(block) = parse::locate(text) else {
        return Err(EditError::NoFrontMatter);
    };
    let mut tree = parse::tree(text, &block).map_err(broken)?;
    tree.problem.take().map_or(Ok(tree), |problem| Err(broken(problem)))
}

fn with_block(text: &[u8]) -> Vec<u8> {
    let (mark, rest) = text.split_at(byte_order_mark(text));
    let eol = newline(text).as_bytes();
    let gap = if is_blank(&rest[..line_end(rest, 0)]) { b"" } else { eol };
    [mark, b"---", eol, b"---", eol, gap, rest].concat()
}

struct State {
    text: Vec<u8>,
    tree: Tree,
}

impl State {
    /// The text with `splices` made, read again and verified.
    fn with(&self, mut splices: Vec<Splice>, changes: &[Change<'_>]) -> Result<Self, EditError> {
        splices.sort_by_key(|(place, _)| (place.start, place.end));
        let mut text = self.text.clone();
        // Behind first, so that the places before it stay true; what is put in front of a removed range comes last.
        for (place, new) in splices.into_iter().rev() {
            text.splice(place, new.into_bytes());
        }
        let tree = verify::changed((&self.text, &self.tree), &text, changes)?;
        Ok(Self { text, tree })
    }

    /// The splices that set a key that is there.
    fn replace(&self, (key, value): Change<'_>) -> Result<Vec<Splice>, EditError> {
        let Some((entry, context)) = self.tree.find(key) else {
            return Ok(Vec::new());
        };
        let node = &entry.value;
        if node.value().is(value) && !node.bound {
            return Ok(Vec::new());
        }
        let refused = |found: &str| Err(unexpected(key, found));
        let new = |style| written(value, style, context);
        let Some(colon) = entry.colon else {
            let bare = context == Context::Flow && node.is_null() && node.span.is_empty();
            let at = entry.key_span.end;
            return if bare {
                Ok(vec![(at..at, format!(": {}", new(ScalarStyle::Plain)))])
            } else {
                refused(STRANGE)
            };
        };
        let behind = |text: String| (colon..colon, if text.is_empty() { text } else { format!(" {text}") });
        match (&node.kind, value) {
            _ if node.bound => refused(BOUND),
            (Kind::Map { .. }, _) => refused(KEYS),
            (Kind::List { flow, items }, Value::List(want)) if !items.is_empty() && !want.is_empty() => {
                let comments = self.tree.comments.iter();
                let inside = comments.filter(|comment| node.span.contains(&comment.start)).count();
                let splices = match flow {
                    true => list::in_brackets(&self.text, &node.span, items, want, inside > 0),
                    false => list::on_lines(&self.text, items, want),
                };
                splices.map_or_else(|| refused(STRANGE), Ok)
            }
            (Kind::List { flow: false, items }, _) => match list::lines(&self.text, items) {
                Some(lines) => Ok(vec![behind(new(ScalarStyle::Plain)), (lines, String::new())]),
                None => refused(STRANGE),
            },
            _ if node.is_null() && node.span.is_empty() => Ok(vec![behind(new(ScalarStyle::Plain))]),
            (_, Value::Null) => {
                let gap = self.text.get(colon..node.span.start).unwrap_or_default();
                let from = if gap.trim_ascii().is_empty() {
                    colon
                } else {
                    node.span.start
                };
                Ok(vec![(from..self.written_end(node), String::new())])
            }
            (Kind::Scalar { style, .. }, _) => Ok(vec![(node.span.start..self.written_end(node), new(*style))]),
            _ => Ok(vec![(node.span.clone(), new(ScalarStyle::Plain))]),
        }
    }

    /// Where a scalar ends, without the line ending that belongs to a block scalar.
    fn written_end(&self, node: &Node) -> usize {
        let written = &self.text[node.span.clone()];
        node.span.start + written.trim_ascii_end().len()
    }

    /// The splice that adds a key that is missing.
    fn add(&self, (key, value): Change<'_>) -> Result<Splice, EditError> {
        let Some(block) = parse::locate(&self.text) else {
            return Err(EditError::NoFrontMatter);
        };
        let eol = if self.text[..block.content.start].ends_with(b"\r\n") {
            "\r\n"
        } else {
            "\n"
        };
        let parts = key.parts();
        let Some(mut host) = self.tree.root.as_ref() else {
            return Ok((block.content.end..block.content.end, lines(parts, value, "", eol)));
        };
        for (depth, part) in parts.iter().enumerate() {
            let Kind::Map { flow, entries } = &host.kind else { break };
            let rest = &parts[depth..];
            let Some(entry) = entries.iter().find(|entry| entry.key.as_ref() == Some(part)) else {
                let refused = || unexpected(key, STRANGE);
                return if *flow {
                    self.in_braces(host, entries, &in_flow(rest, value)).ok_or_else(refused)
                } else {
                    let indent = entries
                        .first()
                        .and_then(|entry| self.indent(entry))
                        .ok_or_else(refused)?;
                    let at = self.place(&parts[..depth], part, entries, block.content.start);
                    Ok((at..at, lines(rest, value, &indent, eol)))
                };
            };
            host = &entry.value;
            if matches!(host.kind, Kind::Map { .. }) && !host.bound {
                continue;
            }
            return match (self.indent(entry), entry.colon) {
                (Some(indent), Some(colon)) if !*flow && host.is_null() && host.span.is_empty() && !host.bound => {
                    let at = line_end(&self.text, colon);
                    Ok((at..at, lines(&rest[1..], value, &format!("{indent}  "), eol)))
                }
                _ => Err(unexpected(key, "a place under something that has no keys")),
            };
        }
        Err(EditError::NoFrontMatter)
    }

    /// The blanks before a key, where there is nothing else before it on its line.
    fn indent(&self, entry: &Entry) -> Option<String> {
        let start = entry.key_span.start;
        let before = std::str::from_utf8(&self.text[line_start(&self.text, start)..start]).ok()?;
        let before = before.trim_start_matches('\u{feff}');
        before.bytes().all(|byte| byte == b' ').then(|| before.to_owned())
    }

    /// Where a new key of a block mapping goes.
    fn place(&self, above: &[String], part: &str, entries: &[Entry], floor: usize) -> usize {
        let order = order(above);
        let rank = |part: &str| order.iter().position(|known| *known == part);
        let known = |entry: &Entry| entry.key.as_deref().and_then(rank);
        let wanted = rank(part);
        let before = entries
            .iter()
            .filter(|entry| known(entry).is_some_and(|rank| Some(rank) < wanted))
            .max_by_key(|entry| known(entry));
        let after = entries
            .iter()
            .filter(|entry| wanted.is_some() && known(entry) > wanted)
            .min_by_key(|entry| known(entry));
        match (before.or(if after.is_some() { None } else { entries.last() }), after) {
            (Some(entry), _) => self.behind(entry),
            (None, Some(entry)) => self.above(entry, floor),
            (None, None) => floor,
        }
    }

    /// Behind the lines of an entry and the deeper comments that follow it.
    fn behind(&self, entry: &Entry) -> usize {
        let column = entry.key_span.start - line_start(&self.text, entry.key_span.start);
        let mut at = list::behind_line(&self.text, entry.end());
        loop {
            let end = line_end(&self.text, at);
            let line = &self.text[at..end];
            let blanks = line.iter().take_while(|&&byte| byte == b' ').count();
            if blanks <= column || line.get(blanks) != Some(&b'#') {
                return at;
            }
            at = end;
        }
    }

    /// Before the line of an entry and the comments that stand right above it.
    fn above(&self, entry: &Entry, floor: usize) -> usize {
        let mut at = line_start(&self.text, entry.key_span.start);
        while at > floor {
            let start = line_start(&self.text, at - 1);
            if !self.text[start..at].trim_ascii_start().starts_with(b"#") {
                break;
            }
            at = start;
        }
        at.max(floor)
    }

    /// A new last pair in a mapping in braces.
    fn in_braces(&self, map: &Node, entries: &[Entry], pair: &str) -> Option<Splice> {
        let inside = map.span.start + 1..map.span.end.checked_sub(1)?;
        let written = self.text.get(inside.clone())?.trim_ascii_end();
        let at = inside.start + written.len();
        let last = entries.iter().map(Entry::end).max().unwrap_or(inside.start);
        let commented = self
            .tree
            .comments
            .iter()
            .any(|comment| (last..at).contains(&comment.start));
        let comma = match written.last() {
            None => "",
            Some(b',') => " ",
            Some(_) => ", ",
        };
        (!commented).then(|| (at..at, format!("{comma}{pair}")))
    }
}

impl Tree {
    /// The entry of a key, and what it stands in.
    fn find(&self, key: &Key) -> Option<(&Entry, Context)> {
        let mut node = self.root.as_ref()?;
        let mut context = Context::Block;
        let mut found = None;
        for part in key.parts() {
            let Kind::Map { flow, entries } = &node.kind else {
                return None;
            };
            if *flow {
                context = Context::Flow;
            }
            let entry = entries.iter().find(|entry| entry.key.as_ref() == Some(part))?;
            node = &entry.value;
            found = Some((entry, context));
        }
        found
    }
}

fn unexpected(key: &Key, found: &str) -> EditError {
    EditError::UnexpectedValue {
        key: key.to_string(),
        found: found.to_owned(),
    }
}

/// The names that the template has under `above`, in its order.
fn order<'a>(above: &[String]) -> Vec<&'a str> {
    let mut names: Vec<&str> = Vec::new();
    for key in TEMPLATE_KEYS {
        let parts: Vec<&str> = key.split('.').collect();
        if let Some(name) = parts.get(above.len())
            && parts.iter().zip(above).all(|(part, above)| part == above)
            && !names.contains(name)
        {
            names.push(name);
        }
    }
    names
}

fn written(value: &Value, style: ScalarStyle, context: Context) -> String {
    match value {
        Value::Null => String::new(),
        Value::Number(number) => number.to_string(),
        Value::Boolean(is_so) => is_so.to_string(),
        Value::Text(text) => scalar::write(text, style, context),
        Value::List(items) => {
            let items: Vec<String> = items.iter().map(|item| list::item(item, ScalarStyle::Plain)).collect();
            format!("[{}]", items.join(", "))
        }
    }
}

/// `parts` under each other, one line each, the last with the value.
fn lines(parts: &[String], value: &Value, indent: &str, eol: &str) -> String {
    let mut out = String::new();
    for (depth, part) in parts.iter().enumerate() {
        let key = scalar::write(part, ScalarStyle::Plain, Context::Block);
        let last = depth + 1 == parts.len();
        let value = if last {
            written(value, ScalarStyle::Plain, Context::Block)
        } else {
            String::new()
        };
        let gap = if value.is_empty() { "" } else { " " };
        out.push_str(&format!("{indent}{}{key}:{gap}{value}{eol}", "  ".repeat(depth)));
    }
    out
}

/// `parts` in each other, as a pair of a mapping in braces.
fn in_flow(parts: &[String], value: &Value) -> String {
    let keys: Vec<String> = parts
        .iter()
        .map(|part| scalar::write(part, ScalarStyle::Plain, Context::Flow))
        .collect();
    let value = written(value, ScalarStyle::Plain, Context::Flow);
    format!(
        "{}: {value}{}",
        keys.join(": {"),
        "}".repeat(parts.len().saturating_sub(1))
    )
}
