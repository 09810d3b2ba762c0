//! Every decision code has its heading in `docs/verdicts.md`, and every heading its code.

use beehive_plan::code;
use std::collections::BTreeSet;

#[test]
fn every_code_is_documented() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/verdicts.md");
    let text = std::fs::read_to_string(path).unwrap();
    let headings = text.lines().filter_map(|l| l.strip_prefix("## OFFLOAD_"));
    let documented: Vec<String> = headings.map(|h| format!("OFFLOAD_{h}")).collect();
    let known: BTreeSet<String> = code::ALL.iter().map(|c| (*c).to_owned()).collect();
    assert_eq!(documented.iter().cloned().collect::<BTreeSet<_>>(), known);
    assert_eq!(documented.len(), code::ALL.len(), "a heading stands twice");
}
