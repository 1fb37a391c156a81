//! What fits on one screen: a push that is held back has to be read at a glance, between git's own lines.
//!
//! Pure. Not here: what is shown (problems.rs).

use anstream::adapter::strip_str;
use unicode_width::UnicodeWidthStr;

/// The smallest terminal that is in use.
pub(super) const ROWS: usize = 24;
const COLUMNS: usize = 80;

/// How many rows `text` takes, colours left out and long lines wrapped.
pub(super) fn rows(text: &str) -> usize {
    let plain = strip_str(text).to_string();
    plain.lines().map(|line| line.width().div_ceil(COLUMNS).max(1)).sum()
}

/// How much of a block is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// All of it.
    Whole,
    /// A line.
    Short,
    /// Nothing: it is one of those that are only counted.
    Left,
}

/// What a block would take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Size {
    /// Whether it comes before those that are not.
    pub(super) important: bool,
    /// Its rows.
    pub(super) whole: usize,
    /// The rows of its short form.
    pub(super) short: usize,
}

/// How each block is shown: whole, if all fit. Else as many as fit have their short form, the important ones before the
/// others, beside a row that says how many are left; and what room there is then makes the first of them whole again.
pub(super) fn fit(blocks: &[Size], room: usize) -> Vec<Form> {
    if blocks.iter().map(|block| block.whole).sum::<usize>() <= room {
        return vec![Form::Whole; blocks.len()];
    }
    let mut forms = vec![Form::Left; blocks.len()];
    let all_short = blocks.iter().map(|block| block.short).sum::<usize>() <= room;
    let mut left = if all_short { room } else { room.saturating_sub(1) };
    let mut order: Vec<usize> = (0..blocks.len()).collect();
    order.sort_by_key(|at| !blocks[*at].important);
    for (number, at) in order.iter().enumerate() {
        if number > 0 && blocks[*at].short > left {
            break;
        }
        forms[*at] = Form::Short;
        left = left.saturating_sub(blocks[*at].short);
    }
    for at in order {
        let more = blocks[at].whole.saturating_sub(blocks[at].short);
        if forms[at] != Form::Short || more > left {
            break;
        }
        forms[at] = Form::Whole;
        left -= more;
    }
    forms
}

/// How many of `texts` fit from the first on, at least one, and how many rows that takes with the row that says how many are
/// left out.
pub(super) fn first_that_fit(texts: &[String], room: usize) -> (usize, usize) {
    let mut taken = 0;
    for (number, text) in texts.iter().enumerate() {
        let next = taken + rows(text);
        let says_more = usize::from(number + 1 < texts.len());
        if number > 0 && next + says_more > room {
            return (number, taken + 1);
        }
        taken = next;
    }
    (texts.len(), taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_those_of_a_terminal() {
        let (long, wide) = ("x".repeat(81), "\u{65e5}".repeat(41));
        for (text, expected) in [
            ("a", 1),
            ("a\n\nb", 3),
            (&"x".repeat(80), 1),
            (&long, 2),
            (&wide, 2),
            (&format!("\u{1b}[31m{}\u{1b}[0m", "x".repeat(80)), 1),
        ] {
            assert_eq!(rows(text), expected, "{text}");
        }
    }

    #[test]
    fn important_blocks_come_first_and_a_row_is_kept_for_the_rest() {
        let blocks = |sizes: &[(bool, usize)]| -> Vec<Size> {
            let size = |(important, whole): &(bool, usize)| Size {
                important: *important,
                whole: *whole,
                short: 1,
            };
            sizes.iter().map(size).collect()
        };
        for (sizes, room, shown) in [
            (&[][..], 10, ""),
            (&[(true, 5), (false, 5)], 10, "WW"),
            (&[(false, 5), (true, 5)], 9, "sW"),
            (&[(false, 5), (true, 5)], 5, "ss"),
            (&[(false, 2), (true, 5), (true, 5)], 11, "sWW"),
            (&[(false, 2), (true, 5), (true, 5)], 3, "sss"),
            (&[(false, 2), (true, 5), (true, 5)], 2, "-s-"),
            (&[(true, 4), (true, 9), (true, 1)], 6, "Wss"),
            (&[(true, 40), (true, 1)], 10, "ss"),
            (&[(true, 2)], 0, "s"),
        ] {
            let letter = |form: &Form| match form {
                Form::Whole => 'W',
                Form::Short => 's',
                Form::Left => '-',
            };
            let found: String = fit(&blocks(sizes), room).iter().map(letter).collect();
            assert_eq!(found, shown, "{sizes:?} {room}");
        }
    }

    #[test]
    fn the_first_commands_fit() {
        let texts = |count: usize| vec!["a\nb".to_owned(); count];
        assert_eq!(first_that_fit(&texts(0), 4), (0, 0));
        assert_eq!(first_that_fit(&texts(2), 4), (2, 4));
        assert_eq!(first_that_fit(&texts(3), 4), (1, 3));
        assert_eq!(first_that_fit(&texts(3), 5), (2, 5));
        assert_eq!(first_that_fit(&texts(2), 1), (1, 3));
    }
}
