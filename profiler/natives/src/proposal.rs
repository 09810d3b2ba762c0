//! A category for a native method out of its machine code: found by name or registration table, judged
//! by the worst effect it reaches. A proposal, overruled by the reviewed table; what cannot be
//! resolved is unknown and never harmless.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::category::Category;
use crate::declared::NativeMethod;
use crate::effect::Effect;
use crate::known::KnownSymbols;
use crate::mangle::names_of;
use crate::reachability::{Libraries, Summary};
use crate::registered::{Registered, RegisteredFunction, registered_in};

/// How the code of a native method was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Found {
    /// Exported under its own name.
    Exported,
    /// In a registration table.
    Registered,
    /// Nowhere, or in several tables with different functions.
    Nowhere,
}

/// A computed category with its evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Proposal {
    /// The category.
    pub category: Category,
    /// How its code was found.
    pub found: Found,
    /// Effects reached, best first.
    pub effects: Vec<Effect>,
    /// The call path to the effect that decides, or why there is none.
    pub evidence: String,
    /// Whether that path ends at the door of libjvm, where the table of known symbols answers and
    /// not the code.
    pub is_by_symbol: bool,
}

/// Proposes categories from a set of libraries.
pub struct Proposer {
    libraries: Libraries,
    registered: BTreeMap<usize, Registered>,
    not_followed: Vec<(String, Registered)>,
}

impl Proposer {
    /// Over `libraries`, which are followed into each other; `not_followed` are libraries of which
    /// only the registration tables are read (libjvm).
    pub fn over(libraries: Libraries, not_followed: Vec<(String, Registered)>) -> Self {
        let tables = libraries.all().iter().enumerate();
        let registered = tables.map(|(index, library)| (index, registered_in(library))).collect();
        Self { libraries, registered, not_followed }
    }

    /// The proposal for one native method.
    pub fn propose(&mut self, native: &NativeMethod) -> Proposal {
        for name in names_of(native) {
            if let Some((index, address)) = self.libraries.export(&name) {
                let summary = self.libraries.summary_of_native(index, address);
                return judge_native(native, Found::Exported, &summary);
            }
        }
        let key = (native.method.clone(), native.descriptor.clone());
        let mut rows: Vec<(usize, RegisteredFunction)> = Vec::new();
        for (index, table) in &self.registered {
            let functions = table.get(&key).into_iter().flatten();
            rows.extend(functions.map(|function| (*index, function.clone())));
        }
        let outside = self.not_followed.iter().find(|(_, table)| table.contains_key(&key));
        match (rows.as_slice(), outside) {
            ([(index, function)], None) => self.propose_registered(native, *index, function),
            ([], Some((name, _))) => {
                unknown(Found::Registered, format!("inside {name}, which is not followed"))
            }
            ([], None) => unknown(Found::Nowhere, "no library has it by name or table".to_owned()),
            _ => unknown(Found::Nowhere, "several tables have this name and descriptor".to_owned()),
        }
    }

    /// The proposal for an exported function of which only the symbol is known.
    pub fn propose_symbol(&mut self, symbol: &str) -> Option<Proposal> {
        let (index, address) = self.libraries.export(symbol)?;
        let summary = self.libraries.summary_of_native(index, address);
        // Without a descriptor every parameter behind `JNIEnv*` and object may be a native pointer:
        // Java objects are never reached through a parameter itself.
        Some(judge(2..=15, true, Found::Exported, &summary))
    }

    /// Name and descriptor of every method in the registration tables, sorted.
    pub fn registered_methods(&self) -> Vec<(String, String)> {
        let keys: std::collections::BTreeSet<_> =
            self.registered.values().flat_map(|table| table.keys().cloned()).collect();
        keys.into_iter().collect()
    }

    fn propose_registered(
        &mut self,
        native: &NativeMethod,
        index: usize,
        function: &RegisteredFunction,
    ) -> Proposal {
        let summary = match function {
            RegisteredFunction::Local(address) => self.libraries.summary_of_native(index, *address),
            RegisteredFunction::Import(symbol) => match KnownSymbols::get().effect_of(symbol) {
                Some(effect) => {
                    let effects = BTreeMap::from([(effect, vec![symbol.clone()])]);
                    Summary { effects, ..Summary::default() }
                }
                None => return unknown(Found::Registered, format!("{symbol} (not known)")),
            },
        };
        judge_native(native, Found::Registered, &summary)
    }
}

fn unknown(found: Found, evidence: String) -> Proposal {
    let effects = Vec::new();
    Proposal { category: Category::Unknown, found, effects, evidence, is_by_symbol: false }
}

/// A long may be a pointer: as a parameter to memory that it works on, as the result to memory that it
/// made.
fn judge_native(native: &NativeMethod, found: Found, summary: &Summary) -> Proposal {
    let returns_pointer = native.descriptor.ends_with(")J");
    judge(native_pointers(native), returns_pointer, found, summary)
}

/// The category of the worst effect. What is surely of the host stays so whatever else is unknown;
/// a descriptor beside socket calls is a socket.
fn judge(
    pointers: impl IntoIterator<Item = u8>,
    returns_pointer: bool,
    found: Found,
    summary: &Summary,
) -> Proposal {
    let mut effects = summary.effects.clone();
    if let Some(parameter) = pointers.into_iter().find(|p| summary.derefs.contains(p)) {
        let place = format!("uses the memory that machine parameter {parameter} points to");
        effects.entry(Effect::State).or_insert_with(|| vec![place]);
    }
    if returns_pointer && let Some(path) = effects.get(&Effect::Allocate).cloned() {
        effects.entry(Effect::State).or_insert(path);
    }
    let is_host = |effect: &Effect| effect.category() == Category::Host;
    let decisive = effects
        .keys()
        .find(|effect| is_host(effect))
        .or_else(|| effects.keys().find(|effect| **effect == Effect::Unknown))
        .or_else(|| effects.keys().find(|effect| **effect == Effect::Network))
        .or_else(|| effects.keys().next_back())
        .copied()
        .unwrap_or(Effect::Unknown);
    let path = effects.get(&decisive).cloned().unwrap_or_default();
    let is_by_symbol = path.last().is_some_and(|last| last.starts_with("JVM_"));
    Proposal {
        category: decisive.category(),
        found,
        effects: effects.into_keys().collect(),
        evidence: path.join(" → "),
        is_by_symbol,
    }
}

/// Numbers of the machine parameters that are Java longs, and so may be native pointers. The first
/// two are the `JNIEnv*` and the object or class; floating-point parameters travel elsewhere.
fn native_pointers(native: &NativeMethod) -> impl Iterator<Item = u8> {
    let parameters = native.descriptor.split(['(', ')']).nth(1).unwrap_or("");
    let mut kinds = Vec::new();
    let mut rest = parameters.chars();
    while let Some(kind) = rest.next() {
        let mut last = kind;
        while last == '[' {
            last = rest.next().unwrap_or(';');
        }
        if last == 'L' {
            rest.by_ref().find(|c| *c == ';');
        }
        if !matches!(kind, 'F' | 'D') {
            kinds.push(kind);
        }
    }
    (2u8..).zip(kinds).filter(|(_, kind)| *kind == 'J').map(|(number, _)| number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn longs_are_counted_among_integer_parameters() {
        let native = |descriptor: &str| NativeMethod {
            class: String::new(),
            method: String::new(),
            descriptor: descriptor.to_owned(),
        };
        let numbers = |d: &str| native_pointers(&native(d)).collect::<Vec<_>>();
        assert_eq!(numbers("(J[BIJ)I"), [2, 5]);
        assert_eq!(numbers("(DLjava/lang/String;[[JJ)V"), [4]);
        assert_eq!(numbers("()J"), [0u8; 0]);
    }
}
