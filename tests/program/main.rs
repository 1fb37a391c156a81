//! The whole program, as users run it: the built binary, real git, real hooks, in repositories that are made for each test.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod actors;
mod archive;
mod bases;
mod checks;
mod ci;
mod commands;
mod formats;
mod gate;
mod hostile;
#[cfg(unix)]
mod interactive;
mod invariants;
mod journeys;
mod kinds;
mod matrix;
mod merge_driver;
mod merged;
mod policy;
mod pre_push;
mod recorded;
mod sandbox;
mod stack;
mod stacks;
mod suggestions;
mod sync;
mod templates;
#[cfg(unix)]
mod terminal;
mod traps;
mod untouched;
mod watched;
