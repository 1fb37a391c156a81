//! What `doctor` finds, what it says to do, and what `--fix` does.
//!
//! Not here: real hook managers (tests/peers).

use std::path::Path;

use super::on_feat;
use crate::sandbox::{Sandbox, binary, run};

/// Whether the hooks are configuration here.
fn by_config(sandbox: &Sandbox) -> bool {
    !sandbox.path("repo/.git/hooks/pre-push").exists()
}

/// What is wrong, each with what mends it. The exit code agrees.
#[track_caller]
fn wrong(sandbox: &Sandbox, arguments: &[&str]) -> Vec<(String, String)> {
    let run = sandbox.try_branchwork([&["doctor"], arguments].concat());
    let found = findings(&run.stdout, "wrong");
    assert_eq!(run.code, i32::from(!found.is_empty()), "{}{}", run.stdout, run.stderr);
    found
}

fn findings(report: &str, mark: &str) -> Vec<(String, String)> {
    let lines: Vec<&str> = report.lines().chain([""]).collect();
    let of = |pair: &[&str]| {
        let what = pair[0].strip_prefix(mark)?.trim_start().to_owned();
        let fix = pair[1].strip_prefix("       fix: ");
        Some((what, fix.unwrap_or_else(|| panic!("no fix: {report}")).to_owned()))
    };
    lines.windows(2).filter_map(of).collect()
}

fn pair(what: impl Into<String>, fix: impl Into<String>) -> (String, String) {
    (what.into(), fix.into())
}

/// `doctor --fix` mends all of it; what it says it has mended.
#[track_caller]
fn mended(sandbox: &Sandbox) -> Vec<String> {
    let run = sandbox.branchwork(["doctor", "--fix"]);
    assert_eq!(run.stderr, "");
    assert_eq!(wrong(sandbox, &[]), []);
    assert_eq!(sandbox.branchwork(["doctor", "-q"]).stdout, "");
    let fixed = run.stdout.lines().filter_map(|line| line.strip_prefix("fixed  "));
    fixed.map(str::to_owned).collect()
}

#[test]
fn what_is_right_and_what_is_not() {
    let sandbox = on_feat();
    let right = sandbox.branchwork(["doctor"]);
    assert!(
        right.stdout.starts_with("ok     the hooks are installed (git "),
        "{}",
        right.stdout
    );
    assert!(
        right
            .stdout
            .ends_with("ok     the store is whole, documents in it: 1\n"),
        "{}",
        right.stdout
    );
    assert_eq!(right.stdout.matches("wrong").count(), 0);

    sandbox.write(".branchwork.yml", "exclud: []\ntemplate: none.md\n");
    let wrong = sandbox.try_branchwork(["doctor"]).code(1).stdout;
    let quiet = sandbox.try_branchwork(["doctor", "-q"]).code(1).stdout;
    assert!(quiet.starts_with("wrong  ") && !quiet.contains("ok  "), "{quiet}");
    assert_eq!(findings(&quiet, "wrong"), findings(&wrong, "wrong"));
    assert!(
        wrong.contains(
            "wrong  .branchwork.yml: 'exclud' is not a key of the policy\n       fix: git branchwork check\n"
        ),
        "{wrong}"
    );
    assert!(
        wrong.contains("wrong  cannot use the template 'none.md' that .branchwork.yml names: it is not there\n"),
        "{wrong}"
    );
    std::fs::remove_file(sandbox.path("repo/.branchwork.yml")).unwrap();

    sandbox.git(["add", "-f", ".branchwork/CURRENT.md"]);
    sandbox.git(["commit", "-q", "-m", "Tracked by mistake"]);
    let wrong = sandbox.try_branchwork(["doctor"]).code(1).stdout;
    assert!(wrong.contains("wrong  '.branchwork/CURRENT.md' is tracked by git\n       fix: git rm --cached .branchwork/CURRENT.md, then commit\n"), "{wrong}");
    sandbox.git(["rm", "-q", "--cached", ".branchwork/CURRENT.md"]);
    sandbox.git(["commit", "-q", "-m", "Not any more"]);
    sandbox.branchwork(["doctor"]);

    sandbox.branchwork(["deinit"]);
    let wrong = sandbox.try_branchwork(["doctor"]).code(1).stdout;
    assert!(
        wrong.starts_with("wrong  the hooks are not installed\n       fix: git branchwork init\nok "),
        "{wrong}"
    );
    let alone = run(sandbox.command(binary()).arg("doctor").env("PATH", "/usr/bin:/bin"))
        .code(1)
        .stdout;
    assert!(
        alone.contains("wrong  `git branchwork` finds no git-branchwork on PATH\n"),
        "{alone}"
    );
}

#[test]
fn a_hook_that_is_switched_off_anywhere() {
    let sandbox = on_feat();
    if !by_config(&sandbox) {
        return;
    }
    let key = "hook.branchwork.post-commit.enabled";
    sandbox.git(["config", "--global", key, "no"]);
    let file = sandbox.path("gitconfig").display().to_string();
    let what = format!("the post-commit hook is switched off: {key} = false in '{file}'");
    let fix = format!("git config --file '{file}' --unset {key}");
    assert_eq!(wrong(&sandbox, &[]), [pair(what.clone(), fix.clone())]);
    // A person has decided so.
    assert_eq!(wrong(&sandbox, &["--fix"]), [pair(what, fix.clone())]);
    sandbox.shell(&fix).ok();
    assert_eq!(wrong(&sandbox, &[]), []);
    let run = sandbox.shell(&format!("git -c {key}=false branchwork doctor")).code(1);
    assert!(
        run.stdout.contains("in the environment or on the command line"),
        "{}",
        run.stdout
    );
}

#[test]
fn hook_files_that_git_does_not_get_to() {
    let sandbox = on_feat();
    if by_config(&sandbox) {
        return;
    }
    let hooks = sandbox.path("repo/.git/hooks");
    let hooks = hooks.display();
    sandbox.shell("chmod -x .git/hooks/pre-push").ok();
    let not_executable = format!("the pre-push hook is not run: '{hooks}/pre-push' is not executable");
    assert_eq!(
        wrong(&sandbox, &[]),
        [pair(not_executable.clone(), "git branchwork init")]
    );
    assert_eq!(mended(&sandbox), [not_executable]);

    sandbox
        .shell("cd .git/hooks && for hook in post-commit pre-push; do mv $hook $hook.old; done")
        .ok();
    let moved = format!("the hooks post-commit, pre-push are not run: our files were moved to '*.old' in '{hooks}'");
    assert_eq!(wrong(&sandbox, &[]), [pair(moved.clone(), "git branchwork init")]);
    assert_eq!(mended(&sandbox), [moved]);

    for (value, file) in [("/dev/null", "repo/.git/config"), ("../elsewhere", "gitconfig")] {
        let file = sandbox.path(file);
        sandbox
            .shell(&format!(
                "git config --file '{}' core.hooksPath {value}",
                file.display()
            ))
            .ok();
        let looks = match value.starts_with('/') {
            true => Path::new(value).to_owned(),
            false => sandbox.path("elsewhere"),
        };
        let what = format!(
            "the hooks are not run: they are in '{hooks}', and git looks in '{}' (core.hooksPath in '{}')",
            looks.display(),
            file.display()
        );
        let fix = "git branchwork init, and do what it prints";
        assert_eq!(wrong(&sandbox, &["--fix"]), [pair(what, fix)]);
        sandbox
            .shell(&format!(
                "git config --file '{}' --unset core.hooksPath",
                file.display()
            ))
            .ok();
    }
    assert_eq!(wrong(&sandbox, &[]), []);
}

#[test]
fn a_line_of_a_persons_own() {
    let sandbox = on_feat();
    let hook = ".git/hooks/post-commit";
    let config = by_config(&sandbox);
    sandbox.write(hook, "#!/bin/sh\ngit-branchwork hook post-commit \"$@\"\n");
    sandbox.shell(&format!("chmod +x {hook}")).ok();
    let file = sandbox.path("repo").join(hook);
    let file = file.display();
    if config {
        let what = format!("the post-commit hook is run twice: '{file}' starts git-branchwork too");
        assert_eq!(
            wrong(&sandbox, &[]),
            [pair(what, format!("take the line out of '{file}'"))]
        );
        return;
    }
    let run = sandbox.branchwork(["doctor"]);
    assert!(
        run.stdout.starts_with("ok     the hooks are installed (git "),
        "{}",
        run.stdout
    );
    assert!(
        run.stdout.contains(&format!(", by hand in '{file}'\n")),
        "{}",
        run.stdout
    );
    let notes = findings(&run.stdout, "note");
    assert!(
        notes[0]
            .0
            .starts_with(&format!("'{file}' starts git-branchwork by name")),
        "{notes:?}"
    );
    sandbox.shell(&format!("chmod -x {hook}")).ok();
    let folder = sandbox.path("repo/.git/hooks");
    let what = format!(
        "the post-commit hook is not run: git does not get to what is written for that in '{}'",
        folder.display()
    );
    let found = wrong(&sandbox, &["--fix"]);
    assert_eq!(found, [pair(what, format!("chmod +x '{file}'"))]);
    sandbox.shell(&found[0].1).ok();
    assert_eq!(wrong(&sandbox, &[]), []);
}

#[test]
fn another_work_tree_whose_hooks_git_does_not_get_to() {
    let sandbox = on_feat();
    if by_config(&sandbox) {
        return;
    }
    sandbox.git(["worktree", "add", "-q", "../linked", "-b", "linked"]);
    assert_eq!(wrong(&sandbox, &[]), []);
    sandbox.git(["config", "extensions.worktreeConfig", "true"]);
    sandbox.git(["-C", "../linked", "config", "--worktree", "core.hooksPath", "/dev/null"]);
    let found = wrong(&sandbox, &["--fix"]);
    let start = format!(
        "in the work tree '{}': the hooks are not run: they are in '",
        sandbox.path("linked").display()
    );
    assert!(found.len() == 1 && found[0].0.starts_with(&start), "{found:?}");
    assert!(found[0].1.starts_with("there: git branchwork init"), "{found:?}");
}

#[test]
fn an_older_git_beside_one_with_hooks_in_its_configuration() {
    let mut sandbox = on_feat();
    let config = by_config(&sandbox);
    sandbox.write("../old/git", "#!/bin/sh\necho git version 2.30.2\n");
    sandbox.shell("chmod +x ../old/git").ok();
    let old = sandbox.path("old");
    // Not first on PATH: git itself is looked for there.
    sandbox.look_in([sandbox.path("bin"), old.clone()]);
    let git = sandbox.shell("PATH=${PATH#*:*:} command -v git").ok().line().to_owned();
    sandbox.shell(&format!("mkdir ../bin && ln -s '{git}' ../bin/git")).ok();
    let report = sandbox.branchwork(["doctor"]).stdout;
    let what = format!(
        "'{}' is git 2.30.2, to which hooks in the configuration mean nothing",
        old.join("git").display()
    );
    let noted = findings(&report, "note")
        .iter()
        .any(|(note, _)| note.starts_with(&what));
    assert_eq!(noted, config, "{report}");
}

#[test]
fn a_configuration_that_is_locked() {
    let sandbox = on_feat();
    sandbox.write(".git/config.lock", "");
    let lock = sandbox.path("repo/.git/config.lock");
    let fix = format!("if no git is running: rm '{}'", lock.display());
    let config = sandbox.path("repo/.git/config");
    let what = format!(
        "'{}' cannot be changed: there is a lock '{}'",
        config.display(),
        lock.display()
    );
    assert_eq!(wrong(&sandbox, &["--fix"]), [pair(what, fix)]);
    assert!(lock.exists(), "it may be a running git's");
}

#[test]
fn views_that_are_missing_or_of_another_branch() {
    let sandbox = on_feat();
    sandbox.commit("a", "a\n", "Add a");
    let feat = sandbox.view();
    std::fs::remove_file(sandbox.path("repo/.branchwork/CURRENT.md")).unwrap();
    let view = sandbox.path("repo/.branchwork/CURRENT.md");
    let missing = format!("the view '{}' is missing", view.display());
    assert_eq!(
        wrong(&sandbox, &[]),
        [pair(missing.clone(), "git branchwork doctor --fix")]
    );
    assert!(!view.exists(), "without --fix nothing is changed");
    assert_eq!(mended(&sandbox), [missing]);
    assert_eq!(sandbox.view(), feat);

    // A hand edit in the view of another branch goes where it belongs.
    sandbox.git(["switch", "-q", "-c", "other"]);
    let edited = sandbox.view().replace("## Notes\n", "## Notes\n\nBy hand.\n");
    sandbox.write(".branchwork/CURRENT.md", edited);
    sandbox.git_without_hooks(["switch", "-q", "feat"]);
    let other = format!("the view '{}' does not show the document of 'feat'", view.display());
    assert_eq!(mended(&sandbox), [other]);
    assert_eq!(sandbox.view(), sandbox.stored("feat").unwrap());
    assert!(sandbox.stored("other").unwrap().contains("\nBy hand.\n"));

    std::fs::remove_file(sandbox.path("repo/.branchwork/.gitignore")).unwrap();
    assert_eq!(
        mended(&sandbox),
        ["'.branchwork' has lost its .gitignore, so that git shows it"]
    );
    assert_eq!(sandbox.git(["status", "--porcelain"]).stdout, "");
}

#[test]
fn a_view_that_was_left_on_a_branch_without_a_document() {
    let sandbox = on_feat();
    sandbox.git_without_hooks(["switch", "-q", "main"]);
    let edited = sandbox.view().replace("## Notes\n", "## Notes\n\nBy hand.\n");
    sandbox.write(".branchwork/CURRENT.md", &edited);
    let view = sandbox.path("repo/.branchwork/CURRENT.md");
    let left = format!("the view '{}' shows a document, and 'main' has none", view.display());
    assert_eq!(mended(&sandbox), [left]);
    assert!(!view.exists());
    assert!(sandbox.stored("feat").unwrap().contains("By hand."));
    assert_eq!(wrong(&sandbox, &[]), []);
    // One that belongs to nobody any more is no view of ours.
    sandbox.write(".branchwork/CURRENT.md", &edited);
    assert_eq!(wrong(&sandbox, &[]), []);
}

#[test]
fn a_view_that_is_tracked_in_any_work_tree() {
    let sandbox = on_feat();
    sandbox.git(["worktree", "add", "-q", "../linked", "-b", "linked"]);
    sandbox.git(["-C", "../linked", "add", "-f", ".branchwork"]);
    let linked = sandbox.path("linked");
    let what = format!(
        "'{}/.branchwork/.gitignore', '.branchwork/CURRENT.md' is tracked by git",
        linked.display()
    );
    let fix = format!(
        "git -C '{}' rm --cached .branchwork/.gitignore .branchwork/CURRENT.md, then commit",
        linked.display()
    );
    let before = std::fs::read(linked.join(".branchwork/CURRENT.md")).unwrap();
    let found = wrong(&sandbox, &["--fix"]);
    assert_eq!(found, [pair(what, fix)]);
    assert_eq!(std::fs::read(linked.join(".branchwork/CURRENT.md")).unwrap(), before);
    sandbox.shell(found[0].1.trim_end_matches(", then commit")).ok();
    assert_eq!(wrong(&sandbox, &[]), []);
}

#[test]
fn what_killed_runs_left_behind() {
    let sandbox = on_feat();
    let left = [
        ".git/branchwork-new-a1/HEAD",
        ".git/branchwork/objects/tmp_obj_a1",
        ".git/branchwork-view-a1",
        ".git/hooks/.branchwork-a1",
    ];
    for file in left {
        sandbox.write(file, "x");
    }
    let before = (sandbox.view(), sandbox.store(["for-each-ref"]).stdout);
    let run = sandbox.branchwork(["doctor"]);
    let note = findings(&run.stdout, "note")
        .into_iter()
        .find(|(what, _)| what.contains("killed"));
    let (what, fix) = note.unwrap_or_else(|| panic!("{}", run.stdout));
    assert!(what.starts_with("killed runs left 4 files behind, such as '"), "{what}");
    sandbox.shell(&fix).ok();
    assert!(left.iter().all(|file| !sandbox.path("repo").join(file).exists()));
    assert!(!sandbox.branchwork(["doctor"]).stdout.contains("killed"));
    assert_eq!((sandbox.view(), sandbox.store(["for-each-ref"]).stdout), before);
}

#[test]
fn branches_and_documents_without_each_other() {
    let sandbox = on_feat();
    sandbox.git(["switch", "-q", "-c", "gone"]);
    sandbox.git(["switch", "-q", "main"]);
    sandbox.git(["branch", "-q", "-D", "gone"]);
    for n in 1..8 {
        sandbox.git(["branch", "-q", &format!("new-{n}")]);
    }
    let report = sandbox.branchwork(["doctor"]).stdout;
    let notes: Vec<_> = findings(&report, "note")
        .into_iter()
        .filter(|(what, _)| what.contains("branch"))
        .collect();
    assert!(
        notes.contains(&pair(
            "branches without a document: 'new-1', 'new-2', 'new-3', 'new-4', 'new-5' and 2 more",
            "git branchwork create -b new-1"
        )),
        "{report}"
    );
    let kept = "documents whose branch is gone, which are kept: 'gone'";
    assert!(notes.contains(&pair(kept, "git branchwork show -b gone")), "{report}");
    // One whose document was archived is to have none, until it is gone on with.
    sandbox.git(["branch", "-q", "done", "feat"]);
    sandbox.branchwork(["create", "-q", "-b", "done"]);
    sandbox.branchwork(["archive", "-q", "done"]);
    let report = sandbox.branchwork(["doctor"]).stdout;
    assert!(!report.contains("'done'") && report.contains("'new-1'"), "{report}");
    // A branch that was renamed has its document, also before anything has looked.
    sandbox.git_without_hooks(["branch", "-q", "-m", "feat", "renamed"]);
    let report = sandbox.branchwork(["doctor"]).stdout;
    assert!(!report.contains("'renamed'") && !report.contains("'feat'"), "{report}");
    for (_, fix) in notes.iter().filter(|(_, fix)| fix.contains("-b ")) {
        sandbox.shell(fix).ok();
    }
}

#[test]
fn a_ref_that_a_power_cut_left_empty_hurts_one_document() {
    let sandbox = on_feat();
    sandbox.git(["switch", "-q", "-c", "other"]);
    let file = sandbox
        .shell("find .git/branchwork/refs/branchwork/docs/feat -type f")
        .ok()
        .line()
        .to_owned();
    let version = sandbox.read(&file);
    sandbox.write(&file, "");
    let list = sandbox.branchwork(["list"]);
    assert!(
        list.stdout.contains("other") && !list.stdout.contains("feat"),
        "{}",
        list.stdout
    );
    assert_eq!(
        list.stderr,
        "warning: the document of 'feat' cannot be read: its ref is damaged, and is passed over; git branchwork doctor\n"
    );
    let found = wrong(&sandbox, &["--fix"]);
    let name = file.strip_prefix(".git/branchwork/").unwrap();
    let what = format!("the document of 'feat' cannot be read: '{name}' in the store is damaged");
    assert!(found.len() == 1 && found[0].0 == what, "{found:?}");
    let remove = found[0].1.split(", and").next().unwrap();
    sandbox.shell(remove).ok();
    let lost = found[0]
        .1
        .split("what it said: ")
        .nth(1)
        .unwrap()
        .split(", then")
        .next()
        .unwrap();
    assert!(sandbox.shell(lost).ok().stdout.contains(version.trim()));
    sandbox.git(["switch", "-q", "feat"]);
    assert_eq!(wrong(&sandbox, &[]), []);
    assert_eq!(sandbox.branchwork(["list"]).stderr, "");
}

#[test]
fn a_store_that_is_damaged() {
    let sandbox = on_feat();
    sandbox.commit("a", "a\n", "Add a");
    let objects =
        "find .git/branchwork/objects -type f | while read -r file; do chmod u+w \"$file\"; echo x >\"$file\"; done";
    sandbox.shell(objects).ok();
    let found = wrong(&sandbox, &["--fix"]);
    assert!(
        found.iter().any(|(what, _)| what.starts_with("the store is damaged: ")),
        "{found:?}"
    );
    std::fs::remove_file(sandbox.path("repo/.git/branchwork/HEAD")).unwrap();
    let found = wrong(&sandbox, &["--fix"]);
    let path = sandbox.path("repo/.git/branchwork");
    let path = path.display();
    assert_eq!(
        found[0],
        pair(
            format!("the store '{path}' is damaged: it has no file 'HEAD'"),
            format!("put '{path}' back from a backup, or move it away to begin anew; what views show stays")
        )
    );
}

#[test]
fn a_store_that_git_takes_for_none() {
    let sandbox = on_feat();
    let head = sandbox.path("repo/.git/branchwork/HEAD");
    std::fs::write(&head, "garbage\n").unwrap();
    let store = sandbox.path("repo/.git/branchwork");
    let what = format!("the store '{}' is damaged: 'HEAD' in it names no ref", store.display());
    let found = wrong(&sandbox, &["--fix"]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].0, what);
    for arguments in [&["sync"][..], &["sync", "--all"], &["doctor", "--remote"]] {
        let run = sandbox.try_branchwork(arguments).code(1);
        assert!(run.stderr.contains(&what), "{arguments:?} {}", run.stderr);
    }
    // The branch is not held back, nor is any text.
    sandbox.commit("a", "a\n", "Add a");
    sandbox.branchwork(["set", "-q", "scope=a", "risk=low"]);
    let run = sandbox.branchwork(["push"]);
    assert!(
        run.stderr.contains("Pushed 'feat'") && run.stderr.contains(&what),
        "{}",
        run.stderr
    );
    // What it says to do mends it.
    let command = found[0].1.strip_prefix("write it anew: ").unwrap();
    sandbox.shell(command).ok();
    assert_eq!(std::fs::read_to_string(&head).unwrap(), "ref: refs/heads/none\n");
    assert_eq!(wrong(&sandbox, &[]), []);
    sandbox.branchwork(["sync"]);
    assert_eq!(sandbox.stored("feat").unwrap(), sandbox.view());
}

#[test]
fn a_store_without_its_refs_is_not_taken_for_an_empty_one() {
    let sandbox = on_feat();
    let view = sandbox.view();
    let store = sandbox.path("repo/.git/branchwork");
    std::fs::rename(store.join("refs"), sandbox.path("refs")).unwrap();
    let what = format!("the store '{}' is damaged: it has no folder 'refs'", store.display());
    assert_eq!(wrong(&sandbox, &["--fix"])[0].0, what);
    let said = sandbox.git(["commit", "-q", "--allow-empty", "-m", "More"]).stderr;
    assert!(said.contains(&what), "{said}");
    assert_eq!(sandbox.view(), view);
    std::fs::rename(sandbox.path("refs"), store.join("refs")).unwrap();
    assert_eq!(wrong(&sandbox, &[]), []);
    sandbox.git(["commit", "-q", "--allow-empty", "-m", "And more"]);
    assert_eq!(crate::sandbox::entries(&sandbox.view()).len(), 2);
}

#[test]
fn settings_that_mean_nothing() {
    let sandbox = on_feat();
    for (key, good, odd, fix) in [
        (
            "branchwork.sync",
            ["on-push", "by-hand"],
            "maybe",
            "on-push, or by-hand",
        ),
        ("branchwork.syncTimeout", ["0", "30"], "10s", "10"),
    ] {
        for value in good {
            sandbox.git(["config", key, value]);
            assert_eq!(wrong(&sandbox, &[]), []);
        }
        sandbox.git(["config", key, odd]);
        let what = format!("'{odd}' is no value that '{key}' can have");
        assert_eq!(wrong(&sandbox, &[]), [pair(what, format!("git config {key} {fix}"))]);
        sandbox.git(["config", "--unset", key]);
    }
}
