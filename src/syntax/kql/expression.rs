//! Expressions, by precedence climbing.
//!
//! One function reads operators of a precedence and tighter, see [`Precedence`]. Equality, relations and string operators do
//! not chain: `a == b == c` is refused, as Kusto does. `*` is an operand only before an operator that searches all columns.

use super::ast::{
    Between, Binary, BinaryOperator, Expression, ExpressionKind, Logical, LogicalOperator,
    Membership, MembershipOperator, NamedExpression, Naming, NodeRange, Pipeline, Precedence,
    Source, Unary,
};
use super::error::SyntaxError;
use super::parser::{Parse, Parser};
use super::token::TokenKind;
use super::word;

/// The operator that stands at the cursor.
#[derive(Clone, Copy)]
enum Infix {
    Logical(LogicalOperator),
    Binary(BinaryOperator),
    Between { negated: bool },
    Membership(MembershipOperator),
}

impl Infix {
    fn precedence(self) -> Precedence {
        match self {
            Self::Logical(LogicalOperator::Or) => Precedence::Or,
            Self::Logical(LogicalOperator::And) => Precedence::And,
            Self::Binary(operator) => operator.precedence(),
            Self::Between { .. } | Self::Membership(_) => Precedence::Equality,
        }
    }
}

/// Whether operators of this precedence follow one another without parentheses.
fn chains(precedence: Precedence) -> bool {
    matches!(
        precedence,
        Precedence::Or | Precedence::And | Precedence::Sum | Precedence::Product
    )
}

/// The next tighter precedence.
fn tighter(precedence: Precedence) -> Precedence {
    match precedence {
        Precedence::Pipeline => Precedence::Or,
        Precedence::Or => Precedence::And,
        Precedence::And => Precedence::Equality,
        Precedence::Equality => Precedence::Relation,
        Precedence::Relation => Precedence::Sum,
        Precedence::Sum => Precedence::Product,
        Precedence::Product => Precedence::Text,
        Precedence::Text => Precedence::Sign,
        Precedence::Sign | Precedence::Primary => Precedence::Primary,
    }
}

impl Parser<'_> {
    /// An expression without a name and without stages.
    pub(super) fn expression(&mut self) -> Parse<Expression> {
        let outer = std::mem::replace(&mut self.in_table, false);
        let read = self.nested(|parser| parser.operation(Precedence::Or));
        self.in_table = outer;
        read
    }

    fn operation(&mut self, loosest: Precedence) -> Parse<Expression> {
        self.measured(|parser| {
            let mut left = parser.sign()?;
            // The precedence that may still follow; an operator that does not chain lowers it.
            let mut limit = Precedence::Primary;
            while let Some(infix) = parser.infix() {
                let precedence = infix.precedence();
                if precedence < loosest || precedence > limit {
                    break;
                }
                if !extends(&left, infix) {
                    parser.wrapped()?;
                }
                left = parser.infix_tail(left, infix)?;
                limit = if chains(precedence) {
                    precedence
                } else {
                    looser(precedence)
                };
            }
            Ok(left)
        })
    }

    fn infix(&self) -> Option<Infix> {
        let token = self.peek();
        if token.kind == TokenKind::Word {
            return match self.text_of(token) {
                "and" => Some(Infix::Logical(LogicalOperator::And)),
                "or" => Some(Infix::Logical(LogicalOperator::Or)),
                "between" => Some(Infix::Between { negated: false }),
                "!between" => Some(Infix::Between { negated: true }),
                "matches" if self.word_at(1) == "regex" => {
                    Some(Infix::Binary(BinaryOperator::MatchesRegex))
                }
                // `make-series ... in range(...)`
                "in" if self.word_at(1) == "range" => None,
                text => BinaryOperator::from_text(text)
                    .map(Infix::Binary)
                    .or_else(|| MembershipOperator::from_text(text).map(Infix::Membership)),
            };
        }
        if token.kind.is_operator() {
            BinaryOperator::from_text(self.text_of(token)).map(Infix::Binary)
        } else {
            None
        }
    }

    fn infix_tail(&mut self, left: Expression, infix: Infix) -> Parse<Expression> {
        let start = left.range.start;
        let operator = self.advance();
        let operator_range = NodeRange(operator.range);
        let kind = match infix {
            Infix::Logical(logical) => {
                let right = self.operation(tighter(infix.precedence()))?;
                return Ok(join_logical(logical, left, right));
            }
            Infix::Binary(binary) => {
                let operator_range = if binary == BinaryOperator::MatchesRegex {
                    self.regex_operator(operator)?
                } else {
                    operator_range
                };
                let right = self.operation(tighter(binary.precedence()))?;
                ExpressionKind::Binary(Box::new(Binary {
                    operator: binary,
                    operator_range,
                    left,
                    right,
                }))
            }
            Infix::Between { negated } => self.between(negated, left)?,
            Infix::Membership(operator) => {
                let items = self.membership_items()?;
                ExpressionKind::Membership(Box::new(Membership {
                    operator,
                    operator_range,
                    subject: left,
                    items,
                }))
            }
        };
        Ok(Expression::new(self.range_from(start), kind))
    }

    /// The second word of `matches regex`; exactly one space stands between them.
    fn regex_operator(&mut self, first: super::token::Token) -> Parse<NodeRange> {
        let second = self.advance();
        let range = first.range.cover(second.range);
        if self.slice(range) == "matches regex" {
            return Ok(NodeRange(range));
        }
        Err(self.report(SyntaxError::new(
            range,
            "expected exactly one space between `matches` and `regex`",
        )))
    }

    fn between(&mut self, negated: bool, subject: Expression) -> Parse<ExpressionKind> {
        let open = self.expect(TokenKind::OpenParen)?;
        let from = self.expression()?;
        self.expect(TokenKind::DotDot)?;
        let to = self.expression()?;
        self.close(TokenKind::CloseParen, open)?;
        Ok(ExpressionKind::Between(Box::new(Between {
            negated,
            subject,
            from,
            to,
        })))
    }

    /// The right side of `in`: values, or one pipeline.
    fn membership_items(&mut self) -> Parse<Vec<Expression>> {
        if self.kind() == TokenKind::OpenBracket {
            let error = SyntaxError::new(self.here(), "expected `(`, found `[`");
            return Err(self.report(
                error.with_help("the values stand in parentheses, or inside dynamic([...])"),
            ));
        }
        let open = self.expect(TokenKind::OpenParen)?;
        let items = self.nested(|parser| {
            let first = parser.pipeline()?;
            let mut items = vec![pipeline_value(first)];
            while parser.eat(TokenKind::Comma) {
                items.push(parser.expression()?);
            }
            Ok(items)
        })?;
        self.close(TokenKind::CloseParen, open)?;
        Ok(items)
    }

    fn sign(&mut self) -> Parse<Expression> {
        let start = self.start();
        let negative = match self.kind() {
            TokenKind::Minus => true,
            TokenKind::Plus => false,
            _ => return self.primary(),
        };
        self.advance();
        let operand = self.nested(Self::primary)?;
        Ok(Expression::new(
            self.range_from(start),
            ExpressionKind::Unary(Box::new(Unary { negative, operand })),
        ))
    }

    /// `name = expression`, `(a, b) = expression`, or an expression.
    pub(super) fn named_expression(&mut self) -> Parse<NamedExpression> {
        let start = self.start();
        let length = self.name_length(0, word::is_declarable);
        let naming = if length > 0 && self.kind_at(length) == TokenKind::Assign {
            Naming::Name(self.declared_name()?)
        } else if let Some(naming) = self.name_tuple() {
            naming?
        } else {
            Naming::Implicit
        };
        if naming != Naming::Implicit {
            self.expect(TokenKind::Assign)?;
        }
        let value = self.expression()?;
        Ok(NamedExpression {
            range: self.range_from(start),
            naming,
            value,
        })
    }

    /// `(a, b)` before an assignment.
    fn name_tuple(&mut self) -> Option<Parse<Naming>> {
        if self.kind() != TokenKind::OpenParen {
            return None;
        }
        let mut at = 1;
        loop {
            at += match self.name_length(at, word::is_declarable) {
                0 => return None,
                length => length,
            };
            match self.kind_at(at) {
                TokenKind::Comma => at += 1,
                TokenKind::CloseParen if self.kind_at(at + 1) == TokenKind::Assign => break,
                _ => return None,
            }
        }
        self.advance();
        let names = self.list(Self::declared_name);
        self.advance();
        Some(names.map(Naming::Names))
    }
}

fn looser(precedence: Precedence) -> Precedence {
    match precedence {
        Precedence::Text => Precedence::Product,
        Precedence::Relation => Precedence::Equality,
        _ => Precedence::And,
    }
}

/// Whether the operator only adds an operand to the list on its left.
fn extends(left: &Expression, infix: Infix) -> bool {
    match (&left.kind, infix) {
        (ExpressionKind::Logical(logical), Infix::Logical(operator)) => {
            logical.operator == operator
        }
        _ => false,
    }
}

/// `and` and `or` take the operands of their own kind into one list.
fn join_logical(operator: LogicalOperator, left: Expression, right: Expression) -> Expression {
    let range = left.range.cover(*right.range);
    let mut operands = logical_operands(operator, left);
    operands.append(&mut logical_operands(operator, right));
    Expression::new(
        range,
        ExpressionKind::Logical(Logical { operator, operands }),
    )
}

fn logical_operands(operator: LogicalOperator, side: Expression) -> Vec<Expression> {
    match side.kind {
        ExpressionKind::Logical(inner) if inner.operator == operator => inner.operands,
        kind => vec![Expression {
            range: side.range,
            kind,
        }],
    }
}

/// A pipeline as a value: one without stages is its source.
pub(super) fn pipeline_value(pipeline: Pipeline) -> Expression {
    match pipeline {
        Pipeline {
            source: Source::Expression(expression),
            stages,
            ..
        } if stages.is_empty() => expression,
        pipeline => Expression::new(pipeline.range, ExpressionKind::Pipeline(Box::new(pipeline))),
    }
}
