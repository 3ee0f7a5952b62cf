//! `scan`: the steps of a sequence, and the columns that they carry.

use super::super::Binder;
use super::super::builder::Builder;
use super::super::expression::Place;
use super::super::row::Row;
use super::super::scope::Scope;
use super::super::types::Type;
use super::super::value::Value;
use super::parameter_name;
use crate::diagnostic::Code;
use crate::syntax::kql::ast::{ParameterKind, Scan};

impl<'a> Binder<'a> {
    pub(super) fn scan(&mut self, scan: &'a Scan, row: &Row<'a>, scope: &Scope<'a>) -> Value<'a> {
        for key in &scan.order {
            self.scalar(&key.value.value, &Place::inside(row, scope));
        }
        for key in &scan.partition {
            self.scalar(key, &Place::inside(row, scope));
        }
        let mut builder = Builder::keeping(row.fields());
        for declared in &scan.declare {
            if let Some(default) = &declared.default {
                self.scalar(default, &Place::outside(scope));
            }
            if let ParameterKind::Scalar(kind) = &declared.kind {
                builder.set(declared.name.text.as_str(), Type::from(*kind));
            }
        }
        let state = Row::like(builder.finish(), row);
        // A step's name stands for its last row, whose columns are reached by a dot.
        let mut steps = scope.clone();
        for step in &scan.steps {
            steps = steps.with(step.name.text.as_str(), Value::Table(state.clone()));
        }
        for step in &scan.steps {
            let place = Place::inside(&state, &steps);
            self.condition(&step.condition, &place);
            for (name, value) in &step.assignments {
                if !state.is_open() && state.get(&name.text).is_none() {
                    let message = format!("`declare` names no column `{}`", name.text);
                    self.error(Code::KqlUnknownName, name.range.0, message);
                }
                self.scalar(value, &place);
            }
        }
        let mut builder = Builder::keeping(state.fields());
        let name = ["with_match_id"]
            .iter()
            .find_map(|name| parameter_name(&scan.parameters, name));
        builder.add(name.unwrap_or("match_id"), Type::LONG);
        Value::Table(Row::like(builder.finish(), row))
    }
}
