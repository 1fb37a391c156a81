//! What is measured, and the tables that tell it.

use std::fs;
use std::path::{Path, PathBuf};

use crate::process::{self, Cost, median};
use crate::repository::{Hooks, Repository, Size, program};
use crate::stacks;

/// The targets: of the whole command over the same with a no-op hook, of CPU time over it, and so on.
const MOST_TIMES_NO_OP: f64 = 1.5;
const MOST_CPU: f64 = 3.0;
const MOST_TIMES_SMALL: f64 = 1.2;
const MOST_MEMORY: f64 = 30.0;
const MOST_LARGE_DOCUMENT: f64 = 100.0;
/// Commits in the rebase.
const PICKS: usize = 100;

/// One command, once per set of hooks, in the order of [`Hooks::ALL`].
type Round = [Cost; 4];

/// Measures everything in `place` and prints it.
pub(crate) fn run(place: &Path, quick: bool) {
    fs::create_dir_all(place).unwrap();
    let rounds = if quick { 10 } else { 40 };
    let git = on_path("git");
    println!("{}", program().display());
    println!(
        "in {}, where a new file takes {:.0} microseconds",
        place.display(),
        new_file(place)
    );
    let mut small = Repository::make(&place.join("small"), Size::Small, &git);
    whole_commands(&mut small, &format!("small repository, {}", version(&git)), rounds);
    let mut large = Repository::make(&place.join("large"), Size::Large, &git);
    whole_commands(
        &mut large,
        "100,000 files, 100,000 commits, 10,000 branches",
        rounds / 3,
    );
    hooks_alone([&mut small, &mut large], rounds);
    stacks::run(&mut large, rounds / 4);
    stacks::beside_graphite(&mut small, rounds / 4);
    others(&mut small, rounds / 4);
    match std::env::var_os("BRANCHWORK_TEST_GIT").map(PathBuf::from) {
        None => println!("\nHooks in git's configuration: not measured; BRANCHWORK_TEST_GIT names no git."),
        Some(git) => {
            let mut small = Repository::make(&place.join("small-config"), Size::Small, &git);
            whole_commands(&mut small, &format!("small repository, {}", version(&git)), rounds);
        }
    }
}

/// What it takes to make a small file, in microseconds: a hook that saves a version makes nine, folders included.
fn new_file(place: &Path) -> f64 {
    let folder = place.join("files");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir(&folder).unwrap();
    median((0..50).map(|n| {
        let start = std::time::Instant::now();
        fs::write(folder.join(n.to_string()), "text").unwrap();
        start.elapsed().as_secs_f64() * 1e6
    }))
}

fn on_path(name: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap();
    std::env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|path| path.is_file())
        .unwrap()
}

fn version(git: &Path) -> String {
    let output = std::process::Command::new(git).arg("version").output().unwrap();
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// Git's commands with each set of hooks.
fn whole_commands(repository: &mut Repository, title: &str, rounds: usize) {
    println!("\n{title}: milliseconds, median of {rounds}; in brackets over no hook");
    println!(
        "{:<18}{:>8}{:>15}{:>15}{:>15}   ours over no-op",
        "", "no hook", "no-op sh", "git plumbing", "branchwork"
    );
    let measured = |name: &str, round: &mut dyn FnMut(Hooks, usize) -> Cost| {
        let rounds: Vec<Round> = (0..rounds + 2).map(|n| by_turns(n, round)).skip(2).collect();
        tell(name, &rounds);
    };
    measured("git commit", &mut |hooks, n| commit(repository, hooks, n));
    measured("git switch", &mut |hooks, _| {
        let cost = repository.timed(hooks, &["switch", "-q", "two"]);
        repository.timed(hooks, &["switch", "-q", "one"]);
        cost
    });
    measured("git switch -c", &mut |hooks, n| {
        let name = format!("new-{n}-{hooks:?}");
        let cost = repository.timed(hooks, &["switch", "-q", "-c", &name]);
        repository.timed(hooks, &["switch", "-q", "one"]);
        repository.ok(&["branch", "-q", "-D", &name]);
        cost
    });
    measured("git push", &mut |hooks, n| {
        repository.switch_hooks(Hooks::None);
        repository.stage(1_000_000 + n * 4 + hooks as usize);
        repository.ok(&["commit", "-q", "-m", "to be pushed"]);
        let name = format!("one:refs/heads/pushed-{n}-{hooks:?}");
        repository.timed(hooks, &["push", "-q", "origin", &name])
    });
}

/// Commits one changed file. All sets of hooks commit on the same branch, from the same tip.
fn commit(repository: &mut Repository, hooks: Hooks, n: usize) -> Cost {
    repository.switch_hooks(Hooks::None);
    repository.stage(n * 4 + hooks as usize);
    let message = format!("change {n}\n\nWhy it was changed, in a line or two.\n");
    let cost = repository.timed(hooks, &["commit", "-q", "-m", &message]);
    if hooks != Hooks::Ours {
        repository.switch_hooks(Hooks::None);
        repository.ok(&["reset", "-q", "--hard", "HEAD~1"]);
    }
    cost
}

/// One round: each set of hooks once, another one first each time.
fn by_turns(n: usize, measure: &mut dyn FnMut(Hooks, usize) -> Cost) -> Round {
    let mut round = [Cost {
        wall: 0.0,
        cpu: 0.0,
        peak: 0.0,
    }; 4];
    for turn in 0..round.len() {
        let index = (n + turn) % round.len();
        round[index] = measure(Hooks::ALL[index], n);
    }
    round
}

fn tell(name: &str, rounds: &[Round]) {
    let none = median(rounds.iter().map(|round| round[0].wall));
    print!("{name:<18}{none:>8.1}");
    for index in 1..4 {
        let wall = median(rounds.iter().map(|round| round[index].wall));
        let ratio = median(rounds.iter().map(|round| round[index].wall / round[0].wall));
        print!("{:>15}", format!("{wall:.1} ({ratio:.2})"));
    }
    let over = median(rounds.iter().map(|round| round[3].wall / round[1].wall));
    let cpu = median(rounds.iter().map(|round| round[3].cpu - round[1].cpu));
    let plumbing = median(rounds.iter().map(|round| round[2].cpu - round[1].cpu));
    println!(
        "   {}, {} CPU (plumbing {plumbing:+.1} ms)",
        met(format!("{over:.2}"), over, MOST_TIMES_NO_OP),
        met(format!("{cpu:+.1} ms"), cpu, MOST_CPU)
    );
}

fn met(text: String, value: f64, most: f64) -> String {
    let verdict = if value <= most { "met" } else { "MISSED" };
    format!("{text} [<= {most}: {verdict}]")
}

/// The hook's own process in a small and in a large repository, on a processor whose caches git has not just filled with an index
/// of 10 MB: HEAD and the branches are moved without it.
fn hooks_alone(repositories: [&mut Repository; 2], rounds: usize) {
    println!("\nthe hook's process alone: milliseconds wall / CPU, median of {rounds}");
    println!(
        "{:<24}{:>14}{:>14}   large over small, peak memory",
        "", "small", "large"
    );
    type HookFn = fn(&mut Repository, usize) -> Cost;
    let hooks: [(&str, HookFn); 6] = [
        ("post-commit", |repository, n| {
            repository.switch_hooks(Hooks::Ours);
            repository.commit_nothing(&format!("change {n}"));
            process::run(repository.program().args(["hook", "post-commit"]))
        }),
        ("post-checkout", |repository, _| {
            repository.switch_hooks(Hooks::Ours);
            let mut cost = None;
            for branch in ["two", "one"] {
                repository.point_head_at(branch);
                cost = Some(repository.after_checkout());
            }
            cost.unwrap()
        }),
        ("post-checkout, new", |repository, n| {
            repository.switch_hooks(Hooks::Ours);
            repository.ok(&["branch", &format!("alone-{n}")]);
            repository.point_head_at(&format!("alone-{n}"));
            let cost = repository.after_checkout();
            repository.point_head_at("one");
            repository.after_checkout();
            cost
        }),
        ("the same, in a stack", stacks::checkout_of_top),
        ("the same, recorded anew", stacks::checkout_after_a_tool),
        ("the same, inferred", stacks::checkout_of_what_nobody_recorded),
    ];
    let [small, large] = repositories;
    stacks::build(small);
    stacks::build(large);
    for (name, hook) in hooks {
        let rounds: Vec<[Cost; 2]> = (0..rounds + 2)
            .map(|n| [hook(small, n), hook(large, n)])
            .skip(2)
            .collect();
        let of = |index: usize| {
            let wall = median(rounds.iter().map(|round| round[index].wall));
            let cpu = median(rounds.iter().map(|round| round[index].cpu));
            format!("{wall:.2} / {cpu:.2}")
        };
        let ratio = median(rounds.iter().map(|round| round[1].wall / round[0].wall));
        let peak = rounds.iter().flatten().map(|cost| cost.peak).fold(0.0, f64::max);
        println!(
            "{name:<24}{:>14}{:>14}   {}, {}",
            of(0),
            of(1),
            met(format!("{ratio:.2}"), ratio, MOST_TIMES_SMALL),
            met(format!("{peak:.0} MB"), peak, MOST_MEMORY)
        );
    }
}

/// A rebase, and a document of 5 MB.
fn others(repository: &mut Repository, rounds: usize) {
    println!("\nothers: milliseconds, median of {rounds}");
    let rebase: Vec<Round> = rebases(repository, rounds);
    tell(&format!("rebase of {PICKS}"), &rebase);

    repository.switch_hooks(Hooks::Ours);
    repository.ok(&["switch", "-q", "-c", "long", "main"]);
    let mut text = fs::read(repository.view()).unwrap();
    let start = text.len();
    let mut n = 0;
    let mut entries = Vec::new();
    while start + entries.len() < 5_000_000 {
        let entry = format!(
            "### 2025-08-29 18:55: [@ann] Entry {n}\n\nWhat was done for {n}, and *why*.\n\n- `src/{n}.rs`\n\n"
        );
        entries.extend_from_slice(entry.as_bytes());
        n += 1;
    }
    let marker = b"## Updates\n\n";
    let at = text.windows(marker.len()).position(|window| window == marker).unwrap() + marker.len();
    text.splice(at..at, entries);
    fs::write(repository.view(), text).unwrap();
    process::run(repository.program().args(["log", "the first takes the edit in"]));
    let append = |_| process::run(repository.program().args(["log", "one more"]));
    let costs: Vec<Cost> = (0..rounds).map(append).collect();
    repository.ok(&["switch", "-q", "one"]);
    let wall = median(costs.iter().map(|cost| cost.wall));
    let cpu = median(costs.iter().map(|cost| cost.cpu));
    let peak = median(costs.iter().map(|cost| cost.peak));
    let text = format!("{wall:.0}");
    println!(
        "log to a 5 MB document: {}, {cpu:.0} CPU, {peak:.0} MB",
        met(text, wall, MOST_LARGE_DOCUMENT)
    );
}

/// The same commits, back and forth between two bases.
fn rebases(repository: &mut Repository, rounds: usize) -> Vec<Round> {
    repository.switch_hooks(Hooks::Ours);
    for base in ["base-0", "base-1"] {
        repository.ok(&["switch", "-q", "-c", base, "main"]);
        repository.ok(&["commit", "-q", "--allow-empty", "-m", base]);
    }
    repository.ok(&["switch", "-q", "-c", "moved"]);
    for n in 0..PICKS {
        repository.stage(3_000_000 + n);
        repository.ok(&["commit", "-q", "-m", &format!("pick {n}")]);
    }
    let mut on = 1;
    let mut rebase = |hooks, _| {
        let (from, to) = (format!("base-{on}"), format!("base-{}", 1 - on));
        on = 1 - on;
        repository.timed(hooks, &["rebase", "-q", "--onto", &to, &from])
    };
    let measured = (0..rounds + 1).map(|n| by_turns(n, &mut rebase)).skip(1).collect();
    repository.switch_hooks(Hooks::Ours);
    repository.ok(&["switch", "-q", "one"]);
    measured
}
