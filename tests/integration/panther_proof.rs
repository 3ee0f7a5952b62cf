//! The proof of the Panther target: what emitted modules have to say of events, written down for CPython to judge.
//!
//! `RULEC_PANTHER_CASES` names a file. A line of it is one emitted rule: its Python, and events with the verdict of `eval` and with
//! what the alert says (`tests/oracles/panther/proof.py` runs them): rules that ask every function of values of every kind, and random
//! conditions. Without the file the test says so and passes. Real rules are asked by `tests/oracles/corpus panther`.

use std::io::Write as _;
use std::path::PathBuf;

use rulec::analysis::Fidelity;
use rulec::backend::Panther;
use rulec::eval;
use rulec::ir::{
    Case, Condition, FUNCTIONS, Function, FunctionInfo, Literal, LogSource, Metadata, Object,
    Operator, Origin, Output, Predicate, Rule, Stage, Term,
};
use serde_json::{Value, json};

use crate::generate::{self, Random};
use crate::read_back;

/// The line of a rule; nothing where it is refused.
fn line(rule: &Rule, events: &[Value]) -> Option<String> {
    let translation = read_back::export(rule, &Panther);
    let python = translation
        .artifacts
        .iter()
        .find(|artifact| artifact.path.extension().is_some_and(|end| end == "py"))?;
    let lost: Vec<&str> = translation
        .report
        .constructs
        .iter()
        .filter(|construct| construct.fidelity != Fidelity::Exact)
        .map(|construct| construct.what.as_str())
        .collect();
    let cases: Vec<Value> = events
        .iter()
        .map(|event| {
            let verdict = eval::matches(rule, event);
            let shown = verdict.then(|| eval::shown(rule, event));
            let group = rule.threshold.as_ref().map(|threshold| {
                let keys = threshold.group_by.iter();
                // Without a value a key is the empty text.
                let keys = keys.map(|key| eval::value(key, event));
                let keys = keys.map(|key| key.map_or_else(String::new, |key| eval::text_of(&key)));
                json!(keys.collect::<Vec<_>>()).to_string()
            });
            json!({"event": event, "verdict": verdict, "shown": shown, "group": group})
        })
        .collect();
    let line = json!({
        "rule": rule.metadata.id,
        "path": python.path,
        "python": python.text,
        "lost": lost,
        "cases": cases,
    });
    Some(line.to_string())
}

/// Values of every kind.
fn values() -> Vec<Option<Value>> {
    let values = [
        json!(null),
        json!(true),
        json!(false),
        json!(0),
        json!(-3),
        json!(7),
        json!(1.5),
        json!(-0.25),
        json!(""),
        json!("a"),
        json!("b,a,c"),
        json!(" Ab\tcd "),
        json!("17"),
        json!("1.5e3"),
        json!("10.1.2.3"),
        json!("10.0.0.0/8"),
        json!("{\"a\": [1, null]}"),
        json!("null"),
        json!("https://u@h.example/p;q?a=1&b=2&a=3#f"),
        json!("YWJj"),
        json!("2024-01-31 10:20:30"),
        json!("2/29/2024 1:05 PM"),
        json!("Thu, 29 Feb 2024 10:20:30.5 +0130"),
        json!("1.02:03:04.5"),
        json!(638_422_560_000_000_000_i64),
        json!("aaa -0x1F"),
        json!("\u{130}a\u{3a3}"),
        json!("Stra\u{df}e"),
        json!([]),
        json!(["a", "b", "a"]),
        json!([3, 1.5, true]),
        json!([["a", 1], ["b", null]]),
        json!([["a", 1], ["A", 2], ["a", 3]]),
        json!([null, "a"]),
        json!([{"a": 1}, {"a": [2, 3]}, {"b": 1}]),
        json!({}),
        json!({"a": 1, "B": [true, null]}),
    ];
    std::iter::once(None)
        .chain(values.into_iter().map(Some))
        .collect()
}

/// Constants where a function asks for some: for each argument, what stands in place of a field.
fn constants(function: Function) -> Vec<(usize, Vec<Literal>)> {
    let texts = |texts: &[&str]| texts.iter().map(|text| Literal::text(*text)).collect();
    let numbers = |numbers: &[i64]| numbers.iter().map(|n| Literal::Integer(*n)).collect();
    match function {
        Function::IndexOfRegex | Function::FindAll | Function::SplitRegex => {
            vec![(1, texts(&["a", "[a-c]", "(b),(a)", r"(\d)\."]))]
        }
        Function::Extract => vec![(1, texts(&["(a)(x)?", "[0-9]+()"])), (2, numbers(&[0, 1]))],
        Function::Group => vec![(1, texts(&["(a)(x)?", "(b),"])), (2, numbers(&[0, 1]))],
        Function::ReplaceRegex => vec![
            (1, texts(&["(a)", "([0-9])+"])),
            (2, texts(&["<$1>", "$$\\", "${1}0$2"])),
        ],
        Function::Encode | Function::Decode => {
            vec![(1, texts(&["ascii", "latin-1", "utf-8", "utf-16-le"]))]
        }
        Function::Base64Decode | Function::FirstAddress | Function::LastAddress => {
            vec![(1, vec![Literal::Boolean(true), Literal::Boolean(false)])]
        }
        Function::Walk => vec![
            (
                1,
                vec![
                    Literal::List(vec![Literal::text("a")]),
                    Literal::List(vec![Literal::text("B"), Literal::text("a")]),
                ],
            ),
            (2, vec![Literal::Null, Literal::text("none")]),
            (3, texts(&["all", "first", "last"])),
        ],
        Function::Format => vec![(1, texts(&["", ">8", ",.2f", "06d", "x", ".3", "+", "s"]))],
        Function::UrlPart => vec![(1, texts(&["netloc", "path", "params", "query", "scheme"]))],
        Function::ReadTime => vec![(1, texts(&["%Y-%m-%d %H:%M:%S", "%d"]))],
        Function::GuessTime => vec![(1, numbers(&[1_700_000_000_000_000]))],
        Function::TimePart => vec![(1, texts(&["year", "weekday", "second"]))],
        Function::Position | Function::CountOf => vec![(
            1,
            vec![
                Literal::text("a"),
                Literal::Integer(1),
                Literal::Boolean(true),
            ],
        )],
        Function::Split => vec![(1, texts(&[",", "a"]))],
        Function::SplitFirst | Function::SplitLast => {
            vec![(1, texts(&[",", ""])), (2, numbers(&[-1, 0, 1]))]
        }
        Function::Slice => vec![
            (
                1,
                vec![Literal::Null, Literal::Integer(1), Literal::Integer(-2)],
            ),
            (
                2,
                vec![Literal::Null, Literal::Integer(2), Literal::Integer(-1)],
            ),
        ],
        Function::Substring => vec![(1, numbers(&[0, 1, 9])), (2, numbers(&[0, 2]))],
        Function::Spread => vec![(1, vec![Literal::Boolean(true), Literal::Boolean(false)])],
        Function::Round => vec![(1, vec![Literal::Integer(1), Literal::Integer(0)])],
        Function::TrimStart | Function::TrimEnd => vec![(1, texts(&[" A", "a"]))],
        _ => Vec::new(),
    }
}

/// The same for functions of query languages.
fn query_constants(function: Function) -> Vec<(usize, Vec<Literal>)> {
    let texts = |texts: &[&str]| -> Vec<Literal> {
        texts.iter().map(|text| Literal::text(*text)).collect()
    };
    let numbers = |numbers: &[i64]| -> Vec<Literal> {
        numbers.iter().map(|n| Literal::Integer(*n)).collect()
    };
    match function {
        Function::TextTest => vec![(
            2,
            texts(&[
                "contains",
                "starts",
                "ends",
                "term",
                "term_start",
                "term_end",
                "every_term",
            ]),
        )],
        Function::OneOf | Function::HoldsAddress => {
            vec![(2, vec![Literal::Boolean(true), Literal::Null])]
        }
        Function::MatchesPattern => vec![(1, texts(&["a", "(?i)A|7", "[0-9]*"]))],
        Function::IndexOfPattern => vec![(1, texts(&["[a-c]", "a"])), (2, numbers(&[0, 1, -1]))],
        Function::CountWithin => vec![
            (1, texts(&["a", "aa", ""])),
            (2, texts(&["regex", "normal"])),
        ],
        Function::TrimPattern => vec![
            (0, texts(&["[a ]+", r"\d"])),
            (2, texts(&["start", "end", "both"])),
        ],
        Function::ExtractGroups => vec![(1, texts(&["a", "([a-z])(,)?", "(?P<n>[0-9])"]))],
        Function::ReplaceMatches => vec![
            (1, texts(&["([a-c])", "[0-9]"])),
            (2, texts(&[r"<\1>", r"\\\2", "x"])),
        ],
        Function::RoundAway => vec![(1, numbers(&[0, 1, -1, 400]))],
        Function::Hexadecimal => vec![(1, numbers(&[0, 4, 20]))],
        Function::FormatMoment | Function::FormatSpan => {
            vec![(1, texts(&["yyyy-MM-dd HH:mm:ss.fff", "d.hh tt", "x"]))]
        }
        Function::PeriodStart | Function::PeriodEnd => vec![
            (1, texts(&["day", "week", "month", "year"])),
            (2, numbers(&[0, 1, 13])),
        ],
        Function::MomentAdd => vec![(0, texts(&["month", "day", "nanosecond", "x"]))],
        Function::MomentDifference => vec![(0, texts(&["year", "week", "hour", "x"]))],
        Function::MomentPart => vec![(
            0,
            texts(&["quarter", "week_of_year", "day_of_year", "second"]),
        )],
        Function::JsonPath | Function::ObjectHas => {
            vec![(1, texts(&["$.a", "$['B'][0]", "a", "$.a[1]", "$.*"]))]
        }
        Function::InNetworks => vec![(2, numbers(&[4, 6]))],
        Function::AddressNumber => vec![(1, numbers(&[0, 8, 32, 33]))],
        Function::NetworkText => vec![
            (1, numbers(&[0, 8, 32])),
            (2, vec![Literal::Boolean(true), Literal::Null]),
        ],
        Function::Digest => vec![(1, texts(&["md5", "sha1", "sha256", "x"]))],
        Function::SortItems => vec![
            (1, vec![Literal::Boolean(true), Literal::Null]),
            (2, vec![Literal::Boolean(false), Literal::Null]),
        ],
        _ => Vec::new(),
    }
}

/// The calls of a function with fields, and with constants where it asks for some.
fn calls(info: &FunctionInfo) -> Vec<Term> {
    let fields = ["x", "y", "z"].map(|name| Term::field([name]));
    let mut constants = constants(info.function);
    constants.extend(query_constants(info.function));
    let mut calls = Vec::new();
    for count in info.arity.0..=info.arity.1.min(3) {
        let mut rows: Vec<Vec<Term>> = vec![Vec::new()];
        for (at, field) in fields.iter().enumerate().take(count) {
            let fixed = constants.iter().find(|(place, _)| *place == at);
            let choices: Vec<Term> = match fixed {
                Some((_, literals)) => literals.iter().cloned().map(Term::Literal).collect(),
                None if info.function == Function::Object && at % 2 == 0 => {
                    vec![Term::text("Key")]
                }
                None => vec![field.clone()],
            };
            rows = rows
                .into_iter()
                .flat_map(|row| {
                    choices
                        .iter()
                        .map(move |choice| [row.clone(), vec![choice.clone()]].concat())
                })
                .collect();
        }
        calls.extend(rows.into_iter().map(|row| Term::call(info.function, row)));
    }
    calls
}

fn empty(name: &str) -> Rule {
    let mut rule = Rule::new(Metadata {
        id: name.to_owned(),
        slug: name.to_owned(),
        name: name.to_owned(),
        ..Metadata::default()
    });
    rule.log_sources = vec![LogSource::Unknown {
        format: "panther".to_owned(),
        name: "Custom.Made".to_owned(),
    }];
    rule
}

fn output(name: String, source: Term) -> Output {
    Output {
        name,
        source,
        when: None,
        stage: Stage::Fields,
        origin: Origin::default(),
    }
}

/// A rule whose outputs are a function's calls, and whether each has a value.
fn asked(info: &FunctionInfo) -> (Rule, bool) {
    let mut rule = empty(&format!("function_{}", info.name));
    let calls = calls(info);
    let fields = calls.iter().flat_map(Term::fields).map(ToString::to_string);
    let several = fields.collect::<std::collections::BTreeSet<_>>().len() > 1;
    for (at, call) in calls.into_iter().enumerate() {
        let there = Predicate::new(call.clone(), Operator::Exists, Object::None);
        let there = Term::Choice {
            cases: vec![Case {
                when: Condition::from(there),
                then: Term::Literal(Literal::Boolean(true)),
            }]
            .into(),
            otherwise: Term::Literal(Literal::Boolean(false)).into(),
        };
        rule.outputs.push(output(format!("there {at}"), there));
        rule.outputs.push(output(format!("value {at}"), call));
    }
    (rule, several)
}

/// Events with every value in `x`, and in `y` where it plays a part.
fn spread(several: bool) -> Vec<Value> {
    let mut events = Vec::new();
    let others = if several { values() } else { vec![None] };
    for x in values() {
        for y in &others {
            let mut event = serde_json::Map::new();
            event.extend(x.clone().map(|x| ("x".to_owned(), x)));
            event.extend(y.clone().map(|y| ("y".to_owned(), y)));
            if several {
                event.insert("z".to_owned(), json!("a"));
            }
            events.push(event.into());
        }
    }
    events
}

/// What CPython makes of the functions that a module carries is for the oracle; the reader takes them for what they compute, and
/// has to say of every value what the evaluator says.
#[test]
fn a_function_that_a_module_carries_is_read_as_what_it_computes() {
    let (mut compared, mut unread, mut wrong) = (0, Vec::new(), Vec::new());
    for info in FUNCTIONS {
        let (rule, several) = asked(info);
        let translation = read_back::export(&rule, &Panther);
        let lost = |name: &str| {
            let name = format!("output {name}");
            let mut said = translation.report.constructs.iter();
            said.any(|one| one.what == name && one.fidelity != Fidelity::Exact)
        };
        let read = read_back::rules(&translation.artifacts).unwrap_or_default();
        let [read] = read.as_slice() else {
            unread.push(info.name);
            continue;
        };
        for own in rule.outputs.iter().filter(|own| !lost(&own.name)) {
            let of_name = |other: &&Output| other.name == own.name;
            let Some(other) = read.outputs.iter().find(of_name) else {
                unread.push(info.name);
                continue;
            };
            compared += 1;
            for event in spread(several) {
                let [own, other] = [&own.source, &other.source].map(|term| {
                    let value = eval::value(term, &event);
                    value.filter(|value| !value.is_null())
                });
                if own != other {
                    let name = &read.metadata.id;
                    wrong.push(format!("{name}: {event}: {own:?}, not {other:?}"));
                    break;
                }
            }
        }
    }
    unread.dedup();
    println!("{compared} compared; not read: {}", unread.join(" "));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(compared > 300, "{compared} compared");
}

#[test]
fn what_emitted_modules_have_to_say_is_written_for_the_oracle() {
    let Some(file) = std::env::var_os("RULEC_PANTHER_CASES").map(PathBuf::from) else {
        println!("skipped: RULEC_PANTHER_CASES names no file");
        return;
    };
    let mut written = std::io::BufWriter::new(std::fs::File::create(file).unwrap());
    let mut refused = Vec::new();
    let mut add = |rule: &Rule, events: &[Value]| match line(rule, events) {
        Some(line) => writeln!(written, "{line}").unwrap(),
        None => refused.push(rule.metadata.id.clone()),
    };
    for info in FUNCTIONS {
        let (rule, several) = asked(info);
        add(&rule, &spread(several));
    }
    let mut random = Random::new(53);
    for number in 0..200 {
        let mut rule = empty(&format!("condition_{number}"));
        rule.selection = generate::condition(&mut random, 1 + number % 4, false);
        let events: Vec<Value> = (0..40).map(|_| generate::event(&mut random)).collect();
        add(&rule, &events);
    }
    println!("{} refused: {}", refused.len(), refused.join(" "));
}
