//! Whether git gets to us at each event, once, in this work tree and in the others; if not, who is in the way.
//!
//! Not here: finding out how the hooks are installed (install/status.rs).

use std::ffi::OsStr;
use std::path::Path;

use bstr::ByteSlice;

use crate::install::{self, Event, EventStatus, Lost, Obstacle, Points, Reach, Setting, Status, Target, Version, Way};
use crate::names::visible;

use super::{Finding, Remedy, Session, Severity};

/// How the hooks are, here and in the other work trees.
pub(super) fn hooks(session: &Session<'_>, target: &Target, status: &Status, program: &Path) -> Vec<Finding> {
    let mut findings = of_work_tree(target, status);
    findings.extend(git_lfs(target, status));
    let here = session.repository.work_tree();
    for checkout in session.repository.checkouts() {
        if Some(checkout.work_tree.as_path()) == here {
            continue;
        }
        let other = install::find_in(OsStr::new("git"), &checkout.work_tree);
        let there = match other.and_then(|other| Ok(of_work_tree(&other, &install::status(&other, program)?))) {
            Ok(there) => there,
            Err(error) => vec![Finding::failed(&error)],
        };
        let own = |finding: &Finding| finding.severity == Severity::Wrong && !findings.contains(finding);
        let own: Vec<Finding> = there.into_iter().filter(own).collect();
        findings.extend(own.into_iter().map(|finding| Finding {
            what: format!("in the work tree '{}': {}", checkout.work_tree.display(), finding.what),
            fix: finding.fix.map(|fix| format!("there: {fix}")),
            remedy: None,
            ..finding
        }));
    }
    findings
}

fn of_work_tree(target: &Target, status: &Status) -> Vec<Finding> {
    let mut troubles: Vec<(Trouble, Vec<&str>)> = Vec::new();
    for event in &status.events {
        let Some(trouble) = trouble(target, status, event) else {
            continue;
        };
        match troubles.iter_mut().find(|(known, _)| *known == trouble) {
            Some((_, names)) => names.push(event.event.name()),
            None => troubles.push((trouble, vec![event.event.name()])),
        }
    }
    if !troubles.is_empty() {
        let all = status.events.len();
        return troubles
            .iter()
            .map(|(trouble, names)| trouble.finding(names, all))
            .collect();
    }
    let mut by_hand: Vec<String> = Vec::new();
    for line in status.events.iter().flat_map(|event| &event.lines) {
        let file = format!("'{}'", line.file.display());
        if line.reach == Reach::Runs && !by_hand.contains(&file) {
            by_hand.push(file);
        }
    }
    let by_hand = match by_hand.is_empty() {
        true => String::new(),
        false => format!(", by hand in {}", by_hand.join(", ")),
    };
    vec![Finding::right(format!(
        "the hooks are installed (git {}){by_hand}",
        status.git_version
    ))]
}

/// git-lfs leaves a hook alone that it does not know, so where ours was first it is not run, and large files are not sent.
fn git_lfs(target: &Target, status: &Status) -> Option<Finding> {
    let attributes = std::fs::read(target.work_tree.as_ref()?.join(".gitattributes")).ok()?;
    let push = status.events.iter().find(|event| event.event == Event::PrePush)?;
    let hook = &push.file.as_ref()?.place;
    let is_missing = attributes.contains_str("filter=lfs") && install::is_all_ours(hook);
    is_missing.then(|| {
        let hook = hook.display();
        Finding::wrong(
            format!("'{hook}' does not run git-lfs, so that large files are not sent"),
            "add what `git lfs update --manual` prints to the end of the files that it names",
        )
    })
}

/// What is the matter with an event. The same with several of them is told once.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Trouble {
    /// The verb for one hook, and for several.
    verb: [&'static str; 2],
    /// What follows the verb.
    what: String,
    fix: String,
    remedy: Option<Remedy>,
}

const IS: [&str; 2] = ["is", "are"];
const STARTS: [&str; 2] = ["starts", "start"];

impl Trouble {
    fn finding(&self, names: &[&str], all: usize) -> Finding {
        let (subject, verb) = match names {
            [name] => (format!("the {name} hook"), self.verb[0]),
            names if names.len() == all => ("the hooks".to_owned(), self.verb[1]),
            names => (format!("the hooks {}", names.join(", ")), self.verb[1]),
        };
        Finding {
            remedy: self.remedy.clone(),
            ..Finding::wrong(format!("{subject} {verb} {}", self.what), self.fix.clone())
        }
    }
}

fn trouble(target: &Target, status: &Status, event: &EventStatus) -> Option<Trouble> {
    let can_install = match status.way {
        Way::Config => true,
        Way::Files => event.obstacle.is_none(),
        Way::Snippet(_) => false,
    };
    let by_init = |verb, what: String| Trouble {
        verb,
        what,
        fix: if can_install {
            "git branchwork init".to_owned()
        } else {
            "git branchwork init, and do what it prints".to_owned()
        },
        remedy: can_install.then_some(Remedy::InstallHooks),
    };
    let by_person = |verb, what: String, fix: String| Trouble {
        verb,
        what,
        fix,
        remedy: None,
    };
    let looks_at_config = status.git_version >= Version::CONFIG_HOOKS;
    let configured = event.config.as_ref().filter(|_| looks_at_config);
    let line = |reach| event.lines.iter().find(|line| line.reach == reach);
    if let Some(file) = event.file.as_ref().filter(|_| configured.is_some()) {
        let what = format!(
            "run twice: by the configuration and by files like '{}'",
            file.place.display()
        );
        return Some(by_init(IS, what));
    }
    if let Some(installed) = configured.or(event.file.as_ref()) {
        if let Some(line) = line(Reach::Runs) {
            let file = line.file.display();
            let what = format!("run twice: '{file}' starts git-branchwork too");
            return Some(by_person(IS, what, format!("take the line out of '{file}'")));
        }
        return match &installed.points {
            Points::Here => None,
            Points::Elsewhere(path) => Some(by_init(STARTS, format!("another git-branchwork: '{}'", path.display()))),
            Points::Gone(path) => Some(by_init(STARTS, format!("a program that is gone: '{}'", path.display()))),
            Points::Unknown => {
                let what = format!("changed by hand in '{}'", installed.place.display());
                Some(by_person(
                    IS,
                    what,
                    "git branchwork deinit, then git branchwork init".to_owned(),
                ))
            }
            Points::SwitchedOff(setting) => {
                let what = format!("switched off: {} = false in {}", setting.key, place(setting));
                Some(by_person(IS, what, unset(setting)))
            }
        };
    }
    if line(Reach::Runs).is_some() {
        return None;
    }
    if let Some(line) = line(Reach::Interrupted) {
        // A file an event: the folder is the same for all of them.
        let own = line.file.ends_with(event.event.name());
        let place = line.file.parent().filter(|_| own).unwrap_or(&line.file).display();
        let what = format!("not run: git does not get to what is written for that in '{place}'");
        return Some(by_person(IS, what, line.remedy().unwrap_or_default()));
    }
    let manager = match &event.obstacle {
        Some(Obstacle::Generated(manager)) => Some(manager.name()),
        _ => None,
    };
    Some(match &event.lost {
        Some(Lost::MovedAside(path)) => {
            let folder = path.parent().unwrap_or(path).display();
            let suffix = path.extension().unwrap_or_default().display();
            let what = match manager {
                Some(manager) => format!("not run: {manager} moved our files to '*.{suffix}' in '{folder}'"),
                None => format!("not run: our files were moved to '*.{suffix}' in '{folder}'"),
            };
            by_init(IS, what)
        }
        Some(Lost::NotExecutable(path)) => {
            let what = format!("not run: '{}' is not executable", path.display());
            match event.obstacle {
                // It is a person's too, who may want it so.
                Some(_) => by_person(IS, what, format!("chmod +x '{}'", path.display())),
                None => by_init(IS, what),
            }
        }
        Some(Lost::OtherFolder(path)) => {
            let ours = path.parent().unwrap_or(path).display();
            let looks = target.hooks_dir.display();
            let why = target.core_hooks_path.as_ref();
            let why = why.map_or(String::new(), |setting| {
                format!(" (core.hooksPath in {})", place(setting))
            });
            by_init(
                IS,
                format!("not run: they are in '{ours}', and git looks in '{looks}'{why}"),
            )
        }
        None if event.config.is_some() => {
            let git = status.git_version;
            by_init(IS, format!("in the configuration, which git {git} does not look at"))
        }
        None => by_init(
            IS,
            match (&event.obstacle, manager) {
                (_, Some(manager)) if status.way == Way::Files => {
                    format!("not installed: {manager} has its own there, and would write over ours")
                }
                (Some(obstacle), None) if status.way == Way::Files => format!("not installed: {}", why(obstacle)),
                _ => "not installed".to_owned(),
            },
        ),
    })
}

fn place(setting: &Setting) -> String {
    match &setting.file {
        Some(file) => format!("'{}'", file.display()),
        None => "the environment or on the command line".to_owned(),
    }
}

/// What takes a setting out where it is set.
pub(crate) fn unset(setting: &Setting) -> String {
    match &setting.file {
        Some(file) => format!("git config --file '{}' --unset {}", file.display(), setting.key),
        None => format!("run without {}", setting.key),
    }
}

/// Why a hook that is there cannot be touched, in words.
pub(crate) fn why(obstacle: &Obstacle) -> String {
    match obstacle {
        Obstacle::Generated(manager) => format!("{} wrote it, and would write over our lines", manager.name()),
        Obstacle::NotShell(line) => format!("it is not a POSIX shell script: '{}'", visible(line)),
        Obstacle::CarriageReturns => "its lines end in CRLF".to_owned(),
        Obstacle::ReadsItself => "it reads its own file, so that added lines could break it".to_owned(),
        Obstacle::ByHand => "a line in it starts git-branchwork already".to_owned(),
        Obstacle::Damaged => "one of git-branchwork's two marks is missing in it".to_owned(),
        Obstacle::Link => "it is a symbolic link".to_owned(),
        Obstacle::NotAFile => "it is not a file".to_owned(),
        Obstacle::NotExecutable => "it is not executable, so git skips it".to_owned(),
    }
}
