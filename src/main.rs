//! The program `git-branchwork`: reads what the process was started with, once, and runs.

use std::io::Read;
use std::process::ExitCode;

use git_branchwork::{Program, World};

fn main() -> ExitCode {
    let program = match Program::parse(std::env::args_os()) {
        Ok(program) => program,
        Err(code) => return ExitCode::from(code),
    };
    if let Some(folder) = program.folder()
        && let Err(error) = std::env::set_current_dir(&folder)
    {
        return ExitCode::from(program.wrong_folder(&folder, &error));
    }
    let directory = std::env::current_dir().unwrap_or_default();
    let world = World::new(
        std::env::vars_os().collect(),
        directory,
        std::env::current_exe().ok(),
        chrono::Utc::now(),
    );
    let mut read_input = || {
        let mut input = Vec::new();
        std::io::stdin().lock().read_to_end(&mut input).map(|_| input)
    };
    ExitCode::from(program.run(&world, &mut read_input))
}
