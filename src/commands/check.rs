//! `check`: problems for people or for machines. Not here: finding them (journeys/verify.rs, check/), and what the formats
//! look like (ui/problems.rs, report/).

mod ask;

use std::path::PathBuf;

use super::{BranchOption, Exit, Surroundings};
use crate::check::{self, Problem, Reader};
use crate::error::{Error, Result};
use crate::journeys::facts::Source;
use crate::journeys::verify::{self, Rules, Verdict};
use crate::journeys::{Session, mend, pull_request};
use crate::names::{CommitId, visible};
use crate::nearest::nearest;
use crate::policy_file::{self, OfCommits};
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
    /// Mend first what can be derived, and say what was done
    #[arg(long, conflicts_with_all = ["file", "remote", "from_pr_body"])]
    fix: bool,
    /// Print what a check is about, by its code or name: BW007
    #[arg(long, value_name = "CHECK", exclusive = true)]
    explain: Option<String>,
    /// Print the JSON Schema of .branchwork.yml
    #[arg(long, exclusive = true)]
    schema: bool,
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
    if let Some(asked) = &arguments.explain {
        return explain(asked, surroundings);
    }
    if arguments.schema {
        surroundings.ui.data(crate::policy::schema().as_bytes())?;
        return Ok(Exit::Ok);
    }
    let mut session = surroundings.session()?;
    let (base, of_base) = take_rules_of_base(arguments, surroundings, &mut session)?;
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
        None => vec![one(arguments, surroundings, &session, base.as_ref())?],
    };
    let mut rules = verify::rules(&session);
    let blocked = !rules.problems.is_empty() || verdicts.iter().any(Verdict::blocks);
    rules.problems.extend(of_base);
    tell(arguments, surroundings.ui, &rules, &verdicts)?;
    Ok(if blocked { Exit::Problems } else { Exit::Ok })
}

fn one(
    arguments: &Arguments,
    surroundings: &mut Surroundings<'_>,
    session: &Session<'_>,
    base: Option<&CommitId>,
) -> Result<Verdict> {
    let branch = session.branch(arguments.branch.branch.as_deref())?;
    if let Some(remote) = &arguments.remote {
        return pull_request::on_remote(session, &branch, base, remote, surroundings.prompt());
    }
    if let Some(path) = &arguments.from_pr_body {
        let body = surroundings.input(path)?;
        return Ok(pull_request::in_body(session, &branch, base, &body));
    }
    let verdict = verify::branch(session, &branch, &Source::default())?;
    if !arguments.interactive {
        return Ok(verdict);
    }
    ask::ask(surroundings, &arguments.branch, &verdict, session)?;
    verify::branch(session, &branch, &Source::default())
}

/// Puts the policy of the branch to merge into in the place of the work tree's, where it is known; that branch's tip, and what is
/// wrong with its policy. That only warns, for nobody can mend it in another branch's pull request.
fn take_rules_of_base(
    arguments: &Arguments,
    surroundings: &Surroundings<'_>,
    session: &mut Session<'_>,
) -> Result<(Option<CommitId>, Vec<Problem>)> {
    let named = arguments
        .base
        .as_deref()
        .or_else(|| pull_request::base(surroundings.world));
    let Some(name) = named else {
        return Ok((None, Vec::new()));
    };
    let base = session.branch(Some(name))?;
    let remote = arguments.remote.as_deref().unwrap_or(USUAL_REMOTE);
    let tip = pull_request::tip_of(session, &base, remote)?;
    let file = OfCommits::default().policy(&session.repository, &tip)?;
    let mut wrong = Vec::new();
    if file.text != policy_file::of_work_tree(&session.repository).text {
        let problems = check::policy_problems(&file.text, &file.problems, Reader::Hook);
        wrong.extend(problems.into_iter().map(|problem| Problem {
            message: format!("in the rules of '{base}': {}", problem.message),
            place: None,
            ..problem
        }));
        let name = policy_file::NAME;
        surroundings
            .ui
            .warn(&format!("the rules of '{base}' count, not those of '{name}' here"));
    }
    session.policy = file.policy.clone();
    Ok((Some(tip), wrong))
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
