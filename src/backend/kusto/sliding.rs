//! Rows of matches to the rows of alerts, as stages of a query: each match with the window before it, which slides.
//!
//! A name stands for rows with the time of a match and the values in common; so do the rows that come of it.

use std::fmt::Write as _;
use std::time::Duration;

use super::quote;
use crate::ir::{Bound, Measure, Member};

/// The column that joins everything where there are no values in common.
pub(super) const ANY: &str = "Joined";

/// What rows are joined by.
pub(super) fn keys(groups: &[&str]) -> String {
    if groups.is_empty() {
        ANY.to_owned()
    } else {
        groups.join(", ")
    }
}

/// The column of the time of the member with this number.
fn time(at: usize) -> String {
    format!("Time{}", at + 1)
}

/// The times at which all members match, in order where that is asked for.
pub(super) fn joined(
    members: &[String],
    groups: &[&str],
    window: Duration,
    ordered: bool,
) -> String {
    let by = keys(groups);
    if let [one] = members {
        return format!("{one}\n| distinct TimeGenerated, {by}\n");
    }
    let mut text = String::new();
    let mut times = Vec::new();
    for (at, member) in members.iter().enumerate() {
        let rows = format!("{member}\n| project {} = TimeGenerated, {by}", time(at));
        if at == 0 {
            text = format!("{rows}\n");
        } else {
            let rows = rows.replace('\n', " ");
            let _ = writeln!(text, "| join kind=inner ({rows}) on {by}");
        }
        times.push(time(at));
    }
    let window = quote::timespan(window);
    if ordered {
        for pair in times.windows(2) {
            let _ = writeln!(text, "| where {} <= {}", pair[0], pair[1]);
        }
    }
    let (first, last) = if let (true, [first, .., last]) = (ordered, times.as_slice()) {
        (first.clone(), last.clone())
    } else {
        let all = times.join(", ");
        let _ = writeln!(text, "| extend First = min_of({all}), Last = max_of({all})");
        ("First".to_owned(), "Last".to_owned())
    };
    let _ = writeln!(text, "| where {last} - {first} <= {window}");
    let _ = writeln!(
        text,
        "| project TimeGenerated = {last}, {by}\n| distinct TimeGenerated, {by}"
    );
    text
}

/// The times at which the members that must be there match, and in the window before no other does.
pub(super) fn group(
    members: &[Member],
    names: &[String],
    groups: &[&str],
    window: Duration,
) -> String {
    let of = |absent: bool| {
        let pairs = members.iter().zip(names);
        let pairs = pairs.filter(move |(member, _)| member.absent == absent);
        pairs.map(|(_, name)| name.clone()).collect::<Vec<String>>()
    };
    let mut text = joined(&of(false), groups, window, false);
    let by = keys(groups);
    let window = quote::timespan(window);
    for absent in of(true) {
        let _ = writeln!(
            text,
            "| join kind=leftouter ({absent} | project MatchTime = TimeGenerated, {by}) on {by}\n\
             | summarize Measured = countif(MatchTime between (TimeGenerated - {window} .. TimeGenerated)) by TimeGenerated, {by}\n\
             | where Measured == 0\n\
             | project TimeGenerated, {by}"
        );
    }
    text
}

/// The times at which the matches in the window before are as many, or have the measure.
pub(super) fn counted(
    name: &str,
    groups: &[&str],
    measure: &Measure,
    (bound, also): (Bound, Option<Bound>),
    window: Duration,
) -> String {
    let by = keys(groups);
    let length = quote::timespan(window);
    let (value, measured) = match measure {
        Measure::Count => ("", "count()".to_owned()),
        // Exact, where `dcount` estimates.
        Measure::DistinctCount(_) => (
            ", Value",
            "array_length(make_set_if(Value, isnotempty(Value)))".to_owned(),
        ),
        Measure::Sum(_) => (", Value", "sum(toreal(Value))".to_owned()),
        Measure::Average(_) => (", Value", "avg(toreal(Value))".to_owned()),
        Measure::Percentile { percent, .. } => {
            let percent = quote::number(*percent);
            (", Value", format!("percentile(toreal(Value), {percent})"))
        }
    };
    let mut text = format!(
        "{name}\n| distinct TimeGenerated, {by}\n\
         | join kind=inner ({name} | project MatchTime = TimeGenerated, {by}{value}) on {by}\n\
         | where MatchTime between (TimeGenerated - {length} .. TimeGenerated)\n\
         | summarize Measured = {measured} by TimeGenerated, {by}\n"
    );
    for bound in std::iter::once(bound).chain(also) {
        let count = quote::number(bound.count);
        let _ = writeln!(text, "| where Measured {} {count}", bound.comparison.sign());
    }
    let _ = writeln!(text, "| project TimeGenerated, {by}");
    text
}
