//! How much of two texts is alike, after Ratcliff and Obershelp.
//!
//! Source: the Python library reference, `difflib`: the longest common part, then the same on either side of it. Characters that
//! make up more than a hundredth of a second text of 200 characters or more do not start a common part.

use std::collections::BTreeMap;

use serde_json::Value;

/// Twice the characters in common parts, by all characters; 1 for two empty texts.
#[allow(clippy::cast_precision_loss, reason = "texts are shorter than 2^52")]
pub(super) fn ratio(a: &str, b: &str) -> Value {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let length = a.len() + b.len();
    if length == 0 {
        return 1.0.into();
    }
    let places = places(&b);
    let mut common = 0;
    let mut rest = vec![(0, a.len(), 0, b.len())];
    while let Some((from, to, other_from, other_to)) = rest.pop() {
        let (at, other, size) = longest((&a, from, to), (&b, other_from, other_to), &places);
        if size > 0 {
            common += size;
            rest.push((from, at, other_from, other));
            rest.push((at + size, to, other + size, other_to));
        }
    }
    (2.0 * common as f64 / length as f64).into()
}

/// Where each character stands in the text, without those that stand everywhere.
fn places(text: &[char]) -> BTreeMap<char, Vec<usize>> {
    let mut places: BTreeMap<char, Vec<usize>> = BTreeMap::new();
    for (at, c) in text.iter().enumerate() {
        places.entry(*c).or_default().push(at);
    }
    if text.len() >= 200 {
        let most = text.len() / 100 + 1;
        places.retain(|_, at| at.len() <= most);
    }
    places
}

/// The first of the longest common parts: its place in either text and its length.
fn longest(
    (a, from, to): (&[char], usize, usize),
    (b, other_from, other_to): (&[char], usize, usize),
    places: &BTreeMap<char, Vec<usize>>,
) -> (usize, usize, usize) {
    let (mut best, mut best_other, mut size) = (from, other_from, 0);
    let mut lengths: BTreeMap<usize, usize> = BTreeMap::new();
    for (at, c) in a.iter().enumerate().take(to).skip(from) {
        let mut next = BTreeMap::new();
        for &other in places.get(c).map_or(&[][..], Vec::as_slice) {
            if other < other_from {
                continue;
            }
            if other >= other_to {
                break;
            }
            let before = other.checked_sub(1).and_then(|before| lengths.get(&before));
            let length = before.copied().unwrap_or(0) + 1;
            next.insert(other, length);
            if length > size {
                (best, best_other, size) = (at + 1 - length, other + 1 - length, length);
            }
        }
        lengths = next;
    }
    while best > from && best_other > other_from && a[best - 1] == b[best_other - 1] {
        (best, best_other, size) = (best - 1, best_other - 1, size + 1);
    }
    while best + size < to && best_other + size < other_to && a[best + size] == b[best_other + size]
    {
        size += 1;
    }
    (best, best_other, size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_are_pythons() {
        let long = "abcdefghij".repeat(30);
        for (a, b, expected) in [
            ("", "", 1.0),
            ("", "a", 0.0),
            ("google.com", "go0gle.com", 0.9),
            ("abcd", "bcde", 0.75),
            ("private", "property", 0.4),
            (&long, &long, 1.0),
            (&long, &format!("x{long}"), 0.0),
        ] {
            assert_eq!(ratio(a, b), Value::from(expected), "{a} {b}");
        }
    }
}
