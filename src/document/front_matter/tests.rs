//! Front matter as tables: what is read, what an edit changes, what is refused.

use super::*;
use crate::document::EditError;

pub(super) fn key(text: &str) -> Key {
    Key::parse(text).unwrap()
}

pub(super) fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

pub(super) fn list(items: &[&str]) -> Value {
    Value::List(items.iter().map(|item| (*item).to_owned()).collect())
}

/// `yaml` between fences with a body, one key set, and only the YAML again.
fn edited(yaml: &str, name: &str, value: Value) -> Result<String, EditError> {
    let (head, tail) = ("---\n", "---\n\n# Title\n\n## Notes\n");
    let out = set(format!("{head}{yaml}{tail}").as_bytes(), &[(key(name), value)])?;
    let out = String::from_utf8(out).unwrap();
    let inner = out.strip_prefix(head).unwrap().strip_suffix(tail).unwrap();
    Ok(inner.to_owned())
}

const TEMPLATE: &str = "\
date: # e.g. 2025-08-29 18:55 UTC
slug: # e.g. branchwork-add-parallel-indexing
status: draft  # draft | in-review | changes-requested | approved | merged
pr: # e.g. 47 / BLZ-42
branch:
  name: # e.g. feat/add-parallel-indexing
  base: main
  position: # 1  # 1-indexed
  total: # 3
reviewers: # e.g. [coderabbitai, galligan]
dri: # e.g. claude
risk: # low | medium | high
";

#[test]
fn sets_keys_of_the_template() {
    for (name, value, from, to) in [
        ("status", text("in-review"), "status: draft  #", "status: in-review  #"),
        ("pr", Value::Number(47), "pr: #", "pr: 47 #"),
        ("pr", text("47 / BLZ-42"), "pr: #", "pr: 47 / BLZ-42 #"),
        ("branch.position", Value::Number(2), "position: # 1", "position: 2 # 1"),
        ("branch.name", text("a: b # c"), "name: #", "name: \"a: b # c\" #"),
        ("branch.base", text("dev"), "base: main", "base: dev"),
        ("branch.base", Value::Null, "base: main", "base:"),
        ("status", Value::Null, "status: draft  #", "status:  #"),
        (
            "reviewers",
            list(&["a", "b, c"]),
            "reviewers: #",
            "reviewers: [a, \"b, c\"] #",
        ),
        (
            "date",
            text("2025-08-29 18:55 UTC"),
            "date: #",
            "date: 2025-08-29 18:55 UTC #",
        ),
        ("scope", text("indexer"), "risk: #", "scope: indexer\nrisk: #"),
        (
            "backout_plan",
            text("revert"),
            "| high\n",
            "| high\nbackout_plan: revert\n",
        ),
        (
            "branch.stack.id",
            Value::Number(9),
            "total: # 3\n",
            "total: # 3\n  stack:\n    id: 9\n",
        ),
        (
            "own.deep.key",
            text("x"),
            "| high\n",
            "| high\nown:\n  deep:\n    key: x\n",
        ),
        ("my key", text("x"), "| high\n", "| high\nmy key: x\n"),
        ("null", text("null"), "| high\n", "| high\n\"null\": \"null\"\n"),
    ] {
        assert_eq!(
            edited(TEMPLATE, name, value).unwrap(),
            TEMPLATE.replacen(from, to, 1),
            "{name}"
        );
    }
    assert_eq!(edited(TEMPLATE, "status", text("draft")).unwrap(), TEMPLATE);
    assert_eq!(edited(TEMPLATE, "risk", Value::Null).unwrap(), TEMPLATE);
    assert_eq!(edited(TEMPLATE, "unknown", Value::Null).unwrap(), TEMPLATE);
}

#[test]
fn keeps_the_form_of_every_kind_of_value() {
    for (yaml, name, value, want) in [
        // Lists in brackets.
        ("r: [a, b]\n", "r", list(&["a", "b", "c"]), "r: [a, b, c]\n"),
        ("r: [ a, b ] # x\n", "r", list(&["c"]), "r: [ c ] # x\n"),
        ("r: ['a', \"b\"]\n", "r", list(&["b", "d e"]), "r: [\"b\", \"d e\"]\n"),
        ("r: [a, b,]\n", "r", list(&["a", "b", "c"]), "r: [a, b, c,]\n"),
        ("r: [\n  a,\n  b\n]\n", "r", list(&["b", "a"]), "r: [\n  b,\n  a\n]\n"),
        (
            "r: [\n  a, # x\n  b # y\n]\n",
            "r",
            list(&["a", "b", "c"]),
            "r: [\n  a, # x\n  b, c # y\n]\n",
        ),
        ("r: []\n", "r", list(&["a"]), "r: [a]\n"),
        ("r: [a]\n", "r", list(&[]), "r: []\n"),
        ("r: [a] # x\n", "r", text("b"), "r: b # x\n"),
        ("r: [a] # x\n", "r", Value::Null, "r: # x\n"),
        ("r: a # x\n", "r", list(&["a", "b"]), "r: [a, b] # x\n"),
        // Lists of lines.
        (
            "r:\n  # x\n  - a # y\n  # z\n  - b\n  # w\nz: 1\n",
            "r",
            list(&["a", "b", "c"]),
            "r:\n  # x\n  - a # y\n  # z\n  - b\n  - c\n  # w\nz: 1\n",
        ),
        (
            "r:\n- a\n- 'b'\n- c\n",
            "r",
            list(&["x", "b", "true"]),
            "r:\n- x\n- 'b'\n- \"true\"\n",
        ),
        ("r:\n  - a\n  - b\n", "r", list(&["b", "a"]), "r:\n  - b\n  - a\n"),
        ("r: # x\n  - a\n  - b\nz: 1\n", "r", text("c"), "r: c # x\nz: 1\n"),
        ("r: # x\n  - a\nz: 1\n", "r", Value::Null, "r: # x\nz: 1\n"),
        ("r:\n  -\nz: 1\n", "r", list(&["a"]), "r:\n  - a\nz: 1\n"),
        // Quotes, blocks, several lines.
        ("k: \"a\" # x\n", "k", text("b c"), "k: \"b c\" # x\n"),
        ("k: 'a # b'\nl: 1\n", "l", Value::Number(2), "k: 'a # b'\nl: 2\n"),
        ("k: 'a'\n", "k", text("it's"), "k: 'it''s'\n"),
        (
            "k: |\n  a\n  b\n\n# x\nz: 1\n",
            "z",
            Value::Number(2),
            "k: |\n  a\n  b\n\n# x\nz: 2\n",
        ),
        ("k: |\n  a\n  b\n\n# x\nz: 1\n", "k", text("c"), "k: c\n\n# x\nz: 1\n"),
        ("k: >-\n  a\nz: 1\n", "k", text("c\nd"), "k: \"c\\nd\"\nz: 1\n"),
        ("k: |+\n  a\n\n\nz: 1\n", "k", Value::Null, "k:\n\n\nz: 1\n"),
        ("k: a\n  b\nz: 1\n", "k", text("c"), "k: c\nz: 1\n"),
        ("k:\n  a # x\nz: 1\n", "k", text("c"), "k:\n  c # x\nz: 1\n"),
        ("k: ~ # x\n", "k", text("c"), "k: c # x\n"),
        // Mappings in braces.
        (
            "b: {name: x, position: 1, total: 3}\n",
            "b.position",
            Value::Number(2),
            "b: {name: x, position: 2, total: 3}\n",
        ),
        (
            "b: {name: x, total: 3}\n",
            "b.name",
            Value::Null,
            "b: {name:, total: 3}\n",
        ),
        (
            "b: {name, total: 3}\n",
            "b.name",
            text("y, z"),
            "b: {name: \"y, z\", total: 3}\n",
        ),
        ("b: {name: x}\n", "b.c.d", Value::Number(1), "b: {name: x, c: {d: 1}}\n"),
        ("b: {}\n", "b.c", text("d"), "b: {c: d}\n"),
        ("b: { a: 1 , }\n", "b.c", text("d"), "b: { a: 1 , c: d }\n"),
        ("{a: 1}\n", "b", text("d"), "{a: 1, b: d}\n"),
        // Things that are not ours, quoted keys, odd blanks, other scripts.
        (
            "a: &x 1\nb: *x\nc: !t 2\nd: 1\n",
            "d",
            Value::Number(3),
            "a: &x 1\nb: *x\nc: !t 2\nd: 3\n",
        ),
        ("\"k\"  :   a   # x\n", "k", text("b"), "\"k\"  :   b   # x\n"),
        ("é日本: ü # ö\nk: a\n", "k", text("日"), "é日本: ü # ö\nk: 日\n"),
        ("k:   \nz: 1\n", "k", text("b"), "k: b   \nz: 1\n"),
        ("# only a comment\n", "k", text("b"), "# only a comment\nk: b\n"),
        ("", "branch.name", text("b"), "branch:\n  name: b\n"),
        (
            "branch: # here\ndri: x\n",
            "branch.name",
            text("b"),
            "branch: # here\n  name: b\ndri: x\n",
        ),
        // Places of new keys.
        (
            "# head\ndri: x\n",
            "reviewers",
            list(&["a"]),
            "reviewers: [a]\n# head\ndri: x\n",
        ),
        (
            "date: 1\nbranch:\n    name: x\n    # more\nown: 1\n",
            "reviewers",
            text("r"),
            "date: 1\nbranch:\n    name: x\n    # more\nreviewers: r\nown: 1\n",
        ),
        (
            "branch:\n    total: 1\n",
            "branch.base",
            text("r"),
            "branch:\n    base: r\n    total: 1\n",
        ),
        ("k: |\n  a\n", "date", text("d"), "k: |\n  a\ndate: d\n"),
        ("  k: a\n", "date", text("d"), "  k: a\n  date: d\n"),
    ] {
        assert_eq!(edited(yaml, name, value).as_deref(), Ok(want), "{name} in {yaml:?}");
    }
}

#[test]
fn refuses_what_would_lose_something() {
    for (yaml, name, value, found) in [
        ("k: *x\n", "k", text("b"), "cannot be read"),
        ("x: &x 1\nk: *x\n", "k", text("b"), "an anchor, an alias or a tag"),
        ("x: &x 1\nk: *x\n", "x", text("b"), "an anchor, an alias or a tag"),
        ("k: !!str a\n", "k", text("b"), "an anchor, an alias or a tag"),
        ("branch:\n  name: x\n", "branch", text("b"), "keys of its own"),
        ("branch:\n  name: x\n", "branch", Value::Null, "keys of its own"),
        ("dri: x\n", "dri.name", text("b"), "no keys"),
        ("r:\n  - a # x\n  - b\n", "r", list(&["b"]), "comments inside"),
        ("r:\n  - a # x\n", "r", Value::Null, "comments inside"),
        ("r: [\n  a, # x\n  b\n]\n", "r", text("b"), "comments inside"),
        ("r: [\n  a, # x\n  b\n]\n", "r", list(&["b"]), "in place"),
        ("k: | # x\n  a\n", "k", text("b"), "comments inside"),
        ("? k\n: a\n", "k", text("b"), "in place"),
        ("k: 1\nk: 2\n", "k", text("b"), "twice"),
        ("a: 1\n\tb: 2\n", "a", text("b"), "tab"),
        ("a: 1\n", "b", text(&"x".repeat(MAX_BYTES)), "longer than 64 KiB"),
    ] {
        let error = edited(yaml, name, value).unwrap_err();
        assert!(error.to_string().contains(found), "{yaml:?}: {error}");
    }
    // All or nothing, and the key that is at fault is named.
    let changes = [(key("a"), text("x")), (key("c"), text("y")), (key("b"), text("z"))];
    let error = set(b"---\na: 1\nb: &x 1\nc: 1\n---\n", &changes).unwrap_err();
    assert_eq!(
        error.to_string(),
        "'b' holds an anchor, an alias or a tag and cannot be set"
    );
}

#[test]
fn keeps_line_endings_marks_and_odd_ends() {
    let changes = [
        (key("a"), text("x")),
        (key("branch.name"), text("w")),
        (key("a"), text("z")),
    ];
    for (from, to) in [
        (
            "---\r\na: 1 # c\r\n---\r\nbody",
            "---\r\na: z # c\r\nbranch:\r\n  name: w\r\n---\r\nbody",
        ),
        ("---\r\na:\r\n---", "---\r\na: z\r\nbranch:\r\n  name: w\r\n---"),
        (
            "\u{feff}---\na: 1\n...\nb",
            "\u{feff}---\na: z\nbranch:\n  name: w\n...\nb",
        ),
        ("---  \na: 1\n---\t\n", "---  \na: z\nbranch:\n  name: w\n---\t\n"),
        ("", "---\nbranch:\n  name: w\na: z\n---\n"),
        ("# T\r\n", "---\r\nbranch:\r\n  name: w\r\na: z\r\n---\r\n\r\n# T\r\n"),
        ("\u{feff}\n# T", "\u{feff}---\nbranch:\n  name: w\na: z\n---\n\n# T"),
    ] {
        let out = String::from_utf8(set(from.as_bytes(), &changes).unwrap()).unwrap();
        assert_eq!(
            out.replace("a: z\nbranch:\n  name: w\n", "branch:\n  name: w\na: z\n"),
            to.replace("a: z\nbranch:\n  name: w\n", "branch:\n  name: w\na: z\n"),
            "{from:?}"
        );
    }
    let bytes = b"---\na: 1\n---\n\xff\xfe body";
    assert_eq!(
        set(bytes, &[(key("a"), Value::Number(2))]).unwrap(),
        b"---\na: 2\n---\n\xff\xfe body"
    );
}

#[test]
fn says_what_is_wrong_and_where() {
    for (text, message, place) in [
        (&b"---\na: 1\n"[..], "never closed", "---"),
        (b"---\na: [\n---\n", "unclosed bracket", "["),
        (b"---\na: 1\n\tb: 2\n---\n", "tab", "\t"),
        (b"---\na: 1\n'a': 2\n---\n", "'a' stands here twice", "'a'"),
        (b"---\nb:\n  a: 1\n  a: 2\n---\n", "'a' stands here twice", "a"),
        (b"---\njust words\n---\n", "key: value", "just words"),
        (b"---\n- a\n---\n", "key: value", "- a"),
        (b"---\na: 1\n--- b\n---\n", "second YAML document", "---"),
        (b"---\n%YAML 1.2\na: 1\n---\n", "not YAML here", "a"),
        (b"---\na: \xff\n---\n", "not UTF-8", "\u{fffd}"),
        (b"---\na: *gone\n---\n", "anchor", "*"),
    ] {
        let found = FrontMatter::of(text);
        let problem = found.problem.unwrap();
        assert!(problem.message.contains(message), "{problem:?}");
        assert_eq!(
            String::from_utf8_lossy(&text[problem.place.clone()]),
            place,
            "{problem:?}"
        );
        let error = set(text, &[(key("a"), Value::Number(1))]).unwrap_err();
        assert!(matches!(error, EditError::BrokenFrontMatter { reason } if reason == problem.message));
    }
    for fine in [
        &b""[..],
        b"# T\n",
        b"text\n---\na: 1\n---\n",
        b"---\n---\n",
        b"---\n# c\n\n---\n",
        b" ---\n",
        b"----\n",
    ] {
        let found = FrontMatter::of(fine);
        assert_eq!((found.problem, found.fields.len()), (None, 0), "{fine:?}");
    }
}

#[test]
fn spans_slice_to_what_is_written() {
    let text = "\u{feff}---\r\ndate: 2025-01-02 # é\r\n\"b c\":\r\n  n: 'x'\r\nr: [a, b]\r\nl:\r\n- 1\r\n- 2\r\nk: |\r\n  t\r\n---\r\nbody";
    let found = FrontMatter::of(text.as_bytes());
    assert_eq!(&text[found.span.clone()], &text[3..text.len() - 4]);
    let written: Vec<(String, &str, &str)> = found
        .fields
        .iter()
        .map(|field| {
            (
                field.key.to_string(),
                &text[field.key_span.clone()],
                &text[field.value_span.clone()],
            )
        })
        .collect();
    let expect = [
        ("date", "date", "2025-01-02"),
        ("b c.n", "n", "'x'"),
        ("r", "r", "[a, b]"),
        ("l", "l", "- 1\r\n- 2"),
        ("k", "k", "|\r\n  t\r\n"),
    ];
    assert_eq!(written, expect.map(|(key, name, value)| (key.to_owned(), name, value)));
    assert_eq!(found.text("b c.n"), Some("x"));
}

#[test]
fn missing_is_what_says_nothing() {
    let yaml =
        "---\na:\nb: # c\nc: ''\nd: []\ne: ~\nf: null\ng: \"  \"\nh:\n  -\ni: 'null'\nj: [x]\nk: {}\nm:\n  n:\n---\n";
    let found = FrontMatter::of(yaml.as_bytes());
    for (names, missing) in [("abcdefghz", true), ("ijkm", false)] {
        for name in names.chars() {
            assert_eq!(found.is_missing(&key(&name.to_string())), missing, "{name}");
        }
    }
}

#[test]
fn arguments_become_what_was_meant() {
    for (name, argument, value) in [
        ("reviewers", "a, b", list(&["a", "b"])),
        ("reviewers", "[a,'b c', ]", list(&["a", "b c"])),
        ("reviewers", "a", list(&["a"])),
        ("scope", "a b", text("a b")),
        ("scope", "a,b", list(&["a", "b"])),
        ("pr", "47", Value::Number(47)),
        ("pr", "047", text("047")),
        ("pr", "47 / X-1", text("47 / X-1")),
        ("branch.total", "3", Value::Number(3)),
        ("dri", "12", text("12")),
        ("dri", " ", Value::Null),
        ("backout_plan", "a, b", text("a, b")),
    ] {
        assert_eq!(Value::from_argument(&key(name), argument), value, "{name}={argument}");
    }
    for bad in ["", ".", "a.", ".a", "a..b", " a", "a\nb"] {
        assert_eq!(Key::parse(bad), None, "{bad:?}");
    }
}

#[test]
fn hostile_input_is_refused_soon() {
    let laughs: String = (1..20)
        .map(|i| format!("a{i}: &a{i} [{}]\n", vec![format!("*a{}", i - 1); 9].join(",")))
        .collect();
    let laughs = format!("a0: &a0 x\n{laughs}dri: y\n");
    assert!(edited(&laughs, "dri", text("z")).unwrap().ends_with("dri: z\n"));
    let deep: String = (0..3000).map(|i| format!("{}a:\n", " ".repeat(i))).collect();
    let mut nested = String::new();
    (0..200).for_each(|i| nested.push_str(&format!("{}a:\n", " ".repeat(i))));
    for bad in [
        "[".repeat(50_000),
        "{a: ".repeat(15_000),
        deep,
        nested,
        "# c\n".repeat(200_000),
        "- ".repeat(20_000),
    ] {
        assert!(edited(&format!("a: 1\n{bad}\n"), "a", text("z")).is_err());
    }
    let comments = "# c\n".repeat(15_000);
    assert_eq!(
        edited(&format!("{comments}a: 1\n"), "a", text("z")).unwrap(),
        format!("{comments}a: z\n")
    );
    let keys: String = (0..5_000).map(|i| format!("k{i}: 1\n")).collect();
    assert!(edited(&keys, "k4999", text("z")).unwrap().ends_with("k4999: z\n"));
}
