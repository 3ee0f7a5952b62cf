//! Stages to text: the operators over rows, columns and tables; those that change the shape are in `shape.rs`.

use super::super::ast::{
    ColumnPattern, Direction, Expression, ExpressionKind, Join, JoinCondition, NamedExpression,
    Operator, OperatorParameter, Ordered, Reordered, Summarize, TopNested, Union,
};
use super::super::quote;
use super::expression::{condition, named, value};
use super::layout::{Elements, Layout, WIDTH, width};
use super::{columns_text, shape};

/// A stage.
pub(super) fn operator(operator: &Operator, layout: Layout) -> String {
    match operator {
        Operator::Where(it) => {
            let name = it
                .name
                .as_ref()
                .map(|name| format!("{} = ", quote::declared_name(&name.text)));
            let (before, predicate) = (
                parameters(&it.parameters, layout),
                condition(&it.predicate, layout),
            );
            format!("where {before}{}{predicate}", name.unwrap_or_default())
        }
        Operator::Extend(columns) => layout.elements(columns, named).behind("extend", layout),
        Operator::Project(columns) => layout.elements(columns, named).behind("project", layout),
        Operator::ProjectRename(columns) => layout
            .elements(columns, named)
            .behind("project-rename", layout),
        Operator::Print(columns) => layout.elements(columns, named).behind("print", layout),
        Operator::Serialize(columns) => layout.elements(columns, named).behind("serialize", layout),
        Operator::ProjectAway(patterns) => layout
            .elements(patterns, pattern)
            .behind("project-away", layout),
        Operator::ProjectKeep(patterns) => layout
            .elements(patterns, pattern)
            .behind("project-keep", layout),
        Operator::ProjectReorder(columns) => {
            let write = |each: &Reordered, layout| {
                pattern(&each.pattern, layout) + direction(each.direction)
            };
            layout
                .elements(columns, write)
                .behind("project-reorder", layout)
        }
        Operator::ProjectByNames(values) => layout
            .elements(values, value)
            .behind("project-by-names", layout),
        Operator::Summarize(it) => summarize(it, layout),
        Operator::Distinct(it) => {
            let before = parameters(&it.parameters, layout);
            layout
                .elements(&it.columns, named)
                .behind(&format!("distinct {before}"), layout)
        }
        other => table_operator(other, layout),
    }
}

/// The operators that take or name whole tables.
fn table_operator(operator: &Operator, layout: Layout) -> String {
    match operator {
        Operator::Join(it) => join("join", it, layout),
        Operator::Lookup(it) => join("lookup", it, layout),
        Operator::Union(it) => union(it, layout),
        Operator::AssertSchema(columns) => format!("assert-schema ({})", columns_text(columns)),
        Operator::GetSchema => "getschema".to_owned(),
        Operator::Count(Some(name)) => format!("count as {}", quote::name(&name.text)),
        Operator::Count(None) => "count".to_owned(),
        Operator::As(it) => {
            format!(
                "as {}{}",
                parameters(&it.parameters, layout),
                quote::name(&it.name.text)
            )
        }
        Operator::Consume(it) => format!("consume {}", parameters(it, layout))
            .trim_end()
            .to_owned(),
        other => row_operator(other, layout),
    }
}

/// Tables of several lines, and those that would make a wide line, stand below the word.
fn union(union: &Union, layout: Layout) -> String {
    let word = format!("union {}", parameters(&union.parameters, layout));
    let elements = layout.elements(&union.tables, table);
    if layout.is_flat() || elements.is_broken() || !elements.has_lines() || union.tables.len() == 1
    {
        return elements.behind(&word, layout);
    }
    let inner = layout.deeper();
    let tables = union.tables.iter().map(|each| table(each, inner));
    Elements::broken(tables.collect()).behind(&word, layout)
}

/// The operators that pick rows.
fn row_operator(operator: &Operator, layout: Layout) -> String {
    let before = |list: &[OperatorParameter]| parameters(list, layout);
    let text = |expression: &NamedExpression| named(expression, layout);
    match operator {
        Operator::Sort(it) => format!(
            "sort {}by {}",
            before(&it.parameters),
            keys(&it.keys, layout)
        ),
        Operator::Top(it) => {
            format!(
                "top {}{} by {}",
                before(&it.parameters),
                text(&it.count),
                ordered(&it.by, layout)
            )
        }
        Operator::TopNested(levels) => {
            let levels: Vec<String> = levels
                .iter()
                .map(|level| top_nested(level, layout))
                .collect();
            levels.join(&format!(",{}", layout.deeper().line()))
        }
        Operator::TopHitters(it) => {
            let by = it
                .by
                .as_ref()
                .map(|by| format!(" by {}", text(by)))
                .unwrap_or_default();
            format!("top-hitters {} of {}{by}", text(&it.count), text(&it.of))
        }
        Operator::Take(it) => format!("take {}{}", before(&it.parameters), text(&it.count)),
        Operator::Sample(it) => format!("sample {}{}", before(&it.parameters), text(&it.count)),
        Operator::SampleDistinct(it) => {
            format!(
                "sample-distinct {}{} of {}",
                before(&it.parameters),
                text(&it.count),
                text(&it.of)
            )
        }
        other => shape::operator(other, layout),
    }
}

/// Several aggregates stand on lines of their own, and the keys behind them.
fn summarize(summarize: &Summarize, layout: Layout) -> String {
    let word = format!("summarize {}", parameters(&summarize.parameters, layout));
    let word = word.trim_end();
    let inner = layout.deeper();
    let all = |list: &[NamedExpression], layout| {
        list.iter()
            .map(|each| named(each, layout))
            .collect::<Vec<_>>()
    };
    let (aggregates, keys) = (
        all(&summarize.aggregates, layout.flat()),
        all(&summarize.by, layout.flat()),
    );
    let several =
        aggregates.len() > 2 || aggregates.len() == 2 && width(&aggregates) + width(&keys) > WIDTH;
    if layout.is_flat() || !several {
        return layout
            .elements(&summarize.aggregates, named)
            .behind(word, layout)
            + &by_clause(summarize, " ", layout);
    }
    let aggregates = Elements::broken(all(&summarize.aggregates, inner));
    aggregates.behind(word, layout) + &by_clause(summarize, &inner.line(), inner)
}

/// The keys of a `summarize`, behind a space or on their own line.
fn by_clause(summarize: &Summarize, separator: &str, layout: Layout) -> String {
    if summarize.by.is_empty() {
        return String::new();
    }
    let keys = layout.elements(&summarize.by, named).behind("by", layout);
    let bin = summarize
        .bin
        .as_ref()
        .map(|bin| format!(" bin = {}", value(bin, layout)));
    format!("{separator}{keys}{}", bin.unwrap_or_default())
}

/// The parameters of an operator, each with a space behind it.
pub(super) fn parameters(parameters: &[OperatorParameter], layout: Layout) -> String {
    let mut text = String::new();
    for parameter in parameters {
        text.push_str(&parameter_text(&parameter.name.text, parameter, layout));
        text.push(' ');
    }
    text
}

fn parameter_text(name: &str, parameter: &OperatorParameter, layout: Layout) -> String {
    let values: Vec<String> = parameter
        .values
        .iter()
        .map(|each| word_or_value(each, layout))
        .collect();
    format!("{name}={}", values.join(", "))
}

/// Properties in parentheses; `name` writes their names.
pub(super) fn properties(
    properties: &[OperatorParameter],
    name: impl Fn(&str) -> String,
    layout: Layout,
) -> String {
    let write =
        |property: &OperatorParameter| parameter_text(&name(&property.name.text), property, layout);
    format!(
        "({})",
        properties.iter().map(write).collect::<Vec<_>>().join(", ")
    )
}

/// A value of a parameter; any word stays bare here.
pub(super) fn word_or_value(expression: &Expression, layout: Layout) -> String {
    match expression.as_name() {
        Some(name) if quote::is_bare(name) => name.to_owned(),
        Some(name) => quote::bracketed(name),
        None => value(expression, layout),
    }
}

/// A table of `union`, `find` and `search`; a pattern stays bare here.
pub(super) fn table(expression: &Expression, layout: Layout) -> String {
    let text = match &expression.kind {
        ExpressionKind::Wildcard(pattern) => return pattern.clone(),
        _ => value(expression, layout),
    };
    match &expression.kind {
        ExpressionKind::Name(_)
        | ExpressionKind::Call(_)
        | ExpressionKind::Path(_)
        | ExpressionKind::Pipeline(_) => text,
        _ => format!("({text})"),
    }
}

/// A column pattern.
fn pattern(pattern: &ColumnPattern, _: Layout) -> String {
    if pattern.wildcard {
        pattern.name.text.clone()
    } else {
        quote::name(&pattern.name.text)
    }
}

fn direction(direction: Option<Direction>) -> &'static str {
    match direction {
        Some(Direction::Ascending) => " asc",
        Some(Direction::Descending) => " desc",
        Some(Direction::NaturalAscending) => " granny-asc",
        Some(Direction::NaturalDescending) => " granny-desc",
        None => "",
    }
}

fn ordered(ordered: &Ordered, layout: Layout) -> String {
    let nulls = match ordered.nulls_first {
        Some(true) => " nulls first",
        Some(false) => " nulls last",
        None => "",
    };
    format!(
        "{}{}{nulls}",
        named(&ordered.value, layout),
        direction(ordered.direction)
    )
}

/// Sort keys.
pub(super) fn keys(keys: &[Ordered], layout: Layout) -> String {
    let keys: Vec<String> = keys.iter().map(|key| ordered(key, layout)).collect();
    keys.join(", ")
}

fn top_nested(level: &TopNested, layout: Layout) -> String {
    let count = level
        .count
        .as_ref()
        .map(|count| format!("{} ", named(count, layout)))
        .unwrap_or_default();
    let others = level
        .others
        .as_ref()
        .map(|value| format!(" with others = {}", self::value(value, layout)));
    let (of, by) = (named(&level.of, layout), ordered(&level.by, layout));
    format!(
        "top-nested {count}of {of}{} by {by}",
        others.unwrap_or_default()
    )
}

fn join(name: &str, join: &Join, layout: Layout) -> String {
    let right = value(&join.right, layout);
    let condition = match &join.condition {
        JoinCondition::None => String::new(),
        JoinCondition::On(keys) => {
            let keys: Vec<String> = keys.iter().map(|key| value(key, layout)).collect();
            format!(" on {}", keys.join(", "))
        }
        JoinCondition::Where(predicate) => format!(" where {}", value(predicate, layout)),
    };
    format!(
        "{name} {}{right}{condition}",
        parameters(&join.parameters, layout)
    )
}
