use super::*;
use crate::document::front_matter::Key;

/// What somebody may write who wants to be read as something else.
const BAD: &str = "a\n::error::forged\r\n##[error]forged ###[group]x ##vso[task]x \u{1b}[31m\u{9b}\u{202e}\u{0}\u{fffe}\u{ffff} \
                   ]]></failure><x y=\"'&amp;%0A%25 [link](https://example.com) {0} \"}],{\"code\":\"BW999\"";

fn problem(message: &str, severity: Severity) -> Problem {
    Problem {
        code: "BW003",
        severity,
        place: Some(4..7),
        message: message.to_owned(),
        note: Some(message.to_owned()),
        fix: Some(Fix::Set {
            key: Key::parse("risk").unwrap(),
            suggestion: message.to_owned(),
        }),
    }
}

/// Runs `look` on a report whose every text is `bad`: a warning and an error of a document, an error of the policy.
fn with<T>(bad: &str, look: impl Fn(&[Checked<'_>]) -> T) -> T {
    let branch = BranchName::new("x\u{202e}%{](,::y").or_else(|| BranchName::new("x%{](,y"));
    let both = [problem(bad, Severity::Warning), problem(bad, Severity::Error)];
    let document = Checked {
        kind: Kind::Document,
        branch: branch.as_ref(),
        path: bad,
        file: bad,
        text: "é\nab\nc".as_bytes(),
        problems: &both,
        hints: None,
        fix: Some(bad),
    };
    let mut of_policy = problem(bad, Severity::Error);
    of_policy.code = "BW008";
    of_policy.place = None;
    let policy = Checked {
        kind: Kind::Policy,
        branch: None,
        problems: std::slice::from_ref(&of_policy),
        ..document
    };
    look(&[document, policy])
}

/// Nothing of it steers a terminal or is a command in the log of a CI system.
#[track_caller]
fn harmless(bytes: &[u8]) -> String {
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    let steers = |c: &char| *c != '\n' && crate::names::is_hidden(*c);
    assert_eq!(text.chars().find(steers), None, "{text}");
    for command in ["##[", "##vso[", "##teamcity["] {
        assert!(!text.contains(command), "{command}: {text}");
    }
    text
}

#[test]
fn a_log_command_is_broken_and_the_rest_is_as_it_was() {
    for (text, safe) in [
        ("## Updates", "## Updates"),
        ("a##", "a##"),
        ("##[error]", "#\\u{23}[error]"),
        ("###[x", "##\\u{23}[x"),
        ("# #[x] ##vso[y]", "# #[x] #\\u{23}vso[y]"),
        ("##[a]##[b]", "#\\u{23}[a]#\\u{23}[b]"),
    ] {
        assert_eq!(without_commands(text), safe);
    }
}

#[test]
fn github_reads_one_line_a_problem_errors_first() {
    let text = with(BAD, |checked| harmless(&github(checked)));
    let starts: Vec<&str> = text.lines().map(|line| line.split(' ').next().unwrap()).collect();
    assert_eq!(starts, ["::error", "::error", "::warning"]);
    for line in text.lines() {
        let (properties, message) = line[2..].split_once("::").unwrap();
        let (_, properties) = properties.split_once(' ').unwrap();
        let names: Vec<&str> = properties
            .split(',')
            .map(|one| one.split('=').next().unwrap())
            .collect();
        let known = ["file", "line", "col", "endLine", "title"];
        assert!(names == known || names == ["file", "title"], "{names:?}");
        assert!(
            message.contains("%0ATo fix: ") && message.contains("%250A%2525"),
            "{message}"
        );
    }
    let plain = with("low-risk", |checked| harmless(&github(&checked[1..])));
    assert_eq!(
        plain,
        "::error file=low-risk,title=BW008 policy%3A low-risk::low-risk%0Alow-risk%0ATo fix: low-risk\n"
    );
}

#[test]
fn json_gives_the_data_back() {
    let text = with(BAD, |checked| harmless(&json(checked).unwrap()));
    let rows: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(rows.as_array().unwrap().len(), 3);
    for name in ["message", "note", "fix", "path"] {
        assert_eq!(rows[0][name], BAD, "{name}");
    }
    assert_eq!(rows[0]["suggestions"], serde_json::json!([BAD]));
    let places = ["line", "column", "end_line", "end_column"].map(|name| rows[0][name].as_u64());
    assert_eq!(places, [Some(2), Some(2), Some(3), Some(2)]);
    assert!(rows[2]["line"].is_null() && rows[2]["branch"].is_string() == rows[0]["branch"].is_null());
    let asked = with("<low|medium|high>", |checked| harmless(&json(checked).unwrap()));
    let rows: serde_json::Value = serde_json::from_str(&asked).unwrap();
    assert_eq!(rows[0]["suggestions"], serde_json::json!([]));
    assert_eq!(rows[0]["key"], "risk");
}

#[test]
fn junit_is_well_formed_whatever_is_told() {
    let text = with(BAD, |checked| harmless(&junit(checked)));
    let xml = roxmltree::Document::parse(&text).unwrap();
    let named = |name: &str| xml.descendants().filter(|node| node.has_tag_name(name)).count();
    assert_eq!((named("testsuite"), named("failure"), named("system-out")), (2, 2, 1));
    assert_eq!(named("testcase"), RULES.len());
    assert_eq!(named("x"), 0);
    let root = xml.root_element();
    assert_eq!(root.attribute("tests"), Some(RULES.len().to_string().as_str()));
    assert_eq!(root.attribute("failures"), Some("2"));
    let failure = xml.descendants().find(|node| node.has_tag_name("failure")).unwrap();
    let told = failure.text().unwrap();
    assert!(told.contains("]]></failure><x y=\"'&amp;"), "{told}");
    assert!(told.contains("\\u{fffe}\\u{ffff}"), "{told}");
    assert_eq!(failure.attribute("type"), Some("BW003"));
}

#[test]
fn sarif_has_no_links_and_no_places_for_arguments() {
    let text = with(BAD, |checked| harmless(&sarif(checked).unwrap()));
    let log: serde_json::Value = serde_json::from_str(&text).unwrap();
    let results = log["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), 3);
    for result in results {
        let message = result["message"]["text"].as_str().unwrap();
        assert!(message.contains("[link] (https://example.com) {{0}}"), "{message}");
        let uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str();
        assert!(
            uri.unwrap()
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-._~/%".contains(&byte))
        );
    }
    let rule = |at: usize| log["runs"][0]["tool"]["driver"]["rules"][at]["id"].clone();
    let index = |at: usize| usize::try_from(results[at]["ruleIndex"].as_u64().unwrap()).unwrap();
    assert_eq!((rule(index(0)), rule(index(2))), ("BW003".into(), "BW008".into()));
}

#[test]
fn nothing_found_is_said_too() {
    let clean = [Checked {
        kind: Kind::Document,
        branch: None,
        path: "a",
        file: "a",
        text: b"",
        problems: &[],
        hints: None,
        fix: None,
    }];
    assert_eq!(json(&clean).unwrap(), b"[]\n");
    assert_eq!(github(&clean), b"");
    let log: serde_json::Value = serde_json::from_slice(&sarif(&clean).unwrap()).unwrap();
    assert_eq!(log["runs"][0]["results"], serde_json::json!([]));
    let xml = String::from_utf8(junit(&clean)).unwrap();
    assert!(xml.contains("failures=\"0\"") && !xml.contains("<failure"), "{xml}");
}
