//! git-spice's ref: what it writes itself, in its own forms.

use super::*;
use crate::records::git_spice::read;

/// Puts these files into the tree of a new commit of `refs/spice/data`.
fn data(place: &Place, files: &[(&str, &str)]) {
    let mut index = String::new();
    for (path, text) in files {
        let blob = place.git_with(["hash-object", "-w", "--stdin"], text.as_bytes());
        index.push_str(&format!("100644 {blob}\t{path}\n"));
    }
    place.git(["read-tree", "--empty"]);
    place.git_with(["update-index", "--index-info"], index.as_bytes());
    let tree = place.git(["write-tree"]);
    let commit = place.git(["commit-tree", "-m", "create branch feat/c", &tree]);
    place.git(["update-ref", "refs/spice/data", &commit]);
}

#[test]
fn branches_of_every_form() {
    let place = Place::new();
    let base = |name: &str, tip: &str| {
        format!(
            "\"base\": {{\n    \"name\": \"{name}\",\n    \"hash\": \"{}\"\n  }}",
            id(tip)
        )
    };
    let github = r#""upstream": {"branch": "feature1"}, "change": {"github": {"pr": {"number": 47, "gqlID": "PR_x"},
        "comment": {"gqlID": "IC_x", "url": "u"}}}, "merged": [{"number": 45, "gqlID": "PR_y"}, 46]"#;
    data(
        &place,
        &[
            (
                "repo",
                "{\n  \"trunk\": \"main\",\n  \"remote\": \"origin\",\n  \"remotes\": {\"upstream\": \"u\"}\n}\n",
            ),
            ("version", "2\n"),
            (
                "branches/feat/a",
                &format!("{{\n  {},\n  {github}\n}}\n", base("main", "1")),
            ),
            (
                "branches/feat/a-b",
                &format!(
                    "{{{}, \"change\": {{\"gitlab\": {{\"mr\": {{\"number\": 48}}}}}}}}",
                    base("feat/a", "2")
                ),
            ),
            (
                "branches/feat/c",
                &format!(
                    "{{{}, \"change\": {{\"github\": {{\"pr\": 49}}}}}}",
                    base("feat/a-b", "")
                ),
            ),
            (
                "branches/feat/d",
                &format!(
                    "{{{}, \"change\": {{\"new\": 7}}, \"merged\": null}}",
                    base("feat/c", "3")
                ),
            ),
            (
                "branches/feat/e",
                &format!(
                    "{{{}, \"change\": {{\"other\": {{\"id\": \"x\"}}}}, \"merged\": [{{\"id\": \"y\"}}, 44]}}",
                    base("feat/d", "4")
                ),
            ),
            ("branches/side", r#"{"base": {"name": "feat/a"}}"#),
            ("prepared/feat/a", "not for us"),
            ("templates", "{}"),
        ],
    );
    let records = place.read_anew(read);
    let mut lines = lines(&records);
    lines.sort();
    assert_eq!(
        lines,
        [
            "feat/a < main @1 #47, over #45 Merged, over #46 Merged",
            "feat/a-b < feat/a @2 #48",
            "feat/c < feat/a-b @ #49",
            "feat/d < feat/c @3",
            "feat/e < feat/d @4, over #44 Merged",
            "side < feat/a",
        ]
    );
    assert_eq!(
        (trunks(&records), unreadable(&place, &records).len()),
        (vec!["main"], 0)
    );
}

#[test]
fn what_cannot_be_read_spoils_no_other_branch() {
    let place = Place::new();
    data(
        &place,
        &[
            ("repo", "{\"trunk\": 1}"),
            ("branches/a", r#"{"base": {"name": "main"}}"#),
            ("branches/b", r#"{"base": {"name": "ma"#),
            ("branches/c", r#"{"bass": {}}"#),
        ],
    );
    let records = place.read_anew(read);
    assert_eq!(lines(&records), ["a < main"]);
    let mut told = unreadable(&place, &records);
    told.sort();
    assert_eq!(
        told,
        [
            "'refs/spice/data:branches/b' is not read: EOF while parsing a string at line 1 column 21",
            "'refs/spice/data:branches/c' is not read: missing field `base` at line 1 column 12",
            "'refs/spice/data:repo' is not read: invalid type: integer `1`, expected a string at line 1 column 11",
        ]
    );
}

#[test]
fn a_newer_layout_is_not_guessed_at() {
    let place = Place::new();
    for version in ["3\n", "\"2\"", ""] {
        data(
            &place,
            &[("version", version), ("branches/a", r#"{"base": {"name": "main"}}"#)],
        );
        let records = place.read_anew(read);
        assert_eq!(lines(&records), [""; 0]);
        let why = "'refs/spice/data:version' is not read: only versions up to 2 are known here";
        assert_eq!(unreadable(&place, &records), [why]);
    }
}

#[test]
fn a_ref_that_is_something_else() {
    let place = Place::new();
    place.blob_ref("refs/spice/data", "{}");
    let records = place.read_anew(read);
    assert_eq!(lines(&records), [""; 0]);
    let told = unreadable(&place, &records);
    assert!(told[0].starts_with("'refs/spice/data' is not read: "), "{told:?}");
    // A ref that git calls broken, one that names another, and a folder.
    let path = place.path(".git/refs/spice/data");
    for text in ["", "no id\n", "ref: refs/heads/main\n"] {
        place.write("refs/spice/data", text);
        let told = unreadable(&place, &place.read_anew(read));
        assert!(told[0].starts_with("'refs/spice/data' is not read: "), "{told:?}");
    }
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    let told = unreadable(&place, &place.read_anew(read));
    assert_eq!(told, ["'refs/spice/data' is not read: it is a folder"]);
    fs::remove_dir(&path).unwrap();
    assert_eq!(place.read_anew(read), None);
}

#[test]
fn very_many_branches_are_not_read() {
    let place = Place::new();
    let mut tree = place.git_with(["hash-object", "-w", "--stdin"], br#"{"base": {"name": "main"}}"#);
    // Ten folders in each of ten, seven deep: eight objects, and ten million files.
    for depth in 0..8 {
        let kind = if depth == 0 { "100644 blob" } else { "040000 tree" };
        let entries: String = (0..10).map(|n| format!("{kind} {tree}\t{n}\n")).collect();
        tree = place.git_with(["mktree"], entries.as_bytes());
    }
    tree = place.git_with(["mktree"], format!("040000 tree {tree}\tbranches\n").as_bytes());
    let commit = place.git(["commit-tree", "-m", "many", &tree]);
    place.git(["update-ref", "refs/spice/data", &commit]);
    let records = place.read_anew(read);
    let why = "it holds more than 2000 files, or longer names than a branch can have";
    assert_eq!(
        unreadable(&place, &records),
        [format!("'refs/spice/data' is not read: {why}")]
    );
}
