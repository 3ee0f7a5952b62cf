//! Aggregate functions to terms over a group.

use super::columns::has_aggregate;
use super::expression::Place;
use super::name;
use super::project::is_star;
use super::value::{Kind, Lowered, Obstacle, Scalar, Value};
use crate::ir::{Aggregate, Condition, Function, Term};
use crate::source::TextRange;
use crate::syntax::kql::ast::{Call, Expression, NamedExpression, Naming};

/// The columns of an aggregate that returns whole rows or several columns.
pub(super) struct Aggregated {
    pub columns: Vec<(String, Lowered<Value>)>,
    /// Whether every column of the events is among them.
    pub all: bool,
    /// In what the columns differ from Kusto's.
    pub obstacle: Option<Obstacle>,
}

impl<'q> Place<'_, 'q> {
    /// The value of an aggregate; `None` where the function is none.
    pub(super) fn aggregate(&self, call: &'q Call, range: TextRange) -> Option<Lowered<Value>> {
        let events = Place {
            aggregates: false,
            ..*self
        };
        let of = |aggregate, kind| events.over(aggregate, kind, call, range);
        Some(match call.function.text.as_str() {
            "count" if call.arguments.is_empty() => Ok(Value::Scalar(Scalar::new(
                Term::aggregate(Aggregate::Count, None),
                Kind::Number,
            ))),
            "dcount" => of(Aggregate::DistinctCount, Kind::Number),
            "count_distinct" => events.distinct(call, range),
            "dcountif" | "count_distinctif" => events.distinct_if(call, range),
            "make_set" | "makeset" => of(Aggregate::MakeSet, Kind::Dynamic),
            "make_list" | "makelist" => of(Aggregate::MakeList, Kind::Dynamic),
            "sum" => of(Aggregate::Sum, Kind::Number),
            "avg" => of(Aggregate::Average, Kind::Number),
            "min" => of(Aggregate::Min, Kind::Dynamic),
            "max" => of(Aggregate::Max, Kind::Dynamic),
            "any" | "take_any" if call.arguments.len() == 1 => {
                of(Aggregate::TakeAny, Kind::Dynamic)
            }
            other if AGGREGATES.contains(&other) => Err(Obstacle::new(
                range,
                format!("the aggregate `{other}` has no counterpart"),
            )),
            _ => return None,
        })
    }

    /// An aggregate of one value.
    fn over(
        &self,
        aggregate: Aggregate,
        kind: Kind,
        call: &'q Call,
        range: TextRange,
    ) -> Lowered<Value> {
        let Some(argument) = call.arguments.first() else {
            return Err(Obstacle::new(
                range,
                format!("`{}` requires an argument", call.function.text),
            ));
        };
        let value = self.value(&argument.value)?;
        if matches!(value, Value::Window(_)) {
            return Err(Obstacle::new(
                range,
                "an aggregate of windows of time has no counterpart",
            ));
        }
        self.aggregated(aggregate, kind, value.into_term(range)?, range)
    }

    /// An aggregate of the values of a term.
    fn aggregated(
        &self,
        aggregate: Aggregate,
        kind: Kind,
        term: Term,
        range: TextRange,
    ) -> Lowered<Value> {
        if has_aggregate(&term) {
            return Err(Obstacle::new(
                range,
                "an aggregate of an aggregate has no counterpart",
            ));
        }
        Ok(Value::Scalar(Scalar::new(
            Term::aggregate(aggregate, Some(term)),
            kind,
        )))
    }

    /// `count_distinct(x)`: a missing text is an empty one, which counts like any other value.
    fn distinct(&self, call: &'q Call, range: TextRange) -> Lowered<Value> {
        let value = call
            .arguments
            .first()
            .map(|argument| self.value(&argument.value));
        match value.transpose()? {
            Some(Value::Scalar(scalar)) if scalar.absent.as_text().is_some() => {
                let blank = Term::Literal(scalar.absent);
                let counted = Term::call(Function::IfMissing, [scalar.term, blank]);
                self.aggregated(Aggregate::DistinctCount, Kind::Number, counted, range)
            }
            _ => self.over(Aggregate::DistinctCount, Kind::Number, call, range),
        }
    }

    /// `dcountif(x, isnotempty(x))` is the number of distinct values that are there, which is what the IR counts.
    fn distinct_if(&self, call: &'q Call, range: TextRange) -> Lowered<Value> {
        let counted = self.over(Aggregate::DistinctCount, Kind::Number, call, range)?;
        let condition = call
            .arguments
            .get(1)
            .map(|argument| self.truth(&argument.value))
            .transpose()?;
        let (
            Value::Scalar(Scalar {
                term:
                    Term::Aggregate {
                        argument: Some(term),
                        ..
                    },
                ..
            }),
            Some(condition),
        ) = (&counted, condition)
        else {
            return Err(Obstacle::new(
                range,
                format!("`{}` requires a condition", call.function.text),
            ));
        };
        let there: [Condition; 2] = [
            super::value::is_filled(term.as_ref().clone()),
            super::value::is_present(term.as_ref().clone()),
        ];
        if there.contains(&condition.holds) {
            self.lower.present.borrow_mut().push(term.as_ref().clone());
            Ok(counted)
        } else {
            Err(Obstacle::new(
                range,
                "a count under a condition has no counterpart",
            ))
        }
    }

    /// `arg_max`, `arg_min` and `take_any` of several columns: whole rows of the group.
    pub(super) fn whole_row(&self, expression: &'q NamedExpression) -> Option<Aggregated> {
        let call = expression.value.as_call()?;
        let range = *expression.range;
        let events = Place {
            aggregates: false,
            ..*self
        };
        let function = call.function.text.as_str();
        let (compared, shown) = match function {
            "arg_max" | "argmax" | "arg_min" | "argmin" => call
                .arguments
                .split_first()
                .map(|(first, rest)| (Some(first), rest))?,
            "take_any" | "any"
                if call.arguments.len() > 1
                    || call
                        .arguments
                        .iter()
                        .any(|argument| is_star(&argument.value)) =>
            {
                (None, call.arguments.as_slice())
            }
            _ => return None,
        };
        let mut columns = Vec::new();
        if let Some(first) = compared {
            let end = if function.ends_with("max") {
                Aggregate::Max
            } else {
                Aggregate::Min
            };
            let name = match &expression.naming {
                Naming::Name(name) => name.text.clone(),
                _ => name::implicit(&first.value)
                    .unwrap_or_else(|| function.replace("arg_", "") + "_"),
            };
            columns.push((name, events.any_of(end, &first.value, range)));
        }
        for argument in shown.iter().filter(|argument| !is_star(&argument.value)) {
            let name = name::of(argument).unwrap_or_else(|| "Column".to_owned());
            columns.push((
                name,
                events.any_of(Aggregate::TakeAny, &argument.value, range),
            ));
        }
        let obstacle = compared.is_some().then(|| {
            Obstacle::new(range, format!("`{function}` shows the columns of one certain event of the group; here it is any of them"))
        });
        Some(Aggregated {
            columns,
            all: shown.iter().any(|argument| is_star(&argument.value)),
            obstacle,
        })
    }

    fn any_of(
        &self,
        aggregate: Aggregate,
        expression: &'q Expression,
        range: TextRange,
    ) -> Lowered<Value> {
        let value = self.value(expression)?;
        if let Value::Constant(_) = value {
            return Ok(value);
        }
        let term = value.into_term(range)?;
        Ok(Value::Scalar(Scalar::new(
            Term::aggregate(aggregate, Some(term)),
            Kind::Dynamic,
        )))
    }
}

/// Aggregates that are known to be such, without a counterpart.
const AGGREGATES: &[&str] = &[
    "countif",
    "sumif",
    "avgif",
    "minif",
    "maxif",
    "make_set_if",
    "make_list_if",
    "make_list_with_nulls",
    "make_bag",
    "make_bag_if",
    "make_dictionary",
    "stdev",
    "stdevif",
    "stdevp",
    "variance",
    "varianceif",
    "variancep",
    "percentile",
    "percentiles",
    "percentiles_array",
    "percentilew",
    "percentilesw",
    "arg_max",
    "arg_min",
    "take_anyif",
    "anyif",
    "take_any",
    "any",
    "hll",
    "hll_merge",
    "tdigest",
    "tdigest_merge",
    "buildschema",
    "covariance",
    "binary_all_and",
    "binary_all_or",
    "cnt",
];
