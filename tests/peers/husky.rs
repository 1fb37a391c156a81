//! husky: it leads `core.hooksPath` to `.husky/_`, which git does not track, and runs `.husky/<event>` from there.

use crate::story::{EVENTS, Place, from_docs, theirs};

fn place() -> Place {
    let place = Place::new("husky", "node_modules/.bin");
    for event in EVENTS {
        place.commit(&format!(".husky/{event}"), &format!("{}\n", theirs(event)));
    }
    place
}

/// Does what `init` printed, for all who work on the project.
#[track_caller]
fn do_as_told(place: &Place, printed: &str) {
    place.do_as_told(printed);
    place.commit_all();
}

#[test]
#[ignore = "needs husky: tests/peers/install"]
fn before_us() {
    let mut place = place();
    place.shell("husky").ok();
    let init = place.init();
    if !place.by_config() {
        do_as_told(&place, &init.code(1).stderr);
        for line in from_docs("[ $? -ne 1 ]\n").lines() {
            let event = EVENTS.iter().find(|event| line.contains(*event)).unwrap();
            let file = std::fs::read_to_string(place.folder.join(".husky").join(event)).unwrap();
            assert_eq!(file.lines().last(), Some(line));
        }
        place.init().ok();
    }
    place.doctor_is_content();
    place.story();
    let by_config = place.by_config();
    place.linked_story(|place| {
        if by_config {
            place.theirs.clear();
            return;
        }
        let faults = place.doctor_finds();
        let what = "the hooks are not run: git does not get to what is written for that in '";
        assert!(faults[0].0.contains(what) && faults[0].1 == "npx husky", "{faults:?}");
        assert!(place.init().code(1).stderr.contains("\n    npx husky\n"));
        place.shell("husky").ok();
        place.doctor_is_content();
    });
}

#[test]
#[ignore = "needs husky: tests/peers/install"]
fn after_us() {
    let mut place = place();
    place.init().ok();
    place.shell("husky").ok();
    if !place.by_config() {
        let repo = place.folder.display();
        let what = format!(
            "the hooks are not run: they are in '{repo}/.git/hooks', and git looks in '{repo}/.husky/_' (core.hooksPath in \
             '{repo}/.git/config')"
        );
        assert_eq!(
            place.doctor_finds(),
            [(what, "git branchwork init, and do what it prints".to_owned())]
        );
        do_as_told(&place, &place.init().code(1).stderr);
    }
    place.doctor_is_content();
    place.story();
}
