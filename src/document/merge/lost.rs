//! The values that lost against a later one, told in Notes so that nobody has to look for them in the history.
//!
//! Not here: deciding who loses (content.rs, fields.rs).

use bstr::ByteSlice;
use chrono::{DateTime, Utc};

use super::content::Pick;
use crate::document::front_matter::{Key, Value};
use crate::document::lines::lines;
use crate::document::message::inline_code;
use crate::document::outline::split_box;
use crate::names::visible;

/// The longest value that is told in full, in characters.
const MAX_VALUE: usize = 400;

/// A value that did not make it into the result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Lost {
    side: Pick,
    what: String,
    lost: String,
    kept: String,
}

impl Lost {
    /// `lost` is what the losing `side` had for `what`.
    pub(super) fn new(side: Pick, what: String, lost: &[u8], kept: &[u8]) -> Self {
        Self {
            side,
            what,
            lost: one_line(lost),
            kept: one_line(kept),
        }
    }

    /// The side that lost.
    pub(super) fn side(&self) -> Pick {
        self.side
    }

    /// The item for Notes, without its marker. It says nothing about the winner but its value, so that a merge with
    /// the result says the same again.
    pub(super) fn sentence(&self, who: &str, time: DateTime<Utc>) -> String {
        let (what, lost, kept) = (code(&self.what), code(&self.lost), code(&self.kept));
        let who = visible(who);
        format!(
            "{}: {what} set to {lost} by {who}, kept {kept}",
            time.format("%Y-%m-%d %H:%M")
        )
    }
}

/// The item for Notes about a list of both sides that could not be written in its place.
pub(super) fn unset(key: &Key, value: &Value) -> String {
    let (key, value) = (code(&key.to_string()), code(&one_line(value.to_string().as_bytes())));
    format!("{key} of both sides together: {value}")
}

/// Those of `sentences`, which are in order, that no list item of `text` begins with: an earlier merge may have told them.
pub(super) fn untold<'s>(text: &[u8], sentences: &'s [String]) -> Vec<&'s str> {
    let mut told = vec![false; sentences.len()];
    let items = lines(text, 0).filter_map(|line| {
        let (_, item) = text[line].trim_start().split_once_str(" ")?;
        Some(split_box(item).1.trim_start())
    });
    for item in items {
        let next = sentences.partition_point(|sentence| sentence.as_bytes() <= item);
        let before = next.checked_sub(1).and_then(|i| Some((i, sentences.get(i)?)));
        if let Some((i, _)) = before.filter(|(_, sentence)| item.starts_with(sentence.as_bytes())) {
            told[i] = true;
        }
    }
    let untold = sentences.iter().zip(told).filter(|(_, told)| !told);
    untold.map(|(sentence, _)| sentence.as_str()).collect()
}

/// A value as one line of text.
fn one_line(value: &[u8]) -> String {
    let text = String::from_utf8_lossy(value);
    let words: Vec<&str> = text.split_whitespace().collect();
    visible(&words.join(" ")).chars().take(MAX_VALUE).collect()
}

fn code(text: &str) -> String {
    match text {
        "" => "nothing".to_owned(),
        text => inline_code(text),
    }
}
