//! What the hooks do without: what they never open cannot cost time, however large it is.

use crate::sandbox::{Sandbox, entries, field};

const NO_HOOKS: [&str; 2] = ["-c", "core.hooksPath=/dev/null"];

#[test]
fn switching_between_documents_opens_no_object() {
    let sandbox = Sandbox::new();
    sandbox.git(["switch", "-q", "-c", "a"]);
    sandbox.git(["switch", "-q", "-c", "b", "main"]);
    sandbox.git(["gc", "-q"]);
    sandbox.git(NO_HOOKS.iter().chain(&["switch", "-q", "a"]));
    let objects = sandbox.repo().join(".git/objects");
    std::fs::rename(&objects, sandbox.path("objects")).unwrap();
    std::fs::create_dir(&objects).unwrap();
    std::fs::write(sandbox.repo().join(".git/index"), "not an index").unwrap();
    let run = sandbox.branchwork(["hook", "post-checkout", "0", "0", "1"]);
    assert_eq!(run.stderr, "");
    assert_eq!(field(&sandbox.view(), "name"), "a");
}

#[test]
fn logging_a_commit_reads_no_index() {
    let sandbox = Sandbox::new();
    sandbox.git(["switch", "-q", "-c", "a"]);
    sandbox.write("file", "text\n");
    sandbox.git(["add", "file"]);
    sandbox.git(NO_HOOKS.iter().chain(&["commit", "-q", "-m", "Made it"]));
    std::fs::write(sandbox.repo().join(".git/index"), "not an index").unwrap();
    let run = sandbox.branchwork(["hook", "post-commit"]);
    assert_eq!(run.stderr, "");
    assert_eq!(entries(&sandbox.view()), ["[@ada] Made it"]);
    assert!(sandbox.view().contains("`file` - added (+1)"), "{}", sandbox.view());
}
