//! Rebases that need no todo list.

use super::{FEAT, FORKED, story};

/// What all rebases come to that keep three commits.
const ALL: &str = "1 one*, 2 two*, 3 three*";

/// Both `main` and the second of three commits change the same line.
const CLASH: &str = "git switch -q -c feat
commits one
tick; put shared feat two
commits three
document
by_hand one two three
git switch -q main
tick; put shared main trunk
git switch -q feat
tick
stops git rebase main
";

/// Three branches on each other, each with one commit, and a trunk that has moved on.
const STACK: &str = "git switch -q -c lower
commits a; document; by_hand a
git switch -q -c middle
commits b; document; by_hand b
git switch -q -c upper
commits c; document; by_hand c
git switch -q main
commits trunk
git switch -q upper
tick
";

const NO_HOOK_AFTER_APPLY: &str = "git runs post-rewrite before it moves the branch";

#[test]
fn by_the_merge_backend() {
    story(FORKED, "git rebase -q main").is(ALL).holds();
}

#[test]
fn by_the_apply_backend() {
    story(FORKED, "git rebase -q --apply main")
        .is(ALL)
        .unseen(NO_HOOK_AFTER_APPLY)
        .holds();
}

#[test]
fn by_the_apply_backend_and_the_next_commit_sees_it() {
    story(FORKED, "git rebase -q --apply main; commits four")
        .is("1 one*, 2 two*, 3 three*, 4 four")
        .holds();
}

#[test]
fn by_the_apply_backend_with_a_conflict() {
    let begin = CLASH.replace("rebase main", "rebase --apply main");
    story(&begin, "echo both >shared; git add shared; git rebase --continue")
        .is(ALL)
        .unseen(NO_HOOK_AFTER_APPLY)
        .holds();
}

#[test]
fn with_nothing_to_do() {
    story(FEAT, "git rebase -q main").is(ALL).holds();
}

#[test]
fn that_makes_the_same_commits_once_more() {
    story(FEAT, "tick; git rebase -q --force-rebase main").is(ALL).holds();
}

#[test]
fn that_only_moves_forward() {
    story(
        "git switch -q -c feat; document\ngit switch -q main; commits trunk\ngit switch -q feat\n",
        "git rebase -q main",
    )
    .is("")
    .unseen("a rebase without picks runs post-checkout on a detached HEAD only")
    .holds();
}

#[test]
fn called_from_another_branch() {
    story(FORKED, "git switch -q main; git rebase -q main feat")
        .is(ALL)
        .holds();
}

#[test]
fn several_times() {
    let again = "git rebase -q main\ngit switch -q main; commits more\ngit switch -q feat; tick\n";
    story(FORKED, &format!("{again}{again}git rebase -q main"))
        .is(ALL)
        .holds();
}

#[test]
fn with_a_conflict_and_continue() {
    story(
        &CLASH.replace("rebase main", "rebase -q main"),
        "echo both >shared; git add shared; git rebase --continue",
    )
    .is(ALL)
    .says("  - `shared` - modified (+1/-1)\n")
    .holds();
}

#[test]
fn with_a_conflict_and_a_commit_by_hand() {
    story(
        CLASH,
        "echo both >shared; git add shared; git commit -q -m 'two, by hand'; git rebase --continue",
    )
    .is("1 one*, 2 two, by hand*, 3 three*")
    .without_map(
        "1 one*, x two*, 3 three*, 2 two, by hand",
        "its time, words and change are other ones",
    )
    .holds();
}

#[test]
fn with_a_conflict_and_skip() {
    story(CLASH, "git rebase --skip").is("1 one*, x two*, 2 three*").holds();
}

#[test]
fn with_a_conflict_and_abort() {
    story(CLASH, "git rebase --abort").is(ALL).holds();
}

#[test]
fn with_a_conflict_and_quit() {
    // HEAD stays where the rebase had come to, and the branch where it was.
    story(CLASH, "git rebase --quit; git reset -q --hard; git switch -q feat")
        .is(ALL)
        .holds();
}

#[test]
fn in_the_middle_of_one_a_document_is_read() {
    story(CLASH, "git branchwork show >/dev/null; git rebase --skip")
        .is("1 one*, x two*, 2 three*")
        .holds();
}

#[test]
fn of_what_upstream_has_already() {
    let upstream = "git switch -q main; git cherry-pick feat~1; git switch -q feat; tick\n";
    story(FEAT, &format!("{upstream}git rebase -q main"))
        .is("1 one*, x two*, 2 three*")
        .holds();
}

#[test]
fn autosquash() {
    let fixup = "tick; echo more >>one; git commit -q -a --fixup HEAD~2; document; tick\n";
    story(FORKED, &format!("{fixup}git rebase -q -i --autosquash main"))
        .is("1 one*, 2 two*, 3 three*, 1 fixup! one")
        .without_map(
            "1 one*, 2 two*, 3 three*, x fixup! one",
            "nothing of the fixup is left but its change",
        )
        .says("  - `one` - added (+2)\n")
        .holds();
}

#[test]
fn rebase_merges() {
    story(
        "git switch -q -c feat\ncommits one\ngit switch -q -c side\ncommits aside\ngit switch -q feat\ncommits two\n\
         tick; git merge -q --no-ff -m joined side\ndocument\nby_hand one two joined\n\
         git switch -q main; commits trunk\ngit switch -q feat; tick\n",
        "git rebase -q --rebase-merges main",
    )
    .is("1 one*, 3 aside, 2 two*, 4 joined*")
    .says("- Merged 1 commit\n")
    .holds();
}

#[test]
fn of_the_root_too() {
    // The first commit is written anew as well, so that the trunk does not have it.
    story(FEAT, "tick; git rebase -q --root --force-rebase")
        .is("1 Begin, 2 one*, 3 two*, 4 three*")
        .holds();
}

#[test]
fn autostash() {
    story(
        FORKED,
        "echo dirty >>one; git rebase -q --autostash main; git diff --quiet && exit 9; :",
    )
    .is(ALL)
    .holds();
}

#[test]
fn onto_something_else() {
    story(
        "git switch -q -c lower\ncommits a b; document\ngit switch -q -c feat\ncommits one two three; document\n\
         by_hand one two three\ngit switch -q main; commits trunk\ngit switch -q feat; tick\n",
        "git rebase -q --onto main lower",
    )
    .is(ALL)
    .of("lower", "main", "1 a, 2 b")
    .holds();
}

#[test]
fn a_stack_with_update_refs() {
    story(STACK, "git rebase -q --update-refs main")
        .of("upper", "middle", "1 c*")
        .of("middle", "lower", "1 b*")
        .of("lower", "main", "1 a*")
        .unseen("no hook names the branches below")
        .holds();
}

#[test]
fn a_stack_with_update_refs_and_a_squash() {
    let fixup = "git switch -q lower; tick; echo more >>a; git commit -q -a --fixup HEAD; document\n\
                 git switch -q middle; tick; git rebase -q lower; document\ngit switch -q upper; git rebase -q middle; document; tick\n";
    story(
        STACK,
        &format!("{fixup}git rebase -q -i --autosquash --update-refs main"),
    )
    .of("upper", "middle", "1 c*")
    .of("middle", "lower", "1 b*")
    .of("lower", "main", "1 a*, 1 fixup! a")
    .without_map("1 a*, x fixup! a", "nothing of the fixup is left but its change")
    .unseen("no hook names the branches below")
    .holds();
}

#[test]
fn a_stack_one_after_the_other() {
    story(
        STACK,
        "git switch -q lower; git rebase -q main\ngit switch -q middle; git rebase -q lower\n\
         git switch -q upper; git rebase -q middle",
    )
    .of("upper", "middle", "1 c*")
    .of("middle", "lower", "1 b*")
    .of("lower", "main", "1 a*")
    .holds();
}

#[test]
fn a_child_whose_parent_was_amended_has_none_of_its_work() {
    story(
        STACK,
        "git switch -q middle; git commit -q --amend -m 'b, better'; git switch -q upper; commits d",
    )
    .of("middle", "lower", "1 b, better*")
    // The old commit of the parent is still below, and not this branch's.
    .of("upper", "middle", "2 c*, 3 d")
    .holds();
}

#[test]
fn a_child_is_moved_onto_its_amended_parent() {
    story(
        STACK,
        "git switch -q middle; git commit -q --amend -m 'b, better'; git switch -q upper; tick\n\
         git rebase -q --onto middle 'middle@{1}'; commits d",
    )
    .of("middle", "lower", "1 b, better*")
    .of("upper", "middle", "1 c*, 2 d")
    .holds();
}

#[test]
fn a_parent_that_is_merged_and_deleted() {
    story(
        STACK,
        "git switch -q main; tick; git merge -q --no-ff -m 'Merge lower' lower; git branch -q -D lower\n\
         git switch -q middle; tick; git rebase -q main; git switch -q upper; git rebase -q middle",
    )
    .of("upper", "middle", "1 c*")
    .of("middle", "main", "1 b*")
    .holds();
}

#[test]
fn on_a_detached_head() {
    story(FORKED, "git switch -q --detach; git rebase -q main; git switch -q feat")
        .is(ALL)
        .holds();
}

#[test]
fn five_of_the_same_words_in_one_second() {
    let five = "git switch -q -c feat\ntick; for i in 1 2 3 4 5; do put file$i $i wip; done\ndocument; by_hand wip\n\
                git switch -q main; commits trunk\ngit switch -q feat; tick\n";
    story(five, "git rebase -q main")
        .is("1 wip*, 2 wip*2, 3 wip*3, 4 wip*4, 5 wip*5")
        .holds();
}

#[test]
fn five_of_the_same_words_one_of_which_is_dropped() {
    let five =
        "git switch -q -c feat\ntick; for i in 1 2 3 4 5; do put file$i $i wip; done\ndocument; by_hand wip; tick\n";
    story(five, "TODO=3d git rebase -q -i --force-rebase main")
        .is("1 wip*, 2 wip*2, x wip*3, 3 wip*4, 4 wip*5")
        .holds();
}
