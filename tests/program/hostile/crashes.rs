//! Ended at any point, or left half-done: the old document or the new one, and the next write succeeds.

use std::process::Stdio;
use std::time::{Duration, Instant};

use super::{Sandbox, count, on_feat, sound};
use crate::sandbox::binary;

const VIEW: &str = ".branchwork/CURRENT.md";

/// xorshift64: the same numbers in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

/// Starts the binary and kills it (SIGKILL) after that long, if it lives as long.
fn killed(sandbox: &Sandbox, arguments: &[&str], after: Duration) {
    let mut command = sandbox.command(binary());
    let mut child = command
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let until = Instant::now() + after;
    while Instant::now() < until && child.try_wait().unwrap().is_none() {
        std::hint::spin_loop();
    }
    let _ = child.kill();
    child.wait().unwrap();
}

/// Writes a line of its own into the view; that line.
fn edit_by_hand(sandbox: &Sandbox, number: u32) -> String {
    let mine = format!("by hand {number}.");
    let edited = format!("\n{mine}\n\n## Updates");
    sandbox.write(VIEW, sandbox.view().replacen("\n## Updates", &edited, 1));
    mine
}

/// How long the command takes when it is left alone.
fn whole(sandbox: &Sandbox, arguments: &[&str]) -> Duration {
    let start = Instant::now();
    sandbox.branchwork(arguments);
    start.elapsed()
}

/// Killed at any point while it archives, the document is live or archived, whole, and doing it again finishes.
#[test]
fn killed_while_it_archives() {
    let sandbox = on_feat();
    sandbox.git(["switch", "-q", "-c", "first"]);
    sandbox.commit("first", "first\n", "Add first");
    let span = whole(&sandbox, &["archive", "first"]);
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    let mut in_both = 0;
    for number in 0..16 {
        let name = format!("end{number}");
        sandbox.git_without_hooks(["switch", "-q", "-c", &name, "main"]);
        sandbox.branchwork(["create"]);
        sandbox.branchwork(["log", "Entry kept."]);
        let mine = edit_by_hand(&sandbox, number);
        let micros = u64::try_from(span.as_micros()).unwrap();
        killed(
            &sandbox,
            &["archive", &name],
            Duration::from_micros(random.below(micros)),
        );
        let listed = sandbox
            .store(["ls-tree", "-r", "--name-only", "refs/branchwork/archive/2025"])
            .stdout;
        let is_archived = listed.contains(&format!("-branchwork-{name}-"));
        let is_live = sandbox.stored(&name).is_some();
        assert!(is_archived || is_live, "{name}\n{listed}");
        in_both += u32::from(is_archived && is_live);
        if is_live {
            sandbox.branchwork(["archive", &name]);
        }
        assert_eq!(sandbox.stored(&name), None);
        let shown = sandbox.branchwork(["show", &name]).stdout;
        for part in ["Entry kept.", &mine, "## Archived"] {
            assert_eq!(shown.matches(part).count(), 1, "{part}\n{shown}");
        }
    }
    let archived = sandbox.branchwork(["list", "--archived"]).stdout;
    assert_eq!(
        archived.lines().count(),
        18,
        "{in_both} were in both places\n{archived}"
    );
    let checked = sandbox.store(["fsck", "--strict"]).ok().stderr;
    assert!(!checked.contains("error"), "{checked}");
}

/// Killed at any point while it redacts, nothing else is lost, and doing it again takes all of it out.
#[test]
fn killed_while_it_redacts() {
    let sandbox = on_feat();
    sandbox.branchwork(["log", "Entry first."]);
    sandbox.branchwork(["log", "secret"]);
    let span = whole(&sandbox, &["redact", "secret"]);
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    let mut mine = vec!["Entry first.".to_owned()];
    for number in 0..12 {
        let secret = format!("secret-{number}");
        sandbox.branchwork(["log", &format!("Has {secret} in entry {number}.")]);
        mine.push(edit_by_hand(&sandbox, number));
        mine.push(format!("Has REDACTED in entry {number}."));
        let after = span * u32::try_from(random.below(1000)).unwrap() / 1000;
        killed(&sandbox, &["redact", &secret], after);
        sandbox.try_branchwork(["redact", &secret]);
        let view = sandbox.view();
        assert_eq!(Some(view.clone()), sandbox.stored("feat"));
        for part in &mine {
            assert_eq!(view.matches(part.as_str()).count(), 1, "{part}\n{view}");
        }
        let objects = sandbox.store(["cat-file", "--batch-all-objects", "--batch"]).ok();
        assert!(!objects.stdout.contains("secret-"), "{number}");
    }
    let checked = sandbox.store(["fsck", "--strict"]).ok().stderr;
    assert!(!checked.contains("error"), "{checked}");
}

#[test]
fn killed_a_hundred_times_while_it_writes() {
    let sandbox = on_feat();
    let span = whole(&sandbox, &["log", "Entry first."]) + whole(&sandbox, &["log", "Entry second."]);
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut before = sandbox.stored("feat").unwrap();
    for number in 0..100 {
        let entry = format!("Entry {number}.");
        // Half of them hit a hand edit that is taken in, too.
        let edited = number % 2 == 0;
        if edited {
            let view = sandbox
                .view()
                .replacen("\n## Updates", &format!("\nby hand {number}.\n\n## Updates"), 1);
            sandbox.write(VIEW, view);
        }
        let after = span * u32::try_from(random.below(1000)).unwrap() / 1000;
        killed(&sandbox, &["log", &entry], after);
        let text = sandbox.stored("feat").unwrap();
        assert!(count(&text, &entry) <= 1, "{text}");
        for line in before
            .lines()
            .filter(|line| line.starts_with("### ") || line.starts_with("by hand"))
        {
            assert!(text.contains(line), "{line} is gone\n{text}");
        }
        let mine = format!("by hand {number}.");
        assert!(
            !edited || text.contains(&mine) || sandbox.view().contains(&mine),
            "{number}: the edit is gone"
        );
        before = text;
    }
    sandbox.branchwork(["log", "The last."]);
    let text = sandbox.stored("feat").unwrap();
    assert_eq!(count(&text, "The last."), 1);
    for number in (0..100).step_by(2) {
        assert_eq!(count(&text, &format!("by hand {number}.")), 1, "{number}: {text}");
    }
    assert_eq!(sandbox.view(), text);
    sound(&sandbox);
}

#[test]
fn killed_while_the_first_document_is_made() {
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    let sandbox = Sandbox::without_hooks();
    sandbox.git(["switch", "-q", "-c", "feat"]);
    let span = whole(&sandbox, &["create"]);
    for _ in 0..30 {
        std::fs::remove_dir_all(sandbox.repo().join(".git/branchwork")).unwrap();
        std::fs::remove_dir_all(sandbox.repo().join(".branchwork")).unwrap_or_default();
        std::fs::remove_file(sandbox.repo().join(".git/branchwork-view")).unwrap_or_default();
        killed(
            &sandbox,
            &["create"],
            span * u32::try_from(random.below(1000)).unwrap() / 1000,
        );
        if sandbox.try_branchwork(["show"]).code != 0 {
            sandbox.branchwork(["create"]);
        }
        sandbox.branchwork(["log", "Works"]);
        assert_eq!(sandbox.view(), sandbox.stored("feat").unwrap());
        assert_eq!(count(&sandbox.view(), "Works"), 1);
        sound(&sandbox);
    }
}

#[test]
fn killed_while_the_view_is_swapped() {
    let sandbox = on_feat();
    sandbox.git(["switch", "-q", "-c", "other"]);
    sandbox.git(["config", "core.hooksPath", "/dev/null"]);
    let span = whole(&sandbox, &["hook", "post-checkout", "0", "0", "1"]);
    let mut random = Random(0x1234_5678_9abc_def1);
    for number in 0..40 {
        let (from, to) = if number % 2 == 0 {
            ("other", "feat")
        } else {
            ("feat", "other")
        };
        let mine = edit_by_hand(&sandbox, number);
        sandbox.git(["switch", "-q", to]);
        let after = span * u32::try_from(random.below(1500)).unwrap() / 1000;
        killed(&sandbox, &["hook", "post-checkout", "0", "0", "1"], after);
        sandbox.branchwork(["hook", "post-checkout", "0", "0", "1"]);
        assert_eq!(count(&sandbox.stored(from).unwrap(), &mine), 1, "{number}");
        assert_eq!(count(&sandbox.stored(to).unwrap(), &mine), 0, "{number}");
        assert_eq!(sandbox.view(), sandbox.stored(to).unwrap());
    }
    sound(&sandbox);
}

#[test]
fn killed_while_a_document_is_renamed() {
    let sandbox = on_feat();
    sandbox.branchwork(["log", "Of old."]);
    let span = whole(&sandbox, &["log", "Of new."]);
    let mut random = Random(0x0dd0_feed_0bad_cafe);
    for number in 0..30 {
        let (from, to) = if number % 2 == 0 {
            ("feat", "moved")
        } else {
            ("moved", "feat")
        };
        let mine = edit_by_hand(&sandbox, number);
        sandbox.git(["branch", "-q", "-m", from, to]);
        killed(
            &sandbox,
            &["show"],
            span * u32::try_from(random.below(1000)).unwrap() / 1000,
        );
        let log = sandbox.branchwork(["log", &format!("After {number}.")]);
        assert!(!log.stderr.contains("rescued"), "{}", log.stderr);
        let text = sandbox.stored(to).unwrap();
        assert_eq!(
            (count(&text, &mine), count(&text, &format!("After {number}."))),
            (1, 1),
            "{text}"
        );
        assert_eq!(sandbox.view(), text);
        assert_eq!(sandbox.branchwork(["get", "branch.name"]).line(), to);
    }
    assert_eq!(count(&sandbox.view(), "Of old."), 1);
    sound(&sandbox);
}

/// Every file that a killed process of ours, or of git's, may have left.
#[test]
fn leftovers_stop_nothing() {
    let sandbox = on_feat();
    sandbox.branchwork(["log", "Before"]);
    let git = sandbox.repo().join(".git");
    let reference = sandbox.store(["for-each-ref", "--format=%(refname)"]).line().to_owned();
    let touch = |path: std::path::PathBuf| std::fs::write(path, "").unwrap();
    touch(git.join(format!("branchwork/{reference}.lock")));
    sandbox.branchwork(["log", "After a ref's lock"]);
    std::fs::remove_file(git.join("branchwork/lock")).unwrap();
    sandbox.branchwork(["log", "After a lock that is gone"]);
    touch(git.join("branchwork-view-XXXX"));
    touch(sandbox.repo().join(".branchwork/.CURRENT-XXXX"));
    std::fs::create_dir(git.join("branchwork-new-XXXX")).unwrap();
    touch(git.join("branchwork/objects/tmp_obj_XXXX"));
    sandbox.branchwork(["log", "After temporary files"]);
    // Somebody packed the refs, and was killed at the next attempt.
    sandbox.store(["pack-refs", "--all"]).ok();
    touch(git.join("branchwork/packed-refs.lock"));
    sandbox.branchwork(["log", "After packing"]);
    sandbox.git(["branch", "-q", "-m", "moved"]);
    let moved = sandbox.branchwork(["log", "After moving"]);
    let text = sandbox.view();
    assert_eq!(count(&text, "After "), 5, "{}{text}", moved.stderr);
    assert_eq!(text, sandbox.stored("moved").unwrap());
    assert_eq!(sandbox.stored("feat"), None);
    sound(&sandbox);
}

#[test]
fn a_state_file_that_says_nothing() {
    let sandbox = on_feat();
    let state = sandbox.repo().join(".git/branchwork-view");
    let whole = std::fs::read(&state).unwrap();
    let states: [Option<&[u8]>; 7] = [
        None,
        Some(b""),
        Some(&whole[..20]),
        Some(&whole[..27]),
        Some(&whole[..40]),
        Some(b"\xff\xfe garbage\n"),
        Some(b"7ZZZZZZZZZZZZZZZZZZZZZZZZZ\n1111111111111111111111111111111111111111\n"),
    ];
    for (number, content) in states.into_iter().enumerate() {
        // The view as it should be: nothing to rescue.
        sandbox.branchwork(["show"]);
        match content {
            Some(content) => std::fs::write(&state, content).unwrap(),
            None => std::fs::remove_file(&state).unwrap(),
        }
        let log = sandbox.branchwork(["log", &format!("Entry {number}.")]);
        assert!(!log.stderr.contains("rescued"), "{number}: {}", log.stderr);
        assert_eq!(count(&sandbox.view(), &format!("Entry {number}.")), 1);
        // Edited: nothing tells what it was written from, so it is rescued, whole.
        let edited = sandbox.view().replace("## Notes", "## Notes\n\nby hand");
        sandbox.write(VIEW, &edited);
        match content {
            Some(content) => std::fs::write(&state, content).unwrap(),
            None => std::fs::remove_file(&state).unwrap(),
        }
        let log = sandbox.branchwork(["log", "Went on"]);
        assert_eq!(super::rescued(&sandbox, &log.stderr).stdout, edited);
        assert_eq!(sandbox.view(), sandbox.stored("feat").unwrap());
    }
    std::fs::remove_file(&state).unwrap();
    std::fs::create_dir(&state).unwrap();
    sandbox.branchwork(["log", "In spite of a folder"]);
    assert!(sandbox.stored("feat").unwrap().contains("In spite of a folder"));
    sound(&sandbox);
}

type Damage = fn(&std::path::Path);

/// Half of a store: an error in one line, and git does what it was asked to, a push too.
#[test]
fn a_damaged_store_blocks_no_git() {
    let damages: [(&str, Damage); 5] = [
        ("no objects", |store| {
            std::fs::remove_dir_all(store.join("objects")).unwrap()
        }),
        ("no HEAD", |store| std::fs::remove_file(store.join("HEAD")).unwrap()),
        ("garbage in config", |store| {
            std::fs::write(store.join("config"), b"[core\n\xff").unwrap()
        }),
        ("a ref of garbage", |store| {
            let folder = store.join("refs/branchwork/docs/feat");
            let entry = std::fs::read_dir(folder).unwrap().next().unwrap().unwrap();
            std::fs::write(entry.path(), "garbage\n").unwrap();
        }),
        ("an empty ref", |store| {
            let folder = store.join("refs/branchwork/docs/feat");
            let entry = std::fs::read_dir(folder).unwrap().next().unwrap().unwrap();
            std::fs::write(entry.path(), "").unwrap();
        }),
    ];
    for (what, damage) in damages {
        let sandbox = on_feat();
        sandbox.branchwork(["set", "scope=x", "risk=low"]);
        let view = sandbox.view();
        damage(&sandbox.repo().join(".git/branchwork"));
        sandbox.wait(1);
        let commit = sandbox.git(["commit", "-q", "--allow-empty", "-m", "Go on"]);
        assert_eq!(commit.stderr.lines().count(), 1, "{what}: {}", commit.stderr);
        let push = sandbox.git(["push", "-q", "origin", "feat"]);
        assert_eq!(push.stderr.lines().count(), 1, "{what}: {}", push.stderr);
        sandbox.git(["switch", "-q", "-c", "other"]);
        sandbox.git(["switch", "-q", "feat"]);
        let show = sandbox.try_branchwork(["show"]).code(1);
        assert!(
            show.stderr.starts_with("error: ") && !show.stderr.contains("panicked"),
            "{what}: {}",
            show.stderr
        );
        // What the view held is there, or in the store.
        sandbox.write("before", &view);
        let known = sandbox.git(["hash-object", "before"]).line().to_owned();
        let safe = || sandbox.store(["cat-file", "-e", &known]).code == 0;
        assert!(sandbox.view() == view || safe(), "{what}: the view is gone");
    }
}
