//! Work that all processors share. Not here: what is worked on.

use std::num::NonZero;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::Builder;

use crate::error::{Error, Result};

/// What each thread makes of its parts of so many pieces of work. A part has `at_once` of them, neighbours; `work` asks for one after
/// another until there is none. This thread works too, so that all is done where no other can be had.
pub(crate) fn share<T: Send>(
    pieces: usize,
    at_once: usize,
    work: impl Fn(&mut dyn FnMut() -> Option<Range<usize>>) -> Result<T> + Sync,
) -> Result<Vec<T>> {
    let begun = AtomicUsize::new(0);
    let next = || {
        let start = begun.fetch_add(at_once, Ordering::Relaxed);
        (start < pieces).then(|| start..(start + at_once).min(pieces))
    };
    let run = || work(&mut { next });
    let parts = pieces.div_ceil(at_once);
    if parts <= 1 {
        return Ok(vec![run()?]);
    }
    let threads = std::thread::available_parallelism().map_or(1, NonZero::get).min(parts);
    let broken = || Error::new("a thread broke off").hint("please report it");
    std::thread::scope(|scope| {
        let start = |_| Builder::new().spawn_scoped(scope, run).ok();
        let running: Vec<_> = (1..threads).map_while(start).collect();
        let mut made = vec![run()?];
        for thread in running {
            made.push(thread.join().unwrap_or_else(|_| Err(broken()))?);
        }
        Ok(made)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_piece_is_worked_on_once() {
        for pieces in [0, 1, 9, 10, 11, 1000, 1005] {
            let made = share(pieces, 10, |next| {
                let mut mine = Vec::new();
                while let Some(part) = next() {
                    assert!(part.len() <= 10);
                    mine.extend(part);
                }
                Ok(mine)
            });
            let mut made: Vec<usize> = made.unwrap().into_iter().flatten().collect();
            made.sort_unstable();
            assert_eq!(made, (0..pieces).collect::<Vec<_>>());
        }
        let failed = share(100, 10, |next| {
            while let Some(part) = next() {
                if part.contains(&15) {
                    return Err(Error::new("the second part"));
                }
            }
            Ok(())
        });
        assert_eq!(failed.unwrap_err().to_string(), "the second part");
    }
}
