//! A team's policy: what `.branchwork.yml` says, checked, with the defaults where it says nothing.
//!
//! Pure: text in, policy and problems out. Not here: where the file is read from and whose version counts (entries),
//! and what git config adds.

use std::fmt;
use std::ops::Range;

use crate::document::front_matter::{Field, FieldValue, Key, fields_of_yaml};
use crate::names::{BranchName, visible};
use crate::nearest::nearest;

/// Where a branch stands. The order is that of a branch's life: what one status requires, the later ones require too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Being written.
    Draft,
    /// Waiting for reviewers.
    InReview,
    /// Back from reviewers.
    ChangesRequested,
    /// May be merged.
    Approved,
    /// Merged.
    Merged,
}

impl Status {
    /// All of them, in their order.
    pub const ALL: [Self; 5] = [
        Self::Draft,
        Self::InReview,
        Self::ChangesRequested,
        Self::Approved,
        Self::Merged,
    ];

    /// As documents write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::InReview => "in-review",
            Self::ChangesRequested => "changes-requested",
            Self::Approved => "approved",
            Self::Merged => "merged",
        }
    }

    /// The status of that name, `None` where there is none.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a push of a branch without a document gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MissingDocument {
    /// An error.
    Block,
    /// A warning.
    Warn,
    /// Nothing.
    Allow,
}

const MISSING_DOCUMENT: [(&str, MissingDocument); 3] = [
    ("block", MissingDocument::Block),
    ("warn", MissingDocument::Warn),
    ("allow", MissingDocument::Allow),
];

/// The most files that one entry of Updates may list.
const MOST_FILES: usize = 10_000;

/// A policy that can be followed as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The trunk's branch name; `None`: to be found out.
    pub trunk: Option<String>,
    /// Patterns of branches that get no document. See [`Policy::excludes`].
    pub exclude: Vec<String>,
    /// The template's path from the top of the work tree, with `/`, never leading out of it.
    pub template: Option<String>,
    /// What a branch without a document means.
    pub missing_document: MissingDocument,
    /// How many files an entry of Updates lists.
    pub max_files: usize,
    /// Whether the stack is drawn with ASCII characters only.
    pub ascii_stack: bool,
    /// What each status adds to those before it.
    required: [Vec<Key>; 5],
}

impl Default for Policy {
    fn default() -> Self {
        let keys = |names: &[&str]| names.iter().filter_map(|name| Key::parse(name)).collect();
        Self {
            trunk: None,
            exclude: Vec::new(),
            template: None,
            missing_document: MissingDocument::Block,
            max_files: 30,
            ascii_stack: false,
            required: [
                keys(&["dri", "scope", "risk"]),
                keys(&["reviewers", "backout_plan"]),
                Vec::new(),
                Vec::new(),
                Vec::new(),
            ],
        }
    }
}

/// Something wrong in a policy file. The default is used in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyProblem {
    /// One sentence that names the thing in quotes; no final period.
    pub message: String,
    /// Where, in bytes of the file.
    pub place: Range<usize>,
    /// The known word that was probably meant.
    pub did_you_mean: Option<String>,
}

/// A key of the file and how its value gets into a policy. The error says what the value has to be.
type Row = (&'static str, fn(&mut Policy, &FieldValue) -> Result<(), &'static str>);

const ROWS: [Row; 15] = [
    ("version", |_, value| match text(value)? {
        "1" => Ok(()),
        _ => Err("1, the only version that this program knows"),
    }),
    ("trunk", |policy, value| {
        let name = BranchName::new(text(value)?).ok_or("a branch name")?;
        policy.trunk = Some(name.as_str().to_owned());
        Ok(())
    }),
    ("exclude", |policy, value| {
        policy.exclude = list(value)?;
        Ok(())
    }),
    ("template", |policy, value| {
        let path = text(value)?;
        let inside = |part: &str| !matches!(part, "" | "." | "..") && !part.contains(['\\', ':']);
        if !path.split('/').all(inside) || path.chars().any(char::is_control) {
            return Err("a path in the work tree, such as docs/branchwork.md");
        }
        policy.template = Some(path.to_owned());
        Ok(())
    }),
    ("missing_document", |policy, value| {
        let name = text(value)?;
        let known = MISSING_DOCUMENT.iter().find(|(known, _)| *known == name);
        policy.missing_document = known.ok_or("block, warn or allow")?.1;
        Ok(())
    }),
    ("required", |_, value| no_value(value)),
    ("required.draft", |policy, value| require(policy, Status::Draft, value)),
    ("required.in-review", |policy, value| {
        require(policy, Status::InReview, value)
    }),
    ("required.changes-requested", |policy, value| {
        require(policy, Status::ChangesRequested, value)
    }),
    ("required.approved", |policy, value| {
        require(policy, Status::Approved, value)
    }),
    ("required.merged", |policy, value| {
        require(policy, Status::Merged, value)
    }),
    ("updates", |_, value| no_value(value)),
    ("updates.max_files", |policy, value| {
        let number = text(value)?.parse().ok();
        let number = number.filter(|number| (1..=MOST_FILES).contains(number));
        policy.max_files = number.ok_or("a number from 1 to 10000")?;
        Ok(())
    }),
    ("stack", |_, value| no_value(value)),
    ("stack.style", |policy, value| {
        let styles = [("unicode", false), ("ascii", true)];
        let style = text(value)?;
        let known = styles.iter().find(|(name, _)| *name == style);
        policy.ascii_stack = known.ok_or("unicode or ascii")?.1;
        Ok(())
    }),
];

fn text(value: &FieldValue) -> Result<&str, &'static str> {
    match value {
        FieldValue::Text(text) => Ok(text),
        _ => Err("a single text"),
    }
}

fn list(value: &FieldValue) -> Result<Vec<String>, &'static str> {
    match value {
        FieldValue::Text(text) => Ok(vec![text.clone()]),
        FieldValue::List(items) if items.iter().all(|item| !item.is_empty()) => Ok(items.clone()),
        _ => Err("a list of texts"),
    }
}

fn no_value(_: &FieldValue) -> Result<(), &'static str> {
    Err("a mapping, with keys on lines of their own below it")
}

fn require(policy: &mut Policy, status: Status, value: &FieldValue) -> Result<(), &'static str> {
    let keys: Option<Vec<Key>> = list(value)?.iter().map(|name| Key::parse(name)).collect();
    policy.required[status as usize] = keys.ok_or("a list of front-matter keys, such as [dri, branch.name]")?;
    Ok(())
}

impl Policy {
    /// The policy that a file's text states, and what is wrong with it. What cannot be read has the default's value.
    pub fn parse(text: &[u8]) -> (Self, Vec<PolicyProblem>) {
        let mut policy = Self::default();
        let broken = |message: String, place| PolicyProblem {
            message: format!("the policy cannot be read: {message}"),
            place,
            did_you_mean: None,
        };
        let (fields, twice) = match fields_of_yaml(text) {
            Ok(read) => read,
            Err(problem) => return (policy, vec![broken(problem.message, problem.place)]),
        };
        let mut problems: Vec<PolicyProblem> = fields.iter().filter_map(|field| policy.take(field)).collect();
        problems.extend(twice.map(|problem| broken(problem.message, problem.place)));
        problems.sort_by_key(|problem| problem.place.start);
        (policy, problems)
    }

    fn take(&mut self, field: &Field) -> Option<PolicyProblem> {
        let name = field.key.to_string();
        let Some((_, set)) = ROWS.iter().find(|(known, _)| *known == name) else {
            let (above, last) = name.rsplit_once('.').unwrap_or(("", &name));
            let beside = ROWS.iter().filter_map(|(known, _)| match known.rsplit_once('.') {
                Some((parent, last)) => (parent == above).then_some(last),
                None => above.is_empty().then_some(*known),
            });
            let meant = nearest(last, beside).map(|meant| name[..name.len() - last.len()].to_owned() + meant);
            return Some(PolicyProblem {
                message: format!("'{}' is not a key of the policy", visible(&name)),
                place: field.key_span.clone(),
                did_you_mean: meant,
            });
        };
        if field.value == FieldValue::Null {
            return None;
        }
        let wanted = set(self, &field.value).err()?;
        let words = match name.as_str() {
            "missing_document" => MISSING_DOCUMENT.map(|(word, _)| word).to_vec(),
            _ => Vec::new(),
        };
        let meant = text(&field.value).ok().and_then(|given| nearest(given, words));
        Some(PolicyProblem {
            message: format!("'{name}' has to be {wanted}"),
            place: field.value_span.clone(),
            did_you_mean: meant.map(str::to_owned),
        })
    }

    /// The keys that a document of that status must have: its own and those of every status before it, in that order.
    pub fn required_for(&self, status: Status) -> Vec<Key> {
        let mut keys: Vec<Key> = Vec::new();
        for key in self.required.iter().take(status as usize + 1).flatten() {
            if !keys.contains(key) {
                keys.push(key.clone());
            }
        }
        keys
    }

    /// The first status that requires `key`.
    pub fn required_since(&self, key: &Key) -> Option<Status> {
        Status::ALL
            .into_iter()
            .find(|status| self.required[*status as usize].contains(key))
    }

    /// Whether a branch of that name gets no document by `exclude`. In a pattern `?` is one character and `*` any
    /// number of them, both without `/`; `**` is anything.
    pub fn excludes(&self, branch: &str) -> bool {
        self.exclude.iter().any(|pattern| matches(pattern, branch))
    }
}

/// Whether the whole of `name` is what `pattern` describes. Time is the product of the lengths whatever they hold:
/// each character of the pattern, from the last, turns the places that the rest of it can start at into its own.
fn matches(pattern: &str, name: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let name: Vec<char> = name.chars().collect();
    let mut rest = vec![false; name.len() + 1];
    rest[name.len()] = true;
    let mut end = pattern.len();
    while end > 0 {
        let crossing = pattern[..end].ends_with(&['*', '*']);
        let token = pattern[end - 1];
        end -= if crossing { 2 } else { 1 };
        let mut here = vec![false; name.len() + 1];
        for at in (0..=name.len()).rev() {
            let next = name.get(at);
            let inner = next.is_some_and(|c| *c != '/');
            here[at] = match token {
                '*' => rest[at] || ((inner || crossing && next.is_some()) && here[at + 1]),
                '?' => inner && rest[at + 1],
                c => next == Some(&c) && rest[at + 1],
            };
        }
        rest = here;
    }
    rest[0]
}

#[cfg(test)]
mod tests;
