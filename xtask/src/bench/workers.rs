//! How quickly a worker of `beehive run` is there, and what its first answers cost, on every JDK: forum
//! on H2 and on PostgreSQL, its server warm. First the worker that the run began with; then, once later
//! ones start with what it had to ask for, the only worker is killed again and again, and a request sent
//! as soon as the next one is seen to be admitted. Latency is the client's.

use std::path::Path;
use std::time::{Duration, Instant};

use super::load;
use super::offload::{OffloadRun, REQUESTS, numbers, plan_recorded, record_forum};
use super::option;
use super::server::{cpu_ticks, resident_mb};
use crate::http::{Connection, Request};
use crate::jdk::Jdk;
use crate::postgres::Postgres;
use crate::process::{Step, command, free_port, say};
use crate::{fixtures, tools};

const PATIENCE: Duration = Duration::from_mins(1);
/// Longest time until later workers start with what the first had to ask for.
const LEARNING: Duration = Duration::from_secs(25);
/// Time between two looks for the next worker.
const LOOK: Duration = Duration::from_millis(20);
/// Life after which a worker is replaced at once.
const SETTLED: Duration = Duration::from_millis(2_200);
/// Requests to the server alone before the first worker is looked at.
const WARM_UP_REQUESTS: u64 = 2_000;
/// Answers of one worker: the first, the second, …
const ANSWERS: usize = 10;

/// A root and a request that goes through it.
struct Kind {
    root: &'static str,
    path: &'static str,
}

const PAGE: Kind = Kind { root: "TopicPage#render(", path: "/topics/21?comments=10" };
/// The same page with its transaction.
const CONTROLLER: Kind = Kind { root: "TopicController#topic(", path: "/topics/21?comments=10" };

/// What one worker was like.
struct Worker {
    ready_ms: f64,
    answers_ms: Vec<f64>,
    /// Resident before the first answer and after the last.
    idle_mb: f64,
    used_mb: f64,
    /// Processor time, compilers included: from launch to the first request, and for the first answer.
    start_cpu_ms: f64,
    first_cpu_ms: f64,
}

/// Runs the measurement: `--workers N` of each kind (default 7), `--jdk N` on that version alone,
/// `--database-only` leaves H2 out, `--beehive PATH` a binary that is built already.
pub fn run(arguments: &[&str]) -> Step {
    let count = option(arguments, "--workers").unwrap_or(7);
    let beehive = super::binary(arguments)?;
    let jar = fixtures::forum()?;
    tools::postgresql()?;
    let wanted = option(arguments, "--jdk");
    let is_wanted = |jdk: &Jdk| wanted.is_none_or(|feature| u64::from(jdk.feature) == feature);
    for jdk in tools::jdks(&[])?.into_iter().filter(is_wanted) {
        if !arguments.contains(&"--database-only") {
            measure(&beehive, &jar, &jdk, "H2", &[PAGE, CONTROLLER], count, &[])?;
        }
        let database = Postgres::start(&std::env::temp_dir(), free_port()?)?;
        let url = format!("--spring.datasource.url={}", database.url());
        let extra = ["--spring.profiles.active=postgres".to_owned(), url];
        measure(&beehive, &jar, &jdk, "PostgreSQL", &[CONTROLLER], count, &extra)?;
    }
    Ok(())
}

fn measure(
    beehive: &str,
    jar: &Path,
    jdk: &Jdk,
    database: &str,
    kinds: &[Kind],
    count: u64,
    extra: &[String],
) -> Step {
    let trace = record_forum(beehive, jar, jdk, REQUESTS, extra)?;
    for kind in kinds {
        let plan = plan_recorded(beehive, jdk, &trace, &[kind.root])?;
        let run = OffloadRun::start(beehive, jar, jdk, &plan, ("off", 1), extra)?;
        load::until_requests(run.port(), &[kind.path], 1, WARM_UP_REQUESTS);
        until(PATIENCE, "workers never settled", || {
            // The start that makes their archive is a JVM beside them.
            run.server().other_jvms().len() == 1 && !ready_ms(&run).is_empty()
        })?;
        let mut connection = Connection::new(run.port(), PATIENCE);
        let local_ms = answers(&mut connection, kind, ANSWERS)?;
        run.gate("all")?;
        std::thread::sleep(SETTLED);
        let first_ms = answers(&mut connection, kind, ANSWERS)?;
        // If it had little to ask for, nothing is learned.
        let _ = until(LEARNING, "", || learned(&run) > 0.0);
        let mut workers = Vec::new();
        for _ in 0..count {
            workers.push(worker(&run, &mut connection, kind)?);
        }
        let classes = learned(&run);
        let measured = run.stop()?;
        report(jdk, database, kind, &workers, (&local_ms, &first_ms));
        say(&format!("  classes learned  {classes}"));
        check(kind, &measured, count)?;
    }
    Ok(())
}

/// Kills the worker that is there, waits for the next, and asks.
fn worker(run: &OffloadRun, connection: &mut Connection, kind: &Kind) -> Step<Worker> {
    let before = ready_ms(run).len();
    for pid in run.server().other_jvms() {
        let _ = command("kill", &["-9", &pid.to_string()]).status();
    }
    until(PATIENCE, "no worker was admitted", || ready_ms(run).len() > before)?;
    let ready_ms = ready_ms(run).pop().unwrap_or(f64::NAN);
    let pid = run.server().other_jvms().pop().ok_or("the worker has gone")?;
    let resident = || resident_mb(pid).map(|mb| mb as f64).ok_or("the worker has gone");
    let cpu_ms = || cpu_ticks(pid) as f64 * 10.0;
    let (idle_mb, start_cpu_ms) = (resident()?, cpu_ms());
    let mut answers_ms = answers(connection, kind, 1)?;
    let first_cpu_ms = cpu_ms() - start_cpu_ms;
    answers_ms.extend(answers(connection, kind, ANSWERS - 1)?);
    let used_mb = resident()?;
    // One that ends sooner is taken for one that cannot start, and followed later and later.
    std::thread::sleep(SETTLED);
    Ok(Worker { ready_ms, answers_ms, idle_mb, used_mb, start_cpu_ms, first_cpu_ms })
}

/// Classes that workers start with because earlier ones had asked for them.
fn learned(run: &OffloadRun) -> f64 {
    let record = run.record_so_far().unwrap_or_default();
    numbers(&record, "\"learned_classes\":").pop().unwrap_or_default()
}

fn until(longest: Duration, otherwise: &str, mut is_so: impl FnMut() -> bool) -> Step {
    let end = Instant::now() + longest;
    while !is_so() {
        if Instant::now() > end {
            return Err(otherwise.to_owned());
        }
        std::thread::sleep(LOOK);
    }
    Ok(())
}

/// Times from launch to admission of the workers so far.
fn ready_ms(run: &OffloadRun) -> Vec<f64> {
    let record = run.record_so_far().unwrap_or_default();
    let workers = record.find("\"workers\":").and_then(|at| record.get(at..)).unwrap_or_default();
    let list = workers.find("\"ready_ms\": [").and_then(|at| workers.get(at..));
    let list = list.and_then(|list| list.split(']').next()).unwrap_or_default();
    let words = list.split(['[', ',', '\n']).map(str::trim);
    words.filter_map(|word| word.parse().ok()).collect()
}

fn answers(connection: &mut Connection, kind: &Kind, count: usize) -> Step<Vec<f64>> {
    let request = Request::get(kind.path);
    let mut times_ms = Vec::new();
    for _ in 0..count {
        let began = Instant::now();
        let answer = connection.send(&request).map_err(|e| format!("{}: {e}", kind.path))?;
        if answer.status != 200 {
            return Err(format!("{}: status {}", kind.path, answer.status));
        }
        times_ms.push(began.elapsed().as_secs_f64() * 1e3);
    }
    Ok(times_ms)
}

/// The answers that were timed must have come from workers. A few may not: while the server looks whether its
/// only idle worker is still there, it has none.
fn check(kind: &Kind, measured: &str, count: u64) -> Step {
    let offloaded: f64 = numbers(measured, "\"offloaded\":").iter().sum();
    let expected = (count + 1) as f64 * ANSWERS as f64;
    if offloaded < expected * 0.9 {
        return Err(format!("{}: {offloaded} of {expected} answers from workers", kind.root));
    }
    Ok(())
}

fn report(
    jdk: &Jdk,
    database: &str,
    kind: &Kind,
    workers: &[Worker],
    (local_ms, first_ms): (&[f64], &[f64]),
) {
    say(&format!(
        "\nJDK {}, {database}, {}…): {} workers, median (least–most)",
        jdk.version,
        kind.root,
        workers.len()
    ));
    let answer = |n: usize| move |w: &Worker| w.answers_ms.get(n).copied().unwrap_or(f64::NAN);
    say(&format!("  launch to ready  {} ms", spread(workers, |w| w.ready_ms)));
    for (name, n) in [("first", 0), ("second", 1), ("tenth", ANSWERS - 1)] {
        say(&format!("  {:<16} {} ms", format!("{name} answer"), spread(workers, answer(n))));
    }
    let local = local_ms.last().copied().unwrap_or(f64::NAN);
    say(&format!("  server alone     {local:.1} ms"));
    let first = first_ms.first().copied().unwrap_or(f64::NAN);
    say(&format!("  first answer of the run's first worker  {first:.1} ms"));
    say(&format!(
        "  processor time   {} ms from launch to ready, {} ms for the first answer",
        spread(workers, |w| w.start_cpu_ms),
        spread(workers, |w| w.first_cpu_ms)
    ));
    say(&format!("  resident, idle   {} MB", spread(workers, |w| w.idle_mb)));
    say(&format!("  resident, used   {} MB", spread(workers, |w| w.used_mb)));
}

fn spread(workers: &[Worker], of: impl Fn(&Worker) -> f64) -> String {
    let mut values: Vec<f64> = workers.iter().map(of).collect();
    values.sort_by(f64::total_cmp);
    let at = |index: usize| values.get(index).copied().unwrap_or(f64::NAN);
    let (least, most) = (at(0), at(values.len().saturating_sub(1)));
    format!("{:.1} ({least:.1}–{most:.1})", at(values.len() / 2))
}
