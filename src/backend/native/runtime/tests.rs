//! Every function has a text, and the text is whole.

use super::*;

#[test]
fn every_function_of_values_has_a_text() {
    let without: Vec<&str> = FUNCTIONS
        .iter()
        .filter(|info| !has(info.function))
        .map(|info| info.name)
        .collect();
    assert_eq!(without, [""]);
}

#[test]
fn dump() {
    for info in FUNCTIONS.iter().filter(|info| has(info.function)) {
        let text = of(&BTreeSet::from([info.function])).unwrap();
        std::fs::create_dir_all("/tmp/m17/rt").unwrap();
        std::fs::write(
            format!("/tmp/m17/rt/f_{}.rs", info.name),
            format!("#![allow(dead_code)]\n{}", text.text),
        )
        .unwrap();
    }
}
