//! Stages to text: expansion, parsing, series, charts, search and branches.

use std::slice;

use super::super::ast::{
    Branch, Evaluate, Expanded, Expression, ExpressionKind, Find, FindColumn, FindOutput,
    MacroExpand, MakeSeries, MvApply, Name, Operator, OperatorParameter, ParsePattern, Partition,
    PatternPart, ScalarType, Scan, ScanStep, SeriesRange,
};
use super::super::quote;
use super::expression::{call_text, named, value};
use super::layout::Layout;
use super::operator::{keys, parameters, properties, table};
use super::{columns_text, enclosed, join_stages, lines, parameter_list, statements};

/// A stage.
pub(super) fn operator(operator: &Operator, layout: Layout) -> String {
    match operator {
        Operator::MvExpand(it) => {
            let (before, columns) = (
                parameters(&it.parameters, layout),
                expanded(&it.columns, layout),
            );
            format!(
                "mv-expand {before}{columns}{}",
                clause(" limit ", it.limit.as_ref(), layout)
            )
        }
        Operator::MvApply(it) => mv_apply(it, layout),
        Operator::Parse(it) => parse("parse", it, layout),
        Operator::ParseWhere(it) => parse("parse-where", it, layout),
        Operator::ParseKv(it) => {
            let (subject, columns) = (value(&it.subject, layout), columns_text(&it.columns));
            format!(
                "parse-kv {subject} as ({columns}){}",
                with_properties(&it.properties, layout)
            )
        }
        Operator::Evaluate(it) => evaluate(it, layout),
        Operator::MakeSeries(it) => make_series(it, layout),
        Operator::Render(it) => {
            format!(
                "render {}{}",
                it.chart.text,
                with_properties(&it.properties, layout)
            )
        }
        Operator::Search(it) => {
            let (before, tables) = (
                parameters(&it.parameters, layout),
                tables_in(&it.tables, layout),
            );
            format!("search {before}{tables}{}", value(&it.predicate, layout))
        }
        Operator::Find(it) => find(it, layout),
        Operator::Range(it) => {
            let (from, to, step) = (
                value(&it.from, layout),
                value(&it.to, layout),
                value(&it.step, layout),
            );
            format!(
                "range {} from {from} to {to} step {step}",
                quote::name(&it.name.text)
            )
        }
        other => branch_operator(other, layout),
    }
}

/// The operators that call functions or run stages of their own.
fn branch_operator(operator: &Operator, layout: Layout) -> String {
    match operator {
        Operator::Invoke(call) => format!("invoke {}", value(call, layout)),
        Operator::Partition(it) => partition(it, layout),
        Operator::Scan(it) => scan(it, layout),
        Operator::Fork(branches) => fork(branches, layout),
        Operator::Facet(it) => {
            let by: Vec<String> = it.by.iter().map(|column| value(column, layout)).collect();
            let body = it
                .body
                .as_ref()
                .map(|body| format!(" with {}", enclosed(body, layout)));
            format!("facet by {}{}", by.join(", "), body.unwrap_or_default())
        }
        Operator::Reduce(it) => {
            let with: Vec<String> = it
                .with
                .iter()
                .map(|each| parameters(slice::from_ref(each), layout))
                .collect();
            let with = if with.is_empty() {
                String::new()
            } else {
                format!(" with {}", with.join(", ").trim_end())
            };
            format!(
                "reduce {}by {}{with}",
                parameters(&it.parameters, layout),
                named(&it.by, layout)
            )
        }
        Operator::MacroExpand(it) => macro_expand(it, layout),
        _ => String::new(),
    }
}

fn with_properties(list: &[OperatorParameter], layout: Layout) -> String {
    if list.is_empty() {
        String::new()
    } else {
        format!(" with {}", properties(list, str::to_owned, layout))
    }
}

fn evaluate(it: &Evaluate, layout: Layout) -> String {
    let schema = it.schema.as_ref().map(|schema| {
        let star = match (schema.star, schema.columns.is_empty()) {
            (true, true) => "*",
            (true, false) => "*, ",
            (false, _) => "",
        };
        format!(" : ({star}{})", columns_text(&schema.columns))
    });
    let (before, plugin) = (
        parameters(&it.parameters, layout),
        call_text(&it.plugin, layout),
    );
    format!("evaluate {before}{plugin}{}", schema.unwrap_or_default())
}

fn fork(branches: &[Branch], layout: Layout) -> String {
    let inner = layout.deeper();
    let write = |branch: &Branch| {
        let name = branch
            .name
            .as_ref()
            .map(|name| format!("{} = ", quote::name(&name.text)));
        name.unwrap_or_default() + &enclosed(&branch.body, inner)
    };
    let branches: Vec<String> = branches.iter().map(write).collect();
    format!("fork{}{}", inner.line(), branches.join(&inner.line()))
}

fn clause(word: &str, expression: Option<&Expression>, layout: Layout) -> String {
    expression
        .map(|expression| format!("{word}{}", value(expression, layout)))
        .unwrap_or_default()
}

fn typed(name: &Name, kind: Option<ScalarType>) -> String {
    let name = quote::declared_name(&name.text);
    match kind {
        Some(kind) => format!("{name}: {}", kind.name()),
        None => name,
    }
}

fn expanded(columns: &[Expanded], layout: Layout) -> String {
    let columns: Vec<String> = columns
        .iter()
        .map(|column| {
            let name = column.value.as_ref().map(|column| named(column, layout));
            let kind = column
                .kind
                .map(|kind| format!("to typeof({})", kind.name()));
            name.into_iter().chain(kind).collect::<Vec<_>>().join(" ")
        })
        .collect();
    columns.join(", ")
}

fn mv_apply(it: &MvApply, layout: Layout) -> String {
    let (limit, id) = (
        clause(" limit ", it.limit.as_ref(), layout),
        clause(" id ", it.id.as_ref(), layout),
    );
    let (parameters, columns) = (
        parameters(&it.parameters, layout),
        expanded(&it.columns, layout),
    );
    format!(
        "mv-apply {parameters}{columns}{limit}{id} on {}",
        enclosed(&it.body, layout)
    )
}

fn parse(name: &str, it: &ParsePattern, layout: Layout) -> String {
    let parts: String = it
        .pattern
        .iter()
        .map(|part| match part {
            PatternPart::Star => " *".to_owned(),
            PatternPart::Text(text) => format!(" {}", value(text, layout)),
            PatternPart::Column(column, kind) => format!(" {}", typed(column, *kind)),
        })
        .collect();
    format!(
        "{name} {}{} with{parts}",
        parameters(&it.parameters, layout),
        value(&it.subject, layout)
    )
}

fn make_series(it: &MakeSeries, layout: Layout) -> String {
    let aggregates: Vec<String> = it
        .aggregates
        .iter()
        .map(|each| {
            format!(
                "{}{}",
                named(&each.value, layout),
                clause(" default=", each.default.as_ref(), layout)
            )
        })
        .collect();
    let range = match &it.range {
        SeriesRange::Steps { from, to, step } => {
            let ends =
                clause(" from ", from.as_ref(), layout) + &clause(" to ", to.as_ref(), layout);
            format!("{ends} step {}", value(step, layout))
        }
        SeriesRange::InRange(values) => {
            let values: Vec<String> = values.iter().map(|each| value(each, layout)).collect();
            format!(" in range({})", values.join(", "))
        }
    };
    let by: Vec<String> = it.by.iter().map(|key| named(key, layout)).collect();
    let by = if by.is_empty() {
        String::new()
    } else {
        format!(" by {}", by.join(", "))
    };
    let (parameters, on) = (parameters(&it.parameters, layout), named(&it.on, layout));
    format!(
        "make-series {parameters}{} on {on}{range}{by}",
        aggregates.join(", ")
    )
}

fn tables_in(tables: &[Expression], layout: Layout) -> String {
    if tables.is_empty() {
        return String::new();
    }
    let tables: Vec<String> = tables.iter().map(|each| searched(each, layout)).collect();
    format!("in ({}) ", tables.join(", "))
}

/// A table of `find`; `| as name` behind it needs no parentheses here, and takes none.
fn searched(expression: &Expression, layout: Layout) -> String {
    match &expression.kind {
        ExpressionKind::Pipeline(pipeline) => join_stages(pipeline, layout.flat(), " "),
        _ => table(expression, layout),
    }
}

fn find(it: &Find, layout: Layout) -> String {
    let column = |column: &FindColumn| match column {
        FindColumn::Column(name, kind) => match kind {
            Some(kind) => format!("{}: {}", quote::name(&name.text), kind.name()),
            None => quote::name(&name.text),
        },
        FindColumn::Pack => "pack(*)".to_owned(),
        FindColumn::Star => "*".to_owned(),
    };
    let columns =
        |columns: &[FindColumn]| columns.iter().map(column).collect::<Vec<_>>().join(", ");
    let output = match &it.output {
        FindOutput::Implicit => String::new(),
        FindOutput::Smart => " project-smart".to_owned(),
        FindOutput::Columns(list) => format!(" project {}", columns(list)),
    };
    let away = if it.away.is_empty() {
        String::new()
    } else {
        format!(" __projectAway {}", columns(&it.away))
    };
    let word = if it.explicit { "where " } else { "" };
    let (parameters, tables) = (
        parameters(&it.parameters, layout),
        tables_in(&it.tables, layout),
    );
    format!(
        "find {parameters}{tables}{word}{}{output}{away}",
        value(&it.predicate, layout)
    )
}

fn partition(it: &Partition, layout: Layout) -> String {
    let scope = clause(" in ", it.scope.as_ref(), layout);
    let inner = layout.deeper();
    let body = if it.braces {
        format!(
            "{{{}{}{}}}",
            inner.line(),
            lines(&it.body, inner),
            layout.line()
        )
    } else {
        enclosed(&it.body, layout)
    };
    format!(
        "partition {}by {}{scope} {body}",
        parameters(&it.parameters, layout),
        value(&it.by, layout)
    )
}

fn scan(it: &Scan, layout: Layout) -> String {
    let inner = layout.deeper();
    let order = if it.order.is_empty() {
        String::new()
    } else {
        format!("order by {} ", keys(&it.order, layout))
    };
    let partition: Vec<String> = it
        .partition
        .iter()
        .map(|each| value(each, layout))
        .collect();
    let partition = if partition.is_empty() {
        String::new()
    } else {
        format!("partition by {} ", partition.join(", "))
    };
    let declare = if it.declare.is_empty() {
        String::new()
    } else {
        format!("declare {} ", parameter_list(&it.declare, layout))
    };
    let steps: String = it
        .steps
        .iter()
        .flat_map(|step| [inner.line(), scan_step(step, inner)])
        .collect();
    let before = parameters(&it.parameters, layout);
    format!(
        "scan {before}{order}{partition}{declare}with ({steps}{})",
        layout.line()
    )
}

fn scan_step(step: &ScanStep, layout: Layout) -> String {
    let optional = if step.optional { " optional" } else { "" };
    let output = step
        .output
        .as_ref()
        .map(|output| format!(" output={}", output.text))
        .unwrap_or_default();
    let assign = |(name, assigned): &(Name, Expression)| {
        format!(
            "{} = {}",
            quote::declared_name(&name.text),
            value(assigned, layout)
        )
    };
    let assignments: Vec<String> = step.assignments.iter().map(assign).collect();
    let arrow = if assignments.is_empty() {
        String::new()
    } else {
        format!(" => {}", assignments.join(", "))
    };
    let (name, condition) = (
        quote::declared_name(&step.name.text),
        value(&step.condition, layout),
    );
    format!("step {name}{optional}{output}: {condition}{arrow};")
}

fn macro_expand(it: &MacroExpand, layout: Layout) -> String {
    let group: Vec<String> = it
        .group
        .iter()
        .map(|entity| value(entity, layout))
        .collect();
    let group = if it.inline {
        format!("entity_group [{}]", group.join(", "))
    } else {
        group.join(", ")
    };
    let scope = it
        .scope
        .as_ref()
        .map(|name| format!(" as {}", quote::name(&name.text)))
        .unwrap_or_default();
    let inner = layout.deeper();
    let body = statements(&it.statements, inner);
    format!(
        "macro-expand {}{group}{scope} ({}{body}{})",
        parameters(&it.parameters, layout),
        inner.line(),
        layout.line()
    )
}
