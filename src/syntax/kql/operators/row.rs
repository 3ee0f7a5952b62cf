//! Operators over rows: filters, the first or best rows, samples, and those that make rows from nothing.

use super::super::ast::{
    Expression, Range, SampleDistinct, Take, Top, TopHitters, TopNested, Where,
};
use super::super::parser::{Parse, Parser};
use super::super::token::TokenKind;

impl Parser<'_> {
    pub(super) fn filter(&mut self) -> Parse<Where> {
        let parameters = self.parameters_of(&[], true)?;
        let named = self.named_expression()?;
        let name = named.name().cloned();
        Ok(Where {
            parameters,
            name,
            predicate: named.value,
        })
    }

    pub(super) fn take(&mut self) -> Parse<Take> {
        let parameters = self.parameters_of(&[], true)?;
        Ok(Take {
            parameters,
            count: self.named_expression()?,
        })
    }

    pub(super) fn sample_distinct(&mut self) -> Parse<SampleDistinct> {
        let parameters = self.parameters_of(&[], true)?;
        let count = self.named_expression()?;
        self.expect_word("of")?;
        Ok(SampleDistinct {
            parameters,
            count,
            of: self.named_expression()?,
        })
    }

    pub(super) fn top(&mut self) -> Parse<Top> {
        let parameters = self.parameters_of(&[], true)?;
        let count = self.named_expression()?;
        self.expect_word("by")?;
        Ok(Top {
            parameters,
            count,
            by: self.ordered()?,
        })
    }

    pub(super) fn top_hitters(&mut self) -> Parse<TopHitters> {
        let count = self.named_expression()?;
        self.expect_word("of")?;
        let of = self.named_expression()?;
        let by = if self.eat_word("by") {
            Some(self.named_expression()?)
        } else {
            None
        };
        Ok(TopHitters { count, of, by })
    }

    /// The levels behind the first `top-nested`, which is already taken.
    pub(super) fn top_nested(&mut self) -> Parse<Vec<TopNested>> {
        let mut levels = vec![self.top_nested_level()?];
        while self.eat(TokenKind::Comma) {
            self.expect_word("top-nested")?;
            levels.push(self.top_nested_level()?);
        }
        Ok(levels)
    }

    fn top_nested_level(&mut self) -> Parse<TopNested> {
        let count = if self.word() == "of" {
            None
        } else {
            Some(self.named_expression()?)
        };
        self.expect_word("of")?;
        let of = self.named_expression()?;
        let others = if self.eat_word("with") {
            Some(self.others()?)
        } else {
            None
        };
        self.expect_word("by")?;
        Ok(TopNested {
            count,
            of,
            others,
            by: self.ordered()?,
        })
    }

    fn others(&mut self) -> Parse<Expression> {
        self.expect_word("others")?;
        self.expect(TokenKind::Assign)?;
        self.expression()
    }

    pub(super) fn range(&mut self) -> Parse<Range> {
        let name = self.name()?;
        self.expect_word("from")?;
        let from = self.expression()?;
        self.expect_word("to")?;
        let to = self.expression()?;
        self.expect_word("step")?;
        Ok(Range {
            name,
            from,
            to,
            step: self.expression()?,
        })
    }
}
