//! Commands that make a document and read it.

use super::{on_feat, transcript};
use crate::sandbox::Sandbox;

#[test]
fn create() {
    let sandbox = on_feat();
    sandbox.git(["branch", "by-hand"]);
    sandbox.git(["branch", "foreign"]);
    transcript(
        &sandbox,
        &[
            (
                "git branchwork create",
                1,
                "",
                "error: branch 'feat' has a document already\nhint: git branchwork show\n",
            ),
            (
                "git branchwork create -b none",
                1,
                "",
                "error: there is no branch 'none' here\nhint: git switch -c none\n",
            ),
            (
                "git branchwork create -b \"a'b\"",
                1,
                "",
                "error: there is no branch 'a'b' here\nhint: git switch -c 'a'\\''b'\n",
            ),
            (
                "git branchwork create -b by-hand --status approved --base feat",
                0,
                "",
                "Created the document of 'by-hand': git branchwork show -b by-hand\n",
            ),
            (
                "git branchwork get -b by-hand status branch.base branch.position",
                0,
                "status=approved\nbranch.base=feat\nbranch.position=2\n",
                "",
            ),
            (
                "git branchwork create -b foreign --status done",
                2,
                "",
                "error: 'done' is not allowed for 'status': allowed: draft, in-review, changes-requested, approved, merged\n",
            ),
            (
                "git branchwork create -b foreign --base mian",
                1,
                "",
                "error: there is no branch 'mian', here or on the remote\nhint: git branch --all\n",
            ),
            (
                "git branchwork create -b by-hand",
                1,
                "",
                "error: branch 'by-hand' has a document already\nhint: git branchwork show -b by-hand\n",
            ),
            (
                "git branchwork create -b foreign --base 'a b'",
                2,
                "",
                "error: 'a b' is not a branch name\n",
            ),
        ],
    );
    let foreign = b"# My notes\r\n\r\ncaf\xe9\r\nno line end";
    std::fs::write(sandbox.path("foreign.md"), foreign).unwrap();
    sandbox.branchwork(["create", "-b", "foreign", "--from", "../foreign.md"]);
    let made = sandbox.branchwork(["show", "-b", "foreign"]);
    assert!(made.bytes.ends_with(foreign), "{}", made.stdout);
    assert!(made.bytes.starts_with(b"---\r\n"), "{}", made.stdout);
    assert_eq!(
        sandbox.branchwork(["get", "-b", "foreign", "branch.name"]).stdout,
        "foreign\n"
    );
    let error = sandbox
        .try_branchwork(["create", "-b", "foreign", "--from", "none.md"])
        .code(1)
        .stderr;
    assert_eq!(
        error,
        "error: cannot read 'none.md': No such file or directory (os error 2)\n"
    );
}

#[test]
fn create_on_the_trunk_is_refused() {
    let sandbox = Sandbox::new();
    let error = "error: branch 'main' gets no document: it is the trunk or excluded\n\
                 hint: name another trunk: git config branchwork.trunk <name>, or see .branchwork.yml\n";
    transcript(
        &sandbox,
        &[
            ("git branchwork create", 1, "", error),
            ("git branchwork show", 1, "", error),
            ("git branchwork check", 0, "", "Nothing is missing\n"),
        ],
    );
}

#[test]
fn show() {
    let sandbox = on_feat();
    let document = sandbox.view();
    let path = sandbox.path("repo/.branchwork/CURRENT.md");
    assert_eq!(sandbox.branchwork(["show"]).stdout, document);
    assert_eq!(
        sandbox.branchwork(["show", "--path"]).stdout,
        format!("{}\n", path.display())
    );
    let json = sandbox.branchwork(["show", "--json"]).stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["branch"], "feat");
    assert_eq!(json["path"], path.display().to_string());
    assert_eq!(json["text"], document);
    assert_eq!(json["front_matter"]["branch.name"], "feat");
    assert_eq!(json["front_matter"]["branch.position"], 1);
    assert!(json["front_matter"]["risk"].is_null());

    sandbox.branchwork(["set", "risk=low"]);
    let history = sandbox.branchwork(["history"]).stdout;
    let oldest = history.lines().last().unwrap().split(' ').next().unwrap();
    assert_eq!(sandbox.branchwork(["show", "--at", oldest]).stdout, document);

    sandbox.git(["switch", "-q", "main"]);
    transcript(
        &sandbox,
        &[
            (
                "git branchwork show --path -b feat",
                1,
                "",
                "error: branch 'feat' is not checked out, so its document is in no work tree\nhint: git branchwork show -b feat\n",
            ),
            (
                "git branchwork show --at zzz -b feat",
                1,
                "",
                "error: 'zzz' names no one version of the document\nhint: git branchwork history -b feat\n",
            ),
            (
                "git branchwork show -b none",
                1,
                "",
                "error: there is no branch 'none' here, nor a document of it\nhint: git branchwork list; archived documents of others come with git branchwork sync --all\n",
            ),
            (
                "git branchwork show -b 'a b'",
                2,
                "",
                "error: 'a b' is not a branch name\nhint: git branch --list\n",
            ),
            ("git branchwork get -b refs/heads/feat risk", 0, "low\n", ""),
        ],
    );
}

#[test]
fn get() {
    let sandbox = on_feat();
    sandbox.branchwork(["set", "reviewers=ada, grace", "scope=indexer"]);
    transcript(
        &sandbox,
        &[
            ("git branchwork get scope", 0, "indexer\n", ""),
            ("git branchwork get reviewers", 0, "ada\ngrace\n", ""),
            ("git branchwork get reviewers -z", 0, "ada\0grace\0", ""),
            ("git branchwork get branch.base", 0, "main\n", ""),
            ("git branchwork get risk", 1, "", ""),
            ("git branchwork get nothing", 1, "", ""),
            (
                "git branchwork get rsk",
                1,
                "",
                "warning: the document has no 'rsk'; did you mean 'risk'?\n",
            ),
            (
                "git branchwork get risk branch.name",
                0,
                "branch.name=feat\nrisk=\n",
                "",
            ),
            (
                "git branchwork get --json branch.name reviewers risk",
                0,
                "{\n  \"branch.name\": \"feat\",\n  \"reviewers\": [\n    \"ada\",\n    \"grace\"\n  ],\n  \"risk\": null\n}\n",
                "",
            ),
            ("git branchwork get --json risk", 1, "{\n  \"risk\": null\n}\n", ""),
            (
                "git branchwork get a..b",
                2,
                "",
                "error: 'a..b' is not a key\nhint: keys have dots between their parts: branch.base\n",
            ),
        ],
    );
    let all = sandbox.branchwork(["get"]).stdout;
    assert!(
        all.starts_with("date=2025-08-29 18:56 UTC\nslug=branchwork-feat\nstatus=draft\npr=\n"),
        "{all}"
    );
}

#[test]
fn list() {
    let sandbox = Sandbox::new();
    transcript(
        &sandbox,
        &[
            (
                "git branchwork list",
                0,
                "",
                "No documents yet. After `git branchwork init`, each branch you make gets one: git switch -c <name>\n",
            ),
            ("git branchwork list --json", 0, "[]\n", ""),
        ],
    );
    sandbox.git(["switch", "-q", "-c", "one"]);
    sandbox.branchwork(["set", "risk=low", "scope=x", "pr=47"]);
    sandbox.git(["switch", "-q", "-c", "two/three"]);
    sandbox.wait(90);
    let expected = "   BRANCH     STATUS  PR  STACK  RISK  AGE  MISSING\n\
                    \x20  one        draft   47  1/2    low   1h\n\
                    *  two/three  draft   -   2/2    -     1h   scope, risk\n";
    assert_eq!(sandbox.branchwork(["list"]).stdout, expected);
    let json: serde_json::Value = serde_json::from_str(&sandbox.branchwork(["list", "--json"]).stdout).unwrap();
    assert_eq!(json[1]["branch"], "two/three");
    assert_eq!(json[1]["current"], true);
    assert_eq!(json[1]["missing"], serde_json::json!(["scope", "risk"]));
    assert_eq!(json[1]["base"], "one");
    assert_eq!(json[0]["pr"], "47");
    assert_eq!(json[0]["changed"], "2025-08-29T18:56:00Z");
    assert_eq!(json[0]["readable"], true);

    let broken = sandbox.view().replace("risk:", "risk: [");
    sandbox.write(".branchwork/CURRENT.md", &broken);
    let list = sandbox.branchwork(["list"]).stdout;
    assert!(
        list.ends_with("*  two/three  -       -   -      -     0m   the front matter cannot be read\n"),
        "{list}"
    );
}

#[test]
fn history() {
    let sandbox = on_feat();
    sandbox.commit("a", "a\n", "Add a");
    sandbox.branchwork(["set", "risk=low", "scope=x"]);
    let text = sandbox.branchwork(["history"]).stdout;
    let subjects: Vec<&str> = text.lines().map(|line| line.split_once(' ').unwrap().1).collect();
    assert_eq!(
        subjects,
        [
            "2025-08-29 18:57 Ada: set: risk, scope",
            "2025-08-29 18:57 Ada: log: Add a",
            "2025-08-29 18:56 Ada: create: feat",
        ]
    );
    assert_eq!(sandbox.branchwork(["history", "-n", "1"]).stdout.lines().count(), 1);
    let json: serde_json::Value = serde_json::from_str(&sandbox.branchwork(["history", "--json"]).stdout).unwrap();
    assert_eq!(json[2]["subject"], "create: feat");
    assert_eq!(json[2]["time"], "2025-08-29T18:56:00Z");
    assert_eq!(json[2]["author"], "Ada");
    sandbox.try_branchwork(["history", "-n", "x"]).code(2);
}

#[test]
fn check() {
    let sandbox = on_feat();
    let run = sandbox.try_branchwork(["check"]).code(1);
    assert_eq!(run.stdout, "");
    assert!(
        run.stderr
            .ends_with("To fix 'feat':\n  git branchwork set 'scope=<area>' 'risk=<low|medium|high>'\n"),
        "{}",
        run.stderr
    );
    let json: serde_json::Value =
        serde_json::from_str(&sandbox.try_branchwork(["check", "--json"]).code(1).stdout).unwrap();
    assert_eq!(
        (&json[0]["code"], &json[0]["message"], &json[0]["line"]),
        (&"BW002".into(), &"'scope' is required and missing".into(), &13.into())
    );
    assert_eq!(json.as_array().unwrap().len(), 2);

    sandbox.git(["branch", "bare"]);
    transcript(
        &sandbox,
        &[
            ("git branchwork set -q scope=x risk=low", 0, "", ""),
            ("git branchwork check", 0, "", "Nothing is missing\n"),
            ("git branchwork check --quiet", 0, "", ""),
            ("git branchwork check --json", 0, "[]\n", ""),
            (
                "git branchwork show | git branchwork check --file -",
                0,
                "",
                "Nothing is missing\n",
            ),
            (
                "git branchwork check -b bare",
                1,
                "",
                "error[BW007]: the branch 'bare' has no document\n  make it with `git branchwork create -b bare`\n",
            ),
            (
                "git branchwork check -b none",
                1,
                "",
                "error: there is no branch 'none' here, nor a document of it\nhint: git branchwork list\n",
            ),
            ("git branchwork check --all", 0, "", "Nothing is missing\n"),
        ],
    );
    std::fs::write(sandbox.path("foreign.md"), "---\ndri: ada\nscope: x\nrisk: hihg\n---\n").unwrap();
    let run = sandbox.try_branchwork(["check", "--file", "../foreign.md"]).code(1);
    let expected = "error[BW003]: 'hihg' is not allowed for 'risk'\n --> ../foreign.md:4:7\n  |\n4 | risk: hihg\n  |       ^^^^\n  |\n  = help: did you mean 'high'? allowed: low, medium, high\n";
    assert_eq!(run.stderr, expected);
    sandbox.git(["switch", "-q", "-c", "second"]);
    let run = sandbox.try_branchwork(["check", "--all"]).code(1);
    assert!(
        run.stderr.contains("To fix 'second':") && !run.stderr.contains("'feat'"),
        "{}",
        run.stderr
    );
}

#[test]
fn check_shows_what_is_wrong_with_the_policy() {
    let sandbox = on_feat();
    sandbox.branchwork(["set", "-q", "scope=x", "risk=low"]);
    sandbox.write(
        ".branchwork.yml",
        "version: 1\nexclud: [x]\nupdates: {max_files: many}\n",
    );
    let expected = "\
error[BW008]: 'exclud' is not a key of the policy
 --> .branchwork.yml:2:1
  |
2 | exclud: [x]
  | ^^^^^^
  |
  = help: did you mean 'exclude'?
error[BW008]: 'updates.max_files' has to be a number from 1 to 10000
 --> .branchwork.yml:3:22
  |
3 | updates: {max_files: many}
  |                      ^^^^
";
    let run = sandbox.try_branchwork(["check"]).code(1);
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", expected));
    let json: serde_json::Value =
        serde_json::from_str(&sandbox.try_branchwork(["check", "--json"]).code(1).stdout).unwrap();
    assert_eq!(
        (&json[0]["code"], &json[0]["path"]),
        (&"BW008".into(), &".branchwork.yml".into())
    );
    assert_eq!((&json[0]["line"], &json[0]["column"]), (&2.into(), &1.into()));
    assert!(json[0]["branch"].is_null());
    sandbox.try_branchwork(["check", "--all"]).code(1);
    sandbox.write(".branchwork.yml", "exclude: [x\n");
    let run = sandbox.try_branchwork(["check"]).code(1);
    assert!(
        run.stderr.starts_with("error[BW008]: ") && run.stderr.contains(" --> .branchwork.yml:"),
        "{}",
        run.stderr
    );
}
