//! The rules of the house (docs/architecture.md), held against what the sources import and call.
//!
//! Reads the text of src/, without comments, literals and test modules. The checker itself is tested at the end.

#![allow(clippy::unwrap_used)]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// The rooms and their floors: a room imports from floors below its own.
const FLOORS: [(&str, u8); 26] = [
    ("actor", 0),
    ("check", 0),
    ("document", 0),
    ("error", 0),
    ("facts", 0),
    ("names", 0),
    ("nearest", 0),
    ("policy", 0),
    ("report", 0),
    ("stack", 0),
    ("threads", 0),
    ("trailer", 0),
    ("world", 0),
    ("install", 1),
    ("policy_file", 1),
    ("process", 1),
    ("records", 1),
    ("repo", 1),
    ("store", 1),
    ("transport", 1),
    ("view", 1),
    ("journeys", 2),
    ("commands", 3),
    ("hooks", 3),
    ("lib", 3),
    ("ui", 3),
];

/// What a room may import from its own floor.
const SAME_FLOOR: [(&str, &[&str]); 16] = [
    ("actor", &["names", "trailer"]),
    ("check", &["document", "names", "nearest", "policy"]),
    ("commands", &["hooks", "ui"]),
    ("document", &["actor", "facts", "names", "trailer"]),
    ("facts", &["names"]),
    ("hooks", &["ui"]),
    ("install", &["process"]),
    ("policy", &["document", "names", "nearest"]),
    ("policy_file", &["repo"]),
    ("records", &["policy_file", "repo"]),
    ("repo", &["process"]),
    ("report", &["check", "names"]),
    ("stack", &["names"]),
    ("store", &["process", "repo"]),
    ("transport", &["process"]),
    ("view", &["repo", "store"]),
];

/// What only some places may name, as the beginning of a path, and those places, as the beginning of a file's name.
const PRIVILEGES: [(&[&str], &[&str]); 12] = [
    (&["gix"], &["repo/", "repo.rs", "store/", "store.rs"]),
    (&["std", "process", "ExitCode"], &["process.rs", "main.rs"]),
    (&["std", "process"], &["process.rs"]),
    // These two only take a text apart and put it together.
    (&["std", "env", "split_paths"], &[""]),
    (&["std", "env", "join_paths"], &[""]),
    (&["std", "env"], &["main.rs"]),
    (&["std", "io", "stdin"], &["main.rs", "ui/ask.rs"]),
    (&["dialoguer"], &["ui/ask.rs"]),
    (&["std", "io", "stdout"], &["ui.rs", "ui/"]),
    (&["std", "io", "stderr"], &["ui.rs", "ui/"]),
    (&["anstream"], &["ui.rs", "ui/"]),
    (&["clap"], &["commands/"]),
];

/// Calls that read the clock, and where they may stand: process.rs needs one for its timeouts.
const CLOCKS: [(&str, &[&str]); 4] = [
    ("Utc", &["main.rs"]),
    ("Local", &["main.rs"]),
    ("SystemTime", &["main.rs"]),
    ("Instant", &["process.rs"]),
];

const PRINTING: [&str; 5] = ["print", "println", "eprint", "eprintln", "dbg"];
const LONGEST_FILE: usize = 600;
const LONGEST_MAIN: usize = 80;

#[test]
fn the_house_is_as_it_is_drawn() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&src, &mut files);
    assert!(files.len() > 50, "only {} files found", files.len());
    let sources: Vec<(String, String)> = files
        .iter()
        .map(|path| {
            let name = path.strip_prefix(&src).unwrap().to_str().unwrap().replace('\\', "/");
            (name, std::fs::read_to_string(path).unwrap())
        })
        .collect();
    let mut report = String::new();
    for (name, text) in &sources {
        let is_test = is_test(name, &sources);
        if !is_test && !text.starts_with("//!") {
            writeln!(report, "src/{name}: does not say what it is for").unwrap();
        }
        for problem in problems(name, text, is_test) {
            writeln!(report, "src/{name}: {problem}").unwrap();
        }
    }
    assert!(report.is_empty(), "\n{report}");
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// Whether a file is a module of tests: declared under `#[cfg(test)]` by the file above it, or below such a one.
fn is_test(name: &str, sources: &[(String, String)]) -> bool {
    let module = module(name);
    (1..=module.len()).any(|depth| {
        let (parent, last) = (&module[..depth - 1], &module[depth - 1]);
        sources.iter().any(|(other, text)| {
            let owner = match other.as_str() {
                "lib.rs" => Vec::new(),
                other => self::module(other),
            };
            owner == parent && declares_test(&tokens(text), last)
        })
    })
}

/// Whether there is `mod <name>;` under an attribute that asks for tests.
fn declares_test(tokens: &[String], name: &str) -> bool {
    (0..tokens.len())
        .filter_map(|at| Some(at + test_attribute(&tokens[at..])?))
        .any(|at| {
            let item = &tokens[at..];
            item.len() > 2 && item[0] == "mod" && item[1] == name && item[2] == ";"
        })
}

/// The length of the attributes that `tokens` begin with, where the first is `#[cfg(test)]` or `#[cfg(all(test, …))]`.
fn test_attribute(tokens: &[String]) -> Option<usize> {
    let begins = |start: &[&str]| tokens.len() > start.len() && tokens.iter().zip(start).all(|(a, b)| a == b);
    if !begins(&["#", "[", "cfg", "(", "test"]) && !begins(&["#", "[", "cfg", "(", "all", "(", "test"]) {
        return None;
    }
    let mut end = 0;
    while tokens.get(end).is_some_and(|token| token == "#") {
        end += tokens[end..].iter().position(|token| token == "]")? + 1;
    }
    Some(end)
}

/// The module that a file is: `a/b.rs` and `a/b/mod.rs` are `[a, b]`.
fn module(name: &str) -> Vec<String> {
    let name = name.trim_end_matches(".rs");
    let name = name.strip_suffix("/mod").unwrap_or(name);
    name.split('/').map(str::to_owned).collect()
}

fn floor(room: &str) -> Option<u8> {
    FLOORS.iter().find(|(name, _)| *name == room).map(|(_, floor)| *floor)
}

/// What in a file is against the rules.
fn problems(name: &str, text: &str, is_test: bool) -> Vec<String> {
    let mut problems = Vec::new();
    let longest = if name == "main.rs" { LONGEST_MAIN } else { LONGEST_FILE };
    let lines = text.lines().count();
    if lines > longest {
        problems.push(format!("{lines} lines, more than {longest}"));
    }
    if is_test {
        return problems;
    }
    let tokens = without_tests(&tokens(text));
    for path in paths(&tokens) {
        let path = absolute(name, &path);
        problems.extend(import_problem(name, &path));
        problems.extend(privilege_problem(name, &path));
    }
    for pair in tokens.windows(2) {
        if PRINTING.contains(&pair[0].as_str()) && pair[1] == "!" && !name.starts_with("ui") {
            problems.push(format!("{}! outside ui", pair[0]));
        }
    }
    problems
}

fn import_problem(name: &str, path: &[String]) -> Option<String> {
    if path.first().is_none_or(|root| root != "crate") || name == "lib.rs" || name == "main.rs" {
        return None;
    }
    let (from, to) = (&module(name)[0], path.get(1)?);
    if from == to {
        return None;
    }
    let (Some(own), Some(other)) = (floor(from), floor(to)) else {
        return Some(format!("a room that is on no floor: {from} or {to}"));
    };
    let listed = SAME_FLOOR
        .iter()
        .any(|(room, rooms)| room == from && rooms.contains(&to.as_str()));
    // Every room may fail, and errors stand below all the rest.
    let allowed = other < own || (other == own && (listed || to == "error"));
    (!allowed).then(|| format!("floor {own} ({from}) imports floor {other} ({to}): {}", path.join("::")))
}

fn privilege_problem(name: &str, path: &[String]) -> Option<String> {
    let told = || Some(format!("{} does not belong here", path.join("::")));
    let allowed = |places: &[&str]| places.iter().any(|place| name.starts_with(place));
    let begins = |start: &&[&str]| path.len() >= start.len() && path.iter().zip(*start).all(|(a, b)| a == b);
    if let Some((_, places)) = PRIVILEGES.iter().find(|(start, _)| begins(start)) {
        return if allowed(places) { None } else { told() };
    }
    let [.., before, last] = path else { return None };
    let clock = CLOCKS.iter().find(|(clock, _)| last == "now" && before == clock);
    clock.filter(|(_, places)| !allowed(places)).and_then(|_| told())
}

/// `super::x` as `crate::…::x`, seen from this file.
fn absolute(name: &str, path: &[String]) -> Vec<String> {
    let ups = path.iter().take_while(|segment| *segment == "super").count();
    if ups == 0 {
        return path.to_vec();
    }
    let mut whole = module(name);
    whole.truncate(whole.len().saturating_sub(ups));
    whole.insert(0, "crate".to_owned());
    whole.extend(path[ups..].iter().cloned());
    whole
}

/// Words and signs, without comments and with every literal as `""`.
fn tokens(text: &str) -> Vec<String> {
    let bytes = text.as_bytes();
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let rest = &text[at..];
        if rest.starts_with("//") {
            at += rest.find('\n').unwrap_or(rest.len());
        } else if rest.starts_with("/*") {
            at += rest.find("*/").map_or(rest.len(), |end| end + 2);
        } else if let Some(length) = literal(rest) {
            at += length;
            tokens.push("\"\"".to_owned());
        } else if byte.is_ascii_alphanumeric() || byte == b'_' {
            let word = rest
                .find(|c: char| !(c.is_alphanumeric() || c == '_'))
                .unwrap_or(rest.len());
            tokens.push(rest[..word].to_owned());
            at += word;
        } else if rest.starts_with("::") {
            tokens.push("::".to_owned());
            at += 2;
        } else {
            let c = rest.chars().next().unwrap();
            if !c.is_whitespace() {
                tokens.push(c.to_string());
            }
            at += c.len_utf8();
        }
    }
    tokens
}

/// The length of the string or character literal that `rest` begins with.
fn literal(rest: &str) -> Option<usize> {
    let start = rest.find(|c| !matches!(c, 'b' | 'c' | 'r' | '#'))?;
    let (prefix, body) = rest.split_at(start);
    let hashes = prefix.trim_start_matches(['b', 'c', 'r']);
    if !hashes.bytes().all(|byte| byte == b'#') || prefix.len() - hashes.len() > 2 {
        return None;
    }
    if prefix.contains('r') && body.starts_with('"') {
        let end = format!("\"{hashes}");
        return body[1..].find(&end).map(|at| start + 1 + at + end.len());
    }
    if !hashes.is_empty() {
        return None;
    }
    let quote = body.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    if quote == '\'' && !body[1..].starts_with('\\') && body[1..].chars().nth(1) != Some('\'') {
        return None; // a lifetime
    }
    let mut escaped = false;
    for (at, c) in body.char_indices().skip(1) {
        if !escaped && c == quote {
            return Some(start + at + 1);
        }
        escaped = c == '\\' && !escaped;
    }
    None
}

/// The same without the items that are compiled for tests only.
fn without_tests(tokens: &[String]) -> Vec<String> {
    let mut kept = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let Some(attribute) = test_attribute(&tokens[at..]) else {
            kept.push(tokens[at].clone());
            at += 1;
            continue;
        };
        at += attribute;
        let mut depth = 0_usize;
        while let Some(token) = tokens.get(at) {
            at += 1;
            match token.as_str() {
                "{" => depth += 1,
                "}" if depth == 1 => break,
                "}" => depth -= 1,
                ";" if depth == 0 => break,
                _ => {}
            }
        }
    }
    kept
}

/// Every path, with the groups of `use a::{b, c}` taken apart.
fn paths(tokens: &[String]) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let begins = is_word(&tokens[at]) && (at == 0 || !matches!(tokens[at - 1].as_str(), "::" | "."));
        let used = at > 0 && tokens[at - 1] == "use";
        if begins && (used || tokens.get(at + 1).is_some_and(|next| next == "::")) {
            path(tokens, &mut at, &[], &mut found);
        } else {
            at += 1;
        }
    }
    found
}

fn is_word(token: &str) -> bool {
    token.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// One path from `at` on, with what stands before it; leaves `at` behind it.
fn path(tokens: &[String], at: &mut usize, before: &[String], found: &mut Vec<Vec<String>>) {
    let mut whole = before.to_vec();
    while let Some(token) = tokens.get(*at) {
        *at += 1;
        if token == "{" {
            while tokens.get(*at).is_some_and(|token| token != "}") {
                if is_word(&tokens[*at]) && tokens[*at - 1] != "as" && tokens[*at] != "as" {
                    path(tokens, at, &whole, found);
                } else {
                    *at += 1;
                }
            }
            *at += 1;
            return;
        }
        if !is_word(token) {
            *at -= 1;
            break;
        }
        whole.push(token.clone());
        if tokens.get(*at).is_none_or(|next| next != "::") {
            break;
        }
        *at += 1;
    }
    found.push(whole);
}

mod checker {
    use super::problems;

    fn count(name: &str, text: &str) -> usize {
        problems(name, text, false).len()
    }

    #[test]
    fn finds_what_is_against_the_rules() {
        for (name, text) in [
            ("document/edit.rs", "use crate::store::Store;"),
            ("document/edit.rs", "use crate::{names::X, repo};"),
            (
                "document/edit.rs",
                "use crate::{\n    names::{self, X},\n    view::View as V,\n};",
            ),
            ("names.rs", "fn f() { crate::check::check(); }"),
            ("names.rs", "use super::ui::Ui;"),
            ("document/merge/prose.rs", "use super::super::super::journeys::edit;"),
            ("repo/mod.rs", "use crate::store::Store;"),
            ("journeys/open.rs", "pub(crate) fn f(ui: crate::ui::Ui) {}"),
            ("hooks/mod.rs", "use crate::commands::Program;"),
            ("attic.rs", "use crate::names::X;"),
            ("journeys/open.rs", "use gix;"),
            ("journeys/open.rs", "fn f(r: gix::Repository) {}"),
            ("ui.rs", "use std::process;"),
            ("main.rs", "use std::process::Command;"),
            ("install/mod.rs", "use std::{fs, process::Command};"),
            ("view.rs", "let home = std::env::var(\"HOME\");"),
            ("journeys/mod.rs", "let now = chrono::Utc::now();"),
            ("store/write.rs", "let now = Instant::now();"),
            ("journeys/open.rs", "println!(\"hello\");"),
            ("journeys/open.rs", "let out = std::io::stdout();"),
            ("hooks/mod.rs", "use clap::Parser;"),
            ("hooks/mod.rs", "#[derive(clap::Args)] struct S;"),
            ("names.rs", "const Q: char = '\"'; use crate::ui; const R: char = '\"';"),
            ("names.rs", "#[cfg(test)]\nmod tests { fn f() {} }\nuse crate::ui;"),
        ] {
            assert_eq!(
                count(name, text),
                1,
                "{name}: {text}: {:?}",
                problems(name, text, false)
            );
        }
        assert_eq!(count("main.rs", &"\n".repeat(81)), 1);
        assert_eq!(problems("document/tests.rs", &"\n".repeat(601), true).len(), 1);
        assert_eq!(count("names.rs", "#[cfg(not(test))]\nuse crate::ui;"), 1);
    }

    #[test]
    fn leaves_the_rest_alone() {
        for (name, text) in [
            (
                "document/edit.rs",
                "use crate::names::{BranchName, visible};\nuse super::sections::Item;",
            ),
            (
                "store/write.rs",
                "use super::{FILE, Store};\nuse crate::repo::commit_id;\nuse gix::refs::Target;",
            ),
            (
                "commands/check.rs",
                "use crate::journeys::verify;\n#[derive(clap::Args)] struct S;",
            ),
            (
                "main.rs",
                "use std::process::ExitCode;\nfn main() { std::env::args_os(); chrono::Utc::now(); }",
            ),
            (
                "process.rs",
                "use std::process::{Child, Command};\nlet until = Instant::now();",
            ),
            (
                "names.rs",
                "// use crate::ui;\n/* std::env */ const A: &str = \"crate::ui std::env println!()\";",
            ),
            (
                "names.rs",
                "const A: &str = r#\"crate::ui \" std::env\"#; fn f<'a>(x: &'a str) {}",
            ),
            (
                "names.rs",
                "#[cfg(test)]\nmod tests {\n    use crate::ui::Ui;\n    fn f() { println!(); }\n}",
            ),
            ("names.rs", "#[cfg(test)]\nuse crate::ui::Ui;"),
            (
                "names.rs",
                "#[cfg(test)]\n#[cfg(unix)]\nmod tests { use crate::ui::Ui; }",
            ),
            (
                "names.rs",
                "#[cfg(all(test, unix))]\nmod tests {\n    use crate::ui::Ui;\n}",
            ),
            (
                "install/mod.rs",
                "use crate::process::{self, Call};\nfn f() { process::run(&call); }",
            ),
        ] {
            assert_eq!(problems(name, text, false), Vec::<String>::new(), "{name}: {text}");
        }
    }
}
