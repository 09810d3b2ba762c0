//! `beehive package` as a user meets it when something is wrong: exit codes, messages, and nothing
//! overwritten. What a right bundle holds, the packager's own tests and `line.rs` say.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails loudly"
)]

#[allow(dead_code, reason = "shared with tests that use more of it")]
mod support;

use support::{Folder, beehive, json_of};

/// A trace of one class without a file behind it, and a plan of it.
fn planned(out: &Folder, offload: bool) -> String {
    let text = "beetrace 1\n\
        run {\"id\":\"a\",\"jdk_build\":\"17.0.1+1\"}\n\
        class c0 shop.Cart {\"source\":\"file:/gone/shop.jar\",\"origin\":\"user\"}\n\
        method m0 c0 total ()I {}\n\
        edge - m0 3\n";
    std::fs::write(out.path("shop.txt"), text).unwrap();
    let packed =
        beehive(&["trace", "pack", &out.path("shop.txt"), "-o", &out.path("shop.beetrace")]);
    assert!(packed.status.success(), "{}", packed.stderr);
    let plan = format!(
        "version = 1\n[trace]\npath = \"shop.beetrace\"\n\
         [[root]]\nmethod = \"shop.Cart#total()I\"\noffload = {offload}\n"
    );
    std::fs::write(out.path("plan.toml"), plan).unwrap();
    out.path("plan.toml")
}

#[test]
fn refusals_have_their_codes_and_write_nothing() {
    let out = Folder::new("package");
    let bundle = out.path("bundle");
    let refused = |arguments: &[&str], exit: i32, code: &str| {
        let mut all = vec!["package"];
        all.extend(arguments);
        all.extend(["-o", &bundle]);
        let run = beehive(&all);
        assert_eq!(run.status.code(), Some(exit), "{arguments:?}: {}", run.stderr);
        assert!(run.stderr.contains(code), "{arguments:?}: {}", run.stderr);
        assert!(run.stderr.contains("help"), "{arguments:?}: {}", run.stderr);
        assert!(!out.exists("bundle") && !out.exists("bundle.zip"), "{arguments:?}");
    };
    let plan = planned(&out, true);
    refused(&[&plan], 3, "bee::package::source");
    refused(&[&plan, "--target", "lambda"], 2, "bee::package::target");
    refused(&[&plan, "--target", "openwhisk"], 2, "bee::package::target");
    refused(&[&plan, "--trace", &out.path("none")], 3, "bee::trace::io");
    refused(&[&plan, "--trace", &plan], 3, "bee::trace::magic");
    refused(&[&out.path("none.toml")], 3, "bee::plan::io");
    let text = std::fs::read_to_string(&plan).unwrap();
    std::fs::write(&plan, text.replace("total", "gone")).unwrap();
    refused(&[&plan], 3, "bee::package::unknown_root");
    std::fs::write(&plan, text.replace("[trace]\n", "[trace]\nsha256 = \"00\"\n")).unwrap();
    refused(&[&plan], 3, "bee::package::trace_mismatch");
    let plan = planned(&out, false);
    refused(&[&plan], 4, "bee::package::no_roots");
}

#[test]
fn failures_are_json_when_json_is_asked_for() {
    let out = Folder::new("package-json");
    let plan = planned(&out, true);
    let mut run = beehive(&["package", &plan, "--dry-run", "--format", "json"]);
    assert_eq!(run.status.code(), Some(3));
    // The plan holds no hash, which is a warning before the failure.
    run.stdout = run.stderr.split_at(run.stderr.find('{').unwrap()).1.to_owned();
    assert_eq!(json_of(&run)["code"], "bee::package::source");
}
