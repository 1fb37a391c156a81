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
                missing_document: warn\r\nrequired:\r\n  draft: []\r\n  approved: pr\r\nupdates:\r\n  max_files: 5\r\nsync: on-push\r\n";
    let (policy, problems) = Policy::parse(text.as_bytes());
    assert_eq!(problems, vec![]);
    assert_eq!(
        (policy.trunk.as_deref(), policy.template.as_deref()),
        (Some("dev"), Some("docs/b.md"))
    );
    assert_eq!((policy.missing_document, policy.max_files), (MissingDocument::Warn, 5));
    assert!(policy.proposes_sync_on_push);
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
fn what_holds_for_some_branches_and_words_of_a_teams_own() {
    let text = "rules:\n\
                - when: {paths: ['migrations/**', '**/*.sql'], status: in-review}\n  require: backout_plan\n  \
                refuse: {risk: [low]}\n  because: no way back\n\
                - when: {branches: 'hotfix/*'}\n  require: [ticket]\n\
                values:\n  status: {ready: in-review}\n  risk: [tiny, huge]\n  area: [ui]\n\
                keys: {ticket: text, points: number, areas: list, due: date, breaking: boolean}\n\
                sections: {draft: [Notes], approved: Decisions}\nchecklists: {approved: [], in-review: [Definition of Done]}\n\
                patterns: {title: '[A-Z].*', ticket: '[A-Z]+-[0-9]+'}\nchecks: {BW002: warn, BW006: off}\n\
                protected: [develop]\n";
    let (policy, problems) = Policy::parse(text.as_bytes());
    assert_eq!(problems, vec![]);
    let key = |name: &str| Key::parse(name).unwrap();
    let changed = |path: &str| vec!["README".to_owned(), path.to_owned()];
    let holds = |branch: &str, status, paths: Option<&[String]>| policy.rules_for(Some(branch), status, paths).len();
    assert_eq!(holds("x", Status::InReview, Some(&changed("migrations/1/up"))), 1);
    assert_eq!(holds("x", Status::Merged, Some(&changed("a.sql"))), 1);
    assert_eq!(holds("x", Status::Draft, Some(&changed("a.sql"))), 0);
    assert_eq!(holds("x", Status::InReview, Some(&changed("a.rs"))), 0);
    assert_eq!(holds("x", Status::InReview, None), 0);
    assert_eq!(holds("hotfix/1", Status::Draft, None), 1);
    assert_eq!(policy.rules_for(None, Status::Merged, None).len(), 0);
    let rule = &policy.rules[0];
    assert_eq!(
        (rule.require.as_slice(), rule.because.as_deref()),
        (&[key("backout_plan")][..], Some("no way back"))
    );
    assert_eq!(rule.refuse, [(key("risk"), vec!["low".to_owned()])]);
    assert!(policy.asks_for_paths() && !Policy::default().asks_for_paths());
    assert_eq!(policy.status("ready"), Some(Status::InReview));
    assert_eq!(
        (policy.status("approved"), policy.status("done")),
        (Some(Status::Approved), None)
    );
    assert_eq!(policy.allowed(&key("risk")), Some(vec!["tiny", "huge"]));
    assert_eq!(policy.allowed(&key("area")), Some(vec!["ui"]));
    assert_eq!(policy.allowed(&key("status")).unwrap().last(), Some(&"ready"));
    assert_eq!(policy.allowed(&key("dri")), None);
    let sections = |status| {
        policy
            .sections_for(status)
            .into_iter()
            .map(|(title, _)| title)
            .collect::<Vec<_>>()
    };
    assert_eq!(sections(Status::InReview), ["Notes"]);
    assert_eq!(sections(Status::Merged), ["Notes", "Decisions"]);
    let checklists = policy.checklists_for(Status::Merged);
    assert_eq!(checklists, [("Definition of Done".to_owned(), Status::InReview)]);
    let patterns: Vec<_> = policy
        .patterns()
        .map(|(key, _, regex)| (key.map(Key::to_string), regex.is_match("AB-1")))
        .collect();
    assert_eq!(patterns, [(None, true), (Some("ticket".to_owned()), true)]);
    assert!(policy.patterns().all(|(_, _, regex)| !regex.is_match("xAB-1\n")));
    assert_eq!(
        (policy.level("BW002"), policy.level("BW003")),
        (Some(Level::Warn), None)
    );
    assert!(policy.excludes("develop"));
    assert_eq!(
        policy.argument(&key("areas"), "a, b"),
        Value::List(vec!["a".to_owned(), "b".to_owned()])
    );
    assert_eq!(policy.argument(&key("points"), "3"), Value::Number(3));
    assert_eq!(policy.argument(&key("breaking"), "True"), Value::Boolean(true));
    assert_eq!(policy.argument(&key("breaking"), "yes"), Value::Text("yes".to_owned()));
    assert_eq!(policy.argument(&key("ticket"), "3"), Value::Text("3".to_owned()));
    assert!(policy.keys().any(|known| *known == key("due")) && policy.keys().any(|known| *known == key("ticket")));
    assert_eq!(policy.value_type(&key("breaking")), Some(ValueType::Boolean));
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
        ("missing_document: [block]", "block, warn or allow", "[block]", None),
        ("version: 2", "has to be 1", "2", None),
        ("trunk: a..b", "a branch name", "a..b", None),
        ("template: ../x", "a path in the work tree", "../x", None),
        ("template: /etc/passwd", "a path in the work tree", "/etc/passwd", None),
        ("template: C:\\x", "a path in the work tree", "C:\\x", None),
        ("template: .git/config", "a path in the work tree", ".git/config", None),
        ("template: a/.GIT/x", "a path in the work tree", "a/.GIT/x", None),
        (
            "template: .Branchwork/x",
            "a path in the work tree",
            ".Branchwork/x",
            None,
        ),
        ("updates: {max_files: 0}", "a number from 1", "0", None),
        ("updates: 3", "a mapping", "3", None),
        ("required: [dri]", "a mapping", "[dri]", None),
        ("required: {draft: ['a..b']}", "a front-matter key", "'a..b'", None),
        ("exclude: [[a]]", "'exclude' has to be a pattern", "[a]", None),
        (
            "exclude: {a: b}",
            "'exclude' has to be a list of patterns",
            "{a: b}",
            None,
        ),
        (
            "exclude: [a]\nprotected: [~]",
            "'protected' has to be a pattern",
            "~",
            None,
        ),
        ("exclude: ['']", "has to be a pattern", "''", None),
        ("trunk: &x a\nexclude: [*x]", "has to be a pattern", "*x", None),
        ("trunk: !!str x", "a branch name", "x", None),
        ("updates: {max_files: '3'}", "a number from 1 to 10000", "'3'", None),
        ("updates: {max_files: 3.5}", "a number from 1 to 10000", "3.5", None),
        (
            "rules:\n  - whn: {paths: [a]}\n    require: x",
            "'rules.whn' is not a key",
            "whn",
            Some("rules.when"),
        ),
        (
            "rules:\n  - when: {path: [a]}\n    require: x",
            "'rules.when.path' is not a key",
            "path",
            Some("rules.when.paths"),
        ),
        (
            "rules: [{when: {status: aproved}, require: x}]",
            "'rules.when.status' has to be draft, in-review",
            "aproved",
            Some("approved"),
        ),
        ("rules: [a]", "'rules' has to be a mapping", "a", None),
        ("rules: a", "'rules' has to be a list", "a", None),
        (
            "rules: [{refuse: [risk]}]",
            "'rules.refuse' has to be a mapping",
            "[risk]",
            None,
        ),
        (
            "rules: [{refuse: {a..b: x}}]",
            "'rules.refuse.a..b' is not a key",
            "a..b",
            None,
        ),
        (
            "checks: {BW02: off}",
            "'checks.BW02' is not a key",
            "BW02",
            Some("checks.BW020"),
        ),
        (
            "checks: {BW008: off}",
            "'checks.BW008' is not a key of the policy: that check is about this file itself",
            "BW008",
            None,
        ),
        (
            "checks: {BW002: on}",
            "'checks.BW002' has to be off, warn or block",
            "on",
            None,
        ),
        (
            "keys: {ticket: txt}",
            "'keys.ticket' has to be text, number",
            "txt",
            Some("text"),
        ),
        (
            "values: {status: {ready: review}}",
            "'values.status.ready' has to be",
            "review",
            Some("in-review"),
        ),
        (
            "values: {status: {draft: merged}}",
            "'values.status.draft' is not a key of the policy: it keeps its meaning",
            "draft",
            None,
        ),
        (
            "values: {risk: []}",
            "'values.risk' has to be a list of texts, with at least one",
            "[]",
            None,
        ),
        (
            "rules: [{refuse: {risk: []}}]",
            "'rules.refuse.risk' has to be",
            "[]",
            None,
        ),
        ("rules: [{require: []}]", "'rules.require' has to be", "[]", None),
        (
            "rules: [{when: {paths: []}, require: x}]",
            "'rules.when.paths' has to be",
            "[]",
            None,
        ),
        (
            "rules: [{when: {branches: []}, require: x}]",
            "'rules.when.branches' has to be",
            "[]",
            None,
        ),
        (
            "rules: [{because: x}]",
            "below it, and one of them require or refuse",
            "{because: x}",
            None,
        ),
        (
            "rules: [{refuse: {}}]",
            "below it, and one of them require or refuse",
            "{refuse: {}}",
            None,
        ),
        (
            "keys: {dri: list}",
            "'keys.dri' is not a key of the policy: what it holds is given",
            "dri",
            None,
        ),
        (
            "keys: {last_updated: text}",
            "'keys.last_updated' is not",
            "last_updated",
            None,
        ),
        ("keys: {risk: number}", "'keys.risk' is not", "risk", None),
        (
            "values: {risk: {low: 1}}",
            "'values.risk' has to be a list of texts",
            "{low: 1}",
            None,
        ),
        (
            "patterns: {title: '('}",
            "'patterns.title' has to be a regular expression",
            "'('",
            None,
        ),
        (
            "patterns: {title: 'a)|(b'}",
            "has to be a regular expression",
            "'a)|(b'",
            None,
        ),
        (
            "patterns: {slug: 'a{1000}{1000}'}",
            "that is not too large",
            "'a{1000}{1000}'",
            None,
        ),
        ("sections: [Notes]", "'sections' has to be a mapping", "[Notes]", None),
        (
            "checklists: {ready: [x]}",
            "'checklists.ready' is not a key",
            "ready",
            None,
        ),
        ("? [a]\n: b", "'' is not a key of the policy", "[a]", None),
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
fn statuses_round_trip_in_order() {
    assert!(
        Status::ALL
            .iter()
            .all(|status| Status::parse(status.name()) == Some(*status))
    );
    assert!(Status::ALL.is_sorted());
    assert_eq!(Status::parse("Draft"), None);
}

/// The written form of each file is kept small, so that what is read of one cannot explode.
#[test]
fn hostile_files_are_refused_and_cost_little() {
    let bomb = {
        let mut text = "a: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..20 {
            let items = vec![format!("*a{}", level - 1); 9].join(", ");
            text.push_str(&format!("b{level}: &a{level} [{items}]\n"));
        }
        text
    };
    assert!(bomb.len() < 1_400);
    let (policy, problems) = Policy::parse(bomb.as_bytes());
    assert_eq!((policy, problems.len()), (Policy::default(), 20));
    let merged = "x: &x {trunk: dev}\n<<: *x\nexclude: *x\n";
    let (policy, problems) = Policy::parse(merged.as_bytes());
    assert_eq!((policy, problems.len()), (Policy::default(), 3));
    for text in [
        "[".repeat(60_000),
        "{a: ".repeat(16_000),
        "- ".repeat(30_000),
        "exclude: [x]\n".repeat(6_000),
    ] {
        let (policy, problems) = Policy::parse(text.as_bytes());
        assert_eq!((policy, problems.len()), (Policy::default(), 1), "{}", &text[..20]);
    }
}
