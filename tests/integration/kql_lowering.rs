//! How much of real rules the Sentinel frontend lowers.
//!
//! `RULEC_CORPUS` names a folder that holds `sentinel/`, rules in YAML, and is no part of the repository. The test prints how many
//! rules are left without residue, as a selection with count and outputs or as a pipeline, how many have their source,
//! selection and outputs beside named stages, and what stands in the way of the others; `RULEC_CORPUS_EXAMPLES` shows the files
//! whose reason contains its value. Without the folder the test says so and passes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rulec::diagnostic::Diagnostics;
use rulec::ir::{Pipeline, Rule};
use rulec::source::{NoFiles, Sources};

use crate::folder::files;

/// How many rules must be lowered without residue, and how many at least with source, selection and outputs, in percent.
const WHOLE: usize = 50;
const KNOWN: usize = 85;

/// The rule of a file, and what was said of what is left of it.
fn import(path: &Path) -> Option<(Rule, Vec<String>)> {
    let text = std::fs::read_to_string(path).ok()?;
    let mut sources = Sources::default();
    let id = sources.add(path, text);
    let mut diagnostics = Diagnostics::default();
    let format = rulec::frontend::format("sentinel");
    let rules = rulec::import(id, format, &mut sources, &NoFiles, &mut diagnostics);
    let said = diagnostics.iter().map(|found| found.message.clone());
    Some((rules.into_iter().next()?, said.collect()))
}

/// A rule in its JSON form and back.
fn reads_back(rule: &Rule) -> bool {
    let text = serde_json::to_string(&rule.pipeline).expect("a pipeline is JSON");
    serde_json::from_str::<Option<Pipeline>>(&text).is_ok_and(|read| read == rule.pipeline)
}

#[test]
fn real_rules_are_lowered() {
    let Some(folder) = std::env::var_os("RULEC_CORPUS").map(PathBuf::from) else {
        eprintln!("skipped real_rules_are_lowered: RULEC_CORPUS names no corpus folder");
        return;
    };
    let examples = std::env::var("RULEC_CORPUS_EXAMPLES").ok();
    let paths = files(&folder.join("sentinel"));
    let (mut rules, mut plain, mut piped, mut known) = (0, 0, 0, 0);
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    let mut only: BTreeMap<String, usize> = BTreeMap::new();
    for path in &paths {
        let Some((rule, said)) = import(path) else {
            eprintln!("no rule: {}", path.display());
            continue;
        };
        rules += 1;
        assert!(reads_back(&rule), "{}", path.display());
        if rule.residue.is_empty() {
            if rule.pipeline.is_some() {
                piped += 1;
            } else {
                plain += 1;
            }
            continue;
        }
        let lost = |construct: &str| matches!(construct, "source" | "where" | "column" | "query");
        if !rule.log_sources.is_empty() && !rule.residue.iter().any(|part| lost(&part.construct)) {
            known += 1;
        }
        let mut own: Vec<String> = said
            .iter()
            .filter(|message| {
                let constructs = rule.residue.iter().map(|part| &part.construct);
                let mut marks = constructs.map(|construct| format!("`{construct}`: "));
                marks.any(|mark| message.starts_with(&mark))
            })
            .cloned()
            .collect();
        own.sort();
        own.dedup();
        if examples
            .as_ref()
            .is_some_and(|part| own.iter().any(|said| said.contains(part)))
        {
            eprintln!("{}: {}", path.display(), own.join(" | "));
        }
        if let [one] = own.as_slice() {
            *only.entry(one.clone()).or_default() += 1;
        }
        for reason in own {
            *reasons.entry(reason).or_default() += 1;
        }
    }
    let mut reasons: Vec<_> = reasons.into_iter().collect();
    reasons.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    for (reason, count) in reasons.iter().take(120) {
        let alone = only.get(reason).copied().unwrap_or_default();
        eprintln!("{count:4} ({alone:3} alone) {reason}");
    }
    let whole = plain + piped;
    eprintln!(
        "{rules} rules, {whole} without residue ({plain} plain, {piped} as pipelines), {known} more with named stages"
    );
    assert!(whole * 100 >= rules * WHOLE, "{whole} of {rules}");
    assert!(
        (whole + known) * 100 >= rules * KNOWN,
        "{whole} + {known} of {rules}"
    );
}
