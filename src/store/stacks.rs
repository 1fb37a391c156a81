//! What was found out about stacks by looking at all branches, for hooks, which look at one: the file `stacks` in the store, a
//! line for each branch that stands on another one, or of which more than its parent was found out. And by what a document's
//! own stack was told last: the files `stacked/<document id>`. And what was read of tools' records: the file `recorded`.
//!
//! All may be lost or old: they say where to look. Not here: the looking (journeys/stack/near.rs), and what stands in `recorded`
//! (records/memory.rs).

use std::collections::BTreeMap;
use std::io::Read;

use super::{Store, Writer};
use crate::error::Result;
use crate::names::{BranchName, CommitId, DocId};
use crate::repo::read_small;

const STACKS: &str = "stacks";
pub(super) const STACKED: &str = "stacked";
const RECORDED: &str = "recorded";
/// More than is ever written of records. What is cut off is read again from the tools.
const LARGEST_RECORDED: u64 = 8 * 1024 * 1024;
/// More branches than a stack has are not watched. What is cut off makes the mark another one.
const LARGEST_NOTE: usize = 1024 * 1024;

/// What was found out about a branch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct FoundStack {
    /// The branch that it stands on; `None`: the trunk.
    pub(crate) parent: Option<BranchName>,
    /// Where it was when it was found to be merged.
    pub(crate) merged: Option<CommitId>,
    /// The number of the pull request that a commit of it names.
    pub(crate) pull_request: Option<u64>,
    /// The number that its document says.
    pub(crate) document_pull_request: Option<u64>,
    /// Whether its parent had moved on.
    pub(crate) needs_restack: bool,
    /// What its document was told of its base, where that needs to be known later.
    pub(crate) told: Option<Told>,
}

/// The base that a document was told last. One that it names now and was not told was set by somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    /// The base.
    pub(crate) base: BranchName,
    /// Whether it was a guess.
    pub(crate) guessed: bool,
    /// Where the branch was put by the last move that was known then, a rebase or a reset.
    pub(crate) moved: Option<CommitId>,
}

const NEEDS_RESTACK: &str = "restack";
const GUESSED: &str = "guessed";

impl FoundStack {
    fn read(line: &str) -> Option<(BranchName, Self)> {
        let mut fields = line.split('\t');
        let mut field = || fields.next().filter(|field| !field.is_empty());
        let branch = BranchName::new(field()?)?;
        let found = Self {
            parent: field().and_then(BranchName::new),
            merged: field().and_then(CommitId::parse),
            pull_request: field().and_then(|number| number.parse().ok()),
            needs_restack: field() == Some(NEEDS_RESTACK),
            document_pull_request: field().and_then(|number| number.parse().ok()),
            told: field().and_then(BranchName::new).map(|base| Told {
                base,
                guessed: field() == Some(GUESSED),
                moved: field().and_then(CommitId::parse),
            }),
        };
        Some((branch, found))
    }

    /// Tabs are in no name of a ref (git-check-ref-format(1)).
    fn line(&self, branch: &BranchName) -> String {
        let parent = self.parent.as_ref().map_or("", BranchName::as_str);
        let merged = self.merged.as_ref().map_or("", CommitId::as_str);
        let number = |number: Option<u64>| number.map(|number| number.to_string()).unwrap_or_default();
        let (found, said) = (number(self.pull_request), number(self.document_pull_request));
        let restack = if self.needs_restack { NEEDS_RESTACK } else { "" };
        let told = self.told.as_ref().map_or(String::new(), |told| {
            let guessed = if told.guessed { GUESSED } else { "" };
            let moved = told.moved.as_ref().map_or("", CommitId::as_str);
            format!("\t{}\t{guessed}\t{moved}", told.base.as_str())
        });
        format!(
            "{}\t{parent}\t{merged}\t{found}\t{restack}\t{said}{told}\n",
            branch.as_str()
        )
    }
}

impl Store {
    /// What was found out; nothing where the file cannot be read. A line that is not whole is passed over.
    pub(crate) fn found_stacks(&self) -> BTreeMap<BranchName, FoundStack> {
        let text = std::fs::read_to_string(self.path().join(STACKS)).unwrap_or_default();
        text.lines().filter_map(FoundStack::read).collect()
    }

    /// Where that is.
    pub(crate) fn found_stacks_file(&self) -> std::path::PathBuf {
        self.path().join(STACKS)
    }

    /// What was read of tools' records; nothing where it cannot be read.
    pub(crate) fn recorded(&self) -> String {
        let mut text = String::new();
        let file = std::fs::File::open(self.path().join(RECORDED));
        let read = file.and_then(|file| file.take(LARGEST_RECORDED).read_to_string(&mut text));
        read.map_or_else(|_| String::new(), |_| text)
    }

    /// By what the document's stack was told last.
    pub(crate) fn stacked(&self, id: &DocId) -> Option<String> {
        let path = self.path().join(STACKED).join(id.as_str());
        String::from_utf8(read_small(&path, LARGEST_NOTE).ok()?).ok()
    }
}

impl Writer<'_> {
    /// Remembers what was found out in place of what was.
    pub(crate) fn keep_found_stacks(&self, found: &BTreeMap<BranchName, FoundStack>) -> Result<()> {
        let is_worth_it = |found: &FoundStack| *found != FoundStack::default();
        let lines = found.iter().filter(|(_, found)| is_worth_it(found));
        let text: String = lines.map(|(branch, found)| found.line(branch)).collect();
        self.note(&self.store().found_stacks_file(), &text)
    }

    /// Remembers what was read of tools' records. Where that cannot be, it is read again the next time.
    pub(crate) fn keep_recorded(&self, text: &str) {
        let _ = self.note(&self.store().path().join(RECORDED), text);
    }

    /// Remembers by what the document's stack was told.
    pub(crate) fn note_stacked(&self, id: &DocId, note: &str) -> Result<()> {
        self.note(&self.store().path().join(STACKED).join(id.as_str()), note)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let name = |name: &str| BranchName::new(name).unwrap();
        let all = FoundStack {
            needs_restack: true,
            told: Some(Told {
                base: name("b"),
                guessed: true,
                moved: CommitId::parse(&"cd".repeat(20)),
            }),
            parent: Some(name("-x")),
            merged: CommitId::parse(&"a1".repeat(20)),
            pull_request: Some(46),
            document_pull_request: Some(47),
        };
        let merged = FoundStack {
            merged: all.merged.clone(),
            ..FoundStack::default()
        };
        for found in [all, merged] {
            let line = found.line(&name("日本/$(id)"));
            assert_eq!(
                FoundStack::read(line.trim_end_matches('\n')),
                Some((name("日本/$(id)"), found))
            );
        }
        assert_eq!(FoundStack::read(""), None);
        assert_eq!(FoundStack::read("a\tb").unwrap().1.parent, Some(name("b")));
    }
}
