//! Literals: one token, strings side by side, `typeof(...)` and `dynamic(...)`.
//!
//! Every literal has its value in the tree. A value that does not fit its type is refused here, with the literal's range;
//! datetimes, decimals and guids keep their text, which later layers read.

use super::ast::{Dynamic, Expression, ExpressionKind, Literal, Real, ScalarType, Unary, Verbatim};
use super::error::SyntaxError;
use super::number::{self, NoValue, Nullable};
use super::parser::{Parse, Parser};
use super::text;
use super::token::{Token, TokenKind};
use crate::source::TextRange;

impl Parser<'_> {
    /// A literal that is a token of its own, or strings side by side.
    pub(super) fn literal(&mut self) -> Parse<Expression> {
        let start = self.start();
        let literal = self.scalar_literal()?;
        Ok(Expression::new(
            self.range_from(start),
            ExpressionKind::Literal(literal),
        ))
    }

    fn scalar_literal(&mut self) -> Parse<Literal> {
        let token = self.advance();
        let source = self.text_of(token);
        let value = match token.kind {
            TokenKind::String => Ok(Literal::String(self.adjacent_strings(token))),
            TokenKind::Bool => boolean(source).map(Literal::Bool),
            TokenKind::Long => number::integer(source).map(Literal::Long),
            TokenKind::Int => number::integer(source).map(Literal::Int),
            TokenKind::Real => number::real(source).map(|value| Literal::Real(value.map(Real))),
            TokenKind::Timespan => number::timespan(source).map(Literal::Timespan),
            TokenKind::Decimal => Ok(Literal::Decimal(kept(source))),
            TokenKind::Datetime => Ok(Literal::Datetime(kept(source))),
            TokenKind::Guid => Ok(Literal::Guid(kept(source))),
            _ => Err(NoValue),
        };
        value.map_err(|NoValue| {
            let message = format!(
                "expected {} that fits its type, found `{source}`",
                token.kind.shown()
            );
            self.report(SyntaxError::new(token.range, message))
        })
    }

    fn adjacent_strings(&mut self, first: Token) -> String {
        let mut value = text::value(self.text_of(first));
        while self.kind() == TokenKind::String {
            let next = self.advance();
            value.push_str(&text::value(self.text_of(next)));
        }
        value
    }

    /// A literal, or a number with a sign: what tables and defaults hold.
    pub(super) fn signed_literal(&mut self) -> Parse<Expression> {
        match self.kind() {
            TokenKind::Minus | TokenKind::Plus => {
                let start = self.start();
                let negative = self.advance().kind == TokenKind::Minus;
                let operand = self.literal()?;
                let unary = Unary { negative, operand };
                Ok(Expression::new(
                    self.range_from(start),
                    ExpressionKind::Unary(Box::new(unary)),
                ))
            }
            TokenKind::Word if self.word() == "dynamic" => self.dynamic_literal(),
            TokenKind::Word if self.word() == "typeof" => self.type_of(),
            TokenKind::OpenBrace => self.placeholder(),
            kind if kind.is_literal() => self.literal(),
            _ => Err(self.expected("a literal")),
        }
    }

    pub(super) fn type_of(&mut self) -> Parse<Expression> {
        let start = self.start();
        self.advance();
        let open = self.expect(TokenKind::OpenParen)?;
        if let Some(kind) =
            ScalarType::from_name(self.word()).filter(|_| self.kind_at(1) == TokenKind::CloseParen)
        {
            self.advance();
            self.advance();
            return Ok(Expression::new(
                self.range_from(start),
                ExpressionKind::TypeOf(kind),
            ));
        }
        self.list(|parser| {
            if parser.eat(TokenKind::Star) {
                return Ok(());
            }
            parser.column().map(|_| ())
        })?;
        let close = self.close(TokenKind::CloseParen, open)?;
        let inner = self.slice(TextRange {
            start: open.range.end,
            end: close.range.start,
        });
        let text = Verbatim {
            text: inner.trim().to_owned(),
        };
        Ok(Expression::new(
            self.range_from(start),
            ExpressionKind::TypeOfTable(text),
        ))
    }

    pub(super) fn dynamic_literal(&mut self) -> Parse<Expression> {
        let start = self.start();
        let value = self.nested(Self::enclosed_dynamic)?;
        Ok(Expression::new(
            self.range_from(start),
            ExpressionKind::Literal(Literal::Dynamic(Box::new(value))),
        ))
    }

    fn enclosed_dynamic(&mut self) -> Parse<Dynamic> {
        self.expect_word("dynamic")?;
        let open = self.expect(TokenKind::OpenParen)?;
        let value = self.nested(Self::dynamic)?;
        self.close(TokenKind::CloseParen, open)?;
        Ok(value)
    }

    fn dynamic(&mut self) -> Parse<Dynamic> {
        let token = self.peek();
        match token.kind {
            TokenKind::OpenBracket => {
                self.advance();
                let items = self.json_items(TokenKind::CloseBracket, |parser| {
                    parser.nested(Self::dynamic)
                })?;
                self.close(TokenKind::CloseBracket, token)?;
                Ok(Dynamic::Array(items))
            }
            TokenKind::OpenBrace => {
                self.advance();
                let members = self.json_items(TokenKind::CloseBrace, Self::json_member)?;
                self.close(TokenKind::CloseBrace, token)?;
                Ok(Dynamic::Object(members))
            }
            TokenKind::Minus if matches!(self.kind_at(1), TokenKind::Long | TokenKind::Real) => {
                self.advance();
                self.scalar_literal().map(negated).map(Dynamic::Scalar)
            }
            TokenKind::Word if self.word() == "null" => {
                self.advance();
                Ok(Dynamic::Null)
            }
            TokenKind::Word if self.word() == "dynamic" => self.nested(Self::enclosed_dynamic),
            kind if kind.is_literal() => self.scalar_literal().map(Dynamic::Scalar),
            _ => Err(self.expected("a JSON value")),
        }
    }

    fn json_items<T>(
        &mut self,
        close: TokenKind,
        item: impl FnMut(&mut Self) -> Parse<T>,
    ) -> Parse<Vec<T>> {
        if self.kind() == close {
            Ok(Vec::new())
        } else {
            self.list(item)
        }
    }

    fn json_member(&mut self) -> Parse<(String, Dynamic)> {
        if self.kind() != TokenKind::String {
            return Err(self.expected("a quoted key"));
        }
        let key = self.advance();
        let key = text::value(self.text_of(key));
        self.expect(TokenKind::Colon)?;
        Ok((key, self.nested(Self::dynamic)?))
    }
}

/// The text inside the parentheses, without quotes; `None` for null.
fn kept(token: &str) -> Option<String> {
    let inner = number::unquoted(number::enclosed_text(token));
    (!inner.is_empty() && !inner.eq_ignore_ascii_case("null")).then(|| inner.to_owned())
}

fn negated(literal: Literal) -> Literal {
    match literal {
        Literal::Long(Some(value)) => Literal::Long(value.checked_neg()),
        Literal::Real(Some(Real(value))) => Literal::Real(Some(Real(-value))),
        other => other,
    }
}

fn boolean(text: &str) -> Nullable<bool> {
    match number::unquoted(number::enclosed_text(text))
        .to_ascii_lowercase()
        .as_str()
    {
        "true" | "1" => Ok(Some(true)),
        "false" | "0" => Ok(Some(false)),
        "null" | "" => Ok(None),
        _ => Err(NoValue),
    }
}
