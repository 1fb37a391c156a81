//! How long it takes to find out who stands on whom where nobody recorded it: 1,000 branches in stacks of five, beside the 10,000
//! branches and 100,000 commits of the large repository.

use std::fmt::Write as _;

use crate::process::{self, Cost, median};
use crate::repository::Repository;

const BRANCHES: usize = 1_000;
const DEPTH: usize = 5;
const COMMITS: usize = 3;
/// In milliseconds, the start of the process included: of one branch, of all.
const MOST_FOR_ONE: f64 = 10.0;
const MOST_FOR_ALL: f64 = 1_000.0;

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
    for (name, arguments, most) in [
        ("one branch", ["stack", &top, "--json"], MOST_FOR_ONE),
        ("all branches", ["stack", "--all", "--json"], MOST_FOR_ALL),
    ] {
        let costs: Vec<Cost> = (0..rounds)
            .map(|_| process::run(large.program().args(arguments)))
            .collect();
        let wall = median(costs.iter().map(|cost| cost.wall));
        let cpu = median(costs.iter().map(|cost| cost.cpu));
        let verdict = if wall <= most { "met" } else { "MISSED" };
        println!("{name:<24}{wall:.1} / {cpu:.1} [<= {most}: {verdict}]");
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
