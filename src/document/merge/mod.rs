//! The three-way merge of a document: three versions in, one out, always, and without conflict markers.
//!
//! The result does not depend on which side is called ours, and a merge of it with either side changes nothing. Each
//! line that one side added and nobody removed is in it; a value that lost against a later one is told in Notes.
//!
//! Deliberately absent: files and git (the caller brings the versions), and computing anew what is derived.

mod align;
mod content;
#[cfg(test)]
mod converging;
mod fields;
mod front;
mod ground;
mod lost;
mod newline;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
mod torn;
mod unit;
mod version;
mod weave;

use chrono::{DateTime, Utc};

use super::Document;
use super::sections::Item;
use content::{Merge, Pick};
pub use ground::ground;
use newline::Form;
use version::Version;

/// One side of a merge.
#[derive(Clone, Copy, Debug)]
pub struct Side<'a> {
    /// The side's version.
    pub document: &'a Document,
    /// Who made it, without brackets or `@`: `claude`.
    pub who: &'a str,
    /// When. A side that is itself the result of a merge is as late as the later side of that.
    pub time: DateTime<Utc>,
}

impl<'a> Side<'a> {
    /// The order of the sides, whichever is ours.
    fn rank(&self) -> (DateTime<Utc>, &'a [u8], &'a str) {
        (self.time, self.document.text(), self.who)
    }
}

/// Merges two sides that both come from `base`.
///
/// Commutative: the sides may be given in either order. Where both changed the same thing the later side's wins or
/// stands below the other; with equal times the content decides.
pub fn merge(base: &Document, ours: &Side<'_>, theirs: &Side<'_>) -> Document {
    if ours.document == theirs.document || base == theirs.document {
        return ours.document.clone();
    }
    if base == ours.document {
        return theirs.document.clone();
    }
    let (first, second) = if ours.rank() <= theirs.rank() {
        (ours, theirs)
    } else {
        (theirs, ours)
    };
    let forms = [base, first.document, second.document].map(|document| Form::of(document.text()));
    let texts = [base, first.document, second.document].map(|document| document.text());
    let [base, one, other]: [Vec<u8>; 3] = std::array::from_fn(|i| forms[i].plain(texts[i]));
    let mut merge = Merge {
        base: Version::of(&base),
        first: Version::of(&one),
        second: Version::of(&other),
        times: first.time.cmp(&second.time),
        path: Vec::new(),
        lost: Vec::new(),
        lists: Vec::new(),
    };
    let mut document = Document::new(merge.run());
    let unset = match document.set(&merge.lists) {
        Ok(()) => Vec::new(),
        Err(_) => merge.lists,
    };
    let sentence = |lost: &lost::Lost| match lost.side() {
        Pick::First => lost.sentence(first.who, first.time),
        Pick::Second => lost.sentence(second.who, second.time),
    };
    let mut sentences: Vec<String> = merge.lost.iter().map(sentence).collect();
    sentences.extend(unset.iter().map(|(key, value)| lost::unset(key, value)));
    sentences.sort();
    sentences.dedup();
    let untold = lost::untold(document.text(), &sentences);
    note(&mut document, &untold);
    let [base, one, other] = forms;
    Document::new(Form::merged(base, one, other).restore(document.into_text()))
}

/// Puts items into Notes.
fn note(document: &mut Document, sentences: &[&str]) {
    if sentences.is_empty() || document.append("Notes", &Item::Bullets(sentences)).is_ok() {
        return;
    }
    // A document so broken that nothing can be put into it keeps the sentences at its end.
    let mut text = std::mem::take(document).into_text();
    for sentence in sentences {
        text.extend_from_slice(format!("\n- {sentence}\n").as_bytes());
    }
    *document = Document::new(text);
}
