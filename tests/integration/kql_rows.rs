//! The rows that queries make of given events, for a comparison with another engine (`tests/oracles/kql`).
//!
//! `RULEC_KQL_CASES` names a file of JSON objects, one on a line: `id`, `query`, `now` (microseconds since 1970), and `tables`,
//! which has the events of each table by its name. Beside it, in a file with `.out` behind its name, the test writes for each
//! case the `rows` of its pipeline, the `groups` of its threshold, or why it is `refused`. Without the file it passes.

use rulec::eval;
use rulec::eval::pipeline::rows;
use rulec::ir::LogSource;
use rulec::schema::Crosswalk;
use serde_json::{Value, json};

use crate::read_back;

fn source(table: &str) -> LogSource {
    match Crosswalk::builtin().by_table(table) {
        Some((source, table)) => LogSource::Known(source.name_with(table)),
        None => LogSource::Unknown {
            format: "sentinel".to_owned(),
            name: table.to_owned(),
        },
    }
}

fn answer(case: &Value) -> Value {
    let Some(rule) = read_back::query(case["query"].as_str().unwrap_or_default()) else {
        return json!({"refused": "no rule"});
    };
    let unsaid = |residue: &rulec::ir::Residue| {
        !matches!(residue.effect, rulec::ir::ResidueEffect::OutputsOnly)
    };
    if let Some(residue) = rule.residue.iter().find(|residue| unsaid(residue)) {
        return json!({"refused": residue.construct});
    }
    let tables = case["tables"].as_object().into_iter().flatten();
    let tables: Vec<(LogSource, Vec<Value>)> = tables
        .map(|(name, events)| (source(name), events.as_array().cloned().unwrap_or_default()))
        .collect();
    if let Some(pipeline) = &rule.pipeline {
        return match rows(pipeline, &tables, case["now"].as_i64()) {
            Ok(table) => json!({
                "columns": table.columns.iter().map(|column| &column.name).collect::<Vec<_>>(),
                "rows": table.rows,
            }),
            Err(reason) => json!({"refused": format!("{reason:?}")}),
        };
    }
    let of_rule = |source: &LogSource| rule.log_sources.contains(source);
    let events = tables.iter().filter(|(source, _)| of_rule(source));
    let events: Vec<(i64, Value)> = events
        .flat_map(|(_, events)| events)
        .map(|event| (0, event.clone()))
        .collect();
    let groups: Vec<Vec<String>> = eval::alerts(&rule, &events)
        .into_iter()
        .map(|alert| alert.group)
        .collect();
    let windowed = rule
        .threshold
        .as_ref()
        .map(|threshold| &threshold.window_kind);
    json!({"groups": groups, "window": windowed, "counted": rule.threshold.is_some()})
}

#[test]
fn cases_are_answered() {
    let Some(path) = std::env::var_os("RULEC_KQL_CASES") else {
        return;
    };
    let text = std::fs::read_to_string(&path).expect("the cases are there");
    let mut answers = String::new();
    for line in text.lines() {
        let case: Value = serde_json::from_str(line).expect("a case is JSON");
        let mut answer = answer(&case);
        answer["id"] = case["id"].clone();
        answers.push_str(&answer.to_string());
        answers.push('\n');
    }
    let mut out = path;
    out.push(".out");
    std::fs::write(out, answers).expect("the answers are written");
}
