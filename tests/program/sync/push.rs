//! `push`: the branch and its document in one step, as git would push the branch.

use super::{
    branchwork, count_connections, join, on_remote, ready, refs, script, shared_text, theirs, try_branchwork, view,
};
use crate::sandbox::{Sandbox, git_in};

/// What the branch of this name is on the remote; empty where it is not there.
fn tip_on_remote(sandbox: &Sandbox, branch: &str) -> String {
    let found = refs(sandbox, "remote.git", &format!("refs/heads/{branch}"));
    let id = found.first().and_then(|line| line.split(' ').nth(1));
    id.unwrap_or_default().to_owned()
}

#[test]
fn a_branch_and_its_document_go_in_one_connection() {
    let sandbox = ready();
    theirs(&sandbox, "echo checked by theirs; cat >>../told");
    let connections = count_connections(&sandbox);
    let objects = sandbox.git(["count-objects", "-v"]).stdout;
    let run = sandbox.branchwork(["push"]);
    assert!(
        run.stderr.ends_with(
            "checked by theirs\nPushed 'feat' to 'origin': [new branch]\nSent the document of 'feat' to 'origin'\n"
        ),
        "{}",
        run.stderr
    );
    assert_eq!(run.stdout, "");
    assert_eq!(
        std::fs::read_to_string(&connections).unwrap(),
        "upload-pack\nreceive-pack\n"
    );
    assert_eq!(tip_on_remote(&sandbox, "feat"), sandbox.id("feat"));
    assert_eq!(shared_text(&sandbox), sandbox.view());
    // As after a git push -u; and nothing of the document is in the repository.
    assert_eq!(sandbox.id("origin/feat"), sandbox.id("feat"));
    assert_eq!(
        sandbox.git(["rev-parse", "--abbrev-ref", "feat@{u}"]).line(),
        "origin/feat"
    );
    assert_eq!(sandbox.git(["count-objects", "-v"]).stdout, objects);
    assert_eq!(refs(&sandbox, "repo/.git", "refs/branchwork"), Vec::<String>::new());
    assert!(!sandbox.path("repo/.git/objects/info/alternates").exists());
    // Theirs ran once, and heard of both.
    let told = std::fs::read_to_string(sandbox.path("told")).unwrap();
    let names: Vec<&str> = told.lines().filter_map(|line| line.split(' ').nth(2)).collect();
    assert_eq!(names.len(), 2, "{told}");
    assert!(
        names[0] == "refs/heads/feat" && names[1].starts_with("refs/branchwork/docs/feat/"),
        "{told}"
    );

    let run = sandbox.branchwork(["push"]);
    assert_eq!(
        run.stderr,
        "checked by theirs\n'feat' is up to date on 'origin'\nThe document of 'feat' is up to date with 'origin'\n"
    );
    // One of both is enough.
    sandbox.branchwork(["set", "-q", "risk=high"]);
    let run = sandbox.branchwork(["push", "--quiet"]);
    assert_eq!(run.stderr, "");
    assert_eq!(shared_text(&sandbox), sandbox.view());
}

#[test]
fn what_is_not_complete_is_held_back_in_the_words_of_the_hook() {
    let sandbox = ready();
    sandbox.branchwork(["set", "-q", "risk="]);
    let hook = sandbox.try_git(["push", "-q", "origin", "feat"]).code(1).stderr;
    let said = try_branchwork(&sandbox, "repo", &["push"]).code(1).stderr;
    let hook = hook.split("error: failed to push").next().unwrap();
    assert!(hook.contains("push blocked: 'feat' is incomplete"), "{hook}");
    assert_eq!(said, hook.replace("git push goes on", "git branchwork push goes on"));
    assert_eq!(
        (tip_on_remote(&sandbox, "feat"), on_remote(&sandbox).len()),
        (String::new(), 0)
    );

    // Somebody wants it all the same: that is said once, and not asked again by the hook.
    let mut waived = sandbox.command(crate::sandbox::binary());
    waived.arg("push").env("BRANCHWORK_WAIVE", "it burns");
    let said = crate::sandbox::run(&mut waived).ok().stderr;
    assert_eq!(said.matches("goes through all the same: it burns").count(), 1, "{said}");
    assert_eq!(tip_on_remote(&sandbox, "feat"), sandbox.id("feat"));
    assert!(shared_text(&sandbox).contains("it burns"));
    // What was checked is the branch at that commit to that name, and nothing else.
    sandbox.commit("b.rs", "b\n", "Add b");
    let checked = format!("refs/heads/feat {} refs/heads/feat", sandbox.id("HEAD~1"));
    let mut push = sandbox.command("git");
    push.args(["push", "origin", "feat"]).env("BRANCHWORK_CHECKED", checked);
    let held = crate::sandbox::run(&mut push).code(1).stderr;
    assert!(held.contains("push blocked"), "{held}");
}

#[test]
fn what_others_sent_is_merged_first_and_who_was_faster_wins_nothing() {
    let sandbox = ready();
    sandbox.branchwork(["push", "-q"]);
    join(&sandbox, "grace");
    git_in(&sandbox, "grace", &["switch", "-q", "feat"]);
    branchwork(&sandbox, "grace", &["sync", "-q"]);
    let note = |clone: &str, text: &str| {
        branchwork(&sandbox, clone, &["update", "-q", "--section", "Notes", "--item", text]);
    };
    note("grace", "One of grace's");
    branchwork(&sandbox, "grace", &["sync", "-q"]);
    note("repo", "One of ada's");
    // After git has seen where the remote's refs are, and once, another clone sends something.
    note("grace", "Two of grace's");
    let program = crate::sandbox::binary().display().to_string();
    let faster = format!(
        "echo ran >>../ran; env -u GIT_DIR -u GIT_ALTERNATE_OBJECT_DIRECTORIES '{program}' -C ../grace sync -q >&2 || exit 1"
    );
    theirs(&sandbox, &faster);
    sandbox.commit("b.rs", "b\n", "Add b");
    let said = sandbox.branchwork(["push"]).stderr;
    assert!(
        said.ends_with("Merged the document of 'feat' with that on 'origin', and sent it\n"),
        "{said}"
    );
    assert_eq!(std::fs::read_to_string(sandbox.path("ran")).unwrap(), "ran\n");
    assert_eq!(tip_on_remote(&sandbox, "feat"), sandbox.id("feat"));
    let text = shared_text(&sandbox);
    assert_eq!(text, sandbox.view());
    for item in ["- One of ada's\n", "- One of grace's\n", "- Two of grace's\n"] {
        assert_eq!(text.matches(item).count(), 1, "{item}{text}");
    }
    branchwork(&sandbox, "grace", &["sync", "-q"]);
    assert_eq!(view(&sandbox, "grace"), text);
}

#[test]
fn a_remote_that_takes_no_documents_gets_the_branch() {
    let sandbox = ready();
    let configure = |arguments: &[&str]| {
        git_in(&sandbox, "remote.git", &[&["config"], arguments].concat());
    };
    theirs(&sandbox, "echo ran >>../ran");
    let hook = sandbox.path("remote.git/hooks/update");
    std::fs::create_dir_all(hook.parent().unwrap()).unwrap();
    for (number, reason) in ["deny updating a hidden ref", "hook declined", ""]
        .into_iter()
        .enumerate()
    {
        match number {
            0 => configure(&["receive.hideRefs", "refs/branchwork"]),
            1 => {
                configure(&["--unset", "receive.hideRefs"]);
                let text = "case $1 in refs/branchwork/*) exit 1 ;; esac";
                script(&sandbox, "remote.git/hooks/update", text);
            }
            // Both go, one after the other.
            _ => {
                std::fs::remove_file(&hook).unwrap();
                configure(&["receive.advertiseAtomic", "false"]);
            }
        }
        sandbox.commit("b.rs", &format!("{number}\n"), "Change b");
        let said = sandbox.branchwork(["push"]).stderr;
        assert!(said.contains("Pushed 'feat' to 'origin': "), "{said}");
        let warning = format!("warning: 'origin' does not take the document of 'feat': {reason}; ");
        assert_eq!(said.contains(&warning), number < 2, "{said}");
        assert_eq!(tip_on_remote(&sandbox, "feat"), sandbox.id("feat"), "{reason}");
        assert_eq!(sandbox.id("origin/feat"), sandbox.id("feat"), "{reason}");
        assert_eq!(
            sandbox.git(["rev-parse", "--abbrev-ref", "feat@{u}"]).line(),
            "origin/feat"
        );
        assert_eq!(on_remote(&sandbox).len(), number / 2, "{reason}");
        let ran = std::fs::read_to_string(sandbox.path("ran")).unwrap();
        assert_eq!(ran.lines().count(), number + 1, "{reason}");
    }
    assert_eq!(shared_text(&sandbox), sandbox.view());
}

#[test]
fn a_branch_that_is_refused_keeps_its_document_here() {
    let sandbox = ready();
    sandbox.branchwork(["push", "-q"]);
    let before = on_remote(&sandbox);
    sandbox.branchwork(["set", "-q", "risk=high"]);
    sandbox.git(["commit", "-q", "--amend", "-m", "Add another a"]);
    let failed = try_branchwork(&sandbox, "repo", &["push"]).code(1);
    assert!(
        failed.stderr.ends_with(
            "error: 'feat' was not pushed to 'origin': non-fast-forward\n\
             hint: git pull; after a rebase: git branchwork push --force-with-lease\n"
        ),
        "{}",
        failed.stderr
    );
    assert_eq!(on_remote(&sandbox), before);
    // A hook of theirs says no.
    theirs(&sandbox, "exit 3");
    let failed = try_branchwork(&sandbox, "repo", &["push", "-f"]).code(1);
    assert!(
        failed
            .stderr
            .contains("error: 'feat' was not pushed to 'origin'\nhint: "),
        "{}",
        failed.stderr
    );
    assert_eq!(on_remote(&sandbox), before);
    std::fs::remove_file(sandbox.path("repo/.git/hooks/pre-push")).unwrap();

    // The remote takes no rewritten branch, however it is pushed.
    let setting = "receive.denyNonFastForwards";
    git_in(&sandbox, "remote.git", &["config", setting, "true"]);
    for option in ["-f", "--force-with-lease"] {
        let failed = try_branchwork(&sandbox, "repo", &["push", option]).code(1).stderr;
        let said = "error: 'feat' was not pushed to 'origin': non-fast-forward\n\
                    hint: the remote takes no rewritten branch: git pull, or push it under another name\n";
        assert!(failed.ends_with(said), "{failed}");
        assert_eq!(on_remote(&sandbox), before);
    }
    git_in(&sandbox, "remote.git", &["config", "--unset", setting]);

    let dry = sandbox.branchwork(["push", "--dry-run", "--force-with-lease"]).stderr;
    assert!(dry.contains("Would push 'feat' to 'origin': "), "{dry}");
    assert_eq!(on_remote(&sandbox), before);
    assert_ne!(tip_on_remote(&sandbox, "feat"), sandbox.id("feat"));
    sandbox.branchwork(["push", "-q", "--force-with-lease"]);
    assert_eq!(tip_on_remote(&sandbox, "feat"), sandbox.id("feat"));
    assert_eq!(shared_text(&sandbox), sandbox.view());
    // The remote's branch is elsewhere than it was last seen.
    let main = sandbox.id("main");
    git_in(&sandbox, "remote.git", &["update-ref", "refs/heads/feat", &main]);
    sandbox.git(["commit", "-q", "--amend", "-m", "Add a third a"]);
    let failed = try_branchwork(&sandbox, "repo", &["push", "--force-with-lease"]).code(1);
    assert!(failed.stderr.contains("'origin': stale info\n"), "{}", failed.stderr);
    sandbox.branchwork(["push", "-q", "-f"]);
    assert_eq!(tip_on_remote(&sandbox, "feat"), sandbox.id("feat"));
    assert_eq!(shared_text(&sandbox), sandbox.view());
}

#[test]
fn a_document_that_must_not_go_holds_no_branch_back() {
    let sandbox = ready();
    let secret = format!("ghp_{}", "a1B2c3D4e5F6".repeat(3));
    sandbox.branchwork(["update", "-q", "--section", "Notes", "--item", &secret]);
    let said = sandbox.branchwork(["push"]).stderr;
    assert!(
        said.contains("warning: the document of 'feat' is not sent: line ") && !said.contains(&secret),
        "{said}"
    );
    assert_eq!(tip_on_remote(&sandbox, "feat"), sandbox.id("feat"));
    assert_eq!(on_remote(&sandbox).len(), 0);
    // The trunk has none.
    sandbox.git(["switch", "-q", "main"]);
    sandbox.commit("c.rs", "c\n", "Add c");
    let said = sandbox.branchwork(["push"]).stderr;
    assert!(
        said.contains("Pushed 'main' to 'origin': ") && !said.contains("document"),
        "{said}"
    );
    assert_eq!(tip_on_remote(&sandbox, "main"), sandbox.id("main"));
}

#[test]
fn the_branch_goes_where_git_would_push_it() {
    let sandbox = ready();
    sandbox.git(["init", "-q", "--bare", "../fork.git"]);
    sandbox.git(["remote", "add", "fork", "../fork.git"]);
    let fails = |setting: &str, said: &str| {
        let failed = try_branchwork(&sandbox, "repo", &["push"]).code(1).stderr;
        assert!(
            failed.starts_with(said) && failed.contains("\nhint: "),
            "{setting}: {failed}"
        );
        let git = sandbox.try_git(["push", "-q"]);
        assert_ne!(git.code, 0, "{setting}");
    };
    sandbox.git(["config", "push.default", "nothing"]);
    fails(
        "nothing",
        "error: 'feat' is pushed nowhere: push.default is 'nothing'\n",
    );
    sandbox.git(["config", "--unset", "push.default"]);
    // Begun from the remote's branch, which it follows.
    sandbox.git(["branch", "-q", "--set-upstream-to=origin/main"]);
    fails("simple", "error: 'feat' follows 'main', which has another name: ");
    sandbox.git(["branch", "-q", "--unset-upstream"]);

    let documents = |remote: &str| refs(&sandbox, &format!("{remote}.git"), "refs/branchwork/docs/");
    let heads = |remote: &str| refs(&sandbox, &format!("{remote}.git"), "refs/heads/");
    sandbox.git(["config", "remote.pushDefault", "fork"]);
    sandbox.branchwork(["push", "-q"]);
    assert_eq!(
        (heads("fork").len(), documents("fork").len(), documents("remote").len()),
        (1, 1, 0)
    );
    assert_ne!(sandbox.try_git(["rev-parse", "feat@{u}"]).code, 0);
    // Another branch than the one that is checked out, to a remote that is named.
    sandbox.git(["switch", "-q", "main"]);
    sandbox.branchwork(["push", "-q", "-b", "feat", "origin"]);
    assert_eq!(tip_on_remote(&sandbox, "feat"), sandbox.id("feat"));
    assert_eq!(documents("remote").len(), 1);
    let failed = try_branchwork(&sandbox, "repo", &["push", "nowhere"]).code(1).stderr;
    assert_eq!(
        failed,
        "error: there is no remote 'nowhere' here\nhint: git remote -v\n"
    );

    // Under another name, and the document with it.
    sandbox.git(["config", "remote.fork.push", "refs/heads/*:refs/heads/ada/*"]);
    sandbox.branchwork(["push", "-q", "-b", "feat", "fork"]);
    assert!(
        heads("fork")
            .iter()
            .any(|line| line.starts_with("refs/heads/ada/feat "))
    );
    assert!(
        documents("fork")
            .iter()
            .any(|line| line.starts_with("refs/branchwork/docs/ada/feat/"))
    );
}

/// A clone that fetches all refs would remember where the remote's document is, by an object that it has not got.
#[test]
fn clones_that_fetch_or_mirror_everything_stay_whole() {
    let sandbox = ready();
    for (key, value) in [("fetch", "+refs/*:refs/remotes/all/*"), ("mirror", "true")] {
        sandbox.git(["config", "--add", &format!("remote.origin.{key}"), value]);
    }
    sandbox.branchwork(["push"]);
    assert_eq!(shared_text(&sandbox), sandbox.view());
    assert_eq!(tip_on_remote(&sandbox, "feat"), sandbox.id("feat"));
    let here = refs(&sandbox, "repo/.git", "refs/");
    assert!(here.iter().all(|line| !line.contains("branchwork")), "{here:?}");
    sandbox.git(["fsck", "--strict"]);
}

#[test]
fn from_a_linked_work_tree_and_with_alternates_of_ones_own() {
    let sandbox = ready();
    sandbox.git(["worktree", "add", "-q", "-b", "other", "../tree"]);
    branchwork(&sandbox, "tree", &["set", "-q", "risk=low", "scope=a"]);
    let mut push = sandbox.command(crate::sandbox::binary());
    push.arg("push").current_dir(sandbox.path("tree"));
    push.env("GIT_ALTERNATE_OBJECT_DIRECTORIES", sandbox.path("remote.git/objects"));
    crate::sandbox::run(&mut push).ok();
    assert_eq!(tip_on_remote(&sandbox, "other"), sandbox.id("other"));
    let documents = refs(&sandbox, "remote.git", "refs/branchwork/docs/other/");
    assert_eq!(documents.len(), 1);
    // A folder that would be taken for two.
    let odd = "odd:\"it's\"";
    join(&sandbox, odd);
    git_in(&sandbox, odd, &["switch", "-q", "-c", "odd"]);
    git_in(&sandbox, odd, &["commit", "-q", "--allow-empty", "-m", "Begin"]);
    branchwork(&sandbox, odd, &["set", "-q", "risk=low", "scope=a"]);
    branchwork(&sandbox, odd, &["push"]);
    assert_eq!(refs(&sandbox, "remote.git", "refs/branchwork/docs/odd/").len(), 1);
    git_in(&sandbox, "remote.git", &["fsck", "--strict"]);
}

#[test]
fn doctor_tries_a_remote_out_and_leaves_nothing_there() {
    let sandbox = ready();
    let doctor = |arguments: &[&str]| {
        let run = sandbox.try_branchwork([&["doctor", "--remote"], arguments].concat());
        assert_eq!(run.stderr, "");
        run
    };
    let all_refs = || refs(&sandbox, "remote.git", "refs/");
    std::fs::create_dir_all(sandbox.path("remote.git/hooks")).unwrap();
    let (before, here) = (all_refs(), refs(&sandbox, "repo/.git/branchwork", "refs/"));
    assert_eq!(
        doctor(&[]).ok().stdout,
        "ok     'origin' answers\n\
         ok     'origin' takes documents, and gives them back\n\
         ok     'origin' takes a branch and its document in one step\n\
         ok     'origin' deletes the documents of branches that have ended\n\
         ok     documents can be shared: git branchwork push, or git branchwork sync origin\n"
    );
    let objects = || sandbox.store(["count-objects"]).stdout;
    let once = objects();
    assert_eq!(doctor(&["origin"]).code, 0);
    assert_eq!(objects(), once);
    let configure = |arguments: &[&str]| {
        git_in(&sandbox, "remote.git", &[&["config"], arguments].concat());
    };
    configure(&["receive.hideRefs", "refs/branchwork"]);
    assert_eq!(
        doctor(&[]).code(1).stdout,
        "ok     'origin' answers\n\
         wrong  'origin' takes no documents: deny updating a hidden ref\n       \
         fix: ask whoever keeps it to allow refs/branchwork/*; until then the branch goes alone: git push origin\n"
    );
    // Quietly only that, and nothing where nothing is wrong.
    let told = doctor(&["-q"]).code(1).stdout;
    assert!(
        told.starts_with("wrong  'origin' takes no documents") && told.lines().count() == 2,
        "{told}"
    );
    configure(&["--unset", "receive.hideRefs"]);
    assert_eq!(doctor(&["-q"]).ok().stdout, "");
    // Of two refs git names the reason for one, and that the other does not go without it.
    script(&sandbox, "remote.git/hooks/update", "exit 1");
    let said = doctor(&[]).code(1).stdout;
    assert!(
        said.contains("wrong  'origin' takes no documents: hook declined\n"),
        "{said}"
    );
    std::fs::remove_file(sandbox.path("remote.git/hooks/update")).unwrap();
    configure(&["uploadpack.hideRefs", "refs/branchwork"]);
    let said = doctor(&[]).code(1).stdout;
    assert!(
        said.contains("wrong  'origin' takes documents, but does not give them back: "),
        "{said}"
    );
    configure(&["--unset", "uploadpack.hideRefs"]);
    configure(&["receive.advertiseAtomic", "false"]);
    let said = doctor(&[]).ok().stdout;
    assert!(
        said.contains("note   'origin' cannot take a branch and its document in one step\n"),
        "{said}"
    );
    assert_eq!(
        (all_refs(), refs(&sandbox, "repo/.git/branchwork", "refs/")),
        (before, here)
    );

    script(
        &sandbox,
        "remote.git/hooks/update",
        "case $3 in *[!0]*) ;; *) exit 1 ;; esac",
    );
    let said = doctor(&[]).ok().stdout;
    let left: Vec<String> = on_remote(&sandbox);
    assert_eq!(left.len(), 1, "{left:?}");
    let name = left[0].split(' ').next().unwrap();
    assert!(
        said.contains("note   'origin' deletes no document of a branch that has ended: hook declined\n")
            && said.contains(&format!("fix: ask whoever keeps it to remove {name}\n")),
        "{said}"
    );
    std::fs::rename(sandbox.path("remote.git"), sandbox.path("moved.git")).unwrap();
    let said = doctor(&[]).code(1).stdout;
    assert!(
        said.starts_with("wrong  cannot fetch from 'origin': fatal: ")
            && said.ends_with("fix: see whether git can: git ls-remote origin\n"),
        "{said}"
    );
    let failed = sandbox.try_branchwork(["doctor", "--remote", "nowhere"]).code(1).stderr;
    assert_eq!(
        failed,
        "error: there is no remote 'nowhere' here\nhint: git remote -v\n"
    );
}

/// Every way to configure it, held against what git itself says that it would push.
#[test]
fn the_configuration_means_what_it_means_to_git() {
    let sandbox = ready();
    for remote in ["fork", "third"] {
        sandbox.git(["init", "-q", "--bare", &format!("../{remote}.git")]);
        sandbox.git(["remote", "add", remote, &format!("../{remote}.git")]);
    }
    let mut compared = [0; 3];
    for default in ["", "current", "upstream", "nothing"] {
        for (follows, merge) in [
            ("", ""),
            ("origin", "feat"),
            ("origin", "elsewhere"),
            ("fork", "feat"),
            ("fork", "elsewhere"),
        ] {
            for (key, value) in [
                ("", ""),
                ("remote.pushDefault", "third"),
                ("branch.feat.pushRemote", "fork"),
                ("remote.fork.push", "refs/heads/feat:refs/heads/ada/feat"),
                ("remote.origin.push", "feat:refs/for/main"),
            ] {
                let merge = if merge.is_empty() {
                    String::new()
                } else {
                    format!("refs/heads/{merge}")
                };
                let settings = [
                    ("push.default", default),
                    ("branch.feat.remote", follows),
                    ("branch.feat.merge", &merge),
                    (key, value),
                ];
                let settings: Vec<(&str, &str)> = settings.into_iter().filter(|(_, value)| !value.is_empty()).collect();
                let configured = |program: &std::path::Path, arguments: &[&str]| {
                    let mut command = sandbox.command(program);
                    command.env("GIT_CONFIG_COUNT", settings.len().to_string());
                    for (at, (key, value)) in settings.iter().enumerate() {
                        command.env(format!("GIT_CONFIG_KEY_{at}"), key);
                        command.env(format!("GIT_CONFIG_VALUE_{at}"), value);
                    }
                    crate::sandbox::run(command.args(arguments))
                };
                let gits = configured("git".as_ref(), &["push", "--dry-run", "--no-verify", "--porcelain"]);
                let ours = configured(crate::sandbox::binary(), &["push", "--dry-run"]);
                let said = format!("{settings:?}\n{}{}\n{}", gits.stdout, gits.stderr, ours.stderr);
                if gits.code != 0 && !gits.stderr.contains("has no upstream branch") {
                    compared[0] += 1;
                    assert_eq!(ours.code, 1, "{said}");
                    continue;
                }
                // Where git wants to be told with -u, it is done.
                let (remote, to) = match gits.code {
                    0 => {
                        compared[1] += 1;
                        let address = gits.stdout.lines().next().unwrap();
                        let row = gits
                            .stdout
                            .lines()
                            .find(|line| line.contains("refs/heads/feat:"))
                            .unwrap();
                        let to = row.split(['\t', ':']).nth(2).unwrap();
                        (address.trim_start_matches("To ../").trim_end_matches(".git"), to)
                    }
                    _ => {
                        compared[2] += 1;
                        ("remote", "refs/heads/feat")
                    }
                };
                let remote = if remote == "remote" { "origin" } else { remote };
                let to = to.strip_prefix("refs/heads/").unwrap_or(to);
                let other = if to == "feat" {
                    String::new()
                } else {
                    format!(" as '{to}'")
                };
                let expected = format!("Would push 'feat' to '{remote}'{other}: ");
                assert!(ours.stderr.contains(&expected), "{expected}\n{said}");
            }
        }
    }
    assert!(compared.iter().all(|number| *number > 3), "{compared:?}");
}

/// However it is configured, the document is where the branch is, and in one place.
#[test]
fn a_sync_and_a_push_agree_on_the_place() {
    for (settings, place) in [
        (
            &[("remote.origin.push", "refs/heads/*:refs/heads/team/*")][..],
            "team/feat",
        ),
        (&[("remote.origin.push", "+feat:refs/heads/f")], "f"),
        (&[("remote.origin.push", "feat:refs/for/main")], "feat"),
        (&[("remote.origin.push", "feat:main")], "feat"),
        (
            &[
                ("push.default", "upstream"),
                ("branch.feat.remote", "origin"),
                ("branch.feat.merge", "refs/heads/theirs"),
            ],
            "theirs",
        ),
        (
            &[
                ("push.default", "current"),
                ("branch.feat.remote", "origin"),
                ("branch.feat.merge", "refs/heads/theirs"),
            ],
            "feat",
        ),
    ] {
        let sandbox = ready();
        git_in(&sandbox, "remote.git", &["branch", "theirs", "main"]);
        for (key, value) in settings {
            sandbox.git(["config", key, value]);
        }
        let go = |first: &str| {
            sandbox.branchwork([first, "-q"]);
            sandbox.branchwork(["log", first]);
        };
        for command in ["sync", "push", "sync", "push"] {
            go(command);
        }
        sandbox.branchwork(["sync", "-q"]);
        let documents = on_remote(&sandbox);
        assert_eq!(documents.len(), 1, "{settings:?} {documents:?}");
        let prefix = format!("refs/branchwork/docs/{place}/0");
        assert!(documents[0].starts_with(&prefix), "{settings:?} {documents:?}");
    }
}
