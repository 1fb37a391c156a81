//! Cherry-picks and reverts.

use super::{FEAT, story};

/// A branch `side` with three commits, then `feat` with its own.
fn with_side(rest: &str) -> String {
    format!("git switch -q -c side\ncommits a b c\ngit switch -q main\n{FEAT}{rest}")
}

/// The same line is changed by `side` and by `feat`.
const CLASH: &str = "git switch -q -c side
tick; put shared side clash
git switch -q -c feat main
tick; put shared feat one
document; by_hand one
tick
";

#[test]
fn one() {
    story(&with_side("tick\n"), "git cherry-pick side")
        .is("4 c, 1 one*, 2 two*, 3 three*")
        .holds();
}

#[test]
fn many() {
    story(&with_side("tick\n"), "git cherry-pick main..side")
        .is("4 a, 5 b, 6 c, 1 one*, 2 two*, 3 three*")
        .holds();
}

#[test]
fn with_where_it_came_from() {
    story(&with_side("tick\n"), "git cherry-pick -x side")
        .is("4 c, 1 one*, 2 two*, 3 three*")
        .says("\n- cherry-picked from ")
        .never_says("(cherry picked from commit")
        .holds();
}

#[test]
fn with_a_conflict() {
    story(
        CLASH,
        "stops git cherry-pick -x side; echo both >shared; git add shared; git cherry-pick --continue",
    )
    .is("2 clash, 1 one*")
    .says("\n- cherry-picked from ")
    .holds();
}

#[test]
fn with_a_conflict_and_a_commit_by_hand() {
    story(
        CLASH,
        "stops git cherry-pick side; echo both >shared; git add shared; git commit -q -m 'by hand'",
    )
    .is("2 by hand, 1 one*")
    .holds();
}

#[test]
fn with_a_conflict_and_abort() {
    story(
        CLASH,
        "stops git cherry-pick side; git branchwork show >/dev/null; git cherry-pick --abort",
    )
    .is("1 one*")
    .holds();
}

#[test]
fn with_a_conflict_in_the_middle_and_skip() {
    story(
        &CLASH.replace(
            "tick; put shared side clash",
            "commits a; tick; put shared side clash; commits b",
        ),
        "stops git cherry-pick main..side; git cherry-pick --skip",
    )
    .is("2 a, 3 b, 1 one*")
    .holds();
}

#[test]
fn without_a_commit() {
    story(
        &with_side("tick\n"),
        "git cherry-pick -n side~1 side; git commit -q -m 'b and c'",
    )
    .is("1 one*, 2 two*, 3 three*, 4 b and c")
    .holds();
}

#[test]
fn that_only_moves_forward() {
    story(
        "git switch -q -c side\ncommits a b\ngit switch -q -c feat main\ndocument\n",
        "git cherry-pick --ff side~1",
    )
    .is("1 a")
    .unseen("no hook runs where the commit itself is taken")
    .holds();
}

#[test]
fn of_an_own_commit_that_was_dropped() {
    // What comes back has the author, the time and the subject of what was gone.
    story(
        FEAT,
        "git reset -q --hard HEAD~2; document; tick; git cherry-pick 'feat@{1}'",
    )
    .is("1 one*, x two*, 2 three*")
    .holds();
}

#[test]
fn a_revert() {
    story(FEAT, "tick; git revert --no-edit HEAD")
        .is("1 one*, 2 two*, 3 three*, 4 Revert \"three\"")
        .says("\n- reverts ")
        .holds();
}

#[test]
fn many_reverts() {
    story(FEAT, "tick; git revert --no-edit HEAD~2..HEAD")
        .is("1 one*, 2 two*, 3 three*, 4 Revert \"three\", 5 Revert \"two\"")
        .holds();
}

#[test]
fn a_revert_of_a_revert() {
    story(FEAT, "tick; git revert --no-edit HEAD; tick; git revert --no-edit HEAD")
        .is("1 one*, 2 two*, 3 three*, 4 Revert \"three\", 5 Reapply \"three\"")
        .needs("replay")
        .holds();
}

#[test]
fn a_revert_with_a_conflict() {
    story(
        FEAT,
        "tick; put two changed 'two again'; tick; stops git revert HEAD~2; git rm -q two; git revert --continue",
    )
    .is("1 one*, 2 two*, 3 three*, 4 two again, 5 Revert \"two\"")
    .says("\n- reverts ")
    .holds();
}

#[test]
fn a_revert_without_a_commit() {
    story(FEAT, "tick; git revert -n HEAD; git commit -q -m 'Take three back'")
        .is("1 one*, 2 two*, 3 three*, 4 Take three back")
        .holds();
}

#[test]
fn a_revert_that_is_rebased() {
    // It goes on telling which commit it reverts, by that one's id of now.
    story(
        FEAT,
        "tick; git revert --no-edit HEAD; document\ngit switch -q main; commits trunk; git switch -q feat; tick; git rebase -q main",
    )
    .is("1 one*, 2 two*, 3 three*, 4 Revert \"three\"")
    .says("\n- reverts ")
    .holds();
}

#[test]
fn that_is_amended() {
    // Its entry is the oldest, by the author's time, and the commit before it has the newest.
    story(
        &with_side("tick\n"),
        "git cherry-pick side; document; git commit -q --amend -m 'c, picked'",
    )
    .is("4 c, picked, 1 one*, 2 two*, 3 three*")
    .holds();
}
