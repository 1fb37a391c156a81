//! Stores that git, or a person with git, worked on: whatever form a ref or an object has, it is read, and written on.

use super::{Sandbox, on_feat, sound};
use crate::sandbox::{entries, field};

/// Works with the documents of `feat` and `feat/a` as a user does: switches, commits, changes, lists. Nothing may be lost.
#[track_caller]
fn works(sandbox: &Sandbox, times: usize) {
    let before = entries(&sandbox.stored("feat").unwrap()).len();
    sandbox.git(["switch", "-q", "feat-a"]);
    assert_eq!(field(&sandbox.view(), "name"), "feat-a");
    sandbox.git(["switch", "-q", "feat"]);
    assert_eq!(field(&sandbox.view(), "name"), "feat");
    sandbox.commit("file", &format!("{times}\n"), &format!("Time {times}"));
    sandbox.branchwork(["log", "by hand"]);
    assert_eq!(entries(&sandbox.view()).len(), before + 2);
    assert_eq!(sandbox.stored("feat").unwrap(), sandbox.view());
    let list = sandbox.branchwork(["list"]).stdout;
    assert!(list.contains("feat ") && list.contains("feat-a"), "{list}");
    let edited = sandbox
        .view()
        .replace("## Notes\n", &format!("## Notes\n\nBy hand {times}.\n"));
    sandbox.write(".branchwork/CURRENT.md", &edited);
    assert!(
        sandbox
            .branchwork(["show"])
            .stdout
            .contains(&format!("By hand {times}."))
    );
    sound(sandbox);
}

fn with_two() -> Sandbox {
    let sandbox = on_feat();
    sandbox.git(["switch", "-q", "-c", "feat-a"]);
    sandbox.git(["switch", "-q", "feat"]);
    sandbox
}

#[test]
fn packed_refs() {
    let sandbox = with_two();
    sandbox.store(["pack-refs", "--all"]).ok();
    works(&sandbox, 1);
    // Now some have a file as well, with a newer version in it.
    works(&sandbox, 2);
    sandbox.store(["pack-refs", "--all"]).ok();
    works(&sandbox, 3);
}

#[test]
fn packed_objects() {
    let sandbox = with_two();
    for time in 1..3 {
        sandbox.store(["gc", "-q"]).ok();
        assert_eq!(sandbox.store(["count-objects"]).line(), "0 objects, 0 kilobytes");
        works(&sandbox, time);
    }
}

#[test]
fn a_version_that_git_wrote() {
    let sandbox = with_two();
    let document = sandbox
        .stored("feat")
        .unwrap()
        .replace("## Notes\n", "## Notes\n\nWritten by git.\n");
    std::fs::write(sandbox.path("document"), document).unwrap();
    let script = "
        export GIT_DIR=.git/branchwork
        ref=$(git for-each-ref --format='%(refname)' 'refs/branchwork/docs/feat/*')
        blob=$(git hash-object -w ../document)
        tree=$(printf '100644 blob %s\\tBRANCHWORK.md\\n' $blob | git mktree)
        git update-ref $ref $(git commit-tree -p $ref -m 'edit: by git' $tree)
    ";
    assert_eq!(sandbox.shell(script).ok().stderr, "");
    assert!(sandbox.branchwork(["show"]).stdout.contains("Written by git."));
    works(&sandbox, 1);
    assert!(sandbox.view().contains("Written by git."));
}

#[test]
fn a_configuration_that_a_person_changed() {
    let sandbox = with_two();
    sandbox.store(["config", "core.logAllRefUpdates", "always"]).ok();
    works(&sandbox, 1);
    sandbox.store(["pack-refs", "--all"]).ok();
    works(&sandbox, 2);
}

#[test]
fn names_that_nest() {
    let sandbox = on_feat();
    sandbox.git(["switch", "-q", "-c", "nested"]);
    sandbox.git(["switch", "-q", "main"]);
    sandbox.git(["branch", "-q", "-D", "nested"]);
    for name in ["nested/a", "nested/a2"] {
        sandbox.git(["switch", "-q", "-c", name]);
        sandbox.commit("file", &format!("{name}\n"), name);
    }
    sandbox.git(["switch", "-q", "nested/a"]);
    assert_eq!(entries(&sandbox.view()), ["[@ada] nested/a"]);
    assert_eq!(sandbox.stored("nested/a").unwrap(), sandbox.view());
    assert!(sandbox.stored("nested").is_some());
    sound(&sandbox);
}

#[test]
fn longer_ids() {
    let sandbox = Sandbox::empty();
    sandbox.git(["init", "-q", "--object-format=sha256"]);
    sandbox.branchwork(["init"]);
    sandbox.commit("file", "text\n", "Begin");
    for branch in ["feat", "feat-a", "feat"] {
        let known = sandbox.try_git(["rev-parse", "-q", "--verify", branch]).code == 0;
        match known {
            true => sandbox.git(["switch", "-q", branch]),
            false => sandbox.git(["switch", "-q", "-c", branch]),
        };
    }
    works(&sandbox, 1);
    sandbox.store(["gc", "-q"]).ok();
    works(&sandbox, 2);
    assert_eq!(sandbox.store(["rev-parse", "--show-object-format"]).line(), "sha256");
}

#[test]
fn what_a_killed_writer_left_is_no_hindrance() {
    let sandbox = with_two();
    let store = sandbox.repo().join(".git/branchwork");
    let id = sandbox
        .store(["for-each-ref", "--format=%(refname)", "refs/branchwork/docs/feat/*"])
        .line()
        .to_owned();
    for left in [&format!("{id}.lock"), "packed-refs.lock", "objects/tmp_obj_abcdef"] {
        std::fs::write(store.join(left), "half").unwrap();
    }
    works(&sandbox, 1);
    assert!(!store.join(format!("{id}.lock")).exists());
    std::fs::create_dir_all(store.join("refs/branchwork/docs/feat/01ARZ3NDEKTSV4RRFFQ69G5FAV")).unwrap();
    works(&sandbox, 2);
}

#[test]
fn a_damaged_object_is_named_and_nothing_is_made_of_it() {
    let sandbox = with_two();
    let store = sandbox.repo().join(".git/branchwork");
    let reference = sandbox
        .store(["for-each-ref", "--format=%(refname)", "refs/branchwork/docs/feat/*"])
        .line()
        .to_owned();
    for of in [":BRANCHWORK.md", "^{tree}", ""] {
        let id = sandbox
            .store(["rev-parse", &format!("{reference}{of}")])
            .line()
            .to_owned();
        let path = store.join("objects").join(&id[..2]).join(&id[2..]);
        let whole = std::fs::read(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        for damaged in [&whole[..0], &whole[..whole.len() / 2]] {
            std::fs::write(&path, damaged).unwrap();
            let run = sandbox.try_branchwork(["show"]).code(1);
            assert!(run.stderr.contains("cannot read version '"), "{}", run.stderr);
            assert!(run.stderr.contains("git branchwork doctor"), "{}", run.stderr);
            let version = sandbox.store(["rev-parse", &reference]).line().to_owned();
            sandbox.try_branchwork(["log", "x"]).code(1);
            assert_eq!(sandbox.store(["rev-parse", &reference]).line(), version);
        }
        std::fs::write(&path, whole).unwrap();
    }
    works(&sandbox, 1);
}
