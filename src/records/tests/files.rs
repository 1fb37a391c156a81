//! Tools that keep a file of their own in the git directory.

use super::*;
use crate::records::{aviator, gh_stack, git_butler, git_machete};

fn gh_stack_text() -> String {
    format!(
        r#"{{
  "schemaVersion": 1,
  "repository": "github.com:acme/widget",
  "stacks": [
    {{
      "id": "123456",
      "number": 50,
      "trunk": {{"branch": "main", "head": "{0}"}},
      "branches": [
        {{"branch": "feat/y", "pullRequest": {{"number": 45, "id": "PR_y", "url": "u", "merged": true}}}},
        {{"branch": "feat/z", "pullRequest": {{"number": 46, "id": "PR_z", "url": "u", "merged": true}}}},
        {{"branch": "feat/a", "base": "{1}", "pullRequest": {{"number": 47, "url": "u"}}}},
        {{"branch": "feat/m", "base": "{2}", "pullRequest": {{"number": 48, "merged": true}}}},
        {{"branch": "feat/b", "base": "{2}"}}
      ]
    }},
    {{"trunk": {{"branch": "release"}}, "branches": null}}
  ]
}}
"#,
        id("1"),
        id("2"),
        id("3")
    )
}

#[test]
fn gh_stack_skips_merged_layers_and_keeps_them() {
    let place = Place::new();
    place.write("gh-stack", gh_stack_text());
    let records = place.read(gh_stack::read);
    assert_eq!(
        lines(&records),
        [
            "feat/y < main #45 Merged merged",
            "feat/z < main #46 Merged merged",
            "feat/a < main @2 #47, over #45 Merged, over #46 Merged",
            "feat/m < feat/a @3 #48 Merged merged",
            "feat/b < feat/a @3, over #48 Merged",
        ]
    );
    assert_eq!(
        (trunks(&records), unreadable(&place, &records).len()),
        (vec!["main", "release"], 0)
    );
    assert_cut_is_right_or_unknown(&place, "gh-stack", gh_stack_text().as_bytes(), gh_stack::read);
    assert_damage_is_survived(&place, "gh-stack", gh_stack_text().as_bytes(), gh_stack::read);
    assert_strange_files_are_told(&place, "gh-stack", gh_stack::read);
}

#[test]
fn gh_stack_is_found_in_every_work_tree() {
    let place = Place::new();
    let stack = |parent: &str, branch: &str| {
        format!(
            r#"{{"schemaVersion":1,"stacks":[{{"trunk":{{"branch":"{parent}"}},"branches":[{{"branch":"{branch}"}}]}}]}}"#
        )
    };
    place.git(["worktree", "add", "-q", "linked"]);
    place.write("worktrees/linked/gh-stack", stack("linked-says", "both"));
    place.write(
        "gh-stack",
        stack("main-says", "both").replace("}]}]", "},{\"branch\":\"other\"}]}]"),
    );
    assert_eq!(lines(&place.read(gh_stack::read)), ["both < main-says", "other < both"]);
    let linked = Repository::isolated(&fs::canonicalize(place.path("linked")).unwrap());
    assert_eq!(lines(&gh_stack::read(&linked)), ["both < linked-says", "other < both"]);
    place.write("worktrees/linked/gh-stack", "{");
    let records = gh_stack::read(&linked);
    assert_eq!(lines(&records), ["both < main-says", "other < both"]);
    let why = "EOF while parsing an object at line 1 column 1";
    assert_eq!(
        unreadable(&place, &records),
        [format!("'.git/worktrees/linked/gh-stack' is not read: {why}")]
    );
    assert_is_being_written(&place, &records, "worktrees/linked/gh-stack");
}

#[test]
fn a_newer_gh_stack_is_not_guessed_at() {
    let place = Place::new();
    place.write(
        "gh-stack",
        gh_stack_text().replace("\"schemaVersion\": 1", "\"schemaVersion\": 2"),
    );
    let records = place.read(gh_stack::read);
    assert_eq!(lines(&records), [""; 0]);
    let why = "only versions up to 1 of its form are known here";
    assert_eq!(
        unreadable(&place, &records),
        [format!("'.git/gh-stack' is not read: {why}")]
    );
    place.write("gh-stack", r#"{"stacks":[]}"#);
    assert!(unreadable(&place, &place.read(gh_stack::read))[0].contains("missing field `schemaVersion`"));
}

const MACHETE: &str = "\
main
# a comment
  feat/a PR #47
    feat/b PR #48 (some_dev) rebase=no push=no
      feat/c blocked by PR #12

    side MR !12 https://example.com/12
  wide  PR #7
lonely
develop
  hotfix PR #236
";

#[test]
fn git_machete_lays_branches_out_by_indentation() {
    let place = Place::new();
    place.write("machete", MACHETE);
    let expected = [
        "feat/a < main #47",
        "feat/b < feat/a #48",
        "feat/c < feat/b",
        "side < feat/a #12",
        "wide < main",
        "hotfix < develop #236",
    ];
    let records = place.read(git_machete::read);
    assert_eq!(lines(&records), expected);
    // A root that nothing stands on may be a branch that was not put anywhere.
    assert_eq!(trunks(&records), ["main", "develop"]);
    let unread = unreadable(&place, &records);
    assert!(unread.is_empty(), "{unread:?}");
    let tabs = MACHETE
        .replace("  feat", "\tfeat")
        .replace("  side", "\tside")
        .replace("  ", "\t")
        .replace('\n', "\r\n");
    place.write("machete", tabs.replace("wide\tPR", "wide PR"));
    assert_eq!(lines(&place.read(git_machete::read))[..4], expected[..4]);
    place.write("machete", format!("\u{feff}{MACHETE}"));
    assert_eq!(trunks(&place.read(git_machete::read)), ["main", "develop"]);
    assert_damage_is_survived(&place, "machete", MACHETE.as_bytes(), git_machete::read);
    assert_strange_files_are_told(&place, "machete", git_machete::read);
}

#[test]
fn half_a_number_is_none() {
    let place = Place::new();
    for (text, line) in [
        ("main\n  a PR #47\n", "a < main #47"),
        ("main\n  a PR #47", "a < main"),
        ("main\n  a PR #47 (some", "a < main #47"),
        ("main\n  a PR #\n", "a < main"),
        ("main\n  a PR #0\n", "a < main"),
        ("main\n  a PR #99999999999999999999\n", "a < main"),
    ] {
        place.write("machete", text);
        assert_eq!(lines(&place.read(git_machete::read)), [line], "{text:?}");
    }
}

#[test]
fn git_machete_refuses_what_git_machete_refuses() {
    let place = Place::new();
    for (text, why) in [
        (
            "main\n  a\n   b\n",
            "line 3: the indentation is not a multiple of the first one",
        ),
        (
            "main\n  a\n\tb\n",
            "line 3: the indentation is not a multiple of the first one",
        ),
        ("main\n  a\n      b\n", "line 3: the indentation is too deep"),
        ("  main\n", "line 1: the indentation is too deep"),
        ("main\n  a\n  a\n", "line 3: the branch is there twice"),
    ] {
        place.write("machete", text);
        let records = place.read(git_machete::read);
        assert_eq!(lines(&records), [""; 0]);
        assert_eq!(
            unreadable(&place, &records),
            [format!("'.git/machete' is not read: {why}")]
        );
    }
    place.write("machete", b"main\n  \xff\n");
    assert_eq!(unreadable(&place, &place.read(git_machete::read)).len(), 1);
    // What no branch can be called is on the way of nothing else.
    place.write("machete", "main\n  a..b\n    c\n  d\n");
    assert_eq!(lines(&place.read(git_machete::read)), ["d < main"]);
    place.write("machete", "main\nother\n\n");
    assert_eq!(place.read(git_machete::read), None);
}

#[test]
fn git_machete_can_keep_a_file_in_each_work_tree() {
    let place = Place::new();
    place.git(["worktree", "add", "-q", "linked"]);
    place.write("machete", "main\n  shared\n");
    place.write("worktrees/linked/machete", "main\n  own\n");
    let linked = || Repository::isolated(&fs::canonicalize(place.path("linked")).unwrap());
    assert_eq!(lines(&git_machete::read(&linked())), ["shared < main"]);
    place.git(["config", "machete.worktree.useTopLevelMacheteFile", "false"]);
    assert_eq!(lines(&git_machete::read(&linked())), ["own < main"]);
}

fn aviator_text() -> String {
    format!(
        r#"{{
  "branches": {{
    "feat/a": {{
      "name": "feat/a",
      "parent": {{"name": "main", "trunk": true}},
      "pullRequest": {{"id": "PR_a", "number": 47, "permalink": "u", "state": "OPEN"}}
    }},
    "feat/b": {{
      "name": "feat/b",
      "parent": {{"name": "feat/a", "head": "{}"}},
      "pullRequest": {{"id": "PR_b", "number": 48, "permalink": "u", "state": "CLOSED"}},
      "excludeFromSyncAll": true
    }},
    "feat/m": {{"name": "feat/m", "parent": {{"name": "main", "trunk": true}}, "mergeCommit": "{}"}},
    "feat/n": {{"name": "feat/n", "parent": null, "pullRequest": {{"number": 49, "state": "MERGED"}}}},
    "old": {{"name": "old", "parent": "feat/a", "mergeCommit": ""}},
    "root": {{"name": "root", "parent": ""}}
  }},
  "repository": {{"id": "R_x", "owner": "acme", "name": "widget"}}
}}
"#,
        id("1"),
        id("2")
    )
}

#[test]
fn aviator_in_its_old_and_its_new_form() {
    let place = Place::new();
    place.write("av/av.db", aviator_text());
    let records = place.read(aviator::read);
    assert_eq!(
        lines(&records),
        [
            "feat/a < main #47 Open",
            "feat/b < feat/a @1 #48 Closed",
            "feat/m < main merged",
            "feat/n < main #49 Merged merged",
            "old < feat/a",
            "root < main",
        ]
    );
    assert_eq!(
        (trunks(&records), unreadable(&place, &records).len()),
        (vec!["main"], 0)
    );
    assert_cut_is_right_or_unknown(&place, "av/av.db", aviator_text().as_bytes(), aviator::read);
    assert_damage_is_survived(&place, "av/av.db", aviator_text().as_bytes(), aviator::read);
    place.write(
        "av/av.db",
        aviator_text().replace("\"number\": 47", "\"number\": \"47\""),
    );
    assert_eq!(
        lines(&place.read(aviator::read))[..2],
        ["feat/a < main", "feat/b < feat/a @1 #48 Closed"]
    );
    // With two trunks the one that is meant is not known.
    let two = aviator_text().replace(
        "\"old\": {\"name\": \"old\", \"parent\": \"feat/a\"",
        "\"old\": {\"parent\": {\"name\": \"r\", \"trunk\": true}",
    );
    place.write("av/av.db", two);
    assert_eq!(
        lines(&place.read(aviator::read))[3..],
        ["feat/n #49 Merged merged", "old < r", "root"]
    );
    place.write("av/av.db", "[]");
    let told = unreadable(&place, &place.read(aviator::read));
    assert_eq!(told, ["'.git/av/av.db' is not read: it is a list"]);
    place.write("av/av.db", format!("{{\"branches\": \"{}\"}}", "é".repeat(9_000)));
    let told = unreadable(&place, &place.read(aviator::read));
    assert!(
        told[0].starts_with("'.git/av/av.db' is not read: invalid type: string \"é"),
        "{told:?}"
    );
    assert!(
        told[0].ends_with("é\", expected a map at line 1 column 18015") && told[0].len() < 500,
        "{told:?}"
    );
    place.write("av/av.db", "");
    assert_eq!(place.read(aviator::read), None);
    assert_strange_files_are_told(&place, "av/av.db", aviator::read);
}

const BUTLER: &str = r#"[default_target]
branchName = "main"
remoteName = "origin"
remoteUrl = "https://github.com/acme/widget"
sha = "0000000000000000000000000000000000000001"
pushRemoteName = "origin"

[branch_targets]

[branches.702ffd01-134b-46a1-9230-56d01c210ad0]
id = "702ffd01-134b-46a1-9230-56d01c210ad0"
order = 0
in_workspace = true
created_timestamp_ms = "1700000000000"

[[branches.702ffd01-134b-46a1-9230-56d01c210ad0.heads]]
name = "feat/z"
pr_number = 46
archived = true

[branches.702ffd01-134b-46a1-9230-56d01c210ad0.heads.head]
CommitId = "0000000000000000000000000000000000000002"

[[branches.702ffd01-134b-46a1-9230-56d01c210ad0.heads]]
name = "feat/a"
pr_number = 47
archived = false

[branches.702ffd01-134b-46a1-9230-56d01c210ad0.heads.head]
CommitId = "0000000000000000000000000000000000000003"

[[branches.702ffd01-134b-46a1-9230-56d01c210ad0.heads]]
name = "feat/b"
archived = false

[branches.802ffd01-134b-46a1-9230-56d01c210ad0]
id = "802ffd01-134b-46a1-9230-56d01c210ad0"
order = 1
heads = [{ name = "side", pr_number = 48 }]
"#;

#[test]
fn git_butler_lists_stacks_upwards() {
    let place = Place::new();
    let file = "gitbutler/virtual_branches.toml";
    place.write(file, BUTLER);
    let expected = [
        "feat/z < main #46 Merged merged",
        "feat/a < main #47, over #46 Merged",
        "feat/b < feat/a",
        "side < main #48",
    ];
    let records = place.read(git_butler::read);
    assert_eq!(lines(&records), expected);
    assert_eq!(
        (trunks(&records), unreadable(&place, &records).len()),
        (vec!["main"], 0)
    );
    assert_damage_is_survived(&place, file, BUTLER.as_bytes(), git_butler::read);
    place.write(file, BUTLER.replace("[default_target]", "[other]"));
    assert_eq!(
        lines(&place.read(git_butler::read))[2..],
        ["feat/b < feat/a", "side #48"]
    );
    for (text, why) in [
        ("x = ".to_owned() + &"[".repeat(100_000), "max recursion depth met"),
        ("# ".repeat(1024 * 1024), "it is larger than 512 KiB"),
        (
            "[branches.a]\nheads = [{ pr_number = 1 }]".to_owned(),
            "missing field `name`",
        ),
    ] {
        place.write(file, text);
        let unread = unreadable(&place, &place.read(git_butler::read));
        assert_eq!(unread.len(), 1);
        assert!(unread[0].contains(why), "{unread:?}");
    }
    assert_strange_files_are_told(&place, file, git_butler::read);
}

/// TOML has no end that could be missing: a list of branches that is cut is a shorter one.
#[test]
fn git_butler_cut_short_says_nothing_wrong_of_a_parent() {
    let place = Place::new();
    let file = "gitbutler/virtual_branches.toml";
    place.write(file, BUTLER);
    let parents = |records: &Option<Records>| {
        let records = records.iter().flat_map(|records| &records.branches);
        records
            .map(|record| (record.branch.clone(), record.parent.clone()))
            .collect::<Vec<_>>()
    };
    let repository = place.repository();
    let whole = parents(&git_butler::read(&repository));
    for length in 0..BUTLER.len() {
        place.write(file, &BUTLER[..length]);
        for record in parents(&git_butler::read(&repository)) {
            assert!(whole.contains(&record), "{length} {record:?}");
        }
    }
}
