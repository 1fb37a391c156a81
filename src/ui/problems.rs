//! Problems of documents, for people: the source line with a caret, then the one command that fixes them all; for a push on
//! one screen, or for a coding agent as data.
//!
//! Not here: what is a problem (check/), and formats for programs (report/).

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use super::screen::{self, Form, ROWS, Size, rows};
use super::{Ui, for_terminal, hook_line};
use crate::check::{Problem, Severity, branch_option, line_column};
use crate::error::Result;
use crate::journeys::verify::{Rules, Verdict};
use crate::report::{self, Checked};

/// How much of a line is shown around a place, in bytes: a line may be as long as the document.
const SHOWN: usize = 200;
/// How many problems a coding agent is told in one go.
const MOST_FOR_AGENTS: usize = 50;
/// How many rows of a screen the commands may take: the lines that they are about come first.
const ROWS_FOR_COMMANDS: usize = ROWS / 2;

impl Ui {
    /// Tells the problems of one document.
    pub(crate) fn verdict(self, verdict: &Verdict) {
        self.notices(&verdict.notices);
        self.rules(&verdict.rules);
        self.problems(&verdict.checked());
        if let Some(command) = to_fix(verdict) {
            self.styled(&command);
        }
    }

    /// Tells one problem.
    pub(crate) fn problem(self, checked: &Checked<'_>, problem: &Problem) {
        self.styled(&whole(checked, problem));
    }

    /// Tells what is wrong with a policy file.
    pub(crate) fn rules(self, rules: &Rules) {
        self.problems(&rules.checked());
    }

    fn problems(self, checked: &Checked<'_>) {
        for problem in checked.problems {
            self.problem(checked, problem);
        }
    }

    /// Tells the problems of all that is pushed, on one screen with these `lines` of the hook.
    pub(crate) fn pushed(self, verdicts: &[Verdict], lines: &[Option<&str>]) {
        let lines = lines.iter().flatten().map(|line| hook_line(line));
        let rows_taken: usize = lines.map(|line| rows(&line)).sum();
        for verdict in verdicts {
            self.notices(&verdict.notices);
        }
        let commands: Vec<String> = verdicts.iter().filter_map(to_fix).collect();
        let (shown_commands, command_rows) = screen::first_that_fit(&commands, ROWS_FOR_COMMANDS);
        let check = check_again(verdicts);
        // Where not all is shown, one row says so; with a long name it is two.
        let checked = checked(verdicts);
        let all: usize = checked.iter().map(|checked| checked.problems.len()).sum();
        let wrapped = rows(&format!("... and {all} more: {check}")).saturating_sub(1);
        let room = ROWS.saturating_sub(rows_taken + command_rows + wrapped);
        let told = tellings(&checked, room);
        let sizes: Vec<Size> = told.iter().map(Telling::size).collect();
        let forms = screen::fit(&sizes, room);
        let mut shown = 0;
        for (telling, form) in told.iter().zip(&forms) {
            match form {
                Form::Whole => self.styled(&telling.whole),
                Form::Short => self.styled(&telling.short),
                Form::Left => continue,
            }
            shown += telling.problems;
        }
        if shown < all {
            self.styled(&format!("... and {} more: {check}", all - shown));
        }
        for command in &commands[..shown_commands] {
            self.styled(command);
        }
        if shown_commands < commands.len() {
            let left = commands.len() - shown_commands;
            self.styled(&format!("... and {left} more branches to fix: {check}"));
        }
    }

    /// The same for a coding agent: a line of JSON a problem, on stderr, because stdout is git's own.
    pub(crate) fn pushed_as_data(self, verdicts: &[Verdict]) -> Result<()> {
        for verdict in verdicts {
            self.notices(&verdict.notices);
        }
        let (lines, more) = report::json_lines(&checked(verdicts), MOST_FOR_AGENTS)?;
        if !lines.is_empty() {
            self.styled(String::from_utf8_lossy(&lines).trim_end());
        }
        if more > 0 {
            self.styled(&format!("... and {more} more: {} --json", check_again(verdicts)));
        }
        Ok(())
    }
}

/// What can be told of a problem, or of all problems of one branch.
struct Telling {
    whole: String,
    short: String,
    /// How many problems it tells of.
    problems: usize,
}

impl Telling {
    fn size(&self) -> Size {
        Size {
            whole: rows(&self.whole),
            short: rows(&self.short),
        }
    }
}

/// The problems of each branch together, the worst first. Where not even the messages of several branches have `room`, each
/// branch has its first, with the number of the others.
fn tellings(checked: &[Checked<'_>], room: usize) -> Vec<Telling> {
    let mut groups: Vec<(&Checked<'_>, Vec<&Problem>)> = checked
        .iter()
        .map(|checked| (checked, checked.problems.iter().collect()))
        .collect();
    groups.retain(|(_, problems)| !problems.is_empty());
    for (_, problems) in &mut groups {
        problems.sort_by_key(|problem| problem.severity);
    }
    groups.sort_by_key(|(_, problems)| problems.first().map(|problem| problem.severity));
    let all: usize = groups.iter().map(|(_, problems)| problems.len()).sum();
    // No more than these can be shown, and drawing one takes longer than all else.
    let one_by_one = groups
        .iter()
        .flat_map(|(checked, problems)| problems.iter().map(move |problem| (*checked, *problem)));
    let shorts: Vec<_> = one_by_one
        .take(ROWS)
        .map(|(checked, problem)| (checked, problem, short(checked, problem)))
        .collect();
    let needed: usize = shorts.iter().map(|(_, _, short)| rows(short)).sum();
    if groups.len() < 2 || (needed <= room && shorts.len() == all) {
        let telling = |(checked, problem, short)| Telling {
            whole: whole(checked, problem),
            short,
            problems: 1,
        };
        return shorts.into_iter().map(telling).collect();
    }
    let first = |(checked, problems): &(&Checked<'_>, Vec<&Problem>)| {
        let short = short(checked, problems.first()?);
        let text = match problems.len() - 1 {
            0 => short,
            others => format!("{short}, and {others} more"),
        };
        Some(Telling {
            whole: text.clone(),
            short: text,
            problems: problems.len(),
        })
    };
    groups.iter().take(ROWS).filter_map(first).collect()
}

/// The policies and documents of a push.
fn checked(verdicts: &[Verdict]) -> Vec<Checked<'_>> {
    let both = verdicts
        .iter()
        .flat_map(|verdict| [verdict.rules.checked(), verdict.checked()]);
    both.collect()
}

fn to_fix(verdict: &Verdict) -> Option<String> {
    let command = verdict.fix.as_ref()?;
    Some(format!("To fix {}:\n  {}", verdict.name(), for_terminal(command)))
}

/// The command that tells all of it.
fn check_again(verdicts: &[Verdict]) -> String {
    match verdicts {
        [verdict] => match &verdict.branch {
            Some(branch) => format!("git branchwork check {}", for_terminal(&branch_option(branch.as_str()))),
            None => "git branchwork check".to_owned(),
        },
        _ => "git branchwork check --all".to_owned(),
    }
}

/// The message on one line, with its place behind it.
fn short(checked: &Checked<'_>, problem: &Problem) -> String {
    let mut message = for_terminal(&problem.message);
    if let Some(place) = &problem.place {
        let (line, column) = line_column(checked.text, place.start);
        message.push_str(&format!(" ({}:{line}:{column})", for_terminal(checked.path)));
    }
    let title = level(problem).primary_title(message.as_str()).id(problem.code);
    Renderer::styled().render(&[annotate_snippets::Group::with_title(title)])
}

fn level(problem: &Problem) -> Level<'static> {
    match problem.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    }
}

/// The message, its line with a caret, and what to do.
fn whole(checked: &Checked<'_>, problem: &Problem) -> String {
    let (text, path) = (checked.text, for_terminal(checked.path));
    let message = for_terminal(&problem.message);
    let title = level(problem).primary_title(message.as_str()).id(problem.code);
    let hint = problem.note.as_deref().map(for_terminal);
    let line = problem
        .place
        .as_ref()
        .and_then(|place| Line::around(text, place.start, place.end));
    let mut group = annotate_snippets::Group::with_title(title);
    if let Some(line) = &line {
        let snippet = Snippet::source(line.text.as_str())
            .path(path.as_str())
            .line_start(line.number)
            .annotation(AnnotationKind::Primary.span(line.start..line.end));
        group = group.element(snippet);
    }
    match (&line, &hint) {
        (Some(_), Some(hint)) => {
            group = group.element(Level::HELP.message(hint.as_str()));
            Renderer::styled().render(&[group])
        }
        // Without a source line the renderer would draw an empty margin.
        (None, Some(hint)) => format!("{}\n  {hint}", Renderer::styled().render(&[group])),
        (_, None) => Renderer::styled().render(&[group]),
    }
}

/// The line that a place is in, safe to show, and where in it the place is.
struct Line {
    text: String,
    number: usize,
    start: usize,
    end: usize,
}

impl Line {
    fn around(text: &[u8], start: usize, end: usize) -> Option<Self> {
        let before = text.get(..start)?;
        let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let rest = text.get(line_start..)?;
        let line_end = rest
            .iter()
            .position(|byte| *byte == b'\n')
            .map_or(text.len(), |at| line_start + at);
        let shown_start = line_start.max(start.saturating_sub(SHOWN));
        let shown_end = line_end.min(start.saturating_add(SHOWN));
        let piece = |from: usize, to: usize| {
            let bytes = text.get(from..to.max(from)).unwrap_or_default();
            for_terminal(&String::from_utf8_lossy(bytes))
        };
        let lead = piece(shown_start, start);
        let marked = piece(start, end.clamp(start, shown_end));
        let tail = piece(end.clamp(start, shown_end), shown_end);
        Some(Self {
            number: before.iter().filter(|byte| **byte == b'\n').count() + 1,
            start: lead.len(),
            end: lead.len() + marked.len(),
            text: format!("{lead}{marked}{}", tail.trim_end()),
        })
    }
}
