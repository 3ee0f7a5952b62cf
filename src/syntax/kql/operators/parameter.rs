//! `name=value` parameters behind an operator's name.
//!
//! The names are known words, some of them with a dot (`hint.strategy`); anything else before an `=` is a column. The value is
//! a literal, a word, or for a few properties an expression or several names.

use super::super::ast::{Expression, ExpressionKind, Name, OperatorParameter};
use super::super::error::SyntaxError;
use super::super::parser::{Parse, Parser};
use super::super::token::TokenKind;
use super::super::word;

/// Names that are parameters of every operator.
const KNOWN: &[&str] = &[
    "__crossCluster",
    "__crossDB",
    "__id",
    "__isFuzzy",
    "__noWithSource",
    "__packedColumn",
    "__sourceColumnIndex",
    "bagexpansion",
    "bin_legacy",
    "cycles",
    "decodeblocks",
    "expandoutput",
    "force_remote",
    "isfuzzy",
    "kind",
    "with_itemindex",
    "with_match_id",
    "with_source",
    "with_step_name",
    "withsource",
];

/// What can be asked of the engine behind `hint.`, by any operator that has parameters.
const HINTS: &[&str] = &[
    "concurrency",
    "distribution",
    "materialized",
    "num_partitions",
    "pass_filters",
    "pass_filters_column",
    "progressive_top",
    "remote",
    "shufflekey",
    "spread",
    "strategy",
];

impl Parser<'_> {
    /// Parameters at the cursor: the known ones and `own`. With `assigned`, a name without `=` behind it is none.
    pub(super) fn parameters_of(
        &mut self,
        own: &[&str],
        assigned: bool,
    ) -> Parse<Vec<OperatorParameter>> {
        let mut parameters = Vec::new();
        while let Some(length) = self.parameter_length(own, assigned) {
            parameters.push(self.operator_parameter(length)?);
        }
        Ok(parameters)
    }

    /// The number of tokens of the parameter's name at the cursor.
    fn parameter_length(&self, own: &[&str], assigned: bool) -> Option<usize> {
        let word = self.word();
        let length =
            if word == "hint" && self.kind_at(1) == TokenKind::Dot && !self.word_at(2).is_empty() {
                3
            } else if KNOWN.contains(&word) || own.contains(&word) {
                1
            } else {
                return None;
            };
        (!assigned || self.kind_at(length) == TokenKind::Assign).then_some(length)
    }

    fn operator_parameter(&mut self, length: usize) -> Parse<OperatorParameter> {
        let start = self.start();
        for _ in 0..length {
            self.advance();
        }
        let range = self.range_from(start);
        let name = Name::new(range, self.slice(*range).replace(char::is_whitespace, ""));
        if let Some(hint) = name
            .text
            .strip_prefix("hint.")
            .filter(|hint| !HINTS.contains(hint))
        {
            let message = format!("expected the name of a hint, found `{hint}`");
            let error = SyntaxError::new(*range, message);
            return Err(
                self.report(match word::nearest(hint, HINTS.iter().copied()) {
                    Some(near) => error.with_help(format!("`hint.{near}` has a similar name")),
                    None => error.with_help(format!("the hints are {}", HINTS.join(", "))),
                }),
            );
        }
        self.expect(TokenKind::Assign)?;
        let values = vec![self.parameter_value()?];
        Ok(OperatorParameter {
            range: self.range_from(start),
            name,
            values,
        })
    }

    /// A literal, any word, or a quoted name.
    pub(super) fn parameter_value(&mut self) -> Parse<Expression> {
        match self.kind() {
            TokenKind::Word if !matches!(self.word(), "dynamic" | "typeof") => {
                let name = self.raw_name();
                Ok(Expression::new(name.range, ExpressionKind::Name(name.text)))
            }
            TokenKind::OpenBracket => {
                let name = self.name()?;
                Ok(Expression::new(name.range, ExpressionKind::Name(name.text)))
            }
            _ => self.signed_literal(),
        }
    }

    /// `(name=value, ...)`; `known` limits the names where it is not empty, `lists` are the names with several values.
    pub(super) fn properties(
        &mut self,
        known: &[&str],
        lists: &[&str],
    ) -> Parse<Vec<OperatorParameter>> {
        let open = self.expect(TokenKind::OpenParen)?;
        self.eat(TokenKind::Comma);
        let none = self.kind() == TokenKind::CloseParen;
        let properties = if none {
            Vec::new()
        } else {
            self.list(|parser| parser.property(known, lists))?
        };
        self.close(TokenKind::CloseParen, open)?;
        Ok(properties)
    }

    fn property(&mut self, known: &[&str], lists: &[&str]) -> Parse<OperatorParameter> {
        let start = self.start();
        if !known.is_empty() && !known.contains(&self.word()) {
            return Err(self.expected("a property"));
        }
        let name = if known.is_empty() {
            self.declared_name()?
        } else {
            self.raw_name()
        };
        self.expect(TokenKind::Assign)?;
        let titled = !known.is_empty() && name.text.ends_with("title");
        let mut values = vec![if titled {
            self.primary()?
        } else {
            self.property_value()?
        }];
        while lists.contains(&name.text.as_str())
            && self.kind() == TokenKind::Comma
            && self.kind_at(2) != TokenKind::Assign
        {
            self.advance();
            values.push(self.property_value()?);
        }
        Ok(OperatorParameter {
            range: self.range_from(start),
            name,
            values,
        })
    }

    /// The value of a property: a word, a signed literal, or a value with a path or arguments.
    fn property_value(&mut self) -> Parse<Expression> {
        let path = matches!(
            self.kind_at(1),
            TokenKind::OpenParen | TokenKind::Dot | TokenKind::OpenBracket
        );
        let placeholder = self.kind() == TokenKind::OpenBrace;
        if placeholder || (self.kind() == TokenKind::Word && path && word::is_usable(self.word())) {
            self.primary()
        } else {
            self.parameter_value()
        }
    }
}
