//! Many texts at once: each object is read once, in the order in which packs hold them, on all processors. A text in a pack is told
//! by its difference from the one before it, so that in any other order each takes as long as dozens.
//!
//! Where only texts that hold something are wanted, those are not read whose sieves (sieves.rs) say that they do not. Not here: what
//! is looked for in a text.

use std::ops::Range;

use chrono::{DateTime, Utc};
use gix::objs::Kind;

use super::sieves::{self, Sieves};
use super::{Archived, FILE, Store, Stored, loose, unreadable};
use crate::document::sieve::{Sought, sieve};
use crate::error::{Error, Result};
use crate::repo::object_id;
use crate::threads;

/// Fewer texts than this are read by one thread, and their sieves are not kept.
const FEW: usize = 500;
/// How many neighbours a thread reads before it asks for more.
const AT_ONCE: usize = 1024;

/// The object that names a text: the version of a live document, or the text of an archived one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Key(pub(super) gix::ObjectId);

impl Stored {
    /// What names its text.
    pub(crate) fn key(&self) -> Result<Key> {
        object_id(&self.version).map(Key)
    }
}

/// A text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Text<'t> {
    /// What it says.
    pub(crate) bytes: &'t [u8],
    /// When this version was made; `None` for an archived text, which has no version of its own.
    pub(crate) time: Option<DateTime<Utc>>,
}

/// A text that is to be read.
struct Waiting {
    /// The pack, and where in it.
    place: Option<(usize, u64)>,
    /// Which of those that were asked about.
    index: usize,
    key: gix::ObjectId,
    /// Its sieve is not known yet.
    is_new: bool,
}

/// What one thread found, and the sieves that it made, as they are kept.
struct Part<T> {
    found: Vec<(usize, T)>,
    made: Vec<u8>,
    how_many: usize,
}

/// A look through the texts of a store for what may hold something.
pub(crate) struct Search<'s> {
    store: &'s Store,
    sought: &'s Sought,
    /// `None` where no text can be ruled out.
    known: Option<Sieves>,
}

impl Store {
    /// Begins to look for something.
    pub(crate) fn seek<'s>(&'s self, sought: &'s Sought) -> Search<'s> {
        Search {
            store: self,
            sought,
            known: (!sought.is_everything()).then(|| Sieves::read(&self.path, self.format, sought)),
        }
    }
}

impl Search<'_> {
    /// The archived documents that may hold it, oldest first; with `since`, `YYYYMM`, those of that month and later.
    pub(crate) fn archived(&self, since: Option<&str>) -> Result<Vec<Archived>> {
        let known = self.known.as_ref();
        let may_hold = |text: &gix::oid| known.and_then(|known| known.may_hold(text)) != Some(false);
        self.store.archived_that(since, may_hold)
    }

    /// What `look` makes of these texts, in their order, without those that it makes nothing of. It is given each text that may
    /// hold what is sought, and its number among the keys; it may be called by several threads.
    pub(crate) fn look_through<T: Send>(
        &self,
        keys: &[Key],
        look: impl Fn(usize, &Text<'_>) -> Option<T> + Sync,
    ) -> Result<Vec<T>> {
        let Self { store, sought, known } = self;
        let waiting = self.waiting(keys);
        let work = |store: &Store, next: &mut dyn FnMut() -> Option<Range<usize>>| -> Result<Part<T>> {
            let mut part = Part {
                found: Vec::new(),
                made: Vec::new(),
                how_many: 0,
            };
            let mut buffers = (Vec::new(), Vec::new());
            while let Some(range) = next() {
                for text in &waiting[range] {
                    let (bytes, time) = store.read_text(text, &mut buffers)?;
                    if text.is_new && known.is_some() {
                        let sieve = sieve(bytes);
                        sieves::put(&mut part.made, &text.key, &sieve);
                        part.how_many += 1;
                        if !sought.may_be_in(&sieve) {
                            continue;
                        }
                    }
                    let found = look(text.index, &Text { bytes, time });
                    part.found.extend(found.map(|found| (text.index, found)));
                }
            }
            Ok(part)
        };
        let parts = match waiting.len() < FEW {
            true => {
                let mut all = Some(0..waiting.len());
                vec![work(store, &mut || all.take())?]
            }
            false => {
                let again = store.again();
                threads::share(waiting.len(), AT_ONCE, |next| work(&again()?, next))?
            }
        };
        if let Some(known) = known
            && parts.iter().map(|part| part.how_many).sum::<usize>() >= FEW
        {
            known.add(&store.path, parts.iter().map(|part| part.made.as_slice()));
        }
        let mut found: Vec<(usize, T)> = parts.into_iter().flat_map(|part| part.found).collect();
        found.sort_unstable_by_key(|(index, _)| *index);
        Ok(found.into_iter().map(|(_, found)| found).collect())
    }

    /// The texts that have to be read, neighbours together.
    fn waiting(&self, keys: &[Key]) -> Vec<Waiting> {
        let packs = self.store.packs();
        let place = |key: &gix::oid| {
            packs.iter().enumerate().find_map(|(number, pack)| {
                let entry = pack.lookup(key)?;
                Some((number, pack.pack_offset_at_index(entry)))
            })
        };
        let mut waiting = Vec::new();
        for (index, Key(key)) in keys.iter().enumerate() {
            let may_hold = self.known.as_ref().and_then(|known| known.may_hold(key));
            if may_hold == Some(false) {
                continue;
            }
            waiting.push(Waiting {
                place: place(key),
                index,
                key: *key,
                is_new: may_hold.is_none(),
            });
        }
        waiting.sort_unstable_by_key(|text| (text.place, text.index));
        waiting
    }
}

impl Store {
    /// Opens the same store once more, for another thread.
    pub(super) fn again(&self) -> impl Fn() -> Result<Self> + Sync + use<> {
        let common_dir = self.path.parent().unwrap_or(&self.path).to_owned();
        move || Self::open(&common_dir)?.ok_or_else(|| Error::new("the store went away"))
    }

    /// The indexes of the packs. One that cannot be read costs time only: where an object is, gix finds out by itself.
    fn packs(&self) -> Vec<gix::odb::pack::index::File> {
        let files = std::fs::read_dir(self.path.join("objects/pack"))
            .into_iter()
            .flatten()
            .flatten();
        let mut indexes: Vec<_> = files
            .map(|file| file.path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "idx"))
            .collect();
        indexes.sort();
        let opened = indexes
            .iter()
            .map(|path| gix::odb::pack::index::File::at(path, self.format));
        opened.flatten().collect()
    }

    fn read_text<'b>(
        &self,
        text: &Waiting,
        (first, buffer): &'b mut (Vec<u8>, Vec<u8>),
    ) -> Result<(&'b [u8], Option<DateTime<Utc>>)> {
        let is_packed = text.place.is_some();
        let (kind, data) = self.read_into(&text.key, is_packed, first)?;
        if kind == Kind::Blob {
            return Ok((data, None));
        }
        let commit = self.commit_in(&text.key, data)?;
        let author = commit.author().map_err(|error| unreadable(&text.key, &error))?;
        let seconds = author.seconds();
        let tree = commit.tree();
        let (_, data) = self.read_into(&tree, is_packed, buffer)?;
        let tree = self.tree_in(&tree, data)?;
        let Some(entry) = tree.bisect_entry(FILE.into(), false) else {
            return Err(
                Error::new(format!("version '{}' has no file '{FILE}'", text.key)).hint("git branchwork doctor")
            );
        };
        let blob = entry.oid.to_owned();
        let (_, data) = self.read_into(&blob, is_packed, buffer)?;
        Ok((data, Some(DateTime::from_timestamp(seconds, 0).unwrap_or_default())))
    }

    /// Reads an object. Where it is looked for first decides how many files are looked for in vain.
    fn read_into<'b>(&self, id: &gix::oid, is_packed: bool, buffer: &'b mut Vec<u8>) -> Result<(Kind, &'b [u8])> {
        if !is_packed
            && self.is_ours
            && let Some((kind, data)) = loose::read(&self.path, id)
        {
            *buffer = data;
            return Ok((kind, buffer));
        }
        let found = gix::objs::FindExt::find(&self.opened()?.objects, id, buffer);
        let found = found.map_err(|error| unreadable(id, &error))?;
        Ok((found.kind, found.data))
    }
}

#[cfg(test)]
mod tests;
