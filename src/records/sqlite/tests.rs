//! The reader against a database that SQLite made, whole and damaged. tests/fixtures/graphite.sql says what is in it.

use super::*;
use crate::document::random::Random;

const FIXTURE: &[u8] = include_bytes!("../../../tests/fixtures/graphite.db");
const PAGE: usize = 512;

fn read(bytes: &[u8], columns: &[&str]) -> Result<Vec<Row>, Reason> {
    let mut rows = Vec::new();
    let found = Database::parse(bytes)?.rows("branch_metadata", columns, &mut |row| rows.push(row))?;
    assert!(found || rows.is_empty());
    Ok(rows)
}

/// The database with some bytes put in the place of others.
fn with(at: usize, bytes: &[u8]) -> Vec<u8> {
    let mut whole = FIXTURE.to_vec();
    whole[at..at + bytes.len()].copy_from_slice(bytes);
    whole
}

/// The number of the page that the table begins with, which has to be one that leads to others.
fn root() -> usize {
    let root = (1..FIXTURE.len() / PAGE).find(|page| {
        let bytes = &FIXTURE[page * PAGE..];
        bytes[0] == INTERIOR
    });
    root.unwrap() + 1
}

#[test]
fn rows_by_the_names_of_columns() {
    let rows = read(
        FIXTURE,
        &["parent_branch_name", "BRANCH_NAME", "state", "branch_revision"],
    )
    .unwrap();
    assert_eq!(rows.len(), 43);
    let row = |name: &str| rows.iter().find(|row| row[1].as_deref() == Some(name)).unwrap().clone();
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(row("old"), [text("main"), text("old"), None, None]);
    assert_eq!(row("main")[0], None);
    let revision = text("0000000000000000000000000000000000000004");
    assert_eq!(
        row("feat/3"),
        [text("feat/2"), text("feat/3"), text("frozen"), revision]
    );
    for n in 2..=40 {
        assert_eq!(row(&format!("feat/{n}"))[0], text(&format!("feat/{}", n - 1)));
    }
}

#[test]
fn a_value_that_does_not_fit_into_a_page() {
    let rows = read(FIXTURE, &["branch_name", "children"]).unwrap();
    let children: Vec<String> = (1..=200).map(|n| format!("\"feat/{n}\"")).collect();
    let main = rows.iter().find(|row| row[0].as_deref() == Some("main")).unwrap();
    assert_eq!(main[1], Some(format!("[{}]", children.join(","))));
}

#[test]
fn what_is_not_known_is_refused() {
    let names = ["branch_name"];
    assert_eq!(read(&with(59, &[2]), &names), Err("its text is not UTF-8"));
    assert_eq!(read(&with(19, &[3]), &names), Err("it is written by a newer SQLite"));
    assert_eq!(read(&with(16, &[0x02, 0x01]), &names), Err(CUT));
    assert_eq!(read(&with(16, &[0, 0]), &names), Err(CUT));
    assert_eq!(read(b"", &names), Err("it is no SQLite database"));
    assert_eq!(read(&FIXTURE[..99], &names), Err("it is no SQLite database"));
    assert_eq!(read(&[b'{'; 4096], &names), Err("it is no SQLite database"));
    assert_eq!(
        read(FIXTURE, &["nobody"]),
        Err("a table lacks a column that is looked for")
    );
    let mut no_rows = |_| unreachable!();
    assert_eq!(
        Database::parse(FIXTURE).unwrap().rows("nobody", &names, &mut no_rows),
        Ok(false)
    );
}

#[test]
fn pages_that_lead_to_each_other() {
    let names = ["branch_name"];
    let (page, start) = (root() as u32, (root() - 1) * PAGE);
    // The page behind the last one is the page itself.
    assert_eq!(read(&with(start + 8, &page.to_be_bytes()), &names), Err(CIRCLE));
    // So is the one of the first cell.
    let cell = usize::from(short(FIXTURE, start + 12).unwrap());
    assert_eq!(read(&with(start + cell, &page.to_be_bytes()), &names), Err(CIRCLE));
    // Every chain of overflow pages goes back to its beginning.
    let mut circles = FIXTURE.to_vec();
    for at in (PAGE..FIXTURE.len()).step_by(PAGE) {
        let number = (at / PAGE + 1) as u32;
        if ![LEAF, INTERIOR, 2, 10].contains(&circles[at]) {
            circles[at..at + 4].copy_from_slice(&number.to_be_bytes());
        }
    }
    assert!(circles != FIXTURE);
    assert_eq!(read(&circles, &names), Err(CIRCLE));
}

#[test]
fn a_file_that_is_cut_is_refused() {
    for length in 0..FIXTURE.len() {
        assert!(read(&FIXTURE[..length], &["branch_name"]).is_err(), "{length}");
    }
    // Where the header does not tell the number of pages, a page that is missing tells it, or nothing that is needed is gone.
    let whole = read(FIXTURE, &["branch_name"]).unwrap();
    let untold = with(92, &[0; 4]);
    for length in (0..FIXTURE.len()).step_by(7) {
        let rows = read(&untold[..length], &["branch_name"]);
        assert!(rows.is_err() || rows.as_ref() == Ok(&whole), "{length}: {rows:?}");
    }
}

#[test]
fn damaged_bytes_give_rows_or_a_reason() {
    let mut random = Random::new(1);
    let (mut read_whole, mut refused) = (0, 0);
    for _ in 0..4_000 {
        let mut bytes = FIXTURE.to_vec();
        for _ in 0..=random.below(8) {
            let at = match random.below(2) {
                0 => random.below(bytes.len()),
                // The beginning of a page, where what matters is.
                _ => random.below(bytes.len() / PAGE) * PAGE + random.below(16),
            };
            bytes[at] = random.below(256) as u8;
        }
        match read(&bytes, &["branch_name", "parent_branch_name"]) {
            Ok(_) => read_whole += 1,
            Err(_) => refused += 1,
        }
    }
    assert!(read_whole > 100 && refused > 100, "{read_whole} {refused}");
}

/// Many cells that share one long payload would be read again and again.
#[test]
fn cells_that_share_their_bytes_cost_no_more_than_the_file() {
    let page = 65536;
    let mut bytes = vec![0_u8; 8 * 1024 * 1024];
    bytes[..16].copy_from_slice(MAGIC);
    bytes[16..20].copy_from_slice(&[0, 1, 1, 1]);
    bytes[59] = 1;
    // A schema page whose 32,000 cells all begin at the same place: 60,000 bytes of payload, nearly all of it header.
    let start = HEADER;
    bytes[start] = LEAF;
    bytes[start + 3..start + 5].copy_from_slice(&32_000_u16.to_be_bytes());
    for cell in 0..32_000 {
        bytes[start + 8 + 2 * cell..][..2].copy_from_slice(&110_u16.to_be_bytes());
    }
    bytes[110..118].copy_from_slice(&[0x83, 0xa9, 0x60, 1, 0x83, 0xa9, 0x60, 0]);
    assert!(bytes.len() > page);
    assert!(read(&bytes, &["branch_name"]).is_err());
}
