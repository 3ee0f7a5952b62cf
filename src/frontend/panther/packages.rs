//! Modules of Python that Panther's runtime has beside the standard library and that rulec ships, for rules that import them.
//!
//! They are read like any helper module: executed, never known by name. Each was written for rulec from what its original does,
//! and holds what rules ask of it. Invariant: what a shipped module leaves out is refused where a rule asks for it, never taken
//! for something that the original does not have.

/// A shipped module.
pub(super) struct Package {
    /// Its full name.
    name: &'static str,
    /// The path under which it is shown.
    pub(super) path: &'static str,
    /// Its text.
    pub(super) text: &'static str,
}

const PACKAGES: &[Package] = &[
    Package {
        name: "policyuniverse.policy",
        path: "<rulec>/policyuniverse/policy.py",
        text: include_str!("packages/policyuniverse/policy.py"),
    },
    Package {
        name: "policyuniverse.statement",
        path: "<rulec>/policyuniverse/statement.py",
        text: include_str!("packages/policyuniverse/statement.py"),
    },
];

/// Modules that are not shipped, and what there is to say of something in them.
const MISSING: &[(&str, &str)] = &[
    ("policyuniverse.action", TABLE),
    ("policyuniverse.action_categories", TABLE),
    ("policyuniverse.expander_minimizer", TABLE),
];

const TABLE: &str = "needs a table of all AWS actions, which rulec does not ship";

/// The shipped module with this name.
pub(super) fn find(name: &str) -> Option<&'static Package> {
    PACKAGES.iter().find(|package| package.name == name)
}

/// Why something of a module is not shipped, by its full name.
pub(super) fn missing(path: &str) -> Option<&'static str> {
    let (module, _) = path.rsplit_once('.')?;
    let found = MISSING.iter().find(|(known, _)| *known == module);
    found.map(|(_, reason)| *reason)
}
