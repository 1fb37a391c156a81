//! From a place in bytes to the line and column that people and editors count in.

/// The line and the column of a byte, both from 1. Columns are characters, a byte that is not UTF-8 counts as one, and
/// a byte order mark as none. An offset behind the end is the end.
pub fn line_column(text: &[u8], offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.iter().filter(|&&byte| byte == b'\n').count() + 1;
    let start = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
    let written = String::from_utf8_lossy(&before[start..]);
    let shown = written.chars().filter(|&c| c != '\u{feff}').count();
    (line, shown + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_are_counted_from_one() {
        let text = "\u{feff}ab\r\né日x\n\n".as_bytes();
        for (offset, place) in [
            (0, (1, 1)),
            (3, (1, 1)),
            (5, (1, 3)),
            (7, (2, 1)),
            (9, (2, 2)),
            (12, (2, 3)),
            (14, (3, 1)),
            (15, (4, 1)),
            (99, (4, 1)),
        ] {
            assert_eq!(line_column(text, offset), place, "{offset}");
        }
        assert_eq!(line_column(b"\xff\xffx", 2), (1, 3));
    }
}
