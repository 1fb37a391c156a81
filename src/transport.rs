//! Git's own transport between a remote of the user's and the store: with the user's remotes, credentials, ssh command and
//! address rewrites, without hooks, and with no ref or object in the user's repository.
//!
//! Not here: which refs are wanted, and what is in them (store/remote.rs).

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::time::Duration;

use crate::check::quoted;
use crate::error::{Error, Result};
use crate::names::{BranchName, visible};
use crate::process::{self, Call, Failure, Repository};

/// How long a remote may take.
const PATIENCE: Duration = Duration::from_secs(120);

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
const REMOTE_KEYS: [&str; 5] = ["url", "vcs", "proxy", "proxyauthmethod", "uploadpack"];
/// What else of the configuration would run or reach into the store.
const OFF: [&str; 5] = [
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "maintenance.auto=false",
    "gc.auto=0",
    "fetch.fsckObjects=true",
];

/// Fetches `refspec` from the remote of that name into the repository at `store`. `top` is where relative addresses begin.
///
/// Errors: there is no remote of that name; git cannot be started, or cannot fetch.
pub(crate) fn fetch(top: &Path, store: &Path, remote: &str, refspec: &str) -> Result<()> {
    let configuration = configuration(top, remote)?;
    let mut arguments: Vec<OsString> = Vec::new();
    for switch in OFF {
        arguments.extend(["-c".into(), switch.into()]);
    }
    arguments.extend(["--git-dir".into(), store.into()]);
    for word in [
        "fetch",
        "--quiet",
        "--prune",
        "--no-tags",
        "--no-write-fetch-head",
        "--",
        remote,
        refspec,
    ] {
        arguments.push(word.into());
    }
    let variables = variables(&configuration);
    let environment: Vec<(&str, &OsStr)> = variables
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_os_str()))
        .collect();
    let fetched = process::run(&Call {
        program: OsStr::new("git"),
        arguments: arguments.iter().map(OsString::as_os_str).collect(),
        directory: top,
        repository: Repository::OfDirectory,
        environment: &environment,
        timeout: PATIENCE,
    });
    fetched.map(drop).map_err(|failure| {
        let error = Error::new(format!("cannot fetch from '{}'", visible(remote)))
            .hint(format!("see whether git can: git ls-remote {}", quoted(remote)));
        match &failure {
            Failure::Failed { stderr, .. } => error.why(reason(stderr)),
            _ => error.because(&failure),
        }
    })
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
fn configuration(top: &Path, remote: &str) -> Result<Vec<(String, String)>> {
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
    let mut exists = false;
    let mut found = Vec::new();
    let mut words = text.split('\0');
    while let (Some(scope), Some(entry)) = (words.next(), words.next()) {
        // A key without `=` has no line feed, and is true.
        let (key, value) = entry.split_once('\n').unwrap_or((entry, "true"));
        let of_remote = key.strip_prefix(&prefix).filter(|name| REMOTE_KEYS.contains(name));
        exists |= of_remote == Some("url");
        let wanted = of_remote.is_some() || KEYS.iter().any(|start| key.starts_with(start));
        if wanted && matches!(scope, "local" | "worktree" | "command") {
            found.push((key.to_owned(), value.to_owned()));
        }
    }
    // A name that git would read as an option or an address is no remote's.
    if !exists || remote.starts_with('-') || BranchName::new(remote).is_none() {
        return Err(no_remote(remote));
    }
    Ok(found)
}

/// What is said of a name that is no remote's.
pub(crate) fn no_remote(name: &str) -> Error {
    Error::new(format!("there is no remote '{}' here", visible(name))).hint("git remote -v")
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
