//! What a run gives to its rules: the files of `--placeholders`, and among the inputs the filters and what correlations are about.
//!
//! Filters are for rules in other files, and correlations about them, so that they are looked for before the first rule is read.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use super::console::Console;
use super::input::{Input, Inputs, read};
use super::texts::Texts;
use crate::diagnostic::Diagnostics;
use crate::frontend::Tuning;
use crate::source::Sources;

/// What placeholders stand for.
#[derive(clap::Args, Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Values {
    /// A YAML file of names and lists of values that placeholders in Sigma rules (`%name%`) stand for; may be given several times
    #[arg(long, value_name = "FILE")]
    pub(super) placeholders: Vec<PathBuf>,
}

impl Values {
    /// What the run gives, and the texts that were read for it; `None` where a file cannot be used, and the console says why.
    pub(super) fn tuning(
        &self,
        inputs: &Inputs,
        console: &mut Console<'_>,
    ) -> io::Result<Option<(Tuning, Texts)>> {
        let (mut tuning, mut kept) = (Tuning::default(), Texts::default());
        let (mut texts, mut found) = (Sources::new(), Diagnostics::new());
        for path in &self.placeholders {
            match read(&Input::file(path.clone())) {
                Ok(text) => {
                    let id = texts.add(path, text.as_str());
                    tuning.placeholders.add(id, &text, &mut found);
                }
                Err(error) => found.push(error),
            }
        }
        console.diagnose(&found, &texts)?;
        let yaml = inputs.files.iter().filter(|input| is_yaml(input));
        for input in yaml.clone() {
            // What cannot be read is said where it is read as a rule.
            if let Ok(text) = read(input) {
                let text: Arc<str> = text.into();
                kept.keep(&input.path, &text);
                tuning.elsewhere.ask(&input.path, &text);
                tuning.filters.add(&input.path, text);
            }
        }
        if tuning.elsewhere.is_asked() {
            for input in yaml {
                let again = || read(input).map(Arc::from).ok();
                if let Some(text) = kept.get(&input.path).or_else(again) {
                    tuning.elsewhere.answer(&input.path, text);
                }
            }
        }
        Ok(Some((tuning, kept)).filter(|_| !found.has_errors()))
    }
}

/// Whether the input is a file that may hold filters; standard input can be read only once.
fn is_yaml(input: &Input) -> bool {
    let extension = input.path.extension();
    extension.is_some_and(|extension| extension == "yml" || extension == "yaml")
}
