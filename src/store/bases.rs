//! What packed objects were made from, kept in memory: a document in a pack is told by its difference from another, that by its
//! difference from a third, and so on up to fifty times. Without this each is worked out anew for every document.
//!
//! Not here: which objects are read.

use std::collections::HashMap;

use gix::objs::Kind;
use gix::odb::pack::cache::DecodeEntry;

/// How many bytes are kept before all of it is forgotten.
const MOST_BYTES: usize = 8 * 1024 * 1024;
/// Larger ones, such as trees of a whole month, are not kept.
const LARGEST: usize = 256 * 1024;

/// An object as it is in a pack: its kind, its bytes, and how many it has there.
type Base = (Kind, Vec<u8>, usize);

/// Objects by pack and place in it.
#[derive(Default)]
pub(super) struct Bases {
    kept: HashMap<(u32, u64), Base>,
    bytes: usize,
}

impl DecodeEntry for Bases {
    fn put(&mut self, pack_id: u32, offset: u64, data: &[u8], kind: Kind, compressed_size: usize) {
        if data.len() > LARGEST {
            return;
        }
        if self.bytes + data.len() > MOST_BYTES {
            self.kept.clear();
            self.bytes = 0;
        }
        let before = self
            .kept
            .insert((pack_id, offset), (kind, data.to_vec(), compressed_size));
        self.bytes += data.len();
        self.bytes -= before.map_or(0, |(_, data, _)| data.len());
    }

    fn get(&mut self, pack_id: u32, offset: u64, out: &mut Vec<u8>) -> Option<(Kind, usize)> {
        let (kind, data, compressed_size) = self.kept.get(&(pack_id, offset))?;
        out.clear();
        out.extend_from_slice(data);
        Some((*kind, *compressed_size))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_keeps_what_it_was_given_and_no_more_than_it_may() {
        let mut bases = Bases::default();
        let mut out = b"before".to_vec();
        assert_eq!(bases.get(1, 2, &mut out), None);
        bases.put(1, 2, b"one", Kind::Blob, 7);
        assert_eq!(bases.get(1, 2, &mut out), Some((Kind::Blob, 7)));
        assert_eq!(out, b"one");
        assert_eq!(bases.get(2, 2, &mut out), None);
        bases.put(1, 3, &vec![0; LARGEST + 1], Kind::Tree, 7);
        assert_eq!(bases.get(1, 3, &mut out), None);
        for offset in 0..200 {
            bases.put(3, offset, &vec![0; LARGEST], Kind::Blob, 1);
            assert!(bases.bytes <= MOST_BYTES);
            assert_eq!(
                bases.bytes,
                bases.kept.values().map(|(_, data, _)| data.len()).sum::<usize>()
            );
            assert!(bases.get(3, offset, &mut out).is_some());
        }
        bases.put(3, 199, b"short", Kind::Blob, 1);
        assert_eq!(
            bases.bytes,
            bases.kept.values().map(|(_, data, _)| data.len()).sum::<usize>()
        );
    }
}
