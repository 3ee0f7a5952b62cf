//! A threshold to `summarize` and the `where` on its count.
//!
//! After a `summarize` only groups and aggregates are left. What outputs and the alert need of single events is carried through:
//! an output as the set of its values, a value of a title or an entity as that of any one event of the group.

use super::aggregate::{compares, function_of, is_of_groups, readable, set_of};
use super::alert::Want;
use super::columns::{Columns, item, named};
use super::names;
use super::quote;
use super::stage::Stage;
use super::term::Scope;
use super::told::of_groups;
use super::value::{Kind, Value, has_default, strength};
use super::window::Counting;
use crate::analysis::Report;
use crate::backend::fragment::Fragment;
use crate::ir::{
    Aggregate, Comparison, Function, Measure, Output, Rule, Shared, Stage as Source, Term,
    Threshold, WindowKind,
};

/// The `summarize` while it is put together.
pub(super) struct Group<'c> {
    /// What the aggregates read.
    rows: Scope<'c>,
    /// What can be read of the result.
    pub(super) columns: Columns<'c>,
    keys: Vec<Fragment>,
    counting: Counting,
    /// Whether the rule was written for Kusto, whose count of distinct values is an estimate.
    estimates: bool,
    /// Where rows are looked back on, the keys that are no columns before the rows are put in order.
    before: Vec<Fragment>,
    /// The columns of the keys then, each with whether its values are texts.
    ordered: Vec<(String, bool)>,
    aggregates: Vec<Fragment>,
    /// Columns of which any value will do.
    any: Vec<String>,
}

impl<'c> Group<'c> {
    /// Turns the threshold into stages. Nothing where a group cannot be computed; the report says why.
    pub(super) fn build(
        rule: &Rule,
        threshold: &Threshold,
        rows: Scope<'c>,
        wants: &[Want],
        report: &mut Report,
    ) -> Option<Columns<'c>> {
        let mut columns = Columns::new(Scope::columns(rows.place));
        // What is counted reads the columns that the selection made.
        rows.made().for_each(|name| columns.take(&name));
        let mut group = Self {
            rows,
            columns,
            keys: Vec::new(),
            counting: Counting::of(threshold),
            estimates: super::is_own(rule),
            before: Vec::new(),
            ordered: Vec::new(),
            aggregates: Vec::new(),
            any: Vec::new(),
        };
        let what = format!("threshold {threshold}");
        if let Err(reason) = group.keys(rule, threshold) {
            report.refuse(what, threshold.origin, reason);
            return None;
        }
        let measure = match group.measure(rule, threshold) {
            Ok(measure) => measure,
            Err(reason) => {
                report.refuse(what, threshold.origin, reason);
                return None;
            }
        };
        for output in &rule.outputs {
            // What cannot be carried is reported where the outputs are written.
            let _ = group.carry(&of_groups(output));
        }
        for want in wants {
            group.show(want);
        }
        super::window::record(threshold, what, report);
        Some(group.finish(&measure, threshold))
    }

    fn finish(mut self, measure: &str, threshold: &Threshold) -> Columns<'c> {
        if !self.any.is_empty() {
            let any = format!("take_any({})", self.any.join(", "));
            self.aggregates.push(Fragment::atom(any));
        }
        let bursts = match self.counting {
            Counting::Rows(steps) => Some(self.burst(steps, threshold)),
            Counting::Bins | Counting::Run => None,
        };
        let stage = Stage::Summarize(self.aggregates, self.keys);
        self.columns.push(stage);
        if let Some(bursts) = bursts {
            let reached = Fragment::with_strength(format!("{bursts} > 0"), strength::ORDER);
            self.columns.push(Stage::Where(reached));
            return self.columns;
        }
        let bound = |comparison: Comparison, count: f64| {
            let text = format!("{measure} {} {}", comparison.sign(), quote::number(count));
            Stage::Where(Fragment::with_strength(text, strength::ORDER))
        };
        self.columns
            .push(bound(threshold.comparison, threshold.count));
        if let Some(also) = threshold.also {
            self.columns.push(bound(also.comparison, also.count));
        }
        self.columns
    }

    fn keys(&mut self, rule: &Rule, threshold: &Threshold) -> Result<(), String> {
        if self.counting == Counting::Bins {
            let window = quote::timespan(threshold.window);
            let bin = format!("bin(TimeGenerated, {window})");
            self.keys.push(Fragment::atom(bin));
            self.columns.take("TimeGenerated");
            let time = rule
                .outputs
                .iter()
                .map(|output| &output.source)
                .find(|term| {
                    term.as_field()
                        .is_some_and(|path| self.rows.place.is_time(path))
                });
            if let Some(time) = time {
                self.columns
                    .scope
                    .name(time.clone(), "TimeGenerated", Kind::Time);
            }
        }
        for term in &threshold.group_by {
            let value = self.rows.term(term)?;
            let value = if value.kind == Kind::Dynamic {
                value.as_text()
            } else {
                value
            };
            let named = rule
                .outputs
                .iter()
                .find(|output| output.source == *term && output.stage == Source::Summarize)
                .map(|output| output.name.clone())
                .filter(|name| quote::is_word(name) && !self.columns.is_taken(name));
            let name = match named {
                Some(name) => name,
                None => {
                    (value.as_word()).unwrap_or_else(|| self.columns.fresh(&names::of_term(term)))
                }
            };
            self.columns.take(&name);
            self.key(&name, &value);
            self.columns.scope.name(term.clone(), &name, value.kind);
            // A group by a value or its fallback is also a group by the value.
            if let Term::Call {
                function: Function::Coalesce | Function::IfMissing,
                arguments,
            } = term
                && let Some(first) = arguments.first()
                && self
                    .rows
                    .term(first)
                    .is_ok_and(|bare| bare.says_same(&value))
            {
                self.columns
                    .scope
                    .name_too(first.clone(), &name, value.kind);
            }
        }
        Ok(())
    }

    /// A key of the groups. Rows are put in the order of columns, so that a key that is none is made one before.
    fn key(&mut self, name: &str, value: &Value) {
        let item = item(name, value);
        let Counting::Rows(_) = self.counting else {
            self.keys.push(item);
            return;
        };
        let is_text = matches!(value.kind, Kind::Text);
        let column = if value.text() == quote::name(name) {
            value.text()
        } else if self.rows.place.has_column(name) {
            let column = self.columns.fresh(name);
            self.before.push(named(&column, &value.fragment));
            column
        } else {
            self.before.push(item);
            quote::name(name)
        };
        self.keys.push(if column == quote::name(name) {
            Fragment::atom(&column)
        } else {
            named(name, &Fragment::atom(&column))
        });
        self.ordered.push((column, is_text));
    }

    /// The rows in order, and whether each ends a window that is reached; the aggregate that counts those.
    fn burst(&mut self, steps: u64, threshold: &Threshold) -> String {
        if !self.before.is_empty() {
            let before = std::mem::take(&mut self.before);
            self.columns.push(Stage::Extend(before));
        }
        let ordered = std::mem::take(&mut self.ordered);
        let columns = ordered.iter().map(|(column, _)| column.clone());
        let order = columns.chain(["TimeGenerated".to_owned()]).collect();
        self.columns.push(Stage::Sort(order));
        // Both ends of a sliding window are in it.
        let within = match threshold.window_kind {
            WindowKind::Sliding => "<=",
            WindowKind::Aligned | WindowKind::FromFirstMatch | WindowKind::PerRun => "<",
        };
        let mut parts = vec![Fragment::with_strength(
            format!(
                "TimeGenerated - prev(TimeGenerated, {steps}) {within} {}",
                quote::timespan(threshold.window)
            ),
            strength::ORDER,
        )];
        parts.extend(ordered.iter().map(|(column, is_text)| {
            let same = if *is_text {
                format!("{column} == prev({column}, {steps})")
            } else {
                // A value that is missing is no equal of another.
                format!("tostring({column}) == tostring(prev({column}, {steps}))")
            };
            Fragment::with_strength(same, strength::EQUALITY)
        }));
        let is_burst = self.columns.fresh("IsBurst");
        let ends = Fragment::infix("and", strength::AND, parts);
        self.columns
            .push(Stage::Extend(vec![named(&is_burst, &ends)]));
        let bursts = self.columns.fresh("Bursts");
        let count = Fragment::atom(format!("countif({is_burst})"));
        // Beside the count of the events.
        let at = self.aggregates.len().min(1);
        self.aggregates.insert(at, named(&bursts, &count));
        bursts
    }

    /// The column with the measure.
    fn measure(&mut self, rule: &Rule, threshold: &Threshold) -> Result<String, String> {
        let term = match &threshold.measure {
            Measure::Count => Term::aggregate(Aggregate::Count, None),
            Measure::DistinctCount(term) => {
                Term::aggregate(Aggregate::DistinctCount, Some(term.clone()))
            }
            Measure::Sum(term) => Term::aggregate(Aggregate::Sum, Some(term.clone())),
            Measure::Average(term) => Term::aggregate(Aggregate::Average, Some(term.clone())),
            Measure::Percentile { .. } => {
                return Err("Kusto's percentiles of many values are estimates".to_owned());
            }
        };
        let named = rule
            .outputs
            .iter()
            .find(|output| output.source == term)
            .map(|output| output.name.as_str());
        let default = match &threshold.measure {
            Measure::Count => "Count".to_owned(),
            Measure::DistinctCount(term) => format!("Distinct{}", names::of_term(term)),
            Measure::Sum(term) => format!("Total{}", names::of_term(term)),
            Measure::Average(term) | Measure::Percentile { of: term, .. } => {
                format!("Average{}", names::of_term(term))
            }
        };
        self.aggregate(&term, named.unwrap_or(&default))?;
        let column = self.columns.scope.lookup(&term).map(Value::text);
        column.ok_or_else(|| "the measure has no column".to_owned())
    }

    /// Adds an aggregate under the name, or under Kusto's own where they are the same.
    fn aggregate(&mut self, term: &Term, name: &str) -> Result<(), String> {
        if self.columns.scope.lookup(term).is_some() {
            return Ok(());
        }
        let Term::Aggregate {
            aggregate,
            argument,
        } = term
        else {
            return Err(format!("`{term}` is no aggregate"));
        };
        let value = argument
            .as_ref()
            .map(|argument| self.rows.shown(argument))
            .transpose()?
            .map(|value| readable(*aggregate, value));
        let is_field = |argument: &Shared<Term>| argument.as_field().is_some();
        let reshaped = value.as_ref().is_some_and(|value| value.reshaped);
        if reshaped && compares(*aggregate) && argument.as_ref().is_some_and(is_field) {
            return Err(super::notation::reshaped(term));
        }
        let is_default = has_default(argument.as_deref());
        let argument = value.as_ref().map_or_else(String::new, Value::text);
        let (function, kind) = function_of(*aggregate, value.as_ref());
        let is_counted = *aggregate == Aggregate::DistinctCount && !self.estimates;
        let call = match &value {
            // What stands for a missing value is one more value.
            Some(value) if is_counted && is_default => {
                Fragment::called("count_distinct", std::slice::from_ref(&value.fragment))
            }
            // `dcount` estimates, and takes a missing text for a value.
            Some(value) if is_counted => {
                let call = "count_distinctif({}, isnotempty({}))";
                Fragment::form(call, &[&value.fragment, &value.fragment])
            }
            Some(value) => value.fragment.clone().call(&format!("{function}("), ")"),
            None => Fragment::atom(format!("{function}()")),
        };
        let default = names::of_aggregate(*aggregate, &argument);
        let is_plain = argument.is_empty() || quote::is_word(&argument);
        let name = if is_plain && name == default && !self.columns.is_taken(name) {
            self.columns.take(name);
            self.aggregates.push(call);
            name.to_owned()
        } else {
            let name = if quote::is_word(name) && !self.columns.is_taken(name) {
                self.columns.take(name);
                name.to_owned()
            } else {
                self.columns.fresh(name)
            };
            self.aggregates.push(named(&name, &call));
            name
        };
        self.columns.scope.name(term.clone(), &name, kind);
        Ok(())
    }

    /// Makes sure that a value of the alert can be computed from the groups. One that cannot be put together behind them is made
    /// of single events, of which any will do.
    fn show(&mut self, want: &Want) {
        let (columns, aggregates) = (self.columns.clone(), self.aggregates.len());
        let any = self.any.len();
        let needed = self.need(&want.term);
        if needed.is_ok() && self.columns.scope.shown(&want.term).is_ok() {
            return;
        }
        self.rows.set_lenient(true);
        if is_of_groups(&want.term) || self.rows.shown(&want.term).is_err() {
            return;
        }
        self.columns = columns;
        self.aggregates.truncate(aggregates);
        self.any.truncate(any);
        let _ = self.any_as(&want.term, &want.name);
    }

    /// Makes sure that an output can be computed from the groups.
    fn carry(&mut self, output: &Output) -> Result<(), String> {
        let source = &output.source;
        if self.columns.scope.lookup(source).is_some() {
            return Ok(());
        }
        match source {
            Term::Aggregate { .. } => self.aggregate(source, &output.name),
            Term::Call {
                function: Function::Each,
                arguments,
            } => arguments.iter().try_for_each(|list| match list {
                Term::Aggregate { .. } => self.aggregate(list, &output.name),
                list => self.need(list),
            }),
            _ if is_of_groups(source) || self.is_of_keys(source) => self.need(source),
            _ => {
                let set = set_of(source);
                let argument = self.rows.shown(source)?.text();
                let default = names::of_aggregate(Aggregate::MakeSet, &argument);
                let name = if quote::is_word(&argument) {
                    default
                } else {
                    names::pascal(&output.name)
                };
                self.aggregate(&set, &name)
            }
        }
    }

    /// Whether the term can be computed from the keys alone.
    fn is_of_keys(&self, term: &Term) -> bool {
        self.columns.scope.term(term).is_ok()
    }

    /// Makes sure that every part of a term can be read after the `summarize`.
    fn need(&mut self, term: &Term) -> Result<(), String> {
        if self.columns.scope.lookup(term).is_some() {
            return Ok(());
        }
        match term {
            Term::Literal(_) => Ok(()),
            Term::Item { .. } => Err("items of a list take `mv-apply`".to_owned()),
            Term::Aggregate { aggregate, .. } => {
                let name = match term {
                    Term::Aggregate {
                        argument: Some(argument),
                        ..
                    } => {
                        let column = self.rows.shown(argument)?.text();
                        if quote::is_word(&column) {
                            names::of_aggregate(*aggregate, &column)
                        } else {
                            names::of_term(argument)
                        }
                    }
                    _ => names::of_aggregate(*aggregate, ""),
                };
                self.aggregate(term, &name)
            }
            Term::Field(_) => self.any(term),
            Term::Call { arguments, .. } => arguments
                .iter()
                .try_for_each(|argument| self.need(argument)),
            Term::Choice { cases, otherwise } => {
                for case in cases {
                    for path in case.when.fields() {
                        self.need(&Term::Field(path.clone()))?;
                    }
                    self.need(&case.then)?;
                }
                self.need(otherwise)
            }
            Term::Select { list, .. } => self.need(list),
        }
    }

    /// Carries the value of any one event.
    fn any(&mut self, term: &Term) -> Result<(), String> {
        let value = self.rows.shown(term)?;
        let own = value.as_word();
        if let Some(text) = own.filter(|text| !self.columns.is_taken(text)) {
            self.columns.take(&text);
            self.columns.scope.name(term.clone(), &text, value.kind);
            self.any.push(text);
            return Ok(());
        }
        self.any_as(term, &names::of_term(term))
    }

    /// The same in a column of its own name.
    fn any_as(&mut self, term: &Term, name: &str) -> Result<(), String> {
        let value = self.rows.shown(term)?;
        let name = self.columns.fresh(name);
        let call = Fragment::called("take_any", std::slice::from_ref(&value.fragment));
        self.aggregates.push(named(&name, &call));
        self.columns.scope.name(term.clone(), &name, value.kind);
        Ok(())
    }
}
