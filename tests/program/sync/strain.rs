//! Bad luck on the way: somebody is always faster, the disk is full, there are two remotes.

use std::process::Command;

use super::{branchwork, join, on_remote, refs, script, shared, shared_text, try_branchwork, view};
use crate::sandbox::{Sandbox, binary, git_in, run, skip};

/// A program that git runs in place of receive-pack: another clone is faster the first `times`.
fn overtaken(sandbox: &Sandbox, times: u32) {
    let count = sandbox.path("count");
    let text = format!(
        "n=$(($(cat '{count}' 2>/dev/null || echo 0) + 1)); echo $n >'{count}'\n\
         if [ $n -le {times} ]; then\n\
         (cd '{other}' && unset GIT_DIR && '{program}' update -q --section Decisions --item \"Faster $n.\" && \
         '{program}' sync -q) >/dev/null\n\
         fi\n\
         exec git receive-pack \"$@\"\n",
        count = count.display(),
        other = sandbox.path("other").display(),
        program = binary().display(),
    );
    let script = script(sandbox, "overtake", &text);
    sandbox.git(["config", "remote.origin.receivepack", script.to_str().unwrap()]);
}

fn with_another_clone() -> Sandbox {
    let sandbox = shared();
    branchwork(&sandbox, "repo", &["sync"]);
    join(&sandbox, "other");
    git_in(&sandbox, "other", &["switch", "-q", "feat"]);
    branchwork(&sandbox, "other", &["sync"]);
    branchwork(
        &sandbox,
        "repo",
        &["update", "--section", "Decisions", "--item", "Mine."],
    );
    sandbox
}

#[test]
fn somebody_is_faster_twenty_times() {
    let sandbox = with_another_clone();
    overtaken(&sandbox, 20);
    let said = branchwork(&sandbox, "repo", &["sync"]);
    assert_eq!(
        said,
        "Merged the document of 'feat' with that on 'origin', and sent it\n"
    );
    branchwork(&sandbox, "other", &["sync"]);
    let text = shared_text(&sandbox);
    assert_eq!(
        (view(&sandbox, "repo"), view(&sandbox, "other")),
        (text.clone(), text.clone())
    );
    for said in (1..=20).map(|n| format!("Faster {n}.")).chain(["Mine.".to_owned()]) {
        assert_eq!(text.matches(&said).count(), 1, "{said}: {text}");
    }
}

#[test]
fn somebody_is_faster_each_time() {
    let sandbox = with_another_clone();
    overtaken(&sandbox, 1000);
    let failed = try_branchwork(&sandbox, "repo", &["sync"]).code(1);
    assert!(
        failed
            .stderr
            .contains("somebody else was faster each time to send to 'origin'\nhint: run the command again"),
        "{}",
        failed.stderr
    );
    // What came meanwhile stays, and the next one sends it.
    sandbox.git(["config", "--unset", "remote.origin.receivepack"]);
    branchwork(&sandbox, "repo", &["sync"]);
    let text = shared_text(&sandbox);
    assert_eq!(text, view(&sandbox, "repo"));
    assert!(text.contains("Faster 39.") && text.contains("Mine."), "{text}");
    // Each fetch left a pack: they were put together.
    let packs = std::fs::read_dir(sandbox.path("repo/.git/branchwork/objects/pack")).unwrap();
    let packs = packs.filter(|file| file.as_ref().unwrap().path().extension() == Some("pack".as_ref()));
    assert!(packs.count() < 10);
    assert!(
        sandbox
            .store(["fsck", "--strict", "--no-dangling"])
            .ok()
            .stdout
            .is_empty()
    );
}

/// A clone on a small tmpfs that is filled up. Needs a mount namespace.
#[test]
fn the_disk_is_full() {
    let sandbox = with_another_clone();
    sandbox.branchwork(["set", "risk=low", "scope=a"]);
    branchwork(
        &sandbox,
        "other",
        &["update", "--section", "Notes", "--item", "Of the other."],
    );
    branchwork(&sandbox, "other", &["sync"]);
    let options = ["-m", "-rm"].into_iter().find(|options| {
        let tried = Command::new("unshare")
            .args([options, "sh", "-c", "mount -t tmpfs none /mnt"])
            .output();
        tried.is_ok_and(|output| output.status.success())
    });
    let Some(options) = options else {
        return skip("full disk", "no mount namespaces here");
    };
    let script = r#"
        mount -t tmpfs -o size=3m,nr_inodes=4000 none "$HOME" || exit 9
        try() {
            rm -rf "$HOME/r" "$TOP/there"; cp -r "$TOP/remote.git" "$TOP/there"; cp -r "$TOP/repo" "$HOME/r"
            cd "$HOME/r" || exit 9; git remote set-url origin "$TOP/there"
            failed=0
            for left in 0 4 8 16 24 48 400; do
                dd if=/dev/zero of=../fill bs=4k count=2000 2>/dev/null
                truncate -s -"${left}k" ../fill 2>/dev/null
                said=$(git-branchwork "$@" 2>&1); code=$?
                rm ../fill
                case $said in *panicked*) echo "$said";; esac
                git --git-dir .git/branchwork fsck --strict --no-dangling 2>/dev/null || echo "DAMAGED by $1 at $left"
                git-branchwork show feat | grep -q "$kept" || echo "LOST by $1 at $left"
                case $said in *warning:*|*error:*) failed=$((failed + 1)); continue;; esac
                # A redaction that could not finish is found done.
                case $said in 'No version here has it') code=0;; esac
                [ $code -eq 0 ] && break; echo "NO ERROR from $1: $said"
            done
            [ $failed -gt 0 ] || echo "$1 was NEVER FULL"
            [ $code -eq 0 ] || git-branchwork "$@" >/dev/null 2>&1 || echo "$1 AFTER"
            git-branchwork sync -q || echo "sync after $1"
            refs() { git --git-dir "$1" for-each-ref --format='%(objectname)' refs/branchwork/docs refs/branchwork/archive; }
            [ "$(refs .git/branchwork)" = "$(refs "$TOP/there")" ] || echo "NOT SENT after $1"
            for item in Mine 'Of the other'; do git-branchwork show feat | grep -c "$item"; done
        }
        kept=Mine
        try push; try archive feat; try sync
        kept=Add
        try redact Mine
        ! git --git-dir .git/branchwork cat-file --batch-all-objects --batch | grep -a Mine
    "#;
    let mut command = sandbox.command("unshare");
    command.args([options, "sh", "-c", script]).env("TOP", sandbox.path(""));
    let run = run(&mut command);
    assert_eq!(run.stdout, "1\n1\n1\n1\n1\n1\n0\n1\n", "{}", run.stderr);
}

#[test]
fn a_fork_and_its_upstream_do_not_mix() {
    let sandbox = shared();
    sandbox.git(["clone", "-q", "--bare", "../remote.git", "../upstream.git"]);
    sandbox.git(["remote", "add", "upstream", "../upstream.git"]);
    sandbox.git(["fetch", "-q", "upstream"]);
    // Pulled from the one, pushed to the other.
    sandbox.git(["branch", "-q", "--set-upstream-to=upstream/feat"]);
    sandbox.git(["config", "remote.pushDefault", "origin"]);
    branchwork(&sandbox, "repo", &["sync"]);
    assert_eq!(on_remote(&sandbox).len(), 1);
    assert_eq!(refs(&sandbox, "upstream.git", "refs/branchwork/"), [""; 0]);
    branchwork(&sandbox, "repo", &["log", "For those upstream"]);
    branchwork(&sandbox, "repo", &["sync", "upstream"]);
    assert_eq!(refs(&sandbox, "upstream.git", "refs/branchwork/").len(), 1);
    assert!(!shared_text(&sandbox).contains("For those upstream"));
    // Each is remembered for itself.
    let here = refs(&sandbox, "repo/.git/branchwork", "refs/branchwork/remotes/");
    assert_eq!(here.len(), 2, "{here:?}");
    branchwork(&sandbox, "repo", &["sync"]);
    assert!(shared_text(&sandbox).contains("For those upstream"));
}
