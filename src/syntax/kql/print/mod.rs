//! A syntax tree to query text, in the house style of Sentinel content.
//!
//! One stage stands on a line, behind its bar; a nested pipeline is indented; a `summarize` with several aggregates, and any
//! list that would be wide, has one element on a line. Parentheses are computed from precedence in one place ([`expression`]).
//! Comments are not part of the tree and are not printed. What is printed reads back to an equal tree; an `Invalid` node
//! prints the text it was made from.

mod expression;
mod layout;
mod operator;
mod shape;

use super::ast::{
    Column, Expression, Function, Let, LetValue, Operator, Parameter, ParameterKind, Pipeline,
    Query, Source, Stage, Statement, StatementKind,
};
use super::quote;
use expression::value;
use layout::{Layout, WIDTH};

/// A whole query, ending in a line end.
pub fn print(query: &Query) -> String {
    let mut text = statements(&query.statements, Layout::TOP);
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

/// An expression, as it stands in a stage.
pub fn print_expression(expression: &Expression) -> String {
    value(expression, Layout::TOP)
}

/// A pipeline without a line end.
pub fn print_pipeline(pipeline: &Pipeline) -> String {
    lines(pipeline, Layout::TOP)
}

/// A stage without the bar before it.
pub fn print_stage(stage: &Stage) -> String {
    stage_text(stage, Layout::TOP)
}

/// Statements with semicolons; the last one has none, unless it has no result.
fn statements(statements: &[Statement], layout: Layout) -> String {
    let mut text = String::new();
    for (at, statement) in statements.iter().enumerate() {
        if at > 0 {
            text.push(';');
            text.push_str(&layout.line());
        }
        text.push_str(&statement_text(statement, layout));
    }
    if let Some(Statement {
        kind: StatementKind::Let(_) | StatementKind::Set(_),
        ..
    }) = statements.last()
    {
        text.push(';');
    }
    text
}

fn statement_text(statement: &Statement, layout: Layout) -> String {
    match &statement.kind {
        StatementKind::Let(Let { name, value }) => {
            format!(
                "let {} ={}",
                quote::name(&name.text),
                let_value(value, layout)
            )
        }
        StatementKind::Set(set) => match &set.value {
            Some(option) => format!(
                "set {} = {}",
                quote::name(&set.name.text),
                value(option, layout)
            ),
            None => format!("set {}", quote::name(&set.name.text)),
        },
        StatementKind::Declare(parameters) => {
            format!(
                "declare query_parameters{}",
                parameter_list(parameters, layout)
            )
        }
        StatementKind::Alias(alias) => {
            format!(
                "alias database {} = {}",
                quote::name(&alias.name.text),
                value(&alias.value, layout)
            )
        }
        StatementKind::Restrict(entities) => {
            let entities: Vec<String> = entities
                .iter()
                .map(|entity| operator::table(entity, layout))
                .collect();
            format!("restrict access to ({})", entities.join(", "))
        }
        StatementKind::Expression(pipeline) => lines(pipeline, layout),
        StatementKind::Pattern(text) | StatementKind::Invalid(text) => text.text.clone(),
    }
}

fn let_value(value: &LetValue, layout: Layout) -> String {
    match value {
        LetValue::Expression(expression) => format!(" {}", self::value(expression, layout)),
        LetValue::Pipeline(pipeline) => {
            format!(
                "{}{}",
                layout.deeper().line(),
                lines(pipeline, layout.deeper())
            )
        }
        LetValue::Function(function) => format!(" {}", function_text(function, layout)),
        LetValue::EntityGroup(group) => {
            let group: Vec<String> = group
                .iter()
                .map(|entity| self::value(entity, layout))
                .collect();
            format!(" entity_group [{}]", group.join(", "))
        }
    }
}

fn function_text(function: &Function, layout: Layout) -> String {
    let view = if function.view { "view " } else { "" };
    let mut text = format!("{view}{} {{", parameter_list(&function.parameters, layout));
    let inner = layout.deeper();
    for statement in &function.statements {
        text.push_str(&inner.line());
        text.push_str(&statement_text(statement, inner));
        text.push(';');
    }
    if let Some(result) = &function.result {
        text.push_str(&inner.line());
        text.push_str(&lines(result, inner));
    }
    text.push_str(&layout.line());
    text.push('}');
    text
}

fn parameter_list(parameters: &[Parameter], layout: Layout) -> String {
    layout
        .elements(parameters, parameter_text)
        .enclosed("(", ")", layout)
}

fn parameter_text(parameter: &Parameter, layout: Layout) -> String {
    let kind = match &parameter.kind {
        ParameterKind::Scalar(kind) => kind.name().to_owned(),
        ParameterKind::Table(columns) => format!("({})", columns_text(columns)),
        ParameterKind::AnyTable => "(*)".to_owned(),
    };
    let default = match &parameter.default {
        Some(default) => format!(" = {}", value(default, layout)),
        None => String::new(),
    };
    format!(
        "{}: {kind}{default}",
        quote::declared_name(&parameter.name.text)
    )
}

fn column_text(column: &Column) -> String {
    let name = quote::declared_name(&column.name.text);
    format!("{name}: {}", column.kind.name())
}

/// Columns with their types, without parentheses.
fn columns_text(columns: &[Column]) -> String {
    let columns: Vec<String> = columns.iter().map(column_text).collect();
    columns.join(", ")
}

/// Columns with their types, in parentheses; a wide list has one on a line.
fn columns_list(columns: &[Column], layout: Layout) -> String {
    let columns = layout.elements(columns, |column, _| column_text(column));
    columns.enclosed("(", ")", layout)
}

/// A pipeline, one stage on a line.
fn lines(pipeline: &Pipeline, layout: Layout) -> String {
    join_stages(pipeline, layout, &layout.line())
}

/// A pipeline in parentheses: on one line where it is short, else indented.
fn enclosed(pipeline: &Pipeline, layout: Layout) -> String {
    if pipeline.stages.len() <= 1 || layout.is_flat() {
        let short = join_stages(pipeline, layout.flat(), " ");
        if layout.is_flat() || short.len() <= WIDTH / 2 && !short.contains('\n') {
            return format!("({short})");
        }
    }
    let inner = layout.deeper();
    format!(
        "({}{}{})",
        inner.line(),
        lines(pipeline, inner),
        layout.line()
    )
}

fn join_stages(pipeline: &Pipeline, layout: Layout, separator: &str) -> String {
    let mut text = match &pipeline.source {
        Source::Expression(expression) => value(expression, layout),
        Source::Operator(stage) => stage_text(stage, layout),
        Source::Input => String::new(),
    };
    for (at, stage) in pipeline.stages.iter().enumerate() {
        if at > 0 || pipeline.source != Source::Input {
            text.push_str(separator);
            text.push_str("| ");
        }
        text.push_str(&stage_text(stage, layout));
    }
    text
}

fn stage_text(stage: &Stage, layout: Layout) -> String {
    match &stage.kind {
        Operator::Text(kept) | Operator::Invalid(kept) if kept.text.is_empty() => kept.name.clone(),
        Operator::Text(kept) | Operator::Invalid(kept) => format!("{} {}", kept.name, kept.text),
        kind => operator::operator(kind, layout),
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    fn printed(text: &str) -> String {
        let parsed = parse(text);
        assert_eq!(parsed.errors, [], "{text}");
        let printed = print(&parsed.query);
        let again = parse(&printed);
        assert_eq!(again.errors, [], "{printed}");
        assert_eq!(again.query, parsed.query, "{printed}");
        printed
    }

    #[test]
    fn several_aggregates_stand_on_lines() {
        let text = "let t = 50; T|where A in ('x','y')|summarize count(),make_set(B),max(D) by bin(Time,10m),C|where count_>t";
        let expected = "let t = 50;\nT\n| where A in (\"x\", \"y\")\n| summarize\n    count(),\n    make_set(B),\n    max(D)\n    \
                        by bin(Time, 10m), C\n| where count_ > t\n";
        assert_eq!(printed(text), expected);
    }

    #[test]
    fn parentheses_are_minimal() {
        for (text, expected) in [
            (
                "print ((a or b) and (c) or (d and e))",
                "print (a or b) and c or d and e\n",
            ),
            ("print (a == b) == c", "print (a == b) == c\n"),
            (
                "print (a + b) has 'c', a + (b has 'c')",
                "print (a + b) has \"c\", a + b has \"c\"\n",
            ),
            (
                "print a - (b - c), (a - b) - c, -(-a)",
                "print a - (b - c), a - b - c, -(-a)\n",
            ),
            ("print (a < b) == (c in (1))", "print a < b == (c in (1))\n"),
            (
                "print not((a)), (a.b).c, (f(x))[0]",
                "print not(a), a.b.c, f(x)[0]\n",
            ),
        ] {
            assert_eq!(printed(text), expected);
        }
    }

    #[test]
    fn wide_parts_are_broken_where_they_are_read() {
        let name = "AVeryLongNameOfAColumn";
        let text = format!(
            "T | where a == 1 and ({name} == 'x' and {name} == 'y' or {name} == 'z' or {name} == 'v' or b)"
        );
        let expected = format!(
            "T\n| where a == 1\n    and (\n        {name} == \"x\" and {name} == \"y\"\n        or {name} == \"z\"\n        \
             or {name} == \"v\"\n        or b\n    )\n"
        );
        assert_eq!(printed(&text), expected);
        let text = format!(
            "print x = case({name} == 1, 'one', {name} == 2, 'two', {name} == 3, 'three', 'many')"
        );
        let expected = format!(
            "print x = case(\n    {name} == 1, \"one\",\n    {name} == 2, \"two\",\n    {name} == 3, \"three\",\n    \"many\"\n)\n"
        );
        assert_eq!(printed(&text), expected);
        let numbers: Vec<String> = (1000..1030).map(|number| number.to_string()).collect();
        let text = printed(&format!("T | where a in ({})", numbers.join(",")));
        assert_eq!(text.lines().count(), 5, "{text}");
        let text =
            "union isfuzzy=true (Aaaaaaaaaa | where b == 1 | project c), (Bbbbbbbbb | take 1)";
        let expected = "union isfuzzy=true\n    (\n        Aaaaaaaaaa\n        | where b == 1\n        | project c\n    ),\n    \
                        (Bbbbbbbbb | take 1)\n";
        assert_eq!(printed(text), expected);
    }

    #[test]
    fn nested_pipelines_are_indented() {
        let text = "let f = (a:string=\"\", T:(*)) { let b=1; T | where x == a }; A | join kind=inner (B | where c | project d) on d";
        let expected = "let f = (a: string = \"\", T: (*)) {\n    let b = 1;\n    T\n    | where x == a\n};\nA\n\
                        | join kind=inner (\n    B\n    | where c\n    | project d\n) on d\n";
        assert_eq!(printed(text), expected);
    }
}
