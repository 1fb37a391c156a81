//! Several at once.

use std::process::{Child, Stdio};

use super::{Sandbox, count, on_feat, run, sound};
use crate::sandbox::binary;

const VIEW: &str = ".branchwork/CURRENT.md";

fn log(sandbox: &Sandbox, summary: &str) -> Child {
    let mut command = sandbox.command(binary());
    command
        .args(["log", summary])
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    command.spawn().unwrap()
}

#[track_caller]
fn done(child: Child) {
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn twenty_entries_at_once() {
    let sandbox = on_feat();
    let children: Vec<Child> = (0..20)
        .map(|number| log(&sandbox, &format!("Entry {number}.")))
        .collect();
    children.into_iter().for_each(done);
    let text = sandbox.stored("feat").unwrap();
    for number in 0..20 {
        assert_eq!(count(&text, &format!("Entry {number}.")), 1, "{number}\n{text}");
    }
    assert_eq!(sandbox.view(), text);
    sound(&sandbox);
}

#[test]
fn the_first_documents_at_once() {
    let sandbox = Sandbox::without_hooks();
    sandbox.git(["switch", "-q", "-c", "feat"]);
    let children: Vec<Child> = (0..8)
        .map(|_| {
            let mut command = sandbox.command(binary());
            command
                .args(["hook", "post-checkout", "0", "0", "1"])
                .stderr(Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect();
    let mut said = String::new();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success());
        said.push_str(&String::from_utf8_lossy(&output.stderr));
    }
    assert_eq!(
        (count(&said, "created the document"), said.lines().count()),
        (1, 1),
        "{said}"
    );
    assert_eq!(sandbox.store(["for-each-ref"]).stdout.lines().count(), 1);
    sandbox.branchwork(["init"]);
    sound(&sandbox);
}

#[test]
fn four_work_trees_commit_at_once() {
    let sandbox = Sandbox::new();
    let names = ["one", "two", "three", "four"];
    for name in names {
        sandbox.git(["worktree", "add", "-q", "-b", name, &format!("../{name}")]);
    }
    std::thread::scope(|scope| {
        for name in names {
            let sandbox = &sandbox;
            scope.spawn(move || {
                for number in 0..5 {
                    let mut command = sandbox.command("git");
                    command.current_dir(sandbox.path(name));
                    command.args([
                        "commit",
                        "-q",
                        "--allow-empty",
                        "-m",
                        &format!("Commit {number} on {name}."),
                    ]);
                    let commit = crate::sandbox::run(&mut command).ok();
                    assert_eq!(commit.stderr, "");
                    // And all of them on one document.
                    let summary = format!("From {name} {number}.");
                    sandbox.branchwork(["log", "-b", "one", &summary]);
                }
            });
        }
    });
    for name in names {
        let text = sandbox.stored(name).unwrap();
        let view = std::fs::read_to_string(sandbox.path(name).join(VIEW)).unwrap();
        assert_eq!(view, text);
        for number in 0..5 {
            assert_eq!(count(&text, &format!("Commit {number} on {name}.")), 1, "{text}");
            assert_eq!(
                count(&sandbox.stored("one").unwrap(), &format!("From {name} {number}.")),
                1
            );
        }
    }
    sound(&sandbox);
}

/// An editor that saves by writing aside and renaming, as most do, while commands run.
#[test]
fn hand_edits_while_commands_run() {
    let sandbox = on_feat();
    let view = sandbox.repo().join(VIEW);
    std::thread::scope(|scope| {
        let commands = scope.spawn(|| (0..15).for_each(|number| done(log(&sandbox, &format!("By command {number}.")))));
        for number in 0..200 {
            // Another process, to give the commands time.
            run(&mut sandbox.command("true"));
            let text = std::fs::read_to_string(&view).unwrap();
            let aside = sandbox.path("aside");
            let line = format!("\n- by hand {number}.\n\n## Updates");
            std::fs::write(&aside, text.replacen("\n## Updates", &line, 1)).unwrap();
            std::fs::rename(&aside, &view).unwrap();
        }
        commands.join().unwrap();
    });
    let text = sandbox.branchwork(["show"]).stdout;
    for number in 0..15 {
        assert_eq!(count(&text, &format!("By command {number}.")), 1, "{text}");
    }
    for number in 0..200 {
        assert_eq!(count(&text, &format!("by hand {number}.")), 1, "{number}: {text}");
    }
    assert_eq!(text, sandbox.stored("feat").unwrap());
    sound(&sandbox);
}

/// A lock that is held stops no git, and says who waits for what.
#[test]
fn git_goes_on_while_the_store_is_locked() {
    let sandbox = on_feat();
    let lock = std::fs::File::options()
        .write(true)
        .open(sandbox.repo().join(".git/branchwork/lock"))
        .unwrap();
    lock.lock().unwrap();
    sandbox.git_without_hooks(["commit", "-q", "--allow-empty", "-m", "Unseen"]);
    sandbox.wait(1);
    // Both wait for the lock; at once, because that is long.
    let (commit, show) = std::thread::scope(|scope| {
        let show = scope.spawn(|| sandbox.branchwork(["show"]));
        let commit = sandbox.git(["commit", "-q", "--allow-empty", "-m", "Meanwhile"]);
        (commit, show.join().unwrap())
    });
    assert_eq!(commit.stderr.lines().count(), 1, "{}", commit.stderr);
    assert!(
        commit.stderr.contains("another git-branchwork has held"),
        "{}",
        commit.stderr
    );
    // Reading goes on with what is there.
    assert!(
        show.stderr.contains("may not tell of the newest commits"),
        "{}",
        show.stderr
    );
    drop(lock);
    sandbox.branchwork(["log", "After"]);
    sound(&sandbox);
}
