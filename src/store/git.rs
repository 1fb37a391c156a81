//! What git itself does on the store: it packs, finds what no ref reaches, and shows what a version changed.
//!
//! Not here: the connection to a remote (transport.rs), and what is done without starting a program, which is all that hooks do.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::time::Duration;

use super::Store;
use crate::error::{Error, Result};
use crate::names::CommitId;
use crate::process::{self, Call, Repository};

/// How many loose objects there may be in one of their 256 folders before they are packed.
const MOST_LOOSE: usize = 8;
/// How many packs there may be before fewer are made of them (`gc.autoPackLimit` is 50): each is opened to look for an object.
const MOST_PACKS: usize = 20;
/// How long git may take to pack and to look for what no ref reaches.
const PATIENCE: Duration = Duration::from_secs(600);

impl Store {
    /// What a version changed, as git shows it.
    pub(crate) fn changes(&self, version: &CommitId) -> Result<Vec<u8>> {
        let words = "diff-tree -p --root --no-commit-id --no-color --no-ext-diff --no-textconv";
        let words = words.split(' ').chain([version.as_str(), "--"]);
        self.git(&format!("cannot show version '{version}'"), words)
    }

    /// Packs what is loose and makes fewer packs of many, where there is much of either: each fetch leaves one. Nothing goes
    /// that is in no pack, reachable or not.
    pub(crate) fn pack_if_many(&self) -> Result<()> {
        // As git's own gc guesses it (`gc.auto`): objects are spread evenly over the folders.
        let loose = self.files("objects/17").count();
        let is_pack = |file: &PathBuf| file.extension() == Some(OsStr::new("pack"));
        if loose < MOST_LOOSE && self.files("objects/pack").filter(is_pack).count() < MOST_PACKS {
            return Ok(());
        }
        let cannot = format!("cannot pack the store '{}'", self.path.display());
        self.git(&cannot, ["repack", "--geometric=2", "-d", "-q"]).map(drop)
    }

    /// Brings what no ref reaches out of the packs, as files, and names all of that.
    pub(super) fn unreachable(&self) -> Result<Vec<gix::ObjectId>> {
        let cannot = format!("cannot look for former versions in the store '{}'", self.path.display());
        if self.files("objects/pack").next().is_some() {
            self.git(&cannot, ["repack", "-A", "-d", "-q"])?;
        }
        let listed = self.git(&cannot, ["prune", "-n", "--expire=now"])?;
        let ids = listed
            .split(|byte| *byte == b'\n')
            .filter_map(|line| line.split(|byte| *byte == b' ').next());
        Ok(ids.filter_map(|hex| gix::ObjectId::from_hex(hex).ok()).collect())
    }

    /// The files and folders in a folder of the store.
    fn files(&self, folder: &str) -> impl Iterator<Item = PathBuf> {
        let entries = std::fs::read_dir(self.path.join(folder))
            .into_iter()
            .flatten()
            .flatten();
        entries.map(|entry| entry.path())
    }

    /// The answer of a git that works on the store.
    fn git<'a>(&self, cannot: &str, arguments: impl IntoIterator<Item = &'a str>) -> Result<Vec<u8>> {
        let call = Call {
            program: OsStr::new("git"),
            arguments: arguments.into_iter().map(OsStr::new).collect(),
            directory: &self.path,
            repository: Repository::OfDirectory,
            environment: &[],
            timeout: PATIENCE,
        };
        let answer = process::run(&call).map(|output| output.stdout);
        answer.map_err(|failure| Error::new(cannot).because(&failure).hint("git branchwork doctor"))
    }
}
