//! Every kind of repository, work tree and clone that git knows: the usual story has to come out right in each.

mod clones;
mod elsewhere;
mod reftable;
mod work_trees;

use crate::sandbox::{Run, Sandbox, branchwork_in, entries, field, git_in, run};

/// The view in a folder of the sandbox; empty where there is none.
fn view_in(sandbox: &Sandbox, folder: &str) -> String {
    std::fs::read_to_string(sandbox.path(folder).join(".branchwork/CURRENT.md")).unwrap_or_default()
}

/// Adds a line to the notes, as a person with an editor does.
fn edit_by_hand(sandbox: &Sandbox, folder: &str, line: &str) {
    let text = view_in(sandbox, folder).replace("## Notes\n", &format!("## Notes\n\n{line}\n"));
    assert!(text.contains(line), "{text}");
    std::fs::write(sandbox.path(folder).join(".branchwork/CURRENT.md"), text).unwrap();
}

/// A minute later, writes a file and commits it with hooks, which must have nothing to say. Returns the id.
#[track_caller]
fn commit_in(sandbox: &Sandbox, folder: &str, file: &str, message: &str) -> String {
    sandbox.wait(1);
    std::fs::write(sandbox.path(folder).join(file), format!("{message}\n")).unwrap();
    git_in(sandbox, folder, &["add", "--sparse", file]);
    let commit = git_in(sandbox, folder, &["commit", "-q", "-m", message]);
    assert_eq!(commit.stderr, "");
    git_in(sandbox, folder, &["rev-parse", "HEAD"]).line().to_owned()
}

/// The usual story on a new branch in `folder`: the document is made, a commit is logged with its files, an amend takes its
/// entry along, the commands read it, and git sees nothing of it.
#[track_caller]
fn usual_story(sandbox: &Sandbox, folder: &str, branch: &str) {
    let made = git_in(sandbox, folder, &["switch", "-q", "-c", branch]);
    assert_eq!(
        made.stderr,
        format!("branchwork: created the document of '{branch}': .branchwork/CURRENT.md\n")
    );
    told_in(sandbox, folder, branch);
}

/// The same on the branch that is checked out there, whose document was just made.
#[track_caller]
fn told_in(sandbox: &Sandbox, folder: &str, branch: &str) {
    assert_eq!(field(&view_in(sandbox, folder), "name"), branch);
    let file = format!("{branch}.txt");
    let first = commit_in(sandbox, folder, &file, "Begin here");
    sandbox.wait(1);
    std::fs::write(sandbox.path(folder).join(&file), "one\ntwo\n").unwrap();
    let amend = git_in(
        sandbox,
        folder,
        &["commit", "-q", "-a", "--amend", "-m", "Begin here again"],
    );
    assert_eq!(amend.stderr, "");
    let view = view_in(sandbox, folder);
    let id = git_in(sandbox, folder, &["rev-parse", "HEAD"]).line().to_owned();
    assert_eq!(entries(&view), ["[@ada] Begin here again"], "{view}");
    assert!(
        view.contains(&format!("<!-- branchwork:commit {id} -->")) && !view.contains(&first),
        "{view}"
    );
    assert!(view.contains(&format!("  - `{file}` - added (+2)\n")), "{view}");
    let show = branchwork_in(sandbox, folder, &["show"]).ok();
    assert_eq!((show.stdout.as_str(), show.stderr.as_str()), (view.as_str(), ""));
    let list = branchwork_in(sandbox, folder, &["list"]).ok().stdout;
    let row = list.lines().find(|line| line.starts_with('*')).unwrap_or_default();
    assert_eq!(row.split_whitespace().nth(1), Some(branch), "{list}");
    branchwork_in(sandbox, folder, &["check"]).code(1);
    branchwork_in(sandbox, folder, &["set", "-q", "scope=x", "risk=low"]).ok();
    branchwork_in(sandbox, folder, &["check"]).ok();
    assert_eq!(git_in(sandbox, folder, &["status", "--porcelain"]).stdout, "");
    assert!(
        !git_in(sandbox, folder, &["for-each-ref"])
            .stdout
            .contains("branchwork/")
    );
}
