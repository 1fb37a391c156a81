//! The columns of a table, out of the text of its `CREATE TABLE` (<https://www.sqlite.org/lang_createtable.html>).
//!
//! Not here: types and constraints, but for those that change what a row holds. What is not understood is refused.

use std::iter::Peekable;
use std::str::Chars;

use super::Reason;

const NOT_UNDERSTOOD: Reason = "a table is described in a way that is not known here";
/// What a definition begins with that is a constraint of the table and no column.
const CONSTRAINTS: [&str; 5] = ["CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"];

/// Where a column is in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// How many columns are before it.
    pub(super) at: usize,
    /// Whether a row that ends before it has another value there than NULL.
    pub(super) has_default: bool,
}

/// The columns of a table in the order of the values in a row.
#[derive(Debug)]
pub(super) struct Columns(Vec<(String, bool)>);

#[derive(Debug, PartialEq)]
enum Token {
    /// As it stands in the text: a keyword or a name.
    Word(String),
    /// In quotes of any kind.
    Quoted(String),
    Sign(char),
}

impl Token {
    fn is(&self, keyword: &str) -> bool {
        matches!(self, Self::Word(word) if word.eq_ignore_ascii_case(keyword))
    }
}

impl Columns {
    pub(super) fn parse(create_table: &str) -> Result<Self, Reason> {
        let mut tokens = tokens(create_table).into_iter();
        let _ = tokens.by_ref().find(|token| *token == Token::Sign('('));
        let mut definitions = Vec::new();
        let mut definition = Vec::new();
        let mut depth = 1;
        for token in tokens.by_ref() {
            match token {
                Token::Sign('(') => depth += 1,
                Token::Sign(')') => depth -= 1,
                Token::Sign(',') if depth == 1 => definitions.push(std::mem::take(&mut definition)),
                token if depth == 1 => definition.push(token),
                _ => {}
            }
            if depth == 0 {
                break;
            }
        }
        definitions.push(definition);
        let has = |definition: &[Token], word: &str| definition.iter().any(|token| token.is(word));
        let is_column = |definition: &Vec<Token>| {
            let first = definition.first();
            !first.is_some_and(|first| CONSTRAINTS.iter().any(|constraint| first.is(constraint)))
        };
        let mut columns = Vec::new();
        for definition in definitions.iter().take_while(|definition| is_column(definition)) {
            let Some(Token::Word(name) | Token::Quoted(name)) = definition.first() else {
                return Err(NOT_UNDERSTOOD);
            };
            // A generated column may not be in the rows at all.
            if has(definition, "AS") {
                return Err(NOT_UNDERSTOOD);
            }
            columns.push((name.clone(), has(definition, "DEFAULT")));
        }
        // WITHOUT ROWID makes it an index.
        match depth == 0 && !tokens.any(|token| token.is("WITHOUT")) {
            true => Ok(Self(columns)),
            false => Err(NOT_UNDERSTOOD),
        }
    }

    pub(super) fn find(&self, name: &str) -> Result<Place, Reason> {
        let at = self.0.iter().position(|(column, _)| column.eq_ignore_ascii_case(name));
        let place = |at: usize| Place {
            at,
            has_default: self.0[at].1,
        };
        at.map(place).ok_or("a table lacks a column that is looked for")
    }
}

fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '"' | '`' | '\'' => tokens.push(Token::Quoted(quoted(&mut rest, c))),
            '[' => tokens.push(Token::Quoted(rest.by_ref().take_while(|c| *c != ']').collect())),
            '-' if rest.next_if_eq(&'-').is_some() => rest.by_ref().take_while(|c| *c != '\n').for_each(drop),
            '/' if rest.next_if_eq(&'*').is_some() => {
                let mut star = false;
                let _ = rest
                    .by_ref()
                    .find(|c| std::mem::replace(&mut star, *c == '*') && *c == '/');
            }
            c if c.is_whitespace() => {}
            c if is_word(c) => {
                let mut word = String::from(c);
                while let Some(c) = rest.next_if(|c| is_word(*c)) {
                    word.push(c);
                }
                tokens.push(Token::Word(word));
            }
            c => tokens.push(Token::Sign(c)),
        }
    }
    tokens
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

/// What is in quotes; a doubled quote stands for one.
fn quoted(rest: &mut Peekable<Chars>, quote: char) -> String {
    let mut text = String::new();
    while let Some(c) = rest.next() {
        if c == quote && rest.next_if_eq(&quote).is_none() {
            break;
        }
        text.push(c);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(text: &str) -> Result<Vec<(String, bool)>, Reason> {
        Columns::parse(text).map(|columns| columns.0)
    }

    fn names(text: &str) -> Vec<String> {
        columns(text).unwrap().into_iter().map(|(name, _)| name).collect()
    }

    #[test]
    fn names_in_every_form() {
        let text = "CREATE TABLE \"t(,)\" (a, \"b \"\"c\" text not null primary key, [d e] varchar(255), `f`, 'g' /* , x */ int,\n\
                    -- , y\n h decimal(10, 2) check (h > (1)), i text default (max(1, 2)), j REFERENCES o(a, b),\n\
                    CONSTRAINT k CHECK (a > 1), UNIQUE (a, h))";
        assert_eq!(names(text), ["a", "b \"c", "d e", "f", "g", "h", "i", "j"]);
        assert_eq!(
            names("CREATE TABLE t(\"primary\" text, unique_id, PRIMARY KEY (a))"),
            ["primary", "unique_id"]
        );
    }

    #[test]
    fn what_changes_the_rows() {
        assert_eq!(
            columns("create table t (a text, b text default 'x, y')"),
            Ok(vec![("a".to_owned(), false), ("b".to_owned(), true)])
        );
        for refused in [
            "CREATE TABLE t (a text primary key) WITHOUT ROWID",
            "CREATE TABLE t (a, b AS (a) VIRTUAL)",
            "CREATE TABLE t (a, b text GENERATED ALWAYS AS (a) STORED)",
            "CREATE TABLE t (a, b",
            "CREATE TABLE t",
            "CREATE TABLE t ()",
            "CREATE TABLE t (a,,b)",
            "",
            "/* (",
        ] {
            assert_eq!(columns(refused), Err(NOT_UNDERSTOOD), "{refused}");
        }
    }
}
