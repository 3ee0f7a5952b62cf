//! How long it takes to read the log sources: their heads, and their fields, which are read on first use.
//!
//! `cargo bench --bench schema` prints both, the share of the heads, and what a run reads that names one source. All heads are to
//! cost less than [`LIMIT`].
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a program that measures, and no part of the library"
)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use rulec::schema::Crosswalk;

/// What the heads of all sources may cost.
const LIMIT: Duration = Duration::from_millis(5);
/// Times that a stage is run.
const RUNS: usize = 15;

fn main() {
    let heads = shortest(|| Crosswalk::shipped().sources().count());
    let whole = shortest(|| fields(&Crosswalk::shipped()));
    let share = heads.as_secs_f64() / whole.as_secs_f64();
    println!("heads of all sources   {heads:>10.1?}");
    println!("heads and all fields   {whole:>10.1?}");
    println!("share of the heads     {:>9.1} %", 100.0 * share);
    let one = Crosswalk::shipped();
    let first = shortest(|| {
        let crosswalk = Crosswalk::shipped();
        crosswalk
            .get("github.audit")
            .map_or(0, |source| source.fields().len())
    });
    println!("one source of {:<8} {first:>10.1?}", one.sources().count());
    if heads > LIMIT {
        println!("over the limit of {LIMIT:?}");
    }
}

/// Reads every source's fields and counts them.
fn fields(crosswalk: &Crosswalk) -> usize {
    let sources = crosswalk.sources();
    sources.map(|source| source.fields().len()).sum()
}

fn shortest(work: impl Fn() -> usize) -> Duration {
    let run = || {
        let start = Instant::now();
        black_box(work());
        start.elapsed()
    };
    (0..RUNS).map(|_| run()).min().unwrap()
}
