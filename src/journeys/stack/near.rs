//! The stack of one branch, as far as a hook has time for it: down to the trunk by records and documents, up by what is known to
//! stand on it. Nothing is searched but the parent of a branch that nobody recorded.
//!
//! What takes a look at all branches (all.rs) is remembered from the last one: who stands on whom where only the commits tell,
//! what was merged, and pull requests that are named in messages.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::all::agreement;
use super::doubt::{Doubt, doubt, has_left, instead, still, supposed};
use super::gone::{Gone, place_in};
use super::keep::Happened;
use super::{Stacks, merged_parent, other_trunks, restack, trunk, with_remote};
use crate::document::Document;
use crate::document::updates::Rewritten;
use crate::error::Result;
use crate::journeys::Session;
use crate::journeys::settle::Newest;
use crate::names::{BranchName, CommitId};
use crate::records::{self, Memory};
use crate::repo::{Creation, Lineage, Repository, Scope};
use crate::stack::resolve::{Agreement, Ended, Evidence, Guess, Instead, Resolver};
use crate::stack::tree::{Layer, Tree};
use crate::stack::{PullRequest, Record, Records, Source};
use crate::store::{FoundStack, Store, Told};

/// How many commits are looked at to find a parent's below a branch.
const MOST_BELOW: usize = 300;

/// The stack that `branch` is in, whose document is `document`.
///
/// Errors: the trunk is not known.
pub(super) fn near(
    session: &Session<'_>,
    store: &Store,
    branch: &BranchName,
    document: &Document,
    happened: Happened,
) -> Result<Stacks> {
    let repository = &session.repository;
    let remembered = store.recorded();
    let mut memory = Memory::of(&remembered, session.world.now);
    let recorded = records::all(repository, session.world, &mut memory);
    let trunk = trunk(session, &recorded)?;
    let near = Near {
        repository,
        store,
        others: other_trunks(repository, &recorded, &trunk),
        trunk,
        found: store.found_stacks(),
        recorded,
        branch,
        document,
        happened,
        below: RefCell::default(),
        last_moves: RefCell::default(),
        former: RefCell::default(),
        gone: Gone::of(session, Some(branch)),
        lineage: OnceCell::new(),
        tips: RefCell::default(),
        document_pull_requests: RefCell::new(BTreeMap::from([(
            branch.clone(),
            document.front_matter().pull_request(),
        )])),
    };
    let mut resolver = Resolver::new(&near);
    resolver.add(branch);
    near.add_upwards(&mut resolver, branch);
    near.add_merged(&mut resolver, branch);
    let mut layers = resolver.into_layers();
    near.fill_in(&mut layers);
    restack(&mut layers, &near.others, |branch, parent| {
        let was_below = || near.found.get(branch).is_none_or(|found| !found.needs_restack);
        !near.stands_on(branch, parent).unwrap_or_else(was_below)
    });
    let told = layers.get(branch).and_then(|layer| near.told(layer));
    Ok(Stacks {
        told: told.map(|told| (branch.clone(), told)).into_iter().collect(),
        tree: Tree::new(near.trunk, with_remote(repository, near.others, &layers), layers),
        is_being_written: records::is_being_written(repository, &near.recorded, session.world.now),
        unreadable: Vec::new(),
        found: near.found,
        document_pull_requests: near.document_pull_requests.into_inner(),
        besides: BTreeMap::new(),
        recorded: memory.changed(),
    })
}

/// What is asked for one branch.
struct Near<'a> {
    repository: &'a Repository,
    store: &'a Store,
    trunk: BranchName,
    /// What else tools call trunks.
    others: BTreeSet<BranchName>,
    recorded: Vec<Records>,
    /// What was found out before.
    found: BTreeMap<BranchName, FoundStack>,
    /// Whose stack it is.
    branch: &'a BranchName,
    document: &'a Document,
    happened: Happened,
    /// Whether the tip of one branch is below another, as far as it was asked for.
    below: RefCell<HashMap<(BranchName, BranchName), Option<bool>>>,
    last_moves: RefCell<HashMap<BranchName, Option<CommitId>>>,
    former: RefCell<HashMap<BranchName, Vec<BranchName>>>,
    gone: Gone<'a>,
    lineage: OnceCell<Option<RefCell<Lineage<'a>>>>,
    tips: RefCell<HashMap<BranchName, Option<CommitId>>>,
    /// The pull requests that the documents name which were read.
    document_pull_requests: RefCell<BTreeMap<BranchName, Option<u64>>>,
}

impl<'a> Near<'a> {
    /// Made when it is needed first, because it reads all refs.
    fn lineage(&self) -> Option<&RefCell<Lineage<'a>>> {
        let lineage = self.lineage.get_or_init(|| {
            let lineage = self.repository.lineage(Some(&self.trunk), Scope::One);
            lineage.ok().map(RefCell::new)
        });
        lineage.as_ref()
    }

    /// The tip of a branch, which is asked for again and again.
    fn tip(&self, branch: &BranchName) -> Option<CommitId> {
        if let Some(tip) = self.tips.borrow().get(branch) {
            return tip.clone();
        }
        let tip = self.repository.tip(branch);
        self.tips.borrow_mut().insert(branch.clone(), tip.clone());
        tip
    }

    /// Takes in what stands on `branch` and on those below it.
    fn add_upwards(&self, resolver: &mut Resolver<'_>, branch: &BranchName) {
        let found = self
            .found
            .iter()
            .filter_map(|(branch, found)| Some((branch, found.parent.as_ref()?)));
        let records = self.recorded.iter().flat_map(|records| &records.branches);
        let recorded = records.filter_map(|record| Some((&record.branch, record.parent.as_ref()?)));
        let both = found.chain(recorded);
        let mut children: Vec<(&BranchName, &BranchName)> = both.map(|(branch, parent)| (parent, branch)).collect();
        if children.is_empty() {
            return;
        }
        children.sort_unstable_by_key(|(parent, _)| *parent);
        let mut bottom = branch.clone();
        let mut seen = HashSet::from([branch.clone()]);
        while let Some(parent) = resolver.add(&bottom).and_then(|layer| layer.parent.clone())
            && !self.is_trunk(&parent)
            && seen.insert(parent.clone())
        {
            bottom = parent;
        }
        let mut waiting = vec![bottom];
        let mut seen: HashSet<BranchName> = HashSet::new();
        while let Some(parent) = waiting.pop() {
            if !seen.insert(parent.clone()) {
                continue;
            }
            let former = self.former(&parent).into_iter().filter(|former| !self.exists(former));
            for name in former.chain([parent.clone()]) {
                let start = children.partition_point(|(parent, _)| **parent < name);
                let on_it = children[start..].iter().take_while(|(parent, _)| **parent == name);
                for (_, child) in on_it {
                    let on = resolver.add(child).and_then(|layer| layer.parent.as_ref());
                    if on == Some(&parent) {
                        waiting.push((*child).clone());
                    }
                }
            }
        }
    }

    /// Takes in merged branches that tools tell of as merged below others, and those others where `branch` is such a one.
    fn add_merged(&self, resolver: &mut Resolver<'_>, branch: &BranchName) {
        for records in &self.recorded {
            let mut over: HashMap<u64, Vec<&Record>> = HashMap::new();
            for above in &records.branches {
                for merged in &above.merged_below {
                    over.entry(merged.number).or_default().push(above);
                }
            }
            for record in records.branches.iter().filter(|record| record.merged) {
                let number = record.pull_request.map(|merged| merged.number);
                let above = number.and_then(|number| over.get(&number));
                let above = above.map_or(&[][..], Vec::as_slice);
                if record.branch == *branch {
                    for above in above {
                        resolver.add(&above.branch);
                        self.add_upwards(resolver, &above.branch);
                    }
                }
                if above.iter().any(|above| resolver.has(&above.branch)) {
                    resolver.add(&record.branch);
                }
            }
        }
    }

    /// Tells what was merged, and of pull requests, as far as that was found out before or documents say it that were read.
    fn fill_in(&self, layers: &mut BTreeMap<BranchName, Layer>) {
        let over_merged = layers.values().filter(|layer| layer.base.is_some());
        let found_merged: HashSet<BranchName> = over_merged.filter_map(|layer| layer.parent.clone()).collect();
        let in_documents = self.document_pull_requests.borrow();
        for (branch, layer) in layers {
            let found = self.found.get(branch);
            let merged = found.and_then(|found| found.merged.as_ref());
            layer.merged |= found_merged.contains(branch) || merged.is_some() && merged == self.tip(branch).as_ref();
            if layer.pull_request.is_none() {
                let told = in_documents.get(branch).copied();
                let told = told.unwrap_or_else(|| found?.document_pull_request);
                let number = told.or_else(|| found?.pull_request);
                layer.pull_request = number.map(|number| PullRequest { number, state: None });
            }
        }
    }

    fn is_below(&self, commit: &CommitId, branch: &BranchName) -> bool {
        let tip = self.tip(branch);
        tip.is_some_and(|tip| {
            let reach = || self.repository.reach(&tip, &[commit], MOST_BELOW);
            tip == *commit || reach().reached.contains(commit)
        })
    }

    /// Whether the parent's tip is below the branch; `None` where that is too far down to be seen from here.
    fn stands_on(&self, branch: &BranchName, parent: &BranchName) -> Option<bool> {
        let key = (branch.clone(), parent.clone());
        if let Some(known) = self.below.borrow().get(&key) {
            return *known;
        }
        let found = match self.tip(branch).zip(self.tip(parent)) {
            None => Some(true),
            Some((tip, parent)) => {
                // Opening a commit is what this takes time for, so the usual case is looked at first.
                let is_first_below = || self.repository.parents(&tip).is_ok_and(|below| below.contains(&parent));
                if tip == parent || is_first_below() {
                    Some(true)
                } else {
                    let reach = self.repository.reach(&tip, &[&parent], MOST_BELOW);
                    let is_below = !reach.reached.is_empty();
                    (is_below || reach.unknown.is_empty()).then_some(is_below)
                }
            }
        };
        self.below.borrow_mut().insert(key, found);
        found
    }

    /// Where a branch was put last, which takes reading its reflog.
    fn last_move(&self, branch: &BranchName) -> Option<CommitId> {
        if let Some(known) = self.last_moves.borrow().get(branch) {
            return known.clone();
        }
        let found = self.repository.last_move(branch);
        self.last_moves.borrow_mut().insert(branch.clone(), found.clone());
        found
    }

    /// The branch that `branch` was made below of, and still is.
    fn made_below(&self, branch: &BranchName) -> Option<BranchName> {
        let Creation::Below(other) = self.repository.creation(branch) else {
            return None;
        };
        let mut lineage = self.lineage()?.borrow_mut();
        let is_own = lineage.own(branch, 1).len() == 1;
        let is_below = is_own && lineage.is_below(&self.tip(branch)?, &other);
        (is_below && other != self.trunk).then_some(other)
    }

    /// Whether git said that the tip of a branch was rewritten, and the branch is there still.
    fn is_rewritten(&self, branch: &BranchName) -> bool {
        let tip = self.tip(branch);
        tip.is_some_and(|tip| Rewritten::new(self.store.rewritten()).knows(&tip))
    }

    /// What the document of a branch was told of its base, be it under a name that the branch had then.
    fn told_before(&self, branch: &BranchName) -> Option<&Told> {
        let under = |name: &BranchName| self.found.get(name)?.told.as_ref();
        let former = || {
            let former = self.former(branch);
            former.iter().filter(|name| !self.exists(name)).find_map(under)
        };
        under(branch).or_else(former)
    }

    /// What the document of the branch is told of its base, where that needs to be known later.
    fn told(&self, layer: &Layer) -> Option<Told> {
        let before = self.found.get(self.branch).and_then(|found| found.told.as_ref());
        if layer.is_in_circle {
            return before.cloned();
        }
        let base = layer.base(&self.trunk).clone();
        let is_news = before.is_some_and(|before| before.base != base);
        let asked = || self.last_moves.borrow().get(self.branch).cloned();
        let moved = match is_news || self.happened == Happened::BaseSet {
            true => self.last_move(self.branch),
            false => asked().unwrap_or_else(|| before.and_then(|before| before.moved.clone())),
        };
        let guessed = layer.guessed;
        (before.is_some() || guessed || moved.is_some()).then_some(Told { base, guessed, moved })
    }
}

impl Evidence for Near<'_> {
    fn trunk(&self) -> &BranchName {
        &self.trunk
    }

    fn other_trunks(&self) -> &BTreeSet<BranchName> {
        &self.others
    }

    fn exists(&self, branch: &BranchName) -> bool {
        !self.is_trunk(branch) && self.tip(branch).is_some() && !records::is_git_butlers(self.repository, branch)
    }

    fn is_on_remote(&self, branch: &BranchName) -> bool {
        !self.repository.tips(branch).is_empty()
    }

    fn records(&self) -> &[Records] {
        &self.recorded
    }

    fn document(&self, branch: &BranchName) -> Option<BranchName> {
        if branch == self.branch {
            return self.document.front_matter().base();
        }
        let newest = Newest::find(self.store, branch).ok()??;
        let front_matter = newest.document.front_matter();
        let number = front_matter.pull_request();
        self.document_pull_requests.borrow_mut().insert(branch.clone(), number);
        front_matter.base()
    }

    fn instead(&self, branch: &BranchName, named: &BranchName, base: &BranchName) -> Option<Instead> {
        let told = self.told_before(branch);
        let looks = match self.happened {
            Happened::BaseSet if branch == self.branch => return None,
            Happened::Moved if branch == self.branch => true,
            _ => !self.is_trunk(base) && self.stands_on(branch, base) == Some(false),
        };
        let last_move = match looks {
            true => self.last_move(branch),
            false => told.and_then(|told| told.moved.clone()),
        };
        match doubt(told, named, last_move.as_ref())? {
            // Finding out more takes a look at all refs, which is left to `refresh`.
            Doubt::Guessed => {
                let mut still = still(told, base, &self.trunk);
                still.guess.merged =
                    Vec::from_iter(merged_parent(&self.found, branch, base, |parent| self.tip(parent)));
                Some(still)
            }
            // `git rebase --update-refs` tells of the commits first, and moves the branches below after that.
            Doubt::Moved if self.is_rewritten(base) => {
                self.last_moves.borrow_mut().remove(branch);
                None
            }
            moved => {
                let mut lineage = self.lineage()?.borrow_mut();
                instead(&mut lineage, &self.trunk, branch, base, (told, moved))
            }
        }
    }

    fn has_left(&self, branch: &BranchName, parent: &BranchName) -> bool {
        let Some(moved) = self.last_move(branch) else {
            return false;
        };
        let told = self.told_before(branch);
        match told.filter(|told| told.moved.as_ref() == Some(&moved) && told.base == *parent) {
            Some(told) => told.guessed,
            None if self.is_rewritten(parent) => {
                self.last_moves.borrow_mut().remove(branch);
                false
            }
            None => self
                .lineage()
                .is_some_and(|lineage| has_left(&mut lineage.borrow_mut(), &self.trunk, branch, parent)),
        }
    }

    fn renamed(&self, old: &BranchName) -> Option<BranchName> {
        self.lineage()?.borrow().renamed(old)
    }

    fn had_name(&self, branch: &BranchName, parent: &BranchName) -> Option<BranchName> {
        let looks = self.stands_on(branch, parent) != Some(true) || self.repository.has_short_log(&parent.to_ref());
        let began = || {
            self.repository
                .beginning(parent)
                .map(|beginning| beginning.time.timestamp())
        };
        let is_younger = looks && began()? > self.repository.made_at(branch)?;
        let lineage = is_younger.then(|| self.lineage()).flatten()?;
        lineage.borrow_mut().had_name(branch, parent)
    }

    fn former(&self, branch: &BranchName) -> Vec<BranchName> {
        let mut known = self.former.borrow_mut();
        let read = || self.repository.former_names(branch);
        known.entry(branch.clone()).or_insert_with(read).clone()
    }

    fn agreement(&self, branch: &BranchName, parent: &BranchName, tip: Option<&CommitId>) -> Agreement {
        if tip.is_some_and(|commit| self.is_below(commit, branch)) {
            return Agreement::Exact;
        }
        let is_below = || self.tip(parent).is_some() && self.stands_on(branch, parent) == Some(true);
        if self.is_trunk(parent) || is_below() {
            return Agreement::Shares;
        }
        match self.lineage() {
            Some(lineage) => agreement(&mut lineage.borrow_mut(), &self.trunk, branch, parent, None),
            None => Agreement::None,
        }
    }

    fn guess(&self, branch: &BranchName) -> Guess {
        let found = self.found.get(branch).filter(|_| branch != self.branch);
        let parent = found.and_then(|found| found.parent.as_ref());
        if let Some(parent) = parent.filter(|parent| self.is_parent(parent)) {
            return supposed(parent, &self.trunk);
        }
        let inferred = self.lineage().and_then(|lineage| lineage.borrow_mut().infer(branch));
        let guess = inferred.map_or(Guess::NOTHING, Guess::from);
        // One without commits that lies below another looks like a mark on it.
        let is_nothing = guess.guessed && guess.source == Source::Trunk && branch == self.branch;
        let below = is_nothing.then(|| self.made_below(branch)).flatten();
        below.map_or(guess, |other| supposed(&other, &self.trunk))
    }

    fn ended(&self, branch: &BranchName, child: &BranchName) -> Option<Ended> {
        self.gone.ended(&mut self.lineage()?.borrow_mut(), branch, child)
    }

    fn place(&self, branch: &BranchName) -> Option<(u64, u64)> {
        match branch == self.branch {
            true => place_in(self.document),
            false => self.gone.place(branch),
        }
    }
}
