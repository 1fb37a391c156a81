//! Places that cannot be written, are full, or belong to somebody else. These need means that not every machine has.

use std::process::Command;

use super::{Sandbox, count, on_feat, run, skip, sound};
use crate::sandbox::binary;

const NOBODY: u32 = 65534;

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|output| output.stdout == b"0\n")
}

/// A shell line as another user, for whom permissions hold; `None` where that cannot be.
pub(crate) fn as_nobody(sandbox: &Sandbox, line: &str) -> Option<super::Run> {
    let mut command = sandbox.command("setpriv");
    command.args(["--reuid=65534", "--regid=65534", "--clear-groups", "sh", "-c", line]);
    let mut probe = Command::new("setpriv");
    probe
        .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
        .arg(binary())
        .arg("--version");
    probe.stdout(std::process::Stdio::null());
    if !is_root() || !probe.status().is_ok_and(|status| status.success()) {
        skip(
            "permissions",
            "no setpriv(1), not root, or the binary cannot be reached by others",
        );
        return None;
    }
    Some(run(&mut command))
}

/// Gives the sandbox to nobody.
pub(crate) fn give_away(sandbox: &Sandbox) {
    let mut command = sandbox.command("chown");
    run(command.args(["-R", &NOBODY.to_string()]).arg(sandbox.path(""))).ok();
}

#[test]
fn a_git_dir_that_cannot_be_written_gets_the_change_through_the_view() {
    let sandbox = on_feat();
    sandbox.git(["branch", "-q", "other"]);
    give_away(&sandbox);
    let read_only = "chmod -R a-w .git/branchwork && chmod a-w .git/branchwork-view .git";
    let Some(log) = as_nobody(&sandbox, &format!("{read_only} && git-branchwork log 'In a sandbox'")) else {
        return;
    };
    assert_eq!(
        log.clone()
            .ok()
            .stderr
            .lines()
            .filter(|line| line.starts_with("warning"))
            .count(),
        1,
        "{}",
        log.stderr
    );
    assert_eq!(count(&sandbox.view(), "In a sandbox"), 1);
    let show = as_nobody(&sandbox, "git-branchwork show && git-branchwork check")
        .unwrap()
        .code(1);
    assert_eq!(count(&show.stdout, "In a sandbox"), 1, "{}", show.stderr);
    let again = as_nobody(
        &sandbox,
        "git-branchwork set risk=low && git-branchwork log 'And another'",
    )
    .unwrap()
    .ok();
    assert_eq!(count(&again.stderr, "warning: "), 2, "{}", again.stderr);
    let doctor = as_nobody(&sandbox, "git-branchwork doctor --fix")
        .unwrap()
        .code(1)
        .stdout;
    assert!(
        doctor.contains("/.git/config' cannot be changed: Permission denied"),
        "{doctor}"
    );
    assert!(doctor.contains("wrong  the store cannot be written: "), "{doctor}");
    let create = as_nobody(&sandbox, "git-branchwork create -b other").unwrap().code(1);
    assert!(create.stderr.contains("writable"), "{}", create.stderr);
    let list = as_nobody(&sandbox, "git-branchwork list && git-branchwork history")
        .unwrap()
        .ok();
    assert!(list.stdout.contains("feat"), "{}", list.stdout);
    let stored = as_nobody(&sandbox, "chmod -R u+w .git && git-branchwork show")
        .unwrap()
        .ok();
    assert_eq!(
        (
            count(&stored.stdout, "In a sandbox"),
            count(&stored.stdout, "And another")
        ),
        (1, 1),
        "{}",
        stored.stdout
    );
    assert!(stored.stdout.contains("risk: low"), "{}", stored.stdout);
    let stored = as_nobody(
        &sandbox,
        "cat .branchwork/CURRENT.md | git-branchwork show | cmp - .branchwork/CURRENT.md",
    )
    .unwrap();
    assert_eq!(stored.ok().stderr, "");
}

/// The view shows another document, or a text that is nobody's: a command must not write over it.
#[test]
fn a_read_only_store_makes_no_command_write_over_other_text() {
    let sandbox = on_feat();
    sandbox.git(["switch", "-q", "-c", "other"]);
    give_away(&sandbox);
    let line = "chmod -R a-w .git/branchwork && echo 'by hand, on other' >>.branchwork/CURRENT.md && git switch -q feat; \
                git-branchwork log 'On feat'";
    let Some(log) = as_nobody(&sandbox, line) else { return };
    assert_eq!(count(&log.stderr, "branchwork: "), 1, "{}", log.stderr);
    let view = sandbox.view();
    assert_eq!(log.code, 1, "{}", log.stderr);
    assert_eq!(
        (count(&view, "by hand, on other"), count(&view, "On feat")),
        (1, 0),
        "{view}"
    );
    std::fs::write(sandbox.repo().join(".branchwork/CURRENT.md"), "mine\n").unwrap();
    as_nobody(&sandbox, "git-branchwork log 'On feat'").unwrap().code(1);
    assert_eq!(sandbox.view(), "mine\n");
}

#[test]
fn a_work_tree_that_cannot_be_written_is_told_once() {
    let sandbox = on_feat();
    sandbox.git(["switch", "-q", "main"]);
    give_away(&sandbox);
    let line = "chmod a-w . .branchwork; git commit -q --allow-empty -m x --no-verify; git checkout -q feat";
    let Some(run) = as_nobody(&sandbox, line) else { return };
    assert_eq!(count(&run.stderr, "was not written"), 1, "{}", run.stderr);
    let log = as_nobody(&sandbox, "git-branchwork log 'Talked'").unwrap().ok();
    assert_eq!(count(&log.stderr, "was not written"), 1, "{}", log.stderr);
    assert!(!log.stderr.contains(".CURRENT-"), "{}", log.stderr);
}

#[test]
fn git_goes_on_where_nothing_of_ours_can_be_written() {
    let sandbox = on_feat();
    give_away(&sandbox);
    let line = "chmod -R a-w .git/branchwork .branchwork; chmod a-w .git/branchwork-view; \
                git commit -q --allow-empty -m 'Go on' && git switch -q -c other && git switch -q feat && git push -q --no-verify origin feat";
    let Some(run) = as_nobody(&sandbox, line) else { return };
    let run = run.ok();
    assert!(run.stderr.lines().count() <= 3, "{}", run.stderr);
    assert!(
        run.stderr.lines().all(|line| line.starts_with("branchwork: ")),
        "{}",
        run.stderr
    );
    as_nobody(&sandbox, "chmod -R u+w .git .branchwork").unwrap().ok();
    let log = as_nobody(&sandbox, "git-branchwork log 'Works again'").unwrap().ok();
    assert_eq!(count(&sandbox.view(), "Works again"), 1, "{}", log.stderr);
}

#[test]
fn a_view_that_cannot_be_read() {
    let sandbox = on_feat();
    give_away(&sandbox);
    let line =
        "chmod a-rw .branchwork/CURRENT.md && git-branchwork log 'Unseen' && git commit -q --allow-empty -m 'Seen'";
    let Some(log) = as_nobody(&sandbox, line) else { return };
    let text = log.ok().stderr;
    assert_eq!(count(&text, "not readable"), 2, "{text}");
    let shown = as_nobody(&sandbox, "chmod u+rw .branchwork/CURRENT.md && git-branchwork show")
        .unwrap()
        .ok()
        .stdout;
    assert_eq!((count(&shown, "Unseen"), count(&shown, "Seen")), (1, 1), "{shown}");
}

#[test]
fn a_repository_of_somebody_else() {
    let sandbox = on_feat();
    let before = sandbox.stored("feat");
    if !is_root() {
        return skip("safe.directory", "not root");
    }
    let mut command = sandbox.command("chown");
    run(command.args(["-R", "4711"]).arg(sandbox.repo())).ok();
    let refused = sandbox.try_branchwork(["log", "x"]).code(1);
    assert!(
        refused.stderr.contains("is owned by somebody else"),
        "{}",
        refused.stderr
    );
    assert!(refused.stderr.contains("safe.directory"), "{}", refused.stderr);
    let hook = sandbox.branchwork(["hook", "post-commit"]);
    assert_eq!(hook.stderr.lines().count(), 1, "{}", hook.stderr);
    let directory = sandbox.repo().display().to_string();
    sandbox.git(["config", "--global", "--add", "safe.directory", &directory]);
    assert_eq!(sandbox.stored("feat"), before);
    sandbox.branchwork(["log", "x"]);
}

/// A small tmpfs, filled up. Needs a mount namespace.
#[test]
fn a_full_disk_loses_nothing() {
    let sandbox = Sandbox::empty();
    let probe = Command::new("unshare").args(["-m", "--map-root-user", "true"]).output();
    let options = if is_root() { "-m" } else { "-rm" };
    let works = Command::new("unshare")
        .args([options, "sh", "-c", "mount -t tmpfs none /mnt"])
        .output();
    if probe.is_err() || !works.is_ok_and(|output| output.status.success()) {
        return skip("full disk", "no mount namespaces here");
    }
    let script = r#"
        set -e
        mount -t tmpfs -o size=2m,nr_inodes=2000 none "$HOME"
        cd "$HOME"; git init -q r; cd r; git commit -q --allow-empty -m Begin; git-branchwork init -q
        git switch -q -c feat; git-branchwork log 'Before' -q; cp .branchwork/CURRENT.md $ASIDE/before
        echo 'by hand' >>.branchwork/CURRENT.md
        set +e
        for left in 0 4 8 12 16 24 40; do
            dd if=/dev/zero of=../fill bs=4k count=2000 2>/dev/null
            truncate -s -"${left}k" ../fill 2>/dev/null
            git-branchwork log "With $left" >/dev/null 2>$ASIDE/err; code=$?
            tail -n 3 $ASIDE/err >&2; grep -q panicked $ASIDE/err && echo PANIC
            [ $code -eq 0 ] || grep -q '^error: ' $ASIDE/err || echo "NO ERROR: $code"
            git commit -q --allow-empty -m "Commit $left" 2>$ASIDE/err || { grep -qi 'no space\|unable\|fatal\|error' $ASIDE/err || echo "COMMIT $left"; }
            [ "$(wc -l <$ASIDE/err)" -le 2 ] || { echo LINES; cat $ASIDE/err; }
            git switch -q -c "b$left" 2>/dev/null; git switch -q feat 2>/dev/null
            grep -q 'by hand' .branchwork/CURRENT.md || git-branchwork show | grep -q 'by hand' || echo "LOST at $left"
            rm ../fill; git switch -q feat
            echo "$code" >>$ASIDE/codes
        done
        grep -q 1 $ASIDE/codes || echo 'NEVER FULL'
        git-branchwork log 'After' || echo AFTER
        git-branchwork show >$ASIDE/after; cmp $ASIDE/after .branchwork/CURRENT.md
        grep -c 'by hand' $ASIDE/after; grep -c 'After' $ASIDE/after; grep -c 'Before' $ASIDE/after
        git --git-dir .git/branchwork fsck --strict --no-dangling
    "#;
    let mut command = sandbox.command("unshare");
    let run = run(command
        .args([options, "sh", "-c", script])
        .env("ASIDE", sandbox.path("repo")));
    assert_eq!(run.stdout, "1\n1\n1\n", "{}", run.stderr);
}

#[test]
fn a_work_tree_that_was_removed_and_one_that_moved() {
    let sandbox = on_feat();
    sandbox.git(["worktree", "add", "-q", "-b", "linked", "../linked"]);
    let view = sandbox.path("linked/.branchwork/CURRENT.md");
    std::fs::write(
        &view,
        std::fs::read_to_string(&view)
            .unwrap()
            .replace("## Notes", "## Notes\n\nby hand"),
    )
    .unwrap();
    sandbox.branchwork(["log", "-b", "linked", "Seen"]);
    std::fs::remove_dir_all(sandbox.path("linked")).unwrap();
    sandbox.branchwork(["log", "-b", "linked", "Without a work tree"]);
    sandbox.branchwork(["list"]);
    sandbox.git(["worktree", "prune"]);
    sandbox.git(["switch", "-q", "linked"]);
    let text = sandbox.view();
    for word in ["by hand", "Seen", "Without a work tree"] {
        assert_eq!(count(&text, word), 1, "{word}: {text}");
    }
    sound(&sandbox);
}
