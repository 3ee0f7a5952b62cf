//! The tabular operators, one struct each.
//!
//! Fields follow the text from left to right. Parameters (`kind=inner`, `hint.strategy=shuffle`) are kept in their order;
//! operators that no rule uses (graphs, macros) keep their text.

use super::shape::{
    As, Branch, Evaluate, Facet, Find, MacroExpand, MakeSeries, MvApply, MvExpand, ParseKv,
    ParsePattern, Partition, Range, Reduce, Render, Scan, Search, TextOperator,
};
use super::{Column, Expression, Name, NamedExpression, NodeRange};

/// What a stage does.
#[derive(Clone, Debug, PartialEq)]
pub enum Operator {
    /// `where`, `filter`
    Where(Where),
    /// `extend`
    Extend(Vec<NamedExpression>),
    /// `project`
    Project(Vec<NamedExpression>),
    /// `project-away`
    ProjectAway(Vec<ColumnPattern>),
    /// `project-keep`
    ProjectKeep(Vec<ColumnPattern>),
    /// `project-rename`
    ProjectRename(Vec<NamedExpression>),
    /// `project-reorder`
    ProjectReorder(Vec<Reordered>),
    /// `project-by-names`
    ProjectByNames(Vec<Expression>),
    /// `summarize`
    Summarize(Summarize),
    /// `distinct`
    Distinct(Distinct),
    /// `sort`, `order`
    Sort(Sort),
    /// `top`
    Top(Box<Top>),
    /// `top-nested`
    TopNested(Vec<TopNested>),
    /// `top-hitters`
    TopHitters(Box<TopHitters>),
    /// `take`, `limit`
    Take(Take),
    /// `sample`
    Sample(Take),
    /// `sample-distinct`
    SampleDistinct(Box<SampleDistinct>),
    /// `join`
    Join(Box<Join>),
    /// `lookup`
    Lookup(Box<Join>),
    /// `union`
    Union(Union),
    /// `mv-expand`, `mvexpand`
    MvExpand(MvExpand),
    /// `mv-apply`, `mvapply`
    MvApply(Box<MvApply>),
    /// `parse`
    Parse(Box<ParsePattern>),
    /// `parse-where`
    ParseWhere(Box<ParsePattern>),
    /// `parse-kv`
    ParseKv(Box<ParseKv>),
    /// `evaluate`
    Evaluate(Box<Evaluate>),
    /// `make-series`
    MakeSeries(Box<MakeSeries>),
    /// `render`
    Render(Render),
    /// `serialize`
    Serialize(Vec<NamedExpression>),
    /// `search`
    Search(Box<Search>),
    /// `find`
    Find(Box<Find>),
    /// `count`, with the name behind `as`
    Count(Option<Name>),
    /// `as`
    As(As),
    /// `consume`
    Consume(Vec<OperatorParameter>),
    /// `getschema`
    GetSchema,
    /// `print`
    Print(Vec<NamedExpression>),
    /// `range`
    Range(Box<Range>),
    /// `invoke`
    Invoke(Expression),
    /// `partition`
    Partition(Box<Partition>),
    /// `scan`
    Scan(Box<Scan>),
    /// `fork`
    Fork(Vec<Branch>),
    /// `facet`
    Facet(Facet),
    /// `reduce`
    Reduce(Box<Reduce>),
    /// `assert-schema`
    AssertSchema(Vec<Column>),
    /// `macro-expand`
    MacroExpand(Box<MacroExpand>),
    /// A known operator whose inside is kept as text: the graph operators.
    Text(TextOperator),
    /// Text that could not be read; an error says why.
    Invalid(TextOperator),
}

/// `name=value` behind an operator's name.
#[derive(Clone, Debug, PartialEq)]
pub struct OperatorParameter {
    /// Where it stands.
    pub range: NodeRange,
    /// The name; it can hold a dot (`hint.strategy`).
    pub name: Name,
    /// The value, or several names (`ycolumns=a, b`); a bare word is a name.
    pub values: Vec<Expression>,
}

impl OperatorParameter {
    /// The value, if it is a bare word.
    pub fn word(&self) -> Option<&str> {
        self.values.first().and_then(Expression::as_name)
    }
}

/// `where predicate`.
#[derive(Clone, Debug, PartialEq)]
pub struct Where {
    /// Parameters.
    pub parameters: Vec<OperatorParameter>,
    /// `where name = predicate` is allowed, gives the predicate a name and compares nothing.
    pub name: Option<Name>,
    /// The predicate.
    pub predicate: Expression,
}

/// A column name, or a pattern with asterisks.
#[derive(Clone, Debug, PartialEq)]
pub struct ColumnPattern {
    /// The name or pattern.
    pub name: Name,
    /// Whether its asterisks stand for any text.
    pub wildcard: bool,
}

/// A column or pattern of `project-reorder`.
#[derive(Clone, Debug, PartialEq)]
pub struct Reordered {
    /// Which columns.
    pub pattern: ColumnPattern,
    /// How the columns of a pattern are sorted among themselves.
    pub direction: Option<Direction>,
}

/// `summarize aggregates by keys`.
#[derive(Clone, Debug, PartialEq)]
pub struct Summarize {
    /// Parameters.
    pub parameters: Vec<OperatorParameter>,
    /// The aggregates.
    pub aggregates: Vec<NamedExpression>,
    /// The keys.
    pub by: Vec<NamedExpression>,
    /// The value of the old `by ... bin = value`.
    pub bin: Option<Expression>,
}

/// `distinct a, b` or `distinct *`.
#[derive(Clone, Debug, PartialEq)]
pub struct Distinct {
    /// Parameters.
    pub parameters: Vec<OperatorParameter>,
    /// The columns; one may be a star.
    pub columns: Vec<NamedExpression>,
}

/// `sort by a desc`.
#[derive(Clone, Debug, PartialEq)]
pub struct Sort {
    /// Parameters.
    pub parameters: Vec<OperatorParameter>,
    /// The keys.
    pub keys: Vec<Ordered>,
}

/// An expression and how it is sorted.
#[derive(Clone, Debug, PartialEq)]
pub struct Ordered {
    /// What is sorted by.
    pub value: NamedExpression,
    /// The direction; descending where none is written.
    pub direction: Option<Direction>,
    /// Where nulls go, if it is written: first (`true`) or last.
    pub nulls_first: Option<bool>,
}

/// The direction of a sort.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// `asc`
    Ascending,
    /// `desc`
    Descending,
    /// `granny-asc`: digits inside names count as numbers.
    NaturalAscending,
    /// `granny-desc`
    NaturalDescending,
}

/// `top count by key`.
#[derive(Clone, Debug, PartialEq)]
pub struct Top {
    /// Parameters.
    pub parameters: Vec<OperatorParameter>,
    /// How many rows.
    pub count: NamedExpression,
    /// By which key.
    pub by: Ordered,
}

/// One level of `top-nested`.
#[derive(Clone, Debug, PartialEq)]
pub struct TopNested {
    /// How many values; all where none is written.
    pub count: Option<NamedExpression>,
    /// Of which column.
    pub of: NamedExpression,
    /// What stands for the rest: `with others = value`.
    pub others: Option<Expression>,
    /// By which aggregate.
    pub by: Ordered,
}

/// `top-hitters count of column by weight`.
#[derive(Clone, Debug, PartialEq)]
pub struct TopHitters {
    /// How many values.
    pub count: NamedExpression,
    /// Of which column.
    pub of: NamedExpression,
    /// The weight.
    pub by: Option<NamedExpression>,
}

/// `take count`.
#[derive(Clone, Debug, PartialEq)]
pub struct Take {
    /// Parameters.
    pub parameters: Vec<OperatorParameter>,
    /// How many rows.
    pub count: NamedExpression,
}

/// `sample-distinct count of column`.
#[derive(Clone, Debug, PartialEq)]
pub struct SampleDistinct {
    /// Parameters.
    pub parameters: Vec<OperatorParameter>,
    /// How many values.
    pub count: NamedExpression,
    /// Of which column.
    pub of: NamedExpression,
}

/// `join kind=inner (right) on keys`.
#[derive(Clone, Debug, PartialEq)]
pub struct Join {
    /// Parameters, `kind` among them.
    pub parameters: Vec<OperatorParameter>,
    /// The right side.
    pub right: Expression,
    /// The condition.
    pub condition: JoinCondition,
}

impl Join {
    /// The kind that is written, if it is.
    pub fn kind(&self) -> Option<&str> {
        self.parameters
            .iter()
            .find(|parameter| parameter.name.text == "kind")
            .and_then(OperatorParameter::word)
    }
}

/// The condition of a join.
#[derive(Clone, Debug, PartialEq)]
pub enum JoinCondition {
    /// None is written.
    None,
    /// `on a, $left.b == $right.c`
    On(Vec<Expression>),
    /// `where predicate`
    Where(Expression),
}

/// `union a, b`.
#[derive(Clone, Debug, PartialEq)]
pub struct Union {
    /// Parameters.
    pub parameters: Vec<OperatorParameter>,
    /// The tables: names, patterns, calls, pipelines in parentheses.
    pub tables: Vec<Expression>,
}
