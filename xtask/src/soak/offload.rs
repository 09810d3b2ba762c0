//! `cargo xtask soak offload`: forum with its computing roots offloaded, loaded for as long as asked, each
//! answer compared with that of a server alone, while workers are killed. On every JDK.

use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::{Exchange, SHOWN_MAX, load, undisturbed};
use crate::bench::offload::{OffloadRun, numbers, plan_forum, roots};
use crate::bench::{self, option, text_option};
use crate::http::Connection;
use crate::jdk::Jdk;
use crate::process::{Step, root, say};
use crate::{fixtures, tools};

/// Time for forum to fill its database.
const ACCOUNTS_TIME: Duration = Duration::from_mins(1);

/// What is asked for.
struct Soak<'a> {
    beehive: String,
    mode: &'a str,
    workers: u64,
    time: Duration,
    /// Time between two kills; none without.
    kill_every: Option<Duration>,
}

/// Runs it; `--minutes N` or `--seconds N` a JDK (default 30 minutes), `--offload MODE` (default ratio=0.5),
/// `--workers N` (default 2), `--kill-every N` milliseconds (default: none is killed), `--beehive PATH`.
pub fn run(arguments: &[&str]) -> Step {
    let minutes = option(arguments, "--minutes").unwrap_or(30);
    let soak = Soak {
        beehive: bench::binary(arguments)?,
        mode: text_option(arguments, "--offload").unwrap_or("ratio=0.5"),
        workers: option(arguments, "--workers").unwrap_or(2),
        time: Duration::from_secs(option(arguments, "--seconds").unwrap_or(minutes * 60)),
        kill_every: option(arguments, "--kill-every").map(Duration::from_millis),
    };
    let jar = fixtures::forum()?;
    let text = root().join("fixtures/apps/forum/requests.http");
    let text = std::fs::read_to_string(&text).map_err(|e| e.to_string())?;
    let requests = super::requests(&text);
    for jdk in tools::jdks(&[])? {
        let exchanges = undisturbed(&jar, &jdk, &requests)?;
        soak_on(&soak, &jar, &jdk, &exchanges)?;
    }
    Ok(())
}

fn soak_on(soak: &Soak, jar: &Path, jdk: &Jdk, exchanges: &[Exchange]) -> Step {
    let plan = plan_forum(&soak.beehive, jar, jdk, &roots())?;
    let run = OffloadRun::start(&soak.beehive, jar, jdk, &plan, soak.mode, soak.workers)?;
    await_accounts(run.port(), exchanges)?;
    let (is_over, kills) = (AtomicBool::new(false), AtomicU64::new(0));
    let mut memory = Vec::new();
    let (answers, wrong) = std::thread::scope(|scope| {
        let watch = scope.spawn(|| watch(&run, soak, &is_over, &kills));
        let loaded = load(run.port(), exchanges, soak.time);
        is_over.store(true, Ordering::Relaxed);
        memory = watch.join().unwrap_or_default();
        loaded
    });
    let measured = run.stop()?;
    let sum = |key: &str| numbers(&measured, key).iter().sum::<f64>();
    let (offloaded, failed) = (sum("\"offloaded\":"), sum("\"failed\":"));
    say(&format!(
        "JDK {}: {answers} answers in {} s, {} wrong; {offloaded} invocations offloaded, {failed} failed; \
         {} workers killed",
        jdk.version,
        soak.time.as_secs(),
        wrong.len(),
        kills.load(Ordering::Relaxed)
    ));
    say(&format!("  resident memory of the server, MB by tenths of the time: {}", tenths(&memory)));
    for text in wrong.iter().take(SHOWN_MAX) {
        say(text);
    }
    match (wrong.len(), offloaded > 0.0) {
        (0, true) => Ok(()),
        (0, false) => Err("nothing was offloaded".to_owned()),
        (count, _) => Err(format!("{count} answers differ from those of a server alone")),
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

/// Kills workers in turn; gives the server's resident memory by the second, MB.
fn watch(run: &OffloadRun, soak: &Soak, is_over: &AtomicBool, kills: &AtomicU64) -> Vec<u64> {
    let (mut memory, began) = (Vec::new(), Instant::now());
    let mut next_kill = soak.kill_every;
    while !is_over.load(Ordering::Relaxed) {
        std::thread::sleep(Duration::from_millis(20));
        if began.elapsed().as_secs() as usize >= memory.len() {
            memory.extend(run.server().resident_mb());
        }
        let Some(due) = next_kill.filter(|due| began.elapsed() >= *due) else { continue };
        next_kill = soak.kill_every.map(|every| due + every);
        let workers = run.server().other_jvms();
        let turn = kills.load(Ordering::Relaxed) as usize % workers.len().max(1);
        if let Some(worker) = workers.get(turn) {
            let killed = Command::new("kill").args(["-9", &worker.to_string()]).status();
            kills.fetch_add(
                u64::from(killed.is_ok_and(|status| status.success())),
                Ordering::Relaxed,
            );
        }
    }
    memory
}

fn tenths(memory: &[u64]) -> String {
    let part = memory.len().div_ceil(10).max(1);
    let parts = memory.chunks(part).map(|part| part.iter().max().copied().unwrap_or_default());
    parts.map(|mb| mb.to_string()).collect::<Vec<_>>().join(" ")
}
