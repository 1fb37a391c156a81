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

mod base;

use base::{Base, first_told};

use super::Session;
use super::settle::{Newest, save, stamp};
use super::stack::Happened;

/// From how many of a branch's former places a commit is looked for: a hook must not pay for a long reflog.
const MOST_PLACES: usize = 50;

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

/// Compares the document with the branch's own commits and saves what follows from that, in one version. `Moved` where the branch
/// went on otherwise than by one commit.
pub(crate) fn reconcile(
    session: &Session<'_>,
    writer: &Writer<'_>,
    newest: Newest,
    branch: &BranchName,
    tip: Option<&CommitId>,
    effort: Effort,
) -> Result<(Newest, Happened)> {
    let stored = newest.stored.clone();
    let Some(comparison) = Comparison::of(session, writer.store(), Some(&stored), branch, tip, effort) else {
        return Ok((newest, Happened::Nothing));
    };
    if effort == Effort::Quick && comparison.agrees(&newest.document) || session.is_excluded(branch) {
        return Ok((newest, Happened::Nothing));
    }
    let mut document = newest.document.clone();
    let mut happened = Happened::Nothing;
    let subject = match comparison.continues(&document) {
        Some(facts) if effort == Effort::Quick => {
            document.log_commits(std::slice::from_ref(&facts), &session.limits())?;
            Some(format!("log: {}", message::subject(&facts.message)))
        }
        _ => {
            if comparison.last(&document).is_some() {
                happened = Happened::Moved;
            }
            comparison.carry_out(&mut document)?
        }
    };
    let was_rewritten = !comparison.rewritten().is_empty() && comparison.is_rewritten(&newest.document.entries());
    let newest = match subject {
        Some(subject) => {
            stamp(&mut document, session, Some(branch));
            save(session, writer, newest, document, &subject)?
        }
        None => newest,
    };
    let is_told = comparison.is_told(&newest.document);
    let note = (!is_told).then_some(comparison.tip);
    if comparison.noted().as_ref() != note {
        writer.note_reconciled(&newest.stored.id, note)?;
    }
    if was_rewritten {
        forget_used(session, writer, None)?;
    }
    Ok((newest, happened))
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
    let tip = session.repository.tip(branch);
    let comparison = Comparison::of(session, store, stored, branch, tip.as_ref(), effort);
    comparison.map_or(Ok(None), |comparison| comparison.carry_out(document))
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
        let same = match self.noted() {
            Some(noted) => noted == *self.tip,
            None => self.is_told(document),
        };
        same && (self.rewritten().is_empty() || !self.is_rewritten(&document.entries()))
    }

    /// The commit that the document was last compared with, where the document itself does not say so: the newest entry may
    /// tell of another one, because entries stand in the order of the authors' times.
    fn noted(&self) -> Option<CommitId> {
        self.stored.and_then(|stored| self.store.reconciled(&stored.id))
    }

    /// Whether the newest entry tells of the tip, or there is none and no commit to tell of.
    fn is_told(&self, document: &Document) -> bool {
        match newest_told(document) {
            Some(told) => told == *self.tip,
            None => self.is_hidden(document),
        }
    }

    /// Whether the branch is where the trunk or its base is.
    fn is_hidden(&self, document: &Document) -> bool {
        let base = Base::of(self.session, self.store, document, self.branch);
        base.trunk_tips.contains(self.tip) || base.tips.contains(self.tip)
    }

    /// The commit up to which the document tells of the branch.
    fn last(&self, document: &Document) -> Option<CommitId> {
        self.noted().or_else(|| newest_told(document))
    }

    /// The facts of the tip where it is the one commit that came after the newest one that has an entry: the usual case.
    fn continues(&self, document: &Document) -> Option<CommitFacts> {
        let repository = &self.session.repository;
        let parents = repository.parents(self.tip).ok()?;
        let last = self.last(document);
        let one_more = parents.len() == 1 && parents.first() == last.as_ref();
        if !one_more
            || document.has_marker(self.tip)
            || !self.rewritten().is_empty() && self.is_rewritten(&document.entries())
        {
            return None;
        }
        // The branch may have been moved forward to what it is measured against.
        (!self.is_hidden(document))
            .then(|| repository.commit_facts(self.tip).ok())
            .flatten()
    }

    /// Finds out what became of each entry, and changes the document so; says what it did.
    fn carry_out(&self, document: &mut Document) -> Result<Option<String>> {
        let entries = document.entries();
        let history = self.history(document, &entries)?;
        let plan = plan(&entries, &history, self.rewritten(), self.effort.most_new());
        let before = document.clone();
        document.reconcile(&plan, &history, &self.session.limits())?;
        Ok((*document != before).then(|| subject(&plan, &history)))
    }

    /// Of `own` those that commits of the base were rewritten into: with `git rebase --update-refs` the base has not moved yet
    /// when git tells of them.
    fn rewritten_of(&self, base: &Base<'_>, own: &[CommitId], told: &HashSet<&CommitId>) -> Result<HashSet<CommitId>> {
        let own: HashSet<&CommitId> = own.iter().collect();
        let pairs = self.rewritten().pairs();
        let pairs: Vec<_> = pairs
            .filter(|(old, new)| own.contains(new) && !told.contains(old))
            .collect();
        if pairs.is_empty() {
            return Ok(HashSet::new());
        }
        let olds: Vec<&CommitId> = pairs.iter().map(|(old, _)| *old).collect();
        let reach = |tip: &CommitId| {
            self.session
                .repository
                .reach(tip, &olds, self.effort.most_visited())
                .reached
        };
        let reached: HashSet<CommitId> = base.tips.iter().flat_map(reach).collect();
        let by_base = base.told()?;
        let theirs = pairs
            .into_iter()
            .filter(|(old, _)| by_base.contains(*old) || reached.contains(*old));
        Ok(theirs.map(|(_, new)| new.clone()).collect())
    }

    /// Of commits that the branch reaches and that are not its own those of which the base's document told before this one.
    fn told_first_by(&self, base: &Base<'_>, reached: &HashSet<CommitId>) -> Result<HashSet<CommitId>> {
        let by_base = if reached.is_empty() {
            HashSet::new()
        } else {
            base.told()?
        };
        let by_both: Vec<&CommitId> = reached.iter().filter(|id| by_base.contains(*id)).collect();
        let (Some(ours), Some(theirs), false) = (self.stored, base.document()?, by_both.is_empty()) else {
            return Ok(HashSet::new());
        };
        let (ours, theirs) = (first_told(self.store, ours)?, first_told(self.store, &theirs.stored)?);
        let is_theirs = |id: &&&CommitId| {
            theirs
                .get(**id)
                .zip(ours.get(**id))
                .is_some_and(|(theirs, ours)| theirs < ours)
        };
        Ok(by_both.iter().filter(is_theirs).map(|id| (*id).clone()).collect())
    }

    /// Whether a commit that the branch does not reach never was on it in this clone: another clone's document told of it, and
    /// it was not fetched yet, or not merged.
    fn was_never_here(&self, id: &CommitId) -> bool {
        let repository = &self.session.repository;
        if repository.identity(id).is_none() {
            return true;
        }
        let reaches = |tip: &CommitId| {
            let reach = repository.reach(tip, &[id], self.effort.most_visited());
            reach.reached.contains(id)
        };
        let mut pushed = repository.tips(self.branch).into_iter().filter(|tip| tip != self.tip);
        let was_at = |(old, _): &(CommitId, CommitId)| reaches(old);
        pushed.any(|tip| reaches(&tip)) && !repository.movements(self.branch).iter().take(MOST_PLACES).any(was_at)
    }

    fn history(&self, document: &Document, entries: &[Entry]) -> Result<BranchHistory<'_>> {
        let repository = &self.session.repository;
        let most_visited = self.effort.most_visited();
        let told: HashSet<&CommitId> = entries.iter().filter_map(|entry| entry.commit.as_ref()).collect();
        let mut base = Base::of(self.session, self.store, document, self.branch);
        base.follow_rename()?;
        let mut hidden = base.hidden();
        let mut found = repository.own_commits(self.tip, &hidden, most_visited)?;
        let is_untold = |id: &CommitId| !told.contains(id);
        if base.name.is_some() && found.newest_first.iter().any(is_untold) {
            hidden.extend(base.past()?);
            found = repository.own_commits(self.tip, &hidden, most_visited)?;
        }
        let mut own = found.newest_first;
        own.reverse();
        let theirs = self.rewritten_of(&base, &own, &told)?;
        own.retain(|id| !theirs.contains(id));
        let owned: HashSet<&CommitId> = own.iter().collect();
        let others: Vec<&CommitId> = told.iter().copied().filter(|id| !owned.contains(id)).collect();
        let reach = match others.is_empty() {
            true => Default::default(),
            false => repository.reach(self.tip, &others, most_visited),
        };
        let told_first = self.told_first_by(&base, &reach.reached)?;
        let standing = |id: &CommitId| match (reach.unknown.contains(id), reach.reached.contains(id)) {
            (true, _) => Standing::Unknown,
            (_, false) if self.was_never_here(id) => Standing::Unknown,
            (_, false) => Standing::Gone,
            (_, true) if told_first.contains(id) => Standing::AnotherBranchs,
            (_, true) => Standing::Reached,
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

/// The newest commit that has an entry and is not dropped. The entries are read only where the last marker does not tell.
fn newest_told(document: &Document) -> Option<CommitId> {
    match document.last_marker() {
        Some((commit, false)) => Some(commit),
        None => None,
        Some((_, true)) => {
            let there = |entry: &&Entry| entry.commit.is_some() && !entry.is_dropped();
            document.entries().iter().rev().find(there)?.commit.clone()
        }
    }
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
