//! What a text cannot hold, told without reading it: its sieve, in which each three bytes that follow each other have set a bit (a
//! Bloom filter), letters in lower case. Whatever is sought has set bits too, and a text whose sieve lacks one does not hold it.
//! So parts of words are found as well, which an index of words could not tell.
//!
//! Not here: where sieves are kept (store/sieves.rs). That a sieve lets a text through says nothing: it has to be read.

use std::ops::Range;

use bstr::ByteSlice;

use super::front_matter::closed_block;

/// A sieve has a bit for each byte of its text and up to twice as many; a fifth of them is then set. These are bounds in bytes.
const SIZES: Range<usize> = 64..65_536;
/// How many bits a number of the front matter sets: one alone would let every fifth text through.
const BITS_OF_NUMBER: u64 = 6;

/// What is sought: one of these sets of bits, as a whole. Without a set nothing is, and an empty set is in every text.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sought(Vec<Vec<u32>>);

impl Sought {
    /// Whatever it says.
    pub(crate) fn everything() -> Self {
        Self(vec![Vec::new()])
    }

    /// Texts that hold all of these words or parts of words. Of less than three bytes nothing can be told.
    pub(crate) fn all<'w>(words: impl IntoIterator<Item = &'w [u8]>) -> Self {
        let bits = words
            .into_iter()
            .flat_map(|word| triples(&folded(word)).collect::<Vec<_>>());
        Self(vec![bits.collect()])
    }

    /// Texts that hold this word as well.
    pub(crate) fn or(&mut self, word: &[u8]) {
        self.0.push(triples(&folded(word)).collect());
    }

    /// Texts with this number in their front matter as well, alone or as a part of a value.
    pub(crate) fn or_number(&mut self, number: u64) {
        self.0.push(bits_of(number).collect());
    }

    /// Whether no text can be ruled out.
    pub(crate) fn is_everything(&self) -> bool {
        self.0.iter().any(Vec::is_empty)
    }

    /// Whether a text with this sieve may hold it.
    pub(crate) fn may_be_in(&self, sieve: &[u8]) -> bool {
        let shift = shift(sieve.len());
        let is_set = |bit: &u32| {
            let place = bit.checked_shr(shift).unwrap_or(0) as usize;
            sieve.get(place / 8).is_none_or(|byte| byte & (1 << (place % 8)) != 0)
        };
        self.0.iter().any(|bits| bits.iter().all(is_set))
    }
}

/// The sieve of a text: a power of two of bytes.
pub(crate) fn sieve(text: &[u8]) -> Vec<u8> {
    let size = (text.len() / 8).next_power_of_two().clamp(SIZES.start, SIZES.end);
    let front_matter = &text[closed_block(text).unwrap_or(0..0)];
    // A number can be written in YAML by escapes.
    if front_matter.contains(&b'\\') {
        return vec![0xff; size];
    }
    let mut sieve = vec![0; size];
    let shift = shift(size);
    let mut set = |bit: u32| {
        let place = (bit >> shift) as usize;
        sieve[place / 8] |= 1 << (place % 8);
    };
    triples(&folded(text)).for_each(&mut set);
    let numbers = front_matter.split(|byte| !byte.is_ascii_digit());
    numbers
        .filter_map(|digits| std::str::from_utf8(digits).ok()?.parse().ok())
        .flat_map(bits_of)
        .for_each(set);
    sieve
}

/// The text with all letters in lower case, each by itself, so that a part of the text gives a part of the result. What is not UTF-8
/// stays as it is.
pub(crate) fn folded(text: &[u8]) -> Vec<u8> {
    let mut folded = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find_non_ascii_byte() {
        let (letter, length) = bstr::decode_utf8(&rest[at..]);
        folded.extend_from_slice(&rest[..at]);
        match letter {
            Some(letter) => letter
                .to_lowercase()
                .for_each(|lower| folded.extend_from_slice(lower.encode_utf8(&mut [0; 4]).as_bytes())),
            None => folded.extend_from_slice(&rest[at..at + length]),
        }
        rest = &rest[at + length..];
    }
    folded.extend_from_slice(rest);
    folded.make_ascii_lowercase();
    folded
}

/// How far a bit of 32 is shifted to be one of a sieve of so many bytes.
fn shift(size: usize) -> u32 {
    u32::BITS.saturating_sub((size * 8).checked_ilog2().unwrap_or(0))
}

/// The bits of each three bytes. Multiplied by a large odd number (Knuth's for 32 bits) they are spread over all.
fn triples(text: &[u8]) -> impl Iterator<Item = u32> {
    let mut last = 0;
    let bits = text.iter().map(move |byte| {
        last = (last << 8 | u32::from(*byte)) & 0x00ff_ffff;
        last.wrapping_mul(0x9e37_79b1)
    });
    bits.skip(2)
}

fn bits_of(number: u64) -> impl Iterator<Item = u32> {
    (1..=BITS_OF_NUMBER).map(move |part| {
        let mixed = (number ^ part << 56).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        ((mixed ^ mixed >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 32) as u32
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Document;
    use crate::document::random::Random;

    /// Every part of a text goes through its sieve, in either case; most of what is not in it does not.
    #[test]
    fn what_is_in_a_text_goes_through() {
        let mut random = Random::new(7);
        for size in [0, 2, 3, 40, 513, 4096, 4097, 700_000] {
            let text: Vec<u8> = (0..size).map(|_| b"abcdefgh XYZ\n\xc3"[random.below(14)]).collect();
            let sieve = sieve(&text);
            for _ in 0..50 {
                let from = random.below(size + 1);
                let part = &text[from..(from + random.below(20)).min(size)];
                assert!(Sought::all([part]).may_be_in(&sieve), "{size} {part:?}");
                assert!(Sought::all([part.to_ascii_uppercase().as_slice()]).may_be_in(&sieve));
            }
            let mut absent = || (0..9).map(|_| b"0123456789"[random.below(10)]).collect::<Vec<u8>>();
            let through = (0..100).filter(|_| Sought::all([absent().as_slice()]).may_be_in(&sieve));
            assert!(through.count() < 5, "{size}");
        }
    }

    #[test]
    fn letters_of_all_scripts_are_the_same_in_either_case() {
        // What is cut off, a letter that becomes two, and one that becomes an ASCII one.
        for (text, lower) in [
            (&b"Aa Z"[..], &b"aa z"[..]),
            ("ÜBER Ärger ПОЧЕМУ".as_bytes(), "über ärger почему".as_bytes()),
            (b"\xc3\x9c\xc3A\xff", b"\xc3\xbc\xc3a\xff"),
            ("İ \u{212a}".as_bytes(), "i\u{307} k".as_bytes()),
        ] {
            assert_eq!(folded(text), lower, "{text:?}");
        }
        let text = "# ПОЧЕМУ\n\nÜberblick: the İstanbul 5\u{212a} case";
        let sieve = sieve(text.as_bytes());
        for part in [
            "почему",
            "ПОЧ",
            "überblick",
            "ÜBERBLICK: T",
            "i\u{307}stanbul",
            "5k case",
        ] {
            assert!(Sought::all([part.as_bytes()]).may_be_in(&sieve), "{part}");
        }
        assert!(!Sought::all(["зачем".as_bytes()]).may_be_in(&sieve));
    }

    #[test]
    fn one_of_several_is_enough_and_all_words_of_one_are_needed() {
        let sieve = sieve(b"---\npr: 47 / X\n---\n# The queue\n");
        let may = |sought: &Sought| sought.may_be_in(&sieve);
        assert!(may(&Sought::all([&b"queue"[..], b"the"])));
        assert!(!may(&Sought::all([&b"queue"[..], b"lock"])));
        assert!(may(&Sought::everything()) && Sought::everything().is_everything());
        assert!(Sought::all([&b"qu"[..]]).is_everything());
        let mut sought = Sought::default();
        assert!(!may(&sought));
        sought.or(b"lock");
        assert!(!may(&sought) && !sought.is_everything());
        sought.or(b"QUEUE");
        assert!(may(&sought));
    }

    /// The number of a pull request is found however YAML has it, and no other number is.
    #[test]
    fn numbers_of_the_front_matter() {
        for value in [
            "47",
            "\"47\"",
            "047",
            "+47",
            "47 / BLZ-1",
            ">\n  47",
            "&a 47",
            "\"\\x347\"",
        ] {
            let text = format!("---\r\ndri: ada\r\npr: {value}\r\n---\r\n# T\r\n");
            let document = Document::new(text.clone());
            let said = document.front_matter().text("pr").map(str::to_owned);
            let mut sought = Sought::default();
            sought.or_number(47);
            assert!(sought.may_be_in(&sieve(text.as_bytes())), "{value}: {said:?}");
        }
        let sieve = sieve(b"---\npr: 47\n---\n# 48\n");
        let others = (0..1000).filter(|number| {
            let mut sought = Sought::default();
            sought.or_number(*number);
            sought.may_be_in(&sieve)
        });
        assert!(others.count() < 4);
    }
}
