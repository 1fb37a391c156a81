//! What is archived is found, once, and does not come back.

use super::*;
use crate::repo::ObjectFormat;
use crate::store::Access;

fn author() -> Author {
    Author {
        name: "Ada".into(),
        email: "ada@example.com".into(),
        time: DateTime::from_timestamp(1_756_493_700, 0).unwrap(),
    }
}

/// One document archived twice, as after a crash between the two steps, is there once, with the later text; the id
/// does not come back.
#[test]
fn archiving_again_finishes() {
    let folder = crate::temporary::folder();
    for format in [ObjectFormat::Sha1, ObjectFormat::Sha256] {
        let place = folder.path().join(format!("{format:?}"));
        std::fs::create_dir(&place).unwrap();
        let store = Store::open_or_create(&place, format).unwrap();
        let Access::Writer(writer) = store.access().unwrap() else {
            panic!("cannot be written")
        };
        let (branch, time) = (BranchName::new("feat/a").unwrap(), author().time);
        let id = DocId::new(1, 2);
        let stored = writer.create(&branch, id.clone(), b"one", "create", &author()).unwrap();
        assert!(writer.drop_archived(&stored).is_err());
        let first = writer.archive(&stored, &branch, b"one", time, &author()).unwrap();
        assert_eq!(first.path, format!("08/202508291855-branchwork-feat-a-{id}.md"));
        assert_eq!((first.slug(), first.stamp()), ("branchwork-feat-a", "202508291855"));
        assert_eq!(
            writer.archive(&stored, &branch, b"one", time, &author()).unwrap(),
            first
        );
        let (later, _) = writer.save(&stored, b"two", "edit", &author()).unwrap();
        let much_later = time + chrono::Days::new(400);
        let again = writer.archive(&later, &branch, b"two", much_later, &author()).unwrap();
        assert_eq!((&again.year, &again.path), (&first.year, &first.path));
        assert_eq!(store.archived(None).unwrap(), std::slice::from_ref(&again));
        assert_eq!(store.archived_text(&again).unwrap(), b"two");
        assert_eq!(store.archived(Some("202509")).unwrap(), []);
        assert_eq!(store.archived(Some("202508")).unwrap().len(), 1);
        writer.drop_archived(&later).unwrap();
        assert_eq!(store.documents().unwrap(), []);
        let refused = writer.move_to(&later, Some(&branch)).unwrap_err().to_string();
        assert_eq!(refused, format!("document '{id}' is archived, and stays so"));
        assert_eq!(store.documents().unwrap(), []);
    }
}

/// Where a document was not a moment ago it may be now: another process archives too.
#[test]
fn what_was_looked_for_in_vain_is_found_once_it_is_there() {
    let folder = crate::temporary::folder();
    let store = Store::open_or_create(folder.path(), ObjectFormat::Sha1).unwrap();
    let other = Store::open(folder.path()).unwrap().unwrap();
    let Access::Writer(writer) = other.access().unwrap() else {
        panic!("cannot be written")
    };
    let branch = BranchName::new("a").unwrap();
    let ids: Vec<DocId> = (1..9).map(|number| DocId::new(1, number)).collect();
    let is_archived = |number: usize| store.archived_by_id(&ids[number]).unwrap().is_some();
    let archive = |number: usize, days: u64| {
        let id = ids[number].clone();
        let stored = writer.create(&branch, id, b"one", "create", &author()).unwrap();
        let time = author().time + chrono::Days::new(days);
        writer.archive(&stored, &branch, b"one", time, &author()).unwrap();
    };
    // In more months than one thread looks through.
    for number in 0..5 {
        archive(number, 40 * number as u64);
    }
    assert!(!is_archived(6));
    assert!(!is_archived(6));
    archive(6, 80);
    assert!(is_archived(6));
    assert!(is_archived(6));
    assert!(!is_archived(7));
    for number in 0..5 {
        assert!(is_archived(number), "{number}");
    }
    assert!(!is_archived(7));
}

#[test]
fn only_what_is_named_as_we_do_is_ours() {
    let id = DocId::new(1, 2);
    let text = gix::ObjectId::null(gix::hash::Kind::Sha1);
    let ours = |month: &str, name: String| archived("2025", month, &name, text).is_some();
    assert!(ours("08", format!("202508291855-a-b-{id}.md")));
    for (month, name) in [
        ("8", format!("202508291855-a-{id}.md")),
        ("08", format!("202508291855-..-{id}.md")),
        ("08", format!("202508291855-a\u{1b}-{id}.md")),
        ("08", format!("20250829-a-{id}.md")),
        ("08", format!("202508291855-a-{id}")),
        ("08", "202508291855-a-b.md".into()),
    ] {
        assert!(!ours(month, name.clone()), "{month}/{name}");
    }
}

/// Whoever holds a version asks for the newest one: where the document was, else under the name that it got meanwhile.
#[test]
fn the_latest_version_is_found_wherever_it_went() {
    let folder = crate::temporary::folder();
    let store = Store::open_or_create(folder.path(), ObjectFormat::Sha1).unwrap();
    let Access::Writer(writer) = store.access().unwrap() else {
        panic!("cannot be written")
    };
    let [one, other] = ["a", "b"].map(|name| BranchName::new(name).unwrap());
    let first = writer
        .create(&one, DocId::new(1, 2), b"one", "create", &author())
        .unwrap();
    let (second, _) = writer.save(&first, b"two", "edit", &author()).unwrap();
    assert_eq!(store.latest(&first).unwrap(), Some(second.clone()));
    let moved = writer.move_to(&second, Some(&other)).unwrap();
    assert_eq!(moved.branch.as_ref(), Some(&other));
    assert_eq!(store.latest(&first).unwrap(), Some(moved.clone()));
    let ended = writer.move_to(&moved, None).unwrap();
    assert_eq!(store.latest(&first).unwrap(), Some(ended.clone()));
    writer
        .archive(&ended, &other, b"two", author().time, &author())
        .unwrap();
    writer.drop_archived(&ended).unwrap();
    assert_eq!(store.latest(&first).unwrap(), None);
}
