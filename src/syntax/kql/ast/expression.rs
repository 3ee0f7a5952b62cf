//! Expressions.
//!
//! `and` and `or` hold any number of operands and never an operand of their own kind; every other binary operator has two.
//! The operators and their spellings are one table, which the parser reads and the printer writes.

use super::{DataTable, ExternalData, Literal, Name, NodeRange, Pipeline, ScalarType, Verbatim};

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression {
    /// Where it stands, with its parentheses if it has any.
    pub range: NodeRange,
    /// What it is.
    pub kind: ExpressionKind,
}

impl Expression {
    /// An expression at a range.
    pub fn new(range: impl Into<NodeRange>, kind: ExpressionKind) -> Self {
        Self {
            range: range.into(),
            kind,
        }
    }

    /// The name, if the expression is one.
    pub fn as_name(&self) -> Option<&str> {
        if let ExpressionKind::Name(name) = &self.kind {
            Some(name)
        } else {
            None
        }
    }

    /// The literal, if the expression is one.
    pub fn as_literal(&self) -> Option<&Literal> {
        if let ExpressionKind::Literal(literal) = &self.kind {
            Some(literal)
        } else {
            None
        }
    }

    /// The value of a string literal.
    pub fn as_string(&self) -> Option<&str> {
        if let Some(Literal::String(value)) = self.as_literal() {
            Some(value)
        } else {
            None
        }
    }

    /// The call, if the expression is one.
    pub fn as_call(&self) -> Option<&Call> {
        if let ExpressionKind::Call(call) = &self.kind {
            Some(call)
        } else {
            None
        }
    }
}

/// What an expression is.
#[derive(Clone, Debug, PartialEq)]
pub enum ExpressionKind {
    /// A column, variable, table or parameterless function.
    Name(String),
    /// A name with asterisks in it: `Device*`.
    Wildcard(String),
    /// `*`
    Star,
    /// `@`, the database in scope.
    At,
    /// A placeholder that the host fills in: `{TimeRange}`, with its braces.
    Placeholder(String),
    /// A literal.
    Literal(Literal),
    /// `typeof(long)`.
    TypeOf(ScalarType),
    /// `typeof(...)` of a table's columns, kept as text.
    TypeOfTable(Verbatim),
    /// `f(a, b)`.
    Call(Call),
    /// `a.b`, `a["b"]`, `a[0]`, `database("d").T`.
    Path(Box<Path>),
    /// `-a`.
    Unary(Box<Unary>),
    /// `a == b`, `a has "b"`, `a + b`.
    Binary(Box<Binary>),
    /// `a and b and c`.
    Logical(Logical),
    /// `a between (b .. c)`.
    Between(Box<Between>),
    /// `a in (b, c)`, `a has_any (b)`.
    Membership(Box<Membership>),
    /// A parenthesized pipeline with stages, or one that begins with an operator.
    Pipeline(Box<Pipeline>),
    /// `toscalar(...)`, `totable(...)`, `materialize(...)` of a pipeline.
    Wrapped(Box<Wrapped>),
    /// `datatable (...) [...]`.
    DataTable(Box<DataTable>),
    /// `externaldata (...) [...]`.
    ExternalData(Box<ExternalData>),
    /// Text that could not be read; an error says why.
    Invalid,
}

/// A function call.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The function.
    pub function: Name,
    /// The arguments.
    pub arguments: Vec<NamedExpression>,
}

/// An expression with the names it is given.
#[derive(Clone, Debug, PartialEq)]
pub struct NamedExpression {
    /// Where it stands, with its name.
    pub range: NodeRange,
    /// The names.
    pub naming: Naming,
    /// The expression.
    pub value: Expression,
}

impl NamedExpression {
    /// The one name that was given, if it was.
    pub fn name(&self) -> Option<&Name> {
        if let Naming::Name(name) = &self.naming {
            Some(name)
        } else {
            None
        }
    }
}

/// The names that an expression is given.
#[derive(Clone, Debug, PartialEq)]
pub enum Naming {
    /// None: Kusto derives one.
    Implicit,
    /// `name = `.
    Name(Name),
    /// `(a, b) = `.
    Names(Vec<Name>),
}

/// A value and the steps into it.
#[derive(Clone, Debug, PartialEq)]
pub struct Path {
    /// What the path begins with; never a path itself.
    pub root: Expression,
    /// The steps, at least one.
    pub steps: Vec<Step>,
}

/// A step of a path.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// `.name` or `.['name']`.
    Name(Name),
    /// `[index]` or `["key"]`.
    Index(Expression),
    /// `.f(...)`.
    Call(Call),
    /// `.Device*`.
    Wildcard(Name),
}

/// A sign before an expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Unary {
    /// Whether the sign is a minus.
    pub negative: bool,
    /// What follows it.
    pub operand: Expression,
}

/// Two operands and the operator between them.
#[derive(Clone, Debug, PartialEq)]
pub struct Binary {
    /// The operator.
    pub operator: BinaryOperator,
    /// Where the operator stands.
    pub operator_range: NodeRange,
    /// The left operand.
    pub left: Expression,
    /// The right operand.
    pub right: Expression,
}

/// Operands joined by one of `and` and `or`.
#[derive(Clone, Debug, PartialEq)]
pub struct Logical {
    /// Which one.
    pub operator: LogicalOperator,
    /// At least two; none is a [`Logical`] of the same operator.
    pub operands: Vec<Expression>,
}

/// `and` or `or`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogicalOperator {
    /// `and`
    And,
    /// `or`
    Or,
}

/// `subject between (from .. to)`.
#[derive(Clone, Debug, PartialEq)]
pub struct Between {
    /// Whether it is `!between`.
    pub negated: bool,
    /// What is compared.
    pub subject: Expression,
    /// The lower end, included.
    pub from: Expression,
    /// The upper end, included.
    pub to: Expression,
}

/// `subject in (items)` and its like.
#[derive(Clone, Debug, PartialEq)]
pub struct Membership {
    /// The operator.
    pub operator: MembershipOperator,
    /// Where the operator stands.
    pub operator_range: NodeRange,
    /// What is looked for.
    pub subject: Expression,
    /// What is looked through: values, or one pipeline, or one name of a list or table.
    pub items: Vec<Expression>,
}

/// A function whose argument is a pipeline.
#[derive(Clone, Debug, PartialEq)]
pub struct Wrapped {
    /// Which one.
    pub wrapper: Wrapper,
    /// Whether `kind=nooptimization` is written.
    pub unoptimized: bool,
    /// The argument.
    pub pipeline: Pipeline,
}

/// A function whose argument is a pipeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrapper {
    /// The first column of the first row.
    ToScalar,
    /// The result as a table.
    ToTable,
    /// The result, computed once.
    Materialize,
}

/// How tightly an operator binds, loosest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Precedence {
    /// A pipeline, which is always in parentheses where a value is expected.
    Pipeline,
    /// `or`
    Or,
    /// `and`
    And,
    /// `==`, `!=`, `in`, `has_any`, `between`; does not chain.
    Equality,
    /// `<`, `>=`; does not chain.
    Relation,
    /// `+`, `-`
    Sum,
    /// `*`, `/`, `%`
    Product,
    /// `has`, `=~`, `matches regex`; tighter than arithmetic; does not chain.
    Text,
    /// A sign.
    Sign,
    /// Names, literals, calls, paths.
    Primary,
}

macro_rules! operators {
    ($(#[$meta:meta])* $name:ident { $($variant:ident $text:literal $(| $other:literal)* $precedence:ident)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[allow(missing_docs, reason = "each variant is named after its spelling in the table")]
        pub enum $name { $($variant),* }

        impl $name {
            /// Every operator, in the order of the table.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The spelling.
            pub fn text(self) -> &'static str {
                match self { $(Self::$variant => $text),* }
            }

            /// How tightly it binds.
            pub fn precedence(self) -> Precedence {
                match self { $(Self::$variant => Precedence::$precedence),* }
            }

            /// The operator with this spelling, old spellings included.
            pub fn from_text(text: &str) -> Option<Self> {
                match text { $($text $(| $other)* => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

operators! {
    /// An operator between two operands.
    BinaryOperator {
        Equal "==" Equality
        NotEqual "!=" | "<>" Equality
        Less "<" Relation
        LessOrEqual "<=" Relation
        Greater ">" Relation
        GreaterOrEqual ">=" Relation
        Add "+" Sum
        Subtract "-" Sum
        Multiply "*" Product
        Divide "/" Product
        Modulo "%" Product
        EqualTilde "=~" Text
        NotEqualTilde "!~" Text
        Has "has" Text
        NotHas "!has" Text
        HasCs "has_cs" Text
        NotHasCs "!has_cs" Text
        HasPrefix "hasprefix" Text
        NotHasPrefix "!hasprefix" Text
        HasPrefixCs "hasprefix_cs" Text
        NotHasPrefixCs "!hasprefix_cs" Text
        HasSuffix "hassuffix" Text
        NotHasSuffix "!hassuffix" Text
        HasSuffixCs "hassuffix_cs" Text
        NotHasSuffixCs "!hassuffix_cs" Text
        Contains "contains" Text
        NotContains "!contains" | "notcontains" Text
        ContainsCs "contains_cs" | "containscs" Text
        NotContainsCs "!contains_cs" | "notcontainscs" Text
        StartsWith "startswith" Text
        NotStartsWith "!startswith" Text
        StartsWithCs "startswith_cs" Text
        NotStartsWithCs "!startswith_cs" Text
        EndsWith "endswith" Text
        NotEndsWith "!endswith" Text
        EndsWithCs "endswith_cs" Text
        NotEndsWithCs "!endswith_cs" Text
        Like "like" Text
        NotLike "notlike" Text
        LikeCs "likecs" Text
        NotLikeCs "notlikecs" Text
        MatchesRegex "matches regex" Text
        Search ":" Text
    }
}

operators! {
    /// An operator whose right side is a list in parentheses.
    MembershipOperator {
        In "in" Equality
        NotIn "!in" Equality
        InTilde "in~" Equality
        NotInTilde "!in~" Equality
        HasAny "has_any" Equality
        HasAll "has_all" Equality
    }
}
