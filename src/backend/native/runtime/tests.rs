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

/// A file that is computed with and not listed would be missing in modules.
#[test]
fn every_file_of_functions_is_listed() {
    fn files(folder: &std::path::Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                files(&path, found);
            } else if path.extension().is_some_and(|end| end == "rs") && !path.ends_with("tests.rs")
            {
                found.push(std::fs::read_to_string(path).unwrap());
            }
        }
    }
    let mut found = Vec::new();
    files(
        &std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/ir/compute"),
        &mut found,
    );
    for text in found {
        let listed = files::FILES.iter().any(|(_, known)| *known == text);
        assert!(listed, "{}", text.lines().next().unwrap_or_default());
    }
}
