//! How long it takes to find out who stands on whom: in a hook; for 1,000 branches in stacks of five that nobody recorded, beside
//! the 10,000 branches and 100,000 commits of the large repository; and for the answer that Graphite's `gt log` gives.

use std::fmt::Write as _;

use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::process::{self, Cost, median};
use crate::repository::{Hooks, Repository};

const BRANCHES: usize = 1_000;
const DEPTH: usize = 5;
const COMMITS: usize = 3;
/// In milliseconds, the start of the process included.
const MOST_FOR_ALL: f64 = 1_000.0;
/// Where refs were written a shorter time ago a hook does not trust their times.
const SETTLED: Duration = Duration::from_millis(2_100);

/// Five branches, each on the one before, with documents: `layer-1` to `layer-5`.
pub(crate) fn build(repository: &mut Repository) {
    repository.switch_hooks(Hooks::Ours);
    let mut below = "main".to_owned();
    for n in 1..=DEPTH {
        let name = format!("layer-{n}");
        repository.ok(&["branch", &name, &below]);
        repository.point_head_at(&name);
        repository.commit_nothing(&name);
        repository.after_checkout();
        below = name;
    }
    std::thread::sleep(SETTLED);
    for name in ["layer-5", "two", "one"] {
        repository.point_head_at(name);
        repository.after_checkout();
    }
}

/// To the top of the stack and away: nothing of it has changed.
pub(crate) fn checkout_of_top(repository: &mut Repository, _: usize) -> Cost {
    repository.switch_hooks(Hooks::Ours);
    repository.point_head_at("layer-5");
    let cost = repository.after_checkout();
    repository.point_head_at("one");
    repository.after_checkout();
    cost
}

/// The same, after a tool wrote down the same stack again.
pub(crate) fn checkout_after_a_tool(repository: &mut Repository, n: usize) -> Cost {
    let lines = (1..=DEPTH).map(|layer| format!("{}layer-{layer} PR #{n}\n", " ".repeat(layer)));
    let text = format!("main\n{}", lines.collect::<String>());
    fs::write(repository.git_file("machete"), text).unwrap();
    let cost = checkout_of_top(repository, n);
    fs::remove_file(repository.git_file("machete")).unwrap();
    cost
}

/// A branch without a document whose parent no reflog and no record tells.
pub(crate) fn checkout_of_what_nobody_recorded(repository: &mut Repository, n: usize) -> Cost {
    repository.switch_hooks(Hooks::Ours);
    let name = format!("nobodys-{n}");
    repository.ok(&["update-ref", &format!("refs/heads/{name}"), "layer-5"]);
    let log = repository.git_file(&format!("logs/refs/heads/{name}"));
    let _ = fs::remove_file(log);
    repository.point_head_at(&name);
    repository.commit_nothing("on nobody knows what");
    let _ = fs::remove_file(repository.git_file(&format!("logs/refs/heads/{name}")));
    let cost = repository.after_checkout();
    repository.point_head_at("one");
    repository.after_checkout();
    cost
}

/// `gt log` and ours by turns, where tests/peers/install has put gt.
pub(crate) fn beside_graphite(repository: &mut Repository, rounds: usize) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("../peers/graphite/node_modules/.bin");
    if !folder.join("gt").exists() {
        println!("gt log: not measured; tests/peers/install graphite puts gt there");
        return;
    }
    repository.switch_hooks(Hooks::Ours);
    let gt = |arguments: &[&str]| {
        let mut command = repository.other_program(&folder, "gt");
        process::run(command.arg("--no-interactive").args(arguments))
    };
    repository.ok(&["switch", "-q", "main"]);
    gt(&["init", "--trunk", "main"]);
    for n in 1..=DEPTH {
        repository.stage(4_000_000 + n);
        gt(&["create", "-m", &format!("Layer {n}"), &format!("gt-{n}")]);
    }
    let by_turns: Vec<[f64; 2]> = (0..rounds)
        .map(|_| {
            let theirs = gt(&["log", "short"]).wall;
            [theirs, process::run(repository.program().arg("stack")).wall]
        })
        .collect();
    let theirs = median(by_turns.iter().map(|[theirs, _]| *theirs));
    let ours = median(by_turns.iter().map(|[_, ours]| *ours));
    let ratio = median(by_turns.iter().map(|[theirs, ours]| theirs / ours));
    println!("gt log short {theirs:.0}, git branchwork stack {ours:.1}: {ratio:.0} times as long");
    repository.ok(&["switch", "-q", "one"]);
}

/// Measures `git branchwork stack` in the large repository and prints it.
pub(crate) fn run(large: &mut Repository, rounds: usize) {
    println!("\nwho stands on whom: milliseconds wall / CPU, median of {rounds}");
    if !large
        .program()
        .args(["stack", "--help"])
        .output()
        .unwrap()
        .status
        .success()
    {
        println!("not measured: this program has no command 'stack'");
        return;
    }
    large.import(&stacks());
    let top = format!("stack-7/part-{}", DEPTH - 1);
    for (name, arguments) in [
        ("stack of one branch", ["stack", &top, "--json"]),
        ("all stacks", ["stack", "--all", "--json"]),
    ] {
        let costs: Vec<Cost> = (0..rounds)
            .map(|_| process::run(large.program().args(arguments)))
            .collect();
        let wall = median(costs.iter().map(|cost| cost.wall));
        let cpu = median(costs.iter().map(|cost| cost.cpu));
        let verdict = if wall <= MOST_FOR_ALL { "met" } else { "MISSED" };
        println!("{name:<24}{wall:.1} / {cpu:.1} [<= {MOST_FOR_ALL}: {verdict}]");
    }
}

/// The branches, for `git fast-import`: each stack stands on another commit of the trunk.
fn stacks() -> String {
    let mut text = String::new();
    for n in 0..BRANCHES {
        let (stack, part) = (n / DEPTH, n % DEPTH);
        let base = match part {
            0 => format!("refs/heads/main~{}", stack * 2),
            _ => format!("refs/heads/stack-{stack}/part-{}", part - 1),
        };
        for commit in 0..COMMITS {
            let (message, content) = (format!("work {n} {commit}\n"), format!("{n} {commit}\n"));
            let time = 1_700_000_000 + n * COMMITS + commit;
            let from = if commit == 0 {
                format!("from {base}\n")
            } else {
                String::new()
            };
            let _ = write!(
                text,
                "commit refs/heads/stack-{stack}/part-{part}\ncommitter Ann <ann@example.org> {time} +0000\n\
                 data {}\n{message}{from}M 100644 inline {}/{}/new-{n}-{commit}\ndata {}\n{content}\n",
                message.len(),
                n % 10,
                n / 10 % 100,
                content.len()
            );
        }
    }
    text
}
