//! Expressions to text.
//!
//! A [`Fragment`] is text and how tightly its outermost operator binds; [`Fragment::at_least`] is the one place that writes
//! grouping parentheses, and it writes one only where the text would read differently without it.

use std::fmt::Write;

use super::super::ast::{
    Binary, Call, DataTable, Expression, ExpressionKind, ExternalData, Literal, Logical,
    LogicalOperator, Membership, NamedExpression, Naming, Path, Precedence, Step, Wrapped, Wrapper,
};
use super::super::quote;
use super::layout::{Elements, Layout, WIDTH};
use super::{columns_list, enclosed};

/// Text and the precedence of its outermost operator.
pub(super) struct Fragment {
    text: String,
    precedence: Precedence,
}

impl Fragment {
    fn new(text: impl Into<String>, precedence: Precedence) -> Self {
        Self {
            text: text.into(),
            precedence,
        }
    }

    fn primary(text: impl Into<String>) -> Self {
        Self::new(text, Precedence::Primary)
    }

    /// The text, in parentheses where it binds less tightly than its place requires.
    pub(super) fn at_least(self, required: Precedence) -> String {
        if self.precedence < required {
            format!("({})", self.text)
        } else {
            self.text
        }
    }
}

/// An expression where any operator may stand.
pub(super) fn value(expression: &Expression, layout: Layout) -> String {
    fragment(expression, layout).at_least(Precedence::Or)
}

/// An expression where an operand of this precedence is required.
pub(super) fn operand(expression: &Expression, layout: Layout, required: Precedence) -> String {
    fragment(expression, layout).at_least(required)
}

/// A condition of its own stage; wide ones have an operand on each line.
pub(super) fn condition(expression: &Expression, layout: Layout) -> String {
    let ExpressionKind::Logical(logical) = &expression.kind else {
        return value(expression, layout);
    };
    if layout.is_flat() || value(expression, layout.flat()).chars().count() <= WIDTH {
        return value(expression, layout);
    }
    wide(logical, layout.deeper())
}

/// An operand on each line; a wide operand is broken in turn.
fn wide(logical: &Logical, layout: Layout) -> String {
    let required = required(logical.operator);
    let write = |each: &Expression| {
        let flat = operand(each, layout.flat(), required);
        let ExpressionKind::Logical(inner) = &each.kind else {
            return operand(each, layout, required);
        };
        if flat.chars().count() <= WIDTH {
            return flat;
        }
        let deeper = layout.deeper();
        if precedence_of(inner.operator) < required {
            format!(
                "({}{}{})",
                deeper.line(),
                wide(inner, deeper),
                layout.line()
            )
        } else {
            wide(inner, deeper)
        }
    };
    let operands: Vec<String> = logical.operands.iter().map(write).collect();
    let separator = format!("{}{} ", layout.line(), logical_text(logical.operator));
    operands.join(&separator)
}

fn precedence_of(operator: LogicalOperator) -> Precedence {
    match operator {
        LogicalOperator::And => Precedence::And,
        LogicalOperator::Or => Precedence::Or,
    }
}

/// How tightly the operands have to bind.
fn required(operator: LogicalOperator) -> Precedence {
    match operator {
        LogicalOperator::And => Precedence::Equality,
        LogicalOperator::Or => Precedence::And,
    }
}

fn logical_text(operator: LogicalOperator) -> &'static str {
    match operator {
        LogicalOperator::And => "and",
        LogicalOperator::Or => "or",
    }
}

fn logical_operands(logical: &Logical, layout: Layout) -> Vec<String> {
    let required = required(logical.operator);
    logical
        .operands
        .iter()
        .map(|each| operand(each, layout, required))
        .collect()
}

fn fragment(expression: &Expression, layout: Layout) -> Fragment {
    match &expression.kind {
        ExpressionKind::Name(name) => Fragment::primary(quote::name(name)),
        ExpressionKind::Wildcard(pattern) => Fragment::primary(format!("[{pattern}]")),
        ExpressionKind::Star => Fragment::primary("*"),
        ExpressionKind::At => Fragment::primary("@"),
        ExpressionKind::Placeholder(text) => Fragment::primary(text.as_str()),
        ExpressionKind::Literal(literal) => Fragment::primary(literal_text(literal, layout)),
        ExpressionKind::TypeOf(kind) => Fragment::primary(format!("typeof({})", kind.name())),
        ExpressionKind::TypeOfTable(text) => Fragment::primary(format!("typeof({})", text.text)),
        ExpressionKind::Call(call) => Fragment::primary(call_text(call, layout)),
        ExpressionKind::Path(path) => Fragment::primary(path_text(path, layout)),
        ExpressionKind::Unary(unary) => {
            let sign = if unary.negative { '-' } else { '+' };
            let inner = operand(&unary.operand, layout, Precedence::Primary);
            Fragment::new(format!("{sign}{inner}"), Precedence::Sign)
        }
        ExpressionKind::Binary(binary) => binary_text(binary, layout),
        ExpressionKind::Logical(logical) => {
            let separator = format!(" {} ", logical_text(logical.operator));
            Fragment::new(
                logical_operands(logical, layout).join(&separator),
                precedence_of(logical.operator),
            )
        }
        ExpressionKind::Between(between) => {
            let not = if between.negated { "!" } else { "" };
            let subject = operand(&between.subject, layout, Precedence::Relation);
            let (from, to) = (value(&between.from, layout), value(&between.to, layout));
            Fragment::new(
                format!("{subject} {not}between ({from} .. {to})"),
                Precedence::Equality,
            )
        }
        ExpressionKind::Membership(membership) => membership_text(membership, layout),
        ExpressionKind::Pipeline(pipeline) => Fragment::primary(enclosed(pipeline, layout)),
        ExpressionKind::Wrapped(wrapped) => Fragment::primary(wrapped_text(wrapped, layout)),
        ExpressionKind::DataTable(table) => Fragment::primary(data_table(table, layout)),
        ExpressionKind::ExternalData(data) => Fragment::primary(external_data(data, layout)),
        ExpressionKind::Invalid => Fragment::primary(""),
    }
}

fn binary_text(binary: &Binary, layout: Layout) -> Fragment {
    let precedence = binary.operator.precedence();
    let (left, right) = match precedence {
        Precedence::Sum => (Precedence::Sum, Precedence::Product),
        Precedence::Product => (Precedence::Product, Precedence::Text),
        Precedence::Text => (Precedence::Sign, Precedence::Sign),
        Precedence::Relation => (Precedence::Sum, Precedence::Sum),
        _ => (Precedence::Relation, Precedence::Relation),
    };
    let (left, right) = (
        operand(&binary.left, layout, left),
        operand(&binary.right, layout, right),
    );
    Fragment::new(
        format!("{left} {} {right}", binary.operator.text()),
        precedence,
    )
}

fn membership_text(membership: &Membership, layout: Layout) -> Fragment {
    let subject = operand(&membership.subject, layout, Precedence::Relation);
    let operator = membership.operator.text();
    let items = match membership.items.as_slice() {
        [
            Expression {
                kind: ExpressionKind::Pipeline(pipeline),
                ..
            },
        ] => enclosed(pipeline, layout),
        items => layout
            .elements(items, value)
            .filled()
            .enclosed("(", ")", layout),
    };
    Fragment::new(
        format!("{subject} {operator} {items}"),
        Precedence::Equality,
    )
}

fn literal_text(literal: &Literal, layout: Layout) -> String {
    let Literal::Dynamic(value) = literal else {
        return quote::literal(literal);
    };
    match value.as_ref() {
        super::super::ast::Dynamic::Array(items) => {
            let items = layout.elements(items, |item, _| quote::dynamic(item));
            format!("dynamic({})", items.filled().enclosed("[", "]", layout))
        }
        other => format!("dynamic({})", quote::dynamic(other)),
    }
}

/// A call with its arguments.
pub(super) fn call_text(call: &Call, layout: Layout) -> String {
    // These words make a literal of the parenthesis behind them.
    let literal = matches!(call.function.text.as_str(), "bool" | "guid" | "typeof");
    let function = if literal {
        quote::bracketed(&call.function.text)
    } else {
        quote::name(&call.function.text)
    };
    let arguments = layout.elements(&call.arguments, named);
    let arguments = if call.function.text == "case" {
        arguments.in_pairs()
    } else {
        arguments
    };
    arguments.enclosed(&format!("{function}("), ")", layout)
}

/// An expression with its names.
pub(super) fn named(expression: &NamedExpression, layout: Layout) -> String {
    let text = value(&expression.value, layout);
    match &expression.naming {
        Naming::Implicit => text,
        Naming::Name(name) => format!("{} = {text}", quote::declared_name(&name.text)),
        Naming::Names(names) => {
            let names: Vec<String> = names
                .iter()
                .map(|name| quote::declared_name(&name.text))
                .collect();
            format!("({}) = {text}", names.join(", "))
        }
    }
}

fn path_text(path: &Path, layout: Layout) -> String {
    let ambiguous = match &path.root.kind {
        ExpressionKind::Literal(literal) => {
            !matches!(literal, Literal::String(_) | Literal::Dynamic(_))
        }
        ExpressionKind::DataTable(_) | ExpressionKind::ExternalData(_) => true,
        _ => false,
    };
    let mut text = operand(&path.root, layout, Precedence::Primary);
    if ambiguous {
        text = Fragment::new(text, Precedence::Or).at_least(Precedence::Primary);
    }
    for step in &path.steps {
        let written = match step {
            Step::Name(name) => write!(text, ".{}", quote::name(&name.text)),
            Step::Index(index) => write!(text, "[{}]", value(index, layout)),
            Step::Call(call) => write!(text, ".{}", call_text(call, layout)),
            Step::Wildcard(name) => write!(text, ".{}", name.text),
        };
        debug_assert!(written.is_ok(), "writing to a string cannot fail");
    }
    text
}

fn wrapped_text(wrapped: &Wrapped, layout: Layout) -> String {
    let name = match wrapped.wrapper {
        Wrapper::ToScalar => "toscalar",
        Wrapper::ToTable => "totable",
        Wrapper::Materialize => "materialize",
    };
    let option = if wrapped.unoptimized {
        " kind=nooptimization "
    } else {
        ""
    };
    format!("{name}{option}{}", enclosed(&wrapped.pipeline, layout))
}

fn data_table(table: &DataTable, layout: Layout) -> String {
    let values: Vec<String> = table
        .values
        .iter()
        .map(|each| value(each, layout.deeper()))
        .collect();
    let rows: Vec<String> = values
        .chunks(table.columns.len().max(1))
        .map(|row| row.join(", "))
        .collect();
    let values = match rows.as_slice() {
        [] | [_] => format!("[{}]", rows.concat()),
        _ if layout.is_flat() => format!("[{}]", rows.join(", ")),
        _ => Elements::broken(rows).enclosed("[", "]", layout),
    };
    format!(
        "datatable {} {values}",
        columns_list(&table.columns, layout)
    )
}

fn external_data(data: &ExternalData, layout: Layout) -> String {
    let addresses = layout
        .elements(&data.addresses, value)
        .enclosed("[", "]", layout);
    let columns = columns_list(&data.columns, layout);
    let text = format!("externaldata {columns} {addresses}");
    if data.properties.is_empty() {
        return text;
    }
    format!(
        "{text} with {}",
        super::operator::properties(&data.properties, quote::declared_name, layout)
    )
}
