//! Checking what a push takes along: which documents that are, and by whose policy.
//!
//! Not here: what git tells the hook, and what it prints (hooks/pre_push.rs).

use std::collections::{HashMap, HashSet};

use super::{Rules, Verdict, verdict};
use crate::check::{Problem, Reader, fix_command};
use crate::error::Result;
use crate::journeys::{Session, edit, facts, suggest};
use crate::names::{BranchName, CommitId};
use crate::policy::Policy;
use crate::policy_file::OfCommits;
use crate::repo::{ContentId, Head, MOST_VISITED};
use crate::threads;

/// What begins the refs that reviews are asked for by: Gerrit's, and AGit's at Forgejo and Gitea, which take `refs/for/main` for
/// "into main, from what is on HEAD".
const FOR_REVIEW: [&str; 3] = ["refs/for/", "refs/drafts/", "refs/for-review/"];

/// For how many branches of a push values are looked for: the commands of more do not fit on a screen.
const MOST_SUGGESTED: usize = 10;

/// How many refs one thread checks in a go. For fewer a second one is not worth opening the repository again.
const AT_ONCE: usize = 64;

/// One line of what git tells the pre-push hook (githooks(5)).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PushedRef {
    /// `refs/heads/x`, `HEAD`, `HEAD~1`, an object id, or `(delete)`.
    pub(crate) local: String,
    /// The commit; all zeros for a deletion.
    pub(crate) id: CommitId,
    /// `refs/heads/x` or another ref of the remote.
    pub(crate) remote: String,
}

/// Checks the documents of the branches among `refs` by the policies of the commits that are pushed: a verdict a branch.
pub(crate) fn pushed(session: &Session<'_>, refs: &[PushedRef]) -> Result<Vec<Verdict>> {
    let mut gate = Gate::of(session, refs);
    let found = match refs.len() <= AT_ONCE {
        true => gate.verdicts(refs.iter())?,
        false => by_threads(session, refs)?,
    };
    let mut verdicts: Vec<Verdict> = Vec::new();
    let mut places: HashMap<BranchName, usize> = HashMap::new();
    let mut told: HashSet<Rules> = HashSet::new();
    for mut verdict in found {
        if !told.insert(verdict.rules.clone()) {
            verdict.rules = Rules::default();
        }
        let known = verdict.branch.as_ref().and_then(|branch| places.get(branch));
        match known.and_then(|place| verdicts.get_mut(*place)) {
            Some(known) => known.add(verdict),
            None => {
                places.extend(verdict.branch.iter().map(|branch| (branch.clone(), verdicts.len())));
                verdicts.push(verdict);
            }
        }
    }
    let current = session.repository.current_branch()?;
    let mut suggested = 0;
    for verdict in &mut verdicts {
        if let Some(branch) = verdict.branch.as_ref().filter(|_| !verdict.problems.is_empty()) {
            verdict.fix = fix_command(&verdict.problems, &edit::branch_option(current.as_ref(), branch));
        }
        if let Some(id) = verdict.pushed.clone().filter(|_| verdict.fix.is_some())
            && suggested < MOST_SUGGESTED
        {
            suggested += 1;
            let file = gate.policies.policy(&session.repository, &id)?;
            suggest::complete(session, verdict, &file.policy)?;
        }
    }
    Ok(verdicts)
}

impl Verdict {
    /// What was found for another commit of the same branch, which goes along with this one. The policies of both count.
    fn add(&mut self, mut other: Self) {
        if !self.blocks() && other.blocks() || self.document.is_none() {
            std::mem::swap(self, &mut other);
        }
        for problem in other.problems {
            let is_same = |known: &&mut Problem| {
                (known.code, &known.place, &known.message) == (problem.code, &problem.place, &problem.message)
            };
            match self.problems.iter_mut().find(is_same) {
                Some(known) => known.severity = known.severity.min(problem.severity),
                None => self.problems.push(problem),
            }
        }
        self.problems
            .sort_by_key(|problem| problem.place.as_ref().map(|place| place.start));
        if self.rules == Rules::default() {
            self.rules = other.rules;
        }
        self.policy_changed |= other.policy_changed;
        self.notices.extend(other.notices);
    }
}

/// What the gate finds, in the order of `refs`. Each thread opens the repository for itself.
fn by_threads(session: &Session<'_>, refs: &[PushedRef]) -> Result<Vec<Verdict>> {
    let world = session.world;
    let mut parts: Vec<(usize, Vec<Verdict>)> = threads::share(refs.len(), AT_ONCE, |next| {
        let session = Session::open(world)?;
        let mut gate = Gate::of(&session, refs);
        let mut parts = Vec::new();
        while let Some(part) = next() {
            parts.push((part.start, gate.verdicts(refs[part].iter())?));
        }
        Ok(parts)
    })?
    .into_iter()
    .flatten()
    .collect();
    parts.sort_by_key(|(start, _)| *start);
    Ok(parts.into_iter().flat_map(|(_, verdicts)| verdicts).collect())
}

/// What is known at a push of many refs, each thing found out once.
struct Gate<'s, 'w> {
    session: &'s Session<'w>,
    /// All that is pushed.
    refs: &'s [PushedRef],
    policies: OfCommits,
    /// By the name that a policy gives.
    trunks: HashMap<Option<String>, Trunk>,
    /// Of one branch several commits may be pushed, each with its own policy and paths.
    checked: HashSet<(BranchName, CommitId)>,
}

/// The trunk, and the policy's text on its tips.
#[derive(Clone, Default)]
struct Trunk {
    name: Option<BranchName>,
    tips: Vec<CommitId>,
    policies: Vec<Option<ContentId>>,
}

impl<'s, 'w> Gate<'s, 'w> {
    fn of(session: &'s Session<'w>, refs: &'s [PushedRef]) -> Self {
        session.repository.note_checkouts();
        Self {
            session,
            refs,
            policies: OfCommits::default(),
            trunks: HashMap::new(),
            checked: HashSet::new(),
        }
    }

    fn verdicts<'a>(&mut self, refs: impl Iterator<Item = &'a PushedRef>) -> Result<Vec<Verdict>> {
        let found = refs
            .filter(|pushed| !pushed.id.is_null())
            .map(|pushed| self.verdict(pushed));
        found.filter_map(Result::transpose).collect()
    }

    /// `None` where nobody asks for a document and the policy stays as it is, and where this was here already.
    fn verdict(&mut self, pushed: &PushedRef) -> Result<Option<Verdict>> {
        let Some((branch, remote)) = subject(self.session, pushed)? else {
            return Ok(None);
        };
        let subject = (branch, pushed.id.clone());
        if self.checked.contains(&subject) {
            return Ok(None);
        }
        let (branch, _) = &subject;
        let file = self.policies.policy(&self.session.repository, &pushed.id)?;
        let policy = &file.policy;
        let names: Vec<&BranchName> = std::iter::once(branch).chain(&remote).collect();
        let policy_changed = self.policy_changed(&pushed.id, policy, &names);
        let trunk = self.trunk(policy).name;
        let is_left_out = |name: &&BranchName| policy.excludes(name.as_str()) || trunk.as_ref() == Some(*name);
        if names.iter().any(is_left_out) {
            // The gate does not look at a branch that takes itself out of it, but this is told.
            return Ok(policy_changed.then(|| Verdict {
                policy_changed,
                ..Verdict::empty(Some(branch.clone()))
            }));
        }
        let mut verdict = verdict(self.session, branch, policy, &|document| {
            let goes_along = |base: &BranchName| {
                let name = base.to_ref();
                self.refs.iter().any(|along| along.local == name)
            };
            facts::of_push(self.session, branch, &pushed.id, (document, policy), &goes_along)
        })?;
        verdict.pushed = Some(pushed.id.clone());
        let rules = Rules::of(&file, Reader::Hook);
        if !rules.problems.is_empty() {
            verdict.rules = rules;
        }
        verdict.policy_changed = policy_changed;
        self.checked.insert(subject);
        Ok(Some(verdict))
    }

    fn trunk(&mut self, policy: &Policy) -> Trunk {
        let repository = &self.session.repository;
        let find = || {
            let name = repository.trunk(policy.trunk.as_deref());
            let tips = name.as_ref().map(|trunk| repository.tips(trunk)).unwrap_or_default();
            let mut text = |tip: &CommitId| self.policies.text(repository, tip).ok().flatten();
            let policies = tips.iter().map(&mut text).collect();
            Trunk { name, tips, policies }
        };
        self.trunks.entry(policy.trunk.clone()).or_insert_with(find).clone()
    }

    /// Whether the commits that are not in the trunk yet change the policy: where they began, it was another one. Nobody is told of
    /// what is pushed to the trunk, or to a protected branch, as the policy was before.
    fn policy_changed(&mut self, id: &CommitId, policy: &Policy, names: &[&BranchName]) -> bool {
        let mut trunk = self.trunk(policy);
        let is_named = |trunk: &Trunk| trunk.name.as_ref().is_some_and(|trunk| names.contains(&trunk));
        if policy.trunk.is_some() && (is_named(&trunk) || trunk.tips.is_empty()) {
            // Its own word for it does not count.
            trunk = self.trunk(&Policy::default());
        }
        let repository = &self.session.repository;
        let pushed = self.policies.text(repository, id).ok().flatten();
        if trunk.tips.is_empty() || is_named(&trunk) || trunk.policies.contains(&pushed) {
            return false;
        }
        let own = repository
            .own_commits(id, &trunk.tips, MOST_VISITED)
            .map(|own| own.newest_first);
        let parents = own.unwrap_or_default().last().map(|oldest| repository.parents(oldest));
        let Some(began) = parents.and_then(|parents| parents.ok()?.into_iter().next()) else {
            return false;
        };
        if self.policies.text(repository, &began).ok().flatten() == pushed {
            return false;
        }
        let on_remotes = names.iter().flat_map(|name| repository.tips_on_remotes(name));
        let mut earlier = on_remotes.chain([began]);
        !earlier.any(|id| {
            let file = self.policies.policy(repository, &id);
            file.is_ok_and(|file| {
                let is_trunk = |name: &&BranchName| file.policy.trunk.as_deref() == Some(name.as_str());
                names
                    .iter()
                    .any(|name| is_trunk(name) || file.policy.protects(name.as_str()))
            })
        })
    }
}

/// The branches whose documents are about what is pushed, each once, with the branch of the remote that it is pushed to.
pub(crate) fn subjects(session: &Session<'_>, refs: &[PushedRef]) -> Result<Vec<(BranchName, Option<BranchName>)>> {
    let mut subjects: Vec<(BranchName, Option<BranchName>)> = Vec::new();
    for pushed in refs.iter().filter(|pushed| !pushed.id.is_null()) {
        if let Some((branch, remote)) = subject(session, pushed)?
            && subjects.iter().all(|(known, _)| *known != branch)
        {
            subjects.push((branch, remote));
        }
    }
    Ok(subjects)
}

/// The branch whose document is about what is pushed, and the branch of the remote that it is pushed to, if it is one.
fn subject(session: &Session<'_>, pushed: &PushedRef) -> Result<Option<(BranchName, Option<BranchName>)>> {
    let local = branch_of(session, &pushed.local)?;
    if FOR_REVIEW.iter().any(|start| pushed.remote.starts_with(start)) {
        // What is reviewed is what is being worked on, by whatever name the commit is given.
        let current = || branch_of(session, "HEAD");
        let branch = local.map_or_else(current, |branch| Ok(Some(branch)))?;
        return Ok(branch.map(|branch| (branch, None)));
    }
    let Some(remote) = BranchName::from_ref(&pushed.remote) else {
        return Ok(None);
    };
    Ok(Some((local.unwrap_or_else(|| remote.clone()), Some(remote))))
}

/// The local branch that git names; `None` where it names a bare commit.
fn branch_of(session: &Session<'_>, local: &str) -> Result<Option<BranchName>> {
    if matches!(local, "HEAD" | "@") {
        return Ok(match session.repository.head()? {
            Head::Branch(branch, _) => Some(branch),
            _ => None,
        });
    }
    Ok(BranchName::from_ref(local))
}
