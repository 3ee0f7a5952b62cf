//! The steps of a path as to how their keys are spelt: Panther finds a key in any case, unless it has to be spelt exactly so.

use std::fmt::Write as _;

use smallvec::SmallVec;

use crate::ir::Segment;

/// The steps as one text that has nothing of how keys are spelt in it, and where each step ends there.
pub(super) fn fold(steps: &[Segment]) -> (String, SmallVec<[usize; 8]>) {
    let mut folded = String::with_capacity(48);
    let mut ends = SmallVec::new();
    for step in steps {
        match step {
            Segment::Key(key) | Segment::Exact(key) => {
                folded.push('\0');
                let start = folded.len();
                if key.is_ascii() {
                    folded.push_str(key);
                    folded[start..].make_ascii_lowercase();
                } else {
                    folded.push_str(&key.to_lowercase());
                }
            }
            Segment::Index(index) => drop(write!(folded, "\0[{index}]")),
            Segment::Each => folded.push_str("\0[]"),
        }
        ends.push(folded.len());
    }
    (folded, ends)
}

/// The key of a step.
pub(super) fn key(step: &Segment) -> Option<&str> {
    match step {
        Segment::Key(key) | Segment::Exact(key) => Some(key),
        Segment::Index(_) | Segment::Each => None,
    }
}

/// Whether a segment of the map stands for one of a path, as to its spelling.
pub(super) fn is_spelt((known, segment): (&Segment, &Segment)) -> bool {
    match (known, segment) {
        (Segment::Key(known), Segment::Exact(key)) => known == key,
        _ => true,
    }
}
