//! What hooks remember of tools' records (`.git/branchwork/recorded`): the answers are those of a look without it, which
//! `git branchwork stack` takes, and what did not change is not read.

use std::fs::File;
use std::time::SystemTime;

use crate::sandbox::{Run, Sandbox};
use crate::stack::later;

const MEMORY: &str = ".git/branchwork/recorded";
const PARENTS: [(&str, &str); 3] = [("one", "main"), ("two", "one"), ("three", "two")];

#[derive(Clone, Copy, Debug)]
enum Tool {
    /// A ref and a blob a branch, below this folder.
    Refs(&'static str),
    GitSpice,
}

const TOOLS: [Tool; 3] = [
    Tool::Refs("refs/branch-metadata"),
    Tool::Refs("refs/stackit/metadata"),
    Tool::GitSpice,
];

impl Tool {
    /// `one`, `two` on it and `three` on that, recorded, and `two` is shown.
    fn stack(self, sandbox: &Sandbox) {
        for (at, (branch, parent)) in PARENTS.into_iter().enumerate() {
            sandbox.git(["switch", "-q", "-c", branch]);
            sandbox.commit(branch, "x\n", &format!("Add {branch}"));
            self.record(sandbox, branch, parent, at + 41);
        }
        shown(sandbox, "first");
    }

    /// Records the parent and the pull request of a branch; the blob's id.
    fn record(self, sandbox: &Sandbox, branch: &str, parent: &str, number: usize) -> String {
        let text = match self {
            Self::Refs(_) => format!(r#"{{"parentBranchName":"{parent}","prInfo":{{"number":{number}}}}}"#),
            Self::GitSpice => {
                format!(r#"{{"base":{{"name":"{parent}"}},"change":{{"github":{{"pr":{{"number":{number}}}}}}}}}"#)
            }
        };
        sandbox.write(".git/blob", text);
        let blob = sandbox.git(["hash-object", "-w", ".git/blob"]).line().to_owned();
        match self {
            Self::Refs(folder) => {
                sandbox.git(["update-ref", &format!("{folder}/{branch}"), &blob]);
            }
            Self::GitSpice => {
                let line = format!(
                    "export GIT_INDEX_FILE=.git/spice; git update-index --add --cacheinfo 100644,{blob},branches/{branch} &&
                     git update-ref refs/spice/data $(git commit-tree -m {number} $(git write-tree --missing-ok))"
                );
                sandbox.shell(&line).ok();
            }
        }
        blob
    }
}

fn drawn(sandbox: &Sandbox) -> String {
    let view = sandbox.view();
    let drawing = view.split("```text\n").nth(1).and_then(|rest| rest.split("```").next());
    drawing.unwrap_or_default().to_owned()
}

/// Switches away and to `two`, whose hook draws what a look at everything finds.
#[track_caller]
fn shown(sandbox: &Sandbox, what: &str) -> String {
    sandbox.git(["switch", "-q", "main"]);
    let run = sandbox.git(["switch", "-q", "two"]);
    assert_eq!(run.stderr, "", "{what}");
    let drawn = drawn(sandbox);
    assert_eq!(drawn, sandbox.branchwork(["stack"]).stdout, "{what}");
    drawn
}

#[test]
fn whatever_became_of_the_memory() {
    for tool in TOOLS {
        let sandbox = later();
        tool.stack(&sandbox);
        let mut number = 100;
        let mut next = |sandbox: &Sandbox, what: &str| {
            number += 1;
            tool.record(sandbox, "one", "main", number);
            let drawn = shown(sandbox, &format!("{tool:?}: {what}"));
            assert!(
                drawn.contains(&format!("one (PR #{number})")),
                "{tool:?} {what}: {drawn}"
            );
            assert!(drawn.contains("└─○ three (PR #43)"), "{tool:?} {what}: {drawn}");
        };
        next(&sandbox, "kept");
        // Twice in a moment.
        next(&sandbox, "again");
        let old = sandbox.read(MEMORY);
        assert_eq!(old.lines().count(), 4, "{old}");
        next(&sandbox, "newer");
        sandbox.write(MEMORY, &old);
        next(&sandbox, "stale");
        for length in [0, 9, 60, old.len() / 2, old.len() - 1] {
            sandbox.write(MEMORY, &old[..length]);
            next(&sandbox, &format!("cut at {length}"));
        }
        for (what, text) in [
            (
                "of another version",
                old.replace("records 1", "records 2").replace("#", ""),
            ),
            ("no text", "\u{0}".repeat(500)),
            (
                "of another repository",
                old.replace("\tone\t", "\tmain\t").replace(['a', 'b', 'c'], "d"),
            ),
        ] {
            sandbox.write(MEMORY, text);
            next(&sandbox, what);
        }
        sandbox.write(MEMORY, [0xff; 500]);
        next(&sandbox, "not UTF-8");
        std::fs::remove_file(sandbox.repo().join(MEMORY)).unwrap();
        next(&sandbox, "deleted");
        std::fs::remove_file(sandbox.repo().join(MEMORY)).unwrap();
        std::fs::create_dir_all(sandbox.repo().join(MEMORY).join("x")).unwrap();
        next(&sandbox, "that cannot be written");
        std::fs::remove_dir_all(sandbox.repo().join(MEMORY)).unwrap();
        next(&sandbox, "that can be again");
        assert_eq!(sandbox.read(MEMORY).lines().count(), 4);
    }
}

#[test]
fn whatever_becomes_of_the_refs() {
    for tool in TOOLS {
        let sandbox = later();
        tool.stack(&sandbox);
        sandbox.git(["pack-refs", "--all"]);
        shown(&sandbox, "packed");
        tool.record(&sandbox, "one", "main", 51);
        let drawn = shown(&sandbox, "loose again");
        assert!(drawn.contains("one (PR #51)"), "{tool:?}: {drawn}");
        sandbox.git(["gc", "-q"]);
        shown(&sandbox, "all in one pack");
        tool.record(&sandbox, "three", "one", 52);
        let drawn = shown(&sandbox, "another parent");
        assert!(
            drawn.contains("├─○ one (PR #51)\n") && drawn.contains("\n└─○ three (PR #52)"),
            "{tool:?}: {drawn}"
        );
        // The tool does not know of it, then it does.
        sandbox.git(["branch", "-m", "one", "first"]);
        let drawn = shown(&sandbox, "renamed");
        assert!(drawn.contains("first (PR #51)"), "{tool:?}: {drawn}");
        tool.record(&sandbox, "first", "main", 53);
        tool.record(&sandbox, "two", "first", 42);
        let drawn = shown(&sandbox, "recorded under the new name");
        assert!(drawn.contains("first (PR #53)"), "{tool:?}: {drawn}");
        if let Tool::Refs(folder) = tool {
            sandbox.git(["update-ref", "-d", &format!("{folder}/three")]);
            shown(&sandbox, "one less");
            assert!(!sandbox.read(MEMORY).contains("/three\t"));
        }
    }
}

/// Of what the records say without the memory.
fn not_read(sandbox: &Sandbox) -> usize {
    let memory = sandbox.read(MEMORY);
    std::fs::remove_file(sandbox.repo().join(MEMORY)).unwrap();
    let Run { stderr, .. } = sandbox.branchwork(["stack", "--all", "--verbose"]);
    sandbox.write(MEMORY, memory);
    stderr.matches("is not read").count()
}

/// The blobs of all other branches are taken away.
#[test]
fn of_a_changed_branch_one_blob_is_read() {
    for tool in TOOLS {
        let sandbox = later();
        tool.stack(&sandbox);
        let recorded = PARENTS.into_iter().enumerate();
        let blobs: Vec<String> = recorded
            .map(|(at, (branch, parent))| tool.record(&sandbox, branch, parent, at + 61))
            .collect();
        shown(&sandbox, "recorded");
        for blob in blobs {
            let (folder, name) = blob.split_at(2);
            std::fs::remove_file(sandbox.repo().join(".git/objects").join(folder).join(name)).unwrap();
        }
        assert_eq!(not_read(&sandbox), 3, "{tool:?}");
        tool.record(&sandbox, "one", "main", 71);
        sandbox.git(["switch", "-q", "main"]);
        sandbox.git(["switch", "-q", "two"]);
        assert_eq!(
            drawn(&sandbox),
            "main\n├─○ one (PR #71)\n├─○ two (PR #62) ⏳ Waiting 👈 Current\n└─○ three (PR #63) ⏳ Waiting\n",
            "{tool:?}"
        );
        assert_eq!(not_read(&sandbox), 2, "{tool:?}");
    }
}

/// Writes another id into a ref's file, in a way that the file looks as before.
fn write_unseen(sandbox: &Sandbox, reference: &str, id: &str) {
    let path = sandbox.repo().join(".git").join(reference);
    let written = std::fs::metadata(&path).unwrap().modified().unwrap();
    std::fs::write(&path, format!("{id}\n")).unwrap();
    File::options()
        .append(true)
        .open(&path)
        .unwrap()
        .set_modified(written)
        .unwrap();
}

/// Git writes no ref's file in place: a file that is opened shows here by what was written into it.
#[test]
fn of_a_changed_branch_one_ref_is_read_unless_others_were_written_just_now() {
    let tool = TOOLS[0];
    let look = |sandbox: &Sandbox| {
        tool.stack(sandbox);
        let other = tool.record(sandbox, "elsewhere", "main", 99);
        let of_three = sandbox.id("refs/branch-metadata/three");
        sandbox.git(["update-ref", "-d", "refs/branch-metadata/elsewhere"]);
        tool.record(sandbox, "one", "main", 51);
        shown(sandbox, "remembered");
        write_unseen(sandbox, "refs/branch-metadata/three", &other);
        tool.record(sandbox, "one", "main", 52);
        sandbox.git(["switch", "-q", "main"]);
        sandbox.git(["switch", "-q", "two"]);
        let drawn = drawn(sandbox);
        write_unseen(sandbox, "refs/branch-metadata/three", &of_three);
        drawn
    };
    let settled = look(&later());
    assert_eq!(
        settled,
        "main\n├─○ one (PR #52)\n├─○ two (PR #42) ⏳ Waiting 👈 Current\n└─○ three (PR #43) ⏳ Waiting\n"
    );
    // The clock says that these files were not written long ago.
    let sandbox = Sandbox::new();
    let now = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(sandbox.now().unsigned_abs());
    let is_behind = std::fs::metadata(sandbox.repo()).unwrap().modified().unwrap() > now;
    assert!(is_behind);
    let fresh = look(&sandbox);
    assert!(
        fresh.contains("one (PR #52)") && !fresh.contains("three (PR #43)"),
        "{fresh}"
    );
}

/// The ref of a branch with a slash is in a folder of its own, whose time alone tells of it.
#[test]
fn a_branch_in_another_folder_is_put_on_top() {
    let sandbox = later();
    let tool = TOOLS[0];
    tool.stack(&sandbox);
    sandbox.git_without_hooks(["branch", "fix/b", "two"]);
    tool.record(&sandbox, "fix/a", "main", 51);
    sandbox.git(["switch", "-q", "main"]);
    sandbox.git(["switch", "-q", "two"]);
    tool.record(&sandbox, "fix/b", "two", 52);
    let drawn = shown(&sandbox, "on this one");
    assert!(drawn.contains("fix/b (PR #52)"), "{drawn}");
}
