//! Taking a text, such as a secret, out of documents with all their versions, here and on the remote.
//!
//! Not here: how versions are written anew (store/redact.rs), and what another clone makes of it (sync/redacted.rs).

use regex_lite::Regex;

use crate::document::Document;
use crate::document::front_matter::FrontMatter;
use crate::error::{Error, Result};
use crate::names::{BranchName, DocId, visible};
use crate::store::{
    Access, MARK, RedactScope, Redacted, Store, Stored, Writer, all_remote_refspec, archive_refspec, literally,
    remote_refspec_of,
};
use crate::transport::{Prompt, Update};

use super::settle::{Newest, Tracking, settle};
use super::sync::{self, Done};
use super::{Notice, Session, edit, open};

/// What is taken out.
pub(crate) enum Pattern {
    /// This text.
    Text(String),
    /// What this matches.
    Regex(Regex),
}

/// What was done.
pub(crate) struct Outcome {
    /// The refs that were moved here.
    pub(crate) redacted: Vec<Redacted>,
    /// What became of those of remotes.
    pub(crate) on_remotes: Vec<OnRemote>,
    /// What was sent then, because no version has the text any more.
    pub(crate) synced: Done,
    /// What to tell.
    pub(crate) notices: Vec<Notice>,
}

/// What became of one ref of a remote that had the text, or of a remote that could not be asked.
pub(crate) struct OnRemote {
    /// The remote.
    pub(crate) remote: String,
    /// The ref; `None`: not known which.
    pub(crate) reference: Option<String>,
    /// Why it still has the text.
    pub(crate) failed: Option<Error>,
}

impl Pattern {
    /// A text as it is.
    ///
    /// Errors: there is nothing in it.
    pub(crate) fn text(text: &str) -> Result<Self> {
        match text.is_empty() {
            true => Err(Error::usage("there is nothing to take out").hint("git branchwork redact --help")),
            false => Ok(Self::Text(text.to_owned())),
        }
    }

    /// A regular expression.
    ///
    /// Errors: it is none; it matches where nothing stands.
    pub(crate) fn regex(pattern: &str) -> Result<Self> {
        let wrong = || Error::usage("the regular expression cannot be used");
        let regex = Regex::new(pattern).map_err(|error| wrong().because(&error))?;
        match regex.is_match("") {
            true => Err(wrong().why("it matches where nothing stands")),
            false => Ok(Self::Regex(regex)),
        }
    }

    fn replace(&self, text: &[u8]) -> Option<Vec<u8>> {
        let regex = match self {
            Self::Text(pattern) => return literally(&[pattern.as_bytes().to_vec()])(text),
            Self::Regex(regex) => regex,
        };
        let mut after = Vec::new();
        for chunk in text.utf8_chunks() {
            after.extend_from_slice(regex.replace_all(chunk.valid(), regex_lite::NoExpand(MARK)).as_bytes());
            after.extend_from_slice(chunk.invalid());
        }
        (after != text).then_some(after)
    }
}

/// Takes it out of the documents of `scope`, here and on all remotes that have it: what others changed meanwhile is fetched
/// before.
///
/// Errors: there is no document; the store cannot be written; a document could not be read any more.
pub(crate) fn redact(session: &Session<'_>, scope: &RedactScope, pattern: &Pattern, prompt: Prompt) -> Result<Outcome> {
    let store = match (session.store()?, scope) {
        (Some(store), _) => store,
        (None, RedactScope::Branch(branch)) => return Err(edit::no_document(session, branch)),
        (None, RedactScope::All) => return Err(Error::new("there are no documents here").hint("git branchwork init")),
    };
    let mut notices = Vec::new();
    open::follow_renames(session, store)?;
    let mut known = Vec::new();
    for remote in session.repository.remotes() {
        if store.knows_remote(&remote)? {
            known.push(remote);
        }
    }
    let mut is_shared = *scope == RedactScope::All && !known.is_empty();
    for branch in store.meant(scope)?.into_iter().filter_map(|stored| stored.branch) {
        is_shared |= sync::was_seen_on_remote(session, &branch)?;
        if session.repository.tip(&branch).is_some() {
            notices.extend(edit::read(session, &branch)?.notices);
        }
    }
    let synchronise = || match scope {
        RedactScope::Branch(branch) => sync::branch(session, branch, None, prompt),
        RedactScope::All => sync::all(session, None, prompt),
    };
    if is_shared {
        // What does not go now is told by the second one.
        let done = synchronise().unwrap_or_default();
        notices.extend(done.synced.into_iter().flat_map(|synced| synced.notices));
        notices.extend(done.carried.into_iter().flat_map(|carried| carried.notices));
    }
    let replace = |text: &[u8]| pattern.replace(text);
    let meant = store.meant(scope)?;
    if let (RedactScope::Branch(branch), true) = (scope, meant.is_empty()) {
        return Err(edit::no_document(session, branch).hint("git branchwork redact --all reaches archived ones too"));
    }
    for stored in &meant {
        refuse_to_break(store, stored, &replace)?;
    }
    let ids: Vec<DocId> = meant.into_iter().map(|stored| stored.id).collect();
    let redacted = {
        let writer = writer(session)?;
        let redacted = writer.redact(scope, &replace)?;
        for stored in redacted.iter().filter_map(|redacted| redacted.document.as_ref()) {
            notices.extend(show(session, &writer, stored.branch.as_ref())?);
        }
        redacted
    };
    let ids = matches!(scope, RedactScope::Branch(_)).then_some(ids.as_slice());
    let mut on_remotes = Vec::new();
    for remote in known {
        on_remotes.extend(on_remote(session, &remote, ids, &replace, prompt)?);
        // Whatever it has, nothing here needs the text to know where it was.
        let writer = writer(session)?;
        for left in writer.redact_remote(&remote, ids, &replace)? {
            writer.note_remote(&left.reference, &left.after)?;
        }
    }
    // What was held back, because it had the text, goes now.
    let has_failed = on_remotes.iter().any(|done| done.failed.is_some());
    let synced = match is_shared && !redacted.is_empty() && !has_failed {
        true => synchronise()?,
        false => Done::default(),
    };
    writer(session)?.remove_redacted(&replace)?;
    notices.dedup();
    Ok(Outcome {
        redacted,
        on_remotes,
        synced,
        notices,
    })
}

/// A text that stands in keys or in what makes the front matter one is not taken out: nothing could set its fields then.
fn refuse_to_break(store: &Store, stored: &Stored, replace: &dyn Fn(&[u8]) -> Option<Vec<u8>>) -> Result<()> {
    let before = store.load(&stored.version)?.0;
    let Some(after) = replace(&before) else { return Ok(()) };
    let (before, after) = (
        Document::new(before).front_matter(),
        Document::new(after).front_matter(),
    );
    let keys = |front_matter: &FrontMatter| {
        front_matter
            .fields
            .iter()
            .map(|field| field.key.clone())
            .collect::<Vec<_>>()
    };
    if before.problem.is_none() && (after.problem.is_some() || keys(&before) != keys(&after)) {
        let of = stored.branch.as_ref().map_or(stored.id.as_str(), BranchName::as_str);
        return Err(
            Error::new(format!("the document of '{of}' could not be read without it"))
                .why("it is part of the front matter's keys or of its form; nothing was changed")
                .hint("give more of the text that is to go, such as the value alone"),
        );
    }
    Ok(())
}

/// Takes it out of what a remote has.
fn on_remote(
    session: &Session<'_>,
    remote: &str,
    ids: Option<&[DocId]>,
    replace: &dyn Fn(&[u8]) -> Option<Vec<u8>>,
    prompt: Prompt,
) -> Result<Vec<OnRemote>> {
    let store = session.store_or_create()?;
    let done = |reference: Option<&str>, failed: Option<Error>| OnRemote {
        remote: remote.to_owned(),
        reference: reference.map(str::to_owned),
        failed,
    };
    let refspecs: Vec<String> = match ids {
        Some(ids) => ids.iter().map(|id| remote_refspec_of(remote, id)).collect(),
        None => vec![all_remote_refspec(remote), archive_refspec(remote)],
    };
    let line = match sync::line(session, store, remote, prompt) {
        Ok(line) => line,
        Err(error) => return Ok(vec![done(None, Some(error))]),
    };
    let mut all = Vec::new();
    for is_last in [false, false, false, true] {
        if let Err(error) = line.fetch(&refspecs) {
            all.push(done(None, Some(error)));
            return Ok(all);
        }
        let here = format!("refs/branchwork/remotes/{remote}/");
        let wanted = writer(session)?.redact_remote(remote, ids, replace)?;
        let updates = wanted.iter().map(|redacted| Update {
            reference: redacted.reference.replacen(&here, "refs/branchwork/", 1),
            seen: Some(redacted.before.clone()),
            new: Some(redacted.after.clone()),
        });
        let updates: Vec<Update> = updates.collect();
        if updates.is_empty() {
            return Ok(all);
        }
        let refusals = match line.push(&updates) {
            Ok(refusals) => refusals,
            Err(error) => {
                all.push(done(None, Some(error)));
                return Ok(all);
            }
        };
        let mut is_over = true;
        for (update, redacted) in updates.iter().zip(&wanted) {
            match refusals.iter().find(|refusal| refusal.reference == update.reference) {
                None => {
                    writer(session)?.note_remote(&redacted.reference, &redacted.after)?;
                    all.push(done(Some(&update.reference), None));
                }
                // Somebody was faster: it is fetched once more.
                Some(refusal) if refusal.is_a_race() && !is_last => is_over = false,
                Some(refusal) => {
                    let error = Error::new(format!("'{}' does not change '{}'", visible(remote), update.reference));
                    all.push(done(Some(&update.reference), Some(error.why(refusal.reason.as_str()))));
                }
            }
        }
        if is_over {
            return Ok(all);
        }
    }
    Ok(all)
}

/// Shows the newest version of a branch's document where it is checked out.
fn show(session: &Session<'_>, writer: &Writer<'_>, branch: Option<&BranchName>) -> Result<Vec<Notice>> {
    let Some((branch, checkout)) = branch.and_then(|branch| Some((branch, session.repository.checkout_of(branch)?)))
    else {
        return Ok(Vec::new());
    };
    let stored = writer.store().find(branch)?;
    let newest = stored.map(|stored| Newest::load(writer.store(), stored)).transpose()?;
    let tip = session.repository.tip(branch);
    let (_, notices) = settle(session, writer, &checkout, tip.as_ref(), newest, Tracking::Verify)?;
    Ok(notices)
}

fn writer<'s>(session: &'s Session<'_>) -> Result<Writer<'s>> {
    match session.store_or_create()?.access()? {
        Access::Writer(writer) => Ok(writer),
        Access::ReadOnly(reason) => Err(Error::new("the store cannot be written")
            .why(reason)
            .hint("make the git directory writable, then run the command again")),
    }
}
