//! Operators that run stages of their own: per part of the rows, per branch, per step, per entity.

use super::super::ast::{Branch, Facet, MacroExpand, Name, Partition, Scan, ScanStep};
use super::super::parser::{Parse, Parser};
use super::super::token::TokenKind;
use super::super::word;

impl Parser<'_> {
    pub(super) fn partition(&mut self) -> Parse<Partition> {
        let parameters = self.parameters_of(&[], false)?;
        self.expect_word("by")?;
        let by = self.simple_path()?;
        let scope = if self.eat_word("in") {
            Some(if self.word() == "dynamic" {
                self.dynamic_literal()?
            } else {
                self.invoked()?
            })
        } else {
            None
        };
        let open = self.peek();
        let braces = open.kind == TokenKind::OpenBrace;
        let close = if braces {
            TokenKind::CloseBrace
        } else {
            TokenKind::CloseParen
        };
        let body = if braces {
            self.advance();
            self.nested(Self::pipeline)?
        } else {
            self.expect(TokenKind::OpenParen)?;
            self.sub_pipeline()?
        };
        self.close(close, open)?;
        Ok(Partition {
            parameters,
            by,
            scope,
            body,
            braces,
        })
    }

    pub(super) fn fork(&mut self) -> Parse<Vec<Branch>> {
        let mut branches = vec![self.branch()?];
        while !self.at_list_end() {
            branches.push(self.branch()?);
        }
        Ok(branches)
    }

    fn branch(&mut self) -> Parse<Branch> {
        let named = self.name_length(0, word::is_usable) > 0;
        let name = if named { Some(self.name()?) } else { None };
        if named {
            self.expect(TokenKind::Assign)?;
        }
        let open = self.expect(TokenKind::OpenParen)?;
        let body = self.sub_pipeline()?;
        self.close(TokenKind::CloseParen, open)?;
        Ok(Branch { name, body })
    }

    pub(super) fn facet(&mut self) -> Parse<Facet> {
        self.expect_word("by")?;
        let by = self.list(Self::simple_path)?;
        if !self.eat_word("with") {
            return Ok(Facet { by, body: None });
        }
        let body = if self.kind() == TokenKind::OpenParen {
            let open = self.advance();
            let body = self.sub_pipeline()?;
            self.close(TokenKind::CloseParen, open)?;
            body
        } else {
            self.sub_pipeline()?
        };
        Ok(Facet {
            by,
            body: Some(body),
        })
    }

    pub(super) fn scan(&mut self) -> Parse<Scan> {
        let parameters = self.parameters_of(&[], false)?;
        let mut order = Vec::new();
        if self.eat_word("order") {
            self.expect_word("by")?;
            order = self.list(Self::ordered)?;
        }
        let mut partition = Vec::new();
        if self.eat_word("partition") {
            self.expect_word("by")?;
            partition = self.list(Self::expression)?;
        }
        let declare = if self.eat_word("declare") {
            self.parameters()?
        } else {
            Vec::new()
        };
        self.expect_word("with")?;
        let open = self.expect(TokenKind::OpenParen)?;
        let mut steps = Vec::new();
        while !self.at_list_end() {
            steps.push(self.scan_step()?);
        }
        self.close(TokenKind::CloseParen, open)?;
        Ok(Scan {
            parameters,
            order,
            partition,
            declare,
            steps,
        })
    }

    fn scan_step(&mut self) -> Parse<ScanStep> {
        self.expect_word("step")?;
        let name = self.declared_name()?;
        let optional = self.eat_word("optional");
        let output = if self.eat_word("output") {
            self.expect(TokenKind::Assign)?;
            Some(self.scan_output()?)
        } else {
            None
        };
        self.expect(TokenKind::Colon)?;
        let condition = self.expression()?;
        let assignments = if self.eat(TokenKind::Arrow) {
            self.list(|parser| {
                let name = parser.declared_name()?;
                parser.expect(TokenKind::Assign)?;
                Ok((name, parser.expression()?))
            })?
        } else {
            Vec::new()
        };
        self.expect(TokenKind::Semicolon)?;
        Ok(ScanStep {
            name,
            optional,
            output,
            condition,
            assignments,
        })
    }

    fn scan_output(&mut self) -> Parse<Name> {
        if matches!(self.word(), "all" | "last" | "none") {
            return Ok(self.raw_name());
        }
        Err(self.expected("`all`, `last` or `none`"))
    }

    pub(super) fn macro_expand(&mut self) -> Parse<MacroExpand> {
        let parameters = self.parameters_of(&[], true)?;
        let inline = self.word() == "entity_group" && self.kind_at(1) == TokenKind::OpenBracket;
        let group = if inline {
            self.advance();
            self.entity_group()?
        } else {
            vec![self.primary()?]
        };
        let scope = if self.eat_word("as") {
            Some(self.name()?)
        } else {
            None
        };
        let open = self.expect(TokenKind::OpenParen)?;
        let mut statements = Vec::new();
        while !self.at_list_end() {
            statements.push(self.whole_statement());
            if !self.eat(TokenKind::Semicolon) {
                break;
            }
        }
        self.close(TokenKind::CloseParen, open)?;
        Ok(MacroExpand {
            parameters,
            group,
            inline,
            scope,
            statements,
        })
    }
}
