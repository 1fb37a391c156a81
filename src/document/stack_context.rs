//! The drawing of the stack in a document: a block of code in the section `PR Stack Context`.
//!
//! The block is derived: whatever stands in it is replaced, and it is no person's text. Text around it stays. Not here: how a
//! stack is drawn (stack/).

use bstr::ByteSlice;

use super::edit::{Join, Splice, below_line, with_newlines};
use super::lines::lines;
use super::message::fence_for;
use super::outline::{BlockKind, Outline};
use super::sections::same_headings;
use super::{Document, EditError};

const SECTION: &str = "PR Stack Context";

impl Document {
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
        let is_ours = |text: &[u8]| {
            let first = lines(text, 0).next().map_or(&b""[..], |line| text[line].trim());
            let info = first.trim_start_with(|c| c == '`' || c == '~');
            first.starts_with(b"`") && (info.is_empty() || info == b"text")
        };
        let mut blocks = outline.blocks_in(&section.body).iter();
        let ours = blocks.find(|block| block.kind == BlockKind::Code && is_ours(&self.text[block.span.clone()]));
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
                "## Stack\n\nWhy.\n\n```\nold\n```\nMore.\n",
                format!("## Stack\n\nWhy.\n\n{block}More.\n"),
            ),
            (
                "## Stack\n\n```mermaid\nx\n```\n",
                format!("## Stack\n\n{block}\n```mermaid\nx\n```\n"),
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
