//! The same in an archive, where many documents are: what was taken out of one stays in the others, whose words it may be too.
//!
//! Not here: `redact --all`, which is meant for every document that it finds (redact.rs).

use std::cell::OnceCell;
use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap, HashSet};

use bstr::ByteSlice;

use super::{Rewriting, TakenOut, literally, subject_of};
use crate::error::Result;
use crate::names::{CommitId, DocId};
use crate::repo::object_id;
use crate::store::{FILE, Store, Writer};

impl Writer<'_> {
    /// The archive without what was taken out of documents of it that `redacted`, the same year's, has anew.
    pub(crate) fn archive_following(&self, tip: &CommitId, redacted: &CommitId) -> Result<CommitId> {
        let known = OnceCell::new();
        let whose = |version: &gix::ObjectId| {
            if known.get().is_none() {
                let _ = known.set(self.store().documents_in(tip)?);
            }
            Ok(known.get().and_then(|known| known.get(version).cloned()))
        };
        let texts = self.store().taken_out(redacted, tip, whose)?;
        match known.into_inner() {
            _ if texts.is_empty() => Ok(tip.clone()),
            Some(documents) => self.archive_without(tip, texts, documents),
            None => self.archive_without(tip, texts, self.store().documents_in(tip)?),
        }
    }

    /// The archive without what was taken out of a live document; `last` is its version that was archived.
    pub(crate) fn archive_following_live(
        &self,
        tip: &CommitId,
        id: &DocId,
        last: &CommitId,
        redacted: &CommitId,
    ) -> Result<CommitId> {
        let texts = self.store().taken_out(redacted, last, |_| Ok(None))?;
        let texts: BTreeSet<Vec<u8>> = texts.into_values().flatten().collect();
        if texts.is_empty() {
            return Ok(tip.clone());
        }
        let mut documents = self.store().documents_in(tip)?;
        self.store().name_versions(object_id(last)?, id, &mut documents)?;
        self.archive_without(tip, TakenOut::from([(Some(id.clone()), texts)]), documents)
    }

    fn archive_without(
        &self,
        tip: &CommitId,
        texts: TakenOut,
        documents: HashMap<gix::ObjectId, DocId>,
    ) -> Result<CommitId> {
        let replaces: HashMap<DocId, _> = texts
            .into_iter()
            .filter_map(|(id, texts)| Some((id?, literally(texts))))
            .collect();
        let replace = |id: Option<&DocId>, text: &[u8]| replaces.get(id?)?(text);
        Rewriting::new(self, &replace, Some(documents)).version(tip)
    }
}

impl Store {
    /// Whose versions are behind an archive.
    fn documents_in(&self, tip: &CommitId) -> Result<HashMap<gix::ObjectId, DocId>> {
        let mut documents = HashMap::new();
        let mut unnamed = Vec::new();
        let mut archives = vec![object_id(tip)?];
        let mut seen: HashSet<gix::ObjectId> = archives.iter().copied().collect();
        while let Some(archive) = archives.pop() {
            let (message, parents) = self.message_and_parents(&archive)?;
            let id = subject_of(&message);
            for (place, parent) in parents.into_iter().enumerate() {
                match &id {
                    Some(id) if place > 0 => self.name_versions(parent, id, &mut documents)?,
                    None if place > 0 && self.has_document(&parent)? => unnamed.push(parent),
                    _ if seen.insert(parent) => archives.push(parent),
                    _ => {}
                }
            }
        }
        // Two versions of a document that a merge of archives made one of.
        for joined in unnamed {
            let mut below = vec![joined];
            while let Some(version) = below.pop() {
                if let Some(id) = documents.get(&version).cloned() {
                    self.name_versions(joined, &id, &mut documents)?;
                    break;
                }
                below.extend(self.message_and_parents(&version)?.1);
            }
        }
        Ok(documents)
    }

    /// Notes that this version, and what it was made from, is of the document.
    fn name_versions(
        &self,
        version: gix::ObjectId,
        id: &DocId,
        documents: &mut HashMap<gix::ObjectId, DocId>,
    ) -> Result<()> {
        let mut waiting = vec![version];
        while let Some(version) = waiting.pop() {
            if let Entry::Vacant(unknown) = documents.entry(version) {
                unknown.insert(id.clone());
                waiting.extend(self.message_and_parents(&version)?.1);
            }
        }
        Ok(())
    }

    /// Whether this is the version of a document, not an archive.
    fn has_document(&self, version: &gix::oid) -> Result<bool> {
        let tree = self.object(&self.tree_of(version)?)?;
        Ok(tree.contains_str(format!(" {FILE}\0")))
    }

    fn message_and_parents(&self, id: &gix::oid) -> Result<(Vec<u8>, Vec<gix::ObjectId>)> {
        let data = self.object(id)?;
        let commit = self.commit_in(id, &data)?;
        Ok((commit.message.to_vec(), commit.parents().collect()))
    }
}
