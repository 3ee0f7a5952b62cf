//! The functions whose result follows from their arguments' values alone: used by the evaluator, and by whoever folds
//! constants.
//!
//! Invariant: the result is what the function's entry in the table says, on every value; `None` is a missing result. A function
//! that needs the event, or is the evaluator's own, is not here.

pub mod address;
mod bytes;
mod calendar;
mod display;
mod format;
mod number;
mod pattern;
mod query;
mod search;
mod shell;
mod similarity;
mod text;
pub mod time;
mod url;

use serde_json::Value;

use super::Function;

pub use display::{display, quoted_literal};
pub use format::Specification;
pub(crate) use pattern::{compiled, found, is_match, is_pattern};
pub(crate) use query::call as compute_query;
pub use query::{moment_text, span_text};
pub use text::{is_space, trim};

/// The function's result for these arguments, a missing one as `null`; `None` where the result is missing, or the function is
/// not one of these.
pub fn compute(function: Function, arguments: &[&Value]) -> Option<Value> {
    let get = |at: usize| arguments.get(at).copied();
    let text = |at: usize| get(at)?.as_str();
    match function {
        Function::Lower => Some(text(0)?.to_lowercase().into()),
        Function::Upper => Some(text(0)?.to_uppercase().into()),
        Function::Trim => Some(trim(text(0)?).into()),
        Function::Replace => Some(text(0)?.replace(text(1)?, text(2)?).into()),
        Function::Split => text::split_first(text(0)?, text(1)?, -1),
        Function::Display => Some(display(get(0)?).into()),
        Function::DisplayEvent => Some(display::display_event(get(0)?).into()),
        Function::Quoted => Some(quoted_literal(get(0)?).into()),
        Function::Format => Some(Specification::parse(text(1)?)?.apply(get(0)?)?.into()),
        Function::TrimStart => text::trimmed(arguments, |text, cut| text.trim_start_matches(cut)),
        Function::TrimEnd => text::trimmed(arguments, |text, cut| text.trim_end_matches(cut)),
        Function::TitleCase => Some(text::title_case(text(0)?).into()),
        Function::Capitalize => Some(text::capitalize(text(0)?).into()),
        Function::SwapCase => Some(text::swap_case(text(0)?).into()),
        Function::CaseFold => Some(text::case_fold(text(0)?).into()),
        Function::IndexOf => Some(search::index_of(text(0)?, text(1)?)),
        Function::LastIndexOf => Some(search::last_index_of(text(0)?, text(1)?)),
        Function::CountOf => search::count_of(get(0)?, get(1)?),
        Function::Words => Some(text::words(text(0)?)),
        Function::Lines => Some(text::lines(text(0)?)),
        Function::SplitFirst => text::split_first(text(0)?, text(1)?, get(2)?.as_i64()?),
        Function::SplitLast => text::split_last(text(0)?, text(1)?, get(2)?.as_i64()?),
        Function::Group => pattern::group(text(0)?, text(1)?, get(2)?),
        Function::FindAll => pattern::find_all(text(0)?, text(1)?),
        Function::ReplaceRegex => pattern::replace(text(0)?, text(1)?, text(2)?),
        Function::SplitRegex => pattern::split(text(0)?, text(1)?),
        Function::ShellWords => shell::words(text(0)?),
        Function::Encode => Some(bytes::encode(text(0)?, text(1)?)?.into()),
        Function::Decode => Some(bytes::decode(text(0)?, text(1)?)?.into()),
        Function::Base64Decode => Some(bytes::base64_decode(text(0)?, get(1))?.into()),
        Function::Similarity => Some(similarity::ratio(text(0)?, text(1)?)),
        Function::PercentDecode => Some(url::percent_decode(text(0)?, false).into()),
        Function::UrlPart => url::part(text(0)?, text(1)?),
        Function::QueryValues => Some(url::query_values(text(0)?)),
        Function::Address => Some(address::shortest(text(0)?)?.into()),
        Function::FirstAddress => address::first_address(text(0)?, get(1)),
        Function::LastAddress => address::last_address(text(0)?, get(1)),
        Function::Add => number::add(get(0)?, get(1)?),
        Function::Subtract => number::subtract(get(0)?, get(1)?),
        Function::Multiply => number::multiply(get(0)?, get(1)?),
        Function::Divide => number::divide(get(0)?, get(1)?),
        Function::FloorDivide => number::floor_divide(get(0)?, get(1)?),
        Function::Modulo => number::modulo(get(0)?, get(1)?),
        Function::Absolute => number::absolute(get(0)?),
        Function::Round => number::round(get(0)?, get(1)),
        Function::Truncate => number::truncate(get(0)?),
        Function::BitAnd => number::bits(get(0)?, get(1)?, |a, b| a & b),
        Function::BitOr => number::bits(get(0)?, get(1)?, |a, b| a | b),
        Function::BitXor => number::bits(get(0)?, get(1)?, |a, b| a ^ b),
        Function::ReadTime => time::read(text(0)?, &arguments[1..]),
        Function::GuessTime => time::guess(text(0)?, get(1)?.as_i64()?),
        Function::TimeOfSeconds => time::of_seconds(get(0)?),
        Function::TimePart => time::part(get(0)?.as_i64()?, text(1)?),
        other => query::call(other, arguments),
    }
}
