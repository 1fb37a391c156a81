//! README.md, docs/sync.md and docs/archive.md: every console block is run, in order, in one repository for each page.
//! `SNAPSHOTS=overwrite cargo test says_what_happens` writes the output anew.

use super::sandbox::Sandbox;

#[test]
fn readme_says_what_happens() {
    let sandbox = Sandbox::without_hooks();
    sandbox.commit("src/main.rs", "fn main() {}\n", "Start");
    sandbox.git(["push", "-q"]);
    play(&sandbox, "README.md", 16);
}

/// The page about sharing, on a branch that was pushed.
#[test]
fn sync_says_what_happens() {
    let sandbox = Sandbox::new();
    sandbox.git(["switch", "-q", "-c", "feat"]);
    sandbox.commit("a.rs", "a\n", "Add a");
    sandbox.git(["push", "-q", "--no-verify", "-u", "origin", "feat"]);
    play(&sandbox, "docs/sync.md", 16);
}

#[test]
fn archive_says_what_happens() {
    let sandbox = Sandbox::new();
    sandbox.git(["switch", "-q", "-c", "feat/search"]);
    sandbox.commit("src/search.rs", "fn search() {}\n", "Search the index");
    sandbox.branchwork(["update", "--section", "Decisions", "--item", "Read the postings once"]);
    sandbox.branchwork(["set", "risk=high", "scope=search"]);
    sandbox.git(["switch", "-q", "main"]);
    sandbox.wait(60);
    play(&sandbox, "docs/archive.md", 5);
}

/// Runs the commands of a page, and holds what they print against what it says. What the ids of documents are is left out.
#[track_caller]
fn play(sandbox: &Sandbox, page: &str, least: usize) {
    let text = std::fs::read_to_string(super::project().join(page)).unwrap();
    let mut played = String::new();
    let mut in_console = false;
    let mut commands = 0;
    for line in text.lines() {
        match line {
            "```console" => in_console = true,
            "```" => in_console = false,
            _ => {}
        }
        if let Some(command) = line.strip_prefix("$ ").filter(|_| in_console) {
            commands += 1;
            let run = sandbox.shell(&format!("exec 2>&1; {command}"));
            let place = sandbox.repo().to_str().unwrap().to_owned();
            played.push_str(&format!("{line}\n{}", run.stdout.replace(&place, "~/project")));
            assert!(played.ends_with('\n'), "{line}: {}", run.stdout);
        } else if !in_console || line == "```console" {
            played.push_str(line);
            played.push('\n');
        }
    }
    assert!(commands >= least, "{commands}");
    super::assert_file(page, &played, either_way);
}

/// The same for hooks by files and by configuration, which depends on git's version, and for any ids of documents and versions.
fn either_way(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.starts_with("Removed from '"));
    lines
        .map(|line| without_ids(&line.replace("in git's configuration", "in hook files")) + "\n")
        .collect()
}

/// Ids of documents are random, and with them the ids of versions that hold them.
fn without_ids(line: &str) -> String {
    let is_document = |word: &str| word.len() == 26 && word.starts_with("01K");
    let words = line.split_inclusive(|c: char| !c.is_ascii_alphanumeric());
    words
        .map(|word| {
            let plain = word.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
            match is_document(plain) {
                true => word.replace(plain, "<id>"),
                false => word.to_owned(),
            }
        })
        .collect()
}
