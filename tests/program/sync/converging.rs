//! Many clones, one remote: they end with the same bytes, and nothing is lost.

use std::process::Stdio;

use super::{branchwork, join, on_remote, shared, shared_text, view};
use crate::sandbox::{Sandbox, binary, git_in};

/// `repo` and `others` more clones on `feat`, all with its document.
fn clones(others: usize) -> (Sandbox, Vec<String>) {
    let sandbox = shared();
    branchwork(&sandbox, "repo", &["sync"]);
    let names: Vec<String> = (0..others).map(|number| format!("clone{number}")).collect();
    for name in &names {
        join(&sandbox, name);
        git_in(&sandbox, name, &["switch", "-q", "feat"]);
        branchwork(&sandbox, name, &["sync"]);
    }
    (sandbox, std::iter::once("repo".to_owned()).chain(names).collect())
}

#[track_caller]
fn assert_all_show(sandbox: &Sandbox, clones: &[String], said: &[String]) {
    let text = shared_text(sandbox);
    for clone in clones {
        assert_eq!(view(sandbox, clone), text, "{clone}");
    }
    for item in said {
        assert_eq!(text.matches(item.as_str()).count(), 1, "{item}: {text}");
    }
}

#[test]
fn three_clones_in_random_order() {
    let (sandbox, clones) = clones(2);
    let mut random: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut below = |end: u64| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random % end
    };
    let mut said = Vec::new();
    for round in 0..30 {
        let clone = &clones[usize::try_from(below(3)).unwrap()];
        sandbox.wait(i64::try_from(below(3)).unwrap());
        let item = format!("{clone} in round {round}.");
        match below(5) {
            0 => {
                branchwork(
                    &sandbox,
                    clone,
                    &["update", "-q", "--section", "Notes", "--item", &item],
                );
                said.push(item);
            }
            1 => {
                branchwork(&sandbox, clone, &["log", "-q", &item]);
                said.push(item);
            }
            2 => {
                let value = ["risk=low", "risk=high", "scope=a", "scope=b"][usize::try_from(below(4)).unwrap()];
                branchwork(&sandbox, clone, &["set", "-q", value]);
            }
            _ => {
                branchwork(&sandbox, clone, &["sync", "-q"]);
            }
        }
    }
    for clone in clones.iter().chain(&clones) {
        branchwork(&sandbox, clone, &["sync", "-q"]);
    }
    assert!(said.len() > 5);
    assert_all_show(&sandbox, &clones, &said);
    let before = on_remote(&sandbox);
    for clone in &clones {
        let told = branchwork(&sandbox, clone, &["sync"]);
        assert_eq!(told, "The document of 'feat' is up to date with 'origin'\n", "{clone}");
    }
    assert_eq!(on_remote(&sandbox), before);
}

#[test]
fn eight_clones_at_once() {
    let (sandbox, clones) = clones(7);
    let mut said = Vec::new();
    for clone in &clones {
        let item = format!("By {clone} alone.");
        branchwork(
            &sandbox,
            clone,
            &["update", "-q", "--section", "Decisions", "--item", &item],
        );
        said.push(item);
    }
    let start = |clone: &String| {
        let mut command = sandbox.command(binary());
        command.arg("sync").current_dir(sandbox.path(clone));
        command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let running: Vec<_> = clones.iter().map(start).collect();
    for child in running {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    for clone in &clones {
        branchwork(&sandbox, clone, &["sync", "-q"]);
    }
    assert_all_show(&sandbox, &clones, &said);
}
