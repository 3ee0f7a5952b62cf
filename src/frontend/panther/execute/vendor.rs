//! What depends on more than the event: Panther's key-value store, the clock, chance and the machine.
//!
//! The store's functions are the vendor's own API and are known by name; each says how a rule that needs it can be written
//! without. Invariant: nothing of this file ever gets a value.

use std::collections::BTreeSet;

use rustpython_ruff_python_ast as ast;
use rustpython_ruff_python_ast::visitor::{self, Visitor};

use super::names::Binding;
use super::{Executor, Modules, Outcome, Stop};
use crate::diagnostic::{Code, Diagnostic};
use crate::syntax::python;

/// Modules whose functions keep state between events.
const STORES: &[&str] = &["panther_detection_helpers.caching", "panther_oss_helpers"];

/// The functions of the store, and what says the same without it.
const REWRITES: &[(&[&str], &str)] = &[
    (
        &[
            "add_to_string_set",
            "get_string_set",
            "put_string_set",
            "remove_from_string_set",
            "reset_string_set",
        ],
        "a set that gathers values until there are enough of them is a `unique()` function with a `Threshold`; one that \
         remembers what was seen before has no counterpart",
    ),
    (
        &[
            "evaluate_threshold",
            "get_counter",
            "increment_counter",
            "reset_counter",
        ],
        "a counter is a `Threshold` with a `dedup()` function that returns its key and `DedupPeriodMinutes` for its expiry",
    ),
    (
        &["check_account_age"],
        "whether an account is new is known from the events before this one; a correlation rule can follow its creation",
    ),
    (
        &["get_dictionary", "put_dictionary"],
        "a value that is remembered from an earlier event has no counterpart; a correlation rule can compare two events",
    ),
];

/// Functions that read the clock.
const CLOCKS: &[&str] = &[
    "datetime.date.today",
    "datetime.datetime.now",
    "datetime.datetime.today",
    "datetime.datetime.utcnow",
    "time.gmtime",
    "time.localtime",
    "time.monotonic",
    "time.perf_counter",
    "time.time",
    "time.time_ns",
];

/// Functions whose result is different every time, or on every machine.
const CHANCES: &[&str] = &[
    "os.",
    "random.",
    "secrets.",
    "socket.",
    "subprocess.",
    "sys.",
    "uuid.uuid1",
    "uuid.uuid4",
];

/// Why the function cannot be called, if it depends on more than its arguments.
fn problem(path: &str) -> Option<Diagnostic> {
    let name = path.rsplit('.').next().unwrap_or(path);
    let must_not = |code, why: &str| {
        Diagnostic::error(
            code,
            format!("the rule must not call `{path}`, which {why}"),
        )
    };
    if STORES.iter().any(|module| within(path, module)) {
        let problem = must_not(Code::PythonStateful, "keeps state between events");
        return Some(
            match REWRITES.iter().find(|(names, _)| names.contains(&name)) {
                Some((_, rewrite)) => problem.help(*rewrite),
                None => problem,
            },
        );
    }
    if CLOCKS.contains(&path) {
        return Some(reads_clock(path));
    }
    let by_chance = CHANCES.iter().any(|start| path.starts_with(start));
    by_chance.then(|| must_not(Code::PythonStateful, "depends on more than the event"))
}

fn reads_clock(path: &str) -> Diagnostic {
    let message = format!("the rule must not call `{path}`, which reads the clock");
    Diagnostic::error(Code::PythonClock, message).help(
        "compare the event's own times, or let the deduplication period limit the age of what is counted",
    )
}

/// Whether the full name is of something in the module.
fn within(path: &str, module: &str) -> bool {
    path.strip_prefix(module)
        .is_some_and(|rest| rest.starts_with('.'))
}

impl<'m> Executor<'m> {
    /// Refuses a call whose result depends on more than its arguments.
    pub(super) fn require_pure(&self, path: &str) -> Outcome<()> {
        match problem(path) {
            Some(problem) => Err(Stop::Refused(Box::new(problem.at(self.here)))),
            None => Ok(()),
        }
    }

    /// That a call reads the clock.
    pub(super) fn clock_refused(&self, path: &str) -> Stop {
        Stop::Refused(Box::new(reads_clock(path).at(self.here)))
    }

    /// The refusal that matters: where the rule's own functions, from the given one on, call what no event says, that; else
    /// the one that was met first.
    pub(in crate::frontend::panther) fn essential(
        &mut self,
        function: &'m str,
        met: Diagnostic,
    ) -> Diagnostic {
        if met.code == Code::PythonStateful {
            return met;
        }
        let source = self.modules.get(Modules::MAIN).source;
        let (mut seen, mut next) = (BTreeSet::from([function]), vec![function]);
        while let Some(name) = next.pop() {
            let Some(Binding::Function(definition)) = self.scope(Modules::MAIN).binding(name)
            else {
                continue;
            };
            let mut calls = Calls::default();
            calls.visit_body(&definition.body);
            for (call, path) in calls.found {
                let problem = self.full_name(&path).as_deref().and_then(problem);
                // Of two clocks the first that was met is meant; state matters more than the clock.
                let clock_is_known = self.scans || met.code == Code::PythonClock;
                let matters =
                    |problem: &Diagnostic| !clock_is_known || problem.code != Code::PythonClock;
                if let Some(problem) = problem.filter(matters) {
                    return problem.at(python::span_of(source, call));
                }
            }
            let new = super::bindings::mentioned(&definition.body).into_iter();
            next.extend(new.filter(|name| seen.insert(name)));
        }
        met
    }

    /// The full name of what the rule's own module imports under this one.
    fn full_name(&mut self, path: &[&'m str]) -> Option<String> {
        let (first, rest) = path.split_first()?;
        let start = match self.scope(Modules::MAIN).binding(first)? {
            Binding::Import(module) => module.to_owned(),
            Binding::ImportFrom(import, item) => {
                let module = import.module.as_ref()?;
                format!("{module}.{item}")
            }
            _ => return None,
        };
        Some(
            rest.iter()
                .fold(start, |path, part| format!("{path}.{part}")),
        )
    }
}

/// The calls of plain and dotted names.
#[derive(Default)]
struct Calls<'m> {
    found: Vec<(&'m ast::ExprCall, Vec<&'m str>)>,
}

impl<'m> Visitor<'m> for Calls<'m> {
    fn visit_expr(&mut self, expression: &'m ast::Expr) {
        if let ast::Expr::Call(call) = expression
            && let Some(path) = dotted(&call.func)
        {
            self.found.push((call, path));
        }
        visitor::walk_expr(self, expression);
    }
}

/// The parts of a dotted name.
fn dotted(expression: &ast::Expr) -> Option<Vec<&str>> {
    match expression {
        ast::Expr::Name(name) => Some(vec![name.id.as_str()]),
        ast::Expr::Attribute(attribute) => {
            let mut path = dotted(&attribute.value)?;
            path.push(attribute.attr.as_str());
            Some(path)
        }
        _ => None,
    }
}
