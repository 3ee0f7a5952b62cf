//! Statements and pipelines.
//!
//! A stage that cannot be read becomes `Invalid` with its text, and the next stage is read; a statement likewise. A pipeline
//! begins with an expression, or with an operator that needs no input.

use super::ast::{
    Alias, BinaryOperator, Column, Expression, Function, JoinCondition, Let, LetValue,
    MembershipOperator, Name, Operator, Parameter, ParameterKind, Pipeline, Query, ScalarType,
    SetOption, Source, Stage, Statement, StatementKind, TextOperator, Verbatim,
};
use super::error::SyntaxError;
use super::operators::is_operator_name;
use super::parser::{Failed, Parse, Parser};
use super::token::TokenKind;
use super::word;
use crate::source::TextRange;

impl Parser<'_> {
    /// The whole query.
    pub(super) fn query(&mut self) -> Query {
        let mut statements = Vec::new();
        while self.kind() != TokenKind::End {
            let statement = self.whole_statement();
            let defines = matches!(statement.kind, StatementKind::Let(_));
            statements.push(statement);
            if self.kind() != TokenKind::End && !self.eat(TokenKind::Semicolon) {
                self.unexpected_end(defines.then_some("a `let` statement ends with `;`"));
                self.recover();
                if !self.eat(TokenKind::Semicolon) {
                    self.advance();
                }
            }
        }
        Query { statements }
    }

    /// Something stands where a stage or statement should have ended.
    fn unexpected_end(&mut self, otherwise: Option<&'static str>) {
        let found = self.found();
        let message = if self.kind().closes() {
            format!("found {found} without an opening bracket")
        } else {
            format!("expected `|`, `;` or the end of the query, found {found}")
        };
        let error = SyntaxError::new(self.here(), message);
        let error = match self.help_behind_operand().or(otherwise) {
            Some(help) => error.with_help(help),
            None => error,
        };
        self.report(error);
    }

    /// Why the token may stand behind an operand although it cannot.
    fn help_behind_operand(&self) -> Option<&'static str> {
        let text = self.text_of(self.peek());
        if BinaryOperator::from_text(text).is_some()
            || MembershipOperator::from_text(text).is_some()
        {
            return Some("comparisons do not chain; one of them needs parentheses");
        }
        let lower = text.to_ascii_lowercase();
        let operator = BinaryOperator::from_text(&lower).is_some()
            || MembershipOperator::from_text(&lower).is_some();
        if operator || matches!(lower.as_str(), "and" | "or") {
            return Some("keywords are written in lower case");
        }
        if is_operator_name(text) {
            return Some("a bar stands before an operator: | where ...");
        }
        match text {
            "is" => {
                return Some(
                    "whether there is a value is asked with isnull(...), of a text with isempty(...)",
                );
            }
            "not" => {
                return Some(
                    "negated operators begin with `!`: !in, !has, !contains; a condition is negated with not(...)",
                );
            }
            _ => {}
        }
        if self.previous_word() == "count" && self.kind() == TokenKind::OpenParen {
            return Some("the aggregate stands in `summarize`: | summarize count() by ...");
        }
        (self.previous_word() == "not").then_some("`not` is a function: not(...)")
    }

    pub(super) fn whole_statement(&mut self) -> Statement {
        let start = self.start();
        let kind = self.nested(Self::statement_kind).unwrap_or_else(|Failed| {
            self.recover();
            StatementKind::Invalid(self.verbatim_from(start))
        });
        Statement {
            range: self.range_from(start),
            kind,
        }
    }

    fn verbatim_from(&self, start: u32) -> Verbatim {
        Verbatim {
            text: self.slice(*self.range_from(start)).trim().to_owned(),
        }
    }

    fn statement_kind(&mut self) -> Parse<StatementKind> {
        match (self.word(), self.word_at(1)) {
            ("let", _) if self.name_length(1, word::is_usable) > 0 => {
                self.let_statement().map(StatementKind::Let)
            }
            ("set", _) => self.set_statement(),
            ("declare", "query_parameters") => {
                self.advance();
                self.advance();
                if self.kind_at(1) == TokenKind::CloseParen {
                    self.advance();
                    return Err(self.expected("a parameter"));
                }
                self.parameters().map(StatementKind::Declare)
            }
            ("declare", "pattern") => self.pattern_statement(),
            ("alias", "database") => self.alias_statement(),
            ("restrict", "access") => self.restrict_statement(),
            _ => self.pipeline().map(StatementKind::Expression),
        }
    }

    fn let_statement(&mut self) -> Parse<Let> {
        self.advance();
        let name = self.name()?;
        self.expect(TokenKind::Assign)?;
        let value = if self.word() == "entity_group" && self.kind_at(1) == TokenKind::OpenBracket {
            self.advance();
            LetValue::EntityGroup(self.entity_group()?)
        } else if self.at_function() {
            LetValue::Function(self.function()?)
        } else {
            match self.pipeline()? {
                Pipeline {
                    source: Source::Expression(value),
                    stages,
                    ..
                } if stages.is_empty() => LetValue::Expression(value),
                pipeline => LetValue::Pipeline(pipeline),
            }
        };
        Ok(Let { name, value })
    }

    /// `[a, b]` behind `entity_group`.
    pub(super) fn entity_group(&mut self) -> Parse<Vec<Expression>> {
        let open = self.expect(TokenKind::OpenBracket)?;
        let group = self.list(Self::expression)?;
        self.close(TokenKind::CloseBracket, open)?;
        Ok(group)
    }

    fn at_function(&self) -> bool {
        let view = usize::from(self.word() == "view");
        if self.kind_at(view) != TokenKind::OpenParen {
            return false;
        }
        let name = self.name_length(view + 1, word::is_declarable);
        matches!(
            self.kind_at(view + 1),
            TokenKind::CloseParen | TokenKind::Star
        ) || (name > 0 && self.kind_at(view + 1 + name) == TokenKind::Colon)
    }

    fn function(&mut self) -> Parse<Function> {
        let start = self.start();
        let view = self.eat_word("view");
        let parameters = self.parameters()?;
        let open = self.expect(TokenKind::OpenBrace)?;
        let mut statements = Vec::new();
        let mut result = None;
        while self.kind() != TokenKind::CloseBrace && result.is_none() {
            let statement = self.whole_statement();
            if let StatementKind::Expression(pipeline) = statement.kind {
                self.eat(TokenKind::Semicolon);
                result = Some(pipeline);
            } else {
                statements.push(statement);
                self.expect(TokenKind::Semicolon)?;
            }
        }
        self.close(TokenKind::CloseBrace, open)?;
        Ok(Function {
            range: self.range_from(start),
            view,
            parameters,
            statements,
            result,
        })
    }

    /// `(name: type = default, ...)`.
    pub(super) fn parameters(&mut self) -> Parse<Vec<Parameter>> {
        let open = self.expect(TokenKind::OpenParen)?;
        if self.eat(TokenKind::CloseParen) {
            return Ok(Vec::new());
        }
        let parameters = self.list(Self::parameter)?;
        self.close(TokenKind::CloseParen, open)?;
        Ok(parameters)
    }

    fn parameter(&mut self) -> Parse<Parameter> {
        let start = self.start();
        let name = self.declared_name()?;
        self.expect(TokenKind::Colon)?;
        let kind = if self.kind() != TokenKind::OpenParen {
            ParameterKind::Scalar(self.scalar_type()?)
        } else if self.kind_at(1) == TokenKind::Star {
            let open = self.advance();
            self.advance();
            self.close(TokenKind::CloseParen, open)?;
            ParameterKind::AnyTable
        } else {
            ParameterKind::Table(self.columns()?)
        };
        let default = if self.eat(TokenKind::Assign) {
            Some(self.default_value()?)
        } else {
            None
        };
        Ok(Parameter {
            range: self.range_from(start),
            name,
            kind,
            default,
        })
    }

    fn default_value(&mut self) -> Parse<Expression> {
        if self.kind() == TokenKind::Word && !matches!(self.word(), "dynamic" | "typeof") {
            let name = self.name()?;
            return Ok(Expression::new(
                name.range,
                super::ast::ExpressionKind::Name(name.text),
            ));
        }
        self.signed_literal()
    }

    /// The name of a scalar type.
    pub(super) fn scalar_type(&mut self) -> Parse<ScalarType> {
        let Some(kind) = ScalarType::from_name(self.word()) else {
            return Err(self.expected("a type"));
        };
        self.advance();
        Ok(kind)
    }

    /// `name: type`.
    pub(super) fn column(&mut self) -> Parse<Column> {
        let start = self.start();
        let name = self.declared_name()?;
        self.expect(TokenKind::Colon)?;
        let kind = self.scalar_type()?;
        Ok(Column {
            range: self.range_from(start),
            name,
            kind,
        })
    }

    /// `(name: type, ...)`; a comma may stand before the first and behind the last.
    pub(super) fn columns(&mut self) -> Parse<Vec<Column>> {
        let open = self.expect(TokenKind::OpenParen)?;
        self.eat(TokenKind::Comma);
        let columns = self.columns_to_end()?;
        self.close(TokenKind::CloseParen, open)?;
        Ok(columns)
    }

    /// Columns up to the closing bracket.
    pub(super) fn columns_to_end(&mut self) -> Parse<Vec<Column>> {
        let mut columns = Vec::new();
        while !self.at_list_end() {
            columns.push(self.column()?);
            if !self.eat(TokenKind::Comma) {
                break;
            }
        }
        Ok(columns)
    }

    fn set_statement(&mut self) -> Parse<StatementKind> {
        self.advance();
        let name = self.name()?;
        let value = if self.eat(TokenKind::Assign) {
            Some(self.expression()?)
        } else {
            None
        };
        Ok(StatementKind::Set(SetOption { name, value }))
    }

    /// The whole `declare pattern` statement as text; its braces hold semicolons.
    fn pattern_statement(&mut self) -> Parse<StatementKind> {
        let start = self.start();
        self.advance();
        self.advance();
        self.name()?;
        if self.eat(TokenKind::Assign) {
            self.recover();
        }
        Ok(StatementKind::Pattern(self.verbatim_from(start)))
    }

    fn alias_statement(&mut self) -> Parse<StatementKind> {
        self.advance();
        self.advance();
        let name = self.name()?;
        self.expect(TokenKind::Assign)?;
        let value = self.expression()?;
        Ok(StatementKind::Alias(Alias { name, value }))
    }

    fn restrict_statement(&mut self) -> Parse<StatementKind> {
        self.advance();
        self.advance();
        self.expect_word("to")?;
        let open = self.expect(TokenKind::OpenParen)?;
        let entities = self.list(Self::table_reference)?;
        self.close(TokenKind::CloseParen, open)?;
        Ok(StatementKind::Restrict(entities))
    }

    /// An expression or operator, and the stages behind it.
    pub(super) fn pipeline(&mut self) -> Parse<Pipeline> {
        let start = self.start();
        let source = if self.at_source_operator() {
            Source::Operator(Box::new(self.stage()))
        } else {
            Source::Expression(self.expression()?)
        };
        let mut stages = Vec::new();
        self.stages(&mut stages);
        Ok(Pipeline {
            range: self.range_from(start),
            source,
            stages,
        })
    }

    /// Stages without a source, one level deeper: the first has no bar before it.
    pub(super) fn sub_pipeline(&mut self) -> Parse<Pipeline> {
        self.nested(|parser| {
            let start = parser.start();
            let mut stages = vec![parser.stage()];
            parser.stages(&mut stages);
            Ok(Pipeline {
                range: parser.range_from(start),
                source: Source::Input,
                stages,
            })
        })
    }

    fn stages(&mut self, stages: &mut Vec<Stage>) {
        while self.eat(TokenKind::Bar) {
            stages.push(self.stage());
        }
    }

    /// One stage; text that cannot be read becomes an invalid one.
    fn stage(&mut self) -> Stage {
        let start = self.start();
        let name = self.word().to_owned();
        let (reported, dashed) = (self.errors.len(), self.unknown_dashed());
        let read = self.nested(Self::operator);
        let whole = read.and_then(|kind| {
            if self.at_stage_end() {
                Ok(kind)
            } else {
                Err(self.stage_tail(&kind))
            }
        });
        let kind = whole.unwrap_or_else(|Failed| {
            // `project-awy a` fails at `a`, but the mistake is in the name.
            if let Some(range) = dashed {
                self.errors.truncate(reported);
                self.unknown_operator(self.slice(range), range);
            }
            self.recover();
            let text = self.verbatim_from(start).text;
            let text = text
                .strip_prefix(name.as_str())
                .unwrap_or(&text)
                .trim()
                .to_owned();
            Operator::Invalid(TextOperator { name, text })
        });
        Stage {
            range: self.range_from(start),
            kind,
        }
    }

    /// The range of an operator's name with dashes in it that is none of the language.
    fn unknown_dashed(&self) -> Option<TextRange> {
        let (dash, part) = (self.peek_at(1), self.peek_at(2));
        let adjacent = !dash.spaced && !part.spaced && !self.word().is_empty();
        let range = self.here().cover(part.range);
        (adjacent && dash.kind == TokenKind::Minus && part.kind == TokenKind::Word).then_some(range)
    }

    fn at_stage_end(&self) -> bool {
        self.kind().closes()
            || matches!(
                self.kind(),
                TokenKind::Bar | TokenKind::Semicolon | TokenKind::End
            )
    }

    /// The error for text behind a whole stage: most often a comma or a semicolon is missing.
    fn stage_tail(&mut self, kind: &Operator) -> Failed {
        let list = matches!(
            kind,
            Operator::Extend(_)
                | Operator::Project(_)
                | Operator::Summarize(_)
                | Operator::Distinct(_)
                | Operator::Print(_)
        );
        let name = matches!(self.kind(), TokenKind::Word | TokenKind::OpenBracket);
        if list && name && !is_operator_name(self.word()) {
            return self.expected("`,` or `|`");
        }
        let keys = matches!(kind, Operator::Join(join) if join.condition == JoinCondition::None);
        self.unexpected_end((keys && name).then_some("the keys of a join stand behind `on`"));
        Failed
    }

    /// Whether an operator that needs no input stands here.
    fn at_source_operator(&self) -> bool {
        let called = self.kind_at(1) == TokenKind::OpenParen;
        match self.word() {
            "union" | "macro-expand" | "print" | "search" | "find" => true,
            "evaluate" => self.name_length(1, word::is_usable) > 0 || self.word_at(1) == "hint",
            "range" => {
                let name = self.name_length(1, word::is_usable);
                !called && name > 0 && self.word_at(1 + name) == "from"
            }
            _ => false,
        }
    }

    /// The text from the cursor to the end of the stage, taken as it is.
    pub(super) fn rest_of_stage(&mut self) -> String {
        let start = self.start();
        self.recover();
        let end = self.range_from(start).end;
        self.slice(TextRange { start, end }).trim().to_owned()
    }

    /// The name of the query's next token, for a parameter.
    pub(super) fn raw_name(&mut self) -> Name {
        let token = self.advance();
        Name::new(token.range, self.text_of(token))
    }
}
