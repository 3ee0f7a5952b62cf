//! Operators over columns: which are kept, renamed, ordered, and the aggregates over groups of rows.

use super::super::ast::{
    ColumnPattern, Direction, Distinct, Expression, NamedExpression, Ordered, Reordered, Sort,
    Summarize,
};
use super::super::parser::{Parse, Parser};
use super::super::token::TokenKind;

impl Parser<'_> {
    /// A name, or a pattern with asterisks.
    pub(super) fn column_pattern(&mut self) -> Parse<ColumnPattern> {
        if self.wildcard_length() > 0 {
            return Ok(ColumnPattern {
                name: self.wildcard(),
                wildcard: true,
            });
        }
        Ok(ColumnPattern {
            name: self.name()?,
            wildcard: false,
        })
    }

    pub(super) fn reordered(&mut self) -> Parse<Reordered> {
        let pattern = self.column_pattern()?;
        Ok(Reordered {
            pattern,
            direction: self.direction(),
        })
    }

    fn direction(&mut self) -> Option<Direction> {
        let direction = match self.word() {
            "asc" => Direction::Ascending,
            "desc" => Direction::Descending,
            "granny-asc" => Direction::NaturalAscending,
            "granny-desc" => Direction::NaturalDescending,
            _ => return None,
        };
        self.advance();
        Some(direction)
    }

    /// `expression asc nulls first`.
    pub(super) fn ordered(&mut self) -> Parse<Ordered> {
        let value = self.named_expression()?;
        let direction = self.direction();
        let nulls_first = if self.eat_word("nulls") {
            match self.word() {
                "first" => Some(true),
                "last" => Some(false),
                _ => return Err(self.expected("`first` or `last`")),
            }
        } else {
            None
        };
        if nulls_first.is_some() {
            self.advance();
        }
        Ok(Ordered {
            value,
            direction,
            nulls_first,
        })
    }

    pub(super) fn sort(&mut self) -> Parse<Sort> {
        let parameters = self.parameters_of(&[], false)?;
        self.expect_word("by")?;
        Ok(Sort {
            parameters,
            keys: self.list(Self::ordered)?,
        })
    }

    pub(super) fn distinct(&mut self) -> Parse<Distinct> {
        let parameters = self.parameters_of(&[], true)?;
        Ok(Distinct {
            parameters,
            columns: self.list(Self::starred)?,
        })
    }

    fn starred(&mut self) -> Parse<NamedExpression> {
        self.star().map_or_else(|| self.named_expression(), Ok)
    }

    pub(super) fn summarize(&mut self) -> Parse<Summarize> {
        let parameters = self.parameters_of(&[], true)?;
        let aggregates = if self.word() == "by" || self.at_list_end() {
            Vec::new()
        } else {
            self.list(Self::named_expression)?
        };
        let mut by = Vec::new();
        let mut bin = None;
        if self.eat_word("by") {
            by = self.list(Self::named_expression)?;
            bin = self.legacy_bin()?;
        }
        Ok(Summarize {
            parameters,
            aggregates,
            by,
            bin,
        })
    }

    /// `bin = 1h` behind the keys, without a comma.
    fn legacy_bin(&mut self) -> Parse<Option<Expression>> {
        if self.word() != "bin" || self.kind_at(1) != TokenKind::Assign {
            return Ok(None);
        }
        self.advance();
        self.advance();
        self.expression().map(Some)
    }
}
