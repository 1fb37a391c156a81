//! Which commits were rewritten into which, as git's post-rewrite hook said, until every document has used it: the file
//! `rewritten` in the store, a line `<old> <new>` each, the latest last. And at which commit a document was last compared
//! with its branch, where the document itself does not show it: the files `reconciled/<document id>`.
//!
//! Not here: what follows from it (document/updates/plan.rs).

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::Path;

use super::{Store, Writer};
use crate::error::{Error, Result};
use crate::names::{CommitId, DocId};

const REWRITTEN: &str = "rewritten";
pub(super) const RECONCILED: &str = "reconciled";
/// How the names of files begin that are about to take the place of another.
pub(super) const UNFINISHED: &str = "tmp_";
/// How many lines are kept: a hook reads them all.
const MOST_PAIRS: usize = 20_000;

impl Store {
    /// The pairs that are kept; none where the file cannot be read. A line that is not whole is passed over.
    pub(crate) fn rewritten(&self) -> Vec<(CommitId, CommitId)> {
        let text = std::fs::read_to_string(self.path().join(REWRITTEN)).unwrap_or_default();
        let pair = |line: &str| {
            let (old, new) = line.split_once(' ')?;
            Some((CommitId::parse(old)?, CommitId::parse(new)?))
        };
        text.lines().filter_map(pair).collect()
    }

    /// The branch's commit with which the document was last compared, where that was kept.
    pub(crate) fn reconciled(&self, id: &DocId) -> Option<CommitId> {
        let text = std::fs::read_to_string(self.path().join(RECONCILED).join(id.as_str())).ok()?;
        CommitId::parse(text.trim_end())
    }
}

impl Writer<'_> {
    /// Adds pairs behind those that are there. Lines are appended, so a crash can leave half of one, which is passed over.
    pub(crate) fn add_rewritten(&self, pairs: &[(CommitId, CommitId)]) -> Result<()> {
        let path = self.store().path().join(REWRITTEN);
        let text = std::iter::once("\n".to_owned())
            .chain(pairs.iter().map(line))
            .collect::<String>();
        let written = OpenOptions::new().create(true).append(true).open(&path);
        let written = written.and_then(|mut file| file.write_all(text.as_bytes()));
        written.map_err(|error| Error::new(format!("cannot write '{}'", path.display())).because(&error))
    }

    /// Keeps those pairs and no others.
    pub(crate) fn keep_rewritten(&self, pairs: &[(CommitId, CommitId)]) -> Result<()> {
        let path = self.store().path().join(REWRITTEN);
        if pairs.is_empty() {
            return remove(&path);
        }
        let latest = pairs.len().saturating_sub(MOST_PAIRS);
        let text: String = pairs[latest..].iter().map(line).collect();
        self.note(&path, &text)
    }

    /// Remembers with which commit the document was compared; `None`: forgets it.
    pub(crate) fn note_reconciled(&self, id: &DocId, tip: Option<&CommitId>) -> Result<()> {
        let path = self.store().path().join(RECONCILED).join(id.as_str());
        match tip {
            Some(tip) => self.note(&path, &format!("{tip}\n")),
            None => remove(&path),
        }
    }

    /// Writes a file of the store in one step, making its folder.
    pub(super) fn note(&self, path: &Path, text: &str) -> Result<()> {
        let written = || {
            let folder = path.parent().unwrap_or(path);
            std::fs::create_dir_all(folder)?;
            let mut file = tempfile::Builder::new().prefix(UNFINISHED).tempfile_in(folder)?;
            file.write_all(text.as_bytes())?;
            file.persist(path).map(drop).map_err(|error| error.error)
        };
        written().map_err(|error| Error::new(format!("cannot write '{}'", path.display())).because(&error))
    }
}

fn line((old, new): &(CommitId, CommitId)) -> String {
    format!("{old} {new}\n")
}

/// Removes a file of the store, where it is there.
pub(super) fn remove(path: &Path) -> Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(Error::new(format!("cannot remove '{}'", path.display()))
                .because(&error)
                .hint("make the git directory writable, then run the command again"))
        }
        _ => Ok(()),
    }
}
