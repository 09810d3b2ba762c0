//! `beehive natives` as a user runs it: a JDK, its libraries, and files that are neither.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails loudly"
)]

#[allow(dead_code, reason = "shared with tests that use more of it")]
mod support;

use support::{Folder, beehive, jdks, json_of};

#[test]
fn every_jdk_shows_its_table_and_how_the_proposal_agrees() {
    for jdk in jdks() {
        let home = jdk.java().trim_end_matches("/bin/java").to_owned();
        let shown = beehive(&["natives", "--jdk", &home]);
        assert_eq!(shown.status.code(), Some(0), "{}", shown.stderr);
        assert!(shown.stdout.contains("java.lang.System#nanoTime()J"), "JDK {}", jdk.feature);
        assert!(shown.stdout.contains("reviewed table (rows) against proposal (columns)"));
        let all = json_of(&beehive(&["natives", "--jdk", &home, "--format", "json"]));
        assert_eq!(all["feature"], jdk.feature);
        let rows = all["rows"].as_array().unwrap();
        let is_reviewed = all["is_reviewed"].as_bool().unwrap();
        for row in rows {
            assert_eq!(row["reason"].is_string(), is_reviewed, "JDK {}: {row}", jdk.feature);
            assert!(is_reviewed || row["category"] == "unknown", "a guess: {row}");
        }
        let disputed =
            json_of(&beehive(&["natives", "--jdk", &home, "--disputed", "--format", "json"]));
        assert!(disputed["rows"].as_array().unwrap().len() < rows.len());
        let library = format!("{home}/lib/libzip.so");
        let zip = json_of(&beehive(&["natives", "--lib", &library, "--format", "json"]));
        assert!(!zip["libraries"][0]["rows"].as_array().unwrap().is_empty(), "{zip}");
    }
}

#[test]
fn what_is_neither_jdk_nor_library_is_refused_with_its_reason() {
    let out = Folder::new("natives");
    std::fs::write(out.path("text.so"), "no library").unwrap();
    let refused = beehive(&["natives", "--lib", &out.path("text.so")]);
    assert_eq!(refused.status.code(), Some(3));
    assert!(refused.stderr.contains("bee::natives::not_elf"), "{}", refused.stderr);
    let refused = beehive(&["natives", "--jdk", &out.path("")]);
    assert_eq!(refused.status.code(), Some(3));
    assert!(refused.stderr.contains("bee::natives::"), "{}", refused.stderr);
    let both = beehive(&["natives", "--jdk", "a", "--lib", "b"]);
    assert_eq!(both.status.code(), Some(2), "{}", both.stderr);
}
