//! `beehive run` on forum with a database in another process: roots that begin and end their transaction run
//! on a worker's own connections, answers are those of a server alone, and nothing is asked of home any more.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails loudly")]

#[allow(dead_code, reason = "shared with tests that use more of it")]
mod application;
#[path = "../../xtask/src/http.rs"]
mod http;
#[allow(dead_code, reason = "shared with the measurements")]
#[path = "../../xtask/src/postgres.rs"]
mod postgres;
#[allow(dead_code, reason = "shared with tests that use more of it")]
mod support;

use application::{Pair, ROUNDS, Setting, compare, plan_roots};
use beehive_measured::Measured;
use postgres::Postgres;
use support::{Folder, Jdk, free_port, jdks};

/// The topic page and the posting of a comment: reading and writing transactions.
const ROOTS: [&str; 2] = ["TopicController#topic(", "TopicApi#comment("];

#[test]
fn forum_on_postgresql_answers_with_workers_as_it_does_alone_on_every_jdk() {
    for jdk in jdks() {
        judge(&jdk, &compared(&jdk, &ROOTS));
    }
}

#[test]
fn a_transaction_from_outside_the_root_keeps_its_connection() {
    let jdk = jdks().swap_remove(0);
    let all = compared(&jdk, &["TopicStore#comments("]);
    let root = &all.server.as_ref().unwrap().roots[0];
    assert!(root.offloaded > 0 && root.failed == 0, "{root:?}");
    // Each is called inside the transaction of TopicReader#read.
    let outside = root.databases_at_home.get("OFFLOAD_TX_OUTSIDE_ROOT");
    assert_eq!(outside, Some(&root.offloaded), "{root:?}");
}

/// Sends every request to forum alone and to forum with these roots on a worker, each on a database of
/// its own; answers and what is in the databases afterwards must be the same. What the latter measured.
fn compared(jdk: &Jdk, roots: &[&str]) -> Measured {
    let out = Folder::new(&format!("run-database-{}", jdk.feature));
    let (first, second) = (database(&out), database(&out));
    plan_roots(&on(&first), jdk, &out, roots);
    let empty = "drop schema public cascade; create schema public authorization forum";
    first.sql("forum", empty).unwrap();
    let pair = Pair::start([&on(&first), &on(&second)], jdk, &[], &out);
    compare(&on(&second), pair.alone.port, pair.helped.port);
    let [_, all] = pair.stop(&out);
    let rows = "select id, topic_id, author, body from comment order by id";
    assert_eq!(first.sql("forum", rows).unwrap(), second.sql("forum", rows).unwrap());
    all
}

fn database(out: &Folder) -> Postgres {
    Postgres::start(out.path("").as_ref(), free_port()).unwrap()
}

fn on(database: &Postgres) -> Setting {
    let url = format!("--spring.datasource.url={}", database.url());
    let arguments = vec!["--spring.profiles.active=postgres".to_owned(), url];
    Setting { arguments, ..Setting::default() }
}

fn judge(jdk: &Jdk, all: &Measured) {
    for root in &all.server.as_ref().unwrap().roots {
        let told = format!("JDK {}: {root:?}", jdk.feature);
        assert!(root.offloaded as usize >= ROUNDS / 2, "{told}");
        // The first requests may come before a worker is there, and the first of all may need an initialiser.
        let of = |reason: &str| root.not_offloaded.get(reason).copied().unwrap_or_default();
        let (late, unprepared) = (of("NO_IDLE_WORKER"), of("OFFLOAD_INITIALISER"));
        assert!(unprepared <= 1, "{told}");
        // The first invocations of the root that writes are rehearsals.
        let rehearsed = root.rerun.get("REHEARSED").copied().unwrap_or_default();
        assert!(rehearsed <= 3 * u64::from(root.method.contains("#comment(")), "{told}");
        assert_eq!(root.reasons.contains_key("REHEARSED"), rehearsed > 0, "{told}");
        assert_eq!((root.failed, root.local), (0, late + unprepared + rehearsed), "{told}");
        assert!(root.databases_at_home.is_empty(), "{told}");
        let later = root.steady.fallbacks;
        // A writing transaction tells home once that it commits.
        let commits = u64::from(root.method.contains("#comment(")) * root.steady.executions;
        assert!(root.steady.executions > 0, "{told}");
        // A class that is met late is asked for once.
        let asked = later.total() - later.class;
        assert_eq!((later.call, asked), (commits, commits), "{told}");
        assert!(later.class <= 1, "{told}");
    }
    assert!(all.workers.lost.is_empty(), "JDK {}: {:?}", jdk.feature, all.workers.lost);
}
