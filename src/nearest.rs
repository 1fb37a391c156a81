//! Which known word a wrong one was meant to be.
//!
//! Not here: what is known, and whether to ask "did you mean" or to say nothing.

/// The word of `known` that `given` was probably meant to be: it in another case, with something before or behind it
/// (`low-risk`), the start of it (`med`), longer (`warning`), or at most a third of its letters wrong.
pub(crate) fn nearest<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let given: String = given.trim().to_lowercase().replace(['_', ' '], "-");
    // Nobody meant this, and the distance costs the product of both lengths.
    if given.is_empty() || given.len() > 64 {
        return None;
    }
    known
        .into_iter()
        .filter_map(|word| Some((cost(&given, word)?, word)))
        .min_by_key(|(cost, _)| *cost)
        .map(|(_, word)| word)
}

fn cost(given: &str, word: &str) -> Option<usize> {
    let simple = word.to_lowercase().replace('_', "-");
    if given == simple {
        return Some(0);
    }
    let part = given.split(['-', '.', '/']).any(|part| part == simple);
    let start = given.len() >= 3 && simple.starts_with(given);
    let longer = simple.len() >= 4 && given.starts_with(&simple);
    if part || start || longer {
        return Some(1);
    }
    let distance = distance(given, &simple);
    (distance <= (word.chars().count() / 3).max(1)).then_some(1 + distance)
}

/// The word of `known` that `given` was certainly meant to be: it in another case or with other dashes, or with a slip or two.
pub(crate) fn misspelt<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let simple = |text: &str| text.to_lowercase().replace(['_', ' '], "-");
    let given = simple(given);
    if given.len() > 64 {
        return None;
    }
    let slips = |word: &&str| distance(&given, &simple(word));
    let most = |word: &&str| if word.chars().count() < 8 { 1 } else { 2 };
    let near = known.into_iter().filter(|word| slips(word) <= most(word));
    near.min_by_key(slips)
}

/// Letters to put in, take out, change or swap with the next (optimal string alignment).
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut older: Vec<usize> = Vec::new();
    let mut old: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let change = old[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = change.min(old[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(older[j - 2] + 1);
            }
            row.push(best);
        }
        older = std::mem::replace(&mut old, row);
    }
    old[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_was_meant() {
        let known = [
            "low",
            "medium",
            "high",
            "in-review",
            "changes-requested",
            "missing_document",
        ];
        for (given, meant) in [
            ("low-risk", Some("low")),
            ("High", Some("high")),
            ("hihg", Some("high")),
            ("med", Some("medium")),
            ("meduim", Some("medium")),
            ("in review", Some("in-review")),
            ("change-requested", Some("changes-requested")),
            ("missing-document", Some("missing_document")),
            ("", None),
            ("lo", Some("low")),
            ("banana", None),
            ("x", None),
        ] {
            assert_eq!(nearest(given, known), meant, "{given}");
        }
        assert_eq!(nearest(&"low-".repeat(100_000), known), None);
        for (given, meant) in [
            ("Low", Some("low")),
            ("mediun", Some("medium")),
            ("missing-document", Some("missing_document")),
            ("missing_docment", Some("missing_document")),
            ("low_risk", None),
            ("in_reviews_of", None),
        ] {
            assert_eq!(misspelt(given, known), meant, "{given}");
        }
    }
}
