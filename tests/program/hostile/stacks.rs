//! Records of stack tools that are damaged, huge, contradictory or very deep: what is told is right or unknown, and never wrong.
//!
//! Not here: each reader's own format (src/records/tests/), and tools that are really there (tests/peers/).

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::path::PathBuf;

use crate::sandbox::{Run, Sandbox, branchwork_in, field, git_in, run_with};

const GRAPHITE: &[u8] = include_bytes!("../../fixtures/graphite.db");

/// What `stack --all` says of each branch: parent, trunk, source; `?` behind a guess.
fn told(run: &Run) -> BTreeMap<String, String> {
    let rows: Vec<serde_json::Value> = serde_json::from_str(&run.stdout).unwrap();
    let row = |row: &serde_json::Value| {
        let text = |key: &str| row[key].as_str().unwrap();
        let guessed = if row["guessed"] == true { "?" } else { "" };
        let said = format!("{} of {}: {}{guessed}", text("parent"), text("trunk"), text("source"));
        (text("branch").to_owned(), said)
    };
    rows.iter().map(row).collect()
}

fn all(sandbox: &Sandbox) -> Run {
    sandbox.branchwork(["stack", "--all", "--json", "--verbose"])
}

/// Makes the branches, each with one commit on its base.
fn make(sandbox: &Sandbox, branches: impl IntoIterator<Item = (String, String)>) {
    let mut stream = String::new();
    for (at, (branch, base)) in branches.into_iter().enumerate() {
        let who = format!("Ada <ada@example.com> {} +0000", sandbox.now() + at as i64);
        writeln!(
            stream,
            "commit refs/heads/{branch}\nauthor {who}\ncommitter {who}\ndata 3\nAdd\nfrom refs/heads/{base}\n\
             M 100644 inline file-{}\ndata 3\n{at:03}",
            at % 10
        )
        .unwrap();
    }
    let mut command = sandbox.command("git");
    run_with(command.args(["fast-import", "--quiet"]), stream.as_bytes()).ok();
}

/// `feat/1` on main, and each up to `feat/<count>` on the one before it.
fn line(count: usize) -> Vec<(String, String)> {
    let base = |at: usize| match at {
        1 => "main".to_owned(),
        at => format!("feat/{}", at - 1),
    };
    (1..=count).map(|at| (format!("feat/{at}"), base(at))).collect()
}

fn parents(parents: &[(&str, &str)]) -> Vec<(String, String)> {
    let pairs = parents.iter();
    pairs
        .map(|(branch, base)| ((*branch).to_owned(), (*base).to_owned()))
        .collect()
}

/// Appends git-town's records to the configuration.
fn git_town(sandbox: &Sandbox, parents: &[(String, String)]) {
    let mut config = sandbox.read(".git/config");
    for (branch, parent) in parents {
        write!(config, "[git-town-branch \"{branch}\"]\n\tparent = {parent}\n").unwrap();
    }
    sandbox.write(".git/config", config);
}

#[test]
fn five_hundred_branches_deep() {
    let sandbox = Sandbox::new();
    let branches = line(500);
    make(&sandbox, branches.clone());
    let deep = |first: &str, others: &str| {
        let all = told(&all(&sandbox));
        assert_eq!(all.len(), 500);
        for (branch, parent) in &branches {
            let source = if parent == "main" { first } else { others };
            assert_eq!(all[branch], format!("{parent} of main: {source}"), "{branch}");
        }
    };
    deep("trunk?", "graph?");
    git_town(&sandbox, &branches);
    deep("git-town", "git-town");
    let drawn = sandbox.branchwork(["stack", "feat/250"]).stdout;
    let lines: Vec<&str> = drawn.lines().collect();
    assert_eq!((lines.len(), lines[1], lines[500]), (501, "├─○ feat/1", "└─○ feat/500"));
    // A hook makes a document in the middle, and refresh those at the ends.
    sandbox.git(["switch", "-q", "feat/250"]);
    let view = sandbox.view();
    assert_eq!(
        (field(&view, "base"), field(&view, "position"), field(&view, "total")),
        ("feat/249".into(), "250".into(), "500".into())
    );
    assert!(view.contains("├─○ feat/250 👈 Current\n├─○ feat/251\n"), "{view}");
    let listed = sandbox.branchwork(["list", "--stack"]).stdout;
    assert_eq!(listed.lines().count(), 501);
    // Each one indented below the one before.
    let mut layout = String::from("main\n");
    for (depth, (branch, _)) in branches.iter().enumerate() {
        writeln!(layout, "{}{branch}", " ".repeat(depth + 1)).unwrap();
    }
    sandbox.git(["config", "--remove-section", "git-town-branch.feat/500"]);
    sandbox.write(".git/machete", layout);
    assert_eq!(told(&all(&sandbox))["feat/500"], "feat/499 of main: git-machete");
}

#[test]
fn a_database_that_is_cut_or_damaged_anywhere() {
    let sandbox = Sandbox::without_hooks();
    let branches = line(40);
    make(&sandbox, branches.clone());
    let path = ".git/.graphite_metadata.db";
    sandbox.write(path, GRAPHITE);
    let whole = told(&all(&sandbox));
    assert!(whole.values().all(|said| said.ends_with(": graphite")), "{whole:?}");
    let mut refused = 0;
    let mut look = |bytes: &[u8], what: &str| {
        sandbox.write(path, bytes);
        let run = all(&sandbox);
        let all = told(&run);
        for (branch, parent) in &branches {
            let right = format!("{parent} of main: ");
            assert!(all[branch].starts_with(&right), "{what}: {branch}: {}", all[branch]);
        }
        let is_told = run.stderr.contains("is not read: ");
        let none = all.values().all(|said| !said.ends_with("graphite"));
        assert!(is_told || !none, "{what}: {}", run.stderr);
        refused += usize::from(is_told);
    };
    let cuts = (0..GRAPHITE.len()).step_by(512).flat_map(|page| [page, page + 301]);
    for length in cuts.filter(|length| *length > 0 && *length < GRAPHITE.len()) {
        look(&GRAPHITE[..length], &format!("cut at {length}"));
    }
    for start in (0..GRAPHITE.len()).step_by(256) {
        let mut bytes = GRAPHITE.to_vec();
        bytes[start..start + 256].fill(if start % 512 == 0 { 0xff } else { 0 });
        look(&bytes, &format!("damaged at {start}"));
    }
    assert!(refused > 60, "{refused} are told");
}

#[test]
fn files_of_fifty_megabytes() {
    let sandbox = Sandbox::without_hooks();
    make(&sandbox, parents(&[("one", "main"), ("two", "one")]));
    // What is looked at only where its tool is in use.
    git_town(&sandbox, &parents(&[("two", "one")]));
    let git = sandbox.repo().join(".git");
    std::fs::write(git.join(".graphite_metadata.db"), GRAPHITE).unwrap();
    let large = |path: PathBuf| {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let file = File::create(path).unwrap();
        file.set_len(50 * 1024 * 1024).unwrap();
    };
    let files = [
        "gh-stack",
        "machete",
        "av/av.db",
        "gitbutler/virtual_branches.toml",
        "gk/config",
        ".graphite_pr_info",
        ".graphite_repo_config",
    ];
    for file in files {
        large(git.join(file));
    }
    large(sandbox.repo().join("git-town.toml"));
    // A blob of two megabytes, by refs that tools keep.
    sandbox.write("blob", vec![b' '; 2 * 1024 * 1024]);
    let blob = sandbox.git(["hash-object", "-w", "blob"]).line().to_owned();
    for name in ["branch-metadata/one", "stackit/metadata/one"] {
        sandbox.git(["update-ref", &format!("refs/{name}"), &blob]);
    }
    let spice = "commit=$(git commit-tree -m data $(printf '040000 tree %s\\tbranches\\n' \
                 $(printf '100644 blob %s\\tone\\n' $BLOB | git mktree) | git mktree)); git update-ref refs/spice/data $commit";
    sandbox.shell(&spice.replace("$BLOB", &blob)).ok();
    let run = all(&sandbox);
    let expected = [("one", "main of main: trunk?"), ("two", "one of main: git-town")];
    for (branch, said) in expected {
        assert_eq!(told(&run)[branch], said, "{branch}");
    }
    for file in files {
        let named = run
            .stderr
            .lines()
            .filter(|line| line.contains(&format!(".git/{file}' is not read: it is larger")));
        assert_eq!(named.count(), 1, "{file}: {}", run.stderr);
    }
    for sentence in [
        "git-town.toml' is not read: ",
        "'refs/branch-metadata/one' is not read: ",
        "'refs/stackit/metadata/one' is not read: ",
        "'refs/spice/data:branches/one' is not read: ",
    ] {
        assert!(run.stderr.contains(sentence), "{sentence}: {}", run.stderr);
    }
    large(git.join(".graphite_metadata.db"));
    let run = all(&sandbox);
    assert!(
        run.stderr.contains(".graphite_metadata.db' is not read: it is larger"),
        "{}",
        run.stderr
    );
    // Without --verbose nobody is bothered.
    assert_eq!(sandbox.branchwork(["stack", "--all"]).stderr, "");
}

#[test]
fn circles_and_parents_that_cannot_be() {
    let sandbox = Sandbox::new();
    make(
        &sandbox,
        parents(&[("one", "main"), ("two", "one"), ("three", "two"), ("four", "three")]),
    );
    git_town(
        &sandbox,
        &parents(&[("one", "three"), ("two", "one"), ("three", "two"), ("four", "three")]),
    );
    let line = |sources: [&str; 4]| {
        let parents = ["main", "one", "two", "three"];
        let names = ["one", "two", "three", "four"];
        let pairs = names.iter().zip(parents).zip(sources);
        pairs
            .map(|((name, parent), source)| ((*name).to_owned(), format!("{parent} of main: {source}")))
            .collect::<BTreeMap<_, _>>()
    };
    // Nobody knows which of the circle's records is wrong.
    assert_eq!(told(&all(&sandbox)), line(["trunk?", "graph?", "graph?", "git-town"]));
    // But where the commits are with all of them but one, and another tool says otherwise.
    let tip = sandbox.git(["rev-parse", "one"]).line().to_owned();
    let aviator = format!(
        r#"{{"branches":{{"one":{{"parent":{{"name":"main","trunk":true}}}},"two":{{"parent":{{"name":"one","head":"{tip}"}}}}}}}}"#
    );
    for branch in ["one", "two", "three", "four"] {
        sandbox.git(["config", "--remove-section", &format!("git-town-branch.{branch}")]);
    }
    sandbox.write(".git/av/av.db", aviator);
    sandbox.write(".git/machete", "main\n\ttwo\n\t\tone\n");
    let run = all(&sandbox);
    assert_eq!(told(&run), line(["av", "av", "graph?", "graph?"]));
    assert!(run.stderr.contains("git-machete says 'two'"), "{}", run.stderr);
    for file in [".git/av/av.db", ".git/machete"] {
        std::fs::remove_file(sandbox.repo().join(file)).unwrap();
    }
    git_town(&sandbox, &parents(&[("three", "two"), ("four", "three")]));
    // Its own parent, one that is gone, one that can be none, and one that git refuses.
    for wrong in [
        "two",
        "gone",
        "-x",
        "refs/heads/../x",
        "@{u}",
        "HEAD",
        "a b",
        "\u{202e}",
    ] {
        sandbox.git(["config", "git-town-branch.one.parent", "main"]);
        sandbox.git(["config", "git-town-branch.two.parent", wrong]);
        assert_eq!(
            told(&all(&sandbox)),
            line(["git-town", "graph?", "git-town", "git-town"]),
            "{wrong}"
        );
    }
    // Hooks find the same in a circle, one branch after the other.
    for (branch, parent) in [("one", "three"), ("two", "one"), ("three", "two"), ("four", "three")] {
        sandbox.git(["config", &format!("git-town-branch.{branch}.parent"), parent]);
    }
    for (branch, base) in [("four", "three"), ("three", "two"), ("two", "one"), ("one", "main")] {
        sandbox.git(["switch", "-q", branch]);
        assert_eq!(field(&sandbox.view(), "base"), base, "{branch}");
    }
}

#[test]
fn two_trunks_of_a_tool() {
    let sandbox = Sandbox::new();
    make(
        &sandbox,
        parents(&[
            ("develop", "main"),
            ("feat", "develop"),
            ("above", "feat"),
            ("fix", "main"),
            ("done", "develop"),
        ]),
    );
    sandbox.write(".git/machete", "develop\n  feat\n    above\n  done\nmain\n  fix\n");
    let run = all(&sandbox);
    let expected = [
        ("above", "feat of develop: git-machete"),
        ("done", "develop of develop: git-machete"),
        ("feat", "develop of develop: git-machete"),
        ("fix", "main of main: git-machete"),
    ];
    let expected = expected.map(|(branch, said)| (branch.to_owned(), said.to_owned()));
    assert_eq!(told(&run), BTreeMap::from(expected));
    assert_eq!(
        sandbox.branchwork(["stack", "--all"]).stdout,
        "main\n└─○ fix\n\ndevelop\n├─○ feat\n└─○ above\n\ndevelop\n└─○ done\n"
    );
    let listed = sandbox.branchwork(["list", "--stack"]).stdout;
    assert!(listed.contains("\ndevelop\n├─○ feat   no document\n"), "{listed}");
    for branch in ["above", "fix"] {
        sandbox.git(["switch", "-q", branch]);
        let view = sandbox.view();
        let (base, place, drawing) = match branch {
            "fix" => ("main", ("1", "1"), "main\n└─○ fix 👈 Current\n"),
            _ => ("feat", ("2", "2"), "develop\n├─○ feat\n└─○ above 👈 Current\n"),
        };
        assert_eq!(field(&view, "base"), base);
        assert_eq!(
            (field(&view, "position").as_str(), field(&view, "total").as_str()),
            place
        );
        assert!(view.contains(&format!("```text\n{drawing}```")), "{view}");
    }
    // A look at all branches finds what the hooks did.
    let refreshed = sandbox.branchwork(["refresh", "--all"]).stderr;
    assert_eq!(refreshed, "All documents are up to date\n");
    // What develop has is merged; what it got from others is not the branch's own.
    sandbox.git_without_hooks(["switch", "-q", "done"]);
    sandbox.commit("more", "x\n", "More");
    sandbox.git_without_hooks(["switch", "-q", "develop"]);
    let trailer = "Other\n\nPull-Request: https://github.com/acme/widget/pull/7";
    sandbox.git(["remote", "set-url", "origin", "https://github.com/acme/widget.git"]);
    sandbox.git_without_hooks(["commit", "-q", "--allow-empty", "-m", trailer]);
    sandbox.git_without_hooks(["merge", "-q", "--no-edit", "done"]);
    sandbox.git_without_hooks(["switch", "-q", "-c", "new"]);
    sandbox.git_without_hooks(["commit", "-q", "--allow-empty", "-m", "New"]);
    sandbox.write(
        ".git/machete",
        "develop\n  feat\n    above\n  done\n  new\nmain\n  fix\n",
    );
    let rows: Vec<serde_json::Value> = serde_json::from_str(&all(&sandbox).stdout).unwrap();
    for row in rows {
        let is_done = row["branch"] == "done";
        assert_eq!(
            (&row["merged"], &row["pr"]),
            (&is_done.into(), &serde_json::Value::Null),
            "{row}"
        );
    }
}

/// What a tool keeps by name is followed by git's reflog, in whatever it keeps it.
#[test]
fn a_branch_that_git_renamed() {
    let sandbox = Sandbox::without_hooks();
    make(&sandbox, line(40));
    sandbox.write(".git/.graphite_metadata.db", GRAPHITE);
    sandbox.git(["branch", "-m", "feat/3", "third"]);
    sandbox.git(["branch", "-m", "feat/5", "fifth"]);
    sandbox.git(["branch", "-m", "fifth", "feat/fifth"]);
    let all = told(&all(&sandbox));
    for (branch, parent) in [
        ("third", "feat/2"),
        ("feat/4", "third"),
        ("feat/fifth", "feat/4"),
        ("feat/6", "feat/fifth"),
    ] {
        assert_eq!(all[branch], format!("{parent} of main: graphite"), "{branch}");
    }
}

/// Base, position and total of the document of `branch` in another clone.
fn place_in(sandbox: &Sandbox, folder: &str, branch: &str) -> [String; 3] {
    ["branch.base", "branch.position", "branch.total"].map(|key| {
        branchwork_in(sandbox, folder, &["get", key, "-b", branch])
            .ok()
            .line()
            .to_owned()
    })
}

/// A reviewer's clone has not got the lower branches, or some of them.
#[test]
fn a_clone_keeps_what_it_cannot_know() {
    let sandbox = Sandbox::new();
    for name in ["one", "two", "three"] {
        sandbox.git(["switch", "-q", "-c", name]);
        sandbox.commit(name, "x\n", &format!("Add {name}"));
    }
    sandbox.branchwork(["refresh", "--all"]);
    sandbox.git(["push", "-q", "--no-verify", "origin", "main", "one", "two", "three"]);
    let recorded = [("two", ["one", "2", "3"]), ("three", ["two", "3", "3"])];
    for (clone, branches, fetched) in [
        ("everything", &["three"][..], ""),
        ("some", &["two", "three"], ""),
        ("alone", &["three"], "--single-branch"),
        ("shallow", &["three"], "--depth=1"),
    ] {
        let mut arguments = vec!["clone", "-q", "--branch", "three"];
        arguments.extend(Some(fetched).filter(|option| !option.is_empty()));
        let remote = format!("file://{}", sandbox.path("remote.git").display());
        arguments.extend([remote.as_str(), clone]);
        git_in(&sandbox, "", &arguments);
        for branch in branches.iter().filter(|branch| **branch != "three") {
            git_in(&sandbox, clone, &["branch", "-q", branch, &format!("origin/{branch}")]);
        }
        let bring = "mkdir -p .git/branchwork && cp -R ../repo/.git/branchwork/. .git/branchwork/";
        let mut command = sandbox.command("sh");
        crate::sandbox::run(command.args(["-c", bring]).current_dir(sandbox.path(clone))).ok();
        branchwork_in(&sandbox, clone, &["init"]).ok();
        for arguments in [&["refresh"][..], &["refresh", "--stack"], &["refresh", "--all"]] {
            // Where not even the trunk is here, there is no stack.
            let run = branchwork_in(&sandbox, clone, arguments);
            assert!(
                run.code == 0 || run.stderr.contains("the trunk is not known"),
                "{}",
                run.stderr
            );
            for (branch, place) in recorded.iter().filter(|(branch, _)| branches.contains(branch)) {
                assert_eq!(
                    place_in(&sandbox, clone, branch),
                    *place,
                    "{branch} in {clone} after {arguments:?}"
                );
            }
        }
        // Nor do hooks, when somebody works on it.
        git_in(&sandbox, clone, &["commit", "-q", "--allow-empty", "-m", "Reviewed"]);
        assert_eq!(place_in(&sandbox, clone, "three"), ["two", "3", "3"], "{clone}");
        if clone == "everything" {
            // What is made above has its place above what the document tells of.
            git_in(&sandbox, clone, &["switch", "-q", "-c", "four"]);
            assert_eq!(place_in(&sandbox, clone, "four"), ["three", "4", "4"]);
            let drawing = "main\n├─… 2 not here\n├─○ three\n└─○ four 👈 Current\n";
            let view = std::fs::read_to_string(sandbox.path("everything/.branchwork/CURRENT.md")).unwrap();
            assert!(view.contains(&format!("```text\n{drawing}```\n")), "{view}");
            assert_eq!(branchwork_in(&sandbox, clone, &["stack"]).stdout, drawing);
            let json = branchwork_in(&sandbox, clone, &["stack", "--json"]).stdout;
            let rows: Vec<serde_json::Value> = serde_json::from_str(&json).unwrap();
            let keys = ["parent", "source", "guessed", "position", "total", "not_here"];
            let row = keys.map(|key| rows[0][key].to_string()).join(" ");
            assert_eq!(row, "\"two\" \"document\" false 3 4 2");
            let said = branchwork_in(&sandbox, clone, &["stack", "--verbose"]).stderr;
            let expected =
                "'three' stands on 'two' (recorded by document), 3 of 4 on the trunk 'main'; not here below it: 2\n";
            assert!(said.starts_with(expected), "{said}");
            // As soon as more of it is here, all that was drawn without it has it; what others drew stays.
            git_in(&sandbox, clone, &["switch", "-q", "two"]);
            let four = branchwork_in(&sandbox, clone, &["show", "-b", "four"]).stdout;
            let drawing = "main\n├─… 1 not here\n├─○ two\n├─○ three\n└─○ four 👈 Current\n";
            assert!(four.contains(&format!("```text\n{drawing}```\n")), "{four}");
            assert_eq!(place_in(&sandbox, clone, "four"), ["three", "4", "4"]);
            let three = branchwork_in(&sandbox, clone, &["show", "-b", "three"]).stdout;
            let drawing = "main\n├─○ one\n├─○ two\n└─○ three 👈 Current\n";
            assert!(three.contains(&format!("```text\n{drawing}```\n")), "{three}");
            git_in(&sandbox, clone, &["switch", "-q", "three"]);
            git_in(&sandbox, clone, &["branch", "-q", "-D", "two"]);
        }
        // A new branch stands on the one that it was made from, and the same is told of what is below.
        git_in(&sandbox, clone, &["switch", "-q", "-c", "mine"]);
        git_in(&sandbox, clone, &["commit", "-q", "--allow-empty", "-m", "Mine"]);
        let run = branchwork_in(&sandbox, clone, &["stack", "--all", "--json"]);
        if run.code == 0 {
            let rows: Vec<serde_json::Value> = serde_json::from_str(&run.stdout).unwrap();
            for (branch, parent) in [("mine", "three"), ("three", "two")] {
                let row = rows.iter().find(|row| row["branch"] == branch).unwrap();
                assert!(row["parent"] == parent || row["guessed"] == true, "{clone}: {row}");
            }
            assert_eq!(place_in(&sandbox, clone, "mine")[0], "three", "{clone}");
        }
    }
}

/// A hook that reads a file while its tool writes it keeps what the document was told from it.
#[test]
fn a_file_that_is_being_written_takes_nothing_out_of_a_document() {
    let sandbox = Sandbox::new();
    make(&sandbox, line(2));
    let whole = r#"{"prInfos":[
        {"prNumber":47,"state":"OPEN","reviewDecision":"APPROVED","headRefName":"feat/1","isDraft":false,"versions":[]},
        {"prNumber":48,"state":"OPEN","reviewDecision":null,"headRefName":"feat/2","isDraft":true,"versions":[]}]}"#;
    let (database, infos) = (".git/.graphite_metadata.db", ".git/.graphite_pr_info");
    let write = |path: &str, bytes: &[u8]| {
        sandbox.write(path, bytes);
        let file = std::fs::File::options()
            .write(true)
            .open(sandbox.repo().join(path))
            .unwrap();
        let now = std::time::UNIX_EPOCH + std::time::Duration::from_secs(sandbox.now().try_into().unwrap());
        file.set_modified(now).unwrap();
    };
    write(database, GRAPHITE);
    write(infos, whole.as_bytes());
    sandbox.git(["switch", "-q", "feat/2"]);
    let drawing = "main\n├─○ feat/1 (PR #47) 👍 Approved\n└─○ feat/2 (PR #48) 📝 Draft 👈 Current\n";
    let is_drawn = || sandbox.view().contains(&format!("```text\n{drawing}```"));
    assert!(is_drawn(), "{}", sandbox.view());
    let versions = || {
        let tip = sandbox
            .store(["for-each-ref", "--format=%(refname)", "refs/branchwork/docs/feat/2"])
            .stdout;
        sandbox
            .store(["rev-list", "--count", tip.trim()])
            .ok()
            .stdout
            .trim()
            .parse::<u32>()
            .unwrap()
    };
    let wal = ".git/.graphite_metadata.db-wal";
    for (path, half) in [
        (infos, &whole.as_bytes()[..170]),
        (database, &GRAPHITE[..3000]),
        (wal, b"x"),
    ] {
        let before = versions();
        sandbox.wait(1);
        write(path, half);
        sandbox.commit("file", path, "More");
        sandbox.branchwork(["show"]);
        assert!(is_drawn(), "{path}: {}", sandbox.view());
        // The commit's.
        assert_eq!(versions(), before + 1, "{path}");
        // What somebody asks for is found out as far as it can be.
        let said = sandbox.branchwork(["refresh", "--stack"]).stderr;
        assert!(said.contains("is not read: "), "{path}: {said}");
        assert!(!is_drawn(), "{path}: {}", sandbox.view());
        match path {
            _ if path == wal => std::fs::remove_file(sandbox.repo().join(path)).unwrap(),
            _ if path == infos => write(path, whole.as_bytes()),
            _ => write(path, GRAPHITE),
        }
        sandbox.branchwork(["show"]);
        assert!(is_drawn(), "{path}: {}", sandbox.view());
    }
    // What git knows of a branch that it may tell of is not sure meanwhile.
    sandbox.git_without_hooks(["branch", "new", "feat/2"]);
    let new = || told(&all(&sandbox))["new"].clone();
    assert_eq!(new(), "feat/2 of main: creation");
    // One that stays as it is was not being written.
    write(infos, b"{");
    assert_eq!(new(), "feat/2 of main: creation?");
    sandbox.git(["branch", "-q", "-D", "new"]);
    sandbox.branchwork(["show"]);
    assert!(is_drawn(), "{}", sandbox.view());
    sandbox.wait(10);
    sandbox.branchwork(["show"]);
    assert!(!is_drawn(), "{}", sandbox.view());
}

/// A pipe waits for its writer, and git, which lists refs, steps over it.
#[cfg(unix)]
#[test]
fn nobody_waits_for_a_pipe_among_the_refs() {
    use crate::sandbox::run;
    let sandbox = Sandbox::new();
    sandbox.git(["switch", "-q", "-c", "one"]);
    let pipes = ["refs/branch-metadata/x", "refs/spice/data", "refs/heads/x"];
    for name in pipes {
        let path = sandbox.repo().join(".git").join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        run(sandbox.command("mkfifo").arg(&path)).ok();
    }
    std::os::unix::fs::symlink("x", sandbox.repo().join(".git/refs/heads/link")).unwrap();
    sandbox.commit("one", "x\n", "Add one");
    sandbox.git(["switch", "-q", "-c", "two"]);
    sandbox.commit("two", "x\n", "Add two");
    sandbox.branchwork(["init"]);
    sandbox.branchwork(["refresh", "--all"]);
    let run = sandbox.branchwork(["stack", "--all", "--verbose"]);
    assert_eq!(run.stdout, "main\n├─○ one\n└─○ two 👈 Current\n");
    for name in &pipes[..2] {
        let why = format!("warning: '{name}' is not read: it is not a regular file\n");
        assert!(run.stderr.contains(&why), "{}", run.stderr);
    }
}
