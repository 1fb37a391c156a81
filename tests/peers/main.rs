//! Hook managers, really installed, beside git-branchwork: whoever comes first or later, in the main and in a linked work
//! tree, each event reaches both exactly once; where it does not, `doctor` says so and names what mends it. And stack tools:
//! whatever they do to a stack, ours is the same.
//!
//! These need programs from npm, PyPI and apt, so they are ignored until asked for:
//!
//!     tests/peers/install && cargo test --test peers -- --ignored
//!
//! The git is the one on PATH, or the one that `BRANCHWORK_TEST_GIT` names: with 2.54 or newer hooks are configuration,
//! with older ones files. What a person is told to do is taken from what the program prints, or from docs/hooks.md.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod git_lfs;
mod git_machete;
mod graphite;
mod husky;
mod lefthook;
mod pre_commit;
#[path = "../program/sandbox.rs"]
mod sandbox;
mod stacks;
mod story;
