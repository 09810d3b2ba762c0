//! `beehive run` on applications as others have published them, which know nothing of beehive and of which beehive knows
//! nothing: whatever their hottest methods do on a worker, the answers are those of a server alone.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails loudly")]

#[allow(dead_code, reason = "shared with tests that use more of it")]
mod application;
#[path = "../../xtask/src/http.rs"]
mod http;
#[allow(dead_code, reason = "shared with tests that use more of it")]
mod support;

use application::{ROUNDS, Setting, assert_offloads, plan, side_by_side, switch};
use support::{Folder, jdks};

/// Plans an application, switches those of these methods on that are candidates, and compares.
fn answers_as_alone(setting: &Setting, wanted: &[&str], roots_min: usize) {
    let jdk = jdks().swap_remove(0);
    let out = Folder::new(&format!("run-{}-{}", setting.application, jdk.feature));
    plan(setting, &jdk, &out);
    let roots = switch(&out, &|method| wanted.iter().any(|name| method.contains(name)));
    assert!(roots >= roots_min, "{roots} roots: {}", out.read("plan.toml"));
    let all = side_by_side([setting, setting], &jdk, &out, ROUNDS);
    assert_offloads(&all, roots_min);
}

#[test]
fn plantuml_draws_with_workers_as_it_does_alone() {
    let setting = Setting {
        application: "plantuml",
        first_page: "/plantuml/txt/~h407374617274756d6c0a41202d3e20420a40656e64756d6c",
        port: &["-picoweb:{port}:127.0.0.1"],
        ..Setting::default()
    };
    let wanted = [
        "PSystemCommandFactory#createSystem(",
        "SequenceDiagram#getSequenceDiagramPngMaker(",
        "TitledDiagram#calculateBackColor(",
        "SkinParam#getCurrentStyleBuilder(",
    ];
    answers_as_alone(&setting, &wanted, 2);
}

/// It keeps its objects in files, which a worker does not write, and describes them by records, which it reads
/// through a mapper of everybody's.
#[test]
fn s3mock_keeps_its_files_with_workers_as_it_does_alone() {
    let setting = Setting {
        application: "s3mock",
        first_page: "/",
        port: &["--com.adobe.testing.s3mock.httpPort={port}", "--server.port=0"],
        ..Setting::default()
    };
    let wanted = [
        "ObjectController#deleteObjects(",
        "ObjectController#getObject(",
        "ObjectController#getObjectTagging(",
        "ObjectController#putObjectTagging(",
        "MultipartController#listMultipartUploads(",
        "ObjectStore#writeMetafile(",
    ];
    answers_as_alone(&setting, &wanted, 3);
}

#[test]
fn wiremock_answers_with_workers_as_it_does_alone() {
    let setting = Setting {
        application: "wiremock",
        first_page: "/__admin/mappings",
        port: &["--port", "{port}"],
        ..Setting::default()
    };
    let wanted = [
        "BeanDeserializer#deserialize(",
        "CompiledPath#evaluate(",
        "ObjectWriter#writeValueAsString(",
    ];
    answers_as_alone(&setting, &wanted, 1);
}
