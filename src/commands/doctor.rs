//! `doctor`: findings as lines, each with what mends it. Not here: finding them (journeys/diagnose.rs).

use super::{Exit, Surroundings, init};
use crate::error::Result;
use crate::journeys::diagnose::{Finding, diagnose};

/// Find out what is wrong with the installation and the store
///
/// Exits with 1 where something is wrong, and says what mends it.
#[derive(clap::Args)]
pub(super) struct Arguments {}

pub(super) fn run(_: &Arguments, surroundings: &mut Surroundings<'_>) -> Result<Exit> {
    let session = surroundings.session()?;
    let findings = diagnose(&session, &init::program(surroundings)?)?;
    let line = |finding: &Finding| match finding {
        Finding::Right(what) => format!("ok     {what}\n"),
        Finding::Wrong { what, fix } => format!("wrong  {what}\n       fix: {fix}\n"),
    };
    let report: String = findings.iter().map(line).collect();
    surroundings.ui.data(crate::ui::for_terminal(&report).as_bytes())?;
    let wrong = findings.iter().any(|finding| matches!(finding, Finding::Wrong { .. }));
    Ok(if wrong { Exit::Problems } else { Exit::Ok })
}
