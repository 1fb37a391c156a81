//! Finding among so many documents that their sieves are kept: the file `sieves` of the store never changes an answer.

use std::fmt::Write as _;

use super::json;
use crate::sandbox::Sandbox;

/// More than are read without keeping their sieves.
const ARCHIVED: usize = 560;

/// A repository whose store got documents by `git fast-import`, and the commit that one of them tells of.
fn many() -> (Sandbox, String) {
    let sandbox = Sandbox::new();
    sandbox.git(["switch", "-q", "-c", "feat"]);
    sandbox.commit("src/told.rs", "told\n", "Tell it");
    let commit = sandbox.id("HEAD");
    sandbox.git(["switch", "-q", "main"]);
    sandbox.git(["merge", "-q", "feat"]);
    sandbox.git(["branch", "-q", "-D", "feat"]);
    let references = sandbox
        .store(["for-each-ref", "--format=delete %(refname)"])
        .ok()
        .stdout;
    std::fs::write(sandbox.path("delete"), references).unwrap();
    sandbox
        .shell("git --git-dir .git/branchwork update-ref --stdin < ../delete")
        .ok();

    let mut import = String::new();
    let by = "committer Ada <ada@example.com> 1756493700 +0000\ndata 4\nmake\n";
    write!(import, "commit refs/branchwork/archive/2025\n{by}").unwrap();
    for number in 0..ARCHIVED {
        let version = format!("{number:040x}");
        let told = if number == 333 { commit.as_str() } else { &version };
        let text = format!(
            "---\npr: {number}\nbranch:\n  name: done/{number}\n---\n\n## Archived\n<!-- branchwork:archived -->\n\n- Outcome: \
             merged\n- Branch: `done/{number}`\n- Version: {version}\n- Commit: {told} - Do it\n\n# Done\n\n## \
             Decisions\n\n- Word{number:04}\n"
        );
        let path = format!("09/202509010900-branchwork-done-{number}-01H{number:023}.md");
        write!(import, "M 100644 inline {path}\ndata {}\n{text}\n", text.len()).unwrap();
    }
    std::fs::write(sandbox.path("import"), import).unwrap();
    sandbox
        .shell("git -c fastimport.unpackLimit=0 --git-dir .git/branchwork fast-import --quiet --force < ../import")
        .ok();
    (sandbox, commit)
}

/// The branches of the documents that `search` finds.
fn search(sandbox: &Sandbox, word: &str) -> Vec<String> {
    let rows = json(&sandbox.try_branchwork(["search", "--json", word]));
    let rows = rows.as_array().unwrap().iter();
    rows.map(|row| row["branch"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn what_is_kept_of_a_search_changes_no_answer() {
    let (sandbox, commit) = many();
    let file = sandbox.repo().join(".git/branchwork/sieves");
    let expect = |when: &str| {
        assert_eq!(search(&sandbox, "WORD0123"), ["done/123"], "{when}");
        assert_eq!(search(&sandbox, "word012").len(), 10, "{when}");
        assert_eq!(search(&sandbox, &commit), ["done/333"], "{when}");
        let reasons = json(&sandbox.branchwork(["why", "--json", "src/told.rs:1"]));
        let document = &reasons[0]["document"];
        assert_eq!(document["branch"], "done/333", "{when}");
        assert_eq!(document["decisions"], "- Word0333", "{when}");
        assert_eq!(document["found_by"], "commit", "{when}");
        let untold = json(&sandbox.try_branchwork(["why", "--json", "README:1"]).code(1));
        assert_eq!(untold[0]["document"], serde_json::Value::Null, "{when}");
    };
    assert!(!file.exists());
    expect("before there is one");
    let whole = std::fs::read(&file).unwrap();
    expect("with all of it");
    assert_eq!(std::fs::read(&file).unwrap(), whole);
    for length in [0, 10, whole.len() / 2, whole.len() - 1] {
        std::fs::write(&file, &whole[..length]).unwrap();
        expect("with a part of it");
    }
    std::fs::write(&file, vec![0; whole.len()]).unwrap();
    expect("after the disk lost it");
    std::fs::remove_file(&file).unwrap();
    std::fs::create_dir(&file).unwrap();
    expect("where it cannot be");
}

/// What came after the sieves were kept is read: archived documents, new versions and hand edits.
#[test]
fn what_is_new_is_found() {
    let (sandbox, _) = many();
    assert_eq!(search(&sandbox, "soundness"), [""; 0]);
    assert!(sandbox.repo().join(".git/branchwork/sieves").exists());
    sandbox.git(["switch", "-q", "-c", "new"]);
    sandbox.commit("src/new.rs", "new\n", "Prove soundness");
    assert_eq!(search(&sandbox, "soundness"), ["new"]);
    sandbox.branchwork(["update", "--section", "Decisions", "--item", "Ask Leslie"]);
    assert_eq!(search(&sandbox, "leslie"), ["new"]);
    sandbox.write(".branchwork/CURRENT.md", sandbox.view().replace("Leslie", "Barbara"));
    assert_eq!(search(&sandbox, "leslie"), [""; 0]);
    assert_eq!(search(&sandbox, "barbara"), ["new"]);
    sandbox.branchwork(["archive", "new"]);
    assert_eq!(search(&sandbox, "barbara"), ["new"]);
    assert_eq!(search(&sandbox, "word0123"), ["done/123"]);
}

/// A squashed commit is found by the number of its pull request alone.
#[test]
fn a_pull_request_is_found_by_its_number() {
    let (sandbox, _) = many();
    sandbox.commit("src/squashed.rs", "squashed\n", "Squashed elsewhere (#47)");
    for _ in 0..2 {
        let reasons = json(&sandbox.branchwork(["why", "--json", "src/squashed.rs:1"]));
        let document = &reasons[0]["document"];
        assert_eq!(document["branch"], "done/47", "{reasons}");
        assert_eq!(document["found_by"], "pull-request", "{reasons}");
    }
}
