//! git-branchwork: one living Markdown document for every git branch.
//!
//! The library is thin on purpose: [`document`] and [`check`] are public, so that they can be fuzzed and measured from
//! outside, and [`Program`] is the whole program. Everything else is private to the house; docs/architecture.md draws it.

pub mod check;
pub mod document;

mod actor;
mod commands;
mod error;
mod facts;
mod hooks;
mod install;
mod journeys;
mod names;
mod nearest;
mod policy;
mod policy_file;
mod process;
mod records;
mod repo;
mod report;
mod stack;
mod store;
#[cfg(test)]
#[path = "../tests/program/temporary.rs"]
mod temporary;
mod threads;
mod trailer;
mod transport;
mod ui;
mod view;
mod world;

pub use commands::Program;
pub use world::World;
