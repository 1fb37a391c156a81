//! What a document is merged by: units, which are added, deleted, moved and changed as a whole.
//!
//! Not here: finding them in a text (version.rs).

use std::borrow::Cow;
use std::ops::Range;

use crate::document::lines::lines;

/// What a unit is, and so what makes it the same unit in another version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    /// The front matter with its fences.
    Front,
    /// One key of the front matter; its dotted key.
    Field,
    /// A key that others stand under; its name.
    Map,
    /// A heading of level 1 with what is below it up to the next of level 1 or 2; its place among such.
    Title,
    /// Any other heading with what belongs to it; level and title.
    Section,
    /// A level-3 section of Updates; its commit marker, else its heading.
    Entry,
    /// A list item with its children; its text without the box.
    Item,
    /// A table; its place among the tables of its section.
    Table,
    /// A row; its first cell.
    Row,
    /// What a program writes: the stack, the count of older commits; its place in its section.
    Derived,
    /// Code, HTML, the inside of an item: merged by lines, moved and doubled as a whole.
    Block,
    /// A line of text between which and its neighbours blank lines may stand.
    Line,
    /// A line of a block, blank ones included.
    Raw,
    /// Everything from `## Example` on.
    Example,
}

impl Kind {
    /// Whether a unit of this kind is the same wherever it stands among its siblings.
    pub(super) fn is_named(self) -> bool {
        !matches!(self, Self::Block | Self::Line | Self::Raw)
    }

    /// Whether it can hold a block that nothing closes.
    pub(super) fn may_be_open(self) -> bool {
        matches!(
            self,
            Self::Title | Self::Section | Self::Entry | Self::Item | Self::Derived | Self::Block
        )
    }

    /// Whether blank lines before it mean nothing of their own.
    pub(super) fn has_gap(self) -> bool {
        !matches!(self, Self::Field | Self::Map | Self::Row | Self::Raw)
    }
}

/// One unit of one version.
#[derive(Clone, Debug)]
pub(super) struct Unit<'a> {
    pub(super) kind: Kind,
    /// What it is known by among units of its kind.
    pub(super) key: Cow<'a, [u8]>,
    /// The blank lines before it.
    pub(super) gap: &'a [u8],
    /// Its lines, without blank ones behind it.
    pub(super) text: &'a [u8],
    /// Where `text` stands.
    pub(super) span: Range<usize>,
}

/// The inside of a unit: the lines before its children, the children, the lines after them.
#[derive(Default)]
pub(super) struct Inside<'a> {
    pub(super) head: &'a [u8],
    pub(super) children: Vec<Unit<'a>>,
    pub(super) tail: &'a [u8],
}

/// The length of the first line, its ending included.
pub(super) fn first_line(text: &[u8]) -> usize {
    lines(text, 0).next().map_or(0, |line| line.end)
}
