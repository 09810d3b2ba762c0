//! `beehive run` on applications of frameworks other than Spring, every candidate of whose plan is switched on and whose
//! gates are open before the first request: caches are filled from workers, and whatever is first done is done there.
//! The answers are those of a server alone, and no request fails.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails loudly")]

#[allow(dead_code, reason = "shared with tests that use more of it")]
mod application;
#[path = "../../xtask/src/http.rs"]
mod http;
#[allow(dead_code, reason = "shared with tests that use more of it")]
mod support;

use application::{FEW_ROUNDS, Setting, assert_offloads, plan, side_by_side, switch};
use support::{Folder, jdks};

/// Called a quarter of a million times in a request (campanile): offloaded each time, it takes half a minute.
const TINY: &str = "TowerCaptain#fit(";

/// Plans an application, switches everything on, and compares from the first request on.
fn answers_as_alone(setting: &Setting, roots_min: usize) {
    let jdk = jdks().swap_remove(0);
    let out = Folder::new(&format!("run-{}-{}", setting.application, jdk.feature));
    plan(setting, &jdk, &out);
    switch(&out, &|method| !method.contains(TINY));
    let all = side_by_side([setting, setting], &jdk, &out, FEW_ROUNDS);
    assert_offloads(&all, roots_min);
}

fn cold(application: &'static str, first_page: &'static str) -> Setting {
    Setting { application, first_page, is_cold: true, port: &[], ..Setting::default() }
}

/// Hibernate ORM and Narayana stay at home with H2, in the server's process.
#[test]
fn quarkus_answers_with_workers_as_it_does_alone() {
    let jvm = &["-Dquarkus.http.port={port}"];
    answers_as_alone(&Setting { jvm, ..cold("tidewrack", "/stations") }, 10);
}

#[test]
fn micronaut_answers_with_workers_as_it_does_alone() {
    let jvm = &["-Dmicronaut.server.port={port}"];
    answers_as_alone(&Setting { jvm, ..cold("scriptorium", "/witnesses") }, 10);
}

#[test]
fn dropwizard_answers_with_workers_as_it_does_alone() {
    let jvm = &["-Ddw.server.connector.port={port}"];
    answers_as_alone(&Setting { jvm, ..cold("campanile", "/methods") }, 10);
}

/// Published by others; its product and its libraries are of one group, and live below `org.apache`.
#[test]
fn fuseki_answers_with_workers_as_it_does_alone() {
    let arguments = ["--mem", "--update"].map(str::to_owned).to_vec();
    let port = &["--port={port}", "/ds"];
    answers_as_alone(
        &Setting { port, arguments, ..cold("fuseki", "/ds/sparql?query=ASK%7B%7D") },
        10,
    );
}
