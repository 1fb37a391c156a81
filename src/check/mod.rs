//! What is wrong with a document: rules as data, one function each, and the one command that mends it all.
//!
//! Pure: a document and what it is held against in, problems out. Not here: how a problem looks (ui.rs), what it makes
//! a push do (journeys), and mending what can be derived, which comes before any check.

mod facts;
mod fix;
pub(crate) mod owners;
mod page;
mod place;
mod rules;
pub(crate) mod suggest;
mod values;

use std::ops::Range;

pub use crate::policy::{Level, MissingDocument, Policy, PolicyProblem, Status};
pub use facts::Facts;
pub use fix::{branch_option, fix_command, quoted};
pub use page::page;
pub use place::line_column;
pub use rules::secrets::first_secret;
pub(crate) use rules::stack::by_way_of;
pub(crate) use suggest::Hints;
pub(crate) use values::date_of;
pub use values::refuse_value;

use crate::document::Document;
use crate::document::front_matter::{Key, Value};
use rules::{Finding, Subject, keys, secrets, sections, stack, updates};

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Problem {
    /// Which rule says so; it never gets another meaning: `BW001`.
    pub code: &'static str,
    /// Whether it blocks.
    pub severity: Severity,
    /// Where, in bytes of the document (for `BW008`: of the policy file); `None` where there is nothing to point at.
    pub place: Option<Range<usize>>,
    /// One sentence that names the thing in quotes; no final period.
    pub message: String,
    /// Why, or what to do, where there is more to say.
    pub note: Option<String>,
    /// What mends it.
    pub fix: Option<Fix>,
}

/// Whether a problem blocks a push.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// It does.
    Error,
    /// It does not.
    Warning,
}

/// What mends a problem.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Fix {
    /// Setting a key of the front matter.
    Set {
        /// The key.
        key: Key,
        /// As it is typed behind `key=`; between `<` and `>` where only a person knows it.
        suggestion: String,
    },
}

/// What a document is held against.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The branch that it is the document of.
    pub branch: Option<&'a str>,
    /// The team's policy.
    pub policy: &'a Policy,
    /// Who asks, to be suggested as `dri`.
    pub actor: Option<&'a str>,
    /// What the repository knows, where it was asked.
    pub facts: Option<&'a Facts>,
}

/// Who reads the policy file, which decides whether what is wrong in it blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// `check`: it does.
    Check,
    /// A hook: it does not, for a newer teammate's key must not stop an older program.
    Hook,
}

/// A rule.
#[derive(Clone, Copy)]
pub struct Rule {
    /// Its code.
    pub code: &'static str,
    /// What it is called where codes are listed: `required-key`.
    pub name: &'static str,
    /// What it finds, in a few words.
    pub summary: &'static str,
    /// What it does where the policy does not say.
    pub severity: Severity,
    /// Whether what its fix says is derived, so that nobody has to decide on it.
    pub is_derived: bool,
    /// Finds it in a document; `None` for what is no matter of one document's text.
    find: Option<fn(&Subject<'_>) -> Vec<Finding>>,
}

const fn rule(
    code: &'static str,
    name: &'static str,
    summary: &'static str,
    severity: Severity,
    find: Option<fn(&Subject<'_>) -> Vec<Finding>>,
) -> Rule {
    Rule {
        code,
        name,
        summary,
        severity,
        is_derived: false,
        find,
    }
}

impl Rule {
    const fn derived(self) -> Self {
        Self {
            is_derived: true,
            ..self
        }
    }
}

use Severity::{Error, Warning};

/// All rules, in the order of their codes. docs/checks.md explains each.
#[rustfmt::skip]
pub const RULES: [Rule; 24] = [
    rule("BW001", "front-matter", "the front matter cannot be read", Error, Some(|subject| keys::unreadable(&subject.front_matter))),
    rule("BW002", "required-key", "a required key is missing", Error, Some(keys::missing_keys)),
    rule("BW003", "allowed-value", "a value is not one of those allowed", Error, Some(keys::values_not_allowed)),
    rule("BW004", "branch-name", "`branch.name` is not the branch", Warning, Some(stack::other_branch)).derived(),
    rule("BW005", "number", "a number or PR has another form", Warning, Some(keys::numbers)).derived(),
    rule("BW006", "date", "a date has another form", Warning, Some(keys::dates)).derived(),
    rule("BW007", "no-document", "a branch has no document", Error, None),
    rule("BW008", "policy", "the policy file says what cannot be followed", Error, None),
    rule("BW009", "type", "a value is of another type", Warning, Some(keys::types)),
    rule("BW010", "date-order", "`date` lies after `last_updated`", Warning, Some(keys::date_after_change)),
    rule("BW011", "no-base", "the base is no branch to stand on", Warning, Some(stack::no_base)).derived(),
    rule("BW012", "stack-place", "base, position or total is not what the stack says", Warning, Some(stack::other_place)).derived(),
    rule("BW013", "open-checklist", "a checklist is not clear that has to be", Warning, Some(sections::open_items)),
    rule("BW014", "not-merged", "a branch counts as merged and is not", Warning, Some(stack::not_merged)),
    rule("BW015", "pr-missing", "`pr` is missing and recorded", Warning, Some(stack::recorded_pull_request)).derived(),
    rule("BW016", "misspelt-key", "a key is almost one that is known", Warning, Some(keys::misspelt_keys)),
    rule("BW017", "empty-section", "a required section is missing or empty", Warning, Some(sections::empty)),
    rule("BW018", "placeholder", "a placeholder is left in a required section", Warning, Some(sections::placeholders)),
    rule("BW019", "section-twice", "a section stands there twice", Warning, Some(sections::twice)),
    rule("BW020", "updates-order", "an entry of Updates is out of order", Warning, Some(updates::out_of_order)),
    rule("BW021", "lost-commit", "an entry of Updates is of no commit", Warning, Some(updates::lost_commits)),
    rule("BW022", "secret", "something looks like a secret", Warning, Some(secrets::secrets)),
    rule("BW023", "large", "the document is larger than 1 MB", Warning, Some(updates::large)),
    rule("BW024", "pattern", "a title or a value does not match its pattern", Warning, Some(sections::patterns)),
];

/// How many problems one rule may find: a document may hold more than anybody reads.
const MOST_OF_A_RULE: usize = 100;

/// The problems of a document, in the order of their places. Where its front matter cannot be read that is the only one.
pub fn check(document: &Document, context: &Context<'_>) -> Vec<Problem> {
    let subject = Subject::new(document, context);
    let mut problems: Vec<Problem> = Vec::new();
    for rule in &RULES {
        let (Some(find), Some(severity)) = (rule.find, severity(rule, context.policy)) else {
            continue;
        };
        let found = find(&subject).into_iter().take(MOST_OF_A_RULE);
        problems.extend(found.map(|finding| problem(rule, severity, finding)));
        if subject.front_matter.problem.is_some() {
            break;
        }
    }
    if !problems.is_empty() {
        secrets::hide(document.text(), &mut problems);
    }
    problems.sort_by_key(|problem| problem.place.as_ref().map(|place| place.start));
    problems
}

fn problem(rule: &Rule, severity: Severity, finding: Finding) -> Problem {
    Problem {
        code: rule.code,
        severity,
        place: finding.place,
        message: finding.message,
        note: finding.note,
        fix: finding.fix,
    }
}

/// What a rule does by this policy; `None` where it is off.
fn severity(rule: &Rule, policy: &Policy) -> Option<Severity> {
    match policy.level(rule.code) {
        None => Some(rule.severity),
        Some(Level::Block) => Some(Error),
        Some(Level::Warn) => Some(Warning),
        Some(Level::Off) => None,
    }
}

/// Why a rule of the policy that holds for the branch refuses a value that the document does not have yet.
pub fn refuse_by_rules(document: &Document, context: &Context<'_>, key: &Key, value: &Value) -> Option<String> {
    let mut document = document.clone();
    document.set(&[(key.clone(), value.clone())]).ok()?;
    let subject = Subject::new(&document, context);
    let refused = keys::refused(&subject).into_iter();
    let mut of_key =
        refused.filter(|finding| matches!(&finding.fix, Some(Fix::Set { key: named, .. }) if named == key));
    let finding = of_key.next()?;
    let words: Vec<String> = std::iter::once(finding.message).chain(finding.note).collect();
    Some(words.join(": "))
}

/// The keys that are required and say nothing.
pub fn missing_keys(document: &Document, context: &Context<'_>) -> Vec<Key> {
    keys::missing(&Subject::new(document, context))
}

/// Where and why the front matter cannot be read, for what cannot do without it, whatever the policy says of that check.
pub fn unreadable(document: &Document) -> Option<Problem> {
    let finding = keys::unreadable(&document.front_matter()).pop()?;
    Some(problem(&RULES[0], Error, finding))
}

/// What the policy says of a branch without a document; `None` where that is allowed.
pub fn no_document(branch: &str, policy: &Policy) -> Option<Problem> {
    let severity = match (policy.level("BW007"), policy.missing_document) {
        (Some(Level::Off), _) | (None, MissingDocument::Allow) => return None,
        (Some(Level::Block), _) | (None, MissingDocument::Block) => Severity::Error,
        (Some(Level::Warn), _) | (None, MissingDocument::Warn) => Severity::Warning,
    };
    Some(Problem {
        code: "BW007",
        severity,
        place: None,
        message: format!("the branch '{branch}' has no document"),
        note: Some(format!(
            "make it with `git branchwork create {}`",
            branch_option(branch)
        )),
        fix: None,
    })
}

/// The problems of a policy file as problems like any other; their places are in that file's `text`.
pub fn policy_problems(text: &[u8], problems: &[PolicyProblem], reader: Reader) -> Vec<Problem> {
    let severity = match reader {
        Reader::Check => Severity::Error,
        Reader::Hook => Severity::Warning,
    };
    let one = |problem: &PolicyProblem| Problem {
        code: "BW008",
        severity,
        place: Some(problem.place.clone()),
        message: problem.message.clone(),
        note: problem
            .did_you_mean
            .as_ref()
            .map(|word| format!("did you mean '{word}'?")),
        fix: None,
    };
    let mut problems: Vec<Problem> = problems.iter().map(one).collect();
    if !problems.is_empty() {
        secrets::hide(text, &mut problems);
    }
    problems
}

#[cfg(test)]
mod tests;
