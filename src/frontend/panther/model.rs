//! Data models: the YAML documents of the `data_models` folders to what `event.udm()` reads for a log type.
//!
//! The folders are looked for beside the rule and beside every folder above it, the nearest first; of two models for one log
//! type the first wins, and one that is not enabled counts for nothing. Invariant: what Panther would reject, and a path that
//! cannot be read, is a problem of the mapping or of the model, which is reported where the rule asks for it.

use std::path::Path;

use indexmap::IndexMap;
use serde_json::Value;

use super::execute::{ANCESTORS, ModuleId, Modules, load};
use super::{Context, folders};
use crate::diagnostic::{Code, Diagnostic};
use crate::ir::FieldPath;
use crate::source::{Source, SourceId, Span, TextRange};
use crate::syntax::yaml;

/// What `udm` reads for events of a log type.
#[derive(Debug)]
pub(super) struct Model {
    /// The log type.
    pub log_type: String,
    /// What each name stands for; an error is why no name of the model can be read.
    pub mappings: Result<Mappings, Box<Diagnostic>>,
}

/// What the names of a model stand for; a name may have both.
#[derive(Clone, Debug, Default)]
pub(super) struct Mappings {
    /// Paths in the event.
    pub paths: IndexMap<String, Result<FieldPath, Box<Diagnostic>>>,
    /// Functions of the event, all in the model's module.
    pub methods: IndexMap<String, String>,
    /// The model's module.
    pub module: Option<ModuleId>,
}

/// A document that is a model for some of the wanted log types.
struct Document {
    source: SourceId,
    values: serde_json::Map<String, Value>,
}

/// The models of the log types, for a rule at `rule`.
pub(super) fn read(
    wanted: &[String],
    rule: &Path,
    modules: &mut Modules,
    context: &mut Context<'_>,
) -> Vec<Model> {
    let mut models: Vec<Model> = Vec::new();
    for folder in rule.ancestors().skip(1).take(ANCESTORS) {
        for path in folders::below(&folder.join("data_models"), context).iter() {
            let missing: Vec<&String> = wanted
                .iter()
                .filter(|name| !models.iter().any(|model| model.log_type == **name))
                .collect();
            if missing.is_empty() {
                return models;
            }
            models.extend(read_file(path, &missing, modules, context));
        }
    }
    models
}

/// The models in one file.
fn read_file(
    path: &Path,
    wanted: &[&String],
    modules: &mut Modules,
    context: &mut Context<'_>,
) -> Vec<Model> {
    let Ok(Some(source)) = load(path, context) else {
        return Vec::new();
    };
    let Some(text) = context.sources.get(source).map(Source::shared_text) else {
        return Vec::new();
    };
    if !wanted.iter().any(|name| text.contains(name.as_str())) {
        return Vec::new();
    }
    let documents = match documents(source, &text) {
        Ok(documents) => documents,
        // Which log types the file is about cannot be known.
        Err(problem) => {
            let broken = |name: &&String| Model {
                log_type: (*name).clone(),
                mappings: Err(problem.clone()),
            };
            return wanted.iter().map(broken).collect();
        }
    };
    let mut models: Vec<Model> = Vec::new();
    for document in documents {
        let types = document.log_types();
        let types: Vec<&&String> = wanted
            .iter()
            .filter(|name| types.contains(&name.as_str()))
            .collect();
        if types.is_empty() {
            continue;
        }
        let mappings = document.mappings(path, modules, context);
        models.extend(types.into_iter().map(|name| Model {
            log_type: (*name).clone(),
            mappings: mappings.clone(),
        }));
    }
    models
}

/// The documents of a file that are enabled models.
fn documents(source: SourceId, text: &str) -> Result<Vec<Document>, Box<Diagnostic>> {
    let mut found = Vec::new();
    for document in yaml::parse(source, text)? {
        if let Value::Object(values) = document.value? {
            found.push(Document { source, values });
        }
    }
    let is_model = |document: &Document| {
        document
            .values
            .get("AnalysisType")
            .is_some_and(|kind| kind == "datamodel")
            && document.values.get("Enabled").is_some_and(is_truthy)
    };
    found.retain(is_model);
    Ok(found)
}

fn is_truthy(value: &Value) -> bool {
    !matches!(value, Value::Null | Value::Bool(false)) && value.as_f64() != Some(0.0) && value != ""
}

impl Document {
    fn log_types(&self) -> Vec<&str> {
        let types = self.values.get("LogTypes").and_then(Value::as_array);
        types.map_or_else(Vec::new, |types| {
            types.iter().filter_map(Value::as_str).collect()
        })
    }

    fn problem(&self, message: impl Into<String>) -> Diagnostic {
        let place = Span::new(self.source, TextRange::new(0, 0));
        Diagnostic::error(Code::PythonUnsupported, message).at(place)
    }

    fn mappings(
        &self,
        path: &Path,
        modules: &mut Modules,
        context: &mut Context<'_>,
    ) -> Result<Mappings, Box<Diagnostic>> {
        let mut mappings = Mappings::default();
        let entries = self.values.get("Mappings").and_then(Value::as_array);
        let Some(entries) = entries else {
            return Err(Box::new(
                self.problem("a data model requires a list of `Mappings`"),
            ));
        };
        for entry in entries {
            let of = |wanted: &str| {
                let entry = entry.as_object()?;
                let found = entry.iter().rev();
                let mut found = found.filter(|(key, _)| key.to_lowercase() == wanted);
                found.next()?.1.as_str().filter(|text| !text.is_empty())
            };
            match (of("name"), of("path"), of("method")) {
                (Some(name), Some(path), _) => {
                    let path = json_path(path).ok_or_else(|| {
                        Box::new(self.problem(format!(
                            "the path `{path}` of a data model must be one of names"
                        )))
                    });
                    mappings.paths.insert(name.to_owned(), path);
                }
                (Some(name), None, Some(method)) => {
                    mappings.methods.insert(name.to_owned(), method.to_owned());
                }
                _ => {
                    return Err(Box::new(self.problem(
                        "a mapping of a data model requires a `Name`, and a `Path` or a `Method`",
                    )));
                }
            }
        }
        if !mappings.methods.is_empty() {
            let Some(file) = self.values.get("Filename").and_then(Value::as_str) else {
                return Err(Box::new(
                    self.problem("the methods of a data model require a `Filename`"),
                ));
            };
            let file = path.parent().unwrap_or(Path::new("")).join(file);
            let place = Span::new(self.source, TextRange::new(0, 0));
            mappings.module = Some(modules.add(&file, Some(place), context)?);
        }
        Ok(mappings)
    }
}

/// The path that a JSON path of names means: `a`, `$.a.b`, `a['b']`. Its keys are spelt exactly so.
fn json_path(text: &str) -> Option<FieldPath> {
    let mut path = FieldPath::root();
    let mut rest = match text.strip_prefix('$') {
        Some("") => return None,
        Some(rest) if rest.starts_with(['.', '[']) => rest,
        Some(_) => return None,
        None => text,
    };
    let mut first = rest.len() == text.len();
    while !rest.is_empty() {
        let bracketed = rest.strip_prefix('[');
        rest = match bracketed {
            Some(inner) => inner,
            None if first => rest,
            None => rest.strip_prefix('.')?,
        };
        first = false;
        let (key, after) = json_key(rest)?;
        if bracketed.is_some() && !rest.starts_with(['\'', '"']) {
            return None;
        }
        path = path.exact(key);
        rest = match bracketed {
            Some(_) => after.strip_prefix(']')?,
            None => after,
        };
    }
    (!path.segments.is_empty()).then_some(path)
}

/// A name at the start of a JSON path, plain or in quotes, and what stands after it.
fn json_key(text: &str) -> Option<(&str, &str)> {
    for quote in ['\'', '"'] {
        if let Some(inner) = text.strip_prefix(quote) {
            let (key, after) = inner.split_once(quote)?;
            return (!key.is_empty() && key != "*" && !key.contains('\\')).then_some((key, after));
        }
    }
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '@');
    let end = text.find(|c| !is_part(c)).unwrap_or(text.len());
    let key = &text[..end];
    // The words of the path language itself, and what it reads as a truth value at the start of a name.
    let is_name = key.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '_' | '@'))
        && key != "where"
        && key != "wherenot"
        && !key.starts_with("true")
        && !key.starts_with("false");
    is_name.then(|| (key, &text[end..]))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use serde_json::json;

    use super::*;
    use crate::diagnostic::Diagnostics;
    use crate::eval;
    use crate::frontend::{Frontend, Panther};
    use crate::ir::Rule;
    use crate::source::Sources;

    #[test]
    fn paths_of_names_are_read() {
        for (text, path) in [
            ("a", "'a'"),
            ("$.a.b_c", "'a'.'b_c'"),
            ("a['b c'].d", "'a'.'b c'.'d'"),
            ("$['a']", "'a'"),
            ("'a.b'.c", "'a.b'.'c'"),
        ] {
            assert_eq!(json_path(text).unwrap().to_string(), path, "{text}");
        }
    }

    #[test]
    fn other_paths_are_not() {
        for text in [
            "",
            "$",
            "$a",
            "a.",
            "a..b",
            "$..a",
            "a[0]",
            "a[*]",
            "*",
            "$.*",
            "a.`len`",
            "where",
            "a b",
            "trueName",
            "a[b]",
            "a,b",
            "a[?(@.b)]",
            "'*'",
            "é",
            "a.0",
        ] {
            assert!(json_path(text).is_none(), "{text}");
        }
    }

    const RULE: &str = "AnalysisType: rule\nRuleID: Test.Rule\nEnabled: true\nSeverity: Low\nLogTypes: [A.One, A.Two, A.Three]\nFilename: rule.py\n";
    const ONE: &str = "AnalysisType: datamodel\nDataModelID: One\nLogTypes: [A.One]\nEnabled: true\nMappings:\n  - Name: verb\n    Path: $.request.verb\n  - {Name: hosts, Path: hosts}\n";
    const TWO: &str = "AnalysisType: datamodel\nDataModelID: Two\nLogTypes: [A.One, A.Two]\nEnabled: true\nFilename: two.py\nMappings:\n  - {Name: verb, Method: verb}\n  - {Name: hosts, Method: hosts}\n  - {Name: details, Method: details}\n";
    const OFF: &str = "AnalysisType: datamodel\nDataModelID: Off\nLogTypes: [A.Three]\nEnabled: false\nMappings:\n  - {Name: verb, Path: other}\n";
    const METHODS: &str = "def verb(event):\n    return event.get('Method', '').lower()\n\n\ndef hosts(event):\n    return [event.get('host')]\n\n\ndef details(event):\n    return event.to_dict().get('details')\n";

    /// The rule that returns the expression, beside three data models, and what there is to say about it.
    fn import(expression: &str, path: &str) -> (Vec<Rule>, Diagnostics) {
        import_as(RULE, expression, path)
    }

    fn import_as(yaml: &str, expression: &str, path: &str) -> (Vec<Rule>, Diagnostics) {
        let python = format!("def rule(event):\n    return {expression}\n");
        let one = ONE.replace("$.request.verb", path);
        let files = [
            ("rules/a/rule.yml", yaml),
            ("rules/a/rule.py", python.as_str()),
            ("data_models/a.yml", one.as_str()),
            ("data_models/b.yml", TWO),
            ("data_models/c/off.yml", OFF),
            ("data_models/two.py", METHODS),
        ];
        let mut loader: IndexMap<PathBuf, Vec<u8>> = IndexMap::new();
        for (path, text) in files {
            loader.insert(PathBuf::from(path), text.as_bytes().to_vec());
        }
        let (mut sources, mut diagnostics) = (Sources::new(), Diagnostics::new());
        let id = sources.add(Path::new(files[0].0), files[0].1);
        let mut context = Context {
            sources: &mut sources,
            loader: &loader,
            memory: &crate::frontend::Memory::default(),
            crosswalk: crate::schema::Crosswalk::builtin(),
            tuning: crate::frontend::Tuning::none(),
            diagnostics: &mut diagnostics,
            undecided: Vec::new(),
            accompanies: false,
        };
        (Panther::new().import(id, &mut context), diagnostics)
    }

    /// The verdicts are those of CPython with `panther_core`'s `DataModel`, `E` where it raises.
    #[test]
    fn models_give_pythons_verdicts() {
        let events = [
            json!({}),
            json!({"request": {"verb": "get"}}),
            json!({"request": {"Verb": "get"}}),
            json!({"Request": {"verb": "get"}}),
            json!({"request": {"verb": null}}),
            json!({"method": "GET"}),
            json!({"Method": 1}),
            json!({"hosts": ["x"]}),
            json!({"host": "x"}),
            json!({"details": {"key": 1}}),
            json!({"Details": {"key": 1}}),
            json!({"p_udm": {"verb": "get"}}),
            json!({"verb": "get"}),
            json!({"other": "get"}),
            json!({"p_udm": {"other": "get"}, "other": "put"}),
            json!({"other": 0}),
        ];
        let types = [None, Some("A.One"), Some("A.Two"), Some("A.Three")];
        for (expression, verdicts) in [
            (
                "event.udm(\"verb\") == \"get\"",
                "FFFFFFFFFFFTTFFFFTFFFFFFFFFFFFFFFFFFFTEFFFFFFFFFFFFFFFFFFFFTTFFF",
            ),
            (
                "event.udm(\"verb\", default=\"get\") == \"get\"",
                "TTTTTTTTTTTTTTTTTTTTFTTTTTTTTTTTFFFFFTEFFFFFFFFFTTTTTTTTTTTTTTTT",
            ),
            (
                "any(h == \"x\" for h in event.udm(\"hosts\") or [])",
                "FFFFFFFTFFFFFFFFFFFFFFFTFFFFFFFFFFFFFFFFTFFFFFFFFFFFFFFTFFFFFFFF",
            ),
            (
                "isinstance(event.udm(\"hosts\"), list)",
                "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF",
            ),
            (
                "(event.udm(\"details\") or {}).get(\"KEY\") == 1",
                "FFFFFFFFFTTFFFFFFFFFFFFFFTTFFFFFFFFFFFFFFTFFFFFFFFFFFFFFFTTFFFFF",
            ),
            (
                "event.udm(\"other\") == \"get\"",
                "FFFFFFFFFFFFFTTFFFFFFFFFFFFFFTTFFFFFFFFFFFFFFTTFFFFFFFFFFFFFFTTF",
            ),
            (
                "event.udm_path(\"verb\") == \"request.verb\"",
                "EEEEEEEEEEEEEEEEFTFFTFFFFFFFFFFFFFFFFFFFFFFFFFFFEEEEEEEEEEEEEEEE",
            ),
        ] {
            let (rules, diagnostics) = import(expression, "$.request.verb");
            assert!(!rules.is_empty(), "{expression} {diagnostics:?}");
            let mut found = String::new();
            for log_type in types {
                for event in &events {
                    let mut event = event.clone();
                    if let Some(log_type) = log_type {
                        event["p_log_type"] = json!(log_type);
                    }
                    found.push(if eval::matches(&rules[0], &event) {
                        'T'
                    } else {
                        'F'
                    });
                }
            }
            assert_eq!(found, verdicts.replace('E', "F"), "{expression}");
        }
    }

    #[test]
    fn the_log_types_of_a_rules_tests_count() {
        let own = format!(
            "{RULE}Tests:\n  - Name: other\n    ExpectedResult: true\n    Log: {{p_log_type: A.One, request: {{verb: get}}}}\n"
        );
        let own = own.replace("[A.One, A.Two, A.Three]", "[A.Three]");
        let (rules, _) = import_as(&own, "event.udm('verb') == 'get'", "$.request.verb");
        assert!(eval::matches(&rules[0], &rules[0].tests[0].event));
        let (rules, _) = import_as(
            &own.replace("p_log_type: A.One, ", ""),
            "event.udm('verb') == 'get'",
            "$.request.verb",
        );
        assert!(!eval::matches(&rules[0], &rules[0].tests[0].event));
    }

    #[test]
    fn what_is_no_path_of_names_is_refused_where_it_is_asked_for() {
        let (rules, _) = import("event.udm('hosts') == 1", "$.request[0]");
        assert_eq!(rules.len(), 1);
        let (rules, diagnostics) = import("event.udm('verb') == 1", "$.request[0]");
        assert!(rules.is_empty());
        let codes: Vec<Code> = diagnostics.iter().map(|d| d.code).collect();
        assert_eq!(codes, [Code::PythonUnsupported]);
    }
}
