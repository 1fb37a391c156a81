//! The first minutes of a teammate on a branch that somebody else began.

use super::{branchwork, ready, shared_text, view};
use crate::sandbox::{Sandbox, entries, field, git_in};

/// `git <arguments>` in a clone; what it and our hooks said.
fn said(sandbox: &Sandbox, clone: &str, arguments: &[&str]) -> String {
    git_in(sandbox, clone, arguments).stderr
}

/// `repo` has pushed `feat` with its document, and a minute went by.
fn begun() -> Sandbox {
    let sandbox = ready();
    sandbox.branchwork(["push", "-q"]);
    sandbox.wait(1);
    sandbox
}

#[test]
fn a_document_from_the_remote_is_no_earlier_branchs() {
    let sandbox = begun();
    sandbox.git(["clone", "-q", "../remote.git", "../grace"]);
    git_in(&sandbox, "grace", &["switch", "-q", "feat"]);
    let mut all = branchwork(&sandbox, "grace", &["init"]);
    all += &said(&sandbox, "grace", &["commit", "-q", "--allow-empty", "-m", "one"]);
    all += &said(&sandbox, "grace", &["commit", "-q", "--allow-empty", "-m", "two"]);
    all += &branchwork(&sandbox, "grace", &["sync"]);
    all += &branchwork(&sandbox, "grace", &["push"]);
    assert!(!all.contains("earlier"), "{all}");
    assert_eq!(entries(&shared_text(&sandbox)).len(), 3);
}

#[test]
fn a_document_from_the_remote_stays_where_the_first_thing_is_an_amend() {
    let sandbox = begun();
    sandbox.git(["clone", "-q", "../remote.git", "../grace"]);
    branchwork(&sandbox, "grace", &["init", "-q"]);
    branchwork(&sandbox, "grace", &["sync", "-q", "--all"]);
    sandbox.wait(1);
    git_in(&sandbox, "grace", &["switch", "-q", "feat"]);
    sandbox.wait(1);
    for command in [
        "commit -q --amend -m other",
        "reset -q --hard origin/main",
        "commit -q --allow-empty -m new",
    ] {
        let words: Vec<&str> = command.split(' ').collect();
        let told = said(&sandbox, "grace", &words);
        assert!(!told.contains("earlier"), "{told}");
        assert_eq!(field(&view(&sandbox, "grace"), "scope"), "a");
    }
}
