//! What an archived document tells of its branch's end: the section `## Archived`, right below the front matter.
//!
//! There no open fence, example or heading of the document's own can reach it, and it is what a reader sees first. Not here:
//! finding any of it out (journeys/archive.rs), and where archived documents are kept (store/archive.rs).

use std::collections::BTreeMap;
use std::ops::Range;

use bstr::ByteSlice;
use chrono::{DateTime, Utc};

use super::Document;
use super::edit::with_newlines;
use super::front_matter::closed_block;
use super::lines::{byte_order_mark, newline};
use super::message::{heading_text, inline_code};
use super::template::timestamp;
use super::updates::{MARKER, UpdateLimits, changed_files};
use crate::facts::{ChangeKind, Changes, FileChange, Lines};
use crate::names::{BranchName, CommitId, visible};

/// What the section begins with. Only at its place does it count, for anybody can write it anywhere else.
const START: &str = "## Archived\n<!-- branchwork:archived -->\n\n";
const OUTCOME: &str = "- Outcome: ";
const BRANCH: &str = "- Branch: ";
const VERSION: &str = "- Version: ";
const FILES: &str = "- Files changed (";
/// What names commits and changes: all of it counts, whoever found it out.
const NAMING: [&str; 3] = ["- Merge commit: ", "- Patch: ", "- Commit: "];

/// How the work of a branch ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Its commits are in the trunk.
    Merged,
    /// The trunk has other commits with the same changes.
    Rewritten,
    /// A tool recorded that its pull request was merged.
    PullRequest,
    /// A person said so, by naming it.
    Said,
    /// It was given up.
    Abandoned,
}

impl Outcome {
    /// In words: the first is `merged` or `abandoned`.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Merged => "merged",
            Self::Rewritten => "merged, squashed or rebased",
            Self::PullRequest => "merged, as its pull request says",
            Self::Said => "merged, as the one who archived it says",
            Self::Abandoned => "abandoned",
        }
    }
}

/// One commit of the branch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FrozenCommit {
    /// Its id.
    pub(crate) id: CommitId,
    /// A name for its change.
    pub(crate) patch: Option<u64>,
    /// Its subject.
    pub(crate) subject: String,
}

/// What is kept of a branch that will not be there any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Frozen {
    /// How it ended.
    pub(crate) outcome: Outcome,
    /// When it was archived.
    pub(crate) time: DateTime<Utc>,
    /// By whom.
    pub(crate) who: String,
    /// The branch.
    pub(crate) branch: BranchName,
    /// The commit of the trunk by which it came there.
    pub(crate) merge_commit: Option<CommitId>,
    /// The document's last version.
    pub(crate) version: CommitId,
    /// A name for the change of all its commits together, as a squash makes it.
    pub(crate) patch: Option<u64>,
    /// Its commits, newest first.
    pub(crate) commits: Vec<FrozenCommit>,
    /// What they changed, oldest first.
    pub(crate) changes: Vec<Changes>,
}

/// What is read of it again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    /// How it ended, in words.
    pub(crate) outcome: String,
    /// The branch.
    pub(crate) branch: Option<BranchName>,
    /// The document's last version, from which its history goes back.
    pub(crate) version: CommitId,
}

/// How a name of a change is written.
pub(crate) fn patch_name(patch: u64) -> String {
    format!("{patch:016x}")
}

impl Document {
    /// The document with the section that tells of its end.
    pub(crate) fn archived(&self, frozen: &Frozen) -> Self {
        self.with_section(&self.section(frozen))
    }

    /// The document with the section that the first of `ends` has, made from another version; the others' add the commits and
    /// changes that they name. As it is where the first has none.
    pub(crate) fn archived_as(&self, ends: &[&Self], version: &CommitId) -> Self {
        let mut parts = ends
            .iter()
            .filter_map(|end| end.text[frozen_part(&end.text)?].to_str().ok());
        let Some(first) = parts.next() else {
            return self.clone();
        };
        let mut lines: Vec<String> = first
            .lines()
            .map(|line| match line.starts_with(VERSION) {
                true => format!("{VERSION}{version}"),
                false => line.to_owned(),
            })
            .collect();
        for line in parts.flat_map(str::lines) {
            if NAMING.iter().any(|name| line.starts_with(name)) && !lines.iter().any(|known| known == line) {
                let files = lines.iter().position(|known| known.starts_with(FILES));
                lines.insert(files.unwrap_or(lines.len()), line.to_owned());
            }
        }
        self.with_section(&format!("\n{START}{}\n\n", lines.join("\n")))
    }

    fn with_section(&self, section: &str) -> Self {
        let at = place(&self.text);
        let section = with_newlines(section.as_bytes(), newline(&self.text));
        Self::new([&self.text[..at], &section, &self.text[at..]].concat())
    }

    fn section(&self, frozen: &Frozen) -> String {
        let front_matter = self.front_matter();
        let said = |key: &str| front_matter.text(key).map(|text| visible(&heading_text(text)));
        let mut text = format!("\n{START}{OUTCOME}{}\n", frozen.outcome.words());
        let mut line = |name: &str, value: Option<String>| {
            if let Some(value) = value {
                text.push_str(&format!("{name}{value}\n"));
            }
        };
        let who = visible(&heading_text(&frozen.who));
        line("- Archived: ", Some(format!("{} by @{who}", timestamp(frozen.time))));
        line(BRANCH, Some(inline_code(frozen.branch.as_str())));
        line("- Status: ", said("status"));
        let base = said("branch.base").map(|base| format!("on {}", inline_code(&base)));
        let place = said("branch.position").zip(said("branch.total"));
        let place = place.map(|(position, total)| format!("{position} of {total}"));
        let stack: Vec<String> = place.into_iter().chain(base).collect();
        line("- Stack: ", (!stack.is_empty()).then(|| stack.join(", ")));
        line("- PR: ", said("pr"));
        let id = |id: &CommitId| id.as_str().to_owned();
        line("- Merge commit: ", frozen.merge_commit.as_ref().map(id));
        line(VERSION, Some(id(&frozen.version)));
        line("- Patch: ", frozen.patch.map(patch_name));
        for commit in &frozen.commits {
            let patch = commit.patch.map_or_else(|| "-".to_owned(), patch_name);
            let subject = visible(&heading_text(&commit.subject));
            line("- Commit: ", Some(format!("{} {patch} {subject}", commit.id)));
        }
        let changes = Changes::Files {
            files: sum(&frozen.changes),
            renames_skipped: false,
        };
        text.push_str(&changed_files(&changes, &UpdateLimits { max_files: usize::MAX }));
        text.push('\n');
        text
    }

    /// What the section tells; `None` where there is none.
    pub(crate) fn told(&self) -> Option<Told> {
        let lines = || self.text[frozen_part(&self.text)?].to_str().ok().map(str::lines);
        let value = |name: &str| lines()?.find_map(|line| line.strip_prefix(name));
        let branch = value(BRANCH).map(|code| code.trim_matches('`').trim());
        Some(Told {
            outcome: value(OUTCOME)?.to_owned(),
            branch: branch.and_then(BranchName::new),
            version: CommitId::parse(value(VERSION)?)?,
        })
    }
}

/// Whether a document tells of the commit with this id: in an entry, or as one that was frozen.
pub(crate) fn names_commit(text: &[u8], id: &CommitId) -> bool {
    text.contains_str(id.as_str())
        && (text.contains_str(format!("{}{}{}", MARKER.0, id.as_str(), MARKER.1))
            || is_frozen(text, &format!("Commit: {}", id.as_str()))
            || is_frozen(text, &format!("commit: {}", id.as_str())))
}

/// Whether a change with this name was frozen: that of one commit or of all together.
pub(crate) fn names_patch(text: &[u8], patch: u64) -> bool {
    is_frozen(text, &format!(" {}", patch_name(patch)))
}

fn is_frozen(text: &[u8], what: &str) -> bool {
    frozen_part(text).is_some_and(|part| text[part].contains_str(what))
}

/// Where the section stands, up to the blank line that ends it.
fn frozen_part(text: &[u8]) -> Option<Range<usize>> {
    let start = place(text);
    let rest = &text[start..];
    let begun = [START.to_owned(), START.replace('\n', "\r\n")]
        .iter()
        .find_map(|begin| Some(rest.trim_start().strip_prefix(begin.as_bytes())?.len()))?;
    let from = text.len() - begun;
    let ends = ["\n\n", "\r\n\r\n"].map(|end| text[from..].find(end));
    let length = ends.into_iter().flatten().min().unwrap_or(begun);
    Some(from..from + length)
}

/// Where the section belongs.
fn place(text: &[u8]) -> usize {
    closed_block(text).map_or(byte_order_mark(text), |block| block.end)
}

/// What the branch changed in all, from what each commit did, oldest first.
fn sum(changes: &[Changes]) -> Vec<FileChange> {
    let mut files: BTreeMap<String, FileChange> = BTreeMap::new();
    let listed = changes.iter().filter_map(|changes| match changes {
        Changes::Files { files, .. } => Some(files),
        Changes::Merge { .. } | Changes::Unknown(_) => None,
    });
    for file in listed.flatten() {
        let from = match &file.kind {
            ChangeKind::Renamed { from } => from.clone(),
            _ => file.path.clone(),
        };
        let Some(before) = files.remove(&from) else {
            files.insert(file.path.clone(), file.clone());
            continue;
        };
        let kind = match (&before.kind, &file.kind) {
            (ChangeKind::Added, ChangeKind::Deleted) => continue,
            (ChangeKind::Deleted, ChangeKind::Added) => ChangeKind::Modified,
            (ChangeKind::Renamed { from }, ChangeKind::Deleted) => {
                let gone = FileChange {
                    path: from.clone(),
                    kind: ChangeKind::Deleted,
                    lines: file.lines,
                };
                files.insert(gone.path.clone(), gone);
                continue;
            }
            (_, ChangeKind::Deleted) => ChangeKind::Deleted,
            (ChangeKind::Modified, kind) => kind.clone(),
            (kind, _) => kind.clone(),
        };
        let lines = match (before.lines, file.lines) {
            (
                Lines::Counted { added, removed },
                Lines::Counted {
                    added: more,
                    removed: less,
                },
            ) => Lines::Counted {
                added: added.saturating_add(more),
                removed: removed.saturating_add(less),
            },
            (Lines::Binary, _) | (_, Lines::Binary) => Lines::Binary,
            _ => Lines::Unknown,
        };
        let path = file.path.clone();
        files.insert(path.clone(), FileChange { path, kind, lines });
    }
    files.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(digit: char) -> CommitId {
        CommitId::parse(&digit.to_string().repeat(40)).unwrap()
    }

    fn frozen() -> Frozen {
        Frozen {
            outcome: Outcome::Rewritten,
            time: DateTime::from_timestamp(1_756_493_700, 0).unwrap(),
            who: "ada".into(),
            branch: BranchName::new("feat/`a").unwrap(),
            merge_commit: Some(id('c')),
            version: id('d'),
            patch: Some(0xabc),
            commits: vec![FrozenCommit {
                id: id('e'),
                patch: Some(0xdef),
                subject: "Add\n- Version: x".into(),
            }],
            changes: Vec::new(),
        }
    }

    /// Whatever the document is, the section is read again, the rest is as it was, and what the document itself says of
    /// commits does not count as frozen.
    #[test]
    fn any_text_can_be_archived() {
        let forged = format!("{START}{VERSION}{}\n", id('f'));
        let table = [
            String::new(),
            "---\nstatus: draft\n---\n# T\n".into(),
            "---\r\nstatus: draft\r\n---\r\n# T\r\n".into(),
            "---\nnever closed\n# T\n".into(),
            "---\n: [\n---\n```\nopen fence\n".into(),
            "\u{feff}---\na: b\n---\n## Example\n````\n```\n".into(),
            format!("---\na: b\n---\n# T\n\n{forged}"),
            "text without an end".into(),
        ];
        for text in table {
            let document = Document::new(text.clone());
            assert_eq!(document.told(), None, "{text:?}");
            let archived = document.archived(&frozen());
            let told = archived.told().unwrap();
            assert_eq!(told.version, id('d'), "{text:?}");
            assert_eq!(told.branch.unwrap().as_str(), "feat/`a", "{text:?}");
            assert_eq!(told.outcome, Outcome::Rewritten.words(), "{text:?}");
            assert_eq!(
                archived.front_matter().fields.len(),
                document.front_matter().fields.len()
            );
            let at = place(document.text());
            assert!(archived.text().starts_with(&document.text()[..at]), "{text:?}");
            assert!(archived.text().ends_with(&document.text()[at..]), "{text:?}");
            for (digit, named) in [('c', true), ('e', true), ('d', false), ('f', false)] {
                assert_eq!(names_commit(archived.text(), &id(digit)), named, "{digit} {text:?}");
            }
            for (patch, named) in [(0xabc, true), (0xdef, true), (0xab, false)] {
                assert_eq!(names_patch(archived.text(), patch), named, "{patch} {text:?}");
                assert!(!names_patch(document.text(), patch), "{patch} {text:?}");
            }
        }
    }

    /// Of two ends the first one's words stay; commits and changes of both are found again.
    #[test]
    fn two_ends_become_one() {
        for newline in ["\n", "\r\n"] {
            let text = "---\na: b\n---\n# T\n".replace('\n', newline);
            let one = Document::new(text.clone()).archived(&frozen());
            let other = Document::new(text.clone()).archived(&Frozen {
                outcome: Outcome::Abandoned,
                merge_commit: None,
                patch: Some(0x123),
                commits: vec![FrozenCommit {
                    id: id('9'),
                    patch: None,
                    subject: "More".into(),
                }],
                changes: vec![Changes::Files {
                    files: vec![FileChange {
                        path: "a".into(),
                        kind: ChangeKind::Added,
                        lines: Lines::Unknown,
                    }],
                    renames_skipped: false,
                }],
                ..frozen()
            });
            let later = Document::new(text.replace("# T", "# T, later"));
            for (ends, outcome) in [
                ([&one, &other], Outcome::Rewritten),
                ([&other, &one], Outcome::Abandoned),
            ] {
                let both = later.archived_as(&ends, &id('8'));
                let told = both.told().unwrap();
                assert_eq!((told.version, told.outcome.as_str()), (id('8'), outcome.words()));
                for digit in ['c', 'e', '9'] {
                    assert!(names_commit(both.text(), &id(digit)), "{digit}");
                }
                assert!(names_patch(both.text(), 0xabc) && names_patch(both.text(), 0x123));
                assert!(both.text().ends_with(&later.text()[place(later.text())..]));
                assert_eq!(both.text().find_iter("Archived: ").count(), 1);
                let files = both.text().find_iter(FILES).count();
                assert_eq!(files, usize::from(outcome == Outcome::Abandoned));
                let again = later.archived_as(&[&both, ends[1]], &id('8'));
                assert_eq!(again, both);
            }
            assert_eq!(later.archived_as(&[&later, &later], &id('8')), later);
        }
    }

    #[test]
    fn changes_add_up() {
        let file = |path: &str, kind: ChangeKind, added: u64| FileChange {
            path: path.into(),
            kind,
            lines: Lines::Counted { added, removed: 1 },
        };
        let renamed = |from: &str| ChangeKind::Renamed { from: from.into() };
        let commit = |files: Vec<FileChange>| Changes::Files {
            files,
            renames_skipped: false,
        };
        let summed = sum(&[
            commit(vec![
                file("a", ChangeKind::Added, 2),
                file("b", ChangeKind::Modified, 3),
                file("gone", ChangeKind::Added, 4),
                file("moved", ChangeKind::Modified, 0),
            ]),
            Changes::Merge {
                commits: 3,
                or_more: false,
            },
            commit(vec![
                file("a", ChangeKind::Modified, 5),
                file("b", ChangeKind::Deleted, 0),
                file("gone", ChangeKind::Deleted, 0),
                file("here", renamed("moved"), 1),
            ]),
            commit(vec![file("there", renamed("here"), 1)]),
        ]);
        let said: Vec<(&str, &ChangeKind)> = summed.iter().map(|file| (file.path.as_str(), &file.kind)).collect();
        assert_eq!(
            said,
            [
                ("a", &ChangeKind::Added),
                ("b", &ChangeKind::Deleted),
                ("there", &renamed("moved")),
            ]
        );
        assert_eq!(summed[0].lines, Lines::Counted { added: 7, removed: 2 });
    }
}
