//! Where a text or a match of a pattern stands in a text, or an item in a list.

use serde_json::Value;

use super::logic::{equal, has_term};
use super::{Arguments, plain_text};
use crate::ir::compute::compiled;

/// Where to look: from a position, so many places, for which occurrence.
struct Range {
    from: usize,
    to: usize,
    occurrence: usize,
}

/// The range that the arguments from the third on ask for; nothing where it is none.
fn range(arguments: Arguments<'_>, size: usize) -> Option<Range> {
    let whole = |at: usize, otherwise: i64| match arguments.0.get(at) {
        Some(_) => arguments.whole(at),
        None => Some(otherwise),
    };
    let end = i64::try_from(size).ok()?;
    let start = whole(2, 0)?;
    let length = whole(3, -1)?;
    if length < -1 {
        return None;
    }
    let from = if start < 0 {
        (end + start).max(0)
    } else {
        start.min(end)
    };
    let to = if length < 0 {
        end
    } else {
        from.saturating_add(length).min(end)
    };
    Some(Range {
        from: usize::try_from(from).ok()?,
        to: usize::try_from(to).ok()?,
        occurrence: usize::try_from(whole(4, 1)?).ok().filter(|at| *at > 0)?,
    })
}

/// The position of a text; what is found has to start within the range.
pub(super) fn index_within(arguments: Arguments<'_>) -> Option<Value> {
    let text = arguments.get(0)?;
    if text.is_array() {
        return None;
    }
    let (text, wanted) = (arguments.text(0)?, arguments.text(1)?);
    let chars: Vec<(usize, char)> = text.char_indices().collect();
    let range = range(arguments, chars.len())?;
    let mut found = (range.from..range.to).filter(|at| {
        chars
            .get(*at)
            .is_some_and(|(byte, _)| text[*byte..].starts_with(wanted))
    });
    Some(index(found.nth(range.occurrence - 1)))
}

/// The position of a match.
pub(super) fn index_of_pattern(arguments: Arguments<'_>) -> Option<Value> {
    let (text, pattern) = (arguments.text(0)?, compiled(arguments.text(1)?, false)?);
    if arguments.whole(2).is_some_and(|start| start < 0) {
        return None;
    }
    let chars: Vec<(usize, char)> = text.char_indices().collect();
    let range = range(arguments, chars.len())?;
    let byte = |at: usize| chars.get(at).map_or(text.len(), |(byte, _)| *byte);
    let (from, to) = (byte(range.from), byte(range.to));
    let mut found = pattern.find_iter(&text[from..to]);
    let at = found
        .nth(range.occurrence - 1)
        .map(|found| found.start() + from);
    Some(index(at.map(|at| text[..at].chars().count())))
}

/// The position of an item of a list.
pub(super) fn list_index(arguments: Arguments<'_>) -> Option<Value> {
    let (list, wanted) = (arguments.list(0)?, arguments.0.get(1)?);
    let range = range(arguments, list.len())?;
    let mut found =
        (range.from..range.to).filter(|at| list.get(*at).is_some_and(|item| equal(item, wanted)));
    Some(index(found.nth(range.occurrence - 1)))
}

fn index(at: Option<usize>) -> Value {
    at.map_or_else(|| (-1).into(), Value::from)
}

/// How often a text stands in another, overlapping, or how many matches a pattern has.
pub(super) fn count_within(arguments: Arguments<'_>) -> Option<Value> {
    let (text, wanted) = (arguments.text(0)?, arguments.text(1)?);
    if arguments.text(2) == Some("regex") {
        return Some(compiled(wanted, false)?.find_iter(text).count().into());
    }
    if wanted.is_empty() {
        return Some(0.into());
    }
    let starts = text.char_indices().map(|(at, _)| &text[at..]);
    Some(
        starts
            .filter(|rest| rest.starts_with(wanted))
            .count()
            .into(),
    )
}

/// The position of the first item of a list that stands in a text as a term.
pub(super) fn first_held(arguments: Arguments<'_>) -> Option<Value> {
    let (text, items) = (arguments.text(0)?.to_lowercase(), arguments.list(1)?);
    let held = items
        .iter()
        .position(|item| has_term(&text, &plain_text(item).to_lowercase(), true, true));
    Some(index(held))
}
