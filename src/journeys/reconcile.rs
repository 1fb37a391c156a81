//! Bringing Updates in line with the branch's own commits: what every hook does, `refresh`, and each reading of a document.
//!
//! It gathers what document/updates/plan.rs decides by. Not here: the decisions, and what an entry says.

use std::cell::{OnceCell, RefCell};
use std::collections::{HashMap, HashSet};
use std::path::Path;

use crate::document::Document;
use crate::document::message;
use crate::document::updates::{Entry, Extent, Fate, History, Plan, Rewritten, Standing, plan};
use crate::error::Result;
use crate::facts::{CommitFacts, Identity};
use crate::names::{BranchName, CommitId};
use crate::repo::{MOST_VISITED, Repository, is_rewriting_in};
use crate::store::{Store, Stored, Writer};

use super::Session;
use super::settle::{Newest, save, stamp};

/// How many versions of a base's document are looked at for commits that it told of.
const MOST_VERSIONS: usize = 500;

/// How much is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effort {
    /// What a hook has time for: nothing where the document is known to agree with the branch, else as below.
    Quick,
    /// The newest commits, and a bounded walk.
    Bounded,
    /// Every commit gets its entry.
    Full,
}

impl Effort {
    /// Of how many of the newest commits entries are made.
    fn most_new(self) -> usize {
        match self {
            Self::Quick | Self::Bounded => 50,
            Self::Full => usize::MAX,
        }
    }

    fn most_visited(self) -> usize {
        match self {
            Self::Quick | Self::Bounded => MOST_VISITED,
            Self::Full => usize::MAX,
        }
    }
}

/// Whether the document is known to agree with the branch's tip. Opens no object of the user's repository.
pub(crate) fn is_current(session: &Session<'_>, store: &Store, newest: &Newest, branch: &BranchName) -> bool {
    let tip = session.repository.tip(branch);
    let comparison = Comparison::of(
        session,
        store,
        Some(&newest.stored),
        branch,
        tip.as_ref(),
        Effort::Quick,
    );
    comparison.is_none_or(|comparison| comparison.agrees(&newest.document))
}

/// Compares the document with the branch's own commits and saves what follows from that, in one version.
pub(crate) fn reconcile(
    session: &Session<'_>,
    writer: &Writer<'_>,
    newest: Newest,
    branch: &BranchName,
    tip: Option<&CommitId>,
    effort: Effort,
) -> Result<Newest> {
    let stored = newest.stored.clone();
    let Some(comparison) = Comparison::of(session, writer.store(), Some(&stored), branch, tip, effort) else {
        return Ok(newest);
    };
    if effort == Effort::Quick && comparison.agrees(&newest.document) || session.is_excluded(branch) {
        return Ok(newest);
    }
    let entries = newest.document.entries();
    let mut document = newest.document.clone();
    let subject = match comparison.continues(&document, &entries) {
        Some(facts) if effort == Effort::Quick => {
            document.log_commits(std::slice::from_ref(&facts), &session.limits())?;
            Some(format!("log: {}", message::subject(&facts.message)))
        }
        _ => comparison.carry_out(&mut document, &entries)?,
    };
    let newest = match subject {
        Some(subject) => {
            stamp(&mut document, session, Some(branch));
            save(session, writer, newest, document, &subject)?
        }
        None => newest,
    };
    let is_told = comparison.is_told(&newest.document, &newest.document.entries());
    let note = (!is_told).then_some(comparison.tip);
    if comparison.noted().as_ref() != note {
        writer.note_reconciled(&newest.stored.id, note)?;
    }
    if comparison.is_rewritten(&entries) {
        forget_used(session, writer, None)?;
    }
    Ok(newest)
}

/// Brings `document`, which is that of `branch` or a new one for it, in line with the branch's commits; says what it did.
pub(crate) fn compare(
    session: &Session<'_>,
    store: &Store,
    document: &mut Document,
    stored: Option<&Stored>,
    branch: &BranchName,
    effort: Effort,
) -> Result<Option<String>> {
    let entries = document.entries();
    let tip = session.repository.tip(branch);
    let comparison = Comparison::of(session, store, stored, branch, tip.as_ref(), effort);
    comparison.map_or(Ok(None), |comparison| comparison.carry_out(document, &entries))
}

/// What a document is compared with.
struct Comparison<'a> {
    session: &'a Session<'a>,
    store: &'a Store,
    /// Where the document is, if it is in the store yet.
    stored: Option<&'a Stored>,
    branch: &'a BranchName,
    tip: &'a CommitId,
    effort: Effort,
    rewritten: OnceCell<Rewritten>,
}

impl<'a> Comparison<'a> {
    /// `None` where the branch has no commit.
    fn of(
        session: &'a Session<'_>,
        store: &'a Store,
        stored: Option<&'a Stored>,
        branch: &'a BranchName,
        tip: Option<&'a CommitId>,
        effort: Effort,
    ) -> Option<Self> {
        Some(Self {
            session,
            store,
            stored,
            branch,
            tip: tip?,
            effort,
            rewritten: OnceCell::new(),
        })
    }

    fn rewritten(&self) -> &Rewritten {
        self.rewritten.get_or_init(|| Rewritten::new(self.store.rewritten()))
    }

    /// Whether git said that a commit of one of `entries` was rewritten.
    fn is_rewritten(&self, entries: &[Entry]) -> bool {
        let rewritten = self.rewritten();
        let mut commits = entries.iter().filter_map(|entry| entry.commit.as_ref());
        !rewritten.is_empty() && commits.any(|id| rewritten.knows(id))
    }

    /// Whether nothing can have come since the document was last compared.
    fn agrees(&self, document: &Document) -> bool {
        if let Some(noted) = self.noted() {
            return noted == *self.tip && !self.is_rewritten(&document.entries());
        }
        if self.rewritten().is_empty() && document.last_marker() == Some((self.tip.clone(), false)) {
            return true;
        }
        let entries = document.entries();
        self.is_told(document, &entries) && !self.is_rewritten(&entries)
    }

    /// The commit that the document was last compared with, where the document itself does not say so: the newest entry may
    /// tell of another one, because entries stand in the order of the authors' times.
    fn noted(&self) -> Option<CommitId> {
        self.stored.and_then(|stored| self.store.reconciled(&stored.id))
    }

    /// Whether the newest entry tells of the tip.
    fn is_told(&self, document: &Document, entries: &[Entry]) -> bool {
        match newest_told(entries) {
            Some(told) => told == self.tip,
            None => Base::tips(self.session, document, self.branch).contains(self.tip),
        }
    }

    /// The facts of the tip where it is the one commit that came after the newest one that has an entry: the usual case.
    fn continues(&self, document: &Document, entries: &[Entry]) -> Option<CommitFacts> {
        let repository = &self.session.repository;
        let parents = repository.parents(self.tip).ok()?;
        let last = self.noted().or_else(|| newest_told(entries).cloned());
        let one_more = parents.len() == 1 && parents.first() == last.as_ref();
        let known = entries.iter().any(|entry| entry.commit.as_ref() == Some(self.tip));
        if !one_more || known || self.is_rewritten(entries) {
            return None;
        }
        // The branch may have been moved forward to what it is measured against.
        let is_theirs = Base::tips(self.session, document, self.branch).contains(self.tip);
        (!is_theirs).then(|| repository.commit_facts(self.tip).ok()).flatten()
    }

    /// Finds out what became of each entry, and changes the document so; says what it did.
    fn carry_out(&self, document: &mut Document, entries: &[Entry]) -> Result<Option<String>> {
        let history = self.history(document, entries)?;
        let plan = plan(entries, &history, self.rewritten(), self.effort.most_new());
        let before = document.clone();
        document.reconcile(&plan, &history, &self.session.limits())?;
        Ok((*document != before).then(|| subject(&plan, &history)))
    }

    /// Of `own` those that commits of the base were rewritten into: with `git rebase --update-refs` the base has not moved yet
    /// when git tells of them.
    fn rewritten_of(&self, base: &Base, own: &[CommitId], entries: &[Entry]) -> HashSet<CommitId> {
        let told: HashSet<&CommitId> = entries.iter().filter_map(|entry| entry.commit.as_ref()).collect();
        let own: HashSet<&CommitId> = own.iter().collect();
        let pairs = self.rewritten().pairs();
        let pairs: Vec<_> = pairs
            .filter(|(old, new)| own.contains(new) && !told.contains(old))
            .collect();
        let olds: Vec<&CommitId> = pairs.iter().map(|(old, _)| *old).collect();
        let reach = |tip: &CommitId| {
            self.session
                .repository
                .reach(tip, &olds, self.effort.most_visited())
                .reached
        };
        let reached: HashSet<CommitId> = match olds.is_empty() {
            true => HashSet::new(),
            false => base.tips.iter().flat_map(reach).collect(),
        };
        let theirs = pairs
            .into_iter()
            .filter(|(old, _)| base.told.contains_key(*old) || reached.contains(*old));
        theirs.map(|(_, new)| new.clone()).collect()
    }

    fn history(&self, document: &Document, entries: &[Entry]) -> Result<BranchHistory<'_>> {
        let repository = &self.session.repository;
        let most_visited = self.effort.most_visited();
        let base = Base::of(self.session, self.store, document, self.branch)?;
        let found = repository.own_commits(self.tip, &base.hidden, most_visited)?;
        let mut own = found.newest_first;
        own.reverse();
        let theirs = self.rewritten_of(&base, &own, entries);
        own.retain(|id| !theirs.contains(id));
        let owned: HashSet<&CommitId> = own.iter().collect();
        let told = entries.iter().filter_map(|entry| entry.commit.as_ref());
        let others: Vec<&CommitId> = told.filter(|id| !owned.contains(*id)).collect();
        let reach = match others.is_empty() {
            true => Default::default(),
            false => repository.reach(self.tip, &others, most_visited),
        };
        let told_by_both = |id: &&CommitId| base.told.contains_key(*id) && reach.reached.contains(*id);
        let ours = match self.stored.filter(|_| others.iter().any(told_by_both)) {
            Some(stored) => first_told(self.store, stored)?,
            None => HashMap::new(),
        };
        let standing = |id: &CommitId| {
            let told_first = base
                .told
                .get(id)
                .zip(ours.get(id))
                .is_some_and(|(theirs, ours)| theirs < ours);
            match (reach.unknown.contains(id), reach.reached.contains(id)) {
                (true, _) => Standing::Unknown,
                (_, false) => Standing::Gone,
                (_, true) if told_first => Standing::AnotherBranchs,
                (_, true) => Standing::Reached,
            }
        };
        let standings = others.iter().map(|id| ((*id).clone(), standing(id))).collect();
        Ok(BranchHistory {
            repository,
            branch: self.branch,
            tip: self.tip,
            own,
            extent: found.extent,
            standings,
            most_visited,
            identities: RefCell::default(),
            movements: OnceCell::new(),
        })
    }
}

/// The newest commit that has an entry and is not dropped.
fn newest_told(entries: &[Entry]) -> Option<&CommitId> {
    let there = |entry: &&Entry| entry.commit.is_some() && !entry.is_dropped();
    entries.iter().rev().find(there)?.commit.as_ref()
}

/// What a version says that it did.
fn subject(plan: &Plan, history: &BranchHistory<'_>) -> String {
    let title = |id: &CommitId| {
        history
            .identity(id)
            .map_or_else(|| id.short().to_owned(), |identity| identity.subject)
    };
    let changed: Vec<&Fate> = plan.fates.iter().filter(|fate| **fate != Fate::Stays).collect();
    match (plan.new.as_slice(), changed.as_slice()) {
        ([new], []) => return format!("log: {}", title(new)),
        ([], [Fate::Follows(to) | Fate::Fuses(to)]) => return format!("amend: {}", title(to)),
        _ => {}
    }
    let count = |what: &str, of: &dyn Fn(&Fate) -> bool| {
        let count = changed.iter().filter(|fate| of(fate)).count();
        (count > 0).then(|| format!("{count} {what}"))
    };
    let parts = [
        (!plan.new.is_empty()).then(|| format!("{} new", plan.new.len())),
        count("rewritten", &|fate| {
            matches!(fate, Fate::Follows(_) | Fate::Fuses(_) | Fate::Joins(_))
        }),
        count("dropped", &|fate| *fate == Fate::Drops),
        count("back again", &|fate| *fate == Fate::ComesBack),
        count("of another branch", &|fate| *fate == Fate::Leaves),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    match parts.is_empty() {
        true => "reconcile: older commits counted".to_owned(),
        false => format!("reconcile: {}", parts.join(", ")),
    }
}

/// Forgets which commits were rewritten, but for those that the document of a branch still tells of by their old ids, and
/// for what these became. While a rebase runs somewhere, more of it may be told yet; `finished` is the git directory of the
/// work tree whose rebase has told all.
pub(crate) fn forget_used(session: &Session<'_>, writer: &Writer<'_>, finished: Option<&Path>) -> Result<()> {
    let repository = &session.repository;
    let checkouts = repository.checkouts();
    let mut others = checkouts
        .iter()
        .filter(|checkout| Some(checkout.git_dir.as_path()) != finished);
    if others.any(|checkout| is_rewriting_in(&checkout.git_dir)) {
        return Ok(());
    }
    let store = writer.store();
    let pairs = store.rewritten();
    let mut held: HashSet<CommitId> = HashSet::new();
    for stored in store.documents()? {
        let branch = stored.branch.clone();
        if branch.is_some_and(|branch| repository.tip(&branch).is_some()) {
            let entries = Newest::load(store, stored)?.document.entries();
            held.extend(
                entries
                    .into_iter()
                    .filter(|entry| !entry.is_dropped())
                    .filter_map(|entry| entry.commit),
            );
        }
    }
    // A pair may be told before the one that leads to it: an amend in a rebase is.
    loop {
        let more = |(old, new): &&(CommitId, CommitId)| held.contains(old) && !held.contains(new);
        let new: Vec<CommitId> = pairs.iter().filter(more).map(|(_, new)| new.clone()).collect();
        if new.is_empty() {
            break;
        }
        held.extend(new);
    }
    let kept: Vec<(CommitId, CommitId)> = pairs.iter().filter(|(old, _)| held.contains(old)).cloned().collect();
    match kept.len() < pairs.len() {
        true => writer.keep_rewritten(&kept),
        false => Ok(()),
    }
}

/// What is known of a branch's commits, looked up when it is asked for.
struct BranchHistory<'a> {
    repository: &'a Repository,
    branch: &'a BranchName,
    own: Vec<CommitId>,
    extent: Extent,
    standings: HashMap<CommitId, Standing>,
    tip: &'a CommitId,
    most_visited: usize,
    identities: RefCell<HashMap<CommitId, Option<Identity>>>,
    movements: OnceCell<Vec<(CommitId, CommitId)>>,
}

impl History for BranchHistory<'_> {
    fn own(&self) -> &[CommitId] {
        &self.own
    }

    fn extent(&self) -> Extent {
        self.extent
    }

    fn standing(&self, commit: &CommitId) -> Standing {
        if let Some(standing) = self.standings.get(commit) {
            return *standing;
        }
        let reach = self.repository.reach(self.tip, &[commit], self.most_visited);
        match reach.reached.contains(commit) {
            true => Standing::Reached,
            false if reach.unknown.contains(commit) => Standing::Unknown,
            false => Standing::Gone,
        }
    }

    fn identity(&self, commit: &CommitId) -> Option<Identity> {
        let mut known = self.identities.borrow_mut();
        let identity = known
            .entry(commit.clone())
            .or_insert_with(|| self.repository.identity(commit));
        identity.clone()
    }

    fn patch(&self, commit: &CommitId) -> Option<u64> {
        self.repository.patch(commit)
    }

    fn in_line(&self, one: &CommitId, other: &CommitId) -> bool {
        let reaches = |from: &CommitId, to: &CommitId| {
            let reach = self.repository.reach(from, &[to], self.most_visited);
            reach.reached.contains(to)
        };
        reaches(one, other) || reaches(other, one)
    }

    fn amended(&self, commit: &CommitId) -> Option<CommitId> {
        let movements = self.movements.get_or_init(|| self.repository.movements(self.branch));
        let (_, new) = movements.iter().find(|(old, new)| old == commit && new != commit)?;
        let parents = |id: &CommitId| self.repository.parents(id).ok();
        (parents(commit)? == parents(new)?).then(|| new.clone())
    }

    fn facts(&self, commit: &CommitId) -> Option<CommitFacts> {
        self.repository.commit_facts(commit).ok()
    }

    fn read_alike(&self, one: &CommitId, other: &CommitId) -> bool {
        self.repository.read_alike(one, other)
    }
}

/// What a branch's commits are told apart from.
#[derive(Default)]
struct Base {
    /// Commits that, with all below them, are not the branch's own.
    hidden: Vec<CommitId>,
    /// Where the base is now, unless it is the trunk.
    tips: Vec<CommitId>,
    /// What the base's document tells of or told of, and when it did so first, in seconds since 1970.
    told: HashMap<CommitId, i64>,
}

impl Base {
    /// The tips of the trunk and of the base that the document names, here and on remotes. Opens no object.
    fn tips(session: &Session<'_>, document: &Document, branch: &BranchName) -> Vec<CommitId> {
        let trunk = session.trunk();
        let named = named_base(document);
        let others = trunk.iter().chain(&named).filter(|other| *other != branch);
        others.flat_map(|other| session.repository.tips(other)).collect()
    }

    /// The trunk, and the base that the document names: where it is, where it was (so that the work of a parent that was
    /// just amended is not taken for the child's), and what its document tells, which outlives it.
    fn of(session: &Session<'_>, store: &Store, document: &Document, branch: &BranchName) -> Result<Self> {
        let repository = &session.repository;
        let trunk = session.trunk().filter(|trunk| trunk != branch);
        let mut hidden: Vec<CommitId> = trunk.iter().flat_map(|trunk| repository.tips(trunk)).collect();
        let Some(base) = named_base(document).filter(|base| base != branch && Some(base) != trunk.as_ref()) else {
            return Ok(Self {
                hidden,
                ..Self::default()
            });
        };
        let tips = repository.tips(&base);
        hidden.extend_from_slice(&tips);
        hidden.extend(repository.movements(&base).into_iter().map(|(_, new)| new));
        let told = match store.find(&base)? {
            Some(stored) => first_told(store, &stored)?,
            None => HashMap::new(),
        };
        hidden.extend(told.keys().cloned());
        // What the base lost may have been moved to this branch: work that was begun on the wrong one.
        let lost = lost(store, &base)?;
        let mut seen = HashSet::new();
        hidden.retain(|id| !lost.contains(id) && seen.insert(id.clone()));
        Ok(Self { hidden, tips, told })
    }
}

fn named_base(document: &Document) -> Option<BranchName> {
    document.front_matter().text("branch.base").and_then(BranchName::new)
}

/// The commits that the document of `base` tells of as dropped.
fn lost(store: &Store, base: &BranchName) -> Result<HashSet<CommitId>> {
    let Some(stored) = store.find(base)? else {
        return Ok(HashSet::new());
    };
    let entries = Newest::load(store, stored)?.document.entries();
    let dropped = entries.into_iter().filter(Entry::is_dropped);
    Ok(dropped.filter_map(|entry| entry.commit).collect())
}

/// The commits that a document tells of or told of in a version before, each with when it did so first.
fn first_told(store: &Store, stored: &Stored) -> Result<HashMap<CommitId, i64>> {
    let mut first = HashMap::new();
    for version in store.history(stored)?.into_iter().take(MOST_VERSIONS) {
        let document = Document::new(store.load(&version.id)?.0);
        for entry in document.entries() {
            if let Some(commit) = entry.commit {
                first.insert(commit, version.time.timestamp());
            }
        }
    }
    Ok(first)
}
