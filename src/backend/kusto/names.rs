//! Names for columns: those that Kusto gives to aggregates, and those made for computed values.

use super::quote;
use crate::ir::{Aggregate, Function, Segment, Term};

/// The name that Kusto gives to an aggregate over a column, if nobody names it.
pub(super) fn of_aggregate(aggregate: Aggregate, column: &str) -> String {
    match aggregate {
        Aggregate::Count => "count_".to_owned(),
        Aggregate::DistinctCount => format!("dcount_{column}"),
        Aggregate::MakeSet => format!("set_{column}"),
        Aggregate::MakeList => format!("list_{column}"),
        Aggregate::Sum => format!("sum_{column}"),
        Aggregate::Average => format!("avg_{column}"),
        Aggregate::Min => format!("min_{column}"),
        Aggregate::Max => format!("max_{column}"),
        Aggregate::TakeAny => column.to_owned(),
    }
}

/// The text as a column's name: words run together, each with a capital letter.
pub(in crate::backend) fn pascal(text: &str) -> String {
    let mut name = String::new();
    let mut start = true;
    for c in text.chars() {
        match c {
            '_' => {
                name.push('_');
                start = true;
            }
            c if c.is_ascii_alphanumeric() => {
                name.push(if start { c.to_ascii_uppercase() } else { c });
                start = false;
            }
            _ => start = true,
        }
    }
    let name = name.trim_matches('_').to_owned();
    if quote::is_word(&name) {
        name
    } else {
        format!("Value{name}")
    }
}

/// A name for a computed term: that of the last key of the first field it reads.
pub(super) fn of_term(term: &Term) -> String {
    let fields = match term {
        // What is shown says more than what it is chosen by.
        Term::Choice { cases, otherwise } => {
            let shown = cases.iter().map(|case| &case.then);
            shown
                .chain([otherwise.as_ref()])
                .flat_map(Term::fields)
                .collect()
        }
        Term::Call {
            function: Function::Coalesce | Function::IfMissing | Function::Display,
            arguments,
        } if matches!(arguments.first(), Some(Term::Choice { .. })) => {
            return arguments.first().map_or_else(String::new, of_term);
        }
        other => other.fields(),
    };
    let last = fields.first().and_then(|path| {
        path.segments
            .iter()
            .rev()
            .find_map(|segment| match segment {
                Segment::Key(key) | Segment::Exact(key) => Some(pascal(key)),
                Segment::Index(_) | Segment::Each => None,
            })
    });
    last.unwrap_or_else(|| "Value".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_words() {
        for (text, name) in [
            ("userName", "UserName"),
            ("source ip", "SourceIp"),
            ("p_any_ips", "P_Any_Ips"),
            ("2fa", "Value2fa"),
            ("é", "Value"),
        ] {
            assert_eq!(pascal(text), name);
        }
    }
}
