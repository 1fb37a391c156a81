//! Checking documents: the current branch's, all of them, or those of the branches that are being pushed.
//!
//! Not here: the rules (check/) and how a problem looks (ui.rs).

use crate::check::{self, Context, Hints, Problem, Reader, Severity};
use crate::document::Document;
use crate::document::front_matter::{Key, Value};
use crate::error::Result;
use crate::names::{BranchName, CommitId, visible};
use crate::policy::Policy;
use crate::policy_file::{self, PolicyFile};
use crate::repo::{Head, MOST_VISITED};
use crate::report::{Checked, Kind};
use crate::view;

use super::{Notice, Session};
use super::{edit, suggest};

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
    /// The rules that it was held against, where something is wrong with them that was not told yet.
    pub(crate) rules: Rules,
    /// The push changes the policy, compared to the trunk.
    pub(crate) policy_changed: bool,
    /// What to tell.
    pub(crate) notices: Vec<Notice>,
}

/// A policy file, as far as something is wrong with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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

/// Checks the document of one branch by the work tree's policy.
///
/// Errors: there is no such branch, and no document of it.
pub(crate) fn branch(session: &Session<'_>, branch: &BranchName) -> Result<Verdict> {
    let mut verdict = verdict(session, branch, &session.policy)?;
    if verdict.document.is_none() {
        let current = session.repository.current_branch()?;
        if session.repository.tip(branch).is_none() && current.as_ref() != Some(branch) {
            return Err(edit::no_document(session, branch));
        }
        if session.is_excluded(branch) {
            verdict.problems.clear();
        }
    }
    Ok(verdict)
}

/// Checks a text as if it were a branch's document. `path` is what it is called.
pub(crate) fn text(session: &Session<'_>, path: &str, text: Vec<u8>) -> Result<Verdict> {
    let document = Document::new(text);
    let context = Context {
        branch: None,
        policy: &session.policy,
        actor: None,
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
    let Some(store) = session.store()? else {
        return Ok(Vec::new());
    };
    super::open::follow_renames(session, store)?;
    let branches = store.documents()?.into_iter().filter_map(|stored| stored.branch);
    let existing = branches.filter(|branch| session.repository.tip(branch).is_some());
    existing.map(|branch| self::branch(session, &branch)).collect()
}

/// Checks the documents of the branches among `refs`, each once, by the policy of the commit that is pushed.
pub(crate) fn pushed(session: &Session<'_>, refs: &[PushedRef]) -> Result<Vec<Verdict>> {
    let mut verdicts: Vec<Verdict> = Vec::new();
    for pushed in refs.iter().filter(|pushed| !pushed.id.is_null()) {
        let Some(remote) = BranchName::from_ref(&pushed.remote) else {
            continue;
        };
        let branch = branch_of(session, pushed)?.unwrap_or_else(|| remote.clone());
        let file = policy_file::of_commit(&session.repository, &pushed.id)?;
        let policy = &file.policy;
        let trunk = session.repository.trunk(policy.trunk.as_deref());
        let skip = |name: &BranchName| policy.excludes(name.as_str()) || trunk.as_ref() == Some(name);
        if skip(&branch) || skip(&remote) || verdicts.iter().any(|verdict| verdict.branch.as_ref() == Some(&branch)) {
            continue;
        }
        let mut verdict = verdict(session, &branch, policy)?;
        let rules = Rules::of(&file, Reader::Hook);
        if verdicts.iter().all(|verdict| verdict.rules != rules) {
            verdict.rules = rules;
        }
        verdict.policy_changed = policy_changed(session, &pushed.id, trunk.as_ref());
        verdicts.push(verdict);
    }
    Ok(verdicts)
}

/// The local branch that is pushed; `None` where a bare commit is.
fn branch_of(session: &Session<'_>, pushed: &PushedRef) -> Result<Option<BranchName>> {
    if matches!(pushed.local.as_str(), "HEAD" | "@") {
        return Ok(match session.repository.head()? {
            Head::Branch(branch, _) => Some(branch),
            _ => None,
        });
    }
    Ok(BranchName::from_ref(&pushed.local))
}

/// Whether the commits that are not in the trunk yet change the policy: where they began, it was another one.
fn policy_changed(session: &Session<'_>, id: &CommitId, trunk: Option<&BranchName>) -> bool {
    let repository = &session.repository;
    let tips = trunk.map(|trunk| repository.tips(trunk)).unwrap_or_default();
    let at = |id: &CommitId| repository.file_at(id, policy_file::NAME).ok().flatten();
    let pushed = at(id);
    if tips.is_empty() || tips.iter().any(|tip| at(tip) == pushed) {
        return false;
    }
    let own = repository
        .own_commits(id, &tips, MOST_VISITED)
        .map(|own| own.newest_first);
    let parents = own.unwrap_or_default().last().map(|oldest| repository.parents(oldest));
    let began = parents.and_then(|parents| parents.ok()?.into_iter().next());
    began.is_some_and(|began| at(&began) != pushed)
}

fn verdict(session: &Session<'_>, branch: &BranchName, policy: &Policy) -> Result<Verdict> {
    let has_document = match session.store()? {
        Some(store) => super::open::find(session, store, branch)?.is_some(),
        None => false,
    };
    let mut verdict = Verdict::empty(Some(branch.clone()));
    if !has_document {
        let tip = session.repository.tip(branch);
        let store = session.store()?;
        let is_archived = |tip: &CommitId| store.is_some_and(|store| store.archived_at(branch, tip).is_some());
        if tip.is_some_and(|tip| !is_archived(&tip)) {
            verdict.problems.extend(check::no_document(branch.as_str(), policy));
        }
        return Ok(verdict);
    }
    let mut read = edit::read(session, branch)?;
    if needs_mending(&read.document, branch) {
        read = edit::change(session, branch, &mut |document| {
            if let Some(key) = Key::parse("branch.name") {
                document.set(&[(key, Value::Text(branch.as_str().to_owned()))])?;
            }
            Ok("mend: branch.name".into())
        })?;
    }
    let actor = session.actor();
    let context = Context {
        branch: Some(branch.as_str()),
        policy,
        actor: Some(actor.as_str()),
    };
    verdict.problems = check::check(&read.document, &context);
    verdict.hints = suggest::hints(session, branch, &read.document, policy, &verdict.problems);
    check::suggest::suggest(&mut verdict.problems, &verdict.hints);
    let option = edit::branch_option(session.repository.current_branch()?.as_ref(), branch);
    verdict.fix = check::fix_command(&verdict.problems, &option);
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
fn needs_mending(document: &Document, branch: &BranchName) -> bool {
    let front_matter = document.front_matter();
    front_matter.problem.is_none() && front_matter.text("branch.name") != Some(branch.as_str())
}
