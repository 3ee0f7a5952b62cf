//! The syntax tree of a query: statements, pipelines and declarations; expressions and operators have files of their own.
//!
//! Invariants: every node knows its range in the query's text, and ranges never count in a comparison, so that a printed and
//! reparsed query equals the one it came from. There is no node for parentheses: the printer computes them. Text that could not
//! be read is an `Invalid` stage, statement or expression, and never silently left out.

mod expression;
mod literal;
mod operator;
mod shape;
mod table;

pub use expression::*;
pub use literal::*;
pub use operator::*;
pub use shape::*;
pub use table::*;

use crate::source::TextRange;

/// The range of a node in the query's text; equal to any other.
#[derive(Clone, Copy, Debug, Default)]
pub struct NodeRange(pub TextRange);

impl PartialEq for NodeRange {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for NodeRange {}

impl From<TextRange> for NodeRange {
    fn from(range: TextRange) -> Self {
        Self(range)
    }
}

impl std::ops::Deref for NodeRange {
    type Target = TextRange;

    fn deref(&self) -> &TextRange {
        &self.0
    }
}

/// A whole query.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Query {
    /// The statements, in the order of the text.
    pub statements: Vec<Statement>,
}

/// One statement.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// Where it stands, without its semicolon.
    pub range: NodeRange,
    /// What it is.
    pub kind: StatementKind,
}

/// What a statement is.
#[derive(Clone, Debug, PartialEq)]
pub enum StatementKind {
    /// `let name = value`.
    Let(Let),
    /// `set option` or `set option = value`.
    Set(SetOption),
    /// `declare query_parameters(...)`.
    Declare(Vec<Parameter>),
    /// `declare pattern name ...`, kept as text.
    Pattern(Verbatim),
    /// `alias database name = ...`.
    Alias(Alias),
    /// `restrict access to (...)`.
    Restrict(Vec<Expression>),
    /// A query, or a value.
    Expression(Pipeline),
    /// Text that could not be read; an error says why.
    Invalid(Verbatim),
}

/// `let name = value`.
#[derive(Clone, Debug, PartialEq)]
pub struct Let {
    /// The name.
    pub name: Name,
    /// The value.
    pub value: LetValue,
}

/// The right side of a `let`.
#[derive(Clone, Debug, PartialEq)]
pub enum LetValue {
    /// A value without stages: a scalar, a list, the name of a table, `materialize(...)`, a data table.
    Expression(Expression),
    /// A query with stages, or one that begins with an operator.
    Pipeline(Pipeline),
    /// A function.
    Function(Function),
    /// `entity_group [a, b]`.
    EntityGroup(Vec<Expression>),
}

/// `(parameters) { body }`.
#[derive(Clone, Debug, PartialEq)]
pub struct Function {
    /// Where it stands.
    pub range: NodeRange,
    /// Whether it is declared as a view.
    pub view: bool,
    /// The parameters.
    pub parameters: Vec<Parameter>,
    /// The statements before the result.
    pub statements: Vec<Statement>,
    /// The result; a body can lack one.
    pub result: Option<Pipeline>,
}

/// A parameter of a function or a query.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// Where it stands.
    pub range: NodeRange,
    /// The name.
    pub name: Name,
    /// The type.
    pub kind: ParameterKind,
    /// The value taken where none is given.
    pub default: Option<Expression>,
}

/// The type of a parameter.
#[derive(Clone, Debug, PartialEq)]
pub enum ParameterKind {
    /// A scalar.
    Scalar(ScalarType),
    /// A table with at least these columns.
    Table(Vec<Column>),
    /// A table with any columns: `(*)`.
    AnyTable,
}

/// `set option = value`.
#[derive(Clone, Debug, PartialEq)]
pub struct SetOption {
    /// The option.
    pub name: Name,
    /// Its value.
    pub value: Option<Expression>,
}

/// `alias database name = ...`.
#[derive(Clone, Debug, PartialEq)]
pub struct Alias {
    /// The new name.
    pub name: Name,
    /// The database.
    pub value: Expression,
}

/// A source and the stages it goes through.
#[derive(Clone, Debug, PartialEq)]
pub struct Pipeline {
    /// Where it stands.
    pub range: NodeRange,
    /// What it begins with.
    pub source: Source,
    /// The stages, in order.
    pub stages: Vec<Stage>,
}

/// What a pipeline begins with.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// A table, a function call, a data table, a parenthesized pipeline, or a scalar.
    Expression(Expression),
    /// An operator that needs no input: `union`, `print`, `range`, `search`, `find`, `evaluate`.
    Operator(Box<Stage>),
    /// The rows of the operator around it (`mv-apply ... on (...)`, `fork`, `partition`): only stages are written.
    Input,
}

/// One stage of a pipeline.
#[derive(Clone, Debug, PartialEq)]
pub struct Stage {
    /// Where it stands, without the bar before it.
    pub range: NodeRange,
    /// What it does.
    pub kind: Operator,
}

/// A name as it is declared or referred to, without brackets or quotes.
#[derive(Clone, Debug, PartialEq)]
pub struct Name {
    /// Where it stands, with brackets and quotes.
    pub range: NodeRange,
    /// The name itself.
    pub text: String,
}

impl Name {
    /// A name at a range.
    pub fn new(range: impl Into<NodeRange>, text: impl Into<String>) -> Self {
        Self {
            range: range.into(),
            text: text.into(),
        }
    }
}

/// Text that is kept as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verbatim {
    /// The text, trimmed.
    pub text: String,
}
