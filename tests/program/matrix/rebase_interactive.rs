//! Rebases with a todo list. TODO edits it, MESSAGE is what the editor of messages leaves.

use super::{FORKED, story};

const TWO_IS_GONE: &str = "only git's map knows what became of the second";

#[test]
fn reword() {
    story(
        FORKED,
        "TODO='/two/s/pick/reword/' MESSAGE='two, in other words' git rebase -q -i main",
    )
    .is("1 one*, 2 two, in other words*, 3 three*")
    .holds();
}

#[test]
fn reword_all() {
    story(
        FORKED,
        "GIT_EDITOR='sed -i.old 1s/^/again:/' TODO='s/pick/reword/' git rebase -q -i main",
    )
    .is("1 again:one*, 2 again:two*, 3 again:three*")
    .holds();
}

#[test]
fn squash() {
    story(
        FORKED,
        "TODO='/two/s/pick/squash/' MESSAGE='one and two' git rebase -q -i main",
    )
    .is("1 one and two*, 1 two*, 2 three*")
    .without_map("1 one and two*, x two*, 2 three*", TWO_IS_GONE)
    .says("- Files changed (2 files, +2/-0):\n")
    .holds();
}

#[test]
fn squash_all() {
    story(
        FORKED,
        "TODO='2,$s/pick/squash/' MESSAGE='all of it' git rebase -q -i main",
    )
    .is("1 all of it*, 1 two*, 1 three*")
    .without_map("1 all of it*, x two*, x three*", TWO_IS_GONE)
    .says("- Files changed (3 files, +3/-0):\n")
    .holds();
}

#[test]
fn squash_and_later_a_rebase() {
    // Those that were squashed go on together.
    let later = "git switch -q main; commits later; git switch -q feat; tick; git rebase -q main";
    story(
        FORKED,
        &format!("TODO='/two/s/pick/squash/' MESSAGE='one and two' git rebase -q -i main; {later}"),
    )
    .is("1 one and two*, 1 two*, 2 three*")
    .without_map("1 one and two*, x two*, 2 three*", TWO_IS_GONE)
    .holds();
}

#[test]
fn fixup() {
    story(FORKED, "TODO='/two/s/pick/fixup/' git rebase -q -i main")
        .is("1 one*, 1 two*, 2 three*")
        .without_map("1 one*, x two*, 2 three*", TWO_IS_GONE)
        .holds();
}

#[test]
fn fixup_that_takes_the_message() {
    story(FORKED, "TODO='/two/s/pick/fixup -C/' git rebase -q -i main")
        .is("1 two*, 1 two*, 2 three*")
        .without_map("1 two*, x two*, 2 three*", TWO_IS_GONE)
        .holds();
}

#[test]
fn edit_and_amend() {
    story(
        FORKED,
        "TODO='/two/s/pick/edit/' git rebase -q -i main\necho more >>two; git commit -q -a --amend -m 'two and more'\n\
         git rebase --continue",
    )
    .is("1 one*, 2 two and more*, 3 three*")
    .says("  - `two` - added (+2)\n")
    .holds();
}

#[test]
fn edit_and_continue_with_what_is_staged() {
    story(
        FORKED,
        "TODO='/two/s/pick/edit/' git rebase -q -i main\necho more >>two; git add two; git rebase --continue",
    )
    .is("1 one*, 2 two*, 3 three*")
    .says("  - `two` - added (+2)\n")
    .holds();
}

#[test]
fn edit_and_another_commit() {
    story(
        FORKED,
        "TODO='/two/s/pick/edit/' git rebase -q -i main\ncommits between; git rebase --continue",
    )
    .is("1 one*, 2 two*, 4 three*, 3 between")
    .holds();
}

/// Stops at a commit of two files and takes it apart.
const SPLIT: &str = "git switch -q -c feat
commits one
tick; echo left >left; git add left; put right right both
commits three
document
by_hand one both three
git switch -q main; commits trunk
git switch -q feat; tick
TODO='/both/s/pick/edit/' git rebase -q -i main
git reset -q HEAD^; git add left
";

#[test]
fn edit_and_split() {
    story(
        SPLIT,
        "git commit -q -C feat~1; git add right; git commit -q -m 'right half'\n\
                  git rebase --continue",
    )
    .is("1 one*, 2 both*, 4 three*, 3 right half")
    .says("- Files changed (1 file, +1/-0):\n  - `left` - added (+1)\n")
    .holds();
}

#[test]
fn edit_and_split_with_other_words() {
    story(
        SPLIT,
        "git commit -q -m 'left half'; git add right; git commit -q -m 'right half'; git rebase --continue",
    )
    .is("1 one*, 2 left half*, 4 three*, 3 right half")
    .without_map(
        "1 one*, x both*, 4 three*, 2 left half, 3 right half",
        "neither half has its time, words or change",
    )
    .holds();
}

#[test]
fn drop() {
    story(FORKED, "TODO='/two/s/pick/drop/' git rebase -q -i main")
        .is("1 one*, x two*, 2 three*")
        .holds();
}

#[test]
fn drop_the_first_and_the_last() {
    story(FORKED, "TODO='1d;3d' git rebase -q -i main")
        .is("x one*, 1 two*, x three*")
        .holds();
}

#[test]
fn drop_all() {
    story(FORKED, "TODO='s/^pick/drop/' git rebase -q -i main")
        .is("x one*, x two*, x three*")
        .unseen("a rebase without picks runs post-checkout on a detached HEAD only")
        .holds();
}

#[test]
fn drop_and_bring_back() {
    story(
        FORKED,
        "TODO='/two/s/pick/drop/' git rebase -q -i main; git reset -q --hard 'feat@{1}'; commits four",
    )
    .is("1 one*, 2 two*, 3 three*, 4 four")
    .holds();
}

#[test]
fn another_order() {
    // The document keeps the order of time.
    story(FORKED, "TODO='2{h;d;};3{G;}' git rebase -q -i main")
        .is("1 one*, 3 two*, 2 three*")
        .holds();
}

#[test]
fn exec() {
    story(FORKED, "git rebase -q -x 'test -d .git || test -f .git' main")
        .is("1 one*, 2 two*, 3 three*")
        .holds();
}

#[test]
fn exec_that_amends() {
    story(
        FORKED,
        "git rebase -q -x 'git commit -q --amend -m \"$(git log -1 --format=%s) again\"' main",
    )
    .is("1 one again*, 2 two again*, 3 three again*")
    .holds();
}

#[test]
fn exec_that_amends_nothing() {
    story(FORKED, "git rebase -q -x 'git commit -q --amend --no-edit' main")
        .is("1 one*, 2 two*, 3 three*")
        .holds();
}

#[test]
fn exec_that_commits() {
    story(FORKED, "git rebase -q -x 'git commit -q --allow-empty -m more' main")
        .is("1 one*, 3 two*, 5 three*, 2 more, 4 more, 6 more")
        .holds();
}

#[test]
fn exec_that_fails() {
    story(
        FORKED,
        "stops git rebase -x 'test ! -f two || test -f three' main\ngit rebase --continue",
    )
    .is("1 one*, 2 two*, 3 three*")
    .holds();
}

#[test]
fn break_and_go_on() {
    story(
        FORKED,
        "TODO='/two/a\\\nbreak' git rebase -q -i main; git branchwork show -b feat >/dev/null; git rebase --continue",
    )
    .is("1 one*, 2 two*, 3 three*")
    .holds();
}

#[test]
fn break_and_words_by_hand() {
    // The view still shows the branch that is being rebased.
    story(
        "git switch -q -c feat\ncommits one two three\ndocument\n",
        "tick; TODO='/two/s/pick/reword/\n/two/a\\\nbreak' MESSAGE='second' git rebase -q -i --force-rebase main
by_hand three; git rebase --continue",
    )
    .is("1 one, 2 second, 3 three*")
    .holds();
}

#[test]
fn everything_at_once() {
    story(
        "git switch -q -c feat\ncommits a b c d e f\ndocument; by_hand a b c d e f\ngit switch -q main; commits trunk\n\
         git switch -q feat; tick\n",
        "TODO='/ b$/s/pick/fixup/;/ c$/s/pick/drop/;/ d$/s/pick/reword/;/ f$/s/pick/edit/' MESSAGE='d again' git rebase -q -i main\n\
         git commit -q --amend -m 'f again'; git rebase --continue",
    )
    .is("1 a*, 1 b*, x c*, 2 d again*, 3 e*, 4 f again*")
    .without_map("1 a*, x b*, x c*, 2 d again*, 3 e*, 4 f again*", TWO_IS_GONE)
    .holds();
}

#[test]
fn aborted_after_half_of_it() {
    story(FORKED, "TODO='/one/s/pick/drop/;/two/s/pick/edit/' git rebase -q -i main; git commit -q --amend -m other; git rebase --abort")
        .is("1 one*, 2 two*, 3 three*")
        .holds();
}
