//! How each function of the IR is written: which helper computes it, or that a call is put together elsewhere.
//!
//! A helper gives `None` where the function's result is missing, and raises on no value. Refused: functions whose helper would
//! be a language of its own, and what only the evaluation of a resource knows.

use super::query::QUERY_SPELLINGS;
use crate::ir::{
    Function, Literal, Term, arithmetic_function, logic_function, moment_function, query_function,
};

/// How a function is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spelling {
    /// A helper of the arguments' values, which gives nothing where one of them is missing.
    Strict(&'static str),
    /// A helper of the arguments' values, to which a missing one is `None` like any other value.
    Lenient(&'static str),
    /// Put together from its arguments: `function_call` has an arm for it.
    Own,
    /// Not written.
    Refused,
}

/// The functions of values and of lists and objects.
const SPELLINGS: &[(Function, Spelling)] = &[
    (Function::Lower, Spelling::Strict("lower")),
    (Function::Upper, Spelling::Strict("upper")),
    (Function::Trim, Spelling::Strict("trim")),
    (Function::Length, Spelling::Strict("length")),
    (Function::ToText, Spelling::Strict("text_form")),
    (Function::ToNumber, Spelling::Strict("to_number")),
    (Function::ParseJson, Spelling::Strict("parse_json")),
    (Function::MemberExact, Spelling::Strict("member_exact")),
    (Function::Split, Spelling::Strict("split")),
    (Function::Substring, Spelling::Lenient("substring")),
    (Function::Replace, Spelling::Strict("replace")),
    (Function::Add, Spelling::Strict("add")),
    (Function::Subtract, Spelling::Strict("subtract")),
    (Function::Append, Spelling::Lenient("joined_lists")),
    (Function::Slice, Spelling::Own),
    (Function::Distinct, Spelling::Strict("distinct_items")),
    (Function::Join, Spelling::Own),
    (Function::Keys, Spelling::Strict("keys_of")),
    (Function::Entries, Spelling::Strict("entries_of")),
    (Function::FromEntries, Spelling::Strict("object_of_entries")),
    (Function::Characters, Spelling::Strict("characters_of")),
    (Function::Spread, Spelling::Lenient("spread")),
    (Function::Flatten, Spelling::Strict("flattened")),
    (Function::Numbered, Spelling::Strict("numbered")),
    (Function::Pairs, Spelling::Strict("paired")),
    (Function::Latest, Spelling::Strict("latest_pairs")),
    (Function::Reverse, Spelling::Strict("reversed_list")),
    (Function::Sort, Spelling::Strict("sorted_list")),
    (Function::SortPairs, Spelling::Strict("sorted_by_first")),
    (Function::Range, Spelling::Strict("numbers_between")),
    (Function::Sum, Spelling::Strict("sum_of")),
    (Function::Quoted, Spelling::Lenient("literal_of")),
    (Function::TrimStart, Spelling::Lenient("trim_start")),
    (Function::TrimEnd, Spelling::Lenient("trim_end")),
    (Function::TitleCase, Spelling::Strict("title_case")),
    (Function::Capitalize, Spelling::Strict("capitalized")),
    (Function::SwapCase, Spelling::Strict("swapped_case")),
    (Function::CaseFold, Spelling::Strict("case_folded")),
    (Function::IndexOf, Spelling::Strict("find")),
    (Function::LastIndexOf, Spelling::Strict("find_last")),
    (Function::CountOf, Spelling::Strict("count_of")),
    (Function::Words, Spelling::Strict("words_of")),
    (Function::Lines, Spelling::Strict("lines_of")),
    (Function::SplitFirst, Spelling::Strict("split_first")),
    (Function::SplitLast, Spelling::Strict("split_last")),
    (Function::ShellWords, Spelling::Strict("shell_words")),
    (Function::Similarity, Spelling::Strict("similarity")),
    (Function::PercentDecode, Spelling::Strict("percent_decode")),
    (Function::QueryValues, Spelling::Strict("query_values")),
    (Function::Address, Spelling::Strict("address_of")),
    (Function::FirstAddress, Spelling::Lenient("first_address")),
    (Function::LastAddress, Spelling::Lenient("last_address")),
    (Function::Base64Decode, Spelling::Lenient("decode_base64")),
    (Function::Multiply, Spelling::Strict("multiply")),
    (Function::Divide, Spelling::Strict("divide")),
    (Function::FloorDivide, Spelling::Strict("floor_divide")),
    (Function::Modulo, Spelling::Strict("modulo")),
    (Function::Absolute, Spelling::Strict("absolute")),
    (Function::Round, Spelling::Lenient("rounded")),
    (Function::Truncate, Spelling::Strict("truncated")),
    (Function::BitAnd, Spelling::Strict("bit_and")),
    (Function::BitOr, Spelling::Strict("bit_or")),
    (Function::BitXor, Spelling::Strict("bit_xor")),
    (Function::GuessTime, Spelling::Strict("guess_time")),
    (Function::TimeOfSeconds, Spelling::Strict("time_of_seconds")),
    (Function::Concat, Spelling::Own),
    (Function::Coalesce, Spelling::Own),
    (Function::IfMissing, Spelling::Own),
    (Function::Member, Spelling::Own),
    (Function::Item, Spelling::Own),
    (Function::Least, Spelling::Own),
    (Function::Greatest, Spelling::Own),
    (Function::IndexOfRegex, Spelling::Own),
    (Function::Extract, Spelling::Own),
    (Function::Each, Spelling::Own),
    (Function::Anywhere, Spelling::Own),
    (Function::List, Spelling::Own),
    (Function::Object, Spelling::Own),
    (Function::Walk, Spelling::Own),
    (Function::Recurse, Spelling::Own),
    (Function::Again, Spelling::Own),
    (Function::Encode, Spelling::Own),
    (Function::Decode, Spelling::Own),
    (Function::Position, Spelling::Own),
    (Function::Display, Spelling::Own),
    (Function::DisplayEvent, Spelling::Own),
    (Function::Format, Spelling::Own),
    (Function::Group, Spelling::Own),
    (Function::FindAll, Spelling::Own),
    (Function::ReplaceRegex, Spelling::Own),
    (Function::SplitRegex, Spelling::Own),
    (Function::UrlPart, Spelling::Own),
    (Function::ReadTime, Spelling::Own),
    (Function::TimePart, Spelling::Own),
    (Function::ScanTime, Spelling::Refused),
];

/// How the function is written.
pub(super) fn spelling(function: Function) -> Spelling {
    let mut known = SPELLINGS.iter().chain(QUERY_SPELLINGS);
    known
        .find(|(known, _)| *known == function)
        .map_or(Spelling::Refused, |(_, spelling)| *spelling)
}

/// Whether the term may have the value `null`, which Python does not tell from no value.
pub(super) fn may_be_null(term: &Term) -> bool {
    match term {
        Term::Field(_) | Term::Item { .. } | Term::Aggregate { .. } => true,
        Term::Select { .. } => false,
        Term::Literal(literal) => matches!(literal, Literal::Null),
        Term::Choice { cases, otherwise } => {
            may_be_null(otherwise) || cases.iter().any(|case| may_be_null(&case.then))
        }
        Term::Call {
            function,
            arguments,
        } => match function {
            Function::IfMissing => arguments.iter().any(may_be_null),
            Function::Recurse => match arguments.first() {
                Some(Term::Select { item, .. }) => may_be_null(item),
                _ => true,
            },
            Function::Item => !matches!(
                arguments.first(),
                Some(Term::Select { item, .. }) if is_verdict(item)
            ),
            Function::Member
            | Function::MemberExact
            | Function::ParseJson
            | Function::Each
            | Function::Walk
            | Function::Again
            | Function::Least
            | Function::Greatest => true,
            query_function!() => {
                *function == Function::JsonPath || spelling(*function) == Spelling::Refused
            }
            _ => false,
        },
    }
}

/// Whether the term is a constant or chosen from some, none of them `null`.
fn is_verdict(term: &Term) -> bool {
    match term {
        Term::Literal(literal) => !matches!(literal, Literal::Null),
        Term::Choice { cases, otherwise } => {
            is_verdict(otherwise) && cases.iter().all(|case| is_verdict(&case.then))
        }
        Term::Field(_)
        | Term::Item { .. }
        | Term::Call { .. }
        | Term::Select { .. }
        | Term::Aggregate { .. } => false,
    }
}

/// Whether the term has a list as its value, whatever the event.
pub(super) fn is_always_list(term: &Term) -> bool {
    match term {
        Term::Field(_) | Term::Item { .. } | Term::Aggregate { .. } => false,
        Term::Literal(literal) => matches!(literal, Literal::List(_)),
        Term::Select { list, .. } => is_always_list(list),
        Term::Choice { cases, otherwise } => {
            is_always_list(otherwise) && cases.iter().all(|case| is_always_list(&case.then))
        }
        Term::Call {
            function,
            arguments,
        } => match function {
            Function::List | Function::Spread => true,
            Function::Append
            | Function::Pairs
            | Function::Distinct
            | Function::Reverse
            | Function::Numbered => arguments.iter().all(is_always_list),
            // The event is an object.
            Function::Keys | Function::Entries => arguments.iter().all(|argument| {
                argument
                    .as_field()
                    .is_some_and(|path| path.segments.is_empty())
            }),
            Function::Slice => arguments.split_first().is_some_and(|(list, bounds)| {
                let fixed = |bound: &Term| {
                    matches!(bound, Term::Literal(Literal::Integer(_) | Literal::Null))
                };
                is_always_list(list) && bounds.iter().all(fixed)
            }),
            _ => false,
        },
    }
}

/// Whether the value may hold objects that the rule makes, whose keys Python finds only as they are spelt.
pub(super) fn makes_objects(term: &Term) -> bool {
    match term {
        Term::Field(_) | Term::Item { .. } => false,
        Term::Literal(literal) => has_object(literal),
        Term::Aggregate { argument, .. } => argument.as_deref().is_some_and(makes_objects),
        Term::Select { list, item, .. } => makes_objects(list) || makes_objects(item),
        Term::Choice { cases, otherwise } => {
            makes_objects(otherwise) || cases.iter().any(|case| makes_objects(&case.then))
        }
        Term::Call {
            function,
            arguments,
        } => {
            matches!(
                function,
                Function::Object | Function::FromEntries | Function::Spread | Function::QueryValues
            ) || arguments.iter().any(makes_objects)
        }
    }
}

fn has_object(literal: &Literal) -> bool {
    match literal {
        Literal::Object(_) => true,
        Literal::List(items) => items.iter().any(has_object),
        Literal::Null
        | Literal::Boolean(_)
        | Literal::Integer(_)
        | Literal::Float(_)
        | Literal::Text(_) => false,
    }
}

/// Whether `str` shows the value as Python's own values are shown: it is no list and no object of the event.
pub(super) fn is_scalar(term: &Term) -> bool {
    match term {
        Term::Field(_) | Term::Item { .. } | Term::Select { .. } | Term::Aggregate { .. } => false,
        Term::Literal(literal) => !matches!(literal, Literal::List(_) | Literal::Object(_)),
        Term::Choice { cases, otherwise } => {
            is_scalar(otherwise) && cases.iter().all(|case| is_scalar(&case.then))
        }
        Term::Call {
            function,
            arguments,
        } => match function {
            Function::Coalesce | Function::IfMissing => arguments.iter().all(is_scalar),
            Function::Lower
            | Function::Upper
            | Function::Trim
            | Function::TrimStart
            | Function::TrimEnd
            | Function::Length
            | Function::Concat
            | Function::ToText
            | Function::ToNumber
            | Function::Substring
            | Function::Replace
            | Function::ReplaceRegex
            | Function::Extract
            | Function::Group
            | Function::Join
            | Function::Display
            | Function::DisplayEvent
            | Function::Quoted
            | Function::Format
            | Function::Add
            | Function::Subtract
            | Function::Multiply
            | Function::Divide
            | Function::Round
            | Function::Truncate
            | Function::Sum
            | Function::Position
            | Function::Similarity
            | Function::Anywhere => true,
            _ => is_scalar_query(*function),
        },
    }
}

/// Whether a function of query languages gives a truth value, a number or a point in time.
fn is_scalar_query(function: Function) -> bool {
    let chosen = matches!(
        function,
        Function::LeastOf | Function::GreatestOf | Function::FirstFilled
    );
    !chosen && matches!(function, logic_function!())
        || matches!(function, arithmetic_function!())
        || matches!(function, moment_function!())
}

/// Whether the value is one of the event, which Python shows as such, or no list and no object.
pub(super) fn is_of_event(term: &Term) -> bool {
    match term {
        Term::Field(_) | Term::Item { .. } => true,
        Term::Choice { cases, otherwise } => {
            is_of_event(otherwise) && cases.iter().all(|case| is_of_event(&case.then))
        }
        Term::Call {
            function,
            arguments,
        } => match function {
            Function::Coalesce | Function::IfMissing => arguments.iter().all(is_of_event),
            Function::Member | Function::MemberExact | Function::Item => {
                arguments.first().is_some_and(is_of_event)
            }
            Function::ParseJson => true,
            _ => is_scalar(term),
        },
        Term::Literal(_) | Term::Select { .. } | Term::Aggregate { .. } => is_scalar(term),
    }
}

#[cfg(test)]
mod tests {
    use super::super::helpers;
    use super::*;
    use crate::ir::FUNCTIONS;

    #[test]
    fn every_function_of_values_is_listed_once_and_every_helper_is_there() {
        for info in FUNCTIONS {
            let mut tables = [SPELLINGS, QUERY_SPELLINGS];
            if matches!(info.function, query_function!()) {
                tables.reverse();
            }
            let [own, other] = tables.map(|table| {
                let listed = table.iter().filter(|(known, _)| *known == info.function);
                listed.count()
            });
            let may_be_left = matches!(info.function, query_function!());
            assert!(own == 1 || own == 0 && may_be_left, "{}", info.name);
            assert_eq!(other, 0, "{}", info.name);
            if let Spelling::Strict(helper) | Spelling::Lenient(helper) = spelling(info.function) {
                assert!(helpers::is_helper(helper), "{helper}");
            }
        }
    }
}
