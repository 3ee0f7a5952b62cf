//! What stages over the items of a list count: how many of them have something, as columns of the row that the list is in.

use std::collections::BTreeMap;

use super::{Column, Selected, end, is_one, is_taken, taken};
use crate::ir::pipeline::{Expanded, Gather, RowStage};
use crate::ir::{
    Case, Condition, FieldPath, Function, Kind, Literal, Object, Operator, Predicate, Shared, Term,
};
use crate::verify::equal::are_equal;

impl Selected {
    /// The columns that stages make of how many items of a list have something, of all of them or of the first or last that is left;
    /// nothing where they make something else.
    pub(super) fn counted(
        &self,
        items: &Expanded,
        list: &Term,
        stages: &[RowStage],
    ) -> Option<BTreeMap<String, Option<Column>>> {
        let at = stages.iter().rposition(is_one)?;
        let (RowStage::Summarize(summary), before, behind) =
            (&stages[at], &stages[..at], &stages[at + 1..])
        else {
            return None;
        };
        if !summary.picked.is_empty() || !is_list(list) {
            return None;
        }
        let item = item();
        let (left, rest, end) = match before.iter().position(is_taken) {
            Some(at) => (
                &before[..at],
                &before[at + 1..],
                Some(end(items, &before[..at])?),
            ),
            None => (&[][..], before, None),
        };
        let mut columns = self.columns.clone();
        for gathered in &summary.gathered {
            if gathered.what != Gather::Count || gathered.of.is_some() {
                return None;
            }
            let mut rest = rest.to_vec();
            rest.extend(gathered.when.clone().map(RowStage::Where));
            let [left, asked] = self.left(items, item.clone(), 1, [left, &rest])?;
            let value = number_of(list.clone(), [left, asked], end);
            let column = Column {
                value,
                absent: None,
            };
            columns.named.insert(gathered.name.clone(), Some(column));
        }
        for stage in behind {
            columns.stage(stage)?;
        }
        Some(columns.named)
    }
}

/// Whether the value is a list, whatever the row.
pub(super) fn is_list(value: &Term) -> bool {
    let kinds = Object::Kinds(vec![Kind::List]);
    let is_list = Predicate::new(value.clone(), Operator::IsKind, kinds);
    are_equal(&is_list.into(), &Condition::TRUE)
}

/// The column that has an item of the list that is gone through.
pub(super) fn item() -> Column {
    Column {
        value: Term::Item {
            depth: 0,
            path: FieldPath::root(),
        },
        absent: None,
    }
}

/// How many items have both, or of the first (0) or last (-1) that something is left of, which has the other or not.
fn number_of(list: Term, [left, asked]: [Condition; 2], end: Option<i64>) -> Term {
    let number = |number| Term::Literal(Literal::Integer(number));
    if end.is_some() {
        let case = Case {
            when: taken(list, [left, asked], end),
            then: number(1),
        };
        return Term::Choice {
            cases: vec![case].into(),
            otherwise: Shared::new(number(0)),
        };
    }
    let selected = Term::Select {
        list: Shared::new(list),
        when: Shared::new(left.and(asked)),
        item: Shared::new(Term::Literal(Literal::Boolean(true))),
    };
    Term::call(Function::Length, [selected])
}
