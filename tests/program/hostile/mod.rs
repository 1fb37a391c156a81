//! What no user means to do: names, texts, files and machines that are out to break something. Whatever happens, git goes
//! on, no text is lost, and nothing is written outside our places.

mod crashes;
mod documents;
mod messages;
mod names;
mod places;
mod policy;
mod races;
mod reports;
mod repositories;
mod stacks;
mod stores;
mod terminal;
mod views;

pub(crate) use places::{as_nobody, give_away};

use super::sandbox::{Run, Sandbox, run, skip};

/// On branch `feat`, whose document is made.
fn on_feat() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.git(["switch", "-q", "-c", "feat"]);
    sandbox
}

/// Fails the test where the store is damaged, or the status or the refs of the user's repository show anything of us.
#[track_caller]
fn sound(sandbox: &Sandbox) {
    let fsck = sandbox.store(["fsck", "--strict", "--no-dangling"]);
    assert_eq!((fsck.code, fsck.stdout.as_str()), (0, ""), "{}", fsck.stderr);
    assert_eq!(sandbox.git(["status", "--porcelain"]).stdout, "");
    let refs = sandbox.git(["for-each-ref"]).stdout;
    assert!(!refs.contains("refs/branchwork"), "{refs}");
}

/// The text of the one rescue, by the command that `stderr` tells to type.
#[track_caller]
fn rescued(sandbox: &Sandbox, stderr: &str) -> Run {
    let lines: Vec<&str> = stderr.lines().filter(|line| line.contains("/rescued/")).collect();
    assert_eq!(lines.len(), 1, "{stderr}");
    let (_, command) = lines[0].split_once("it is saved: ").unwrap();
    sandbox.shell(command).ok()
}

/// How often `needle` is in `text`.
fn count(text: &str, needle: &str) -> usize {
    text.matches(needle).count()
}
