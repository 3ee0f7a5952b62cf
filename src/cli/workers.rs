//! Work on many files by several threads, its results in the order of the files.
//!
//! A few files are worked on by the calling thread. A result waits until all before it were handed over, so that output does not
//! depend on which thread was faster.

use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

use super::STACK;

/// Fewer files than this are not worth a thread.
const FEW: usize = 8;

/// Hands `each` the result of `work` on every item, in order; stops at the first error of `each`.
pub(super) fn in_order<T: Sync, R: Send>(
    items: &[T],
    work: impl Fn(&T) -> R + Sync,
    mut each: impl FnMut(R) -> io::Result<()>,
) -> io::Result<()> {
    let threads = thread::available_parallelism()
        .map_or(1, usize::from)
        .min(16);
    if threads == 1 || items.len() < FEW {
        return items.iter().try_for_each(|item| each(work(item)));
    }
    let (next, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
    thread::scope(|scope| {
        let (sender, receiver) = mpsc::sync_channel(64);
        for _ in 0..threads {
            let sender = sender.clone();
            let (next, stop, work) = (&next, &stop, &work);
            let run = move || {
                while !stop.load(Ordering::Relaxed) {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(at) else { break };
                    if sender.send((at, work(item))).is_err() {
                        break;
                    }
                }
            };
            thread::Builder::new()
                .stack_size(STACK)
                .spawn_scoped(scope, run)?;
        }
        drop(sender);
        let mut waiting = BTreeMap::new();
        let mut due = 0;
        let handed = receiver.iter().try_for_each(|(at, result)| {
            waiting.insert(at, result);
            while let Some(result) = waiting.remove(&due) {
                due += 1;
                each(result)?;
            }
            Ok(())
        });
        stop.store(true, Ordering::Relaxed);
        handed
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_items() {
        let items: Vec<u64> = (0..200).collect();
        let mut seen = Vec::new();
        let slow_first = |item: &u64| {
            thread::sleep(std::time::Duration::from_micros(200 - item));
            *item
        };
        in_order(&items, slow_first, |item| {
            seen.push(item);
            Ok(())
        })
        .unwrap();
        assert_eq!(seen, items);
    }

    #[test]
    fn an_error_ends_the_work() {
        let items: Vec<u64> = (0..10_000).collect();
        let failed = in_order(&items, |item| *item, |_| Err(io::Error::other("full")));
        assert!(failed.is_err());
    }
}
