//! What other tools keep in the user's repository: blobs that refs of theirs name, and sections of the configuration, or of a
//! file in its format.
//!
//! Not here: what any of it means (records/). How much is read has limits, because such refs are written by others.

use std::collections::BTreeSet;
use std::fs::Metadata;
use std::path::PathBuf;

use gix::bstr::ByteSlice;
use gix::objs::tree::EntryKind;
use gix::refs::Target;

use super::references::Named;
use super::{ContentId, Repository};
use crate::error::{Error, Result};

/// How many blobs one tool's records may be.
const MOST_BLOBS: usize = 2_000;
/// Larger blobs and trees are not read.
const LARGEST: u64 = 1024 * 1024;

/// No file system takes a longer path, so no ref has a longer name.
const LONGEST_PATH: usize = 4096;

/// A blob, or why it is not read, as the end of a sentence.
pub(crate) type Blob = std::result::Result<Vec<u8>, String>;

/// A section of the configuration such as `[branch "feat"]`.
pub(crate) struct Section<'a>(gix::config::file::SectionRef<'a>);

impl Section<'_> {
    /// The last value of a key, which is the one that counts, where it is UTF-8.
    pub(crate) fn value(&self, key: &str) -> Option<String> {
        self.0.value(key)?.to_str().ok().map(str::to_owned)
    }

    /// All values of a key.
    pub(crate) fn values(&self, key: &str) -> Vec<String> {
        let values = self.0.values(key);
        values
            .iter()
            .filter_map(|value| value.to_str().ok().map(str::to_owned))
            .collect()
    }

    /// The keys that it has, in lower case.
    pub(crate) fn keys(&self) -> Vec<String> {
        let lower = |key: String| key.to_ascii_lowercase();
        self.0.value_names().map(lower).collect()
    }
}

/// Shows `see` the sections such as `[branch "feat"]` of `config` in their order, so that a later one counts, each with the
/// part of its name that is in quotes.
fn each_section(config: &gix::config::File, name: &str, see: &mut dyn FnMut(&str, &Section)) {
    // gix looks sections up by name in a time that grows with the square of their number.
    for section in config.sections() {
        let header = section.header();
        if header.name().eq_ignore_ascii_case(name.as_bytes())
            && let Some(Ok(quoted)) = header.subsection_name().map(|quoted| quoted.to_str())
        {
            see(quoted, &Section(section));
        }
    }
}

/// The same for a file in git's format; the error is the end of a sentence.
pub(crate) fn each_section_of(
    text: &[u8],
    name: &str,
    see: &mut dyn FnMut(&str, &Section),
) -> std::result::Result<(), String> {
    let options = gix::config::file::init::Options {
        lossy: true,
        ..Default::default()
    };
    let config = gix::config::File::from_bytes_no_includes(text, gix::config::file::Metadata::api(), options);
    each_section(&config.map_err(|error| error.to_string())?, name, see);
    Ok(())
}

impl Repository {
    /// Shows `see` the sections of the configuration such as `[branch "feat"]` in their order, so that a later one counts, each
    /// with the part of its name that is in quotes.
    pub(crate) fn each_section(&self, name: &str, see: &mut dyn FnMut(&str, &Section)) {
        each_section(self.inner.config_snapshot().plumbing(), name, see);
    }

    /// The files that the repository's configuration includes, and that of the work tree.
    pub(crate) fn included_config(&self) -> Vec<PathBuf> {
        let config = self.inner.config_snapshot();
        let sections = config.plumbing().sections().map(|section| section.meta());
        let others = sections.filter(|meta| match meta.source {
            gix::config::Source::Local => meta.level > 0,
            source => source == gix::config::Source::Worktree,
        });
        let paths: BTreeSet<&PathBuf> = others.filter_map(|meta| meta.path.as_ref()).collect();
        paths.into_iter().cloned().collect()
    }

    /// Whether the configuration says no to a key.
    pub(crate) fn is_off(&self, key: &str) -> bool {
        self.inner.config_snapshot().boolean(key) == Some(false)
    }

    /// All values of a configuration key that may have several, those that are UTF-8.
    pub(crate) fn config_values(&self, key: &str) -> Vec<String> {
        let values = self.inner.config_snapshot().plumbing().strings(key).unwrap_or_default();
        let values = values.iter().filter_map(|value| value.to_str().ok());
        values.map(str::to_owned).collect()
    }

    /// The full names of the refs below `prefix` and the blobs that they name, or why that is not known. A ref whose name is not UTF-8
    /// is left out. The file of a ref of which `known` says what it names, by its full name and what the file looks like, is not read.
    pub(crate) fn blobs_of_refs(
        &self,
        prefix: &str,
        known: &mut dyn FnMut(&str, &Metadata) -> Option<ContentId>,
    ) -> Result<Vec<(String, std::result::Result<ContentId, String>)>> {
        let refs = self.targets_below(prefix, MOST_BLOBS, &mut |name, file| {
            // It is older than what is read of the file, so that a change meanwhile is seen the next time.
            let metadata = file.metadata().ok().filter(Metadata::is_file)?;
            known(name.to_str().ok()?, &metadata).map(|id| id.0)
        })?;
        let named = |(name, id): Named| Some((String::from_utf8(name.into()).ok()?, id.map(ContentId)));
        Ok(refs.into_iter().filter_map(named).collect())
    }

    /// The data of a blob, if it is not very large.
    pub(crate) fn blob(&self, id: ContentId) -> Blob {
        self.small(id.0, gix::object::Kind::Blob)
    }

    /// The blob that the ref of this full name names, if it is not very large.
    pub(crate) fn blob_of_ref(&self, full: &str) -> Option<Blob> {
        let named = self.named_by(full)?;
        Some(named.and_then(|id| self.small(id, gix::object::Kind::Blob)))
    }

    /// The files that the commit of the ref of this full name has at `places`, which are names at the top of its tree: each
    /// by its path, and of a folder all that is below. `None` where there is no such ref.
    pub(crate) fn files_of_ref(&self, full: &str, places: &[&str]) -> Option<Result<Vec<(String, ContentId)>>> {
        let unreadable = |why: String| Error::new(format!("'{full}' is not read")).why(why);
        let named = self.named_by(full)?;
        let files = named.and_then(|commit| self.files_of_commit(commit, places));
        Some(files.map_err(unreadable))
    }

    /// The object that the ref of this full name names; `None` where there is no such ref.
    fn named_by(&self, full: &str) -> Option<std::result::Result<gix::ObjectId, String>> {
        let id = |target: Target| match target {
            Target::Object(id) => Ok(id),
            Target::Symbolic(name) => Err(format!("it names '{}'", name.as_bstr())),
        };
        Some(self.look_up(full).transpose()?.and_then(id))
    }

    fn files_of_commit(
        &self,
        commit: gix::ObjectId,
        places: &[&str],
    ) -> std::result::Result<Vec<(String, ContentId)>, String> {
        let commit = self.inner.find_commit(commit).map_err(|error| error.to_string())?;
        let top = commit.tree_id().map_err(|error| error.to_string())?;
        let mut files = Vec::new();
        // The folders that are still to be looked at, each with what its entries' paths begin with.
        let mut folders = vec![(String::new(), top.detach())];
        let mut seen = 0;
        while let Some((prefix, id)) = folders.pop() {
            let data = self.small(id, gix::object::Kind::Tree)?;
            seen += 1;
            for entry in gix::objs::TreeRefIter::from_bytes(&data, self.inner.object_hash()) {
                let entry = entry.map_err(|error| error.to_string())?;
                // What is not UTF-8 is of a branch that has no document.
                let Ok(name) = entry.filename.to_str() else { continue };
                if prefix.is_empty() && !places.contains(&name) {
                    continue;
                }
                let path = format!("{prefix}{name}");
                // The same folder can be in many, so that few objects can be very many files.
                if seen + folders.len() + files.len() > MOST_BLOBS || path.len() > LONGEST_PATH {
                    return Err(format!(
                        "it holds more than {MOST_BLOBS} files, or longer names than a branch can have"
                    ));
                }
                match entry.mode.kind() {
                    EntryKind::Tree => folders.push((path + "/", entry.oid.to_owned())),
                    EntryKind::Blob | EntryKind::BlobExecutable => {
                        files.push((path, ContentId(entry.oid.to_owned())));
                    }
                    EntryKind::Link | EntryKind::Commit => {}
                }
            }
        }
        Ok(files)
    }

    /// The data of an object of this kind, if it is not very large.
    fn small(&self, id: gix::ObjectId, kind: gix::object::Kind) -> Blob {
        match self.read_up_to(id, LARGEST).map_err(|error| error.to_string())? {
            Ok((found, data)) if found == kind => Ok(data),
            Ok(_) => Err(format!("'{id}' is no {kind}")),
            Err(_) => Err(format!("'{id}' is larger than 1 MiB")),
        }
    }
}
