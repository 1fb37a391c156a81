//! What stands around the program: README and docs that run, the installer, the demo, completion and the manual.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(clippy::print_stderr, reason = "a test that cannot run here says so")]

mod ci;
mod completions;
mod demo;
mod docs;
mod install_sh;
mod readme;
#[path = "../program/sandbox.rs"]
mod sandbox;

use std::path::{Path, PathBuf};

/// The top of the project.
fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The first program of this name on PATH. A test that needs one that is not there says so and ends.
fn program(name: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&folders)
        .map(|folder| folder.join(name))
        .find(|path| path.is_file());
    if found.is_none() {
        eprintln!("not tested: there is no {name} here");
    }
    found
}

/// Holds a file of the project against what it should be; with `SNAPSHOTS=overwrite` writes it.
#[track_caller]
fn assert_file(path: &str, expected: &str, same: impl Fn(&str) -> String) {
    let whole = project().join(path);
    let present = std::fs::read_to_string(&whole).unwrap_or_default();
    if std::env::var_os("SNAPSHOTS").is_some_and(|value| value == "overwrite") {
        std::fs::write(whole, expected).unwrap();
        return;
    }
    snapbox::assert_data_eq!(same(&present), snapbox::IntoData::raw(same(expected)));
}
