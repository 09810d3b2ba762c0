//! Which reasons a person has read: each is told once, since the same object may fail to travel a thousand
//! times. The record counts all of them.

use std::collections::BTreeSet;

use crate::progress::RunProgress;

/// Reasons told one by one.
const REASONS_TOLD: usize = 20;

/// Reasons of one run.
#[derive(Debug, Default)]
pub(crate) struct Told(BTreeSet<String>);

impl Told {
    /// Tells what has happened and why, unless that reason was told before.
    pub(crate) fn tell(&mut self, what: &str, code: &str, text: &str, to: &dyn RunProgress) {
        // A refusal's own text begins with its code.
        let text = text.strip_prefix(code).unwrap_or(text).trim_start_matches([':', ' ']);
        let reason = format!("{code}: {text}");
        if self.0.len() < REASONS_TOLD && self.0.insert(reason.clone()) {
            to.warning(&format!("{what}: {reason}"));
        }
    }
}
