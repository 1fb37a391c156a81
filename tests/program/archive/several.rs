//! Commands that look at many documents: one that cannot be used stops none, and what is found on the way is told.

use super::{archived, branch, live};
use crate::sandbox::Sandbox;

/// One of three is too large: the two others are archived, and that is told.
#[test]
fn one_that_cannot_be_archived_stops_no_other() {
    let sandbox = Sandbox::new();
    for name in ["a", "b", "c"] {
        branch(&sandbox, name, &[name]);
        sandbox.git(["switch", "-q", "main"]);
        sandbox.git(["merge", "-q", "--no-ff", "-m", "Merge", name]);
    }
    sandbox.git(["push", "-q", "--no-verify", "origin", "main"]);
    sandbox.git(["switch", "-q", "b"]);
    let large = "x".repeat(8 * 1024 * 1024);
    sandbox.write(
        ".branchwork/CURRENT.md",
        format!("{}\nMuch:\n\n{large}\n", sandbox.view()),
    );
    let done = sandbox.try_branchwork(["archive", "--merged"]).code(1).stderr;
    let told = "Archived the document of 'a': merged\n\
                Archived the document of 'c': merged\n\
                error: the document of 'b' is not archived: it is larger than 8 MiB, and could not be shared\n\
                hint: ";
    assert!(done.starts_with(told), "{done}");
    assert_eq!(archived(&sandbox).len(), 2);
    assert_eq!(live(&sandbox), ["b"]);
    // Asked about alone it is an error as ever.
    let failed = sandbox.try_branchwork(["archive", "b", "--json"]).code(1);
    assert_eq!(failed.stdout, "");
    assert!(failed.stderr.starts_with("error: the document of 'b' is not archived"));
}

/// Whichever command comes upon a text that somebody put into the view's place: where it is kept is told, once.
#[test]
fn where_a_text_went_is_told_by_every_command() {
    let commands: [&[&str]; 11] = [
        &["archive", "feat"],
        &["archive", "--merged"],
        &["list"],
        &["list", "-z"],
        &["search", "word"],
        &["export", "out"],
        &["refresh", "--all"],
        &["refresh", "--stack"],
        &["sync", "--all"],
        &["redact", "no such text"],
        &["init"],
    ];
    for arguments in commands {
        let sandbox = Sandbox::new();
        branch(&sandbox, "feat", &["feat"]);
        sandbox.git(["switch", "-q", "feat"]);
        // `init` takes the view away on the trunk, and finds what a killed run had put beside it.
        let place = match arguments[0] {
            "init" => ".branchwork/.CURRENT-a1",
            _ => ".branchwork/CURRENT.md",
        };
        if arguments[0] == "init" {
            sandbox.git_without_hooks(["switch", "-q", "main"]);
        }
        sandbox.write(place, "No document: a word of mine.\n");
        let told = sandbox.try_branchwork(arguments).stderr;
        let kept = "warning: '.branchwork/CURRENT.md' held other text; it is saved: ";
        assert_eq!(told.matches(kept).count(), 1, "{arguments:?}: {told}");
    }
}
