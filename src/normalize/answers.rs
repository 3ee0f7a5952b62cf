//! Answers that are kept for as long as they are likely to be asked for again: every question has one place, and the next one that
//! belongs there takes it.
//!
//! Invariant: what is answered is what would be found out anew. The table of a thread is one of some size, however many conditions
//! are gone through, and has nothing to be put in order.

use std::cell::Cell;

/// How many questions have a place; a power of two.
const PLACES: usize = 4_096;

/// Questions that were answered, and their answers.
pub(super) struct Answers<Q> {
    places: Box<[Place<Q>]>,
}

/// The place of a question and its answer; nothing where none was asked.
type Place<Q> = Cell<Option<(Q, Option<bool>)>>;

impl<Q: Copy + Eq> Answers<Q> {
    pub(super) fn new() -> Self {
        Self {
            places: (0..PLACES).map(|_| Cell::new(None)).collect(),
        }
    }

    /// The answer to a question, which is found out where it is not known; `print` tells the question from most others.
    pub(super) fn get(
        &self,
        question: Q,
        print: u64,
        answer: impl FnOnce() -> Option<bool>,
    ) -> Option<bool> {
        let at = usize::try_from(print % PLACES as u64).unwrap_or_default();
        let place = &self.places[at];
        if let Some((known, answer)) = place.get()
            && known == question
        {
            return answer;
        }
        let answer = answer();
        place.set(Some((question, answer)));
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_of_the_same_place_is_another_one() {
        let answers = Answers::new();
        let ask = |question: u64, answer| answers.get(question, 7, || answer);
        assert_eq!(ask(1, Some(true)), Some(true));
        assert_eq!(ask(1, None), Some(true));
        assert_eq!(ask(2, None), None);
        assert_eq!(ask(2, Some(false)), None);
        assert_eq!(ask(1, Some(false)), Some(false));
    }
}
