//! `match` statements: the cases tried in order, each a condition on the subject and the names that it binds.
//!
//! Patterns of values, of `None` and truth values, captures, alternatives without captures, lists of a known length and objects
//! with known keys are read. Refuses the others, and lists and objects of which the subject may be one of several values.

use rustpython_ruff_python_ast as ast;
use rustpython_ruff_python_ast::{CmpOp, Pattern};

use super::predicate::{item, member};
use super::statement::Flow;
use super::value::{Data, SequenceKind, Value};
use super::{Executor, Outcome, logic};
use crate::ir::{Condition, Kind, Literal, Object, Operator};

/// The names that a pattern binds, with their values.
type Captures<'m> = Vec<(&'m str, Value<'m>)>;

impl<'m> Executor<'m> {
    /// A `match` statement.
    pub(super) fn match_statement(&mut self, statement: &'m ast::StmtMatch) -> Outcome<Flow> {
        let subject = self.evaluate(&statement.subject)?;
        self.cases(&subject, &statement.cases)
    }

    fn cases(&mut self, subject: &Value<'m>, cases: &'m [ast::MatchCase]) -> Outcome<Flow> {
        let Some((case, rest)) = cases.split_first() else {
            return Ok(Flow::FALLS);
        };
        self.spend(1)?;
        self.frame.statement = self.frame.guards.len();
        let mut captures = Captures::new();
        self.stand_at(&case.pattern);
        let when = self.matches(&case.pattern, subject, &mut captures)?;
        self.fork(
            when,
            |this| {
                for (name, value) in captures {
                    this.bind_name(name, value)?;
                }
                let Some(guard) = &case.guard else {
                    return this.block(&case.body);
                };
                this.frame.statement = this.frame.guards.len();
                let when = this.condition(guard)?;
                this.fork(
                    when,
                    |this| this.block(&case.body),
                    |this| this.deeper(|this| this.cases(subject, rest)),
                )
            },
            |this| this.deeper(|this| this.cases(subject, rest)),
        )
    }

    /// When the pattern matches.
    fn matches(
        &mut self,
        pattern: &'m Pattern,
        subject: &Value<'m>,
        captures: &mut Captures<'m>,
    ) -> Outcome<Condition> {
        match pattern {
            Pattern::MatchValue(pattern) => {
                let value = self.evaluate(&pattern.value)?;
                let equal = self.compare(CmpOp::Eq, subject.clone(), value)?;
                self.truth(&equal)
            }
            Pattern::MatchSingleton(pattern) => {
                let value = Value::Constant(match pattern.value {
                    ast::Singleton::None => Literal::Null,
                    ast::Singleton::True => Literal::Boolean(true),
                    ast::Singleton::False => Literal::Boolean(false),
                });
                let same = self.compare(CmpOp::Is, subject.clone(), value)?;
                self.truth(&same)
            }
            Pattern::MatchAs(pattern) => {
                let when = match &pattern.pattern {
                    Some(inner) => self.matches(inner, subject, captures)?,
                    None => Condition::TRUE,
                };
                if let Some(name) = &pattern.name {
                    captures.push((&name.id, subject.clone()));
                }
                Ok(when)
            }
            Pattern::MatchOr(pattern) => {
                let mut parts = Vec::new();
                for part in &pattern.patterns {
                    let mut inner = Captures::new();
                    parts.push(self.matches(part, subject, &mut inner)?);
                    if !inner.is_empty() {
                        return self.refuse("an alternative that binds a name cannot be expressed");
                    }
                }
                Ok(logic::any(parts))
            }
            Pattern::MatchSequence(pattern) => {
                self.matches_list(&pattern.patterns, subject, captures)
            }
            Pattern::MatchMapping(pattern) => {
                if pattern.rest.is_some() {
                    return self.refuse("`**` in a pattern cannot be expressed");
                }
                self.matches_object(pattern, subject, captures)
            }
            Pattern::MatchStar(_) | Pattern::MatchClass(_) => {
                self.refuse("this pattern cannot be expressed")
            }
        }
    }

    fn matches_list(
        &mut self,
        patterns: &'m [Pattern],
        subject: &Value<'m>,
        captures: &mut Captures<'m>,
    ) -> Outcome<Condition> {
        let items: Vec<Value<'m>>;
        let mut when = Condition::TRUE;
        match subject {
            Value::Sequence(sequence) if sequence.kind != SequenceKind::Set => {
                if sequence.items.len() != patterns.len() {
                    return Ok(Condition::FALSE);
                }
                items = sequence.items.as_ref().clone();
            }
            Value::Constant(_) | Value::Truth(_) | Value::Mapping(_) | Value::Event => {
                return Ok(Condition::FALSE);
            }
            Value::Data(data) => {
                when = self.is_kind(data, &[Kind::List]);
                let known = Value::Data(Data {
                    kind: Some(Kind::List),
                    ..data.clone()
                });
                let length = self.length(known)?;
                let count = i64::try_from(patterns.len()).unwrap_or(i64::MAX);
                let count = Value::Constant(Literal::Integer(count));
                when = when.and(self.equal(&length, &count)?);
                let part = |at| {
                    Value::Data(Data {
                        term: item(&data.term, at),
                        kind: None,
                        plain: data.plain,
                    })
                };
                items = (0_i64..).take(patterns.len()).map(part).collect();
            }
            other => {
                return self.refuse(format!(
                    "{} cannot be matched with a list",
                    other.type_name()
                ));
            }
        }
        self.matches_parts(when, patterns.iter().zip(items), captures)
    }

    fn matches_object(
        &mut self,
        pattern: &'m ast::PatternMatchMapping,
        subject: &Value<'m>,
        captures: &mut Captures<'m>,
    ) -> Outcome<Condition> {
        let mut when = match subject {
            Value::Mapping(_) | Value::Event => Condition::TRUE,
            Value::Data(data) => self.is_kind(data, &[Kind::Object]),
            Value::Constant(_) | Value::Truth(_) | Value::Sequence(_) => {
                return Ok(Condition::FALSE);
            }
            other => {
                return self.refuse(format!(
                    "{} cannot be matched with an object",
                    other.type_name()
                ));
            }
        };
        let mut values = Vec::new();
        for key in &pattern.keys {
            let key = self.evaluate(key)?;
            let Some(name) = key.as_text().map(str::to_owned) else {
                return self.refuse("the keys of a pattern must be known texts");
            };
            if let Value::Mapping(mapping) = subject {
                let there = self.has_key(mapping, &key)?;
                when = when.and(there);
                match mapping.get(&Literal::Text(name)) {
                    Some(value) => values.push(super::given(value)),
                    None => return Ok(Condition::FALSE),
                }
                continue;
            }
            let (term, plain) = match subject {
                Value::Data(data) => (member(&data.term, &name), data.plain),
                _ => (crate::ir::Term::field([name]), false),
            };
            when = when.and(self.implied(term.clone(), Operator::Exists, Object::None));
            values.push(Value::Data(Data {
                term,
                kind: None,
                plain,
            }));
        }
        self.matches_parts(when, pattern.patterns.iter().zip(values), captures)
    }

    /// When the parts match, each on the path where those before it do.
    fn matches_parts(
        &mut self,
        when: Condition,
        parts: impl Iterator<Item = (&'m Pattern, Value<'m>)>,
        captures: &mut Captures<'m>,
    ) -> Outcome<Condition> {
        let before = self.frame.guards.len();
        let mut all = vec![when.clone()];
        self.frame.guards.push(when);
        let mut result = Ok(());
        for (pattern, value) in parts {
            match self.deeper(|this| this.matches(pattern, &value, captures)) {
                Ok(part) => {
                    self.frame.guards.push(part.clone());
                    all.push(part);
                }
                Err(stop) => {
                    result = Err(stop);
                    break;
                }
            }
        }
        self.frame.guards.truncate(before);
        result?;
        Ok(logic::all(all))
    }
}
