//! How a version's lines end, taken off before a merge and put on the result: a side that changed all line endings wins.
//!
//! A line that ends unlike the first line of its version keeps a mark (a carriage return) and so its own ending.
//! Not here: lone carriage returns, which are text.

use bstr::ByteSlice;

/// The form of a version's lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Form {
    /// Its first line ends with `\r\n`; `None` where no line ends at all.
    windows: Option<bool>,
    /// Its last line has an ending.
    ended: bool,
}

impl Form {
    pub(super) fn of(text: &[u8]) -> Self {
        let first = text.find_byte(b'\n').map_or(&text[..0], |end| &text[..=end]);
        let windows = (!first.is_empty()).then(|| first.ends_with(b"\r\n") && !first.ends_with(b"\r\r\n"));
        let ended = text.last().is_none_or(|b| matches!(b, b'\n' | b'\r'));
        Self { windows, ended }
    }

    /// The text with `\n` behind each line, the last one included, where the version's own ending was.
    pub(super) fn plain(self, text: &[u8]) -> Vec<u8> {
        let mut plain = if self.windows == Some(true) {
            swapped(text)
        } else {
            text.to_vec()
        };
        if !self.ended {
            plain.push(b'\n');
        }
        plain
    }

    /// What one side changed, else what the base has.
    pub(super) fn merged(base: Self, first: Self, second: Self) -> Self {
        let pick = |base: bool, first: bool, second: bool| if first == second { first } else { !base };
        Self {
            windows: base.windows.map_or(first.windows.max(second.windows), |base| {
                Some(pick(
                    base,
                    first.windows.unwrap_or(base),
                    second.windows.unwrap_or(base),
                ))
            }),
            ended: pick(base.ended, first.ended, second.ended),
        }
    }

    /// The other way round.
    pub(super) fn restore(self, mut plain: Vec<u8>) -> Vec<u8> {
        if !self.ended {
            plain.truncate(plain.trim_end_with(|c| c == '\n' || c == '\r').len());
        }
        if self.windows == Some(true) {
            swapped(&plain)
        } else {
            plain
        }
    }
}

/// `\n` for `\r\n` and the other way round. A line with more than one carriage return at its end stays, so that doing
/// it twice changes nothing.
fn swapped(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + text.len() / 16);
    for line in text.lines_with_terminator() {
        match line.strip_suffix(b"\n") {
            None => out.extend_from_slice(line),
            Some(rest) if rest.ends_with(b"\r\r") => out.extend_from_slice(line),
            Some(rest) => {
                out.extend_from_slice(rest.strip_suffix(b"\r").unwrap_or(rest));
                out.extend_from_slice(if rest.ends_with(b"\r") { b"\n" } else { b"\r\n" });
            }
        }
    }
    out
}
