//! Taking a text, such as a secret, out of documents with all their versions, here and on the remote.
//!
//! Not here: how versions are written anew (store/redact.rs), and what another clone makes of it (sync/redacted.rs).

use regex_lite::Regex;

use crate::error::{Error, Result};
use crate::store::{Access, MARK, RedactScope, Redacted, Writer, literally};
use crate::transport::Prompt;

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
    /// The refs that were moved.
    pub(crate) redacted: Vec<Redacted>,
    /// What became of the documents on the remote.
    pub(crate) synced: Done,
    /// Why the remote could not be reached. Here it is done.
    pub(crate) not_synced: Option<Error>,
    /// What to tell.
    pub(crate) notices: Vec<Notice>,
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

/// Takes it out of the documents of `scope`. Where they are shared, the remote's are replaced: what others changed meanwhile is
/// fetched before.
///
/// Errors: there is no document; the store cannot be written.
pub(crate) fn redact(session: &Session<'_>, scope: &RedactScope, pattern: &Pattern, prompt: Prompt) -> Result<Outcome> {
    let store = match (session.store()?, scope) {
        (Some(store), _) => store,
        (None, RedactScope::Branch(branch)) => return Err(edit::no_document(session, branch)),
        (None, RedactScope::All) => return Err(Error::new("there are no documents here").hint("git branchwork init")),
    };
    let mut notices = Vec::new();
    let mut is_shared = *scope == RedactScope::All && store.has_fetched()?;
    open::follow_renames(session, store)?;
    for branch in store.documents()?.into_iter().filter_map(|stored| stored.branch) {
        let is_meant = match scope {
            RedactScope::Branch(only) => *only == branch,
            RedactScope::All => true,
        };
        if is_meant {
            is_shared |= sync::is_shared(session, &branch)?;
            if session.repository.tip(&branch).is_some() {
                notices.extend(edit::read(session, &branch)?.notices);
            }
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
    if let RedactScope::Branch(branch) = scope
        && store.find(branch)?.is_none()
    {
        return Err(edit::no_document(session, branch));
    }
    let replace = |text: &[u8]| pattern.replace(text);
    let redacted = {
        let writer = writer(session)?;
        let redacted = writer.redact(scope, &replace)?;
        for stored in redacted.iter().filter_map(|redacted| redacted.document.as_ref()) {
            notices.extend(show(session, &writer, stored.branch.as_ref())?);
        }
        redacted
    };
    let synced = match is_shared && !redacted.is_empty() {
        true => synchronise(),
        false => Ok(Done::default()),
    };
    writer(session)?.remove_redacted(&replace)?;
    let (synced, not_synced) = match synced {
        Ok(synced) => (synced, None),
        Err(error) => (Done::default(), Some(error)),
    };
    notices.dedup();
    Ok(Outcome {
        redacted,
        synced,
        not_synced,
        notices,
    })
}

/// Shows the newest version of a branch's document where it is checked out.
fn show(session: &Session<'_>, writer: &Writer<'_>, branch: Option<&crate::names::BranchName>) -> Result<Vec<Notice>> {
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
