//! Values that a branch's own commits and files suggest for what is missing: a scope, and reviewers. Risk is never guessed.
//!
//! Pure. Not here: which values are missing (the rules), and finding commits and files (journeys).

use std::collections::BTreeMap;

use super::owners::Owners;
use super::rules::secrets;
use super::{Fix, Problem};
use crate::document::front_matter::Key;

/// Folders that say nothing of what is in them: the next one does.
const CONTAINERS: [&str; 9] = [
    "src", "lib", "libs", "crates", "packages", "apps", "cmd", "internal", "pkg",
];
/// How many areas a suggested scope names.
const AREAS: usize = 2;
/// How many reviewers are suggested: more are asked of nobody.
const REVIEWERS: usize = 3;
/// How many values a person is offered to choose from.
const CHOICES: usize = 6;
/// Longer scopes are no names.
const LONGEST_SCOPE: usize = 40;

/// What a branch suggests, the most likely first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Hints {
    /// Single areas.
    pub(crate) scopes: Vec<String>,
    /// Single names.
    pub(crate) reviewers: Vec<String>,
}

impl Hints {
    /// The values for a key that are worth choosing from.
    pub(crate) fn of(&self, key: &Key) -> &[String] {
        match key.to_string().as_str() {
            "scope" => &self.scopes,
            "reviewers" => &self.reviewers,
            _ => &[],
        }
    }
}

/// Whether one of the problems is about a value that a hint could give.
pub(crate) fn wants(problems: &[Problem], name: &str) -> bool {
    problems
        .iter()
        .any(|problem| matches!(&problem.fix, Some(Fix::Set { key, .. }) if key.to_string() == name))
}

/// Puts the hints in the place of what was suggested without them.
pub(crate) fn suggest(problems: &mut [Problem], hints: &Hints) {
    for problem in problems {
        let Some(Fix::Set { key, suggestion }) = &mut problem.fix else {
            continue;
        };
        let most = if key.to_string() == "scope" { AREAS } else { REVIEWERS };
        let values: Vec<&str> = hints.of(key).iter().map(String::as_str).take(most).collect();
        if !values.is_empty() {
            *suggestion = values.join(",");
        }
    }
}

/// The scopes that commits name (<https://www.conventionalcommits.org/en/v1.0.0/>), then the folders that most of `paths`
/// are in; each by how often.
pub(crate) fn scopes<'a>(messages: &'a [String], paths: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let named = messages.iter().flat_map(|message| named_scopes(message));
    let named = by_frequency(named);
    let folders = match named.is_empty() {
        // What commits are about is told by their authors; where the files lie says less.
        false => Vec::new(),
        true => areas(paths),
    };
    let found = named.into_iter().chain(folders);
    found.take(CHOICES).map(str::to_owned).collect()
}

/// The folders that most of `paths` are in, containers such as `src` left out.
pub(super) fn areas<'a>(paths: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    by_frequency(paths.into_iter().filter_map(area))
}

/// The areas of a suggested scope as they are typed behind `scope=`.
pub(super) fn joined(areas: &[&str]) -> Option<String> {
    let first: Vec<&str> = areas.iter().copied().take(AREAS).collect();
    (!first.is_empty()).then(|| first.join(","))
}

/// The owners of `paths` by how many of them they own, without those that are the author by one of `authors`.
pub(crate) fn reviewers<'a>(
    owners: &Owners<'_>,
    paths: impl IntoIterator<Item = &'a str>,
    authors: &[String],
) -> Vec<String> {
    let found = owners.of(paths).unwrap_or_default().concat();
    let names = found.into_iter().map(|owner| owner.trim_start_matches('@'));
    let fit = |name: &&str| {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_./@+".contains(c);
        let is_author = authors.iter().any(|author| author.eq_ignore_ascii_case(name));
        !name.is_empty() && name.chars().all(plain) && !is_author
    };
    let names = by_frequency(names.filter(fit));
    names.into_iter().take(CHOICES).map(str::to_owned).collect()
}

/// The most frequent first, equal ones by name. What looks like a secret is no suggestion: it would be printed.
fn by_frequency<'a>(words: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for word in words {
        *counts.entry(word).or_default() += 1;
    }
    let counts = counts.into_iter().filter(|(word, _)| !secrets::is_in(word));
    let mut counted: Vec<(&str, usize)> = counts.collect();
    counted.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counted.into_iter().map(|(word, _)| word).collect()
}

/// `a` and `b` of `feat(a, b)!: …`.
fn named_scopes(message: &str) -> Vec<&str> {
    let mut subject = message.lines().next().unwrap_or_default();
    // git-commit(1), --fixup: the subject of another commit stands behind these.
    for mark in ["fixup! ", "squash! ", "amend! "] {
        subject = subject.trim_start_matches(mark);
    }
    let parts = subject.split_once('(').and_then(|(kind, rest)| {
        let (scopes, behind) = rest.split_once(')')?;
        let is_kind = !kind.is_empty() && kind.chars().all(|c| c.is_ascii_alphabetic());
        let ends = behind.strip_prefix('!').unwrap_or(behind).starts_with(": ");
        (is_kind && ends).then_some(scopes)
    });
    let scopes = parts.into_iter().flat_map(|scopes| scopes.split(',')).map(str::trim);
    let is_name = |scope: &&str| {
        let plain = |c: char| c.is_alphanumeric() || "-_./".contains(c);
        !scope.is_empty() && scope.chars().count() <= LONGEST_SCOPE && scope.chars().all(plain)
    };
    scopes.filter(is_name).collect()
}

fn area(path: &str) -> Option<&str> {
    let (folders, _) = path.rsplit_once('/')?;
    let plain = |name: &str| !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || "_.-".contains(c));
    let mut names = folders.split('/').filter(|name| plain(name));
    let first = names.next()?;
    if CONTAINERS.contains(&first) {
        names.find(|name| !CONTAINERS.contains(name)).or(Some(first))
    } else {
        Some(first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::Severity;

    #[test]
    fn scopes_are_what_commits_say_else_where_files_are() {
        let messages = |all: &[&str]| -> Vec<String> { all.iter().map(|one| (*one).to_owned()).collect() };
        let paths = ["src/indexer/a.rs", "docs/x.md", "src/indexer/b.rs", "README"];
        for (said, expected) in [
            (
                &["feat(parser): x", "fix(api)!: y\n\nfeat(no): z", "chore(api): w"][..],
                &["api", "parser"][..],
            ),
            (&["fixup! feat(api, store): x"], &["api", "store"]),
            (
                &[
                    "feat: x",
                    "Add (this): y",
                    "feat(): z",
                    "feat(a b): z",
                    "feat(\u{1b}[31m): z",
                    "feat(x) y",
                ],
                &["indexer", "docs"],
            ),
            (&[], &["indexer", "docs"]),
        ] {
            assert_eq!(scopes(&messages(said), paths), expected, "{said:?}");
        }
        let long = format!("feat({}): x", "a".repeat(41));
        assert!(scopes(&[long], []).is_empty());
    }

    #[test]
    fn reviewers_own_most_and_are_not_the_author() {
        let text = "* @Grace\n*.rs @ada @grace @org/team linus@example.com @$(id)\n";
        let owners = Owners::parse(text);
        let authors = ["ADA".to_owned(), "x@example.com".to_owned()];
        let found = reviewers(&owners, ["a.rs", "b.rs", "README"], &authors);
        assert_eq!(found, ["grace", "linus@example.com", "org/team", "Grace"]);
        assert!(reviewers(&owners, [], &authors).is_empty());
    }

    #[test]
    fn hints_take_the_place_of_what_was_suggested() {
        let problem = |key: &str| Problem {
            code: "BW002",
            severity: Severity::Error,
            place: None,
            message: String::new(),
            note: None,
            fix: Some(Fix::Set {
                key: Key::parse(key).unwrap(),
                suggestion: "<x>".to_owned(),
            }),
        };
        let mut problems = ["scope", "reviewers", "risk"].map(problem);
        let words = |text: &str| text.split(' ').map(str::to_owned).collect();
        let hints = Hints {
            scopes: words("a b c"),
            reviewers: words("d e f g"),
        };
        assert!(wants(&problems, "scope") && !wants(&problems, "dri"));
        suggest(&mut problems, &Hints::default());
        assert!(
            problems
                .iter()
                .all(|problem| matches!(&problem.fix, Some(Fix::Set { suggestion, .. }) if suggestion == "<x>"))
        );
        suggest(&mut problems, &hints);
        let found: Vec<&str> = problems
            .iter()
            .map(|problem| match &problem.fix {
                Some(Fix::Set { suggestion, .. }) => suggestion.as_str(),
                None => "",
            })
            .collect();
        assert_eq!(found, ["a,b", "d,e,f", "<x>"]);
    }
}
