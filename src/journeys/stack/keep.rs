//! Keeps what a document says of its stack true: whether to look at all, the look, what is saved, and what is remembered of it so
//! that the next look can be spared.
//!
//! Not here: the look itself (near.rs), and what tells of a change (signs.rs).

use std::borrow::Cow;

use super::gone::{is_drawn_elsewhere, place_in};
use super::near::near;
use super::signs::Places;
use super::{Stacks, style};
use crate::document::Document;
use crate::document::front_matter::{Key, Value};
use crate::error::Result;
use crate::journeys::Session;
use crate::journeys::reconcile::{Effort, compare};
use crate::journeys::settle::{Newest, save, stamp};
use crate::names::{BranchName, DocId};
use crate::stack::drawing::{draw, missing_in};
use crate::stack::tree::Layer;
use crate::store::{Store, Writer};

/// What happened to a branch and its document since that was told its stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Happened {
    /// Nothing but commits.
    Nothing,
    /// Somebody edited the document.
    Edited,
    /// Its tip is not where commits on it alone bring it: it may stand on another branch.
    Moved,
    /// Somebody said what its base is, which counts.
    BaseSet,
}

/// Whether a document has a place in a stack already, which somebody who sees more of it may have written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// It has one.
    Told,
    /// It is made just now.
    New,
}

/// What a document says of its stack, brought up to date where something may have changed since it was told. Where it cannot be
/// found out the document stays as it is.
pub(crate) fn keep(
    session: &Session<'_>,
    writer: &Writer<'_>,
    newest: Newest,
    branch: &BranchName,
    happened: Happened,
) -> Result<Newest> {
    let is_alone = || places(session, writer.store()).watch_no_branch(&newest.stored.id);
    let is_nothing = || match happened {
        Happened::Nothing => true,
        Happened::Moved => is_alone() && session.repository.last_move(branch).is_none(),
        Happened::Edited | Happened::BaseSet => false,
    };
    if is_kept(session, writer.store(), &newest.stored.id) && is_nothing() || session.is_excluded(branch) {
        return Ok(newest);
    }
    let mut document = newest.document.clone();
    let Some((stacks, did)) = derive(session, writer.store(), branch, &mut document, happened, Place::Told) else {
        return Ok(newest);
    };
    let is_rebased = document.front_matter().base() != newest.document.front_matter().base();
    let is_told_by_git = match happened {
        Happened::Nothing => false,
        Happened::Moved => is_rebased,
        Happened::Edited | Happened::BaseSet => true,
    };
    if stacks.is_being_written && !is_told_by_git {
        // What was told by it stays, and the next look tries again.
        return Ok(newest);
    }
    if is_rebased {
        // What is the branch's own is told apart by the base.
        let stored = Some(&newest.stored);
        compare(session, writer.store(), &mut document, stored, branch, Effort::Bounded)?;
    }
    let newest = match did {
        Some(subject) => {
            stamp(&mut document, session, Some(branch));
            save(session, writer, newest, document, &subject)?
        }
        None => newest,
    };
    remember(session, writer, &stacks, branch, &newest)?;
    Ok(newest)
}

/// Whether nothing changed since the document's stack was told.
pub(crate) fn is_kept(session: &Session<'_>, store: &Store, id: &DocId) -> bool {
    places(session, store).are_unchanged(id)
}

/// Finds out the stack of `branch` and makes its document say so; what it did. `None` where it cannot be found out.
pub(crate) fn derive(
    session: &Session<'_>,
    store: &Store,
    branch: &BranchName,
    document: &mut Document,
    happened: Happened,
    place: Place,
) -> Option<(Stacks, Option<String>)> {
    let stacks = near(session, store, branch, document, happened).ok()?;
    let did = update(session, document, &stacks, branch, place).ok()?;
    Some((stacks, did))
}

/// Whether the base that was just set for `branch` stands on it, as far as is known; no where that cannot be found out.
pub(crate) fn is_in_circle(session: &Session<'_>, branch: &BranchName) -> bool {
    let found = || {
        let store = session.store().ok()??;
        let newest = Newest::find(store, branch).ok()??;
        let stacks = near(session, store, branch, &newest.document, Happened::BaseSet).ok()?;
        Some(stacks.tree.layer(branch)?.is_in_circle)
    };
    found().unwrap_or_default()
}

/// Brings what a document says of its stack up to date, all or nothing; says what it says, where that is another thing than before.
pub(crate) fn update(
    session: &Session<'_>,
    document: &mut Document,
    stacks: &Stacks,
    branch: &BranchName,
    place: Place,
) -> Result<Option<String>> {
    let tree = &stacks.tree;
    let Some(layer) = tree.layer(branch) else {
        return Ok(None);
    };
    let front_matter = document.front_matter();
    let recorded = front_matter.base();
    // It is for people to say which base of a circle is wrong, or what one means that is nowhere; where the branch stands until then
    // is told all the same. A place that was told with the base is another thing: somebody knew it.
    let is_nowhere = || layer.parent_is_gone && layer.place.is_none() && place_in(document).is_none();
    let is_wrong =
        |base: &BranchName| layer.is_in_circle || base == branch || layer.source.is_found_out() && is_nowhere();
    let kept = recorded.clone().filter(is_wrong);
    let drawing = draw(tree, branch, Some(branch), style(session));
    // What was drawn where not all were here either is drawn again where no more are missing.
    let is_as_much = || {
        let before = document.shown_stack().map_or(0, missing_in);
        (1..=before).contains(&missing_in(drawing.as_bytes()))
    };
    let is_placed = || place == Place::Told && front_matter.text("branch.position").is_some();
    // What is guessed because the recorded base is not here is worth less than the record: a clone without the lower branches
    // knows less than the document, and what was the base's work is told apart by its name, though it is merged and gone.
    let is_less = || layer.source.is_found_out() || tree.is_cut(branch) && is_placed() && !is_as_much();
    if recorded.is_some() && kept.is_none() && !layer.replaces_base && is_less() {
        return Ok(None);
    }
    let base = kept.as_ref().unwrap_or_else(|| layer.base(tree.trunk()));
    let (position, total) = (tree.position(branch), tree.total(branch));
    let mut changed = document.clone();
    tell(&mut changed, layer, base, (position, total))?;
    changed.show_stack(&drawing)?;
    if changed == *document {
        return Ok(None);
    }
    let says = changed.front_matter();
    let is_same = |key| front_matter.text(key) == says.text(key);
    if place == Place::Told
        && ["branch.base", "branch.position", "pr"].into_iter().all(is_same)
        && is_drawn_elsewhere(session, document, &changed, tree)
    {
        return Ok(None);
    }
    let did = format!("stack: {position} of {total}, on {}", base.as_str());
    *document = changed;
    Ok(Some(did))
}

/// Sets the keys of a document that tell of its stack, as far as it has them. What a template leaves out stays out, but for the base:
/// nothing else remembers it.
fn tell(document: &mut Document, layer: &Layer, base: &BranchName, (position, total): (u64, u64)) -> Result<()> {
    let front_matter = document.front_matter();
    if front_matter.problem.is_some() {
        return Ok(());
    }
    let is_named = front_matter.text("branch.name").is_some();
    let number = |number: u64| (Value::Number(number), number.to_string());
    let base = base.as_str().to_owned();
    let mut told = vec![
        ("branch.base", (Value::Text(base.clone()), base)),
        ("branch.position", number(position)),
        ("branch.total", number(total)),
    ];
    if front_matter.text("pr").is_none() {
        told.extend(
            layer
                .pull_request
                .map(|pull_request| ("pr", number(pull_request.number))),
        );
    }
    let mut changes = Vec::new();
    for (name, (value, said)) in told {
        if let Some(key) = Key::parse(name)
            && (front_matter.get(&key).is_some() || name == "branch.base" && is_named)
            && front_matter.text(name) != Some(said.as_str())
        {
            changes.push((key, value));
        }
    }
    if !changes.is_empty() {
        document.set(&changes)?;
    }
    Ok(())
}

/// Remembers by what the document's stack was told, and who stands on whom in it.
pub(crate) fn remember(
    session: &Session<'_>,
    writer: &Writer<'_>,
    stacks: &Stacks,
    branch: &BranchName,
    newest: &Newest,
) -> Result<()> {
    // There may be hundreds, and mostly all stays as it is.
    let mut found = Cow::Borrowed(&stacks.found);
    for member in stacks.tree.stack_of(branch) {
        let layer = stacks.tree.layer(member);
        let parent = layer.and_then(|layer| layer.parent.as_ref());
        if let Some(merged) = parent.filter(|_| layer.is_some_and(|layer| layer.base.is_some())) {
            let tip = session.repository.tip(merged);
            if found.get(merged).and_then(|found| found.merged.as_ref()) != tip.as_ref() {
                found.to_mut().entry(merged.clone()).or_default().merged = tip;
            }
        }
        let is_gone = parent.is_none() && layer.is_some_and(|layer| layer.parent_is_gone);
        if !is_gone && found.get(member).and_then(|found| found.parent.as_ref()) != parent {
            found.to_mut().entry(member.clone()).or_default().parent = parent.cloned();
        }
    }
    if let Some(told) = stacks.told.get(branch)
        && found.get(branch).and_then(|found| found.told.as_ref()) != Some(told)
    {
        found.to_mut().entry(branch.clone()).or_default().told = Some(told.clone());
    }
    for (branch, number) in &stacks.document_pull_requests {
        if found.get(branch).and_then(|found| found.document_pull_request) != *number {
            found.to_mut().entry(branch.clone()).or_default().document_pull_request = *number;
        }
    }
    if let Cow::Owned(found) = &found {
        writer.keep_found_stacks(found)?;
    }
    if let Some(recorded) = &stacks.recorded {
        writer.keep_recorded(recorded);
    }
    note(session, writer, stacks, branch, newest)
}

/// Remembers by what the document's stack was told.
fn note(
    session: &Session<'_>,
    writer: &Writer<'_>,
    stacks: &Stacks,
    branch: &BranchName,
    newest: &Newest,
) -> Result<()> {
    let (tree, id) = (&stacks.tree, &newest.stored.id);
    let mut watched = tree.stack_of(branch);
    // A commit after one that the document tells of changes no place, and the drawing only where what stands on the branch is left
    // behind by it, or the branch was merged. Where its base is gone it may be the first that is its own.
    let is_left_behind = |child| tree.layer(child).is_some_and(|layer| layer.needs_restack);
    let is_merged = tree.layer(branch).is_some_and(|layer| layer.merged);
    let is_alone = watched.len() == 1;
    let goes_on = is_alone || newest.document.last_marker().is_some();
    if goes_on && !is_merged && !tree.is_cut(branch) && tree.children(branch).iter().all(is_left_behind) {
        watched.retain(|member| *member != branch);
    }
    let included = session.repository.included_config();
    let before = writer.store().stacked(id);
    let note =
        places(session, writer.store()).note(watched.into_iter(), &included, before.as_deref(), session.world.now);
    match note {
        Some(note) if before.as_ref() != Some(&note) => writer.note_stacked(id, &note),
        _ => Ok(()),
    }
}

fn places<'a>(session: &'a Session<'_>, store: &'a Store) -> Places<'a> {
    Places {
        common_dir: session.repository.common_dir(),
        git_dir: session.repository.git_dir(),
        work_tree: session.repository.work_tree(),
        store,
        recorded: &session.recorded,
    }
}
