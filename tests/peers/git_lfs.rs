//! git-lfs: its hooks are whole files of its own, and it leaves alone a hook that it does not know.

use crate::story::{Place, from_docs, make_executable};

const THEIRS: [&str; 4] = ["post-checkout", "post-commit", "post-merge", "pre-push"];

/// With git-lfs behind a program that writes down which hook it is run for.
fn place() -> Place {
    let mut place = Place::new("git-lfs", "bin");
    place.theirs = THEIRS.to_vec();
    let real = place.shell("command -v git-lfs").ok().line().to_owned();
    let counting = place.sandbox.path("bin/git-lfs");
    let events = THEIRS.join(" | ");
    std::fs::write(
        &counting,
        format!("#!/bin/sh\ncase $1 in {events}) echo \"$1\" >>\"$HOME/theirs\" ;; esac\nexec '{real}' \"$@\"\n"),
    )
    .unwrap();
    make_executable(&counting);
    place.commit(".gitattributes", "*.large filter=lfs diff=lfs merge=lfs -text\n");
    place
}

/// The story, and then a large file, which git-lfs has to send.
#[track_caller]
fn story(place: &mut Place) {
    place.doctor_is_content();
    place.story();
    place.linked_story(|_| {});
    place.shell("git switch -q -c large").ok();
    place.write("a.large", "large\n");
    place.shell("git add a.large && git commit -q -m Large").ok();
    assert!(
        place
            .shell("git show HEAD:a.large")
            .ok()
            .stdout
            .starts_with("version https://git-lfs")
    );
    place
        .shell("git-branchwork set scope=large risk=low && git push -q origin large")
        .ok();
    let sent = place.shell("find ../remote.git/lfs/objects -type f").ok().stdout;
    assert_eq!(sent.lines().count(), 1, "{sent}");
}

#[test]
#[ignore = "needs git-lfs: tests/peers/install"]
fn before_us() {
    let mut place = place();
    place.shell("git lfs install --local").ok();
    let init = place.init();
    if !place.by_config() {
        let told = place.do_as_told(&init.code(1).stderr);
        for of_docs in ["git lfs pre-push", "git lfs post-commit"].map(from_docs) {
            assert!(told.contains(&of_docs), "{told:?}");
        }
        place.init().ok();
    }
    story(&mut place);
}

#[test]
#[ignore = "needs git-lfs: tests/peers/install"]
fn after_us() {
    let mut place = place();
    place.init().ok();
    let install = place.shell("git lfs install --local");
    if !place.by_config() {
        install.code(2);
        let hook = place.folder.join(".git/hooks/pre-push");
        let what = format!(
            "'{}' does not run git-lfs, so that large files are not sent",
            hook.display()
        );
        assert_eq!(place.doctor_finds()[0].0, what);
        let manual = place.shell("git lfs update --manual").ok().stdout;
        for part in manual.split("Add the following to '").skip(1) {
            let (file, lines) = part.split_once("':\n").unwrap();
            place.append(file, &lines.replace("\n\t", "\n"));
        }
    }
    story(&mut place);
    // Its way to take its hooks back.
    place.shell("git lfs update --force").ok();
    if !place.by_config() {
        let what = "the hooks post-checkout, post-commit, post-merge, pre-push are not installed: git-lfs has its own \
                    there, and would write over ours";
        assert_eq!(place.doctor_finds()[0].0, what);
        place.do_as_told(&place.init().code(1).stderr);
    }
    place.doctor_is_content();
}
