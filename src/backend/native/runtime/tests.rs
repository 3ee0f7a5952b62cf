//! Every function has a text, and the text is whole.

use super::*;

#[test]
fn every_function_of_values_has_a_text() {
    let without: Vec<&str> = FUNCTIONS
        .iter()
        .filter(|info| !has(info.function))
        .map(|info| info.name)
        .collect();
    assert_eq!(without, ["recurse", "again", "anywhere", "scan_time"]);
}

#[test]
fn a_text_has_what_it_needs_and_no_more() {
    let runtime = of(&BTreeSet::from([Function::SplitLast])).unwrap();
    assert!(runtime.text.contains("pub(super) fn split_last("));
    assert!(!runtime.text.contains("fn split_first("));
    assert!(runtime.crates.is_empty());
    let digest = of(&BTreeSet::from([Function::Digest])).unwrap();
    assert_eq!(digest.crates, BTreeSet::from(["md-5", "sha1", "sha2"]));
}
