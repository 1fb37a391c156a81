//! Problems of documents, for people: the source line with a caret, then the one command that fixes them all.
//!
//! Not here: what is a problem (check/).

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use super::{Ui, for_terminal};
use crate::check::{Problem, Severity};
use crate::journeys::verify::{Rules, Verdict};

/// How much of a line is shown around a place, in bytes: a line may be as long as the document.
const SHOWN: usize = 200;

impl Ui {
    /// Tells the problems of one document.
    pub(crate) fn verdict(self, verdict: &Verdict) {
        self.notices(&verdict.notices);
        self.rules(&verdict.rules);
        let text = verdict
            .document
            .as_ref()
            .map(crate::document::Document::text)
            .unwrap_or_default();
        for problem in &verdict.problems {
            self.styled(&render(problem, text, &for_terminal(&verdict.path)));
        }
        if let Some(command) = &verdict.fix {
            self.styled(&format!("To fix {}:\n  {}", verdict.name(), for_terminal(command)));
        }
    }

    /// Tells what is wrong with a policy file.
    pub(crate) fn rules(self, rules: &Rules) {
        for problem in &rules.problems {
            self.styled(&render(problem, &rules.text, crate::policy_file::NAME));
        }
    }
}

fn render(problem: &Problem, text: &[u8], path: &str) -> String {
    let level = match problem.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let message = for_terminal(&problem.message);
    let title = level.primary_title(message.as_str()).id(problem.code);
    let hint = problem.note.as_deref().map(for_terminal);
    let line = problem
        .place
        .as_ref()
        .and_then(|place| Line::around(text, place.start, place.end));
    let mut group = annotate_snippets::Group::with_title(title);
    if let Some(line) = &line {
        let snippet = Snippet::source(line.text.as_str())
            .path(path)
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
