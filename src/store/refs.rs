//! The store's refs as files of their own (gitrepository-layout(5)), read and written without gix.
//!
//! Git's own protocol is kept: the new value is written to `<ref>.lock` and renamed, so that git may pack refs meanwhile.
//! Not here: refs in any other form (packed, symbolic, in the way of a folder), and deleting one. That is gix's work;
//! [`Store::refs_below`] asks it where it has to, and everything else here says where it leaves something to gix.

use std::collections::HashSet;
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use gix::bstr::ByteSlice;

use super::{LIVE, Place, Store};
use crate::error::{Error, Result};
use crate::names::BranchName;
use crate::repo::read_small;
use crate::threads;

/// The refs that have no file of their own.
const PACKED: &str = "packed-refs";
/// How many folders a thread reads before it asks for more.
const FEW_FOLDERS: usize = 200;
/// A ref's file has one id of at most 64 digits and a line feed; a symbolic one is longer or shorter.
const LARGEST: usize = 128;

/// What a ref's file says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// There is no such ref.
    Nothing,
    /// It points at this object.
    Id(gix::ObjectId),
    /// Gix has to look.
    Unclear,
}

impl Store {
    /// The refs whose names start with `prefix`, which ends in a slash, in the order of their names, and where they stand.
    pub(super) fn refs_below(&self, prefix: &str) -> Result<Vec<(String, gix::ObjectId)>> {
        if self.is_ours
            && !some_are_packed(&self.path)
            && let Some(found) = below(&self.path, prefix)
        {
            return Ok(found);
        }
        let unreadable = |error: gix::Error| {
            Error::new(format!("cannot list what is below '{prefix}' in the store"))
                .because(&error)
                .hint("git branchwork doctor")
        };
        let references = self.opened()?.references().map_err(unreadable)?;
        let found = references.prefixed(prefix).map_err(unreadable)?;
        let found = found.filter_map(std::result::Result::ok);
        let found: Vec<(String, gix::ObjectId)> = found
            .filter_map(|reference| {
                let name = reference.name().as_bstr().to_str().ok()?.to_owned();
                Some((name, reference.try_id()?.detach()))
            })
            .collect();
        if prefix == LIVE {
            *self.unreadable.borrow_mut() = self.unreadable_among(&found, prefix);
        }
        Ok(found)
    }

    /// The branches whose documents [`Store::documents`] left out when it was asked last, because their refs say nothing, as a
    /// power cut leaves them; with those refs.
    pub(crate) fn unreadable_documents(&self) -> Vec<(BranchName, String)> {
        let unreadable = self.unreadable.borrow();
        let branch = |name: &String| BranchName::new(name.strip_prefix(LIVE)?.rsplit_once('/')?.0);
        unreadable
            .iter()
            .filter_map(|name| Some((branch(name)?, name.clone())))
            .collect()
    }

    /// The refs below a folder that have a file of their own, are not among `found`, and cannot be read.
    fn unreadable_among(&self, found: &[(String, gix::ObjectId)], folder: &str) -> Vec<String> {
        let known: HashSet<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
        let (mut unreadable, mut folders) = (Vec::new(), vec![folder.to_owned()]);
        while let Some(folder) = folders.pop() {
            let entries = std::fs::read_dir(self.path.join(&folder))
                .into_iter()
                .flatten()
                .flatten();
            for entry in entries {
                let Some(name) = entry.file_name().to_str().map(|name| format!("{folder}{name}")) else {
                    continue;
                };
                if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                    folders.push(name + "/");
                } else if !known.contains(name.as_str()) && !name.ends_with(".lock") && self.target(&name).is_err() {
                    unreadable.push(name);
                }
            }
        }
        unreadable.sort_unstable();
        unreadable
    }
}

/// Whether some refs may have no file of their own.
pub(super) fn some_are_packed(store: &Path) -> bool {
    store.join(PACKED).try_exists().unwrap_or(true)
}

/// Reads a ref. Git packs a ref before it removes its file, so the file is looked for first.
pub(super) fn read(store: &Path, name: &str) -> Found {
    match read_small(&store.join(name), LARGEST) {
        Ok(text) => parsed(&text).map_or(Found::Unclear, Found::Id),
        Err(error) if error.kind() == ErrorKind::NotFound && !some_are_packed(store) => Found::Nothing,
        Err(_) => Found::Unclear,
    }
}

fn parsed(text: &[u8]) -> Option<gix::ObjectId> {
    gix::ObjectId::from_hex(text.strip_suffix(b"\n")?).ok()
}

/// The refs below a folder, whose name ends in a slash, in the order of their names; `None` where gix has to look.
pub(super) fn below(store: &Path, folder: &str) -> Option<Vec<(String, gix::ObjectId)>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while !folders.is_empty() {
        let parts = threads::share(folders.len(), FEW_FOLDERS, |next| {
            let mut part = Some((Vec::new(), Vec::new()));
            while let Some(range) = next() {
                part = part.and_then(|part| {
                    folders[range]
                        .iter()
                        .try_fold(part, |part, folder| inside(store, folder, part))
                });
            }
            Ok(part)
        });
        folders.clear();
        for part in parts.ok()? {
            let (files, below) = part?;
            found.extend(files);
            folders.extend(below);
        }
    }
    found.sort_unstable();
    // One that was packed meanwhile is in no file of its own.
    (!some_are_packed(store)).then_some(found)
}

/// Refs and folders.
type Inside = (Vec<(String, gix::ObjectId)>, Vec<String>);

/// Adds what is in a folder.
fn inside(store: &Path, folder: &str, (mut files, mut folders): Inside) -> Option<Inside> {
    let entries = match std::fs::read_dir(store.join(folder)) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Some((files, folders)),
        entries => entries.ok()?,
    };
    for entry in entries {
        let entry = entry.ok()?;
        let name = format!("{folder}{}", entry.file_name().to_str()?);
        let kind = entry.file_type().ok()?;
        if kind.is_dir() {
            folders.push(name + "/");
        } else if !kind.is_file() {
            return None;
        } else if !name.ends_with(".lock") {
            match read_small(&store.join(&name), LARGEST) {
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                text => files.push((name, parsed(&text.ok()?)?)),
            }
        }
    }
    Some((files, folders))
}

/// Points a ref at `id`, if it stands at `before`. Returns whether it does now: where it does not, nothing was changed, and
/// gix finds out why.
pub(super) fn write(store: &Path, name: &str, id: &gix::oid, before: Place) -> bool {
    let path = store.join(name);
    let (Some(folder), Some(leaf)) = (path.parent(), path.file_name().and_then(|leaf| leaf.to_str())) else {
        return false;
    };
    let lock = || {
        let mut builder = tempfile::Builder::new();
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        builder.prefix(leaf).rand_bytes(0).suffix(".lock").tempfile_in(folder)
    };
    let locked = match lock() {
        Err(error) if error.kind() == ErrorKind::NotFound => std::fs::create_dir_all(folder).and_then(|()| lock()),
        locked => locked,
    };
    let Ok(mut file) = locked else {
        return false;
    };
    let as_expected = match (read(store, name), before) {
        (Found::Nothing, Place::Missing | Place::Any) | (Found::Id(_), Place::Any) => true,
        (Found::Id(found), Place::At(expected)) => found == expected,
        _ => false,
    };
    as_expected && file.write_all(format!("{}\n", id.to_hex()).as_bytes()).is_ok() && file.persist(path).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repo::ObjectFormat;
    use crate::store::{Store, open};

    fn id(digit: char) -> gix::ObjectId {
        gix::ObjectId::from_hex(digit.to_string().repeat(40).as_bytes()).unwrap()
    }

    /// A new store's folder.
    fn place() -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = crate::temporary::folder();
        let store = Store::open_or_create(folder.path(), ObjectFormat::Sha1).unwrap();
        let path = store.path().to_owned();
        (folder, path)
    }

    fn by_gix(store: &Path, name: &str) -> Option<gix::ObjectId> {
        let repository = open(store).unwrap();
        let reference = repository.try_find_reference(name).unwrap();
        reference.map(|reference| reference.id().detach())
    }

    #[test]
    fn what_is_written_is_read_here_and_by_gix() {
        let (_folder, store) = place();
        // Names that begin with another's, as branches `a` and `a/b` make them.
        let names = ["refs/branchwork/docs/a/1", "refs/branchwork/docs/a/b/2"];
        for name in names {
            assert_eq!(read(&store, name), Found::Nothing);
            assert!(!write(&store, name, &id('1'), Place::At(id('1'))), "{name}");
            assert!(write(&store, name, &id('1'), Place::Missing), "{name}");
            assert!(!write(&store, name, &id('2'), Place::Missing), "{name}");
            assert!(!write(&store, name, &id('2'), Place::At(id('3'))), "{name}");
            assert_eq!(read(&store, name), Found::Id(id('1')));
            assert!(write(&store, name, &id('2'), Place::At(id('1'))), "{name}");
            assert!(write(&store, name, &id('3'), Place::Any), "{name}");
        }
        for name in names {
            assert_eq!(read(&store, name), Found::Id(id('3')));
            assert_eq!(by_gix(&store, name), Some(id('3')));
            assert!(!store.join(format!("{name}.lock")).exists());
        }
    }

    #[test]
    fn what_has_another_form_is_left_to_gix() {
        let (_folder, store) = place();
        let name = "refs/branchwork/docs/a/1";
        let at = store.join(name);
        std::fs::create_dir_all(&at).unwrap();
        assert_eq!(read(&store, name), Found::Unclear);
        assert!(!write(&store, name, &id('1'), Place::Any));
        std::fs::remove_dir(&at).unwrap();
        for text in ["", "1111", "ref: refs/x\n", &"1".repeat(41), &format!("{}\n ", id('1'))] {
            std::fs::write(&at, text).unwrap();
            assert_eq!(read(&store, name), Found::Unclear, "{text:?}");
            assert!(!write(&store, name, &id('1'), Place::Any), "{text:?}");
            assert_eq!(std::fs::read_to_string(&at).unwrap(), text);
        }
        std::fs::remove_file(&at).unwrap();
        // A folder's name that a ref has.
        assert!(write(&store, name, &id('1'), Place::Missing));
        let below = format!("{name}/2");
        assert_eq!(read(&store, &below), Found::Unclear);
        assert!(!write(&store, &below, &id('1'), Place::Missing));
        // Somebody else's lock stays.
        std::fs::write(store.join(format!("{name}.lock")), "").unwrap();
        assert!(!write(&store, name, &id('2'), Place::At(id('1'))));
        assert!(store.join(format!("{name}.lock")).exists());
        assert_eq!(read(&store, name), Found::Id(id('1')));
    }

    #[test]
    fn a_missing_file_says_nothing_where_refs_are_packed() {
        let (_folder, store) = place();
        let name = "refs/branchwork/docs/a/1";
        let packed = format!("# pack-refs with: peeled fully-peeled sorted \n{} {name}\n", id('1'));
        std::fs::write(store.join(PACKED), packed).unwrap();
        assert_eq!(read(&store, name), Found::Unclear);
        assert!(!write(&store, name, &id('2'), Place::Missing));
        assert_eq!(by_gix(&store, name), Some(id('1')));
        assert_eq!(below(&store, "refs/branchwork/docs/"), None);
    }

    #[test]
    fn all_below_a_folder() {
        let (_folder, store) = place();
        let list = || below(&store, "refs/branchwork/docs/");
        assert_eq!(list(), Some(Vec::new()));
        let names = ["a-b/1", "a/1", "a/b/1", "ab/1"].map(|name| format!("refs/branchwork/docs/{name}"));
        for (name, digit) in names.iter().zip("4321".chars()) {
            assert!(write(&store, name, &id(digit), Place::Missing));
        }
        std::fs::write(store.join("refs/branchwork/docs/a/1.lock"), "").unwrap();
        let found = list().unwrap();
        let expected: Vec<_> = names.iter().cloned().zip("4321".chars().map(id)).collect();
        assert_eq!(found, expected);
        let repository = open(&store).unwrap();
        let references = repository.references().unwrap();
        let by_gix = references.prefixed("refs/branchwork/docs/").unwrap().map(|reference| {
            let reference = reference.unwrap();
            (reference.name().as_bstr().to_string(), reference.id().detach())
        });
        assert_eq!(by_gix.collect::<Vec<_>>(), expected);
        for text in ["ref: refs/x\n", "", "1111\n"] {
            std::fs::write(store.join("refs/branchwork/docs/a/2"), text).unwrap();
            assert_eq!(list(), None, "{text:?}");
        }
    }
}
