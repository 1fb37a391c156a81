//! Many clones, one remote: they end with the same bytes, and nothing is lost.

use std::process::{Child, Stdio};
#[cfg(unix)]
use std::{
    fs::OpenOptions,
    io::{BufRead, BufReader},
};

#[cfg(unix)]
use super::script;
use super::{branchwork, join, on_remote, refs, shared, shared_text, try_branchwork, view};
#[cfg(unix)]
use crate::sandbox::run;
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

/// Each clone draws what it has, and one has more on top.
#[test]
fn two_clones_with_different_upper_branches() {
    let sandbox = shared();
    for name in ["b", "d"] {
        sandbox.git(["switch", "-q", "-c", name]);
        sandbox.commit(name, name, name);
    }
    sandbox.git(["push", "-q", "--no-verify", "origin", "b", "d"]);
    branchwork(&sandbox, "repo", &["sync", "--all"]);
    join(&sandbox, "grace");
    for name in ["feat", "b", "d"] {
        git_in(&sandbox, "grace", &["switch", "-q", name]);
    }
    branchwork(&sandbox, "grace", &["sync", "--all"]);
    git_in(&sandbox, "grace", &["switch", "-q", "-c", "e"]);
    git_in(&sandbox, "grace", &["commit", "-q", "--allow-empty", "-m", "e"]);
    for clone in ["grace", "repo"] {
        branchwork(&sandbox, clone, &["refresh", "--all"]);
        branchwork(&sandbox, clone, &["sync", "--all"]);
    }
    let sent = on_remote(&sandbox);
    let told = |clone: &str| {
        let text = try_branchwork(&sandbox, clone, &["show", "-b", "feat"]).ok().stdout;
        let position = crate::sandbox::field(&text, "position");
        (
            position,
            crate::sandbox::field(&text, "total"),
            text.contains("└─○ e\n"),
        )
    };
    for clone in ["grace", "repo", "grace"] {
        branchwork(&sandbox, clone, &["refresh", "--all"]);
        branchwork(&sandbox, clone, &["sync", "--all"]);
        assert_eq!(on_remote(&sandbox), sent, "{clone}");
        assert_eq!(told(clone), ("1".to_owned(), "4".to_owned(), true), "{clone}");
    }
    // Nor do hooks, though more was committed in a clone that has less.
    git_in(&sandbox, "repo", &["commit", "-q", "--allow-empty", "-m", "more"]);
    assert_eq!(told("repo"), ("1".to_owned(), "4".to_owned(), true));
    // Where it is gone, it is for those who had it to say so.
    for command in [&["switch", "-q", "d"][..], &["branch", "-q", "-D", "e"]] {
        git_in(&sandbox, "grace", command);
    }
    for clone in ["grace", "repo"] {
        branchwork(&sandbox, clone, &["refresh", "--all"]);
        branchwork(&sandbox, clone, &["sync", "--all"]);
        assert_eq!(told(clone), ("1".to_owned(), "3".to_owned(), false), "{clone}");
    }
}

/// All have fetched before the first of them sends, twice: each time at least seven find that somebody was faster (28 did).
#[test]
#[cfg(unix)]
fn eight_clones_at_once() {
    let (sandbox, clones) = clones(7);
    let [begun, go, sent] = ["begun", "go", "sent"].map(|name| sandbox.path(name));
    run(sandbox.command("mkfifo").args([&begun, &go])).ok();
    let text = format!(
        "echo sent >>'{}'\nmkdir .git/begun 2>/dev/null && {{ echo >'{}'; : <'{}'; }}\nexec git receive-pack \"$@\"",
        sent.display(),
        begun.display(),
        go.display()
    );
    let gathering = script(&sandbox, "gather", &text);
    for clone in &clones {
        let key = "remote.origin.receivepack";
        git_in(&sandbox, clone, &["config", key, gathering.to_str().unwrap()]);
    }
    // Both ends are open, so that no end of file comes between two that write.
    let open = |fifo| OpenOptions::new().read(true).write(true).open(fifo).unwrap();
    let mut arriving = BufReader::new(open(&begun)).lines();
    let mut said = Vec::new();
    for round in 0..2 {
        for clone in &clones {
            let item = format!("By {clone} in round {round}.");
            branchwork(
                &sandbox,
                clone,
                &["update", "-q", "--section", "Decisions", "--item", &item],
            );
            said.push(item);
        }
        let running = start_all(&sandbox, &clones);
        assert_eq!(arriving.by_ref().take(clones.len()).flatten().count(), clones.len());
        let gone = open(&go);
        all_end(running);
        drop(gone);
        for clone in &clones {
            std::fs::remove_dir(sandbox.path(clone).join(".git/begun")).unwrap();
        }
    }
    let sent = std::fs::read_to_string(sent).unwrap().lines().count();
    assert!(sent >= 2 * (8 + 7), "{sent}");
    for clone in &clones {
        branchwork(&sandbox, clone, &["sync", "-q"]);
    }
    assert_all_show(&sandbox, &clones, &said);
}

/// Each clone syncs, and none waits for another.
fn start_all(sandbox: &Sandbox, clones: &[String]) -> Vec<Child> {
    let start = |clone: &String| {
        let mut command = sandbox.command(binary());
        command.arg("sync").current_dir(sandbox.path(clone));
        command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
    };
    clones.iter().map(start).collect()
}

#[track_caller]
fn all_end(running: Vec<Child>) {
    for child in running {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

/// All send to the archive of one year.
#[test]
fn six_clones_archive_at_once() {
    let (sandbox, clones) = clones(5);
    for clone in &clones {
        let branch = format!("of-{clone}");
        git_in(&sandbox, clone, &["switch", "-q", "-c", &branch]);
        branchwork(&sandbox, clone, &["log", "-q", &format!("Done by {clone}.")]);
        branchwork(&sandbox, clone, &["sync", "-q"]);
        branchwork(&sandbox, clone, &["archive", "-q", &branch]);
    }
    assert_eq!(on_remote(&sandbox).len(), 7);
    all_end(start_all(&sandbox, &clones));
    for clone in &clones {
        branchwork(&sandbox, clone, &["sync", "-q", "--all"]);
    }
    let live = |line: &&String| line.contains("/docs/");
    let theirs = on_remote(&sandbox);
    assert_eq!((theirs.len(), theirs.iter().filter(live).count()), (2, 1), "{theirs:?}");
    for clone in &clones {
        let archives = refs(
            &sandbox,
            &format!("{clone}/.git/branchwork"),
            "refs/branchwork/archive/",
        );
        assert_eq!(archives, theirs[..1], "{clone}");
        let listed = try_branchwork(&sandbox, clone, &["list", "--archived", "--json"]).ok();
        assert_eq!(listed.stdout.matches("\"id\"").count(), 6, "{clone}: {}", listed.stdout);
    }
}

/// Clones that edit, archive and sync in any order, with clocks that are months apart: nothing that was written goes, what was
/// archived stays so, and all end with the same.
#[test]
fn three_clones_and_the_end() {
    let mut random: u64 = 0x2545_f491_4f6c_dd1d;
    let mut below = |end: u64| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        usize::try_from(random % end).unwrap()
    };
    let mut written = 0;
    for story in 0..3 {
        let (sandbox, clones) = clones(2);
        let documents = |clone: &str| refs(&sandbox, &format!("{clone}/.git/branchwork"), "refs/branchwork/docs/");
        let id = documents("repo")[0].split(' ').next().unwrap().to_owned();
        let clocks = [0, 60 * 24 * 100 * (story + 1), -60 * 24 * 45];
        let (mut said, mut ended) = (Vec::new(), false);
        for round in 0..14 {
            let who = below(3);
            let clone = &clones[who];
            sandbox.wait(clocks[who] + 1);
            let is_live = documents(clone).iter().any(|line| line.starts_with(&id));
            match below(7) {
                0..=2 if is_live => {
                    let item = format!("{clone} in round {round}.");
                    let update = ["update", "-q", "--section", "Notes", "--item", &item];
                    branchwork(&sandbox, clone, &update);
                    said.push(item);
                }
                3 if is_live && round > 4 => {
                    branchwork(&sandbox, clone, &["archive", "-q", "feat"]);
                    ended = true;
                }
                4 => {
                    branchwork(&sandbox, clone, &["sync", "-q", "--all"]);
                }
                // Of a branch whose document is archived there is nothing more to sync.
                _ => {
                    try_branchwork(&sandbox, clone, &["sync", "-q"]);
                }
            }
            sandbox.wait(-clocks[who]);
        }
        if !ended {
            branchwork(&sandbox, "repo", &["archive", "-q", "feat"]);
        }
        for clone in clones.iter().chain(&clones) {
            branchwork(&sandbox, clone, &["sync", "-q", "--all"]);
        }
        written += said.len();
        let theirs = on_remote(&sandbox);
        assert!(theirs.iter().all(|line| line.contains("/archive/")), "{theirs:?}");
        for clone in &clones {
            let archives = refs(
                &sandbox,
                &format!("{clone}/.git/branchwork"),
                "refs/branchwork/archive/",
            );
            assert_eq!(archives, theirs, "{clone}");
            assert_eq!(
                (documents(clone), view(&sandbox, clone)),
                (vec![], String::new()),
                "{clone}"
            );
            let told = branchwork(&sandbox, clone, &["sync", "--all"]);
            assert_eq!(told, "All documents are up to date\n", "{clone}");
        }
        let listed = try_branchwork(&sandbox, "repo", &["list", "--archived", "--json"]).ok();
        assert_eq!(listed.stdout.matches("\"id\"").count(), 1, "{}", listed.stdout);
        let text = try_branchwork(&sandbox, "repo", &["show", "feat"]).ok().stdout;
        for item in &said {
            assert_eq!(text.matches(item.as_str()).count(), 1, "{item}: {text}");
        }
        assert_eq!(text.matches("## Archived\n").count(), 1, "{text}");
        assert_eq!(on_remote(&sandbox), theirs);
    }
    assert!(written > 8, "{written}");
}
