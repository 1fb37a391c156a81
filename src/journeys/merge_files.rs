//! Merging copies of a document that are files in a work tree, for git's merge (gitattributes(5), "Defining a custom merge
//! driver"). Not here: the merge (document/merge/), and the store, which has no part in it: the files may be of a repository
//! that has none.

use std::path::Path;

use chrono::{DateTime, Utc};

use crate::check::date_of;
use crate::document::Document;
use crate::document::merge::{Side, ground, merge};
use crate::error::{Error, Result};

/// Merges the files `ours` and `theirs`, which both come from `base`, an empty one if from none, and writes the result to
/// `ours`.
///
/// Errors: a file cannot be read or written; one side is no document, or they are documents of two branches. Then `ours` is
/// as it was, which is a conflict for git.
pub(crate) fn merge_files(base: &Path, ours: &Path, theirs: &Path) -> Result<()> {
    let [base, one, other] = [read(base)?, read(ours)?, read(theirs)?];
    let (name, other_name) = (branch(&one, ours)?, branch(&other, theirs)?);
    if name != other_name {
        return Err(Error::new("the two sides are documents of two branches")
            .why(format!("'{name}' and '{other_name}'"))
            .hint("keep each in a file of its own, then: git add <file>"));
    }
    let base = match base.text().is_empty() {
        true => ground(&other, &one),
        false => base,
    };
    let merged = merge(&base, &side(&one, "this branch"), &side(&other, "the other branch"));
    if merged == one {
        return Ok(());
    }
    std::fs::write(ours, merged.text())
        .map_err(|error| Error::new(format!("cannot write '{}'", ours.display())).because(&error))
}

fn read(path: &Path) -> Result<Document> {
    let text = std::fs::read(path);
    text.map(Document::new)
        .map_err(|error| Error::new(format!("cannot read '{}'", path.display())).because(&error))
}

/// The branch that a document is of.
fn branch(document: &Document, path: &Path) -> Result<String> {
    let name = document.front_matter().text("branch.name").map(str::to_owned);
    name.ok_or_else(|| {
        Error::new(format!("'{}' is no branch document", path.display()))
            .why("it has no front matter that names a branch")
            .hint("merge it by hand, then: git add <file>")
    })
}

/// A side as late as it says itself: the file has no other time.
fn side<'a>(document: &'a Document, who: &'a str) -> Side<'a> {
    let front_matter = document.front_matter();
    let time = front_matter.text("last_updated").and_then(date_of);
    Side {
        document,
        who,
        time: time.map_or(DateTime::<Utc>::UNIX_EPOCH, |date| date.time),
    }
}
