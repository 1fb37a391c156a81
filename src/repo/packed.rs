//! The refs that git has packed into one file (git-pack-refs(1); its form in gitrepository-layout(5) and git's
//! refs/packed-backend.c): `<id> <name>` a line, sorted by name where the first line says so, `^<id>` below an annotated tag.
//!
//! gix reads them too, and checks each name: 8 ms for 11,000 refs, and a millisecond here. A file that has another form is left to it.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use gix::bstr::{BString, ByteSlice};

const FILE: &str = "packed-refs";
/// How much of a large file is looked at in one place: a few lines of the longest names.
const BLOCK: u64 = 8 * 1024;

/// How many bytes a line has on average, at most, where not all are wanted.
const LINE: u64 = 512;

/// The packed refs whose full names begin with `folder`, in the order of their names; of more than `most` one more than that. `None`
/// where the file has another form.
pub(super) fn read(common_dir: &Path, folder: &str, most: usize) -> Option<Vec<(BString, gix::ObjectId)>> {
    let mut file = match File::open(common_dir.join(FILE)) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Some(Vec::new()),
        file => file.ok()?,
    };
    let length = file.metadata().ok()?.len();
    let mut text = Vec::new();
    file.by_ref().take(BLOCK).read_to_end(&mut text).ok()?;
    let end = text.find_byte(b'\n')? + 1;
    let header = text[..end].strip_prefix(b"# pack-refs with:")?;
    if !header.fields().any(|word| word == b"sorted") {
        return None;
    }
    let (low, high) = around(&mut file, end as u64..length, folder.as_bytes())?;
    let end = high.min((low + 4 * BLOCK).saturating_add((most as u64).saturating_mul(LINE)));
    file.seek(SeekFrom::Start(low)).ok()?;
    text.clear();
    file.by_ref().take(end - low).read_to_end(&mut text).ok()?;
    let mut is_enough = end == high;
    if !is_enough {
        text.truncate(text.rfind_byte(b'\n')? + 1);
    }
    let mut found: Vec<(BString, gix::ObjectId)> = Vec::new();
    let lines = text[first(&text, 0, folder.as_bytes())?..].lines();
    for line in lines.filter(|line| !line.starts_with(b"^")) {
        let (id, name) = line.split_once_str(" ")?;
        let is_inside = name.starts_with(folder.as_bytes());
        if is_inside {
            found.push((name.into(), gix::ObjectId::from_hex(id).ok()?));
        }
        if !is_inside || found.len() > most {
            is_enough = true;
            break;
        }
    }
    (is_enough && found.is_sorted_by(|one, other| one.0 < other.0)).then_some(found)
}

/// A part of `lines` that holds all names in `folder`: at one end a line before them, at the other a block behind them. A hook asks
/// for a folder or two of which there is little in a large file.
fn around(file: &mut File, lines: std::ops::Range<u64>, folder: &[u8]) -> Option<(u64, u64)> {
    // Behind the last name of the folder.
    let mut behind = folder.to_vec();
    *behind.last_mut()? += 1;
    let mut narrow = |name: &[u8]| -> Option<(u64, u64)> {
        let (mut low, mut high) = (lines.start, lines.end);
        while high - low > 2 * BLOCK {
            let middle = low + (high - low) / 2;
            file.seek(SeekFrom::Start(middle)).ok()?;
            let mut block = Vec::new();
            file.by_ref().take(BLOCK).read_to_end(&mut block).ok()?;
            let (at, found) = first_name(&block)?;
            match found < name {
                true => low = middle + at as u64,
                false => high = middle + at as u64,
            }
        }
        Some((low, high))
    };
    let (low, _) = narrow(folder)?;
    let (_, high) = narrow(&behind)?;
    Some((low, high))
}

/// The first line of a block that begins in it, and its name.
fn first_name(block: &[u8]) -> Option<(usize, &[u8])> {
    let mut at = block.find_byte(b'\n')? + 1;
    loop {
        let line = &block[at..at + block[at..].find_byte(b'\n')?];
        if !line.starts_with(b"^") {
            return Some((at, line.split_once_str(" ")?.1));
        }
        at += line.len() + 1;
    }
}

/// Where the first line begins whose name is not before `folder`, the lines from `start` on being sorted.
fn first(text: &[u8], start: usize, folder: &[u8]) -> Option<usize> {
    let (mut low, mut high) = (start, text.len());
    while low < high {
        let middle = low + (high - low) / 2;
        let begin = text[low..middle].rfind_byte(b'\n').map_or(low, |at| low + at + 1);
        let line = text[begin..].lines().next()?;
        let after = (begin + line.len() + 1).min(high);
        let is_before = match line.starts_with(b"^") {
            // It belongs to the line above.
            true => match text[low..begin].lines().next_back() {
                Some(above) => above.split_once_str(" ")?.1 < folder,
                None => true,
            },
            false => line.split_once_str(" ")?.1 < folder,
        };
        match is_before {
            true => low = after,
            false => high = begin,
        }
    }
    Some(low)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_the_usual_form_is_read() {
        let place = crate::temporary::folder();
        let read_up_to = |most: usize, text: &str| {
            std::fs::write(place.path().join(FILE), text).unwrap();
            let found = read(place.path(), "refs/heads/", most)?;
            Some(found.into_iter().map(|(name, _)| name.to_string()).collect::<Vec<_>>())
        };
        let read = |text: &str| read_up_to(usize::MAX, text);
        let id = "a1".repeat(20);
        let header = "# pack-refs with: peeled fully-peeled sorted \n";
        let usual = format!("{header}{id} refs/heads/a\n{id} refs/heads/a/日本\n{id} refs/tags/v1\n^{id}\n");
        assert_eq!(read(&usual).unwrap(), ["refs/heads/a", "refs/heads/a/日本"]);
        assert_eq!(read(header).unwrap(), [""; 0]);
        // Wherever the folder's refs stand among others, some of them annotated tags.
        let large = [
            (3_000, 3, 0),
            (0, 3, 3_000),
            (900, 0, 900),
            (900, 900, 900),
            (5_000, 1, 5_000),
        ];
        let small = [(0, 0, 0), (0, 3, 0), (9, 3, 0), (0, 3, 9), (7, 0, 8), (40, 25, 33)];
        for (before, inside, after) in small.into_iter().chain(large) {
            let line = |folder: &str, count: usize| -> String {
                let tag = |n: usize| {
                    if n.is_multiple_of(3) {
                        format!("^{id}\n")
                    } else {
                        String::new()
                    }
                };
                (0..count)
                    .map(|n| format!("{id} refs/{folder}/{n:04}\n{}", tag(n)))
                    .collect()
            };
            let text = [header, &line("h", before), &line("heads", inside), &line("z", after)].concat();
            let expected: Vec<_> = (0..inside).map(|n| format!("refs/heads/{n:04}")).collect();
            assert_eq!(read(&text).unwrap(), expected, "{before} {inside} {after}");
            for most in [0, 1, 3, 800] {
                let some = &expected[..expected.len().min(most + 1)];
                assert_eq!(
                    read_up_to(most, &text).unwrap(),
                    some,
                    "{before} {inside} {after}: {most}"
                );
            }
        }
        let long = |n: usize| format!("{id} refs/heads/{n:04000}\n");
        let long: String = std::iter::once(header.to_owned()).chain((0..99).map(long)).collect();
        assert_eq!(read_up_to(50, &long), None);
        assert_eq!(read(&long).unwrap().len(), 99);
        for other in [
            String::new(),
            format!("{id} refs/heads/a\n"),
            format!("# pack-refs with: peeled\n{id} refs/heads/a\n"),
            format!("{header}{id} refs/heads/b\n{id} refs/heads/a\n"),
            format!("{header}{id} refs/heads/a\n{}", &id[..20]),
            format!("{header}xx refs/heads/a\n"),
        ] {
            assert_eq!(read(&other), None, "{other:?}");
        }
        std::fs::remove_file(place.path().join(FILE)).unwrap();
        assert_eq!(super::read(place.path(), "refs/heads/", 9), Some(Vec::new()));
    }
}
