//! SQLite's file format, read: the rows of one table, by the names of its columns
//! (<https://www.sqlite.org/fileformat2.html>).
//!
//! Pure: bytes in, rows out, and any bytes give rows or a reason. Deliberately absent: queries, indexes, writing, other
//! encodings than UTF-8, and tables that are stored in another way (`WITHOUT ROWID`, generated columns), which are refused.
//! Whether the file is complete without the journal beside it is for the caller to find out.

mod schema;

use std::borrow::Cow;

use schema::Columns;

/// Why nothing is read, as the end of a sentence.
type Reason = &'static str;

const MAGIC: &[u8] = b"SQLite format 3\0";
/// The length of the header on the first page.
const HEADER: usize = 100;
/// The pages that hold the cells of a table, and those that lead to them.
const LEAF: u8 = 13;
const INTERIOR: u8 = 5;

const CUT: Reason = "it is cut short or damaged";
const CIRCLE: Reason = "its pages lead to each other in a circle";
const OTHER_VALUE: Reason = "a column that should hold text holds something else";

/// The values of a row in the order of the columns that were asked for; `None` for NULL.
pub(super) type Row = Vec<Option<String>>;

/// A database file.
pub(super) struct Database<'a> {
    bytes: &'a [u8],
    page_size: usize,
    /// A page without what is reserved at its end.
    usable: usize,
}

impl<'a> Database<'a> {
    /// Looks at the header.
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, Reason> {
        if bytes.get(..MAGIC.len()) != Some(MAGIC) || bytes.len() < HEADER {
            return Err("it is no SQLite database");
        }
        let page_size = match u16::from_be_bytes([bytes[16], bytes[17]]) {
            1 => 65536,
            size => usize::from(size),
        };
        let usable = page_size.saturating_sub(usize::from(bytes[20]));
        if !page_size.is_power_of_two() || page_size < 512 || usable < 480 {
            return Err(CUT);
        }
        if bytes[19] > 2 {
            return Err("it is written by a newer SQLite");
        }
        // An empty database has no encoding yet.
        if number(&bytes[56..60]) > 1 {
            return Err("its text is not UTF-8");
        }
        // The number of pages is right where it was written together with the number of the last change.
        let pages = number(&bytes[28..32]) as usize;
        if bytes[24..28] == bytes[92..96] && pages > bytes.len() / page_size {
            return Err(CUT);
        }
        Ok(Self {
            bytes,
            page_size,
            usable,
        })
    }

    /// Shows `see` each row of `table`; whether there is such a table. A row may be seen before a later one turns out to be
    /// damaged.
    pub(super) fn rows(&self, table: &str, columns: &[&str], see: &mut dyn FnMut(Row)) -> Result<bool, Reason> {
        let mut found = None;
        self.walk(1, &mut |payload| {
            // sqlite_schema: type, name, tbl_name, rootpage, sql.
            let values = Values::parse(&payload)?;
            let text = |at: usize| values.text(at).map(Option::unwrap_or_default);
            if text(0)? == "table" && text(1)?.eq_ignore_ascii_case(table) {
                found = Some((values.integer(3).ok_or(CUT)?, Columns::parse(text(4)?)?));
            }
            Ok(())
        })?;
        let Some((root, known)) = found else { return Ok(false) };
        let places = columns
            .iter()
            .map(|column| known.find(column))
            .collect::<Result<Vec<_>, _>>()?;
        self.walk(root, &mut |payload| {
            let values = Values::parse(&payload)?;
            let mut row = Vec::with_capacity(places.len());
            for place in &places {
                // A row that is older than a column ends before it.
                if place.at >= values.places.len() && place.has_default {
                    return Err("a column has a default value");
                }
                row.push(values.text(place.at)?.map(str::to_owned));
            }
            see(row);
            Ok(())
        })?;
        Ok(true)
    }

    /// Shows `see` the payload of each cell of the table whose root page this is, in the order of the row ids. Each page and
    /// each byte can be part of a table once.
    fn walk(&self, root: u32, see: &mut dyn FnMut(Cow<'a, [u8]>) -> Result<(), Reason>) -> Result<(), Reason> {
        let mut left = Left {
            pages: vec![true; self.bytes.len() / self.page_size],
            bytes: self.bytes.len(),
        };
        // The pages that are still to be looked at, the next one last.
        let mut waiting = vec![root];
        while let Some(number) = waiting.pop() {
            let page = self.page(number, &mut left)?;
            let start = if number == 1 { HEADER } else { 0 };
            let kind = *page.get(start).ok_or(CUT)?;
            let cells = usize::from(short(page, start + 3)?);
            let first = start + if kind == INTERIOR { 12 } else { 8 };
            match kind {
                LEAF => {
                    for cell in 0..cells {
                        let at = usize::from(short(page, first + 2 * cell)?);
                        see(self.payload(page, at, &mut left)?)?;
                    }
                }
                INTERIOR => {
                    waiting.push(long(page, start + 8)?);
                    for cell in (0..cells).rev() {
                        let at = usize::from(short(page, first + 2 * cell)?);
                        waiting.push(long(page, at)?);
                    }
                }
                _ => return Err(CUT),
            }
        }
        Ok(())
    }

    /// One page, if it is still `left`. They are counted from 1.
    fn page(&self, number: u32, left: &mut Left) -> Result<&'a [u8], Reason> {
        let at = (number as usize).checked_sub(1).ok_or(CUT)?;
        match std::mem::take(left.pages.get_mut(at).ok_or(CUT)?) {
            true => slice(self.bytes, at * self.page_size, self.page_size),
            false => Err(CIRCLE),
        }
    }

    /// The payload of the cell at `at` of a leaf page: its length, the row's id, what fits into the page, and the first of a
    /// chain of pages with the rest (section 1.6 of the format).
    fn payload(&self, page: &'a [u8], at: usize, left: &mut Left) -> Result<Cow<'a, [u8]>, Reason> {
        let (length, at) = variable(page, at)?;
        let (_, at) = variable(page, at)?;
        let length = usize::try_from(length).map_err(|_| CUT)?;
        left.bytes = left.bytes.checked_sub(length).ok_or(CUT)?;
        let most = self.usable - 35;
        if length <= most {
            return Ok(Cow::Borrowed(slice(page, at, length)?));
        }
        let least = (self.usable - 12) * 32 / 255 - 23;
        let fitting = least + (length - least) % (self.usable - 4);
        let here = if fitting <= most { fitting } else { least };
        let mut payload = slice(page, at, here)?.to_vec();
        let mut next = long(page, at + here)?;
        while payload.len() < length {
            let page = self.page(next, left)?;
            next = long(page, 0)?;
            payload.extend_from_slice(slice(page, 4, (self.usable - 4).min(length - payload.len()))?);
        }
        match next {
            0 => Ok(Cow::Owned(payload)),
            _ => Err(CUT),
        }
    }
}

/// What a walk may still use.
struct Left {
    pages: Vec<bool>,
    bytes: usize,
}

/// The values of a row (section 2.1 of the format).
struct Values<'a> {
    payload: &'a [u8],
    /// The serial type of each value, and where it begins.
    places: Vec<(u64, usize)>,
}

impl<'a> Values<'a> {
    fn parse(payload: &'a [u8]) -> Result<Self, Reason> {
        let (header, mut at) = variable(payload, 0)?;
        let header = usize::try_from(header).map_err(|_| CUT)?;
        let mut value = header;
        let mut places = Vec::new();
        while at < header {
            let (kind, next) = variable(payload, at)?;
            places.push((kind, value));
            value = value.checked_add(length(kind)?).ok_or(CUT)?;
            at = next;
        }
        match at == header && value <= payload.len() {
            true => Ok(Self { payload, places }),
            false => Err(CUT),
        }
    }

    /// The text in a column; `None` for NULL and for a column that the row is older than.
    fn text(&self, column: usize) -> Result<Option<&'a str>, Reason> {
        match self.places.get(column) {
            None | Some((0, _)) => Ok(None),
            Some((kind, at)) if *kind >= 13 && kind % 2 == 1 => {
                let bytes = slice(self.payload, *at, length(*kind)?)?;
                let text = std::str::from_utf8(bytes).map_err(|_| "its text is not UTF-8")?;
                Ok(Some(text))
            }
            Some(_) => Err(OTHER_VALUE),
        }
    }

    /// The number of a page in a column.
    fn integer(&self, column: usize) -> Option<u32> {
        let (kind, at) = self.places.get(column)?;
        match kind {
            9 => Some(1),
            1..=6 => {
                let bytes = slice(self.payload, *at, length(*kind).ok()?).ok()?;
                let value = bytes.iter().fold(0_u64, |value, byte| value << 8 | u64::from(*byte));
                u32::try_from(value).ok()
            }
            _ => None,
        }
    }
}

/// How many bytes a value of this serial type takes.
fn length(kind: u64) -> Result<usize, Reason> {
    match kind {
        0 | 8 | 9 => Ok(0),
        1..=4 => Ok(kind as usize),
        5 => Ok(6),
        6 | 7 => Ok(8),
        10 | 11 => Err(CUT),
        _ => usize::try_from((kind - 12) / 2).map_err(|_| CUT),
    }
}

/// A number of 1 to 9 bytes at `at`, and what is behind it: seven bits in each byte but the ninth, which gives all eight.
fn variable(bytes: &[u8], at: usize) -> Result<(u64, usize), Reason> {
    let mut value = 0;
    for (count, byte) in bytes.get(at..).unwrap_or_default().iter().take(9).enumerate() {
        if count == 8 {
            return Ok((value << 8 | u64::from(*byte), at + 9));
        }
        value = value << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Ok((value, at + count + 1));
        }
    }
    Err(CUT)
}

fn slice(bytes: &[u8], at: usize, length: usize) -> Result<&[u8], Reason> {
    let end = at.checked_add(length).ok_or(CUT)?;
    bytes.get(at..end).ok_or(CUT)
}

fn short(bytes: &[u8], at: usize) -> Result<u16, Reason> {
    Ok(number(slice(bytes, at, 2)?) as u16)
}

fn long(bytes: &[u8], at: usize) -> Result<u32, Reason> {
    Ok(number(slice(bytes, at, 4)?))
}

/// A number of at most four bytes, the first the highest.
fn number(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |value, byte| value << 8 | u32::from(*byte))
}

#[cfg(test)]
mod tests;
