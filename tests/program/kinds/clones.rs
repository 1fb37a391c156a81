//! Clones that do not have everything, and history that is not what the commits say: nothing is fetched, and entries tell
//! what `git log` tells.

use std::path::Path;

use super::{Run, Sandbox, branchwork_in, commit_in, entries, git_in, run, usual_story, view_in};
use crate::sandbox::binary;

/// A remote with a branch `theirs` of three commits on `main`: a file is added, changed, and renamed with a small change.
fn remote_with_work() -> Sandbox {
    let sandbox = Sandbox::without_hooks();
    sandbox.git(["switch", "-q", "-c", "theirs"]);
    let lines: String = (0..40).map(|line| format!("line {line}\n")).collect();
    sandbox.commit("src/long", &lines, "Add it");
    sandbox.commit("src/long", &format!("{lines}more\n"), "Change it");
    sandbox.git(["mv", "src/long", "src/moved"]);
    sandbox.commit("src/moved", &format!("{lines}more\nand more\n"), "Rename it");
    sandbox.git(["push", "-q", "--no-verify", "origin", "theirs"]);
    sandbox.git(["-C", "../remote.git", "config", "uploadpack.allowFilter", "true"]);
    sandbox.write(
        "../bin/git-remote-mark",
        "#!/bin/sh\necho \"$@\" >>\"$FETCHED\"\nexit 1\n",
    );
    run(sandbox.command("chmod").args(["+x", "../bin/git-remote-mark"])).ok();
    sandbox
}

/// A clone with hooks whose remote is then replaced by one that leaves a mark when anything is fetched.
fn clone(sandbox: &Sandbox, folder: &str, options: &[&str]) {
    let url = format!("file://{}", sandbox.path("remote.git").display());
    git_in(sandbox, "", &[&["clone", "-q"], options, &[&url, folder]].concat());
    branchwork_in(sandbox, folder, &["init"]).ok();
    git_in(sandbox, folder, &["remote", "set-url", "origin", "mark::gone"]);
}

/// Runs a program where a fetch leaves a mark; what was fetched.
fn watched(sandbox: &Sandbox, folder: &str, program: &Path, arguments: &[&str]) -> (Run, String) {
    let mark = sandbox.path("fetched");
    let mut command = sandbox.command(program);
    let path = command.get_envs().find(|(name, _)| *name == "PATH").unwrap().1.unwrap();
    let folders = std::env::split_paths(path).chain([sandbox.path("bin")]);
    let path = std::env::join_paths(folders).unwrap();
    command.env("PATH", path).env("FETCHED", &mark);
    let run = run(command.args(arguments).current_dir(sandbox.path(folder)));
    (run, std::fs::read_to_string(&mark).unwrap_or_default())
}

/// Runs the binary and fails the test if anything was fetched.
#[track_caller]
fn without_network(sandbox: &Sandbox, folder: &str, arguments: &[&str]) -> Run {
    let (run, fetched) = watched(sandbox, folder, binary(), arguments);
    assert_eq!(fetched, "", "{}", run.command);
    run
}

/// Makes a document of a branch that is on the remote, which is asked once whether it has one, and for nothing that is not here.
#[track_caller]
fn create(sandbox: &Sandbox, folder: &str, arguments: &[&str]) {
    let (run, fetched) = watched(sandbox, folder, binary(), &[&["create", "-q"], arguments].concat());
    assert_eq!(fetched, "origin gone\n", "{}", run.command);
    run.ok();
    std::fs::remove_file(sandbox.path("fetched")).unwrap();
}

/// The lines that tell of files, entry by entry.
fn files(document: &str) -> Vec<String> {
    let told =
        |line: &&str| line.starts_with("- Files changed") || line.starts_with("  - `") || line.starts_with("- No");
    document.lines().filter(told).map(str::to_owned).collect()
}

#[test]
fn a_partial_clone_fetches_nothing() {
    for filter in ["blob:none", "tree:0"] {
        for format in super::reftable::formats() {
            let sandbox = remote_with_work();
            let folder = "partial";
            let option = format!("--ref-format={format}");
            let format = (format != "files").then_some(option.as_str());
            let filter = format!("--filter={filter}");
            let options: Vec<&str> = [filter.as_str()].into_iter().chain(format).collect();
            clone(&sandbox, folder, &options);
            // Git asks the remote for what is not here, and that is seen.
            let missing = ["cat-file", "-p", "origin/theirs~1:src/long"];
            let (_, fetched) = watched(&sandbox, folder, Path::new("git"), &missing);
            assert_ne!(fetched, "");
            std::fs::remove_file(sandbox.path("fetched")).unwrap();
            usual_story(&sandbox, folder, "mine");
            without_network(&sandbox, folder, &["hook", "post-commit"]).ok();
            // Somebody else's commits, of which the files or even the folders are not here.
            git_in(&sandbox, folder, &["branch", "-q", "copy", "origin/theirs"]);
            create(&sandbox, folder, &["-b", "copy", "--base", "main"]);
            let shown = without_network(&sandbox, folder, &["show", "-b", "copy"]).ok().stdout;
            assert_eq!(
                entries(&shown),
                ["[@ada] Add it", "[@ada] Change it", "[@ada] Rename it"]
            );
            let told = files(&shown);
            match filter.as_str() {
                "--filter=blob:none" => assert_eq!(
                    told,
                    [
                        "- Files changed (1 file):",
                        "  - `src/long` - added",
                        "- Files changed (1 file):",
                        "  - `src/long` - modified",
                        "- Files changed (2 files; renames not looked for):",
                        "  - `src/long` - deleted",
                        "  - `src/moved` - added",
                    ],
                    "{shown}"
                ),
                _ => {
                    let unknown = "- Changed files are unknown: they are not in this partial clone\n";
                    assert_eq!((told.len(), shown.matches(unknown).count()), (0, 3), "{shown}");
                }
            }
            assert!(!shown.contains("error") && !shown.contains("Error"), "{shown}");
            let again = without_network(&sandbox, folder, &["hook", "post-checkout", "0", "0", "1"]).ok();
            assert_eq!(again.stderr, "");
        }
    }
}

#[test]
fn a_shallow_clone_and_what_it_becomes() {
    let sandbox = remote_with_work();
    clone(
        &sandbox,
        "shallow",
        &["--depth=2", "--no-single-branch", "--branch=theirs"],
    );
    // Somebody else's branch gets no document unasked.
    assert_eq!(view_in(&sandbox, "shallow"), "");
    create(&sandbox, "shallow", &[]);
    let view = view_in(&sandbox, "shallow");
    assert_eq!(entries(&view), ["[@ada] Change it", "[@ada] Rename it"]);
    assert_eq!(files(&view).len(), 2, "{view}");
    assert!(view.contains("shallow clone"), "{view}");
    let amend = git_in(
        &sandbox,
        "shallow",
        &["commit", "-q", "--amend", "-m", "Rename it, better"],
    );
    assert_eq!(amend.stderr, "");
    let view = view_in(&sandbox, "shallow");
    assert_eq!(entries(&view), ["[@ada] Change it", "[@ada] Rename it, better"]);
    // The boundary itself is amended: to git it is a commit without parents.
    git_in(&sandbox, "shallow", &["switch", "-q", "-c", "edge", "origin/theirs~1"]);
    sandbox.wait(1);
    let amend = git_in(
        &sandbox,
        "shallow",
        &["commit", "-q", "--amend", "-m", "Change it, better"],
    );
    assert_eq!(amend.stderr, "");
    assert_eq!(entries(&view_in(&sandbox, "shallow")), ["[@ada] Change it, better"]);
    usual_story(&sandbox, "shallow", "mine");
    // With the whole history nothing is told twice.
    git_in(&sandbox, "shallow", &["switch", "-q", "theirs"]);
    git_in(&sandbox, "shallow", &["remote", "set-url", "origin", "../remote.git"]);
    git_in(&sandbox, "shallow", &["fetch", "-q", "--unshallow"]);
    commit_in(&sandbox, "shallow", "b", "After that");
    let titles = ["[@ada] Change it", "[@ada] Rename it, better", "[@ada] After that"];
    let told: Vec<String> = entries(&view_in(&sandbox, "shallow"));
    assert_eq!(
        told.iter().filter(|title| titles.contains(&title.as_str())).count(),
        3,
        "{told:?}"
    );
}

#[test]
fn a_clone_that_borrows_its_objects() {
    let sandbox = remote_with_work();
    git_in(&sandbox, "", &["clone", "-q", "--shared", "remote.git", "shared"]);
    branchwork_in(&sandbox, "shared", &["init"]).ok();
    usual_story(&sandbox, "shared", "mine");
    git_in(&sandbox, "shared", &["branch", "-q", "copy", "origin/theirs"]);
    branchwork_in(&sandbox, "shared", &["create", "-b", "copy", "--base", "main"]).ok();
    let shown = branchwork_in(&sandbox, "shared", &["show", "-b", "copy"]).ok().stdout;
    assert_eq!(
        files(&shown).last().unwrap(),
        "  - `src/long` → `src/moved` - renamed (+1/-0)",
        "{shown}"
    );
}

/// What `git log` tells of history that was replaced, the entries tell: other parents, and another message.
#[test]
fn replaced_and_grafted_history() {
    for format in super::reftable::formats() {
        for way in ["replace", "grafts"] {
            let sandbox = super::reftable::begin(format);
            let root = sandbox.id("HEAD");
            sandbox.git(["config", "advice.graftFileDeprecated", "false"]);
            sandbox.git(["switch", "-q", "-c", "feat"]);
            let first = sandbox.commit("a", "a\n", "First");
            sandbox.commit("b", "b\n", "Second");
            let third = sandbox.commit("c", "c\n", "Third");
            // The second is cut out, and the third stands on the first.
            match way {
                "replace" => drop(sandbox.git(["replace", "--graft", &third, &first])),
                _ => sandbox.write(".git/info/grafts", format!("{third} {first}\n{root}\n")),
            }
            let log = sandbox.git(["log", "--reverse", "--format=[@ada] %s", "main..feat"]);
            assert_eq!(log.stdout, "[@ada] First\n[@ada] Third\n");
            sandbox.git_without_hooks(["switch", "-q", "-c", "copy", "--no-track", "feat"]);
            sandbox.branchwork(["create", "--base", "main"]);
            let view = sandbox.view();
            assert_eq!(
                entries(&view),
                ["[@ada] First", "[@ada] Third"],
                "{format} {way}: {view}"
            );
            // As `git show --stat` has it, the third now brings what the second brought.
            let told = [
                "- Files changed (2 files, +2/-0):",
                "  - `b` - added (+1)",
                "  - `c` - added (+1)",
            ];
            assert_eq!(files(&view)[2..], told, "{format} {way}: {view}");
            commit_in(&sandbox, "repo", "d", "Fourth");
            sandbox.wait(1);
            sandbox.git(["commit", "-q", "--amend", "-m", "Fourth, better"]);
            assert_eq!(entries(&sandbox.view())[2..], ["[@ada] Fourth, better"]);
            // An entry that is there stays what it was.
            sandbox.git(["switch", "-q", "feat"]);
            assert_eq!(
                entries(&sandbox.view()),
                ["[@ada] First", "[@ada] Second", "[@ada] Third"]
            );
            // Without replacements the commits say what they always said.
            if way == "replace" {
                let mut command = sandbox.command(binary());
                sandbox.git_without_hooks(["branch", "-q", "plain", "feat"]);
                run(command
                    .args(["create", "-b", "plain", "--base", "main"])
                    .env("GIT_NO_REPLACE_OBJECTS", "1"))
                .ok();
                let shown = sandbox.branchwork(["show", "-b", "plain"]).stdout;
                assert_eq!(entries(&shown), ["[@ada] First", "[@ada] Second", "[@ada] Third"]);
            }
        }
    }
}
