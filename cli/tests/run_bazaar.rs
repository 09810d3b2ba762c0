//! `beehive run` on bazaar, which uses many widespread libraries, a handler each: all of them are roots, and whatever
//! a library does on a worker, the answers are those of a server alone and no request fails.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails loudly")]

#[allow(dead_code, reason = "shared with tests that use more of it")]
mod application;
#[path = "../../xtask/src/http.rs"]
mod http;
#[allow(dead_code, reason = "shared with tests that use more of it")]
mod support;

use std::time::Duration;

use application::{FEW_ROUNDS, Running, Setting, compare_rounds, plan, switch, tell};
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
    let alone = Running::start(&setting, &jdk, &[], &out);
    let live = out.path("live");
    std::fs::write(&live, "offload=off\n").unwrap();
    let helped = Running::start(&setting, &jdk, &["--live", &live, "--workers", "2"], &out);
    std::fs::write(&live, "offload=all\n").unwrap();
    std::thread::sleep(Duration::from_secs(1));
    compare_rounds(&setting, alone.port, helped.port, FEW_ROUNDS);
    let (_, all) = (alone.stop(&out), helped.stop(&out));
    tell(&format!("bazaar, JDK {}", jdk.feature), &all);
    let roots = &all.server.as_ref().unwrap().roots;
    for root in roots {
        assert_eq!(root.failed, 0, "{root:?}");
    }
    let offloaded = roots.iter().filter(|root| root.offloaded > 0).count();
    assert!(offloaded >= OFFLOADED_MIN, "{offloaded} of {} roots were offloaded", roots.len());
    assert!(all.workers.lost.is_empty(), "{:?}", all.workers.lost);
}
