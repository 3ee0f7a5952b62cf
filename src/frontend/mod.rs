//! Rule files to the IR, one folder per format.
//!
//! A frontend recognises its documents by content, reads them whole with the real parsers of `syntax`, and lowers them to a
//! [`Rule`]. It never sees a target. What it cannot express is a diagnostic with a span and, where the rest of the rule still
//! means something, a residue.

mod elsewhere;
pub(crate) mod events;
pub mod native;
mod panther;
mod sentinel;
mod sigma;
mod tuning;

pub use elsewhere::Elsewhere;
pub use native::Native;
pub use panther::Panther;
pub use sentinel::{Kql, Sentinel, asked_names};
pub use sigma::Sigma;
pub use tuning::{Filters, Placeholders, Tuning};

use std::path::Path;

use crate::diagnostic::Diagnostics;
use crate::ir::{Condition, Rule};
use crate::schema::Crosswalk;
use crate::source::{Loader, SourceId, Sources};
use crate::syntax::python::Trees;

/// What a frontend works with: the files, and the way to further ones.
pub struct Context<'c> {
    /// The files read so far; companions are added to it.
    pub sources: &'c mut Sources,
    /// The way to files beside the given one.
    pub loader: &'c dyn Loader,
    /// What was found out for other files.
    pub memory: &'c Memory,
    /// Names and columns of log sources.
    pub crosswalk: &'c Crosswalk,
    /// What the run gives to its rules.
    pub tuning: &'c Tuning,
    /// What there is to say.
    pub diagnostics: &'c mut Diagnostics,
    /// Rules that are refused because their verdict on some events depends on more than the event.
    pub undecided: Vec<Undecided>,
    /// Whether the file holds documents that serve the rules of other files.
    pub accompanies: bool,
}

impl Context<'_> {
    /// The same for a further file of the input. What there is to say of it is said where it is imported itself.
    pub(crate) fn for_another<'n>(&'n mut self, unsaid: &'n mut Diagnostics) -> Context<'n> {
        Context {
            sources: &mut *self.sources,
            loader: self.loader,
            memory: self.memory,
            crosswalk: self.crosswalk,
            tuning: self.tuning,
            diagnostics: unsaid,
            undecided: Vec::new(),
            accompanies: false,
        }
    }
}

/// A rule whose verdict on some events depends on more than the event. It can be judged on all others, and no more.
#[derive(Debug)]
pub struct Undecided {
    /// The rule; its selection means nothing on those events.
    pub rule: Rule,
    /// When the verdict is not known.
    pub when: Condition,
}

/// What the import of one file leaves for that of others that are reached in the same way: where the modules that they share stand,
/// their trees, and what folders hold. It changes how long an import takes, never what comes of it.
#[derive(Debug, Default)]
pub struct Memory {
    pub(crate) python: Trees,
    pub(crate) modules: panther::Places,
    pub(crate) folders: panther::Folders,
}

/// One rule format.
pub trait Frontend: Sync {
    /// The name, as `--from` takes it.
    fn name(&self) -> &'static str;

    /// Whether the content looks like a rule of this format: cheap, and never true for another format's rule.
    fn recognises(&self, text: &str) -> bool;

    /// Whether a file with this name can be of no other format, so that what keeps it from being read is said.
    fn owns(&self, path: &Path) -> bool {
        let _ = path;
        false
    }

    /// The language of its rules, where that names the tables whose rows they are about: formats of one language read the same rows.
    fn table_language(&self) -> Option<&'static str> {
        None
    }

    /// The rules of the document, in order. Errors are in the context's diagnostics; a rule that could not be read whole is
    /// left out.
    fn import(&self, id: SourceId, context: &mut Context<'_>) -> Vec<Rule>;

    /// The keys of a document that the rest of its rule says nothing of, and that say something to people or to the format's own
    /// system alone.
    fn unread(&self, rule: &Rule) -> Vec<String> {
        let _ = rule;
        Vec::new()
    }

    /// What the format's own system would refuse, or take and not work with: findings that stand in no way of a translation.
    /// Whatever [`Frontend::import`] says already is not said again.
    fn check(&self, id: SourceId, sources: &Sources, diagnostics: &mut Diagnostics) {
        let _ = (id, sources, diagnostics);
    }
}

/// Every rule format, in the order in which content is recognised. The command line and the tests iterate it.
pub const FRONTENDS: &[&dyn Frontend] = &[&Panther::new(), &Sentinel, &Sigma, &Native, &Kql];

/// The format with this name.
pub fn format(name: &str) -> Option<&'static dyn Frontend> {
    FRONTENDS
        .iter()
        .copied()
        .find(|frontend| frontend.name() == name)
}

/// The format of a document, recognised from its content.
pub fn recognise(text: &str) -> Option<&'static dyn Frontend> {
    FRONTENDS
        .iter()
        .copied()
        .find(|frontend| frontend.recognises(text))
}
