//! Refs and reflogs as git's own commands tell them, for a repository whose format of refs gix cannot read (reftable).
//!
//! Deliberately absent: any command that writes, so that none of them runs a hook. Each costs some milliseconds, so the usual
//! format is never read this way.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use gix::bstr::{BString, ByteSlice};
use gix::refs::{FullName, Target, log::Line};

use crate::error::{Error, Result};
use crate::process::{self, Call, Failure};

/// In a hook git has put the folder of its own programs first on PATH, so that it is the git that runs the hook.
const GIT: &str = "git";
/// Git must not wait long for a hook.
const TIMEOUT: Duration = Duration::from_secs(10);
/// How many refs are named in one call: the system limits how long its arguments are.
const MOST_NAMES: usize = 500;
/// Nothing is fetched, asked or locked for a look.
const QUIETLY: [(&str, &str); 3] = [
    ("GIT_NO_LAZY_FETCH", "1"),
    ("GIT_OPTIONAL_LOCKS", "0"),
    ("GIT_TERMINAL_PROMPT", "0"),
];

/// What git says of HEAD and all refs, asked once: what follows is about one moment and cannot fail half-way. Reflogs, and where
/// else a branch is checked out, are asked for when they are needed.
pub(super) struct Commands {
    git_dir: PathBuf,
    directory: PathBuf,
    hash: gix::hash::Kind,
    refs: BTreeMap<BString, Target>,
    /// `None` where HEAD is detached.
    head: Option<FullName>,
    logs: RefCell<HashMap<String, Rc<Vec<Line>>>>,
}

impl Commands {
    /// Asks in `directory`, where the process was started: variables such as `GIT_OBJECT_DIRECTORY` may hold relative paths.
    pub(super) fn ask(git_dir: PathBuf, directory: PathBuf, hash: gix::hash::Kind) -> Result<Self> {
        let mut commands = Self {
            git_dir,
            directory,
            hash,
            refs: BTreeMap::new(),
            head: None,
            logs: RefCell::default(),
        };
        let unreadable = |failure: Failure| {
            Error::new("cannot read the refs by git's own commands")
                .because(&failure)
                .hint("git for-each-ref")
        };
        let format = "--format=%(objectname) %(refname)%00%(symref)";
        let listed = commands.git(&commands.git_dir, &["for-each-ref", "--include-root-refs", format]);
        let listed = listed.map_err(unreadable)?;
        commands.refs = listed.lines().filter_map(reference).collect();
        let head = commands.head_of(&commands.git_dir).map_err(unreadable)?;
        commands.head = head.and_then(|name| FullName::try_from(name).ok());
        Ok(commands)
    }

    /// What HEAD names.
    pub(super) fn head(&self) -> gix::head::Kind {
        let Some(name) = self.head.clone() else {
            let target = match self.refs.get("HEAD".as_bytes().as_bstr()) {
                Some(Target::Object(id)) => *id,
                _ => self.hash.null(),
            };
            return gix::head::Kind::Detached { target, peeled: None };
        };
        match self.refs.get(name.as_bstr()) {
            None => gix::head::Kind::Unborn(name),
            Some(target) => gix::head::Kind::Symbolic(gix::refs::Reference {
                name,
                target: target.clone(),
                peeled: None,
            }),
        }
    }

    /// What the ref of this full name points at.
    pub(super) fn target(&self, full: &str) -> Option<Target> {
        self.refs.get(full.as_bytes().as_bstr()).cloned()
    }

    /// The full names that begin with `prefix`.
    pub(super) fn names_below(&self, prefix: &str) -> Vec<FullName> {
        let below = self.refs.keys().filter(|name| name.starts_with(prefix.as_bytes()));
        below.filter_map(|name| FullName::try_from(name.clone()).ok()).collect()
    }

    /// The full name that HEAD has in the work tree whose git directory this is; `None` where it is detached.
    pub(super) fn head_of(&self, git_dir: &Path) -> std::result::Result<Option<BString>, Failure> {
        match self.git(git_dir, &["symbolic-ref", "--quiet", "HEAD"]) {
            Ok(name) => Ok(Some(name.trim_end().into())),
            Err(Failure::Failed { code: Some(1), .. }) => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// The lines of a ref's reflog, newest first; none where git gives none. Git tells no line's old commit: it is the new one
    /// of the line below. Lines of commits that are gone, and those that only say that the ref was away, are left out.
    pub(super) fn log(&self, full: &str) -> Rc<Vec<Line>> {
        self.read_logs(&[full.to_owned()]);
        let known = self.logs.borrow();
        known.get(full).map(Rc::clone).unwrap_or_default()
    }

    /// Asks for the reflogs of all these refs at once; those that are known already are not asked for again.
    pub(super) fn read_logs(&self, full: &[String]) {
        let mut wanted: Vec<&str> = full.iter().map(String::as_str).collect();
        wanted.retain(|name| !self.logs.borrow().contains_key(*name));
        let mut found: HashMap<String, Vec<Line>> =
            wanted.iter().map(|name| ((*name).to_owned(), Vec::new())).collect();
        // The HEAD of another work tree is not among the refs. Git stops at a name that it does not know.
        wanted.retain(|name| name.ends_with("/HEAD") || self.refs.contains_key(name.as_bytes().as_bstr()));
        let format = "--format=%H %gD%x00%gs";
        let options = ["--no-show-signature", "--date=unix", "--encoding=UTF-8", format];
        for names in wanted.chunks(MOST_NAMES) {
            let arguments = [&["log", "--walk-reflogs"], &options[..], names, &["--"]].concat();
            let text = self.git(&self.git_dir, &arguments).unwrap_or_default();
            for (name, line) in text.lines().filter_map(|line| self.line(line)) {
                found.entry(name).or_default().push(line);
            }
        }
        for lines in found.values_mut() {
            for at in 1..lines.len() {
                lines[at - 1].previous_oid = lines[at].new_oid;
            }
        }
        let found = found.into_iter().map(|(name, lines)| (name, Rc::new(lines)));
        self.logs.borrow_mut().extend(found);
    }

    /// `<new> <ref>@{<seconds>}`, a zero byte and the message: the ref's full name, and the line.
    fn line(&self, text: &[u8]) -> Option<(String, Line)> {
        let (start, message) = text.split_once_str("\0")?;
        let (new, name) = start.split_once_str(" ")?;
        let (name, seconds) = name.rsplit_once_str("@{")?;
        let seconds = seconds.strip_suffix(b"}")?.to_str().ok()?.parse().ok()?;
        let line = Line {
            previous_oid: self.hash.null(),
            new_oid: gix::ObjectId::from_hex(new).ok()?,
            signature: gix::actor::Signature {
                name: BString::default(),
                email: BString::default(),
                time: gix::date::Time::new(seconds, 0),
            },
            message: message.into(),
        };
        Some((name.to_str().ok()?.to_owned(), line))
    }

    /// Makes `repository` read objects as `refs/replace/` says, which gix has looked for in the files that it knows.
    pub(super) fn replace_objects(&self, repository: &mut gix::Repository) -> Result<()> {
        let config = repository.config_snapshot();
        let prefix = config.string("gitoxide.objects.replaceRefBase");
        let prefix = prefix
            .as_ref()
            .map_or(&b"refs/replace/"[..], |prefix| prefix.as_bytes());
        let replacement = |(name, target): (&BString, &Target)| {
            let replaced = gix::ObjectId::from_hex(name.strip_prefix(prefix)?).ok()?;
            Some((replaced, target.try_id()?.to_owned()))
        };
        let found: Vec<_> = self.refs.iter().filter_map(replacement).collect();
        if found.is_empty() || config.boolean("core.useReplaceRefs") == Some(false) {
            return Ok(());
        }
        let store = repository.objects.store_ref();
        let options = gix::odb::store::init::Options {
            use_multi_pack_index: store.use_multi_pack_index(),
            ..Default::default()
        };
        let objects = gix::odb::at_opts(store.path().to_owned(), store.object_hash(), found, options)
            .map_err(|error| Error::new(format!("cannot open '{}'", store.path().display())).because(&error))?;
        **repository.objects = objects.into_inner();
        Ok(())
    }

    /// Runs git on the repository that has this git directory, whatever the environment names.
    fn git(&self, git_dir: &Path, arguments: &[&str]) -> std::result::Result<Vec<u8>, Failure> {
        let mut environment: Vec<(&str, &OsStr)> = vec![("GIT_DIR", git_dir.as_os_str())];
        environment.extend(QUIETLY.iter().map(|(name, value)| (*name, OsStr::new(value))));
        let output = process::run(&Call {
            program: OsStr::new(GIT),
            arguments: arguments.iter().map(OsStr::new).collect(),
            directory: &self.directory,
            repository: process::Repository::Inherited,
            environment: &environment,
            timeout: TIMEOUT,
        })?;
        Ok(output.stdout)
    }
}

/// `<id> <name>`, a zero byte and the ref that it stands for, if it is a symbolic one.
fn reference(line: &[u8]) -> Option<(BString, Target)> {
    let (start, symbolic) = line.split_once_str("\0")?;
    let (id, name) = start.split_once_str(" ")?;
    let target = match symbolic {
        b"" => Target::Object(gix::ObjectId::from_hex(id).ok()?),
        named => Target::Symbolic(FullName::try_from(BString::from(named)).ok()?),
    };
    Some((name.into(), target))
}
