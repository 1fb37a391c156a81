//! The text of a hook file: whether our block may go into it, the block put in and taken out, with every other byte left
//! as it is.
//!
//! The block goes right below the `#!` line, so that no `exit` or `exec` of the script comes before it, and hands the
//! script its arguments and its whole input. Not here: files and their modes (hook_file.rs).

use std::ops::Range;
use std::path::{Path, PathBuf};

use bstr::ByteSlice;

use super::hook_managers::{self, HookManager};
use super::{Event, by_hand, bytes_of, path_of, quote};

const BEGIN: &[u8] = b"# >>> git-branchwork >>>";
const END: &[u8] = b"# <<< git-branchwork <<<";
const SHEBANG: &[u8] = b"#!/bin/sh\n";
/// The second line of a block says whether the file around it is ours as well.
const MADE: &[u8] = b"# Made by ";
const ADDED: &[u8] = b"# Added by ";
const PROGRAM: &[u8] = b"branchwork_program=";

/// Why a hook that is there cannot take our block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Obstacle {
    /// A hook manager wrote it and would write over the block.
    Generated(HookManager),
    /// It is no program for a POSIX shell; its first line.
    NotShell(String),
    /// Its lines end in CRLF.
    CarriageReturns,
    /// It reads or runs its own file, by line number or in another language.
    ReadsItself,
    /// A line that a person put there starts us already.
    ByHand,
    /// Of our two marks one is missing.
    Damaged,
    /// It is a link to another file.
    Link,
    /// It is a folder, a pipe or the like.
    NotAFile,
    /// git skips it, because nobody may execute it.
    NotExecutable,
}

/// What is left of a hook without our block.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Rest {
    /// There was no block.
    AsItWas,
    /// The whole file was ours.
    Nothing,
    /// The text before we came.
    Text(Vec<u8>),
}

/// The text of a hook file of our own.
pub(crate) fn shim(event: Event, program: &Path) -> Vec<u8> {
    let template = event.shim().as_bytes();
    let word = quote::shell(&bytes_of(program));
    template.replacen("@PROGRAM@", word, 1)
}

/// The text of a hook with our block, which replaces an older one; the same text where it has it already.
pub(crate) fn with_block(text: &[u8], event: Event, program: &Path) -> Result<Vec<u8>, Obstacle> {
    let mut block = shim(event, program).split_off(SHEBANG.len());
    let (at, whole) = match our_block(text)? {
        Some(range) => (range.clone(), is_whole(text, &range)),
        None => {
            let at = insertion(text, event)?;
            (at..at, false)
        }
    };
    if !whole {
        block = block.replacen(MADE, ADDED, 1);
    }
    let (before, after) = (
        text.get(..at.start).unwrap_or_default(),
        text.get(at.end..).unwrap_or_default(),
    );
    let mut new = before.to_vec();
    if !before.is_empty() && !before.ends_with(b"\n") {
        // The line feed before the block is ours then; that the block has none at its end tells `our_block` so.
        new.push(b'\n');
        block.pop();
    }
    new.extend_from_slice(&block);
    new.extend_from_slice(after);
    Ok(new)
}

/// Takes our block out.
pub(crate) fn without_block(text: &[u8]) -> Result<Rest, Obstacle> {
    let Some(range) = our_block(text)? else {
        return Ok(Rest::AsItWas);
    };
    let (before, after) = (
        text.get(..range.start).unwrap_or_default(),
        text.get(range.end..).unwrap_or_default(),
    );
    if is_whole(text, &range) && after.is_empty() {
        return Ok(Rest::Nothing);
    }
    Ok(Rest::Text([before, after].concat()))
}

/// The program that our block in `text` starts: `None` where there is no block.
pub(crate) fn program(text: &[u8]) -> Option<PathBuf> {
    let block = text.get(our_block(text).ok()??)?;
    let line = block.lines().find_map(|line| line.strip_prefix(PROGRAM))?;
    path_of(&quote::unquote_shell(line)?.0)
}

/// Whether the block at `range` stands in a file that we made.
fn is_whole(text: &[u8], range: &Range<usize>) -> bool {
    let block = text.get(range.clone()).unwrap_or_default();
    let made = block.lines().find(|line| !line.is_empty() && *line != BEGIN);
    made.is_some_and(|line| line.starts_with(MADE))
        && text.get(..range.start).unwrap_or_default().trim_end() == SHEBANG.trim_end()
}

/// Where our block is, marks and last line feed included; where the text ends in our mark, the line feed before the
/// block instead.
fn our_block(text: &[u8]) -> Result<Option<Range<usize>>, Obstacle> {
    let (mut begin, mut at) = (None, 0);
    for line in text.lines_with_terminator() {
        let mark = line.trim_end();
        if mark == BEGIN {
            if begin.is_some() {
                return Err(Obstacle::Damaged);
            }
            begin = Some(at);
        }
        at += line.len();
        if mark == END {
            let begin = begin.ok_or(Obstacle::Damaged)?;
            let own_feed = at == text.len() && !line.ends_with(b"\n") && begin > 0;
            return Ok(Some(if own_feed { begin - 1..at } else { begin..at }));
        }
    }
    begin.map_or(Ok(None), |_| Err(Obstacle::Damaged))
}

/// Where a block may go into a hook that has none.
fn insertion(text: &[u8], event: Event) -> Result<usize, Obstacle> {
    let first = text.lines_with_terminator().next().unwrap_or_default();
    if by_hand::calls_us(text, event) {
        return Err(Obstacle::ByHand);
    }
    if let Some(manager) = hook_managers::generator(text) {
        return Err(Obstacle::Generated(manager));
    }
    if first.ends_with(b"\r\n") {
        return Err(Obstacle::CarriageReturns);
    }
    // Without a `#!` line git lets `sh` run it.
    let shebang = first.strip_prefix(b"#!");
    if text.contains(&0) || text.starts_with(b"\xef\xbb\xbf") || shebang.is_some_and(|line| !is_shell(line)) {
        let line: String = first.to_str_lossy().trim_end().chars().take(80).collect();
        return Err(Obstacle::NotShell(line));
    }
    if text.lines().any(reads_itself) {
        return Err(Obstacle::ReadsItself);
    }
    Ok(if shebang.is_some() { first.len() } else { 0 })
}

/// Whether the interpreter line (without `#!`) is that of a shell that the block is written and tested for, reading the
/// file as a script.
fn is_shell(line: &[u8]) -> bool {
    fn base(word: &[u8]) -> &[u8] {
        word.rsplit(|&byte| byte == b'/').next().unwrap_or(word)
    }
    let is_option = |word: &&[u8]| word.starts_with(b"-") || word.contains(&b'=');
    let mut words = line.fields().peekable();
    let mut shell = words.next().map(base);
    if shell == Some(b"env") {
        while words.next_if(is_option).is_some() {}
        shell = words.next().map(base);
    }
    // With one of these letters the script is no file, or nothing of it is run.
    let other_use =
        |word: &[u8]| word.starts_with(b"-") && !word.starts_with(b"--") && word.find_byteset("csn").is_some();
    matches!(shell, Some(b"sh" | b"bash" | b"dash" | b"ash")) && !words.any(other_use)
}

/// Whether a line of a script hands the script's own file to a program: a part of it that is found by its line number, or
/// another language's program in the same file (`exec python3 "$0"`). New lines could break both.
fn reads_itself(line: &[u8]) -> bool {
    const READERS: [&[u8]; 10] = [
        b"exec", b"tail", b"head", b"sed", b"awk", b"python", b"python3", b"perl", b"ruby", b"node",
    ];
    if line.trim_start().starts_with(b"#") {
        return false;
    }
    let mut words = line
        .fields_with(|c| " \t\"'`();|&{}".contains(c))
        .filter(|word| !word.is_empty());
    let (mut reader, mut before): (bool, &[u8]) = (false, b"");
    words.any(|word| {
        reader |= READERS.contains(&word);
        let own_name = matches!(word, b"$0" | b"$BASH_SOURCE");
        let of_folder = matches!(before, b"dirname" | b"basename" | b"realpath" | b"readlink");
        if !word.starts_with(b"-") {
            before = word;
        }
        reader && own_name && !of_folder
    })
}

#[cfg(test)]
mod tests;
