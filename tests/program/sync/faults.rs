//! What goes wrong on the way or on the other side: said in words, contained, and own documents untouched.

use std::io::Write;

use super::{branchwork, join, kill, on_remote, refs, script, shared, shared_text, try_branchwork, view};
use crate::sandbox::{Sandbox, field, git_in, run, run_with};

/// A sync that fails; what it said. The document and the view stay as they are.
#[track_caller]
fn fails(sandbox: &Sandbox) -> String {
    let (view, stored) = (sandbox.view(), sandbox.stored("feat"));
    let failed = try_branchwork(sandbox, "repo", &["sync"]).code(1);
    assert!(failed.stderr.contains("\nhint: "), "{}", failed.stderr);
    assert_eq!((sandbox.view(), sandbox.stored("feat")), (view, stored));
    failed.stderr
}

#[test]
fn a_remote_that_is_gone_or_refuses() {
    let sandbox = shared();
    let remote = sandbox.path("remote.git");
    std::fs::rename(&remote, sandbox.path("moved.git")).unwrap();
    let said = fails(&sandbox);
    assert!(said.starts_with("error: cannot fetch from 'origin': fatal: "), "{said}");
    std::fs::rename(sandbox.path("moved.git"), &remote).unwrap();

    // It goes away in the middle: between fetch and push.
    let dead = script(&sandbox, "dead", "exit 128");
    sandbox.git(["config", "remote.origin.receivepack", dead.to_str().unwrap()]);
    let said = fails(&sandbox);
    assert!(said.starts_with("error: cannot push to 'origin': "), "{said}");
    // What was found on the way is told all the same.
    let text = sandbox.view();
    sandbox.write(".branchwork/CURRENT.md", "no document\n");
    let failed = try_branchwork(&sandbox, "repo", &["sync"]).code(1);
    assert!(
        failed
            .stderr
            .starts_with("warning: '.branchwork/CURRENT.md' held other text; it is saved: "),
        "{}",
        failed.stderr
    );
    assert_eq!(sandbox.view(), text);
    sandbox.git(["config", "--unset", "remote.origin.receivepack"]);

    let hook = remote.join("hooks/pre-receive");
    std::fs::create_dir_all(hook.parent().unwrap()).unwrap();
    script(&sandbox, "remote.git/hooks/pre-receive", "exit 1");
    let said = fails(&sandbox);
    assert!(
        said.starts_with("error: 'origin' does not take the document of 'feat': pre-receive hook declined\n"),
        "{said}"
    );
    std::fs::remove_file(&hook).unwrap();

    git_in(
        &sandbox,
        "remote.git",
        &["config", "receive.hideRefs", "refs/branchwork"],
    );
    let said = fails(&sandbox);
    assert!(said.contains("deny updating a hidden ref"), "{said}");
    git_in(&sandbox, "remote.git", &["config", "--unset", "receive.hideRefs"]);

    // Neither is about documents, by git's own rules: only branches are meant.
    for setting in ["receive.denyNonFastForwards", "receive.denyDeletes"] {
        git_in(&sandbox, "remote.git", &["config", setting, "true"]);
    }
    for value in ["low", "high"] {
        sandbox.branchwork(["set", "-q", &format!("risk={value}")]);
        branchwork(&sandbox, "repo", &["sync"]);
        assert_eq!(shared_text(&sandbox), sandbox.view());
    }
}

#[test]
fn killed_while_the_remote_is_slow() {
    let sandbox = shared();
    // Each says that it began, and waits until the test closes its other end.
    let begun = sandbox.path("begun");
    run(sandbox.command("mkfifo").arg(&begun)).ok();
    sandbox.branchwork(["set", "-q", "risk=low", "scope=a"]);
    let ways = [
        ("sync", "uploadpack", "upload-pack"),
        ("sync", "receivepack", "receive-pack"),
        ("push", "receivepack", "receive-pack"),
    ];
    for (way, setting, program) in ways {
        for when in ["before", "after"] {
            let wait = format!("echo >'{}'; exec sleep 60", begun.display());
            let text = match when {
                "before" => wait,
                _ => format!("git {program} \"$@\"; {wait}"),
            };
            let slow = script(&sandbox, "slow", &text);
            let item = format!("{way}: {program} {when}.");
            sandbox.branchwork(["update", "-q", "--section", "Notes", "--item", &item]);
            let key = format!("remote.origin.{setting}");
            sandbox.git(["config", &key, slow.to_str().unwrap()]);
            kill(&sandbox, &[way], || {
                // Nothing of ours is locked while the remote is waited for.
                std::fs::read(&begun).unwrap();
                sandbox.branchwork(["update", "-q", "--section", "Decisions", "--item", &item]);
            });
            sandbox.git(["config", "--unset", &key]);
            branchwork(&sandbox, "repo", &[way, "-q"]);
            assert_eq!(sandbox.view().matches(item.as_str()).count(), 2, "{item}");
            assert_eq!(shared_text(&sandbox), sandbox.view(), "{item}");
        }
    }
}

/// The document is in the archive or live there, whenever it is: the next sync finishes.
#[test]
fn killed_while_an_archive_is_sent() {
    for when in ["before", "after the archive", "after the live document went"] {
        let sandbox = shared();
        branchwork(&sandbox, "repo", &["sync"]);
        join(&sandbox, "grace");
        git_in(&sandbox, "grace", &["switch", "-q", "feat"]);
        branchwork(&sandbox, "grace", &["sync"]);
        sandbox.branchwork(["archive", "-q", "feat"]);
        let begun = sandbox.path("begun");
        run(sandbox.command("mkfifo").arg(&begun)).ok();
        let wait = format!("echo >'{}'; exec sleep 60", begun.display());
        let first = sandbox.path("first");
        let text = match when {
            "before" => wait,
            "after the archive" => format!("git receive-pack \"$@\"; {wait}"),
            _ => format!(
                "git receive-pack \"$@\"; [ -e '{0}' ] || {{ touch '{0}'; exit 0; }}; {wait}",
                first.display()
            ),
        };
        let slow = script(&sandbox, "slow", &text);
        sandbox.git(["config", "remote.origin.receivepack", slow.to_str().unwrap()]);
        kill(&sandbox, &["sync"], || drop(std::fs::read(&begun).unwrap()));
        sandbox.git(["config", "--unset", "remote.origin.receivepack"]);
        let has = |what: &str| on_remote(&sandbox).iter().any(|line| line.contains(what));
        assert_eq!(has("/archive/"), when != "before", "{when}");
        assert_eq!(has("/docs/"), when != "after the live document went", "{when}");
        // Another clone that looks now loses nothing, and does not bring it back for good.
        let item = ["update", "-q", "--section", "Notes", "--item", "Meanwhile"];
        branchwork(&sandbox, "grace", &item);
        branchwork(&sandbox, "grace", &["sync", "-q"]);
        for clone in ["repo", "grace", "repo"] {
            branchwork(&sandbox, clone, &["sync", "-q", "--all"]);
        }
        assert!(has("/archive/") && !has("/docs/"), "{when}");
        for clone in ["repo", "grace"] {
            let store = format!("{clone}/.git/branchwork");
            assert_eq!(refs(&sandbox, &store, "refs/branchwork/docs/"), [""; 0], "{when}");
            let archives = refs(&sandbox, &store, "refs/branchwork/archive/");
            assert_eq!(archives, on_remote(&sandbox), "{when}");
            let shown = try_branchwork(&sandbox, clone, &["show", "feat"]).ok().stdout;
            assert_eq!(shown.matches("- Meanwhile\n").count(), 1, "{when}: {shown}");
        }
    }
}

#[test]
fn a_clock_that_is_a_year_off() {
    let sandbox = shared();
    branchwork(&sandbox, "repo", &["sync"]);
    join(&sandbox, "grace");
    git_in(&sandbox, "grace", &["switch", "-q", "feat"]);
    branchwork(&sandbox, "grace", &["sync"]);
    let year = 365 * 24 * 60;
    for (number, off) in [year, -year].into_iter().enumerate() {
        sandbox.wait(off);
        let item = format!("Off {number}.");
        branchwork(
            &sandbox,
            "grace",
            &["update", "-q", "--section", "Notes", "--item", &item],
        );
        sandbox.wait(-off);
        let item = format!("Right {number}.");
        sandbox.branchwork(["update", "-q", "--section", "Notes", "--item", &item]);
        for clone in ["grace", "repo", "grace"] {
            branchwork(&sandbox, clone, &["sync", "-q"]);
        }
        assert_eq!(view(&sandbox, "grace"), sandbox.view());
        assert_eq!(shared_text(&sandbox), sandbox.view());
    }
    for item in ["Off 0.", "Right 0.", "Off 1.", "Right 1."] {
        assert_eq!(sandbox.view().matches(item).count(), 1, "{item}");
    }
    let history = sandbox.branchwork(["history"]).stdout;
    assert!(history.lines().last().unwrap().contains("create: feat"), "{history}");
}

#[test]
fn clones_of_other_kinds() {
    let sandbox = shared();
    branchwork(&sandbox, "repo", &["sync"]);
    git_in(&sandbox, "remote.git", &["config", "uploadpack.allowFilter", "true"]);
    let address = format!("file://{}", sandbox.path("remote.git").display());
    let kinds: [(&str, &[&str]); 3] = [
        ("shallow", &["--depth=1"]),
        ("partial", &["--filter=blob:none"]),
        ("treeless", &["--filter=tree:0", "--no-checkout"]),
    ];
    for (name, options) in kinds {
        let place = format!("../{name}");
        let clone = [&["clone", "-q", "-b", "feat"], options, &[&address, &place]].concat();
        sandbox.git(clone);
        if name == "treeless" {
            git_in(&sandbox, name, &["checkout", "-q", "feat"]);
        }
        branchwork(&sandbox, name, &["sync"]);
        let item = format!("From the {name} one.");
        branchwork(&sandbox, name, &["update", "-q", "--section", "Notes", "--item", &item]);
        branchwork(&sandbox, name, &["sync"]);
        branchwork(&sandbox, "repo", &["sync"]);
        assert!(sandbox.view().contains(&item), "{name}");
        assert_eq!(view(&sandbox, name), sandbox.view(), "{name}");
    }
    // One that mirrors: a push by git's own rules would delete all that is not here.
    sandbox.git(["config", "remote.origin.mirror", "true"]);
    let heads = refs(&sandbox, "remote.git", "refs/heads/");
    sandbox.branchwork(["set", "-q", "risk=low"]);
    branchwork(&sandbox, "repo", &["sync"]);
    assert_eq!(refs(&sandbox, "remote.git", "refs/heads/"), heads);
    assert_eq!(shared_text(&sandbox), sandbox.view());
}

/// Puts a version into the remote: a tree of these entries (mode, name, content) on a parent; its id.
fn version(sandbox: &Sandbox, entries: &[(&str, &str, &[u8])], parent: Option<&str>) -> String {
    let git = |arguments: &[&str], input: &[u8]| {
        let mut command = sandbox.command("git");
        command.current_dir(sandbox.path("remote.git")).args(arguments);
        command
            .env("GIT_AUTHOR_NAME", "mallory")
            .env("GIT_COMMITTER_NAME", "mallory");
        run_with(&mut command, input).ok()
    };
    let mut tree = Vec::new();
    for (mode, name, content) in entries {
        let file = sandbox.path("content");
        std::fs::File::create(&file).unwrap().write_all(content).unwrap();
        let blob = git(&["hash-object", "-w", file.to_str().unwrap()], b"")
            .line()
            .to_owned();
        tree.extend_from_slice(format!("{mode} {name}\0").as_bytes());
        let byte = |at: usize| u8::from_str_radix(&blob[at..at + 2], 16).unwrap();
        tree.extend((0..blob.len()).step_by(2).map(byte));
    }
    let written = git(&["hash-object", "-w", "-t", "tree", "--literally", "--stdin"], &tree);
    let mut commit = vec!["commit-tree", "-m", "x", written.line()];
    commit.extend(parent.iter().flat_map(|parent| ["-p", parent]));
    git(&commit, b"").line().to_owned()
}

#[test]
fn a_hostile_remote_harms_no_document() {
    let sandbox = shared();
    branchwork(&sandbox, "repo", &["sync"]);
    let (name, good) = {
        let line = on_remote(&sandbox).remove(0);
        let (name, id) = line.split_once(' ').unwrap();
        (name.to_owned(), id.to_owned())
    };
    let text = sandbox.view().into_bytes();
    let large = vec![b'x'; 9 * 1024 * 1024];
    let put = |id: &str| git_in(&sandbox, "remote.git", &["update-ref", &name, id]);
    let blob = git_in(&sandbox, "remote.git", &["rev-parse", &format!("{good}:BRANCHWORK.md")]);
    let parent = Some(good.as_str());
    let bad: [(&str, String, &str); 5] = [
        (
            "a path upwards",
            version(
                &sandbox,
                &[("100644", "..", b"x"), ("100644", "BRANCHWORK.md", &text)],
                parent,
            ),
            "fsck",
        ),
        (
            "a link",
            version(&sandbox, &[("120000", "BRANCHWORK.md", b"/etc/passwd")], parent),
            "its file is no regular file",
        ),
        (
            "too large",
            version(&sandbox, &[("100644", "BRANCHWORK.md", &large)], parent),
            "it is larger than 8 MiB",
        ),
        (
            "no document",
            version(&sandbox, &[("100644", "x", b"x")], parent),
            "it has no file of a document",
        ),
        ("no version", blob.line().to_owned(), "it is no version of a document"),
    ];
    for (what, id, reason) in &bad {
        put(id);
        let said = fails(&sandbox);
        let told = said.contains(reason) || *reason == "fsck" && said.contains("cannot fetch from 'origin'");
        assert!(told, "{what}: {said}");
        assert_eq!(refs(&sandbox, "remote.git", &name), [format!("{name} {id}")], "{what}");
    }

    // History that was rewritten: what is here is merged into it, and nothing of it goes.
    sandbox.branchwork(["update", "-q", "--section", "Notes", "--item", "Mine"]);
    put(&version(&sandbox, &[("100644", "BRANCHWORK.md", &text)], None));
    branchwork(&sandbox, "repo", &["sync"]);
    assert!(sandbox.view().contains("- Mine\n") && sandbox.view().contains("Add a"));
    assert_eq!(shared_text(&sandbox), sandbox.view());

    // What steers a terminal is shown as what it is, and other names than documents have are left alone.
    let odd = [
        format!("{name}x"),
        "refs/branchwork/docs/feat/x".to_owned(),
        "refs/branchwork/docs/feat/-b/@".to_owned(),
        // No blank can be in a ref's name.
        "refs/branchwork/docs/feat/$(touch${IFS}bad)".to_owned(),
    ];
    for name in &odd {
        git_in(&sandbox, "remote.git", &["update-ref", name, &good]);
    }
    let evil = [&text[..], b"\n## Notes\n\n- \x1b]0;evil\x07\x1b[2J\n"].concat();
    let newest = on_remote(&sandbox)
        .into_iter()
        .find_map(|line| Some(line.strip_prefix(&format!("{name} "))?.to_owned()));
    put(&version(
        &sandbox,
        &[("100644", "BRANCHWORK.md", &evil)],
        newest.as_deref(),
    ));
    let said = try_branchwork(&sandbox, "repo", &["sync"]).code(0);
    assert!(!said.stderr.contains('\x1b'), "{}", said.stderr);
    try_branchwork(&sandbox, "repo", &["sync", "--all"]).code(0);
    assert_eq!(refs(&sandbox, "repo/.git/branchwork", "refs/branchwork/docs/").len(), 1);
    let there = on_remote(&sandbox);
    for name in &odd {
        assert!(there.contains(&format!("{name} {good}")), "{name}: {there:?}");
    }
    let listed = run(sandbox.command("find").arg(sandbox.path("")).args(["-name", "bad"])).ok();
    assert_eq!(listed.stdout, "");
    let status = sandbox.git(["status", "--porcelain"]).stdout;
    assert_eq!(status, "");
}

/// git is shown this branch's refs alone. Otherwise it would read those of all others, and stop at one that is damaged.
#[test]
fn a_damaged_document_of_another_branch_holds_nothing_up() {
    let sandbox = shared();
    join(&sandbox, "grace");
    git_in(&sandbox, "grace", &["switch", "-q", "feat"]);
    let store = sandbox.path("repo/.git/branchwork");
    for place in ["docs/other", "remotes/origin/docs/other"] {
        let folder = store.join("refs/branchwork").join(place);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(
            folder.join("01ARZ3NDEKTSV4RRFFQ69G5FAV"),
            format!("{}\n", "1".repeat(40)),
        )
        .unwrap();
    }
    branchwork(&sandbox, "repo", &["sync"]);
    branchwork(&sandbox, "grace", &["sync"]);
    branchwork(&sandbox, "grace", &["set", "-q", "risk=high"]);
    branchwork(&sandbox, "grace", &["sync"]);
    sandbox.branchwork(["update", "-q", "--section", "Decisions", "--item", "By ada"]);
    branchwork(&sandbox, "repo", &["sync"]);
    assert_eq!(shared_text(&sandbox), sandbox.view());
    assert_eq!(field(&sandbox.view(), "risk"), "high");
    let left = std::fs::read_dir(&store).unwrap().flatten();
    let left: Vec<String> = left.map(|entry| entry.file_name().into_string().unwrap()).collect();
    assert!(
        !left
            .iter()
            .any(|name| name.starts_with("tmp_") || name.starts_with("window-")),
        "{left:?}"
    );
}

/// Where git has packed the store's refs it is shown the whole store.
#[test]
fn a_store_that_git_packed_is_synced() {
    let sandbox = shared();
    branchwork(&sandbox, "repo", &["sync"]);
    join(&sandbox, "grace");
    git_in(&sandbox, "grace", &["switch", "-q", "feat"]);
    branchwork(&sandbox, "grace", &["sync"]);
    branchwork(&sandbox, "grace", &["set", "-q", "risk=high"]);
    branchwork(&sandbox, "grace", &["sync"]);
    sandbox.store(["pack-refs", "--all"]);
    assert_eq!(
        branchwork(&sandbox, "repo", &["sync"]),
        "Brought the document of 'feat' up to date from 'origin'\n"
    );
    sandbox.branchwork(["update", "-q", "--section", "Decisions", "--item", "By ada"]);
    assert_eq!(
        branchwork(&sandbox, "repo", &["sync"]),
        "Sent the document of 'feat' to 'origin'\n"
    );
    assert_eq!(shared_text(&sandbox), sandbox.view());
}
