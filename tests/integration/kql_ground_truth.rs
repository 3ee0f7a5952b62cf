//! The evaluation of queries against what Microsoft's emulator returned for them.
//!
//! `RULEC_KUSTO_GROUND_TRUTH` names a file of JSON objects, one on a line: `id`, `kql`, the result's `columns`, `types` (those of
//! .NET) and `rows`, and whether it is `nondet`. Each query is imported, its pipeline evaluated without any event, and the
//! result compared: names of columns, values, and the order of rows where the query sorts them. Whatever is answered must
//! agree; what is refused is counted by its reason. `RULEC_KUSTO_EXAMPLES` shows the ids of refused queries, or those whose reason
//! contains its value. Without the file the test says so and passes.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use rulec::diagnostic::Diagnostics;
use rulec::eval::pipeline::{Table, rows};
use rulec::ir::pipeline::{Pipeline, RowStage};
use rulec::source::{NoFiles, Sources};
use serde_json::Value;

/// How many of the deterministic cases must be supported, in percent.
const SUPPORTED: usize = 0;

struct Case {
    id: String,
    query: String,
    columns: Vec<String>,
    types: Vec<String>,
    rows: Vec<Vec<Value>>,
}

fn case(line: &str) -> Option<Case> {
    let value: Value = serde_json::from_str(line).expect("a line is an object");
    let texts = |key: &str| {
        let items = value[key].as_array().into_iter().flatten();
        items
            .map(|item| item.as_str().unwrap_or_default().to_owned())
            .collect()
    };
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    (value["nondet"] != Value::Bool(true)).then(|| Case {
        id: value["id"].as_str().unwrap_or_default().to_owned(),
        query: value["kql"].as_str().unwrap_or_default().to_owned(),
        columns: texts("columns"),
        types: texts("types"),
        rows: list(&value["rows"]).iter().map(list).collect(),
    })
}

/// The pipeline of a query, or why it has none.
fn pipeline(query: &str) -> Result<Pipeline, String> {
    let format = rulec::frontend::format("kql");
    let mut sources = Sources::default();
    let id = sources.add("query.kql", query);
    let mut diagnostics = Diagnostics::default();
    let rules = rulec::import(id, format, &mut sources, &NoFiles, &mut diagnostics);
    let [rule] = rules.as_slice() else {
        return Err(format!("{} rules", rules.len()));
    };
    if let (Some(pipeline), []) = (&rule.pipeline, rule.residue.as_slice()) {
        return Ok(pipeline.clone());
    }
    let mut said = diagnostics
        .iter()
        .map(|diagnostic| diagnostic.message.clone());
    Err(said
        .next_back()
        .unwrap_or_else(|| "nothing is said".to_owned()))
}

/// Whether nothing behind the last sort changes the order.
fn is_sorted(pipeline: &Pipeline) -> bool {
    for stage in pipeline.stages.iter().rev() {
        match stage {
            RowStage::Sort(_) => return true,
            RowStage::Where(_)
            | RowStage::Extend(_)
            | RowStage::Project(_)
            | RowStage::Without(_)
            | RowStage::Expand(_)
            | RowStage::Unpack(_)
            | RowStage::Take(_)
            | RowStage::Number(_) => {}
            RowStage::Summarize(_)
            | RowStage::Distinct
            | RowStage::Join(_)
            | RowStage::Series(_)
            | RowStage::Apply { .. }
            | RowStage::Partition { .. }
            | RowStage::Count(_) => return false,
        }
    }
    false
}

/// The ticks of the emulator's text of a point in time: `2017-01-29T09:00:05.1234567Z`.
fn moment(text: &str) -> Option<i64> {
    let (date, time) = text.trim_end_matches('Z').split_once('T')?;
    let mut parts = date.split('-').map(str::parse::<i64>);
    let (year, month, day) = (
        parts.next()?.ok()?,
        parts.next()?.ok()?,
        parts.next()?.ok()?,
    );
    let shifted = if month > 2 { year } else { year - 1 };
    let moved = if month > 2 { month - 3 } else { month + 9 };
    let days = shifted * 365 + shifted.div_euclid(4) - shifted.div_euclid(100)
        + shifted.div_euclid(400)
        + (153 * moved + 2) / 5
        + day
        - 1
        - 306;
    Some(days * 864_000_000_000 + clock(time)?)
}

fn clock(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut seconds = 0;
    for part in whole.split(':') {
        seconds = seconds * 60 + part.parse::<i64>().ok()?;
    }
    let fraction: i64 = format!("{fraction:0<7}").get(..7)?.parse().ok()?;
    Some(seconds * 10_000_000 + fraction)
}

/// The ticks of the emulator's text of a span: `-1.02:03:04.5000000`.
fn span(text: &str) -> Option<i64> {
    let (sign, text) = match text.strip_prefix('-') {
        Some(text) => (-1, text),
        None => (1, text),
    };
    let (days, time) = match text.split_once('.') {
        Some((days, time)) if !days.contains(':') => (days.parse().ok()?, time),
        _ => (0, text),
    };
    Some(sign * (days * 864_000_000_000 + clock(time)?))
}

/// Whether a value is the one that the emulator showed in a column of this type.
fn same(ours: &Value, theirs: &Value, kind: &str) -> bool {
    match (kind, theirs) {
        ("DateTime", Value::String(text)) => moment(text).map(Value::from).as_ref() == Some(ours),
        ("TimeSpan", Value::String(text)) => span(text).map(Value::from).as_ref() == Some(ours),
        ("String" | "Guid", Value::Null) => ours.is_null() || ours == "",
        ("SByte", Value::Number(number)) => *ours == Value::Bool(number.as_i64() != Some(0)),
        ("Int64" | "Int32", Value::Number(_)) => ours.is_i64() && ours == theirs,
        _ => alike(ours, theirs),
    }
}

fn alike(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(x), Value::Number(y)) => {
            let (x, y) = (
                x.as_f64().unwrap_or(f64::NAN),
                y.as_f64().unwrap_or(f64::NAN),
            );
            (x - y).abs() <= 1e-12 * x.abs().max(y.abs())
        }
        (Value::Array(x), Value::Array(y)) => {
            x.len() == y.len() && x.iter().zip(y).all(|(x, y)| alike(x, y))
        }
        (Value::Object(x), Value::Object(y)) => {
            x.len() == y.len()
                && x.iter()
                    .all(|(key, value)| y.get(key).is_some_and(|other| alike(value, other)))
        }
        _ => a == b,
    }
}

/// Says in what the results differ.
fn compare(case: &Case, table: &Table, sorted: bool) -> Result<(), String> {
    let names: Vec<&str> = table
        .columns
        .iter()
        .map(|column| column.name.as_str())
        .collect();
    if names != case.columns {
        return Err(format!("columns {names:?}, not {:?}", case.columns));
    }
    let ours: Vec<Vec<&Value>> = table
        .rows
        .iter()
        .map(|row| {
            case.columns
                .iter()
                .map(|name| row.get(name).unwrap_or(&Value::Null))
                .collect()
        })
        .collect();
    let shown = || format!("rows {}, not {}", show(&ours), show(&case.rows));
    if ours.len() != case.rows.len() {
        return Err(shown());
    }
    let equal = |ours: &[&Value], theirs: &[Value]| {
        let pairs = ours.iter().zip(theirs).zip(&case.types);
        pairs
            .into_iter()
            .all(|((ours, theirs), kind)| same(ours, theirs, kind))
    };
    let mut left: Vec<&Vec<Value>> = case.rows.iter().collect();
    for row in &ours {
        let found = left.iter().position(|theirs| equal(row, theirs));
        match found {
            Some(at) if at == 0 || !sorted => {
                left.remove(at);
            }
            _ => return Err(shown()),
        }
    }
    Ok(())
}

fn show<T: serde::Serialize>(rows: &[T]) -> String {
    let mut text = serde_json::to_string(rows).unwrap_or_default();
    if text.len() > 600 {
        let end = (0..=600).rev().find(|at| text.is_char_boundary(*at));
        text.truncate(end.unwrap_or(0));
        text.push('…');
    }
    text
}

#[test]
fn queries_return_what_the_emulator_returned() {
    let Some(path) = std::env::var_os("RULEC_KUSTO_GROUND_TRUTH") else {
        eprintln!(
            "skipped queries_return_what_the_emulator_returned: RULEC_KUSTO_GROUND_TRUTH names no file"
        );
        return;
    };
    let text = std::fs::read_to_string(path).expect("the file is there");
    let examples = std::env::var("RULEC_KUSTO_EXAMPLES").ok();
    let (mut agreed, mut wrong, mut total) = (0, 0, 0);
    let mut refused: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut failures = String::new();
    for case in text.lines().filter_map(case) {
        total += 1;
        let result = match pipeline(&case.query) {
            Ok(pipeline) => match rows(&pipeline, &[], None) {
                Ok(table) => compare(&case, &table, is_sorted(&pipeline)),
                Err(reason) => Err(format!("{reason:?}")),
            },
            Err(reason) => {
                refused.entry(reason).or_default().push(case.id);
                continue;
            }
        };
        match result {
            Ok(()) => agreed += 1,
            Err(difference) => {
                wrong += 1;
                let _ = writeln!(failures, "{}: {}\n  {difference}", case.id, case.query);
            }
        }
    }
    let mut reasons: Vec<_> = refused.iter().collect();
    reasons.sort_by_key(|(_, ids)| std::cmp::Reverse(ids.len()));
    for (reason, ids) in reasons {
        eprintln!("{:4} refused: {reason}", ids.len());
        if examples.as_ref().is_some_and(|part| reason.contains(part)) {
            eprintln!("     {}", ids.join(", "));
        }
    }
    let supported = agreed + wrong;
    eprintln!("{total} queries, {supported} supported, {agreed} agreed");
    assert!(failures.is_empty(), "{failures}");
    assert!(
        supported * 100 >= total * SUPPORTED,
        "{supported} of {total}"
    );
}
