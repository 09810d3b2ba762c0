//! Sizes of instance types and the CPU credits of burstable ones
//! (`fixtures/prices/instances.csv`). Owns no price.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ReportError;

const TABLE: &str = include_str!("../../../fixtures/prices/instances.csv");

/// CPU credits of a burstable type. One credit is one vCPU at full use for a minute.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Credits {
    /// Share of each vCPU that can be used for ever, percent.
    pub baseline_percent: f64,
    /// Credits earned an hour.
    pub per_hour: u64,
    /// Most credits kept.
    pub max: u64,
}

/// Size of an instance type.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct InstanceType {
    /// Name, e.g. `m4.xlarge`.
    pub name: String,
    /// Virtual processors.
    pub vcpu: u32,
    /// Memory, GB.
    pub memory_gb: Decimal,
    /// `x86_64` or `arm64`.
    pub arch: String,
    /// Credits, if it is burstable.
    pub credits: Option<Credits>,
}

impl InstanceType {
    /// Whether it is billed by the ARM meters.
    pub fn is_arm(&self) -> bool {
        self.arch == "arm64"
    }
}

#[derive(Deserialize)]
struct Row {
    instance_type: String,
    vcpu: u32,
    memory_gb: Decimal,
    arch: String,
    baseline_percent: Option<f64>,
    credits_per_hour: Option<u64>,
    credits_max: Option<u64>,
}

/// Instance types by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct InstanceTable {
    types: BTreeMap<String, InstanceType>,
}

impl InstanceTable {
    /// The type called `name`.
    ///
    /// # Errors
    /// [`ReportError::UnknownInstance`] with the nearest known names.
    pub fn get(&self, name: &str) -> Result<&InstanceType, ReportError> {
        self.types.get(name).ok_or_else(|| ReportError::UnknownInstance {
            name: name.to_owned(),
            nearest: self.nearest(name),
        })
    }

    /// Adds a type, over one of the same name.
    pub fn insert(&mut self, instance: InstanceType) {
        self.types.insert(instance.name.clone(), instance);
    }

    /// All types in order of name.
    pub fn iter(&self) -> impl Iterator<Item = &InstanceType> {
        self.types.values()
    }

    fn nearest(&self, name: &str) -> Vec<String> {
        let mut scored: Vec<_> =
            self.types.keys().map(|known| (edit_distance(name, known), known.clone())).collect();
        scored.sort();
        scored.into_iter().take(3).map(|(_, known)| known).collect()
    }
}

/// Levenshtein distance, to guess a mistyped name.
fn edit_distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (cell, y) in row.iter_mut().skip(1).zip(b.bytes()) {
            let here = (diagonal + usize::from(x != y)).min(left + 1).min(*cell + 1);
            diagonal = *cell;
            *cell = here;
            left = here;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or(0)
}

/// The built-in instance table.
pub fn builtin_instances() -> InstanceTable {
    let mut table = InstanceTable::default();
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(TABLE.as_bytes());
    for row in reader.deserialize::<Row>().flatten() {
        let credits = match (row.baseline_percent, row.credits_per_hour, row.credits_max) {
            (Some(baseline_percent), Some(per_hour), Some(max)) => {
                Some(Credits { baseline_percent, per_hour, max })
            }
            _ => None,
        };
        table.insert(InstanceType {
            name: row.instance_type,
            vcpu: row.vcpu,
            memory_gb: row.memory_gb,
            arch: row.arch,
            credits,
        });
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_read_and_credits_follow_from_the_baseline() {
        let lines = TABLE.lines().filter(|l| !l.starts_with('#') && !l.is_empty()).count() - 1;
        let table = builtin_instances();
        assert_eq!(table.iter().count(), lines);
        for instance in table.iter() {
            let Some(credits) = &instance.credits else { continue };
            let earned = credits.baseline_percent / 100.0 * f64::from(instance.vcpu) * 60.0;
            assert!((earned - credits.per_hour as f64).abs() < 1e-9, "{}", instance.name);
            assert_eq!(credits.max, credits.per_hour * 24, "{}", instance.name);
        }
    }

    #[test]
    fn a_mistyped_type_is_answered_with_the_nearest() {
        let error = builtin_instances().get("m4.xlrge").unwrap_err();
        let ReportError::UnknownInstance { nearest, .. } = error else { panic!() };
        assert_eq!(nearest[0], "m4.xlarge");
    }

    #[test]
    fn edit_distance_is_levenshtein() {
        assert_eq!(edit_distance("kitten", "sitting"), 3);
        assert_eq!(edit_distance("", "abc"), 3);
        assert_eq!(edit_distance("same", "same"), 0);
    }
}
