//! Graphite's database and refs. The database is the fixture that tests/fixtures/graphite.sql describes.

use super::*;
use crate::records::graphite::read;

const DATABASE: &str = ".graphite_metadata.db";
const FIXTURE: &[u8] = include_bytes!("../../../tests/fixtures/graphite.db");

/// `.graphite_pr_info` as gt 1.8.6 writes it, of these pull requests.
fn pull_requests(infos: &[(u64, &str, &str, bool, &str, &str)]) -> String {
    let info = |(number, branch, state, draft, review, tip): &(u64, &str, &str, bool, &str, &str)| {
        format!(
            r#"{{"prNumber":{number},"title":"A \"title\"","body":"b\n","state":"{state}","reviewDecision":{review},
                "headRefName":"{branch}","baseRefName":"main","url":"https://app.graphite.com/github/pr/acme/widget/{number}",
                "isDraft":{draft},"versions":[{{"headSha":"{tip}","baseSha":"{tip}","baseName":"main",
                "createdAt":"2026-11-20T10:00:00.000Z","authorGithubHandle":"t"}}]}}"#
        )
    };
    let infos: Vec<String> = infos.iter().map(info).collect();
    let ready = r#"[{"prNumber":47,"mergeabilityStatus":"READY_TO_MERGE"}]"#;
    format!(r#"{{"prInfos":[{}],"mergeabilityStatuses":{ready}}}"#, infos.join(","))
}

const CONFIG: &str = r#"{"trunk":"main","trunks":[{"name":"main"},{"name":"release","targetTrunk":"main"}],
    "lastFetchedPRInfoMs":1795328006408}"#;

#[test]
fn the_database() {
    let place = Place::new();
    place.write(DATABASE, FIXTURE);
    place.write(".graphite_repo_config", CONFIG);
    let records = place.read(read);
    let lines = lines(&records);
    // The trunk and what is not tracked have no parent.
    assert_eq!(lines.len(), 41);
    assert_eq!(
        lines[..4],
        [
            "old < main @1",
            "feat/1 < main @1",
            "feat/2 < feat/1 @2",
            "feat/3 < feat/2 @3"
        ]
    );
    assert_eq!(trunks(&records), ["main", "release"]);
    let records = records.unwrap();
    assert_eq!((records.source, records.unreadable.len()), (Source::Graphite, 0));
}

#[test]
fn its_pull_requests() {
    let place = Place::new();
    place.write(DATABASE, FIXTURE);
    place.git(["branch", "feat/5"]);
    place.git(["branch", "feat/6"]);
    let (tip, other) = (place.git(["rev-parse", "main"]), id("f"));
    place.write(
        ".graphite_pr_info",
        pull_requests(&[
            (1, "feat/1", "OPEN", false, "null", &other),
            (2, "feat/2", "OPEN", true, "\"REVIEW_REQUIRED\"", &other),
            (3, "feat/3", "OPEN", false, "\"APPROVED\"", &other),
            (4, "feat/4", "OPEN", false, "\"CHANGES_REQUESTED\"", &other),
            // Where it was submitted, and where it was not: the name is used again.
            (5, "feat/5", "MERGED", false, "\"APPROVED\"", &tip),
            (6, "feat/6", "MERGED", false, "\"APPROVED\"", &other),
            // Gone here.
            (7, "feat/7", "CLOSED", false, "null", &other),
            // The open one before those that are over, then the newest.
            (8, "feat/8", "OPEN", false, "null", &other),
            (9, "feat/8", "CLOSED", false, "null", &other),
            (11, "feat/9", "CLOSED", false, "null", &other),
            (10, "feat/9", "MERGED", false, "null", &other),
            (12, "feat/10", "QUEUED", false, "null", &other),
            (13, "nobody", "OPEN", false, "null", &other),
        ]),
    );
    let lines = lines(&place.read(read));
    assert_eq!(
        lines[1..11],
        [
            "feat/1 < main @1 #1 Open",
            "feat/2 < feat/1 @2 #2 Draft",
            "feat/3 < feat/2 @3 #3 Approved",
            "feat/4 < feat/3 @4 #4 ChangesRequested",
            "feat/5 < feat/4 @5 #5 Merged merged",
            "feat/6 < feat/5 @6",
            "feat/7 < feat/6 @7 #7 Closed",
            "feat/8 < feat/7 @8 #8 Open",
            "feat/9 < feat/8 @9 #11 Closed",
            "feat/10 < feat/9 @a #12",
        ]
    );
}

#[test]
fn a_database_that_is_being_changed_is_not_read() {
    let place = Place::new();
    let again = || place.read(read);
    let refused = || {
        let records = again();
        let why = format!("'.git/{DATABASE}' is not read: it is being changed");
        lines(&records).is_empty() && unreadable(&place, &records) == [why]
    };
    let beside = |suffix: &str| place.path(".git").join(format!("{DATABASE}{suffix}"));
    place.write(DATABASE, FIXTURE);
    fs::write(beside("-journal"), b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7").unwrap();
    assert!(refused());
    // Kept for the next change: PRAGMA journal_mode = truncate, and = persist.
    for kept in [&b""[..], &[0; 512]] {
        fs::write(beside("-journal"), kept).unwrap();
        assert_eq!(lines(&again()).len(), 41);
    }
    fs::remove_file(beside("-journal")).unwrap();

    let mut with_log = FIXTURE.to_vec();
    with_log[18..20].copy_from_slice(&[2, 2]);
    place.write(DATABASE, &with_log);
    assert_eq!(lines(&again()).len(), 41);
    fs::write(beside("-wal"), [1; 32]).unwrap();
    assert!(refused());
}

#[test]
fn a_database_that_any_gt_makes_is_no_sign_of_use() {
    let place = Place::new();
    // The fixture with the parents' column under another name, and with another table.
    let replaced = |from: &[u8], to: &[u8]| {
        let at = FIXTURE.windows(from.len()).position(|bytes| bytes == from).unwrap();
        [&FIXTURE[..at], to, &FIXTURE[at + from.len()..]].concat()
    };
    place.write(
        DATABASE,
        replaced(b"\"parent_branch_name\" text", b"\"parent_branch_nama\" text"),
    );
    let why = "is not read: a table lacks a column that is looked for";
    let records = place.read(read);
    assert_eq!(unreadable(&place, &records), [format!("'.git/{DATABASE}' {why}")]);
    place.write(
        DATABASE,
        replaced(b"branch_metadatabranch_metadata", b"branch_metadatxbranch_metadata"),
    );
    let records = place.read(read);
    let why = "is not read: it has no table 'branch_metadata'";
    assert_eq!(unreadable(&place, &records), [format!("'.git/{DATABASE}' {why}")]);
}

#[test]
fn a_damaged_database() {
    let place = Place::new();
    place.write(DATABASE, FIXTURE);
    assert_damage_is_survived(&place, DATABASE, FIXTURE, read);
    assert_strange_files_are_told(&place, DATABASE, read);
}

#[test]
fn damaged_files_beside_the_database() {
    let place = Place::new();
    place.write(DATABASE, FIXTURE);
    let requests = pull_requests(&[(1, "feat/1", "OPEN", false, "null", &id("1"))]);
    place.write(".graphite_pr_info", &requests[..requests.len() - 1]);
    place.write(".graphite_repo_config", &CONFIG[..9]);
    let records = place.read(read);
    // The parents do not depend on them.
    assert_eq!(lines(&records)[1], "feat/1 < main @1");
    assert_eq!(
        unreadable(&place, &records),
        [
            "'.git/.graphite_repo_config' is not read: EOF while parsing a value at line 1 column 9",
            "'.git/.graphite_pr_info' is not read: EOF while parsing an object at line 4 column 162",
        ]
    );
    assert_damage_is_survived(&place, ".graphite_pr_info", requests.as_bytes(), read);
}

#[test]
fn the_refs_of_earlier_versions() {
    let place = Place::new();
    let refs = || place.read_anew(branch_metadata::read);
    let metadata = |branch: &str, text: &str| place.blob_ref(&format!("refs/branch-metadata/{branch}"), text);
    metadata(
        "feat/a",
        &format!(
            "{{\n  \"parentBranchName\": \"main\",\n  \"parentBranchRevision\": \"{}\"\n}}",
            id("1")
        ),
    );
    metadata(
        "feat/b",
        &format!(
            r#"{{"validationResult":"VALID","parentBranchName":"feat/a","parentBranchRevision":"{}","branchRevision":"x",
               "children":[]}}"#,
            id("2")
        ),
    );
    // gt of 2022, and stax.
    metadata(
        "feat/c",
        r#"{"parentBranchName":"feat/b","prInfo":{"number":48,"base":"feat/b","url":"u","title":"t","state":"OPEN",
            "reviewDecision":"CHANGES_REQUESTED","isDraft":false}}"#,
    );
    metadata(
        "feat/d",
        r#"{"parentBranchName":"feat/c","prInfo":{"number":49,"state":"Merged","isDraft":null},"frozen":true}"#,
    );
    metadata(
        "feat/e",
        r#"{"parentBranchName":"feat/d","prInfo":{"number":0,"state":""}}"#,
    );
    metadata(
        "feat/f",
        r#"{"parentBranchName":"feat/e","prInfo":{"number":50,"isDraft":"no"}}"#,
    );
    metadata("untracked", r#"{"parentBranchName":""}"#);
    place.write(".graphite_repo_config", CONFIG);
    place.write(
        ".graphite_pr_info",
        pull_requests(&[(47, "feat/b", "OPEN", true, "null", &id("1"))]),
    );
    let expected = [
        "feat/a < main @1",
        "feat/b < feat/a @2 #47 Draft",
        "feat/c < feat/b #48 ChangesRequested",
        "feat/d < feat/c #49 Merged merged",
        "feat/e < feat/d",
        "feat/f < feat/e",
    ];
    assert_eq!(lines(&refs()), expected);
    place.git(["pack-refs", "--all"]);
    let records = refs();
    assert_eq!(lines(&records), expected);
    assert_eq!(
        (trunks(&records), unreadable(&place, &records).len()),
        (vec!["main", "release"], 0)
    );
    place.blob_ref("refs/stax/trunk", "develop\n");
    assert_eq!(trunks(&refs()), ["develop"]);
    place.write(".graphite_pr_info", "{");
    assert_is_being_written(&place, &refs(), ".graphite_pr_info");
    // With a database, its reader tells of pull requests.
    place.write(DATABASE, FIXTURE);
    assert_eq!(lines(&refs())[1], "feat/b < feat/a @2");
}

#[test]
fn stackit() {
    let place = Place::new();
    let read = || place.read_anew(branch_metadata::read_stackit);
    assert_eq!(read(), None);
    let metadata = |branch: &str, text: &str| place.blob_ref(&format!("refs/stackit/metadata/{branch}"), text);
    metadata(
        "feat/a",
        &format!(
            r#"{{"parentBranchName":"main","parentBranchRevision":"{}","prInfo":{{"number":47,"base":"main","url":"u","title":"t",
               "body":"b","state":"OPEN","isDraft":true,"lockReason":"x"}},"scope":"S-1","lockReason":"","branchType":"user",
               "lastModifiedBy":{{"gitName":"n","gitEmail":"e"}},"lastModifiedAt":"2026-11-20T10:00:00Z"}}"#,
            id("1")
        ),
    );
    metadata(
        "feat/b",
        r#"{"parentBranchName":"feat/a","prInfo":{"number":46,"state":"MERGED"}}"#,
    );
    metadata("feat/c", r#"{"parentBranchName":"feat/b"}"#);
    metadata("untracked", "{}");
    place.blob_ref("refs/stackit/local-metadata/feat/c", r#"{"frozen":true}"#);
    place.git(["config", "stackit.trunk", "main"]);
    place.git(["config", "--add", "stackit.trunks", "develop"]);
    place.git(["config", "--add", "stackit.trunks", "release/1"]);
    let records = read();
    assert_eq!(
        lines(&records),
        [
            "feat/a < main @1 #47 Draft",
            "feat/b < feat/a #46 Merged merged",
            "feat/c < feat/b"
        ]
    );
    assert_eq!(trunks(&records), ["main", "develop", "release/1"]);
    assert_eq!(unreadable(&place, &records), [""; 0]);
    place.blob_ref("refs/stackit/metadata/feat/b", r#"{"parentBranchName":"feat"#);
    let records = read();
    assert_eq!(lines(&records).len(), 2);
    assert!(unreadable(&place, &records)[0].starts_with("'refs/stackit/metadata/feat/b' is not read: "));
    // Graphite's refs are another tool's.
    assert_eq!(place.read_anew(branch_metadata::read), None);
}

#[test]
fn refs_are_not_believed_in_place_of_a_database_that_cannot_be_read() {
    let place = Place::new();
    place.blob_ref("refs/branch-metadata/feat/9", r#"{"parentBranchName":"main"}"#);
    let sources = || {
        let all = all(&place.repository(), &world(&[]), &mut Memory::default());
        all.iter()
            .map(|records| (records.source, records.branches.len()))
            .collect::<Vec<_>>()
    };
    assert_eq!(sources(), [(Source::BranchMetadata, 1)]);
    place.write(DATABASE, FIXTURE);
    assert_eq!(sources(), [(Source::Graphite, 41), (Source::BranchMetadata, 1)]);
    place.write(DATABASE, &FIXTURE[..FIXTURE.len() / 2]);
    assert_eq!(sources(), [(Source::Graphite, 0)]);
}

#[test]
fn refs_that_cannot_be_read_spoil_no_others() {
    let place = Place::new();
    place.blob_ref("refs/branch-metadata/a", r#"{"parentBranchName":"main"}"#);
    place.blob_ref("refs/branch-metadata/b", r#"{"parentBranchName":"a"#);
    place.blob_ref("refs/branch-metadata/c", &" ".repeat(2 * 1024 * 1024));
    place.git(["update-ref", "refs/branch-metadata/d", "HEAD"]);
    place.git(["symbolic-ref", "refs/branch-metadata/e", "refs/branch-metadata/a"]);
    place.write("refs/branch-metadata/f", "no id\n");
    place.write("refs/branch-metadata/g", "");
    place.blob_ref("refs/branch-metadata/h", r#"["main"]"#);
    let records = place.read_anew(branch_metadata::read);
    assert_eq!(lines(&records), ["a < main"]);
    let why = unreadable(&place, &records);
    let ends = [
        ("b", "EOF while parsing a string at line 1 column 22"),
        ("c", "is larger than 1 MiB"),
        ("d", "is no blob"),
        ("f", ""),
        ("g", ""),
        ("h", "it is a list"),
    ];
    assert_eq!(why.len(), ends.len(), "{why:?}");
    for (at, (name, end)) in ends.iter().enumerate() {
        assert!(
            why[at].starts_with(&format!("'refs/branch-metadata/{name}' is not read: ")),
            "{}",
            why[at]
        );
        assert!(why[at].ends_with(end), "{}", why[at]);
    }
}

#[test]
fn very_many_refs_are_not_read() {
    let place = Place::new();
    let blob = place.git_with(["hash-object", "-w", "--stdin"], br#"{"parentBranchName":"main"}"#);
    let pack = |count: usize| {
        let refs = (0..count).map(|n| format!("{blob} refs/branch-metadata/{n:04}\n"));
        let refs: String = refs.collect();
        place.write(
            "packed-refs",
            format!("# pack-refs with: peeled fully-peeled sorted \n{refs}"),
        );
    };
    pack(2_001);
    let records = place.read_anew(branch_metadata::read);
    assert_eq!(lines(&records), [""; 0]);
    let why = "'refs/branch-metadata/' is not read: it holds more than 2000 refs";
    assert_eq!(unreadable(&place, &records), [why]);
    pack(2_000);
    assert_eq!(lines(&place.read_anew(branch_metadata::read)).len(), 2_000);
}
