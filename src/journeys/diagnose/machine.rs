//! What is around the repository: PATH, as a shell and as a desktop has it, other gits, a configuration that cannot be
//! written.
//!
//! Not here: the hooks themselves (hooks.rs).

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::install::{self, Blocked, Reach, Status, Target, Version};

use super::{Finding, Session};

/// Where programs that are started from a desktop, and not from a shell, look for others.
const DESKTOP_PATH: &str = if cfg!(target_os = "macos") {
    "/usr/bin:/bin:/usr/sbin:/sbin"
} else {
    "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
};
/// Where gits are, besides the folders on PATH.
const USUAL_FOLDERS: [&str; 4] = ["/usr/local/bin", "/usr/bin", "/opt/homebrew/bin", "/opt/local/bin"];

/// All of it.
pub(super) fn machine(session: &Session<'_>, target: &Target, status: &Status) -> Vec<Finding> {
    let mut findings = vec![on_path(session)];
    findings.extend(on_desktop(status));
    findings.extend(older_gits(session, status));
    findings.extend(install::blocked(&target.config_path).map(|blocked| config(target, &blocked)));
    findings
}

/// `git branchwork` works where git finds the program on PATH.
fn on_path(session: &Session<'_>) -> Finding {
    let found = search_path(session)
        .into_iter()
        .map(|folder| folder.join("git-branchwork"))
        .find(|file| file.is_file());
    match found {
        Some(file) => Finding::right(format!("`git branchwork` runs '{}'", file.display())),
        None => Finding::wrong(
            "`git branchwork` finds no git-branchwork on PATH",
            "add the folder of git-branchwork to PATH",
        ),
    }
}

/// Hooks of our own start the program by its path. Lines that a person wrote start it by its name.
fn on_desktop(status: &Status) -> Option<Finding> {
    let mut lines = status.events.iter().flat_map(|event| &event.lines);
    let line = lines.find(|line| line.reach == Reach::Runs)?;
    if std::env::split_paths(DESKTOP_PATH).any(|folder| folder.join("git-branchwork").is_file()) {
        return None;
    }
    let what = format!(
        "'{}' starts git-branchwork by name, which a program started from the desktop does not find in {DESKTOP_PATH}",
        line.file.display()
    );
    Some(Finding::note(
        what,
        "if you commit or push from such a program: add the folder of git-branchwork to its PATH",
    ))
}

/// Other gits on this machine to which hooks in the configuration mean nothing.
fn older_gits(session: &Session<'_>, status: &Status) -> Vec<Finding> {
    let here = status.git_version;
    let by_config = here >= Version::CONFIG_HOOKS && status.events.iter().any(|event| event.config.is_some());
    let mut gits: Vec<PathBuf> = Vec::new();
    for folder in search_path(session).into_iter().chain(USUAL_FOLDERS.map(PathBuf::from)) {
        let git = std::fs::canonicalize(folder.join("git"));
        gits.extend(git.ok().filter(|git| by_config && git.is_file() && !gits.contains(git)));
    }
    let older =
        |git: PathBuf| {
            let version = install::version(&git, &session.world.directory)?;
            (version < Version::CONFIG_HOOKS).then(|| {
            let what = format!(
                "'{}' is git {version}, to which hooks in the configuration mean nothing: what is committed with it is \
                 caught up with later, what is pushed with it is not checked",
                git.display()
            );
            Finding::note(what, format!("if you use it: make it git {} or newer", Version::CONFIG_HOOKS))
        })
        };
    gits.into_iter().filter_map(older).collect()
}

fn config(target: &Target, blocked: &Blocked) -> Finding {
    let config = target.config_path.display();
    match blocked {
        Blocked::Locked(lock) => Finding::wrong(
            format!("'{config}' cannot be changed: there is a lock '{}'", lock.display()),
            format!("if no git is running: rm '{}'", lock.display()),
        ),
        Blocked::ReadOnly(folder, reason) => Finding::wrong(
            format!("'{config}' cannot be changed: {reason}"),
            format!("make '{}' writable", folder.display()),
        ),
    }
}

fn search_path(session: &Session<'_>) -> Vec<PathBuf> {
    let path = session.world.environment.get(OsStr::new("PATH"));
    let folders = path.into_iter().flat_map(std::env::split_paths);
    folders
        .filter(|folder| folder.is_absolute() && *folder != Path::new(""))
        .collect()
}
