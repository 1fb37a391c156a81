//! `git branchwork demo`.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use super::sandbox::{Sandbox, binary, run};

#[test]
fn shows_a_push_blocked_and_mended_and_leaves_nothing() {
    let sandbox = Sandbox::empty();
    // What the user has set up must not reach it: hooks, signing, an own identity, a repository named by variables.
    std::fs::write(
        sandbox.path("gitconfig"),
        "[core]\n\thooksPath = /nowhere\n[commit]\n\tgpgSign = true\n[gpg]\n\tprogram = false\n[push]\n\tdefault = nothing\n",
    )
    .unwrap();
    let temporary = sandbox.path("temporary");
    std::fs::create_dir(&temporary).unwrap();
    let mut demo = sandbox.command(binary());
    demo.arg("demo").env("TMPDIR", &temporary).env("CLAUDECODE", "1");
    demo.env("GIT_DIR", "/nowhere")
        .env("GIT_INDEX_FILE", "/nowhere/index")
        .env("GIT_DEFAULT_HASH", "sha256");
    let shown = run(&mut demo).ok();
    assert_eq!(shown.stderr, "");
    let mut rest = shown.stdout.as_str();
    for next in [
        "$ git branchwork init\n",
        "$ git switch -c feat/parallel-indexing\n",
        "branchwork: created the document of 'feat/parallel-indexing'",
        "$ git commit -m 'Index files in parallel'\n",
        "$ git push -u origin feat/parallel-indexing\n",
        "'risk' is required and missing",
        "branchwork: push blocked",
        "$ git branchwork set scope=indexer risk=low\n",
        "$ git push -u origin feat/parallel-indexing\n",
        " * [new branch]      feat/parallel-indexing",
        "$ git branchwork show\n",
        "\nrisk: low",
        "[@ada] Index files in parallel\n",
        "[@ada] Make the number of threads a setting\n",
        "$ git status --short --branch\n## feat/parallel-indexing...origin/feat/parallel-indexing\n",
    ] {
        let at = rest.find(next).unwrap_or_else(|| panic!("{next:?} is not in\n{rest}"));
        rest = &rest[at + next.len()..];
    }
    assert_eq!(std::fs::read_dir(&temporary).unwrap().count(), 0);
    assert_eq!(std::fs::read_dir(sandbox.path("home")).unwrap().count(), 0);
}

#[test]
fn leaves_nothing_when_it_is_killed() {
    let sandbox = Sandbox::empty();
    let temporary = sandbox.path("temporary");
    std::fs::create_dir(&temporary).unwrap();
    let mut demo = sandbox.command(binary());
    demo.arg("demo").env("TMPDIR", &temporary).stdout(Stdio::piped());
    let mut child = demo.spawn().unwrap();
    let mut said = BufReader::new(child.stdout.take().unwrap());
    said.read_line(&mut String::new()).unwrap();
    assert_eq!(std::fs::read_dir(&temporary).unwrap().count(), 1);
    child.kill().unwrap();
    child.wait().unwrap();
    // It ends when nobody can write there any more.
    std::io::copy(&mut said, &mut std::io::sink()).unwrap();
    assert_eq!(std::fs::read_dir(&temporary).unwrap().count(), 0);
}

#[test]
fn keeps_the_repository_where_asked_to() {
    let sandbox = Sandbox::empty();
    let temporary = sandbox.path("temporary");
    std::fs::create_dir(&temporary).unwrap();
    let mut demo = sandbox.command(binary());
    let shown = run(demo.args(["demo", "--keep"]).env("TMPDIR", &temporary)).ok();
    let place = shown
        .stdout
        .lines()
        .find_map(|line| line.split("kept: ").nth(1))
        .unwrap();
    let branch = run(sandbox.command("git").args(["-C", place, "branch", "--show-current"])).ok();
    assert_eq!(branch.line(), "feat/parallel-indexing");
}

#[test]
fn says_what_is_missing() {
    let sandbox = Sandbox::empty();
    let mut demo = sandbox.command(binary());
    let failed = run(demo.arg("demo").env("PATH", "/nowhere")).code(1);
    assert!(
        failed.stderr.contains("there is no program \"git\""),
        "{}",
        failed.stderr
    );
    assert!(failed.stderr.contains("hint: install git"), "{}", failed.stderr);
}
