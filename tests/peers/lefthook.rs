//! lefthook: it writes hook files for the events of its configuration, and moves those that it finds to `.old`, unrun.

use crate::story::{EVENTS, Place, from_docs, theirs};

/// lefthook's configuration with a job of the team's for each of `events`.
fn configuration(events: &[&str]) -> String {
    let job = |event: &&str| {
        format!(
            "{event}:\n  jobs:\n    - name: theirs\n      run: '{}'\n",
            theirs(event)
        )
    };
    events.iter().map(job).collect()
}

/// The work tree with lefthook's configuration for `events`.
fn place(events: &[&'static str]) -> Place {
    let mut place = Place::new("lefthook", "node_modules/.bin");
    place.commit("lefthook.yml", &configuration(events));
    place.theirs = events.to_vec();
    place
}

/// What `doctor` says of events that lefthook has taken from us.
fn moved(place: &Place, hooks: &str) -> (String, String) {
    let folder = place.folder.join(".git/hooks");
    (
        format!(
            "{hooks} not run: lefthook moved our files to '*.old' in '{}'",
            folder.display()
        ),
        "git branchwork init, and do what it prints".to_owned(),
    )
}

#[test]
#[ignore = "needs lefthook: tests/peers/install"]
fn before_us() {
    let mut place = place(&EVENTS);
    place.shell("lefthook install").ok();
    let init = place.init();
    if !place.by_config() {
        let told = place.do_as_told(&init.code(1).stderr);
        assert_eq!(
            told,
            [from_docs("use_stdin").replace("lefthook.yml", "lefthook-local.yml")]
        );
        place.init().ok();
    }
    place.doctor_is_content();
    place.story();
    // In a linked work tree there is no lefthook-local.yml.
    let linked = place.sandbox.path("linked");
    if place.by_config() {
        return place.linked_story(|_| {});
    }
    place.shell("git worktree add -q ../linked -b linked").ok();
    let faults = place.doctor_finds();
    let start = format!(
        "in the work tree '{}': the hooks are not installed: lefthook ",
        linked.display()
    );
    assert!(faults[0].0.starts_with(&start) && faults.len() == 1, "{faults:?}");
    place.folder = linked;
    place.do_as_told(&place.init().code(1).stderr);
    place.doctor_is_content();
    place.of_branch("linked");
}

#[test]
#[ignore = "needs lefthook: tests/peers/install"]
fn after_us() {
    let mut place = place(&EVENTS);
    place.init().ok();
    place.shell("lefthook install").ok();
    if !place.by_config() {
        assert_eq!(place.doctor_finds(), [moved(&place, "the hooks are")]);
        // There is nothing that could be done without a person.
        place.shell("git-branchwork doctor --fix").code(1);
        place.do_as_told(&place.init().code(1).stderr);
    }
    place.doctor_is_content();
    place.story();
}

#[test]
#[ignore = "needs lefthook: tests/peers/install"]
fn after_us_event_by_event() {
    let mut place = place(&["post-commit"]);
    place.shell("lefthook install").ok();
    let init = place.init();
    if !place.by_config() {
        place.do_as_told(&init.code(1).stderr);
    }
    place.doctor_is_content();
    // lefthook installs itself anew at its next run.
    place.theirs = vec!["post-commit", "pre-push"];
    place.write("lefthook.yml", &configuration(&["post-commit", "pre-push"]));
    // It looks at the time in whole seconds.
    let later = std::time::SystemTime::now() + std::time::Duration::from_secs(10);
    let file = std::fs::File::options()
        .write(true)
        .open(place.folder.join("lefthook.yml"));
    file.unwrap().set_modified(later).unwrap();
    place.commit_all();
    if !place.by_config() {
        assert_eq!(place.doctor_finds(), [moved(&place, "the pre-push hook is")]);
        place.do_as_told(&place.init().code(1).stderr);
    }
    place.doctor_is_content();
    place.story();
    place.shell("lefthook uninstall").ok();
    if !place.by_config() {
        place.doctor_finds();
        place.shell("git-branchwork doctor --fix").ok();
    }
    place.doctor_is_content();
    place.theirs.clear();
    place.sandbox.wait(1);
    place.story();
}

#[test]
#[ignore = "needs lefthook: tests/peers/install"]
fn in_the_file_of_the_team() {
    let mut place = place(&EVENTS);
    let ours = from_docs("use_stdin");
    place.shell("lefthook install").ok();
    if place.by_config() {
        place.commit("lefthook.yml", &ours);
        place.init().ok();
        let file = place.folder.join("lefthook.yml");
        let what = format!(
            "the hooks are run twice: '{}' starts git-branchwork too",
            file.display()
        );
        assert_eq!(place.doctor_finds()[0].0, what);
        return;
    }
    // Ours above theirs, under one head for each event.
    let job_of_theirs = |event: &str| {
        let all = configuration(&[event]);
        all.split_once("  jobs:\n").unwrap().1.to_owned()
    };
    let both: Vec<String> = EVENTS
        .iter()
        .map(|event| {
            let from = ours.split_once(&format!("{event}:\n")).unwrap().1;
            let lines = from.split_inclusive('\n').take_while(|line| line.starts_with(' '));
            format!("{event}:\n{}{}", lines.collect::<String>(), job_of_theirs(event))
        })
        .collect();
    place.commit("lefthook.yml", &both.concat());
    place.init().ok();
    place.doctor_is_content();
    place.story();
    place.linked_story(|_| {});
}
