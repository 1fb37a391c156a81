//! What a document is made from: the built-in template, the team's, the user's.

use crate::sandbox::{Sandbox, entries, field, run};

const OURS: &str = "---\nrisk: medium\nticket: # e.g. BLZ-42\nbranch:\n  name:\n---\n\n# [WIP] `branch`\n\n## Why\n\n- …\n\n## Updates\n";

#[test]
fn the_teams_template() {
    let sandbox = Sandbox::new();
    sandbox.write("docs/branchwork.md", OURS);
    sandbox.git(["add", "docs"]);
    sandbox.commit(".branchwork.yml", "template: docs/branchwork.md\n", "Our template");
    sandbox.git(["switch", "-q", "-c", "feat"]);
    let filled = OURS
        .replace("  name:", "  name: feat\n  base: main")
        .replace("`branch`", "`feat`");
    assert_eq!(sandbox.view(), filled);
    // What it leaves out is made where it is wanted; what it adds works like the rest.
    sandbox.commit("a", "a\n", "Add a");
    sandbox.branchwork(["set", "ticket=BLZ-1"]);
    sandbox.branchwork(["update", "--section", "Why", "--item", "Because"]);
    sandbox.branchwork(["update", "--section", "Decisions", "--item", "So be it"]);
    let view = sandbox.view();
    assert_eq!(entries(&view), ["[@ada] Add a"]);
    assert_eq!(field(&view, "ticket"), "BLZ-1");
    assert!(
        view.contains("## Why\n\n- Because\n\n## Decisions\n\n- So be it\n\n## Updates\n"),
        "{view}"
    );
    assert!(!view.contains("last_updated"), "{view}");
}

#[test]
fn a_template_without_a_base_leaves_a_childs_commits_its_own() {
    for template in ["---\ndri:\nbranch:\n  name:\n---\n## Updates\n", "## Updates\n"] {
        let sandbox = Sandbox::new();
        sandbox.write("t.md", template);
        sandbox.git(["add", "t.md"]);
        sandbox.commit(".branchwork.yml", "template: t.md\n", "Our template");
        sandbox.git(["switch", "-q", "-c", "x"]);
        sandbox.commit("x", "x", "x1");
        sandbox.git(["switch", "-q", "-c", "up"]);
        sandbox.commit("y", "y", "y1");
        assert_eq!(entries(&sandbox.view()), ["[@ada] y1"], "{}", sandbox.view());
        assert_eq!(field(&sandbox.view(), "base"), "x");
        let stack = sandbox.branchwork(["stack"]).stdout;
        assert!(stack.starts_with("main\n├─○ x\n└─○ up"), "{stack}");
        sandbox.git(["switch", "-q", "x"]);
        sandbox.git(["commit", "-q", "--amend", "-m", "x2"]);
        sandbox.git(["switch", "-q", "up"]);
        assert_eq!(entries(&sandbox.view()), ["[@ada] y1"], "{}", sandbox.view());
        sandbox.git(["rebase", "-q", "--onto", "x", "x@{1}"]);
        assert_eq!(entries(&sandbox.view()), ["[@ada] y1"], "{}", sandbox.view());
        assert_eq!(entries(&sandbox.branchwork(["show", "-b", "x"]).stdout), ["[@ada] x2"]);
        // A branch of which git tells nothing gets its base as it is found out.
        sandbox.git(["branch", "z", &sandbox.id("up")]);
        sandbox.git(["switch", "-q", "z"]);
        sandbox.commit("z", "z", "z1");
        assert_eq!(field(&sandbox.view(), "base"), "up");
    }
}

#[test]
fn the_users_template() {
    for (variable, place) in [
        ("XDG_CONFIG_HOME", "home/elsewhere/branchwork"),
        ("X", "home/.config/branchwork"),
    ] {
        let sandbox = Sandbox::new();
        let folder = sandbox.path(place);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("template.md"), OURS.replace("## Why", "## Mine")).unwrap();
        let switch = |branch: &str| {
            let value = sandbox.path("home/elsewhere");
            run(sandbox
                .command("git")
                .args(["switch", "-q", "-c", branch])
                .env(variable, value))
            .ok();
        };
        switch("feat");
        assert!(sandbox.view().contains("## Mine\n"), "{place}: {}", sandbox.view());
        // The team's goes before it.
        sandbox.write("team.md", OURS);
        sandbox.git(["add", "team.md"]);
        sandbox.commit(".branchwork.yml", "template: team.md\n", "Our template");
        switch("next");
        assert!(sandbox.view().contains("## Why\n"), "{place}: {}", sandbox.view());
    }
}

#[test]
fn a_template_that_cannot_be_used_leaves_no_branch_without_its_document() {
    let sandbox = Sandbox::new();
    std::fs::write(sandbox.path("secret.md"), "---\nbranch:\n  name:\n---\n\nSecret\n").unwrap();
    std::os::unix::fs::symlink("../secret.md", sandbox.path("repo/link.md")).unwrap();
    std::os::unix::fs::symlink("..", sandbox.path("repo/up")).unwrap();
    sandbox.commit("broken.md", "---\nbranch: [\n---\n", "Broken");
    // A file of the user's own, which is never to be part of a document.
    sandbox.commit(".gitignore", ".env\n", "Ignore");
    sandbox.write(".env", "Secret\n");
    for (number, (template, why)) in [
        ("link.md", "cannot use the template 'link.md' that .branchwork.yml names: it is a symbolic link or lies behind one"),
        ("up/secret.md", "cannot use the template 'up/secret.md' that .branchwork.yml names: it is a symbolic link or lies behind one"),
        ("none.md", "cannot use the template 'none.md' that .branchwork.yml names: it is not there"),
        ("docs", "cannot use the template 'docs' that .branchwork.yml names: it is not a regular file"),
        (".env", "cannot use the template '.env' that .branchwork.yml names: HEAD's commit does not have it"),
        ("broken.md", "the front matter"),
    ]
    .into_iter()
    .enumerate()
    {
        std::fs::create_dir_all(sandbox.path("repo/docs")).unwrap();
        sandbox.write(".branchwork.yml", format!("template: {template}\n"));
        let branch = format!("b{number}");
        let run = sandbox.git(["switch", "-q", "-c", &branch]);
        let lines: Vec<&str> = run.stderr.lines().collect();
        assert_eq!(lines.len(), 2, "{}", run.stderr);
        let start = format!("branchwork: the document is made from the built-in template: {why}");
        assert!(lines[0].starts_with(&start), "{}", run.stderr);
        assert_eq!(lines[1], format!("branchwork: created the document of '{branch}': .branchwork/CURRENT.md"));
        assert!(sandbox.view().contains("\n## Definition of Done\n") && !sandbox.view().contains("Secret"));
        // Who asks for a document gets the error instead.
        sandbox.git(["branch", &format!("c{number}")]);
        let run = sandbox.try_branchwork(["create", "-b", &format!("c{number}")]).code(1);
        assert!(run.stderr.starts_with(&format!("error: {why}")), "{}", run.stderr);
    }
    // A path that leads out, or into git's own folder, is refused as a rule.
    let paths = ["../secret.md", ".git/config", ".GIT/config", ".branchwork/CURRENT.md"];
    for (number, path) in paths.into_iter().enumerate() {
        sandbox.write(".branchwork.yml", format!("template: {path}\n"));
        let run = sandbox.try_branchwork(["check"]).code(1);
        assert!(
            run.stderr
                .contains("error[BW008]: 'template' has to be a path in the work tree"),
            "{}",
            run.stderr
        );
        let branch = format!("n{number}");
        sandbox.git(["switch", "-q", "-c", &branch]);
        assert!(!sandbox.stored(&branch).unwrap().contains("[remote"), "{path}");
    }
}
