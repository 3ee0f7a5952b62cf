//! The KQL parser over a corpus of real queries: none panics, well-formed ones are accepted, the others refused, and every
//! printed query reads back to the same tree.
//!
//! The corpus is not part of the repository. `RULEC_CORPUS` names its folder, which holds `kql.jsonl` (objects with `id`,
//! `query` and `ok`, whether Microsoft's parser accepts it) and `sentinel/` (rules in YAML). Without it the test says so and passes.

use std::fs;
use std::path::{Path, PathBuf};

use rulec::syntax::kql;

use crate::folder::files;

struct Case {
    id: String,
    query: String,
    /// Whether the query is well-formed, where it is known.
    ok: Option<bool>,
}

/// The corpus folder; says that the test was skipped where there is none.
#[expect(clippy::print_stderr, reason = "a skipped test must say so")]
fn corpus(test: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("RULEC_CORPUS").map(PathBuf::from);
    if folder.is_none() {
        eprintln!("skipped {test}: RULEC_CORPUS names no corpus folder");
    }
    folder
}

fn cases(folder: &Path) -> Vec<Case> {
    let mut cases = Vec::new();
    let lines = fs::read_to_string(folder.join("kql.jsonl")).expect("the corpus holds kql.jsonl");
    for line in lines.lines() {
        let value: serde_json::Value = serde_json::from_str(line).expect("a line is an object");
        let text = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
        cases.push(Case {
            id: text("id"),
            query: text("query"),
            ok: value["ok"].as_bool(),
        });
    }
    rules(&folder.join("sentinel"), &mut cases);
    cases
}

fn rules(folder: &Path, cases: &mut Vec<Case>) {
    for path in files(folder) {
        let text = fs::read_to_string(&path).unwrap_or_default();
        let Ok(rule) = serde_yaml::from_str::<serde_yaml::Value>(&text) else {
            continue;
        };
        if let Some(query) = rule.get("query").and_then(serde_yaml::Value::as_str) {
            cases.push(Case {
                id: path.display().to_string(),
                query: query.to_owned(),
                ok: None,
            });
        }
    }
}

#[test]
fn the_corpus_is_read_as_marked_and_printed_back() {
    let Some(folder) = corpus("the_corpus_is_read_as_marked_and_printed_back") else {
        return;
    };
    let mut failures = Vec::new();
    let (mut accepted, mut refused) = (0, 0);
    for case in cases(&folder) {
        let parsed = kql::parse(&case.query);
        let ok = parsed.errors.is_empty();
        if case.ok.is_some_and(|expected| expected != ok) {
            failures.push(format!(
                "{}: accepted is {ok}: {:?}",
                case.id,
                parsed.errors.first()
            ));
        }
        if !ok {
            refused += 1;
            continue;
        }
        accepted += 1;
        let again = kql::parse(&kql::print(&parsed.query));
        if !again.errors.is_empty() || again.query != parsed.query {
            failures.push(format!(
                "{}: prints to another query: {:?}",
                case.id,
                again.errors.first()
            ));
        }
    }
    assert!(accepted > refused, "accepted {accepted}, refused {refused}");
    assert!(
        failures.is_empty(),
        "{} failures:\n{}",
        failures.len(),
        failures.join("\n")
    );
}

#[test]
fn broken_queries_never_panic() {
    let Some(folder) = corpus("broken_queries_never_panic") else {
        return;
    };
    for (number, case) in cases(&folder).into_iter().enumerate() {
        let boundaries: Vec<usize> = case.query.char_indices().map(|(at, _)| at).collect();
        // A fixed pseudo-random walk, so that every run breaks the same places.
        let mut seed = number;
        for _ in 0..8 {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let Some(&cut) = boundaries.get((seed >> 16) % boundaries.len().max(1)) else {
                continue;
            };
            let end = boundaries
                .iter()
                .copied()
                .find(|at| *at > cut + (seed >> 8) % 9)
                .unwrap_or(case.query.len());
            for text in [
                case.query[..cut].to_owned(),
                format!("{}{}", &case.query[..cut], &case.query[end..]),
            ] {
                let parsed = kql::parse(&text);
                for error in &parsed.errors {
                    assert!(
                        text.get(error.range.indices()).is_some(),
                        "{}: {error:?}",
                        case.id
                    );
                }
                let printed = kql::print(&parsed.query);
                if parsed.errors.is_empty() {
                    assert_eq!(
                        kql::parse(&printed).query,
                        parsed.query,
                        "{}\n{text}",
                        case.id
                    );
                }
            }
        }
    }
}

/// A query that was broken by one token, and where Microsoft's parser has its first error.
struct Mutant {
    id: String,
    kind: String,
    query: String,
    first: Option<usize>,
}

/// The mutants that `tests/oracles/kql/mutants.mjs` wrote.
fn mutants(path: &Path) -> Vec<Mutant> {
    let lines = fs::read_to_string(path).expect("the mutants can be read");
    let read = |line: &str| {
        let value: serde_json::Value = serde_json::from_str(line).expect("a line is an object");
        let text = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
        let first = value["first"].as_u64();
        Mutant {
            id: text("id"),
            kind: text("kind"),
            query: text("query"),
            first: first.map(|at| usize::try_from(at).expect("a place in a text")),
        }
    };
    lines.lines().map(read).collect()
}

/// The place in UTF-16 units, which Microsoft's parser counts in.
fn units(text: &str, at: u32) -> usize {
    let before = text.get(..at as usize).unwrap_or(text);
    before.encode_utf16().count()
}

/// Whether two places are the same: nothing but white space and comments lies between what was read and what was found instead.
/// A literal that is not closed is marked as a whole here, and at its end there.
fn same_place(query: &str, error: &kql::SyntaxError, theirs: usize) -> bool {
    let (own, end) = (
        units(query, error.range.start),
        units(query, error.range.end),
    );
    let between: Vec<u16> = query.encode_utf16().collect();
    let between = between
        .get(own.min(theirs)..own.max(theirs))
        .unwrap_or_default();
    let between = String::from_utf16_lossy(between);
    let mut lines = between.lines().map(str::trim_start);
    let open = error.message.ends_with("at the end of the string")
        || error.message.ends_with("at the end of the literal");
    lines.all(|line| line.is_empty() || line.starts_with("//")) || open && theirs == end
}

/// `RULEC_KQL_MUTANTS` names the measured mutants. Of 1,000, 999 have to be judged alike; the share of first errors that stand at
/// the same place is told. The value of a literal such as `int(1x)` is read here, and left to the engine by the language service:
/// such refusals are counted apart. `RULEC_KQL_DISAGREEMENTS` names a file that the others are written to.
#[test]
fn mutants_are_judged_as_measured() {
    let Some(path) = std::env::var_os("RULEC_KQL_MUTANTS").map(PathBuf::from) else {
        eprintln!("skipped mutants_are_judged_as_measured: RULEC_KQL_MUTANTS names no mutants");
        return;
    };
    let mutants = mutants(&path);
    let (mut alike, mut refused, mut placed, mut values) = (0, 0, 0, 0);
    let mut others = String::new();
    for mutant in &mutants {
        let parsed = kql::parse(&mutant.query);
        let own = parsed.errors.first();
        let place = own.map(|error| units(&mutant.query, error.range.start));
        let same = match (own, mutant.first) {
            (Some(error), Some(theirs)) => {
                refused += 1;
                same_place(&mutant.query, error, theirs)
            }
            (None, None) => true,
            _ => false,
        };
        placed += usize::from(same && own.is_some());
        let value = own.is_some_and(|error| error.message.contains("that fits its type"));
        if value && mutant.first.is_none() {
            values += 1;
            continue;
        }
        alike += usize::from(place.is_some() == mutant.first.is_some());
        if place.is_none() && mutant.first.is_none() {
            let again = kql::parse(&kql::print(&parsed.query));
            assert!(
                again.errors.is_empty() && again.query == parsed.query,
                "{}: prints to another query\n{}",
                mutant.id,
                mutant.query
            );
        }
        if !same {
            let said = own.map_or("accepted", |error| error.message.as_str());
            let line = serde_json::json!({
                "id": mutant.id, "kind": mutant.kind, "query": mutant.query, "theirs": mutant.first, "ours": place, "said": said,
            });
            others.extend([line.to_string(), "\n".to_owned()]);
        }
    }
    if let Some(file) = std::env::var_os("RULEC_KQL_DISAGREEMENTS") {
        fs::write(file, others).expect("the disagreements can be written");
    }
    eprintln!(
        "{alike} of {} mutants are judged alike, {values} more are refused for a literal's value; of {refused} that both refuse, \
         {placed} have the first error at the same place",
        mutants.len()
    );
    assert!((alike + values) * 1000 >= mutants.len() * 999);
}
