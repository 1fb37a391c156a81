//! Git directories, work trees and configuration that are not where they usually are, and whoever owns them.

use std::path::Path;
use std::process::Command;

use super::{Sandbox, branchwork_in, commit_in, edit_by_hand, entries, field, git_in, told_in, usual_story, view_in};
use crate::sandbox::{Run, run, skip};

/// A line of shell in a folder of the sandbox with variables set, a minute later; it must succeed.
#[track_caller]
fn with_variables(sandbox: &Sandbox, folder: &str, variables: &[(&str, &Path)], line: &str) -> Run {
    sandbox.wait(1);
    let mut command = sandbox.command("sh");
    command.args(["-c", line]).current_dir(sandbox.path(folder));
    run(command.envs(variables.iter().copied())).ok()
}

/// Makes the branch `feat`, commits, and changes the document, all with the variables set.
#[track_caller]
fn told_with(sandbox: &Sandbox, folder: &str, variables: &[(&str, &Path)], view: &Path) {
    let line = "git switch -q -c feat && git commit -q --allow-empty -m 'By variables' && git branchwork log -q 'Logged' \
                && git-branchwork set -q scope=x risk=low && git branchwork check 2>/dev/null && git branchwork show";
    let told = with_variables(sandbox, folder, variables, line);
    let made = "branchwork: created the document of 'feat': .branchwork/CURRENT.md\n";
    assert_eq!(told.stderr, made);
    assert_eq!(entries(&told.stdout), ["[@ada] By variables", "[@ada] Logged"]);
    assert_eq!(std::fs::read_to_string(view).unwrap_or_default(), told.stdout);
}

#[test]
fn named_by_variables() {
    for relative in [false, true] {
        let sandbox = Sandbox::new();
        let path = |name: &str| match relative {
            true => Path::new("..").join(name),
            false => sandbox.path(name),
        };
        let (git_dir, work_tree) = (path("repo/.git"), path("repo"));
        let variables = [("GIT_DIR", git_dir.as_path()), ("GIT_WORK_TREE", work_tree.as_path())];
        told_with(
            &sandbox,
            "home",
            &variables,
            &sandbox.path("repo/.branchwork/CURRENT.md"),
        );
        assert!(!sandbox.path("home/.branchwork").exists());
        assert_eq!(git_in(&sandbox, "repo", &["status", "--porcelain"]).stdout, "");
    }
}

#[test]
fn a_linked_work_tree_that_is_named_by_variables() {
    let sandbox = Sandbox::new();
    sandbox.git(["worktree", "add", "-q", "-b", "there", "../there"]);
    let (git_dir, common_dir) = (sandbox.path("repo/.git/worktrees/there"), sandbox.path("repo/.git"));
    let variables = [("GIT_DIR", git_dir.as_path()), ("GIT_COMMON_DIR", common_dir.as_path())];
    told_with(
        &sandbox,
        "there",
        &variables,
        &sandbox.path("there/.branchwork/CURRENT.md"),
    );
    assert_eq!(view_in(&sandbox, "repo"), "");
}

/// gix does not know the variable, so another common directory than the one that it finds is refused before anything is read.
#[test]
fn a_common_directory_that_only_a_variable_names() {
    let sandbox = Sandbox::new();
    sandbox.git(["switch", "-q", "-c", "feat"]);
    sandbox.git(["init", "-q", "../other"]);
    let (git_dir, common_dir) = (sandbox.path("repo/.git"), sandbox.path("other/.git"));
    let variables = [("GIT_DIR", git_dir.as_path()), ("GIT_COMMON_DIR", common_dir.as_path())];
    let before = (sandbox.view(), sandbox.store(["for-each-ref"]).stdout);
    let line = "git-branchwork hook post-checkout 0 0 1; git-branchwork hook post-commit; ! git-branchwork log Wrong";
    let said = with_variables(&sandbox, "repo", &variables, line).stderr;
    assert_eq!(
        (said.lines().count(), said.matches("GIT_COMMON_DIR").count()),
        (4, 4),
        "{said}"
    );
    assert_eq!((sandbox.view(), sandbox.store(["for-each-ref"]).stdout), before);
    assert!(!sandbox.path("other/.git/branchwork").exists());
}

/// A git directory beside the files of a home folder, by configuration, and bare with options at each call.
#[test]
fn a_work_tree_that_is_configured_or_given() {
    for bare in [false, true] {
        let sandbox = Sandbox::without_hooks();
        std::fs::create_dir_all(sandbox.path("files/below")).unwrap();
        git_in(
            &sandbox,
            "files",
            &["clone", "-q", "--bare", "../remote.git", "../dots.git"],
        );
        let git_dir = sandbox.path("dots.git");
        let work_tree = sandbox.path("files");
        let mut variables = vec![("GIT_DIR", git_dir.as_path())];
        match bare {
            true => variables.push(("GIT_WORK_TREE", work_tree.as_path())),
            false => {
                git_in(&sandbox, "dots.git", &["config", "core.bare", "false"]);
                git_in(&sandbox, "dots.git", &["config", "core.worktree", "../files"]);
            }
        }
        with_variables(
            &sandbox,
            "files",
            &variables,
            "git checkout -q -f main && git branchwork init -q",
        );
        told_with(
            &sandbox,
            "files/below",
            &variables,
            &sandbox.path("files/.branchwork/CURRENT.md"),
        );
        assert!(!sandbox.path("files/below/.branchwork").exists() && !sandbox.path(".branchwork").exists());
        let status = with_variables(&sandbox, "files", &variables, "git status --porcelain");
        assert_eq!(status.stdout, "", "{bare}");
        assert!(sandbox.path("dots.git/branchwork").is_dir());
    }
}

/// `GIT_DIR` alone makes git take any folder for the top of the work tree.
#[test]
fn a_git_directory_alone_from_below_its_work_tree() {
    let sandbox = Sandbox::new();
    std::fs::create_dir(sandbox.path("repo/below")).unwrap();
    let git_dir = sandbox.path("repo/.git");
    let view = sandbox.path("repo/.branchwork/CURRENT.md");
    told_with(&sandbox, "repo/below", &[("GIT_DIR", git_dir.as_path())], &view);
    assert!(!sandbox.path("repo/below/.branchwork").exists());
}

#[test]
fn submodules_and_those_of_a_linked_work_tree() {
    let sandbox = Sandbox::new();
    sandbox.git(["switch", "-q", "-c", "outer"]);
    sandbox.git(["submodule", "--quiet", "add", "../remote.git", "part"]);
    sandbox.git(["commit", "-q", "-m", "Take it in"]);
    sandbox.git(["worktree", "add", "-q", "-b", "there", "../there"]);
    git_in(&sandbox, "there", &["submodule", "--quiet", "update", "--init"]);
    for (folder, branch, git_dir) in [
        ("repo/part", "inner", "repo/.git/modules/part"),
        ("there/part", "deep", "repo/.git/worktrees/there/modules/part"),
    ] {
        git_in(&sandbox, folder, &["switch", "-q", "-C", "main"]);
        branchwork_in(&sandbox, folder, &["init"]).ok();
        usual_story(&sandbox, folder, branch);
        assert!(sandbox.path(git_dir).join("branchwork/HEAD").is_file());
    }
    let views = [view_in(&sandbox, "repo"), view_in(&sandbox, "there")];
    assert_eq!([field(&views[0], "name"), field(&views[1], "name")], ["outer", "there"]);
    // The outer repositories know the new commit and nothing else.
    assert_eq!(
        git_in(&sandbox, "there", &["status", "--porcelain"]).stdout,
        " M part\n"
    );
    sandbox.wait(1);
    git_in(&sandbox, "there", &["commit", "-q", "-a", "-m", "Take in more"]);
    assert!(view_in(&sandbox, "there").contains("  - `part` - modified (+1/-1)\n"));
    git_in(
        &sandbox,
        "repo",
        &["submodule", "--quiet", "foreach", "git branchwork show >/dev/null"],
    );
}

/// `.branchwork.yml` and the team's template that a sparse checkout leaves out hold all the same, as HEAD has them.
#[test]
fn a_sparse_checkout() {
    let sandbox = Sandbox::new();
    let rules = "template: docs/branchwork.md\nrequired:\n  draft: [team]\n";
    sandbox.commit(".branchwork.yml", rules, "Rules");
    let template = "---\nstatus: draft\nteam:\nbranch:\n  name:\n  base:\n---\n\n# T\n\n## Updates\n";
    sandbox.commit("docs/branchwork.md", template, "Template");
    sandbox.commit("src/a", "a\n", "Add a");
    for (branch, mode, folder) in [("cone", "--cone", "src"), ("lines", "--no-cone", "/src/")] {
        sandbox.git(["switch", "-q", "main"]);
        sandbox.git(["sparse-checkout", "set", mode, folder]);
        assert!(!sandbox.repo().join("docs").exists());
        assert_eq!(sandbox.repo().join(".branchwork.yml").exists(), mode == "--cone");
        let made = sandbox.git(["switch", "-q", "-c", branch]);
        assert_eq!(made.stderr.lines().count(), 1, "{}", made.stderr);
        commit_in(&sandbox, "repo", "src/a", &format!("On {branch}"));
        let view = sandbox.view();
        assert!(
            view.contains("\nteam:\n") && view.contains("  - `src/a` - modified (+1/-1)\n"),
            "{view}"
        );
        let check = sandbox.try_branchwork(["check"]).code(1).stderr;
        assert!(check.contains("'team'") && !check.contains("'risk'"), "{check}");
        sandbox.branchwork(["set", "-q", "team=us"]);
        sandbox.branchwork(["check"]);
        assert_eq!(sandbox.git(["status", "--porcelain"]).stdout, "");
        let sparse = sandbox.git(["ls-files", "-t", "docs"]).stdout;
        assert!(sparse.starts_with("S "), "{sparse}");
        sandbox.git(["sparse-checkout", "reapply"]);
        assert_eq!(sandbox.view(), sandbox.stored(branch).unwrap());
    }
    // What the work tree has counts more than HEAD.
    sandbox.write(".branchwork.yml", "required:\n  draft: [squad]\n");
    let check = sandbox.try_branchwork(["check"]).code(1).stderr;
    assert!(check.contains("'squad'"), "{check}");
}

#[test]
fn no_file_system_monitor_is_asked() {
    let sandbox = Sandbox::new();
    sandbox.git(["switch", "-q", "-c", "feat"]);
    let monitor = "#!/bin/sh\ntouch ../asked\nexit 1\n";
    sandbox.write("../monitor", monitor);
    run(sandbox.command("chmod").args(["+x", "../monitor"])).ok();
    let path = sandbox.path("monitor").display().to_string();
    sandbox.git(["config", "core.fsmonitor", &path]);
    sandbox.git(["config", "core.untrackedCache", "true"]);
    sandbox.git(["status"]);
    std::fs::remove_file(sandbox.path("asked")).expect("git asks the monitor");
    for arguments in [
        &["hook", "post-checkout", "0", "0", "1"][..],
        &["hook", "post-commit"],
        &["log", "x"],
        &["show"],
        &["list"],
    ] {
        sandbox.branchwork(arguments);
        assert!(!sandbox.path("asked").exists(), "{arguments:?}");
    }
}

/// What git trusts by `safe.directory` is trusted here: the hooks that it starts have to work.
#[test]
fn a_repository_of_somebody_else_that_is_trusted() {
    let is_root = Command::new("id")
        .arg("-u")
        .output()
        .is_ok_and(|output| output.stdout == b"0\n");
    if !is_root {
        return skip("safe.directory", "not root");
    }
    for trusted in ["<place>/repo <place>/there", "*", "<place>/*"] {
        let sandbox = Sandbox::new();
        sandbox.git(["worktree", "add", "-q", "-b", "there", "../there"]);
        edit_by_hand(&sandbox, "there", "Before");
        run(sandbox.command("chown").args(["-R", "4711", "../repo", "../there"])).ok();
        let refused = branchwork_in(&sandbox, "there", &["show"]).code(1);
        assert!(refused.stderr.contains("safe.directory"), "{}", refused.stderr);
        let place = sandbox.path("").display().to_string();
        let trusted = trusted.replace("<place>/", &place);
        // For one command: as git takes it, an empty value takes back what stands before it.
        let by_option = |values: &[&str]| {
            let options = values
                .iter()
                .flat_map(|value| ["-c".to_owned(), format!("safe.directory={value}")]);
            sandbox.try_git(options.chain(["branchwork", "list"].map(str::to_owned)))
        };
        let values: Vec<&str> = trusted.split(' ').collect();
        assert!(by_option(&values).ok().stdout.contains("there"));
        let refused = by_option(&[&values[..], &[""]].concat()).code(1).stderr;
        assert!(refused.contains("is owned by somebody else"), "{refused}");
        for value in trusted.split(' ') {
            sandbox.git(["config", "--global", "--add", "safe.directory", value]);
        }
        if sandbox.try_git(["status"]).code != 0 {
            skip("safe.directory with /*", "this git does not have it");
            continue;
        }
        usual_story(&sandbox, "repo", "feat");
        told_in(&sandbox, "there", "there");
        assert_eq!(view_in(&sandbox, "there").matches("Before").count(), 1);
    }
}
