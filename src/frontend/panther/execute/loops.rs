//! `for` loops: over values whose number is known, unrolled; over a list of the event, as quantifiers.
//!
//! A round of a loop over event data is executed once, for any item. What it may do: return one and the same value, raise,
//! set names to constants, `break` and `continue`. What depends on the order of the items (returning the item, counting,
//! different returns) is refused. One thing is not exact: where an item raises and a later one returns, Python raises, the
//! condition returns; a remark says so.

use rustpython_ruff_python_ast as ast;

use super::exception::Exception;
use super::names::assigned;
use super::statement::{Flow, left_or_flow};
use super::value::{Names, SequenceKind, Value};
use super::{Data, Executor, Exit, Outcome, Stop, Way, logic};
use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{Condition, FieldPath, Kind, Object, Operator, Quantifier, Term};

/// Whether a jump leaves the loop or only the round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum JumpKind {
    Break,
    Continue,
}

/// A `break` or `continue`.
#[derive(Clone, Debug)]
pub(super) struct Jump<'m> {
    kind: JumpKind,
    /// When it is taken, seen from the start of the round.
    when: Condition,
    /// The names at that point.
    names: Names<'m>,
}

impl Jump<'_> {
    /// The jump is taken only where the condition holds as well.
    pub(super) fn restrict(&mut self, condition: &Condition) {
        self.when = std::mem::replace(&mut self.when, Condition::FALSE).and(condition.clone());
    }
}

/// What a loop goes over.
pub(super) enum Iterated<'m> {
    /// Values whose number is known.
    Known(Vec<Value<'m>>),
    /// The items of a list of the event.
    List(Term),
}

impl<'m> Executor<'m> {
    /// Records a `break` or `continue` on the path to here.
    pub(super) fn jump(&mut self, kind: JumpKind) -> Flow {
        let start = self.frame.iteration.min(self.frame.guards.len());
        let when = logic::all(self.frame.guards[start..].iter().cloned());
        let names = self.frame.names.clone();
        self.frame.jumps.push(Jump { kind, when, names });
        Flow {
            falls: false,
            jumped: Condition::TRUE,
        }
    }

    /// A `for` statement.
    pub(super) fn for_statement(&mut self, statement: &'m ast::StmtFor) -> Outcome<Flow> {
        let value = self.evaluate(&statement.iter)?;
        self.stand_at(statement.iter.as_ref());
        self.for_each_case(statement, value)
    }

    fn for_each_case(&mut self, statement: &'m ast::StmtFor, value: Value<'m>) -> Outcome<Flow> {
        let Value::Choice(choice) = &value else {
            let iterated = self.iterated(value)?;
            return self.for_iterated(statement, iterated);
        };
        let mut rest = choice.as_ref().clone();
        let (when, first) = rest.cases.remove(0);
        let rest = Value::choose(rest.cases, rest.otherwise);
        self.fork(
            when,
            |this| this.for_each_case(statement, first),
            |this| this.for_each_case(statement, rest),
        )
    }

    fn for_iterated(
        &mut self,
        statement: &'m ast::StmtFor,
        iterated: Iterated<'m>,
    ) -> Outcome<Flow> {
        let jumps = std::mem::take(&mut self.frame.jumps);
        let (iteration, guards) = (self.frame.iteration, self.frame.guards.len());
        let result = match iterated {
            Iterated::Known(items) => self.unrolled(statement, items),
            Iterated::List(list) => self.quantified(statement, list),
        };
        self.frame.guards.truncate(guards);
        self.frame.iteration = iteration;
        self.frame.jumps = jumps;
        result
    }

    /// One round after the other.
    fn unrolled(&mut self, statement: &'m ast::StmtFor, items: Vec<Value<'m>>) -> Outcome<Flow> {
        let mut breaks: Vec<Jump<'m>> = Vec::new();
        let mut falls = true;
        for item in items {
            self.spend(1)?;
            self.frame.iteration = self.frame.guards.len();
            let flow = self.round(statement, item)?;
            falls = flow.falls;
            let mut stopped = Condition::FALSE;
            for jump in std::mem::take(&mut self.frame.jumps).into_iter().rev() {
                self.spend(logic::size(&jump.when))?;
                if jump.kind == JumpKind::Break {
                    stopped = jump.when.clone().or(stopped);
                    breaks.push(jump);
                } else if falls {
                    let after = std::mem::take(&mut self.frame.names);
                    self.frame.names = self.merge(&jump.when, jump.names, after)?;
                } else {
                    falls = true;
                    self.frame.names = jump.names;
                }
            }
            if !falls {
                break;
            }
            if stopped.as_constant() != Some(false) {
                self.frame.guards.push(stopped.negate());
            }
        }
        if falls && !statement.orelse.is_empty() {
            if contains_jump(&statement.orelse) {
                return self
                    .refuse("`break` and `continue` in the `else` of a loop cannot be expressed");
            }
            falls = left_or_flow(self.block(&statement.orelse))?.falls;
        }
        for jump in breaks.into_iter().rev() {
            if falls {
                let after = std::mem::take(&mut self.frame.names);
                self.frame.names = self.merge(&jump.when, jump.names, after)?;
            } else {
                falls = true;
                self.frame.names = jump.names;
            }
        }
        Ok(if falls { Flow::FALLS } else { Flow::LEFT })
    }

    fn round(&mut self, statement: &'m ast::StmtFor, item: Value<'m>) -> Outcome<Flow> {
        let flow = self
            .assign(&statement.target, item)
            .and_then(|()| self.block(&statement.body));
        left_or_flow(flow)
    }

    /// One round for any item.
    fn quantified(&mut self, statement: &'m ast::StmtFor, list: Term) -> Outcome<Flow> {
        let here = self.here;
        if !statement.orelse.is_empty() {
            return self.refuse("`else` of a loop over event data cannot be expressed");
        }
        let names = self.frame.names.clone();
        let changed = assigned(&statement.body);
        for name in &changed {
            if let Some(value) = self.frame.names.get_mut(name) {
                *value = Value::Carried;
            }
        }
        let start = self.frame.exits.len();
        let (root, tries) = (self.frame.root, self.frame.tries);
        self.frame.root = self.frame.guards.len();
        self.frame.iteration = self.frame.root;
        let item = self.item();
        self.level += 1;
        let flow = self.round(statement, item);
        self.level -= 1;
        (self.frame.root, self.frame.tries) = (root, tries);
        self.here = here;
        let flow = flow?;
        let exits = self.frame.exits.split_off(start);
        let jumps = std::mem::take(&mut self.frame.jumps);
        let after = std::mem::take(&mut self.frame.names);
        let broken = jumps.iter().any(|jump| jump.kind == JumpKind::Break);
        let mut ends: Vec<(Condition, Names<'m>)> = jumps
            .into_iter()
            .map(|jump| (jump.when, jump.names))
            .collect();
        if flow.falls {
            ends.push((Condition::TRUE, after));
        }
        self.frame.names = self.after_rounds(&names, &ends, &list);
        self.leave_rounds(exits, &list, broken)?;
        Ok(Flow::FALLS)
    }

    /// The item of the quantifier that is about to start.
    pub(super) fn item(&self) -> Value<'m> {
        Value::data(Term::Item {
            depth: self.level,
            path: FieldPath::root(),
        })
    }

    /// The ways out of all rounds together: the return if any item returns, then the exceptions if any raises.
    fn leave_rounds(&mut self, exits: Vec<Exit<'m>>, list: &Term, broken: bool) -> Outcome<()> {
        let mut returned: Option<Value<'m>> = None;
        let (mut returns, mut exceptions) = (Condition::FALSE, Vec::new());
        let mut raised = Condition::FALSE;
        for exit in exits {
            self.spend(logic::size(&returns) + logic::size(&raised))?;
            match exit.way {
                Way::Return(value) => {
                    if reads_item(&value, self.level)
                        || returned.as_ref().is_some_and(|other| !other.same(&value))
                    {
                        return self.refuse("a loop over event data must return one and the same value for every item");
                    }
                    returned = Some(value);
                    returns = returns.or(exit.when.and(raised.clone().negate()));
                }
                Way::Raise(exception) => {
                    exceptions.push((exit.when.clone().and(returns.clone().negate()), exception));
                    raised = raised.or(exit.when);
                }
            }
        }
        if broken && returned.is_some() {
            return self.refuse("a loop over event data must not both return and `break`");
        }
        if returned.is_some() && !exceptions.is_empty() {
            self.remark_order();
        }
        if let Some(value) = returned {
            let when = some(list, returns);
            self.exit(when, Way::Return(value))?;
        }
        for (when, exception) in exceptions {
            self.raise_if(some(list, when), exception)?;
        }
        Ok(())
    }

    /// Remarks that an exception is not in its place.
    pub(super) fn remark_order(&mut self) {
        self.remark("an item that makes Python raise does not hide a match of a later item");
    }

    pub(super) fn remark(&mut self, message: &str) {
        let remark = Diagnostic::note(Code::PythonApproximate, message).at(self.here);
        if self.purpose == super::Purpose::Verdict && !self.remarks.contains(&remark) {
            self.remarks.push(remark);
        }
    }

    /// The names after all rounds: a name that rounds set to one constant has it if any item does.
    fn after_rounds(
        &mut self,
        before: &Names<'m>,
        ends: &[(Condition, Names<'m>)],
        list: &Term,
    ) -> Names<'m> {
        let mut result = Names::new();
        let changed_keys = ends.iter().flat_map(|(_, names)| names.keys().copied());
        let keys: std::collections::BTreeSet<&'m str> =
            before.keys().copied().chain(changed_keys).collect();
        for key in keys {
            let Some(old) = before.get(key) else {
                result.insert(key, self.unusable());
                continue;
            };
            let untouched = ends
                .iter()
                .all(|(_, names)| names.get(key).is_some_and(|value| value.same(old)));
            if untouched {
                result.insert(key, old.clone());
                continue;
            }
            let value = flag(key, old, ends, list);
            let value = value.unwrap_or_else(|| self.unusable());
            result.insert(key, value);
        }
        result
    }

    fn unusable(&self) -> Value<'m> {
        self.refused_value("what a loop over event data leaves in this name cannot be expressed")
    }

    /// What iterating over a value goes through.
    pub(super) fn iterated(&mut self, value: Value<'m>) -> Outcome<Iterated<'m>> {
        match value {
            Value::Data(data) => {
                self.require_list(&data)?;
                Ok(Iterated::List(data.term))
            }
            Value::Comprehension(_) | Value::Event => self.refuse(format!(
                "a loop over {} cannot be expressed",
                value.type_name()
            )),
            other => self.known_items(other).map(Iterated::Known),
        }
    }

    /// Raises where the value cannot be iterated over. A text or an object that is not empty, which Python would go through by
    /// characters and keys, counts as one too; a remark says so.
    pub(super) fn require_list(&mut self, data: &Data) -> Outcome<()> {
        let list = self.is_kind(data, &[Kind::List]);
        let empty = self.is_kind(data, &[Kind::Text, Kind::Object]).and(
            self.implied(data.term.clone(), Operator::IsTruthy, Object::None)
                .negate(),
        );
        if self.known(list.clone()).as_constant().is_none() {
            self.remark("a text or an object in place of this list counts as an exception");
        }
        self.raise_if(list.or(empty).negate(), Exception::TYPE)
    }

    /// The items of a value whose number is known.
    pub(super) fn known_items(&mut self, value: Value<'m>) -> Outcome<Vec<Value<'m>>> {
        match value {
            Value::Sequence(sequence) => Ok(sequence.items.as_ref().clone()),
            Value::Mapping(mapping) => Ok(mapping
                .entries
                .iter()
                .map(|(key, _)| Value::Constant(key.clone()))
                .collect()),
            Value::Constant(crate::ir::Literal::Text(text)) => {
                Ok(text.chars().map(|c| Value::text(c.to_string())).collect())
            }
            Value::Constant(_) | Value::Truth(_) => self.raise(Exception::TYPE),
            Value::Refused(problem) => Err(Stop::Refused(Box::new(problem.as_ref().clone()))),
            other => self.refuse(format!("the items of {} must be known", other.type_name())),
        }
    }

    /// The items as a tuple, for operations that take any iterable.
    pub(super) fn as_tuple(&mut self, value: Value<'m>) -> Outcome<Value<'m>> {
        let items = self.known_items(value)?;
        Ok(self.sequence(SequenceKind::Tuple, items))
    }
}

/// The value of a name that rounds leave alone or set to one constant.
fn flag<'m>(
    key: &str,
    old: &Value<'m>,
    ends: &[(Condition, Names<'m>)],
    list: &Term,
) -> Option<Value<'m>> {
    let mut set = Condition::FALSE;
    let mut constant: Option<Value<'m>> = None;
    let mut earlier = Condition::FALSE;
    for (when, names) in ends {
        let value = names.get(key)?;
        let single = [];
        let (cases, otherwise) = match value {
            Value::Choice(choice) => (choice.cases.as_slice(), &choice.otherwise),
            other => (single.as_slice(), other),
        };
        let mut not_before = earlier.clone().negate().and(when.clone());
        let all = cases
            .iter()
            .map(|(case, value)| (case.clone(), value))
            .chain([(Condition::TRUE, otherwise)]);
        for (case, value) in all {
            match value {
                Value::Carried => {}
                Value::Constant(_) if constant.as_ref().is_none_or(|other| other.same(value)) => {
                    constant = Some(value.clone());
                    set = set.or(not_before.clone().and(case.clone()));
                }
                _ => return None,
            }
            not_before = not_before.and(case.negate());
        }
        earlier = earlier.or(when.clone());
    }
    Some(Value::choose(
        vec![(some(list, set), constant?)],
        old.clone(),
    ))
}

/// Whether any item of the list satisfies.
pub(super) fn some(list: &Term, body: Condition) -> Condition {
    match body.as_constant() {
        Some(false) => Condition::FALSE,
        _ => Condition::Items {
            quantifier: Quantifier::Some,
            list: list.clone(),
            body: Box::new(body),
        },
    }
}

/// Whether a value depends on the item of the quantifier at the level.
pub(super) fn reads_item(value: &Value<'_>, level: usize) -> bool {
    match value {
        Value::Data(data) => logic::term_reads_level(&data.term, level),
        Value::Truth(condition) => logic::reads_level(condition, level),
        Value::Address(term) | Value::Match { text: term, .. } => {
            logic::term_reads_level(term, level)
        }
        Value::Sequence(sequence) => sequence.items.iter().any(|item| reads_item(item, level)),
        Value::Mapping(mapping) => mapping
            .entries
            .iter()
            .any(|(_, value)| reads_item(value, level)),
        Value::Choice(choice) => {
            reads_item(&choice.otherwise, level)
                || choice.cases.iter().any(|(when, value)| {
                    logic::reads_level(when, level) || reads_item(value, level)
                })
        }
        Value::Comprehension(_) | Value::Carried => true,
        Value::Callable(super::value::Callable::Method { receiver, .. }) => {
            reads_item(receiver, level)
        }
        _ => false,
    }
}

/// Whether the statements have a jump of the loop around.
fn contains_jump(body: &[ast::Stmt]) -> bool {
    body.iter().any(|statement| match statement {
        ast::Stmt::Break(_) | ast::Stmt::Continue(_) => true,
        ast::Stmt::If(branch) => {
            contains_jump(&branch.body)
                || branch
                    .elif_else_clauses
                    .iter()
                    .any(|clause| contains_jump(&clause.body))
        }
        ast::Stmt::Try(branch) => {
            contains_jump(&branch.body)
                || contains_jump(&branch.orelse)
                || branch.handlers.iter().any(|handler| {
                    let ast::ExceptHandler::ExceptHandler(handler) = handler;
                    contains_jump(&handler.body)
                })
        }
        _ => false,
    })
}
