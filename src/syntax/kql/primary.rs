//! The operands of expressions: names, calls, paths, literals, and what stands in parentheses.
//!
//! Parentheses leave no node: a pipeline without stages inside them is its expression, anything else a
//! [`ExpressionKind::Pipeline`]. A reserved word is refused, with the brackets that make a name of it as help.

use super::ast::{
    BinaryOperator, Call, Expression, ExpressionKind, Name, NamedExpression, Naming, NodeRange,
    Path, Precedence, Step, Wrapped, Wrapper,
};
use super::error::SyntaxError;
use super::expression::pipeline_value;
use super::operators::is_operator_name;
use super::parser::{Failed, Parse, Parser};
use super::token::{Token, TokenKind};
use super::word;

impl Parser<'_> {
    /// A name, literal, call or parenthesis, and the path behind it.
    pub(super) fn primary(&mut self) -> Parse<Expression> {
        let root = self.root()?;
        if !matches!(self.kind(), TokenKind::Dot | TokenKind::OpenBracket) {
            return Ok(root);
        }
        let start = root.range.start;
        let mut steps = Vec::new();
        while let Some(step) = self.step()? {
            steps.push(step);
        }
        Ok(path(self.range_from(start), root, steps))
    }

    /// A name and the path behind it; a parenthesis behind a name is not its arguments.
    pub(super) fn simple_path(&mut self) -> Parse<Expression> {
        let name = self.name()?;
        let root = Expression::new(name.range, ExpressionKind::Name(name.text));
        let start = root.range.start;
        let mut steps = Vec::new();
        loop {
            if self.kind() == TokenKind::OpenBracket {
                steps.push(Step::Index(self.index()?));
            } else if self.eat(TokenKind::Dot) {
                steps.push(Step::Name(self.name()?));
            } else {
                break;
            }
        }
        Ok(if steps.is_empty() {
            root
        } else {
            path(self.range_from(start), root, steps)
        })
    }

    fn step(&mut self) -> Parse<Option<Step>> {
        if self.kind() == TokenKind::OpenBracket {
            return self.index().map(|index| Some(Step::Index(index)));
        }
        if !self.eat(TokenKind::Dot) {
            return Ok(None);
        }
        if self.kind() == TokenKind::OpenBracket && self.name_length(0, word::is_usable) == 0 {
            return self.index().map(|index| Some(Step::Index(index)));
        }
        if self.in_table && self.wildcard_length() > 0 {
            return Ok(Some(Step::Wildcard(self.wildcard())));
        }
        let name = self.name_of(|word| word::is_usable(word) || word::is_special(word))?;
        if self.kind() == TokenKind::OpenParen {
            let arguments = self.arguments()?;
            return Ok(Some(Step::Call(Call {
                function: name,
                arguments,
            })));
        }
        Ok(Some(Step::Name(name)))
    }

    fn index(&mut self) -> Parse<Expression> {
        let open = self.advance();
        let index = self.expression()?;
        self.close(TokenKind::CloseBracket, open)?;
        Ok(index)
    }

    fn root(&mut self) -> Parse<Expression> {
        let token = self.peek();
        match token.kind {
            TokenKind::Word => self.word_root(token),
            kind if kind.is_literal() => self.literal(),
            TokenKind::OpenParen => self.parenthesized(),
            TokenKind::OpenBracket if self.name_length(0, word::is_usable) > 0 => {
                self.name_or_call()
            }
            TokenKind::OpenBracket => self.bracketed_wildcard(),
            TokenKind::OpenBrace => self.placeholder(),
            TokenKind::At => {
                self.advance();
                Ok(Expression::new(token.range, ExpressionKind::At))
            }
            TokenKind::Star if self.star_operator() => {
                self.advance();
                Ok(Expression::new(token.range, ExpressionKind::Star))
            }
            _ => Err(self.expected("an expression")),
        }
    }

    /// Whether the star before the cursor's next token stands for all columns.
    fn star_operator(&self) -> bool {
        let next = self.peek_at(1);
        let operator = BinaryOperator::from_text(self.text_of(next));
        !next.kind.is_literal()
            && (self.word_at(1) == "matches"
                || operator.is_some_and(|it| {
                    it == BinaryOperator::Equal || it.precedence() == Precedence::Text
                }))
    }

    fn word_root(&mut self, token: Token) -> Parse<Expression> {
        let next = self.kind_at(1);
        match self.text_of(token) {
            "dynamic" if next == TokenKind::OpenParen => self.dynamic_literal(),
            "typeof" if next == TokenKind::OpenParen => self.type_of(),
            "datatable" if next != TokenKind::Assign => self.data_table(),
            "externaldata" | "external_data" => self.external_data(),
            "toscalar" => self.wrapped_pipeline(Wrapper::ToScalar),
            "totable" => self.wrapped_pipeline(Wrapper::ToTable),
            "materialize" if next == TokenKind::OpenParen => {
                self.wrapped_pipeline(Wrapper::Materialize)
            }
            word if word::is_special(word) => {
                self.advance();
                Ok(Expression::new(
                    token.range,
                    ExpressionKind::Name(word.to_owned()),
                ))
            }
            word if word::is_usable(word) => self.name_or_call(),
            _ => Err(self.keyword_as_expression(token)),
        }
    }

    fn keyword_as_expression(&mut self, token: Token) -> Failed {
        let word = self.text_of(token);
        let error = SyntaxError::new(
            token.range,
            format!("expected an expression, found `{word}`"),
        );
        let next = self.kind_at(1);
        let begins = is_operator_name(word)
            && (next.is_literal() || matches!(next, TokenKind::Word | TokenKind::Star));
        self.report(if begins {
            error.with_help(format!(
                "a source stands before the operator: T | {word} ..."
            ))
        } else if word.contains(['!', '~']) {
            error
        } else {
            error.with_help(format!(
                "a keyword is used as a name in brackets: ['{word}']"
            ))
        })
    }

    fn name_or_call(&mut self) -> Parse<Expression> {
        let start = self.start();
        let name = self.name()?;
        if self.kind() != TokenKind::OpenParen {
            return Ok(Expression::new(name.range, ExpressionKind::Name(name.text)));
        }
        let arguments = self.arguments()?;
        Ok(Expression::new(
            self.range_from(start),
            ExpressionKind::Call(Call {
                function: name,
                arguments,
            }),
        ))
    }

    /// A call that an operator requires.
    pub(super) fn call(&mut self) -> Parse<Call> {
        let function = self.name()?;
        if self.kind() != TokenKind::OpenParen {
            return Err(self.expected("`(` and the arguments of the function"));
        }
        let arguments = self.arguments()?;
        Ok(Call {
            function,
            arguments,
        })
    }

    fn arguments(&mut self) -> Parse<Vec<NamedExpression>> {
        let open = self.expect(TokenKind::OpenParen)?;
        if self.eat(TokenKind::CloseParen) {
            return Ok(Vec::new());
        }
        let arguments = self.list(Self::argument)?;
        self.close(TokenKind::CloseParen, open)?;
        Ok(arguments)
    }

    fn argument(&mut self) -> Parse<NamedExpression> {
        self.star().map_or_else(|| self.named_expression(), Ok)
    }

    /// A star that is a whole element of a list.
    pub(super) fn star(&mut self) -> Option<NamedExpression> {
        let ends = |kind: TokenKind| {
            kind.closes()
                || matches!(
                    kind,
                    TokenKind::Comma | TokenKind::Bar | TokenKind::Semicolon | TokenKind::End
                )
        };
        if self.kind() != TokenKind::Star || !ends(self.kind_at(1)) {
            return None;
        }
        let range = NodeRange(self.advance().range);
        Some(NamedExpression {
            range,
            naming: Naming::Implicit,
            value: Expression::new(range, ExpressionKind::Star),
        })
    }

    fn parenthesized(&mut self) -> Parse<Expression> {
        let open = self.advance();
        let inner = self.nested(Self::pipeline)?;
        let close = self.close(TokenKind::CloseParen, open)?;
        let mut expression = pipeline_value(inner);
        expression.range = NodeRange(open.range.cover(close.range));
        Ok(expression)
    }

    fn wrapped_pipeline(&mut self, wrapper: Wrapper) -> Parse<Expression> {
        let start = self.start();
        self.advance();
        let mut unoptimized = false;
        if self.eat_word("kind") {
            self.expect(TokenKind::Assign)?;
            self.expect_word("nooptimization")?;
            unoptimized = true;
        }
        let open = self.expect(TokenKind::OpenParen)?;
        let pipeline = self.nested(Self::pipeline)?;
        self.close(TokenKind::CloseParen, open)?;
        let call = Wrapped {
            wrapper,
            unoptimized,
            pipeline,
        };
        Ok(Expression::new(
            self.range_from(start),
            ExpressionKind::Wrapped(Box::new(call)),
        ))
    }

    /// `{TimeRange}` of a workbook.
    pub(super) fn placeholder(&mut self) -> Parse<Expression> {
        let open = self.advance();
        self.name()?;
        let close = self.close(TokenKind::CloseBrace, open)?;
        let range = open.range.cover(close.range);
        Ok(Expression::new(
            range,
            ExpressionKind::Placeholder(self.slice(range).to_owned()),
        ))
    }

    fn bracketed_wildcard(&mut self) -> Parse<Expression> {
        let open = self.advance();
        if self.wildcard_length() == 0 {
            return Err(self.bracket_is_no_name(open));
        }
        let name = self.wildcard();
        let close = self.close(TokenKind::CloseBracket, open)?;
        Ok(Expression::new(
            open.range.cover(close.range),
            ExpressionKind::Wildcard(name.text),
        ))
    }

    /// The error behind the bracket `open` that begins no name: the name is not closed, or a list was meant.
    pub(super) fn bracket_is_no_name(&mut self, open: Token) -> Failed {
        let quoted = self.kind() == TokenKind::String;
        while self.kind() == TokenKind::String {
            self.advance();
        }
        let found = self.found();
        let what = if quoted { "`]`" } else { "a quoted name" };
        let message = format!("expected {what}, found {found}");
        let error = SyntaxError::new(self.here(), message).with_related(open.range, "opened here");
        let listed = self.kind() == TokenKind::Comma || !quoted && self.kind().is_literal();
        self.report(if listed {
            error.with_help("a list of values is written dynamic([...])")
        } else {
            error
        })
    }

    /// The number of adjacent tokens that make a name with an asterisk; 0 where none stands.
    pub(super) fn wildcard_length(&self) -> usize {
        let part = |at: usize| match self.kind_at(at) {
            TokenKind::Star | TokenKind::Long => true,
            TokenKind::Word => word::is_declarable(self.word_at(at)),
            _ => false,
        };
        let mut length = match self.kind() {
            TokenKind::Star => 1,
            TokenKind::Word
                if part(0) && self.kind_at(1) == TokenKind::Star && !self.peek_at(1).spaced =>
            {
                2
            }
            _ => return 0,
        };
        while part(length) && !self.peek_at(length).spaced {
            length += 1;
        }
        length
    }

    /// The name with an asterisk that [`Self::wildcard_length`] found.
    pub(super) fn wildcard(&mut self) -> Name {
        let start = self.start();
        for _ in 0..self.wildcard_length() {
            self.advance();
        }
        let range = self.range_from(start);
        Name::new(range, self.slice(*range))
    }
}

/// The path with these steps; a path that begins with a path is one.
fn path(range: NodeRange, root: Expression, steps: Vec<Step>) -> Expression {
    let path = match root.kind {
        ExpressionKind::Path(inner) => Path {
            root: inner.root,
            steps: inner.steps.into_iter().chain(steps).collect(),
        },
        kind => Path {
            root: Expression {
                range: root.range,
                kind,
            },
            steps,
        },
    };
    Expression::new(range, ExpressionKind::Path(Box::new(path)))
}
