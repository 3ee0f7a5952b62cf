//! Operators that take other tables: joins, unions, searches over tables, and tables written in the query.

use super::super::ast::{
    DataTable, Expression, ExpressionKind, ExternalData, Find, FindColumn, FindOutput, Join,
    JoinCondition, Pipeline, Search, Source, Stage, Union,
};
use super::super::expression::pipeline_value;
use super::super::parser::{Parse, Parser};
use super::super::token::TokenKind;
use super::super::word;

impl Parser<'_> {
    pub(super) fn join(&mut self) -> Parse<Join> {
        let parameters = self.parameters_of(&[], true)?;
        let right = self.expression()?;
        let condition = if self.eat_word("on") {
            JoinCondition::On(self.list(Self::expression)?)
        } else if self.eat_word("where") {
            JoinCondition::Where(self.expression()?)
        } else {
            JoinCondition::None
        };
        Ok(Join {
            parameters,
            right,
            condition,
        })
    }

    pub(super) fn lookup(&mut self) -> Parse<Join> {
        let lookup = self.join()?;
        if matches!(lookup.condition, JoinCondition::On(_)) {
            return Ok(lookup);
        }
        Err(self.expected("`on` and the keys of the lookup"))
    }

    pub(super) fn union(&mut self) -> Parse<Union> {
        let parameters = self.parameters_of(&[], true)?;
        Ok(Union {
            parameters,
            tables: self.list(Self::table_reference)?,
        })
    }

    /// A table, a pattern over table names, a call, or a pipeline in parentheses.
    pub(in super::super) fn table_reference(&mut self) -> Parse<Expression> {
        let pattern = self.wildcard_length() > 0;
        if pattern {
            let name = self.wildcard();
            return Ok(Expression::new(
                name.range,
                ExpressionKind::Wildcard(name.text),
            ));
        }
        let allowed = matches!(
            self.kind(),
            TokenKind::OpenParen | TokenKind::OpenBracket | TokenKind::Word | TokenKind::At
        );
        if !allowed {
            return Err(self.expected("a table"));
        }
        let path = self.kind() != TokenKind::OpenParen;
        let outer = std::mem::replace(&mut self.in_table, path);
        let table = self.nested(Self::primary);
        self.in_table = outer;
        table
    }

    /// `in (tables)`; no tables where it is not written.
    fn tables_in(&mut self) -> Parse<Vec<Expression>> {
        if !self.eat_word("in") {
            return Ok(Vec::new());
        }
        let open = self.expect(TokenKind::OpenParen)?;
        let tables = self.list(Self::searched_table)?;
        self.close(TokenKind::CloseParen, open)?;
        Ok(tables)
    }

    /// A table, or a table with `| as name`.
    fn searched_table(&mut self) -> Parse<Expression> {
        let start = self.start();
        let table = self.table_reference()?;
        if self.kind() != TokenKind::Bar || self.word_at(1) != "as" {
            return Ok(table);
        }
        self.advance();
        let at = self.start();
        let kind = self.operator()?;
        let stages = vec![Stage {
            range: self.range_from(at),
            kind,
        }];
        let range = self.range_from(start);
        let pipeline = Pipeline {
            range,
            source: Source::Expression(table),
            stages,
        };
        Ok(Expression::new(
            range,
            ExpressionKind::Pipeline(Box::new(pipeline)),
        ))
    }

    pub(super) fn search(&mut self) -> Parse<Search> {
        let parameters = self.parameters_of(&["datascope"], true)?;
        let tables = self.tables_in()?;
        Ok(Search {
            parameters,
            tables,
            predicate: self.search_predicate()?,
        })
    }

    /// A condition, or a star, or a star and a condition.
    fn search_predicate(&mut self) -> Parse<Expression> {
        let start = self.start();
        let Some(star) = self.leading_star() else {
            return self.expression();
        };
        if !self.eat_word("and") {
            return Ok(star);
        }
        let condition = self.expression()?;
        let logical = super::super::ast::Logical {
            operator: super::super::ast::LogicalOperator::And,
            operands: match condition.kind {
                ExpressionKind::Logical(inner)
                    if inner.operator == super::super::ast::LogicalOperator::And =>
                {
                    std::iter::once(star).chain(inner.operands).collect()
                }
                kind => vec![
                    star,
                    Expression {
                        range: condition.range,
                        kind,
                    },
                ],
            },
        };
        Ok(Expression::new(
            self.range_from(start),
            ExpressionKind::Logical(logical),
        ))
    }

    fn leading_star(&mut self) -> Option<Expression> {
        let whole = self.kind_at(1).closes()
            || matches!(
                self.kind_at(1),
                TokenKind::Bar | TokenKind::Semicolon | TokenKind::End
            );
        if self.kind() != TokenKind::Star || !(whole || self.word_at(1) == "and") {
            return None;
        }
        let token = self.advance();
        Some(Expression::new(token.range, ExpressionKind::Star))
    }

    pub(super) fn find(&mut self) -> Parse<Find> {
        let parameters = self.parameters_of(&["datascope"], false)?;
        let tables = self.tables_in()?;
        let required = !parameters.is_empty() || !tables.is_empty();
        let explicit = self.eat_word("where");
        if required && !explicit {
            return Err(self.expected("`where`"));
        }
        let predicate = self.expression()?;
        let output = match self.word() {
            "project" => {
                self.advance();
                FindOutput::Columns(self.list(Self::find_column)?)
            }
            "project-smart" => {
                self.advance();
                FindOutput::Smart
            }
            _ => FindOutput::Implicit,
        };
        let away = if self.eat_word("__projectAway") {
            self.list(Self::find_column)?
        } else {
            Vec::new()
        };
        Ok(Find {
            parameters,
            tables,
            explicit,
            predicate,
            output,
            away,
        })
    }

    fn find_column(&mut self) -> Parse<FindColumn> {
        if self.eat(TokenKind::Star) {
            return Ok(FindColumn::Star);
        }
        if self.word() == "pack" && self.kind_at(1) == TokenKind::OpenParen {
            self.advance();
            let open = self.advance();
            self.expect(TokenKind::Star)?;
            self.close(TokenKind::CloseParen, open)?;
            return Ok(FindColumn::Pack);
        }
        let name = self.name()?;
        let kind = if self.eat(TokenKind::Colon) {
            Some(self.scalar_type()?)
        } else {
            None
        };
        Ok(FindColumn::Column(name, kind))
    }

    pub(super) fn invoked(&mut self) -> Parse<Expression> {
        let call = self.name_length(0, word::is_usable);
        if call == 0 || self.kind_at(call) != TokenKind::OpenParen {
            return Err(self.expected("a function call"));
        }
        self.nested(Self::primary)
    }

    /// `datatable (columns) [values]`.
    pub(in super::super) fn data_table(&mut self) -> Parse<Expression> {
        let start = self.start();
        self.advance();
        self.parameters_of(&[], true)?;
        let columns = self.columns()?;
        let open = self.expect(TokenKind::OpenBracket)?;
        self.eat(TokenKind::Comma);
        let mut values = Vec::new();
        while !self.at_list_end() {
            values.push(self.signed_literal()?);
            if !self.eat(TokenKind::Comma) {
                break;
            }
        }
        self.close(TokenKind::CloseBracket, open)?;
        let kind = ExpressionKind::DataTable(Box::new(DataTable { columns, values }));
        Ok(Expression::new(self.range_from(start), kind))
    }

    /// `externaldata (columns) [addresses] with (properties)`.
    pub(in super::super) fn external_data(&mut self) -> Parse<Expression> {
        let start = self.start();
        self.advance();
        self.parameters_of(&[], true)?;
        let columns = self.columns()?;
        let open = self.expect(TokenKind::OpenBracket)?;
        let mut addresses = Vec::new();
        while !self.at_list_end() {
            let pipeline = self.nested(Self::pipeline)?;
            addresses.push(pipeline_value(pipeline));
            if !self.eat(TokenKind::Comma) {
                break;
            }
        }
        self.close(TokenKind::CloseBracket, open)?;
        let properties = if self.eat_word("with") {
            self.properties(&[], &[])?
        } else {
            Vec::new()
        };
        let kind = ExpressionKind::ExternalData(Box::new(ExternalData {
            columns,
            addresses,
            properties,
        }));
        Ok(Expression::new(self.range_from(start), kind))
    }
}
