//! What fails for one branch, remote or step hides nothing of what was done for the others.

use std::process::Stdio;

use super::{
    branchwork, count_connections, join, locked_after, on_remote, ready, refs, script, shared, try_branchwork, unlocked,
};
use crate::sandbox::{Sandbox, binary, git_in, run};

/// The names of the branches of which `git_dir` has a document.
fn names(sandbox: &Sandbox, git_dir: &str) -> Vec<String> {
    let documents = refs(sandbox, git_dir, "refs/branchwork/docs/");
    let name = |line: String| line.split('/').nth(3).unwrap().to_owned();
    documents.into_iter().map(name).collect()
}

/// One branch is pushed to an address, as `gh pr checkout` leaves those of forks.
#[test]
fn a_branch_without_a_remote_stops_no_other() {
    let sandbox = shared();
    sandbox.git(["switch", "-q", "-c", "fork"]);
    sandbox.git(["config", "branch.fork.remote", "https://git.example/fork.git"]);
    let alone = "error: 'fork' has no remote to sync with: there is no remote 'https://git.example/fork.git' here\n";
    for on in ["fork", "feat"] {
        sandbox.git(["switch", "-q", on]);
        let item = format!("On {on}");
        sandbox.branchwork(["update", "-q", "-b", "feat", "--section", "Notes", "--item", &item]);
        let told = try_branchwork(&sandbox, "repo", &["sync", "--all"]).code(1).stderr;
        let sent = "Sent the document of 'feat' to 'origin'\n";
        assert!(told.starts_with(sent) && told.contains(alone), "{told}");
        assert_eq!(names(&sandbox, "remote.git"), ["feat"]);
    }
    // One that has no document is not asked about.
    sandbox.git(["switch", "-q", "-c", "theirs", "main"]);
    sandbox.git(["config", "branch.theirs.remote", "https://git.example/fork.git"]);
    let own = refs(&sandbox, "repo/.git/branchwork", "refs/branchwork/docs/");
    for line in own.iter().filter(|line| !line.contains("/feat/")) {
        sandbox
            .store(["update-ref", "-d", line.split(' ').next().unwrap()])
            .ok();
    }
    assert_eq!(
        branchwork(&sandbox, "repo", &["sync", "--all"]),
        "All documents are up to date\n"
    );
    // Where all are so there is nothing to do.
    sandbox.git(["config", "remote.pushDefault", "https://git.example/fork.git"]);
    let told = try_branchwork(&sandbox, "repo", &["sync", "--all"]).code(1).stderr;
    assert!(told.starts_with("error: '") && !told.contains("up to date"), "{told}");
}

#[test]
fn a_remote_that_is_gone_stops_no_other() {
    for gone in ["another", "zero"] {
        let sandbox = shared();
        sandbox.git(["remote", "add", gone, "../gone.git"]);
        sandbox.git(["switch", "-q", "-c", "other"]);
        sandbox.git(["config", "branch.other.pushRemote", gone]);
        let told = try_branchwork(&sandbox, "repo", &["sync", "--all"]).code(1).stderr;
        assert!(told.contains("Sent the document of 'feat' to 'origin'\n"), "{told}");
        assert!(told.contains(&format!("error: cannot fetch from '{gone}': ")), "{told}");
        assert_eq!(names(&sandbox, "remote.git"), ["feat"]);
    }
}

/// Somebody else writes to the store, for longer than is waited, from when the remote took it.
#[test]
fn what_the_remote_took_is_told_though_it_cannot_be_noted() {
    for way in ["sync", "push"] {
        let sandbox = ready();
        locked_after(&sandbox, "receivepack", "receive-pack");
        let told = branchwork(&sandbox, "repo", &[way]);
        assert!(told.ends_with("Sent the document of 'feat' to 'origin'\n"), "{told}");
        assert_eq!(told.contains("Pushed 'feat' to 'origin'"), way == "push", "{told}");
        assert_eq!(names(&sandbox, "remote.git"), ["feat"]);
        unlocked(&sandbox);
        let told = branchwork(&sandbox, "repo", &["sync"]);
        assert_eq!(told, "The document of 'feat' is up to date with 'origin'\n");
    }
    let sandbox = shared();
    branchwork(&sandbox, "repo", &["sync", "-q"]);
    sandbox.branchwork(["archive", "-q", "feat"]);
    locked_after(&sandbox, "receivepack", "receive-pack");
    let told = branchwork(&sandbox, "repo", &["sync"]);
    assert_eq!(told, "Sent 1 archived document to 'origin'\n");
    assert_eq!(names(&sandbox, "remote.git"), [""; 0]);
}

/// Once, and with the reason that it has.
#[test]
fn archives_that_cannot_be_taken_in_are_tried_once() {
    let sandbox = shared();
    let connections = count_connections(&sandbox);
    let lock = sandbox.path("repo/.git/branchwork/lock");
    let counted = sandbox.path("upload-pack");
    let lines = format!(
        "'{}' \"$@\"; rm -rf '{1}'; mkdir '{1}'",
        counted.display(),
        lock.display()
    );
    let locking = script(&sandbox, "locking", &lines);
    sandbox.git(["config", "remote.origin.uploadpack", locking.to_str().unwrap()]);
    let told = try_branchwork(&sandbox, "repo", &["sync", "--all"]).code(1).stderr;
    assert_eq!(std::fs::read_to_string(connections).unwrap(), "upload-pack\n");
    assert!(
        told.starts_with(&format!("error: cannot lock '{}'", lock.display())),
        "{told}"
    );
    assert!(!told.contains("faster"), "{told}");
    assert_eq!(on_remote(&sandbox).len(), 0);
    unlocked(&sandbox);
    branchwork(&sandbox, "repo", &["sync", "--all"]);
    join(&sandbox, "grace");
    git_in(&sandbox, "grace", &["switch", "-q", "feat"]);
    assert_eq!(on_remote(&sandbox).len(), 1);
}

/// What a sync looks through is nobody's leftover, while it may be at work.
#[test]
fn a_doctor_leaves_a_running_sync_alone() {
    let sandbox = shared();
    let (begun, goes_on) = (sandbox.path("begun"), sandbox.path("goes-on"));
    run(sandbox.command("mkfifo").args([&begun, &goes_on])).ok();
    let lines = format!(
        "echo >'{}'; cat '{}'; exec git upload-pack \"$@\"",
        begun.display(),
        goes_on.display()
    );
    let waiting = script(&sandbox, "waiting", &lines);
    sandbox.git(["config", "remote.origin.uploadpack", waiting.to_str().unwrap()]);
    let child = sandbox
        .command(binary())
        .arg("sync")
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    std::fs::read(&begun).unwrap();
    sandbox.try_branchwork(["doctor", "--fix"]);
    let window = std::fs::read_dir(sandbox.path("repo/.git/branchwork")).unwrap();
    let names = window.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let left: Vec<String> = names.filter(|name| name.starts_with("window-")).collect();
    std::fs::write(&goes_on, "").unwrap();
    let ended = child.wait_with_output().unwrap();
    let said = String::from_utf8(ended.stderr).unwrap();
    assert!(ended.status.success() && left.len() == 1, "{left:?} {said}");
    assert_eq!(on_remote(&sandbox).len(), 1);
    // One of a killed sync goes when it is old.
    let old = sandbox.path("repo/.git/branchwork").join(&left[0]);
    std::fs::create_dir(&old).unwrap();
    sandbox.try_branchwork(["doctor", "--fix"]);
    assert!(old.is_dir());
    run(sandbox.command("touch").args(["-d", "2020-01-01T00:00:00"]).arg(&old)).ok();
    sandbox.try_branchwork(["doctor", "--fix"]);
    assert!(!old.exists());
}
