//! `check`: problems as snippets or as JSON. Not here: finding them (journeys/verify.rs, check/).

use std::path::PathBuf;

use serde::Serialize;

use super::{BranchOption, Exit, Surroundings};
use crate::check::{self, Problem, Severity};
use crate::document::Document;
use crate::error::{Error, Result};
use crate::journeys::facts::Source;
use crate::journeys::verify::{self, Verdict};
use crate::journeys::{Session, mend};
use crate::names::{BranchName, visible};
use crate::nearest::nearest;
use crate::policy_file;

/// Tell what is missing or wrong, and the one command that fixes it
///
/// Exits with 1 where a push would be held back.
#[derive(clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    branch: BranchOption,
    /// Check the documents of all branches
    #[arg(long, conflicts_with_all = ["branch", "file"])]
    all: bool,
    /// Check a file as if it were a branch's document
    #[arg(long, value_name = "FILE", conflicts_with = "branch")]
    file: Option<PathBuf>,
    /// Mend first what can be derived, and say what was done
    #[arg(long, conflicts_with = "file")]
    fix: bool,
    /// Print what a check is about, by its code or name: BW007
    #[arg(long, value_name = "CHECK", exclusive = true)]
    explain: Option<String>,
    /// Print the JSON Schema of .branchwork.yml
    #[arg(long, exclusive = true)]
    schema: bool,
    /// Print a list of objects, one a problem
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Row<'a> {
    branch: Option<&'a str>,
    path: &'a str,
    code: &'a str,
    severity: &'a str,
    line: Option<usize>,
    column: Option<usize>,
    message: &'a str,
    note: Option<&'a str>,
}

pub(super) fn run(arguments: &Arguments, surroundings: &mut Surroundings<'_>) -> Result<Exit> {
    if let Some(asked) = &arguments.explain {
        return explain(asked, surroundings);
    }
    if arguments.schema {
        surroundings.ui.data(crate::policy::schema().as_bytes())?;
        return Ok(Exit::Ok);
    }
    let session = surroundings.session()?;
    if arguments.fix {
        fix(arguments, surroundings, &session)?;
    }
    let verdicts = match &arguments.file {
        Some(path) => {
            let text = surroundings.input(path)?;
            let name = match path.to_string_lossy() {
                name if name == "-" => "standard input".into(),
                name => name,
            };
            vec![verify::text(&session, &name, text)?]
        }
        None if arguments.all => verify::all(&session)?,
        None => vec![verify::branch(
            &session,
            &session.branch(arguments.branch.branch.as_deref())?,
            &Source::default(),
        )?],
    };
    let rules = verify::rules(&session);
    let problems = |verdict: &Verdict| !verdict.problems.is_empty();
    if arguments.json {
        let rows = rows(None, policy_file::NAME, &rules.text, &rules.problems);
        let rows = rows.into_iter().chain(verdicts.iter().flat_map(|verdict| {
            let text = verdict.document.as_ref().map(Document::text).unwrap_or_default();
            self::rows(verdict.branch.as_ref(), &verdict.path, text, &verdict.problems)
        }));
        surroundings.ui.json(&rows.collect::<Vec<_>>())?;
    } else {
        surroundings.ui.rules(&rules);
        for verdict in &verdicts {
            surroundings.ui.verdict(verdict);
        }
        if rules.problems.is_empty() && !verdicts.iter().any(problems) {
            surroundings.ui.talk("Nothing is missing");
        }
    }
    let blocked = !rules.problems.is_empty() || verdicts.iter().any(Verdict::blocks);
    Ok(if blocked { Exit::Problems } else { Exit::Ok })
}

fn explain(asked: &str, surroundings: &Surroundings<'_>) -> Result<Exit> {
    let page = check::page(asked).ok_or_else(|| {
        let known = check::RULES.iter().flat_map(|rule| [rule.code, rule.name]);
        let error = Error::usage(format!("there is no check '{}'", visible(asked)));
        match nearest(&asked.to_uppercase(), known.clone()).or_else(|| nearest(asked, known)) {
            Some(meant) => error.hint(format!("git branchwork check --explain {meant}")),
            None => error.hint("they are BW001 to BW024"),
        }
    })?;
    surroundings.ui.data(format!("{page}\n").as_bytes())?;
    Ok(Exit::Ok)
}

/// Mends the documents that are checked, and says what was done to each.
fn fix(arguments: &Arguments, surroundings: &Surroundings<'_>, session: &Session<'_>) -> Result<()> {
    let branches = match arguments.all {
        true => verify::branches(session)?,
        false => vec![session.branch(arguments.branch.branch.as_deref())?],
    };
    for branch in branches {
        let mended = mend::branch(session, &branch)?;
        surroundings.ui.notices(&mended.notices);
        for did in mended.did {
            surroundings.ui.talk(&format!("{did} ({branch})"));
        }
    }
    Ok(())
}

/// A row for each problem; `text` is what their places are in.
fn rows<'a>(branch: Option<&'a BranchName>, path: &'a str, text: &[u8], problems: &'a [Problem]) -> Vec<Row<'a>> {
    let row = |problem: &'a Problem| {
        let place = problem.place.as_ref();
        let place = place.map(|place| check::line_column(text, place.start));
        Row {
            branch: branch.map(BranchName::as_str),
            path,
            code: problem.code,
            severity: match problem.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
            },
            line: place.map(|(line, _)| line),
            column: place.map(|(_, column)| column),
            message: &problem.message,
            note: problem.note.as_deref(),
        }
    };
    problems.iter().map(row).collect()
}
