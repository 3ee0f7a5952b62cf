//! Symbolic execution of a rule's Python: a module tree and a function's name to what the function gives for any event.
//!
//! Expressions are evaluated to abstract [`Value`]s. Statements are executed once per path with the paths merged again where
//! they join: names that differ become choices, and every way out of a function (a return, an exception) is an [`Exit`] with
//! the condition on which it is taken, the first that holds winning. Constants are folded, functions inlined, loops over
//! constants unrolled, loops over lists of the event turned into quantifiers.
//!
//! Invariant: whatever cannot be expressed exactly ends in [`Stop::Refused`], never in a value that is only nearly right.

#![allow(
    clippy::needless_pass_by_value,
    reason = "values are handed over to the operation that uses them up; some operations only look"
)]

mod absent;
mod address;
mod affix;
mod aftermath;
mod alike;
mod argument;
mod arithmetic;
mod assignment;
mod attempts;
mod bindings;
mod builtin;
mod bytes;
mod call;
mod change;
mod change_dictionary;
mod change_list;
mod character;
mod choice;
mod class;
mod clock;
mod compare;
mod comprehension;
mod current;
mod dictionary;
mod each;
mod earlier;
mod emitted;
mod ending;
mod entries;
mod exception;
mod exits;
mod expression;
mod fact;
mod growth;
mod guard;
mod held;
mod interpolation;
mod item;
mod iterator;
mod key;
mod kinds;
mod lean;
mod leave;
mod library;
mod listing;
mod lists;
mod logic;
mod loops;
mod match_case;
mod matching;
mod method;
mod module;
mod moment;
mod names;
mod number;
mod padding;
mod parts;
mod pattern;
mod phases;
mod pick;
mod position;
mod predicate;
mod property;
mod quantify;
mod readings;
mod recursion;
mod reduce;
mod reflect;
mod remap;
mod remember;
mod rewrite;
mod rounds;
mod scope;
mod search;
mod sets;
mod shape;
mod shared_map;
mod shown;
mod sorting;
mod standing;
mod state;
mod statement;
mod subscript;
mod term;
mod text;
mod udm;
mod unbound;
mod value;
mod vendor;
mod walk;
mod zipped;

use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;

use rustpython_ruff_python_ast as ast;
use rustpython_ruff_text_size::Ranged;

use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{Condition, FieldPath, Kind, Literal, Origin, Term};
use crate::source::Span;
use crate::syntax::python;

use super::model::Model;
pub(super) use exception::Exception;
use exits::Exits;
use names::Scope;
use state::{Cell as StateCell, State};
use value::Names;

pub(super) use absent::{given, presence};
pub(super) use attempts::asked_once;
pub(super) use exits::{Exit, Way};
pub(super) use logic::{depth, mix, size};
pub(in crate::frontend) use module::Places;
pub(super) use module::{ANCESTORS, ModuleId, Modules, load};
pub(super) use term::{json_key, merged, term_of};
pub(super) use udm::is_of;
pub(super) use value::{Mapping, SequenceKind, Value};

/// Expressions and calls within one another.
const DEPTH: usize = 220;
/// Steps of work for one function of a rule; a step is an evaluated expression or a copied node of a condition.
const BUDGET: usize = 400_000;
/// Comparisons of conditions that count as one step.
const COMPARED_PER_STEP: usize = 128;
/// Values that a container may hold, containers within it included.
const WEIGHT: usize = 100_000;
/// Bytes that a text constant may have.
const TEXT: usize = 100_000;
/// Ways out of one function.
const EXITS: usize = 3_000;

/// Why an evaluation ends without a value.
#[derive(Debug)]
pub(super) enum Stop {
    /// Every path to here has already left the function.
    Dead,
    /// The construct cannot be expressed.
    Refused(Box<Diagnostic>),
}

/// The result of an evaluation.
pub(super) type Outcome<T> = Result<T, Stop>;

/// What the result is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// A verdict: everything must be exact.
    Verdict,
    /// Text for people: a part that cannot be read spoils only what it is a part of.
    Display,
}

/// One function that is being executed.
#[derive(Debug)]
struct Frame<'m> {
    module: ModuleId,
    names: Names<'m>,
    /// The names of the functions around a nested one.
    closure: Names<'m>,
    /// Which names the function binds.
    bound: Rc<scope::Bound<'m>>,
    /// Which call of a function it is.
    number: usize,
    /// Whether it is the body of a class.
    is_class: bool,
    /// The method that is called, if it is one.
    method: Option<Rc<class::Bound<'m>>>,
    /// The exception that the handler around handles.
    handled: Option<Exception>,
    /// What holds on the path to here, the innermost branch last.
    guards: guard::Guards,
    /// The guards from here on are part of the conditions of exits.
    root: usize,
    /// The ways out so far.
    exits: Exits<'m>,
    /// The `break`s and `continue`s of the innermost loop.
    jumps: Vec<loops::Jump<'m>>,
    /// The guard at which the current iteration of the innermost loop starts.
    iteration: usize,
    /// The guard at which the current statement starts.
    statement: usize,
    /// How many `try` stand around.
    tries: usize,
}

impl<'m> Frame<'m> {
    fn new(module: ModuleId, names: Names<'m>, closure: Names<'m>) -> Self {
        Self {
            module,
            names,
            closure,
            bound: Rc::default(),
            number: 0,
            is_class: false,
            method: None,
            handled: None,
            guards: guard::Guards::default(),
            root: 0,
            exits: Exits::default(),
            jumps: Vec::new(),
            iteration: 0,
            statement: 0,
            tries: 0,
        }
    }
}

/// The machine.
pub(super) struct Executor<'m> {
    modules: &'m Modules,
    /// What the rule's functions are called with.
    subject: Value<'m>,
    /// The data model of the event's log type.
    model: Option<&'m Model>,
    /// Whether the data model was asked for.
    asked: bool,
    scopes: Vec<(ModuleId, Scope<'m>)>,
    globals: BTreeMap<(ModuleId, &'m str), Value<'m>>,
    /// The modules that are being executed from top to bottom.
    executing: Vec<ModuleId>,
    /// How many modules, or parts of modules, are being loaded.
    loading: usize,
    /// The cells as the modules left them when they were loaded.
    loaded: State<'m>,
    /// The values of cells before anything wrote them.
    originals: BTreeMap<StateCell<'m>, Value<'m>>,
    /// The states in which the next function starts, by the log type of the data model.
    starts: Vec<(Option<&'m str>, State<'m>)>,
    /// The containers that are many objects, one per item of event data.
    many: std::collections::BTreeSet<u32>,
    /// What cells hold that an earlier event may have written.
    earlier: BTreeMap<StateCell<'m>, Value<'m>>,
    /// The lasting cells that functions have changed.
    changed: std::collections::BTreeSet<StateCell<'m>>,
    /// Whether there is a time of a scan.
    scans: bool,
    /// What stands in place of names of the rule's own module.
    mocks: BTreeMap<String, Literal>,
    /// The method whose function is about to be called.
    calling: Option<Rc<class::Bound<'m>>>,
    /// The author's exceptions, each with the classes that it is made from.
    exceptions: BTreeMap<u32, Vec<u32>>,
    /// The functions that are executed for any value, the innermost last.
    recursions: Vec<recursion::Recursion<'m>>,
    /// The lists of items that were made meanwhile.
    lists: BTreeMap<item::ItemId, crate::ir::Term>,
    /// How the functions that were called are written.
    shapes: BTreeMap<*const ast::StmtFunctionDef, shape::Shape<'m>>,
    /// What functions gave.
    remembered: BTreeMap<remember::Place, Vec<remember::Remembered<'m>>>,
    /// How many functions were called.
    calls: usize,
    frame: Frame<'m>,
    /// The frames of the callers.
    outer: Vec<Frame<'m>>,
    /// The number of the next item of an event list.
    next_item: item::ItemId,
    /// What stands for what earlier rounds made of names.
    carried: standing::Carried<'m>,
    /// The phases of the loops that are being read.
    phases: usize,
    depth: usize,
    spent: usize,
    /// Facts that were compared with a condition.
    compared: Cell<usize>,
    identities: u32,
    purpose: Purpose,
    /// The place of the operation at work.
    here: Option<Span>,
    /// Remarks that do not stop anything.
    pub(super) remarks: Vec<Diagnostic>,
    /// The calls after which the verdict depends on more than the event.
    pub(super) outside: Vec<Diagnostic>,
}

impl<'m> Executor<'m> {
    /// A machine over the modules, whose functions are called with an event.
    pub(super) fn new(modules: &'m Modules) -> Self {
        Self {
            modules,
            subject: Value::Event,
            model: None,
            asked: false,
            scopes: Vec::new(),
            globals: BTreeMap::new(),
            executing: Vec::new(),
            loading: 0,
            loaded: State::default(),
            originals: BTreeMap::new(),
            starts: Vec::new(),
            many: std::collections::BTreeSet::new(),
            earlier: BTreeMap::new(),
            changed: std::collections::BTreeSet::new(),
            scans: false,
            mocks: BTreeMap::new(),
            calling: None,
            exceptions: BTreeMap::new(),
            recursions: Vec::new(),
            lists: BTreeMap::new(),
            shapes: BTreeMap::new(),
            remembered: BTreeMap::new(),
            calls: 0,
            frame: Frame::new(Modules::MAIN, Names::new(), Names::new()),
            outer: Vec::new(),
            next_item: item::ItemId::FIRST,
            carried: standing::Carried::default(),
            phases: 0,
            depth: 0,
            spent: 0,
            compared: Cell::new(0),
            identities: 0,
            purpose: Purpose::Verdict,
            here: None,
            remarks: Vec::new(),
            outside: Vec::new(),
        }
    }

    /// Lets the functions be called with a resource: a plain dictionary, whose keys have to be spelt exactly so.
    pub(super) fn judge_resource(&mut self) {
        self.subject = Value::Data(value::Data {
            term: Term::Field(FieldPath::root()),
            kind: Some(Kind::Object),
            plain: true,
        });
    }

    /// Puts mocks in place of names of the rule's own module, as Panther does for a test.
    pub(super) fn replace(&mut self, mocks: &[(String, Literal)]) {
        self.mocks.extend(mocks.iter().cloned());
    }

    /// Whether the rule's own module binds the name.
    pub(super) fn defines(&mut self, name: &str) -> bool {
        self.scope(Modules::MAIN).binds(name)
    }

    /// Lets the time be asked for, which a judgement of resources has and one of events has not.
    pub(super) fn scan(&mut self) {
        self.scans = true;
    }

    /// Where the rule's own module defines the function.
    pub(super) fn span_of(&self, function: &str) -> Option<Span> {
        let module = self.modules.get(Modules::MAIN);
        let definition = module.definition(function)?;
        Some(python::span_of(module.source, &definition.name))
    }

    /// Where a function of the rule names a key of a dictionary; the function's own place where it is named elsewhere.
    pub(super) fn span_of_key(&self, function: &str, key: &str) -> Option<Span> {
        let module = self.modules.get(Modules::MAIN);
        let definition = module.definition(function)?;
        let range = bindings::naming(&definition.body, key).unwrap_or(definition.name.range);
        Some(python::span_of(module.source, &range))
    }

    /// The ways out of the rule's function `name` when it is called with the event.
    fn run_once(
        &mut self,
        name: &'m str,
        purpose: Purpose,
    ) -> Result<Vec<Exit<'m>>, Box<Diagnostic>> {
        (self.purpose, self.spent, self.depth) = (purpose, 0, 0);
        (self.here, self.outer) = (None, Vec::new());
        (self.loading, self.executing) = (0, Vec::new());
        self.recursions.clear();
        self.lists.clear();
        self.compared.set(0);
        self.carried = standing::Carried::default();
        let names = Names::within(self.start());
        self.frame = Frame::new(Modules::MAIN, names, Names::new());
        for fact in self.model.map_or_else(Vec::new, udm::facts) {
            self.frame.guards.push(fact);
        }
        let result = self.global(Modules::MAIN, name).and_then(|function| {
            self.call_exits(
                function,
                argument::Arguments::positional(vec![self.subject.clone()]),
            )
        });
        match result {
            Ok(exits) => Ok(exits),
            Err(Stop::Dead) => Ok(self.frame.exits.take()),
            Err(Stop::Refused(diagnostic)) => Err(diagnostic),
        }
    }

    /// Refuses the construct at the current place.
    fn refuse<T>(&self, message: impl Into<String>) -> Outcome<T> {
        Err(self.refusal(Code::PythonUnsupported, message))
    }

    /// A value whose use is refused.
    fn refused_value(&self, message: impl Into<String>) -> Value<'m> {
        let problem = Diagnostic::error(Code::PythonUnsupported, message).at(self.here);
        Value::Refused(Rc::new(problem))
    }

    fn refusal(&self, code: Code, message: impl Into<String>) -> Stop {
        Stop::Refused(Box::new(Diagnostic::error(code, message).at(self.here)))
    }

    /// Makes `node` the current place.
    fn stand_at(&mut self, node: &impl Ranged) {
        let source = self.modules.get(self.frame.module).source;
        self.here = Some(python::span_of(source, node));
    }

    fn origin(&self) -> Origin {
        Origin(self.here)
    }

    /// Pays for work.
    fn spend(&mut self, steps: usize) -> Outcome<()> {
        self.spent = self.spent.saturating_add(steps);
        let compared = self.compared.get() / COMPARED_PER_STEP;
        if self.spent.saturating_add(compared) > BUDGET || self.frame.exits.len() > EXITS {
            let stop = self.refusal(
                Code::PythonBudget,
                "the rule must expand to a smaller condition than this",
            );
            return Err(stop);
        }
        Ok(())
    }

    /// Does something one level deeper.
    fn deeper<T>(&mut self, work: impl FnOnce(&mut Self) -> Outcome<T>) -> Outcome<T> {
        if self.depth >= DEPTH {
            return Err(self.refusal(
                Code::PythonBudget,
                "the calls and expressions must be nested less deeply than this",
            ));
        }
        self.depth += 1;
        let result = work(self);
        self.depth -= 1;
        result
    }

    /// Does something on the path where `guard` holds as well.
    fn guarded<T>(
        &mut self,
        guard: Condition,
        work: impl FnOnce(&mut Self) -> Outcome<T>,
    ) -> Outcome<T> {
        let before = self.frame.guards.len();
        self.frame.guards.push(guard);
        let result = work(self);
        self.frame.guards.truncate(before);
        result
    }
}
