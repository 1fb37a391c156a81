//! Transcripts of the command line, run line by line by trycmd in a folder of their own: what a user types and reads.
//!
//! Not here: stories that need more than commands (tests/program).

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::{Path, PathBuf};

const TRANSCRIPTS: &str = "tests/transcripts";

#[test]
fn transcripts() {
    every_transcript_has_a_folder_of_its_own();
    let program = Path::new(env!("CARGO_BIN_EXE_git-branchwork"));
    let cases = trycmd::TestCases::new();
    cases
        .register_bin("git", trycmd::schema::Bin::Path(git()))
        .env("PATH", path(program.parent().unwrap()))
        .env("HOME", "/nonexistent")
        .env("XDG_CONFIG_HOME", "/nonexistent")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CEILING_DIRECTORIES", std::env::temp_dir().to_str().unwrap())
        .env("BRANCHWORK_ACTOR", "ada")
        .env("LC_ALL", "C")
        .env("TZ", "UTC");
    for who in ["AUTHOR", "COMMITTER"] {
        cases
            .env(format!("GIT_{who}_NAME"), "Ada")
            .env(format!("GIT_{who}_EMAIL"), "ada@example.com")
            .env(format!("GIT_{who}_DATE"), "2025-08-29T18:55:00Z");
    }
    cases.case(format!("{TRANSCRIPTS}/*.trycmd"));
}

/// Without one, trycmd runs a transcript in the project's own folder, where `init` would install hooks.
fn every_transcript_has_a_folder_of_its_own() {
    let mut found = 0;
    for entry in std::fs::read_dir(TRANSCRIPTS).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "trycmd") {
            found += 1;
            assert!(
                path.with_extension("out").is_dir(),
                "{} has no .out folder",
                path.display()
            );
        }
    }
    assert!(found > 0);
}

/// The git on PATH, by its full path: trycmd looks for no program itself.
fn git() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap();
    let mut folders = std::env::split_paths(&path);
    folders
        .find_map(|folder| Some(folder.join("git")).filter(|git| git.is_file()))
        .unwrap()
}

/// The folder of the program in front, so that `git branchwork` finds it.
fn path(program: &Path) -> String {
    let rest = std::env::var_os("PATH").unwrap();
    let folders = std::iter::once(program.to_owned()).chain(std::env::split_paths(&rest));
    std::env::join_paths(folders).unwrap().into_string().unwrap()
}
