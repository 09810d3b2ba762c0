//! A worker that dies while its transaction is being committed on PostgreSQL: what became of the transaction
//! decides whether the request fails or runs again at home. Never twice, never lost without a word.

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

use std::process::Command;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use application::{Running, Setting, plan_roots};
use beehive_measured::MeasuredRoot;
use http::{Answer, Connection, Request};
use postgres::Postgres;
use support::{Folder, free_port, jdks};

const ROOT: &str = "TopicApi#comment(";
const PATIENCE: Duration = Duration::from_mins(1);
/// Makes each COMMIT that has inserted a comment take two seconds; that of a doomed session then fails.
const SLOW_COMMIT: &str = "
    create table doomed (pid int);
    grant all on doomed to forum;
    create function slow_commit() returns trigger language plpgsql as $$ begin
      perform pg_sleep(2);
      if exists (select from doomed where pid = pg_backend_pid()) then raise 'doomed'; end if;
      return null; end $$;
    create constraint trigger slow after insert on comment deferrable initially deferred
      for each row execute function slow_commit()";

/// A forum whose comments are posted by a worker, with a slow COMMIT.
struct Slow {
    out: Folder,
    database: Postgres,
    forum: Running,
}

impl Slow {
    fn start(name: &str) -> Self {
        let jdk = jdks().pop().unwrap();
        let out = Folder::new(name);
        let database = Postgres::start(out.path("").as_ref(), free_port()).unwrap();
        let url = format!("--spring.datasource.url={}", database.url());
        let arguments = vec!["--spring.profiles.active=postgres".to_owned(), url];
        let setting = Setting { arguments, ..Setting::default() };
        plan_roots(&setting, &jdk, &out, &[ROOT]);
        let live = out.path("live");
        let forum = Running::start(&setting, &jdk, &["--live", &live], &out);
        std::fs::write(&live, "offload=all\n").unwrap();
        let slow = Self { out, database, forum };
        Self::until("an offloaded comment", || {
            assert_eq!(post(slow.forum.port, "before").join().unwrap().status, 201);
            let _ = std::fs::remove_file(application::measured(&slow.out, slow.forum.port));
            slow.forum
                .report(&slow.out)
                .server
                .is_some_and(|server| server.roots.iter().any(|root| root.offloaded > 2))
        });
        slow.sql(SLOW_COMMIT);
        slow
    }

    fn sql(&self, statement: &str) -> String {
        self.database.sql("forum", statement).unwrap()
    }

    fn until(what: &str, mut is_so: impl FnMut() -> bool) {
        let until = Instant::now() + PATIENCE;
        while !is_so() {
            assert!(Instant::now() < until, "waited in vain for {what}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The session that is committing.
    fn committing(&self) -> String {
        let sql =
            "select pid from pg_stat_activity where state = 'active' and query ilike 'commit'";
        let mut pid = String::new();
        Self::until("a COMMIT", || {
            self.sql(sql).trim().clone_into(&mut pid);
            !pid.is_empty()
        });
        pid
    }

    fn rows(&self, body: &str) -> String {
        self.sql(&format!("select count(*) from comment where body = '{body}'")).trim().to_owned()
    }

    fn stop(self) -> MeasuredRoot {
        let measured = self.forum.stop(&self.out);
        measured.server.unwrap().roots.swap_remove(0)
    }
}

/// Posts a comment on a thread of its own.
fn post(port: u16, body: &str) -> JoinHandle<Answer> {
    let request = Request {
        method: "POST".to_owned(),
        path: "/api/topics/50/comments".to_owned(),
        headers: vec!["Content-Type: application/json".to_owned()],
        body: format!("{{\"body\": \"{body}\"}}"),
    };
    std::thread::spawn(move || Connection::new(port, PATIENCE).send(&request).unwrap())
}

fn kill_worker(forum: &Running) {
    for worker in forum.workers() {
        let pid = worker.to_string();
        assert!(Command::new("kill").args(["-KILL", &pid]).status().unwrap().success());
    }
}

#[test]
fn a_commit_that_was_made_fails_the_request_and_is_not_made_again() {
    let slow = Slow::start("run-commits-made");
    let request = post(slow.forum.port, "made once");
    slow.committing();
    kill_worker(&slow.forum);
    assert_eq!(request.join().unwrap().status, 500);
    assert_eq!(slow.rows("made once"), "1");
    let root = slow.stop();
    assert_eq!(root.failed, 1, "{root:?}");
    assert!(!root.rerun.contains_key("OFFLOAD_WORKER_LOST"), "{root:?}");
}

#[test]
fn a_commit_that_was_not_made_is_run_again_at_home() {
    let slow = Slow::start("run-commits-not-made");
    let request = post(slow.forum.port, "made at home");
    let pid = slow.committing();
    slow.sql(&format!("insert into doomed values ({pid})"));
    kill_worker(&slow.forum);
    assert_eq!(request.join().unwrap().status, 201);
    assert_eq!(slow.rows("made at home"), "1");
    let root = slow.stop();
    assert_eq!(root.failed, 0, "{root:?}");
    assert_eq!(root.rerun.get("OFFLOAD_WORKER_LOST"), Some(&1), "{root:?}");
}
