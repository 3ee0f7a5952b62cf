//! ATT&CK references to Sentinel's tactics and techniques.
//!
//! Sentinel wants a tactic for every technique; one that stands alone brings its own.

use serde_json::{Map, Value};

use crate::analysis::{Fidelity, Report};
use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{AttackVersion, Rule};
use crate::schema::{AttackTable, technique_in};

/// Sentinel's words for the tactics of industrial systems.
const INDUSTRIAL: [&str; 2] = ["ImpairProcessControl", "InhibitResponseFunction"];

/// The keys that list techniques.
const TECHNIQUES: [&str; 3] = ["relevantTechniques", "techniques", "subTechniques"];

/// A document's own techniques in the version that is asked for, and its tactics in Sentinel's words; what is none is left out.
pub(super) fn mend(values: &mut Map<String, Value>, rule: &Rule, report: &mut Report) {
    if let Some(version) = rule.metadata.attack_version {
        for key in TECHNIQUES {
            if let Some(Value::Array(techniques)) = values.get_mut(key) {
                *techniques = moved(techniques, version);
            }
        }
    }
    let Some(Value::Array(tactics)) = values.get_mut("tactics") else {
        return;
    };
    let table = AttackTable::builtin();
    tactics.retain_mut(|tactic| {
        let name = tactic.as_str().unwrap_or_default();
        if INDUSTRIAL.contains(&name) {
            return true;
        }
        if let Some(known) = table.tactic_named(name) {
            *tactic = Value::String(known.sentinel.clone());
            return true;
        }
        let what = format!("tactic {name}");
        let reason = "it is not one of Sentinel's tactics";
        report.record(Fidelity::Unsupported, what, rule.origin, reason);
        false
    });
}

/// Techniques in a version, each once.
fn moved(techniques: &[Value], version: AttackVersion) -> Vec<Value> {
    let mut moved: Vec<Value> = Vec::new();
    for technique in techniques {
        let technique = match technique.as_str() {
            Some(id) => Value::String(technique_in(id.trim(), version)),
            None => technique.clone(),
        };
        if !moved.contains(&technique) {
            moved.push(technique);
        }
    }
    moved
}

/// The tactics in Sentinel's words and the techniques, each once and in source order.
pub(super) fn of(rule: &Rule, report: &mut Report) -> (Vec<String>, Vec<String>) {
    let table = AttackTable::of(rule.metadata.attack_version);
    let (mut tactics, mut techniques): (Vec<String>, Vec<String>) = Default::default();
    let add = |list: &mut Vec<String>, entry: &str| {
        if !list.iter().any(|known| known == entry) {
            list.push(entry.to_owned());
        }
    };
    let mut unknown = Vec::new();
    for id in rule
        .metadata
        .attack
        .iter()
        .filter_map(|attack| attack.tactic.as_deref())
    {
        match table.tactic(id) {
            Some(tactic) => add(&mut tactics, &tactic.sentinel),
            None => unknown.push(id),
        }
    }
    for id in rule
        .metadata
        .attack
        .iter()
        .filter_map(|attack| attack.technique.as_deref())
    {
        let Some(technique) = table.technique(id) else {
            unknown.push(id);
            continue;
        };
        add(&mut techniques, id);
        let words: Vec<&str> = technique
            .tactics
            .iter()
            .filter_map(|tactic| Some(table.tactic(tactic)?.sentinel.as_str()))
            .collect();
        if !words
            .iter()
            .any(|word| tactics.iter().any(|known| known == word))
        {
            for word in words {
                add(&mut tactics, word);
            }
        }
    }
    for id in unknown {
        let message = format!("`{id}` is not in ATT&CK {}, and is left out", table.version);
        report
            .diagnostics
            .push(Diagnostic::warning(Code::AttackUnknown, message).at(rule.origin));
    }
    (tactics, techniques)
}
