//! Whether a version has lost its structure: then its lines are merged, as its sections are not what they seem.
//!
//! Not here: broken YAML, for which the lines of the front matter alone are merged.

use std::collections::HashMap;

use super::version::Version;
use crate::document::lines::{content, lines};

impl<'a> Version<'a> {
    /// Whether this version reads as another structure than `base` by accident: a front matter or a heading that is
    /// there as lines, but is no longer read as one, such as behind a fence that lost its end.
    pub(super) fn is_torn(&self, base: &Self) -> bool {
        let front = |version: &Self| version.outline.body_start > 3;
        if front(self) != front(base) {
            return true;
        }
        let (own, before) = (self.headings(), base.headings());
        own.iter().any(|(line, (real, hidden))| {
            let (real_before, hidden_before) = before.get(line).copied().unwrap_or_default();
            *real < real_before && *hidden > hidden_before
        })
    }

    /// For each line of the live part that looks like a heading how often it is one, and how often it is not.
    fn headings(&self) -> HashMap<&'a [u8], (usize, usize)> {
        let mut counts: HashMap<&[u8], (usize, usize)> = HashMap::new();
        let mut headings = self.outline.headings.iter().peekable();
        for line in lines(&self.text[..self.outline.live_end], 0) {
            let text = &self.text[line.clone()];
            while headings.next_if(|heading| heading.line.end <= line.start).is_some() {}
            if text.starts_with(b"#") {
                let count = counts.entry(content(text)).or_default();
                match headings
                    .peek()
                    .is_some_and(|heading| heading.line.contains(&line.start))
                {
                    true => count.0 += 1,
                    false => count.1 += 1,
                }
            }
        }
        counts
    }
}
