//! How the functions of query languages are written: a helper of the arguments' values, or a call with a compiled pattern.
//!
//! No value and `null` are one to them, as to Python. Refused: series, places on the earth, and encodings that Python's own
//! library does not have.

use super::code::Code;
use super::function::Spelling;
use super::notation::Python;
use super::regex::{self, Groups};
use super::term::Loops;
use crate::ir::{Function, Literal, Term};

/// The functions with a helper, or with an arm in `query_call`.
pub(super) const QUERY_SPELLINGS: &[(Function, Spelling)] = &[
    (Function::Same, Spelling::Lenient("is_same")),
    (Function::Precedes, Spelling::Strict("precedes")),
    (Function::PrecedesOrIs, Spelling::Strict("precedes_or_is")),
    (Function::Negation, Spelling::Strict("opposite_of")),
    (Function::Conjunction, Spelling::Lenient("all_hold")),
    (Function::Disjunction, Spelling::Lenient("any_holds")),
    (Function::IsAbsent, Spelling::Lenient("is_absent")),
    (Function::OneOf, Spelling::Lenient("is_one_of")),
    (Function::TextTest, Spelling::Lenient("text_test")),
    (Function::MatchesPattern, Spelling::Own),
    (Function::LeastOf, Spelling::Lenient("least_value")),
    (Function::GreatestOf, Spelling::Lenient("greatest_value")),
    (Function::FirstFilled, Spelling::Lenient("first_filled")),
    (Function::TypeName, Spelling::Lenient("type_name")),
    (Function::Plus, Spelling::Strict("plus")),
    (Function::Minus, Spelling::Strict("minus")),
    (Function::Times, Spelling::Strict("times")),
    (Function::Quotient, Spelling::Strict("quotient")),
    (Function::Remainder, Spelling::Strict("remainder")),
    (Function::Opposite, Spelling::Strict("negative")),
    (Function::MultipleBelow, Spelling::Strict("multiple_below")),
    (Function::WholeNumber, Spelling::Strict("whole_number")),
    (Function::ShortNumber, Spelling::Strict("short_number")),
    (Function::RealNumber, Spelling::Strict("real_number")),
    (Function::TruthValue, Spelling::Strict("truth_value")),
    (Function::Magnitude, Spelling::Strict("magnitude")),
    (Function::Sign, Spelling::Strict("sign_of")),
    (Function::RoundAway, Spelling::Lenient("round_away")),
    (Function::ShiftLeft, Spelling::Strict("shift_left")),
    (Function::ShiftRight, Spelling::Strict("shift_right")),
    (Function::BitInverse, Spelling::Strict("bit_inverse")),
    (Function::BitCount, Spelling::Strict("bit_count")),
    (Function::Hexadecimal, Spelling::Lenient("hexadecimal")),
    (Function::ReadMoment, Spelling::Strict("read_moment")),
    (Function::ReadSpan, Spelling::Strict("read_span")),
    (Function::MomentText, Spelling::Lenient("moment_text")),
    (Function::SpanText, Spelling::Lenient("span_text")),
    (Function::FormatMoment, Spelling::Strict("format_moment")),
    (Function::FormatSpan, Spelling::Strict("format_span")),
    (Function::PeriodStart, Spelling::Lenient("period_start")),
    (Function::PeriodEnd, Spelling::Lenient("period_end")),
    (Function::MomentAdd, Spelling::Strict("moment_add")),
    (
        Function::MomentDifference,
        Spelling::Strict("moment_difference"),
    ),
    (Function::MomentPart, Spelling::Strict("moment_part")),
    (Function::MakeMoment, Spelling::Strict("make_moment")),
    (Function::MakeSpan, Spelling::Strict("make_span")),
    (Function::PlainText, Spelling::Lenient("plain_text")),
    (Function::RealText, Spelling::Lenient("real_text")),
    (Function::TextPart, Spelling::Strict("text_part")),
    (Function::Parts, Spelling::Strict("parts_of")),
    (Function::IndexWithin, Spelling::Strict("index_within")),
    (Function::IndexOfPattern, Spelling::Own),
    (Function::FirstHeld, Spelling::Strict("first_held")),
    (Function::CountWithin, Spelling::Own),
    (Function::Repeat, Spelling::Strict("repeated_text")),
    (Function::Reversed, Spelling::Strict("reversed_text")),
    (Function::Translate, Spelling::Strict("translate")),
    (Function::TrimPattern, Spelling::Own),
    (Function::Substitute, Spelling::Strict("substitute")),
    (Function::ExtractGroups, Spelling::Own),
    (Function::ReplaceMatches, Spelling::Own),
    (Function::CompareTexts, Spelling::Strict("compare_texts")),
    (Function::ByteLength, Spelling::Strict("byte_length")),
    (Function::CodePoints, Spelling::Strict("code_points")),
    (
        Function::FromCodePoints,
        Spelling::Strict("from_code_points"),
    ),
    (Function::ReadJson, Spelling::Strict("read_json")),
    (Function::JsonPath, Spelling::Strict("json_path")),
    (Function::CommandWords, Spelling::Strict("command_words")),
    (Function::UrlParts, Spelling::Strict("url_parts")),
    (Function::QueryParts, Spelling::Strict("query_parts")),
    (Function::PathParts, Spelling::Strict("path_parts")),
    (Function::ListLength, Spelling::Strict("list_length")),
    (Function::ListSlice, Spelling::Strict("list_slice")),
    (Function::SortItems, Spelling::Lenient("sorted_items")),
    (Function::ListIndex, Spelling::Lenient("list_index")),
    (Function::ListSum, Spelling::Strict("list_sum")),
    (Function::JoinItems, Spelling::Lenient("join_items")),
    (Function::Union, Spelling::Strict("all_items")),
    (Function::Intersection, Spelling::Strict("shared_items")),
    (Function::Difference, Spelling::Strict("own_items")),
    (Function::HasItem, Spelling::Lenient("holds_item")),
    (Function::SameItems, Spelling::Strict("same_items")),
    (Function::MergeObjects, Spelling::Lenient("merged_objects")),
    (Function::ObjectHas, Spelling::Strict("object_has")),
    (Function::AddressNumber, Spelling::Strict("address_number")),
    (
        Function::CompareNetworks,
        Spelling::Strict("compare_networks"),
    ),
    (Function::InNetworks, Spelling::Strict("lies_in")),
    (
        Function::IsPrivateAddress,
        Spelling::Strict("is_private_address"),
    ),
    (Function::NetworkText, Spelling::Lenient("network_text")),
    (Function::HoldsAddress, Spelling::Lenient("holds_address")),
    (Function::ToBase64, Spelling::Lenient("to_base64")),
    (Function::FromBase64, Spelling::Strict("from_base64")),
    (
        Function::BytesFromBase64,
        Spelling::Strict("byte_list_of_base64"),
    ),
    (Function::ReadGuid, Spelling::Strict("read_guid")),
    (Function::UrlEncode, Spelling::Lenient("url_encode")),
    (Function::UrlDecode, Spelling::Strict("url_decode")),
    (Function::Digest, Spelling::Strict("digest_of")),
    (Function::Utf8Bytes, Spelling::Strict("byte_list")),
    (Function::IsAscii, Spelling::Strict("is_ascii")),
];

/// The constant text of a term.
fn constant(term: &Term) -> Option<&str> {
    term.as_literal().and_then(Literal::as_text)
}

impl Python<'_> {
    /// The call of a function of query languages that asks for a constant pattern.
    pub(super) fn query_call(
        &self,
        function: Function,
        arguments: &[Term],
        loops: &mut Loops,
    ) -> Result<Code, String> {
        let (value, pattern, rest) = match (function, arguments) {
            (Function::TrimPattern, [pattern, value, side]) => {
                return self.trimmed(value, constant(pattern), constant(side), loops);
            }
            (Function::CountWithin, [value, part]) => {
                let values = self.values(&[value.clone(), part.clone()], loops)?;
                return Ok(Code::call("count_within", values));
            }
            (Function::CountWithin, [value, part, way]) if constant(way) != Some("regex") => {
                return self.query_call(function, &[value.clone(), part.clone()], loops);
            }
            (_, [value, pattern, rest @ ..]) => (value, constant(pattern), rest),
            _ => return Err(not_constant(function)),
        };
        let pattern = pattern.ok_or_else(|| not_constant(function))?;
        let compiled = Self::whole_matches(pattern, function == Function::MatchesPattern)?;
        let named = self.regex(value, &regex::python(pattern)?, false);
        let mut values = vec![self.value(value, loops)?, named];
        let helper = match (function, rest) {
            (Function::MatchesPattern, []) => "has_match",
            (Function::CountWithin, [_]) => "count_matches",
            (Function::IndexOfPattern, rest) => {
                values.extend(self.values(rest, loops)?);
                "index_of_match"
            }
            (Function::ExtractGroups, [] | [_]) => {
                values.extend(groups(&compiled, rest.first())?);
                "matches_of"
            }
            (Function::ReplaceMatches, [Term::Literal(Literal::Text(by))]) => {
                values.push(Code::raw(&template(by, &compiled)));
                "replace_matches"
            }
            _ => return Err(not_constant(function)),
        };
        Ok(Code::call(helper, values))
    }

    /// The pattern, of which Python finds the same matches: none that is empty, unless it is only asked whether there is one.
    fn whole_matches(pattern: &str, only_asked: bool) -> Result<Groups, String> {
        let groups = Groups::of(pattern)
            .ok_or_else(|| format!("the regular expression `{pattern}` is not well-formed"))?;
        if !only_asked && regex::finds_nothing(pattern) {
            return Err(format!(
                "the matches of `{pattern}`, which are others to Python where it matches nothing"
            ));
        }
        Ok(groups)
    }

    /// A text without the matches of a pattern at its sides.
    fn trimmed(
        &self,
        value: &Term,
        pattern: Option<&str>,
        side: Option<&str>,
        loops: &mut Loops,
    ) -> Result<Code, String> {
        let (Some(pattern), Some(side @ ("start" | "end" | "both"))) = (pattern, side) else {
            return Err(not_constant(Function::TrimPattern));
        };
        let mut text = self.value(value, loops)?;
        if side != "end" {
            let start = regex::python(&format!("^(?:{pattern})"))?;
            text = Code::call(
                "without_start",
                vec![text, self.regex(value, &start, false)],
            );
        }
        if side != "start" {
            let end = regex::python(&format!("(?:{pattern})$"))?;
            text = Code::call("without_end", vec![text, self.regex(value, &end, false)]);
        }
        Ok(text)
    }
}

fn not_constant(function: Function) -> String {
    format!(
        "`{}` with an argument that is not constant",
        function.name()
    )
}

/// The groups that are asked for, each as a number; without a choice all of them.
fn groups(pattern: &Groups, chosen: Option<&Term>) -> Result<Vec<Code>, String> {
    let count = pattern.len();
    let Some(chosen) = chosen else {
        return Ok((1..count).map(number_of).collect());
    };
    let number = |group: &Literal| match group {
        Literal::Integer(number) => usize::try_from(*number).ok(),
        Literal::Text(name) => pattern.named(name),
        _ => None,
    };
    match chosen.as_literal() {
        Some(Literal::Null) => groups(pattern, None),
        Some(Literal::List(items)) => items
            .iter()
            .map(|group| {
                let known = number(group).filter(|number| *number < count);
                known.map(number_of)
            })
            .collect::<Option<_>>()
            .ok_or_else(|| "a group that the pattern does not have".to_owned()),
        _ => Err(not_constant(Function::ExtractGroups)),
    }
}

fn number_of(group: usize) -> Code {
    Code::literal(group.to_string())
}

/// A replacement in which `\1` stands for a group and a backslash for the character behind it, in the words of Python's `re`.
fn template(by: &str, pattern: &Groups) -> String {
    let mut written = String::new();
    let mut chars = by.chars();
    while let Some(c) = chars.next() {
        let plain = match (c, c == '\\') {
            (c, false) => c,
            _ => match chars.next() {
                Some(digit) if digit.is_ascii_digit() => {
                    let group = digit as usize - '0' as usize;
                    // A group that is not there is the empty text.
                    if group < pattern.len() {
                        written.extend(["\\g<", &group.to_string(), ">"]);
                    }
                    continue;
                }
                Some(other) => other,
                None => '\\',
            },
        };
        if plain == '\\' {
            written.push('\\');
        }
        written.push(plain);
    }
    written
}
