//! Documents that are too large, and what is no document at all: not sent, and told by name without keeping others from syncing.

use super::{branchwork, join, on_remote, refs, shared, shared_text, try_branchwork, view};
use crate::sandbox::{Sandbox, binary, git_in, run, run_with};

const LARGE: usize = 8 * 1024 * 1024;
const NOT_SENT: &str = "error: the document of 'feat' is not sent: it is larger than 8 MiB, and no clone would read it\n\
                        hint: make it smaller: git branchwork edit\n";

/// Makes the document of a clone's current branch too large.
fn enlarge(sandbox: &Sandbox, clone: &str) {
    let before = view(sandbox, clone);
    put(sandbox, clone, &format!("{before}\nMuch:\n\n{}\n", "x".repeat(LARGE)));
}

/// Makes it small again.
fn shrink(sandbox: &Sandbox, clone: &str) {
    let large = view(sandbox, clone);
    put(sandbox, clone, &large.replace(&"x".repeat(LARGE), "little"));
}

fn put(sandbox: &Sandbox, clone: &str, text: &str) {
    std::fs::write(sandbox.path(clone).join(".branchwork/CURRENT.md"), text).unwrap();
}

/// Puts the version that a clone has of `feat` on the remote, as a program without a limit does it; its ref.
fn send_anyway(sandbox: &Sandbox, clone: &str) -> String {
    let store = format!("{clone}/.git/branchwork");
    let listed = refs(sandbox, &store, "refs/branchwork/docs/feat/").remove(0);
    let name = listed.split(' ').next().unwrap().to_owned();
    let (store, remote) = (sandbox.path(store), sandbox.path("remote.git"));
    let mut git = sandbox.command("git");
    git.arg("--git-dir").arg(store).arg("push").arg("-q").arg(remote);
    run(git.arg(format!("+{name}:{name}"))).ok();
    name
}

/// Puts a version that is too large on the remote, made from the one that it has; its ref.
fn send_large(sandbox: &Sandbox) -> String {
    let listed = refs(sandbox, "remote.git", "refs/branchwork/docs/feat/").remove(0);
    let (name, parent) = listed.split_once(' ').unwrap();
    std::fs::write(sandbox.path("large"), "x".repeat(LARGE + 1)).unwrap();
    let git = |arguments: &[&str], input: &[u8]| {
        let mut git = sandbox.command("git");
        run_with(git.args(arguments).current_dir(sandbox.path("remote.git")), input).ok()
    };
    let blob = git(&["hash-object", "-w", "../large"], b"").line().to_owned();
    let tree = git(&["mktree"], format!("100644 blob {blob}\tBRANCHWORK.md\n").as_bytes());
    let version = git(&["commit-tree", "-m", "edit", "-p", parent, tree.line()], b"");
    git(&["update-ref", name, version.line()], b"");
    name.to_owned()
}

/// Takes out of a clone's documents what makes one too large; what is said.
fn redact(sandbox: &Sandbox, option: &[&str]) -> String {
    let mut command = sandbox.command(binary());
    command.current_dir(sandbox.repo()).args(["redact", "-"]).args(option);
    run_with(&mut command, "x".repeat(LARGE).as_bytes()).ok().stderr
}

/// Removes a ref as the hint of an error says.
fn removed_as_told(sandbox: &Sandbox, clone: &str, said: &str, name: &str) {
    let line = format!("git push origin --delete {name}");
    assert!(said.contains(&line), "{said}");
    let mut shell = sandbox.command("sh");
    run(shell.args(["-c", &line]).current_dir(sandbox.path(clone))).ok();
}

/// The branch goes, and its document does not.
#[test]
fn a_push_takes_the_branch_alone() {
    let sandbox = shared();
    sandbox.branchwork(["set", "-q", "risk=low", "scope=a"]);
    branchwork(&sandbox, "repo", &["sync"]);
    let before = on_remote(&sandbox);
    enlarge(&sandbox, "repo");
    let why = "the document of 'feat' is not sent: it is larger than 8 MiB, and no clone would read it";
    sandbox.commit("b.rs", "b\n", "Add b");
    let said = branchwork(&sandbox, "repo", &["push"]);
    assert!(
        said.contains("Pushed 'feat' to 'origin'") && said.contains(why),
        "{said}"
    );
    assert_eq!(on_remote(&sandbox), before);
    assert_eq!(
        refs(&sandbox, "remote.git", "refs/heads/feat")[0],
        format!("refs/heads/feat {}", sandbox.id("feat"))
    );
}

/// It is not sent. Where a remote has it all the same its author makes it smaller, and everybody has it again.
#[test]
fn its_author_gets_out_of_it() {
    let sandbox = shared();
    branchwork(&sandbox, "repo", &["sync"]);
    join(&sandbox, "grace");
    git_in(&sandbox, "grace", &["switch", "-q", "feat"]);
    branchwork(&sandbox, "grace", &["sync"]);
    let before = on_remote(&sandbox);
    enlarge(&sandbox, "repo");
    assert_eq!(try_branchwork(&sandbox, "repo", &["sync"]).code(1).stderr, NOT_SENT);
    assert_eq!(on_remote(&sandbox), before);
    let name = send_anyway(&sandbox, "repo");

    let failed = try_branchwork(&sandbox, "grace", &["sync"]).code(1).stderr;
    let told = format!("error: '{name}' on 'origin' cannot be used: it is larger than 8 MiB\nhint: ");
    assert!(failed.starts_with(&told), "{failed}");
    assert_eq!(try_branchwork(&sandbox, "repo", &["sync"]).code(1).stderr, NOT_SENT);

    shrink(&sandbox, "repo");
    branchwork(&sandbox, "repo", &["sync"]);
    branchwork(&sandbox, "grace", &["sync"]);
    assert!(view(&sandbox, "grace").ends_with("\nMuch:\n\nlittle\n"));
    assert_eq!(shared_text(&sandbox), view(&sandbox, "repo"));
    assert_eq!(view(&sandbox, "grace"), view(&sandbox, "repo"));
    assert!(view(&sandbox, "repo").len() < LARGE);
}

/// One that was written anew in its place will do as well.
#[test]
fn what_was_taken_out_of_it_need_not_be_read_again() {
    let sandbox = shared();
    branchwork(&sandbox, "repo", &["sync"]);
    enlarge(&sandbox, "repo");
    sandbox.branchwork(["get", "branch.name"]);
    send_anyway(&sandbox, "repo");
    let said = redact(&sandbox, &[]);
    assert!(said.contains("Replaced the document of 'feat' on 'origin'"), "{said}");
    assert!(shared_text(&sandbox).contains("REDACTED") && shared_text(&sandbox).len() < LARGE);
    branchwork(&sandbox, "repo", &["sync"]);
}

/// Whoever else wants to go on removes it with the line that is told, and their own goes there again.
#[test]
fn somebody_else_gets_out_of_it() {
    let sandbox = shared();
    branchwork(&sandbox, "repo", &["sync"]);
    join(&sandbox, "grace");
    git_in(&sandbox, "grace", &["switch", "-q", "feat"]);
    branchwork(&sandbox, "grace", &["sync"]);
    let name = send_large(&sandbox);

    // Another branch's document comes and goes meanwhile.
    git_in(&sandbox, "grace", &["switch", "-q", "-c", "other"]);
    let failed = try_branchwork(&sandbox, "grace", &["sync", "--all"]).code(1).stderr;
    assert!(failed.contains("Sent the document of 'other' to 'origin'"), "{failed}");
    assert!(
        failed.contains(&format!("'{name}' on 'origin' cannot be used")),
        "{failed}"
    );
    git_in(&sandbox, "grace", &["switch", "-q", "feat"]);

    removed_as_told(&sandbox, "grace", &failed, &name);
    branchwork(&sandbox, "grace", &["sync"]);
    assert_eq!(shared_text(&sandbox), view(&sandbox, "grace"));
    branchwork(&sandbox, "repo", &["sync"]);
    assert_eq!(view(&sandbox, "grace"), view(&sandbox, "repo"));
}

#[test]
fn archiving_gets_out_of_it() {
    let sandbox = shared();
    branchwork(&sandbox, "repo", &["sync"]);
    enlarge(&sandbox, "repo");
    sandbox.branchwork(["get", "branch.name"]);
    send_anyway(&sandbox, "repo");
    // An archived text stays as it is, so it is not archived like this.
    let failed = sandbox.try_branchwork(["archive", "feat"]).code(1).stderr;
    let told = "error: the document of 'feat' is not archived: it is larger than 8 MiB, and could not be shared\n\
                hint: make it smaller: git branchwork edit -b feat\n";
    assert_eq!(failed, told);
    assert!(view(&sandbox, "repo").len() > LARGE);
    shrink(&sandbox, "repo");
    sandbox.branchwork(["archive", "feat"]);
    assert_eq!(
        branchwork(&sandbox, "repo", &["sync"]),
        "Sent 1 archived document to 'origin'\n"
    );
    let left = on_remote(&sandbox);
    assert!(left.len() == 1 && left[0].contains("/archive/2025 "), "{left:?}");
}

/// One that a clone without the limit archived is told by its branch, and can be made smaller.
#[test]
fn an_archive_that_no_clone_would_read_is_not_sent() {
    let sandbox = shared();
    branchwork(&sandbox, "repo", &["sync"]);
    sandbox.branchwork(["archive", "feat"]);
    let store = sandbox.path("repo/.git/branchwork");
    let archive = "refs/branchwork/archive/2025";
    let git = |arguments: &[&str]| {
        let mut git = sandbox.command("git");
        git.current_dir(sandbox.path("")).arg("--git-dir").arg(&store);
        run(git.env("GIT_INDEX_FILE", sandbox.path("index")).args(arguments)).ok()
    };
    let path = git(&["ls-tree", "-r", "--name-only", archive]).line().to_owned();
    let text = git(&["cat-file", "blob", &format!("{archive}:{path}")]).stdout;
    std::fs::write(sandbox.path("text"), format!("{text}{}\n", "x".repeat(LARGE))).unwrap();
    let blob = git(&["hash-object", "-w", "text"]).line().to_owned();
    git(&["update-index", "--add", "--cacheinfo", &format!("100644,{blob},{path}")]);
    let tree = git(&["write-tree"]).line().to_owned();
    let commit = git(&["commit-tree", "-m", "x", "-p", archive, &tree]).line().to_owned();
    git(&["update-ref", archive, &commit]);

    let before = on_remote(&sandbox);
    let failed = try_branchwork(&sandbox, "repo", &["sync"]).code(1).stderr;
    let told =
        "error: the archived document of 'feat' is not sent: it is larger than 8 MiB, and no clone would read it\n";
    assert!(failed.starts_with(told), "{failed}");
    assert_eq!(on_remote(&sandbox), before);
    let said = redact(&sandbox, &["--all"]);
    assert!(said.contains("Sent 1 archived document to 'origin'"), "{said}");
    assert_eq!(on_remote(&sandbox).len(), 1);
}

/// What somebody put among the documents of a branch, under a name that none of ours has.
#[test]
fn a_foreign_ref_is_told_and_passed_over() {
    let sandbox = shared();
    let foreign = |last: char| format!("refs/branchwork/docs/feat/01K3VZ0000000000000000000{last}");
    let commit = sandbox.id("feat");
    git_in(&sandbox, "remote.git", &["update-ref", &foreign('A'), &commit]);
    let passed_over = |last: char, why: &str| {
        let name = foreign(last);
        format!(
            "warning: '{name}' on 'origin' cannot be used: {why}, and is passed over; whoever sent it mends it and syncs; \
             else remove it there: git push origin --delete {name}\n"
        )
    };
    let source = passed_over('A', "it has no file of a document");
    assert_eq!(
        branchwork(&sandbox, "repo", &["sync"]),
        format!("{source}Sent the document of 'feat' to 'origin'\n")
    );
    // An older one, and no commit at all.
    let blob = git_in(&sandbox, "remote.git", &["rev-parse", &format!("{commit}:a.rs")]);
    let older = "refs/branchwork/docs/feat/00K3VZ0000000000000000000B";
    git_in(&sandbox, "remote.git", &["update-ref", older, blob.line()]);
    let said = branchwork(&sandbox, "repo", &["sync"]);
    assert!(
        said.contains(&source) && said.contains(&format!("'{older}' on 'origin' cannot be used: it is no version")),
        "{said}"
    );
    assert_eq!(on_remote(&sandbox).len(), 3);
    join(&sandbox, "grace");
    git_in(&sandbox, "grace", &["switch", "-q", "feat"]);
    let said = branchwork(&sandbox, "grace", &["sync"]);
    assert!(said.contains(&source), "{said}");
    assert_eq!(view(&sandbox, "grace"), view(&sandbox, "repo"));

    // Where there is nothing else it is an error.
    let only = "refs/branchwork/docs/main2/01K3VZ0000000000000000000A";
    git_in(&sandbox, "remote.git", &["update-ref", only, &commit]);
    sandbox.git_without_hooks(["switch", "-q", "-c", "main2"]);
    let failed = try_branchwork(&sandbox, "repo", &["sync"]).code(1).stderr;
    assert!(
        failed.starts_with(&format!("error: '{only}' on 'origin' cannot be used")),
        "{failed}"
    );
    removed_as_told(&sandbox, "repo", &failed, only);
}

/// What is too large before and after is a sync's to tell: the text is gone, and that is all that is said.
#[test]
fn a_secret_goes_out_of_one_that_stays_too_large() {
    let sandbox = shared();
    sandbox.branchwork(["log", "Tried hunter2"]);
    branchwork(&sandbox, "repo", &["sync"]);
    enlarge(&sandbox, "repo");
    sandbox.branchwork(["get", "branch.name"]);
    send_anyway(&sandbox, "repo");
    assert_eq!(
        branchwork(&sandbox, "repo", &["redact", "hunter2"]),
        "Redacted 2 versions of the document of 'feat'\nReplaced the document of 'feat' on 'origin'\n"
    );
    assert!(shared_text(&sandbox).contains("Tried REDACTED"));
    let replaced = refs(&sandbox, "remote.git", "refs/branchwork/docs/feat/");
    assert_eq!(
        refs(&sandbox, "repo/.git/branchwork", "refs/branchwork/docs/feat/"),
        replaced
    );
}
