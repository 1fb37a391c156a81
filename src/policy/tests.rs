//! Policies as tables: what is read, and what is told of the rest.

use super::*;

#[test]
fn an_empty_file_and_the_written_defaults_are_the_default() {
    let written = "version: 1\ntrunk:  # found out\nexclude: []\ntemplate:\nmissing_document: block\nrequired:\n  \
                   draft: [dri, scope, risk]\n  in-review: [reviewers, backout_plan]\nupdates: { max_files: 30 }\n";
    for text in ["", "# nothing\n", written] {
        assert_eq!(Policy::parse(text.as_bytes()), (Policy::default(), vec![]), "{text}");
    }
}

#[test]
fn every_key_is_taken() {
    let text = "\u{feff}trunk: dev\r\nexclude: ['release/*', \"dependabot/**\"]\r\ntemplate: docs/b.md\r\n\
                missing_document: warn\r\nrequired:\r\n  draft: []\r\n  approved: pr\r\nupdates:\r\n  max_files: 5\r\n";
    let (policy, problems) = Policy::parse(text.as_bytes());
    assert_eq!(problems, vec![]);
    assert_eq!(
        (policy.trunk.as_deref(), policy.template.as_deref()),
        (Some("dev"), Some("docs/b.md"))
    );
    assert_eq!((policy.missing_document, policy.max_files), (MissingDocument::Warn, 5));
    assert!(policy.excludes("release/1") && policy.excludes("dependabot/npm/x") && !policy.excludes("release/1/2"));
    let names = |status| {
        policy
            .required_for(status)
            .iter()
            .map(Key::to_string)
            .collect::<Vec<_>>()
    };
    assert_eq!(names(Status::Draft), Vec::<String>::new());
    assert_eq!(names(Status::Merged), ["reviewers", "backout_plan", "pr"]);
    assert_eq!(
        policy.required_since(&Key::parse("pr").unwrap()),
        Some(Status::Approved)
    );
}

#[test]
fn problems_have_a_place_and_a_guess() {
    for (text, message, at, meant) in [
        ("exclud: []", "'exclud' is not a key", "exclud", Some("exclude")),
        (
            "required:\n  in_review: []",
            "'required.in_review' is not",
            "in_review",
            Some("required.in-review"),
        ),
        ("updates:\n  files: 3", "'updates.files' is not", "files", None),
        (
            "missing_document: warning",
            "has to be block, warn or allow",
            "warning",
            Some("warn"),
        ),
        ("missing_document: [block]", "a single text", "[block]", None),
        ("version: 2", "has to be 1", "2", None),
        ("trunk: a..b", "a branch name", "a..b", None),
        ("template: ../x", "a path in the work tree", "../x", None),
        ("template: /etc/passwd", "a path in the work tree", "/etc/passwd", None),
        ("template: C:\\x", "a path in the work tree", "C:\\x", None),
        ("updates: {max_files: 0}", "a number from 1", "0", None),
        ("updates: 3", "a mapping", "3", None),
        ("required: [dri]", "a mapping", "[dri]", None),
        ("required: {draft: ['a..b']}", "front-matter keys", "['a..b']", None),
        ("exclude: [[a]]", "a list of texts", "[[a]]", None),
        ("exclude: [*.x]", "cannot be read", "*", None),
        ("trunk: a\ntrunk: b", "stands here twice", "trunk", None),
        ("- a", "key: value", "- a", None),
    ] {
        let (_, problems) = Policy::parse(text.as_bytes());
        let [problem] = problems.as_slice() else {
            panic!("{text}: {problems:?}")
        };
        assert!(problem.message.contains(message), "{problem:?}");
        assert_eq!(&text[problem.place.clone()], at, "{problem:?}");
        assert_eq!(problem.did_you_mean.as_deref(), meant, "{text}");
    }
    let (policy, problems) = Policy::parse(b"trunk: dev\nmore: 1\nupdates:\n  max_files: x\n");
    assert_eq!(
        (policy.trunk.as_deref(), policy.max_files, problems.len()),
        (Some("dev"), 30, 2)
    );
    assert_eq!(Policy::parse(b"\xff\xfe").1.len(), 1);
}

#[test]
fn patterns() {
    for (pattern, yes, no) in [
        (
            "release/*",
            &["release/1", "release/"][..],
            &["release", "release/1/2", "xrelease/1"][..],
        ),
        (
            "dependabot/**",
            &["dependabot/a", "dependabot/a/b"],
            &["dependabot", "my/dependabot/a"],
        ),
        ("**/tmp", &["a/tmp", "a/b/tmp"], &["tmp2", "a/tmp/b"]),
        ("v?.?", &["v1.2"], &["v1/2", "v1.22", "v1"]),
        ("*", &["main", "日本"], &["a/b"]),
        ("**", &["main", "a/b/c", ""], &[]),
        ("a*b*c", &["abc", "axbxc", "abcbc"], &["ab", "axb/c"]),
        ("main", &["main"], &["main2", "Main", ""]),
        ("", &[""], &["a"]),
    ] {
        for name in yes {
            assert!(matches(pattern, name), "{pattern} {name}");
        }
        for name in no {
            assert!(!matches(pattern, name), "{pattern} {name}");
        }
    }
    assert!(!matches(&"*a".repeat(500), &"a".repeat(499)));
    assert!(!matches(&"**a".repeat(200), &format!("{}b", "a".repeat(4_000))));
}

#[test]
fn statuses_round_trip_in_order() {
    assert!(
        Status::ALL
            .iter()
            .all(|status| Status::parse(status.name()) == Some(*status))
    );
    assert!(Status::ALL.is_sorted());
    assert_eq!(Status::parse("Draft"), None);
}
