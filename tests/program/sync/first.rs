//! The first minutes of a teammate on a branch that somebody else began.

use super::{branchwork, join, on_remote, ready, refs, shared_text, try_branchwork, view};
use crate::sandbox::{Sandbox, entries, field, git_in};

/// `git <arguments>` in a clone; what it and our hooks said.
fn said(sandbox: &Sandbox, clone: &str, arguments: &[&str]) -> String {
    git_in(sandbox, clone, arguments).stderr
}

/// `repo` has pushed `feat` with its document, and a minute went by.
fn begun() -> Sandbox {
    let sandbox = ready();
    sandbox.branchwork(["push", "-q"]);
    sandbox.wait(1);
    sandbox
}

#[test]
fn a_document_from_the_remote_is_no_earlier_branchs() {
    let sandbox = begun();
    sandbox.git(["clone", "-q", "../remote.git", "../grace"]);
    git_in(&sandbox, "grace", &["switch", "-q", "feat"]);
    let mut all = branchwork(&sandbox, "grace", &["init"]);
    all += &said(&sandbox, "grace", &["commit", "-q", "--allow-empty", "-m", "one"]);
    all += &said(&sandbox, "grace", &["commit", "-q", "--allow-empty", "-m", "two"]);
    all += &branchwork(&sandbox, "grace", &["sync"]);
    all += &branchwork(&sandbox, "grace", &["push"]);
    assert!(!all.contains("earlier"), "{all}");
    assert_eq!(entries(&shared_text(&sandbox)).len(), 3);
}

#[test]
fn a_document_from_the_remote_stays_where_the_first_thing_is_an_amend() {
    let sandbox = begun();
    sandbox.git(["clone", "-q", "../remote.git", "../grace"]);
    branchwork(&sandbox, "grace", &["init", "-q"]);
    branchwork(&sandbox, "grace", &["sync", "-q", "--all"]);
    sandbox.wait(1);
    git_in(&sandbox, "grace", &["switch", "-q", "feat"]);
    sandbox.wait(1);
    for command in [
        "commit -q --amend -m other",
        "reset -q --hard origin/main",
        "commit -q --allow-empty -m new",
    ] {
        let words: Vec<&str> = command.split(' ').collect();
        let told = said(&sandbox, "grace", &words);
        assert!(!told.contains("earlier"), "{told}");
        assert_eq!(field(&view(&sandbox, "grace"), "scope"), "a");
    }
}

/// A clone of grace's, where `init` was before `feat` had a document there: the hook made a document of `feat` for her commit, without `scope` and `risk`.
fn unaware() -> Sandbox {
    let sandbox = ready();
    join(&sandbox, "grace");
    sandbox.branchwork(["push", "-q"]);
    sandbox.wait(1);
    git_in(&sandbox, "grace", &["fetch", "-q"]);
    git_in(&sandbox, "grace", &["switch", "-q", "feat"]);
    sandbox.wait(1);
    git_in(&sandbox, "grace", &["commit", "-q", "--allow-empty", "-m", "g"]);
    assert_eq!(field(&view(&sandbox, "grace"), "scope"), "");
    sandbox
}

#[test]
fn a_first_push_is_checked_with_what_others_have_written() {
    let sandbox = unaware();
    let said = branchwork(&sandbox, "grace", &["push"]);
    assert!(!said.contains("error"), "{said}");
    let text = shared_text(&sandbox);
    assert_eq!(
        (field(&text, "scope"), field(&text, "risk")),
        ("a".into(), "low".into())
    );
    assert_eq!(entries(&text), ["[@ada] Add a", "[@grace] g"]);
    assert_eq!(view(&sandbox, "grace"), text);
}

#[test]
fn what_the_remote_lacks_too_holds_a_push_back_and_sends_nothing() {
    let sandbox = unaware();
    sandbox.branchwork(["set", "-q", "risk="]);
    sandbox.branchwork(["sync", "-q"]);
    let before = (on_remote(&sandbox), refs(&sandbox, "remote.git", "refs/heads/"));
    // A dry run looks at nothing but what is here.
    let said = try_branchwork(&sandbox, "grace", &["push", "--dry-run"]).code(1).stderr;
    assert!(
        said.contains("'scope' is required") && said.contains("sync first"),
        "{said}"
    );
    let said = try_branchwork(&sandbox, "grace", &["push"]).code(1).stderr;
    assert!(
        said.contains("'risk' is required") && !said.contains("'scope'"),
        "{said}"
    );
    assert!(!said.contains("sync first"), "{said}");
    assert!(
        said.ends_with("Merged the document of 'feat' with that on 'origin'\n"),
        "{said}"
    );
    assert_eq!(field(&view(&sandbox, "grace"), "scope"), "a");
    assert_eq!(
        (on_remote(&sandbox), refs(&sandbox, "remote.git", "refs/heads/")),
        before
    );
    branchwork(&sandbox, "grace", &["set", "-q", "risk=high"]);
    branchwork(&sandbox, "grace", &["push", "-q"]);
    assert_eq!(field(&shared_text(&sandbox), "risk"), "high");
}

#[test]
fn without_the_network_the_check_is_about_what_is_here() {
    let sandbox = unaware();
    std::fs::rename(sandbox.path("remote.git"), sandbox.path("moved.git")).unwrap();
    let said = try_branchwork(&sandbox, "grace", &["push"]).code(1).stderr;
    assert!(said.contains("push blocked: 'feat' is incomplete"), "{said}");
    assert!(said.contains("warning: cannot fetch from 'origin'"), "{said}");
}

#[test]
fn the_hook_says_where_the_rest_may_be() {
    let sandbox = unaware();
    let push = ["push", "-q", "origin", "feat"];
    let plain = || crate::sandbox::run(sandbox.command("git").args(push).current_dir(sandbox.path("grace")));
    let said = plain().code(1).stderr;
    let line = "branchwork: push blocked: 'feat' is incomplete (git branchwork sync first, others may have filled it in; \
                BRANCHWORK_WAIVE=\"why\" git push goes on)\n";
    assert!(said.contains(line), "{said}");
    branchwork(&sandbox, "grace", &["sync", "-q"]);
    branchwork(&sandbox, "grace", &["set", "-q", "risk="]);
    let said = plain().code(1).stderr;
    assert!(said.contains("is incomplete (BRANCHWORK_WAIVE"), "{said}");
    branchwork(&sandbox, "grace", &["set", "-q", "risk=low"]);
    assert_eq!(plain().ok().stderr, "");
}

/// What git takes for yes is yes here.
#[test]
fn a_branch_follows_its_remote_where_git_is_told_so() {
    let values = ["= true", "= YES", "= on", "= 2", "", "= no", "= off", "= 0", "= false"];
    for (number, value) in values.into_iter().enumerate() {
        let sandbox = ready();
        let config = std::fs::read_to_string(sandbox.path("repo/.git/config")).unwrap();
        let set = format!("{config}[push]\n\tdefault = current\n\tautoSetupRemote {value}\n");
        std::fs::write(sandbox.path("repo/.git/config"), set).unwrap();
        let is_set = sandbox.git(["config", "--type=bool", "push.autoSetupRemote"]).line() == "true";
        assert_eq!(is_set, number < 5, "{value}");
        sandbox.branchwork(["push", "-q"]);
        let follows = sandbox.try_git(["config", "branch.feat.merge"]);
        assert_eq!(follows.code == 0, is_set, "{value}");
    }
}
