//! Recorded events: Sigma's rule repository keeps beside some of its rules events of an event log that they must match.
//!
//! `RULEC_SIGMA_RECORDED` names the work tree. An event's record is nested; Sigma's names are those of its data and of its system
//! part, without blanks, an attribute behind its element's name.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rulec::eval;
use rulec::ir::Rule;
use rulec::schema::Crosswalk;
use serde_json::{Map, Value};

use super::{import, rule_files};
use crate::folder::files;

/// The record by the names that Sigma's rules have for it.
fn named(record: &Value) -> Value {
    let mut event = Map::new();
    let mut add = |key: &str, value: &Value| {
        event.insert(key.replace(' ', ""), value.clone());
    };
    let record = &record["Event"];
    for (key, value) in record["System"].as_object().into_iter().flatten() {
        let Value::Object(element) = value else {
            add(key, value);
            continue;
        };
        if let Some(text) = element.get("#text") {
            add(key, text);
        }
        let attributes = element.get("#attributes").and_then(Value::as_object);
        for (name, value) in attributes.into_iter().flatten() {
            add(&format!("{key}_{name}"), value);
        }
    }
    for section in ["EventData", "UserData"] {
        for (key, value) in record[section].as_object().into_iter().flatten() {
            match value {
                _ if key == "#attributes" => {}
                Value::Object(parts) => {
                    let parts = parts.iter().filter(|(key, _)| *key != "#attributes");
                    parts.for_each(|(key, value)| add(key, value));
                }
                value => add(key, value),
            }
        }
    }
    event.into()
}

/// The events of a file: a list of records, or one after the other.
fn events(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap();
    let records = serde_json::Deserializer::from_str(text.trim_start_matches('\u{feff}'));
    let records = records.into_iter::<Value>().map(Result::unwrap);
    let records = records.flat_map(|record| match record {
        Value::Array(records) => records,
        record => vec![record],
    });
    records.map(|record| named(&record)).collect()
}

/// The id of the rule that a folder of events is for.
fn rule_id(info: &str) -> Option<&str> {
    let behind = info.split_once("rule_metadata:")?.1;
    behind.split_once("id:")?.1.split_whitespace().next()
}

#[test]
fn rules_match_what_was_recorded_for_them() {
    let Some(tree) = std::env::var_os("RULEC_SIGMA_RECORDED").map(PathBuf::from) else {
        eprintln!(
            "skipped rules_match_what_was_recorded_for_them: RULEC_SIGMA_RECORDED names no work tree"
        );
        return;
    };
    let mut rules: BTreeMap<String, Rule> = BTreeMap::new();
    for folder in ["rules", "rules-emerging-threats", "rules-threat-hunting"] {
        for path in rule_files(&tree.join(folder)) {
            let read = import(&path, &Crosswalk::default()).0;
            rules.extend(
                read.into_iter()
                    .map(|rule| (rule.metadata.id.clone(), rule)),
            );
        }
    }
    let (mut matched, mut wrong, mut without) = (0, Vec::new(), Vec::new());
    for info in files(&tree.join("regression_data")) {
        if info.file_name().is_none_or(|name| name != "info.yml") {
            continue;
        }
        let text = std::fs::read_to_string(&info).unwrap();
        let folder = info.parent().unwrap();
        let records = files(folder).into_iter();
        let mut records =
            records.filter(|path| path.extension().is_some_and(|ending| ending == "json"));
        let rule = rule_id(&text).and_then(|id| rules.get(id));
        let (Some(rule), Some(path)) = (rule, records.next()) else {
            without.push(folder.to_owned());
            continue;
        };
        if events(&path).iter().any(|event| eval::matches(rule, event)) {
            matched += 1;
        } else {
            wrong.push(folder.to_owned());
        }
    }
    eprintln!(
        "{matched} rules match what was recorded, {} do not, no rule or record: {without:?}",
        wrong.len()
    );
    assert!(matched > 0 && wrong.is_empty(), "{wrong:?}");
}
