//! `doctor`: findings as lines, each with what mends it. Not here: finding and mending them (journeys/diagnose/).

use super::{Exit, Surroundings, init};
use crate::error::Result;
use crate::journeys::diagnose::{Finding, Severity, diagnose, mend, probe};

/// Find out what is wrong with the installation, the views and the store
///
/// Looks at the hooks of every work tree and at who may be in their way, at the git and the PATH that they run with, at the
/// views, and at the store. Exits with 1 where something is wrong, and says what mends it; with -q it prints nothing else.
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Do what can be done without asking: install the hooks, restore a view, remove what a killed run left behind
    #[arg(long)]
    fix: bool,
    /// Try out instead what a remote does with documents, and leave nothing there: the one that is named, else the one that the
    /// current branch is pushed to
    #[arg(long, value_name = "NAME", num_args = 0..=1, conflicts_with = "fix")]
    remote: Option<Option<String>>,
}

pub(super) fn run(arguments: &Arguments, surroundings: &mut Surroundings<'_>) -> Result<Exit> {
    let session = surroundings.session()?;
    if let Some(remote) = &arguments.remote {
        return report(
            surroundings,
            String::new(),
            &probe(&session, remote.as_deref(), surroundings.prompt())?,
        );
    }
    let program = init::program(surroundings)?;
    let mut findings = diagnose(&session, &program);
    let mut fixed = String::new();
    if arguments.fix {
        for error in mend(&session, &program, &findings) {
            surroundings.ui.error(&error);
        }
        let after = diagnose(&session, &program);
        for finding in findings.iter().filter(|finding| finding.can_be_mended()) {
            if after.iter().all(|after| after.what != finding.what) {
                fixed.push_str(&format!("fixed  {}\n", finding.what));
            }
        }
        findings = after;
    }
    report(surroundings, fixed, &findings)
}

/// Prints the findings after what was said already; quietly only those that are wrong. Whether one is decides the exit code.
fn report(surroundings: &Surroundings<'_>, fixed: String, findings: &[Finding]) -> Result<Exit> {
    let is_quiet = surroundings.ui.is_quiet();
    let mut report = if is_quiet { String::new() } else { fixed };
    let told = |finding: &&Finding| !is_quiet || finding.severity == Severity::Wrong;
    report.extend(findings.iter().filter(told).map(line));
    surroundings.ui.data(crate::ui::for_terminal(&report).as_bytes())?;
    let wrong = findings.iter().any(|finding| finding.severity == Severity::Wrong);
    Ok(if wrong { Exit::Problems } else { Exit::Ok })
}

fn line(finding: &Finding) -> String {
    let mark = match finding.severity {
        Severity::Right => "ok   ",
        Severity::Note => "note ",
        Severity::Wrong => "wrong",
    };
    let fix = finding.fix.as_ref().map(|fix| format!("       fix: {fix}\n"));
    format!("{mark}  {}\n{}", finding.what, fix.unwrap_or_default())
}
