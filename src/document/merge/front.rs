//! The front matter as units: its keys, those below another key as one, comments and blank lines by themselves.
//!
//! Not here: merging a key that both sides have (fields.rs).

use std::borrow::Cow;
use std::ops::Range;

use bstr::ByteSlice;

use super::unit::{Inside, Kind, Unit};
use super::version::Version;
use crate::document::front_matter::Field;
use crate::document::lines::{is_blank, line_end, line_start};

impl<'a> Version<'a> {
    pub(super) fn inside_front(&self, unit: &Unit<'a>) -> Inside<'a> {
        let content = &self.front.content;
        let at = |i: usize| i.clamp(unit.span.start, unit.span.end);
        let (start, end) = (at(content.start), at(content.end).max(at(content.start)));
        Inside {
            head: &self.text[unit.span.start..start],
            children: match self.by_field {
                true => self.field_units(start..end),
                false => self.line_units(start..end, Kind::Raw),
            },
            tail: &self.text[end..unit.span.end],
        }
    }

    fn field_units(&self, range: Range<usize>) -> Vec<Unit<'a>> {
        let mut units: Vec<Unit<'a>> = Vec::new();
        let mut at = range.start;
        let mut fields = self.front.fields.iter().peekable();
        while let Some(field) = fields.next() {
            let mut span = self.field_span(field);
            let parts = field.key.parts();
            let map = parts.len() > 1;
            while let Some(next) = fields
                .peek()
                .filter(|next| map && next.key.parts().first() == parts.first())
            {
                span.end = span.end.max(self.field_span(next).end);
                fields.next();
            }
            let mut before = self.line_units(at..span.start.max(at), Kind::Raw);
            if map {
                // The parent's line, with what stands between it and its first child.
                let is_text = |line: &Unit<'_>| !is_blank(line.text) && !line.text.trim_start().starts_with(b"#");
                if let Some(parent) = before.iter().rposition(is_text) {
                    span.start = before[parent].span.start;
                    before.truncate(parent);
                }
            }
            units.extend(before);
            span.start = span.start.max(at);
            span.end = span.end.clamp(span.start, range.end);
            at = span.end;
            let key = if map { parts[0].clone() } else { field.key.to_string() };
            units.push(Unit {
                kind: if map { Kind::Map } else { Kind::Field },
                key: Cow::Owned(key.into_bytes()),
                gap: &[],
                text: &self.text[span.clone()],
                span,
            });
        }
        units.extend(self.line_units(at..range.end, Kind::Raw));
        units
    }

    pub(super) fn inside_map(&self, unit: &Unit<'a>) -> Inside<'a> {
        let inside = |field: &&Field| unit.span.contains(&field.key_span.start);
        let own: Vec<&Field> = self.front.fields.iter().filter(inside).collect();
        let starts: Vec<usize> = own.iter().map(|field| self.field_span(field).start).collect();
        let separate = starts.windows(2).all(|pair| pair[0] < pair[1]);
        let simple = own.iter().all(|field| field.key.parts().len() == 2);
        let first = starts.first().copied().unwrap_or(unit.span.end);
        if !separate || !simple || first <= unit.span.start {
            return Inside {
                head: unit.text,
                ..Inside::default()
            };
        }
        let mut children: Vec<Unit<'a>> = Vec::new();
        let mut at = first;
        for field in own {
            let span = self.field_span(field);
            children.extend(self.line_units(at..span.start.max(at), Kind::Raw));
            at = span.end.clamp(at, unit.span.end);
            let span = span.start..at.max(span.start);
            let key = Cow::Owned(field.key.to_string().into_bytes());
            children.push(Unit {
                kind: Kind::Field,
                key,
                gap: &[],
                text: &self.text[span.clone()],
                span,
            });
        }
        children.extend(self.line_units(at..unit.span.end, Kind::Raw));
        Inside {
            head: &self.text[unit.span.start..first],
            children,
            tail: &[],
        }
    }

    /// The lines of a field.
    fn field_span(&self, field: &Field) -> Range<usize> {
        let start = line_start(self.text, field.key_span.start);
        let last = field.value_span.end.max(field.key_span.end);
        let ended = last > field.key_span.end && self.text[..last].ends_with(b"\n");
        start..if ended { last } else { line_end(self.text, last) }
    }
}
