//! `join` and `lookup`: two tables side by side.
//!
//! The columns of the left side come first. A column of the right side whose name is taken gets a number behind it, one that no
//! other column has. `lookup` leaves out the right side's keys, semi and anti joins the other side.

use super::super::Binder;
use super::super::builder::Builder;
use super::super::expression::Place;
use super::super::row::Row;
use super::super::scope::Scope;
use super::super::types::Type;
use super::super::value::Value;
use crate::diagnostic::Code;
use crate::source::TextRange;
use crate::syntax::kql::ast::{
    Binary, BinaryOperator, Expression, ExpressionKind, Join, JoinCondition, LogicalOperator, Path,
    ScalarType, Step,
};

/// Which sides a join returns.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sides {
    Both,
    Left,
    Right,
}

impl<'a> Binder<'a> {
    pub(super) fn join(
        &mut self,
        join: &'a Join,
        row: &Row<'a>,
        scope: &Scope<'a>,
        lookup: bool,
    ) -> Value<'a> {
        let right = self.table(&join.right, scope);
        let place = Place {
            right: Some(&right),
            ..Place::inside(row, scope)
        };
        let mut keys = Vec::new();
        match &join.condition {
            JoinCondition::None => {}
            JoinCondition::On(conditions) => {
                for condition in conditions {
                    self.join_condition(condition, &place, &mut keys);
                }
            }
            JoinCondition::Where(condition) => self.condition(condition, &place),
        }
        let sides = match join.kind() {
            Some("leftsemi" | "leftanti" | "leftantisemi" | "anti") => Sides::Left,
            Some("rightsemi" | "rightanti" | "rightantisemi") => Sides::Right,
            _ => Sides::Both,
        };
        match sides {
            Sides::Left => Value::Table(row.clone()),
            Sides::Right => Value::Table(right),
            Sides::Both => {
                let left_out: &[&str] = if lookup { &keys } else { &[] };
                Value::Table(side_by_side(row, &right, left_out))
            }
        }
    }

    /// A condition of `on`; the right side's keys are noted.
    fn join_condition(
        &mut self,
        condition: &'a Expression,
        place: &Place<'_, 'a>,
        keys: &mut Vec<&'a str>,
    ) {
        match &condition.kind {
            ExpressionKind::Name(name) => {
                if self.common_key(name, condition.range.0, place) {
                    keys.push(name);
                }
            }
            ExpressionKind::Logical(logical) if logical.operator == LogicalOperator::And => {
                for operand in &logical.operands {
                    self.join_condition(operand, place, keys);
                }
            }
            ExpressionKind::Binary(binary) if binary.operator == BinaryOperator::Equal => {
                self.key_pair(binary, place, keys);
            }
            _ => self.condition(condition, place),
        }
    }

    /// A key that both sides have; whether it is one column for both.
    fn common_key(&mut self, name: &'a str, range: TextRange, place: &Place<'_, 'a>) -> bool {
        let left = place.row.and_then(|row| row.get(name));
        let right = place.right.and_then(|right| right.get(name));
        let open = [place.row, place.right]
            .into_iter()
            .flatten()
            .any(Row::is_open);
        if left.is_none() && right.is_none() && !open {
            self.column(name, range, place);
            return true;
        }
        let left = left.or_else(|| place.row.and_then(|row| row.infer(name)));
        let right = right.or_else(|| place.right.and_then(|right| right.infer(name)));
        self.record(range, left.or(right).unwrap_or(Type::Unknown));
        let (Some(left), Some(right)) = (left, right) else {
            let side = if left.is_none() { "left" } else { "right" };
            let message = format!("the {side} side of the join has no column `{name}`");
            self.error(Code::KqlUnknownName, range, message);
            return true;
        };
        self.same_type(left, right, range, false)
    }

    /// Whether two keys have one type; whole numbers of two lengths count as one where the keys are named apart.
    fn same_type(&mut self, left: Type, right: Type, range: TextRange, apart: bool) -> bool {
        let (Some(from), Some(to)) = (left.scalar(), right.scalar()) else {
            return true;
        };
        let whole = |kind| matches!(kind, ScalarType::Int | ScalarType::Long);
        let same = from == to || apart && whole(from) && whole(to);
        if !same {
            let message = format!(
                "the keys of a join require one type, not {} and {}",
                from.name(),
                to.name()
            );
            self.error(Code::KqlType, range, message);
        }
        same
    }

    fn key_pair(&mut self, binary: &'a Binary, place: &Place<'_, 'a>, keys: &mut Vec<&'a str>) {
        let mut kinds = Vec::new();
        for (operand, wanted) in [(&binary.left, "$left"), (&binary.right, "$right")] {
            let kind = self.scalar(operand, place).kind();
            if kind.is_dynamic() {
                self.key(kind, operand.range.0);
            } else {
                kinds.push(kind);
            }
            let key = key_of(operand);
            if let Some(("$right", name)) = key {
                keys.push(name);
            }
            if key.is_none_or(|(side, _)| side != wanted) {
                kinds.clear();
                let message = format!("this key is required to be a column of `{wanted}`");
                self.error(Code::KqlContext, operand.range.0, message);
            }
        }
        if let [left, right] = kinds.as_slice() {
            let range = TextRange::cover(binary.left.range.0, binary.right.range.0);
            self.same_type(*left, *right, range, true);
        }
    }
}

/// The side and column of `$left.column`.
fn key_of(expression: &Expression) -> Option<(&str, &str)> {
    let ExpressionKind::Path(path) = &expression.kind else {
        return None;
    };
    let Path { root, steps } = path.as_ref();
    let side = root
        .as_name()
        .filter(|side| matches!(*side, "$left" | "$right"))?;
    match steps.as_slice() {
        [Step::Name(name)] => Some((side, &name.text)),
        _ => None,
    }
}

/// The columns of both tables.
pub(super) fn side_by_side<'a>(left: &Row<'a>, right: &Row<'a>, left_out: &[&str]) -> Row<'a> {
    let mut builder = Builder::default();
    for field in left.fields() {
        builder.add_reserved(field.name.clone(), field.kind);
        builder.reserve(field.name);
    }
    let mut added = right.fields();
    added.retain(|field| !left_out.contains(&field.name.as_ref()));
    // A name that only the right side has stays its own, wherever it stands.
    let taken: Vec<bool> = added.iter().map(|field| builder.has(&field.name)).collect();
    for (field, taken) in added.iter().zip(&taken) {
        if !taken {
            builder.reserve(field.name.clone());
        }
    }
    for (field, taken) in added.into_iter().zip(taken) {
        if taken {
            builder.add(field.name, field.kind);
        } else {
            builder.add_reserved(field.name, field.kind);
        }
    }
    if left.is_open() || right.is_open() {
        Row::open(builder.finish())
    } else {
        let derived = if left.is_derived() { left } else { right };
        Row::made(builder.finish(), derived)
    }
}
