//! A stack as lines of text: the same for every branch of it, but for the mark of the current one.
//!
//! The trunk is at the top, as in the template's example, and what stands on it below, as a list of changes is read. Nothing
//! that changes by itself is in it: no ages, no ids. Not here: where it goes in a document.

use super::tree::{Layer, Tree};
use super::{PullRequest, PullRequestState};
use crate::names::{BranchName, visible};

/// What a drawing is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// Lines, circles and signs.
    Unicode,
    /// ASCII, but for what branch names have in them.
    Ascii,
}

/// The stack that `branch` is in, a line for each branch, each ended by `\n`. A line stands on the one above it in its column,
/// the first of a column on the branch that it is drawn below.
pub(crate) fn draw(tree: &Tree, branch: &BranchName, current: Option<&BranchName>, style: Style) -> String {
    let lines = lines(tree, branch, current, style).into_iter();
    lines.map(|(line, _)| line + "\n").collect()
}

/// The same line by line, each with the branch that it is of. None of the trunk, or of what is not here.
pub(crate) fn lines<'a>(
    tree: &'a Tree,
    branch: &'a BranchName,
    current: Option<&'a BranchName>,
    style: Style,
) -> Vec<(String, Option<&'a BranchName>)> {
    let mut drawing = Drawing {
        tree,
        current,
        style,
        lines: vec![(visible(tree.trunk_of(branch).as_str()), None)],
    };
    drawing.columns(tree.bottom(branch));
    drawing.lines
}

/// How many branches a drawing says are not here.
pub(crate) fn missing_in(drawing: &[u8]) -> u64 {
    let missing = |line: &[u8]| {
        let told = std::str::from_utf8(line).ok()?.trim_end().strip_suffix(NOT_HERE)?;
        let (start, number) = told.rsplit_once(' ')?;
        let is_ours = [UNICODE, ASCII].iter().any(|signs| start.ends_with(signs.missing));
        number.parse::<u64>().ok().filter(|_| is_ours)
    };
    let lines = drawing.split(|byte| *byte == b'\n').filter_map(missing);
    lines.fold(0, u64::saturating_add)
}

/// What stands behind the number of those that are not here.
const NOT_HERE: &str = " not here";

struct Signs {
    goes_on: &'static str,
    last: &'static str,
    beside: &'static str,
    merged: &'static str,
    open: &'static str,
    missing: &'static str,
    current: &'static str,
}

const UNICODE: Signs = Signs {
    goes_on: "├─",
    last: "└─",
    beside: "│ ",
    merged: "●",
    open: "○",
    missing: "…",
    current: "👈 Current",
};

const ASCII: Signs = Signs {
    goes_on: "|-",
    last: "`-",
    beside: "| ",
    merged: "*",
    open: "o",
    missing: "...",
    current: "<- Current",
};

struct Drawing<'a> {
    tree: &'a Tree,
    current: Option<&'a BranchName>,
    style: Style,
    lines: Vec<(String, Option<&'a BranchName>)>,
}

impl<'a> Drawing<'a> {
    fn signs(&self) -> &'static Signs {
        match self.style {
            Style::Unicode => &UNICODE,
            Style::Ascii => &ASCII,
        }
    }

    /// The longest line that begins at `bottom` in one column, and what else stands on its branches in columns of their own.
    fn columns(&mut self, bottom: &'a BranchName) {
        let signs = self.signs();
        let mut waiting = vec![(bottom, String::new())];
        while let Some((branch, indent)) = waiting.pop() {
            let children = self.tree.children(branch);
            let (sign, beside) = match children.is_empty() {
                false => (signs.goes_on, signs.beside),
                true => (signs.last, "  "),
            };
            self.below(branch, &indent);
            let words = self.words(branch);
            self.lines.push((format!("{indent}{sign}{words}"), Some(branch)));
            // The longest goes on in this column, below those at its side.
            if let Some((longest, sides)) = children.split_first() {
                waiting.push((longest, indent.clone()));
                let sides = sides.iter().rev();
                waiting.extend(sides.map(|side| (side, format!("{indent}{beside}"))));
            }
        }
    }

    /// What is below a branch without being one here: those that are elsewhere, and merged layers.
    fn below(&mut self, branch: &'a BranchName, indent: &str) {
        let (signs, state) = (self.signs(), self.state("✅", "Merged"));
        let start = format!("{indent}{}", signs.goes_on);
        let missing = self.tree.missing_below(branch);
        if missing > 0 {
            self.lines
                .push((format!("{start}{} {missing}{NOT_HERE}", signs.missing), None));
        }
        let ended = self.tree.layer(branch).map_or(&[][..], |layer| &layer.ended_below);
        for name in ended.iter().rev() {
            let words = format!("{} {}{state}", signs.merged, visible(name.as_str()));
            self.lines.push((format!("{start}{words}"), None));
        }
        for (PullRequest { number, .. }, name) in self.tree.merged_below(branch) {
            let words = match name {
                Some(name) => self.words(name),
                None => format!("{} PR #{number}{state}", signs.merged),
            };
            self.lines.push((format!("{start}{words}"), name));
        }
    }

    fn words(&self, branch: &BranchName) -> String {
        let signs = self.signs();
        let Some(layer) = self.tree.layer(branch) else {
            return visible(branch.as_str());
        };
        let sign = if layer.merged { signs.merged } else { signs.open };
        let mut words = format!("{sign} {}", visible(branch.as_str()));
        if let Some(pull_request) = &layer.pull_request {
            words.push_str(&format!(" (PR #{})", pull_request.number));
        }
        words.push_str(&self.state_of(layer));
        if layer.needs_restack && !layer.merged {
            words.push_str(&self.state("🔁", "Needs restack"));
        }
        if self.current == Some(branch) {
            words.push_str(&format!(" {}", signs.current));
        }
        words
    }

    fn state_of(&self, layer: &Layer) -> String {
        let state = layer.pull_request.and_then(|pull_request| pull_request.state);
        let parent = layer.parent.as_ref().and_then(|parent| self.tree.layer(parent));
        let waits = layer.pull_request.is_some() && parent.is_some_and(|parent| !parent.merged);
        match state {
            _ if layer.merged => self.state("✅", "Merged"),
            Some(PullRequestState::Merged) => self.state("✅", "Merged"),
            Some(PullRequestState::Closed) => self.state("❌", "Closed"),
            Some(PullRequestState::ChangesRequested) => self.state("✋", "Changes requested"),
            Some(PullRequestState::Approved) => self.state("👍", "Approved"),
            Some(PullRequestState::Draft) => self.state("📝", "Draft"),
            Some(PullRequestState::Open) | None if waits => self.state("⏳", "Waiting"),
            Some(PullRequestState::Open) | None => String::new(),
        }
    }

    fn state(&self, sign: &str, word: &str) -> String {
        match self.style {
            Style::Unicode => format!(" {sign} {word}"),
            Style::Ascii => format!(" {word}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::tree::tests::{layers, name};
    use super::*;

    #[test]
    fn a_stack_with_a_branch_at_its_side() {
        let text = "docs feat/index feat/index<feat/parallel feat/parallel<feat/bench feat/index<feat/side feat/side<s2 feat/index<x";
        let mut layers = layers(text);
        for (branch, number, state) in [
            ("feat/index", 46, Some(PullRequestState::Merged)),
            ("feat/parallel", 47, Some(PullRequestState::Open)),
            ("feat/bench", 48, None),
        ] {
            let layer = layers.get_mut(&name(branch)).unwrap();
            layer.pull_request = Some(PullRequest { number, state });
            layer.merged = state == Some(PullRequestState::Merged);
        }
        layers.get_mut(&name("s2")).unwrap().needs_restack = true;
        let tree = Tree::new(name("main"), BTreeSet::new(), layers);
        let current = name("feat/parallel");
        let expected = "main
├─● feat/index (PR #46) ✅ Merged
│ ├─○ feat/side
│ └─○ s2 🔁 Needs restack
│ └─○ x
├─○ feat/parallel (PR #47) 👈 Current
└─○ feat/bench (PR #48) ⏳ Waiting
";
        assert_eq!(draw(&tree, &current, Some(&current), Style::Unicode), expected);
        let ascii = "main
|-* feat/index (PR #46) Merged
| |-o feat/side
| `-o s2 Needs restack
| `-o x
|-o feat/parallel (PR #47) <- Current
`-o feat/bench (PR #48) Waiting
";
        assert_eq!(draw(&tree, &name("s2"), Some(&current), Style::Ascii), ascii);
        assert_eq!(draw(&tree, &name("docs"), None, Style::Unicode), "main\n└─○ docs\n");
        let tree = Tree::new(
            name("main"),
            BTreeSet::from([name("qa")]),
            super::super::tree::tests::layers("a qa<b b<c"),
        );
        assert_eq!(draw(&tree, &name("c"), None, Style::Unicode), "qa\n├─○ b\n└─○ c\n");
        let mut layers = super::super::tree::tests::layers("c c<d");
        layers.get_mut(&name("c")).unwrap().place = Some((3, 4));
        let tree = Tree::new(name("main"), BTreeSet::new(), layers);
        for style in [Style::Unicode, Style::Ascii] {
            assert_eq!(missing_in(draw(&tree, &name("d"), None, style).as_bytes()), 2);
        }
        assert_eq!(missing_in("main\n├─○ 2 not here\n├─… two not here\n".as_bytes()), 0);
    }

    #[test]
    fn merged_layers_without_a_branch_and_names_that_would_trick_the_eye() {
        let mut layers = layers("a a<b\u{202e}c");
        layers.get_mut(&name("a")).unwrap().merged_below = vec![PullRequest {
            number: 45,
            state: None,
        }];
        layers.get_mut(&name("b\u{202e}c")).unwrap().merged_below = vec![PullRequest {
            number: 46,
            state: None,
        }];
        let tree = Tree::new(name("main"), BTreeSet::new(), layers);
        let expected = "main\n├─● PR #45 ✅ Merged\n├─○ a\n├─● PR #46 ✅ Merged\n└─○ b\\u{202e}c\n";
        assert_eq!(draw(&tree, &name("a"), None, Style::Unicode), expected);
    }

    #[test]
    fn a_deep_stack() {
        let deep: Vec<String> = (1..2000).map(|n| format!("b{}<b{n}", n - 1)).collect();
        let tree = Tree::new(name("main"), BTreeSet::new(), layers(&deep.join(" ")));
        assert_eq!(draw(&tree, &name("b7"), None, Style::Ascii).lines().count(), 2000);
    }
}
