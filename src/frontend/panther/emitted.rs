//! The functions that a module which rulec wrote carries with it, known again by their text.
//!
//! They are written once (`templates/panther/helpers`), raise on no value, and each computes one function of the IR, which CPython
//! is asked about (`tests/oracles/panther/proof.py`). Executed for a value of which nothing is known, such a function falls apart
//! into questions about kinds, or cannot be read; read as what it computes, it stays one value. Invariant: a function is known
//! only where its text, and that of all it calls, is the library's own, and where each name that they use is what the library
//! takes it for; else it is executed like any other.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use rustpython_ruff_python_ast as ast;
use rustpython_ruff_python_ast::visitor::{self, Visitor};
use rustpython_ruff_text_size::Ranged;

use crate::ir::{Function, Kind};

/// The library.
const FILES: &[&str] = &[
    include_str!("../../../templates/panther/helpers/values.py"),
    include_str!("../../../templates/panther/helpers/lists.py"),
    include_str!("../../../templates/panther/helpers/texts.py"),
    include_str!("../../../templates/panther/helpers/numbers.py"),
    include_str!("../../../templates/panther/helpers/queries.py"),
    include_str!("../../../templates/panther/helpers/moments.py"),
    include_str!("../../../templates/panther/helpers/wording.py"),
    include_str!("../../../templates/panther/helpers/sets.py"),
];

/// What a function gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gives {
    /// A text.
    Text,
    /// A text, number or truth value, or nothing.
    Scalar,
    /// A list that Python makes, or nothing.
    Own,
    /// What is read like a part of the event, or nothing.
    Part,
    /// What is made of parts of its arguments, or nothing.
    Within,
}

/// How a call is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// The function of the IR of the same arguments.
    Call(Function, Gives),
    /// The value below keys that are spelt exactly so.
    Below,
    /// The value as one of the event.
    ReadOnly,
    /// The value as one of Python's own.
    Plain,
    /// Whether both values are equal, a truth value being no number, or neither is there.
    Equal,
    /// Whether the value is of the kind.
    Is(Kind),
    /// Whether the function of the IR of the same arguments has a value, be it `null`.
    Has(Function),
    /// Each text anywhere in the event.
    Texts,
}

/// How the functions of the library are read. What is not here is read well enough as it is written.
const READINGS: &[(&str, Reading)] = &[
    ("absolute", scalar(Function::Absolute)),
    ("add", scalar(Function::Add)),
    ("address_number", scalar(Function::AddressNumber)),
    ("address_of", scalar(Function::Address)),
    ("all_hold", scalar(Function::Conjunction)),
    ("all_items", within(Function::Union)),
    ("any_holds", scalar(Function::Disjunction)),
    ("bit_and", scalar(Function::BitAnd)),
    ("bit_count", scalar(Function::BitCount)),
    ("bit_inverse", scalar(Function::BitInverse)),
    ("bit_or", scalar(Function::BitOr)),
    ("bit_xor", scalar(Function::BitXor)),
    ("byte_length", scalar(Function::ByteLength)),
    ("byte_list", own(Function::Utf8Bytes)),
    ("byte_list_of_base64", own(Function::BytesFromBase64)),
    ("capitalized", scalar(Function::Capitalize)),
    ("case_folded", scalar(Function::CaseFold)),
    ("characters_of", own(Function::Characters)),
    ("code_points", own(Function::CodePoints)),
    ("command_words", own(Function::CommandWords)),
    ("compare_networks", scalar(Function::CompareNetworks)),
    ("compare_texts", scalar(Function::CompareTexts)),
    ("count_of", scalar(Function::CountOf)),
    ("decode", scalar(Function::Decode)),
    ("decode_base64", scalar(Function::Base64Decode)),
    ("digest_of", scalar(Function::Digest)),
    ("distinct_items", within(Function::Distinct)),
    ("divide", scalar(Function::Divide)),
    ("encode", scalar(Function::Encode)),
    ("entries_of", within(Function::Entries)),
    ("equal", Reading::Equal),
    ("extract", scalar(Function::Extract)),
    ("find", scalar(Function::IndexOf)),
    ("find_all", own(Function::FindAll)),
    ("find_last", scalar(Function::LastIndexOf)),
    ("first_address", scalar(Function::FirstAddress)),
    ("first_filled", within(Function::FirstFilled)),
    ("first_held", scalar(Function::FirstHeld)),
    ("first_of", within(Function::Coalesce)),
    ("flattened", within(Function::Flatten)),
    ("floor_divide", scalar(Function::FloorDivide)),
    ("format_moment", scalar(Function::FormatMoment)),
    ("format_span", scalar(Function::FormatSpan)),
    ("format_value", scalar(Function::Format)),
    ("from_base64", scalar(Function::FromBase64)),
    ("from_code_points", scalar(Function::FromCodePoints)),
    ("greatest_of", within(Function::Greatest)),
    ("greatest_value", within(Function::GreatestOf)),
    ("group_of", scalar(Function::Group)),
    ("guess_time", own(Function::GuessTime)),
    ("has_exact_key", Reading::Has(Function::MemberExact)),
    ("has_item", Reading::Has(Function::Item)),
    ("has_key", Reading::Has(Function::Member)),
    ("hexadecimal", scalar(Function::Hexadecimal)),
    ("holds_address", scalar(Function::HoldsAddress)),
    ("holds_item", scalar(Function::HasItem)),
    ("index_of", scalar(Function::IndexOfRegex)),
    ("index_within", scalar(Function::IndexWithin)),
    ("is_absent", scalar(Function::IsAbsent)),
    ("is_ascii", scalar(Function::IsAscii)),
    ("is_integer", Reading::Is(Kind::Integer)),
    ("is_list", Reading::Is(Kind::List)),
    ("is_number", Reading::Is(Kind::Number)),
    ("is_one_of", scalar(Function::OneOf)),
    ("is_private_address", scalar(Function::IsPrivateAddress)),
    ("is_same", scalar(Function::Same)),
    ("item_at", within(Function::Item)),
    ("join_items", scalar(Function::JoinItems)),
    ("join_texts", scalar(Function::Join)),
    ("joined_lists", within(Function::Append)),
    ("json_path", part(Function::JsonPath)),
    ("keys_of", own(Function::Keys)),
    ("last_address", scalar(Function::LastAddress)),
    ("latest_pairs", within(Function::Latest)),
    ("least_of", within(Function::Least)),
    ("least_value", within(Function::LeastOf)),
    ("length", scalar(Function::Length)),
    ("lies_in", scalar(Function::InNetworks)),
    ("lines_of", own(Function::Lines)),
    ("list_index", scalar(Function::ListIndex)),
    ("list_length", scalar(Function::ListLength)),
    ("list_slice", own(Function::ListSlice)),
    ("list_sum", scalar(Function::ListSum)),
    ("literal_of", Reading::Call(Function::Quoted, Gives::Text)),
    ("lower", scalar(Function::Lower)),
    ("magnitude", scalar(Function::Magnitude)),
    ("make_moment", scalar(Function::MakeMoment)),
    ("make_span", scalar(Function::MakeSpan)),
    ("member_at", within(Function::Member)),
    ("member_exact", Reading::Below),
    ("merged_objects", part(Function::MergeObjects)),
    ("minus", scalar(Function::Minus)),
    ("modulo", scalar(Function::Modulo)),
    ("moment_add", scalar(Function::MomentAdd)),
    ("moment_difference", scalar(Function::MomentDifference)),
    ("moment_part", scalar(Function::MomentPart)),
    ("moment_text", scalar(Function::MomentText)),
    ("multiple_below", scalar(Function::MultipleBelow)),
    ("multiply", scalar(Function::Multiply)),
    ("negative", scalar(Function::Opposite)),
    ("network_text", scalar(Function::NetworkText)),
    ("numbered", within(Function::Numbered)),
    ("numbers_between", own(Function::Range)),
    ("object_has", scalar(Function::ObjectHas)),
    ("object_of_entries", own(Function::FromEntries)),
    ("opposite_of", scalar(Function::Negation)),
    ("own_items", within(Function::Difference)),
    ("paired", within(Function::Pairs)),
    ("parse_json", part(Function::ParseJson)),
    ("part_of", within(Function::Slice)),
    ("parts_of", own(Function::Parts)),
    ("path_parts", part(Function::PathParts)),
    ("percent_decode", scalar(Function::PercentDecode)),
    ("period_end", scalar(Function::PeriodEnd)),
    ("period_start", scalar(Function::PeriodStart)),
    ("plain", Reading::Plain),
    ("plain_text", scalar(Function::PlainText)),
    ("plus", scalar(Function::Plus)),
    ("position_of", scalar(Function::Position)),
    ("precedes", scalar(Function::Precedes)),
    ("precedes_or_is", scalar(Function::PrecedesOrIs)),
    ("query_parts", part(Function::QueryParts)),
    ("query_values", own(Function::QueryValues)),
    ("quotient", scalar(Function::Quotient)),
    ("read_guid", scalar(Function::ReadGuid)),
    ("read_json", part(Function::ReadJson)),
    ("read_moment", scalar(Function::ReadMoment)),
    ("read_only", Reading::ReadOnly),
    ("read_span", scalar(Function::ReadSpan)),
    ("read_time", own(Function::ReadTime)),
    ("real_number", scalar(Function::RealNumber)),
    ("real_text", scalar(Function::RealText)),
    ("remainder", scalar(Function::Remainder)),
    ("repeated_text", scalar(Function::Repeat)),
    ("replace", scalar(Function::Replace)),
    ("reversed_list", within(Function::Reverse)),
    ("reversed_text", scalar(Function::Reversed)),
    ("round_away", scalar(Function::RoundAway)),
    ("rounded", scalar(Function::Round)),
    ("same_items", scalar(Function::SameItems)),
    ("shared_items", within(Function::Intersection)),
    ("shell_words", own(Function::ShellWords)),
    ("shift_left", scalar(Function::ShiftLeft)),
    ("shift_right", scalar(Function::ShiftRight)),
    ("short_number", scalar(Function::ShortNumber)),
    ("shown", Reading::Call(Function::Display, Gives::Text)),
    (
        "shown_event",
        Reading::Call(Function::DisplayEvent, Gives::Text),
    ),
    ("sign_of", scalar(Function::Sign)),
    ("similarity", scalar(Function::Similarity)),
    ("sorted_by_first", within(Function::SortPairs)),
    ("sorted_items", within(Function::SortItems)),
    ("sorted_list", own(Function::Sort)),
    ("span_text", scalar(Function::SpanText)),
    ("split", own(Function::Split)),
    ("split_at_matches", own(Function::SplitRegex)),
    ("split_first", own(Function::SplitFirst)),
    ("split_last", own(Function::SplitLast)),
    ("spread", within(Function::Spread)),
    ("substitute", scalar(Function::Substitute)),
    ("substring", scalar(Function::Substring)),
    ("subtract", scalar(Function::Subtract)),
    ("sum_of", scalar(Function::Sum)),
    ("swapped_case", scalar(Function::SwapCase)),
    ("text_form", scalar(Function::ToText)),
    ("text_part", scalar(Function::TextPart)),
    ("text_test", scalar(Function::TextTest)),
    ("texts_in", Reading::Texts),
    ("time_of_seconds", scalar(Function::TimeOfSeconds)),
    ("time_part", scalar(Function::TimePart)),
    ("times", scalar(Function::Times)),
    ("title_case", scalar(Function::TitleCase)),
    ("to_base64", scalar(Function::ToBase64)),
    ("to_number", scalar(Function::ToNumber)),
    ("to_text", Reading::Call(Function::Concat, Gives::Text)),
    ("translate", scalar(Function::Translate)),
    ("trim", scalar(Function::Trim)),
    ("trim_end", scalar(Function::TrimEnd)),
    ("trim_start", scalar(Function::TrimStart)),
    ("truncated", scalar(Function::Truncate)),
    ("truth_value", scalar(Function::TruthValue)),
    ("type_name", scalar(Function::TypeName)),
    ("upper", scalar(Function::Upper)),
    ("url_decode", scalar(Function::UrlDecode)),
    ("url_encode", scalar(Function::UrlEncode)),
    ("url_part", scalar(Function::UrlPart)),
    ("url_parts", part(Function::UrlParts)),
    ("whole_number", scalar(Function::WholeNumber)),
    ("words_of", own(Function::Words)),
];

const fn scalar(function: Function) -> Reading {
    Reading::Call(function, Gives::Scalar)
}

const fn own(function: Function) -> Reading {
    Reading::Call(function, Gives::Own)
}

const fn part(function: Function) -> Reading {
    Reading::Call(function, Gives::Part)
}

const fn within(function: Function) -> Reading {
    Reading::Call(function, Gives::Within)
}

/// What the library's files define and import.
#[derive(Default)]
struct Library {
    /// The text of each function.
    functions: BTreeMap<&'static str, &'static str>,
    /// The modules that names are imported from; a module's own name where it is imported itself.
    imports: BTreeMap<&'static str, &'static str>,
}

fn library() -> &'static Library {
    static LIBRARY: OnceLock<Library> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        let mut library = Library::default();
        for block in FILES.iter().flat_map(|file| file.split("\n\n\n")) {
            let definition = block.strip_prefix("def ");
            if let Some(name) = definition.and_then(|rest| rest.split('(').next()) {
                library.functions.insert(name, block.trim_end());
                continue;
            }
            for line in block.lines() {
                if let Some(module) = line.strip_prefix("import ") {
                    library.imports.insert(module, module);
                } else if let Some((module, names)) = line
                    .strip_prefix("from ")
                    .and_then(|rest| rest.split_once(" import "))
                {
                    let names = names.split(", ");
                    library.imports.extend(names.map(|name| (name, module)));
                }
            }
        }
        library
    })
}

/// The functions of the library that a module carries, and how calls of them are read.
pub(super) fn functions(body: &[ast::Stmt], text: &str) -> BTreeMap<&'static str, Reading> {
    let defined = body.iter().filter_map(|statement| match statement {
        ast::Stmt::FunctionDef(definition) => Some(definition.name.as_str()),
        _ => None,
    });
    let reading = |name: &str| READINGS.iter().find(|(known, _)| *known == name);
    let candidates: Vec<_> = defined.filter_map(reading).copied().collect();
    if candidates.is_empty() {
        return BTreeMap::new();
    }
    let module = Module::of(body, text);
    candidates
        .into_iter()
        .filter(|(name, _)| module.is_own(name, &mut BTreeSet::new()))
        .collect()
}

/// What a module binds.
#[derive(Default)]
struct Module<'a> {
    text: &'a str,
    /// How often each name is bound at the top or as a `global`.
    bound: BTreeMap<&'a str, usize>,
    definitions: BTreeMap<&'a str, &'a ast::StmtFunctionDef>,
    /// The modules that names at the top are imported from.
    imports: BTreeMap<&'a str, &'a str>,
    /// Whether names are imported that are not written out.
    is_open: bool,
}

impl<'a> Module<'a> {
    fn of(body: &'a [ast::Stmt], text: &'a str) -> Self {
        let mut module = Self {
            text,
            ..Self::default()
        };
        module.visit_body(body);
        for statement in body {
            match statement {
                ast::Stmt::FunctionDef(definition) => {
                    module
                        .definitions
                        .insert(definition.name.as_str(), definition);
                }
                ast::Stmt::Import(import) => {
                    for alias in import.names.iter().filter(|alias| alias.asname.is_none()) {
                        let name = alias.name.as_str();
                        module.imports.insert(name, name);
                    }
                }
                ast::Stmt::ImportFrom(import) if import.level == 0 => {
                    let from = import.module.as_ref().map_or("", ast::Identifier::as_str);
                    for alias in import.names.iter().filter(|alias| alias.asname.is_none()) {
                        module.imports.insert(alias.name.as_str(), from);
                    }
                }
                _ => {}
            }
        }
        module
    }

    fn bind(&mut self, name: &'a str) {
        *self.bound.entry(name).or_default() += 1;
    }

    /// Whether the module's function of this name is the library's, with all that it uses.
    fn is_own(&self, name: &'a str, seen: &mut BTreeSet<&'a str>) -> bool {
        if !seen.insert(name) {
            return true;
        }
        let (Some(definition), Some(text)) =
            (self.definitions.get(name), library().functions.get(name))
        else {
            return false;
        };
        let range = definition.range();
        let written = self
            .text
            .get(range.start().to_usize()..range.end().to_usize());
        written == Some(*text)
            && self.bound.get(name) == Some(&1)
            && !self.is_open
            && used(definition)
                .into_iter()
                .all(|used| self.is_meant(used, seen))
    }

    /// Whether a name is what the library takes it for.
    fn is_meant(&self, name: &'a str, seen: &mut BTreeSet<&'a str>) -> bool {
        match self.bound.get(name) {
            // A builtin, or a name of the function's own.
            None => {
                !library().functions.contains_key(name) && !library().imports.contains_key(name)
            }
            Some(1) if library().functions.contains_key(name) => self.is_own(name, seen),
            Some(1) => library()
                .imports
                .get(name)
                .is_some_and(|from| self.imports.get(name) == Some(from)),
            Some(_) => false,
        }
    }
}

/// Only what binds names of the module is gone into.
impl<'a> Visitor<'a> for Module<'a> {
    fn visit_stmt(&mut self, statement: &'a ast::Stmt) {
        match statement {
            ast::Stmt::FunctionDef(definition) => {
                self.bind(&definition.name);
                let mut globals = Globals(Vec::new());
                globals.visit_body(&definition.body);
                globals.0.into_iter().for_each(|name| self.bind(name));
            }
            ast::Stmt::ClassDef(definition) => {
                self.bind(&definition.name);
                let mut globals = Globals(Vec::new());
                globals.visit_body(&definition.body);
                globals.0.into_iter().for_each(|name| self.bind(name));
            }
            ast::Stmt::Import(import) => {
                for alias in &import.names {
                    let name = alias.asname.as_ref().unwrap_or(&alias.name).as_str();
                    self.bind(name.split('.').next().unwrap_or(name));
                }
            }
            ast::Stmt::ImportFrom(import) => {
                for alias in &import.names {
                    self.is_open |= alias.name.as_str() == "*";
                    self.bind(alias.asname.as_ref().unwrap_or(&alias.name));
                }
            }
            // A name may be bound by a handler or a pattern as well: such a module was not written by rulec.
            ast::Stmt::Try(_) | ast::Stmt::Match(_) => self.is_open = true,
            other => visitor::walk_stmt(self, other),
        }
    }

    fn visit_expr(&mut self, expression: &'a ast::Expr) {
        match expression {
            ast::Expr::Name(name) if !name.ctx.is_load() => self.bind(&name.id),
            other => visitor::walk_expr(self, other),
        }
    }
}

/// The names that functions declare as `global`.
struct Globals<'a>(Vec<&'a str>);

impl<'a> Visitor<'a> for Globals<'a> {
    fn visit_stmt(&mut self, statement: &'a ast::Stmt) {
        if let ast::Stmt::Global(names) = statement {
            self.0
                .extend(names.names.iter().map(ast::Identifier::as_str));
        }
        visitor::walk_stmt(self, statement);
    }
}

/// The names that a function uses and does not bind itself.
fn used(definition: &ast::StmtFunctionDef) -> BTreeSet<&str> {
    struct Used<'a>(BTreeSet<&'a str>, BTreeSet<&'a str>);
    impl<'a> Visitor<'a> for Used<'a> {
        fn visit_expr(&mut self, expression: &'a ast::Expr) {
            if let ast::Expr::Name(name) = expression {
                let names = if name.ctx.is_load() {
                    &mut self.0
                } else {
                    &mut self.1
                };
                names.insert(name.id.as_str());
            }
            visitor::walk_expr(self, expression);
        }
    }
    let mut names = Used(BTreeSet::new(), BTreeSet::new());
    names.visit_body(&definition.body);
    let Used(mut used, bound) = names;
    used.retain(|name| !bound.contains(name));
    for parameter in &*definition.parameters {
        used.remove(parameter.name().as_str());
    }
    used
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Sources;
    use crate::syntax::python;

    fn known(text: &str) -> Vec<&'static str> {
        let mut sources = Sources::new();
        let id = sources.add("rule.py", text);
        let body = python::parse(id, text).unwrap();
        functions(&body, text).into_keys().collect()
    }

    /// A module that carries the functions, in the library's order.
    fn module(names: &[&str]) -> String {
        let texts = names.iter().map(|name| library().functions[name]);
        let head = "import re\nfrom collections.abc import Mapping, Sequence";
        let parts: Vec<&str> = std::iter::once(head).chain(texts).collect();
        parts.join("\n\n\n") + "\n"
    }

    #[test]
    fn every_function_that_is_read_is_in_the_library_once() {
        let mut seen = BTreeSet::new();
        for (name, _) in READINGS {
            assert!(library().functions.contains_key(name), "{name}");
            assert!(seen.insert(name), "{name}");
        }
    }

    #[test]
    fn a_function_is_known_by_its_text_and_by_all_that_it_uses() {
        let own = module(&["is_list", "spread"]);
        assert_eq!(known(&own), ["is_list", "spread"]);
        let changed = own.replace("[value]", "[value, value]");
        assert_eq!(known(&changed), ["is_list"]);
        let other_list = own.replace("not isinstance(value, str)", "value");
        assert!(known(&other_list).is_empty());
        let other_import = own.replace("collections.abc", "typing");
        assert!(known(&other_import).is_empty());
    }

    #[test]
    fn a_function_is_not_known_where_a_name_may_be_another() {
        let own = module(&["is_list", "spread"]);
        for more in [
            "is_list = len\n",
            "def isinstance(*_):\n    return True\n",
            "def rule(event):\n    global Mapping\n    Mapping = str\n",
            "from helpers import *\n",
            "for spread in ():\n    pass\n",
        ] {
            let known = known(&format!("{own}\n\n{more}"));
            assert!(!known.contains(&"spread"), "{more}: {known:?}");
        }
    }
}
