//! Questions at a terminal: only a command that was asked to asks, a hook never does.
//!
//! Not here: which questions, and what the answers change. Ctrl-C ends the program at once (the prompt raises the signal, as a
//! shell would), so that whoever asks keeps all answers until the last one is given.

use std::io::IsTerminal;

use dialoguer::{Completion, Input};

use super::{Ui, for_terminal};
use crate::error::{Error, Result};
use crate::names::visible;

/// One question.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    /// What is asked for: the prompt.
    pub(crate) name: String,
    /// What Enter alone gives; without it Enter alone gives nothing.
    pub(crate) default: Option<String>,
    /// What Tab offers.
    pub(crate) choices: Vec<String>,
}

impl Ui {
    /// Whether there is somebody to ask.
    pub(crate) fn can_ask(self) -> bool {
        std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
    }

    /// Asks until the answer is one that `refuse` has nothing against; `None` where there is none.
    pub(crate) fn ask(self, question: &Question, refuse: &dyn Fn(&str) -> Option<String>) -> Result<Option<String>> {
        let choices = Choices(&question.choices);
        let mut input = Input::<String>::new()
            .with_prompt(for_terminal(&question.name))
            .allow_empty(true)
            .completion_with(&choices)
            .validate_with(|answer: &String| match answer.trim() {
                "" => Ok(()),
                answer => refuse(answer).map_or(Ok(()), |reason| Err(for_terminal(&reason))),
            });
        // What cannot be shown as it is would be accepted unseen.
        if let Some(default) = question
            .default
            .as_ref()
            .filter(|default| visible(default) == **default)
        {
            input = input.default(default.clone());
        }
        let answer = input.interact_text().map_err(|error| {
            Error::new(format!(
                "nobody answered the question for '{}'",
                visible(&question.name)
            ))
            .because(&error)
            .hint("nothing was changed; git branchwork check prints the command that needs no terminal")
        })?;
        let answer = answer.trim();
        Ok((!answer.is_empty()).then(|| answer.to_owned()))
    }
}

/// Tab completes the last of the words between commas, and goes on from a whole one to the next.
struct Choices<'a>(&'a [String]);

impl Completion for Choices<'_> {
    fn get(&self, input: &str) -> Option<String> {
        let start = input.rfind(',').map_or(0, |comma| comma + 1);
        let start = start + input[start..].len() - input[start..].trim_start().len();
        let (before, word) = input.split_at(start);
        let shown: Vec<&String> = self.0.iter().filter(|choice| visible(choice) == **choice).collect();
        let next = match shown.iter().position(|choice| *choice == word) {
            Some(at) => shown.get((at + 1) % shown.len()),
            None => shown.iter().find(|choice| choice.starts_with(word)),
        };
        next.map(|choice| format!("{before}{choice}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tab_completes_the_last_word_and_goes_round() {
        let words = ["low", "medium", "\u{1b}[31m", "high"].map(str::to_owned);
        for (typed, offered) in [
            ("", Some("low")),
            ("m", Some("medium")),
            ("low", Some("medium")),
            ("medium", Some("high")),
            ("high", Some("low")),
            ("low, m", Some("low, medium")),
            ("low,", Some("low,low")),
            ("x", None),
            ("é, h", Some("é, high")),
        ] {
            assert_eq!(Choices(&words).get(typed).as_deref(), offered, "{typed}");
        }
        assert_eq!(Choices(&[]).get("a"), None);
    }
}
