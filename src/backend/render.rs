//! Documents from templates.
//!
//! Templates are layout only; the values they print are finished strings, lists and maps. Undefined values are errors, nothing
//! is escaped automatically, and the only filters are `indent` and our own `yaml`, which quotes a scalar where YAML requires it.

use minijinja::{AutoEscape, Environment, UndefinedBehavior};
use serde::Serialize;

/// A template that could not be rendered: its name and the engine's message.
#[derive(Clone, Debug)]
pub struct TemplateError {
    /// The template.
    pub template: String,
    /// What is wrong.
    pub message: String,
}

/// The templates by name, `<target>/<file>.j2`.
#[derive(Debug)]
pub struct Templates {
    environment: Environment<'static>,
}

/// The templates that ship with rulec.
const SHIPPED: &[(&str, &str)] = &[
    (
        "panther/rule.py.j2",
        include_str!("../../templates/panther/rule.py.j2"),
    ),
    (
        "panther/rule.yml.j2",
        include_str!("../../templates/panther/rule.yml.j2"),
    ),
    (
        "sentinel/document.yaml.j2",
        include_str!("../../templates/sentinel/document.yaml.j2"),
    ),
    (
        "sentinel/rule.yaml.j2",
        include_str!("../../templates/sentinel/rule.yaml.j2"),
    ),
    (
        "kql/rule.kql.j2",
        include_str!("../../templates/kql/rule.kql.j2"),
    ),
    (
        "sigma/rule.yml.j2",
        include_str!("../../templates/sigma/rule.yml.j2"),
    ),
    (
        "native/rule.rs.j2",
        include_str!("../../templates/native/rule.rs.j2"),
    ),
];

/// The template language as all documents are written in it: what is not defined is an error, nothing is escaped, and lines of
/// tags leave none behind.
pub(crate) fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_trim_blocks(true);
    environment.set_lstrip_blocks(true);
    environment.set_keep_trailing_newline(true);
    environment.add_filter("yaml", |text: &str| yaml_scalar(text));
    environment
}

impl Templates {
    /// The templates that ship with rulec.
    pub fn builtin() -> Self {
        let mut environment = environment();
        for (name, text) in SHIPPED {
            // A shipped template that does not parse shows as a missing one, with its name; the tests render every template.
            let _ = environment.add_template(name, text);
        }
        Self { environment }
    }

    /// The names of all templates.
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self
            .environment
            .templates()
            .map(|(name, _)| name.to_owned())
            .collect();
        names.sort();
        names
    }

    /// The document that the template makes of the model.
    pub fn render(&self, template: &str, model: impl Serialize) -> Result<String, TemplateError> {
        let error = |error: minijinja::Error| TemplateError {
            template: template.to_owned(),
            message: format!("{error:#}"),
        };
        self.environment
            .get_template(template)
            .map_err(error)?
            .render(model)
            .map_err(error)
    }
}

/// A text as a YAML scalar on one line: plain where YAML 1.1 and 1.2 both read it back as the same text, else quoted.
pub fn yaml_scalar(text: &str) -> String {
    if is_plain(text) {
        text.to_owned()
    } else if text
        .contains(|c: char| c.is_control() || c == '\u{feff}' || c == '\u{2028}' || c == '\u{2029}')
    {
        serde_json::Value::from(text)
            .to_string()
            .replace('\u{7f}', "\\x7f")
            .replace('\u{85}', "\\N")
            .replace('\u{feff}', "\\ufeff")
    } else if text.contains('"') && !text.contains('\'') || text.contains('\\') {
        format!("'{}'", text.replace('\'', "''"))
    } else {
        format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
    }
}

fn is_plain(text: &str) -> bool {
    let reserved = [
        "", "~", "null", "true", "false", "yes", "no", "on", "off", "y", "n", ".nan", ".inf",
        "-.inf", "+.inf", "<<", "=",
    ];
    let starts_badly = text.starts_with(|c: char| match c {
        '-' | '?' | ':' | ',' | '[' | ']' | '{' | '}' | '#' | '&' | '*' | '!' | '|' | '>'
        | '\'' | '"' | '%' | '@' | '`' | ' ' | '.' | '+' => true,
        c => c.is_ascii_digit(),
    });
    let inside = text.contains(": ")
        || text.contains(" #")
        || text.contains(|c: char| match c {
            '{' | '}' | '[' | ']' | ',' | '`' | '\u{feff}' | '\u{2028}' | '\u{2029}' => true,
            c => c.is_control(),
        });
    let is_reserved = reserved.iter().any(|word| word.eq_ignore_ascii_case(text));
    !is_reserved && !starts_badly && !inside && !text.ends_with([' ', ':'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_read_back_as_themselves() {
        for text in [
            "plain text",
            "yes",
            "1",
            "1e3",
            "a: b",
            "it's",
            "say \"x\"",
            "\\d+",
            "tab\there",
            "",
            "- x",
            "x #y",
            "{{a}}",
            "é\u{2028}",
            "0x1F",
            "12:30",
            "a\u{7f}\u{85}b",
            "~",
            "#",
            "null",
            "a:",
        ] {
            let yaml = format!("k: {}\n", yaml_scalar(text));
            let documents = crate::syntax::yaml::parse(crate::source::SourceId(0), &yaml).unwrap();
            assert_eq!(documents[0].value.clone().unwrap()["k"], text, "{yaml}");
        }
    }
}
