//! What finding again costs with many documents: `cargo bench --bench find`, with `-- <live> <archived>` for other numbers than
//! 10,000 and 100,000, and `--in <folder>` to measure on another disk than that of the target folder.
//!
//! The documents are made by a generator and brought into the store by `git fast-import`. Numbers are for people.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a program for people at a terminal, which may stop at the first thing that goes wrong"
)]

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

/// How often each command is run; the fastest and the median are told.
const ROUNDS: usize = 7;
/// How often what takes seconds is run.
const FEW_ROUNDS: usize = 3;
/// How many versions a document has that was worked on for weeks.
const VERSIONS: usize = 100;
/// Over how many months the archived ones are spread.
const MONTHS: usize = 24;
const WORDS: [&str; 16] = [
    "index", "queue", "lock", "retry", "cache", "page", "parser", "branch", "token", "commit", "reader", "writer",
    "limit", "client", "server", "schema",
];

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let numbers: Vec<usize> = arguments.iter().filter_map(|argument| argument.parse().ok()).collect();
    let place = arguments.iter().skip_while(|argument| *argument != "--in").nth(1);
    let place = place.map_or(env!("CARGO_TARGET_TMPDIR"), String::as_str);
    let live = numbers.first().copied().unwrap_or(10_000);
    let archived = numbers.get(1).copied().unwrap_or(100_000);
    let folder = Path::new(place).join("find-bench");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    git(&folder, &["init", "-q", "-b", "main"]);
    std::fs::write(folder.join("a.rs"), "one\n").unwrap();
    git(&folder, &["add", "a.rs"]);
    git(&folder, &["commit", "-q", "-m", "Begin"]);
    git(&folder, &["switch", "-q", "-c", "feat"]);
    std::fs::write(folder.join("a.rs"), "one\ntwo\n").unwrap();
    git(&folder, &["commit", "-q", "-a", "-m", "Add two"]);
    branchwork(&folder, &["create"]);
    packed_refs(&folder.join(".git"), "refs/heads/live", live, &commit(&folder));
    let store = folder.join(".git/branchwork");
    import(&store, live, archived);
    println!(
        "{live} live and {archived} archived documents, {} KiB",
        size(&store) / 1024
    );
    let forget = || drop(std::fs::remove_file(store.join("sieves")));
    let nothing = || ();
    measure(
        FEW_ROUNDS,
        &folder,
        &["search", "zyzzyva"],
        "for the first time",
        &forget,
    );
    println!("the sieves have {} KiB", file_size(&store.join("sieves")) / 1024);
    for arguments in [
        &["search", "zyzzyva"][..],
        &["search", "queue", "zyzzyva"],
        &["list", "-z"],
        &["list"],
        &["why", "a.rs:2"],
        &["why", "a.rs:1"],
    ] {
        measure(ROUNDS, &folder, arguments, "", &nothing);
    }
    for arguments in [
        &[
            "search",
            "queue",
            "parser",
            "--field",
            "risk=high",
            "--status",
            "abandoned",
        ][..],
        &["search", "-E", "zyzz[xy]va"],
        &["list", "--archived"],
    ] {
        measure(FEW_ROUNDS, &folder, arguments, "", &nothing);
    }
    push(&folder, live);
    sync(&folder);
    let times = (0..ROUNDS.min(live)).map(|number| {
        let branch = format!("live/{number}");
        let begun = Instant::now();
        branchwork(&folder, &["archive", &branch]);
        milliseconds(begun)
    });
    tell(times.collect(), "archive of one branch");
    versions(&folder.join("versions"), live / 10);
}

fn git(folder: &Path, arguments: &[&str]) {
    let done = command("git", folder).args(arguments).status().unwrap();
    assert!(done.success(), "git {arguments:?}");
}

fn branchwork(folder: &Path, arguments: &[&str]) {
    let program = env!("CARGO_BIN_EXE_git-branchwork");
    let done = command(program, folder)
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    assert!(done.unwrap().code().is_some_and(|code| code < 2), "{arguments:?}");
}

fn command(program: &str, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1");
    for who in ["AUTHOR", "COMMITTER"] {
        command
            .env(format!("GIT_{who}_NAME"), "Ada")
            .env(format!("GIT_{who}_EMAIL"), "ada@example.com");
        command.env(format!("GIT_{who}_DATE"), "@1756493700 +0000");
    }
    command
}

/// The commit of `feat`.
fn commit(folder: &Path) -> String {
    let said = command("git", folder).args(["rev-parse", "feat"]).output().unwrap();
    String::from_utf8(said.stdout).unwrap().trim().to_owned()
}

/// Runs a command after `before` so often.
fn measure(rounds: usize, folder: &Path, arguments: &[&str], when: &str, before: &dyn Fn()) {
    let times = (0..rounds).map(|_| {
        before();
        let begun = Instant::now();
        branchwork(folder, arguments);
        milliseconds(begun)
    });
    tell(times.collect(), &format!("{} {when}", arguments.join(" ")));
}

fn tell(mut times: Vec<f64>, what: &str) {
    times.sort_by(f64::total_cmp);
    println!("{:8.1} ms, median {:8.1}  {what}", times[0], times[times.len() / 2]);
}

/// What a teammate's `git push` of a branch costs when the remote has the refs of the live documents, and without them.
fn push(folder: &Path, live: usize) {
    let remote = folder.join("remote.git");
    git(folder, &["init", "-q", "--bare", "remote.git"]);
    let push = |what: &str| {
        let times = (0..ROUNDS).map(|round| {
            let begun = Instant::now();
            git(
                folder,
                &[
                    "push",
                    "-q",
                    "--no-verify",
                    "remote.git",
                    &format!("HEAD:refs/heads/{what}{round}"),
                ],
            );
            milliseconds(begun)
        });
        times.collect()
    };
    tell(push("without"), "git push to a remote without documents");
    packed_refs(&remote, "refs/branchwork/docs/live", live, &commit(folder));
    tell(push("with"), &format!("git push to a remote with {live} documents"));
}

/// What a sync of one branch costs when all documents are on the remote too and were fetched, with nothing new and with a new version.
fn sync(folder: &Path) {
    git(folder, &["init", "-q", "--bare", "shared.git"]);
    let shared = folder.join("shared.git");
    git(folder, &["remote", "add", "origin", shared.to_str().unwrap()]);
    let store = folder.join(".git/branchwork");
    let in_store = |command: &str, refspecs: [&str; 2]| {
        let done = command_in_store(&store)
            .args([command, "-q"])
            .arg(&shared)
            .args(refspecs)
            .status();
        assert!(done.unwrap().success(), "{command}");
    };
    let [docs, archives] = ["docs", "archive"].map(|kind| format!("refs/branchwork/{kind}/*"));
    in_store("push", [&format!("{docs}:{docs}"), &format!("{archives}:{archives}")]);
    let [docs, archives] = [("docs", docs), ("archive", archives)]
        .map(|(kind, refs)| format!("+{refs}:refs/branchwork/remotes/origin/{kind}/*"));
    in_store("fetch", [&docs, &archives]);
    git(&shared, &["pack-refs", "--all"]);
    branchwork(folder, &["sync"]);
    measure(ROUNDS, folder, &["sync"], "with nothing new", &|| ());
    let log = || branchwork(folder, &["log", "One more"]);
    measure(ROUNDS, folder, &["sync"], "of a new version", &log);
}

fn command_in_store(store: &Path) -> Command {
    let mut git = command("git", store);
    git.arg("--git-dir").arg(store);
    git
}

/// Refs of one folder, all at one commit.
fn packed_refs(git_dir: &Path, folder: &str, number: usize, id: &str) {
    let mut names: Vec<String> = (0..number).map(|number| format!("{folder}/{number}")).collect();
    names.sort();
    let mut text = "# pack-refs with: peeled fully-peeled sorted \n".to_owned();
    for name in names {
        writeln!(text, "{id} {name}").unwrap();
    }
    std::fs::write(git_dir.join("packed-refs"), text).unwrap();
}

/// How large a store is with a hundred versions of so many documents, packed as `git branchwork archive` packs it.
fn versions(folder: &Path, live: usize) {
    git(
        folder.parent().unwrap(),
        &["init", "-q", "--bare", folder.to_str().unwrap()],
    );
    let mut child = Command::new("git")
        .args(["-c", "fastimport.unpackLimit=0", "--git-dir"])
        .arg(folder)
        .args(["fast-import", "--quiet", "--force"])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = std::io::BufWriter::new(child.stdin.take().unwrap());
    for number in 0..live {
        let mut text = document(number, None);
        let reference = format!("refs/branchwork/docs/live/{number}/{}", id(number));
        for version in 0..VERSIONS {
            let time = 1_756_493_700 + version * 60;
            writeln!(text, "- {}", hash(number * VERSIONS + version)).unwrap();
            write!(
                input,
                "commit {reference}\ncommitter Ada <ada@example.com> {time} +0000\ndata 4\nmake\nM 100644 inline \
                 BRANCHWORK.md\ndata {}\n{text}\n",
                text.len()
            )
            .unwrap();
        }
    }
    drop(input);
    assert!(child.wait().unwrap().success());
    println!(
        "{} KiB: {live} documents of {VERSIONS} versions",
        size(&folder.join("objects/pack")) / 1024
    );
}

fn milliseconds(begun: Instant) -> f64 {
    begun.elapsed().as_secs_f64() * 1000.0
}

/// One pack, as after `git branchwork archive` packed it; a ref for each live document, a folder of the archive for each month.
fn import(store: &Path, live: usize, archived: usize) {
    let mut child = Command::new("git")
        .args(["-c", "fastimport.unpackLimit=0", "--git-dir"])
        .arg(store)
        .args(["fast-import", "--quiet", "--force"])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = std::io::BufWriter::new(child.stdin.take().unwrap());
    let by = "committer Ada <ada@example.com> 1756493700 +0000\ndata 4\nmake\n";
    for number in 0..live {
        let text = document(number, None);
        let reference = format!("refs/branchwork/docs/live/{number}/{}", id(number));
        let head = format!("commit {reference}\n{by}M 100644 inline BRANCHWORK.md\n");
        write!(input, "{head}data {}\n{text}\n", text.len()).unwrap();
    }
    for month in 0..MONTHS {
        let (year, month_of_year) = (2024 + month / 12, month % 12 + 1);
        write!(input, "commit refs/branchwork/archive/{year}\n{by}").unwrap();
        for number in (month..archived).step_by(MONTHS) {
            let number = live + number;
            let text = document(number, Some(number));
            let stamp = format!("{year}{month_of_year:02}010900");
            let path = format!("{month_of_year:02}/{stamp}-branchwork-done-{number}-{}.md", id(number));
            write!(input, "M 100644 inline {path}\ndata {}\n{text}\n", text.len()).unwrap();
        }
    }
    drop(input);
    assert!(child.wait().unwrap().success());
}

fn id(number: usize) -> String {
    format!("01H{number:023}")
}

/// Forty hexadecimal digits that look like any others.
fn hash(number: usize) -> String {
    let mut state = number as u64;
    let digits = (0..3).map(|_| {
        // SplitMix64.
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        format!("{:016x}", mixed ^ (mixed >> 31))
    });
    digits.collect::<String>()[..40].to_owned()
}

/// About 2.5 KiB, as a small branch leaves it.
fn document(number: usize, archived: Option<usize>) -> String {
    let mut state = number as u64 + 1;
    let mut next = move |below: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    let branch = if archived.is_some() { "done" } else { "live" };
    let risk = ["low", "medium", "high"][next(3)];
    let mut text = format!(
        "---\ndate: 2025-08-29 18:55 UTC\nslug: branchwork-{branch}-{number}\nstatus: approved\npr: {number}\nbranch:\n  name: \
         {branch}/{number}\n  base: main\n  position: 1\n  total: 1\nreviewers: [grace]\ndri: ada\nscope: src\nrisk: {risk}\n\
         backout_plan: revert\nlast_updated: 2025-08-29 18:55 UTC\n---\n"
    );
    if archived.is_some() {
        let outcome = if next(8) == 0 { "abandoned" } else { "merged" };
        let version = hash(number * 8 + 7);
        write!(
            text,
            "\n## Archived\n<!-- branchwork:archived -->\n\n- Outcome: {outcome}\n- Branch: `{branch}/{number}`\n"
        )
        .unwrap();
        write!(
            text,
            "- Version: {version}\n- Commit: {version} {} Change it\n\n",
            &hash(number)[24..]
        )
        .unwrap();
    }
    write!(text, "\n# PR #{number}: Change it\n\n## Decisions\n\n").unwrap();
    for _ in 0..4 {
        text.push('-');
        for _ in 0..12 {
            write!(text, " {}", WORDS[next(WORDS.len())]).unwrap();
        }
        text.push('\n');
    }
    text.push_str("\n## Updates\n");
    for entry in 0..5 {
        let commit = hash(number * 8 + entry);
        let file = format!("src/{}/{}.rs", WORDS[next(WORDS.len())], WORDS[next(WORDS.len())]);
        write!(
            text,
            "\n### 2025-08-29 18:5{entry}: [@ada] Change {}\n<!-- branchwork:commit {commit} -->\n\n",
            WORDS[next(16)]
        )
        .unwrap();
        write!(
            text,
            "- Files changed (1 file, +3/-1):\n  - `{file}` - modified (+3/-1)\n"
        )
        .unwrap();
    }
    if number.is_multiple_of(20_000) {
        text.push_str("\n## Notes\n\n- zyzzyva\n");
    }
    text
}

fn file_size(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |metadata| metadata.len())
}

fn size(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.file_type().unwrap().is_dir() {
            true => size(&entry.path()),
            false => entry.metadata().unwrap().len(),
        })
        .sum()
}
