//! Who acts: the name in entries and in `dri`.

use crate::sandbox::{Sandbox, binary, entries, field, run};

/// A sandbox whose user has this address.
fn of_user(email: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.git(["config", "--global", "user.email", email]);
    sandbox
}

#[test]
fn the_driver_of_a_new_branch() {
    for (email, config, environment, who) in [
        ("ada@example.com", None, None, "ada"),
        ("12345+lovelace@users.noreply.github.com", None, None, "lovelace"),
        ("lovelace@users.noreply.github.com", None, None, "lovelace"),
        ("ada@example.com", None, Some(("CLAUDECODE", "1")), "claude"),
        (
            "ada@example.com",
            Some("countess"),
            Some(("CLAUDECODE", "1")),
            "countess",
        ),
        (
            "ada@example.com",
            Some("countess"),
            Some(("BRANCHWORK_ACTOR", "@byron")),
            "byron",
        ),
    ] {
        let sandbox = of_user(email);
        if let Some(actor) = config {
            sandbox.git(["config", "branchwork.actor", actor]);
        }
        let with = |program: &str, arguments: &[&str]| {
            let mut command = sandbox.command(program);
            command.args(arguments).envs(environment);
            run(&mut command).ok()
        };
        with("git", &["switch", "-q", "-c", "feat"]);
        with(&binary().display().to_string(), &["log", "Said so"]);
        assert_eq!(field(&sandbox.view(), "dri"), who, "{email} {config:?} {environment:?}");
        assert_eq!(entries(&sandbox.view()), [format!("[@{who}] Said so")]);
    }
}

#[test]
fn the_author_of_a_commit_is_its_author() {
    let sandbox = Sandbox::new();
    sandbox.git(["switch", "-q", "-c", "feat"]);
    let commit = |message: &str, author: &str| {
        sandbox.wait(1);
        let author = format!("--author={author}");
        sandbox.git(["commit", "-q", "--allow-empty", "-m", message, &author]);
    };
    commit("By hand", "Grace <grace@example.com>");
    commit("On the web", "Grace <1+hopper@users.noreply.github.com>");
    commit(
        "Together\n\nCo-authored-by: Claude <noreply@anthropic.com>",
        "Grace <grace@example.com>",
    );
    commit(
        "Two people\n\nCo-authored-by: Bob <bob@example.com>",
        "Grace <grace@example.com>",
    );
    // What the session is run by says nothing about a commit of somebody else's.
    run(sandbox
        .command("git")
        .args(["commit", "-q", "--allow-empty", "-m", "In a session"])
        .env("BRANCHWORK_ACTOR", "byron"))
    .ok();
    let found = entries(&sandbox.view());
    assert_eq!(
        found,
        [
            "[@grace] By hand",
            "[@hopper] On the web",
            "[@claude] Together",
            "[@grace] Two people",
            "[@ada] In a session"
        ]
    );
    // Versions of the store are by the user, whoever wrote the commit.
    let authors = sandbox.store(["log", "--all", "--format=%an <%ae> %cn"]).stdout;
    assert!(
        authors.lines().all(|line| line == "Ada <ada@example.com> Ada"),
        "{authors}"
    );
}

#[test]
fn without_a_name_or_an_address() {
    let sandbox = Sandbox::new();
    sandbox.git(["config", "--global", "--unset", "user.name"]);
    sandbox.git(["config", "--global", "--unset", "user.email"]);
    sandbox.git(["switch", "-q", "-c", "feat"]);
    sandbox.branchwork(["log", "Said so"]);
    assert_eq!(entries(&sandbox.view()).len(), 1);
    sandbox.git([
        "-c",
        "user.name=Bob",
        "-c",
        "user.email=bob@example.com",
        "commit",
        "-q",
        "--allow-empty",
        "-m",
        "Bob's",
    ]);
    assert!(
        entries(&sandbox.view()).contains(&"[@bob] Bob's".to_owned()),
        "{}",
        sandbox.view()
    );
}
