//! The drawing of the stack in a document: a block of code in the section `PR Stack Context`.
//!
//! The block is derived: one that has a drawing in it is replaced, and so is the template's, which has comments only. Other blocks
//! are a person's, and stay as the text around them does. Not here: how a stack is drawn (stack/).

use bstr::ByteSlice;

use super::edit::{Join, Splice, below_line, with_newlines};
use super::message::fence_for;
use super::outline::{BlockKind, Outline};
use super::sections::same_headings;
use super::{Document, EditError};

const SECTION: &str = "PR Stack Context";

impl Document {
    /// The drawing that the section shows.
    pub fn shown_stack(&self) -> Option<&[u8]> {
        let outline = Outline::of(&self.text);
        let mut blocks = outline.blocks_in(&outline.section(SECTION)?.body).iter();
        blocks.find_map(|block| {
            let content = content(&self.text[block.span.clone()]).filter(|_| block.kind == BlockKind::Code);
            content.filter(|content| has_drawing(content))
        })
    }

    /// The lines of that, the names of branches in front.
    pub(crate) fn drawn(&self) -> Option<Vec<&str>> {
        let bare = |line: &str| line.trim_start_matches([' ', '│', '├', '└', '─', '|', '`', '-']).len();
        let lines = self.shown_stack()?.to_str().ok()?.lines();
        let bare = lines.map(|line| &line[line.len() - bare(line)..]);
        let signs = ["○ ", "● ", "o ", "* "];
        Some(
            bare.map(|line| signs.iter().find_map(|sign| line.strip_prefix(sign)).unwrap_or(line))
                .collect(),
        )
    }

    /// Makes the section show `drawing`, whose lines end with `\n`; whether anything changed. A document without the section
    /// gets none: its template leaves it out.
    pub fn show_stack(&mut self, drawing: &str) -> Result<bool, EditError> {
        if Outline::of(&self.text).section(SECTION).is_none() {
            return Ok(false);
        }
        let before = self.text.clone();
        let outline = self.close_blocks(Outline::of(&self.text));
        let Some(section) = outline.section(SECTION) else {
            return Ok(false);
        };
        let fence = fence_for(drawing.as_bytes(), 3);
        let block = format!("{fence}text\n{drawing}{fence}\n");
        let has = |is: fn(&[u8]) -> bool| {
            let mut blocks = outline.blocks_in(&section.body).iter();
            blocks
                .find(|block| block.kind == BlockKind::Code && content(&self.text[block.span.clone()]).is_some_and(is))
        };
        let ours = has(has_drawing).or_else(|| has(is_empty));
        let splice = match ours {
            Some(ours) => Splice {
                at: ours.span.clone(),
                text: with_newlines(block.as_bytes(), outline.newline),
            },
            None => below_line(
                &self.text,
                outline.newline,
                section.heading.end,
                Join::Block,
                block.as_bytes(),
            ),
        };
        if self.text[splice.at.clone()] == splice.text {
            *self = Self::new(before);
            return Ok(false);
        }
        self.apply(&[splice]);
        if !same_headings(&outline, &Outline::of(&self.text)) {
            *self = Self::new(before);
            return Err(EditError::WouldBreak {
                section: SECTION.to_owned(),
            });
        }
        Ok(true)
    }
}

/// What stands between the fences of a block of text.
fn content(block: &[u8]) -> Option<&[u8]> {
    let (first, rest) = block.split_once_str("\n").unwrap_or((block, b""));
    let first = first.trim();
    let info = first.trim_start_with(|c| c == '`');
    let is_text = first.starts_with(b"`") && (info.is_empty() || info == b"text");
    // The last line is the other fence, or there is none yet, as in a document that is being written.
    is_text.then(|| rest.trim_end().trim_end_with(|c| c == '`'))
}

/// Whether there is the line of a branch in it, as it is drawn here, where the lowest ones stand at the left, or in the template's
/// example.
fn has_drawing(content: &[u8]) -> bool {
    const UNICODE: [&str; 6] = ["├─○ ", "├─● ", "├─… ", "└─○ ", "└─● ", "└─… "];
    const ASCII: [&str; 6] = ["|-o ", "|-* ", "|-... ", "`-o ", "`-* ", "`-... "];
    let is_branch = |line: &[u8]| {
        let begins = |line: &[u8], starts: [&str; 6]| starts.iter().any(|start| line.starts_with(start.as_bytes()));
        begins(line.trim_start_with(|c| matches!(c, ' ' | '│')), UNICODE) || begins(line, ASCII)
    };
    content.lines().any(is_branch)
}

/// Whether it is a place for a drawing: nothing, or comments.
fn is_empty(content: &[u8]) -> bool {
    content
        .lines()
        .all(|line| line.trim().is_empty() || line.starts_with(b"#"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::template;

    const DRAWING: &str = "main\n└─○ feat\n";

    fn shown(text: &str) -> String {
        let mut document = Document::new(text);
        let changed = document.show_stack(DRAWING).unwrap();
        assert_eq!(changed, document.text() != text.as_bytes());
        let once = document.clone();
        assert_eq!(document.shown_stack().is_some(), text.contains("Stack"), "{text}");
        assert_eq!(document.show_stack(DRAWING), Ok(false), "{text}");
        assert_eq!(document, once);
        String::from_utf8(document.into_text()).unwrap()
    }

    #[test]
    fn the_block_is_replaced_and_nothing_else() {
        let block = format!("```text\n{DRAWING}```\n");
        let cases = [
            (
                "## PR Stack Context\n\n```text\n# x\n```\n\n## Notes\n",
                format!("## PR Stack Context\n\n{block}\n## Notes\n"),
            ),
            (
                "## Stack\n\nWhy.\n\n```\n```\nMore.\n",
                format!("## Stack\n\nWhy.\n\n{block}More.\n"),
            ),
            (
                "## Stack\n\n```mermaid\nx\n```\n",
                format!("## Stack\n\n{block}\n```mermaid\nx\n```\n"),
            ),
            (
                "## Stack\n\n```\nmake run\n```\n\n```text\nmain\n|-o old\n| `-o b\n```\n",
                format!("## Stack\n\n```\nmake run\n```\n\n{block}"),
            ),
            (
                "## Stack\n\n```\n# Why\n```\n\n```text\nmain\n│  └─○ feat\n```\n",
                format!("## Stack\n\n```\n# Why\n```\n\n{block}"),
            ),
            (
                "## Stack\n\n```text\nsrc\n├─ a.rs\n-o x\n```\n",
                format!("## Stack\n\n{block}\n```text\nsrc\n├─ a.rs\n-o x\n```\n"),
            ),
            ("## Stack\n## Notes\n", format!("## Stack\n\n{block}\n## Notes\n")),
            ("## Stack", format!("## Stack\n\n{block}")),
            ("## Notes\n", "## Notes\n".to_owned()),
        ];
        for (before, after) in cases {
            assert_eq!(shown(before), after);
            if before.contains('\n') {
                assert_eq!(shown(&before.replace('\n', "\r\n")), after.replace('\n', "\r\n"));
            }
        }
        let filled = shown(template::DEFAULT);
        assert!(filled.contains(&block) && !filled.contains("Filled by"), "{filled}");
    }

    #[test]
    fn what_is_drawn_is_read() {
        let drawn = |drawing: &str| {
            let document = Document::new(format!("## Stack\n\n```\nx\n```\n\n```text\n{drawing}```\n"));
            document.drawn().map(|lines| lines.join("; "))
        };
        for (drawing, lines) in [
            (
                "main\n├─● a (PR #1) ✅ Merged\n│ └─○ b\n└─○ c 👈 Current\n",
                "main; a (PR #1) ✅ Merged; b; c 👈 Current",
            ),
            (
                "main\n|-* a (PR #1) Merged\n| `-o o\n`-o -x <- Current\n",
                "main; a (PR #1) Merged; o; -x <- Current",
            ),
            ("o\n├─… 2 not here\n└─○ b\n", "o; … 2 not here; b"),
        ] {
            assert_eq!(drawn(drawing).as_deref(), Some(lines));
        }
        assert_eq!(drawn("src\n├─ a.rs\n"), None);
    }

    #[test]
    fn a_name_made_of_backticks_ends_no_fence() {
        let mut document = Document::new("## Stack\n");
        document.show_stack("main\n└─○ ```\n").unwrap();
        assert!(document.text().contains_str("````text\nmain"));
        let outline = Outline::of(document.text());
        assert_eq!(
            outline
                .blocks
                .iter()
                .filter(|block| block.kind == BlockKind::Code)
                .count(),
            1
        );
    }
}
