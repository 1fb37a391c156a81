//! What others copy into their CI: least permissions, actions by their hashes, nobody's words in a shell.

use super::project;

fn read(path: &str) -> String {
    std::fs::read_to_string(project().join(path)).unwrap()
}

/// The YAML blocks of docs/ci.md, and the action.
fn texts() -> Vec<(String, String)> {
    let docs = read("docs/ci.md");
    let blocks = docs
        .split("```yaml\n")
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap().to_owned());
    let mut texts: Vec<(String, String)> = blocks.map(|block| ("docs/ci.md".to_owned(), block)).collect();
    assert_eq!(texts.len(), 2, "GitHub and GitLab");
    texts.push(("action.yml".to_owned(), read("action.yml")));
    texts
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// The value of each `key:` of a text, with the lines below it that are indented further.
fn values<'a>(text: &'a str, key: &str) -> Vec<Vec<&'a str>> {
    let lines: Vec<&str> = text.lines().collect();
    let start = format!("{key}:");
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let Some(value) = line.trim_start().trim_start_matches("- ").strip_prefix(&start) else {
            continue;
        };
        let below = lines[at + 1..]
            .iter()
            .take_while(|below| below.trim().is_empty() || indent(below) > indent(line));
        found.push(std::iter::once(value.trim()).chain(below.copied()).collect());
    }
    found
}

/// Whether an action is named by a commit and says of which version that is.
fn is_pinned(value: &str) -> bool {
    let (name, version) = value.split_once(" # ").unwrap_or((value, ""));
    let commit = name.split_once('@').map_or("", |(_, commit)| commit);
    let hash = commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
    hash && version.starts_with('v') || name == "<owner>/git-branchwork@<commit>"
}

#[test]
fn actions_are_named_by_their_hashes() {
    let mut count = 0;
    for (path, text) in texts() {
        for value in values(&text, "uses") {
            count += 1;
            assert!(is_pinned(value[0]), "{path}: {}", value[0]);
        }
    }
    assert_eq!(count, 2);
    for loose in [
        "actions/checkout@v7",
        "actions/checkout@main # v7",
        "a/b@0123 # v1",
        "./",
    ] {
        assert!(!is_pinned(loose), "{loose}");
    }
}

#[test]
fn a_token_may_read_and_nothing_else() {
    let (_, workflow) = &texts()[0];
    assert_eq!(values(workflow, "permissions"), [["", "  contents: read"]]);
    assert_eq!(values(workflow, "on"), [["pull_request"]]);
    for (path, text) in texts() {
        for word in [
            "pull_request_target",
            "write-all",
            ": write",
            "secrets.",
            "github.token",
        ] {
            assert!(!text.contains(word), "{path}: {word}");
        }
    }
}

#[test]
fn nobody_s_words_are_put_into_a_script() {
    let mut scripts = 0;
    for (path, text) in texts() {
        for key in ["run", "script", "before_script"] {
            for lines in values(&text, key) {
                scripts += 1;
                for line in lines {
                    assert!(!line.contains("${{"), "{path}: {line}");
                    assert_eq!(unquoted_variables(line), Vec::<String>::new(), "{path}: {line}");
                }
            }
        }
    }
    assert_eq!(scripts, 4);
    assert_eq!(unquoted_variables("x $A \"$B\" '$C' A=$D"), ["$A"]);
    let script = read("ci/check");
    let commands = script.lines().filter(|line| !line.trim_start().starts_with('#'));
    // `${X:+"…"}` is nothing or one word, and `case` splits none.
    let checked = commands.filter(|line| !line.contains("${") && !line.starts_with("case "));
    for line in checked {
        assert_eq!(unquoted_variables(line), Vec::<String>::new(), "{line}");
    }
}

/// The variables of a line of shell that are split into words. An assignment splits none.
fn unquoted_variables(line: &str) -> Vec<String> {
    let mut quote = None;
    let mut found = Vec::new();
    let mut before = ' ';
    for (at, c) in line.char_indices() {
        match (quote, c) {
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if c == open => quote = None,
            (None, '$') if before != '=' => found.push(line[at..].split_whitespace().next().unwrap().to_owned()),
            _ => {}
        }
        before = c;
    }
    found
}

#[test]
fn what_is_said_of_the_formats_is_what_there_is() {
    let docs = read("docs/ci.md");
    let sandbox = super::sandbox::Sandbox::empty();
    let help = super::sandbox::run(sandbox.command(super::sandbox::binary()).args(["check", "-h"]))
        .ok()
        .stdout;
    let (_, list) = help.split_once("--format <FORMAT>").unwrap();
    let (_, list) = list.split_once("[possible values: ").unwrap();
    let formats: Vec<&str> = list.split(']').next().unwrap().split(", ").collect();
    assert!(formats.len() == 5, "{formats:?}");
    for format in formats {
        assert!(docs.contains(&format!("| `{format}` | ")), "{format}");
    }
}
