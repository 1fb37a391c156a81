//! Taking a text, such as a secret, out of documents with all their versions, here and on the remote.
//!
//! Not here: how versions are written anew (store/redact.rs), and what another clone makes of it (sync/redacted.rs).

use regex_lite::Regex;

use crate::document::Document;
use crate::document::front_matter::{FieldValue, FrontMatter, Key};
use crate::error::{Error, Result};
use crate::names::{BranchName, DocId, visible};
use crate::store::{
    Access, MARK, RedactScope, Redacted, Store, Stored, Writer, all_remote_refspec, archive_refspec, fetched_from,
    literally, remote_refspec_of,
};
use crate::transport::{Prompt, Update};

use super::settle::{Newest, Tracking, settle};
use super::sync::{self, Carried, Done};
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
    /// How many objects that no version has any more were removed from the disk.
    pub(crate) removed: usize,
    /// What was sent then, because no version has the text any more.
    pub(crate) synced: Done,
    /// What to tell.
    pub(crate) notices: Vec<Notice>,
    /// What else could not be done.
    pub(crate) failed: Vec<Error>,
}

/// What became of one ref of a remote that had the text, or of a remote that could not be asked.
pub(crate) struct OnRemote {
    /// The remote.
    pub(crate) remote: String,
    /// The ref; `None`: not known which.
    pub(crate) reference: Option<String>,
    /// What became of it.
    pub(crate) became: Became,
}

/// What became of a ref of a remote that had the text.
pub(crate) enum Became {
    /// It was replaced.
    Replaced,
    /// It had the text when it was looked at before, and has it no more: a run that was ended, somebody else or a sync replaced it.
    Gone,
    /// It may still have the text.
    Failed(Error),
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
        let wrong = || {
            Error::usage("the regular expression cannot be used")
                .hint("mend it, or leave out -E: then PATTERN is the text as it is")
        };
        let regex = Regex::new(pattern).map_err(|error| wrong().because(&error))?;
        match regex.is_match("") {
            true => Err(wrong().why("it matches where nothing stands")),
            false => Ok(Self::Regex(regex)),
        }
    }

    fn replace(&self, text: &[u8]) -> Option<Vec<u8>> {
        let regex = match self {
            Self::Text(pattern) => return literally([pattern.as_bytes().to_vec()])(text),
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
/// Errors: there is no document; the store cannot be written; a document could not be read any more. What fails from when something
/// was changed is in the answer.
pub(crate) fn redact(session: &Session<'_>, scope: &RedactScope, pattern: &Pattern, prompt: Prompt) -> Result<Outcome> {
    let store = match (session.store()?, scope) {
        (Some(store), _) => store,
        (None, RedactScope::Branch(branch)) => return Err(edit::no_document(session, branch)),
        (None, RedactScope::All) => return Err(Error::new("there are no documents here").hint("git branchwork init")),
    };
    let mut notices = open::follow_renames(session, store)?;
    let mut known = Vec::new();
    for remote in session.repository.remotes() {
        if store.knows_remote(&remote)? {
            known.push(remote);
        }
    }
    let replace = |text: &[u8]| pattern.replace(text);
    let had = had(session, store, scope, &known, &replace)?;
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
    let (mut ended, mut in_the_way) = (Vec::new(), Vec::new());
    if is_shared {
        // What does not go now is told by the second one.
        let done = synchronise().unwrap_or_default();
        notices.extend(done.notices);
        for synced in done.synced {
            notices.extend(synced.notices);
            in_the_way.extend(synced.failed);
        }
        for carried in done.carried {
            notices.extend(carried.notices);
            ended.push(Carried {
                remote: carried.remote,
                ended: carried.ended,
                ..Carried::default()
            });
        }
    }
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
    let (mut on_remotes, mut forgotten) = (Vec::new(), Ok(()));
    for remote in &known {
        if let Err(error) = on_remote(session, remote, ids, &replace, prompt, &mut on_remotes) {
            on_remotes.push(OnRemote {
                remote: remote.clone(),
                reference: None,
                became: Became::Failed(error),
            });
        }
        // Whatever it has, nothing here needs the text to know where it was.
        forgotten = forgotten.and(forget(session, remote, ids, &replace));
    }
    let has_failed = |remote: Option<&String>| {
        let is_its = |done: &&OnRemote| remote.is_none_or(|remote| done.remote == *remote);
        let mut its = on_remotes.iter().filter(is_its);
        its.any(|done| matches!(done.became, Became::Failed(_)))
    };
    let is_told = |(remote, reference): &(String, String)| {
        let is_it = |done: &OnRemote| done.remote == *remote && done.reference.as_ref() == Some(reference);
        on_remotes.iter().any(is_it)
    };
    let gone: Vec<OnRemote> = had
        .into_iter()
        .filter(|had| !has_failed(Some(&had.0)) && !is_told(had))
        .map(|(remote, reference)| OnRemote {
            remote,
            reference: Some(reference),
            became: Became::Gone,
        })
        .collect();
    let goes_on = is_shared && !redacted.is_empty() && !has_failed(None);
    on_remotes.extend(gone);
    let mut failed = Vec::new();
    let writer = forgotten.and_then(|()| writer(session));
    let removed = writer.and_then(|writer| writer.remove_redacted(&replace));
    let removed = removed.unwrap_or_else(|error| {
        failed.push(error.hint("it is in no version, but still on the disk: run the command again"));
        0
    });
    // What was held back, because it had the text, goes now.
    let mut synced = match goes_on.then(synchronise) {
        Some(Ok(done)) => done,
        Some(Err(error)) => {
            failed.push(error);
            Done::default()
        }
        None => Done::default(),
    };
    // What was in the way before has nothing to do with the text.
    for synced in &mut synced.synced {
        synced.failed = synced.failed.take().filter(|error| !in_the_way.contains(error));
    }
    ended.append(&mut synced.carried);
    synced.carried = ended;
    notices.dedup();
    Ok(Outcome {
        redacted,
        on_remotes,
        removed,
        synced,
        notices,
        failed,
    })
}

/// The refs of remotes, each with its remote, that had the text when they were looked at last.
fn had(
    session: &Session<'_>,
    store: &Store,
    scope: &RedactScope,
    remotes: &[String],
    replace: &dyn Fn(&[u8]) -> Option<Vec<u8>>,
) -> Result<Vec<(String, String)>> {
    let meant: Vec<DocId> = store.meant(scope)?.into_iter().map(|stored| stored.id).collect();
    let ids = matches!(scope, RedactScope::Branch(_)).then_some(meant.as_slice());
    let mut had = Vec::new();
    for remote in remotes {
        let found = writer(session)?.redact_remote(remote, ids, replace)?.into_iter();
        had.extend(found.map(|redacted| (remote.clone(), fetched_from(remote, &redacted.reference))));
    }
    Ok(had)
}

/// The keys of a front matter, of what kind their values are, and what stands between these, but for the words of comments.
fn form(text: &[u8], front_matter: &FrontMatter) -> Vec<(Option<Key>, usize, Vec<Vec<u8>>)> {
    let mut form = Vec::new();
    let mut from = front_matter.content.start;
    let between = |from: usize, until: usize| {
        let lines = text.get(from..until).unwrap_or_default().split(|byte| *byte == b'\n');
        let without_words = |line: &[u8]| match line.iter().position(|byte| *byte == b'#') {
            Some(sign) => line[..=sign].to_vec(),
            None => line.to_vec(),
        };
        lines.map(without_words).collect::<Vec<_>>()
    };
    for field in &front_matter.fields {
        let kind = match &field.value {
            FieldValue::Null => 0,
            FieldValue::Text(_) => 1,
            FieldValue::Other => 2,
            FieldValue::List(items) => 3 + items.len(),
        };
        form.push((Some(field.key.clone()), kind, between(from, field.key_span.start)));
        from = field.value_span.end;
    }
    form.push((None, 0, between(from, front_matter.content.end)));
    form
}

/// Takes it out of what is here of a remote.
fn forget(
    session: &Session<'_>,
    remote: &str,
    ids: Option<&[DocId]>,
    replace: &dyn Fn(&[u8]) -> Option<Vec<u8>>,
) -> Result<()> {
    let writer = writer(session)?;
    for left in writer.redact_remote(remote, ids, replace)? {
        writer.note_remote(&left.reference, &left.after)?;
    }
    Ok(())
}

/// A text that stands in keys or in what makes the front matter one is not taken out: nothing could set its fields then, or a comment
/// would become a value.
fn refuse_to_break(store: &Store, stored: &Stored, replace: &dyn Fn(&[u8]) -> Option<Vec<u8>>) -> Result<()> {
    let before = store.load(&stored.version)?.0;
    let Some(after) = replace(&before) else { return Ok(()) };
    let fields = [&before, &after].map(|text| Document::new(text.clone()).front_matter());
    let [has, will_have] = &fields;
    if has.problem.is_none() && (will_have.problem.is_some() || form(&before, has) != form(&after, will_have)) {
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
///
/// Errors: the remote cannot be reached; the store cannot be written.
fn on_remote(
    session: &Session<'_>,
    remote: &str,
    ids: Option<&[DocId]>,
    replace: &dyn Fn(&[u8]) -> Option<Vec<u8>>,
    prompt: Prompt,
    all: &mut Vec<OnRemote>,
) -> Result<()> {
    let store = session.store_or_create()?;
    let refspecs: Vec<String> = match ids {
        Some(ids) => ids.iter().map(|id| remote_refspec_of(remote, id)).collect(),
        None => vec![all_remote_refspec(remote), archive_refspec(remote)],
    };
    let line = sync::line(session, store, remote, prompt)?;
    for is_last in [false, false, false, true] {
        line.fetch(&refspecs)?;
        let wanted = writer(session)?.redact_remote(remote, ids, replace)?;
        let updates = wanted.iter().map(|redacted| Update {
            reference: fetched_from(remote, &redacted.reference),
            seen: Some(redacted.before.clone()),
            new: Some(redacted.after.clone()),
        });
        let updates: Vec<Update> = updates.collect();
        if updates.is_empty() {
            return Ok(());
        }
        let refusals = line.push(&updates)?;
        let mut is_over = true;
        for update in updates {
            let became = match refusals.iter().find(|refusal| refusal.reference == update.reference) {
                None => Became::Replaced,
                // Somebody was faster: it is fetched once more.
                Some(refusal) if refusal.is_a_race() && !is_last => {
                    is_over = false;
                    continue;
                }
                Some(refusal) => {
                    let error = Error::new(format!("'{}' does not change '{}'", visible(remote), update.reference));
                    Became::Failed(error.why(refusal.reason.as_str()))
                }
            };
            all.push(OnRemote {
                remote: remote.to_owned(),
                reference: Some(update.reference),
                became,
            });
        }
        if is_over {
            return Ok(());
        }
    }
    Ok(())
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
