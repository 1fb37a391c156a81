//! What holds for any front matter: an edit changes its own lines, and nothing that is read panics.

use super::tests::{key, list, text};
use super::*;
use crate::document::random::Random;

const VALUES: [&str; 16] = [
    "",
    " plain",
    " 'single it''s'",
    " \"double \\\" #\"",
    " [a, 'b', c]",
    " []",
    "\n  - a\n  - b # c",
    "\n- x\n- y",
    " |\n  block\n  more",
    " >-\n  folded",
    " ~",
    " 47 / BLZ-42",
    " {p: 1, q: }",
    " &z x",
    " !t y",
    "\n  p: 1\n  # in\n  q: 2",
];

fn random_yaml(random: &mut Random, eol: &str) -> String {
    let mut names: Vec<&str> = vec![
        "date",
        "slug",
        "status",
        "branch",
        "reviewers",
        "dri",
        "x",
        "'y z'",
        "é",
    ];
    let mut yaml = String::new();
    while random.below(8) > 0 && !names.is_empty() {
        yaml.push_str(random.pick::<&str>(&["", "", "# above\n", "\n"]));
        let name = names.remove(random.below(names.len()));
        let value = random.pick::<&str>(&VALUES);
        let comment = if value.contains('\n') {
            ""
        } else {
            random.pick::<&str>(&["", "", "  # c", " #", "   "])
        };
        yaml.push_str(&format!("{name}:{value}{comment}\n"));
    }
    yaml.replace('\n', eol)
}

#[test]
fn setting_one_key_changes_only_its_own_lines() {
    let mut random = Random::new(1);
    let (mut done, mut refused) = (0, 0);
    for round in 0..4_000 {
        let eol = if round % 3 == 0 { "\r\n" } else { "\n" };
        let yaml = random_yaml(&mut random, eol);
        let document = format!("---{eol}{yaml}---{eol}# Title{eol}- not: yaml{eol}");
        let before = FrontMatter::of(document.as_bytes());
        assert_eq!(before.problem, None, "{document}");
        let name = random.pick::<&str>(&[
            "date",
            "status",
            "branch.name",
            "branch",
            "reviewers",
            "dri",
            "x",
            "é",
            "new",
            "branch.q",
        ]);
        let value = match random.below(5) {
            0 => Value::Null,
            1 => Value::Number(7),
            2 => list(&["a", "zz", "c"]),
            3 => text(random.pick::<&str>(&["x", "true", "a: b", "a\nb", "'", "日 #1", "-", "[", "c:"])),
            _ => list(&["b"]),
        };
        match set(document.as_bytes(), &[(key(name), value.clone())]) {
            Err(_) => refused += 1,
            Ok(out) => {
                done += 1;
                only_changed(&document, &String::from_utf8(out).unwrap(), &key(name), &value);
            }
        }
    }
    assert!(done > 3 * refused, "{done} done, {refused} refused");
}

fn only_changed(old: &str, new: &str, key: &Key, value: &Value) {
    let (before, after) = (FrontMatter::of(old.as_bytes()), FrontMatter::of(new.as_bytes()));
    let say = || format!("{key} = {value:?}\n{old}\n{new}");
    match after.get(key) {
        Some(field) => assert!(field.value.is(value), "{}", say()),
        None => assert_eq!(*value, Value::Null, "{}", say()),
    }
    // Equal ends, and in between lines of this key or of the mapping that it made.
    let same = |a: &[&str], b: &[&str]| a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let (a, b): (Vec<&str>, Vec<&str>) = (old.split_inclusive('\n').collect(), new.split_inclusive('\n').collect());
    let front = same(&a, &b);
    let (ra, rb): (Vec<&str>, Vec<&str>) = (a.iter().rev().copied().collect(), b.iter().rev().copied().collect());
    let back = same(&ra, &rb).min(a.len() - front).min(b.len() - front);
    let gone = a[front..a.len() - back].concat();
    let own = before.get(key).map(|field| {
        let from = old[..field.key_span.start].rfind('\n').map_or(0, |at| at + 1);
        let to = field.value_span.end + old[field.value_span.end..].find('\n').map_or(0, |at| at + 1);
        old[from..to].to_owned()
    });
    let grown = own.is_none() && gone.starts_with("branch: {") || gone.starts_with("branch:{");
    assert!(grown || own.unwrap_or_default().contains(&gone), "{}", say());
    let rest = |found: &FrontMatter| -> Vec<(Key, FieldValue)> {
        let others = found
            .fields
            .iter()
            .filter(|field| field.key != *key && !key.is_below(&field.key));
        others.map(|field| (field.key.clone(), field.value.clone())).collect()
    };
    assert_eq!(rest(&before), rest(&after), "{}", say());
    let comments = |text: &str| text.matches("# ").count();
    assert!(comments(new) >= comments(old), "{}", say());
}

#[test]
fn random_bytes_never_panic() {
    let mut random = Random::new(42);
    let pieces = [
        "---\n", "a", ":", " ", "\n", "\r\n", "- ", "[", "]", "{", "}", ",", "#", " # c", "'", "\"", "|", ">", "&a",
        "*a", "!", "\t", "é", "\u{feff}", "...", "?", "~", "  ", "b: c\n", "%",
    ];
    for round in 0..20_000 {
        let mut bytes = if round % 4 == 0 { Vec::new() } else { b"---\n".to_vec() };
        for _ in 0..random.below(24) {
            if random.below(40) == 0 {
                bytes.push(random.below(256) as u8);
            } else {
                bytes.extend(random.pick::<&str>(&pieces).bytes());
            }
        }
        bytes.extend(random.pick::<&str>(&["", "\n---\n", "\n...", "\n---\nbody"]).bytes());
        let found = FrontMatter::of(&bytes);
        let mut places: Vec<Range<usize>> = vec![found.span.clone(), found.content.clone()];
        places.extend(found.problem.iter().map(|problem| problem.place.clone()));
        places.extend(
            found
                .fields
                .iter()
                .flat_map(|field| [field.key_span.clone(), field.value_span.clone()]),
        );
        assert!(
            places.iter().all(|place| bytes.get(place.clone()).is_some()),
            "{found:?}"
        );
        for value in [text("x: y"), list(&["p", "q"]), Value::Null] {
            if let Ok(out) = set(&bytes, &[(key("b"), value.clone())]) {
                let body = bytes.len() - found.span.end;
                assert_eq!(out[out.len() - body..], bytes[found.span.end..]);
                assert_eq!(set(&out, &[(key("b"), value.clone())]).unwrap(), out, "{bytes:?}");
            }
        }
    }
}

/// Lines that are usual, and what makes them unusual.
const LINES: [&str; 24] = [
    "status: draft  # draft | in-review",
    "date: 2025-08-29 18:55 UTC # e.g. a time",
    "branch:",
    "  name: feat/a",
    "  base: main",
    "  deeper:",
    "    key: x",
    "reviewers: [a, b-c , d]",
    "reviewers: # e.g. [a, b]",
    "reviewers: []",
    "pr: 47 / BLZ-42",
    "title: \"quoted # text\"  # c",
    "note: 'single: text'",
    "",
    "   ",
    "# alone  ",
    "   # indented",
    "risk:",
    "- item",
    "text: |",
    "empty: ~",
    " one: blank",
    "url: https://x.y/z#a",
    "dri: ada",
];

#[test]
fn what_is_read_without_the_parser_is_what_the_parser_reads() {
    let mut random = Random::new(7);
    let marks = [
        " ", "  ", ":", "#", "-", "'", "\"", "[", "]", ",", "{", "&", "~", "\t", "\n", "\\", ".", "?", "!", "x", "é",
        "%", "|", "/", "@",
    ];
    let (mut read, rounds) = (0, 20_000);
    for _ in 0..rounds {
        let mut yaml = String::new();
        for _ in 0..random.below(9) {
            yaml.push_str(random.pick::<&str>(&LINES));
            yaml.push('\n');
        }
        for _ in 0..random.below(3) {
            let places: Vec<usize> = (0..=yaml.len()).filter(|at| yaml.is_char_boundary(*at)).collect();
            let at = places[random.below(places.len())];
            match random.below(4) {
                0 if at < yaml.len() => drop(yaml.remove(at)),
                _ => yaml.insert_str(at, random.pick::<&str>(&marks)),
            }
        }
        let text = format!("---\n{yaml}");
        let block = parse::Block {
            span: 0..text.len(),
            content: 4..text.len(),
            closed: true,
        };
        let Some(tree) = plain::tree(yaml.as_bytes(), 4) else {
            continue;
        };
        read += 1;
        assert_eq!(Ok(tree), parse::parsed(text.as_bytes(), &block), "{yaml}");
    }
    assert!(read > rounds / 8, "{read} of {rounds}");
}
