//! Each rule on a document that breaks just it: code, place, command.

use super::*;

const GOOD: &str = "---\ndate: 2025-08-29 18:55 UTC\nstatus: draft\npr: 47\nbranch:\n  name: feat/a\n  position: 1\n  \
                    total: 2\nreviewers:\ndri: claude\nscope: [indexer]\nrisk: low\n---\n# T\n\n- `src/store/a.rs`\n";

fn problems_of(text: &str) -> Vec<Problem> {
    let policy = Policy::default();
    let context = Context {
        branch: Some("feat/a"),
        policy: &policy,
        actor: Some("@me"),
        facts: None,
    };
    check(&Document::new(text), &context)
}

#[test]
fn a_good_document_has_no_problem() {
    assert_eq!(problems_of(GOOD), vec![]);
    assert_eq!(problems_of(&GOOD.replace('\n', "\r\n")), vec![]);
    assert_eq!(
        problems_of(&GOOD.replace("18:55 UTC", "").replace("pr: 47", "pr: 47 / BLZ-42")),
        vec![]
    );
}

#[test]
fn every_rule_finds_its_thing_and_its_place() {
    for (from, to, found, at, set) in [
        ("dri: claude", "dri: # e.g. claude", "BW002", "dri", Some("dri=me")),
        ("scope: [indexer]", "scope: []", "BW002", "scope", Some("scope=store")),
        ("risk: low\n", "", "BW002", "---", Some("'risk=<low|medium|high>'")),
        ("risk: low", "risk: low-risk", "BW003", "low-risk", Some("risk=low")),
        ("risk: low", "risk: [low]", "BW003", "[low]", Some("risk=low")),
        ("risk: low", "risk: 9", "BW003", "9", Some("'risk=<low|medium|high>'")),
        ("status: draft", "status: Draft", "BW003", "Draft", Some("status=draft")),
        ("dri: claude", "dri: '<name>'", "BW003", "'<name>'", Some("dri=me")),
        ("dri: claude", "dri: …", "BW003", "…", Some("dri=me")),
        ("dri: claude", "dri: \"\\u200b \"", "BW002", "dri", Some("dri=me")),
        (
            "name: feat/a",
            "name: feat/b",
            "BW004",
            "feat/b",
            Some("branch.name=feat/a"),
        ),
        (
            "position: 1",
            "position: 3",
            "BW005",
            "3",
            Some("'branch.position=<number>'"),
        ),
        (
            "total: 2",
            "total: two",
            "BW005",
            "two",
            Some("'branch.total=<number>'"),
        ),
        ("pr: 47", "pr: \"#47\"", "BW005", "\"#47\"", Some("pr=47")),
        (
            "2025-08-29 18:55 UTC",
            "8/9/2025",
            "BW006",
            "8/9/2025",
            Some("'date=<YYYY-MM-DD HH:MM UTC>'"),
        ),
        ("pr: 47", "pr: *x", "BW001", "*", None),
        ("pr: 47", "status: x", "BW001", "status", None),
    ] {
        let text = GOOD.replacen(from, to, 1);
        let problems = problems_of(&text);
        let [problem] = problems.as_slice() else {
            panic!("{to}: {problems:?}")
        };
        assert_eq!(
            (problem.code, &text[problem.place.clone().unwrap()]),
            (found, at),
            "{problem:?}"
        );
        let command = fix_command(&problems, "");
        assert_eq!(
            command.as_deref(),
            set.map(|set| format!("git branchwork set {set}")).as_deref(),
            "{problem:?}"
        );
        let blocks = ["BW001", "BW002", "BW003"].contains(&found);
        assert_eq!(problem.severity == Severity::Error, blocks, "{problem:?}");
    }
}

#[test]
fn a_later_status_requires_more() {
    let text = GOOD.replace("status: draft", "status: in-review");
    let problems = problems_of(&text);
    let messages: Vec<&str> = problems.iter().map(|problem| problem.message.as_str()).collect();
    assert_eq!(
        messages,
        [
            "'backout_plan' is required and missing",
            "'reviewers' is required and missing"
        ]
    );
    assert_eq!(problems[0].note.as_deref(), Some("required from status 'in-review' on"));
    let command = fix_command(&problems, "").unwrap();
    assert_eq!(
        command,
        "git branchwork set 'backout_plan=<how to undo it>' 'reviewers=<name>'"
    );
}

/// Keys below a key, or what is neither a text nor a list, are no value of it.
#[test]
fn a_mapping_is_no_value() {
    let policy = "required: {draft: [dri, scope, risk, owner, reviewers, branch, at.home]}\n\
                  keys: {ticket: text}\npatterns: {form: x}\nvalues: {area: [ui]}\nchecks: {BW009: block}";
    let good = GOOD.replacen("reviewers:", "owner: grace\nat: {home: x}\nreviewers: [grace]", 1);
    assert_eq!(codes_under(policy, &good), Vec::<&str>::new());
    for (from, to, found) in [
        ("risk: low", "risk: {x: y}", &["BW002", "BW003"][..]),
        ("risk: low", "risk: {}", &["BW002", "BW003"]),
        ("dri: claude", "dri: {x: y}", &["BW002", "BW003"]),
        ("dri: claude", "dri: [[claude]]", &["BW002", "BW003"]),
        ("scope: [indexer]", "scope: {x: null}", &["BW002", "BW009"]),
        ("scope: [indexer]", "scope: {x: {y: z}}", &["BW002", "BW009"]),
        ("status: draft", "status: {a: b}", &["BW003"]),
        ("reviewers: [grace]", "reviewers: {a: null}", &["BW002", "BW009"]),
        ("owner: grace", "owner: {grace: 1}", &["BW002", "BW009"]),
        ("at: {home: x}", "at: {home: {x: y}}", &["BW002", "BW009"]),
        ("owner: grace", "owner: grace\nticket: {none: 1}", &["BW009"]),
        ("owner: grace", "owner: grace\nform: {x: 1}", &["BW009"]),
        ("owner: grace", "owner: grace\narea: {ui: 1}", &["BW003"]),
        ("name: feat/a", "name: {feat/a: x}", &["BW009"]),
        ("name: feat/a", "name: feat/a\n  base: feat/a", &["BW011"]),
        ("pr: 47", "pr: {x: 47}", &["BW005"]),
        // Nobody asks for it.
        ("owner: grace", "owner: grace\nmine: {x: {y: z}}", &[]),
    ] {
        let text = good.replacen(from, to, 1);
        assert_eq!(codes_under(policy, &text), found, "{to}");
        // What `set` refuses is not offered.
        let command = fix_command(&problems_of(&text), "").unwrap_or_default();
        let (name, _) = to.split_once(':').unwrap();
        assert!(!command.contains(&format!(" {name}=")), "{to}: {command}");
    }
    let text = GOOD.replacen("risk: low", "risk: {x: y}", 1);
    let place = problems_of(&text)[0].place.clone().unwrap();
    assert_eq!(&text[place], "x");
}

#[test]
fn without_front_matter_everything_is_missing() {
    for text in ["", "# T\n", "---\n---\n"] {
        let codes: Vec<&str> = problems_of(text).iter().map(|problem| problem.code).collect();
        assert_eq!(codes, ["BW002"; 3], "{text:?}");
    }
}

#[test]
fn what_a_document_says_reaches_no_terminal_raw() {
    let text = GOOD
        .replace("risk: low", "risk: \"\\e[31m\"")
        .replace("name: feat/a", "name: \"\\u202e\"");
    let said: String = problems_of(&text)
        .iter()
        .map(|p| format!("{}{:?}", p.message, p.note))
        .collect();
    assert!(
        said.contains("\\u{1b}[31m") && !said.contains(['\u{1b}', '\u{202e}']),
        "{said}"
    );
}

#[test]
fn problems_outside_a_document() {
    let mut policy = Policy::default();
    for (missing, severity) in [
        (MissingDocument::Block, Some(Severity::Error)),
        (MissingDocument::Warn, Some(Severity::Warning)),
        (MissingDocument::Allow, None),
    ] {
        policy.missing_document = missing;
        assert_eq!(no_document("feat/a", &policy).map(|problem| problem.severity), severity);
    }
    let (_, problems) = Policy::parse(b"exclud: []\n");
    let [problem] = policy_problems(b"exclud: []\n", &problems, Reader::Check)
        .try_into()
        .unwrap();
    assert_eq!((problem.code, problem.severity), ("BW008", Severity::Error));
    assert_eq!(problem.note.as_deref(), Some("did you mean 'exclude'?"));
    assert_eq!(
        policy_problems(b"exclud: []\n", &problems, Reader::Hook)[0].severity,
        Severity::Warning
    );
}

#[test]
fn the_page_explains_every_rule_and_no_other() {
    let page = include_str!("../../docs/checks.md").replace('\r', "");
    let headings = page.lines().filter_map(|line| line.strip_prefix("## "));
    let headings: Vec<&str> = headings.filter(|heading| heading.starts_with("BW")).collect();
    let expected = RULES.map(|rule| format!("{} {}: {}", rule.code, rule.name, rule.summary));
    assert_eq!(headings, expected);
    assert!(RULES.is_sorted_by_key(|rule| rule.code));
    for rule in &RULES {
        let page = super::page(&rule.code.to_lowercase()).unwrap();
        assert!(
            page.starts_with(&format!("## {} {}: ", rule.code, rule.name)) && page.ends_with(['.', '`']),
            "{page}"
        );
        assert!(!page[3..].contains("\n## BW"), "{page}");
        assert_eq!(super::page(rule.name), Some(page));
        let does = if rule.severity == Severity::Error {
            "\n\nBlock"
        } else {
            "\n\nWarn"
        };
        assert!(page.contains(does) || rule.code == "BW008", "{page}");
    }
    assert_eq!(super::page("BW999"), None);
    // What a policy may change is every rule but the one about the policy itself.
    let changeable = RULES.iter().map(|rule| rule.code).filter(|code| *code != "BW008");
    assert!(changeable.eq(crate::policy::CODES));
}

/// The codes of what is found under a policy, once each place.
fn codes_under(policy: &str, text: &str) -> Vec<&'static str> {
    let (policy, problems) = Policy::parse(policy.as_bytes());
    assert_eq!(problems, vec![]);
    let context = Context {
        branch: Some("feat/a"),
        policy: &policy,
        actor: None,
        facts: None,
    };
    let found = check(&Document::new(text), &context);
    found.iter().map(|problem| problem.code).collect()
}

#[test]
fn checklists_are_clear_or_say_why_not() {
    for (item, is_clear) in [
        ("- [x] Done", true),
        ("- [X] Done", true),
        ("- [ ] Open", false),
        ("- [ ] …", true),
        ("- Note", true),
        ("- [-] Load test", false),
        ("- [-]", false),
        ("- [-] Load test:", false),
        ("- [-] : nothing", false),
        ("- [-] Load test: no traffic", true),
        ("- [-] Load test - no traffic", true),
        ("- [-] Load test — no traffic", true),
        ("- [-] Load test (no traffic)", true),
        ("- [-] Load test ()", false),
        ("- [-] Load test\n  There is no traffic", true),
        ("- [-] Load test\n  - no traffic", true),
        ("- [-]x: y", true),
        ("- [x] Done\n  - [ ] Open below", false),
        ("```\n- [ ] Code\n```", true),
        ("> - [ ] Quoted", true),
    ] {
        let text = format!("{GOOD}\n## Merge Checklist\n\n{item}\n\n## Notes\n\n- [ ] Elsewhere\n");
        let found = codes_under("checklists: {draft: [merge checklist]}", &text);
        assert_eq!(found, if is_clear { vec![] } else { vec!["BW013"] }, "{item}");
        assert_eq!(codes_under("", &text), Vec::<&str>::new(), "{item}");
    }
}

/// One that is not there would be clear for good.
#[test]
fn a_checklist_is_there() {
    let text = format!(
        "{}\n## Merged Checklist\n",
        GOOD.replacen("status: draft", "status: approved", 1)
    );
    let required = "required: {in-review: []}\n";
    assert_eq!(codes_under(required, &text), ["BW013"]);
    assert_eq!(
        codes_under(&format!("{required}checklists: {{approved: []}}"), &text),
        Vec::<&str>::new()
    );
    let there = text.replace("Merged", "Merge");
    assert_eq!(codes_under(required, &there), Vec::<&str>::new());
}

#[test]
fn sections_say_something() {
    for (body, found) in [
        ("Words\n", &[][..]),
        ("- Item\n", &[]),
        ("```\ncode\n```\n", &[]),
        ("### Sub\n\nWords\n", &[]),
        ("| A | B |\n|---|---|\n| 1 | 2 |\n", &[]),
        ("", &["BW017"]),
        ("- …\n", &["BW017"]),
        ("- [ ] …\n- ...\n", &["BW017"]),
        ("- TODO\n", &["BW017"]),
        ("TBD\n\n- [ ] TODO\n", &["BW017"]),
        ("- TODO: ask Grace\n", &[]),
        ("- Item\n- TODO\n", &["BW018"]),
        ("<!-- words -->\n", &["BW017"]),
        ("### Sub\n\n- …\n", &["BW017"]),
        ("| A | B |\n|---|:--|\n", &["BW017"]),
        ("- Item\n- …\n", &["BW018"]),
        ("Words\n\n…\n", &["BW018"]),
    ] {
        let text = format!("{GOOD}\n## Notes\n\n{body}\n## Updates\n");
        assert_eq!(codes_under("sections: {draft: notes}", &text), found, "{body}");
    }
    assert_eq!(codes_under("sections: {draft: [Notes]}", GOOD), ["BW017"]);
    assert_eq!(codes_under("sections: {merged: [Notes]}", GOOD), Vec::<&str>::new());
    let below = format!("{GOOD}\n## Notes\n\n### Risks\n\nNone\n");
    assert_eq!(
        codes_under("sections: {draft: [Notes/Risks]}", &below),
        Vec::<&str>::new()
    );
}

#[test]
fn each_item_of_a_list_has_the_form() {
    let policy = "patterns: {reviewers: '@.*'}";
    for (reviewers, found) in [
        ("reviewers: [bob]", &["BW024"][..]),
        ("reviewers: ['@ada', bob]", &["BW024"]),
        ("reviewers: ['@ada', '@bob']", &[]),
        ("reviewers: ['@ada', '']", &[]),
        ("reviewers: '@ada'", &[]),
        ("reviewers: ada", &["BW024"]),
        ("reviewers: ' '", &[]),
        ("reviewers: []", &[]),
        ("reviewers:", &[]),
    ] {
        let text = GOOD.replacen("reviewers:", reviewers, 1);
        assert_eq!(codes_under(policy, &text), found, "{reviewers}");
    }
}

#[test]
fn keys_that_are_almost_known() {
    let with = |key: &str| GOOD.replacen("reviewers:\n", &format!("{key}: x\n"), 1);
    for (key, is_told) in [
        ("reviewer", true),
        ("Reviewers", true),
        ("revewiers", true),
        ("backout-plan", true),
        ("last_update", false),
        ("owner", false),
        ("risks", false),
        ("ticket", false),
    ] {
        // `last_updated` and `risk` say something already, so the others are somebody's own.
        let text = format!("---\nlast_updated: 2025-08-30\n{}", &with(key)[4..]);
        let expected = if is_told { vec!["BW016"] } else { vec![] };
        assert_eq!(codes_under("", &text), expected, "{key}");
        assert_eq!(
            codes_under(&format!("keys: {{'{key}': text}}"), &text),
            Vec::<&str>::new(),
            "{key}"
        );
    }
}

/// Nothing takes time that grows faster than the document.
#[test]
fn large_documents_of_any_kind_are_checked_in_bounds() {
    let policy = "sections: {draft: [Notes]}\nchecklists: {draft: [Notes]}\npatterns: {title: '(a*)*b'}";
    let sections: String = (0..20_000).map(|number| format!("## {number}\n")).collect();
    let keys: String = (0..4_000).map(|number| format!("k{number}: x\n")).collect();
    for (text, most) in [
        (format!("{GOOD}{sections}"), 3),
        (format!("{GOOD}{}", sections.repeat(2)), 103),
        (GOOD.replacen("---\n", &format!("---\n{keys}"), 1), 3),
        (
            format!("{GOOD}\n## Notes\n\n{}", "- [ ] open\n- [-] not\n- …\n".repeat(5_000)),
            201,
        ),
        (format!("{GOOD}\n## Notes\n\n{}", "- ".repeat(10_000)), 3),
        (GOOD.replacen("# T", &format!("# {}", "a".repeat(400_000)), 1), 3),
    ] {
        let found = codes_under(policy, &text);
        assert!((1..=most).contains(&found.len()), "{}: {found:?}", text.len());
    }
}
