//! What is kept in git's configuration, and in commit messages.

use super::*;
use crate::records::{config_keys, git_town};

/// Writes the configuration that the repository has, with more behind it.
fn configure(place: &Place, more: &str) {
    let path = place.path(".git/config");
    let text = fs::read_to_string(&path).unwrap();
    let own = text.split("# more\n").next().unwrap().to_owned();
    fs::write(path, format!("{own}# more\n{more}")).unwrap();
}

fn read_town(place: &Place) -> Option<Records> {
    git_town::read(&place.repository(), &world(&[]))
}

#[test]
fn git_town() {
    let place = Place::new();
    configure(
        &place,
        "[git-town]\n\tmain-branch = main\n\tperennial-branches = qa production\n[git-town-branch \"feat/a\"]\n\tparent = main\n\
         \tbranchtype = feature\n[git-town-branch \"feat/b.c\\\"d\"]\n\tparent = feat/a\n[git-town-branch \"feat/B\"]\n\
         \tparent = wrong\n\tPARENT = feat/a\n[git-town-branch \"parked\"]\n\tbranchtype = parked\n[git-town-branch \"none\"]\n\
         \tparent =\n",
    );
    let records = read_town(&place);
    assert_eq!(
        lines(&records),
        ["feat/B < feat/a", "feat/a < main", "feat/b.c\"d < feat/a"]
    );
    assert_eq!(trunks(&records), ["main", "qa", "production"]);

    // What is in the configuration counts before the file, but all lists of perennial branches count.
    let town = "[branches]\nmain = \"develop\"\nperennials = [\"qa\", \"stage\"]\n[hosting]\n";
    fs::write(place.path(".git-branches.toml"), "[branches]\nmain = \"ancient\"\n").unwrap();
    fs::write(place.path("git-town.toml"), town).unwrap();
    let records = read_town(&place);
    assert_eq!(trunks(&records), ["main", "qa", "production", "stage"]);
    assert_eq!(unreadable(&place, &records), [""; 0]);
    let variables = world(&[
        ("GIT_TOWN_MAIN_BRANCH", "dev"),
        ("GIT_TOWN_PERENNIAL_BRANCHES", "qa live"),
    ]);
    let records = git_town::read(&place.repository(), &variables);
    assert_eq!(trunks(&records), ["dev", "qa", "live", "production", "stage"]);
}

#[test]
fn very_many_parents_are_not_read() {
    let place = Place::new();
    let many = |count: usize| {
        let sections = (0..count).map(|at| format!("[git-town-branch \"b{at}\"]\n\tparent = main\n"));
        configure(&place, &sections.collect::<String>());
        read_town(&place)
    };
    assert_eq!(lines(&many(10_000)).len(), 10_000);
    let records = many(10_001);
    let why = "git-town's parents are not read: there are more than 10000";
    assert_eq!(
        (lines(&records).len(), unreadable(&place, &records)),
        (0, vec![why.to_owned()])
    );
}

#[test]
fn git_towns_other_keys_and_a_file_that_says_nothing() {
    let place = Place::new();
    let single = "[git-town-branch \"a\"]\n\tparent = qa\n\tbranchtype = perennial\n[git-town-branch \"qa\"]\n\
                  \tbranchtype = perennial\n[git-town-branch \"a\"]\n\tbranchtype = feature\n";
    configure(&place, single);
    assert_eq!(trunks(&read_town(&place)), ["qa"]);
    let keys = "[git-town]\n\tmain-branch-name = old\n\tperennial-branch-names = qa\n[git-town-branch \"a\"]\n\tparent = old\n";
    configure(&place, keys);
    fs::write(
        place.path("git-town.toml"),
        "[branches]\nmain = \"\"\nperennial-regex = \"\"\n",
    )
    .unwrap();
    assert_eq!(trunks(&read_town(&place)), ["old", "qa"]);
    configure(&place, "[git-town-branch \"a\"]\n\tparent = old\n");
    let records = read_town(&place);
    assert_eq!((trunks(&records).len(), unreadable(&place, &records).len()), (0, 0));
}

#[test]
fn git_towns_patterns_for_perennial_branches() {
    let place = Place::new();
    for branch in ["release-1", "hot/release-2", "qa", "live"] {
        place.git(["branch", branch]);
    }
    let parent = "[git-town-branch \"a\"]\n\tparent = main\n";
    let file = |pattern: &str| {
        let text = format!("[branches]\nmain = \"main\"\nperennial-regex = '{pattern}'\n");
        fs::write(place.path("git-town.toml"), text).unwrap();
    };
    configure(&place, parent);
    for (pattern, expected) in [
        ("^release-", &["main", "release-1"][..]),
        // It may match anywhere.
        (r"release-\d+$", &["main", "hot/release-2", "release-1"]),
        ("^(qa|live)$", &["main", "live", "qa"]),
        ("none", &["main"]),
    ] {
        file(pattern);
        assert_eq!(trunks(&read_town(&place)), expected, "{pattern}");
    }
    configure(&place, &format!("[git-town]\n\tperennial-regex = ^qa$\n{parent}"));
    assert_eq!(trunks(&read_town(&place)), ["main", "qa"]);
    let variables = world(&[("GIT_TOWN_PERENNIAL_REGEX", "^live")]);
    let records = git_town::read(&place.repository(), &variables);
    assert_eq!(trunks(&records), ["main", "live"]);
    // One that is none, and one that would take long.
    configure(&place, parent);
    for pattern in ["(", "((a{99}){99}){99}", "[[:nonsense:]]"] {
        file(pattern);
        let records = read_town(&place);
        assert_eq!((lines(&records).len(), trunks(&records)), (1, vec!["main"]));
        let told = unreadable(&place, &records);
        let begin = format!("git-town's pattern '{pattern}' for perennial branches is not read: ");
        assert!(told.len() == 1 && told[0].starts_with(&begin), "{told:?}");
    }
}

#[test]
fn git_towns_file_is_the_teams() {
    let place = Place::new();
    let file = place.path("git-town.toml");
    configure(&place, "[git-town-branch \"a\"]\n\tparent = main\n");
    fs::write(&file, "[branches]\nmain = [").unwrap();
    let records = read_town(&place);
    assert_eq!(
        (lines(&records), trunks(&records).len()),
        (vec!["a < main".to_owned()], 0)
    );
    assert!(unreadable(&place, &records)[0].starts_with("'git-town.toml' is not read: "));
    fs::remove_file(&file).unwrap();
    // A tracked link leads nowhere.
    fs::write(place.path("outside"), "[branches]\nmain = \"outside\"\n").unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink("outside", &file).unwrap();
    let records = read_town(&place);
    assert_eq!(trunks(&records), [""; 0]);
    let why = "it is a symbolic link or lies behind one";
    assert_eq!(
        unreadable(&place, &records),
        [format!("'git-town.toml' is not read: {why}")]
    );
    // It is not looked at where nobody uses git-town.
    configure(&place, "");
    assert_eq!(read_town(&place), None);
}

fn found(place: &Place) -> Vec<(Source, Vec<String>)> {
    let all = config_keys::read(&place.repository());
    all.into_iter()
        .map(|records| (records.source, lines(&Some(records))))
        .collect()
}

fn one(source: Source, line: &str) -> (Source, Vec<String>) {
    (source, vec![line.to_owned()])
}

#[test]
fn keys_of_branches() {
    let place = Place::new();
    configure(
        &place,
        "[remote \"origin\"]\n\turl = git@github.com:Acme/Widget.git\n\
         [branch \"a\"]\n\tremote = origin\n\tmerge = refs/heads/a\n\tvscode-merge-base = origin/main\n\
         [branch \"b\"]\n\tstkParent = a\n\tgh-merge-base = origin/a\n\
         [branch \"c\"]\n\tremote = .\n\tmerge = refs/heads/b\n\tgk-merge-base = origin/main\n\tgk-merge-target-user = b\n\
         [branch \"d\"]\n\tremote = https://github.com/acme/widget.git\n\tmerge = refs/pull/49/head\n\
         [branch \"e\"]\n\tgithub-pr-owner-number = \"acme#widget#46\"\n\tgithub-pr-owner-number = \"acme#widget#47\"\n\
         \tgithub-pr-owner-number = \"acme#widget#47\"\n\tgithub-pr-owner-number = \"other#widget#99\"\n\
         [branch \"f\"]\n\tgithub-pr-owner-number = \"me#widget#50\"\n\tgh-merge-base = f\n\tstkparent\n\
         \tvscode-merge-base = origin/main\n\tgithub-pr-base-branch = \"acme#widget#fix#1\"\n\
         [branch \"g..h\"]\n\tstkParent = a\n",
    );
    place.write(
        "gk/config",
        "[branch \"a\"]\n\tgk-merge-base = main\n[branch \"c\"]\n\tgk-merge-target-user = a\n",
    );
    assert_eq!(
        found(&place),
        [
            one(Source::GitStk, "b < a"),
            one(Source::GhMergeBase, "b < a"),
            one(Source::Upstream, "c < b"),
            (Source::GitLens, vec!["a < main".to_owned(), "c < a".to_owned()]),
            one(Source::PullRequestKey, "e #47"),
            one(Source::PullRequestRef, "d #49"),
            (Source::VsCode, vec!["a < main".to_owned(), "f < fix#1".to_owned()]),
        ]
    );
}

#[test]
fn later_sections_count() {
    let place = Place::new();
    configure(
        &place,
        "[branch \"a\"]\n\tremote = .\n\tmerge = refs/heads/wrong\n\tstkParent = wrong\n[branch \"b\"]\n\tremote = .\n\
         \tmerge = refs/heads/a\n[BRANCH \"a\"]\n\tmerge = refs/heads/right\n\tstkParent = right\n[branch \"b\"]\n\
         \tremote = origin\n",
    );
    assert_eq!(
        found(&place),
        [one(Source::GitStk, "a < right"), one(Source::Upstream, "a < right")]
    );
}

#[test]
fn a_branch_that_is_called_as_one_of_a_remote() {
    let place = Place::new();
    configure(
        &place,
        "[remote \"origin\"]\n\turl = x\n[branch \"b\"]\n\tgh-merge-base = origin/a\n",
    );
    assert_eq!(found(&place), [one(Source::GhMergeBase, "b < a")]);
    place.git(["branch", "origin/a"]);
    assert_eq!(found(&place), [one(Source::GhMergeBase, "b < origin/a")]);
    for (value, parent) in [
        ("refs/remotes/origin/x/y", "x/y"),
        ("refs/heads/origin/a", "origin/a"),
        ("other/a", "other/a"),
    ] {
        configure(
            &place,
            &format!("[remote \"origin\"]\n\turl = x\n[branch \"b\"]\n\tgh-merge-base = {value}\n"),
        );
        assert_eq!(found(&place), [one(Source::GhMergeBase, &format!("b < {parent}"))]);
    }
}

#[test]
fn pull_requests_of_a_fork_and_of_what_it_was_forked_from() {
    let place = Place::new();
    let remotes =
        "[remote \"origin\"]\n\turl = https://github.com/me/widget/\n[remote \"upstream\"]\n\turl = gh:acme/widget\n";
    let key = |repository: &str| format!("\tgithub-pr-owner-number = \"{repository}\"\n");
    configure(&place, &format!("{remotes}[branch \"a\"]\n{}", key("acme#widget#3")));
    assert_eq!(found(&place), [one(Source::PullRequestKey, "a #3")]);
    for other in [
        "me#widget#4",
        "acme#widget#x",
        "acme#widget",
        "cme#widget#4",
        "acme#widget#4#5",
    ] {
        let both = other.starts_with("me#");
        configure(
            &place,
            &format!("{remotes}[branch \"a\"]\n{}{}", key(other), key("acme#widget#3")),
        );
        let expected = if both {
            vec![]
        } else {
            vec![one(Source::PullRequestKey, "a #3")]
        };
        assert_eq!(found(&place), expected, "{other}");
    }
}

#[test]
fn a_file_of_git_lens_that_cannot_be_read() {
    let place = Place::new();
    let text = b"[branch \"a\"]\n\tgk-merge-base = main\n[branch \"b\"]\n\tgk-merge-target = a\n";
    let read = |repository: &Repository| config_keys::read(repository).pop();
    place.write("gk/config", text);
    assert_damage_is_survived(&place, "gk/config", text, read);
    place.write("gk/config", "[branch \"a");
    let records = place.read(read);
    assert_eq!((lines(&records).len(), unreadable(&place, &records).len()), (0, 1));
    assert_strange_files_are_told(&place, "gk/config", read);
}

#[test]
fn messages_that_name_a_pull_request() {
    let place = Place::new();
    configure(
        &place,
        "[remote \"origin\"]\n\turl = https://github.com/acme/widget.git\n",
    );
    let repository = place.repository();
    let branch = BranchName::new("feat").unwrap();
    let of = |messages: &[&str]| lines(&of_messages(&repository, &branch, messages.iter().copied()));
    let url = "https://github.com/acme/widget/pull/48";
    for message in [
        format!("Add b\n\nbody\n\nghstack-source-id: 0123\nPull-Request: {url}\n"),
        format!("Add b\n\nPull Request resolved: {url}"),
        format!("Add b\r\n\r\nPull-Request-resolved: {url}/\r\n"),
        format!("Add b\n\nstack-info: PR: {url}, branch: t/stack/2"),
        format!("Add b\n\nReviewers: x\n\nPull Request: {url}\n\n\n"),
        // What `git commit --amend --signoff` makes of it.
        format!("Add b\n\nPull Request resolved: {url}\n\nSigned-off-by: x <y>\nAcked-by: z\n"),
        "Add b\n\nPull-Request: https://gitlab.com/acme/widget/-/merge_requests/48".to_owned(),
    ] {
        assert_eq!(of(&[&message]), ["feat #48"], "{message}");
        let older = message.replace("48", "47");
        assert_eq!(of(&["On top", &message, &older]), ["feat #48"]);
    }
    for message in [
        "Add b".to_owned(),
        String::new(),
        // ejoffe's spr: the number is at the forge only.
        "Add b\n\ncommit-id:053f6d16\n".to_owned(),
        format!("Add b\n\nPull Request: {url}\n\nMore words"),
        format!("Add b\n\nPull Request: {url}\n\nWords\n\nAcked-by: z\n"),
        format!("Add b\n\nsee Pull Request: {url}"),
        "Add b\n\nPull-Request: https://github.com/other/widget/pull/48".to_owned(),
        "Add b\n\nPull-Request: https://github.com/acme/widget/pull/".to_owned(),
        "Add b\n\nPull-Request: https://github.com/acme/widget/issues/4".to_owned(),
        "Add b\n\nPull-Request: 48".to_owned(),
    ] {
        assert_eq!(of(&[&message]), [""; 0], "{message}");
    }
}
