//! What is wrong with a document: rules as data, one function each, and the one command that mends it all.
//!
//! Pure: a document and what it is held against in, problems out. Not here: how a problem looks (ui.rs), what it makes
//! a push do (journeys), and mending what can be derived, which comes before any check.

mod fix;
pub(crate) mod owners;
mod place;
mod rules;
pub(crate) mod suggest;
mod values;

use std::ops::Range;

pub use crate::policy::{MissingDocument, Policy, PolicyProblem, Status};
pub use fix::{fix_command, quoted};
pub use place::line_column;
pub(crate) use suggest::Hints;
pub use values::refuse_value;

use crate::document::Document;
use crate::document::front_matter::{FrontMatter, Key};

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// It does.
    Error,
    /// It does not.
    Warning,
}

/// What mends a problem.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// Finds it in a document; `None` for what is no matter of one document's text.
    find: Option<fn(&Subject<'_>) -> Vec<Problem>>,
}

/// What a rule looks at.
struct Subject<'a> {
    document: &'a Document,
    front_matter: &'a FrontMatter,
    context: &'a Context<'a>,
}

/// All rules, in the order of their codes. docs/checks.md explains each.
pub const RULES: [Rule; 8] = [
    Rule {
        code: "BW001",
        name: "front-matter",
        summary: "the front matter cannot be read",
        find: Some(rules::unreadable),
    },
    Rule {
        code: "BW002",
        name: "required-key",
        summary: "a required key is missing",
        find: Some(rules::missing_keys),
    },
    Rule {
        code: "BW003",
        name: "allowed-value",
        summary: "a value is not one of those allowed",
        find: Some(rules::values_not_allowed),
    },
    Rule {
        code: "BW004",
        name: "branch-name",
        summary: "`branch.name` is not the branch",
        find: Some(rules::other_branch),
    },
    Rule {
        code: "BW005",
        name: "number",
        summary: "a number or PR has another form",
        find: Some(rules::numbers),
    },
    Rule {
        code: "BW006",
        name: "date",
        summary: "a date has another form",
        find: Some(rules::dates),
    },
    Rule {
        code: "BW007",
        name: "no-document",
        summary: "a branch has no document",
        find: None,
    },
    Rule {
        code: "BW008",
        name: "policy",
        summary: "the policy file says what cannot be followed",
        find: None,
    },
];

/// The problems of a document, in the order of their places. Where its front matter cannot be read that is the only one.
pub fn check(document: &Document, context: &Context<'_>) -> Vec<Problem> {
    let front_matter = document.front_matter();
    let subject = Subject {
        document,
        front_matter: &front_matter,
        context,
    };
    let mut problems: Vec<Problem> = Vec::new();
    for find in RULES.iter().filter_map(|rule| rule.find) {
        problems.extend(find(&subject));
        if front_matter.problem.is_some() {
            break;
        }
    }
    problems.sort_by_key(|problem| problem.place.as_ref().map(|place| place.start));
    problems
}

/// What the policy says of a branch without a document; `None` where that is allowed.
pub fn no_document(branch: &str, policy: &Policy) -> Option<Problem> {
    let severity = match policy.missing_document {
        MissingDocument::Block => Severity::Error,
        MissingDocument::Warn => Severity::Warning,
        MissingDocument::Allow => return None,
    };
    Some(Problem {
        code: "BW007",
        severity,
        place: None,
        message: format!("the branch '{branch}' has no document"),
        note: Some(format!("make it with `git branchwork create -b {}`", quoted(branch))),
        fix: None,
    })
}

/// The problems of a policy file as problems like any other; their places are in that file.
pub fn policy_problems(problems: &[PolicyProblem], reader: Reader) -> Vec<Problem> {
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
    problems.iter().map(one).collect()
}

#[cfg(test)]
mod tests;
