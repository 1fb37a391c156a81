//! The names that cross rooms, each a type of its own that cannot hold a wrong value.
//!
//! Not here: finding out what a name stands for (repo/, store/).

use std::fmt;

/// A branch's short name, such as `feat/parallel`, without `refs/heads/`.
///
/// Holds only what git-check-ref-format(1) allows (so it can be part of a ref name and of a path below a fixed folder)
/// and only UTF-8 (so it can stand in a document). A leading `-` is allowed: `git push origin HEAD:refs/heads/-x` makes one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BranchName(String);

impl BranchName {
    /// `None` where `name` could not be a branch.
    pub fn new(name: &str) -> Option<Self> {
        let forbidden = |c: char| c.is_ascii_control() || " ~^:?*[\\".contains(c);
        let component = |part: &str| !part.is_empty() && !part.starts_with('.') && !part.ends_with(".lock");
        (is_usual(name.as_bytes())
            || name != "@"
                && !name.ends_with('.')
                && !name.contains("..")
                && !name.contains("@{")
                && !name.chars().any(forbidden)
                && name.split('/').all(component))
        .then(|| Self(name.to_owned()))
    }

    /// The branch that a full ref name such as `refs/heads/main` names.
    pub fn from_ref(full: &str) -> Option<Self> {
        full.strip_prefix("refs/heads/").and_then(Self::new)
    }

    /// The short name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `refs/heads/<name>`.
    pub fn to_ref(&self) -> String {
        format!("refs/heads/{}", self.0)
    }
}

/// Whether a ref's name, or a part of it, has nothing but letters that are right anywhere. Most have, and a hook may read hundreds.
pub(crate) fn is_usual(name: &[u8]) -> bool {
    let mut before = b'/';
    let is_right = name.iter().all(|&byte| {
        let after = std::mem::replace(&mut before, byte);
        byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_') || byte == b'/' && after != b'/'
    });
    is_right && before != b'/'
}

impl fmt::Display for BranchName {
    /// The name with bidirectional and other invisible controls escaped: what may reach a terminal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&visible(&self.0))
    }
}

/// A document's id: a ULID, 26 characters of Crockford's base 32, upper case (<https://github.com/ulid/spec>).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DocId(String);

const CROCKFORD: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

impl DocId {
    /// The id of a document made at `milliseconds` since 1970 with 80 random bits (the upper 48 bits are ignored).
    pub fn new(milliseconds: u64, random: u128) -> Self {
        let bits = (u128::from(milliseconds) << 80) | (random & ((1 << 80) - 1));
        let digit = |i: u32| char::from(CROCKFORD[((bits >> (5 * (25 - i))) & 31) as usize]);
        Self((0..26).map(digit).collect())
    }

    /// `None` where `text` is not an id.
    pub fn parse(text: &str) -> Option<Self> {
        let ok = text.len() == 26 && text.as_bytes()[0] <= b'7' && text.bytes().all(|b| CROCKFORD.contains(&b));
        ok.then(|| Self(text.to_owned()))
    }

    /// When it was made, in seconds since 1970.
    pub fn made_at(&self) -> i64 {
        let digit = |byte: u8| CROCKFORD.iter().position(|known| *known == byte).unwrap_or(0) as i64;
        self.0.bytes().take(10).fold(0, |time, byte| time * 32 + digit(byte)) / 1000
    }

    /// The 26 characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DocId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A full object id in lower-case hex, 40 digits (SHA-1) or 64 (SHA-256).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommitId(String);

impl CommitId {
    /// `None` where `hex` is not a full object id.
    pub fn parse(hex: &str) -> Option<Self> {
        let digits = hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        (digits && matches!(hex.len(), 40 | 64)).then(|| Self(hex.to_owned()))
    }

    /// The hex digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first ten digits, for people.
    pub fn short(&self) -> &str {
        &self.0[..10]
    }

    /// Whether it is the all-zero id, by which git says "no object".
    pub fn is_null(&self) -> bool {
        self.0.bytes().all(|b| b == b'0')
    }
}

impl fmt::Display for CommitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The front matter's `slug` for a branch: `branchwork-` and the name in lower case, every run of other characters than
/// a-z and 0-9 one `-`, trimmed; where nothing is left, the last six characters of the document's id in lower case.
pub(crate) fn slug(branch: &BranchName, id: &DocId) -> String {
    let lower = branch.as_str().to_lowercase();
    let parts: Vec<&str> = lower
        .split(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit()))
        .filter(|part| !part.is_empty())
        .collect();
    if parts.is_empty() {
        format!("branchwork-{}", id.as_str()[20..].to_lowercase())
    } else {
        format!("branchwork-{}", parts.join("-"))
    }
}

/// Whether a character steers a terminal or cannot be seen: a control character or an invisible mark.
pub(crate) fn is_hidden(c: char) -> bool {
    let invisible =
        matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
    c.is_control() || invisible || ('\u{e0000}'..='\u{e007f}').contains(&c)
}

/// `text` with what [`is_hidden`] shown as `\u{…}`: safe for a terminal and on one line.
pub(crate) fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if is_hidden(c) {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn branch_names_are_what_git_allows() {
        for good in [
            "main",
            "feat/a",
            "$(id)",
            "日本",
            "-x",
            "it's",
            "a%2Fb",
            "CON",
            "#1",
            "a<b>|\"c",
            &"x".repeat(250),
        ] {
            assert!(BranchName::new(good).is_some(), "{good}");
        }
        for bad in [
            "", "@", "a..b", "a b", "../x", "a//b", "/a", "a/", "x.lock", "x.lock/y", ".a", "a.", "a@{b", "a\u{7f}",
            "a\\b", "a:b",
        ] {
            assert!(BranchName::new(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn ids_round_trip_and_sort_by_time() {
        let early = DocId::new(1_700_000_000_000, u128::MAX);
        let late = DocId::new(1_700_000_000_001, 0);
        assert!(early < late);
        assert_eq!(DocId::parse(early.as_str()), Some(early));
        assert_eq!(DocId::parse("../../../../../../../../../"), None);
    }

    #[test]
    fn slugs() {
        let id = DocId::new(0, 1);
        let of = |name: &str| slug(&BranchName::new(name).unwrap(), &id);
        assert_eq!(
            of("feat/Add--Parallel_indexing"),
            "branchwork-feat-add-parallel-indexing"
        );
        assert_eq!(of("日本"), "branchwork-000001");
    }

    #[test]
    fn nothing_that_steers_a_terminal_is_visible() {
        assert_eq!(visible("a\x1b[31mb\u{202e}c\n"), "a\\u{1b}[31mb\\u{202e}c\\u{a}");
    }
}
