//! In which directions a translation may differ from its rule, as its report says.

use super::fidelity::Fidelity;

/// In which directions a translation may differ from its rule: in its verdicts on events, or in its alerts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Claim {
    /// It may match, or alert, where the rule does not.
    pub wider: bool,
    /// It may not match, or alert, where the rule does.
    pub narrower: bool,
    /// Something of it is left out.
    pub unsupported: bool,
}

impl Claim {
    /// Whether it is said to be the same.
    pub fn is_exact(self) -> bool {
        self == Self::default()
    }

    /// Whether the two sides differ only as is said.
    pub fn allows(self, source: bool, target: bool) -> bool {
        match (source, target) {
            (false, true) => self.wider,
            (true, false) => self.narrower,
            (true, true) | (false, false) => true,
        }
    }

    /// Both together: one part may be wider where another is narrower.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            wider: self.wider || other.wider,
            narrower: self.narrower || other.narrower,
            unsupported: self.unsupported || other.unsupported,
        }
    }

    /// The words shown to users.
    pub fn name(self) -> &'static str {
        match (self.unsupported, self.wider, self.narrower) {
            (true, ..) => Fidelity::Unsupported.name(),
            (false, true, true) => "wider and narrower",
            (false, true, false) => Fidelity::Wider.name(),
            (false, false, true) => Fidelity::Narrower.name(),
            (false, false, false) => Fidelity::Exact.name(),
        }
    }
}

impl From<Fidelity> for Claim {
    fn from(fidelity: Fidelity) -> Self {
        Self {
            wider: fidelity == Fidelity::Wider,
            narrower: fidelity == Fidelity::Narrower,
            unsupported: fidelity == Fidelity::Unsupported,
        }
    }
}

impl serde::Serialize for Claim {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}
