//! Taking the documents out of a repository, after a bundle of them was written.
//!
//! Not here: the hooks (install/).

use std::ffi::OsStr;
use std::path::PathBuf;
use std::time::Duration;

use crate::error::{Error, Result};
use crate::process::{self, Call};
use crate::store::Access;
use crate::view::{Content, View};

use super::{Session, edit};

/// Writes every document with its history to a bundle in the common git directory, then removes the store, the views and
/// what is remembered of them. A view whose text is in no version stays. Returns the bundle; `None` where there was no store.
///
/// Errors: the bundle could not be written. Then nothing is removed.
pub(crate) fn purge(session: &Session<'_>) -> Result<Option<PathBuf>> {
    let Some(store) = session.store()? else {
        return Ok(None);
    };
    for stored in store.documents()? {
        if let Some(branch) = stored.branch {
            edit::read(session, &branch)?;
        }
    }
    let Access::Writer(_writer) = store.access()? else {
        return Err(Error::new("the store cannot be written").hint("make the git directory writable"));
    };
    let stamp = session.world.now.format("%Y%m%d%H%M%S");
    let bundle = session
        .repository
        .common_dir()
        .join(format!("branchwork-{stamp}.bundle"));
    let arguments = ["bundle", "create", "--quiet"].map(OsStr::new);
    let call = Call {
        program: OsStr::new("git"),
        arguments: arguments
            .into_iter()
            .chain([bundle.as_os_str(), OsStr::new("--all")])
            .collect(),
        directory: store.path(),
        repository: process::Repository::OfDirectory,
        environment: &[],
        timeout: Duration::from_secs(600),
    };
    process::run(&call).map_err(|failure| {
        Error::new(format!(
            "cannot write the bundle '{}', so nothing was removed",
            bundle.display()
        ))
        .because(&failure)
        .hint("git branchwork doctor")
    })?;
    for checkout in session.repository.checkouts() {
        let view = View::of(&checkout);
        let seen = view.read()?;
        let saved = match (&seen, view.state()) {
            (Content::Text(text), Some(state)) => state.texts.contains(&store.text_id(text)?),
            _ => false,
        };
        view.purge(saved.then_some(&seen))?;
    }
    // It goes as a whole, so that half a store is never taken for a damaged one.
    let cannot =
        |error: &std::io::Error| Error::new(format!("cannot remove '{}'", store.path().display())).because(error);
    let aside = session
        .repository
        .common_dir()
        .join(format!("branchwork-purged-{stamp}"));
    std::fs::rename(store.path(), &aside).map_err(|error| cannot(&error))?;
    std::fs::remove_dir_all(&aside).map_err(|error| cannot(&error))?;
    Ok(Some(bundle))
}
