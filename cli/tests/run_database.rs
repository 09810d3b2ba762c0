//! `beehive run` on forum with a database in another process: roots that begin and end their transaction run
//! on a worker's own connections, answers are those of a server alone, and nothing is asked of home any more.

#![expect(clippy::unwrap_used, reason = "a test fails loudly")]

#[allow(dead_code, reason = "shared with tests that use more of it")]
mod forum;
#[path = "../../xtask/src/http.rs"]
mod http;
#[allow(dead_code, reason = "shared with the measurements")]
#[path = "../../xtask/src/postgres.rs"]
mod postgres;
#[allow(dead_code, reason = "shared with tests that use more of it")]
mod support;

use std::time::Duration;

use beehive_measured::Measured;
use forum::{Forum, ROUNDS, Setting, compare, plan_forum};
use postgres::Postgres;
use support::{Folder, Jdk, free_port, jdks};

/// The topic page and the posting of a comment: reading and writing transactions.
const ROOTS: [&str; 2] = ["TopicController#topic(", "TopicApi#comment("];

#[test]
fn forum_on_postgresql_answers_with_workers_as_it_does_alone_on_every_jdk() {
    for jdk in jdks() {
        let out = Folder::new(&format!("run-database-{}", jdk.feature));
        let (first, second) = (database(&out), database(&out));
        let setting = on(&first);
        plan_forum(&setting, &jdk, &out, &ROOTS);
        first
            .sql("forum", "drop schema public cascade; create schema public authorization forum")
            .unwrap();
        let alone = Forum::start(&setting, &jdk, &[], &out);
        let live = out.path("live");
        let helped = Forum::start(&on(&second), &jdk, &["--live", &live], &out);
        std::fs::write(&live, "offload=all\n").unwrap();
        std::thread::sleep(Duration::from_secs(1));
        compare(alone.port, helped.port);
        let (_, all) = (alone.stop(&out), helped.stop(&out));
        judge(&jdk, &all);
        let rows = "select id, topic_id, author, body from comment order by id";
        assert_eq!(first.sql("forum", rows).unwrap(), second.sql("forum", rows).unwrap());
    }
}

fn database(out: &Folder) -> Postgres {
    Postgres::start(out.path("").as_ref(), free_port()).unwrap()
}

fn on(database: &Postgres) -> Setting {
    let url = format!("--spring.datasource.url={}", database.url());
    Setting { arguments: vec!["--spring.profiles.active=postgres".to_owned(), url] }
}

fn judge(jdk: &Jdk, all: &Measured) {
    for root in &all.server.as_ref().unwrap().roots {
        let told = format!("JDK {}: {root:?}", jdk.feature);
        assert!(root.offloaded as usize >= ROUNDS / 2, "{told}");
        assert_eq!((root.failed, root.local), (0, 0), "{told}");
        assert!(root.databases_at_home.is_empty(), "{told}");
        let steady = root.steady.fallbacks;
        // A writing transaction tells home once that it commits.
        let commits = u64::from(root.method.contains("#comment(")) * root.steady.executions;
        assert!(root.steady.executions > 0, "{told}");
        assert!(steady.call <= commits && steady.total() <= commits, "{told}");
    }
    assert!(all.workers.lost.is_empty(), "JDK {}: {:?}", jdk.feature, all.workers.lost);
}
