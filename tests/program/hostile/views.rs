//! What stands in the view's place.

use std::path::Path;

use super::{Sandbox, count, on_feat, rescued, run, sound};
use crate::sandbox::field;

const VIEW: &str = ".branchwork/CURRENT.md";

fn place(sandbox: &Sandbox) -> std::path::PathBuf {
    sandbox.repo().join(VIEW)
}

/// Every command and hook goes on, the document gets its entries, and what stands there is left alone.
#[track_caller]
fn goes_on(sandbox: &Sandbox, what: &str) {
    let before = count(&sandbox.stored("feat").unwrap(), "\n### ");
    let log = sandbox.branchwork(["log", "By command"]);
    assert!(log.stderr.contains(what), "{}", log.stderr);
    sandbox.wait(1);
    let commit = sandbox.git(["commit", "-q", "--allow-empty", "-m", "By hook"]);
    assert!(commit.stderr.contains(what), "{}", commit.stderr);
    assert_eq!(commit.stderr.lines().count(), 1, "{}", commit.stderr);
    sandbox.git(["switch", "-q", "main"]);
    sandbox.git(["switch", "-q", "feat"]);
    let shown = sandbox.branchwork(["show"]).stdout;
    assert_eq!(count(&shown, "\n### "), before + 2, "{shown}");
    assert_eq!(shown, sandbox.stored("feat").unwrap());
    sandbox.try_git(["push", "-q", "origin", "feat"]).code(1);
}

#[cfg(unix)]
#[test]
fn links_pipes_and_folders_are_left_alone() {
    use std::os::unix::fs::symlink;
    let sandbox = on_feat();
    let outside = sandbox.path("outside");
    let pipe = |path: &Path| drop(run(sandbox.command("mkfifo").arg(path)).ok());
    std::fs::write(&outside, "not ours\n").unwrap();

    std::fs::remove_file(place(&sandbox)).unwrap();
    symlink(&outside, place(&sandbox)).unwrap();
    goes_on(&sandbox, "a symbolic link");
    assert!(place(&sandbox).is_symlink());

    std::fs::remove_file(place(&sandbox)).unwrap();
    symlink(sandbox.path("dangling"), place(&sandbox)).unwrap();
    goes_on(&sandbox, "a symbolic link");
    assert!(!sandbox.path("dangling").exists());

    std::fs::remove_file(place(&sandbox)).unwrap();
    pipe(&place(&sandbox));
    goes_on(&sandbox, "not a regular file");

    std::fs::remove_file(place(&sandbox)).unwrap();
    std::fs::create_dir(place(&sandbox)).unwrap();
    goes_on(&sandbox, "a folder");

    std::fs::remove_dir(place(&sandbox)).unwrap();
    let ignore = sandbox.repo().join(".branchwork/.gitignore");
    std::fs::remove_file(&ignore).unwrap();
    pipe(&ignore);
    goes_on(&sandbox, "another .gitignore");
    std::fs::remove_file(&ignore).unwrap();
    symlink(&outside, &ignore).unwrap();
    goes_on(&sandbox, "another .gitignore");
    std::fs::remove_file(&ignore).unwrap();
    std::fs::write(&ignore, "!*\n").unwrap();
    goes_on(&sandbox, "another .gitignore");
    std::fs::remove_file(&ignore).unwrap();

    assert_eq!(std::fs::read_to_string(&outside).unwrap(), "not ours\n");
    sandbox.branchwork(["show"]);
    assert_eq!(sandbox.view(), sandbox.stored("feat").unwrap());
    sound(&sandbox);
}

#[cfg(unix)]
#[test]
fn a_folder_that_leads_elsewhere_is_not_entered() {
    use std::os::unix::fs::symlink;
    let sandbox = on_feat();
    let (folder, outside) = (sandbox.repo().join(".branchwork"), sandbox.path("outside"));
    std::fs::create_dir(&outside).unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    symlink(&outside, &folder).unwrap();
    goes_on(&sandbox, "a symbolic link");
    let made = sandbox.git(["switch", "-q", "-c", "made"]).stderr;
    assert!(
        made.ends_with("created the document of 'made': git branchwork show\n"),
        "{made}"
    );
    sandbox.git(["switch", "-q", "feat"]);
    std::fs::remove_file(&folder).unwrap();
    symlink(sandbox.path("dangling"), &folder).unwrap();
    goes_on(&sandbox, "a symbolic link");
    assert!(!sandbox.path("dangling").exists());
    std::fs::remove_file(&folder).unwrap();
    std::fs::write(&folder, "a file\n").unwrap();
    goes_on(&sandbox, "a file");
    assert_eq!(std::fs::read_to_string(&folder).unwrap(), "a file\n");
    assert_eq!(std::fs::read_dir(&outside).unwrap().count(), 0);
    std::fs::remove_file(&folder).unwrap();
    sandbox.branchwork(["show"]);
    sound(&sandbox);
}

#[test]
fn our_own_text_is_not_rescued_where_it_cannot_be_remembered() {
    let sandbox = on_feat();
    let state = sandbox.repo().join(".git/branchwork-view");
    std::fs::remove_file(&state).unwrap();
    std::fs::create_dir(&state).unwrap();
    for number in 0..2 {
        sandbox.branchwork(["show"]);
        sandbox.commit("a", &number.to_string(), "Work");
        sandbox.git(["switch", "-q", "-C", "other", "main"]);
        sandbox.git(["switch", "-q", "feat"]);
    }
    assert_eq!(sandbox.view(), sandbox.stored("feat").unwrap());
    let rescued = || sandbox.store(["for-each-ref", "refs/branchwork/rescued"]).stdout;
    assert_eq!(rescued(), "");
    sandbox.write(VIEW, sandbox.view() + "by hand\n");
    sandbox.branchwork(["show"]);
    assert_eq!(count(&rescued(), "\n"), 1);
}

#[test]
fn a_tracked_view_is_never_written() {
    let sandbox = on_feat();
    sandbox.write(VIEW, "somebody's own\n");
    sandbox.git(["add", "-f", VIEW]);
    sandbox.git(["commit", "-q", "-m", "Track it"]);
    goes_on(&sandbox, "tracked by git");
    sandbox.git(["switch", "-q", "-c", "other"]);
    sandbox.commit("b", "b", "More");
    sandbox.git(["switch", "-q", "feat"]);
    assert_eq!(sandbox.view(), "somebody's own\n");
    assert_eq!(sandbox.git(["status", "--porcelain"]).stdout, "");
    // On a branch that does not have it the view is ours again, and back.
    sandbox.git(["switch", "-q", "-c", "free", "main"]);
    assert!(sandbox.view().contains("[WIP] `free`"), "{}", sandbox.view());
    sandbox.git(["switch", "-q", "feat"]);
    assert_eq!(sandbox.view(), "somebody's own\n");
    sandbox.branchwork(["deinit", "--purge"]);
    assert_eq!(sandbox.view(), "somebody's own\n");
    assert_eq!(sandbox.git(["status", "--porcelain"]).stdout, "");
}

#[test]
fn a_tracked_folder_keeps_its_files() {
    let sandbox = Sandbox::new();
    sandbox.commit(".branchwork/notes.md", "team's notes\n", "A folder of ours");
    sandbox.git(["push", "-q", "origin", "main"]);
    sandbox.git(["switch", "-q", "-c", "feat"]);
    sandbox.commit("a", "a", "Work");
    sandbox.write(".branchwork/notes.md", "changed\n");
    assert_eq!(
        sandbox.git(["status", "--porcelain"]).stdout,
        " M .branchwork/notes.md\n"
    );
    sandbox.git(["checkout", "-q", "--", "."]);
    assert_eq!(sandbox.stored("feat").unwrap(), sandbox.view());
    sandbox.branchwork(["deinit", "--purge"]);
    assert_eq!(sandbox.read(".branchwork/notes.md"), "team's notes\n");
    sound_after_purge(&sandbox);
}

fn sound_after_purge(sandbox: &Sandbox) {
    assert_eq!(sandbox.git(["status", "--porcelain"]).stdout, "");
    assert!(!sandbox.repo().join(".git/branchwork").exists());
    assert!(!sandbox.repo().join(".git/branchwork-view").exists());
}

#[test]
fn an_older_buffer_saved_later_is_merged() {
    let sandbox = on_feat();
    sandbox.branchwork(["log", "Entry one"]);
    let loaded = sandbox.view();
    for number in 2..8 {
        sandbox.branchwork(["log", &format!("Entry {number}")]);
        sandbox.branchwork(["update", "--section", "Decisions", "--item", &format!("Item {number}")]);
    }
    let edited = loaded
        .replace("\n## Updates", "\nA word by hand\n\n## Updates")
        .replace("Entry one", "Entry one, better");
    sandbox.write(VIEW, &edited);
    let text = sandbox.branchwork(["show"]).stdout;
    for number in 2..8 {
        assert_eq!(count(&text, &format!("Entry {number}")), 1, "{text}");
        assert_eq!(count(&text, &format!("Item {number}")), 1, "{text}");
    }
    assert_eq!(count(&text, "A word by hand"), 1, "{text}");
    assert_eq!(count(&text, "Entry one, better"), 1, "{text}");
    // The same buffer later, not changed: nothing to take in.
    sandbox.wait(1);
    sandbox.branchwork(["log", "A minute later"]);
    let text = sandbox.view();
    sandbox.write(VIEW, &loaded);
    let show = sandbox.branchwork(["show"]);
    assert_eq!(show.stdout, text);
    assert_eq!(
        show.stderr,
        format!(
            "warning: '{VIEW}' was set back to a text of before a command or a commit; it shows the newest: git branchwork edit\n"
        )
    );
    sound(&sandbox);
}

/// `text` with `words` in its notes.
fn noted(text: &str, words: &str) -> String {
    text.replacen("\n## Notes\n\n- …\n", &format!("\n## Notes\n\n{words}\n"), 1)
}

#[test]
fn what_was_written_by_hand_is_taken_out_by_hand_in_the_same_minute() {
    let block = "One line.\n\nAnd\nseveral\nmore\nof\nthem,\neach\nother.";
    for words in ["A word by hand", block] {
        for between in [
            "git branchwork refresh",
            "git commit -q --allow-empty -m Next",
            "git branchwork log Next && git branchwork set risk=high",
        ] {
            let sandbox = on_feat();
            let before = sandbox.view();
            sandbox.write(VIEW, noted(&before, words));
            sandbox.shell(between).ok();
            let shown = sandbox.view();
            assert_eq!(count(&shown, words), 1, "{between}: {shown}");
            let taken_out = shown.replace(words, "- …");
            sandbox.write(VIEW, &taken_out);
            let show = sandbox.branchwork(["show"]);
            assert_eq!((show.stdout, show.stderr.as_str()), (taken_out, ""), "{between}");
            sound(&sandbox);
        }
    }
}

#[test]
fn a_section_written_anew_within_a_minute_has_the_last_words_only() {
    let sandbox = on_feat();
    let drafts = [
        "First thoughts,\nwhich are long,\nso long.",
        "Second,\nquite other.",
        "The third.",
    ];
    let mut stands = "- …";
    for draft in drafts {
        sandbox.write(VIEW, sandbox.view().replacen(stands, draft, 1));
        stands = draft;
        sandbox.git(["commit", "-q", "--allow-empty", "-m", "Go on"]);
        for other in drafts {
            assert_eq!(
                count(&sandbox.view(), other),
                usize::from(other == draft),
                "{}",
                sandbox.view()
            );
        }
    }
    assert_eq!(count(&sandbox.view(), "Go on"), drafts.len());
    sound(&sandbox);
}

#[test]
fn a_buffer_of_an_earlier_minute_takes_nothing_out() {
    let sandbox = on_feat();
    let loaded = sandbox.view();
    sandbox.wait(1);
    sandbox.write(VIEW, noted(&loaded, "Somebody's words\nof two lines"));
    sandbox.branchwork(["log", "Between"]);
    sandbox.write(VIEW, loaded.replacen("## Decisions\n", "## Decisions\n\n- Mine\n", 1));
    let text = sandbox.branchwork(["show"]).stdout;
    for words in ["Somebody's words\nof two lines", "Between", "- Mine\n"] {
        assert_eq!(count(&text, words), 1, "{words}: {text}");
    }
    sound(&sandbox);
}

#[test]
fn an_editor_takes_back_what_a_command_set_in_the_same_minute() {
    let sandbox = on_feat();
    sandbox.branchwork(["set", "risk=low"]);
    sandbox.branchwork(["set", "risk=high"]);
    let edit = sandbox
        .shell("GIT_EDITOR='sed -i.old s/high/low/' git branchwork edit")
        .ok();
    assert_eq!(edit.stderr, "Saved the document of 'feat'\n");
    assert_eq!(field(&sandbox.view(), "risk"), "low");
    // By hand nothing tells whether the file was read again, so the command's value stays, and that is said.
    sandbox.branchwork(["set", "risk=medium"]);
    sandbox.write(VIEW, sandbox.view().replace("risk: medium", "risk: low"));
    let get = sandbox.branchwork(["get", "risk"]);
    assert_eq!(get.stdout, "medium\n");
    assert!(
        get.stderr.contains("was set back to a text of before"),
        "{}",
        get.stderr
    );
}

#[test]
fn other_texts_are_rescued_in_one_line() {
    let sandbox = on_feat();
    sandbox.git(["switch", "-q", "-c", "other"]);
    let other = sandbox.view().replace("## Notes", "## Notes\n\nNot saved yet");
    sandbox.git(["switch", "-q", "feat"]);
    let long = "x\n".repeat(100_000);
    let texts: [&[u8]; 5] = [
        other.as_bytes(),
        b"garbage",
        b"---\nfoo: [\n---\n\xff\x00\x1b[31m",
        long.as_bytes(),
        b"\n",
    ];
    for text in texts {
        sandbox.write(VIEW, text);
        let log = sandbox.branchwork(["log", "Went on"]);
        assert_eq!(rescued(&sandbox, &log.stderr).bytes, text);
        assert_eq!(sandbox.view(), sandbox.stored("feat").unwrap());
    }
    // Hooks tell it too.
    sandbox.write(VIEW, "by an editor\n");
    let commit = sandbox.git(["commit", "-q", "--allow-empty", "-m", "Went on"]);
    assert_eq!(commit.stderr.lines().count(), 1, "{}", commit.stderr);
    assert_eq!(rescued(&sandbox, &commit.stderr).stdout, "by an editor\n");
    assert_eq!(count(&sandbox.view(), "Went on"), texts.len() + 1);
    sound(&sandbox);
}

#[test]
fn nothing_that_stands_there_before_the_first_document_is_lost() {
    let sandbox = Sandbox::new();
    sandbox.write(VIEW, "mine\n");
    let made = sandbox.git(["switch", "-q", "-c", "feat"]);
    assert_eq!(rescued(&sandbox, &made.stderr).stdout, "mine\n");
    sandbox.git(["switch", "-q", "main"]);
    // Where no document is to be shown it stays.
    sandbox.write(VIEW, "mine again\n");
    sandbox.git(["commit", "-q", "--allow-empty", "-m", "On the trunk"]);
    sandbox.git(["switch", "-q", "--detach"]);
    sandbox.git(["switch", "-q", "main"]);
    assert_eq!(sandbox.view(), "mine again\n");
    let switch = sandbox.git(["switch", "-q", "feat"]);
    assert_eq!(rescued(&sandbox, &switch.stderr).stdout, "mine again\n");
}

#[test]
fn an_edit_is_saved_before_the_view_shows_another_document() {
    let sandbox = on_feat();
    sandbox.write(VIEW, sandbox.view().replace("## Notes", "## Notes\n\nOn feat"));
    sandbox.git(["switch", "-q", "-c", "other"]);
    sandbox.write(VIEW, sandbox.view().replace("## Notes", "## Notes\n\nOn other"));
    sandbox.git(["switch", "-q", "main"]);
    assert!(!sandbox.repo().join(VIEW).exists());
    assert_eq!(count(&sandbox.stored("feat").unwrap(), "On feat"), 1);
    assert_eq!(count(&sandbox.stored("other").unwrap(), "On other"), 1);
    assert_eq!(count(&sandbox.stored("other").unwrap(), "On feat"), 0);
    sandbox.git(["switch", "-q", "feat"]);
    assert_eq!(count(&sandbox.view(), "On feat"), 1);
    // A view that is gone is restored, and its document is not.
    std::fs::remove_dir_all(sandbox.repo().join(".branchwork")).unwrap();
    sandbox.git(["clean", "-qfdx"]);
    sandbox.branchwork(["log", "Still here"]);
    assert_eq!(count(&sandbox.view(), "On feat"), 1);
    sound(&sandbox);
}

#[test]
fn a_store_that_was_taken_away_takes_no_hand_edit_with_it() {
    let sandbox = on_feat();
    sandbox.branchwork(["log", "Known to the view only"]);
    std::fs::remove_dir_all(sandbox.repo().join(".git/branchwork")).unwrap();
    let commit = sandbox.git(["commit", "-q", "--allow-empty", "-m", "Go on"]);
    assert_eq!(
        count(&rescued(&sandbox, &commit.stderr).stdout, "Known to the view only"),
        1
    );
    assert_eq!(sandbox.view(), sandbox.stored("feat").unwrap());
    sound(&sandbox);
}

#[test]
fn purge_keeps_what_it_did_not_save() {
    let sandbox = on_feat();
    sandbox.git(["switch", "-q", "main"]);
    sandbox.write(VIEW, "mine\n");
    sandbox.branchwork(["deinit", "--purge"]);
    assert_eq!(sandbox.view(), "mine\n");
    sound_after_purge(&sandbox);
}
