//! The keys of a policy: the one table that the file is read by and that its JSON Schema is made from.
//!
//! Not here: what the keys do (docs/configuration.md tells, the rest of this room and check/ carry it out).

use super::pattern::Pattern;
use super::shape::{Entry, Form, Shape};
use crate::document::front_matter::Key;
use crate::names::BranchName;

/// The most files that one entry of Updates may list.
const MOST_FILES: u32 = 10_000;
/// How much memory a regular expression may take when it is made ready, in bytes.
const LARGEST_EXPRESSION: usize = 64 * 1024;

/// The statuses, in the order of a branch's life.
pub(super) const STATUSES: [&str; 5] = ["draft", "in-review", "changes-requested", "approved", "merged"];
/// What a problem may do.
pub(super) const LEVELS: [&str; 3] = ["off", "warn", "block"];
/// What a branch without a document gets.
pub(super) const MISSING_DOCUMENT: [&str; 3] = ["block", "warn", "allow"];
/// What a key may hold.
pub(super) const TYPES: [&str; 5] = ["text", "number", "date", "list", "boolean"];
/// What a stack is drawn with.
pub(super) const STYLES: [&str; 2] = ["unicode", "ascii"];
/// When documents are sent.
pub(super) const SYNC: [&str; 2] = ["by-hand", "on-push"];
/// The codes of the checks that a policy may change. BW008 is about the policy itself.
pub(crate) const CODES: [&str; 23] = [
    "BW001", "BW002", "BW003", "BW004", "BW005", "BW006", "BW007", "BW009", "BW010", "BW011", "BW012", "BW013",
    "BW014", "BW015", "BW016", "BW017", "BW018", "BW019", "BW020", "BW021", "BW022", "BW023", "BW024",
];

const fn words(one: &'static str, words: &'static [&'static str]) -> Form {
    Form {
        one,
        many: one,
        words,
        holds: |_| true,
        why_not: |_| None,
    }
}

static BRANCH: Form = Form {
    one: "a branch name",
    many: "branch names",
    words: &[],
    holds: |text| BranchName::new(text).is_some(),
    why_not: |_| None,
};
static PATTERN: Form = Form {
    one: "a pattern, such as release/* or docs/**, with less than 128 characters from its first wildcard on",
    many: "patterns, such as release/* or docs/**",
    words: &[],
    holds: |text| !text.is_empty() && Pattern::new(text).is_some(),
    why_not: |_| None,
};
static PATH: Form = Form {
    one: "a path in the work tree, such as docs/branchwork.md",
    many: "paths",
    words: &[],
    holds: |path| {
        // Git's folder and ours are in the work tree, and no part of it.
        let ours = |part: &str| [".git", ".branchwork"].iter().any(|own| part.eq_ignore_ascii_case(own));
        let inside = |part: &str| !matches!(part, "" | "." | "..") && !part.contains(['\\', ':']) && !ours(part);
        path.split('/').all(inside) && !path.chars().any(char::is_control)
    },
    why_not: |_| None,
};
static KEY: Form = Form {
    one: "a front-matter key, such as dri or branch.name",
    many: "front-matter keys, such as [dri, branch.name]",
    words: &[],
    holds: |text| Key::parse(text).is_some(),
    why_not: |_| None,
};
static VALUE: Form = Form {
    one: "a text",
    many: "texts",
    words: &[],
    holds: |text| !text.trim().is_empty(),
    why_not: |_| None,
};
/// A word that means a status, in place of none of ours.
static OWN_STATUS: Form = Form {
    one: "a word of your own",
    many: "words of your own",
    words: &[],
    holds: |text| !text.trim().is_empty() && !STATUSES.contains(&text),
    why_not: |text| {
        STATUSES
            .contains(&text)
            .then_some("it keeps its meaning; only words of your own are given one")
    },
};
/// The template's keys that have a form of their own.
const FORMED: [&str; 10] = [
    "status",
    "risk",
    "dri",
    "pr",
    "date",
    "last_updated",
    "branch.name",
    "branch.base",
    "branch.position",
    "branch.total",
];
static OWN_KEY: Form = Form {
    one: KEY.one,
    many: KEY.many,
    words: &[],
    holds: |text| Key::parse(text).is_some() && !FORMED.contains(&text),
    why_not: |text| FORMED.contains(&text).then_some("what it holds is given"),
};
static SECTION: Form = Form {
    one: "the title of a section, such as Decisions or Notes/Risks",
    many: "titles of sections, such as [Decisions, Notes/Risks]",
    words: &[],
    holds: |text| !text.trim().is_empty(),
    why_not: |_| None,
};
static EXPRESSION: Form = Form {
    one: "a regular expression, such as '[A-Z]+-[0-9]+', that is not too large",
    many: "regular expressions",
    words: &[],
    holds: |text| expression(text).is_some(),
    why_not: |_| None,
};
static STATUS: Form = words("draft, in-review, changes-requested, approved or merged", &STATUSES);
static LEVEL: Form = words("off, warn or block", &LEVELS);
static MISSING: Form = words("block, warn or allow", &MISSING_DOCUMENT);
static TYPE: Form = words("text, number, date, list or boolean", &TYPES);
static STYLE: Form = words("unicode or ascii", &STYLES);
static WHEN_TO_SYNC: Form = words("by-hand or on-push", &SYNC);
static CODE: Form = Form {
    why_not: |text| (text == "BW008").then_some("that check is about this file itself"),
    ..words("the code of a check, such as BW002", &CODES)
};

const PATTERNS: Shape = Shape::List(&Shape::Text(&PATTERN));
const KEYS: Shape = Shape::List(&Shape::Text(&KEY));
static VALUES: Shape = Shape::Filled(&Shape::List(&Shape::Text(&VALUE)));

/// A regular expression that has to match a whole text. The engine takes time in proportion to the product of both sizes.
pub(super) fn expression(text: &str) -> Option<regex_lite::Regex> {
    // Alone, so that a parenthesis in it cannot close ours.
    let build = |text: &str| {
        regex_lite::RegexBuilder::new(text)
            .size_limit(LARGEST_EXPRESSION)
            .build()
            .ok()
    };
    build(text)?;
    build(&format!("^(?:{text})$"))
}

const fn entry(key: &'static str, about: &'static str, shape: Shape) -> Entry {
    Entry { key, about, shape }
}

const fn by_status(item: &'static Shape) -> [Entry; 5] {
    [
        entry(STATUSES[0], "From the beginning on.", Shape::List(item)),
        entry(STATUSES[1], "From in-review on.", Shape::List(item)),
        entry(STATUSES[2], "From changes-requested on.", Shape::List(item)),
        entry(STATUSES[3], "From approved on.", Shape::List(item)),
        entry(STATUSES[4], "Once it is merged.", Shape::List(item)),
    ]
}

static REQUIRED: [Entry; 5] = by_status(&Shape::Text(&KEY));
static SECTIONS: [Entry; 5] = by_status(&Shape::Text(&SECTION));
static CHECKLISTS: [Entry; 5] = by_status(&Shape::Text(&SECTION));

static WHEN: [Entry; 3] = [
    entry(
        "paths",
        "Patterns of files, one of which the branch changes.",
        Shape::Filled(&PATTERNS),
    ),
    entry(
        "branches",
        "Patterns of branch names, one of which is the branch's.",
        Shape::Filled(&PATTERNS),
    ),
    entry("status", "From this status on.", Shape::Text(&STATUS)),
];

static RULE: Shape = Shape::With(&PARTS_OF_RULE, &["require", "refuse"]);
static PARTS_OF_RULE: Shape = Shape::Map {
    known: &[
        entry(
            "when",
            "When the rule holds: all that is named has to be so. Without it, always.",
            Shape::Map {
                known: &WHEN,
                rest: None,
            },
        ),
        entry("require", "Keys that must have a value then.", Shape::Filled(&KEYS)),
        entry(
            "refuse",
            "Values that a key must not have then.",
            Shape::Map {
                known: &[],
                rest: Some((&KEY, &VALUES)),
            },
        ),
        entry(
            "because",
            "Why, for those whose push it holds back.",
            Shape::Text(&VALUE),
        ),
    ],
    rest: None,
};

/// What a policy may say.
pub(super) static POLICY: Shape = Shape::Map {
    known: &[
        entry(
            "version",
            "The version of this file's form.",
            Shape::Number { least: 1, most: 1 },
        ),
        entry(
            "trunk",
            "The branch that others are merged into; found out where it is not given.",
            Shape::Text(&BRANCH),
        ),
        entry("exclude", "Patterns of branches that get no document.", PATTERNS),
        entry(
            "protected",
            "Patterns of branches that are treated as the trunk is: no document, and what is pushed to them is not checked.",
            PATTERNS,
        ),
        entry(
            "template",
            "A file in the work tree that new documents are made from.",
            Shape::Text(&PATH),
        ),
        entry(
            "missing_document",
            "What the push of a branch without a document gets.",
            Shape::Text(&MISSING),
        ),
        entry(
            "required",
            "Keys that must have a value, by status; each status also requires what those before it do.",
            Shape::Map {
                known: &REQUIRED,
                rest: None,
            },
        ),
        entry(
            "sections",
            "Sections that must not be empty, by status.",
            Shape::Map {
                known: &SECTIONS,
                rest: None,
            },
        ),
        entry(
            "checklists",
            "Sections whose checklist must be clear, by status.",
            Shape::Map {
                known: &CHECKLISTS,
                rest: None,
            },
        ),
        entry(
            "keys",
            "Keys of your own, and what they hold.",
            Shape::Map {
                known: &[],
                rest: Some((&OWN_KEY, &Shape::Text(&TYPE))),
            },
        ),
        entry(
            "values",
            "The values that a key may have; for status, words of your own and the status that each means.",
            Shape::Map {
                known: &[entry(
                    "status",
                    "Words of your own, and the status that each means.",
                    Shape::Map {
                        known: &[],
                        rest: Some((&OWN_STATUS, &Shape::Text(&STATUS))),
                    },
                )],
                rest: Some((&KEY, &VALUES)),
            },
        ),
        entry(
            "patterns",
            "Regular expressions that the whole of a value has to match.",
            Shape::Map {
                known: &[entry(
                    "title",
                    "What the title of the document has to match.",
                    Shape::Text(&EXPRESSION),
                )],
                rest: Some((&KEY, &Shape::Text(&EXPRESSION))),
            },
        ),
        entry(
            "rules",
            "What holds for some branches only: for those that change certain files, have certain names, or are so far.",
            Shape::List(&RULE),
        ),
        entry(
            "checks",
            "What a check does, by its code.",
            Shape::Map {
                known: &[],
                rest: Some((&CODE, &Shape::Text(&LEVEL))),
            },
        ),
        entry(
            "updates",
            "The entries of Updates.",
            Shape::Map {
                known: &[entry(
                    "max_files",
                    "How many files an entry lists before it sums up the rest by folder.",
                    Shape::Number {
                        least: 1,
                        most: MOST_FILES,
                    },
                )],
                rest: None,
            },
        ),
        entry(
            "stack",
            "The stack.",
            Shape::Map {
                known: &[entry("style", "What it is drawn with.", Shape::Text(&STYLE))],
                rest: None,
            },
        ),
        entry(
            "sync",
            "When documents are sent to the remote, as a proposal: init tells those who have not decided for themselves.",
            Shape::Text(&WHEN_TO_SYNC),
        ),
    ],
    rest: None,
};
