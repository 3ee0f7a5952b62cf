//! Operators that take values apart: arrays and bags to rows, text to columns, plugins.

use super::super::ast::{
    Evaluate, EvaluateSchema, Expanded, Expression, MvApply, MvExpand, ParseKv, ParsePattern,
    PatternPart, ScalarType,
};
use super::super::parser::{Parse, Parser};
use super::super::token::TokenKind;

impl Parser<'_> {
    pub(super) fn mv_expand(&mut self) -> Parse<MvExpand> {
        let parameters = self.parameters_of(&[], true)?;
        let columns = self.list(Self::expanded)?;
        Ok(MvExpand {
            parameters,
            columns,
            limit: self.row_limit()?,
        })
    }

    pub(super) fn mv_apply(&mut self) -> Parse<MvApply> {
        let parameters = self.parameters_of(&[], true)?;
        let columns = if self.word() == "to" && self.word_at(1) == "typeof" {
            vec![Expanded {
                value: None,
                kind: self.target_type()?,
            }]
        } else {
            self.list(Self::expanded)?
        };
        let limit = self.row_limit()?;
        let id = if self.eat_word("id") {
            Some(self.expression()?)
        } else {
            None
        };
        self.expect_word("on")?;
        let open = self.expect(TokenKind::OpenParen)?;
        let body = self.sub_pipeline()?;
        self.close(TokenKind::CloseParen, open)?;
        Ok(MvApply {
            parameters,
            columns,
            limit,
            id,
            body,
        })
    }

    fn expanded(&mut self) -> Parse<Expanded> {
        let value = Some(self.named_expression()?);
        Ok(Expanded {
            value,
            kind: self.target_type()?,
        })
    }

    /// `to typeof(string)`.
    fn target_type(&mut self) -> Parse<Option<ScalarType>> {
        if !self.eat_word("to") {
            return Ok(None);
        }
        self.expect_word("typeof")?;
        let open = self.expect(TokenKind::OpenParen)?;
        let kind = self.scalar_type()?;
        self.close(TokenKind::CloseParen, open)?;
        Ok(Some(kind))
    }

    fn row_limit(&mut self) -> Parse<Option<Expression>> {
        if self.eat_word("limit") {
            self.expression().map(Some)
        } else {
            Ok(None)
        }
    }

    pub(super) fn parse_pattern(&mut self) -> Parse<ParsePattern> {
        let parameters = self.parameters_of(&["flags"], true)?;
        let subject = self.expression()?;
        self.expect_word("with")?;
        let mut pattern = Vec::new();
        while !self.at_list_end() {
            pattern.push(self.pattern_part()?);
        }
        Ok(ParsePattern {
            parameters,
            subject,
            pattern,
        })
    }

    fn pattern_part(&mut self) -> Parse<PatternPart> {
        if self.eat(TokenKind::Star) {
            return Ok(PatternPart::Star);
        }
        if self.kind() == TokenKind::String {
            return self.literal().map(PatternPart::Text);
        }
        let name = self.declared_name()?;
        let kind = if self.eat(TokenKind::Colon) {
            Some(self.scalar_type()?)
        } else {
            None
        };
        Ok(PatternPart::Column(name, kind))
    }

    pub(super) fn parse_kv(&mut self) -> Parse<ParseKv> {
        let subject = self.expression()?;
        self.expect_word("as")?;
        let columns = self.columns()?;
        let known = [
            "pair_delimiter",
            "kv_delimiter",
            "regex",
            "quote",
            "escape",
            "greedy",
        ];
        let properties = if self.eat_word("with") {
            self.properties(&known, &[])?
        } else {
            Vec::new()
        };
        Ok(ParseKv {
            subject,
            columns,
            properties,
        })
    }

    pub(super) fn evaluate(&mut self) -> Parse<Evaluate> {
        let parameters = self.parameters_of(&[], false)?;
        let plugin = self.call()?;
        let schema = if self.eat(TokenKind::Colon) {
            Some(self.evaluate_schema()?)
        } else {
            None
        };
        Ok(Evaluate {
            parameters,
            plugin,
            schema,
        })
    }

    fn evaluate_schema(&mut self) -> Parse<EvaluateSchema> {
        let open = self.expect(TokenKind::OpenParen)?;
        self.eat(TokenKind::Comma);
        let star = self.eat(TokenKind::Star);
        self.eat(TokenKind::Comma);
        let columns = self.columns_to_end()?;
        self.close(TokenKind::CloseParen, open)?;
        Ok(EvaluateSchema { star, columns })
    }
}
