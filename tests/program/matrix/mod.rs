//! Stories of git commands, each told three times: with hooks, without hooks and then one `git branchwork refresh`, and with
//! hooks in a linked work tree. The documents have to say the same about commits, and what the story states.
//!
//! A story is a shell script in the words of words.sh, and runs in one process. Not here: the stories themselves; long random
//! ones (random.rs).

mod branches;
mod commits;
mod merges;
mod picks;
mod random;
mod rebase;
mod rebase_interactive;
mod resets;
mod updates;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};

use crate::sandbox::{Run, Sandbox, binary, run, run_with, write_copy};
use updates::{Commits, Entry, read, short};

/// The words that stories are told with.
const WORDS: &str = include_str!("words.sh");

/// Three commits on `feat`, whose entries have words by hand.
const FEAT: &str = "git switch -q -c feat\ncommits one two three\ndocument\nby_hand one two three\n";

/// The same, and the trunk has moved on meanwhile.
const FORKED: &str = "git switch -q -c feat\ncommits one two three\ndocument\nby_hand one two three\n\
                      git switch -q main\ncommits trunk\ngit switch -q feat\ntick\n";

/// How a story is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    /// Each hook runs.
    Hooks,
    /// None is installed; in the end the documents are refreshed.
    Refresh,
    /// Each hook runs, in a linked work tree.
    LinkedWorkTree,
}

/// A story, and what has to hold after it.
#[must_use]
struct Story {
    begin: String,
    steps: String,
    expected: Vec<Expected>,
    unseen: bool,
    says: Vec<(bool, &'static str)>,
    needs: &'static str,
}

/// What the Updates of a branch's document say in the end.
struct Expected {
    branch: &'static str,
    base: &'static str,
    entries: &'static str,
    without_map: Option<&'static str>,
}

/// A story that begins with `begin` and goes on with `steps`. Without [`Story::of`] it is about `feat`.
fn story(begin: &str, steps: &str) -> Story {
    Story {
        begin: begin.to_owned(),
        steps: format!("{steps}\n"),
        expected: Vec::new(),
        unseen: false,
        says: Vec::new(),
        needs: "",
    }
}

impl Story {
    /// What `feat` says in the end, see [`Entry::short`]; its base is `main`.
    fn is(self, entries: &'static str) -> Self {
        self.of("feat", "main", entries)
    }

    /// The same for another branch or base. The commits between the two are the branch's own.
    fn of(mut self, branch: &'static str, base: &'static str, entries: &'static str) -> Self {
        let without_map = None;
        let expected = Expected {
            branch,
            base,
            entries,
            without_map,
        };
        self.expected.push(expected);
        self
    }

    /// What the last one says where no hook ran and only git's map of rewritten commits could have told more; and why.
    fn without_map(mut self, entries: &'static str, _why: &'static str) -> Self {
        if let Some(last) = self.expected.last_mut() {
            last.without_map = Some(entries);
        }
        self
    }

    /// No hook runs for the last step, or not when it is done; and why. So the documents are right after a refresh only.
    fn unseen(mut self, _why: &'static str) -> Self {
        self.unseen = true;
        self
    }

    /// The last document has this text, whichever way the story is told.
    fn says(mut self, text: &'static str) -> Self {
        self.says.push((true, text));
        self
    }

    /// The last document has not.
    fn never_says(mut self, text: &'static str) -> Self {
        self.says.push((false, text));
        self
    }

    /// The story is told only where this git command exists.
    fn needs(mut self, command: &'static str) -> Self {
        self.needs = command;
        self
    }

    /// Tells the story in each way and holds the documents against each other and against what it states.
    #[track_caller]
    fn holds(self) {
        if !self.needs.is_empty() && !has_command(self.needs) {
            skip(self.needs);
            return;
        }
        let by_hooks = self.told(Way::Hooks);
        let by_refresh = self.told(Way::Refresh);
        let linked = self.told(Way::LinkedWorkTree);
        assert_eq!(
            by_hooks,
            linked,
            "a linked work tree makes a difference\n{}",
            self.script()
        );
        for ((expected, with), without) in self.expected.iter().zip(&by_hooks).zip(&by_refresh) {
            if expected.without_map.is_none() {
                assert_eq!(
                    with,
                    without,
                    "hooks make a difference for {}\n{}",
                    expected.branch,
                    self.script()
                );
            }
        }
    }

    fn script(&self) -> String {
        format!("{}{}", self.begin, self.steps)
    }

    /// Tells the story. What each document says: its entries, and where their commits are.
    #[track_caller]
    fn told(&self, way: Way) -> Vec<Vec<(String, Entry)>> {
        let place = Place::where_began(way, &self.begin);
        let told = place.tell(&self.steps);
        let script = self.script();
        let context = |what: &str| format!("{what}\n--- {way:?}\n{script}--- stderr\n{}", told.stderr);
        assert_eq!(told.code, 0, "{}", context("the story ends early"));
        assert!(
            !told.stderr.contains("branchwork: post-"),
            "{}",
            context("a hook failed")
        );
        let branches: Vec<&str> = self.expected.iter().map(|expected| expected.branch).collect();
        let by_hooks = (way != Way::Refresh && !self.unseen).then(|| (place.documents(), place.view()));
        place.refresh(&branches);
        let (once, documents) = (place.versions(), place.documents());
        if let Some((before, view)) = by_hooks {
            for branch in &branches {
                let (before, after) = (
                    without_words(before.text(branch)),
                    without_words(documents.text(branch)),
                );
                assert_eq!(before, after, "{}", context("the hooks left something to do"));
            }
            let (before, after) = (without_words(&view), without_words(&place.view()));
            assert_eq!(before, after, "{}", context("the view is not the document"));
        }
        place.refresh(&branches);
        assert_eq!(
            once,
            place.versions(),
            "{}",
            context("a second refresh changes something")
        );
        let mut all = Vec::new();
        let mut texts = String::new();
        for expected in &self.expected {
            let text = documents.text(expected.branch);
            let entries = read(text);
            let commits = place.commits(expected, &entries);
            let wanted = match expected.without_map {
                Some(entries) if way == Way::Refresh => entries,
                _ => expected.entries,
            };
            let what = format!("the document of {}:\n{text}", expected.branch);
            assert_eq!(short(&entries, &commits), wanted, "{}", context(&what));
            let placed = entries.into_iter().map(|entry| (place_of(&entry, &commits), entry));
            all.push(placed.collect());
            texts.push_str(text);
        }
        for line in place.words_by_hand() {
            let everywhere = documents.0.iter().flat_map(|(_, text)| text.lines());
            let times = everywhere.filter(|other| *other == line).count();
            assert_eq!(times, 1, "{}", context(&format!("{line:?} in\n{:#?}", documents.0)));
        }
        for (there, text) in &self.says {
            assert_eq!(
                texts.contains(text),
                *there,
                "{}",
                context(&format!("{text:?} in\n{texts}"))
            );
        }
        // In a linked work tree the two repositories are the same.
        if way != Way::LinkedWorkTree
            && let Err(what) = place.sound()
        {
            panic!("{}", context(&what));
        }
        if way == Way::Refresh {
            self.is_told_anew(&place, &all, &context);
        }
        all
    }

    /// Documents that are made anew tell of the same commits, each of them once and in the same words.
    #[track_caller]
    fn is_told_anew(&self, place: &Place, told: &[Vec<(String, Entry)>], context: &dyn Fn(&str) -> String) {
        let branches: Vec<&str> = self.expected.iter().map(|expected| expected.branch).collect();
        place.forget();
        place.refresh(&branches);
        let documents = place.documents();
        for (expected, told) in self.expected.iter().zip(told) {
            let text = documents.text(expected.branch);
            let anew = read(text);
            let commits = place.commits(expected, &anew);
            let mut places: Vec<String> = anew.iter().map(|entry| place_of(entry, &commits)).collect();
            for (place, entry) in places.iter().zip(&anew) {
                let same =
                    |(other_place, other): &&(String, Entry)| other_place == place && other.made() == entry.made();
                let what = format!("made anew, {:?} is\n{entry:#?}\nin\n{told:#?}", expected.branch);
                assert_eq!(told.iter().filter(same).count(), 1, "{}", context(&what));
            }
            let mut gone: Vec<&str> = told.iter().map(|(place, _)| place.as_str()).collect();
            gone.retain(|place| place.parse::<usize>().is_ok());
            places.sort();
            gone.sort_unstable();
            gone.dedup();
            assert_eq!(
                places,
                gone,
                "{}",
                context(&format!("made anew, {} is\n{text}", expected.branch))
            );
        }
    }
}

/// The place of an entry's commit, see [`Entry::short`].
fn place_of(entry: &Entry, commits: &Commits) -> String {
    let short = entry.short(commits);
    short.split(' ').next().unwrap_or_default().to_owned()
}

fn without_words(document: &str) -> Vec<Entry> {
    let mut entries = read(document);
    entries.iter_mut().for_each(|entry| entry.words.clear());
    entries
}

/// Where a story is told.
struct Place {
    sandbox: Sandbox,
    way: Way,
}

impl Place {
    /// A repository with or without hooks, as a story finds it.
    fn new(way: Way) -> Self {
        static WITH: OnceLock<Files> = OnceLock::new();
        static WITHOUT: OnceLock<Files> = OnceLock::new();
        let (files, make): (_, fn() -> Sandbox) = match way {
            Way::Refresh => (&WITHOUT, Sandbox::without_hooks),
            Way::Hooks | Way::LinkedWorkTree => (&WITH, Sandbox::new),
        };
        let sandbox = Sandbox::empty();
        files
            .get_or_init(|| Files::of(&make().path("")))
            .write(&sandbox.path(""));
        Self { sandbox, way }
    }

    /// The place after the beginning of a story, which is told once for all stories that begin so.
    #[track_caller]
    fn where_began(way: Way, begin: &str) -> Self {
        static BEGUN: Mutex<BTreeMap<(Way, String), Arc<Files>>> = Mutex::new(BTreeMap::new());
        let key = (way, begin.to_owned());
        let known = BEGUN.lock().unwrap().get(&key).cloned();
        if let Some(files) = known {
            let sandbox = Sandbox::empty();
            files.write(&sandbox.path(""));
            return Self { sandbox, way };
        }
        let place = Self::new(way);
        let told = place.tell(&format!("{begin}\necho $now >\"$ROOT/now\"\n"));
        assert_eq!(told.code, 0, "the beginning ends early: {begin}\n{}", told.stderr);
        let files = Arc::new(Files::of(&place.sandbox.path("")));
        BEGUN.lock().unwrap().insert(key, files);
        place
    }

    /// The folder that the story is told in.
    fn folder(&self) -> PathBuf {
        self.sandbox.path(self.tree())
    }

    fn tree(&self) -> &'static str {
        match self.way {
            Way::LinkedWorkTree => "linked",
            Way::Hooks | Way::Refresh => "repo",
        }
    }

    fn tell(&self, script: &str) -> Run {
        let hooks = if self.way == Way::Refresh { "off" } else { "on" };
        let mut command = self.sandbox.command("sh");
        command
            .args(["-c", &format!("{WORDS}{script}")])
            .env("ROOT", self.sandbox.path(""))
            .env("HOOKS", hooks)
            .env("TREE", self.tree());
        let told = run(&mut command);
        // Whatever the story took: what comes now comes later.
        self.sandbox.wait(1_000);
        told
    }

    fn git(&self, arguments: &[&str]) -> Run {
        run(self.sandbox.command("git").current_dir(self.folder()).args(arguments))
    }

    /// Brings the documents up to date. Without hooks a branch may have none yet; with hooks it has.
    #[track_caller]
    fn refresh(&self, branches: &[&str]) {
        let on = |command: &str, branch: &str| {
            let mut program = self.sandbox.command(binary());
            run(program.current_dir(self.folder()).args([command, "-q", "-b", branch]))
        };
        for branch in branches {
            let refreshed = on("refresh", branch);
            match self.way {
                Way::Refresh if refreshed.code == 1 => {
                    on("create", branch).ok();
                    on("refresh", branch).ok()
                }
                _ => refreshed.ok(),
            };
        }
    }

    /// The version of each document, by the ref that names it. Read from the files, because starting git takes longer.
    fn versions(&self) -> Vec<(String, String)> {
        let store = self.sandbox.path("repo/.git/branchwork");
        let mut files = Vec::new();
        for kind in ["docs", "ended"] {
            collect(&store, &Path::new("refs/branchwork").join(kind), &mut files);
        }
        let versions = files.into_iter().filter_map(|(name, kind)| match kind {
            Kind::File(_, id) => Some((name.to_str()?.to_owned(), String::from_utf8(id).ok()?.trim().to_owned())),
            Kind::Folder => None,
        });
        versions.collect()
    }

    /// All documents, those included that have ended.
    fn documents(&self) -> Documents {
        let versions = self.versions();
        let wanted: String = versions
            .iter()
            .map(|(name, id)| format!("{id}:BRANCHWORK.md {name}\n"))
            .collect();
        let mut command = self.sandbox.command("git");
        command.args(["--git-dir=.git/branchwork", "cat-file", "--batch=%(rest) %(objectsize)"]);
        Documents::of(&run_with(&mut command, wanted.as_bytes()).ok().stdout)
    }

    fn view(&self) -> String {
        std::fs::read_to_string(self.folder().join(".branchwork/CURRENT.md")).unwrap_or_default()
    }

    /// The branch's commits, as far as the entries need them.
    #[track_caller]
    fn commits(&self, expected: &Expected, entries: &[Entry]) -> Commits {
        let list = |arguments: &[&str]| -> Vec<String> {
            let run = self.git(&[&["rev-list"], arguments].concat()).ok();
            run.stdout.lines().map(str::to_owned).collect()
        };
        let branch = format!("refs/heads/{}", expected.branch);
        let own = list(&["--reverse", "--topo-order", &branch, "--not", expected.base]);
        let mut told = entries.iter().flat_map(|entry| &entry.commits);
        let all = match told.all(|id| own.contains(id)) {
            true => Vec::new(),
            false => list(&[&branch]),
        };
        Commits { own, all }
    }

    /// The lines that the word `by_hand` wrote.
    fn words_by_hand(&self) -> Vec<String> {
        let lines = std::fs::read_to_string(self.sandbox.path("by-hand")).unwrap_or_default();
        lines.lines().map(str::to_owned).collect()
    }

    /// Takes away all that was kept.
    fn forget(&self) {
        for folder in ["repo/.git/branchwork", "repo/.branchwork"] {
            std::fs::remove_dir_all(self.sandbox.path(folder)).unwrap();
        }
        std::fs::remove_file(self.sandbox.path("repo/.git/branchwork-view")).unwrap();
    }

    /// Both repositories are whole, and they share no object and no ref.
    fn sound(&self) -> Result<(), String> {
        let mut objects: Vec<Vec<PathBuf>> = Vec::new();
        for git_dir in [".git/branchwork", ".git"] {
            let arguments = [
                "--git-dir",
                git_dir,
                "fsck",
                "--strict",
                "--no-dangling",
                "--no-progress",
            ];
            let fsck = run(self.sandbox.command("git").args(arguments));
            // `git rebase --root` leaves a commit behind whose tree, the empty one, it never wrote.
            let found = fsck
                .stdout
                .replace("missing tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n", "");
            if !found.is_empty() || (fsck.code != 0 && fsck.stdout.is_empty()) {
                return Err(format!("{git_dir} is damaged: {}{}", fsck.stdout, fsck.stderr));
            }
            let mut files = Vec::new();
            collect(
                &self.sandbox.path("repo").join(git_dir),
                Path::new("objects"),
                &mut files,
            );
            let loose = |(path, kind): (PathBuf, Kind)| matches!(kind, Kind::File(..)).then_some(path);
            objects.push(files.into_iter().filter_map(loose).collect());
        }
        let [ours, theirs] = objects.as_slice() else {
            return Ok(());
        };
        let shared: Vec<&PathBuf> = ours.iter().filter(|object| theirs.contains(object)).collect();
        let refs = self.sandbox.path("repo/.git/refs/branchwork");
        match shared.is_empty() && !refs.exists() {
            true => Ok(()),
            false => Err(format!("something of ours is in the repository: {shared:?}")),
        }
    }
}

/// Documents with the refs that name them.
struct Documents(Vec<(String, String)>);

impl Documents {
    /// From what `git cat-file --batch='%(rest) %(objectsize)'` prints.
    fn of(batch: &str) -> Self {
        let mut found: Vec<(String, String)> = Vec::new();
        let mut rest = batch;
        while let Some((head, after)) = rest.split_once('\n') {
            let (name, size) = head.rsplit_once(' ').unwrap_or((head, ""));
            let size: usize = size.parse().unwrap_or_default();
            found.push((name.to_owned(), after.get(..size).unwrap_or_default().to_owned()));
            rest = after.get(size + 1..).unwrap_or_default();
        }
        Self(found)
    }

    /// The text of a branch's document.
    fn find(&self, branch: &str) -> Option<&str> {
        let is_its = |name: &str| {
            let place = name
                .strip_prefix("refs/branchwork/docs/")
                .and_then(|name| name.rsplit_once('/'));
            place.is_some_and(|(of, _)| of == branch)
        };
        self.0
            .iter()
            .find(|(name, _)| is_its(name))
            .map(|(_, text)| text.as_str())
    }

    #[track_caller]
    fn text(&self, branch: &str) -> &str {
        self.find(branch)
            .unwrap_or_else(|| panic!("{branch} has no document: {:#?}", self.0))
    }
}

/// The files below a folder, with their content. Many stories begin alike, and writing files is faster than running git.
struct Files {
    top: PathBuf,
    files: Vec<(PathBuf, Kind)>,
}

enum Kind {
    Folder,
    File(std::fs::Permissions, Vec<u8>),
}

impl Files {
    fn of(top: &Path) -> Self {
        let mut files = Vec::new();
        collect(top, Path::new(""), &mut files);
        let top = top.to_owned();
        Self { top, files }
    }

    /// Writes them below another folder. Those of linked work trees and of clones name the folder that they are in.
    fn write(&self, top: &Path) {
        for (path, kind) in &self.files {
            let path = top.join(path);
            match kind {
                Kind::Folder => std::fs::create_dir_all(&path).unwrap(),
                Kind::File(permissions, bytes) => {
                    let moved = match std::str::from_utf8(bytes) {
                        Ok(text) => text
                            .replace(self.top.to_str().unwrap(), top.to_str().unwrap())
                            .into_bytes(),
                        Err(_) => bytes.clone(),
                    };
                    write_copy(&path, &moved, permissions);
                }
            }
        }
    }
}

fn collect(top: &Path, folder: &Path, files: &mut Vec<(PathBuf, Kind)>) {
    for entry in std::fs::read_dir(top.join(folder)).into_iter().flatten() {
        let entry = entry.unwrap();
        let path = folder.join(entry.file_name());
        let metadata = entry.metadata().unwrap();
        if metadata.is_dir() {
            files.push((path.clone(), Kind::Folder));
            collect(top, &path, files);
        } else {
            let bytes = std::fs::read(entry.path()).unwrap();
            files.push((path, Kind::File(metadata.permissions(), bytes)));
        }
    }
}

/// Whether git has this command.
fn has_command(name: &str) -> bool {
    static COMMANDS: OnceLock<String> = OnceLock::new();
    let commands = COMMANDS.get_or_init(|| {
        let sandbox = Sandbox::empty();
        sandbox.git(["--list-cmds=main"]).stdout
    });
    commands.lines().any(|command| command == name)
}

/// Says in the test's output that a story was not told.
#[allow(clippy::print_stderr, reason = "a test that is skipped has to say so")]
fn skip(command: &str) {
    eprintln!("skipped: this git has no `git {command}`");
}
