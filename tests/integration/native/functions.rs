//! Every function of the IR, called in an emitted module on values of every kind and on missing ones.

use rulec::ir::{FUNCTIONS, FieldPath, Literal, Metadata, Origin, Output, Rule, Stage, Term};
use serde_json::{Value, json};

use super::proof::{self, Proof};
use crate::generate::Random;

/// The fields that the arguments are read from.
const FIELDS: &[&str] = &["a", "b", "c", "d", "e", "f", "g"];

/// Values that functions take, of every kind.
fn values() -> Vec<Value> {
    let mut values: Vec<Value> = [
        "",
        "abc",
        "Ab c",
        "a b \"c d\" e",
        "a/b/c",
        "/",
        "a",
        "b",
        "\u{e4}\u{d6} \u{df}",
        " \u{1f}x ",
        "12",
        "-1.5",
        "0x1f",
        "true",
        "2020-01-31T10:20:30Z",
        "%Y-%m-%dT%H:%M:%SZ",
        "31 Jan 2020 10:20",
        "1.02:03:04",
        "10.0.0.1",
        "10.1.2.0/24",
        "fe80::1%e",
        "2001:db8::1",
        "https://u:p@h.example:8080/p/a;x?q=1&q=2&r=%20#f",
        "SGVsbG8=",
        "utf-8",
        "{\"a\": [1, 2]}",
        "<a b='1'>x<c/></a>",
        "a,\"b\"\"\",c\n",
        "C:\\x\\y.exe --z",
        "xn-abc",
        "(?i)B(c)?",
        "a|b",
        "$1",
        "yyyy-MM-dd",
        "HH:mm",
        ">10",
        ",.2f",
        "$.a[0]",
        "first",
        "all",
        "d41d8cd98f00b204e9800998ecf8427e",
        "H4sIAAAAAAAA/8tIzcnJVyjPL8pJAQCFEUoNCwAAAA==",
        "u4pruydqq",
    ]
    .into_iter()
    .map(Value::from)
    .collect();
    values.extend([
        json!(0),
        json!(1),
        json!(-1),
        json!(2),
        json!(7),
        json!(64),
        json!(2.5),
        json!(-0.5),
        json!(1e300),
        json!(637_134_336_000_000_000_i64),
        json!(1_580_465_030_000_000_i64),
        json!(i64::MAX),
        json!(true),
        json!(false),
        json!(null),
        json!([]),
        json!([3, 1, 2]),
        json!(["b", "a", "b"]),
        json!([["k", 1], ["l", [2]], ["k", 3]]),
        json!([[1], [2, 3]]),
        json!([null, 1.5, "x"]),
        json!({}),
        json!({"a": 1, "b": [2, {"c": null}]}),
        json!({"x": {"a": ["p", "q"]}}),
        json!([{"a": "p"}, {"a": ["q", "p"]}]),
        json!(["a"]),
    ]);
    values
}

fn event(random: &mut Random, values: &[Value]) -> Value {
    let mut event = serde_json::Map::new();
    for field in FIELDS {
        if random.below(8) > 0 {
            event.insert(
                (*field).to_owned(),
                values[random.below(values.len())].clone(),
            );
        }
    }
    event.into()
}

/// Calls of every function: on fields alone, and with each word that its entry names in place of a field.
fn outputs() -> Vec<Output> {
    let field = |at: usize| Term::Field(FieldPath::keys([FIELDS[at % FIELDS.len()]]));
    let mut outputs = Vec::new();
    for info in FUNCTIONS {
        let (least, most) = info.arity;
        let mut add = |source: Term| {
            outputs.push(Output {
                name: format!("{} {}", info.name, outputs.len()),
                source,
                when: None,
                stage: Stage::Fields,
                origin: Origin::default(),
            });
        };
        for count in least..=most.min(least + 2) {
            add(Term::call(
                info.function,
                (0..count).map(field).collect::<Vec<_>>(),
            ));
        }
        let words = info.doc.split('`').skip(1).step_by(2).take(3);
        for word in words {
            for at in 0..least.min(2) {
                let mut arguments: Vec<Term> = (0..least).map(field).collect();
                arguments[at] = Term::Literal(Literal::text(word));
                add(Term::call(info.function, arguments));
            }
        }
    }
    outputs
}

#[test]
fn every_function_computes_in_a_module_what_it_computes_here() {
    let mut rule = Rule::new(Metadata {
        slug: "functions".to_owned(),
        name: "Functions".to_owned(),
        ..Metadata::default()
    });
    rule.outputs = outputs();
    let (mut random, values) = (Random::new(7), values());
    let events: Vec<Value> = (0..250).map(|_| event(&mut random, &values)).collect();
    let mut given = std::collections::BTreeSet::new();
    for event in &events {
        let shown = rulec::eval::shown(&rule, event);
        let there = shown.outputs.iter().filter(|(_, value)| !value.is_null());
        given.extend(there.filter_map(|(name, _)| name.split(' ').next().map(str::to_owned)));
    }
    let without: Vec<&str> = FUNCTIONS
        .iter()
        .map(|info| info.name)
        .filter(|name| !given.contains(*name))
        .collect();
    println!(
        "{} of {} functions gave a value; not: {without:?}",
        given.len(),
        FUNCTIONS.len()
    );
    assert!(without.len() < 30, "{without:?}");
    let folder = tempfile::tempdir().unwrap();
    let mut proof = Proof::new(folder.path());
    // What is taken of a value within itself needs a list that is made.
    rule.outputs.retain(|output| {
        !output.name.starts_with("again ") && !output.name.starts_with("recurse ")
    });
    assert!(proof.emit(&rule, &events));
    match proof::run(&proof.finish()) {
        Ok(said) => print!("{said}"),
        Err(reason) => println!("skipped: {reason}"),
    }
}
