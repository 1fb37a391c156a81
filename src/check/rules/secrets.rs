//! What looks like a secret: forms that their makers chose so that they can be found, and nothing that has to be guessed.
//!
//! What was found is never told, nor the line that it is in: that would put it into one more log.

use std::ops::Range;

use bstr::ByteSlice;

use super::{Finding, Subject};
use crate::check::{Fix, Problem, line_column};

/// A form: what it begins with, how many characters of which kind follow at least, and what has it.
struct Form {
    start: &'static str,
    least: usize,
    is_part: fn(u8) -> bool,
    name: &'static str,
}

const fn form(start: &'static str, least: usize, is_part: fn(u8) -> bool, name: &'static str) -> Form {
    Form {
        start,
        least,
        is_part,
        name,
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn is_upper(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit()
}

fn is_url_safe(byte: u8) -> bool {
    is_word(byte) || byte == b'-'
}

fn is_title(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte == b' '
}

/// As their makers document them, or secret scanners know them.
const FORMS: [Form; 22] = [
    form("ghp_", 36, is_word, "a GitHub token"),
    form("gho_", 36, is_word, "a GitHub token"),
    form("ghu_", 36, is_word, "a GitHub token"),
    form("ghs_", 36, is_word, "a GitHub token"),
    form("ghr_", 36, is_word, "a GitHub token"),
    form("github_pat_", 60, is_word, "a GitHub token"),
    form("glpat-", 20, is_url_safe, "a GitLab token"),
    form("AKIA", 16, is_upper, "a key of AWS"),
    form("ASIA", 16, is_upper, "a key of AWS"),
    form("AIza", 35, is_url_safe, "a key of Google"),
    form("xoxb-", 20, is_url_safe, "a Slack token"),
    form("xoxp-", 20, is_url_safe, "a Slack token"),
    form("xoxa-", 20, is_url_safe, "a Slack token"),
    form("xapp-", 20, is_url_safe, "a Slack token"),
    form("sk_live_", 24, is_word, "a key of Stripe"),
    form("rk_live_", 24, is_word, "a key of Stripe"),
    form("sk-ant-", 40, is_url_safe, "a key of Anthropic"),
    form("sk-proj-", 40, is_url_safe, "a key of OpenAI"),
    form("npm_", 36, is_word, "an npm token"),
    form("pypi-AgEIcHlwaS5vcmc", 50, is_url_safe, "a PyPI token"),
    form("SG.", 60, |byte| is_url_safe(byte) || byte == b'.', "a key of SendGrid"),
    form("-----BEGIN ", 11, is_title, "a private key"),
];

/// How the first line of a private key ends before its dashes: PEM's, and PGP's.
const PRIVATE: [&[u8]; 2] = [b"PRIVATE KEY", b"PRIVATE KEY BLOCK"];
/// How much of a secret is looked at.
const LONGEST: usize = 128;
/// How much of one is enough in what a rule says, which may have cut off the rest.
const ENOUGH: usize = 8;

/// BW022.
pub(in crate::check) fn secrets(subject: &Subject<'_>) -> Vec<Finding> {
    let text = subject.document.text();
    let one = |(place, name): (Range<usize>, &str)| Finding {
        place: None,
        message: format!("line {} holds what looks like {name}", line_column(text, place.start).0),
        note: Some(
            "take it out, and make it invalid where it was issued: every version of a document is kept".to_owned(),
        ),
        fix: None,
    };
    find(text, usize::MAX).into_iter().map(one).collect()
}

/// The first thing in a text that looks like a secret: its line, counted from 1, and what it looks like.
pub fn first_secret(text: &[u8]) -> Option<(usize, &'static str)> {
    let (place, name) = find(text, usize::MAX).into_iter().next()?;
    Some((line_column(text, place.start).0, name))
}

/// Where secrets are, in the order of the text. `least` is how many characters are enough, where a form asks for more.
fn find(text: &[u8], least: usize) -> Vec<(Range<usize>, &'static str)> {
    let mut found = Vec::new();
    for form in &FORMS {
        for at in text.find_iter(form.start) {
            let before = at.checked_sub(1).and_then(|before| text.get(before));
            if before.is_some_and(|before| is_url_safe(*before)) && form.start.len() <= 8 {
                continue;
            }
            let from = at + form.start.len();
            let rest = text.get(from..).unwrap_or_default();
            let rest = rest.get(..LONGEST).unwrap_or(rest);
            let length = rest.iter().take_while(|byte| (form.is_part)(**byte)).count();
            let (secret, behind) = rest.split_at(length);
            let fits = match form.start.starts_with('-') {
                true => PRIVATE.iter().any(|end| secret.ends_with(end)) && behind.starts_with(b"-----"),
                // Documentation has such keys, and so have documents that quote it.
                false => length >= form.least.min(least) && !secret.ends_with(b"EXAMPLE"),
            };
            if fits {
                found.push((at..from + length, form.name));
            }
        }
    }
    found.sort_by_key(|(place, _)| place.start);
    found
}

/// Whether something in a few words looks like a secret, or like what was left of one.
pub(in crate::check) fn is_in(words: &str) -> bool {
    !find(words.as_bytes(), ENOUGH).is_empty()
}

/// Takes secrets out of what rules say and suggest, and the places that would show them.
pub(in crate::check) fn hide(text: &[u8], problems: &mut [Problem]) {
    let secrets = find(text, usize::MAX);
    let lines: Vec<Range<usize>> = secrets.iter().map(|(place, _)| line_of(text, place)).collect();
    for problem in problems {
        let shows = |place: &Range<usize>| {
            let shown = line_of(text, place);
            let next = lines.partition_point(|line| line.end < shown.start);
            lines.get(next).is_some_and(|line| line.start <= shown.end)
        };
        if problem.place.as_ref().is_some_and(shows) {
            problem.place = None;
            problem.fix = None;
        }
        if matches!(&problem.fix, Some(Fix::Set { suggestion, .. }) if is_in(suggestion)) {
            problem.fix = None;
        }
        for words in std::iter::once(&mut problem.message).chain(problem.note.as_mut()) {
            if is_in(words) {
                *words = "this says something that looks like a secret".to_owned();
            }
        }
    }
}

/// The lines that `place` is in.
fn line_of(text: &[u8], place: &Range<usize>) -> Range<usize> {
    let before = text.get(..place.start).unwrap_or_default();
    let start = before.rfind_byte(b'\n').map_or(0, |at| at + 1);
    let behind = text.get(place.end..).unwrap_or_default();
    start..place.end + behind.find_byte(b'\n').unwrap_or(behind.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Put together here, so that no scanner takes the source for a leak.
    fn token(start: &str, letters: &str, length: usize) -> String {
        format!(
            "{start}{}",
            letters.repeat(length).chars().take(length).collect::<String>()
        )
    }

    #[test]
    fn what_looks_like_one_and_what_does_not() {
        let github = token("ghp_", "aB3", 36);
        let aws = token("AKIA", "Q7X", 16);
        let block = format!("-----BEGIN {}PRIVATE KEY-----", "OPENSSH ");
        for (text, names) in [
            (format!("token: {github}\n"), vec!["a GitHub token"]),
            (format!("`{aws}` and {github}."), vec!["a key of AWS", "a GitHub token"]),
            (format!("x\n{block}\nMII\n"), vec!["a private key"]),
            (
                format!("-----BEGIN PGP {}KEY BLOCK-----", "PRIVATE "),
                vec!["a private key"],
            ),
            (format!("-----BEGIN PGP {}KEY BLOCK-----", "PUBLIC "), vec![]),
            (token("sk-proj-", "aB_-3", 60), vec!["a key of OpenAI"]),
            (token("xapp-", "1-A0", 30), vec!["a Slack token"]),
            (token("glpat-", "x-1", 20), vec!["a GitLab token"]),
            (token("github_pat_", "x_1", 82), vec!["a GitHub token"]),
            (token("ghp_", "aB3", 35), vec![]),
            (format!("my{github}"), vec![]),
            (token("AKIA", "q7x", 16), vec![]),
            (format!("AKIA{}EXAMPLE", "IOSFODNN7"), vec![]),
            (token("-----BEGIN ", "PUBLIC KEY-----", 15), vec![]),
            ("-----BEGIN ".to_owned(), vec![]),
            ("ghp_".to_owned(), vec![]),
            ("npm_config_registry and sk_live_example".to_owned(), vec![]),
        ] {
            let found = find(text.as_bytes(), usize::MAX);
            assert_eq!(found.iter().map(|(_, name)| *name).collect::<Vec<_>>(), names, "{text}");
            for (place, _) in found {
                assert!(text.get(place).is_some());
            }
        }
    }

    /// Nothing here may take longer the more often a form begins.
    #[test]
    fn a_text_made_of_beginnings_takes_no_longer() {
        for form in &FORMS {
            let text = form.start.repeat(20_000);
            assert!(find(text.as_bytes(), usize::MAX).len() <= 20_000);
        }
        let token = token("ghp_", "aB3", 36);
        let text = format!("{token}\n").repeat(2_000);
        let mut problems: Vec<Problem> = (0..500)
            .map(|number| Problem {
                code: "BW003",
                severity: crate::check::Severity::Error,
                place: Some(number * 41..number * 41 + 3),
                message: format!("'{}' is not allowed", &token[..20]),
                note: Some("allowed: others".to_owned()),
                fix: None,
            })
            .collect();
        hide(text.as_bytes(), &mut problems);
        let is_hidden = |problem: &Problem| problem.place.is_none() && !problem.message.contains("ghp_");
        assert!(problems.iter().all(is_hidden) && problems[0].note.as_deref() == Some("allowed: others"));
    }
}
