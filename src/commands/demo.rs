//! `demo`: the tour that README.md shows, played in a temporary repository with real git.
//!
//! Not here: anything that the program needs for its work.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Exit, Surroundings, init};
use crate::actor::Actor;
use crate::error::{Error, Result};
use crate::process::{self, Call, Failure, Repository, Sweeper};
use crate::ui::Ui;
use crate::world::World;

/// Show it at work in a temporary repository
///
/// Real git with the real hooks, a bare remote beside it, nothing outside a temporary folder. The folder is removed at the
/// end.
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Keep the repository and say where it is
    #[arg(long)]
    keep: bool,
}

/// The branch that the demo makes.
const BRANCH: &str = "feat/parallel-indexing";
/// Whoever takes longer than this hangs.
const TIMEOUT: Duration = Duration::from_secs(30);
/// How the command begins that a blocked push prints.
const FIX: &str = "git branchwork set ";
/// The identity that the demo works with, and what keeps the user's own configuration out of it.
const ENVIRONMENT: [(&str, &str); 12] = [
    ("BRANCHWORK_ACTOR", "ada"),
    ("GIT_AUTHOR_EMAIL", "ada@example.com"),
    ("GIT_AUTHOR_NAME", "Ada"),
    ("GIT_COMMITTER_EMAIL", "ada@example.com"),
    ("GIT_COMMITTER_NAME", "Ada"),
    ("GIT_CONFIG_GLOBAL", "/dev/null"),
    ("GIT_CONFIG_NOSYSTEM", "1"),
    ("GIT_DEFAULT_HASH", "sha1"),
    ("GIT_DEFAULT_REF_FORMAT", "files"),
    ("GIT_TEMPLATE_DIR", ""),
    ("GIT_TERMINAL_PROMPT", "0"),
    ("NO_COLOR", "1"),
];

pub(super) fn run(arguments: &Arguments, surroundings: &mut Surroundings<'_>) -> Result<Exit> {
    let folder = tempfile::Builder::new()
        .prefix("git-branchwork-demo-")
        .tempdir()
        .map_err(|error| Error::new("cannot make a temporary folder").because(&error))?;
    // Where there is no shell the folder goes at the end all the same.
    let sweeper = match arguments.keep {
        true => None,
        false => Sweeper::of(folder.path()).ok(),
    };
    let stage = Stage::new(folder.path(), surroundings)?;
    stage.build()?;
    stage.play()?;
    if !arguments.keep {
        drop((folder, sweeper));
        return stage
            .tell("That was all. The temporary repository is gone again.")
            .map(|()| Exit::Ok);
    }
    let kept = folder.keep().join("repository");
    stage.tell(&format!("The repository is kept: {}", kept.display()))?;
    Ok(Exit::Ok)
}

/// Where the demo takes place: a repository and its remote, side by side.
struct Stage {
    root: PathBuf,
    repository: PathBuf,
    environment: Vec<(&'static str, OsString)>,
    ui: Ui,
}

/// How a command of the demo ended.
enum Ended {
    Well,
    Blocked(String),
}

impl Stage {
    fn new(root: &Path, surroundings: &Surroundings<'_>) -> Result<Self> {
        let program = init::program(surroundings)?;
        let mut environment: Vec<(&str, OsString)> = ENVIRONMENT.map(|(name, value)| (name, value.into())).into();
        environment.push(("PATH", search_path(surroundings.world, &program)?));
        for name in ["HOME", "XDG_CONFIG_HOME"] {
            environment.push((name, root.join("home").into_os_string()));
        }
        // It shows what a person sees, also where an agent has it run.
        environment.extend(Actor::marks().map(|name| (name, OsString::new())));
        Ok(Self {
            root: root.to_owned(),
            repository: root.join("repository"),
            environment,
            ui: surroundings.ui,
        })
    }

    /// A repository with one commit, which its remote has too.
    fn build(&self) -> Result<()> {
        let root = &self.root;
        self.write("home/.keep", "")?;
        self.quietly(
            root,
            &["init", "--quiet", "--bare", "--initial-branch=main", "remote.git"],
        )?;
        self.quietly(root, &["init", "--quiet", "--initial-branch=main", "repository"])?;
        self.write("repository/src/indexer/settings.rs", "pub struct Settings;\n")?;
        self.write("repository/src/indexer/mod.rs", "pub fn index(files: &[File]) {}\n")?;
        let repository = &self.repository;
        self.quietly(repository, &["remote", "add", "origin", "../remote.git"])?;
        self.quietly(repository, &["add", "."])?;
        self.quietly(repository, &["commit", "--quiet", "--message=Index files"])?;
        self.quietly(repository, &["push", "--quiet", "--set-upstream", "origin", "main"])
    }

    fn play(&self) -> Result<()> {
        self.tell("A temporary repository with a remote, real git, real hooks. They are installed once:")?;
        self.expect(&["branchwork", "init"])?;

        self.tell("Make a branch, and the hook makes its document:")?;
        self.expect(&["switch", "-c", BRANCH])?;

        self.tell("Commit twice. The hook writes each commit into the document:")?;
        self.write(
            "repository/src/indexer/parallel.rs",
            "pub struct Pool;\n\nimpl Pool {}\n",
        )?;
        self.write(
            "repository/src/indexer/mod.rs",
            "mod parallel;\n\npub fn index(files: &[File]) {}\n",
        )?;
        self.quietly(&self.repository, &["add", "."])?;
        self.expect(&["commit", "-m", "Index files in parallel"])?;
        self.write(
            "repository/src/indexer/settings.rs",
            "pub struct Settings {\n    pub threads: usize,\n}\n",
        )?;
        self.expect(&["commit", "-a", "-m", "Make the number of threads a setting"])?;

        self.tell("Push. The document does not say yet how risky this is, so it is held back:")?;
        let push = ["push", "-u", "origin", BRANCH];
        let Ended::Blocked(said) = self.perform(&push)? else {
            return Err(failed(&push).why("it was let through, although the document is incomplete"));
        };
        let fix = said.lines().map(str::trim).find_map(|line| line.strip_prefix(FIX));
        let fix =
            fix.ok_or_else(|| failed(&push).why("it was held back without the command that completes the document"))?;

        self.tell("That command, with the risk filled in:")?;
        let fields = filled_in(fix);
        let mut set = vec!["branchwork", "set"];
        set.extend(fields.iter().map(String::as_str));
        self.expect(&set)?;

        self.tell("Push again:")?;
        self.expect(&push)?;

        self.tell("The document, as .branchwork/CURRENT.md has it too:")?;
        self.expect(&["branchwork", "show"])?;

        self.tell("And git sees nothing of it:")?;
        self.expect(&["status", "--short", "--branch"])
    }

    /// Says a sentence.
    fn tell(&self, sentence: &str) -> Result<()> {
        self.ui.data(format!("# {sentence}\n\n").as_bytes())
    }

    /// Runs git, shows the command and what it said, and takes a failure for one.
    fn expect(&self, arguments: &[&str]) -> Result<()> {
        match self.perform(arguments)? {
            Ended::Well => Ok(()),
            Ended::Blocked(_) => Err(failed(arguments)),
        }
    }

    /// Runs git and shows the command and what it said.
    fn perform(&self, arguments: &[&str]) -> Result<Ended> {
        let words: Vec<String> = arguments.iter().map(|word| shown(word)).collect();
        self.ui.data(format!("$ git {}\n", words.join(" ")).as_bytes())?;
        let (ended, said) = match self.git(&self.repository, arguments) {
            Ok(output) => (Ended::Well, [output.stderr, output.stdout].concat()),
            Err(Failure::Failed {
                code: Some(1),
                stdout,
                stderr,
            }) => {
                let said = [stderr, stdout].concat();
                (Ended::Blocked(String::from_utf8_lossy(&said).into_owned()), said)
            }
            Err(failure) => return Err(failed(arguments).because(&failure)),
        };
        self.ui.data(&said)?;
        self.ui.data(b"\n")?;
        Ok(ended)
    }

    fn quietly(&self, directory: &Path, arguments: &[&str]) -> Result<()> {
        self.git(directory, arguments).map(drop).map_err(|failure| {
            let error = failed(arguments).because(&failure);
            match failure {
                Failure::NotFound(_) => error.hint("install git: https://git-scm.com/downloads"),
                _ => error,
            }
        })
    }

    fn git(&self, directory: &Path, arguments: &[&str]) -> std::result::Result<process::Output, Failure> {
        let environment: Vec<(&str, &OsStr)> = self
            .environment
            .iter()
            .map(|(name, value)| (*name, value.as_os_str()))
            .collect();
        process::run(&Call {
            program: OsStr::new("git"),
            arguments: arguments.iter().map(OsStr::new).collect(),
            directory,
            repository: Repository::OfDirectory,
            environment: &environment,
            timeout: TIMEOUT,
        })
    }

    fn write(&self, path: &str, text: &str) -> Result<()> {
        let path = self.root.join(path);
        let written = path
            .parent()
            .map_or(Ok(()), std::fs::create_dir_all)
            .and_then(|()| std::fs::write(&path, text));
        written.map_err(|error| Error::new(format!("cannot write '{}'", path.display())).because(&error))
    }
}

/// PATH with the folder of this program first, so that git finds it as `git branchwork`.
fn search_path(world: &World, program: &Path) -> Result<OsString> {
    let own = program.parent().map(Path::to_owned);
    let path = world.environment.get(OsStr::new("PATH")).cloned().unwrap_or_default();
    std::env::join_paths(own.into_iter().chain(std::env::split_paths(&path)))
        .map_err(|error| Error::new(format!("cannot run '{}' as a git command", program.display())).because(&error))
}

fn failed(arguments: &[&str]) -> Error {
    let command = arguments.join(" ");
    Error::new(format!("the demo stops: 'git {command}' failed"))
        .hint("git branchwork demo --keep shows the same in a repository that stays")
}

/// A word as it is typed in a shell.
fn shown(word: &str) -> String {
    if word.contains([' ', '<', '|']) {
        format!("'{word}'")
    } else {
        word.to_owned()
    }
}

/// The fields that the printed command sets, with the risk filled in. A field in quotes is one word.
fn filled_in(command: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (number, piece) in command.split('\'').enumerate() {
        if number % 2 == 1 {
            words.push(piece.to_owned());
        } else {
            words.extend(piece.split_whitespace().map(str::to_owned));
        }
    }
    for word in &mut words {
        if word.starts_with("risk=<") {
            "risk=low".clone_into(word);
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_printed_command_is_read_as_a_shell_reads_it() {
        assert_eq!(
            filled_in("dri=ada 'backout_plan=turn it off' scope=indexer 'risk=<low|medium|high>'"),
            ["dri=ada", "backout_plan=turn it off", "scope=indexer", "risk=low"]
        );
    }
}
