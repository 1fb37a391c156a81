//! A small generator of repeatable random choices, for the property tests of the document.
//!
//! Not for anything that must be hard to guess.

/// Xorshift with 64 bits of state.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below `bound`.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % bound
    }

    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    /// Up to `most` lines out of `from`, each with `newline`; the last one may lack it.
    pub(crate) fn lines(&mut self, from: &[&str], most: usize, newline: &str) -> String {
        let mut text = String::new();
        for _ in 0..self.below(most) + 1 {
            text.push_str(from[self.below(from.len())]);
            text.push_str(newline);
        }
        if self.below(4) == 0 {
            text.truncate(text.len() - newline.len());
        }
        text
    }
}

/// Lines that have a meaning in Markdown, alone or after one another.
pub(crate) const NASTY: [&str; 74] = [
    "",
    "",
    "",
    "",
    "text",
    "text",
    "  text",
    "    text",
    "\ttext",
    " \ttext",
    "# One",
    "## Two",
    "### Three ###",
    "## Two \\#",
    "   ## Three in",
    "    ## code",
    "\t## code",
    "#5 no",
    "####### seven",
    "## ",
    "##",
    "# #",
    "## a#",
    "===",
    "---",
    "  ---",
    "    ---",
    "-",
    "--",
    "= =",
    "- - -",
    "***",
    "_ _ _",
    "```",
    "```text",
    "````",
    "``` a`b",
    "~~~",
    "~~~ x",
    "   ```",
    "    ```",
    "  ~~~~",
    "- item",
    "- ```",
    "- ## in item",
    "-   wide",
    "-     code",
    "  - nested",
    "    - deeper",
    "* star",
    "+ plus",
    "1. one",
    "2. two",
    "10) ten",
    "1234567890. no",
    "> quote",
    "> ## in quote",
    "> ```",
    ">text",
    "> - item",
    "- > quote",
    "<!-- comment",
    "<!-- c -->",
    "-->",
    "<div>",
    "</div>",
    "<a href=\"x\">",
    "<pre>",
    "</pre>",
    "<?php",
    "?>",
    "<b> x",
    "| a | b |",
    "\\## no",
];
