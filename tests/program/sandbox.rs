//! A place of its own for each test: a repository, its bare remote, a home folder, and commands that see nothing else of
//! the machine than git and the built binary.
//!
//! Not here: what the tests are about.

#![allow(dead_code, reason = "each area uses a part of it")]

use std::ffi::{OsStr, OsString};
use std::fs::Permissions;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{LazyLock, OnceLock, RwLock};

#[path = "temporary.rs"]
mod temporary;

/// 2025-08-29 18:55:00 UTC: the time of the first commit.
const START: i64 = 1_756_493_700;

/// Words for scripts: `without_hooks` and `with_hooks`.
pub(crate) const WITHOUT_HOOKS: &str = include_str!("without_hooks.sh");

/// A repository `repo` on branch `main` with one pushed commit, and its remote `origin`, the bare repository `remote.git`.
///
/// Time stands still: it goes on by a minute with each [`Sandbox::commit`] and with [`Sandbox::wait`].
pub(crate) struct Sandbox {
    root: tempfile::TempDir,
    time: AtomicI64,
    programs: Vec<PathBuf>,
}

/// A folder, or a file with its content, of a sandbox that is copied.
struct Part {
    path: PathBuf,
    content: Option<(Vec<u8>, Permissions)>,
}

/// What a command did.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    /// What was run, for messages.
    pub(crate) command: String,
    /// The exit code; -1 after a signal.
    pub(crate) code: i32,
    /// Standard output.
    pub(crate) stdout: String,
    /// Standard error.
    pub(crate) stderr: String,
    /// Standard output as it came.
    pub(crate) bytes: Vec<u8>,
}

impl Run {
    /// Fails the test unless the command succeeded.
    #[track_caller]
    pub(crate) fn ok(self) -> Self {
        self.code(0)
    }

    /// Fails the test unless the exit code is `code`.
    #[track_caller]
    pub(crate) fn code(self, code: i32) -> Self {
        assert_eq!(
            self.code, code,
            "{}\n--- stdout\n{}--- stderr\n{}",
            self.command, self.stdout, self.stderr
        );
        self
    }

    /// Standard output without the line end after it.
    pub(crate) fn line(&self) -> &str {
        self.stdout.trim_end_matches('\n')
    }
}

impl Sandbox {
    /// With hooks, as after `git branchwork init` on `main`.
    pub(crate) fn new() -> Self {
        static READY: OnceLock<Vec<Part>> = OnceLock::new();
        Self::copied(READY.get_or_init(|| {
            let sandbox = Self::without_hooks();
            sandbox.branchwork(["init"]);
            sandbox.parts()
        }))
    }

    /// Without hooks.
    pub(crate) fn without_hooks() -> Self {
        static READY: OnceLock<Vec<Part>> = OnceLock::new();
        Self::copied(READY.get_or_init(|| {
            let sandbox = Self::empty();
            sandbox.git(["init", "-q", "--bare", "../remote.git"]);
            sandbox.git(["init", "-q"]);
            sandbox.git(["remote", "add", "origin", "../remote.git"]);
            sandbox.commit("README", "read me\n", "Begin");
            sandbox.git(["push", "-q", "-u", "origin", "main"]);
            sandbox.parts()
        }))
    }

    /// What was made once: git's and our processes for it take more time than most tests.
    fn copied(parts: &[Part]) -> Self {
        let sandbox = Self::empty();
        for Part { path, content } in parts {
            let path = sandbox.path(path);
            match content {
                None => std::fs::create_dir_all(path).unwrap(),
                Some((bytes, permissions)) => write_copy(&path, bytes, permissions),
            }
        }
        sandbox.wait(1);
        sandbox
    }

    /// The files and folders of the repository and its remote, a folder before what is in it.
    fn parts(&self) -> Vec<Part> {
        let top = self.path("");
        let mut parts = Vec::new();
        let mut folders = vec![self.path("repo"), self.path("remote.git")];
        while let Some(folder) = folders.pop() {
            let path = folder.strip_prefix(&top).unwrap().to_owned();
            parts.push(Part { path, content: None });
            for entry in std::fs::read_dir(&folder).unwrap() {
                let path = entry.unwrap().path();
                let metadata = path.symlink_metadata().unwrap();
                if metadata.is_dir() {
                    folders.push(path);
                    continue;
                }
                assert!(metadata.is_file(), "{}", path.display());
                parts.push(Part {
                    content: Some((std::fs::read(&path).unwrap(), metadata.permissions())),
                    path: path.strip_prefix(&top).unwrap().to_owned(),
                });
            }
        }
        parts
    }

    /// Without a repository: `repo` is an empty folder.
    pub(crate) fn empty() -> Self {
        let sandbox = Self {
            root: temporary::folder(),
            time: AtomicI64::new(START),
            programs: Vec::new(),
        };
        for folder in ["home", "repo"] {
            std::fs::create_dir(sandbox.path(folder)).unwrap();
        }
        let config = "[user]\n\tname = Ada\n\temail = ada@example.com\n[init]\n\tdefaultBranch = main\n\ttemplateDir =\n\
                      [advice]\n\tdetachedHead = false\n[protocol \"file\"]\n\tallow = always\n[gc]\n\tauto = 0\n\
                      [maintenance]\n\tauto = false\n[core]\n\tfsync = none\n";
        std::fs::write(sandbox.path("gitconfig"), config).unwrap();
        sandbox
    }

    /// From now on commands look for programs in these folders first.
    pub(crate) fn look_in(&mut self, folders: impl IntoIterator<Item = PathBuf>) {
        self.programs.extend(folders);
    }

    /// A path below the sandbox's top; its parts: `home`, `repo`, `remote.git`, `gitconfig`.
    pub(crate) fn path(&self, path: impl AsRef<Path>) -> PathBuf {
        self.root.path().canonicalize().unwrap().join(path)
    }

    /// The repository's work tree.
    pub(crate) fn repo(&self) -> PathBuf {
        self.path("repo")
    }

    /// The time that the next command sees, in seconds since 1970.
    pub(crate) fn now(&self) -> i64 {
        self.time.load(Ordering::SeqCst)
    }

    /// Lets minutes pass.
    pub(crate) fn wait(&self, minutes: i64) {
        self.time.fetch_add(minutes * 60, Ordering::SeqCst);
    }

    /// A command that runs in `repo` and sees the sandbox's world only.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        let date = format!("@{} +0000", self.now());
        command
            .current_dir(self.repo())
            .env_clear()
            .env("PATH", search_path(&self.programs))
            .env("HOME", self.path("home"))
            .env("GIT_CONFIG_GLOBAL", self.path("gitconfig"))
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CEILING_DIRECTORIES", self.path(""))
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_EDITOR", "true")
            .env("GIT_SEQUENCE_EDITOR", "true")
            .env("GIT_AUTHOR_DATE", &date)
            .env("GIT_COMMITTER_DATE", &date)
            .env("LC_ALL", "C")
            .env("TZ", "UTC")
            .stdin(Stdio::null());
        command
    }

    /// Runs `git <arguments>` in `repo`; it must succeed.
    #[track_caller]
    pub(crate) fn git<I: IntoIterator<Item: AsRef<OsStr>>>(&self, arguments: I) -> Run {
        self.try_git(arguments).ok()
    }

    /// The commits of a range, oldest first.
    pub(crate) fn own_commits(&self, range: &str) -> Vec<String> {
        let listed = self.git(["rev-list", "--reverse", range]).stdout;
        listed.lines().map(str::to_owned).collect()
    }

    /// Runs `git <arguments>` in `repo`, whatever becomes of it.
    pub(crate) fn try_git<I: IntoIterator<Item: AsRef<OsStr>>>(&self, arguments: I) -> Run {
        run(self.command("git").args(arguments))
    }

    /// Runs `git <arguments>` in `repo` with hooks switched off, whether they are files or configuration; it must succeed.
    #[track_caller]
    pub(crate) fn git_without_hooks<I: IntoIterator<Item: AsRef<OsStr>>>(&self, arguments: I) -> Run {
        let mut command = self.command("git");
        command.args(["-c", "core.hooksPath=/dev/null"]);
        for event in ["post-checkout", "post-commit", "post-rewrite", "post-merge", "pre-push"] {
            command.args(["-c", &format!("hook.branchwork.{event}.enabled=false")]);
        }
        run(command.args(arguments)).ok()
    }

    /// Runs `git-branchwork <arguments>` in `repo`; it must succeed.
    #[track_caller]
    pub(crate) fn branchwork<I: IntoIterator<Item: AsRef<OsStr>>>(&self, arguments: I) -> Run {
        self.try_branchwork(arguments).ok()
    }

    /// Runs `git-branchwork <arguments>` in `repo`, whatever becomes of it.
    pub(crate) fn try_branchwork<I: IntoIterator<Item: AsRef<OsStr>>>(&self, arguments: I) -> Run {
        run(self.command(binary()).args(arguments))
    }

    /// Runs a line of shell in `repo`, whatever becomes of it: what was printed for people can be run as it is.
    pub(crate) fn shell(&self, line: &str) -> Run {
        run(self.command("sh").args(["-c", line]))
    }

    /// Writes a file of the work tree, making its folders.
    pub(crate) fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.repo().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    /// The text of a file of the work tree; empty where there is none.
    pub(crate) fn read(&self, path: &str) -> String {
        String::from_utf8_lossy(&std::fs::read(self.repo().join(path)).unwrap_or_default()).into_owned()
    }

    /// A minute later, writes a file and commits it, with hooks. The new commit's id.
    #[track_caller]
    pub(crate) fn commit(&self, path: &str, content: &str, message: &str) -> String {
        self.wait(1);
        self.write(path, content);
        self.git(["add", path]);
        self.git(["commit", "-q", "-m", message]);
        self.id("HEAD")
    }

    /// The full id that a revision names.
    #[track_caller]
    pub(crate) fn id(&self, revision: &str) -> String {
        self.git(["rev-parse", "--verify", revision]).line().to_owned()
    }

    /// The text of the view in `repo`; empty where there is none.
    pub(crate) fn view(&self) -> String {
        self.read(".branchwork/CURRENT.md")
    }

    /// The newest version of a branch's document, straight from the store: nothing is taken in, nothing restored.
    pub(crate) fn stored(&self, branch: &str) -> Option<String> {
        let references = self.store([
            "for-each-ref",
            "--format=%(refname)",
            &format!("refs/branchwork/docs/{branch}/"),
        ]);
        let prefix = format!("refs/branchwork/docs/{branch}/");
        let reference = references
            .stdout
            .lines()
            .find(|line| line.strip_prefix(&prefix).is_some_and(|id| !id.contains('/')))?;
        Some(
            self.store(["cat-file", "blob", &format!("{reference}:BRANCHWORK.md")])
                .ok()
                .stdout,
        )
    }

    /// Runs git on the store; where there is none it fails.
    pub(crate) fn store<I: IntoIterator<Item: AsRef<OsStr>>>(&self, arguments: I) -> Run {
        let folder = self.repo().join(".git/branchwork");
        run(self.command("git").arg("--git-dir").arg(folder).args(arguments))
    }
}

/// Runs `git <arguments>` in another folder of the sandbox; it must succeed.
#[track_caller]
pub(crate) fn git_in(sandbox: &Sandbox, folder: &str, arguments: &[&str]) -> Run {
    run(sandbox.command("git").args(arguments).current_dir(sandbox.path(folder))).ok()
}

/// Runs `git-branchwork <arguments>` in another folder of the sandbox, whatever becomes of it.
pub(crate) fn branchwork_in(sandbox: &Sandbox, folder: &str, arguments: &[&str]) -> Run {
    run(sandbox
        .command(binary())
        .args(arguments)
        .current_dir(sandbox.path(folder)))
}

/// Says in the test's output that something was not tested, and why.
#[allow(clippy::print_stderr, reason = "a test that is skipped has to say so")]
pub(crate) fn skip(what: &str, why: &str) {
    eprintln!("skipped: {what}: {why}");
}

/// The titles of the entries of Updates: a heading without its time.
pub(crate) fn entries(document: &str) -> Vec<String> {
    let updates = document.split("\n## Updates\n").nth(1).unwrap_or_default();
    let updates = updates.split("\n## ").next().unwrap_or_default();
    let headings = updates.lines().filter_map(|line| line.strip_prefix("### "));
    headings
        .map(|heading| heading.split_once(": ").map_or(heading, |(_, title)| title).to_owned())
        .collect()
}

/// The commits that the entries of a document were made for, in their order.
pub(crate) fn markers(document: &str) -> Vec<String> {
    let ids = document.split("<!-- branchwork:commit ").skip(1);
    ids.filter_map(|rest| rest.split(' ').next())
        .map(str::to_owned)
        .collect()
}

/// The value of the first line of the front matter that says `<key>: <value>`, without the comment behind it.
pub(crate) fn field(document: &str, key: &str) -> String {
    let start = format!("{key}:");
    let line = document.lines().find_map(|line| line.trim_start().strip_prefix(&start));
    let line = line.unwrap_or_default();
    line.split(" #").next().unwrap_or_default().trim().to_owned()
}

/// The built binary: a copy, as users have it. What a linker wrote piece by piece takes twice the time to start, for the system keeps
/// it in small pages.
pub(crate) fn binary() -> &'static Path {
    static COPY: LazyLock<PathBuf> = LazyLock::new(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bin");
        std::fs::create_dir_all(&folder).unwrap();
        // Other tests may be using the one that is there.
        let aside = tempfile::NamedTempFile::new_in(&folder).unwrap();
        std::fs::copy(env!("CARGO_BIN_EXE_git-branchwork"), aside.path()).unwrap();
        let copy = folder.join("git-branchwork");
        aside.persist(&copy).unwrap();
        copy
    });
    &COPY
}

/// Held while a process is started, and alone while a hook is written. A process that another thread starts has the hook open for a
/// moment, and what is open to be written cannot be run: `Text file busy`.
static STARTING: RwLock<()> = RwLock::new(());

/// Writes a file as it was elsewhere.
pub(crate) fn write_copy(path: &Path, bytes: &[u8], permissions: &Permissions) {
    let _alone = STARTING.write().unwrap();
    std::fs::write(path, bytes).unwrap();
    std::fs::set_permissions(path, permissions.clone()).unwrap();
}

/// Runs a command to its end.
pub(crate) fn run(command: &mut Command) -> Run {
    run_with(command, b"")
}

/// Runs a command to its end with `input` on its standard input, or nothing where it is empty.
pub(crate) fn run_with(command: &mut Command, input: &[u8]) -> Run {
    command
        .stdin(if input.is_empty() {
            Stdio::null()
        } else {
            Stdio::piped()
        })
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let starting = STARTING.read().unwrap();
    let mut child = command.spawn().unwrap();
    drop(starting);
    let output = std::thread::scope(|scope| {
        if let Some(mut stdin) = child.stdin.take() {
            // A program that does not read its input is no failure of the test's.
            scope.spawn(move || drop(stdin.write_all(input)));
        }
        child.wait_with_output().unwrap()
    });
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    Run {
        command: words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" "),
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        bytes: output.stdout,
    }
}

/// The folders given, the built binary's folder, the folder of the git to test with (`BRANCHWORK_TEST_GIT`, else the one on PATH), and the system's.
fn search_path(first: &[PathBuf]) -> OsString {
    let given = std::env::var_os("BRANCHWORK_TEST_GIT").map(PathBuf::from);
    let on_path = || {
        let folders = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&folders)
            .map(|folder| folder.join("git"))
            .find(|git| git.is_file())
    };
    let git = given.or_else(on_path);
    let folders = [binary(), git.as_deref().unwrap_or(Path::new("/usr/bin/git"))]
        .into_iter()
        .filter_map(Path::parent)
        .chain([Path::new("/usr/bin"), Path::new("/bin")])
        .map(Path::to_owned);
    std::env::join_paths(first.iter().cloned().chain(folders)).unwrap()
}

mod tests {
    use super::Sandbox;

    #[test]
    fn a_story_begins() {
        let sandbox = Sandbox::new();
        sandbox.git(["switch", "-q", "-c", "feat/a"]);
        sandbox.commit("a.rs", "fn a() {}\n", "Add a");
        assert_eq!(sandbox.stored("feat/a").unwrap(), sandbox.view());
        assert!(sandbox.view().contains("Add a"), "{}", sandbox.view());
        assert_eq!(sandbox.git(["status", "--porcelain"]).stdout, "");
    }
}
