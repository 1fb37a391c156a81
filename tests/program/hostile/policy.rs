//! `.branchwork.yml` and templates: tracked files, so anybody's.

use super::{Sandbox, on_feat, run, sound};

const POLICY: &str = ".branchwork.yml";

/// A branch made with this policy in the work tree gets its document, and git does what it was asked to.
#[track_caller]
fn lives(sandbox: &Sandbox, branch: &str) {
    sandbox.git(["switch", "-q", "-c", branch]);
    sandbox.wait(1);
    sandbox.git(["commit", "-q", "--allow-empty", "-m", "Go on"]);
    let document = sandbox
        .stored(branch)
        .unwrap_or_else(|| panic!("no document of '{branch}'"));
    assert!(document.contains("Go on"), "{document}");
    sandbox.branchwork(["log", "Talked to Bob"]);
}

#[test]
fn typing_errors_stop_nothing_and_are_told() {
    let cases: [(&str, &[u8], &str); 5] = [
        (
            "typo",
            b"requird:\n  draft: [dri]\n",
            "'requird' is not a key of the policy",
        ),
        (
            "value",
            b"missing_document: blok\n",
            "'missing_document' has to be block, warn or allow",
        ),
        ("yaml", b"exclude: [\n", "cannot be read"),
        ("bytes", b"trunk: caf\xe9\n", "cannot be read"),
        ("newer", b"version: 2\n", "'version' has to be 1"),
    ];
    let sandbox = Sandbox::new();
    for (branch, text, told) in cases {
        sandbox.write(POLICY, text);
        lives(&sandbox, branch);
        let doctor = sandbox.try_branchwork(["doctor"]);
        let all = doctor.stdout + &doctor.stderr;
        assert!(all.contains(told), "{branch}: {all}");
        std::fs::remove_file(sandbox.repo().join(POLICY)).unwrap();
        sandbox.git(["switch", "-q", "main"]);
    }
}

#[test]
fn large_and_deep_ones_do_not_end_the_program() {
    let sandbox = Sandbox::new();
    let cases = [
        ("large", "exclude: [x]\n".repeat(500_000)),
        ("deep", format!("exclude: {}\n", "[".repeat(500_000))),
        ("aliases", "a: &a [x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n".repeat(2_000)),
        ("stars", format!("exclude: ['{}b']\n", "*a".repeat(20_000))),
    ];
    for (branch, text) in cases {
        sandbox.write(POLICY, text);
        lives(&sandbox, branch);
        sandbox.write(POLICY, "");
        sandbox.git(["switch", "-q", "main"]);
    }
}

#[cfg(unix)]
#[test]
fn links_and_pipes_are_not_read() {
    use std::os::unix::fs::symlink;
    let sandbox = Sandbox::new();
    let (policy, outside) = (sandbox.repo().join(POLICY), sandbox.path("outside.yml"));
    std::fs::write(&outside, "exclude: ['**']\n").unwrap();
    symlink(&outside, &policy).unwrap();
    lives(&sandbox, "link");
    std::fs::remove_file(&policy).unwrap();
    run(sandbox.command("mkfifo").arg(&policy)).ok();
    sandbox.git(["switch", "-q", "main"]);
    lives(&sandbox, "pipe");
    std::fs::remove_file(&policy).unwrap();
    std::fs::create_dir(&policy).unwrap();
    sandbox.git(["switch", "-q", "main"]);
    lives(&sandbox, "folder");
}

#[cfg(unix)]
#[test]
fn a_template_cannot_be_read_from_outside() {
    use std::os::unix::fs::symlink;
    let sandbox = Sandbox::new();
    let secret = "# secret\n";
    std::fs::write(sandbox.path("secret.md"), secret).unwrap();
    std::fs::create_dir(sandbox.path("elsewhere")).unwrap();
    std::fs::write(sandbox.path("elsewhere/t.md"), secret).unwrap();
    symlink(sandbox.path("secret.md"), sandbox.repo().join("link.md")).unwrap();
    symlink(sandbox.path("elsewhere"), sandbox.repo().join("folder")).unwrap();
    run(sandbox.command("mkfifo").arg("pipe.md")).ok();
    let absolute = sandbox.path("secret.md").to_string_lossy().into_owned();
    let paths = [
        "link.md",
        "folder/t.md",
        "../secret.md",
        "a/../../secret.md",
        absolute.as_str(),
        ".",
        "pipe.md",
        "none.md",
    ];
    for (number, path) in paths.into_iter().enumerate() {
        sandbox.write(POLICY, format!("template: {path}\n"));
        let branch = format!("b{number}");
        let switch = sandbox.git(["switch", "-q", "-c", &branch]);
        assert!(
            !sandbox.stored(&branch).unwrap_or_default().contains("secret"),
            "{path}"
        );
        let told = switch.stderr.contains("cannot use the template") && switch.stderr.lines().count() == 2;
        let is_refused_by_the_policy = path.contains("..") || path == "." || path.starts_with('/');
        assert!(told || is_refused_by_the_policy, "{path}: {}", switch.stderr);
        assert!(
            sandbox.view().contains("## Merge Checklist"),
            "{path}: {}",
            sandbox.view()
        );
        sandbox.git(["switch", "-q", "main"]);
    }
    sandbox.commit("docs/t.md", "# Plan\n\n## Updates\n", "Template");
    sandbox.write(POLICY, "template: docs/t.md\n");
    sandbox.git(["switch", "-q", "-c", "good"]);
    assert!(sandbox.view().contains("name: good"), "{}", sandbox.view());
}

#[test]
fn a_branch_that_has_no_document_by_the_policy_is_left_in_peace() {
    let sandbox = on_feat();
    sandbox.write(POLICY, "exclude: ['feat', 'x/**']\n");
    sandbox.wait(1);
    let commit = sandbox.git(["commit", "-q", "--allow-empty", "-m", "Not logged"]);
    assert_eq!(commit.stderr, "");
    assert!(!sandbox.stored("feat").unwrap().contains("Not logged"));
    std::fs::remove_file(sandbox.repo().join(POLICY)).unwrap();
    sandbox.branchwork(["show"]);
    sound(&sandbox);
}
