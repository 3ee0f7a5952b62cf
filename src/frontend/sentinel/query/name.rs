//! The names that Kusto gives to results that have none: `count_`, `set_Account`, `a_0`.
//!
//! Each function passes its first argument's name on, puts a word before it, or has none; then the stage numbers the column.

use crate::syntax::kql::ast::{
    Call, Expression, ExpressionKind, Literal, NamedExpression, Naming, Step,
};

/// Functions whose result is called like their first argument.
const FIRST_ARGUMENT: &[&str] = &[
    "split",
    "tostring",
    "tohex",
    "todynamic",
    "toobject",
    "tolong",
    "toint",
    "toreal",
    "todouble",
    "todatetime",
    "totimespan",
    "totime",
    "tobool",
    "toboolean",
    "todecimal",
    "toguid",
    "parse_csv",
    "parsejson",
    "parse_json",
    "parse_xml",
    "format_datetime",
    "format_timespan",
    "startofday",
    "bin",
    "floor",
    "bin_at",
    "bin_auto",
    "binary_and",
    "binary_or",
    "binary_xor",
    "binary_not",
    "binary_shift_right",
    "binary_shift_left",
    "bitset_count_ones",
    "series_fir",
    "series_outliers",
    "series_iir",
    "series_fill_backward",
    "series_fill_forward",
    "series_fill_const",
    "series_fill_linear",
    "round",
    "ceiling",
    "pow",
    "sqrt",
    "log",
    "log2",
    "log10",
    "exp",
    "exp2",
    "exp10",
    "cos",
    "sin",
    "tan",
    "acos",
    "asin",
    "atan",
    "atan2",
    "abs",
    "rand",
    "gamma",
    "loggamma",
    "erf",
    "erfc",
    "format_bytes",
    "make_datetime",
    "make_timespan",
    "columnifexists",
    "column_ifexists",
    "take_any",
    "take_anyif",
];

/// Functions whose result is called by a word and their first argument, with the word.
const PREFIXED: &[(&str, &str)] = &[
    ("strlen", "strlen"),
    ("string_size", "string_size"),
    ("gettype", "type"),
    ("treepath", "tree"),
    ("repeat", "repeat"),
    ("sum", "sum"),
    ("sumif", "sumif"),
    ("cnt", "cnt"),
    ("count", "count"),
    ("countif", "countif"),
    ("dcount", "dcount"),
    ("dcountif", "dcountif"),
    ("tdigest", "tdigest"),
    ("hll", "hll"),
    ("hll_if", "hll_if"),
    ("hll_merge", "hll_merge"),
    ("min", "min"),
    ("minif", "minif"),
    ("max", "max"),
    ("maxif", "maxif"),
    ("avg", "avg"),
    ("avgif", "avgif"),
    ("makelist", "list"),
    ("make_list", "list"),
    ("make_list_if", "list"),
    ("make_list_with_nulls", "list"),
    ("makeset", "set"),
    ("make_set", "set"),
    ("make_set_if", "set"),
    ("make_dictionary", "dictionary"),
    ("make_bag", "bag"),
    ("make_bag_if", "bag"),
    ("buildschema", "schema"),
    ("stdev", "stdev"),
    ("stdevif", "stdevif"),
    ("stdevp", "stdevp"),
    ("variance", "variance"),
    ("varianceif", "varianceif"),
    ("variancep", "variancep"),
    ("any", "any"),
    ("anyif", "anyif"),
    ("count_distinct", "count_distinct"),
    ("count_distinctif", "count_distinctif"),
];

/// The name of a result: the one that was written, or the one that Kusto derives; `None` where the stage numbers it.
pub(super) fn of(expression: &NamedExpression) -> Option<String> {
    match &expression.naming {
        Naming::Name(name) => Some(name.text.clone()),
        Naming::Names(names) => names.first().map(|name| name.text.clone()),
        Naming::Implicit => implicit(&expression.value),
    }
}

/// The name that Kusto derives.
pub(super) fn implicit(expression: &Expression) -> Option<String> {
    match &expression.kind {
        ExpressionKind::Name(name) => Some(name.clone()),
        ExpressionKind::Path(path) => {
            let mut name = implicit(&path.root)?;
            for step in &path.steps {
                name = format!("{name}_{}", of_step(step)?);
            }
            Some(name)
        }
        ExpressionKind::Call(call) => of_call(call),
        _ => None,
    }
}

fn of_step(step: &Step) -> Option<String> {
    let index = match step {
        Step::Name(name) => return Some(plain(&name.text)),
        Step::Index(index) => index,
        Step::Call(_) | Step::Wildcard(_) => return None,
    };
    match index.as_literal()? {
        Literal::String(key) => Some(plain(key)),
        Literal::Long(Some(index)) => Some(index.to_string()),
        _ => None,
    }
}

/// A key as part of a column's name.
fn plain(key: &str) -> String {
    key.chars()
        .map(|c| {
            if c.is_alphanumeric() || c == '_' {
                c
            } else {
                '_'
            }
        })
        .collect()
}

fn of_call(call: &Call) -> Option<String> {
    let function = call.function.text.as_str();
    let first = || {
        call.arguments
            .first()
            .and_then(|argument| implicit(&argument.value))
    };
    if FIRST_ARGUMENT.contains(&function) {
        return first();
    }
    let (_, prefix) = PREFIXED.iter().find(|(name, _)| *name == function)?;
    Some(format!("{prefix}_{}", first().unwrap_or_default()))
}
