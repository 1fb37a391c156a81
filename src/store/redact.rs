//! Taking a text out of every version that has it: the versions are written anew, with all that was made from them.
//!
//! A version that is written anew tells in its message a name for the one it stands for, which only who has that one can
//! make: so another clone, whose versions still have the text, finds out what was taken out, and takes it out of its own.
//! Not here: which documents, and the remote (journeys/redact.rs, journeys/sync/redacted.rs).

mod archives;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use bstr::{BStr, ByteSlice};
use gix::objs::Kind;
use gix::objs::tree::EntryKind;

use super::archive::archives_of;
use super::remote::documents_of;
use super::write::{RESCUED, Writer, encoded};
use super::{ALL, ENDED, Place, REMOTES, Store, Stored, loose, rewritten, stored, unreadable};
use crate::error::{Error, Result};
use crate::names::{BranchName, CommitId, DocId};
use crate::repo::{commit_id, object_id};

/// What stands where a text was taken out: one word, so that it is a value in YAML wherever the text was one.
pub(crate) const MARK: &str = "REDACTED";
const TRAILER: &[u8] = b"Redacted-from: ";
const HEX_DIGITS: &[u8] = b"0123456789abcdef";
/// How deep the trees of ours are: year, month, file.
const DEEPEST: usize = 3;
/// Larger files are no documents.
const LARGEST: u64 = 64 * 1024 * 1024;

/// A text with what is to go replaced; `None` where it has nothing of it.
pub(crate) type Replace<'a> = &'a dyn Fn(&[u8]) -> Option<Vec<u8>>;

/// Which documents are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// The live ones of this branch.
    Branch(BranchName),
    /// All that the store has: live, ended, archived, rescued.
    All,
}

/// A ref whose versions were written anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Redacted {
    /// Its name.
    pub(crate) reference: String,
    /// The document, where it is one's.
    pub(crate) document: Option<Stored>,
    /// Where it was.
    pub(crate) before: CommitId,
    /// The version that is to take its place.
    pub(crate) after: CommitId,
    /// How many versions had the text; those that only came after, or that another ref reached before, are not counted.
    pub(crate) versions: usize,
}

/// What replaces in the texts of this document.
type ReplaceIn<'a> = &'a dyn Fn(Option<&DocId>, &[u8]) -> Option<Vec<u8>>;

/// Objects that are written anew. Nothing is changed until a ref is moved.
struct Rewriting<'a> {
    writer: &'a Writer<'a>,
    replace: ReplaceIn<'a>,
    /// Whose versions these are, of an archive; `None` where it does not matter.
    documents: Option<HashMap<gix::ObjectId, DocId>>,
    commits: HashMap<gix::ObjectId, gix::ObjectId>,
    /// Trees and texts, each as that of a document.
    contents: HashMap<(gix::ObjectId, Option<DocId>), gix::ObjectId>,
    versions: usize,
}

/// Texts that were taken out, by the documents that are known to have had them.
type TakenOut = BTreeMap<Option<DocId>, BTreeSet<Vec<u8>>>;

impl Writer<'_> {
    /// Takes the text out of the documents and moves their refs. What ended and what was rescued counts as theirs.
    pub(crate) fn redact(&self, scope: &Scope, replace: Replace<'_>) -> Result<Vec<Redacted>> {
        let live: HashSet<String> = self.store().meant(scope)?.iter().map(Stored::name).collect();
        let mut refs = self.store().refs_below(ALL)?;
        refs.retain(|(name, _)| match scope {
            Scope::All => !name.starts_with(REMOTES),
            Scope::Branch(_) => name.starts_with(ENDED) || name.starts_with(RESCUED) || live.contains(name),
        });
        let redacted = self.written_anew(refs, replace)?;
        for Redacted {
            reference,
            before,
            after,
            ..
        } in &redacted
        {
            self.point(reference, after, Place::At(object_id(before)?))?;
        }
        Ok(redacted)
    }

    /// What the refs of `remote` should stand at that have the text in what was fetched last: those of the documents, whatever
    /// branch they are under there, or all, its archives among them.
    pub(crate) fn redact_remote(
        &self,
        remote: &str,
        ids: Option<&[DocId]>,
        replace: Replace<'_>,
    ) -> Result<Vec<Redacted>> {
        let mut refs = self.store().refs_of(remote)?;
        refs.retain(|(name, _)| {
            let id = || name.rsplit('/').next().and_then(DocId::parse);
            ids.is_none_or(|ids| id().is_some_and(|id| ids.contains(&id)))
        });
        self.written_anew(refs, replace)
    }

    fn written_anew(&self, refs: Vec<(String, gix::ObjectId)>, replace: Replace<'_>) -> Result<Vec<Redacted>> {
        let replace = |_: Option<&DocId>, text: &[u8]| replace(text);
        let mut rewriting = Rewriting::new(self, &replace, None);
        let mut redacted = Vec::new();
        for (reference, tip) in refs {
            let so_far = rewriting.versions;
            let before = commit_id(&tip)?;
            let after = rewriting.version(&before)?;
            if after != before {
                redacted.push(Redacted {
                    document: stored(&reference, &tip),
                    reference,
                    before,
                    after,
                    versions: rewriting.versions - so_far,
                });
            }
        }
        Ok(redacted)
    }

    /// The version of a live document without what was taken out of those that `redacted` has anew: no ref names it yet.
    pub(crate) fn following(&self, version: &CommitId, redacted: &CommitId) -> Result<CommitId> {
        let texts = self.store().taken_out(redacted, version, |_| Ok(None))?;
        if texts.is_empty() {
            return Ok(version.clone());
        }
        let replace = literally(texts.into_values().flatten());
        Rewriting::new(self, &|_, text| replace(text), None).version(version)
    }

    /// Removes from the disk what no ref reaches any more and has the text, or was made from what had it. Returns how many
    /// objects went. Everything else that no ref reaches stays: a view may have begun from it.
    pub(crate) fn remove_redacted(&self, replace: Replace<'_>) -> Result<usize> {
        let store = self.store();
        // What is kept for searching tells whether a word was there.
        super::sieves::forget(&store.path)?;
        // Nobody else writes meanwhile, and a fetch of git's puts its own elsewhere.
        for left in store.unfinished_objects() {
            rewritten::remove(&left)?;
        }
        let mut doomed = Vec::new();
        let mut referrers: HashMap<gix::ObjectId, Vec<gix::ObjectId>> = HashMap::new();
        for id in store.unreachable()? {
            let (has_text, referred) = store.looked_at(&id, replace)?;
            if has_text {
                doomed.push(id);
            }
            for to in referred {
                referrers.entry(to).or_default().push(id);
            }
        }
        let mut removed = HashSet::new();
        while let Some(id) = doomed.pop() {
            if removed.insert(id) {
                doomed.extend(referrers.remove(&id).unwrap_or_default());
                rewritten::remove(&loose::path(&store.path, &id))?;
            }
        }
        Ok(removed.len())
    }
}

impl<'a> Rewriting<'a> {
    fn new(writer: &'a Writer<'a>, replace: ReplaceIn<'a>, documents: Option<HashMap<gix::ObjectId, DocId>>) -> Self {
        Self {
            writer,
            replace,
            documents,
            commits: HashMap::new(),
            contents: HashMap::new(),
            versions: 0,
        }
    }

    /// The version that stands for this one.
    fn version(&mut self, tip: &CommitId) -> Result<CommitId> {
        let mut waiting = vec![object_id(tip)?];
        while let Some(id) = waiting.last().copied() {
            if self.commits.contains_key(&id) {
                waiting.pop();
                continue;
            }
            let data = self.writer.store().object(&id)?;
            let commit = self.writer.store().commit_in(&id, &data)?.into_owned();
            let commit = commit.map_err(|error| unreadable(&id, &error))?;
            let before = waiting.len();
            let unknown = commit
                .parents
                .iter()
                .filter(|parent| !self.commits.contains_key(*parent));
            waiting.extend(unknown.copied());
            if waiting.len() == before {
                let new = self.commit(&id, commit)?;
                self.commits.insert(id, new);
                waiting.pop();
            }
        }
        let tip = object_id(tip)?;
        commit_id(self.commits.get(&tip).unwrap_or(&tip))
    }

    fn commit(&mut self, id: &gix::ObjectId, mut commit: gix::objs::Commit) -> Result<gix::ObjectId> {
        let documents = self.documents.as_ref();
        let document = documents.and_then(|documents| documents.get(id).cloned());
        // A commit of an archive tells of one document, and its tree has many.
        let told = document.clone().or_else(|| documents.and(subject_of(&commit.message)));
        let tree = self.tree(&commit.tree, document.as_ref(), DEEPEST)?;
        let message = (self.replace)(told.as_ref(), &commit.message);
        let has_text = tree != commit.tree || message.is_some();
        let mut is_changed = has_text;
        for parent in &mut commit.parents {
            if let Some(new) = self.commits.get(parent).filter(|new| *new != parent) {
                *parent = *new;
                is_changed = true;
            }
        }
        if !is_changed {
            return Ok(*id);
        }
        self.versions += usize::from(has_text);
        commit.tree = tree;
        let mut message = message.unwrap_or_else(|| commit.message.to_vec());
        if !message.contains_str(TRAILER) {
            message.push(b'\n');
        }
        message.extend_from_slice(TRAILER);
        message.extend_from_slice(former_name(id)?.as_bytes());
        message.push(b'\n');
        commit.message = message.into();
        // A signature would be one of another text.
        commit.extra_headers.clear();
        self.writer.object(Kind::Commit, &encoded(&commit)?)
    }

    /// A tree of this document, or one with documents as its files.
    fn tree(&mut self, id: &gix::ObjectId, document: Option<&DocId>, depth: usize) -> Result<gix::ObjectId> {
        let key = (*id, document.cloned());
        if let Some(new) = self.contents.get(&key) {
            return Ok(*new);
        }
        let data = self.writer.store().object(id)?;
        let mut tree: gix::objs::Tree = self.writer.store().tree_in(id, &data)?.into();
        let mut is_changed = false;
        for entry in &mut tree.entries {
            let new = match entry.mode.kind() {
                EntryKind::Tree if depth > 0 => self.tree(&entry.oid, document, depth - 1)?,
                EntryKind::Blob | EntryKind::BlobExecutable => {
                    let named = self.documents.as_ref().and(file_of(entry.filename.as_ref()));
                    self.blob(&entry.oid, named.as_ref().or(document))?
                }
                _ => continue,
            };
            is_changed |= new != entry.oid;
            entry.oid = new;
        }
        let new = match is_changed {
            true => self.writer.object(Kind::Tree, &encoded(&tree)?)?,
            false => *id,
        };
        self.contents.insert(key, new);
        Ok(new)
    }

    /// A text with what is to go replaced, and with the new names of versions that it names: an archived one names its last.
    fn text(&self, document: Option<&DocId>, before: Vec<u8>) -> Option<Vec<u8>> {
        let mut after = (self.replace)(document, &before).unwrap_or_else(|| before.clone());
        let mut at = 0;
        while let Some(start) = after[at..].find_byteset(HEX_DIGITS).map(|start| at + start) {
            let digits = after[start..].find_not_byteset(HEX_DIGITS);
            at = digits.map_or(after.len(), |digits| start + digits);
            let named = gix::ObjectId::from_hex(&after[start..at]).ok();
            if let Some(new) = named.and_then(|named| self.commits.get(&named)) {
                after[start..at].copy_from_slice(new.to_hex().to_string().as_bytes());
            }
        }
        (after != before).then_some(after)
    }

    fn blob(&mut self, id: &gix::ObjectId, document: Option<&DocId>) -> Result<gix::ObjectId> {
        let key = (*id, document.cloned());
        if let Some(new) = self.contents.get(&key) {
            return Ok(*new);
        }
        let text = self.writer.store().blob_of_ours(id)?;
        let new = match text.and_then(|text| self.text(document, text)) {
            Some(text) => self.writer.object(Kind::Blob, &text)?,
            None => *id,
        };
        self.contents.insert(key, new);
        Ok(new)
    }
}

impl Store {
    /// The live documents that are meant.
    pub(crate) fn meant(&self, scope: &Scope) -> Result<Vec<Stored>> {
        match scope {
            Scope::Branch(branch) => self.all_of(branch),
            Scope::All => self.documents(),
        }
    }

    /// Whether anything was ever fetched from this remote or sent to it.
    pub(crate) fn knows_remote(&self, remote: &str) -> Result<bool> {
        Ok(!self.refs_of(remote)?.is_empty())
    }

    /// What was fetched from this remote or sent to it, and where it was there.
    fn refs_of(&self, remote: &str) -> Result<Vec<(String, gix::ObjectId)>> {
        let mut refs = self.refs_below(&archives_of(remote))?;
        refs.extend(self.refs_below(&documents_of(remote))?);
        Ok(refs)
    }

    /// What was taken out of the versions of `redacted` that `other` still has with it. `whose`: the document that a version is of.
    fn taken_out(
        &self,
        redacted: &CommitId,
        other: &CommitId,
        whose: impl Fn(&gix::ObjectId) -> Result<Option<DocId>>,
    ) -> Result<TakenOut> {
        let mut stands_for: HashMap<Vec<u8>, gix::ObjectId> = HashMap::new();
        self.walk(redacted, |id, commit| {
            let names = commit.message.lines().filter_map(|line| line.strip_prefix(TRAILER));
            stands_for.extend(names.map(|name| (name.to_vec(), *id)));
            Ok(())
        })?;
        let mut found = TakenOut::new();
        if stands_for.is_empty() {
            return Ok(found);
        }
        let mut seen = HashSet::new();
        self.walk(other, |id, commit| {
            if let Some(new) = stands_for.get(former_name(id)?.as_bytes()) {
                let mut pairs = Vec::new();
                self.changed(&commit.tree(), &self.tree_of(new)?, DEEPEST, &mut pairs)?;
                for (file, before, after) in pairs {
                    let document = file.map_or_else(|| whose(id), |file| Ok(Some(file)))?;
                    if seen.insert((document.clone(), before, after))
                        && let (Some(before), Some(after)) = (self.blob_of_ours(&before)?, self.blob_of_ours(&after)?)
                    {
                        let gone = gone(&before, &after).into_iter().map(<[u8]>::to_vec);
                        let gone: BTreeSet<Vec<u8>> = gone.collect();
                        if !gone.is_empty() {
                            found.entry(document).or_default().extend(gone);
                        }
                    }
                }
            }
            Ok(())
        })?;
        Ok(found)
    }

    /// Whether `version`, or one that it was made from, was written anew in the place of `former`.
    pub(crate) fn stands_for(&self, version: &CommitId, former: &CommitId) -> Result<bool> {
        let (name, mut found) = (former_name(&object_id(former)?)?, false);
        self.walk(version, |_, commit| {
            let mut names = commit.message.lines().filter_map(|line| line.strip_prefix(TRAILER));
            found |= names.any(|told| told == name.as_bytes());
            Ok(())
        })?;
        Ok(found)
    }

    /// Calls `look` for a version and all that it was made from.
    fn walk(
        &self,
        tip: &CommitId,
        mut look: impl FnMut(&gix::ObjectId, &gix::objs::CommitRef<'_>) -> Result<()>,
    ) -> Result<()> {
        let mut waiting = vec![object_id(tip)?];
        let mut seen: HashSet<gix::ObjectId> = waiting.iter().copied().collect();
        while let Some(id) = waiting.pop() {
            let data = self.object(&id)?;
            let commit = self.commit_in(&id, &data)?;
            look(&id, &commit)?;
            waiting.extend(commit.parents().filter(|parent| seen.insert(*parent)));
        }
        Ok(())
    }

    /// The files that two trees have under one name with another content, and whose it is by that name.
    fn changed(
        &self,
        one: &gix::oid,
        other: &gix::oid,
        depth: usize,
        pairs: &mut Vec<(Option<DocId>, gix::ObjectId, gix::ObjectId)>,
    ) -> Result<()> {
        let data = [self.object(one)?, self.object(other)?];
        let other = self.tree_in(other, &data[1])?;
        for entry in self.tree_in(one, &data[0])?.entries {
            let kind = entry.mode.kind();
            let Some(new) = other.bisect_entry(entry.filename, kind == EntryKind::Tree) else {
                continue;
            };
            match kind {
                _ if new.oid == entry.oid || new.mode.kind() != kind => {}
                EntryKind::Tree if depth > 0 => self.changed(entry.oid, new.oid, depth - 1, pairs)?,
                EntryKind::Blob | EntryKind::BlobExecutable => {
                    pairs.push((file_of(entry.filename), entry.oid.to_owned(), new.oid.to_owned()));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// A file that may be a document; `None` for what is too large, which a remote may have sent.
    fn blob_of_ours(&self, id: &gix::oid) -> Result<Option<Vec<u8>>> {
        let header = self.opened()?.find_header(id);
        let header = header.map_err(|error| unreadable(id, &error))?;
        match header.size() > LARGEST {
            true => Ok(None),
            false => self.object(id).map(Some),
        }
    }

    /// Whether an object itself has the text, and the objects that it names.
    fn looked_at(&self, id: &gix::ObjectId, replace: Replace<'_>) -> Result<(bool, Vec<gix::ObjectId>)> {
        let kind = self.opened()?.find_header(*id);
        let kind = kind.map_err(|error| unreadable(id, &error))?;
        Ok(match kind.kind() {
            Kind::Blob => {
                let text = self.blob_of_ours(id)?;
                (text.is_some_and(|text| replace(&text).is_some()), Vec::new())
            }
            Kind::Tree => {
                let data = self.object(id)?;
                let tree = self.tree_in(id, &data)?;
                (false, tree.entries.iter().map(|entry| entry.oid.to_owned()).collect())
            }
            Kind::Commit => {
                let data = self.object(id)?;
                let commit = self.commit_in(id, &data)?;
                let named = commit.parents().chain([commit.tree()]).collect();
                (replace(commit.message).is_some(), named)
            }
            Kind::Tag => (false, Vec::new()),
        })
    }
}

/// What a version that is written anew is told to stand for: a name that leads nobody to it.
fn former_name(id: &gix::ObjectId) -> Result<String> {
    let name = gix::objs::compute_hash(id.kind(), Kind::Blob, id.to_hex().to_string().as_bytes());
    name.map(|name| name.to_hex().to_string())
        .map_err(|error| Error::new("cannot hash a name").because(&error))
}

/// The document whose file this is in an archive.
fn file_of(name: &BStr) -> Option<DocId> {
    let (_, id) = name.to_str().ok()?.strip_suffix(".md")?.rsplit_once('-')?;
    DocId::parse(id)
}

/// The document that a commit of an archive is about, as its subject says at the end.
fn subject_of(message: &[u8]) -> Option<DocId> {
    let subject = message.lines().next()?.to_str().ok()?;
    DocId::parse(subject.rsplit_once(' ')?.1)
}

/// What stands in `before` where `after` has the mark; empty where they differ in more than that.
///
/// Whoever can write on a remote can say that anything was taken out. What still stands elsewhere in `after` was not, and what
/// is no word is none that anybody keeps to himself.
fn gone<'a>(before: &'a [u8], after: &[u8]) -> Vec<&'a [u8]> {
    let mut kept: Vec<&[u8]> = after.split_str(MARK).collect();
    let all_kept = kept.clone();
    let (Some(last), Some(first)) = (kept.pop(), kept.first().copied()) else {
        return Vec::new();
    };
    let Some(mut rest) = before.strip_prefix(first).and_then(|rest| rest.strip_suffix(last)) else {
        return Vec::new();
    };
    let mut gone = Vec::new();
    for kept in kept.into_iter().skip(1) {
        // Two marks without anything between them stand for two texts of which nobody knows where the first ends.
        let behind = rest.get(1..).unwrap_or_default();
        let Some(at) = behind.find(kept).filter(|_| !kept.is_empty()) else {
            return Vec::new();
        };
        let (text, more) = rest.split_at(at + 1);
        gone.push(text);
        rest = &more[kept.len()..];
    }
    gone.push(rest);
    let is_a_word = |text: &[u8]| text.iter().any(|byte| byte.is_ascii_alphanumeric() || !byte.is_ascii());
    gone.retain(|text| {
        is_a_word(text) && *text != MARK.as_bytes() && !all_kept.iter().any(|kept| kept.contains_str(text))
    });
    gone
}

/// Takes every one of these texts out, longest first: one may be a part of another.
pub(crate) fn literally<I: IntoIterator<Item = Vec<u8>>>(texts: I) -> impl Fn(&[u8]) -> Option<Vec<u8>> + use<I> {
    let mut texts: Vec<Vec<u8>> = texts.into_iter().collect();
    texts.sort_by_key(|text| std::cmp::Reverse(text.len()));
    move |before: &[u8]| {
        let mut after = before.to_vec();
        for text in &texts {
            after = after.replace(text, MARK);
        }
        (after != before).then_some(after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_gone_is_found_by_what_is_left() {
        let gone = |before: &'static str, after: &str| -> Vec<&str> {
            let found = gone(before.as_bytes(), after.as_bytes()).into_iter();
            found.map(|text| std::str::from_utf8(text).unwrap()).collect()
        };
        assert_eq!(gone("a: hunter2\n", "a: REDACTED\n"), ["hunter2"]);
        assert_eq!(gone("hunter2", "REDACTED"), ["hunter2"]);
        assert_eq!(gone("a x b y c", "a REDACTED b REDACTED c"), ["x", "y"]);
        // A mark of before stays one.
        assert_eq!(gone("a REDACTED b y", "a REDACTED b REDACTED"), ["y"]);
        assert_eq!(gone("a x b", "a x b"), [""; 0]);
        // What is no word, or still stands there, is not taken out elsewhere.
        assert_eq!(gone("a b c", "aREDACTEDbREDACTEDc"), [""; 0]);
        assert_eq!(gone("a x b x", "a REDACTED b x"), [""; 0]);
        assert_eq!(gone("a x b", "b REDACTED b"), [""; 0]);
        assert_eq!(gone("a xy b", "a REDACTEDREDACTED b"), [""; 0]);
    }

    #[test]
    fn the_longest_goes_first() {
        let replace = literally([b"ab".to_vec(), b"abc".to_vec()]);
        assert_eq!(replace(b"abcab").unwrap(), b"REDACTEDREDACTED");
        assert_eq!(replace(b"a b c"), None);
    }
}
