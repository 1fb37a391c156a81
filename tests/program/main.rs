//! The whole program, as users run it: the built binary, real git, real hooks, in repositories that are made for each test.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod actors;
mod checks;
mod commands;
mod gate;
mod hostile;
mod invariants;
mod journeys;
mod kinds;
mod matrix;
mod policy;
mod pre_push;
mod sandbox;
mod stack;
mod templates;
mod traps;
mod untouched;
