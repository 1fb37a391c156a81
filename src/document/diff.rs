//! Where two sequences of tokens, which are small numbers, differ, in time that hardly grows faster than their lengths.
//!
//! What stands once in each is found first and splits the rest into small pieces (patience diff); imara-diff, whose cost
//! grows with the number of differences too, sees only those.

use std::collections::HashMap;
use std::ops::Range;

use imara_diff::{Algorithm, Diff, Token};

/// How many tokens of each sequence are compared at once: the cost of a diff of lines that are all the same grows with
/// the square of their number.
const WINDOW: usize = 1024;

/// A range of the one sequence and the range of the other that stands for it.
pub(super) type Hunk = (Range<usize>, Range<usize>);

/// The ranges in which `before` and `after` differ, in order, with something equal between any two.
pub(super) fn hunks(before: &[u32], after: &[u32]) -> Vec<Hunk> {
    let mut hunks: Vec<Hunk> = Vec::new();
    let (mut i, mut j) = (0, 0);
    let end = std::iter::once((before.len(), after.len()));
    for (a, b) in anchors(before, after).into_iter().chain(end) {
        for (removed, added) in piece(&before[i..a], &after[j..b]) {
            let hunk = (i + removed.start..i + removed.end, j + added.start..j + added.end);
            match hunks.last_mut() {
                Some(last) if last.0.end == hunk.0.start && last.1.end == hunk.1.start => {
                    *last = (last.0.start..hunk.0.end, last.1.start..hunk.1.end);
                }
                _ => hunks.push(hunk),
            }
        }
        (i, j) = (a + 1, b + 1);
    }
    hunks
}

/// The hunks of a piece, found window by window; the next one begins behind the last thing that is equal in this one.
fn piece(before: &[u32], after: &[u32]) -> Vec<Hunk> {
    let mut hunks: Vec<Hunk> = Vec::new();
    let (mut i, mut j) = (0, 0);
    while i < before.len() || j < after.len() {
        let (one, other) = (
            &before[i..before.len().min(i + WINDOW)],
            &after[j..after.len().min(j + WINDOW)],
        );
        let mut found = window(one, other);
        let last = i + one.len() == before.len() && j + other.len() == after.len();
        let open = found
            .last()
            .filter(|hunk| hunk.0.end == one.len() && hunk.1.end == other.len())
            .cloned();
        let mut end = (one.len(), other.len());
        if let Some((removed, added)) = open.filter(|hunk| !last && hunk.0.start.max(hunk.1.start) > WINDOW / 2) {
            found.pop();
            end = (removed.start, added.start);
        }
        hunks.extend(
            found
                .into_iter()
                .map(|(a, b)| (i + a.start..i + a.end, j + b.start..j + b.end)),
        );
        (i, j) = (i + end.0, j + end.1);
    }
    hunks
}

fn window(before: &[u32], after: &[u32]) -> Vec<Hunk> {
    if before == after {
        return Vec::new();
    }
    if before.is_empty() || after.is_empty() {
        return vec![(0..before.len(), 0..after.len())];
    }
    let mut dense: HashMap<u32, u32> = HashMap::new();
    let input = [before, after].map(|tokens| {
        let mut token = |token: &u32| {
            let next = u32::try_from(dense.len()).unwrap_or(u32::MAX);
            Token(*dense.entry(*token).or_insert(next))
        };
        tokens.iter().map(&mut token).collect::<Vec<Token>>()
    });
    let count = u32::try_from(dense.len()).unwrap_or(u32::MAX);
    let mut diff = Diff::default();
    diff.compute_with(Algorithm::Histogram, &input[0], &input[1], count);
    let range = |range: Range<u32>| range.start as usize..range.end as usize;
    diff.hunks()
        .map(|hunk| (range(hunk.before), range(hunk.after)))
        .collect()
}

/// The longest run of tokens that stand once in each sequence and in the same order in both: their places.
fn anchors(before: &[u32], after: &[u32]) -> Vec<(usize, usize)> {
    let greatest = before.iter().chain(after).max().map_or(0, |token| *token as usize);
    let mut places: Vec<[Option<usize>; 2]> = vec![[None; 2]; greatest + 1];
    // What is seen twice in one sequence gets the place `usize::MAX`: not once.
    for (side, tokens) in [before, after].into_iter().enumerate() {
        for (i, token) in tokens.iter().enumerate() {
            let place = &mut places[*token as usize][side];
            *place = Some(if place.is_some() { usize::MAX } else { i });
        }
    }
    let once = |(i, token): (usize, &u32)| match places[*token as usize] {
        [Some(a), Some(b)] if a == i && b != usize::MAX => Some((i, b)),
        _ => None,
    };
    let pairs: Vec<(usize, usize)> = before.iter().enumerate().filter_map(once).collect();
    longest_rise(&pairs)
}

/// The longest selection of `pairs` in which the second places rise.
fn longest_rise(pairs: &[(usize, usize)]) -> Vec<(usize, usize)> {
    // The pair with the lowest second place that ends a rise of each length, and for each pair the one before it.
    let mut ends: Vec<usize> = Vec::new();
    let mut previous: Vec<Option<usize>> = Vec::with_capacity(pairs.len());
    for (n, (_, place)) in pairs.iter().enumerate() {
        let length = ends.partition_point(|end| pairs[*end].1 < *place);
        previous.push(length.checked_sub(1).map(|i| ends[i]));
        match ends.get_mut(length) {
            Some(end) => *end = n,
            None => ends.push(n),
        }
    }
    let mut rise: Vec<(usize, usize)> = std::iter::successors(ends.last().copied(), |n| previous[*n])
        .map(|n| pairs[n])
        .collect();
    rise.reverse();
    rise
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is between the hunks of a diff is equal, and nothing is left out.
    fn check(before: &[u32], after: &[u32]) -> usize {
        let (mut i, mut j, mut kept) = (0, 0, 0);
        let end = (before.len()..before.len(), after.len()..after.len());
        for (removed, added) in hunks(before, after).into_iter().chain([end]) {
            assert_eq!(before[i..removed.start], after[j..added.start]);
            kept += removed.start - i;
            (i, j) = (removed.end, added.end);
        }
        kept
    }

    #[test]
    fn finds_what_is_equal() {
        let table: [(&[u32], &[u32], usize); 7] = [
            (&[], &[], 0),
            (&[1], &[], 0),
            (&[1, 2, 3], &[1, 2, 3], 3),
            (&[1, 2, 3], &[0, 1, 3, 4], 2),
            (&[1, 1, 2, 1, 1], &[1, 1, 1, 1], 4),
            (&[1, 2, 3, 4], &[3, 4, 1, 2], 2),
            (&[5, 1, 5, 2, 5], &[5, 2, 5, 1, 5], 3),
        ];
        for (before, after, kept) in table {
            assert_eq!(check(before, after), kept, "{before:?} {after:?}");
        }
    }

    #[test]
    fn windows_join() {
        let before: Vec<u32> = (0..5000).map(|i| i * i % 7).collect();
        let mut after = before.clone();
        after.splice(1000..1010, [9, 9, 9]);
        after.drain(3000..3400);
        assert!(check(&before, &after) > 4000);
        assert_eq!(check(&before, &[8; 3000]), 0);
    }
}
