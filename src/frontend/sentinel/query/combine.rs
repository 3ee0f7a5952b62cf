//! Operators that bring in the rows of another query. They are left with their effect, and what is known of their columns.

use super::Lowerer;
use super::columns::Column;
use super::rows::Rows;
use super::scope::Scope;
use super::value::Obstacle;
use crate::ir::{ResidueEffect, Stage as Made};
use crate::source::TextRange;
use crate::syntax::kql::ast::{Evaluate, Join};

impl<'q> Lowerer<'q> {
    /// `join` and `lookup`.
    pub(super) fn join(
        &self,
        rows: &mut Rows,
        construct: &str,
        join: &'q Join,
        range: TextRange,
        scope: &Scope<'q>,
        calls: usize,
    ) {
        let default = if construct == "join" {
            "innerunique"
        } else {
            "leftouter"
        };
        let kind = join.kind().unwrap_or(default);
        let obstacle = Obstacle::new(
            range,
            format!("the operator `{construct}` brings in the rows of another query"),
        );
        let (effect, adds) = match kind {
            "inner" | "innerunique" => (ResidueEffect::Wider, true),
            "leftouter" => (ResidueEffect::OutputsOnly, true),
            "leftsemi" | "leftanti" | "anti" | "leftantisemi" => (ResidueEffect::Wider, false),
            _ => (ResidueEffect::Unknown, true),
        };
        if effect == ResidueEffect::Unknown {
            rows.columns.lose(obstacle.clone());
        } else if adds {
            self.add_columns_of(rows, join, &obstacle, range, scope, calls);
        }
        if rows.group.is_none() && adds {
            rows.multiplied.get_or_insert_with(|| obstacle.clone());
        }
        rows.leave(construct, range, effect, obstacle);
    }

    /// The right side's columns, none of which has a value here.
    fn add_columns_of(
        &self,
        rows: &mut Rows,
        join: &'q Join,
        obstacle: &Obstacle,
        range: TextRange,
        scope: &Scope<'q>,
        calls: usize,
    ) {
        let right = self.source(&join.right, scope, calls + 1);
        if right.columns.open.is_some() || right.columns.lost.is_some() {
            rows.columns.mix(obstacle.clone());
        }
        for column in right.columns.named {
            // Where both sides have a column, the left one keeps its name.
            if !rows.columns.has(&column.name) {
                let value = Err(Obstacle {
                    range: column.range,
                    ..obstacle.clone()
                });
                rows.columns.set(Column {
                    name: column.name,
                    value,
                    stage: Made::Extend,
                    range,
                });
            }
        }
    }
}

impl Rows {
    /// `evaluate`: plugins that add columns, and others.
    pub(super) fn evaluate(&mut self, evaluate: &Evaluate, range: TextRange) {
        match evaluate.plugin.function.text.as_str() {
            "bag_unpack" => self.opaque("evaluate", range, ResidueEffect::OutputsOnly),
            "ipv4_lookup" | "ipv6_lookup" => {
                self.opaque("evaluate", range, ResidueEffect::Wider);
            }
            _ => self.lose("evaluate", range),
        }
    }
}
