//! Documents as Markdown files in a folder, for teams that want them in a wiki or in their tree.
//!
//! All files lie in the folder itself, and their names are ASCII. Only what is a version of a document is ever written over:
//! everything else is somebody's. Not here: reading such files again.

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::names::{DocId, slug};
use crate::store::Store;

use super::{Notice, Session, open};

/// What was done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Exported {
    /// How many files were written.
    pub(crate) written: usize,
    /// How many had the right text already.
    pub(crate) unchanged: usize,
    /// Those that hold something else and were left alone.
    pub(crate) left: Vec<PathBuf>,
    /// What to tell.
    pub(crate) notices: Vec<Notice>,
}

/// Writes every live document to a file `<slug>-<id>.md` in `folder`, which is made where it is missing; with `archived` those
/// of the archive too.
///
/// Errors: a file cannot be read or written. Those before it are written then.
pub(crate) fn export(session: &Session<'_>, folder: &Path, archived: bool) -> Result<Exported> {
    let mut done = Exported::default();
    let Some(store) = session.store()? else {
        return Ok(done);
    };
    let (documents, notices) = open::all_edited(session, store)?;
    done.notices = notices;
    std::fs::create_dir_all(folder).map_err(|error| cannot_write(folder, &error))?;
    for stored in documents {
        let Some(branch) = &stored.branch else { continue };
        let text = store.load(&stored.version)?.0;
        let name = slug(branch, &stored.id);
        write(store, folder, &name, &stored.id, &text, &mut done)?;
    }
    if archived {
        for archived in store.archived(None)? {
            let text = store.archived_text(&archived)?;
            write(store, folder, archived.slug(), &archived.id, &text, &mut done)?;
        }
    }
    Ok(done)
}

/// How much of a slug a file's name has, as in the archive: names of files are no longer than 255 bytes.
const LONGEST_SLUG: usize = 120;

fn write(store: &Store, folder: &Path, slug: &str, id: &DocId, text: &[u8], done: &mut Exported) -> Result<()> {
    let slug = slug[..slug.len().min(LONGEST_SLUG)].trim_end_matches('-');
    let path = folder.join(format!("{slug}-{id}.md"));
    match std::fs::symlink_metadata(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(cannot_write(&path, &error)),
        Ok(metadata) if !metadata.is_file() => {
            done.left.push(path);
            return Ok(());
        }
        Ok(_) => {
            let there = std::fs::read(&path).map_err(|error| cannot_write(&path, &error))?;
            if there == text {
                done.unchanged += 1;
                return Ok(());
            }
            if !store.has_text(&store.text_id(&there)?)? {
                done.left.push(path);
                return Ok(());
            }
        }
    }
    // A rename puts the file there in one step, and goes through no link that somebody put in its place meanwhile.
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let written = builder.prefix(".branchwork-").tempfile_in(folder).and_then(|mut file| {
        file.write_all(text)?;
        file.persist(&path).map_err(|failed| failed.error)
    });
    written.map_err(|error| cannot_write(&path, &error))?;
    done.written += 1;
    Ok(())
}

fn cannot_write(path: &Path, error: &std::io::Error) -> Error {
    Error::new(format!("cannot write '{}'", path.display())).because(error)
}
