//! pre-commit: it moves a hook that it finds to `.legacy`, and runs it first, with arguments and input.

use crate::story::{EVENTS, Place, from_docs, theirs};

fn types() -> String {
    EVENTS.iter().map(|event| format!(" -t {event}")).collect()
}

fn configuration() -> String {
    let hook = |event: &&str| {
        format!(
            "      - id: theirs-{event}\n        name: theirs\n        entry: sh -c '{}'\n        language: system\n        \
             always_run: true\n        pass_filenames: false\n        stages: [{event}]\n",
            theirs(event)
        )
    };
    let hooks: String = EVENTS.iter().map(hook).collect();
    format!("repos:\n  - repo: local\n    hooks:\n{hooks}")
}

fn place() -> Place {
    let place = Place::new("pre-commit", "bin");
    place.commit(".pre-commit-config.yaml", &configuration());
    place
}

#[test]
#[ignore = "needs pre-commit: tests/peers/install"]
fn before_us() {
    let mut place = place();
    place.shell(&format!("pre-commit install{}", types())).ok();
    let init = place.init();
    if !place.by_config() {
        let told = place.do_as_told(&init.code(1).stderr);
        assert_eq!(told, [from_docs("pre-commit uninstall")]);
    }
    place.doctor_is_content();
    place.story();
    place.linked_story(|_| {});
}

#[test]
#[ignore = "needs pre-commit: tests/peers/install"]
fn after_us() {
    let mut place = place();
    place.init().ok();
    place.shell(&format!("pre-commit install{}", types())).ok();
    place.doctor_is_content();
    place.init().ok();
    place.story();
    place.linked_story(|_| {});
    // Theirs out again: ours is what it was.
    place.shell(&format!("pre-commit uninstall{}", types())).ok();
    place.doctor_is_content();
    place.theirs.clear();
    place.sandbox.wait(1);
    place.story();
}

#[test]
#[ignore = "needs pre-commit: tests/peers/install"]
fn after_us_by_force() {
    let mut place = place();
    place.init().ok();
    place.shell(&format!("pre-commit install -f{}", types())).ok();
    if !place.by_config() {
        let faults = place.doctor_finds();
        let what = "the hooks are not installed: pre-commit has its own there, and would write over ours";
        assert_eq!(faults[0].0, what, "{faults:?}");
        place.do_as_told(&place.init().code(1).stderr);
    }
    place.doctor_is_content();
    place.story();
}

#[test]
#[ignore = "needs pre-commit: tests/peers/install"]
fn in_its_configuration() {
    let mut place = place();
    let entry = from_docs("stages: [pre-push]").replace('\n', "\n      ");
    let ours: String = EVENTS
        .iter()
        .map(|event| format!("      {}\n", entry.replace("pre-push", event).trim_end()))
        .collect();
    place.commit(".pre-commit-config.yaml", &(configuration() + &ours));
    place.shell(&format!("pre-commit install{}", types())).ok();
    if place.by_config() {
        place.init().ok();
        assert!(place.doctor_finds()[0].0.starts_with("the hooks are run twice: "));
        return;
    }
    place.init().ok();
    place.doctor_is_content();
    place.sees_every_push = false;
    place.story();
    place.linked_story(|_| {});
}
