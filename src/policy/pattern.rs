//! Patterns of branch names and of paths.
//!
//! `?` is one character and `*` any number of them, both without `/`; `**` is anything, and `**/` no folder, one or many.
//! A pattern comes from a file that anybody can push, so the time that it takes is bounded by its length and the name's,
//! whatever they hold. Not here: what is matched.

use bstr::Finder;

/// How many characters a pattern may have from its first wildcard on: one bit each, and one for the end.
const MOST_TOKENS: usize = 127;

/// A pattern, ready to be held against many names.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    /// What comes before the first wildcard.
    start: String,
    /// What comes behind the last one; `None` where there is none, so that `start` is all.
    end: Option<String>,
    /// The longest text between two wildcards: most names have not got it, and that is found out in a moment.
    inner: Finder<'static>,
    /// From the first wildcard to the last.
    middle: Middle,
}

/// A character of the pattern, or a wildcard in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    One,
    Some,
    All,
    Literal(char),
}

/// The places in the pattern as bits: which of them a wildcard of a kind stands at, and which each character.
#[derive(Clone, Debug, Default)]
struct Middle {
    length: usize,
    one: u128,
    some: u128,
    all: u128,
    /// `**` at the beginning of a folder with a `/` behind it: both may be left out.
    folders: u128,
    literals: Vec<(char, u128)>,
}

impl Pattern {
    /// `None` where it is too long.
    pub(super) fn new(text: &str) -> Option<Self> {
        let is_wild = |c: char| matches!(c, '*' | '?');
        let (Some(first), Some(last)) = (text.find(is_wild), text.rfind(is_wild)) else {
            return Some(Self {
                start: text.to_owned(),
                end: None,
                inner: Finder::new("").into_owned(),
                middle: Middle::default(),
            });
        };
        // A `**/` at the end of the middle has its slash there too.
        let behind = last + 1 + usize::from(text[last + 1..].starts_with('/'));
        let at_folder = text[..first].is_empty() || text[..first].ends_with('/');
        // A slash may belong to a folder that is left out.
        let between = text[first..behind]
            .split(['*', '?'])
            .map(|piece| piece.trim_start_matches('/'));
        let longest = between.max_by_key(|piece| piece.len()).unwrap_or_default();
        Some(Self {
            inner: Finder::new(longest).into_owned(),
            start: text[..first].to_owned(),
            end: Some(text[behind..].to_owned()),
            middle: Middle::new(&text[first..behind], at_folder)?,
        })
    }

    /// Whether the whole of `name` is what the pattern describes.
    pub(super) fn matches(&self, name: &str) -> bool {
        let Some(end) = &self.end else {
            return name == self.start;
        };
        let (from, to) = (self.start.len(), name.len().checked_sub(end.len()));
        let fits = |to: &usize| from <= *to && begins(name, &self.start) && ends(name, end);
        let rest = to.filter(fits).and_then(|to| name.get(from..to));
        rest.is_some_and(|rest| self.inner.find(rest).is_some() && self.middle.matches(rest))
    }
}

/// Byte by byte: most names differ in the first ones, and comparing memory costs a hundred times as much where a processor is slow
/// to begin with it (80 ns a call, measured).
fn begins(name: &str, start: &str) -> bool {
    name.bytes().zip(start.bytes()).all(|(a, b)| a == b)
}

/// The same from behind.
fn ends(name: &str, end: &str) -> bool {
    name.bytes().rev().zip(end.bytes().rev()).all(|(a, b)| a == b)
}

fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    for c in text.chars() {
        let token = match (c, tokens.last()) {
            ('*', Some(Token::Some)) => {
                tokens.pop();
                Token::All
            }
            ('*', Some(Token::All)) => continue,
            ('*', _) => Token::Some,
            ('?', _) => Token::One,
            _ => Token::Literal(c),
        };
        tokens.push(token);
    }
    tokens
}

impl Middle {
    fn new(text: &str, at_folder: bool) -> Option<Self> {
        let tokens = tokens(text);
        if tokens.len() > MOST_TOKENS {
            return None;
        }
        let mut middle = Self {
            length: tokens.len(),
            ..Self::default()
        };
        let slash = Some(&Token::Literal('/'));
        for (at, token) in tokens.iter().enumerate() {
            let bit = 1_u128 << at;
            let begins_folder = at
                .checked_sub(1)
                .map_or(at_folder, |before| tokens.get(before) == slash);
            match token {
                Token::One => middle.one |= bit,
                Token::Some => middle.some |= bit,
                Token::All => {
                    middle.all |= bit;
                    if begins_folder && tokens.get(at + 1) == slash {
                        middle.folders |= bit;
                    }
                }
                Token::Literal(c) => match middle.literals.iter_mut().find(|(known, _)| known == c) {
                    Some((_, bits)) => *bits |= bit,
                    None => middle.literals.push((*c, bit)),
                },
            }
        }
        Some(middle)
    }

    /// All places in the pattern at which the rest of the name can begin, one character of the name after the other.
    fn matches(&self, name: &str) -> bool {
        if self.length == 1 && self.one == 0 {
            return self.all != 0 || !name.contains('/');
        }
        let stars = self.some | self.all;
        // What is reached without a character of the name: what stands behind a star, and behind a folder left out.
        let reach = |mut places: u128| loop {
            let more = places | (places & self.folders) << 2 | (places & stars) << 1;
            if more == places {
                return places;
            }
            places = more;
        };
        let mut places = reach(1);
        for c in name.chars() {
            let known = self.literals.iter().find(|(known, _)| *known == c);
            let literal = known.map_or(0, |(_, bits)| *bits);
            let (step, stay) = match c {
                '/' => (literal, self.all),
                _ => (literal | self.one, stars),
            };
            let staying = places & stay;
            places = staying | staying << 1 | reach((places & step) << 1);
            if places == 0 {
                return false;
            }
        }
        places >> self.length & 1 == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, name: &str) -> bool {
        Pattern::new(pattern).unwrap().matches(name)
    }

    #[test]
    fn names() {
        for (pattern, yes, no) in [
            (
                "release/*",
                &["release/1", "release/"][..],
                &["release", "release/1/2", "xrelease/1"][..],
            ),
            (
                "dependabot/**",
                &["dependabot/a", "dependabot/a/b"],
                &["dependabot", "my/dependabot/a"],
            ),
            ("**/tmp", &["tmp", "a/tmp", "a/b/tmp"], &["tmp2", "a/tmp/b", "atmp"]),
            ("a/**/b", &["a/b", "a/x/b", "a/x/y/b"], &["a/xb", "ab", "a/b/c"]),
            ("a/**/**/b/*.c", &["a/b/x.c", "a/1/2/b/x.c"], &["a/b/c/x.c", "a/b/x.d"]),
            ("x**/b", &["x/b", "xa/c/b"], &["xb", "b"]),
            ("**.sql", &["a.sql", "b/a.sql"], &["a.sqlx"]),
            ("v?.?", &["v1.2", "v日.é"], &["v1/2", "v1.22", "v1", "v/.2"]),
            ("*", &["main", "日本", ""], &["a/b"]),
            ("?", &["a", "日"], &["", "/", "ab"]),
            ("**", &["main", "a/b/c", ""], &[]),
            ("***", &["a/b"], &[]),
            ("a*b*c", &["abc", "axbxc", "abcbc"], &["ab", "axb/c", "ac"]),
            ("a*a", &["aa", "aba"], &["a", "ab"]),
            ("main", &["main"], &["main2", "Main", ""]),
            ("", &[""], &["a"]),
        ] {
            for name in yes {
                assert!(matches(pattern, name), "{pattern} {name}");
            }
            for name in no {
                assert!(!matches(pattern, name), "{pattern} {name}");
            }
        }
    }

    /// The same by trying everything, which takes exponential time.
    fn slow(pattern: &[char], name: &[char], at_folder: bool) -> bool {
        let Some((&token, mut rest)) = pattern.split_first() else {
            return name.is_empty();
        };
        let next = name.first().copied();
        match token {
            '*' if rest.first() == Some(&'*') => {
                while rest.first() == Some(&'*') {
                    rest = &rest[1..];
                }
                let skips = at_folder && rest.first() == Some(&'/') && slow(&rest[1..], name, true);
                skips || (0..=name.len()).any(|taken| slow(rest, &name[taken..], false))
            }
            '*' => {
                let most = name.iter().position(|c| *c == '/').unwrap_or(name.len());
                (0..=most).any(|taken| slow(rest, &name[taken..], false))
            }
            '?' => next.is_some_and(|c| c != '/') && slow(rest, &name[1..], false),
            c => next == Some(c) && slow(rest, &name[1..], c == '/'),
        }
    }

    #[test]
    fn the_same_as_trying_everything() {
        let mut random = crate::document::random::Random::new(5);
        let mut matched = 0;
        for _ in 0..60_000 {
            let mut word = |letters: &[&str], most: usize| -> String {
                let length = random.below(most);
                (0..length).map(|_| *random.pick::<&str>(letters)).collect()
            };
            let pattern = word(&["a", "b", "/", "*", "**", "**/", "?"], 7);
            let name = word(&["a", "b", "/"], 8);
            let (letters, of_name): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
            let expected = slow(&letters, &of_name, true);
            assert_eq!(matches(&pattern, &name), expected, "{pattern} {name}");
            matched += usize::from(expected);
        }
        assert!(matched > 5_000, "{matched}");
    }

    #[test]
    fn time_does_not_depend_on_what_they_hold() {
        assert!(Pattern::new(&"*a".repeat(65)).is_none());
        assert!(Pattern::new(&format!("{}*", "a".repeat(5_000))).is_some());
        let name = "a".repeat(1_000_000);
        assert!(!matches(&"*a".repeat(60), &format!("{name}b")));
        assert!(!matches(&"**a".repeat(60), &format!("{name}b")));
        assert!(matches(&format!("{}b", "**a".repeat(60)), &format!("{name}b")));
    }
}
