//! A team's policy: what `.branchwork.yml` says, checked, with the defaults where it says nothing.
//!
//! Pure: text in, policy and problems out. Not here: where the file is read from and whose version counts (entries),
//! what git config adds, and holding documents against it (check/).

mod pattern;
mod read;
mod schema;
mod shape;
mod table;

use std::fmt;
use std::ops::Range;

use crate::document::front_matter::{Key, Value, yaml};
use pattern::Pattern;

pub(crate) use schema::schema;
#[cfg(test)]
pub(crate) use table::CODES;

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

/// What a check does that finds something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Nothing.
    Off,
    /// It warns.
    Warn,
    /// It holds a push back.
    Block,
}

/// What a key of a team's own holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueType {
    /// Any text.
    Text,
    /// A number.
    Number,
    /// A date, as `date` has it.
    Date,
    /// A list of texts.
    List,
    /// `true` or `false`.
    Boolean,
}

/// What holds for some branches only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// It holds where a changed file is one of these.
    pub paths: Option<Vec<String>>,
    /// It holds where the branch is one of these.
    pub branches: Option<Vec<String>>,
    /// It holds from this status on.
    pub status: Option<Status>,
    /// Keys that must have a value.
    pub require: Vec<Key>,
    /// Values that keys must not have.
    pub refuse: Vec<(Key, Vec<String>)>,
    /// Why, in the team's words.
    pub because: Option<String>,
}

/// A policy that can be followed as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The trunk's branch name; `None`: to be found out.
    pub trunk: Option<String>,
    /// Patterns of branches that get no document. See [`Policy::excludes`].
    pub exclude: Vec<String>,
    /// Patterns of branches that are treated as the trunk is.
    pub protected: Vec<String>,
    /// The template's path from the top of the work tree, with `/`, never leading out of it.
    pub template: Option<String>,
    /// What a branch without a document means.
    pub missing_document: MissingDocument,
    /// How many files an entry of Updates lists.
    pub max_files: usize,
    /// Whether the stack is drawn with ASCII characters only.
    pub ascii_stack: bool,
    /// Whether everybody should let documents go along with each push. It is for each to decide: nothing that is tracked publishes.
    pub proposes_sync_on_push: bool,
    /// What holds for some branches only.
    pub rules: Vec<Rule>,
    /// What each status adds to those before it: keys that must have a value, sections that must not be empty, and
    /// sections whose checklist must be clear.
    required: [Vec<Key>; 5],
    sections: [Vec<String>; 5],
    checklists: [Vec<String>; 5],
    /// The team's own words for statuses.
    statuses: Vec<(String, Status)>,
    /// The values that keys may have.
    values: Vec<(Key, Vec<String>)>,
    /// What the team's own keys hold.
    types: Vec<(Key, ValueType)>,
    /// What values have to match, by key; by none for the title.
    patterns: Vec<(Option<Key>, String)>,
    levels: Vec<(&'static str, Level)>,
}

impl Default for Policy {
    fn default() -> Self {
        let keys = |names: &[&str]| names.iter().filter_map(|name| Key::parse(name)).collect();
        let mut required: [Vec<Key>; 5] = Default::default();
        required[Status::Draft as usize] = keys(&["dri", "scope", "risk"]);
        required[Status::InReview as usize] = keys(&["reviewers", "backout_plan"]);
        let mut checklists: [Vec<String>; 5] = Default::default();
        checklists[Status::Approved as usize] = vec!["Merge Checklist".to_owned()];
        Self {
            trunk: None,
            exclude: Vec::new(),
            protected: Vec::new(),
            template: None,
            missing_document: MissingDocument::Block,
            max_files: 30,
            ascii_stack: false,
            proposes_sync_on_push: false,
            rules: Vec::new(),
            required,
            sections: Default::default(),
            checklists,
            statuses: Vec::new(),
            values: Vec::new(),
            types: Vec::new(),
            patterns: Vec::new(),
            levels: Vec::new(),
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

/// The values of `risk`, where a team names no others.
const RISKS: [&str; 3] = ["low", "medium", "high"];

impl Policy {
    /// The policy that a file's text states, and what is wrong with it. What cannot be read has the default's value.
    pub fn parse(text: &[u8]) -> (Self, Vec<PolicyProblem>) {
        let broken = |message: String, place| PolicyProblem {
            message: format!("the policy cannot be read: {message}"),
            place,
            did_you_mean: None,
        };
        let (file, twice) = match yaml(text) {
            Ok(read) => read,
            Err(problem) => return (Self::default(), vec![broken(problem.message, problem.place)]),
        };
        let (file, mut problems) = shape::read(&table::POLICY, file);
        problems.extend(twice.map(|problem| broken(problem.message, problem.place)));
        problems.sort_by_key(|problem| problem.place.start);
        (read::policy(&file), problems)
    }

    /// The keys that a document of that status must have: its own and those of every status before it, in that order.
    pub fn required_for(&self, status: Status) -> Vec<Key> {
        up_to(&self.required, status)
    }

    /// The first status that requires `key`.
    pub fn required_since(&self, key: &Key) -> Option<Status> {
        since(&self.required, key)
    }

    /// The sections that must not be empty, each with the status that it holds from.
    pub fn sections_for(&self, status: Status) -> Vec<(String, Status)> {
        with_status(&self.sections, status)
    }

    /// The sections whose checklist must be clear, each with the status that it holds from.
    pub fn checklists_for(&self, status: Status) -> Vec<(String, Status)> {
        with_status(&self.checklists, status)
    }

    /// The status that a word stands for: one of ours, or of the team's own.
    pub fn status(&self, word: &str) -> Option<Status> {
        let own = || self.statuses.iter().find(|(own, _)| own == word);
        Status::parse(word).or_else(|| own().map(|(_, status)| *status))
    }

    /// The values that `key` may have; `None`: any.
    pub fn allowed(&self, key: &Key) -> Option<Vec<&str>> {
        if let Some((_, values)) = self.values.iter().find(|(known, _)| known == key) {
            return Some(values.iter().map(String::as_str).collect());
        }
        match key.to_string().as_str() {
            "status" => {
                let mut words: Vec<&str> = Status::ALL.map(Status::name).to_vec();
                words.extend(self.statuses.iter().map(|(own, _)| own.as_str()));
                Some(words)
            }
            "risk" => Some(RISKS.to_vec()),
            _ => None,
        }
    }

    /// What a key of the team's own holds; `None` where the policy does not say.
    pub fn value_type(&self, key: &Key) -> Option<ValueType> {
        let known = self.types.iter().find(|(known, _)| known == key)?;
        Some(known.1)
    }

    /// The value that a person means by `key=text` on a command line.
    pub fn argument(&self, key: &Key, text: &str) -> Value {
        match self.value_type(key) {
            Some(ValueType::List) => Value::list(text),
            Some(ValueType::Number) => Value::number(text),
            Some(ValueType::Boolean) => Value::boolean(text),
            _ => Value::from_argument(key, text),
        }
    }

    /// The regular expressions with their texts, each for a key, or for the title where there is none.
    pub fn patterns(&self) -> impl Iterator<Item = (Option<&Key>, &str, regex_lite::Regex)> {
        let patterns = self.patterns.iter();
        patterns.filter_map(|(key, text)| Some((key.as_ref(), text.as_str(), table::expression(text)?)))
    }

    /// What a check does; `None` where the policy does not say.
    pub fn level(&self, code: &str) -> Option<Level> {
        let known = self.levels.iter().find(|(known, _)| *known == code)?;
        Some(known.1)
    }

    /// Every key that the policy names.
    pub fn keys(&self) -> impl Iterator<Item = &Key> {
        let required = self.required.iter().flatten();
        let rules = self
            .rules
            .iter()
            .flat_map(|rule| rule.require.iter().chain(rule.refuse.iter().map(|(key, _)| key)));
        let typed = self.types.iter().map(|(key, _)| key);
        let listed = self.values.iter().map(|(key, _)| key);
        let matched = self.patterns.iter().filter_map(|(key, _)| key.as_ref());
        required.chain(rules).chain(typed).chain(listed).chain(matched)
    }

    /// Whether a rule asks which files were changed.
    pub fn asks_for_paths(&self) -> bool {
        self.rules.iter().any(|rule| rule.paths.is_some())
    }

    /// The rules that hold for a branch. Where it is not known which files were changed, none that asks for them does.
    pub fn rules_for(&self, branch: Option<&str>, status: Status, changed: Option<&[String]>) -> Vec<&Rule> {
        let names = |rule: &Rule| {
            let is_one = |branch: &str| any(rule.branches.as_deref().unwrap_or_default(), branch);
            rule.branches.is_none() || branch.is_some_and(is_one)
        };
        let rules = self.rules.iter();
        let so_far = rules.filter(|rule| rule.status.is_none_or(|least| status >= least));
        let named: Vec<&Rule> = so_far.filter(|rule| names(rule)).collect();
        let touched = touched(&named, changed.unwrap_or_default());
        let rules = named.into_iter().zip(touched);
        rules.filter(|(_, touched)| *touched).map(|(rule, _)| rule).collect()
    }

    /// Whether a branch of that name gets no document by `exclude` or `protected`.
    pub fn excludes(&self, branch: &str) -> bool {
        any(&self.exclude, branch) || self.protects(branch)
    }

    /// Whether a branch of that name is treated as the trunk is.
    pub fn protects(&self, branch: &str) -> bool {
        any(&self.protected, branch)
    }
}

/// For each rule whether a path is one of its; a rule that asks for none counts as touched. The paths are gone through once: they
/// are many, and the patterns stay at hand.
fn touched(rules: &[&Rule], paths: &[String]) -> Vec<bool> {
    let mut touched: Vec<bool> = rules.iter().map(|rule| rule.paths.is_none()).collect();
    let ready = |text: &String| Pattern::new(text);
    let mut waiting: Vec<(usize, Vec<Pattern>)> = rules
        .iter()
        .enumerate()
        .filter_map(|(at, rule)| Some((at, rule.paths.as_ref()?.iter().filter_map(ready).collect())))
        .collect();
    for path in paths {
        waiting.retain(|(at, patterns)| {
            let is_one = patterns.iter().any(|pattern| pattern.matches(path));
            touched[*at] |= is_one;
            !is_one
        });
        if waiting.is_empty() {
            break;
        }
    }
    touched
}

/// Whether one of the patterns describes a name.
fn any(patterns: &[String], name: &str) -> bool {
    let mut patterns = patterns.iter().filter_map(|pattern| Pattern::new(pattern));
    patterns.any(|pattern| pattern.matches(name))
}

fn up_to<T: Clone + PartialEq>(lists: &[Vec<T>; 5], status: Status) -> Vec<T> {
    let mut found: Vec<T> = Vec::new();
    for item in lists.iter().take(status as usize + 1).flatten() {
        if !found.contains(item) {
            found.push(item.clone());
        }
    }
    found
}

fn since<T: PartialEq>(lists: &[Vec<T>; 5], item: &T) -> Option<Status> {
    let mut all = Status::ALL.into_iter();
    all.find(|status| lists[*status as usize].contains(item))
}

fn with_status<T: Clone + PartialEq>(lists: &[Vec<T>; 5], status: Status) -> Vec<(T, Status)> {
    let items = up_to(lists, status).into_iter();
    items
        .filter_map(|item| Some((item.clone(), since(lists, &item)?)))
        .collect()
}

#[cfg(test)]
mod tests;
