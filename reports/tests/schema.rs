//! The published schema is the one the code has, and a report obeys it.

mod sample;

use beehive_reports::render::{schema, to_json};
use sample::{quick, report_of};

#[test]
fn the_published_schema_is_current() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/schema/cost-report.schema.json");
    let ours = schema().unwrap();
    let published = std::fs::read_to_string(path).unwrap_or_default();
    if published != ours {
        // Written for review; the difference is part of the change that made it.
        std::fs::write(path, &ours).unwrap();
        panic!("{path} was out of date and has been written anew: look at it and commit it");
    }
}

#[test]
fn a_report_obeys_the_schema_and_a_bent_one_does_not() {
    let schema: serde_json::Value = serde_json::from_str(&schema().unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let mut report: serde_json::Value =
        serde_json::from_str(&to_json(&report_of(&quick())).unwrap()).unwrap();
    let faults: Vec<String> =
        validator.iter_errors(&report).map(|e| e.to_string()).take(5).collect();
    assert!(faults.is_empty(), "{faults:?}");
    report["ways"][0]["cost"]["total"] = serde_json::json!({ "dollars": 1 });
    assert!(!validator.is_valid(&report));
}
