//! The functions of the language: lines of `functions.txt` to their forms.
//!
//! A function has one or more forms, in the order in which the language tries them. Everything about a form that depends on the
//! arguments is a word of a closed vocabulary, read into an enum here; what the word means is the binder's business.

use std::collections::BTreeMap;

use crate::syntax::kql::ast::ScalarType;

/// What a function is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FunctionKind {
    /// A function of values.
    Scalar,
    /// A function of the rows of a group.
    Aggregate,
    /// A function of tables, called by `evaluate`.
    Plugin,
}

/// Which arguments a parameter takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(
    missing_docs,
    reason = "each variant is named after its word in the data"
)]
pub enum Accepts {
    Type(ScalarType),
    TypeLiteral,
    Scalar,
    Array,
    Bag,
    Integer,
    Number,
    Summable,
    Orderable,
    Plain,
    Text,
    NumberOrBool,
    StringOrArray,
    IntegerOrArray,
    NotRealOrBool,
    Common,
    CommonOrderable,
    CommonOrDynamic,
    Table,
    Any,
}

/// What has to stand in a parameter's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(
    missing_docs,
    reason = "each variant is named after its word in the data"
)]
pub enum Place {
    Anything,
    Constant,
    Literal,
    Column,
    Star,
    StarOnly,
    Aggregate,
}

/// A parameter of a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FunctionParameter {
    /// The name.
    pub name: &'static str,
    /// Which arguments it takes.
    pub accepts: Accepts,
    /// What has to stand there.
    pub place: Place,
    /// At least so many arguments.
    pub least: usize,
    /// At most so many arguments.
    pub most: usize,
}

/// The type of a form's result.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(
    missing_docs,
    reason = "each variant is named after its word in the data"
)]
pub enum ResultType {
    Type(ScalarType),
    Array,
    Bag,
    First,
    Second,
    FirstPromoted,
    Common,
    CommonPlain,
    Widest,
    TypeFirst,
    TypeSecond,
    TypeLast,
    Tuple(Vec<(&'static str, ScalarType)>),
    Sorted,
    Percentiles,
    PercentilesWeighted,
    Any,
    TakeAny,
    Extreme,
    ExtremePrefixed,
    Table,
    OpenTable,
    Database,
    Cluster,
    None,
    Special,
}

/// How a column is called that holds a result and was given no name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResultName {
    /// It has none of its own.
    None,
    /// As the first argument.
    First,
    /// As the only argument.
    Only,
    /// The function's name and that of the first argument.
    NameFirst,
    /// This word and the name of the first argument.
    Prefix(&'static str),
    /// This word.
    Just(&'static str),
    /// As the column that the first argument names by a text.
    ColumnValue,
}

/// One form of a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    /// The parameters.
    pub parameters: Vec<FunctionParameter>,
    /// Whether the repeating parameters repeat in turn.
    pub block: bool,
    /// Whether arguments find their parameters by their kinds, not by their places.
    pub loose: bool,
    /// The result.
    pub result: ResultType,
}

impl Form {
    /// The least number of arguments.
    pub fn least(&self) -> usize {
        self.parameters
            .iter()
            .map(|parameter| parameter.least)
            .sum()
    }

    /// The greatest number of arguments.
    pub fn most(&self) -> usize {
        self.parameters.iter().map(|parameter| parameter.most).sum()
    }
}

/// A function of the language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// The name.
    pub name: &'static str,
    /// How its result is called.
    pub naming: ResultName,
    /// Its forms, at least one.
    pub forms: Vec<Form>,
}

/// All functions.
#[derive(Debug, Default)]
pub struct Functions {
    scalars: BTreeMap<&'static str, Function>,
    aggregates: BTreeMap<&'static str, Function>,
    plugins: BTreeMap<&'static str, Function>,
}

impl Functions {
    pub(super) fn read(text: &'static str) -> Self {
        let mut functions = Self::default();
        for line in super::lines(text) {
            if let Some((kind, name, naming, form)) = form(line) {
                let known = match kind {
                    FunctionKind::Scalar => &mut functions.scalars,
                    FunctionKind::Aggregate => &mut functions.aggregates,
                    FunctionKind::Plugin => &mut functions.plugins,
                };
                let function = known.entry(name).or_insert_with(|| Function {
                    name,
                    naming,
                    forms: Vec::new(),
                });
                function.forms.push(form);
            }
        }
        functions
    }

    /// The function of this kind and name.
    pub fn get(&self, kind: FunctionKind, name: &str) -> Option<&Function> {
        self.of(kind).get(name)
    }

    /// The names of a kind, in their order.
    pub fn names(&self, kind: FunctionKind) -> impl Iterator<Item = &'static str> {
        self.of(kind).keys().copied()
    }

    fn of(&self, kind: FunctionKind) -> &BTreeMap<&'static str, Function> {
        match kind {
            FunctionKind::Scalar => &self.scalars,
            FunctionKind::Aggregate => &self.aggregates,
            FunctionKind::Plugin => &self.plugins,
        }
    }
}

type Line = (FunctionKind, &'static str, ResultName, Form);

fn form(line: &'static str) -> Option<Line> {
    let (kind, rest) = line.split_once(' ')?;
    let kind = match kind {
        "scalar" => FunctionKind::Scalar,
        "aggregate" => FunctionKind::Aggregate,
        "plugin" => FunctionKind::Plugin,
        _ => return None,
    };
    let (name, rest) = rest.split_once('(')?;
    let (parameters, result) = rest.split_once(") -> ")?;
    let (result, block) = flag(result, " block");
    let (result, loose) = flag(result, " loose");
    let (result, naming) = match result.split_once(" as <") {
        Some((result, naming)) => (result, result_name(naming.strip_suffix('>')?)?),
        None => (result, ResultName::None),
    };
    let parameters = parameters
        .split(", ")
        .filter(|text| !text.is_empty())
        .map(parameter)
        .collect::<Option<_>>()?;
    let form = Form {
        parameters,
        block,
        loose,
        result: result_type(result)?,
    };
    Some((kind, name, naming, form))
}

fn flag(text: &'static str, word: &str) -> (&'static str, bool) {
    match text.strip_suffix(word) {
        Some(rest) => (rest, true),
        None => (text, false),
    }
}

fn parameter(text: &'static str) -> Option<FunctionParameter> {
    let (name, rest) = text.split_once(": ")?;
    let (rest, least, most) = if let Some((rest, range)) = rest.split_once('*') {
        let (least, most) = range.split_once("..")?;
        (rest, least.parse().ok()?, most.parse().ok()?)
    } else if let Some(rest) = rest.strip_suffix('?') {
        (rest, 0, 1)
    } else {
        (rest, 1, 1)
    };
    let (accepts, place) = rest.split_once(' ').unwrap_or((rest, ""));
    Some(FunctionParameter {
        name,
        accepts: accepted(accepts)?,
        place: place_of(place)?,
        least,
        most,
    })
}

fn place_of(word: &str) -> Option<Place> {
    Some(match word {
        "" => Place::Anything,
        "constant" => Place::Constant,
        "literal" => Place::Literal,
        "column" => Place::Column,
        "star" => Place::Star,
        "star_only" => Place::StarOnly,
        "aggregate" => Place::Aggregate,
        _ => return None,
    })
}

fn accepted(word: &str) -> Option<Accepts> {
    Some(match word {
        "type" => Accepts::TypeLiteral,
        "scalar" => Accepts::Scalar,
        "array" => Accepts::Array,
        "bag" => Accepts::Bag,
        "integer" => Accepts::Integer,
        "number" => Accepts::Number,
        "summable" => Accepts::Summable,
        "orderable" => Accepts::Orderable,
        "plain" => Accepts::Plain,
        "text" => Accepts::Text,
        "number_or_bool" => Accepts::NumberOrBool,
        "string_or_array" => Accepts::StringOrArray,
        "integer_or_array" => Accepts::IntegerOrArray,
        "not_real_or_bool" => Accepts::NotRealOrBool,
        "common" => Accepts::Common,
        "common_orderable" => Accepts::CommonOrderable,
        "common_or_dynamic" => Accepts::CommonOrDynamic,
        "table" => Accepts::Table,
        "any" => Accepts::Any,
        scalar => Accepts::Type(ScalarType::from_name(scalar)?),
    })
}

fn result_type(word: &'static str) -> Option<ResultType> {
    if let Some(columns) = word.strip_prefix("tuple(") {
        let columns = columns.strip_suffix(')')?.split(';');
        return columns
            .map(|column| {
                let (name, kind) = column.split_once(':')?;
                Some((name, ScalarType::from_name(kind.trim())?))
            })
            .collect::<Option<_>>()
            .map(ResultType::Tuple);
    }
    Some(match word {
        "array" => ResultType::Array,
        "bag" => ResultType::Bag,
        "first" => ResultType::First,
        "second" => ResultType::Second,
        "first_promoted" => ResultType::FirstPromoted,
        "common" => ResultType::Common,
        "common_plain" => ResultType::CommonPlain,
        "widest" => ResultType::Widest,
        "type_first" => ResultType::TypeFirst,
        "type_second" => ResultType::TypeSecond,
        "type_last" => ResultType::TypeLast,
        "sorted" => ResultType::Sorted,
        "percentiles" => ResultType::Percentiles,
        "percentiles_weighted" => ResultType::PercentilesWeighted,
        "any" => ResultType::Any,
        "take_any" => ResultType::TakeAny,
        "extreme" => ResultType::Extreme,
        "extreme_prefixed" => ResultType::ExtremePrefixed,
        "table_named" => ResultType::Table,
        "open_table" | "entity_group" | "graph" => ResultType::OpenTable,
        "database" => ResultType::Database,
        "cluster" => ResultType::Cluster,
        "none" => ResultType::None,
        "special" => ResultType::Special,
        scalar => ResultType::Type(ScalarType::from_name(scalar)?),
    })
}

fn result_name(words: &'static str) -> Option<ResultName> {
    Some(match words.split_once(' ') {
        Some(("prefix", prefix)) => ResultName::Prefix(prefix),
        Some(("just", word)) => ResultName::Just(word),
        Some(_) => return None,
        None => match words {
            "first" => ResultName::First,
            "only" => ResultName::Only,
            "name_first" => ResultName::NameFirst,
            "column_value" => ResultName::ColumnValue,
            _ => return None,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::super::FUNCTIONS;
    use super::*;

    #[test]
    fn every_line_is_read() {
        for line in super::super::lines(FUNCTIONS) {
            assert!(form(line).is_some(), "{line}");
        }
    }

    #[test]
    fn forms_say_how_many_arguments_they_take() {
        let functions = Functions::read(FUNCTIONS);
        let bounds = |kind, name| {
            let forms = &functions.get(kind, name).unwrap().forms;
            (
                forms.iter().map(Form::least).min(),
                forms.iter().map(Form::most).max(),
            )
        };
        assert_eq!(bounds(FunctionKind::Scalar, "iff"), (Some(3), Some(3)));
        assert_eq!(bounds(FunctionKind::Scalar, "extract"), (Some(3), Some(4)));
        assert_eq!(bounds(FunctionKind::Aggregate, "count"), (Some(0), Some(1)));
        assert_eq!(
            functions.get(FunctionKind::Scalar, "no_such_function"),
            None
        );
    }
}
