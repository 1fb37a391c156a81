//! README.md and docs/sync.md: every console block is run, in order, in one repository for each page. `SNAPSHOTS=overwrite cargo test readme` writes
//! the output anew.

use super::sandbox::Sandbox;

#[test]
fn readme_says_what_happens() {
    let sandbox = Sandbox::without_hooks();
    sandbox.commit("src/main.rs", "fn main() {}\n", "Start");
    sandbox.git(["push", "-q"]);
    assert!(play(&sandbox, "README.md") > 15);
}

/// The page about sharing, on a branch that was pushed.
#[test]
fn the_page_about_sharing_says_what_happens() {
    let sandbox = Sandbox::new();
    sandbox.git(["switch", "-q", "-c", "feat"]);
    sandbox.commit("a.rs", "a\n", "Add a");
    sandbox.git(["push", "-q", "--no-verify", "-u", "origin", "feat"]);
    assert!(play(&sandbox, "docs/sync.md") > 10);
}

/// Runs a page's commands and holds the page against what they print; how many there were.
#[track_caller]
fn play(sandbox: &Sandbox, page: &str) -> usize {
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
    super::assert_file(page, &played, either_way);
    commands
}

/// The same for hooks by files and by configuration, which depends on git's version.
fn either_way(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.starts_with("Removed from '"));
    lines
        .map(|line| line.replace("in git's configuration", "in hook files") + "\n")
        .collect()
}
