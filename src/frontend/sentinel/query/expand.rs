//! `mv-expand`: one row per item of a list.
//!
//! Over the events, what filters ask of the item becomes one question about the items of the list, so that several filters
//! speak of the same item. Over groups only the shown value changes. While a query is lowered, [`Term::Item`] counts the
//! expanded lists from the outermost; [`selection`] turns that around.

use super::Lowerer;
use super::columns::{Column, has_aggregate};
use super::rows::{Level, Rows, depth};
use super::scope::Scope;
use super::text::as_text;
use super::value::{
    Kind, Lowered, Obstacle, Scalar, Value, compare, condition_any, is_present, term_any,
};
use crate::ir::{
    Case, CaseSensitivity, Condition, FieldPath, Function, Literal, Object, Operator, Quantifier,
    ResidueEffect, Segment, Shared, Stage as Made, Term,
};
use crate::source::TextRange;
use crate::syntax::kql::ast::{Expanded, MvExpand, ScalarType};

impl<'q> Lowerer<'q> {
    /// Applies the stage.
    pub(super) fn expand(
        &self,
        rows: &mut Rows,
        expand: &'q MvExpand,
        range: TextRange,
        scope: &Scope<'q>,
        calls: usize,
    ) {
        index_column(rows, expand, range);
        let [one] = expand.columns.as_slice() else {
            let obstacle = Obstacle::new(range, "several lists side by side have no counterpart");
            return not_expanded(rows, expand, range, &obstacle);
        };
        let Some(list) = &one.value else { return };
        let made = self.column(&rows.columns, list, Made::Expand, scope, calls);
        let Some(Column { name, value, .. }) = made.into_iter().next() else {
            return;
        };
        let name = if name.is_empty() {
            rows.columns.numbered()
        } else {
            name
        };
        match value.and_then(|value| list_of(value, range)) {
            Ok(_) if expand.limit.is_some() => {
                let obstacle = Obstacle::new(range, "expanding only a part has no counterpart");
                not_expanded(rows, expand, range, &obstacle);
            }
            Ok(list) => {
                let item = item(rows, list.spread(in_pairs(expand)), range);
                let value = typed(item, one, range);
                rows.columns.set(Column {
                    name,
                    value,
                    stage: Made::Expand,
                    range,
                });
            }
            Err(obstacle) => not_expanded(rows, expand, range, &obstacle),
        }
    }
}

/// The column that holds the position of each item, where one is asked for.
fn index_column(rows: &mut Rows, expand: &MvExpand, range: TextRange) {
    let mut parameters = expand.parameters.iter();
    let index = parameters.find(|parameter| parameter.name.text == "with_itemindex");
    if let Some(name) = index.and_then(|parameter| parameter.word()) {
        let reason = "the position of an item is not a value of the IR";
        rows.columns.set(Column {
            name: name.to_owned(),
            value: Err(Obstacle::new(range, reason)),
            stage: Made::Expand,
            range,
        });
    }
}

/// The item of a list, which from here on each row has.
fn item(rows: &mut Rows, list: Term, range: TextRange) -> Term {
    if rows.group.is_some() || has_aggregate(&list) {
        return Term::call(Function::Each, [list]);
    }
    let depth = rows.levels.len().saturating_sub(1);
    rows.levels.push(Level {
        list: Some(list),
        parts: Vec::new(),
    });
    rows.multiplied
        .get_or_insert_with(|| Obstacle::new(range, "rows are items of a list here, not events"));
    Term::Item {
        depth,
        path: FieldPath::root(),
    }
}

fn not_expanded(rows: &mut Rows, expand: &MvExpand, range: TextRange, obstacle: &Obstacle) {
    for column in &expand.columns {
        if let Some(name) = column.value.as_ref().and_then(super::name::of) {
            let value = Err(obstacle.clone());
            rows.columns.set(Column {
                name,
                value,
                stage: Made::Expand,
                range,
            });
        }
    }
    let effect = if rows.group.is_some() {
        ResidueEffect::OutputsOnly
    } else {
        ResidueEffect::Wider
    };
    rows.multiplied.get_or_insert_with(|| obstacle.clone());
    rows.leave("mv-expand", range, effect, obstacle.clone());
}

/// What is expanded, and whether it is nothing but a list: a field may be missing, of which Kusto keeps the row.
struct List {
    term: Term,
    plain: bool,
}

impl List {
    /// The list of the rows' items: whatever is no list is made one.
    fn spread(self, pairs: bool) -> Term {
        if self.plain {
            return self.term;
        }
        let pairs = pairs.then_some(Term::Literal(Literal::Boolean(true)));
        let arguments: Vec<Term> = std::iter::once(self.term).chain(pairs).collect();
        Term::call(Function::Spread, arguments)
    }
}

/// Whether the keys of an object become lists of a key and its value.
fn in_pairs(expand: &MvExpand) -> bool {
    let mut parameters = expand.parameters.iter();
    parameters.any(|parameter| {
        matches!(parameter.name.text.as_str(), "bagexpansion" | "kind")
            && parameter.word() == Some("array")
    })
}

fn list_of(value: Value, range: TextRange) -> Lowered<List> {
    match value {
        Value::Scalar(scalar) if matches!(scalar.kind, Kind::Dynamic | Kind::Unknown) => Ok(List {
            plain: has_aggregate(&scalar.term),
            term: scalar.term,
        }),
        Value::Constant(constant) if matches!(constant.literal, Literal::List(_)) => Ok(List {
            plain: true,
            term: Term::Literal(constant.literal),
        }),
        _ => Err(Obstacle::new(
            range,
            "only a list of the event or the group is expanded",
        )),
    }
}

/// The item as a value of the type that is written.
pub(super) fn typed(item: Term, expanded: &Expanded, range: TextRange) -> Lowered<Value> {
    let read = |function, kind| {
        let term = Term::call(function, [item.clone()]);
        Ok(Value::Scalar(Scalar::new(term, kind)))
    };
    match expanded.kind {
        None | Some(ScalarType::Dynamic) => Ok(Value::Scalar(Scalar::new(item, Kind::Dynamic))),
        Some(ScalarType::String) => {
            as_text(Value::Scalar(Scalar::new(item, Kind::Dynamic)), true, range)
        }
        Some(ScalarType::Int) => read(Function::ShortNumber, Kind::Number),
        Some(ScalarType::Long) => read(Function::WholeNumber, Kind::Number),
        Some(ScalarType::Real) => read(Function::RealNumber, Kind::Number),
        Some(
            ScalarType::Bool
            | ScalarType::Datetime
            | ScalarType::Decimal
            | ScalarType::Guid
            | ScalarType::Timespan,
        ) => Err(Obstacle::new(
            range,
            "items of this type have no counterpart",
        )),
    }
}

/// The conditions of all levels as one condition on the event.
pub(super) fn selection(levels: &[Level]) -> Condition {
    let mut inner = Condition::TRUE;
    for (at, level) in levels.iter().enumerate().rev() {
        let parts = level.parts.iter().map(|part| placed(part.clone(), at));
        let body = parts.fold(Condition::TRUE, Condition::and).and(inner);
        let Some(list) = &level.list else { return body };
        let list = placed_term(list.clone(), at - 1);
        inner = expanded(list, body);
    }
    inner
}

/// A row is left of the list: of an item that satisfies the body, or of a null, which Kusto expands to one row.
fn expanded(list: Term, body: Condition) -> Condition {
    if is_spread(&list) {
        return Condition::Items {
            quantifier: Quantifier::Some,
            list: list.into(),
            body: Shared::new(body),
        };
    }
    if body.as_constant() == Some(true) {
        let length = Term::call(Function::Length, [list]);
        let empty = Object::Literal(Literal::Integer(0));
        return compare(length, Operator::Equals, empty, CaseSensitivity::Sensitive).negate();
    }
    let on_null = without_item(body.clone());
    let quantifier = Quantifier::Some;
    let absent = is_present(list.clone()).negate();
    let some = Condition::Items {
        quantifier,
        list: list.into(),
        body: Shared::new(body),
    };
    some.or(absent.and(on_null))
}

fn is_spread(list: &Term) -> bool {
    let function = |term: &Term| match term {
        Term::Call { function, .. } => Some(*function),
        _ => None,
    };
    function(list) == Some(Function::Spread)
}

/// Whether a term is an item of a list. Most queries expand none, and their terms stay as they are.
fn is_item(term: &Term) -> bool {
    matches!(term, Term::Item { .. })
}

/// Items counted from the innermost list instead of the outermost; `open` lists are open around the condition.
fn placed(condition: Condition, open: usize) -> Condition {
    if !condition_any(&condition, &is_item) {
        return condition;
    }
    condition.map(&mut |node| match node {
        Condition::Test(predicate) => {
            let mut predicate = predicate.as_ref().clone();
            predicate.subject = placed_term(predicate.subject, open);
            if let Object::Term(term) = predicate.object {
                predicate.object = Object::Term(Shared::new(placed_term(term.into_inner(), open)));
            }
            Some(predicate.into())
        }
        _ => None,
    })
}

fn placed_term(term: Term, open: usize) -> Term {
    map_term(term, &mut |term| match term {
        Term::Item { depth, path } => Term::Item {
            depth: open.saturating_sub(1 + depth),
            path,
        },
        other => other,
    })
}

/// The condition for a list that is null: its item is null, and nothing but an exclusion holds for it.
fn without_item(condition: Condition) -> Condition {
    condition.map(&mut |node| match node {
        Condition::Test(predicate) if plainly_item(&predicate.subject) => Some(Condition::FALSE),
        Condition::Test(predicate) => {
            let mut predicate = predicate.as_ref().clone();
            predicate.subject = nulled(predicate.subject);
            if let Object::Term(term) = predicate.object {
                predicate.object = Object::Term(Shared::new(nulled(term.into_inner())));
            }
            Some(predicate.into())
        }
        other => other.folded(),
    })
}

/// Whether the term is missing where the item is.
fn plainly_item(term: &Term) -> bool {
    match term {
        Term::Item { depth, .. } => *depth == 0,
        Term::Call {
            function,
            arguments,
        } => {
            let total = matches!(
                function,
                Function::Concat | Function::Coalesce | Function::IfMissing
            );
            !total && arguments.first().is_some_and(plainly_item)
        }
        _ => false,
    }
}

fn nulled(term: Term) -> Term {
    map_term(term, &mut |term| match term {
        Term::Item { depth: 0, .. } => Term::Literal(Literal::Null),
        Term::Item { depth, path } => Term::Item {
            depth: depth - 1,
            path,
        },
        other => other,
    })
}

/// Rebuilds a term bottom-up.
fn map_term(term: Term, change: &mut dyn FnMut(Term) -> Term) -> Term {
    let rebuilt = match term {
        Term::Call {
            function,
            arguments,
        } => {
            let arguments = arguments
                .into_iter()
                .map(|argument| map_term(argument, change))
                .collect();
            Term::Call {
                function,
                arguments,
            }
        }
        Term::Choice { cases, otherwise } => {
            let cases = cases
                .into_iter()
                .map(|case| Case {
                    when: case.when,
                    then: map_term(case.then, change),
                })
                .collect();
            Term::Choice {
                cases,
                otherwise: Shared::new(map_term(otherwise.into_inner(), change)),
            }
        }
        Term::Select { list, when, item } => Term::Select {
            list: Shared::new(map_term(list.into_inner(), change)),
            when,
            item,
        },
        Term::Aggregate {
            aggregate,
            argument,
        } => Term::Aggregate {
            aggregate,
            argument: argument.map(|argument| Shared::new(map_term(argument.into_inner(), change))),
        },
        leaf @ (Term::Field(_) | Term::Item { .. } | Term::Literal(_)) => leaf,
    };
    change(rebuilt)
}

/// The term outside of any list: an item is each item of its list. `None` where a condition inside is about an item.
pub(super) fn shown(term: Term, levels: &[Level]) -> Option<Term> {
    let in_condition = |term: &Term| match term {
        Term::Choice { cases, .. } => cases.iter().any(|case| depth(&case.when) > 0),
        _ => false,
    };
    if !term_any(&term, &is_item) {
        return Some(term);
    }
    if term_any(&term, &in_condition) {
        return None;
    }
    Some(map_term(term, &mut |term| match term {
        Term::Item { depth, path } => {
            match levels.get(depth + 1).and_then(|level| level.list.clone()) {
                Some(list) => each(
                    shown(list, levels.get(..=depth).unwrap_or(&[]))
                        .unwrap_or(Term::Literal(Literal::Null)),
                    path,
                ),
                None => Term::Literal(Literal::Null),
            }
        }
        other => other,
    }))
}

fn each(list: Term, path: FieldPath) -> Term {
    match list {
        Term::Call {
            function: Function::Spread,
            mut arguments,
        } if !arguments.is_empty() => each(arguments.to_mut().swap_remove(0), path),
        Term::Field(mut field) => {
            field.segments.push(Segment::Each);
            field.segments.extend(path.segments);
            Term::Field(field)
        }
        list => {
            let keys = path.segments.into_iter().map(|segment| match segment {
                Segment::Key(key) | Segment::Exact(key) => Literal::Text(key),
                Segment::Index(index) => Literal::Integer(index),
                Segment::Each => Literal::Null,
            });
            keys.fold(Term::call(Function::Each, [list]), super::function::below)
        }
    }
}
