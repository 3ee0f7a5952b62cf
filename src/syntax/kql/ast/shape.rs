//! The tabular operators that change the shape of the rows: expansion, parsing, series, charts, search, branches.
//!
//! The operators that filter, compute and combine are in `operator.rs`, with the enum of all of them.

use super::{
    Call, Column, Expression, Name, NamedExpression, OperatorParameter, Ordered, Parameter,
    Pipeline, ScalarType, Statement,
};

/// `mv-expand a = b to typeof(string) limit 5`.
#[derive(Clone, Debug, PartialEq)]
pub struct MvExpand {
    /// Parameters.
    pub parameters: Vec<OperatorParameter>,
    /// What is expanded.
    pub columns: Vec<Expanded>,
    /// At most so many rows of each.
    pub limit: Option<Expression>,
}

/// A column that is expanded.
#[derive(Clone, Debug, PartialEq)]
pub struct Expanded {
    /// The column; `mv-apply` can lack one.
    pub value: Option<NamedExpression>,
    /// The type it is converted to.
    pub kind: Option<ScalarType>,
}

/// `mv-apply a to typeof(string) on (stages)`.
#[derive(Clone, Debug, PartialEq)]
pub struct MvApply {
    /// Parameters.
    pub parameters: Vec<OperatorParameter>,
    /// What is expanded.
    pub columns: Vec<Expanded>,
    /// At most so many rows of each.
    pub limit: Option<Expression>,
    /// The context id.
    pub id: Option<Expression>,
    /// What is done with the items; its source is [`super::Source::Input`].
    pub body: Pipeline,
}

/// `parse kind=regex column with pattern`.
#[derive(Clone, Debug, PartialEq)]
pub struct ParsePattern {
    /// Parameters.
    pub parameters: Vec<OperatorParameter>,
    /// What is parsed.
    pub subject: Expression,
    /// The pattern.
    pub pattern: Vec<PatternPart>,
}

/// A part of a `parse` pattern.
#[derive(Clone, Debug, PartialEq)]
pub enum PatternPart {
    /// Any text.
    Star,
    /// Exactly this text, or a regular expression.
    Text(Expression),
    /// A column that takes the text there.
    Column(Name, Option<ScalarType>),
}

/// `parse-kv column as (columns) with (properties)`.
#[derive(Clone, Debug, PartialEq)]
pub struct ParseKv {
    /// What is parsed.
    pub subject: Expression,
    /// The keys that become columns.
    pub columns: Vec<Column>,
    /// Delimiters and quotes.
    pub properties: Vec<OperatorParameter>,
}

/// `evaluate plugin(arguments) : (columns)`.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluate {
    /// Parameters.
    pub parameters: Vec<OperatorParameter>,
    /// The plugin and its arguments.
    pub plugin: Call,
    /// The declared result.
    pub schema: Option<EvaluateSchema>,
}

/// The declared result of a plugin.
#[derive(Clone, Debug, PartialEq)]
pub struct EvaluateSchema {
    /// Whether the input's columns come first: `(*, ...)`.
    pub star: bool,
    /// The columns.
    pub columns: Vec<Column>,
}

/// `make-series aggregates on axis from a to b step c by keys`.
#[derive(Clone, Debug, PartialEq)]
pub struct MakeSeries {
    /// Parameters.
    pub parameters: Vec<OperatorParameter>,
    /// The aggregates.
    pub aggregates: Vec<SeriesAggregate>,
    /// The axis.
    pub on: NamedExpression,
    /// The range of the axis.
    pub range: SeriesRange,
    /// The keys.
    pub by: Vec<NamedExpression>,
}

/// An aggregate of a series and what stands for its gaps.
#[derive(Clone, Debug, PartialEq)]
pub struct SeriesAggregate {
    /// The aggregate.
    pub value: NamedExpression,
    /// The value of a gap.
    pub default: Option<Expression>,
}

/// The range of a series' axis.
#[derive(Clone, Debug, PartialEq)]
pub enum SeriesRange {
    /// `from a to b step c`; the ends can be left out.
    Steps {
        /// The start.
        from: Option<Expression>,
        /// The end.
        to: Option<Expression>,
        /// The step.
        step: Expression,
    },
    /// `in range(a, b, c)`
    InRange(Vec<Expression>),
}

/// `render chart with (properties)`.
#[derive(Clone, Debug, PartialEq)]
pub struct Render {
    /// The chart.
    pub chart: Name,
    /// Properties, those before `with` first.
    pub properties: Vec<OperatorParameter>,
}

/// `search in (tables) predicate`.
#[derive(Clone, Debug, PartialEq)]
pub struct Search {
    /// Parameters.
    pub parameters: Vec<OperatorParameter>,
    /// The tables; empty for all.
    pub tables: Vec<Expression>,
    /// The predicate: a string, a star, or a condition.
    pub predicate: Expression,
}

/// `find in (tables) where predicate project columns`.
#[derive(Clone, Debug, PartialEq)]
pub struct Find {
    /// Parameters.
    pub parameters: Vec<OperatorParameter>,
    /// The tables; empty for all.
    pub tables: Vec<Expression>,
    /// Whether `where` is written.
    pub explicit: bool,
    /// The predicate.
    pub predicate: Expression,
    /// The columns.
    pub output: FindOutput,
    /// The columns of `__projectAway`.
    pub away: Vec<FindColumn>,
}

/// The columns that `find` returns.
#[derive(Clone, Debug, PartialEq)]
pub enum FindOutput {
    /// Nothing is written.
    Implicit,
    /// `project-smart`
    Smart,
    /// `project a, b: string, pack(*)`
    Columns(Vec<FindColumn>),
}

/// A column that `find` returns.
#[derive(Clone, Debug, PartialEq)]
pub enum FindColumn {
    /// `name` or `name: type`
    Column(Name, Option<ScalarType>),
    /// `pack(*)`
    Pack,
    /// `*`
    Star,
}

/// `as name`.
#[derive(Clone, Debug, PartialEq)]
pub struct As {
    /// Parameters.
    pub parameters: Vec<OperatorParameter>,
    /// The name.
    pub name: Name,
}

/// `range name from a to b step c`.
#[derive(Clone, Debug, PartialEq)]
pub struct Range {
    /// The column.
    pub name: Name,
    /// The first value.
    pub from: Expression,
    /// The last value.
    pub to: Expression,
    /// The step.
    pub step: Expression,
}

/// `partition by column (stages)`.
#[derive(Clone, Debug, PartialEq)]
pub struct Partition {
    /// Parameters.
    pub parameters: Vec<OperatorParameter>,
    /// The column.
    pub by: Expression,
    /// `in dynamic([...])`.
    pub scope: Option<Expression>,
    /// What is done with each part.
    pub body: Pipeline,
    /// Whether the body stands in braces and names its own source.
    pub braces: bool,
}

/// `scan with (steps)`.
#[derive(Clone, Debug, PartialEq)]
pub struct Scan {
    /// Parameters.
    pub parameters: Vec<OperatorParameter>,
    /// `order by`.
    pub order: Vec<Ordered>,
    /// `partition by`.
    pub partition: Vec<Expression>,
    /// `declare (...)`.
    pub declare: Vec<Parameter>,
    /// The steps.
    pub steps: Vec<ScanStep>,
}

/// `step name optional output=all: condition => a = b;`.
#[derive(Clone, Debug, PartialEq)]
pub struct ScanStep {
    /// The name.
    pub name: Name,
    /// Whether it may be left out.
    pub optional: bool,
    /// What it outputs: `all`, `last` or `none`.
    pub output: Option<Name>,
    /// The condition.
    pub condition: Expression,
    /// The assignments.
    pub assignments: Vec<(Name, Expression)>,
}

/// A branch of `fork`.
#[derive(Clone, Debug, PartialEq)]
pub struct Branch {
    /// The name.
    pub name: Option<Name>,
    /// The stages.
    pub body: Pipeline,
}

/// `facet by a, b with (stages)`.
#[derive(Clone, Debug, PartialEq)]
pub struct Facet {
    /// The columns.
    pub by: Vec<Expression>,
    /// What is done with each facet.
    pub body: Option<Pipeline>,
}

/// `reduce by column with threshold=0.2`.
#[derive(Clone, Debug, PartialEq)]
pub struct Reduce {
    /// Parameters.
    pub parameters: Vec<OperatorParameter>,
    /// The column.
    pub by: NamedExpression,
    /// Threshold and characters.
    pub with: Vec<OperatorParameter>,
}

/// `macro-expand group as name (statements)`.
#[derive(Clone, Debug, PartialEq)]
pub struct MacroExpand {
    /// Parameters.
    pub parameters: Vec<OperatorParameter>,
    /// The group of entities.
    pub group: Vec<Expression>,
    /// Whether the group is written out: `entity_group [...]`.
    pub inline: bool,
    /// The name of the entity in the statements.
    pub scope: Option<Name>,
    /// The statements.
    pub statements: Vec<Statement>,
}

/// An operator whose text is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct TextOperator {
    /// The operator's name.
    pub name: String,
    /// The text behind the name, trimmed.
    pub text: String,
}
