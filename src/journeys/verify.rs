//! Checking documents: the current branch's, all of them, or those of the branches that are being pushed.
//!
//! Not here: the rules (check/) and how a problem looks (ui.rs).

mod pushed;

use crate::check::{self, Context, Facts, Hints, Problem, Reader, Severity};
use crate::document::Document;
use crate::document::front_matter::{FrontMatter, Key, Value};
use crate::error::Result;
use crate::names::{BranchName, CommitId, visible};
use crate::policy::Policy;
use crate::policy_file::{self, PolicyFile};
use crate::repo::Checkout;
use crate::report::{Checked, Kind};
use crate::view;

use super::facts::Source;
use super::{Notice, Session, edit, suggest};

pub(crate) use pushed::{PushedRef, pushed, subjects};

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
            problems: check::policy_problems(&file.text, &file.problems, reader),
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
    if !verdict.problems.is_empty() {
        let option = edit::branch_option(session.repository.current_branch()?.as_ref(), branch);
        verdict.fix = check::fix_command(&verdict.problems, &option);
    }
    suggest::complete(session, &mut verdict, &session.policy)?;
    Ok(verdict)
}

/// Checks a text as if it were a branch's document. `path` is what it is called.
pub(crate) fn text(session: &Session<'_>, path: &str, text: Vec<u8>) -> Result<Verdict> {
    let document = Document::new(text);
    // Rules for branches hold by the name that it gives itself.
    let named = document.front_matter().text("branch.name").and_then(BranchName::new);
    let context = Context {
        branch: named.as_ref().map(BranchName::as_str),
        policy: &session.policy,
        actor: None,
        facts: None,
    };
    Ok(Verdict {
        problems: check::check(&document, &context),
        document: Some(document),
        path: path.to_owned(),
        file: path.to_owned(),
        ..Verdict::empty(named)
    })
}

/// Where the front matter of a branch's document cannot be read; `None` where it can.
pub(crate) fn unreadable(session: &Session<'_>, branch: &BranchName, document: &Document) -> Option<Verdict> {
    let problem = check::unreadable(document)?;
    let checkout = session.repository.checkout_of(branch);
    Some(Verdict {
        problems: vec![problem],
        document: Some(document.clone()),
        path: called(session, branch, checkout.as_ref()),
        ..Verdict::empty(Some(branch.clone()))
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
    verdict.path = called(session, branch, read.checkout.as_ref());
    verdict.notices = read.notices;
    verdict.document = Some(read.document);
    Ok(verdict)
}

/// What a document is called where a place in it is told.
fn called(session: &Session<'_>, branch: &BranchName, checkout: Option<&Checkout>) -> String {
    match checkout {
        None => format!("the document of '{branch}'"),
        Some(checkout) if Some(checkout.work_tree.as_path()) == session.repository.work_tree() => view::PATH.to_owned(),
        Some(checkout) => checkout.work_tree.join(view::PATH).display().to_string(),
    }
}

/// What is derived is mended before a check, never blamed on the user.
fn needs_mending(front_matter: &FrontMatter, branch: &BranchName) -> bool {
    front_matter.problem.is_none() && front_matter.text("branch.name") != Some(branch.as_str())
}
