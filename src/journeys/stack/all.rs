//! All stacks at once: every branch is looked at, in one walk over what the trunk does not have.
//!
//! Not here: the stack of one branch, for which a hook has a millisecond (near.rs).

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::doubt::{Doubt, doubt, has_left, instead};
use super::gone::Gone;
use super::{Stacks, other_trunks, restack, trunk, with_remote};
use crate::document::Document;
use crate::document::sieve::Sought;
use crate::error::Result;
use crate::journeys::Session;
use crate::names::{BranchName, CommitId};
use crate::records::{self, Memory};
use crate::repo::{Lineage, Repository, Scope};
use crate::stack::resolve::{Agreement, Ended, Evidence, Guess, Instead, Resolver};
use crate::stack::tree::{Layer, Tree};
use crate::stack::{PullRequest, Records, Source};
use crate::store::{FoundStack, Store, Stored, Told, Writer};

/// How many commits of a branch are searched for a pull request's address.
const MOST_MESSAGES: usize = 20;

/// What is known of all stacks.
///
/// Errors: the trunk is not known.
pub(crate) fn stacks(session: &Session<'_>) -> Result<Stacks> {
    let repository = &session.repository;
    let remembered = session.store()?.map(Store::recorded).unwrap_or_default();
    let mut memory = Memory::of(&remembered, session.world.now);
    let recorded = records::all(repository, session.world, &mut memory);
    let branches = repository.branches()?;
    let trunk = trunk(session, &recorded)?;
    let others = other_trunks(repository, &recorded, &trunk);
    let mut branches: BTreeSet<BranchName> = branches.into_iter().collect();
    branches
        .retain(|branch| *branch != trunk && !others.contains(branch) && !records::is_git_butlers(repository, branch));
    let lineage = repository.lineage(Some(&trunk), Scope::All)?;
    let (documents, pull_requests) = documents(session)?;
    let renamed = renamed(&lineage, &branches, &recorded, &documents);
    let mut before = session.store()?.map(Store::found_stacks).unwrap_or_default();
    for (old, new) in &renamed {
        if let Some(known) = before.remove(old) {
            before.entry(new.clone()).or_insert(known);
        }
    }
    let everything = Everything {
        repository,
        renamed,
        documents,
        pull_requests,
        trunk,
        others,
        branches,
        recorded,
        before,
        lineage: RefCell::new(lineage),
        gone: Gone::of(session, None),
        ended: OnceCell::new(),
    };
    let mut resolver = Resolver::new(&everything);
    for branch in &everything.branches {
        resolver.add(branch);
    }
    let mut layers = resolver.into_layers();
    let mut found: BTreeMap<BranchName, FoundStack> = BTreeMap::new();
    let mut told: BTreeMap<BranchName, Told> = BTreeMap::new();
    for (branch, layer) in &mut layers {
        told.extend(everything.told(branch, layer).map(|told| (branch.clone(), told)));
        let known = everything.find_out(branch, layer);
        if known != FoundStack::default() {
            found.insert(branch.clone(), known);
        }
    }
    let mut lineage = everything.lineage.borrow_mut();
    restack(&mut layers, &everything.others, |branch, parent| {
        lineage.needs_restack(branch, parent)
    });
    for (branch, _) in layers.iter().filter(|(_, layer)| layer.needs_restack) {
        found.entry(branch.clone()).or_default().needs_restack = true;
    }
    let besides = besides(&everything, &layers);
    let unreadable = everything.recorded.iter().flat_map(|records| &records.unreadable);
    let others = with_remote(repository, everything.others.clone(), &layers);
    Ok(Stacks {
        tree: Tree::new(everything.trunk.clone(), others, layers),
        unreadable: unreadable.cloned().collect(),
        is_being_written: false,
        found,
        told,
        document_pull_requests: BTreeMap::new(),
        besides,
        recorded: memory.changed(),
    })
}

/// Remembers what was found out, for the hooks, and what the documents of `branches` were told.
pub(crate) fn remember_all(writer: &Writer<'_>, stacks: &Stacks, branches: &[BranchName]) -> Result<()> {
    if let Some(recorded) = &stacks.recorded {
        writer.keep_recorded(recorded);
    }
    let before = writer.store().found_stacks();
    let mut told: BTreeMap<&BranchName, &Told> = before
        .iter()
        .filter_map(|(branch, found)| Some((branch, found.told.as_ref()?)))
        .collect();
    // A renamed branch has its document under the old name until that is read.
    let has_document = |branch: &BranchName| matches!(writer.store().find(branch), Ok(Some(_)));
    told.retain(|branch, _| stacks.tree.layer(branch).is_some() || has_document(branch));
    for branch in branches {
        match stacks.told.get(branch) {
            Some(now) => told.insert(branch, now),
            None => told.remove(branch),
        };
    }
    let mut found = stacks.found.clone();
    for (branch, told) in told {
        found.entry(branch.clone()).or_default().told = Some(told.clone());
    }
    match before == found {
        true => Ok(()),
        false => writer.keep_found_stacks(&found),
    }
}

/// What is known of all branches.
struct Everything<'a> {
    repository: &'a Repository,
    trunk: BranchName,
    /// What else tools call trunks.
    others: BTreeSet<BranchName>,
    branches: BTreeSet<BranchName>,
    recorded: Vec<Records>,
    /// The base that the document of each branch names.
    documents: HashMap<BranchName, BranchName>,
    /// The pull request that it names.
    pull_requests: HashMap<BranchName, u64>,
    /// What was found out before, by the names that branches have now.
    before: BTreeMap<BranchName, FoundStack>,
    /// The new names of old ones.
    renamed: HashMap<BranchName, BranchName>,
    lineage: RefCell<Lineage<'a>>,
    gone: Gone<'a>,
    /// For what is gone: a walk over what branches have does not tell how it came into the trunk.
    ended: OnceCell<Option<RefCell<Lineage<'a>>>>,
}

impl Everything<'_> {
    /// What a branch's document is told of its base, where that needs to be known later.
    fn told(&self, branch: &BranchName, layer: &Layer) -> Option<Told> {
        if layer.is_in_circle {
            return self.before.get(branch)?.told.clone();
        }
        let told = Told {
            base: layer.base(&self.trunk).clone(),
            guessed: layer.guessed,
            moved: self.lineage.borrow().last_move(branch),
        };
        (told.guessed || told.moved.is_some()).then_some(told)
    }

    /// What nobody recorded of a branch and hooks have no time to find out; `layer` gets what it lacks of that.
    fn find_out(&self, branch: &BranchName, layer: &mut Layer) -> FoundStack {
        // Where the base is made again, what stood on it is found by its name.
        let gone = || self.document(branch).filter(|_| layer.parent_is_gone);
        let mut found = FoundStack {
            parent: layer.parent.clone().or_else(gone),
            merged: self
                .repository
                .tip(branch)
                .filter(|tip| self.is_merged(branch, tip, layer)),
            document_pull_request: self.pull_requests.get(branch).copied(),
            ..FoundStack::default()
        };
        layer.merged |= found.merged.is_some();
        if layer.pull_request.is_none() {
            if found.document_pull_request.is_none() {
                let own = above(&mut self.lineage.borrow_mut(), branch, layer.parent.as_ref());
                found.pull_request = named_in_messages(self.repository, branch, &own);
            }
            let number = found.document_pull_request.or(found.pull_request);
            layer.pull_request = number.map(|number| PullRequest { number, state: None });
        }
        found
    }

    /// Whether the trunk has what is on a branch, or the other trunk that it stands on has commits that were made on it.
    fn is_merged(&self, branch: &BranchName, tip: &CommitId, layer: &Layer) -> bool {
        let mut lineage = self.lineage.borrow_mut();
        let other_trunk = self.others.get(layer.base(&self.trunk));
        let mut has = |trunk| lineage.has_made(branch, std::slice::from_ref(tip)) && lineage.is_below(tip, trunk);
        other_trunk.is_some_and(&mut has) || lineage.is_merged(branch)
    }
}

impl Evidence for Everything<'_> {
    fn trunk(&self) -> &BranchName {
        &self.trunk
    }

    fn other_trunks(&self) -> &BTreeSet<BranchName> {
        &self.others
    }

    fn exists(&self, branch: &BranchName) -> bool {
        self.branches.contains(branch)
    }

    fn is_on_remote(&self, branch: &BranchName) -> bool {
        !self.repository.tips(branch).is_empty()
    }

    fn records(&self) -> &[Records] {
        &self.recorded
    }

    fn document(&self, branch: &BranchName) -> Option<BranchName> {
        self.documents.get(branch).cloned()
    }

    fn instead(&self, branch: &BranchName, named: &BranchName, base: &BranchName) -> Option<Instead> {
        // Where it was renamed and not seen since, by the name that the document goes by.
        let names = std::iter::once(branch.clone()).chain(self.former(branch));
        let mut before = names.filter_map(|name| self.before.get(&name));
        let told = before.next().and_then(|found| found.told.as_ref());
        let mut lineage = self.lineage.borrow_mut();
        let is_split = |lineage: &mut Lineage<'_>| told.is_none() && lineage.is_split(branch, base);
        let doubt = doubt(told, named, lineage.last_move(branch).as_ref());
        let doubt = doubt.or_else(|| is_split(&mut lineage).then_some(Doubt::Split))?;
        instead(&mut lineage, &self.trunk, branch, base, (told, doubt))
    }

    fn has_left(&self, branch: &BranchName, parent: &BranchName) -> bool {
        let mut lineage = self.lineage.borrow_mut();
        lineage.is_split(branch, parent) || has_left(&mut lineage, &self.trunk, branch, parent)
    }

    fn renamed(&self, old: &BranchName) -> Option<BranchName> {
        let other = || self.lineage.borrow().renamed(old);
        let renamed = self.renamed.get(old).cloned();
        renamed.or_else(|| self.exists(old).then(other).flatten())
    }

    fn had_name(&self, branch: &BranchName, parent: &BranchName) -> Option<BranchName> {
        self.lineage.borrow_mut().had_name(branch, parent)
    }

    fn former(&self, branch: &BranchName) -> Vec<BranchName> {
        let mut names = self.lineage.borrow().former_names(branch);
        names.retain(|old| self.renamed.get(old) == Some(branch));
        names
    }

    fn agreement(&self, branch: &BranchName, parent: &BranchName, tip: Option<&CommitId>) -> Agreement {
        let trunk = self.others.get(parent).unwrap_or(&self.trunk);
        agreement(&mut self.lineage.borrow_mut(), trunk, branch, parent, tip)
    }

    fn guess(&self, branch: &BranchName) -> Guess {
        let inferred = self.lineage.borrow_mut().infer(branch);
        inferred.map_or(Guess::NOTHING, Guess::from)
    }

    fn ended(&self, branch: &BranchName, child: &BranchName) -> Option<Ended> {
        let lineage = || self.repository.lineage(Some(&self.trunk), Scope::Ended).ok();
        let lineage = self.ended.get_or_init(|| lineage().map(RefCell::new)).as_ref()?;
        self.gone.ended(&mut lineage.borrow_mut(), branch, child)
    }

    fn place(&self, branch: &BranchName) -> Option<(u64, u64)> {
        self.gone.place(branch)
    }
}

/// The parents that are recorded and not believed, by the names that they had then.
fn besides(
    everything: &Everything<'_>,
    layers: &BTreeMap<BranchName, Layer>,
) -> BTreeMap<BranchName, Vec<(Source, BranchName)>> {
    let now = |name: &BranchName| everything.renamed.get(name).unwrap_or(name).clone();
    let tools = everything.recorded.iter().flat_map(|records| {
        let told = records.branches.iter();
        told.filter_map(|record| Some((records.source, &record.branch, record.parent.as_ref()?)))
    });
    let documents = everything.documents.iter();
    let documents = documents.map(|(branch, base)| (Source::Document, branch, base));
    let mut found: BTreeMap<BranchName, Vec<(Source, BranchName)>> = BTreeMap::new();
    for (source, branch, parent) in tools.chain(documents) {
        let branch = now(branch);
        let Some(layer) = layers.get(&branch) else { continue };
        if now(parent) != *layer.base(&everything.trunk) {
            found.entry(branch).or_default().push((source, parent.clone()));
        }
    }
    found
}

/// The new names of branches that records and documents know by old ones.
fn renamed(
    lineage: &Lineage<'_>,
    branches: &BTreeSet<BranchName>,
    recorded: &[Records],
    documents: &HashMap<BranchName, BranchName>,
) -> HashMap<BranchName, BranchName> {
    let records = recorded.iter().flat_map(|records| &records.branches);
    let named = records.flat_map(|record| std::iter::once(&record.branch).chain(&record.parent));
    let named = named.chain(documents.iter().flat_map(|(branch, base)| [branch, base]));
    let gone: HashSet<&BranchName> = named.filter(|name| !branches.contains(*name)).collect();
    let renamed = gone
        .into_iter()
        .filter_map(|old| Some((old.clone(), lineage.renamed(old)?)));
    renamed.collect()
}

/// The base that the document of each branch names, and its pull request.
fn documents(session: &Session<'_>) -> Result<(HashMap<BranchName, BranchName>, HashMap<BranchName, u64>)> {
    let Some(store) = session.store()? else {
        return Ok(Default::default());
    };
    let documents = store.documents()?;
    let keys = documents.iter().map(Stored::key).collect::<Result<Vec<_>>>()?;
    let found = store.seek(&Sought::everything()).look_through(&keys, |index, text| {
        let branch = documents.get(index)?.branch.clone()?;
        let document = Document::new(text.bytes);
        let front_matter = document.front_matter();
        Some((branch, front_matter.base(), front_matter.pull_request()))
    });
    let (mut bases, mut numbers) = (HashMap::new(), HashMap::new());
    for (branch, base, number) in found? {
        numbers.extend(number.map(|number| (branch.clone(), number)));
        bases.extend(base.map(|base| (branch, base)));
    }
    Ok((bases, numbers))
}

/// What the commits say of a parent that a tool recorded, with the commit of it that it recorded.
pub(super) fn agreement(
    lineage: &mut Lineage<'_>,
    trunk: &BranchName,
    branch: &BranchName,
    parent: &BranchName,
    recorded: Option<&CommitId>,
) -> Agreement {
    if recorded.is_some_and(|commit| lineage.is_below(commit, branch)) {
        return Agreement::Exact;
    }
    if parent == trunk {
        return Agreement::Shares;
    }
    let has_tip = lineage.tip(parent).is_some_and(|tip| lineage.is_below(&tip, branch));
    // A parent that was amended no longer has what its child got from it.
    let shares = has_tip || lineage.share(branch, parent);
    if shares { Agreement::Shares } else { Agreement::None }
}

/// The newest commits of `branch` that it does not have from its parent, from the tip on.
fn above(lineage: &mut Lineage<'_>, branch: &BranchName, parent: Option<&BranchName>) -> Vec<CommitId> {
    let mut own = lineage.own(branch, MOST_MESSAGES);
    let Some(parent) = parent else { return own };
    let theirs: HashSet<CommitId> = match lineage.tip(parent) {
        Some(tip) if lineage.is_below(&tip, branch) => HashSet::from([tip]),
        _ => lineage.own(parent, usize::MAX).into_iter().collect(),
    };
    let is_theirs = |id: &CommitId| theirs.contains(id) || lineage.has_made(parent, std::slice::from_ref(id));
    let end = own.iter().position(is_theirs).unwrap_or(own.len());
    own.truncate(end);
    own
}

/// The pull request that a message of one of the branch's own commits names, `own` from the tip on.
fn named_in_messages(repository: &Repository, branch: &BranchName, own: &[CommitId]) -> Option<u64> {
    let messages: Vec<String> = own.iter().filter_map(|id| repository.message(id)).collect();
    let records = records::of_messages(repository, branch, messages.iter().map(String::as_str))?;
    Some(records.branches.first()?.pull_request?.number)
}
