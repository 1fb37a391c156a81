//! Putting the hooks in and taking them out, and what all commands share.

use super::{on_feat, transcript};
use crate::sandbox::{Sandbox, binary, branchwork_in, entries, run};

/// Everything below a folder with its content, but for git's objects.
fn files(folder: &std::path::Path) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push((path.clone(), std::fs::read(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

#[test]
fn init_and_deinit_leave_what_was_there_byte_for_byte() {
    let sandbox = Sandbox::without_hooks();
    sandbox.write(".git/hooks/post-commit", "#!/bin/sh\necho mine >> mine.log\nexit 0\n");
    sandbox
        .shell("chmod +x .git/hooks/post-commit; echo '[odd]  key=value ;x' >> .git/config")
        .ok();
    let before = files(&sandbox.path("repo/.git"));
    let installed = sandbox.branchwork(["init"]);
    assert_eq!(installed.stdout, "");
    assert!(
        installed.stderr.ends_with(
            ": post-checkout, post-commit, post-rewrite, post-merge, pre-push\n\
             The next branch you make gets its document: git switch -c <name>\n"
        ),
        "{}",
        installed.stderr
    );
    let once = files(&sandbox.path("repo/.git"));
    let again = sandbox.branchwork(["init"]).stderr;
    assert!(again.starts_with("Already installed in "), "{again}");
    assert!(
        files(&sandbox.path("repo/.git")) == once,
        "running it again changes nothing"
    );
    sandbox.branchwork(["deinit"]);
    assert!(
        files(&sandbox.path("repo/.git")) == before,
        "as if it had never been there"
    );
    let run = sandbox.branchwork(["deinit"]);
    assert_eq!(
        run.stderr,
        "The hooks are out; the documents stay: git branchwork list\n"
    );
    // The hook that was there went on working beside ours.
    sandbox.branchwork(["init"]);
    sandbox.git(["switch", "-q", "-c", "feat"]);
    sandbox.commit("a", "a\n", "Add a");
    assert_eq!(sandbox.read("mine.log"), "mine\n");
    assert_eq!(entries(&sandbox.view()), ["[@ada] Add a"]);
}

#[test]
fn a_hook_in_another_language_is_told_what_to_start() {
    let sandbox = Sandbox::without_hooks();
    sandbox.write(".git/hooks/pre-push", "#!/usr/bin/env python3\nprint(1)\n");
    sandbox.shell("chmod +x .git/hooks/pre-push").ok();
    let run = sandbox.try_branchwork(["init"]);
    if run.stderr.contains("git's configuration") {
        return;
    }
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert!(
        run.stderr.contains(
            "/.git/hooks/pre-push' yourself, with its own arguments and input (exit code 1: exit with 1 too):\n    \
             git-branchwork hook pre-push\n"
        ),
        "{}",
        run.stderr
    );
}

#[test]
fn where_git_runs_no_hooks_nothing_is_promised() {
    let sandbox = Sandbox::without_hooks();
    sandbox.git(["worktree", "add", "-q", "../linked", "-b", "linked"]);
    for (value, folder) in [("/dev/null", "repo"), (".git/hooks", "linked")] {
        sandbox.git(["config", "core.hooksPath", value]);
        sandbox.git(["-C", "../linked", "switch", "-q", "--detach"]);
        let run = branchwork_in(&sandbox, folder, &["init"]);
        if run.stderr.contains("git's configuration") {
            return;
        }
        let text = run.code(1).stderr;
        assert!(
            text.starts_with("warning: core.hooksPath switches hooks off here: '"),
            "{text}"
        );
        assert_eq!(
            text.contains(", or make it an absolute path"),
            folder == "linked",
            "{text}"
        );
        assert!(
            !text.contains("add this to") && !text.contains("The next branch you make"),
            "{text}"
        );
        let command = text.lines().find_map(|line| line.strip_prefix("    ")).unwrap();
        sandbox.shell(command).ok();
        branchwork_in(&sandbox, folder, &["init"]).ok();
        branchwork_in(&sandbox, folder, &["deinit"]).ok();
    }
}

#[test]
fn beside_git_lfs_a_whole_file_is_shown() {
    let sandbox = Sandbox::without_hooks();
    sandbox.write(".git/hooks/post-commit", "#!/bin/sh\ngit lfs post-commit \"$@\"\n");
    sandbox.shell("chmod +x .git/hooks/post-commit").ok();
    let run = sandbox.try_branchwork(["init"]);
    if run.stderr.contains("git's configuration") {
        return;
    }
    assert!(
        run.stderr
            .contains("/.git/hooks/post-commit' (git-lfs):\n    #!/bin/sh\n"),
        "{}",
        run.stderr
    );
}

#[test]
fn init_makes_the_current_branchs_document() {
    let sandbox = Sandbox::without_hooks();
    sandbox.git(["switch", "-q", "-c", "feat"]);
    sandbox.commit("a", "a\n", "Before init");
    let run = sandbox.branchwork(["init"]);
    assert!(
        run.stderr
            .ends_with("Created the document of 'feat': .branchwork/CURRENT.md\n"),
        "{}",
        run.stderr
    );
    assert_eq!(entries(&sandbox.view()), ["[@ada] Before init"]);
    let run = sandbox.branchwork(["init"]);
    assert!(
        run.stderr
            .ends_with("The current branch's document: .branchwork/CURRENT.md\n"),
        "{}",
        run.stderr
    );
    assert_eq!(sandbox.branchwork(["init", "--quiet"]).stderr, "");
}

#[test]
fn deinit_keeps_documents_and_purge_puts_them_into_a_bundle() {
    let sandbox = on_feat();
    sandbox.commit("a", "a\n", "Add a");
    sandbox.write(
        ".branchwork/CURRENT.md",
        sandbox.view().replace("## Notes\n", "## Notes\n\nBy hand.\n"),
    );
    sandbox.branchwork(["deinit"]);
    sandbox.commit("b", "b\n", "Add b");
    assert_eq!(
        entries(&sandbox.stored("feat").unwrap()),
        ["[@ada] Add a"],
        "no hook runs any more"
    );
    let text = sandbox.branchwork(["show"]).stdout;
    assert_eq!(entries(&text), ["[@ada] Add a", "[@ada] Add b"]);
    let run = sandbox.branchwork(["deinit", "--purge"]);
    let bundle = run
        .stderr
        .split("saved in '")
        .nth(1)
        .unwrap()
        .split('\'')
        .next()
        .unwrap()
        .to_owned();
    assert!(!sandbox.repo().join(".git/branchwork").exists());
    assert!(!sandbox.repo().join(".branchwork").exists());
    let clone = run
        .stderr
        .split("To read them again: ")
        .nth(1)
        .unwrap()
        .trim()
        .replace("<folder>", "../read.git");
    sandbox.shell(&clone).ok();
    let names = sandbox
        .git(["-C", "../read.git", "for-each-ref", "--format=%(refname)"])
        .stdout;
    let name = names
        .lines()
        .find(|name| name.starts_with("refs/branchwork/docs/feat/"))
        .unwrap();
    let saved = sandbox
        .git(["-C", "../read.git", "show", &format!("{name}:BRANCHWORK.md")])
        .stdout;
    assert_eq!(saved, text);
    assert!(saved.contains("\nBy hand.\n"));
    assert!(std::path::Path::new(&bundle).is_file());
    assert!(
        sandbox
            .branchwork(["deinit", "--purge"])
            .stderr
            .ends_with("There were no documents\n")
    );
}

#[test]
fn hook() {
    let sandbox = on_feat();
    transcript(
        &sandbox,
        &[
            ("git branchwork hook post-commit", 0, "", ""),
            ("git branchwork hook of-the-future a b < /dev/null", 0, "", ""),
            (
                "git branchwork hook pre-push origin ../remote.git < /dev/null",
                0,
                "",
                "",
            ),
            ("git branchwork hook post-checkout a b 0", 0, "", ""),
            (
                "cd .. && git-branchwork hook post-checkout a b 1 2>/dev/null",
                0,
                "",
                "",
            ),
        ],
    );
    let run = sandbox
        .shell("cd .. && git-branchwork hook pre-push x y < /dev/null")
        .code(0);
    assert_eq!(run.stderr, "");
    let run = sandbox.shell("cd .. && git-branchwork hook post-commit").code(0);
    assert!(
        run.stderr.starts_with("branchwork: post-commit: ") && run.stderr.lines().count() == 1,
        "{}",
        run.stderr
    );
    sandbox.try_branchwork(["hook"]).code(0);
}

#[test]
fn options_for_all() {
    let sandbox = on_feat();
    std::fs::create_dir_all(sandbox.path("repo/deep/er")).unwrap();
    let repo = sandbox.repo();
    let outside = |arguments: &[&str]| {
        run(sandbox
            .command(binary())
            .args(arguments)
            .current_dir(sandbox.path("home")))
    };
    assert_eq!(
        outside(&["-C", "../repo/deep/er", "get", "branch.name"]).ok().stdout,
        "feat\n"
    );
    assert_eq!(
        outside(&["-C", "..", "-C", "repo", "get", "branch.name"]).ok().stdout,
        "feat\n"
    );
    assert_eq!(
        outside(&["get", "branch.name", "-C", &repo.display().to_string()])
            .ok()
            .stdout,
        "feat\n"
    );
    let error = outside(&["-C", "../none", "show"]).code(1).stderr;
    assert_eq!(
        error,
        "error: cannot change to '../none': No such file or directory (os error 2)\n"
    );
    let error = outside(&["show"]).code(1).stderr;
    let expected = format!(
        "error: '{}' is not in a git repository, nor is any of its parents\nhint: cd into one, or name it: git branchwork -C <path> …\n",
        sandbox.path("home").display()
    );
    assert_eq!(error, expected);
    // What is written below the top of the work tree goes to its top.
    sandbox
        .shell("cd deep/er && git branchwork log 'From below' && test ! -e .branchwork")
        .ok();
    assert_eq!(entries(&sandbox.view()), ["[@ada] From below"]);
    for (arguments, code) in [
        (&["bogus"][..], 2),
        (&[], 2),
        (&["init", "extra"], 2),
        (&["--version"], 0),
        (&["show", "--help"], 0),
    ] {
        let run = sandbox.try_branchwork(arguments).code(code);
        assert_eq!(run.stdout.is_empty(), code != 0, "{arguments:?}");
        assert_eq!(run.stderr.is_empty(), code == 0, "{arguments:?}");
    }
}

#[test]
fn manual_pages_say_what_options_take() {
    let sandbox = Sandbox::without_hooks();
    for command in ["set", "help"] {
        let help = sandbox.branchwork([command, "--help"]).stdout;
        assert_eq!(sandbox.branchwork(["help", command]).stdout, help);
    }
    assert_eq!(
        sandbox.branchwork(["help"]).stdout,
        sandbox.branchwork(["--help"]).stdout
    );
    for command in ["help", "man"] {
        let run = sandbox.try_branchwork([command, "lsit"]).code(2);
        assert_eq!(
            run.stderr,
            "error: there is no command 'lsit'\nhint: did you mean 'list'?\n"
        );
    }
    let page = sandbox.branchwork(["man"]).stdout;
    assert!(
        page.contains(".SH SYNOPSIS\ngit branchwork [OPTIONS] <COMMAND>\n"),
        "{page}"
    );
    sandbox.branchwork(["man", "--to", "."]);
    let page = sandbox.read("git-branchwork-review.1");
    assert_eq!(sandbox.branchwork(["man", "review"]).stdout, page);
    assert!(
        page.contains(".SH SYNOPSIS\ngit branchwork review [OPTIONS] \\-\\-from <WHO> [FILE]\n"),
        "{page}"
    );
}
