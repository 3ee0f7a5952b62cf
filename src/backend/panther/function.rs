//! How each function of the IR is written: which helper computes it, or that a call is put together elsewhere.
//!
//! A helper gives `None` where the function's result is missing, and raises on no value. Refused: functions whose helper would
//! be a language of its own, and what only the evaluation of a resource knows.

use crate::ir::{Function, Literal, Term, query_function};

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

/// How the function is written.
pub(super) fn spelling(function: Function) -> Spelling {
    use Spelling::{Lenient, Own, Refused, Strict};
    match function {
        Function::Lower => Strict("lower"),
        Function::Upper => Strict("upper"),
        Function::Trim => Strict("trim"),
        Function::Length => Strict("length"),
        Function::ToText => Strict("text_form"),
        Function::ToNumber => Strict("to_number"),
        Function::ParseJson => Strict("parse_json"),
        Function::MemberExact => Strict("member_exact"),
        Function::Split => Strict("split"),
        Function::Substring => Lenient("substring"),
        Function::Replace => Strict("replace"),
        Function::Add => Strict("add"),
        Function::Subtract => Strict("subtract"),
        Function::Append => Lenient("joined_lists"),
        Function::Slice => Lenient("part_of"),
        Function::Distinct => Strict("distinct_items"),
        Function::Join => Strict("join_texts"),
        Function::Keys => Strict("keys_of"),
        Function::Entries => Strict("entries_of"),
        Function::FromEntries => Strict("object_of_entries"),
        Function::Characters => Strict("characters_of"),
        Function::Spread => Lenient("spread"),
        Function::Flatten => Strict("flattened"),
        Function::Numbered => Strict("numbered"),
        Function::Pairs => Strict("paired"),
        Function::Latest => Strict("latest_pairs"),
        Function::Reverse => Strict("reversed_list"),
        Function::Sort => Strict("sorted_list"),
        Function::SortPairs => Strict("sorted_by_first"),
        Function::Range => Strict("numbers_between"),
        Function::Sum => Strict("sum_of"),
        Function::Quoted => Lenient("literal_of"),
        Function::TrimStart => Lenient("trim_start"),
        Function::TrimEnd => Lenient("trim_end"),
        Function::TitleCase => Strict("title_case"),
        Function::Capitalize => Strict("capitalized"),
        Function::SwapCase => Strict("swapped_case"),
        Function::CaseFold => Strict("case_folded"),
        Function::IndexOf => Strict("find"),
        Function::LastIndexOf => Strict("find_last"),
        Function::CountOf => Strict("count_of"),
        Function::Words => Strict("words_of"),
        Function::Lines => Strict("lines_of"),
        Function::SplitFirst => Strict("split_first"),
        Function::SplitLast => Strict("split_last"),
        Function::ShellWords => Strict("shell_words"),
        Function::Similarity => Strict("similarity"),
        Function::PercentDecode => Strict("percent_decode"),
        Function::QueryValues => Strict("query_values"),
        Function::Address => Strict("address_of"),
        Function::FirstAddress => Lenient("first_address"),
        Function::LastAddress => Lenient("last_address"),
        Function::Base64Decode => Lenient("decode_base64"),
        Function::Multiply => Strict("multiply"),
        Function::Divide => Strict("divide"),
        Function::FloorDivide => Strict("floor_divide"),
        Function::Modulo => Strict("modulo"),
        Function::Absolute => Strict("absolute"),
        Function::Round => Lenient("rounded"),
        Function::Truncate => Strict("truncated"),
        Function::BitAnd => Strict("bit_and"),
        Function::BitOr => Strict("bit_or"),
        Function::BitXor => Strict("bit_xor"),
        Function::GuessTime => Strict("guess_time"),
        Function::TimeOfSeconds => Strict("time_of_seconds"),
        Function::Concat
        | Function::Coalesce
        | Function::IfMissing
        | Function::Member
        | Function::Item
        | Function::Least
        | Function::Greatest
        | Function::IndexOfRegex
        | Function::Extract
        | Function::Each
        | Function::Anywhere
        | Function::List
        | Function::Object
        | Function::Walk
        | Function::Recurse
        | Function::Again
        | Function::Encode
        | Function::Decode
        | Function::Position
        | Function::Display
        | Function::DisplayEvent
        | Function::Format
        | Function::Group
        | Function::FindAll
        | Function::ReplaceRegex
        | Function::SplitRegex
        | Function::UrlPart
        | Function::ReadTime
        | Function::TimePart => Own,
        Function::ScanTime | query_function!() => Refused,
    }
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
            query_function!() => true,
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
            Function::Append => arguments.iter().all(is_always_list),
            Function::Distinct | Function::Reverse | Function::Numbered => {
                arguments.iter().all(is_always_list)
            }
            Function::Pairs => arguments.iter().all(is_always_list),
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
            _ => false,
        },
    }
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
