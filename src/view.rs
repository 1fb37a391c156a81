//! The view: the copy of the current branch's document at `.branchwork/CURRENT.md` in a work tree, and the state file in
//! that work tree's git directory that tells what it was written from.
//!
//! Not here: what to do with an edited view (journeys/settle.rs). Whatever stands in the view's place is looked at without
//! following links and without blocking; nothing outside `.branchwork` and the state file is ever written.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::names::DocId;
use crate::repo::Checkout;
use crate::store::TextId;

/// The view's path from the top of a work tree.
pub(crate) const PATH: &str = ".branchwork/CURRENT.md";
/// The folder that the view lives in.
pub(crate) const FOLDER: &str = ".branchwork";
/// The state file's name in a work tree's git directory.
const STATE: &str = "branchwork-view";
/// What stands in the state file before the text that somebody saw last.
const SEEN: &str = "seen ";
/// How the names of files begin that are about to take its place.
const UNFINISHED_STATE: &str = "branchwork-view-";
/// How many texts the state file remembers: an editor may have loaded an older one.
const REMEMBERED: usize = 16;
/// How the names of files begin that stand beside the view while it is replaced.
const ASIDE: &str = ".CURRENT-";
/// The file that keeps the folder out of git.
const IGNORE: &str = ".gitignore";
/// How much of it is looked at, in bytes.
const LARGEST_IGNORE: u64 = 64 * 1024;
/// A larger file is not taken for a document.
const LARGEST: u64 = 64 * 1024 * 1024;

/// The view of one work tree.
#[derive(Clone, Debug)]
pub(crate) struct View {
    folder: PathBuf,
    file: PathBuf,
    state: PathBuf,
}

/// What stands in the view's place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// Nothing.
    Missing,
    /// A regular file.
    Text(Vec<u8>),
    /// Something that is not read and not replaced; says what, such as `a symbolic link`.
    Special(&'static str),
}

/// What the view was written from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct State {
    /// The document.
    pub(crate) id: DocId,
    /// The last texts that the view had, ours and those that were taken in, oldest first. All are in the store.
    pub(crate) texts: Vec<TextId>,
    /// The one of them that somebody had before them last, as far as that is known: they saved it, or began to edit it.
    pub(crate) seen: Option<TextId>,
}

impl State {
    fn add(&mut self, text: &TextId) {
        self.texts.push(text.clone());
        self.texts.drain(..self.texts.len().saturating_sub(REMEMBERED));
    }

    /// The texts since somebody saw the view last, that one among them; all where that is not known.
    pub(crate) fn since_seen(&self) -> &[TextId] {
        let from = self.texts.iter().rposition(|text| Some(text) == self.seen.as_ref());
        &self.texts[from.unwrap_or(0)..]
    }
}

/// How a replacement ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Replaced {
    /// The view holds the new text.
    Done,
    /// Somebody changed the view meanwhile; nothing was written.
    ChangedMeanwhile,
    /// The view holds the new text, and somebody had saved this in the last moment.
    TookOut(Content),
}

impl View {
    /// The view of this work tree.
    pub(crate) fn of(checkout: &Checkout) -> Self {
        Self {
            folder: checkout.work_tree.join(FOLDER),
            file: checkout.work_tree.join(PATH),
            state: checkout.git_dir.join(STATE),
        }
    }

    /// Where the view is.
    pub(crate) fn path(&self) -> &Path {
        &self.file
    }

    /// Whether a regular file stands there.
    pub(crate) fn is_text(&self) -> bool {
        matches!(self.read(), Ok(Content::Text(_)))
    }

    /// What stands in the view's place now.
    pub(crate) fn read(&self) -> Result<Content> {
        match std::fs::symlink_metadata(&self.folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Content::Missing),
            Err(error) => return Err(self.cannot("read", &error)),
            Ok(metadata) if metadata.is_symlink() => {
                return Ok(Content::Special("in a folder that is a symbolic link"));
            }
            Ok(metadata) if !metadata.is_dir() => return Ok(Content::Special("in a folder that is a file")),
            Ok(_) => {}
        }
        if !self.is_ignored() {
            return Ok(Content::Special("in a folder with another .gitignore"));
        }
        match std::fs::symlink_metadata(&self.file) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Content::Missing),
            Err(error) => return Err(self.cannot("read", &error)),
            Ok(metadata) if metadata.is_symlink() => return Ok(Content::Special("a symbolic link")),
            Ok(metadata) if metadata.is_dir() => return Ok(Content::Special("a folder")),
            Ok(metadata) if !metadata.is_file() => return Ok(Content::Special("not a regular file")),
            Ok(_) => {}
        }
        read_regular(&self.file).map_err(|error| self.cannot("read", &error))
    }

    /// Whether the folder's `.gitignore`, where there is one, keeps the whole folder out of git. Git follows no link here
    /// (gitignore(5)), so it would see no rule in one.
    fn is_ignored(&self) -> bool {
        let file = match open_regular(&self.folder.join(IGNORE)) {
            Err(error) => return error.kind() == ErrorKind::NotFound,
            Ok(file) => file,
        };
        // Room for ours, so that the read that finds the end is the second.
        let mut text = Vec::with_capacity(64);
        let read = file.take(LARGEST_IGNORE).read_to_end(&mut text);
        read.is_ok() && text.split(|byte| *byte == b'\n').any(|line| line.trim_ascii() == b"*")
    }

    /// Whether the file that keeps the folder out of git is there; what it says is looked at by [`View::read`].
    pub(crate) fn is_kept_out_of_git(&self) -> bool {
        self.folder.join(IGNORE).is_file()
    }

    /// Puts that file where it is missing.
    pub(crate) fn keep_out_of_git(&self) -> Result<()> {
        self.make_folder()
            .map_err(|error| self.cannot("keep out of git", &error))
    }

    /// What killed writers of the state file left beside it. No text of a document is in them.
    pub(crate) fn stale_states(&self) -> Vec<PathBuf> {
        let folder = self.state.parent().unwrap_or(Path::new("."));
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        let stale = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(UNFINISHED_STATE));
        stale.map(|entry| entry.path()).collect()
    }

    /// What the view was written from; `None` where none was written, or the state file is not one of ours.
    pub(crate) fn state(&self) -> Option<State> {
        let text = std::fs::read_to_string(&self.state).ok()?;
        let mut lines = text.lines();
        let id = DocId::parse(lines.next()?)?;
        let mut state = State {
            id,
            texts: Vec::new(),
            seen: None,
        };
        for line in lines {
            match line.strip_prefix(SEEN) {
                Some(seen) => state.seen = TextId::parse(seen),
                None => state.texts.extend(TextId::parse(line)),
            }
        }
        Some(state)
    }

    /// Puts `text` into the view and remembers it, if what stands there still is `seen`. The view comes first and the state
    /// after it: a crash between the two leaves a view that equals a version of the store, which is no edit.
    pub(crate) fn replace(&self, seen: &Content, text: &[u8], id: &DocId, text_id: &TextId) -> Result<Replaced> {
        let replaced = self.overwrite(seen, text)?;
        if replaced == Replaced::ChangedMeanwhile {
            return Ok(replaced);
        }
        let remembered = self.remember_text(id, text_id);
        if replaced == Replaced::Done {
            remembered?;
        }
        Ok(replaced)
    }

    /// Remembers a text that was in the view: an editor may go on from it.
    pub(crate) fn remember_text(&self, id: &DocId, text_id: &TextId) -> Result<()> {
        let mut state = self.state_of(id);
        if state.texts.last() == Some(text_id) {
            return Ok(());
        }
        state.add(text_id);
        self.remember(&state)
    }

    /// Remembers a text that somebody saved there, or has in an editor. `was_replaced`: the last text that is remembered took its
    /// place since, so that an editor may have that one by now.
    pub(crate) fn remember_seen(&self, id: &DocId, text_id: &TextId, was_replaced: bool) -> Result<()> {
        let mut state = self.state_of(id);
        let shown = state.texts.pop_if(|last| was_replaced || last == text_id);
        state.add(text_id);
        if let Some(shown) = shown.filter(|shown| shown != text_id) {
            state.add(&shown);
        }
        state.seen = Some(text_id.clone());
        self.remember(&state)
    }

    /// What the view was written from, as far as it was this document.
    fn state_of(&self, id: &DocId) -> State {
        self.state().filter(|state| state.id == *id).unwrap_or_else(|| State {
            id: id.clone(),
            texts: Vec::new(),
            seen: None,
        })
    }

    /// Puts `text` into the view, if what stands there still is `seen`, without remembering it: it reads as an edit.
    pub(crate) fn overwrite(&self, seen: &Content, text: &[u8]) -> Result<Replaced> {
        if matches!(seen, Content::Text(seen) if seen == text) {
            return Ok(Replaced::Done);
        }
        self.make_folder().map_err(|error| self.cannot("write", &error))?;
        let mut file = temporary(ASIDE)
            .tempfile_in(&self.folder)
            .map_err(|error| self.cannot("write", &error))?;
        file.write_all(text).map_err(|error| self.cannot("write", &error))?;
        if self.read()? != *seen {
            return Ok(Replaced::ChangedMeanwhile);
        }
        self.put(file, seen).map_err(|error| self.cannot("write", &error))
    }

    /// Swaps the file with what stands in its place and looks at that: an editor may have saved just now. Where the file
    /// system cannot swap, the view is replaced, and that moment is not seen.
    fn put(&self, file: tempfile::NamedTempFile, seen: &Content) -> std::io::Result<Replaced> {
        if *seen == Content::Missing {
            return match file.persist_noclobber(&self.file) {
                Err(error) if error.error.kind() == ErrorKind::AlreadyExists => Ok(Replaced::ChangedMeanwhile),
                Err(error) => Err(error.error),
                Ok(_) => Ok(Replaced::Done),
            };
        }
        #[cfg(any(target_os = "linux", target_os = "macos"))]
        {
            use rustix::fs::{CWD, RenameFlags, renameat_with};
            let swap = || renameat_with(CWD, file.path(), CWD, &self.file, RenameFlags::EXCHANGE);
            if swap().is_ok() {
                return match read_regular(file.path()) {
                    Ok(taken) if taken == *seen => Ok(Replaced::Done),
                    Ok(taken @ Content::Text(_)) => took_out(file, taken),
                    _ => swap().map(|()| Replaced::ChangedMeanwhile).map_err(Into::into),
                };
            }
        }
        file.persist(&self.file).map_err(|error| error.error)?;
        Ok(Replaced::Done)
    }

    /// Takes the view away and forgets what it was written from, if what stands there still is `seen`. The folder stays, with
    /// the file that keeps it out of git: an editor may yet save into it.
    pub(crate) fn remove(&self, seen: &Content) -> Result<Replaced> {
        if self.read()? != *seen {
            return Ok(Replaced::ChangedMeanwhile);
        }
        if matches!(seen, Content::Text(_)) {
            let cannot = |error: std::io::Error| self.cannot("remove", &error);
            let aside = temporary(ASIDE).tempfile_in(&self.folder).map_err(cannot)?;
            std::fs::rename(&self.file, aside.path()).map_err(cannot)?;
            match read_regular(aside.path()) {
                Ok(taken) if taken == *seen => {}
                Ok(taken @ Content::Text(_)) => return took_out(aside, taken).map_err(cannot),
                _ => {
                    std::fs::rename(aside.path(), &self.file).map_err(cannot)?;
                    return Ok(Replaced::ChangedMeanwhile);
                }
            }
        }
        self.forget()?;
        Ok(Replaced::Done)
    }

    /// The files that were left beside the view: by a killed process a text that it was about to put there, or one that was
    /// taken out. Writers hold the store's lock, so while it is held here nobody else's are among them.
    pub(crate) fn leftovers(&self) -> Vec<(PathBuf, Content)> {
        let is_one = |path: &PathBuf| {
            let name = path.file_name().and_then(|name| name.to_str());
            name.is_some_and(|name| name.starts_with(ASIDE))
        };
        let entries = std::fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let paths = entries.map(|entry| entry.path()).filter(is_one);
        paths
            .filter_map(|path| read_regular(&path).ok().map(|content| (path, content)))
            .collect()
    }

    /// Forgets what the view was written from, so that nothing in its place is taken for ours.
    pub(crate) fn forget(&self) -> Result<()> {
        match std::fs::remove_file(&self.state) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(Error::new(format!("cannot remove '{}'", self.state.display())).because(&error))
            }
            _ => Ok(()),
        }
    }

    /// Takes away what is ours in the work tree and its git directory: the view if it still is `ours`, then the folder if
    /// nothing else is in it.
    pub(crate) fn purge(&self, ours: Option<&Content>) -> Result<()> {
        match ours {
            Some(seen) => drop(self.remove(seen)?),
            None => self.forget()?,
        }
        if matches!(self.read()?, Content::Special(_)) {
            return Ok(());
        }
        let names = std::fs::read_dir(&self.folder).into_iter().flatten().flatten();
        if names.map(|entry| entry.file_name()).all(|name| name == IGNORE) {
            let _ = std::fs::remove_file(self.folder.join(IGNORE));
            let _ = std::fs::remove_dir(&self.folder);
        }
        Ok(())
    }

    /// The one line keeps the folder out of `git status`, itself included (gitignore(5)). The file appears whole or not at
    /// all: an empty one would be taken for somebody else's.
    fn make_folder(&self) -> std::io::Result<()> {
        match std::fs::create_dir(&self.folder) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
        if std::fs::symlink_metadata(self.folder.join(IGNORE)).is_ok() {
            return Ok(());
        }
        let mut file = temporary(ASIDE).tempfile_in(&self.folder)?;
        file.write_all(b"*\n")?;
        match file.persist_noclobber(self.folder.join(IGNORE)) {
            Err(error) if error.error.kind() != ErrorKind::AlreadyExists => Err(error.error),
            _ => Ok(()),
        }
    }

    fn remember(&self, state: &State) -> Result<()> {
        let mut text = format!("{}\n", state.id);
        for id in &state.texts {
            text.push_str(id.as_str());
            text.push('\n');
        }
        if let Some(seen) = &state.seen {
            text.push_str(&format!("{SEEN}{}\n", seen.as_str()));
        }
        let cannot =
            |error: &std::io::Error| Error::new(format!("cannot write '{}'", self.state.display())).because(error);
        let folder = self.state.parent().unwrap_or(Path::new("."));
        let mut file = tempfile::Builder::new()
            .prefix(UNFINISHED_STATE)
            .tempfile_in(folder)
            .map_err(|error| cannot(&error))?;
        file.write_all(text.as_bytes()).map_err(|error| cannot(&error))?;
        let file: std::result::Result<File, _> = file.persist(&self.state);
        file.map(drop).map_err(|error| cannot(&error.error))
    }

    fn cannot(&self, what: &str, error: &std::io::Error) -> Error {
        let message = format!("cannot {what} the view '{}'", self.file.display());
        // A temporary file tells its name, which is another one each time and nobody's business.
        match error.get_ref() {
            Some(_) => Error::new(message).because(&std::io::Error::from(error.kind())),
            None => Error::new(message).because(error),
        }
    }
}

/// Leaves the file where it is until the store has its text: the next look at [`View::leftovers`] removes it.
fn took_out(file: tempfile::NamedTempFile, taken: Content) -> std::io::Result<Replaced> {
    file.keep().map_err(|error| error.error)?;
    Ok(Replaced::TookOut(taken))
}

/// Reads a file that was a regular one when it was looked at.
fn read_regular(path: &Path) -> std::io::Result<Content> {
    let file = match open_regular(path) {
        Err(error) if error.kind() == ErrorKind::PermissionDenied => {
            return Ok(Content::Special("not readable"));
        }
        opened => opened?,
    };
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Ok(Content::Special("not a regular file"));
    }
    if metadata.len() > LARGEST {
        return Ok(Content::Special("larger than 64 MiB"));
    }
    let mut text = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0));
    file.take(LARGEST).read_to_end(&mut text)?;
    Ok(Content::Text(text))
}

/// Opens a file for reading without following a link or waiting for a writer of a pipe.
fn open_regular(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, libc::O_NOFOLLOW | libc::O_NONBLOCK);
    options.open(path)
}

/// A temporary file with the mode that a new file of the user's would have.
fn temporary(prefix: &str) -> tempfile::Builder<'_, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(prefix);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> (tempfile::TempDir, View) {
        let folder = crate::temporary::folder();
        let git_dir = folder.path().join("git");
        std::fs::create_dir(&git_dir).unwrap();
        let view = View::of(&Checkout {
            work_tree: folder.path().to_owned(),
            git_dir,
        });
        (folder, view)
    }

    fn text_id(n: usize) -> TextId {
        TextId::parse(&format!("{n:040x}")).unwrap()
    }

    #[test]
    fn remembers_the_last_sixteen_texts_of_one_document() {
        let (_folder, view) = place();
        let id = DocId::new(1, 1);
        let mut seen = Content::Missing;
        for n in 0..20 {
            let text = format!("text {n}").into_bytes();
            assert_eq!(view.replace(&seen, &text, &id, &text_id(n)).unwrap(), Replaced::Done);
            seen = Content::Text(text);
        }
        assert_eq!(view.read().unwrap(), seen);
        let texts: Vec<TextId> = (4..20).map(text_id).collect();
        assert_eq!(
            view.state(),
            Some(State {
                id: id.clone(),
                texts,
                seen: None
            })
        );
        view.remember_seen(&id, &text_id(30), true).unwrap();
        view.remember_seen(&id, &text_id(31), false).unwrap();
        let state = view.state().unwrap();
        assert_eq!(state.texts[12..], [18, 30, 19, 31].map(text_id));
        assert_eq!(state.since_seen(), [text_id(31)]);
        view.remember_seen(&id, &text_id(31), false).unwrap();
        assert_eq!(view.state(), Some(state));
        let other = DocId::new(2, 2);
        view.replace(&seen, b"other", &other, &text_id(99)).unwrap();
        let texts = vec![text_id(99)];
        assert_eq!(
            view.state(),
            Some(State {
                id: other,
                texts,
                seen: None
            })
        );
    }

    #[test]
    fn what_is_saved_in_the_moment_of_the_swap_is_handed_over() {
        let (folder, view) = place();
        view.overwrite(&Content::Missing, b"one").unwrap();
        let mut file = temporary(ASIDE).tempfile_in(folder.path().join(FOLDER)).unwrap();
        file.write_all(b"two").unwrap();
        // As if an editor had saved after the last look.
        std::fs::write(folder.path().join(PATH), "by hand").unwrap();
        let taken = Content::Text(b"by hand".to_vec());
        assert_eq!(
            view.put(file, &Content::Text(b"one".to_vec())).unwrap(),
            Replaced::TookOut(taken)
        );
        assert_eq!(view.read().unwrap(), Content::Text(b"two".to_vec()));
        // It is on the disk until the store has it.
        let [(_, left)] = view.leftovers().try_into().unwrap();
        assert_eq!(left, Content::Text(b"by hand".to_vec()));
    }

    #[test]
    fn a_view_changed_meanwhile_is_not_replaced() {
        let (folder, view) = place();
        let id = DocId::new(1, 1);
        view.replace(&Content::Missing, b"one", &id, &text_id(1)).unwrap();
        std::fs::write(folder.path().join(PATH), "by hand").unwrap();
        let seen = Content::Text(b"one".to_vec());
        assert_eq!(
            view.replace(&seen, b"two", &id, &text_id(2)).unwrap(),
            Replaced::ChangedMeanwhile
        );
        assert_eq!(view.remove(&seen).unwrap(), Replaced::ChangedMeanwhile);
        assert_eq!(view.read().unwrap(), Content::Text(b"by hand".to_vec()));
    }

    #[cfg(unix)]
    #[test]
    fn links_and_folders_are_not_followed() {
        use std::os::unix::fs::symlink;
        let (folder, view) = place();
        let outside = crate::temporary::folder();
        symlink(outside.path(), folder.path().join(FOLDER)).unwrap();
        assert!(matches!(view.read().unwrap(), Content::Special(_)));
        std::fs::remove_file(folder.path().join(FOLDER)).unwrap();
        std::fs::create_dir(folder.path().join(FOLDER)).unwrap();
        symlink(outside.path().join("x"), folder.path().join(PATH)).unwrap();
        assert_eq!(view.read().unwrap(), Content::Special("a symbolic link"));
        std::fs::remove_file(folder.path().join(PATH)).unwrap();
        std::fs::create_dir(folder.path().join(PATH)).unwrap();
        assert_eq!(view.read().unwrap(), Content::Special("a folder"));
    }
}
