//! A repository with a hook manager in it, what people do there, and who was run by it.
//!
//! Not here: what is particular to one manager.

use std::path::{Path, PathBuf};

use crate::sandbox::{Run, Sandbox, binary, entries, run};

/// The events that reach us.
pub(crate) const EVENTS: [&str; 5] = ["post-checkout", "post-commit", "post-rewrite", "post-merge", "pre-push"];

/// A command for a manager's own hook: it writes down that it ran.
pub(crate) fn theirs(event: &str) -> String {
    format!("echo {event} >> \"$HOME/theirs\"")
}

/// A sandbox whose program and managers' programs are on PATH.
pub(crate) struct Place {
    pub(crate) sandbox: Sandbox,
    /// The work tree that commands run in.
    pub(crate) folder: PathBuf,
    /// The events that the manager's own hook is run for.
    pub(crate) theirs: Vec<&'static str>,
    /// Whether a push of nothing new reaches us.
    pub(crate) sees_every_push: bool,
}

impl Place {
    /// With the manager `name`, whose programs are in `programs` below its folder.
    pub(crate) fn new(name: &str, programs: &str) -> Self {
        let installed = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .with_file_name("peers")
            .join(name);
        assert!(
            installed.join("version").is_file(),
            "{name} is not installed: tests/peers/install {name}"
        );
        let mut sandbox = Sandbox::without_hooks();
        let bin = sandbox.path("bin");
        std::fs::create_dir(&bin).unwrap();
        // A hard link: hooks start the program by the path that it was started by.
        if std::fs::hard_link(binary(), bin.join("git-branchwork")).is_err() {
            std::fs::copy(binary(), bin.join("git-branchwork")).unwrap();
        }
        // Alone: in its folder there may be another git.
        if let Some(node) = on_path("node") {
            std::os::unix::fs::symlink(node, bin.join("node")).unwrap();
        }
        sandbox.look_in([bin, installed.join(programs)]);
        Self {
            folder: sandbox.repo(),
            sandbox,
            theirs: EVENTS.to_vec(),
            sees_every_push: true,
        }
    }

    /// Runs a line of shell in the work tree.
    pub(crate) fn shell(&self, line: &str) -> Run {
        run(self.sandbox.command("sh").args(["-c", line]).current_dir(&self.folder))
    }

    /// Writes a file of the work tree.
    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.folder.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub(crate) fn append(&self, path: impl AsRef<Path>, text: &str) {
        let path = self.folder.join(path);
        let before = std::fs::read_to_string(&path).unwrap_or_default();
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, before + text).unwrap();
    }

    /// Writes a file, commits it, and pushes it.
    #[track_caller]
    pub(crate) fn commit(&self, path: &str, text: &str) {
        self.write(path, text);
        self.commit_all();
    }

    /// Commits everything on main, and pushes it.
    #[track_caller]
    pub(crate) fn commit_all(&self) {
        self.shell("git add . && git commit -q -m Files && git push -q --no-verify")
            .ok();
    }

    /// Whether hooks are configuration here: then there is nothing to do for any manager.
    pub(crate) fn by_config(&self) -> bool {
        let version = self.shell("git version").ok().stdout;
        let mut numbers = version
            .split(|c: char| !c.is_ascii_digit())
            .filter_map(|number| number.parse::<u32>().ok());
        (numbers.next().unwrap(), numbers.next().unwrap()) >= (2, 54)
    }

    /// `git branchwork init`.
    pub(crate) fn init(&self) -> Run {
        self.shell("git-branchwork init")
    }

    /// All is well, says `doctor`.
    #[track_caller]
    pub(crate) fn doctor_is_content(&self) {
        let run = self.shell("git-branchwork doctor").ok();
        assert!(
            run.stdout.starts_with("ok     the hooks are installed (git "),
            "{}",
            run.stdout
        );
    }

    /// `doctor` finds fault; each fault and what mends it.
    #[track_caller]
    pub(crate) fn doctor_finds(&self) -> Vec<(String, String)> {
        let run = self.shell("git-branchwork doctor").code(1);
        let lines: Vec<&str> = run.stdout.lines().collect();
        let faults = lines.windows(2).filter_map(|pair| {
            let what = pair[0].strip_prefix("wrong  ")?;
            let fix = pair[1].strip_prefix("       fix: ");
            Some((
                what.to_owned(),
                fix.unwrap_or_else(|| panic!("{}", run.stdout)).to_owned(),
            ))
        });
        faults.collect()
    }

    /// Does what `init` has printed: adds lines to files, makes whole files, runs commands. Returns what was told.
    #[track_caller]
    pub(crate) fn do_as_told(&self, printed: &str) -> Vec<String> {
        let mut lines = printed.lines().peekable();
        let mut done = Vec::new();
        while let Some(line) = lines.next() {
            let mut text = String::new();
            while let Some(more) = lines.next_if(|line| line.starts_with("    ")) {
                text.push_str(&more[4..]);
                text.push('\n');
            }
            let file = line.split('\'').nth(1).unwrap_or_default();
            if line.starts_with("warning: add this to '") {
                self.append(file, &text);
            } else if line.starts_with("warning: let this be all of '") {
                self.write(file, &text);
            } else if line.starts_with("warning: run this yourself") {
                self.shell(&format!("set -e\n{text}")).ok();
            } else {
                assert_eq!(text, "", "{printed}");
                continue;
            }
            assert_ne!(text, "", "{printed}");
            done.push(text);
        }
        assert!(!done.is_empty(), "nothing was told: {printed}");
        done
    }

    /// Who was run since the last look, each in the order of runs.
    fn log(&self, name: &str) -> Vec<String> {
        let path = self.sandbox.path("home").join(name);
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        let _ = std::fs::remove_file(path);
        text.lines().map(str::to_owned).collect()
    }

    /// Runs a command with our program behind one that writes down which hook it is run for.
    fn counted(&self, line: &str) -> Run {
        let bin = self.sandbox.path("bin");
        let (program, real) = (bin.join("git-branchwork"), bin.join("real"));
        std::fs::rename(&program, &real).unwrap();
        let script = format!(
            "#!/bin/sh\n[ \"$1\" != hook ] || echo \"$2\" >>\"$HOME/ours\"\nexec '{}' \"$@\"\n",
            real.display()
        );
        std::fs::write(&program, script).unwrap();
        make_executable(&program);
        let result = self.shell(line);
        std::fs::rename(&real, &program).unwrap();
        result
    }

    /// Runs a command for which `events` reach us and, as far as they have hooks for them, the manager, once each.
    #[track_caller]
    fn once(&self, line: &str, events: &[&str]) -> Run {
        self.log("ours");
        self.log("theirs");
        let run = self.counted(line).ok();
        let what = format!("{line}\n{}{}", run.stdout, run.stderr);
        assert_eq!(self.log("ours"), events, "ours: {what}");
        let expected: Vec<&&str> = events.iter().filter(|event| self.theirs.contains(event)).collect();
        assert_eq!(
            self.log("theirs").iter().collect::<Vec<_>>(),
            expected,
            "theirs: {what}"
        );
        run
    }

    /// A branch with its document, from its making to its merge, in this work tree and in one that is linked to it.
    #[track_caller]
    pub(crate) fn story(&mut self) {
        let branch = format!("feat-{}", self.sandbox.now());
        self.once(&format!("git switch -q -c {branch}"), &["post-checkout"]);
        self.of_branch(&branch);
        self.once("git switch -q main", &["post-checkout"]);
        self.once(&format!("git merge -q --no-ff -m Merged {branch}"), &["post-merge"]);
        self.once("git push -q origin main", &["pre-push"]);
        self.without_us();
    }

    /// Without our program git goes on, and so does the manager.
    #[track_caller]
    fn without_us(&self) {
        let program = self.sandbox.path("bin/git-branchwork");
        let aside = self.sandbox.path("bin/gone");
        std::fs::rename(&program, &aside).unwrap();
        self.log("theirs");
        let shell = |line: &str| {
            let mut command = self.sandbox.command("sh");
            let path = command.get_envs().find(|(name, _)| *name == "PATH").unwrap().1.unwrap();
            let folders = std::env::split_paths(path).filter(|folder| Some(folder.as_path()) != binary().parent());
            let path = std::env::join_paths(folders).unwrap();
            run(command.env("PATH", path).args(["-c", line]).current_dir(&self.folder)).ok()
        };
        shell("! command -v git-branchwork");
        shell("git switch -q -c without-us");
        shell("git commit -q --allow-empty -m Empty && git commit -q --amend -m Amended --allow-empty");
        shell("echo work >without-us && git add without-us && git commit -q -m 'Without us'");
        shell("git push -q origin without-us");
        std::fs::rename(&aside, &program).unwrap();
        let order = [
            "post-checkout",
            "post-commit",
            "post-commit",
            "post-rewrite",
            "post-commit",
            "pre-push",
        ];
        let expected: Vec<&str> = order.into_iter().filter(|event| self.theirs.contains(event)).collect();
        assert_eq!(self.log("theirs"), expected);
        self.shell("git switch -q main && git branch -q -D without-us && git push -q --no-verify origin :without-us")
            .ok();
    }

    /// The same story in a linked work tree. `prepare` is what the manager needs there.
    #[track_caller]
    pub(crate) fn linked_story(&mut self, prepare: impl Fn(&mut Self)) {
        let branch = format!("linked-{}", self.sandbox.now());
        self.once(
            &format!("git worktree add -q ../{branch} -b {branch}"),
            &["post-checkout"],
        );
        let main = std::mem::replace(&mut self.folder, self.sandbox.path(&branch));
        prepare(self);
        self.of_branch(&branch);
        self.folder = main;
    }

    /// Work on a new branch: a commit, its amendment, a push that is held back, and one that is not.
    #[track_caller]
    pub(crate) fn of_branch(&self, branch: &str) {
        let view = || std::fs::read_to_string(self.folder.join(".branchwork/CURRENT.md")).unwrap();
        assert!(view().contains(&format!("name: {branch}")), "{}", view());
        self.sandbox.wait(1);
        self.write("work", &format!("{branch}\n"));
        self.shell("git add work").ok();
        self.once("git commit -q -m 'Add work'", &["post-commit"]);
        assert_eq!(entries(&view()), ["[@ada] Add work"]);
        self.once(
            "git commit -q --amend -m 'Add the work'",
            &["post-commit", "post-rewrite"],
        );
        assert_eq!(entries(&view()), ["[@ada] Add the work"]);
        self.log("ours");
        self.log("theirs");
        let blocked = self.counted(&format!("git push -q origin {branch}")).code(1);
        let said = blocked.stdout + &blocked.stderr;
        assert!(
            said.contains(&format!("push blocked: '{branch}' is incomplete")),
            "{said}"
        );
        assert_eq!(self.log("ours"), ["pre-push"], "{said}");
        assert!(self.log("theirs").len() <= 1, "{said}");
        self.shell("git-branchwork set scope=work risk=low").ok();
        self.once(&format!("git push -q -u origin {branch}"), &["pre-push"]);
        if !self.sees_every_push {
            return;
        }
        // Another branch than the one that is checked out, and with nothing new in it.
        self.once(&format!("git branch {branch}-empty main"), &[]);
        let blocked = self.counted(&format!("git push -q origin {branch}-empty"));
        let said = blocked.stdout + &blocked.stderr;
        assert_eq!(self.log("ours"), ["pre-push"], "{said}");
        assert_eq!(blocked.code, 1, "{said}");
    }
}

pub(crate) fn make_executable(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

fn on_path(name: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&folders)
        .map(|folder| folder.join(name))
        .find(|path| path.is_file())
}

/// The block of code in docs/hooks.md that holds `mark`, as it stands there.
pub(crate) fn from_docs(mark: &str) -> String {
    let docs = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/hooks.md")).unwrap();
    let mut blocks: Vec<String> = vec![String::new()];
    for line in docs.lines() {
        match line.strip_prefix("    ") {
            Some(code) => {
                let block = blocks.last_mut().unwrap();
                block.push_str(code);
                block.push('\n');
            }
            None if line.is_empty() => {}
            None => blocks.push(String::new()),
        }
    }
    let block = blocks.into_iter().find(|block| block.contains(mark));
    block.unwrap_or_else(|| panic!("docs/hooks.md has no block with '{mark}'"))
}
