//! Which versions of a branch's document belong together, and what becomes of them when they are brought together.
//!
//! Not here: where they come from, and which refs name the result (sync.rs).

use crate::document::Document;
use crate::document::front_matter::{FieldValue, Key, Value};
use crate::document::merge::{Side, ground, merge};
use crate::error::Result;
use crate::names::{CommitId, DocId, visible};
use crate::repo::MOST_VISITED;
use crate::store::{Author, Store, Stored, Version, Writer};

use super::super::{Session, open};
use super::{Target, redacted};

/// What the older of two documents says for both.
const OF_THE_OLDER: [&str; 3] = ["dri", "date", "scope"];

/// A document at its newest version somewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) id: DocId,
    pub(super) version: CommitId,
}

impl From<Stored> for Head {
    fn from(stored: Stored) -> Self {
        Self {
            id: stored.id,
            version: stored.version,
        }
    }
}

/// Whether a document of the remote is of the branch that has the name here, not of one that had it before.
pub(super) fn is_of_this_life(
    session: &Session<'_>,
    store: &Store,
    remote: &str,
    target: &Target,
    ours: Option<&Stored>,
    theirs: &Head,
) -> Result<bool> {
    let Some(ours) = ours else {
        return Ok(!store.has_ended(&theirs.id)?);
    };
    if ours.id == theirs.id || store.common(&ours.version, &theirs.version)?.is_some() {
        return Ok(true);
    }
    if store.has_ended(&theirs.id)? {
        return Ok(false);
    }
    let document = Document::new(store.load(&theirs.version)?.0);
    let repository = &session.repository;
    let tip = repository.tip(&target.branch);
    if open::tells_of(session, &document, tip.clone())? != Some(false) {
        return Ok(true);
    }
    // A branch that has no commit of its own yet may only not have those that were pushed to it.
    let trunk = session.trunk();
    let hidden: Vec<CommitId> = trunk.iter().flat_map(|trunk| repository.tips(trunk)).collect();
    let has_own = match &tip {
        Some(tip) => !repository
            .own_commits(tip, &hidden, MOST_VISITED)?
            .newest_first
            .is_empty(),
        None => false,
    };
    let pushed = repository.tip_on(remote, &target.name);
    Ok(!has_own && open::tells_of(session, &document, pushed)? == Some(true))
}

/// Brings all of them together, oldest first: the first one's id is that of the result. `None` where there are none.
pub(super) fn all(session: &Session<'_>, writer: &Writer<'_>, remote: &str, heads: Vec<Head>) -> Result<Option<Head>> {
    let mut joined: Option<Head> = None;
    for head in heads {
        joined = Some(match joined {
            None => head,
            Some(one) => two(session, writer, remote, one, &head)?,
        });
    }
    Ok(joined)
}

fn two(session: &Session<'_>, writer: &Writer<'_>, remote: &str, one: Head, other: &Head) -> Result<Head> {
    let store = writer.store();
    let (one, other) = redacted::agree(writer, one, other.clone())?;
    let common = store.common(&one.version, &other.version)?;
    if common.as_ref() == Some(&other.version) {
        return Ok(one);
    }
    if common.as_ref() == Some(&one.version) {
        return Ok(Head {
            id: one.id,
            version: other.version.clone(),
        });
    }
    let text = |version: &CommitId| store.load(version).map(|(text, _)| Document::new(text));
    let (first, mut second) = (text(&one.version)?, text(&other.version)?);
    let base = match &common {
        Some(common) => text(common)?,
        None => {
            let made = oldest(store, &other.version)?;
            ground(&text(&made)?, &first)
        }
    };
    if common.is_none() && one.id != other.id {
        agree(&first, &mut second);
    }
    let (of_one, of_other) = (store.version(&one.version)?.0, store.version(&other.version)?.0);
    let merged = merge(&base, &side(&first, &of_one), &side(&second, &of_other));
    // A result of a merge is as late as the later side: so every clone that merges the same makes the same of it.
    let latest = match (of_one.time, &of_one.author) >= (of_other.time, &of_other.author) {
        true => of_one,
        false => of_other,
    };
    let merger = session.author();
    let latest = Author {
        name: latest.author,
        email: latest.email,
        time: latest.time,
    };
    let subject = match one.id == other.id {
        true => format!("sync: merged with {}", visible(remote)),
        false => format!("sync: took in document {}", other.id),
    };
    let versions = [&one.version, &other.version];
    let version = writer.join(versions, merged.text(), &subject, &latest, &merger)?;
    Ok(Head { id: one.id, version })
}

/// The first version of a history.
fn oldest(store: &Store, version: &CommitId) -> Result<CommitId> {
    let mut oldest = version.clone();
    while let Some(before) = store.version(&oldest)?.1.into_iter().next() {
        oldest = before;
    }
    Ok(oldest)
}

fn side<'a>(document: &'a Document, version: &'a Version) -> Side<'a> {
    Side {
        document,
        who: &version.author,
        time: version.time,
    }
}

/// Makes the younger document say what the older says for both.
fn agree(older: &Document, younger: &mut Document) {
    let (said, own) = (older.front_matter(), younger.front_matter());
    let change = |name: &&str| {
        let key = Key::parse(name)?;
        own.get(&key)?;
        let value = match &said.get(&key)?.value {
            FieldValue::Null => Value::Null,
            FieldValue::Text(text) => Value::Text(text.clone()),
            FieldValue::List(items) => Value::List(items.clone()),
            FieldValue::Other => return None,
        };
        Some((key, value))
    };
    let changes: Vec<(Key, Value)> = OF_THE_OLDER.iter().filter_map(change).collect();
    // A front matter that cannot be edited is merged as it is.
    let _ = younger.set(&changes);
}
