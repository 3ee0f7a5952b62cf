//! The function `alert_context`: the outputs of a rule by name, then the details that no output shows.
//!
//! A computed value that several of them share is written once, as a variable.

use std::rc::Rc;

use super::alert::Alerts;
use super::code::{Code, Line, Statement};
use super::module;
use super::names;
use super::notation::Python;
use crate::analysis::{Fidelity, Report};
use crate::ir::{Condition, FieldPath, Function, Origin, Term};

/// Values with more parts than this share no variables: every part is compared with every other.
const LARGEST: usize = 400;

/// A value of the context.
struct Entry<'r> {
    what: String,
    name: &'r str,
    source: &'r Term,
    /// Where it is there; everywhere without.
    when: Option<&'r Condition>,
    origin: Origin,
}

/// A value that is written.
struct Shown<'r> {
    name: &'r str,
    value: Term,
    source: &'r Term,
    when: Option<&'r Condition>,
}

impl Alerts<'_, '_> {
    /// The function; `None` where the rule hands nothing on.
    pub(super) fn context(&self, report: &mut Report) -> Option<module::Function> {
        let mut shown: Vec<Shown<'_>> = Vec::new();
        for entry in self.entries() {
            if let Some(other) = shown.iter().find(|known| known.name == entry.name) {
                if other.source == entry.source && other.when == entry.when {
                    report.exact(entry.what, entry.origin);
                } else {
                    let reason = "the alert context has one value per name";
                    report.record(Fidelity::Unsupported, entry.what, entry.origin, reason);
                }
                continue;
            }
            let resolved = self.resolve(entry.source, false).and_then(|resolved| {
                self.python.single(&resolved.term)?;
                if let Some(when) = entry.when {
                    self.python.condition(when)?;
                }
                Ok(resolved)
            });
            match resolved {
                Ok(resolved) => {
                    let fidelity = match resolved.reason {
                        "" => Fidelity::Exact,
                        _ => Fidelity::Narrower,
                    };
                    report.record(fidelity, entry.what, entry.origin, resolved.reason);
                    shown.push(Shown {
                        name: entry.name,
                        value: resolved.term,
                        source: entry.source,
                        when: entry.when,
                    });
                }
                Err(reason) => {
                    report.record(Fidelity::Unsupported, entry.what, entry.origin, reason);
                }
            }
        }
        if shown.is_empty() {
            return None;
        }
        self.context_lines(&shown)
            .ok()
            .map(|body| self.python.module.entry("alert_context", body))
    }

    fn entries(&self) -> Vec<Entry<'_>> {
        let outputs = self.rule.outputs.iter().map(|output| Entry {
            what: format!("output {}", output.name),
            name: &output.name,
            source: &output.source,
            when: output.when.as_ref(),
            origin: output.origin,
        });
        let details = self.rule.alert.details.iter().map(|detail| Entry {
            what: format!("detail {}", detail.name),
            name: &detail.name,
            source: &detail.source,
            when: None,
            origin: Origin::default(),
        });
        outputs.chain(details).collect()
    }

    fn context_lines(&self, shown: &[Shown<'_>]) -> Result<Vec<Line>, String> {
        let mut python = self.python.clone();
        let mut body = Vec::new();
        let (always, sometimes): (Vec<_>, Vec<_>) =
            shown.iter().partition(|shown| shown.when.is_none());
        let values: Vec<(&str, Term)> = always
            .iter()
            .map(|shown| (shown.name, shown.value.clone()))
            .collect();
        for term in shared(&values) {
            let output = values.iter().find(|(_, value)| *value == term);
            let stem = match output {
                Some((name, _)) => names::snake(name, "value"),
                None => names::variable(&term, "value"),
            };
            let variable = variable(&python, &stem);
            let value = python.single(&term)?;
            body.push(Line::assigns(1, variable.clone(), value));
            python.named.push((term, variable));
        }
        let context = variable(&python, "context");
        let opened = (!sometimes.is_empty()).then(|| context.clone());
        let mut entries = Vec::new();
        for (name, term) in &values {
            entries.push(Code::entry(Code::text(name), python.single(term)?));
        }
        match (opened, entries.is_empty()) {
            (None, true) => body.push(Line::returns(1, Code::dictionary(entries))),
            (Some(name), true) => body.push(Line::assigns(1, name, Code::dictionary(entries))),
            (opened, false) => {
                body.push(Line::new(1, Statement::Open(opened)));
                let items = entries.into_iter().map(Statement::Item);
                body.extend(items.map(|item| Line::new(2, item)));
                body.push(Line::new(1, Statement::Close));
            }
        }
        for Shown {
            name, value, when, ..
        } in &sometimes
        {
            let Some(when) = when else { continue };
            body.push(Line::asks(1, python.condition(when)?));
            let statement = Statement::Set {
                holder: context.clone(),
                key: Code::text(name),
                value: python.single(value)?,
            };
            body.push(Line::new(2, statement));
        }
        if !sometimes.is_empty() {
            body.push(Line::returns(1, Code::name(context)));
        }
        Ok(body)
    }
}

/// A variable that is not in use.
fn variable(python: &Python<'_>, stem: &str) -> Rc<str> {
    let used: Vec<Rc<str>> = python.named.iter().map(|(_, name)| name.clone()).collect();
    python.module.variable(stem, &used)
}

/// The computed terms that stand in the values more than once, the inner ones first; not those that only ever stand in another
/// such term.
fn shared(values: &[(&str, Term)]) -> Vec<Term> {
    let mut calls = Vec::new();
    for (_, term) in values {
        collect(term, &mut calls);
    }
    if calls.len() > LARGEST {
        return Vec::new();
    }
    let mut repeated: Vec<(&Term, usize)> = Vec::new();
    for call in &calls {
        let count = calls.iter().filter(|other| *other == call).count();
        if count > 1 && !repeated.iter().any(|(known, _)| known == call) {
            repeated.push((call, count));
        }
    }
    let within = |inner: &Term, (outer, count): &(&Term, usize)| {
        let mut parts = Vec::new();
        collect(outer, &mut parts);
        *outer != inner
            && parts.iter().filter(|part| **part == inner).count() * count
                == calls.iter().filter(|call| **call == inner).count()
    };
    let mut terms: Vec<&Term> = repeated
        .iter()
        .map(|(term, _)| *term)
        .filter(|term| !repeated.iter().any(|other| within(term, other)))
        .collect();
    let size = |term: &Term| {
        let mut parts = Vec::new();
        collect(term, &mut parts);
        parts.len()
    };
    terms.sort_by_key(|term| size(term));
    terms.into_iter().cloned().collect()
}

/// The computed terms in a term, itself among them; not those of which a path goes through every item of a list.
fn collect<'t>(term: &'t Term, calls: &mut Vec<&'t Term>) {
    if let Term::Call {
        function,
        arguments,
    } = term
    {
        // A value or a constant in its place is as short as a variable.
        let plain = matches!(
            function,
            Function::Coalesce | Function::IfMissing | Function::Each
        );
        if !plain && !term.fields().into_iter().any(FieldPath::has_each) {
            calls.push(term);
        }
        for argument in arguments {
            collect(argument, calls);
        }
    }
}
