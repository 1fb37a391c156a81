//! The second look at an edit: read what came out, and refuse it where more changed than was asked for.
//!
//! It knows nothing of how the edit was made, so that a mistake there cannot hide here.

use granit_parser::ScalarStyle;

use super::edit::{Change, STRANGE};
use super::tree::{Entry, Kind, Node, Tree};
use super::{Key, MAX_BYTES, parse};
use crate::document::EditError;

/// Reads `new` and compares: all comments, all nodes but those of the changed keys, and the changed keys' values.
pub(super) fn changed(old: (&[u8], &Tree), new: &[u8], changes: &[Change<'_>]) -> Result<Tree, EditError> {
    let refused = |found: &str| EditError::UnexpectedValue {
        key: changes.first().map_or_else(String::new, |(key, _)| key.to_string()),
        found: found.to_owned(),
    };
    let block = parse::locate(new).ok_or_else(|| refused(STRANGE))?;
    if block.closed && block.content.len() > MAX_BYTES {
        return Err(EditError::BrokenFrontMatter {
            reason: format!("with this change it would be longer than {} KiB", MAX_BYTES / 1024),
        });
    }
    let tree = parse::tree(new, &block).map_err(|_| refused(STRANGE))?;
    if tree.problem.is_some() {
        return Err(refused(STRANGE));
    }
    if comments(old.0, old.1) != comments(new, &tree) {
        return Err(refused("comments inside its value"));
    }
    let keys: Vec<&Key> = changes.iter().map(|(key, _)| *key).collect();
    if marks(old.1, &keys) != marks(&tree, &keys) {
        return Err(refused(STRANGE));
    }
    let fields = tree.fields();
    let is_set = |(key, value): &Change<'_>| {
        let field = fields.iter().find(|field| field.key == **key);
        field.is_some_and(|field| field.value.is(value))
    };
    if !changes.iter().all(is_set) {
        return Err(refused(STRANGE));
    }
    Ok(tree)
}

fn comments<'a>(text: &'a [u8], tree: &Tree) -> Vec<&'a [u8]> {
    tree.comments
        .iter()
        .filter_map(|place| text.get(place.clone()))
        .collect()
}

/// What makes a node this node and no other.
#[derive(PartialEq, Eq)]
enum Mark<'a> {
    Key(Option<&'a str>),
    Scalar(&'a str, ScalarStyle),
    List { flow: bool, items: usize },
    Map { flow: bool },
    End,
    Alias,
}

fn marks<'a>(tree: &'a Tree, keys: &[&Key]) -> Vec<(Mark<'a>, bool)> {
    let mut out = Vec::new();
    if let Some(Node {
        kind: Kind::Map { entries, .. },
        ..
    }) = &tree.root
    {
        for entry in entries {
            mark_entry(entry, keys, 0, &mut out);
        }
    }
    out
}

/// An entry without the keys that were to change, and without the mappings that hold nothing else.
fn mark_entry<'a>(entry: &'a Entry, keys: &[&Key], depth: usize, out: &mut Vec<(Mark<'a>, bool)>) {
    let key = entry.key.as_deref();
    let below: Vec<&Key> = keys
        .iter()
        .filter(|path| path.parts().get(depth).map(String::as_str) == key && key.is_some())
        .copied()
        .collect();
    if below.iter().any(|path| path.parts().len() == depth + 1) {
        return;
    }
    if below.is_empty() {
        out.push((Mark::Key(key), false));
        mark_node(&entry.value, out);
        return;
    }
    if let Kind::Map { entries, .. } = &entry.value.kind {
        let from = out.len();
        for entry in entries {
            mark_entry(entry, &below, depth + 1, out);
        }
        if out.len() > from {
            out.insert(from, (Mark::Key(key), entry.value.bound));
            out.push((Mark::End, false));
        }
    } else if !entry.value.is_null() {
        out.push((Mark::Key(key), false));
        mark_node(&entry.value, out);
    }
}

fn mark_node<'a>(node: &'a Node, out: &mut Vec<(Mark<'a>, bool)>) {
    match &node.kind {
        Kind::Alias => out.push((Mark::Alias, node.bound)),
        Kind::Scalar { text, style } => out.push((Mark::Scalar(text, *style), node.bound)),
        Kind::List { flow, items } => {
            out.push((
                Mark::List {
                    flow: *flow,
                    items: items.len(),
                },
                node.bound,
            ));
            items.iter().for_each(|item| mark_node(item, out));
        }
        Kind::Map { flow, entries } => {
            out.push((Mark::Map { flow: *flow }, node.bound));
            for entry in entries {
                out.push((Mark::Key(entry.key.as_deref()), entry.value.bound));
                mark_node(&entry.value, out);
            }
            out.push((Mark::End, false));
        }
    }
}
