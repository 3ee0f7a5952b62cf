//! Scalar expressions of the query language: each line of `kql_scalars.txt` is an expression and its value. The expression is
//! printed by a query, which is imported and evaluated. `refused` stands for an expression that has no value here.

use rulec::diagnostic::Diagnostics;
use rulec::eval::pipeline::rows;
use rulec::source::{NoFiles, Sources};
use serde_json::Value;

const CASES: &str = include_str!("kql_scalars.txt");

/// The value of an expression; nothing where it is refused.
fn value(expression: &str) -> Option<Value> {
    let mut sources = Sources::default();
    let id = sources.add("query.kql", format!("print x = {expression}"));
    let mut diagnostics = Diagnostics::default();
    let format = rulec::frontend::format("kql");
    let rules = rulec::import(id, format, &mut sources, &NoFiles, &mut diagnostics);
    let rule = rules.first().filter(|rule| rule.residue.is_empty())?;
    let table = rows(rule.pipeline.as_ref()?, &[], None).ok()?;
    table.rows.first()?.get("x").cloned()
}

/// Equality of values, a number with a fraction to the last but few digits.
fn alike(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(x), Value::Number(y)) if x.is_f64() && y.is_f64() => {
            let (x, y) = (x.as_f64().unwrap(), y.as_f64().unwrap());
            (x - y).abs() <= 1e-12 * x.abs().max(y.abs())
        }
        _ => a == b,
    }
}

#[test]
fn expressions_have_their_values() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for line in CASES.lines() {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        count += 1;
        let (expression, expected) = line.rsplit_once(" => ").expect("a case has an arrow");
        let expected: Option<Value> = match expected {
            "refused" => None,
            json => Some(serde_json::from_str(json).expect("a value is JSON")),
        };
        let found = value(expression);
        let agreed = match (&found, &expected) {
            (Some(found), Some(expected)) => alike(found, expected),
            (found, expected) => found == expected,
        };
        if !agreed {
            wrong.push(format!("{expression}: {found:?}, not {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count > 200, "{count} cases");
}
