//! What `check` gives to machines, as those machines read it.

mod json_schema;

use serde_json::Value;

use crate::sandbox::{Run, Sandbox};

/// On a branch whose document lacks `scope`, has a value that is not allowed and a number of another form, with a policy
/// that has an unknown key.
fn unfinished() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.git(["switch", "-q", "-c", "feat"]);
    sandbox.write(".branchwork.yml", "version: 1\nexclud: [x]\n");
    let text = sandbox.view().replacen("risk:", "risk: low-risk", 1);
    sandbox.write(".branchwork/CURRENT.md", text.replacen("pr:", "pr: '#47'", 1));
    sandbox
}

/// The same without anything wrong.
fn finished() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.git(["switch", "-q", "-c", "feat"]);
    sandbox.branchwork(["set", "scope=x", "risk=low"]);
    sandbox
}

fn check(sandbox: &Sandbox, format: &str) -> Run {
    sandbox.try_branchwork(["check", "--format", format])
}

fn json(run: &Run) -> Value {
    serde_json::from_str(&run.stdout).unwrap()
}

#[test]
fn json_is_a_row_a_problem() {
    let sandbox = unfinished();
    let run = check(&sandbox, "json").code(1);
    assert_eq!(run.stderr, "");
    let rows = json(&run);
    let codes: Vec<&str> = rows
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["code"].as_str().unwrap())
        .collect();
    assert_eq!(codes, ["BW008", "BW005", "BW002", "BW003"]);
    let fix = "git branchwork set pr=47 'scope=<area>' risk=low";
    let expected = serde_json::json!({
        "branch": "feat", "path": ".branchwork/CURRENT.md", "code": "BW003", "name": "allowed-value", "severity": "error",
        "line": 14, "column": 7, "end_line": 14, "end_column": 15,
        "message": "'low-risk' is not allowed for 'risk'", "note": "did you mean 'low'? allowed: low, medium, high",
        "key": "risk", "suggestions": ["low"], "fix": fix,
    });
    assert_eq!(rows[3], expected);
    assert_eq!(rows[2]["suggestions"], serde_json::json!([]));
    assert_eq!(sandbox.try_branchwork(["check", "--json"]).stdout, run.stdout);
    assert_eq!(check(&finished(), "json").code(0).stdout, "[]\n");
}

#[test]
fn github_annotates() {
    let expected = "\
::error file=.branchwork.yml,line=2,col=1,endColumn=7,title=BW008 policy%3A .branchwork.yml::'exclud' is not a key of the policy%0Adid you mean 'exclude'?
::error file=.branchwork/CURRENT.md,line=13,col=1,endColumn=6,title=BW002 required-key%3A feat::'scope' is required and missing%0Arequired from status 'draft' on%0ATo fix: git branchwork set pr=47 'scope=<area>' risk=low
::error file=.branchwork/CURRENT.md,line=14,col=7,endColumn=15,title=BW003 allowed-value%3A feat::'low-risk' is not allowed for 'risk'%0Adid you mean 'low'? allowed: low, medium, high%0ATo fix: git branchwork set pr=47 'scope=<area>' risk=low
::warning file=.branchwork/CURRENT.md,line=5,col=5,endColumn=10,title=BW005 number%3A feat::'#47' is not a number of a PR for 'pr'%0Aallowed: a number such as 47, or with a ticket: 47 / BLZ-42%0ATo fix: git branchwork set pr=47 'scope=<area>' risk=low
";
    let run = check(&unfinished(), "github").code(1);
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), (expected, ""));
    let run = check(&finished(), "github").code(0);
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", ""));
}

#[test]
fn sarif_is_what_the_published_schema_says() {
    let schema: Value = serde_json::from_str(include_str!("sarif-schema-2.1.0.json")).unwrap();
    let log = json(&check(&unfinished(), "sarif").code(1));
    assert_eq!(json_schema::faults(&schema, &log), Vec::<String>::new());
    let results = log["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), 4);
    let location = &results[3]["locations"][0];
    assert_eq!(
        location["physicalLocation"]["artifactLocation"]["uri"],
        ".branchwork/CURRENT.md"
    );
    assert_eq!(location["physicalLocation"]["region"]["startLine"], 14);
    assert_eq!(location["logicalLocations"][0]["fullyQualifiedName"], "feat");
    let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
    for result in results {
        let rule = &rules[usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
        assert_eq!(rule["id"], result["ruleId"]);
    }
    let log = json(&check(&finished(), "sarif").code(0));
    assert_eq!(json_schema::faults(&schema, &log), Vec::<String>::new());
    // What the schema refuses is found.
    let mut wrong = log.clone();
    wrong["runs"][0]["result"] = wrong["runs"][0]["results"].take();
    assert_eq!(json_schema::faults(&schema, &wrong).len(), 2);
}

#[test]
fn junit_has_a_suite_a_document_and_a_test_a_rule() {
    let sandbox = unfinished();
    sandbox.git(["switch", "-q", "-c", "second"]);
    let run = sandbox.try_branchwork(["check", "--all", "--format", "junit"]).code(1);
    let xml = roxmltree::Document::parse(&run.stdout).unwrap();
    let suites: Vec<_> = xml.root_element().children().filter(|node| node.is_element()).collect();
    let names: Vec<_> = suites.iter().map(|suite| suite.attribute("name").unwrap()).collect();
    assert_eq!(names, [".branchwork.yml", "feat", "second"]);
    let failed = |suite: &roxmltree::Node<'_, '_>| -> Vec<String> {
        let cases = suite.children().filter(|node| node.has_tag_name("testcase"));
        let failed = cases.filter(|case| case.children().any(|node| node.has_tag_name("failure")));
        failed.map(|case| case.attribute("name").unwrap().to_owned()).collect()
    };
    assert_eq!(failed(&suites[0]), ["BW008 policy"]);
    assert_eq!(failed(&suites[1]), ["BW002 required-key", "BW003 allowed-value"]);
    assert_eq!(failed(&suites[2]), ["BW002 required-key"]);
    assert_eq!(suites[1].attribute("failures"), Some("2"));
    let warned = suites[1]
        .descendants()
        .find(|node| node.has_tag_name("system-out"))
        .unwrap();
    assert!(warned.text().unwrap().contains("of 'feat':5:5: "));
    let run = check(&finished(), "junit").code(0);
    let xml = roxmltree::Document::parse(&run.stdout).unwrap();
    assert_eq!(xml.root_element().attribute("failures"), Some("0"));
    assert!(xml.root_element().attribute("tests").unwrap().parse::<usize>().unwrap() > 7);
}

#[test]
fn a_file_is_named_as_it_was_given() {
    let sandbox = finished();
    std::fs::write(sandbox.path("a file.md"), "---\nrisk: low\n---\n").unwrap();
    let run = |format: &str| {
        sandbox
            .try_branchwork(["check", "--file", "../a file.md", "--format", format])
            .code(1)
    };
    assert!(
        run("github")
            .stdout
            .starts_with("::error file=../a file.md,line=1,col=1,"),
        "{}",
        run("github").stdout
    );
    let uri =
        json(&run("sarif"))["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"].clone();
    assert_eq!(uri["uri"], "../a%20file.md");
    sandbox.try_branchwork(["check", "--json", "--format", "sarif"]).code(2);
    sandbox.try_branchwork(["check", "--format", "yaml"]).code(2);
}
