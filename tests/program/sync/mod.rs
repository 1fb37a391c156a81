//! `sync` between clones of one bare remote, through real git.

mod converging;
mod ending;
#[cfg(unix)]
mod faults;
#[cfg(unix)]
mod first;
#[cfg(unix)]
mod on_push;
#[cfg(unix)]
mod partly;
#[cfg(unix)]
mod push;
#[cfg(unix)]
mod redacting;
mod sharing;
#[cfg(unix)]
mod sizes;
#[cfg(unix)]
mod strain;
#[cfg(unix)]
mod transports;
mod two_documents;

#[cfg(unix)]
use std::process::Stdio;

use crate::sandbox::{Run, Sandbox, binary, git_in, run};

/// A sandbox whose `repo` is on branch `feat`, which is pushed with one commit.
fn shared() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.git(["switch", "-q", "-c", "feat"]);
    sandbox.commit("a.rs", "a\n", "Add a");
    sandbox.git(["push", "-q", "--no-verify", "-u", "origin", "feat"]);
    sandbox
}

/// Starts a command of ours and kills it -9, with all that it started, once `wait` has come to its end.
#[cfg(unix)]
fn kill(sandbox: &Sandbox, arguments: &[&str], wait: impl FnOnce()) {
    use std::os::unix::process::CommandExt;
    let mut command = sandbox.command(binary());
    command.args(arguments).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.process_group(0).spawn().unwrap();
    wait();
    child.kill().unwrap();
    child.wait().unwrap();
    run(sandbox.command("kill").args(["-9", "--", &format!("-{}", child.id())]));
}

/// A clone of the remote in the folder `name`, of a user who is called so, with hooks, on `main`.
fn join(sandbox: &Sandbox, name: &str) {
    sandbox.git(["clone", "-q", "../remote.git", &format!("../{name}")]);
    git_in(sandbox, name, &["config", "user.name", name]);
    git_in(sandbox, name, &["config", "user.email", &format!("{name}@example.com")]);
    branchwork(sandbox, name, &["init", "-q"]);
}

/// A script in the sandbox's top.
#[cfg(unix)]
fn script(sandbox: &Sandbox, name: &str, text: &str) -> std::path::PathBuf {
    let path = sandbox.path(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
    run(sandbox.command("chmod").arg("+x").arg(&path)).ok();
    path
}

/// A sandbox whose `repo` is on branch `feat` with one commit and a complete document, never pushed.
#[cfg(unix)]
fn ready() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.git(["switch", "-q", "-c", "feat"]);
    sandbox.commit("a.rs", "a\n", "Add a");
    sandbox.branchwork(["set", "-q", "risk=low", "scope=a"]);
    sandbox
}

/// Adds lines to the end of the pre-push hook that is installed: those of another tool.
#[cfg(unix)]
fn theirs(sandbox: &Sandbox, lines: &str) {
    let hook = sandbox.path("repo/.git/hooks/pre-push");
    let ours = std::fs::read_to_string(&hook).unwrap_or_default();
    script(sandbox, "repo/.git/hooks/pre-push", &format!("{ours}\n{lines}"));
}

/// From now on each connection to `origin` is a line of the file that is returned: the program that the remote runs.
#[cfg(unix)]
fn count_connections(sandbox: &Sandbox) -> std::path::PathBuf {
    let connections = sandbox.path("connections");
    for (setting, program) in [("uploadpack", "upload-pack"), ("receivepack", "receive-pack")] {
        let text = format!(
            "echo {program} >>'{}'; exec git {program} \"$@\"",
            connections.display()
        );
        let counted = script(sandbox, program, &text);
        let key = format!("remote.origin.{setting}");
        sandbox.git(["config", &key, counted.to_str().unwrap()]);
    }
    connections
}

/// From when the remote's `program` has run on, nobody can lock the store, until [`unlocked`].
#[cfg(unix)]
fn locked_after(sandbox: &Sandbox, setting: &str, program: &str) {
    let lock = sandbox.path("repo/.git/branchwork/lock");
    let lines = format!(
        "git {program} \"$@\"; code=$?; rm -rf '{0}'; mkdir '{0}'; exit $code",
        lock.display()
    );
    let locking = script(sandbox, program, &lines);
    sandbox.git(["config", &format!("remote.origin.{setting}"), locking.to_str().unwrap()]);
}

#[cfg(unix)]
fn unlocked(sandbox: &Sandbox) {
    std::fs::remove_dir(sandbox.path("repo/.git/branchwork/lock")).unwrap();
    for setting in ["uploadpack", "receivepack"] {
        sandbox.try_git(["config", "--unset", &format!("remote.origin.{setting}")]);
    }
}

/// Runs `git-branchwork` in a clone; it must succeed. What it said.
#[track_caller]
fn branchwork(sandbox: &Sandbox, clone: &str, arguments: &[&str]) -> String {
    try_branchwork(sandbox, clone, arguments).ok().stderr
}

fn try_branchwork(sandbox: &Sandbox, clone: &str, arguments: &[&str]) -> Run {
    run(sandbox
        .command(binary())
        .args(arguments)
        .current_dir(sandbox.path(clone)))
}

/// The text that a clone shows.
fn view(sandbox: &Sandbox, clone: &str) -> String {
    std::fs::read_to_string(sandbox.path(clone).join(".branchwork/CURRENT.md")).unwrap_or_default()
}

/// The refs below `prefix` of a repository, a line each: name and id.
fn refs(sandbox: &Sandbox, git_dir: &str, prefix: &str) -> Vec<String> {
    let folder = sandbox.path(git_dir);
    let mut command = sandbox.command("git");
    command.arg("--git-dir").arg(folder);
    let listed = run(command.args(["for-each-ref", "--format=%(refname) %(objectname)", prefix])).ok();
    listed.stdout.lines().map(str::to_owned).collect()
}

/// The documents that the remote has.
fn on_remote(sandbox: &Sandbox) -> Vec<String> {
    refs(sandbox, "remote.git", "refs/branchwork/")
}

/// The text of the one document of `feat` that the remote has.
#[track_caller]
fn shared_text(sandbox: &Sandbox) -> String {
    let documents = refs(sandbox, "remote.git", "refs/branchwork/docs/feat/");
    assert_eq!(documents.len(), 1, "{documents:?}");
    let id = documents[0].split(' ').nth(1).unwrap();
    git_in(
        sandbox,
        "remote.git",
        &["cat-file", "blob", &format!("{id}:BRANCHWORK.md")],
    )
    .stdout
}
