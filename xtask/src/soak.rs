//! `cargo xtask soak deep`: forum under a deep run that never stops sampling, loaded for as long as asked,
//! each answer compared with that of a server nobody looks into. On every JDK.

mod growth;
mod kills;
pub mod offload;
mod updates;

use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::bench::{deep, server::Server};
use crate::http::{Answer, Connection, Request};
use crate::jdk::Jdk;
use crate::process::{Step, command, free_port, root, say};
use crate::{bench, fixtures, tools};

const CONNECTIONS: usize = 8;
/// An answer that takes longer counts as a hang.
const TIMEOUT: Duration = Duration::from_mins(1);
/// Answers there must be however slow the machine is.
const ANSWERS_MIN: u64 = 200;
/// Status of a request that ended with an exception.
const FAILURE: u16 = 500;
/// Time for forum to fill its database.
const ACCOUNTS_TIME: Duration = Duration::from_mins(1);
/// Wrong answers that are shown.
const SHOWN_MAX: usize = 5;

/// Paths whose answers depend on what was asked before, and why: their numbers are not compared.
const NUMBERS_DIFFER: &[(&str, &str)] = &[
    ("/api/topics/6/views", "the counter of views grows with each request"),
    ("/api/views", "the counters of views grow with each request"),
    ("/api/topics/50/comments", "the topic has one comment more after each request"),
    ("/", "the index tells how many comments topic 50 has"),
    ("/api/history/6", "the session remembers what was read before"),
];

/// A request of the file and the answer of the undisturbed server.
struct Exchange {
    request: Request,
    expected: Answer,
}

/// Runs the soak; `--minutes N` or `--seconds N` of load a JDK (default 30 minutes), `--jdk N` only that
/// feature version, `--beehive PATH` a binary that is built already.
pub fn run(arguments: &[&str]) -> Step {
    let seconds = bench::option(arguments, "--seconds");
    let minutes = bench::option(arguments, "--minutes").unwrap_or(30);
    let time = Duration::from_secs(seconds.unwrap_or(minutes * 60));
    let only = bench::option(arguments, "--jdk");
    let beehive = bench::binary(arguments)?;
    let jar = fixtures::forum()?;
    let text = root().join("fixtures/apps/forum/requests.http");
    let text = std::fs::read_to_string(&text).map_err(|e| e.to_string())?;
    let requests = requests(&text);
    for jdk in tools::jdks(&[])? {
        if only.is_none_or(|feature| feature == u64::from(jdk.feature)) {
            soak_on(&beehive, &jar, &jdk, &requests, time)?;
        }
    }
    Ok(())
}

/// The soak that every build makes: short, on all JDKs, with the binary of the tests.
pub fn run_short(beehive: &str) -> Step {
    run(&["--seconds", "8", "--beehive", beehive])
}

fn soak_on(beehive: &str, jar: &Path, jdk: &Jdk, requests: &[Request], time: Duration) -> Step {
    let exchanges = undisturbed(jar, jdk, requests)?;
    let trace = root().join(format!("target/soak-{}.beetrace", jdk.feature));
    let port = free_port()?;
    let mut launch = command(beehive, &["--quiet", "profile", "--deep", "--every", "5"]);
    launch.args(["--samples", "1000000000", "-o"]).arg(&trace).args(["--", &jdk.tool("java")]);
    let server = Server::start(forum(launch, jar, port), port)?;
    await_accounts(port, &exchanges)?;
    let end = Instant::now() + time;
    let loaded = load(port, &exchanges, CONNECTIONS, &|| Instant::now() < end);
    let (answers, mut wrong) = (loaded.answers, loaded.wrong);
    wrong.extend(loaded.failed.into_iter().flatten());
    server.stop();
    let samples = deep::samples(beehive, &trace)?;
    let sampled: u64 = samples.iter().map(|root| root.sampled).sum();
    say(&format!(
        "JDK {}: {answers} answers in {} s, {sampled} sampled invocations of {} roots, {} wrong",
        jdk.version,
        time.as_secs(),
        samples.len(),
        wrong.len()
    ));
    for text in wrong.iter().take(SHOWN_MAX) {
        say(text);
    }
    match (wrong.is_empty(), sampled, answers) {
        (true, 1.., 1..) => Ok(()),
        (true, ..) => Err("nothing was answered or nothing sampled".to_owned()),
        _ => Err(format!("{} answers differ from those of the undisturbed server", wrong.len())),
    }
}

/// Forum answers before it has filled its database; until then nobody can log in.
fn await_accounts(port: u16, exchanges: &[Exchange]) -> Step {
    let logins = exchanges.iter().filter(|exchange| exchange.request.path == "/login");
    let Some(login) = logins.take(1).next() else { return Ok(()) };
    let mut connection = Connection::new(port, ACCOUNTS_TIME);
    let until = Instant::now() + ACCOUNTS_TIME;
    while Instant::now() < until {
        let answer = connection.send(&login.request);
        if answer.is_ok_and(|answer| answer.status == login.expected.status) {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    Err("forum never let alice in".to_owned())
}

/// What a server without an agent answers, once everything has been asked before.
fn undisturbed(jar: &Path, jdk: &Jdk, requests: &[Request]) -> Step<Vec<Exchange>> {
    let port = free_port()?;
    let server = Server::start(forum(command(&jdk.tool("java"), &[]), jar, port), port)?;
    let mut connection = Connection::new(port, TIMEOUT);
    let mut exchanges = Vec::new();
    for round in 0..2 {
        for request in requests {
            let expected = connection.send(request).map_err(|e| format!("{request:?}: {e}"))?;
            if round == 1 {
                exchanges.push(Exchange { request: request.clone(), expected });
            }
        }
    }
    server.stop();
    Ok(exchanges)
}

fn forum(mut launch: Command, jar: &Path, port: u16) -> Command {
    launch.args(["-Xms512m", "-Xmx512m", "-jar"]).arg(jar);
    launch.arg(format!("--server.port={port}"));
    launch
}

/// What came of a load.
struct Loaded {
    answers: u64,
    /// Right answers to each exchange.
    accepted: Vec<u64>,
    /// A text for each answer 500 to each exchange that should have had another.
    failed: Vec<Vec<String>>,
    /// A text for each other answer that is not the expected one.
    wrong: Vec<String>,
}

/// Loads the server while `goes_on`, and until there are some answers.
fn load(
    port: u16,
    exchanges: &[Exchange],
    connections: usize,
    goes_on: &(dyn Fn() -> bool + Sync),
) -> Loaded {
    let nothing = || exchanges.iter().map(|_| Vec::new()).collect();
    let accepted = exchanges.iter().map(|_| 0).collect();
    let loaded = Loaded { answers: 0, accepted, failed: nothing(), wrong: Vec::new() };
    let (answers, loaded) = (AtomicU64::new(0), Mutex::new(loaded));
    std::thread::scope(|scope| {
        for offset in 0..connections {
            let (answers, loaded) = (&answers, &loaded);
            scope.spawn(move || {
                let mut connection = Connection::new(port, TIMEOUT);
                // In the order of the file once, so that the session is the same; then all at another place.
                let numbered = || exchanges.iter().enumerate();
                let mut exchanges = numbered().chain(numbered().cycle().skip(offset * 5));
                let goes_on = || goes_on() || answers.load(Ordering::Relaxed) < ANSWERS_MIN;
                while let Some((number, exchange)) = exchanges.next().filter(|_| goes_on()) {
                    let found = connection.send(&exchange.request);
                    answers.fetch_add(1, Ordering::Relaxed);
                    if let Ok(mut loaded) = loaded.lock() {
                        loaded.take(number, exchange, found);
                    }
                }
            });
        }
    });
    let mut loaded = loaded.into_inner().unwrap_or_else(PoisonError::into_inner);
    loaded.answers = answers.into_inner();
    loaded
}

impl Loaded {
    fn take(&mut self, number: usize, exchange: &Exchange, found: std::io::Result<Answer>) {
        let is_failure = found.as_ref().is_ok_and(|answer| answer.status == FAILURE);
        match (difference(exchange, found), self.accepted.get_mut(number)) {
            (None, Some(accepted)) => *accepted += 1,
            (Some(text), _) if is_failure => {
                self.failed.get_mut(number).into_iter().for_each(|texts| texts.push(text.clone()));
            }
            (Some(text), _) => self.wrong.push(text),
            (None, None) => {}
        }
    }
}

/// What is wrong with an answer, if anything is.
fn difference(exchange: &Exchange, found: std::io::Result<Answer>) -> Option<String> {
    let (request, expected) = (&exchange.request, &exchange.expected);
    let name = format!("{} {}", request.method, request.path);
    let found = match found {
        Ok(found) => found,
        Err(error) => return Some(format!("{name}: {error}")),
    };
    if comparable(request, expected) == comparable(request, &found) {
        return None;
    }
    let same = expected.body.iter().zip(&found.body).take_while(|(a, b)| a == b).count();
    let shown = |answer: &Answer| {
        let body = answer.body.get(same.saturating_sub(40)..).unwrap_or_default();
        let body = String::from_utf8_lossy(body).chars().take(200).collect::<String>();
        format!("{} …{body:?}", answer.status)
    };
    Some(format!("{name}:\n  expected {}\n  found    {}", shown(expected), shown(&found)))
}

/// What of an answer must be the same.
fn comparable(request: &Request, answer: &Answer) -> (u16, Vec<u8>) {
    if !NUMBERS_DIFFER.iter().any(|(path, _)| request.path == *path) {
        return (answer.status, answer.body.clone());
    }
    let mut body = answer.body.clone();
    body.retain(|byte| !byte.is_ascii_digit() && *byte != b',');
    (answer.status, body)
}

/// The requests of a file in the order they stand there; weights are left out.
fn requests(text: &str) -> Vec<Request> {
    let blocks = text.split("###").filter(|block| !block.trim().is_empty());
    blocks.filter_map(request).collect()
}

fn request(block: &str) -> Option<Request> {
    let (_, block) = block.split_once('\n')?;
    let (head, body) = block.split_once("\n\n").unwrap_or((block, ""));
    let mut lines = head.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
    let (method, path) = lines.next()?.split_once(' ')?;
    Some(Request {
        method: method.to_owned(),
        path: path.trim().to_owned(),
        headers: lines.map(str::to_owned).collect(),
        body: body.trim_end().to_owned(),
    })
}
