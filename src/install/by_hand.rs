//! Lines that a person wrote into a hook or into a hook manager's file to start us, and whether git gets to them.
//!
//! Not here: what lines to write (hook_managers.rs), and the hooks that we write ourselves (hook_file.rs).

use std::path::{Path, PathBuf};

use bstr::ByteSlice;

use super::config_file::quoted;
use super::hook_managers::{HookManager, generator, of_folder};
use super::{Event, Folder, Target, hook_file};

/// One file that starts us for one event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    /// The event.
    pub(crate) event: Event,
    /// The file.
    pub(crate) file: PathBuf,
    /// Whose file it is; `None` for a hook itself.
    pub(crate) manager: Option<HookManager>,
    /// Whether git's hook for the event leads there.
    pub(crate) reach: Reach,
}

/// Whether git gets to a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// It does.
    Runs,
    /// The file is the right one, but its manager is not installed, or nobody may execute it: see [`Line::remedy`].
    Interrupted,
    /// It belongs to a manager that has no part in this repository's hooks.
    Unused,
}

impl Line {
    /// What makes git get to it again, where that is known.
    pub(crate) fn remedy(&self) -> Option<String> {
        match self.manager {
            Some(manager) => manager.install_command(self.event),
            None => Some(format!("chmod +x {}", quoted(&self.file))),
        }
    }
}

/// All of them.
pub(crate) fn lines(target: &Target) -> Vec<Line> {
    let shared = shared_files(target);
    Event::ALL
        .into_iter()
        .flat_map(|event| of_event(target, event, &shared))
        .collect()
}

/// Whether a person's own line in `text` starts us for `event`.
pub(crate) fn calls_us(text: &[u8], event: Event) -> bool {
    let call = format!("git-branchwork hook {}", event.name());
    let calls = |line: &[u8]| !line.trim_start().starts_with(b"#") && line.contains_str(&call);
    text.lines().any(calls) && !text.contains_str("# >>> git-branchwork >>>")
}

fn of_event(target: &Target, event: Event, shared: &[(PathBuf, HookManager, Vec<u8>)]) -> Vec<Line> {
    let hook = target.hooks_dir.join(event.name());
    let executed = hook_file::is_executed(&hook);
    let runner = generator(&text_of(&hook)).filter(|_| executed);
    let legacy = target.hooks_dir.join(format!("{}.legacy", event.name()));
    let mut lines = Vec::new();
    let mut look = |file: &Path, text: &[u8], manager: Option<HookManager>, runs| {
        if !calls_us(text, event) {
            return;
        }
        let not_ours = target.folder() != Folder::InGitDir;
        let reach = match manager {
            _ if runs => Reach::Runs,
            None => Reach::Interrupted,
            // Of several managers' files it is the one that we would tell to write to.
            _ if not_ours && manager == of_folder(target) => Reach::Interrupted,
            Some(_) => Reach::Unused,
        };
        let file = file.to_owned();
        lines.push(Line {
            event,
            file,
            manager,
            reach,
        });
    };
    look(&hook, &text_of(&hook), None, executed);
    if runner.is_some_and(HookManager::runs_legacy) {
        look(&legacy, &text_of(&legacy), None, true);
    }
    if let Some(top) = &target.work_tree {
        let file = top.join(".husky").join(event.name());
        let leads_there = runner == Some(HookManager::Husky) && target.hooks_dir.parent() == file.parent();
        if file != hook {
            look(&file, &text_of(&file), Some(HookManager::Husky), leads_there);
        }
    }
    for (file, manager, text) in shared {
        let same_file =
            |runner| runner == *manager || (runner == HookManager::Prek && *manager == HookManager::PreCommit);
        look(file, text, Some(*manager), runner.is_some_and(same_file));
    }
    lines
}

/// The files that hold the lines of all events, with their text.
fn shared_files(target: &Target) -> Vec<(PathBuf, HookManager, Vec<u8>)> {
    let Some(top) = &target.work_tree else {
        return Vec::new();
    };
    let mut names = vec![(".pre-commit-config.yaml".to_owned(), HookManager::PreCommit)];
    for start in ["", ".", ".config/"] {
        for (local, kind) in ["", "-local"]
            .iter()
            .flat_map(|local| LEFTHOOK_KINDS.map(|kind| (local, kind)))
        {
            names.push((format!("{start}lefthook{local}.{kind}"), HookManager::Lefthook));
        }
    }
    let files = names.into_iter().map(|(name, manager)| (top.join(name), manager));
    files
        .map(|(file, manager)| {
            let text = text_of(&file);
            (file, manager, text)
        })
        .collect()
}

/// The forms of lefthook's configuration (<https://lefthook.dev/configuration>).
const LEFTHOOK_KINDS: [&str; 5] = ["yml", "yaml", "json", "jsonc", "toml"];

/// The text of a regular file; empty where there is none.
fn text_of(file: &Path) -> Vec<u8> {
    if file.metadata().is_ok_and(|metadata| metadata.is_file()) {
        std::fs::read(file).unwrap_or_default()
    } else {
        Vec::new()
    }
}
