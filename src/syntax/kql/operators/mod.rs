//! Stages: the operator's name decides which function reads the rest.
//!
//! Every known operator is in one table, which also serves the help for a misspelt name. What an operator accepts is read
//! whole; whether its columns exist and its types fit is not this layer's question.

mod branch;
mod column;
mod combine;
mod expand;
mod parameter;
mod row;
mod series;

use super::ast::{As, Operator, TextOperator};
use super::error::SyntaxError;
use super::parser::{Failed, Parse, Parser};
use super::token::TokenKind;
use super::word;
use crate::source::TextRange;

/// Every operator that can stand behind a bar.
const NAMES: &[&str] = &[
    "where",
    "extend",
    "project",
    "project-away",
    "project-keep",
    "project-rename",
    "project-reorder",
    "project-by-names",
    "summarize",
    "distinct",
    "sort",
    "order",
    "top",
    "top-nested",
    "top-hitters",
    "take",
    "limit",
    "sample",
    "sample-distinct",
    "join",
    "lookup",
    "union",
    "mv-expand",
    "mv-apply",
    "parse",
    "parse-where",
    "parse-kv",
    "evaluate",
    "make-series",
    "render",
    "serialize",
    "search",
    "find",
    "count",
    "as",
    "consume",
    "getschema",
    "print",
    "range",
    "invoke",
    "partition",
    "scan",
    "fork",
    "facet",
    "reduce",
    "assert-schema",
    "macro-expand",
    "filter",
];

/// Whether an operator has this name.
pub(super) fn is_operator_name(word: &str) -> bool {
    NAMES.contains(&word)
}

impl Parser<'_> {
    /// The operator at the cursor.
    pub(super) fn operator(&mut self) -> Parse<Operator> {
        let token = self.peek();
        if token.kind == TokenKind::Bar && !token.spaced {
            let error = SyntaxError::new(token.range, "expected an operator, found `|`");
            return Err(self.report(error.with_help("conditions are joined with `or`")));
        }
        if token.kind != TokenKind::Word {
            return Err(self.expected("an operator"));
        }
        let name = self.text_of(token);
        self.advance();
        Ok(match name {
            "where" | "filter" => Operator::Where(self.filter()?),
            "extend" => Operator::Extend(self.list(Self::named_expression)?),
            "project" => Operator::Project(self.optional_list(Self::named_expression)?),
            "project-away" => Operator::ProjectAway(self.optional_list(Self::column_pattern)?),
            "project-keep" => Operator::ProjectKeep(self.optional_list(Self::column_pattern)?),
            "project-rename" => {
                Operator::ProjectRename(self.optional_list(Self::named_expression)?)
            }
            "project-reorder" => Operator::ProjectReorder(self.optional_list(Self::reordered)?),
            "project-by-names" => Operator::ProjectByNames(self.optional_list(Self::expression)?),
            "summarize" => Operator::Summarize(self.summarize()?),
            "distinct" => Operator::Distinct(self.distinct()?),
            "sort" | "order" => Operator::Sort(self.sort()?),
            "top" => Operator::Top(Box::new(self.top()?)),
            "top-nested" => Operator::TopNested(self.top_nested()?),
            "top-hitters" => Operator::TopHitters(Box::new(self.top_hitters()?)),
            "take" | "limit" => Operator::Take(self.take()?),
            "sample" => Operator::Sample(self.take()?),
            "sample-distinct" => Operator::SampleDistinct(Box::new(self.sample_distinct()?)),
            "join" => Operator::Join(Box::new(self.join()?)),
            "lookup" => Operator::Lookup(Box::new(self.lookup()?)),
            "union" => Operator::Union(self.union()?),
            "mv-expand" | "mvexpand" => Operator::MvExpand(self.mv_expand()?),
            "mv-apply" | "mvapply" => Operator::MvApply(Box::new(self.mv_apply()?)),
            "parse" => Operator::Parse(Box::new(self.parse_pattern()?)),
            "parse-where" => Operator::ParseWhere(Box::new(self.parse_pattern()?)),
            "parse-kv" => Operator::ParseKv(Box::new(self.parse_kv()?)),
            "evaluate" => Operator::Evaluate(Box::new(self.evaluate()?)),
            "make-series" => Operator::MakeSeries(Box::new(self.make_series()?)),
            _ => return self.rarer_operator(name, token),
        })
    }

    fn rarer_operator(&mut self, name: &str, token: super::token::Token) -> Parse<Operator> {
        Ok(match name {
            "render" => Operator::Render(self.render()?),
            "serialize" => {
                self.parameters_of(&[], true)?;
                Operator::Serialize(self.optional_list(Self::named_expression)?)
            }
            "search" => Operator::Search(Box::new(self.search()?)),
            "find" => Operator::Find(Box::new(self.find()?)),
            "count" => Operator::Count(if self.eat_word("as") {
                Some(self.name()?)
            } else {
                None
            }),
            "as" => Operator::As(As {
                parameters: self.parameters_of(&[], true)?,
                name: self.name()?,
            }),
            "consume" => Operator::Consume(self.parameters_of(&[], false)?),
            "getschema" => Operator::GetSchema,
            "print" => Operator::Print(self.list(Self::named_expression)?),
            "range" => Operator::Range(Box::new(self.range()?)),
            "invoke" => Operator::Invoke(self.invoked()?),
            "partition" => Operator::Partition(Box::new(self.partition()?)),
            "scan" => Operator::Scan(Box::new(self.scan()?)),
            "fork" => Operator::Fork(self.fork()?),
            "facet" => Operator::Facet(self.facet()?),
            "reduce" => Operator::Reduce(Box::new(self.reduce()?)),
            "assert-schema" => Operator::AssertSchema(self.columns()?),
            "macro-expand" => Operator::MacroExpand(Box::new(self.macro_expand()?)),
            _ if name.starts_with("graph-")
                || matches!(name, "make-graph" | "__executeAndCache" | "__partitionby") =>
            {
                Operator::Text(TextOperator {
                    name: name.to_owned(),
                    text: self.rest_of_stage(),
                })
            }
            _ => return Err(self.unknown_operator(name, token.range)),
        })
    }

    /// The error for a name that is no operator's: `range` is where it stands.
    pub(super) fn unknown_operator(&mut self, name: &str, range: TextRange) -> Failed {
        let error = SyntaxError::new(range, format!("expected an operator, found `{name}`"));
        let near = word::nearest(name, NAMES.iter().copied());
        let error = match (near, name) {
            (Some(near), _) => error.with_help(format!("the operator `{near}` has a similar name")),
            (None, "let") => {
                error.with_help("a `let` statement stands before the query and ends with `;`")
            }
            _ if self.kind() == TokenKind::OpenParen => error.with_help(
                "a function is called inside an operator: | summarize f(x), | extend y = f(x)",
            ),
            _ => error,
        };
        self.report(error)
    }

    /// A list that may be empty.
    fn optional_list<T>(&mut self, element: impl FnMut(&mut Self) -> Parse<T>) -> Parse<Vec<T>> {
        if self.at_list_end() {
            Ok(Vec::new())
        } else {
            self.list(element)
        }
    }
}
