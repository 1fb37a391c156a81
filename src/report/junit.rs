//! JUnit's XML, in the form that GitLab, Jenkins and others read: a suite a document, a test a rule.
//!
//! The format knows no warnings: a rule that only warns is passed, and what it says is the test's output.

use super::{Checked, Kind, Region, plain, words};
use crate::check::{Problem, RULES, Rule, Severity};

/// The rule of the policy file; all others are about documents.
const POLICY: &str = "BW008";

/// All rules of all that was checked, also those that found nothing.
pub(crate) fn junit(checked: &[Checked<'_>]) -> Vec<u8> {
    let suites: String = checked.iter().map(suite).collect();
    let counts: Vec<(usize, usize)> = checked.iter().map(count).collect();
    let tests: usize = counts.iter().map(|(tests, _)| tests).sum();
    let failures: usize = counts.iter().map(|(_, failures)| failures).sum();
    let xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <testsuites name=\"git-branchwork\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\">\n\
         {suites}</testsuites>\n"
    );
    xml.into_bytes()
}

/// How many rules it was held against, and how many of them fail.
fn count(checked: &Checked<'_>) -> (usize, usize) {
    let fails = |rule: &&Rule| of_rule(checked, rule).any(|problem| problem.severity == Severity::Error);
    let rules: Vec<&Rule> = rules(checked).collect();
    let failures = rules.iter().filter(|rule| fails(rule)).count();
    (rules.len(), failures)
}

fn rules(checked: &Checked<'_>) -> impl Iterator<Item = &'static Rule> {
    let kind = checked.kind;
    RULES
        .iter()
        .filter(move |rule| (rule.code == POLICY) == (kind == Kind::Policy))
}

fn of_rule<'a>(checked: &Checked<'a>, rule: &Rule) -> impl Iterator<Item = &'a Problem> {
    let code = rule.code;
    checked.problems.iter().filter(move |problem| problem.code == code)
}

fn suite(checked: &Checked<'_>) -> String {
    let name = escaped(&checked.name());
    let (tests, failures) = count(checked);
    let cases: String = rules(checked).map(|rule| case(checked, rule, &name)).collect();
    format!(
        "  <testsuite name=\"{name}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" skipped=\"0\">\n\
         {cases}  </testsuite>\n"
    )
}

fn case(checked: &Checked<'_>, rule: &Rule, suite: &str) -> String {
    let (errors, warnings): (Vec<&Problem>, Vec<&Problem>) =
        of_rule(checked, rule).partition(|problem| problem.severity == Severity::Error);
    let told = |problems: &[&Problem]| {
        let told: Vec<String> = problems.iter().map(|problem| tell(checked, problem)).collect();
        escaped(&told.join("\n"))
    };
    let mut inside = String::new();
    if let Some(first) = errors.first() {
        let message = escaped(&plain(&first.message));
        inside.push_str(&format!(
            "      <failure message=\"{message}\" type=\"{}\">{}</failure>\n",
            rule.code,
            told(&errors)
        ));
    }
    if !warnings.is_empty() {
        inside.push_str(&format!("      <system-out>{}</system-out>\n", told(&warnings)));
    }
    let name = escaped(&format!("{} {}", rule.code, rule.name));
    let file = escaped(&plain(checked.file));
    match inside.is_empty() {
        true => format!("    <testcase name=\"{name}\" classname=\"{suite}\" file=\"{file}\"/>\n"),
        false => {
            format!("    <testcase name=\"{name}\" classname=\"{suite}\" file=\"{file}\">\n{inside}    </testcase>\n")
        }
    }
}

fn tell(checked: &Checked<'_>, problem: &Problem) -> String {
    let place = match &problem.place {
        Some(place) => {
            let region = Region::of(checked.text, place);
            format!("{}:{}:{}", plain(checked.path), region.line, region.column)
        }
        None => plain(checked.path),
    };
    format!("{place}: {}", words(checked, problem))
}

/// Text of an element or an attribute. Control characters were made visible before; what is left of those that XML 1.0
/// has no way to write (<https://www.w3.org/TR/xml/#charsets>) are two that are no characters.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&apos;"),
            '\u{fffe}' | '\u{ffff}' => safe.extend(c.escape_unicode()),
            c => safe.push(c),
        }
    }
    safe
}
