//! Values that are computed once of the rows of another query: `toscalar`, and the list behind `in`.

use crate::frontend::sentinel::query::expression::Place;
use crate::frontend::sentinel::query::rows::Rows;
use crate::frontend::sentinel::query::scope::Bound;
use crate::frontend::sentinel::query::value::{Kind, Lowered, Obstacle, Truth, Value, compare};
use crate::ir::pipeline::{Given, GivenShape};
use crate::ir::{CaseSensitivity, Function, Literal, Object, Operator, Term};
use crate::source::TextRange;
use crate::syntax::kql::ast::{
    Expression, ExpressionKind, Membership, MembershipOperator, Pipeline, Source, Wrapper,
};

use super::settle::{field, kind_of_value, settled};

impl<'q> Place<'_, 'q> {
    /// The value of `toscalar(...)`.
    pub(in crate::frontend::sentinel::query) fn scalar_of(
        &self,
        pipeline: &'q Pipeline,
        range: TextRange,
    ) -> Lowered<Value> {
        if let (Source::Expression(expression), []) = (&pipeline.source, pipeline.stages.as_slice())
            && let Ok(value) = self.value(expression)
        {
            return Ok(value);
        }
        let rows = self.lower.pipeline(pipeline, self.scope, self.calls + 1);
        self.given(rows, GivenShape::Value, range)
    }

    /// The values of a table's first column as a list; `None` where the expression is no table.
    pub(in crate::frontend::sentinel::query) fn list_of(
        &self,
        expression: &'q Expression,
    ) -> Option<Lowered<Value>> {
        let table = match &expression.kind {
            ExpressionKind::Pipeline(_)
            | ExpressionKind::DataTable(_)
            | ExpressionKind::ExternalData(_) => true,
            ExpressionKind::Wrapped(wrapped) => wrapped.wrapper != Wrapper::ToScalar,
            ExpressionKind::Name(name) if !self.columns.has(name) => {
                match self.scope.find(name) {
                    Some((Bound::Pipeline(_) | Bound::Table(_), _)) => true,
                    Some((Bound::Function(_), _)) => self.value(expression).is_err(),
                    Some((Bound::Value(_) | Bound::Parameter(_), _)) => false,
                    // A name that is nothing else is a table.
                    None => !self.columns.may_have(name),
                }
            }
            ExpressionKind::Call(call) => {
                matches!(
                    self.scope.find(&call.function.text),
                    Some((Bound::Function(_), _))
                ) && self.value(expression).is_err()
                    || crate::frontend::sentinel::query::source::is_table(expression)
            }
            _ => false,
        };
        table.then(|| {
            let rows = self.lower.source(expression, self.scope, self.calls + 1);
            self.given(rows, GivenShape::List, *expression.range)
        })
    }

    /// Whether the subject is among the values of a table's first column; the obstacle where the expression is no table.
    pub(in crate::frontend::sentinel::query) fn member_of_rows(
        &self,
        membership: &Membership,
        subject: Value,
        table: &'q Expression,
        obstacle: Obstacle,
    ) -> Lowered<Truth> {
        let list = self.list_of(table).ok_or(obstacle)??;
        let range = *table.range;
        let (list, _) = settled(list, range)?;
        let (mut subject, kind) = settled(subject, range)?;
        if kind == Kind::Text {
            subject = Term::call(Function::Coalesce, [subject, Term::text("")]);
        }
        let yes = Term::Literal(Literal::Boolean(true));
        let (call, negated) = match membership.operator {
            MembershipOperator::In => (Term::call(Function::OneOf, [subject, list]), false),
            MembershipOperator::NotIn => (Term::call(Function::OneOf, [subject, list]), true),
            MembershipOperator::InTilde => {
                (Term::call(Function::OneOf, [subject, list, yes]), false)
            }
            MembershipOperator::NotInTilde => {
                (Term::call(Function::OneOf, [subject, list, yes]), true)
            }
            MembershipOperator::HasAny => {
                let how = Term::text("term");
                (
                    Term::call(Function::TextTest, [subject, list, how, yes]),
                    false,
                )
            }
            MembershipOperator::HasAll => {
                let how = Term::text("every_term");
                (
                    Term::call(Function::TextTest, [subject, list, how, yes]),
                    false,
                )
            }
        };
        let truth = Truth::total(compare(
            call,
            Operator::Equals,
            Object::Literal(Literal::Boolean(true)),
            CaseSensitivity::Sensitive,
        ));
        Ok(if negated { truth.not() } else { truth })
    }

    /// A value that is computed once of rows.
    fn given(&self, rows: Rows, shape: GivenShape, range: TextRange) -> Lowered<Value> {
        let (pipeline, rows) = self.lower.written(rows, range)?;
        let column = rows.columns.named.first();
        let column = column.filter(|_| rows.columns.open.is_none());
        let Some(column) = column else {
            return Err(Obstacle::new(
                range,
                "which column is the first is not known",
            ));
        };
        let kind = match (shape, &column.value) {
            (_, Err(obstacle)) => return Err(obstacle.clone()),
            (GivenShape::List | GivenShape::Table, Ok(_)) => Kind::Dynamic,
            (GivenShape::Value, Ok(value)) => kind_of_value(value),
        };
        let mut given = self.lower.given.borrow_mut();
        let known = given
            .iter()
            .find(|known| known.shape == shape && known.rows == pipeline);
        if let Some(known) = known {
            return Ok(field(&known.name, kind));
        }
        let name = format!("({})", given.len() + 1);
        given.push(Given {
            name: name.clone(),
            shape,
            rows: pipeline,
        });
        Ok(field(&name, kind))
    }
}
