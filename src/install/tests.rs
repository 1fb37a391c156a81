//! Installing through real git: what runs, with which arguments and input, and that all of it goes away again.
//!
//! The "program" is a shell script that writes down how it was called. The git is the one on PATH or, for hooks in the
//! configuration, the one that `BRANCHWORK_TEST_GIT` names, where that is new enough.

mod existing;
mod folders;

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{PoisonError, RwLock};

use super::*;

/// A place with a git, a repository `it's a repo` with one commit, its bare remote, and a program.
struct World {
    folder: tempfile::TempDir,
    git: PathBuf,
}

impl World {
    /// With the git at `git`, cut off from the machine's configuration.
    fn new(git: &Path) -> Self {
        let folder = crate::temporary::folder();
        let world = Self {
            git: folder.path().join("git"),
            folder,
        };
        let wrapper = format!(
            "#!/bin/sh\nexec env -i PATH=/usr/bin:/bin HOME='{0}' GIT_CONFIG_GLOBAL='{0}/global' GIT_CONFIG_NOSYSTEM=1 \
             GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=A GIT_COMMITTER_EMAIL=a@b TMPDIR='{0}' GIT_TEST_FSYNC=0 \
             GIT_CEILING_DIRECTORIES='{0}' '{1}' \"$@\"\n",
            world.path("").display(),
            git.display()
        );
        executable(&world.git, &wrapper);
        fs::create_dir(world.path("it's a program")).unwrap();
        executable(
            &world.program(),
            &format!(
                "#!/bin/sh\ncd '{}'\nevent=$2\nshift 2\n{{ printf '%s' \"$event\"; printf ' [%s]' \"$@\"; echo\ncase $event \
                 in post-rewrite | pre-push) sed 's/^/< /' ;; esac; }} >>log\nif [ -f code ]; then exit \"$(cat code)\"; fi\n",
                world.path("").display()
            ),
        );
        world.ok(&["init", "-q", "-b", "main", "it's a repo"], "");
        world.ok(&["init", "-q", "--bare", "remote.git"], "");
        world.ok(&["commit", "-q", "--allow-empty", "-m", "first"], "it's a repo");
        world.ok(&["remote", "add", "origin", "../remote.git"], "it's a repo");
        world
    }

    /// With the git on PATH, taken for one without hooks in its configuration.
    fn files() -> Self {
        Self::new(&git_on_path())
    }

    fn path(&self, name: &str) -> PathBuf {
        fs::canonicalize(self.folder.path()).unwrap().join(name)
    }

    fn repo(&self, name: &str) -> PathBuf {
        self.path("it's a repo").join(name)
    }

    fn hook(&self, name: &str) -> PathBuf {
        self.repo(".git/hooks").join(name)
    }

    fn program(&self) -> PathBuf {
        self.path("it's a program/git's branchwork")
    }

    fn run(&self, arguments: &[&str], directory: &str) -> Output {
        let mut command = Command::new(&self.git);
        command.args(arguments).current_dir(self.path(directory));
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        spawn(&mut command).wait_with_output().unwrap()
    }

    /// Runs git, which must succeed; what it said, both ways.
    fn ok(&self, arguments: &[&str], directory: &str) -> String {
        let output = self.run(arguments, directory);
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8(said).unwrap();
        assert!(output.status.success(), "{arguments:?}: {said}");
        said
    }

    fn git(&self, arguments: &[&str]) -> String {
        self.ok(arguments, "it's a repo")
    }

    fn target(&self, directory: &str) -> Target {
        let _starting = CHILDREN.read().unwrap_or_else(PoisonError::into_inner);
        find(self.git.as_os_str(), &self.path(directory)).unwrap()
    }

    /// The target as a git without hooks in its configuration would have it.
    fn old_target(&self) -> Target {
        Target {
            git_version: Version(2, 47, 0),
            ..self.target("it's a repo")
        }
    }

    /// What the program wrote down since the last call, hashes replaced.
    fn log(&self) -> String {
        let log = fs::read_to_string(self.path("log")).unwrap_or_default();
        let _ = fs::remove_file(self.path("log"));
        let hash = |word: &str| word.len() == 40 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
        let mut text = String::new();
        for word in log.split_inclusive([' ', '\n', ']', '[']) {
            let (core, last) = word.split_at(word.len() - 1);
            let core = if hash(core) {
                if core.bytes().all(|b| b == b'0') { "0" } else { "H" }
            } else {
                core
            };
            text.push_str(core);
            text.push_str(last);
        }
        text
    }

    /// Commit, amend, switch, merge, push: what the program must have seen of it.
    fn journey(&self) {
        self.git(&["switch", "-q", "-c", "f"]);
        assert_eq!(self.log(), "post-checkout [H] [H] [1]\n");
        self.git(&["commit", "-q", "--allow-empty", "-m", "x"]);
        assert_eq!(self.log(), "post-commit []\n");
        self.git(&["commit", "-q", "--amend", "--allow-empty", "-m", "y"]);
        assert_eq!(self.log(), "post-commit []\npost-rewrite [amend]\n< H H\n");
        self.git(&["switch", "-q", "main"]);
        self.git(&["merge", "-q", "f"]);
        assert_eq!(self.log(), "post-checkout [H] [H] [1]\npost-merge [0]\n");
        self.git(&["push", "-q", "origin", "main", "f"]);
        let seen = self.log();
        assert!(
            seen.starts_with("pre-push [origin] [../remote.git]\n< refs/heads/"),
            "{seen}"
        );
        assert_eq!(seen.lines().count(), 3, "{seen}");
        self.git(&["push", "-q", "origin", "main"]);
        assert_eq!(self.log(), "pre-push [origin] [../remote.git]\n");
        fs::write(self.path("code"), "1").unwrap();
        assert!(
            !self
                .run(&["push", "-q", "origin", "main:blocked"], "it's a repo")
                .status
                .success()
        );
        self.git(&["push", "-q", "--no-verify", "origin", "main:open"]);
        fs::remove_file(self.path("code")).unwrap();
        self.log();
    }

    /// Commit, switch and push go on; the words on standard error.
    fn goes_on(&self) -> String {
        [
            self.git(&["switch", "-q", "-c", "gone"]),
            self.git(&["commit", "-q", "--allow-empty", "-m", "gone"]),
            self.git(&["commit", "-q", "--amend", "--allow-empty", "-m", "gone"]),
            self.git(&["push", "-q", "origin", "gone"]),
        ]
        .concat()
    }

    /// Everything in the git dir that hooks could be in: path to mode and bytes.
    fn snapshot(&self) -> BTreeMap<PathBuf, (u32, Vec<u8>)> {
        let mut files = BTreeMap::new();
        let mut open = vec![self.repo(".git/hooks"), self.repo(".git/config")];
        while let Some(path) = open.pop() {
            let Ok(metadata) = fs::symlink_metadata(&path) else {
                continue;
            };
            if metadata.is_dir() {
                open.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
            } else if metadata.is_symlink() {
                files.insert(
                    path.clone(),
                    (0, fs::read_link(&path).unwrap().into_os_string().into_encoded_bytes()),
                );
            } else {
                files.insert(path.clone(), (metadata.permissions().mode(), fs::read(&path).unwrap()));
            }
        }
        files
    }
}

/// A child holds what its parent has open until it is another program, and a file that is open for writing cannot be
/// started. So no test here starts a child while another one writes a hook; children of tests elsewhere are waited for.
static CHILDREN: RwLock<()> = RwLock::new(());

/// How often a child is started whose file is busy.
const MOST_TRIES: usize = 1_000_000;

fn spawn(command: &mut Command) -> Child {
    let _starting = CHILDREN.read().unwrap_or_else(PoisonError::into_inner);
    for _ in 0..MOST_TRIES {
        match command.spawn() {
            Err(error) if error.kind() == std::io::ErrorKind::ExecutableFileBusy => std::thread::yield_now(),
            spawned => return spawned.unwrap(),
        }
    }
    panic!("somebody holds {:?} open for writing", command.get_program());
}

fn install(target: &Target, program: &Path) -> Result<Report> {
    let _writing = CHILDREN.write().unwrap_or_else(PoisonError::into_inner);
    super::install(target, program)
}

fn remove(target: &Target) -> Result<Removed> {
    let _writing = CHILDREN.write().unwrap_or_else(PoisonError::into_inner);
    super::remove(target)
}

fn executable(path: &Path, text: &str) {
    let _writing = CHILDREN.write().unwrap_or_else(PoisonError::into_inner);
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

fn git_on_path() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap();
    std::env::split_paths(&path)
        .map(|folder| folder.join("git"))
        .find(|git| git.is_file())
        .unwrap()
}

/// A world with a git that has hooks in its configuration; says so where there is none.
fn new_git(test: &str) -> Option<World> {
    let named = std::env::var_os("BRANCHWORK_TEST_GIT").map(PathBuf::from);
    for git in named.into_iter().chain([git_on_path()]) {
        let world = World::new(&git);
        if world.target("it's a repo").git_version >= Version::CONFIG_HOOKS {
            return Some(world);
        }
    }
    eprintln!("NOT RUN: {test}: no git 2.54 or newer on PATH or in BRANCHWORK_TEST_GIT");
    None
}

fn outcomes(report: &Report) -> Vec<Outcome> {
    report.events.iter().map(|(_, outcome)| outcome.clone()).collect()
}

#[test]
fn by_config_end_to_end() {
    let Some(world) = new_git("by_config_end_to_end") else {
        return;
    };
    let before = world.snapshot();
    let target = world.target("it's a repo");
    let report = install(&target, &world.program()).unwrap();
    assert_eq!((report.way, outcomes(&report)), (Way::Config, vec![Outcome::Added; 5]));
    world.journey();
    let with = world.snapshot();
    assert_eq!(
        outcomes(&install(&target, &world.program()).unwrap()),
        vec![Outcome::Unchanged; 5]
    );
    assert_eq!(world.snapshot(), with);
    let state = status(&target, &world.program()).unwrap();
    for event in &state.events {
        assert_eq!(event.config.as_ref().unwrap().points, Points::Here);
        assert_eq!(event.file, None);
    }
    fs::rename(world.program(), world.path("moved")).unwrap();
    assert_eq!(world.goes_on(), "");
    let state = status(&target, &world.path("moved")).unwrap();
    assert_eq!(
        state.events[0].config.as_ref().unwrap().points,
        Points::Gone(world.program())
    );
    assert_eq!(
        outcomes(&install(&target, &world.path("moved")).unwrap()),
        vec![Outcome::Updated; 5]
    );
    world.git(&["commit", "-q", "--allow-empty", "-m", "z"]);
    assert_eq!(world.log(), "post-commit []\n");
    let removed = remove(&target).unwrap();
    assert_eq!(
        removed,
        Removed {
            config: Some(target.config_path.clone()),
            files: vec![]
        }
    );
    assert_eq!(world.snapshot(), before);
    assert_eq!(remove(&target).unwrap(), Removed::default());
}

#[test]
fn by_config_beside_everything_and_in_every_work_tree() {
    let Some(world) = new_git("by_config_beside_everything_and_in_every_work_tree") else {
        return;
    };
    world.git(&["config", "extensions.worktreeConfig", "true"]);
    world.git(&["config", "core.hooksPath", ".husky/_"]);
    world.git(&["worktree", "add", "-q", "../linked", "-b", "linked"]);
    let target = world.target("linked");
    assert_eq!(target.config_path, world.repo(".git/config"));
    assert_eq!(install(&target, &world.program()).unwrap().way, Way::Config);
    for folder in ["linked", "it's a repo"] {
        world.ok(&["commit", "-q", "--allow-empty", "-m", "x"], folder);
        assert_eq!(world.log(), "post-commit []\n", "{folder}");
    }
    world.git(&["config", "hook.branchwork.post-commit.enabled", "false"]);
    world.git(&["commit", "-q", "--allow-empty", "-m", "x"]);
    assert_eq!(world.log(), "");
    let points = |target: &Target| {
        status(target, &world.program()).unwrap().events[1]
            .config
            .clone()
            .unwrap()
            .points
    };
    let switched_off = |key: &str, file: PathBuf| {
        let (key, value) = (key.to_owned(), "false".to_owned());
        Points::SwitchedOff(Setting {
            key,
            value,
            file: Some(file),
        })
    };
    let key = "hook.branchwork.post-commit.enabled";
    let target = world.target("linked");
    assert_eq!(points(&target), switched_off(key, world.repo(".git/config")));
    // Wherever it is set, and for all hooks of the event.
    world.git(&["config", "--unset", key]);
    for key in [key, "hook.post-commit.enabled"] {
        if world.target("linked").git_version < Version(2, 55, 0) && key != "hook.branchwork.post-commit.enabled" {
            continue;
        }
        world.git(&["config", "--file", "../global", key, "no"]);
        world.git(&["commit", "-q", "--allow-empty", "-m", "x"]);
        assert_eq!(world.log(), "", "{key}");
        assert_eq!(points(&world.target("linked")), switched_off(key, world.path("global")));
        world.git(&["config", "--file", "../global", "--unset", key]);
    }
    assert_eq!(points(&world.target("linked")), Points::Here);
    // git itself reads and changes the file that we wrote.
    world.git(&["config", "alias.later", "status"]);
    assert!(remove(&target).unwrap().config.is_some());
    assert!(!world.git(&["config", "--list"]).contains("hook."));
    assert!(world.git(&["config", "--get", "alias.later"]).contains("status"));
}

#[test]
fn by_files_end_to_end() {
    let world = World::files();
    let before = world.snapshot();
    let target = world.old_target();
    let report = install(&target, &world.program()).unwrap();
    assert_eq!((report.way, outcomes(&report)), (Way::Files, vec![Outcome::Added; 5]));
    assert_eq!(report.snippets, []);
    world.journey();
    let with = world.snapshot();
    assert_eq!(
        outcomes(&install(&target, &world.program()).unwrap()),
        vec![Outcome::Unchanged; 5]
    );
    assert_eq!(world.snapshot(), with);
    fs::write(world.path("code"), "101").unwrap();
    world.git(&["switch", "-q", "-c", "broken"]);
    world.git(&["push", "-q", "origin", "broken"]);
    world.git(&["switch", "-q", "main"]);
    let state = status(&target, &world.program()).unwrap();
    assert!(
        state
            .events
            .iter()
            .all(|event| event.file.as_ref().unwrap().points == Points::Here)
    );
    fs::rename(world.program(), world.path("moved")).unwrap();
    let words = world.goes_on();
    assert_eq!(words.lines().count(), 5, "{words}");
    assert!(
        words.starts_with("git-branchwork: post-checkout: the program is gone"),
        "{words}"
    );
    assert_eq!(
        outcomes(&install(&target, &world.path("moved")).unwrap()),
        vec![Outcome::Updated; 5]
    );
    assert_eq!(remove(&target).unwrap().files.len(), 5);
    assert_eq!(world.snapshot(), before);
    assert_eq!(remove(&target).unwrap(), Removed::default());
}

#[test]
fn one_way_removes_the_other() {
    let world = World::files();
    let before = world.snapshot();
    let old = world.old_target();
    let new = Target {
        git_version: Version::CONFIG_HOOKS,
        ..old.clone()
    };
    install(&old, &world.program()).unwrap();
    let upgraded = install(&new, &world.program()).unwrap();
    assert_eq!((upgraded.way, upgraded.other_way.files.len()), (Way::Config, 5));
    let state = status(&new, &world.program()).unwrap();
    assert!(
        state
            .events
            .iter()
            .all(|event| event.file.is_none() && event.config.is_some())
    );
    let downgraded = install(&old, &world.program()).unwrap();
    assert_eq!(
        (downgraded.way, downgraded.other_way.config),
        (Way::Files, Some(old.config_path.clone()))
    );
    remove(&old).unwrap();
    assert_eq!(world.snapshot(), before);
}

#[test]
fn the_config_keeps_its_mode_and_its_link_and_waits_for_nobody_forever() {
    let world = World::files();
    let target = Target {
        git_version: Version::CONFIG_HOOKS,
        ..world.target("it's a repo")
    };
    let real = world.path("elsewhere config");
    fs::rename(&target.config_path, &real).unwrap();
    std::os::unix::fs::symlink(&real, &target.config_path).unwrap();
    fs::set_permissions(&real, fs::Permissions::from_mode(0o600)).unwrap();
    install(&target, &world.program()).unwrap();
    assert!(fs::symlink_metadata(&target.config_path).unwrap().is_symlink());
    assert_eq!(fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(
        world
            .git(&["config", "hook.branchwork.pre-push.event"])
            .contains("pre-push")
    );
    let lock = world.path("elsewhere config.lock");
    fs::write(&lock, "").unwrap();
    let error = remove(&target).unwrap_err();
    assert!(error.to_string().contains("another program holds"), "{error}");
    assert!(lock.exists());
    // What is right already needs no lock.
    assert_eq!(
        outcomes(&install(&target, &world.program()).unwrap()),
        vec![Outcome::Unchanged; 5]
    );
    fs::write(&real, "[core\n").unwrap();
    let error = remove(&target).unwrap_err();
    assert!(error.message.contains("line 1 of"), "{error}");
    assert_eq!(fs::read(&real).unwrap(), b"[core\n");
}
