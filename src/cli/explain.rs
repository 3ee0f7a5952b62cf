//! `rulec explain`: a rule in the text form of the IR, or what a diagnostic code means.

use std::io;
use std::path::{Path, PathBuf};

use super::console::Console;
use super::import::{Document, Reading, each_document};
use super::{Exit, Registry, TextOrJson};
use crate::diagnostic::{CODES, Code, Diagnostic};
use crate::ir::{Rule, sharing};

const EXAMPLES: &str = "\
Examples:
  rulec explain rules/panther/login/login.yml
  rulec explain pack.zip
  rulec explain rule.yml --format json > rule.json
  rulec explain FID001";

/// Show what a rule means, or what a diagnostic code means
///
/// A rule is shown in normal form, one predicate per line, or in the native JSON form, which can be read back.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Explain {
    /// A rule file, a folder or zip archive of rules, `-` for standard input, or a code such as FID001
    #[arg(value_name = "RULE|CODE")]
    subject: String,
    #[command(flatten)]
    reading: Reading,
    /// How to show a rule
    #[arg(long, value_enum, default_value = "text")]
    format: TextOrJson,
}

impl Explain {
    /// Prints the explanation.
    pub(super) fn run(
        &self,
        registry: Registry<'_>,
        console: &mut Console<'_>,
    ) -> io::Result<Exit> {
        let path = Path::new(&self.subject);
        if path.exists() || self.subject == "-" {
            return self.rule(path, registry, console);
        }
        if let Some(code) = Code::from_name(&self.subject) {
            let info = code.info();
            let words = wrapped(info.explanation, 80);
            console.print(&format!("{}: {}\n\n{words}\n", info.name, info.title))?;
            return Ok(Exit::Success);
        }
        if looks_like_code(&self.subject) {
            let first = CODES.first().map_or("", |info| info.name);
            let message = format!("`{}` is not a code, such as {first}", self.subject);
            console.complain_of(&Diagnostic::error(Code::Usage, message));
            return Ok(Exit::Failure);
        }
        self.rule(path, registry, console)
    }

    fn rule(
        &self,
        path: &Path,
        registry: Registry<'_>,
        console: &mut Console<'_>,
    ) -> io::Result<Exit> {
        let paths: [PathBuf; 1] = [path.to_owned()];
        let text = |rule: &Rule| match self.format {
            TextOrJson::Text => Ok(rule.to_string()),
            // The native form, so that it can be read back.
            TextOrJson::Json => sharing::to_json(rule),
        };
        let texts = |document: &mut Document| {
            let rules = std::mem::take(&mut document.rules);
            rules.iter().map(text).collect::<Result<Vec<_>, _>>()
        };
        let mut shown = 0;
        let show =
            |_: &Document, texts: serde_json::Result<Vec<String>>, console: &mut Console<'_>| {
                for text in texts.map_err(io::Error::other)? {
                    if shown > 0 && self.format == TextOrJson::Text {
                        console.print("\n")?;
                    }
                    shown += 1;
                    console.print(&text)?;
                }
                Ok(())
            };
        each_document(&paths, &self.reading, registry, console, texts, show)
    }
}

fn looks_like_code(text: &str) -> bool {
    let (letters, digits) = text.split_at(
        text.find(|c: char| c.is_ascii_digit())
            .unwrap_or(text.len()),
    );
    (2..=4).contains(&letters.len())
        && letters.bytes().all(|byte| byte.is_ascii_alphabetic())
        && digits.len() == 3
        && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// The text in lines of at most `width` characters.
fn wrapped(text: &str, width: usize) -> String {
    let mut lines: Vec<String> = vec![String::new()];
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines.join("\n")
}
