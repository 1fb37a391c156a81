//! What is found is the same whatever is in the file of sieves.

use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::DateTime;

use super::*;
use crate::names::{BranchName, DocId};
use crate::repo::ObjectFormat;
use crate::store::{Access, Author};

/// More than are read without keeping their sieves.
const MANY: usize = FEW + 40;

/// A store with many texts: all have a word of their own, every hundredth also `common`. The first is a version.
fn store(format: ObjectFormat) -> (tempfile::TempDir, Store, Vec<Key>) {
    let folder = crate::temporary::folder();
    let store = Store::open_or_create(folder.path(), format).unwrap();
    let Access::Writer(writer) = store.access().unwrap() else {
        panic!("cannot be written")
    };
    let author = Author {
        name: "Ada".into(),
        email: "ada@example.com".into(),
        time: DateTime::from_timestamp(1_756_493_700, 0).unwrap(),
    };
    let branch = BranchName::new("feat/a").unwrap();
    let first = writer.create(&branch, DocId::new(1, 2), text(0).as_bytes(), "create", &author);
    let rest = (1..MANY).map(|number| Key(writer.object(Kind::Blob, text(number).as_bytes()).unwrap()));
    let keys = std::iter::once(first.unwrap().key().unwrap()).chain(rest).collect();
    drop(writer);
    (folder, store, keys)
}

fn text(number: usize) -> String {
    let common = if number.is_multiple_of(100) {
        "A COMMON word\n"
    } else {
        ""
    };
    format!("---\npr: {number}\n---\n# Text\n\nword{number:05}\n{common}")
}

fn sought(word: &str) -> Sought {
    Sought::all([word.as_bytes()])
}

/// The numbers of the texts that hold a word, and how many texts were looked at.
fn find(store: &Store, keys: &[Key], word: &str) -> (Vec<usize>, usize) {
    let looked = AtomicUsize::new(0);
    let found = store.seek(&sought(word)).look_through(keys, |index, text| {
        looked.fetch_add(1, Ordering::Relaxed);
        let holds = text
            .bytes
            .to_ascii_lowercase()
            .windows(word.len())
            .any(|part| part == word.as_bytes());
        holds.then_some(index)
    });
    (found.unwrap(), looked.into_inner())
}

const COMMON: [usize; 6] = [0, 100, 200, 300, 400, 500];

#[test]
fn texts_come_in_order_with_the_times_of_versions() {
    for format in [ObjectFormat::Sha1, ObjectFormat::Sha256] {
        let (_folder, store, keys) = store(format);
        let read = store.seek(&Sought::everything()).look_through(&keys, |index, text| {
            Some((index, text.bytes.to_vec(), text.time.map(|time| time.timestamp())))
        });
        let expected: Vec<_> = (0..MANY)
            .map(|index| (index, text(index).into_bytes(), (index == 0).then_some(1_756_493_700)))
            .collect();
        assert_eq!(read.unwrap(), expected);
        assert!(!store.path().join("sieves").exists(), "everything needs no sieve");
        assert_eq!(find(&store, &keys, "common").0, COMMON);
        assert_eq!(find(&store, &keys[..FEW - 1], "word00017").0, [17]);
    }
}

/// Objects that are in a pack are read as well, beside loose ones, and those of two packs.
#[test]
fn packed_texts_are_read() {
    let (_folder, store, keys) = store(ObjectFormat::Sha1);
    let pack = |range: std::ops::Range<usize>| {
        let names: String = keys[range].iter().map(|key| format!("{}\n", key.0)).collect();
        let list = store.path().join("names");
        fs::write(&list, names).unwrap();
        let packed = std::process::Command::new("git")
            .args(["pack-objects", "-q", "objects/pack/pack"])
            .current_dir(store.path())
            .env("GIT_DIR", store.path())
            .stdin(fs::File::open(&list).unwrap())
            .output()
            .unwrap();
        assert!(packed.status.success(), "{packed:?}");
    };
    pack(1..200);
    pack(200..400);
    for key in &keys[1..400] {
        let hex = key.0.to_hex().to_string();
        fs::remove_file(store.path().join("objects").join(&hex[..2]).join(&hex[2..])).unwrap();
    }
    let again = Store::open(store.path().parent().unwrap()).unwrap().unwrap();
    assert_eq!(find(&again, &keys, "common").0, COMMON);
    assert_eq!(find(&again, &keys, "common").0, COMMON);
}

/// The second time texts are ruled out without being read, so that it does not matter that one cannot be.
#[test]
fn a_sieve_that_is_kept_saves_reading() {
    let (_folder, store, keys) = store(ObjectFormat::Sha256);
    let once = |(found, looked): (Vec<usize>, usize)| {
        assert_eq!(found, [123]);
        assert!(looked < 5, "{looked} texts were looked at");
    };
    once(find(&store, &keys, "word00123"));
    let kept = fs::read(store.path().join("sieves")).unwrap();
    let hex = keys[7].0.to_hex().to_string();
    fs::remove_file(store.path().join("objects").join(&hex[..2]).join(&hex[2..])).unwrap();
    once(find(&store, &keys, "word00123"));
    assert_eq!(fs::read(store.path().join("sieves")).unwrap(), kept);
    let found = store
        .seek(&sought("word00007"))
        .look_through(&keys, |index, _| Some(index));
    let error = found.unwrap_err().to_string();
    assert!(error.contains(&hex), "{error}");
}

/// Cut off anywhere, changed anywhere, or not ours: the answers stay, and the file is put right.
#[test]
fn a_damaged_file_changes_no_answer() {
    let (_folder, store, keys) = store(ObjectFormat::Sha1);
    let file = store.path().join("sieves");
    find(&store, &keys, "common");
    let whole = fs::read(&file).unwrap();
    let record = (whole.len() - 24) / MANY;
    let mut damaged: Vec<Vec<u8>> = [
        0,
        1,
        23,
        24,
        25,
        24 + record / 2,
        24 + record,
        whole.len() / 2,
        whole.len() - 1,
    ]
    .map(|length| whole[..length].to_vec())
    .into();
    for at in [3, 24, 30, 24 + 20, 24 + 21, 24 + 25, 24 + record * 3 + 40] {
        let mut changed = whole.clone();
        changed[at] ^= 0x55;
        damaged.push(changed);
    }
    damaged.push(vec![0; whole.len()]);
    damaged.push(whole.iter().map(|byte| !byte).collect());
    damaged.push(b"something else".to_vec());
    for (number, text) in damaged.into_iter().enumerate() {
        fs::write(&file, text).unwrap();
        for (word, expected) in [("word00017", &[17][..]), ("common", &COMMON)] {
            assert_eq!(find(&store, &keys, word).0, expected, "{number} {word}");
        }
    }
    let mut bytes: Vec<u8> = fs::read(&file).unwrap();
    bytes.truncate(30);
    fs::write(&file, &bytes).unwrap();
    find(&store, &keys, "common");
    assert_eq!(fs::read(&file).unwrap().len(), whole.len());
    fs::remove_file(&file).unwrap();
    assert_eq!(find(&store, &keys, "common").0, COMMON);
    assert_eq!(fs::read(&file).unwrap().len(), whole.len());
}

/// Where it cannot be written, or something else is in its place, the answers are the same.
#[test]
fn without_the_file_all_is_found() {
    let (_folder, store, keys) = store(ObjectFormat::Sha1);
    fs::create_dir(store.path().join("sieves")).unwrap();
    for _ in 0..2 {
        assert_eq!(find(&store, &keys, "common").0, COMMON);
    }
}

/// What is added while another adds is dropped or kept as a whole.
#[test]
fn several_at_once() {
    let (_folder, store, keys) = store(ObjectFormat::Sha1);
    let (common_dir, keys) = (store.path().parent().unwrap(), keys.as_slice());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let store = Store::open(common_dir).unwrap().unwrap();
                for _ in 0..3 {
                    assert_eq!(find(&store, keys, "common").0, COMMON);
                }
            });
        }
    });
    let sieves = store.path().join("sieves");
    let kept = fs::metadata(&sieves).unwrap().len();
    fs::remove_file(&sieves).unwrap();
    assert_eq!(find(&store, keys, "word00017").0, [17]);
    assert_eq!(fs::metadata(&sieves).unwrap().len(), kept);
}
