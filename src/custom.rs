//! Documents from a user's own templates, made of what the target's documents say.
//!
//! A template is called `<target>/rule.<ending>.j2`. One with the ending of a document that the target writes replaces it, any
//! other adds a document beside it; one that renders to nothing writes none. Files whose name begins with `_` are for the others
//! to include. The model, which keeps its form while the native form keeps its version:
//!
//! | name | what |
//! |---|---|
//! | `rule` | the rule in the native form, as data |
//! | `target` | the target's name |
//! | `stem` | what the files are called, without ending |
//! | `document` | the target's document as data, by the vendor's keys; the first, where there are several |
//! | `documents` | all of them |
//! | `text` | the texts that the target would write, by ending (`text.yaml`, `text.py`, `text.kql`) |
//!
//! Filters besides minijinja's: `yaml` and `hcl` quote a text, `json` writes any value, `iso8601` turns `15m` into `PT15M`. What is
//! not defined is an error. Refused with the place: templates that do not parse or do not render; the rule is then not written.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use minijinja::{Environment, Error, ErrorKind};
use serde::Serialize;
use serde_json::Value;

use crate::backend::{Artifact, TemplateError, Translation, environment};
use crate::diagnostic::{Code, Diagnostic};
use crate::ir::Rule;
use crate::source::SourceId;
use crate::syntax::yaml;

/// The file with a rule's tests, which is no document.
const TESTS: &str = "events.json";

/// The user's templates.
#[derive(Debug, Default)]
pub struct Custom {
    environment: Environment<'static>,
    /// The endings that there are templates for, with their names, by target.
    endings: BTreeMap<String, Vec<(String, String)>>,
}

/// What a template is given.
#[derive(Serialize)]
struct Model<'m> {
    rule: &'m Value,
    target: &'m str,
    stem: &'m str,
    document: &'m Value,
    documents: &'m [Value],
    text: BTreeMap<&'m str, &'m str>,
}

impl Custom {
    /// No templates yet.
    pub fn new() -> Self {
        let mut environment = environment();
        environment.add_filter("json", json);
        environment.add_filter("hcl", |text: &str| hcl(text));
        environment.add_filter("iso8601", |text: &str| iso8601(text));
        Self {
            environment,
            endings: BTreeMap::new(),
        }
    }

    /// Takes a template in: the target, the file's name in its folder, and the text. The error says what is wrong with it.
    pub fn add(&mut self, target: &str, file: &str, text: String) -> Result<(), TemplateError> {
        let name = format!("{target}/{file}");
        let error = |message: String| TemplateError {
            template: name.clone(),
            message,
        };
        let ending = file
            .strip_prefix("rule.")
            .and_then(|rest| rest.strip_suffix(".j2"))
            .filter(|ending| !ending.is_empty());
        if ending.is_none() && !file.starts_with('_') {
            let message = "a template is called `rule.<ending>.j2`, or begins with `_` and is included by others";
            return Err(error(message.to_owned()));
        }
        self.environment
            .add_template_owned(name.clone(), text)
            .map_err(|wrong| error(format!("{wrong}")))?;
        if let Some(ending) = ending {
            let of = self.endings.entry(target.to_owned()).or_default();
            of.push((ending.to_owned(), name));
        }
        Ok(())
    }

    /// Whether there is a template for any target.
    pub fn is_empty(&self) -> bool {
        self.endings.is_empty()
    }

    /// Writes the documents of the target's translation anew. A template that fails is an error of the report, and no file is left.
    pub fn apply(&self, rule: &Rule, target: &str, translation: &mut Translation) {
        let Some(templates) = self.endings.get(target) else {
            return;
        };
        if translation.artifacts.is_empty() {
            return;
        }
        match self.written(rule, target, templates, &translation.artifacts) {
            Ok(artifacts) => translation.artifacts = artifacts,
            Err(error) => {
                let message = format!(
                    "the template `{}` cannot be used: {}",
                    error.template, error.message
                );
                let error = Diagnostic::error(Code::OutputFailed, message);
                translation.report.diagnostics.push(error);
                translation.artifacts.clear();
            }
        }
    }

    fn written(
        &self,
        rule: &Rule,
        target: &str,
        templates: &[(String, String)],
        artifacts: &[Artifact],
    ) -> Result<Vec<Artifact>, TemplateError> {
        let rule = serde_json::to_value(rule).unwrap_or_default();
        let (tests, documents): (Vec<&Artifact>, Vec<&Artifact>) = artifacts
            .iter()
            .partition(|artifact| artifact.path.ends_with(TESTS));
        let mut by_stem: BTreeMap<PathBuf, Vec<&Artifact>> = BTreeMap::new();
        for artifact in documents {
            let stem = artifact.path.with_extension("");
            by_stem.entry(stem).or_default().push(artifact);
        }
        let mut written = Vec::new();
        for (stem, group) in by_stem {
            let data = group.iter().find_map(|artifact| data(artifact));
            let data = data.unwrap_or_default();
            let name = stem.file_name().unwrap_or_default().to_string_lossy();
            let by_ending = group
                .iter()
                .map(|one| (ending(&one.path), one.text.as_str()));
            let model = Model {
                rule: &rule,
                target,
                stem: &name,
                document: data.first().unwrap_or(&Value::Null),
                documents: &data,
                text: by_ending.collect(),
            };
            for artifact in group.iter().copied() {
                let is_replaced = |(own, _): &(String, String)| own == ending(&artifact.path);
                if !templates.iter().any(is_replaced) {
                    written.push(artifact.clone());
                }
            }
            for (ending, template) in templates {
                let text = self.render(template, &model)?;
                if !text.trim().is_empty() {
                    let path = stem.with_file_name(format!("{name}.{ending}"));
                    written.push(Artifact { path, text });
                }
            }
        }
        written.extend(tests.into_iter().cloned());
        Ok(written)
    }

    fn render(&self, template: &str, model: &Model<'_>) -> Result<String, TemplateError> {
        let rendered = self.environment.get_template(template);
        let rendered = rendered.and_then(|template| template.render(model));
        rendered.map_err(|error| TemplateError {
            template: template.to_owned(),
            message: format!("{error}"),
        })
    }
}

fn ending(path: &Path) -> &str {
    path.extension()
        .and_then(|ending| ending.to_str())
        .unwrap_or_default()
}

/// The documents of a text in YAML or JSON, as data; nothing where it is in neither.
fn data(artifact: &Artifact) -> Option<Vec<Value>> {
    match ending(&artifact.path) {
        "json" => Some(vec![serde_json::from_str(&artifact.text).ok()?]),
        "yml" | "yaml" => {
            let documents = yaml::parse(SourceId(0), &artifact.text).ok()?;
            documents.into_iter().map(|one| one.value.ok()).collect()
        }
        _ => None,
    }
}

/// Any value as JSON on one line.
fn json(value: &minijinja::Value) -> Result<String, Error> {
    serde_json::to_string(value)
        .map_err(|wrong| Error::new(ErrorKind::BadSerialization, wrong.to_string()))
}

/// A text in quotes as Terraform reads it, where `${` and `%{` begin templates.
fn hcl(text: &str) -> String {
    let quoted = Value::from(text).to_string();
    quoted.replace("${", "$${").replace("%{", "%%{")
}

/// The duration in ISO 8601 of one as Sentinel's rules write it (`15m`, `1h`, `14d`), or as it is where it is in ISO 8601.
fn iso8601(text: &str) -> Result<String, Error> {
    let wrong = || {
        let message = format!("`{text}` is not a duration such as `15m`");
        Error::new(ErrorKind::InvalidOperation, message)
    };
    crate::backend::iso8601(text).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::target;
    use crate::ir::{Condition, Literal, LogSource, Metadata, Object, Operator, Predicate, Term};

    fn rule() -> Rule {
        let mut rule = Rule::new(Metadata {
            id: "r".to_owned(),
            slug: "login".to_owned(),
            name: "Login of ${root}".to_owned(),
            ..Metadata::default()
        });
        rule.log_sources = vec![LogSource::known("aws.cloudtrail")];
        rule.selection = Condition::from(Predicate::new(
            Term::field(["eventName"]),
            Operator::Equals,
            Object::Literal(Literal::text("ConsoleLogin")),
        ));
        rule
    }

    fn written(files: &[(&str, &str)]) -> Translation {
        let mut custom = Custom::new();
        for (file, text) in files {
            custom.add("sentinel", file, (*text).to_owned()).unwrap();
        }
        let mut translation = crate::export(&rule(), target("sentinel").unwrap());
        custom.apply(&rule(), "sentinel", &mut translation);
        translation
    }

    fn names(translation: &Translation) -> Vec<String> {
        let paths = translation.artifacts.iter();
        paths
            .map(|artifact| artifact.path.display().to_string())
            .collect()
    }

    #[test]
    fn a_template_adds_a_document_of_the_vendors_keys() {
        let made = written(&[
            ("_head", "# {{ stem }} to {{ target }}\n"),
            (
                "rule.tf.j2",
                "{% include 'sentinel/_head' %}\nname = {{ document.name | hcl }}\nevery = \"{{ document.queryFrequency | iso8601 }}\"\n{{ rule.metadata.id }} {{ documents | length }} {{ text.yaml is defined }}\n",
            ),
        ]);
        assert_eq!(names(&made), ["login.yaml", "login.tf"]);
        assert_eq!(
            made.artifacts[1].text,
            "# login to sentinel\nname = \"Login of $${root}\"\nevery = \"PT1H\"\nr 1 True\n"
        );
    }

    #[test]
    fn a_template_of_the_same_ending_replaces_and_an_empty_one_removes() {
        let made = written(&[("rule.yaml.j2", "{{ document.query | json }}\n")]);
        assert_eq!(names(&made), ["login.yaml"]);
        assert!(
            made.artifacts[0]
                .text
                .starts_with("\"AWSCloudTrail\\n| where")
        );
        let made = written(&[("rule.yaml.j2", "{# nothing #}\n"), ("rule.tf.j2", "x")]);
        assert_eq!(names(&made), ["login.tf"]);
    }

    #[test]
    fn what_is_wrong_is_said_and_nothing_is_written() {
        let made = written(&[("rule.tf.j2", "a\n{{ document.nothing.at.all }}\n")]);
        assert!(made.artifacts.is_empty());
        let message = &made.report.diagnostics.iter().last().unwrap().message;
        assert!(message.contains("`sentinel/rule.tf.j2`"), "{message}");
        assert!(message.contains("sentinel/rule.tf.j2:2"), "{message}");
        let mut custom = Custom::new();
        let add = |custom: &mut Custom, file: &str, text: &str| {
            let error = custom.add("sigma", file, text.to_owned()).unwrap_err();
            error.message
        };
        assert!(add(&mut custom, "rule.yml.j2", "{% if %}").contains("sigma/rule.yml.j2:1"));
        assert!(add(&mut custom, "other.j2", "").contains("rule.<ending>.j2"));
    }

    #[test]
    fn durations_are_those_of_iso_8601() {
        for (text, expected) in [
            ("15m", "PT15M"),
            ("1h", "PT1H"),
            ("14d", "P14D"),
            ("PT5M", "PT5M"),
        ] {
            assert_eq!(iso8601(text).unwrap(), expected);
        }
        assert!(iso8601("soon").is_err() && iso8601("").is_err() && iso8601("5é").is_err());
    }
}
