//! `evaluate`: the plugins and the columns that they return. What depends on the data is open.

use super::super::Binder;
use super::super::builder::Builder;
use super::super::expression::Place;
use super::super::row::{Field, Row};
use super::super::scope::Scope;
use super::super::types::Type;
use super::super::value::Value;
use super::super::{Problem, suggest};
use super::join::side_by_side;
use super::table;
use crate::diagnostic::{Code, Severity};
use crate::schema::kusto::{Form, FunctionKind};
use crate::syntax::kql::ast::{
    Call, Evaluate, EvaluateSchema, Expression, ExpressionKind, ScalarType,
};

impl<'a> Binder<'a> {
    pub(super) fn evaluate(
        &mut self,
        evaluate: &'a Evaluate,
        input: Option<&Row<'a>>,
        scope: &Scope<'a>,
    ) -> Value<'a> {
        let nothing = Row::default();
        let row = input.unwrap_or(&nothing);
        let call = &evaluate.plugin;
        let name = call.function.text.as_str();
        let plugins = self.schemas.functions();
        let Some(plugin) = plugins.get(FunctionKind::Plugin, name) else {
            self.unknown_plugin(call);
            return Self::unknown_table();
        };
        let place = Place::inside(row, scope);
        let values: Vec<Value<'a>> = call
            .arguments
            .iter()
            .enumerate()
            .map(|(at, argument)| self.plugin_argument(name, at, &argument.value, &place))
            .collect();
        let count = values.len();
        let least = plugin.forms.iter().map(Form::least).min();
        let most = plugin.forms.iter().map(Form::most).max();
        if let (Some(least), Some(most)) = (least, most)
            && !(least..=most).contains(&count)
        {
            self.wrong_count(call, least, most);
        }
        let result = self.plugin(call, &values, row, &place);
        match &evaluate.schema {
            Some(schema) => declared(schema, &result),
            None => Value::Table(result),
        }
    }

    fn plugin_argument(
        &mut self,
        plugin: &str,
        at: usize,
        argument: &'a Expression,
        place: &Place<'_, 'a>,
    ) -> Value<'a> {
        let looked_up = matches!(
            plugin,
            "ipv4_lookup" | "ipv6_lookup" | "geo_polygon_lookup" | "geo_line_lookup"
        );
        match (looked_up, at) {
            (true, 0) => Value::Table(self.table(argument, place.scope)),
            (true, 1) | (false, _) => {
                let place = Place {
                    aggregates: plugin == "pivot" && at == 1,
                    ..*place
                };
                self.any(argument, &place)
            }
            // A key of the table that is looked up: its columns are not those of the rows.
            (true, _) => Value::UNKNOWN,
        }
    }

    fn unknown_plugin(&mut self, call: &'a Call) {
        let name = &call.function;
        let names = self.schemas.functions().names(FunctionKind::Plugin);
        let nearest = suggest::nearest(&name.text, names);
        let message = format!("there is no plugin `{}`", name.text);
        let range = name.range.0;
        let problem = Problem::new(Code::KqlUnknownName, Severity::Error, range, message);
        self.report(problem.meaning(nearest));
    }

    fn plugin(
        &mut self,
        call: &'a Call,
        values: &[Value<'a>],
        row: &Row<'a>,
        place: &Place<'_, 'a>,
    ) -> Row<'a> {
        let all = |before: &[(&'static str, Type)]| {
            let mut builder = Builder::default();
            for (name, kind) in before {
                builder.add(*name, *kind);
            }
            for field in row.fields() {
                builder.add(field.name, field.kind);
            }
            Row::like(builder.finish(), row)
        };
        match call.function.text.as_str() {
            "autocluster" | "basket" => all(&[
                ("SegmentId", Type::LONG),
                ("Count", Type::LONG),
                ("Percent", Type::REAL),
            ]),
            "diffpatterns" => all(&[
                ("SegmentId", Type::LONG),
                ("CountA", Type::LONG),
                ("CountB", Type::LONG),
                ("PercentA", Type::REAL),
                ("PercentB", Type::REAL),
                ("PercentDiffAB", Type::REAL),
            ]),
            "narrow" => Row::closed(vec![
                Field::new("Row", Type::LONG),
                Field::new("Column", Type::STRING),
                Field::new("Value", Type::STRING),
            ]),
            "http_request" | "http_request_post" => Row::closed(vec![
                Field::new("ResponseHeaders", Type::DYNAMIC),
                Field::new("ResponseBody", Type::DYNAMIC),
            ]),
            "rows_near" | "identity" => row.clone(),
            "bag_unpack" => unpacked(call, row),
            "pivot" => pivoted(call, row),
            "ipv4_lookup" | "ipv6_lookup" => match values.first() {
                Some(Value::Table(right)) => side_by_side(row, right, &[]),
                _ => Row::open(row.fields()),
            },
            "python" | "r" | "csharp" => scripted(call, row),
            "dcount_intersect" => {
                let mut builder = Builder::keeping(row.fields());
                for at in 0..values.len() {
                    builder.add(format!("s{at}"), Type::LONG);
                }
                Row::like(builder.finish(), row)
            }
            "sequence_detect" => self.sequence(call, values, place),
            name => self.activity(name, call, values, place),
        }
    }

    /// `sequence_detect`: the dimensions, the time of each step, and how long it took.
    fn sequence(&mut self, call: &'a Call, values: &[Value<'a>], place: &Place<'_, 'a>) -> Row<'a> {
        let mut builder = Builder::default();
        let mut steps = Vec::new();
        let time = call
            .arguments
            .first()
            .and_then(|argument| self.implicit_name(&argument.value, place));
        let (time, kind) = (time.unwrap_or_default(), values.first().map(Value::kind));
        for (argument, value) in call.arguments.iter().zip(values).skip(3) {
            match argument.name() {
                Some(name) if value.kind() == Type::BOOL => {
                    steps.push(format!("{}_{time}", name.text));
                }
                _ => {
                    if let Some(name) = self.implicit_name(&argument.value, place) {
                        builder.add(name, value.kind());
                    }
                }
            }
        }
        for step in steps {
            builder.add(step, kind.unwrap_or(Type::Unknown));
        }
        builder.add("Duration", Type::TIMESPAN);
        Row::closed(builder.finish())
    }

    /// The plugins that count users over time, without further dimensions.
    fn activity(
        &mut self,
        name: &str,
        call: &'a Call,
        values: &[Value<'a>],
        place: &Place<'_, 'a>,
    ) -> Row<'a> {
        let Some((arguments, columns)) = ACTIVITY
            .iter()
            .find(|(known, _, _)| *known == name)
            .map(|(_, arguments, columns)| (*arguments, *columns))
        else {
            return Row::open(Vec::new());
        };
        if values.len() != arguments {
            return Row::open(Vec::new());
        }
        let time = call
            .arguments
            .get(1)
            .and_then(|argument| self.implicit_name(&argument.value, place));
        let mut fields = Vec::new();
        if let Some(time) = time {
            let kind = values.get(1).map_or(Type::Unknown, Value::kind);
            fields.push(Field::new(time, kind));
        }
        fields.extend(columns.iter().map(|(name, kind)| Field::new(*name, *kind)));
        Row::closed(fields)
    }
}

type Activity = (&'static str, usize, &'static [(&'static str, ScalarType)]);

/// A plugin, the number of its arguments without dimensions, and what it returns behind the time.
const ACTIVITY: &[Activity] = &[
    ("session_count", 6, &[("count_sessions", ScalarType::Long)]),
    ("active_users_count", 8, &[("dcount", ScalarType::Long)]),
    (
        "activity_counts_metrics",
        5,
        &[
            ("count", ScalarType::Long),
            ("dcount", ScalarType::Long),
            ("new_dcount", ScalarType::Long),
            ("aggregated_dcount", ScalarType::Long),
        ],
    ),
    (
        "activity_engagement",
        4,
        &[
            ("dcount_activities_inner", ScalarType::Long),
            ("dcount_activities_outer", ScalarType::Long),
            ("activity_ratio", ScalarType::Real),
        ],
    ),
    (
        "activity_metrics",
        5,
        &[
            ("dcount_values", ScalarType::Long),
            ("dcount_newvalues", ScalarType::Long),
            ("retention_rate", ScalarType::Real),
            ("churn_rate", ScalarType::Real),
        ],
    ),
    (
        "sliding_window_counts",
        6,
        &[("Count", ScalarType::Long), ("Dcount", ScalarType::Long)],
    ),
];

/// `bag_unpack`: the columns without the bag, and those that the bags hold.
fn unpacked<'a>(call: &Call, row: &Row<'a>) -> Row<'a> {
    let bag = call
        .arguments
        .first()
        .and_then(|argument| argument.value.as_name());
    let mut fields = row.fields();
    fields.retain(|field| bag != Some(field.name.as_ref()));
    Row::open(fields)
}

/// `pivot`: the named columns, or those that are neither pivoted nor aggregated, and one for each value.
fn pivoted<'a>(call: &Call, row: &Row<'a>) -> Row<'a> {
    let names: Vec<&str> = call
        .arguments
        .iter()
        .skip(2)
        .filter_map(|argument| argument.value.as_name())
        .collect();
    let mut fields = row.fields();
    if names.is_empty() {
        let mut used = Vec::new();
        for argument in call.arguments.iter().take(2) {
            match &argument.value.kind {
                ExpressionKind::Call(aggregate) => used.extend(
                    aggregate
                        .arguments
                        .iter()
                        .filter_map(|argument| argument.value.as_name()),
                ),
                _ => used.extend(argument.value.as_name()),
            }
        }
        fields.retain(|field| !used.contains(&field.name.as_ref()));
    } else {
        fields.retain(|field| names.contains(&field.name.as_ref()));
    }
    Row::open(fields)
}

/// A script: the columns of its `typeof(...)`, where a star stands for those of the input.
fn scripted<'a>(call: &'a Call, row: &Row<'a>) -> Row<'a> {
    let Some(ExpressionKind::TypeOfTable(schema)) =
        call.arguments.first().map(|argument| &argument.value.kind)
    else {
        return Row::open(Vec::new());
    };
    let mut builder = Builder::default();
    let mut open = false;
    let inner = schema.text.trim();
    let inner = inner.strip_prefix("typeof").unwrap_or(inner).trim();
    for column in inner.trim_matches(['(', ')']).split(',') {
        if column.trim() == "*" {
            open = row.is_open();
            for field in row.fields() {
                builder.set(field.name, field.kind);
            }
        } else if let Some((name, kind)) = column.split_once(':') {
            let name = name.trim().trim_matches(['[', ']', '\'', '"']);
            builder.set(name, Type::from(ScalarType::from_name(kind.trim())));
        }
    }
    let fields = builder.finish();
    if open {
        Row::open(fields)
    } else {
        Row::closed(fields)
    }
}

/// The declared result of a plugin.
fn declared<'a>(schema: &'a EvaluateSchema, result: &Row<'a>) -> Value<'a> {
    let mut builder = Builder::default();
    if schema.star {
        builder = Builder::keeping(result.fields());
    }
    for column in &schema.columns {
        builder.set(column.name.text.as_str(), Type::from(column.kind));
    }
    table(builder.finish())
}
