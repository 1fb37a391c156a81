//! The text of a git config file: where its sections and keys are, and our sections put in and taken out, with every other
//! byte left as it is.
//!
//! Deliberately not a model of git's configuration: no includes, no merging of files, no types. Reading follows
//! git-config(1), "Syntax", and `git_parse_source` of git's config.c. Not here: the file and its lock (config_file.rs).

use std::ops::Range;
use std::path::{Path, PathBuf};

use super::{Event, bytes_of, path_of, quote};

/// One `[section "subsection"]` and the keys below it.
#[derive(Debug, PartialEq, Eq)]
struct Section {
    /// In lower case.
    name: Vec<u8>,
    /// As it is, escapes undone.
    subsection: Option<Vec<u8>>,
    /// The header, from `[` to `]`.
    header: Range<usize>,
    keys: Vec<Key>,
}

/// One `name = value`, or a bare `name`.
#[derive(Debug, PartialEq, Eq)]
struct Key {
    /// In lower case.
    name: Vec<u8>,
    /// Quotes and escapes undone; `None` for a bare name, which means true.
    value: Option<Vec<u8>>,
    /// From the name to the end of its last line, line feed included.
    span: Range<usize>,
}

/// A config file that git could not read either: the line, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unreadable(pub(crate) usize);

/// What one event's section of ours says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Configured {
    /// The program that its command starts; `None` where the command is not one of ours any more.
    pub(crate) program: Option<PathBuf>,
}

/// What the file says about `event`; `None` where it has no section of ours for it.
pub(crate) fn configured(text: &[u8], event: Event) -> Result<Option<Configured>, Unreadable> {
    let sections = parse(text)?;
    let mut ours = sections.iter().filter(|s| event_of(s) == Some(event)).peekable();
    let there = ours.peek().is_some();
    let mut keys = ours.flat_map(|s| &s.keys);
    let command = keys.rfind(|key| key.name == b"command");
    Ok(there.then(|| Configured {
        program: command.and_then(|key| program_of(key.value.as_deref()?)),
    }))
}

/// `text` with a right section for each event; `None` where it has them already. What a person added to one of our
/// sections (`enabled = false`) is kept.
pub(crate) fn with_hooks(text: &[u8], program: &Path) -> Result<Option<Vec<u8>>, Unreadable> {
    let sections = parse(text)?;
    if Event::ALL.iter().all(|&event| is_right(&sections, event, program)) {
        return Ok(None);
    }
    let mut block = Vec::new();
    for event in Event::ALL {
        block.extend_from_slice(format!("[hook \"branchwork.{0}\"]\n\tcommand = ", event.name()).as_bytes());
        block.extend_from_slice(&quote::config(&command(event, program)));
        block.extend_from_slice(format!("\n\tevent = {}\n", event.name()).as_bytes());
        let others = sections
            .iter()
            .filter(|s| event_of(s) == Some(event))
            .flat_map(|s| &s.keys);
        for key in others.filter(|key| !matches!(key.name.as_slice(), b"command" | b"event")) {
            let line = text.get(key.span.clone()).unwrap_or_default();
            block.push(b'\t');
            block.extend_from_slice(line.strip_suffix(b"\n").unwrap_or(line));
            block.push(b'\n');
        }
    }
    let mut text = cut(text, &sections);
    if !text.is_empty() && !text.ends_with(b"\n") {
        // The line feed before the block is ours then; that the block has none at its end tells `cut` so.
        text.push(b'\n');
        block.pop();
    }
    text.extend_from_slice(&block);
    Ok(Some(text))
}

/// `text` without our sections; `None` where it has none.
pub(crate) fn without_hooks(text: &[u8]) -> Result<Option<Vec<u8>>, Unreadable> {
    let sections = parse(text)?;
    let ours = sections.iter().any(|section| event_of(section).is_some());
    Ok(ours.then(|| cut(text, &sections)))
}

/// What git runs for an event. Git itself appends the arguments. A program that is gone lets git go on.
fn command(event: Event, program: &Path) -> Vec<u8> {
    let program = quote::shell(&bytes_of(program));
    [
        b"test ! -x ",
        &program[..],
        b" || ",
        &program[..],
        b" hook ",
        event.name().as_bytes(),
    ]
    .concat()
}

/// The program in a [`command`].
fn program_of(command: &[u8]) -> Option<PathBuf> {
    let (program, _) = quote::unquote_shell(command.strip_prefix(b"test ! -x ")?)?;
    path_of(&program)
}

fn event_of(section: &Section) -> Option<Event> {
    let event = section.subsection.as_deref()?.strip_prefix(b"branchwork.")?;
    Event::ALL
        .into_iter()
        .find(|known| section.name == b"hook" && known.name().as_bytes() == event)
}

fn is_right(sections: &[Section], event: Event, program: &Path) -> bool {
    let mut ours = sections.iter().filter(|section| event_of(section) == Some(event));
    let (Some(section), None) = (ours.next(), ours.next()) else {
        return false;
    };
    let only = |name: &[u8], value: &[u8]| {
        let mut keys = section.keys.iter().filter(|key| key.name == name);
        keys.next().is_some_and(|key| key.value.as_deref() == Some(value)) && keys.next().is_none()
    };
    only(b"command", &command(event, program)) && only(b"event", event.name().as_bytes())
}

/// Takes our sections out: from the header to the last key, so that a comment which a person wrote above the next
/// section stays.
fn cut(text: &[u8], sections: &[Section]) -> Vec<u8> {
    let mut kept = Vec::with_capacity(text.len());
    let mut from = 0;
    for (i, section) in sections
        .iter()
        .enumerate()
        .filter(|(_, section)| event_of(section).is_some())
    {
        let limit = sections.get(i + 1).map_or(text.len(), |next| next.header.start);
        let mut start = section.header.start;
        let before = text.get(from..start).unwrap_or_default();
        start -= before
            .iter()
            .rev()
            .take_while(|byte| matches!(byte, b' ' | b'\t'))
            .count();
        let whole_line = start == 0 || text.get(start - 1) == Some(&b'\n');
        let mut end = match section.keys.last() {
            Some(key) => key.span.end,
            None => line_end(text, section.header.end),
        };
        end = end.min(limit);
        if !whole_line && text.get(..end).is_some_and(|cut| cut.ends_with(b"\n")) {
            end -= 1;
        }
        kept.extend_from_slice(text.get(from..start).unwrap_or_default());
        from = end;
    }
    let tail = text.get(from..).unwrap_or_default();
    if tail.is_empty() && !text.ends_with(b"\n") && kept.ends_with(b"\n") {
        // See `with_hooks`: this line feed came with the block.
        kept.pop();
    }
    kept.extend_from_slice(tail);
    kept
}

/// The end of the line that `at` is on, line feed included.
fn line_end(text: &[u8], at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    rest.iter()
        .position(|&byte| byte == b'\n')
        .map_or(text.len(), |i| at + i + 1)
}

/// A place in the text.
struct Cursor<'a> {
    text: &'a [u8],
    at: usize,
}

impl Cursor<'_> {
    /// The next character, CRLF being one line feed; at the end of the text a line feed too, as in git.
    fn next(&mut self) -> u8 {
        let byte = self.text.get(self.at).copied();
        self.at += 1;
        match byte {
            Some(b'\r') if self.text.get(self.at) == Some(&b'\n') => self.next(),
            Some(byte) => byte,
            None => b'\n',
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn here(&self) -> usize {
        self.at.min(self.text.len())
    }
}

/// All sections in their order.
fn parse(text: &[u8]) -> Result<Vec<Section>, Unreadable> {
    let mut sections: Vec<Section> = Vec::new();
    let at = if text.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let mut cursor = Cursor { text, at };
    while let Some(byte) = cursor.peek() {
        let start = cursor.at;
        let read = match byte {
            b'[' => header(&mut cursor).map(|section| sections.push(section)),
            b'#' | b';' => {
                cursor.at = line_end(text, start);
                Some(())
            }
            _ if byte.is_ascii_whitespace() || byte == b'\x0b' => {
                cursor.at += 1;
                Some(())
            }
            _ => key(&mut cursor).map(|key| {
                // One before the first section belongs to none; git takes no offence either.
                if let Some(section) = sections.last_mut() {
                    section.keys.push(key);
                }
            }),
        };
        if read.is_none() {
            let before = text.get(..start).unwrap_or_default();
            return Err(Unreadable(1 + before.iter().filter(|&&byte| byte == b'\n').count()));
        }
    }
    Ok(sections)
}

/// `[name]`, `[name "subsection"]`, or the old `[name.subsection]`, whose both parts git reads in lower case.
fn header(cursor: &mut Cursor<'_>) -> Option<Section> {
    let start = cursor.at;
    cursor.at += 1;
    let mut name = Vec::new();
    let quoted = loop {
        match cursor.next() {
            b']' => break false,
            b' ' | b'\t' => break true,
            byte if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.') => name.push(byte.to_ascii_lowercase()),
            _ => return None,
        }
    };
    let mut subsection = None;
    if quoted {
        while matches!(cursor.peek(), Some(b' ' | b'\t')) {
            cursor.at += 1;
        }
        subsection = Some(quoted_subsection(cursor)?);
    } else if let Some(dot) = name.iter().position(|&byte| byte == b'.') {
        subsection = name.get(dot + 1..).map(<[u8]>::to_vec);
        name.truncate(dot);
    }
    Some(Section {
        name,
        subsection,
        header: start..cursor.at,
        keys: Vec::new(),
    })
}

fn quoted_subsection(cursor: &mut Cursor<'_>) -> Option<Vec<u8>> {
    let mut text = Vec::new();
    if cursor.next() != b'"' {
        return None;
    }
    loop {
        match cursor.next() {
            b'\n' => return None,
            b'"' => break,
            b'\\' => match cursor.next() {
                b'\n' => return None,
                byte => text.push(byte),
            },
            byte => text.push(byte),
        }
    }
    (cursor.next() == b']').then_some(text)
}

fn key(cursor: &mut Cursor<'_>) -> Option<Key> {
    let start = cursor.at;
    let mut name = Vec::new();
    while let Some(byte) = cursor
        .peek()
        .filter(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
    {
        name.push(byte.to_ascii_lowercase());
        cursor.at += 1;
    }
    if !name.first()?.is_ascii_alphabetic() {
        return None;
    }
    while matches!(cursor.peek(), Some(b' ' | b'\t')) {
        cursor.at += 1;
    }
    let value = match cursor.next() {
        b'\n' => None,
        b'=' => Some(value(cursor)?),
        _ => return None,
    };
    Some(Key {
        name,
        value,
        span: start..cursor.here(),
    })
}

/// The value up to the end of its line, quotes and escapes undone, blanks around it and a comment after it dropped.
fn value(cursor: &mut Cursor<'_>) -> Option<Vec<u8>> {
    let (mut text, mut quoted, mut comment) = (Vec::new(), false, false);
    // Blanks at the end count only where something follows them.
    let mut length = 0;
    loop {
        let byte = cursor.next();
        match byte {
            b'\n' if quoted => return None,
            b'\n' => break,
            _ if comment => continue,
            b' ' | b'\t' | b'\x0b' | b'\x0c' | b'\r' if !quoted => {
                if !text.is_empty() {
                    text.push(byte);
                }
                continue;
            }
            b'#' | b';' if !quoted => {
                comment = true;
                continue;
            }
            b'\\' => match cursor.next() {
                b'\n' if cursor.at > cursor.text.len() => return None,
                b'\n' => continue,
                b't' => text.push(b'\t'),
                b'b' => text.push(b'\x08'),
                b'n' => text.push(b'\n'),
                byte @ (b'\\' | b'"') => text.push(byte),
                _ => return None,
            },
            b'"' => quoted = !quoted,
            _ => text.push(byte),
        }
        length = text.len();
    }
    text.truncate(length);
    Some(text)
}

#[cfg(test)]
mod tests;
