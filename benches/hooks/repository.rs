//! The repositories that are measured in, and the sets of hooks that are put into them by turns.

use std::fmt;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use crate::process::{self, Cost};

/// The program that is measured, installed as users have it: a file that a linker wrote piece by piece takes a fifth longer to start
/// than a copy of it, which the system keeps in larger pages.
static PROGRAM: LazyLock<PathBuf> = LazyLock::new(|| {
    let prefix = Path::new(env!("CARGO_TARGET_TMPDIR")).join("hooks-bench-installed");
    let mut install = Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("install.sh"));
    install.args(["--binary", env!("CARGO_BIN_EXE_git-branchwork"), "--prefix"]);
    assert!(install.arg(&prefix).output().unwrap().status.success());
    prefix.join("bin/git-branchwork")
});
const EVENTS: [&str; 5] = ["post-checkout", "post-commit", "post-merge", "post-rewrite", "pre-push"];
/// Of the large repository.
const FILES: usize = 100_000;
const COMMITS: usize = 100_000;
const BRANCHES: usize = 10_000;

/// A set of hooks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hooks {
    None,
    NoOp,
    Plumbing,
    Ours,
}

impl Hooks {
    /// In the order of the table's columns.
    pub(crate) const ALL: [Self; 4] = [Self::None, Self::NoOp, Self::Plumbing, Self::Ours];
}

/// The program that is measured.
pub(crate) fn program() -> &'static Path {
    &PROGRAM
}

/// How large a repository is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Size {
    Small,
    Large,
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Small => "small",
            Self::Large => "large",
        })
    }
}

/// A repository with a work tree, on branch `one`, whose document is complete; `two` has one as well. Only [`Hooks::Ours`]
/// writes documents of ours.
pub(crate) struct Repository {
    place: PathBuf,
    top: PathBuf,
    git: PathBuf,
    hooks: Hooks,
}

impl Repository {
    /// Makes one in `place`, a folder that is made anew, with the program `git`.
    pub(crate) fn make(place: &Path, size: Size, git: &Path) -> Self {
        let _ = fs::remove_dir_all(place);
        let top = place.join("work");
        fs::create_dir_all(&top).unwrap();
        // Nothing that would make git faster than it is for its users: a commit starts `git maintenance run --auto`.
        let config = "[user]\n\tname = Ann\n\temail = ann@example.org\n[init]\n\tdefaultBranch = main\n";
        fs::write(place.join("global"), config).unwrap();
        let mut made = Self {
            place: place.to_owned(),
            top,
            git: git.to_owned(),
            hooks: Hooks::None,
        };
        match size {
            Size::Small => made.fill_small(),
            Size::Large => made.fill_large(),
        }
        made.add_remote(size);
        made.install();
        made
    }

    fn fill_small(&self) {
        self.ok(&["init", "-q"]);
        for n in 0..100 {
            let folder = self.top.join(format!("folder-{}", n / 10));
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join(format!("file-{n}")), format!("file {n}\n")).unwrap();
        }
        fs::create_dir_all(self.top.join("0/0")).unwrap();
        fs::write(self.top.join("0/0/0"), "first\n").unwrap();
        self.ok(&["add", "."]);
        self.ok(&["commit", "-q", "-m", "first"]);
        self.ok(&["repack", "-a", "-d", "-q"]);
    }

    /// From a copy that is made once. The work tree is sparse: hooks never look at it, and git is faster, so that what they
    /// add shows more.
    fn fill_large(&self) {
        let origin = self.place.with_file_name("large.git");
        if !origin.join("complete").exists() {
            let _ = fs::remove_dir_all(&origin);
            import(&self.git, &origin);
            fs::write(origin.join("complete"), "").unwrap();
        }
        self.ok(&["init", "-q"]);
        let git_dir = self.top.join(".git");
        for file in fs::read_dir(origin.join("objects/pack")).unwrap() {
            let file = file.unwrap();
            fs::hard_link(file.path(), git_dir.join("objects/pack").join(file.file_name())).unwrap();
        }
        fs::copy(origin.join("packed-refs"), git_dir.join("packed-refs")).unwrap();
        self.ok(&["config", "core.sparseCheckout", "true"]);
        fs::create_dir_all(git_dir.join("info")).unwrap();
        fs::write(git_dir.join("info/sparse-checkout"), "/0/0/\n").unwrap();
        self.ok(&["read-tree", "-m", "-u", "HEAD"]);
    }

    /// A bare remote that has all of it but the branches to be pushed.
    fn add_remote(&self, size: Size) {
        let remote = self.place.join("remote.git");
        let path = remote.to_str().unwrap();
        self.ok(&["init", "-q", "--bare", path]);
        let objects = self.top.join(".git/objects");
        fs::write(
            remote.join("objects/info/alternates"),
            format!("{}\n", objects.display()),
        )
        .unwrap();
        self.ok(&["remote", "add", "origin", path]);
        match size {
            Size::Small => self.ok(&["push", "-q", "origin", "main"]),
            Size::Large => {
                fs::copy(self.top.join(".git/packed-refs"), remote.join("packed-refs")).unwrap();
                self.ok(&["fetch", "-q", "origin", "main:refs/remotes/origin/main"]);
            }
        }
    }

    /// Puts each set of hooks aside, and makes the two branches and their documents.
    fn install(&mut self) {
        let git_dir = self.top.join(".git");
        let _ = fs::remove_dir_all(git_dir.join("hooks"));
        for hooks in Hooks::ALL {
            let aside = self.aside(hooks);
            fs::create_dir_all(aside.join("hooks")).unwrap();
            fs::copy(git_dir.join("config"), aside.join("config")).unwrap();
            let text = match hooks {
                Hooks::NoOp => "#!/bin/sh\n:\n",
                Hooks::Plumbing => include_str!("plumbing.sh"),
                Hooks::None | Hooks::Ours => continue,
            };
            for event in EVENTS {
                let path = aside.join("hooks").join(event);
                fs::write(&path, text).unwrap();
                fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
            }
        }
        fs::remove_dir(self.aside(Hooks::None).join("hooks")).unwrap();
        fs::create_dir(git_dir.join("hooks")).unwrap();
        fs::remove_file(self.aside(Hooks::None).join("config")).unwrap();

        self.switch_hooks(Hooks::Ours);
        process::run(self.program().arg("init"));
        for branch in ["two", "one"] {
            self.ok(&["switch", "-q", "-c", branch, "main"]);
            let fields = ["status=draft", "scope=all", "risk=low", "dri=ann"];
            process::run(self.program().arg("set").args(fields));
        }
        self.switch_hooks(Hooks::Plumbing);
        for branch in ["two", "one"] {
            self.ok(&["switch", "-q", branch]);
        }
        self.switch_hooks(Hooks::None);
    }

    fn aside(&self, hooks: Hooks) -> PathBuf {
        self.top.join(".git").join(format!("bench-{hooks:?}"))
    }

    /// Puts `hooks` in place, by renaming: git and the hooks see no difference to any other repository.
    pub(crate) fn switch_hooks(&mut self, hooks: Hooks) {
        if hooks == self.hooks {
            return;
        }
        for name in ["hooks", "config"] {
            let place = self.top.join(".git").join(name);
            fs::rename(&place, self.aside(self.hooks).join(name)).unwrap();
            fs::rename(self.aside(hooks).join(name), &place).unwrap();
        }
        self.hooks = hooks;
    }

    /// Runs git with `hooks` and tells what it cost.
    pub(crate) fn timed(&mut self, hooks: Hooks, arguments: &[&str]) -> Cost {
        self.switch_hooks(hooks);
        process::run(self.command(&self.git).args(arguments))
    }

    /// Runs git, with the hooks that are in place.
    pub(crate) fn ok(&self, arguments: &[&str]) {
        let output = self.command(&self.git).args(arguments).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "git {arguments:?}: {said}");
    }

    /// Takes in branches and commits, told in the language of git-fast-import(1).
    pub(crate) fn import(&self, text: &str) {
        let mut command = self.command(&self.git);
        let mut child = command
            .args(["fast-import", "--quiet"])
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        assert!(child.wait().unwrap().success());
    }

    /// The program itself, as a hook or a command.
    pub(crate) fn program(&self) -> Command {
        self.command(program())
    }

    /// The document of the current branch.
    pub(crate) fn view(&self) -> PathBuf {
        self.top.join(".branchwork/CURRENT.md")
    }

    /// Stages another text of one file.
    pub(crate) fn stage(&self, text: usize) {
        fs::write(self.top.join("0/0/0"), format!("text {text}\n")).unwrap();
        self.ok(&["add", "--sparse", "0/0/0"]);
    }

    /// Makes HEAD name a branch, without touching index and work tree.
    pub(crate) fn point_head_at(&self, branch: &str) {
        self.ok(&["symbolic-ref", "HEAD", &format!("refs/heads/{branch}")]);
    }

    /// A commit that changes no file on top of HEAD, without touching index and work tree.
    pub(crate) fn commit_nothing(&self, message: &str) {
        let output = self
            .command(&self.git)
            .args(["commit-tree", "-p", "HEAD", "-m", message, "HEAD^{tree}"])
            .output()
            .unwrap();
        assert!(output.status.success());
        let id = String::from_utf8(output.stdout).unwrap();
        self.ok(&["update-ref", "-m", "commit: bench", "HEAD", id.trim()]);
    }

    /// The post-checkout hook's own process.
    pub(crate) fn after_checkout(&self) -> Cost {
        process::run(self.program().args(["hook", "post-checkout", "0", "0", "1"]))
    }

    /// A file of the git directory.
    pub(crate) fn git_file(&self, name: &str) -> PathBuf {
        self.top.join(".git").join(name)
    }

    /// Runs another program in the repository, which finds those of `folder` first.
    pub(crate) fn other_program(&self, folder: &Path, name: &str) -> Command {
        let mut command = self.command(&folder.join(name));
        let path = command
            .get_envs()
            .find(|(key, _)| *key == "PATH")
            .and_then(|(_, value)| value);
        let path = format!("{}:{}", folder.display(), path.unwrap_or_default().to_string_lossy());
        command.env("PATH", path);
        command
    }

    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        let folder = self.git.parent().unwrap().display();
        command
            .current_dir(&self.top)
            .env_clear()
            .env("PATH", format!("{folder}:/usr/local/bin:/usr/bin:/bin"))
            .env("HOME", &self.place)
            .env("GIT_CONFIG_GLOBAL", self.place.join("global"))
            .env("GIT_CONFIG_NOSYSTEM", "1");
        command
    }
}

/// Builds the large repository, bare.
fn import(git: &Path, place: &Path) {
    eprintln!("building a repository of {FILES} files, {COMMITS} commits, {BRANCHES} branches, once …");
    let run = |arguments: &[&str]| {
        let mut command = Command::new(git);
        command
            .arg("--git-dir")
            .arg(place)
            .args(arguments)
            .env("GIT_CONFIG_NOSYSTEM", "1");
        command
    };
    assert!(run(&["init", "-q", "--bare", "-b", "main"]).status().unwrap().success());
    let mut child = run(&["fast-import", "--quiet", "--depth=5"])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = std::io::BufWriter::new(child.stdin.take().unwrap());
    let path = |n: usize| format!("{}/{}/{}", n % 10, n / 10 % 100, n / 1000);
    for n in 0..COMMITS {
        let mut text = format!("commit refs/heads/main\nmark :{}\n", n + 1);
        let time = 1_600_000_000 + n * 60;
        let message = format!("change {n}\n");
        let _ = write!(
            text,
            "committer Ann <ann@example.org> {time} +0000\ndata {}\n{message}",
            message.len()
        );
        if n == 0 {
            for file in 0..FILES {
                let content = format!("file {file}\n");
                let _ = write!(
                    text,
                    "M 100644 inline {}\ndata {}\n{content}",
                    path(file),
                    content.len()
                );
            }
        } else {
            let content = format!("file {n}, changed\n");
            let _ = write!(
                text,
                "M 100644 inline {}\ndata {}\n{content}",
                path(n * 7919 % FILES),
                content.len()
            );
        }
        input.write_all(text.as_bytes()).unwrap();
    }
    for n in 0..BRANCHES {
        writeln!(
            input,
            "reset refs/heads/team-{}/topic-{n}\nfrom :{}\n",
            n % 50,
            COMMITS - n
        )
        .unwrap();
    }
    drop(input);
    assert!(child.wait().unwrap().success());
    assert!(run(&["pack-refs", "--all"]).status().unwrap().success());
}
