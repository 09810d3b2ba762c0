//! What offloading forum's computing roots costs and saves, on every JDK: one server under `beehive run`,
//! whose gate is opened and closed by turns, one connection in a closed loop. Latency is the client's,
//! processor time that of the server's request threads, per request.

mod figures;
mod recorded;
mod run;

use std::path::Path;
use std::time::Duration;

use super::{option, text_option};
use crate::http::Request;
use crate::jdk::Jdk;
use crate::postgres::Postgres;
use crate::process::{Step, free_port};
use crate::{fixtures, tools};

pub use figures::numbers;
use figures::report;
pub use recorded::{plan_forum, plan_recorded, record_forum};
pub use run::OffloadRun;

/// Files of requests in forum's folder.
pub const REQUESTS: &str = "requests.http";
const JPA_REQUESTS: &str = "requests-jpa.http";

/// A kind of request and the root it spends its time in.
pub struct Kind {
    pub name: &'static str,
    pub root: &'static str,
    pub request: Request,
}

/// Computing roots, on the in-process database.
pub fn kinds() -> Vec<Kind> {
    let login = Request {
        method: "POST".to_owned(),
        path: "/login".to_owned(),
        headers: vec!["Content-Type: application/x-www-form-urlencoded".to_owned()],
        body: "name=alice&password=honey-alice".to_owned(),
    };
    vec![
        Kind {
            name: "topic page, 40 comments (Markdown)",
            root: "TopicPage#render(",
            request: Request::get("/topics/21?comments=40"),
        },
        Kind { name: "login (bcrypt)", root: "PasswordCheck#matches(", request: login },
        Kind {
            name: "captcha (PNG)",
            root: "PngEncoder#encode(",
            request: Request::get("/captcha.png?seed=7"),
        },
    ]
}

/// Computes next to nothing, under a monitor and a lock of home's for each of 32 topics: what calls home cost.
fn calling_kind() -> Kind {
    let topics: Vec<String> = (1..=32).map(|id: u32| id.to_string()).collect();
    let request = Request {
        method: "POST".to_owned(),
        path: "/api/views".to_owned(),
        headers: vec!["Content-Type: application/json".to_owned()],
        body: format!("[{}]", topics.join(", ")),
    };
    Kind { name: "views of 32 topics (calls home)", root: "ViewCounter#recordAll(", request }
}

/// On PostgreSQL, where a worker has connections of its own.
fn database_kinds() -> Vec<Kind> {
    vec![
        Kind {
            name: "topic page, 10 comments, on PostgreSQL",
            root: "TopicController#topic(",
            request: Request::get("/topics/21?comments=10"),
        },
        Kind {
            name: "topic as JSON, 10 comments, on PostgreSQL",
            root: "TopicApi#topic(",
            request: Request::get("/api/topics/21?comments=10"),
        },
    ]
}

/// The same page read through JPA.
fn jpa_kinds() -> Vec<Kind> {
    vec![Kind {
        name: "topic page, 10 comments, by JPA on PostgreSQL",
        root: "JpaTopicController#topic(",
        request: Request::get("/jpa/topics/21?comments=10"),
    }]
}

/// The methods offloaded here.
pub fn roots() -> Vec<&'static str> {
    kinds().iter().map(|kind| kind.root).collect()
}

/// Runs the comparison; `--rounds N` (default 4) turns, `--warmup N` seconds of each mode (default 10),
/// `--window N` milliseconds a turn (default 2500), `--beehive PATH` a binary that is built already,
/// `--jdk N` only that feature version, `--database-only` leaves the computing roots out, `--only TEXT`
/// all kinds whose names do not hold the text.
pub fn run(arguments: &[&str]) -> Step {
    let rounds = option(arguments, "--rounds").unwrap_or(4);
    let warm_up = Duration::from_secs(option(arguments, "--warmup").unwrap_or(10));
    let window = Duration::from_millis(option(arguments, "--window").unwrap_or(2500));
    let beehive = super::binary(arguments)?;
    let jar = fixtures::forum()?;
    let only = option(arguments, "--jdk");
    for jdk in tools::jdks(&[])? {
        if only.is_some_and(|feature| feature != u64::from(jdk.feature)) {
            continue;
        }
        let mut turns = Turns {
            beehive: &beehive,
            jar: &jar,
            rounds,
            warm_up,
            window,
            load: REQUESTS,
            extra: Vec::new(),
            only: text_option(arguments, "--only").unwrap_or_default(),
        };
        if !arguments.contains(&"--database-only") {
            turns.measure(&jdk, kinds().into_iter().chain([calling_kind()]).collect())?;
        }
        tools::postgresql()?;
        let database = Postgres::start(&std::env::temp_dir(), free_port()?)?;
        let url = format!("--spring.datasource.url={}", database.url());
        turns.extra = vec!["--spring.profiles.active=postgres".to_owned(), url.clone()];
        turns.measure(&jdk, database_kinds())?;
        turns.load = JPA_REQUESTS;
        turns.extra = vec!["--spring.profiles.active=postgres,jpa".to_owned(), url];
        turns.measure(&jdk, jpa_kinds())?;
    }
    Ok(())
}

/// How one application is measured.
struct Turns<'a> {
    beehive: &'a str,
    jar: &'a Path,
    rounds: u64,
    warm_up: Duration,
    window: Duration,
    /// Forum's file of requests to be recorded with.
    load: &'static str,
    /// Arguments of the application.
    extra: Vec<String>,
    /// What the names of the measured kinds hold.
    only: &'a str,
}

impl Turns<'_> {
    fn measure(&self, jdk: &Jdk, mut kinds: Vec<Kind>) -> Step {
        kinds.retain(|kind| kind.name.contains(self.only));
        if kinds.is_empty() {
            return Ok(());
        }
        let (beehive, jar, extra) = (self.beehive, self.jar, &self.extra);
        let roots: Vec<&str> = kinds.iter().map(|kind| kind.root).collect();
        let trace = record_forum(beehive, jar, jdk, self.load, extra)?;
        let plan = plan_recorded(beehive, jdk, &trace, &roots)?;
        let run = OffloadRun::start(beehive, jar, jdk, &plan, ("off", 1), extra)?;
        let mut lines = Vec::new();
        for kind in kinds {
            lines.push((run.measure(&kind, self.rounds, self.warm_up, self.window)?, kind));
        }
        let measured = run.stop()?;
        report(jdk, &lines, &measured);
        Ok(())
    }
}
