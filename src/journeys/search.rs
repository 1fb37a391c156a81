//! Finding documents, live and archived, by what they say.
//!
//! Each document that may have what is wanted is read; which those are the store tells (store/many.rs). Not here: how a match
//! looks (commands/search.rs), and finding one by its name (archived.rs).

use std::path::{Component, PathBuf};

use bstr::ByteSlice;
use chrono::{DateTime, Utc};
use regex_lite::Regex;
use serde::Serialize;

use crate::document::Document;
use crate::document::front_matter::{FieldValue, Key};
use crate::document::outline::Outline;
use crate::document::sieve::{Sought, folded};
use crate::error::{Error, Result};
use crate::names::visible;
use crate::store::{self, Archived, Stored};

use super::{Notice, Session, open};

/// What is looked for. A document has to have all of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted {
    /// Texts that occur in it.
    pub(crate) texts: Vec<Text>,
    /// Keys of the front matter and their values; one of a list will do.
    pub(crate) fields: Vec<(Key, String)>,
    /// Its status, or how its branch ended: `merged`, `abandoned`.
    pub(crate) status: Option<String>,
    /// Who drives it, or an entry is by.
    pub(crate) author: Option<String>,
    /// It was changed or archived then or later.
    pub(crate) since: Option<DateTime<Utc>>,
    /// An entry, or what was archived, names this file, or one in this folder.
    pub(crate) path: Option<String>,
}

/// A text to look for.
#[derive(Clone, Debug)]
pub(crate) enum Text {
    /// These bytes, letters in lower case, which match either case.
    Word(Vec<u8>),
    /// What this matches, in one line.
    Pattern(Regex),
}

impl Text {
    /// A word.
    pub(crate) fn word(text: &str) -> Self {
        Self::Word(folded(text.as_bytes()))
    }

    /// A regular expression. Its engine takes time in proportion to the length of the text.
    ///
    /// Errors: it is none.
    pub(crate) fn pattern(text: &str) -> Result<Self> {
        let compiled = Regex::new(text).map(Self::Pattern);
        compiled.map_err(|error| {
            Error::usage(format!("'{}' is not a regular expression", visible(text))).why(visible(&error.to_string()))
        })
    }

    fn is_in(&self, line: &[u8], lower: &[u8]) -> bool {
        match self {
            Self::Word(word) => lower.contains_str(word),
            Self::Pattern(pattern) => pattern.is_match(&line.to_str_lossy()),
        }
    }
}

/// A document that was found. Field names are those of `search --json`; what it does not tell is null.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Hit {
    /// The branch.
    pub(crate) branch: Option<String>,
    /// The document's id.
    pub(crate) id: String,
    /// When it was archived, RFC 3339; null for a live one.
    pub(crate) archived: Option<String>,
    /// How the branch ended, in words; null for a live one.
    pub(crate) outcome: Option<String>,
    /// Its status.
    pub(crate) status: Option<String>,
    /// The lines that have one of the texts.
    pub(crate) matches: Vec<Line>,
}

/// A line of it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Line {
    /// From 1 on.
    pub(crate) line: usize,
    /// The section that it is in.
    pub(crate) section: String,
    /// The line without its end; what is not UTF-8 is replaced.
    pub(crate) text: String,
}

/// A path as somebody types it, seen from the current folder, as documents have it: from the top of the work tree on. It need not
/// be there any more.
///
/// Errors: it leads out of the work tree.
pub(crate) fn from_top(session: &Session<'_>, path: &str) -> Result<String> {
    let Some(top) = session.repository.work_tree() else {
        return Ok(path.to_owned());
    };
    let mut place = PathBuf::new();
    for part in session.world.directory.join(path).components() {
        match part {
            Component::ParentDir => drop(place.pop()),
            Component::CurDir => {}
            part => place.push(part),
        }
    }
    let below = place.strip_prefix(top).map_err(|_| {
        Error::usage(format!("'{}' is outside the work tree", visible(path)))
            .why(format!("its top is '{}'", top.display()))
            .hint("--path takes paths as git does: seen from the current folder")
    })?;
    let names: Vec<_> = below.iter().map(|name| name.to_string_lossy()).collect();
    Ok(names.join("/"))
}

/// The documents that have all that is wanted: the live ones by branch, then the archived ones, newest first; and what to tell.
pub(crate) fn search(session: &Session<'_>, wanted: &Wanted) -> Result<(Vec<Hit>, Vec<Notice>)> {
    let Some(store) = session.store()? else {
        return Ok((Vec::new(), Vec::new()));
    };
    let (live, notices) = open::all_edited(session, store)?;
    let since = wanted.since.map(|since| since.format("%Y%m").to_string());
    let sought = wanted.sought();
    let search = store.seek(&sought);
    let mut archived = search.archived(since.as_deref())?;
    archived.reverse();
    let live_keys = live.iter().map(Stored::key);
    let keys = live_keys.chain(archived.iter().map(|archived| Ok(archived.key())));
    let keys = keys.collect::<Result<Vec<_>>>()?;
    let hits = search.look_through(&keys, |index, text| match live.get(index) {
        Some(stored) => in_live(stored, text, wanted),
        None => in_archived(archived.get(index - live.len())?, text.bytes, wanted),
    })?;
    Ok((hits, notices))
}

fn in_live(stored: &Stored, text: &store::Text<'_>, wanted: &Wanted) -> Option<Hit> {
    if !has_texts(text.bytes, &wanted.texts) || wanted.since.is_some_and(|since| text.time < Some(since)) {
        return None;
    }
    let document = Document::new(text.bytes);
    wanted.is_met(&document, None).then(|| Hit {
        branch: stored.branch.as_ref().map(|branch| branch.as_str().to_owned()),
        id: stored.id.to_string(),
        archived: None,
        outcome: None,
        status: status(&document),
        matches: lines(&document, &wanted.texts),
    })
}

fn in_archived(archived: &Archived, text: &[u8], wanted: &Wanted) -> Option<Hit> {
    if !has_texts(text, &wanted.texts) || is_before(archived, wanted) {
        return None;
    }
    let document = Document::new(text);
    let told = document.told();
    let told = told.as_ref();
    if !wanted.is_met(&document, told.map(|told| told.outcome.as_str())) {
        return None;
    }
    let branch = told.and_then(|told| told.branch.as_ref());
    Some(Hit {
        branch: branch.map(|branch| branch.as_str().to_owned()),
        id: archived.id.to_string(),
        archived: Some(archived.time()),
        outcome: told.map(|told| told.outcome.clone()),
        status: status(&document),
        matches: lines(&document, &wanted.texts),
    })
}

fn is_before(archived: &Archived, wanted: &Wanted) -> bool {
    let since = wanted.since.map(|since| since.format("%Y%m%d%H%M").to_string());
    since.is_some_and(|since| archived.stamp() < since.as_str())
}

impl Wanted {
    /// What a document has to hold, as far as its sieve can tell.
    fn sought(&self) -> Sought {
        let words = self.texts.iter().filter_map(|text| match text {
            Text::Word(word) => Some(word.as_slice()),
            Text::Pattern(_) => None,
        });
        let path = self.path.as_deref().map(|path| path.trim_end_matches('/').as_bytes());
        Sought::all(words.chain(path))
    }

    /// Whether the document is as wanted, texts and times apart.
    fn is_met(&self, document: &Document, outcome: Option<&str>) -> bool {
        let Self {
            fields,
            status,
            author,
            path,
            ..
        } = self;
        if fields.is_empty() && status.is_none() && author.is_none() && path.is_none() {
            return true;
        }
        let front_matter = document.front_matter();
        let same = |one: &str, other: &str| folded(one.as_bytes()) == folded(other.as_bytes());
        let has = |key: &Key, wanted: &str| match front_matter.get(key).map(|field| &field.value) {
            Some(FieldValue::Text(text)) => same(text, wanted),
            Some(FieldValue::List(items)) => items.iter().any(|item| same(item, wanted)),
            _ => false,
        };
        let is = |key: &str, wanted: &str| Key::parse(key).is_some_and(|key| has(&key, wanted));
        let ended = |wanted: &str| outcome.is_some_and(|outcome| outcome.split(',').next() == Some(wanted));
        let by = |author: &str| {
            let author = author.trim_start_matches('@');
            let mut entries = document.entries().into_iter().filter_map(|entry| entry.who);
            is("dri", author) || entries.any(|who| same(&who, author))
        };
        fields.iter().all(|(key, value)| has(key, value))
            && status
                .as_deref()
                .is_none_or(|status| is("status", status) || ended(status))
            && path.as_deref().is_none_or(|path| names_path(document.text(), path))
            && author.as_deref().is_none_or(by)
    }
}

/// Whether a line of a list of files names this file, or one in this folder; the empty path is the top.
pub(crate) fn names_path(text: &[u8], path: &str) -> bool {
    let path = path.trim_end_matches('/');
    text.lines().any(|line| {
        let named = line.strip_prefix(b"  - ").filter(|line| line.starts_with(b"`"));
        let mut names = named.into_iter().flat_map(|line| line.split_str("`"));
        names.any(|name| {
            let below = name.strip_prefix(path.as_bytes());
            below.is_some_and(|rest| path.is_empty() || rest.is_empty() || rest.starts_with(b"/"))
        })
    })
}

fn has_texts(text: &[u8], texts: &[Text]) -> bool {
    let lower = folded(text);
    texts.iter().all(|wanted| match wanted {
        Text::Word(_) => wanted.is_in(text, &lower),
        Text::Pattern(_) => text.lines().any(|line| wanted.is_in(line, line)),
    })
}

/// The lines that have one of the texts.
fn lines(document: &Document, texts: &[Text]) -> Vec<Line> {
    if texts.is_empty() {
        return Vec::new();
    }
    let text = document.text();
    let outline = Outline::of(text);
    let mut found = Vec::new();
    let mut start = 0;
    for (number, line) in text.lines_with_terminator().enumerate() {
        let content = line.trim_end_with(|c| c == '\n' || c == '\r');
        let lower = folded(content);
        if texts.iter().any(|text| text.is_in(content, &lower)) {
            found.push(Line {
                line: number + 1,
                section: section(&outline, start),
                text: content.to_str_lossy().into_owned(),
            });
        }
        start += line.len();
    }
    found
}

/// The title of the section that a place is in.
fn section(outline: &Outline, at: usize) -> String {
    let above = outline.headings.iter().filter(|heading| heading.level <= 2);
    let nearest = above.take_while(|heading| heading.line.start <= at).last();
    match nearest {
        Some(heading) => heading.title.clone(),
        None if at < outline.body_start => "front matter".to_owned(),
        None => String::new(),
    }
}

fn status(document: &Document) -> Option<String> {
    document.front_matter().text("status").map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_match_in_either_case_and_patterns_in_one_line() {
        let document =
            Document::new("---\nrisk: High\n---\n# T\n\nÄ deadlock\n\n## Notes\n\n- Fixed\r\n- DEADLOCK \u{fffd}\n");
        let at = |texts: &[Text]| -> Vec<(usize, String)> {
            let lines = lines(&document, texts).into_iter();
            lines.map(|line| (line.line, line.section)).collect()
        };
        let word = Text::word;
        let pattern = |text: &str| Text::pattern(text).unwrap();
        let place = |line: usize, section: &str| (line, section.to_owned());
        assert_eq!(at(&[word("dEADLOCK")]), [place(6, "T"), place(11, "Notes")]);
        assert_eq!(at(&[word("ä D")]), [place(6, "T")]);
        assert_eq!(at(&[word("high")]), [place(2, "front matter")]);
        assert_eq!(at(&[pattern("^- .*d$")]), [place(10, "Notes")]);
        for (texts, has) in [
            (vec![word("fixed"), word("high")], true),
            (vec![word("fixed"), word("low")], false),
            (vec![pattern("Fixed.*DEADLOCK")], false),
            (vec![pattern("Ä d"), word("notes")], true),
            (vec![], true),
        ] {
            assert_eq!(has_texts(document.text(), &texts), has, "{texts:?}");
        }
        assert!(Text::pattern("(").is_err());
        // What a backtracking engine would need ages for.
        let long = "a".repeat(20_000);
        assert!(!has_texts(long.as_bytes(), &[pattern("^(a+)+$b")]));
    }

    #[test]
    fn paths_are_those_of_lists_of_files() {
        let text = b"- `not/here`\n  - `src/a.rs` - added (+1)\n  - `old/b` \xe2\x86\x92 `new/b` - renamed\n";
        for (path, named) in [
            ("src/a.rs", true),
            ("src", true),
            ("src/", true),
            ("", true),
            ("sr", false),
            ("a.rs", false),
            ("old/b", true),
            ("new/b", true),
            ("not/here", false),
        ] {
            assert_eq!(names_path(text, path), named, "{path}");
        }
    }
}
