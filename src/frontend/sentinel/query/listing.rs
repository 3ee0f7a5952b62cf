//! The query as numbered stages, as it is written; and a walk over its expressions.

use super::Lowerer;
use super::stage::operator_name;
use crate::ir::StageListing;
use crate::source::TextRange;
use crate::syntax::kql::ast::{
    Expression, ExpressionKind, LetValue, NamedExpression, Operator, Pipeline, Query, Source,
    Stage, StatementKind, Step,
};

impl Lowerer<'_> {
    /// The parameters and stages. Variables that are tables or functions stand before the query, as stages of their own.
    pub(super) fn listing(&self, query: &Query) -> StageListing {
        let mut listing = StageListing::default();
        for statement in &query.statements {
            let written = || trimmed(self.slice(*statement.range));
            match &statement.kind {
                StatementKind::Let(defined) => match &defined.value {
                    LetValue::Expression(value)
                        if !super::source::is_table(value) && !is_scalar_query(value) =>
                    {
                        listing.parameters.push(format!("{};", written()));
                    }
                    _ => listing
                        .stages
                        .push(("let".to_owned(), format!("{};", written()))),
                },
                StatementKind::Expression(pipeline) => self.list_stages(pipeline, &mut listing),
                StatementKind::Set(_)
                | StatementKind::Declare(_)
                | StatementKind::Pattern(_)
                | StatementKind::Alias(_)
                | StatementKind::Restrict(_)
                | StatementKind::Invalid(_) => listing
                    .stages
                    .push(("set".to_owned(), format!("{};", written()))),
            }
        }
        listing
    }

    fn list_stages(&self, pipeline: &Pipeline, listing: &mut StageListing) {
        let written = |range: TextRange| trimmed(self.slice(range));
        match &pipeline.source {
            Source::Expression(source) => listing
                .stages
                .push(("source".to_owned(), written(*source.range))),
            Source::Operator(stage) => listing
                .stages
                .push((operator_name(&stage.kind).to_owned(), written(*stage.range))),
            Source::Input => {}
        }
        for stage in &pipeline.stages {
            let text = format!("| {}", written(*stage.range));
            listing
                .stages
                .push((operator_name(&stage.kind).to_owned(), text));
        }
    }
}

/// Whether a value is computed from rows.
fn is_scalar_query(value: &Expression) -> bool {
    matches!(
        value.kind,
        ExpressionKind::Wrapped(_) | ExpressionKind::Pipeline(_)
    )
}

/// The text with each line's own indentation taken away.
fn trimmed(text: &str) -> String {
    let lines: Vec<&str> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    lines.join("\n")
}

/// Calls `visit` for the expressions of the query's filters, columns, keys and expansions, with their parts. Operators that
/// are left as text anyhow are not entered.
pub(super) fn walk(query: &Query, visit: &mut dyn FnMut(&Expression)) {
    for statement in &query.statements {
        match &statement.kind {
            StatementKind::Let(defined) => match &defined.value {
                LetValue::Expression(value) => expression(value, visit),
                LetValue::Pipeline(value) => pipeline(value, visit),
                LetValue::Function(function) => {
                    if let Some(result) = &function.result {
                        pipeline(result, visit);
                    }
                }
                LetValue::EntityGroup(_) => {}
            },
            StatementKind::Expression(value) => pipeline(value, visit),
            _ => {}
        }
    }
}

fn pipeline(pipeline: &Pipeline, visit: &mut dyn FnMut(&Expression)) {
    match &pipeline.source {
        Source::Expression(source) => expression(source, visit),
        Source::Operator(each) => stage(each, visit),
        Source::Input => {}
    }
    for each in &pipeline.stages {
        stage(each, visit);
    }
}

fn stage(stage: &Stage, visit: &mut dyn FnMut(&Expression)) {
    let mut named =
        |list: &[NamedExpression]| list.iter().for_each(|each| expression(&each.value, visit));
    match &stage.kind {
        Operator::Where(filter) => expression(&filter.predicate, visit),
        Operator::Extend(list)
        | Operator::Project(list)
        | Operator::ProjectRename(list)
        | Operator::Serialize(list) => named(list),
        Operator::Parse(parse) | Operator::ParseWhere(parse) => expression(&parse.subject, visit),
        Operator::Summarize(summarize) => {
            named(&summarize.aggregates);
            named(&summarize.by);
        }
        Operator::Distinct(distinct) => named(&distinct.columns),
        Operator::MvExpand(expand) => {
            for column in expand
                .columns
                .iter()
                .filter_map(|column| column.value.as_ref())
            {
                // What is expanded is taken apart, like the root of a path.
                if column.value.as_name().is_some() {
                    let root = column.value.clone();
                    let step = Step::Index(root.clone());
                    let path = crate::syntax::kql::ast::Path {
                        root,
                        steps: vec![step],
                    };
                    visit(&Expression::new(
                        column.value.range,
                        ExpressionKind::Path(Box::new(path)),
                    ));
                }
                expression(&column.value, visit);
            }
        }
        Operator::MvApply(apply) => {
            pipeline(&apply.body, visit);
        }
        Operator::Join(join) | Operator::Lookup(join) => expression(&join.right, visit),
        Operator::Union(union) => union
            .tables
            .iter()
            .for_each(|table| expression(table, visit)),
        _ => {}
    }
}

pub(super) fn expression(value: &Expression, visit: &mut dyn FnMut(&Expression)) {
    visit(value);
    match &value.kind {
        ExpressionKind::Call(call) => call
            .arguments
            .iter()
            .for_each(|each| expression(&each.value, visit)),
        ExpressionKind::Path(path) => {
            expression(&path.root, visit);
            for step in &path.steps {
                if let Step::Index(index) = step {
                    expression(index, visit);
                }
            }
        }
        ExpressionKind::Unary(unary) => expression(&unary.operand, visit),
        ExpressionKind::Binary(binary) => {
            expression(&binary.left, visit);
            expression(&binary.right, visit);
        }
        ExpressionKind::Logical(logical) => logical
            .operands
            .iter()
            .for_each(|each| expression(each, visit)),
        ExpressionKind::Between(between) => {
            for part in [&between.subject, &between.from, &between.to] {
                expression(part, visit);
            }
        }
        ExpressionKind::Membership(membership) => {
            expression(&membership.subject, visit);
            membership
                .items
                .iter()
                .for_each(|each| expression(each, visit));
        }
        ExpressionKind::Pipeline(inner) => pipeline(inner, visit),
        ExpressionKind::Wrapped(wrapped) => pipeline(&wrapped.pipeline, visit),
        _ => {}
    }
}
