//! `stack`: the stack of a branch, whichever tool made it. Not here: finding it out (journeys/stack.rs).

use super::{BranchOption, Exit, Surroundings};
use crate::error::{Error, Result};
use crate::journeys::Session;
use crate::journeys::stack::{rows, sentence, stacks, style};
use crate::names::BranchName;
use crate::stack::drawing::draw;
use crate::stack::tree::Tree;

pub(super) const NO_BRANCHES: &str = "No branches but the trunk";

/// Show the stack of a branch
///
/// Read from whatever stack tool is used (Graphite, git-spice, gh stack, git-town, git-machete, av, stax, stackit, GitButler,
/// git-stk, the keys of gh, GitLens and VS Code), from documents, and from git itself, without starting any tool.
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The branch, instead of the current one
    #[arg(value_name = "BRANCH", conflicts_with = "branch")]
    name: Option<String>,
    #[command(flatten)]
    branch: BranchOption,
    /// All stacks
    #[arg(long, conflicts_with_all = ["name", "branch"])]
    all: bool,
    /// Print a list of objects
    #[arg(long)]
    json: bool,
    /// Say of each branch its place, who recorded its parent and who says otherwise, and what could not be read
    #[arg(short, long)]
    verbose: bool,
}

pub(super) fn run(arguments: &Arguments, surroundings: &mut Surroundings<'_>) -> Result<Exit> {
    let session = surroundings.session()?;
    let stacks = stacks(&session)?;
    let tree = &stacks.tree;
    let current = session.repository.current_branch()?;
    let one = match arguments.all {
        true => None,
        false => one(
            &session,
            tree,
            arguments.name.as_deref().or(arguments.branch.branch.as_deref()),
        )?,
    };
    let shown: Vec<&BranchName> = match &one {
        Some(branch) => tree.stack_of(branch),
        None => tree.branches(),
    };
    if arguments.json {
        surroundings.ui.json(&rows(&stacks, &shown))?;
    } else {
        let style = style(&session);
        let bottoms: Vec<&BranchName> = match &one {
            Some(branch) => vec![branch],
            None => tree.bottoms().collect(),
        };
        let drawings: Vec<String> = bottoms
            .iter()
            .map(|branch| draw(tree, branch, current.as_ref(), style))
            .collect();
        surroundings.page(&session, drawings.join("\n").as_bytes())?;
        if drawings.is_empty() {
            surroundings.ui.talk(NO_BRANCHES);
        }
    }
    if arguments.verbose {
        for sentence in shown.iter().filter_map(|branch| sentence(&stacks, branch)) {
            surroundings.ui.talk(&sentence);
        }
        for unreadable in &stacks.unreadable {
            surroundings.ui.warn(unreadable);
        }
    }
    Ok(Exit::Ok)
}

/// The branch whose stack is asked for; `None` on a trunk, where there is no one stack to show, and on GitButler's workspace.
pub(super) fn one(session: &Session<'_>, tree: &Tree, name: Option<&str>) -> Result<Option<BranchName>> {
    let branch = session.branch(name)?;
    if !tree.is_trunk(&branch) && session.repository.tip(&branch).is_none() {
        return Err(Error::new(format!("there is no branch '{branch}' here")).hint("git branch --list"));
    }
    Ok(Some(branch).filter(|branch| tree.layer(branch).is_some()))
}
