//! The only place that starts another program, so that a missing one, a failing one and a hanging one look the same to
//! everybody: [`run`] for answers, [`attended`] for answers of a program that a person sees at work, [`interactive`] for an
//! editor or a pager, [`Sweeper`] for what has to go when we are gone.
//!
//! Not here: which program to ask what, and what its answer means. Hooks must not use this room, for a child costs them more
//! than all of their own work, but where the repository's refs can be read in no other way (repo/by_command.rs), and where the
//! user wants documents to go along with each push.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::io::{self, Read, Write};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::names::visible;

/// The variables by which git tells a child which repository it is in, as `git rev-parse --local-env-vars` lists them
/// (git 2.55). In a linked work tree git sets some for its hooks, and a git that is then started elsewhere would work on
/// the wrong repository.
const REPOSITORY_VARIABLES: [&str; 15] = [
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_CONFIG",
    "GIT_CONFIG_PARAMETERS",
    "GIT_CONFIG_COUNT",
    "GIT_OBJECT_DIRECTORY",
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_GRAFT_FILE",
    "GIT_INDEX_FILE",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_REPLACE_REF_BASE",
    "GIT_PREFIX",
    "GIT_SHALLOW_FILE",
    "GIT_COMMON_DIR",
];

/// Which repository a git that is started here takes for its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Repository {
    /// The one that our own environment names (`GIT_DIR` and its like), else the one that the directory is in.
    Inherited,
    /// The one that the directory is in, whatever our own environment says.
    OfDirectory,
}

/// The end of a time that several programs have together.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline {
    until: Instant,
    /// How long it was in all.
    pub(crate) whole: Duration,
}

impl Deadline {
    /// That long from now on.
    pub(crate) fn after(whole: Duration) -> Self {
        Self {
            until: Instant::now() + whole,
            whole,
        }
    }

    /// What is left of it.
    pub(crate) fn left(&self) -> Duration {
        self.until.saturating_duration_since(Instant::now())
    }
}

/// A program to run for its answer.
#[derive(Clone, Debug)]
pub(crate) struct Call<'a> {
    /// A path, or a name to look for on PATH.
    pub(crate) program: &'a OsStr,
    /// Its arguments, passed as they are: no shell reads them.
    pub(crate) arguments: Vec<&'a OsStr>,
    /// Where it runs.
    pub(crate) directory: &'a Path,
    /// Whether `GIT_DIR` and its like reach it.
    pub(crate) repository: Repository,
    /// Set on top of our own environment.
    pub(crate) environment: &'a [(&'a str, &'a OsStr)],
    /// After this long it is killed.
    pub(crate) timeout: Duration,
}

/// What a program that succeeded said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Output {
    /// Its standard output, as it came.
    pub(crate) stdout: Vec<u8>,
    /// Its standard error, as it came.
    pub(crate) stderr: Vec<u8>,
}

/// Why a program gave no answer.
#[derive(Debug)]
pub(crate) enum Failure {
    /// There is no such program.
    NotFound(OsString),
    /// It ran and did not exit with 0. `code`: none where a signal ended it.
    Failed {
        /// Its exit code.
        code: Option<i32>,
        /// Its standard output, as it came.
        stdout: Vec<u8>,
        /// Its standard error, as it came.
        stderr: Vec<u8>,
    },
    /// It was still running after this long, and was killed.
    TimedOut(Duration),
    /// It could not be started or talked to.
    Broken(io::Error),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound(program) => write!(f, "there is no program {:?}", visible(&program.to_string_lossy())),
            Self::Failed { code, stderr, .. } => {
                match code {
                    Some(code) => write!(f, "exit code {code}")?,
                    None => write!(f, "ended by a signal")?,
                }
                let text = String::from_utf8_lossy(stderr);
                match text.lines().rfind(|line| !line.trim().is_empty()) {
                    Some(line) => write!(f, ", {}", visible(line.trim())),
                    None => Ok(()),
                }
            }
            Self::TimedOut(after) => write!(f, "no answer after {} seconds", after.as_secs_f32()),
            Self::Broken(error) => write!(f, "{error}"),
        }
    }
}

impl std::error::Error for Failure {}

/// Runs a program to its end, in the C locale and with nothing to read.
///
/// # Errors
/// See [`Failure`]. A program that leaves a child behind which keeps its output open counts as still running.
pub(crate) fn run(call: &Call<'_>) -> Result<Output, Failure> {
    let mut command = Command::new(call.program);
    command.args(&call.arguments);
    if call.repository == Repository::OfDirectory {
        for name in REPOSITORY_VARIABLES {
            command.env_remove(name);
        }
    }
    command.env("LC_ALL", "C").envs(call.environment.iter().copied());
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = start(command.current_dir(call.directory))?;
    let until = Instant::now() + call.timeout;
    let stdout = child.stdout.take().map(read_in_background);
    let stderr = child.stderr.take().map(read_in_background);
    let ended = finish(&mut child, until, stdout, stderr);
    if ended.is_none() {
        // It may have ended by itself just now; either way it must be reaped.
        let _ = child.kill();
        let _ = child.wait();
    }
    let (status, stdout, stderr) = ended.ok_or(Failure::TimedOut(call.timeout))?;
    let output = Output {
        stdout: stdout.map_err(Failure::Broken)?,
        stderr: stderr.map_err(Failure::Broken)?,
    };
    judge(status, output)
}

/// Runs git for its standard output while a person sees what it says beside: its standard error is ours, it may ask on the
/// terminal, and it may take as long as it takes. It speaks English, and what it starts keeps the locale.
///
/// Returns its exit code, `None` where a signal ended it, and its standard output as it came.
///
/// # Errors
/// It cannot be started or listened to.
pub(crate) fn attended(
    arguments: &[OsString],
    directory: &Path,
    environment: &[(String, OsString)],
) -> Result<(Option<i32>, Vec<u8>), Failure> {
    let mut git = Command::new("git");
    git.args(arguments).env("LANGUAGE", "C");
    git.envs(environment.iter().map(|(name, value)| (name, value)));
    git.stdin(Stdio::null()).stdout(Stdio::piped());
    let mut child = start(git.current_dir(directory))?;
    let mut stdout = Vec::new();
    if let Some(mut pipe) = child.stdout.take() {
        pipe.read_to_end(&mut stdout).map_err(Failure::Broken)?;
    }
    let status = child.wait().map_err(Failure::Broken)?;
    Ok((status.code(), stdout))
}

/// What an interactive program reads.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Input<'a> {
    /// The terminal: an editor.
    Terminal,
    /// This text: a pager.
    Text(&'a [u8]),
}

/// Runs a command that a person configured, such as `core.editor`, on the terminal and waits for it without limit. The
/// shell reads `command` and no argument, as git does it (`sh -c '<command> "$@"'`, git-var(1)).
///
/// # Errors
/// See [`Failure`]; nothing is captured. A pager that was left before it had read everything is no failure.
pub(crate) fn interactive(
    command: &OsStr,
    arguments: &[&OsStr],
    directory: &Path,
    environment: &[(&str, &OsStr)],
    input: Input<'_>,
) -> Result<(), Failure> {
    let mut script = command.to_owned();
    script.push(" \"$@\"");
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(script).arg(command).args(arguments);
    shell.envs(environment.iter().copied());
    if let Input::Text(_) = input {
        shell.stdin(Stdio::piped());
    }
    let mut child = start(shell.current_dir(directory))?;
    if let (Input::Text(text), Some(mut pipe)) = (input, child.stdin.take()) {
        // A pager may be left at any time: that its end of the pipe is closed then is no news.
        let _ = pipe.write_all(text);
    }
    let status = child.wait().map_err(Failure::Broken)?;
    judge(
        status,
        Output {
            stdout: Vec::new(),
            stderr: Vec::new(),
        },
    )
    .map(drop)
}

/// Removes a folder when this process has ended, however it ends: no destructor runs after a signal.
#[derive(Debug)]
pub(crate) struct Sweeper(Child);

impl Sweeper {
    /// For `folder`, by a shell that waits for the end of a pipe which only this process holds, and ignores the signals that
    /// a terminal sends to all. It keeps standard output open until it is done, so whoever reads that waits for it.
    ///
    /// # Errors
    /// It cannot be started.
    pub(crate) fn of(folder: &Path) -> Result<Self, Failure> {
        // What the process was just running may still write there.
        let script = "trap '' HUP INT TERM; cat >/dev/null; for try in 1 2 3; do rm -rf \"$1\" && break; sleep 1; done";
        let mut shell = Command::new("sh");
        shell.args(["-c", script, "sh"]).arg(folder);
        start(shell.stdin(Stdio::piped()).stderr(Stdio::null())).map(Self)
    }
}

impl Drop for Sweeper {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

/// Starts `command`, telling a program that is not there from a directory that is not there.
fn start(command: &mut Command) -> Result<Child, Failure> {
    let directory = command.get_current_dir().map(Path::to_owned);
    command.spawn().map_err(|error| match directory {
        _ if error.kind() != io::ErrorKind::NotFound => Failure::Broken(error),
        Some(directory) if !directory.is_dir() => Failure::Broken(error),
        _ => Failure::NotFound(command.get_program().to_owned()),
    })
}

fn judge(status: ExitStatus, output: Output) -> Result<Output, Failure> {
    if status.success() {
        return Ok(output);
    }
    Err(Failure::Failed {
        code: status.code(),
        stdout: output.stdout,
        stderr: output.stderr,
    })
}

/// Both pipes are read at once: a program that fills the one nobody reads would wait forever.
fn read_in_background(mut pipe: impl Read + Send + 'static) -> Receiver<io::Result<Vec<u8>>> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let result = pipe.read_to_end(&mut bytes).map(|_| bytes);
        // Nobody listens any more after a timeout.
        let _ = sender.send(result);
    });
    receiver
}

type Captured = io::Result<Vec<u8>>;

/// Waits for the end of both pipes and of the program; `None` where `until` comes first.
fn finish(
    child: &mut Child,
    until: Instant,
    stdout: Option<Receiver<Captured>>,
    stderr: Option<Receiver<Captured>>,
) -> Option<(ExitStatus, Captured, Captured)> {
    let take = |pipe: Option<Receiver<Captured>>| match pipe {
        Some(pipe) => pipe.recv_timeout(until.saturating_duration_since(Instant::now())).ok(),
        None => Some(Ok(Vec::new())),
    };
    let (stdout, stderr) = (take(stdout)?, take(stderr)?);
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some((status, stdout, stderr)),
            Ok(None) if Instant::now() < until => thread::sleep(Duration::from_millis(1)),
            Ok(None) | Err(_) => return None,
        }
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    fn sh(script: &str, timeout: Duration) -> Result<Output, Failure> {
        run(&Call {
            program: OsStr::new("sh"),
            arguments: vec![OsStr::new("-c"), OsStr::new(script)],
            directory: Path::new("/"),
            repository: Repository::OfDirectory,
            environment: &[("GIVEN", OsStr::new("it's"))],
            timeout,
        })
    }

    const LONG: Duration = Duration::from_secs(60);

    #[test]
    fn answers_come_whole_and_in_the_c_locale() {
        let output = sh("echo \"$LC_ALL $GIVEN\"; cat; pwd >&2", LONG).unwrap();
        assert_eq!((output.stdout, output.stderr), (b"C it's\n".to_vec(), b"/\n".to_vec()));
        let both = sh("yes | head -c 1000000 >&2; yes | head -c 1000000", LONG).unwrap();
        assert_eq!((both.stdout.len(), both.stderr.len()), (1_000_000, 1_000_000));
    }

    #[test]
    fn failures_are_told_apart() {
        let failed = sh("printf 'a\\n\\033[31mb\\n\\n' >&2; exit 3", LONG).unwrap_err();
        assert_eq!(failed.to_string(), "exit code 3, \\u{1b}[31mb");
        assert_eq!(sh("kill -9 $$", LONG).unwrap_err().to_string(), "ended by a signal");
        let slow = sh("exec sleep 60", Duration::from_millis(50)).unwrap_err();
        assert!(matches!(slow, Failure::TimedOut(_)), "{slow}");
        let closed = sh("exec >&- 2>&-; exec sleep 60", Duration::from_millis(50)).unwrap_err();
        assert!(matches!(closed, Failure::TimedOut(_)), "{closed}");
        let call = |program: &'static str, directory: &'static str| {
            run(&Call {
                program: OsStr::new(program),
                arguments: vec![],
                directory: Path::new(directory),
                repository: Repository::Inherited,
                environment: &[],
                timeout: LONG,
            })
        };
        assert!(matches!(call("no-such-program", "/"), Err(Failure::NotFound(_))));
        assert!(matches!(call("sh", "/no/such/directory"), Err(Failure::Broken(_))));
    }

    #[test]
    fn the_variables_are_those_that_git_lists() {
        let output = run(&Call {
            program: OsStr::new("git"),
            arguments: vec![OsStr::new("rev-parse"), OsStr::new("--local-env-vars")],
            directory: Path::new("/"),
            repository: Repository::OfDirectory,
            environment: &[],
            timeout: LONG,
        })
        .unwrap();
        for name in String::from_utf8(output.stdout).unwrap().lines() {
            // Gone from newer gits, and never set for hooks.
            assert!(
                name == "GIT_INTERNAL_SUPER_PREFIX" || REPOSITORY_VARIABLES.contains(&name),
                "{name}"
            );
        }
    }

    #[test]
    fn an_editor_is_a_shell_command_and_its_file_is_not() {
        let folder = crate::temporary::folder();
        let file = folder.path().join("it's $(touch bad) a file");
        let edit = |command: &str, input: Input<'_>| {
            interactive(OsStr::new(command), &[file.as_os_str()], folder.path(), &[], input)
        };
        edit("f() { printf %s \"$1\" >\"$1\"; }; f", Input::Terminal).unwrap();
        assert_eq!(std::fs::read_to_string(&file).unwrap(), file.to_str().unwrap());
        edit("f() { cat >\"$1\"; }; f", Input::Text(b"text")).unwrap();
        assert_eq!(std::fs::read(&file).unwrap(), b"text");
        edit("true", Input::Text(&vec![b'x'; 1 << 20])).unwrap();
        assert!(matches!(
            edit("exit 4;", Input::Terminal),
            Err(Failure::Failed { code: Some(4), .. })
        ));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
