//! The readers, each with a real repository and with the format of its tool written out; then whole and damaged files alike.

mod config;
mod files;
mod git_spice;
mod graphite;

use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::*;
use crate::document::random::Random;

/// A repository with one commit on `main`.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let place = Self {
            folder: crate::temporary::folder(),
        };
        place.git(["init", "-q", "-b", "main"]);
        place.git(["commit", "-q", "--allow-empty", "-m", "Begin"]);
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs git and gives the first line that it prints.
    fn git<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> String {
        self.git_with(arguments, b"")
    }

    fn git_with<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>, input: &[u8]) -> String {
        let mut child = Command::new("git")
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .envs(["GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"].map(|name| (name, "A")))
            .envs(["GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"].map(|name| (name, "a@b")))
            .envs(["GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"].map(|name| (name, "1700000000 +0000")))
            .envs(["GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"].map(|name| (name, "/dev/null")))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success());
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines().next().unwrap_or_default().to_owned()
    }

    /// Makes the ref of this full name, naming a blob of this text.
    fn blob_ref(&self, full: &str, text: &str) {
        let blob = self.git_with(["hash-object", "-w", "--stdin"], text.as_bytes());
        self.git(["update-ref", full, &blob]);
    }

    /// Writes a file in the git directory.
    fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path(".git").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn repository(&self) -> Repository {
        Repository::isolated(&fs::canonicalize(self.folder.path()).unwrap())
    }

    /// The same of a reader that remembers what it read.
    fn read_anew(&self, read: impl Fn(&Repository, &mut Memory<'_>) -> Option<Records>) -> Option<Records> {
        read(&self.repository(), &mut Memory::default())
    }

    /// What the one reader that this is about gives.
    fn read(&self, read: impl Fn(&Repository) -> Option<Records>) -> Option<Records> {
        read(&self.repository())
    }
}

/// A world with these variables.
fn world(variables: &[(&str, &str)]) -> World {
    let variables = variables.iter().map(|(name, value)| (name.into(), value.into()));
    World::new(variables.collect(), PathBuf::new(), None, Default::default())
}

/// A full object id that ends with `end`.
fn id(end: &str) -> String {
    format!("{end:0>40}")
}

/// Records in few words, a line each: `branch < parent @tip #47 Open, over #46 Merged`.
fn lines(records: &Option<Records>) -> Vec<String> {
    let request = |request: &PullRequest| match request.state {
        Some(state) => format!("#{} {state:?}", request.number),
        None => format!("#{}", request.number),
    };
    let line = |record: &Record| {
        let mut line = record.branch.to_string();
        line.extend(record.parent.iter().map(|parent| format!(" < {parent}")));
        line.extend(
            record
                .parent_tip
                .iter()
                .map(|tip| format!(" @{}", tip.as_str().trim_start_matches('0'))),
        );
        line.extend(record.pull_request.iter().map(|known| format!(" {}", request(known))));
        line.extend(record.merged.then_some(" merged"));
        line.extend(
            record
                .merged_below
                .iter()
                .map(|known| format!(", over {}", request(known))),
        );
        line
    };
    records.iter().flat_map(|records| &records.branches).map(line).collect()
}

/// What could not be read, without the folder.
fn unreadable(place: &Place, records: &Option<Records>) -> Vec<String> {
    let folder = format!("{}/", fs::canonicalize(place.folder.path()).unwrap().display());
    let all = records.iter().flat_map(|records| &records.unreadable);
    all.map(|sentence| sentence.replace(&folder, "")).collect()
}

fn trunks(records: &Option<Records>) -> Vec<&str> {
    let all = records.iter().flat_map(|records| &records.trunks);
    all.map(BranchName::as_str).collect()
}

/// Cuts a file at every length: what is read then is a part of what is read from the whole, or a reason is given.
fn assert_cut_is_right_or_unknown(place: &Place, name: &str, text: &[u8], read: fn(&Repository) -> Option<Records>) {
    place.write(name, text);
    let repository = place.repository();
    let whole = read(&repository).unwrap();
    assert!(
        !whole.branches.is_empty() && whole.unreadable.is_empty(),
        "{:?}",
        whole.unreadable
    );
    for length in 0..text.trim_ascii_end().len() {
        place.write(name, &text[..length]);
        for record in read(&repository).iter().flat_map(|records| &records.branches) {
            assert!(whole.branches.contains(record), "{name} cut at {length}: {record:?}");
        }
    }
    place.write(name, text);
}

/// Changes bytes of a file in ways that repeat: reading it ends, and without a panic.
fn assert_damage_is_survived(place: &Place, name: &str, text: &[u8], read: fn(&Repository) -> Option<Records>) {
    let repository = place.repository();
    let mut random = Random::new(7);
    for _ in 0..300 {
        let mut bytes = text.to_vec();
        for _ in 0..=random.below(4) {
            let at = random.below(bytes.len());
            bytes[at] = match random.below(2) {
                0 => random.below(256) as u8,
                _ => *random.pick(b"{}[]\",:0 \n\t\\#="),
            };
        }
        place.write(name, &bytes);
        read(&repository);
    }
    place.write(name, text);
}

/// A file that is too large, a folder and a pipe in its place: each is a sentence.
fn assert_strange_files_are_told(place: &Place, name: &str, read: fn(&Repository) -> Option<Records>) {
    let path = place.path(".git").join(name);
    let told = |why: &str| {
        let records = place.read(read);
        assert_eq!(lines(&records), [""; 0]);
        assert_eq!(
            unreadable(place, &records),
            [format!("'.git/{name}' is not read: {why}")]
        );
    };
    fs::remove_file(&path).unwrap();
    let large = fs::File::create(&path).unwrap();
    large.set_len(50 * 1024 * 1024).unwrap();
    told(match name.starts_with(".graphite") {
        true => "it is larger than 8 MiB",
        false => "it is larger than 2 MiB",
    });
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    told("it is not a regular file");
    fs::remove_dir(&path).unwrap();
    #[cfg(unix)]
    {
        rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
        told("it is not a regular file");
        fs::remove_file(&path).unwrap();
    }
    assert_eq!(place.read(read), None);
}

/// What could not be read is taken for being written as long as the file at `name` is young, whatever the others are.
fn assert_is_being_written(place: &Place, records: &Option<Records>, name: &str) {
    let file = fs::File::options().write(true).open(place.path(".git").join(name));
    let written = DateTime::from_timestamp(2_000_000_000, 0).unwrap();
    file.unwrap().set_modified(written.into()).unwrap();
    let recorded: Vec<Records> = records.iter().cloned().collect();
    for (minutes, expected) in [(-9, true), (9, true), (11, false)] {
        let now = written + TimeDelta::minutes(minutes);
        assert_eq!(
            is_being_written(&place.repository(), &recorded, now),
            expected,
            "{minutes}"
        );
    }
}

#[test]
fn nothing_is_recorded_in_a_new_repository() {
    assert_eq!(all(&Place::new().repository(), &world(&[]), &mut Memory::default()), []);
}

#[test]
fn a_branch_is_not_its_own_parent() {
    let branch = |name| BranchName::new(name).unwrap();
    assert_eq!(on_parent(branch("a"), Some("a"), Some(&id("1"))), blank(branch("a")));
    assert_eq!(on_parent(branch("a"), Some("b..c"), Some(&id("1"))), blank(branch("a")));
    let itself = on_parent(branch("a"), Some("refs/heads/a"), None);
    assert_eq!(itself, blank(branch("a")));
    let record = on_parent(branch("a"), Some("refs/heads/b"), None);
    assert_eq!(record.parent, Some(branch("b")));
    let record = on_parent(branch("a"), Some("b"), Some("not an id"));
    assert_eq!((record.parent, record.parent_tip), (Some(branch("b")), None));
}
