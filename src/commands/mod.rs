//! The command line: one file a command, each of which turns options into one journey and its outcome into words.
//!
//! This file is the table of commands and the options that all of them share. Deliberately absent: anything that a hook
//! would need too; that is a journey.

mod archive;
mod check;
mod completions;
mod create;
mod deinit;
mod demo;
mod doctor;
mod edit;
mod export;
mod get;
mod help;
mod history;
mod hook;
mod init;
mod list;
mod log;
mod man;
mod merge_driver;
mod push;
mod redact;
mod refresh;
mod review;
mod search;
mod set;
mod show;
mod stack;
mod sync;
mod text;
mod tick;
mod update;
mod why;

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use clap::{CommandFactory, Parser, Subcommand};

use crate::error::{Error, Result};
use crate::journeys::Session;
use crate::journeys::archived::unseen;
use crate::names::visible;
use crate::nearest::nearest;
use crate::process::{self, Input};
use crate::transport::Prompt;
use crate::ui::{Talk, Ui, exit_code};
use crate::world::World;

/// One living Markdown document for every git branch
///
/// Git hooks make the document when a branch is created, log each commit's changed files into its Updates, and hold back a
/// push while required fields are missing. The document of the current branch is at .branchwork/CURRENT.md: edit it freely.
#[derive(Parser)]
#[command(
    name = "git-branchwork",
    bin_name = "git branchwork",
    version,
    propagate_version = false
)]
#[command(arg_required_else_help = true, disable_help_subcommand = true, max_term_width = 100)]
struct CommandLine {
    /// Run as if started in <PATH>
    #[arg(short = 'C', value_name = "PATH", global = true)]
    folder: Vec<PathBuf>,
    /// Say nothing but warnings and errors
    #[arg(short, long, global = true)]
    quiet: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Init(init::Arguments),
    Deinit(deinit::Arguments),
    Create(create::Arguments),
    Show(show::Arguments),
    Get(get::Arguments),
    Set(set::Arguments),
    Log(log::Arguments),
    Update(update::Arguments),
    Tick(tick::Arguments),
    Review(review::Arguments),
    Edit(edit::Arguments),
    Stack(stack::Arguments),
    Refresh(refresh::Arguments),
    Sync(sync::Arguments),
    Push(push::Arguments),
    List(list::Arguments),
    History(history::Arguments),
    Archive(archive::Arguments),
    Export(export::Arguments),
    MergeDriver(merge_driver::Arguments),
    Redact(redact::Arguments),
    Why(why::Arguments),
    Search(search::Arguments),
    Check(check::Arguments),
    Doctor(doctor::Arguments),
    Demo(demo::Arguments),
    Hook(hook::Arguments),
    Completions(completions::Arguments),
    Man(man::Arguments),
    Help(help::Arguments),
}

/// Which branch a command is about.
#[derive(clap::Args)]
struct BranchOption {
    /// The branch, instead of the current one (during a rebase: the one being rebased)
    #[arg(short, long, value_name = "BRANCH")]
    branch: Option<String>,
}

/// How a command that did its work ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Exit {
    /// 0.
    Ok,
    /// 1: it found problems, or not what was asked for, and has said so.
    Problems,
}

/// What a command is given.
struct Surroundings<'a> {
    world: &'a World,
    ui: Ui,
    read_input: &'a mut dyn FnMut() -> std::io::Result<Vec<u8>>,
}

impl<'a> Surroundings<'a> {
    fn session(&self) -> Result<Session<'a>> {
        Session::open(self.world)
    }

    /// Whether git may ask for a password on the way to a remote.
    fn prompt(&self) -> Prompt {
        match self.ui.can_ask() {
            true => Prompt::Allowed,
            false => Prompt::Never,
        }
    }

    /// Where nothing was found: says how to get what a remote may have of it.
    fn tell_unseen(&self, session: &Session<'_>) -> Result<()> {
        if let Some(hint) = unseen(session)? {
            self.ui.talk(&format!("hint: {hint}"));
        }
        Ok(())
    }

    /// The content of a file, or of standard input where it is called `-`.
    fn input(&mut self, path: &Path) -> Result<Vec<u8>> {
        let (name, read) = if path == Path::new("-") {
            ("standard input".to_owned(), (self.read_input)())
        } else {
            (
                format!("'{}'", path.display()),
                std::fs::read(self.world.directory.join(path)),
            )
        };
        read.map_err(|error| Error::new(format!("cannot read {name}")).because(&error))
    }

    /// Prints a text, through git's pager where stdout is a terminal.
    fn page(&self, session: &Session<'_>, text: &[u8]) -> Result<()> {
        if !self.ui.is_terminal() {
            return self.ui.data(text);
        }
        let pager = pager(self.world, session);
        if pager.is_empty() || pager == "cat" {
            return self.ui.data(text);
        }
        let shown = crate::ui::for_terminal(&String::from_utf8_lossy(text));
        // As git does where these are not set: leave at the end of a short text, keep colours, keep the screen.
        let usual = [("LESS", "FRX"), ("LV", "-c")].map(|(name, value)| (name, OsStr::new(value)));
        let unset: Vec<_> = usual
            .into_iter()
            .filter(|(name, _)| self.world.variable(name).is_none())
            .collect();
        let input = Input::Text(shown.as_bytes());
        match process::interactive(OsStr::new(&pager), &[], &self.world.directory, &unset, input) {
            Ok(()) => Ok(()),
            Err(_) => self.ui.data(text),
        }
    }
}

/// Git's order (git-var(1)): `GIT_PAGER`, `core.pager`, `PAGER`, less.
fn pager(world: &World, session: &Session<'_>) -> String {
    let set = |name: &str| world.environment.get(OsStr::new(name)).and_then(|value| value.to_str());
    set("GIT_PAGER")
        .map(str::to_owned)
        .or_else(|| session.repository.config("core.pager"))
        .or_else(|| set("PAGER").map(str::to_owned))
        .unwrap_or_else(|| "less".to_owned())
}

/// A command line that was understood.
pub struct Program(CommandLine);

impl Program {
    /// Reads the command line. Where it is not understood, or asks for help, says so and returns the exit code.
    ///
    /// A hook that is called in a way not known here is one of another version: git must go on, so the code is 0.
    pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> std::result::Result<Self, u8> {
        let arguments: Vec<OsString> = arguments.into_iter().collect();
        if let Some(arguments) = hook::Arguments::of(&arguments) {
            return Ok(Self(CommandLine {
                folder: Vec::new(),
                quiet: false,
                command: Command::Hook(arguments),
            }));
        }
        let hook = arguments.get(1).is_some_and(|argument| argument == "hook");
        CommandLine::try_parse_from(arguments).map(Self).map_err(|error| {
            let _ = error.print();
            if hook {
                0
            } else {
                u8::try_from(error.exit_code()).unwrap_or(2)
            }
        })
    }

    /// The folder to run in, from `-C`; several are taken one after the other, as git does.
    pub fn folder(&self) -> Option<PathBuf> {
        (!self.0.folder.is_empty()).then(|| self.0.folder.iter().collect())
    }

    /// Says that `folder` cannot be entered; returns the exit code.
    pub fn wrong_folder(&self, folder: &Path, error: &std::io::Error) -> u8 {
        let error = Error::new(format!("cannot change to '{}'", folder.display())).because(error);
        Ui::new(Talk::Normal).error(&error);
        exit_code(&error)
    }

    /// Runs it and returns the exit code: 0 done, 1 failed or problems found, 2 used wrongly. `read_input` reads all of
    /// standard input.
    pub fn run(self, world: &World, read_input: &mut dyn FnMut() -> std::io::Result<Vec<u8>>) -> u8 {
        let talk = if self.0.quiet { Talk::Quiet } else { Talk::Normal };
        let ui = Ui::new(talk);
        let mut surroundings = Surroundings { world, ui, read_input };
        match dispatch(self.0.command, &mut surroundings) {
            Ok(Exit::Ok) => 0,
            Ok(Exit::Problems) => 1,
            Err(error) => {
                ui.error(&error);
                exit_code(&error)
            }
        }
    }
}

fn dispatch(command: Command, surroundings: &mut Surroundings<'_>) -> Result<Exit> {
    match command {
        Command::Init(arguments) => init::run(&arguments, surroundings),
        Command::Deinit(arguments) => deinit::run(&arguments, surroundings),
        Command::Create(arguments) => create::run(&arguments, surroundings),
        Command::Show(arguments) => show::run(&arguments, surroundings),
        Command::Get(arguments) => get::run(&arguments, surroundings),
        Command::Set(arguments) => set::run(&arguments, surroundings),
        Command::Log(arguments) => log::run(&arguments, surroundings),
        Command::Update(arguments) => update::run(&arguments, surroundings),
        Command::Tick(arguments) => tick::run(&arguments, surroundings),
        Command::Review(arguments) => review::run(&arguments, surroundings),
        Command::Edit(arguments) => edit::run(&arguments, surroundings),
        Command::Stack(arguments) => stack::run(&arguments, surroundings),
        Command::Refresh(arguments) => refresh::run(&arguments, surroundings),
        Command::Sync(arguments) => sync::run(&arguments, surroundings),
        Command::Push(arguments) => push::run(&arguments, surroundings),
        Command::List(arguments) => list::run(&arguments, surroundings),
        Command::History(arguments) => history::run(&arguments, surroundings),
        Command::Search(arguments) => search::run(&arguments, surroundings),
        Command::Why(arguments) => why::run(&arguments, surroundings),
        Command::Export(arguments) => export::run(&arguments, surroundings),
        Command::MergeDriver(arguments) => merge_driver::run(&arguments, surroundings),
        Command::Redact(arguments) => redact::run(&arguments, surroundings),
        Command::Archive(arguments) => archive::run(&arguments, surroundings),
        Command::Check(arguments) => check::run(&arguments, surroundings),
        Command::Doctor(arguments) => doctor::run(&arguments, surroundings),
        Command::Demo(arguments) => demo::run(&arguments, surroundings),
        Command::Hook(arguments) => hook::run(&arguments, surroundings),
        Command::Completions(arguments) => completions::run(&arguments, surroundings),
        Command::Man(arguments) => man::run(&arguments, surroundings),
        Command::Help(arguments) => help::run(&arguments, surroundings),
    }
}

/// The command line's own description, from which the manual and the completions are made.
fn description() -> clap::Command {
    CommandLine::command()
}

/// The part of it that is about one command; all of it where none is named.
fn named(command: Option<&str>) -> Result<clap::Command> {
    let mut all = description();
    all.build();
    let Some(name) = command else { return Ok(all) };
    if let Some(found) = all.find_subcommand(name) {
        return Ok(found.clone());
    }
    let error = Error::usage(format!("there is no command '{}'", visible(name)));
    let names = all.get_subcommands().map(clap::Command::get_name);
    Err(match nearest(name, names) {
        Some(meant) => error.hint(format!("did you mean '{meant}'?")),
        None => error.hint("git branchwork --help"),
    })
}
