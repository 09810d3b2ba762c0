//! `beehive run` on bazaar, which uses many widespread libraries, a handler each: all of them are roots, and whatever
//! a library does on a worker, the answers are those of a server alone and no request fails.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails loudly")]

#[allow(dead_code, reason = "shared with tests that use more of it")]
mod application;
#[path = "../../xtask/src/http.rs"]
mod http;
#[allow(dead_code, reason = "shared with tests that use more of it")]
mod support;

use application::{FEW_ROUNDS, Setting, assert_offloads, plan, side_by_side, switch};
use support::{Folder, jdks};

/// Candidates of the recording that are handlers; a load of chance may miss some.
const HANDLERS_MIN: usize = 90;
/// Of the roots: the others use what cannot be offloaded, or are still being tried.
const OFFLOADED_MIN: usize = 45;

#[test]
fn bazaar_answers_with_workers_as_it_does_alone() {
    let setting =
        Setting { application: "bazaar", first_page: "/actuator/health", ..Setting::default() };
    let jdk = jdks().pop().unwrap();
    let out = Folder::new(&format!("run-bazaar-{}", jdk.feature));
    plan(&setting, &jdk, &out);
    let handlers = switch(&out, &|method| method.contains("Api#"));
    assert!(handlers >= HANDLERS_MIN, "{handlers} handlers were recorded");
    let all = side_by_side([&setting, &setting], &jdk, &out, FEW_ROUNDS);
    assert_offloads(&all, OFFLOADED_MIN);
}
