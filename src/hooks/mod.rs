//! Git's hook protocol: one file a hook, each of which turns what git gives into one journey.
//!
//! A hook never fails git for trouble of our own: an error is one line on stderr, and git goes on. Only a failed check
//! blocks, and only in pre-push. Not here: installing the hooks (install/).

mod post_checkout;
mod post_commit;
mod post_merge;
mod post_rewrite;
mod pre_push;

use std::panic::{AssertUnwindSafe, catch_unwind, set_hook};

use crate::error::Result;
use crate::journeys::Notice;
use crate::names::visible;
use crate::repo::is_rewriting;
use crate::ui::{Ui, place, sentence};
use crate::world::World;

pub(crate) use pre_push::{LookFirst, gate};

/// What git is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Exit code 0.
    GoOn,
    /// Exit code 1.
    Block,
}

/// What a hook is given.
pub(crate) struct Call<'a> {
    arguments: &'a [String],
    world: &'a World,
    ui: Ui,
    read_input: &'a mut dyn FnMut() -> std::io::Result<Vec<u8>>,
}

type HookFn = fn(&mut Call<'_>) -> Result<Answer>;

/// What a hook does while a rebase is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum InRebase {
    /// Nothing: git runs it for each commit, and what became of them is known when the rebase ends.
    Leaves,
    /// The same as ever.
    Runs,
}

/// The hooks there are.
const HOOKS: [(&str, InRebase, HookFn); 5] = [
    ("post-checkout", InRebase::Leaves, post_checkout::run),
    ("post-commit", InRebase::Leaves, post_commit::run),
    ("post-merge", InRebase::Leaves, post_merge::run),
    ("post-rewrite", InRebase::Runs, post_rewrite::run),
    ("pre-push", InRebase::Runs, pre_push::run),
];

/// Runs the hook `name`. A hook that is not known here is one of a newer version: nothing to do.
pub(crate) fn run(
    name: &str,
    arguments: &[String],
    world: &World,
    ui: Ui,
    read_input: &mut dyn FnMut() -> std::io::Result<Vec<u8>>,
) -> Answer {
    let Some((name, in_rebase, hook)) = HOOKS.iter().find(|(known, ..)| *known == name) else {
        return Answer::GoOn;
    };
    if *in_rebase == InRebase::Leaves && is_rewriting(world) {
        return Answer::GoOn;
    }
    set_hook(Box::new(|_| {}));
    let mut call = Call {
        arguments,
        world,
        ui,
        read_input,
    };
    let problem = match catch_unwind(AssertUnwindSafe(|| hook(&mut call))) {
        Ok(Ok(answer)) => return answer,
        Ok(Err(error)) => error.to_string(),
        Err(_) => "an internal error; please report it".to_owned(),
    };
    ui.hook(&format!("{name}: {}", one_line(&problem)));
    Answer::GoOn
}

impl Call<'_> {
    fn argument(&self, index: usize) -> &str {
        self.arguments.get(index).map_or("", String::as_str)
    }

    fn notices(&self, notices: &[Notice]) {
        self::notices(self.ui, notices);
    }

    fn created(&self, branch: &crate::names::BranchName, notices: &[Notice]) {
        self.notices(notices);
        self.ui
            .hook(&format!("created the document of '{branch}': {}", place(notices)));
    }
}

fn notices(ui: Ui, notices: &[Notice]) {
    for notice in notices {
        ui.hook(&sentence(notice));
    }
}

fn one_line(text: &str) -> String {
    visible(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}
