//! Merges and pulls.

use super::{FEAT, FORKED, story};

/// A branch `side` with two commits, beside `feat` with its three.
const SIDE: &str = "git switch -q -c side
commits a b
git switch -q -c feat main
commits one two three
document
by_hand one two three
tick
";

/// Somebody else has pushed a commit to `feat`.
const PUSHED: &str = "git switch -q -c feat
commits one two
git push -q --no-verify -u origin feat
document; by_hand one two
git clone -q -b feat ../remote.git ../theirs
tick; (cd ../theirs; git config user.name Bob; git config user.email bob@example.com; put theirs theirs theirs; git push -q --no-verify)
";

#[test]
fn forward() {
    story(
        "git switch -q -c side\ncommits a b\ngit switch -q -c feat main\ndocument\n",
        "git merge -q --ff-only side",
    )
    .is("1 a, 2 b")
    .holds();
}

#[test]
fn with_a_commit() {
    story(SIDE, "git merge -q --no-ff -m joined side")
        .is("4 a, 5 b, 1 one*, 2 two*, 3 three*, 6 joined")
        .says("- Merged 2 commits\n")
        .holds();
}

#[test]
fn with_a_conflict() {
    story(
        "git switch -q -c side\ntick; put shared side a\ngit switch -q -c feat main\ntick; put shared feat one\ndocument; by_hand one; tick\n",
        "stops git merge side; echo both >shared; git add shared; git commit -q -m joined",
    )
    .is("2 a, 1 one*, 3 joined")
    .holds();
}

#[test]
fn with_a_conflict_and_continue() {
    story(
        "git switch -q -c side\ntick; put shared side a\ngit switch -q -c feat main\ntick; put shared feat one\ndocument; by_hand one; tick\n",
        "stops git merge side; echo both >shared; git add shared; git merge --continue",
    )
    .is("2 a, 1 one*, 3 Merge branch 'side' into feat")
    .holds();
}

#[test]
fn with_a_conflict_and_abort() {
    story(
        "git switch -q -c side\ntick; put shared side a\ngit switch -q -c feat main\ntick; put shared feat one\ndocument; by_hand one; tick\n",
        "stops git merge side; git merge --abort",
    )
    .is("1 one*")
    .holds();
}

#[test]
fn without_a_commit_at_once() {
    story(SIDE, "git merge -q --no-ff --no-commit side; git commit -q -m joined")
        .is("4 a, 5 b, 1 one*, 2 two*, 3 three*, 6 joined")
        .holds();
}

#[test]
fn squashed() {
    story(SIDE, "git merge -q --squash side; git commit -q -m 'all of side'")
        .is("1 one*, 2 two*, 3 three*, 4 all of side")
        .says("- Files changed (2 files, +2/-0):\n")
        .holds();
}

#[test]
fn of_the_base() {
    story(FORKED, "git merge -q --no-edit main; commits four")
        .is("1 one*, 2 two*, 3 three*, 4 Merge branch 'main' into feat, 5 four")
        .says("- Merged 1 commit\n")
        .holds();
}

#[test]
fn of_the_base_twice_and_amended() {
    let merge = "git switch -q main; commits again; git switch -q feat; tick; git merge -q --no-edit main";
    story(
        FORKED,
        &format!("git merge -q --no-edit main; {merge}; git commit -q --amend -m joined"),
    )
    .is("1 one*, 2 two*, 3 three*, 4 Merge branch 'main' into feat, 5 joined")
    .holds();
}

#[test]
fn of_the_base_that_a_rebase_takes_away() {
    story(
        FORKED,
        "git merge -q -m joined main; document; by_hand joined; tick; git rebase -q --force-rebase main",
    )
    .is("1 one*, 2 two*, 3 three*, x joined*")
    .holds();
}

#[test]
fn of_three_at_once() {
    story(
        "git switch -q -c side\ncommits a\ngit switch -q -c other main\ncommits b\ngit switch -q -c feat main\ncommits one; document; by_hand one; tick\n",
        "git merge -q -m joined side other",
    )
    .is("2 a, 3 b, 1 one*, 4 joined")
    .says("- Merged 2 commits\n")
    .holds();
}

#[test]
fn into_the_trunk() {
    // What the trunk has is not gone, and its entries stay.
    story(
        FEAT,
        "git switch -q main; tick; git merge -q --no-ff -m 'Merge feat' feat; git switch -q feat",
    )
    .is("t one*, t two*, t three*")
    .holds();
}

#[test]
fn into_the_trunk_forward() {
    story(
        FEAT,
        "git switch -q main; git merge -q --ff-only feat; git switch -q feat; commits four",
    )
    .is("t one*, t two*, t three*, 1 four")
    .holds();
}

#[test]
fn pulled_forward() {
    story(PUSHED, "git pull -q --ff-only")
        .is("1 one*, 2 two*, 3 theirs")
        .says(": [@bob] theirs\n")
        .holds();
}

#[test]
fn pulled_with_a_merge() {
    story(
        PUSHED,
        "commits three; document; by_hand three; tick; git pull -q --no-rebase --no-edit",
    )
    .is("1 one*, 2 two*, 4 theirs, 3 three*, 5 Merge branch 'feat' of ../remote into feat")
    .holds();
}

#[test]
fn pulled_with_a_rebase() {
    story(
        PUSHED,
        "commits three; document; by_hand three; tick; git pull -q --rebase",
    )
    .is("1 one*, 2 two*, 3 theirs, 4 three*")
    .holds();
}

#[test]
fn pulled_from_the_trunk() {
    story(
        "git clone -q ../remote.git ../theirs\n\
         tick; (cd ../theirs; git config user.name Bob; git config user.email bob@example.com; put theirs theirs theirs; git push -q)\n",
        &format!("{FEAT}tick; git pull -q --rebase origin main"),
    )
    .of("feat", "origin/main", "1 one*, 2 two*, 3 three*")
    .holds();
}

#[test]
fn force_pushed_by_somebody_else() {
    story(
        PUSHED,
        "(cd ../theirs; tick; git rebase -q --root --force-rebase; git push -q --no-verify --force)\n\
         tick; git fetch -q; git reset -q --hard origin/feat",
    )
    .is("1 Begin, 2 one*, 3 two*, 4 theirs")
    .unseen("no hook runs for a reset")
    .holds();
}
