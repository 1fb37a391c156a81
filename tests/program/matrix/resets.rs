//! Branches that are moved elsewhere and back.

use super::{FEAT, story};

const NO_HOOK: &str = "no hook runs for a reset";

#[test]
fn soft() {
    story(FEAT, "git reset -q --soft HEAD~1")
        .is("1 one*, 2 two*, x three*")
        .unseen(NO_HOOK)
        .holds();
}

#[test]
fn soft_and_committed_again() {
    story(
        FEAT,
        "git reset -q --soft HEAD~2; tick; git commit -q -m 'two and three'",
    )
    .is("1 one*, x two*, x three*, 2 two and three")
    .holds();
}

#[test]
fn soft_and_committed_with_the_old_message() {
    story(FEAT, "git reset -q --soft HEAD~1; tick; git commit -q -C ORIG_HEAD")
        .is("1 one*, 2 two*, 3 three*")
        .holds();
}

#[test]
fn mixed_and_committed_again() {
    // Another author time and other words, but the same change.
    story(
        FEAT,
        "git reset -q HEAD~1; tick; git add three; git commit -q -m 'three, once more'",
    )
    .is("1 one*, 2 two*, 3 three, once more*")
    .holds();
}

#[test]
fn hard() {
    story(FEAT, "git reset -q --hard HEAD~2")
        .is("1 one*, x two*, x three*")
        .unseen(NO_HOOK)
        .holds();
}

#[test]
fn hard_and_on() {
    story(FEAT, "git reset -q --hard HEAD~2; commits four")
        .is("1 one*, x two*, x three*, 2 four")
        .holds();
}

#[test]
fn hard_and_back() {
    story(
        FEAT,
        "git reset -q --hard HEAD~2; document; git branchwork show >/dev/null; git reset -q --hard 'feat@{1}'",
    )
    .is("1 one*, 2 two*, 3 three*")
    .unseen(NO_HOOK)
    .never_says("(dropped)")
    .holds();
}

#[test]
fn to_the_base() {
    story(FEAT, "git reset -q --hard main")
        .is("x one*, x two*, x three*")
        .unseen(NO_HOOK)
        .holds();
}

#[test]
fn to_another_branch() {
    story(
        &format!("git switch -q -c side\ncommits a\ngit switch -q main\n{FEAT}"),
        "git reset -q --hard side",
    )
    .is("1 a, x one*, x two*, x three*")
    .unseen(NO_HOOK)
    .holds();
}

#[test]
fn to_another_branch_and_back() {
    story(
        &format!("git switch -q -c side\ncommits a\ngit switch -q main\n{FEAT}"),
        "git reset -q --hard side; document; git branchwork show >/dev/null; git reset -q --hard 'feat@{1}'; commits four",
    )
    .is("x a, 1 one*, 2 two*, 3 three*, 4 four")
    .without_map("x a, 1 one*, 2 two*, 3 three*, 4 four", "")
    .holds();
}

#[test]
fn the_branch_is_made_anew_elsewhere() {
    story(FEAT, "git switch -q -C feat main")
        .is("x one*, x two*, x three*")
        .holds();
}

#[test]
fn the_branch_is_made_anew_elsewhere_and_goes_on() {
    story(FEAT, "git switch -q -C feat main; commits four")
        .is("x one*, x two*, x three*, 1 four")
        .holds();
}

#[test]
fn the_branch_is_forced_elsewhere_from_outside() {
    story(
        FEAT,
        "git switch -q main; git branch -q -f feat feat~1; git switch -q feat",
    )
    .is("1 one*, 2 two*, x three*")
    .holds();
}

#[test]
fn dropped_ones_stay_dropped_through_a_rebase() {
    story(FEAT, "git reset -q --hard HEAD~1; commits four; git switch -q main; commits trunk; git switch -q feat; tick; git rebase -q main")
        .is("1 one*, 2 two*, x three*, 3 four")
        .holds();
}

#[test]
fn five_of_the_same_words_in_one_second_and_two_are_gone() {
    story(
        "git switch -q -c feat\ntick; for i in 1 2 3 4 5; do put file$i $i wip; done\ndocument; by_hand wip\n",
        "git reset -q --hard HEAD~2; put file6 6 wip",
    )
    .is("1 wip*, 2 wip*2, 3 wip*3, 4 wip*4, x wip*5")
    .holds();
}

#[test]
fn to_a_commit_whose_entry_is_the_newest() {
    // Entries stand in the order of the authors' times, and this one comes from the future.
    story(
        FEAT,
        "tick; git commit -q --amend --no-edit --date '@1756500000 +0000'; document; commits four; document\n\
         git reset -q --hard HEAD~1; git switch -q main; git switch -q feat",
    )
    .is("1 one*, 2 two*, x four, 3 three*")
    .holds();
}

#[test]
fn to_the_base_and_renamed() {
    story(FEAT, "git reset -q --hard main; git branch -m feat better; git branchwork show >/dev/null; git branchwork get dri >/dev/null")
        .of("better", "main", "x one*, x two*, x three*")
        .holds();
}
