//! The stack of a branch, or all stacks: what tools recorded, what documents say and what git knows, put together.
//!
//! No tool is started. Not here: which recorded parent is right and how a stack is drawn (stack/), and reading what tools
//! recorded (records/).

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap, HashSet};

use serde::Serialize;

use crate::document::Document;
use crate::document::front_matter::{Key, Value};
use crate::error::{Error, Result};
use crate::names::{BranchName, CommitId};
use crate::records;
use crate::repo::{Lineage, MOST_VISITED, Repository, Scope};
use crate::stack::drawing::{Style, draw};
use crate::stack::resolve::{Agreement, Evidence, Guess};
use crate::stack::tree::Tree;
use crate::stack::{PullRequest, PullRequestState, Records, Source};

use super::Session;
use super::settle::Newest;

/// How many commits of a branch are searched for a pull request's address.
const MOST_MESSAGES: usize = 20;

/// What is known of the stacks here.
pub(crate) struct Stacks {
    /// All branches, each on its parent.
    pub(crate) tree: Tree,
    /// What could not be read, each in one sentence.
    pub(crate) unreadable: Vec<String>,
}

/// One branch. Field names are those of `stack --json`; what is not known is null.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Row {
    /// The branch.
    pub(crate) branch: String,
    /// The branch that it stands on.
    pub(crate) parent: String,
    /// The branches that stand on it.
    pub(crate) children: Vec<String>,
    /// The branch that the stack stands on.
    pub(crate) trunk: String,
    /// 1 at the bottom; the trunk is not counted.
    pub(crate) position: u64,
    /// How many branches the longest line through it has.
    pub(crate) total: u64,
    /// The number of its pull request.
    pub(crate) pr: Option<u64>,
    /// How that stands.
    pub(crate) pr_state: Option<&'static str>,
    /// Whether it was merged.
    pub(crate) merged: bool,
    /// Whether its parent's tip is not below it.
    pub(crate) needs_restack: bool,
    /// Who says what its parent is.
    pub(crate) source: &'static str,
    /// Whether nobody recorded its parent.
    pub(crate) guessed: bool,
}

impl Stacks {
    /// What is known of a branch, for a program to read.
    pub(crate) fn row(&self, branch: &BranchName) -> Option<Row> {
        let layer = self.tree.layer(branch)?;
        let name = |branch: &BranchName| branch.as_str().to_owned();
        Some(Row {
            branch: name(branch),
            parent: name(layer.parent.as_ref().unwrap_or(self.tree.trunk())),
            children: self.tree.children(branch).iter().map(name).collect(),
            trunk: name(self.tree.trunk()),
            position: self.tree.position(branch),
            total: self.tree.total(branch),
            pr: layer.pull_request.map(|pull_request| pull_request.number),
            pr_state: layer
                .pull_request
                .and_then(|pull_request| pull_request.state)
                .map(PullRequestState::name),
            merged: layer.merged,
            needs_restack: layer.needs_restack,
            source: layer.source.name(),
            guessed: layer.guessed,
        })
    }
}

/// What is known of all stacks.
///
/// Errors: the trunk is not known.
pub(crate) fn stacks(session: &Session<'_>) -> Result<Stacks> {
    let repository = &session.repository;
    let recorded = records::all(repository);
    let branches = repository.branches()?;
    let mut named = recorded.iter().flat_map(|records| &records.trunks);
    let trunk = session
        .trunk()
        .or_else(|| named.find(|trunk| branches.contains(*trunk)).cloned());
    let trunk = trunk.ok_or_else(|| Error::new("the trunk is not known").hint("git config branchwork.trunk <name>"))?;
    let is_trunk =
        |branch: &BranchName| *branch == trunk || recorded.iter().any(|records| records.trunks.contains(branch));
    let branches: BTreeSet<BranchName> = branches.into_iter().filter(|branch| !is_trunk(branch)).collect();
    let lineage = RefCell::new(repository.lineage(Some(&trunk), Scope::All)?);
    let commits = Commits {
        repository,
        trunk: &trunk,
        trunk_tips: repository.tips(&trunk),
        own: RefCell::default(),
    };
    let renamed = renamed(&lineage.borrow(), &branches, &recorded);
    let documents = bases(session)?;
    let guess = |branch: &BranchName| {
        let inferred = lineage.borrow_mut().infer(branch);
        inferred.map_or(
            Guess {
                parent: None,
                source: Source::Trunk,
                guessed: true,
            },
            |found| Guess {
                parent: found.parent,
                source: found.source,
                guessed: found.guessed,
            },
        )
    };
    let evidence = Evidence {
        trunk: &trunk,
        branches: &branches,
        records: &recorded,
        documents: &documents,
        renamed: &renamed,
        agreement: &|branch, parent, tip| commits.agreement(branch, parent, tip),
        guess: &guess,
    };
    let mut layers = evidence.layers(branches.iter().cloned());
    let mut lineage = lineage.borrow_mut();
    for (branch, layer) in &mut layers {
        layer.merged |= lineage.is_merged(branch);
        let parent = layer.parent.as_ref().filter(|_| !layer.merged);
        layer.needs_restack = parent.is_some_and(|parent| lineage.needs_restack(branch, parent));
        if layer.pull_request.is_none() {
            layer.pull_request = commits.named_in_messages(branch);
        }
    }
    Ok(Stacks {
        tree: Tree::new(trunk.clone(), layers),
        unreadable: recorded.into_iter().flat_map(|records| records.unreadable).collect(),
    })
}

/// The new names of branches that records know by old ones.
fn renamed(
    lineage: &Lineage<'_>,
    branches: &BTreeSet<BranchName>,
    recorded: &[Records],
) -> HashMap<BranchName, BranchName> {
    let records = recorded.iter().flat_map(|records| &records.branches);
    let named = records.flat_map(|record| std::iter::once(&record.branch).chain(&record.parent));
    let gone: HashSet<&BranchName> = named.filter(|name| !branches.contains(*name)).collect();
    let renamed = gone
        .into_iter()
        .filter_map(|old| Some((old.clone(), lineage.renamed(old)?)));
    renamed.collect()
}

/// The base that the document of each branch names.
fn bases(session: &Session<'_>) -> Result<HashMap<BranchName, BranchName>> {
    let mut bases = HashMap::new();
    let Some(store) = session.store()? else {
        return Ok(bases);
    };
    for stored in store.documents()? {
        let Some(branch) = stored.branch.clone() else { continue };
        let document = Newest::load(store, stored)?.document;
        if let Some(base) = document.front_matter().text("branch.base").and_then(BranchName::new) {
            bases.insert(branch, base);
        }
    }
    Ok(bases)
}

/// What the commits say of branches.
struct Commits<'a> {
    repository: &'a Repository,
    trunk: &'a BranchName,
    trunk_tips: Vec<CommitId>,
    /// The commits of each branch that are not the trunk's.
    own: RefCell<HashMap<BranchName, HashSet<CommitId>>>,
}

impl Commits<'_> {
    fn own(&self, branch: &BranchName) -> HashSet<CommitId> {
        if let Some(own) = self.own.borrow().get(branch) {
            return own.clone();
        }
        let tip = self.repository.tip(branch);
        let found = tip.and_then(|tip| self.repository.own_commits(&tip, &self.trunk_tips, MOST_VISITED).ok());
        let own: HashSet<CommitId> = found.into_iter().flat_map(|found| found.newest_first).collect();
        self.own.borrow_mut().insert(branch.clone(), own.clone());
        own
    }

    fn is_below(&self, commit: &CommitId, branch: &BranchName) -> bool {
        let tip = self.repository.tip(branch);
        tip.is_some_and(|tip| {
            tip == *commit || self.own(branch).contains(commit) || {
                let reach = self.repository.reach(&tip, &[commit], MOST_VISITED);
                reach.reached.contains(commit)
            }
        })
    }

    fn agreement(&self, branch: &BranchName, parent: &BranchName, recorded: Option<&CommitId>) -> Agreement {
        if recorded.is_some_and(|commit| self.is_below(commit, branch)) {
            return Agreement::Exact;
        }
        if parent == self.trunk {
            return Agreement::Shares;
        }
        let theirs = self.own(parent);
        let shares = match theirs.is_empty() {
            true => self
                .repository
                .tip(parent)
                .is_some_and(|tip| self.is_below(&tip, branch)),
            false => !theirs.is_disjoint(&self.own(branch)),
        };
        if shares { Agreement::Shares } else { Agreement::None }
    }

    /// The pull request that a message of one of the branch's newest commits names.
    fn named_in_messages(&self, branch: &BranchName) -> Option<PullRequest> {
        let own = self.own(branch);
        let newest = self
            .repository
            .newest_messages(&self.repository.tip(branch)?, &own, MOST_MESSAGES);
        let records = records::of_messages(self.repository, branch, newest.iter().map(String::as_str))?;
        records.branches.first()?.pull_request
    }
}

/// Brings what a document says of its stack up to date; says what it says, where that is another thing than before.
pub(crate) fn update(
    document: &mut Document,
    stacks: &Stacks,
    branch: &BranchName,
    style: Style,
) -> Result<Option<String>> {
    let Some(layer) = stacks.tree.layer(branch) else {
        return Ok(None);
    };
    let before = document.clone();
    let front_matter = document.front_matter();
    let recorded = front_matter.text("branch.base").and_then(BranchName::new);
    // What is guessed because the recorded base is not here is worth less than the record: a clone without the lower branches
    // knows less than the document, and what was the base's work is told apart by its name, though it is merged and gone.
    if layer.source.is_found_out() && recorded.is_some() {
        return Ok(None);
    }
    let base = layer.parent.as_ref().unwrap_or(stacks.tree.trunk());
    let (position, total) = (stacks.tree.position(branch), stacks.tree.total(branch));
    let mut changes = Vec::new();
    let mut change = |name: &str, value: Value, said: String| {
        if let Some(key) = Key::parse(name)
            && front_matter.get(&key).is_some()
            && front_matter.text(name) != Some(said.as_str())
        {
            changes.push((key, value));
        }
    };
    change(
        "branch.base",
        Value::Text(base.as_str().to_owned()),
        base.as_str().to_owned(),
    );
    change("branch.position", Value::Number(position), position.to_string());
    change("branch.total", Value::Number(total), total.to_string());
    if let Some(pull_request) = layer.pull_request
        && front_matter.text("pr").is_none()
    {
        change(
            "pr",
            Value::Number(pull_request.number),
            pull_request.number.to_string(),
        );
    }
    if front_matter.problem.is_none() && !changes.is_empty() {
        document.set(&changes)?;
    }
    document.show_stack(&draw(&stacks.tree, branch, Some(branch), style))?;
    Ok((*document != before).then(|| format!("stack: {position} of {total}, on {}", base.as_str())))
}

/// What the policy wants stacks to be drawn with.
pub(crate) fn style(session: &Session<'_>) -> Style {
    match session.policy.ascii_stack {
        true => Style::Ascii,
        false => Style::Unicode,
    }
}

/// What is told of a branch in words.
pub(crate) fn sentence(tree: &Tree, branch: &BranchName) -> Option<String> {
    let layer = tree.layer(branch)?;
    let parent = layer.parent.as_ref().unwrap_or(tree.trunk());
    let how = if layer.guessed {
        "nobody recorded it; found by"
    } else {
        "recorded by"
    };
    Some(format!(
        "'{branch}' stands on '{parent}' ({how} {})",
        layer.source.name()
    ))
}

/// The rows of branches, in the order of the drawing.
pub(crate) fn rows(stacks: &Stacks, branches: &[&BranchName]) -> Vec<Row> {
    branches.iter().filter_map(|branch| stacks.row(branch)).collect()
}
