//! The folder of hooks: which one git means, and which are not ours to write to.

use super::*;

#[test]
fn the_folder_is_the_one_that_git_names() {
    let world = World::files();
    world.git(&["worktree", "add", "-q", "../linked", "-b", "linked"]);
    fs::create_dir_all(world.repo("a/b")).unwrap();
    for directory in ["it's a repo", "it's a repo/a/b", "it's a repo/.git", "linked"] {
        let target = world.target(directory);
        assert_eq!(target.hooks_dir, world.repo(".git/hooks"), "{directory}");
        assert_eq!(target.common_dir, world.repo(".git"), "{directory}");
        assert_eq!(target.folder(), Folder::InGitDir, "{directory}");
    }
    assert_eq!(
        world.target("it's a repo/a").work_tree,
        Some(world.repo("").components().collect())
    );
    assert_eq!(world.target("linked").git_dir, world.repo(".git/worktrees/linked"));
    assert_eq!(world.target("remote.git").work_tree, None);
    let target = Target {
        git_version: Version(2, 47, 0),
        ..world.target("linked")
    };
    install(&target, &world.program()).unwrap();
    world.ok(&["commit", "-q", "--allow-empty", "-m", "x"], "linked");
    assert_eq!(world.log(), "post-commit []\n");
}

#[test]
fn hooks_paths_of_all_kinds() {
    let world = World::files();
    let before = world.snapshot();
    fs::create_dir(world.path("global hooks")).unwrap();
    let inside = world.repo("tracked").display().to_string();
    let outside = world.path("global hooks").display().to_string();
    let own = world.repo(".git/my hooks").display().to_string();
    fs::create_dir_all(world.repo("a")).unwrap();
    for (value, folder) in [
        ("tracked", Folder::InWorkTree),
        (".husky/_", Folder::InWorkTree),
        (&*inside, Folder::InWorkTree),
        ("", Folder::InWorkTree),
        (&*outside, Folder::Outside),
        ("~/global hooks", Folder::Outside),
        ("/dev/null", Folder::Nowhere),
        ("../none/hooks", Folder::Outside),
        (&*own, Folder::InGitDir),
        (".git/own", Folder::InGitDir),
    ] {
        fs::write(world.path("global"), format!("[core]\n\thooksPath = \"{value}\"\n")).unwrap();
        for directory in ["it's a repo", "it's a repo/a"] {
            let target = Target {
                git_version: Version(2, 47, 0),
                ..world.target(directory)
            };
            assert_eq!(target.folder(), folder, "{value} {directory}: {:?}", target.hooks_dir);
            let set = target.core_hooks_path.clone().unwrap();
            assert_eq!((&*set.value, set.file), (value, Some(world.path("global"))));
            let report = install(&target, &world.program()).unwrap();
            status(&target, &world.program()).unwrap();
            if folder == Folder::InGitDir {
                assert_eq!(outcomes(&report), vec![Outcome::Added; 5], "{value}");
                world.git(&["commit", "-q", "--allow-empty", "-m", "x"]);
                assert_eq!(world.log(), "post-commit []\n", "{value}");
                remove(&target).unwrap();
                assert!(!target.hooks_dir.exists(), "{value}");
            } else {
                assert_eq!(report.way, Way::Snippet(folder), "{value}");
                assert_eq!(outcomes(&report), vec![Outcome::NotOurFolder; 5], "{value}");
                let snippets = if folder == Folder::Nowhere { 0 } else { 5 };
                assert_eq!(report.snippets.len(), snippets, "{value}");
                let husky = report
                    .snippets
                    .iter()
                    .all(|snippet| snippet.manager == Some(HookManager::Husky));
                assert_eq!(husky, value.contains("husky") || snippets == 0, "{value}");
            }
            assert_eq!(world.snapshot(), before, "{value}");
        }
    }
    assert_eq!(fs::read_dir(world.path("global hooks")).unwrap().count(), 0);
    assert!(!world.repo("tracked").exists() && !world.repo(".husky").exists());
}

#[test]
fn a_linked_folder_of_hooks_is_where_it_leads() {
    let world = World::files();
    fs::remove_dir_all(world.repo(".git/hooks")).unwrap();
    fs::create_dir(world.repo("githooks")).unwrap();
    std::os::unix::fs::symlink("../githooks", world.repo(".git/hooks")).unwrap();
    let report = install(&world.old_target(), &world.program()).unwrap();
    assert_eq!(report.way, Way::Snippet(Folder::InWorkTree));
    assert_eq!(fs::read_dir(world.repo("githooks")).unwrap().count(), 0);
    remove(&world.old_target()).unwrap();
}

#[test]
fn a_work_tree_inside_a_bare_repository_is_a_work_tree() {
    let world = World::files();
    world.ok(&["clone", "-q", "--bare", "it's a repo", "bare.git"], "");
    world.ok(&["worktree", "add", "-q", "main tree", "-b", "w"], "bare.git");
    world.ok(&["config", "core.hooksPath", "tracked"], "bare.git");
    assert_eq!(world.target("bare.git/main tree").folder(), Folder::InWorkTree);
    world.ok(&["config", "--unset", "core.hooksPath"], "bare.git");
    assert_eq!(world.target("bare.git/main tree").folder(), Folder::InGitDir);
}

#[test]
fn a_folder_that_was_not_there_goes_again() {
    let world = World::files();
    fs::remove_dir_all(world.repo(".git/hooks")).unwrap();
    install(&world.old_target(), &world.program()).unwrap();
    assert!(world.hook("pre-push").exists());
    remove(&world.old_target()).unwrap();
    assert!(!world.repo(".git/hooks").exists());
    // Whoever made an empty one may want it.
    fs::create_dir(world.repo(".git/hooks")).unwrap();
    install(&world.old_target(), &world.program()).unwrap();
    remove(&world.old_target()).unwrap();
    assert_eq!(fs::read_dir(world.repo(".git/hooks")).unwrap().count(), 0);
}

#[test]
fn hooks_left_behind_when_the_path_moved_are_removed() {
    let world = World::files();
    install(&world.old_target(), &world.program()).unwrap();
    world.git(&["config", "core.hooksPath", "/dev/null"]);
    assert_eq!(remove(&world.old_target()).unwrap().files.len(), 5);
    assert!(!world.hook("pre-push").exists());
    world.git(&["config", "core.hooksPath", ".git/mine"]);
    install(&world.old_target(), &world.program()).unwrap();
    world.git(&["config", "--unset", "core.hooksPath"]);
    assert_eq!(remove(&world.old_target()).unwrap().files.len(), 5);
    assert!(!world.repo(".git/mine").exists());
}

#[test]
fn hooks_of_other_work_trees_are_removed_too() {
    let world = World::files();
    world.git(&["worktree", "add", "-q", "../linked", "-b", "linked"]);
    world.git(&["worktree", "add", "-q", "../gone", "-b", "gone"]);
    world.git(&["config", "extensions.worktreeConfig", "true"]);
    let own = world.repo(".git/deep/er").display().to_string();
    world.ok(&["config", "--worktree", "core.hooksPath", &own], "linked");
    fs::remove_dir_all(world.path("gone")).unwrap();
    let there = Target {
        git_version: Version(2, 47, 0),
        ..world.target("linked")
    };
    install(&there, &world.program()).unwrap();
    // Whichever way is taken now, and from wherever, what is left of the other would run twice.
    let target = Target {
        git_version: Version::CONFIG_HOOKS,
        ..world.target("it's a repo")
    };
    let report = install(&target, &world.program()).unwrap();
    assert_eq!(report.other_way.files.len(), 5);
    install(&world.old_target(), &world.program()).unwrap();
    install(&there, &world.program()).unwrap();
    assert_eq!(remove(&target).unwrap().files.len(), 10);
    for directory in ["it's a repo", "linked"] {
        world.ok(&["commit", "-q", "--allow-empty", "-m", "x"], directory);
    }
    assert_eq!(world.log(), "");
}

#[test]
fn no_repository_and_no_git() {
    let world = World::files();
    fs::create_dir(world.path("plain")).unwrap();
    let error = find(world.git.as_os_str(), &world.path("plain")).unwrap_err();
    assert!(error.message.starts_with("no git repository for '"), "{error}");
    assert!(error.to_string().contains("not a git repository"), "{error}");
    let error = find(OsStr::new("no-such-git"), &world.path("plain")).unwrap_err();
    assert!(error.hint.is_some_and(|hint| hint.starts_with("install git")));
}

#[test]
fn snippets_that_are_in_use_are_not_offered_again() {
    let world = World::files();
    world.git(&["config", "core.hooksPath", ".husky/_"]);
    let report = install(&world.old_target(), &world.program()).unwrap();
    fs::create_dir(world.repo(".husky")).unwrap();
    for snippet in &report.snippets[1..] {
        fs::write(snippet.file.as_ref().unwrap(), &snippet.text).unwrap();
    }
    // husky's own files are not there: it was not run in this work tree.
    let report = install(&world.old_target(), &world.program()).unwrap();
    assert_eq!(outcomes(&report)[..2], [Outcome::NotOurFolder, Outcome::ByHandNotRun]);
    assert_eq!((report.snippets.len(), report.by_hand.len()), (1, 4));
    assert_eq!(report.by_hand[0].remedy().as_deref(), Some("npx husky"));
    fs::create_dir(world.repo(".husky/_")).unwrap();
    for event in Event::ALL {
        let stub = world.repo(".husky/_").join(event.name());
        executable(&stub, "#!/usr/bin/env sh\n. \"$(dirname \"$0\")/h\"");
    }
    let report = install(&world.old_target(), &world.program()).unwrap();
    assert_eq!(outcomes(&report)[..2], [Outcome::NotOurFolder, Outcome::ByHand]);
    assert_eq!((report.snippets.len(), report.by_hand.len()), (1, 4));
}
