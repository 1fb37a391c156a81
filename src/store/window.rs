//! A repository that shows git the store's objects and few of its refs. Git reads all refs that it sees each time that it fetches or
//! pushes; with this the documents of other branches cost nothing.
//!
//! The folders of refs are links to the store's own, so what git writes there is written in the store. Not here: what is fetched
//! (transport.rs).

use std::path::Path;

use super::{LIVE, Store, refs, remote};
use crate::names::BranchName;

/// How the name of one begins. It is in use without the writers' lock.
pub(super) const PREFIX: &str = "window-";

/// It goes when this goes.
pub(crate) struct Window {
    folder: tempfile::TempDir,
}

impl Window {
    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }
}

impl Store {
    /// With the documents of branches, each called so here and so on `remote`. `None` where it cannot be: some refs have no file of
    /// their own, or there are no links. Then git has to see the whole store.
    pub(crate) fn window<'b>(
        &self,
        remote: &str,
        branches: impl IntoIterator<Item = (&'b BranchName, &'b BranchName)>,
    ) -> Option<Window> {
        if !self.is_ours || refs::some_are_packed(&self.path) {
            return None;
        }
        let make = || {
            let mut builder = tempfile::Builder::new();
            let folder = builder.prefix(PREFIX).tempdir_in(&self.path)?;
            for name in ["HEAD", "config"] {
                std::fs::copy(self.path.join(name), folder.path().join(name))?;
            }
            std::fs::create_dir(folder.path().join("refs"))?;
            let mut folders: Vec<String> = branches
                .into_iter()
                .flat_map(|(here, there)| [format!("{LIVE}{here}"), remote::folder(remote, there.as_str())])
                .collect();
            // A folder comes before those in it, which are seen through its link.
            folders.sort();
            for name in folders {
                let (real, link) = (self.path.join(&name), folder.path().join(name.trim_end_matches('/')));
                std::fs::create_dir_all(&real)?;
                if !link.exists() {
                    link.parent().map_or(Ok(()), std::fs::create_dir_all)?;
                    link_to(&real, &link)?;
                }
            }
            Ok::<Window, std::io::Error>(Window { folder })
        };
        make().ok()
    }
}

#[cfg(unix)]
fn link_to(real: &Path, link: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(real, link)
}

#[cfg(not(unix))]
fn link_to(_: &Path, _: &Path) -> std::io::Result<()> {
    Err(std::io::ErrorKind::Unsupported.into())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::repo::ObjectFormat;

    /// Every file and folder below `folder`, seen through links.
    fn all_below(folder: &Path) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let mut next = vec![folder.to_owned()];
        while let Some(folder_of) = next.pop() {
            for entry in std::fs::read_dir(folder_of).unwrap() {
                let path = entry.unwrap().path();
                found.insert(path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned());
                if path.is_dir() {
                    next.push(path);
                }
            }
        }
        found
    }

    #[test]
    #[cfg(unix)]
    fn it_shows_what_was_asked_for_and_goes_without_a_trace() {
        let folder = crate::temporary::folder();
        let store = Store::open_or_create(folder.path(), ObjectFormat::Sha1).unwrap();
        let names = ["a", "a-b", "a/b", "c"].map(|name| BranchName::new(name).unwrap());
        for name in &names {
            for place in [
                format!("{LIVE}{}", name.as_str()),
                remote::folder("origin", name.as_str()),
            ] {
                let place = store.path().join(place);
                std::fs::create_dir_all(&place).unwrap();
                std::fs::write(place.join("1"), "").unwrap();
            }
        }
        let before = all_below(store.path());
        let window = store
            .window("origin", [(&names[2], &names[2]), (&names[0], &names[1])])
            .unwrap();
        let files: Vec<String> = all_below(window.path())
            .into_iter()
            .filter(|name| name.ends_with("/1"))
            .collect();
        let expected = [
            "docs/a/1",
            "docs/a/b/1",
            "remotes/origin/docs/a-b/1",
            "remotes/origin/docs/a/b/1",
        ];
        assert_eq!(files, expected.map(|name| format!("refs/branchwork/{name}")));
        drop(window);
        assert_eq!(all_below(store.path()), before);
        std::fs::write(store.path().join("packed-refs"), "").unwrap();
        assert!(store.window("origin", []).is_none());
    }
}
