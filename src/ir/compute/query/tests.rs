//! What the functions give, odd values included.

use serde_json::{Value, json};

use super::call;
use crate::ir::{FUNCTIONS, Function};

fn check(function: Function, arguments: &[Value], expected: &Value) {
    let arguments: Vec<&Value> = arguments.iter().collect();
    let found = call(function, &arguments).unwrap_or(Value::Null);
    assert_eq!(
        found.to_string(),
        expected.to_string(),
        "{function:?} of {arguments:?}"
    );
}

#[test]
fn odd_values_never_panic() {
    let odd = [
        json!(null),
        json!(true),
        json!(0),
        json!(-1),
        json!(i64::MIN),
        json!(i64::MAX),
        json!(1e308),
        json!("NaN"),
        json!(""),
        json!("é/ü://x%@:\\"),
        json!("term"),
        json!([]),
        json!([1, null, "a"]),
        json!({"a": {"b": [1]}}),
        json!("$.a.b[0]"),
    ];
    for info in FUNCTIONS {
        for count in info.arity.0..=info.arity.1.min(info.arity.0 + 1) {
            for at in 0..odd.len() * odd.len() {
                let picked: Vec<&Value> = (0..count)
                    .map(|place| {
                        &odd[(at / odd.len().pow(u32::try_from(place % 2).unwrap()) + place / 2)
                            % odd.len()]
                    })
                    .collect();
                let _ = call(info.function, &picked);
            }
        }
    }
}

#[test]
fn nulls_have_their_own_logic() {
    check(Function::Same, &[json!(null), json!(1)], &json!(false));
    check(Function::Same, &[json!(null), json!(null)], &json!(null));
    check(Function::Same, &[json!(1), json!(1.0)], &json!(true));
    check(Function::Precedes, &[json!(null), json!(1)], &json!(null));
    check(
        Function::Conjunction,
        &[json!(null), json!(false)],
        &json!(false),
    );
    check(
        Function::Conjunction,
        &[json!(null), json!(true)],
        &json!(null),
    );
    check(
        Function::Disjunction,
        &[json!(null), json!(true)],
        &json!(true),
    );
    check(
        Function::TextTest,
        &[json!("a_b"), json!("a"), json!("term")],
        &json!(true),
    );
    check(
        Function::TextTest,
        &[json!("errors"), json!("error"), json!("term")],
        &json!(false),
    );
    check(
        Function::TextTest,
        &[json!("errors"), json!("error"), json!("term_start")],
        &json!(true),
    );
}

#[test]
fn numbers_stay_whole_and_wrap() {
    check(Function::Quotient, &[json!(-7), json!(2)], &json!(-3));
    check(Function::Quotient, &[json!(7), json!(0)], &json!(null));
    check(
        Function::Quotient,
        &[json!(1.0), json!(0)],
        &json!("Infinity"),
    );
    check(Function::Remainder, &[json!(-10), json!(4)], &json!(2));
    check(
        Function::Plus,
        &[json!(i64::MAX), json!(1)],
        &json!(i64::MIN),
    );
    check(Function::MultipleBelow, &[json!(-3), json!(5)], &json!(-5));
    check(
        Function::MultipleBelow,
        &[json!(6.5), json!(2.5), json!(7)],
        &json!(4.5),
    );
    check(
        Function::Hexadecimal,
        &[json!(-256), json!(8)],
        &json!("ffffff00"),
    );
    check(
        Function::Hexadecimal,
        &[json!(256), json!(8)],
        &json!("00000100"),
    );
    check(Function::WholeNumber, &[json!("0x1F")], &json!(31));
}

#[test]
fn times_are_ticks() {
    let read = |text: &str| call(Function::ReadMoment, &[&json!(text)]);
    let start = read("2017-01-01 10:10:17").unwrap();
    check(
        Function::MomentText,
        std::slice::from_ref(&start),
        &json!("2017-01-01T10:10:17.0000000Z"),
    );
    assert_eq!(read("02/17/2016 08:40:01"), read("2016-02-17T08:40:01Z"));
    assert_eq!(
        read("2022-12-02T13:45:56+02:00"),
        read("2022-12-02 11:45:56")
    );
    assert_eq!(
        read("Sat, 8 Nov 2014 15:05:02 GMT"),
        read("2014-11-08T15:05:02")
    );
    assert_eq!(read("13-01-2022"), None);
    assert_eq!(read("soon"), None);
    let text = |value: Option<Value>| {
        call(Function::MomentText, &[&value.unwrap_or(Value::Null)]).unwrap()
    };
    let period = |function: Function, unit: &str, offset: i64| {
        text(call(function, &[&start, &json!(unit), &json!(offset)]))
    };
    assert_eq!(
        period(Function::PeriodStart, "week", -1),
        "2016-12-25T00:00:00.0000000Z"
    );
    assert_eq!(
        period(Function::PeriodEnd, "month", 1),
        "2017-02-28T23:59:59.9999999Z"
    );
    check(
        Function::ReadSpan,
        &[json!("1.02:03:04.5")],
        &json!(937_845_000_000_i64),
    );
    check(
        Function::SpanText,
        &[json!(-5)],
        &json!("-00:00:00.0000005"),
    );
    check(
        Function::FormatMoment,
        &[start, json!("yy-M-dd [hh:mm:ss tt]")],
        &json!("17-1-01 [10:10:17 AM]"),
    );
}

#[test]
fn texts_are_read_and_written() {
    check(
        Function::TextPart,
        &[json!("123456"), json!(-2), json!(2)],
        &json!("56"),
    );
    check(
        Function::Hash,
        &[json!("World")],
        &json!(1_846_988_464_401_551_951_i64),
    );
    check(Function::Hash, &[json!("World"), json!(100)], &json!(51));
    check(
        Function::ToPunycode,
        &[json!("académie-française")],
        &json!("acadmie-franaise-npb1a"),
    );
    check(
        Function::FromPunycode,
        &[json!("acadmie-franaise-npb1a")],
        &json!("académie-française"),
    );
    check(
        Function::GuidFromBase64,
        &[json!("JpbpECu8dUy7Pv5gbeJXAA==")],
        &json!("10e99626-bc2b-4c75-bb3e-fe606de25700"),
    );
    check(
        Function::CountWithin,
        &[json!("aaaa"), json!("aa")],
        &json!(3),
    );
    check(
        Function::ReadXml,
        &[json!(
            "<?xml version='1.0'?><e n=\"1\"><a>x</a><a>y &amp; z</a><b/></e>"
        )],
        &json!({"e": {"@n": "1", "a": ["x", "y & z"], "b": null}}),
    );
    check(Function::ReadXml, &[json!("<e><a></e>")], &json!(null));
    check(
        Function::CommandWords,
        &[json!("echo \"hello world!\" a\\\"b")],
        &json!(["echo", "hello world!", "a\"b"]),
    );
}
