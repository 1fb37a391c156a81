//! The title of a document: the first top-level heading of level 1.
//!
//! `` # [WIP] `branch` `` and `# PR #47: Title` are made; a title of any other form was written by a person and stays.
//! Not here: what a forge calls the pull request.

use bstr::ByteSlice;

use super::Document;
use super::edit::Splice;
use super::lines::content;
use super::message::{heading_text, inline_code};
use super::outline::{Heading, Outline};
use crate::names::BranchName;

/// The title in the template.
const UNFILLED: &str = "PR #[PR]: [Short Title]";

impl Document {
    /// The text of the title.
    pub fn title(&self) -> Option<String> {
        let outline = Outline::of(&self.text);
        heading(&outline).map(|heading| heading.title.clone())
    }

    /// Makes the title from the branch's name, or from the front matter's `pr` where that says a number; whether anything
    /// changed. The words behind the number are those that stand there, else the first commit's subject, as forges propose
    /// it. A title that a person wrote stays; a document without a title gets none.
    pub fn derive_title(&mut self, branch: &BranchName) -> bool {
        let outline = Outline::of(&self.text);
        let Some((heading, made)) = heading(&outline).and_then(|heading| Some((heading, Made::parse(&heading.title)?)))
        else {
            return false;
        };
        let number = self.front_matter().pull_request();
        let new = match (number, made) {
            (None, Made::FromBranch) => format!("# [WIP] {}", inline_code(branch.as_str())),
            (None, Made::FromPullRequest(_)) => return false,
            (Some(number), Made::FromPullRequest(words)) => format!("# PR #{number}: {words}"),
            (Some(number), Made::FromBranch) => {
                let first = self.entries().into_iter().find(|entry| entry.commit.is_some());
                let words = first.map_or_else(|| branch.as_str().to_owned(), |entry| entry.title);
                format!("# PR #{number}: {}", heading_text(&words))
            }
        };
        let line = content(&self.text[heading.line.clone()]);
        let at = heading.line.start..heading.line.start + line.len();
        if line.trim_end() == new.as_bytes() {
            return false;
        }
        self.apply(&[Splice {
            at,
            text: new.into_bytes(),
        }]);
        true
    }
}

pub(crate) fn heading(outline: &Outline) -> Option<&Heading> {
    let live = outline
        .headings
        .iter()
        .take_while(|heading| heading.line.start < outline.live_end);
    // A heading of level 1 below a section is part of that section, not the document's title.
    live.take_while(|heading| heading.level != 2)
        .find(|heading| heading.level == 1)
}

/// A title that was made, not written.
enum Made<'a> {
    /// `` [WIP] `branch` ``, or the template's.
    FromBranch,
    /// `PR #47: Title`: the words.
    FromPullRequest(&'a str),
}

impl<'a> Made<'a> {
    fn parse(title: &'a str) -> Option<Self> {
        let branch = |rest: &str| rest.starts_with('`') && rest.ends_with('`') && rest.len() > 2;
        if title == UNFILLED || title.strip_prefix("[WIP] ").is_some_and(branch) {
            return Some(Self::FromBranch);
        }
        let (digits, words) = title.strip_prefix("PR #")?.split_once(':')?;
        digits.parse::<u64>().ok()?;
        Some(Self::FromPullRequest(words.trim()))
    }
}

/// The number that `pr` holds: `47`, `#47`, or `47 / BLZ-42`.
pub(super) fn number(pr: &str) -> Option<u64> {
    let text = pr.trim().trim_start_matches('#');
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text[..end].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_made_titles_change() {
        let branch = BranchName::new("feat/a").unwrap();
        let logged = "# [WIP] `feat/a`\n\n## Updates\n\n### 2025-01-01 00:00: [@ada] Talk\n\n### 2025-01-02 00:00: [@ada] Add <x>\n<!-- branchwork:commit 1111111111111111111111111111111111111111 -->\n";
        let named = logged.replacen("[WIP] `feat/a`", "PR #47: Add <x>", 1);
        let cases = [
            ("", "# PR #[PR]: [Short Title]\n\ntext\n", "# [WIP] `feat/a`\n\ntext\n"),
            ("", "# [WIP] `old`", "# [WIP] `feat/a`"),
            ("", "# [WIP] `old`  \r\ntext", "# [WIP] `feat/a`\r\ntext"),
            ("", "# PR #9: Old title\n", "# PR #9: Old title\n"),
            ("", "## Notes\n\n# [WIP] `a`\n", "## Notes\n\n# [WIP] `a`\n"),
            ("", "```\n# [WIP] `a`\n```\n", "```\n# [WIP] `a`\n```\n"),
            ("", "", ""),
            ("---\npr: 47 / BLZ-42\n---\n", "# [WIP] `a`\n", "# PR #47: feat/a\n"),
            ("---\npr: '#47'\n---\n", logged, &named),
            ("---\npr: 47\n---\n", "# PR #9: My words\n", "# PR #47: My words\n"),
            ("---\npr: 47\n---\n", "# PR review notes: x\n", "# PR review notes: x\n"),
            ("---\npr: 47\n---\n", "# My title\n", "# My title\n"),
            ("---\npr: soon\n---\n", "# [WIP] `a`\n", "# [WIP] `feat/a`\n"),
        ];
        for (front, before, after) in cases {
            let (before, after) = (format!("{front}{before}"), format!("{front}{after}"));
            let mut document = Document::new(before.as_str());
            assert_eq!(document.derive_title(&branch), before != after, "{before:?}");
            assert_eq!(document.text().as_bstr(), after.as_bytes().as_bstr());
            assert!(!document.derive_title(&branch));
        }
    }
}
