//! Checking documents: the current branch's, all of them, or those of the branches that are being pushed.
//!
//! Not here: the rules (check/) and how a problem looks (ui.rs).

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use crate::check::{self, Context, Facts, Hints, Problem, Reader, Severity};
use crate::document::Document;
use crate::document::front_matter::{FrontMatter, Key, Value};
use crate::error::Result;
use crate::names::{BranchName, CommitId, visible};
use crate::policy::Policy;
use crate::policy_file::{self, OfCommits, PolicyFile};
use crate::repo::{ContentId, Head, MOST_VISITED};
use crate::report::{Checked, Kind};
use crate::view;

use super::facts::{self, Source};
use super::{Notice, Session, edit, suggest};

/// What begins the refs that reviews are asked for by: Gerrit's, and AGit's at Forgejo and Gitea, which take `refs/for/main` for
/// "into main, from what is on HEAD".
const FOR_REVIEW: [&str; 3] = ["refs/for/", "refs/drafts/", "refs/for-review/"];

/// For how many branches of a push values are looked for: the commands of more do not fit on a screen.
const MOST_SUGGESTED: usize = 10;

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

/// What a check found.
#[derive(Clone, Debug)]
pub(crate) struct Verdict {
    /// The branch; `None` for a text that names none.
    pub(crate) branch: Option<BranchName>,
    /// Its document, where it has one.
    pub(crate) document: Option<Document>,
    /// What the document is called where a place in it is told: its path in this work tree or another, or whose it is.
    pub(crate) path: String,
    /// The file that a tool can point at: the path of the view, or of the file that was checked.
    pub(crate) file: String,
    /// What is wrong, in the order of their places.
    pub(crate) problems: Vec<Problem>,
    /// Values to choose from.
    pub(crate) hints: Hints,
    /// The one command that fixes all that a command can fix.
    pub(crate) fix: Option<String>,
    /// The commit that is pushed, where one is.
    pub(crate) pushed: Option<CommitId>,
    /// The rules that it was held against, where something is wrong with them that was not told yet.
    pub(crate) rules: Rules,
    /// The push changes the policy, compared to the trunk.
    pub(crate) policy_changed: bool,
    /// What to tell.
    pub(crate) notices: Vec<Notice>,
}

/// A policy file, as far as something is wrong with it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Rules {
    /// Its text.
    pub(crate) text: Vec<u8>,
    /// What is wrong, with places in that text.
    pub(crate) problems: Vec<Problem>,
}

impl Rules {
    fn of(file: &PolicyFile, reader: Reader) -> Self {
        Self {
            text: file.text.clone(),
            problems: check::policy_problems(&file.problems, reader),
        }
    }

    /// For a report.
    pub(crate) fn checked(&self) -> Checked<'_> {
        Checked {
            kind: Kind::Policy,
            branch: None,
            path: policy_file::NAME,
            file: policy_file::NAME,
            text: &self.text,
            problems: &self.problems,
            hints: None,
            fix: None,
        }
    }
}

impl Verdict {
    pub(super) fn empty(branch: Option<BranchName>) -> Self {
        Self {
            branch,
            document: None,
            path: String::new(),
            file: view::PATH.to_owned(),
            problems: Vec::new(),
            hints: Hints::default(),
            fix: None,
            pushed: None,
            rules: Rules::default(),
            policy_changed: false,
            notices: Vec::new(),
        }
    }

    /// What it is about, for messages.
    pub(crate) fn name(&self) -> String {
        match &self.branch {
            Some(branch) => format!("'{branch}'"),
            None => format!("'{}'", visible(&self.path)),
        }
    }

    /// For a report.
    pub(crate) fn checked(&self) -> Checked<'_> {
        Checked {
            kind: Kind::Document,
            branch: self.branch.as_ref(),
            path: &self.path,
            file: &self.file,
            text: self.document.as_ref().map(Document::text).unwrap_or_default(),
            problems: &self.problems,
            hints: Some(&self.hints),
            fix: self.fix.as_deref(),
        }
    }

    /// Whether a push is held back.
    pub(crate) fn blocks(&self) -> bool {
        self.problems.iter().any(|problem| problem.severity == Severity::Error)
    }
}

/// Checks the work tree's policy file itself.
pub(crate) fn rules(session: &Session<'_>) -> Rules {
    Rules::of(&policy_file::of_work_tree(&session.repository), Reader::Check)
}

/// Checks the document of one branch by the work tree's policy. `source` may be shared by several.
///
/// Errors: there is no such branch, and no document of it.
pub(crate) fn branch(session: &Session<'_>, branch: &BranchName, source: &Source) -> Result<Verdict> {
    let policy = &session.policy;
    let mut verdict = verdict(session, branch, policy, &|document| {
        source.all(session, branch, document, policy)
    })?;
    if verdict.document.is_none() {
        let current = session.repository.current_branch()?;
        if session.repository.tip(branch).is_none() && current.as_ref() != Some(branch) {
            return Err(edit::no_document(session, branch));
        }
        if session.is_excluded(branch) {
            verdict.problems.clear();
        }
    }
    suggest::complete(session, &mut verdict, &session.policy)?;
    Ok(verdict)
}

/// Checks a text as if it were a branch's document. `path` is what it is called.
pub(crate) fn text(session: &Session<'_>, path: &str, text: Vec<u8>) -> Result<Verdict> {
    let document = Document::new(text);
    let context = Context {
        branch: None,
        policy: &session.policy,
        actor: None,
        facts: None,
    };
    let named = document.front_matter().text("branch.name").and_then(BranchName::new);
    Ok(Verdict {
        problems: check::check(&document, &context),
        document: Some(document),
        path: path.to_owned(),
        file: path.to_owned(),
        ..Verdict::empty(named)
    })
}

/// Checks every branch that has a document.
pub(crate) fn all(session: &Session<'_>) -> Result<Vec<Verdict>> {
    let source = Source::default();
    let branches = branches(session)?.into_iter();
    branches.map(|branch| self::branch(session, &branch, &source)).collect()
}

/// The branches that exist and have a document.
pub(crate) fn branches(session: &Session<'_>) -> Result<Vec<BranchName>> {
    let Some(store) = session.store()? else {
        return Ok(Vec::new());
    };
    super::open::follow_renames(session, store)?;
    let branches = store.documents()?.into_iter().filter_map(|stored| stored.branch);
    Ok(branches
        .filter(|branch| session.repository.tip(branch).is_some())
        .collect())
}

/// Checks the documents of the branches among `refs`, each once, by the policy of the commit that is pushed.
pub(crate) fn pushed(session: &Session<'_>, refs: &[PushedRef]) -> Result<Vec<Verdict>> {
    let mut verdicts: Vec<Verdict> = Vec::new();
    let mut gate = Gate {
        session,
        policies: OfCommits::default(),
        trunks: HashMap::new(),
        checked: HashSet::new(),
    };
    let mut told: HashSet<Rules> = HashSet::new();
    let mut suggested = 0;
    session.repository.note_checkouts();
    for pushed in refs.iter().filter(|pushed| !pushed.id.is_null()) {
        let Some((branch, file)) = gate.admit(pushed)? else {
            continue;
        };
        let policy = &file.policy;
        let mut verdict = verdict(session, &branch, policy, &|document| {
            facts::of_push(session, &pushed.id, Some(document), policy)
        })?;
        verdict.pushed = Some(pushed.id.clone());
        let rules = Rules::of(&file, Reader::Hook);
        if !rules.problems.is_empty() && told.insert(rules.clone()) {
            verdict.rules = rules;
        }
        verdict.policy_changed = gate.policy_changed(&pushed.id, policy);
        if verdict.fix.is_some() && suggested < MOST_SUGGESTED {
            suggested += 1;
            suggest::complete(session, &mut verdict, policy)?;
        }
        verdicts.push(verdict);
    }
    Ok(verdicts)
}

/// What is known at a push of many refs, each thing found out once.
struct Gate<'s, 'w> {
    session: &'s Session<'w>,
    policies: OfCommits,
    /// By the name that a policy gives.
    trunks: HashMap<Option<String>, Trunk>,
    checked: HashSet<BranchName>,
}

/// The trunk, and the policy's text on its tips.
#[derive(Clone, Default)]
struct Trunk {
    name: Option<BranchName>,
    tips: Vec<CommitId>,
    policies: Vec<Option<ContentId>>,
}

impl Gate<'_, '_> {
    /// The branch that a line of git's is about and the policy for it; `None` where nobody asks for a document, and where the
    /// branch was here already.
    fn admit(&mut self, pushed: &PushedRef) -> Result<Option<(BranchName, Rc<PolicyFile>)>> {
        let Some((branch, remote)) = subject(self.session, pushed)? else {
            return Ok(None);
        };
        if self.checked.contains(&branch) {
            return Ok(None);
        }
        let file = self.policies.policy(&self.session.repository, &pushed.id)?;
        let trunk = self.trunk(&file.policy).name;
        let skip = |name: &BranchName| file.policy.excludes(name.as_str()) || trunk.as_ref() == Some(name);
        if skip(&branch) || remote.as_ref().is_some_and(skip) {
            return Ok(None);
        }
        self.checked.insert(branch.clone());
        Ok(Some((branch, file)))
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

    /// Whether the commits that are not in the trunk yet change the policy: where they began, it was another one.
    fn policy_changed(&mut self, id: &CommitId, policy: &Policy) -> bool {
        let trunk = self.trunk(policy);
        let repository = &self.session.repository;
        let mut text = |id: &CommitId| self.policies.text(repository, id).ok().flatten();
        let pushed = text(id);
        if trunk.tips.is_empty() || trunk.policies.contains(&pushed) {
            return false;
        }
        let own = repository
            .own_commits(id, &trunk.tips, MOST_VISITED)
            .map(|own| own.newest_first);
        let parents = own.unwrap_or_default().last().map(|oldest| repository.parents(oldest));
        let began = parents.and_then(|parents| parents.ok()?.into_iter().next());
        began.is_some_and(|began| text(&began) != pushed)
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

fn verdict(
    session: &Session<'_>,
    branch: &BranchName,
    policy: &Policy,
    facts: &dyn Fn(&Document) -> Facts,
) -> Result<Verdict> {
    let mut verdict = Verdict::empty(Some(branch.clone()));
    let Some(mut read) = edit::read_if_any(session, branch)? else {
        let tip = session.repository.tip(branch);
        let store = session.store()?;
        let is_archived = |tip: &CommitId| store.is_some_and(|store| store.archived_at(branch, tip).is_some());
        if tip.is_some_and(|tip| !is_archived(&tip)) {
            verdict.problems.extend(check::no_document(branch.as_str(), policy));
        }
        return Ok(verdict);
    };
    if needs_mending(&read.document.front_matter(), branch) {
        read = edit::change(session, branch, &mut |document| {
            if let Some(key) = Key::parse("branch.name") {
                document.set(&[(key, Value::Text(branch.as_str().to_owned()))])?;
            }
            Ok("mend: branch.name".into())
        })?;
    }
    let facts = facts(&read.document);
    let actor = session.actor();
    let context = Context {
        branch: Some(branch.as_str()),
        policy,
        actor: Some(actor.as_str()),
        facts: Some(&facts),
    };
    verdict.problems = check::check(&read.document, &context);
    if !verdict.problems.is_empty() {
        let option = edit::branch_option(session.repository.current_branch()?.as_ref(), branch);
        verdict.fix = check::fix_command(&verdict.problems, &option);
    }
    verdict.path = match &read.checkout {
        None => format!("the document of '{branch}'"),
        Some(checkout) if Some(checkout.work_tree.as_path()) == session.repository.work_tree() => view::PATH.to_owned(),
        Some(checkout) => checkout.work_tree.join(view::PATH).display().to_string(),
    };
    verdict.notices = read.notices;
    verdict.document = Some(read.document);
    Ok(verdict)
}

/// What is derived is mended before a check, never blamed on the user.
fn needs_mending(front_matter: &FrontMatter, branch: &BranchName) -> bool {
    front_matter.problem.is_none() && front_matter.text("branch.name") != Some(branch.as_str())
}
