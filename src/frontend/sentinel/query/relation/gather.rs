//! Aggregate functions to what is gathered of the rows of a group.

use crate::frontend::sentinel::query::expression::Place;
use crate::frontend::sentinel::query::value::{Kind, Lowered, Obstacle, Value, is_present};
use crate::ir::pipeline::{ColumnKind, Gather, Gathered};
use crate::ir::{Case, Function, Literal, Shared, Term};
use crate::source::TextRange;
use crate::syntax::kql::ast::Call;

use super::settle::settled;

/// How many items a set or a list has at most where nothing is said.
const ITEMS: u32 = 1_048_576;

/// Which argument is what.
struct Shape {
    what: Gather,
    /// The kind of the result; that of the values where there is nothing.
    kind: Option<Kind>,
    /// Whether there is a value to gather.
    of: bool,
    /// Whether a condition follows it.
    when: bool,
    /// Whether the values become items of a list.
    items: bool,
}

fn shape(name: &str) -> Option<Shape> {
    let base = match name {
        "countif" => "count",
        "take_anyif" => "take_any",
        "anyif" => "any",
        "stdevif" => "stdev",
        "varianceif" => "variance",
        "make_set_if" => "make_set",
        "make_list_if" => "make_list",
        "make_bag_if" => "make_bag",
        "dcountif" | "count_distinctif" => "dcount",
        "sumif" => "sum",
        "avgif" => "avg",
        "minif" => "min",
        "maxif" => "max",
        other => other,
    };
    let variance = |whole, root| (Gather::Variance { whole, root }, Some(Kind::Number));
    let list = |nulls| {
        let limit = ITEMS;
        (Gather::List { limit, nulls }, Some(Kind::Dynamic))
    };
    let (what, kind) = match base {
        "count" => (Gather::Count, Some(Kind::Number)),
        "dcount" | "count_distinct" => (Gather::DistinctCount, Some(Kind::Number)),
        "sum" => (Gather::Sum, None),
        "avg" => (Gather::Average, None),
        "min" => (Gather::Least, None),
        "max" => (Gather::Greatest, None),
        "take_any" | "any" => (Gather::Any, None),
        "make_set" | "makeset" => (Gather::Set(ITEMS), Some(Kind::Dynamic)),
        "make_list" | "makelist" => list(false),
        "make_list_with_nulls" => list(true),
        "make_bag" | "make_dictionary" => (Gather::Object(ITEMS), Some(Kind::Dynamic)),
        "stdev" => variance(false, true),
        "stdevp" => variance(true, true),
        "variance" => variance(false, false),
        "variancep" => variance(true, false),
        "binary_all_and" => (Gather::BitAnd, Some(Kind::Number)),
        "binary_all_or" => (Gather::BitOr, Some(Kind::Number)),
        "binary_all_xor" => (Gather::BitXor, Some(Kind::Number)),
        _ => return None,
    };
    Some(Shape {
        what,
        kind,
        of: what != Gather::Count,
        when: base != name,
        items: matches!(
            what,
            Gather::Set(_) | Gather::List { .. } | Gather::Object(_)
        ),
    })
}

impl<'q> Place<'_, 'q> {
    /// The value of an aggregate of rows; `None` where the function is none that is known.
    pub(in crate::frontend::sentinel::query) fn gathered(
        &self,
        call: &'q Call,
        range: TextRange,
    ) -> Option<Lowered<Value>> {
        let Shape {
            mut what,
            kind,
            of,
            when,
            items,
        } = shape(call.function.text.as_str())?;
        let inner = Place {
            aggregates: false,
            ..*self
        };
        Some((|| {
            let mut arguments = call.arguments.iter();
            let missing = || {
                Obstacle::new(
                    range,
                    format!("`{}` requires more arguments", call.function.text),
                )
            };
            let mut term = None;
            let mut found = None;
            if of {
                let argument = arguments.next().ok_or_else(missing)?;
                let (value, kind) = settled(inner.value(&argument.value)?, range)?;
                found = Some(kind);
                term = Some(if items { item(value, kind) } else { value });
            }
            let mut condition = None;
            if when {
                let argument = arguments.next().ok_or_else(missing)?;
                condition = Some(inner.truth(&argument.value)?.holds);
            }
            if items && let Some(argument) = arguments.next() {
                let limit = inner.value(&argument.value)?.as_integer();
                let limit = limit.and_then(|limit| u32::try_from(limit).ok());
                what = limited(what, limit.ok_or_else(missing)?);
            }
            let kind = kind.or(found).unwrap_or(Kind::Unknown);
            let gathered = Gathered {
                name: String::new(),
                what,
                of: term,
                when: condition,
                kind: ColumnKind::Unknown,
            };
            Ok(self.hidden(gathered, kind))
        })())
    }
}

fn limited(what: Gather, limit: u32) -> Gather {
    match what {
        Gather::Set(_) => Gather::Set(limit),
        Gather::List { nulls, .. } => Gather::List { limit, nulls },
        Gather::Object(_) => Gather::Object(limit),
        other => other,
    }
}

/// A value as an item of a list: points in time and spans are their texts there.
pub(super) fn item(term: Term, kind: Kind) -> Term {
    let function = match kind {
        Kind::Datetime | Kind::Moment => Function::MomentText,
        Kind::Timespan | Kind::Span => Function::SpanText,
        Kind::Text | Kind::Truth | Kind::Number | Kind::Dynamic | Kind::Unknown => return term,
    };
    let case = Case {
        when: is_present(term.clone()),
        then: Term::call(function, [term]),
    };
    Term::Choice {
        cases: vec![case].into(),
        otherwise: Shared::new(Term::Literal(Literal::Null)),
    }
}
