//! `--templates`: the shipped example is a Terraform resource, as a parser that is not ours reads it.

use std::path::Path;
use std::process::Command;

use hcl::{Body, Structure};

/// Runs `rulec convert` on the shipped rules with templates, into a folder.
fn convert(templates: &Path, out: &Path) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_rulec"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["convert", "rules", "--to", "sentinel", "--templates"])
        .args([templates, Path::new("-o"), out])
        .output()
        .unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    (output.status.code().unwrap(), told)
}

fn attribute(body: &Body, name: &str) -> Option<String> {
    let of = |structure: &Structure| match structure {
        Structure::Attribute(one) if one.key() == name => Some(match one.expr() {
            hcl::Expression::TemplateExpr(template) => match &**template {
                hcl::TemplateExpr::QuotedString(text) => text.clone(),
                hcl::TemplateExpr::Heredoc(heredoc) => heredoc.template.clone(),
            },
            hcl::Expression::String(text) => text.clone(),
            other => other.to_string(),
        }),
        _ => None,
    };
    body.iter().find_map(of)
}

#[test]
fn a_sentinel_rule_becomes_a_resource_of_terraform() {
    let out = tempfile::tempdir().unwrap();
    let templates = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/templates/terraform");
    let (status, told) = convert(&templates, out.path());
    assert_eq!(status, 0, "{told}");
    let mut count = 0;
    for folder in std::fs::read_dir(out.path()).unwrap() {
        let folder = folder.unwrap().path();
        let stem = folder.file_name().unwrap().to_str().unwrap().to_owned();
        let read = |ending: &str| {
            let path = folder.join(format!("{stem}.{ending}"));
            std::fs::read_to_string(&path).unwrap()
        };
        let document: serde_json::Value = serde_yaml::from_str(&read("yaml")).unwrap();
        let body = hcl::parse(&read("tf")).unwrap();
        let resource = body.blocks().next().unwrap();
        assert_eq!(
            resource.labels()[0].as_str(),
            "azurerm_sentinel_alert_rule_scheduled"
        );
        assert_eq!(resource.labels()[1].as_str(), stem);
        let own = |name: &str| attribute(resource.body(), name).unwrap();
        assert_eq!(own("display_name"), document["name"].as_str().unwrap());
        assert_eq!(own("severity"), document["severity"].as_str().unwrap());
        assert!(own("query_frequency").starts_with("PT"));
        let lines = |text: &str| -> Vec<String> {
            let lines = text.trim().lines();
            lines.map(|line| line.trim().to_owned()).collect()
        };
        assert_eq!(
            lines(&own("query")),
            lines(document["query"].as_str().unwrap())
        );
        let entities = resource.body().blocks();
        let entities = entities.filter(|block| block.identifier() == "entity_mapping");
        let mapped = document["entityMappings"].as_array().map_or(0, Vec::len);
        assert_eq!(entities.count(), mapped);
        count += 1;
    }
    assert!(count >= 3, "{count}");
}

#[test]
fn templates_that_cannot_be_used_stop_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let says = |file: &str, text: &str, expected: &str| {
        let templates = folder.path().join("templates");
        let path = templates.join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        let (status, told) = convert(&templates, &out);
        assert_eq!(status, 2, "{told}");
        assert!(told.contains(expected), "{told}");
        assert!(!out.exists());
        std::fs::remove_dir_all(&templates).unwrap();
    };
    says("sentinel/rule.tf.j2", "{% for %}", "rule.tf.j2:1");
    says("splunk/rule.conf.j2", "x", "is not named after a target");
    says("sentinel/tf.j2", "x", "`rule.<ending>.j2`");
    says("README", "x", "holds no template");
    let (status, told) = convert(&folder.path().join("nowhere"), &out);
    assert!(status == 2 && told.contains("cannot be read"), "{told}");
}
