//! Which text an edited view began from: an editor may have loaded an older one than the view shows.
//!
//! What tells is `last_updated`, which every version sets to its minute, and what somebody saved or edited there last: they have seen
//! what it said, so words that are missing then were taken out. Not here: merging the edit (settle.rs).

use std::collections::HashMap;

use crate::document::Document;
use crate::error::Result;
use crate::store::{Store, TextId};
use crate::view::State;

/// The text that `text` was made from, as a document; `None` where the store has none that is remembered.
pub(super) fn from(store: &Store, state: &State, text: &[u8]) -> Result<Option<Document>> {
    let texts = candidates(store, state, text)?;
    Ok(nearest(texts.into_iter().map(|(_, text)| text), text).map(Document::new))
}

/// Whether a text that is remembered is one that an editor may have kept, so that it says nothing new; else it was written anew, to
/// take back what came after it.
pub(super) fn is_behind(store: &Store, state: Option<&State>, text_id: &TextId, text: &[u8]) -> Result<bool> {
    let Some(state) = state else { return Ok(false) };
    if state.texts.last() == Some(text_id) {
        return Ok(true);
    }
    Ok(candidates(store, state, text)?.iter().any(|(id, _)| id == text_id))
}

/// The remembered texts that an editor may have begun from, oldest first: those of the minute that `text` tells. Where that is the
/// newest text's minute, nothing says that the editor had an older one, and those before what somebody saw last are left out.
fn candidates(store: &Store, state: &State, text: &[u8]) -> Result<Vec<(TextId, Vec<u8>)>> {
    let mut texts = Vec::new();
    for id in &state.texts {
        if let Some(text) = store.text(id)? {
            texts.push((id.clone(), text));
        }
    }
    let told = minute(text);
    if told.is_none() || !texts.iter().any(|(_, text)| minute(text) == told) {
        return Ok(texts);
    }
    let is_newest = texts.last().is_some_and(|(_, text)| minute(text) == told);
    let recent = state.since_seen();
    texts.retain(|(id, text)| minute(text) == told && (!is_newest || recent.contains(id)));
    Ok(texts)
}

/// The line that tells when `text` was changed last, also where the front matter is broken.
fn minute(text: &[u8]) -> Option<&[u8]> {
    let mut lines = text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    lines.find(|line| line.starts_with(b"last_updated:"))
}

/// The text that has most lines in common with `text`, the last of equals.
fn nearest(texts: impl Iterator<Item = Vec<u8>>, text: &[u8]) -> Option<Vec<u8>> {
    let mut best: Option<(usize, Vec<u8>)> = None;
    for candidate in texts {
        let distance = distance(&candidate, text);
        if best.as_ref().is_none_or(|(least, _)| distance <= *least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, text)| text)
}

/// How many lines only one of two texts has.
pub(super) fn distance(one: &[u8], other: &[u8]) -> usize {
    // Blank lines are alike everywhere: they would make an entry more or less look like a small edit.
    let told = |line: &&[u8]| !line.trim_ascii().is_empty();
    let mut left: HashMap<&[u8], usize> = HashMap::new();
    for line in other.split(|byte| *byte == b'\n').filter(told) {
        *left.entry(line).or_default() += 1;
    }
    let mut distance = left.values().sum();
    for line in one.split(|byte| *byte == b'\n').filter(told) {
        match left.get_mut(line) {
            Some(count) if *count > 0 => {
                *count -= 1;
                distance -= 1;
            }
            _ => distance += 1,
        }
    }
    distance
}
