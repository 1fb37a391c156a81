//! `check`: problems for people or for machines. Not here: finding them (journeys/verify.rs, check/), and what the formats
//! look like (ui/problems.rs, report/).

mod ask;

use std::path::PathBuf;

use super::{BranchOption, Exit, Surroundings};
use crate::error::Result;
use crate::journeys::Session;
use crate::journeys::pull_request;
use crate::journeys::verify::{self, Rules, Verdict};
use crate::policy_file;
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
    /// Check the document that a remote has for the branch, which need not be here
    #[arg(long, value_name = "REMOTE", conflicts_with_all = ["all", "file", "interactive"])]
    remote: Option<String>,
    /// Check the document in a pull request's description, which need not be of a branch that is here
    #[arg(long, value_name = "FILE", conflicts_with_all = ["all", "file", "interactive", "remote"])]
    from_pr_body: Option<PathBuf>,
    /// Hold it against the rules of this branch, the one to merge into; in CI found out
    #[arg(long, value_name = "BRANCH")]
    base: Option<String>,
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

/// The remote whose branches are looked at first where none is named.
const USUAL_REMOTE: &str = "origin";

pub(super) fn run(arguments: &Arguments, surroundings: &mut Surroundings<'_>) -> Result<Exit> {
    let mut session = surroundings.session()?;
    take_rules_of_base(arguments, surroundings, &mut session)?;
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
        None => vec![one(arguments, surroundings, &session)?],
    };
    let rules = verify::rules(&session);
    tell(arguments, surroundings.ui, &rules, &verdicts)?;
    let blocked = !rules.problems.is_empty() || verdicts.iter().any(Verdict::blocks);
    Ok(if blocked { Exit::Problems } else { Exit::Ok })
}

fn one(arguments: &Arguments, surroundings: &mut Surroundings<'_>, session: &Session<'_>) -> Result<Verdict> {
    let branch = session.branch(arguments.branch.branch.as_deref())?;
    if let Some(remote) = &arguments.remote {
        return pull_request::on_remote(session, &branch, remote, surroundings.prompt());
    }
    if let Some(path) = &arguments.from_pr_body {
        let body = surroundings.input(path)?;
        return Ok(pull_request::in_body(session, &branch, &body));
    }
    let verdict = verify::branch(session, &branch)?;
    if !arguments.interactive {
        return Ok(verdict);
    }
    ask::ask(surroundings, &arguments.branch, &verdict)?;
    verify::branch(session, &branch)
}

/// Puts the policy of the branch to merge into in the place of the work tree's, where it is known.
fn take_rules_of_base(arguments: &Arguments, surroundings: &Surroundings<'_>, session: &mut Session<'_>) -> Result<()> {
    let named = arguments
        .base
        .as_deref()
        .or_else(|| pull_request::base(surroundings.world));
    let Some(name) = named else { return Ok(()) };
    let base = session.branch(Some(name))?;
    let remote = arguments.remote.as_deref().unwrap_or(USUAL_REMOTE);
    let file = pull_request::policy_of(session, &base, remote)?;
    if file.text != policy_file::of_work_tree(&session.repository).text {
        let name = policy_file::NAME;
        surroundings
            .ui
            .warn(&format!("the rules of '{base}' count, not those of '{name}' here"));
    }
    session.policy = file.policy;
    Ok(())
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
