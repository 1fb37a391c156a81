//! The sieves of texts, kept from one search to the next: the file `sieves` in the store. It is made by what is searched, can be
//! deleted at any time, and is never behind: a sieve goes by the object that names the text, which never changes, and a text without
//! one is read.
//!
//! After [`BEGINNING`] each record is the object's id, the length of the sieve as a power of two, a sum over all of it, and the sieve.
//! What a killed process left, or a disk that was full, has no right sum: the file ends there and is continued there. Not here: what
//! a sieve is (document/sieve.rs).

use std::fs::{File, OpenOptions};
use std::io::{BufReader, Read, Seek, SeekFrom, Write};
use std::path::Path;

use gix::hashtable::HashMap;

use super::rewritten;
use crate::document::sieve::Sought;
use crate::error::Result;

const NAME: &str = "sieves";
const BEGINNING: &[u8] = b"git-branchwork sieves 2\n";
/// A larger file is begun anew: most of it is then of former versions.
const LARGEST: u64 = 1 << 30;
/// No sieve is longer than two to the power of this.
const LARGEST_POWER: u8 = 20;
/// About how long a record is; a wrong guess costs time only.
const USUAL: u64 = 300;
/// How much of the file is in memory at a time.
const BUFFER: usize = 1 << 18;

/// Which texts are known, and whether they may hold what is sought.
pub(super) struct Sieves {
    may_hold: HashMap<gix::ObjectId, bool>,
    /// How long the file was, and how much of that is right.
    length: u64,
    right: u64,
}

impl Sieves {
    /// What is kept. Where the file cannot be read nothing is known.
    pub(super) fn read(store: &Path, format: gix::hash::Kind, sought: &Sought) -> Self {
        let mut sieves = Self {
            may_hold: HashMap::default(),
            length: 0,
            right: 0,
        };
        let Ok(file) = File::open(store.join(NAME)) else {
            return sieves;
        };
        sieves.length = file.metadata().map_or(0, |metadata| metadata.len());
        let mut file = BufReader::with_capacity(BUFFER, file);
        let mut beginning = [0; BEGINNING.len()];
        if sieves.length > LARGEST || file.read_exact(&mut beginning).is_err() || beginning != BEGINNING {
            return sieves;
        }
        sieves.right = BEGINNING.len() as u64;
        sieves.may_hold.reserve((sieves.length / USUAL) as usize);
        let mut id = vec![0; format.len_in_bytes()];
        let mut sieve = Vec::new();
        while let Some(length) = record(&mut file, &mut id, &mut sieve) {
            let may_hold = sought.may_be_in(&sieve);
            if let Ok(id) = gix::ObjectId::try_from(id.as_slice()) {
                sieves.may_hold.insert(id, may_hold);
            }
            sieves.right += length;
        }
        sieves
    }

    /// Whether this text may hold what is sought; `None` where it is not known.
    pub(super) fn may_hold(&self, key: &gix::oid) -> Option<bool> {
        self.may_hold.get(key).copied()
    }

    /// Keeps these records too, unless somebody else keeps some meanwhile, or the store cannot be written: the next one will.
    pub(super) fn add<'r>(&self, store: &Path, records: impl Iterator<Item = &'r [u8]>) {
        let _ = self.try_to_add(store, records);
    }

    fn try_to_add<'r>(&self, store: &Path, mut records: impl Iterator<Item = &'r [u8]>) -> std::io::Result<()> {
        let mut options = OpenOptions::new();
        let mut file = options
            .write(true)
            .create(true)
            .truncate(false)
            .open(store.join(NAME))?;
        if file.try_lock().is_err() || file.metadata()?.len() != self.length {
            return Ok(());
        }
        file.set_len(self.right)?;
        file.seek(SeekFrom::Start(self.right))?;
        if self.right == 0 {
            file.write_all(BEGINNING)?;
        }
        records.try_for_each(|records| file.write_all(records))
    }
}

/// Forgets all of them; the next search makes new ones.
pub(super) fn forget(store: &Path) -> Result<()> {
    rewritten::remove(&store.join(NAME))
}

/// Appends a record.
pub(super) fn put(records: &mut Vec<u8>, key: &gix::oid, sieve: &[u8]) {
    let Some(power) = sieve.len().checked_ilog2().map(|power| power as u8) else {
        return;
    };
    records.extend_from_slice(key.as_bytes());
    records.push(power);
    records.extend_from_slice(&sum(key.as_bytes(), sieve).to_le_bytes());
    records.extend_from_slice(sieve);
}

/// Reads the next record and returns how long it is; `None` where there is no whole one.
fn record(file: &mut impl Read, id: &mut [u8], sieve: &mut Vec<u8>) -> Option<u64> {
    let mut around = [0; 5];
    file.read_exact(id).ok()?;
    file.read_exact(&mut around).ok()?;
    let [power, told @ ..] = around;
    if power > LARGEST_POWER {
        return None;
    }
    sieve.resize(1 << power, 0);
    file.read_exact(sieve).ok()?;
    let is_right = u32::from_le_bytes(told) == sum(id, sieve);
    is_right.then_some((id.len() + around.len() + sieve.len()) as u64)
}

/// A sum over an id and its sieve, which differs where a bit does. Not against somebody who wants it to be equal.
fn sum(id: &[u8], sieve: &[u8]) -> u32 {
    let words = |bytes: &[u8], sum: u64| {
        let (words, rest) = bytes.as_chunks::<8>();
        let last = rest.iter().fold(1, |word, byte| word << 8 | u64::from(*byte));
        let words = words.iter().map(|word| u64::from_le_bytes(*word));
        words.chain([last]).fold(sum, |sum, word| {
            (sum.rotate_left(5) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15)
        })
    };
    (words(sieve, words(id, 1)) >> 32) as u32
}
