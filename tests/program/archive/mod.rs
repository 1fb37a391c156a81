//! The end of a branch: what is archived and what is not, what is kept, and that it does not come back.

mod finding;
mod knowing;
mod many;
mod several;

use crate::sandbox::{Run, Sandbox, field};

/// A branch with a commit for each file, and back to main.
fn branch(sandbox: &Sandbox, name: &str, files: &[&str]) {
    sandbox.git(["switch", "-q", "-c", name, "main"]);
    for file in files {
        sandbox.commit(file, &format!("{file}\n"), &format!("Add {file}"));
    }
    sandbox.git(["switch", "-q", "main"]);
}

/// The branches of the live documents.
fn live(sandbox: &Sandbox) -> Vec<String> {
    let listed = sandbox.branchwork(["list", "-z"]).stdout;
    listed.split_terminator('\0').map(str::to_owned).collect()
}

/// Branch and outcome of what is archived, newest first.
fn archived(sandbox: &Sandbox) -> Vec<(String, String)> {
    let rows = json(&sandbox.branchwork(["list", "--archived", "--json"]));
    let text = |row: &serde_json::Value, key: &str| row[key].as_str().unwrap_or_default().to_owned();
    let rows = rows.as_array().unwrap().iter();
    rows.map(|row| (text(row, "branch"), text(row, "outcome"))).collect()
}

fn json(run: &Run) -> serde_json::Value {
    serde_json::from_str(&run.stdout).unwrap()
}

/// A line of the section that tells of the end.
fn told(document: &str, name: &str) -> Option<String> {
    let section = document.split("## Archived\n").nth(1)?.split("\n\n\n").next()?;
    let start = format!("- {name}: ");
    section
        .lines()
        .find_map(|line| line.strip_prefix(&start))
        .map(str::to_owned)
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(branch, outcome): &(&str, &str)| ((*branch).to_owned(), (*outcome).to_owned());
    expected.iter().map(owned).collect()
}

const SQUASHED: &str = "merged, squashed or rebased";

#[test]
fn what_is_merged_is_archived_and_what_is_not_stays() {
    let sandbox = Sandbox::new();
    branch(&sandbox, "merge", &["m1", "m2"]);
    branch(&sandbox, "forward", &["f"]);
    branch(&sandbox, "squash", &["s1", "s2"]);
    branch(&sandbox, "rebase", &["r1", "r2"]);
    branch(&sandbox, "open", &["o"]);
    branch(&sandbox, "empty", &[]);
    branch(&sandbox, "reset", &["x"]);
    sandbox.git(["merge", "-q", "forward"]);
    sandbox.wait(1);
    sandbox.git(["merge", "-q", "--no-ff", "-m", "Merge it", "merge"]);
    let merge = sandbox.id("HEAD");
    sandbox.git(["merge", "-q", "--squash", "squash"]);
    sandbox.wait(1);
    sandbox.git(["commit", "-q", "-m", "Squashed (#7)"]);
    let squash = sandbox.id("HEAD");
    sandbox.wait(1);
    sandbox.git(["cherry-pick", "rebase~1", "rebase"]);
    let rebased = sandbox.id("HEAD");
    // No hook tells of this one.
    sandbox.git(["branch", "-f", "reset", "main"]);
    sandbox.git(["branch", "-q", "-D", "squash"]);
    let would = sandbox.branchwork(["archive", "--merged", "--dry-run"]).stdout;
    assert_eq!(
        would,
        format!("forward: merged\nmerge: merged\nrebase: {SQUASHED}\nsquash: {SQUASHED}\n")
    );
    assert_eq!(live(&sandbox).len(), 7);
    assert_eq!(archived(&sandbox), []);

    let ended = json(&sandbox.branchwork(["archive", "--merged", "--json"]));
    let by = |name: &str| {
        let mut rows = ended.as_array().unwrap().iter();
        rows.find(|row| row["branch"] == name).unwrap()["merge_commit"].clone()
    };
    assert_eq!(by("merge"), merge);
    assert_eq!(by("squash"), squash);
    assert_eq!(by("rebase"), rebased);
    assert_eq!(by("forward"), serde_json::Value::Null);
    assert_eq!(live(&sandbox), ["empty", "open", "reset"]);
    let mut found = archived(&sandbox);
    found.sort();
    let expected = [
        ("forward", "merged"),
        ("merge", "merged"),
        ("rebase", SQUASHED),
        ("squash", SQUASHED),
    ];
    assert_eq!(found, pairs(&expected));
    let nothing = sandbox.branchwork(["archive", "--merged"]);
    assert_eq!(nothing.stderr, "Nothing to archive\n");

    let open = sandbox.try_branchwork(["archive"]).code(1);
    assert!(
        open.stderr.contains("has no document") || open.stderr.contains("gets no document"),
        "{}",
        open.stderr
    );
    sandbox.git(["switch", "-q", "open"]);
    let open = sandbox.try_branchwork(["archive"]).code(1).stderr;
    let hint = "hint: if it is, say so by naming it: git branchwork archive open\n";
    assert_eq!(
        open,
        format!("error: nothing tells that branch 'open' is merged\n{hint}")
    );
    sandbox.wait(1);
    sandbox.branchwork(["archive", "open"]);
    assert_eq!(
        archived(&sandbox)[0],
        ("open".into(), "merged, as the one who archived it says".into())
    );
    assert_eq!(sandbox.view(), "");
    let checked = sandbox.store(["fsck", "--strict"]).ok().stderr;
    assert!(!checked.contains("error") && !checked.contains("warning"), "{checked}");
}

#[test]
fn it_is_frozen_and_can_be_read_by_branch_id_and_slug() {
    let sandbox = Sandbox::new();
    sandbox.git(["switch", "-q", "-c", "feat/a"]);
    let first = sandbox.commit("src/a.rs", "a\nb\n", "Add a");
    let second = sandbox.commit("src/a.rs", "a\nc\n", "Change a");
    sandbox.branchwork(["set", "pr=47", "risk=low"]);
    sandbox.branchwork(["update", "--section", "Decisions", "--item", "Keep it small"]);
    let mut before = sandbox.view();
    before.push_str("\nWritten by hand, and never seen.\n");
    sandbox.write(".branchwork/CURRENT.md", &before);
    sandbox.wait(60);
    let ended = json(&sandbox.branchwork(["archive", "feat/a", "--json"]));
    assert_eq!(sandbox.view(), "");
    assert_eq!(sandbox.stored("feat/a"), None);

    let shown = sandbox.branchwork(["show", "feat/a"]).stdout;
    for part in ["Written by hand, and never seen.", "- Keep it small", "risk: low"] {
        assert!(shown.contains(part), "{part}\n{shown}");
    }
    let told = |name: &str| told(&shown, name);
    assert_eq!(told("Archived").unwrap(), "2025-08-29 19:58 UTC by @ada");
    assert_eq!(told("Branch").unwrap(), "`feat/a`");
    assert_eq!(told("Status").unwrap(), "draft");
    assert_eq!(told("Stack").unwrap(), "1 of 1, on `main`");
    assert_eq!(told("PR").unwrap(), "47");
    assert!(told("Commit").unwrap().starts_with(&second), "{shown}");
    assert!(shown.contains(&format!("- Commit: {first} ")), "{shown}");
    assert!(
        shown.contains("- Files changed (1 file, +3/-1):\n  - `src/a.rs` - added (+3/-1)\n"),
        "{shown}"
    );

    let (id, path) = (ended[0]["id"].as_str().unwrap(), ended[0]["path"].as_str().unwrap());
    assert_eq!(path, format!("2025/08/202508291958-branchwork-feat-a-{id}.md"));
    for name in [id, &id.to_lowercase(), "branchwork-feat-a", "feat-a"] {
        assert_eq!(sandbox.branchwork(["show", name]).stdout, shown, "{name}");
    }
    let by_git = format!("refs/branchwork/archive/2025:{}", path.strip_prefix("2025/").unwrap());
    assert_eq!(sandbox.store(["cat-file", "blob", &by_git]).ok().stdout, shown);
    let version = told("Version").unwrap();
    let parent = sandbox.store(["rev-parse", "refs/branchwork/archive/2025^2"]).ok();
    assert_eq!(parent.line(), version);

    let history = sandbox.branchwork(["history", "feat/a"]).stdout;
    assert!(history.starts_with(&version[..10]), "{history}");
    assert_eq!(history.lines().next().unwrap().rsplit(": ").next(), Some("by hand"));
    assert!(history.ends_with("Ada: create: feat/a\n"), "{history}");
    let oldest = history.lines().last().unwrap().split(' ').next().unwrap();
    let at = sandbox.branchwork(["show", id, "--at", oldest]).stdout;
    assert!(at.starts_with("---\n") && !at.contains("Keep it small"), "{at}");
    let patches = sandbox.branchwork(["history", id, "-p", "-n", "2"]).stdout;
    let rows = json(&sandbox.branchwork(["history", id, "-p", "-n", "2", "--json"]));
    for row in rows.as_array().unwrap() {
        let patch = row["patch"].as_str().unwrap();
        assert!(patch.contains("\n@@ ") && patches.contains(patch), "{patch}");
    }
    let plain = json(&sandbox.branchwork(["history", id, "--json"]));
    assert_eq!(plain[0]["patch"], serde_json::Value::Null);
    let version = rows[0]["version"].as_str().unwrap();
    let at = json(&sandbox.branchwork(["show", id, "--at", version, "--json"]));
    let text = sandbox.branchwork(["show", id, "--at", version]).stdout;
    assert_eq!((&at["text"], &at["branch"]), (&text.into(), &"feat/a".into()));
    assert!(patches.contains("\n+Written by hand, and never seen.\n"), "{patches}");
    assert!(patches.contains("\n+- Keep it small\n"), "{patches}");
    let shown = json(&sandbox.branchwork(["show", "feat/a", "--json"]));
    assert_eq!((&shown["branch"], &shown["archived"]), (&"feat/a".into(), &path.into()));
    assert_eq!(shown["front_matter"]["pr"], 47);
    let refused = sandbox.try_branchwork(["show", "feat/a", "--path"]).code(1).stderr;
    assert!(refused.contains("is archived, so it is in no work tree"), "{refused}");
    let missing = sandbox.try_branchwork(["show", "feat/b"]).code(1).stderr;
    assert!(missing.contains("there is no branch 'feat/b' here"), "{missing}");
}

/// Only what this clone had and deleted, and no remote has.
#[test]
fn abandoned_is_what_was_here_and_is_nowhere() {
    let sandbox = Sandbox::new();
    for name in ["gone", "pushed", "here"] {
        branch(&sandbox, name, &[name]);
    }
    sandbox.git(["push", "-q", "--no-verify", "origin", "pushed"]);
    sandbox.git(["branch", "-q", "-D", "gone", "pushed"]);
    // A teammate's, as a sync brings it: no branch of that name was ever checked out here.
    let version = sandbox
        .store(["for-each-ref", "--format=%(objectname)", "refs/branchwork/docs/gone"])
        .stdout;
    let theirs = "refs/branchwork/docs/theirs/01K3VZ0000000000000000000A";
    sandbox.store(["update-ref", theirs, version.trim()]).ok();
    assert_eq!(sandbox.branchwork(["archive", "--merged", "-n"]).stdout, "");
    for (name, why) in [
        ("pushed", "it is still there, here or on a remote"),
        ("here", "it is still there, here or on a remote"),
        ("theirs", "this clone never had it checked out"),
    ] {
        let refused = sandbox.try_branchwork(["archive", "--abandoned", name]).code(1).stderr;
        assert!(refused.contains(why), "{name}: {refused}");
    }
    sandbox.branchwork(["archive", "--abandoned", "--merged"]);
    assert_eq!(archived(&sandbox), pairs(&[("gone", "abandoned")]));
    assert_eq!(live(&sandbox), ["here", "pushed", "theirs"]);
}

#[test]
fn it_does_not_come_back() {
    let sandbox = Sandbox::new();
    branch(&sandbox, "feat", &["a"]);
    sandbox.git(["merge", "-q", "feat"]);
    sandbox.branchwork(["archive", "--merged"]);
    let id = json(&sandbox.branchwork(["list", "--archived", "--json"]))[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    // Looking at the merged branch once more makes no document, and it can be pushed.
    let switched = sandbox.git(["switch", "-q", "feat"]);
    assert_eq!((sandbox.view(), switched.stderr), (String::new(), String::new()));
    let get = sandbox.try_branchwork(["get", "risk"]).code(1).stderr;
    assert_eq!(
        get,
        format!("error: the document of 'feat' is archived\nhint: git branchwork show {id}\n")
    );
    sandbox.git(["push", "-q", "origin", "feat"]);
    // Work that goes on gets a document of its own.
    sandbox.commit("b", "b\n", "Go on");
    assert_eq!(live(&sandbox), ["feat"]);
    let new = sandbox.view();
    assert!(new.contains("Go on") && !new.contains("## Archived"), "{new}");
    assert_eq!(archived(&sandbox).len(), 1);

    sandbox.git(["switch", "-q", "-c", "again"]);
    let refused = sandbox.try_branchwork(["create", "--adopt", &id]).code(1).stderr;
    assert!(refused.contains("'again' has a document already"), "{refused}");
    sandbox.git_without_hooks(["switch", "-q", "-c", "later", "main"]);
    let adopted = sandbox.branchwork(["create", "--adopt", &id]).stderr;
    assert!(
        adopted.contains("is a new one, which names the archived one"),
        "{adopted}"
    );
    assert!(
        sandbox
            .view()
            .contains(&format!("- Goes on from the archived document `{id}`\n")),
        "{}",
        sandbox.view()
    );
    assert_eq!(field(&sandbox.view(), "name"), "later");
    let references = sandbox
        .store(["for-each-ref", "--format=%(refname)", "refs/branchwork/docs"])
        .stdout;
    assert!(!references.contains(&id), "{references}");
}

/// A kill between the two steps leaves the document in both places; what is written to it then goes into the archive too.
#[test]
fn doing_it_again_finishes() {
    let sandbox = Sandbox::new();
    branch(&sandbox, "feat", &["a"]);
    let reference = sandbox.store([
        "for-each-ref",
        "--format=%(refname) %(objectname)",
        "refs/branchwork/docs/feat",
    ]);
    let (name, version) = reference.line().split_once(' ').unwrap();
    sandbox.branchwork(["archive", "feat"]);
    let before = sandbox.id_of_archive();
    sandbox.store(["update-ref", name, version]).ok();
    sandbox.wait(60 * 24 * 40);
    sandbox.branchwork(["archive", "feat"]);
    assert_eq!((live(&sandbox), archived(&sandbox).len()), (vec![], 1));
    assert_ne!(sandbox.id_of_archive(), before);
    sandbox.store(["update-ref", name, version]).ok();
    sandbox.branchwork(["log", "Later", "-b", "feat"]);
    sandbox.branchwork(["archive", "feat"]);
    assert_eq!((live(&sandbox), archived(&sandbox).len()), (vec![], 1));
    let shown = sandbox.branchwork(["show", "feat"]).stdout;
    assert!(shown.contains("[@ada] Later\n"), "{shown}");
    assert_eq!(shown.matches("## Archived").count(), 1, "{shown}");
    assert!(sandbox.branchwork(["history", "feat"]).stdout.contains("log: Later"));
}

impl Sandbox {
    fn id_of_archive(&self) -> String {
        self.store(["rev-parse", "refs/branchwork/archive/2025"]).ok().stdout
    }
}

/// Every clone begins the archive of a year with the same commit.
#[test]
fn archives_of_two_clones_have_a_beginning_in_common() {
    let beginnings = ["one", "two"].map(|name| {
        let sandbox = Sandbox::new();
        branch(&sandbox, name, &[name]);
        sandbox.branchwork(["archive", name]);
        let log = sandbox
            .store(["rev-list", "--first-parent", "refs/branchwork/archive/2025"])
            .ok();
        log.stdout.lines().map(str::to_owned).collect::<Vec<_>>()
    });
    assert_eq!(beginnings.each_ref().map(Vec::len), [2, 2]);
    assert_ne!(beginnings[0][0], beginnings[1][0]);
    assert_eq!(beginnings[0][1], beginnings[1][1]);
}

/// Many objects are packed, and none goes that only a state file names.
#[test]
fn the_store_is_packed_when_there_is_much() {
    let sandbox = Sandbox::empty();
    sandbox.git(["init", "-q"]);
    sandbox.commit("README", "read me\n", "Begin");
    sandbox.branchwork(["init"]);
    branch(&sandbox, "feat", &["a"]);
    branch(&sandbox, "other", &["b"]);
    let blobs: String = (0..4000)
        .map(|number: u32| format!("blob\ndata {}\n{number}\n", number.to_string().len()))
        .collect();
    std::fs::write(sandbox.path("import"), blobs).unwrap();
    let import = "git -c fastimport.unpackLimit=10000 --git-dir .git/branchwork fast-import --quiet < ../import";
    sandbox.shell(import).ok();
    let loose = |kind: &str| {
        let counted = sandbox.store(["count-objects", "-v"]).ok().stdout;
        let line = counted.lines().find_map(|line| line.strip_prefix(&format!("{kind}: ")));
        line.unwrap().parse::<u64>().unwrap()
    };
    assert!(loose("count") > 4000);
    sandbox.branchwork(["archive", "feat"]);
    assert_eq!((loose("count"), loose("packs")), (0, 1));
    // The text "4", which no version has.
    let unreachable = "bf0d87ab1b2b0ec1a11a3973d2845b42413d9767";
    sandbox.store(["cat-file", "-e", unreachable]).ok();
    sandbox.git(["switch", "-q", "other"]);
    assert!(sandbox.view().contains("Add b"));
    assert!(sandbox.branchwork(["show", "feat"]).stdout.contains("Add a"));
}

/// post-merge on the trunk tells what came into it just now, once, and changes nothing.
#[test]
fn a_merge_into_the_trunk_tells_what_is_merged() {
    let sandbox = Sandbox::new();
    for name in ["one", "two", "three", "open"] {
        branch(&sandbox, name, &[name]);
    }
    let before = sandbox.store(["for-each-ref"]).stdout;
    let merged = |arguments: &[&str]| {
        let said = sandbox.git(["merge", "-q"].iter().chain(arguments)).stderr;
        said.lines()
            .filter(|line| line.starts_with("branchwork: "))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        merged(&["one"]),
        ["branchwork: 'one' is merged: git branchwork archive one"]
    );
    // Somebody else squashed one and rebased another.
    sandbox.git(["switch", "-q", "--detach", "main"]);
    sandbox.wait(1);
    sandbox.git(["merge", "-q", "--squash", "two"]);
    sandbox.git(["commit", "-q", "-m", "Two (#2)"]);
    sandbox.git(["cherry-pick", "three"]);
    let theirs = sandbox.id("HEAD");
    sandbox.git(["switch", "-q", "main"]);
    let said = "branchwork: 'three', 'two' are merged: git branchwork archive --merged";
    assert_eq!(merged(&[&theirs]), [said]);
    sandbox.git(["switch", "-q", "-c", "plain"]);
    sandbox.git(["switch", "-q", "open"]);
    assert_eq!(merged(&["main"]), Vec::<String>::new());
    sandbox.git(["switch", "-q", "main"]);
    let documents = |text: &str| -> Vec<String> {
        let lines = text
            .lines()
            .filter(|line| !line.contains("/docs/open/") && !line.contains("/docs/plain/"));
        lines.map(str::to_owned).collect()
    };
    assert_eq!(documents(&sandbox.store(["for-each-ref"]).stdout), documents(&before));
}
