//! Values that depend on conditions, and lists that are made of a list's items: choices, selections, and what is taken of a value
//! and of values within it.
//!
//! What is asked of an item becomes a function of the item, which gets what it reads of the function around.

use super::layout::{self, Argument};
use super::quote;
use super::scope::{Key, Parameter, Recursion, Scope};
use crate::analysis::{Fidelity, Report};
use crate::backend::notation;
use crate::ir::{Case, Condition, Literal, Term};

/// What is known of values within a value, by their texts.
const KNOWN: &str = "&RefCell<BTreeMap<String, Option<Value>>>";

impl Scope<'_> {
    /// A condition as an expression that is not broken.
    pub(super) fn expression(&self, condition: &Condition) -> Result<String, String> {
        let mut report = Report::refusals();
        if let Some(fragment) = notation::print(self, condition, &mut report) {
            return Ok(fragment.flat());
        }
        let refused = report
            .constructs
            .into_iter()
            .find(|part| part.fidelity == Fidelity::Unsupported);
        Err(refused.map_or_else(
            || "a condition that cannot be expressed".to_owned(),
            |part| part.reason,
        ))
    }

    /// The value of the first case that applies.
    pub(super) fn choice(
        &self,
        key: Key,
        cases: &[Case],
        otherwise: &Term,
        stem: &str,
    ) -> Result<String, String> {
        let mut branches = Vec::new();
        for case in cases {
            branches.push((self.expression(&case.when)?, self.held(&case.then)?));
        }
        let otherwise = self.held(otherwise)?;
        let name = self.free(stem);
        let mut text = format!("    let {name} = ");
        let mut line = 0;
        for (condition, value) in branches {
            let head = layout::branch(&text[line..], &condition, 4);
            text.push_str(&head);
            text.extend(["        ", &value, "\n"]);
            line = text.len();
            text.push_str("    } else ");
        }
        text.extend(["{\n        ", &otherwise, "\n    };"]);
        Ok(self.add(key, name, text, false))
    }

    /// The list of what is taken of the items of a list.
    pub(super) fn select(
        &self,
        key: Key,
        list: &Term,
        when: &Condition,
        item: &Term,
        stem: &str,
    ) -> Result<String, String> {
        let list = self.list_of(list)?;
        let taken = self.nested("item_value", "Option<Value>", |scope| {
            scope.survey(|survey| {
                survey.condition(when);
                survey.term(item);
            });
            let condition = scope.expression(when)?;
            let value = format!("or_null({})", scope.first(item)?);
            Ok(if condition == "true" {
                format!("    Some({value})")
            } else {
                let is_taken = scope.free("is_taken");
                let head = layout::assigned(&is_taken, &condition, 4);
                format!("{head}\n    {is_taken}.then(|| {value})")
            })
        })?;
        let arguments = [Argument::Text(list), Argument::Text(taken)];
        Ok(self.bind(key, stem, "gather", &arguments, true))
    }

    /// A function of an item as a closure that calls it.
    pub(super) fn nested(
        &self,
        stem: &str,
        result: &str,
        write: impl FnOnce(&Self) -> Result<String, String>,
    ) -> Result<String, String> {
        let item = self.item_name();
        let name = self.module.begin(stem);
        let scope = self.inner(&item);
        let last = write(&scope)?;
        let mut lines = scope.lines();
        lines.push(last);
        let code = lines.join("\n");
        let used: Vec<&str> = quote::words(&code).collect();
        let mut parameters = scope.parameters.clone();
        parameters.retain(|given| used.contains(&given.name.as_str()));
        let closure = if parameters.iter().any(|given| given.name == item) {
            item.as_str()
        } else {
            "_"
        };
        let names: Vec<&str> = parameters.iter().map(|given| given.name.as_str()).collect();
        let text = |name: &str| function(name, &parameters, result, &code);
        let name = self.module.define(name, &text);
        Ok(format!("|{closure}| {name}({})", names.join(", ")))
    }

    fn item_name(&self) -> String {
        match self.items.len() {
            0 => "item".to_owned(),
            1 => "inner".to_owned(),
            depth => format!("inner_{depth}"),
        }
    }

    /// What is taken of a value, and in the same way of values within it.
    pub(super) fn recurse(
        &self,
        key: Key,
        arguments: &[Term],
        stem: &str,
    ) -> Result<String, String> {
        let [
            Term::Select { list, item: of, .. },
            Term::Literal(Literal::Integer(number)),
        ] = arguments
        else {
            return Err("`recurse` of anything but a list that is made".to_owned());
        };
        let list = self.first(list)?;
        let item = self.item_name();
        let mut scope = self.inner(&item);
        let number_of = |stem: &str| match self.recursions.len() {
            0 => stem.to_owned(),
            depth => format!("{stem}_{}", depth + 1),
        };
        let (known, level) = (number_of("known"), number_of("level"));
        scope.parameters.push(Parameter::new(&known, KNOWN));
        scope.parameters.push(Parameter::new(&level, "usize"));
        let name = self.module.begin("value_within");
        let names: Vec<String> = scope
            .parameters
            .iter()
            .map(|one| one.name.clone())
            .collect();
        scope.recursions.push(Recursion {
            number: *number,
            function: name.clone(),
            parameters: names.clone(),
            item: item.clone(),
            known: known.clone(),
            level: level.clone(),
        });
        scope.survey(|survey| survey.term(of));
        let value = scope.first(of)?;
        let mut lines = scope.lines();
        lines.push(format!("    {value}.cloned()"));
        let code = lines.join("\n");
        let text = |name: &str| function(name, &scope.parameters, "Option<Value>", &code);
        let name = self.module.define(name, &text);
        let given: Vec<&str> = names
            .iter()
            .map(|name| if *name == level { "0" } else { name.as_str() })
            .collect();
        let call = format!("|{item}, {known}| {name}({})", given.join(", "));
        let arguments = [Argument::Text(list), Argument::Text(call)];
        Ok(self.bind(key, stem, "recurse", &arguments, true))
    }

    /// The same of a value within.
    pub(super) fn again(&self, key: Key, arguments: &[Term], stem: &str) -> Result<String, String> {
        let [part, Term::Literal(Literal::Integer(number))] = arguments else {
            return Err("`again` without a number".to_owned());
        };
        let mut around = self.recursions.iter().rev();
        let recursion = around.find(|recursion| recursion.number == *number);
        let recursion = recursion.ok_or("`again` outside of its `recurse`")?;
        let part = self.plain(part)?;
        let given: Vec<&str> = recursion
            .parameters
            .iter()
            .map(|name| {
                if *name == recursion.item {
                    "part"
                } else {
                    name.as_str()
                }
            })
            .collect();
        let (level, known) = (&recursion.level, &recursion.known);
        let call = format!(
            "|part, {level}| {}({})",
            recursion.function,
            given.join(", ")
        );
        let arguments = [part, level.clone(), known.clone(), call].map(Argument::Text);
        Ok(self.bind(key, stem, "again", &arguments, true))
    }
}

/// The text of a function.
pub(super) fn function(name: &str, parameters: &[Parameter], result: &str, code: &str) -> String {
    let typed: Vec<String> = parameters
        .iter()
        .map(|given| format!("{}: {}", given.name, given.kind))
        .collect();
    let flat = format!("fn {name}({}) -> {result} {{", typed.join(", "));
    if flat.chars().count() <= layout::WIDTH {
        return format!("{flat}\n{code}\n}}");
    }
    let lines = typed.join(",\n    ");
    format!("fn {name}(\n    {lines},\n) -> {result} {{\n{code}\n}}")
}
