//! Git's push of a branch of the user's, as the user would run it, and with it changes of refs that the store has the objects
//! of: one connection, and the remote takes all of it or nothing.
//!
//! It runs in the user's repository, so that remote-tracking branches move and the hooks of others run. The store's objects are
//! named in the environment alone. Not here: where a branch is pushed to, and what becomes of a refusal (journeys/sync/push.rs).

use std::ffi::{OsStr, OsString};
use std::path::Path;

use super::{Prompt, Refusal, Update, configuration, silence};
use crate::check::quoted;
use crate::error::{Error, Result};
use crate::names::{CommitId, visible};
use crate::process;
use crate::world::World;

/// By which a hook knows what was checked before git was started: the line of git's, without the remote's id.
pub(crate) const CHECKED: &str = "BRANCHWORK_CHECKED";
/// Where git looks for objects beside those of the repository.
const ALTERNATES: &str = "GIT_ALTERNATE_OBJECT_DIRECTORIES";

/// Variables on top of our own.
type Environment = Vec<(String, OsString)>;

/// Whether the remote's branch may be moved anywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Force {
    /// Forward only.
    Never,
    /// If it is where it was last seen.
    WithLease,
    /// Wherever it is.
    Always,
}

/// Whether the repository's pre-push hooks run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hooks {
    /// They do.
    Run,
    /// They have run already, for the same branch at the same commit.
    HaveRun,
}

/// A branch on its way to a remote.
#[derive(Clone, Debug)]
pub(crate) struct BranchPush<'a> {
    /// What the process was started with.
    pub(crate) world: &'a World,
    /// The top of the work tree, or the git directory.
    pub(crate) top: &'a Path,
    /// The remote's name.
    pub(crate) remote: String,
    /// The branch's full name here.
    pub(crate) local: String,
    /// Its commit.
    pub(crate) id: CommitId,
    /// The full name of the ref that it is pushed to.
    pub(crate) to: String,
    /// Whether that may be moved anywhere.
    pub(crate) force: Force,
    /// Whether the branch follows that ref from now on.
    pub(crate) set_upstream: bool,
    /// Whether git only says what it would do.
    pub(crate) dry_run: bool,
    /// Whether git says nothing but errors.
    pub(crate) quiet: bool,
    /// Whether git and ssh may ask.
    pub(crate) prompt: Prompt,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pushed {
    /// What git says of the branch: `[new branch]`, `[up to date]`, a range of commits; or why it was refused. `None` where git
    /// ended before it told.
    pub(crate) branch: Option<std::result::Result<String, Refusal>>,
    /// The other refs that were not changed.
    pub(crate) refused: Vec<Refusal>,
    /// What hooks wrote to standard output.
    pub(crate) said: Vec<String>,
}

impl BranchPush<'_> {
    /// Pushes the branch; with `others`, changes of refs whose objects are in the store at this path, all or nothing.
    ///
    /// Errors: there is no such remote; git cannot be started.
    pub(crate) fn run(&self, others: Option<(&Path, &[Update])>, hooks: Hooks) -> Result<Pushed> {
        let (arguments, environment) = self.command(others, hooks, self.dry_run)?;
        let ended = process::attended(&arguments, &self.world.directory, &environment);
        let (code, stdout) = ended.map_err(|failure| Error::new("cannot start git").because(&failure))?;
        Ok(told(&String::from_utf8_lossy(&stdout), &self.to, code == Some(0)))
    }

    /// Whether the remote cannot change several refs in one step. To be asked after a push that ended before it told anything.
    pub(crate) fn lacks_atomic(&self, others: (&Path, &[Update])) -> Result<bool> {
        let (arguments, environment) = self.command(Some(others), Hooks::HaveRun, true)?;
        let environment: Vec<(&str, &OsStr)> = environment
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_os_str()))
            .collect();
        let asked = process::run(&process::Call {
            program: OsStr::new("git"),
            arguments: arguments.iter().map(OsString::as_os_str).collect(),
            directory: &self.world.directory,
            repository: process::Repository::Inherited,
            environment: &environment,
            timeout: super::PATIENCE,
        });
        Ok(match asked {
            Err(process::Failure::Failed { stderr, .. }) => super::lacks_atomic(&stderr),
            _ => false,
        })
    }

    fn command(
        &self,
        others: Option<(&Path, &[Update])>,
        hooks: Hooks,
        dry_run: bool,
    ) -> Result<(Vec<OsString>, Environment)> {
        let (_, sets_ssh) = configuration(self.top, &self.remote)?;
        let mut words: Vec<String> = Vec::new();
        // A mirror pushes all that there is, or nothing that is named.
        let mirror = format!("remote.{}.mirror=false", self.remote);
        words.extend(["-c".to_owned(), mirror]);
        words.extend(["push", "--porcelain"].map(str::to_owned));
        let switches = [
            (self.quiet, "--quiet"),
            (dry_run, "--dry-run"),
            (self.set_upstream, "--set-upstream"),
            (hooks == Hooks::HaveRun, "--no-verify"),
            (others.is_some(), "--atomic"),
        ];
        words.extend(
            switches
                .iter()
                .filter(|(wanted, _)| *wanted)
                .map(|(_, word)| (*word).to_owned()),
        );
        if self.force == Force::WithLease {
            words.push(format!("--force-with-lease={}", self.to));
        }
        let updates = others.map_or(&[][..], |(_, updates)| updates);
        words.extend(updates.iter().map(Update::lease));
        words.extend(["--".to_owned(), self.remote.clone()]);
        let force = if self.force == Force::Always { "+" } else { "" };
        words.push(format!("{force}{}:{}", self.local, self.to));
        words.extend(updates.iter().map(Update::refspec));
        let mut environment = silence(self.world, sets_ssh, self.prompt);
        let checked = format!("{} {} {}", self.local, self.id, self.to);
        environment.push((CHECKED.to_owned(), checked.into()));
        if let Some((store, _)) = others {
            let before = self.world.environment.get(OsStr::new(ALTERNATES));
            environment.push((ALTERNATES.to_owned(), alternates(&store.join("objects"), before)));
        }
        Ok((words.into_iter().map(OsString::from).collect(), environment))
    }

    /// What is said of a branch that was not pushed.
    pub(crate) fn failed(&self, refusal: Option<&Refusal>) -> Error {
        let branch = self.local.strip_prefix("refs/heads/").unwrap_or(&self.local);
        let error = Error::new(format!("'{branch}' was not pushed to '{}'", visible(&self.remote)));
        let push = format!("git push {} {}", quoted(&self.remote), quoted(branch));
        match refusal.map(|refusal| refusal.reason.as_str()) {
            None => error.hint(format!("see what git says above, or to: {push}")),
            Some(reason @ ("fetch first" | "non-fast-forward")) => error.why(reason).hint(match self.force {
                Force::Never => "git pull; after a rebase: git branchwork push --force-with-lease",
                _ => "the remote takes no rewritten branch: git pull, or push it under another name",
            }),
            Some(reason @ "stale info") => error.why(reason).hint("git fetch, and look at what came"),
            Some(reason) => error.why(reason).hint(format!("see whether git can: {push}")),
        }
    }
}

/// A list of folders as git reads it: those that would be taken for several stand in quotation marks (git(1)).
fn alternates(objects: &Path, before: Option<&OsString>) -> OsString {
    let separator = if cfg!(windows) { ';' } else { ':' };
    let mut list = match objects.to_str() {
        Some(text) if text.contains([separator, '"', '\n']) => {
            let escaped = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
            OsString::from(format!("\"{escaped}\""))
        }
        _ => objects.as_os_str().to_owned(),
    };
    if let Some(before) = before.filter(|before| !before.is_empty()) {
        list.push(separator.to_string());
        list.push(before);
    }
    list
}

/// Takes apart what `git push --porcelain` says: a flag, what goes where, and a summary with the reason of a refusal behind it.
/// Between its lines stands what hooks print.
fn told(stdout: &str, to: &str, succeeded: bool) -> Pushed {
    let mut pushed = Pushed {
        branch: None,
        refused: Vec::new(),
        said: Vec::new(),
    };
    for line in stdout.lines() {
        let mut cells = line.split('\t');
        let row = match (cells.next(), cells.next(), cells.next(), cells.next()) {
            (Some(flag @ (" " | "+" | "-" | "*" | "!" | "=")), Some(refs), Some(summary), None) => {
                refs.split_once(':').map(|(_, reference)| (flag, reference, summary))
            }
            _ => None,
        };
        match row {
            Some(("!", reference, _)) => {
                let Some(refusal) = Refusal::read(line) else { continue };
                match reference == to {
                    true => pushed.branch = Some(Err(refusal)),
                    false => pushed.refused.push(refusal),
                }
            }
            // A remote may have several addresses: it is there where it is at all of them.
            Some((_, reference, summary)) => {
                if reference == to && !matches!(pushed.branch, Some(Err(_))) {
                    pushed.branch = Some(Ok(visible(summary)));
                }
            }
            None if line.starts_with("To ") || line == "Done" || line == "Everything up-to-date" => {}
            None if line.starts_with("branch '") && line.contains(" set up to track ") => {}
            None => pushed.said.push(line.to_owned()),
        }
    }
    pushed.branch = match pushed.branch {
        // Said to be quiet, git tells nothing of what went well.
        None if succeeded => Some(Ok(String::new())),
        // At another address it ended before it told.
        Some(Ok(_)) if !succeeded && pushed.refused.is_empty() => None,
        told => told,
    };
    pushed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_git_says_is_told_from_what_hooks_say() {
        let said = "linting\n! all is well\nTo ../remote.git\n\
                    !\trefs/heads/feat:refs/heads/feat\t[rejected] (atomic push failed)\n\
                    !\t0123:refs/branchwork/docs/feat/X\t[remote rejected] (deny updating a hidden ref)\n\
                    =\trefs/tags/v1:refs/tags/v1\t[up to date]\nDone\n";
        let pushed = told(said, "refs/heads/feat", false);
        let reason = |refusal: &Refusal| refusal.reason.clone();
        assert_eq!(
            pushed.branch.as_ref().map(|row| row.as_ref().map_err(reason)),
            Some(Err("atomic push failed".to_owned()))
        );
        assert_eq!(
            pushed.refused.iter().map(reason).collect::<Vec<_>>(),
            ["deny updating a hidden ref"]
        );
        assert_eq!(pushed.said, ["linting", "! all is well"]);
        let quiet = told("", "refs/heads/feat", true);
        assert_eq!(quiet.branch, Some(Ok(String::new())));
        assert_eq!(told("", "refs/heads/feat", false).branch, None);
        let there = " \trefs/heads/feat:refs/heads/feat\t1..2\n";
        assert_eq!(told(there, "refs/heads/feat", true).branch, Some(Ok("1..2".to_owned())));
        assert_eq!(told(there, "refs/heads/feat", false).branch, None);
        let twice = format!("!\trefs/heads/feat:refs/heads/feat\t[rejected] (fetch first)\nTo b\n{there}");
        assert!(matches!(told(&twice, "refs/heads/feat", false).branch, Some(Err(_))));
    }

    #[test]
    #[cfg(unix)]
    fn folders_are_listed_as_git_reads_them() {
        let list = |path: &str, before: Option<&str>| {
            let before = before.map(OsString::from);
            alternates(Path::new(path), before.as_ref()).into_string().unwrap()
        };
        assert_eq!(list("/a b/objects", None), "/a b/objects");
        assert_eq!(list("/a", Some("/b:/c")), "/a:/b:/c");
        assert_eq!(list("/a:\"b\\c", Some("")), "\"/a:\\\"b\\\\c\"");
    }
}
