//! What a remote does with documents: tried out with two refs that nobody reads, and that are taken away again.
//!
//! Not here: what this clone's own installation lacks (hooks.rs, machine.rs), and how a sync fails (sync.rs).

use chrono::DateTime;

use super::Finding;
use crate::check::quoted;
use crate::error::{Error, Result};
use crate::journeys::{Session, sync};
use crate::names::{CommitId, visible};
use crate::store::{Access, Author, Store};
use crate::transport::{Line, Prompt, Refusal, Together, Update};

/// Below it are the refs that are tried; no document is there.
const PROBE: &str = "refs/branchwork/probe/";

/// Writes two refs to a remote, reads them back and deletes them: to the one that is named, else to the one that the current
/// branch is pushed to.
///
/// Errors: there is no such remote; the store cannot be written. What the remote refuses is in the answer.
pub(crate) fn probe(session: &Session<'_>, remote: Option<&str>, prompt: Prompt) -> Result<Vec<Finding>> {
    let repository = &session.repository;
    let current = repository.current_branch()?;
    let own = || current.map_or_else(|| "origin".to_owned(), |branch| repository.push_remote(&branch));
    let remote = remote.map_or_else(own, str::to_owned);
    let store = session.store_or_create()?;
    let line = sync::line(session, store, &remote, prompt)?;
    let version = version(store)?;
    let place = format!("{PROBE}{}", session.new_id());
    let tried = Tried {
        line,
        name: visible(&remote),
        references: ["a", "b"].map(|last| format!("{place}/{last}")),
        version,
    };
    Ok(tried.findings(&remote))
}

/// What is written: always the same, so that trying again leaves no more behind in the store.
fn version(store: &Store) -> Result<CommitId> {
    let Access::Writer(writer) = store.access()? else {
        return Err(Error::new("the store cannot be written").hint("make the git directory writable"));
    };
    let nobody = Author {
        name: "git-branchwork".to_owned(),
        email: String::new(),
        time: DateTime::UNIX_EPOCH,
    };
    writer.unnamed(b"Whether this remote takes documents\n", "probe", &nobody)
}

struct Tried<'a> {
    line: Line<'a>,
    name: String,
    references: [String; 2],
    version: CommitId,
}

impl Tried<'_> {
    fn findings(&self, remote: &str) -> Vec<Finding> {
        let name = &self.name;
        let mut findings = Vec::new();
        // Nothing is there yet: only whether there is an answer counts.
        if let Err(error) = self.line.fetch(&[format!("{0}/*:{0}/*", self.references[0])]) {
            return vec![Finding::failed(&error)];
        }
        findings.push(Finding::right(format!("'{name}' answers")));
        let mut written: Vec<&String> = self.references.iter().collect();
        let refusals = match self.line.push_together(&self.changes(&written, true)) {
            Ok(Together::Sent(refusals)) => refusals,
            Ok(Together::CannotBe) => {
                written.truncate(1);
                match self.line.push(&self.changes(&written, true)) {
                    Ok(refusals) => refusals,
                    Err(error) => return with(findings, Finding::failed(&error)),
                }
            }
            Err(error) => return with(findings, Finding::failed(&error)),
        };
        // Of the others git only says that they do not go without it.
        let own = refusals.iter().find(|refusal| !sync::follows(refusal));
        if let Some(refusal) = own.or(refusals.first()) {
            return with(findings, self.refused(remote, refusal));
        }
        let back: Vec<String> = written.iter().map(|reference| (*reference).clone()).collect();
        findings.push(match self.line.fetch(&back) {
            Ok(()) => Finding::right(format!("'{name}' takes documents, and gives them back")),
            Err(error) => Finding::wrong(
                format!("'{name}' takes documents, but does not give them back: {error}"),
                "ask whoever keeps it to show refs/branchwork/* (uploadpack.hideRefs)",
            ),
        });
        findings.push(match written.len() {
            1 => Finding::note(
                format!("'{name}' cannot take a branch and its document in one step"),
                "nothing: git branchwork push sends one after the other",
            ),
            _ => Finding::right(format!("'{name}' takes a branch and its document in one step")),
        });
        let stays = |reason: String| {
            let left = quoted(&written.iter().map(|left| left.as_str()).collect::<Vec<_>>().join(" "));
            Finding::note(
                format!("'{name}' deletes no document of a branch that has ended: {reason}"),
                format!("ask whoever keeps it to remove {left}"),
            )
        };
        findings.push(match self.line.push(&self.changes(&written, false)) {
            Ok(refusals) => match refusals.first() {
                None => Finding::right(format!("'{name}' deletes the documents of branches that have ended")),
                Some(refusal) => stays(refusal.reason.clone()),
            },
            Err(error) => stays(error.to_string()),
        });
        let wrong = findings
            .iter()
            .any(|finding| finding.severity == super::Severity::Wrong);
        if !wrong {
            let next = format!(
                "documents can be shared: git branchwork push, or git branchwork sync {}",
                quoted(remote)
            );
            findings.push(Finding::right(next));
        }
        findings
    }

    /// Both from nowhere to the version, or back.
    fn changes(&self, references: &[&String], there: bool) -> Vec<Update> {
        let version = || Some(self.version.clone());
        let update = |reference: &&String| Update {
            reference: (*reference).clone(),
            seen: if there { None } else { version() },
            new: if there { version() } else { None },
        };
        references.iter().map(update).collect()
    }

    fn refused(&self, remote: &str, refusal: &Refusal) -> Finding {
        Finding::wrong(
            format!("'{}' takes no documents: {}", self.name, refusal.reason),
            format!(
                "ask whoever keeps it to allow refs/branchwork/*; until then the branch goes alone: git push {}",
                quoted(remote)
            ),
        )
    }
}

fn with(mut findings: Vec<Finding>, last: Finding) -> Vec<Finding> {
    findings.push(last);
    findings
}
