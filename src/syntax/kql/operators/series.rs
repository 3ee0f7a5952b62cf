//! Operators over time series, and the chart at the end of a query.

use super::super::ast::{
    MakeSeries, Name, OperatorParameter, Reduce, Render, SeriesAggregate, SeriesRange,
};
use super::super::parser::{Parse, Parser};
use super::super::token::TokenKind;
use super::super::word;

/// What a chart can be given.
const CHART_PROPERTIES: &[&str] = &[
    "kind",
    "title",
    "accumulate",
    "xcolumn",
    "ycolumns",
    "anomalycolumns",
    "series",
    "xtitle",
    "ytitle",
    "xaxis",
    "yaxis",
    "legend",
    "ysplit",
    "ymin",
    "ymax",
    "xmin",
    "xmax",
];

/// Properties that take several columns.
const COLUMN_LISTS: &[&str] = &["ycolumns", "anomalycolumns", "series"];

impl Parser<'_> {
    pub(super) fn make_series(&mut self) -> Parse<MakeSeries> {
        let parameters = self.parameters_of(&[], true)?;
        let aggregates = self.list(Self::series_aggregate)?;
        self.expect_word("on")?;
        let on = self.named_expression()?;
        let range = if self.word() == "in" {
            self.in_range()?
        } else {
            self.steps()?
        };
        let by = if self.eat_word("by") {
            self.list(Self::named_expression)?
        } else {
            Vec::new()
        };
        Ok(MakeSeries {
            parameters,
            aggregates,
            on,
            range,
            by,
        })
    }

    fn series_aggregate(&mut self) -> Parse<SeriesAggregate> {
        let value = self.named_expression()?;
        let default = if self.eat_word("default") {
            self.expect(TokenKind::Assign)?;
            Some(self.expression()?)
        } else {
            None
        };
        Ok(SeriesAggregate { value, default })
    }

    fn in_range(&mut self) -> Parse<SeriesRange> {
        self.advance();
        self.expect_word("range")?;
        let open = self.expect(TokenKind::OpenParen)?;
        let mut values = vec![self.expression()?];
        for _ in 0..2 {
            self.expect(TokenKind::Comma)?;
            values.push(self.expression()?);
        }
        self.close(TokenKind::CloseParen, open)?;
        Ok(SeriesRange::InRange(values))
    }

    fn steps(&mut self) -> Parse<SeriesRange> {
        let from = if self.eat_word("from") {
            Some(self.expression()?)
        } else {
            None
        };
        let to = if self.eat_word("to") {
            Some(self.expression()?)
        } else {
            None
        };
        self.expect_word("step")?;
        Ok(SeriesRange::Steps {
            from,
            to,
            step: self.expression()?,
        })
    }

    pub(super) fn reduce(&mut self) -> Parse<Reduce> {
        let parameters = self.parameters_of(&["characters", "threshold"], true)?;
        self.expect_word("by")?;
        let by = self.named_expression()?;
        let mut with = Vec::new();
        if self.eat_word("with") {
            with = self.list(|parser| {
                let start = parser.start();
                let name = parser.declared_name()?;
                parser.expect(TokenKind::Assign)?;
                let values = vec![parser.parameter_value()?];
                Ok(OperatorParameter {
                    range: parser.range_from(start),
                    name,
                    values,
                })
            })?;
        }
        Ok(Reduce {
            parameters,
            by,
            with,
        })
    }

    pub(super) fn render(&mut self) -> Parse<Render> {
        let chart = self.chart()?;
        let mut properties = Vec::new();
        while matches!(self.word(), "kind" | "title" | "accumulate") {
            let start = self.start();
            let name = self.raw_name();
            self.expect(TokenKind::Assign)?;
            let values = vec![if name.text == "title" {
                self.primary()?
            } else {
                self.parameter_value()?
            }];
            properties.push(OperatorParameter {
                range: self.range_from(start),
                name,
                values,
            });
        }
        if self.eat_word("with") {
            properties.extend(self.properties(CHART_PROPERTIES, COLUMN_LISTS)?);
        }
        Ok(Render { chart, properties })
    }

    fn chart(&mut self) -> Parse<Name> {
        let word = self.word();
        let chart = word.ends_with("chart")
            || matches!(word, "card" | "timeline" | "timepivot" | "treemap");
        if chart || (!word.is_empty() && word::is_usable(word)) {
            Ok(self.raw_name())
        } else {
            Err(self.expected("a chart"))
        }
    }
}
