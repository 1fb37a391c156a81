//! When the base that a document names does not count: it was a guess, or the branch was moved away from it since.
//!
//! A base that somebody set counts, whatever git knows. Not here: what was recorded by tools, which comes first (stack/resolve.rs).

use super::all::agreement;
use crate::error::Result;
use crate::journeys::Session;
use crate::names::{BranchName, CommitId};
use crate::repo::{Lineage, Scope};
use crate::stack::Source;
use crate::stack::resolve::{Agreement, Guess, Instead};
use crate::store::{Access, Told, Writer};

/// Why the base does not simply count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Doubt {
    /// It was a guess when the document was told it.
    Guessed,
    /// The branch was rebased or reset since.
    Moved,
    /// The base was taken back below the branch, and another branch is where it was.
    Split,
}

/// Whether `base` is in doubt, which a document was told so much of. `last_move`: where the branch was put last.
pub(super) fn doubt(told: Option<&Told>, base: &BranchName, last_move: Option<&CommitId>) -> Option<Doubt> {
    if told.is_some_and(|told| told.base != *base) {
        return None;
    }
    if last_move.is_some() && last_move != told.and_then(|told| told.moved.as_ref()) {
        return Some(Doubt::Moved);
    }
    told.is_some_and(|told| told.guessed).then_some(Doubt::Guessed)
}

/// A base that still is a guess.
pub(super) fn still(told: Option<&Told>, base: &BranchName, trunk: &BranchName) -> Instead {
    Instead {
        guess: supposed(base, trunk),
        was_moved: told.is_some_and(|told| told.moved.is_some()),
    }
}

/// A parent that nobody is sure of.
pub(super) fn supposed(parent: &BranchName, trunk: &BranchName) -> Guess {
    Guess {
        parent: Some(parent.clone()),
        source: if parent == trunk { Source::Trunk } else { Source::Graph },
        guessed: true,
        merged: Vec::new(),
    }
}

/// What counts in place of a base that is in doubt; `None`: it does count.
pub(super) fn instead(
    lineage: &mut Lineage<'_>,
    trunk: &BranchName,
    branch: &BranchName,
    base: &BranchName,
    (told, doubt): (Option<&Told>, Doubt),
) -> Option<Instead> {
    let was_guessed = told.is_some_and(|told| told.guessed);
    let still = || was_guessed.then(|| still(told, base, trunk));
    let was_moved = doubt == Doubt::Moved || told.is_some_and(|told| told.moved.is_some());
    let Some(guess) = lineage.infer(branch).map(Guess::from) else {
        return still();
    };
    let parent = guess.parent.as_ref().unwrap_or(trunk);
    let counts = match doubt {
        Doubt::Moved if lineage.is_doubtful(branch, base) => None,
        _ if parent == base => Some(was_guessed || doubt == Doubt::Split),
        // What git forgot since does not make the trunk more likely.
        Doubt::Guessed if !was_moved => Some(guess.source != Source::Trunk),
        Doubt::Split => Some(guess.source != Source::Trunk),
        Doubt::Guessed | Doubt::Moved => was_left(lineage, trunk, branch, base, parent),
    };
    match counts {
        Some(true) => Some(Instead { guess, was_moved }),
        Some(false) => still(),
        // What was not clear when it was moved is as unclear at the next look.
        None => Some(Instead {
            guess: supposed(base, trunk),
            was_moved,
        }),
    }
}

/// Whether a branch that was moved left `base` for `parent`, the nearest one now; `None` where that is not clear. The trunk is
/// below every branch.
fn was_left(
    lineage: &mut Lineage<'_>,
    trunk: &BranchName,
    branch: &BranchName,
    base: &BranchName,
    parent: &BranchName,
) -> Option<bool> {
    if base != trunk && (lineage.is_first_below(branch, base) || has_nothing_of(lineage, trunk, branch, base)) {
        return Some(true);
    }
    // A base that was merged is below by way of the trunk, and a rebase may have taken it along to where all was put.
    let was_put_on_base = lineage.was_put_on(branch, base);
    if base != trunk && was_put_on_base == Some(true) && !lineage.is_merged(base) {
        return Some(false);
    }
    let was_left = match parent == trunk {
        true => was_put_on_base.is_some() && lineage.is_merged(base),
        false => lineage.was_put_on(branch, parent) == Some(true) || lineage.is_merged(base),
    };
    was_left.then_some(true)
}

fn has_nothing_of(lineage: &mut Lineage<'_>, trunk: &BranchName, branch: &BranchName, base: &BranchName) -> bool {
    agreement(lineage, trunk, branch, base, None) == Agreement::None
}

/// Whether `branch` was moved to where `parent` neither is nor was, and stands on another branch now.
pub(super) fn has_left(
    lineage: &mut Lineage<'_>,
    trunk: &BranchName,
    branch: &BranchName,
    parent: &BranchName,
) -> bool {
    if lineage.last_move(branch).is_none() {
        return false;
    }
    // A rebase may have taken a merged one along to where all was put.
    if lineage.was_put_on(branch, parent) == Some(true) && !lineage.is_merged(parent) {
        return lineage.is_doubtful(branch, parent);
    }
    let inferred = lineage.infer(branch).and_then(|inferred| inferred.parent);
    inferred.as_ref().unwrap_or(trunk) != parent
}

/// Takes `base`, which the document of `branch` names, for what somebody said; whether it was in doubt before.
pub(crate) fn confirm(session: &Session<'_>, branch: &BranchName, base: &BranchName) -> Result<bool> {
    let Some(store) = session.store()? else {
        return Ok(false);
    };
    let Access::Writer(writer) = store.access()? else {
        return Ok(false);
    };
    let mut found = store.found_stacks();
    let known = found.entry(branch.clone()).or_default();
    let moved = session.repository.last_move(branch);
    if doubt(known.told.as_ref(), base, moved.as_ref()).is_none() {
        return Ok(false);
    }
    known.told = Some(Told {
        base: base.clone(),
        guessed: false,
        moved,
    });
    writer.keep_found_stacks(&found)?;
    Ok(true)
}

/// What was found out of `old` counts for `new`, as that branch is called now: a guess is no fact for it.
pub(crate) fn follow_name(writer: &Writer<'_>, old: &BranchName, new: &BranchName) -> Result<()> {
    let mut found = writer.store().found_stacks();
    let Some(known) = found.remove(old) else {
        return Ok(());
    };
    found.insert(new.clone(), known);
    writer.keep_found_stacks(&found)
}

/// Takes for guesses what documents tell of standing on `name`, which another branch has now, but where the one that had it is known.
pub(crate) fn doubt_name(session: &Session<'_>, writer: &Writer<'_>, name: &BranchName) -> Result<()> {
    let mut found = writer.store().found_stacks();
    let mut on_it = found
        .iter_mut()
        .filter(|(_, known)| known.parent.as_ref() == Some(name))
        .peekable();
    if on_it.peek().is_none() {
        return Ok(());
    }
    let mut lineage = session.repository.lineage(session.trunk().as_ref(), Scope::One)?;
    for (branch, known) in on_it.filter(|(branch, _)| lineage.had_name(branch, name).is_none()) {
        known.told = Some(Told {
            base: name.clone(),
            guessed: true,
            moved: session.repository.last_move(branch),
        });
    }
    writer.keep_found_stacks(&found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_doubt() {
        let name = |name: &str| BranchName::new(name).unwrap();
        let commit = |digits: &str| CommitId::parse(&digits.repeat(20));
        let told = |base: &str, guessed: bool, moved: &str| Told {
            base: name(base),
            guessed,
            moved: commit(moved),
        };
        for (told, last_move, expected) in [
            (None, "", None),
            (None, "a1", Some(Doubt::Moved)),
            (Some(told("a", false, "a1")), "a1", None),
            (Some(told("a", false, "a1")), "b2", Some(Doubt::Moved)),
            (Some(told("a", false, "")), "b2", Some(Doubt::Moved)),
            (Some(told("a", true, "a1")), "a1", Some(Doubt::Guessed)),
            (Some(told("a", true, "")), "b2", Some(Doubt::Moved)),
            // Somebody set it since.
            (Some(told("b", true, "a1")), "b2", None),
        ] {
            let found = doubt(told.as_ref(), &name("a"), commit(last_move).as_ref());
            assert_eq!(found, expected, "{told:?} {last_move}");
        }
    }
}
