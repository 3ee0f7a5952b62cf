//! rulec, the detection-rule compiler: Panther, Microsoft Sentinel and Sigma rules into one intermediate representation, and out
//! again as Panther, Sentinel, KQL, Sigma or native matchers, with a report of what each translation kept.
//!
//! # Stages
//!
//! Each stage is one function, from one type to the next:
//!
//! | stage | function | from | to |
//! |---|---|---|---|
//! | import | [`import`] | a file of [`source::Sources`] | [`ir::Rule`]s and [`diagnostic::Diagnostics`] |
//! | check | [`check`] | a file that was imported | [`diagnostic::Diagnostics`] |
//! | bind | [`bind::bind`] | a KQL tree and [`schema::kusto::Schemas`] | [`bind::Bound`]: the result's columns, types, mistakes |
//! | normalize | [`normalize::normalize`] | [`ir::Rule`] | [`ir::Rule`] in normal form |
//! | export | [`export`] | [`ir::Rule`] | [`backend::Translation`]: artifacts and [`analysis::Report`] |
//! | evaluate | [`eval::matches`] | [`ir::Rule`] and an event | the verdict |
//! | synthesise | [`synthesis::synthesise`] | [`ir::Condition`] | events that it matches, and that it just does not |
//! | verify | [`verify::verify`] | [`ir::Rule`] and its [`backend::Translation`] | where both agree, and an event where they do not |
//!
//! The library reads no file and prints nothing: a [`source::Loader`] gives it the files that a rule names.
//!
//! # Meaning
//!
//! What a rule means is what [`eval`] computes. A frontend is right when `eval` agrees with the system that the rule was written
//! for; a backend is right when its output, read back, evaluates alike. Where a target cannot say the same, the
//! [`analysis::Report`] says so for each construct: wider, narrower or unsupported, never silently.

pub mod analysis;
pub mod backend;
pub mod bind;
pub mod cli;
pub mod custom;
pub mod diagnostic;
pub mod eval;
pub mod frontend;
pub mod ir;
pub mod normalize;
pub mod schema;
pub mod source;
pub mod syntax;
pub mod synthesis;
pub mod verify;

use analysis::Report;
use backend::{Backend, Templates, Translation};
use diagnostic::{Code, Diagnostic, Diagnostics};
use frontend::{Context, Frontend, Memory, Tuning, Undecided};
use ir::{AttackVersion, Rule};
use schema::Crosswalk;
use source::{Loader, SourceId, Sources};

/// The rules of a file that was added to `sources`, as their frontend lowers them.
///
/// Without a `format` it is recognised from the content. What there is to say, an unknown format included, is in the
/// diagnostics; a rule with an error is left out.
pub fn import(
    id: SourceId,
    format: Option<&dyn Frontend>,
    sources: &mut Sources,
    loader: &dyn Loader,
    diagnostics: &mut Diagnostics,
) -> Vec<Rule> {
    let memory = Memory::default();
    let environment = Environment {
        loader,
        memory: &memory,
        crosswalk: Crosswalk::builtin(),
        tuning: Tuning::none(),
    };
    import_with(id, format, sources, &environment, diagnostics).rules
}

/// What the import of every file of a run works with.
#[derive(Clone, Copy)]
pub struct Environment<'e> {
    /// The way to files beside the given ones.
    pub loader: &'e dyn Loader,
    /// What was found out for files before.
    pub memory: &'e Memory,
    /// Names and columns of log sources.
    pub crosswalk: &'e Crosswalk,
    /// What the run gives to its rules: the values of placeholders.
    pub tuning: &'e Tuning,
}

/// What came of a file.
#[derive(Debug, Default)]
pub struct Imported {
    /// Its rules.
    pub rules: Vec<Rule>,
    /// Rules that are refused, but whose tests can be judged in part.
    pub undecided: Vec<Undecided>,
    /// Whether it holds documents that serve the rules of other files.
    pub accompanies: bool,
}

/// The same with the caller's environment: for one of many files, or with log sources of the caller's own.
pub fn import_with(
    id: SourceId,
    format: Option<&dyn Frontend>,
    sources: &mut Sources,
    environment: &Environment<'_>,
    diagnostics: &mut Diagnostics,
) -> Imported {
    let Some(source) = sources.get(id) else {
        return Imported::default();
    };
    let path = source.path().to_owned();
    let Some(frontend) = format.or_else(|| frontend::recognise(source.text())) else {
        let message = format!(
            "`{}` is not a rule of a known format",
            source.path().display()
        );
        let help = "name the format with `--from`, or check that the file is a rule";
        diagnostics.push(Diagnostic::error(Code::UnknownFormat, message).help(help));
        return Imported::default();
    };
    let mut context = Context {
        sources,
        loader: environment.loader,
        memory: environment.memory,
        crosswalk: environment.crosswalk,
        tuning: environment.tuning,
        diagnostics,
        undecided: Vec::new(),
        accompanies: false,
    };
    let mut rules = frontend.import(id, &mut context);
    if let [rule] = rules.as_mut_slice() {
        // A file's name is the best short name of the one rule in it; several rules need names of their own.
        if let Some(slug) = slug(&path).filter(|_| rule.metadata.slug.is_empty()) {
            rule.metadata.slug = slug;
        }
        // Standard input has no name, and nothing beside it.
        if path.extension().is_some() {
            frontend::events::attach(&path, rule, &mut context);
        }
    }
    Imported {
        rules,
        undecided: context.undecided,
        accompanies: context.accompanies,
    }
}

/// What the system that the file's rules are written for would refuse, or take and not work with. The file was imported before;
/// what that had to say is not said again.
pub fn check(
    id: SourceId,
    format: Option<&dyn Frontend>,
    sources: &Sources,
    diagnostics: &mut Diagnostics,
) {
    let text = sources.get(id).map(source::Source::text);
    let recognised = || text.and_then(frontend::recognise);
    if let Some(frontend) = format.or_else(recognised) {
        frontend.check(id, sources, diagnostics);
    }
}

/// The stem of a rule's file name, unless it names no rule in particular.
fn slug(path: &std::path::Path) -> Option<String> {
    let stem = path.file_stem()?.to_str()?;
    let plain = !["rule", "query", "detection", "index", "-", "stdin"].contains(&stem);
    (plain && path.extension().is_some()).then(|| stem.to_owned())
}

/// The target's files for a rule in normal form, with the shipped crosswalk and templates.
pub fn export(rule: &Rule, target: &dyn Backend) -> Translation {
    let templates = Templates::builtin();
    let context = backend::Context::new(Crosswalk::builtin(), &templates);
    export_with(rule, target, &context)
}

/// The same with the caller's log sources and templates, made once for many rules.
pub fn export_with(
    rule: &Rule,
    target: &dyn Backend,
    context: &backend::Context<'_>,
) -> Translation {
    let mut translation = target.emit(rule, context);
    if !translation.artifacts.is_empty() {
        leave_out(rule, target, &mut translation.report);
    }
    translation
}

/// Accounts for the keys of the rule's own format that the target's files do not hold.
fn leave_out(rule: &Rule, target: &dyn Backend, report: &mut Report) {
    let preserved = &rule.preserved;
    let format = frontend::format(&preserved.format);
    if let Some(format) = format.filter(|format| !target.holds_keys_of(format.name())) {
        for key in format.unread(rule) {
            let reason = format!("known to {} alone", format.name());
            let place = preserved.places.of(&key);
            report.leave_out(key, place, reason);
        }
    }
    report.tell_left_out();
}

/// The rule with its ATT&CK references in a version, and a note for each that changed.
pub fn in_attack_version(rule: &Rule, version: AttackVersion) -> (Rule, Diagnostics) {
    let moved = schema::in_version(&rule.metadata.attack, version);
    let mut notes = Diagnostics::new();
    for change in moved.changes {
        notes.push(Diagnostic::note(Code::AttackUnknown, change).at(rule.origin));
    }
    let mut rule = rule.clone();
    rule.metadata.attack = moved.attack;
    rule.metadata.attack_version = Some(version);
    (rule, notes)
}

#[cfg(doc)]
#[doc = include_str!("../ARCHITECTURE.md")]
pub mod architecture {}
