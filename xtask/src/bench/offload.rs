//! What offloading forum's computing roots costs and saves, on every JDK: one server under `beehive run`,
//! whose gate is opened and closed by turns, one connection in a closed loop. Latency is the client's,
//! processor time that of the server's request threads, per request.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::server::Server;
use super::{option, text_option};
use crate::http::{Connection, Request};
use crate::jdk::Jdk;
use crate::postgres::Postgres;
use crate::process::{Step, command, free_port, root, run as run_command, say};
use crate::{fixtures, tools};

/// Files of requests in forum's folder.
pub const REQUESTS: &str = "requests.http";
const JPA_REQUESTS: &str = "requests-jpa.http";
const TIMEOUT: Duration = Duration::from_secs(30);
/// Time from writing a wish to the gate having moved.
const SETTLE: Duration = Duration::from_millis(600);

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
            turns.measure(&jdk, kinds())?;
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

/// Records forum on this JDK, plans it and switches exactly the methods on whose names hold one of
/// `wanted`; gives the plan. `extra` are arguments of the application.
pub fn plan_forum(
    beehive: &str,
    jar: &Path,
    jdk: &Jdk,
    wanted: &[&str],
    extra: &[String],
) -> Step<PathBuf> {
    plan_recorded(beehive, jdk, &record_forum(beehive, jar, jdk, REQUESTS, extra)?, wanted)
}

/// Records forum on this JDK under the load of one of its files of requests; gives the trace.
pub fn record_forum(
    beehive: &str,
    jar: &Path,
    jdk: &Jdk,
    load: &str,
    extra: &[String],
) -> Step<PathBuf> {
    let trace = root().join(format!("target/offload-{}.beetrace", jdk.feature));
    let port = free_port()?;
    let mut profile =
        command(beehive, &["--quiet", "profile", "--duration", "15s", "--rate", "40/s"]);
    profile.args(["--load", &format!("fixtures/apps/forum/{load}")]);
    profile.args(["--target", &format!("http://127.0.0.1:{port}"), "-o"]).arg(&trace);
    profile.args(["--", &jdk.tool("java"), "-jar"]).arg(jar).arg(format!("--server.port={port}"));
    profile.args(extra);
    run_command(profile.stdout(std::process::Stdio::null()))?;
    Ok(trace)
}

/// Plans a record and switches exactly the methods on whose names hold one of `wanted`; gives the plan.
pub fn plan_recorded(beehive: &str, jdk: &Jdk, trace: &Path, wanted: &[&str]) -> Step<PathBuf> {
    let plan = root().join(format!("target/offload-{}.toml", jdk.feature));
    // What an earlier run has switched on by hand must not stay.
    let _ = std::fs::remove_file(&plan);
    let mut make = command(beehive, &["--quiet", "plan"]);
    make.arg(trace).arg("-o").arg(&plan).stdout(std::process::Stdio::null());
    // It may say that nothing is worth offloading: the roots are switched on by hand.
    make.status().map_err(|e| format!("cannot plan: {e}"))?;
    let text = std::fs::read_to_string(&plan).map_err(|e| e.to_string())?;
    let is_there = |name: &&str| {
        text.lines().any(|line| line.starts_with("method = ") && line.contains(*name))
    };
    if let Some(missing) = wanted.iter().find(|name| !is_there(name)) {
        return Err(format!("{} has no candidate {missing}", plan.display()));
    }
    std::fs::write(&plan, switched(&text, wanted)).map_err(|e| e.to_string())?;
    Ok(plan)
}

/// A plan's text with only the candidates switched on whose methods hold one of `wanted`.
fn switched(text: &str, wanted: &[&str]) -> String {
    let mut is_wanted = false;
    text.lines().fold(String::new(), |text, line| {
        if let Some(method) = line.strip_prefix("method = ") {
            is_wanted = wanted.iter().any(|name| method.contains(name));
        }
        let is_switch = line.starts_with("offload = ");
        let line = if is_switch { format!("offload = {is_wanted}") } else { line.to_owned() };
        text + &line + "\n"
    })
}

/// Forum under `beehive run`, its gate moved by a file.
pub struct OffloadRun {
    server: Server,
    port: u16,
    live: PathBuf,
    measured: PathBuf,
}

impl OffloadRun {
    /// Starts it with the gate at this mode and that many workers; `extra` are arguments of the
    /// application.
    pub fn start(
        beehive: &str,
        jar: &Path,
        jdk: &Jdk,
        plan: &Path,
        (mode, workers): (&str, u64),
        extra: &[String],
    ) -> Step<Self> {
        let live = root().join(format!("target/offload-{}.live", jdk.feature));
        let measured = root().join(format!("target/offload-{}.json", jdk.feature));
        std::fs::write(&live, format!("offload={mode}\n")).map_err(|e| e.to_string())?;
        // What an earlier run has measured must not be taken for this one's.
        let _ = std::fs::remove_file(&measured);
        let port = free_port()?;
        let mut launch = command(beehive, &["--quiet", "run", "--offload", mode, "--plan"]);
        launch.arg(plan).args(["--workers", &workers.to_string()]);
        launch.arg("--live").arg(&live).arg("--measured").arg(&measured);
        launch.args(["--", &jdk.tool("java"), "-Xms512m", "-Xmx512m", "-jar"]).arg(jar);
        launch.arg(format!("--server.port={port}")).args(extra);
        Ok(Self { server: Server::start(launch, port)?, port, live, measured })
    }

    /// Where it answers.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The server itself.
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// What it has measured so far: the record written last. Another one is asked for.
    pub fn record_so_far(&self) -> Option<String> {
        self.server.ask_for_record();
        std::fs::read_to_string(&self.measured).ok()
    }

    /// Moves the gate and waits until it has moved.
    pub fn gate(&self, mode: &str) -> Step {
        std::fs::write(&self.live, format!("offload={mode}\n")).map_err(|e| e.to_string())?;
        std::thread::sleep(SETTLE);
        Ok(())
    }

    fn measure(&self, kind: &Kind, rounds: u64, warm_up: Duration, window: Duration) -> Step<Pair> {
        let mut connection = Connection::new(self.port, TIMEOUT);
        let mut pair = Pair::default();
        for mode in ["off", "all"] {
            self.gate(mode)?;
            self.turn(&mut connection, kind, warm_up)?;
        }
        for _ in 0..rounds {
            self.gate("off")?;
            pair.local.push(self.turn(&mut connection, kind, window)?);
            self.gate("all")?;
            pair.offloaded.push(self.turn(&mut connection, kind, window)?);
        }
        // A closed gate counts nothing: the root's own time is sampled where the ratio leaves it at home.
        self.gate("ratio=0.001")?;
        self.turn(&mut connection, kind, window)?;
        self.gate("off")?;
        Ok(pair)
    }

    fn turn(&self, connection: &mut Connection, kind: &Kind, time: Duration) -> Step<Turn> {
        let (end, cpu_before) = (Instant::now() + time, self.server.request_cpu_ns());
        let mut latencies_us = Vec::new();
        while Instant::now() < end {
            let began = Instant::now();
            let answer =
                connection.send(&kind.request).map_err(|e| format!("{}: {e}", kind.name))?;
            if answer.status >= 400 {
                return Err(format!("{}: status {}", kind.name, answer.status));
            }
            latencies_us.push(began.elapsed().as_secs_f64() * 1e6);
        }
        latencies_us.sort_by(f64::total_cmp);
        let cpu_ns = self.server.request_cpu_ns() - cpu_before;
        let at = |share: f64| {
            let index = (latencies_us.len() as f64 * share) as usize;
            latencies_us.get(index.min(latencies_us.len().saturating_sub(1))).copied()
        };
        Ok(Turn {
            us_p50: at(0.5).unwrap_or_default(),
            us_p99: at(0.99).unwrap_or_default(),
            cpu_us: cpu_ns as f64 / 1e3 / latencies_us.len() as f64,
        })
    }

    /// Ends the run; gives what it measured.
    pub fn stop(self) -> Step<String> {
        self.server.stop();
        std::fs::read_to_string(&self.measured)
            .map_err(|e| format!("{}: {e}", self.measured.display()))
    }
}

/// Turns of one kind, local and offloaded.
#[derive(Debug, Default)]
struct Pair {
    local: Vec<Turn>,
    offloaded: Vec<Turn>,
}

/// One turn.
#[derive(Clone, Copy, Debug)]
struct Turn {
    us_p50: f64,
    us_p99: f64,
    cpu_us: f64,
}

fn report(jdk: &Jdk, lines: &[(Pair, Kind)], measured: &str) {
    say(&format!("\nJDK {} (median of the turns, least to most)", jdk.version));
    for (pair, kind) in lines {
        say(&format!("  {}", kind.name));
        for (name, turns) in [("local", &pair.local), ("offloaded", &pair.offloaded)] {
            say(&format!(
                "    {name:9}  p50 {}  p99 {}  server processor time {}",
                spread(turns, |turn| turn.us_p50),
                spread(turns, |turn| turn.us_p99),
                spread(turns, |turn| turn.cpu_us)
            ));
        }
        let saved =
            median(&pair.local, |turn| turn.cpu_us) - median(&pair.offloaded, |turn| turn.cpu_us);
        let added =
            median(&pair.offloaded, |turn| turn.us_p50) - median(&pair.local, |turn| turn.us_p50);
        let share = match root_cpu_us(measured, kind.root, "\"local_cpu\"") {
            Some(cost) => format!("{:.0} % of the root's {cost:.0} µs", saved / cost * 100.0),
            None => "the root's own time is unknown".to_owned(),
        };
        say(&format!("    added to p50 {added:+.0} µs; server time saved {saved:.0} µs, {share}"));
        if let Some(cost) = root_cpu_us(measured, kind.root, "\"offloaded_cpu\"") {
            say(&format!(
                "    an offload costs the server's thread {cost:.0} µs, first ones included"
            ));
        }
    }
}

fn median(turns: &[Turn], of: impl Fn(&Turn) -> f64) -> f64 {
    let mut values: Vec<f64> = turns.iter().map(of).collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

fn spread(turns: &[Turn], of: impl Fn(&Turn) -> f64 + Copy) -> String {
    let values = turns.iter().map(of);
    let (least, most) = values.fold((f64::MAX, 0.0f64), |(l, m), v| (l.min(v), m.max(v)));
    format!("{:6.0} µs ({least:.0}–{most:.0})", median(turns, of))
}

/// Mean processor time of a root's invocations under `key` of the run's own record: those that ran
/// locally, or what the server's thread does for one that is offloaded.
fn root_cpu_us(measured: &str, name: &str, key: &str) -> Option<f64> {
    let server = measured.get(measured.find("\"server\":")?..)?;
    let root = server.get(server.find(name)?..)?;
    let cpu = root.get(root.find(key)?..)?;
    let samples = number(cpu, "\"samples\":")?;
    Some(number(cpu, "\"sum_ns\":")? / samples / 1e3).filter(|cpu| cpu.is_finite())
}

/// The numbers behind every `key`.
pub fn numbers(text: &str, key: &str) -> Vec<f64> {
    text.match_indices(key)
        .filter_map(|(at, _)| number(text.get(at..).unwrap_or_default(), key))
        .collect()
}

/// The first number behind `key`.
fn number(text: &str, key: &str) -> Option<f64> {
    let rest = text.get(text.find(key)? + key.len()..)?.trim_start();
    rest.split(|c: char| !c.is_ascii_digit() && c != '.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_wanted_roots_are_switched_on() {
        let text =
            "method = \"a.B#c()V\"\noffload = true\nmethod = \"a.B#d()V\"\noffload = false\n";
        let wanted =
            "method = \"a.B#c()V\"\noffload = false\nmethod = \"a.B#d()V\"\noffload = true\n";
        assert_eq!(switched(text, &["B#d("]), wanted);
    }

    #[test]
    fn a_roots_time_is_found_in_the_record() {
        let text = r#"{"roots": ["a.B#c()V"], "server": {"roots": [{"method": "a.B#c()V",
            "local_cpu": {"samples": 2, "sum_ns": 5000}}]}}"#;
        assert_eq!(root_cpu_us(text, "B#c(", "\"local_cpu\""), Some(2.5));
        assert_eq!(root_cpu_us(text, "B#d(", "\"local_cpu\""), None);
    }
}
