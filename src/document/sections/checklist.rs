//! Ticking an item of a checklist.

use bstr::ByteSlice;

use super::first_line;
use super::list::is_placeholder;
use crate::document::outline::{ListItem, Outline, split_box};
use crate::document::{Document, EditError};

/// What [`Document::tick`] did; both with the item's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ticked {
    /// The item was open.
    Now(String),
    /// The item was ticked before; nothing is changed.
    Already(String),
}

struct Task {
    ticked: bool,
    /// The byte between the brackets.
    mark: usize,
    text: String,
}

impl Document {
    /// Ticks the one open checklist item that is `text`, else the one that contains it, without regard to case. Items in
    /// code, in quotes, in the example and in Updates, which is history, do not count.
    pub fn tick(&mut self, text: &str) -> Result<Ticked, EditError> {
        let tasks = self.tasks();
        let wanted = text.trim().to_lowercase();
        if wanted.is_empty() {
            return Err(EditError::Empty);
        }
        let exact = |task: &&Task| task.text.to_lowercase() == wanted;
        let part = |task: &&Task| task.text.to_lowercase().contains(&wanted);
        let open = || tasks.iter().filter(|task| !task.ticked);
        let mut found: Vec<&Task> = open().filter(exact).collect();
        if found.is_empty() && !tasks.iter().any(|task| exact(&task)) {
            found = open().filter(part).collect();
        }
        match found.as_slice() {
            [task] => {
                let (mark, text) = (task.mark, task.text.clone());
                self.text[mark] = b'x';
                Ok(Ticked::Now(text))
            }
            [] => match tasks
                .iter()
                .filter(|task| task.ticked)
                .find(|task| exact(task) || part(task))
            {
                Some(task) => Ok(Ticked::Already(task.text.clone())),
                None => Err(EditError::NoMatch {
                    text: text.to_owned(),
                    open: open().map(|task| task.text.clone()).collect(),
                }),
            },
            several => Err(EditError::Ambiguous {
                text: text.to_owned(),
                items: several.iter().map(|task| task.text.clone()).collect(),
            }),
        }
    }

    fn tasks(&self) -> Vec<Task> {
        let outline = Outline::of(&self.text);
        let history = outline.section("Updates").map_or(0..0, |section| section.body);
        let live = outline
            .items
            .iter()
            .take_while(|item| item.span.start < outline.live_end);
        let task_of = |item: &ListItem| {
            let line = first_line(&self.text, item.content);
            let (checkbox, text) = split_box(line);
            let is_task = !checkbox.is_empty() && !is_placeholder(line);
            is_task.then(|| Task {
                ticked: checkbox != b"[ ]",
                mark: item.content + 1,
                text: text.to_str_lossy().trim().to_owned(),
            })
        };
        live.filter(|item| !history.contains(&item.span.start))
            .filter_map(task_of)
            .collect()
    }
}
