//! Commits, however they are made, and amended ones.

use super::{FEAT, story};

#[test]
fn plain_ones() {
    story(FEAT, "commits four five")
        .is("1 one*, 2 two*, 3 three*, 4 four, 5 five")
        .holds();
}

#[test]
fn with_no_document_before() {
    story("git switch -q -c feat\n", "commits one two")
        .is("1 one, 2 two")
        .holds();
}

#[test]
fn without_verify_and_without_changes() {
    story(FEAT, "tick; git commit -q --no-verify --allow-empty -m four")
        .is("1 one*, 2 two*, 3 three*, 4 four")
        .says("- No files changed\n")
        .holds();
}

#[test]
fn amended_message() {
    story(FEAT, "tick; git commit -q --amend -m 'three, better'")
        .is("1 one*, 2 two*, 3 three, better*")
        .holds();
}

#[test]
fn amended_content() {
    story(FEAT, "tick; echo more >>three; git commit -q -a --amend --no-edit")
        .is("1 one*, 2 two*, 3 three*")
        .says("  - `three` - added (+2)\n")
        .holds();
}

#[test]
fn amended_message_and_content() {
    story(
        FEAT,
        "tick; echo more >>three; git commit -q -a --amend -m 'three, better' -m 'A body.'",
    )
    .is("1 one*, 2 two*, 3 three, better*")
    .says("\nA body.\n")
    .holds();
}

#[test]
fn amended_author() {
    story(
        FEAT,
        "tick; git commit -q --amend --no-edit --author 'Bob <bob@example.com>'",
    )
    .is("1 one*, 2 two*, 3 three*")
    .without_map("1 one*, 2 two*, 3 three*", "the same change")
    .says(": [@bob] three\n")
    .holds();
}

#[test]
fn amended_date() {
    story(FEAT, "tick; git commit -q --amend --no-edit --date '@1756500000 +0000'")
        .is("1 one*, 2 two*, 3 three*")
        .says("### 2025-08-29 20:40: [@ada] three\n")
        .holds();
}

#[test]
fn amended_author_and_time_of_the_first_of_three() {
    // It keeps its place, although its time is now the latest.
    story(
        "git switch -q -c feat\ncommits one; document; by_hand one\n",
        "tick; git commit -q --amend --no-edit --reset-author; commits two",
    )
    .is("1 one*, 2 two")
    .holds();
}

#[test]
fn amended_with_nothing_changed_but_the_time() {
    story(FEAT, "tick; git commit -q --amend --no-edit")
        .is("1 one*, 2 two*, 3 three*")
        .holds();
}

#[test]
fn amended_with_nothing_changed_at_all() {
    story(FEAT, "git commit -q --amend --no-edit")
        .is("1 one*, 2 two*, 3 three*")
        .holds();
}

#[test]
fn amended_again_and_again() {
    story(
        FEAT,
        "for i in 1 2 3; do tick; echo $i >>three; git commit -q -a --amend -m \"three, the $i.\"; done",
    )
    .is("1 one*, 2 two*, 3 three, the 3.*")
    .without_map("1 one*, 2 two*, 3 three, the 3.*", "the same author and author time")
    .holds();
}

#[test]
fn amended_and_undone() {
    story(
        FEAT,
        "tick; git commit -q --amend -m other; git reset -q --soft 'HEAD@{1}'",
    )
    .is("1 one*, 2 two*, 3 three*")
    .unseen("no hook runs for a reset")
    .holds();
}

#[test]
fn the_first_of_a_branch_is_amended() {
    story(
        "git switch -q -c feat\ncommits one; document; by_hand one\n",
        "tick; git commit -q --amend -m first",
    )
    .is("1 first*")
    .holds();
}

#[test]
fn fixups_are_commits_until_they_are_squashed() {
    story(FEAT, "tick; echo more >>two; git commit -q -a --fixup HEAD~1; tick; git commit -q --allow-empty --fixup reword:HEAD~2 -m x 2>/dev/null || :")
        .is("1 one*, 2 two*, 3 three*, 4 fixup! two")
        .holds();
}

#[test]
fn five_of_the_same_words_in_one_second() {
    story(
        "git switch -q -c feat\ntick\n",
        "for i in 1 2 3 4 5; do put file$i $i wip; done\ndocument; by_hand wip",
    )
    .is("1 wip*, 2 wip*2, 3 wip*3, 4 wip*4, 5 wip*5")
    .holds();
}

#[test]
fn five_of_the_same_words_the_last_of_which_is_amended() {
    story(
        "git switch -q -c feat\ntick; for i in 1 2 3 4 5; do put file$i $i wip; done\ndocument; by_hand wip; tick\n",
        "git commit -q --amend --no-edit; git commit -q --amend -m 'not in progress any more'",
    )
    .is("1 wip*, 2 wip*2, 3 wip*3, 4 wip*4, 5 not in progress any more*5")
    .holds();
}

#[test]
fn by_plumbing() {
    story(
        FEAT,
        "tick; git update-ref refs/heads/feat $(git commit-tree -p HEAD -m four 'HEAD^{tree}')\n\
         tick; git update-ref refs/heads/feat $(git commit-tree -p HEAD -m five 'HEAD^{tree}')",
    )
    .is("1 one*, 2 two*, 3 three*, 4 four, 5 five")
    .unseen("no hook runs for update-ref")
    .holds();
}

#[test]
fn rewritten_by_plumbing() {
    // The same author, time and subject on another parent.
    story(
        FEAT,
        "tick; git update-ref refs/heads/feat $(GIT_AUTHOR_DATE=$(git log -1 --format='@%at +0000' feat) \
         git commit-tree -p HEAD~2 -m three 'HEAD^{tree}')",
    )
    .is("1 one*, x two*, 2 three*")
    .unseen("no hook runs for update-ref")
    .holds();
}

#[test]
fn rewritten_by_filter_branch() {
    story(
        FEAT,
        "tick; git filter-branch --msg-filter 'sed s/^/re:/' main..feat >/dev/null 2>&1",
    )
    .is("1 re:one*, 2 re:two*, 3 re:three*")
    .unseen("no hook runs for filter-branch")
    .holds();
}

#[test]
fn reworded_by_git_history() {
    story(FEAT, "tick; MESSAGE='two, in other words' git history reword HEAD~1")
        .is("1 one*, 2 two, in other words*, 3 three*")
        .unseen("no hook runs for git history")
        .needs("history")
        .holds();
}

#[test]
fn replayed() {
    story(
        FEAT,
        "git switch -q main; commits trunk; tick; git replay --onto main main~1..feat >../updates\n\
         git update-ref --stdin <../updates; git switch -q feat",
    )
    .is("1 one*, 2 two*, 3 three*")
    .needs("replay")
    .holds();
}

#[test]
fn by_mail() {
    story(
        "git switch -q -c side\ncommits four five\ngit format-patch -q -o ../mail main\ngit switch -q main\n",
        &format!("{FEAT}tick; git am -q ../mail/*.patch"),
    )
    .is("4 four, 5 five, 1 one*, 2 two*, 3 three*")
    .unseen("git am runs no post-commit")
    .holds();
}

#[test]
fn by_mail_with_a_conflict_and_abort() {
    story(
        "git switch -q -c side\ntick; put one other side\ngit format-patch -q -o ../mail main\ngit switch -q main\n",
        &format!("{FEAT}tick; stops git am -q ../mail/0001-side.patch; git branchwork show >/dev/null; git am --abort"),
    )
    .is("1 one*, 2 two*, 3 three*")
    .holds();
}

#[test]
fn a_branch_from_a_stash() {
    story(FEAT, "echo stashed >>one; git stash push -q; commits four; git stash branch unstashed >/dev/null; tick; git commit -q -a -m five; document")
        .of("unstashed", "feat", "1 five")
        .holds();
}

#[test]
fn stashes_are_no_commits() {
    story(
        FEAT,
        "echo stashed >>one; git stash push -q; git stash pop -q; git stash push -q -u; git stash drop -q",
    )
    .is("1 one*, 2 two*, 3 three*")
    .holds();
}

#[test]
fn a_bisect() {
    story(FEAT, "git bisect start HEAD main >../bisect; git bisect run test ! -f two >/dev/null; git bisect reset 2>../bisect; commits four")
        .is("1 one*, 2 two*, 3 three*, 4 four")
        .holds();
}

#[test]
fn a_commit_in_a_bisect() {
    story(
        FEAT,
        "git bisect start HEAD main >../bisect; commits elsewhere; git bisect reset 2>../bisect",
    )
    .is("1 one*, 2 two*, 3 three*")
    .holds();
}

#[test]
fn on_a_detached_head_and_a_branch_later() {
    story(
        "git switch -q --detach\ncommits one two\n",
        "git switch -q -c feat; commits three",
    )
    .is("1 one, 2 two, 3 three")
    .holds();
}

#[test]
fn on_a_detached_head_and_thrown_away() {
    story(
        FEAT,
        "git switch -q --detach; commits four; git switch -q feat 2>/dev/null",
    )
    .is("1 one*, 2 two*, 3 three*")
    .holds();
}

#[test]
fn on_a_detached_head_and_the_branch_is_moved_there() {
    story(FEAT, "git switch -q --detach; commits four; git switch -q -C feat")
        .is("1 one*, 2 two*, 3 three*, 4 four")
        .holds();
}

#[test]
fn a_body_and_many_files() {
    story(
        "git switch -q -c feat\ntick\n",
        "mkdir d; for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33; do echo $i >d/$i; done\n\
         git add d; git commit -q -m many -m 'A body.' -m 'Signed-off-by: Ada <ada@example.com>'; document; by_hand many\n\
         tick; git commit -q --amend -m 'very many' -m 'Another body.'",
    )
    .is("1 very many*")
    .says("\nAnother body.\n")
    .never_says("\nA body.\n")
    .says("  - 3 more files in `d/` (+3/-0)\n")
    .holds();
}
