//! `check` as a CI system runs it: in a fresh, shallow, detached clone of a pull request, with git and the remote alone.

#[cfg(unix)]
mod systems;

use crate::sandbox::{Run, Sandbox, binary, branchwork_in, git_in, run, run_with};

const MISSING: &str = "'risk' is required and missing";

/// A pull request of branch `feat`: pushed, its document on the remote, its merge with main as GitHub makes one. `lacks`: what
/// the document does not have.
fn pull_request(lacks: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.commit(".branchwork.yml", "required: {draft: [dri, scope, risk]}\n", "Rules");
    sandbox.git(["push", "-q", "origin", "main"]);
    sandbox.git(["switch", "-q", "-c", "feat"]);
    sandbox.commit("src/indexer/a.rs", "a\n", "Add a");
    sandbox.branchwork(["set", "-q", "scope=x", "risk=low"]);
    if !lacks.is_empty() {
        sandbox.branchwork(["set", "-q", &format!("{lacks}=")]);
    }
    share(&sandbox, "feat");
    open(&sandbox);
    sandbox
}

/// Pushes a document to the remote with plain git, under the name that it has in the store.
fn share(sandbox: &Sandbox, branch: &str) {
    let refspec = format!("refs/branchwork/docs/{branch}/*:refs/branchwork/docs/{branch}/*");
    let remote = sandbox.path("remote.git");
    sandbox.store(["push", "-q", remote.to_str().unwrap(), &refspec]).ok();
}

/// The merge of `feat` with main under `refs/pull/1/merge`, and a clone of it as actions/checkout makes one.
fn open(sandbox: &Sandbox) {
    sandbox.git(["push", "-q", "--no-verify", "origin", "feat"]);
    sandbox.git_without_hooks(["switch", "-q", "--detach", "main"]);
    sandbox.git_without_hooks(["merge", "-q", "--no-ff", "-m", "Merge", "feat"]);
    sandbox.git(["push", "-q", "--no-verify", "origin", "HEAD:refs/pull/1/merge"]);
    let clone = |arguments: &[&str]| git_in(sandbox, "ci", arguments);
    std::fs::create_dir(sandbox.path("ci")).unwrap();
    clone(&["init", "-q"]);
    let remote = format!("file://{}", sandbox.path("remote.git").display());
    clone(&["remote", "add", "origin", &remote]);
    let merge = "+refs/pull/1/merge:refs/remotes/pull/1/merge";
    clone(&["fetch", "-q", "--no-tags", "--depth=1", "origin", merge]);
    clone(&["checkout", "-q", "--force", "refs/remotes/pull/1/merge"]);
}

/// The step of docs/ci.md that brings the base branch's rules.
fn fetch_base(sandbox: &Sandbox) {
    let base = "+refs/heads/main:refs/remotes/origin/main";
    git_in(
        sandbox,
        "ci",
        &["fetch", "-q", "--no-tags", "--depth=1", "origin", base],
    );
}

fn check(sandbox: &Sandbox, arguments: &[&str]) -> Run {
    let mut command = sandbox.command(binary());
    command.current_dir(sandbox.path("ci")).arg("check").args(arguments);
    run(command.env("GITHUB_BASE_REF", "main"))
}

const REMOTE: [&str; 4] = ["--branch", "feat", "--remote", "origin"];

#[test]
fn the_document_of_the_remote_is_checked_and_the_clone_stays_as_it_was() {
    let sandbox = pull_request("risk");
    fetch_base(&sandbox);
    let state = || {
        let refs = git_in(&sandbox, "ci", &["for-each-ref"]).stdout;
        let config = std::fs::read_to_string(sandbox.path("ci/.git/config")).unwrap();
        let objects = git_in(&sandbox, "ci", &["count-objects", "-v"]).stdout;
        let status = git_in(&sandbox, "ci", &["status", "--porcelain"]).stdout;
        let head = std::fs::read_to_string(sandbox.path("ci/.git/FETCH_HEAD")).unwrap();
        (refs, config, objects, status, head)
    };
    let before = state();
    let told = check(&sandbox, &[&REMOTE[..], &["--format", "github"]].concat()).code(1);
    assert_eq!(
        told.stdout,
        "::error file=.branchwork/CURRENT.md,line=14,col=1,endColumn=5,title=BW002 required-key%3A feat::'risk' is required and \
         missing%0Arequired from status 'draft' on%0ATo fix: git branchwork set -b feat 'risk=<low|medium|high>'\n"
    );
    assert_eq!(told.stderr, "");
    assert_eq!(state(), before);
    for format in ["text", "json", "sarif", "junit"] {
        let told = check(&sandbox, &[&REMOTE[..], &["--format", format]].concat()).code(1);
        assert!(
            (told.stdout + &told.stderr).contains("is required and missing"),
            "{format}"
        );
    }
    assert!(
        check(&sandbox, &REMOTE)
            .stderr
            .contains("the document of 'feat' on 'origin':14:1")
    );

    // What is mended and shared is seen.
    sandbox.branchwork(["set", "-q", "-b", "feat", "risk=high"]);
    check(&sandbox, &REMOTE).code(1);
    share(&sandbox, "feat");
    let told = check(&sandbox, &REMOTE).code(0);
    assert_eq!(
        (told.stdout.as_str(), told.stderr.as_str()),
        ("", "Nothing is missing\n")
    );
    assert_eq!(state(), before);
}

#[test]
fn only_the_document_that_is_asked_for_is_fetched() {
    let sandbox = pull_request("");
    sandbox.git_without_hooks(["switch", "-q", "main"]);
    for branch in ["feature", "other", "more/feat"] {
        sandbox.git(["switch", "-q", "-c", branch]);
        share(&sandbox, branch);
    }
    fetch_base(&sandbox);
    check(&sandbox, &REMOTE).code(0);
    let store = sandbox.path("ci/.git/branchwork");
    let refs = run(sandbox
        .command("git")
        .arg("--git-dir")
        .arg(&store)
        .args(["for-each-ref", "--format=%(refname)"]));
    let refs: Vec<&str> = refs.stdout.lines().collect();
    assert_eq!(refs.len(), 1, "{refs:?}");
    assert!(
        refs[0].starts_with("refs/branchwork/remotes/origin/docs/feat/"),
        "{refs:?}"
    );
    // One that ended on the remote is not checked any more.
    let id = refs[0].rsplit('/').next().unwrap();
    git_in(
        &sandbox,
        "remote.git",
        &["update-ref", "-d", &format!("refs/branchwork/docs/feat/{id}")],
    );
    let told = check(&sandbox, &REMOTE).code(1);
    assert!(
        told.stderr.contains("error[BW007]: the branch 'feat' has no document"),
        "{}",
        told.stderr
    );
    assert!(
        told.stderr
            .contains("'origin' has none below refs/branchwork/docs/feat/"),
        "{}",
        told.stderr
    );
}

#[test]
fn the_rules_are_those_of_the_branch_to_merge_into() {
    let sandbox = pull_request("risk");
    // The rules are not here: none of the pull request's own may stand in for them.
    let told = check(&sandbox, &REMOTE).code(1);
    assert_eq!(
        told.stderr,
        "error: the branch 'main', whose rules count, is not in this clone\n\
         hint: git fetch --depth=1 origin +refs/heads/main:refs/remotes/origin/main\n"
    );
    let hint = told
        .stderr
        .lines()
        .last()
        .unwrap()
        .trim_start_matches("hint: ")
        .to_owned();
    run(sandbox
        .command("sh")
        .args(["-c", &hint])
        .current_dir(sandbox.path("ci")))
    .ok();
    assert!(check(&sandbox, &REMOTE).code(1).stderr.contains(MISSING));

    // The pull request switches the gate off, for itself: in the tree, and with the branch excluded.
    for rules in [
        "required: {draft: []}\n",
        "exclude: ['**']\n",
        "missing_document: allow\n",
    ] {
        std::fs::write(sandbox.path("ci/.branchwork.yml"), rules).unwrap();
        let told = check(&sandbox, &REMOTE).code(1);
        assert!(told.stderr.contains(MISSING), "{rules}: {}", told.stderr);
        let warning = "warning: the rules of 'main' count, not those of '.branchwork.yml' here\n";
        assert!(told.stderr.starts_with(warning), "{rules}: {}", told.stderr);
    }
    // What is wrong in its own version is told all the same.
    std::fs::write(sandbox.path("ci/.branchwork.yml"), "exclud: [x]\n").unwrap();
    assert!(
        check(&sandbox, &REMOTE)
            .code(1)
            .stderr
            .contains("error[BW008]: 'exclud' is not a key")
    );

    // What is wrong in the base's is told to those who cannot mend it here, in their own version or not.
    sandbox.git_without_hooks(["switch", "-q", "main"]);
    sandbox.commit(".branchwork.yml", "requred: {draft: []}\n", "Rules with a typo");
    sandbox.git(["push", "-q", "origin", "main"]);
    run(sandbox
        .command("sh")
        .args(["-c", &hint])
        .current_dir(sandbox.path("ci")))
    .ok();
    for (rules, level) in [("requred: {draft: []}\n", "error"), ("", "warning")] {
        std::fs::write(sandbox.path("ci/.branchwork.yml"), rules).unwrap();
        let told = check(&sandbox, &[&REMOTE[..], &["--format", "github"]].concat());
        let told = told.code(1).stdout;
        let in_base = if rules.is_empty() {
            "in the rules of 'main': "
        } else {
            ""
        };
        let words = format!("::{in_base}'requred' is not a key of the policy");
        let line = told.lines().find(|line| line.contains("requred")).unwrap();
        assert!(
            line.starts_with(&format!("::{level} ")) && line.contains(&words),
            "{told}"
        );
    }

    // A branch by that name in the clone does not count before the remote's.
    git_in(&sandbox, "ci", &["branch", "main", "HEAD"]);
    assert!(check(&sandbox, &REMOTE).code(1).stderr.contains(MISSING));
    // By option, and by GitLab's variable.
    let words = [&["check"], &REMOTE[..], &["--base", "main"]].concat();
    assert!(branchwork_in(&sandbox, "ci", &words).code(1).stderr.contains(MISSING));
    let mut command = sandbox.command(binary());
    command.current_dir(sandbox.path("ci")).arg("check").args(REMOTE);
    let told = run(command.env("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "main"));
    assert!(
        told.stderr.contains(MISSING) && told.stderr.contains("the rules of 'main' count"),
        "{}",
        told.stderr
    );
}

#[test]
fn rules_for_paths_hold_in_a_shallow_and_in_a_whole_clone() {
    let sandbox = pull_request("");
    sandbox.git_without_hooks(["switch", "-q", "main"]);
    let rules = "rules:\n  - when: { paths: [\"src/indexer/**\"] }\n    require: [backout_plan]\n\
                 \x20 - when: { paths: [\"docs/**\"] }\n    require: [reviewers]\n";
    sandbox.commit(".branchwork.yml", rules, "Rules");
    sandbox.git(["push", "-q", "origin", "main"]);
    fetch_base(&sandbox);
    for step in ["shallow", "whole"] {
        let told = check(&sandbox, &REMOTE).code(1);
        assert!(
            told.stderr.contains("'backout_plan' is required"),
            "{step}: {}",
            told.stderr
        );
        assert!(
            !told.stderr.contains("'reviewers' is required"),
            "{step}: {}",
            told.stderr
        );
        if step == "shallow" {
            let all = [
                "+refs/pull/1/merge:refs/remotes/pull/1/merge",
                "+refs/heads/main:refs/remotes/origin/main",
            ];
            git_in(
                &sandbox,
                "ci",
                &[&["fetch", "-q", "--unshallow", "origin"], &all[..]].concat(),
            );
        }
    }
}

#[test]
fn excluded_branches_and_the_trunk_need_none() {
    let sandbox = pull_request("risk");
    sandbox.git_without_hooks(["switch", "-q", "main"]);
    sandbox.commit(".branchwork.yml", "exclude: ['bot/**']\n", "Rules");
    sandbox.git(["push", "-q", "origin", "main"]);
    fetch_base(&sandbox);
    for branch in ["bot/update", "main"] {
        check(&sandbox, &["--branch", branch, "--remote", "origin"]).code(0);
    }
    check(&sandbox, &["--branch", "bots", "--remote", "origin"]).code(1);
}

/// Runs the check of a description.
fn check_body(sandbox: &Sandbox, body: &str, format: &str) -> Run {
    let mut command = sandbox.command(binary());
    let words = ["check", "--branch", "feat", "--from-pr-body", "-", "--format", format];
    command
        .current_dir(sandbox.path("ci"))
        .args(words)
        .env("GITHUB_BASE_REF", "main");
    run_with(&mut command, format!("{body}\n").as_bytes())
}

#[test]
fn a_description_holds_the_document() {
    let sandbox = pull_request("risk");
    fetch_base(&sandbox);
    let document = sandbox.branchwork(["show", "-b", "feat"]).stdout;
    let marked = |document: &str| {
        format!("What it does.\n\n<!-- branchwork:begin -->\n{document}\n<!-- branchwork:end -->\n\nThanks!")
            .replace('\n', "\r\n")
    };
    let told = check_body(&sandbox, &marked(&document), "text").code(1);
    assert!(told.stderr.contains(MISSING), "{}", told.stderr);
    assert!(
        told.stderr
            .contains(" --> the document in the pull request's description:14:1"),
        "{}",
        told.stderr
    );
    let whole = document.replacen("risk:", "risk: low", 1);
    check_body(&sandbox, &marked(&whole), "text").code(0);
    let fenced = format!("Words\n\n~~~~~~~~branchwork\n{whole}\n~~~~~~~~\n");
    check_body(&sandbox, &fenced, "text").code(0);
    std::fs::write(sandbox.path("body.md"), marked(&whole)).unwrap();
    check(&sandbox, &["--branch", "feat", "--from-pr-body", "../body.md"]).code(0);
    for body in [
        "",
        "Words",
        &document,
        "<!-- branchwork:begin -->\n<!-- branchwork:end -->",
    ] {
        let told = check_body(&sandbox, body, "text").code(1);
        let words = "put it into the pull request's description, between the lines '<!-- branchwork:begin -->' and";
        assert!(
            told.stderr.contains("error[BW007]") && told.stderr.contains(words),
            "{body}: {}",
            told.stderr
        );
    }
}

#[test]
fn the_hint_does_not_make_a_whole_clone_shallow() {
    let sandbox = pull_request("");
    git_in(
        &sandbox,
        "ci",
        &[
            "fetch",
            "-q",
            "--unshallow",
            "origin",
            "+refs/pull/1/merge:refs/remotes/pull/1/merge",
        ],
    );
    let told = check(&sandbox, &REMOTE).code(1);
    assert!(
        told.stderr
            .ends_with("hint: git fetch origin +refs/heads/main:refs/remotes/origin/main\n"),
        "{}",
        told.stderr
    );
}

#[test]
fn a_hostile_description_forges_nothing() {
    let sandbox = pull_request("");
    fetch_base(&sandbox);
    let bad = "\u{1b}[31m\n::error::forged\n::add-mask::a\n##[error]forged ##vso[task.complete]";
    let value = r#"x\n::error::forged\r##[error]\e[31m\u202E]]></failure>"#;
    let body = format!(
        "{bad}\n```branchwork\n---\ndri: x\nscope: y\nrisk: \"{value}\"\npr: \"{value}\"\ndate: '##[error]x'\nbranch:\n  name: \"{value}\"\n---\n{bad}\n```\n"
    );
    for format in ["github", "text", "json", "sarif", "junit"] {
        let told = check_body(&sandbox, &body, format).code(1);
        let text = told.stdout + &told.stderr;
        for line in text.lines().filter(|line| line.trim_start().starts_with("::")) {
            let ours = line.starts_with("::error file=.branchwork/CURRENT.md,line=");
            assert!(
                ours || line.starts_with("::warning file=.branchwork/CURRENT.md,line="),
                "{format}: {line}"
            );
        }
        for part in ["##[", "##vso[", "\u{1b}", "\u{202e}", "\r"] {
            assert!(!text.contains(part), "{format}: {part:?} in {text}");
        }
        match format {
            "github" => assert_eq!(text.lines().count(), 4, "{text}"),
            "json" | "sarif" => drop(serde_json::from_str::<serde_json::Value>(&text).unwrap()),
            "junit" => assert_eq!(
                roxmltree::Document::parse(&text)
                    .unwrap()
                    .root_element()
                    .attribute("failures"),
                Some("1")
            ),
            _ => {}
        }
    }
}

#[test]
fn the_remote_is_reached_as_the_repository_says() {
    let sandbox = pull_request("risk");
    fetch_base(&sandbox);
    let path = format!("file://{}", sandbox.path("remote.git").display());
    // As actions/checkout keeps its credentials: in a file that only this repository's path includes.
    git_in(
        &sandbox,
        "ci",
        &["remote", "set-url", "origin", "nowhere://host/team/x.git"],
    );
    assert!(
        check(&sandbox, &REMOTE)
            .code(1)
            .stderr
            .starts_with("error: cannot fetch from 'origin': ")
    );
    let included = format!("[url \"{path}\"]\n\tinsteadOf = nowhere://host/team/x.git\n");
    std::fs::write(sandbox.path("credentials"), included).unwrap();
    let condition = format!("includeIf.gitdir:{}.path", sandbox.path("ci/.git").display());
    git_in(
        &sandbox,
        "ci",
        &["config", &condition, sandbox.path("credentials").to_str().unwrap()],
    );
    assert!(check(&sandbox, &REMOTE).code(1).stderr.contains(MISSING));
    // Settings of the clone that are about its own refs and objects do not reach the store.
    for setting in [
        "remote.origin.mirror=true",
        "remote.origin.promisor=true",
        "remote.origin.partialCloneFilter=blob:none",
    ] {
        let (key, value) = setting.split_once('=').unwrap();
        git_in(&sandbox, "ci", &["config", key, value]);
    }
    assert!(check(&sandbox, &REMOTE).code(1).stderr.contains(MISSING));
    // In a subfolder, relative to the top as git takes it.
    git_in(&sandbox, "ci", &["remote", "set-url", "origin", "../remote.git"]);
    assert!(
        branchwork_in(&sandbox, "ci/src", &[&["check"], &REMOTE[..]].concat())
            .code(1)
            .stderr
            .contains(MISSING)
    );
}

#[test]
fn what_is_no_remote_is_refused_in_words() {
    let sandbox = pull_request("");
    fetch_base(&sandbox);
    let marker = sandbox.path("owned");
    for remote in [
        "nobody",
        "",
        "--upload-pack=touch ../owned",
        "ext::sh -c 'touch ../owned'",
        "../remote.git",
        "a b",
    ] {
        let told = check(&sandbox, &["--branch", "feat", &format!("--remote={remote}")]).code(1);
        assert!(
            told.stderr
                .starts_with(&format!("error: there is no remote '{remote}' here\n")),
            "{}",
            told.stderr
        );
    }
    std::fs::rename(sandbox.path("remote.git"), sandbox.path("gone.git")).unwrap();
    let told = check(&sandbox, &REMOTE).code(1);
    assert!(
        told.stderr.starts_with("error: cannot fetch from 'origin': fatal: "),
        "{}",
        told.stderr
    );
    assert!(
        told.stderr
            .ends_with("hint: see whether git can: git ls-remote origin\n"),
        "{}",
        told.stderr
    );
    assert!(!marker.exists());
    check(&sandbox, &[&REMOTE[..], &["--all"]].concat()).code(2);
    check(&sandbox, &[&REMOTE[..], &["--from-pr-body", "-"]].concat()).code(2);
    let told = branchwork_in(&sandbox, "ci", &["check", "--remote", "origin"]).code(1);
    assert!(
        told.stderr.starts_with("error: HEAD is not on a branch\n"),
        "{}",
        told.stderr
    );
}

#[test]
fn a_hostile_remote_is_contained() {
    let sandbox = pull_request("");
    fetch_base(&sandbox);
    let remote = |arguments: &[&str]| git_in(&sandbox, "remote.git", arguments);
    let listed = remote(&["for-each-ref", "--format=%(refname)", "refs/branchwork/docs/feat/"]).stdout;
    let reference = listed.lines().next().unwrap().to_owned();
    let put = |entry: &str| {
        let mut command = sandbox.command("git");
        let tree = run_with(
            command
                .args(["mktree", "--missing"])
                .current_dir(sandbox.path("remote.git")),
            entry.as_bytes(),
        )
        .ok();
        let commit = remote(&["commit-tree", "-m", "x", tree.line()]).line().to_owned();
        remote(&["update-ref", &reference, &commit]);
    };
    let blob = |content: &[u8]| {
        let mut command = sandbox.command("git");
        let hash = command
            .args(["hash-object", "-w", "--stdin"])
            .current_dir(sandbox.path("remote.git"));
        run_with(hash, content).ok().line().to_owned()
    };
    let (small, large) = (blob(b"/etc/passwd"), blob(&vec![b'x'; 9 << 20]));
    for (entry, told) in [
        (
            format!("120000 blob {small}\tBRANCHWORK.md\n"),
            "its file is no regular file",
        ),
        (
            format!("100644 blob {large}\tBRANCHWORK.md\n"),
            "it is larger than 8 MiB",
        ),
        (
            format!("100644 blob {small}\tOTHER.md\n"),
            "it has no file of a document",
        ),
        (format!("100644 blob {small}\t..\n"), "cannot fetch from 'origin'"),
    ] {
        put(&entry);
        let run = check(&sandbox, &REMOTE).code(1);
        assert!(run.stderr.contains(told), "{told}: {}", run.stderr);
        assert!(!run.stderr.contains("root:"), "{}", run.stderr);
    }
    // A ref that is no commit, names that are no ids, and a document full of what steers a terminal.
    remote(&["update-ref", &reference, &small]);
    assert!(
        check(&sandbox, &REMOTE)
            .code(1)
            .stderr
            .contains("it is no version of a document")
    );
    let bad = blob(b"---\nrisk: \"lo\\e[31m\"\n---\n\x1b]0;owned\x07##[error]x\n");
    put(&format!("100644 blob {bad}\tBRANCHWORK.md\n"));
    let commit = remote(&["rev-parse", &reference]).line().to_owned();
    for name in ["ZZZ", "..hidden-is-no-ref", "feat/01K3VHZ0000000000000000000"] {
        let _ = run(sandbox.command("git").current_dir(sandbox.path("remote.git")).args([
            "update-ref",
            &format!("refs/branchwork/docs/feat/{name}"),
            &commit,
        ]));
    }
    let told = check(&sandbox, &REMOTE).code(1);
    assert!(told.stderr.contains("is not allowed for 'risk'"), "{}", told.stderr);
    assert!(
        !told.stderr.contains('\u{1b}') && !told.stderr.contains("##["),
        "{}",
        told.stderr
    );
}
