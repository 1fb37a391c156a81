//! A base for two documents that have none, because each was made from the template for itself.
//!
//! Not here: the merge, which is the usual one then.

use std::collections::{HashMap, HashSet};

use bstr::ByteSlice;

use crate::document::Document;

/// What `first`, the first version of one of them, says as far as `other` has a place for it: its lines that are in `other` too,
/// and its keys that `other` has, whatever their values. So nothing that only one of them has was ever taken out by the other.
pub fn ground(first: &Document, other: &Document) -> Document {
    let (front, other_front) = (first.front_matter(), other.front_matter());
    let end = match front.problem.is_none() && other_front.problem.is_none() {
        true => front.span.end,
        false => 0,
    };
    let mut lines: HashMap<&[u8], usize> = HashMap::new();
    for line in other.text().lines_with_terminator() {
        *lines.entry(line).or_default() += 1;
    }
    let front_lines = other.text().get(other_front.span.clone()).unwrap_or_default();
    let keys: HashSet<&[u8]> = front_lines.lines_with_terminator().map(key).collect();
    let mut base = Vec::new();
    let mut at = 0;
    for line in first.text().lines_with_terminator() {
        let is_front = at < end;
        at += line.len();
        let is_kept = match lines.get_mut(line) {
            Some(left) if *left > 0 => {
                *left -= 1;
                true
            }
            _ => is_front && keys.contains(key(line)),
        };
        if is_kept {
            base.extend_from_slice(line);
        }
    }
    Document::new(base)
}

/// A line up to its first colon, with what it is indented by.
fn key(line: &[u8]) -> &[u8] {
    line.find_byte(b':').map_or(line, |colon| &line[..=colon])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_one_has_is_not_in_it() {
        let first =
            Document::new("---\ndri: b # e.g. x\nown: 1\nrisk:\n---\n\n## A\n\n- one\n- own\n\n## B\n\n- one\n");
        let other = Document::new("---\ndri: a # e.g. x\nrisk: low\n---\n\n## A\n\n- one\n- theirs\n\n## B\n");
        let text = ground(&first, &other).into_text();
        let expected = "---\ndri: b # e.g. x\nrisk:\n---\n\n## A\n\n- one\n\n## B\n";
        assert_eq!(text.to_str_lossy(), expected);
        // Lines of a front matter that is none are lines as others.
        let torn = Document::new("---\ndri: [\n");
        assert_eq!(ground(&torn, &other).text(), b"---\n");
    }
}
