//! Git's own transport between a remote of the user's and the store: with the user's remotes, credentials, ssh command and
//! address rewrites, without hooks, and with no ref or object in the user's repository.
//!
//! Not here: which refs are wanted, and what is in them (store/remote.rs); and pushing a branch of the user's (branch.rs).

mod branch;

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::time::Duration;

use crate::check::quoted;
use crate::error::{Error, Result};
use crate::names::{BranchName, CommitId, visible};
use crate::process::{self, Call, Deadline, Failure, Output, Repository};
use crate::world::World;

pub(crate) use branch::{BranchPush, CHECKED, Force, Hooks, Pushed};

/// How long a remote may take.
const PATIENCE: Duration = Duration::from_secs(120);
/// How long where what it has is not what was asked for.
const HURRIED: Duration = Duration::from_secs(15);

/// What of the repository's configuration a connection needs: how the beginnings of the keys are called, in lower case.
const KEYS: [&str; 8] = [
    "url.",
    "http.",
    "credential.",
    "core.sshcommand",
    "core.askpass",
    "core.gitproxy",
    "ssh.",
    "protocol.",
];
/// The same of a remote; what it says of branches, filters and mirrors is about the user's repository.
const REMOTE_KEYS: [&str; 7] = [
    "url",
    "pushurl",
    "vcs",
    "proxy",
    "proxyauthmethod",
    "uploadpack",
    "receivepack",
];
/// What else of the configuration would run or reach into the store.
const OFF: [&str; 10] = [
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "maintenance.auto=false",
    "gc.auto=0",
    "fetch.fsckObjects=true",
    "fetch.writeCommitGraph=false",
    "push.followTags=false",
    "push.gpgSign=false",
    "push.pushOption=",
    "push.recurseSubmodules=no",
];
/// Why a remote refuses what nobody else has changed, as far as its refs tell.
pub(crate) const ELSEWHERE: &str = "it is fetched from another place than it is pushed to (git remote -v)";
/// How many refs one push changes: some hosts refuse many at once.
const MOST_UPDATES: usize = 20;
/// How an ssh is started that has nobody to ask.
const SSH: &str = "ssh -o BatchMode=yes";

/// Whether git and ssh may ask for a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Prompt {
    /// There is somebody at a terminal.
    Allowed,
    /// There is nobody: what would ask fails.
    Never,
}

/// A change of one ref of a remote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Update {
    /// The ref's full name.
    pub(crate) reference: String,
    /// Where it was last seen; it is changed only if it is there still. `None`: it was not there.
    pub(crate) seen: Option<CommitId>,
    /// Where it is to be. `None`: nowhere.
    pub(crate) new: Option<CommitId>,
}

/// A ref that a remote did not change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// Its full name.
    pub(crate) reference: String,
    /// What git gives as the reason.
    pub(crate) reason: String,
}

impl Update {
    /// The option of `git push` that it is changed only if it is there still.
    fn lease(&self) -> String {
        format!("--force-with-lease={}:{}", self.reference, word(self.seen.as_ref()))
    }

    /// What of `git push` changes it.
    fn refspec(&self) -> String {
        format!("{}:{}", word(self.new.as_ref()), self.reference)
    }
}

fn word(id: Option<&CommitId>) -> &str {
    id.map_or("", CommitId::as_str)
}

impl Refusal {
    /// A line of `git push --porcelain`: `!`, what was to go where, and why not. `None` for another line.
    fn read(line: &str) -> Option<Self> {
        let (refs, summary) = line.strip_prefix("!\t")?.split_once('\t')?;
        let (_, reference) = refs.split_once(':')?;
        let reason = summary
            .split_once(" (")
            .and_then(|(_, reason)| reason.strip_suffix(')'));
        Some(Self {
            reference: reference.to_owned(),
            reason: visible(reason.unwrap_or(summary)),
        })
    }

    /// Why it was refused, where the remote was found again as it had been before: nobody was faster. `None`: somebody may have
    /// been, and it is worth another try all the same.
    pub(crate) fn lasting(&self) -> Option<&str> {
        match self.reason.as_str() {
            // What was fetched a moment ago is not what git finds when it pushes.
            "stale info" => Some(ELSEWHERE),
            _ if self.is_a_race() => None,
            reason => Some(reason),
        }
    }

    /// Whether somebody else may have been at the same ref at the same time, as far as the words of git and of hosts tell.
    pub(crate) fn is_a_race(&self) -> bool {
        let words = [
            "stale info",
            "fetch first",
            "lock",
            "failed to update ref",
            "incorrect old value",
            "already exists",
        ];
        words.iter().any(|word| self.reason.contains(word))
    }
}

/// What came of changes that were to be made in one step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Together {
    /// The remote was asked; these it refused, and the others because of them.
    Sent(Vec<Refusal>),
    /// It can only change one ref after the other.
    CannotBe,
}

/// Whether git says that a remote has no way to change several refs in one step.
fn lacks_atomic(stderr: &[u8]) -> bool {
    String::from_utf8_lossy(stderr).contains("--atomic")
}

/// The way to one remote.
#[derive(Clone)]
pub(crate) struct Line<'a> {
    top: &'a Path,
    store: &'a Path,
    window: Option<&'a Path>,
    remote: &'a str,
    environment: Vec<(String, OsString)>,
    patience: Duration,
    deadline: Option<Deadline>,
}

impl<'a> Line<'a> {
    /// From the repository at `store` to the remote that is called so in the repository at `top`, which is also where relative
    /// addresses begin.
    ///
    /// Errors: there is no remote of that name; git cannot be started.
    pub(crate) fn to(world: &World, top: &'a Path, store: &'a Path, remote: &'a str, prompt: Prompt) -> Result<Self> {
        let (configuration, sets_ssh) = configuration(top, remote)?;
        let mut environment = variables(&configuration);
        environment.extend(silence(world, sets_ssh, prompt));
        Ok(Self {
            top,
            store,
            window: None,
            remote,
            environment,
            patience: PATIENCE,
            deadline: None,
        })
    }

    /// The same, for somebody who waits for something else.
    pub(crate) fn hurried(self) -> Self {
        Self {
            patience: HURRIED,
            ..self
        }
    }

    /// The same, for somebody who waits until then at most, however many connections there are.
    pub(crate) fn until(self, deadline: Option<Deadline>) -> Self {
        Self { deadline, ..self }
    }

    /// The same, where git sees the refs of another repository beside the store's objects, if there is one.
    pub(crate) fn through(self, window: Option<&'a Path>) -> Self {
        Self { window, ..self }
    }

    /// Fetches what `refspecs` name, in one connection. What is gone there goes here.
    ///
    /// Errors: git cannot fetch.
    pub(crate) fn fetch(&self, refspecs: &[String]) -> Result<()> {
        let words =
            "fetch --quiet --prune --no-tags --no-recurse-submodules --no-write-fetch-head --no-filter --refmap=";
        let fetched = self.git(words, refspecs);
        fetched.map(drop).map_err(|failure| self.cannot("fetch from", &failure))
    }

    /// The names of the remote's refs that a pattern names.
    ///
    /// Errors: the remote cannot be reached.
    pub(crate) fn list(&self, pattern: &str) -> Result<Vec<String>> {
        let listed = self.git("ls-remote --quiet", &[pattern.to_owned()]);
        let listed = listed.map_err(|failure| self.cannot("fetch from", &failure))?;
        let text = String::from_utf8_lossy(&listed.stdout);
        let names = text.lines().filter_map(|line| line.split_once('\t'));
        Ok(names.map(|(_, name)| name.to_owned()).collect())
    }

    /// Changes refs of the remote, in one connection if they are few; returns those that it did not change.
    ///
    /// Errors: the remote cannot be reached.
    pub(crate) fn push(&self, updates: &[Update]) -> Result<Vec<Refusal>> {
        let mut refusals = Vec::new();
        for updates in updates.chunks(MOST_UPDATES) {
            let sent = self.send("", updates);
            refusals.extend(sent.map_err(|failure| self.cannot("push to", &failure))?);
        }
        Ok(refusals)
    }

    /// Changes all of them in one step, or none.
    ///
    /// Errors: the remote cannot be reached.
    pub(crate) fn push_together(&self, updates: &[Update]) -> Result<Together> {
        match self.send(" --atomic", updates) {
            Ok(refusals) => Ok(Together::Sent(refusals)),
            Err(Failure::Failed { stderr, .. }) if lacks_atomic(&stderr) => Ok(Together::CannotBe),
            Err(failure) => Err(self.cannot("push to", &failure)),
        }
    }

    fn send(&self, option: &str, updates: &[Update]) -> std::result::Result<Vec<Refusal>, Failure> {
        let leases: Vec<String> = updates.iter().map(Update::lease).collect();
        let words = format!(
            "push --porcelain --no-verify --no-follow-tags{option} {}",
            leases.join(" ")
        );
        let refspecs: Vec<String> = updates.iter().map(Update::refspec).collect();
        match self.git(&words, &refspecs) {
            Ok(_) => Ok(Vec::new()),
            Err(Failure::Failed { code, stdout, stderr }) => {
                let text = String::from_utf8_lossy(&stdout);
                let refused: Vec<Refusal> = text.lines().filter_map(Refusal::read).collect();
                match refused.is_empty() {
                    true => Err(Failure::Failed { code, stdout, stderr }),
                    false => Ok(refused),
                }
            }
            Err(failure) => Err(failure),
        }
    }

    /// Runs git on the store. No word has a blank in it: names of refs have none.
    fn git(&self, words: &str, refspecs: &[String]) -> std::result::Result<Output, Failure> {
        let mut arguments: Vec<OsString> = Vec::new();
        for switch in OFF {
            arguments.extend(["-c".into(), switch.into()]);
        }
        arguments.extend(["--git-dir".into(), self.window.unwrap_or(self.store).into()]);
        arguments.extend(words.split(' ').map(OsString::from));
        arguments.extend(["--".into(), self.remote.into()]);
        arguments.extend(refspecs.iter().map(OsString::from));
        let mut environment: Vec<(&str, &OsStr)> = self
            .environment
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_os_str()))
            .collect();
        let objects = self.store.join("objects");
        if self.window.is_some() {
            environment.push(("GIT_OBJECT_DIRECTORY", objects.as_os_str()));
        }
        process::run(&Call {
            program: OsStr::new("git"),
            arguments: arguments.iter().map(OsString::as_os_str).collect(),
            directory: self.top,
            repository: Repository::OfDirectory,
            environment: &environment,
            timeout: self
                .deadline
                .map_or(self.patience, |deadline| deadline.left().min(self.patience)),
        })
    }

    fn cannot(&self, what: &str, failure: &Failure) -> Error {
        let remote = self.remote;
        let error = Error::new(format!("cannot {what} '{}'", visible(remote)))
            .hint(format!("see whether git can: git ls-remote {}", quoted(remote)));
        match failure {
            Failure::Failed { stderr, .. } => error.why(reason(stderr)),
            Failure::TimedOut(after) => {
                let whole = self.deadline.map_or(*after, |deadline| deadline.whole);
                error.because(&Failure::TimedOut(whole))
            }
            _ => error.because(failure),
        }
    }
}

/// What git gives as the reason: good advice may stand behind it.
fn reason(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let lines = || text.lines().map(str::trim).filter(|line| !line.is_empty());
    let fatal = lines().find(|line| line.starts_with("fatal: ") || line.starts_with("error: "));
    visible(fatal.or_else(|| lines().next_back()).unwrap_or("git did not say why"))
}

/// The repository's own configuration as far as a connection needs it. That of the user and of the machine git reads by itself;
/// read here it would count twice. Git is asked, because included files may be meant for this repository's path alone: so
/// actions/checkout keeps its credentials since version 6.
///
/// Also whether it says how ssh is started.
fn configuration(top: &Path, remote: &str) -> Result<(Vec<(String, String)>, bool)> {
    let listed = process::run(&Call {
        program: OsStr::new("git"),
        arguments: ["config", "--list", "--null", "--show-scope"].map(OsStr::new).into(),
        directory: top,
        repository: Repository::Inherited,
        environment: &[],
        timeout: PATIENCE,
    });
    let listed = listed.map_err(|failure| Error::new("cannot ask git for its configuration").because(&failure))?;
    let text = String::from_utf8_lossy(&listed.stdout);
    let prefix = format!("remote.{remote}.");
    let (mut exists, mut sets_ssh) = (false, false);
    let mut found = Vec::new();
    let mut words = text.split('\0');
    while let (Some(scope), Some(entry)) = (words.next(), words.next()) {
        // A key without `=` has no line feed, and is true.
        let (key, value) = entry.split_once('\n').unwrap_or((entry, "true"));
        let of_remote = key.strip_prefix(&prefix).filter(|name| REMOTE_KEYS.contains(name));
        exists |= of_remote == Some("url");
        sets_ssh |= matches!(key, "core.sshcommand" | "ssh.variant");
        // A hook by configuration (git 2.54 and newer), the user's for all repositories too.
        if let Some(hook) = key.strip_prefix("hook.").and_then(|key| key.strip_suffix(".command")) {
            found.push((format!("hook.{hook}.enabled"), "false".to_owned()));
        }
        let wanted = of_remote.is_some() || KEYS.iter().any(|start| key.starts_with(start));
        if wanted && matches!(scope, "local" | "worktree" | "command") {
            found.push((key.to_owned(), value.to_owned()));
        }
    }
    // A name that git would read as an option or an address is no remote's.
    if !exists || remote.starts_with('-') || BranchName::new(remote).is_none() {
        return Err(no_remote(remote));
    }
    // What the user's own configuration may say of the remote's branches is not meant for documents.
    found.push((format!("{prefix}mirror"), "false".to_owned()));
    Ok((found, sets_ssh))
}

/// What is said of a name that is no remote's.
pub(crate) fn no_remote(name: &str) -> Error {
    Error::new(format!("there is no remote '{}' here", visible(name))).hint("git remote -v")
}

/// What keeps git and ssh from asking where nobody would answer. `sets_ssh`: the configuration says how ssh is started.
fn silence(world: &World, sets_ssh: bool, prompt: Prompt) -> Vec<(String, OsString)> {
    if prompt == Prompt::Allowed {
        return Vec::new();
    }
    let mut variables = vec![("GIT_TERMINAL_PROMPT".to_owned(), "0".into())];
    let is_set = |name: &&str| world.environment.contains_key(OsStr::new(name));
    if !sets_ssh && !["GIT_SSH_COMMAND", "GIT_SSH"].iter().any(is_set) {
        variables.push(("GIT_SSH_COMMAND".to_owned(), SSH.into()));
    }
    variables
}

/// In the environment, where no other user of the machine reads the credentials that may be among them (git-config(1),
/// `GIT_CONFIG_COUNT`).
fn variables(configuration: &[(String, String)]) -> Vec<(String, OsString)> {
    let mut variables = vec![("GIT_CONFIG_COUNT".to_owned(), configuration.len().to_string().into())];
    for (at, (key, value)) in configuration.iter().enumerate() {
        variables.push((format!("GIT_CONFIG_KEY_{at}"), key.into()));
        variables.push((format!("GIT_CONFIG_VALUE_{at}"), value.into()));
    }
    variables
}
