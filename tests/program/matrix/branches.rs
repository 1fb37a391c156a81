//! The life of branches: made, renamed, copied, deleted.

use super::{FEAT, story};

#[test]
fn an_orphan() {
    story("", "git switch -q --orphan lone; commits a b")
        .of("lone", "main", "1 a, 2 b")
        .holds();
}

#[test]
fn with_no_commit_of_its_own() {
    story("", "git switch -q -c feat; document").is("").holds();
}

#[test]
fn made_without_a_checkout() {
    story(
        "git switch -q -c side\ncommits a b\ngit switch -q main\n",
        "git branch feat side; git switch -q feat; document; commits c",
    )
    .of("feat", "side", "1 c")
    .holds();
}

#[test]
fn made_on_a_remote_branch() {
    story(
        "git switch -q -c there\ncommits a\ngit push -q --no-verify origin there\ngit switch -q main\ngit branch -q -D there\n",
        "git switch -q -c feat origin/there; commits b",
    )
    .of("feat", "origin/there", "1 b")
    .holds();
}

#[test]
fn renamed() {
    story(
        FEAT,
        "git branch -m feat better; git branchwork show >/dev/null; commits four",
    )
    .of("better", "main", "1 one*, 2 two*, 3 three*, 4 four")
    .says("  name: better")
    .holds();
}

#[test]
fn renamed_from_outside() {
    story(
        FEAT,
        "git switch -q main; git branch -m feat better; git switch -q better",
    )
    .of("better", "main", "1 one*, 2 two*, 3 three*")
    .holds();
}

#[test]
fn renamed_and_rewritten_before_anything_is_seen() {
    story(
        FEAT,
        "git branch -m feat better; tick; git commit -q --amend -m third; git rebase -q --force-rebase main",
    )
    .of("better", "main", "1 one*, 2 two*, 3 third*")
    .holds();
}

#[test]
fn renamed_twice() {
    story(
        FEAT,
        "git branch -m feat better; git branch -m better best; commits four",
    )
    .of("best", "main", "1 one*, 2 two*, 3 three*, 4 four")
    .holds();
}

#[test]
fn renamed_onto_an_existing_name() {
    // What had the name is no more.
    story(
        &format!("git switch -q -c old\ncommits a; document\ngit switch -q main\n{FEAT}"),
        "git branch -M feat old; commits four",
    )
    .of("old", "main", "1 one*, 2 two*, 3 three*, 4 four")
    .holds();
}

#[test]
fn renamed_below_its_own_name() {
    story(
        FEAT,
        "git branch -m feat feat-1; git branch -m feat-1 feat/1; commits four",
    )
    .of("feat/1", "main", "1 one*, 2 two*, 3 three*, 4 four")
    .holds();
}

#[test]
fn copied() {
    story(
        FEAT,
        "git branch -c feat other; git switch -q other; commits four; git switch -q feat; document other",
    )
    .is("1 one*, 2 two*, 3 three*")
    .holds();
}

#[test]
fn a_copy_is_a_document_of_its_own() {
    story(
        "git switch -q -c feat\ncommits one two\ndocument\n",
        "git branch -c feat other; git switch -q other; commits three; document; git switch -q feat; commits four; git switch -q other",
    )
    .is("1 one, 2 two, 3 four")
    .of("other", "main", "1 one, 2 two, 3 three")
    .says("Copied from `feat`")
    .holds();
}

#[test]
fn deleted_and_made_again_where_it_was() {
    // The commits are the old ones, so it is the old branch.
    story(
        FEAT,
        "git switch -q main; git branch -q -D feat; tick; git switch -q -c feat 'HEAD@{1}'",
    )
    .is("1 one*, 2 two*, 3 three*")
    .holds();
}

#[test]
fn deleted_and_made_again_with_other_commits() {
    story(
        "git switch -q -c feat\ncommits one two\ndocument\n",
        "git switch -q main; git branch -q -D feat; tick; git switch -q -c feat; commits three",
    )
    .is("1 three")
    .holds();
}

#[test]
fn deleted_and_made_again_by_somebody_else() {
    story(
        "git switch -q -c feat\ncommits one\ndocument; by_hand one\ngit push -q --no-verify origin feat\n",
        "git switch -q main; git branch -q -D feat; git branch -q -r -D origin/feat; git fetch -q; tick; git switch -q feat; commits two",
    )
    .is("1 one*, 2 two")
    .holds();
}

#[test]
fn a_branch_in_the_middle_of_a_stack_is_made_later() {
    story(
        "git switch -q -c feat\ncommits one two three\ndocument; by_hand one two three\n",
        "git branch middle feat~1; git switch -q middle; document; commits four; git switch -q feat",
    )
    .is("1 one*, 2 two*, 3 three*")
    .of("middle", "feat", "1 four")
    .holds();
}
