//! Functions that are one function of the IR each: their parameters and results.

use super::call::Called;
use super::convert::{as_dynamic, as_number, as_real, as_text};
use super::{Kind, Lowered, Typed, call as apply, whole, word};
use crate::ir::{Function, Literal, Term};

/// What a parameter takes.
#[derive(Clone, Copy)]
enum Takes {
    /// Anything, as its text.
    Text,
    /// A number.
    Number,
    /// A number, as one with a fraction.
    Real,
    /// A dynamic value.
    Dynamic,
    /// Anything, as a dynamic value.
    Any,
    /// Not written in the query: a constant text, number or truth value.
    Word(&'static str),
    Whole(i64),
    Flag(bool),
}

/// A function: its names, the function of the IR, its parameters (the last one repeats), how many must be given, its result.
type Row = (&'static str, Function, &'static [Takes], usize, Kind);

use Takes::{Any, Dynamic as D, Flag, Number as N, Real as R, Text as T, Whole, Word as W};

const TEXTS: &[Row] = &[
    ("tolower", Function::Lower, &[T], 1, Kind::Text),
    ("toupper", Function::Upper, &[T], 1, Kind::Text),
    ("strlen", Function::Length, &[T], 1, Kind::Number),
    ("string_size", Function::ByteLength, &[T], 1, Kind::Number),
    ("substring", Function::TextPart, &[T, N, N], 2, Kind::Text),
    (
        "indexof",
        Function::IndexWithin,
        &[T, T, N, N, N],
        2,
        Kind::Number,
    ),
    (
        "replace_string",
        Function::Substitute,
        &[T, T, T],
        3,
        Kind::Text,
    ),
    (
        "replace_strings",
        Function::SubstituteEach,
        &[T, D, Any],
        3,
        Kind::Text,
    ),
    ("reverse", Function::Reversed, &[T], 1, Kind::Text),
    ("translate", Function::Translate, &[T, T, T], 3, Kind::Text),
    ("strrep", Function::Repeat, &[T, N, T], 2, Kind::Text),
    (
        "has_any_index",
        Function::FirstHeld,
        &[T, D],
        2,
        Kind::Number,
    ),
    ("strcmp", Function::CompareTexts, &[T, T], 2, Kind::Number),
    ("regex_quote", Function::QuotePattern, &[T], 1, Kind::Text),
    ("strcat_array", Function::JoinItems, &[D, T], 2, Kind::Text),
    ("array_strcat", Function::JoinItems, &[D, T], 2, Kind::Text),
    (
        "unicode_codepoints_from_string",
        Function::CodePoints,
        &[T],
        1,
        Kind::Dynamic,
    ),
    (
        "unicode_codepoints_to_string",
        Function::FromCodePoints,
        &[Any],
        1,
        Kind::Text,
    ),
    ("parse_csv", Function::CsvRecord, &[T], 1, Kind::Dynamic),
    ("parse_xml", Function::ReadXml, &[T], 1, Kind::Dynamic),
    ("parse_url", Function::UrlParts, &[T], 1, Kind::Dynamic),
    (
        "parse_urlquery",
        Function::QueryParts,
        &[T],
        1,
        Kind::Dynamic,
    ),
    ("parse_path", Function::PathParts, &[T], 1, Kind::Dynamic),
    ("dynamic_to_json", Function::SortedJson, &[D], 1, Kind::Text),
    (
        "base64_encode_tostring",
        Function::ToBase64,
        &[T],
        1,
        Kind::Text,
    ),
    (
        "base64_encodestring",
        Function::ToBase64,
        &[T],
        1,
        Kind::Text,
    ),
    (
        "base64_encode_fromarray",
        Function::ToBase64,
        &[D],
        1,
        Kind::Text,
    ),
    (
        "base64_decode_tostring",
        Function::FromBase64,
        &[T],
        1,
        Kind::Text,
    ),
    (
        "base64_decodestring",
        Function::FromBase64,
        &[T],
        1,
        Kind::Text,
    ),
    (
        "base64_decode_toarray",
        Function::BytesFromBase64,
        &[T],
        1,
        Kind::Dynamic,
    ),
    (
        "base64_decode_toguid",
        Function::GuidFromBase64,
        &[T],
        1,
        Kind::Text,
    ),
    (
        "url_encode",
        Function::UrlEncode,
        &[T, Flag(true)],
        1,
        Kind::Text,
    ),
    (
        "url_encode_component",
        Function::UrlEncode,
        &[T, Flag(false)],
        1,
        Kind::Text,
    ),
    ("url_decode", Function::UrlDecode, &[T], 1, Kind::Text),
    (
        "punycode_from_string",
        Function::ToPunycode,
        &[T],
        1,
        Kind::Text,
    ),
    (
        "punycode_to_string",
        Function::FromPunycode,
        &[T],
        1,
        Kind::Text,
    ),
];

const NUMBERS: &[Row] = &[
    ("abs", Function::Magnitude, &[N], 1, Kind::Number),
    ("sign", Function::Sign, &[N], 1, Kind::Number),
    ("round", Function::RoundAway, &[N, N], 1, Kind::Number),
    (
        "ceiling",
        Function::RealFunction,
        &[W("ceiling"), R],
        1,
        Kind::Number,
    ),
    (
        "isnan",
        Function::RealFunction,
        &[W("is_nan"), R],
        1,
        Kind::Truth,
    ),
    (
        "isinf",
        Function::RealFunction,
        &[W("is_infinite"), R],
        1,
        Kind::Truth,
    ),
    (
        "isfinite",
        Function::RealFunction,
        &[W("is_finite"), R],
        1,
        Kind::Truth,
    ),
    (
        "pow",
        Function::RealFunction,
        &[W("pow"), R, R],
        2,
        Kind::Number,
    ),
    (
        "atan2",
        Function::RealFunction,
        &[W("atan2"), R, R],
        2,
        Kind::Number,
    ),
    (
        "bitset_count_ones",
        Function::BitCount,
        &[N],
        1,
        Kind::Number,
    ),
    ("binary_and", Function::BitAnd, &[N, N], 2, Kind::Number),
    ("binary_or", Function::BitOr, &[N, N], 2, Kind::Number),
    ("binary_xor", Function::BitXor, &[N, N], 2, Kind::Number),
    ("binary_not", Function::BitInverse, &[N], 1, Kind::Number),
    (
        "binary_shift_left",
        Function::ShiftLeft,
        &[N, N],
        2,
        Kind::Number,
    ),
    (
        "binary_shift_right",
        Function::ShiftRight,
        &[N, N],
        2,
        Kind::Number,
    ),
];

/// Functions of one real number under their own names.
const REALS: [&str; 16] = [
    "sin", "cos", "tan", "cot", "asin", "acos", "atan", "exp", "exp2", "exp10", "log", "log2",
    "log10", "sqrt", "degrees", "radians",
];

const COLLECTIONS: &[Row] = &[
    ("array_length", Function::ListLength, &[D], 1, Kind::Number),
    ("arraylength", Function::ListLength, &[D], 1, Kind::Number),
    (
        "array_slice",
        Function::ListSlice,
        &[D, N, N],
        3,
        Kind::Dynamic,
    ),
    (
        "array_split",
        Function::SplitAt,
        &[D, Any],
        2,
        Kind::Dynamic,
    ),
    (
        "array_index_of",
        Function::ListIndex,
        &[D, Any, N, N, N],
        2,
        Kind::Number,
    ),
    ("array_sum", Function::ListSum, &[D], 1, Kind::Number),
    (
        "array_iff",
        Function::ListChoice,
        &[D, Any, Any],
        3,
        Kind::Dynamic,
    ),
    (
        "array_iif",
        Function::ListChoice,
        &[D, Any, Any],
        3,
        Kind::Dynamic,
    ),
    ("set_union", Function::Union, &[D, D], 2, Kind::Dynamic),
    (
        "set_intersect",
        Function::Intersection,
        &[D, D],
        2,
        Kind::Dynamic,
    ),
    (
        "set_difference",
        Function::Difference,
        &[D, D],
        2,
        Kind::Dynamic,
    ),
    (
        "set_has_element",
        Function::HasItem,
        &[D, Any],
        2,
        Kind::Truth,
    ),
    (
        "jaccard_index",
        Function::Likeness,
        &[D, D],
        2,
        Kind::Number,
    ),
    ("zip", Function::Zip, &[D, D], 2, Kind::Dynamic),
    (
        "bag_merge",
        Function::MergeObjects,
        &[D, D],
        2,
        Kind::Dynamic,
    ),
    ("bag_has_key", Function::ObjectHas, &[D, T], 2, Kind::Truth),
    (
        "bag_remove_keys",
        Function::WithoutKeys,
        &[D, D],
        2,
        Kind::Dynamic,
    ),
    (
        "bag_set_key",
        Function::WithKey,
        &[D, T, Any],
        3,
        Kind::Dynamic,
    ),
    ("bag_zip", Function::ZipObject, &[D, D], 2, Kind::Dynamic),
    ("treepath", Function::TreePaths, &[D], 1, Kind::Dynamic),
    (
        "series_fill_forward",
        Function::SeriesFill,
        &[W("forward"), D],
        1,
        Kind::Dynamic,
    ),
    (
        "series_fill_backward",
        Function::SeriesFill,
        &[W("backward"), D],
        1,
        Kind::Dynamic,
    ),
    (
        "series_fill_const",
        Function::SeriesFill,
        &[W("const"), D, Any],
        2,
        Kind::Dynamic,
    ),
    (
        "series_sum",
        Function::SeriesFold,
        &[W("sum"), D],
        1,
        Kind::Number,
    ),
    (
        "series_product",
        Function::SeriesFold,
        &[W("product"), D],
        1,
        Kind::Number,
    ),
    (
        "series_magnitude",
        Function::SeriesFold,
        &[W("magnitude"), D],
        1,
        Kind::Number,
    ),
    (
        "series_dot_product",
        Function::SeriesFold,
        &[W("dot"), Any, Any],
        2,
        Kind::Number,
    ),
    (
        "series_cosine_similarity",
        Function::SeriesFold,
        &[W("cosine"), D, D],
        2,
        Kind::Number,
    ),
    (
        "series_pearson_correlation",
        Function::SeriesFold,
        &[W("pearson"), D, D],
        2,
        Kind::Number,
    ),
];

/// Functions of every number of a list, and the real functions that they are.
const SERIES: [(&str, &str); 14] = [
    ("series_abs", "magnitude"),
    ("series_sign", "sign"),
    ("series_ceiling", "ceiling"),
    ("series_floor", "floor"),
    ("series_exp", "exp"),
    ("series_log", "log"),
    ("series_sin", "sin"),
    ("series_cos", "cos"),
    ("series_tan", "tan"),
    ("series_asin", "asin"),
    ("series_acos", "acos"),
    ("series_atan", "atan"),
    ("series_sqrt", "sqrt"),
    ("series_log10", "log10"),
];

/// Operations on two lists.
const PAIRS: [(&str, &str); 11] = [
    ("series_add", "plus"),
    ("series_subtract", "minus"),
    ("series_multiply", "times"),
    ("series_divide", "divide"),
    ("series_pow", "pow"),
    ("series_equals", "same"),
    ("series_not_equals", "different"),
    ("series_less", "less"),
    ("series_less_equals", "at_most"),
    ("series_greater", "greater"),
    ("series_greater_equals", "at_least"),
];

const ADDRESSES: &[Row] = &[
    ("parse_ipv4", Function::AddressNumber, &[T], 1, Kind::Number),
    (
        "parse_ipv4_mask",
        Function::AddressNumber,
        &[T, N],
        2,
        Kind::Number,
    ),
    (
        "ipv4_netmask_suffix",
        Function::FixedBits,
        &[T],
        1,
        Kind::Number,
    ),
    (
        "ipv4_is_private",
        Function::IsPrivateAddress,
        &[T],
        1,
        Kind::Truth,
    ),
    (
        "ipv4_is_in_range",
        Function::InNetworks,
        &[T, T, Whole(4)],
        2,
        Kind::Truth,
    ),
    (
        "ipv6_is_in_range",
        Function::InNetworks,
        &[T, T, Whole(6)],
        2,
        Kind::Truth,
    ),
    (
        "ipv4_range_to_cidr_list",
        Function::NetworksBetween,
        &[T, T],
        2,
        Kind::Dynamic,
    ),
];

/// The value, if the function is one of these.
pub(super) fn call(called: Called<'_, '_>) -> Option<Lowered<Typed>> {
    let rows = [TEXTS, NUMBERS, COLLECTIONS, ADDRESSES];
    let known = rows.into_iter().flatten().find(|row| row.0 == called.name);
    if let Some(row) = known {
        return Some(of_row(called, row));
    }
    let named = |names: &[(&'static str, &'static str)]| {
        let found = names.iter().find(|(name, _)| *name == called.name);
        found.map(|(_, function)| *function)
    };
    if REALS.contains(&called.name) {
        return Some(real(called));
    }
    if let Some(function) = named(&SERIES) {
        return Some(series(called, Function::SeriesMap, function, 1));
    }
    if let Some(function) = named(&PAIRS) {
        return Some(series(called, Function::SeriesPair, function, 2));
    }
    Some(match called.name {
        "pi" => Ok(Typed::constant(
            Literal::Float(std::f64::consts::PI),
            Kind::Number,
        )),
        "ipv4_compare" => compared(called, 4, false),
        "ipv6_compare" => compared(called, 6, false),
        "ipv4_is_match" => compared(called, 4, true),
        "ipv6_is_match" => compared(called, 6, true),
        "parse_ipv6" | "parse_ipv6_mask" => long_address(called),
        "format_ipv4" => network_text(called, false),
        "format_ipv4_mask" => network_text(called, true),
        "isutf8" => Ok(Typed::constant(Literal::Boolean(true), Kind::Truth)),
        _ => return None,
    })
}

fn taken(called: Called<'_, '_>, takes: Takes, at: usize) -> Lowered<Term> {
    let typed = called.typed(at)?;
    match takes {
        Takes::Text => as_text(typed, called.range),
        Takes::Number => as_number(typed, called.range),
        Takes::Real => as_real(typed, called.range),
        Takes::Dynamic if matches!(typed.kind, Kind::Dynamic | Kind::Unknown) => Ok(typed.term),
        Takes::Any => Ok(as_dynamic(typed)),
        Takes::Dynamic | W(_) | Whole(_) | Flag(_) => called.wrong(),
    }
}

fn of_row(called: Called<'_, '_>, row: &Row) -> Lowered<Typed> {
    let (_, function, takes, least, kind) = *row;
    if called.count() < least {
        called.expression(least - 1)?;
    }
    let mut terms = Vec::new();
    let mut at = 0;
    for takes in takes {
        match takes {
            W(text) => terms.push(word(text)),
            Whole(number) => terms.push(whole(*number)),
            Flag(flag) => terms.push(Term::Literal(Literal::Boolean(*flag))),
            takes if at < called.count() => {
                terms.push(taken(called, *takes, at)?);
                at += 1;
            }
            _ => {}
        }
    }
    // What is given beyond the parameters repeats the last one, where the function takes any number.
    if let Some(last) = takes.last().filter(|_| at < called.count()) {
        if function.info().arity.1 != usize::MAX {
            return called.wrong();
        }
        for at in at..called.count() {
            terms.push(taken(called, *last, at)?);
        }
    }
    let term = apply(function, terms);
    let nullable = kind == Kind::Text
        && matches!(
            function,
            Function::GuidFromBase64
                | Function::Translate
                | Function::Repeat
                | Function::ToPunycode
                | Function::FromCodePoints
                | Function::SortedJson
                | Function::SubstituteEach
        );
    let term = if nullable {
        apply(Function::PlainText, [term])
    } else {
        term
    };
    Ok(Typed::new(term, kind))
}

fn real(called: Called<'_, '_>) -> Lowered<Typed> {
    let number = as_real(called.typed(0)?, called.range)?;
    Ok(Typed::new(
        apply(Function::RealFunction, [word(called.name), number]),
        Kind::Number,
    ))
}

/// A function of lists of numbers.
fn series(called: Called<'_, '_>, function: Function, name: &str, count: usize) -> Lowered<Typed> {
    let mut terms = vec![word(name)];
    for at in 0..count {
        terms.push(taken(called, Any, at)?);
    }
    Ok(Typed::new(apply(function, terms), Kind::Dynamic))
}

/// The order of two addresses, or whether they are the same.
fn compared(called: Called<'_, '_>, version: i64, is_match: bool) -> Lowered<Typed> {
    let bits = match called.count() {
        0..=2 => whole(if version == 4 { 32 } else { 128 }),
        _ => taken(called, N, 2)?,
    };
    let arguments = [
        taken(called, T, 0)?,
        taken(called, T, 1)?,
        bits,
        whole(version),
    ];
    let order = apply(Function::CompareNetworks, arguments);
    if !is_match {
        return Ok(Typed::new(order, Kind::Number));
    }
    // A text that is no address makes the comparison null, and so the question.
    let absent = apply(Function::IsAbsent, [order.clone()]);
    let same = apply(Function::Same, [order, whole(0)]);
    Ok(Typed::new(
        super::chosen(absent, Term::Literal(Literal::Null), same),
        Kind::Truth,
    ))
}

fn long_address(called: Called<'_, '_>) -> Lowered<Typed> {
    let mut arguments = vec![taken(called, T, 0)?];
    if called.name == "parse_ipv6_mask" {
        arguments.push(taken(called, N, 1)?);
    }
    let address = apply(Function::LongAddress, arguments);
    Ok(Typed::new(
        apply(Function::PlainText, [address]),
        Kind::Text,
    ))
}

fn network_text(called: Called<'_, '_>, with_bits: bool) -> Lowered<Typed> {
    let address = called.typed(0)?;
    let address = match address.kind {
        Kind::Text | Kind::Number => address.term,
        _ => return called.wrong(),
    };
    let bits = if called.count() > 1 {
        taken(called, N, 1)?
    } else {
        whole(32)
    };
    let flag = Term::Literal(Literal::Boolean(with_bits));
    Ok(Typed::new(
        apply(Function::NetworkText, [address, bits, flag]),
        Kind::Text,
    ))
}
