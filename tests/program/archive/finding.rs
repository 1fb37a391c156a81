//! Finding documents again, live ones and archived ones: `search`, `why` and `export`.

use super::{branch, json};
use crate::sandbox::{Sandbox, branchwork_in};

#[test]
fn search_finds_live_and_archived_documents() {
    let sandbox = Sandbox::new();
    for (name, risk) in [("old", "high"), ("new", "low")] {
        sandbox.git(["switch", "-q", "-c", name, "main"]);
        sandbox.commit(&format!("src/{name}.rs"), name, &format!("Add {name}"));
        sandbox.branchwork(["set", &format!("risk={risk}")]);
        sandbox.branchwork(["update", "--section", "Decisions", "--item", "Lock the Queue first"]);
    }
    sandbox.branchwork(["review", "--from", "grace", "README"]);
    sandbox.branchwork(["archive", "old"]);
    let view = sandbox
        .view()
        .replace("Lock the Queue first", "Lock the Queue first, by hand\u{1b}[31m");
    sandbox.write(".branchwork/CURRENT.md", view);
    let id = json(&sandbox.branchwork(["list", "--archived", "--json"]))[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let ids = sandbox.branchwork(["list", "--archived", "-z"]).stdout;
    assert_eq!(ids, format!("{id}\0"));

    let found = sandbox.branchwork(["search", "queue lock"]).stdout;
    let lines: Vec<&str> = found.lines().collect();
    let [new, old] = lines.as_slice() else {
        panic!("{found}")
    };
    let number = sandbox
        .view()
        .lines()
        .position(|line| line.starts_with("- Lock"))
        .unwrap()
        + 1;
    assert_eq!(
        *new,
        format!("new:{number}:Decisions:- Lock the Queue first, by hand\u{1b}[31m")
    );
    assert!(
        old.starts_with(&format!("{id}:")) && old.ends_with(":Decisions:- Lock the Queue first"),
        "{old}"
    );
    let as_fields = sandbox.branchwork(["search", "-z", "by hand"]).stdout;
    assert!(
        as_fields.starts_with(&format!("new\0{number}\0Decisions\0- Lock")),
        "{as_fields}"
    );
    let rows = json(&sandbox.branchwork(["search", "--json", "queue", "--field", "risk=high"]));
    assert_eq!(
        (&rows[0]["id"], &rows[0]["branch"], &rows[1]),
        (&id.into(), &"old".into(), &serde_json::Value::Null)
    );
    assert_eq!(rows[0]["matches"][0]["section"], "Decisions");

    let names = |arguments: &[&str]| -> Vec<String> {
        let run = sandbox.try_branchwork(["search", "--json"].iter().chain(arguments));
        let rows = json(&run);
        let rows: Vec<String> = rows
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["branch"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(run.code, i32::from(rows.is_empty()), "{}", run.stderr);
        rows
    };
    for (arguments, expected) in [
        (&["lock nothing"][..], &[][..]),
        (&["-E", "^- Lock.*first$"], &["old"]),
        (&["-E", "(?i)QUEUE", "by hand"], &["new"]),
        (&["--field", "risk=LOW"], &["new"]),
        (&["--field", "branch.base=main"], &["new", "old"]),
        (&["--status", "merged"], &["old"]),
        (&["--status", "draft"], &["new", "old"]),
        (&["--author", "@grace"], &["new"]),
        (&["--author", "ada"], &["new", "old"]),
        (&["--path", "src/old.rs"], &["old"]),
        (&["--path", "src"], &["new", "old"]),
        (&["--since", "2025-08-29"], &["new", "old"]),
        (&["--since", "2025-08-30"], &[]),
        (&["Lock", "--path", "src/old.rs", "--status", "abandoned"], &[]),
    ] {
        assert_eq!(names(arguments), expected, "{arguments:?}");
    }
    assert_eq!(sandbox.try_branchwork(["search", "-E", "("]).code(2).stdout, "");
    assert_eq!(sandbox.try_branchwork(["search"]).code(2).stdout, "");
}

/// Words in either case whatever the script; with and without sieves, live and archived.
#[test]
fn letters_beyond_ascii_have_cases_too() {
    let sandbox = Sandbox::new();
    sandbox.git(["switch", "-q", "-c", "feat"]);
    sandbox.commit("a.rs", "a\n", "Add a");
    sandbox.branchwork(["log", "Überblick Ärger ПОЧЕМУ"]);
    sandbox.branchwork(["set", "scope=Öl"]);
    let found = |arguments: &[&str]| sandbox.try_branchwork(["search"].iter().chain(arguments)).code;
    let check = || {
        for (arguments, code) in [
            (&["überblick"][..], 0),
            (&["ÜBERBLICK äRGER почему"], 0),
            (&["берблик"], 1),
            (&["--field", "scope=ÖL"], 0),
            (&["-E", "(?i)Überblick ÄRGER"], 0),
            // Documented: the engine knows the cases of ASCII only.
            (&["-E", "(?i)überblick"], 1),
        ] {
            assert_eq!(found(arguments), code, "{arguments:?}");
        }
    };
    check();
    sandbox.branchwork(["archive", "feat"]);
    check();
}

#[test]
fn a_path_is_seen_from_the_current_folder() {
    let sandbox = Sandbox::new();
    branch(&sandbox, "feat", &["src/deep/a.rs"]);
    std::fs::create_dir_all(sandbox.path("repo/src/deep")).unwrap();
    let absolute = sandbox.path("repo/src/deep/a.rs");
    for (folder, path, code) in [
        ("repo", "src/deep/a.rs", 0),
        ("repo", "./src/deep/", 0),
        ("repo", ".", 0),
        ("repo", "deep/a.rs", 1),
        ("repo/src", "deep/a.rs", 0),
        ("repo/src", "./deep/../deep/a.rs", 0),
        ("repo/src", "src/deep/a.rs", 1),
        ("repo/src/deep", "..", 0),
        ("repo/src/deep", "a.rs", 0),
        ("repo/src/deep", absolute.to_str().unwrap(), 0),
        ("repo/src", "../../other", 2),
        ("repo", "/", 2),
    ] {
        let run = branchwork_in(&sandbox, folder, &["search", "--path", path]).code(code);
        let refused = "is outside the work tree";
        assert_eq!(
            run.stderr.contains(refused),
            code == 2,
            "{folder} {path}: {}",
            run.stderr
        );
    }
}

/// A line leads to its document while the branch lives, when it is merged, and when it came by a squash or a rebase, seen
/// before or after the document was archived.
#[test]
fn a_line_leads_to_its_document() {
    let sandbox = Sandbox::new();
    for (name, pr) in [
        ("plain", ""),
        ("squash", ""),
        ("rebase", ""),
        ("late", ""),
        ("request", "47 / BLZ-42"),
    ] {
        sandbox.git(["switch", "-q", "-c", name, "main"]);
        sandbox.commit(
            &format!("src/{name}.rs"),
            &format!("one {name}\n"),
            &format!("Add {name}"),
        );
        let two = format!("one {name}\ntwo\n");
        sandbox.commit(&format!("src/{name}.rs"), &two, &format!("Change {name}"));
        sandbox.branchwork([
            "update",
            "--section",
            "Decisions",
            "--item",
            &format!("Because of {name}"),
        ]);
        if !pr.is_empty() {
            sandbox.branchwork(["set", &format!("pr={pr}")]);
        }
    }
    let why = |place: &str, code: i32| json(&sandbox.try_branchwork(["why", place, "--json"]).code(code));
    let found = |place: &str, branch: &str, by: &str, archived: bool| {
        let reasons = why(place, 0);
        let document = &reasons[0]["document"];
        assert_eq!(
            (&document["branch"], &document["found_by"]),
            (&branch.into(), &by.into()),
            "{reasons}"
        );
        assert_eq!(document["archived"].is_string(), archived, "{reasons}");
        assert_eq!(document["decisions"], format!("- Because of {branch}"));
        let entries = document["entries"].as_array().unwrap();
        assert_eq!(entries.len(), 2, "{reasons}");
    };
    found("src/request.rs:1", "request", "commit", false);
    sandbox.git(["switch", "-q", "main"]);
    sandbox.git(["merge", "-q", "--no-ff", "-m", "Merge", "plain"]);
    for name in ["squash", "late", "request"] {
        // As it is before somebody else squashed it, and the branch's own commits are not in the trunk.
        if name == "late" {
            sandbox.branchwork(["archive", "late"]);
        }
        sandbox.git(["merge", "-q", "--squash", name]);
        if name == "request" {
            sandbox.write("src/request.rs", "one request\nanother\n");
            sandbox.git(["add", "src"]);
        }
        sandbox.wait(1);
        let subject = if name == "request" {
            "Squashed by a forge (#47)"
        } else {
            "Squashed"
        };
        sandbox.git(["commit", "-q", "-m", subject]);
    }
    sandbox.git(["cherry-pick", "rebase~1", "rebase"]);
    found("src/plain.rs:2", "plain", "commit", false);
    found("src/request.rs:2", "request", "pull-request", false);
    found("src/late.rs:1", "late", "patch", true);
    sandbox.branchwork(["archive", "--merged"]);
    found("src/plain.rs:1", "plain", "commit", true);
    found("src/squash.rs:2", "squash", "commit", true);
    found("src/rebase.rs:1", "rebase", "patch", true);
    found("src/rebase.rs:2", "rebase", "commit", true);
    let both = why("src/rebase.rs", 0);
    assert_eq!(both.as_array().unwrap().len(), 2, "{both}");

    // From another folder, and after other lines were put above.
    sandbox.commit("src/squash.rs", "zero\none squash\ntwo\n", "Put a line above");
    let elsewhere = crate::sandbox::branchwork_in(&sandbox, "repo/src", &["why", "squash.rs:2"])
        .ok()
        .stdout;
    assert!(
        elsewhere.contains("Branch 'squash' (merged, squashed or rebased): git branchwork show 01"),
        "{elsewhere}"
    );
    assert!(
        elsewhere.contains("\n## Decisions\n\n- Because of squash\n"),
        "{elsewhere}"
    );
    assert!(elsewhere.contains("[@ada] Change squash\n"), "{elsewhere}");
    assert_eq!(why("src/squash.rs:1", 1)[0]["document"], serde_json::Value::Null);
    let plain = sandbox.try_branchwork(["why", "src/squash.rs:1"]).code(1).stdout;
    assert!(
        plain.ends_with("Put a line above\nNo document tells of it.\n"),
        "{plain}"
    );
    sandbox.write("src/squash.rs", "new\n");
    let new = sandbox.try_branchwork(["why", "src/squash.rs:1"]).code(1);
    assert_eq!(
        (new.stdout.as_str(), new.stderr.as_str()),
        ("", "It is in no commit yet\n")
    );
    for (place, code, said) in [
        ("src/none.rs:1", 1, "no such path"),
        ("src/plain.rs:9", 1, "has only 2 lines"),
        ("src/plain.rs:x", 2, "is not PATH:LINE"),
        ("--output=x", 2, "unexpected argument"),
    ] {
        let refused = sandbox.try_branchwork(["why", place]).code(code).stderr;
        assert!(refused.contains(said), "{place}: {refused}");
    }
}

/// Files of the folder only, and none that is not an export's own.
#[test]
fn export_writes_only_over_its_own_files() {
    let sandbox = Sandbox::new();
    branch(&sandbox, "feat/a", &["a"]);
    branch(&sandbox, "done", &["d"]);
    sandbox.branchwork(["archive", "done"]);
    let said = sandbox.branchwork(["export", "wiki/pages"]).stderr;
    assert_eq!(said, "Wrote 1 file to 'wiki/pages' (0 unchanged)\n");
    let files = || -> Vec<String> {
        let entries = std::fs::read_dir(sandbox.repo().join("wiki/pages")).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    };
    let name = files().remove(0);
    let path = format!("wiki/pages/{name}");
    assert!(
        name.starts_with("branchwork-feat-a-01") && name.ends_with(".md"),
        "{name}"
    );
    assert_eq!(sandbox.read(&path), sandbox.stored("feat/a").unwrap());
    let said = sandbox.branchwork(["export", "wiki/pages", "--archived"]).stderr;
    assert_eq!(said, "Wrote 1 file to 'wiki/pages' (1 unchanged)\n");
    assert_eq!(files().len(), 2);

    // An older version is written over, what a person wrote is not, and nothing is written through a link.
    sandbox.branchwork(["log", "Later", "-b", "feat/a"]);
    sandbox.branchwork(["export", "wiki/pages"]);
    assert!(sandbox.read(&path).contains("[@ada] Later\n"));
    sandbox.branchwork(["log", "Later still", "-b", "feat/a"]);
    let written = format!("{}\nMine.\n", sandbox.read(&path));
    sandbox.write(&path, &written);
    let refused = sandbox.try_branchwork(["export", "wiki/pages"]).code(1).stderr;
    assert!(
        refused.contains("is no version of a document, so it is left alone"),
        "{refused}"
    );
    assert_eq!(sandbox.read(&path), written);
    #[cfg(unix)]
    {
        sandbox.write("outside", sandbox.stored("done").unwrap_or_default());
        std::fs::remove_file(sandbox.repo().join(&path)).unwrap();
        std::os::unix::fs::symlink(sandbox.repo().join("outside"), sandbox.repo().join(&path)).unwrap();
        sandbox.try_branchwork(["export", "wiki/pages"]).code(1);
        assert_eq!(sandbox.read("outside"), "");
    }
    sandbox.write("file", "mine\n");
    let refused = sandbox.try_branchwork(["export", "file"]).code(1).stderr;
    assert!(refused.starts_with("error: cannot write '"), "{refused}");
}
