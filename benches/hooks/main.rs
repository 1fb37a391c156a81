//! What the hooks add to git, in whole processes: `cargo bench --bench hooks`, with `-- --quick` for fewer rounds and
//! `-- --in <folder>` to measure on another disk than that of the target folder.
//!
//! Everything is compared within one run, by turns, so that a busy machine slows all sides. Numbers are for people: the
//! exit code is 0 whether or not a target is met. docs/speed.md says what the numbers mean.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a program for people at a terminal, which may stop at the first thing that goes wrong"
)]

#[cfg(unix)]
mod process;
#[cfg(unix)]
mod repository;
#[cfg(unix)]
mod scenarios;
#[cfg(unix)]
mod stacks;

#[cfg(unix)]
fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let folder = arguments.iter().skip_while(|argument| *argument != "--in").nth(1);
    let place = folder.map_or(env!("CARGO_TARGET_TMPDIR"), String::as_str);
    scenarios::run(
        &std::path::Path::new(place).join("hooks-bench"),
        arguments.iter().any(|argument| argument == "--quick"),
    );
}

#[cfg(not(unix))]
fn main() {
    println!("this benchmark needs wait4(2)");
}
