//! A document inside another text, such as a pull request's description.
//!
//! It stands between the lines [`BEGIN`] and [`END`], or in a fenced code block whose info string is `branchwork`; where there
//! are several, the first is it. Between the marks it may also be all of a fenced code block, so that the page shows it as it is.

use super::lines::{blank_trimmed, content, is_blank, lines};

/// The line before it; invisible where the text is shown.
pub(crate) const BEGIN: &str = "<!-- branchwork:begin -->";
/// The line behind it.
pub(crate) const END: &str = "<!-- branchwork:end -->";
const INFO: &[u8] = b"branchwork";

/// A fence: its character, how many of them, and what stands behind them.
type Fence<'a> = (u8, usize, &'a [u8]);

/// The document in `text`; `None` where there is none, where its end is missing, or where it is empty.
pub(crate) fn embedded(text: &[u8]) -> Option<Vec<u8>> {
    let all: Vec<&[u8]> = lines(text, 0).map(|line| &text[line]).collect();
    let mut at = 0;
    while let Some(line) = all.get(at) {
        at += 1;
        if is(line, BEGIN) {
            let length = all[at..].iter().position(|line| is(line, END))?;
            return not_blank(within_fence(&all[at..at + length]));
        }
        if let Some(fence) = fence(line) {
            let length = all[at..].iter().position(|line| closes(line, fence));
            if fence.2 == INFO {
                return not_blank(&all[at..at + length?]);
            }
            at += length.map_or(all.len(), |length| length + 1);
        }
    }
    None
}

/// The lines inside the fence, where that is all there is.
fn within_fence<'a, 'b>(lines: &'a [&'b [u8]]) -> &'a [&'b [u8]] {
    let trimmed = without_blank_ends(lines);
    let [first, inside @ .., last] = trimmed else {
        return lines;
    };
    match fence(first) {
        Some(fence) if closes(last, fence) && !inside.iter().any(|line| closes(line, fence)) => inside,
        _ => lines,
    }
}

fn without_blank_ends<'a, 'b>(lines: &'a [&'b [u8]]) -> &'a [&'b [u8]] {
    let start = lines.iter().position(|line| !is_blank(line)).unwrap_or(lines.len());
    let end = lines
        .iter()
        .rposition(|line| !is_blank(line))
        .map_or(start, |at| at + 1);
    &lines[start..end]
}

/// The bytes that consecutive lines are; front matter begins in the first line, so blank ones before it go.
fn not_blank(lines: &[&[u8]]) -> Option<Vec<u8>> {
    let text = without_blank_ends(lines).concat();
    (!text.is_empty()).then_some(text)
}

fn is(line: &[u8], mark: &str) -> bool {
    blank_trimmed(content(line)) == mark.as_bytes()
}

/// The fence that a line opens (CommonMark 0.31, section 4.5): indented by at most three blanks, no backtick behind backticks.
fn fence(line: &[u8]) -> Option<Fence<'_>> {
    let line = content(line);
    let text = line.trim_ascii_start();
    let sign = *text.first().filter(|sign| matches!(sign, b'`' | b'~'))?;
    let count = text.iter().take_while(|byte| **byte == sign).count();
    let info = blank_trimmed(&text[count..]);
    let allowed = line.len() - text.len() <= 3 && count >= 3 && !(sign == b'`' && info.contains(&b'`'));
    allowed.then_some((sign, count, info))
}

fn closes(line: &[u8], (sign, count, _): Fence<'_>) -> bool {
    fence(line).is_some_and(|(other, length, info)| other == sign && length >= count && info.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_stands_between_marks_or_in_a_fence() {
        let marks = |inside: &str| format!("Words\n\n{BEGIN}\n{inside}{END}\nMore\n");
        let shown = marks("\n````markdown\n---\na: 1\n---\n```\nx\n```\n````\n\n");
        for (text, found) in [
            (marks("---\na: 1\n---\n").as_str(), Some("---\na: 1\n---\n")),
            (&marks("\n\n---\na: 1\n\n"), Some("---\na: 1\n")),
            (
                &marks("---\r\na: 1\r\n").replace("-->\n", "-->\r\n"),
                Some("---\r\na: 1\r\n"),
            ),
            (&shown, Some("---\na: 1\n---\n```\nx\n```\n")),
            (
                &marks("```\na\n```\nb\n```\nc\n```\n"),
                Some("```\na\n```\nb\n```\nc\n```\n"),
            ),
            (&format!("  {BEGIN}  \nx\n{END}"), Some("x\n")),
            ("```branchwork\nx\n```\n", Some("x\n")),
            ("a\n~~~~ branchwork \nx\n~~~\n~~~~~\nb", Some("x\n~~~\n")),
            // What another block shows is only shown.
            (
                &format!("```\n{BEGIN}\nx\n{END}\n```\n```branchwork\ny\n```\n"),
                Some("y\n"),
            ),
            (&format!("{}{}", marks("x\n"), marks("y\n")), Some("x\n")),
            (&marks(""), None),
            (&marks(" \n\n"), None),
            (&format!("{BEGIN}\nx\n"), None),
            ("```branchwork\nx\n", None),
            ("```\nx\n", None),
            ("    ```branchwork\nx\n    ```\n", None),
            (&format!("text {BEGIN}\nx\n{END}\n"), None),
            ("", None),
        ] {
            let found_text = embedded(text.as_bytes()).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
            assert_eq!(found_text.as_deref(), found, "{text}");
        }
    }
}
