//! `check`: problems for people or for machines. Not here: finding them (journeys/verify.rs, check/), and what the formats
//! look like (ui/problems.rs, report/).

mod ask;

use std::path::PathBuf;

use super::{BranchOption, Exit, Surroundings};
use crate::error::Result;
use crate::journeys::verify::{self, Rules, Verdict};
use crate::report::{self, Checked};
use crate::ui::Ui;

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
    /// Ask for the missing values one by one, and save all of them at the end
    #[arg(short, long, conflicts_with_all = ["all", "file", "format", "json"])]
    interactive: bool,
    /// How to tell it
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = Format::Text)]
    format: Format,
    /// Short for --format json
    #[arg(long, conflicts_with = "format")]
    json: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people: the lines in question, and the command that fixes them
    Text,
    /// A list of objects, one a problem
    Json,
    /// Annotations of GitHub Actions
    Github,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// JUnit's XML: a suite a document, a test a rule
    Junit,
}

pub(super) fn run(arguments: &Arguments, surroundings: &mut Surroundings<'_>) -> Result<Exit> {
    let session = surroundings.session()?;
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
        None => {
            let branch = session.branch(arguments.branch.branch.as_deref())?;
            let mut verdict = verify::branch(&session, &branch)?;
            if arguments.interactive {
                ask::ask(surroundings, &arguments.branch, &verdict)?;
                verdict = verify::branch(&session, &branch)?;
            }
            vec![verdict]
        }
    };
    let rules = verify::rules(&session);
    tell(arguments, surroundings.ui, &rules, &verdicts)?;
    let blocked = !rules.problems.is_empty() || verdicts.iter().any(Verdict::blocks);
    Ok(if blocked { Exit::Problems } else { Exit::Ok })
}

fn tell(arguments: &Arguments, ui: Ui, rules: &Rules, verdicts: &[Verdict]) -> Result<()> {
    let format = if arguments.json { Format::Json } else { arguments.format };
    if format == Format::Text {
        ui.rules(rules);
        for verdict in verdicts {
            ui.verdict(verdict);
        }
        let clean = |verdict: &Verdict| verdict.problems.is_empty();
        if rules.problems.is_empty() && verdicts.iter().all(clean) {
            ui.talk("Nothing is missing");
        }
        return Ok(());
    }
    for verdict in verdicts {
        ui.notices(&verdict.notices);
    }
    let checked: Vec<Checked<'_>> = std::iter::once(rules.checked())
        .chain(verdicts.iter().map(Verdict::checked))
        .collect();
    ui.data(&match format {
        Format::Json | Format::Text => report::json(&checked)?,
        Format::Github => report::github(&checked),
        Format::Sarif => report::sarif(&checked)?,
        Format::Junit => report::junit(&checked),
    })
}
