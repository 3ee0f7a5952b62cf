//! `--schema`: log source files of the caller's own over those that ship with rulec.

use std::borrow::Cow;
use std::io;
use std::path::PathBuf;

use super::console::Console;
use super::input::{Input, read};
use crate::schema::Crosswalk;
use crate::source::Sources;

/// Which log sources are known.
#[derive(clap::Args, Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Schemas {
    /// A file with a log source of one's own, or with what is to be said otherwise of a known one (`extends: builtin`); may be
    /// given several times
    #[arg(id = "schema", long = "schema", value_name = "FILE")]
    pub(super) files: Vec<PathBuf>,
}

impl Schemas {
    /// These and others behind them.
    pub(super) fn and(&self, others: Option<&Self>) -> Self {
        let others = others.into_iter().flat_map(|others| &others.files);
        Self {
            files: self.files.iter().chain(others).cloned().collect(),
        }
    }

    /// The log sources; `None` where a file cannot be used, and the console says why. By a map that contradicts itself, rules
    /// would be translated wrongly without a word, so that nothing is.
    pub(super) fn crosswalk(
        &self,
        console: &mut Console<'_>,
    ) -> io::Result<Option<Cow<'static, Crosswalk>>> {
        if self.files.is_empty() {
            return Ok(Some(Cow::Borrowed(Crosswalk::builtin())));
        }
        let mut texts = Sources::new();
        let mut ids = Vec::new();
        let mut unreadable = false;
        for path in &self.files {
            match read(&Input::file(path.clone())) {
                Ok(text) => ids.push(texts.add(path, text)),
                Err(error) => {
                    console.flush()?;
                    console.complain_of(&error);
                    unreadable = true;
                }
            }
        }
        let files = ids
            .iter()
            .filter_map(|id| Some((*id, texts.get(*id)?.text())));
        let (crosswalk, found) = Crosswalk::with_files(files);
        console.diagnose(&found, &texts)?;
        let sound = !unreadable && !found.has_errors();
        Ok(sound.then_some(Cow::Owned(crosswalk)))
    }
}
