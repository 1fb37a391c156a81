//! What other tools keep in the user's repository: blobs that refs of theirs name, and sections of the configuration.
//!
//! Not here: what any of it means (records/). How much is read has limits, because such refs are written by others.

use gix::bstr::{BString, ByteSlice};

use super::Repository;
use crate::error::Result;

/// How many blobs one tool's records may be.
const MOST_BLOBS: usize = 2_000;
/// Larger blobs and trees are not read.
const LARGEST: u64 = 1024 * 1024;

/// A blob, or why it is not read, as the end of a sentence.
pub(crate) type Blob = std::result::Result<Vec<u8>, String>;

impl Repository {
    /// The blobs that the refs below `prefix` name, each by the rest of the ref's name. A ref whose name is not UTF-8 is left
    /// out.
    pub(crate) fn blobs_of_refs(&self, prefix: &str) -> Result<Vec<(String, Blob)>> {
        let refs = self.targets_below(prefix, MOST_BLOBS)?;
        let blob = |(name, id): (BString, gix::ObjectId)| {
            let name = name.to_str().ok()?.strip_prefix(prefix)?.to_owned();
            Some((name, self.small(id)))
        };
        Ok(refs.into_iter().filter_map(blob).collect())
    }

    /// The blob that the ref of this full name names.
    pub(crate) fn blob_of_ref(&self, full: &str) -> Option<Vec<u8>> {
        self.small(self.find_reference(full)?.try_id()?.to_owned()).ok()
    }

    /// A blob, if it is not very large.
    fn small(&self, id: gix::ObjectId) -> Blob {
        let header = self.inner.find_header(id).map_err(|error| error.to_string())?;
        if header.kind() != gix::object::Kind::Blob {
            return Err(format!("'{id}' is no blob"));
        }
        if header.size() > LARGEST {
            return Err(format!("'{id}' is larger than 1 MiB"));
        }
        let object = self.inner.find_object(id).map_err(|error| error.to_string())?;
        Ok(object.detach().data)
    }
}
